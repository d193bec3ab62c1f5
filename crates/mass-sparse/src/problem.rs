//! The fit of a Lagrangian's coefficients to accelerations.
//!
//! For L = Σ c φ, friction and forcing, Euler–Lagrange's equation is M ẏ + P = Q with M = Σ c φ_yy and
//! P = Σ c (φ_xy y − φ_x) + B y − G τ, all linear in the coefficients. What is minimised is not what is left
//! of it, which is 0 for L = 0, but the distance of the predicted ẏ̂ = M⁻¹(Q − P) from the given ẏ. Its
//! derivative by a coefficient is −M⁻¹(φ_yy ẏ̂ + φ_xy y − φ_x): what that term leaves of the equation at the
//! predicted acceleration. So Gauss and Newton's method needs no second derivatives, and the free factor of
//! L is a direction in which nothing changes.

use nalgebra::{DMatrix, DVector};

use crate::function::joined;
use crate::{Error, FrictionKind, Function, Variable};

/// Degrees of freedom of Student's t distribution, by which residuals are weighed: nearly normal, but a row
/// that is far off does not pull.
const STUDENT: f64 = 3.0;

/// det M must be of one sign, and nowhere below this share of its median.
const REGULAR: f64 = 1e-3;

/// Nor must it be below this share of the product of the lengths of M's rows, the most that it can be
/// (Hadamard): where modes do not act on each other, one of them could be given no mass, and its terms saved.
const SKEW: f64 = 1e-5;

/// One degree of freedom may weigh so many times another, in units of order one, before a step that makes it more is
/// refused: a mass that grows without end only says that its terms are not there yet.
const LOPSIDED: f64 = 1e6;

/// Part of an equation of motion that has one coefficient.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Feature {
    /// A function in L.
    Term(Function),
    /// Friction of one kind, of linear friction −b yⱼ on i, and −b yᵢ on j.
    Friction(usize, usize, FrictionKind),
    /// Forcing g τₘ on i.
    Gain(usize, usize),
}

/// A sum of functions of a state.
pub(crate) type Sum = Vec<(f64, Function)>;

pub(crate) fn value(sum: &[(f64, Function)], x: &[f64], y: &[f64]) -> f64 {
    sum.iter().map(|(c, f)| c * f.value(x, y)).sum()
}

/// φ_yy `[d, d]` and φ_xy y − φ_x `[d]` of a function.
pub(crate) fn euler_lagrange(function: &Function, dof: usize) -> (Vec<Sum>, Vec<Sum>) {
    let by = |sum: &Sum, variable: Variable| -> Sum {
        let each = sum.iter().flat_map(|(c, f)| {
            let inner = f.derivative(variable);
            inner.into_iter().map(move |(k, g)| (c * k, g))
        });
        joined(each)
    };
    let whole: Sum = vec![(1.0, function.clone())];
    let mut mass = Vec::with_capacity(dof * dof);
    let mut rest = Vec::with_capacity(dof);
    for i in 0..dof {
        let momentum = by(&whole, Variable::Velocity(i));
        for j in 0..dof {
            mass.push(by(&momentum, Variable::Velocity(j)));
        }
        let mut sum = Vec::new();
        for j in 0..dof {
            let speed = Function::new([crate::Factor::Velocity(j, 1)]);
            let mixed = by(&momentum, Variable::Position(j));
            sum.extend(mixed.into_iter().map(|(c, f)| (c, f.times(&speed))));
        }
        let force = by(&whole, Variable::Position(i));
        sum.extend(force.into_iter().map(|(c, f)| (-c, f)));
        rest.push(joined(sum));
    }
    (mass, rest)
}

/// What a fit needs to know of N states, all in units of order one.
pub(crate) struct Problem {
    pub(crate) rows: usize,
    pub(crate) dof: usize,
    pub(crate) features: usize,
    /// φ_yy `[N, F, d, d]`.
    mass: Vec<f64>,
    /// φ_xy y − φ_x `[N, F, d]`.
    rest: Vec<f64>,
    /// Q `[N, d]`, known forces.
    force: Vec<f64>,
    acceleration: Vec<f64>,
    /// 1/deviation of each row, the mean of its square 1, `[N]`.
    root: Vec<f64>,
    /// The deviation of each component of ẏ, `[d]`.
    pub(crate) deviation: Vec<f64>,
    /// The least scale of a residual, as a share of the deviation.
    precision: f64,
    /// Whether known forces fix the factor of L.
    pub(crate) anchored: bool,
}

/// States in units of order one, each `[N, d]`, inputs `[N, m]` and known forces `[N, d]`.
pub(crate) struct Unit {
    pub(crate) dof: usize,
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    pub(crate) acceleration: Vec<f64>,
    pub(crate) inputs: usize,
    pub(crate) forcing: Vec<f64>,
    pub(crate) force: Option<Vec<f64>>,
    pub(crate) weights: Option<Vec<f64>>,
}

/// Coefficients of some features, and what they leave.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    pub(crate) support: Vec<usize>,
    pub(crate) coefficients: Vec<f64>,
    /// The scale of the residuals of each component, `[d]`.
    pub(crate) scale: Vec<f64>,
    /// −ln of the likelihood of the rows that were fitted.
    pub(crate) cost: f64,
}

/// One look at all rows.
struct Look {
    cost: f64,
    hessian: DMatrix<f64>,
    gradient: DVector<f64>,
    /// Σ w e² and Σ of the rows' weights, by component.
    squares: Vec<f64>,
    total: f64,
}

impl Problem {
    pub(crate) fn new(unit: &Unit, features: &[Feature], precision: f64) -> Result<Self, Error> {
        let (d, count) = (unit.dof, features.len());
        let rows = unit.x.len() / d;
        let mut mass = vec![0.0; rows * count * d * d];
        let mut rest = vec![0.0; rows * count * d];
        for (k, feature) in features.iter().enumerate() {
            let parts = match feature {
                Feature::Term(function) => Some((function, euler_lagrange(function, d))),
                _ => None,
            };
            for row in 0..rows {
                let (x, y) = (&unit.x[row * d..][..d], &unit.y[row * d..][..d]);
                let at = row * count + k;
                match (feature, &parts) {
                    (_, Some((function, (second, first)))) => {
                        for (out, sum) in mass[at * d * d..][..d * d].iter_mut().zip(second) {
                            *out = value(sum, x, y);
                        }
                        for (out, sum) in rest[at * d..][..d].iter_mut().zip(first) {
                            *out = value(sum, x, y);
                        }
                        let all = mass[at * d * d..][..d * d]
                            .iter()
                            .chain(&rest[at * d..][..d]);
                        if all.into_iter().any(|v| !v.is_finite()) {
                            return Err(Error::NotFinite {
                                function: function.text(d),
                                state: row,
                            });
                        }
                    }
                    (Feature::Friction(i, j, kind), _) => {
                        let force = |speed: f64| match kind {
                            FrictionKind::Linear => speed,
                            FrictionKind::Dry if speed == 0.0 => 0.0,
                            FrictionKind::Dry => speed.signum(),
                            FrictionKind::Quadratic => speed * speed.abs(),
                        };
                        rest[at * d + i] += force(y[*j]);
                        if i != j {
                            rest[at * d + j] += force(y[*i]);
                        }
                    }
                    (Feature::Gain(i, m), _) => {
                        rest[at * d + i] -= unit.forcing[row * unit.inputs + m];
                    }
                    (Feature::Term(_), None) => {}
                }
            }
        }
        let root = match &unit.weights {
            None => vec![1.0; rows],
            Some(weights) => {
                let mean = weights.iter().sum::<f64>() / rows as f64;
                weights.iter().map(|w| (w / mean).sqrt()).collect()
            }
        };
        let deviation = (0..d).map(|k| {
            let column = || unit.acceleration.iter().skip(k).step_by(d);
            let mean = column().sum::<f64>() / rows as f64;
            let square = column().map(|v| (v - mean) * (v - mean)).sum::<f64>() / rows as f64;
            match square.sqrt() > 1e-9 * mean.abs() && square > 0.0 {
                true => square.sqrt(),
                // A constant acceleration: its size is the scale, or 1 where there is none.
                false if mean != 0.0 => mean.abs(),
                false => 1.0,
            }
        });
        Ok(Self {
            rows,
            dof: d,
            features: count,
            mass,
            rest,
            force: unit.force.clone().unwrap_or_else(|| vec![0.0; rows * d]),
            acceleration: unit.acceleration.clone(),
            root,
            deviation: deviation.collect(),
            precision,
            anchored: unit
                .force
                .as_ref()
                .is_some_and(|f| f.iter().any(|v| *v != 0.0)),
        })
    }

    fn mass_of(&self, row: usize, feature: usize) -> &[f64] {
        let size = self.dof * self.dof;
        &self.mass[(row * self.features + feature) * size..][..size]
    }

    fn rest_of(&self, row: usize, feature: usize) -> &[f64] {
        &self.rest[(row * self.features + feature) * self.dof..][..self.dof]
    }

    /// M of a row, and Q − P, for some coefficients.
    fn equation(&self, row: usize, support: &[usize], c: &[f64], m: &mut [f64], f: &mut [f64]) {
        m.fill(0.0);
        f.copy_from_slice(&self.force[row * self.dof..][..self.dof]);
        for (feature, c) in support.iter().zip(c) {
            for (m, part) in m.iter_mut().zip(self.mass_of(row, *feature)) {
                *m += c * part;
            }
            for (f, part) in f.iter_mut().zip(self.rest_of(row, *feature)) {
                *f -= c * part;
            }
        }
    }

    /// The predicted accelerations `[N, d]`; none where M is singular somewhere.
    pub(crate) fn predict(&self, support: &[usize], c: &[f64]) -> Option<Vec<f64>> {
        let d = self.dof;
        let (mut m, mut out) = (vec![0.0; d * d], vec![0.0; self.rows * d]);
        let mut determinants = Vec::with_capacity(self.rows);
        for row in 0..self.rows {
            let f = &mut out[row * d..][..d];
            self.equation(row, support, c, &mut m, f);
            let most = hadamard(&m, d);
            let determinant = solve(&mut m, f, 1, d);
            if determinant.abs() < SKEW * most {
                return None;
            }
            determinants.push(determinant);
        }
        let fine = regular(&mut determinants) && out.iter().all(|v| v.is_finite());
        fine.then_some(out)
    }

    /// ẏ̂ − ẏ of each row and component as a share of the deviation, weighed, `[N, d]`.
    pub(crate) fn residuals(&self, support: &[usize], c: &[f64]) -> Option<Vec<f64>> {
        let mut found = self.predict(support, c)?;
        for (at, (found, right)) in found.iter_mut().zip(&self.acceleration).enumerate() {
            let (row, k) = (at / self.dof, at % self.dof);
            *found = (*found - right) * self.root[row] / self.deviation[k];
        }
        Some(found)
    }

    /// −ln of the likelihood of each row at these scales, from its residuals `[N, d]`.
    pub(crate) fn row_costs(&self, residuals: &[f64], scale: &[f64]) -> Vec<f64> {
        let rows = residuals.chunks_exact(self.dof);
        rows.map(|row| {
            let each = row.iter().zip(scale).map(|(e, s)| student(*e, *s));
            each.sum()
        })
        .collect()
    }

    /// The cost at some coefficients, with what Gauss and Newton need.
    fn look(
        &self,
        support: &[usize],
        c: &[f64],
        scale: &[f64],
        weights: Option<&[f64]>,
    ) -> Option<Look> {
        let (d, k) = (self.dof, support.len());
        let (mut m, mut f) = (vec![0.0; d * d], vec![0.0; d]);
        let mut slopes = vec![0.0; d * k];
        let mut determinants = Vec::with_capacity(self.rows);
        let mut look = Look {
            cost: 0.0,
            hessian: DMatrix::zeros(k, k),
            gradient: DVector::zeros(k),
            squares: vec![0.0; d],
            total: 0.0,
        };
        let mut both = vec![0.0; d * (k + 1)];
        for row in 0..self.rows {
            let weight = weights.map_or(1.0, |w| w[row]);
            self.equation(row, support, c, &mut m, &mut f);
            let again = m.clone();
            let most = hadamard(&m, d);
            let determinant = solve(&mut m, &mut f, 1, d);
            if determinant.abs() < SKEW * most {
                return None;
            }
            determinants.push(determinant);
            if weight == 0.0 {
                continue;
            }
            m.copy_from_slice(&again);
            // What each term leaves of the equation at the predicted acceleration, `[d, k]`.
            for (place, feature) in support.iter().enumerate() {
                let (mass, rest) = (self.mass_of(row, *feature), self.rest_of(row, *feature));
                for i in 0..d {
                    let pushed: f64 = mass[i * d..][..d].iter().zip(&f).map(|(m, a)| m * a).sum();
                    both[i * k + place] = pushed + rest[i];
                }
            }
            slopes.copy_from_slice(&both[..d * k]);
            solve(&mut m, &mut slopes, k, d);
            for i in 0..d {
                let by = self.root[row] / self.deviation[i];
                let e = (f[i] - self.acceleration[row * d + i]) * by;
                look.cost += weight * student(e, scale[i]);
                let w = weight * (STUDENT + 1.0) / (STUDENT + e * e / (scale[i] * scale[i]));
                look.squares[i] += w * e * e;
                let w = w / (scale[i] * scale[i]);
                let slope = &slopes[i * k..][..k];
                for a in 0..k {
                    let sa = -slope[a] * by;
                    look.gradient[a] += w * sa * e;
                    for (b, sb) in slope[..=a].iter().enumerate() {
                        look.hessian[(a, b)] -= w * sa * sb * by;
                    }
                }
            }
            look.total += weight;
        }
        look.hessian.fill_upper_triangle_with_lower_triangle();
        let fine = regular(&mut determinants) && look.cost.is_finite();
        fine.then_some(look)
    }

    /// Levenberg and Marquardt's method from these coefficients; none if they are singular.
    pub(crate) fn fit(
        &self,
        support: &[usize],
        start: &[f64],
        scale: Option<&[f64]>,
        weights: Option<&[f64]>,
        steps: usize,
    ) -> Option<Fit> {
        let mut c = start.to_vec();
        let mut scale = scale.map_or_else(|| vec![1.0; self.dof], <[f64]>::to_vec);
        let mut look = self.look(support, &c, &scale, weights)?;
        let mut damping = 1e-6;
        for _ in 0..steps {
            let before = look.cost;
            // The scales' own step (expectation and maximisation).
            for (scale, square) in scale.iter_mut().zip(&look.squares) {
                *scale = (square / look.total).sqrt().max(self.precision);
            }
            look = self.look(support, &c, &scale, weights)?;
            let size: Vec<f64> = (0..c.len())
                .map(|k| look.hessian[(k, k)].sqrt())
                .map(|size| if size > 0.0 { size } else { 1.0 })
                .collect();
            let mut moved = false;
            for _ in 0..10 {
                let mut matrix = DMatrix::from_fn(c.len(), c.len(), |a, b| {
                    look.hessian[(a, b)] / (size[a] * size[b])
                });
                for k in 0..c.len() {
                    matrix[(k, k)] += damping;
                }
                let right = DVector::from_fn(c.len(), |k, _| -look.gradient[k] / size[k]);
                let Some(step) = matrix.cholesky().map(|factor| factor.solve(&right)) else {
                    damping *= 10.0;
                    continue;
                };
                let next: Vec<f64> = (0..c.len()).map(|k| c[k] + step[k] / size[k]).collect();
                let heavier = self.lopsided(support, &next);
                let grows = heavier > LOPSIDED && heavier > self.lopsided(support, &c);
                match self.look(support, &next, &scale, weights) {
                    Some(better) if better.cost < look.cost && !grows => {
                        (c, look, moved) = (next, better, true);
                        damping = (damping * 0.1).max(1e-11);
                        break;
                    }
                    _ => damping *= 10.0,
                }
            }
            if !self.anchored {
                let largest = c.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
                c.iter_mut().for_each(|c| *c /= largest);
                look.hessian *= largest * largest;
                look.gradient *= largest;
            }
            if !moved || (before - look.cost).abs() <= 1e-5 * look.total {
                break;
            }
            damping = damping.min(1e-2);
        }
        Some(Fit {
            support: support.to_vec(),
            coefficients: c,
            scale,
            cost: look.cost,
        })
    }

    /// How many times the heaviest degree of freedom weighs the lightest, Mᵢᵢ in the mean of some rows.
    pub(crate) fn lopsided(&self, support: &[usize], c: &[f64]) -> f64 {
        let d = self.dof;
        let mut masses = vec![0.0; d];
        for row in (0..self.rows).step_by(self.rows.div_ceil(20).max(1)) {
            for (i, mass) in masses.iter_mut().enumerate() {
                let each = support.iter().zip(c);
                let own: f64 = each
                    .map(|(k, c)| c * self.mass_of(row, *k)[i * d + i])
                    .sum();
                *mass += own.abs();
            }
        }
        let most = masses.iter().copied().fold(0.0, f64::max);
        most / masses.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// By how much each feature lowers the cost when it is added, to first order, `[F]`; 0 for those in.
    pub(crate) fn gains(&self, fit: &Fit) -> Option<Vec<f64>> {
        let (d, all) = (self.dof, self.features);
        let mut hessian = DMatrix::<f64>::zeros(all, all);
        let mut gradient = DVector::<f64>::zeros(all);
        let (mut m, mut f) = (vec![0.0; d * d], vec![0.0; d]);
        let mut slopes = vec![0.0; d * all];
        for row in 0..self.rows {
            self.equation(row, &fit.support, &fit.coefficients, &mut m, &mut f);
            let again = m.clone();
            solve(&mut m, &mut f, 1, d);
            m.copy_from_slice(&again);
            for feature in 0..all {
                let (mass, rest) = (self.mass_of(row, feature), self.rest_of(row, feature));
                for i in 0..d {
                    let pushed: f64 = mass[i * d..][..d].iter().zip(&f).map(|(m, a)| m * a).sum();
                    slopes[i * all + feature] = pushed + rest[i];
                }
            }
            solve(&mut m, &mut slopes, all, d);
            for i in 0..d {
                let by = self.root[row] / self.deviation[i];
                let e = (f[i] - self.acceleration[row * d + i]) * by;
                let square = fit.scale[i] * fit.scale[i];
                let w = (STUDENT + 1.0) / (STUDENT + e * e / square) / square;
                let slope = &mut slopes[i * all..][..all];
                slope.iter_mut().for_each(|s| *s *= -by);
                let slope = &slopes[i * all..][..all];
                for a in 0..all {
                    gradient[a] += w * slope[a] * e;
                    let wa = w * slope[a];
                    if wa != 0.0 {
                        let column = &mut hessian.as_mut_slice()[a * all..][..all];
                        for (out, s) in column[a..].iter_mut().zip(&slope[a..]) {
                            *out += wa * s;
                        }
                    }
                }
            }
        }
        hessian.fill_upper_triangle_with_lower_triangle();
        let k = fit.support.len();
        let size = |feature: usize| match hessian[(feature, feature)] {
            square if square > 0.0 => square.sqrt(),
            _ => 1.0,
        };
        let inner = DMatrix::from_fn(k, k, |a, b| {
            let (i, j) = (fit.support[a], fit.support[b]);
            hessian[(i, j)] / (size(i) * size(j)) + if a == b { 1e-9 } else { 0.0 }
        });
        let factor = inner.cholesky()?;
        let known = DVector::from_fn(k, |a, _| gradient[fit.support[a]] / size(fit.support[a]));
        let gain = |feature: usize| {
            if fit.support.contains(&feature) || hessian[(feature, feature)] <= 0.0 {
                return 0.0;
            }
            let cross = DVector::from_fn(k, |a, _| {
                let i = fit.support[a];
                hessian[(feature, i)] / (size(feature) * size(i))
            });
            let solved = factor.solve(&cross);
            let left = 1.0 - cross.dot(&solved);
            let slope = gradient[feature] / size(feature) - solved.dot(&known);
            // A feature that is a sum of those in adds nothing.
            if left > 1e-6 {
                0.5 * slope * slope / left
            } else {
                0.0
            }
        };
        Some((0..all).map(gain).collect())
    }
}

/// −ln of Student's density, up to a constant.
fn student(e: f64, scale: f64) -> f64 {
    scale.ln() + 0.5 * (STUDENT + 1.0) * (e * e / (STUDENT * scale * scale)).ln_1p()
}

/// Whether M is regular, and of one sign, in all rows.
fn regular(determinants: &mut [f64]) -> bool {
    let mut sign = 0.0;
    for value in determinants.iter_mut() {
        if !value.is_finite() || *value == 0.0 || sign * *value < 0.0 {
            return false;
        }
        sign = value.signum();
        *value = value.abs();
    }
    let least = determinants.iter().copied().fold(f64::INFINITY, f64::min);
    let middle = determinants.len() / 2;
    let (_, median, _) = determinants.select_nth_unstable_by(middle, f64::total_cmp);
    least > REGULAR * *median
}

/// The product of the lengths of M's rows.
fn hadamard(m: &[f64], d: usize) -> f64 {
    let rows = m.chunks_exact(d);
    rows.map(|row| row.iter().map(|v| v * v).sum::<f64>().sqrt())
        .product()
}

/// Solves M X = R in place, M `[d, d]` and R `[d, columns]`, both row-major; M is lost. Gives det M.
pub(crate) fn solve(m: &mut [f64], r: &mut [f64], columns: usize, d: usize) -> f64 {
    let mut determinant = 1.0;
    for k in 0..d {
        let pivot = (k..d).max_by(|a, b| m[a * d + k].abs().total_cmp(&m[b * d + k].abs()));
        let pivot = pivot.unwrap_or(k);
        if pivot != k {
            for j in 0..d {
                m.swap(k * d + j, pivot * d + j);
            }
            for j in 0..columns {
                r.swap(k * columns + j, pivot * columns + j);
            }
            determinant = -determinant;
        }
        let top = m[k * d + k];
        determinant *= top;
        for i in k + 1..d {
            let by = m[i * d + k] / top;
            if by == 0.0 {
                continue;
            }
            for j in k..d {
                m[i * d + j] -= by * m[k * d + j];
            }
            for j in 0..columns {
                r[i * columns + j] -= by * r[k * columns + j];
            }
        }
    }
    for k in (0..d).rev() {
        for j in 0..columns {
            let mut sum = r[k * columns + j];
            for i in k + 1..d {
                sum -= m[k * d + i] * r[i * columns + j];
            }
            r[k * columns + j] = sum / m[k * d + k];
        }
    }
    determinant
}
