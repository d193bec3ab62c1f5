//! Borders that are curved: a sum of functions of the position that is constant along them.

use mass_sparse::{Function, FunctionLibrary, Variable};
use mass_systems::{QuantileRule, quantile};
use nalgebra::{DMatrix, DVector, SymmetricEigen};

use crate::{
    border::Domains,
    fraction::{Fraction, fraction_value},
    lagrangian::{fraction_text, told_fraction},
};

/// w φ(x), a term of a border.
#[derive(Clone, Debug, PartialEq)]
pub struct BorderTerm {
    /// φ.
    pub function: Function,
    /// w; 1 for the first term.
    pub weight: f64,
    /// Its standard error; 0 for the first term.
    pub standard_error: f64,
    /// The integer or fraction that it is, where the data tell.
    pub exact: Option<Fraction>,
}

/// A border Σ w φ(x) = c between two theories.
#[derive(Clone, Debug, PartialEq)]
pub struct CurvedBorder {
    /// The sum.
    pub terms: Vec<BorderTerm>,
    /// c.
    pub constant: f64,
    /// Its standard error, from how the crossings scatter.
    pub standard_error: f64,
    /// The integer or fraction that c is, where the data tell it from others.
    pub exact: Option<Fraction>,
    /// The theory where the sum is greater than c, and the other.
    pub theories: [usize; 2],
    /// Crossings that it was fitted to.
    pub crossings: usize,
    /// How far from it they are, root mean square, in the unit of the positions.
    pub scatter: f64,
    dof: usize,
}

impl CurvedBorder {
    /// Σ w φ(x) − c at positions x `[d]`.
    pub fn height(&self, x: &[f64]) -> f64 {
        let still = [0.0; 0];
        let each = self.terms.iter();
        let sum: f64 = each.map(|t| t.weight * t.function.value(x, &still)).sum();
        sum - self.constant
    }

    /// The theory at positions x `[d]`.
    pub fn at(&self, x: &[f64]) -> usize {
        self.theories[usize::from(self.height(x) <= 0.0)]
    }

    /// The sum and its constant, exact where they are: `cos x₁ + cos x₂ = 21/20`.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for term in &self.terms {
            text.push_str(match (text.is_empty(), term.weight < 0.0) {
                (true, false) => "",
                (true, true) => "−",
                (false, false) => " + ",
                (false, true) => " − ",
            });
            match term.exact {
                Some(one) if one.is_integer() && one.numer().abs() == 1 => {}
                Some(exact) => text.push_str(&format!("{} ", fraction_text(exact))),
                None => text.push_str(&format!("{:.6} ", term.weight.abs())),
            }
            text.push_str(&term.function.text(self.dof));
        }
        match self.exact {
            Some(exact) => format!("{text} = {exact}"),
            None => format!("{text} = {:.6}", self.constant),
        }
    }
}

impl Domains for CurvedBorder {
    /// Of states (x, y) `[2·d]`, of which the last one says where it is.
    fn theory(&self, inputs: &[f64]) -> usize {
        self.at(&inputs[inputs.len().saturating_sub(2 * self.dof)..])
    }
}

/// Terms of a border, at most.
const TERMS: usize = 3;
/// Standard errors from 0 of a weight, at least.
const TOLD: f64 = 4.5;
/// A crossing that is so many times as far from the border as is usual is none of it.
const FAR: f64 = 6.0;

/// The border through crossings x `[n, d]`: of all sums of up to three functions of a library the one of least bits,
/// ½ log₂ n for each free number and the logarithm of how far the crossings are from it; `floor` is how far they
/// are by rounding alone. `theories` hold where the sum is greater, and elsewhere, or the other way about, which
/// `beyond`, positions in the domain of the first, say.
pub(crate) fn fit(
    library: &FunctionLibrary,
    crossings: &[f64],
    floor: f64,
    theories: [usize; 2],
    beyond: &[f64],
) -> Option<CurvedBorder> {
    let d = library.dof();
    let functions = library.functions();
    let mut kept: Vec<&[f64]> = crossings.chunks_exact(d).collect();
    let mut best: Option<Vec<usize>> = None;
    // Once with all, and once without those that are far from what the others say.
    for _ in 0..2 {
        let n = kept.len();
        let mut least = f64::INFINITY;
        let table = Table::of(functions, &kept, d);
        for subset in subsets(functions.len(), TERMS) {
            if n < 3 * subset.len() + 3 {
                continue;
            }
            let Some((weights, constant)) = table.sum(&subset) else {
                continue;
            };
            let far = table.distances(&subset, &weights, constant);
            let usual = quantile(&far, 0.5, QuantileRule::Linear).max(floor);
            let bits = far
                .iter()
                .map(|far| (1.0 + (far / usual).powi(2)).log2() * 0.5 + usual.log2())
                .sum::<f64>()
                + 0.5 * (n as f64).log2() * subset.len() as f64
                + (functions.len() as f64).log2() * subset.len() as f64;
            if bits < least {
                least = bits;
                best = Some(subset);
            }
        }
        let subset = best.as_ref()?;
        let (weights, constant) = table.sum(subset)?;
        let far = table.distances(subset, &weights, constant);
        let usual = quantile(&far, 0.5, QuantileRule::Linear).max(floor);
        let mut of = far.iter();
        kept.retain(|_| of.next().is_some_and(|far| *far <= FAR * 1.5 * usual));
    }
    let mut subset = best?;
    let table = Table::of(functions, &kept, d);
    // A term that is not told from none goes.
    let (first, others, constant) = loop {
        let (weights, _) = table.sum(&subset)?;
        // First, with weight 1, a term whose weight is about the greatest.
        let greatest = weights.iter().fold(0.0_f64, |m, w| m.max(w.abs()));
        let first = weights.iter().position(|w| w.abs() >= 0.9 * greatest)?;
        let first = subset.remove(first);
        let (others, constant) = table.regress(first, &subset, &vec![None; subset.len()])?;
        let told = |k: usize| others[k].0.abs() / others[k].1.max(f64::MIN_POSITIVE);
        let least = (0..others.len()).min_by(|a, b| told(*a).total_cmp(&told(*b)));
        match least.filter(|k| told(*k) < TOLD) {
            Some(least) => {
                subset.remove(least);
                subset.push(first);
                subset.sort_unstable();
            }
            None => break (first, others, constant),
        }
    };
    let exact: Vec<Option<Fraction>> = others.iter().map(|(w, e)| told_fraction(*w, *e)).collect();
    let fixed: Vec<Option<f64>> = exact.iter().map(|e| e.map(fraction_value)).collect();
    let errors: Vec<f64> = others.iter().map(|(_, error)| *error).collect();
    let (others, constant) = match fixed.iter().any(Option::is_some) {
        true => table.regress(first, &subset, &fixed)?,
        false => (others, constant),
    };
    let mut terms = vec![BorderTerm {
        function: functions[first].clone(),
        weight: 1.0,
        standard_error: 0.0,
        exact: Some(Fraction::from_integer(1)),
    }];
    terms.extend((0..subset.len()).map(|k| BorderTerm {
        function: functions[subset[k]].clone(),
        weight: others[k].0,
        standard_error: errors[k],
        exact: exact[k],
    }));
    let mut border = CurvedBorder {
        terms,
        constant: constant.0,
        standard_error: constant.1,
        exact: told_fraction(constant.0, constant.1),
        theories,
        crossings: kept.len(),
        scatter: 0.0,
        dof: d,
    };
    let all: Vec<usize> = [first].into_iter().chain(subset).collect();
    let weights: Vec<f64> = border.terms.iter().map(|t| t.weight).collect();
    let far = table.distances(&all, &weights, border.constant);
    border.scatter = (far.iter().map(|f| f * f).sum::<f64>() / far.len() as f64).sqrt();
    let above = beyond
        .chunks_exact(d)
        .filter(|x| border.height(x) > 0.0)
        .count();
    if 2 * above < beyond.len() / d {
        border.theories.swap(0, 1);
    }
    Some(border)
}

/// All choices of one to `most` of `count`.
fn subsets(count: usize, most: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = (0..count).map(|f| vec![f]).collect();
    let mut from = 0;
    for _ in 1..most {
        let until = all.len();
        for at in from..until {
            let last = all[at][all[at].len() - 1];
            for next in last + 1..count {
                let mut more = all[at].clone();
                more.push(next);
                all.push(more);
            }
        }
        from = until;
    }
    all
}

/// Functions at crossings, `[n]` of `[F]`, and their slopes, `[n]` of `[F, d]`.
struct Table {
    values: Vec<Vec<f64>>,
    slopes: Vec<Vec<f64>>,
    d: usize,
}

impl Table {
    fn of(functions: &[Function], crossings: &[&[f64]], d: usize) -> Self {
        let still: [f64; 0] = [];
        let derivatives: Vec<Vec<Vec<(f64, Function)>>> = functions
            .iter()
            .map(|f| {
                (0..d)
                    .map(|k| f.derivative(Variable::Position(k)))
                    .collect()
            })
            .collect();
        let slope = |sum: &Vec<(f64, Function)>, x: &[f64]| -> f64 {
            sum.iter().map(|(c, f)| c * f.value(x, &still)).sum()
        };
        Self {
            values: crossings
                .iter()
                .map(|x| functions.iter().map(|f| f.value(x, &still)).collect())
                .collect(),
            slopes: crossings
                .iter()
                .map(|x| {
                    let of = derivatives.iter();
                    of.flat_map(|f| f.iter().map(|sum| slope(sum, x))).collect()
                })
                .collect(),
            d,
        }
    }

    /// The length of the gradient of a sum at a crossing.
    fn gradient(&self, at: usize, subset: &[usize], weights: &[f64]) -> f64 {
        let of = |k: usize| -> f64 {
            let pairs = subset.iter().zip(weights);
            pairs
                .map(|(f, w)| w * self.slopes[at][f * self.d + k])
                .sum()
        };
        (0..self.d).map(|k| of(k).powi(2)).sum::<f64>().sqrt()
    }

    /// How far each crossing is from where a sum is a constant, to first order.
    fn distances(&self, subset: &[usize], weights: &[f64], constant: f64) -> Vec<f64> {
        (0..self.values.len())
            .map(|at| {
                let pairs = subset.iter().zip(weights);
                let sum: f64 = pairs.map(|(f, w)| w * self.values[at][*f]).sum();
                let gradient = self.gradient(at, subset, weights);
                // Where it is flat, as at the top of a cosine, no distance is told.
                (sum - constant).abs() / gradient.max(1e-3)
            })
            .collect()
    }

    /// The weights, of length 1, and the constant of the sum that is most nearly one, distances counted.
    fn sum(&self, subset: &[usize]) -> Option<(Vec<f64>, f64)> {
        let (n, k) = (self.values.len(), subset.len());
        let mut weights = vec![1.0 / (k as f64).sqrt(); k];
        let mut constant = 0.0;
        for _ in 0..4 {
            let of: Vec<f64> = (0..n)
                .map(|at| self.gradient(at, subset, &weights).max(1e-3).powi(-2))
                .collect();
            let total: f64 = of.iter().sum();
            let mean: Vec<f64> = subset
                .iter()
                .map(|f| (0..n).map(|at| of[at] * self.values[at][*f]).sum::<f64>() / total)
                .collect();
            let mut moments = DMatrix::<f64>::zeros(k, k);
            for (at, weight) in of.iter().enumerate() {
                for i in 0..k {
                    for j in 0..k {
                        let own = |m: usize| self.values[at][subset[m]] - mean[m];
                        moments[(i, j)] += weight * own(i) * own(j) / total;
                    }
                }
            }
            if moments.iter().any(|m| !m.is_finite()) {
                return None;
            }
            let eigen = SymmetricEigen::new(moments);
            let least =
                (0..k).min_by(|a, b| eigen.eigenvalues[*a].total_cmp(&eigen.eigenvalues[*b]))?;
            weights = eigen.eigenvectors.column(least).iter().copied().collect();
            constant = weights.iter().zip(&mean).map(|(w, m)| w * m).sum();
        }
        Some((weights, constant))
    }

    /// φ_first = c − Σ w φ by least squares over the crossings, some weights given: weights and constant, each with
    /// its standard error.
    #[allow(clippy::type_complexity)]
    fn regress(
        &self,
        first: usize,
        others: &[usize],
        fixed: &[Option<f64>],
    ) -> Option<(Vec<(f64, f64)>, (f64, f64))> {
        let n = self.values.len();
        let open: Vec<usize> = (0..others.len()).filter(|k| fixed[*k].is_none()).collect();
        let columns = DMatrix::from_fn(n, open.len() + 1, |at, k| match k {
            0 => 1.0,
            k => -self.values[at][others[open[k - 1]]],
        });
        let targets = DVector::from_fn(n, |at, _| {
            let given = fixed.iter().zip(others);
            let given: f64 = given
                .map(|(w, f)| w.map_or(0.0, |w| w * self.values[at][*f]))
                .sum();
            self.values[at][first] + given
        });
        let covariance = columns.tr_mul(&columns).try_inverse()?;
        let mut solution = &covariance * columns.tr_mul(&targets);
        let rest = &targets - &columns * &solution;
        solution += &covariance * columns.tr_mul(&rest);
        let rest = &targets - &columns * &solution;
        let freedom = n.checked_sub(open.len() + 1).filter(|f| *f > 0)?;
        let variance = rest.norm_squared() / freedom as f64;
        let error = |k: usize| (variance * covariance[(k, k)].max(0.0)).sqrt();
        let weights = fixed
            .iter()
            .enumerate()
            .map(|(k, given)| match given {
                Some(w) => (*w, 0.0),
                None => {
                    let at = open.iter().position(|o| *o == k).map_or(0, |at| at + 1);
                    (solution[at], error(at))
                }
            })
            .collect();
        Some((weights, (solution[0], error(0))))
    }
}
