//! How well a world of the double pendulum is found out (Table 5).

use mass_sparse::{Factor, Function};
use serde::{Deserialize, Serialize};

use crate::{
    error::Error,
    observations::{TRANSITION, Windows},
    pendulum::ChargedPendulum,
    regimes::{RegimesFound, RegimesOfMotion},
    score::domain_accuracy,
};

/// What [`RegimesOfMotion`] finds of a world, from angles and angular velocities without labels.
///
/// # Example
/// ```
/// use mass_physicist::{ChargedPendulum, FoundPendulum};
///
/// let row = FoundPendulum::of(&ChargedPendulum::vertical(8.0, 1.0), 400, 3, 0.0)?;
/// assert_eq!(row.border.map(|border| border.text).as_deref(), Some("cos x₁ + cos x₂ = 21/20"));
/// assert!(row.field_error.unwrap() < 1e-6);
/// # Ok::<(), mass_physicist::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundPendulum {
    /// The fields (E_x, E_y) below and above the border.
    pub fields: [[f64; 2]; 2],
    /// Of the start.
    pub seed: u64,
    /// Steps.
    pub windows: usize,
    /// Of the steps within one domain, the share of the domain with more of them.
    pub greater: f64,
    /// Theories found; 0 if nothing was.
    pub theories: usize,
    /// Share of the steps within one domain whose theory is right.
    pub accuracy: f64,
    /// (E_x, E_y) below and above, each with its standard error, as the lower rod's terms of L have them; none where the
    /// law was not found. A field of 0 has no term, and so no error.
    pub found: [Option<[(f64, f64); 2]>; 2],
    /// The worst component by either rod, as a share of the greater field; none if a law was not found.
    pub field_error: Option<f64>,
    /// The border, if one was found.
    pub border: Option<FoundBorder>,
    /// Steps that a law explains, that pass over the border as both laws say, and that nothing explains.
    pub steps: [usize; 3],
}

/// A border that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundBorder {
    /// The border as an equation.
    pub text: String,
    /// Its constant.
    pub constant: f64,
    /// How far the world's border is from it: the largest difference of the sum from the constant along the world's border, as a
    /// share of the constant; none if that border is no closed curve.
    pub error: Option<f64>,
    /// The constant's standard error.
    pub standard_error: f64,
    /// Passages that it was fitted to.
    pub crossings: usize,
}

impl FoundPendulum {
    /// Makes a motion of so many steps from a start that is drawn, with noise of so much deviation (rad and rad/s), and finds the
    /// world out.
    ///
    /// # Errors
    /// As [`ChargedPendulum::observe_states`] and [`RegimesOfMotion::discover`]; that no law is found is a row that says so.
    pub fn of(
        world: &ChargedPendulum,
        windows: usize,
        seed: u64,
        noise: f64,
    ) -> Result<Self, Error> {
        let seen = world
            .observe_states(windows, seed)?
            .with_noise(noise, 1000 + seed);
        let windows = seen.windows(1)?;
        match RegimesOfMotion::double_pendulum().discover(&windows) {
            Ok(found) => Self::of_found(world, seed, &windows, &found),
            Err(Error::NoLaw(_)) => Self::of_nothing(world, seed, &windows),
            Err(error) => Err(error),
        }
    }

    /// Of what was found of a world's labelled windows.
    ///
    /// # Errors
    /// [`Error::Data`] if the windows have no labels, more domains than two, or are not those that it was found of.
    pub fn of_found(
        world: &ChargedPendulum,
        seed: u64,
        windows: &Windows,
        found: &RegimesFound,
    ) -> Result<Self, Error> {
        let mut row = Self::of_nothing(world, seed, windows)?;
        if found.explained_by.len() != windows.len() {
            return Err(Error::Data(format!(
                "what was found is of {} windows, and these are {}",
                found.explained_by.len(),
                windows.len()
            )));
        }
        row.theories = found.theories.len();
        row.accuracy = domain_accuracy(found, row.theories, windows)?;
        let fields = names(found, windows).map(|theory| field(found, theory));
        row.found = fields.map(|field| field.map(|[_, lower]| lower));
        let size = world.below.iter().chain(&world.above);
        let size = size.fold(0.0_f64, |most, e| most.max(e.abs()));
        if let [Some(below), Some(above)] = fields {
            let pairs = [(world.below, below), (world.above, above)];
            let rods = pairs
                .iter()
                .flat_map(|(truth, rods)| rods.iter().map(move |rod| (truth, rod)));
            let errors = rods.flat_map(|(truth, rod)| {
                let each = rod.iter().zip(truth);
                each.map(|((found, _), truth)| (found - truth).abs() / size)
            });
            row.field_error = Some(errors.fold(0.0, f64::max));
        }
        let curve = world.border_curve(100);
        row.border = found.border.as_ref().map(|border| FoundBorder {
            text: border.text(),
            constant: border.constant,
            error: curve
                .iter()
                .map(|(a, b)| (border.height(&[*a, *b]) / border.constant).abs())
                .reduce(f64::max)
                .filter(|error| error.is_finite()),
            standard_error: border.standard_error,
            crossings: border.crossings,
        });
        let own = found.explained_by.iter().flatten().count();
        let over = found.over_the_border.iter().filter(|over| **over).count();
        row.steps = [own, over, windows.len().saturating_sub(own + over)];
        Ok(row)
    }

    /// Whether both fields and the border's constant are found to this share of the greater field and of the constant.
    pub fn is_within(&self, share: f64) -> bool {
        let border = self.border.as_ref();
        let border = border
            .and_then(|border| border.error)
            .is_some_and(|error| error <= share);
        border && self.field_error.is_some_and(|error| error <= share)
    }

    fn of_nothing(world: &ChargedPendulum, seed: u64, windows: &Windows) -> Result<Self, Error> {
        let labels = windows
            .labels()
            .ok_or_else(|| Error::Data("without labels it is not known what is right".into()))?;
        if let Some(label) = labels.iter().find(|label| **label > 2) {
            return Err(Error::Data(format!(
                "a label {label}; a pendulum's domains are 1 and 2, and 0 is a step over the border"
            )));
        }
        let count = |law: u32| labels.iter().filter(|label| **label == law).count() as f64;
        Ok(Self {
            fields: [world.below, world.above],
            seed,
            windows: windows.len(),
            greater: count(1).max(count(2)) / (count(1) + count(2)).max(1.0),
            theories: 0,
            accuracy: 0.0,
            found: [None; 2],
            field_error: None,
            border: None,
            steps: [0, 0, windows.len()],
        })
    }
}

/// E_x and E_y of a theory by each rod, with errors: the terms of sin θ and −cos θ in L.
fn field(found: &RegimesFound, theory: usize) -> Option<[[(f64, f64); 2]; 2]> {
    let theory = found.theories.get(theory)?;
    Some([0, 1].map(|rod| {
        let of = |factor: Factor| theory.coefficient(&Function::new([factor]));
        let (ex, error) = of(Factor::Sine(vec![(rod, 1)]));
        let (ey, other) = of(Factor::Cosine(vec![(rod, 1)]));
        // No −0.
        [(ex + 0.0, error), (0.0 - ey, other)]
    }))
}

/// Which theory is that of the world's first and second domain.
fn names(found: &RegimesFound, windows: &Windows) -> [usize; 2] {
    use crate::border::Domains;

    let mut counts = [[0_usize; 2]; 2];
    let labels = windows.labels().unwrap_or_default();
    for (w, label) in labels.iter().enumerate().filter(|(_, l)| **l != TRANSITION) {
        counts[*label as usize - 1][found.theory(windows.inputs(w)).min(1)] += 1;
    }
    let straight = counts[0][0] + counts[1][1] >= counts[0][1] + counts[1][0];
    if straight { [0, 1] } else { [1, 0] }
}
