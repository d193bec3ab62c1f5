//! Correlations and clustering against numpy and SciPy.
//!
//! `tests/golden/clustering.json` is written by
//! `python crates/mass-interp/tests/golden/make_golden.py`.

use mass_interp::{Clustering, Correlation, Distance};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("../golden/clustering.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap().iter();
    list.map(|value| value.as_f64().unwrap()).collect()
}

fn table(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

fn indices(value: &Value) -> Vec<usize> {
    numbers(value)
        .into_iter()
        .map(|index| index as usize)
        .collect()
}

#[test]
fn correlations_are_numpys() {
    let golden = golden();
    let r = Correlation::of(&table(&golden["columns"])).unwrap();
    let expected = table(&golden["correlation"]);
    assert_eq!(r.size(), expected.len());
    for (i, row) in expected.iter().enumerate() {
        for (j, expected) in row.iter().enumerate() {
            let found = r.get(i, j);
            assert!(
                (found - expected).abs() < 1e-13,
                "r[{i}][{j}] = {found}, not {expected}"
            );
        }
    }
}

#[test]
fn trees_leaves_and_flat_clusters_are_scipys() {
    let golden = golden();
    let r = Correlation::of(&table(&golden["columns"])).unwrap();
    let height = golden["height"].as_f64().unwrap();
    let cases = [
        ("absolute", Distance::Absolute),
        ("signed", Distance::Signed),
        ("rows", Distance::Rows),
    ];
    for (name, distance) in cases {
        let expected = &golden["trees"][name];
        let tree = Clustering::of(&r, distance).unwrap();
        let rows = table(&expected["linkage"]);
        assert_eq!(tree.scipy_rows().len(), rows.len());
        for (found, expected) in tree.scipy_rows().iter().zip(&rows) {
            assert_eq!(
                [found[0], found[1], found[3]],
                [expected[0], expected[1], expected[3]]
            );
            assert!(
                (found[2] - expected[2]).abs() < 1e-12,
                "{name}: {found:?}, not {expected:?}"
            );
        }
        assert_eq!(tree.leaf_order(), indices(&expected["leaves"]), "{name}");
        assert_eq!(tree.cut(height), indices(&expected["clusters"]), "{name}");
    }
}
