//! Scientists that are read alike.

use std::collections::BTreeMap;

use super::PhaseJudgements;
use crate::theory::{Judgement, Theory};

/// Scientists of whom one reading says the same on every system.
///
/// It is coarser than a [`Family`](crate::Family), whose members can work with each other's S: but it can be said of
/// scientists whose networks are not there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TheoryGroup {
    /// What the reading says on each system, `[K]`; `None` where it says nothing.
    pub theories: Vec<Option<Theory>>,
    /// Places of its members, ascending.
    pub members: Vec<usize>,
}

impl TheoryGroup {
    /// The groups by falling size; of equal size by their first member.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_interp::{Judgement, PhaseJudgements, Theory, TheoryGroup};
    ///
    /// let one = |theory: Option<Theory>| {
    ///     let mut one = Judgement::NOTHING;
    ///     one.theory_by_curvature = theory;
    ///     one
    /// };
    /// let (l, h) = (Some(Theory::Lagrangian), Some(Theory::Hamiltonian));
    /// let judged = PhaseJudgements::new(vec![vec![one(l), one(h), one(h)]], vec![None; 3]);
    /// let groups = TheoryGroup::of(&judged, |one| one.theory_by_curvature);
    /// assert_eq!((&groups[0].theories[..], &groups[0].members[..]), (&[h][..], &[1, 2][..]));
    /// ```
    pub fn of(judged: &PhaseJudgements, reading: fn(&Judgement) -> Option<Theory>) -> Vec<Self> {
        let scientists = judged.by_system.first().map_or(0, Vec::len);
        // Theories have no order of their own.
        let code = |theory: Option<Theory>| theory.map(|one| one == Theory::Lagrangian);
        let mut groups: BTreeMap<Vec<Option<bool>>, Self> = BTreeMap::new();
        for member in 0..scientists {
            let theories = judged.by_system.iter().map(|of| reading(&of[member]));
            let theories: Vec<Option<Theory>> = theories.collect();
            let key = theories.iter().map(|theory| code(*theory)).collect();
            let group = groups.entry(key).or_insert_with(|| Self {
                theories,
                members: Vec::new(),
            });
            group.members.push(member);
        }
        let mut groups: Vec<Self> = groups.into_values().collect();
        groups.sort_by_key(|group| (usize::MAX - group.members.len(), group.members[0]));
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_in_one_group_and_the_largest_is_first() {
        let (l, h) = (Some(Theory::Lagrangian), Some(Theory::Hamiltonian));
        let of = |theories: [Option<Theory>; 5]| -> Vec<Judgement> {
            let one = |theory| Judgement {
                theory,
                ..Judgement::NOTHING
            };
            theories.map(one).to_vec()
        };
        let systems = vec![of([h, h, l, h, None]), of([l, h, l, l, l])];
        let judged = PhaseJudgements::new(systems, vec![None; 5]);
        let groups = TheoryGroup::of(&judged, |one| one.theory);
        let expected = [
            (vec![h, l], vec![0, 3]),
            (vec![h, h], vec![1]),
            (vec![l, l], vec![2]),
            (vec![None, l], vec![4]),
        ];
        assert_eq!(groups.len(), expected.len());
        for (group, (theories, members)) in groups.iter().zip(expected) {
            assert_eq!((&group.theories, &group.members), (&theories, &members));
        }
        let none = PhaseJudgements::new(Vec::new(), Vec::new());
        assert!(TheoryGroup::of(&none, |one| one.theory).is_empty());
    }
}
