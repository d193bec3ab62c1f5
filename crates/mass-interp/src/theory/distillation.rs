//! A scientist's many activations brought down to the two terms of Euler–Lagrange.

use mass_systems::{AnyLagrangian, Purpose, stream};
use nalgebra::{DMatrix, DVector};
use rand::seq::index;
use serde::{Deserialize, Serialize};

use super::formulation::PotentialReading;
use crate::{
    error::{Error, check_index, check_length},
    least_squares::{LeastSquares, r2},
    readout::Reading,
};

/// The constrained fit of Fu et al. 2025, Eq. 7–10 (Table 2), for one scientist and system.
///
/// The paper asks for û = Σ_j c_j a_j and v̂ = Σ_j d_j a_j with c_j + d_j = 1 for every j, nearest to
/// two target terms u and v in E[(û − u)² + (v̂ − v)²]. No search is needed. With p = Σ_j a_j, the
/// prediction, and c = ½ + g, d = ½ − g,
///
/// û + v̂ = p whatever g is, and û − v̂ = 2 Σ_j g_j a_j,
///
/// so that the sum is given and the difference u − v is an unconstrained linear least-squares
/// problem in 2g. So R² asks two things: does the prediction equal u + v, and is u − v in the span
/// of the activations? Activations are collinear, so the solution is not unique; taken is the g of
/// least norm, which is the (c, d) of least norm.
///
/// The first half of the states is fitted, the second half judged; states are drawn independently,
/// and of a two-sided domain (Kepler) sides alternate, so that either half has both.
///
/// # Whose u and v?
///
/// The text computes S with the weights of the scientist and "from this" u = S_yy⁻¹S_x and
/// v = S_yy⁻¹S_xy y; but it goes on that v = 0 for the first four systems, "due to the cross term
/// S_xy = 0", which holds for the exact Lagrangians and for no network. Both are here:
/// [`Distillation::lagrangian`] of the scientist's own S and b, [`Distillation::exact_lagrangian`] of
/// the system's. Table 2 is met by the second. For a correct scientist u + v is then its prediction
/// to 5e-3, so that R² for the relativistic oscillator (v = 0) is 1 − RMSE²/variance ≥ 0.9998, the
/// paper's 0.9999; and the Hamiltonian column, c = 1 with −H_x of Table 1's T + V as printed, is 1
/// for relativistic, 0.89 for α and 0.88 for β whatever a correct scientist has learned, beside the
/// paper's 0.9995, 0.8205 and 0.8734. Read so, that column compares laws, not theories.
///
/// Most of the Lagrangian column does too. u + v is then the true ẏ and p is always in the span of the
/// activations, so that û = c p, v̂ = (1 − c) p with one c for all activations is within reach of every
/// correct scientist: that alone gives 1.00, 0.93 and 0.97 for relativistic, α and β
/// ([`DistilledFit::r2_prediction`]), beside the paper's 0.9999, 0.9835 and 0.9306. What a fit says of
/// the theory is how much of the rest it explains ([`DistilledFit::beyond_prediction`]), beside the
/// same for another split of ẏ ([`Distillation::split`]).
///
/// # Tolerance
///
/// Directions of the activations with a singular value below R·ε of the largest, R the larger of
/// the numbers of fitted rows and of terms and ε = 1.2e-7 of f32, are rounding, and dropped
/// ([`Distillation::with_tolerance`] for another choice). Fitting them would cost held-out R².
///
/// # Example
///
/// ```
/// use mass_interp::{Distillation, PotentialReading, Reading, evaluation_states};
/// use mass_systems::{System, systems::{Alpha, Classical}};
///
/// let states = evaluation_states(&Alpha, 512, 0)?;
/// let law = Alpha.lagrangian().unwrap();
/// let reading = Reading::exact_lagrangian(law, &states)?;
/// let distillation = Distillation::of(&reading)?;
/// assert!((distillation.lagrangian()?.r2 - 1.0).abs() < 1e-9);
/// assert!(distillation.lagrangian_as_printed()?.r2 < 0.9);
/// // Its S is the exact one; so nothing but the law's own −H_x is short of 1.
/// let exact = distillation.exact_lagrangian(law)?;
/// assert!((exact.r2 - 1.0).abs() < 1e-9);
/// // Of which 0.93 are due to the prediction alone; it explains the rest, and less of another split.
/// assert!((exact.r2_prediction - 0.93).abs() < 0.02 && exact.beyond_prediction() > 0.999);
/// assert!(distillation.split(|x, _| vec![-x[0]])?.beyond_prediction() < 0.9);
/// let hamiltonian = distillation.exact_hamiltonian(law, PotentialReading::Printed)?;
/// assert!((hamiltonian.fixed - 0.89).abs() < 0.03);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Distillation {
    reading: Reading,
    left_out: usize,
    /// States of `reading` that are fitted; the others are judged.
    fitted: usize,
    active: Vec<usize>,
    fit: LeastSquares,
    /// Activations of the active terms, `[R, active]`, of the fitted and of the judged rows.
    activations: [DMatrix<f64>; 2],
}

/// How well a scientist's activations are brought down to two terms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DistilledFit {
    /// R² on the held-out states, residuals and variances of u and v summed: where v = 0, as with
    /// S_xy = 0, it has no weight.
    pub r2: f64,
    /// R² of û alone.
    pub r2_u: f64,
    /// R² of v̂ alone; NaN for a constant v, and of no meaning for one that hardly varies.
    pub r2_v: f64,
    /// As `r2`, on the states that were fitted.
    pub r2_fitted: f64,
    /// As `r2`, with c and d chosen each for itself, without c + d = 1: are u and v in the span of
    /// the activations at all? What `r2` is below this is the difference of the prediction and u + v.
    pub r2_free: f64,
    /// As `r2`, with one c for all activations, û = c p and v̂ = (1 − c) p: what the prediction alone
    /// gives, whatever terms it is made of.
    pub r2_prediction: f64,
    /// c, `[T]`; d = 1 − c. ½ for a term that is off, which has no part in either.
    pub coefficients: Vec<f64>,
}

/// Where the prediction alone leaves less than this share of the variance, that is the scientist's
/// error, and nothing is left to explain.
const NOTHING_LEFT: f64 = 1e-3;

impl DistilledFit {
    /// The share that the fit explains of what the prediction alone leaves,
    /// (r2 − r2_prediction) / (1 − r2_prediction).
    ///
    /// NaN where that leaves less than a thousandth, as for v = 0: nothing but the scientist's error
    /// is left.
    pub fn beyond_prediction(&self) -> f64 {
        let left = 1.0 - self.r2_prediction;
        if left > NOTHING_LEFT {
            (self.r2 - self.r2_prediction) / left
        } else {
            f64::NAN
        }
    }
}

/// How near a scientist's activations are to the single term of Hamilton's equation, −S_x or −H_x,
/// in R² on held-out states.
///
/// With one term, c + d = 1 leaves nothing to choose: c = 1, and û is the prediction. Because −S_x of
/// a scientist's own S has its own unit, two looser readings stand beside it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HamiltonianFit {
    /// c = 1, Eq. 10 to the letter: is the term the prediction? With the exact H this is Table 2's.
    pub fixed: f64,
    /// One c for all: is the term the prediction up to a factor, which rescaling S would give?
    pub scaled: f64,
    /// c free, the rest of each activation going to a second term without a target: is the term in
    /// the span of the activations?
    pub free: f64,
}

impl Distillation {
    /// Prepares the fits of a reading, with the tolerance above.
    ///
    /// # Errors
    ///
    /// As [`Distillation::with_tolerance`].
    pub fn of(reading: &Reading) -> Result<Self, Error> {
        let rows = (reading.rows() / 2).max(reading.library().len());
        Self::with_tolerance(reading, rows as f64 * f64::from(f32::EPSILON))
    }

    /// The same, dropping directions with a singular value below `tolerance` times the largest; not
    /// less than 1e-7 is possible.
    ///
    /// States at which an activation or a term of Euler–Lagrange is not finite are left out first.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if fewer than four states are left, an error of [`mass_terms`] if the
    /// library lacks S_x, S_yy⁻¹S_x or S_yy⁻¹S_xy y.
    pub fn with_tolerance(reading: &Reading, tolerance: f64) -> Result<Self, Error> {
        let needed = ["Syy^-1 Sx", "Syy^-1 Sxy y", "Sx"].map(|name| reading.term(name));
        let needed = needed.into_iter().collect::<Result<Vec<_>, _>>()?;
        let d = reading.dof();
        let mut kept = reading.finite_states();
        kept.retain(|state| {
            let mut rows = needed
                .iter()
                .flat_map(|term| &term[state * d..(state + 1) * d]);
            rows.all(|value| value.is_finite())
        });
        if kept.len() < 4 {
            return Err(Error::Request(format!(
                "activations and target terms are finite at {} of {} states; fitting one half and judging the other needs at least 4",
                kept.len(),
                reading.states().len()
            )));
        }
        let left_out = reading.states().len() - kept.len();
        let reading = reading.select(&kept)?;
        let active = reading.active();
        let fitted = kept.len() / 2;
        let rows = [0..fitted * d, fitted * d..kept.len() * d];
        let activations = rows.map(|rows| {
            DMatrix::from_fn(rows.len(), active.len(), |row, column| {
                let term = active[column];
                reading.weights()[term] * reading.column(term)[rows.start + row]
            })
        });
        Ok(Self {
            fit: LeastSquares::new(activations[0].clone(), tolerance)?,
            reading,
            left_out,
            fitted,
            active,
            activations,
        })
    }

    /// How many directions of the activations are fitted.
    pub fn rank(&self) -> usize {
        self.fit.rank()
    }

    /// States left out because something is not finite there.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The fit to u = S_yy⁻¹S_x and v = −S_yy⁻¹S_xy y, whose sum is Euler–Lagrange's ẏ.
    ///
    /// DIFFERENCE: the paper prints v without the minus sign ([`Distillation::lagrangian_as_printed`]);
    /// û + v̂ is the prediction, and u + v is ẏ with it only.
    ///
    /// # Errors
    ///
    /// None beyond those of [`Distillation::of`].
    pub fn lagrangian(&self) -> Result<DistilledFit, Error> {
        self.euler_lagrange(&self.reading, -1.0)
    }

    /// The same with v = +S_yy⁻¹S_xy y, as printed in Section V.4.2.
    ///
    /// # Errors
    ///
    /// None beyond those of [`Distillation::of`].
    pub fn lagrangian_as_printed(&self) -> Result<DistilledFit, Error> {
        self.euler_lagrange(&self.reading, 1.0)
    }

    /// The fit to u = L_yy⁻¹L_x and v = −L_yy⁻¹L_xy y of the exact Lagrangian of the system
    /// (Table 2).
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] if the Lagrangian's terms are not finite at all states, else as
    /// [`Reading::exact_lagrangian`].
    pub fn exact_lagrangian(&self, law: &dyn AnyLagrangian) -> Result<DistilledFit, Error> {
        let exact = Reading::exact_lagrangian(law, self.reading.states())?;
        self.euler_lagrange(&exact, -1.0)
    }

    /// The same with v = +L_yy⁻¹L_xy y, as printed.
    ///
    /// # Errors
    ///
    /// As [`Distillation::exact_lagrangian`].
    pub fn exact_lagrangian_as_printed(
        &self,
        law: &dyn AnyLagrangian,
    ) -> Result<DistilledFit, Error> {
        let exact = Reading::exact_lagrangian(law, self.reading.states())?;
        self.euler_lagrange(&exact, 1.0)
    }

    /// A control: the fit to another split of the true ẏ into two, `u` at a state, as d components,
    /// and v = ẏ − u. If it is as good as [`Distillation::exact_lagrangian`], the activations hold the
    /// one split no more than the other.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if `u` has not d components, [`Error::NotFinite`] if one is not finite.
    pub fn split(&self, u: impl Fn(&[f64], &[f64]) -> Vec<f64>) -> Result<DistilledFit, Error> {
        let states = self.reading.states();
        let mut values = Vec::with_capacity(self.reading.rows());
        for state in states.iter() {
            let at = u(state.x, state.y);
            check_length("the list of u's components", at.len(), states.dof())?;
            values.extend(at);
        }
        let u = finite(&values)?;
        let v = DVector::from_column_slice(states.acceleration()) - &u;
        Ok(self.fit_to(&u, &v))
    }

    fn euler_lagrange(&self, of: &Reading, sign: f64) -> Result<DistilledFit, Error> {
        let u = finite(of.term("Syy^-1 Sx")?)?;
        let v = finite(of.term("Syy^-1 Sxy y")?)? * sign;
        Ok(self.fit_to(&u, &v))
    }

    /// The fit to the activations of two terms that are on, u = w_i t_i and v = w_j t_j: the paper's
    /// control, with two random terms or the two largest.
    ///
    /// DIFFERENCE: the paper speaks of two terms. A term by itself changes with the unit of S, a →
    /// w/a^k, and so would R² with it; the activation, which is the term as the scientist uses it, does
    /// not.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] for a term that is not there, [`Error::Request`] for one that is off.
    pub fn pair(&self, [first, second]: [usize; 2]) -> Result<DistilledFit, Error> {
        let activation = |term: usize| {
            check_index("term", term, self.reading.library().len())?;
            let weight = self.reading.weights()[term];
            if weight == 0.0 {
                return Err(Error::Request(format!(
                    "the term {} is off, so that it has no activation to compare with",
                    self.reading.library()[term]
                )));
            }
            Ok(DVector::from_column_slice(self.reading.column(term)) * weight)
        };
        Ok(self.fit_to(&activation(first)?, &activation(second)?))
    }

    /// The two terms with the largest mean |a|.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if fewer than two terms are on.
    pub fn largest_pair(&self) -> Result<[usize; 2], Error> {
        let sizes = self.reading.activations().mean_abs();
        let mut order = self.pool()?;
        order.sort_by(|i, j| sizes[*j].total_cmp(&sizes[*i]).then(i.cmp(j)));
        Ok([order[0], order[1]])
    }

    /// Two different terms among those that are on, drawn by `seed`.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if fewer than two terms are on.
    pub fn random_pair(&self, seed: u64) -> Result<[usize; 2], Error> {
        let pool = self.pool()?;
        let mut stream = stream(seed, Purpose::Evaluation, "pair of terms");
        let drawn = index::sample(&mut stream, pool.len(), 2);
        Ok([pool[drawn.index(0)], pool[drawn.index(1)]])
    }

    fn pool(&self) -> Result<Vec<usize>, Error> {
        if self.active.len() < 2 {
            return Err(Error::Request(format!(
                "{} terms have a weight; a pair needs two",
                self.active.len()
            )));
        }
        Ok(self.active.clone())
    }

    /// The fits to −S_x of the scientist's own S.
    ///
    /// # Errors
    ///
    /// None beyond those of [`Distillation::of`].
    pub fn hamiltonian(&self) -> Result<HamiltonianFit, Error> {
        self.minus_s_x(&self.reading)
    }

    /// The fits to −H_x of the system's H = T + V (Table 2, with the printed V).
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] if H_x is not finite at all states, else as
    /// [`Reading::exact_hamiltonian`].
    pub fn exact_hamiltonian(
        &self,
        law: &dyn AnyLagrangian,
        potential: PotentialReading,
    ) -> Result<HamiltonianFit, Error> {
        let exact = Reading::exact_hamiltonian(law, potential, self.reading.states())?;
        self.minus_s_x(&exact)
    }

    fn minus_s_x(&self, of: &Reading) -> Result<HamiltonianFit, Error> {
        let target = -finite(of.term("Sx")?)?;
        let [fitted, judged] = self.halves(&target);
        let [known, prediction] = self.activations.each_ref().map(DMatrix::column_sum);
        let c = self.fit.solve(&fitted);
        let power = known.norm_squared();
        let factor = if power > 0.0 {
            known.dot(&fitted) / power
        } else {
            0.0
        };
        Ok(HamiltonianFit {
            fixed: r2(&[(&prediction, &judged)]),
            scaled: r2(&[(&(&prediction * factor), &judged)]),
            free: r2(&[(&(&self.activations[1] * c), &judged)]),
        })
    }

    fn fit_to(&self, u: &DVector<f64>, v: &DVector<f64>) -> DistilledFit {
        let g = self
            .fit
            .solve(&(self.halves(u)[0].clone() - &self.halves(v)[0]))
            / 2.0;
        // One 2c − 1 for all: û − v̂ = (2c − 1) p.
        let [known, p] = self.activations.each_ref().map(DMatrix::column_sum);
        let power = known.norm_squared();
        let apart = match power > 0.0 {
            true => known.dot(&(&self.halves(u)[0] - &self.halves(v)[0])) / power,
            false => 0.0,
        };
        let alone = [
            (&p * ((1.0 + apart) / 2.0), self.halves(u)[1].clone()),
            (&p * ((1.0 - apart) / 2.0), self.halves(v)[1].clone()),
        ];
        let [alone_u, alone_v] = &alone;
        let free = [u, v].map(|target| {
            let [fitted, judged] = self.halves(target);
            (&self.activations[1] * self.fit.solve(&fitted), judged)
        });
        let [free_u, free_v] = &free;
        let scores = |half: usize| {
            let prediction = self.activations[half].column_sum() / 2.0;
            let difference = &self.activations[half] * &g;
            let (u, v) = (&self.halves(u)[half], &self.halves(v)[half]);
            let (u_hat, v_hat) = (&prediction + &difference, prediction - difference);
            let both = r2(&[(&u_hat, u), (&v_hat, v)]);
            (both, r2(&[(&u_hat, u)]), r2(&[(&v_hat, v)]))
        };
        let (held_out, r2_u, r2_v) = scores(1);
        let mut coefficients = vec![0.5; self.reading.library().len()];
        for (term, g) in self.active.iter().zip(g.iter()) {
            coefficients[*term] += g;
        }
        DistilledFit {
            r2: held_out,
            r2_u,
            r2_v,
            r2_fitted: scores(0).0,
            r2_free: r2(&[(&free_u.0, &free_u.1), (&free_v.0, &free_v.1)]),
            r2_prediction: r2(&[(&alone_u.0, &alone_u.1), (&alone_v.0, &alone_v.1)]),
            coefficients,
        }
    }

    /// The fitted and the judged rows of a column.
    fn halves(&self, column: &DVector<f64>) -> [DVector<f64>; 2] {
        let at = self.fitted * self.reading.dof();
        [
            column.rows(0, at).into_owned(),
            column.rows(at, column.len() - at).into_owned(),
        ]
    }
}

fn finite(column: &[f64]) -> Result<DVector<f64>, Error> {
    match column.iter().find(|value| !value.is_finite()) {
        None => Ok(DVector::from_column_slice(column)),
        Some(bad) => Err(Error::NotFinite {
            what: "a term of the theory to compare with".to_string(),
            found: *bad,
        }),
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;
    use mass_systems::{
        Dataset, ScalarDerivatives, System,
        systems::{Alpha, Classical},
    };
    use mass_terms::Library;

    use super::*;
    use crate::readout::evaluation_states;

    fn exact(count: usize) -> Reading {
        let states = evaluation_states(&Alpha, count, 0).unwrap();
        Reading::exact_lagrangian(Alpha.lagrangian().unwrap(), &states).unwrap()
    }

    #[test]
    fn the_share_of_the_rest_by_hand() {
        let fit = |r2, r2_prediction| {
            DistilledFit {
                r2,
                r2_u: 0.0,
                r2_v: 0.0,
                r2_fitted: 0.0,
                r2_free: 0.0,
                r2_prediction,
                coefficients: Vec::new(),
            }
            .beyond_prediction()
        };
        assert_eq!(fit(0.875, 0.5), 0.75);
        assert_eq!(fit(0.25, 0.5), -0.5);
        assert!(fit(1.0, 0.998).is_finite() && fit(1.0, 0.9991).is_nan());
        assert!(fit(1.0, f64::NAN).is_nan());
    }

    #[test]
    fn four_states_can_be_halved() {
        let all = exact(8);
        let four = Distillation::of(&all.select(&[0, 1, 2, 3]).unwrap()).unwrap();
        assert_eq!((four.fitted, four.left_out()), (2, 0));
        let error = Distillation::of(&all.select(&[0, 1, 2]).unwrap()).unwrap_err();
        assert!(error.to_string().contains("at 3 of 3 states"), "{error}");
    }

    #[test]
    fn a_state_without_the_theorys_terms_is_left_out() {
        // Of two activations, −S_x and S_y, both finite; at state 3 S_yy is not, and so neither are the
        // terms of Euler–Lagrange.
        let value = |at: usize| (at as f64 * 1.7).sin();
        let values = |from: usize| (from..from + 16).map(value).collect();
        let states = Dataset::new("two", 2, values(0), values(20), values(40)).unwrap();
        let library = Library::standard();
        let mut weights = vec![0.0; library.len()];
        weights[library.find("Sx").unwrap()] = -1.0;
        weights[library.find("Sy").unwrap()] = 1.0;
        let reading = Reading::of_scalar(&states, &library, &weights, 0.0, |x, y| {
            let unit = if x[0] == value(6) { f64::NAN } else { 1.0 };
            Some(ScalarDerivatives {
                value: 0.0,
                s_x: x.to_vec(),
                s_y: y.to_vec(),
                s_xx: vec![1.0, 0.0, 0.0, 1.0],
                s_yy: vec![unit, 0.0, 0.0, unit],
                s_xy: vec![0.0; 4],
            })
        });
        let found = Distillation::of(&reading.unwrap()).unwrap();
        assert_eq!((found.left_out(), found.rank()), (1, 2));
    }

    #[test]
    fn a_prediction_of_zero_has_no_factor() {
        // S_xx S_yy x and S_yy S_xx x are one function in one dimension, and cancel: ±½x.
        let states = evaluation_states(&Classical, 64, 0).unwrap();
        let library = Library::standard();
        let mut weights = vec![0.0; library.len()];
        weights[library.find("Sxx Syy x").unwrap()] = 0.5;
        weights[library.find("Syy Sxx x").unwrap()] = -0.5;
        let law = Classical.lagrangian().unwrap();
        let reading = Reading::of_scalar(&states, &library, &weights, 0.0, |x, y| {
            law.derivatives(mass_systems::Quantity::Lagrangian, x, y)
        });
        let found = Distillation::of(&reading.unwrap()).unwrap();
        let hamiltonian = found.hamiltonian().unwrap();
        assert!(hamiltonian.scaled.is_finite());
        assert_eq!(hamiltonian.scaled, hamiltonian.fixed, "0 times anything");
        assert!(found.lagrangian().unwrap().r2_prediction.is_finite());
    }

    #[test]
    fn the_exact_coefficients_are_found() {
        // a = (u, v): û = u is c = (1, 0).
        let reading = exact(256);
        let fit = Distillation::of(&reading).unwrap().lagrangian().unwrap();
        let [u, v] =
            ["Syy^-1 Sx", "Syy^-1 Sxy y"].map(|name| reading.library().find(name).unwrap());
        assert_abs_diff_eq!(fit.coefficients[u], 1.0, epsilon = 1e-9);
        assert_abs_diff_eq!(fit.coefficients[v], 0.0, epsilon = 1e-9);
        assert_eq!(fit.coefficients[0], 0.5, "a term that is off");
        for r2 in [fit.r2, fit.r2_u, fit.r2_v, fit.r2_fitted, fit.r2_free] {
            assert_abs_diff_eq!(r2, 1.0, epsilon = 1e-9);
        }
    }

    #[test]
    fn a_split_by_hand() {
        // u = ẏ, v = 0: what the prediction alone gives is all there is, and û = p.
        let reading = exact(64);
        let distillation = Distillation::of(&reading).unwrap();
        let truth = |x: &[f64], y: &[f64]| {
            let mut out = vec![0.0];
            Alpha.acceleration(x, y, &mut out);
            out
        };
        let fit = distillation.split(truth).unwrap();
        assert_abs_diff_eq!(fit.r2, 1.0, epsilon = 1e-9);
        assert_abs_diff_eq!(fit.r2_prediction, 1.0, epsilon = 1e-9);
        let wrong = distillation
            .split(|_, _| vec![0.0; 2])
            .unwrap_err()
            .to_string();
        assert!(wrong.contains("has length 2; it must be 1"), "{wrong}");
        let pole = distillation.split(|_, _| vec![f64::NAN]).unwrap_err();
        assert!(pole.is_without_numbers());
    }

    #[test]
    fn one_factor_for_all_is_that_of_least_squares() {
        // p = 2 t with t = −S_x: c = ½ scales it to the target, and c = 1 is wrong by t at each state.
        let states = evaluation_states(&Alpha, 64, 0).unwrap();
        let library = mass_terms::Library::standard();
        let mut weights = vec![0.0; library.len()];
        weights[library.find("Sx").unwrap()] = -2.0;
        let law = Alpha.lagrangian().unwrap();
        let reading = Reading::of_scalar(&states, &library, &weights, 0.0, |x, y| {
            law.derivatives(mass_systems::Quantity::Lagrangian, x, y)
        });
        let reading = reading.unwrap();
        let fit = Distillation::of(&reading).unwrap().hamiltonian().unwrap();
        assert_abs_diff_eq!(fit.scaled, 1.0, epsilon = 1e-12);
        assert_abs_diff_eq!(fit.free, 1.0, epsilon = 1e-12);
        let held: Vec<f64> = reading.term("Sx").unwrap()[32..].to_vec();
        let mean = held.iter().sum::<f64>() / 32.0;
        let residual: f64 = held.iter().map(|t| t * t).sum();
        let total: f64 = held.iter().map(|t| (t - mean).powi(2)).sum();
        assert_abs_diff_eq!(fit.fixed, 1.0 - residual / total, epsilon = 1e-12);
    }
}
