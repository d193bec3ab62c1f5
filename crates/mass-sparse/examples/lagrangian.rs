//! A Lagrangian with friction from noisy angles: `cargo run -p mass-sparse --example lagrangian`.
use mass_sparse::{FunctionLibrary, MotionData, Recording, SparseLagrangian};
use mass_systems::{Dataset, Purpose, rk4, stream, uniform};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (dt, mut rng) = (0.05, stream(0, Purpose::TrainData, "noise"));
    let [mut t, mut angle, mut x, mut y, mut a] = [const { Vec::new() }; 5];
    let (mut of_angle, mut of_state) = (Vec::new(), Vec::new());
    // Five swings of a damped pendulum, the angles measured to a hundredth.
    for (number, amplitude) in [0.5, 1.0, 1.5, 2.0, 2.6].into_iter().enumerate() {
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| out[0] = -x[0].sin() - 0.1 * y[0];
        let swing = rk4(law, &[amplitude], &[0.0], dt, 300)?;
        angle.extend((swing.x().iter()).map(|x| x + uniform(&mut rng, -0.017, 0.017)));
        // States by the parabola through 17 neighbours.
        for near in angle[angle.len() - 301..].windows(17) {
            let sum = |weight: fn(f64) -> f64| -> f64 {
                let each = near.iter().enumerate();
                each.map(|(k, x)| weight(k as f64 - 8.0) * x).sum()
            };
            x.push(sum(|k| (17544.0 - 408.0 * k * k) / 131_784.0));
            y.push(sum(|k| k / 408.0) / dt);
            a.push(sum(|k| (34.0 * k * k - 816.0) / 131_784.0) / dt / dt);
            of_state.push(number);
        }
        t.extend_from_slice(swing.t());
        of_angle.extend([number; 301]);
    }
    let data = MotionData::new(Dataset::new("swings", 1, x, y, a)?).with_trajectories(of_state)?;
    let first = SparseLagrangian::new(FunctionLibrary::lagrangian(1, &[0])?).fit(&data)?;
    println!("from smoothed states: {}", first.formula());
    // What smoothing did to the derivatives is undone by the motion itself.
    let law = first.refined(&Recording::new(1, of_angle, t, angle)?)?;
    println!("from the angles:      {}", law.formula());
    println!("{}\n\n{}", law.verdict(), law.numpy());
    Ok(())
}
