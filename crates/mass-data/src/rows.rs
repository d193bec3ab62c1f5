//! Rows as those who fit a law take them.

use mass_systems::Dataset;

use crate::{error::Error, estimate::Estimates, measurements::Measurements, split::Part};

/// N states with their accelerations, where each came from, how well it is known and what drove it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rows {
    /// x, y and ẏ, each `[N, d]`.
    pub data: Dataset,
    /// Which of [`Measurements::trajectories`] each row is of, `[N]`.
    pub trajectory: Vec<usize>,
    /// Which row of it, `[N]`.
    pub row: Vec<usize>,
    /// Times `[N]`.
    pub t: Vec<f64>,
    /// 1/variance of each acceleration, `[N, d]`; 1 where nothing is known of it.
    pub weight: Vec<f64>,
    /// Forcing `[N, m]`, if measured.
    pub forcing: Option<Vec<f64>>,
}

impl Estimates {
    /// The rows of these parts, but for those that are not reliable, unless they are asked for too.
    ///
    /// # Errors
    /// [`Error::BadRequest`] if a part is not of these measurements, or no row is left.
    pub fn rows(
        &self,
        of: &Measurements,
        id: &str,
        parts: &[Part],
        uncertain_too: bool,
    ) -> Result<Rows, Error> {
        let refuse = |reason: String| Err(Error::BadRequest { reason });
        let (d, m) = (of.dof(), of.forcings());
        let (mut x, mut y, mut a) = (Vec::new(), Vec::new(), Vec::new());
        let (mut trajectory, mut rows, mut t, mut weight, mut forcing) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            let index = part.trajectory;
            let pair = of
                .trajectories()
                .get(index)
                .zip(self.trajectories.get(index));
            let Some((measured, estimate)) =
                pair.filter(|(m, e)| part.rows.end <= m.len() && e.position.len() == m.q().len())
            else {
                return refuse(format!(
                    "trajectory {index} has no rows {:?} in these measurements",
                    part.rows
                ));
            };
            for row in part
                .rows
                .clone()
                .filter(|row| uncertain_too || estimate.reliable[*row])
            {
                let span = row * d..(row + 1) * d;
                x.extend_from_slice(&estimate.position[span.clone()]);
                y.extend_from_slice(&estimate.velocity[span.clone()]);
                a.extend_from_slice(&estimate.acceleration[span.clone()]);
                weight.extend(estimate.acceleration_error[span].iter().map(|error| {
                    let weight = error.powi(-2);
                    if weight.is_finite() { weight } else { 1.0 }
                }));
                trajectory.push(index);
                rows.push(row);
                t.push(measured.t()[row]);
                if let Some(values) = measured.forcing() {
                    forcing.extend_from_slice(&values[row * m..(row + 1) * m]);
                }
            }
        }
        if rows.is_empty() {
            return refuse(format!(
                "no row of {id} is left; give longer parts, or ask for uncertain rows too"
            ));
        }
        Ok(Rows {
            data: Dataset::new(id, d, x, y, a)?,
            trajectory,
            row: rows,
            t,
            weight,
            forcing: (m > 0).then_some(forcing),
        })
    }
}
