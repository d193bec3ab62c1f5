//! One scientist out of an ensemble.

use burn::{module::Param, tensor::Tensor};
use mass_core::MassModel;
use mass_jet::ScalarNet;

use crate::{Error, error::check_index};

/// Scientist `member` of an ensemble as an ensemble of one, E = 1, without autodiff.
///
/// # Errors
///
/// [`Error::Index`] if there is no such member.
///
/// # Example
///
/// ```
/// use mass_core::{MassModel, Recipe, SystemShape};
/// use mass_interp::member;
/// use mass_jet::DeviceKind;
///
/// let device = DeviceKind::Flex.open()?;
/// let systems = [SystemShape { id: "classical".into(), dof: 1 }];
/// let ensemble = MassModel::init(&Recipe::reference(), &systems, &[7, 8, 9], &device)?;
/// let alone = MassModel::init(&Recipe::reference(), &systems, &[8], &device)?;
/// let second = member(&ensemble, 1)?;
/// assert_eq!(second.final_weights().into_data(), alone.final_weights().into_data());
/// # Ok::<(), mass_interp::Error>(())
/// ```
pub fn member(model: &MassModel, member: usize) -> Result<MassModel, Error> {
    check_index("scientist", member, model.ensemble_size())?;
    let pick = |tensor: Tensor<3>| tensor.inner().narrow(0, member, 1);
    // A clone keeps the term library and the systems, whatever recipe they came from.
    let mut one = model.clone();
    for net in &mut one.nets {
        let tensors = net.tensors().into_iter().map(pick).collect();
        *net = ScalarNet::from_tensors(net.config().clone(), tensors)?;
    }
    for shift in &mut one.shifts {
        *shift = Param::from_tensor(pick(shift.val()));
    }
    one.weights = Param::from_tensor(pick(model.weights.val()));
    Ok(one)
}
