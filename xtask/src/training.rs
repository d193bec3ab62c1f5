//! Trainings that figures share: trained once, kept in run directories, gone on with if stopped.
//!
//! A request is served by any training under `OUT/training` of the same recipe and device whose systems
//! begin with its own: phases are the same whatever follows. So a training on the first systems of the
//! paper is planned for all six and goes only as far as it has to, and what figures ask for later is
//! gone on to. Seeds that no training has are trained in parts of a bounded size.

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use anyhow::{Context, Result};
use mass_core::{
    Event, Merge, Observer, ProgressLine, Recipe, Run, Status, Sweep, Trainer, TrainingSystem,
    WeightsKind,
};
use mass_jet::DeviceKind;

/// Scientists of a part: their states take 50 MB for six systems, and eight at a time, they are work
/// for four threads.
pub(crate) const PART: usize = 32;

/// A training to have.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) recipe: Recipe,
    pub(crate) systems: Vec<String>,
    pub(crate) seeds: Vec<u64>,
    pub(crate) device: DeviceKind,
    /// Folder of all outputs; trainings lie in its `training/`.
    pub(crate) out: PathBuf,
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

/// Ctrl-C was pressed; what was done is kept.
#[derive(Debug)]
pub(crate) struct Interrupted(pub(crate) String);

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: run the same command again to go on", self.0)
    }
}

impl std::error::Error for Interrupted {}

/// A run directory with scientists that are asked for, there or to be.
struct Part {
    path: PathBuf,
    systems: Vec<String>,
    seeds: Vec<u64>,
    /// Phases done.
    done: usize,
}

/// A run with the scientists of a request, trained now as far as they are not.
///
/// It may hold more scientists, and later phases, than were asked for.
pub(crate) fn obtain(request: &Request) -> Result<Run> {
    let label = format!("{} · {}", request.systems.join(", "), request.recipe.name);
    let phase = request.phase();
    let parts = parts(request)?;
    let waiting: Vec<&Part> = parts.iter().filter(|part| part.done < phase).collect();
    let places = match parts.as_slice() {
        [one] => one.path.display().to_string(),
        [first, others @ ..] => format!("{} and {} more", first.path.display(), others.len()),
        [] => anyhow::bail!("a training needs at least one seed"),
    };
    if waiting.is_empty() {
        eprintln!("{label}: trained already, in {places}");
    } else {
        let start = Instant::now();
        let scientists = train(request, &waiting, &label)?;
        let seconds = start.elapsed().as_secs_f64();
        let plural = if scientists == 1 {
            "scientist"
        } else {
            "scientists"
        };
        let steps = phase * request.recipe.schedule.phase_steps();
        eprintln!(
            "{label}: {scientists} {plural} brought to step {steps} in {seconds:.0} s, in {places}"
        );
    }
    let run = match parts.as_slice() {
        [one] => Run::open(&one.path)?,
        // A run of what the parts hold of these seeds.
        several => {
            let paths: Vec<&Path> = several.iter().map(|part| part.path.as_path()).collect();
            let all = request.out.join("merged");
            let name = name(request, &request.plan(), &request.seeds);
            Merge::of(&paths)
                .until_phase(phase)
                .seeds(request.seeds.iter().copied())
                .run(all.join(name))?
        }
    };
    // Opened, but not trusted: a damaged checkpoint is an error now, not a wrong figure.
    run.model_at(phase, WeightsKind::Average, &request.device.open()?)?;
    report_diverged(&run, request)?;
    Ok(run)
}

/// Brings these parts as far as the request goes; the number of scientists trained.
fn train(request: &Request, waiting: &[&Part], label: &str) -> Result<usize> {
    let stop = stop_flag()?;
    let mut progress = Arc::new(Mutex::new(ProgressLine::new(label)));
    let scientists = waiting.iter().map(|part| part.seeds.len()).sum();
    let mut done = 0;
    for part in waiting {
        if Run::exists(&part.path)
            && let Some(completed) = Run::open(&part.path)?.completed()?
        {
            let place = part.path.display();
            eprintln!("{label}: going on from step {completed}, in {place}");
        }
        if waiting.len() > 1 {
            let path = part.path.clone();
            progress.on_event(&Event::PartStarted {
                path,
                scientists,
                done,
            });
        }
        let mut trainer = Trainer::new(
            request.recipe.clone(),
            known(&part.systems)?,
            part.seeds.iter().copied(),
        )
        .device(request.device)
        .directory(&part.path)
        .until_phase(request.phase())
        .stop_on(stop.clone())
        .observe(progress.clone());
        if let Some(revision) = git_revision() {
            trainer = trainer.revision(revision);
        }
        let outcome = trainer.run()?;
        if outcome.interrupted {
            let of_all = match waiting.len() {
                1 => String::new(),
                _ => format!(", {done} of {scientists} scientists done"),
            };
            return Err(Interrupted(format!(
                "stopped after step {} of {}{of_all}; a checkpoint is in {}",
                outcome.completed,
                outcome.total,
                part.path.display()
            ))
            .into());
        }
        done += part.seeds.len();
    }
    progress.on_event(&Event::SweepEnded {
        scientists,
        done,
        interrupted: false,
    });
    Ok(scientists)
}

/// Systems of the zoo.
pub(crate) fn known(ids: &[String]) -> Result<Vec<TrainingSystem>> {
    ids.iter()
        .map(|id| Ok(TrainingSystem::Known(mass_systems::lookup(id)?)))
        .collect()
}

/// The run directories that hold a request's scientists, or are to: as few as may be of those that
/// there are, the furthest first, and new ones for the seeds that are in none.
fn parts(request: &Request) -> Result<Vec<Part>> {
    let folder = request.out.join("training");
    let mut found = found(&folder, request)?;
    found.sort_by_key(|part| {
        let asked = request
            .seeds
            .iter()
            .filter(|seed| part.seeds.contains(seed));
        let done = part.done.min(request.phase());
        (Reverse(done), Reverse(asked.count()), part.seeds.len())
    });
    let mut missing: BTreeSet<u64> = request.seeds.iter().copied().collect();
    let mut parts = Vec::new();
    for part in found {
        let before = missing.len();
        missing.retain(|seed| !part.seeds.contains(seed));
        if missing.len() < before {
            parts.push(part);
        }
    }
    let missing: Vec<u64> = missing.into_iter().collect();
    for run in missing.chunk_by(|one, next| one + 1 == *next) {
        for seeds in run.chunks(PART) {
            let systems = request.plan();
            parts.push(Part {
                path: folder.join(name(request, &systems, seeds)),
                systems,
                seeds: seeds.to_vec(),
                done: 0,
            });
        }
    }
    Ok(parts)
}

/// The runs under a folder that a request can be served from, parts of sweeps and merged runs among
/// them, wherever they came from.
fn found(folder: &Path, request: &Request) -> Result<Vec<Part>> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(found); // nothing was trained yet
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot read {}", folder.display()))?
            .path();
        match Sweep::exists(&path) {
            true => paths.extend(Sweep::open(&path)?.parts()),
            false => paths.push(path),
        }
    }
    paths.sort();
    for path in paths.into_iter().filter(|path| Run::exists(path)) {
        let run = Run::open(&path)?;
        let record = run.record();
        let systems: Vec<String> = record.systems.iter().map(|one| one.id.clone()).collect();
        let is_drawn = record.systems.iter().all(|one| one.measured.is_none());
        if record.recipe == request.recipe
            && record.device == request.device
            && record.start.is_none()
            && is_drawn
            && request.serves(&systems)
        {
            let (done, seeds) = (run.phases_done()?, record.seeds.clone());
            found.push(Part {
                path,
                systems,
                seeds,
                done,
            });
        }
    }
    Ok(found)
}

/// Says which scientists of a request diverged, if any did.
fn report_diverged(run: &Run, request: &Request) -> Result<()> {
    for standing in run.standings()? {
        let asked = request.seeds.contains(&standing.seed);
        let last = standing.changes.last();
        if let Some(change) = last.filter(|change| asked && change.status == Status::Diverged) {
            eprintln!(
                "seed {} diverged at step {} and was frozen there",
                standing.seed, change.step
            );
        }
    }
    Ok(())
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

/// Set by Ctrl-C or a termination signal; the second one ends the program at once.
pub(crate) fn stop_flag() -> Result<Arc<AtomicBool>> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(flag) = FLAG.get() {
        return Ok(flag.clone());
    }
    let flag = Arc::new(AtomicBool::new(false));
    let handler = flag.clone();
    ctrlc::set_handler(move || {
        if handler.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("\nstopping after a checkpoint; once more to stop at once");
    })
    .context("cannot listen to Ctrl-C")?;
    Ok(FLAG.get_or_init(|| flag).clone())
}

/// The revision of this checkout, with `-dirty` if it has changes; `None` outside git.
pub(crate) fn git_revision() -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("git")
        .args([
            "describe",
            "--always",
            "--dirty",
            "--abbrev=40",
            "--exclude",
            "*",
        ])
        .current_dir(root)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_string())
}

#[cfg(test)]
mod tests {
    use mass_core::Curriculum;

    use super::*;

    fn request(systems: &[&str], seeds: Vec<u64>, out: &Path) -> Request {
        let mut recipe = Recipe::reference().with_steps(2);
        recipe.data.train_states = 40;
        recipe.data.test_states = 20;
        recipe.data.batch = 8;
        recipe.network.hidden_layers = 1;
        Request {
            recipe,
            systems: systems.iter().map(ToString::to_string).collect(),
            seeds,
            device: DeviceKind::Flex,
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
