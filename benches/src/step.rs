//! What one training step costs.

use std::time::Instant;

use anyhow::Result;
use mass_core::{Recipe, Trainer, TrainingSystem};

/// Steps of the training that is timed, and of the one that is taken off it.
const TIMED: [usize; 2] = [300, 100];

/// Seconds of one core for a training step of one scientist of a recipe on a system: the difference of two
/// trainings by their steps, so that drawing states and testing do not count.
///
/// # Errors
///
/// If the training fails.
pub fn seconds_per_step(recipe: &Recipe, system: &str) -> Result<f64> {
    let seconds = |steps: usize| -> Result<f64> {
        let mut recipe = recipe.clone().with_steps(steps);
        // As often in both: after the first step and the last.
        recipe.evaluation.every = 1 << 20;
        let trainer = Trainer::new(recipe, vec![TrainingSystem::named(system)?], [0]);
        let begun = Instant::now();
        trainer.threads(1).run()?;
        Ok(begun.elapsed().as_secs_f64())
    };
    // Of a recipe with fewer steps, as tests have, as many as it has; thirty say something still.
    let own = recipe.schedule.phase_steps().clamp(30, TIMED[0]);
    let (long, short) = (own, own * TIMED[1] / TIMED[0]);
    Ok((seconds(long)? - seconds(short)?) / (long - short) as f64)
}
