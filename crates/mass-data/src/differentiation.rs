//! Derivatives of one series by a choice of methods, each with its error.

use mass_systems::golden_section;

use crate::{
    error::Error,
    state_space::{State, Summary, smooth},
    stencil::{Stencil, apply, differences, fornberg, local_polynomial, square},
};

/// Which derivative of the signal a smoothing spline keeps small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SplineOrder {
    /// The second: piecewise cubic. Its second derivative is 0 at both ends, whatever the motion, and its error is an
    /// upper bound: for velocities rather than accelerations.
    Cubic,
    /// The third: piecewise quintic.
    #[default]
    Quintic,
    /// The fourth: piecewise of degree seven.
    Septic,
}

/// Which derivative of the position is white noise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MotionModel {
    /// The jerk: acceleration is a random walk.
    #[default]
    WhiteJerk,
    /// The derivative of the jerk: the jerk is constant but for a random walk.
    ConstantJerk,
}

/// How velocities and accelerations are estimated from positions, on steps of any size.
///
/// | method | smoothing | error of an estimate |
/// |---|---|---|
/// | [`FiniteDifferences`](Self::FiniteDifferences) (Fornberg 1988) | none | noise, from what a cubic through four neighbours misses; and truncation |
/// | [`SavitzkyGolay`](Self::SavitzkyGolay) (1964) | the window | noise, from the residual; and truncation |
/// | [`SmoothingSpline`](Self::SmoothingSpline) (Reinsch 1967) | λ by generalised cross-validation (Golub, Heath & Wahba 1979) | posterior (Wahba 1983) |
/// | [`Kalman`](Self::Kalman) (Rauch, Tung & Striebel 1965) | λ by likelihood | posterior |
///
/// A smoothing spline is the mean of the Kalman smoother whose m-th derivative is white noise (Wahba 1978), so
/// both are one computation: they differ in how λ is chosen. λ is that of Σ (qᵢ − f(tᵢ))² + λ ∫ (f⁽ᵐ⁾)² dt,
/// in units of t²ᵐ⁻¹. Truncation is the difference to the stencil of two more points, or of a polynomial of two
/// more degrees, as far as noise does not explain it. A posterior is an average over motions as rough as the model:
/// a smoother one, such as a sum of few sines, lies within the stated errors more often than they say, of
/// accelerations in 98 % of rows where m = 3 and 89 % where m = 4, instead of 68 %.
///
/// Sources: Fornberg 1988, Math. Comp. 51, 699; Savitzky & Golay 1964, Anal. Chem. 36, 1627; Reinsch 1967, Numer.
/// Math. 10, 177; Golub, Heath & Wahba 1979, Technometrics 21, 215; Wahba 1978, J. R. Statist. Soc. B 40, 364, and
/// 1983, B 45, 133; Rauch, Tung & Striebel 1965, AIAA J. 3, 1445.
///
/// # Example
/// ```
/// use mass_data::Differentiation;
///
/// let t: Vec<f64> = (0..400).map(|i| f64::from(i) * 0.02).collect();
/// let q: Vec<f64> = t.iter().map(|t| t.sin()).collect();
/// let series = Differentiation::Auto.series(&t, &q)?;
/// let [_, velocity, acceleration] = &series.value;
/// assert!((velocity[200] - t[200].cos()).abs() < 1e-6);
/// assert!((acceleration[200] + t[200].sin()).abs() < 1e-4);
/// # Ok::<(), mass_data::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Differentiation {
    /// [`Kalman`](Self::Kalman) with a constant jerk, λ by likelihood: of the methods here the one whose
    /// accelerations were best, with a [`Septic`](SplineOrder::Septic) spline beside it, on smooth motions with noise.
    #[default]
    Auto,
    /// On a stencil of neighbours, an odd number from 3; the position is the measured one.
    FiniteDifferences {
        /// Rows of the stencil.
        points: usize,
    },
    /// A polynomial by least squares on a window about each row.
    SavitzkyGolay {
        /// Rows of the window; by generalised cross-validation if none is given.
        window: Option<usize>,
        /// The polynomial's degree, from 2.
        degree: usize,
    },
    /// A smoothing spline.
    SmoothingSpline {
        /// Which derivative is kept small.
        order: SplineOrder,
        /// λ; by generalised cross-validation if none is given.
        lambda: Option<f64>,
    },
    /// A Kalman smoother.
    Kalman {
        /// Which derivative is white noise.
        model: MotionModel,
        /// λ = σ²/q, where σ² is the variance of a measurement and q the noise's intensity; by likelihood if
        /// none is given.
        lambda: Option<f64>,
    },
}

/// A series' value and its first and second derivative at each row.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Series {
    /// Value, first and second derivative, each `[T]`.
    pub value: [Vec<f64>; 3],
    /// Their standard errors, each `[T]`.
    pub error: [Vec<f64>; 3],
}

/// What was chosen for a series, or for several together.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Chosen {
    /// The standard deviation of a measurement about the smooth series.
    pub noise: f64,
    /// λ of a spline or a Kalman smoother.
    pub lambda: Option<f64>,
    /// The window of a local polynomial.
    pub window: Option<usize>,
}

/// How λ is judged.
#[derive(Clone, Copy, PartialEq)]
enum Judge {
    CrossValidation,
    Likelihood,
}

/// A finite-difference or a local-polynomial estimate.
#[derive(Clone, Copy)]
enum Local {
    Differences { points: usize },
    Polynomial { points: usize, degree: usize },
}

/// Rows by which smoothing is chosen, at most; more are sampled in blocks.
const JUDGED_ROWS: usize = 20_000;
const JUDGED_BLOCK: usize = 2_000;
/// Longer series are smoothed in pieces, of which `OVERLAP` rows at each end are done twice.
const PIECE: usize = 50_000;
const OVERLAP: usize = 1_000;

impl Differentiation {
    /// Value, first and second derivative of one series: `t` and `q` are `[T]`, `t` increases.
    ///
    /// # Errors
    /// [`Error::TooFew`] below [`Differentiation::least_rows`], [`Error::BadRequest`] of times that do not
    /// increase, numbers that are not finite or a choice that makes no sense.
    pub fn series(&self, t: &[f64], q: &[f64]) -> Result<Series, Error> {
        let (mut series, _) = self.together(&[(t, q)])?;
        Ok(series.pop().unwrap_or_default())
    }

    /// The same of several series that share noise and smoothness, such as one coordinate of all trajectories;
    /// and what was chosen for them.
    ///
    /// # Errors
    /// As [`Differentiation::series`]; [`Error::BadRequest`] if there is none.
    pub fn together(&self, all: &[(&[f64], &[f64])]) -> Result<(Vec<Series>, Chosen), Error> {
        self.check()?;
        let least = self.least_rows();
        for (number, (t, q)) in all.iter().enumerate() {
            let refuse = |reason: String| Err(Error::BadRequest { reason });
            if t.len() != q.len() {
                return refuse(format!(
                    "series {number} has {} times and {} values; they must be as many",
                    t.len(),
                    q.len()
                ));
            }
            if t.iter().chain(*q).any(|v| !v.is_finite()) {
                return refuse(format!("a number of series {number} is not finite"));
            }
            if let Some(row) = t.windows(2).position(|pair| pair[1] <= pair[0]) {
                return refuse(format!(
                    "the times of series {number} do not increase after row {row}"
                ));
            }
            if t.len() < least {
                return Err(Error::TooFew {
                    what: format!("series {number}, for its derivatives"),
                    found: t.len(),
                    least,
                });
            }
        }
        if all.is_empty() {
            return Err(Error::BadRequest {
                reason: "there is no series to differentiate; give at least one".into(),
            });
        }
        match *self {
            Self::Auto => spline::<4>(all, None, Judge::Likelihood),
            Self::FiniteDifferences { points } => Ok(local(all, Local::Differences { points })),
            Self::SavitzkyGolay { window, degree } => {
                let points = window.unwrap_or_else(|| best_window(all, degree));
                let (series, chosen) = local(all, Local::Polynomial { points, degree });
                let window = Some(points);
                Ok((series, Chosen { window, ..chosen }))
            }
            Self::SmoothingSpline { order, lambda } => match order {
                SplineOrder::Cubic => spline::<2>(all, lambda, Judge::CrossValidation),
                SplineOrder::Quintic => spline::<3>(all, lambda, Judge::CrossValidation),
                SplineOrder::Septic => spline::<4>(all, lambda, Judge::CrossValidation),
            },
            Self::Kalman { model, lambda } => match model {
                MotionModel::WhiteJerk => spline::<3>(all, lambda, Judge::Likelihood),
                MotionModel::ConstantJerk => spline::<4>(all, lambda, Judge::Likelihood),
            },
        }
    }

    /// The rows that a series needs at least.
    pub fn least_rows(&self) -> usize {
        match *self {
            Self::FiniteDifferences { points } => (points + 2).max(5),
            Self::SavitzkyGolay { window, degree } => window.unwrap_or(0).max(degree + 4) | 1,
            Self::SmoothingSpline { order, .. } => match order {
                SplineOrder::Cubic => 5,
                SplineOrder::Quintic => 6,
                SplineOrder::Septic => 7,
            },
            Self::Kalman {
                model: MotionModel::WhiteJerk,
                ..
            } => 6,
            Self::Auto | Self::Kalman { .. } => 7,
        }
    }

    fn check(&self) -> Result<(), Error> {
        let refuse = |reason: String| Err(Error::BadRequest { reason });
        match *self {
            Self::FiniteDifferences { points } if points < 3 || points % 2 == 0 || points > 15 => {
                refuse(format!(
                    "finite differences on {points} points; an odd number from 3 to 15 is needed, such as 5"
                ))
            }
            Self::SavitzkyGolay { degree, .. } if !(2..=8).contains(&degree) => refuse(format!(
                "a local polynomial of degree {degree}; 2 to 8 are possible, such as 4"
            )),
            Self::SavitzkyGolay {
                window: Some(window),
                degree,
            } if window < degree + 3 || window % 2 == 0 => refuse(format!(
                "a window of {window} rows for a polynomial of degree {degree}; an odd number from {} is needed",
                (degree + 3) | 1
            )),
            Self::SmoothingSpline {
                lambda: Some(lambda),
                ..
            }
            | Self::Kalman {
                lambda: Some(lambda),
                ..
            } if !(lambda.is_finite() && lambda > 0.0) => {
                refuse(format!("λ is {lambda}; it must be a positive number"))
            }
            _ => Ok(()),
        }
    }
}

type Given<'a> = (&'a [f64], &'a [f64]);

/// Blocks of rows by which smoothing is chosen: all, or some that lie evenly.
fn judged<'a>(all: &[Given<'a>]) -> Vec<Given<'a>> {
    let rows: usize = all.iter().map(|(t, _)| t.len()).sum();
    if rows <= JUDGED_ROWS {
        return all.to_vec();
    }
    let blocks: Vec<Given<'a>> = all
        .iter()
        .flat_map(|(t, q)| t.chunks(JUDGED_BLOCK).zip(q.chunks(JUDGED_BLOCK)))
        .filter(|(t, _)| t.len() >= 50)
        .collect();
    if blocks.is_empty() {
        return all.to_vec();
    }
    let mut out = Vec::new();
    let mut taken = 0;
    let every = rows.div_ceil(JUDGED_ROWS);
    for block in blocks.iter().step_by(every) {
        if taken >= JUDGED_ROWS {
            break;
        }
        taken += block.0.len();
        out.push(*block);
    }
    out
}

/// The median step of all series.
fn median_step(all: &[Given]) -> f64 {
    let mut steps: Vec<f64> = all
        .iter()
        .flat_map(|(t, _)| t.windows(2).map(|pair| pair[1] - pair[0]))
        .collect();
    let middle = steps.len() / 2;
    *steps.select_nth_unstable_by(middle, f64::total_cmp).1
}

fn spline<const M: usize>(
    all: &[Given],
    lambda: Option<f64>,
    judge: Judge,
) -> Result<(Vec<Series>, Chosen), Error> {
    // In units of the median step, about the mean: f64 has digits enough for what is left.
    let unit = median_step(&judged(all));
    let prepare = |(t, q): &Given| -> (Vec<f64>, Vec<f64>, f64) {
        let mean = q.iter().sum::<f64>() / q.len() as f64;
        let steps = t
            .windows(2)
            .map(|pair| (pair[1] - pair[0]) / unit)
            .collect();
        (steps, q.iter().map(|q| q - mean).collect(), mean)
    };
    let power = unit.powi(2 * M as i32 - 1);
    let given = lambda.map(|lambda| power / lambda);
    let sample: Vec<(Vec<f64>, Vec<f64>, f64)> = judged(all).iter().map(prepare).collect();
    let summary = |q: f64| {
        let each = sample
            .iter()
            .map(|(steps, y, _)| smooth::<M>(steps, y, q, false).0);
        each.fold(Summary::default(), Summary::add)
    };
    let free = sample.iter().map(|(_, y, _)| y.len() - M).sum::<usize>() as f64;
    let score = |q: f64| {
        let s = summary(q);
        let score = match judge {
            Judge::CrossValidation => {
                (s.residual.max(f64::MIN_POSITIVE)).ln() - 2.0 * (s.rows as f64 - s.trace).ln()
            }
            Judge::Likelihood => free * s.total.max(f64::MIN_POSITIVE).ln() + s.determinant,
        };
        if score.is_nan() { f64::INFINITY } else { score }
    };
    let q = match given {
        Some(q) => q,
        None => {
            let longest = sample
                .iter()
                .map(|(steps, _, _)| steps.iter().sum::<f64>())
                .fold(1.0, f64::max);
            minimum(score, -(2.0 * M as f64 - 1.0) * longest.log10() - 1.0, 6.0)
        }
    };
    let s = summary(q);
    let variance = match judge {
        Judge::CrossValidation => s.residual / (s.rows as f64 - s.trace),
        Judge::Likelihood => s.total / free,
    };
    let noise = variance.max(0.0).sqrt();
    let series = all.iter().map(|given| {
        let mut out = Series::default();
        let rows = given.0.len();
        for from in (0..rows).step_by(PIECE) {
            // The last piece is joined to the one before.
            let to = if from + 2 * PIECE > rows {
                rows
            } else {
                from + PIECE
            };
            let (first, last) = (from.saturating_sub(OVERLAP), (to + OVERLAP).min(rows));
            let (steps, y, mean) = prepare(&(&given.0[first..last], &given.1[first..last]));
            let (_, states) = smooth::<M>(&steps, &y, q, true);
            for (at, state) in states
                .iter()
                .enumerate()
                .take(to - first)
                .skip(from - first)
            {
                for k in 0..3 {
                    let scale = unit.powi(-(k as i32));
                    let (value, variance) = match k < M {
                        true => (state.mean[k], state.variance[k]),
                        false => bend(&steps, &states, at),
                    };
                    let value = value * scale;
                    out.value[k].push(if k == 0 { value + mean } else { value });
                    out.error[k].push(noise * variance.sqrt() * scale);
                }
            }
            if to == rows {
                break;
            }
        }
        out
    });
    let chosen = Chosen {
        noise,
        lambda: Some(power / q),
        window: None,
    };
    Ok((series.collect(), chosen))
}

/// The second derivative of a cubic spline at a row, of which only value and slope are states. That of the model
/// is white noise, whose variance is not finite; the variance here is of the slope's change between the
/// neighbours, as if they were independent, which is more than it is.
fn bend<const M: usize>(steps: &[f64], states: &[State<M>], at: usize) -> (f64, f64) {
    let last = states.len() - 1;
    let (before, after) = (at.saturating_sub(1), (at + 1).min(last));
    let apart: f64 = steps[before..after].iter().sum();
    let variance = (states[before].variance[1] + states[after].variance[1]) / (apart * apart);
    if at == 0 || at == last {
        return (0.0, variance);
    }
    let (here, next, h) = (&states[at].mean, &states[at + 1].mean, steps[at]);
    let value = 6.0 * (next[0] - here[0]) / (h * h) - (4.0 * here[1] + 2.0 * next[1]) / h;
    (value, variance)
}

/// Where a function of log₁₀ q is least: on a grid, then by golden section about the best of it.
fn minimum(score: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let count = ((high - low) / 0.75).ceil().max(2.0) as usize;
    let step = (high - low) / count as f64;
    let at = |exponent: f64| score(10_f64.powf(exponent));
    let grid: Vec<f64> = (0..=count).map(|i| at(low + step * i as f64)).collect();
    let best = (0..grid.len())
        .min_by(|a, b| grid[*a].total_cmp(&grid[*b]))
        .unwrap_or_default();
    let centre = low + step * best as f64;
    let (a, b) = ((centre - step).max(low), (centre + step).min(high));
    10_f64.powf(golden_section(at, a, b, 0.02))
}

impl Local {
    fn stencil(self, t: &[f64], row: usize) -> Stencil {
        match self {
            Self::Differences { points } => differences(t, row, points),
            Self::Polynomial { points, degree } => local_polynomial(t, row, points, degree),
        }
    }

    /// The same with less truncation, on rows as many as there are.
    fn finer(self) -> Self {
        match self {
            Self::Differences { points } => Self::Differences { points: points + 2 },
            Self::Polynomial { points, degree } => Self::Polynomial {
                points,
                degree: degree + 2,
            },
        }
    }
}

/// Residual sum of squares, the trace and twice of it less that of the square, of a local polynomial.
fn local_summary(all: &[Given], points: usize, degree: usize) -> (f64, f64, f64, usize) {
    let (mut residual, mut trace, mut freedom, mut rows) = (0.0, 0.0, 0.0, 0);
    for (t, q) in all {
        for row in 0..t.len() {
            let Stencil { first, weights } = local_polynomial(t, row, points, degree);
            let value = apply(&weights[0], &q[first..first + points]);
            residual += (q[row] - value).powi(2);
            let own = weights[0][row - first];
            trace += own;
            freedom += 1.0 - 2.0 * own + square(&weights[0]);
        }
        rows += t.len();
    }
    (residual, trace, freedom, rows)
}

/// The window of least generalised cross-validation; it need not be wider than the shortest series.
fn best_window(all: &[Given], degree: usize) -> usize {
    let sample = judged(all);
    let shortest = all
        .iter()
        .chain(&sample)
        .map(|(t, _)| t.len())
        .min()
        .unwrap_or_default();
    let least = (degree + 3) | 1;
    let mut best = (f64::INFINITY, least);
    let mut points = least;
    while points <= shortest.min(401) {
        let (residual, trace, _, rows) = local_summary(&sample, points, degree);
        let score = residual / (rows as f64 - trace).powi(2);
        if score < best.0 {
            best = (score, points);
        }
        points = (points + 2).max((points as f64 * 1.2) as usize) | 1;
    }
    best.1
}

/// The variance of a measurement by what a cubic through two neighbours on each side misses (after Gasser,
/// Sroka & Jennen-Steinmetz 1986, Biometrika 73, 625).
fn difference_variance(all: &[Given]) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for (t, q) in all {
        for row in 2..t.len().saturating_sub(2) {
            let nodes = [t[row - 2], t[row - 1], t[row + 1], t[row + 2]];
            let [weights, ..] = fornberg(t[row], &nodes);
            let near = [q[row - 2], q[row - 1], q[row + 1], q[row + 2]];
            sum += (q[row] - apply(&weights, &near)).powi(2) / (1.0 + square(&weights));
            count += 1;
        }
    }
    if count == 0 {
        0.0
    } else {
        sum / f64::from(count)
    }
}

fn local(all: &[Given], method: Local) -> (Vec<Series>, Chosen) {
    let variance = match method {
        Local::Differences { .. } => difference_variance(all),
        Local::Polynomial { points, degree } => {
            let (residual, _, freedom, _) = local_summary(all, points, degree);
            residual / freedom.max(f64::MIN_POSITIVE)
        }
    };
    // Truncation: the mean square of what a finer estimate differs by, less what noise makes of it.
    let mut series: Vec<Series> = Vec::new();
    let (mut excess, mut rows) = ([0.0; 3], 0);
    for (t, q) in all {
        let mut out = Series::default();
        for row in 0..t.len() {
            let coarse = method.stencil(t, row);
            let fine = method.finer().stencil(t, row);
            for (k, weights) in coarse.weights.iter().enumerate() {
                let value = apply(weights, &q[coarse.first..]);
                out.value[k].push(value);
                out.error[k].push(variance * square(weights));
                let difference = value - apply(&fine.weights[k], &q[fine.first..]);
                let mut apart = fine.weights[k].clone();
                let shift = coarse.first - fine.first.min(coarse.first);
                for (i, w) in weights.iter().enumerate() {
                    if let Some(fine) = apart.get_mut(i + shift) {
                        *fine -= w;
                    }
                }
                excess[k] += difference.powi(2) - variance * square(&apart);
            }
        }
        rows += t.len();
        series.push(out);
    }
    for series in &mut series {
        for (errors, excess) in series.error.iter_mut().zip(excess) {
            let truncation = (excess / rows as f64).max(0.0);
            errors
                .iter_mut()
                .for_each(|error| *error = (*error + truncation).sqrt());
        }
    }
    let chosen = Chosen {
        noise: variance.sqrt(),
        lambda: None,
        window: None,
    };
    (series, chosen)
}
