//! Many learned trajectories beside the true ones.

use mass_systems::{End, System, wrap_angle};

use super::{
    law::LearnedLaw,
    paths::{Paths, paths},
    rollout::{RolloutPlan, Truth},
};
use crate::{
    error::{Error, check_length},
    statistics::median,
};

/// Trajectories of E learned laws from B first states, at the same M times, beside the true ones (Fu et
/// al. 2025, Figures 12 and 17 to 19, for many scientists and starts at once).
///
/// Lists over scientists and starts are `[E, B]`, those over times `[E, B, M]`, row-major. What a
/// trajectory that has ended would have is NaN.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Rollouts {
    /// How many laws, E.
    pub members: usize,
    /// Their trajectories, E · B, those of one law together.
    pub learned: Paths,
    /// The true trajectories, B.
    pub truth: Paths,
}

/// A quantity that the true motion keeps, along learned trajectories.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Kept {
    /// What it is, as `energy`.
    pub name: &'static str,
    /// Its value at each start, `[B]`, in the unit of the data.
    pub start: Vec<f64>,
    /// Its value less that at the start, `[E, B, M]`; NaN after a trajectory's end, and where the
    /// quantity is not defined.
    pub change: Vec<f64>,
    /// M.
    times: usize,
}

impl Kept {
    /// |change| by the size of the quantity at the start, `[E, B, M]`.
    pub fn relative(&self) -> Vec<f64> {
        let starts = self.start.len();
        let times = self.times;
        let paths = self.change.chunks_exact(times).enumerate();
        paths
            .flat_map(|(path, change)| {
                let size = self.start[path % starts].abs();
                change.iter().map(move |change| change.abs() / size)
            })
            .collect()
    }

    /// The mean of [`Kept::relative`] over the starts, `[E, M]`; NaN from where one of the trajectories has
    /// ended.
    pub fn mean_relative(&self) -> Vec<f64> {
        let (starts, times) = (self.start.len(), self.times);
        let relative = self.relative();
        let member = |member: &[f64]| -> Vec<f64> {
            let at = |step: usize| member.iter().skip(step).step_by(times).sum::<f64>();
            (0..times).map(|step| at(step) / starts as f64).collect()
        };
        let members = relative.chunks_exact(starts * times);
        members.flat_map(member).collect()
    }

    /// [`Kept::mean_relative`] after this many steps, `[E]`.
    ///
    /// # Panics
    ///
    /// If there are fewer steps.
    pub fn mean_relative_after(&self, step: usize) -> Vec<f64> {
        let mean = self.mean_relative();
        mean.chunks_exact(self.times)
            .map(|mean| mean[step])
            .collect()
    }

    /// How many of each law's trajectories are lost, `[E]`: they have ended, or the quantity has once
    /// changed by its own size.
    pub fn lost(&self) -> Vec<usize> {
        let (starts, times) = (self.start.len(), self.times);
        let relative = self.relative();
        let lost = |path: &&[f64]| !path.iter().all(|change| *change < 1.0);
        let members = relative.chunks_exact(starts * times);
        members
            .map(|member| member.chunks_exact(times).filter(lost).count())
            .collect()
    }
}

impl Rollouts {
    /// The trajectories of E laws; `law(x, y, out)` writes ẏ for positions and velocities `[E, B, d]`.
    ///
    /// # Errors
    ///
    /// As [`paths()`]; [`Error::Length`] without a law; those of the true trajectories, among others if
    /// one of them meets a singularity. That a learned one does is no error.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_interp::{RolloutPlan, Rollouts};
    ///
    /// // Springs that are 1 % too stiff and 1 % too soft, from (1, 0) and (0, 2).
    /// let classical = mass_systems::lookup("classical")?;
    /// let plan = RolloutPlan::new([1.0, 0.0], [0.0, 2.0], 0.05, 400);
    /// let law = |x: &[f64], _: &[f64], out: &mut [f64]| {
    ///     let stiffness = [1.01, 1.01, 0.99, 0.99]; // E = 2, B = 2, d = 1
    ///     for (out, (x, k)) in out.iter_mut().zip(x.iter().zip(stiffness)) {
    ///         *out = -k * x;
    ///     }
    ///     Ok(())
    /// };
    /// let found = Rollouts::of(law, 2, &*classical, &plan)?;
    /// let energy = &found.kept(&*classical)[0];
    /// assert_eq!((energy.name, energy.start.as_slice()), ("energy", &[0.5, 2.0][..]));
    /// assert_eq!(energy.change.len(), 2 * 2 * 401); // [E, B, M]
    /// // After t = 20 the phases differ by about 0.1.
    /// assert!(found.divergence_times(&*classical, 0.05).iter().all(Option::is_some));
    /// assert!(found.divergence_times(&*classical, 0.5).iter().all(Option::is_none));
    /// assert_eq!(found.horizons(&*classical, 0.5), [20.0, 20.0]); // [E]: to the end
    ///
    /// // The same laws, each as a function of one state.
    /// let stiff = |k: f64| move |x: &[f64], _: &[f64], out: &mut [f64]| out[0] = -k * x[0];
    /// let each = Rollouts::of_each(&[stiff(1.01), stiff(0.99)], &*classical, &plan)?;
    /// assert_eq!(each.learned, found.learned);
    /// # Ok::<(), mass_interp::Error>(())
    /// ```
    pub fn of(
        law: impl FnMut(&[f64], &[f64], &mut [f64]) -> Result<(), Error>,
        members: usize,
        system: &(impl System + ?Sized),
        plan: &RolloutPlan,
    ) -> Result<Self, Error> {
        if members == 0 {
            return Err(Error::Length {
                what: "the list of laws".to_string(),
                found: 0,
                expected: "at least 1".to_string(),
            });
        }
        let (x0, y0) = (plan.x0.repeat(members), plan.y0.repeat(members));
        let learned = paths(
            law,
            system.dof(),
            &x0,
            &y0,
            plan.dt,
            plan.steps,
            plan.solver,
        )?;
        let truth = truth(system, plan)?;
        Ok(Self {
            members,
            learned,
            truth,
        })
    }

    /// The trajectories of E laws each given as a function that writes ẏ `[d]` of one state.
    ///
    /// # Errors
    ///
    /// As [`Rollouts::of`].
    pub fn of_each(
        laws: &[impl Fn(&[f64], &[f64], &mut [f64])],
        system: &(impl System + ?Sized),
        plan: &RolloutPlan,
    ) -> Result<Self, Error> {
        let d = system.dof();
        let all = |x: &[f64], y: &[f64], out: &mut [f64]| {
            let per_law = x.len() / d / laws.len();
            let states = x.chunks_exact(d).zip(y.chunks_exact(d));
            for (place, ((x, y), out)) in states.zip(out.chunks_exact_mut(d)).enumerate() {
                laws[place / per_law](x, y, out);
            }
            Ok(())
        };
        Self::of(all, laws.len(), system, plan)
    }

    /// The trajectories of learned laws.
    ///
    /// # Errors
    ///
    /// As [`Rollouts::of`]; [`Error::Length`] if the laws have not the system's d.
    pub fn learned(
        laws: &LearnedLaw,
        system: &(impl System + ?Sized),
        plan: &RolloutPlan,
    ) -> Result<Self, Error> {
        check_length("the learned acceleration", laws.dof(), system.dof())?;
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
            out.copy_from_slice(&laws.accelerations(x, y)?);
            Ok(())
        };
        Self::of(law, laws.members(), system, plan)
    }

    /// Number of starts, B.
    pub fn starts(&self) -> usize {
        self.truth.count()
    }

    /// Times, `[M]`.
    pub fn t(&self) -> &[f64] {
        self.learned.t()
    }

    /// Whether each trajectory reached its last time, `[E, B]`.
    pub fn complete(&self) -> Vec<bool> {
        let ends = self.learned.ends().iter();
        ends.map(|end| *end == End::Complete).collect()
    }

    /// What the motion keeps ([`System::conserved`]), along the learned trajectories: the energy first,
    /// where the system has a Lagrangian, then its momenta.
    pub fn kept(&self, system: &(impl System + ?Sized)) -> Vec<Kept> {
        let values = |paths: &Paths, step: usize, path: usize| {
            let (x, y) = (paths.x(step, path), paths.y(step, path));
            let finite = x.iter().chain(y).all(|value| value.is_finite());
            match finite {
                true => system.conserved(x, y),
                false => Vec::new(),
            }
        };
        let starts: Vec<_> = (0..self.starts())
            .map(|start| values(&self.truth, 0, start))
            .collect();
        let times = self.t().len();
        let mut kept: Vec<Kept> = starts[0]
            .iter()
            .enumerate()
            .map(|(which, quantity)| Kept {
                name: quantity.name,
                start: starts.iter().map(|one| one[which].value).collect(),
                change: Vec::with_capacity(self.learned.count() * times),
                times,
            })
            .collect();
        for path in 0..self.learned.count() {
            for step in 0..times {
                let now = values(&self.learned, step, path);
                for (which, kept) in kept.iter_mut().enumerate() {
                    let start = kept.start[path % self.starts()];
                    let now = now.get(which).map_or(f64::NAN, |one| one.value);
                    kept.change.push(now - start);
                }
            }
        }
        kept
    }

    /// max_k |x_k − x_k, true| at each time, `[E, B, M]`; of an angle the shorter way round. NaN after
    /// a trajectory's end.
    pub fn position_errors(&self, system: &(impl System + ?Sized)) -> Vec<f64> {
        let angles = system.angles();
        let mut errors = Vec::with_capacity(self.learned.count() * self.t().len());
        for path in 0..self.learned.count() {
            for step in 0..self.t().len() {
                let (x, truth) = (
                    self.learned.x(step, path),
                    self.truth.x(step, path % self.starts()),
                );
                let pairs = x.iter().zip(truth).enumerate();
                let off = pairs.map(|(k, (x, truth))| match angles.contains(&k) {
                    true => wrap_angle(x - truth).abs(),
                    false => (x - truth).abs(),
                });
                // A maximum that keeps NaN.
                errors.push(off.fold(0.0, |most: f64, one| {
                    if one > most || one.is_nan() {
                        one
                    } else {
                        most
                    }
                }));
            }
        }
        errors
    }

    /// For how long each law is followed, `[E]`: the median over the starts of
    /// [`Rollouts::divergence_times`], the last time where a motion never parts.
    pub fn horizons(&self, system: &(impl System + ?Sized), distance: f64) -> Vec<f64> {
        let last = self.t().last().copied().unwrap_or(0.0);
        let times = self.divergence_times(system, distance);
        let starts = times.chunks_exact(self.starts());
        let each = starts.map(|times| {
            let times: Vec<f64> = times.iter().map(|time| time.unwrap_or(last)).collect();
            median(&times)
        });
        each.collect()
    }

    /// The first time at which a position is farther than `distance` from the truth, or the trajectory
    /// has ended, `[E, B]`; `None` where it never is.
    pub fn divergence_times(
        &self,
        system: &(impl System + ?Sized),
        distance: f64,
    ) -> Vec<Option<f64>> {
        let errors = self.position_errors(system);
        let near = |error: &f64| *error <= distance;
        let first = |errors: &[f64]| errors.iter().position(|error| !near(error));
        let paths = errors.chunks_exact(self.t().len());
        paths
            .map(|errors| first(errors).map(|step| self.t()[step]))
            .collect()
    }
}

/// The true trajectories from the starts of a plan.
fn truth(system: &(impl System + ?Sized), plan: &RolloutPlan) -> Result<Paths, Error> {
    let d = system.dof();
    match plan.truth {
        Truth::SameSolver => {
            let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
                let states = x.chunks_exact(d).zip(y.chunks_exact(d));
                for ((x, y), out) in states.zip(out.chunks_exact_mut(d)) {
                    system.acceleration(x, y, out);
                }
                Ok(())
            };
            paths(law, d, &plan.x0, &plan.y0, plan.dt, plan.steps, plan.solver)
        }
        Truth::Reference { .. } => {
            let starts = plan.x0.chunks_exact(d).zip(plan.y0.chunks_exact(d));
            let alone = starts.map(|(x0, y0)| {
                let one = RolloutPlan {
                    x0: x0.to_vec(),
                    y0: y0.to_vec(),
                    ..plan.clone()
                };
                one.truth(system)
            });
            Paths::side_by_side(&alone.collect::<Result<Vec<_>, _>>()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;
    use mass_systems::{Purpose, States, lookup, sample_states, stream};

    use super::*;

    /// A system's own law for E copies of it.
    fn exact(system: &dyn System) -> impl FnMut(&[f64], &[f64], &mut [f64]) -> Result<(), Error> {
        let d = system.dof();
        move |x: &[f64], y: &[f64], out: &mut [f64]| {
            let states = x.chunks_exact(d).zip(y.chunks_exact(d));
            for ((x, y), out) in states.zip(out.chunks_exact_mut(d)) {
                system.acceleration(x, y, out);
            }
            Ok(())
        }
    }

    #[test]
    fn the_exact_law_keeps_what_the_motion_keeps() {
        for id in ["double_pendulum", "spherical_pendulum", "two_body"] {
            let system = lookup(id).unwrap();
            let mut rng = stream(3, Purpose::Evaluation, id);
            let states = sample_states(&*system, States::Motions, 4, &mut rng)
                .or_else(|_| sample_states(&*system, States::Domain, 4, &mut rng))
                .unwrap();
            let plan = RolloutPlan::new(states.x(), states.y(), 0.01, 200);
            let found = Rollouts::of(exact(&*system), 2, &*system, &plan).unwrap();
            assert_eq!((found.starts(), found.complete()), (4, vec![true; 8]));
            let kept = found.kept(&*system);
            assert_eq!(kept[0].name, "energy");
            assert_eq!(
                kept.len(),
                system.conserved(states.state(0).x, states.state(0).y).len()
            );
            for one in &kept {
                assert_eq!(one.change.len(), 2 * 4 * 201);
                let most = one.change.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
                assert!(most < 1e-6, "{id}: {} changes by {most}", one.name);
            }
            // Both copies of the law, in the order of the starts.
            assert_eq!(found.learned.x(200, 1), found.learned.x(200, 5));
            assert_abs_diff_eq!(
                kept[0].start[2],
                system.energy(states.state(2).x, states.state(2).y).unwrap()
            );
            let errors = found.position_errors(&*system);
            assert!(errors.iter().all(|error| *error < 1e-5));
        }
    }

    #[test]
    fn a_free_fall_leaves_an_oscillator_when_it_must() {
        // x = 1 beside cos t: they are 0.5 apart at t = π/3, and the energy stays ½.
        let classical = lookup("classical").unwrap();
        let mut plan = RolloutPlan::new([1.0], [0.0], 0.01, 300);
        for truth in [Truth::SameSolver, plan.truth] {
            plan.truth = truth;
            let still = |_: &[f64], _: &[f64], out: &mut [f64]| {
                out.fill(0.0);
                Ok(())
            };
            let found = Rollouts::of(still, 1, &*classical, &plan).unwrap();
            let time = found.divergence_times(&*classical, 0.5)[0].unwrap();
            let exact = std::f64::consts::FRAC_PI_3;
            assert!(time >= exact && time < exact + 0.0101, "{time}");
            assert_eq!(found.divergence_times(&*classical, 3.0), [None]);
            assert!(
                found.kept(&*classical)[0]
                    .change
                    .iter()
                    .all(|e| e.abs() < 1e-12)
            );
        }
    }

    #[test]
    fn what_blows_up_has_diverged_and_is_not_a_number_from_then_on() {
        let classical = lookup("classical").unwrap();
        let plan = RolloutPlan::new([1.0, 1.0], [1.0, -1.0], 0.25, 40);
        // ẏ = y² is infinite at t = 1 from y = 1.
        let law = |_: &[f64], y: &[f64], out: &mut [f64]| {
            out.iter_mut().zip(y).for_each(|(out, y)| *out = y * y);
            Ok(())
        };
        let found = Rollouts::of(law, 1, &*classical, &plan).unwrap();
        assert_eq!(found.complete(), [false, true]);
        assert!(found.divergence_times(&*classical, 1e300)[0].is_some());
        let energy = &found.kept(&*classical)[0];
        assert!(energy.change[40].is_nan() && energy.change[81].is_finite());
    }

    #[test]
    fn relative_changes_are_of_each_start_and_their_mean_of_each_law() {
        // E = 2, B = 2, M = 2.
        let kept = Kept {
            name: "energy",
            start: vec![-2.0, 4.0],
            change: vec![0.0, 0.2, 0.0, -0.4, 0.0, 2.0, 0.0, f64::NAN],
            times: 2,
        };
        assert_eq!(kept.relative()[..6], [0.0, 0.1, 0.0, 0.1, 0.0, 1.0]);
        let mean = kept.mean_relative();
        assert_eq!(mean[..3], [0.0, 0.1, 0.0]);
        assert!(mean[3].is_nan());
        assert_eq!(kept.lost(), [0, 2]);
    }

    #[test]
    fn an_angle_is_compared_the_shorter_way_round() {
        let pendulum = lookup("pendulum").unwrap();
        let plan = RolloutPlan::new([3.0], [0.4], 0.1, 1);
        let found = Rollouts::of(exact(&*pendulum), 1, &*pendulum, &plan).unwrap();
        let mut turned = found.clone();
        turned.truth = paths(
            exact(&*pendulum),
            1,
            &[3.0 - std::f64::consts::TAU],
            &[0.4],
            0.1,
            1,
            mass_systems::Solver::Rk4,
        )
        .unwrap();
        assert!(
            turned
                .position_errors(&*pendulum)
                .iter()
                .all(|error| *error < 1e-12)
        );
        assert!(Rollouts::of(exact(&*pendulum), 0, &*pendulum, &plan).is_err());
    }
}
