//! What a folder holds is not replaced by less, without being told to.

use anyhow::{Result, bail};
use mass_figures::Made;

use super::{
    job::Job,
    output::{read_json, steps_of},
};

/// Refuses jobs that would replace a figure of more scientists, of more steps, or of another recipe.
///
/// A smaller ensemble takes minutes and a larger one may have taken a day; and what quotes the folder
/// (`cargo xtask fidelity`, the gallery) would not know.
pub(super) fn check<'j>(jobs: impl IntoIterator<Item = (&'j str, &'j Job)>) -> Result<()> {
    let mut kept = Vec::new();
    for (name, job) in jobs {
        let folder = job.out.join(name);
        let record = folder.join("made.json");
        if !record.exists() {
            continue;
        }
        let made: Made = read_json(&record)?;
        if let Some(why) = why_not(&made, job) {
            kept.push(format!(
                "{} holds {}, made by `{}`; {why}",
                folder.display(),
                made.words(steps_of),
                made.command
            ));
        }
    }
    if kept.is_empty() {
        return Ok(());
    }
    bail!(
        "{}\nTo keep both, give another folder, `--out DIR`; to replace what is there, `--replace`",
        kept.join("\n")
    );
}

/// Why a job should not replace what was made, if it should not.
fn why_not(made: &Made, job: &Job) -> Option<String> {
    let most = |seeds: &mut dyn Iterator<Item = usize>| seeds.max().unwrap_or(0);
    let there = most(&mut made.trainings.iter().map(|one| one.seeds.len()));
    let planned = most(&mut job.requests.iter().map(|one| one.seeds.len()));
    let (old, new) = (made.trainings.first()?, job.requests.first()?);
    let steps = new.recipe.schedule.phase_steps();
    if old.recipe != new.recipe.name {
        Some(format!("this would be of recipe `{}`", new.recipe.name))
    } else if there > planned {
        Some(format!("this would be of {planned}"))
    } else if old.phase_steps > steps {
        Some(format!(
            "this would be of {steps} steps a phase, not {}",
            old.phase_steps
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use mass_core::Recipe;
    use mass_figures::Trained;

    use super::*;
    use crate::training::Request;

    fn made(recipe: &str, seeds: u64, phase_steps: usize) -> Made {
        Made {
            command: "cargo xtask reproduce fig10".into(),
            trainings: vec![Trained {
                recipe: recipe.into(),
                systems: vec!["classical".into()],
                seeds: (0..seeds).collect(),
                phase_steps,
                device: "flex".into(),
                revision: None,
                run: "training/x".into(),
            }],
            chosen: None,
        }
    }

    fn job(out: &std::path::Path, seeds: u64) -> Job {
        Job {
            command: String::new(),
            out: out.into(),
            requests: vec![Request {
                training: mass_core::Request {
                    recipe: Recipe::reference(),
                    systems: vec!["classical".into()],
                    seeds: (0..seeds).collect(),
                    device: mass_jet::DeviceKind::Flex,
                },
                out: out.into(),
                summary: None,
            }],
            seed: None,
        }
    }

    #[test]
    fn less_does_not_replace_more() {
        let job = job(std::path::Path::new("runs"), 20);
        let steps = job.request().recipe.schedule.phase_steps();
        let refused = |made: Made| why_not(&made, &job);
        assert_eq!(refused(made("reference", 20, steps)), None, "as many");
        assert_eq!(
            refused(made("reference", 3, steps)),
            None,
            "more than there were"
        );
        assert_eq!(
            refused(made("reference", 20, 120)),
            None,
            "more steps than there were"
        );
        assert!(
            refused(made("reference", 21, steps))
                .unwrap()
                .contains("of 20")
        );
        assert!(
            refused(made("paper", 20, steps))
                .unwrap()
                .contains("`reference`")
        );
        assert!(
            refused(made("reference", 20, steps + 1))
                .unwrap()
                .contains("steps a phase")
        );
        let nothing = Made {
            trainings: Vec::new(),
            ..made("reference", 0, 0)
        };
        assert_eq!(refused(nothing), None, "what needs no training");
    }

    #[test]
    fn what_is_there_and_how_to_go_on_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let plan = job(folder.path(), 20);
        let jobs = || ["fig10", "fig11"].map(|name| (name, &plan));
        assert!(check(jobs()).is_ok(), "an empty folder");
        for name in ["fig10", "fig11"] {
            let at = folder.path().join(name);
            std::fs::create_dir(&at).unwrap();
            let text = serde_json::to_string(&made("reference", 100, 10_100)).unwrap();
            std::fs::write(at.join("made.json"), text).unwrap();
        }
        let error = check(jobs()).unwrap_err().to_string();
        for said in [
            "fig10 holds",
            "fig11 holds",
            "100 scientists",
            "--out DIR",
            "--replace",
        ] {
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}
