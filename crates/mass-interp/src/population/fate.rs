//! What becomes of a scientist as systems join.

/// What became of a scientist over several phases, which are counted from 0 here (Fu et al. 2025,
/// Figure 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Correct at the end of every phase.
    AlwaysCorrect,
    /// First not correct at the end of this phase, and not correct in the end.
    Fails(usize),
    /// Not correct at some phase's end, but from this one on.
    Revives(usize),
}

impl Fate {
    /// The fate of a scientist that was or was not correct at the end of each phase; `None` without
    /// phases.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_interp::Fate;
    ///
    /// assert_eq!(Fate::of(&[true, false, true, true]), Some(Fate::Revives(2)));
    /// ```
    pub fn of(correct: &[bool]) -> Option<Self> {
        let failed = correct.iter().position(|correct| !correct);
        let last_failed = correct.iter().rposition(|correct| !correct);
        Some(match (correct.last()?, failed, last_failed) {
            (true, _, Some(last)) => Self::Revives(last + 1),
            (_, Some(first), _) => Self::Fails(first),
            _ => Self::AlwaysCorrect,
        })
    }

    /// In words, with the names of the systems that joined at each phase.
    ///
    /// # Panics
    ///
    /// If its phase has no system.
    pub fn text(self, systems: &[String]) -> String {
        match self {
            Self::AlwaysCorrect => "always correct".into(),
            Self::Fails(phase) => format!("fails at {}", systems[phase]),
            Self::Revives(phase) => format!("revives at {}", systems[phase]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fates_are_told_apart() {
        let fate = |correct: [bool; 4]| Fate::of(&correct).unwrap();
        assert_eq!(fate([true; 4]), Fate::AlwaysCorrect);
        assert_eq!(fate([true, false, false, false]), Fate::Fails(1));
        assert_eq!(fate([true, false, true, false]), Fate::Fails(1));
        assert_eq!(fate([true, true, true, false]), Fate::Fails(3));
        assert_eq!(fate([true, false, true, true]), Fate::Revives(2));
        assert_eq!(fate([false, true, false, true]), Fate::Revives(3));
        assert_eq!(fate([false; 4]), Fate::Fails(0));
        assert_eq!(Fate::of(&[]), None);
    }

    #[test]
    fn they_are_named_by_the_system_that_joined() {
        let systems = ["classical", "pendulum"].map(String::from);
        assert_eq!(Fate::AlwaysCorrect.text(&systems), "always correct");
        assert_eq!(Fate::Fails(1).text(&systems), "fails at pendulum");
        assert_eq!(Fate::Revives(0).text(&systems), "revives at classical");
    }
}
