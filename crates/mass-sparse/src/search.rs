//! Which features a Lagrangian's equation of motion has, the same for one system or for several.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::LN_2;

use mass_systems::{QuantileRule, quantile};

use crate::gauge::base;
use crate::problem::{Feature, Fit, Problem};
use crate::{Error, Factor, Function};

/// Terms tried in full at each step, of those that promise most.
const TRIED: usize = 5;

/// Above this many times the weight of another, a degree of freedom is also tried with its weight.
const EVEN: f64 = 100.0;

/// Terms added in a row that do not shorten the description before no more are added.
const PATIENCE: usize = 3;

/// Parts that are held out in turn.
pub(crate) const FOLDS: usize = 5;

/// One degree of freedom that weighs so many times another, in units of order one, is moved by nothing.
const HEAVY: f64 = 1e4;

/// The rows of one system, as a search sees them.
pub(crate) struct Rows<'a> {
    pub(crate) problem: Problem,
    /// Rows that are held out together, `[N]`.
    pub(crate) groups: Vec<usize>,
    /// The trajectory of each row `[N]`, where it is known.
    pub(crate) trajectories: Option<&'a [usize]>,
}

/// The same features fitted to each system.
#[derive(Clone, Debug)]
pub(crate) struct Joint {
    pub(crate) support: Vec<usize>,
    /// `[S]`, all of this support.
    pub(crate) each: Vec<Fit>,
}

/// What a search has found.
pub(crate) struct Search {
    pub(crate) chosen: Joint,
    /// Its bits on the rows that it was fitted to.
    pub(crate) bits: f64,
    /// The error of each component of ẏ on what was held out, as a share of its deviation, `[S][d]`.
    pub(crate) relative_errors: Vec<Vec<f64>>,
    /// By how many bits the description of each system grows without each feature, `[S][K]`: negative where it is
    /// shorter, infinite where there is none. Empty for a single system.
    pub(crate) needed: Vec<Vec<f64>>,
    /// All other fits, with their bits and each system's error on the rows that they were fitted to, `[S]`.
    pub(crate) others: Vec<(Joint, f64, Vec<f64>)>,
}

impl Search {
    /// The features of the shortest description of all systems: names of features are counted once, coefficients and
    /// residuals for each system. Supports among `candidates` are tried beside what the search comes upon.
    pub(crate) fn run(
        systems: &[Rows<'_>],
        features: &[Feature],
        most_terms: usize,
        candidates: &[Vec<usize>],
    ) -> Result<Self, Error> {
        let dof = systems.first().map_or(0, |one| one.problem.dof);
        let mut tried = Tried {
            systems,
            features,
            all: BTreeMap::new(),
            independent: systems.iter().map(|one| one.problem.rows as f64).collect(),
        };
        let start: BTreeSet<usize> = (0..dof).filter_map(|i| base(features, i)).collect();
        let start: Vec<usize> = start.into_iter().collect();
        let first = tried.fitted(&start, |_| vec![0.5; start.len()], 5);
        let Some(first) = first else {
            return Err(Error::Request(
                "the first functions that are quadratic in each velocity make a singular Lagrangian on these data: \
                 begin the library with others"
                    .into(),
            ));
        };
        tried.keep(&first);
        let longest = tried.forward(first, most_terms);
        tried.count_independent(&longest);
        tried.backward(longest);
        // What one system alone is best told by may be what all are told by.
        for support in candidates {
            let heavy = |k: &usize| if start.contains(k) { 0.5 } else { 0.0 };
            let from: Vec<f64> = support.iter().map(heavy).collect();
            if let Some(fit) = tried.fitted(support, |_| from.clone(), 25) {
                tried.keep(&fit);
            }
        }
        // From the best so far once more in both directions: what was added too early may have been dropped.
        if let Some(best) = tried.best() {
            let best = tried.swapped(best);
            let longer = tried.forward(best, most_terms);
            tried.backward(longer);
        }
        tried.choose()
    }

    /// The error of one system, all components together.
    pub(crate) fn relative_error(&self, system: usize) -> f64 {
        let errors = &self.relative_errors[system];
        let squares = errors.iter().map(|e| e * e);
        (squares.sum::<f64>() / errors.len() as f64).sqrt()
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

/// All sums that were fitted, each once.
struct Tried<'a> {
    systems: &'a [Rows<'a>],
    features: &'a [Feature],
    all: BTreeMap<Vec<usize>, Joint>,
    /// Rows whose residuals are as if independent, `[S]`.
    independent: Vec<f64>,
}

impl Tried<'_> {
    fn count_independent(&mut self, fit: &Joint) {
        let systems = self.systems.iter().zip(&fit.each);
        for ((system, fit), independent) in systems.zip(&mut self.independent) {
            let residuals = system.problem.residuals(&fit.support, &fit.coefficients);
            if let Some(residuals) = residuals {
                let d = system.problem.dof;
                *independent = independent_rows(&residuals, d, system.trajectories);
            }
        }
    }

    /// These features fitted to each system from what `start` says of it; none if that is singular in one.
    fn fitted(
        &self,
        support: &[usize],
        start: impl Fn(usize) -> Vec<f64>,
        steps: usize,
    ) -> Option<Joint> {
        let each = self.systems.iter().enumerate().map(|(s, system)| {
            let problem = &system.problem;
            problem.fit(support, &start(s), None, None, steps)
        });
        Some(Joint {
            support: support.to_vec(),
            each: each.collect::<Option<_>>()?,
        })
    }

    fn keep(&mut self, fit: &Joint) {
        let mut order: Vec<usize> = (0..fit.support.len()).collect();
        order.sort_by_key(|k| fit.support[*k]);
        let support: Vec<usize> = order.iter().map(|k| fit.support[*k]).collect();
        let sorted = fit.each.iter().map(|one| Fit {
            support: support.clone(),
            coefficients: order.iter().map(|k| one.coefficients[*k]).collect(),
            ..one.clone()
        });
        match self.all.get_mut(&support) {
            Some(known) => {
                for (known, new) in known.each.iter_mut().zip(sorted) {
                    if new.cost < known.cost {
                        *known = new;
                    }
                }
            }
            None => {
                let each = sorted.collect();
                let joint = Joint {
                    support: support.clone(),
                    each,
                };
                self.all.insert(support, joint);
            }
        }
    }

    /// What a nat of one row's residual counts, `[S]`, beside the system where it counts most.
    fn weights(&self) -> Vec<f64> {
        let share = self.systems.iter().zip(&self.independent);
        let share: Vec<f64> = share
            .map(|(system, independent)| independent / system.problem.rows as f64)
            .collect();
        let most = share.iter().copied().fold(0.0, f64::max);
        share.iter().map(|share| share / most).collect()
    }

    /// The cost of all systems.
    fn cost(&self, fit: &Joint) -> f64 {
        let each = fit.each.iter().zip(self.weights());
        each.map(|(fit, weight)| fit.cost * weight).sum()
    }

    /// Bits of one system's coefficient.
    fn bits_of_number(&self, system: usize) -> f64 {
        let d = self.systems[system].problem.dof as f64;
        0.5 * (self.independent[system] * d).log2()
    }

    /// Bits of one system's residuals of this cost.
    fn bits_of_residuals(&self, system: usize, cost: f64) -> f64 {
        let rows = self.systems[system].problem.rows as f64;
        cost / LN_2 * (self.independent[system] / rows)
    }

    fn bits_of_name(&self, feature: usize) -> f64 {
        let count = self.features.len();
        match &self.features[feature] {
            Feature::Term(function) => bits_of(function, count),
            Feature::Friction(..) | Feature::Gain(..) => 2.0 + (count as f64).log2(),
        }
    }

    /// Bits of the residuals of these costs `[S]`, and of the terms.
    fn bits(&self, support: &[usize], costs: impl Iterator<Item = f64>) -> f64 {
        let numbers: f64 = (0..self.systems.len())
            .map(|s| self.bits_of_number(s))
            .sum();
        let terms = support.iter().map(|k| numbers + self.bits_of_name(*k));
        let terms = terms.sum::<f64>();
        let residuals = costs
            .enumerate()
            .map(|(s, cost)| self.bits_of_residuals(s, cost));
        residuals.sum::<f64>() + terms
    }

    fn score(&self, fit: &Joint) -> f64 {
        let bits = self.bits(&fit.support, fit.each.iter().map(|one| one.cost));
        bits + self.bits_of_masses(fit)
    }

    /// Bits of how heavy a degree of freedom is and of its potential, where it weighs many times another: numbers of
    /// that size are no simple ones.
    fn bits_of_masses(&self, fit: &Joint) -> f64 {
        let systems = self.systems.iter().zip(&fit.each);
        let each = systems.map(|(system, fit)| {
            match system.problem.lopsided(&fit.support, &fit.coefficients) {
                ratio if ratio >= HEAVY && ratio.is_finite() => 2.0 * ratio.log2(),
                // Also where a product of velocities alone gives a mass.
                _ => 0.0,
            }
        });
        each.sum()
    }

    fn best(&self) -> Option<Joint> {
        let scored = self.all.values().map(|fit| (self.score(fit), fit));
        let best = scored.min_by(|a, b| a.0.total_cmp(&b.0));
        best.map(|(_, fit)| fit.clone())
    }

    /// Coefficients in which every degree of freedom weighs as much as the lightest, where one weighs many times
    /// another. A degree of freedom whose forces are not yet among the terms is given a mass without end, for to
    /// stand still is then its best course; with more terms it has to find back.
    fn evened(&self, problem: &Problem, fit: &Fit) -> Option<Vec<f64>> {
        if problem.lopsided(&fit.support, &fit.coefficients) < EVEN {
            return None;
        }
        let of: Vec<Feature> = fit
            .support
            .iter()
            .map(|k| self.features[*k].clone())
            .collect();
        let bases: BTreeSet<usize> = (0..problem.dof).filter_map(|i| base(&of, i)).collect();
        let size = |place: &usize| fit.coefficients[*place].abs();
        let least = bases.iter().map(size).fold(f64::INFINITY, f64::min);
        let mut even = fit.coefficients.clone();
        for place in bases {
            even[place] = least.copysign(even[place]);
        }
        Some(even)
    }

    /// By how much each feature lowers the cost of all systems when it is added, to first order, `[F]`.
    fn gains(&self, fit: &Joint) -> Option<Vec<f64>> {
        let mut all = vec![0.0; self.features.len()];
        let each = self.systems.iter().zip(&fit.each).zip(self.weights());
        for ((system, fit), weight) in each {
            let gains = system.problem.gains(fit)?;
            all.iter_mut()
                .zip(gains)
                .for_each(|(all, gain)| *all += weight * gain);
        }
        Some(all)
    }

    /// The best with one term more.
    fn longer(&mut self, fit: &Joint) -> Option<Joint> {
        let systems = self.systems.iter().zip(&fit.each);
        let starts: Vec<Vec<Vec<f64>>> = systems
            .map(|(system, fit)| {
                let even = self.evened(&system.problem, fit);
                even.into_iter().chain([fit.coefficients.clone()]).collect()
            })
            .collect();
        let gains = self.gains(fit)?;
        let mut order: Vec<usize> = (0..gains.len()).filter(|k| gains[*k] > 0.0).collect();
        order.sort_by(|a, b| gains[*b].total_cmp(&gains[*a]));
        let mut best: Option<(f64, Joint)> = None;
        for feature in order.into_iter().take(TRIED) {
            let mut support = fit.support.clone();
            support.push(feature);
            let systems = self.systems.iter().zip(&fit.each).zip(&starts);
            let each = systems.map(|((system, fit), starts)| {
                let fits = starts.iter().filter_map(|start| {
                    let mut start = start.clone();
                    start.push(0.0);
                    let scale = Some(&fit.scale[..]);
                    system.problem.fit(&support, &start, scale, None, 25)
                });
                fits.min_by(|a, b| a.cost.total_cmp(&b.cost))
            });
            let Some(each) = each.collect::<Option<Vec<Fit>>>() else {
                continue;
            };
            let longer = Joint { support, each };
            self.keep(&longer);
            let cost = self.cost(&longer);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, longer));
            }
        }
        best.map(|(_, fit)| fit)
    }

    /// Terms added until the description grows longer.
    fn forward(&mut self, from: Joint, most: usize) -> Joint {
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
    fn backward(&mut self, from: Joint) {
        let mut fit = from;
        while fit.support.len() > 1 {
            let mut best: Option<(f64, Joint)> = None;
            for place in 0..fit.support.len() {
                let Some(shorter) = self.without(&fit, place) else {
                    continue;
                };
                let cost = self.cost(&shorter);
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    best = Some((cost, shorter));
                }
            }
            let Some((_, shorter)) = best else {
                return;
            };
            fit = shorter;
        }
    }

    fn without(&mut self, fit: &Joint, place: usize) -> Option<Joint> {
        let mut support = fit.support.clone();
        support.remove(place);
        let systems = self.systems.iter().zip(&fit.each);
        let each = systems.map(|(system, fit)| shorter(&system.problem, fit, place));
        let shorter = Joint {
            support,
            each: each.collect::<Option<_>>()?,
        };
        self.keep(&shorter);
        Some(shorter)
    }

    /// The best after exchanges of one term for another, as long as they help.
    fn swapped(&mut self, from: Joint) -> Joint {
        let mut fit = from;
        for _ in 0..3 {
            let mut best: Option<(f64, Joint)> = None;
            for place in 0..fit.support.len() {
                let Some(shorter) = self.without(&fit, place) else {
                    continue;
                };
                let Some(other) = self.longer(&shorter) else {
                    continue;
                };
                let cost = self.cost(&other);
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    best = Some((cost, other));
                }
            }
            match best {
                Some((_, best)) if self.score(&best) < self.score(&fit) - 1e-6 => fit = best,
                _ => break,
            }
        }
        fit
    }

    /// The sum of the shortest description when groups of rows are held out in turn, of the best of each length.
    fn choose(self) -> Result<Search, Error> {
        let mut lengths: BTreeMap<usize, &Joint> = BTreeMap::new();
        for fit in self.all.values() {
            let best = lengths.entry(fit.support.len()).or_insert(fit);
            if self.score(fit) < self.score(best) {
                *best = fit;
            }
        }
        let each = lengths.into_values().filter_map(|fit| {
            let systems = self.systems.iter().zip(&fit.each);
            let held_out = systems.map(|(system, fit)| held_out(system, fit));
            let (costs, errors): (Vec<Vec<f64>>, Vec<Vec<f64>>) =
                held_out.collect::<Option<Vec<_>>>()?.into_iter().unzip();
            let bits = self.bits(&fit.support, costs.iter().map(|of| of.iter().sum()));
            Some((bits + self.bits_of_masses(fit), fit, costs, errors))
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
        // The bits and one standard error of them, over groups, beside the least.
        let is_as_good = |bits: f64, costs: &[Vec<f64>]| {
            let error = (0..self.systems.len()).map(|s| {
                let groups = &self.systems[s].groups;
                let numbers = groups.iter().max().map_or(1, |g| g + 1);
                let mut apart = vec![0.0; numbers];
                for (row, group) in groups.iter().enumerate() {
                    let by = self.bits_of_residuals(s, 1.0);
                    apart[*group] += (costs[s][row] - best.2[s][row]) * by;
                }
                deviation(apart.into_iter()) * (numbers as f64).sqrt()
            });
            let error = match self.systems.len() {
                1 => error.sum::<f64>(),
                _ => error.map(|error| error * error).sum::<f64>().sqrt(),
            };
            bits - best.0 <= error
        };
        let even = |fit: &Joint| self.bits_of_masses(fit) == 0.0;
        // The shortest that is as good; one without end of mass, whose terms stand for a motion that nothing acts back
        // on, only where there is no other.
        let as_good = || each.iter().filter(|one| is_as_good(one.0, &one.2));
        let (_, chosen, _, relative_errors) = as_good()
            .find(|one| even(one.1))
            .or_else(|| as_good().next())
            .unwrap_or(best);
        let (chosen, relative_errors) = ((*chosen).clone(), relative_errors.clone());
        let bits = self.score(&chosen);
        let others = self
            .all
            .values()
            .filter(|fit| fit.support != chosen.support);
        let others = others.filter_map(|fit| {
            let systems = self.systems.iter().zip(&fit.each);
            let errors = systems.map(|(system, fit)| {
                let residuals = system.problem.residuals(&fit.support, &fit.coefficients)?;
                let square = residuals.iter().map(|e| e * e).sum::<f64>() / residuals.len() as f64;
                Some(square.sqrt())
            });
            Some((fit.clone(), self.score(fit), errors.collect::<Option<_>>()?))
        });
        Ok(Search {
            others: others.collect(),
            needed: match self.systems.len() {
                1 => Vec::new(),
                _ => self.needed(&chosen),
            },
            bits,
            chosen,
            relative_errors,
        })
    }

    fn needed(&self, fit: &Joint) -> Vec<Vec<f64>> {
        let of = |(s, fit): (usize, &Fit)| {
            let places = (0..fit.support.len()).map(|place| {
                let Some(shorter) = shorter(&self.systems[s].problem, fit, place) else {
                    return f64::INFINITY;
                };
                let own = self.bits_of_number(s) + self.bits_of_name(fit.support[place]);
                self.bits_of_residuals(s, shorter.cost - fit.cost) - own
            });
            places.collect()
        };
        fit.each.iter().enumerate().map(of).collect()
    }
}

/// A fit without one of its features.
fn shorter(problem: &Problem, fit: &Fit, place: usize) -> Option<Fit> {
    let (mut support, mut start) = (fit.support.clone(), fit.coefficients.clone());
    support.remove(place);
    start.remove(place);
    problem.fit(&support, &start, Some(&fit.scale), None, 12)
}

/// The cost of each row when it is held out, and the error of all as a share of the deviation, by component.
fn held_out(system: &Rows<'_>, fit: &Fit) -> Option<(Vec<f64>, Vec<f64>)> {
    let (problem, groups) = (&system.problem, &system.groups);
    let folds = groups.iter().max().map_or(1, |g| g + 1).min(FOLDS);
    let d = problem.dof;
    let mut all = vec![0.0; groups.len()];
    let mut squares = vec![0.0; d];
    for fold in 0..folds {
        let out = |row: usize| folds > 1 && groups[row] % folds == fold;
        let weights: Vec<f64> = (0..groups.len())
            .map(|row| if out(row) { 0.0 } else { 1.0 })
            .collect();
        let of_others = problem.fit(
            &fit.support,
            &fit.coefficients,
            Some(&fit.scale),
            Some(&weights),
            12,
        )?;
        let residuals = problem.residuals(&of_others.support, &of_others.coefficients)?;
        let costs = problem.row_costs(&residuals, &of_others.scale);
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

/// How many rows there are as if independent, of residuals `[N, d]` with d = `dof` and the trajectory that each row is of,
/// `[N]`: N over 1 + 2 Σ ρₖ (Bartlett 1946), the residuals' correlations over k rows of a trajectory, summed until they
/// fall below 1/20; of the component where there are fewest, and 8 at least. All rows, where trajectories are not known.
pub fn independent_rows(residuals: &[f64], dof: usize, trajectories: Option<&[usize]>) -> f64 {
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

/// The standard deviation of numbers; NaN of fewer than two.
pub(crate) fn deviation(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    let count = values.len() as f64;
    if values.len() < 2 {
        return f64::NAN;
    }
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|v| (v - mean) * (v - mean));
    (squares.sum::<f64>() / (count - 1.0)).sqrt()
}
