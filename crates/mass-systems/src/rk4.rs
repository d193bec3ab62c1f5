//! The classical Runge–Kutta method.

/// The classical Runge–Kutta method, of order 4, for ẋ = y, ẏ = f(x, y): one step at a time, of one
/// state or of many in one list.
///
/// [`rk4`](crate::rk4()) makes a trajectory with it.
///
/// # Example
/// ```
/// use std::convert::Infallible;
/// use mass_systems::Rk4;
///
/// // ẏ = −x from (1, 0) and from (0, 2), both at once: x = cos t and x = 2 sin t.
/// let (mut x, mut y) = ([1.0, 0.0], [0.0, 2.0]);
/// let mut method = Rk4::new(2);
/// for _ in 0..100 {
///     let law = |x: &[f64], _: &[f64], out: &mut [f64]| {
///         out.iter_mut().zip(x).for_each(|(out, x)| *out = -x);
///         Ok::<(), Infallible>(())
///     };
///     method.step(law, &mut x, &mut y, 0.01)?;
/// }
/// assert!((x[0] - 1.0_f64.cos()).abs() < 1e-9);
/// assert!((x[1] - 2.0 * 1.0_f64.sin()).abs() < 1e-9);
/// # Ok::<(), Infallible>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rk4 {
    x_stage: Vec<f64>,
    y_stage: Vec<f64>,
    slope: Vec<f64>,
    x_sum: Vec<f64>,
    y_sum: Vec<f64>,
}

impl Rk4 {
    /// Working memory for positions of `size` numbers, as many as all states together have.
    pub fn new(size: usize) -> Self {
        let memory = || vec![0.0; size];
        Self {
            x_stage: memory(),
            y_stage: memory(),
            slope: memory(),
            x_sum: memory(),
            y_sum: memory(),
        }
    }

    /// Moves positions and velocities on by a time `dt`.
    ///
    /// `law(x, y, out)` writes ẏ; all three are of the length of the positions. Each coordinate's
    /// numbers depend on its own slopes alone, so a state moves as it would by itself, bit for bit, if
    /// the law gives it what it gives it by itself.
    ///
    /// # Errors
    /// Those of the law; then the states are as they were.
    ///
    /// # Panics
    /// If the positions or the velocities are not `size` numbers.
    pub fn step<E>(
        &mut self,
        mut law: impl FnMut(&[f64], &[f64], &mut [f64]) -> Result<(), E>,
        x: &mut [f64],
        y: &mut [f64],
        dt: f64,
    ) -> Result<(), E> {
        let Self {
            x_stage,
            y_stage,
            slope: k,
            x_sum,
            y_sum,
        } = self;
        x_stage.copy_from_slice(x);
        y_stage.copy_from_slice(y);
        x_sum.fill(0.0);
        y_sum.fill(0.0);
        // Each stage's weight in the sum, and how far its slope carries to the next stage.
        for (weight, reach) in [(1.0, 0.5), (2.0, 0.5), (2.0, 1.0), (1.0, 0.0)] {
            law(x_stage, y_stage, k)?;
            for i in 0..x.len() {
                x_sum[i] += weight * y_stage[i];
                y_sum[i] += weight * k[i];
                x_stage[i] = x[i] + reach * dt * y_stage[i];
                y_stage[i] = y[i] + reach * dt * k[i];
            }
        }
        for i in 0..x.len() {
            x[i] += dt / 6.0 * x_sum[i];
            y[i] += dt / 6.0 * y_sum[i];
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_that_fails_leaves_the_states_as_they_were() {
        let (mut x, mut y) = ([1.0, 2.0], [3.0, 4.0]);
        let mut calls = 0;
        let law = |_: &[f64], _: &[f64], out: &mut [f64]| {
            out.fill(1.0);
            calls += 1;
            if calls == 3 { Err("no") } else { Ok(()) }
        };
        assert_eq!(Rk4::new(2).step(law, &mut x, &mut y, 0.1), Err("no"));
        assert_eq!((calls, x, y), (3, [1.0, 2.0], [3.0, 4.0]));
    }
}
