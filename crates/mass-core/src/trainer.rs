//! Training an ensemble: from seeds, or from where a run stopped, to the last step.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use burn::tensor::{Device, Tensor};
use mass_jet::DeviceKind;
use mass_runs::{Checkpoint, Event, HostTensor, Observer, Record, RunDirectory, Test, Training};
use rayon::prelude::*;

use crate::{
    Error, MassModel, Metrics, Progress, Recipe, Run, RunRecord, SystemRecord, SystemShape,
    TrainingSystem,
    block::{Block, Plan, Watch},
    parameters::Layout,
    run::{from_host, to_host, write_metrics},
};

/// Steps between two looks at the stop flag, and at who has diverged on a GPU; also how far blocks of
/// scientists run apart.
const SYNC_STEPS: u64 = 20;

/// Scientists per block on a CPU, at most: enough that Burn's cost per operation counts little (half
/// of a step for one scientist, a fifth for eight), few enough that blocks share out evenly.
const CPU_BLOCK: usize = 8;

/// Trains an ensemble of scientists, one per seed.
///
/// With a [`directory`](Trainer::directory), everything is kept there, and running the same
/// training again goes on from its latest checkpoint, bit for bit as if it had never stopped.
///
/// # Example
///
/// ```
/// use mass_core::{Recipe, Trainer, TrainingSystem};
///
/// let systems = vec![TrainingSystem::named("classical")?];
/// let outcome = Trainer::new(Recipe::reference().with_steps(5), systems, [0]).run()?;
/// assert_eq!((outcome.completed, outcome.interrupted), (10, false)); // 5 of warm-up, 5 of decay
/// # Ok::<(), mass_core::Error>(())
/// ```
pub struct Trainer {
    recipe: Recipe,
    systems: Arc<[TrainingSystem]>,
    seeds: Vec<u64>,
    device: DeviceKind,
    directory: Option<PathBuf>,
    revision: Option<String>,
    start: Option<MassModel>,
    start_hash: Option<String>,
    threads: usize,
    block: Option<usize>,
    checkpoint_every: u64,
    until_phase: Option<usize>,
    observers: Vec<Box<dyn Observer>>,
    stop: Arc<AtomicBool>,
}

/// Trains a sweep, or this machine's share of it, part after part ([`Trainer::in_parts`]).
///
/// # Example
///
/// ```
/// use mass_core::{Merge, Recipe, Sweep, Trainer, TrainingSystem};
///
/// let folder = tempfile::tempdir().unwrap();
/// let directory = folder.path().join("sweep");
/// for shard in ["0/2", "1/2"] {
///     // On another machine, say.
///     let systems = vec![TrainingSystem::named("classical")?];
///     let outcome = Trainer::new(Recipe::reference().with_steps(3), systems, 0..6)
///         .directory(&directory)
///         .in_parts(2)
///         .shard(shard.parse()?)
///         .run()?;
///     assert!(!outcome.interrupted);
/// }
/// let sweep = Sweep::open(&directory)?;
/// assert!(sweep.parts()[1].ends_with("seeds-00002-00003"));
/// let run = Merge::of(&[&directory]).run(folder.path().join("merged"))?;
/// assert_eq!(run.record().seeds.len(), 6);
/// # Ok::<(), mass_core::Error>(())
/// ```
pub type SweepTrainer = mass_runs::SweepTrainer<Trainer>;

/// How one scientist fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberStatus {
    /// Every loss and gradient was finite.
    Sound,
    /// A loss or gradient was not finite at this step; the scientist keeps its parameters from
    /// before, and trains no further.
    Diverged {
        /// The step, counted from 1.
        step: u64,
    },
}

/// What a training ended with.
#[derive(Debug)]
pub struct Outcome {
    /// Steps done.
    pub completed: u64,
    /// Steps in all, of the phases asked for.
    pub total: u64,
    /// Whether it was asked to stop before that.
    pub interrupted: bool,
    /// The weights as the optimiser left them.
    pub raw: MassModel,
    /// Their moving average: what the scientists are judged by.
    pub average: MassModel,
    /// One status per seed.
    pub members: Vec<MemberStatus>,
    /// What was measured: all of it, or, of a training that is kept in a
    /// [`directory`](Trainer::directory), what was measured in the phase of the last step;
    /// [`Run::metrics`] reads the rest.
    pub metrics: Metrics,
}

impl Trainer {
    /// A training of one scientist per seed on these systems, in the order in which they join.
    pub fn new(
        recipe: Recipe,
        systems: Vec<TrainingSystem>,
        seeds: impl IntoIterator<Item = u64>,
    ) -> Self {
        Self {
            recipe,
            systems: systems.into(),
            seeds: seeds.into_iter().collect(),
            device: DeviceKind::Flex,
            directory: None,
            revision: None,
            start: None,
            start_hash: None,
            threads: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            block: None,
            checkpoint_every: 1000,
            until_phase: None,
            observers: Vec::new(),
            stop: Arc::default(),
        }
    }

    /// The training of a run directory, to go on with it.
    ///
    /// # Errors
    ///
    /// As [`Run::open`] and [`Run::systems`].
    pub fn resume(directory: impl Into<PathBuf>) -> Result<Self, Error> {
        let run = Run::open(directory)?;
        let record = run.record().clone();
        let mut trainer = Self::new(record.recipe, run.systems()?, record.seeds)
            .device(record.device)
            .directory(run.path());
        trainer.revision = record.revision;
        trainer.start_hash = record.start;
        Ok(trainer)
    }

    /// The device to train on; flex unless said otherwise.
    pub fn device(mut self, device: DeviceKind) -> Self {
        self.device = device;
        self
    }

    /// Where to keep the run; nothing is kept without one.
    pub fn directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.directory = Some(path.into());
        self
    }

    /// The program's git revision, for the run record.
    pub fn revision(mut self, revision: impl Into<String>) -> Self {
        self.revision = Some(revision.into());
        self
    }

    /// Starts from these parameters instead of a fresh initialisation; one member per seed.
    pub fn start_from(mut self, model: MassModel) -> Self {
        let mut hasher = blake3::Hasher::new();
        for tensor in model.tensors() {
            hasher.update(&to_host(tensor, self.recipe.precision).bytes);
        }
        self.start_hash = Some(hasher.finalize().to_hex().to_string());
        self.start = Some(model);
        self
    }

    /// Threads to train on; as many as there are cores unless said otherwise. The numbers do not
    /// depend on it.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Scientists trained together in one set of tensors: up to 8 on a CPU, all of them on a GPU, unless
    /// said otherwise. The numbers do not depend on it.
    pub fn block_size(mut self, scientists: usize) -> Self {
        self.block = Some(scientists.max(1));
        self
    }

    /// Steps between checkpoints; 1000 unless said otherwise.
    pub fn checkpoint_every(mut self, steps: u64) -> Self {
        self.checkpoint_every = steps.max(1);
        self
    }

    /// Goes no further than the end of this phase, counted from 1, and later ones from there: each
    /// phase is the same, bit for bit, whatever systems follow.
    pub fn until_phase(mut self, phase: usize) -> Self {
        self.until_phase = Some(phase);
        self
    }

    /// Adds an observer.
    pub fn observe(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// A flag that, once set, ends the training at the next look, with a checkpoint.
    pub fn stop_on(mut self, flag: Arc<AtomicBool>) -> Self {
        self.stop = flag;
        self
    }

    /// Trains the seeds, which are a range, in parts of `scientists` each, every part in a run
    /// directory of its own, so that memory is bounded however many seeds there are, and machines
    /// can share them out. A part uses no more threads than it has scientists.
    pub fn in_parts(mut self, scientists: usize) -> SweepTrainer {
        let observers = std::mem::take(&mut self.observers);
        SweepTrainer::new(self, scientists, Box::new(observers))
    }

    /// Whether it starts from parameters of its own, at hand or not, rather than from its seeds.
    fn starts_from_model(&self) -> bool {
        self.start_hash.is_some()
    }

    /// Phases to be gone through.
    fn phases_asked(&self) -> usize {
        let phases = self.recipe.schedule.phases(self.systems.len());
        self.until_phase.unwrap_or(phases)
    }

    /// Trains to the end, or until the stop flag is set.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] without systems or seeds, with a seed or a system twice, or with data
    /// too small for a batch; device errors; file errors, after which the latest checkpoint in the
    /// directory is still whole.
    pub fn run(mut self) -> Result<Outcome, Error> {
        self.check()?;
        let device = self.device.open()?;
        let record = self.record();
        // The lock is held until the end of the training.
        let (mut run, _lock) = match &self.directory {
            Some(path) => {
                let attach = |run: &RunDirectory<RunRecord>| Run::write_data(run, &self.systems);
                let (run, lock) = RunDirectory::take(path, &record, attach)?;
                (Some(Run::from(run)), Some(lock))
            }
            None => (None, None),
        };

        // Operations with kernels use the pool that they are called in, so this bounds them too.
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .build()
            .map_err(|error| Error::Request(format!("no {} threads: {error}", self.threads)))?;
        let plan = Plan::new(&self.recipe, &self.systems, self.watch(), &device)?;
        let phases = self.phases_asked();
        let total = record.phase_end(phases);
        let (mut blocks, mut metrics, mut completed) = self.blocks(&plan, &device, run.as_ref())?;
        self.tell(&Event::Started {
            scientists: self.seeds.len(),
            completed,
            total,
            seen: (1..=phases).map(|phase| record.seen(phase)).collect(),
        });
        if let (Some(run), 0) = (&run, completed) {
            self.checkpoint(run, &plan, &blocks, &metrics, completed)?;
        }
        if let (Some(run), true) = (&mut run, completed < total) {
            run.continued_by(&record)?;
        }

        // Whether a finish was broken off: what is kept is then from before it.
        let mut unfinished = false;
        while completed < total && !self.stop.load(Ordering::Relaxed) {
            if run.is_some() && plan.ends_phase(completed) {
                // On disk since the checkpoint of the phase's end.
                metrics = Metrics::default();
            }
            let next = [
                completed + SYNC_STEPS,
                plan.next_evaluation(completed),
                (completed / self.checkpoint_every + 1) * self.checkpoint_every,
                plan.before_finish(completed),
                total,
            ];
            let next = next.into_iter().min().expect("five candidates");
            let diverged = pool.install(|| advance(&mut blocks, &plan, completed, next))?;
            completed = next;
            for (seed, step) in diverged {
                self.tell(&Event::Diverged { seed, step });
            }
            let losses = blocks
                .iter()
                .flat_map(|block| block.losses().to_vec())
                .collect();
            self.tell(&Event::Advanced { completed, losses });
            if plan.finishes_at(completed) {
                self.tell(&Event::Finishing { completed });
                if !pool.install(|| finish(&mut blocks, &plan, completed, &self.stop))? {
                    (completed, unfinished) = (completed - 1, true);
                    break;
                }
            }
            if plan.evaluates_at(completed) {
                let tables = pool.install(|| evaluate(&mut blocks, &plan, completed))?;
                let tests = tables.rows.iter();
                let tests = tests.map(|row| Test::new(row.seed, &row.system, row.average.rmse()));
                self.tell(&Event::Tested {
                    completed,
                    tests: tests.collect(),
                });
                metrics.extend(tables);
            }
            let due = completed.is_multiple_of(self.checkpoint_every)
                || plan.ends_phase(completed)
                || plan.finishes_at(completed + 1);
            if let (Some(run), true) = (&run, due) {
                self.checkpoint(run, &plan, &blocks, &metrics, completed)?;
            }
        }

        let interrupted = completed < total;
        if let (Some(run), true) = (&run, interrupted && !unfinished) {
            self.checkpoint(run, &plan, &blocks, &metrics, completed)?;
        }
        self.tell(&Event::Ended {
            completed,
            interrupted,
        });
        let model = |average: bool| {
            let parts: Vec<Vec<Tensor<3>>> = blocks
                .iter()
                .map(|block| {
                    if average {
                        block.average(&plan)
                    } else {
                        block.parameters(&plan)
                    }
                })
                .collect();
            let tensors = (0..parts[0].len()).map(|index| {
                Tensor::cat(parts.iter().map(|part| part[index].clone()).collect(), 0)
            });
            MassModel::from_tensors(&self.recipe, plan.shapes(), tensors.collect())
        };
        Ok(Outcome {
            completed,
            total,
            interrupted,
            raw: model(false)?,
            average: model(true)?,
            members: blocks
                .iter()
                .flat_map(|block| block.diverged().to_vec())
                .map(|at| at.map_or(MemberStatus::Sound, |step| MemberStatus::Diverged { step }))
                .collect(),
            metrics,
        })
    }

    fn check(&self) -> Result<(), Error> {
        self.recipe.validate()?;
        let fail = |reason: String| Err(Error::Request(reason));
        if self.systems.is_empty() || self.seeds.is_empty() {
            return fail("a training needs at least one system and one seed".into());
        }
        let mut seen = std::collections::HashSet::new();
        for system in self.systems.iter() {
            let shape = system.shape();
            if !seen.insert(shape.id.clone()) {
                return fail(format!("system {:?} is listed twice", shape.id));
            }
            system.check(&self.recipe.data)?;
        }
        let mut seeds = std::collections::HashSet::new();
        if let Some(seed) = self.seeds.iter().find(|seed| !seeds.insert(**seed)) {
            return fail(format!("seed {seed} is listed twice"));
        }
        if let Some(seed) = seeds.into_iter().find(|seed| i64::try_from(*seed).is_err()) {
            return fail(format!(
                "seed {seed} is too large: TOML holds numbers up to {}",
                i64::MAX
            ));
        }
        if let Some(model) = &self.start {
            if model.ensemble_size() != self.seeds.len() {
                return fail(format!(
                    "the starting model has {} members, but there are {} seeds",
                    model.ensemble_size(),
                    self.seeds.len()
                ));
            }
            let shapes: Vec<_> = self.systems.iter().map(TrainingSystem::shape).collect();
            if model.systems() != shapes {
                let ids = |shapes: &[SystemShape]| {
                    let ids = shapes.iter().map(|shape| shape.id.as_str());
                    ids.collect::<Vec<_>>().join(", ")
                };
                return fail(format!(
                    "the starting model is of the systems {}, but those to train on are {}, in this order",
                    ids(model.systems()),
                    ids(&shapes)
                ));
            }
            let layout = Layout::new(&self.recipe, &shapes);
            let tensors = model.tensors();
            let dtype = self.recipe.precision.dtype();
            let other = layout
                .shapes(self.seeds.len())
                .zip(&tensors)
                .find(|((_, shape), tensor)| tensor.dims() != *shape || tensor.dtype() != dtype);
            if let Some(((name, shape), tensor)) = other {
                return fail(format!(
                    "{name} of the starting model is {:?} in {:?}, but the recipe needs {shape:?} in {dtype:?}",
                    tensor.dims(),
                    tensor.dtype()
                ));
            }
            if layout.len() != tensors.len() {
                return fail(format!(
                    "the starting model has {} tensors, but the recipe needs {}",
                    tensors.len(),
                    layout.len()
                ));
            }
        }
        let phases = self.recipe.schedule.phases(self.systems.len());
        if let Some(phase) = self.until_phase
            && !(1..=phases).contains(&phase)
        {
            return fail(format!(
                "there is no phase {phase} to go to: the training has phases 1 to {phases}"
            ));
        }
        if !self.device.supports(self.recipe.precision) {
            return Err(Error::Jet(mass_jet::Error::Precision {
                device: self.device,
                dtype: "f64".into(),
            }));
        }
        Ok(())
    }

    /// What decides this training, as its run directory is going to say.
    pub fn record(&self) -> RunRecord {
        let systems = self.systems.iter().map(|system| {
            let shape = system.shape();
            SystemRecord {
                id: shape.id,
                dof: shape.dof,
                measured: system.content_hash(),
                own: system.own_law(),
            }
        });
        RunRecord {
            format: RunRecord::FORMAT,
            mass_version: env!("CARGO_PKG_VERSION").to_string(),
            burn_version: env!("MASS_BURN_VERSION").to_string(),
            revision: self.revision.clone(),
            device: self.device,
            seeds: self.seeds.clone(),
            systems: systems.collect(),
            start: self.start_hash.clone(),
            recipe: self.recipe.clone(),
        }
    }

    fn is_gpu(&self) -> bool {
        matches!(self.device, DeviceKind::Wgpu | DeviceKind::Cuda)
    }

    /// A GPU works while the host prepares the next steps; where the host is the device, nothing is
    /// waited for.
    fn watch(&self) -> Watch {
        if self.is_gpu() {
            Watch::WhenAsked
        } else {
            Watch::EachStep
        }
    }

    /// The ensemble in blocks, fresh or from the latest checkpoint, with what was measured so far.
    fn blocks(
        &self,
        plan: &Plan,
        device: &Device,
        run: Option<&Run>,
    ) -> Result<(Vec<Block>, Metrics, u64), Error> {
        let size = self.block.unwrap_or(if self.is_gpu() {
            self.seeds.len()
        } else {
            self.seeds.len().div_ceil(self.threads).clamp(1, CPU_BLOCK)
        });
        let saved = match run {
            Some(run) if run.completed()?.is_some() => Some(run.latest_checkpoint()?),
            _ => None,
        };
        let completed = saved
            .as_ref()
            .map_or(0, |(checkpoint, _)| checkpoint.header.completed);
        // Of the phase of the last step; those before are done with.
        let metrics = match run {
            Some(run) if completed > 0 => run.metrics_of(run.record().phase_of(completed))?,
            _ => Metrics::default(),
        };

        let layout = &plan.layout;
        let shapes: Vec<(&str, [usize; 3])> = layout.shapes(self.seeds.len()).collect();
        let mut blocks = Vec::new();
        for (index, seeds) in self.seeds.chunks(size).enumerate() {
            let from = index * size;
            let block = match (&saved, &self.start) {
                (None, None) if self.starts_from_model() => {
                    return Err(mass_runs::Error::run_directory(
                        run.map(|run| run.path()).unwrap_or(Path::new("")),
                        "it stopped before its starting model was kept: run the training that has the model again",
                    )
                    .into());
                }
                (None, None) => {
                    let model = MassModel::init(
                        &self.recipe,
                        plan.shapes(),
                        seeds,
                        &device.clone().autodiff(),
                    )?;
                    Block::new(plan, seeds, model.values(), device)?
                }
                (None, Some(model)) => {
                    let tensors: Vec<Tensor<3>> = model
                        .tensors()
                        .into_iter()
                        .map(|tensor| {
                            to_host(tensor, self.recipe.precision).members(from, seeds.len())
                        })
                        .map(|host| from_host(&host, device))
                        .collect();
                    let values = layout.values(&tensors)?;
                    Block::new(plan, seeds, values, device)?
                }
                (Some((checkpoint, path)), _) => {
                    let read =
                        |prefix: &str, name: &str, shape: [usize; 3]| -> Result<Tensor<3>, Error> {
                            let tensor =
                                checkpoint.tensor(path, &format!("{prefix}.{name}"), &shape)?;
                            Ok(from_host(&tensor.members(from, seeds.len()), device))
                        };
                    let all = |prefix: &str| {
                        let read = |(name, shape): &(&str, _)| read(prefix, name, *shape);
                        let tensors = shapes.iter().map(read).collect::<Result<Vec<_>, _>>()?;
                        layout.values(&tensors)
                    };
                    let mut block = Block::new(plan, seeds, all("raw")?, device)?;
                    block.set_average(all("average")?);
                    let state = &checkpoint.header.state;
                    let moments = shapes.iter().enumerate().map(|(index, (name, shape))| {
                        let updates = state.updates.get(index).copied().unwrap_or(0);
                        if updates == 0 {
                            return Ok(None);
                        }
                        let first = read("first", name, *shape)?;
                        Ok(Some((first, read("second", name, *shape)?, updates)))
                    });
                    block.set_moments(plan, &moments.collect::<Result<Vec<_>, Error>>()?);
                    block.set_diverged(state.diverged[from..from + seeds.len()].to_vec());
                    block
                }
            };
            blocks.push(block);
        }
        Ok((blocks, metrics, completed))
    }

    /// Writes the metrics of the phase, then the checkpoint, then drops checkpoints that are neither
    /// the latest nor a phase's end. Metrics later than the checkpoint are never read, so this order
    /// is safe.
    fn checkpoint(
        &mut self,
        run: &Run,
        plan: &Plan,
        blocks: &[Block],
        metrics: &Metrics,
        completed: u64,
    ) -> Result<(), Error> {
        let phase = run.record().phase_of(completed);
        write_metrics(run, phase, metrics)?;
        let within = (completed % self.recipe.schedule.phase_steps() as u64) as usize;
        let forgets_moments = self.recipe.schedule.restarts_at(within);
        let mut tensors: HashMap<String, HostTensor> = HashMap::new();
        let mut updates = Vec::new();
        let precision = self.recipe.precision;
        for block in blocks {
            let mut add = |prefix: &str, name: &str, tensor: Tensor<3>| {
                let host = to_host(tensor, precision);
                let key = format!("{prefix}.{name}");
                match tensors.get_mut(&key) {
                    Some(whole) => whole.extend(host),
                    None => {
                        tensors.insert(key, host);
                    }
                }
            };
            let (parameters, averages) = (block.parameters(plan), block.average(plan));
            updates.clear();
            for (index, name) in plan.layout.names().enumerate() {
                add("raw", name, parameters[index].clone());
                add("average", name, averages[index].clone());
                let moments = match forgets_moments {
                    true => None,
                    false => block.moments(plan, index),
                };
                updates.push(moments.as_ref().map_or(0, |moments| moments.2));
                if let Some((first, second, _)) = moments {
                    add("first", name, first);
                    add("second", name, second);
                }
            }
        }
        let diverged = blocks
            .iter()
            .flat_map(|block| block.diverged().to_vec())
            .collect();
        let state = Progress { diverged, updates };
        let path = run.write_checkpoint(&Checkpoint::new(
            completed,
            self.seeds.clone(),
            state,
            run.record().plan_hash(),
            tensors,
        ))?;
        self.tell(&Event::Checkpointed { path });
        Ok(())
    }

    fn tell(&mut self, event: &Event) {
        self.observers.on_event(event);
    }
}

impl Training for Trainer {
    type Record = RunRecord;
    type Error = Error;

    fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    fn record(&self) -> RunRecord {
        self.record()
    }

    fn check(&self) -> Result<(), Error> {
        self.check()
    }

    fn last_phase(&self) -> usize {
        self.phases_asked()
    }

    fn stop_flag(&self) -> Arc<AtomicBool> {
        self.stop.clone()
    }

    fn part(&self, seeds: Range<u64>, directory: PathBuf) -> Self {
        Trainer {
            recipe: self.recipe.clone(),
            systems: self.systems.clone(),
            seeds: seeds.collect(),
            device: self.device,
            directory: Some(directory),
            revision: self.revision.clone(),
            start: None,
            start_hash: None,
            threads: self.threads,
            block: self.block,
            checkpoint_every: self.checkpoint_every,
            until_phase: self.until_phase,
            observers: Vec::new(),
            stop: self.stop.clone(),
        }
    }

    fn train(mut self, observer: Box<dyn Observer>) -> Result<bool, Error> {
        self.observers.push(observer);
        Ok(self.run()?.interrupted)
    }
}

/// Runs `work` on every block, on the threads of the current pool; the first error wins.
fn on_threads<T: Send>(
    blocks: &mut [Block],
    work: impl Fn(&mut Block) -> Result<T, Error> + Sync,
) -> Result<Vec<T>, Error> {
    if blocks.len() == 1 || rayon::current_num_threads() == 1 {
        return blocks.iter_mut().map(&work).collect();
    }
    blocks.par_iter_mut().map(&work).collect()
}

/// Takes every block from step `from` to step `to`; who diverged on the way, and when.
fn advance(
    blocks: &mut [Block],
    plan: &Plan,
    from: u64,
    to: u64,
) -> Result<Vec<(u64, u64)>, Error> {
    let diverged = on_threads(blocks, |block| {
        for step in from..to {
            block.step(plan, step)?;
        }
        Ok(block.settle())
    })?;
    Ok(diverged.into_iter().flatten().collect())
}

/// Finishes every block after step `completed`; whether all came to their end.
fn finish(
    blocks: &mut [Block],
    plan: &Plan,
    completed: u64,
    stop: &AtomicBool,
) -> Result<bool, Error> {
    let done = on_threads(blocks, |block| block.finish(plan, completed, stop))?;
    Ok(done.into_iter().all(|done| done))
}

/// Tests every block after step `completed`.
fn evaluate(blocks: &mut [Block], plan: &Plan, completed: u64) -> Result<Metrics, Error> {
    let tables = on_threads(blocks, |block| block.evaluate(plan, completed))?;
    let mut all = Metrics::default();
    for table in tables {
        all.extend(table);
    }
    Ok(all)
}
