//! Files of text: CSV in any dialect, or numbers between blanks.

use std::{io::BufRead, path::Path};

use csv::ReaderBuilder;

use crate::{
    column::Column,
    error::Error,
    number::{Cell, cell, clock},
    read_options::{Delimiter, Missing, ReadOptions},
    table::{DROP, FINITE, Places, Table},
};

/// How much of a file is looked at to find its dialect.
const SAMPLE_LINES: usize = 500;
const SAMPLE_BYTES: usize = 1 << 18;
/// A longer line is no row of numbers.
const LONGEST_LINE: usize = 1 << 20;

/// How cells are separated and numbers written.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Dialect {
    delimiter: Delimiter,
    decimal_comma: bool,
}

/// What was found by looking at the beginning of a file.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    dialect: Dialect,
    columns: Vec<Column>,
    /// The line of the first row, counted from 1.
    first: u64,
}

impl Head {
    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }
}

/// The lines of a text: ended by line feed, carriage return or both.
struct Lines<'a, R> {
    path: &'a Path,
    reader: R,
    line: u64,
    text: Vec<u8>,
}

impl<'a, R: BufRead> Lines<'a, R> {
    fn new(path: &'a Path, reader: R) -> Self {
        Self {
            path,
            reader,
            line: 0,
            text: Vec::new(),
        }
    }

    /// The next line in `text`, its number in `line`; false at the end.
    fn advance(&mut self) -> Result<bool, Error> {
        self.text.clear();
        let mut any = false;
        let ended = loop {
            let chunk = self.reader.fill_buf().map_err(|cause| Error::File {
                path: self.path.into(),
                cause,
            })?;
            if chunk.is_empty() {
                break None;
            }
            any = true;
            let end = chunk.iter().position(|b| matches!(b, b'\n' | b'\r'));
            self.text
                .extend_from_slice(&chunk[..end.unwrap_or(chunk.len())]);
            let (used, ended) = match end {
                Some(end) => (end + 1, Some(chunk[end])),
                None => (chunk.len(), None),
            };
            self.reader.consume(used);
            if self.text.len() > LONGEST_LINE {
                return Err(self.bad("is longer than a megabyte; is this a table in text?"));
            }
            if ended.is_some() {
                break ended;
            }
        };
        if ended == Some(b'\r') {
            let chunk = self.reader.fill_buf().map_err(|cause| Error::File {
                path: self.path.into(),
                cause,
            })?;
            if chunk.first() == Some(&b'\n') {
                self.reader.consume(1);
            }
        }
        if !any {
            return Ok(false);
        }
        self.line += 1;
        if self.line == 1 {
            if self.text.starts_with(&[0xff, 0xfe]) || self.text.starts_with(&[0xfe, 0xff]) {
                self.line = 0;
                return Err(self.bad("is text in UTF-16; save the file as UTF-8"));
            }
            if self.text.starts_with(&[0xef, 0xbb, 0xbf]) {
                self.text.drain(..3);
            }
        }
        if self.text.contains(&0) {
            self.line -= 1;
            return Err(self.bad("is no text (it holds a zero byte); is this a CSV file?"));
        }
        Ok(true)
    }

    fn bad(&self, problem: &str) -> Error {
        Error::BadFormat {
            path: self.path.into(),
            problem: format!("line {} {problem}", self.line + 1),
        }
    }

    /// The line without blanks around it.
    fn trimmed(&self) -> &[u8] {
        self.text.trim_ascii()
    }
}

fn is_comment(line: &[u8]) -> bool {
    matches!(line.first(), Some(b'#' | b'%'))
}

/// Whether a line has no cells, or empty ones alone, as spreadsheets write below a table.
fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|b| matches!(b, b',' | b';' | b'\t' | b' '))
}

/// The cells of a line, as ranges of its text or, where cells are quoted, of a text of their own.
#[derive(Default)]
struct Cells {
    ranges: Vec<(usize, usize)>,
    unquoted: Option<Vec<u8>>,
}

impl Cells {
    fn len(&self) -> usize {
        self.ranges.len()
    }

    fn get<'a>(&'a self, line: &'a [u8], index: usize) -> &'a [u8] {
        let (start, end) = self.ranges[index];
        match &self.unquoted {
            Some(text) => &text[start..end],
            None => &line[start..end],
        }
    }

    fn iter<'a>(&'a self, line: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        (0..self.len()).map(move |index| self.get(line, index).trim_ascii())
    }

    /// Divides a line; false if a quote is opened and not closed.
    fn split(&mut self, line: &[u8], delimiter: Delimiter) -> bool {
        self.ranges.clear();
        self.unquoted = None;
        if line.contains(&b'"') {
            return self.split_quoted(line, delimiter);
        }
        let byte = match delimiter {
            Delimiter::Blanks => {
                let mut start = None;
                for (at, byte) in line.iter().enumerate() {
                    match (byte.is_ascii_whitespace(), start) {
                        (false, None) => start = Some(at),
                        (true, Some(from)) => {
                            self.ranges.push((from, at));
                            start = None;
                        }
                        _ => {}
                    }
                }
                self.ranges.extend(start.map(|from| (from, line.len())));
                return true;
            }
            other => byte(other),
        };
        let mut start = 0;
        for (at, found) in line.iter().enumerate() {
            if *found == byte {
                self.ranges.push((start, at));
                start = at + 1;
            }
        }
        self.ranges.push((start, line.len()));
        true
    }

    fn split_quoted(&mut self, line: &[u8], delimiter: Delimiter) -> bool {
        if !line
            .iter()
            .filter(|b| **b == b'"')
            .count()
            .is_multiple_of(2)
        {
            return false;
        }
        let blanks = delimiter == Delimiter::Blanks;
        let line = match blanks {
            true => line
                .iter()
                .map(|b| if b.is_ascii_whitespace() { b' ' } else { *b })
                .collect(),
            // A quote opens a cell only where it is the cell's first letter.
            false => trimmed_quotes(line, byte(delimiter)),
        };
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .delimiter(byte(delimiter))
            .flexible(true)
            .buffer_capacity(line.len().max(16))
            .from_reader(line.as_slice());
        let mut record = csv::ByteRecord::new();
        let mut text = Vec::with_capacity(line.len());
        if !reader.read_byte_record(&mut record).unwrap_or(false) {
            return false;
        }
        for found in &record {
            if blanks && found.is_empty() {
                continue;
            }
            let start = text.len();
            text.extend_from_slice(found);
            self.ranges.push((start, text.len()));
        }
        self.unquoted = Some(text);
        true
    }
}

/// The line without blanks before a quote that opens a cell.
fn trimmed_quotes(line: &[u8], delimiter: u8) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(line.len());
    for byte in line {
        if *byte == b'"' {
            let kept = out.trim_ascii_end().len();
            if kept == 0 || (out[kept - 1] == delimiter && delimiter != b'\t') {
                out.truncate(kept);
            }
        }
        out.push(*byte);
    }
    out
}

fn byte(delimiter: Delimiter) -> u8 {
    match delimiter {
        Delimiter::Comma => b',',
        Delimiter::Semicolon => b';',
        Delimiter::Tab => b'\t',
        Delimiter::Blanks => b' ',
    }
}

/// UTF-8, or what is none as Latin-1: names of columns from old spreadsheets.
fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim().into(),
        Err(_) => {
            let text: String = bytes.iter().map(|b| char::from(*b)).collect();
            text.trim().into()
        }
    }
}

/// The names in a line; between blanks, a unit in brackets belongs to the name before it.
fn names(line: &[u8], delimiter: Delimiter) -> Option<Vec<String>> {
    let mut cells = Cells::default();
    if !cells.split(line, delimiter) {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    for found in cells.iter(line) {
        let name = decode(found);
        match names.last_mut() {
            Some(last) if delimiter == Delimiter::Blanks && name.starts_with(['(', '[']) => {
                *last = format!("{last} {name}");
            }
            _ => names.push(name),
        }
    }
    Some(names)
}

/// How well a dialect fits the lines: the share of cells that are numbers times that of lines with the usual
/// number of cells; and that number.
fn fit(lines: &[(u64, Vec<u8>)], dialect: Dialect) -> (f64, usize) {
    let mut cells = Cells::default();
    let (mut all, mut numbers) = (0_usize, 0_usize);
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    // The first line may name the columns.
    for (_, line) in &lines[usize::from(lines.len() > 1)..] {
        if !cells.split(line, dialect.delimiter) {
            continue;
        }
        *counts.entry(cells.len()).or_default() += 1;
        all += cells.len();
        let found = cells.iter(line).map(|c| cell(c, dialect.decimal_comma));
        let found: Vec<Cell> = found.collect();
        if found.iter().any(|c| matches!(c, Cell::Number(_))) {
            numbers += found.iter().filter(|c| **c != Cell::Text).count();
        }
    }
    let lines: usize = counts.values().sum();
    let usual = counts.iter().max_by_key(|(_, count)| **count);
    match usual {
        Some((usual, count)) if all > 0 => {
            let share = numbers as f64 / all as f64 * *count as f64 / lines as f64;
            (share, *usual)
        }
        _ => (0.0, 0),
    }
}

/// The dialect that fits best, of those that the options allow.
fn find_dialect(lines: &[(u64, Vec<u8>)], options: &ReadOptions) -> Dialect {
    let candidates = [
        (Delimiter::Comma, false),
        (Delimiter::Semicolon, false),
        (Delimiter::Tab, false),
        (Delimiter::Blanks, false),
        (Delimiter::Semicolon, true),
        (Delimiter::Tab, true),
        (Delimiter::Blanks, true),
        (Delimiter::Comma, true), // Only quoted numbers can be meant.
    ];
    let allowed = candidates.into_iter().filter(|(delimiter, comma)| {
        options.delimiter.is_none_or(|wanted| wanted == *delimiter)
            && options.decimal_comma.is_none_or(|wanted| wanted == *comma)
    });
    let mut best: Option<(f64, usize, Dialect)> = None;
    for (delimiter, decimal_comma) in allowed {
        let dialect = Dialect {
            delimiter,
            decimal_comma,
        };
        let (share, columns) = fit(lines, dialect);
        let better = best.is_none_or(|(most, usual, _)| {
            share > most + 1e-9 || (share > most - 1e-9 && columns > usual)
        });
        if better {
            best = Some((share, columns, dialect));
        }
    }
    let plain = Dialect {
        delimiter: Delimiter::Comma,
        decimal_comma: false,
    };
    best.map_or(plain, |(_, _, dialect)| dialect)
}

/// Looks at the beginning of a file: its dialect, its columns and where rows begin.
pub(crate) fn head(
    path: &Path,
    reader: impl BufRead,
    options: &ReadOptions,
) -> Result<Head, Error> {
    let mut lines = Lines::new(path, reader);
    let mut sample: Vec<(u64, Vec<u8>)> = Vec::new();
    let mut comment: Option<Vec<u8>> = None;
    let mut bytes = 0;
    while sample.len() < SAMPLE_LINES && bytes < SAMPLE_BYTES && lines.advance()? {
        let text = lines.trimmed();
        if is_comment(text) {
            if sample.is_empty() {
                comment = Some(text.to_vec());
            }
            continue;
        }
        if !is_blank(text) {
            bytes += lines.text.len();
            sample.push((lines.line, lines.text.clone()));
        }
    }
    let no_rows = || Error::NoRows { path: path.into() };
    let dialect = find_dialect(&sample, options);
    let mut cells = Cells::default();
    // The first line with a number is the first row.
    let has_number = |cells: &mut Cells, line: &[u8]| {
        cells.split(line, dialect.delimiter)
            && cells
                .iter(line)
                .any(|c| matches!(cell(c, dialect.decimal_comma), Cell::Number(_)))
    };
    let after = usize::from(options.header == Some(true));
    let first = match options.header {
        Some(false) => 0,
        _ => {
            let found = sample
                .iter()
                .skip(after)
                .position(|(_, line)| has_number(&mut cells, line));
            after + found.ok_or_else(no_rows)?
        }
    };
    let (first_line, first_row) = sample.get(first).ok_or_else(no_rows)?;
    let unclosed = |line: u64| Error::BadFormat {
        path: path.into(),
        problem: format!(
            "line {line}: a quote is opened and not closed; every cell must be whole in its line"
        ),
    };
    if !cells.split(first_row, dialect.delimiter) {
        return Err(unclosed(*first_line));
    }
    let mut count = cells.len();
    let separated = dialect.delimiter != Delimiter::Blanks;
    let trailing = separated
        && count > 1
        && sample[first..].iter().all(|(_, line)| {
            cells.split(line, dialect.delimiter)
                && cells.len() == count
                && cells.get(line, count - 1).trim_ascii().is_empty()
        });
    if trailing {
        count -= 1;
    }

    // Of the lines before it, the last that names as many columns, or names and units.
    let fits = |names: &[String]| {
        names.len() == count || (names.len() == count + 1 && names[count].is_empty())
    };
    let mut before = Vec::new();
    let mut last_count = 0;
    for (line, text) in &sample[..first] {
        let found = names(text, dialect.delimiter).ok_or_else(|| unclosed(*line))?;
        last_count = found.len();
        if fits(&found) {
            before.push(found);
        }
    }
    let filled = |names: &[String]| names.iter().filter(|name| !name.is_empty()).count();
    let (named, units) = match before.as_slice() {
        [.., names, units] if filled(names) >= filled(units) => (Some(names), Some(units)),
        [.., names] => (Some(names), None),
        [] => (None, None),
    };
    if named.is_none() && first > 0 {
        return Err(Error::BadFormat {
            path: path.into(),
            problem: format!(
                "line {} names {last_count} columns where line {first_line} has {count} cells (separated by {}); \
                 name every column, or begin that line with #",
                sample[first - 1].0,
                dialect.delimiter.name()
            ),
        });
    }
    let from_comment = || {
        let comment = comment.as_ref().filter(|_| options.header != Some(false))?;
        let text = comment.trim_ascii_start();
        let begin = text
            .iter()
            .position(|b| !matches!(b, b'#' | b'%' | b' ' | b'\t'))?;
        [dialect.delimiter, Delimiter::Blanks, Delimiter::Comma]
            .into_iter()
            .find_map(|delimiter| {
                names(&text[begin..], delimiter).filter(|names| {
                    let number = |n: &String| cell(n.as_bytes(), false) != Cell::Text;
                    names.len() == count && !names.iter().any(number)
                })
            })
    };
    let commented = if named.is_none() {
        from_comment()
    } else {
        None
    };
    let columns = match named.or(commented.as_ref()) {
        Some(names) => {
            let columns = names.iter().take(count).map(|name| Column::of(name));
            match units {
                Some(units) => columns
                    .zip(units)
                    .map(|(c, unit)| c.with_unit(unit))
                    .collect(),
                None => columns.collect(),
            }
        }
        None => vec![Column::default(); count],
    };
    Ok(Head {
        dialect,
        columns,
        first: *first_line,
    })
}

/// Reads the wanted columns, and one of labels; in the column of times a clock's are seconds.
pub(crate) fn rows(
    path: &Path,
    reader: impl BufRead,
    head: &Head,
    wanted: &[usize],
    label: Option<usize>,
    time: Option<usize>,
    missing: Missing,
) -> Result<Table, Error> {
    let Dialect {
        delimiter,
        decimal_comma,
    } = head.dialect;
    let count = head.columns.len();
    let mut lines = Lines::new(path, reader);
    let mut table = Table::empty(path, wanted.len(), label.is_some(), Places::lines());
    let mut cells = Cells::default();
    let mut values = vec![0.0; wanted.len()];
    'rows: while lines.advance()? {
        let line = lines.line;
        let text = lines.trimmed();
        if line < head.first || is_blank(text) || is_comment(text) {
            continue;
        }
        let text = lines.text.as_slice();
        if !cells.split(text, delimiter) {
            return Err(Error::BadFormat {
                path: path.into(),
                problem: format!(
                    "line {line}: a quote is opened and not closed; every cell must be whole in its line"
                ),
            });
        }
        let extra = cells.len() > count
            && (count..cells.len()).any(|i| !cells.get(text, i).trim_ascii().is_empty());
        if cells.len() < count && missing == Missing::DropRow {
            table.drop_row();
            continue;
        }
        if extra || cells.len() < count {
            return Err(Error::BadRow {
                path: path.into(),
                line,
                found: cells.len(),
                expected: count,
                delimiter: delimiter.name(),
            });
        }
        let refuse = |column: usize, found: String, remedy| Error::BadValue {
            path: path.into(),
            place: format!("line {line}"),
            column: head.columns[column].shown(column),
            found,
            remedy,
        };
        let shown = |found: &[u8]| {
            let text: String = decode(found).chars().take(40).collect();
            text
        };
        for (value, &column) in values.iter_mut().zip(wanted) {
            let found = cells.get(text, column);
            *value = match cell(found, decimal_comma) {
                Cell::Number(value) => value,
                Cell::Missing if missing == Missing::DropRow => {
                    table.drop_row();
                    continue 'rows;
                }
                Cell::Missing => {
                    let what = match shown(found) {
                        text if text.is_empty() => "nothing is there".into(),
                        text => format!("\"{text}\" says that the value is missing"),
                    };
                    return Err(refuse(column, what, DROP));
                }
                Cell::NotFinite => {
                    return Err(refuse(
                        column,
                        format!("\"{}\" is not finite", shown(found)),
                        FINITE,
                    ));
                }
                Cell::Text
                    if time == Some(column)
                        && let Some(clock) = clock(found) =>
                {
                    table.push_clock(clock)
                }
                Cell::Text if !decimal_comma && matches!(cell(found, true), Cell::Number(_)) => {
                    let what = format!("\"{}\" has a decimal comma", shown(found));
                    return Err(refuse(
                        column,
                        what,
                        "say that numbers have one, or write a point",
                    ));
                }
                Cell::Text => {
                    return Err(refuse(
                        column,
                        format!("\"{}\" is not a number", shown(found)),
                        FINITE,
                    ));
                }
            };
        }
        let name = match label {
            None => String::new(),
            Some(column) => match decode(cells.get(text, column)) {
                name if !name.is_empty() => name,
                _ if missing == Missing::DropRow => {
                    table.drop_row();
                    continue;
                }
                _ => return Err(refuse(column, "nothing is there".into(), DROP)),
            },
        };
        table.push(line, &values, &name);
    }
    if table.is_empty() && table.dropped() == 0 {
        return Err(Error::NoRows { path: path.into() });
    }
    Ok(table)
}
