//! What decides a run of MASS scientists, and what their checkpoints say.

use mass_jet::DeviceKind;
use mass_runs::{Checkpoint, Record, State};
use serde::{Deserialize, Serialize};

use crate::{Recipe, SystemShape, parameters::Layout};

/// Everything that decides a run, as written to `run.toml`: a run can be repeated from it alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// Format of the record: 2 since what is hashed has a form of its own. 1, that of earlier programs, is
    /// not written; a run that has it keeps it.
    #[serde(default = "first_format", skip_serializing_if = "is_first")]
    pub format: u32,
    /// Version of this crate.
    pub mass_version: String,
    /// Version of Burn, the one resolved; in format 1 without its last part.
    pub burn_version: String,
    /// Git revision of the program, if it knows one; of several that went on with the run, or with
    /// runs that were merged, all of them, separated by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The device that it ran on; bits are the same on one device only.
    pub device: DeviceKind,
    /// One scientist per seed.
    pub seeds: Vec<u64>,
    /// The systems, in the order in which they join.
    pub systems: Vec<SystemRecord>,
    /// BLAKE3 of the parameters that it started from, if not from its seeds; they are in
    /// `checkpoint-00000000.safetensors`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// The recipe, every key written out.
    pub recipe: Recipe,
}

/// A system of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemRecord {
    /// The system's id.
    pub id: String,
    /// Degrees of freedom d.
    pub dof: usize,
    /// BLAKE3 of its states, if they are measured data, kept in `data-ID-train.parquet` and
    /// `data-ID-test.parquet` of the run directory, rather than drawn from the known system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<String>,
    /// BLAKE3 of a few of its states and accelerations, if it is a law of one's own, which its id alone
    /// does not give: another law of that id is another run. The directory does not hold the law.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<String>,
}

impl RunRecord {
    /// The version of Burn, resolved: programs of format 1 wrote `0.22` and were built with 0.22.1.
    pub(crate) fn resolved_burn(&self) -> &str {
        match (self.format, self.burn_version.as_str()) {
            (1, "0.22") => "0.22.1",
            (_, version) => version,
        }
    }

    /// Names and dimensions of the systems.
    pub fn shapes(&self) -> Vec<SystemShape> {
        self.systems
            .iter()
            .map(|system| SystemShape {
                id: system.id.clone(),
                dof: system.dof,
            })
            .collect()
    }
}

/// The file of a system's measured states, `train` or `test`.
pub(crate) fn data_file(id: &str, part: &str) -> String {
    format!("data-{id}-{part}.parquet")
}

fn first_format() -> u32 {
    1
}

fn is_first(format: &u32) -> bool {
    *format == first_format()
}

/// What a checkpoint says of its scientists besides their tensors, `raw.NAME`, `average.NAME`,
/// `first.NAME` and `second.NAME` per parameter, `[E, rows, columns]` each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Step at which each scientist diverged, if it did.
    pub diverged: Vec<Option<u64>>,
    /// AdamW's updates since its last restart, per parameter; 0 where it has no moments.
    pub updates: Vec<usize>,
}

impl State for Progress {
    fn check(&self, members: usize) -> Result<(), String> {
        if self.diverged.len() == members {
            return Ok(());
        }
        Err(format!(
            "says of {} scientists when they diverged, but it has {members}",
            self.diverged.len()
        ))
    }

    fn gather(states: &[Self], places: &[(usize, usize)]) -> Option<Self> {
        let first = states.first()?;
        let is_alike = |state: &Self| state.updates == first.updates;
        states.iter().all(is_alike).then(|| Self {
            diverged: places
                .iter()
                .map(|(state, member)| states[*state].diverged[*member])
                .collect(),
            updates: first.updates.clone(),
        })
    }
}

impl Record for RunRecord {
    type State = Progress;

    const FORMAT: u32 = 2;
    const NOT_DECIDING: &'static [&'static str] = &["mass_version", "burn_version", "revision"];
    /// Errors, and shared weights.
    const TABLES: &'static [(&'static str, &'static str)] =
        &[("metrics", "parquet"), ("weights", "parquet")];

    fn format(&self) -> u32 {
        self.format
    }

    fn seeds(&self) -> &[u64] {
        &self.seeds
    }

    fn set_seeds(&mut self, seeds: Vec<u64>) {
        self.seeds = seeds;
    }

    /// One per system in continued training, else one.
    fn phases(&self) -> usize {
        self.recipe.schedule.phases(self.systems.len())
    }

    fn phase_end(&self, phase: usize) -> u64 {
        (phase * self.recipe.schedule.phase_steps()) as u64
    }

    /// The first so many of the systems.
    fn seen(&self, phase: usize) -> usize {
        let schedule = &self.recipe.schedule;
        schedule.active_systems(phase.saturating_sub(1), self.systems.len())
    }

    fn revision(&self) -> Option<&str> {
        self.revision.as_deref()
    }

    fn set_revision(&mut self, revision: String) {
        self.revision = Some(revision);
    }

    fn starts_from_checkpoint(&self) -> bool {
        self.start.is_some()
    }

    /// As of a training that was given all these parameters to start from.
    fn set_start(&mut self, checkpoint: &Checkpoint<Progress>) {
        let mut hasher = blake3::Hasher::new();
        for name in Layout::new(&self.recipe, &self.shapes()).names() {
            if let Some(tensor) = checkpoint.tensors.get(&format!("raw.{name}")) {
                hasher.update(&tensor.bytes);
            }
        }
        self.start = Some(hasher.finalize().to_hex().to_string());
    }

    fn attachments(&self) -> Vec<String> {
        let measured = self.systems.iter().filter(|one| one.measured.is_some());
        let files = |one: &SystemRecord| ["train", "test"].map(|part| data_file(&one.id, part));
        measured.flat_map(files).collect()
    }

    fn check(&self) -> Result<(), String> {
        self.recipe.validate().map_err(|error| error.to_string())
    }

    fn check_state(&self, state: &Progress) -> Result<(), String> {
        let count = Layout::new(&self.recipe, &self.shapes()).len();
        match state.updates.len() == count {
            true => Ok(()),
            false => {
                Err("its `mass` header has not the optimiser's updates of every parameter".into())
            }
        }
    }

    fn plan_hash(&self) -> String {
        match self.format {
            1 => first_plan_hash(self),
            _ => mass_runs::plan_hash(self),
        }
    }

    fn comparable(&self) -> Self {
        Self {
            burn_version: self.resolved_burn().to_string(),
            ..self.clone()
        }
    }
}

/// What runs of format 1 are hashed by, whose checkpoints carry it: BLAKE3 of the recipe's TOML and of the rest in Rust's debug form.
fn first_plan_hash(record: &RunRecord) -> String {
    let systems: Vec<String> = record.systems.iter().map(first_plan_of).collect();
    let plan = format!(
        "{}[{}]{:?}{:?}",
        record.recipe.to_toml(),
        systems.join(", "),
        record.seeds,
        record.start
    );
    blake3::hash(plan.as_bytes()).to_hex().to_string()
}

/// The same as before there was `own`.
fn first_plan_of(record: &SystemRecord) -> String {
    let SystemRecord {
        id,
        dof,
        measured,
        own,
    } = record;
    let plan = format!("SystemRecord {{ id: {id:?}, dof: {dof}, measured: {measured:?} }}");
    plan + own.as_deref().unwrap_or_default()
}
