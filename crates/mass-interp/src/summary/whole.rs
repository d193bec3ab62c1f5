//! What is kept of many scientists of one training.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use mass_core::{
    Criterion, ErrorKind, Metrics, MetricsRow, Recipe, Record, Run, RunRecord, Standing,
    WeightsKind, mass_runs::ranges,
};

use super::{Finding, hashes::hashes, table};
use crate::{
    error::Error,
    population::{PhaseJudgements, TermCounts, TwoTermCensus, evaluation_batches, two_term_fits},
    readout::{Reading, STATES_SEED},
    scientist::Scientist,
    terms::{ComponentSign, PrincipalComponents},
    theory::{Judgement, TwoTermFits},
};

/// Scientists read at a time: a thousand readings are more than a gigabyte.
const AT_ONCE: usize = 64;
/// Principal components of which the explained variance is kept.
const COMPONENTS: usize = 3;

/// What the figures about populations need of the scientists of a training, without its runs: a row for each
/// scientist, phase and system seen by then. 32 scientists on six systems are less than 300 kB, and their
/// run is 40 MB.
///
/// Errors, counts of terms, judgements and fits are the very numbers that are read from a run
/// (Fu et al. 2025, Figures 6, 10 and 11, Table 2), so that a figure of a summary is that of the run.
///
/// # Example
///
/// ```
/// use mass_core::{DeviceKind, Recipe, Run, Trainer, TrainingSystem};
/// use mass_interp::Summary;
///
/// let folder = tempfile::tempdir().unwrap();
/// let systems = vec![TrainingSystem::named("classical")?];
/// Trainer::new(Recipe::reference().with_steps(3), systems, [4, 5])
///     .directory(folder.path().join("run"))
///     .run()?;
///
/// let run = Run::open(folder.path().join("run"))?;
/// let summary = Summary::of(&run, &DeviceKind::Flex.open()?)?;
/// let file = folder.path().join("seeds-4-5.parquet");
/// summary.write(&file)?;
/// let again = Summary::read(&file)?;
/// assert_eq!(again.seeds(), [4, 5]);
/// assert_eq!(again.findings()[1].parameters, summary.findings()[1].parameters);
/// # Ok::<(), mass_interp::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Summary {
    record: RunRecord,
    /// In the order of the record's seeds, then by phase, then as the systems join.
    findings: Vec<Finding>,
}

impl Summary {
    /// Asks the scientists of a run, at the end of each phase done.
    ///
    /// Of a system whose law is not known there are errors and counts of terms, and no judgement.
    ///
    /// # Errors
    ///
    /// As [`Run::model_at`], [`Run::phase_ends`] and [`Scientist::read_all`].
    pub fn of(run: &Run, device: &Device) -> Result<Self, Error> {
        Self::of_seeds(run, &run.record().seeds, device)
    }

    /// The same of some scientists of a run, in the order of its seeds.
    ///
    /// # Errors
    ///
    /// As [`Summary::of`]; [`Error::UnknownSeed`] for one that it does not hold.
    pub fn of_seeds(run: &Run, seeds: &[u64], device: &Device) -> Result<Self, Error> {
        let mut record = run.record().clone();
        known(seeds, &record.seeds)?;
        let wanted: BTreeSet<u64> = seeds.iter().copied().collect();
        let ends = run.phase_ends()?;
        let standings = Standing::of(&record, &ends, by_rmse(&record));
        let right = |phase: usize| -> Vec<bool> {
            let standings = standings.iter();
            standings
                .map(|one| one.correct(phase) == Some(true))
                .collect()
        };
        let measured = Measured::of(&ends.rows);
        let mut findings = Vec::new();
        for phase in 1..=run.phases_done()? {
            let model = run.model_at(phase, WeightsKind::Average, device)?;
            let (hashes, right) = (hashes(&model), right(phase));
            let all = Scientist::load_all_at(run, phase, WeightsKind::Average, device)?;
            let phase = Phase {
                number: phase,
                end: record.phase_end(phase),
                is_last: phase == record.phases(),
            };
            let places = (0..all.len()).filter(|place| wanted.contains(&all[*place].seed()));
            for some in places.collect::<Vec<_>>().chunks(AT_ONCE) {
                let one: Vec<Scientist> = some.iter().map(|i| all[*i].clone()).collect();
                let two: Vec<String> = some.iter().map(|i| hashes[*i].clone()).collect();
                let three: Vec<bool> = some.iter().map(|i| right[*i]).collect();
                findings.extend(phase.ask(&one, &two, &three, &measured)?);
            }
        }
        record.seeds.retain(|seed| wanted.contains(seed));
        Ok(Self::sorted(record, findings))
    }

    /// Findings in the order of the record's seeds; within one scientist they are in theirs already.
    pub(super) fn sorted(record: RunRecord, mut findings: Vec<Finding>) -> Self {
        let places = record.seeds.iter().enumerate();
        let places: HashMap<u64, usize> = places.map(|(place, seed)| (*seed, place)).collect();
        findings.sort_by_key(|one| (places.get(&one.seed).copied(), one.phase));
        Self { record, findings }
    }

    /// Reads a file that [`Summary::write`] wrote.
    ///
    /// # Errors
    ///
    /// An error of the file, naming it: missing, damaged, of a later program, or no summary.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let (record, findings) = table::read(path)?;
        let summary = Self::sorted(record, findings);
        summary.check().map_err(|reason| {
            let cause = std::io::Error::other(reason);
            mass_core::mass_runs::Error::file("read", path, cause)
        })?;
        Ok(summary)
    }

    /// Whether there is a row for each scientist, phase done and system seen.
    fn check(&self) -> Result<(), String> {
        let mut rows: BTreeMap<u64, usize> = BTreeMap::new();
        for one in &self.findings {
            *rows.entry(one.seed).or_default() += 1;
        }
        let known: BTreeSet<u64> = self.record.seeds.iter().copied().collect();
        let until = |phases: usize| (1..=phases).map(|phase| self.record.seen(phase)).sum();
        let whole: usize = until(self.phases());
        match rows.len() == known.len()
            && rows
                .iter()
                .all(|(seed, n)| known.contains(seed) && *n == whole)
        {
            true => Ok(()),
            false => Err(format!(
                "it is said to be of {} scientists with {whole} rows each, and that is not what is in it",
                known.len()
            )),
        }
    }

    /// Writes it as Parquet, whole or not at all: a row for each [`Finding`], the record of the training in
    /// the file's metadata.
    ///
    /// # Errors
    ///
    /// An error of the file, naming it.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        table::write(path, &self.record, &self.findings)
    }

    /// Puts together summaries of different scientists of one training, in ascending order of the seeds.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] without one, if trainings differ in more than their seeds, naming the
    /// difference, or if a scientist is in two of them.
    pub fn merge(parts: impl IntoIterator<Item = Summary>) -> Result<Self, Error> {
        let named = |part: Summary| {
            let seeds = ranges(&part.record.seeds);
            (format!("the summary of seeds {seeds}"), part)
        };
        Self::together(parts.into_iter().map(named))
    }

    /// The same, each with the name by which it is called if something is wrong with it.
    fn together(parts: impl IntoIterator<Item = (String, Summary)>) -> Result<Self, Error> {
        let mut parts = parts.into_iter();
        let (first, mut all) = parts
            .next()
            .ok_or_else(|| Error::Request("there is no summary to put together".into()))?;
        let own = all.record.seeds.iter();
        let mut holders: HashMap<u64, String> = own.map(|seed| (*seed, first.clone())).collect();
        for (name, part) in parts {
            if let Some(difference) = all.record.difference_to_merge(&part.record) {
                return Err(Error::Request(format!(
                    "{first} (there) and {name} (here) are of different trainings ({difference}): keep each training's in a folder of its own"
                )));
            }
            if all.phases() != part.phases() {
                return Err(Error::Request(format!(
                    "{first} and {name} are of {} and {} phases: train the shorter one on",
                    all.phases(),
                    part.phases()
                )));
            }
            for seed in &part.record.seeds {
                if let Some(holder) = holders.insert(*seed, name.clone()) {
                    return Err(Error::Request(format!(
                        "seed {seed} is in two of the summaries, {holder} and {name}: leave one out"
                    )));
                }
            }
            all.record.add_revisions(&part.record);
            all.record.seeds.extend(&part.record.seeds);
            all.findings.extend(part.findings);
        }
        all.record.seeds.sort_unstable();
        Ok(Self::sorted(all.record, all.findings))
    }

    /// The files of a folder in which there can be summaries, `*.parquet`, in the order of their names.
    ///
    /// # Errors
    ///
    /// An error of the folder, naming it.
    pub fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let unread = |cause| mass_core::mass_runs::Error::file("read", folder, cause);
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unread)? {
            let path = entry.map_err(unread)?.path();
            if path.extension().is_some_and(|end| end == "parquet") {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }

    /// All summaries in a folder, its files `*.parquet`, put together.
    ///
    /// # Errors
    ///
    /// As [`Summary::read`] and [`Summary::merge`]; [`Error::Request`] if there is none in it.
    pub fn read_folder(folder: &Path) -> Result<Self, Error> {
        let paths = Self::files(folder)?;
        if paths.is_empty() {
            return Err(Error::Request(format!(
                "there is no summary, a file *.parquet, in {}",
                folder.display()
            )));
        }
        let read = |path: &PathBuf| Ok((path.display().to_string(), Self::read(path)?));
        Self::together(paths.iter().map(read).collect::<Result<Vec<_>, Error>>()?)
    }

    /// These scientists alone, in this order.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSeed`] for one that is not there.
    pub fn pick(&self, seeds: &[u64]) -> Result<Self, Error> {
        known(seeds, &self.record.seeds)?;
        let mut record = self.record.clone();
        record.seeds = seeds.to_vec();
        let wanted: BTreeSet<u64> = seeds.iter().copied().collect();
        let findings = self
            .findings
            .iter()
            .filter(|one| wanted.contains(&one.seed));
        Ok(Self::sorted(record, findings.cloned().collect()))
    }

    /// Refuses another training than one by this recipe whose first systems are these.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] saying what is another.
    ///
    /// ```
    /// # use mass_core::{DeviceKind, Recipe, Run, Trainer, TrainingSystem};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let recipe = Recipe::reference().with_steps(3);
    /// # let systems = vec![TrainingSystem::named("classical")?];
    /// # Trainer::new(recipe.clone(), systems, [4]).directory(folder.path()).run()?;
    /// # let run = Run::open(folder.path())?;
    /// # let summary = mass_interp::Summary::of(&run, &DeviceKind::Flex.open()?)?;
    /// let check = |recipe: &Recipe, id: &str| summary.check_of(recipe, &[id.to_string()]);
    /// assert!(check(&recipe, "classical").is_ok());
    /// let other = check(&recipe, "pendulum").unwrap_err().to_string();
    /// assert_eq!(other, "the summaries are not of pendulum but of classical");
    /// let other = check(&Recipe::general(), "classical").unwrap_err().to_string();
    /// assert!(other.contains("another recipe, \"reference\""));
    /// # Ok::<(), mass_interp::Error>(())
    /// ```
    pub fn check_of(&self, recipe: &Recipe, systems: &[String]) -> Result<(), Error> {
        let known = self.record.systems.iter().map(|system| &*system.id);
        let known: Vec<&str> = known.collect();
        let of = systems.join(", ");
        if self.record.recipe != *recipe {
            let name = &self.record.recipe.name;
            return Err(Error::Request(format!(
                "the summaries are of another recipe, {name:?}"
            )));
        }
        if !systems.iter().eq(known.iter().take(systems.len())) {
            return Err(Error::Request(format!(
                "the summaries are not of {of} but of {}",
                known.join(", ")
            )));
        }
        Ok(())
    }

    /// What decided the training; of merged summaries that of all their scientists.
    pub fn record(&self) -> &RunRecord {
        &self.record
    }

    /// The scientists, `[E]`.
    pub fn seeds(&self) -> &[u64] {
        &self.record.seeds
    }

    /// Phases of which something is kept.
    pub fn phases(&self) -> usize {
        let phases = self.findings.iter().map(|one| one.phase);
        phases.max().unwrap_or(0) as usize
    }

    /// All rows, scientist by scientist, then by phase, then as the systems join.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How the scientists fared at each phase's end, `[E]`; as [`Standing::of`] the run.
    pub fn standings(&self, criterion: Criterion) -> Vec<Standing> {
        let measured = self.findings.iter();
        let measured = measured.map(|one| one.measured(self.record.phase_end(one.phase as usize)));
        let ends = Metrics {
            rows: measured.collect(),
            weights: Vec::new(),
        };
        Standing::of(&self.record, &ends, criterion)
    }

    /// The place of the system on which each scientist errs most at the end of a phase, `[E]`; an error that is not
    /// known is the worst.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a phase of which nothing is kept.
    pub fn hardest(&self, phase: usize) -> Result<Vec<usize>, Error> {
        let hardest = |rows: &&[Finding]| {
            let error = |place: &usize| match rows[*place].mse {
                mse if mse.is_nan() => f64::INFINITY,
                mse => mse,
            };
            let places = 0..rows.len();
            places.max_by(|a, b| error(a).total_cmp(&error(b)))
        };
        let all = self.at(phase)?;
        Ok(all.iter().filter_map(hardest).collect())
    }

    /// Numbers of significant terms at the end of a phase, `[E]`; as [`TermCounts::of_all`] the scientists.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a phase of which nothing is kept.
    pub fn counts(&self, phase: usize) -> Result<Vec<TermCounts>, Error> {
        let all = self.at(phase)?;
        let counts = |rows: &&[Finding]| TermCounts {
            listed: rows.iter().map(|one| one.terms).collect(),
            merged: rows.iter().map(|one| one.terms_merged).collect(),
            weights: rows[0].weights,
        };
        Ok(all.iter().map(counts).collect())
    }

    /// What was found of the theories of all at the end of a phase; as [`PhaseJudgements::of`] the
    /// scientists.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a phase of which nothing is kept.
    pub fn judgements(&self, phase: usize) -> Result<PhaseJudgements, Error> {
        let all = self.at(phase)?;
        let of = |place: usize| all.iter().map(|rows| rows[place].judgement).collect();
        let signs = all
            .iter()
            .map(|rows| rows.last()?.signs.as_ref()?.verdicts());
        let seen = 0..self.record.seen(phase);
        Ok(PhaseJudgements::new(
            seen.map(of).collect(),
            signs.collect(),
        ))
    }

    /// Table 2's fits on the system of this place, of those scientists that are correct at the end of a phase
    /// by RMSE; as [`TwoTermCensus::of`] them.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a phase of which nothing is kept, or one that is neither the last nor the one
    /// in which the system joined.
    pub fn two_terms(&self, place: usize, phase: usize) -> Result<TwoTermCensus, Error> {
        let all = self.at(phase)?;
        let is_newest = self.record.seen(phase) == place + 1;
        if !is_newest && phase != self.record.phases() {
            return Err(Error::Request(format!(
                "fits to two terms are kept of the last phase, and of the one in which a system joins, which phase {phase} is not"
            )));
        }
        let standings = self.standings(by_rmse(&self.record));
        let right = all.iter().zip(standings);
        let right = right.filter(|(_, standing)| standing.correct(phase) == Some(true));
        let (seeds, fits): (Vec<u64>, Vec<TwoTermFits>) = right
            .map(|(rows, _)| {
                (
                    rows[0].seed,
                    rows[place].two_terms.unwrap_or(TwoTermFits::NONE),
                )
            })
            .unzip();
        let system = self.record.systems[place].id.clone();
        Ok(TwoTermCensus::new(system, place, phase, seeds, &fits))
    }

    /// The rows of each scientist at the end of a phase, `[E][K]`.
    pub(super) fn at(&self, phase: usize) -> Result<Vec<&[Finding]>, Error> {
        let phases = self.phases();
        if !(1..=phases).contains(&phase) {
            return Err(Error::Request(format!(
                "the summary is of {phases} phases, counted from 1, so that there is no phase {phase}"
            )));
        }
        let runs = self
            .findings
            .chunk_by(|a, b| (a.seed, a.phase) == (b.seed, b.phase));
        Ok(runs.filter(|rows| rows[0].phase == phase as u64).collect())
    }
}

/// Refuses a seed that is not among those known.
pub(super) fn known(seeds: &[u64], all: &[u64]) -> Result<(), Error> {
    match seeds.iter().find(|seed| !all.contains(seed)) {
        None => Ok(()),
        Some(seed) => Err(Error::UnknownSeed {
            seed: *seed,
            known: crate::error::known_seeds(all),
        }),
    }
}

/// Who is asked for fits to two terms: whoever is correct by RMSE.
fn by_rmse(record: &RunRecord) -> Criterion {
    Criterion {
        error: ErrorKind::Rmse,
        below: record.recipe.evaluation.correct_below,
    }
}

/// What was measured at the phases' ends, by step, scientist and system.
struct Measured<'a>(HashMap<(u64, u64, &'a str), &'a MetricsRow>);

impl<'a> Measured<'a> {
    fn of(rows: &'a [MetricsRow]) -> Self {
        let rows = rows.iter();
        Self(
            rows.map(|row| ((row.step, row.seed, &*row.system), row))
                .collect(),
        )
    }
}

/// A phase of a run.
struct Phase {
    number: usize,
    end: u64,
    is_last: bool,
}

impl Phase {
    /// The rows of some scientists; hash of the parameters, and whether it is correct, of each.
    fn ask(
        &self,
        scientists: &[Scientist],
        hashes: &[String],
        right: &[bool],
        measured: &Measured<'_>,
    ) -> Result<Vec<Finding>, Error> {
        let first = &scientists[0];
        let batches = evaluation_batches(scientists, first.seen(), STATES_SEED)?;
        let counts = TermCounts::of_all(scientists, &batches, TermCounts::FRACTION)?;
        let laws_known = first.systems()[..first.seen()]
            .iter()
            .all(|system| system.lagrangian().is_some());
        let judged = match laws_known {
            true => PhaseJudgements::of(scientists, &batches, STATES_SEED)?,
            false => PhaseJudgements::new(
                vec![vec![Judgement::NOTHING; scientists.len()]; first.seen()],
                vec![None; scientists.len()],
            ),
        };
        let mut findings = Vec::new();
        for (place, batch) in batches.iter().enumerate() {
            let is_newest = place + 1 == first.seen();
            let fits = match is_newest || self.is_last {
                true => two_terms(scientists, place, right)?,
                false => vec![None; scientists.len()],
            };
            let readings = Scientist::read_all(scientists, place, batch)?;
            let system = first.systems()[place].id();
            for (member, one) in scientists.iter().enumerate() {
                let row = measured.0.get(&(self.end, one.seed(), &*system));
                findings.push(Finding {
                    seed: one.seed(),
                    phase: self.number as u64,
                    system: system.clone(),
                    parameters: hashes[member].clone(),
                    mse: row.map_or(f64::NAN, |row| row.average.mse),
                    pole_share: row.map_or(f64::NAN, |row| row.average.pole_share),
                    diverged_at: row.and_then(|row| row.diverged),
                    terms: counts[member].listed[place],
                    terms_merged: counts[member].merged[place],
                    weights: counts[member].weights,
                    explained: explained(&readings[member]),
                    judgement: judged.by_system[place][member],
                    signs: judged.signs[member].filter(|_| is_newest).map(Into::into),
                    two_terms: fits[member],
                });
            }
        }
        Ok(findings)
    }
}

/// Table 2's fits of those that are correct, on a system whose law is known.
fn two_terms(
    scientists: &[Scientist],
    place: usize,
    right: &[bool],
) -> Result<Vec<Option<TwoTermFits>>, Error> {
    let mut fits = vec![None; scientists.len()];
    let Some(law) = scientists[0].systems()[place].lagrangian() else {
        return Ok(fits);
    };
    let chosen: Vec<usize> = (0..scientists.len())
        .filter(|member| right[*member])
        .collect();
    if chosen.is_empty() {
        return Ok(fits);
    }
    let states = scientists[0].evaluation_states(place, TwoTermCensus::STATES, STATES_SEED)?;
    let some: Vec<Scientist> = chosen
        .iter()
        .map(|member| scientists[*member].clone())
        .collect();
    let found = two_term_fits(&some, place, &states.into(), law)?;
    for (member, found) in chosen.into_iter().zip(found) {
        fits[member] = Some(found);
    }
    Ok(fits)
}

/// The shares of the variance that the first components explain, none where there are no components.
fn explained(reading: &Reading) -> Vec<f64> {
    let components = reading.regular().and_then(|regular| {
        PrincipalComponents::of(&regular.activations(), ComponentSign::default())
    });
    components.map_or_else(
        |_| Vec::new(),
        |found| found.ratios().iter().take(COMPONENTS).copied().collect(),
    )
}
