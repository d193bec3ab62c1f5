//! A system of your own, from its Lagrangian to a data file: a bead on a rotating hoop.
//!
//! `cargo run --example own_system [FILE.csv|FILE.parquet]`

use std::{error::Error, process::ExitCode};

use mass_systems::{
    Dataset, Domain, FromLagrangian, Lagrangian, Number, Purpose, System, reference_trajectory,
    sample, stream,
};

/// A bead on a hoop that turns about its vertical diameter: L = ½y² + ½Ω² sin²x + cos x.
struct Hoop {
    /// The hoop's angular velocity.
    omega: f64,
}

impl Lagrangian for Hoop {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        let turning = x[0].sin() * self.omega;
        y[0] * y[0] * 0.5 + turning * turning * 0.5 + x[0].cos()
    }
}

fn main() -> ExitCode {
    let outcome = run();
    if let Err(error) = &outcome {
        eprintln!("error: {error}");
    }
    ExitCode::from(u8::from(outcome.is_err()))
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next();
    if arguments.next().is_some() {
        return Err("usage: own_system [FILE.csv|FILE.parquet]".into());
    }

    let domain = Domain::cube(1, (-1.5, 1.5), (-1.0, 1.0))?;
    let hoop = FromLagrangian::new("hoop", domain, Hoop { omega: 1.5 });

    let rest = (1.0_f64 / 1.5 / 1.5).acos();
    let mut ydot = [0.0];
    hoop.acceleration(&[rest], &[0.0], &mut ydot);
    println!(
        "at its place of rest, x = {rest:.4}, the acceleration is {:.1e}",
        ydot[0]
    );

    let path = reference_trajectory(&hoop, &[0.1], &[0.0], &[0.0, 5.0, 10.0, 15.0], 1e-12)?;
    for (t, x, y) in path.iter() {
        println!("t = {t:>4}: x = {:>8.5}, y = {:>8.5}", x[0], y[0]);
    }

    let data = sample(&hoop, 10_000, &mut stream(0, Purpose::TrainData, "hoop"))?;
    if let Some(file) = file {
        data.write(&file)?;
        println!(
            "{} states written to {file} and read back",
            Dataset::read(&file)?.len()
        );
    }
    Ok(())
}
