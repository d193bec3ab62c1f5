#![doc = include_str!("../README.md")]

mod claim;
mod contour;
mod contour_map;
mod dendrogram;
mod document;
mod error;
mod gallery;
pub mod inspect;
mod made;
mod number;
mod panel;
mod picture;
mod places;
mod series;
mod sheet;
pub mod style;
mod table;
pub mod tiles;
mod typeset;

pub use claim::{Claim, VERDICTS, Whose, Words, claim, terminal};
pub use contour::Field;
pub use contour_map::Scale;
pub use dendrogram::Dendrogram;
pub use document::{MarkerError, claims_table, renew};
pub use error::{DrawError, increasing, same_length};
pub use gallery::{GalleryEntry, gallery};
pub use kuva::render::render::TextAnchor as Anchor;
pub use made::{Made, Trained};
pub use number::{Rule, listed, number, ten_to};
pub use panel::{Axes, Panel};
pub use picture::Picture;
pub use series::{Course, SMALLEST, Series};
pub use sheet::{Drawn, Frame, Key, LEGEND_ROW, Point, Sheet, Swatch, Tile, centred};
pub use table::{for_terminal, markdown};
pub use typeset::width as text_width;
