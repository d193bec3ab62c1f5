//! Data files: what is written is read back bit for bit, and bad files are explained.

use arrow::array::{ArrayRef, Float32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use mass_systems::{Dataset, Purpose, lookup, sample, stream};
use parquet::arrow::ArrowWriter;
use proptest::collection::vec;
use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
use proptest::prelude::*;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const COLUMNS: &str = "needed are x, y, ydot for one degree of freedom, or x0, x1, .., y0, y1, .., ydot0, ydot1, .. for more";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The message of a failed read, with the folder's path left out.
fn failure(folder: &TempDir, path: &Path) -> String {
    let message = Dataset::read(path).unwrap_err().to_string();
    message.replace(&format!("{}/", folder.path().display()), "")
}

fn csv_failure(text: impl AsRef<[u8]>) -> String {
    let folder = folder();
    let path = folder.path().join("f.csv");
    fs::write(&path, text).unwrap();
    failure(&folder, &path)
}

fn write_parquet(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn parquet_failure(columns: Vec<(&str, ArrayRef)>) -> String {
    let folder = folder();
    let path = folder.path().join("f.parquet");
    write_parquet(&path, columns);
    failure(&folder, &path)
}

fn doubles(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn files_give_back_every_bit(
        dof in 1_usize..4,
        rows in 1_usize..20,
        pool in vec(POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO, 180),
    ) {
        let n = dof * rows;
        let part = |k: usize| pool[k * n..(k + 1) * n].to_vec();
        let data = Dataset::new("data", dof, part(0), part(1), part(2)).unwrap();
        let folder = folder();
        for name in ["data.csv", "data.parquet"] {
            let path = folder.path().join(name);
            data.write(&path).unwrap();
            let read = Dataset::read(&path).unwrap();
            let bits = |d: &Dataset| -> Vec<u64> {
                [d.x(), d.y(), d.acceleration()].concat().iter().map(|v| v.to_bits()).collect()
            };
            prop_assert_eq!((read.id(), read.dof(), bits(&read)), ("data", dof, bits(&data)), "{}", name);
        }
    }
}

#[test]
fn a_sample_goes_through_files() {
    let system = lookup("two_body").unwrap();
    let data = sample(
        &*system,
        3000,
        &mut stream(0, Purpose::TrainData, "two_body"),
    )
    .unwrap();
    let folder = folder();
    let path = folder.path().join("two_body.parquet");
    data.write(&path).unwrap();
    assert_eq!(Dataset::read(&path).unwrap(), data);
    let path = folder.path().join("renamed.csv");
    data.write(&path).unwrap();
    assert!(
        fs::read_to_string(&path)
            .unwrap()
            .starts_with("x0,x1,x2,x3,y0,y1,y2,y3,ydot0,ydot1,ydot2,ydot3\n")
    );
    assert_eq!(Dataset::read(&path).unwrap().with_id("two_body"), data);
}

#[test]
fn csv_may_have_other_columns_spaces_comments_and_a_byte_order_mark() {
    let folder = folder();
    let path = folder.path().join("free.CSV");
    fs::write(
        &path,
        "\u{feff}x, t ,ydot,note, y\r\n# measured\r\n 0.5 ,0,-1e-3,a, 2\r\n-1,1,+2,\"b,c\",.5\r\n",
    )
    .unwrap();
    let data = Dataset::read(&path).unwrap();
    assert_eq!(
        data,
        Dataset::new("free", 1, vec![0.5, -1.0], vec![2.0, 0.5], vec![-1e-3, 2.0]).unwrap()
    );
}

#[test]
fn parquet_may_have_other_columns_and_single_precision() {
    let folder = folder();
    let path = folder.path().join("mixed.parquet");
    write_parquet(
        &path,
        vec![
            ("note", Arc::new(StringArray::from(vec!["a", "b"]))),
            ("ydot", doubles(&[0.1, 0.2])),
            ("y", Arc::new(Float32Array::from(vec![0.5, 0.25]))),
            ("x", doubles(&[1.0, 2.0])),
        ],
    );
    let data = Dataset::read(&path).unwrap();
    assert_eq!(
        data,
        Dataset::new("mixed", 1, vec![1.0, 2.0], vec![0.5, 0.25], vec![0.1, 0.2]).unwrap()
    );
}

#[test]
fn bad_csv_is_explained() {
    let value = |place: &str, column: &str, found: &str| {
        format!(
            "f.csv: {place}, column \"{column}\": {found}; every value must be a finite number, such as 0.25 or -1e-3"
        )
    };
    assert_eq!(
        csv_failure("x,y\n1,2\n"),
        format!("f.csv: column \"ydot\" is missing; found the columns: x, y; {COLUMNS}")
    );
    assert_eq!(
        csv_failure("x0,x1,y0,ydot0,ydot1\n1,2,3,4,5\n"),
        format!(
            "f.csv: column \"y1\" is missing; found the columns: x0, x1, y0, ydot0, ydot1; {COLUMNS}"
        )
    );
    assert_eq!(
        csv_failure("x,y,ydot\n1,2,3\n1,two,3\n"),
        value("line 3", "y", "\"two\" is not a number")
    );
    assert_eq!(
        csv_failure("x,y,ydot\n1,2,NaN\n"),
        value("line 2", "ydot", "\"NaN\" is not finite")
    );
    assert_eq!(
        csv_failure("x,y,ydot\n-inf,2,3\n"),
        value("line 2", "x", "\"-inf\" is not finite")
    );
    assert_eq!(
        csv_failure("x,y,ydot\n1e999,2,3\n"),
        value("line 2", "x", "\"1e999\" is not finite")
    );
    assert_eq!(
        csv_failure("x,y,ydot\n1,,3\n"),
        value("line 2", "y", "nothing is there")
    );
    assert_eq!(
        csv_failure("x,y,ydot\n"),
        "f.csv: there are no rows; at least one state is needed"
    );
    assert_eq!(
        csv_failure("x,y,ydot\n1,2,3\n1,2\n"),
        "f.csv: line 3: there are 2 values where the first line names 3 columns"
    );
    assert_eq!(
        csv_failure(b"x,y,ydot\n1,2,\xff\xfe\n"),
        "f.csv: line 2: this is not text in UTF-8; is it a CSV file?"
    );
    assert_eq!(
        csv_failure(""),
        format!("f.csv: column \"x\" is missing; found the columns: ; {COLUMNS}")
    );
}

#[test]
fn bad_parquet_is_explained() {
    let (x, y) = (("x", doubles(&[1.0, 2.0])), ("y", doubles(&[1.0, 2.0])));
    let value = |place: &str, column: &str, found: &str| {
        format!(
            "f.parquet: {place}, column \"{column}\": {found}; every value must be a finite number, such as 0.25 or -1e-3"
        )
    };
    assert_eq!(
        parquet_failure(vec![x.clone(), y.clone()]),
        format!("f.parquet: column \"ydot\" is missing; found the columns: x, y; {COLUMNS}")
    );
    assert_eq!(
        parquet_failure(vec![
            x.clone(),
            y.clone(),
            ("ydot", doubles(&[1.0, f64::NAN]))
        ]),
        value("row 1", "ydot", "NaN is not finite")
    );
    let single: ArrayRef = Arc::new(Float32Array::from(vec![f32::INFINITY, 1.0]));
    assert_eq!(
        parquet_failure(vec![x.clone(), y.clone(), ("ydot", single)]),
        value("row 0", "ydot", "inf is not finite")
    );
    let null: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), None]));
    assert_eq!(
        parquet_failure(vec![x.clone(), y.clone(), ("ydot", null)]),
        value("row 1", "ydot", "nothing (null) is there")
    );
    let text: ArrayRef = Arc::new(StringArray::from(vec!["1", "2"]));
    assert_eq!(
        parquet_failure(vec![x.clone(), y.clone(), ("ydot", text)]),
        "f.parquet: column \"ydot\" holds values of type Utf8; it must hold 32- or 64-bit floating-point numbers"
    );
    let whole: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    assert_eq!(
        parquet_failure(vec![("x", whole), y, ("ydot", doubles(&[1.0, 2.0]))]),
        "f.parquet: column \"x\" holds values of type Int64; it must hold 32- or 64-bit floating-point numbers"
    );
    let empty = |name| (name, doubles(&[]));
    assert_eq!(
        parquet_failure(vec![empty("x"), empty("y"), empty("ydot")]),
        "f.parquet: there are no rows; at least one state is needed"
    );
}

#[test]
fn a_row_is_named_by_its_number_in_the_whole_file() {
    // More rows than the reader takes at once.
    let n = 5000;
    let mut values = vec![0.5; n];
    values[4321] = f64::NAN;
    let message = parquet_failure(vec![
        ("x", doubles(&vec![0.5; n])),
        ("y", doubles(&values)),
        ("ydot", doubles(&vec![0.5; n])),
    ]);
    assert!(
        message.starts_with("f.parquet: row 4321, column \"y\": NaN is not finite"),
        "{message}"
    );
}

#[test]
fn files_that_are_not_what_they_are_called_are_explained() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let path = at("text.parquet");
    fs::write(&path, "x,y,ydot\n1,2,3\n").unwrap();
    assert!(
        failure(&folder, &path)
            .starts_with("text.parquet: this cannot be read as a Parquet file: ")
    );
    assert_eq!(
        failure(&folder, &at("data.txt")),
        "cannot tell what data.txt is from its name; name it .csv or .parquet"
    );
    for name in ["missing.csv", "missing.parquet"] {
        let message = failure(&folder, &at(name));
        assert!(
            message.starts_with(&format!("cannot read {name}: No such file")),
            "{message}"
        );
    }
    for name in ["folder.csv", "folder.parquet"] {
        fs::create_dir(at(name)).unwrap();
        let message = failure(&folder, &at(name));
        assert!(
            message.to_lowercase().contains("is a directory"),
            "{message}"
        );
        assert!(
            message.starts_with(&format!("cannot read {name}: ")),
            "{message}"
        );
    }
    // A Parquet file cut short.
    let data = Dataset::new("d", 1, vec![1.0; 100], vec![1.0; 100], vec![1.0; 100]).unwrap();
    data.write(at("cut.parquet")).unwrap();
    let bytes = fs::read(at("cut.parquet")).unwrap();
    fs::write(at("cut.parquet"), &bytes[..bytes.len() / 2]).unwrap();
    assert!(
        failure(&folder, &at("cut.parquet"))
            .starts_with("cut.parquet: this cannot be read as a Parquet file: ")
    );
}

#[test]
fn a_write_that_fails_leaves_what_was_there_and_nothing_else() {
    let data = Dataset::new("d", 1, vec![1.0], vec![2.0], vec![3.0]).unwrap();
    let folder = folder();
    let listing = || -> Vec<PathBuf> {
        let mut names: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        names.sort();
        names
    };
    // A folder of that name is in the way of the last step, the renaming.
    for name in ["d.csv", "d.parquet"] {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        let message = data.write(&path).unwrap_err().to_string();
        assert!(
            message.starts_with(&format!("cannot write {}: ", path.display())),
            "{message}"
        );
    }
    assert_eq!(
        listing(),
        [folder.path().join("d.csv"), folder.path().join("d.parquet")]
    );
    let message = data
        .write(folder.path().join("none/d.csv"))
        .unwrap_err()
        .to_string();
    assert!(message.contains("No such file"), "{message}");
    // Writing over a file replaces it.
    let path = folder.path().join("over.csv");
    fs::write(&path, "old").unwrap();
    data.write(&path).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "x,y,ydot\n1.0,2.0,3.0\n"
    );
    assert_eq!(listing().len(), 3);
}
