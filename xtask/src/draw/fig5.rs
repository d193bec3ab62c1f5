//! Figure 5: what a scientist uses, term by term, and which of the terms go together.

use kuva::prelude::TickFormat;
use kuva::render::color::Color;
use kuva::render::render::TextAnchor;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::by_term::names_above;
use super::sheet::{Frame, Sheet, Swatch, centred};
use super::style::{BLUE, INK, LABEL, PAGE, PALE, TICK, VERMILLION, number};
use super::{DrawError, Picture, nullable, same_length, tiles, typeset};

const FIGURE: &str = "fig5";
/// With more terms than this the map has no names: they would be too small to read.
const NAMED: usize = 60;

/// What figure 5 shows (Fu et al. 2025, Fig. 5): `fig5.json`.
///
/// T terms, of which n are significant: the fewest that make 99 % of Σ E|aᵢ|.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig5 {
    /// Identifier of the system, `classical`.
    pub(crate) system: String,
    /// Name of the recipe, `paper`.
    pub(crate) recipe: String,
    /// Seed of the scientist.
    pub(crate) seed: u64,
    /// All terms of the library, in its order, `[T]`.
    pub(crate) terms: Vec<Fig5Term>,
    /// The terms to name in panel (a), as places in `terms`: the five of largest mean activation.
    pub(crate) top: Vec<usize>,
    /// The significant terms in clustered order, as places in `terms`, `[n]`.
    pub(crate) order: Vec<usize>,
    /// Pearson correlations of their activations over the batch, rows and columns in the order of
    /// `order`, row-major `[n, n]`; `null` where an activation is constant.
    #[serde(with = "nullable")]
    pub(crate) correlation: Vec<f64>,
    /// Merges of the clustering, as SciPy writes them (cluster, cluster, distance, size),
    /// `[n − 1]`; empty for no dendrogram. Cluster i < n is the term at place i of `order`, cluster
    /// n + k is what merge k made.
    pub(crate) linkage: Vec<[f64; 4]>,
}

/// One term of the library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fig5Term {
    /// Its index in the library.
    pub(crate) index: usize,
    /// Its name in ASCII, `Syy^-1 Sxy y`.
    pub(crate) ascii: String,
    /// Its name in Unicode, `S_yy⁻¹ S_xy y`; drawn with real subscripts.
    pub(crate) name: String,
    /// Its weight w.
    #[serde(with = "nullable::one")]
    pub(crate) weight: f64,
    /// E|a| = E|w t| over the batch, in units of acceleration.
    #[serde(with = "nullable::one")]
    pub(crate) mean_activation: f64,
    /// Not held at zero by the mask?
    pub(crate) active: bool,
}

/// Draws figure 5: (a) mean activations upwards and weights downwards by term, the top ones named;
/// (b) the correlations in clustered order with the dendrogram above.
///
/// # Errors
/// No terms or no finite value; indices out of range; a correlation map that is not `[n, n]`; a
/// linkage that is not a tree over the places of `order`.
pub(crate) fn draw(data: &Fig5) -> Result<Picture, DrawError> {
    for (what, places) in [("top", &data.top), ("order", &data.order)] {
        if let Some(place) = places.iter().find(|place| **place >= data.terms.len()) {
            return Err(DrawError::Shape {
                figure: FIGURE,
                what,
                expected: format!("made of places below {}, as `terms` is", data.terms.len()),
                found: format!("has {place}"),
            });
        }
    }
    let n = data.order.len();
    if n == 0 {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what: "order",
        });
    }
    same_length(
        FIGURE,
        "correlation",
        data.correlation.len(),
        n * n,
        "`order` by `order`",
    )?;
    let joints = joints(&data.linkage, n)?;

    let title = format!(
        "{}, recipe {}, seed {}",
        data.system, data.recipe, data.seed
    );
    let map = Map::of(data, !joints.is_empty());
    let mut sheet = Sheet::new(map.frame.down.1 + 50.0, title);
    strengths(&mut sheet, data)?;
    correlations(&mut sheet, data, &map, &joints);
    sheet.finish()
}

/// Panel (a).
fn strengths(sheet: &mut Sheet, data: &Fig5) -> Result<(), DrawError> {
    let largest = |of: fn(&Fig5Term) -> f64| {
        data.terms
            .iter()
            .map(of)
            .filter(|v| v.is_finite())
            .map(f64::abs)
            .reduce(f64::max)
    };
    let (activation, weight) = (largest(|t| t.mean_activation), largest(|t| t.weight));
    let (Some(activation), Some(weight)) = (activation, weight) else {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what: "terms",
        });
    };
    let room = |most: f64| if most > 0.0 { most * 1.06 } else { 1.0 };
    let x = (
        -1.0,
        data.terms.iter().map(|term| term.index).max().unwrap_or(0) as f64 + 1.0,
    );
    let across = (125.0, 975.0);
    let up = Frame {
        across,
        down: (146.0, 298.0),
        x,
        y: (0.0, room(activation)),
    };
    let under = Frame {
        across,
        down: (298.0, 428.0),
        x,
        y: (-room(weight), 0.0),
    };

    for term in data.terms.iter().filter(|term| !term.active) {
        let sides = (
            up.at_x(term.index as f64 - 0.5),
            up.at_x(term.index as f64 + 0.5),
        );
        sheet.rect(sides, (up.down.0, under.down.1), PALE);
    }
    let bars = |frame: &Frame, colour: &str, height: &dyn Fn(&Fig5Term) -> f64| {
        let drawn = data
            .terms
            .iter()
            .filter(|term| height(term).is_finite() && height(term) != 0.0);
        let rects = drawn.map(|term| {
            let sides = (term.index as f64 - 0.4, term.index as f64 + 0.4);
            let across = (frame.at_x(sides.0), frame.at_x(sides.1));
            (
                across,
                (frame.at_y(height(term)), frame.at_y(0.0)),
                Color::from(colour),
            )
        });
        rects.collect::<Vec<_>>()
    };
    sheet.rects(bars(&up, VERMILLION, &|term| term.mean_activation.abs()));
    sheet.rects(bars(&under, BLUE, &|term| -term.weight.abs()));
    // Zero is numbered once, by the upper half.
    let below_zero = |v: f64| if v == 0.0 { String::new() } else { number(-v) };
    let up_ticks = TickFormat::Custom(Arc::new(number));
    let under_ticks = TickFormat::Custom(Arc::new(below_zero));
    for (frame, ticks, with_x) in [(&up, up_ticks, false), (&under, under_ticks, true)] {
        let mut layout = sheet
            .layout(frame)
            .with_x_tick_step(20.0)
            .with_y_tick_format(ticks);
        layout.show_grid = false;
        layout.suppress_x_ticks = !with_x;
        sheet.plots(Vec::new(), layout);
    }
    let top = data.top.iter().map(|place| &data.terms[*place]);
    let named: Vec<(usize, &str, f64)> = top
        .map(|term| (term.index, term.name.as_str(), term.mean_activation.abs()))
        .collect();
    names_above(sheet, &up, &named, 42.0);
    let legend = Frame {
        down: (66.0, 66.0),
        ..up
    };
    let mut entries = vec![
        ("mean activation E|a_i|", VERMILLION, Swatch::Square),
        ("weight |w_i|", BLUE, Swatch::Square),
    ];
    if data.terms.iter().any(|term| !term.active) {
        entries.push(("held at zero", PALE, Swatch::Square));
    }
    sheet.legend(&legend, &entries);
    sheet.letter(20.0, &legend, 'a');
    sheet.x_label(&under, "term i");
    for (frame, label, colour) in [(&up, "E|a_i|", VERMILLION), (&under, "|w_i|", BLUE)] {
        let at = (20.0, centred(frame.middle().1, LABEL));
        sheet.tinted_text(at, label, LABEL, TextAnchor::Start, colour);
    }
    Ok(())
}

/// Where the map of panel (b) stands and how large its names are.
struct Map {
    frame: Frame,
    size: u32,
    named: bool,
}

impl Map {
    /// Room for the colour bar on the right.
    const BAR: f64 = 100.0;
    /// Room for the numbers beside the map.
    const NUMBERS: f64 = 26.0;

    fn of(data: &Fig5, tree: bool) -> Self {
        let n = data.order.len();
        let named = n <= NAMED;
        let widest = |size: u32| match named {
            true => {
                let names = data
                    .order
                    .iter()
                    .map(|place| data.terms[*place].name.as_str());
                names
                    .map(|name| typeset::width(name, size))
                    .fold(0.0, f64::max)
            }
            false => 0.0,
        };
        let size_for = |side: f64| ((side / n as f64 * 0.74) as u32).clamp(6, TICK);
        // The names' size follows the map's side, which is what their width leaves of the page.
        let side_for = |size: u32| PAGE - Self::BAR - Self::NUMBERS - 30.0 - widest(size);
        let size = size_for(side_for(TICK));
        let side = side_for(size);
        let left = PAGE - Self::BAR - side;
        let top = if tree { 618.0 } else { 556.0 };
        let frame = Frame {
            across: (left, left + side),
            down: (top, top + side),
            x: (0.0, n as f64),
            y: (0.0, n as f64),
        };
        Self { frame, size, named }
    }
}

/// Panel (b).
fn correlations(sheet: &mut Sheet, data: &Fig5, map: &Map, joints: &[Joint]) {
    let n = data.order.len();
    let Map { frame, size, named } = *map;
    let ((left, right), (top, bottom)) = (frame.across, frame.down);
    let pitch = (right - left) / n as f64;
    tiles::cells(sheet, &frame, n, &data.correlation, tiles::correlation);

    if named {
        for (place, term) in data
            .order
            .iter()
            .map(|place| &data.terms[*place])
            .enumerate()
        {
            let along = (place as f64 + 0.5) * pitch;
            let (number, y) = ((place + 1).to_string(), centred(top + along, size));
            sheet.text((left - 6.0, y), &number, size, TextAnchor::End);
            sheet.text(
                (left - 6.0 - Map::NUMBERS, y),
                &term.name,
                size,
                TextAnchor::End,
            );
            // A size smaller, so that numbers of two digits stay apart.
            let below = (left + along, bottom + 5.0 + f64::from(size));
            sheet.text(below, &number, size - 1, TextAnchor::Middle);
        }
    } else {
        let label = format!("{n} significant terms in clustered order");
        sheet.text(
            (frame.middle().0, bottom + 26.0),
            &label,
            LABEL,
            TextAnchor::Middle,
        );
    }

    let farthest = joints.iter().map(|joint| joint.height).fold(0.0, f64::max);
    let scale = if farthest > 0.0 { 66.0 / farthest } else { 0.0 };
    for joint in joints {
        let x = |place: f64| left + (place + 0.5) * pitch;
        let y = |height: f64| top - 6.0 - height * scale;
        let ((a, low_a), (b, low_b)) = (joint.left, joint.right);
        let corners = [
            (x(a), y(low_a)),
            (x(a), y(joint.height)),
            (x(b), y(joint.height)),
            (x(b), y(low_b)),
        ];
        sheet.line(&corners, INK, 1.0);
    }

    let head = Frame {
        down: (556.0, 556.0),
        ..frame
    };
    sheet.letter(20.0, &head, 'b');
    let down = (top + 14.0, top + 14.0 + 0.55 * (bottom - top));
    let label = "correlation";
    tiles::bar(
        sheet,
        right + 12.0,
        down,
        (-1.0, 1.0),
        tiles::correlation,
        label,
    );
}

/// A merge of the dendrogram: the middles and heights of its two sides, and its own height.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Joint {
    left: (f64, f64),
    right: (f64, f64),
    height: f64,
}

/// Places the merges over the leaves 0 to n − 1; checks that the leaves are in the tree's order.
fn joints(linkage: &[[f64; 4]], n: usize) -> Result<Vec<Joint>, DrawError> {
    let wrong = |expected: &str, found: String| DrawError::Shape {
        figure: FIGURE,
        what: "linkage",
        expected: expected.into(),
        found,
    };
    if linkage.is_empty() {
        return Ok(Vec::new());
    }
    same_length(FIGURE, "linkage", linkage.len(), n - 1, "`order` less one")?;
    // First and last leaf, middle, height; `None` once merged into another.
    let mut clusters: Vec<Option<(usize, usize, f64, f64)>> = (0..n)
        .map(|leaf| Some((leaf, leaf, leaf as f64, 0.0)))
        .collect();
    let mut joints = Vec::new();
    for (row, [a, b, height, _]) in linkage.iter().enumerate() {
        let mut take = |id: f64| {
            let whole = id >= 0.0 && id.fract() == 0.0;
            let cluster = clusters
                .get_mut(id as usize)
                .filter(|_| whole)
                .and_then(Option::take);
            cluster.ok_or_else(|| {
                wrong(
                    "a tree, each cluster merged once",
                    format!("merges {id} in row {row}"),
                )
            })
        };
        let (one, other) = (take(*a)?, take(*b)?);
        let (left, right) = if one.0 < other.0 {
            (one, other)
        } else {
            (other, one)
        };
        if left.1 + 1 != right.0 {
            return Err(wrong(
                "over the places of `order`, so that every cluster is a run of neighbours",
                format!(
                    "joins {}–{} to {}–{} in row {row}",
                    left.0, left.1, right.0, right.1
                ),
            ));
        }
        if !height.is_finite() {
            return Err(wrong(
                "made of finite distances",
                format!("{height} in row {row}"),
            ));
        }
        clusters.push(Some((left.0, right.1, (left.2 + right.2) / 2.0, *height)));
        joints.push(Joint {
            left: (left.2, left.3),
            right: (right.2, right.3),
            height: *height,
        });
    }
    Ok(joints)
}

#[cfg(test)]
mod tests {
    use super::super::style::MISSING;
    use super::super::typeset::labels;
    use super::*;

    /// Made up: a library of 172 names with weights and blocks of correlations out of a formula.
    fn synthetic() -> Fig5 {
        let vectors = ["x", "y", "S_x", "S_y"];
        let matrices = ["S_xx", "S_yy", "S_xy", "S_xx⁻¹", "S_yy⁻¹", "S_xy⁻¹"];
        let mut names: Vec<String> = vectors.map(String::from).to_vec();
        for a in matrices {
            names.extend(vectors.map(|v| format!("{a} {v}")));
        }
        for a in matrices {
            for b in matrices {
                names.extend(vectors.map(|v| format!("{a} {b} {v}")));
            }
        }
        let undone = |name: &str| {
            let parts: Vec<&str> = name.split(' ').collect();
            let pair = parts.len() == 3
                && (parts[0] == format!("{}⁻¹", parts[1]) || parts[1] == format!("{}⁻¹", parts[0]));
            pair || name == "x" || name == "y"
        };
        let random = |i: usize| ((i * 7919 + 104_729) % 997) as f64 / 997.0;
        let terms: Vec<Fig5Term> = names
            .into_iter()
            .enumerate()
            .map(|(index, name)| {
                let active = !undone(&name);
                let size = random(index).powi(6);
                let sign = if random(index + 500) < 0.5 { -1.0 } else { 1.0 };
                Fig5Term {
                    index,
                    ascii: name.replace('_', "").replace('⁻', "^-").replace('¹', "1"),
                    weight: if active { sign * 0.4 * size } else { 0.0 },
                    mean_activation: if active {
                        0.9 * size * (0.3 + random(index + 77))
                    } else {
                        0.0
                    },
                    active,
                    name,
                }
            })
            .collect();
        let mut by_activation: Vec<usize> = (0..terms.len()).collect();
        by_activation.sort_by(|a, b| {
            terms[*b]
                .mean_activation
                .total_cmp(&terms[*a].mean_activation)
        });
        let order: Vec<usize> = by_activation[..37].to_vec();
        let n = order.len();
        let block = |i: usize| i / 9;
        let mut correlation = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                let apart = i.abs_diff(j) as f64;
                correlation[i * n + j] = match (i == j, block(i) == block(j)) {
                    (true, _) => 1.0,
                    (false, true) => 0.95 - 0.04 * apart,
                    (false, false) if (block(i) + block(j)) % 2 == 1 => -0.8 + 0.02 * apart,
                    (false, false) => 0.3 - 0.01 * apart,
                };
            }
        }
        Fig5 {
            system: "classical".into(),
            recipe: "reference".into(),
            seed: 0,
            top: by_activation[..5].to_vec(),
            linkage: tree(n),
            terms,
            order,
            correlation,
        }
    }

    /// Merges neighbours pairwise until one cluster is left.
    fn tree(n: usize) -> Vec<[f64; 4]> {
        let mut clusters: Vec<(usize, f64)> = (0..n).map(|leaf| (leaf, 1.0)).collect();
        let (mut rows, mut next, mut height) = (Vec::new(), n, 0.05);
        while clusters.len() > 1 {
            let mut merged = Vec::new();
            for pair in clusters.chunks(2) {
                match pair {
                    [a, b] => {
                        height += 0.03;
                        rows.push([a.0 as f64, b.0 as f64, height, a.1 + b.1]);
                        merged.push((next, a.1 + b.1));
                        next += 1;
                    }
                    rest => merged.extend_from_slice(rest),
                }
            }
            clusters = merged;
        }
        rows
    }

    #[test]
    fn the_picture_has_its_labels_letters_names_and_cells() {
        let data = synthetic();
        let picture = draw(&data).unwrap();
        let labels = labels(&picture.svg);
        let count = |label: &str| labels.iter().filter(|l| *l == label).count();
        assert_eq!((count("(a)"), count("(b)")), (1, 1), "{labels:?}");
        assert_eq!(
            (count("term i"), count("correlation"), count("held at zero")),
            (1, 1, 1)
        );
        assert_eq!((count("E|a_i|"), count("|w_i|")), (1, 1));
        assert_eq!(
            (count("−0.5"), count("−1")),
            (1, 1),
            "the colour bar spans [−1, 1]"
        );
        for place in &data.order {
            // Beside the map, and above its bar if it is a top term.
            let expected = 1 + usize::from(data.top.contains(place));
            assert_eq!(
                count(&data.terms[*place].name),
                expected,
                "{}",
                data.terms[*place].name
            );
        }
        assert_eq!(count("37"), 2, "rows and columns are numbered alike");
        let (r, g, b) = tiles::correlation(1.0);
        let diagonal = picture
            .svg
            .matches(&format!("fill=\"#{r:02x}{g:02x}{b:02x}\""))
            .count();
        assert!(
            diagonal >= data.order.len(),
            "{diagonal} cells of correlation 1"
        );
        let used = data.terms.iter().filter(|term| term.weight != 0.0).count();
        // A bar each, and the square in the legend.
        assert_eq!(
            picture.svg.matches(&format!("fill=\"{BLUE}\"")).count(),
            used + 1 + 1
        );
        assert!(
            picture.svg.contains(r#"S<tspan font-size="#),
            "names are typeset"
        );
        assert!(picture.svg.len() < 400_000, "{} bytes", picture.svg.len());
    }

    #[test]
    fn the_same_data_give_the_same_bytes() {
        let data = synthetic();
        assert_eq!(draw(&data).unwrap(), draw(&data).unwrap());
    }

    #[test]
    fn what_is_not_finite_is_left_out() {
        let mut data = synthetic();
        data.terms[data.top[0]].mean_activation = f64::NAN;
        data.terms[40].weight = f64::INFINITY;
        data.correlation[3] = f64::NAN;
        let picture = draw(&data).unwrap();
        assert!(!picture.svg.contains("NaN") && !picture.svg.contains("inf"));
        assert_eq!(
            picture.svg.matches(&format!("fill=\"{MISSING}\"")).count(),
            1
        );
    }

    #[test]
    fn many_terms_go_unnamed_and_one_is_enough() {
        let data = synthetic();
        let many: Vec<usize> = (0..NAMED + 1).collect();
        let crowd = Fig5 {
            correlation: vec![0.5; many.len() * many.len()],
            linkage: Vec::new(),
            top: Vec::new(),
            order: many,
            ..data.clone()
        };
        let found = labels(&draw(&crowd).unwrap().svg);
        assert!(
            found.contains(&"61 significant terms in clustered order".to_string()),
            "{found:?}"
        );
        assert!(!found.contains(&data.terms[3].name));
        let lone = Fig5 {
            correlation: vec![1.0],
            linkage: Vec::new(),
            order: vec![9],
            ..data
        };
        assert!(draw(&lone).is_ok());
    }

    #[test]
    fn a_tree_over_other_leaves_is_refused() {
        let crossed = [[0.0, 2.0, 0.1, 2.0], [1.0, 3.0, 0.2, 3.0]];
        let error = joints(&crossed, 3).unwrap_err().to_string();
        assert!(
            error.contains("over the places of `order`") && error.contains("row 0"),
            "{error}"
        );
        let twice = [[0.0, 1.0, 0.1, 2.0], [1.0, 2.0, 0.2, 3.0]];
        assert!(
            joints(&twice, 3)
                .unwrap_err()
                .to_string()
                .contains("merges 1 in row 1")
        );
        assert!(joints(&twice, 7).is_err());
        let fine = [[1.0, 2.0, 0.1, 2.0], [3.0, 0.0, 0.4, 3.0]];
        let placed = joints(&fine, 3).unwrap();
        assert_eq!(
            placed[1],
            Joint {
                left: (0.0, 0.0),
                right: (1.5, 0.1),
                height: 0.4
            }
        );
    }

    #[test]
    fn nothing_to_draw_is_an_error() {
        let data = synthetic();
        let none = Fig5 {
            order: Vec::new(),
            ..data.clone()
        };
        assert_eq!(
            draw(&none),
            Err(DrawError::Empty {
                figure: "fig5",
                what: "order"
            })
        );
        let beyond = Fig5 {
            top: vec![172],
            ..data.clone()
        };
        assert!(matches!(
            draw(&beyond),
            Err(DrawError::Shape { what: "top", .. })
        ));
        let short = Fig5 {
            correlation: vec![1.0],
            ..data.clone()
        };
        assert!(matches!(
            draw(&short),
            Err(DrawError::Shape {
                what: "correlation",
                ..
            })
        ));
        let mut lost = data;
        lost.terms
            .iter_mut()
            .for_each(|term| term.weight = f64::NAN);
        assert_eq!(
            draw(&lost),
            Err(DrawError::Empty {
                figure: "fig5",
                what: "terms"
            })
        );
    }

    #[test]
    fn the_file_round_trips_and_refuses_what_it_does_not_know() {
        let data = synthetic();
        let text = serde_json::to_string(&data).unwrap();
        let back: Fig5 = serde_json::from_str(&text).unwrap();
        assert_eq!(
            draw(&back).unwrap(),
            draw(&data).unwrap(),
            "a file read back draws the same"
        );
        assert!(serde_json::from_str::<Fig5>(&text.replacen("\"ascii\"", "\"asci\"", 1)).is_err());
    }
}
