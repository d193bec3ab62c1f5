//! Figure 11: from Hamiltonian to Lagrangian theories as the number of systems grows?

use mass_figures::{
    ByCount,
    style::{GREEN, PURPLE},
};
use mass_interp::{
    Constant, EnergyReading, Estimate, KineticReading, LagrangianFits, PhaseTheories, SignCensus,
    TheoryCensus, Verdict, paper_majorities, since_joining,
    statistics::{least, most},
};

use super::{
    by_systems::{SHARES, SYSTEMS, percent},
    prelude::*,
};

/// A scalar is that of a theory if the theory's motion with it scores so much.
const WORKS: f64 = Verdict::LEAST;
/// Systems on which the paper finds Hamiltonians.
const SIMPLE: usize = 2;

/// What figure 11 shows (Fu et al. 2025, Fig. 11): `fig11.json`.
///
/// K phases; at the end of each, every scientist is asked about the system that joined last.
/// Shares lie in [0, 1] with Wilson's 95 % interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig11 {
    /// Name of the recipe, `reference`.
    recipe: String,
    /// Number of scientists trained.
    scientists: usize,
    /// The system that joins at each phase, `[K]`.
    systems: Vec<String>,
    /// Every phase, `[K]`.
    all: Vec<TheoryCensus>,
    /// The same of the scientists that are correct at the phase's end alone, `[K]`.
    correct: Vec<TheoryCensus>,
    /// For each phase all systems seen, not the newest alone: phase by phase, `[K (K + 1) / 2]`.
    by_system: Vec<LagrangianFits>,
    /// The signs of the fit in each reading of it; empty in files made before they were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    readings: Vec<SignReading>,
}

/// What all scientists say in one reading of S ≈ c₁T + c₂V.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignReading {
    /// How T, V and the constant are read.
    reading: EnergyReading,
    /// Every phase, `[K]`.
    phases: Vec<SignCensus>,
}

impl Figure for Fig11 {
    const NAME: &'static str = "fig11";
    const HEADING: &'static str = "Figure 11";
    const ABOUT: &'static str = "Hamiltonian or Lagrangian, against the number of systems";
    const CAPTION: &'static str = "Against the number of systems: (a) Hamiltonian or Lagrangian by the signs of the fit S ≈ c₁T + c₂V + c₀; (b) R² of fitting activations to those of the exact theories, mean and standard deviation; (c) how well Euler–Lagrange and −S_x compute the law with the learned scalar. (d) Lagrangian by the signs in four readings of the fit: T of Table 1, which is γ on systems 4 to 6, or 1/γ there, as the paper writes L; with the constant c₀ or without, as printed. (e) The share of scientists of whom each reading says something else when a random constant is added to S.";
    const NEEDS: Needs = Needs::Continued(6);
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let request = job.request();
        let population = Population::train_continued(request)?;
        let systems = population.systems();
        let (mut all, mut correct, mut by_system) = (Vec::new(), Vec::new(), Vec::new());
        let mut readings = EnergyReading::FOUR.map(SignReading::new);
        for phase in 1..=population.phases() {
            let right = population.correct(phase)?;
            let found = PhaseTheories::of(&population.judgements(phase)?, &right)?;
            by_system.extend(found.by_system);
            correct.push(found.correct);
            all.push(found.all);
            for (reading, signs) in readings.iter_mut().zip(found.signs) {
                reading.phases.push(signs);
            }
        }
        let data = Self {
            recipe: request.recipe.name.clone(),
            scientists: population.seeds().len(),
            systems: systems.to_vec(),
            all,
            correct,
            by_system,
            readings: readings.to_vec(),
        };
        Ok(Computed::of(data, (), [&population]))
    }

    /// Shares by sign; R² of linear fits, mean and standard deviation; how well the two exact theories
    /// work with the learned scalar, which tells them apart where the fits cannot.
    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        let phases = self.systems.len();
        same_lengths!("`systems`", phases, self, [all, correct])?;
        let (of, up_to_each) = ("`systems` up to each phase", phases * (phases + 1) / 2);
        same_lengths!(of, up_to_each, self, [by_system])?;
        for reading in &self.readings {
            same_lengths!("`systems`", phases, reading, [phases])?;
        }
        if self.all.is_empty() {
            return Err(DrawError::empty("all"));
        }
        let title = format!(
            "recipe {}, {} scientists, asked about the newest system",
            self.recipe, self.scientists
        );
        let height = if self.readings.is_empty() {
            462.0
        } else {
            886.0
        };
        let mut sheet = Sheet::new(height, title);
        let [_, second, third] = ByCount::THREE;
        let shares = |of: fn(&TheoryCensus) -> &Estimate| percent(self.all.iter().map(of));
        // Of the correct ones alone without their bars.
        let bare = |of: fn(&TheoryCensus) -> &Estimate| {
            percent(self.correct.iter().map(of)).map(|share| share.bare())
        };
        let courses = [
            Course::new("Lagrangian: c₁c₂ < 0", BLUE, shares(|p| &p.lagrangian)),
            Course::new(
                "Hamiltonian: c₁c₂ > 0",
                VERMILLION,
                shares(|p| &p.hamiltonian),
            ),
            Course::new("", BLUE, bare(|p| &p.lagrangian)).broken(),
            Course::new("", VERMILLION, bare(|p| &p.hamiltonian)).broken(),
        ];
        SHARES
            .draw(&mut sheet, (SYSTEMS, phases), &courses)
            .key("the correct ones alone", GREY, Swatch::Dashes(2.0))
            .legend_below();

        let of = |of: fn(&TheoryCensus) -> &Estimate| self.all.iter().map(of);
        let fits = ByCount {
            across: second,
            down: ByCount::FIRST_ROW,
            letter: 'b',
            heading: "R² of linear fits of activations",
            y: (-0.05, 1.1),
            step: Some(0.25),
        };
        let courses = [
            Course::new("to those of the exact L", BLUE, of(|p| &p.fit_lagrangian)),
            Course::new(
                "to those of the exact H",
                VERMILLION,
                of(|p| &p.fit_hamiltonian),
            ),
        ];
        fits.draw(&mut sheet, (SYSTEMS, phases), &courses)
            .legend_below();
        let scores = ByCount {
            across: third,
            letter: 'c',
            heading: "score with the learned S",
            ..fits
        };
        let euler_lagrange = "Euler–Lagrange, with quartiles";
        let courses = [
            Course::new(euler_lagrange, BLUE, of(|p| &p.reading_lagrangian)),
            Course::new("−S_x", VERMILLION, of(|p| &p.reading_hamiltonian)),
        ];
        scores
            .draw(&mut sheet, (SYSTEMS, phases), &courses)
            .legend_below();
        self.draw_readings(&mut sheet);
        Ok(Some(sheet))
    }

    /// Shares by reading and system, then the control.
    fn table(&self) -> Option<String> {
        let shares = |headline: &str, of: fn(&SignCensus) -> &Estimate| {
            let row = |reading: &SignReading| {
                let shares = reading.phases.iter().map(|phase| of(phase).in_percent(0));
                [reading.reading.name().to_string()]
                    .into_iter()
                    .chain(shares)
                    .collect()
            };
            let names = self.systems.iter().map(String::as_str);
            let headers: Vec<&str> = [headline].into_iter().chain(names).collect();
            markdown(&headers, self.readings.iter().map(row))
        };
        let lagrangian = shares("Lagrangian by the signs, %", |phase| &phase.lagrangian);
        let changed = shares("changed by a constant added to S, %", |phase| {
            &phase.changed
        });
        (!self.readings.is_empty()).then(|| format!("{lagrangian}\n{changed}"))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        let mut rows = self.signs();
        rows.extend(self.towards_the_lagrangian()?);
        rows.extend(self.scores());
        rows.extend(self.systems.iter().zip(&self.all).map(|(system, all)| {
            claim("the learned law is the Euler–Lagrange equation of some Lagrangian (friction < 0.01 of the rate)")
                .measured(
                    format!(
                        "{system}: friction that no Lagrangian explains, by the law's rate, median of {}",
                        all.helmholtz_judged
                    ),
                    all.helmholtz.value,
                )
                .below(0.01)
                .of_ours()
        }));
        let fits: Vec<f64> = self.all.iter().map(|phase| phase.energy_r2.value).collect();
        rows.push(
            claim(format!(
                "the signs are those of a fit that describes S (R² > 0.9; by phase {})",
                listed(fits.iter().copied(), 2)
            ))
            .measured(
                "R² of S ≈ c₁T + c₂V + c₀, median, least over the phases",
                least(&fits),
            )
            .above(TheoryCensus::DESCRIBED)
            .of_ours(),
        );
        rows.extend(self.other_readings());
        rows.extend(self.readings.iter().map(SignReading::switches));
        rows.extend(self.readings.iter().map(SignReading::control));
        Ok(rows)
    }

    #[cfg(test)]
    fn example() -> Self {
        let systems = [
            "classical",
            "pendulum",
            "kepler",
            "relativistic",
            "alpha",
            "beta",
        ];
        let about = |value: f64, bar: f64| Estimate {
            value,
            low: value - bar,
            high: value + bar,
        };
        let phase = |k: usize| {
            let lagrangian = [0.06, 0.1, 0.7, 0.85, 0.9, 0.95][k];
            TheoryCensus {
                counted: 20,
                unreadable: 0,
                lagrangian: about(lagrangian, 0.08),
                hamiltonian: about(1.0 - lagrangian, 0.08),
                lagrangian_printed: about(lagrangian, 0.08),
                lagrangian_by_side: about(lagrangian, 0.08),
                lagrangian_by_curvature: about(lagrangian, 0.08),
                described: 40,
                lagrangian_described: about(lagrangian, 0.1),
                nearer_lagrangian: about(lagrangian, 0.08),
                energy_r2: about(0.8, 0.1),
                fit_lagrangian: about(0.6 + 0.05 * k as f64, 0.2),
                fit_hamiltonian: about(0.7 - 0.03 * k as f64, 0.15),
                fit_hamiltonian_printed: about(0.7 - 0.03 * k as f64, 0.15),
                scalar_lagrangian: about(0.3 + 0.1 * k as f64, 0.1),
                scalar_hamiltonian: about(0.7 - 0.1 * k as f64, 0.1),
                reading_lagrangian: about(0.3 + 0.1 * k as f64, 0.1),
                reading_hamiltonian: about(0.7 - 0.1 * k as f64, 0.1),
                helmholtz: about(1e-3, 1e-4),
                helmholtz_judged: 20,
            }
        };
        Self {
            recipe: "reference".into(),
            scientists: 20,
            systems: systems.map(String::from).to_vec(),
            all: (0..6).map(phase).collect(),
            correct: (0..6).map(|k| phase(5 - k)).collect(),
            by_system: (0..21)
                .map(|cell| LagrangianFits {
                    scalar_lagrangian: about(0.3 + 0.02 * f64::from(cell), 0.1),
                    fit_lagrangian: about(0.5, 0.1),
                })
                .collect(),
            readings: (0..4)
                .map(|place| SignReading {
                    reading: EnergyReading::FOUR[place],
                    phases: (0..6)
                        .map(|k| {
                            let lagrangian = 0.1 + 0.12 * k as f64 + 0.03 * place as f64;
                            SignCensus {
                                counted: 20,
                                lagrangian: about(lagrangian, 0.05),
                                hamiltonian: about(1.0 - lagrangian, 0.05),
                                changed: about(0.1 * (place % 2 * (k + place)) as f64, 0.04),
                            }
                        })
                        .collect(),
                })
                .collect(),
        }
    }
}

impl Fig11 {
    /// Panels d and e: the readings of the fit, and what a constant added to S changes; nothing of files
    /// made before they were asked.
    fn draw_readings(&self, sheet: &mut Sheet) {
        if self.readings.is_empty() {
            return;
        }
        let shares = ByCount {
            across: (72.0, 490.0),
            down: (508.0, 766.0),
            letter: 'd',
            heading: "% Lagrangian, by the reading of the fit",
            ..SHARES
        };
        let changed = ByCount {
            across: (552.0, 970.0),
            letter: 'e',
            heading: "% that change if a constant is added to S",
            ..shares
        };
        for (panel, of) in [
            (
                shares,
                (|phase| &phase.lagrangian) as fn(&SignCensus) -> &Estimate,
            ),
            (changed, |phase| &phase.changed),
        ] {
            let courses = self.readings.iter().map(|reading| {
                let shares = percent(reading.phases.iter().map(of));
                let course = Course::new(reading.reading.name(), reading.colour(), shares);
                match reading.reading.constant {
                    Constant::Fitted => course,
                    _ => course.broken(),
                }
            });
            let courses: Vec<Course> = courses.collect();
            let mut panel = panel.draw(sheet, (SYSTEMS, self.systems.len()), &courses);
            panel.legend_below();
        }
    }

    /// Figure 11a: Hamiltonian or Lagrangian by the signs of c₁ and c₂.
    fn signs(&self) -> Vec<Claim> {
        let mut rows = Vec::new();
        for (phase, (system, all)) in self.systems.iter().zip(&self.all).enumerate() {
            let right = &self.correct[phase];
            let simple = phase < SIMPLE;
            let (name, found, other) = match simple {
                true => ("Hamiltonian", all.hamiltonian, right.hamiltonian),
                false => ("Lagrangian", all.lagrangian, right.lagrangian),
            };
            let of_correct = match right.counted {
                0 => "none is correct".to_string(),
                n => format!("of the {n} correct ones {:.0} %", 100.0 * other.value),
            };
            let words = match simple {
                true => format!("more than 90 % agree on a Hamiltonian ({of_correct})"),
                false => format!(
                    "on more complex problems they switch to a Lagrangian theory (more than half; {of_correct})"
                ),
            };
            let quantity = format!(
                "{system}: {name} by the signs of c₁ and c₂, after phase {}, of {}",
                phase + 1,
                all.counted
            );
            let row = |words: &str, quantity: String, share: &Estimate, most: f64| {
                let share = 100.0 * share.value;
                claim(words).measured(quantity, share).unit("%").above(most)
            };
            let most = if simple { 90.0 } else { 50.0 };
            rows.push(row(&words, quantity, &found, most).paper(simple.then_some(90.0)));
            if system == "kepler" {
                let words = "the same where S is fitted on either side by itself, for no state lies between (more than half)";
                let quantity = format!("{system}: Lagrangian by the signs on both sides of x = 0");
                rows.push(row(words, quantity, &all.lagrangian_by_side, 50.0).of_ours());
            }
            if system == "relativistic" {
                let words =
                    "the same with the printed V, which is no potential of its L (more than half)";
                let quantity =
                    format!("{system}: Lagrangian by the signs, with the V that Table 1 prints");
                rows.push(row(words, quantity, &all.lagrangian_printed, 50.0));
            }
        }
        rows
    }

    /// Figure 11b: R² of fits to the exact theories.
    fn towards_the_lagrangian(&self) -> Result<Vec<Claim>> {
        let last = self.systems.len() - 1;
        let scalar: fn(&LagrangianFits) -> f64 = |fits| fits.scalar_lagrangian.value;
        let activations: fn(&LagrangianFits) -> f64 = |fits| fits.fit_lagrangian.value;
        let mut rows = Vec::new();
        for (what, words, of) in [
            (
                "R² of S ≈ a L + c",
                "the correlation to the Lagrangian scalar function itself also increases",
                scalar,
            ),
            (
                "R² of activations on those of the exact L",
                "the fit to the Lagrangian increases with the number of systems",
                activations,
            ),
        ] {
            let values: Vec<f64> = self.by_system.iter().map(of).collect();
            let rises = since_joining(&values, self.systems.len())?;
            let newest = (0..=last).map(|phase| values[phase * (phase + 3) / 2]);
            rows.push(
                claim(format!(
                    "{words} (on the same systems; by system {}; of the newest at each phase {})",
                    listed(rises.iter().copied(), 2),
                    listed(newest, 2)
                ))
                .measured(
                    format!(
                        "{what}: in the end less when the system joined, mean of {last} systems"
                    ),
                    rises.iter().sum::<f64>() / rises.len() as f64,
                )
                .above(0.0),
            );
        }
        // Where S_xy = 0, on the first three, the exact activations of both theories are one function,
        // and with the printed V on the fourth too.
        let stated: fn(&TheoryCensus) -> &Estimate = |phase| &phase.fit_hamiltonian;
        let printed: fn(&TheoryCensus) -> &Estimate = |phase| &phase.fit_hamiltonian_printed;
        for (name, from, hamiltonian) in [
            ("exact H", 3, stated),
            ("exact H with the printed V", 4, printed),
        ] {
            let beyond = self.all.iter().skip(from);
            let gaps = beyond.map(|phase| phase.fit_lagrangian.value - hamiltonian(phase).value);
            let gaps: Vec<f64> = gaps.collect();
            rows.push(
                claim(format!(
                    "on complex problems the activations are nearer to the Lagrangian's ({}; before, the two are one function whatever was learned)",
                    listed(gaps.iter().copied(), 2)
                ))
                .measured(
                    format!("R² on the exact L less that on the {name}, the least from phase {} on", from + 1),
                    least(&gaps),
                )
                .above(0.0),
            );
        }
        Ok(rows)
    }

    /// Figure 11c: which theory works with the learned scalar.
    fn scores(&self) -> Vec<Claim> {
        let systems = self.systems.iter().zip(&self.all).enumerate();
        let row = |(phase, (system, all)): (usize, (&String, &TheoryCensus))| {
            let (l, h) = (all.reading_lagrangian.value, all.reading_hamiltonian.value);
            let simple = phase < SIMPLE;
            let theory = if simple { "−S_x" } else { "Euler–Lagrange" };
            let quantity = format!(
                "{system}: score of {theory} with the learned S, median of {}",
                all.counted
            );
            let row = match simple {
                true => claim(format!(
                    "scientists of simple systems hold an H and no L (−S_x scores > {WORKS} with their S, Euler–Lagrange, {l:.2}, does not)"
                ))
                .measured(quantity, h)
                .holds(l.is_finite().then_some(h > WORKS && l <= WORKS)),
                false => claim(format!(
                    "scientists of complex systems hold an L (Euler–Lagrange scores > {WORKS} with their S; −S_x {h:.2})"
                ))
                .measured(quantity, l)
                .above(WORKS),
            };
            row.of_ours()
        };
        systems.map(row).collect()
    }

    /// Whether the switch to a Lagrangian is there in another reading.
    fn other_readings(&self) -> Vec<Claim> {
        let readings = [
            OtherReading {
                name: "by the signs, where the fit describes S",
                how: "among those whose S is a mixture of T and V, R² > 0.9",
                from: SIMPLE,
                of: |phase| &phase.lagrangian_described,
                among: |phase| phase.described,
                tests: true,
            },
            OtherReading {
                name: "by how S bends",
                how: "by the sign of S_xx S_yy at most states, without a fit",
                from: SIMPLE,
                of: |phase| &phase.lagrangian_by_curvature,
                among: |phase| phase.counted,
                tests: true,
            },
            // With the printed V, −H_x is the law of the first four systems, as Euler–Lagrange is: only
            // on the last two can the fits differ. What they say there is the laws' doing: the exact
            // law, as one activation, is nearer to L, whatever S it was made of.
            OtherReading {
                name: "by activations",
                how: "by what explains them better, L or H with the printed V, which are one on the first four systems; but the exact law itself has it, and most correct predictions",
                from: 4,
                of: |phase| &phase.nearer_lagrangian,
                among: |phase| phase.counted,
                tests: false,
            },
        ];
        readings.map(|reading| reading.claim(&self.all)).to_vec()
    }
}

impl SignReading {
    fn new(reading: EnergyReading) -> Self {
        let phases = Vec::new();
        Self { reading, phases }
    }

    fn colour(&self) -> &'static str {
        match self.reading.kinetic {
            KineticReading::Table => GREEN,
            KineticReading::Lagrangian => PURPLE,
        }
    }

    fn as_printed(&self) -> bool {
        self.reading.constant == Constant::Zero
    }

    /// Whether the paper's switch is there: more than half are Hamiltonian on systems 1 and 2, and
    /// Lagrangian from 3 on.
    fn switches(&self) -> Claim {
        let as_the_paper = paper_majorities(&self.phases, SIMPLE);
        let lagrangian = self.phases.iter().map(|signs| signs.lagrangian.value);
        let row = claim(format!(
            "the majority is Hamiltonian on systems 1 and 2 and Lagrangian from 3 on, by the signs of a fit with {} (% Lagrangian by phase: {})",
            self.reading.name(),
            listed(lagrangian.map(|share| 100.0 * share), 0)
        ))
        .measured(
            format!("systems whose majority is the paper's, {}", self.reading.name()),
            as_the_paper,
        )
        .unit("systems")
        .holds(as_the_paper == self.phases.len() as f64);
        match self.as_printed() {
            true => row,
            false => row.of_ours(),
        }
    }

    /// Whether a constant added to S, on which no motion depends, changes verdicts: it must not with a
    /// constant in the fit, and does without.
    fn control(&self) -> Claim {
        let changed: Vec<f64> = self
            .phases
            .iter()
            .map(|signs| 100.0 * signs.changed.value)
            .collect();
        let words = match self.as_printed() {
            true => {
                "a constant added to S, which no motion depends on, changes the verdict on some"
            }
            false => {
                "a constant added to S, which no motion depends on, changes the verdict on nobody"
            }
        };
        let row = claim(format!(
            "{words} (by phase, %: {})",
            listed(changed.iter().copied(), 0)
        ))
        .measured(
            format!(
                "scientists whose verdict a constant added to S changes, {}, most of all systems",
                self.reading.name()
            ),
            most(&changed),
        )
        .unit("%")
        .of_ours();
        match self.as_printed() {
            true => row.above(0.0),
            false => row.at_most(0.0),
        }
    }
}

/// "Lagrangian" read in another way than by the signs of the fit.
struct OtherReading {
    name: &'static str,
    how: &'static str,
    /// The first phase, from 0, at which it can tell.
    from: usize,
    of: fn(&TheoryCensus) -> &Estimate,
    /// How many scientists it is asked of.
    among: fn(&TheoryCensus) -> usize,
    /// Whether it can come out either way.
    tests: bool,
}

impl OtherReading {
    fn claim(&self, all: &[TheoryCensus]) -> Claim {
        let share = |phase| 100.0 * (self.of)(phase).value;
        let by_phase = all.iter().map(|phase| match (self.among)(phase) {
            0 => "of none".to_string(),
            n => format!("{:.0} of {n}", share(phase)),
        });
        let by_phase: Vec<String> = by_phase.collect();
        let known = all[self.from..].iter();
        let lowest: Vec<f64> = known.clone().map(|phase| (self.of)(phase).low).collect();
        let known: Vec<f64> = known.map(share).collect();
        claim(format!(
            "on more complex problems they switch to a Lagrangian theory, {} (more than half, by the lower end of the 95 % interval; by phase, %: {})",
            self.how,
            by_phase.join(", ")
        ))
        .measured(
            format!("Lagrangian {}, least from phase {} on", self.name, self.from + 1),
            least(&known),
        )
        .unit("%")
        .holds(self.tests.then_some(least(&lowest) > 0.5))
        .of_ours()
    }
}

#[cfg(test)]
mod tests {
    use mass_interp::{Judgement, PotentialReading, Reading, SignVerdicts};
    use mass_systems::lookup;

    use super::*;
    use crate::reproduce::{
        figure::tests::{axes_are_named, drawing},
        holds,
    };

    fn claims(data: &Fig11) -> Vec<Claim> {
        data.claims(&()).unwrap()
    }

    #[test]
    fn shares_fits_and_scores_are_where_they_belong() {
        let data = Fig11::example();
        let drawing = drawing(&data);
        for phase in [1, 4] {
            let (x, all) = (phase as f64 + 1.0, &data.all[phase]);
            let right = &data.correct[phase];
            // Four courses stand 0.06 apart, two as well.
            let share = |e: &Estimate| e.percent().value;
            drawing
                .lettered('a')
                .dot(BLUE, (x - 0.09, share(&all.lagrangian)))
                .dot(VERMILLION, (x - 0.03, share(&all.hamiltonian)))
                .line(VERMILLION, (x - 0.03, all.hamiltonian.percent().low))
                .dot(BLUE, (x + 0.03, share(&right.lagrangian)))
                .dot(VERMILLION, (x + 0.09, share(&right.hamiltonian)));
            drawing
                .lettered('b')
                .dot(BLUE, (x - 0.03, all.fit_lagrangian.value))
                .dot(VERMILLION, (x + 0.03, all.fit_hamiltonian.value));
            drawing
                .lettered('c')
                .dot(BLUE, (x - 0.03, all.reading_lagrangian.value))
                .dot(VERMILLION, (x + 0.03, all.reading_hamiltonian.value))
                .line(VERMILLION, (x + 0.03, all.reading_hamiltonian.high));
        }
        drawing
            .lettered('a')
            .key("Lagrangian: c₁c₂ < 0", BLUE)
            .key("Hamiltonian: c₁c₂ > 0", VERMILLION)
            .key("the correct ones alone", GREY)
            .label("% of scientists")
            .label("number of systems");
        drawing
            .lettered('b')
            .key("to those of the exact L", BLUE)
            .key("to those of the exact H", VERMILLION)
            .label("R² of linear fits of activations");
        drawing
            .lettered('c')
            .key("Euler–Lagrange, with quartiles", BLUE)
            .key("−S_x", VERMILLION)
            .label("score with the learned S");
        for (panel, heading) in [
            "% of scientists",
            "R² of linear fits of activations",
            "score with the learned S",
        ]
        .into_iter()
        .enumerate()
        {
            axes_are_named(&drawing, panel, "number of systems", heading);
        }
    }

    #[test]
    fn readings_and_the_control_are_where_they_belong() {
        let data = Fig11::example();
        let drawing = drawing(&data);
        let keys = [
            ("T = γ, with c₀", GREEN),
            ("T = γ, without c₀", GREEN),
            ("T = 1/γ, with c₀", PURPLE),
            ("T = 1/γ, without c₀", PURPLE),
        ];
        for (place, (name, colour)) in keys.into_iter().enumerate() {
            for phase in [1, 4] {
                let signs = &data.readings[place].phases[phase];
                let x = phase as f64 + 1.0 + 0.06 * (place as f64 - 1.5);
                for (letter, share) in [('d', &signs.lagrangian), ('e', &signs.changed)] {
                    let share = share.percent();
                    drawing
                        .lettered(letter)
                        .dot(colour, (x, share.value))
                        .line(colour, (x, share.high))
                        .key(name, colour);
                }
            }
        }
        drawing
            .lettered('d')
            .label("% Lagrangian, by the reading of the fit")
            .label("number of systems");
        drawing
            .lettered('e')
            .label("% that change if a constant is added to S");
        // The two of one colour are told apart by what is broken: two lines of each panel, and their keys.
        for colour in [GREEN, PURPLE] {
            let broken =
                format!("stroke=\"{colour}\" stroke-width=\"2\" fill=\"none\" stroke-dasharray");
            let broken = drawing.svg().split('<').filter(|tag| tag.contains(&broken));
            assert_eq!(broken.count(), 4);
        }
    }

    #[test]
    fn files_made_before_the_readings_have_no_panels_of_them() {
        let old = Fig11 {
            readings: Vec::new(),
            ..Fig11::example()
        };
        let file = serde_json::to_string(&old).unwrap();
        assert!(!file.contains("readings"));
        let back: Fig11 = serde_json::from_str(&file).unwrap();
        assert!(back.readings.is_empty());
        assert_eq!(drawing(&old).panels().len(), 3);
        assert_eq!(old.table(), None);
        let with = Fig11::example();
        assert_eq!(claims(&with).len(), claims(&old).len() + 8);
        assert_eq!(drawing(&with).panels().len(), 5);
    }

    #[test]
    fn the_table_has_a_row_for_each_reading() {
        let mut data = Fig11::example();
        data.readings[3].phases[0].lagrangian = Estimate::NONE;
        let table = data.table().unwrap();
        let rows = table.lines().filter(|line| line.contains("c₀"));
        let rows: Vec<Vec<&str>> = rows
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        assert_eq!(rows.len(), 8);
        assert_eq!(
            rows[1][..3],
            ["T = γ, without c₀", "13 (8 to 18)", "25 (20 to 30)"]
        );
        assert_eq!(rows[3][..2], ["T = 1/γ, without c₀", "–"]);
        assert_eq!((rows[4][6], rows[7][6]), ("0 (-4 to 4)", "80 (76 to 84)"));
    }

    #[test]
    fn lengths_are_checked() {
        let mut data = Fig11::example();
        data.readings[1].phases.pop();
        let error = data.draw().err();
        assert!(matches!(
            error,
            Some(DrawError::Shape { what: "phases", .. })
        ));
        let mut data = Fig11::example();
        data.correct.pop();
        let error = data.draw().err();
        assert!(matches!(
            error,
            Some(DrawError::Shape {
                what: "correct",
                ..
            })
        ));
    }

    /// The readings of these verdicts at each phase.
    fn readings(verdicts: impl Fn(usize) -> Vec<Option<SignVerdicts>>) -> Vec<SignReading> {
        let mut readings = EnergyReading::FOUR.map(SignReading::new);
        for phase in 0..6 {
            let signs = SignCensus::of(&verdicts(phase));
            for (reading, signs) in readings.iter_mut().zip(signs) {
                reading.phases.push(signs);
            }
        }
        readings.to_vec()
    }

    #[test]
    fn the_switch_and_the_control_are_judged_by_reading() {
        let about = |value: f64| Estimate {
            value,
            low: value,
            high: value,
        };
        // The paper's switch in one reading; in another Lagrangian from 2 on, or half on the last.
        let shares = [
            [0.0, 0.1, 0.6, 0.7, 0.8, 0.9],
            [0.0, 0.6, 0.6, 0.7, 0.8, 0.9],
            [0.0, 0.1, 0.6, 0.7, 0.8, 0.5],
            [0.0; 6],
        ];
        let mut data = Fig11::example();
        for (reading, shares) in data.readings.iter_mut().zip(shares) {
            for (signs, share) in reading.phases.iter_mut().zip(shares) {
                (signs.lagrangian, signs.hamiltonian) = (about(share), about(1.0 - share));
                signs.changed = about(0.0);
            }
        }
        data.readings[1].phases[2].changed = about(0.05);
        let of = |rows: &[Claim], quantity: &str| {
            let row = rows
                .iter()
                .find(|row| row.quantity.contains(quantity))
                .unwrap();
            (row.ours, row.holds)
        };
        let rows = claims(&data);
        let majority = |name: &str| of(&rows, &format!("the paper's, T = {name}"));
        let [t, f] = [Some(true), Some(false)];
        assert_eq!(majority("γ, with c₀"), (Some(6.0), t));
        assert_eq!(majority("γ, without c₀"), (Some(5.0), f));
        assert_eq!(majority("1/γ, with c₀"), (Some(5.0), f), "half is not more");
        assert_eq!(majority("1/γ, without c₀"), (Some(2.0), f));
        let control = |name: &str| of(&rows, &format!("to S changes, T = {name}"));
        assert_eq!(control("γ, with c₀"), (Some(0.0), t));
        assert_eq!(control("γ, without c₀"), (Some(5.0), t));
        assert_eq!(control("1/γ, without c₀"), (Some(0.0), f), "none changed");
        data.readings[2].phases[5].changed = about(0.1);
        let rows = claims(&data);
        assert_eq!(of(&rows, "to S changes, T = 1/γ, with c₀"), (Some(10.0), f));
        // One phase of which nothing is known.
        data.readings[0].phases[4] = SignCensus::of(&[])[0].clone();
        let rows = claims(&data);
        for quantity in [
            "the paper's, T = γ, with c₀",
            "to S changes, T = γ, with c₀",
        ] {
            assert_eq!(of(&rows, quantity), (None, None));
        }
    }

    const SIX: [&str; 6] = [
        "classical",
        "pendulum",
        "kepler",
        "relativistic",
        "alpha",
        "beta",
    ];

    /// Populations of copies of one exact theory.
    fn population(hamiltonian: bool) -> Fig11 {
        let judged = |id: &str| {
            let system = lookup(id).unwrap();
            let law = system.lagrangian().unwrap();
            let states = states(id, 256).unwrap();
            // With the printed V, with which −H_x is the law of one more.
            let printed = PotentialReading::Printed;
            let reading = match hamiltonian {
                true => Reading::exact_hamiltonian(law, printed, &states).unwrap(),
                false => Reading::exact_lagrangian(law, &states).unwrap(),
            };
            let one = Judgement::of(&reading, law, &system.domain());
            vec![one.with_friction(1e-4); 6]
        };
        let judged: Vec<Vec<Judgement>> = SIX.map(judged).to_vec();
        let phases: Vec<TheoryCensus> = judged.iter().map(|all| TheoryCensus::of(all)).collect();
        let cells =
            (0..6).flat_map(|phase| judged[..=phase].iter().map(|all| LagrangianFits::of(all)));
        Fig11 {
            recipe: "reference".into(),
            scientists: 6,
            systems: SIX.map(String::from).to_vec(),
            correct: phases.clone(),
            all: phases,
            by_system: cells.collect(),
            readings: Vec::new(),
        }
    }

    #[test]
    fn exact_theories_are_told_apart() {
        let [t, f] = [Some(true), Some(false)];
        let rows = claims(&population(false));
        for id in ["classical", "pendulum"] {
            assert_eq!(holds(&rows, &format!("{id}: Hamiltonian by")), f);
            assert_eq!(
                holds(&rows, &format!("{id}: score of −S_x")),
                f,
                "it is an L"
            );
        }
        for id in &SIX[2..] {
            assert_eq!(
                holds(&rows, &format!("{id}: Lagrangian by the signs of")),
                t
            );
            assert_eq!(holds(&rows, &format!("{id}: score of Euler")), t, "{id}");
        }
        assert_eq!(holds(&rows, "less that on the exact H, the"), t);
        assert_eq!(holds(&rows, "less that on the exact H with"), t);
        assert_eq!(holds(&rows, "beta: friction"), t);
        for other in ["by the signs, where", "by how S bends"] {
            assert_eq!(holds(&rows, &format!("Lagrangian {other}")), t, "{other}");
        }
        // All of them, but that tests nothing.
        let row = rows
            .iter()
            .find(|row| row.quantity.starts_with("Lagrangian by activations"));
        assert_eq!(
            row.map(|row| (row.ours, row.holds)),
            Some((Some(100.0), None))
        );
        assert_eq!(holds(&rows, "kepler: Lagrangian by the signs on"), t);
        // Nothing rises where all is exact from the beginning.
        assert_eq!(holds(&rows, "R² of S ≈ a L + c"), f);

        let rows = claims(&population(true));
        for id in ["classical", "pendulum"] {
            assert_eq!(holds(&rows, &format!("{id}: Hamiltonian by")), t);
            assert_eq!(holds(&rows, &format!("{id}: score of −S_x")), t);
        }
        for id in &SIX[2..4] {
            assert_eq!(
                holds(&rows, &format!("{id}: Lagrangian by the signs of")),
                f
            );
            assert_eq!(holds(&rows, &format!("{id}: score of Euler")), f, "{id}");
        }
        for other in ["by the signs, where", "by how S bends"] {
            assert_eq!(holds(&rows, &format!("Lagrangian {other}")), f, "{other}");
        }
    }

    #[test]
    fn what_rises_on_the_same_systems_holds() {
        let rows = claims(&Fig11::example());
        assert_eq!(holds(&rows, "R² of S ≈ a L + c"), Some(true));
        assert_eq!(holds(&rows, "R² of activations on those"), Some(false));
    }

    #[test]
    fn without_data_nothing_is_claimed() {
        let nothing = vec![Judgement::NOTHING; 3];
        let phase = TheoryCensus::of(&nothing);
        assert_eq!((phase.counted, phase.unreadable), (0, 3));
        let data = Fig11 {
            all: vec![phase.clone(); 6],
            correct: vec![phase; 6],
            by_system: vec![LagrangianFits::of(&nothing); 21],
            readings: readings(|_| vec![None; 3]),
            ..Fig11::example()
        };
        for row in claims(&data) {
            assert_eq!((row.ours, row.holds), (None, None), "{}", row.quantity);
        }
        // One phase without data: the least of all is not known.
        let mut data = Fig11::example();
        data.all[4].fit_lagrangian = Estimate::NONE;
        data.all[2].energy_r2 = Estimate::NONE;
        let rows = claims(&data);
        assert_eq!(holds(&rows, "less that on the exact H, the"), None);
        assert_eq!(holds(&rows, "least over the phases"), None);
    }
}
