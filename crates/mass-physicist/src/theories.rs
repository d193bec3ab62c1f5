//! The theories under way: laws, what each costs each window, and the moves that change their number.

use crate::{
    design::Design,
    loss::Core,
    mixture::sweep,
    neighbourhood::{Neighbourhoods, REACH},
};

/// A window that a law does not explain costs no more than this, in bits.
pub(crate) const CAP: f64 = 30.0;

/// Laws over one design, at a scale of errors.
pub(crate) struct Theories<'a> {
    pub(crate) design: &'a Design,
    /// The scale of errors where a law holds.
    pub(crate) scale: f64,
    pub(crate) exact: bool,
    pub(crate) laws: Vec<Vec<f64>>,
    /// `[N]` for each law, bits of the error at the scale, at most [`CAP`].
    costs: Vec<Vec<f64>>,
    /// Laws that are no motion, such as bounces off straight walls, with their costs.
    pub(crate) minor: Vec<(Vec<f64>, Vec<f64>)>,
    /// Bits that a law must save.
    price: f64,
    /// Windows that a law must explain.
    pub(crate) least: usize,
    pub(crate) sweeps: usize,
}

impl<'a> Theories<'a> {
    pub(crate) fn new(design: &'a Design, scale: f64, exact: bool) -> Self {
        let n = design.n as f64;
        let constants = (design.d * design.f) as f64;
        Self {
            design,
            scale,
            exact,
            laws: Vec::new(),
            costs: Vec::new(),
            minor: Vec::new(),
            price: 0.5 * constants * n.log2() + 20.0,
            least: (design.f + 3).max((0.005 * n).ceil() as usize),
            sweeps: 0,
        }
    }

    /// Bits of each window's error under a law: a normal error's where it could be the law's own.
    fn cost(&self, law: &[f64]) -> Vec<f64> {
        let inverse = 1.0 / (self.scale * self.scale);
        let half = 0.5 * std::f64::consts::LOG2_E;
        let errors = self.design.errors(law, true);
        errors
            .chunks_exact(self.design.d)
            .map(|u| (half * inverse * u.iter().map(|u| u * u).sum::<f64>()).min(CAP))
            .collect()
    }

    /// Bits up to which a window counts as explained.
    fn reach(&self) -> f64 {
        (0.5 * REACH * REACH * std::f64::consts::LOG2_E).min(CAP - 1e-9)
    }

    pub(crate) fn costs(&self) -> &[Vec<f64>] {
        &self.costs
    }

    pub(crate) fn set_laws(&mut self, laws: Vec<Vec<f64>>) {
        self.costs = laws.iter().map(|law| self.cost(law)).collect();
        self.laws = laws;
    }

    /// The best law of a window, and its bits; of equals the one before.
    pub(crate) fn best(&self, window: usize) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        for (law, costs) in self.costs.iter().enumerate() {
            if best.is_none_or(|(_, least)| costs[window] < least) {
                best = Some((law, costs[window]));
            }
        }
        best
    }

    pub(crate) fn explains(&self, law: usize, window: usize) -> bool {
        self.costs[law][window] < self.reach()
    }

    /// Windows that no law explains.
    pub(crate) fn unexplained(&self) -> Vec<usize> {
        let none = |w: &usize| {
            self.best(*w).is_none_or(|(_, bits)| bits >= self.reach())
                && self
                    .minor
                    .iter()
                    .all(|(_, costs)| costs[*w] >= self.reach())
        };
        (0..self.design.n).filter(none).collect()
    }

    /// Of each law the windows that it explains and explains best.
    pub(crate) fn members(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.laws.len()];
        for window in 0..self.design.n {
            if let Some((law, bits)) = self.best(window)
                && bits < self.reach()
            {
                members[law].push(window);
            }
        }
        members
    }

    /// Sum over windows of the best law's bits, and the laws' own.
    fn bits(&self) -> f64 {
        let windows = (0..self.design.n).map(|w| self.best(w).map_or(CAP, |(_, bits)| bits));
        windows.sum::<f64>() + self.price * self.laws.len() as f64
    }

    /// Adds those of some laws that save most bits, one after the other, while they pay: first those that are
    /// motions. What is none explains only what no motion does. How many motions.
    pub(crate) fn add(&mut self, candidates: Vec<Vec<f64>>) -> usize {
        let with_costs = |law: Vec<f64>| {
            let costs = self.cost(&law);
            (law, costs)
        };
        let all: Vec<(Vec<f64>, Vec<f64>)> = candidates.into_iter().map(with_costs).collect();
        let is_motion = |(law, _): &(Vec<f64>, _)| self.design.recurrence(law).is_motion();
        let (motions, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_motion);
        let mut best: Vec<f64> = (0..self.design.n)
            .map(|w| self.best(w).map_or(CAP, |(_, bits)| bits))
            .collect();
        let (laws, costs): (Vec<_>, Vec<_>) = self.choose(motions, &mut best).into_iter().unzip();
        let added = laws.len();
        self.laws.extend(laws);
        self.costs.extend(costs);
        for (_, costs) in &self.minor {
            best.iter_mut().zip(costs).for_each(|(b, c)| *b = b.min(*c));
        }
        let minor = self.choose(others, &mut best);
        self.minor.extend(minor);
        added
    }

    /// Those of some laws, with their costs, that save most bits beside the best ones so far.
    fn choose(
        &self,
        mut candidates: Vec<(Vec<f64>, Vec<f64>)>,
        best: &mut [f64],
    ) -> Vec<(Vec<f64>, Vec<f64>)> {
        let reach = self.reach();
        let mut chosen = Vec::new();
        while !candidates.is_empty() {
            let mut choice: Option<(usize, f64)> = None;
            for (at, (_, costs)) in candidates.iter().enumerate() {
                let pairs = costs.iter().zip(&*best);
                let gain: f64 = pairs.map(|(cost, best)| (best - cost).max(0.0)).sum();
                if choice.is_none_or(|(_, most)| gain > most) {
                    choice = Some((at, gain));
                }
            }
            let Some((at, _)) = choice.filter(|(_, gain)| *gain >= self.price) else {
                break;
            };
            let (law, costs) = candidates.swap_remove(at);
            let pairs = costs.iter().zip(&*best);
            let own = pairs
                .filter(|(cost, best)| **cost < reach && *cost < *best)
                .count();
            if own < self.least {
                continue;
            }
            best.iter_mut()
                .zip(&costs)
                .for_each(|(b, c)| *b = b.min(*c));
            chosen.push((law, costs));
        }
        chosen
    }

    /// Majorise–minimise by the harmonic mean, at floors that fall to the scale.
    pub(crate) fn anneal(&mut self, floors: &[f64], windows: &[usize]) {
        if self.laws.is_empty() {
            return;
        }
        let mut laws = self.laws.clone();
        for floor in floors {
            let core = Core::Bits {
                floor: floor * self.scale,
            };
            sweep(self.design, &mut laws, core, -1.0, Some(windows));
            self.sweeps += 1;
        }
        self.keep_if_better(laws);
    }

    fn keep_if_better(&mut self, laws: Vec<Vec<f64>>) {
        let before = self.bits();
        let (old, costs) = (self.laws.clone(), self.costs.clone());
        self.set_laws(laws);
        if self.bits() > before {
            (self.laws, self.costs) = (old, costs);
        }
    }

    /// Least squares of each law over its own windows.
    pub(crate) fn refine(&mut self) {
        let members = self.members();
        let laws = self
            .laws
            .iter()
            .zip(&members)
            .map(|(law, members)| {
                let enough = members.len() > self.design.f + 1;
                let fit = enough.then(|| self.design.least_squares(members, 0.0));
                fit.flatten().map_or_else(|| law.clone(), |fit| fit.law)
            })
            .collect();
        self.keep_if_better(laws);
    }

    /// Merges pairs of laws where one law for the windows of both costs fewer bits. How many.
    pub(crate) fn merge(&mut self) -> usize {
        let mut merged = 0;
        'again: loop {
            let members = self.members();
            for i in 0..self.laws.len() {
                for j in i + 1..self.laws.len() {
                    let union: Vec<usize> = members[i].iter().chain(&members[j]).copied().collect();
                    if union.is_empty() {
                        continue;
                    }
                    let Some(law) = self.common(&union) else {
                        continue;
                    };
                    let together = self.cost(&law);
                    let apart = |w: &usize| self.costs[i][*w].min(self.costs[j][*w]);
                    let gain: f64 = union.iter().map(|w| apart(w) - together[*w]).sum();
                    let reach = self.reach();
                    let covered = union.iter().filter(|w| together[**w] < reach).count();
                    if gain + self.price > 0.0
                        && self.design.recurrence(&law).is_motion()
                        && covered as f64 >= 0.93 * union.len() as f64
                    {
                        self.laws[i] = law;
                        self.costs[i] = together;
                        self.laws.remove(j);
                        self.costs.remove(j);
                        merged += 1;
                        continue 'again;
                    }
                }
            }
            return merged;
        }
    }

    /// One law for all of these windows.
    fn common(&self, windows: &[usize]) -> Option<Vec<f64>> {
        let fit = self.design.least_squares(windows, 0.0)?;
        if fit.scatter < 2.0 * self.scale || self.exact {
            return Some(fit.law);
        }
        self.design.robust(windows, &fit.law, 2.0 * self.scale, 4)
    }

    /// Cuts the windows of a law across the arena where two laws cost fewer bits. How many.
    pub(crate) fn split(&mut self, positions: &[f64]) -> usize {
        let d = self.design.d;
        let mut added = 0;
        let mut at = 0;
        while at < self.laws.len() && self.laws.len() < 12 {
            let members = self.members().swap_remove(at);
            let mut best: Option<(f64, Vec<f64>, Vec<f64>)> = None;
            for axis in 0..d {
                let mut order = members.clone();
                let value = |w: &usize| positions[w * d + axis];
                order.sort_unstable_by(|a, b| value(a).total_cmp(&value(b)));
                for k in 1..12 {
                    let (below, above) = order.split_at(k * order.len() / 12);
                    if below.len() < 2 * self.least || above.len() < 2 * self.least {
                        continue;
                    }
                    let fits = [below, above].map(|side| self.design.least_squares(side, 0.0));
                    let [Some(low), Some(high)] = fits else {
                        continue;
                    };
                    let squares = |windows: &[usize], law: &[f64]| -> f64 {
                        let amplification = self.design.amplification(law);
                        let of = windows.iter().map(|w| {
                            (0..d)
                                .map(|k| (self.design.error(law, *w, k) / amplification[k]).powi(2))
                                .sum::<f64>()
                        });
                        of.sum()
                    };
                    let saved = squares(&order, &self.laws[at])
                        - squares(below, &low.law)
                        - squares(above, &high.law);
                    let bits = 0.5 * std::f64::consts::LOG2_E * saved / self.scale.powi(2);
                    if bits > 1.5 * self.price && best.as_ref().is_none_or(|(b, ..)| bits > *b) {
                        best = Some((bits, low.law, high.law));
                    }
                }
            }
            match best {
                Some((_, low, high)) => {
                    let mut laws = self.laws.clone();
                    laws[at] = low;
                    laws.push(high);
                    self.set_laws(laws);
                    added += 1;
                    at += 1;
                }
                None => at += 1,
            }
        }
        added
    }

    /// Deletes laws that explain too little by themselves, or whose windows others explain about as well; the
    /// last one stays. How many.
    pub(crate) fn delete(&mut self) -> usize {
        let mut deleted = 0;
        while self.laws.len() > 1 {
            let members = self.members();
            let mut worst: Option<(usize, f64)> = None;
            for (law, own) in members.iter().enumerate() {
                let second = |w: &usize| {
                    let others = (0..self.laws.len()).filter(|other| *other != law);
                    others
                        .map(|other| self.costs[other][*w])
                        .fold(CAP, f64::min)
                };
                let worth: f64 = own.iter().map(|w| second(w) - self.costs[law][*w]).sum();
                let poor = worth < self.price || own.len() < self.least;
                if poor && worst.is_none_or(|(_, least)| worth < least) {
                    worst = Some((law, worth));
                }
            }
            let Some((law, _)) = worst else { break };
            self.laws.remove(law);
            self.costs.remove(law);
            deleted += 1;
        }
        deleted
    }

    /// New laws among the windows that none explains. How many.
    pub(crate) fn search(&mut self, near: &Neighbourhoods<'_>, attempts: usize) -> usize {
        let minor = self.minor.iter().map(|(law, _)| law);
        let known: Vec<Vec<f64>> = self.laws.iter().chain(minor).cloned().collect();
        let found = near.seedlings(&known, attempts);
        self.add(found.into_iter().map(|seedling| seedling.law).collect())
    }
}
