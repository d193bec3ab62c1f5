//! Not in the paper: a theory found, given, or none, on the same data of six systems.

use std::time::Instant;

use mass_core::{Recipe, TestError, TheoryRecipe, TrainingSystem};
use mass_figures::{
    ByCategory, Marks,
    style::{AMBER, GREEN, log_ends},
    ten_to,
};
use mass_interp::{Fared, RolloutPlan, Rollouts};
use mass_sparse::{FunctionLibrary, SparseLaw, SparseRegression};

use super::{population::STATES_SEED, prelude::*};
use crate::training::Request;

/// The systems, one to four coordinates.
pub(super) const SYSTEMS: &[&str] = &[
    "pendulum",
    "relativistic",
    "henon_heiles",
    "spherical_pendulum",
    "double_pendulum",
    "two_body",
];
/// Steps of cosine decay: a fifth of the recipe's, for there are twenty-four trainings.
const STEPS: usize = 20_000;
/// Starts, and steps of RK4 from each.
const STARTS: usize = 40;
const DT: f64 = 0.05;
const LONG: usize = 1000;
/// Steps after which the energy is read.
const SHORT: usize = 100;
/// A motion is followed until a coordinate is this far from the truth.
const APART: f64 = 0.05;

/// What is known, or assumed, of the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Assumed {
    /// A MASS scientist: some theory.
    Free,
    /// Euler–Lagrange's equation.
    Lagrangian,
    /// −S_x.
    Hamiltonian,
    /// Nothing: a network for ẏ.
    Plain,
    /// ẏ is a short sum of given functions.
    Sparse,
}

impl Assumed {
    const TRAINED: [Self; 4] = [Self::Free, Self::Lagrangian, Self::Hamiltonian, Self::Plain];
    const ALL: [Self; 5] = [
        Self::Free,
        Self::Lagrangian,
        Self::Hamiltonian,
        Self::Plain,
        Self::Sparse,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Free => "free (MASS)",
            Self::Lagrangian => "Lagrangian given",
            Self::Hamiltonian => "Hamiltonian given",
            Self::Plain => "plain network",
            Self::Sparse => "sparse regression",
        }
    }

    fn colour(self) -> &'static str {
        match self {
            Self::Free => BLUE,
            Self::Lagrangian => VERMILLION,
            Self::Hamiltonian => AMBER,
            Self::Plain => GREY,
            Self::Sparse => GREEN,
        }
    }

    /// The recipe of a free scientist, told this.
    fn recipe(self, free: &Recipe) -> Recipe {
        let free = free.clone();
        match self {
            Self::Free | Self::Sparse => free,
            Self::Lagrangian => free.told(TheoryRecipe::Lagrangian, "lagrangian"),
            Self::Hamiltonian => free.told(TheoryRecipe::Hamiltonian, "hamiltonian"),
            Self::Plain => free.plain(),
        }
    }
}

/// The trainings of a figure, system by system.
pub(super) fn recipes(free: &Recipe) -> [Recipe; 4] {
    Assumed::TRAINED.map(|assumed| assumed.recipe(free))
}

/// What the figure shows: `theories.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Theories {
    /// Name of the free scientists' recipe.
    recipe: String,
    /// Steps of each training.
    steps: usize,
    /// Seeds of the scientists and of their data, `[S]`.
    seeds: Vec<u64>,
    /// Time to which motions are followed.
    end: f64,
    outcomes: Vec<Outcome>,
}

/// How one way fared on one system. `null` is a number that is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    system: String,
    assumed: Assumed,
    /// Test RMSE of ẏ by the deviation of ẏ, `[S]`.
    #[serde(with = "nullable")]
    error: Vec<f64>,
    /// Mean over forty starts of |ΔE| by |E| after a hundred steps, `[S]`; `null` if one motion has ended.
    #[serde(with = "nullable")]
    energy: Vec<f64>,
    /// Median over the starts of the time until a coordinate is 0.05 from the truth, `[S]`.
    horizon: Vec<f64>,
    /// Seconds of one core for one scientist, measured on a part of the training.
    seconds: f64,
}

impl Figure for Theories {
    const NAME: &'static str = "theories";
    const HEADING: &'static str = "Theories";
    const ABOUT: &'static str =
        "Not in the paper: a theory found, given, or none, on the same data of six systems";
    const CAPTION: &'static str = "Not in the paper. Scientists that find a theory, that are given one, a plain network and sparse regression on the same data: (a) error of ẏ by the deviation of ẏ, (b) change of the energy, (c) how long motions are followed, a mark a seed, and what is exact or has run away at the edge; (d) error against the time of a core that one takes.";
    const NEEDS: Needs = Needs::Theories(SYSTEMS);
    const RECIPE: fn() -> Recipe = || Recipe::general().with_steps(STEPS);
    type Beyond = ();

    fn make(job: &Job) -> Result<Computed<Self>> {
        let (mut outcomes, mut populations) = (Vec::new(), Vec::new());
        let per_system = job.requests.chunks_exact(Assumed::TRAINED.len());
        for requests in per_system {
            let trained = requests.iter().map(Population::train);
            let trained = trained.collect::<Result<Vec<_>>>()?;
            let first = trained[0].at_end()?;
            let plan = plan(first.first().context("a request has a seed")?)?;
            for (place, assumed) in Assumed::TRAINED.into_iter().enumerate() {
                outcomes.push(learned(assumed, &trained[place], &requests[place], &plan)?);
            }
            outcomes.push(sparse(&requests[0], &plan)?);
            populations.extend(trained);
        }
        let request = job.request();
        let data = Self {
            recipe: request.recipe.name.clone(),
            steps: request.recipe.schedule.total_steps(1),
            seeds: request.seeds.clone(),
            end: LONG as f64 * DT,
            outcomes,
        };
        Ok(Computed::of(data, (), &populations))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        for outcome in &self.outcomes {
            let seeds = self.seeds.len();
            same_lengths!("`seeds`", seeds, outcome, [error, energy, horizon])?;
        }
        let systems = self.systems();
        if systems.is_empty() || self.seeds.is_empty() {
            return Err(DrawError::empty("outcomes, seeds"));
        }
        let title = format!(
            "recipe {}, {} steps, {} seeds",
            self.recipe,
            self.steps,
            self.seeds.len()
        );
        let mut sheet = Sheet::new(1010.0, title);
        let percent: fn(&f64) -> f64 = |value| 100.0 * value;
        type Read = fn(&Outcome) -> &Vec<f64>;
        type Row = (char, &'static str, Read, fn(&f64) -> f64);
        let rows: [Row; 3] = [
            ('a', "error of ẏ, %", |one| &one.error, percent),
            (
                'b',
                "|ΔE| by |E| in 100 steps, %",
                |one| &one.energy,
                percent,
            ),
            ('c', "followed to t", |one| &one.horizon, |time| *time),
        ];
        for (place, (letter, y_label, of, unit)) in rows.into_iter().enumerate() {
            let top = 78.0 + 232.0 * place as f64;
            let panel = ByCategory {
                across: (95.0, 955.0),
                down: (top, top + 150.0),
                letter,
                y_label,
                names: &systems,
            };
            let marks = self.outcomes.iter().map(|outcome| Marks {
                at: self.place(&systems, outcome),
                colour: outcome.assumed.colour(),
                values: of(outcome).iter().map(unit).collect(),
            });
            let marks: Vec<Marks> = marks.collect();
            let mut panel = panel.draw(&mut sheet, &marks, "outcomes")?;
            if place == 0 {
                for assumed in Assumed::ALL {
                    panel.key(assumed.name(), assumed.colour(), Swatch::Dot);
                }
                panel.legend();
            }
        }
        let points: Vec<(f64, f64, &'static str)> = self
            .outcomes
            .iter()
            .map(|one| {
                let error = 100.0 * median(&one.error);
                (one.seconds.log10(), error, one.assumed.colour())
            })
            .filter(|(x, y, _)| x.is_finite() && y.is_finite())
            .collect();
        let power = |power: f64| ten_to(power.round() as i32);
        let times =
            extent(points.iter().map(|point| point.0)).ok_or(DrawError::empty("seconds"))?;
        let y = log_ends(points.iter().map(|point| point.1), (1e-3, 1e4), 2.0);
        let y = y.ok_or(DrawError::empty("error"))?;
        let frame = Frame::new(
            (95.0, 955.0),
            (774.0, 950.0),
            (times.0.floor(), times.1.ceil().max(times.0.floor() + 1.0)),
            y,
        );
        let mut panel = sheet.panel(frame.log_y());
        panel
            .axes(Axes::new().x_step(1.0).x_numbers(power))
            .letter('d', 20.0)
            .x_label("seconds of one core for one scientist")
            .y_label("median error, %");
        for (x, value, colour) in points {
            panel.dots(&[(x, value.clamp(y.0, y.1))], 4.0, colour);
        }
        Ok(Some(sheet))
    }

    fn table(&self) -> Option<String> {
        let rows = self.outcomes.iter().map(|one| {
            vec![
                one.system.clone(),
                one.assumed.name().to_string(),
                number(100.0 * median(&one.error), Rule::Table),
                number(100.0 * median(&one.energy), Rule::Table),
                number(median(&one.horizon), Rule::Table),
                number(one.seconds, Rule::Table),
            ]
        });
        let headers = [
            "system",
            "what is assumed",
            "error, % of the deviation of ẏ",
            "energy, % in 100 steps",
            "followed to t",
            "seconds of one core",
        ];
        Some(markdown(&headers, rows))
    }

    fn claims(&self, _: &()) -> Result<Vec<Claim>> {
        let found = |system: &str, assumed: Assumed| {
            let mut all = self.outcomes.iter();
            let one = all.find(|one| one.system == system && one.assumed == assumed);
            one.map_or(f64::NAN, |one| median(&one.error))
        };
        let systems = self.systems();
        let count = |better: &dyn Fn(&str) -> bool| {
            systems.iter().filter(|system| better(system)).count() as f64
        };
        let all = systems.len() as f64;
        let given =
            count(&|system| found(system, Assumed::Lagrangian) < found(system, Assumed::Plain));
        let free = count(&|system| found(system, Assumed::Free) < found(system, Assumed::Plain));
        let none = count(&|system| {
            found(system, Assumed::Hamiltonian) > 10.0 * found(system, Assumed::Lagrangian)
        });
        let of = |what: &str| {
            format!(
                "systems of {all:.0} where {what}, medians of {} seeds",
                self.seeds.len()
            )
        };
        Ok(vec![
            claim("a Lagrangian that is given is worth more than none, on every system")
                .measured(of("its error is below a plain network's"), given)
                .unit("systems")
                .between(all, all)
                .of_ours(),
            claim("so is a theory that is to be found")
                .measured(
                    of("a free scientist's error is below a plain network's"),
                    free,
                )
                .unit("systems")
                .between(all, all)
                .of_ours(),
            claim("−S_x is no law where y is not the momentum of x, or forces depend on it")
                .measured(of("its error is ten times that of the Lagrangian"), none)
                .unit("systems")
                .between(1.0, all)
                .of_ours(),
        ])
    }

    #[cfg(test)]
    fn example() -> Self {
        let outcome = |system: &str, assumed: Assumed| {
            let rank = Assumed::ALL.iter().position(|one| *one == assumed).unwrap() as f64;
            let worse = [1.0, 0.3, 40.0, 3.0, 1e-4][rank as usize];
            Outcome {
                system: system.into(),
                assumed,
                error: vec![0.01 * worse, 0.012 * worse, 0.02 * worse],
                energy: vec![1e-3 * worse, 2e-3 * worse, f64::NAN],
                horizon: vec![20.0 / worse.max(0.4), 18.0 / worse.max(0.4), 9.0],
                seconds: 10.0 + 3.0 * rank,
            }
        };
        let each = ["pendulum", "two_body"].into_iter();
        let outcomes = each.flat_map(|system| Assumed::ALL.map(|one| outcome(system, one)));
        Self {
            recipe: "general".into(),
            steps: 20_100,
            seeds: vec![0, 1, 2],
            end: 50.0,
            outcomes: outcomes.collect(),
        }
    }
}

impl Theories {
    /// The systems, in order.
    fn systems(&self) -> Vec<&str> {
        let mut systems: Vec<&str> = self.outcomes.iter().map(|one| &*one.system).collect();
        systems.dedup();
        systems
    }

    /// Where a way's marks of a system stand on the axis of systems.
    fn place(&self, systems: &[&str], outcome: &Outcome) -> f64 {
        let system = systems.iter().position(|name| *name == outcome.system);
        let way = Assumed::ALL.iter().position(|one| *one == outcome.assumed);
        system.unwrap_or(0) as f64 + 0.5 + 0.16 * (way.unwrap_or(0) as f64 - 2.0)
    }
}

/// How scientists fared.
fn learned(
    assumed: Assumed,
    population: &Population,
    request: &Request,
    plan: &RolloutPlan,
) -> Result<Outcome> {
    let scientists = population.at_end()?;
    let system = scientists[0].known(0)?;
    let rollouts = Scientist::rollouts(&scientists, 0, plan)?;
    let errors = population.test_errors(population.phases())?;
    let rmse = errors.iter().map(TestError::rmse);
    let steps = request.recipe.schedule.total_steps(1) as f64;
    let seconds = steps * mass_benches::seconds_per_step(&request.recipe, &request.systems[0])?;
    outcome(assumed, system, rmse.collect(), &rollouts, seconds)
}

/// Where motions start.
fn plan(scientist: &Scientist) -> Result<RolloutPlan> {
    let states = scientist.evaluation_states(0, STARTS, STATES_SEED)?;
    let states = scientist.scales(0)?.from_unit(&states)?;
    Ok(RolloutPlan::new(states.x(), states.y(), DT, LONG))
}

/// `rmse` is of ẏ, `[S]`.
fn outcome(
    assumed: Assumed,
    system: &dyn mass_systems::System,
    rmse: Vec<f64>,
    rollouts: &Rollouts,
    seconds: f64,
) -> Result<Outcome> {
    let fared = Fared::of(system, &rmse, rollouts, SHORT, APART, STATES_SEED)?;
    Ok(Outcome {
        system: system.id(),
        assumed,
        error: fared.error,
        energy: fared.energy,
        horizon: fared.horizon,
        seconds,
    })
}

/// Sparse regression on the same states, each seed's own.
fn sparse(request: &Request, plan: &RolloutPlan) -> Result<Outcome> {
    let named = TrainingSystem::named(&request.systems[0])?;
    let system = named.system().context("these systems are known ones")?;
    let begun = Instant::now();
    let laws = request.seeds.iter().map(|seed| -> Result<SparseLaw> {
        let library = FunctionLibrary::mechanical(system.dof(), system.angles())?;
        let train = named.train_states(&request.recipe.data, *seed)?;
        // Chosen on a part of the training states: no theory sees the test before it is judged.
        let (learned_from, held_out): (Vec<usize>, Vec<usize>) =
            (0..train.len()).partition(|row| row % 5 != 0);
        let regression = SparseRegression::new(library);
        Ok(regression.fit(&train.select(&learned_from)?, &train.select(&held_out)?)?)
    });
    let laws = laws.collect::<Result<Vec<_>>>()?;
    let seconds = begun.elapsed().as_secs_f64() / laws.len() as f64;
    let rmse = laws.iter().zip(&request.seeds).map(|(law, seed)| {
        let test = named.test_states(&request.recipe.data, *seed)?;
        Ok(law.rmse_on(&test)?)
    });
    let rmse = rmse.collect::<Result<Vec<f64>>>()?;
    let each = |law: &SparseLaw| {
        let law = law.clone();
        move |x: &[f64], y: &[f64], out: &mut [f64]| law.acceleration(x, y, out)
    };
    let each: Vec<_> = laws.iter().map(each).collect();
    let rollouts = Rollouts::of_each(&each, system, plan)?;
    outcome(Assumed::Sparse, system, rmse, &rollouts, seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reproduce::{figure::tests::drawing, holds};

    #[test]
    fn marks_stand_at_their_system_in_the_colour_of_what_is_assumed() {
        let data = Theories::example();
        let drawing = drawing(&data);
        let panel = drawing.lettered('a');
        for assumed in Assumed::ALL {
            panel.key(assumed.name(), assumed.colour());
        }
        panel
            .label("error of ẏ, %")
            .label("pendulum")
            .label("two_body");
        let systems = data.systems();
        let one = &data.outcomes[6];
        assert_eq!(
            (&*one.system, one.assumed),
            ("two_body", Assumed::Lagrangian)
        );
        let at = data.place(&systems, one);
        panel.dot(VERMILLION, (at, 100.0 * one.error[1]));
        drawing
            .lettered('b')
            .dot(VERMILLION, (at, 100.0 * one.energy[1]));
        drawing.lettered('c').dot(VERMILLION, (at, one.horizon[1]));
        let all = drawing.lettered('d');
        all.label("seconds of one core for one scientist")
            .label("median error, %");
        all.dot(
            VERMILLION,
            (one.seconds.log10(), 100.0 * median(&one.error)),
        );
    }

    #[test]
    fn claims_count_systems() {
        let mut data = Theories::example();
        let found = |data: &Theories, of: &str| holds(&data.claims(&()).unwrap(), of);
        assert_eq!(found(&data, "where its error is below"), Some(true));
        assert_eq!(found(&data, "a free scientist's"), Some(true));
        assert_eq!(found(&data, "ten times"), Some(true));
        data.outcomes[5].error = vec![1.0; 3]; // two_body, free
        assert_eq!(found(&data, "a free scientist's"), Some(false));
        data.outcomes[6].error = vec![f64::NAN; 3];
        assert_eq!(found(&data, "where its error is below"), Some(false));
    }
}
