//! What the figures of motions share (12 and 17 to 19): many scientists of one system, the motion that one
//! of them learned, and what all of them keep of the energy.

use mass_figures::{
    Panel,
    style::{AMBER, GREEN, roomy},
};
use mass_interp::RolloutPlan;

use super::{population::STATES_SEED, prelude::*};

/// Starts from which all scientists are followed.
pub(super) const STARTS: usize = 40;
/// Steps after which the paper states its energy.
pub(super) const SHORT: usize = 100;
/// So many times of the long motions are kept, and their starts.
const TIMES: usize = 100;
/// States of which the deviation of ẏ is taken.
const DEVIATION_STATES: usize = 10_000;

/// Scientists of one system and their motions.
///
/// S scientists, B = 40 starts, M times of the motion that is shown, K of the long ones. `null` in place
/// of a number is a value that is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Motion {
    /// Identifier of the system, `double_pendulum`.
    pub(super) system: String,
    /// Name of the recipe.
    pub(super) recipe: String,
    /// The scientists, `[S]`.
    pub(super) seeds: Vec<u64>,
    /// Test RMSE of ẏ of each, averaged weights, `[S]`.
    #[serde(with = "nullable")]
    pub(super) rmse: Vec<f64>,
    /// Share of each one's test states whose error is above 1, `[S]`.
    pub(super) pole_share: Vec<f64>,
    /// Root of the mean squared deviation of the true ẏ from its mean, in the unit of ẏ: what an error is
    /// relative to.
    pub(super) deviation: f64,
    /// The scientist that is shown.
    pub(super) shown: u64,
    /// Step of RK4.
    pub(super) dt: f64,
    /// Times of the motion that is shown, `[M]`.
    pub(super) t: Vec<f64>,
    /// Its true positions, row-major `[M, d]`.
    #[serde(with = "nullable")]
    pub(super) x_true: Vec<f64>,
    /// The learned ones, row-major `[M, d]`.
    #[serde(with = "nullable")]
    pub(super) x_learned: Vec<f64>,
    /// |Energy along the learned motion less that at its start|, as a fraction of the latter's size, `[M]`.
    #[serde(with = "nullable")]
    pub(super) energy: Vec<f64>,
    /// Times of the long motions, `[K]`.
    pub(super) long_t: Vec<f64>,
    /// Mean over the starts of |energy less that at the start| by the latter's size, row-major `[S, K]`;
    /// `null` from where one of the motions has ended.
    #[serde(with = "nullable")]
    pub(super) long_energy: Vec<f64>,
    /// The same after 100 steps, `[S]`.
    #[serde(with = "nullable")]
    pub(super) short_energy: Vec<f64>,
    /// How many of each one's long motions ended, or left the energies that were trained on by their own
    /// size, `[S]`.
    pub(super) lost: Vec<usize>,
}

/// Where and how long the motion that is shown goes, and how long those from forty starts.
pub(super) struct Shown<'a> {
    pub(super) start: (&'a [f64], &'a [f64]),
    pub(super) dt: f64,
    pub(super) steps: usize,
    /// A multiple of a hundred. Where motion leaves the states that were trained on in time, not so many
    /// that it does.
    pub(super) long: usize,
}

impl Motion {
    /// Of the scientists of a request with one system; shown is the one of median error.
    pub(super) fn train(job: &Job, shown: &Shown) -> Result<(Self, Population)> {
        let request = job.request();
        let population = Population::train(request)?;
        let scientists = population.at_end()?;
        let metrics = population.metrics()?;
        let last = metrics.rows.iter().map(|row| row.step).max().unwrap_or(0);
        let error = |seed: &u64| {
            let mut rows = metrics.rows.iter();
            let row = rows.find(|row| row.step == last && row.seed == *seed);
            row.map(|row| row.average)
                .context("each scientist is tested at the end")
        };
        let errors = population.seeds().iter().map(error);
        let errors = errors.collect::<Result<Vec<_>>>()?;
        let rmse: Vec<f64> = errors.iter().map(mass_core::TestError::rmse).collect();

        let mut order: Vec<usize> = (0..scientists.len()).collect();
        order.sort_by(|a, b| rmse[*a].total_cmp(&rmse[*b]));
        let middle = order[(order.len() - 1) / 2];
        let system = scientists[0].known(0)?;
        let plan = RolloutPlan::new(shown.start.0, shown.start.1, shown.dt, shown.steps);
        let one = Scientist::rollouts(&scientists[middle..=middle], 0, &plan)?;

        // Readings are in the units of the training, motions in the system's own.
        let own = |count: usize| -> Result<_> {
            let states = scientists[0].evaluation_states(0, count, STATES_SEED)?;
            Ok(scientists[0].scales(0)?.from_unit(&states)?)
        };
        let states = own(STARTS)?;
        let plan = RolloutPlan::new(states.x(), states.y(), shown.dt, shown.long);
        let all = Scientist::rollouts(&scientists, 0, &plan)?;
        let kept = all.kept(system).into_iter().next();
        let kept = kept.context("the systems of these figures have an energy")?;
        let (times, mean) = (all.t().len(), kept.mean_relative());
        let steps = (0..times).step_by(shown.long / TIMES);
        let long = mean
            .chunks_exact(times)
            .flat_map(|mean| steps.clone().map(|step| mean[step]));
        let positions = |paths: &mass_interp::Paths| -> Vec<f64> {
            let steps = 0..one.t().len();
            steps.flat_map(|step| paths.x(step, 0).to_vec()).collect()
        };
        let energy = one.kept(system).into_iter().next();
        let energy = energy.context("the system has an energy")?;
        let data = Self {
            system: system.id(),
            recipe: request.recipe.name.clone(),
            seeds: request.seeds.clone(),
            pole_share: errors.iter().map(|error| error.pole_share).collect(),
            deviation: own(DEVIATION_STATES)?.acceleration_deviation(),
            shown: request.seeds[middle],
            dt: shown.dt,
            t: one.t().to_vec(),
            x_true: positions(&one.truth),
            x_learned: positions(&one.learned),
            energy: energy.relative(),
            long_t: steps.clone().map(|step| all.t()[step]).collect(),
            long_energy: long.collect(),
            short_energy: mean.chunks_exact(times).map(|mean| mean[SHORT]).collect(),
            lost: kept.lost(),
            rmse,
        };
        Ok((data, population))
    }

    /// [`Motion::train`], shown from the first state that the paper gives.
    pub(super) fn from_the_papers_start(
        job: &Job,
        dt: f64,
        steps: usize,
        long: usize,
    ) -> Result<(Self, Population)> {
        let system = mass_systems::lookup(&job.request().systems[0])?;
        let run = system.paper_run().and_then(|run| run.start);
        let (x, y) = run.context("the paper gives the first state")?;
        let start = (&*x, &*y);
        Self::train(
            job,
            &Shown {
                start,
                dt,
                steps,
                long,
            },
        )
    }

    /// Checks the lengths.
    pub(super) fn check(&self) -> Result<(), DrawError> {
        let scientists = [
            ("rmse", self.rmse.len()),
            ("pole_share", self.pole_share.len()),
            ("short_energy", self.short_energy.len()),
            ("lost", self.lost.len()),
        ];
        same_length("`seeds`", self.seeds.len(), &scientists)?;
        same_length("`t`", self.t.len(), &[("energy", self.energy.len())])?;
        same_length(
            "`x_true`",
            self.x_true.len(),
            &[("x_learned", self.x_learned.len())],
        )?;
        let long = [("long_energy", self.long_energy.len())];
        same_length(
            "`seeds` by `long_t`",
            self.seeds.len() * self.long_t.len(),
            &long,
        )?;
        match self.t.len() < 2 || self.long_t.len() < 2 || self.x_true.is_empty() {
            true => Err(DrawError::empty("t, long_t, x_true")),
            false => Ok(()),
        }
    }

    /// Degrees of freedom, d.
    pub(super) fn dof(&self) -> usize {
        self.x_true.len() / self.t.len()
    }

    /// One coordinate against time, as points.
    fn course(&self, x: &[f64], k: usize) -> Vec<(f64, f64)> {
        let values = x.iter().skip(k).step_by(self.dof());
        let points = self.t.iter().copied().zip(values.copied());
        points.filter(|(_, x)| x.is_finite()).collect()
    }

    /// Draws one coordinate of the motion that is shown, learned over true.
    pub(super) fn coordinate<'s>(
        &self,
        sheet: &'s mut Sheet,
        frame: ((f64, f64), (f64, f64)),
        k: usize,
    ) -> Result<Panel<'s>, DrawError> {
        let (truth, learned) = (
            self.course(&self.x_true, k),
            self.course(&self.x_learned, k),
        );
        // The truth sets the scale: a learned motion that runs away is cut off.
        let values = extent(truth.iter().map(|(_, x)| *x)).ok_or(DrawError::empty("x_true"))?;
        let times = (self.t[0], self.t[self.t.len() - 1]);
        let series = [
            Series::new("true", AMBER, 6.0, truth),
            Series::new("learned", BLUE, 1.8, learned),
        ];
        let mut panel = sheet.panel(Frame::new(frame.0, frame.1, times, roomy(values)));
        panel.plot(&series, Axes::new());
        Ok(panel)
    }

    /// Draws the mean change of the energy of every scientist's long motions, in percent of the energy, on
    /// a logarithmic axis.
    pub(super) fn energies<'s>(
        &self,
        sheet: &'s mut Sheet,
        frame: ((f64, f64), (f64, f64)),
        paper: Option<f64>,
    ) -> Result<Panel<'s>, DrawError> {
        let percent = |values: &[f64]| -> Vec<(f64, f64)> {
            let points = self
                .long_t
                .iter()
                .copied()
                .zip(values.iter().map(|v| 100.0 * v));
            points.filter(|(_, v)| v.is_finite() && *v > 1e-4).collect()
        };
        let scientists: Vec<Vec<(f64, f64)>> = self
            .long_energy
            .chunks(self.long_t.len())
            .map(percent)
            .collect();
        let values = scientists.iter().flatten().map(|(_, v)| *v).chain(paper);
        let (low, high) = extent(values).ok_or(DrawError::empty("long_energy"))?;
        let times = (self.long_t[0], self.long_t[self.long_t.len() - 1]);
        let y = (low.max(1e-3) / 1.5, high.clamp(1e-2, 1e3) * 1.5);
        let frame = Frame::new(frame.0, frame.1, times, y).log_y();
        let below = |points: Vec<(f64, f64)>| {
            points
                .into_iter()
                .filter(|(_, v)| (y.0..=y.1).contains(v))
                .collect()
        };
        let mut series: Vec<Series> = scientists
            .into_iter()
            .map(|points| Series::new("", BLUE, 0.8, below(points)))
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
        &self,
        places: fn(&[f64]) -> Vec<(f64, f64)>,
        axes: [&str; 2],
        coordinates: &[&str],
    ) -> Result<Sheet, DrawError> {
        self.check()?;
        let d = self.dof();
        same_length("the coordinates", d, &[("x_true", coordinates.len())])?;
        let mut sheet = Sheet::new(740.0, title(&self.system, &self.recipe, self.shown));
        let tracks = |x: &[f64]| -> Vec<Vec<(f64, f64)>> {
            let states: Vec<Vec<(f64, f64)>> = x.chunks_exact(d).map(places).collect();
            let bodies = 0..states[0].len();
            let finite = |point: &(f64, f64)| point.0.is_finite() && point.1.is_finite();
            bodies
                .map(|body| states.iter().map(|all| all[body]).filter(finite).collect())
                .collect()
        };
        let (truth, learned) = (tracks(&self.x_true), tracks(&self.x_learned));
        let colours = [BLUE, VERMILLION, GREEN];
        let shown = truth.iter().flatten();
        let (x, y) = (
            extent(shown.clone().map(|point| point.0)),
            extent(shown.map(|point| point.1)),
        );
        let (x, y) = x.zip(y).ok_or(DrawError::empty("x_true"))?;
        // Equal scales: a circle is a circle.
        let half = 0.54 * (x.1 - x.0).max(y.1 - y.0).max(1e-6);
        let about =
            |(low, high): (f64, f64)| ((low + high) / 2.0 - half, (low + high) / 2.0 + half);
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
            .panel(Frame::new((95.0, 395.0), (78.0, 378.0), about(x), about(y)))
            .plot(&series, Axes::new())
            .letter('a', 20.0)
            .x_label(axes[0])
            .y_label(axes[1])
            .legend();

        let times = (self.t[0], self.t[self.t.len() - 1]);
        let values = extent(self.x_true.iter().copied()).ok_or(DrawError::empty("x_true"))?;
        // Two coordinates a body; of a pendulum each has its own colour.
        let per_body = if d > 2 { 2 } else { 1 };
        let mut series: Vec<Series> = (0..d)
            .map(|k| Series::new("", AMBER, 5.0, self.course(&self.x_true, k)))
            .collect();
        for (k, name) in coordinates.iter().enumerate() {
            let colour = colours[(k / per_body) % 3];
            series.push(Series::new(
                *name,
                colour,
                1.4,
                self.course(&self.x_learned, k),
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
        self.energies(&mut sheet, ((95.0, 955.0), (488.0, 668.0)), None)?
            .letter('c', 20.0)
            .legend()
            .x_label("time t")
            .y_label("|ΔE| by |E|, %");
        Ok(sheet)
    }

    /// What is claimed of Figures 17 to 19: an error of ours, and that the paper's motion is followed.
    pub(super) fn followed(&self, rmse: f64) -> Vec<Claim> {
        let (count, last) = (self.seeds.len(), self.t.last().copied().unwrap_or(0.0));
        let mut rows = vec![
            claim("the learned motion is the true one, from the paper's first state (within 0.05)")
                .measured(format!("{}: largest distance of a coordinate from the truth to t = {last}, scientist of median error", self.system), self.farthest(last))
                .at_most(0.05),
            claim(format!("it is learned well (RMSE ≤ {rmse})"))
                .measured(format!("{}: test RMSE, median of {count} scientists", self.system), median(&self.rmse))
                .at_most(rmse)
                .of_ours(),
        ];
        rows.extend(self.common());
        rows
    }

    /// The largest distance of a learned coordinate from the true one up to a time.
    pub(super) fn farthest(&self, until: f64) -> f64 {
        let d = self.dof();
        let times = self.t.iter().filter(|t| **t <= until + 1e-9).count();
        let pairs = self.x_true.iter().zip(&self.x_learned).take(times * d);
        pairs.fold(0.0, |most: f64, (truth, learned)| {
            let off = (truth - learned).abs();
            if off > most || off.is_nan() {
                off
            } else {
                most
            }
        })
    }

    /// What is claimed of any of these figures: no poles, energies, no motion that is lost.
    pub(super) fn common(&self) -> Vec<Claim> {
        let poles = self.pole_share.iter().copied().fold(0.0, f64::max);
        let rmse = median(&self.rmse);
        let lost: usize = self.lost.iter().sum();
        let (count, last) = (self.seeds.len(), self.long_t.last().copied().unwrap_or(0.0));
        vec![
            claim("the error is small beside ẏ itself (≤ 5 %)")
                .measured(format!("{}: test RMSE by the deviation of ẏ ({}), median of {count} scientists", self.system, number(self.deviation, Rule::Print)), 100.0 * rmse / self.deviation)
                .unit("%")
                .at_most(5.0)
                .of_ours(),
            claim("no scientist has a pole among its test states")
                .measured(format!("{}: largest share of test states with an error above 1", self.system), poles)
                .at_most(0.0)
                .of_ours(),
            claim(format!("no learned motion is lost: of {count} scientists from {STARTS} starts, to t = {last:.0}"))
                .measured(format!("{}: motions that ended or whose energy changed by its own size", self.system), lost as f64)
                .unit("motions")
                .at_most(0.0)
                .of_ours(),
        ]
    }

    /// A row a scientist.
    pub(super) fn table(&self) -> String {
        let last = self.long_t.len() - 1;
        // Of a motion that runs away the number says nothing.
        let percent = |value: f64| match value {
            value if value <= 1.0 => number(100.0 * value, Rule::Table),
            _ => "lost".to_string(),
        };
        let row = |member: usize| {
            vec![
                self.seeds[member].to_string(),
                number(self.rmse[member], Rule::Table),
                percent(self.rmse[member] / self.deviation),
                percent(self.short_energy[member]),
                percent(self.long_energy[member * self.long_t.len() + last]),
                self.lost[member].to_string(),
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
        let rows: Vec<Vec<String>> = (0..self.seeds.len()).map(row).collect();
        markdown(&headers, &rows)
    }
}

/// The places of bodies in the plane, of their coordinates x₁, y₁, x₂, ….
pub(super) fn bodies(x: &[f64]) -> Vec<(f64, f64)> {
    x.chunks_exact(2).map(|body| (body[0], body[1])).collect()
}

#[cfg(test)]
impl Motion {
    /// Three scientists on something that swings.
    pub(super) fn made_up(system: &str, d: usize) -> Self {
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
        Self {
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
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::reproduce::{figure::tests::drawing, holds};

    /// A figure of orbits has its marks where the numbers are, and its claims follow them.
    pub(in crate::reproduce) fn orbits_are_drawn<F: Figure<Beyond = ()>>(
        figure: &F,
        motion: &Motion,
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
    fn what_ended_is_far_from_the_truth() {
        let mut motion = Motion::made_up("two_body", 4);
        assert!(motion.farthest(5.0) < 0.03);
        motion.x_learned[4 * 100 + 3] = f64::NAN;
        assert!(motion.farthest(4.0) < 0.03 && motion.farthest(5.0).is_nan());
        let rows = motion.followed(0.025);
        assert_ne!(holds(&rows, "largest distance"), Some(true));
        assert_eq!(holds(&rows, "test RMSE, median"), Some(true));
        assert_eq!(
            holds(&motion.followed(0.019), "test RMSE, median"),
            Some(false)
        );
    }

    #[test]
    fn lists_that_do_not_fit_are_refused() {
        let mut motion = Motion::made_up("two_body", 4);
        motion.long_energy.pop();
        assert!(matches!(
            motion.check(),
            Err(DrawError::Shape {
                what: "long_energy",
                ..
            })
        ));
    }
}
