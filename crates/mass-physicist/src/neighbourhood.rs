//! Laws from the data themselves: what near windows obey exactly, grown for as long as it holds.

use mass_systems::{Purpose, QuantileRule, quantile, stream, uniform};

use crate::design::{Design, Fit};

/// A law that was grown.
pub(crate) struct Seedling {
    pub(crate) law: Vec<f64>,
}

/// Errors up to so many times their scale are a law's own.
pub(crate) const REACH: f64 = 6.0;

/// What near windows say about the noise, and where laws are sought.
pub(crate) struct Neighbourhoods<'a> {
    design: &'a Design,
    /// Windows in random order.
    anchors: Vec<usize>,
    /// Scale of errors where a law holds, in the design's units.
    pub(crate) scale: f64,
}

impl<'a> Neighbourhoods<'a> {
    /// Estimates the scale of errors: within a small neighbourhood in (r, Δr) a law holds exactly, so that what
    /// is left there is noise, and most neighbourhoods are within one law.
    pub(crate) fn new(design: &'a Design, seed: u64) -> Self {
        let mut this = Self::with_scale(design, seed, design.rounding);
        let size = (design.f + 5).min(design.n);
        let mut scatters: Vec<f64> = Vec::new();
        for &anchor in this.anchors.iter().take(80) {
            let near = this.nearest(anchor, size);
            scatters.extend(design.least_squares(&near, 0.0).map(|fit| fit.scatter));
        }
        scatters.sort_unstable_by(f64::total_cmp);
        if !scatters.is_empty() {
            // Few windows make few pure neighbourhoods: the smallest that are not alone.
            let low = scatters[(scatters.len() / 25).min(scatters.len() - 1)];
            if low < 1e-9 {
                this.scale = (4.0 * low).clamp(4.0 * design.rounding, 1e-9);
                return this;
            }
        }
        // Noise: more neighbours, for less chance.
        let size = (design.f + 27).min(design.n / 2).max(design.f + 3);
        let mut scatters = Vec::new();
        for &anchor in this.anchors.iter().take(120) {
            let near = this.nearest(anchor, size);
            scatters.extend(design.least_squares(&near, 0.0).map(|fit| fit.scatter));
        }
        let low = quantile(&scatters, 0.25, QuantileRule::Linear);
        if low.is_finite() {
            this.scale = (1.1 * low).max(design.rounding);
        }
        this
    }

    /// With a scale that is known.
    pub(crate) fn with_scale(design: &'a Design, seed: u64, scale: f64) -> Self {
        let mut rng = stream(seed, Purpose::TrainData, "physicist-anchors");
        let mut anchors: Vec<usize> = (0..design.n).collect();
        for at in (1..anchors.len()).rev() {
            let other = (uniform(&mut rng, 0.0, (at + 1) as f64) as usize).min(at);
            anchors.swap(at, other);
        }
        Self {
            design,
            anchors,
            scale,
        }
    }

    /// Whether there is no noise but rounding.
    pub(crate) fn is_exact(&self) -> bool {
        self.scale <= 1e-9
    }

    fn distances(&self, anchor: usize) -> Vec<(f64, usize)> {
        let center = self.design.features(anchor).to_vec();
        let width = 2 * self.design.d;
        let squares = self.design.x.chunks_exact(self.design.f).enumerate();
        squares
            .map(|(window, x)| {
                let pairs = x[..width].iter().zip(&center);
                (pairs.map(|(a, b)| (a - b) * (a - b)).sum(), window)
            })
            .collect()
    }

    fn nearest(&self, anchor: usize, count: usize) -> Vec<usize> {
        let mut all = self.distances(anchor);
        let count = count.min(all.len());
        if count < all.len() {
            all.select_nth_unstable_by(count, |a, b| a.0.total_cmp(&b.0));
        }
        all[..count].iter().map(|(_, window)| *window).collect()
    }

    /// Grows a law from a pure neighbourhood: over twice as many windows at a time, those that it predicts within
    /// its own uncertainty there.
    /// Without noise only windows that no law of `known` explains have a say. A law that is no motion is returned
    /// only if no size gives one that is.
    fn grow(&self, anchor: usize, sizes: &[usize], known: &[Vec<f64>]) -> Option<Seedling> {
        let design = self.design;
        let mut all = self.distances(anchor);
        all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let order: Vec<usize> = all.into_iter().map(|(_, window)| window).collect();
        let order = match self.is_exact() {
            true => order
                .into_iter()
                .filter(|w| self.is_open(known, *w))
                .collect(),
            false => order,
        };
        let mut other = None;
        let limit = if self.is_exact() { 3.0 } else { 1.6 };
        for &size in sizes {
            if size > order.len() {
                continue;
            }
            let fit = design.least_squares(&order[..size], self.ridge());
            if let Some(fit) = fit.filter(|fit| fit.scatter < limit * self.scale)
                && let Some(seedling) = self.spread(fit, &order, size)
            {
                if design.recurrence(&seedling.law).is_motion() {
                    return Some(seedling);
                }
                other = other.or(Some(seedling));
            }
        }
        other
    }

    /// Whether none of the laws explains a window.
    fn is_open(&self, laws: &[Vec<f64>], window: usize) -> bool {
        let design = self.design;
        laws.iter().all(|law| {
            (0..design.d).any(|k| design.error(law, window, k).abs() >= REACH * self.scale)
        })
    }

    /// Constants are of order 0.3 at most a priori, which decides nothing that the data decide.
    fn ridge(&self) -> f64 {
        (self.scale / 0.3).powi(2)
    }

    fn spread(&self, mut fit: Fit, order: &[usize], mut size: usize) -> Option<Seedling> {
        let design = self.design;
        let mut members = Vec::new();
        // A prediction less certain than this would take whatever comes.
        let uncertain = (4.0 * self.scale).max(if self.is_exact() { 1e-6 } else { 3e-4 });
        loop {
            size = (2 * size).min(order.len());
            members.clear();
            for &window in &order[..size] {
                let x = design.features(window);
                let mut leverage = 0.0;
                for a in 0..design.f {
                    let row: f64 = (0..design.f).map(|b| fit.covariance[(a, b)] * x[b]).sum();
                    leverage += x[a] * row;
                }
                if self.scale * leverage.max(0.0).sqrt() > uncertain {
                    continue;
                }
                let reach = 4.5 * self.scale * (1.0 + leverage).sqrt();
                if (0..design.d).all(|k| design.error(&fit.law, window, k).abs() < reach) {
                    members.push(window);
                }
            }
            if members.len() < design.f + 2 {
                return None;
            }
            fit = design.least_squares(&members, self.ridge())?;
            if fit.scatter > 2.5 * self.scale {
                return None;
            }
            if size == order.len() {
                break;
            }
        }
        Some(Seedling { law: fit.law })
    }

    /// Sizes of neighbourhoods to begin with.
    fn sizes(&self) -> Vec<usize> {
        let f = self.design.f;
        if self.is_exact() {
            vec![2 * f + 2, f + 4, f + 2]
        } else {
            vec![200, 100, 50, 25]
        }
    }

    /// Laws that between them explain what can be explained. `known` are there already; anchors are among the
    /// windows that none of them explains.
    pub(crate) fn seedlings(&self, known: &[Vec<f64>], attempts: usize) -> Vec<Seedling> {
        let design = self.design;
        let mut found: Vec<Seedling> = Vec::new();
        let is_motion = |law: &Vec<f64>| design.recurrence(law).is_motion();
        // A law that is no motion may hold for the windows of one that is: it explains no anchor away.
        let (mut laws, mut others): (Vec<_>, Vec<_>) =
            known.iter().cloned().partition(|law| is_motion(law));
        let sizes = self.sizes();
        let mut failures = 0;
        for &anchor in &self.anchors {
            if failures >= attempts {
                break;
            }
            let explains = |law: &Vec<f64>| {
                (0..design.d).all(|k| design.error(law, anchor, k).abs() < REACH * self.scale)
            };
            // With noise a law may seem to explain what it does not: every anchor has its say.
            if laws.iter().any(explains)
                && (self.is_exact() || failures + found.len() > attempts / 2)
            {
                continue;
            }
            match self.grow(anchor, &sizes, &laws) {
                Some(seedling) if is_motion(&seedling.law) => {
                    laws.push(seedling.law.clone());
                    found.push(seedling);
                    if !self.is_exact() && found.len() >= attempts {
                        break;
                    }
                }
                Some(seedling) => {
                    failures += 1;
                    if !others.iter().any(explains) {
                        others.push(seedling.law.clone());
                        found.push(seedling);
                    }
                }
                None => failures += 1,
            }
        }
        laws.extend(others);
        if self.is_exact() && design.n <= 3000 {
            found.extend(self.sampled(&laws));
        }
        found
    }

    /// With few windows no neighbourhood may be pure: random sets of near windows that obey one law exactly.
    fn sampled(&self, known: &[Vec<f64>]) -> Vec<Seedling> {
        let design = self.design;
        let mut rng = stream(design.n as u64, Purpose::TrainData, "physicist-samples");
        let mut laws = known.to_vec();
        let mut found = Vec::new();
        let size = design.f + 1;
        let around = (4 * design.f).min(design.n);
        let rounds = (120_000 / design.n.max(1)).clamp(10, 400);
        for &anchor in self.anchors.iter().take(600) {
            let unexplained = |law: &Vec<f64>, w: usize| {
                (0..design.d).any(|k| design.error(law, w, k).abs() >= REACH * self.scale)
            };
            let open = |laws: &[Vec<f64>], w: usize| laws.iter().all(|law| unexplained(law, w));
            if !open(&laws, anchor) {
                continue;
            }
            let mut near = self.nearest(anchor, 3 * around);
            near.retain(|w| *w != anchor && open(&laws, *w));
            near.truncate(around);
            if near.len() < size {
                continue;
            }
            for _ in 0..rounds {
                let mut chosen = vec![anchor];
                for at in 0..size - 1 {
                    let rest = (near.len() - at) as f64;
                    let other =
                        at + (uniform(&mut rng, 0.0, rest) as usize).min(near.len() - at - 1);
                    near.swap(at, other);
                    chosen.push(near[at]);
                }
                let Some(fit) = design.least_squares(&chosen, 0.0) else {
                    continue;
                };
                if fit.scatter > 10.0 * self.scale {
                    continue;
                }
                let members: Vec<usize> = (0..design.n)
                    .filter(|w| {
                        (0..design.d)
                            .all(|k| design.error(&fit.law, *w, k).abs() < 100.0 * self.scale)
                    })
                    .collect();
                if members.len() < size + 2 {
                    continue;
                }
                if let Some(fit) = design.least_squares(&members, 0.0) {
                    laws.push(fit.law.clone());
                    found.push(Seedling { law: fit.law });
                    break;
                }
            }
        }
        found
    }
}
