//! What data tell about a motion.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::law::numbered;
use crate::{FrictionKind, Measured};

/// A friction coefficient with its error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Friction {
    /// The position that it acts on, i, and the velocity that it is proportional to, j.
    pub on: usize,
    /// j.
    pub by: usize,
    /// How it grows with speed.
    #[serde(default)]
    pub kind: FrictionKind,
    /// b, of the force −b yⱼ, −b sign yᵢ or −b yᵢ |yᵢ|.
    pub value: f64,
    /// Its standard error.
    #[serde(deserialize_with = "crate::nan::one")]
    pub standard_error: f64,
}

impl Friction {
    /// The coefficient with its error, this unit behind it, and where it acts among `dof` positions: `0.30 ± 0.01 s⁻¹ on x₂`.
    pub fn text(&self, unit: &str, dof: usize) -> String {
        let number = Measured::new(self.value, Some(self.standard_error));
        let number = format!("{number}{unit}");
        match (dof, self.on == self.by) {
            (1, _) => number,
            (_, true) => format!("{number} on {}", numbered("x", self.on, 2)),
            (_, false) => format!(
                "{number} between {} and {}",
                numbered("x", self.on, 2),
                numbered("x", self.by, 2)
            ),
        }
    }
}

/// Whether a motion keeps its energy, as far as data can tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Verdict {
    /// It does: a Lagrangian explains it, and friction is not worth its bits.
    Conservative {
        /// The friction of each degree of freedom when it is added, `[d]`.
        friction: Vec<Friction>,
    },
    /// It loses energy by friction that is told from none (or gains it, where the coefficient is negative).
    Dissipative {
        /// The friction.
        friction: Vec<Friction>,
        /// The mean rate at which energy is lost along the data, in the units of L and time.
        rate: f64,
        /// Its standard error.
        #[serde(deserialize_with = "crate::nan::one")]
        rate_error: f64,
    },
    /// These data do not tell.
    NotTold {
        /// Why, and what would.
        reason: String,
    },
    /// No formula of the library explains the accelerations.
    NoFormula {
        /// The error of the best one, as a share of the deviation of ẏ.
        #[serde(deserialize_with = "crate::nan::one")]
        relative_error: f64,
    },
}

impl Verdict {
    pub(crate) fn times(&self, factor: f64) -> Self {
        let scaled = |friction: &[Friction]| {
            let each = friction.iter().map(|one| Friction {
                value: one.value * factor,
                standard_error: one.standard_error * factor.abs(),
                ..*one
            });
            each.collect()
        };
        match self {
            Self::Conservative { friction } => Self::Conservative {
                friction: scaled(friction),
            },
            Self::Dissipative {
                friction,
                rate,
                rate_error,
            } => Self::Dissipative {
                friction: scaled(friction),
                rate: rate * factor,
                rate_error: rate_error * factor.abs(),
            },
            other => other.clone(),
        }
    }
}

impl Verdict {
    /// The verdict in words about `dof` positions, with the unit behind each friction coefficient and behind the rate at
    /// which energy falls, ` s⁻¹`; empty where it is not known.
    pub fn text(&self, dof: usize, unit: impl Fn(&Friction) -> String, power: &str) -> String {
        match self {
            Self::Conservative { friction } => format!(
                "conservative: no friction is needed (added, its coefficient is {})",
                list(friction, dof, &unit)
            ),
            Self::Dissipative {
                friction,
                rate,
                rate_error,
            } if *rate < 0.0 => format!(
                "gains energy: {}, where friction has positive ones; energy grows at a mean rate of {}{power} where it \
                 was learned from; something drives this motion, or velocities, accelerations or times are not what they are taken for",
                by_kind(friction, dof, &unit),
                Measured::new(-rate, Some(*rate_error))
            ),
            Self::Dissipative {
                friction,
                rate,
                rate_error,
            } => format!(
                "dissipative: {}; energy falls at a mean rate of {}{power} where it was learned from",
                by_kind(friction, dof, &unit),
                Measured::new(*rate, Some(*rate_error))
            ),
            Self::NotTold { reason } => format!("not told by these data: {reason}"),
            Self::NoFormula { relative_error } => format!(
                "no formula of this library explains the accelerations: the best one's error is {:.0} % of their \
                 deviation; try a larger library, or a network",
                100.0 * relative_error
            ),
        }
    }
}

/// `friction coefficient 0.30 ± 0.01, dry friction 0.12 ± 0.01`.
fn by_kind(friction: &[Friction], dof: usize, unit: &impl Fn(&Friction) -> String) -> String {
    let kinds = [
        (FrictionKind::Linear, "friction coefficient"),
        (FrictionKind::Dry, FrictionKind::Dry.name()),
        (FrictionKind::Quadratic, FrictionKind::Quadratic.name()),
    ];
    let each = kinds.iter().filter_map(|(kind, name)| {
        let own: Vec<Friction> = friction
            .iter()
            .filter(|one| one.kind == *kind)
            .copied()
            .collect();
        (!own.is_empty()).then(|| format!("{name} {}", list(&own, dof, unit)))
    });
    each.collect::<Vec<_>>().join(", ")
}

fn list(friction: &[Friction], dof: usize, unit: &impl Fn(&Friction) -> String) -> String {
    let each = friction.iter().map(|one| one.text(&unit(one), dof));
    each.collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dof = match self {
            Self::Conservative { friction } | Self::Dissipative { friction, .. } => {
                let last = friction.iter().map(|one| one.on.max(one.by) + 1).max();
                last.unwrap_or(1)
            }
            _ => 1,
        };
        f.write_str(&self.text(dof, |_| String::new(), ""))
    }
}
