//! Figure 7: the correlation maps of one scientist, phase by system.

use mass_figures::style::{INK, LABEL};
use mass_interp::{CorrelationMap, Distance, SharedTerms, steadiest};
use mass_terms::Notation;

#[cfg(test)]
use super::by_term::made_up;
use super::prelude::*;

/// Phases of the figure.
const PHASES: usize = 4;
/// Names of common terms that are listed.
const LISTED: usize = 10;

/// What figure 7 shows (Fu et al. 2025, Fig. 7): `fig7.json`.
///
/// P phases, of which phase k has seen the first k systems.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig7 {
    /// Name of the recipe, `reference`.
    recipe: String,
    /// Seed of the scientist.
    seed: u64,
    /// The system that joins at each phase, `[P]`.
    systems: Vec<String>,
    /// Largest test RMSE over the systems seen at each phase's end, `[P]`.
    #[serde(with = "nullable")]
    rmse: Vec<f64>,
    /// One map for every phase and system seen, phase by phase, `[P (P + 1) / 2]`.
    maps: Vec<Map>,
    /// Terms significant for every system after the last phase, in Unicode, the strongest first.
    shared: Vec<String>,
}

/// The correlations of the significant activations on one system after one phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Map {
    /// The phase, counted from 1.
    phase: usize,
    /// The system.
    system: String,
    /// The significant terms in clustered order, in ASCII, `[n]`; none if the activations are not
    /// finite.
    terms: Vec<String>,
    /// How many they are with equal functions merged.
    merged: usize,
    /// Their correlations, row-major `[n, n]`; `null` where an activation is constant.
    #[serde(with = "nullable::single")]
    correlation: Vec<f64>,
}

impl Figure for Fig7 {
    const NAME: &'static str = "fig7";
    const HEADING: &'static str = "Figure 7";
    const ABOUT: &'static str = "Correlation maps of one scientist, phase by system";
    const CAPTION: &'static str = "Correlations of one scientist's significant activations, a row a phase and a column a system.";
    const NEEDS: Needs = Needs::OneOfContinued(PHASES);
    /// How many terms are significant for any system after the last phase.
    type Beyond = usize;

    /// The scientist is the one asked for, or chosen among those of the request.
    fn make(job: &Job) -> Result<Computed<Self>> {
        let mut request = job.request().clone();
        if let Some(seed) = job.seed {
            request.training.seeds = vec![seed];
        }
        let population = Population::train_continued(&request)?;
        let standings = population.standings(ErrorKind::Rmse)?;
        let chosen = steadiest(&standings, PHASES).context("a scientist was trained")?;
        let (place, always_correct) = chosen;
        let among = standings.len();
        let how = match always_correct {
            true => format!("least largest error among the always correct of {among} scientists"),
            false => {
                format!("least largest error of {among} scientists, none of them always correct")
            }
        };
        let systems = population.systems()[..PHASES].to_vec();
        let (mut maps, mut common, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for phase in 1..=PHASES {
            let scientist = population.at(phase)?.swap_remove(place);
            for (index, system) in systems[..phase].iter().enumerate() {
                let (map, strong) = map(&scientist, phase, index, system)?;
                maps.push(map);
                if phase == PHASES {
                    common.push(strong);
                }
            }
            names = scientist.model().terms().library.names(Notation::Unicode);
        }
        let shared = SharedTerms::of(&common);
        let verdicts = standings[place].verdicts.iter().take(PHASES);
        let seed = population.seeds()[place];
        let data = Self {
            recipe: request.recipe.name.clone(),
            seed,
            rmse: verdicts.map(|verdict| verdict.error).collect(),
            systems,
            maps,
            shared: shared
                .terms
                .iter()
                .map(|term| names[*term].clone())
                .collect(),
        };
        let computed = Computed::of(data, shared.union, [&population]);
        Ok(match job.seed {
            Some(_) => computed,
            None => computed.chosen(format!("seed {seed}, {how}")),
        })
    }

    /// Rows of phases, columns of systems, the number of significant terms above each map; in the empty
    /// corner the colour bar and the terms that all systems share in the end.
    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        const LEFT: f64 = 132.0;
        const TOP: f64 = 66.0;
        let phases = self.check()?;
        let pitch = (985.0 - LEFT) / phases as f64;
        let side = pitch - 14.0;
        let row = side + 38.0;
        let title = format!("recipe {}, seed {}", self.recipe, self.seed);
        let mut sheet = Sheet::new(TOP + row * phases as f64 + 46.0, title);
        let mut maps = self.maps.iter();
        for phase in 0..phases {
            let top = TOP + 14.0 + row * phase as f64;
            let error = match self.rmse[phase].is_finite() {
                true => number(self.rmse[phase], Rule::TwoDigits),
                false => "∞".to_string(),
            };
            let name = (format!("phase {}", phase + 1), LABEL);
            let joins = (format!("+ {}", self.systems[phase]), TICK);
            let error = (format!("RMSE {error}"), TICK);
            for (line, (text, size)) in [name, joins, error].iter().enumerate() {
                let at = (16.0, top + side / 2.0 - 16.0 + 21.0 * line as f64);
                sheet.text(at, text, *size, Anchor::Start);
            }
            for (column, map) in maps.by_ref().take(phase + 1).enumerate() {
                let left = LEFT + pitch * column as f64;
                let (across, down) = ((left, left + side), (top, top + side));
                let mut panel = sheet.panel(Frame::new(across, down, (0.0, 1.0), (0.0, 1.0)));
                let n = map.terms.len();
                let heading = match n {
                    0 => "not finite".to_string(),
                    1 => "1 term".to_string(),
                    _ => format!("{n} terms"),
                };
                let at = (panel.frame().middle().0, top - 6.0);
                panel.text(at, &heading, TICK, Anchor::Middle);
                match n {
                    0 => panel.outline(),
                    _ => panel.cells(n, &map.correlation, tiles::correlation),
                };
                if phase + 1 == phases {
                    panel.below(&map.system, 24.0, LABEL);
                }
            }
        }
        // The corner has room from the second phase on.
        if phases > 2 {
            let bar = (TOP + 34.0, TOP + 34.0 + side);
            let (range, label) = ((-1.0, 1.0), "correlation");
            tiles::bar(
                &mut sheet,
                (985.0 - 75.0, bar),
                range,
                tiles::correlation,
                label,
            );
            // Beside the two maps of the second row, above the three of the third.
            let left = LEFT + pitch * 2.0 + 8.0;
            let heading = format!("significant for all {phases} systems in the end");
            sheet.text((left, TOP + 20.0), &heading, TICK, Anchor::Start);
            sheet.lines((left, TOP + 44.0), &self.listed().join("\n"), 21.0, INK);
        }
        Ok(Some(sheet))
    }

    fn claims(&self, union: &usize) -> Result<Vec<Claim>> {
        let at = |phase: usize, system: usize| &self.maps[phase * (phase - 1) / 2 + system];
        let mut rows = Vec::new();
        // What the paper counts: first and last row in which each system stands.
        for (system, first, last) in [(0, 20.0, 6.0), (1, 12.0, 7.0), (2, 10.0, 5.0)] {
            let name = &self.systems[system];
            let (begun, ended) = (at(system + 1, system), at(PHASES, system));
            let known = !begun.terms.is_empty() && !ended.terms.is_empty();
            let (n, m) = (begun.terms.len(), ended.terms.len());
            let counted = |n: usize| if known { n as f64 } else { f64::NAN };
            let row = |words: String, quantity: &str, count: usize| {
                let quantity = format!("{name}: {quantity}");
                claim(words)
                    .measured(quantity, counted(count))
                    .unit("terms")
            };
            let begins = format!("significant terms after phase {}", system + 1);
            let ends = format!("significant terms after phase {PHASES}");
            let near = "as many as the paper's seed 52 has, within a factor of 2";
            let fewer = format!("fewer than when {name} joined");
            rows.push(
                row(near.into(), &begins, n)
                    .paper(first)
                    .between(first / 2.0, first * 2.0),
            );
            rows.push(row(fewer.clone(), &ends, m).paper(last).holds(m < n));
            let words = format!("{fewer} ({})", begun.merged);
            rows.push(
                row(words, "the same, equal functions merged", ended.merged)
                    .holds(ended.merged < begun.merged)
                    .of_ours(),
            );
        }
        let quantity = format!(
            "share of {union} terms that are significant for all {PHASES} systems in the end"
        );
        rows.push(
            claim("it explains an ensemble of systems by almost the same terms (more than half)")
                .measured(quantity, self.shared.len() as f64 / *union as f64)
                .above(0.5),
        );
        let loose = |map: &Map| {
            let pairs = below_diagonal(&map.correlation, map.terms.len());
            let weak = pairs.iter().filter(|r| r.abs() < 0.9).count();
            weak as f64 / pairs.len().max(1) as f64
        };
        let first = loose(at(1, 0));
        let last = (0..PHASES).map(|system| loose(at(PHASES, system)));
        let last = last.sum::<f64>() / PHASES as f64;
        rows.push(
            claim("as the number of systems increases, the theories become more diverse (more pairs that do not correlate)")
                .measured("share of pairs with |r| < 0.9 in the last row, less that in the first", last - first)
                .holds(last > first),
        );
        Ok(rows)
    }

    #[cfg(test)]
    fn example() -> Self {
        // Blocks of correlations, fewer terms at each phase.
        let systems = ["classical", "pendulum", "kepler", "relativistic"];
        let names = made_up::terms();
        let mut maps = Vec::new();
        for phase in 0..4 {
            for system in systems.iter().take(phase + 1) {
                let n = [38, 19, 11, 7][phase] - 2 * (system.len() % 3);
                let block = |i: usize| 3 * i / n;
                let correlation = (0..n * n)
                    .map(|cell| (cell / n, cell % n))
                    .map(|(i, j)| match (block(i) == block(j), i.abs_diff(j)) {
                        (true, apart) => 1.0 - 0.03 * apart as f64,
                        (false, apart) => (0.9 - 0.1 * apart as f64).max(-0.7),
                    })
                    .collect();
                maps.push(Map {
                    phase: phase + 1,
                    system: system.to_string(),
                    terms: (0..n).map(|i| names[i + 20].ascii.clone()).collect(),
                    merged: n / 2,
                    correlation,
                });
            }
        }
        Self {
            recipe: "reference".into(),
            seed: 52,
            systems: systems.map(String::from).to_vec(),
            rmse: vec![3.2e-4, 2.2e-3, 3.14e-3, f64::INFINITY],
            maps,
            shared: names[40..46].iter().map(|term| term.name.clone()).collect(),
        }
    }
}

impl Fig7 {
    /// Checks the lengths; says how many phases there are.
    fn check(&self) -> Result<usize, DrawError> {
        let phases = self.systems.len();
        same_lengths!("`systems`", phases, self, [rmse])?;
        let of = "the triangle of phases and systems";
        same_lengths!(of, phases * (phases + 1) / 2, self, [maps])?;
        if self.maps.iter().all(|map| map.terms.is_empty()) {
            return Err(DrawError::empty("maps"));
        }
        for map in &self.maps {
            let n = map.terms.len();
            same_lengths!("`terms` by `terms`", n * n, map, [correlation])?;
        }
        Ok(phases)
    }

    /// The common terms, as many as there is room for.
    fn listed(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.shared.iter().take(LISTED).cloned().collect();
        match self.shared.len() {
            0 => lines.push("none".into()),
            n if n > LISTED => lines.push(format!("and {} more", n - LISTED)),
            _ => {}
        }
        lines
    }
}

/// The map of one system, and the significant terms by falling size with their sizes.
fn map(
    scientist: &Scientist,
    phase: usize,
    index: usize,
    system: &str,
) -> Result<(Map, Vec<(usize, f64)>)> {
    let batch = states(system, EVALUATION_STATES)?;
    let activations = scientist.activations(index, &batch)?;
    let names = activations.names(Notation::Ascii);
    let found = activations.finite().and_then(|finite| {
        let map = CorrelationMap::of(&finite, 0.99, Distance::default())?;
        let merged = finite.grouped(&scientist.grouping(Counting::Merged))?;
        Ok((map, merged.significant(0.99)?.count(), finite.mean_abs()))
    });
    let empty = Map {
        phase,
        system: system.to_string(),
        terms: Vec::new(),
        merged: 0,
        correlation: Vec::new(),
    };
    let Ok((map, merged, sizes)) = found else {
        // On a pole at every state, or all activations zero: the map says so.
        return Ok((empty, Vec::new()));
    };
    let total: f64 = sizes.iter().sum();
    let strong = map.significant.indices.iter();
    Ok((
        Map {
            terms: map
                .columns
                .iter()
                .map(|term| names[*term].clone())
                .collect(),
            merged,
            correlation: map.correlation.values().to_vec(),
            ..empty
        },
        strong.map(|term| (*term, sizes[*term] / total)).collect(),
    ))
}

#[cfg(test)]
mod tests {
    use mass_figures::{inspect::hex, style::MISSING};

    use super::*;
    use crate::reproduce::figure::tests::drawing;

    #[test]
    fn each_map_is_in_its_row_and_column() {
        let data = Fig7::example();
        let drawing = drawing(&data);
        assert_eq!(drawing.panels().len(), 10, "a triangle");
        for (place, map) in data.maps.iter().enumerate() {
            let n = map.terms.len() as f64;
            let colour = |cell: usize| hex(tiles::correlation(map.correlation[cell]));
            drawing
                .panel(place)
                .label(&format!("{n} terms"))
                .fill(&colour(0), (0.5 / n, 1.0 - 0.5 / n))
                .fill(&colour(map.terms.len() - 1), (1.0 - 0.5 / n, 1.0 - 0.5 / n));
            if map.phase == 4 {
                drawing.panel(place).label(&map.system);
            }
            // Columns are systems, rows phases.
            let frame = drawing.panels()[place].frame;
            let column = data
                .systems
                .iter()
                .position(|one| *one == map.system)
                .unwrap();
            let first = drawing.panels()[0].frame;
            let pitch = (985.0 - 132.0) / 4.0;
            assert!((frame.across.0 - first.across.0 - pitch * column as f64).abs() < 1e-9);
            let row = pitch - 14.0 + 38.0;
            assert!((frame.down.0 - first.down.0 - row * (map.phase - 1) as f64).abs() < 1e-9);
        }
        for (row, said) in ["RMSE 3.2×10⁻⁴", "RMSE 0.0022", "RMSE 0.0031", "RMSE ∞"]
            .iter()
            .enumerate()
        {
            let texts = mass_figures::inspect::texts(drawing.svg());
            let at = |content: &str| {
                texts
                    .iter()
                    .find(|text| text.content == content)
                    .unwrap()
                    .at
            };
            let phase = at(&format!("phase {}", row + 1));
            let joins = at(&format!("+ {}", data.systems[row]));
            assert!(joins.1 - phase.1 == 21.0 && at(said).1 - phase.1 == 42.0);
        }
        for name in &data.shared {
            assert_eq!(drawing.count(name), 1, "{name}");
        }
    }

    #[test]
    fn a_map_without_numbers_says_so() {
        let mut data = Fig7::example();
        data.maps[2].terms.clear();
        data.maps[2].correlation.clear();
        let n = data.maps[5].terms.len() as f64;
        data.maps[5].correlation[1] = f64::NAN;
        data.shared.clear();
        let found = drawing(&data);
        found.panel(2).label("not finite");
        found.panel(5).fill(MISSING, (1.5 / n, 1.0 - 0.5 / n));
        assert_eq!(found.count("none"), 1);
        data.maps.pop();
        let error = data.draw().err();
        assert!(matches!(error, Some(DrawError::Shape { what: "maps", .. })));
    }
}
