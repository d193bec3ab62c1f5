//! How well scientists predict on states they have not trained on.

use burn::tensor::Tensor;

use crate::{Batch, Error, ErrorKind, MassModel};

/// States evaluated at a time; bounds memory at E · 2048 · T numbers.
const CHUNK: usize = 2048;

/// |error| above this is counted as a pole of an inverse inside the domain.
const POLE: f64 = 1.0;

/// The error of one scientist on one system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TestError {
    /// Mean over states of ‖ŷ̇ − ẏ‖²; infinite if any prediction is not finite.
    pub mse: f64,
    /// Share of states with ‖ŷ̇ − ẏ‖ above 1, non-finite ones among them: poles of an inverse.
    pub pole_share: f64,
}

impl TestError {
    /// √MSE, which the released code prints as its loss.
    pub fn rmse(&self) -> f64 {
        self.mse.sqrt()
    }

    /// The error of the kind asked for.
    pub fn of(&self, kind: ErrorKind) -> f64 {
        match kind {
            ErrorKind::Mse => self.mse,
            ErrorKind::Rmse => self.rmse(),
        }
    }
}

/// The error of every member of `model` on system `j`, over all N states of a batch.
pub(crate) fn test_errors(
    model: &MassModel,
    system: usize,
    test: &Batch,
) -> Result<Vec<TestError>, Error> {
    let (members, states) = (model.ensemble_size(), test.states.dims()[1]);
    let mut sums = vec![0.0; members];
    let mut poles = vec![0usize; members];
    for from in (0..states).step_by(CHUNK) {
        let length = CHUNK.min(states - from);
        let part = |tensor: &Tensor<3>| tensor.clone().narrow(1, from, length);
        let output = model.output(system, part(&test.states))?;
        let error = output.sum.prediction - part(&test.targets);
        let squares: Tensor<3> = error.square().sum_dim(2);
        let squares: Vec<f64> = squares.into_data().iter::<f64>().collect();
        for (member, squares) in squares.chunks(length).enumerate() {
            for square in squares {
                // In f64 and in order, so that a sum does not depend on the device's reduction.
                sums[member] += if square.is_finite() {
                    *square
                } else {
                    f64::INFINITY
                };
                poles[member] += usize::from(!square.is_finite() || *square > POLE * POLE);
            }
        }
    }
    Ok(sums
        .into_iter()
        .zip(poles)
        .map(|(sum, poles)| TestError {
            mse: sum / states as f64,
            pole_share: poles as f64 / states as f64,
        })
        .collect())
}
