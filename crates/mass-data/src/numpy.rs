//! Files of arrays: NumPy's `.npy` and `.npz`.

use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read},
    path::Path,
};

use npyz::{DType, NpyFile, Order};
use zip::ZipArchive;

use crate::{
    column::Column,
    error::Error,
    names,
    read_options::Missing,
    table::{Labels, Table},
};

/// What was found in the headers.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    columns: Vec<Column>,
    arrays: Vec<Array>,
}

/// An array, of rows and columns.
#[derive(Clone, Debug)]
struct Array {
    /// Its name in the archive; none of a file of one array.
    name: Option<String>,
    rows: u64,
    columns: u64,
    /// The number of its first column among those of the file.
    first: usize,
}

impl Head {
    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }
}

/// What follows an array's name in an archive.
const EXTENSION: &str = ".npy";

/// More columns than that are no table.
const MOST_COLUMNS: u64 = 10_000;

fn bad(path: &Path, problem: impl std::fmt::Display) -> Error {
    Error::BadFormat {
        path: path.into(),
        problem: format!("this cannot be read as NumPy arrays: {problem}"),
    }
}

fn open(path: &Path) -> Result<BufReader<File>, Error> {
    let file = File::open(path).map_err(|cause| Error::File {
        path: path.into(),
        cause,
    })?;
    Ok(BufReader::with_capacity(1 << 16, file))
}

/// An array whose header has been read: at most a megabyte of it, of at most 10^18 numbers, so that no
/// header makes the reader ask for more memory or count beyond 64 bits.
fn begin<R: Read>(mut reader: R) -> io::Result<NpyFile<io::Chain<Cursor<Vec<u8>>, R>>> {
    let refuse = |problem: &str| io::Error::new(io::ErrorKind::InvalidData, problem.to_string());
    let mut header = vec![0; 10];
    reader.read_exact(&mut header)?;
    let mut length = usize::from(u16::from_le_bytes([header[8], header[9]]));
    if header[6] > 1 {
        let mut more = [0; 2];
        reader.read_exact(&mut more)?;
        length += usize::from(u16::from_le_bytes(more)) << 16;
        header.extend(more);
    }
    if length > 1 << 20 {
        return Err(refuse("the header is longer than a megabyte"));
    }
    let begin = header.len();
    header.resize(begin + length, 0);
    reader.read_exact(&mut header[begin..])?;
    let text = String::from_utf8_lossy(&header[begin..]).into_owned();
    // The shape's digits; everything behind it counts, which only refuses more.
    if let Some(at) = text.find("shape") {
        let shape = text[at..].split(')').next().unwrap_or_default();
        if shape.bytes().filter(u8::is_ascii_digit).count() > 18 {
            return Err(refuse("its shape is too large"));
        }
    }
    if text
        .bytes()
        .filter(|b| matches!(b, b'(' | b'[' | b'{'))
        .count()
        > 1000
    {
        return Err(refuse("its header is nested too deeply"));
    }
    NpyFile::new(Cursor::new(header).chain(reader))
}

/// Rows and columns of an array.
fn extent(shape: &[u64], dtype: &DType) -> Result<(u64, u64), String> {
    if !matches!(dtype, DType::Plain(_)) {
        return Err(format!(
            "it is structured ({}); save each field as an array of its own by numpy.savez",
            dtype.descr()
        ));
    }
    match *shape {
        [rows] => Ok((rows, 1)),
        [rows, columns] if columns <= MOST_COLUMNS => Ok((rows, columns)),
        [_, columns] => Err(format!(
            "it has {columns} columns, more than {MOST_COLUMNS}; rows are times and columns quantities"
        )),
        _ => Err(format!(
            "its shape is {shape:?}; it must be [rows] or [rows, columns], with a column that says the trajectory"
        )),
    }
}

/// Looks at the header of a `.npy` file.
pub(crate) fn npy_head(path: &Path) -> Result<Head, Error> {
    let npy = begin(open(path)?).map_err(|e| bad(path, e))?;
    let (rows, columns) = extent(npy.shape(), &npy.dtype()).map_err(|e| bad(path, e))?;
    let array = Array {
        name: None,
        rows,
        columns,
        first: 0,
    };
    Ok(Head {
        columns: vec![Column::default(); columns as usize],
        arrays: vec![array],
    })
}

/// Looks at the headers of the arrays of a `.npz` archive: one of `[N, d]` gives the columns `q0`, `q1`, ..
pub(crate) fn npz_head(path: &Path) -> Result<Head, Error> {
    let mut archive = ZipArchive::new(open(path)?).map_err(|e| bad(path, e))?;
    let names = archive.file_names().collect::<Result<Vec<_>, _>>();
    let names = names.map_err(|e| bad(path, e))?;
    let arrays = names.iter().filter_map(|name| name.strip_suffix(EXTENSION));
    let mut arrays: Vec<String> = arrays.map(String::from).collect();
    drop(names);
    arrays.sort();
    arrays.dedup();
    let mut head = Head {
        columns: Vec::new(),
        arrays: Vec::new(),
    };
    let mut problems = Vec::new();
    for name in arrays {
        let file = archive
            .by_name(&format!("{name}{EXTENSION}"))
            .map_err(|e| bad(path, e))?;
        let npy = begin(file).map_err(|e| bad(path, format!("array {name}: {e}")))?;
        let (rows, columns) = match extent(npy.shape(), &npy.dtype()) {
            Ok(extent) => extent,
            // Of an array that nobody asks for nothing need be said.
            Err(problem) if names::known(&name).is_some() => {
                return Err(bad(path, format!("array {name}: {problem}")));
            }
            Err(problem) => {
                problems.push(format!("array {name}: {problem}"));
                continue;
            }
        };
        let first = head.columns.len();
        let numbered = npy.shape().len() == 2 && columns > 1;
        head.columns
            .extend((0..columns).map(|column| match numbered {
                true => Column::of(&format!("{name}{column}")),
                false => Column::of(&name),
            }));
        head.arrays.push(Array {
            name: Some(name),
            rows,
            columns,
            first,
        });
    }
    match (head.arrays.is_empty(), problems.into_iter().next()) {
        (true, Some(problem)) => Err(bad(path, problem)),
        (true, None) => Err(bad(path, "the archive holds no arrays")),
        (false, _) => Ok(head),
    }
}

/// Reads the wanted columns, and one of labels.
pub(crate) fn rows(
    path: &Path,
    head: &Head,
    wanted: &[usize],
    label: Option<usize>,
    missing: Missing,
) -> Result<Table, Error> {
    let places: Vec<usize> = wanted.iter().copied().chain(label).collect();
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); places.len()];
    let mut archive = match head.arrays.iter().any(|array| array.name.is_some()) {
        true => Some(ZipArchive::new(open(path)?).map_err(|e| bad(path, e))?),
        false => None,
    };
    let mut length: Option<(u64, &str)> = None;
    for array in &head.arrays {
        let end = array.first + array.columns as usize;
        // Which of its columns go where.
        let targets: Vec<(usize, usize)> = places
            .iter()
            .enumerate()
            .filter(|(_, place)| (array.first..end).contains(place))
            .map(|(target, place)| (place - array.first, target))
            .collect();
        if targets.is_empty() {
            continue;
        }
        let name = array.name.as_deref().unwrap_or_default();
        match length {
            Some((rows, other)) if rows != array.rows => {
                return Err(bad(
                    path,
                    format!(
                        "{other} has {rows} rows and {name} has {}; all that is used must have as many",
                        array.rows
                    ),
                ));
            }
            _ => length = Some((array.rows, name)),
        }
        match &mut archive {
            Some(archive) => {
                let file = archive
                    .by_name(&format!("{name}{EXTENSION}"))
                    .map_err(|e| bad(path, e))?;
                let npy =
                    begin(BufReader::with_capacity(1 << 16, file)).map_err(|e| bad(path, e))?;
                read(path, npy, array, &targets, &mut columns)?;
            }
            None => {
                let npy = begin(open(path)?).map_err(|e| bad(path, e))?;
                read(path, npy, array, &targets, &mut columns)?;
            }
        }
    }
    let shown: Vec<String> = wanted.iter().map(|&i| head.columns[i].shown(i)).collect();
    let labels = label.and_then(|_| columns.pop()).map(|values| {
        let mut labels = Labels::default();
        values
            .iter()
            .for_each(|value| labels.push(&value.to_string()));
        labels
    });
    if length.is_none_or(|(rows, _)| rows == 0) {
        return Err(Error::NoRows { path: path.into() });
    }
    Table::of_columns(path, columns, labels, &shown, missing)
}

/// Numbers of an array that go into columns.
fn read<R: Read>(
    path: &Path,
    npy: NpyFile<R>,
    array: &Array,
    targets: &[(usize, usize)],
    columns: &mut [Vec<f64>],
) -> Result<(), Error> {
    let mut of_column: Vec<Vec<usize>> = vec![Vec::new(); array.columns as usize];
    for (column, target) in targets {
        of_column[*column].push(*target);
    }
    let by_row = npy.order() == Order::C;
    let (rows, across) = (array.rows.max(1), array.columns.max(1));
    let mut at = 0;
    let mut put = |value: io::Result<f64>| {
        let value = value.map_err(|_| bad(path, "the file ends before its last number"))?;
        let column = if by_row { at % across } else { at / rows };
        for target in &of_column[column as usize] {
            columns[*target].push(value);
        }
        at += 1;
        Ok(())
    };
    macro_rules! try_types {
        ($npy:expr, $($type:ty => $of:expr),+) => {{
            let npy = $npy;
            $(let npy = match npy.try_data::<$type>() {
                Ok(mut values) => return values.try_for_each(|value| put(value.map($of))),
                Err(npy) => npy,
            };)+
            Err(bad(path, format!("numbers of type {}; save them as float64", npy.dtype().descr())))
        }};
    }
    try_types!(npy,
        f64 => |v| v, f32 => f64::from,
        i64 => |v| v as f64, i32 => f64::from, i16 => f64::from, i8 => f64::from,
        u64 => |v| v as f64, u32 => f64::from, u16 => f64::from, u8 => f64::from,
        bool => |v| f64::from(u8::from(v)))
}
