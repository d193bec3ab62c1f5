//! Families of scientists that share a theory.

use serde::{Deserialize, Serialize};

use super::matrix::Agreement;
use crate::{error::Error, terms::Clustering};

/// Scientists that agree among themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Family {
    /// Its members, ascending.
    pub members: Vec<usize>,
    /// The member that agrees most with the others, on average: the one to look at.
    pub medoid: usize,
    /// The mean agreement of different members; 1 for a family of one.
    pub agreement: f64,
}

/// Families by hierarchical clustering: average linkage of 1 − agreement, cut where a merge would
/// join two families that agree less than asked, on average.
///
/// # Example
///
/// ```
/// use mass_interp::{Agreement, Families, Reading, evaluation_states};
/// use mass_systems::{System, systems::Classical};
///
/// let states = evaluation_states(&Classical, 128, 0)?;
/// let law = Classical.lagrangian().unwrap();
/// let lagrangian = Reading::exact_lagrangian(law, &states)?;
/// let hamiltonian = Reading::exact_hamiltonian(law, Default::default(), &states)?;
/// let agreement = Agreement::of(&[hamiltonian, lagrangian.clone(), lagrangian])?;
/// let families = Families::of(&agreement, 0.9)?;
/// assert_eq!(families.families[0].members, [1, 2]);
/// assert_eq!(families.families[1].members, [0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Families {
    /// By falling size; of equal size by their first member.
    pub families: Vec<Family>,
    /// The tree that was cut; its columns are the scientists.
    pub clustering: Clustering,
}

impl Families {
    /// Families whose members agree to at least `least` on average.
    ///
    /// # Errors
    ///
    /// [`Error::Fraction`] for a `least` outside (0, 1], [`Error::Length`] without scientists.
    pub fn of(agreement: &Agreement, least: f64) -> Result<Self, Error> {
        if !(least > 0.0 && least <= 1.0) {
            return Err(Error::Fraction { found: least });
        }
        let apart = |i, j| 1.0 - agreement.get(i, j);
        let clustering = Clustering::by(agreement.size(), apart)?;
        let labels = clustering.cut(1.0 - least);
        let count = labels.iter().max().map_or(0, |last| last + 1);
        let mut families: Vec<Family> = (0..count)
            .map(|label| {
                let members = (0..labels.len()).filter(|i| labels[*i] == label);
                Family::of(members.collect(), agreement)
            })
            .collect();
        families.sort_by_key(|family| (usize::MAX - family.members.len(), family.members[0]));
        Ok(Self {
            families,
            clustering,
        })
    }

    /// The scientists family by family, those of one in the order of the tree, `[E]`: the order in
    /// which a matrix of agreements shows its families.
    pub fn order(&self) -> Vec<usize> {
        let leaves = self.clustering.leaf_order();
        let of = |family: &Family| -> Vec<usize> {
            let leaves = leaves.iter().copied();
            leaves
                .filter(|leaf| family.members.contains(leaf))
                .collect()
        };
        self.families.iter().flat_map(of).collect()
    }

    /// The family of each scientist, `[E]`, by its place in the list.
    pub fn labels(&self) -> Vec<usize> {
        let mut labels = vec![0; self.clustering.columns()];
        for (label, family) in self.families.iter().enumerate() {
            for member in &family.members {
                labels[*member] = label;
            }
        }
        labels
    }
}

impl Family {
    fn of(members: Vec<usize>, agreement: &Agreement) -> Self {
        let with_others = |i: &usize| -> f64 {
            let others = members.iter().filter(|j| *j != i);
            others.map(|j| agreement.get(*i, *j)).sum()
        };
        let mut medoid = (members[0], with_others(&members[0]));
        let mut total = 0.0;
        for member in &members {
            let sum = with_others(member);
            total += sum;
            if sum > medoid.1 {
                medoid = (*member, sum);
            }
        }
        let pairs = members.len() * (members.len() - 1);
        Self {
            medoid: medoid.0,
            agreement: if pairs == 0 {
                1.0
            } else {
                total / pairs as f64
            },
            members,
        }
    }
}
