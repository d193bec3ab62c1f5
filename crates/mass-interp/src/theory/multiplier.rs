//! Whether a law of motion of several coordinates is the Euler–Lagrange equation of any Lagrangian.

use mass_systems::{Dataset, Purpose, stream, uniform};
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, check_index, check_length},
    least_squares::symmetric_eigen,
};

/// Functions that are sums of others at the states, to this share of their size, are left out.
const DEPENDENT: f64 = 1e-10;

/// Multipliers that miss the conditions by up to this many times the least are as good.
const AS_GOOD: f64 = 10.0;

/// A multiplier that misses them by this share of the law's rate is none the worse: differences of a
/// learned law in f32 err by as much.
const ROUNDING: f64 = 1e-3;

/// Multipliers that are tried where several are as good.
const TRIED: usize = 64;

/// The least share of its largest eigenvalue that g's least may have in the median to be regular.
const REGULAR: f64 = 1e-3;

/// States whose functions are in memory at once.
const CHUNK: usize = 64;

/// How [`Multiplier`] is computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MultiplierPlan {
    /// Degree in x and in y of the products of functions that make up each element of g: Legendre
    /// polynomials of a coordinate, cosines and sines of an angle.
    pub degree: [usize; 2],
    /// How much of the degree the first harmonic of an angle takes; the second takes twice as much.
    pub harmonic: usize,
    /// Step of the finite differences, of fourth order, as a share of half the range of each coordinate. At
    /// 0.005 those of a law in f32 err by 10⁻³ of its rate.
    pub step: f64,
    /// Positions that are angles, by index ([`mass_systems::System::angles`]).
    pub angles: Vec<usize>,
}

impl MultiplierPlan {
    /// Up to two coordinates degree 6 in x, two harmonics of an angle, and 2 in y; with more, less, for the
    /// products are soon thousands: 4 and 1 with three, 2 and 0 with more.
    pub fn new(dof: usize, angles: &[usize]) -> Self {
        let degree = match dof {
            0..=2 => [6, 2],
            3 => [4, 1],
            _ => [2, 0],
        };
        Self {
            degree,
            harmonic: degree[0] / 2,
            step: 0.005,
            angles: angles.to_vec(),
        }
    }
}

/// The Helmholtz conditions of a law ẏ = F(x, y) with any number of coordinates: is it the Euler–Lagrange
/// equation of *some* regular Lagrangian that does not depend on time?
///
/// It is exactly if there is a multiplier g(x, y) `[d, d]`, the matrix L_yy of that Lagrangian, symmetric
/// and not singular, with (Douglas 1941; Santilli 1978; Crampin, Prince & Thompson 1984)
///
/// 1. ∇g = D g + ½ (g F_y + F_yᵀ g) = 0, D = y·∂_x + F·∂_y the derivative along the motion;
/// 2. g Φ symmetric, Φ = −F_x − ¼ F_y F_y + ½ D F_y;
/// 3. ∂g_ij/∂y_k = ∂g_ik/∂y_j.
///
/// 1 and 3 are differential conditions, 2 is an algebraic one; all are linear in g. So g is sought among
/// sums of products of functions ([`MultiplierPlan`]): the one that misses the conditions least for its
/// size, on the first half of the states. The second half judges it. Lengths are in units of the states'
/// deviations, time in that of positions by that of velocities, so that the result is the same in any
/// units.
///
/// # What it can see
///
/// Friction: a uniform one, F − γy, is missed by γ, for then ∇g = −γg. A law whose g is not among the
/// functions is missed as well: compare a learned law with the exact one, or raise the degree. That g need
/// not be positive says that an L exists which is no kinetic energy less a potential: the rotating force
/// F = (−x₁ + a x₂, −x₂ − a x₁) has one, with g = diag(1, −1).
///
/// With one coordinate, [`Helmholtz`](crate::Helmholtz) seeks ln g, which cannot vanish; prefer it there.
///
/// # Example
///
/// ```
/// use mass_interp::{Multiplier, MultiplierPlan, evaluation_states};
/// use mass_systems::{System, lookup};
///
/// let system = lookup("double_pendulum")?;
/// let states = evaluation_states(&*system, 512, 0)?;
/// let plan = MultiplierPlan::new(2, system.angles());
/// let of = |friction: f64| {
///     let law = |x: &[f64], y: &[f64]| {
///         let mut out = vec![0.0; x.len()];
///         for (state, out) in out.chunks_exact_mut(2).enumerate() {
///             let at = 2 * state..2 * state + 2;
///             system.acceleration(&x[at.clone()], &y[at.clone()], out);
///             out.iter_mut().zip(&y[at]).for_each(|(out, y)| *out -= friction * y);
///         }
///         Ok(out)
///     };
///     Multiplier::of(law, &states, &plan)
/// };
/// let exact = of(0.0)?;
/// assert!(exact.missed() < 1e-3 && exact.definite == 1.0);
/// assert!(of(0.3)?.missed() > 0.03);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Multiplier {
    /// √(E|∇g|² / E|g|²), 1 / time: the friction that no such g explains.
    pub friction: f64,
    /// √(E|gΦ − (gΦ)ᵀ|² / E|g|²), 1 / time².
    pub asymmetry: f64,
    /// √(E Σ(∂g_ij/∂y_k − ∂g_ik/∂y_j)² / E|g|²) over j < k, in units of the deviation of y.
    pub curl: f64,
    /// Median of g's least eigenvalue by its largest, in size: 0 if it is singular, and so no multiplier.
    pub regular: f64,
    /// Share of the judged states where all eigenvalues have one sign.
    pub definite: f64,
    /// √(E|F|² / E|y|²) of the deviations, 1 / time: how fast the law moves at all, in the units above.
    pub rate: f64,
    /// States left out because F or one of its derivatives is not finite there.
    pub left_out: usize,
}

impl Multiplier {
    /// The largest of the three conditions' misses as a share of the law's own rate: 0 for the law of a
    /// Lagrangian whose g is among the functions. Not finite for a law at rest.
    ///
    /// A g that is singular ([`Multiplier::regular`] below 10⁻³) misses all: 1.
    pub fn missed(&self) -> f64 {
        if self.regular < REGULAR {
            return 1.0;
        }
        let friction = self.friction / self.rate;
        let asymmetry = self.asymmetry / (self.rate * self.rate);
        friction.max(asymmetry).max(self.curl)
    }

    /// Judges a law at these states; `law` gives F `[B, d]` at positions and velocities `[B, d]`. It is asked
    /// 24 d + 1 times.
    ///
    /// The states must be in random order.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] for an angle that is not there; [`Error::Request`] if a coordinate does not vary or
    /// too few states are left to fit the functions; errors of the law itself.
    pub fn of(
        law: impl FnMut(&[f64], &[f64]) -> Result<Vec<f64>, Error>,
        states: &Dataset,
        plan: &MultiplierPlan,
    ) -> Result<Self, Error> {
        for angle in &plan.angles {
            check_index("position", *angle, states.dof())?;
        }
        let units = Units::of(states)?;
        let local = Local::of(law, states, &units, plan.step)?;
        let basis = Basis::new(states, &units, plan);
        let elements = local.dof * (local.dof + 1) / 2;
        let unknowns = elements * basis.len();
        let rows = elements + local.dof * (local.dof - 1) / 2;
        let half = local.kept.len() / 2;
        if half * rows < 2 * unknowns || half < 2 * basis.len() {
            return Err(Error::Request(format!(
                "{} of {} states are left; {unknowns} coefficients need {} at least: give more states, or a lower degree",
                local.kept.len(),
                states.len(),
                2 * (2 * basis.len()).max((2 * unknowns).div_ceil(rows))
            )));
        }
        let (fitted, judged) = local.kept.split_at(half);
        let fit = Conditions::at(fitted, &local, &basis, unknowns);
        let judge = Conditions::at(judged, &local, &basis, unknowns);
        let found = sought(&fit, fitted, &local, &basis, judge.rate)?;
        let size = quadratic(&judge.size, &found);
        let miss = |of: &DMatrix<f64>| (quadratic(of, &found) / size).max(0.0).sqrt();
        let (regular, definite) = eigenvalues(&found, judged, &local, &basis);
        Ok(Self {
            friction: miss(&judge.differential) / units.time,
            asymmetry: miss(&judge.algebraic) / (units.time * units.time),
            curl: miss(&judge.curl),
            regular,
            definite,
            rate: judge.rate / units.time,
            left_out: states.len() - local.kept.len(),
        })
    }
}

/// cᵀ A c.
fn quadratic(matrix: &DMatrix<f64>, c: &DVector<f64>) -> f64 {
    c.dot(&(matrix * c))
}

/// Deviations of positions, and the time in which velocities of their deviation go as far.
struct Units {
    length: Vec<f64>,
    time: f64,
}

impl Units {
    fn of(states: &Dataset) -> Result<Self, Error> {
        let d = states.dof();
        let deviation = |values: &[f64], k: usize| {
            let count = states.len() as f64;
            let mean = values.iter().skip(k).step_by(d).sum::<f64>() / count;
            let squares = values.iter().skip(k).step_by(d).map(|v| (v - mean).powi(2));
            (squares.sum::<f64>() / count).sqrt()
        };
        let length: Vec<f64> = (0..d).map(|k| deviation(states.x(), k)).collect();
        let speed: Vec<f64> = (0..d).map(|k| deviation(states.y(), k)).collect();
        if let Some(k) = (0..d).find(|k| !(length[*k] > 0.0 && speed[*k] > 0.0)) {
            return Err(Error::Request(format!(
                "coordinate {k} of the states or its velocity is always the same: the states must fill a volume"
            )));
        }
        let times = length.iter().zip(&speed).map(|(x, y)| (x / y).ln());
        let time = (times.sum::<f64>() / d as f64).exp();
        Ok(Self { length, time })
    }
}

/// A law and its derivatives at states, in [`Units`]; matrices row-major.
struct Local {
    dof: usize,
    /// x, y and F, `[B, d]`.
    x: Vec<f64>,
    y: Vec<f64>,
    f: Vec<f64>,
    /// F_y and Φ, `[B, d, d]`.
    f_y: Vec<DMatrix<f64>>,
    phi: Vec<DMatrix<f64>>,
    /// States where all of these are finite.
    kept: Vec<usize>,
}

/// Of fourth order: places in steps, and weights of the slope.
const STENCIL: [(f64, f64); 4] = [
    (-2.0, 1.0 / 12.0),
    (-1.0, -2.0 / 3.0),
    (1.0, 2.0 / 3.0),
    (2.0, -1.0 / 12.0),
];

impl Local {
    fn of(
        mut law: impl FnMut(&[f64], &[f64]) -> Result<Vec<f64>, Error>,
        states: &Dataset,
        units: &Units,
        step: f64,
    ) -> Result<Self, Error> {
        let (d, count) = (states.dof(), states.len());
        let by = |values: &[f64], factor: &dyn Fn(usize) -> f64| -> Vec<f64> {
            let each = values.iter().enumerate();
            each.map(|(at, value)| value * factor(at % d)).collect()
        };
        let (length, time) = (&units.length, units.time);
        let mut force = |x: &[f64], y: &[f64]| -> Result<Vec<f64>, Error> {
            let found = law(&by(x, &|k| length[k]), &by(y, &|k| length[k] / time))?;
            check_length("the law's ẏ", found.len(), count * d)?;
            Ok(by(&found, &|k| time * time / length[k]))
        };
        let x = by(states.x(), &|k| 1.0 / length[k]);
        let y = by(states.y(), &|k| time / length[k]);
        let f = force(&x, &y)?;
        // Half the range of coordinates of deviation 1 that fill it evenly.
        let step = step * 3f64.sqrt();
        let moved = |values: &[f64], direction: &dyn Fn(usize) -> f64, by: f64| -> Vec<f64> {
            let each = values.iter().enumerate();
            each.map(|(at, value)| value + by * direction(at)).collect()
        };
        // ∂F_i/∂(one coordinate of y or x)_j, `[B, d, d]`.
        let mut slopes =
            |x: &[f64], y: &[f64], of_velocity: bool| -> Result<Vec<DMatrix<f64>>, Error> {
                let mut out = vec![DMatrix::zeros(d, d); count];
                for j in 0..d {
                    let along = |at: usize| f64::from(at % d == j);
                    for (place, weight) in STENCIL {
                        let by = place * step;
                        let found = match of_velocity {
                            true => force(x, &moved(y, &along, by))?,
                            false => force(&moved(x, &along, by), y)?,
                        };
                        for (out, found) in out.iter_mut().zip(found.chunks_exact(d)) {
                            for (i, value) in found.iter().enumerate() {
                                out[(i, j)] += weight * value / step;
                            }
                        }
                    }
                }
                Ok(out)
            };
        let f_y = slopes(&x, &y, true)?;
        let f_x = slopes(&x, &y, false)?;
        // Along the motion, a state goes as far as one step of a coordinate.
        let far = |at: usize| {
            let of = at / d * d..at / d * d + d;
            let square = |v: &[f64]| v[of.clone()].iter().map(|v| v * v).sum::<f64>();
            step / (square(&y) + square(&f)).sqrt().max(1.0)
        };
        let mut along = vec![DMatrix::zeros(d, d); count];
        for (place, weight) in STENCIL {
            let x = moved(&x, &|at| y[at] * far(at), place);
            let y = moved(&y, &|at| f[at] * far(at), place);
            for (state, (along, slope)) in along.iter_mut().zip(slopes(&x, &y, true)?).enumerate() {
                *along += slope * (weight / far(state * d));
            }
        }
        let phi: Vec<DMatrix<f64>> = (0..count)
            .map(|b| &along[b] * 0.5 - &f_x[b] - &f_y[b] * &f_y[b] * 0.25)
            .collect();
        let finite = |b: &usize| {
            let f = &f[b * d..(b + 1) * d];
            let derived = f_y[*b].iter().chain(phi[*b].iter());
            f.iter().chain(derived).all(|value| value.is_finite())
        };
        let kept = (0..count).filter(finite).collect();
        Ok(Self {
            dof: d,
            x,
            y,
            f,
            f_y,
            phi,
            kept,
        })
    }
}

/// Products of functions of the 2d coordinates of a state.
struct Basis {
    axes: Vec<Axis>,
    /// Which function of each coordinate a product takes, `[P, 2d]`.
    products: Vec<Vec<usize>>,
    /// The highest of each coordinate, `[2d]`.
    degrees: Vec<usize>,
}

/// The functions of one coordinate.
enum Axis {
    /// Legendre polynomials, on the range of the states.
    Straight { middle: f64, half: f64 },
    /// 1, cos, sin, cos 2, sin 2, …; an angle's unit is not 1.
    Angle { unit: f64 },
}

impl Axis {
    /// Values and slopes of the functions up to a degree.
    fn values(&self, at: f64, degree: usize) -> (Vec<f64>, Vec<f64>) {
        match self {
            Self::Straight { middle, half } => {
                let t = (at - middle) / half;
                let (mut p, mut slope) = (vec![1.0, t], vec![0.0, 1.0 / half]);
                p.truncate(degree + 1);
                slope.truncate(degree + 1);
                for n in 1..degree {
                    let k = n as f64;
                    p.push(((2.0 * k + 1.0) * t * p[n] - k * p[n - 1]) / (k + 1.0));
                    slope.push((2.0 * k + 1.0) * p[n] / half + slope[n - 1]);
                }
                (p, slope)
            }
            Self::Angle { unit } => {
                let (mut p, mut slope) = (vec![1.0], vec![0.0]);
                for k in 1..=degree {
                    let rate = k as f64 * unit;
                    let (sin, cos) = (rate * at).sin_cos();
                    p.extend([cos, sin]);
                    slope.extend([-rate * sin, rate * cos]);
                }
                (p, slope)
            }
        }
    }

    /// How much of the degree each function takes.
    fn degrees(&self, degree: usize, harmonic: usize) -> Vec<usize> {
        match self {
            Self::Straight { .. } => (0..=degree).collect(),
            Self::Angle { .. } => {
                let places = 0..=2 * degree;
                places.map(|at| harmonic * at.div_ceil(2)).collect()
            }
        }
    }
}

/// The products at a state, and their slopes along the motion and by each velocity.
struct Values {
    value: Vec<f64>,
    along: Vec<f64>,
    /// `[d, P]`.
    by_velocity: Vec<Vec<f64>>,
}

impl Basis {
    fn new(states: &Dataset, units: &Units, plan: &MultiplierPlan) -> Self {
        let d = states.dof();
        let straight = |values: &[f64], k: usize, unit: f64| {
            let of = || values.iter().skip(k).step_by(d).map(|v| v / unit);
            let low = of().fold(f64::INFINITY, f64::min);
            let high = of().fold(f64::NEG_INFINITY, f64::max);
            Axis::Straight {
                middle: (low + high) / 2.0,
                half: (high - low) / 2.0,
            }
        };
        let positions = (0..d).map(|k| match plan.angles.contains(&k) {
            true => Axis::Angle {
                unit: units.length[k],
            },
            false => straight(states.x(), k, units.length[k]),
        });
        let velocities = (0..d).map(|k| straight(states.y(), k, units.length[k] / units.time));
        let axes: Vec<Axis> = positions.chain(velocities).collect();
        let highest = |at: usize| plan.degree[usize::from(at >= d)];
        let degrees = axes.iter().enumerate().map(|(at, axis)| match axis {
            Axis::Straight { .. } => highest(at),
            Axis::Angle { .. } => highest(at) / plan.harmonic.max(1),
        });
        let all_degrees: Vec<usize> = degrees.collect();
        let mut products: Vec<(usize, Vec<usize>)> = vec![(0, Vec::new())];
        for (at, axis) in axes.iter().enumerate() {
            let degrees = axis.degrees(all_degrees[at], plan.harmonic.max(1));
            let most = highest(at);
            if at == d {
                // The degree in y is its own.
                products.iter_mut().for_each(|(used, _)| *used = 0);
            }
            products = products
                .iter()
                .flat_map(|(used, places)| {
                    let each = degrees.iter().enumerate();
                    let fits = each.filter(move |(_, more)| used + **more <= most);
                    fits.map(move |(place, more)| {
                        (used + more, [places.as_slice(), &[place]].concat())
                    })
                })
                .collect();
        }
        Self {
            axes,
            products: products.into_iter().map(|(_, places)| places).collect(),
            degrees: all_degrees,
        }
    }

    fn len(&self) -> usize {
        self.products.len()
    }

    fn at(&self, local: &Local, state: usize) -> Values {
        let d = local.dof;
        let of = state * d..(state + 1) * d;
        let (x, y, f) = (&local.x[of.clone()], &local.y[of.clone()], &local.f[of]);
        let each = self.axes.iter().zip(&self.degrees).zip(x.iter().chain(y));
        let functions: Vec<(Vec<f64>, Vec<f64>)> = each
            .map(|((axis, degree), at)| axis.values(*at, *degree))
            .collect();
        let product = |places: &[usize], slope_of: Option<usize>| -> f64 {
            let functions = functions.iter().enumerate();
            let factors = places.iter().zip(functions);
            let factors = factors.map(|(place, (at, (value, slope)))| match slope_of {
                Some(one) if one == at => slope[*place],
                _ => value[*place],
            });
            factors.product()
        };
        let slope = |at: usize| -> Vec<f64> {
            let products = self.products.iter();
            products.map(|places| product(places, Some(at))).collect()
        };
        let by_velocity: Vec<Vec<f64>> = (d..2 * d).map(slope).collect();
        let mut along = vec![0.0; self.len()];
        for k in 0..d {
            let by_position = slope(k);
            for (p, along) in along.iter_mut().enumerate() {
                *along += y[k] * by_position[p] + f[k] * by_velocity[k][p];
            }
        }
        let products = self.products.iter();
        Values {
            value: products.map(|places| product(places, None)).collect(),
            along,
            by_velocity,
        }
    }
}

/// Place of the element (i, j) of a symmetric matrix in the list of its upper triangle.
fn element(d: usize, i: usize, j: usize) -> usize {
    let (i, j) = (i.min(j), i.max(j));
    i * d - i * (i + 1) / 2 + j
}

/// What g's coefficients c `[elements, P]` are judged by: means over states of squares, as matrices.
struct Conditions {
    /// E|g|².
    size: DMatrix<f64>,
    /// E|∇g|².
    differential: DMatrix<f64>,
    /// E|gΦ − (gΦ)ᵀ|².
    algebraic: DMatrix<f64>,
    /// E Σ(∂g_ij/∂y_k − ∂g_ik/∂y_j)².
    curl: DMatrix<f64>,
    /// √(E|F|² / E|y|²), in [`Units`].
    rate: f64,
}

impl Conditions {
    fn at(states: &[usize], local: &Local, basis: &Basis, unknowns: usize) -> Self {
        let (d, count) = (local.dof, basis.len());
        let elements = d * (d + 1) / 2;
        let mut sums = [(); 4].map(|()| DMatrix::<f64>::zeros(unknowns, unknowns));
        for chunk in states.chunks(CHUNK) {
            let mut rows: [Vec<f64>; 4] = Default::default();
            for &state in chunk {
                let values = basis.at(local, state);
                // A row of coefficients: of each element, this much of these functions.
                let mut row = |of: usize, parts: &[(usize, f64, &[f64])]| {
                    let from = rows[of].len();
                    rows[of].resize(from + unknowns, 0.0);
                    for (element, factor, functions) in parts {
                        let at = from + element * count;
                        let out = &mut rows[of][at..at + count];
                        for (out, value) in out.iter_mut().zip(*functions) {
                            *out += factor * value;
                        }
                    }
                };
                let (f_y, phi) = (&local.f_y[state], &local.phi[state]);
                for i in 0..d {
                    for j in i..d {
                        // Off the diagonal an element is there twice.
                        let often = if i == j { 1.0 } else { 2f64.sqrt() };
                        let own = element(d, i, j);
                        row(0, &[(own, often, &values.value)]);
                        let mut parts: Vec<(usize, f64, &[f64])> =
                            vec![(own, often, &values.along)];
                        for k in 0..d {
                            let half = 0.5 * often;
                            parts.push((element(d, i, k), half * f_y[(k, j)], &values.value));
                            parts.push((element(d, j, k), half * f_y[(k, i)], &values.value));
                        }
                        row(1, &parts);
                        if i == j {
                            continue;
                        }
                        let parts: Vec<(usize, f64, &[f64])> = (0..d)
                            .flat_map(|k| {
                                [
                                    (element(d, i, k), often * phi[(k, j)], &*values.value),
                                    (element(d, j, k), -often * phi[(k, i)], &*values.value),
                                ]
                            })
                            .collect();
                        row(2, &parts);
                        for k in 0..d {
                            let (one, other) = (element(d, k, i), element(d, k, j));
                            row(
                                3,
                                &[
                                    (one, 1.0, &values.by_velocity[j]),
                                    (other, -1.0, &values.by_velocity[i]),
                                ],
                            );
                        }
                    }
                }
            }
            for (sum, rows) in sums.iter_mut().zip(rows) {
                if rows.is_empty() {
                    continue;
                }
                // Column-major storage of the transpose: the Gram matrix is what is asked for.
                let transposed = DMatrix::from_vec(unknowns, rows.len() / unknowns, rows);
                sum.gemm(1.0, &transposed, &transposed.transpose(), 1.0);
            }
        }
        debug_assert_eq!(unknowns, elements * count);
        let [size, differential, algebraic, curl] = sums.map(|sum| sum / states.len() as f64);
        let square = |of: &[f64]| -> f64 {
            let each = states
                .iter()
                .flat_map(|state| &of[state * d..(state + 1) * d]);
            each.map(|v| v * v).sum()
        };
        Self {
            size,
            differential,
            algebraic,
            curl,
            rate: (square(&local.f) / square(&local.y)).sqrt(),
        }
    }
}

/// The coefficients of the multiplier that misses the conditions least; of several that are as good, the
/// one furthest from singular.
fn sought(
    fit: &Conditions,
    states: &[usize],
    local: &Local,
    basis: &Basis,
    rate: f64,
) -> Result<DVector<f64>, Error> {
    // Coefficients in which E|g|² is |c|².
    let (values, vectors) = symmetric_eigen(fit.size.clone())?;
    let least = values.first().copied().unwrap_or(0.0) * DEPENDENT;
    let rank = values.iter().take_while(|value| **value > least).count();
    let mut unit = vectors.columns(0, rank).into_owned();
    for (mut vector, value) in unit.column_iter_mut().zip(&values) {
        vector /= value.sqrt();
    }
    // A law at rest has any multiplier.
    let rate = if rate > 0.0 { rate } else { 1.0 };
    let all = &fit.differential / rate.powi(2) + &fit.algebraic / rate.powi(4) + &fit.curl;
    let (misses, vectors) = symmetric_eigen(unit.tr_mul(&all) * &unit)?;
    let least = misses
        .last()
        .copied()
        .unwrap_or(0.0)
        .max(ROUNDING * ROUNDING);
    let good = misses
        .iter()
        .filter(|miss| **miss <= AS_GOOD * least)
        .count();
    let good = &unit * vectors.columns(rank - good, good);
    if good.ncols() == 1 {
        return Ok(good.column(0).into_owned());
    }
    // First the one nearest to the identity, as masses are; then any.
    let (d, count) = (local.dof, basis.len());
    let mut identity = DVector::zeros(good.nrows());
    let constant = basis
        .products
        .iter()
        .position(|places| places.iter().all(|place| *place == 0));
    for i in 0..d {
        identity[element(d, i, i) * count + constant.unwrap_or(0)] = 1.0;
    }
    let nearest = &good * good.tr_mul(&(&fit.size * &identity));
    let mut rng = stream(0, Purpose::TestData, "multiplier");
    let others = (1..TRIED).map(|_| {
        let weights = DVector::from_fn(good.ncols(), |_, _| uniform(&mut rng, -1.0, 1.0));
        &good * weights
    });
    let tried = std::iter::once(nearest).chain(others);
    let scored = tried.map(|c| {
        let (regular, definite) = eigenvalues(&c, states, local, basis);
        // A definite one before all others.
        (regular + if definite == 1.0 { 1.0 } else { 0.0 }, c)
    });
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, c)| c)
        .ok_or_else(|| Error::Request("no multiplier was found".to_string()))
}

/// The median of |least| by |largest| eigenvalue of g, and the share of states where all have one sign.
fn eigenvalues(c: &DVector<f64>, states: &[usize], local: &Local, basis: &Basis) -> (f64, f64) {
    let (d, count) = (local.dof, basis.len());
    let (mut shares, mut definite) = (Vec::with_capacity(states.len()), 0);
    for &state in states {
        let values = basis.at(local, state).value;
        let g = DMatrix::from_fn(d, d, |i, j| {
            let from = element(d, i, j) * count;
            let own = values.iter().enumerate();
            own.map(|(p, value)| c[from + p] * value).sum::<f64>()
        });
        let found = g.symmetric_eigenvalues();
        let sizes = found.iter().map(|value| value.abs());
        let (least, most) = (
            sizes.clone().fold(f64::INFINITY, f64::min),
            sizes.fold(0.0, f64::max),
        );
        shares.push(if most > 0.0 { least / most } else { 0.0 });
        let positive = found.iter().filter(|value| **value > 0.0).count();
        definite += usize::from(positive == 0 || positive == d);
    }
    let share = definite as f64 / states.len().max(1) as f64;
    (super::helmholtz::median(&shares), share)
}
