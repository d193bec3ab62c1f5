//! Writes the initial weights, states and batches of a training for the PyTorch peer
//! (`benches/peers/reference_step.py`), which then makes the golden file that
//! `tests/reference_steps.rs` compares our trainer with.
//!
//! `cargo run --example export_case -- RECIPE.toml SYSTEM[,SYSTEM] CASE.safetensors`

use std::{collections::HashMap, path::Path};

use mass_core::{MassModel, Recipe, SystemShape, TrainingSystem, batch_indices};
use mass_jet::{DeviceKind, Precision};
use safetensors::{Dtype, serialize, tensor::TensorView};

type Failure = Box<dyn std::error::Error>;

/// The seed of every exported case.
const SEED: u64 = 0;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [recipe, systems, case] = arguments.as_slice() else {
        return Err("usage: export_case RECIPE.toml SYSTEM[,SYSTEM] CASE.safetensors".into());
    };
    let recipe = Recipe::from_file(Path::new(recipe))?;
    let ids: Vec<&str> = systems.split(',').collect();
    let systems = ids
        .iter()
        .map(|id| Ok(TrainingSystem::Known(mass_systems::lookup(id)?)))
        .collect::<Result<Vec<_>, Failure>>()?;
    let shapes: Vec<SystemShape> = systems.iter().map(TrainingSystem::shape).collect();
    let model = MassModel::init(&recipe, &shapes, &[SEED], &DeviceKind::Flex.open()?)?;

    let mut case_file = Case {
        precision: recipe.precision,
        tensors: Vec::new(),
    };
    for (index, net) in model.nets.iter().enumerate() {
        for (layer, tensors) in net.tensors().chunks(2).enumerate() {
            for (part, tensor) in ["weight", "bias"].into_iter().zip(tensors) {
                let [_, rows, columns] = tensor.dims();
                let shape = if part == "weight" {
                    vec![rows, columns]
                } else {
                    vec![rows]
                };
                let values = tensor.clone().into_data().iter::<f64>().collect();
                case_file.floats(format!("net.{index}.layer.{layer}.{part}"), shape, values);
            }
        }
    }
    let shifts = (0..shapes.len())
        .flat_map(|j| model.shift(j).into_data().iter::<f64>().collect::<Vec<_>>())
        .collect();
    case_file.floats("b".into(), vec![shapes.len()], shifts);
    let weights: Vec<f64> = model.final_weights().into_data().iter::<f64>().collect();
    case_file.floats("w".into(), vec![weights.len()], weights);

    let steps = recipe.schedule.phase_steps();
    for (index, system) in systems.iter().enumerate() {
        let data = system.train_states(&recipe.data, SEED)?;
        let d = data.dof();
        let states = data
            .iter()
            .flat_map(|state| [state.x, state.y].concat())
            .collect();
        case_file.floats(format!("states.{index}"), vec![data.len(), 2 * d], states);
        let targets = data.acceleration().to_vec();
        case_file.floats(format!("targets.{index}"), vec![data.len(), d], targets);
        let rows = (0..steps as u64).flat_map(|step| {
            batch_indices(SEED, &shapes[index].id, step, data.len(), recipe.data.batch)
        });
        let bytes = rows.flat_map(|row| (row as i64).to_le_bytes()).collect();
        let shape = vec![steps, recipe.data.batch];
        case_file
            .tensors
            .push((format!("batches.{index}"), Dtype::I64, shape, bytes));
    }

    let metadata = HashMap::from([
        ("steps".to_string(), steps.to_string()),
        (
            "warmup".to_string(),
            recipe.schedule.warmup_steps.to_string(),
        ),
        ("decay".to_string(), recipe.schedule.decay_steps.to_string()),
        ("d".to_string(), shapes[0].dof.to_string()),
        ("systems".to_string(), ids.join(",")),
    ]);
    let views = case_file
        .tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| {
            Ok((name, TensorView::new(*dtype, shape.clone(), bytes)?))
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    std::fs::write(case, serialize(views, Some(metadata))?)?;
    Ok(())
}

/// Tensors by name, in the precision of the recipe.
struct Case {
    precision: Precision,
    tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)>,
}

impl Case {
    fn floats(&mut self, name: String, shape: Vec<usize>, values: Vec<f64>) {
        let (dtype, bytes) = match self.precision {
            Precision::F32 => (
                Dtype::F32,
                values
                    .iter()
                    .flat_map(|v| (*v as f32).to_le_bytes())
                    .collect(),
            ),
            Precision::F64 => (
                Dtype::F64,
                values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            ),
        };
        self.tensors.push((name, dtype, shape, bytes));
    }
}
