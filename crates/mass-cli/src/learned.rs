//! What `mass learn` found, as it is kept: `learned.json`.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use mass_interp::statistics::nullable;
use mass_sparse::{Friction, FrictionKind, LagrangianLaw, SparseLaw};
use mass_systems::write_whole;
use serde::{Deserialize, Serialize};

use crate::{
    course::{self, Course},
    percent::percent,
    reach::Reach,
    units::Units,
    versioned,
};

/// The format of the file. A newer one is refused.
const FORMAT: u32 = 1;

/// The name of the file in the folder of `learn`.
pub(crate) const FILE: &str = "learned.json";

/// The name of the file of several systems, which are folders beside it.
pub(crate) const TOGETHER: &str = "together.json";

/// What "followed" is, below the table of theories.
pub(crate) const FOLLOWED: &str = "Followed: the time, from the first row of what was held out, until a position is off by a tenth of its deviation, of how long that stretch is; of several stretches the median, of two the worse. The state that a law starts from is fitted to the first fifth of the stretch, or less.";

/// What was found of some measurements.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Learned {
    format: u32,
    /// Version of the program.
    version: String,
    /// The files that were read.
    pub(crate) files: Vec<String>,
    /// Names of the positions, `[d]`.
    pub(crate) positions: Vec<String>,
    /// Names of the inputs, `[m]`.
    pub(crate) inputs: usize,
    /// Units of time and positions, where the files say them.
    #[serde(default)]
    pub(crate) units: Units,
    /// From where positions are counted, `[d]` in the file's units (radians for degrees); empty for the file's own origin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) origin: Vec<f64>,
    /// The limit of the one position and the time τ of its decay, ẋ = −(x − limit)/τ, where that is the law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first_order: Option<[f64; 2]>,
    /// The numbers of the law, each with its unit.
    #[serde(default)]
    pub(crate) coefficients: Vec<Number>,
    /// From where to where the measured states go.
    #[serde(default)]
    pub(crate) reach: Option<Reach>,
    /// What may be wrong with the data, a sentence each.
    pub(crate) warnings: Vec<String>,
    /// What was noticed beside, a sentence each.
    pub(crate) notes: Vec<String>,
    /// Rows that were learned from, and that were judged on.
    pub(crate) rows: [usize; 2],
    /// By what these were told apart.
    pub(crate) split: String,
    /// Which trajectories were judged on, where whole ones were and they have names of their own.
    #[serde(default)]
    pub(crate) held_out: Vec<String>,
    /// Whether an angle looks as if it were in degrees, and nobody said so; while it is learned.
    #[serde(skip)]
    pub(crate) may_be_degrees: bool,
    /// How accelerations came about, and how well they are known: median standard error by deviation.
    pub(crate) accelerations: String,
    #[serde(with = "nullable::one")]
    pub(crate) acceleration_error: f64,
    /// Whether the law is known roughly only.
    #[serde(default)]
    pub(crate) rough: bool,
    /// The theories that were tried.
    pub(crate) theories: Vec<Tried>,
    /// The place of the one that is the simplest of those that are as good as the best.
    pub(crate) best: Option<usize>,
    /// Quantities that the motion keeps, as formulas with their drift.
    pub(crate) conserved: Vec<(String, f64)>,
    /// The verdict, a sentence or two.
    pub(crate) verdict: String,
    /// What to do next.
    pub(crate) next: Vec<String>,
    /// The formula of ẏ as a short sum.
    pub(crate) sparse: Option<SparseLaw>,
    /// The Lagrangian, with friction and forcing where there are any.
    pub(crate) lagrangian: Option<LagrangianLaw>,
    /// What pictures are drawn from, kept in a file of its own.
    #[serde(skip)]
    pub(crate) course: Option<Course>,
    /// How far the training of networks came, if somebody stopped it.
    #[serde(skip)]
    pub(crate) stopped: Option<String>,
}

/// A number of a law.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Number {
    /// What it is the coefficient of, `cos x`, `dry friction on x`.
    pub(crate) of: String,
    pub(crate) value: f64,
    /// 0 where it is fixed by choice, `null` where it is not known.
    pub(crate) standard_error: Option<f64>,
    /// Empty of a pure number, `null` where a unit of the data is not known.
    pub(crate) unit: Option<String>,
}

/// How one theory fared on what it was not shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tried {
    pub(crate) name: String,
    /// Error of ẏ as a share of its deviation; `null` where it could not be tried.
    pub(crate) error: Option<f64>,
    /// Median time for which its motion stays within a tenth of the positions' deviation, and that of the data.
    pub(crate) followed: Option<[f64; 2]>,
    /// Numbers in it.
    pub(crate) size: Option<usize>,
    pub(crate) seconds: f64,
    /// Its formula, a line each.
    pub(crate) formula: Vec<String>,
    /// Why it could not be tried.
    pub(crate) failed: Option<String>,
    /// Of a trained network alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) network: Option<Network>,
}

/// Networks of one kind, which were trained on the same rows from different seeds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Network {
    /// What they were told: `free`, `lagrangian`, `hamiltonian`, `plain`.
    pub(crate) kind: String,
    /// Error of ẏ of each on what was held out, as a share of its deviation.
    pub(crate) errors: Vec<f64>,
    /// Which of them is the median; it stands for all.
    pub(crate) middle: usize,
    /// Which positions are angles.
    pub(crate) angles: Vec<usize>,
    /// Steps of its training, and its error on what was held out, as a share of the deviation of ẏ.
    pub(crate) curve: Vec<(f64, f64)>,
    /// How many each family has: scientists whose scalars compute each other's motion.
    pub(crate) families: Vec<usize>,
    /// The mean over pairs of how much of ẏ one computes with the scalar of the other.
    pub(crate) agreement: Option<f64>,
    /// What no Lagrangian whatever explains of its law, as a share of the law's own rate (Helmholtz's conditions).
    pub(crate) no_lagrangian: Option<f64>,
}

impl Network {
    /// How many there are and how they stand to each other.
    pub(crate) fn words(&self) -> String {
        let (least, most) = self.range();
        let count = self.errors.len();
        let mut words = match count {
            1 => "one of them".to_string(),
            _ => format!(
                "{count} of them, from {} to {}",
                percent(least),
                percent(most)
            ),
        };
        if let Some(agreement) = self.agreement {
            let families = self.families.len();
            let plural = if families == 1 { "family" } else { "families" };
            words += &format!(
                ", in {families} {plural} by whose scalar computes whose motion (agreement {agreement:.2})"
            );
        }
        if let Some(missed) = self.no_lagrangian {
            words += &format!(
                "; a Lagrangian accounts for all but {} of the law of the median one",
                percent(missed)
            );
        }
        words
    }

    /// The least and the greatest error.
    pub(crate) fn range(&self) -> (f64, f64) {
        let errors = self.errors.iter();
        errors.fold((f64::INFINITY, 0.0), |(least, most): (f64, f64), error| {
            (least.min(*error), most.max(*error))
        })
    }
}

/// Beside what a conserved quantity's variation is told.
pub(crate) fn varies_beside(formula: &str) -> &'static str {
    match formula.starts_with("E = ") {
        true => "the kinetic energy",
        false => "its size",
    }
}

/// The file that `learn` wrote, given as its folder or itself.
pub(crate) fn file(path: &Path) -> PathBuf {
    match path.is_dir() {
        true => path.join(FILE),
        false => path.to_path_buf(),
    }
}

/// The folders of systems within a folder, in order.
fn systems(path: &Path) -> Vec<String> {
    let inside = fs::read_dir(path).into_iter().flatten().flatten();
    let mut all: Vec<String> = inside
        .map(|one| one.path())
        .filter(|one| one.join(FILE).exists())
        .map(|one| one.display().to_string())
        .collect();
    all.sort();
    all
}

impl Learned {
    /// The networks whose law is announced, where no formula does.
    pub(crate) fn network(&self) -> Option<&Network> {
        self.theories.get(self.best?)?.network.as_ref()
    }

    /// Whether the law is a sum for ẏ and no Lagrangian.
    pub(crate) fn is_sum(&self) -> bool {
        self.best == Some(0) || self.lagrangian.is_none()
    }

    /// What was judged on, by the names of few trajectories: `other trajectories, "3"`.
    pub(crate) fn judged(&self) -> String {
        match self.held_out.as_slice() {
            names @ ([_] | [_, _] | [_, _, _]) => {
                format!("{}, \"{}\"", self.split, names.join("\", \""))
            }
            _ => self.split.clone(),
        }
    }

    /// The error of the accelerations, by their deviation: what smoothing states, which is for motions as rough as its
    /// model and too much for smooth ones; or less, where a law misses less of rows that it was not learned from.
    pub(crate) fn acceleration_known(&self) -> f64 {
        self.missed().unwrap_or(self.acceleration_error)
    }

    /// The same in words, behind `known to`.
    pub(crate) fn known_to(&self) -> String {
        let stated = percent(self.acceleration_error);
        match self.missed() {
            Some(missed) => format!(
                "{} of their deviation or better, which is what the nearest law misses (smoothing alone vouches for {stated})",
                percent(missed)
            ),
            None => format!("{stated} of their deviation"),
        }
    }

    /// The least error of a law that was tried, where it is less than that of the accelerations.
    fn missed(&self) -> Option<f64> {
        let errors = self.theories.iter().filter_map(|one| one.error);
        let least = errors.min_by(f64::total_cmp)?;
        (least < self.acceleration_error).then_some(least)
    }

    /// The numbers of the law that is best, with their units.
    pub(crate) fn numbers(&self) -> Vec<Number> {
        let error = |error: f64| error.is_finite().then_some(error);
        let units = &self.units;
        if self.network().is_some() {
            return Vec::new(); // seven thousand of them, which mean nothing by themselves
        }
        if self.is_sum() {
            let components = self
                .sparse
                .iter()
                .flat_map(|law| law.components())
                .enumerate();
            let d = self.positions.len();
            return components
                .flat_map(|(i, component)| component.iter().map(move |one| (i, one)))
                .map(|(i, one)| Number {
                    of: match d {
                        1 => one.function.text(d),
                        _ => format!(
                            "{} in the acceleration of {}",
                            one.function.text(d),
                            self.positions[i]
                        ),
                    },
                    value: one.coefficient,
                    standard_error: error(one.standard_error),
                    unit: units.of_addend(i, &one.function),
                })
                .collect();
        }
        let Some(law) = &self.lagrangian else {
            return Vec::new();
        };
        let terms = law.terms().iter().map(|term| Number {
            of: term.function.text(law.dof()),
            value: term.coefficient.value,
            standard_error: error(term.coefficient.standard_error),
            unit: units.of_term(law, &term.function),
        });
        let friction = law.friction().iter().map(|term| {
            let friction = Friction::from(term);
            let kind = match term.kind {
                FrictionKind::Dry => "dry friction",
                FrictionKind::Quadratic => "quadratic friction",
                _ => "friction",
            };
            Number {
                of: match law.dof() {
                    1 => kind.to_string(),
                    _ => format!("{kind} on {}", self.positions[term.on]),
                },
                value: term.coefficient.value,
                standard_error: error(term.coefficient.standard_error),
                unit: units.of_friction(law, &friction),
            }
        });
        let gains = law.gains().iter().map(|term| Number {
            of: match (law.dof(), law.inputs()) {
                (1, 1) => "the input".to_string(),
                (1, _) => format!("input {}", term.input + 1),
                _ => format!("input {} on {}", term.input + 1, self.positions[term.on]),
            },
            value: term.coefficient.value,
            standard_error: error(term.coefficient.standard_error),
            unit: None, // that of the input is not known
        });
        terms.chain(friction).chain(gains).collect()
    }

    pub(crate) fn new(files: Vec<String>) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_string(),
            files,
            positions: Vec::new(),
            inputs: 0,
            units: Units::default(),
            origin: Vec::new(),
            first_order: None,
            coefficients: Vec::new(),
            reach: None,
            warnings: Vec::new(),
            notes: Vec::new(),
            rows: [0; 2],
            split: String::new(),
            held_out: Vec::new(),
            may_be_degrees: false,
            accelerations: String::new(),
            acceleration_error: f64::NAN,
            rough: false,
            theories: Vec::new(),
            best: None,
            conserved: Vec::new(),
            verdict: String::new(),
            next: Vec::new(),
            sparse: None,
            lagrangian: None,
            course: None,
            stopped: None,
        }
    }

    /// What a position is in formulas: its column, less the origin where that is another, ` − 2.1` with all digits or six.
    pub(crate) fn less_origin(&self, k: usize, all_digits: bool) -> String {
        let Some(origin) = self.origin.get(k).copied().filter(|own| *own != 0.0) else {
            return String::new();
        };
        let size = match all_digits {
            true => origin.abs(),
            false => format!("{:.5e}", origin.abs())
                .parse()
                .unwrap_or(origin.abs()),
        };
        match origin < 0.0 {
            true => format!(" + {size}"),
            false => format!(" − {size}"),
        }
    }

    /// Version of the program that found it.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// Writes the files into a folder, each whole or not at all.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)
            .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        let text = self.json()?;
        write_whole(&folder.join(FILE), |file| file.write_all(text.as_bytes()))?;
        // What another run found of several systems is none of this.
        let together = folder.join(TOGETHER);
        if together.exists() {
            fs::remove_file(&together)
                .with_context(|| format!("{} cannot be removed", together.display()))?;
        }
        if let Some(course) = &self.course {
            let text = course.json(&text)?;
            write_whole(&folder.join(course::FILE), |file| {
                file.write_all(text.as_bytes())
            })?;
        }
        Ok(())
    }

    /// Whether nothing was kept in a folder.
    pub(crate) fn is_free(folder: &Path) -> Result<()> {
        ensure!(
            !folder.join(FILE).exists() && !folder.join(TOGETHER).exists(),
            "{} keeps what another run found: give another folder, or --force to write over it",
            folder.display()
        );
        Ok(())
    }

    /// Reads what `learn` wrote: the folder, or the file itself.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let file = file(path);
        if !file.exists() && path.join(TOGETHER).exists() {
            bail!(
                "{} has what was found of several systems, each in a folder of its own: give one of {}",
                path.display(),
                systems(path).join(", ")
            );
        }
        let text = fs::read_to_string(&file).with_context(|| {
            format!(
                "{} cannot be read; `mass learn FILE --out FOLDER` writes one",
                file.display()
            )
        })?;
        versioned::read(&text, &file, FILE, FORMAT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(stated: f64, error: Option<f64>) -> Learned {
        let mut learned = Learned::new(Vec::new());
        learned.acceleration_error = stated;
        learned.theories = vec![Tried {
            name: "one".to_string(),
            error,
            followed: None,
            size: None,
            seconds: 0.0,
            formula: Vec::new(),
            failed: None,
            network: None,
        }];
        learned.best = Some(0);
        learned
    }

    #[test]
    fn accelerations_are_known_no_worse_than_a_law_misses_them_where_it_was_not_learned() {
        let better = with(0.26, Some(0.10));
        assert!((better.acceleration_known() - 0.10).abs() < 1e-12);
        assert_eq!(
            better.known_to(),
            "10 % of their deviation or better, which is what the nearest law misses (smoothing alone vouches for 26 %)"
        );
        assert_eq!(
            with(0.02, Some(0.10)).known_to(),
            "2.00 % of their deviation"
        );
        assert_eq!(with(0.02, None).known_to(), "2.00 % of their deviation");
        assert!(with(f64::NAN, Some(0.3)).acceleration_known().is_nan());
        // That another law is announced is no matter.
        let mut nearer = with(0.26, Some(0.20));
        nearer.theories.push(Tried {
            error: Some(0.10),
            ..nearer.theories[0].clone()
        });
        assert!((nearer.acceleration_known() - 0.10).abs() < 1e-12);
    }
}
