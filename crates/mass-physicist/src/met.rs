//! A suite of worlds that an agent of the paper's meets one after the other, kept in a file (Table 2).

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

use mass_systems::write_whole;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    agents::{Agent, AiPhysicist, Baseline, Newborn},
    border::Domains,
    description::MODEL_FLOOR,
    error::Error,
    observations::Windows,
    paper::{Paper, TrainingLog},
    recurrence::Recurrence,
    score::{Score, single_precision_error},
    suite::WorldRequest,
    world::World,
};

/// Mean squared errors whose epochs are counted (Table 2).
const REACHED: [f64; 4] = [1e-2, 1e-4, 1e-6, 1e-8];

/// Which agent meets the worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AgentKind {
    /// [`Newborn`].
    Newborn,
    /// [`AiPhysicist`], whose memory is kept beside the file of the worlds.
    AiPhysicist,
    /// [`Baseline`].
    Baseline,
}

impl AgentKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::Newborn, Self::AiPhysicist];

    /// Its name, `ai-physicist`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Newborn => "newborn",
            Self::AiPhysicist => "ai-physicist",
            Self::Baseline => "baseline",
        }
    }
}

/// What an agent made of a world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MetWorld {
    /// Type and id, `4/1`.
    pub world: String,
    /// Whether every fraction was found exactly, and every other constant within 10⁻⁴.
    pub solved: bool,
    /// Whether there are as many theories as laws, each law's constants within 10⁻⁴ as trained.
    pub laws_right: bool,
    /// Share of windows of big domains whose theory is right; of the baseline, the greatest law's share.
    pub accuracy: f64,
    /// log₁₀ of the mean squared error there, in f32, summed over coordinates: of the networks, …
    #[serde(deserialize_with = "or_nan")]
    pub networks: f64,
    /// … of the simplified laws, …
    #[serde(deserialize_with = "or_nan")]
    pub simplified: f64,
    /// … and of the exact ones, each window by its own law.
    #[serde(deserialize_with = "or_nan")]
    pub floor: f64,
    /// Bits of the simplified laws that a law of the world is found by.
    pub bits: f64,
    /// Epochs in all.
    pub epochs: usize,
    /// The first at which the mean squared error was at most 10⁻², 10⁻⁴, 10⁻⁶ and 10⁻⁸.
    pub to: [Option<usize>; 4],
    /// Processor seconds, or seconds where the system does not tell.
    pub seconds: f64,
    /// How it went, in words.
    pub note: String,
}

/// JSON has no number that is not finite, and null in its place.
fn or_nan<'de, D: Deserializer<'de>>(of: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(of)?.unwrap_or(f64::NAN))
}

/// Table 2 of an agent: medians over the worlds that it met, of an even number the lower middle one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentSummary {
    /// Who met them.
    pub agent: AgentKind,
    /// Worlds met.
    pub worlds: usize,
    /// Of these solved.
    pub solved: usize,
    /// log₁₀ of the mean squared error in big domains in f32: of the simplified laws, …
    #[serde(deserialize_with = "or_nan")]
    pub error: f64,
    /// … and of the exact ones.
    #[serde(deserialize_with = "or_nan")]
    pub floor: f64,
    /// Domain accuracy.
    pub accuracy: f64,
    /// Bits of the laws.
    pub bits: f64,
    /// Epochs to a mean squared error of 10⁻², 10⁻⁴, 10⁻⁶ and 10⁻⁸; none where half of the worlds did not come there.
    pub to: [Option<usize>; 4],
    /// Processor seconds of a world.
    pub seconds: f64,
    /// The same, the most.
    pub most_seconds: f64,
}

impl AgentSummary {
    /// Of the worlds that an agent met; none of none.
    pub fn of(agent: AgentKind, rows: &[MetWorld]) -> Option<Self> {
        let middle = |of: &dyn Fn(&MetWorld) -> f64| {
            let mut values: Vec<f64> = rows.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len().checked_sub(1)? / 2).copied()
        };
        let to = |k: usize| {
            let middle = middle(&|row| row.to[k].map_or(f64::INFINITY, |epochs| epochs as f64));
            middle
                .filter(|epochs| epochs.is_finite())
                .map(|epochs| epochs as usize)
        };
        Some(Self {
            agent,
            worlds: rows.len(),
            solved: rows.iter().filter(|row| row.solved).count(),
            error: middle(&|row| row.simplified)?,
            floor: middle(&|row| row.floor)?,
            accuracy: middle(&|row| row.accuracy)?,
            bits: middle(&|row| row.bits)?,
            to: [0, 1, 2, 3].map(to),
            seconds: middle(&|row| row.seconds)?,
            most_seconds: rows.iter().fold(0.0, |most, row| row.seconds.max(most)),
        })
    }
}

/// A suite, met by an agent.
///
/// # Example
/// ```
/// use mass_physicist::{AgentKind, AgentSuite, Paper};
///
/// // So short a training finds no law.
/// let hasty = Paper { epochs: 5, phase_epochs: 5, tentative_epochs: 5, domain_epochs: 5, ..Paper::default() };
/// let suite = AgentSuite {
///     windows: 400,
///     only: vec!["4/1".into()],
///     ..AgentSuite::new(AgentKind::Newborn, hasty)
/// };
/// let rows = suite.go_on(|_| ())?;
/// assert_eq!((rows.len(), rows[0].world.as_str()), (1, "4/1"));
/// # Ok::<(), mass_physicist::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AgentSuite {
    /// Who meets it.
    pub agent: AgentKind,
    /// How it learns.
    pub learner: Paper,
    /// Of the worlds (0).
    pub seed: u64,
    /// The first id of each type (1).
    pub first: u32,
    /// Windows of each world (25 000, of which a fifth validates) …
    pub windows: usize,
    /// … of so many balls (5).
    pub balls: usize,
    /// These worlds alone, `4/1`; all forty if none is named.
    pub only: Vec<String>,
    /// A file of the finished worlds, which is written after each and gone on from; the agent's memory lies beside it.
    pub finished: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Finished {
    /// What made the rows; others do not go with them.
    settings: String,
    rows: Vec<MetWorld>,
}

impl AgentSuite {
    /// The forty worlds at the paper's size.
    pub fn new(agent: AgentKind, learner: Paper) -> Self {
        Self {
            agent,
            learner,
            seed: 0,
            first: 1,
            windows: 25_000,
            balls: 5,
            only: Vec::new(),
            finished: None,
        }
    }

    /// Meets the worlds that are not finished, and gives those of the file with them. `each` is called with every world that
    /// is met now.
    ///
    /// # Errors
    /// A file that other settings made or that cannot be read or written; else as [`Paper::train`].
    pub fn go_on(&self, mut each: impl FnMut(&MetWorld)) -> Result<Vec<MetWorld>, Error> {
        let settings = format!(
            "{} {} {} {} {} {:?}",
            self.agent.name(),
            self.seed,
            self.first,
            self.windows,
            self.balls,
            self.learner
        );
        let mut rows = Vec::new();
        if let Some(path) = self.finished.as_ref().filter(|path| path.exists()) {
            let refuse = |problem: String| Error::File {
                path: path.into(),
                problem,
            };
            let text = fs::read_to_string(path);
            let text = text.map_err(|e| refuse(format!("cannot be read: {e}")))?;
            let read: Finished = serde_json::from_str(&text)
                .map_err(|e| refuse(format!("is no file of worlds that were met: {e}")))?;
            if read.settings != settings {
                return Err(refuse(format!(
                    "is of other settings, {}: name another file",
                    read.settings
                )));
            }
            rows = read.rows;
        }
        let mut newborn = Newborn {
            learner: self.learner,
        };
        let mut physicist = AiPhysicist {
            learner: self.learner,
            ..AiPhysicist::default()
        };
        let memory = self
            .finished
            .as_ref()
            .filter(|_| self.agent == AgentKind::AiPhysicist);
        let memory = memory.map(|path| path.with_extension("hub.json"));
        // A memory is that of the worlds in the file.
        if let Some(path) = memory.as_ref().filter(|_| !rows.is_empty()) {
            physicist = physicist.read(path)?;
        }
        for request in WorldRequest::forty(self.seed, self.first) {
            let world = format!("{}/{}", request.kind.number(), request.id);
            let asked = self.only.is_empty() || self.only.contains(&world);
            if !asked || rows.iter().any(|row: &MetWorld| row.world == world) {
                continue;
            }
            let request = WorldRequest {
                windows: self.windows,
                balls: self.balls,
                ..request
            };
            let (truth, seen) = request.make()?;
            let (train, validation) = self.learner.split(&seen.windows(2)?)?;
            let row = match self.agent {
                AgentKind::Baseline => self.by_network(&world, &truth, &train, &validation)?,
                AgentKind::Newborn => met(&mut newborn, &world, &truth, &train, &validation)?,
                AgentKind::AiPhysicist => met(&mut physicist, &world, &truth, &train, &validation)?,
            };
            each(&row);
            rows.push(row);
            if let Some(path) = memory
                .as_ref()
                .filter(|_| self.agent == AgentKind::AiPhysicist)
            {
                physicist.save(path)?;
            }
            if let Some(path) = &self.finished {
                let file = Finished {
                    settings: settings.clone(),
                    rows: rows.clone(),
                };
                write_whole(path, |out| {
                    serde_json::to_writer_pretty(&mut *out, &file)?;
                    out.write_all(b"\n")
                })?;
            }
        }
        Ok(rows)
    }

    /// The three agents on the forty worlds, each on a thread of its own, with a file of finished worlds in a folder, `newborn.json`.
    ///
    /// # Errors
    /// As [`AgentSuite::go_on`]; a folder that cannot be made.
    pub fn all_agents(
        learner: Paper,
        folder: &Path,
        each: impl Fn(AgentKind, &MetWorld) + Sync,
    ) -> Result<Vec<AgentSummary>, Error> {
        fs::create_dir_all(folder).map_err(|e| Error::File {
            path: folder.into(),
            problem: format!("cannot be made: {e}"),
        })?;
        let meet = |agent: AgentKind| -> Result<AgentSummary, Error> {
            let suite = Self {
                finished: Some(folder.join(format!("{}.json", agent.name()))),
                ..Self::new(agent, learner)
            };
            let rows = suite.go_on(|row| each(agent, row))?;
            let none = || Error::Request("no world was met".into());
            AgentSummary::of(agent, &rows).ok_or_else(none)
        };
        thread::scope(|scope| {
            let all = AgentKind::ALL.map(|agent| {
                scope.spawn({
                    let meet = &meet;
                    move || meet(agent)
                })
            });
            let joined = all.map(|one| match one.join() {
                Ok(summary) => summary,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            joined.into_iter().collect()
        })
    }

    fn by_network(
        &self,
        world: &str,
        truth: &World,
        train: &Windows,
        validation: &Windows,
    ) -> Result<MetWorld, Error> {
        let clock = Clock::start();
        let baseline = Baseline {
            seed: self.learner.seed,
            batch: self.learner.batch,
            ..Baseline::default()
        };
        let result = baseline.train(train, validation)?;
        Ok(MetWorld {
            world: world.to_string(),
            solved: false,
            laws_right: false,
            accuracy: majority(validation.labels().unwrap_or(&[])),
            networks: result.squared_error.log10(),
            simplified: result.squared_error.log10(),
            floor: exact_error(truth, validation),
            bits: result.bits,
            epochs: result.log.epochs,
            to: reached(&result.log),
            seconds: clock.seconds(),
            note: String::new(),
        })
    }
}

fn met(
    agent: &mut impl Agent,
    world: &str,
    truth: &World,
    train: &Windows,
    validation: &Windows,
) -> Result<MetWorld, Error> {
    let clock = Clock::start();
    let met = agent.meet(world, train, validation)?;
    let seconds = clock.seconds();
    let found = &met.trained.discovery;
    let score = Score::of(found, &truth.laws(), validation)?;
    let own = |w: usize| found.domains.theory(validation.inputs(w));
    let error = |laws: Vec<Recurrence>| single_precision_error(&laws, validation, own).log10();
    // Theories of bounces are none of a big domain.
    let mut of_laws: Vec<usize> = score.laws.iter().filter_map(|law| law.theory).collect();
    of_laws.sort_unstable();
    of_laws.dedup();
    let theories = || found.theories.iter();
    let log = &met.trained.log;
    let mut note = format!(
        "{} theories for {} laws; {} added in {} attempts, {} deleted, {} trainings undone; floors {:.1e}",
        found.theories.len(),
        truth.forces().len(),
        log.added.0,
        log.added.1,
        log.deleted,
        log.undone,
        log.floors.last().copied().unwrap_or(f64::NAN),
    );
    for reuse in &met.reused {
        note += &match reuse.became {
            Some(theory) => format!(
                "; of world {}: now theory {theory}, moved {:.1e}",
                reuse.world, reuse.change
            ),
            None => format!("; of world {}: deleted", reuse.world),
        };
    }
    Ok(MetWorld {
        world: world.to_string(),
        solved: score.solved,
        laws_right: score.laws_right,
        accuracy: score.domain_accuracy,
        networks: error(theories().map(|one| one.law.clone()).collect()),
        simplified: error(theories().map(|one| one.symbolic.recurrence()).collect()),
        floor: exact_error(truth, validation),
        bits: of_laws
            .iter()
            .map(|place| found.theories[*place].symbolic.bits(MODEL_FLOOR))
            .sum(),
        epochs: log.epochs,
        to: reached(log),
        seconds,
        note,
    })
}

/// log₁₀ of the mean squared error of the exact laws in f32.
fn exact_error(truth: &World, validation: &Windows) -> f64 {
    let labels = validation.labels().unwrap_or(&[]);
    let exact = |w: usize| (labels[w] as usize).wrapping_sub(1);
    single_precision_error(&truth.laws(), validation, exact).log10()
}

/// Of the windows of big domains, the share of the greatest: what one theory for all names rightly.
fn majority(labels: &[u32]) -> f64 {
    let mut counts = vec![0_usize; labels.iter().copied().max().unwrap_or(0) as usize + 1];
    labels.iter().for_each(|label| counts[*label as usize] += 1);
    let big = &counts[1..];
    let all: usize = big.iter().sum();
    big.iter().copied().max().unwrap_or(0) as f64 / all.max(1) as f64
}

fn reached(log: &TrainingLog) -> [Option<usize>; 4] {
    REACHED.map(|error| log.epochs_to(error))
}

/// Processor seconds of this thread's work, or seconds where the system does not tell.
struct Clock {
    wall: Instant,
    processor: Option<f64>,
}

impl Clock {
    fn start() -> Self {
        Self {
            wall: Instant::now(),
            processor: processor_seconds(),
        }
    }

    fn seconds(&self) -> f64 {
        match (processor_seconds(), self.processor) {
            (Some(now), Some(then)) => now - then,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}

fn processor_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds * 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasty(agent: AgentKind) -> AgentSuite {
        let learner = Paper {
            epochs: 5,
            phase_epochs: 5,
            tentative_epochs: 5,
            alone_epochs: 5,
            domain_epochs: 5,
            ..Paper::default()
        };
        AgentSuite {
            windows: 400,
            balls: 1,
            only: vec!["4/1".into(), "5/1".into()],
            ..AgentSuite::new(agent, learner)
        }
    }

    fn but_for_time(rows: &[MetWorld]) -> Vec<MetWorld> {
        let rows = rows.iter().cloned();
        rows.map(|row| MetWorld {
            seconds: 0.0,
            ..row
        })
        .collect()
    }

    #[test]
    fn a_suite_that_was_stopped_goes_on_to_the_same_rows_and_refuses_others() {
        let folder = tempfile::tempdir().unwrap();
        let whole = hasty(AgentKind::AiPhysicist).go_on(|_| ()).unwrap();
        assert_eq!(whole.len(), 2);
        let finished = Some(folder.path().join("rows.json"));
        let mut parts = AgentSuite {
            finished,
            ..hasty(AgentKind::AiPhysicist)
        };
        parts.only.pop();
        assert_eq!(parts.go_on(|_| ()).unwrap().len(), 1);
        parts.only.push("5/1".into());
        let mut now = Vec::new();
        let rows = parts.go_on(|row| now.push(row.world.clone())).unwrap();
        assert_eq!(now, ["5/1"]);
        assert_eq!(but_for_time(&rows), but_for_time(&whole));
        parts.windows = 500;
        let error = parts.go_on(|_| ()).unwrap_err().to_string();
        assert!(error.contains("other settings"), "{error}");
    }

    #[test]
    fn a_summary_has_the_middle_of_the_worlds_and_no_epochs_where_half_did_not_come_there() {
        let row = |n: usize| MetWorld {
            world: format!("4/{n}"),
            solved: n > 1,
            laws_right: false,
            accuracy: 0.9 + 0.01 * n as f64,
            networks: -5.0,
            simplified: -10.0 - n as f64,
            floor: -14.0,
            bits: 50.0 * n as f64,
            epochs: 100,
            to: [
                Some(10 * n),
                (n > 1).then_some(20),
                (n > 2).then_some(30),
                None,
            ],
            seconds: n as f64,
            note: String::new(),
        };
        let rows: Vec<MetWorld> = (1..=3).map(row).collect();
        let all = AgentSummary::of(AgentKind::Newborn, &rows).unwrap();
        assert_eq!(
            (all.worlds, all.solved, all.error, all.bits),
            (3, 2, -12.0, 100.0)
        );
        assert_eq!(all.to, [Some(20), Some(20), None, None]);
        assert_eq!((all.seconds, all.most_seconds), (2.0, 3.0));
        assert_eq!(AgentSummary::of(AgentKind::Baseline, &[]), None);
    }

    #[test]
    fn a_plain_network_solves_nothing_and_its_accuracy_is_the_greatest_laws_share() {
        assert!((majority(&[0, 1, 1, 2, 1, 0]) - 0.75).abs() < 1e-12);
        assert_eq!(majority(&[]), 0.0);
    }
}
