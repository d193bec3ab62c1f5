//! A user of this crate that has nothing to do with MASS: a walker that comes to know worlds one after
//! the other, its state a small tensor and plain JSON. Killed and gone on with, in parts and merged, it
//! is the walker that was never stopped, bit for bit.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use mass_runs::{
    Checkpoint, Dtype, Error, Event, HostTensor, Keep, Merge, Mergeable, Observer, Record,
    RunDirectory, Shard, State, SweepTrainer, Training, write_bytes,
};
use serde::{Deserialize, Serialize};

/// What decides a walk: the worlds, each with its number of steps, and the walkers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Walk {
    #[serde(default = "first")]
    format: u32,
    program: String,
    seeds: Vec<u64>,
    worlds: Vec<u64>,
}

fn first() -> u32 {
    1
}

/// What a walker remembers besides where it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Memories {
    /// Per walker, the furthest that it has been in each world.
    furthest: Vec<BTreeMap<String, f64>>,
}

impl State for Memories {
    fn check(&self, members: usize) -> Result<(), String> {
        match self.furthest.len() == members {
            true => Ok(()),
            false => Err(format!("remembers {} walkers", self.furthest.len())),
        }
    }

    fn gather(parts: &[Self], places: &[(usize, usize)]) -> Option<Self> {
        let places = places.iter();
        let furthest = places.map(|(part, member)| parts[*part].furthest[*member].clone());
        Some(Self {
            furthest: furthest.collect(),
        })
    }
}

impl Record for Walk {
    const FORMAT: u32 = 1;
    const NOT_DECIDING: &'static [&'static str] = &["program"];
    const TABLES: &'static [(&'static str, &'static str)] = &[("diary", "txt")];
    type State = Memories;

    fn format(&self) -> u32 {
        self.format
    }

    fn seeds(&self) -> &[u64] {
        &self.seeds
    }

    fn phases(&self) -> usize {
        self.worlds.len()
    }

    fn phase_end(&self, phase: usize) -> u64 {
        self.worlds[..phase].iter().sum()
    }

    fn set_seeds(&mut self, seeds: Vec<u64>) {
        self.seeds = seeds;
    }

    fn seen(&self, _: usize) -> usize {
        1
    }

    fn revision(&self) -> Option<&str> {
        None
    }

    fn set_revision(&mut self, _: String) {}
}

/// A line of the diary: walker, world, where it came to.
type Line = (u64, usize, f64);

fn diary(run: &RunDirectory<Walk>, phase: usize) -> PathBuf {
    run.table_paths(phase).remove(0)
}

fn lines(path: &Path) -> Vec<Line> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = |line: &str| -> Option<Line> {
        let mut words = line.split(' ');
        let seed = words.next()?.parse().ok()?;
        let world = words.next()?.parse().ok()?;
        Some((seed, world, words.next()?.parse().ok()?))
    };
    text.lines().map(|one| line(one).unwrap()).collect()
}

/// Numbers as Rust writes them, which reads back to the same bits.
fn write_lines(path: &Path, lines: &[Line]) -> Result<(), Error> {
    let lines = lines.iter();
    let text = lines.map(|(seed, world, place)| format!("{seed} {world} {place}\n"));
    write_bytes(path, text.collect::<String>().as_bytes())
}

impl Mergeable for Walk {
    type Run = RunDirectory<Self>;

    fn merge_tables(
        parts: &[RunDirectory<Self>],
        seeds: &[u64],
        phase: usize,
        merged: &RunDirectory<Self>,
    ) -> Result<(), Error> {
        let parts = parts.iter();
        let mut all: Vec<Line> = parts.flat_map(|run| lines(&diary(run, phase))).collect();
        all.retain(|line| seeds.contains(&line.0));
        all.sort_by_key(|line| line.0);
        write_lines(&diary(merged, phase), &all)
    }
}

struct Walker {
    record: Walk,
    directory: PathBuf,
    stop: Arc<AtomicBool>,
    /// As if killed: ends without a checkpoint after so many steps.
    killed_after: Option<u64>,
    observer: Option<Box<dyn Observer>>,
}

/// One step of a walker: a pure function of its place, its seed and the step.
fn step(place: f64, seed: u64, step: u64) -> f64 {
    let bits =
        (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ step.wrapping_mul(0xD1B5_4A32_D192_ED03);
    place * 0.9 + (bits >> 11) as f64 / (1u64 << 53) as f64 - 0.5
}

impl Walker {
    fn run(mut self) -> Result<bool, Error> {
        let members = self.record.seeds.len();
        let nothing = |_: &RunDirectory<Walk>| Ok::<(), Error>(());
        let (run, _lock) = RunDirectory::take(&self.directory, &self.record, nothing)?;
        let (mut completed, mut places, mut state) = match run.completed()? {
            Some(_) => {
                let (checkpoint, path) = run.latest_checkpoint()?;
                let tensor = checkpoint.tensor(&path, "place", &[members])?;
                let places = tensor.bytes.chunks(8);
                let places = places.map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()));
                let header = &checkpoint.header;
                (header.completed, places.collect(), header.state.clone())
            }
            None => {
                let furthest = vec![BTreeMap::new(); members];
                (0, vec![0.0; members], Memories { furthest })
            }
        };
        let keep = |completed: u64, places: &[f64], state: &Memories| -> Result<(), Error> {
            let tensor = HostTensor {
                dtype: Dtype::F64,
                shape: vec![members],
                bytes: places
                    .iter()
                    .flat_map(|place| place.to_le_bytes())
                    .collect(),
            };
            let tensors = HashMap::from([("place".to_string(), tensor)]);
            let (seeds, plan) = (self.record.seeds.clone(), run.record().plan_hash());
            let checkpoint = Checkpoint::new(completed, seeds, state.clone(), plan, tensors);
            run.write_checkpoint(&checkpoint).map(|_| ())
        };
        if completed == 0 {
            keep(0, &places, &state)?;
        }
        let total = self.record.phase_end(self.record.phases());
        while completed < total && !self.stop.load(Ordering::Relaxed) {
            if self.killed_after == Some(completed) {
                return Ok(true);
            }
            let phase = self.record.phase_of(completed + 1);
            let world = format!("world {phase}");
            for (member, seed) in self.record.seeds.iter().enumerate() {
                places[member] = step(places[member], *seed, completed);
                let furthest = state.furthest[member].entry(world.clone()).or_insert(0.0);
                *furthest = furthest.max(places[member].abs());
            }
            completed += 1;
            if let Some(observer) = &mut self.observer {
                let losses = Vec::new();
                observer.on_event(&Event::Advanced { completed, losses });
            }
            if completed == self.record.phase_end(phase) {
                let of = self.record.seeds.iter().zip(&places);
                let came: Vec<Line> = of.map(|(seed, place)| (*seed, phase, *place)).collect();
                write_lines(&diary(&run, phase), &came)?;
            }
            if completed % 3 == 0 || completed == self.record.phase_end(phase) {
                keep(completed, &places, &state)?;
            }
        }
        let interrupted = completed < total;
        if interrupted {
            keep(completed, &places, &state)?;
        }
        Ok(interrupted)
    }
}

impl Training for Walker {
    type Record = Walk;
    type Error = Error;

    fn directory(&self) -> Option<&Path> {
        Some(&self.directory)
    }

    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    fn record(&self) -> Walk {
        self.record.clone()
    }

    fn last_phase(&self) -> usize {
        self.record.phases()
    }

    fn stop_flag(&self) -> Arc<AtomicBool> {
        self.stop.clone()
    }

    fn part(&self, seeds: std::ops::Range<u64>, directory: PathBuf) -> Self {
        let mut part = walker(walk(seeds), &directory);
        part.stop = self.stop.clone();
        part
    }

    fn train(mut self, observer: Box<dyn Observer>) -> Result<bool, Error> {
        self.observer = Some(observer);
        self.run()
    }
}

fn walk(seeds: impl IntoIterator<Item = u64>) -> Walk {
    Walk {
        format: 1,
        program: "test".into(),
        seeds: seeds.into_iter().collect(),
        worlds: vec![7, 1, 10],
    }
}

fn walker(record: Walk, directory: &Path) -> Walker {
    Walker {
        record,
        directory: directory.into(),
        stop: Arc::default(),
        killed_after: None,
        observer: None,
    }
}

/// Every file by its name, but for the lock.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    let files = entries.map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    });
    files.filter(|(name, _)| name != "run.lock").collect()
}

#[test]
fn killed_or_stopped_anywhere_and_gone_on_with_it_is_the_same_walk() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    assert!(!walker(walk([3, 5]), &whole).run().unwrap());
    let run = RunDirectory::<Walk>::open(&whole).unwrap();
    assert!(run.is_complete().unwrap());
    let kept: Vec<u64> = run.checkpoints().unwrap().iter().map(|one| one.0).collect();
    assert_eq!(kept, [0, 7, 8, 18], "the start and the worlds' ends");
    let furthest = &run.checkpoint_at(2).unwrap().0.header.state.furthest;
    assert!(furthest[1].contains_key("world 2") && !furthest[1].contains_key("world 3"));

    for after in 0..18 {
        let path = folder.path().join(format!("killed-{after}"));
        let mut killed = walker(walk([3, 5]), &path);
        killed.killed_after = Some(after);
        assert!(killed.run().unwrap());
        assert!(
            RunDirectory::<Walk>::open(&path)
                .unwrap()
                .completed()
                .unwrap()
                <= Some(after)
        );
        assert!(!walker(walk([3, 5]), &path).run().unwrap());
        assert!(files(&path) == files(&whole), "killed after step {after}");
    }
    // Another walk is refused there, another program is not.
    let mut other = walk([3, 5]);
    other.program = "another".into();
    walker(other.clone(), &whole).run().unwrap();
    other.worlds[2] = 11;
    let error = walker(other, &whole).run().unwrap_err();
    assert!(error.is_directory(), "{error}");
    assert!(
        error
            .to_string()
            .contains("worlds is [7, 1, 10] there, [7, 1, 11] here")
    );
}

/// Stops when it hears of a step.
struct StopAt(u64, Arc<AtomicBool>);

impl Observer for StopAt {
    fn on_event(&mut self, event: &Event) {
        if matches!(event, Event::Advanced { completed, .. } if *completed == self.0) {
            self.1.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn in_parts_shared_out_stopped_and_merged_it_is_the_same_walk() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    walker(walk(0..5), &at("whole")).run().unwrap();
    let train = |shard: &str, stop: Arc<AtomicBool>, observer: StopAt| {
        let shard: Shard = shard.parse().unwrap();
        let mut all = walker(walk(0..5), &at("sweep"));
        all.stop = stop;
        let sweep = SweepTrainer::new(all, 2, Box::new(observer));
        sweep.shard(shard).run().unwrap()
    };
    let never = || StopAt(u64::MAX, Arc::default());
    let stop: Arc<AtomicBool> = Arc::default();
    let outcome = train("0/2", stop.clone(), StopAt(5, stop));
    assert_eq!((outcome.done, outcome.interrupted), (0, true));
    assert_eq!(train("0/2", Arc::default(), never()).done, 3);
    let merge = || Merge::<Walk>::of(&[at("sweep")]).run(at("merged"));
    let error = merge().unwrap_err();
    assert!(error.is_request(), "{error}");
    assert!(
        error
            .to_string()
            .contains("seeds 2 to 3 of 0 to 4 are missing"),
        "{error}"
    );
    assert_eq!(train("1/2", Arc::default(), never()).done, 2);
    assert!(merge().unwrap().is_complete().unwrap());
    let (merged, whole) = (files(&at("merged")), files(&at("whole")));
    assert!(merged.keys().eq(whole.keys()), "{:?}", merged.keys());
    for (name, bytes) in merged {
        assert!(
            bytes == whole[&name],
            "{name}: {}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

/// Parts that were to be kept, and whether their runs were complete.
type Asked = Arc<Mutex<Vec<(Range<u64>, bool)>>>;

/// The seeds of which something is kept, and those of which it is to be.
struct Kept {
    there: Range<u64>,
    asked: Asked,
}

impl Keep<Error> for Kept {
    fn has(&mut self, seeds: &Range<u64>) -> Result<bool, Error> {
        Ok(self.there == *seeds)
    }

    fn keep(&mut self, seeds: &Range<u64>, run: &Path) -> Result<(), Error> {
        let complete = RunDirectory::<Walk>::open(run)?.is_complete()?;
        self.asked.lock().unwrap().push((seeds.clone(), complete));
        Ok(())
    }
}

#[test]
fn parts_of_which_all_is_kept_are_not_trained_and_the_others_are_kept_when_done() {
    let folder = tempfile::tempdir().unwrap();
    let train = |there: Range<u64>| {
        let asked = Asked::default();
        let keep = Kept {
            there,
            asked: asked.clone(),
        };
        let observer = StopAt(u64::MAX, Arc::default());
        let sweep = SweepTrainer::new(walker(walk(0..5), folder.path()), 2, Box::new(observer));
        let outcome = sweep.keep(keep).run().unwrap();
        let asked = asked.lock().unwrap().clone();
        (outcome.kept, outcome.scientists, asked)
    };
    let (kept, scientists, asked) = train(2..4);
    assert_eq!((kept, scientists), (2, 3));
    assert_eq!(asked, [(0..2, true), (4..5, true)]);
    assert!(!folder.path().join("seeds-00002-00003").exists());
    // What was trained before, and not kept then.
    let (kept, scientists, asked) = train(0..2);
    assert_eq!((kept, scientists), (2, 3));
    assert_eq!(asked, [(4..5, true), (2..4, true)]);
}

#[test]
fn what_a_later_program_wrote_is_refused_by_its_format_and_not_by_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    walker(walk(0..2), folder.path()).run().unwrap();
    let path = folder.path().join("run.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("format = 1", "format = 2\nnews = true")).unwrap();
    let error = RunDirectory::<Walk>::open(folder.path()).unwrap_err();
    assert!(error.is_newer() && error.is_directory(), "{error}");
    let said = "was written by a later version: its format is 2, this program reads up to 1; update the program";
    assert!(error.to_string().ends_with(said), "{error}");
    fs::write(&path, text.replace("format = 1", "format = 0")).unwrap();
    let error = RunDirectory::<Walk>::open(folder.path()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("its format is to be a number from 1 to 1"),
        "{error}"
    );
}
