/// A finished figure in both forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// SVG text; names the font (DejaVu Sans, then any sans serif) and does not embed it.
    pub svg: String,
    /// PNG file, 2000 pixels wide: 285 dpi at a text width of 7 inches.
    pub png: Vec<u8>,
}
