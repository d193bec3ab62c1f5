//! Two laws of Lagrangian motion, a curved border between them, from states at equal times.

use mass_sparse::{Factor, Function, FunctionLibrary};
use mass_systems::{Purpose, QuantileRule, quantile, stream, uniform, wrap_angle};
use nalgebra::{DMatrix, DVector};

use crate::{
    border::Domains,
    curved::{self, CurvedBorder},
    description::log_plus,
    design::{Normal, Solver},
    error::Error,
    lagrangian::{Equation, Form, LagrangianTheory, TOLERANCE},
    loss::{Core, generalised_mean_weights},
    observations::Windows,
    transitions::{Transition, TransitionKind},
};

/// Laws of two regimes whose motion is that of a Lagrangian each, and the border between them, in closed form.
///
/// 1. **Energy.** Within a regime Σ cⱼ (nⱼ − 1) φⱼ(x, y) is the same before and after a step, φⱼ the functions of a
///    library for L and nⱼ their degrees in y: a linear equation for each step, exact whatever the step's length. Two
///    laws are fitted to it by the same majorise–minimise as [`Mixture`](crate::Mixture), the first by what most steps
///    have in common, the second by what is left.
/// 2. **Motion.** Each law is followed over each step; coefficients by Gauss–Newton on the states that it predicts,
///    errors weighted by how the noise of the state before grows. Functions that the data do not ask for go (Bayesian
///    information criterion), and fractions are named where errors leave one alone.
/// 3. **Border.** Between steps of different laws the flow of one forwards and of the other backwards meet at a point
///    of the border; the border is the sum of up to three functions of a second library that is constant over these
///    points. With it, steps over the border are followed from law to law.
///
/// Two laws at most are looked for, as in the paper's code. What is not in the libraries is not found: a law with
/// friction or a magnetic field is no such law.
///
/// # Example
/// ```
/// use mass_physicist::{ChargedPendulum, RegimesOfMotion};
///
/// let seen = ChargedPendulum::vertical(8.0, 1.0).observe_states(400, 3)?;
/// let found = RegimesOfMotion::double_pendulum().discover(&seen.windows(1)?)?;
/// assert_eq!(found.border.as_ref().map(|b| b.text()).as_deref(), Some("cos x₁ + cos x₂ = 21/20"));
/// # Ok::<(), mass_physicist::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RegimesOfMotion {
    /// Functions that L may be a sum of, of d positions and velocities: the square of the last velocity among them,
    /// whose coefficient is ½, and none that is constant or odd in velocities.
    pub library: FunctionLibrary,
    /// Functions of the positions that the border may be a sum of, up to three of them.
    pub borders: FunctionLibrary,
    /// Positions that are angles, counted from 0: a turn more or less makes no difference.
    pub angles: Vec<usize>,
    /// Of the neighbourhoods that a law is begun in.
    pub seed: u64,
    /// How many of these.
    pub attempts: usize,
    /// The least share of the steps that a law holds for.
    pub least_share: f64,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct RegimesFound {
    /// One or two theories, that with more steps first.
    pub theories: Vec<LagrangianTheory>,
    /// The border, if there are two and motions pass from one to the other often enough.
    pub border: Option<CurvedBorder>,
    /// Where motions pass over the border, by the flows' intersection.
    pub transitions: Vec<Transition>,
    /// Deviations of the noise of a position and of a velocity, in their units; of the method where there is none.
    pub noise: [f64; 2],
    /// The theory that explains each step by itself `[N]`.
    pub explained_by: Vec<Option<usize>>,
    /// Steps over the border that are as both laws and the border say, `[N]`.
    pub over_the_border: Vec<bool>,
    /// Steps that nothing explains, as a share.
    pub unexplained: f64,
}

impl Domains for RegimesFound {
    /// Of states (x, y) `[2·d]`.
    fn theory(&self, inputs: &[f64]) -> usize {
        self.border
            .as_ref()
            .map_or(0, |border| border.theory(inputs))
    }
}

/// Errors of a step up to so many deviations are a law's own.
const REACH: f64 = 6.0;
/// The same of the energy's equation, whose errors are of different sizes, in those of the best quarter.
const FAR: f64 = 12.0;
/// A law that explains this share of another's steps explains it away.
const SAME: f64 = 0.9;
/// The deviation of an angle that may be any.
const ANY_ANGLE: f64 = 1.8;
/// Rounds of Gauss–Newton and of giving steps to laws.
const ROUNDS: usize = 5;
/// A change by which a slope is found, as a share, and the error of the method for it.
const CHANGE: f64 = 1e-4;
const LOOSE: f64 = 1e-9;
/// The noise is taken for this share of the coordinates' deviation at least: what the method errs by.
const PRECISION: f64 = 1e-10;

impl RegimesOfMotion {
    /// With these libraries.
    pub fn new(library: FunctionLibrary, borders: FunctionLibrary, angles: Vec<usize>) -> Self {
        Self {
            library,
            borders,
            angles,
            seed: 0,
            attempts: 30,
            least_share: 0.02,
        }
    }

    /// For a double pendulum: L of [`FunctionLibrary::textbook`], nine functions among which are all those of a double
    /// pendulum in a uniform field, and two that are not (y₁ y₂ and cos(x₁ − x₂)); borders of cos x₁, sin x₁, cos x₂,
    /// sin x₂, cos(x₁ − x₂), sin(x₁ − x₂), cos(x₁ + x₂) and sin(x₁ + x₂).
    pub fn double_pendulum() -> Self {
        let wave = |of: &[(usize, i32)]| {
            [
                Function::new([Factor::Cosine(of.to_vec())]),
                Function::new([Factor::Sine(of.to_vec())]),
            ]
        };
        let borders = [
            &[(0, 1)][..],
            &[(1, 1)],
            &[(0, 1), (1, -1)],
            &[(0, 1), (1, 1)],
        ];
        let borders = FunctionLibrary::new(2, borders.into_iter().flat_map(wave));
        let (Ok(library), Ok(borders)) = (FunctionLibrary::textbook(2, &[0, 1]), borders) else {
            unreachable!("libraries of two angles are made of functions that exist");
        };
        Self::new(library, borders, vec![0, 1])
    }

    /// Finds laws and their border in windows of one past state: D = 2·d coordinates (x, y), positions first, T = 1.
    ///
    /// # Errors
    /// [`Error::Request`] for windows or libraries of another shape, [`Error::TooFew`] windows, [`Error::Data`] if
    /// nothing moves, [`Error::NoLaw`] if no law of the library holds for a share of the steps.
    pub fn discover(&self, windows: &Windows) -> Result<RegimesFound, Error> {
        let form = Form::new(&self.library)?;
        let d = form.dof;
        if windows.dimension() != 2 * d || windows.memory() != 1 {
            return Err(Error::Request(format!(
                "windows of {} coordinates over {} past rows: for a law of {d} positions they are of {} coordinates, positions and velocities, over 1",
                windows.dimension(),
                windows.memory(),
                2 * d
            )));
        }
        if self.borders.dof() != d || self.angles.iter().any(|a| *a >= d) {
            return Err(Error::Request(format!(
                "the border's functions are of {} positions and angles are positions {:?}, counted from 0; L is of {d}",
                self.borders.dof(),
                self.angles
            )));
        }
        let still = |f: &Function| {
            let moving = |factor: &Factor| matches!(factor, Factor::Velocity(..) | Factor::Sign(_));
            !f.factors().is_empty() && !f.factors().iter().any(moving)
        };
        if let Some(f) = self.borders.iter().find(|f| !still(f)) {
            return Err(Error::Request(format!(
                "{} is no function of a border: these are of positions alone, and not constant",
                f.text(d)
            )));
        }
        let steps = Steps::new(form, windows, self)?;
        let (rough, scale) = steps.energy_laws(self)?;
        let followed = steps.motion_laws(self, &rough, scale)?;
        Ok(steps.finish(self, windows, followed))
    }
}

/// N steps of a motion.
struct Steps {
    form: Form,
    n: usize,
    step: f64,
    /// States before and after, `[N, 2·d]`; angles after are those nearest to the ones before.
    before: Vec<f64>,
    after: Vec<f64>,
    /// Features `[N, F − 1]` and targets `[N]` of the energy's equation.
    x: Vec<f64>,
    z: Vec<f64>,
    /// What features were divided by.
    scales: Vec<f64>,
    /// Functions of the border at the middle of each step `[N, B]`.
    places: Vec<f64>,
    /// Deviations of positions and velocities.
    spreads: [f64; 2],
}

/// Laws followed along the motion.
struct Followed {
    laws: Vec<Followable>,
    noise: [f64; 2],
    explained_by: Vec<Option<usize>>,
}

struct Followable {
    coefficients: Vec<f64>,
    errors: Vec<f64>,
}

impl Steps {
    fn new(form: Form, windows: &Windows, request: &RegimesOfMotion) -> Result<Self, Error> {
        let (d, n, f) = (form.dof, windows.len(), form.functions.len());
        let least = 6 * f;
        if n < least {
            return Err(Error::TooFew {
                windows: n,
                constants: f,
                least,
            });
        }
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for w in 0..n {
            let (old, new) = (windows.inputs(w), windows.output(w));
            before.extend_from_slice(old);
            let first = after.len();
            after.extend_from_slice(new);
            for k in &request.angles {
                after[first + k] = old[*k] + wrap_angle(new[*k] - old[*k]);
            }
        }
        let mut spreads = [0.0; 2];
        for (half, spread) in spreads.iter_mut().enumerate() {
            for k in half * d..(half + 1) * d {
                let values: Vec<f64> = before.iter().skip(k).step_by(2 * d).copied().collect();
                let mean = values.iter().sum::<f64>() / n as f64;
                let own = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n as f64;
                let turns = request.angles.contains(&k);
                *spread += if turns {
                    own.min(ANY_ANGLE * ANY_ANGLE)
                } else {
                    own
                };
            }
            *spread = (*spread / d as f64).sqrt();
        }
        if !(spreads[0] > 0.0 && spreads[1] > 0.0) {
            return Err(Error::Data(
                "nothing moves: all positions or all velocities are the same".into(),
            ));
        }
        let (mut x, mut z) = (Vec::with_capacity(n * (f - 1)), Vec::with_capacity(n));
        let (mut one, mut other) = (vec![0.0; f], vec![0.0; f]);
        let mut places = Vec::new();
        let states = before.chunks_exact(2 * d).zip(after.chunks_exact(2 * d));
        for (old, new) in states {
            form.energies(old, &mut one);
            form.energies(new, &mut other);
            z.push(-0.5 * (other[form.gauge] - one[form.gauge]));
            let open = (0..f).filter(|k| *k != form.gauge);
            x.extend(open.map(|k| other[k] - one[k]));
            let middle: Vec<f64> = (0..d).map(|k| 0.5 * (old[k] + new[k])).collect();
            places.extend(request.borders.iter().map(|f| f.value(&middle, &[])));
        }
        if let Some(at) = x.iter().chain(&places).position(|v| !v.is_finite()) {
            return Err(Error::Data(format!(
                "a function of the libraries is not finite at step {}, counted from 0",
                at / (f - 1) % n
            )));
        }
        let mut scales = vec![0.0; f - 1];
        for row in x.chunks_exact(f - 1) {
            scales.iter_mut().zip(row).for_each(|(s, x)| *s += x * x);
        }
        for scale in &mut scales {
            *scale = (*scale / n as f64).sqrt();
            if *scale == 0.0 {
                *scale = 1.0;
            }
        }
        for row in x.chunks_exact_mut(f - 1) {
            row.iter_mut().zip(&scales).for_each(|(x, s)| *x /= s);
        }
        Ok(Self {
            form,
            n,
            step: windows.step(),
            before,
            after,
            x,
            z,
            scales,
            places,
            spreads,
        })
    }

    fn width(&self) -> usize {
        self.scales.len()
    }

    fn features(&self, step: usize) -> &[f64] {
        &self.x[step * self.width()..(step + 1) * self.width()]
    }

    /// The error of the energy's equation, for coefficients of the scaled features.
    fn error(&self, law: &[f64], step: usize) -> f64 {
        let sum: f64 = law
            .iter()
            .zip(self.features(step))
            .map(|(a, x)| a * x)
            .sum();
        self.z[step] - sum
    }

    fn before(&self, step: usize) -> &[f64] {
        let width = 2 * self.form.dof;
        &self.before[step * width..(step + 1) * width]
    }

    fn after(&self, step: usize) -> &[f64] {
        let width = 2 * self.form.dof;
        &self.after[step * width..(step + 1) * width]
    }

    /// What energies are made of: the size of errors by rounding.
    fn rounding(&self) -> f64 {
        let size = self.z.iter().map(|z| z * z).sum::<f64>() / self.n as f64;
        1e-11 * size.sqrt()
    }

    /// Weighted least squares of the energy's equation over some steps.
    fn solve(&self, law: &[f64], weights: impl Iterator<Item = (usize, f64)>) -> Option<Vec<f64>> {
        let mut normal = Normal::new(self.width());
        for (step, weight) in weights {
            normal.add(self.features(step), self.error(law, step), weight);
        }
        let rhs = DMatrix::from_column_slice(self.width(), 1, normal.rhs.as_slice());
        let change = Solver::new(normal.gram, 0.0)?.solve(&rhs);
        let law: Vec<f64> = law.iter().zip(change.iter()).map(|(c, s)| c + s).collect();
        law.iter().all(|c| c.is_finite()).then_some(law)
    }

    /// What a good part of some steps has in common, from a start of few: reweighted least squares at a floor that
    /// falls to the errors of the best quarter. The law and this floor.
    fn common(&self, steps: &[usize], start: &[usize]) -> Option<(Vec<f64>, f64)> {
        let mut law = vec![0.0; self.width()];
        for _ in 0..2 {
            law = self.solve(&law, start.iter().map(|s| (*s, 1.0)))?;
        }
        let quarter = |law: &[f64], of: &[usize]| {
            let sizes: Vec<f64> = of.iter().map(|s| self.error(law, *s).abs()).collect();
            quantile(&sizes, 0.25, QuantileRule::Linear).max(self.rounding())
        };
        let mut floor = quarter(&law, steps).max(quarter(&law, start));
        let mut still = 0;
        for _ in 0..60 {
            let weights = steps.iter().map(|s| {
                let u = self.error(&law, *s);
                (*s, floor * floor / (floor * floor + u * u))
            });
            law = self.solve(&law, weights)?;
            let next = quarter(&law, steps).max(floor / 8.0);
            still = if next > 0.95 * floor { still + 1 } else { 0 };
            floor = next.min(floor);
            if still == 4 {
                break;
            }
        }
        Some((law, floor))
    }

    /// Laws by the energy alone, with the scale of their errors: coefficients `[F − 1]` of the scaled features.
    fn energy_laws(&self, request: &RegimesOfMotion) -> Result<(Vec<Vec<f64>>, f64), Error> {
        let mut rng = stream(request.seed, Purpose::TrainData, "physicist-regimes");
        let mut open: Vec<usize> = (0..self.n).collect();
        let mut laws: Vec<Vec<f64>> = Vec::new();
        let mut scale = f64::INFINITY;
        let needed = (request.least_share * self.n as f64).max(3.0 * self.width() as f64) as usize;
        while laws.len() < 2 && open.len() >= needed {
            let mut best: Option<(f64, Vec<f64>, f64)> = None;
            for attempt in 0..=request.attempts {
                let start = match attempt {
                    0 => open.clone(),
                    _ => {
                        let at = uniform(&mut rng, 0.0, open.len() as f64) as usize;
                        let size = (open.len() / 8).max(3 * self.width());
                        self.near(open[at.min(open.len() - 1)], &open, size)
                    }
                };
                let Some((law, floor)) = self.common(&open, &start) else {
                    continue;
                };
                // Bits at a common precision: those that errors of rounding would leave.
                let floor = match laws.is_empty() {
                    true => floor,
                    false => floor.max(scale),
                };
                let bits: f64 = open
                    .iter()
                    .map(|s| log_plus(self.error(&law, *s) / self.rounding()))
                    .sum();
                if best.as_ref().is_none_or(|(least, ..)| bits < *least) {
                    best = Some((bits, law, floor));
                }
            }
            let Some((_, law, floor)) = best else { break };
            let reach = FAR * floor;
            let own = |s: &usize| self.error(&law, *s).abs() < reach;
            let count = open.iter().filter(|s| own(s)).count();
            if count < needed {
                break;
            }
            open.retain(|s| !own(s));
            scale = scale.min(floor);
            laws.push(law);
        }
        if laws.is_empty() {
            return Err(Error::NoLaw(format!(
                "no law of the library keeps an energy over {needed} of {} steps: more steps, less noise or other functions may help",
                self.n
            )));
        }
        // Both together by the harmonic mean of bits.
        let m = laws.len();
        let (mut losses, mut weights) = (vec![0.0; m], vec![0.0; m]);
        for floor in [64.0, 16.0, 4.0, 2.0, 1.0, 1.0] {
            let core = Core::Bits {
                floor: floor * scale,
            };
            let mut all = vec![Vec::with_capacity(self.n); m];
            for step in 0..self.n {
                let errors: Vec<f64> = laws.iter().map(|law| self.error(law, step)).collect();
                for (loss, u) in losses.iter_mut().zip(&errors) {
                    *loss = core.loss(&[*u]);
                }
                generalised_mean_weights(&losses, -1.0, &mut weights);
                for ((all, weight), u) in all.iter_mut().zip(&weights).zip(&errors) {
                    all.push((step, weight * core.slope(*u) * (floor * scale).powi(2)));
                }
            }
            let next: Option<Vec<Vec<f64>>> = laws
                .iter()
                .zip(all)
                .map(|(law, weights)| self.solve(law, weights.into_iter()))
                .collect();
            match next {
                Some(next) => laws = next,
                None => break,
            }
        }
        Ok((laws, scale))
    }

    /// The steps of some that are nearest to one of them, by the border's functions.
    fn near(&self, anchor: usize, steps: &[usize], count: usize) -> Vec<usize> {
        let b = self.places.len() / self.n;
        let place = |s: usize| &self.places[s * b..(s + 1) * b];
        let mut all: Vec<(f64, usize)> = steps
            .iter()
            .map(|s| {
                let pairs = place(*s).iter().zip(place(anchor));
                (pairs.map(|(a, b)| (a - b) * (a - b)).sum(), *s)
            })
            .collect();
        all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        all.into_iter().take(count).map(|(_, s)| s).collect()
    }

    /// Coefficients of L `[F]` for those of scaled features.
    fn coefficients(&self, law: &[f64]) -> Vec<f64> {
        let mut all: Vec<f64> = law.iter().zip(&self.scales).map(|(c, s)| c / s).collect();
        all.insert(self.form.gauge, 0.5);
        all
    }

    /// Errors of the states that a law predicts `[n, 2·d]`.
    fn misses(&self, equation: &Equation, steps: &[usize], tolerance: f64) -> Vec<f64> {
        let starts: Vec<f64> = steps
            .iter()
            .flat_map(|s| self.before(*s))
            .copied()
            .collect();
        let ends = equation.advance(&starts, self.step, tolerance);
        let seen = steps.iter().flat_map(|s| self.after(*s));
        seen.zip(ends).map(|(seen, end)| seen - end).collect()
    }

    /// Of every step the derivative Φ of the state after by the state before under a law, `[N]` of `[2·d, 2·d]`.
    fn maps(&self, equation: &Equation) -> Vec<DMatrix<f64>> {
        let width = 2 * self.form.dof;
        let ends = equation.advance(&self.before, self.step, LOOSE);
        let mut columns = Vec::with_capacity(width);
        for k in 0..width {
            let change = CHANGE * self.spreads[usize::from(k >= self.form.dof)];
            let mut moved = self.before.clone();
            moved
                .iter_mut()
                .skip(k)
                .step_by(width)
                .for_each(|s| *s += change);
            let moved = equation.advance(&moved, self.step, LOOSE);
            let of = moved.iter().zip(&ends);
            columns.push(of.map(|(m, e)| (m - e) / change).collect::<Vec<f64>>());
        }
        let map = |s: usize| DMatrix::from_fn(width, width, |i, j| columns[j][s * width + i]);
        (0..self.n).map(map).collect()
    }

    /// The inverse of the Cholesky factor of the covariance Σ + Φ Σ Φᵀ of a step's error.
    fn whitener(&self, map: &DMatrix<f64>, noise: [f64; 2]) -> Option<DMatrix<f64>> {
        let size = |k: usize| noise[usize::from(k >= self.form.dof)];
        let grown = DMatrix::from_fn(map.nrows(), map.ncols(), |i, j| map[(i, j)] * size(j));
        let mut covariance = &grown * grown.transpose();
        for k in 0..map.nrows() {
            covariance[(k, k)] += size(k) * size(k);
        }
        covariance.cholesky()?.l().try_inverse()
    }

    /// χ² of each step under a law, 2·d components.
    fn squares(&self, equation: &Equation, maps: &[DMatrix<f64>], noise: [f64; 2]) -> Vec<f64> {
        let all: Vec<usize> = (0..self.n).collect();
        let misses = self.misses(equation, &all, TOLERANCE);
        let each = misses.chunks_exact(2 * self.form.dof).zip(maps);
        each.map(|(miss, map)| match self.whitener(map, noise) {
            Some(whitener) => (whitener * DVector::from_column_slice(miss)).norm_squared(),
            None => f64::INFINITY,
        })
        .collect()
    }

    /// Deviations of the noise of positions and velocities, from the errors of steps under laws, each with its map:
    /// squares of errors are Σ + Φ Σ Φᵀ in the mean, which is linear in both variances; what is beyond three
    /// deviations counts as three.
    fn noise<'a>(&self, misses: impl Iterator<Item = (&'a DMatrix<f64>, &'a [f64])>) -> [f64; 2] {
        let d = self.form.dof;
        let square = |v: f64| v * v;
        let mut rows: Vec<([f64; 2], f64)> = Vec::new();
        for (map, miss) in misses {
            for (k, u) in miss.iter().enumerate() {
                let grown = |half: usize| -> f64 {
                    let own = f64::from(u8::from((k >= d) == (half == 1)));
                    own + (half * d..(half + 1) * d)
                        .map(|j| square(map[(k, j)]))
                        .sum::<f64>()
                };
                rows.push(([grown(0), grown(1)], square(*u)));
            }
        }
        let least = [0, 1].map(|half| square(PRECISION * self.spreads[half]));
        let ratios = |half: usize| {
            let of = rows.iter().map(|(grown, square)| square / grown[half]);
            let of: Vec<f64> = of.filter(|r| r.is_finite()).collect();
            (0.5 * quantile(&of, 0.5, QuantileRule::Linear)).max(least[half])
        };
        let mut variances = [ratios(0), ratios(1)];
        for _ in 0..30 {
            let (mut gram, mut rhs) = ([[0.0; 2]; 2], [0.0; 2]);
            for (grown, square) in &rows {
                let expected = grown[0] * variances[0] + grown[1] * variances[1];
                let seen = square.min(9.0 * expected);
                let weight = expected.powi(-2);
                for i in 0..2 {
                    rhs[i] += weight * grown[i] * seen;
                    for j in 0..2 {
                        gram[i][j] += weight * grown[i] * grown[j];
                    }
                }
            }
            // One after the other: neither may fall below what the method errs by.
            for (half, least) in least.iter().enumerate() {
                let other = 1 - half;
                let own = (rhs[half] - gram[half][other] * variances[other]) / gram[half][half];
                variances[half] = if own.is_finite() {
                    own.max(*least)
                } else {
                    *least
                };
            }
        }
        variances.map(f64::sqrt)
    }

    /// One change of a law's open coefficients by Gauss–Newton over its steps: the coefficients and their
    /// covariance `[open, open]`.
    fn improved(
        &self,
        coefficients: &[f64],
        open: &[usize],
        steps: &[usize],
        maps: &[DMatrix<f64>],
        noise: [f64; 2],
    ) -> Option<(Vec<f64>, DMatrix<f64>)> {
        let width = 2 * self.form.dof;
        let equation = self.form.equation(coefficients);
        let misses = self.misses(&equation, steps, TOLERANCE);
        // Slopes need few digits: they decide how fast it converges, not where.
        let loose = self.misses(&equation, steps, LOOSE);
        let changes: Vec<f64> = open
            .iter()
            .map(|f| CHANGE * coefficients[*f].abs().max(1e-2 / self.scale_of(*f)))
            .collect();
        let slopes: Vec<Vec<f64>> = open
            .iter()
            .zip(&changes)
            .map(|(f, change)| {
                let mut moved = coefficients.to_vec();
                moved[*f] += change;
                let moved = self.misses(&self.form.equation(&moved), steps, LOOSE);
                let pairs = loose.iter().zip(&moved);
                pairs.map(|(old, new)| (old - new) / change).collect()
            })
            .collect();
        let p = open.len();
        let (mut gram, mut rhs) = (DMatrix::<f64>::zeros(p, p), DVector::<f64>::zeros(p));
        for (at, step) in steps.iter().enumerate() {
            let Some(whitener) = self.whitener(&maps[*step], noise) else {
                continue;
            };
            let rows = at * width..(at + 1) * width;
            let slope = DMatrix::from_fn(width, p, |i, j| slopes[j][at * width + i]);
            let slope = &whitener * slope;
            let miss = &whitener * DVector::from_column_slice(&misses[rows]);
            gram += slope.tr_mul(&slope);
            rhs += slope.tr_mul(&miss);
        }
        // Coefficients have units of their own.
        let sizes: Vec<f64> = (0..p)
            .map(|k| 1.0 / gram[(k, k)].max(f64::MIN_POSITIVE).sqrt())
            .collect();
        let scaled = DMatrix::from_fn(p, p, |i, j| gram[(i, j)] * sizes[i] * sizes[j]);
        let inverse = scaled.try_inverse()?;
        let covariance = DMatrix::from_fn(p, p, |i, j| inverse[(i, j)] * sizes[i] * sizes[j]);
        let step = &covariance * rhs;
        let mut next = coefficients.to_vec();
        for (k, f) in open.iter().enumerate() {
            next[*f] += step[k];
        }
        next.iter()
            .all(|c| c.is_finite())
            .then_some((next, covariance))
    }

    /// The size of a function's energy over a step.
    fn scale_of(&self, function: usize) -> f64 {
        let at = function - usize::from(function > self.form.gauge);
        if function == self.form.gauge {
            1.0
        } else {
            self.scales[at]
        }
    }

    /// Laws by the motion that they predict.
    fn motion_laws(
        &self,
        request: &RegimesOfMotion,
        rough: &[Vec<f64>],
        scale: f64,
    ) -> Result<Followed, Error> {
        let f = self.form.functions.len();
        let mut laws: Vec<Vec<f64>> = rough.iter().map(|law| self.coefficients(law)).collect();
        // Before they are followed, steps go to the law whose energy they keep best.
        let mut owner: Vec<Option<usize>> = (0..self.n)
            .map(|s| {
                let of = (0..rough.len()).map(|l| self.error(&rough[l], s).abs());
                let best = of.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
                best.filter(|(_, u)| *u < FAR * scale).map(|(l, _)| l)
            })
            .collect();
        let mut open: Vec<Vec<usize>> = laws
            .iter()
            .map(|_| (0..f).filter(|k| *k != self.form.gauge).collect())
            .collect();
        let mut errors = vec![vec![0.0; f]; laws.len()];
        let maps_of = |laws: &[Vec<f64>]| -> Vec<Vec<DMatrix<f64>>> {
            let of = laws.iter();
            of.map(|law| self.maps(&self.form.equation(law))).collect()
        };
        let mut maps = maps_of(&laws);
        let mut noise = [0.0; 2];
        let least = (request.least_share * self.n as f64).max(3.0 * f as f64) as usize;
        for round in 0..ROUNDS {
            let mut members: Vec<Vec<usize>> = vec![Vec::new(); laws.len()];
            for (s, law) in owner.iter().enumerate() {
                if let Some(law) = law {
                    members[*law].push(s);
                }
            }
            let enough: Vec<bool> = members.iter().map(|m| m.len() >= least).collect();
            for keep in [&mut laws, &mut errors] {
                let mut of = enough.iter();
                keep.retain(|_| of.next().copied().unwrap_or(false));
            }
            let mut of = enough.iter();
            members.retain(|_| of.next().copied().unwrap_or(false));
            let mut of = enough.iter();
            open.retain(|_| of.next().copied().unwrap_or(false));
            let mut of = enough.iter();
            maps.retain(|_| of.next().copied().unwrap_or(false));
            if laws.is_empty() {
                return Err(Error::NoLaw(
                    "laws keep the energy, but none of them moves as the data do".into(),
                ));
            }
            let width = 2 * self.form.dof;
            let each: Vec<Vec<f64>> = laws
                .iter()
                .zip(&members)
                .map(|(law, members)| self.misses(&self.form.equation(law), members, TOLERANCE))
                .collect();
            let of = each.iter().zip(&members).zip(&maps);
            noise = self.noise(of.flat_map(|((misses, members), maps)| {
                let own = members.iter().map(|s| &maps[*s]);
                own.zip(misses.chunks_exact(width))
                    .filter(|(_, miss)| miss.iter().all(|m| m.is_finite()))
            }));
            for law in 0..laws.len() {
                let (own, maps) = (&members[law], &maps[law]);
                let next = self.improved(&laws[law], &open[law], own, maps, noise);
                let Some((next, covariance)) = next else {
                    continue;
                };
                laws[law] = next;
                for (k, function) in open[law].iter().enumerate() {
                    errors[law][*function] = covariance[(k, k)].max(0.0).sqrt();
                }
                if round >= ROUNDS / 2 {
                    let kept = asked_for(
                        &mut laws[law],
                        &open[law],
                        covariance,
                        members[law].len() * width,
                    );
                    open[law] = kept;
                }
            }
            // Each step to the law that predicts it best, if one does.
            if round == 0 {
                maps = maps_of(&laws);
            }
            let mut squares: Vec<Vec<f64>> = laws
                .iter()
                .zip(&maps)
                .map(|(law, maps)| self.squares(&self.form.equation(law), maps, noise))
                .collect();
            if let Some(extra) = explained_away(&squares) {
                for keep in [&mut laws, &mut errors, &mut squares] {
                    keep.remove(extra);
                }
                open.remove(extra);
                maps.remove(extra);
            }
            for (s, owner) in owner.iter_mut().enumerate() {
                let best = (0..laws.len()).min_by(|a, b| squares[*a][s].total_cmp(&squares[*b][s]));
                *owner = best.filter(|law| squares[*law][s] < REACH * REACH);
            }
        }
        let mut order: Vec<usize> = (0..laws.len()).collect();
        let count = |law: usize| owner.iter().filter(|o| **o == Some(law)).count();
        order.sort_by_key(|law| std::cmp::Reverse(count(*law)));
        let mut new = vec![0; laws.len()];
        for (place, law) in order.iter().enumerate() {
            new[*law] = place;
        }
        Ok(Followed {
            laws: order
                .iter()
                .map(|law| Followable {
                    coefficients: laws[*law].clone(),
                    errors: errors[*law].clone(),
                })
                .collect(),
            noise,
            explained_by: owner.iter().map(|o| o.map(|law| new[law])).collect(),
        })
    }

    /// Crossings, the border, and what it explains.
    fn finish(
        &self,
        request: &RegimesOfMotion,
        windows: &Windows,
        followed: Followed,
    ) -> RegimesFound {
        let d = self.form.dof;
        let Followed {
            laws,
            noise,
            explained_by,
        } = followed;
        let theories: Vec<LagrangianTheory> = laws
            .iter()
            .enumerate()
            .map(|(number, law)| {
                let own: Vec<usize> = (0..self.n)
                    .filter(|s| explained_by[*s] == Some(number))
                    .collect();
                let equation = self.form.equation(&law.coefficients);
                let misses = self.misses(&equation, &own, TOLERANCE);
                let scatter = (0..2 * d)
                    .map(|k| {
                        let squares = misses.iter().skip(k).step_by(2 * d).map(|m| m * m);
                        (squares.sum::<f64>() / own.len().max(1) as f64).sqrt()
                    })
                    .collect();
                LagrangianTheory::new(
                    &self.form,
                    &law.coefficients,
                    &law.errors,
                    own.len(),
                    scatter,
                )
            })
            .collect();
        let transitions = self.transitions(windows, &theories, &explained_by, noise);
        let border = (theories.len() == 2)
            .then(|| {
                let points: Vec<f64> = transitions
                    .iter()
                    .flat_map(|t| t.position.iter().copied())
                    .collect();
                let beyond: Vec<f64> = (0..self.n)
                    .filter(|s| explained_by[*s] == Some(0))
                    .flat_map(|s| self.before(s)[..d].iter().copied())
                    .collect();
                let floor = noise[0].max(1e-9 * self.spreads[0]);
                curved::fit(&request.borders, &points, floor, [0, 1], &beyond)
            })
            .flatten();
        let mut over_the_border = vec![false; self.n];
        if let Some(border) = &border {
            let two = [&theories[0], &theories[1]];
            for s in (0..self.n).filter(|s| explained_by[*s].is_none()) {
                over_the_border[s] = self.passes(s, border, two, noise);
            }
        }
        let left = (0..self.n)
            .filter(|s| explained_by[*s].is_none() && !over_the_border[*s])
            .count();
        RegimesFound {
            theories,
            border,
            transitions,
            noise,
            over_the_border,
            unexplained: left as f64 / self.n as f64,
            explained_by,
        }
    }

    /// Where the flow of the law before a step and that of the law after it meet.
    fn transitions(
        &self,
        windows: &Windows,
        theories: &[LagrangianTheory],
        explained_by: &[Option<usize>],
        noise: [f64; 2],
    ) -> Vec<Transition> {
        let d = self.form.dof;
        let mut found = Vec::new();
        for s in 1..self.n.saturating_sub(1) {
            if explained_by[s].is_some() || !windows.continues(s - 1) || !windows.continues(s) {
                continue;
            }
            let (Some(from), Some(into)) = (explained_by[s - 1], explained_by[s + 1]) else {
                continue;
            };
            if from == into {
                continue;
            }
            let (start, end) = (self.before(s), self.after(s));
            let sizes: Vec<f64> = (0..2 * d).map(|k| noise[usize::from(k >= d)]).collect();
            // How far apart the flows are at a time, and how fast they part.
            let look = |time: f64| {
                let one = theories[from].advance(start, time);
                let other = theories[into].advance(end, time - self.step);
                let rates = [
                    theories[from].acceleration(&one),
                    theories[into].acceleration(&other),
                ];
                let (mut square, mut pull, mut slope) = (0.0, 0.0, 0.0);
                for k in 0..2 * d {
                    let apart = (one[k] - other[k]) / sizes[k];
                    let rate = match k < d {
                        true => one[d + k] - other[d + k],
                        false => rates[0][k - d] - rates[1][k - d],
                    } / sizes[k];
                    square += apart * apart;
                    pull += apart * rate;
                    slope += rate * rate;
                }
                (square, -pull / slope, 1.0 / slope, one, other)
            };
            let mut time = 0.5 * self.step;
            let mut best = look(time);
            for k in 0..=8 {
                let other = self.step * f64::from(k) / 8.0;
                let seen = look(other);
                if seen.0 < best.0 {
                    (time, best) = (other, seen);
                }
            }
            for _ in 0..20 {
                let next = (time + best.1).clamp(-0.02 * self.step, 1.02 * self.step);
                let seen = look(next);
                // Not a number is no nearer.
                if seen.0.is_nan() || seen.0 >= best.0 {
                    break;
                }
                (time, best) = (next, seen);
            }
            let (square, _, variance, one, other) = best;
            // The noise of both states, grown over a step.
            let miss = (0.5 * square / (2 * d - 1) as f64).sqrt();
            if miss.is_nan() || miss >= REACH {
                continue;
            }
            let (motion, row) = windows.place(s);
            let mean = |k: usize| 0.5 * (one[k] + other[k]);
            found.push(Transition {
                kind: TransitionKind::Passage,
                from,
                into,
                windows: vec![s],
                motion,
                time: (row - 1) as f64 * self.step + time,
                position: (0..d).map(mean).collect(),
                position_error: (0..d)
                    .map(|k| (0.5 * noise[0].powi(2) + 2.0 * variance * mean(d + k).powi(2)).sqrt())
                    .collect(),
                before: one[d..].to_vec(),
                after: other[d..].to_vec(),
                miss,
            });
        }
        found
    }

    /// Whether a step is what the laws say that is followed from one to the other at the border.
    fn passes(
        &self,
        s: usize,
        border: &CurvedBorder,
        theories: [&LagrangianTheory; 2],
        noise: [f64; 2],
    ) -> bool {
        let d = self.form.dof;
        let end = self.after(s);
        // Near the border noise may put the start on its other side.
        [0, 1].into_iter().any(|first| {
            let start = self.before(s);
            if first == 1 && border.height(&start[..d]).abs() > 1e-6 + 10.0 * noise[0] {
                return false;
            }
            let own = border.at(&start[..d]);
            let own = if first == 0 { own } else { 1 - own };
            let (reached, crossed) = followed(start, own, border, theories, self.step);
            let near = reached.iter().zip(end).enumerate().all(|(k, (a, b))| {
                // A time of passage is as uncertain as the place: errors grow by what the laws differ by.
                (a - b).abs() < 4.0 * REACH * noise[usize::from(k >= d)]
            });
            near && crossed
        })
    }
}

/// Of two laws, whose steps' χ² these are, the one whose steps the other explains as well.
fn explained_away(squares: &[Vec<f64>]) -> Option<usize> {
    let [first, second] = squares else {
        return None;
    };
    let pairs = || first.iter().zip(second);
    let far = REACH * REACH;
    let own = [
        pairs().filter(|(a, b)| **a < far && a <= b).count(),
        pairs().filter(|(a, b)| **b < far && b < a).count(),
    ];
    let both = [
        pairs()
            .filter(|(a, b)| **a < far && a <= b && **b < far)
            .count(),
        pairs()
            .filter(|(a, b)| **b < far && b < a && **a < far)
            .count(),
    ];
    let away = |law: usize| both[law] as f64 >= SAME * own[law] as f64;
    let lesser = usize::from(own[1] <= own[0]);
    [lesser, 1 - lesser].into_iter().find(|law| away(*law))
}

/// A state followed for a time from law to law, and whether it passed the border.
fn followed(
    start: &[f64],
    first: usize,
    border: &CurvedBorder,
    theories: [&LagrangianTheory; 2],
    time: f64,
) -> (Vec<f64>, bool) {
    const PARTS: usize = 16;
    let d = start.len() / 2;
    let (mut state, mut law, mut crossed) = (start.to_vec(), first, false);
    for _ in 0..PARTS {
        let mut left = time / PARTS as f64;
        for _ in 0..4 {
            let next = theories[law].advance(&state, left);
            if border.at(&next[..d]) == law {
                state = next;
                break;
            }
            let (mut low, mut high) = (0.0, left);
            for _ in 0..40 {
                let middle = 0.5 * (low + high);
                match border.at(&theories[law].advance(&state, middle)[..d]) == law {
                    true => low = middle,
                    false => high = middle,
                }
            }
            state = theories[law].advance(&state, high);
            law = 1 - law;
            crossed = true;
            left -= high;
        }
    }
    (state, crossed)
}

/// Takes functions away that the data do not ask for, the least telling first: a coefficient must lower χ² by more
/// than its bits cost, 2 ln n. Those that stay.
fn asked_for(
    law: &mut [f64],
    open: &[usize],
    mut covariance: DMatrix<f64>,
    n: usize,
) -> Vec<usize> {
    let mut open = open.to_vec();
    let price = 2.0 * (n as f64).ln();
    while !open.is_empty() {
        let tells = |k: usize| law[open[k]].powi(2) / covariance[(k, k)].max(f64::MIN_POSITIVE);
        let Some(least) = (0..open.len()).min_by(|a, b| tells(*a).total_cmp(&tells(*b))) else {
            break;
        };
        if tells(least) > price {
            break;
        }
        let column = covariance.column(least) / covariance[(least, least)];
        let change = law[open[least]];
        for (k, function) in open.iter().enumerate() {
            law[*function] -= column[k] * change;
        }
        law[open[least]] = 0.0;
        covariance -= &column * covariance.row(least);
        covariance = covariance.remove_column(least).remove_row(least);
        open.remove(least);
    }
    open
}
