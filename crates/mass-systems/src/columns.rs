//! The columns of a data file: x, y, ydot, numbered from 0 where d > 1.

use crate::error::Error;
use std::path::Path;

/// The three kinds of columns, in the order they are written.
pub(crate) const KINDS: [&str; 3] = ["x", "y", "ydot"];

/// The name of a column: `x` for one degree of freedom, `x0`, `x1`, .. for more.
pub(crate) fn name(kind: &str, index: usize, dof: usize) -> String {
    if dof == 1 {
        kind.into()
    } else {
        format!("{kind}{index}")
    }
}

/// The names of all columns of a file of d degrees of freedom, in order.
pub(crate) fn names(dof: usize) -> Vec<String> {
    KINDS
        .iter()
        .flat_map(|kind| (0..dof).map(move |i| name(kind, i, dof)))
        .collect()
}

/// Where the columns of a file are.
#[derive(Debug, PartialEq)]
pub(crate) struct Layout {
    /// Degrees of freedom, d.
    pub(crate) dof: usize,
    /// The place in the file of each of [`names`]`(dof)`.
    pub(crate) places: Vec<usize>,
}

/// Finds the columns by their names, in any order, among others, which are left alone.
pub(crate) fn find(path: &Path, found: &[String]) -> Result<Layout, Error> {
    let refuse = |problem: String| Error::BadColumns {
        path: path.into(),
        problem,
        found: found.join(", "),
    };
    let has = |name: &str| found.iter().any(|column| column == name);
    let plain = KINDS.iter().all(|kind| has(kind));
    let numbered = KINDS.iter().all(|kind| has(&format!("{kind}0")));
    let greatest = found.iter().filter_map(|column| number_of(column)).max();
    let dof = match greatest {
        Some(_) if plain && numbered => {
            return Err(refuse(
                "x, y, ydot and x0, y0, ydot0 are all there, so d is not clear; drop one set"
                    .into(),
            ));
        }
        Some(0) if !plain => {
            return Err(refuse(
                "the only number is 0; for one degree of freedom name the columns without it"
                    .into(),
            ));
        }
        Some(number) if !plain => number + 1,
        _ => 1,
    };
    let mut places = Vec::with_capacity(3 * dof);
    for name in names(dof) {
        let mut at = found
            .iter()
            .enumerate()
            .filter(|(_, column)| **column == name);
        let Some((place, _)) = at.next() else {
            let hint = near_miss(&name, found)
                .map(|near| format!(" (rename \"{near}\"?)"))
                .unwrap_or_default();
            return Err(refuse(format!("column \"{name}\" is missing{hint}")));
        };
        if at.next().is_some() {
            return Err(refuse(format!("column \"{name}\" is there twice")));
        }
        places.push(place);
    }
    Ok(Layout { dof, places })
}

/// The number of a numbered column, up to 9999: a longer one is not a degree of freedom.
fn number_of(column: &str) -> Option<usize> {
    let digits = KINDS.iter().find_map(|kind| {
        column
            .strip_prefix(kind)
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })?;
    let canonical = digits == "0" || !digits.starts_with('0');
    (canonical && digits.len() <= 4)
        .then(|| digits.parse().ok())
        .flatten()
}

/// A column that differs from the missing name only in case or separators.
fn near_miss<'a>(name: &str, found: &'a [String]) -> Option<&'a String> {
    let bare = |s: &str| -> String {
        s.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase()
    };
    found.iter().find(|column| bare(column) == bare(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_in(columns: &str) -> Result<Layout, String> {
        let found: Vec<String> = columns.split(',').map(String::from).collect();
        find(Path::new("f.csv"), &found).map_err(|e| e.to_string())
    }

    #[test]
    fn columns_are_found_in_any_order_among_others() {
        assert_eq!(
            find_in("t,ydot,x,y"),
            Ok(Layout {
                dof: 1,
                places: vec![2, 3, 1]
            })
        );
        assert_eq!(
            find_in("x,y,ydot,x2"),
            Ok(Layout {
                dof: 1,
                places: vec![0, 1, 2]
            })
        );
        assert_eq!(
            find_in("ydot1,ydot0,y1,y0,x1,x0,x20250101"),
            Ok(Layout {
                dof: 2,
                places: vec![5, 4, 3, 2, 1, 0]
            })
        );
    }

    #[test]
    fn wrong_columns_are_named() {
        let tail = "; needed are x, y, ydot for one degree of freedom, or x0, x1, .., y0, y1, .., ydot0, ydot1, .. for more";
        for (columns, problem) in [
            ("x,y,dydt", "column \"ydot\" is missing"),
            ("x,y,Ydot", "column \"ydot\" is missing (rename \"Ydot\"?)"),
            ("x_0,y,ydot", "column \"x\" is missing"),
            ("x0,x1,y0,y1,ydot0", "column \"ydot1\" is missing"),
            (
                "x0,x_1,y0,y1,ydot0,ydot1",
                "column \"x1\" is missing (rename \"x_1\"?)",
            ),
            ("x0,x1,x2,y0,y1,ydot0,ydot1", "column \"y2\" is missing"),
            ("x,y,y,ydot", "column \"y\" is there twice"),
            (
                "x0,y0,ydot0",
                "the only number is 0; for one degree of freedom name the columns without it",
            ),
            (
                "x,y,ydot,x0,y0,ydot0",
                "x, y, ydot and x0, y0, ydot0 are all there, so d is not clear; drop one set",
            ),
        ] {
            let shown = columns.replace(',', ", ");
            let expected = format!("f.csv: {problem}; found the columns: {shown}{tail}");
            assert_eq!(find_in(columns), Err(expected));
        }
    }
}
