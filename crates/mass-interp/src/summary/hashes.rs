//! What tells one scientist's parameters from another's.

use mass_core::MassModel;

/// BLAKE3 of each scientist's parameters, in hexadecimal, `[E]`: of the bytes of all tensors, one after the
/// other in the order of [`MassModel::names`], little-endian.
pub(super) fn hashes(model: &MassModel) -> Vec<String> {
    let members = model.ensemble_size();
    let mut hashers = vec![blake3::Hasher::new(); members];
    for tensor in model.tensors() {
        let data = tensor.into_data();
        let bytes = data.as_bytes();
        for (hasher, own) in hashers.iter_mut().zip(bytes.chunks(bytes.len() / members)) {
            hasher.update(own);
        }
    }
    let hex = hashers
        .iter()
        .map(|one| one.finalize().to_hex().to_string());
    hex.collect()
}

#[cfg(test)]
mod tests {
    use mass_core::{Recipe, SystemShape};
    use mass_jet::DeviceKind;

    use super::*;

    #[test]
    fn a_scientist_has_one_hash_whoever_is_beside_it() {
        let device = DeviceKind::Flex.open().unwrap();
        let systems = [SystemShape {
            id: "classical".into(),
            dof: 1,
        }];
        let of = |seeds: &[u64]| {
            let model = MassModel::init(&Recipe::reference(), &systems, seeds, &device);
            hashes(&model.unwrap())
        };
        let three = of(&[7, 8, 9]);
        assert_eq!(three[1..2], of(&[8]));
        assert!(three[0] != three[1] && three[0].len() == 64);
    }
}
