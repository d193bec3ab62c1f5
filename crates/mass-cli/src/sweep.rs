//! `mass sweep` and `mass merge`: many scientists, shared out and put together.

use std::{
    io::IsTerminal,
    ops::Range,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::{Args, builder::NonEmptyStringValueParser};
use mass_core::{
    DeviceKind, Error, Event, Merge, Observer, ProgressLine, Recipe, Shard, Status, Store, Sweep,
    Trainer, TrainingSystem,
    mass_runs::{git_revision, stop_flag},
};

use crate::summaries::Summaries;

#[derive(Args)]
pub(crate) struct Arguments {
    /// `reference` (the released code), `paper` (as printed), `modern` or `general` (ours), or a TOML file.
    #[arg(long, default_value = "reference")]
    recipe: String,
    /// The systems, in the order in which they join; the six of Table 1 unless said otherwise.
    #[arg(long, value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    systems: Vec<String>,
    /// One scientist per seed: FIRST..END, END not among them.
    #[arg(long, value_parser = seeds)]
    seeds: Range<u64>,
    /// Take only the parts p of which p mod N is I, from 0 to N − 1.
    #[arg(long, value_name = "I/N", default_value_t = Shard::ALL)]
    shard: Shard,
    /// Scientists of a part, which is a run directory of its own; it uses no more threads than that.
    #[arg(long, default_value_t = Store::PART as u64, value_parser = clap::value_parser!(u64).range(1..))]
    part: u64,
    /// Steps of cosine decay a phase, instead of the recipe's. Its warm-up comes on top, as many steps at
    /// most; so many at most, too, are between two tests.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    steps: Option<u64>,
    /// Threads; as many as there are cores unless said otherwise.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=65_536))]
    threads: Option<u64>,
    /// Steps between checkpoints.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    checkpoint_every: u64,
    /// flex, ndarray, wgpu or cuda; each but flex needs `--features` of that name.
    #[arg(long, default_value_t = DeviceKind::Flex)]
    device: DeviceKind,
    /// Also keep a summary of each part there, as SUMMARY/seeds-00000-00031.parquet: all that figures about
    /// populations need, less than 300 kB. A part whose scientists are all there is not trained; one of which some are
    /// there is refused, and so is a folder with another training's.
    #[arg(long)]
    summary: Option<PathBuf>,
    /// Folder of the sweep. Shards may share one, or have one each, on different machines.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
pub(crate) struct MergeArguments {
    /// Runs, or sweeps, which stand for their parts; all of them complete.
    #[arg(required = true)]
    directories: Vec<PathBuf>,
    /// Folder of the merged run.
    #[arg(long)]
    out: PathBuf,
}

/// `0..1000`.
pub(crate) fn seeds(text: &str) -> Result<Range<u64>, String> {
    let ends = text
        .split_once("..")
        .map(|(first, end)| (first.parse(), end.parse()));
    match ends {
        Some((Ok(first), Ok(end))) if first < end => match end - first <= Sweep::MOST_SEEDS {
            true => Ok(first..end),
            false => Err(format!(
                "a sweep has at most {} seeds: make several and merge them",
                Sweep::MOST_SEEDS
            )),
        },
        Some((Ok(_), Ok(_))) => Err("there are no seeds in it: FIRST has to be below END".into()),
        _ => Err("it is not a range of seeds: write FIRST..END, as 0..1000 for 0 to 999".into()),
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut recipe = Recipe::load(&arguments.recipe)?;
    if let Some(steps) = arguments.steps {
        recipe = recipe.with_steps(steps as usize);
    }
    let systems = match arguments.systems.is_empty() {
        true => mass_systems::table1().iter().map(|one| one.id()).collect(),
        false => whole_ids(&arguments.systems),
    };
    let systems = systems.iter().map(|id| TrainingSystem::named(id));
    let systems = systems.collect::<Result<Vec<_>, _>>()?;
    // Before any work.
    arguments.device.open().with_context(|| {
        format!(
            "`mass` for this device is built by: cargo install mass-cli --features {}",
            arguments.device
        )
    })?;
    let label = format!(
        "seeds {} to {}",
        arguments.seeds.start,
        arguments.seeds.end - 1
    );
    let mut trainer = Trainer::new(recipe, systems, arguments.seeds.clone())
        .device(arguments.device)
        .directory(&arguments.out)
        .checkpoint_every(arguments.checkpoint_every)
        .stop_on(stop_flag()?);
    if let Some(threads) = arguments.threads {
        trainer = trainer.threads(threads as usize);
    }
    if let Some(revision) = git_revision(Path::new(env!("CARGO_MANIFEST_DIR"))) {
        trainer = trainer.revision(revision);
    }
    trainer = match std::io::stderr().is_terminal() {
        true => trainer.observe(ProgressLine::new(label)),
        false => trainer.observe(Log::new()),
    };
    let record = trainer.record();
    let mut sweep = trainer.in_parts(arguments.part as usize);
    if let Some(folder) = &arguments.summary {
        sweep = sweep.keep(Summaries::new(folder, record, arguments.threads)?);
    }
    let of_shard = match arguments.shard == Shard::ALL {
        true => String::new(),
        false => format!(" of shard {}", arguments.shard),
    };
    let outcome = sweep.shard(arguments.shard).run()?;
    if outcome.kept > 0 {
        let place = arguments.summary.as_deref().unwrap_or(&arguments.out);
        eprintln!(
            "of {} scientists{of_shard} there are summaries in {}: they are not trained (their networks take a sweep with no --summary, or another folder for it)",
            outcome.kept,
            place.display()
        );
    }
    let (done, all, out) = (outcome.done, outcome.scientists, arguments.out.display());
    if outcome.interrupted {
        let what = format!("stopped; {done} of {all} scientists{of_shard} are done, in {out}");
        return Err(Error::Interrupted(what).into());
    }
    if all == 0 && outcome.kept > 0 {
        return Ok(());
    }
    if all == 0 {
        eprintln!(
            "shard {} has no part: there are fewer parts than shards",
            arguments.shard
        );
        return Ok(());
    }
    eprintln!("all {all} scientists{of_shard} are done, in {out}");
    if arguments.shard == Shard::ALL && outcome.kept == 0 {
        eprintln!("put them together: mass merge {out} --out FOLDER");
    }
    Ok(())
}

/// Ids as they were typed: a comma between brackets, as in `power1(2,3)`, does not end one.
fn whole_ids(pieces: &[String]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for piece in pieces {
        let open = |id: &String| id.matches('(').count() > id.matches(')').count();
        match ids.last_mut().filter(|id| open(id)) {
            Some(id) => {
                id.push(',');
                id.push_str(piece);
            }
            None => ids.push(piece.clone()),
        }
    }
    ids
}

pub(crate) fn merge(arguments: &MergeArguments) -> Result<()> {
    let run = Merge::of(&arguments.directories).run(&arguments.out)?;
    let standings = run.standings()?;
    let count = |status| {
        standings
            .iter()
            .filter(|one| one.status() == status)
            .count()
    };
    eprintln!(
        "{} on {} in {}: {} correct, {} failed, {} diverged",
        counted(standings.len(), "scientist"),
        counted(run.record().systems.len(), "system"),
        run.path().display(),
        count(Status::Correct),
        count(Status::Failed),
        count(Status::Diverged)
    );
    Ok(())
}

/// `1 system`, `2 systems`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A line per part, where there is no terminal to show progress on.
struct Log {
    start: Instant,
    /// Work that was done at the start.
    before: Option<u64>,
}

impl Log {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            before: None,
        }
    }
}

impl Observer for Log {
    fn on_event(&mut self, event: &Event) {
        match event {
            Event::PartStarted {
                path,
                scientists,
                done,
                work_done,
                work,
            } => {
                let before = *self.before.get_or_insert(*work_done);
                let name = path.file_name().unwrap_or(path.as_os_str());
                let rest = match rest(self.start.elapsed(), work_done - before, work - work_done) {
                    Some(rest) => {
                        format!(", about {} min left", (rest.as_secs_f64() / 60.0).ceil())
                    }
                    None => String::new(),
                };
                eprintln!(
                    "{}: {done} of {scientists} scientists done{rest}",
                    name.display()
                );
            }
            Event::Diverged { seed, step } => {
                eprintln!("seed {seed} diverged at step {step} and was frozen there");
            }
            _ => {}
        }
    }
}

/// Time that so many more take, if so many took so long.
fn rest(elapsed: Duration, done: u64, more: u64) -> Option<Duration> {
    (done > 0).then(|| elapsed.mul_f64(more as f64 / done as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_with_parameters_are_whole() {
        let typed = |text: &str| -> Vec<String> { text.split(',').map(String::from).collect() };
        assert_eq!(
            whole_ids(&typed("classical,power1(2,3),power2(1,2,3,4),kepler")),
            ["classical", "power1(2,3)", "power2(1,2,3,4)", "kepler"]
        );
        assert_eq!(whole_ids(&typed("power1(2")), ["power1(2"]);
    }

    #[test]
    fn ranges_of_seeds_read() {
        assert_eq!(seeds("0..1000"), Ok(0..1000));
        assert_eq!(seeds("7..8"), Ok(7..8));
        assert!(
            seeds("3..3")
                .unwrap_err()
                .contains("FIRST has to be below END")
        );
        for many in ["0..18446744073709551615", "5..1000006"] {
            assert!(seeds(many).unwrap_err().contains("at most 1000000"));
        }
        for bad in ["12", "0-12", "..3", "a..b", "-1..3", "0..=3"] {
            assert!(seeds(bad).unwrap_err().contains("0..1000"), "{bad}");
        }
    }

    #[test]
    fn the_time_left_goes_by_what_was_done_here() {
        let minute = Duration::from_secs(60);
        assert_eq!(rest(minute, 0, 10), None);
        assert_eq!(rest(minute, 20, 30), Some(Duration::from_secs(90)));
    }
}
