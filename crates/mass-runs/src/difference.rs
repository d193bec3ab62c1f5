//! In what two records differ, key by key.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// Differences named in one message, at most.
const NAMED: usize = 4;

/// The keys in which two records differ: `recipe.network.width is 20 there, 8 here`; `None` if they
/// are the same.
pub fn difference(there: &Table, here: &Table) -> Option<String> {
    let (there, here) = (flat(there), flat(here));
    let mut keys: Vec<&String> = there.keys().chain(here.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let value = |of: &BTreeMap<String, String>, key| -> String {
        of.get(key).map_or("missing".to_string(), String::clone)
    };
    let differ: Vec<String> = keys
        .into_iter()
        .filter(|key| there.get(*key) != here.get(*key))
        .map(|key| {
            format!(
                "{key} is {} there, {} here",
                value(&there, key),
                value(&here, key)
            )
        })
        .collect();
    let more = match differ.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let named = differ.iter().take(NAMED).cloned().collect::<Vec<_>>();
    (!differ.is_empty()).then(|| format!("{}{more}", named.join("; ")))
}

/// Every value by its dotted key; a list of plain values is one value.
fn flat(table: &Table) -> BTreeMap<String, String> {
    fn add(key: String, value: &Value, found: &mut BTreeMap<String, String>) {
        match value {
            Value::Table(table) => {
                for (name, value) in table {
                    add(format!("{key}.{name}"), value, found);
                }
            }
            Value::Array(values) if values.iter().any(Value::is_table) => {
                for (index, value) in values.iter().enumerate() {
                    add(format!("{key}[{index}]"), value, found);
                }
            }
            plain => {
                found.insert(key, plain.to_string());
            }
        }
    }
    let mut found = BTreeMap::new();
    for (name, value) in table {
        add(name.clone(), value, &mut found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        text.parse().unwrap()
    }

    #[test]
    fn differing_keys_are_named_with_both_values() {
        let there =
            table("a = 1\nseeds = [1, 2]\n[[systems]]\nid = \"x\"\n[recipe.network]\nwidth = 20");
        assert_eq!(difference(&there, &there), None);
        let here =
            table("a = 1\nseeds = [1]\n[[systems]]\nid = \"y\"\n[recipe.network]\nwidth = 8");
        assert_eq!(
            difference(&there, &here).unwrap(),
            "recipe.network.width is 20 there, 8 here; seeds is [1, 2] there, [1] here; systems[0].id is \"x\" there, \"y\" here"
        );
        assert_eq!(
            difference(&table("a = 1"), &table("b = 2")).unwrap(),
            "a is 1 there, missing here; b is missing there, 2 here"
        );
    }

    #[test]
    fn a_long_list_ends() {
        let numbered = |value: usize| -> Table {
            let line = |key| format!("k{key} = {value}\n");
            table(&(0..9).map(line).collect::<String>())
        };
        let text = difference(&numbered(0), &numbered(1)).unwrap();
        assert!(
            text.ends_with("k3 is 0 there, 1 here; and 5 more"),
            "{text}"
        );
    }
}
