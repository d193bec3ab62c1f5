//! Between the host's f64 and the device.

use burn::tensor::{Tensor, TensorData};
use mass_core::MassModel;
use mass_systems::Dataset;

/// States evaluated at a time; bounds memory at 2048 · T · d numbers a scientist.
pub(crate) const STATES_AT_ONCE: usize = 2048;

/// States `[B, n]` as an ensemble reads them, the same for each of its E scientists: `[E, B, n]`.
pub(crate) fn to_model(model: &MassModel, rows: Vec<f64>, coordinates: usize) -> Tensor<3> {
    let weights = model.weights.val();
    let (members, batch) = (weights.dims()[0], rows.len() / coordinates);
    let states = Tensor::<3>::from_data(
        TensorData::new(rows, [1, batch, coordinates]),
        (&weights.device(), weights.dtype()),
    );
    match members {
        1 => states,
        _ => states.repeat_dim(0, members),
    }
}

/// Positions and velocities of the states `from..to` of a dataset, `[to − from, n]`.
pub(crate) fn rows_of(data: &Dataset, from: usize, to: usize) -> Vec<f64> {
    (from..to)
        .map(|index| data.state(index))
        .flat_map(|state| state.x.iter().chain(state.y).copied())
        .collect()
}

/// The elements of a tensor, row-major.
pub(crate) fn to_host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}
