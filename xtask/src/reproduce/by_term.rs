//! Figures 13, 14 and 15: mean absolute activations of many scientists, and how their first
//! component is distributed.

use anyhow::Result;
use mass_interp::{ComponentSign, FirstComponents, significant};

use super::{
    Job, Output,
    fig8::users,
    population::{Single, trained},
    statistics::{distance_between, distance_from_uniform, median, standardised},
};
use crate::{
    comparison::Comparison,
    draw::{
        by_term::{Components, Strengths},
        fig13::{self, Fig13},
        fig14::{self, Fig14},
        fig15::{self, Fig15, Fig15System},
    },
};

/// Sides of the histograms' bins, in standard deviations.
const REACH: f64 = 2.5;
const BINS: usize = 25;
/// Two histograms are one if nowhere more than this share of the states lies on the wrong side
/// (Smirnov's distance). It is an effect size of our choice, not a test: the samples are of the same
/// states, each standardised. A normal distribution is 0.057 from a uniform one.
const SAME: f64 = 0.05;
/// Kolmogorov's distance of n uniform values, standardised by their own mean and deviation, from the
/// uniform distribution exceeds this / √n with 5 % chance (4000 samples of 512).
const UNIFORM: f64 = 0.893;

/// Figure 13: the harmonic oscillator, scientist by scientist.
pub(super) fn fig13(job: &Job) -> Result<()> {
    let request = job.request();
    let single = Single::train(request)?;
    let output = Output::new(job, "fig13")?;
    let data = output.data(&Fig13 {
        recipe: request.recipe.name.clone(),
        terms: single.terms.clone(),
        strengths: single.strengths.clone(),
    })?;
    output.picture(&fig13::draw(&data)?)?;
    output.comparison(
        vec![single.population.trained()],
        &activations(&data.strengths, data.terms.len()),
    )
}

/// Figure 14: the spring-mass system, which is the same one, with its first components.
pub(super) fn fig14(job: &Job) -> Result<()> {
    let request = job.request();
    let single = Single::train(request)?;
    let scores = Scores::of(&single)?;
    let output = Output::new(job, "fig14")?;
    let data = output.data(&Fig14 {
        recipe: request.recipe.name.clone(),
        terms: single.terms.clone(),
        strengths: single.strengths.clone(),
        components: scores.histograms(),
    })?;
    output.picture(&fig14::draw(&data)?)?;
    let mut rows = vec![scores.uniform()];
    rows.push(scores.like_the_truth(&request.systems[0]));
    rows.push(scores.alike(&request.systems[0]));
    output.comparison(vec![single.population.trained()], &rows)
}

/// Figure 15: the relativistic oscillator and the pendulum.
pub(super) fn fig15(job: &Job) -> Result<()> {
    let requests = &job.requests;
    let singles = requests.iter().map(Single::train);
    let singles = singles.collect::<Result<Vec<_>>>()?;
    let scores = singles.iter().map(Scores::of);
    let scores = scores.collect::<Result<Vec<_>>>()?;
    let output = Output::new(job, "fig15")?;
    let systems = singles
        .iter()
        .zip(&scores)
        .map(|(single, scores)| Fig15System {
            strengths: single.strengths.clone(),
            components: scores.histograms(),
        });
    let data = output.data(&Fig15 {
        recipe: requests[0].recipe.name.clone(),
        terms: singles[0].terms.clone(),
        systems: systems.collect(),
    })?;
    output.picture(&fig15::draw(&data)?)?;
    let mut rows = Vec::new();
    for (system, scores) in data.systems.iter().zip(&scores) {
        let name = &system.strengths.system;
        rows.push(scores.like_the_truth(name));
        rows.push(scores.alike(name));
    }
    output.comparison(trained(&singles), &rows)
}

fn activations(strengths: &Strengths, terms: usize) -> Vec<Comparison> {
    let rows: Vec<&[f64]> = strengths.strength.chunks(terms).collect();
    let found: Vec<Vec<usize>> = rows
        .iter()
        .filter_map(|row| significant(row, 0.99).ok())
        .map(|found| found.indices)
        .collect();
    let counts: Vec<f64> = found.iter().map(|terms| terms.len() as f64).collect();
    let count = median(&counts);
    let mut overlaps = Vec::new();
    for (i, a) in found.iter().enumerate() {
        for b in &found[..i] {
            let both = a.iter().filter(|term| b.contains(term)).count();
            overlaps.push(both as f64 / (a.len() + b.len() - both) as f64);
        }
    }
    let overlap = median(&overlaps);
    // How much the strength of a term that most scientists use varies between them.
    let (users, read) = users(strengths, terms);
    let spreads: Vec<f64> = (0..terms)
        .filter(|term| 2 * users[*term] > read)
        .map(|term| {
            let quantile = |share| strengths.quantile(terms, share)[term];
            quantile(0.9) / quantile(0.1)
        })
        .collect();
    let spread = median(&spreads);
    vec![
        Comparison::new(
            "significant terms of a scientist, median",
            None,
            count,
            "terms",
            "many terms are activated in general (more than 10)",
            count > 10.0,
        ),
        Comparison::new(
            "ninth by first decile of E|a| over the scientists, for terms that most of them use, median",
            None,
            spread,
            "1",
            "the exact activation magnitudes differ (more than twofold)",
            spread > 2.0,
        ),
        Comparison::new(
            "overlap of two scientists' significant terms, median (intersection by union)",
            None,
            overlap,
            "1",
            "the significant terms chosen by each scientist remain rather identical (more than half)",
            overlap > 0.5,
        ),
    ]
}

/// First components, standardised and turned so that they correlate positively with ẏ.
struct Scores {
    truth: Vec<f64>,
    /// One a scientist; none where it could not be read.
    components: Vec<Option<Vec<f64>>>,
    /// |r| of each of those that could with the true ẏ.
    with_truth: Vec<f64>,
}

impl Scores {
    fn of(single: &Single) -> Result<Self> {
        let found = FirstComponents::of(&single.readings, ComponentSign::Prediction)?;
        let mut components: Vec<Option<Vec<f64>>> = vec![None; single.readings.len()];
        for ((member, scores), r) in found
            .members
            .iter()
            .zip(&found.scores)
            .zip(&found.with_truth)
        {
            let turned: Vec<f64> = scores.iter().map(|score| score * r.signum()).collect();
            components[*member] = standardised(&turned);
        }
        let truth = standardised(single.readings[0].states().acceleration());
        Ok(Self {
            truth: anyhow::Context::context(truth, "the true acceleration varies")?,
            components,
            with_truth: found.with_truth.iter().map(|r| r.abs()).collect(),
        })
    }

    fn histograms(&self) -> Components {
        let width = 2.0 * REACH / BINS as f64;
        let edges: Vec<f64> = (0..=BINS).map(|i| -REACH + width * i as f64).collect();
        let density = |values: &[f64]| -> Vec<f64> {
            let mut counts = [0usize; BINS];
            for value in values {
                let bin = ((value + REACH) / width).floor();
                if (0.0..BINS as f64).contains(&bin) {
                    counts[bin as usize] += 1;
                }
            }
            let unit = width * values.len() as f64;
            counts.iter().map(|count| *count as f64 / unit).collect()
        };
        let of = |component: &Option<Vec<f64>>| match component {
            Some(values) => density(values),
            None => vec![f64::NAN; BINS],
        };
        Components {
            truth: density(&self.truth),
            density: self.components.iter().flat_map(of).collect(),
            edges,
        }
    }

    fn read(&self) -> impl Iterator<Item = &Vec<f64>> {
        self.components.iter().flatten()
    }

    fn uniform(&self) -> Comparison {
        let is = |scores: &&Vec<f64>| {
            distance_from_uniform(scores) < UNIFORM / (scores.len() as f64).sqrt()
        };
        let near = self.read().filter(is).count();
        let share = near as f64 / self.components.len() as f64;
        Comparison::new(
            "share of scientists whose first component is as near to uniform as 95 % of uniform samples are (0.04 for 512 states)",
            None,
            share,
            "1",
            format!(
                "the first components are distributionally equivalent to a uniform distribution (more than half; the true ẏ itself: {:.3})",
                distance_from_uniform(&self.truth)
            ),
            share > 0.5,
        )
    }

    fn like_the_truth(&self, system: &str) -> Comparison {
        let far: Vec<f64> = self
            .read()
            .map(|scores| distance_between(scores, &self.truth))
            .collect();
        let (middle, r) = (median(&far), median(&self.with_truth));
        Comparison::new(
            format!("{system}: Smirnov's distance of first components from the true ẏ, median"),
            None,
            middle,
            "1",
            format!(
                "the first component corresponds mainly to the true acceleration (distance < {SAME}, and |r| > 0.9 state by state; median |r| {r:.3})"
            ),
            r.is_finite().then_some(middle < SAME && r > 0.9),
        )
    }

    fn alike(&self, system: &str) -> Comparison {
        let all: Vec<&Vec<f64>> = self.read().collect();
        let pairs = (0..all.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let far: Vec<f64> = pairs
            .map(|(i, j)| distance_between(all[i], all[j]))
            .collect();
        let near = far.iter().filter(|distance| **distance < SAME).count();
        let share = near as f64 / far.len() as f64;
        Comparison::new(
            format!(
                "{system}: share of pairs of scientists with one histogram (distance < {SAME})"
            ),
            None,
            share,
            "1",
            "the underlying theories, described by the histograms, are mostly identical (more than half)",
            share > 0.5,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_are_densities() {
        let even: Vec<f64> = (0..512).map(|i| f64::from(i) - 255.5).collect();
        let even = standardised(&even).unwrap();
        let scores = Scores {
            truth: even.clone(),
            components: vec![Some(even.clone()), None],
            with_truth: vec![1.0],
        };
        let found = scores.histograms();
        let total: f64 = found.truth.iter().sum::<f64>() * 0.2;
        assert!((total - 1.0).abs() < 1e-9, "{total}");
        assert!(found.density[BINS..].iter().all(|d| d.is_nan()));
        assert_eq!(scores.uniform().ours, Some(0.5));
        let like = scores.like_the_truth("classical");
        assert_eq!((like.ours, like.holds), (Some(0.0), Some(true)));
        // The same histogram, and another order of the states.
        let reordered = Scores {
            with_truth: vec![0.1],
            truth: even,
            components: scores.components.clone(),
        };
        assert_eq!(reordered.like_the_truth("classical").holds, Some(false));
        // Nor is a bell a uniform distribution: quantiles of the logistic one.
        let quantile = |p: f64| (p / (1.0 - p)).ln();
        let normal: Vec<f64> = (1..512).map(|i| quantile(f64::from(i) / 512.0)).collect();
        let bell = Scores {
            truth: scores.truth.clone(),
            components: vec![standardised(&normal)],
            with_truth: vec![1.0],
        };
        assert_eq!(bell.uniform().ours, Some(0.0));
        assert_eq!(bell.like_the_truth("classical").holds, Some(false));
        let none = Scores {
            components: vec![None, None],
            with_truth: Vec::new(),
            truth: scores.truth.clone(),
        };
        assert_eq!(none.like_the_truth("classical").holds, None);
        assert_eq!(none.alike("classical").holds, None);
        assert!(
            scores.alike("classical").ours.is_none(),
            "one makes no pair"
        );
    }
}
