//! Files as people have them, and what is said of those that cannot be used.

use std::{fs, path::PathBuf};

use mass_data::{
    Column, ColumnMap, Degrees, Delimiter, Differentiation, Error, Layout, MeasurementOptions,
    Measurements, Missing, Note, Outliers, ReadOptions, SplitBy, SplitOptions, TableFile, Time,
    Trajectory, UnitMap,
};
use proptest::prelude::*;
use tempfile::TempDir;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn columns(
    text: impl AsRef<[u8]>,
    options: &ReadOptions,
) -> Result<(Vec<Column>, Vec<Vec<f64>>), Error> {
    let folder = Folder::new();
    let file = TableFile::open(folder.file("f.csv", text), options)?;
    let all: Vec<usize> = (0..file.columns().len()).collect();
    Ok((file.columns().to_vec(), file.read(&all)?.columns().to_vec()))
}

fn options(columns: &str) -> MeasurementOptions {
    MeasurementOptions {
        columns: columns.parse().unwrap(),
        ..MeasurementOptions::default()
    }
}

fn measured(text: &str, options: &MeasurementOptions) -> Result<Measurements, Error> {
    let folder = Folder::new();
    Measurements::read(&[folder.file("f.csv", text)], options)
}

#[test]
fn dialects_are_found() {
    let expected = vec![vec![0.0, 0.5, 1.0], vec![1.5, -2.25, 3e-3]];
    for text in [
        "t,x\n0,1.5\n0.5,-2.25\n1,3e-3\n",
        "t;x\n0;1,5\n0,5;-2,25\n1;3e-3\n",
        "t;x\r\n0;1.5\r\n0.5;-2.25\r\n1;0.003\r\n",
        "t\tx\n0\t1,5\n0,5\t-2,25\n1\t0,003\n",
        "t x\n0 1.5\n0.5 -2.25\n1 3e-3",
        "  t    x\n  0.0  1.5\n  0.5 -2.25\n  1.0  3.0E-03\n",
        "t x\r0 1,5\r0,5 -2,25\r1 0,003\r",
        "\u{feff}t,x\n0,1.5\n0.5,-2.25\n1,3e-3\n",
        "# made in the lab\n% twice\n\nt,x\n0,1.5\n# in between\n0.5,-2.25\n\n1,3e-3\n",
        "# t x\n0 1.5\n0.5 -2.25\n1 3e-3\n",
        "\"t\",\"x\"\n\"0\",\"1.5\"\n\"0.5\", \"-2.25\"\n\"1\",\"3e-3\"\n",
        "\"t\",\"x\"\n\"0\",\"1,5\"\n\"0,5\",\"-2,25\"\n\"1\",\"0,003\"\n",
        "t,x\n0,1.5\n0.5,-2.25\n1,3e-3\n,\n , \n",
        "t,x,\n0,1.5,\n0.5,-2.25,\n1,3e-3,\n",
        "t,x\n0,1.5,\n0.5,-2.25,\n1,3e-3,\n",
        "Lab book 7\nt,x\n0,1.5\n0.5,-2.25\n1,3e-3\n",
        "t,x\ns,rad\n0,1.5\n0.5,-2.25\n1,3e-3\n",
        "t , x\n0 , 1.5\n0.5 , \u{2212}2.25\n1 , 3d-3\n",
    ] {
        let (found, values) =
            columns(text, &ReadOptions::default()).unwrap_or_else(|e| panic!("{text:?}: {e}"));
        let names: Vec<&str> = found.iter().map(Column::name).collect();
        assert_eq!((names, &values), (vec!["t", "x"], &expected), "{text:?}");
    }
    // Without a header, and as told.
    for (text, options) in [
        ("0,1.5\n0.5,-2.25\n1,3e-3\n", ReadOptions::default()),
        (
            "0;1,5\n0,5;-2,25\n1;0,003\n",
            ReadOptions {
                delimiter: Some(Delimiter::Semicolon),
                decimal_comma: Some(true),
                ..ReadOptions::default()
            },
        ),
        (
            "7,8\n0,1.5\n0.5,-2.25\n1,3e-3\n",
            ReadOptions {
                header: Some(true),
                ..ReadOptions::default()
            },
        ),
    ] {
        assert_eq!(columns(text, &options).unwrap().1, expected, "{text:?}");
    }
}

#[test]
fn units_are_labels() {
    for text in [
        "t (s),theta [deg]\n0,1\n1,2\n",
        "t (s) theta [deg]\n0 1\n1 2\n",
        "t,theta\n(s),(deg)\n0,1\n1,2\n",
    ] {
        let (found, _) = columns(text, &ReadOptions::default()).unwrap();
        assert_eq!(
            (found[0].unit(), found[1].unit()),
            (Some("s"), Some("deg")),
            "{text}"
        );
        assert_eq!(found[1].name(), "theta");
    }
    // An old spreadsheet's degree sign, in Latin-1.
    let (found, _) = columns(b"t,a (\xb0)\n0,1\n", &ReadOptions::default()).unwrap();
    assert!(found[1].is_degrees());
}

#[test]
fn missing_values_are_refused_or_dropped() {
    let text = "t,x,note\n0,1,fine\n1,NA,\n2,3,x\n3,,y\n4,5,z\n5\n";
    let folder = Folder::new();
    let path = folder.file("f.csv", text);
    let file = TableFile::open(&path, &ReadOptions::default()).unwrap();
    let refused = file.read(&[0, 1]).unwrap_err().to_string();
    assert!(
        refused.contains("line 3, column \"x\": \"NA\" says that the value is missing"),
        "{refused}"
    );
    let options = ReadOptions {
        missing: Missing::DropRow,
        ..ReadOptions::default()
    };
    let table = TableFile::open(&path, &options)
        .unwrap()
        .read_labelled(&[1], Some(0))
        .unwrap();
    assert_eq!(
        (table.columns()[0].as_slice(), table.dropped()),
        (&[1.0, 3.0, 5.0][..], 3)
    );
    assert_eq!(
        (table.place(0), table.place(2)),
        ("line 2".into(), "line 6".into())
    );
    assert_eq!(table.labels().unwrap(), ["0", "2", "4"]);
}

/// Each a file or a request that cannot be used, and what must be said of it.
#[test]
fn bad_input_is_named() {
    let good = |n: usize| -> String {
        (0..n)
            .map(|i| format!("{},{}\n", 0.1 * i as f64, (0.1 * i as f64).sin()))
            .collect()
    };
    let long = good(20);
    let with = |head: &str, body: &str| format!("{head}\n{body}");
    let cases: Vec<(&str, Vec<u8>, &str)> = [
        // The file as a whole.
        ("", String::new(), "there are no rows of numbers"),
        ("", "\n\n# nothing\n".into(), "there are no rows of numbers"),
        ("", "t,x\n".into(), "there are no rows of numbers"),
        (
            "",
            "just words\nand more\n".into(),
            "there are no rows of numbers",
        ),
        ("", "{\"t\": [0, 1]}".into(), "this is JSON"),
        ("", "<html></html>".into(), "XML or HTML"),
        ("", "MATLAB 5.0 MAT-file".into(), "MATLAB"),
        (
            "",
            "t,x\n0,\u{0}1\n".into(),
            "no text (it holds a zero byte)",
        ),
        ("", "x".repeat(2_000_000), "longer than a megabyte"),
        // Rows and cells.
        (
            "",
            with("t,x", &long.replacen("0.1,", "0.1,7,", 1)),
            "line 3 has 3 cells where there are 2 columns",
        ),
        (
            "",
            with("t,x", &format!("{long}5\n")),
            "line 22 has 1 cells",
        ),
        (
            "",
            with("t,x", &long.replacen("0.1,", "abc,", 1)),
            "line 3, column \"t\": \"abc\" is not a number",
        ),
        (
            "",
            with("t,x", &format!("{long}9,inf\n")),
            "line 22, column \"x\": \"inf\" is not finite",
        ),
        (
            "",
            with("t,x", &format!("{long}9,1e999\n")),
            "\"1e999\" is not finite",
        ),
        (
            "",
            with("t,x", &format!("{long}9,\n")),
            "line 22, column \"x\": nothing is there; fill it in",
        ),
        (
            "",
            with("t,x", &format!("{long}9,NaN\n")),
            "\"NaN\" says that the value is missing",
        ),
        (
            "",
            with("t;x", &(long.replace(',', ";") + "9;1,5\n")),
            "\"1,5\" has a decimal comma",
        ),
        (
            "",
            with("t,x", &format!("{long}9,\"1\n")),
            "line 22: a quote is opened and not closed",
        ),
        (
            "",
            with("t,x", &format!("{long}9,1 m\n")),
            "\"1 m\" is not a number",
        ),
        (
            "",
            with("t,x", &format!("{long}9,1.2.3\n")),
            "\"1.2.3\" is not a number",
        ),
        (
            "",
            with("t,x,v", &long),
            "line 1 names 3 columns where line 2 has 2 cells",
        ),
        // Columns.
        ("", long.clone(), "the file does not name its columns"),
        (
            "",
            with("t,thetta", &long),
            "\"thetta\": did you mean \"theta\"?",
        ),
        (
            "",
            "t,foo,bar\n0,1,2\n1,2,3\n2,3,4\n".into(),
            "no column is called as a position",
        ),
        (
            "",
            with("foo,x", &long),
            "there is no column of times; say which it is, t=NAME",
        ),
        ("", with("tme,x", &long), "\"tme\": did you mean \"time\"?"),
        ("", with("t,time", &long), "may all be the times"),
        (
            "",
            with("t,x,x", "0,1,2\n"),
            "columns \"x\" and \"x\" may be the same thing",
        ),
        ("", with("t,x,X_1", "0,1,2\n"), "are both there"),
        ("", with("t,x1,x3", "0,1,2\n"), "number 2 is missing"),
        (
            "",
            with("t,x1,x2,v1", "0,1,2,3\n"),
            "there are 2 positions (\"x1\", \"x2\") and 1 velocities",
        ),
        (
            "",
            with("trial,run,t,x", "0,0,1,2\n"),
            "may all be the trajectories",
        ),
        (
            "x=omegaa",
            with("t,omega", &long),
            "there is no column \"omegaa\"; did you mean \"omega\"?",
        ),
        ("t=1,x=3", long.clone(), "there is no column 3; there are 2"),
        ("t=1,x=1", long.clone(), "is said to be two things"),
        (
            "x=a",
            with("t,a,A,a", "0,1,2,3\n"),
            "are both called \"a\"; say which by number",
        ),
        (
            "x=none,t=t",
            with("t,x", &long),
            "no column is called as a position",
        ),
        // Times.
        (
            "",
            with("t,x", &format!("{long}1.9000000000000001,1\n")),
            "line 22: time 1.9000000000000001 is there already at line 21",
        ),
        (
            "",
            with("t,x", &format!("{long}0,1\n")),
            "line 22: time goes back from",
        ),
        (
            "",
            with("t,x", &good(5)),
            "has 5 rows; at least 8 are needed",
        ),
        (
            "",
            with(
                "trial,t,x",
                &(0..20).map(|i| format!("{i},0,1\n")).collect::<String>(),
            ),
            "has 1 rows; at least 8 are needed",
        ),
        (
            "t=1,x=2,trajectory=3",
            long.lines().map(|l| format!("{l},\n")).collect::<String>(),
            "there is no column 3",
        ),
        (
            "",
            with(
                "t,x,trial",
                &long
                    .lines()
                    .enumerate()
                    .map(|(i, l)| format!("{l},{}\n", if i == 4 { "" } else { "a" }))
                    .collect::<String>(),
            ),
            "line 6, column \"trial\": nothing is there",
        ),
    ]
    .into_iter()
    .map(|(map, text, says)| (map, text.into_bytes(), says))
    .chain([
        (
            "",
            b"PK\x03\x04 workbook".to_vec(),
            "zip archive, such as an Excel workbook",
        ),
        ("", b"\x1f\x8b\x08".to_vec(), "compressed by gzip"),
        ("", b"\x89HDF\r\n".to_vec(), "HDF5"),
        ("", b"\xff\xfet\0,\0x\0\n\0".to_vec(), "UTF-16"),
        (
            "",
            b"\x93NUMPY\x01\x00".to_vec(),
            "cannot be read as NumPy arrays",
        ),
        (
            "t=1,x=2",
            npy("<f8", "(5, 2)", 3),
            "ends before its last number",
        ),
        ("t=1,x=2", npy("<c16", "(1, 2)", 64), "numbers of type"),
        (
            "t=1,x=2",
            npy("<f8", "(2, 2, 2)", 8),
            "its shape is [2, 2, 2]",
        ),
        (
            "t=1,x=2",
            npy("<f8", "(9999999999, 9999999999)", 8),
            "its shape is too large",
        ),
        ("t=1,x=2", npy("<f8", "(1, 99999)", 8), "has 99999 columns"),
    ])
    .collect();
    let mappings = [
        ("theta", "\"theta\" stands before any ="),
        ("x=theta,x=phi", "\"x\" is said twice"),
        ("x=theta,velocty=v", "did you mean \"velocity\"?"),
        ("x=", "nothing is said for \"x\""),
        ("x=0", "numbered from 1"),
        ("x=4-2", "no span of columns"),
        ("t=1,2", "\"t\" is one column"),
        ("dt=-1", "must be one positive number"),
        ("dt=0.1,t=1", "drop one"),
        ("x=\"a,b", "a quote is not closed"),
    ];
    assert!(cases.len() + mappings.len() >= 40, "{}", cases.len());
    let folder = Folder::new();
    for (map, bytes, says) in cases {
        let path = folder.file("f.csv", &bytes);
        let found = match Measurements::read(&[&path], &options(map)) {
            Ok(_) => panic!(
                "{says}: nothing was said of {:?}",
                String::from_utf8_lossy(&bytes[..bytes.len().min(200)])
            ),
            Err(error) => {
                assert!(error.is_data() && !error.is_file(), "{error}");
                error.to_string()
            }
        };
        assert!(found.contains(says), "expected: {says}\nfound: {found}");
        assert!(
            found.contains("f.csv") || found.contains("at least"),
            "{found}"
        );
    }
    for (map, says) in mappings {
        let error = map.parse::<ColumnMap>().unwrap_err();
        assert!(
            error.is_request() && error.to_string().contains(says),
            "expected: {says}\nfound: {error}"
        );
    }
    let missing =
        TableFile::open(folder.0.path().join("none.csv"), &ReadOptions::default()).unwrap_err();
    assert!(missing.is_file() && missing.to_string().contains("cannot read"));
    assert!(
        TableFile::open(folder.0.path(), &ReadOptions::default())
            .unwrap_err()
            .is_file()
    );
}

#[test]
fn units_may_be_said_beside_the_file() {
    let folder = Folder::new();
    let rows = |line: &dyn Fn(f64) -> String| -> String {
        (0..50).map(|i| line(0.1 * f64::from(i)) + "\n").collect()
    };
    let read = |text: &str, columns: &str, units: &str| {
        let file = folder.file("f.csv", text);
        let options = MeasurementOptions {
            columns: columns.parse()?,
            units: units.parse()?,
            ..MeasurementOptions::default()
        };
        Measurements::read(&[file], &options)
    };
    // Without a header, by what --columns calls them and by number: the same.
    let plain = rows(&|t| format!("{t},{},{}", 30.0 * t.cos(), t.sin()));
    let by_role = read(&plain, "t=1,x=2-3", "t=s,x=deg").unwrap();
    let by_number = read(&plain, "t=1,x=2-3", "1=s,2-3=deg").unwrap();
    assert_eq!(by_role, by_number);
    assert_eq!(by_role.units().degrees, [0, 1]);
    assert_eq!(by_role.units().time.as_deref(), Some("s"));
    assert!((by_role.trajectories()[0].q()[0] - 30_f64.to_radians()).abs() < 1e-12);
    // By name, beside what a header says, and not against it.
    let named = rows(&|t| format!("{t};{}", 30.0 * t.cos()));
    let found = read(&("time (ms);h\n".to_string() + &named), "", "h=cm").unwrap();
    assert_eq!(found.units().positions, [Some("cm".to_string())]);
    assert_eq!(found.units().time.as_deref(), Some("ms"));
    let file = "time (ms);h (m)\n".to_string() + &named;
    assert_eq!(
        read(&file, "", "h=m").unwrap().units().positions,
        [Some("m".to_string())]
    );
    let error = read(&file, "", "h=cm").unwrap_err().to_string();
    assert!(
        error.contains("column h is in m, as the file says, and cm is said of it"),
        "{error}"
    );
    let angle = "time (ms);phi (°)\n".to_string() + &named;
    assert_eq!(read(&angle, "", "phi=deg").unwrap().units().degrees, [0]);
    for (units, says) in [
        ("s", "of \"s\" no unit is said"),
        ("1=", "one is missing beside \"1\""),
        ("=s", "one is missing beside \"s\""),
        ("1=s,1=ms", "the unit of \"1\" is said twice"),
        ("1=\"s", "a quote is not closed"),
    ] {
        let error = units.parse::<UnitMap>().unwrap_err();
        assert!(
            error.is_request() && error.to_string().contains(says),
            "{error}"
        );
    }
    for (units, says) in [
        ("9=s", "units: there is no column 9"),
        ("heigth=m", "units: "),
    ] {
        let error = read(&plain, "t=1,x=2", units).unwrap_err();
        assert!(
            error.is_data() && error.to_string().contains(says),
            "{error}"
        );
    }
}

#[test]
fn a_length_is_no_angle() {
    let folder = Folder::new();
    let rows: String = (0..50)
        .map(|i| format!("{},{i}\n", 0.1 * f64::from(i)))
        .collect();
    let file = folder.file("spring.csv", "t [s],x [cm]\n".to_string() + &rows);
    for options in [
        MeasurementOptions {
            angles: Some(vec![0]),
            ..MeasurementOptions::default()
        },
        MeasurementOptions {
            degrees: Degrees::Positions(vec![0]),
            ..MeasurementOptions::default()
        },
    ] {
        let error = Measurements::read(&[&file], &options).unwrap_err();
        assert!(error.is_request(), "{error}");
        assert!(
            error.to_string().contains("is in cm, which is a length"),
            "{error}"
        );
    }
}

/// A `.npy` file of this type and shape, and so many bytes times 8 of numbers.
fn npy(descr: &str, shape: &str, numbers: usize) -> Vec<u8> {
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend((text.len() as u16).to_le_bytes());
    out.extend(text.bytes());
    out.extend(vec![0; 8 * numbers]);
    out
}

#[test]
fn the_measured_double_pendulum_is_read() {
    let map = "trajectory=1,t=2,x=3-4,y=5,6,ydot=9-10";
    let settings = MeasurementOptions {
        angles: Some(vec![0, 1]),
        ..options(map)
    };
    let measured = Measurements::read(&[fixture("real_double_pendulum.txt")], &settings).unwrap();
    let [a, b] = measured.trajectories() else {
        panic!("two trials")
    };
    assert_eq!((a.len(), b.len(), measured.dof()), (20, 20, 2));
    assert_eq!(a.name(), "real_double_pendulum.txt, 0");
    assert_eq!(
        (a.q()[0], a.q()[1]),
        (-1.1336150169372559, -1.3008047342300415)
    );
    assert_eq!(a.velocity().unwrap()[1], -6.15505838394165);
    assert_eq!(a.acceleration().unwrap()[3], 8.930828094482422);
    // Accelerations from the angles alone are those that were published, about.
    let settings = MeasurementOptions {
        columns: "trajectory=1,t=2,x=3-4,y=none,ydot=none".parse().unwrap(),
        ..settings
    };
    let angles = Measurements::read(&[fixture("real_double_pendulum.txt")], &settings).unwrap();
    let estimates = angles.differentiate(&Differentiation::Auto).unwrap();
    let published = a.velocity().unwrap();
    for row in 3..17 {
        let found = estimates.trajectories()[0].velocity[2 * row];
        assert!(
            (found - published[2 * row]).abs() < 0.3,
            "{row}: {found} {}",
            published[2 * row]
        );
    }
}

#[test]
fn numpy_files_are_read() {
    let measured =
        Measurements::read(&[fixture("arrays.npz")], &MeasurementOptions::default()).unwrap();
    let one = &measured.trajectories()[0];
    assert_eq!((one.len(), one.dof(), one.forcings()), (50, 2, 1));
    assert!(
        (one.q()[2 * 30] - 3.0_f64.sin()).abs() < 1e-15
            && (one.q()[61] - 3.0_f64.cos()).abs() < 1e-15
    );
    assert!((one.forcing().unwrap()[7] - 0.7).abs() < 1e-7);
    let table = Measurements::read(&[fixture("table.npy")], &options("t=1,x=2")).unwrap();
    assert!((table.trajectories()[0].q()[30] - 3.0_f64.sin()).abs() < 1e-15);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_is_read() {
    use mass_systems::{Purpose, lookup, sample, stream};
    let pendulum = lookup("pendulum").unwrap();
    let data = sample(
        &*pendulum,
        200,
        &mut stream(0, Purpose::Evaluation, "parquet"),
    )
    .unwrap();
    let folder = Folder::new();
    let path = folder.0.path().join("states.parquet");
    data.write(&path).unwrap();
    let measured = Measurements::read(&[&path], &MeasurementOptions::default()).unwrap();
    let one = &measured.trajectories()[0];
    assert!(!one.is_timed());
    assert_eq!(
        (
            one.q(),
            one.velocity().unwrap(),
            one.acceleration().unwrap()
        ),
        (data.x(), data.y(), data.acceleration())
    );
    assert!(
        measured
            .notes()
            .iter()
            .any(|n| matches!(n, Note::Untimed { .. }))
    );
    // States are used as they are.
    let estimates = measured.differentiate(&Differentiation::Auto).unwrap();
    let split = measured
        .split(&SplitOptions {
            by: SplitBy::Blocks,
            gap: Some(0),
            ..SplitOptions::default()
        })
        .unwrap();
    let rows = estimates
        .rows(&measured, "states", &split.test, false)
        .unwrap();
    assert!(rows.weight.iter().all(|w| *w == 1.0));
    assert_eq!(
        rows.data.state(0).acceleration[0],
        data.acceleration()[rows.row[0]]
    );
}

#[test]
fn layouts_are_found_by_usual_names() {
    type Expected = (
        &'static [usize],
        &'static [usize],
        &'static [usize],
        &'static [usize],
    );
    let cases: [(&str, &str, Expected); 16] = [
        ("t,x,y,ydot", "", (&[1], &[2], &[3], &[])),
        ("t,x0,x1,y0,y1", "", (&[1, 2], &[3, 4], &[], &[])),
        ("X,Y,YDOT,T", "", (&[0], &[1], &[2], &[])),
        ("t,q,qdot,qddot,tau", "", (&[1], &[2], &[3], &[4])),
        ("t,x,y,vx,vy", "", (&[1, 2], &[3, 4], &[], &[])),
        ("t,x (m),y (m)", "", (&[1, 2], &[], &[], &[])),
        ("t,x (m),y (m/s),ydot", "", (&[1], &[2], &[3], &[])),
        ("t,x,y,z", "", (&[1, 2, 3], &[], &[], &[])),
        ("t,x,y", "y=none", (&[1, 2], &[], &[], &[])),
        ("t,x,y", "x=x,y", (&[1, 2], &[], &[], &[])),
        ("t,x,theta,thetadot,xdot", "", (&[1, 2], &[4, 3], &[], &[])),
        ("t,x,theta,omega,v", "", (&[1, 2], &[4, 3], &[], &[])),
        (
            "t,theta2,theta1,alpha1,alpha2,omega1,omega2",
            "",
            (&[2, 1], &[5, 6], &[3, 4], &[]),
        ),
        (
            "when,angle one,energy",
            "t=when,x=\"angle one\"",
            (&[1], &[], &[], &[]),
        ),
        ("t (ms),POS,u_1,u_2", "x=pos", (&[1], &[], &[], &[2, 3])),
        ("run,t (s),temp (K)", "", (&[2], &[], &[], &[])),
    ];
    for (names, map, (x, y, ydot, tau)) in cases {
        let columns: Vec<Column> = names.split(',').map(Column::of).collect();
        let layout = Layout::find("f".as_ref(), &columns, &map.parse().unwrap())
            .unwrap_or_else(|e| panic!("{names}: {e}"));
        let found = (
            layout.positions(),
            layout.velocities(),
            layout.accelerations(),
            layout.forcing(),
        );
        assert_eq!(found, (x, y, ydot, tau), "{names}");
    }
    let columns: Vec<Column> = ["t", "x", "y"].map(Column::of).into();
    let layout = Layout::find("f".as_ref(), &columns, &ColumnMap::default()).unwrap();
    assert!(layout.y_is_velocity() && layout.velocities() == [2]);
    let columns: Vec<Column> = ["x"].map(Column::of).into();
    let layout = Layout::find("f".as_ref(), &columns, &"dt=0.5".parse().unwrap()).unwrap();
    assert_eq!(layout.time(), Time::Step(0.5));
}

fn notes(text: &str, options: &MeasurementOptions) -> Vec<Note> {
    measured(text, options).unwrap().notes().to_vec()
}

fn table(head: &str, rows: usize, row: impl Fn(f64) -> String) -> String {
    let rows = (0..rows).map(|i| row(0.05 * i as f64) + "\n");
    format!("{head}\n{}", rows.collect::<String>())
}

#[test]
fn what_a_person_should_know_is_said() {
    use std::f64::consts::PI;
    let any = |found: &[Note], says: &str| {
        assert!(
            found.iter().any(|n| n.to_string().contains(says)),
            "{says}: {found:#?}"
        );
    };
    let auto = MeasurementOptions::default();
    // Degrees, labelled and not.
    let labelled = table("t,theta (deg)", 200, |t| format!("{t},{}", 40.0 * t.cos()));
    any(&notes(&labelled, &auto), "degrees, turned into radians");
    let plain = labelled.replace(" (deg)", "");
    let found = notes(&plain, &auto);
    assert!(
        found
            .iter()
            .any(|n| n.is_warning() && matches!(n, Note::LooksLikeDegrees { .. })),
        "{found:?}"
    );
    let said = MeasurementOptions {
        degrees: Degrees::Positions(vec![0]),
        ..auto.clone()
    };
    assert!(
        (measured(&plain, &said).unwrap().trajectories()[0].q()[0] - 40_f64.to_radians()).abs()
            < 1e-12
    );
    let kept = MeasurementOptions {
        degrees: Degrees::Keep,
        ..auto.clone()
    };
    assert_eq!(
        measured(&labelled, &kept).unwrap().trajectories()[0].q()[0],
        40.0
    );
    // An angle that runs, wrapped: continuous again, and no suspicion.
    let wrap = |a: f64| (a + PI).rem_euclid(2.0 * PI) - PI;
    let wrapped = table("t,theta", 400, |t| format!("{t},{}", wrap(5.0 * t)));
    let found = measured(&wrapped, &auto).unwrap();
    any(found.notes(), "jumps by a full turn 16 times");
    assert!((found.trajectories()[0].q()[399] - 5.0 * 0.05 * 399.0).abs() < 1e-9);
    any(
        &notes(&wrapped.replace("theta", "x"), &auto),
        "if it is one, say so: position 1 is an angle",
    );
    // A continuous angle with steps of more than half a turn stays as it is.
    let wide = table("t,theta", 200, |t| format!("{t},{}", 80.0 * t));
    let found = measured(&wide, &auto).unwrap();
    assert!((found.trajectories()[0].q()[199] - 80.0 * 0.05 * 199.0).abs() < 1e-9);
    // Gaps.
    let gap = table("t,x", 200, |t| {
        format!("{},{}", if t > 5.0 { t + 2.0 } else { t }, t.sin())
    });
    let found = measured(&gap, &auto).unwrap();
    any(found.notes(), "is divided at 1 gap");
    assert_eq!(
        found
            .trajectories()
            .iter()
            .map(Trajectory::group)
            .collect::<Vec<_>>(),
        [0, 0]
    );
    // A velocity in other units, or none at all.
    let rates = table("t,theta,omega", 200, |t| {
        format!("{t},{},{}", t.sin(), t.cos().to_degrees())
    });
    any(
        &notes(&rates, &auto),
        "the velocity is in degrees and the position in radians",
    );
    let rates = table("t,x,v", 200, |t| format!("{t},{},{}", t.sin(), t.cos()));
    assert!(!notes(&rates, &auto).iter().any(Note::is_warning));
    any(
        &notes(&rates.replace(",x,v", ",v,x"), &auto),
        "is not the rate of",
    );
    // Radians that are said to be degrees.
    let said = MeasurementOptions {
        degrees: Degrees::Positions(vec![0]),
        ..MeasurementOptions::default()
    };
    any(
        &notes(
            &table("t,theta", 200, |t| format!("{t},{}", t.sin())),
            &said,
        ),
        "goes to 1.000 only: less than four degrees",
    );
    // An acceleration that is the velocity once more, and one that is right.
    let doubled = table("t,x,v,a", 200, |t| {
        format!("{t},{},{},{}", t.sin(), t.cos(), t.cos())
    });
    any(&notes(&doubled, &auto), "it is the velocity once more");
    let right = table("t,x,v,a", 200, |t| {
        format!("{t},{},{},{}", t.sin(), t.cos(), -t.sin())
    });
    assert!(!notes(&right, &auto).iter().any(Note::is_warning));
    // Nothing moves; few rows; y.
    any(
        &notes(&table("t,x", 200, |t| format!("{t},7")), &auto),
        "is 7 in every row",
    );
    any(
        &notes(&table("t,x", 20, |t| format!("{t},{}", t.sin())), &auto),
        "there are only 20 rows",
    );
    any(
        &notes(
            &table("t,x,y", 200, |t| format!("{t},{},{}", t.sin(), t.cos())),
            &auto,
        ),
        "taken for the velocity of x",
    );
    // Restarts, missing rows.
    let twice = format!("{}{}", rates, rates.split_once('\n').unwrap().1);
    assert!(
        measured(&twice, &auto)
            .unwrap_err()
            .to_string()
            .contains("ask for restarts")
    );
    let restarts = MeasurementOptions {
        restarts: true,
        ..auto.clone()
    };
    let found = measured(&twice, &restarts).unwrap();
    assert_eq!(found.trajectories().len(), 2);
    any(found.notes(), "time goes back 1 times");
    // Free fall.
    let fall = measured(
        &table("t,x", 200, |t| format!("{t},{}", 10.0 - 4.905 * t * t)),
        &auto,
    )
    .unwrap();
    any(
        fall.differentiate(&Differentiation::Auto).unwrap().notes(),
        "any law that is constant explains it",
    );
}

#[test]
fn gross_errors_are_left_out_with_their_lines_or_kept() {
    let swing = |t: f64| 0.3 * (5.0 * t).cos();
    let mut lines = vec!["trial,t,x,v".to_string()];
    for trial in ["a", "b"] {
        for row in 0..200 {
            let t = 0.02 * f64::from(row);
            lines.push(format!(
                "{trial},{t:.2},{:.6},{:.6}",
                swing(t),
                -1.5 * (5.0 * t).sin()
            ));
        }
    }
    lines[51] = "a,1.00,5.0,0.1".into();
    lines[300] = "b,1.98,-0.266801,77".into();
    let text = lines.join("\n");
    let found = measured(&text, &options("")).unwrap();
    let rows: Vec<usize> = found.trajectories().iter().map(Trajectory::len).collect();
    assert_eq!(rows, [199, 199]);
    assert!(!found.trajectories()[0].t().contains(&1.0));
    let told: Vec<String> = found
        .notes()
        .iter()
        .filter(|n| matches!(n, Note::Outliers { .. }))
        .map(|n| {
            assert!(n.is_warning());
            n.to_string()
        })
        .collect();
    let [position, velocity] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert!(
        position.starts_with(
            "1 row is far from the neighbours in \"x\", and left out as gross errors: f.csv, a, line 52 (t = 1): 5.0000 where its neighbours say 0.0851"
        ),
        "{position}"
    );
    assert!(velocity.contains("the velocity of \"x\""), "{velocity}");
    assert!(velocity.contains("line 301"), "{velocity}");
    let keep = MeasurementOptions {
        outliers: Outliers::Keep,
        ..options("")
    };
    let kept = measured(&text, &keep).unwrap();
    assert_eq!(kept.rows(), 400);
    let warned = kept.notes().iter().any(|n| {
        matches!(
            n,
            Note::Outliers {
                left_out: false,
                count: 1,
                ..
            }
        )
    });
    assert!(warned);
}

#[test]
fn trajectories_by_a_column_of_words_or_by_files() {
    let folder = Folder::new();
    // Rows of two runs that alternate.
    let rows = (0..40).map(|i| format!("{};{};{}\n", ["up", "down"][i % 2], i / 2, i * i));
    let path = folder.file("runs.csv", format!("run;t;x\n{}", rows.collect::<String>()));
    let one = Measurements::read(&[&path], &MeasurementOptions::default()).unwrap();
    let names: Vec<&str> = one.trajectories().iter().map(Trajectory::name).collect();
    assert_eq!(names, ["runs.csv, up", "runs.csv, down"]);
    assert_eq!(one.trajectories()[1].q()[..3], [1.0, 9.0, 25.0]);
    // A file a trajectory, without times.
    let value = |i: usize| format!("{}\n", (0.1 * i as f64).sin());
    let a = folder.file(
        "a.csv",
        format!("x\n{}", (0..30).map(value).collect::<String>()),
    );
    let b = folder.file(
        "b.csv",
        format!("x\n{}", (0..50).map(value).collect::<String>()),
    );
    let two = Measurements::read(&[&a, &b], &options("dt=0.1")).unwrap();
    let groups: Vec<(usize, usize)> = two
        .trajectories()
        .iter()
        .map(|t| (t.group(), t.len()))
        .collect();
    assert_eq!(groups, [(0, 30), (1, 50)]);
    assert_eq!(two.trajectories()[1].t()[10], 1.0);
    // Not of one kind.
    let refused = |paths: &[&PathBuf], map: &str| {
        Measurements::read(paths, &options(map))
            .unwrap_err()
            .to_string()
    };
    let c = folder.file("c.csv", format!("x0,x1\n{}", "1,2\n".repeat(20)));
    assert!(refused(&[&a, &c], "dt=0.1").contains("has 2 positions and the files before it 1"));
    let d = folder.file("d.csv", format!("x,tau\n{}", "1,2\n".repeat(20)));
    assert!(refused(&[&a, &d], "dt=0.1").contains("do not have the same columns"));
    assert!(refused(&[], "dt=0.1").contains("there are no trajectories"));
    let angle = MeasurementOptions {
        angles: Some(vec![1]),
        ..options("dt=0.1")
    };
    let said = Measurements::read(&[&a], &angle).unwrap_err();
    assert!(
        said.is_request()
            && said
                .to_string()
                .contains("position 2 is said to be an angle; there are 1")
    );
    for (t, q, says) in [
        (
            vec![0.0, 1.0],
            vec![1.0],
            "they must be 2, 1 in each of 2 rows",
        ),
        (
            vec![0.0, 0.0],
            vec![1.0, 1.0],
            "do not increase after row 0",
        ),
        (vec![], vec![], "at least one of each"),
        (vec![0.0, 1.0], vec![1.0, f64::NAN], "not finite in row 1"),
        (
            vec![0.0, f64::INFINITY],
            vec![1.0, 1.0],
            "a time of trajectory one is not finite",
        ),
    ] {
        let found = Trajectory::new("one", 1, t, q).unwrap_err().to_string();
        assert!(found.contains(says), "{found}");
    }
}

#[test]
fn splits_never_divide_a_trajectory_at_random() {
    let trajectory = |n: usize| {
        let t: Vec<f64> = (0..n).map(|i| 0.05 * i as f64).collect();
        Trajectory::new(
            format!("of {n}"),
            1,
            t.clone(),
            t.iter().map(|t| t.sin()).collect(),
        )
        .unwrap()
    };
    let five =
        Measurements::new([100, 150, 200, 120, 90].map(trajectory).into(), &[], 10.0).unwrap();
    for seed in 0..20 {
        let split = five
            .split(&SplitOptions {
                seed,
                ..SplitOptions::default()
            })
            .unwrap();
        assert_eq!(split.by, SplitBy::Trajectories);
        let mut seen: Vec<usize> = split
            .train
            .iter()
            .chain(&split.test)
            .map(|p| p.trajectory)
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3, 4]);
        assert!(!split.test.is_empty() && split.test.len() < 5);
    }
    let one = Measurements::new(vec![trajectory(1000)], &[], 10.0).unwrap();
    for seed in 0..20 {
        let split = one
            .split(&SplitOptions {
                seed,
                ..SplitOptions::default()
            })
            .unwrap();
        let test: usize = split.test.iter().map(|p| p.rows.len()).sum();
        assert_eq!((split.by, test), (SplitBy::Blocks, 200));
        for train in &split.train {
            for test in &split.test {
                let apart = train.rows.start.max(test.rows.start) as i64
                    - train.rows.end.min(test.rows.end) as i64;
                assert!(apart >= 10, "{train:?} {test:?}");
            }
        }
    }
    assert!(
        one.split(&SplitOptions {
            by: SplitBy::Trajectories,
            ..SplitOptions::default()
        })
        .is_err()
    );
    assert!(
        one.split(&SplitOptions {
            fraction: 1.0,
            ..SplitOptions::default()
        })
        .is_err()
    );
    assert!(
        one.split(&SplitOptions {
            gap: Some(5000),
            ..SplitOptions::default()
        })
        .is_err()
    );
    let estimates = one.differentiate(&Differentiation::Auto).unwrap();
    let split = one.split(&SplitOptions::default()).unwrap();
    let rows = estimates.rows(&one, "sine", &split.train, false).unwrap();
    for (state, t) in rows.data.iter().zip(&rows.t) {
        assert!(
            (state.acceleration[0] + t.sin()).abs() < 1e-3 && (state.y[0] - t.cos()).abs() < 1e-3
        );
    }
}

/// A table in some dialect.
fn written(
    rows: &[Vec<f64>],
    delimiter: &str,
    comma: bool,
    end: &str,
    head: bool,
    bom: bool,
) -> String {
    let number = |v: &f64| {
        let text = format!("{v:?}");
        if comma { text.replace('.', ",") } else { text }
    };
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| row.iter().map(number).collect::<Vec<_>>().join(delimiter))
        .collect();
    if head {
        let names: Vec<String> = (0..rows[0].len()).map(|k| format!("c{k} (m)")).collect();
        lines.insert(0, names.join(delimiter));
    }
    let bom = if bom { "\u{feff}" } else { "" };
    format!("{bom}# a comment{end}{}{end}", lines.join(end))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: std::env::var("PROPTEST_CASES").map_or(300, |cases| cases.parse().unwrap()), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the dialect, the same numbers to the bit come back, of any columns in any order.
    #[test]
    fn every_dialect_reads_back(
        rows in (2_usize..6).prop_flat_map(|d| prop::collection::vec(prop::collection::vec(-1e6_f64..1e6, d), 2..12)),
        dialect in 0_usize..7, end in 0_usize..3, head: bool, bom: bool, rotate in 0_usize..6,
    ) {
        let (delimiter, comma) = [(",", false), (";", false), (";", true), ("\t", false), ("\t", true), ("  ", false), (" ", true)][dialect];
        let text = written(&rows, delimiter, comma, ["\n", "\r\n", "\r"][end], head, bom);
        let folder = Folder::new();
        let file = TableFile::open(folder.file("f.txt", &text), &ReadOptions::default()).unwrap();
        let d = rows[0].len();
        prop_assert_eq!(file.columns().len(), d, "{}", text);
        let wanted: Vec<usize> = (0..d).map(|k| (k + rotate) % d).collect();
        let table = file.read(&wanted).unwrap();
        for (column, k) in table.columns().iter().zip(wanted) {
            let expected: Vec<f64> = rows.iter().map(|row| row[k]).collect();
            prop_assert_eq!(column, &expected);
        }
    }

    /// Shuffled columns make no difference.
    #[test]
    fn columns_may_stand_in_any_order(order in Just(["t", "theta_1", "theta_2", "omega_1", "omega_2", "tau"]).prop_shuffle()) {
        let value = |name: &str, i: usize| (name.len() + usize::from(name.ends_with('2'))) as f64 + i as f64;
        let rows = (0..12).map(|i| order.map(|name| value(name, i).to_string()).join(","));
        let text = format!("{}\n{}", order.join(","), rows.collect::<Vec<_>>().join("\n"));
        let one = measured(&text, &MeasurementOptions::default()).unwrap();
        let one = &one.trajectories()[0];
        prop_assert_eq!(&one.q()[..4], &[7.0, 8.0, 8.0, 9.0]);
        prop_assert_eq!(&one.velocity().unwrap()[..2], &[7.0, 8.0]);
        prop_assert_eq!((one.t()[0], one.forcing().unwrap()[0]), (1.0, 3.0));
    }

    /// No bytes make a reader panic.
    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), kind in 0_usize..5) {
        let begin: &[u8] = [&b""[..], b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"PAR1", b"t,x\n"][kind];
        let folder = Folder::new();
        let path = folder.file("f.npz", [begin, &bytes].concat());
        let _ = Measurements::read(&[path], &options("t=1,x=2"));
    }

    /// Nor do letters that tables are made of.
    #[test]
    fn almost_tables_do_not_panic(text in "[0-9tx.,; \t\"#%eE+\\-\n\rNA()]{0,200}", drop: bool, map in "[xtydq0-9=,\"\\- ]{0,20}") {
        let folder = Folder::new();
        let path = folder.file("f.csv", &text);
        let missing = if drop { Missing::DropRow } else { Missing::Refuse };
        let read = ReadOptions { missing, ..ReadOptions::default() };
        for columns in [map.parse(), "t=1,x=2".parse()].into_iter().flatten() {
            if let Ok(found) = Measurements::read(&[&path], &MeasurementOptions { read, columns, ..MeasurementOptions::default() }) {
                let _ = found.differentiate(&Differentiation::Auto);
            }
        }
    }
}

#[test]
fn the_one_column_beside_the_times_is_the_position() {
    let layout = |labels: &[&str], map: &str| {
        let columns: Vec<Column> = labels.iter().map(|label| Column::of(label)).collect();
        let map = match map {
            "" => ColumnMap::default(),
            map => map.parse().unwrap(),
        };
        Layout::find("lab.csv".as_ref(), &columns, &map)
    };
    let found = layout(&["t/s", "Auslenkung (°)"], "").unwrap();
    assert_eq!((found.positions(), found.angles()), (&[1][..], &[0][..]));
    assert_eq!(layout(&["Ort"], "dt=0.1").unwrap().positions(), [0]);
    // Of several it is not known, and of what is called otherwise neither.
    let said = layout(&["Zeit", "Auslenkung", "Kraft"], "")
        .unwrap_err()
        .to_string();
    assert!(said.contains("such as t=Zeit,x=Auslenkung"), "{said}");
    let said = layout(&["t", "cart A", "cart B"], "")
        .unwrap_err()
        .to_string();
    assert!(said.contains("such as t=t,x=\"cart A\""), "{said}");
    assert!(layout(&["t", "torque"], "").is_err());
    // Times are known by their unit as well, and a column with a unit is rather a position than one without.
    let said = layout(&["Lauf", "Dauer in s", "Hoehe in cm"], "")
        .unwrap_err()
        .to_string();
    assert!(said.contains("such as t=Dauer,x=Hoehe"), "{said}");
}
