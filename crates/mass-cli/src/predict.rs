//! `mass predict`.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use mass_data::{ReadOptions, TableFile};
use mass_sparse::{FrictionKind, LagrangianLaw};
use mass_systems::{End, QuantileRule, Solver, Trajectory, follow, quantile};

use crate::{
    course::{BAND, DRAWN},
    learned::Learned,
    moments::moments,
    reach::{Beyond, Reach},
    scientists,
    stretch::{APART, Acceleration},
    write::print,
};

/// A number as the command line has it.
fn number(text: &str) -> Result<f64, String> {
    let number = text
        .trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| {
        format!("{text:?} is no number; write it without its unit, in the units of the file that was learned from")
    })
}

/// Rows up to which laws within the errors are followed unasked.
const COMPARED: usize = 10_000;
/// Steps of a motion that may come to rest by dry friction.
const FINE: usize = 2000;

#[derive(Args)]
#[command(after_help = "\
Examples:
  mass predict pendulum.mass --x 1.0 --y 0 --time 10
  mass predict double.mass --x 1.0,0.5 --y 0,0 --time 20 --dt 0.01 > motion.csv
  mass predict pendulum.mass --x 1.0 --time 10 --band         # and how sure that is
  mass predict motor.mass --x 0 --time 5 --tau 0.2
  mass predict motor.mass --x 0 --time 5 --tau torque.csv     # columns t and tau")]
pub(crate) struct Arguments {
    /// The folder that `learn` wrote, or its learned.json.
    learned: PathBuf,
    /// First position, in the units of the file that was learned from, degrees where it had degrees; several are
    /// separated by commas.
    #[arg(
        long,
        value_delimiter = ',',
        allow_hyphen_values = true,
        required = true,
        value_parser = number
    )]
    x: Vec<f64>,
    /// First velocity; at rest unless given, or, of a law of first order, what that says.
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true, value_parser = number)]
    y: Vec<f64>,
    /// How long, in the data's unit of time.
    #[arg(long)]
    time: f64,
    /// Time between two rows; a hundredth of the whole unless given.
    #[arg(long)]
    dt: Option<f64>,
    /// What drives the motion: a number for each input, separated by commas, or a file of times and inputs, between
    /// whose rows the inputs are on straight lines.
    #[arg(long, allow_hyphen_values = true)]
    tau: Option<String>,
    /// Columns between which each position lies with a probability of two thirds, as far as the errors of the law's
    /// coefficients say: of forty laws drawn from them. The first state is taken as exact.
    #[arg(long)]
    band: bool,
    /// Angles are in radians here, whatever the file had.
    #[arg(long)]
    radians: bool,
}

/// Inputs over time.
enum Inputs {
    Constant(Vec<f64>),
    /// Times and inputs `[N, m]`.
    Table(Vec<f64>, Vec<f64>),
}

impl Inputs {
    /// τ `[m]` at a time; before the first row and behind the last, as there.
    fn at(&self, time: f64, out: &mut [f64]) {
        match self {
            Self::Constant(values) => out.copy_from_slice(values),
            Self::Table(t, values) => {
                let m = out.len();
                let after = t.partition_point(|t| *t <= time).clamp(1, t.len() - 1);
                let share = ((time - t[after - 1]) / (t[after] - t[after - 1])).clamp(0.0, 1.0);
                for (k, out) in out.iter_mut().enumerate() {
                    let (a, b) = (values[(after - 1) * m + k], values[after * m + k]);
                    *out = a + share * (b - a);
                }
            }
        }
    }

    fn given(text: Option<&str>, inputs: usize, time: f64) -> Result<Self> {
        let Some(text) = text else {
            ensure!(
                inputs == 0,
                "the motion is driven by {inputs} {}, of which nothing is said: give --tau, numbers or a file of times and inputs",
                if inputs == 1 { "input" } else { "inputs" }
            );
            return Ok(Self::Constant(Vec::new()));
        };
        ensure!(
            inputs > 0,
            "--tau {text}: the law has no inputs, for the files that it was learned from had none"
        );
        let numbers: Result<Vec<f64>, _> = text.split(',').map(|one| one.trim().parse()).collect();
        match numbers {
            Ok(values) => {
                ensure!(
                    values.len() == inputs && values.iter().all(|v: &f64| v.is_finite()),
                    "--tau {text}: the law has {inputs} inputs, and each needs one finite number"
                );
                Ok(Self::Constant(values))
            }
            Err(_) => Self::read(Path::new(text), inputs, time)
                .with_context(|| format!("--tau {text} is read as a file")),
        }
    }

    fn read(path: &Path, inputs: usize, time: f64) -> Result<Self> {
        let file = TableFile::open(path, &ReadOptions::default())?;
        let columns = file.columns();
        let named = |names: &[&str]| {
            let of = columns.iter().enumerate();
            let found: Vec<usize> = of
                .filter(|(_, column)| {
                    let name = column.name().to_lowercase();
                    names.contains(&name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_'))
                })
                .map(|(place, _)| place)
                .collect();
            found
        };
        let of_time = named(&["t", "time"]);
        let of_inputs = named(&[
            "tau", "τ", "u", "f", "force", "torque", "forcing", "input", "control",
        ]);
        if of_time.len() != 1 || of_inputs.len() != inputs {
            let names: Vec<&str> = columns.iter().map(mass_data::Column::name).collect();
            bail!(
                "a column t and {inputs} of inputs (tau, or tau1, tau2, ..) are needed; found the columns {}",
                names.join(", ")
            );
        }
        let wanted: Vec<usize> = of_time.into_iter().chain(of_inputs).collect();
        let table = file.read(&wanted)?;
        let t = table.columns()[0].clone();
        ensure!(t.len() >= 2, "two rows at least are needed");
        if let Some(row) = t.windows(2).position(|pair| pair[1] <= pair[0]) {
            bail!("{}: times must increase", table.place(row + 1));
        }
        ensure!(
            t[0] <= 0.0 && t[t.len() - 1] >= time,
            "its times go from {} to {}; the motion is followed from 0 to {time}",
            t[0],
            t[t.len() - 1]
        );
        let values = (0..t.len()).flat_map(|row| {
            let columns = table.columns()[1..].iter();
            columns.map(move |column| column[row]).collect::<Vec<_>>()
        });
        let values = values.collect();
        Ok(Self::Table(t, values))
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let learned = Learned::read(&arguments.learned)?;
    let d = learned.positions.len();
    let names = learned.positions.join(", ");
    ensure!(
        arguments.x.len() == d,
        "--x has {} numbers; the motion has {d}: {names}",
        arguments.x.len()
    );
    let y = match (arguments.y.is_empty(), learned.first_order) {
        // Of a law of first order the position says the velocity.
        (true, Some([limit, time])) => vec![-(arguments.x[0] - limit) / time],
        (true, None) => vec![0.0; d],
        (false, _) => arguments.y.clone(),
    };
    ensure!(
        y.len() == d,
        "--y has {} numbers; the motion has {d}: {names}",
        y.len()
    );
    let (time, dt) = (
        arguments.time,
        arguments.dt.unwrap_or(arguments.time / 100.0),
    );
    ensure!(
        time.is_finite() && time >= dt && dt > 0.0 && time / dt <= 1e7,
        "--time {time} by --dt {dt}: both must be positive, --dt no longer than --time, with at most ten million rows"
    );
    ensure!(
        learned.best.is_some(),
        "no law was found in these data; `mass report` says why"
    );
    let inputs = Inputs::given(arguments.tau.as_deref(), learned.inputs, time)?;
    // What the person gives and is given, in radians inside.
    let unit: Vec<f64> = (0..d)
        .map(
            |k| match learned.units.degrees.contains(&k) && !arguments.radians {
                true => std::f64::consts::PI / 180.0,
                false => 1.0,
            },
        )
        .collect();
    let scaled =
        |values: &[f64]| -> Vec<f64> { values.iter().zip(&unit).map(|(v, u)| v * u).collect() };
    let origin = |k: usize| learned.origin.get(k).copied().unwrap_or(0.0);
    let (mut x, mut y) = (scaled(&arguments.x), scaled(&y));
    x.iter_mut().enumerate().for_each(|(k, x)| *x -= origin(k));
    let lagrangian = learned.lagrangian.as_ref().filter(|_| !learned.is_sum());
    let network = match learned.network() {
        Some(network) => {
            let folder = match arguments.learned.is_dir() {
                true => arguments.learned.as_path(),
                false => arguments.learned.parent().unwrap_or(Path::new(".")),
            };
            let (mut laws, middle) = scientists::kept(folder, network)?;
            Some(laws.swap_remove(middle))
        }
        None => None,
    };
    let law = |x: &[f64], y: &[f64], tau: &[f64], out: &mut [f64]| match (
        &network,
        lagrangian,
        &learned.sparse,
    ) {
        (Some(law), _, _) if law.acceleration(x, y, out).is_ok() => {}
        (None, Some(law), _) => law.forced_acceleration(x, y, tau, out),
        (None, None, Some(law)) => law.acceleration(x, y, out),
        _ => out.fill(f64::NAN),
    };
    ensure!(
        network.is_some() || lagrangian.is_some() || learned.sparse.is_some(),
        "no law was found in these data; `mass report` says why"
    );
    let steps = (time / dt).round() as usize;
    let drawn = match lagrangian {
        Some(law) if arguments.band || steps <= COMPARED => law.drawn(DRAWN, 0),
        _ => Vec::new(),
    };
    ensure!(
        !arguments.band || !drawn.is_empty(),
        "--band: it is drawn from the errors of a Lagrangian's coefficients, which are not known of this law"
    );
    let mut text = header(&learned, arguments.radians, arguments.band);
    let m = learned.inputs;
    // Time is a coordinate of its own where inputs depend on it: its rate is 1 and its acceleration 0.
    let width = d + usize::from(m > 0);
    x.resize(width, 0.0);
    y.resize(width, 1.0);
    let motion_by = |law: &Acceleration<'_>, tolerance: f64, dt: f64, steps: usize| {
        let mut tau = vec![0.0; m];
        let rates = |x: &[f64], y: &[f64], out: &mut [f64]| {
            out.fill(0.0);
            if m > 0 {
                inputs.at(x[d], &mut tau);
            }
            law(&x[..d], &y[..d], &tau, &mut out[..d]);
        };
        let solver = Solver::Dop853 { tolerance };
        follow(rates, &x, &y, dt, steps, solver).context("the motion cannot be followed")
    };
    let motion = |law: &Acceleration<'_>, tolerance: f64| motion_by(law, tolerance, dt, steps);
    let path = motion(&law, 1e-9)?;
    let others = drawn.iter().map(|law| {
        motion(
            &|x, y, tau, out| law.forced_acceleration(x, y, tau, out),
            1e-6,
        )
    });
    let others = others.collect::<Result<Vec<_>>>()?;
    let others: Vec<Vec<&[f64]>> = others
        .iter()
        .map(|path| path.iter().map(|(_, x, _)| x).collect())
        .collect();
    for (row, (t, x, y)) in path.iter().enumerate() {
        // Steps of 0.1 are no 0.30000000000000004.
        let t: f64 = format!("{t:.12e}").parse()?;
        write!(text, "{t}")?;
        let x = x[..d].iter().enumerate().map(|(k, x)| x + origin(k));
        for (value, unit) in x.chain(y[..d].iter().copied()).zip(unit.iter().cycle()) {
            write!(text, ",{}", value / unit)?;
        }
        for (k, unit) in unit.iter().enumerate().filter(|_| arguments.band) {
            let at = others.iter().filter_map(|path| path.get(row));
            let values: Vec<f64> = at.map(|x| (x[k] + origin(k)) / unit).collect();
            // Nothing is said where most of the laws cannot be followed.
            let side = |share: f64| match 2 * values.len() > DRAWN {
                true => quantile(&values, share, QuantileRule::Nearest).to_string(),
                false => String::new(),
            };
            write!(text, ",{},{}", side(BAND.0), side(BAND.1))?;
        }
        text.push('\n');
    }
    if learned.rough {
        eprintln!("beware: this law is known roughly only: mass report says why");
    }
    if let Some((t, k)) = unknown_from(&path, &others, learned.reach.as_ref(), d) {
        eprintln!(
            "beware: from t = {:.4} on, laws within the errors of this one say values of {} that differ by more than a fifth of how far it moves: what is printed from there on is no better known (--band)",
            t, learned.positions[k]
        );
    }
    let rubbed = lagrangian.filter(|_| network.is_none());
    let rubbed: Vec<usize> = rubbed.into_iter().flat_map(dry).collect();
    // Rows may be too few to see a body move.
    let fine = match rubbed.is_empty() {
        true => None,
        false => Some(motion_by(&law, 1e-6, time / FINE as f64, FINE)?),
    };
    for k in &rubbed {
        let fine = fine.iter().flat_map(Trajectory::iter);
        let speeds: Vec<(f64, f64)> = fine.map(|(t, _, y)| (t, y[*k])).collect();
        if let Some(t) = held_from(&speeds) {
            eprintln!(
                "beware: from t = {t:.4} on dry friction all but holds {}: a body rests where it stops, and what is printed from there on creeps to where nothing pulls, as its band does",
                learned.positions[*k]
            );
        }
    }
    let states = path.iter().map(|(_, x, y)| (&x[..d], &y[..d]));
    if let Some(reach) = &learned.reach
        && let Some(beyond) = reach.beyond(states)
    {
        eprintln!("beware: {}", words(&beyond, &learned, &unit));
    }
    if let End::NotFinite { time, .. } = path.end() {
        eprintln!(
            "the motion ends at t = {time}: the law is singular there, or too much happens until the next row, {dt} later; a smaller --dt tells which"
        );
    }
    Ok(print(&text)?)
}

/// The positions that dry friction acts on.
fn dry(law: &LagrangianLaw) -> impl Iterator<Item = usize> {
    let terms = law.friction().iter();
    terms
        .filter(|term| term.kind == FrictionKind::Dry)
        .map(|term| term.on)
}

/// From when on a speed stays below a hundredth of its greatest, as it creeps where dry friction would hold it.
fn held_from(speeds: &[(f64, f64)]) -> Option<f64> {
    let most = speeds
        .iter()
        .fold(0.0_f64, |most, (_, y)| most.max(y.abs()));
    let moving = speeds.iter().rposition(|(_, y)| y.abs() > 0.01 * most)?;
    // At a turn it is as slow for a moment.
    let after = &speeds[moving + 1..];
    (after.len() > speeds.len() / 50).then(|| after[0].0)
}

/// When the middle two thirds of the other laws' motions are first more than a fifth of the deviation of a position
/// apart, or leave out the motion itself by as much, and which position. A motion that is small beside what was measured has a
/// tenth of that for its deviation: what is nearly at rest is as good as known.
fn unknown_from(
    path: &Trajectory,
    others: &[Vec<&[f64]>],
    reach: Option<&Reach>,
    d: usize,
) -> Option<(f64, usize)> {
    if others.is_empty() {
        return None;
    }
    let deviation = |k: usize| moments(path.x(), k, path.x().len() / path.len()).1.sqrt();
    let least = |k: usize| {
        let measured = reach.and_then(|reach| reach.positions.get(k));
        measured.map_or(0.0, |[low, high]| 0.1 * (high - low))
    };
    let apart = (0..d).map(|k| 2.0 * APART * deviation(k).max(least(k)));
    let apart: Vec<f64> = apart.collect();
    path.iter().enumerate().find_map(|(row, (t, x, _))| {
        let place = (0..d).find(|k| {
            let at = others.iter().filter_map(|path| path.get(row));
            let values: Vec<f64> = at.map(|x| x[*k]).collect();
            let side = |share: f64| quantile(&values, share, QuantileRule::Nearest);
            // What most of the laws have no value for is not known either.
            2 * values.len() <= others.len()
                || side(BAND.1).max(x[*k]) - side(BAND.0).min(x[*k]) > apart[*k]
        });
        place.map(|k| (t, k))
    })
}

/// The names of the columns, with units where the file says them: `t (s),theta (deg),theta_dot (deg/s)`.
fn header(learned: &Learned, radians: bool, band: bool) -> String {
    let time = learned.units.time.as_deref();
    let unit = |k: usize| match learned.units.degrees.contains(&k) && !radians {
        true => Some("deg"),
        false => learned.units.positions.get(k)?.as_deref(),
    };
    let behind = |unit: Option<String>| unit.map_or(String::new(), |unit| format!(" ({unit})"));
    let names = || learned.positions.iter().enumerate();
    let mut text = format!("t{}", behind(time.map(str::to_string)));
    for (k, name) in names() {
        text += &format!(",{name}{}", behind(unit(k).map(str::to_string)));
    }
    for (k, name) in names() {
        let rate = unit(k)
            .zip(time)
            .map(|(unit, time)| format!("{unit}/{time}"));
        text += &format!(",{name}_dot{}", behind(rate));
    }
    for (k, name) in names().filter(|_| band) {
        let own = behind(unit(k).map(str::to_string));
        text += &format!(",{name}_low{own},{name}_high{own}");
    }
    text.push('\n');
    text
}

/// How far the motion goes beyond what was measured, in the units `[d]` of the file.
fn words(beyond: &Beyond, learned: &Learned, unit: &[f64]) -> String {
    let k = beyond.position;
    let name = &learned.positions[k];
    let what = match beyond.velocity {
        true => format!("the velocity of {name}"),
        false => name.clone(),
    };
    let from = match beyond.velocity {
        true => 0.0,
        false => learned.origin.get(k).copied().unwrap_or(0.0),
    };
    let own = |value: f64| (value + from) / unit[k];
    let [least, most] = beyond.measured;
    if beyond.turns {
        return format!(
            "{what} turns over, through angles that were not measured: those lie between {:.4} and {:.4}; nothing says that the law holds beyond",
            own(least),
            own(most)
        );
    }
    let same = match beyond.same_as {
        Some(angle) => format!(" (whole turns off {:.4})", own(angle)),
        None => String::new(),
    };
    format!(
        "{what} goes to {:.4}{same}, and what was measured of it lies between {:.4} and {:.4}: {:.1} times that range beyond it, where nothing says that the law holds",
        own(beyond.goes_to),
        own(least),
        own(most),
        beyond.share
    )
}

#[cfg(test)]
mod tests {
    use super::held_from;

    #[test]
    fn what_creeps_to_the_end_is_held_and_what_turns_is_not() {
        let swing = |t: f64| (t, (3.0 * t).cos() * (1.0 - t / 8.0).max(0.001));
        let all: Vec<(f64, f64)> = (0..=500).map(|i| swing(0.02 * f64::from(i))).collect();
        let held = held_from(&all).unwrap();
        assert!((7.5..8.1).contains(&held), "{held}");
        // To a turn at t = π/6 + π: the last rows alone are slow.
        let turning = (0..=500).map(|i| 3.665 / 500.0 * f64::from(i));
        let turning: Vec<(f64, f64)> = turning.map(|t| (t, (3.0 * t).cos())).collect();
        assert_eq!(held_from(&turning), None);
        assert_eq!(held_from(&[]), None);
    }
}
