//! What is in a file of measurements: `cargo run --example look -- FILE [COLUMNS]`, with COLUMNS such as
//! `x=theta,t=time` or, without a header, `trajectory=1,t=2,x=3-4`.

use mass_data::{Differentiation, MeasurementOptions, Measurements};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .ok_or("say which file: look FILE [COLUMNS]")?;
    let options = MeasurementOptions {
        columns: arguments.next().unwrap_or_default().parse()?,
        ..MeasurementOptions::default()
    };
    let measured = Measurements::read(&[path], &options)?;
    let estimates = measured.differentiate(&Differentiation::Auto)?;
    println!(
        "{} rows in {} trajectories of {} positions",
        measured.rows(),
        measured.trajectories().len(),
        measured.dof()
    );
    for note in measured.notes().iter().chain(estimates.notes()) {
        let mark = if note.is_warning() { "warning: " } else { "" };
        println!("{mark}{note}");
    }
    Ok(())
}
