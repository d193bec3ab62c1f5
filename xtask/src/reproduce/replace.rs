//! What a folder holds is not replaced by less, without being told to.

use anyhow::{Result, bail};
use mass_figures::Folder;

use super::job::{Job, steps_of};

/// Refuses jobs that would replace a figure of more scientists, of more steps, or of another recipe.
pub(super) fn check<'j>(jobs: impl IntoIterator<Item = (&'j str, &'j Job)>) -> Result<()> {
    let mut kept = Vec::new();
    for (name, job) in jobs {
        if let Some(planned) = job.planned() {
            kept.extend(Folder::new(&job.out, name).why_kept(&planned, steps_of)?);
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

#[cfg(test)]
mod tests {
    use mass_core::Recipe;
    use mass_figures::{Made, Trained};

    use super::*;
    use crate::training::Request;

    fn job(out: &std::path::Path) -> Job {
        Job {
            command: String::new(),
            out: out.into(),
            requests: vec![Request {
                training: mass_core::Request {
                    recipe: Recipe::reference(),
                    systems: vec!["classical".into()],
                    seeds: (0..20).collect(),
                    device: mass_jet::DeviceKind::Flex,
                },
                out: out.into(),
                summary: None,
            }],
            seed: None,
        }
    }

    #[test]
    fn what_is_there_and_how_to_go_on_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let plan = job(folder.path());
        let jobs = || ["fig10", "fig11"].map(|name| (name, &plan));
        assert!(check(jobs()).is_ok(), "an empty folder");
        let made = Made {
            command: "cargo xtask reproduce fig10".into(),
            trainings: vec![Trained {
                recipe: "reference".into(),
                systems: vec!["classical".into()],
                seeds: (0..100).collect(),
                phase_steps: steps_of("reference"),
                device: "flex".into(),
                revision: None,
                run: "training/x".into(),
            }],
            chosen: None,
        };
        for name in ["fig10", "fig11"] {
            let there = Folder::new(folder.path(), name);
            there.write_claims(&made, &[]).unwrap();
        }
        let error = check(jobs()).unwrap_err().to_string();
        for said in [
            "fig10 holds",
            "fig11 holds",
            "100 scientists",
            "this would be of 20",
            "--out DIR",
            "--replace",
        ] {
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}
