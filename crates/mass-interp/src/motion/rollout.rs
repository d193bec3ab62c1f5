//! A learned trajectory beside the true one.

use mass_systems::{End, Solver, System, Trajectory, follow, reference_trajectory};

use super::law::LearnedLaw;
use crate::error::{Error, check_length};

/// What a learned trajectory is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Truth {
    /// The system's trajectory to within a tolerance ([`reference_trajectory`]), at the same times;
    /// the difference is then the law's and the integration's together.
    Reference {
        /// Relative and absolute error of a step of the solver.
        tolerance: f64,
    },
    /// The same solver on the system's own acceleration; the difference is the law's alone.
    SameSolver,
}

/// Where to start and how far to go.
#[derive(Debug, Clone, PartialEq)]
pub struct RolloutPlan {
    /// First position, `[d]`; for [`Rollouts`](crate::Rollouts) those of all starts, `[B, d]`.
    pub x0: Vec<f64>,
    /// First velocity, `[d]`, or `[B, d]`.
    pub y0: Vec<f64>,
    /// Time from one state to the next; the step of RK4.
    pub dt: f64,
    /// Number of steps.
    pub steps: usize,
    /// How the learned motion is followed.
    pub solver: Solver,
    /// What to compare with.
    pub truth: Truth,
}

impl RolloutPlan {
    /// `steps` steps of RK4 of size `dt` from this state, as the paper's, compared with the reference solver
    /// at 1e-10.
    pub fn new(x0: impl Into<Vec<f64>>, y0: impl Into<Vec<f64>>, dt: f64, steps: usize) -> Self {
        let truth = Truth::Reference { tolerance: 1e-10 };
        Self {
            x0: x0.into(),
            y0: y0.into(),
            dt,
            steps,
            solver: Solver::Rk4,
            truth,
        }
    }

    /// The same by the adaptive method of order 8 with this error a step, for long motions.
    pub fn adaptive(self, tolerance: f64) -> Self {
        Self {
            solver: Solver::Dop853 { tolerance },
            ..self
        }
    }

    /// `steps` steps of size `dt` from the state at which the paper's motion of a system starts (Fu et al.
    /// 2025, Figures 17 to 19, [`System::paper_run`]).
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the paper shows no motion of it, or does not give its first state.
    pub fn from_the_papers_start(
        system: &(impl System + ?Sized),
        dt: f64,
        steps: usize,
    ) -> Result<Self, Error> {
        let start = system.paper_run().and_then(|run| run.start);
        let (x, y) = start.ok_or_else(|| {
            Error::Request(format!(
                "the paper gives no first state of a motion of {}",
                system.id()
            ))
        })?;
        Ok(Self::new(x, y, dt, steps))
    }

    pub(super) fn truth(&self, system: &(impl System + ?Sized)) -> Result<Trajectory, Error> {
        Ok(match self.truth {
            Truth::Reference { tolerance } => {
                let times: Vec<f64> = (0..=self.steps).map(|i| i as f64 * self.dt).collect();
                reference_trajectory(system, &self.x0, &self.y0, &times, tolerance)?
            }
            Truth::SameSolver => {
                let law = |x: &[f64], y: &[f64], out: &mut [f64]| system.acceleration(x, y, out);
                follow(law, &self.x0, &self.y0, self.dt, self.steps, self.solver)?
            }
        })
    }
}

/// A trajectory of a learned law beside the true one from the same state (Fu et al. 2025, Figures
/// 3b, 12 and 17 to 19).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Rollout {
    /// The motion by the learned law. It ends, and [`Trajectory::end`] says where, if the law or a state is
    /// not finite.
    pub learned: Trajectory,
    /// The truth at the same times.
    pub truth: Trajectory,
    /// max_k |x_k − x_k, true| at each time that both have reached.
    pub position_error: Vec<f64>,
    /// The change of the **true** system's energy along the learned trajectory, as a fraction of the
    /// first energy's size, at each of its times; where the system has a Lagrangian.
    pub energy_drift: Option<Vec<f64>>,
}

impl Rollout {
    /// The rollout of any law, given as [`follow`] takes it, beside the truth of a system.
    ///
    /// # Errors
    ///
    /// As [`follow`] and [`reference_trajectory`]: among others if the *true* trajectory meets a
    /// singularity. That the learned one does is no error.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_interp::{Rollout, RolloutPlan};
    ///
    /// // A law that is 1 % too stiff.
    /// let classical = mass_systems::lookup("classical")?;
    /// let plan = RolloutPlan::new([1.0], [0.0], 0.05, 400);
    /// let rollout = Rollout::of(|x, _, out| out[0] = -1.01 * x[0], &*classical, &plan)?;
    /// assert!(rollout.max_position_error() > 0.05);
    /// assert!((rollout.max_energy_drift().unwrap() - 0.01).abs() < 1e-4);
    /// assert!(rollout.is_complete());
    /// # Ok::<(), mass_interp::Error>(())
    /// ```
    pub fn of(
        law: impl FnMut(&[f64], &[f64], &mut [f64]),
        system: &(impl System + ?Sized),
        plan: &RolloutPlan,
    ) -> Result<Self, Error> {
        check_length("the first position", plan.x0.len(), system.dof())?;
        let learned = follow(law, &plan.x0, &plan.y0, plan.dt, plan.steps, plan.solver)?;
        Self::beside(learned, system, plan)
    }

    /// The rollout of a learned law.
    ///
    /// # Errors
    ///
    /// As [`Rollout::of`].
    pub fn learned(
        law: &LearnedLaw,
        system: &(impl System + ?Sized),
        plan: &RolloutPlan,
    ) -> Result<Self, Error> {
        check_length("the first position", plan.x0.len(), system.dof())?;
        let learned = law.trajectory_by(plan.solver, &plan.x0, &plan.y0, plan.dt, plan.steps)?;
        Self::beside(learned, system, plan)
    }

    fn beside(
        learned: Trajectory,
        system: &(impl System + ?Sized),
        plan: &RolloutPlan,
    ) -> Result<Self, Error> {
        let truth = plan.truth(system)?;
        let position_error = learned
            .iter()
            .zip(truth.iter())
            .map(|((_, x, _), (_, true_x, _))| {
                let errors = x.iter().zip(true_x).map(|(x, true_x)| (x - true_x).abs());
                errors.fold(0.0, f64::max)
            })
            .collect();
        Ok(Self {
            energy_drift: learned.energy_drift(system),
            learned,
            truth,
            position_error,
        })
    }

    /// The largest position error up to the end of the shorter trajectory.
    pub fn max_position_error(&self) -> f64 {
        self.position_error.iter().copied().fold(0.0, f64::max)
    }

    /// The largest size of the energy drift, where the system has a Lagrangian; infinite if the
    /// true energy is not defined at a state that the learned law has reached.
    pub fn max_energy_drift(&self) -> Option<f64> {
        let size = |drift: &f64| {
            if drift.is_nan() {
                f64::INFINITY
            } else {
                drift.abs()
            }
        };
        let drift = self.energy_drift.as_ref()?;
        Some(drift.iter().map(size).fold(0.0, f64::max))
    }

    /// Whether the learned trajectory reached its last time.
    pub fn is_complete(&self) -> bool {
        self.learned.end() == End::Complete
    }
}
