//! What laws have in common: master theories with parameters (Algorithm 4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    description::{MODEL_FLOOR, rational_bits, real_bits},
    fraction::Fraction,
    symbolic::{Number, SymbolicLaw},
};

/// A constant of a master theory.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Slot {
    /// The same number in all its laws.
    Fixed(Number),
    /// A fraction plus or minus a parameter, counted from 0.
    Parameter {
        /// The fraction.
        offset: Fraction,
        /// The parameter.
        parameter: usize,
        /// Whether it is subtracted.
        negative: bool,
    },
}

/// A law with parameters of which several laws are special cases, such as r_t = 2 r_{t−1} − r_{t−2} + (p₁, p₂).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MasterTheory {
    /// D.
    pub dimension: usize,
    /// T.
    pub memory: usize,
    /// `[D, T·D + 1]`, in the order of a law's constants.
    pub slots: Vec<Slot>,
    /// The laws, by their places among those given, with each one's parameters.
    pub members: Vec<(usize, Vec<f64>)>,
    /// Bits of all the laws by themselves.
    pub bits_apart: f64,
    /// Bits of the master and of each law's parameters.
    pub bits_together: f64,
}

impl MasterTheory {
    /// How many parameters it has.
    pub fn parameters(&self) -> usize {
        let of = self.slots.iter().map(|slot| match slot {
            Slot::Fixed(_) => 0,
            Slot::Parameter { parameter, .. } => parameter + 1,
        });
        of.max().unwrap_or(0)
    }

    /// The constants of one coordinate as text, such as "−1, 0, 2, 0, p1"; all coordinates' on a line each.
    pub fn text(&self) -> String {
        let width = self.memory * self.dimension + 1;
        let slot = |slot: &Slot| match slot {
            Slot::Fixed(Number::Exact(f)) => f.to_string(),
            Slot::Fixed(Number::Real(value)) => format!("{value:.6}"),
            Slot::Parameter {
                offset,
                parameter,
                negative,
            } => {
                let name = format!("p{}", parameter + 1);
                match (*offset.numer() == 0, negative) {
                    (true, false) => name,
                    (true, true) => format!("-{name}"),
                    (false, false) => format!("{offset} + {name}"),
                    (false, true) => format!("{offset} - {name}"),
                }
            }
        };
        let rows = self.slots.chunks(width);
        let rows = rows.map(|row| row.iter().map(slot).collect::<Vec<_>>().join(", "));
        rows.collect::<Vec<_>>().join("\n")
    }
}

/// Master theories of laws that are alike, most laws first.
///
/// Laws are put together by their skeleton ([`SymbolicLaw::skeleton`]) and not by their description length alone, of
/// which the ranges of different laws overlap. Then they are gone through constant by constant: what is equal in all
/// is kept, everything else becomes a parameter. A group stays together only if that makes its description
/// shorter; copies of one law always do.
///
/// # Example
/// ```
/// use mass_physicist::{Estimate, Force, Occam, SymbolicLaw, unify};
///
/// let fall = |g: [f64; 2]| SymbolicLaw::real(&Force::Gravity { g }.recurrence(0.05));
/// # let exact = |law: SymbolicLaw| {
/// #     let one = nalgebra_identity(10);
/// #     Occam::default().simplify(&Estimate { law: law.recurrence(), information: one })
/// # };
/// # fn nalgebra_identity(n: usize) -> mass_physicist::nalgebra::DMatrix<f64> {
/// #     mass_physicist::nalgebra::DMatrix::identity(n, n) * 1e24
/// # }
/// let laws = [fall([1.0, -3.1]), fall([0.7, 2.2])].map(exact);
/// let masters = unify(&laws);
/// assert_eq!(masters[0].text(), "-1, 0, 2, 0, p1\n0, -1, 0, 2, p2");
/// ```
pub fn unify(laws: &[SymbolicLaw]) -> Vec<MasterTheory> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, law) in laws.iter().enumerate() {
        groups.entry(law.skeleton()).or_default().push(at);
    }
    let mut masters = Vec::new();
    for group in groups.into_values() {
        let together = master(laws, &group);
        if group.len() == 1 || together.bits_together <= together.bits_apart {
            masters.push(together);
        } else {
            masters.extend(group.iter().map(|law| master(laws, &[*law])));
        }
    }
    masters.sort_by_key(|master| std::cmp::Reverse(master.members.len()));
    masters
}

/// The master of laws of one skeleton.
fn master(laws: &[SymbolicLaw], group: &[usize]) -> MasterTheory {
    let first = &laws[group[0]];
    let mut slots = Vec::with_capacity(first.constants().len());
    let mut members: Vec<(usize, Vec<f64>)> = group.iter().map(|law| (*law, Vec::new())).collect();
    // Shared parameters of the laws, and the master's parameter that each became.
    let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
    let uses = first.uses();
    let mut count = 0;
    for at in 0..first.constants().len() {
        let number = |law: &SymbolicLaw| match law.exact(at) {
            Some(exact) => Number::Exact(exact),
            None => Number::Real(law.value(at)),
        };
        let own = number(first);
        if group.iter().all(|law| number(&laws[*law]) == own) {
            slots.push(Slot::Fixed(own));
            continue;
        }
        let constant = first.constants()[at];
        let tied = constant.parameter.filter(|(p, _)| uses[*p] > 1);
        let (offset, negative) = match tied {
            Some((_, negative)) => (constant.offset, negative),
            None => (Fraction::new(0, 1), false),
        };
        let known = tied.and_then(|(p, _)| shared.get(&p).copied());
        let parameter = known.unwrap_or_else(|| {
            for (law, values) in &mut members {
                let law = &laws[*law];
                values.push(
                    match law.constants()[at].parameter.filter(|_| tied.is_some()) {
                        Some((p, _)) => law.parameters()[p].value(),
                        None => law.value(at),
                    },
                );
            }
            count += 1;
            count - 1
        });
        if let Some((p, _)) = tied {
            shared.insert(p, parameter);
        }
        slots.push(Slot::Parameter {
            offset,
            parameter,
            negative,
        });
    }
    let name = (count.max(1) as f64).log2();
    let of_slots: f64 = slots
        .iter()
        .map(|slot| match slot {
            Slot::Fixed(number) => number.bits(MODEL_FLOOR),
            Slot::Parameter { offset, .. } => {
                name + 1.0 + rational_bits(*offset.numer(), offset.denom().unsigned_abs())
            }
        })
        .sum();
    let lists = members.iter().flat_map(|(_, values)| values);
    MasterTheory {
        dimension: first.dimension(),
        memory: first.memory(),
        slots,
        bits_apart: group.iter().map(|law| laws[*law].bits(MODEL_FLOOR)).sum(),
        bits_together: of_slots
            + lists
                .map(|value| real_bits(*value, MODEL_FLOOR))
                .sum::<f64>(),
        members,
    }
}
