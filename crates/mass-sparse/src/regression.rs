//! Sparse regression: which functions, and how much of each.

use mass_systems::Dataset;
use nalgebra::{DMatrix, DVector};

use crate::law::STILL;
use crate::{Addend, Error, FunctionLibrary, SparseLaw};

/// Rows that are reduced at once: what is in memory does not grow with the data.
const CHUNK: usize = 2048;

/// A function is a sum of others where no more than this share of it is left without them.
const DEPENDENT: f64 = 1e-10;

/// Thresholds tried, in shares of ẏ, from 1 down by equal factors to [`LEAST_SHARE`].
const THRESHOLDS: usize = 33;

/// The least share of ẏ that a function is looked for with.
const LEAST_SHARE: f64 = 1e-4;

/// An error of this share of ẏ is none: rounding alone makes it.
const EXACT: f64 = 1e-9;

/// Sequentially thresholded least squares (Brunton, Proctor & Kutz 2016, "SINDy"): least squares on all
/// functions; those whose share is below the threshold go; again on the others, until none goes.
///
/// The share of a function is |c| · rms(f) / rms(ẏ): how large it is beside the acceleration that it
/// explains. So the result is the same in any units. DIFFERENCE: SINDy compares |c| itself, which is not.
///
/// # Example
///
/// ```
/// use mass_sparse::{FunctionLibrary, Stlsq};
/// use mass_systems::{Purpose, lookup, sample, stream};
///
/// let damped = lookup("damped(0.3)")?;
/// let data = sample(&*damped, 200, &mut stream(0, Purpose::TrainData, "example"))?;
/// let law = Stlsq::new(FunctionLibrary::polynomials(1, 3)?, 0.01).fit(&data)?;
/// assert_eq!(law.formula(), ["ẏ = −1.000 x − 0.3000 y"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stlsq {
    library: FunctionLibrary,
    threshold: f64,
}

impl Stlsq {
    /// With functions of this library whose share of ẏ is `threshold` at least.
    pub fn new(library: FunctionLibrary, threshold: f64) -> Self {
        Self { library, threshold }
    }

    /// The law of these states; its error is that on the same states.
    ///
    /// # Errors
    /// [`Error::Request`] for a threshold that is not in [0, 1]; [`Error::Dof`], [`Error::TooFew`] or
    /// [`Error::NotFinite`] for data that do not do.
    pub fn fit(&self, data: &Dataset) -> Result<SparseLaw, Error> {
        if !(0.0..=1.0).contains(&self.threshold) {
            return Err(Error::Request(format!(
                "the threshold {} is no share of the acceleration: it lies between 0 and 1, as 0.01 does",
                self.threshold
            )));
        }
        enough(&self.library, data)?;
        let reduced = Reduced::of(&self.library, data)?;
        let fits =
            (0..data.dof()).flat_map(|target| thresholded(&[&reduced], target, self.threshold));
        let law = law(&self.library, &reduced, &reduced, fits.collect());
        Ok(law.sticking_below(slow(data)))
    }
}

/// Sparse regression whose threshold the data choose: of all that [`Stlsq`] finds with thresholds from 1
/// to 10⁻⁴, and of what is left when functions are dropped from the best one by one, the law with the
/// least Bayesian information criterion on states held out (Schwarz 1978),
/// N ln(error²) + k ln N for k functions.
///
/// # Example
///
/// ```
/// use mass_sparse::{FunctionLibrary, SparseRegression};
/// use mass_systems::{Purpose, lookup, sample, stream};
///
/// let pendulum = lookup("pendulum")?;
/// let states = |purpose| sample(&*pendulum, 300, &mut stream(0, purpose, "example"));
/// let library = FunctionLibrary::mechanical(1, pendulum.angles())?;
/// let law = SparseRegression::new(library)
///     .fit(&states(Purpose::TrainData)?, &states(Purpose::TestData)?)?;
/// assert_eq!(law.formula(), ["ẏ = −1.000 sin x"]);
/// assert!(law.relative_error() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SparseRegression {
    library: FunctionLibrary,
}

impl SparseRegression {
    /// With functions of this library.
    pub fn new(library: FunctionLibrary) -> Self {
        Self { library }
    }

    /// The law of `data`, judged by the states held out; coefficients are of `data` alone.
    ///
    /// # Errors
    /// [`Error::Dof`], [`Error::TooFew`] or [`Error::NotFinite`] for data that do not do.
    pub fn fit(&self, data: &Dataset, held_out: &Dataset) -> Result<SparseLaw, Error> {
        let mut laws = self.fit_together(&[(data, held_out)])?;
        Ok(laws.swap_remove(0))
    }

    /// The laws of several systems, `[S]`, with the same functions and coefficients of each its own: `(data, held
    /// out)` of each. A function's share is the root mean square of those in the systems, and the criterion is summed
    /// over them, every coefficient of every system counted.
    ///
    /// # Errors
    /// [`Error::Request`] without a system, else as [`SparseRegression::fit`].
    ///
    /// # Example
    ///
    /// ```
    /// use mass_sparse::{FunctionLibrary, SparseRegression};
    /// use mass_systems::{Purpose, lookup, sample, stream};
    ///
    /// let states = |id: &str, purpose| {
    ///     let system = lookup(id)?;
    ///     sample(&*system, 200, &mut stream(0, purpose, "example"))
    /// };
    /// let two = ["damped(0.3)", "damped(0.05)"];
    /// let learn = two.map(|id| states(id, Purpose::TrainData).unwrap());
    /// let judge = two.map(|id| states(id, Purpose::TestData).unwrap());
    /// let pairs = [(&learn[0], &judge[0]), (&learn[1], &judge[1])];
    /// let laws = SparseRegression::new(FunctionLibrary::polynomials(1, 3)?).fit_together(&pairs)?;
    /// assert_eq!(laws[0].formula(), ["ẏ = −1.000 x − 0.3000 y"]);
    /// assert_eq!(laws[1].formula(), ["ẏ = −1.000 x − 0.05000 y"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fit_together(&self, systems: &[(&Dataset, &Dataset)]) -> Result<Vec<SparseLaw>, Error> {
        let Some((first, _)) = systems.first() else {
            return Err(Error::Request(
                "no system was given: give the data of one at least".into(),
            ));
        };
        let all = systems.iter().map(|(data, held_out)| {
            enough(&self.library, data)?;
            Ok(System {
                data: Reduced::of(&self.library, data)?,
                judge: Reduced::of(&self.library, held_out)?,
            })
        });
        let all = all.collect::<Result<Vec<_>, Error>>()?;
        // For each component the fit of every system.
        let components: Vec<Vec<Fit>> = (0..first.dof()).map(|k| best(&all, k)).collect();
        let laws = all
            .iter()
            .zip(systems)
            .enumerate()
            .map(|(s, (one, (data, _)))| {
                let fits = components.iter().map(|fits| fits[s].clone()).collect();
                let law = law(&self.library, &one.data, &one.judge, fits);
                law.sticking_below(slow(data))
            });
        Ok(laws.collect())
    }
}

/// What a fit of one system needs to know of it.
struct System {
    data: Reduced,
    judge: Reduced,
}

/// The speed `[d]` at which dry friction sticks.
fn slow(data: &Dataset) -> Vec<f64> {
    let d = data.dof();
    let squares = (0..d).map(|k| data.y().iter().skip(k).step_by(d).map(|y| y * y).sum());
    let each = squares.map(|sum: f64| STILL * (sum / data.len() as f64).sqrt());
    each.collect()
}

fn enough(library: &FunctionLibrary, data: &Dataset) -> Result<(), Error> {
    // Twice as many as there are coefficients, so that an error can be told.
    let least = 2 * library.len();
    if data.len() < least {
        return Err(Error::TooFew {
            states: data.len(),
            functions: library.len(),
            least,
        });
    }
    Ok(())
}

/// The best law of one component of ẏ in each system, of the same functions.
fn best(systems: &[System], target: usize) -> Vec<Fit> {
    let score = |fits: &Vec<Fit>| {
        let each = systems.iter().zip(fits).map(|(one, fit)| {
            let judge = &one.judge;
            let scale = judge.square(target);
            let share = match scale > 0.0 {
                true => judge.residual(target, fit) / scale,
                false => judge.residual(target, fit),
            };
            let count = judge.states as f64;
            count * (share + EXACT * EXACT).ln() + fit.functions.len() as f64 * count.ln()
        });
        each.sum::<f64>()
    };
    let step = LEAST_SHARE.powf(1.0 / (THRESHOLDS as f64 - 1.0));
    let data: Vec<&Reduced> = systems.iter().map(|one| &one.data).collect();
    let tried = (0..THRESHOLDS).map(|place| thresholded(&data, target, step.powi(place as i32)));
    let scored = tried.map(|fits| (score(&fits), fits));
    let (mut least, mut best) = scored
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or((f64::INFINITY, vec![Fit::default(); systems.len()]));
    loop {
        let functions = best.first().map_or(&[][..], |fit| &fit.functions);
        let without = (0..functions.len()).map(|place| {
            let mut fewer = functions.to_vec();
            fewer.remove(place);
            let fits = least_squares(&data, target, &fewer);
            (score(&fits), fits)
        });
        match without.min_by(|a, b| a.0.total_cmp(&b.0)) {
            Some((lower, fits)) if lower < least => (least, best) = (lower, fits),
            _ => return best,
        }
    }
}

/// Least squares on some functions in each system. One that is a sum of those before it in one of them is left out.
fn least_squares(systems: &[&Reduced], target: usize, functions: &[usize]) -> Vec<Fit> {
    let mut kept = functions.to_vec();
    loop {
        let fits = systems
            .iter()
            .map(|one| one.least_squares(target, &kept))
            .collect::<Vec<_>>();
        let fewest = fits.iter().min_by_key(|fit| fit.functions.len());
        match fewest {
            Some(fit) if fit.functions.len() < kept.len() => kept.clone_from(&fit.functions),
            _ => return fits,
        }
    }
}

/// [`Stlsq`] with one threshold for the root mean square of a function's shares in these systems.
fn thresholded(systems: &[&Reduced], target: usize, threshold: f64) -> Vec<Fit> {
    let all: Vec<usize> = (0..systems.first().map_or(0, |one| one.functions)).collect();
    let mut fits = least_squares(systems, target, &all);
    let sizes: Vec<f64> = systems
        .iter()
        .map(|one| one.square(target).sqrt())
        .collect();
    loop {
        let functions = fits.first().map_or(Vec::new(), |fit| fit.functions.clone());
        let large = |place: usize| {
            let function = functions[place];
            let each = systems.iter().zip(&fits).zip(&sizes);
            let apart = each.map(|((one, fit), size)| {
                let own = fit.coefficients[place].abs() * one.r.column(function).norm();
                (own, threshold * size)
            });
            let apart: Vec<(f64, f64)> = apart.collect();
            // As a share of each system's own size, without dividing by one that may be 0.
            match apart[..] {
                [(own, least)] => own >= least && own != 0.0,
                _ => {
                    let squares = apart.iter().map(|(own, least)| (own / least).powi(2));
                    let squares = squares.filter(|square| square.is_finite());
                    squares.sum::<f64>() >= apart.len() as f64
                }
            }
        };
        let kept: Vec<usize> = (0..functions.len())
            .filter(|place| large(*place))
            .map(|place| functions[place])
            .collect();
        if kept.len() == functions.len() {
            return fits;
        }
        fits = least_squares(systems, target, &kept);
    }
}

fn law(library: &FunctionLibrary, data: &Reduced, judge: &Reduced, fits: Vec<Fit>) -> SparseLaw {
    let count = judge.states as f64;
    let errors: Vec<f64> = fits
        .iter()
        .enumerate()
        .map(|(target, fit)| judge.residual(target, fit) / count)
        .collect();
    let components = fits.into_iter().enumerate().map(|(target, fit)| {
        let deviations = data.deviations(target, &fit);
        let addends = fit.functions.iter().zip(&fit.coefficients).zip(deviations);
        let addend = |((function, coefficient), deviation): ((&usize, &f64), f64)| Addend {
            function: library.functions()[*function].clone(),
            coefficient: *coefficient,
            standard_error: deviation,
        };
        addends.map(addend).collect()
    });
    SparseLaw::new(
        library.dof(),
        components.collect(),
        errors,
        (0..library.dof())
            .map(|target| judge.variance(target))
            .collect(),
    )
}

/// Functions and their coefficients, in order.
#[derive(Clone, Debug, Default)]
struct Fit {
    functions: Vec<usize>,
    coefficients: Vec<f64>,
}

/// What least squares need to know of N states: R of the QR decomposition of `[N, F + d]`, the columns of
/// functions and of ẏ, made chunk by chunk.
struct Reduced {
    states: usize,
    functions: usize,
    /// Upper triangular, `[F + d, F + d]`.
    r: DMatrix<f64>,
    /// Σ ẏ of each component.
    sums: Vec<f64>,
}

impl Reduced {
    fn of(library: &FunctionLibrary, data: &Dataset) -> Result<Self, Error> {
        let dof = library.dof();
        if data.dof() != dof {
            return Err(Error::Dof {
                data: data.dof(),
                library: dof,
            });
        }
        let (count, columns) = (library.len(), library.len() + dof);
        let mut r = DMatrix::<f64>::zeros(0, columns);
        let mut sums = vec![0.0; dof];
        for start in (0..data.len()).step_by(CHUNK) {
            let rows = CHUNK.min(data.len() - start);
            let above = r.nrows();
            let mut stacked = r.resize_vertically(above + rows, 0.0);
            for row in 0..rows {
                let state = data.state(start + row);
                for (column, function) in library.iter().enumerate() {
                    let value = function.value(state.x, state.y);
                    if !value.is_finite() {
                        return Err(Error::NotFinite {
                            function: function.text(dof),
                            state: start + row,
                        });
                    }
                    stacked[(above + row, column)] = value;
                }
                for (k, value) in state.acceleration.iter().enumerate() {
                    stacked[(above + row, count + k)] = *value;
                    sums[k] += value;
                }
            }
            r = stacked.qr().unpack_r();
        }
        Ok(Self {
            states: data.len(),
            functions: count,
            r,
            sums,
        })
    }

    fn column(&self, target: usize) -> usize {
        self.functions + target
    }

    /// Σ ẏ² of a component.
    fn square(&self, target: usize) -> f64 {
        self.r.column(self.column(target)).norm_squared()
    }

    /// The variance of a component of ẏ.
    fn variance(&self, target: usize) -> f64 {
        let count = self.states as f64;
        let mean = self.sums[target] / count;
        (self.square(target) / count - mean * mean).max(0.0)
    }

    /// Σ (ẏ − Σ c f)².
    fn residual(&self, target: usize, fit: &Fit) -> f64 {
        let mut left = self.r.column(self.column(target)).clone_owned();
        for (function, coefficient) in fit.functions.iter().zip(&fit.coefficients) {
            left.axpy(-coefficient, &self.r.column(*function), 1.0);
        }
        left.norm_squared()
    }

    /// Least squares on some functions. One that is a sum of those before it is left out.
    fn least_squares(&self, target: usize, functions: &[usize]) -> Fit {
        let mut kept = functions.to_vec();
        loop {
            let Some(factors) = self.factors(&kept) else {
                return Fit::default();
            };
            let dependent = (0..kept.len()).find(|k| factors.r[(*k, *k)].abs() <= DEPENDENT);
            if let Some(place) = dependent {
                kept.remove(place);
                continue;
            }
            let right = self.r.column(self.column(target));
            let projected = factors.q.tr_mul(&right);
            let solution = factors.r.solve_upper_triangular(&projected);
            let scaled = solution.unwrap_or_else(|| DVector::zeros(kept.len()));
            let coefficients = scaled.iter().zip(&factors.norms).map(|(c, norm)| c / norm);
            return Fit {
                coefficients: coefficients.collect(),
                functions: kept,
            };
        }
    }

    /// Q and R of these functions' columns, brought to length 1, and their lengths; none without functions.
    fn factors(&self, functions: &[usize]) -> Option<Factors> {
        if functions.is_empty() {
            return None;
        }
        let norms: Vec<f64> = functions
            .iter()
            .map(|function| self.r.column(*function).norm())
            .map(|norm| if norm > 0.0 { norm } else { 1.0 })
            .collect();
        let unit = DMatrix::from_fn(self.r.nrows(), functions.len(), |row, k| {
            self.r[(row, functions[k])] / norms[k]
        });
        let (q, r) = unit.qr().unpack();
        Some(Factors { q, r, norms })
    }

    /// The standard error of each coefficient, from the residual: √(σ² (ΘᵀΘ)⁻¹ₖₖ).
    fn deviations(&self, target: usize, fit: &Fit) -> Vec<f64> {
        let Some(factors) = self.factors(&fit.functions) else {
            return Vec::new();
        };
        let count = fit.functions.len();
        let free = self.states.saturating_sub(count).max(1) as f64;
        let variance = self.residual(target, fit) / free;
        let unit = DMatrix::identity(count, count);
        let inverse = factors.r.solve_upper_triangular(&unit);
        let inverse = inverse.unwrap_or_else(|| DMatrix::from_element(count, count, f64::INFINITY));
        let rows = inverse.row_iter().zip(&factors.norms);
        rows.map(|(row, norm)| variance.sqrt() * row.norm() / norm)
            .collect()
    }
}

struct Factors {
    q: DMatrix<f64>,
    r: DMatrix<f64>,
    norms: Vec<f64>,
}
