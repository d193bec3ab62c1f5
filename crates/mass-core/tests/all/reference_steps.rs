//! 200 steps of the `reference` objective, step by step, against PyTorch: its own autograd, AdamW
//! and schedulers, from the same initial weights and batches.
//!
//! The golden files are made by `benches/peers/golden.sh`: `cargo xtask bench case` writes the
//! weights, states and batches, `benches/peers/reference_step.py` trains on them.

use std::path::{Path, PathBuf};

use approx::relative_eq;
use mass_core::{MassModel, Outcome, Recipe, Trainer, TrainingSystem};
use serde_json::Value;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("an array")
        .iter()
        .map(|number| number.as_f64().expect("a number"))
        .collect()
}

/// Asserts that a number is PyTorch's.
macro_rules! assert_golden {
    ($found:expr, $golden:expr, $tolerance:expr, $($what:tt)+) => {
        let (found, golden) = ($found, $golden);
        assert!(
            relative_eq!(found, golden, epsilon = 1e-12 * $tolerance, max_relative = $tolerance),
            "{}: {found} against PyTorch's {golden}",
            format!($($what)+)
        );
    };
}

fn compare(precision: &str, systems: &[&str], tolerance: f64) {
    let recipe = Recipe::from_file(&golden(&format!("recipe-{precision}.toml"))).unwrap();
    let name = format!("{precision}-{}.json", systems.join("-"));
    let text = std::fs::read_to_string(golden(&name)).unwrap();
    let golden: Value = serde_json::from_str(&text).unwrap();
    let known = |id: &&str| TrainingSystem::named(id).unwrap();
    let outcome = Trainer::new(recipe.clone(), systems.iter().map(known).collect(), [0])
        .run()
        .unwrap();

    let steps = golden["steps"].as_array().unwrap();
    assert_eq!(steps.len() as u64, outcome.total);
    for (step, rows) in steps.iter().zip(outcome.metrics.rows.chunks(systems.len())) {
        let at = format!("{name}, step {}", step["step"]);
        assert_eq!(step["step"].as_u64(), Some(rows[0].step));
        assert_golden!(
            rows[0].train_loss,
            step["loss"].as_f64().unwrap(),
            tolerance,
            "{at}: loss"
        );
        assert_golden!(
            rows[0].learning_rate,
            step["lr"].as_f64().unwrap(),
            1e-12,
            "{at}: rate"
        );
        for (row, error) in rows.iter().zip(numbers(&step["errors"])) {
            assert_golden!(
                row.train_error,
                error,
                tolerance,
                "{at}: error on {}",
                row.system
            );
        }
    }
    compare_weights(&recipe, &outcome, &golden["final"], tolerance, &name);
}

/// Norms of all parameters after the last step, raw and averaged.
fn compare_weights(recipe: &Recipe, outcome: &Outcome, golden: &Value, tolerance: f64, name: &str) {
    let shapes = outcome.raw.systems().to_vec();
    let mut shift_squares = [0.0; 2];
    for (key, model) in [(0, &outcome.raw), (1, &outcome.average)] {
        let norm_key = ["norm", "ema_norm"][key];
        for (parameter, tensor) in MassModel::names(recipe, &shapes)
            .iter()
            .zip(model.tensors())
        {
            let squares: f64 = tensor
                .into_data()
                .iter::<f64>()
                .map(|value| value * value)
                .sum();
            let theirs = match parameter.split_once('.') {
                None => "w".to_string(),
                Some((_, "b")) => {
                    // PyTorch's file has one vector of all b.
                    shift_squares[key] += squares;
                    continue;
                }
                Some((id, layer)) => {
                    let index = shapes.iter().position(|shape| shape.id == id).unwrap();
                    format!("net.{index}.{layer}")
                }
            };
            let theirs = golden[&theirs][norm_key].as_f64().unwrap();
            assert_golden!(
                squares.sqrt(),
                theirs,
                tolerance,
                "{name}: {norm_key} of {parameter}"
            );
        }
        let theirs = golden["b"][norm_key].as_f64().unwrap();
        assert_golden!(
            shift_squares[key].sqrt(),
            theirs,
            tolerance,
            "{name}: {norm_key} of b"
        );
    }
}

#[test]
fn one_system_in_f64() {
    compare("f64", &["classical"], 1e-6);
}

#[test]
fn one_system_in_f32() {
    compare("f32", &["classical"], 2e-4);
}

#[test]
fn two_systems_in_f64_with_the_released_weighting() {
    // Two systems pass close to poles of the inverses, where PyTorch against itself amplifies a
    // disturbance of 1e-12 to 2e-6. Burn keeps AdamW's β in f32, a disturbance of 1e-8.
    compare("f64", &["classical", "pendulum"], 1e-3);
}
