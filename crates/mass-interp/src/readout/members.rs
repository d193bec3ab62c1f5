//! Scientists out of an ensemble.

use mass_core::MassModel;

use crate::error::{Error, check_index};

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
    members(model, &[member])
}

/// These scientists of an ensemble, in this order, as an ensemble of their own without autodiff.
///
/// # Errors
///
/// [`Error::Index`] for a member that is not there.
pub(crate) fn members(model: &MassModel, members: &[usize]) -> Result<MassModel, Error> {
    for member in members {
        check_index("scientist", *member, model.ensemble_size())?;
    }
    Ok(model.members(members)?)
}

/// d of system `system`, or an error naming how many systems there are.
pub(crate) fn check_dof(model: &MassModel, system: usize) -> Result<usize, Error> {
    check_index("system", system, model.systems().len())?;
    Ok(model.systems()[system].dof)
}

/// [`check_dof`] of a system whose network has a scalar to read.
pub(crate) fn check_scalar(model: &MassModel, system: usize) -> Result<usize, Error> {
    let dof = check_dof(model, system)?;
    if model.nets[system].plain().is_some() {
        return Err(Error::Request(format!(
            "the scientists have a plain network for {}, which has no scalar and no terms to read; what can be compared is their motion",
            model.systems()[system].id
        )));
    }
    Ok(dof)
}
