//! Tensors as the host and autodiff see them.

use burn::tensor::{ElementConversion, Tensor};

/// The elements of a small tensor on the host.
pub(crate) fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor
        .into_data()
        .iter::<f64>()
        .map(|value| value.elem())
        .collect()
}

/// The tensor itself, off the autodiff device if it is on one.
pub(crate) fn without_autodiff<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    match tensor.device().is_autodiff() {
        true => tensor.inner(),
        false => tensor,
    }
}

/// These rows of a parameter `[E, ·]`, off the autodiff device if it is on one.
pub(crate) fn pick_members<const D: usize>(tensor: Tensor<D>, places: &[usize]) -> Tensor<D> {
    let tensor = without_autodiff(tensor);
    let first = places[0];
    if places.iter().copied().eq(first..first + places.len()) {
        return tensor.narrow(0, first, places.len());
    }
    let rows = places
        .iter()
        .map(|place| tensor.clone().narrow(0, *place, 1));
    Tensor::cat(rows.collect(), 0)
}
