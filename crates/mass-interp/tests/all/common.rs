//! Small scientists to test with.

use burn::tensor::{Device, Tensor, TensorData};
use mass_core::{MassModel, Recipe, SystemShape};
use mass_jet::DeviceKind;

/// One hidden layer of 8 units, 64 states, a batch of 16, 5 + 5 steps.
pub(crate) fn small_recipe() -> Recipe {
    let mut recipe = Recipe::reference().with_steps(5);
    recipe.network.mlp_mut().unwrap().hidden_layers = 1;
    recipe.network.mlp_mut().unwrap().width = 8;
    recipe.data.train_states = 64;
    recipe.data.test_states = 64;
    recipe.data.batch = 16;
    recipe
}

pub(crate) fn device() -> Device {
    DeviceKind::Flex.open().unwrap()
}

pub(crate) fn shape(id: &str) -> SystemShape {
    let dof = mass_systems::lookup(id).unwrap().dof();
    SystemShape {
        id: id.to_string(),
        dof,
    }
}

/// Untrained scientists of the small recipe.
pub(crate) fn untrained(systems: &[&str], seeds: &[u64]) -> MassModel {
    let systems: Vec<SystemShape> = systems.iter().map(|id| shape(id)).collect();
    MassModel::init(&small_recipe(), &systems, seeds, &device()).unwrap()
}

/// The same networks with this shared layer: weights by the names of terms, all others 0.
pub(crate) fn with_weights(
    model: &MassModel,
    recipe: &Recipe,
    weights: &[(&str, f32)],
) -> MassModel {
    let library = &model.terms().library;
    let members = model.ensemble_size();
    let mut w = vec![0.0_f32; library.len()];
    for (name, value) in weights {
        w[library.find(name).unwrap()] = *value;
    }
    let mut tensors = model.tensors();
    let shape = [members, 1, library.len()];
    *tensors.last_mut().unwrap() =
        Tensor::from_data(TensorData::new(w.repeat(members), shape), &device());
    MassModel::from_tensors(recipe, model.systems(), tensors).unwrap()
}
