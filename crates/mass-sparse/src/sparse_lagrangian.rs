//! Which terms a Lagrangian has, and how much of each.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::LN_2;

use mass_systems::{Purpose, QuantileRule, quantile, stream, uniform};

use crate::lagrangian_law::{Coefficient, Equation, FrictionTerm, GainTerm, Parts};
use crate::law::STILL;
use crate::problem::{Feature, Fit, Problem, Unit, euler_lagrange, value};
use crate::{
    Alternative, Error, Factor, Friction, FrictionKind, Function, FunctionLibrary, LagrangianLaw,
    LagrangianTerm, MotionData, Verdict,
};

/// Rows that terms are chosen by, at most, evenly out of all.
const CHOOSE_ROWS: usize = 2000;

/// Rows that the coefficients are fitted to, at most.
const FIT_ROWS: usize = 10_000;

/// Terms tried in full at each step, of those that promise most.
const TRIED: usize = 5;

/// Above this many times the weight of another, a degree of freedom is also tried with its weight.
const EVEN: f64 = 100.0;

/// Terms added in a row that do not shorten the description before no more are added.
const PATIENCE: usize = 3;

/// Parts that are held out in turn.
const FOLDS: usize = 5;

/// Trajectories that a bootstrap needs; with fewer, pieces of them are drawn.
const DRAWN: usize = 10;

/// Pieces of the rows for the bootstrap.
const PIECES: usize = 20;

/// Above this share of the deviation of ẏ an error is that of no law.
const HOPELESS: f64 = 0.8;

/// What friction is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrictionModel {
    /// None.
    None,
    /// −bᵢ yᵢ on each degree of freedom.
    Diagonal,
    /// −Σ bᵢⱼ yⱼ with bᵢⱼ = bⱼᵢ: Rayleigh's ½ yᵀ B y.
    Symmetric,
    /// −bᵢ yᵢ, dry −bᵢ sign yᵢ and quadratic −bᵢ yᵢ |yᵢ| on each degree of freedom.
    AnyKind,
}

/// The search for a Lagrangian that is a short sum of functions, L = Σ c φ(x, y), with linear friction and
/// forcing.
///
/// Euler–Lagrange's equation is linear in the coefficients, but what is left of it is no judge of them: it is
/// 0 for L = 0, and small for sums that nearly cancel. Here formulas are judged by the ẏ that they predict,
/// ẏ = L_yy⁻¹ (L_x − L_xy y − B y + G τ), with L_yy of one sign, and nowhere nearly singular, over the data:
///
/// 1. the data are brought to units of order one (as [`mass_systems::Scales`] does), so that the result is the same
///    in any units;
/// 2. functions that leave nothing in Euler–Lagrange's equation (total derivatives), or the same as others, are left out;
/// 3. terms are added one by one from ½yᵢ² alone, then dropped one by one, each time the best by the
///    likelihood of the residuals of ẏ (Student's t with 3 degrees of freedom: gross errors do not pull);
/// 4. of the best sums of each length, the one of the shortest description is chosen: bits of the residuals
///    on trajectories held out (blocks of rows, where there are fewer than five), counting only as many rows as
///    are independent, and bits of functions and coefficients (Rissanen 1978); or a shorter one, if its bits
///    are within one standard error, over groups held out, of the least (Breiman et al. 1984);
/// 5. its coefficients are fitted to all rows, and again to trajectories (blocks) drawn with replacement, for
///    their standard errors (Efron 1979).
///
/// A factor of L changes no motion. Unless forcing of known gain fixes it, the first term that is quadratic in
/// a velocity has the coefficient ½, in each set of degrees of freedom that are coupled
/// ([`LagrangianTerm`]'s `gauge`; [`LagrangianLaw::times`] makes it another).
///
/// Modes that do not act on each other have each a factor of their own, also where coordinates mix them: of two
/// equal masses on equal springs with friction between them, which damps one mode alone, the L found may give that
/// mode little mass, and its friction be hidden.
///
/// xL-SINDy (Purnomo & Hayashibe 2023, arXiv 2209.03248) minimises what is left of the equation by proximal
/// gradient with one term known. DIFFERENCE: here no term needs to be known, and the judge is the motion.
///
/// # Example
///
/// ```
/// use mass_sparse::{FunctionLibrary, MotionData, SparseLagrangian};
/// use mass_systems::{Purpose, lookup, sample, stream};
///
/// let pendulum = lookup("pendulum")?;
/// let states = sample(&*pendulum, 500, &mut stream(0, Purpose::TrainData, "example"))?;
/// let library = FunctionLibrary::lagrangian(1, pendulum.angles())?;
/// let law = SparseLagrangian::new(library).fit(&MotionData::new(states))?;
/// assert_eq!(law.formula(), "L = 0.5000 y² + 1.000 cos x");
/// assert_eq!(law.energy_formula(), "E = 0.5000 y² − 1.000 cos x");
/// assert!(law.verdict().to_string().starts_with("conservative"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SparseLagrangian {
    library: FunctionLibrary,
    friction: FrictionModel,
    units: Vec<f64>,
    precision: f64,
    margin: f64,
    most_terms: usize,
    replicates: usize,
    seed: u64,
}

impl SparseLagrangian {
    /// With functions of this library in L, and friction of each degree of freedom.
    pub fn new(library: FunctionLibrary) -> Self {
        Self {
            units: vec![1.0; library.dof()],
            library,
            friction: FrictionModel::Diagonal,
            precision: 1e-3,
            margin: 10.0,
            most_terms: 16,
            replicates: 50,
            seed: 0,
        }
    }

    /// With this kind of friction.
    #[must_use]
    pub fn friction(mut self, friction: FrictionModel) -> Self {
        self.friction = friction;
        self
    }

    /// With the unit of each position `[d]`: what 1 radian is in the data, 57.29578 for angles in degrees; 1
    /// for all else.
    #[must_use]
    pub fn angle_units(mut self, units: Vec<f64>) -> Self {
        self.units = units;
        self
    }

    /// How well ẏ is known at best, as a share of its deviation: smaller errors do not count. 10⁻³ unless
    /// given; less for accelerations that are exact.
    #[must_use]
    pub fn precision(mut self, precision: f64) -> Self {
        self.precision = precision;
        self
    }

    /// By how many bits the description of another formula may be longer and still be named; 10 unless given,
    /// odds of about 1000 to 1.
    #[must_use]
    pub fn margin(mut self, bits: f64) -> Self {
        self.margin = bits;
        self
    }

    /// Terms of a formula, friction and gains counted, at most; 16 unless given.
    #[must_use]
    pub fn most_terms(mut self, most: usize) -> Self {
        self.most_terms = most;
        self
    }

    /// How often the coefficients are fitted to trajectories drawn with replacement, and the seed of the draws;
    /// 50 and 0 unless given.
    #[must_use]
    pub fn bootstrap(mut self, replicates: usize, seed: u64) -> Self {
        (self.replicates, self.seed) = (replicates, seed);
        self
    }

    /// The law of these data.
    ///
    /// # Errors
    /// [`Error::Request`] for options that make no sense or a library without a function that is quadratic in
    /// each velocity; [`Error::Dof`], [`Error::TooFew`] or [`Error::NotFinite`] for data that do not do.
    pub fn fit(&self, data: &MotionData) -> Result<LagrangianLaw, Error> {
        self.check(data)?;
        let scales = Scaling::of(data, &self.library, &self.units);
        let chosen_rows = thinned(data, CHOOSE_ROWS)?;
        let unit = scales.to_unit(&chosen_rows);
        let features = self.features(data, &scales)?;
        let problem = Problem::new(&unit, &features, self.precision)?;
        let search = Search::run(self, &problem, &features, &unit, &chosen_rows)?;
        let chosen = &search.chosen;

        let fit_rows = thinned(data, FIT_ROWS)?;
        let unit = scales.to_unit(&fit_rows);
        let own: Vec<Feature> = chosen
            .support
            .iter()
            .map(|k| features[*k].clone())
            .collect();
        let names: Vec<usize> = (0..own.len()).collect();
        let problem = Problem::new(&unit, &own, self.precision.min(1e-9))?;
        let from = Fit {
            support: names,
            ..chosen.clone()
        };
        let own_groups = fit_rows.groups(DRAWN, PIECES);
        let (parts, replicates) = self.coefficients(&problem, &own, &from, &own_groups, &scales)?;
        let equation = Equation::new(self.library.dof(), scales.inputs.len(), &parts);
        let mut law = LagrangianLaw {
            dof: self.library.dof(),
            inputs: scales.inputs.len(),
            units: self.units.clone(),
            angles: scales.angles.clone(),
            equation,
            parts,
            relative_errors: search.relative_errors.clone(),
            alternatives: search.alternatives(self, &features, &scales),
            verdict: Verdict::NoFormula {
                relative_error: search.relative_error(),
            },
        };
        law.snap();
        law.verdict = self.verdict(
            &law,
            &fit_rows,
            &own,
            &from,
            &own_groups,
            &scales,
            &replicates,
        )?;
        Ok(law)
    }

    /// The friction of every kind on each degree of freedom, when all are added to the terms of a law that was found
    /// from these data, with their errors: what is many times its error is worth a search with
    /// [`FrictionModel::AnyKind`].
    ///
    /// # Errors
    /// As [`SparseLagrangian::fit`].
    pub fn friction_beside(
        &self,
        law: &LagrangianLaw,
        data: &MotionData,
    ) -> Result<Vec<Friction>, Error> {
        self.check(data)?;
        let scales = Scaling::of(data, &self.library, &self.units);
        let mut features: Vec<Feature> = law
            .terms()
            .iter()
            .map(|term| Feature::Term(term.function.clone()))
            .collect();
        let mut own: Vec<f64> = law.terms().iter().map(|t| t.coefficient.value).collect();
        if scales.known_gains.is_none() {
            features.extend(law.gains().iter().map(|t| Feature::Gain(t.on, t.input)));
            own.extend(law.gains().iter().map(|t| t.coefficient.value));
        }
        for kind in [
            FrictionKind::Linear,
            FrictionKind::Dry,
            FrictionKind::Quadratic,
        ] {
            for i in 0..law.dof {
                let of = law
                    .friction()
                    .iter()
                    .find(|t| (t.on, t.by, t.kind) == (i, i, kind));
                features.push(Feature::Friction(i, i, kind));
                own.push(of.map_or(0.0, |term| term.coefficient.value));
            }
        }
        let ones = scales.to_own(&features, &vec![1.0; features.len()]);
        let rows = thinned(data, FIT_ROWS)?;
        let problem = Problem::new(&scales.to_unit(&rows), &features, self.precision.min(1e-9))?;
        let from = Fit {
            support: (0..features.len()).collect(),
            coefficients: own.iter().zip(&ones).map(|(c, one)| c / one).collect(),
            scale: vec![1.0; law.dof],
            cost: f64::INFINITY,
        };
        let groups = rows.groups(DRAWN, PIECES);
        let (parts, _) = self.coefficients(&problem, &features, &from, &groups, &scales)?;
        Ok(parts.friction.iter().map(Friction::from).collect())
    }

    fn check(&self, data: &MotionData) -> Result<(), Error> {
        let dof = self.library.dof();
        if data.states().dof() != dof {
            return Err(Error::Dof {
                data: data.states().dof(),
                library: dof,
            });
        }
        let request = |text: String| Err(Error::Request(text));
        if self.units.len() != dof || self.units.iter().any(|u| !(u.is_finite() && *u > 0.0)) {
            return request(format!(
                "the units {:?} do not do for {dof} positions: give one positive number for each",
                self.units
            ));
        }
        if !(self.precision > 0.0 && self.precision < 1.0) {
            return request(format!(
                "the precision {} is no share of the acceleration: it lies between 0 and 1, as 0.001 does",
                self.precision
            ));
        }
        if self.most_terms < dof || self.margin.is_nan() || self.margin < 0.0 {
            return request(format!(
                "{} terms and a margin of {} bits make no search: allow a term for each degree of freedom, and a \
                 margin of 0 or more",
                self.most_terms, self.margin
            ));
        }
        // As many as it takes to tell a few terms of many, not as all of them at once would.
        let least = (2 * dof.max(self.most_terms)).max(10);
        if data.states().len() < least {
            return Err(Error::TooFew {
                states: data.states().len(),
                functions: self.library.len(),
                least,
            });
        }
        Ok(())
    }

    /// What a formula may be made of: functions that are independent of those before them in Euler–Lagrange's
    /// equation, friction, gains.
    fn features(&self, data: &MotionData, scales: &Scaling) -> Result<Vec<Feature>, Error> {
        let dof = self.library.dof();
        let mut features: Vec<Feature> = independent(&self.library, self.seed)
            .into_iter()
            .map(|k| Feature::Term(self.library.functions()[k].clone()))
            .collect();
        for i in 0..dof {
            if base(&features, i).is_none() {
                return Err(Error::Request(format!(
                    "the library has no function that is quadratic in the velocity of position {i} (counted from \
                     0), so that no acceleration follows: add one"
                )));
            }
        }
        if self.friction != FrictionModel::None {
            features.extend((0..dof).map(|i| Feature::Friction(i, i, FrictionKind::Linear)));
        }
        if self.friction == FrictionModel::Symmetric {
            let pairs = (0..dof).flat_map(|i| {
                (i + 1..dof).map(move |j| Feature::Friction(i, j, FrictionKind::Linear))
            });
            features.extend(pairs);
        }
        if self.friction == FrictionModel::AnyKind {
            for kind in [FrictionKind::Dry, FrictionKind::Quadratic] {
                features.extend((0..dof).map(|i| Feature::Friction(i, i, kind)));
            }
        }
        if data.forcing().is_some_and(|f| f.gains().is_none()) {
            let inputs = scales.inputs.len();
            let all = (0..dof).flat_map(|i| (0..inputs).map(move |m| Feature::Gain(i, m)));
            features.extend(all);
        }
        Ok(features)
    }

    /// Coefficients in the data's units, of all rows, with their standard errors; and those of each replicate.
    fn coefficients(
        &self,
        problem: &Problem,
        features: &[Feature],
        from: &Fit,
        groups: &[usize],
        scales: &Scaling,
    ) -> Result<(Parts, Vec<Vec<f64>>), Error> {
        let fit = problem
            .fit(
                &from.support,
                &from.coefficients,
                Some(&from.scale),
                None,
                60,
            )
            .unwrap_or_else(|| from.clone());
        let gauges = gauges(features, problem.dof, problem.anchored);
        let own = scales.to_own(features, &fit.coefficients);
        let own = normalised(features, &gauges, own);
        let count = groups.iter().max().map_or(0, |g| g + 1);
        let mut replicates: Vec<Vec<f64>> = Vec::new();
        if count > 1 {
            let mut rng = stream(self.seed, Purpose::TrainData, "bootstrap");
            for _ in 0..self.replicates {
                let mut drawn = vec![0.0; count];
                for _ in 0..count {
                    let place = uniform(&mut rng, 0.0, count as f64) as usize;
                    drawn[place.min(count - 1)] += 1.0;
                }
                let weights: Vec<f64> = groups.iter().map(|g| drawn[*g]).collect();
                let again = problem.fit(
                    &fit.support,
                    &fit.coefficients,
                    Some(&fit.scale),
                    Some(&weights),
                    6,
                );
                if let Some(again) = again {
                    let values = scales.to_own(features, &again.coefficients);
                    replicates.push(normalised(features, &gauges, values));
                }
            }
        }
        let mut parts = Parts::default();
        for (k, feature) in features.iter().enumerate() {
            let gauge = gauges.iter().any(|(_, place)| *place == k);
            let error = match gauge {
                true => 0.0,
                false => deviation(replicates.iter().map(|values| values[k])),
            };
            let coefficient = Coefficient::new(own[k], error);
            match feature {
                Feature::Term(function) => parts.terms.push(LagrangianTerm {
                    function: function.clone(),
                    coefficient,
                    gauge,
                }),
                Feature::Friction(on, by, kind) => parts.friction.push(FrictionTerm {
                    on: *on,
                    by: *by,
                    kind: *kind,
                    coefficient,
                }),
                Feature::Gain(on, input) => parts.gains.push(GainTerm {
                    on: *on,
                    input: *input,
                    coefficient,
                }),
            }
        }
        if (parts.friction.iter()).any(|term| term.kind == FrictionKind::Dry) {
            parts.still = scales.still.clone();
        }
        if let Some((gains, count)) = scales.known_gains.as_ref().zip(Some(scales.inputs.len())) {
            for (at, gain) in gains.iter().enumerate().filter(|(_, g)| **g != 0.0) {
                parts.gains.push(GainTerm {
                    on: at / count,
                    input: at % count,
                    coefficient: Coefficient::new(*gain, 0.0),
                });
            }
        }
        // In the order of the parts; a gain that was given has no error.
        let order = |feature: &Feature| match feature {
            Feature::Term(_) => 0,
            Feature::Friction(..) => 1,
            Feature::Gain(..) => 2,
        };
        let mut places: Vec<usize> = (0..features.len()).collect();
        places.sort_by_key(|k| order(&features[*k]));
        let given = parts.terms.len() + parts.friction.len() + parts.gains.len() - places.len();
        let ordered = replicates.iter().map(|values| {
            let own = places.iter().map(|k| values[*k]);
            own.chain(std::iter::repeat_n(0.0, given)).collect()
        });
        parts.covary(&ordered.collect::<Vec<Vec<f64>>>());
        Ok((parts, replicates))
    }

    #[expect(clippy::too_many_arguments, reason = "all that a fit has found")]
    fn verdict(
        &self,
        law: &LagrangianLaw,
        data: &MotionData,
        features: &[Feature],
        from: &Fit,
        groups: &[usize],
        scales: &Scaling,
        replicates: &[Vec<f64>],
    ) -> Result<Verdict, Error> {
        let relative_error = law.relative_error();
        if relative_error.is_nan() || relative_error > HOPELESS {
            return Ok(Verdict::NoFormula { relative_error });
        }
        if !law.friction().is_empty() {
            // The mean of yᵀ B y for B as found, and for that of each replicate.
            let places: Vec<usize> = (0..features.len())
                .filter(|k| matches!(features[*k], Feature::Friction(..)))
                .collect();
            let rate = |coefficient: &dyn Fn(usize) -> f64| {
                let mut law = law.clone();
                for (term, place) in law.parts.friction.iter_mut().zip(&places) {
                    term.coefficient.value = coefficient(*place);
                }
                let rates = data.states().iter().map(|state| law.dissipation(state.y));
                rates.sum::<f64>() / data.states().len() as f64
            };
            let found: Vec<f64> = law.friction().iter().map(|t| t.coefficient.value).collect();
            let own = rate(&|k| found[places.iter().position(|p| *p == k).unwrap_or(0)]);
            let others = replicates.iter().map(|values| rate(&|k| values[k]));
            return Ok(Verdict::Dissipative {
                friction: law.friction().iter().map(Friction::from).collect(),
                rate: own,
                rate_error: deviation(others),
            });
        }
        if let Some(reason) = law.doubt(data) {
            return Ok(Verdict::NotTold { reason });
        }
        // Friction added to what was found, and its error.
        let mut with = features.to_vec();
        with.extend((0..law.dof).map(|i| Feature::Friction(i, i, FrictionKind::Linear)));
        let unit = scales.to_unit(data);
        let problem = Problem::new(&unit, &with, self.precision.min(1e-9))?;
        let mut from = from.clone();
        from.support = (0..with.len()).collect();
        from.coefficients.resize(with.len(), 0.0);
        let (parts, _) = self.coefficients(&problem, &with, &from, groups, scales)?;
        Ok(Verdict::Conservative {
            friction: parts.friction.iter().map(Friction::from).collect(),
        })
    }
}

/// All rows, or `most` of them, evenly.
pub(crate) fn thinned(data: &MotionData, most: usize) -> Result<MotionData, Error> {
    let count = data.states().len();
    let stride = count.div_ceil(most);
    data.select(&(0..count).step_by(stride).collect::<Vec<_>>())
}

/// The place of the first function that is quadratic in a velocity: that of yᵢ² alone, where there is one.
fn base(features: &[Feature], i: usize) -> Option<usize> {
    let square = Factor::Velocity(i, 2);
    let alone = |feature: &Feature| match feature {
        Feature::Term(function) => function.factors() == [square.clone()],
        _ => false,
    };
    let any = |feature: &Feature| match feature {
        Feature::Term(function) => function.factors().contains(&square),
        _ => false,
    };
    let first = features.iter().position(alone);
    first.or_else(|| features.iter().position(any))
}

/// Functions of a library whose part of Euler–Lagrange's equation is not a sum of those before, by its
/// values at random states with random accelerations.
fn independent(library: &FunctionLibrary, seed: u64) -> Vec<usize> {
    let d = library.dof();
    let rows = (3 * library.len()).div_ceil(d).max(20);
    let mut rng = stream(seed, Purpose::TrainData, "independent");
    let mut draw = |low: f64, high: f64| -> Vec<f64> {
        (0..rows * d)
            .map(|_| uniform(&mut rng, low, high))
            .collect()
    };
    let (x, y, a) = (draw(0.4, 1.6), draw(-1.5, 1.5), draw(-1.5, 1.5));
    let mut kept: Vec<usize> = Vec::new();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for (k, function) in library.iter().enumerate() {
        let (mass, rest) = euler_lagrange(function, d);
        let mut column = Vec::with_capacity(rows * d);
        for row in 0..rows {
            let (x, y) = (&x[row * d..][..d], &y[row * d..][..d]);
            let a = &a[row * d..][..d];
            for i in 0..d {
                let pushed = (0..d).map(|j| value(&mass[i * d + j], x, y) * a[j]);
                column.push(pushed.sum::<f64>() + value(&rest[i], x, y));
            }
        }
        let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
        let size = norm(&column);
        if size <= 1e-12 || !size.is_finite() {
            continue;
        }
        column.iter_mut().for_each(|v| *v /= size);
        // Twice, for what rounding leaves.
        for _ in 0..2 {
            for one in &basis {
                let along: f64 = one.iter().zip(&column).map(|(a, b)| a * b).sum();
                column
                    .iter_mut()
                    .zip(one)
                    .for_each(|(v, b)| *v -= along * b);
            }
        }
        let left = norm(&column);
        if left > 1e-8 {
            column.iter_mut().for_each(|v| *v /= left);
            basis.push(column);
            kept.push(k);
        }
    }
    kept
}

/// The standard deviation of numbers; NaN of fewer than two.
fn deviation(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    let count = values.len() as f64;
    if values.len() < 2 {
        return f64::NAN;
    }
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|v| (v - mean) * (v - mean));
    (squares.sum::<f64>() / (count - 1.0)).sqrt()
}

/// Of each set of coupled degrees of freedom, the features that act on it and the place of that whose
/// coefficient is ½; none where known forces fix the factor.
fn gauges(features: &[Feature], dof: usize, anchored: bool) -> Vec<(Vec<usize>, usize)> {
    if anchored {
        return Vec::new();
    }
    let touched = |feature: &Feature| -> BTreeSet<usize> {
        let mut all = BTreeSet::new();
        match feature {
            Feature::Friction(i, j, _) => all.extend([*i, *j]),
            Feature::Gain(i, _) => all.extend([*i]),
            Feature::Term(function) => {
                for factor in function.factors() {
                    match factor {
                        Factor::Position(i, _) | Factor::Velocity(i, _) | Factor::Sign(i) => {
                            all.extend([*i]);
                        }
                        Factor::Sine(of) | Factor::Cosine(of) => all.extend(of.iter().map(|k| k.0)),
                        Factor::Radius(of, _) => all.extend(of.iter().copied()),
                    }
                }
            }
        }
        all
    };
    let mut set: Vec<usize> = (0..dof).collect();
    for feature in features {
        let all: Vec<usize> = touched(feature).into_iter().collect();
        for pair in all.windows(2) {
            let (from, to) = (set[pair[1]], set[pair[0]]);
            set.iter_mut().filter(|s| **s == from).for_each(|s| *s = to);
        }
    }
    let numbers: BTreeSet<usize> = set.iter().copied().collect();
    let each = numbers.into_iter().filter_map(|number| {
        let own: Vec<usize> = (0..features.len())
            .filter(|k| {
                touched(&features[*k])
                    .iter()
                    .next()
                    .is_some_and(|i| set[*i] == number)
            })
            .collect();
        let members = (0..dof).filter(|i| set[*i] == number);
        let mut first = members.filter_map(|i| base(features, i));
        first.next().map(|gauge| (own, gauge))
    });
    each.collect()
}

/// Coefficients with those that are fixed at ½.
fn normalised(features: &[Feature], gauges: &[(Vec<usize>, usize)], mut c: Vec<f64>) -> Vec<f64> {
    debug_assert_eq!(features.len(), c.len());
    for (own, gauge) in gauges {
        let factor = 0.5 / c[*gauge];
        if factor.is_finite() {
            own.iter().for_each(|k| c[*k] *= factor);
            c[*gauge] = 0.5;
        }
    }
    c
}

/// Units in which the numbers of some data are of order one.
pub(crate) struct Scaling {
    dof: usize,
    /// The data's angle unit times that of the length.
    whole: Vec<f64>,
    /// The length of each position in the unit of the formula, `[d]`.
    length: Vec<f64>,
    time: f64,
    energy: f64,
    /// The size of each input, `[m]`.
    inputs: Vec<f64>,
    known_gains: Option<Vec<f64>>,
    angles: Vec<usize>,
    /// The speed `[d]`, in the unit of the formula, below which dry friction is taken to stick.
    still: Vec<f64>,
}

impl Scaling {
    /// Angles, that is positions in sines or cosines of the library, keep the radian; positions of one radius
    /// have one length.
    pub(crate) fn of(data: &MotionData, library: &FunctionLibrary, units: &[f64]) -> Self {
        let d = library.dof();
        let states = data.states();
        let size = |values: &[f64], k: usize, width: usize| {
            let column = values.iter().skip(k).step_by(width);
            let count = (values.len() / width) as f64;
            (column.map(|v| v * v).sum::<f64>() / count).sqrt()
        };
        let usable = |value: f64| {
            if value > 0.0 && value.is_finite() {
                value
            } else {
                1.0
            }
        };
        let mut angles: BTreeSet<usize> = BTreeSet::new();
        let mut together: BTreeSet<usize> = BTreeSet::new();
        for factor in library.iter().flat_map(Function::factors) {
            match factor {
                Factor::Sine(of) | Factor::Cosine(of) => angles.extend(of.iter().map(|k| k.0)),
                Factor::Radius(of, _) => together.extend(of),
                _ => {}
            }
        }
        let mut length: Vec<f64> = (0..d)
            .map(|k| usable(size(states.x(), k, d) / units[k]))
            .collect();
        let longest = together.iter().map(|k| length[*k]).fold(0.0, f64::max);
        // With an angle among those of one radius, all of them keep their unit.
        let fixed = angles.iter().any(|a| together.contains(a));
        for (k, length) in length.iter_mut().enumerate() {
            match (angles.contains(&k), together.contains(&k)) {
                (true, _) => *length = 1.0,
                (false, true) => *length = if fixed { 1.0 } else { longest },
                (false, false) => {}
            }
        }
        let whole: Vec<f64> = length.iter().zip(units).map(|(l, u)| l * u).collect();
        let times = (0..d).map(|k| (whole[k] / size(states.acceleration(), k, d)).sqrt());
        let times: Vec<f64> = times.filter(|t| t.is_finite() && *t > 0.0).collect();
        let time = match times.is_empty() {
            true => 1.0,
            false => quantile(&times, 0.5, QuantileRule::Nearest),
        };
        let inputs = data.forcing().map_or_else(Vec::new, |f| {
            let sizes = (0..f.inputs()).map(|m| usable(size(f.values(), m, f.inputs())));
            sizes.collect()
        });
        let known_gains = data.forcing().and_then(|f| f.gains()).map(<[f64]>::to_vec);
        let mut energy: f64 = 1.0;
        if let Some(gains) = &known_gains {
            let each = gains.iter().enumerate().map(|(at, gain)| {
                (gain * inputs[at % inputs.len()] * length[at / inputs.len()]).abs()
            });
            energy = usable(each.fold(0.0, f64::max));
        }
        let still = (0..d).map(|k| STILL * size(states.y(), k, d) / units[k]);
        Self {
            dof: d,
            still: still.collect(),
            whole,
            length,
            time,
            energy,
            inputs,
            known_gains,
            angles: angles.into_iter().collect(),
        }
    }

    pub(crate) fn to_unit(&self, data: &MotionData) -> Unit {
        let states = data.states();
        let scaled = |values: &[f64], power: i32| -> Vec<f64> {
            let of_time = self.time.powi(power);
            let each = values.iter().enumerate();
            each.map(|(at, v)| v / self.whole[at % self.dof] * of_time)
                .collect()
        };
        let count = self.inputs.len();
        let forcing: Vec<f64> = data.forcing().map_or_else(Vec::new, |f| {
            let each = f.values().iter().enumerate();
            each.map(|(at, v)| v / self.inputs[at % count]).collect()
        });
        let force = (self.known_gains.as_ref())
            .zip(data.forcing())
            .map(|(gains, f)| {
                let mut force = Vec::with_capacity(states.len() * self.dof);
                for tau in f.values().chunks_exact(count) {
                    for i in 0..self.dof {
                        let gains = &gains[i * count..][..count];
                        let total: f64 = gains.iter().zip(tau).map(|(g, t)| g * t).sum();
                        force.push(total * self.length[i] / self.energy);
                    }
                }
                force
            });
        Unit {
            dof: self.dof,
            x: scaled(states.x(), 0),
            y: scaled(states.y(), 1),
            acceleration: scaled(states.acceleration(), 2),
            inputs: count,
            forcing,
            force,
            weights: data.weights().map(<[f64]>::to_vec),
        }
    }

    /// Coefficients in the units of the formula.
    pub(crate) fn to_own(&self, features: &[Feature], c: &[f64]) -> Vec<f64> {
        let each = features.iter().zip(c).map(|(feature, c)| {
            let by = match feature {
                Feature::Term(function) => self.of_function(function),
                Feature::Friction(i, j, FrictionKind::Linear) => {
                    self.time / (self.length[*i] * self.length[*j])
                }
                Feature::Friction(i, _, FrictionKind::Dry) => 1.0 / self.length[*i],
                Feature::Friction(i, _, FrictionKind::Quadratic) => {
                    self.time.powi(2) / self.length[*i].powi(3)
                }
                Feature::Gain(i, m) => 1.0 / (self.length[*i] * self.inputs[*m]),
            };
            c * by * self.energy
        });
        each.collect()
    }

    pub(crate) fn of_function(&self, function: &Function) -> f64 {
        let each = function.factors().iter().map(|factor| match factor {
            Factor::Position(i, p) => self.length[*i].powi(-p),
            Factor::Velocity(i, p) => (self.time / self.length[*i]).powi(*p),
            Factor::Radius(of, p) => self.length[of.first().copied().unwrap_or(0)].powi(-p),
            Factor::Sine(_) | Factor::Cosine(_) | Factor::Sign(_) => 1.0,
        });
        each.product()
    }
}

/// Bits that name a function of `count`: simple ones are named by fewer.
pub(crate) fn bits_of(function: &Function, count: usize) -> f64 {
    let of_power = |p: i32| f64::from(p.abs());
    let each = function.factors().iter().map(|factor| match factor {
        Factor::Position(_, p) => 1.0 + of_power(*p),
        Factor::Sign(_) => 2.0,
        // Of two that are as good, x₁ x₂ is simpler than y₁ y₂.
        Factor::Velocity(_, p) => 1.5 + of_power(*p),
        Factor::Radius(_, p) => 2.0 + of_power(*p),
        Factor::Sine(of) | Factor::Cosine(of) => {
            1.0 + of.iter().map(|(_, k)| of_power(*k)).sum::<f64>()
        }
    });
    each.sum::<f64>() + (count as f64).log2()
}

/// What a search has found.
struct Search {
    chosen: Fit,
    /// Its bits on the rows that it was fitted to.
    bits: f64,
    relative_errors: Vec<f64>,
    /// All other fits, with their bits and their error on the rows that they were fitted to.
    others: Vec<(Fit, f64, f64)>,
}

impl Search {
    fn run(
        options: &SparseLagrangian,
        problem: &Problem,
        features: &[Feature],
        unit: &Unit,
        data: &MotionData,
    ) -> Result<Self, Error> {
        let mut tried = Tried {
            problem,
            features,
            all: BTreeMap::new(),
            independent: problem.rows as f64,
        };
        let start: BTreeSet<usize> = (0..unit.dof).filter_map(|i| base(features, i)).collect();
        let start: Vec<usize> = start.into_iter().collect();
        let first = problem.fit(&start, &vec![0.5; start.len()], None, None, 5);
        let Some(first) = first else {
            return Err(Error::Request(
                "the first functions that are quadratic in each velocity make a singular Lagrangian on these data: \
                 begin the library with others"
                    .into(),
            ));
        };
        tried.keep(&first);
        let longest = tried.forward(first, options.most_terms);
        if let Some(residuals) = problem.residuals(&longest.support, &longest.coefficients) {
            tried.independent = independent_rows(&residuals, unit.dof, data.trajectories());
        }
        tried.backward(longest);
        // From the best so far once more in both directions: what was added too early may have been dropped.
        if let Some(best) = tried.best() {
            let best = tried.swapped(best);
            let longer = tried.forward(best, options.most_terms);
            tried.backward(longer);
        }
        tried.choose(&data.groups(FOLDS, 2 * FOLDS))
    }

    fn relative_error(&self) -> f64 {
        let squares = self.relative_errors.iter().map(|e| e * e);
        (squares.sum::<f64>() / self.relative_errors.len() as f64).sqrt()
    }

    fn alternatives(
        &self,
        options: &SparseLagrangian,
        features: &[Feature],
        scales: &Scaling,
    ) -> Vec<Alternative> {
        let own: BTreeSet<usize> = self.chosen.support.iter().copied().collect();
        let mut others: Vec<&(Fit, f64, f64)> = self.others.iter().collect();
        others.sort_by(|a, b| a.1.total_cmp(&b.1));
        let near = others.into_iter().filter(|(fit, bits, _)| {
            // The same with more terms is no other formula.
            let more = own.iter().all(|k| fit.support.contains(k));
            !more && *bits <= self.bits + options.margin
        });
        let named = near.take(10).map(|(fit, bits, relative_error)| {
            let of: Vec<Feature> = fit.support.iter().map(|k| features[*k].clone()).collect();
            let gauges = gauges(&of, scales.dof, scales.known_gains.is_some());
            let values = normalised(&of, &gauges, scales.to_own(&of, &fit.coefficients));
            let mut parts = Parts::default();
            for (feature, value) in of.iter().zip(values) {
                let coefficient = Coefficient::new(value, f64::NAN);
                match feature {
                    Feature::Term(function) => parts.terms.push(LagrangianTerm {
                        function: function.clone(),
                        coefficient,
                        gauge: false,
                    }),
                    Feature::Friction(on, by, kind) => parts.friction.push(FrictionTerm {
                        on: *on,
                        by: *by,
                        kind: *kind,
                        coefficient,
                    }),
                    Feature::Gain(on, input) => parts.gains.push(GainTerm {
                        on: *on,
                        input: *input,
                        coefficient,
                    }),
                }
            }
            Alternative {
                text: parts.text(scales.dof, scales.inputs.len()),
                bits: bits - self.bits,
                relative_error: *relative_error,
            }
        });
        named.collect()
    }
}

/// All sums that were fitted, each once.
struct Tried<'a> {
    problem: &'a Problem,
    features: &'a [Feature],
    all: BTreeMap<Vec<usize>, Fit>,
    /// Rows whose residuals are as if independent.
    independent: f64,
}

impl Tried<'_> {
    fn keep(&mut self, fit: &Fit) {
        let (mut support, mut sorted) = (fit.support.clone(), fit.clone());
        let mut order: Vec<usize> = (0..support.len()).collect();
        order.sort_by_key(|k| support[*k]);
        support.sort_unstable();
        sorted.coefficients = order.iter().map(|k| fit.coefficients[*k]).collect();
        sorted.support.clone_from(&support);
        let known = self.all.get(&support);
        if known.is_none_or(|known| sorted.cost < known.cost) {
            self.all.insert(support, sorted);
        }
    }

    /// Bits of the residuals of these costs, and of the terms.
    fn bits(&self, support: &[usize], cost: f64) -> f64 {
        let rows = self.problem.rows as f64;
        let each = 0.5 * (self.independent * self.problem.dof as f64).log2();
        let terms = support.iter();
        let terms = terms.map(|k| {
            let count = self.features.len();
            each + match &self.features[*k] {
                Feature::Term(function) => bits_of(function, count),
                Feature::Friction(..) | Feature::Gain(..) => 2.0 + (count as f64).log2(),
            }
        });
        cost / LN_2 * (self.independent / rows) + terms.sum::<f64>()
    }

    fn score(&self, fit: &Fit) -> f64 {
        self.bits(&fit.support, fit.cost)
    }

    fn best(&self) -> Option<Fit> {
        let scored = self.all.values().map(|fit| (self.score(fit), fit));
        let best = scored.min_by(|a, b| a.0.total_cmp(&b.0));
        best.map(|(_, fit)| fit.clone())
    }

    /// Coefficients in which every degree of freedom weighs as much as the lightest, where one weighs many times
    /// another. A degree of freedom whose forces are not yet among the terms is given a mass without end, for to
    /// stand still is then its best course; with more terms it has to find back.
    fn evened(&self, fit: &Fit) -> Option<Vec<f64>> {
        if self.problem.lopsided(&fit.support, &fit.coefficients) < EVEN {
            return None;
        }
        let of: Vec<Feature> = fit
            .support
            .iter()
            .map(|k| self.features[*k].clone())
            .collect();
        let bases: BTreeSet<usize> = (0..self.problem.dof).filter_map(|i| base(&of, i)).collect();
        let size = |place: &usize| fit.coefficients[*place].abs();
        let least = bases.iter().map(size).fold(f64::INFINITY, f64::min);
        let mut even = fit.coefficients.clone();
        for place in bases {
            even[place] = least.copysign(even[place]);
        }
        Some(even)
    }

    /// The best with one term more.
    fn longer(&mut self, fit: &Fit) -> Option<Fit> {
        let even = self.evened(fit);
        let gains = self.problem.gains(fit)?;
        let mut order: Vec<usize> = (0..gains.len()).filter(|k| gains[*k] > 0.0).collect();
        order.sort_by(|a, b| gains[*b].total_cmp(&gains[*a]));
        let mut best: Option<Fit> = None;
        for feature in order.into_iter().take(TRIED) {
            let mut support = fit.support.clone();
            support.push(feature);
            for start in even.iter().chain([&fit.coefficients]) {
                let mut start = start.clone();
                start.push(0.0);
                let longer = self
                    .problem
                    .fit(&support, &start, Some(&fit.scale), None, 25);
                if let Some(longer) = longer {
                    self.keep(&longer);
                    if best.as_ref().is_none_or(|best| longer.cost < best.cost) {
                        best = Some(longer);
                    }
                }
            }
        }
        best
    }

    /// Terms added until the description grows longer.
    fn forward(&mut self, from: Fit, most: usize) -> Fit {
        let (mut fit, mut waited) = (from, 0);
        let mut least = self.score(&fit);
        while fit.support.len() < most && waited < PATIENCE {
            let Some(longer) = self.longer(&fit) else {
                break;
            };
            fit = longer;
            let score = self.score(&fit);
            waited = if score < least { 0 } else { waited + 1 };
            least = least.min(score);
        }
        fit
    }

    /// Terms dropped one by one, those first that cost least.
    fn backward(&mut self, from: Fit) {
        let mut fit = from;
        while fit.support.len() > 1 {
            let mut best: Option<Fit> = None;
            for place in 0..fit.support.len() {
                if let Some(shorter) = self.without(&fit, place)
                    && best.as_ref().is_none_or(|best| shorter.cost < best.cost)
                {
                    best = Some(shorter);
                }
            }
            let Some(shorter) = best else {
                return;
            };
            fit = shorter;
        }
    }

    fn without(&mut self, fit: &Fit, place: usize) -> Option<Fit> {
        let (mut support, mut start) = (fit.support.clone(), fit.coefficients.clone());
        support.remove(place);
        start.remove(place);
        let shorter = self
            .problem
            .fit(&support, &start, Some(&fit.scale), None, 12)?;
        self.keep(&shorter);
        Some(shorter)
    }

    /// The best after exchanges of one term for another, as long as they help.
    fn swapped(&mut self, from: Fit) -> Fit {
        let mut fit = from;
        for _ in 0..3 {
            let mut best: Option<Fit> = None;
            for place in 0..fit.support.len() {
                let Some(shorter) = self.without(&fit, place) else {
                    continue;
                };
                if let Some(other) = self.longer(&shorter)
                    && best.as_ref().is_none_or(|best| other.cost < best.cost)
                {
                    best = Some(other);
                }
            }
            match best {
                Some(best) if self.score(&best) < self.score(&fit) - 1e-6 => fit = best,
                _ => break,
            }
        }
        fit
    }

    /// The sum of the shortest description when groups of rows are held out in turn, of the best of each length.
    fn choose(self, groups: &[usize]) -> Result<Search, Error> {
        let mut lengths: BTreeMap<usize, &Fit> = BTreeMap::new();
        for fit in self.all.values() {
            let best = lengths.entry(fit.support.len()).or_insert(fit);
            if self.score(fit) < self.score(best) {
                *best = fit;
            }
        }
        let numbers = groups.iter().max().map_or(1, |g| g + 1);
        let folds = numbers.min(FOLDS);
        let each = lengths.into_values().filter_map(|fit| {
            let (costs, errors) = self.held_out(fit, groups, folds)?;
            let bits = self.bits(&fit.support, costs.iter().sum());
            Some((bits, fit, costs, errors))
        });
        let mut each: Vec<_> = each.collect();
        each.sort_by_key(|(_, fit, ..)| fit.support.len());
        let Some(best) = each.iter().min_by(|a, b| a.0.total_cmp(&b.0)) else {
            return Err(Error::Request(
                "no sum of the library's functions has a regular Lagrangian over all trajectories: try other \
                 functions that are quadratic in the velocities"
                    .into(),
            ));
        };
        // The shortest whose bits are within one standard error of the least, over groups.
        let by = self.independent / self.problem.rows as f64 / LN_2;
        let as_good = each.iter().find(|(bits, _, costs, _)| {
            let mut apart = vec![0.0; numbers];
            for (row, group) in groups.iter().enumerate() {
                apart[*group] += (costs[row] - best.2[row]) * by;
            }
            let error = deviation(apart.into_iter()) * (numbers as f64).sqrt();
            bits - best.0 <= error
        });
        let (_, chosen, _, relative_errors) = as_good.unwrap_or(best);
        let (chosen, relative_errors) = ((*chosen).clone(), relative_errors.clone());
        let bits = self.score(&chosen);
        let others = self
            .all
            .values()
            .filter(|fit| fit.support != chosen.support);
        let others = others.filter_map(|fit| {
            let residuals = self.problem.residuals(&fit.support, &fit.coefficients)?;
            let square = residuals.iter().map(|e| e * e).sum::<f64>() / residuals.len() as f64;
            Some((fit.clone(), self.score(fit), square.sqrt()))
        });
        Ok(Search {
            others: others.collect(),
            bits,
            chosen,
            relative_errors,
        })
    }

    /// The cost of each row when it is held out, and the error of all as a share of the deviation, by component.
    fn held_out(&self, fit: &Fit, groups: &[usize], folds: usize) -> Option<(Vec<f64>, Vec<f64>)> {
        let d = self.problem.dof;
        let mut all = vec![0.0; groups.len()];
        let mut squares = vec![0.0; d];
        for fold in 0..folds {
            let out = |row: usize| folds > 1 && groups[row] % folds == fold;
            let weights: Vec<f64> = (0..groups.len())
                .map(|row| if out(row) { 0.0 } else { 1.0 })
                .collect();
            let of_others = self.problem.fit(
                &fit.support,
                &fit.coefficients,
                Some(&fit.scale),
                Some(&weights),
                12,
            )?;
            let residuals =
                (self.problem).residuals(&of_others.support, &of_others.coefficients)?;
            let costs = self.problem.row_costs(&residuals, &of_others.scale);
            for row in (0..groups.len()).filter(|row| folds == 1 || out(*row)) {
                all[row] = costs[row];
                for k in 0..d {
                    squares[k] += residuals[row * d + k] * residuals[row * d + k];
                }
            }
        }
        let count = groups.len() as f64;
        let errors = squares.into_iter().map(|s| (s / count).sqrt()).collect();
        Some((all, errors))
    }
}

/// How many rows there are as if independent: N over 1 + 2 Σ ρₖ, the residuals' correlations over k rows of a
/// trajectory, summed until they fall below 1/20; of the component where there are fewest. All rows, where
/// trajectories are not known.
pub(crate) fn independent_rows(
    residuals: &[f64],
    dof: usize,
    trajectories: Option<&[usize]>,
) -> f64 {
    let count = residuals.len() / dof;
    let Some(of) = trajectories else {
        return count as f64;
    };
    let mut longest: f64 = 1.0;
    for k in 0..dof {
        // Ranks would do; cut at three medians, so that gross errors do not decide.
        let mut e: Vec<f64> = residuals.iter().skip(k).step_by(dof).copied().collect();
        let sizes: Vec<f64> = e.iter().map(|e| e.abs()).collect();
        let cut = 4.5 * quantile(&sizes, 0.5, QuantileRule::Nearest);
        e.iter_mut().for_each(|e| *e = e.clamp(-cut, cut));
        let square = e.iter().map(|e| e * e).sum::<f64>() / count as f64;
        if square <= 0.0 {
            continue;
        }
        let mut total = 1.0;
        for lag in 1..count / 4 {
            let pairs = (lag..count).filter(|row| of[*row] == of[row - lag]);
            let (mut sum, mut number) = (0.0, 0.0);
            for row in pairs {
                sum += e[row] * e[row - lag];
                number += 1.0;
            }
            let correlation = sum / (number * square);
            if correlation.is_nan() || correlation <= 0.05 {
                break;
            }
            total += 2.0 * correlation;
        }
        longest = longest.max(total);
    }
    (count as f64 / longest).max(8.0)
}
