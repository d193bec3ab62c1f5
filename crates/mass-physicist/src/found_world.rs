//! How well a world of a suite is found out in closed form (Table 3).

use serde::{Deserialize, Serialize};

use crate::{
    description::MODEL_FLOOR,
    error::Error,
    learner::{DivideAndConquer, Modern},
    score::Score,
    suite::WorldRequest,
};

/// What [`Modern`] finds of a world.
///
/// # Example
/// ```
/// use mass_physicist::{FoundWorld, WorldRequest};
///
/// let row = FoundWorld::of(&WorldRequest::forty(0, 1)[0])?;
/// assert!(row.solved && row.theories == row.laws.len());
/// # Ok::<(), mass_physicist::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundWorld {
    /// Type and id.
    pub name: String,
    /// Laws that hold in big domains.
    pub laws: Vec<String>,
    /// Theories found; 0 if nothing was.
    pub theories: usize,
    /// Share of windows of big domains whose theory is right.
    pub accuracy: f64,
    /// log₁₀ of the mean squared error there, summed over the coordinates; none if nothing was found.
    pub error: Option<f64>,
    /// Bits of all its laws, once simplified.
    pub bits: f64,
    /// Constants that are fractions, and how many of them were found exactly.
    pub fractions: (usize, usize),
    /// Whether each law has a theory of its own with its constants within 10⁻⁴ as fitted.
    pub laws_right: bool,
    /// Whether every fraction was found exactly, and every other constant within 10⁻⁴.
    pub solved: bool,
}

impl FoundWorld {
    /// Makes a world and finds it out, without its labels.
    ///
    /// # Errors
    /// As [`WorldRequest::make`] and [`Score::of`]; that nothing is found is a row that says so.
    pub fn of(request: &WorldRequest) -> Result<Self, Error> {
        let (world, seen) = request.make()?;
        let windows = seen.windows(2)?;
        let names = world.forces().iter();
        let mut row = Self {
            name: format!("type {}, {}", request.kind.number(), request.id),
            laws: names.map(|force| force.name().to_string()).collect(),
            theories: 0,
            accuracy: 0.0,
            error: None,
            bits: 0.0,
            fractions: (0, 0),
            laws_right: false,
            solved: false,
        };
        let Ok(found) = Modern::default().discover(&windows) else {
            return Ok(row);
        };
        let score = Score::of(&found, &world.laws(), &windows)?;
        let sum =
            |of: fn(&(usize, usize)) -> usize| score.laws.iter().map(|law| of(&law.exact)).sum();
        let theories = found.theories.iter();
        row.theories = found.theories.len();
        row.accuracy = score.domain_accuracy;
        row.error = Some(score.squared_error.log10());
        row.bits = theories.map(|one| one.symbolic.bits(MODEL_FLOOR)).sum();
        row.fractions = (sum(|exact| exact.0), sum(|exact| exact.1));
        row.laws_right = score.laws_right;
        row.solved = score.solved;
        Ok(row)
    }
}
