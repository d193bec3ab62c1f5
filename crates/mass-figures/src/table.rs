//! Tables: Markdown with aligned columns, for a file and for a terminal alike.

/// A Markdown table whose columns line up in plain text too.
///
/// A column whose cells are all numbers (or empty) is set to the right. A row that is shorter than
/// `headers` is filled with empty cells, a longer one is cut; `|` and line breaks are escaped.
pub fn markdown(headers: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let headers: Vec<String> = headers.iter().map(|header| cell(header)).collect();
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| {
            let cells = row
                .iter()
                .map(|text| cell(text))
                .chain(std::iter::repeat(String::new()));
            cells.take(headers.len()).collect()
        })
        .collect();
    let right: Vec<bool> = (0..headers.len())
        .map(|column| {
            let mut filled = rows
                .iter()
                .map(|row| row[column].as_str())
                .filter(|c| !c.is_empty());
            filled.clone().next().is_some() && filled.all(is_number)
        })
        .collect();
    let widths: Vec<usize> = (0..headers.len())
        .map(|column| {
            let cells = rows.iter().map(|row| columns_of(&row[column]));
            cells
                .chain([columns_of(&headers[column]), 3])
                .max()
                .unwrap_or(3)
        })
        .collect();

    let line = |cells: &[String]| {
        let mut line = String::from("|");
        for ((text, width), right) in cells.iter().zip(&widths).zip(&right) {
            let gap = " ".repeat(width - columns_of(text));
            match right {
                true => line.push_str(&format!(" {gap}{text} |")),
                false => line.push_str(&format!(" {text}{gap} |")),
            }
        }
        line + "\n"
    };
    let rule: String = widths
        .iter()
        .zip(&right)
        .map(|(width, right)| match right {
            true => format!(" {}: |", "-".repeat(width - 1)),
            false => format!(" {} |", "-".repeat(*width)),
        })
        .collect();
    let mut table = line(&headers) + "|" + &rule + "\n";
    for row in &rows {
        table.push_str(&line(row));
    }
    table
}

/// A table of [`markdown`] for a terminal, where bars need no escape; what an escape took is filled, so
/// that columns still line up.
pub fn for_terminal(markdown: &str) -> String {
    let line = |line: &str| -> String {
        let mut cells: Vec<String> = Vec::new();
        // A bar that is escaped does not end its cell.
        for part in line.split('|') {
            match cells.last_mut() {
                Some(cell) if cell.ends_with('\\') => {
                    cell.pop();
                    cell.push_str(&format!("\u{0}{part}"));
                }
                _ => cells.push(part.to_string()),
            }
        }
        let filled = cells.into_iter().map(|cell| {
            let escapes = cell.matches('\u{0}').count();
            cell.replace('\u{0}', "|") + &" ".repeat(escapes)
        });
        filled.collect::<Vec<_>>().join("|")
    };
    let lines: Vec<String> = markdown.lines().map(line).collect();
    lines.join("\n") + "\n"
}

fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|").replace(['\n', '\r'], " ")
}

/// Columns a text takes in a terminal; combining marks take none.
fn columns_of(text: &str) -> usize {
    text.chars()
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .count()
}

/// Reads as a number, with a sign, `%`, `±`, `×10⁻³` or `<` about it?
fn is_number(text: &str) -> bool {
    let first = text.trim_start_matches(['−', '-', '+', '<', '>', '≤', '≥', '≈', '±', ' ']);
    first.starts_with(|c: char| c.is_ascii_digit())
        && first
            .chars()
            .all(|c| c.is_numeric() || " .,%±×eE+-−⁻".contains(c))
        || matches!(first, "NaN" | "inf" | "∞" | "—" | "–" | "-" | "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(cells: &[&[&str]]) -> Vec<Vec<String>> {
        cells
            .iter()
            .map(|row| row.iter().map(|text| text.to_string()).collect())
            .collect()
    }

    #[test]
    fn columns_line_up_and_numbers_stand_right() {
        let body = rows(&[
            &["classical", "ẏ = −x", "3.2×10⁻⁴", "96.4 %"],
            &["pendulum", "ẏ = −sin x", "0.0056", "—"],
        ]);
        let table = markdown(&["system", "law", "RMSE", "paper"], body);
        assert_eq!(
            table,
            "\
| system    | law        |     RMSE |  paper |
| --------- | ---------- | -------: | -----: |
| classical | ẏ = −x     | 3.2×10⁻⁴ | 96.4 % |
| pendulum  | ẏ = −sin x |   0.0056 |      — |
"
        );
    }

    #[test]
    fn a_terminal_needs_no_escapes() {
        let body = rows(&[&["Σ|a| of it", "1"], &["two", "20"]]);
        assert_eq!(
            for_terminal(&markdown(&["what", "E|a|"], body)),
            "\
| what         | E|a|   |
| ------------ | -----: |
| Σ|a| of it   |      1 |
| two          |     20 |
"
        );
    }

    #[test]
    fn odd_rows_keep_the_table_whole() {
        let body = rows(&[&["|S|", "1", "too much"], &["two\nlines"]]);
        let table = markdown(&["a", "b"], body);
        let bars = |line: &str| line.replace("\\|", "").matches('|').count();
        assert_eq!(table.lines().count(), 4);
        assert!(table.lines().all(|line| bars(line) == 3), "{table}");
        assert!(table.contains("\\|S\\|") && table.contains("two lines"));
        assert_eq!(markdown(&["a"], []), "| a   |\n| --- |\n");
    }
}
