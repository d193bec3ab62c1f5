//! Motions in time and in the plane, true and learned, and how far their energies move.

use crate::{
    Axes, DrawError, Frame, Panel, Series, Sheet, Swatch, finite_points, same_length,
    style::{AMBER, BLUE, GREEN, TICK, VERMILLION, extent, log_ends, roomy},
};

/// One motion that is shown, of d coordinates at T times, and the energies of many, of scientists at times of their own.
#[derive(Clone, Copy, Debug)]
pub struct Motions<'a> {
    /// Times `[T]`.
    pub t: &'a [f64],
    /// Positions as they are `[T, d]` …
    pub x_true: &'a [f64],
    /// … and as they were learned.
    pub x_learned: &'a [f64],
    /// Times of the energies `[L]`.
    pub long_t: &'a [f64],
    /// The energy's mean change as a share, of each scientist `[E, L]`.
    pub long_energy: &'a [f64],
}

impl Motions<'_> {
    /// d.
    fn dof(&self) -> usize {
        self.x_true.len() / self.t.len().max(1)
    }

    /// Checks the lengths, for so many scientists.
    ///
    /// # Errors
    /// [`DrawError::Shape`] or [`DrawError::Empty`].
    pub fn check(&self, scientists: usize) -> Result<(), DrawError> {
        self.shape()?;
        let energies = scientists * self.long_t.len();
        let long = [("long_energy", self.long_energy.len())];
        same_length("`seeds` by `long_t`", energies, &long)
    }

    /// Checks that there is something to draw, in whole rows.
    fn shape(&self) -> Result<(), DrawError> {
        if self.t.len() < 2 || self.long_t.len() < 2 || self.dof() == 0 {
            return Err(DrawError::empty("t, long_t, x_true"));
        }
        let whole = self.dof() * self.t.len();
        let positions = [
            ("x_true", self.x_true.len()),
            ("x_learned", self.x_learned.len()),
        ];
        same_length("`t` by the coordinates", whole, &positions)
    }

    /// One coordinate against time, as points.
    fn course(&self, x: &[f64], k: usize) -> Vec<(f64, f64)> {
        let values = x.iter().skip(k).step_by(self.dof());
        finite_points(self.t, values.copied())
    }

    /// Draws one coordinate of the motion that is shown, learned over true.
    ///
    /// # Errors
    /// [`DrawError`] where nothing can be drawn.
    pub fn coordinate<'s>(
        &self,
        sheet: &'s mut Sheet,
        frame: ((f64, f64), (f64, f64)),
        k: usize,
    ) -> Result<Panel<'s>, DrawError> {
        self.shape()?;
        if k >= self.dof() {
            let found = format!("coordinate {k} of {}", self.dof());
            return Err(DrawError::shape("coordinate", "one of the motion's", found));
        }
        let (truth, learned) = (self.course(self.x_true, k), self.course(self.x_learned, k));
        // The truth sets the scale: a learned motion that runs away is cut off.
        let values = extent(truth.iter().map(|(_, x)| *x)).ok_or(DrawError::empty("x_true"))?;
        let times = (self.t[0], self.t[self.t.len() - 1]);
        let series = Series::true_and_learned(truth, learned);
        let mut panel = sheet.panel(Frame::new(frame.0, frame.1, times, roomy(values)));
        panel.plot(&series, Axes::new());
        Ok(panel)
    }

    /// Draws the mean change of the energy of every scientist's long motions, in percent of the energy, on
    /// a logarithmic axis.
    ///
    /// # Errors
    /// [`DrawError`] where nothing can be drawn.
    pub fn energies<'s>(
        &self,
        sheet: &'s mut Sheet,
        frame: ((f64, f64), (f64, f64)),
        paper: Option<f64>,
    ) -> Result<Panel<'s>, DrawError> {
        self.shape()?;
        let percent = |values: &[f64]| {
            let percent = values.iter().map(|value| 100.0 * value);
            let mut points = finite_points(self.long_t, percent);
            points.retain(|(_, value)| *value > 1e-4);
            points
        };
        let scientists = self.long_energy.chunks(self.long_t.len());
        let scientists: Vec<Vec<(f64, f64)>> = scientists.map(percent).collect();
        let values = scientists.iter().flatten().map(|(_, v)| *v).chain(paper);
        let y = log_ends(values, (1e-3, 1e3), 1.5).ok_or(DrawError::empty("long_energy"))?;
        let times = (self.long_t[0], self.long_t[self.long_t.len() - 1]);
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

    /// Draws the motion that is shown in the plane, its coordinates against time, and the energies of all. `places` are
    /// those of the bodies in the plane, of the positions `[d]`.
    ///
    /// # Errors
    /// [`DrawError`] where nothing can be drawn.
    pub fn orbits(
        &self,
        title: &str,
        places: fn(&[f64]) -> Vec<(f64, f64)>,
        axes: [&str; 2],
        coordinates: &[&str],
    ) -> Result<Sheet, DrawError> {
        self.shape()?;
        let d = self.dof();
        same_length("the coordinates", d, &[("x_true", coordinates.len())])?;
        let mut sheet = Sheet::new(740.0, title);
        let tracks = |x: &[f64]| -> Vec<Vec<(f64, f64)>> {
            let states: Vec<Vec<(f64, f64)>> = x.chunks_exact(d).map(places).collect();
            let bodies = 0..states[0].len();
            let finite = |point: &(f64, f64)| point.0.is_finite() && point.1.is_finite();
            bodies
                .map(|body| states.iter().map(|all| all[body]).filter(finite).collect())
                .collect()
        };
        let (truth, learned) = (tracks(self.x_true), tracks(self.x_learned));
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

        let times = (self.t[0], self.t[self.t.len() - 1]);
        let values = extent(self.x_true.iter().copied()).ok_or(DrawError::empty("x_true"))?;
        // Two coordinates a body; of a pendulum each has its own colour.
        let per_body = if d > 2 { 2 } else { 1 };
        let mut series: Vec<Series> = (0..d)
            .map(|k| Series::new("", AMBER, 5.0, self.course(self.x_true, k)))
            .collect();
        for (k, name) in coordinates.iter().enumerate() {
            let colour = colours[(k / per_body) % 3];
            series.push(Series::new(
                *name,
                colour,
                1.4,
                self.course(self.x_learned, k),
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
}
