//! What is kept of scientists is what their runs say.

use std::{ops::Range, path::Path};

use crate::common::{device, small_recipe};
use mass_core::{Criterion, ErrorKind, Recipe, Run, Trainer, TrainingSystem, WeightsKind};
use mass_interp::{
    Error, PhaseJudgements, Scientist, Summary, TermCounts, TwoTermCensus, evaluation_batches,
};

const SYSTEMS: [&str; 2] = ["classical", "pendulum"];

/// The small recipe with inverses that have no poles, so that the untrained can be read, and all are correct.
fn recipe() -> Recipe {
    let mut recipe = small_recipe();
    recipe.terms.inverse = mass_terms::Inverse::Damped;
    recipe.evaluation.correct_below = 1e3;
    recipe
}

fn train(seeds: Range<u64>, out: &Path) -> Run {
    let systems = SYSTEMS.map(|id| TrainingSystem::named(id).unwrap());
    Trainer::new(recipe(), systems.to_vec(), seeds)
        .directory(out)
        .run()
        .unwrap();
    Run::open(out).unwrap()
}

/// Written to a file and read back.
fn through_a_file(summary: &Summary, folder: &Path) -> Summary {
    let path = folder.join("summary.parquet");
    summary.write(&path).unwrap();
    Summary::read(&path).unwrap()
}

#[test]
fn a_summary_says_what_the_run_says() {
    let folder = tempfile::tempdir().unwrap();
    let whole = train(3..7, &folder.path().join("whole"));
    let parts = [3..5, 5..7].map(|seeds| {
        let run = train(seeds.clone(), &folder.path().join(seeds.start.to_string()));
        through_a_file(&Summary::of(&run, &device()).unwrap(), folder.path())
    });
    let [first, second] = parts;
    let found = Summary::merge([second, first]).unwrap();
    assert_eq!((found.seeds(), found.phases()), (&[3, 4, 5, 6][..], 2));
    assert_eq!(found.findings().len(), 4 * 3);

    let record = whole.record();
    for kind in [ErrorKind::Rmse, ErrorKind::Mse] {
        let criterion = Criterion {
            error: kind,
            below: 0.5,
        };
        let own = mass_core::Standing::of(record, &whole.phase_ends().unwrap(), criterion);
        assert_eq!(found.standings(criterion), own);
    }
    let standings = found.standings(Criterion {
        error: ErrorKind::Rmse,
        below: record.recipe.evaluation.correct_below,
    });
    // NaN is the same as NaN in the debug form.
    for phase in [1, 2] {
        let all = Scientist::load_all_at(&whole, phase, WeightsKind::Average, &device()).unwrap();
        let states = evaluation_batches(&all, phase, 0).unwrap();
        let counts = TermCounts::of_all(&all, &states, TermCounts::FRACTION).unwrap();
        assert_eq!(
            format!("{:?}", found.counts(phase).unwrap()),
            format!("{counts:?}")
        );
        let judged = PhaseJudgements::of(&all, &states, 0).unwrap();
        assert!(judged.by_system[0].iter().any(|one| one.read));
        assert_eq!(
            format!("{:?}", found.judgements(phase).unwrap()),
            format!("{judged:?}")
        );
        let right: Vec<Scientist> = all
            .iter()
            .zip(&standings)
            .filter(|(_, standing)| standing.correct(phase) == Some(true))
            .map(|(one, _)| one.clone())
            .collect();
        assert!(!right.is_empty());
        let place = phase - 1;
        let states = all[0].evaluation_states(place, 1024, 0).unwrap().into();
        let law = all[0].systems()[place].lagrangian().unwrap();
        let fits = TwoTermCensus::of(&right, place, phase, &states, law).unwrap();
        assert_eq!(
            format!("{:?}", found.two_terms(place, phase).unwrap()),
            format!("{fits:?}")
        );
    }

    // On which system each errs most, by what was measured.
    let ends = whole.phase_ends().unwrap().rows;
    let hardest = found.hardest(2).unwrap();
    for (place, seed) in (3..7).enumerate() {
        let error = |system: &str| {
            let of = |row: &&mass_core::MetricsRow| {
                row.seed == seed && row.phase == 2 && row.system == system
            };
            ends.iter().rfind(of).unwrap().average.mse
        };
        let errors = SYSTEMS.map(error);
        assert_eq!(hardest[place], usize::from(errors[1] >= errors[0]));
    }

    let asked = Summary::of_seeds(&whole, &[6, 4], &device()).unwrap();
    assert_eq!(asked.seeds(), [4, 6]);
    let picked = found.pick(&[4, 6]).unwrap();
    assert_eq!(
        format!("{:?}", asked.findings()),
        format!("{:?}", picked.findings())
    );
    let unknown = Summary::of_seeds(&whole, &[9], &device());
    assert!(matches!(unknown, Err(Error::UnknownSeed { seed: 9, .. })));

    let some = found.pick(&[6, 4]).unwrap();
    assert_eq!(some.seeds(), [6, 4]);
    let listed = |summary: &Summary| summary.counts(2).unwrap()[0].listed.clone();
    assert_eq!(
        format!("{:?}", listed(&some)),
        format!("{:?}", found.counts(2).unwrap()[3].listed)
    );
}

#[test]
fn equal_scientists_have_equal_hashes() {
    let folder = tempfile::tempdir().unwrap();
    let hashes = |seeds: Range<u64>, name: &str| {
        let run = train(seeds, &folder.path().join(name));
        let summary = Summary::of(&run, &device()).unwrap();
        let found = summary.findings().iter().filter(|one| one.seed == 4);
        let found: Vec<(u64, String)> = found
            .map(|one| (one.phase, one.parameters.clone()))
            .collect();
        found
    };
    let alone = hashes(4..5, "alone");
    assert_eq!(alone, hashes(3..6, "together"));
    // One a phase, in the rows of all systems.
    assert!(alone[1] == alone[2] && alone[0].1 != alone[1].1);
}

#[test]
fn what_cannot_be_put_together_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let one = Summary::of(&train(0..2, &folder.path().join("one")), &device()).unwrap();
    let refused = |parts: Vec<Summary>| Summary::merge(parts).unwrap_err().to_string();
    assert!(refused(vec![one.clone(), one.clone()]).contains("seed 0 is in two of the summaries"));
    assert!(refused(Vec::new()).contains("there is no summary"));
    let systems = vec![TrainingSystem::named("classical").unwrap()];
    let path = folder.path().join("other");
    Trainer::new(recipe(), systems, 2..4)
        .directory(&path)
        .run()
        .unwrap();
    let other = Summary::of(&Run::open(&path).unwrap(), &device()).unwrap();
    assert!(refused(vec![one.clone(), other.clone()]).contains("of different trainings"));
    // Of a folder both files are named, and which is how.
    let kept = folder.path().join("kept");
    std::fs::create_dir(&kept).unwrap();
    let [a, b] = ["a.parquet", "b.parquet"].map(|name| kept.join(name));
    one.write(&a).unwrap();
    let mixed = |with: &Summary| {
        with.write(&b).unwrap();
        Summary::read_folder(&kept).unwrap_err().to_string()
    };
    let (a, b) = (a.display(), b.display());
    let said = mixed(&other);
    assert!(
        said.contains(&format!("{a} (there) and {b} (here) are of different")),
        "{said}"
    );
    assert!(mixed(&one).contains(&format!("seed 0 is in two of the summaries, {a} and {b}")));
    assert!(matches!(
        one.pick(&[7]),
        Err(Error::UnknownSeed { seed: 7, .. })
    ));
    let said = one.counts(3).unwrap_err().to_string();
    assert!(said.contains("of 2 phases"), "{said}");
    let said = one.two_terms(1, 1).unwrap_err().to_string();
    assert!(said.contains("which phase 1 is not"), "{said}");
}

#[test]
fn a_file_that_is_no_summary_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let run = train(0..1, &folder.path().join("run"));
    let path = folder.path().join("broken.parquet");
    std::fs::write(&path, "no table").unwrap();
    let measured = run.path().join("metrics-01.parquet");
    for (path, says) in [(&path, "Parquet"), (&measured, "of which training")] {
        let said = Summary::read(path).unwrap_err();
        let said = format!("{said}: {:?}", std::error::Error::source(&said));
        assert!(
            said.contains(path.to_str().unwrap()) && said.contains(says),
            "{said}"
        );
    }
}
