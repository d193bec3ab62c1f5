//! How the processor's kernels go through a batch: in chunks of vectors of lanes.

use crate::shape::Shape;

/// Vectors of lanes that are worked on together: what a layer needs then stays in the nearest cache,
/// and sums over samples are written once per chunk.
pub(super) const CHUNK: usize = 4;

impl Shape {
    /// What a unit has in the forward pass: u or z, and its n tangents.
    pub(super) fn tangents(&self) -> usize {
        1 + self.coordinates()
    }

    /// What a unit has in the reverse pass: as [`Shape::tangents`], and its adjoint.
    pub(super) fn channels(&self) -> usize {
        2 + self.coordinates()
    }

    /// Chunks of a batch, the last filled up with zeros.
    pub(super) fn chunks(&self, batch: usize, lanes: usize) -> usize {
        batch.div_ceil(CHUNK * lanes)
    }

    /// Vectors that the forward pass keeps for the reverse pass, per chunk: u, its tangents and the
    /// adjoint of each hidden unit.
    pub(super) fn kept(&self) -> usize {
        self.layers * self.width * self.channels() * CHUNK
    }
}
