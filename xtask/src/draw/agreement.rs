//! Not in the paper: how far every two scientists agree, and the families they form.

use kuva::render::render::TextAnchor;
use serde::{Deserialize, Serialize};

use super::fig10::{Series, panel};
use super::series::dots;
use super::sheet::{Frame, Sheet, Swatch};
use super::style::{BLUE, GREY, SERIES, TICK, VERMILLION, extent, roomy};
use super::{DrawError, Estimate, Picture, nullable, same_length, tiles};

const FIGURE: &str = "agreement";
/// Families with a colour of their own.
const COLOURED: usize = 5;

/// What the figure of agreement shows: `agreement.json`.
///
/// S scientists in the order of the map, families together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgreementFigure {
    /// Name of the recipe, `reference`.
    pub(crate) recipe: String,
    /// The systems on which they agree, with one unit of S for all of them.
    pub(crate) systems: Vec<String>,
    /// The scientists, in the order of the map, `[S]`.
    pub(crate) seeds: Vec<u64>,
    /// Whether each is correct at the last phase, `[S]`.
    pub(crate) correct: Vec<bool>,
    /// Agreement in [0, 1], row-major `[S, S]`.
    #[serde(with = "nullable")]
    pub(crate) agreement: Vec<f64>,
    /// Members of one family agree at least so much on average.
    pub(crate) least: f64,
    /// The families by falling size, each of seeds.
    pub(crate) families: Vec<AgreementFamily>,
    /// Each scientist's place on a map where near means agreeing (classical scaling of 1 − agreement
    /// into two dimensions), `[S]`.
    pub(crate) places: Vec<[f64; 2]>,
    /// Share of the distances' squares that the map keeps.
    #[serde(with = "nullable::one")]
    pub(crate) kept: f64,
    /// How well Euler–Lagrange computes the laws of all systems with each scientist's S, `[S]`.
    #[serde(with = "nullable")]
    pub(crate) with_lagrangian: Vec<f64>,
    /// The same of −S_x, `[S]`.
    #[serde(with = "nullable")]
    pub(crate) with_hamiltonian: Vec<f64>,
    /// Mean agreement on each system by itself, `[K]`.
    #[serde(with = "nullable")]
    pub(crate) by_system: Vec<f64>,
    /// Mean agreement of all scientists at each phase's end, over the systems seen, `[K]`.
    #[serde(with = "nullable")]
    pub(crate) by_phase: Vec<f64>,
    /// The same of the scientists that are correct then, `[K]`.
    #[serde(with = "nullable")]
    pub(crate) by_phase_correct: Vec<f64>,
    /// Mean agreement on each system seen by itself at each phase's end, phase by phase,
    /// `[K (K + 1) / 2]`.
    #[serde(with = "nullable")]
    pub(crate) by_phase_and_system: Vec<f64>,
}

/// Scientists who agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgreementFamily {
    /// Its members.
    pub(crate) seeds: Vec<u64>,
    /// The member that agrees most with the others.
    pub(crate) medoid: u64,
    /// Mean agreement within.
    #[serde(with = "nullable::one")]
    pub(crate) agreement: f64,
}

/// Draws the figure: (a) the matrix, families together and framed; (b) the map of theories, a dot a
/// scientist in the colour of its family, rings for those that are not correct; (c) the mean
/// agreement against the number of systems.
///
/// # Errors
/// Fewer than two scientists, lengths that differ, a family of scientists that are not there.
pub(crate) fn draw(data: &AgreementFigure) -> Result<Picture, DrawError> {
    let n = data.seeds.len();
    let of = "`seeds` by `seeds`";
    same_length(FIGURE, "agreement", data.agreement.len(), n * n, of)?;
    same_length(FIGURE, "correct", data.correct.len(), n, "`seeds`")?;
    let k = data.systems.len();
    same_length(FIGURE, "by_phase", data.by_phase.len(), k, "`systems`")?;
    same_length(FIGURE, "by_system", data.by_system.len(), k, "`systems`")?;
    same_length(
        FIGURE,
        "by_phase_correct",
        data.by_phase_correct.len(),
        k,
        "`systems`",
    )?;
    same_length(
        FIGURE,
        "by_phase_and_system",
        data.by_phase_and_system.len(),
        k * (k + 1) / 2,
        "`systems` up to each phase",
    )?;
    same_length(FIGURE, "places", data.places.len(), n, "`seeds`")?;
    same_length(
        FIGURE,
        "with_lagrangian",
        data.with_lagrangian.len(),
        n,
        "`seeds`",
    )?;
    same_length(
        FIGURE,
        "with_hamiltonian",
        data.with_hamiltonian.len(),
        n,
        "`seeds`",
    )?;
    if n < 2 {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what: "agreement",
        });
    }
    let mut family = vec![usize::MAX; n];
    for (index, members) in data.families.iter().enumerate() {
        for seed in &members.seeds {
            let Some(place) = data.seeds.iter().position(|known| known == seed) else {
                return Err(DrawError::Shape {
                    figure: FIGURE,
                    what: "families",
                    expected: "made of `seeds`".into(),
                    found: format!("of {seed} too"),
                });
            };
            family[place] = index;
        }
    }
    // Families of one are no families.
    let coloured = |index: usize| {
        let real = data.families.get(index).is_some_and(|f| f.seeds.len() > 1);
        (real && index < COLOURED).then(|| SERIES[index])
    };

    let systems = match data.systems.len() {
        1 => data.systems[0].clone(),
        k => format!("{k} systems together"),
    };
    let title = format!("recipe {}, {n} scientists, {systems}", data.recipe);
    const SIDE: f64 = 400.0;
    const BELOW: f64 = 190.0;
    let mut sheet = Sheet::new(96.0 + SIDE + 96.0 + BELOW + 60.0, title);
    let frame = Frame {
        across: (60.0, 60.0 + SIDE),
        down: (96.0, 96.0 + SIDE),
        x: (0.0, n as f64),
        y: (n as f64, 0.0),
    };
    tiles::cells(&mut sheet, &frame, n, &data.agreement, tiles::agreement);
    let mut start = 0;
    for run in family.chunk_by(|a, b| a == b) {
        let (from, to) = (start as f64, (start + run.len()) as f64);
        start += run.len();
        let Some(colour) = coloured(run[0]) else {
            continue;
        };
        let (across, down) = (
            (frame.at_x(from), frame.at_x(to)),
            (frame.at_y(from), frame.at_y(to)),
        );
        // Beside the matrix, where it hides nothing.
        sheet.rect((frame.across.0 - 9.0, frame.across.0 - 3.0), down, colour);
        sheet.rect(across, (frame.down.1 + 3.0, frame.down.1 + 9.0), colour);
    }
    sheet.letter(20.0, &frame, 'a');
    let heading = "agreement, families together";
    sheet.text((60.0, 83.0), heading, TICK + 1, TextAnchor::Start);
    let below = (frame.middle().0, frame.down.1 + 34.0);
    sheet.text(below, "scientists", TICK + 1, TextAnchor::Middle);
    let bar = (frame.down.0, frame.down.0 + 0.6 * SIDE);
    let left = frame.across.1 + 14.0;
    tiles::bar(&mut sheet, left, bar, (0.0, 1.0), tiles::agreement, "");

    let axis = |of: usize| extent(data.places.iter().map(|place| place[of])).map(roomy);
    let (Some(x), Some(y)) = (axis(0), axis(1)) else {
        return Err(DrawError::Empty {
            figure: FIGURE,
            what: "places",
        });
    };
    // One unit is as long across as it is down.
    let half = (x.1 - x.0).max(y.1 - y.0) / 2.0;
    let around = |(low, high): (f64, f64)| {
        let middle = (low + high) / 2.0;
        (middle - half, middle + half)
    };
    let map = Frame {
        across: (575.0, 575.0 + SIDE),
        down: frame.down,
        x: around(x),
        y: around(y),
    };
    sheet.plots(Vec::new(), sheet.layout(&map));
    for (place, at) in data.places.iter().enumerate() {
        let colour = coloured(family[place]).unwrap_or(GREY);
        let at = (at[0], at[1]);
        dots(&mut sheet, &map, &[at], 5.0, colour);
        if !data.correct[place] {
            dots(&mut sheet, &map, &[at], 3.0, "#ffffff");
        }
    }
    sheet.letter(530.0, &map, 'b');
    let kept = match data.kept.is_finite() {
        true => format!(
            "map of theories, {:.0} % of the distances kept",
            100.0 * data.kept
        ),
        false => "map of theories".to_string(),
    };
    sheet.text((575.0, 83.0), &kept, TICK + 1, TextAnchor::Start);
    sheet.x_label(&map, "distance, in 1 − agreement");

    let labels: Vec<String> = data
        .families
        .iter()
        .enumerate()
        .filter(|(index, _)| coloured(*index).is_some())
        .map(|(index, family)| format!("family {}: {} scientists", index + 1, family.seeds.len()))
        .collect();
    let mut entries: Vec<(&str, &str, Swatch)> = labels
        .iter()
        .zip(SERIES)
        .map(|(label, colour)| (label.as_str(), colour, Swatch::Dot))
        .collect();
    entries.push(("in no family, or a small one", GREY, Swatch::Dot));
    if data.correct.iter().any(|correct| !correct) {
        entries.push(("hollow: not correct", GREY, Swatch::Ring));
    }
    let top = frame.down.1 + 96.0;
    sheet.legend_block((575.0, top + 16.0), 400.0, &entries);

    let course = Frame {
        across: frame.across,
        down: (top, top + BELOW),
        x: (0.6, data.systems.len() as f64 + 0.4),
        y: (0.0, 1.04),
    };
    let series = [(&data.by_phase, BLUE), (&data.by_phase_correct, VERMILLION)];
    let series = series.map(|(values, colour)| {
        let estimate = |value: &f64| Estimate {
            value: *value,
            ..Estimate::NONE
        };
        Series::new(values.iter().map(estimate).collect(), colour, false)
    });
    panel(&mut sheet, &course, &series, Some(0.25));
    sheet.letter(20.0, &course, 'c');
    let at = (60.0, top - 13.0);
    sheet.text(at, "mean agreement", TICK + 1, TextAnchor::Start);
    let entries = [
        ("all", BLUE, Swatch::Line(2.0)),
        ("the correct ones", VERMILLION, Swatch::Line(2.0)),
    ];
    sheet.legend(&course, &entries);
    sheet.finish()
}

#[cfg(test)]
mod tests {
    use super::super::typeset::labels;
    use super::*;

    /// Made up: two families and a loner.
    fn synthetic() -> AgreementFigure {
        let family = |s: usize| match s {
            0..=10 => 0,
            11..=17 => 1,
            _ => 2 + s,
        };
        let n = 20;
        let agreement = (0..n * n)
            .map(|cell| (cell / n, cell % n))
            .map(|(i, j)| match (i == j, family(i) == family(j)) {
                (true, _) => 1.0,
                (false, true) => 0.96 - 0.002 * i.abs_diff(j) as f64,
                (false, false) => 0.3 + 0.01 * ((i * j) % 7) as f64,
            })
            .collect();
        AgreementFigure {
            recipe: "reference".into(),
            systems: ["classical", "pendulum"].map(String::from).to_vec(),
            seeds: (0..n as u64).map(|s| s + 100).collect(),
            correct: (0..n).map(|s| s % 4 != 1).collect(),
            agreement,
            least: 0.9,
            families: [(0, 11), (11, 7), (18, 1), (19, 1)]
                .map(|(from, count): (u64, u64)| AgreementFamily {
                    seeds: (from + 100..from + count + 100).collect(),
                    medoid: from + 100,
                    agreement: 0.95,
                })
                .to_vec(),
            places: (0..n)
                .map(|s| {
                    let (f, t) = (family(s) as f64, s as f64);
                    [
                        0.4 * f.min(3.0) + 0.03 * (t * 2.1).sin(),
                        0.02 * (t * 1.3).cos(),
                    ]
                })
                .collect(),
            kept: 0.87,
            with_lagrangian: vec![0.5; n],
            with_hamiltonian: vec![0.5; n],
            by_system: vec![0.5, 0.7],
            by_phase: vec![0.4, 0.6],
            by_phase_correct: vec![f64::NAN, 0.8],
            by_phase_and_system: vec![0.4, 0.5, 0.7],
        }
    }

    #[test]
    fn the_picture_has_its_families() {
        let data = synthetic();
        let picture = draw(&data).unwrap();
        crate::draw::look("agreement", &picture);
        let labels = labels(&picture.svg);
        for label in [
            "(a)",
            "(b)",
            "family 1: 11 scientists",
            "family 2: 7 scientists",
            "hollow: not correct",
            "map of theories, 87 % of the distances kept",
        ] {
            let count = labels.iter().filter(|l| *l == label).count();
            assert_eq!(count, 1, "{label}: {labels:?}");
        }
        assert!(
            !labels.iter().any(|l| l.starts_with("family 3")),
            "one is no family"
        );
        assert_eq!(
            draw(&data).unwrap(),
            picture,
            "the same data, the same bytes"
        );
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let mut data = synthetic();
        data.agreement[3] = f64::NAN;
        assert!(!draw(&data).unwrap().svg.contains("NaN"));
        data.families[0].seeds.push(5);
        assert!(matches!(
            draw(&data),
            Err(DrawError::Shape {
                what: "families",
                ..
            })
        ));
        data.agreement.pop();
        assert!(matches!(draw(&data), Err(DrawError::Shape { .. })));
    }
}
