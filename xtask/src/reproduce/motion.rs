//! What the figures of motions share (12 and 17 to 19): many scientists of one system, the motion that one
//! of them learned, and what all of them keep of the energy.

use mass_figures::Motions;
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

/// What is drawn of them.
pub(super) fn drawn(motion: &LearnedMotions) -> Motions<'_> {
    Motions {
        t: &motion.t,
        x_true: &motion.x_true,
        x_learned: &motion.x_learned,
        long_t: &motion.long_t,
        long_energy: &motion.long_energy,
    }
}

/// Checks the lengths.
pub(super) fn check(motion: &LearnedMotions) -> Result<(), DrawError> {
    let of = "`seeds`";
    same_lengths!(
        of,
        motion.seeds.len(),
        motion,
        [rmse, pole_share, short_energy, lost]
    )?;
    same_lengths!("`t`", motion.t.len(), motion, [energy])?;
    drawn(motion).check(motion.seeds.len())
}

/// The whole of Figures 17 to 19. `places` are those of the bodies in the plane, of the positions `[d]`.
pub(super) fn orbits(
    motion: &LearnedMotions,
    places: fn(&[f64]) -> Vec<(f64, f64)>,
    axes: [&str; 2],
    coordinates: &[&str],
) -> Result<Sheet, DrawError> {
    check(motion)?;
    let title = title(&motion.system, &motion.recipe, motion.shown);
    drawn(motion).orbits(&title, places, axes, coordinates)
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
    use mass_figures::style::{AMBER, GREEN};

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
