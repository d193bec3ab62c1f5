//! Filled contours as nested closed loops.
//!
//! kuva fills a contour cell by cell, which shows as seams in a PNG and as megabytes in an SVG.
//! Here marching squares link their pieces into closed loops (the grid stands in a ring of nothing,
//! so that every loop closes), and the loops are painted from the widest to the narrowest, each in
//! the colour of what lies just inside it: no holes to cut, no seams.

use std::collections::BTreeMap;

use crate::sheet::{Frame, Point};
use crate::{DrawError, increasing, same_length};

/// A scalar field on a rectangular grid, row-major `[y][x]`; NaN where it has no value.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// Increasing, at least two.
    pub(crate) x: &'a [f64],
    /// Increasing, at least two.
    pub(crate) y: &'a [f64],
    /// As many as `x` times `y`.
    pub(crate) values: &'a [f64],
    /// What a figure calls them.
    pub(crate) what: &'static str,
}

impl<'a> Field<'a> {
    /// The field of values that a figure calls `what`, over its fields `x` and `y`.
    ///
    /// # Errors
    /// Values that are not `[y, x]`, an axis that does not rise.
    pub fn new(
        what: &'static str,
        x: &'a [f64],
        y: &'a [f64],
        values: &'a [f64],
    ) -> Result<Self, DrawError> {
        let nodes = x.len() * y.len();
        same_length("the grid `y` by `x`", nodes, &[(what, values.len())])?;
        increasing("x", x)?;
        increasing("y", y)?;
        Ok(Self { x, y, values, what })
    }

    /// A frame that it fills.
    pub fn frame(&self, across: (f64, f64), down: (f64, f64)) -> Frame {
        let (x, y) = (self.x, self.y);
        Frame::new(across, down, (x[0], x[x.len() - 1]), (y[0], y[y.len() - 1]))
    }
}

/// The border of a region where the field is at least `levels[level]`.
#[derive(Debug, Clone)]
pub(crate) struct Loop {
    /// Index of the level.
    pub(crate) level: usize,
    /// Higher inside than outside? Not so around a pit.
    pub(crate) high_inside: bool,
    /// The corners; the last is joined to the first.
    pub(crate) corners: Vec<Corner>,
    area: f64,
}

/// A corner of a [`Loop`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Corner {
    /// Where it is.
    pub(crate) at: Point,
    /// On the field's own edge (or beside a missing value) and not on an iso-line.
    pub(crate) edge: bool,
}

impl Loop {
    /// The band of colour just inside: band k lies above `levels[k - 1]`, band 0 below them all.
    pub(crate) fn band(&self) -> usize {
        self.level + usize::from(self.high_inside)
    }

    /// The stretches of the loop that are iso-lines.
    pub(crate) fn lines(&self) -> Vec<Vec<Point>> {
        let count = self.corners.len();
        // Start at the edge, if the loop comes there, so that no stretch is cut in two.
        let start = self.corners.iter().position(|corner| corner.edge);
        let mut lines = vec![Vec::new()];
        for step in 0..=count {
            let corner = self.corners[(start.unwrap_or(0) + step) % count];
            match (corner.edge, lines.last_mut()) {
                (false, Some(line)) => line.push(corner.at),
                _ => lines.push(Vec::new()),
            }
        }
        lines.retain(|line| line.len() > 1);
        lines
    }
}

/// The loops of all levels, in the order in which to paint them.
pub(crate) fn loops(field: &Field<'_>, levels: &[f64]) -> Vec<Loop> {
    let mut found: Vec<Loop> = levels
        .iter()
        .enumerate()
        .flat_map(|(index, level)| loops_of(field, index, *level))
        .collect();
    // A loop inside another is smaller; of two equal ones the higher level is the inner one.
    found.sort_by(|a, b| b.area.total_cmp(&a.area).then(a.level.cmp(&b.level)));
    found
}

/// The sides of a cell.
#[derive(Clone, Copy)]
enum Side {
    Top,
    Right,
    Bottom,
    Left,
}

/// The pieces in a cell whose corners (top left, top right, bottom right, bottom left) are high as
/// the bits of `case` say; each piece has the high ground on its left.
fn pieces(case: u8, centre_high: bool) -> &'static [(Side, Side)] {
    use Side::{Bottom, Left, Right, Top};
    match (case, centre_high) {
        (0b1000, _) => &[(Left, Top)],
        (0b0100, _) => &[(Top, Right)],
        (0b0010, _) => &[(Right, Bottom)],
        (0b0001, _) => &[(Bottom, Left)],
        (0b1100, _) => &[(Left, Right)],
        (0b0110, _) => &[(Top, Bottom)],
        (0b0011, _) => &[(Right, Left)],
        (0b1001, _) => &[(Bottom, Top)],
        (0b0111, _) => &[(Top, Left)],
        (0b1011, _) => &[(Right, Top)],
        (0b1101, _) => &[(Bottom, Right)],
        (0b1110, _) => &[(Left, Bottom)],
        (0b1010, true) => &[(Right, Top), (Left, Bottom)],
        (0b1010, false) => &[(Left, Top), (Right, Bottom)],
        (0b0101, true) => &[(Top, Left), (Bottom, Right)],
        (0b0101, false) => &[(Top, Right), (Bottom, Left)],
        _ => &[],
    }
}

fn loops_of(field: &Field<'_>, level_index: usize, level: f64) -> Vec<Loop> {
    let (columns, rows) = (field.x.len() as isize, field.y.len() as isize);
    let value = |row: isize, column: isize| {
        let inside = (0..rows).contains(&row) && (0..columns).contains(&column);
        let value = match inside {
            true => field.values[(row * columns + column) as usize],
            false => f64::NAN,
        };
        if value.is_nan() {
            f64::NEG_INFINITY
        } else {
            value
        }
    };
    let place = |row: isize, column: isize| {
        let x = field.x[column.clamp(0, columns - 1) as usize];
        (x, field.y[row.clamp(0, rows - 1) as usize])
    };
    let corner = |a: (isize, isize), b: (isize, isize)| {
        let (low, high) = if value(a.0, a.1) < level {
            (a, b)
        } else {
            (b, a)
        };
        let ((x0, y0), (x1, y1)) = (place(low.0, low.1), place(high.0, high.1));
        let (below, above) = (value(low.0, low.1), value(high.0, high.1));
        if !(below.is_finite() && above.is_finite()) {
            return Corner {
                at: (x1, y1),
                edge: true,
            };
        }
        let t = (level - below) / (above - below);
        Corner {
            at: (x0 + t * (x1 - x0), y0 + t * (y1 - y0)),
            edge: false,
        }
    };
    // A crossing is known by the upper left node of its grid line and whether that line goes down.
    let crossing = |row: isize, column: isize, side: Side| match side {
        Side::Top => (row, column, false),
        Side::Bottom => (row + 1, column, false),
        Side::Left => (row, column, true),
        Side::Right => (row, column + 1, true),
    };

    let mut next = BTreeMap::new();
    for row in -1..rows {
        for column in -1..columns {
            let corners = [(0, 0), (0, 1), (1, 1), (1, 0)];
            let values = corners.map(|(down, right)| value(row + down, column + right));
            let case = values
                .iter()
                .fold(0, |case, v| case << 1 | u8::from(*v >= level));
            let centre = values.iter().sum::<f64>() / 4.0;
            for (from, to) in pieces(case, centre >= level) {
                next.insert(crossing(row, column, *from), crossing(row, column, *to));
            }
        }
    }

    let mut found = Vec::new();
    while let Some((&first, _)) = next.iter().next() {
        let mut corners = Vec::new();
        let mut at = first;
        while let Some(following) = next.remove(&at) {
            let (row, column, down) = at;
            let other = if down {
                (row + 1, column)
            } else {
                (row, column + 1)
            };
            corners.push(corner((row, column), other));
            at = following;
        }
        let area = area(&corners);
        if area != 0.0 {
            // The high ground is on the left, and y grows downwards in the cells' own picture.
            let high_inside = area < 0.0;
            found.push(Loop {
                level: level_index,
                high_inside,
                corners,
                area: area.abs(),
            });
        }
    }
    found
}

/// Signed area by the shoelace formula.
fn area(corners: &[Corner]) -> f64 {
    let following = corners.iter().cycle().skip(1);
    let doubled = corners
        .iter()
        .zip(following)
        .map(|(a, b)| a.at.0 * b.at.1 - b.at.0 * a.at.1);
    doubled.sum::<f64>() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(count: usize) -> Vec<f64> {
        (0..count)
            .map(|i| -1.0 + 2.0 * i as f64 / (count - 1) as f64)
            .collect()
    }

    fn field(count: usize, f: impl Fn(f64, f64) -> f64) -> (Vec<f64>, Vec<f64>) {
        let axis = axis(count);
        let values = axis
            .iter()
            .flat_map(|y| axis.iter().map(|x| f(*x, *y)).collect::<Vec<_>>());
        (axis.clone(), values.collect())
    }

    #[test]
    fn a_bowl_has_the_areas_of_its_discs() {
        let (axis, values) = field(101, |x, y| x * x + y * y);
        let found = loops(
            &Field {
                x: &axis,
                y: &axis,
                values: &values,
                what: "s",
            },
            &[0.25, 0.64],
        );
        // For each level the square's own border and the disc cut out of it.
        assert_eq!(found.len(), 4);
        let discs: Vec<&Loop> = found.iter().filter(|l| !l.high_inside).collect();
        assert_eq!(discs.len(), 2);
        for (disc, (level, squared)) in discs.iter().zip([(1, 0.64), (0, 0.25)]) {
            assert_eq!((disc.level, disc.band()), (level, level));
            assert!(
                (disc.area - std::f64::consts::PI * squared).abs() < 2e-3,
                "{}",
                disc.area
            );
            let lines = disc.lines();
            assert_eq!(lines.len(), 1, "a closed iso-line is one stretch");
            assert_eq!(lines[0].first(), lines[0].last());
        }
        for border in found.iter().filter(|l| l.high_inside) {
            assert!((border.area - 4.0).abs() < 1e-12);
            assert!(
                border.lines().is_empty(),
                "the field's own edge is no iso-line"
            );
        }
    }

    #[test]
    fn painting_in_order_gives_every_place_its_band() {
        let wave = |x: f64, y: f64| (3.0 * x).sin() * (4.0 * y + x).cos();
        let (axis, values) = field(41, wave);
        let levels = [-0.6, -0.2, 0.2, 0.6];
        let found = loops(
            &Field {
                x: &axis,
                y: &axis,
                values: &values,
                what: "s",
            },
            &levels,
        );
        for (row, y) in axis.iter().enumerate().step_by(3) {
            for (column, x) in axis.iter().enumerate().step_by(3) {
                let value = values[row * axis.len() + column];
                // A hair inside the field, as a node of its edge lies on the loops' own border.
                let at = (x * 0.999_999, y * 0.999_999);
                let painted = found.iter().rfind(|l| contains(l, at));
                let band = painted.map_or(0, Loop::band);
                let expected = levels.iter().filter(|level| value >= **level).count();
                assert_eq!(band, expected, "at ({x}, {y}), value {value}");
            }
        }
    }

    #[test]
    fn a_missing_value_is_low_ground_without_an_iso_line() {
        let (axis, mut values) = field(5, |_, _| 1.0);
        values[12] = f64::NAN;
        let found = loops(
            &Field {
                x: &axis,
                y: &axis,
                values: &values,
                what: "s",
            },
            &[0.5],
        );
        assert_eq!(found.len(), 2, "the border and the hole");
        assert!(found.iter().all(|l| l.lines().is_empty()));
        let all_missing = vec![f64::NAN; 25];
        assert!(
            loops(
                &Field {
                    x: &axis,
                    y: &axis,
                    values: &all_missing,
                    what: "s",
                },
                &[0.5]
            )
            .is_empty()
        );
    }

    /// Is the point inside the loop, by counting crossings of a ray?
    fn contains(region: &Loop, (x, y): Point) -> bool {
        let corners = &region.corners;
        let mut inside = false;
        for (a, b) in corners.iter().zip(corners.iter().cycle().skip(1)) {
            let ((x0, y0), (x1, y1)) = (a.at, b.at);
            if (y0 > y) != (y1 > y) && x < x0 + (y - y0) / (y1 - y0) * (x1 - x0) {
                inside = !inside;
            }
        }
        inside
    }
}
