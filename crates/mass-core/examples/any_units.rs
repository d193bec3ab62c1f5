//! The same two systems in natural units and in SI units: an orbit round the Earth in metres and seconds, and an
//! oscillator of micrometres and kilohertz.
//!
//! `cargo run --example any_units -- [STEPS] [SEEDS]` trains scientists on all four, with the recipe `general` in
//! scaled units, and prints their errors beside the deviation of ẏ. In the end they are the same.

use std::{f64::consts::TAU, process::ExitCode};

use mass_core::{Recipe, Trainer, TrainingSystem, Units};
use mass_systems::{
    Domain, FromLagrangian, Lagrangian, Motions, Number, Purpose, System, sample_states, stream,
};

/// A particle in the plane round a centre, L = ½|v|² + μ/|r|: in units of one's own.
struct Orbit {
    /// G M.
    mu: f64,
}

impl Lagrangian for Orbit {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        let distance = (x[0].powi(2) + x[1].powi(2)).sqrt();
        (y[0].powi(2) + y[1].powi(2)) * 0.5 + distance.recip() * self.mu
    }
}

/// A mass on a spring, L = ½v² − ½ω²x².
struct Oscillator {
    /// ω, radians per unit of time.
    omega: f64,
}

impl Lagrangian for Oscillator {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        y[0].powi(2) * 0.5 - x[0].powi(2) * (0.5 * self.omega * self.omega)
    }
}

/// A law with the motions that are to be learned.
struct Moving<L> {
    law: FromLagrangian<L>,
    motions: Motions,
}

impl<L: Lagrangian + Send + Sync> System for Moving<L> {
    fn id(&self) -> String {
        self.law.id()
    }
    fn dof(&self) -> usize {
        self.law.dof()
    }
    fn domain(&self) -> Domain {
        self.law.domain()
    }
    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        self.law.acceleration(x, y, out);
    }
    fn lagrangian(&self) -> Option<&dyn mass_systems::AnyLagrangian> {
        self.law.lagrangian()
    }
    fn motions(&self) -> Option<Motions> {
        Some(self.motions.clone())
    }
}

/// Orbits that start at about `radius`, at 0.8 to 1.1 times the speed of the circle, for one turn.
fn orbit(id: &str, mu: f64, radius: f64) -> Result<Moving<Orbit>, Box<dyn std::error::Error>> {
    let speed = (mu / radius).sqrt();
    let range = |low: f64, high: f64| mass_systems::Range::interval(low, high);
    let starts = Domain::new(
        vec![
            range(0.9 * radius, 1.1 * radius)?,
            range(-0.1 * radius, 0.1 * radius)?,
        ],
        vec![
            range(-0.1 * speed, 0.1 * speed)?,
            range(0.8 * speed, 1.1 * speed)?,
        ],
    )?;
    Ok(Moving {
        law: FromLagrangian::new(id, starts.clone(), Orbit { mu }),
        motions: Motions {
            starts,
            duration: TAU * radius / speed,
        },
    })
}

fn oscillator(
    id: &str,
    omega: f64,
    size: f64,
) -> Result<Moving<Oscillator>, Box<dyn std::error::Error>> {
    let speed = size * omega;
    let starts = Domain::cube(1, (-size, size), (-speed, speed))?;
    Ok(Moving {
        law: FromLagrangian::new(id, starts.clone(), Oscillator { omega }),
        motions: Motions {
            starts,
            duration: TAU / omega,
        },
    })
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}; usage: any_units [STEPS] [SEEDS]");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let steps = arguments.next().map_or(Ok(2000), |text| text.parse())?;
    let seeds: u64 = arguments.next().map_or(Ok(4), |text| text.parse())?;
    let mut recipe = Recipe::general().with_steps(steps);
    recipe.name = "any units".to_string();
    recipe.data.units = Units::Scaled;

    // G M of the Earth in m³/s², and a satellite 700 km up; an atomic-force cantilever in m and s.
    let orbits = [("orbit", 1.0, 1.0), ("orbit in m and s", 3.986e14, 7.078e6)];
    let oscillators = [
        ("oscillator", 1.0, 1.0),
        ("oscillator of 2 um and 10 kHz", TAU * 1e4, 2e-6),
    ];
    let orbits = orbits.map(|(id, mu, radius)| -> Result<Box<dyn System>, _> {
        orbit(id, mu, radius).map(|one| Box::new(one) as _)
    });
    let oscillators = oscillators.map(|(id, omega, size)| -> Result<Box<dyn System>, _> {
        oscillator(id, omega, size).map(|one| Box::new(one) as _)
    });
    for system in orbits.into_iter().chain(oscillators) {
        let system = system?;
        let mut rng = stream(0, Purpose::Evaluation, &system.id());
        let states = sample_states(&*system, recipe.data.states, 2000, &mut rng)?;
        let own = states.acceleration_deviation();
        let known = TrainingSystem::known(system);
        let scales = known.scales(&recipe.data)?;
        let unit = scales.to_unit(&states)?.acceleration_deviation();
        let outcome = Trainer::new(recipe.clone(), vec![known], 0..seeds).run()?;
        let last = outcome.metrics.rows.iter().map(|row| row.step).max();
        let ends = outcome
            .metrics
            .rows
            .iter()
            .filter(|row| Some(row.step) == last);
        println!(
            "\n{}: ẏ deviates by {own:.3e} from its mean",
            outcome.average.systems()[0].id
        );
        println!(
            "  units of training: {:.3e} of length, {:.3e} of time",
            scales.length()[0],
            scales.time()
        );
        for row in ends {
            let relative = row.average.rmse() / unit;
            println!(
                "  seed {}: RMSE {:.3e}, {:.2} % of that",
                row.seed,
                relative * own,
                100.0 * relative
            );
        }
    }
    Ok(())
}
