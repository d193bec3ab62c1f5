//! Between the host's f64 and the device.

use burn::tensor::{Tensor, TensorData};
use mass_core::MassModel;
use mass_systems::Dataset;

use crate::{Error, error::check_index};

/// States evaluated at a time; bounds memory at 2048 · T · d numbers.
pub(crate) const CHUNK: usize = 2048;

/// States `[B, n]` as the model reads them, `[1, B, n]`.
pub(crate) fn states(model: &MassModel, rows: Vec<f64>, coordinates: usize) -> Tensor<3> {
    let weights = model.weights.val();
    let batch = rows.len() / coordinates;
    Tensor::from_data(
        TensorData::new(rows, [1, batch, coordinates]),
        (&weights.device(), weights.dtype()),
    )
}

/// Positions and velocities of the states `from..to` of a dataset, `[to − from, n]`.
pub(crate) fn rows(data: &Dataset, from: usize, to: usize) -> Vec<f64> {
    (from..to)
        .map(|index| data.state(index))
        .flat_map(|state| state.x.iter().chain(state.y).copied())
        .collect()
}

/// The elements of a tensor, row-major.
pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// d of system `system`, or an error naming how many systems there are.
pub(crate) fn dof(model: &MassModel, system: usize) -> Result<usize, Error> {
    check_index("system", system, model.systems().len())?;
    Ok(model.systems()[system].dof)
}
