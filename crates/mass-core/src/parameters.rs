//! The parameters of E scientists: what each is called, its shape, and where its numbers stand.
//!
//! A model has a dozen small tensors per system. The optimiser and the moving average do the same to
//! every number, so they work on one row per system and one for the shared layer, `[E, ·]`: fifteen
//! operations instead of two hundred. The model's tensors are cut out of the rows.

use burn::tensor::Tensor;
use mass_jet::{ParameterSpec, Place};

use crate::{Error, Recipe, SystemShape};

/// The parameters of a model, composed of those of its networks, with b behind each, and w last.
/// Whoever has to do with a parameter's name, shape or place asks here.
pub(crate) struct Layout {
    entries: Vec<Entry>,
    groups: usize,
}

struct Entry {
    spec: ParameterSpec,
    /// The row that it stands in; of one that stands alone, the row of its network.
    group: usize,
    /// Its index among those of its network that stand alone.
    alone: usize,
}

/// The values of all parameters.
#[derive(Clone)]
pub(crate) struct Values {
    /// One row per system, that of its network and b behind it, `[E, P + 1]`; w, `[E, T]`, last.
    pub(crate) rows: Vec<Tensor<2>>,
    /// Per network, the parameters that stand alone and never move, `[E, ·, ·]`.
    pub(crate) alone: Vec<Vec<Tensor<3>>>,
}

impl Values {
    /// The same with every row and every parameter that stands alone mapped.
    pub(crate) fn map(
        self,
        row: impl FnMut(Tensor<2>) -> Tensor<2>,
        mut alone: impl FnMut(Tensor<3>) -> Tensor<3>,
    ) -> Self {
        let of_net = |net: Vec<Tensor<3>>| net.into_iter().map(&mut alone).collect();
        Self {
            rows: self.rows.into_iter().map(row).collect(),
            alone: self.alone.into_iter().map(of_net).collect(),
        }
    }
}

impl Layout {
    /// The parameters of a recipe's model.
    pub(crate) fn new(recipe: &Recipe, systems: &[SystemShape]) -> Self {
        let nets = systems.iter().map(|one| recipe.network.parameters(one.dof));
        Self::compose(systems, nets, recipe.terms.library.len())
    }

    /// The parameters of a model of these networks, one per system, and of `terms` terms.
    pub(crate) fn compose(
        systems: &[SystemShape],
        nets: impl Iterator<Item = Vec<ParameterSpec>>,
        terms: usize,
    ) -> Self {
        let mut entries = Vec::new();
        let in_row = |name: String, columns: usize, from: usize, group: usize| Entry {
            spec: ParameterSpec {
                name,
                shape: [1, columns],
                place: Place::Row { from },
            },
            group,
            alone: 0,
        };
        for (group, (system, net)) in systems.iter().zip(nets).enumerate() {
            let (mut end, mut alone) = (0, 0);
            for mut spec in net {
                spec.name = format!("{}.{}", system.id, spec.name);
                let entry = Entry { spec, group, alone };
                match entry.spec.place {
                    Place::Row { from } => end = from + entry.spec.count(),
                    Place::Alone => alone += 1,
                }
                entries.push(entry);
            }
            entries.push(in_row(format!("{}.b", system.id), 1, end, group));
        }
        entries.push(in_row("w".to_string(), terms, 0, systems.len()));
        Self {
            entries,
            groups: systems.len() + 1,
        }
    }

    /// Number of rows: one per system and the shared layer's.
    pub(crate) fn groups(&self) -> usize {
        self.groups
    }

    /// The row of each parameter, in the model's order; none for one that stands alone.
    pub(crate) fn group_of(&self, index: usize) -> Option<usize> {
        self.entries[index].row()
    }

    /// Number of parameter tensors.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// What the parameters are called, in the model's order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.spec.name.as_str())
    }

    /// Name and shape of every parameter of `members` scientists, in the model's order.
    pub(crate) fn shapes(&self, members: usize) -> impl Iterator<Item = (&str, [usize; 3])> {
        self.entries.iter().map(move |entry| {
            let [rows, columns] = entry.spec.shape;
            (entry.spec.name.as_str(), [members, rows, columns])
        })
    }

    /// The values of the model's tensors.
    ///
    /// # Errors
    ///
    /// An error naming the first tensor that is missing or of another shape.
    pub(crate) fn values(&self, tensors: &[Tensor<3>]) -> Result<Values, Error> {
        if tensors.len() != self.len() {
            return Err(Error::Request(format!(
                "a model of {} systems has {} parameters, not {}",
                self.groups - 1,
                self.len(),
                tensors.len()
            )));
        }
        let members = tensors[0].dims()[0];
        for ((name, expected), tensor) in self.shapes(members).zip(tensors) {
            if tensor.dims() != expected || members == 0 {
                return Err(Error::Jet(mass_jet::Error::Shape {
                    what: name.to_string(),
                    found: tensor.dims().to_vec(),
                    expected: format!("{expected:?} with at least one member"),
                }));
            }
        }
        let mut alone = vec![Vec::new(); self.groups - 1];
        for (entry, tensor) in self.entries.iter().zip(tensors) {
            if entry.row().is_none() {
                alone[entry.group].push(tensor.clone());
            }
        }
        let tensors: Vec<Option<Tensor<3>>> = tensors.iter().cloned().map(Some).collect();
        let row = |group| self.row(group, &tensors);
        let rows = (0..self.groups).map(|group| row(group).expect("a row has parameters"));
        Ok(Values {
            rows: rows.collect(),
            alone,
        })
    }

    /// A row from what there is of the model's tensors, zero where there is nothing; `None` if there
    /// is nothing at all.
    pub(crate) fn row(&self, group: usize, tensors: &[Option<Tensor<3>>]) -> Option<Tensor<2>> {
        let of_group = || {
            let pairs = self.entries.iter().zip(tensors);
            pairs.filter(|(entry, _)| entry.row() == Some(group))
        };
        let some = of_group().find_map(|(_, tensor)| tensor.as_ref())?;
        let members = some.dims()[0];
        let options = (&some.device(), some.dtype());
        let parts = of_group().map(|(entry, tensor)| {
            let shape = [members, entry.spec.count()];
            match tensor {
                Some(tensor) => tensor.clone().reshape(shape),
                None => Tensor::zeros(shape, options),
            }
        });
        Some(Tensor::cat(parts.collect(), 1))
    }

    /// One parameter `[E, rows, columns]` out of its row; `None` of one that stands alone.
    pub(crate) fn cut(&self, index: usize, row: &Tensor<2>) -> Option<Tensor<3>> {
        self.entries[index].spec.cut(row)
    }

    /// The model's tensors from their values.
    pub(crate) fn tensors(&self, values: &Values) -> Vec<Tensor<3>> {
        let tensor = |entry: &Entry| match entry.row() {
            Some(row) => entry.spec.cut(&values.rows[row]).expect("it has a row"),
            None => values.alone[entry.group][entry.alone].clone(),
        };
        self.entries.iter().map(tensor).collect()
    }
}

impl Entry {
    fn row(&self) -> Option<usize> {
        match self.spec.place {
            Place::Row { .. } => Some(self.group),
            Place::Alone => None,
        }
    }
}
