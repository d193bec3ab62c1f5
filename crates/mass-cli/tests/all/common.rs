//! What the tests of the command share.

use std::{
    fmt::Write,
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use mass_systems::{Solver, follow};

/// Runs `mass` with these arguments.
pub(crate) fn mass(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mass"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What it printed.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Uniform numbers in [−½, ½], the same each time.
pub(crate) fn random() -> impl FnMut() -> f64 {
    let mut state: u64 = 1;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5
    }
}

/// Motions of one position from starts (x, y), as a file of `trial`, `t` and `x` with uniform noise of this width.
pub(crate) fn motions(
    path: &Path,
    starts: &[(f64, f64)],
    law: impl Fn(f64, f64) -> f64,
    (step, rows): (f64, usize),
    noise: f64,
) {
    let mut random = random();
    let mut table = String::from("trial,t,x\n");
    for (trial, (x, y)) in starts.iter().enumerate() {
        let solver = Solver::Dop853 { tolerance: 1e-10 };
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| out[0] = law(x[0], y[0]);
        let path = follow(law, &[*x], &[*y], step, rows - 1, solver).unwrap();
        for (t, x, _) in path.iter() {
            writeln!(table, "{trial},{t:.6},{:.9}", x[0] + noise * random()).unwrap();
        }
    }
    fs::write(path, table).unwrap();
}
