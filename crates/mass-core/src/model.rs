//! The MASS model: a scalar network and a shift per system, and one shared layer over the terms.

use std::sync::Arc;

use burn::{
    module::{Module, Param},
    tensor::{Device, Gradients, Tensor, TensorData},
};
use mass_jet::Jet;
use mass_systems::{Purpose, stream};
use mass_terms::{Derivatives, InverseShift, TermSum, evaluate, term_sum};
use rand::RngExt;
use rand_distr::{Distribution, Normal};

use crate::{
    Error, Network, Recipe, SystemShape, TermSet,
    parameters::{Layout, Values},
    tensors::pick_members,
};

/// Standard deviation of the initial shift b (released code, `model_utils.py`).
const SHIFT_DEVIATION: f64 = 0.1;

/// What a model says of a system at a batch of states.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Output {
    /// x, y, and the derivatives of S there.
    pub derivatives: Derivatives,
    /// The predicted ẏ, `[E, B, d]`, and ‖a‖₁ per scientist, `[E]`.
    pub sum: TermSum,
}

/// An ensemble of E MASS scientists over K systems (Fu et al. 2025, Section IV and Figure 2).
///
/// Scientist e predicts, for system j at state (x, y),
///
/// ẏ = Σ_i w_i t_i(x, y; S_j, b_j),
///
/// with S_j a network of its own, b_j the shift in that system's inverses pinv(A + b_j I), and one
/// w for all systems.
///
/// # Example
///
/// ```
/// use mass_core::{DeviceKind, MassModel, Recipe, SystemShape, burn::tensor::Tensor};
///
/// let device = DeviceKind::Flex.open()?;
/// let systems = [SystemShape { id: "classical".into(), dof: 1 }];
/// let model = MassModel::init(&Recipe::reference(), &systems, &[0, 1], &device)?;
/// let states = Tensor::<3>::ones([2, 5, 2], &device); // [E, B, n]
/// let output = model.output(0, states)?;
/// assert_eq!(output.sum.prediction.dims(), [2, 5, 1]); // [E, B, d]
/// assert_eq!(output.derivatives.s_xx().dims(), [2, 5, 1, 1]); // [E, B, d, d]
/// # Ok::<(), mass_core::Error>(())
/// ```
#[derive(Module, Debug)]
pub struct MassModel {
    /// One network per system, in the order of the systems.
    pub nets: Vec<Network>,
    /// b_j per system, `[E, 1, 1]` each.
    pub shifts: Vec<Param<Tensor<3>>>,
    /// w, `[E, 1, T]`.
    pub weights: Param<Tensor<3>>,
    #[module(skip)]
    terms: Arc<TermSet>,
    #[module(skip)]
    systems: Vec<SystemShape>,
}

impl MassModel {
    /// One scientist per seed: networks from PyTorch's default initialisation, b ~ N(0, 0.1²),
    /// w ~ U(±1/√T) (released code), or what the recipe's theory holds it at.
    ///
    /// Each parameter comes from a stream of (seed, system) or (seed, shared layer), so a scientist
    /// is the same whatever else is in the ensemble and however many systems follow.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] without seeds or systems; errors of the network for a bad shape.
    pub fn init(
        recipe: &Recipe,
        systems: &[SystemShape],
        seeds: &[u64],
        device: &Device,
    ) -> Result<Self, Error> {
        if seeds.is_empty() || systems.is_empty() {
            return Err(Error::Request(
                "a model needs at least one seed and one system".into(),
            ));
        }
        let terms = TermSet::of(&recipe.terms, &recipe.theory)?;
        let members = seeds.len();
        let parameter = |values: Vec<f64>, columns: usize| {
            let data = TensorData::new(values, [members, 1, columns]);
            Param::from_tensor(Tensor::from_data(data, (device, recipe.precision.dtype())))
        };
        let (mut nets, mut shifts) = (Vec::new(), Vec::new());
        for system in systems {
            let mut streams: Vec<_> = seeds
                .iter()
                .map(|seed| stream(*seed, Purpose::Init, &system.id))
                .collect();
            let net = recipe
                .network
                .init(system.dof, &mut streams, device, recipe.precision)?;
            nets.push(net);
            // The network is drawn first, b after it, from the same stream.
            let normal = Normal::new(0.0, SHIFT_DEVIATION).expect("0.1 is a standard deviation");
            let drawn: Vec<f64> = streams
                .iter_mut()
                .map(|stream| normal.sample(stream))
                .collect();
            shifts.push(parameter(drawn, 1));
        }
        let bound = 1.0 / (terms.library.len() as f64).sqrt();
        let weights: Vec<f64> = seeds
            .iter()
            .flat_map(|seed| {
                let mut stream = stream(*seed, Purpose::Init, "shared layer");
                (0..terms.library.len())
                    .map(|_| stream.random_range(-bound..bound))
                    .collect::<Vec<_>>()
            })
            .collect();
        let held = recipe.theory.weights(&terms.library)?;
        let weights = held.map_or(weights, |held| held.repeat(members));
        let weights = parameter(weights, terms.library.len());
        Ok(Self {
            nets,
            shifts,
            weights,
            terms: Arc::new(terms),
            systems: systems.to_vec(),
        })
    }

    /// A model from its parameters in the order of [`MassModel::names`].
    ///
    /// # Errors
    ///
    /// An error naming the first tensor that is missing or of another shape.
    pub fn from_tensors(
        recipe: &Recipe,
        systems: &[SystemShape],
        tensors: Vec<Tensor<3>>,
    ) -> Result<Self, Error> {
        let values = Layout::new(recipe, systems).values(&tensors)?;
        Self::from_values(
            recipe,
            systems,
            Arc::new(TermSet::of(&recipe.terms, &recipe.theory)?),
            &values,
        )
    }

    /// From the values of all parameters, with terms that are built already. Parameters are leaves of
    /// their own, however the values came about.
    pub(crate) fn from_values(
        recipe: &Recipe,
        systems: &[SystemShape],
        terms: Arc<TermSet>,
        values: &Values,
    ) -> Result<Self, Error> {
        let (shared, per_system) = values.rows.split_last().expect("w has a row");
        let column = |row: Tensor<2>| {
            let [members, columns] = row.dims();
            Param::from_tensor(row.detach().reshape([members, 1, columns]))
        };
        let (mut nets, mut shifts) = (Vec::new(), Vec::new());
        for ((system, row), alone) in systems.iter().zip(per_system).zip(&values.alone) {
            // b stands behind the network's parameters.
            let parameters = row.dims()[1] - 1;
            let of_net = row.clone().narrow(1, 0, parameters);
            nets.push(recipe.network.with_row(system.dof, of_net, alone)?);
            shifts.push(column(row.clone().narrow(1, parameters, 1)));
        }
        Ok(Self {
            nets,
            shifts,
            weights: column(shared.clone()),
            terms,
            systems: systems.to_vec(),
        })
    }

    /// The values of all parameters, as [`MassModel::from_values`] takes them.
    pub(crate) fn values(&self) -> Values {
        let per_system = self.nets.iter().zip(&self.shifts).map(|(net, shift)| {
            let row = net.row();
            let members = row.dims()[0];
            Tensor::cat(vec![row, shift.val().reshape([members, 1])], 1)
        });
        Values {
            rows: per_system.chain([self.final_weights()]).collect(),
            alone: self.nets.iter().map(Network::alone).collect(),
        }
    }

    /// Takes the gradients of the rows of [`MassModel::values`]; none where a system was not seen.
    pub(crate) fn row_gradients(&self, gradients: &mut Gradients) -> Vec<Option<Tensor<2>>> {
        fn flat(gradient: Tensor<3>) -> Tensor<2> {
            let [members, _, columns] = gradient.dims();
            gradient.reshape([members, columns])
        }
        let mut rows = Vec::with_capacity(self.nets.len() + 1);
        for (net, shift) in self.nets.iter().zip(&self.shifts) {
            let parameters = net.row().grad_remove(gradients);
            let shift = shift.val().grad_remove(gradients).map(flat);
            // A plain network's ẏ does not depend on b.
            let row = parameters.map(|p| {
                let b = shift.unwrap_or_else(|| p.clone().narrow(1, 0, 1).zeros_like());
                Tensor::cat(vec![p, b], 1)
            });
            rows.push(row);
        }
        rows.push(self.weights.val().grad_remove(gradients).map(flat));
        rows
    }

    /// The gradients of the parameters by name, `[E, ·, ·]` each, in the order of
    /// [`MassModel::tensors`], taken out of `gradients`; none of a system that was not seen, nor of an
    /// output bias, which no derivative of S depends on.
    pub fn gradients(&self, gradients: &mut Gradients) -> Vec<(String, Tensor<3>)> {
        let rows = self.row_gradients(gradients);
        let layout = self.layout();
        let gradient = |(index, name): (usize, &str)| {
            let row = rows[layout.group_of(index)?].as_ref()?;
            Some((name.to_string(), layout.cut(index, row)?))
        };
        layout.names().enumerate().filter_map(gradient).collect()
    }

    fn layout(&self) -> Layout {
        let nets = self.nets.iter().map(Network::parameters);
        Layout::compose(&self.systems, nets, self.terms.library.len())
    }

    /// Parameter names in order: per system `ID.layer.0.weight`, ..., `ID.b`, and `w` last.
    pub fn names(recipe: &Recipe, systems: &[SystemShape]) -> Vec<String> {
        let layout = Layout::new(recipe, systems);
        layout.names().map(str::to_string).collect()
    }

    /// The parameters in the order of [`MassModel::names`], each `[E, ·, ·]`.
    pub fn tensors(&self) -> Vec<Tensor<3>> {
        self.layout().tensors(&self.values())
    }

    /// Scientist `member` as an ensemble of one, E = 1, without autodiff.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if there is no such scientist.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_core::{DeviceKind, MassModel, Recipe, SystemShape};
    ///
    /// let device = DeviceKind::Flex.open()?;
    /// let systems = [SystemShape { id: "classical".into(), dof: 1 }];
    /// let ensemble = MassModel::init(&Recipe::reference(), &systems, &[7, 8, 9], &device)?;
    /// let alone = MassModel::init(&Recipe::reference(), &systems, &[8], &device)?;
    /// let second = ensemble.member(1)?;
    /// assert_eq!(second.final_weights().into_data(), alone.final_weights().into_data());
    /// # Ok::<(), mass_core::Error>(())
    /// ```
    pub fn member(&self, member: usize) -> Result<Self, Error> {
        self.members(&[member])
    }

    /// These scientists, in this order, as an ensemble of their own without autodiff.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] without scientists, or for one that is not there.
    pub fn members(&self, places: &[usize]) -> Result<Self, Error> {
        let members = self.ensemble_size();
        if let Some(bad) = places.iter().find(|place| **place >= members) {
            return Err(Error::Request(format!(
                "the model has {members} scientists, so there is no scientist {bad}"
            )));
        }
        if places.is_empty() {
            return Err(Error::Request(
                "an ensemble has at least one scientist".into(),
            ));
        }
        let pick = |tensor: Tensor<3>| Param::from_tensor(pick_members(tensor, places));
        let nets = self.nets.iter().map(|net| net.members(places));
        Ok(Self {
            nets: nets.collect::<Result<_, _>>()?,
            shifts: self.shifts.iter().map(|shift| pick(shift.val())).collect(),
            weights: pick(self.weights.val()),
            terms: self.terms.clone(),
            systems: self.systems.clone(),
        })
    }

    /// Number of scientists, E.
    pub fn ensemble_size(&self) -> usize {
        self.weights.val().dims()[0]
    }

    /// The systems, in order.
    pub fn systems(&self) -> &[SystemShape] {
        &self.systems
    }

    /// The terms of the shared layer.
    pub fn terms(&self) -> &TermSet {
        &self.terms
    }

    /// w, `[E, T]`, masked terms among them.
    pub fn final_weights(&self) -> Tensor<2> {
        let weights = self.weights.val();
        let [members, _, terms] = weights.dims();
        weights.reshape([members, terms])
    }

    /// b of system `j`, `[E]`.
    pub fn shift(&self, system: usize) -> Tensor<1> {
        let shift = self.shifts[system].val();
        let members = shift.dims()[0];
        shift.reshape([members])
    }

    /// b of system `j`, and how its inverses are read with it.
    pub fn inverse_shift(&self, system: usize) -> InverseShift<Tensor<1>> {
        InverseShift {
            b: self.shift(system),
            inverse: self.terms.inverse,
        }
    }

    /// S_j with its first and second derivatives at `states` `[E, B, n]` (Fu et al. 2025, Eq. 3).
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a system that the model does not have, or a shape error.
    pub fn jet(&self, system: usize, states: Tensor<3>) -> Result<Jet, Error> {
        let net = self
            .nets
            .get(system)
            .ok_or_else(|| self.no_such_system(system))?;
        net.jet(states)
    }

    /// What the model says of system `j` at `states` `[E, B, n]`: ẏ, and the derivatives of S_j that
    /// it comes from.
    ///
    /// # Errors
    ///
    /// As [`MassModel::jet`].
    pub fn output(&self, system: usize, states: Tensor<3>) -> Result<Output, Error> {
        let derivatives = self.derivatives(system, states.clone())?;
        if let Some(plain) = self.nets.get(system).and_then(Network::plain) {
            let prediction = plain.acceleration(states)?;
            let none = (&prediction.device(), prediction.dtype());
            let activation_l1 = Tensor::zeros([self.ensemble_size()], none);
            let sum = TermSum {
                prediction,
                activation_l1,
            };
            return Ok(Output { derivatives, sum });
        }
        let sum = term_sum(
            &self.terms.library,
            &self.terms.mask,
            &derivatives,
            self.inverse_shift(system),
            self.final_weights(),
        )?;
        Ok(Output { derivatives, sum })
    }

    /// The activations a_i = w_i t_i for system `j` at `states` `[E, B, n]`: `[E, B, T, d]`, exactly
    /// zero where the mask is off.
    ///
    /// # Errors
    ///
    /// As [`MassModel::jet`].
    pub fn activations(&self, system: usize, states: Tensor<3>) -> Result<Tensor<4>, Error> {
        let derivatives = self.derivatives(system, states)?;
        let values = evaluate(
            &self.terms.library,
            &derivatives,
            self.inverse_shift(system),
        )?;
        let weights = self.weights.val();
        let [members, _, terms] = weights.dims();
        let off: Vec<bool> = self.terms.mask.iter().map(|active| !active).collect();
        let off = Tensor::<1, burn::tensor::Bool>::from_data(
            TensorData::new(off, [terms]),
            &values.device(),
        );
        let shape = values.dims();
        let activations = values * weights.reshape([members, 1, terms, 1]);
        Ok(activations.mask_fill(off.reshape([1, 1, terms, 1]).expand(shape), 0.0))
    }

    /// x, y and the derivatives of S_j at `states` `[E, B, n]`, as the terms read them.
    ///
    /// # Errors
    ///
    /// As [`MassModel::jet`].
    pub fn derivatives(&self, system: usize, states: Tensor<3>) -> Result<Derivatives, Error> {
        let jet = self.jet(system, states.clone())?;
        Ok(Derivatives::from_jet(&states, &jet)?)
    }

    fn no_such_system(&self, system: usize) -> Error {
        Error::Request(format!(
            "the model has {} systems, so there is no system {system}",
            self.systems.len()
        ))
    }
}
