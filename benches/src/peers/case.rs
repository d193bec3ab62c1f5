//! The initial weights, states and batches of a training as a file, for the PyTorch and JAX peers
//! (`benches/peers/README.md` says the format).

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use burn::tensor::Tensor;
use mass_core::{MassModel, Recipe, SystemShape, TrainingSystem, batch_indices, write_bytes};
use mass_jet::{DeviceKind, Precision};
use safetensors::{Dtype, serialize, tensor::TensorView};

/// Options of the case.
#[derive(clap::Args)]
pub struct Arguments {
    /// A recipe's name or file.
    recipe: String,
    /// Systems, comma-separated.
    systems: String,
    /// The file to write, `.safetensors`.
    path: PathBuf,
}

/// Writes the case of a recipe, of one scientist and one phase.
///
/// # Errors
///
/// A recipe or system that is not known, and a file that cannot be written.
pub fn run(arguments: &Arguments) -> Result<()> {
    let recipe = Recipe::load(&arguments.recipe)?;
    let systems: Vec<String> = arguments.systems.split(',').map(str::to_string).collect();
    let contents = Contents {
        steps: recipe.schedule.phase_steps(),
        recipe: &recipe,
        systems: &systems,
        seeds: None,
    };
    write(&contents, &arguments.path)
}

/// What goes into a case.
pub struct Contents<'a> {
    /// The recipe.
    pub recipe: &'a Recipe,
    /// Names of systems.
    pub systems: &'a [String],
    /// One scientist per seed; with `None` the single scientist of seed 0, without the leading axis
    /// that members have.
    pub seeds: Option<&'a [u64]>,
    /// Batches to write.
    pub steps: usize,
}

/// The systems by name, and their shapes.
pub fn systems(names: &[String]) -> Result<(Vec<TrainingSystem>, Vec<SystemShape>)> {
    let systems = names
        .iter()
        .map(|id| Ok(TrainingSystem::named(id)?))
        .collect::<Result<Vec<_>>>()?;
    let shapes = systems.iter().map(TrainingSystem::shape).collect();
    Ok((systems, shapes))
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// Writes the case.
pub fn write(contents: &Contents<'_>, path: &Path) -> Result<()> {
    let recipe = contents.recipe;
    let (systems, shapes) = systems(contents.systems)?;
    let seeds = contents.seeds.unwrap_or(&[0]);
    let leading: Vec<usize> = contents.seeds.iter().map(|seeds| seeds.len()).collect();
    let model = MassModel::init(recipe, &shapes, seeds, &DeviceKind::Flex.open()?)?;

    let shape = |shape: &[usize]| [&leading, shape].concat();
    let mut case_file = Case {
        precision: recipe.precision,
        tensors: Vec::new(),
    };
    for (index, net) in model.nets.iter().enumerate() {
        for (spec, tensor) in net.parameters().into_iter().zip(net.tensors()) {
            let [_, rows, columns] = tensor.dims();
            let of_member = match spec.name.ends_with(".bias") {
                true => vec![rows],
                false => vec![rows, columns],
            };
            let name = format!("net.{index}.{}", spec.name);
            case_file.floats(name, shape(&of_member), host(tensor));
        }
    }
    let shifts: Vec<Vec<f64>> = (0..shapes.len()).map(|j| host(model.shift(j))).collect();
    let by_member = (0..seeds.len()).flat_map(|member| shifts.iter().map(move |b| b[member]));
    case_file.floats("b".into(), shape(&[shapes.len()]), by_member.collect());
    let terms = model.terms().library.len();
    case_file.floats("w".into(), shape(&[terms]), host(model.final_weights()));

    for (index, system) in systems.iter().enumerate() {
        let (mut states, mut targets, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        let (mut length, mut d) = (0, 0);
        for seed in seeds {
            let data = system.train_states(&recipe.data, *seed)?;
            (length, d) = (data.len(), data.dof());
            states.extend(data.iter().flat_map(|state| [state.x, state.y].concat()));
            targets.extend_from_slice(data.acceleration());
            rows.extend((0..contents.steps as u64).flat_map(|step| {
                let batch = recipe.data.batch;
                batch_indices(*seed, &shapes[index].id, step, length, batch)
            }));
        }
        case_file.floats(format!("states.{index}"), shape(&[length, 2 * d]), states);
        case_file.floats(format!("targets.{index}"), shape(&[length, d]), targets);
        let bytes = rows.into_iter().flat_map(|row| (row as i64).to_le_bytes());
        case_file.tensors.push((
            format!("batches.{index}"),
            Dtype::I64,
            shape(&[contents.steps, recipe.data.batch]),
            bytes.collect(),
        ));
    }

    let schedule = &recipe.schedule;
    let mut metadata = HashMap::from([
        ("steps".to_string(), contents.steps.to_string()),
        ("warmup".to_string(), schedule.warmup_steps.to_string()),
        ("decay".to_string(), schedule.decay_steps.to_string()),
        ("d".to_string(), shapes[0].dof.to_string()),
        ("systems".to_string(), contents.systems.join(",")),
    ]);
    if contents.seeds.is_some() {
        metadata.insert("members".to_string(), seeds.len().to_string());
    }
    let views = case_file
        .tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| {
            Ok((name, TensorView::new(*dtype, shape.clone(), bytes)?))
        })
        .collect::<Result<Vec<_>>>()?;
    let bytes = serialize(views, Some(metadata)).context("the case could not be written down")?;
    Ok(write_bytes(path, &bytes)?)
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
