//! The table from the paper's equations to items names files that are there, and items that are in them.

use std::{fs, path::Path};

#[test]
fn every_row_leads_to_its_item() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Ok(text) = fs::read_to_string(root.join("docs/equations.md")) else {
        return; // the crate's own package has no docs beside it
    };
    let mut rows = 0;
    for line in text.lines().filter(|line| line.contains("`crates/")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        let quoted = |cell: &str| -> Vec<String> {
            cell.split('`')
                .skip(1)
                .step_by(2)
                .map(String::from)
                .collect()
        };
        let files = quoted(cells[cells.len() - 1]);
        let sources = files.iter().map(|file| {
            let source = fs::read_to_string(root.join(file));
            source.unwrap_or_else(|error| panic!("{file}: {error}"))
        });
        let sources: String = sources.collect();
        for item in quoted(cells[cells.len() - 2]) {
            let name = item.rsplit("::").next().unwrap();
            assert!(sources.contains(name), "{name} is not in {files:?}");
        }
        rows += 1;
    }
    assert!(rows > 30, "{rows} rows");
}
