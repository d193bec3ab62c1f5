//! The parameters of a block of scientists, in a few long rows.
//!
//! A model has a dozen small tensors per system. The optimiser and the moving average do the same to
//! every number, so they work on one row per system and one for the shared layer, `[E, ·]`: fifteen
//! operations instead of two hundred. The model's tensors are cut out of the rows.

use burn::tensor::Tensor;

use crate::{MassModel, Recipe, SystemShape, run::parameter_shapes};

/// Where each parameter stands.
pub(crate) struct Layout {
    entries: Vec<Entry>,
    groups: usize,
}

struct Entry {
    name: String,
    /// `[rows, columns]` of one member.
    shape: [usize; 2],
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    /// In the row of a group, from this column on.
    Row { group: usize, from: usize },
    /// Nowhere: the output bias of a network has no gradient, for only derivatives of S are used, so
    /// that it never moves.
    Fixed { index: usize },
}

impl Layout {
    pub(crate) fn new(recipe: &Recipe, systems: &[SystemShape]) -> Self {
        let mut entries = Vec::new();
        let (mut widths, mut fixed) = (vec![0; systems.len() + 1], 0);
        let per_system = systems.iter().enumerate().flat_map(|(group, system)| {
            // Weights and biases of all layers, and b.
            let count = 2 * (recipe.network.config(system.dof).hidden_layers + 1) + 1;
            std::iter::repeat_n(group, count)
                .enumerate()
                .map(move |(index, group)| (group, index + 2 == count))
        });
        let groups = per_system.chain([(systems.len(), false)]);
        let names = parameter_shapes(recipe, systems, 1);
        debug_assert_eq!(names.len(), MassModel::names(recipe, systems).len());
        for ((name, [_, rows, columns]), (group, is_output_bias)) in names.into_iter().zip(groups) {
            let place = if is_output_bias {
                fixed += 1;
                Place::Fixed { index: fixed - 1 }
            } else {
                let from = widths[group];
                widths[group] += rows * columns;
                Place::Row { group, from }
            };
            entries.push(Entry {
                name,
                shape: [rows, columns],
                place,
            });
        }
        Self {
            entries,
            groups: widths.len(),
        }
    }

    /// Number of rows: one per system and the shared layer's.
    pub(crate) fn groups(&self) -> usize {
        self.groups
    }

    /// The group of each parameter, in the model's order; none for one that never moves.
    pub(crate) fn group_of(&self, index: usize) -> Option<usize> {
        match self.entries[index].place {
            Place::Row { group, .. } => Some(group),
            Place::Fixed { .. } => None,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Rows from the model's tensors, `[E, ·]` each; parameters that never move are left out.
    pub(crate) fn rows(&self, tensors: &[Tensor<3>]) -> Vec<Tensor<2>> {
        let tensors: Vec<Option<Tensor<3>>> = tensors.iter().cloned().map(Some).collect();
        (0..self.groups)
            .map(|group| {
                self.row(group, &tensors)
                    .expect("every parameter is there, and a group has several")
            })
            .collect()
    }

    /// The row of a group from what there is of the model's tensors, zero where there is nothing;
    /// `None` if there is nothing at all.
    pub(crate) fn row(&self, group: usize, tensors: &[Option<Tensor<3>>]) -> Option<Tensor<2>> {
        let of_group = || {
            self.entries.iter().zip(tensors).filter(
                |(entry, _)| matches!(entry.place, Place::Row { group: g, .. } if g == group),
            )
        };
        let some = of_group().find_map(|(_, tensor)| tensor.as_ref())?;
        let members = some.dims()[0];
        let options = (&some.device(), some.dtype());
        let parts = of_group().map(|(entry, tensor)| {
            let shape = [members, entry.shape[0] * entry.shape[1]];
            match tensor {
                Some(tensor) => tensor.clone().reshape(shape),
                None => Tensor::zeros(shape, options),
            }
        });
        Some(Tensor::cat(parts.collect(), 1))
    }

    /// One parameter `[E, rows, columns]` of a row.
    pub(crate) fn cut(&self, index: usize, row: &Tensor<2>) -> Tensor<3> {
        let entry = &self.entries[index];
        let [rows, columns] = entry.shape;
        let members = row.dims()[0];
        match entry.place {
            Place::Row { from, .. } => row
                .clone()
                .narrow(1, from, rows * columns)
                .reshape([members, rows, columns]),
            Place::Fixed { .. } => unreachable!("{} is in no row", entry.name),
        }
    }

    /// The model's tensors from the rows and the parameters that never move.
    pub(crate) fn tensors(&self, rows: &[Tensor<2>], fixed: &[Tensor<3>]) -> Vec<Tensor<3>> {
        (0..self.entries.len())
            .map(|index| match self.entries[index].place {
                Place::Row { group, .. } => self.cut(index, &rows[group]),
                Place::Fixed { index } => fixed[index].clone(),
            })
            .collect()
    }

    /// The parameters that never move, of all of the model's.
    pub(crate) fn fixed(&self, tensors: &[Tensor<3>]) -> Vec<Tensor<3>> {
        let fixed = |(entry, _): &(&Entry, &Tensor<3>)| matches!(entry.place, Place::Fixed { .. });
        let pairs = self.entries.iter().zip(tensors).filter(fixed);
        pairs.map(|(_, tensor)| tensor.clone()).collect()
    }
}
