//! The law of motion that a scientist has learned.

use burn::tensor::{Tensor, TensorData};
use mass_core::MassModel;
use mass_systems::{Scales, Solver, Trajectory, follow, wrap_angle};

use super::paths::{Paths, paths};
use crate::{
    error::{Error, check_index, check_length},
    readout::{check_dof, members, to_host},
};

/// ẏ(x, y) as a scientist has learned it for one system, or as E of them have, each its own.
///
/// It holds a model of E scientists without autodiff; lists of states are `[E, B, d]`, those of one
/// scientist together, and `[B, d]` where it is one. On a CPU a call costs twice as much for 64
/// states as for one (half a millisecond a step of RK4 for one, with the paper's network), so ask for
/// many at once where that is possible: [`LearnedLaw::accelerations`], [`LearnedLaw::paths`].
///
/// # Example
///
/// ```
/// use mass_core::{MassModel, Recipe, SystemShape};
/// use mass_interp::LearnedLaw;
/// use mass_jet::DeviceKind;
///
/// let device = DeviceKind::Flex.open()?;
/// let systems = [SystemShape { id: "classical".into(), dof: 1 }];
/// let model = MassModel::init(&Recipe::reference(), &systems, &[0], &device)?;
/// let law = LearnedLaw::of(&model, 0, 0)?;
/// let path = law.trajectory(&[0.5], &[0.0], 0.01, 10)?; // RK4, 10 steps of 0.01
/// assert!(path.len() >= 1);
/// # Ok::<(), mass_interp::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LearnedLaw {
    model: MassModel,
    system: usize,
    dof: usize,
    angles: Vec<usize>,
    /// What the model was trained in.
    scales: Scales,
}

impl LearnedLaw {
    /// The law of scientist `member` for system `system`.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a scientist or system.
    pub fn of(model: &MassModel, member: usize, system: usize) -> Result<Self, Error> {
        Self::of_members(members(model, &[member])?, system)
    }

    /// The laws of all scientists of a model for system `system`, in their order.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] without such a system.
    pub fn of_all(model: &MassModel, system: usize) -> Result<Self, Error> {
        let all: Vec<usize> = (0..model.ensemble_size()).collect();
        Self::of_members(members(model, &all)?, system)
    }

    /// The laws of the scientists of a model without autodiff.
    pub(crate) fn of_members(model: MassModel, system: usize) -> Result<Self, Error> {
        let dof = check_dof(&model, system)?;
        Ok(Self {
            model,
            system,
            dof,
            angles: Vec::new(),
            scales: Scales::own(dof),
        })
    }

    /// The same law with these positions, by index, brought into [−π, π) before the model is asked:
    /// a learned law knows nothing of 2π ([`mass_systems::System::angles`]).
    ///
    /// # Errors
    ///
    /// [`Error::Index`] for a position that is not there.
    pub fn with_angles(mut self, angles: &[usize]) -> Result<Self, Error> {
        for angle in angles {
            check_index("position", *angle, self.dof)?;
        }
        self.angles = angles.to_vec();
        Ok(self)
    }

    /// The same law of a model that was trained in other units: states and accelerations are in the
    /// person's ([`mass_core::TrainingSystem::scales`]).
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if the scales are not of d positions.
    pub fn with_scales(mut self, scales: Scales) -> Result<Self, Error> {
        check_length("the list of scales", scales.length().len(), self.dof)?;
        self.scales = scales;
        Ok(self)
    }

    /// Degrees of freedom, d.
    pub fn dof(&self) -> usize {
        self.dof
    }

    /// Number of scientists, E.
    pub fn members(&self) -> usize {
        self.model.ensemble_size()
    }

    /// ẏ `[E, B, d]` at positions and velocities `[E, B, d]`; NaN where a state is not finite.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if they are not E times B times d numbers each.
    pub fn accelerations(&self, x: &[f64], y: &[f64]) -> Result<Vec<f64>, Error> {
        let (d, members) = (self.dof, self.members());
        check_length("the list of velocities", y.len(), x.len())?;
        if x.is_empty() || !x.len().is_multiple_of(d * members) {
            return Err(Error::Length {
                what: "the list of positions".to_string(),
                found: x.len(),
                expected: format!("{members} · B · {d} with B at least 1"),
            });
        }
        let mut rows = Vec::with_capacity(2 * x.len());
        let mut finite = Vec::with_capacity(x.len() / d);
        for (x, y) in x.chunks_exact(d).zip(y.chunks_exact(d)) {
            let from = rows.len();
            rows.extend_from_slice(x);
            rows.extend_from_slice(y);
            for angle in &self.angles {
                let value = &mut rows[from + angle];
                *value = wrap_angle(*value);
            }
            self.scales.position_to_unit(&mut rows[from..from + d]);
            self.scales.velocity_to_unit(&mut rows[from + d..]);
            // f32 has no more than 3e38. An infinite state would only be asked for an inverse.
            let usable = rows[from..].iter().all(|value| value.abs() < 1e30);
            if !usable {
                rows[from..].fill(0.0);
            }
            finite.push(usable);
        }
        let weights = self.model.weights.val();
        let shape = [members, x.len() / d / members, 2 * d];
        let states = TensorData::new(rows, shape);
        let states = Tensor::from_data(states, (&weights.device(), weights.dtype()));
        let mut out = to_host(self.model.output(self.system, states)?.sum.prediction);
        self.scales.acceleration_from_unit(&mut out);
        for (out, finite) in out.chunks_exact_mut(d).zip(finite) {
            if !finite {
                out.fill(f64::NAN);
            }
        }
        Ok(out)
    }

    /// ẏ `[d]` of one scientist at one state, as [`follow`] asks for it.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if a slice has not length d, or there are several scientists.
    pub fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) -> Result<(), Error> {
        check_length("the acceleration", out.len(), self.dof)?;
        check_length("the position", x.len(), self.dof)?;
        out.copy_from_slice(&self.accelerations(x, y)?);
        Ok(())
    }

    /// `steps` steps of RK4 of size `dt` on this law ([`mass_systems::rk4`]). The trajectory ends, and says so,
    /// where the law or the state is not finite.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if the start has not d coordinates, else as [`follow`].
    pub fn trajectory(
        &self,
        x0: &[f64],
        y0: &[f64],
        dt: f64,
        steps: usize,
    ) -> Result<Trajectory, Error> {
        self.trajectory_by(Solver::Rk4, x0, y0, dt, steps)
    }

    /// The same by any solver.
    ///
    /// # Errors
    ///
    /// As [`LearnedLaw::trajectory`].
    pub fn trajectory_by(
        &self,
        solver: Solver,
        x0: &[f64],
        y0: &[f64],
        dt: f64,
        steps: usize,
    ) -> Result<Trajectory, Error> {
        check_length("the first position", x0.len(), self.dof)?;
        let mut failure = None;
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
            if let Err(error) = self.acceleration(x, y, out) {
                failure.get_or_insert(error);
                out.fill(f64::NAN); // ends the trajectory
            }
        };
        let path = follow(law, x0, y0, dt, steps, solver)?;
        failure.map_or(Ok(path), Err)
    }

    /// Trajectories from first states `[E, B, d]` at once; the model is asked four times a step
    /// however many they are. [`Rollouts`](crate::Rollouts) sets them beside the truth.
    ///
    /// # Errors
    ///
    /// As [`paths()`], with [`Error::Length`] if the starts have not d coordinates.
    pub fn paths(&self, x0: &[f64], y0: &[f64], dt: f64, steps: usize) -> Result<Paths, Error> {
        paths(
            |x, y, out| {
                out.copy_from_slice(&self.accelerations(x, y)?);
                Ok(())
            },
            self.dof,
            x0,
            y0,
            dt,
            steps,
            Solver::Rk4,
        )
    }
}
