//! The arrows between files and crates run one way.
//!
//! In each crate a file may use another if that one does not use it in turn, by whatever detour; and the
//! crates may depend on each other, for tests too, without a circle. A circle means that two files are
//! one thing in two places: neither can be read, tested or replaced without the other.
//!
//! A file *uses* the file that defines what it names: in its `use`, or by a path of its code. Names are
//! followed through re-exports to where they are defined, so that `crate::Error` is an arrow to
//! `error.rs` and not to `lib.rs`. A re-export is no use, nor is `mod`, a doc comment, or code under
//! `#[cfg(test)]`. A method called on a value says no path, so it is not seen: the type's own `use` is.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use serde_json::Value;
use syn::{Attribute, Item, ItemMod, UseTree, Visibility};

/// A module: where it is and what its names mean.
struct Module {
    parent: Option<usize>,
    /// Its file, from the crate's `src`.
    file: String,
    children: BTreeMap<String, usize>,
    /// What is defined here.
    items: BTreeSet<String>,
    /// What is imported or re-exported here, by the path that it stands for.
    aliases: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    /// The paths by which its code uses others.
    used: Vec<Vec<String>>,
}

/// The modules of a crate, the root first.
struct Modules(Vec<Module>);

impl Modules {
    /// From its root, `src/lib.rs` or `src/main.rs`.
    fn read(root: &Path) -> Self {
        let mut modules = Self(Vec::new());
        let source = root.parent().unwrap();
        modules.file(root, source, source, None);
        modules
    }

    /// Reads a file; its child modules' files are in `folder`.
    fn file(&mut self, path: &Path, folder: &Path, source: &Path, parent: Option<usize>) -> usize {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let name = path.strip_prefix(source).unwrap().display().to_string();
        self.module(parsed.items, name, folder, source, parent)
    }

    fn module(
        &mut self,
        items: Vec<Item>,
        file: String,
        folder: &Path,
        source: &Path,
        parent: Option<usize>,
    ) -> usize {
        let this = self.0.len();
        self.0.push(Module {
            parent,
            file: file.clone(),
            children: BTreeMap::new(),
            items: BTreeSet::new(),
            aliases: BTreeMap::new(),
            globs: Vec::new(),
            used: Vec::new(),
        });
        for item in items {
            if attributes(&item).iter().any(is_test) {
                continue;
            }
            match item {
                Item::Mod(ItemMod { ident, content, .. }) => {
                    let name = ident.to_string();
                    let inside = folder.join(&name);
                    let child = match content {
                        Some((_, items)) => {
                            self.module(items, file.clone(), &inside, source, Some(this))
                        }
                        None => {
                            let flat = folder.join(format!("{name}.rs"));
                            let path = if flat.exists() {
                                flat
                            } else {
                                inside.join("mod.rs")
                            };
                            self.file(&path, &inside, source, Some(this))
                        }
                    };
                    self.0[this].children.insert(name, child);
                }
                Item::Use(item) => {
                    let private = matches!(item.vis, Visibility::Inherited);
                    let mut leaves = Vec::new();
                    flatten(&item.tree, &mut Vec::new(), &mut leaves);
                    let module = &mut self.0[this];
                    for (path, name) in leaves {
                        match name {
                            None => module.globs.push(path.clone()),
                            Some(name) => drop(module.aliases.insert(name, path.clone())),
                        }
                        if private {
                            module.used.push(path);
                        }
                    }
                }
                other => {
                    let module = &mut self.0[this];
                    module.items.extend(name_of(&other));
                    paths(other.to_token_stream(), &mut module.used);
                }
            }
        }
        this
    }

    /// The file that defines what a path names in a module; none for what other crates define.
    fn defined(&self, module: usize, path: &[String], depth: usize) -> Option<String> {
        let mut at = module;
        let mut rest = path;
        let mut begun = false;
        while let Some((name, behind)) = rest.split_first() {
            let here = &self.0[at];
            match name.as_str() {
                "crate" => at = 0,
                "self" => {}
                "super" => at = here.parent?,
                _ if here.children.contains_key(name) => at = here.children[name],
                _ if here.items.contains(name) => return Some(here.file.clone()),
                _ if depth > 0 => {
                    if let Some(alias) = here.aliases.get(name).filter(|alias| *alias != rest) {
                        let whole = [alias, behind].concat();
                        return self.defined(at, &whole, depth - 1);
                    }
                    let through = |glob: &Vec<String>| {
                        let whole = [glob.as_slice(), rest].concat();
                        self.defined(at, &whole, depth - 1)
                    };
                    // A glob of this very module's parent leads back here if it is not there.
                    return match here.globs.iter().find_map(through) {
                        Some(file) => Some(file),
                        None => begun.then(|| here.file.clone()),
                    };
                }
                _ => return begun.then(|| here.file.clone()),
            }
            begun = true;
            rest = behind;
        }
        begun.then(|| self.0[at].file.clone())
    }

    /// Which file uses which, and by what name first.
    fn arrows(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let mut arrows: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (index, module) in self.0.iter().enumerate() {
            for path in &module.used {
                // A word alone may be a variable of a module's name.
                if path.len() == 1 && module.children.contains_key(&path[0]) {
                    continue;
                }
                match self.defined(index, path, 8) {
                    Some(file) if file != module.file => {
                        let targets = arrows.entry(module.file.clone()).or_default();
                        targets.entry(file).or_insert_with(|| path.join("::"));
                    }
                    _ => {}
                }
            }
        }
        arrows
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether it is `#[cfg(test)]` or `#[test]`.
fn is_test(attribute: &Attribute) -> bool {
    let path = attribute.path();
    path.is_ident("test")
        || path.is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|cfg| cfg.is_ident("test"))
}

fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// Paths of a `use` with the names that they are given; none for a glob.
fn flatten(
    tree: &UseTree,
    before: &mut Vec<String>,
    leaves: &mut Vec<(Vec<String>, Option<String>)>,
) {
    let mut leaf = |last: String, name: Option<String>| {
        let mut path = before.clone();
        if last != "self" || path.is_empty() {
            path.push(last);
        }
        let name = name.or_else(|| path.last().cloned());
        leaves.push((path, name));
    };
    match tree {
        UseTree::Name(name) => leaf(name.ident.to_string(), None),
        UseTree::Rename(name) => leaf(name.ident.to_string(), Some(name.rename.to_string())),
        UseTree::Glob(_) => leaves.push((before.clone(), None)),
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, leaves);
            before.pop();
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, before, leaves);
            }
        }
    }
}

/// The paths `a::b::c` among tokens, single words too, but for what follows a dot.
fn paths(tokens: TokenStream, found: &mut Vec<Vec<String>>) {
    let mut path: Vec<String> = Vec::new();
    let (mut colons, mut dots) = (0, 0);
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    found.extend((!path.is_empty()).then(|| std::mem::take(&mut path)));
                }
                if dots != 1 {
                    path.push(ident.to_string());
                }
                (colons, dots) = (0, 0);
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            other => {
                colons = 0;
                found.extend((!path.is_empty()).then(|| std::mem::take(&mut path)));
                match other {
                    TokenTree::Punct(punct) if punct.as_char() == '.' => dots += 1,
                    TokenTree::Group(group) => {
                        dots = 0;
                        paths(group.stream(), found);
                    }
                    _ => dots = 0,
                }
            }
        }
    }
    found.extend((!path.is_empty()).then_some(path));
    // `pub(crate)` and `pub(super)` are no uses.
    found.retain(|path| !matches!(path.as_slice(), [word] if word == "crate" || word == "super"));
}

/// The sets of nodes that reach each other, of two or more.
fn circles<'a>(arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let reach = |from: &'a str| {
        let mut seen = BTreeSet::new();
        let mut next = vec![from];
        while let Some(node) = next.pop() {
            for to in arrows.get(node).into_iter().flatten() {
                if seen.insert(*to) {
                    next.push(to);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        arrows.keys().map(|node| (*node, reach(node))).collect();
    let mut found: Vec<Vec<&str>> = Vec::new();
    for (node, others) in &reached {
        if others.contains(node) && !found.iter().flatten().any(|known| known == node) {
            let back = |other: &&&str| reached.get(**other).is_some_and(|r| r.contains(node));
            found.push(others.iter().filter(back).copied().collect());
        }
    }
    found
}

/// What cargo says of the workspace's packages.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn no_circle_of_files_in_a_crate() {
    let mut problems = Vec::new();
    let mut count = 0;
    for package in packages() {
        let name = text(&package["name"]).to_string();
        for target in package["targets"].as_array().unwrap() {
            let kind = text(&target["kind"][0]);
            if kind != "lib" && kind != "bin" {
                continue;
            }
            let arrows = Modules::read(&PathBuf::from(text(&target["src_path"]))).arrows();
            count += arrows.len();
            let plain = arrows
                .iter()
                .map(|(from, to)| (from.as_str(), to.keys().map(String::as_str).collect()))
                .collect();
            for circle in circles(&plain) {
                let mut lines = vec![format!("{name}: a circle of {}", circle.join(", "))];
                for from in &circle {
                    let inside = arrows[*from]
                        .iter()
                        .filter(|(to, _)| circle.contains(&to.as_str()));
                    lines.extend(inside.map(|(to, by)| format!("    {from} → {to} by {by}")));
                }
                problems.extend(lines);
            }
        }
    }
    assert!(count > 50, "only {count} files use another: are all read?");
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn arrows_between_crates_run_one_way() {
    let packages = packages();
    let names: BTreeSet<&str> = packages
        .iter()
        .map(|package| text(&package["name"]))
        .collect();
    let arrows: BTreeMap<&str, BTreeSet<&str>> = packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let known = dependencies.map(|dependency| text(&dependency["name"]));
            (
                text(&package["name"]),
                known.filter(|name| names.contains(name)).collect(),
            )
        })
        .collect();
    assert!(arrows["mass-core"].contains("mass-terms"));
    assert_eq!(circles(&arrows), Vec::<Vec<&str>>::new());
}

#[test]
fn a_published_package_carries_what_a_user_needs() {
    for package in packages() {
        if package["publish"].is_array() {
            continue; // `publish = false`
        }
        let folder = PathBuf::from(text(&package["manifest_path"]));
        let folder = folder.parent().unwrap();
        let name = text(&package["name"]);
        for file in ["LICENSE-MIT", "LICENSE-APACHE", "README.md"] {
            assert!(folder.join(file).exists(), "{name} has no {file}");
        }
        for key in ["description", "license", "readme", "rust_version"] {
            assert!(package[key].is_string(), "{name} says no {key}");
        }
        for key in ["keywords", "categories", "authors"] {
            assert!(
                !package[key].as_array().unwrap().is_empty(),
                "{name} has no {key}"
            );
        }
    }
}

/// What the README of the workspace shows of code is part of a crate's, which is compiled and run.
#[test]
fn the_code_of_the_readme_is_that_of_a_crate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let (readme, jet) = (read("README.md"), read("crates/mass-jet/README.md"));
    let blocks: Vec<&str> = readme
        .split("```rust\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(!blocks.is_empty(), "the README shows no code");
    for block in blocks {
        assert!(jet.contains(block), "not in crates/mass-jet: {block}");
    }
}

/// The check itself: what it takes for a use and what not.
#[test]
fn circles_are_found_through_re_exports_and_paths() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let found = |library: &str| {
        write("lib.rs", library);
        let arrows = Modules::read(&folder.path().join("lib.rs")).arrows();
        let plain = arrows
            .iter()
            .map(|(from, to)| (from.as_str(), to.keys().map(String::as_str).collect()))
            .collect();
        circles(&plain)
            .iter()
            .map(|circle| circle.join(" "))
            .collect::<Vec<_>>()
    };
    let library = "mod a; mod b; pub use a::A; pub use b::B;";

    write("a.rs", "use crate::B; pub struct A(B);");
    write(
        "b.rs",
        "pub struct B;\n#[cfg(test)] mod tests { use crate::A; }",
    );
    assert!(
        found(library).is_empty(),
        "an arrow one way, and one of a test"
    );
    write(
        "b.rs",
        "/// Not [`crate::A`].\npub struct B; fn f() { g(vec![crate::A::new()]) }",
    );
    assert_eq!(found(library), ["a.rs b.rs"]);
    write("b.rs", "pub struct B; fn f(a: usize) { x.a(a) }");
    assert!(
        found(library).is_empty(),
        "a method and a variable are no paths"
    );
    write("a.rs", "pub struct A;");
    write(
        "b.rs",
        "mod inner { use super::super::a::A; } pub struct B;",
    );
    assert!(found(library).is_empty());
    write("a.rs", "use crate::b; pub struct A(b::B);");
    assert_eq!(found(library), ["a.rs b.rs"]);

    // A folder: its `mod.rs` is a file like others.
    write("b.rs", "pub struct B;");
    write("c/mod.rs", "mod d; pub(crate) use d::D; pub struct C(D);");
    write("c/d.rs", "use super::C; pub struct D;");
    assert_eq!(found(&format!("{library} mod c;")), ["c/d.rs c/mod.rs"]);
    write("c/d.rs", "use crate::a::*; pub struct D;");
    assert!(found(&format!("{library} mod c;")).is_empty());
}
