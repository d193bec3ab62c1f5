//! Panels of correlations in the order of a clustering.

use crate::dendrogram::Dendrogram;
use crate::error::{DrawError, same_length};
use crate::sheet::{Frame, Sheet, centred};
use crate::style::{LABEL, PAGE, TICK};
use crate::tiles;
use crate::typeset;
use kuva::render::render::TextAnchor;

/// With more rows than this a map has no names: they would be too small to read.
const NAMED: usize = 60;
/// Room for the colour bar on the right.
const BAR: f64 = 100.0;
/// Room for the numbers beside the map.
const NUMBERS: f64 = 26.0;
/// Height of the tree, and the room that it takes.
const TREE: (f64, f64) = (66.0, 62.0);
/// Where the letter begins.
const LEFT: f64 = 20.0;

/// A map of correlations in the order of their clustering, as wide as the page: numbered rows and columns, names
/// beside the rows if they are few enough to be read, the tree above, the colour bar on the right.
///
/// ```
/// use mass_figures::{ClusteredMap, Sheet};
///
/// let names = ["x", "y", "z"];
/// let r = [1.0, 0.9, -0.4, 0.9, 1.0, -0.5, -0.4, -0.5, 1.0];
/// let tree = [[0.0, 1.0, 0.1, 2.0], [3.0, 2.0, 0.7, 3.0]]; // as SciPy writes it
/// let map = ClusteredMap::new(60.0, names.to_vec(), &r, &tree)?;
/// let mut sheet = Sheet::new(map.bottom() + 50.0, "three quantities");
/// map.draw(&mut sheet, 'a', "quantities");
/// assert!(sheet.finish()?.svg.contains("correlation"));
/// # Ok::<(), mass_figures::DrawError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ClusteredMap<'a> {
    names: Vec<&'a str>,
    correlation: &'a [f64],
    tree: Dendrogram,
    head: f64,
    frame: Frame,
    /// Size of the names.
    size: u32,
}

impl<'a> ClusteredMap<'a> {
    /// The map of a figure's fields `order`, whose names these are, `correlation`, row-major, and `linkage`
    /// ([`Dendrogram::new`]; none for no tree), from a height of the page on.
    ///
    /// # Errors
    /// Fields that do not fit together, no name, and merges that are no tree.
    pub fn new(
        head: f64,
        names: Vec<&'a str>,
        correlation: &'a [f64],
        linkage: &[[f64; 4]],
    ) -> Result<Self, DrawError> {
        let n = names.len();
        if n == 0 {
            return Err(DrawError::empty("order"));
        }
        let cells = [("correlation", correlation.len())];
        same_length("`order` by `order`", n * n, &cells)?;
        let tree = Dendrogram::new(linkage, n)?;

        let widest = |size: u32| {
            let names = names.iter().filter(|_| n <= NAMED);
            let widths = names.map(|name| typeset::width(name, size));
            widths.fold(0.0, f64::max)
        };
        let size_for = |side: f64| ((side / n as f64 * 0.74) as u32).clamp(6, TICK);
        // The names' size follows the map's side, which is what their width leaves of the page.
        let side_for = |size: u32| PAGE - BAR - NUMBERS - 30.0 - widest(size);
        let size = size_for(side_for(TICK));
        let side = side_for(size);
        let left = PAGE - BAR - side;
        let top = if tree.is_empty() { head } else { head + TREE.1 };
        let cells = (0.0, n as f64);
        Ok(Self {
            frame: Frame::new((left, left + side), (top, top + side), cells, cells),
            names,
            correlation,
            tree,
            head,
            size,
        })
    }

    /// The lower side of the map; its numbers, or what it is of, stand below.
    pub fn bottom(&self) -> f64 {
        self.frame.down.1
    }

    /// Draws it; `what` the rows are is said where they go unnamed.
    pub fn draw(&self, sheet: &mut Sheet, letter: char, what: &str) {
        let (n, size) = (self.names.len(), self.size);
        let ((left, right), (top, bottom)) = (self.frame.across, self.frame.down);
        let pitch = (right - left) / n as f64;
        let mut panel = sheet.panel(self.frame);
        panel.cells(n, self.correlation, tiles::correlation);
        if n <= NAMED {
            for (place, name) in self.names.iter().enumerate() {
                let along = (place as f64 + 0.5) * pitch;
                let (number, y) = ((place + 1).to_string(), centred(top + along, size));
                // A size smaller, so that numbers of two digits stay apart.
                let below = (left + along, bottom + 5.0 + f64::from(size));
                panel
                    .text((left - 6.0, y), &number, size, TextAnchor::End)
                    .text((left - 6.0 - NUMBERS, y), name, size, TextAnchor::End)
                    .text(below, &number, size - 1, TextAnchor::Middle);
            }
        } else {
            panel.below(&format!("{n} {what} in clustered order"), 26.0, LABEL);
        }
        let down = (top + 14.0, top + 14.0 + 0.55 * (bottom - top));
        let (place, range) = ((right + 12.0, down), (-1.0, 1.0));
        panel
            .dendrogram(&self.tree, TREE.0)
            .head_at(self.head)
            .letter(letter, LEFT)
            .bar(place, range, tiles::correlation, "correlation");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::{Drawing, hex};
    use crate::style::INK;

    const TREE: [[f64; 4]; 2] = [[0.0, 1.0, 0.2, 2.0], [3.0, 2.0, 0.8, 3.0]];

    fn drawing(n: usize, linkage: &[[f64; 4]]) -> Drawing {
        let names: Vec<String> = (0..n).map(|i| format!("name {i}")).collect();
        let cell = |i: usize| 1.0 - 0.01 * (i / n).abs_diff(i % n) as f64;
        let values: Vec<f64> = (0..n * n).map(cell).collect();
        let names = names.iter().map(String::as_str).collect();
        let map = ClusteredMap::new(60.0, names, &values, linkage).unwrap();
        let mut sheet = Sheet::new(map.bottom() + 50.0, "t");
        map.draw(&mut sheet, 'c', "terms");
        Drawing::of(sheet)
    }

    #[test]
    fn cells_names_and_the_tree_are_where_they_belong() {
        let drawing = drawing(3, &TREE);
        let map = drawing.lettered('c');
        // Rows run downwards.
        let colour = |r: f64| hex(tiles::correlation(r));
        map.fill(&colour(1.0), (0.5, 2.5))
            .fill(&colour(0.98), (2.5, 2.5))
            .fill(&colour(0.99), (0.5, 1.5))
            .label("name 1")
            .label("correlation");
        assert_eq!(drawing.count("3"), 2, "rows and columns alike");
        // The highest merge is 66 pixels up, and 6 above the map; the first a quarter of that.
        let frame = drawing.panels()[0].frame;
        let up = |pixels: f64| 3.0 + pixels * 3.0 / (frame.down.1 - frame.down.0);
        map.line(INK, (1.0, up(6.0 + 66.0 / 4.0)))
            .line(INK, (2.0, up(6.0 + 66.0)));
    }

    #[test]
    fn a_crowd_goes_unnamed() {
        let crowd = drawing(NAMED + 1, &[]);
        assert_eq!(crowd.count("61 terms in clustered order"), 1);
        assert_eq!(crowd.count("name 3"), 0);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let refused =
            |names: Vec<&str>, values: &[f64]| match ClusteredMap::new(0.0, names, values, &TREE) {
                Err(DrawError::Shape { what, .. } | DrawError::Empty { what }) => what,
                other => panic!("{other:?}"),
            };
        assert_eq!(refused(Vec::new(), &[]), "order");
        assert_eq!(refused(vec!["a"; 3], &[1.0]), "correlation");
        assert_eq!(refused(vec!["a"; 2], &[1.0; 4]), "linkage");
    }
}
