//! One theory of several systems: the same terms, coefficients of each its own.

use std::collections::BTreeSet;

use crate::problem::Feature;
use crate::sparse_lagrangian::Scaled;
use crate::{Error, LagrangianLaw, MotionData, SparseLagrangian, Verdict};

/// The laws of several systems with the same terms, friction and gains, in the same order; their coefficients are of
/// each system its own ([`SparseLagrangian::fit_together`]).
#[derive(Clone, Debug)]
pub struct CommonLaws {
    laws: Vec<LagrangianLaw>,
    needed: Vec<Vec<f64>>,
}

impl CommonLaws {
    /// The law of each system, `[S]`.
    pub fn laws(&self) -> &[LagrangianLaw] {
        &self.laws
    }

    /// The same, to keep.
    pub fn into_laws(self) -> Vec<LagrangianLaw> {
        self.laws
    }

    /// By how many bits the description of each system grows without each term, friction and gain, `[S, K]`: what is
    /// not above 0 is not told from nothing in that system, what is infinite cannot be left out of it.
    pub fn needed(&self) -> &[Vec<f64>] {
        &self.needed
    }

    /// Systems that are of another kind than most, by the terms of L that each needs ([`of_another_kind`]). Friction and
    /// gains count for nothing: they may be there in one system and not in another.
    pub fn of_another_kind(&self) -> Vec<usize> {
        let needs = self.laws.iter().zip(&self.needed).map(|(law, needed)| {
            let terms = law.terms().iter().zip(needed).enumerate();
            let needs = terms.filter(|(_, (term, bits))| !term.gauge && **bits > 0.0);
            needs.map(|(place, _)| place).collect()
        });
        of_another_kind(&needs.collect::<Vec<_>>())
    }
}

/// Of systems that need these terms, `[S]`, those that are of another kind than most, in order. Of two systems of one
/// kind one has all terms that the other needs: a coefficient may be 0. All systems, where none of their kinds is that
/// of most.
///
/// # Example
/// ```
/// use mass_sparse::of_another_kind;
///
/// let needs = |terms: &[usize]| terms.iter().copied().collect();
/// assert!(of_another_kind(&[needs(&[0]), needs(&[0, 1])]).is_empty());
/// assert_eq!(of_another_kind(&[needs(&[0]), needs(&[1, 2]), needs(&[0])]), [1]);
/// assert_eq!(of_another_kind(&[needs(&[0]), needs(&[1])]), [0, 1]);
/// ```
pub fn of_another_kind(needs: &[BTreeSet<usize>]) -> Vec<usize> {
    let apart =
        |a: &usize, b: &usize| !needs[*a].is_subset(&needs[*b]) && !needs[*b].is_subset(&needs[*a]);
    let mut rest: Vec<usize> = (0..needs.len()).collect();
    let mut others: Vec<usize> = Vec::new();
    loop {
        let conflicts = rest
            .iter()
            .map(|a| rest.iter().filter(|b| apart(a, b)).count());
        let conflicts: Vec<usize> = conflicts.collect();
        let most = conflicts.iter().copied().max().unwrap_or(0);
        if most == 0 {
            others.sort_unstable();
            return others;
        }
        let each = rest.iter().copied().zip(conflicts);
        let (out, left): (Vec<_>, Vec<_>) = each.partition(|(_, of)| *of == most);
        others.extend(out.into_iter().map(|(system, _)| system));
        rest = left.into_iter().map(|(system, _)| system).collect();
    }
}

impl SparseLagrangian {
    /// One theory of several systems, `[S]`: the terms that describe all of them together in the fewest bits, names of
    /// terms counted once, coefficients and residuals for each system; the coefficients are those of each system.
    /// `from` are laws whose terms are tried beside what the search comes upon, such as those of each system alone.
    ///
    /// All else is as in [`SparseLagrangian::fit`]: terms are added and dropped by the sum of the systems' likelihoods,
    /// and chosen by what is held out of each system in turn.
    ///
    /// # Errors
    /// [`Error::Request`] for fewer than two systems or for systems of different inputs, else as
    /// [`SparseLagrangian::fit`].
    ///
    /// # Example
    ///
    /// ```
    /// use mass_sparse::{FrictionModel, FunctionLibrary, MotionData, SparseLagrangian};
    /// use mass_systems::{Dataset, Purpose, lookup, sample, stream};
    ///
    /// let states = |id: &str| -> Result<MotionData, mass_systems::Error> {
    ///     let system = lookup(id)?;
    ///     Ok(MotionData::new(sample(&*system, 300, &mut stream(0, Purpose::TrainData, id))?))
    /// };
    /// let two = [states("damped(0.3)")?, states("damped(0.05)")?];
    /// let laws = SparseLagrangian::new(FunctionLibrary::lagrangian(1, &[])?).fit_together(&two, &[])?;
    /// assert_eq!(laws.laws()[0].formula(), "L = 0.5000 y² − 0.5000 x²; friction −0.3000 y");
    /// assert_eq!(laws.laws()[1].formula(), "L = 0.5000 y² − 0.5000 x²; friction −0.05000 y");
    /// assert!(laws.of_another_kind().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fit_together(
        &self,
        systems: &[MotionData],
        from: &[LagrangianLaw],
    ) -> Result<CommonLaws, Error> {
        let [first, _, ..] = systems else {
            return Err(Error::Request(format!(
                "{} systems have no theory in common: give two at least",
                systems.len()
            )));
        };
        let forcing = |data: &MotionData| data.forcing().map(|f| (f.inputs(), f.gains().is_some()));
        for (place, data) in systems.iter().enumerate() {
            self.check(data)?;
            if forcing(data) != forcing(first) {
                return Err(Error::Request(format!(
                    "system {place} (counted from 0) has other inputs than the first: systems of one theory have as \
                     many, with gains that are known in all or in none"
                )));
            }
        }
        let scaled = systems.iter().map(|data| Scaled::of(self, data));
        let scaled = scaled.collect::<Result<Vec<_>, Error>>()?;
        let features = self.features(first, &scaled[0].scales)?;
        let mut candidates: Vec<Vec<usize>> = from
            .iter()
            .filter_map(|law| places(law, &features))
            .collect();
        candidates.dedup();
        let search = self.searched(&scaled, &features, &candidates)?;
        let laws = scaled.iter().enumerate();
        let laws = laws.map(|(place, one)| {
            let mut law = self.law(one, &features, &search, place)?;
            let friction = law.terms().len()..law.terms().len() + law.friction().len();
            // Friction that other systems have takes nothing of this one.
            let rubs = search.needed[place][friction]
                .iter()
                .any(|bits| *bits > 0.0);
            if let (Verdict::Dissipative { friction, .. }, false) = (&law.verdict, rubs) {
                let friction = friction.clone();
                law.verdict = Verdict::Conservative { friction };
            }
            Ok(law)
        });
        Ok(CommonLaws {
            laws: laws.collect::<Result<_, Error>>()?,
            needed: search.needed,
        })
    }
}

/// The features of a law, in order; none if one of them is not among these.
fn places(law: &LagrangianLaw, features: &[Feature]) -> Option<Vec<usize>> {
    let terms = law.terms().iter();
    let terms = terms.map(|term| Feature::Term(term.function.clone()));
    let friction = law.friction().iter();
    let friction = friction.map(|term| Feature::Friction(term.on, term.by, term.kind));
    let gains = law.gains().iter();
    let gains = gains.map(|term| Feature::Gain(term.on, term.input));
    let all = terms.chain(friction).chain(gains);
    let mut found = all
        .map(|one| features.iter().position(|feature| *feature == one))
        .collect::<Option<Vec<usize>>>()?;
    found.sort_unstable();
    Some(found)
}
