//! What the tests of training share.

use mass_core::{Recipe, TrainingSystem};

/// `reference`, small enough for a test: 10 + 20 steps a phase on few states.
pub(crate) fn recipe() -> Recipe {
    let mut recipe = Recipe::reference();
    recipe.schedule.warmup_steps = 10;
    recipe.schedule.decay_steps = 20;
    recipe.data.train_states = 200;
    recipe.data.test_states = 100;
    recipe.data.batch = 32;
    recipe.network.mlp_mut().unwrap().hidden_layers = 2;
    recipe.evaluation.every = 7;
    recipe
}

/// Systems of the zoo.
pub(crate) fn systems(ids: &[&str]) -> Vec<TrainingSystem> {
    ids.iter()
        .map(|id| TrainingSystem::named(id).unwrap())
        .collect()
}
