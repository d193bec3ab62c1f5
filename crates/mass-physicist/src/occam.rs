//! Occam's razor: simpler constants for as long as the description gets no longer (Algorithm 3).

use nalgebra::{DMatrix, DVector};

use crate::{
    description::{MODEL_FLOOR, rational_bits, real_bits},
    design::Solver,
    error::Error,
    fraction::{Fraction, convergents, fraction_value},
    observations::Windows,
    recurrence::Recurrence,
    symbolic::{Constant, Number, SymbolicLaw},
};

/// What is known of a law's constants: a quadratic form about the best ones.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// The best constants.
    pub law: Recurrence,
    /// Inverse covariance of the constants `[P, P]`, P = D (T·D + 1), singular where the data do not show a
    /// direction.
    pub information: DMatrix<f64>,
}

impl Estimate {
    /// What two sets of windows of one law say together.
    pub(crate) fn with(&self, other: &Self) -> Option<Self> {
        let (first, second) = (self.law.constants(), other.law.constants());
        let change =
            DVector::from_iterator(first.len(), second.iter().zip(first).map(|(b, a)| b - a));
        let information = &self.information + &other.information;
        let scale: Vec<f64> = (0..first.len())
            .map(|k| 1.0 / information[(k, k)].max(f64::MIN_POSITIVE).sqrt())
            .collect();
        let scaled = DMatrix::from_fn(first.len(), first.len(), |a, b| {
            information[(a, b)] * scale[a] * scale[b]
        });
        let pull = &other.information * change;
        let pull = DMatrix::from_fn(first.len(), 1, |a, _| pull[a] * scale[a]);
        let step = Solver::new(scaled, 0.0)?.solve(&pull);
        let constants = first.iter().enumerate();
        let constants = constants
            .map(|(k, c)| c + step[(k, 0)] * scale[k])
            .collect();
        let law = Recurrence::new(self.law.dimension(), self.law.memory(), constants).ok()?;
        Some(Self { law, information })
    }

    /// Least squares over windows that all obey one law, whose errors are of deviation `noise` in the unit of the
    /// positions; constants that the windows do not fix are those of `start` as nearly as can be.
    ///
    /// # Errors
    /// [`Error::Request`] if shapes do not fit or the noise is not positive, [`Error::TooFew`] windows.
    pub fn of(windows: &Windows, start: &Recurrence, noise: f64) -> Result<Self, Error> {
        let (d, width) = (windows.dimension(), start.width());
        if start.dimension() != d || start.memory() != windows.memory() {
            return Err(Error::Request(format!(
                "the law is of {} coordinates over {} past positions, the windows of {d} over {}",
                start.dimension(),
                start.memory(),
                windows.memory()
            )));
        }
        if noise.is_nan() || noise <= 0.0 {
            return Err(Error::Request(format!(
                "the errors' deviation is {noise}; it must be positive"
            )));
        }
        if windows.len() < width {
            return Err(Error::TooFew {
                windows: windows.len(),
                constants: width,
                least: width,
            });
        }
        let mut gram = DMatrix::<f64>::zeros(width, width);
        for w in 0..windows.len() {
            let x = features(windows, w);
            gram.syger(1.0, &x, &x, 1.0);
        }
        gram.fill_upper_triangle_with_lower_triangle();
        let solver = Solver::new(gram.clone(), 0.0)
            .ok_or_else(|| Error::Data("the windows are all 0".into()))?;
        let mut constants = start.constants().to_vec();
        // Twice: what is left of the first solution is solved for again, to rounding.
        for _ in 0..2 {
            let law = Recurrence::new(d, windows.memory(), constants.clone())?;
            let mut rhs = DMatrix::<f64>::zeros(width, d);
            let mut predicted = vec![0.0; d];
            for w in 0..windows.len() {
                law.predict(windows.inputs(w), &mut predicted);
                let x = features(windows, w);
                for (k, (y, p)) in windows.output(w).iter().zip(&predicted).enumerate() {
                    rhs.column_mut(k).axpy(y - p, &x, 1.0);
                }
            }
            let step = solver.solve(&rhs);
            constants
                .iter_mut()
                .zip(step.as_slice())
                .for_each(|(c, s)| *c += s);
        }
        let mut information = DMatrix::zeros(d * width, d * width);
        for k in 0..d {
            let mut block = information.view_mut((k * width, k * width), (width, width));
            block.copy_from(&(&gram / (noise * noise)));
        }
        Ok(Self {
            law: Recurrence::new(d, windows.memory(), constants)?,
            information,
        })
    }
}

fn features(windows: &Windows, window: usize) -> DVector<f64> {
    let inputs = windows.inputs(window).iter().copied().chain([1.0]);
    DVector::from_iterator(windows.inputs(window).len() + 1, inputs)
}

/// The product of linear layers as one (collapseLayer): weights `[out, in]` row-major and biases `[out]`, the first
/// layer first.
///
/// # Errors
/// [`Error::Request`] if there are no layers or shapes do not fit each other.
pub fn collapse_layers(layers: &[(Vec<f64>, Vec<f64>)]) -> Result<(Vec<f64>, Vec<f64>), Error> {
    let Some(((first, bias), rest)) = layers.split_first() else {
        return Err(Error::Request("there is no layer to collapse".into()));
    };
    let shape = |weights: &[f64], out: usize| {
        let fits = out > 0 && !weights.is_empty() && weights.len().is_multiple_of(out);
        fits.then_some(weights.len() / out.max(1)).ok_or_else(|| {
            Error::Request(format!(
                "a layer of {out} outputs cannot have {} weights",
                weights.len()
            ))
        })
    };
    let inputs = shape(first, bias.len())?;
    let mut weight = DMatrix::from_row_slice(bias.len(), inputs, first);
    let mut constant = DVector::from_column_slice(bias);
    for (weights, bias) in rest {
        let inputs = shape(weights, bias.len())?;
        if inputs != constant.len() {
            return Err(Error::Request(format!(
                "a layer of {inputs} inputs follows one of {} outputs",
                constant.len()
            )));
        }
        let next = DMatrix::from_row_slice(bias.len(), inputs, weights);
        constant = &next * constant + DVector::from_column_slice(bias);
        weight = next * weight;
    }
    Ok((
        weight.transpose().as_slice().to_vec(),
        constant.as_slice().to_vec(),
    ))
}

/// How laws are simplified. The data's part of the description length is the increase of χ²/(2 ln 2) over the best
/// constants, after all that are free are fitted again.
///
/// DIFFERENCE: the paper refits by Adam and counts bits of every window; for laws that are linear in their constants
/// the quadratic form is the same to second order, and refitting is exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Occam {
    /// Failures in a row after which a kind of snapping ends (the paper's 4).
    pub patience: usize,
    /// Greatest numerator and denominator of a fraction (100).
    pub bound: i64,
    /// Terms of continued fractions (20).
    pub terms: usize,
    /// Bits by which the description may get longer: a number that is 10⁻¹⁷ has no bits to save by being 0.
    pub slack: f64,
    /// How many standard errors a constant may be moved.
    pub reach: f64,
    /// Whether constants may share parameters.
    pub ties: bool,
}

impl Default for Occam {
    fn default() -> Self {
        Self {
            patience: 4,
            bound: 100,
            terms: 20,
            slack: 1.0,
            reach: 4.5,
            ties: true,
        }
    }
}

impl Occam {
    /// Simplifies a law: past positions that are not needed, oldest first (localSnap), integers, shared parameters,
    /// fractions.
    pub fn simplify(&self, estimate: &Estimate) -> SymbolicLaw {
        let mut search = Search::new(estimate);
        self.local(&mut search, estimate);
        self.inertia(&mut search);
        self.integers(&mut search);
        if self.ties {
            self.share(&mut search);
        }
        self.fractions(&mut search);
        search.law()
    }

    /// Sets all constants of an input to 0, oldest first.
    fn local(&self, search: &mut Search<'_>, estimate: &Estimate) {
        let (d, width) = (estimate.law.dimension(), estimate.law.width());
        for input in 0..width - 1 {
            let mut next = search.clone();
            for k in 0..d {
                next.fix(k * width + input, Fraction::new_raw(0, 1));
            }
            if !self.accept(search, next, d as f64) {
                break;
            }
        }
    }

    /// Constants that can be those of free motion are: where the data do not fix a direction, inertia does.
    fn inertia(&self, search: &mut Search<'_>) {
        let law = &search.estimate.law;
        if law.memory() != 2 {
            return;
        }
        let width = law.width();
        let free = Recurrence::inertia(law.dimension());
        let mut order: Vec<usize> = (0..free.constants().len())
            .filter(|c| c % width != width - 1)
            .collect();
        let distance = |c: &usize| (law.constants()[*c] - free.constants()[*c]).abs();
        order.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        for constant in order {
            let mut next = search.clone();
            next.fix(
                constant,
                Fraction::from_integer(free.constants()[constant] as i64),
            );
            self.accept(search, next, 1.0);
        }
    }

    fn integers(&self, search: &mut Search<'_>) {
        let mut tried = vec![false; search.constants.len()];
        let mut failures = 0;
        while failures < self.patience {
            let open = (0..tried.len()).filter(|c| !tried[*c] && search.is_real(*c));
            let distance = |c: &usize| (search.value(*c) - search.value(*c).round()).abs();
            let Some(nearest) = open.min_by(|a, b| distance(a).total_cmp(&distance(b))) else {
                return;
            };
            tried[nearest] = true;
            let whole = search.value(nearest).round();
            if whole.abs() > 1e6 {
                failures += 1;
                continue;
            }
            let mut next = search.clone();
            next.fix(nearest, Fraction::from_integer(whole as i64));
            failures = if self.accept(search, next, 1.0) {
                0
            } else {
                failures + 1
            };
        }
    }

    /// Lets constants share a parameter: c = ±p + m with a small integer m.
    fn share(&self, search: &mut Search<'_>) {
        let mut again = true;
        while again {
            again = false;
            let deviations = search.deviations();
            let mut best: Option<(f64, Search<'_>)> = None;
            for p in 0..search.parameters.len() {
                for q in 0..p {
                    let (a, b) = (search.parameters[q], search.parameters[p]);
                    for negative in [false, true] {
                        let rest = if negative { b + a } else { b - a };
                        let whole = rest.round();
                        let error = deviations[p].hypot(deviations[q]);
                        if whole.abs() > 2.0 || (rest - whole).abs() > 8.0 * error + 1e-10 {
                            continue;
                        }
                        // A chance meeting of two numbers, of a thousand pairs, must be unlikely.
                        let digits = real_bits(b, deviations[p].max(MODEL_FLOOR));
                        if digits < 12.0 {
                            continue;
                        }
                        let mut next = search.clone();
                        next.tie(p, q, negative, whole as i64);
                        if next.misfit - search.misfit < self.reach * self.reach
                            && best.as_ref().is_none_or(|(m, _)| next.misfit < *m)
                        {
                            best = Some((next.misfit, next));
                        }
                    }
                }
            }
            if let Some((_, next)) = best {
                *search = next;
                again = true;
            }
        }
    }

    fn fractions(&self, search: &mut Search<'_>) {
        let mut tried: Vec<(usize, Fraction)> = Vec::new();
        let mut failures = 0;
        while failures < self.patience {
            let deviations = search.deviations();
            let mut best: Option<(f64, usize, Fraction)> = None;
            for (p, value) in search.parameters.iter().enumerate() {
                let floor = deviations[p].max(MODEL_FLOOR);
                for fraction in convergents(*value, self.bound, self.terms) {
                    if search.exact[p].is_some() || tried.contains(&(p, fraction)) {
                        continue;
                    }
                    let bits = fraction_bits(fraction)
                        + real_bits(value - fraction_value(fraction), floor);
                    if best.is_none_or(|(least, ..)| bits < least) {
                        best = Some((bits, p, fraction));
                    }
                }
            }
            let Some((_, p, fraction)) = best else { return };
            tried.push((p, fraction));
            let floor = deviations[p].max(MODEL_FLOOR);
            let digits = real_bits(search.parameters[p], floor);
            let mut next = search.clone();
            next.set(p, fraction);
            // A fraction must say less than the digits that the data fix: otherwise any number has one.
            let moved = next.misfit - search.misfit;
            let fits = moved < self.reach * self.reach
                && fraction_bits(fraction) + moved * HALF_BIT + 2.0 < digits + self.slack;
            if fits {
                *search = next;
                failures = 0;
            } else {
                failures += 1;
            }
        }
    }

    /// Takes the next search if its description is not longer, with the slack, and no constant moves too far.
    fn accept<'a>(&self, search: &mut Search<'a>, next: Search<'a>, moved: f64) -> bool {
        let change = next.bits() - search.bits();
        let step = next.misfit - search.misfit;
        if change <= self.slack && step < moved * self.reach * self.reach {
            *search = next;
            return true;
        }
        false
    }
}

/// Of a real number, while laws are simplified.
const LEAST_BITS: f64 = 16.0;
/// χ² to bits.
const HALF_BIT: f64 = 0.5 * std::f64::consts::LOG2_E;

fn fraction_bits(fraction: Fraction) -> f64 {
    rational_bits(*fraction.numer(), fraction.denom().unsigned_abs())
}

/// Constants as affine functions of parameters, the parameters fitted.
#[derive(Clone)]
struct Search<'a> {
    estimate: &'a Estimate,
    constants: Vec<Constant>,
    parameters: Vec<f64>,
    exact: Vec<Option<Fraction>>,
    /// χ² over the best constants.
    misfit: f64,
}

impl<'a> Search<'a> {
    fn new(estimate: &'a Estimate) -> Self {
        let real = SymbolicLaw::real(&estimate.law);
        Self {
            estimate,
            constants: real.constants().to_vec(),
            parameters: estimate.law.constants().to_vec(),
            exact: vec![None; estimate.law.constants().len()],
            misfit: 0.0,
        }
    }

    fn value(&self, constant: usize) -> f64 {
        let Constant { offset, parameter } = self.constants[constant];
        fraction_value(offset)
            + parameter.map_or(0.0, |(p, negative)| {
                if negative {
                    -self.parameters[p]
                } else {
                    self.parameters[p]
                }
            })
    }

    fn is_real(&self, constant: usize) -> bool {
        let parameter = self.constants[constant].parameter;
        parameter.is_some_and(|(p, _)| self.exact[p].is_none())
    }

    /// A constant becomes a fraction, and its parameter goes.
    fn fix(&mut self, constant: usize, fraction: Fraction) {
        if let Some((p, _)) = self.constants[constant].parameter {
            self.constants[constant] = Constant {
                offset: fraction,
                parameter: None,
            };
            self.remove(p);
        } else {
            self.constants[constant].offset = fraction;
        }
        self.fit();
    }

    /// What used parameter `p` uses ±q + offset.
    fn tie(&mut self, p: usize, q: usize, negative: bool, offset: i64) {
        for constant in &mut self.constants {
            if let Some((own, minus)) = constant.parameter
                && own == p
            {
                let offset = Fraction::from_integer(offset);
                constant.offset += if minus { -offset } else { offset };
                constant.parameter = Some((q, minus != negative));
            }
        }
        self.remove(p);
        self.fit();
    }

    fn set(&mut self, p: usize, fraction: Fraction) {
        self.exact[p] = Some(fraction);
        self.parameters[p] = fraction_value(fraction);
        self.fit();
    }

    fn remove(&mut self, p: usize) {
        self.parameters.remove(p);
        self.exact.remove(p);
        for constant in &mut self.constants {
            if let Some((own, _)) = &mut constant.parameter
                && *own > p
            {
                *own -= 1;
            }
        }
    }

    fn open(&self) -> Vec<usize> {
        (0..self.parameters.len())
            .filter(|p| self.exact[*p].is_none())
            .collect()
    }

    /// ∂constants/∂(open parameters) `[P, open]`.
    fn slopes(&self, open: &[usize]) -> DMatrix<f64> {
        let mut slopes = DMatrix::zeros(self.constants.len(), open.len());
        for (row, constant) in self.constants.iter().enumerate() {
            if let Some((p, negative)) = constant.parameter
                && let Some(column) = open.iter().position(|q| *q == p)
            {
                slopes[(row, column)] = if negative { -1.0 } else { 1.0 };
            }
        }
        slopes
    }

    /// Fits the open parameters.
    fn fit(&mut self) {
        let open = self.open();
        let best = self.estimate.law.constants();
        let information = &self.estimate.information;
        let miss = |this: &Self| {
            DVector::from_iterator(best.len(), (0..best.len()).map(|c| best[c] - this.value(c)))
        };
        if !open.is_empty() {
            let slopes = self.slopes(&open);
            let weighted = information * &slopes;
            let gram = slopes.tr_mul(&weighted);
            let scale: Vec<f64> = (0..open.len())
                .map(|k| 1.0 / gram[(k, k)].max(f64::MIN_POSITIVE).sqrt())
                .collect();
            let scaled = DMatrix::from_fn(open.len(), open.len(), |a, b| {
                gram[(a, b)] * scale[a] * scale[b]
            });
            if let Some(solver) = Solver::new(scaled, 0.0) {
                // Twice, to rounding.
                for _ in 0..2 {
                    let rhs = weighted.tr_mul(&miss(self));
                    let rhs = DMatrix::from_fn(open.len(), 1, |a, _| rhs[a] * scale[a]);
                    let step = solver.solve(&rhs);
                    for (k, p) in open.iter().enumerate() {
                        self.parameters[*p] += step[(k, 0)] * scale[k];
                    }
                }
            }
        }
        let rest = miss(self);
        self.misfit = rest.dot(&(information * &rest)).max(0.0);
    }

    /// Standard errors of all parameters, 0 of exact ones.
    fn deviations(&self) -> Vec<f64> {
        let open = self.open();
        let mut deviations = vec![0.0; self.parameters.len()];
        if open.is_empty() {
            return deviations;
        }
        let slopes = self.slopes(&open);
        let gram = slopes.tr_mul(&(&self.estimate.information * &slopes));
        let scale: Vec<f64> = (0..open.len())
            .map(|k| 1.0 / gram[(k, k)].max(f64::MIN_POSITIVE).sqrt())
            .collect();
        let scaled = DMatrix::from_fn(open.len(), open.len(), |a, b| {
            gram[(a, b)] * scale[a] * scale[b]
        });
        if let Some(solver) = Solver::new(scaled, 0.0) {
            let covariance = solver.inverse();
            for (k, p) in open.iter().enumerate() {
                deviations[*p] = covariance[(k, k)].max(0.0).sqrt() * scale[k];
            }
        }
        deviations
    }

    /// Bits of the constants and of what they do not fit. A real number has a sign and an order besides its digits:
    /// one that is nearly 0 is not free.
    fn bits(&self) -> f64 {
        let least = |p: &f64| (LEAST_BITS - real_bits(*p, MODEL_FLOOR)).max(0.0);
        let more: f64 = self
            .open()
            .iter()
            .map(|p| least(&self.parameters[*p]))
            .sum();
        self.law().bits(MODEL_FLOOR) + more + self.misfit * HALF_BIT
    }

    fn law(&self) -> SymbolicLaw {
        let numbers = self.parameters.iter().zip(&self.exact);
        let parameters = numbers.map(|(value, exact)| match exact {
            Some(fraction) => Number::Exact(*fraction),
            None => Number::Real(*value),
        });
        let law = &self.estimate.law;
        SymbolicLaw::new(
            law.dimension(),
            law.memory(),
            self.constants.clone(),
            parameters.collect(),
        )
        .unwrap_or_else(|_| SymbolicLaw::real(law))
    }
}
