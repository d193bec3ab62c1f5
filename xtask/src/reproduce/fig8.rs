//! Figure 8: which terms many scientists use, system by system.

use anyhow::Result;
use mass_interp::significant;

use super::{
    Job, Output,
    population::{Single, trained},
};
use crate::{
    comparison::Comparison,
    draw::{
        by_term::Strengths,
        fig8::{Fig8, draw},
    },
};

pub(super) fn reproduce(job: &Job) -> Result<()> {
    let requests = &job.requests;
    let singles = requests.iter().map(Single::train);
    let singles = singles.collect::<Result<Vec<_>>>()?;
    let output = Output::new(job, "fig8")?;
    let data = output.data(&Fig8 {
        recipe: requests[0].recipe.name.clone(),
        terms: singles[0].terms.clone(),
        panels: singles
            .iter()
            .map(|single| single.strengths.clone())
            .collect(),
    })?;
    output.picture(&draw(&data)?)?;
    output.comparison(trained(&singles), &comparisons(&data))
}

/// How many scientists of a panel each term is significant for (99 %), and how many could be read.
pub(super) fn users(panel: &Strengths, terms: usize) -> (Vec<usize>, usize) {
    let (mut users, mut read) = (vec![0; terms], 0);
    for row in panel.strength.chunks(terms) {
        // Not finite, or all zero: no term of such a scientist is significant.
        if let Ok(found) = significant(row, 0.99) {
            read += 1;
            for term in found.indices {
                users[term] += 1;
            }
        }
    }
    (users, read)
}

/// The mean share of scientists that use each of the ten commonest terms, less the share that use the
/// median one of the active terms: 0 if all are used alike, NaN if no scientist could be read.
fn contrast(data: &Fig8, users: &[usize], read: usize) -> f64 {
    let active = data.terms.iter().zip(users).filter(|(term, _)| term.active);
    let mut shares: Vec<f64> = active
        .map(|(_, users)| *users as f64 / read as f64)
        .collect();
    shares.sort_by(|a, b| b.total_cmp(a));
    let ten = &shares[..shares.len().min(10)];
    super::statistics::mean(ten) - super::statistics::median(&shares)
}

fn comparisons(data: &Fig8) -> Vec<Comparison> {
    let terms = data.terms.len();
    let active = data.terms.iter().filter(|term| term.active).count();
    let mut rows = Vec::new();
    let mut common_sets: Vec<Vec<usize>> = Vec::new();
    for panel in &data.panels {
        let (users, read) = users(panel, terms);
        let contrast = contrast(data, &users, read);
        let is =
            |share: f64| (0..terms).filter(move |term| users[*term] as f64 > share * read as f64);
        let common: Vec<usize> = is.clone()(0.5).collect();
        let used: usize = is(0.05).count();
        rows.push(Comparison::new(
            format!(
                "{}: share of {read} scientists that use one of the ten commonest terms, less that of the median term",
                panel.system
            ),
            None,
            contrast,
            "1",
            format!(
                "there are distinct vertical lines (more than half; {} terms are significant for more than half of the scientists)",
                common.len()
            ),
            contrast > 0.5,
        ));
        rows.push(Comparison::new(
            format!(
                "{}: active terms significant for at most one scientist in twenty",
                panel.system
            ),
            None,
            if read > 0 {
                (active - used) as f64
            } else {
                f64::NAN
            },
            "terms",
            "some terms are almost consistently never used (at least a tenth of the active ones)",
            (active - used) * 10 >= active,
        ));
        common_sets.push(common);
    }
    let mut overlaps = Vec::new();
    for (i, a) in common_sets.iter().enumerate() {
        for b in &common_sets[..i] {
            let both = a.iter().filter(|term| b.contains(term)).count();
            let either = a.len() + b.len() - both;
            overlaps.push(both as f64 / either as f64);
        }
    }
    let overlap = super::statistics::mean(&overlaps);
    rows.push(Comparison::new(
        "overlap of these common terms between two systems, in the mean (intersection by union)",
        None,
        overlap,
        "1",
        "to describe each system independently, scientists rely on rather different sets of terms (less than half)",
        overlap < 0.5,
    ));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forty terms, of which each of ten scientists uses those that `uses` says.
    fn data(uses: impl Fn(usize, usize) -> f64) -> Fig8 {
        let term = |index: usize| crate::draw::by_term::TermName {
            ascii: index.to_string(),
            name: index.to_string(),
            active: true,
        };
        let uses = &uses;
        let panel = |system: &str| Strengths {
            system: system.into(),
            seeds: (0..10).collect(),
            correct: vec![true; 10],
            strength: (0..10)
                .flat_map(|seed| (0..40).map(move |term| uses(seed, term)))
                .collect(),
        };
        Fig8 {
            recipe: "reference".into(),
            terms: (0..40).map(term).collect(),
            panels: vec![panel("classical"), panel("pendulum")],
        }
    }

    #[test]
    fn lines_are_a_contrast() {
        let holds = |data: &Fig8| -> Vec<Option<bool>> {
            comparisons(data).iter().map(|row| row.holds).collect()
        };
        let yes = |is: bool| f64::from(u8::from(is));
        // All use the first ten, or each its own four, or all everything.
        let lines = data(|_, term| yes(term < 10));
        let own = data(|seed, term| yes(term / 4 == seed));
        let all = data(|_, _| 1.0);
        let [t, f] = [Some(true), Some(false)];
        assert_eq!(holds(&lines), [t, t, t, t, f]);
        assert_eq!(holds(&own), [f, f, f, f, None]);
        assert_eq!(holds(&all), [f, f, f, f, f]);
        assert_eq!(holds(&data(|_, _| f64::NAN)), [None; 5]);
    }

    #[test]
    fn users_are_counted_among_those_that_can_be_read() {
        let panel = Strengths {
            system: "classical".into(),
            seeds: vec![0, 1, 2],
            correct: vec![true; 3],
            strength: vec![1.0, 1.0, 0.0, f64::NAN, 1.0, 1.0, 0.0, 1.0, 0.001],
        };
        assert_eq!(users(&panel, 3), (vec![1, 2, 0], 2));
    }
}
