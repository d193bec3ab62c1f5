//! Figure 9: the first principal components of many scientists.

use anyhow::Result;
use mass_interp::{ComponentSign, FirstComponents};

use super::{
    Job, Output,
    population::{Single, trained},
    statistics::{median, share},
};
use crate::{
    comparison::Comparison,
    draw::fig9::{Fig9, Fig9Panel, draw},
};

/// The paper's share is met within so many points.
const NEAR: f64 = 10.0;

/// Share of seeds that explain more than 80 %, in percent (Fu et al. 2025, caption of Figure 9).
const PAPER: [f64; 4] = [96.4, 74.8, 93.7, 87.5];

pub(super) fn reproduce(job: &Job) -> Result<()> {
    let requests = &job.requests;
    let (mut singles, mut panels) = (Vec::new(), Vec::new());
    for request in requests {
        let single = Single::train(request)?;
        let found = FirstComponents::of(&single.readings, ComponentSign::Loading)?;
        let seeds = single.population.seeds();
        let of = |places: &[usize]| places.iter().map(|place| seeds[*place]).collect();
        panels.push(Fig9Panel {
            system: request.systems[0].clone(),
            seeds: of(&found.members),
            failed: of(&found.failed),
            states: found.states,
            correlation: found.correlation.values().to_vec(),
            explained: found.ratios.clone(),
            with_truth: found.with_truth.clone(),
        });
        singles.push(single);
    }
    let output = Output::new(job, "fig9")?;
    let data = output.data(&Fig9 {
        recipe: requests[0].recipe.name.clone(),
        sign: "the largest loading is positive".into(),
        panels,
    })?;
    output.picture(&draw(&data)?)?;
    output.comparison(trained(&singles), &comparisons(&data))
}

fn comparisons(data: &Fig9) -> Vec<Comparison> {
    let mut rows = Vec::new();
    for (panel, paper) in data.panels.iter().zip(PAPER) {
        let (system, n) = (&panel.system, panel.seeds.len());
        let (much, all) = panel.much();
        let found = share(much, all);
        let (low, high) = (100.0 * found.low, 100.0 * found.high);
        rows.push(Comparison::new(
            format!("{system}: seeds of {all} whose first component explains > 80 %"),
            paper,
            100.0 * found.value,
            "%",
            format!(
                "as many as the paper's, within {NEAR} points (95 % interval of ours {low:.0} to {high:.0} %)"
            ),
            (100.0 * found.value - paper).abs() <= NEAR,
        ));
        // As above, a scientist that cannot be read explains nothing.
        let failed = panel.failed.iter().map(|_| 0.0);
        let all_seeds: Vec<f64> = panel.explained.iter().copied().chain(failed).collect();
        let middle = median(&all_seeds);
        rows.push(Comparison::new(
            format!("{system}: variance explained, median"),
            None,
            100.0 * middle,
            "%",
            "in the majority of seeds the first component explains more than 90 %",
            middle > 0.9,
        ));
        let pairs: Vec<f64> = (0..n)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| panel.correlation[i * n + j])
            .filter(|r| r.is_finite())
            .collect();
        let high = pairs.iter().filter(|r| r.abs() > 0.9).count();
        let flipped = pairs.iter().filter(|r| **r < -0.9).count();
        let of = |count: usize, all: usize| count as f64 / all as f64;
        rows.push(Comparison::new(
            format!("{system}: share of pairs with |r| > 0.9"),
            None,
            of(high, pairs.len()),
            "1",
            "each scientist is strongly correlated with all others (more than half of the pairs)",
            of(high, pairs.len()) > 0.5,
        ));
        rows.push(Comparison::new(
            format!("{system}: share of these with r < 0, signs by the largest loading"),
            None,
            of(flipped, high),
            "1",
            "parity flips are only rarely learnt (less than a tenth)",
            of(flipped, high) < 0.1,
        ));
        let sizes: Vec<f64> = panel.with_truth.iter().map(|r| r.abs()).collect();
        let truth = median(&sizes);
        rows.push(Comparison::new(
            format!("{system}: |r| of the first component with the true ẏ, median"),
            None,
            truth,
            "1",
            "the first component is mainly the true acceleration (> 0.9; Appendix B)",
            truth > 0.9,
        ));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(r: f64, explained: f64, failed: u64) -> Fig9Panel {
        Fig9Panel {
            system: "classical".into(),
            seeds: (0..4).collect(),
            failed: (4..4 + failed).collect(),
            states: 512,
            correlation: (0..16).map(|c| if c % 5 == 0 { 1.0 } else { r }).collect(),
            explained: vec![explained; 4],
            with_truth: vec![r; 4],
        }
    }

    fn holds(panel: Fig9Panel) -> Vec<Option<bool>> {
        let data = Fig9 {
            recipe: "reference".into(),
            sign: "any".into(),
            panels: vec![panel],
        };
        comparisons(&data).iter().map(|row| row.holds).collect()
    }

    #[test]
    fn claims_follow_the_population() {
        let [yes, no] = [Some(true), Some(false)];
        assert_eq!(holds(panel(0.99, 0.97, 0)), [yes, yes, yes, yes, yes]);
        // None agrees with another, so that none is flipped either.
        assert_eq!(holds(panel(0.1, 0.5, 0)), [no, no, no, None, no]);
        // All are flipped against all others; a fifth could not be read.
        assert_eq!(holds(panel(-0.95, 0.97, 1)), [no, yes, yes, no, yes]);
        // Four of nine are no majority.
        assert_eq!(holds(panel(0.99, 0.97, 5))[..2], [no, no]);
    }

    #[test]
    fn without_data_nothing_is_claimed() {
        assert_eq!(holds(panel(f64::NAN, f64::NAN, 0))[1..], [None; 4]);
        let mut none = panel(1.0, 1.0, 0);
        none.seeds.clear();
        none.explained.clear();
        none.correlation.clear();
        none.with_truth.clear();
        assert_eq!(holds(none), [None; 5]);
    }
}
