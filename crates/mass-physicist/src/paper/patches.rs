//! First theories for laws of any form: patches of states grow as far as a network predicts, and are put together to laws.

use mass_systems::{ChaCha8Rng, QuantileRule, quantile};
use nalgebra::DMatrix;

use crate::{
    error::Error,
    loss::Core,
    nets::{
        adam::Adam,
        blocks::{Blocks, shuffle},
        classifier::{LeakyNetwork, Target},
        predictors::{Predictors, Step},
        tanh::TanhTheories,
        theories::Together,
    },
};

/// How [`NonlinearPaper`](crate::NonlinearPaper) finds its first theories, where they are not random.
///
/// A patch begins as a small neighbourhood of one law, which is one that a quadratic function predicts well. A network of its
/// own learns it, and takes in the windows next to it that it predicts, while other patches do the same: over a border
/// no network predicts. Then patches are put together to as many laws as were asked for (never fewer, if there are as many patches), in the way of the shortest
/// description: what it costs one network to know both sides of a border between two patches of one law, in bits over
/// two networks, and what it costs a classifier to say which law a state obeys.
///
/// The training that follows begins at the floor that patches had, with [`Paper::phase_rate`](crate::Paper::phase_rate). Rates are fixed, so
/// positions should be in units in which a step is of order 0.1 to 10.
///
/// DIFFERENCE: ours. The paper's theories begin with random parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patches {
    /// Times that patches are grown, of which those are kept whose borders are explained best (3).
    pub attempts: usize,
    /// Patches, at most (8), of which the six greatest are put together.
    pub most: usize,
    /// The share of the windows in the neighbourhood as which a patch begins (0.04) …
    pub share: f64,
    /// … and of those that count as next to a window (0.002).
    pub near_share: f64,
    /// Rounds of growth after each new patch (15).
    pub rounds: usize,
    /// Windows, counted as often as they are seen, from which the newest patch's network learns in a round (40 000); five times as many
    /// in its first, a quarter in those of later patches.
    pub work: usize,
    /// A window is predicted if the error is below this share of a step's root mean square (0.09), or below three times the median of
    /// the patch's own windows.
    pub reach: f64,
    /// ε of the losses, as such a share (0.02).
    pub floor: f64,
    /// Patches below this share of the windows are not put together (0.05); their windows go to the law that
    /// predicts them best.
    pub least_share: f64,
    /// Of such work, as often as that: a network that learns two patches that touch (10) …
    pub border_rounds: usize,
    /// … a classifier that learns the domains of a way to put patches together (30) …
    pub domain_rounds: usize,
    /// … and a law's network that learns its patches, twice (30).
    pub law_rounds: usize,
    /// What a bit of domains counts beside a bit of borders (¼): networks that are trained so briefly say too little of what a
    /// border costs.
    pub domain_weight: f64,
}

impl Default for Patches {
    fn default() -> Self {
        Self {
            attempts: 3,
            most: 8,
            share: 0.04,
            rounds: 15,
            work: 40_000,
            reach: 0.09,
            floor: 0.02,
            near_share: 0.002,
            least_share: 0.05,
            border_rounds: 10,
            domain_rounds: 30,
            domain_weight: 0.25,
            law_rounds: 30,
        }
    }
}

/// Adam's rate, and for the last third of a training a quarter of it.
const RATE: f64 = 2e-3;
/// Blocks of a batch.
const BATCH: usize = 8;
/// Neighbourhoods of which the purest is where a patch begins.
const ANCHORS: usize = 40;
/// A patch of fewer windows has no network of its own any more.
const LEAST_WINDOWS: usize = 30;
/// Windows next to one, at least.
const LEAST_NEIGHBOURS: usize = 4;
/// Of fewer windows no patches are grown.
const LEAST_COUNT: usize = 10 * LEAST_WINDOWS;
/// Patches that are put together, at most: there are 31 ways to make two laws of six.
const MOST_TOGETHER: usize = 6;
const LANES: usize = <f32 as mass_lanes::Real>::LANES;

/// Patches as they grow.
struct Growth<'a> {
    settings: Patches,
    data: &'a Blocks<f32>,
    sizes: &'a [usize],
    /// Units of a classifier's layers.
    width: usize,
    /// Inputs `[N, I]` and outputs `[N, O]`.
    inputs: Vec<f64>,
    outputs: Vec<f64>,
    /// The nearest windows of each `[N, neighbours]`, by the networks' numbers.
    near: Vec<usize>,
    neighbours: usize,
    /// Windows as which a patch begins.
    begin: usize,
    /// Root mean square of a step.
    unit: f64,
    rng: &'a mut ChaCha8Rng,
    /// Windows learned from, as often as they were.
    seen: usize,
}

/// Patches that have grown.
struct Grown {
    /// The patch of each window, if it is in one.
    owner: Vec<Option<usize>>,
    /// Of each patch.
    networks: Vec<TanhTheories>,
}

/// Theories to begin with, and the epochs that they took.
pub(super) struct Begun {
    pub theories: TanhTheories,
    pub epochs: usize,
    /// ε, in the unit of the outputs.
    pub floor: f64,
}

impl Patches {
    pub(super) fn check(&self) -> Result<(), Error> {
        let refuse = |problem: String| Err(Error::Request(problem));
        for share in [self.share, self.near_share, self.least_share] {
            if !(share > 0.0 && share < 1.0) {
                return refuse(format!(
                    "a share of {share} of the windows, for patches; it must be between 0 and 1"
                ));
            }
        }
        for size in [self.reach, self.floor, self.domain_weight] {
            if !(size > 0.0 && size.is_finite()) {
                return refuse(format!(
                    "a reach, floor or weight of {size}, for patches; it must be positive"
                ));
            }
        }
        let counts = [
            self.attempts,
            self.most,
            self.rounds,
            self.work,
            self.border_rounds,
            self.domain_rounds,
            self.law_rounds,
        ];
        if counts.contains(&0) {
            return refuse(
                "attempts, patches, rounds and the windows of a round must be at least 1".into(),
            );
        }
        Ok(())
    }

    /// At most `most` theories, networks of these sizes. None where there are too few windows.
    pub(super) fn begin(
        self,
        data: &Blocks<f32>,
        sizes: &[usize],
        width: usize,
        most: usize,
        rng: &mut ChaCha8Rng,
    ) -> Option<Begun> {
        if data.count < LEAST_COUNT {
            return None;
        }
        let mut growth = Growth::new(self, data, sizes, width, rng);
        let mut best = (f64::NEG_INFINITY, Vec::new());
        for _ in 0..self.attempts {
            let grown = growth.grow();
            let (gain, law) = growth.laws(&grown, most);
            if gain > best.0 || !best.1.iter().any(Option::is_some) {
                best = (gain, law);
            }
        }
        let theories = growth.learn(&best.1).into_iter().reduce(|mut all, one| {
            all.push(one);
            all
        })?;
        Some(Begun {
            theories,
            epochs: growth.seen.div_ceil(data.count),
            floor: self.floor * growth.unit,
        })
    }
}

impl<'a> Growth<'a> {
    fn new(
        settings: Patches,
        data: &'a Blocks<f32>,
        sizes: &'a [usize],
        width: usize,
        rng: &'a mut ChaCha8Rng,
    ) -> Self {
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        for w in 0..data.count {
            let values = data.block(w / LANES).iter().skip(w % LANES).step_by(LANES);
            let row: Vec<f64> = values.map(|x| f64::from(*x)).collect();
            inputs.extend_from_slice(&row[..data.inputs]);
            outputs.extend_from_slice(&row[data.inputs..]);
        }
        let part = |share: f64| (share * data.count as f64).round() as usize;
        let squares: f64 = outputs.iter().map(|y| y * y).sum();
        let mut growth = Self {
            settings,
            data,
            sizes,
            width,
            inputs,
            outputs,
            near: Vec::new(),
            neighbours: part(settings.near_share).clamp(LEAST_NEIGHBOURS, data.count - 1),
            begin: part(settings.share).max(2 * LEAST_WINDOWS),
            unit: (squares / data.count as f64)
                .sqrt()
                .max(f64::from(f32::MIN_POSITIVE)),
            rng,
            seen: 0,
        };
        let all: Vec<usize> = (0..data.count).collect();
        // The nearest of all is the window itself.
        let count = growth.neighbours + 1;
        growth.near = all
            .iter()
            .flat_map(|w| {
                let mut near = growth.nearest(*w, &all, count);
                near.retain(|other| other != w);
                near.truncate(count - 1);
                near
            })
            .collect();
        growth
    }

    fn input(&self, window: usize) -> &[f64] {
        &self.inputs[window * self.data.inputs..(window + 1) * self.data.inputs]
    }

    /// Of some windows, those nearest to one.
    fn nearest(&self, window: usize, among: &[usize], count: usize) -> Vec<usize> {
        let center = self.input(window);
        let distance = |w: &usize| {
            let pairs = self.input(*w).iter().zip(center);
            (pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f64>(), *w)
        };
        let mut all: Vec<(f64, usize)> = among.iter().map(distance).collect();
        let count = count.min(all.len());
        if count < all.len() {
            all.select_nth_unstable_by(count, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        all[..count].iter().map(|(_, w)| *w).collect()
    }

    /// Of neighbourhoods among some windows, the one that a quadratic function predicts best.
    fn purest(&mut self, among: &[usize]) -> Vec<usize> {
        let mut anchors = among.to_vec();
        shuffle(&mut anchors, self.rng);
        anchors.truncate(ANCHORS);
        let mut best = (f64::INFINITY, Vec::new());
        for anchor in anchors {
            let near = self.nearest(anchor, among, self.begin);
            let error = self.impurity(anchor, &near);
            if error < best.0 || best.1.is_empty() {
                best = (error, near);
            }
        }
        best.1
    }

    /// The median error of a window by a quadratic function of the others.
    fn impurity(&self, anchor: usize, near: &[usize]) -> f64 {
        let (i, o) = (self.data.inputs, self.data.outputs);
        let pairs: Vec<(usize, usize)> = (0..i).flat_map(|a| (a..i).map(move |b| (a, b))).collect();
        let quadratic = near.len() > 2 * (1 + i + pairs.len());
        let columns = 1 + i + if quadratic { pairs.len() } else { 0 };
        let center = self.input(anchor).to_vec();
        let features = DMatrix::from_fn(near.len(), columns, |row, column| {
            let x = |k: usize| self.input(near[row])[k] - center[k];
            match column {
                0 => 1.0,
                k if k <= i => x(k - 1),
                k => x(pairs[k - 1 - i].0) * x(pairs[k - 1 - i].1),
            }
        });
        let outputs = DMatrix::from_fn(near.len(), o, |row, d| self.outputs[near[row] * o + d]);
        let q = features.qr().q();
        let left = &outputs - &q * (q.transpose() * &outputs);
        let errors: Vec<f64> = (0..near.len())
            .map(|row| {
                // Without the window itself, its error is greater by its leverage.
                let alone = (1.0 - q.row(row).norm_squared()).max(f64::EPSILON);
                left.row(row).norm() / alone
            })
            .collect();
        quantile(&errors, 0.5, QuantileRule::Linear)
    }

    /// Epochs over so many windows in some rounds.
    fn epochs(&self, rounds: usize, windows: usize) -> usize {
        (rounds * self.settings.work).div_ceil(windows.max(1))
    }

    /// Trains a network on some windows.
    fn train(&mut self, network: &mut TanhTheories, windows: &[usize], epochs: usize) {
        let mut windows = windows.to_vec();
        shuffle(&mut windows, self.rng);
        let data = self.data.subset(&windows);
        let own = vec![0.0; data.len() * LANES];
        let mut order: Vec<usize> = (0..data.len()).collect();
        let batch = if windows.len() < 1000 {
            BATCH / 2
        } else {
            BATCH
        };
        for epoch in 0..epochs {
            let slow = 3 * epoch >= 2 * epochs;
            let step = Step {
                rate: if slow { 0.25 * RATE } else { RATE },
                sparsity: 0.0,
                biases_only: false,
            };
            shuffle(&mut order, self.rng);
            for batch in order.chunks(batch) {
                let floor = self.settings.floor * self.unit;
                network.step(&data, batch, Together::Chosen(&own), floor, step);
            }
        }
        self.seen += epochs * windows.len();
    }

    /// Sizes of the errors of all windows.
    fn errors(&self, network: &TanhTheories) -> Vec<f64> {
        let first = vec![0.0; self.data.len() * LANES];
        let errors = network.errors(self.data, &first);
        let each = errors.chunks_exact(self.data.outputs);
        each.map(|u| u.iter().map(|u| u * u).sum::<f64>().sqrt())
            .collect()
    }

    fn network(&mut self) -> TanhTheories {
        TanhTheories::random(1, self.sizes, self.rng)
    }

    fn grow(&mut self) -> Grown {
        let s = self.settings;
        let n = self.data.count;
        let mut owner: Vec<Option<usize>> = vec![None; n];
        let mut open: Vec<usize> = (0..n).collect();
        let mut networks: Vec<TanhTheories> = Vec::new();
        let reach = s.reach * self.unit;
        while networks.len() < s.most && open.len() >= self.begin.max(n / 20) {
            let newest = networks.len();
            for w in self.purest(&open) {
                owner[w] = Some(newest);
            }
            let network = self.network();
            networks.push(network);
            let mut errors = vec![Vec::new(); networks.len()];
            for round in 0..s.rounds {
                for (number, network) in networks.iter_mut().enumerate() {
                    let own = self.windows_of(&owner, number);
                    if own.len() < LEAST_WINDOWS {
                        errors[number] = vec![f64::INFINITY; n];
                        continue;
                    }
                    let epochs = match (number == newest, round) {
                        (true, 0) => 5 * (s.work / own.len()).max(4),
                        (true, _) => (s.work / own.len()).max(4),
                        (false, _) => (s.work / (4 * own.len())).max(2),
                    };
                    self.train(network, &own, epochs);
                    let mut all = self.errors(network);
                    let mine: Vec<f64> = own.iter().map(|w| all[*w]).collect();
                    let limit = reach.max(3.0 * quantile(&mine, 0.5, QuantileRule::Linear));
                    for (w, error) in all.iter_mut().enumerate() {
                        if *error >= limit || !self.is_next_to(&owner, w, number) {
                            *error = f64::INFINITY;
                        }
                    }
                    errors[number] = all;
                }
                owner = (0..n).map(|w| least(&errors, w)).collect();
            }
            let all: Vec<Vec<f64>> = networks.iter().map(|net| self.errors(net)).collect();
            open = (0..n)
                .filter(|w| !all.iter().any(|errors| errors[*w] < reach))
                .collect();
        }
        Grown { owner, networks }
    }

    /// Networks of the laws of windows.
    fn learn(&mut self, law: &[Option<usize>]) -> Vec<TanhTheories> {
        let count = count(law.iter().flatten());
        let mut networks: Vec<TanhTheories> = (0..count).map(|_| self.network()).collect();
        let mut chosen = law.to_vec();
        for _ in 0..2 {
            for (number, network) in networks.iter_mut().enumerate() {
                let own = self.windows_of(&chosen, number);
                let epochs = self.epochs(self.settings.law_rounds, own.len());
                self.train(network, &own, epochs);
            }
            // What is in no patch goes where it is predicted best.
            let errors: Vec<Vec<f64>> = networks.iter().map(|net| self.errors(net)).collect();
            let all = law.iter().enumerate();
            chosen = all
                .map(|(w, law)| law.or_else(|| least(&errors, w)))
                .collect();
        }
        networks
    }

    /// Patches put together to `most` laws, if there are as many: of the bits of all borders the share that it saves, what domains
    /// cost taken off, and the law of each window that is in a patch.
    fn laws(&mut self, grown: &Grown, most: usize) -> (f64, Vec<Option<usize>>) {
        let n = self.data.count;
        let owner = &grown.owner;
        let mut patches: Vec<(usize, usize)> = (0..self.settings.most)
            .map(|patch| (self.windows_of(owner, patch).len(), patch))
            .filter(|(size, _)| *size as f64 >= self.settings.least_share * n as f64 && *size > 0)
            .collect();
        patches.sort_by(|a, b| b.cmp(a));
        patches.truncate(MOST_TOGETHER);
        let borders = self.borders(grown, &patches);
        let mut best = (f64::INFINITY, Vec::new());
        for laws in assignments(patches.len(), most) {
            let law: Vec<Option<usize>> = owner
                .iter()
                .map(|patch| {
                    let at = patches
                        .iter()
                        .position(|(_, number)| Some(*number) == *patch);
                    at.map(|at| laws[at])
                })
                .collect();
            let within = borders.iter().filter(|(p, q, _)| laws[*p] == laws[*q]);
            let bits: f64 = within.map(|(.., bits)| bits).sum();
            let bits = bits + self.settings.domain_weight * self.domain_bits(&law);
            if bits < best.0 || best.1.is_empty() {
                best = (bits, law);
            }
        }
        let one: f64 = borders.iter().map(|(.., bits)| bits).sum();
        // One law, or borders that cost nothing, are nothing to go by.
        let gain = if patches.len() > 1 && one > 0.0 {
            (one - best.0) / one
        } else {
            f64::NEG_INFINITY
        };
        (gain, best.1)
    }

    fn windows_of(&self, owner: &[Option<usize>], number: usize) -> Vec<usize> {
        let all = 0..owner.len();
        all.filter(|w| owner[*w] == Some(number)).collect()
    }

    /// Of patches that touch, what it costs one network to know both: bits of the windows on either side of their border, over
    /// those by two networks. Patches are numbered by their place among `patches`.
    fn borders(&mut self, grown: &Grown, patches: &[(usize, usize)]) -> Vec<(usize, usize, f64)> {
        let owner = &grown.owner;
        let mut borders = Vec::new();
        let core = Core::Bits {
            floor: self.settings.floor * self.unit,
        };
        let all: Vec<Vec<usize>> = patches
            .iter()
            .map(|(_, patch)| self.windows_of(owner, *patch))
            .collect();
        let networks: Vec<&TanhTheories> = patches
            .iter()
            .map(|(_, patch)| &grown.networks[*patch])
            .collect();
        let alone: Vec<Vec<f64>> = networks.iter().map(|net| self.errors(net)).collect();
        for q in 0..patches.len() {
            for p in 0..q {
                let here = self.touching(owner, &all[p], patches[q].1);
                let there = self.touching(owner, &all[q], patches[p].1);
                let count = (here.len() + there.len()) as f64;
                if count == 0.0 {
                    continue;
                }
                let both = [all[p].as_slice(), all[q].as_slice()].concat();
                // The greater patch's network is the better beginning.
                let mut network = networks[p].clone();
                let epochs = self.epochs(self.settings.border_rounds, both.len());
                self.train(&mut network, &both, epochs);
                let one = self.errors(&network);
                let cost = |windows: &[usize], alone: &[f64]| -> f64 {
                    let more = |w: &usize| core.loss(&[one[*w]]) - core.loss(&[alone[*w]]);
                    windows.iter().map(more).sum()
                };
                let at = cost(&here, &alone[p]) + cost(&there, &alone[q]);
                let everywhere = cost(&all[p], &alone[p]) + cost(&all[q], &alone[q]);
                // A network of more windows knows each a little less; that is no border's doing.
                let usual = (everywhere - at) / (both.len() as f64 - count).max(1.0);
                borders.push((p, q, (at - count * usual).max(0.0)));
            }
        }
        borders
    }

    /// Of some windows, those that are next to one of a patch.
    fn touching(&self, owner: &[Option<usize>], windows: &[usize], patch: usize) -> Vec<usize> {
        let next = |w: &usize| self.is_next_to(owner, *w, patch);
        windows.iter().copied().filter(next).collect()
    }

    fn is_next_to(&self, owner: &[Option<usize>], window: usize, patch: usize) -> bool {
        let k = self.neighbours;
        let near = &self.near[window * k..(window + 1) * k];
        near.iter().any(|v| owner[*v] == Some(patch))
    }

    /// What it costs to say of all windows in patches whose law they obey, by a classifier that has learned it.
    fn domain_bits(&mut self, law: &[Option<usize>]) -> f64 {
        let outputs = count(law.iter().flatten());
        if outputs < 2 {
            return 0.0;
        }
        let windows: Vec<usize> = (0..law.len()).filter(|w| law[*w].is_some()).collect();
        let data = self.data.subset(&windows);
        let mut target = vec![0.0; data.len() * LANES];
        for (target, w) in target.iter_mut().zip(&windows) {
            *target = law[*w].unwrap_or_default() as f32;
        }
        let mut network = LeakyNetwork::random(data.inputs, self.width, outputs, self.rng);
        let mut adam = Adam::new(network.parameters.len());
        let mut order: Vec<usize> = (0..data.len()).collect();
        let epochs = self.epochs(self.settings.domain_rounds, windows.len());
        for epoch in 0..epochs {
            let slow = 3 * epoch >= 2 * epochs;
            shuffle(&mut order, self.rng);
            for batch in order.chunks(BATCH) {
                let mut gradient = vec![0.0; network.parameters.len()];
                network.loss(&data, batch, Target::Number(&target), Some(&mut gradient));
                let rate = if slow { RATE } else { 4.0 * RATE };
                adam.step(&mut network.parameters, &gradient, rate);
            }
        }
        let everything: Vec<usize> = (0..data.len()).collect();
        let nats = network.loss(&data, &everything, Target::Number(&target), None);
        nats * std::f64::consts::LOG2_E * windows.len() as f64
    }
}

/// Of finite errors of one window, whose is the least.
fn least(errors: &[Vec<f64>], window: usize) -> Option<usize> {
    let finite = (0..errors.len()).filter(|k| errors[*k][window].is_finite());
    finite.min_by(|a, b| errors[*a][window].total_cmp(&errors[*b][window]))
}

/// How many laws there are, by the greatest number.
fn count<'a>(laws: impl IntoIterator<Item = &'a usize>) -> usize {
    laws.into_iter().max().map_or(0, |most| most + 1)
}

/// All ways to put so many patches into so many laws, or each into its own if there are not more: the first patch's law is 0, and a
/// law that is new has the next number.
fn assignments(patches: usize, laws: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..patches {
        let longer = all.into_iter().flat_map(|start: Vec<usize>| {
            (0..(count(&start) + 1).min(laws)).map(move |law| [start.as_slice(), &[law]].concat())
        });
        all = longer.collect();
    }
    all.retain(|one| count(one) == patches.min(laws));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_put_together_in_every_way_once() {
        let two = assignments(4, 2);
        // Stirling numbers of the second kind: S(4, 2) = 7, S(5, 3) = 25.
        assert_eq!(two.len(), 7);
        assert_eq!(two[0], [0, 0, 0, 1]);
        assert_eq!(assignments(5, 3).len(), 25);
        assert_eq!(assignments(2, 3), [[0, 1]]);
        assert_eq!(assignments(1, 2), [[0]]);
        assert_eq!(assignments(0, 2), [Vec::<usize>::new()]);
    }
}
