//! A run survives what happens to long runs: kill -9 at any moment, and a full disk.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Instant,
};

use mass_core::{Recipe, Run, Trainer, TrainingSystem, WeightsKind, is_run};
use mass_jet::DeviceKind;
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// Where the child process is to train.
const DIRECTORY: &str = "MASS_CRASH_TEST_DIRECTORY";

/// Eight scientists, two phases, a checkpoint every seventh step: most of the time is writing.
fn training(directory: &Path) -> Trainer {
    let mut recipe = Recipe::reference();
    recipe.schedule.warmup_steps = 20;
    recipe.schedule.decay_steps = 100;
    recipe.data.train_states = 200;
    recipe.data.test_states = 100;
    recipe.data.batch = 32;
    recipe.network.mlp_mut().unwrap().hidden_layers = 2;
    recipe.evaluation.every = 10;
    let systems = ["classical", "pendulum"].map(|id| TrainingSystem::named(id).unwrap());
    Trainer::new(recipe, systems.into(), 0..8)
        .directory(directory)
        .checkpoint_every(7)
}

/// Not a test: what the child process does.
#[test]
#[ignore = "the child process of the test below"]
fn child() {
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    training(Path::new(&directory)).run().unwrap();
}

fn spawn(directory: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored"])
        .env(DIRECTORY, directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Every file of a run by its name, but for the lock.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .filter(|(name, _)| name != "run.lock")
        .collect()
}

fn assert_same(found: &Path, whole: &Path, when: &str) {
    let (found, whole) = (files(found), files(whole));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&whole), "{when}");
    for (name, bytes) in &whole {
        assert!(*bytes == found[name], "{name} differs, {when}");
    }
}

/// Every file of a killed run is whole, or has the name of one that was never finished.
fn assert_whole(directory: &Path, when: &str) -> u64 {
    if !is_run(directory) {
        return 0; // killed before it was a run
    }
    let run = Run::open(directory).unwrap_or_else(|error| panic!("{error}, {when}"));
    let device = DeviceKind::Flex.open().unwrap();
    let Some(completed) = run.completed().unwrap() else {
        return 0;
    };
    // Checkpoints say themselves if they are not what was written.
    for kind in [WeightsKind::Raw, WeightsKind::Average] {
        run.model(kind, &device)
            .unwrap_or_else(|error| panic!("{error}, {when}"));
        for phase in 1..=run.phases_done().unwrap() {
            run.model_at(phase, kind, &device)
                .unwrap_or_else(|error| panic!("{error}, {when}"));
        }
    }
    let metrics = run
        .metrics()
        .unwrap_or_else(|error| panic!("{error}, {when}"));
    let last = metrics.rows.last().map_or(0, |row| row.step);
    assert!(last <= completed, "measured after the checkpoint, {when}");
    // Nothing that was measured before it is missing.
    assert_eq!(
        last,
        completed / 10 * 10 + u64::from((1..10).contains(&completed)),
        "{when}"
    );
    for name in files(directory).keys() {
        let is_known = ["run.toml", "metrics-", "weights-", "checkpoint-"]
            .iter()
            .any(|known| name.starts_with(known));
        let is_unfinished = name.starts_with('.') && name.ends_with(".tmp");
        assert!(is_known || is_unfinished, "{name}, {when}");
    }
    completed
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn killed_at_twenty_random_moments_every_resume_ends_as_if_nothing_had_happened() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let whole = at("whole");
    let start = Instant::now();
    assert!(spawn(&whole).wait().unwrap().success());
    let length = start.elapsed();
    assert!(Run::open(&whole).unwrap().is_complete().unwrap());

    // The same run is killed again and again; when it gets to its end, another one.
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let (mut runs, mut kills, mut moments) = (0, 0, Vec::new());
    let mut run = at("run-0");
    while kills < 20 {
        let mut child = spawn(&run);
        std::thread::sleep(length.mul_f64(random.random_range(0.0..0.6)));
        if child.try_wait().unwrap().is_some() {
            assert_same(&run, &whole, "after several kills");
            runs += 1;
            assert!(runs < 50, "it is never killed in time");
            run = at(&format!("run-{runs}"));
            continue;
        }
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        kills += 1;
        let completed = match run.exists() {
            true => assert_whole(&run, &format!("kill {kills}")),
            false => 0,
        };
        let when = format!("kill {kills}, after step {completed}");
        moments.push(completed);

        // What is left ends like the run that was never killed.
        let resumed = at(&format!("resumed-{kills}"));
        match run.exists() {
            true => copy(&run, &resumed),
            false => fs::create_dir(&resumed).unwrap(),
        }
        let outcome = training(&resumed).checkpoint_every(1000).run();
        let outcome = outcome.unwrap_or_else(|error| panic!("{error}, {when}"));
        assert!(!outcome.interrupted, "{when}");
        assert_same(&resumed, &whole, &when);
        fs::remove_dir_all(&resumed).unwrap();
    }
    eprintln!("killed after steps {moments:?}");
    let within = moments
        .iter()
        .filter(|step| (1..240).contains(*step))
        .count();
    assert!(
        within >= 10,
        "most kills were outside the training: {moments:?}"
    );
    let second = moments
        .iter()
        .filter(|step| (121..240).contains(*step))
        .count();
    assert!(second >= 1, "no kill was in the second phase: {moments:?}");
}

/// On Linux alone: a small file system can be had.
#[cfg(target_os = "linux")]
mod full_disk {
    use std::io::Write;

    use mass_core::{Event, Observer};

    use super::*;

    /// Set where no file system may be mounted, to leave the test out.
    const SKIP: &str = "MASS_SKIP_FULL_DISK";

    /// A small file system of its own, unmounted at the end.
    struct SmallDisk {
        path: PathBuf,
        _folder: tempfile::TempDir,
    }

    impl SmallDisk {
        /// As root, or by `sudo` where that asks no password. `None` where neither is permitted and the
        /// environment says that the test may be left out.
        fn mount(size: &str) -> Option<Self> {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("disk");
            fs::create_dir(&path).unwrap();
            let options = format!("size={size},mode=777");
            let mounted = as_root(&["mount", "-t", "tmpfs", "-o", &options, "tmpfs"], &path);
            if !mounted {
                assert!(
                    std::env::var_os(SKIP).is_some(),
                    "mounting a small tmpfs is not permitted here, so nothing can be tried: run as root, or leave this test out with {SKIP}=1"
                );
                return None;
            }
            Some(Self {
                path,
                _folder: folder,
            })
        }
    }

    /// Whether a command on a path succeeded.
    fn as_root(command: &[&str], path: &Path) -> bool {
        [&[][..], &["sudo", "-n"]].iter().any(|before| {
            let words = [before, command].concat();
            let mut command = Command::new(words[0]);
            command.args(&words[1..]).arg(path);
            let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
            status.is_ok_and(|status| status.success())
        })
    }

    impl Drop for SmallDisk {
        fn drop(&mut self) {
            as_root(&["umount", "-l"], &self.path);
        }
    }

    /// Fills the disk but for so many bytes.
    fn fill(disk: &Path, but_for: u64) {
        let spare = disk.join("spare");
        fs::write(&spare, vec![1; but_for as usize]).unwrap();
        let mut ballast = fs::File::create(disk.join("ballast")).unwrap();
        while ballast.write_all(&[1; 4096]).is_ok() {}
        fs::remove_file(spare).unwrap();
    }

    /// Fills the disk once the training has come to a step.
    struct FillAt {
        step: u64,
        but_for: u64,
        disk: PathBuf,
        filled: bool,
    }

    impl Observer for FillAt {
        fn on_event(&mut self, event: &Event) {
            if let Event::Advanced { completed, .. } = event
                && *completed >= self.step
                && !self.filled
            {
                self.filled = true;
                fill(&self.disk, self.but_for);
            }
        }
    }

    #[test]
    fn a_full_disk_is_named_and_costs_no_earlier_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("whole");
        training(&whole).run().unwrap();
        // Full for good; full for a checkpoint but not for metrics; full at a phase's end; in the second
        // phase.
        for (step, but_for, file) in [
            (31, 0, "metrics-01.parquet"),
            (31, 100_000, "checkpoint-00000035.safetensors"),
            (120, 0, "metrics-01.parquet"),
            (151, 100_000, "checkpoint-00000154.safetensors"),
        ] {
            let Some(disk) = SmallDisk::mount("4m") else {
                return;
            };
            let path = disk.path.join("run");
            let error = training(&path)
                .observe(FillAt {
                    step,
                    but_for,
                    disk: disk.path.clone(),
                    filled: false,
                })
                .run()
                .unwrap_err()
                .to_string();
            assert!(
                error.starts_with("cannot write")
                    && error.contains(file)
                    && error.contains("space"),
                "{error}"
            );
            let run = Run::open(&path).unwrap();
            let before = step / 7 * 7;
            assert_eq!(
                run.completed().unwrap(),
                Some(before),
                "the one before {file}"
            );
            assert_whole(&path, file);
            let unfinished = files(&path).into_keys().find(|name| name.starts_with('.'));
            assert_eq!(unfinished, None);

            // With room again it goes on.
            fs::remove_file(disk.path.join("ballast")).unwrap();
            training(&path).run().unwrap();
            assert_same(&path, &whole, file);
        }
        // Full from the start.
        let Some(disk) = SmallDisk::mount("1m") else {
            return;
        };
        fill(&disk.path, 0);
        let error = training(&disk.path.join("run")).run().unwrap_err();
        assert!(error.to_string().contains("/disk/run"), "{error}");
    }
}
