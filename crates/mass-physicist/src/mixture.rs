//! Majorise–minimise: many laws fitted at once, each to the windows that it predicts best.

use crate::{
    design::{Design, Normal},
    error::Error,
    loss::{Core, generalised_mean, generalised_mean_weights},
    observations::Windows,
    recurrence::Recurrence,
};

/// M laws fitted together by the generalised mean of their losses.
///
/// The generalised mean of order γ ≤ 1 is a concave, nondecreasing function of losses, and a loss in bits one of
/// squared errors, so that a tangent plane lies above it: a weighted sum of squares, whose minimum is never above
/// the point where it touches. A sweep is that minimum, M·D systems of linear equations, and **never raises the
/// loss**.
///
/// # Example
/// ```
/// use mass_physicist::{Core, Mixture, Observations, Recurrence};
///
/// let path: Vec<f64> = (0..60).map(|t| (0.2 * f64::from(t)).sin()).collect();
/// let windows = Observations::new(1, 0.1, vec![path])?.windows(2)?;
/// let mut mixture = Mixture::new(&windows, &[Recurrence::inertia(1)], Core::Bits { floor: 1e-3 }, -1.0)?;
/// let before = mixture.loss();
/// mixture.sweep();
/// assert!(mixture.loss() < before);
/// # Ok::<(), mass_physicist::Error>(())
/// ```
pub struct Mixture {
    design: Design,
    laws: Vec<Vec<f64>>,
    core: Core,
    order: f64,
}

impl Mixture {
    /// From laws to begin with (T = 2), a loss and an order γ ≤ 1, γ ≠ 0.
    ///
    /// # Errors
    /// [`Error::Request`] if the order is none of these, there are no laws or their shapes do not fit.
    pub fn new(
        windows: &Windows,
        laws: &[Recurrence],
        core: Core,
        order: f64,
    ) -> Result<Self, Error> {
        if order.is_nan() || order == 0.0 || order > 1.0 {
            return Err(Error::Request(format!(
                "the mean's order is {order}; sweeps fall for orders up to 1, other than 0"
            )));
        }
        if laws.is_empty()
            || laws
                .iter()
                .any(|law| law.dimension() != windows.dimension() || law.memory() != 2)
        {
            return Err(Error::Request(format!(
                "at least one law of {} coordinates over two past positions is needed",
                windows.dimension()
            )));
        }
        let design = Design::new(windows)?;
        let laws = laws.iter().map(|law| design.law(law)).collect();
        let core = match core {
            Core::Bits { floor } => Core::Bits {
                floor: floor / design.length,
            },
            Core::Squared => core,
        };
        Ok(Self {
            design,
            laws,
            core,
            order,
        })
    }

    /// The sum over windows of the generalised mean of the M losses. Squares are in units of the positions'
    /// variance.
    pub fn loss(&self) -> f64 {
        loss(&self.design, &self.laws, self.core, self.order)
    }

    /// One sweep.
    pub fn sweep(&mut self) {
        sweep(&self.design, &mut self.laws, self.core, self.order, None);
    }

    /// The same loss at another precision floor, in the unit of the positions.
    pub fn set_floor(&mut self, floor: f64) {
        self.core = Core::Bits {
            floor: floor / self.design.length,
        };
    }

    /// The laws as they are now.
    pub fn laws(&self) -> Vec<Recurrence> {
        let laws = self.laws.iter();
        laws.map(|law| self.design.recurrence(law)).collect()
    }
}

fn loss(design: &Design, laws: &[Vec<f64>], core: Core, order: f64) -> f64 {
    let mut losses = vec![0.0; laws.len()];
    let mut errors = vec![0.0; design.d];
    let mut total = 0.0;
    for window in 0..design.n {
        for (law, loss) in laws.iter().zip(&mut losses) {
            for (k, error) in errors.iter_mut().enumerate() {
                *error = design.error(law, window, k);
            }
            *loss = core.loss(&errors);
        }
        total += generalised_mean(&losses, order);
    }
    total
}

/// One sweep over all windows, or over those given.
pub(crate) fn sweep(
    design: &Design,
    laws: &mut [Vec<f64>],
    core: Core,
    order: f64,
    windows: Option<&[usize]>,
) {
    let (f, d, m) = (design.f, design.d, laws.len());
    let mut normals: Vec<Normal> = (0..m * d).map(|_| Normal::new(f)).collect();
    let mut errors = vec![0.0; m * d];
    let (mut losses, mut weights) = (vec![0.0; m], vec![0.0; m]);
    let mut visit = |window: usize| {
        for (i, law) in laws.iter().enumerate() {
            for k in 0..d {
                errors[i * d + k] = design.error(law, window, k);
            }
            losses[i] = core.loss(&errors[i * d..(i + 1) * d]);
        }
        generalised_mean_weights(&losses, order, &mut weights);
        let x = design.features(window);
        for i in 0..m {
            for k in 0..d {
                let u = errors[i * d + k];
                normals[i * d + k].add(x, u, weights[i] * core.slope(u));
            }
        }
    };
    match windows {
        Some(windows) => windows.iter().for_each(|w| visit(*w)),
        None => (0..design.n).for_each(visit),
    }
    for (at, normal) in normals.into_iter().enumerate() {
        if let Some(step) = design.step(normal, &laws[at / d], at % d) {
            let row = &mut laws[at / d][(at % d) * f..(at % d + 1) * f];
            row.iter_mut().zip(step.iter()).for_each(|(c, s)| *c += s);
        }
    }
}
