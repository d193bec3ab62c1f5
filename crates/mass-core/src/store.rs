//! Trainings under a folder that nobody has to train twice: kept in run directories, gone on with if
//! stopped.
//!
//! A request is served by any training of the same recipe and device whose systems begin with its own:
//! phases are the same whatever follows. So a training on the first systems of the paper is planned for
//! all six and goes only as far as it has to, and what is asked for later is gone on to. Seeds that no
//! training has are trained in parts of a bounded size.

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

use mass_jet::DeviceKind;
use mass_runs::{Observer, Sweep, is_run, is_sweep, run_in_turn};

use crate::{Error, Merge, Recipe, Run, RunRecord, Status, Trainer, TrainingSystem, WeightsKind};

/// A training to have.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The recipe.
    pub recipe: Recipe,
    /// Systems of the zoo by their ids, in the order in which they join.
    pub systems: Vec<String>,
    /// One scientist per seed.
    pub seeds: Vec<u64>,
    /// The device to train on.
    pub device: DeviceKind,
}

impl Request {
    /// The phase, counted from 1, after which the systems have been seen.
    fn phase(&self) -> usize {
        self.recipe.schedule.phases(self.systems.len())
    }

    /// The systems to train on, those asked for first.
    fn plan(&self) -> Vec<String> {
        let paper: Vec<String> = mass_systems::table1().iter().map(|one| one.id()).collect();
        let is_same_so_far = self.serves(&paper) && paper.starts_with(&self.systems);
        if is_same_so_far {
            paper
        } else {
            self.systems.clone()
        }
    }

    /// Whether a training on these systems is, up to a phase, one on those asked for.
    fn serves(&self, systems: &[String]) -> bool {
        let phases = self.recipe.schedule.phases(systems.len());
        let seen = |phase| self.recipe.schedule.active_systems(phase, systems.len());
        let asked = |phase| {
            let count = self.systems.len();
            self.recipe.schedule.active_systems(phase, count)
        };
        systems.starts_with(&self.systems)
            && self.phase() <= phases
            && (0..self.phase()).all(|phase| seen(phase) == asked(phase))
    }
}

/// A run directory with scientists that are asked for, there or to be.
struct Part {
    path: PathBuf,
    systems: Vec<String>,
    versions: Versions,
    seeds: Vec<u64>,
    /// Phases done.
    done: usize,
}

impl Part {
    /// What parts of one run have in common.
    fn kind(&self) -> (Vec<String>, Versions) {
        (self.systems.clone(), self.versions.clone())
    }
}

/// Of this crate and of Burn: what they train merges with their own kind alone.
type Versions = [String; 2];

fn versions(record: &RunRecord) -> Versions {
    [
        record.mass_version.clone(),
        record.resolved_burn().to_string(),
    ]
}

/// Makes who listens to a training from the label of what is asked for.
type Listen = Box<dyn Fn(&str) -> Box<dyn Observer>>;

/// A folder of trainings, `training/`, and of what was put together from them, `merged/`.
///
/// # Example
///
/// ```
/// use mass_core::{DeviceKind, Recipe, Request, Store};
///
/// let folder = tempfile::tempdir().unwrap();
/// let mut request = Request {
///     recipe: Recipe::reference().with_steps(3),
///     systems: vec!["classical".into()],
///     seeds: vec![0, 1],
///     device: DeviceKind::Flex,
/// };
/// let store = Store::at(folder.path());
/// let first = store.obtain(&request)?;
/// request.seeds.pop();
/// let again = store.obtain(&request)?; // nothing is trained
/// assert_eq!(first.path(), again.path());
/// # Ok::<(), mass_core::Error>(())
/// ```
pub struct Store {
    folder: PathBuf,
    stop: Arc<AtomicBool>,
    revision: Option<String>,
    listen: Listen,
    say: Box<dyn Fn(&str)>,
}

impl Store {
    /// Scientists of a part: their states take 50 MB for six systems, and eight at a time, they are work
    /// for four threads.
    pub const PART: usize = 32;

    /// The trainings in a folder, which need not be there yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            stop: Arc::default(),
            revision: None,
            listen: Box::new(|_| Box::new(Vec::new())),
            say: Box::new(|_| ()),
        }
    }

    /// A flag that, once set, ends a training at its next look, with a checkpoint.
    pub fn stop_on(mut self, flag: Arc<AtomicBool>) -> Self {
        self.stop = flag;
        self
    }

    /// The program's git revision, for the run records.
    pub fn revision(mut self, revision: Option<String>) -> Self {
        self.revision = revision;
        self
    }

    /// Who listens to a training, made from the label of what is asked for.
    pub fn observe<O: Observer + 'static>(mut self, make: impl Fn(&str) -> O + 'static) -> Self {
        self.listen = Box::new(move |label| Box::new(make(label)));
        self
    }

    /// Whom to tell, in sentences, what is served from where, left out, or diverged.
    pub fn tell(mut self, say: impl Fn(&str) + 'static) -> Self {
        self.say = Box::new(say);
        self
    }

    /// A run with the scientists of a request, trained now as far as they are not.
    ///
    /// It may hold more scientists, and later phases, than were asked for.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] if it was asked to stop, what was done being kept; else errors of training,
    /// of merging, and of a damaged checkpoint.
    pub fn obtain(&self, request: &Request) -> Result<Run, Error> {
        let label = format!("{} · {}", request.systems.join(", "), request.recipe.name);
        let phase = request.phase();
        let parts = self.parts(request)?;
        let waiting: Vec<&Part> = parts.iter().filter(|part| part.done < phase).collect();
        let places = match parts.as_slice() {
            [one] => one.path.display().to_string(),
            [first, others @ ..] => format!("{} and {} more", first.path.display(), others.len()),
            [] => {
                return Err(Error::Request(
                    "a training needs at least one seed".to_string(),
                ));
            }
        };
        if waiting.is_empty() {
            (self.say)(&format!("{label}: trained already, in {places}"));
        } else {
            let start = Instant::now();
            let scientists = self.train(request, &waiting, &label)?;
            let seconds = start.elapsed().as_secs_f64();
            let plural = if scientists == 1 {
                "scientist"
            } else {
                "scientists"
            };
            let steps = phase * request.recipe.schedule.phase_steps();
            (self.say)(&format!(
                "{label}: {scientists} {plural} brought to step {steps} in {seconds:.0} s, in {places}"
            ));
        }
        let run = match parts.as_slice() {
            [one] => Run::open(&one.path)?,
            // A run of what the parts hold of these seeds.
            several => {
                let paths: Vec<&Path> = several.iter().map(|part| part.path.as_path()).collect();
                let all = self.folder.join("merged");
                let name = name(request, &several[0].systems, &request.seeds);
                Merge::of(&paths)
                    .until_phase(phase)
                    .seeds(request.seeds.iter().copied())
                    .run(all.join(name))?
            }
        };
        // Opened, but not trusted: a damaged checkpoint is an error now, not a wrong figure.
        run.model_at(phase, WeightsKind::Average, &request.device.open()?)?;
        self.report_diverged(&run, request)?;
        Ok(run)
    }

    /// Brings these parts as far as the request goes; the number of scientists trained.
    fn train(&self, request: &Request, waiting: &[&Part], label: &str) -> Result<usize, Error> {
        let mut trainings = Vec::new();
        for part in waiting {
            if let Some(completed) = completed(&part.path)? {
                let place = part.path.display();
                (self.say)(&format!(
                    "{label}: going on from step {completed}, in {place}"
                ));
            }
            let trainer = self.trainer(request, &part.systems, &part.seeds)?;
            trainings.push(trainer.directory(&part.path).stop_on(self.stop.clone()));
        }
        let outcome = run_in_turn(trainings, (self.listen)(label))?;
        if outcome.interrupted {
            let (done, all) = (outcome.done, outcome.scientists);
            let phase_steps = request.recipe.schedule.phase_steps();
            let mut places = waiting.iter();
            let at = places.find_map(|part| {
                let completed = completed(&part.path).ok()??;
                let end = (request.phase() * phase_steps) as u64;
                (completed < end).then(|| format!(" after step {completed} of {end}"))
            });
            return Err(Error::Interrupted(format!(
                "stopped{}, {done} of {all} scientists done; what was done is in {}",
                at.unwrap_or_default(),
                self.folder.join("training").display()
            )));
        }
        Ok(outcome.scientists)
    }

    /// The training of some of a request's scientists, without a directory.
    fn trainer(
        &self,
        request: &Request,
        systems: &[String],
        seeds: &[u64],
    ) -> Result<Trainer, Error> {
        let recipe = request.recipe.clone();
        let trainer = Trainer::new(recipe, known(systems)?, seeds.iter().copied())
            .device(request.device)
            .until_phase(request.phase());
        Ok(match &self.revision {
            Some(revision) => trainer.revision(revision),
            None => trainer,
        })
    }

    /// The run directories that hold a request's scientists, or are to: of those that there are, the
    /// ones with most behind them first, and new ones for the seeds that are in none.
    ///
    /// They can be merged: no two have a seed that is asked for in common, and all have the same systems
    /// and, as new ones have this program's, were begun by the same versions.
    fn parts(&self, request: &Request) -> Result<Vec<Part>, Error> {
        let folder = self.folder.join("training");
        let asked: BTreeSet<u64> = request.seeds.iter().copied().collect();
        let mut found = self.found(&folder, request)?;
        // Phases of scientists asked for, and one for being there at all.
        let work = |part: &Part| {
            let count = part.seeds.iter().filter(|seed| asked.contains(seed));
            count.count() * (1 + part.done.min(request.phase()))
        };
        found.sort_by_key(|part| (Reverse(work(part)), part.seeds.len()));
        let plan = request.plan();
        let own = versions(&self.trainer(request, &plan, &request.seeds)?.record());
        let mut kinds: Vec<(Vec<String>, Versions)> = Vec::new();
        for part in &found {
            let kind = part.kind();
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        // Of the kinds the one that has most behind it; the first of several.
        let mut best = (0, Vec::new(), asked.clone(), plan);
        for kind in kinds {
            let mut missing = asked.clone();
            let (mut behind, mut chosen) = (0, Vec::new());
            for (place, part) in found.iter().enumerate() {
                let wanted: Vec<&u64> = part
                    .seeds
                    .iter()
                    .filter(|one| asked.contains(one))
                    .collect();
                let is_free = wanted.iter().all(|seed| missing.contains(seed));
                if part.kind() == kind && !wanted.is_empty() && is_free {
                    behind += work(part);
                    missing.retain(|seed| !wanted.contains(&seed));
                    chosen.push(place);
                }
            }
            let fits = missing.is_empty() || kind.1 == own;
            if fits && behind > best.0 {
                best = (behind, chosen, missing, kind.0);
            }
        }
        let (_, chosen, missing, systems) = best;
        let missing: Vec<u64> = missing.into_iter().collect();
        let mut places = 0..;
        found.retain(|_| places.next().is_some_and(|place| chosen.contains(&place)));
        let mut parts = found;
        for run in missing.chunk_by(|one, next| one + 1 == *next) {
            for seeds in run.chunks(Self::PART) {
                parts.push(Part {
                    path: free(folder.join(name(request, &systems, seeds))),
                    systems: systems.clone(),
                    versions: own.clone(),
                    seeds: seeds.to_vec(),
                    done: 0,
                });
            }
        }
        Ok(parts)
    }

    /// The runs under a folder that a request can be served from, parts of sweeps and merged runs among
    /// them, wherever they came from. Of what does not open it says so.
    fn found(&self, folder: &Path, request: &Request) -> Result<Vec<Part>, Error> {
        let mut found = Vec::new();
        let Ok(entries) = fs::read_dir(folder) else {
            return Ok(found); // nothing was trained yet
        };
        let skip = |path: &Path, reason: &dyn fmt::Display| {
            (self.say)(&format!("leaving out {}: {reason}", path.display()));
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry
                .map_err(|cause| mass_runs::Error::file("read", folder, cause))?
                .path();
            match is_sweep(&path) {
                true => match Sweep::open(&path) {
                    Ok(sweep) => paths.extend(sweep.parts()),
                    Err(error) => skip(&path, &error),
                },
                false => paths.push(path),
            }
        }
        paths.sort();
        for path in paths.into_iter().filter(|path| is_run(path)) {
            let opened = Run::open(&path).and_then(|run| Ok((run.phases_done()?, run)));
            let (done, run) = match opened {
                Ok(opened) => opened,
                Err(error) => {
                    skip(&path, &error);
                    continue;
                }
            };
            let record = run.record();
            let systems: Vec<String> = record.systems.iter().map(|one| one.id.clone()).collect();
            let is_drawn = record.systems.iter().all(|one| one.measured.is_none());
            let serves = record.recipe == request.recipe
                && record.device == request.device
                && record.start.is_none()
                && is_drawn
                && request.serves(&systems);
            if !serves {
                continue;
            }
            if let Some(table) = run.missing_table()? {
                skip(&path, &format!("it has no {table}"));
                continue;
            }
            found.push(Part {
                systems,
                versions: versions(record),
                seeds: record.seeds.clone(),
                done,
                path,
            });
        }
        Ok(found)
    }

    /// Says which scientists of a request diverged, if any did.
    fn report_diverged(&self, run: &Run, request: &Request) -> Result<(), Error> {
        for standing in run.standings()? {
            let asked = request.seeds.contains(&standing.seed);
            let last = standing.changes.last();
            if let Some(change) = last.filter(|change| asked && change.status == Status::Diverged) {
                (self.say)(&format!(
                    "seed {} diverged at step {} and was frozen there",
                    standing.seed, change.step
                ));
            }
        }
        Ok(())
    }
}

/// Steps of the latest checkpoint, if there is one.
fn completed(path: &Path) -> Result<Option<u64>, Error> {
    if !is_run(path) {
        return Ok(None);
    }
    Ok(Run::open(path)?.completed()?)
}

/// Systems of the zoo.
fn known(ids: &[String]) -> Result<Vec<TrainingSystem>, Error> {
    ids.iter().map(|id| TrainingSystem::named(id)).collect()
}

/// This path, or with a number behind it if there is something that cannot be used.
fn free(path: PathBuf) -> PathBuf {
    let is_free = |path: &PathBuf| !is_run(path) && !is_sweep(path);
    if is_free(&path) {
        return path;
    }
    let numbered = (2..).map(|number: u64| {
        let mut name = path.clone().into_os_string();
        name.push(format!("-{number}"));
        PathBuf::from(name)
    });
    let mut numbered = numbered.filter(is_free);
    numbered.next().expect("there is always another number")
}

/// A folder name that says what is in it.
fn name(request: &Request, systems: &[String], seeds: &[u64]) -> String {
    let is_range = seeds.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    let seeds = match seeds {
        [seed] => format!("seed{seed}"),
        [first, .., last] if is_range => format!("seeds{first}-{last}"),
        some => {
            let list: Vec<String> = some.iter().map(u64::to_string).collect();
            format!("seeds{}", list.join("+"))
        }
    };
    format!(
        "{}-{}-{}-{seeds}-{}",
        request.recipe.name,
        request.recipe.fingerprint(),
        systems.join("+"),
        request.device
    )
}

#[cfg(test)]
mod tests {
    use std::ops::{Deref, DerefMut};

    use super::*;
    use crate::Curriculum;

    /// A request to the store in a folder.
    #[derive(Clone)]
    struct Asked {
        request: Request,
        out: PathBuf,
    }

    impl Deref for Asked {
        type Target = Request;

        fn deref(&self) -> &Request {
            &self.request
        }
    }

    impl DerefMut for Asked {
        fn deref_mut(&mut self) -> &mut Request {
            &mut self.request
        }
    }

    fn obtain(asked: &Asked) -> Result<Run, Error> {
        Store::at(&asked.out).obtain(asked)
    }

    fn request(systems: &[&str], seeds: Vec<u64>, out: &Path) -> Asked {
        let mut recipe = Recipe::reference().with_steps(2);
        recipe.data.train_states = 40;
        recipe.data.test_states = 20;
        recipe.data.batch = 8;
        recipe.network.mlp_mut().unwrap().hidden_layers = 1;
        let request = Request {
            recipe,
            systems: systems.iter().map(ToString::to_string).collect(),
            seeds,
            device: DeviceKind::Flex,
        };
        Asked {
            request,
            out: out.to_path_buf(),
        }
    }

    /// Folder names under `OUT/training`, and the phases done there.
    fn trainings(out: &Path) -> Vec<(String, usize)> {
        let mut found: Vec<(String, usize)> = fs::read_dir(out.join("training"))
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                let seeds = name.split('-').find(|part| part.starts_with("seed"));
                let done = Run::open(&path).unwrap().phases_done().unwrap();
                (
                    seeds.unwrap().to_string() + name.split("+").next().unwrap(),
                    done,
                )
            })
            .collect();
        found.sort();
        found
    }

    fn modified(run: &Run) -> std::time::SystemTime {
        let latest = run.checkpoints().unwrap().pop().unwrap().1;
        fs::metadata(latest).unwrap().modified().unwrap()
    }

    #[test]
    fn no_scientist_is_trained_twice() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let first = obtain(&request(&["classical"], vec![0, 1], out)).unwrap();
        assert_eq!((first.phases_done().unwrap(), first.phases()), (1, 6));
        let before = modified(&first);

        // Again, and one of them alone: nothing is trained.
        obtain(&request(&["classical"], vec![0, 1], out)).unwrap();
        let one = obtain(&request(&["classical"], vec![1], out)).unwrap();
        assert_eq!(one.path(), first.path());
        assert_eq!(modified(&first), before);

        // Another system: the same scientists go on.
        let two = obtain(&request(&["classical", "pendulum"], vec![0, 1], out)).unwrap();
        assert_eq!(two.path(), first.path());
        assert_eq!(two.phases_done().unwrap(), 2);

        // More scientists: the others join, in a run that has them all.
        let more = obtain(&request(&["classical", "pendulum"], (0..40).collect(), out)).unwrap();
        assert_eq!(more.record().seeds, (0..40).collect::<Vec<_>>());
        assert_eq!(more.phases_done().unwrap(), 2);
        let counts: Vec<usize> = trainings(out).iter().map(|one| one.1).collect();
        assert_eq!(counts, [2, 2, 2]); // 0 and 1; 2 to 33; 34 to 39
        let device = DeviceKind::Flex.open().unwrap();
        let weights = |run: &Run| {
            let model = run.model_at(2, WeightsKind::Average, &device).unwrap();
            let values = model.final_weights().narrow(0, 0, 2).into_data();
            values.try_into_vec_as::<f32>().unwrap()
        };
        assert_eq!(weights(&more), weights(&two));

        // The same up to the first system.
        let few = obtain(&request(&["classical"], vec![3, 5], out)).unwrap();
        assert!(few.record().seeds.contains(&3) && few.record().seeds.contains(&5));
        assert_eq!(trainings(out).len(), 3);
    }

    #[test]
    fn what_is_not_the_same_training_is_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let base = request(&["classical"], vec![0], out);
        obtain(&base).unwrap();
        let mut other = base.clone();
        other.recipe.optimizer.learning_rate *= 2.0;
        obtain(&other).unwrap();
        assert_eq!(trainings(out).len(), 2, "another recipe of the same name");
        let permuted = request(&["pendulum", "classical"], vec![0], out);
        let run = obtain(&permuted).unwrap();
        assert_eq!(run.phases(), 2);
        assert_eq!(trainings(out).len(), 3, "another order");
        let mut together = request(&["classical", "pendulum"], vec![0], out);
        together.recipe.schedule.curriculum = Curriculum::Simultaneous;
        let run = obtain(&together).unwrap();
        assert_eq!((run.phases(), run.record().systems.len()), (1, 2));
        together.systems.pop();
        let run = obtain(&together).unwrap();
        assert_eq!(run.record().systems.len(), 1, "all systems from the start");
        assert_eq!(trainings(out).len(), 5);
    }

    /// Trains some seeds in a folder of `OUT/training`, as with `mass sweep`.
    fn train_apart(base: &Asked, seeds: Vec<u64>, name: &str) {
        Trainer::new(base.recipe.clone(), known(&base.systems).unwrap(), seeds)
            .directory(base.out.join("training").join(name))
            .run()
            .unwrap();
    }

    #[test]
    fn more_scientists_join_a_sweep_on_its_own_systems() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let base = request(&["classical", "pendulum"], (0..8).collect(), out);
        train_apart(&base, (0..6).collect(), "mine");
        let run = obtain(&base).unwrap();
        assert_eq!(run.record().seeds, (0..8).collect::<Vec<_>>());
        assert_eq!(run.phases(), 2, "the sweep's systems, not the paper's six");
        let again = obtain(&base).unwrap();
        assert_eq!(again.path(), run.path());
        assert_eq!(fs::read_dir(out.join("training")).unwrap().count(), 2);
    }

    #[test]
    fn trainings_that_share_seeds_are_not_both_taken() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let base = request(&["classical"], (0..6).collect(), out);
        train_apart(&base, vec![0, 1, 2], "a");
        train_apart(&base, vec![2, 3, 4, 5], "b");
        for _ in 0..2 {
            let run = obtain(&base).unwrap();
            assert_eq!(run.record().seeds, [0, 1, 2, 3, 4, 5]);
            // Seeds 0 and 1 were trained anew, once.
            assert_eq!(fs::read_dir(out.join("training")).unwrap().count(), 3);
        }
    }

    #[test]
    fn one_scientist_that_is_further_does_not_stop_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let both = request(&["classical", "pendulum"], (0..6).collect(), out);
        obtain(&request(&["classical", "pendulum"], vec![0], out)).unwrap();
        let systems = known(&request(&["classical"], vec![0], out).plan()).unwrap();
        let path = out.join("training/others");
        Trainer::new(both.recipe.clone(), systems, 0..6)
            .directory(&path)
            .until_phase(1)
            .run()
            .unwrap();
        let run = obtain(&both).unwrap();
        assert_eq!((run.path(), run.phases_done().unwrap()), (&*path, 2));
        assert_eq!(fs::read_dir(out.join("training")).unwrap().count(), 2);
    }

    #[test]
    fn another_version_serves_alone_but_is_not_added_to() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let mut base = request(&["classical"], (0..2).collect(), out);
        let old = obtain(&base).unwrap().path().to_path_buf();
        let text = fs::read_to_string(old.join("run.toml")).unwrap();
        let own = format!("mass_version = {:?}", env!("CARGO_PKG_VERSION"));
        assert!(text.contains(&own));
        let text = text.replace(&own, "mass_version = \"0.0.0\"");
        fs::write(old.join("run.toml"), text).unwrap();
        assert_eq!(obtain(&base).unwrap().path(), old);
        // No merging of the two, so all are trained by this version.
        base.seeds = (0..3).collect();
        let run = obtain(&base).unwrap();
        assert_eq!(run.record().seeds, [0, 1, 2]);
        assert_ne!(run.record().mass_version, "0.0.0");
    }

    #[test]
    fn what_does_not_open_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let base = request(&["classical"], vec![0], out);
        let first = obtain(&base).unwrap().path().to_path_buf();
        let at = |name: &str| out.join("training").join(name);
        for (name, file) in [("old", "run.toml"), ("older", "sweep.toml")] {
            fs::create_dir(at(name)).unwrap();
            fs::write(at(name).join(file), "version = 1").unwrap();
        }
        assert_eq!(obtain(&base).unwrap().path(), first);
        // Without its tables it is of no use; another is trained beside it.
        fs::remove_file(first.join("weights-01.parquet")).unwrap();
        let second = obtain(&base).unwrap().path().to_path_buf();
        assert!(second != first && second.join("weights-01.parquet").exists());
        assert_eq!(obtain(&base).unwrap().path(), second);
    }

    #[test]
    fn sweeps_and_merged_runs_serve_too() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let base = request(&["classical", "pendulum"], (0..4).collect(), out);
        Trainer::new(base.recipe.clone(), known(&base.systems).unwrap(), 0..6)
            .directory(out.join("training/mine"))
            .in_parts(3)
            .run()
            .unwrap();
        let run = obtain(&base).unwrap();
        assert!(run.path().starts_with(out.join("merged")));
        assert_eq!(run.record().seeds, [0, 1, 2, 3]);
        let one = obtain(&request(&["classical"], vec![4], out)).unwrap();
        assert!(one.path().ends_with("mine/seeds-00003-00005"));
    }
}
