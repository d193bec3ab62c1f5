//! A system's name and dimension.

/// A system as the model sees it: a name, which decides its random streams, and its dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemShape {
    /// The system's id, e.g. `classical`.
    pub id: String,
    /// Degrees of freedom d.
    pub dof: usize,
}
