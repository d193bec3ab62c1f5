//! Which terms a Lagrangian has, and how much of each.

use std::collections::BTreeSet;

use mass_systems::{Purpose, QuantileRule, quantile, stream, uniform};

use crate::gauge::{base, gauges, normalised};
use crate::lagrangian_law::{Coefficient, Equation, GainTerm, Parts};
use crate::law::STILL;
use crate::problem::{Feature, Fit, Problem, Unit, euler_lagrange, value};
use crate::search::{FOLDS, Joint, Rows, Search, deviation};
use crate::{
    Alternative, Error, Factor, Friction, FrictionKind, Function, FunctionLibrary, LagrangianLaw,
    MotionData, Verdict,
};

/// Rows that terms are chosen by, at most, evenly out of all.
const CHOOSE_ROWS: usize = 2000;

/// Rows that the coefficients are fitted to, at most.
const FIT_ROWS: usize = 10_000;

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
/// ([`LagrangianTerm`](crate::LagrangianTerm)'s `gauge`; [`LagrangianLaw::times`] makes it another).
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
        let systems = [Scaled::of(self, data)?];
        let features = self.features(data, &systems[0].scales)?;
        let search = self.searched(&systems, &features, &[])?;
        self.law(&systems[0], &features, &search, 0)
    }

    /// The features of the shortest description of these systems.
    pub(crate) fn searched(
        &self,
        systems: &[Scaled<'_>],
        features: &[Feature],
        candidates: &[Vec<usize>],
    ) -> Result<Search, Error> {
        let rows = systems.iter().map(|one| {
            let unit = one.scales.to_unit(&one.rows);
            Ok(Rows {
                problem: Problem::new(&unit, features, self.precision)?,
                groups: one.rows.groups(FOLDS, 2 * FOLDS),
                trajectories: one.rows.trajectories(),
            })
        });
        let rows = rows.collect::<Result<Vec<_>, Error>>()?;
        let candidates = candidates.iter().cloned();
        let candidates: Vec<Vec<usize>> = candidates.chain(springs(features)).collect();
        Search::run(&rows, features, self.most_terms, &candidates)
    }

    /// The law of one of the systems, of the features that a search has chosen.
    pub(crate) fn law(
        &self,
        system: &Scaled<'_>,
        features: &[Feature],
        search: &Search,
        place: usize,
    ) -> Result<LagrangianLaw, Error> {
        let scales = &system.scales;
        let chosen = &search.chosen.each[place];
        let fit_rows = thinned(system.data, FIT_ROWS)?;
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
        let (parts, replicates) = self.coefficients(&problem, &own, &from, &own_groups, scales)?;
        let equation = Equation::new(self.library.dof(), scales.inputs.len(), &parts);
        let mut law = LagrangianLaw {
            dof: self.library.dof(),
            inputs: scales.inputs.len(),
            units: self.units.clone(),
            angles: scales.angles.clone(),
            equation,
            parts,
            relative_errors: search.relative_errors[place].clone(),
            alternatives: self.alternatives(search, place, features, scales),
            verdict: Verdict::NoFormula {
                relative_error: search.relative_error(place),
            },
        };
        law.snap();
        law.verdict = self.verdict(
            &law,
            &fit_rows,
            &own,
            &from,
            &own_groups,
            scales,
            &replicates,
        )?;
        Ok(law)
    }

    fn alternatives(
        &self,
        search: &Search,
        place: usize,
        features: &[Feature],
        scales: &Scaling,
    ) -> Vec<Alternative> {
        let own: BTreeSet<usize> = search.chosen.support.iter().copied().collect();
        let mut others: Vec<&(Joint, f64, Vec<f64>)> = search.others.iter().collect();
        others.sort_by(|a, b| a.1.total_cmp(&b.1));
        let near = others.into_iter().filter(|(fit, bits, _)| {
            // The same with more terms is no other formula.
            let more = own.iter().all(|k| fit.support.contains(k));
            !more && *bits <= search.bits + self.margin
        });
        let named = near.take(10).map(|(fit, bits, relative_errors)| {
            let of: Vec<Feature> = fit.support.iter().map(|k| features[*k].clone()).collect();
            let gauges = gauges(&of, scales.dof, scales.known_gains.is_some());
            let values = scales.to_own(&of, &fit.each[place].coefficients);
            let values = normalised(&of, &gauges, values);
            let mut parts = Parts::default();
            for (feature, value) in of.iter().zip(values) {
                let coefficient = Coefficient::new(value, f64::NAN);
                parts.push(feature, coefficient, false);
            }
            Alternative {
                text: parts.text(scales.dof, scales.inputs.len()),
                bits: bits - search.bits,
                relative_error: relative_errors[place],
            }
        });
        named.collect()
    }

    /// The friction of these kinds on each degree of freedom, when all are added to the terms of a law that was found
    /// from these data, with their errors: what is many times its error is worth a search with
    /// [`FrictionModel::AnyKind`]; of the rest the error says how well it is known that there is none.
    ///
    /// # Errors
    /// As [`SparseLagrangian::fit`].
    pub fn friction_beside(
        &self,
        law: &LagrangianLaw,
        data: &MotionData,
        kinds: &[FrictionKind],
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
        for &kind in kinds {
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

    pub(crate) fn check(&self, data: &MotionData) -> Result<(), Error> {
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
    pub(crate) fn features(
        &self,
        data: &MotionData,
        scales: &Scaling,
    ) -> Result<Vec<Feature>, Error> {
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
            parts.push(feature, coefficient, gauge);
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

/// One system's data, with the units in which its numbers are of order one and the rows that terms are chosen by.
pub(crate) struct Scaled<'a> {
    data: &'a MotionData,
    pub(crate) scales: Scaling,
    rows: MotionData,
}

impl<'a> Scaled<'a> {
    pub(crate) fn of(options: &SparseLagrangian, data: &'a MotionData) -> Result<Self, Error> {
        Ok(Self {
            data,
            scales: Scaling::of(data, &options.library, &options.units),
            rows: thinned(data, CHOOSE_ROWS)?,
        })
    }
}

/// The features of masses joined by springs, yᵢ² and xᵢ xⱼ: of the many Lagrangians of a linear motion, sums of those
/// of its modes with any weights, the one whose kinetic energy has no products. None in one dimension.
fn springs(features: &[Feature]) -> Option<Vec<usize>> {
    let is_of = |feature: &&Feature| {
        let Feature::Term(function) = feature else {
            return false;
        };
        match function.factors() {
            [Factor::Velocity(_, 2) | Factor::Position(_, 2)] => true,
            [Factor::Position(i, 1), Factor::Position(j, 1)] => i != j,
            _ => false,
        }
    };
    let places = features.iter().enumerate();
    let of: Vec<usize> = places
        .filter(|(_, one)| is_of(one))
        .map(|(place, _)| place)
        .collect();
    let masses = of.iter().filter(|place| {
        matches!(&features[**place], Feature::Term(one) if matches!(one.factors(), [Factor::Velocity(..)]))
    });
    (masses.count() > 1).then_some(of)
}

/// All rows, or `most` of them, evenly.
pub(crate) fn thinned(data: &MotionData, most: usize) -> Result<MotionData, Error> {
    let count = data.states().len();
    let stride = count.div_ceil(most);
    data.select(&(0..count).step_by(stride).collect::<Vec<_>>())
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
