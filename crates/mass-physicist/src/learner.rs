//! Divide and conquer: from windows to laws and where each holds.

use nalgebra::DMatrix;

use crate::{
    arcs::fit_arcs,
    border::{BorderTree, Domains},
    design::Design,
    error::Error,
    neighbourhood::Neighbourhoods,
    observations::Windows,
    occam::{Estimate, Occam},
    recurrence::Recurrence,
    symbolic::SymbolicLaw,
    theories::{CAP, Theories},
};

/// A way to find the laws of windows and where each holds (Algorithm 2).
pub trait DivideAndConquer {
    /// What says where each theory holds.
    type Domains: Domains;

    /// What it is called.
    fn name(&self) -> &'static str;

    /// Finds theories, beginning with laws that are known from elsewhere.
    ///
    /// # Errors
    /// [`Error`] where there are too few windows, nothing moves or nothing is explained.
    fn discover_from(
        &self,
        windows: &Windows,
        proposed: &[Recurrence],
    ) -> Result<Discovery<Self::Domains>, Error>;

    /// Finds theories, knowing nothing.
    ///
    /// # Errors
    /// As [`DivideAndConquer::discover_from`].
    fn discover(&self, windows: &Windows) -> Result<Discovery<Self::Domains>, Error> {
        self.discover_from(windows, &[])
    }
}

/// A theory that was found: a law and its data.
#[derive(Clone, Debug)]
pub struct Theory {
    /// The law in plain numbers, as fitted.
    pub law: Recurrence,
    /// The same with exact constants.
    pub symbolic: SymbolicLaw,
    /// Windows that it explains where it holds.
    pub support: usize,
    /// Of its prediction's errors there, root mean square for each coordinate, in the unit of the positions.
    pub scatter: f64,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Discovery<D> {
    /// Theories of big domains, the one with most windows first.
    pub theories: Vec<Theory>,
    /// Where each holds.
    pub domains: D,
    /// Laws of small domains, such as bounces off straight walls, which obey one too.
    pub minor: Vec<Recurrence>,
    /// Deviation of the noise of one coordinate of a position, in its unit; rounding where there is none.
    pub noise: f64,
    /// The theory that explains each window `[N]`, which is the one that is said to hold there; none where it does
    /// not explain it, as at a bounce or over a border.
    pub explained_by: Vec<Option<usize>>,
    /// Windows that no theory explains where it is said to hold, as a share.
    pub unexplained: f64,
    /// Sweeps of majorise–minimise, or epochs of a training.
    pub sweeps: usize,
}

/// Laws from the data themselves, fitted together in closed form, in f64.
///
/// 1. The noise, from neighbourhoods of windows; laws from pure neighbourhoods, grown for as long as they predict.
/// 2. Majorise–minimise by the harmonic mean of losses in bits ([`Mixture`](crate::Mixture)), the floor falling to
///    the noise; laws added for what is unexplained, split across the arena (with noise), merged where one law for
///    two costs fewer bits, deleted where others explain as much.
/// 3. Borders: the tree of least bits over the latest position. Laws fitted again where they hold; with noise, to
///    whole stretches of the motion.
/// 4. [`Occam`].
///
/// # Example
/// ```
/// use mass_physicist::{DivideAndConquer, Modern, WorldKind, WorldRequest};
///
/// let (_, seen) = WorldRequest::new(WorldKind::Gravity, 1, 0).make()?;
/// let found = Modern::default().discover(&seen.windows(2)?)?;
/// assert_eq!(found.theories.len(), 2);
/// let free = found.theories[0].symbolic.text(&["x", "y"])?;
/// assert_eq!(free, "x[t] = 2 x[t−1] − x[t−2]\ny[t] = 2 y[t−1] − y[t−2]");
/// # Ok::<(), mass_physicist::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Modern {
    /// Of the order in which windows are looked at.
    pub seed: u64,
    /// Neighbourhoods without a law in a row, after which the search ends.
    pub attempts: usize,
    /// The least share of windows of a big domain.
    pub least_share: f64,
    /// Deviation of the noise of one coordinate of a position, in its unit, where it is known; else it is estimated.
    pub noise: Option<f64>,
    /// How laws are simplified.
    pub occam: Occam,
}

impl Default for Modern {
    fn default() -> Self {
        Self {
            seed: 0,
            attempts: 60,
            least_share: 0.01,
            noise: None,
            occam: Occam::default(),
        }
    }
}

/// Of the windows of a big domain's theory that are followed by another window, the share that the same theory
/// explains as well, at least.
const PERSISTENCE: f64 = 0.7;
/// Of a big domain's windows, the share that lies within it with all its positions, at least.
const PURE: f64 = 0.4;
/// Bits of a window's error up to which it is part of a stretch: 4.5 deviations.
const NEAR: f64 = 14.6;
/// Errors of constants by rounding, in the design's units, at least.
const ROUNDING: f64 = 3e-12;

impl DivideAndConquer for Modern {
    type Domains = BorderTree;

    fn name(&self) -> &'static str {
        "modern"
    }

    fn discover_from(
        &self,
        windows: &Windows,
        proposed: &[Recurrence],
    ) -> Result<Discovery<BorderTree>, Error> {
        let unfit = |law: &Recurrence| law.dimension() != windows.dimension() || law.memory() != 2;
        if proposed.iter().any(unfit) {
            return Err(Error::Request(format!(
                "a proposed law is not one of {} coordinates over two past positions",
                windows.dimension()
            )));
        }
        if let Some(noise) = self
            .noise
            .filter(|noise| !(*noise >= 0.0 && noise.is_finite()))
        {
            return Err(Error::Request(format!(
                "a noise of {noise}; it is a deviation in the unit of the positions, 0 or more"
            )));
        }
        let mut design = Design::new(windows)?;
        let (scale, exact) = {
            let near = match self.noise {
                None => Neighbourhoods::new(&design, self.seed),
                // Of a second difference, as the estimate is.
                Some(noise) => {
                    let scale = noise * 6.0_f64.sqrt() / design.length;
                    Neighbourhoods::with_scale(&design, self.seed, scale.max(4.0 * design.rounding))
                }
            };
            (near.scale, near.is_exact())
        };
        if !exact {
            design.noise = scale / 6.0_f64.sqrt();
        }
        let near = Neighbourhoods::with_scale(&design, self.seed, scale);
        let mut theories = Theories::new(&design, near.scale, exact);
        theories.add(proposed.iter().map(|law| design.law(law)).collect());
        theories.search(&near, self.attempts);
        if theories.laws.is_empty() {
            return Err(Error::NoLaw(
                "no law was found: nowhere do neighbouring windows obey one law of the form r[t] = A r[t−2] + B r[t−1] + b; more windows, a shorter step or less noise may help".into(),
            ));
        }
        let positions: Vec<f64> = (0..windows.len())
            .flat_map(|w| windows.position(w).iter().copied())
            .collect();
        let all: Vec<usize> = (0..design.n).collect();
        for round in 0..6 {
            // Windows that nothing explains, bounces most of them, have no say at small floors.
            let floors: &[f64] = match (exact, round) {
                (true, 0) => &[512.0, 8.0],
                (false, 0) => &[64.0, 8.0, 8.0, 1.0, 1.0],
                (true, _) => &[],
                (false, _) => &[1.0],
            };
            theories.anneal(floors, &all);
            theories.refine();
            let mut changes = theories.merge();
            if !exact {
                changes += theories.split(&positions);
                theories.refine();
                changes += theories.merge();
            }
            changes += theories.delete();
            theories.refine();
            if theories.unexplained().len() > design.n / 200 {
                changes += theories.search(&near, self.attempts / 2);
            }
            if changes == 0 {
                break;
            }
        }
        let (big, minor) = self.sort(&theories, windows);
        let minor = minor.iter().map(|law| design.recurrence(law)).collect();
        if big.is_empty() {
            return Err(Error::NoLaw(
                "laws were found, but none holds for a while: each is followed by another at once"
                    .into(),
            ));
        }
        theories.set_laws(big);
        self.place(theories, windows, &positions, minor)
    }
}

impl Modern {
    /// Laws of big domains, and the others.
    fn sort(&self, theories: &Theories<'_>, windows: &Windows) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let members = theories.members();
        let mut big = Vec::new();
        let mut minor: Vec<Vec<f64>> = theories.minor.iter().map(|(law, _)| law.clone()).collect();
        for (law, (constants, members)) in theories.laws.iter().zip(&members).enumerate() {
            let share = members.len() as f64 / windows.len() as f64;
            let followed = members.iter().filter(|w| windows.continues(**w));
            let followed: Vec<&usize> = followed.collect();
            let own = followed
                .iter()
                .filter(|w| theories.explains(law, **w + 1))
                .count();
            let persists = followed.len() < 10 || own as f64 >= PERSISTENCE * followed.len() as f64;
            let moves = theories.design.recurrence(constants).is_motion();
            if moves && persists && share >= self.least_share && members.len() >= theories.least {
                big.push((members.len(), constants.clone()));
            } else {
                minor.push(constants.clone());
            }
        }
        big.sort_by_key(|(support, _)| std::cmp::Reverse(*support));
        (big.into_iter().map(|(_, law)| law).collect(), minor)
    }

    /// Borders, and laws fitted where they hold.
    fn place(
        &self,
        mut theories: Theories<'_>,
        windows: &Windows,
        positions: &[f64],
        minor: Vec<Recurrence>,
    ) -> Result<Discovery<BorderTree>, Error> {
        let design = theories.design;
        let d = design.d;
        let own = design.positions(windows);
        let rounds = if theories.exact { 1 } else { 4 };
        let mut noise = theories.scale / 6.0_f64.sqrt();
        let mut round = 0;
        let scale = theories.scale;
        // A window over a border obeys no law, even if noise hides it.
        let pure = |tree: &BorderTree, domain: &[usize], w: usize| {
            let rows = windows.inputs(w).chunks_exact(d).chain([windows.output(w)]);
            let mut rows = rows.map(|r| tree.at(r));
            rows.all(|theory| theory == domain[w])
        };
        loop {
            let tree = borders(&theories, positions);
            let domain: Vec<usize> = positions.chunks_exact(d).map(|r| tree.at(r)).collect();
            let holds = |w: usize| theories.explains(domain[w], w);
            let members: Vec<Vec<usize>> = (0..theories.laws.len())
                .map(|law| {
                    (0..design.n)
                        .filter(|w| domain[*w] == law && holds(*w))
                        .collect()
                })
                .collect();
            // A theory that holds nowhere, or along a border alone, is none.
            let kept: Vec<usize> = (0..members.len())
                .filter(|law| {
                    let count = members[*law].len();
                    let pure = members[*law]
                        .iter()
                        .filter(|w| pure(&tree, &domain, **w))
                        .count();
                    count > design.f
                        && count as f64 >= self.least_share * design.n as f64
                        && pure as f64 >= PURE * count as f64
                })
                .collect();
            if kept.is_empty() {
                return Err(Error::NoLaw("no law holds anywhere for long".into()));
            }
            if kept.len() < members.len() {
                theories.set_laws(kept.iter().map(|law| theories.laws[*law].clone()).collect());
                continue;
            }
            let mut estimates = Vec::new();
            let (mut squares, mut count) = (0.0, 0.0);
            for (law, members) in theories.laws.iter().zip(&members) {
                let Some(fit) = design.least_squares(members, 0.0) else {
                    estimates.push((law.clone(), None));
                    continue;
                };
                let mut best = (fit.law, None);
                if !theories.exact {
                    // A window over a border obeys no law, even if noise hides it.
                    let pure = |w: &usize| {
                        let rows = windows
                            .inputs(*w)
                            .chunks_exact(d)
                            .chain([windows.output(*w)]);
                        let mut rows = rows.map(|r| tree.at(r));
                        rows.all(|theory| theory == domain[*w])
                            && theories.costs()[domain[*w]][*w] < NEAR
                    };
                    let pure: Vec<usize> = members.iter().copied().filter(pure).collect();
                    let stretches = stretches(&pure, windows);
                    if let Some(arcs) = fit_arcs(design, &best.0, &stretches, &own)
                        && design.recurrence(&arcs.law).is_motion()
                    {
                        squares += arcs.noise * arcs.noise * members.len() as f64;
                        count += members.len() as f64;
                        best = (arcs.law, Some(arcs.information));
                    }
                }
                estimates.push(best);
            }
            if count > 0.0 {
                noise = (squares / count).sqrt();
            }
            round += 1;
            if round < rounds {
                if noise > 0.0 && !theories.exact {
                    // A fit that went astray must not make everything fit.
                    theories.scale = (noise * 6.0_f64.sqrt()).clamp(0.5 * scale, 2.0 * scale);
                }
                theories.set_laws(estimates.into_iter().map(|(law, _)| law).collect());
                theories.merge();
                continue;
            }
            return self.finish(
                &theories, windows, tree, &domain, members, estimates, noise, minor,
            );
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn finish(
        &self,
        theories: &Theories<'_>,
        windows: &Windows,
        tree: BorderTree,
        domain: &[usize],
        members: Vec<Vec<usize>>,
        estimates: Vec<(Vec<f64>, Option<DMatrix<f64>>)>,
        noise: f64,
        minor: Vec<Recurrence>,
    ) -> Result<Discovery<BorderTree>, Error> {
        let design = theories.design;
        let share: usize = members.iter().map(Vec::len).sum();
        let mut parts: Vec<(Estimate, SymbolicLaw, Vec<usize>)> = Vec::new();
        // Which theory each law became: laws that are the same once they are simple are one.
        let mut became = Vec::with_capacity(members.len());
        for ((law, information), members) in estimates.into_iter().zip(members) {
            let recurrence = design.recurrence(&law);
            let estimate = match information {
                Some(information) => Estimate {
                    law: recurrence,
                    information: in_constants(design, &(information / (noise * noise))),
                },
                None => {
                    let scale = theories.scale.max(ROUNDING) * design.length;
                    Estimate::of(&windows.subset(&members), &recurrence, scale)?
                }
            };
            let symbolic = self.occam.simplify(&estimate);
            let same = parts.iter().position(|(_, other, _)| *other == symbolic);
            became.push(same.unwrap_or(parts.len()));
            match same.and_then(|at| parts.get_mut(at)) {
                Some((first, _, all)) => {
                    *first = first.with(&estimate).unwrap_or(estimate);
                    all.extend(members);
                }
                None => parts.push((estimate, symbolic, members)),
            }
        }
        let mut found = Vec::with_capacity(parts.len());
        let mut owned = Vec::with_capacity(parts.len());
        for (estimate, symbolic, members) in parts {
            let own = windows.subset(&members);
            let mut predicted = vec![0.0; design.d];
            let mut squares = 0.0;
            for w in 0..own.len() {
                estimate.law.predict(own.inputs(w), &mut predicted);
                let pairs = predicted.iter().zip(own.output(w));
                squares += pairs.map(|(p, y)| (p - y) * (p - y)).sum::<f64>();
            }
            found.push(Theory {
                law: estimate.law,
                symbolic,
                support: own.len(),
                scatter: (squares / (own.len().max(1) * design.d) as f64).sqrt(),
            });
            owned.push(members);
        }
        let mut order: Vec<usize> = (0..found.len()).collect();
        order.sort_by_key(|law| std::cmp::Reverse(found[*law].support));
        let mut new = vec![0; order.len()];
        for (place, law) in order.iter().enumerate() {
            new[*law] = place;
        }
        let mut explained_by = vec![None; design.n];
        for (law, members) in owned.iter().enumerate() {
            for w in members {
                explained_by[*w] = Some(new[law]);
            }
        }
        let explained = (0..design.n).filter(|w| explained_by[*w].is_some());
        let pure = explained.filter(|w| {
            let rows = windows.inputs(*w).chunks_exact(design.d);
            let mut rows = rows.chain([windows.output(*w)]);
            rows.all(|row| tree.at(row) == domain[*w])
        });
        let pure: Vec<&[f64]> = pure.map(|w| windows.position(w)).collect();
        let mut tree = tree;
        tree.widen(&pure);
        let mut slots: Vec<Option<Theory>> = found.into_iter().map(Some).collect();
        let sorted = order.iter().filter_map(|law| slots[*law].take()).collect();
        Ok(Discovery {
            theories: sorted,
            domains: tree.renumbered(&became.iter().map(|law| new[*law]).collect::<Vec<_>>()),
            minor,
            noise: noise * design.length,
            explained_by,
            unexplained: 1.0 - share as f64 / domain.len() as f64,
            sweeps: theories.sweeps,
        })
    }
}

/// The tree of borders over the windows that some theory explains.
fn borders(theories: &Theories<'_>, positions: &[f64]) -> BorderTree {
    let design = theories.design;
    let m = theories.laws.len();
    let mut places = Vec::new();
    let mut costs = Vec::new();
    for w in 0..design.n {
        if (0..m).any(|law| theories.explains(law, w)) {
            places.extend_from_slice(&positions[w * design.d..(w + 1) * design.d]);
            costs.extend(theories.costs().iter().map(|of| of[w]));
        }
    }
    // A border that a few windows ask for is no border: some bounces look like another law by chance. With noise
    // laws that are alike differ by little in each window, and the price must let them.
    let n = design.n as f64;
    let few = if theories.exact { 0.002 * n * CAP } else { 0.0 };
    let price = n.log2() + 12.0 + few;
    BorderTree::fit(&places, design.d, &costs, m, price)
}

/// Runs of windows that follow each other.
fn stretches(members: &[usize], windows: &Windows) -> Vec<Vec<usize>> {
    let mut runs: Vec<Vec<usize>> = Vec::new();
    for &window in members {
        match runs.last_mut() {
            Some(run)
                if run
                    .last()
                    .is_some_and(|last| last + 1 == window && windows.continues(*last)) =>
            {
                run.push(window);
            }
            _ => runs.push(vec![window]),
        }
    }
    runs
}

/// Information of a law's constants, from the design's units into the positions'.
fn in_constants(design: &Design, information: &DMatrix<f64>) -> DMatrix<f64> {
    let (d, f) = (design.d, design.f);
    let Some(back) = design.to_constants().try_inverse() else {
        return information.clone();
    };
    let mut whole = DMatrix::zeros(d * f, d * f);
    for k in 0..d {
        whole.view_mut((k * f, k * f), (f, f)).copy_from(&back);
    }
    whole.tr_mul(information) * whole
}
