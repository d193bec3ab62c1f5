//! What a motion keeps.

use mass_systems::Number;
use nalgebra::{DMatrix, SymmetricEigen};
use serde::{Deserialize, Serialize};

use crate::law::printed_sum;
use crate::problem::value;
use crate::search::bits_of;
use crate::sparse_lagrangian::{Scaling, thinned};
use crate::{Error, Factor, Function, FunctionLibrary, MotionData, Variable};

/// Rows that are looked at, at most.
const ROWS: usize = 5000;

/// Functions that sums are looked for among, at most: those that take most part in any that is kept.
const MOST: usize = 30;

/// A function of deviation 1 is a sum of others where no more than this is left of it without them.
const LEAST: f64 = 1e-4;

/// The least drift that is told from none: rounding alone makes it.
const EXACT: f64 = 1e-5;

/// Of a gradient's length, what must not lie along those of quantities that are known.
const INDEPENDENT: f64 = 0.1;

/// A quantity Q = Σ c φ(x, y) that a motion keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConservedSum {
    dof: usize,
    units: Vec<f64>,
    addends: Vec<(f64, Function)>,
    drift: f64,
}

impl ConservedSum {
    /// Its functions with their coefficients. The first that is quadratic in a velocity has ½, or, where there
    /// is none, the first has 1: a factor of Q, and a constant, are free.
    pub fn addends(&self) -> &[(f64, Function)] {
        &self.addends
    }

    /// How fast it changes: the root mean square of dQ/dt beside the deviation of Q over the data, in 1/(unit
    /// of time in which accelerations are of order one).
    pub fn drift(&self) -> f64 {
        self.drift
    }

    /// Q at (x, y), both `[d]`, in the data's units.
    ///
    /// # Panics
    /// If a slice is shorter than d.
    pub fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        let inner = |values: &[D]| -> Vec<D> {
            values
                .iter()
                .zip(&self.units)
                .map(|(v, u)| *v / *u)
                .collect()
        };
        let (x, y) = (inner(x), inner(y));
        self.addends.iter().map(|(c, f)| f.value(&x, &y) * *c).sum()
    }

    /// `Q = 0.5000 y² − 1.000 cos x`, with four digits.
    pub fn formula(&self) -> String {
        let addends = self.addends.iter();
        let terms = addends.map(|(c, function)| (*c, function.text(self.dof)));
        format!("Q = {}", printed_sum(terms))
    }
}

/// The search for quantities that a motion keeps, Q = Σ c φ(x, y) with dQ/dt = Σ c (φ_x·y + φ_y·ẏ) = 0 along
/// the data.
///
/// Of each sum what counts is the change of Q in the unit of time beside its deviation over the data, so that
/// neither a small nor a nearly constant Q is taken for one that is kept. From all functions that take part in
/// any sum that is kept one is dropped after the other, the most complex first, as long as those left have such
/// a sum in which one of them, each in turn, takes part; the shortest sums are kept whose gradients are independent
/// of those of shorter ones: a function of known quantities is no other.
///
/// The energy of a law that is known is [`LagrangianLaw::energy`](crate::LagrangianLaw::energy).
///
/// # Example
///
/// ```
/// use mass_sparse::{ConservedSearch, FunctionLibrary, MotionData};
/// use mass_systems::{Purpose, lookup, sample, stream};
///
/// let pendulum = lookup("pendulum")?;
/// let states = sample(&*pendulum, 500, &mut stream(0, Purpose::TrainData, "example"))?;
/// let found = ConservedSearch::new(FunctionLibrary::lagrangian(1, &[0])?).find(&MotionData::new(states))?;
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].formula(), "Q = 0.5000 y² − 1.000 cos x");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ConservedSearch {
    library: FunctionLibrary,
    units: Vec<f64>,
    tolerance: f64,
}

impl ConservedSearch {
    /// Among sums of functions of this library, kept to a tolerance of 10⁻².
    pub fn new(library: FunctionLibrary) -> Self {
        Self {
            units: vec![1.0; library.dof()],
            library,
            tolerance: 1e-2,
        }
    }

    /// With the unit of each position, as [`SparseLagrangian::angle_units`](crate::SparseLagrangian::angle_units).
    #[must_use]
    pub fn angle_units(mut self, units: Vec<f64>) -> Self {
        self.units = units;
        self
    }

    /// With a greater or smaller [`ConservedSum::drift`] that is none: greater for noisy accelerations.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The quantities that these data keep, the simplest first; none is an answer.
    ///
    /// # Errors
    /// [`Error::Request`] for a tolerance or units that make no sense, [`Error::Dof`], [`Error::TooFew`] or
    /// [`Error::NotFinite`] for data that do not do.
    pub fn find(&self, data: &MotionData) -> Result<Vec<ConservedSum>, Error> {
        let d = self.library.dof();
        if data.states().dof() != d {
            return Err(Error::Dof {
                data: data.states().dof(),
                library: d,
            });
        }
        let units = &self.units;
        if !(self.tolerance > 0.0 && self.tolerance < 1.0)
            || units.len() != d
            || units.iter().any(|u| !(u.is_finite() && *u > 0.0))
        {
            return Err(Error::Request(format!(
                "a tolerance of {} with units {units:?} makes no search: the tolerance lies between 0 and 1, and there \
                 is a positive unit for each position",
                self.tolerance
            )));
        }
        let least = (2 * self.library.len()).min(200);
        if data.states().len() < least {
            return Err(Error::TooFew {
                states: data.states().len(),
                functions: self.library.len(),
                least,
            });
        }
        let scales = Scaling::of(data, &self.library, units);
        let unit = scales.to_unit(&thinned(data, ROWS)?);
        let table = Table::new(&self.library, &unit.x, &unit.y, &unit.acceleration)?;
        if table.functions.is_empty() {
            return Ok(Vec::new());
        }
        let sums = table.sums(self.tolerance);
        let bits = |of: &Vec<usize>| -> f64 {
            let each = of
                .iter()
                .map(|k| bits_of(table.functions[*k], self.library.len()));
            each.sum()
        };
        let mut sums = sums;
        sums.sort_by(|a, b| bits(a).total_cmp(&bits(b)));
        let mut found: Vec<(Vec<usize>, Vec<f64>, f64)> = Vec::new();
        for support in sums {
            let Some((drift, c)) = table.drift(&support) else {
                continue;
            };
            let known: Vec<(&[usize], &[f64])> =
                found.iter().map(|(s, c, _)| (&s[..], &c[..])).collect();
            if found.len() < 2 * d && table.is_new(&known, &support, &c) {
                found.push((support, c, drift));
            }
        }
        let named = found.into_iter().map(|(support, c, drift)| {
            let own = support.iter().zip(c).map(|(k, c)| {
                let function = table.functions[*k].clone();
                (c * scales.of_function(&function), function)
            });
            let mut addends: Vec<(f64, Function)> = own.collect();
            let quadratic = |(_, function): &&(f64, Function)| {
                let square = |factor: &Factor| matches!(factor, Factor::Velocity(_, 2));
                function.factors().iter().any(square)
            };
            let by = match addends.iter().find(quadratic) {
                Some((c, _)) => 0.5 / c,
                None => 1.0 / addends[0].0,
            };
            addends.iter_mut().for_each(|(c, _)| *c *= by);
            ConservedSum {
                dof: d,
                units: self.units.clone(),
                addends,
                drift,
            }
        });
        Ok(named.collect())
    }
}

/// Functions, brought to deviation 1, and how fast they change, along the data.
struct Table<'a> {
    functions: Vec<&'a Function>,
    sizes: Vec<f64>,
    /// R of the QR decomposition of the rates, `[F, F]`.
    rates: DMatrix<f64>,
    /// R of that of the values from their means, `[F, F]`.
    values: DMatrix<f64>,
    /// States at which gradients are compared, and gradients there, `[F][states · 2d]`.
    gradients: Vec<Vec<f64>>,
    dof: usize,
}

/// Sums of functions, one a column `[F, F]`, and the change of each in the unit of time beside its deviation.
struct Modes {
    shares: Vec<f64>,
    sums: DMatrix<f64>,
}

impl<'a> Table<'a> {
    fn new(library: &'a FunctionLibrary, x: &[f64], y: &[f64], a: &[f64]) -> Result<Self, Error> {
        let d = library.dof();
        let rows = x.len() / d;
        let mut functions = Vec::new();
        let mut sizes = Vec::new();
        let mut columns: Vec<Vec<f64>> = Vec::new();
        let mut changes: Vec<Vec<f64>> = Vec::new();
        let mut gradients = Vec::new();
        for function in library.iter() {
            let by = (0..d)
                .map(Variable::Position)
                .chain((0..d).map(Variable::Velocity));
            let slopes: Vec<_> = by.map(|by| function.derivative(by)).collect();
            let (mut column, mut change, mut gradient) = (Vec::new(), Vec::new(), Vec::new());
            for row in 0..rows {
                let at = row * d..(row + 1) * d;
                let (x, y, a) = (&x[at.clone()], &y[at.clone()], &a[at]);
                let own: Vec<f64> = slopes.iter().map(|sum| value(sum, x, y)).collect();
                let rate = (0..d)
                    .map(|i| own[i] * y[i] + own[d + i] * a[i])
                    .sum::<f64>();
                let of = function.value(x, y);
                if !of.is_finite() || !rate.is_finite() {
                    return Err(Error::NotFinite {
                        function: function.text(d),
                        state: row,
                    });
                }
                column.push(of);
                change.push(rate);
                if row % rows.div_ceil(40) == 0 {
                    gradient.extend(own);
                }
            }
            let mean = column.iter().sum::<f64>() / rows as f64;
            let square = column.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
            let size = (square / rows as f64).sqrt();
            // A constant is kept by any motion.
            if size <= 1e-9 * mean.abs() || size == 0.0 {
                continue;
            }
            column.iter_mut().for_each(|v| *v = (*v - mean) / size);
            change.iter_mut().for_each(|v| *v /= size);
            gradient.iter_mut().for_each(|v| *v /= size);
            functions.push(function);
            sizes.push(size);
            columns.push(column);
            changes.push(change);
            gradients.push(gradient);
        }
        // R of the QR decomposition: all that sums of the columns need.
        let reduced = |of: &[Vec<f64>]| {
            let by = 1.0 / (rows as f64).sqrt();
            let table = DMatrix::from_fn(rows, of.len(), |row, k| of[k][row] * by);
            table.qr().unpack_r()
        };
        Ok(Self {
            rates: reduced(&changes),
            values: reduced(&columns),
            functions,
            sizes,
            gradients,
            dof: d,
        })
    }

    /// Sums of these of deviation 1 and how fast each changes, those that do not mix along the motion.
    fn modes(&self, support: &[usize]) -> Option<Modes> {
        let values = self.values.select_columns(support).qr().unpack_r();
        if values.diagonal().iter().any(|v| v.abs() < LEAST) {
            return None;
        }
        let unit = DMatrix::identity(support.len(), support.len());
        let whitened = values.solve_upper_triangular(&unit)?;
        let rates = self.rates.select_columns(support) * &whitened;
        let own = SymmetricEigen::new(rates.tr_mul(&rates));
        let shares = own.eigenvalues.iter().map(|square| square.max(0.0).sqrt());
        Some(Modes {
            shares: shares.collect(),
            sums: whitened * own.eigenvectors,
        })
    }

    /// The least share of a sum of these, with its coefficients; none if they are not independent.
    fn share(&self, support: &[usize]) -> Option<(f64, Vec<f64>)> {
        let modes = self.modes(support)?;
        let shares = modes.shares.iter().enumerate();
        let (place, least) = shares.min_by(|a, b| a.1.total_cmp(b.1))?;
        let c = modes.sums.column(place);
        Some((*least, c.iter().copied().collect()))
    }

    /// The same with coefficients of the functions themselves.
    fn drift(&self, support: &[usize]) -> Option<(f64, Vec<f64>)> {
        let (drift, c) = self.share(support)?;
        let own = c.iter().zip(support).map(|(c, k)| c / self.sizes[*k]);
        Some((drift, own.collect()))
    }

    /// Short sums that are kept: from all functions that take part in any, one is dropped after the other as
    /// long as what is left has a sum that is kept and in which one function, each in turn, takes part.
    fn sums(&self, tolerance: f64) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..self.functions.len()).collect();
        let bits = |k: &usize| bits_of(self.functions[*k], 1);
        order.sort_by(|a, b| bits(a).total_cmp(&bits(b)));
        let mut all = self.independent(&order);
        let Some(least) = self
            .share(&all)
            .map(|(share, _)| share)
            .filter(|s| *s <= tolerance)
        else {
            return Vec::new();
        };
        // Where all functions together do much better than the tolerance, so must fewer.
        let tolerance = (3.0 * least).clamp(EXACT.min(tolerance), tolerance);
        let part = self.parts(&all, tolerance);
        // The largest share that each has in one of them, its function being of deviation 1.
        let mut largest: Vec<usize> = (0..all.len()).filter(|i| part[*i] > 1e-5).collect();
        largest.sort_by(|a, b| part[*b].total_cmp(&part[*a]));
        largest.truncate(MOST);
        largest.sort_unstable();
        let some: Vec<usize> = largest.into_iter().map(|i| all[i]).collect();
        if self
            .share(&some)
            .is_some_and(|(share, _)| share <= tolerance)
        {
            all = some;
        }
        let mut sums: Vec<Vec<usize>> = Vec::new();
        for last in all.clone() {
            let mut support = all.clone();
            for k in all.iter().rev().filter(|k| **k != last) {
                let without: Vec<usize> = support.iter().copied().filter(|own| own != k).collect();
                if without.is_empty() {
                    continue;
                }
                // What is left must have a sum that is kept, and the last function a part in one.
                let part = self.parts(&without, tolerance);
                let own = without.iter().position(|own| *own == last);
                if own.is_some_and(|place| part[place] > 1e-2) {
                    support = without;
                }
            }
            support.sort_unstable();
            if !sums.contains(&support) {
                sums.push(support);
            }
        }
        sums
    }

    /// Functions whose values are no sums of those before them.
    fn independent(&self, order: &[usize]) -> Vec<usize> {
        let mut kept: Vec<usize> = Vec::new();
        for k in order {
            kept.push(*k);
            let values = self.values.select_columns(&kept).qr().unpack_r();
            if values.diagonal().iter().any(|v| v.abs() < LEAST) {
                kept.pop();
            }
        }
        kept
    }

    /// How much each function takes part in the sums that are kept.
    fn parts(&self, support: &[usize], tolerance: f64) -> Vec<f64> {
        let mut parts = vec![0.0; support.len()];
        let Some(modes) = self.modes(support) else {
            return parts;
        };
        for (place, share) in modes.shares.iter().enumerate() {
            if *share <= tolerance {
                let c = modes.sums.column(place);
                parts
                    .iter_mut()
                    .zip(c.iter())
                    .for_each(|(p, c)| *p += c * c);
            }
        }
        parts.into_iter().map(f64::sqrt).collect()
    }

    /// Whether a sum is no function of known ones: its gradient is not along theirs.
    fn is_new(&self, known: &[(&[usize], &[f64])], support: &[usize], c: &[f64]) -> bool {
        let width = 2 * self.dof;
        let gradient = |support: &[usize], c: &[f64]| -> Vec<f64> {
            let mut sum = vec![0.0; self.gradients[0].len()];
            for (k, c) in support.iter().zip(c) {
                let own = self.gradients[*k].iter();
                sum.iter_mut()
                    .zip(own)
                    .for_each(|(s, g)| *s += c * self.sizes[*k] * g);
            }
            sum
        };
        let own = gradient(support, c);
        let known: Vec<Vec<f64>> = known.iter().map(|(s, c)| gradient(s, c)).collect();
        let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
        let (mut apart, mut whole) = (0.0, 0.0);
        for at in (0..own.len()).step_by(width) {
            let mut left = own[at..at + width].to_vec();
            whole += norm(&left).powi(2);
            let mut basis: Vec<Vec<f64>> = Vec::new();
            for one in &known {
                let mut one = one[at..at + width].to_vec();
                let before = norm(&one);
                for b in &basis {
                    let along: f64 = b.iter().zip(&one).map(|(b, v)| b * v).sum();
                    one.iter_mut().zip(b).for_each(|(v, b)| *v -= along * b);
                }
                let size = norm(&one);
                if size > 1e-6 * before && size > 0.0 {
                    one.iter_mut().for_each(|v| *v /= size);
                    basis.push(one);
                }
            }
            for b in &basis {
                let along: f64 = b.iter().zip(&left).map(|(b, v)| b * v).sum();
                left.iter_mut().zip(b).for_each(|(v, b)| *v -= along * b);
            }
            apart += norm(&left).powi(2);
        }
        apart.sqrt() > INDEPENDENT * whole.sqrt()
    }
}
