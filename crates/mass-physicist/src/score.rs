//! How well a world was found out, where the truth is known.

use crate::{
    border::Domains,
    error::Error,
    fraction::{Fraction, convergents, fraction_value},
    learner::Discovery,
    observations::{TRANSITION, Windows},
    recurrence::Recurrence,
};

/// Of one law of a world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LawScore {
    /// The theory that holds for most of its windows.
    pub theory: Option<usize>,
    /// The greatest error of a constant, as fitted.
    pub error: f64,
    /// The greatest error of a constant, after simplification.
    pub symbolic_error: f64,
    /// Constants that are fractions with denominators up to 100, and how many of them were found exactly.
    pub exact: (usize, usize),
    /// Constants that were said to be a fraction and are another number.
    pub wrong: usize,
}

/// Of a whole world.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Windows of big domains whose theory is right, as a share, after theories are given the laws' names in the
    /// best way.
    pub domain_accuracy: f64,
    /// Of each law.
    pub laws: Vec<LawScore>,
    /// Whether there are as many theories as laws, each law with a theory of its own whose constants as fitted are
    /// within 10⁻⁴.
    pub laws_right: bool,
    /// Whether every fraction was found exactly and every other constant within 10⁻⁴, for each law.
    pub solved: bool,
    /// Mean over windows of big domains of the prediction's squared error, summed over coordinates.
    pub squared_error: f64,
}

/// Within which an irrational constant counts as found.
pub const TOLERANCE: f64 = 1e-4;

impl Score {
    /// Of what was found, on windows with labels; `laws` in the order of the labels, the first for label 1.
    ///
    /// # Errors
    /// [`Error::Data`] if the windows have no labels or none is of a law.
    pub fn of<D: Domains>(
        found: &Discovery<D>,
        laws: &[Recurrence],
        windows: &Windows,
    ) -> Result<Self, Error> {
        let labels = windows
            .labels()
            .ok_or_else(|| Error::Data("without labels it is not known what is right".into()))?;
        let (k, m) = (laws.len(), found.theories.len());
        let mut counts = vec![vec![0_usize; m]; k];
        let (mut total, mut squares) = (0_usize, 0.0);
        let laws_found: Vec<Recurrence> = found
            .theories
            .iter()
            .map(|theory| theory.symbolic.recurrence())
            .collect();
        let mut predicted = vec![0.0; windows.dimension()];
        for (w, label) in labels.iter().enumerate() {
            if *label == TRANSITION || *label as usize > k {
                continue;
            }
            let theory = found.domains.theory(windows.inputs(w));
            counts[*label as usize - 1][theory] += 1;
            total += 1;
            laws_found[theory].predict(windows.inputs(w), &mut predicted);
            let pairs = predicted.iter().zip(windows.output(w));
            squares += pairs.map(|(p, y)| (p - y) * (p - y)).sum::<f64>();
        }
        if total == 0 {
            return Err(Error::Data("no window obeys one of the laws".into()));
        }
        let right = best_matching(&counts);
        let mut scores = Vec::with_capacity(k);
        for (law, counts) in laws.iter().zip(&counts) {
            let most = (0..m).max_by_key(|theory| counts[*theory]);
            let theory = most.filter(|theory| counts[*theory] > 0);
            scores.push(match theory {
                None => LawScore {
                    theory: None,
                    error: f64::INFINITY,
                    symbolic_error: f64::INFINITY,
                    exact: (
                        law.constants()
                            .iter()
                            .filter(|c| rational(**c).is_some())
                            .count(),
                        0,
                    ),
                    wrong: 0,
                },
                Some(theory) => law_score(law, found, theory),
            });
        }
        // A law that never occurs asks nothing.
        let present: Vec<usize> = (0..k)
            .filter(|law| counts[*law].iter().sum::<usize>() > 0)
            .collect();
        let mut theories: Vec<Option<usize>> = present.iter().map(|l| scores[*l].theory).collect();
        theories.sort_unstable();
        theories.dedup();
        let laws_right = m == present.len()
            && theories.len() == present.len()
            && present.iter().all(|law| scores[*law].error < TOLERANCE);
        let solved = present.iter().all(|law| {
            let score = &scores[*law];
            score.exact.0 == score.exact.1 && score.symbolic_error < TOLERANCE
        });
        Ok(Self {
            domain_accuracy: right as f64 / total as f64,
            laws: scores,
            laws_right,
            solved: solved && theories.len() == present.len(),
            squared_error: squares / total as f64,
        })
    }
}

/// Windows of big domains whose theory is right, as a share, after `theories` theories are given the laws' names in the
/// best way: what [`Score`] calls `domain_accuracy`, for domains of any kind.
///
/// # Errors
/// [`Error::Data`] if the windows have no labels or none is of a law.
pub fn domain_accuracy(
    domains: &impl Domains,
    theories: usize,
    windows: &Windows,
) -> Result<f64, Error> {
    let labels = windows
        .labels()
        .ok_or_else(|| Error::Data("without labels it is not known what is right".into()))?;
    let laws = labels.iter().copied().max().unwrap_or(TRANSITION) as usize;
    let mut counts = vec![vec![0_usize; theories.max(1)]; laws];
    let mut total = 0;
    for (w, label) in labels.iter().enumerate() {
        if *label != TRANSITION {
            let theory = domains.theory(windows.inputs(w)).min(theories.max(1) - 1);
            counts[*label as usize - 1][theory] += 1;
            total += 1;
        }
    }
    if total == 0 {
        return Err(Error::Data("no window obeys one of the laws".into()));
    }
    Ok(best_matching(&counts) as f64 / total as f64)
}

/// Mean over windows of the big domains among them of the squared error, summed over coordinates, of predictions that
/// are computed in f32 from f32 numbers, as the paper's code does; `theory` names a window's law. Without labels,
/// over all windows.
///
/// With the exact laws and each window's own it is the least that arithmetic in f32 lets anyone reach.
pub fn single_precision_error(
    laws: &[Recurrence],
    windows: &Windows,
    theory: impl Fn(usize) -> usize,
) -> f64 {
    let (mut squares, mut count) = (0.0, 0_usize);
    for w in 0..windows.len() {
        if windows
            .labels()
            .is_some_and(|labels| labels[w] == TRANSITION)
        {
            continue;
        }
        let Some(law) = laws.get(theory(w)) else {
            continue;
        };
        for (row, y) in law
            .constants()
            .chunks_exact(law.width())
            .zip(windows.output(w))
        {
            let products = row.iter().zip(windows.inputs(w));
            let mut sum: f32 = products.map(|(c, x)| *c as f32 * *x as f32).sum();
            sum += row[law.width() - 1] as f32;
            let error = f64::from(sum - *y as f32);
            squares += error * error;
        }
        count += 1;
    }
    squares / count.max(1) as f64
}

fn law_score<D>(law: &Recurrence, found: &Discovery<D>, theory: usize) -> LawScore {
    let found = &found.theories[theory];
    let mut score = LawScore {
        theory: Some(theory),
        error: law.distance(&found.law),
        symbolic_error: law.distance(&found.symbolic.recurrence()),
        exact: (0, 0),
        wrong: 0,
    };
    for (at, constant) in law.constants().iter().enumerate() {
        let said = found.symbolic.exact(at);
        match rational(*constant) {
            Some(truth) => {
                score.exact.0 += 1;
                score.exact.1 += usize::from(said == Some(truth));
                score.wrong += usize::from(said.is_some_and(|said| said != truth));
            }
            None => score.wrong += usize::from(said.is_some()),
        }
    }
    score
}

/// A constant as a fraction of numerator and denominator up to 100, if it is one to rounding.
fn rational(value: f64) -> Option<Fraction> {
    let nearest = convergents(value, 100, 20);
    nearest
        .into_iter()
        .find(|f| (fraction_value(*f) - value).abs() < 1e-13)
}

/// The most windows that can be right when each law is given a theory of its own.
fn best_matching(counts: &[Vec<usize>]) -> usize {
    fn from(counts: &[Vec<usize>], used: u64) -> usize {
        let Some((first, rest)) = counts.split_first() else {
            return 0;
        };
        let mut best = from(rest, used);
        for (theory, count) in first.iter().enumerate().take(63) {
            if used >> theory & 1 == 0 && *count > 0 {
                best = best.max(count + from(rest, used | 1 << theory));
            }
        }
        best
    }
    from(counts, 0)
}
