//! Files that are nearly tables: none makes a panic, and what is refused is refused with its place.
//!
//! `MASS_FUZZ_CASES=1000000 cargo test -p mass-data --release --test all fuzz` takes as many as one likes.

use std::{env, fs, path::Path};

use mass_data::{
    Degrees, Differentiation, Error, MeasurementOptions, Measurements, Missing, ReadOptions,
    SplitOptions,
};
use proptest::{prelude::*, sample::Index};

fn cases() -> u32 {
    let given = env::var("MASS_FUZZ_CASES").ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(3000)
}

/// A change of the bytes of a file.
#[derive(Clone, Debug)]
enum Change {
    Set(Index, u8),
    Flip(Index, u8),
    Insert(Index, u8),
    /// What tables are made of, where it does not belong.
    Put(Index, &'static str),
    Remove(Index, usize),
    Repeat(Index, usize, Index),
    Cut(Index),
}

const PIECES: [&str; 24] = [
    ",",
    ";",
    "\t",
    "\n",
    "\r",
    "\"",
    "NaN",
    "inf",
    "1e999",
    "-",
    "NA",
    "#",
    "t",
    "x",
    "12:30:01",
    "2026-03-01T12:00:00",
    "\u{feff}",
    "é",
    "\u{2212}1",
    "1,5",
    "0",
    "1e-320",
    "\n\n",
    "(deg)",
];

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<Index>(), 0_u8..8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        (any::<Index>(), 0..PIECES.len()).prop_map(|(at, i)| Change::Put(at, PIECES[i])),
        (any::<Index>(), 1_usize..20).prop_map(|(at, count)| Change::Remove(at, count)),
        (any::<Index>(), 1_usize..40, any::<Index>())
            .prop_map(|(from, count, to)| Change::Repeat(from, count, to)),
        any::<Index>().prop_map(Change::Cut),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            return bytes;
        }
        let count = bytes.len();
        let place = |at: &Index| at.index(count);
        match change {
            Change::Set(at, byte) => bytes[place(at)] = *byte,
            Change::Flip(at, bit) => bytes[place(at)] ^= 1 << bit,
            Change::Insert(at, byte) => bytes.insert(place(at), *byte),
            Change::Put(at, text) => {
                let at = place(at);
                bytes.splice(at..at, text.bytes());
            }
            Change::Remove(at, more) => {
                let at = place(at);
                bytes.drain(at..(at + more).min(count));
            }
            Change::Repeat(from, more, to) => {
                let from = place(from);
                let piece = bytes[from..(from + more).min(count)].to_vec();
                let to = place(to);
                bytes.splice(to..to, piece);
            }
            Change::Cut(at) => bytes.truncate(place(at)),
        }
    }
    bytes
}

/// Two trials of twelve rows as text of several kinds.
fn text(kind: usize) -> Vec<u8> {
    let heads = [
        "trial,t,x,v\n",
        "trial;t (s);theta (deg);omega (deg/s)\n",
        "",
        "# made in the lab\ntrial\ttime\tx\tv\n\ts\tm\tm/s\n",
        "run,time,q,qdot,tau\n",
    ];
    let mut out = heads[kind].to_string();
    for trial in 0..2 {
        for row in 0..12 {
            let t = 0.1 * f64::from(row);
            let (x, v) = (t.cos(), -t.sin());
            let line = match kind {
                1 => format!("{trial};{t:.1};{:.3};{:.3}", 57.3 * x, 57.3 * v).replace('.', ","),
                2 => format!("  {trial} {t:.1}  {x:.3} {v:.3}"),
                3 => format!("{trial}\t12:00:{t:04.1}\t{x:.3}\t{v:.3}"),
                4 => format!("{trial},{t:.1},{x:.3},{v:.3},0.5"),
                _ => format!("{trial},{t:.1},{x:.3},{v:.3}"),
            };
            out.push_str(&line);
            out.push('\n');
        }
    }
    out.into_bytes()
}

/// 12 rows of t, x, v as an array of NumPy, format 1.0.
fn npy() -> Vec<u8> {
    let mut head = "{'descr': '<f8', 'fortran_order': False, 'shape': (12, 3), }".to_string();
    while !(10 + head.len() + 1).is_multiple_of(64) {
        head.push(' ');
    }
    head.push('\n');
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend((head.len() as u16).to_le_bytes());
    out.extend(head.bytes());
    for row in 0..12 {
        let t = 0.1 * f64::from(row);
        for value in [t, t.cos(), -t.sin()] {
            out.extend(value.to_le_bytes());
        }
    }
    out
}

#[cfg(feature = "parquet")]
fn parquet() -> Vec<u8> {
    use std::sync::Arc;

    use arrow::{
        array::{ArrayRef, Float64Array},
        record_batch::RecordBatch,
    };
    let t: Vec<f64> = (0..12).map(|row| 0.1 * f64::from(row)).collect();
    let column = |f: fn(f64) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(t.iter().map(|t| f(*t))))
    };
    let columns = [
        ("t", column(|t| t)),
        ("x", column(f64::cos)),
        ("v", column(|t| -t.sin())),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut out = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut out, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    out
}

/// Reads a file as a person might, as far as rows to learn from.
fn read(path: &Path, options: &MeasurementOptions) -> Result<(), Error> {
    let measured = Measurements::read(&[path], options)?;
    for note in measured.notes() {
        assert!(!note.to_string().is_empty());
    }
    let estimates = measured.differentiate(&Differentiation::Auto)?;
    let split = measured.split(&SplitOptions::default())?;
    estimates.rows(&measured, "fuzz", &split.train, true)?;
    Ok(())
}

/// Whether a message says where: the file and, of what is wrong in a row, its line.
fn says_where(error: &Error, path: &Path) -> bool {
    let message = error.to_string();
    let named = message.contains(&*path.file_name().unwrap().to_string_lossy());
    let numbered = |word: &str| {
        let mut behind = message.split(word).skip(1);
        behind.any(|text| text.starts_with(|c: char| c.is_ascii_digit()))
    };
    match error {
        Error::BadValue { place, .. } if place == "all rows" => named,
        Error::BadValue { .. } | Error::BadRow { .. } | Error::BadTime { .. } => {
            named && (numbered("line ") || numbered("row "))
        }
        Error::File { .. }
        | Error::BadFormat { .. }
        | Error::NoRows { .. }
        | Error::Columns { .. } => named,
        _ => !message.is_empty(),
    }
}

fn seed(kind: usize) -> Vec<u8> {
    match kind {
        0..=4 => text(kind),
        5 => npy(),
        #[cfg(feature = "parquet")]
        _ => parquet(),
        #[cfg(not(feature = "parquet"))]
        _ => text(0),
    }
}

#[test]
fn files_that_are_nearly_tables_make_no_panic_and_errors_say_where() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("near.csv");
    let seeds: Vec<Vec<u8>> = (0..7).map(seed).collect();
    let options = |drop: bool, restarts: bool, keep: bool| MeasurementOptions {
        read: ReadOptions {
            missing: if drop {
                Missing::DropRow
            } else {
                Missing::Refuse
            },
            ..ReadOptions::default()
        },
        restarts,
        degrees: if keep {
            Degrees::Keep
        } else {
            Degrees::Labelled
        },
        ..MeasurementOptions::default()
    };
    // As they are, all can be read.
    let plain = [0, 1, 3, 4];
    for kind in plain {
        fs::write(&path, &seeds[kind]).unwrap();
        if let Err(error) = Measurements::read(&[&path], &options(false, false, false)) {
            panic!("{kind}: {error}");
        }
    }
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let inputs = (
        0..seeds.len(),
        proptest::collection::vec(change(), 1..6),
        any::<(bool, bool, bool)>(),
        any::<bool>(),
    );
    let outcome = runner.run(
        &inputs,
        |(kind, changes, (drop, restarts, keep), mapped)| {
            fs::write(&path, changed(seeds[kind].clone(), &changes)).unwrap();
            let mut options = options(drop, restarts, keep);
            if mapped {
                let map = match kind {
                    2 => "trajectory=1,t=2,x=3,y=4",
                    5 => "t=1,x=2,y=3",
                    _ => "",
                };
                options.columns = map.parse().unwrap();
            }
            if let Err(error) = read(&path, &options) {
                prop_assert!(says_where(&error, &path), "{error:?}: {error}");
            }
            Ok(())
        },
    );
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
