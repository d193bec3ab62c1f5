//! The numbers of flex tensors.

use burn::{
    backend::flex::{FlexTensor, Layout},
    tensor::{Bytes, Element},
};
use mass_lanes::Real;

/// The numbers of a contiguous tensor of type T.
pub fn numbers<T: Real + Element>(tensor: &FlexTensor) -> &[T] {
    tensor
        .as_slice()
        .expect("a contiguous tensor of the number type that was asked for")
}

/// A tensor of these numbers.
pub fn tensor<T: Real + Element>(values: Vec<T>, shape: &[usize]) -> FlexTensor {
    let layout = Layout::contiguous(shape.to_vec().into());
    FlexTensor::new(Bytes::from_elems(values), layout, T::dtype())
}
