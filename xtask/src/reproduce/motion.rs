//! What the figures of motions share (12 and 17 to 19): many scientists of one system, the motion that one
//! of them learned, and what all of them keep of the energy.

use mass_figures::{
    Panel, same_length,
    style::{AMBER, GREEN, log_ends, roomy},
};
use mass_interp::{LearnedMotions, RolloutPlan};

use super::{population::STATES_SEED, prelude::*};

/// Trains the scientists of a request with one system and follows them; shown is the one of median error.
pub(super) fn follow(
    job: &Job,
    shown: &RolloutPlan,
    long: usize,
) -> Result<(LearnedMotions, Population)> {
    let population = Population::train(job.request())?;
    let errors = population.test_errors(population.phases())?;
    let scientists = population.at_end()?;
    let motions = LearnedMotions::of(&scientists, &errors, 0, shown, long, STATES_SEED)?;
    Ok((motions, population))
}

/// [`follow`], shown from the first state that the paper gives; `long` is such a number of steps that
/// motion does not leave the states that were trained on, where in time it does.
pub(super) fn follow_from_the_papers_start(
    job: &Job,
    dt: f64,
    steps: usize,
    long: usize,
) -> Result<(LearnedMotions, Population)> {
    let system = mass_systems::lookup(&job.request().systems[0])?;
    let shown = RolloutPlan::from_the_papers_start(&*system, dt, steps)?;
    follow(job, &shown, long)
}

/// Checks the lengths.
pub(super) fn check(motion: &LearnedMotions) -> Result<(), DrawError> {
    let (seeds, times) = (motion.seeds.len(), motion.long_t.len());
    let of = "`seeds`";
    same_lengths!(of, seeds, motion, [rmse, pole_share, short_energy, lost])?;
    same_lengths!("`t`", motion.t.len(), motion, [energy])?;
    same_lengths!("`x_true`", motion.x_true.len(), motion, [x_learned])?;
    same_lengths!("`seeds` by `long_t`", seeds * times, motion, [long_energy])?;
    match motion.t.len() < 2 || motion.long_t.len() < 2 || motion.x_true.is_empty() {
        true => Err(DrawError::empty("t, long_t, x_true")),
        false => Ok(()),
    }
}

/// One coordinate against time, as points.
fn course(motion: &LearnedMotions, x: &[f64], k: usize) -> Vec<(f64, f64)> {
    let values = x.iter().skip(k).step_by(motion.dof());
    finite_points(&motion.t, values.copied())
}

/// Draws one coordinate of the motion that is shown, learned over true.
pub(super) fn coordinate<'s>(
    motion: &LearnedMotions,
    sheet: &'s mut Sheet,
    frame: ((f64, f64), (f64, f64)),
    k: usize,
) -> Result<Panel<'s>, DrawError> {
    let (truth, learned) = (
        course(motion, &motion.x_true, k),
        course(motion, &motion.x_learned, k),
    );
    // The truth sets the scale: a learned motion that runs away is cut off.
    let values = extent(truth.iter().map(|(_, x)| *x)).ok_or(DrawError::empty("x_true"))?;
    let times = (motion.t[0], motion.t[motion.t.len() - 1]);
    let series = Series::true_and_learned(truth, learned);
    let mut panel = sheet.panel(Frame::new(frame.0, frame.1, times, roomy(values)));
    panel.plot(&series, Axes::new());
    Ok(panel)
}

/// Draws the mean change of the energy of every scientist's long motions, in percent of the energy, on
/// a logarithmic axis.
pub(super) fn energies<'s>(
    motion: &LearnedMotions,
    sheet: &'s mut Sheet,
    frame: ((f64, f64), (f64, f64)),
    paper: Option<f64>,
) -> Result<Panel<'s>, DrawError> {
    let percent = |values: &[f64]| {
        let percent = values.iter().map(|value| 100.0 * value);
        let mut points = finite_points(&motion.long_t, percent);
        points.retain(|(_, value)| *value > 1e-4);
        points
    };
    let scientists = motion.long_energy.chunks(motion.long_t.len());
    let scientists: Vec<Vec<(f64, f64)>> = scientists.map(percent).collect();
    let values = scientists.iter().flatten().map(|(_, v)| *v).chain(paper);
    let y = log_ends(values, (1e-3, 1e3), 1.5).ok_or(DrawError::empty("long_energy"))?;
    let times = (motion.long_t[0], motion.long_t[motion.long_t.len() - 1]);
    let frame = Frame::new(frame.0, frame.1, times, y).log_y();
    let within = |mut points: Vec<(f64, f64)>| {
        points.retain(|(_, value)| (y.0..=y.1).contains(value));
        points
    };
    let mut series: Vec<Series> = scientists
        .into_iter()
        .map(|points| Series::new("", BLUE, 0.8, within(points)))
        .collect();
    if let Some(paper) = paper {
        let line = vec![(times.0, paper), (times.1, paper)];
        series.push(Series::new("paper, after 100 steps", VERMILLION, 1.4, line));
    }
    let mut panel = sheet.panel(frame);
    panel.plot(&series, Axes::new()).key(
        "a scientist, mean of 40 motions",
        BLUE,
        Swatch::Line(1.2),
    );
    Ok(panel)
}

/// Draws the motion that is shown in the plane, its coordinates against time, and the energies of all: the
/// whole of Figures 17 to 19. `places` are those of the bodies in the plane, of the positions `[d]`.
pub(super) fn orbits(
    motion: &LearnedMotions,
    places: fn(&[f64]) -> Vec<(f64, f64)>,
    axes: [&str; 2],
    coordinates: &[&str],
) -> Result<Sheet, DrawError> {
    check(motion)?;
    let d = motion.dof();
    same_length("the coordinates", d, &[("x_true", coordinates.len())])?;
    let mut sheet = Sheet::new(740.0, title(&motion.system, &motion.recipe, motion.shown));
    let tracks = |x: &[f64]| -> Vec<Vec<(f64, f64)>> {
        let states: Vec<Vec<(f64, f64)>> = x.chunks_exact(d).map(places).collect();
        let bodies = 0..states[0].len();
        let finite = |point: &(f64, f64)| point.0.is_finite() && point.1.is_finite();
        bodies
            .map(|body| states.iter().map(|all| all[body]).filter(finite).collect())
            .collect()
    };
    let (truth, learned) = (tracks(&motion.x_true), tracks(&motion.x_learned));
    let colours = [BLUE, VERMILLION, GREEN];
    let shown = truth.iter().flatten();
    let (x, y) = (
        extent(shown.clone().map(|point| point.0)),
        extent(shown.map(|point| point.1)),
    );
    let (x, y) = x.zip(y).ok_or(DrawError::empty("x_true"))?;
    let wider = |(low, high): (f64, f64)| {
        let room = 0.04 * (high - low);
        (low - room, high + room)
    };
    let frame = Frame::equal((95.0, 395.0), (78.0, 378.0), wider(x), wider(y));
    let mut series: Vec<Series> = Vec::new();
    for (body, track) in truth.into_iter().enumerate() {
        let name = if body == 0 { "true" } else { "" };
        series.push(Series::new(name, AMBER, 6.0, track));
    }
    for (body, track) in learned.into_iter().enumerate() {
        let name = if body == 0 { "learned" } else { "" };
        series.push(Series::new(name, colours[body % 3], 1.6, track));
    }
    sheet
        .panel(frame)
        .plot(&series, Axes::new())
        .letter('a', 20.0)
        .x_label(axes[0])
        .y_label(axes[1])
        .legend();

    let times = (motion.t[0], motion.t[motion.t.len() - 1]);
    let values = extent(motion.x_true.iter().copied()).ok_or(DrawError::empty("x_true"))?;
    // Two coordinates a body; of a pendulum each has its own colour.
    let per_body = if d > 2 { 2 } else { 1 };
    let mut series: Vec<Series> = (0..d)
        .map(|k| Series::new("", AMBER, 5.0, course(motion, &motion.x_true, k)))
        .collect();
    for (k, name) in coordinates.iter().enumerate() {
        let colour = colours[(k / per_body) % 3];
        series.push(Series::new(
            *name,
            colour,
            1.4,
            course(motion, &motion.x_learned, k),
        ));
    }
    sheet
        .panel(Frame::new(
            (500.0, 955.0),
            (78.0, 378.0),
            times,
            roomy(values),
        ))
        .plot(&series, Axes::new())
        .letter('b', 428.0)
        .heading(&coordinates.join(", "), 474.0, TICK + 1)
        .x_label("time t");
    energies(motion, &mut sheet, ((95.0, 955.0), (488.0, 668.0)), None)?
        .letter('c', 20.0)
        .legend()
        .x_label("time t")
        .y_label("|ΔE| by |E|, %");
    Ok(sheet)
}

/// What is claimed of Figures 17 to 19: an error of ours, and that the paper's motion is followed.
pub(super) fn followed(motion: &LearnedMotions, rmse: f64) -> Vec<Claim> {
    let (count, last) = (motion.seeds.len(), motion.t.last().copied().unwrap_or(0.0));
    let mut rows = vec![
        claim("the learned motion is the true one, from the paper's first state (within 0.05)")
            .measured(format!("{}: largest distance of a coordinate from the truth to t = {last}, scientist of median error", motion.system), motion.farthest(last))
            .at_most(0.05),
        claim(format!("it is learned well (RMSE ≤ {rmse})"))
            .measured(format!("{}: test RMSE, median of {count} scientists", motion.system), median(&motion.rmse))
            .at_most(rmse)
            .of_ours(),
    ];
    rows.extend(common(motion));
    rows
}

/// What is claimed of any of these figures: no poles, energies, no motion that is lost.
pub(super) fn common(motion: &LearnedMotions) -> Vec<Claim> {
    let poles = motion.pole_share.iter().copied().fold(0.0, f64::max);
    let rmse = median(&motion.rmse);
    let lost: usize = motion.lost.iter().sum();
    let (count, last) = (
        motion.seeds.len(),
        motion.long_t.last().copied().unwrap_or(0.0),
    );
    vec![
        claim("the error is small beside ẏ itself (≤ 5 %)")
            .measured(
                format!(
                    "{}: test RMSE by the deviation of ẏ ({}), median of {count} scientists",
                    motion.system,
                    number(motion.deviation, Rule::Print)
                ),
                100.0 * rmse / motion.deviation,
            )
            .unit("%")
            .at_most(5.0)
            .of_ours(),
        claim("no scientist has a pole among its test states")
            .measured(
                format!(
                    "{}: largest share of test states with an error above 1",
                    motion.system
                ),
                poles,
            )
            .at_most(0.0)
            .of_ours(),
        claim(format!(
            "no learned motion is lost: of {count} scientists from {} starts, to t = {last:.0}",
            LearnedMotions::STARTS
        ))
        .measured(
            format!(
                "{}: motions that ended or whose energy changed by its own size",
                motion.system
            ),
            lost as f64,
        )
        .unit("motions")
        .at_most(0.0)
        .of_ours(),
    ]
}

/// A row a scientist.
pub(super) fn table(motion: &LearnedMotions) -> String {
    let last = motion.long_t.len() - 1;
    // Of a motion that runs away the number says nothing.
    let percent = |value: f64| match value {
        value if value <= 1.0 => number(100.0 * value, Rule::Table),
        _ => "lost".to_string(),
    };
    let row = |member: usize| {
        vec![
            motion.seeds[member].to_string(),
            number(motion.rmse[member], Rule::Table),
            percent(motion.rmse[member] / motion.deviation),
            percent(motion.short_energy[member]),
            percent(motion.long_energy[member * motion.long_t.len() + last]),
            motion.lost[member].to_string(),
        ]
    };
    let headers = [
        "seed",
        "RMSE of ẏ",
        "% of its deviation",
        "energy, % after 100 steps",
        "energy, % at the end",
        "motions lost of 40",
    ];
    markdown(&headers, (0..motion.seeds.len()).map(row))
}

/// The places of bodies in the plane, of their coordinates x₁, y₁, x₂, ….
pub(super) fn bodies(x: &[f64]) -> Vec<(f64, f64)> {
    x.chunks_exact(2).map(|body| (body[0], body[1])).collect()
}

/// Three scientists on something that swings.
#[cfg(test)]
pub(super) fn made_up(system: &str, d: usize) -> LearnedMotions {
    let t: Vec<f64> = (0..=400).map(|i| 0.05 * f64::from(i)).collect();
    let swing = |faster: f64| -> Vec<f64> {
        let at = |t: &f64| {
            let t = *t;
            (0..d).map(move |k| ((1.0 + 0.3 * k as f64) * faster * t + k as f64).cos())
        };
        t.iter().flat_map(at).collect()
    };
    let long_t: Vec<f64> = (0..=100).map(f64::from).collect();
    let energies = |member: usize| {
        let long_t = long_t.clone();
        long_t
            .into_iter()
            .map(move |t| 1e-3 * (1.0 + member as f64) * (0.1 + t / 50.0))
    };
    LearnedMotions {
        system: system.into(),
        recipe: "general".into(),
        seeds: vec![0, 1, 2],
        rmse: vec![0.01, 0.02, 0.03],
        pole_share: vec![0.0; 3],
        deviation: 1.3,
        shown: 1,
        dt: 0.05,
        x_true: swing(1.0),
        x_learned: swing(1.001),
        energy: t.iter().map(|t| 1e-3 * t).collect(),
        t,
        long_energy: (0..3).flat_map(energies).collect(),
        long_t,
        short_energy: vec![1e-3, 2e-3, 3e-3],
        lost: vec![0; 3],
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::reproduce::{figure::tests::drawing, holds};

    /// A figure of orbits has its marks where the numbers are, and its claims follow them.
    pub(in crate::reproduce) fn orbits_are_drawn<F: Figure<Beyond = ()>>(
        figure: &F,
        motion: &LearnedMotions,
        places: fn(&[f64]) -> Vec<(f64, f64)>,
        axes: [&str; 2],
    ) {
        let (drawing, d) = (drawing(figure), motion.dof());
        let colours = [BLUE, VERMILLION, GREEN];
        let plane = drawing.lettered('a');
        plane.label(axes[0]).label(axes[1]);
        plane.key("true", AMBER).key("learned", BLUE);
        let course = drawing.lettered('b');
        course.label("time t");
        for step in [0, 150] {
            let of = |x: &[f64]| places(&x[step * d..(step + 1) * d]);
            let (truth, learned) = (of(&motion.x_true), of(&motion.x_learned));
            for (body, (truth, learned)) in truth.into_iter().zip(learned).enumerate() {
                plane.line(AMBER, truth).line(colours[body], learned);
            }
            for k in 0..d {
                let body = if d > 2 { k / 2 } else { k };
                let (t, place) = (motion.t[step], step * d + k);
                course
                    .line(AMBER, (t, motion.x_true[place]))
                    .line(colours[body], (t, motion.x_learned[place]));
            }
        }
        let energies = drawing.lettered('c');
        energies.label("time t").label("|ΔE| by |E|, %");
        energies.line(BLUE, (motion.long_t[40], 100.0 * motion.long_energy[40]));

        let rows = figure.claims(&()).unwrap();
        assert_eq!(holds(&rows, "largest distance"), Some(true));
        assert_eq!(holds(&rows, "motions that ended"), Some(true));
    }

    #[test]
    fn a_motion_that_ended_is_not_the_true_one() {
        let mut motion = made_up("two_body", 4);
        motion.x_learned[4 * 100 + 3] = f64::NAN;
        let rows = followed(&motion, 0.025);
        assert_ne!(holds(&rows, "largest distance"), Some(true));
        assert_eq!(holds(&rows, "test RMSE, median"), Some(true));
        assert_eq!(
            holds(&followed(&motion, 0.019), "test RMSE, median"),
            Some(false)
        );
    }

    #[test]
    fn lists_that_do_not_fit_are_refused() {
        let mut motion = made_up("two_body", 4);
        motion.long_energy.pop();
        assert!(matches!(
            check(&motion),
            Err(DrawError::Shape {
                what: "long_energy",
                ..
            })
        ));
    }
}
