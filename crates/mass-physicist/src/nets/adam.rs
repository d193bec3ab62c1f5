//! Adam (Kingma & Ba 2015), and the rate that falls on a plateau.

use super::float::Float;

const BETA: [f64; 2] = [0.9, 0.999];
const EPSILON: f64 = 1e-8;

/// Moments of a row of parameters.
#[derive(Clone, Debug)]
pub(crate) struct Adam<T> {
    first: Vec<T>,
    second: Vec<T>,
    /// βᵗ.
    powers: [f64; 2],
}

impl<T: Float> Adam<T> {
    pub(crate) fn new(parameters: usize) -> Self {
        Self {
            first: vec![T::default(); parameters],
            second: vec![T::default(); parameters],
            powers: [1.0; 2],
        }
    }

    /// A step down `gradient`.
    pub(crate) fn step(&mut self, parameters: &mut [T], gradient: &[T], rate: f64) {
        for (power, beta) in self.powers.iter_mut().zip(BETA) {
            *power *= beta;
        }
        let [keep, keep_squares] = BETA.map(T::of);
        let [add, add_squares] = BETA.map(|beta| T::of(1.0 - beta));
        let step = T::of(rate / (1.0 - self.powers[0]));
        let correction = T::of(1.0 / (1.0 - self.powers[1]).sqrt());
        let epsilon = T::of(EPSILON);
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((parameter, g), (m, v)) in parameters.iter_mut().zip(gradient).zip(moments) {
            *m = keep * *m + add * *g;
            *v = keep_squares * *v + add_squares * (*g * *g);
            let size = v.root() * correction + epsilon;
            *parameter = *parameter - step * *m / size;
        }
    }
}

/// A rate that is divided after so many checks without a relative improvement of 10⁻⁴ (PyTorch's
/// `ReduceLROnPlateau`, which the paper's code uses).
#[derive(Clone, Debug)]
pub(crate) struct Plateau {
    pub(crate) rate: f64,
    factor: f64,
    patience: usize,
    best: f64,
    bad: usize,
}

impl Plateau {
    pub(crate) fn new(rate: f64, factor: f64, patience: usize) -> Self {
        Self {
            rate,
            factor,
            patience,
            best: f64::INFINITY,
            bad: 0,
        }
    }

    pub(crate) fn check(&mut self, loss: f64) {
        if loss < self.best * (1.0 - 1e-4) {
            self.best = loss;
            self.bad = 0;
            return;
        }
        self.bad += 1;
        if self.bad > self.patience {
            self.rate *= self.factor;
            self.bad = 0;
        }
    }
}

/// Ends a training after so many epochs without an improvement.
#[derive(Clone, Debug)]
pub(crate) struct Patience {
    epochs: usize,
    least: f64,
    best: f64,
    since: usize,
}

impl Patience {
    pub(crate) fn new(epochs: usize, least: f64) -> Self {
        Self {
            epochs,
            least,
            best: f64::INFINITY,
            since: 0,
        }
    }

    /// Whether `count` epochs on, with this loss, it is time to end.
    pub(crate) fn is_over(&mut self, loss: f64, count: usize) -> bool {
        if loss < self.best - self.least {
            self.best = loss;
            self.since = 0;
        } else {
            self.since += count;
        }
        self.since >= self.epochs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_the_rate_and_a_bowl_is_descended() {
        let mut adam = Adam::<f64>::new(2);
        let mut x = [1.0, -2.0];
        adam.step(&mut x, &[3.0, -1e-3], 0.1);
        // m/√v is the gradient's sign after one step.
        assert!(
            (x[0] - 0.9).abs() < 1e-7 && (x[1] + 1.9).abs() < 1e-4,
            "{x:?}"
        );
        for _ in 0..2000 {
            let gradient = [2.0 * x[0], 20.0 * x[1]];
            adam.step(&mut x, &gradient, 0.01);
        }
        assert!(x.iter().all(|x| x.abs() < 1e-6), "{x:?}");
    }

    #[test]
    fn a_plateau_lowers_the_rate_once_a_patience() {
        let mut plateau = Plateau::new(1.0, 0.1, 3);
        for loss in [5.0, 4.0, 4.0, 4.0, 4.0] {
            plateau.check(loss);
        }
        assert_eq!(plateau.rate, 1.0);
        plateau.check(3.9999999);
        assert_eq!(plateau.rate, 0.1);
        let mut patience = Patience::new(20, 1e-3);
        assert!(!patience.is_over(1.0, 10) && !patience.is_over(0.9995, 10));
        assert!(patience.is_over(0.9992, 10));
    }
}
