//! A hub of theories: what was found in other worlds, for the next one (Algorithms 5 and 6).

use std::{fs, io::Write, path::Path};

use mass_systems::write_whole;
use serde::{Deserialize, Serialize};

use crate::{
    border::Domains,
    error::Error,
    learner::Discovery,
    loss::Core,
    observations::Windows,
    recurrence::Recurrence,
    symbolic::SymbolicLaw,
    unify::{MasterTheory, unify},
};

/// The version of the file that this crate writes and reads.
const VERSION: u32 = 1;

/// A theory in the hub.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredTheory {
    /// The world that it was found in.
    pub world: String,
    /// The law as fitted.
    pub law: Recurrence,
    /// With exact constants.
    pub symbolic: SymbolicLaw,
    /// Mean bits of its errors on its own windows, at the precision floor with which it was added.
    pub mean_bits: f64,
    /// Windows of its domain, `[n, (T + 1)·D]`, oldest position first.
    pub data: Vec<f64>,
}

/// A hub of theories, with the windows in which each holds. It is a file of JSON.
///
/// # Example
/// ```
/// use mass_physicist::{DivideAndConquer, Hub, Modern, WorldKind, WorldRequest};
///
/// let mut hub = Hub::default();
/// let (_, seen) = WorldRequest::new(WorldKind::Gravity, 1, 0).make()?;
/// let windows = seen.windows(2)?;
/// let found = Modern::default().discover(&windows)?;
/// assert_eq!(hub.add("first", &found, &windows, 1e-9, 1.0)?, 2);
///
/// // Free motion is in every world: the hub proposes it.
/// let (_, seen) = WorldRequest::new(WorldKind::Harmonic, 1, 0).make()?;
/// let proposed = hub.propose(&seen.windows(2)?, 2);
/// assert_eq!(hub.theories()[proposed[0]].symbolic, found.theories[0].symbolic);
/// # Ok::<(), mass_physicist::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hub {
    theories: Vec<StoredTheory>,
}

#[derive(Serialize, Deserialize)]
struct File {
    format: String,
    version: u32,
    theories: Vec<StoredTheory>,
}

const FORMAT: &str = "mass-physicist theory hub";

impl Hub {
    /// What is in it, in order of addition.
    pub fn theories(&self) -> &[StoredTheory] {
        &self.theories
    }

    /// The theories, at most `count`, that predict most windows best, the first of most; by their places. Those that
    /// are best for one window in ten thousand or fewer are not proposed (the paper's code), nor those of another
    /// number of coordinates. A copy of a theory takes no windows from it.
    pub fn propose(&self, windows: &Windows, count: usize) -> Vec<usize> {
        let mut fitting: Vec<usize> = Vec::new();
        for (at, theory) in self.theories.iter().enumerate() {
            let same = theory.law.dimension() == windows.dimension()
                && theory.law.memory() == windows.memory();
            let copy = fitting
                .iter()
                .any(|other| self.theories[*other].law.distance(&theory.law) < 1e-9);
            if same && !copy {
                fitting.push(at);
            }
        }
        let mut best = vec![0_usize; fitting.len()];
        let mut predicted = vec![0.0; windows.dimension()];
        for w in 0..windows.len() {
            let mut least: Option<(usize, f64)> = None;
            for (place, at) in fitting.iter().enumerate() {
                self.theories[*at]
                    .law
                    .predict(windows.inputs(w), &mut predicted);
                let pairs = predicted.iter().zip(windows.output(w));
                let squares: f64 = pairs.map(|(p, y)| (p - y) * (p - y)).sum();
                if least.is_none_or(|(_, s)| squares < s) {
                    least = Some((place, squares));
                }
            }
            if let Some((place, _)) = least {
                best[place] += 1;
            }
        }
        let mut order: Vec<usize> = (0..fitting.len())
            .filter(|place| best[*place] as f64 > 1e-4 * windows.len() as f64)
            .collect();
        order.sort_by_key(|place| std::cmp::Reverse(best[*place]));
        order.truncate(count);
        order.into_iter().map(|place| fitting[place]).collect()
    }

    /// Adds those theories of a world whose mean bits on the windows that they explain where they hold, at the
    /// precision floor `floor` in the unit of the positions, are less than `threshold` (η). How many were added.
    ///
    /// # Errors
    /// [`Error::Request`] if the floor is not positive.
    pub fn add<D: Domains>(
        &mut self,
        world: &str,
        found: &Discovery<D>,
        windows: &Windows,
        floor: f64,
        threshold: f64,
    ) -> Result<usize, Error> {
        if !(floor > 0.0 && floor.is_finite()) {
            return Err(Error::Request(format!(
                "the precision floor is {floor}; it must be positive"
            )));
        }
        let core = Core::Bits { floor };
        let mut added = 0;
        for (number, theory) in found.theories.iter().enumerate() {
            let (mut bits, mut count, mut data) = (0.0, 0_usize, Vec::new());
            let mut errors = vec![0.0; windows.dimension()];
            let amplification = theory.law.amplification();
            let reach = 10.0 * found.noise;
            for w in 0..windows.len() {
                if found.domains.theory(windows.inputs(w)) != number {
                    continue;
                }
                theory.law.predict(windows.inputs(w), &mut errors);
                let pairs = errors.iter_mut().zip(windows.output(w));
                pairs.for_each(|(p, y)| *p -= y);
                // A bounce or a passage is none of its domain.
                let within = errors
                    .iter()
                    .zip(&amplification)
                    .all(|(u, a)| u.abs() <= a * reach);
                if !within {
                    continue;
                }
                bits += core.loss(&errors);
                count += 1;
                data.extend_from_slice(windows.inputs(w));
                data.extend_from_slice(windows.output(w));
            }
            let mean_bits = bits / count.max(1) as f64;
            if count > 0 && mean_bits < threshold {
                self.theories.push(StoredTheory {
                    world: world.into(),
                    law: theory.law.clone(),
                    symbolic: theory.symbolic.clone(),
                    mean_bits,
                    data,
                });
                added += 1;
            }
        }
        Ok(added)
    }

    /// Leaves out what was found in a world.
    pub fn forget(&mut self, world: &str) {
        self.theories.retain(|theory| theory.world != world);
    }

    /// What its theories have in common; members are places in [`Hub::theories`].
    pub fn masters(&self) -> Vec<MasterTheory> {
        let laws: Vec<SymbolicLaw> = self.theories.iter().map(|t| t.symbolic.clone()).collect();
        unify(&laws)
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let file = File {
            format: FORMAT.into(),
            version: VERSION,
            theories: self.theories.clone(),
        };
        write_whole(path, |out| {
            serde_json::to_writer(&mut *out, &file)?;
            out.write_all(b"\n")
        })?;
        Ok(())
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, is no hub, is of another version or a shape does not fit.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let refuse = |problem: String| Error::File {
            path: path.into(),
            problem,
        };
        let text = fs::read_to_string(path).map_err(|e| refuse(format!("cannot be read: {e}")))?;
        let head: serde_json::Value = serde_json::from_str(&text)
            .map_err(|e| refuse(format!("this is no theory hub: it is not JSON: {e}")))?;
        if head["format"] != FORMAT {
            return Err(refuse(
                "this is no theory hub: it does not say so in \"format\"".into(),
            ));
        }
        if head["version"] != VERSION {
            return Err(refuse(format!(
                "this theory hub is of version {}; this program reads version {VERSION}",
                head["version"]
            )));
        }
        let file: File = serde_json::from_value(head)
            .map_err(|e| refuse(format!("this theory hub is damaged: {e}")))?;
        for (at, theory) in file.theories.iter().enumerate() {
            let (d, t) = (theory.law.dimension(), theory.law.memory());
            let law = Recurrence::new(d, t, theory.law.constants().to_vec());
            let symbolic = SymbolicLaw::new(
                theory.symbolic.dimension(),
                theory.symbolic.memory(),
                theory.symbolic.constants().to_vec(),
                theory.symbolic.parameters().to_vec(),
            );
            let same = theory.symbolic.dimension() == d && theory.symbolic.memory() == t;
            let rows = theory.data.len() % ((t + 1) * d).max(1) == 0;
            if law.is_err() || symbolic.is_err() || !same || !rows {
                return Err(refuse(format!(
                    "this theory hub is damaged: shapes of theory {at}, counted from 0, do not fit each other"
                )));
            }
        }
        Ok(Self {
            theories: file.theories,
        })
    }
}
