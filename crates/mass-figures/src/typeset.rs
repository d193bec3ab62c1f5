//! Subscripts: kuva draws a label as one line of text, so `S_yy⁻¹ S_xy y` is taken apart here.
//!
//! In the SVG a subscript becomes a `tspan` that shifts the baseline: any font sets it right. For
//! the PNG, where kuva has no such thing, each run becomes a text of its own, placed with the
//! widths of kuva's built-in font.

use kuva::plot::{LegendEntry, LegendShape};
use kuva::prelude::Layout;
use kuva::render::render::{Primitive, Scene, TextAnchor};

/// A stretch of a label and whether it is a subscript.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    text: String,
    lowered: bool,
}

/// Splits a label into runs.
///
/// A subscript is what follows the underscore of a symbol of one letter: `S_xy` has one,
/// `synthetic_sin` has none.
fn runs(label: &str) -> Vec<Run> {
    let letters: Vec<char> = label.chars().collect();
    let mut runs = vec![Run {
        text: String::new(),
        lowered: false,
    }];
    let mut at = 0;
    while at < letters.len() {
        let end = match letters[at] {
            '_' if is_symbol(&letters[..at]) => {
                at + 1
                    + letters[at + 1..]
                        .iter()
                        .take_while(|c| in_subscript(**c))
                        .count()
            }
            _ => at,
        };
        if end > at + 1 {
            runs.push(Run {
                text: letters[at + 1..end].iter().collect(),
                lowered: true,
            });
            runs.push(Run {
                text: String::new(),
                lowered: false,
            });
            at = end;
        } else {
            if let Some(run) = runs.last_mut() {
                run.text.push(letters[at]);
            }
            at += 1;
        }
    }
    runs.retain(|run| !run.text.is_empty());
    runs
}

/// Does the text end in a word of one letter?
fn is_symbol(before: &[char]) -> bool {
    match before {
        [.., word, letter] => letter.is_alphabetic() && !word.is_alphanumeric() && *word != '_',
        [letter] => letter.is_alphabetic(),
        [] => false,
    }
}

fn in_subscript(c: char) -> bool {
    c.is_alphabetic() || c.is_ascii_digit()
}

/// Size of a subscript beside text of this size.
fn lowered_size(size: u32) -> u32 {
    ((f64::from(size) * 0.74).round() as u32).max(1)
}

/// How far below the baseline a subscript stands.
fn drop_of(size: u32) -> f64 {
    (f64::from(size) * 0.22 * 10.0).round() / 10.0
}

/// Width of a label, subscripts and all, in the built-in font.
pub fn width(label: &str, size: u32) -> f64 {
    runs(label).iter().map(|run| run_width(run, size)).sum()
}

fn run_width(run: &Run, size: u32) -> f64 {
    let size = if run.lowered {
        lowered_size(size)
    } else {
        size
    };
    // kuva keeps its font metrics to itself; the width that a legend wants is the way to them.
    let legend = |label: &str| {
        let entry = LegendEntry {
            label: label.into(),
            color: String::new(),
            shape: LegendShape::Line,
            dasharray: None,
        };
        let layout = Layout::new((0.0, 1.0), (0.0, 1.0)).with_body_size(size);
        layout.with_legend_entries(vec![entry]).legend_width
    };
    legend(&run.text) - legend("")
}

/// Replaces every label that has subscripts by one text per run, for the raster backend.
///
/// Turned text stays as it is: the pages have none (see `sheet`).
pub(crate) fn for_raster(scene: &mut Scene) {
    for element in std::mem::take(&mut scene.elements) {
        match element {
            Primitive::Text {
                x,
                y,
                ref content,
                size,
                anchor,
                rotate: None,
                ref color,
                ..
            } if runs(content).iter().any(|run| run.lowered) => {
                let mut x = match anchor {
                    TextAnchor::Start => x,
                    TextAnchor::Middle => x - width(content, size) / 2.0,
                    TextAnchor::End => x - width(content, size),
                };
                for run in runs(content) {
                    let advance = run_width(&run, size);
                    scene.elements.push(Primitive::Text {
                        x,
                        y: if run.lowered { y + drop_of(size) } else { y },
                        content: run.text,
                        size: if run.lowered {
                            lowered_size(size)
                        } else {
                            size
                        },
                        anchor: TextAnchor::Start,
                        rotate: None,
                        bold: false,
                        color: color.clone(),
                    });
                    x += advance;
                }
            }
            other => scene.elements.push(other),
        }
    }
}

/// Sets the subscripts of an SVG that kuva wrote.
pub(crate) fn in_svg(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some(start) = rest.find("<text ") {
        let (before, text) = rest.split_at(start);
        out.push_str(before);
        let (Some(open), Some(close)) = (text.find('>'), text.find("</text>")) else {
            rest = text;
            break;
        };
        let (tag, content) = (&text[..=open], &text[open + 1..close]);
        out.push_str(tag);
        match font_size(tag) {
            Some(size) if !content.contains('<') => push_spans(&mut out, content, size),
            _ => out.push_str(content),
        }
        rest = &text[close..];
    }
    out.push_str(rest);
    out
}

fn font_size(tag: &str) -> Option<u32> {
    let value = tag.split_once("font-size=\"")?.1;
    value.split_once('"')?.0.parse().ok()
}

fn push_spans(out: &mut String, content: &str, size: u32) {
    let drop = drop_of(size);
    let mut lowered = false;
    for run in runs(content) {
        // `dy` moves everything after it, so the next run takes the shift back.
        match (run.lowered, lowered) {
            (true, _) => {
                let small = lowered_size(size);
                out.push_str(&format!(
                    r#"<tspan font-size="{small}" dy="{drop}">{}</tspan>"#,
                    run.text
                ));
            }
            (false, true) => {
                // Some renderers drop a space at the start of a `tspan`, so it is set as a shift.
                let (gap, text) = match run.text.strip_prefix(' ') {
                    Some(rest) => (format!(r#" dx="{:.1}""#, width(" ", size)), rest),
                    None => (String::new(), run.text.as_str()),
                };
                out.push_str(&format!(r#"<tspan{gap} dy="-{drop}">{text}</tspan>"#));
            }
            (false, false) => out.push_str(&run.text),
        }
        lowered = run.lowered;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::texts;

    fn split(label: &str) -> Vec<(String, bool)> {
        runs(label)
            .into_iter()
            .map(|run| (run.text, run.lowered))
            .collect()
    }

    fn contents(svg: &str) -> Vec<String> {
        texts(svg).into_iter().map(|text| text.content).collect()
    }

    #[test]
    fn symbols_have_subscripts_and_words_have_none() {
        let owned = |parts: &[(&str, bool)]| -> Vec<(String, bool)> {
            parts
                .iter()
                .map(|(text, lowered)| (text.to_string(), *lowered))
                .collect()
        };
        let product = [
            ("S", false),
            ("yy", true),
            ("⁻¹ S", false),
            ("xy", true),
            (" y", false),
        ];
        assert_eq!(split("S_yy⁻¹ S_xy y"), owned(&product));
        assert_eq!(
            split("|w_i|"),
            owned(&[("|w", false), ("i", true), ("|", false)])
        );
        assert_eq!(split("synthetic_sin"), owned(&[("synthetic_sin", false)]));
        assert_eq!(split("_x, S_ and __"), owned(&[("_x, S_ and __", false)]));
        assert_eq!(split(""), owned(&[]));
    }

    #[test]
    fn widths_are_those_of_the_built_in_font() {
        // DejaVu Sans: S is 1300 units of 2048 wide, y 1212.
        assert!((width("S", 100) - 100.0 * 1300.0 / 2048.0).abs() < 1e-9);
        let set = width("S_y", 100);
        assert!((set - 100.0 * 1300.0 / 2048.0 - 74.0 * 1212.0 / 2048.0).abs() < 1e-9);
        assert_eq!(width("", 13), 0.0);
    }

    #[test]
    fn an_svg_label_can_be_read_back() {
        let svg = r#"<svg><text x="1" font-size="10" fill="red">S_yy⁻¹ &lt;S_x</text></svg>"#;
        let set = in_svg(svg);
        assert!(
            set.contains(r#"S<tspan font-size="7" dy="2.2">yy</tspan>"#),
            "{set}"
        );
        assert!(
            set.contains(r#"<tspan dy="-2.2">⁻¹ &lt;S</tspan>"#),
            "{set}"
        );
        assert_eq!(contents(&set), ["S_yy⁻¹ <S_x"]);

        let svg = r#"<svg><text x="1" font-size="10" fill="red">S_yy x</text></svg>"#;
        let set = in_svg(svg);
        assert!(
            set.contains(r#"<tspan dx="3.2" dy="-2.2">x</tspan>"#),
            "{set}"
        );
        assert_eq!(contents(&set), ["S_yy x"]);
    }

    #[test]
    fn runs_follow_each_other_up_to_the_anchor() {
        let mut scene = Scene::new(10.0, 10.0);
        scene.elements.push(Primitive::Text {
            x: 50.0,
            y: 9.0,
            content: "S_x y".into(),
            size: 10,
            anchor: TextAnchor::End,
            rotate: None,
            bold: false,
            color: None,
        });
        for_raster(&mut scene);
        let placed: Vec<(f64, f64, String)> = scene
            .elements
            .into_iter()
            .map(|element| match element {
                Primitive::Text { x, y, content, .. } => (x, y, content),
                other => panic!("only texts were there, not {other:?}"),
            })
            .collect();
        let texts: Vec<&str> = placed.iter().map(|(_, _, text)| text.as_str()).collect();
        assert_eq!(texts, ["S", "x", " y"]);
        assert!(
            (placed[0].0 + width("S_x y", 10) - 50.0).abs() < 1e-9,
            "it ends at its anchor"
        );
        assert!((placed[1].0 - placed[0].0 - width("S", 10)).abs() < 1e-9);
        assert_eq!(
            [placed[0].1, placed[1].1, placed[2].1],
            [9.0, 9.0 + drop_of(10), 9.0]
        );
    }
}
