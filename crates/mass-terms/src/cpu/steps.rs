//! How kernels of the processor go about a plan.

use super::{merged::Merged, products::Products};
use crate::plan::Plan;

/// How the terms of a mask are evaluated.
#[derive(Debug)]
pub(super) struct Steps {
    pub(super) merged: Merged,
    pub(super) products: Products,
}

impl Steps {
    /// Those of a plan.
    pub(super) fn new(plan: &Plan) -> Self {
        let (matrices, vectors) = (plan.plain.len() + plan.inverted.len(), plan.vectors.len());
        Self {
            merged: Merged::new(&plan.terms, matrices, vectors),
            products: Products::new(&plan.terms, vectors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Library, Mask};

    #[test]
    fn the_released_mask_is_98_pairs() {
        let library = Library::standard();
        let plan = library.plan(&Mask::released(&library));
        // Words: the empty one, 6 matrices, 21 products of two less 3 of a matrix and its inverse.
        assert_eq!(Steps::new(&plan).merged.counts(), [25, 98]);
    }
}
