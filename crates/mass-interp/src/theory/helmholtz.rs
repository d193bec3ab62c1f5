//! Whether a law of motion is the Euler–Lagrange equation of any Lagrangian.

use mass_systems::{Dataset, Domain, QuantileRule, Range, quantile};
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use crate::{
    error::Error,
    least_squares::{LEAST_TOLERANCE, LeastSquares},
};

/// A friction below this share of the law's own rate is none.
const NO_FRICTION: f64 = 0.01;

/// A state is on a pole where |∂F/∂y| is above this many times the law's rate.
const POLE: f64 = 1e3;

/// How [`Helmholtz`] is computed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HelmholtzPlan {
    /// Degree of the polynomials that make up ln L_yy.
    ///
    /// At 6 the residuals of Table 1's systems are below 1e-4, and a damped oscillator's is 0.1.
    /// The higher it is, the nearer polynomials come to the logarithm that is singular at a damped
    /// equilibrium, and the smaller every residual is: compare at one degree.
    pub degree: usize,
    /// Step of the finite differences for ∂F/∂y, as a share of half the range of y.
    ///
    /// At 0.01, of fourth order, differences of a law in f32 err by 1e-4 of its rate, a hundredth of
    /// what the derivative of a well trained law errs by. Nested derivatives would be exact, but the
    /// law contains second derivatives of S already, and its third are not to be had on a device.
    pub step: f64,
}

impl Default for HelmholtzPlan {
    fn default() -> Self {
        Self {
            degree: 6,
            step: 0.01,
        }
    }
}

/// The Helmholtz condition of a law ẏ = F(x, y) with one degree of freedom: is it the
/// Euler–Lagrange equation of *some* regular Lagrangian that does not depend on time?
///
/// F is L's law exactly if the multiplier g = L_yy ≠ 0 solves y g_x + F g_y + F_y g = 0 (Helmholtz
/// 1887; Douglas 1941; Santilli 1978), and any such g gives an L. With m = ln |g| that is linear,
///
/// D m = −F_y, D = y ∂_x + F ∂_y the derivative along the motion,
///
/// fitted here by least squares over Legendre products on the states' box. The first half of the
/// states is fitted, the second half judged.
///
/// # What it can see
///
/// In one dimension every law is Lagrangian near any state that is not an equilibrium (Darboux
/// 1894), so a residual comes from where orbits close or end: at an equilibrium D m = 0, so F_y must
/// vanish there, and around a closed orbit ∮ F_y dt = 0. A damped oscillator fails if its
/// equilibrium is well inside the states (residual 0.1 on [−1, 1]²), and hardly if it is at their
/// corner (0.004 on [0, 1]²), where orbits come and go.
///
/// # Example
///
/// ```
/// use mass_interp::{Helmholtz, HelmholtzPlan, evaluation_states};
/// use mass_systems::{System, lookup};
///
/// let plan = HelmholtzPlan::default();
/// let residual = |friction: f64| {
///     let system = lookup("relativistic")?;
///     let states = evaluation_states(&*system, 1024, 0)?;
///     let law = |x: &[f64], y: &[f64]| {
///         let mut out = vec![0.0];
///         let each = x.iter().zip(y).map(|(x, y)| {
///             system.acceleration(&[*x], &[*y], &mut out);
///             out[0] - friction * y
///         });
///         Ok(each.collect())
///     };
///     Ok::<f64, Box<dyn std::error::Error>>(Helmholtz::of(law, &states, None, &plan)?.residual)
/// };
/// assert!(residual(0.0)? < 1e-4); // see also `relative_friction`
/// assert!(residual(0.5)? > 1e-2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Helmholtz {
    /// E[(D m + F_y)²] / (E\[F_y²\] + (0.01 rate)²), E over the judged states: 0 for a Lagrangian law,
    /// about 1 if no part of F_y is of one. The second part below keeps F_y = 0 from dividing by 0;
    /// it does not keep noise from counting: where the true law has F_y = 0 (classical, pendulum,
    /// Kepler) a learned law's F_y is noise, no part of it is of a Lagrangian, and the residual
    /// comes near 1 as soon as the noise is above 0.01 rate. So compare residuals of one system only,
    /// and systems by [`Helmholtz::relative_friction`].
    pub residual: f64,
    /// √E[(D m + F_y)²], 1 / time: the friction that no Lagrangian explains.
    pub friction: f64,
    /// √E\[F_y²\], 1 / time: how fast the law contracts the states.
    pub divergence: f64,
    /// Median |F| / median |y|, 1 / time: how fast the law moves at all.
    pub rate: f64,
    /// States left out because F or F_y is not finite there, or they are on a pole of the law.
    pub left_out: usize,
}

impl Helmholtz {
    /// Judges a law at these states; `law` gives F `[B]` at positions and velocities `[B]`.
    ///
    /// The states must be in random order. With the domain that they were drawn from, ln L_yy is
    /// fitted on each side of a two-sided range by itself; without it, on the states' bounding box.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the states have more than one degree of freedom, or too few of them are
    /// left to fit the polynomials; errors of the law itself.
    pub fn of(
        mut law: impl FnMut(&[f64], &[f64]) -> Result<Vec<f64>, Error>,
        states: &Dataset,
        domain: Option<&Domain>,
        plan: &HelmholtzPlan,
    ) -> Result<Self, Error> {
        if states.dof() != 1 {
            return Err(Error::Request(format!(
                "{} has {} degrees of freedom; the Helmholtz residual is for one, where the condition is linear in ln L_yy",
                states.id(),
                states.dof()
            )));
        }
        let (x, y) = (states.x(), states.y());
        let [x_axis, y_axis] = match domain {
            Some(domain) => [Axis::of(&domain.x()[0])?, Axis::of(&domain.y()[0])?],
            None => [Axis::around(x)?, Axis::around(y)?],
        };
        let f = law(x, y)?;
        let step = plan.step * y_axis.half;
        let mut moved = |by: f64| law(x, &y.iter().map(|y| y + by * step).collect::<Vec<_>>());
        let [a, b, c, d] = [moved(-2.0)?, moved(-1.0)?, moved(1.0)?, moved(2.0)?];
        let slope = |i: usize| (a[i] - d[i] + 8.0 * (c[i] - b[i])) / (12.0 * step);
        let f_y: Vec<f64> = (0..f.len()).map(slope).collect();

        let finite: Vec<usize> = (0..f.len())
            .filter(|i| f[*i].is_finite() && f_y[*i].is_finite())
            .collect();
        let size =
            |list: &[f64]| median(&finite.iter().map(|i| list[*i].abs()).collect::<Vec<_>>());
        let rate = match (size(&f), size(y)) {
            (_, 0.0) => 0.0,
            (force, speed) => force / speed,
        };
        let on_pole = |i: &usize| rate > 0.0 && f_y[*i].abs() > POLE * rate;
        let kept: Vec<usize> = finite.iter().copied().filter(|i| !on_pole(i)).collect();

        let sides = x_axis.sides() * y_axis.sides();
        let terms = (plan.degree + 1) * (plan.degree + 2) / 2 - 1;
        let half = kept.len() / 2;
        if half < 2 * sides * terms {
            return Err(Error::Request(format!(
                "{} of {} states are left; {} coefficients need {} at least: give more states, or a lower degree",
                kept.len(),
                f.len(),
                sides * terms,
                4 * sides * terms
            )));
        }
        let design = |part: &[usize]| {
            let mut design = DMatrix::zeros(part.len(), sides * terms);
            for (row, i) in part.iter().enumerate() {
                let (p, p_x) = x_axis.legendre(x[*i], plan.degree);
                let (q, q_y) = y_axis.legendre(y[*i], plan.degree);
                let side = x_axis.side(x[*i]) * y_axis.sides() + y_axis.side(y[*i]);
                // The constant has no derivative: g is known up to a factor.
                let pairs = (1..=plan.degree).flat_map(|n| (0..=n).map(move |k| (n - k, k)));
                for (column, (j, k)) in pairs.enumerate() {
                    design[(row, side * terms + column)] =
                        y[*i] * p_x[j] * q[k] + f[*i] * p[j] * q_y[k];
                }
            }
            design
        };
        let target =
            |part: &[usize]| DVector::from_iterator(part.len(), part.iter().map(|i| -f_y[*i]));
        let (fitted, judged) = kept.split_at(half);
        let fit = LeastSquares::new(design(fitted), LEAST_TOLERANCE)?;
        let expected = target(judged);
        let left = design(judged) * fit.solve(&target(fitted)) - &expected;
        let mean = |v: &DVector<f64>| v.norm_squared() / judged.len() as f64;
        let (friction, divergence) = (mean(&left), mean(&expected));
        let guard = (NO_FRICTION * rate).powi(2);
        Ok(Self {
            residual: if friction == 0.0 {
                0.0
            } else {
                friction / (divergence + guard)
            },
            friction: friction.sqrt(),
            divergence: divergence.sqrt(),
            rate,
            left_out: f.len() - kept.len(),
        })
    }
}

impl Helmholtz {
    /// The friction that no Lagrangian explains as a share of the law's own rate, which means the
    /// same for every system; not finite for a law at rest.
    pub fn relative_friction(&self) -> f64 {
        self.friction / self.rate
    }
}

/// The upper median; 0 without values.
pub(super) fn median(values: &[f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    quantile(values, 0.5, QuantileRule::Nearest)
}

/// A range of one coordinate, mapped to [−1, 1].
struct Axis {
    middle: f64,
    half: f64,
    two_sided: bool,
}

impl Axis {
    fn of(range: &Range) -> Result<Self, Error> {
        Self::new(range.low(), range.high(), range.is_two_sided())
    }

    fn around(values: &[f64]) -> Result<Self, Error> {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self::new(low, high, false)
    }

    fn new(low: f64, high: f64, two_sided: bool) -> Result<Self, Error> {
        if low < high {
            return Ok(Self {
                middle: (low + high) / 2.0,
                half: (high - low) / 2.0,
                two_sided,
            });
        }
        Err(Error::Request(format!(
            "a coordinate ranges from {low} to {high}: the states must fill an area"
        )))
    }

    fn sides(&self) -> usize {
        1 + usize::from(self.two_sided)
    }

    fn side(&self, value: f64) -> usize {
        usize::from(self.two_sided && value < 0.0)
    }

    /// P_0 … P_degree at a value, and their derivatives by it.
    fn legendre(&self, value: f64, degree: usize) -> (Vec<f64>, Vec<f64>) {
        let (distance, direction) = if self.two_sided {
            (value.abs(), value.signum())
        } else {
            (value, 1.0)
        };
        let t = (distance - self.middle) / self.half;
        let slope = direction / self.half;
        let (mut p, mut dp) = (vec![1.0, t], vec![0.0, 1.0]);
        for n in 1..degree {
            let k = n as f64;
            p.push(((2.0 * k + 1.0) * t * p[n] - k * p[n - 1]) / (k + 1.0));
            dp.push((2.0 * k + 1.0) * p[n] + dp[n - 1]);
        }
        (p, dp.into_iter().map(|d| d * slope).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legendre_by_hand() {
        // P₃ = (5t³ − 3t)/2 at t = ½ of [0, 4]: x = 3, dt/dx = ½.
        let axis = Axis::new(0.0, 4.0, false).unwrap();
        let (p, dp) = axis.legendre(3.0, 3);
        assert!((p[3] + 0.4375).abs() < 1e-15 && (p[2] + 0.125).abs() < 1e-15);
        assert!((dp[3] - 0.5 * (7.5 * 0.25 - 1.5)).abs() < 1e-15, "{dp:?}");
        // On the other side of a two-sided range the slope turns round.
        let sided = Axis::new(1.0, 5.0, true).unwrap();
        let (p, dp) = sided.legendre(-4.0, 3);
        assert!((p[3] + 0.4375).abs() < 1e-15);
        assert!((dp[3] + 0.5 * (7.5 * 0.25 - 1.5)).abs() < 1e-15);
        assert_eq!(
            (sided.side(-4.0), sided.side(4.0), sided.sides()),
            (1, 0, 2)
        );
    }

    #[test]
    fn the_median_is_the_upper_one() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 3.0);
        assert_eq!(median(&[]), 0.0);
    }
}
