//! All systems by their ids.

use mass_suggest::nearest;

use crate::error::Error;
use crate::system::System;
use crate::systems::{
    Alpha, Beta, CartPendulum, ChargeInField, Classical, Cosh, CoupledOscillators, Damped,
    DoublePendulum, HenonHeiles, Kepler, Morse, NBody, Pendulum, PendulumChain, Power1, Power2,
    Quartic, Relativistic, RelativisticCosh, RelativisticMorse, RelativisticQuartic,
    SphericalPendulum, SyntheticExp, SyntheticSin, SyntheticSin2, X2v2,
};

type Made = Result<Box<dyn System>, Error>;

/// One row of the registry: how a system is asked for and how it is made.
struct Entry {
    id: &'static str,
    /// The names of its parameters; none, or all of them must be given.
    parameters: &'static str,
    /// Parameters to show in an error, and to list the system with.
    example: &'static [f64],
    /// Whether the id alone will do.
    bare: bool,
    make: fn(&[f64]) -> Made,
}

impl Entry {
    /// The id with the names of its parameters, as `power1(a,b)`.
    fn signature(&self) -> String {
        match (self.parameters, self.bare) {
            ("", _) => self.id.into(),
            (parameters, false) => format!("{}({parameters})", self.id),
            (parameters, true) => format!("{0} or {0}({parameters})", self.id),
        }
    }

    /// The right way to write it, for an error.
    fn expected(&self) -> String {
        if self.parameters.is_empty() {
            return format!("\"{}\" without parameters", self.id);
        }
        format!(
            "{}, as in {}",
            self.signature(),
            with_parameters(self.id, self.example)
        )
    }
}

macro_rules! entries {
    ($($id:literal => $system:expr),* $(,)?) => {
        [$(Entry {
            id: $id,
            parameters: "",
            example: &[],
            bare: true,
            make: |_| Ok(Box::new($system)),
        }),*]
    };
}

/// Systems 1 to 6, in the order in which the paper trains on them.
static TABLE_1: [Entry; 6] = entries! {
    "classical" => Classical,
    "pendulum" => Pendulum,
    "kepler" => Kepler,
    "relativistic" => Relativistic,
    "alpha" => Alpha,
    "beta" => Beta,
};

static ZOO: [Entry; 10] = entries! {
    "synthetic_sin" => SyntheticSin,
    "synthetic_sin2" => SyntheticSin2,
    "synthetic_exp" => SyntheticExp,
    "cosh" => Cosh,
    "morse" => Morse,
    "quartic" => Quartic,
    "relativistic_cosh" => RelativisticCosh,
    "relativistic_morse" => RelativisticMorse,
    "relativistic_quartic" => RelativisticQuartic,
    "x2v2" => X2v2,
};

static WITH_PARAMETERS: [Entry; 3] = [
    Entry {
        id: "damped",
        parameters: "beta",
        example: &[0.5],
        bare: true,
        make: |p| match p {
            [] => Ok(Box::new(Damped::default())),
            p => Ok(Box::new(Damped::new(p[0])?)),
        },
    },
    Entry {
        id: "power1",
        parameters: "a,b",
        example: &[2.0, 3.0],
        bare: false,
        make: |p| Ok(Box::new(Power1::new(p[0], p[1])?)),
    },
    Entry {
        id: "power2",
        parameters: "a1,a2,a3,a4",
        example: &[2.0, 3.0, 1.0, 2.0],
        bare: false,
        make: |p| Ok(Box::new(Power2::new(p[0], p[1], p[2], p[3])?)),
    },
];

static DOUBLE_PENDULUM: [Entry; 1] = [Entry {
    id: "double_pendulum",
    parameters: "m1,m2,l1,l2",
    example: &[1.0, 0.5, 1.0, 2.0],
    bare: true,
    make: |p| match p {
        [] => Ok(Box::new(DoublePendulum::default())),
        p => Ok(Box::new(DoublePendulum::new([p[0], p[1]], [p[2], p[3]])?)),
    },
}];

static HIGHER: [Entry; 3] = entries! {
    "spherical_pendulum" => SphericalPendulum,
    "two_body" => NBody::two_body(),
    "three_body" => NBody::three_body(),
};

static BODIES: [Entry; 1] = [Entry {
    id: "n_body",
    parameters: "n",
    example: &[4.0],
    bare: false,
    make: |p| {
        Ok(Box::new(NBody::new(whole(
            "n_body",
            "bodies",
            p,
            "n_body(4)",
        )?)?))
    },
}];

/// Ours, with more than one degree of freedom.
static OURS: [Entry; 5] = [
    Entry {
        id: "pendulum_chain",
        parameters: "n",
        example: &[3.0],
        bare: false,
        make: |p| {
            let n = whole("pendulum_chain", "pendulums", p, "pendulum_chain(3)")?;
            Ok(Box::new(PendulumChain::new(n)?))
        },
    },
    Entry {
        id: "coupled_oscillators",
        parameters: "n,k",
        example: &[2.0, 0.5],
        bare: false,
        make: |p| {
            let right = "coupled_oscillators(2,0.5)";
            let n = whole("coupled_oscillators", "oscillators", p, right)?;
            Ok(Box::new(CoupledOscillators::new(n, p[1])?))
        },
    },
    Entry {
        id: "cart_pendulum",
        parameters: "M,m,l",
        example: &[2.0, 1.0, 0.5],
        bare: true,
        make: |p| match p {
            [] => Ok(Box::new(CartPendulum::default())),
            p => Ok(Box::new(CartPendulum::new(p[0], p[1], p[2])?)),
        },
    },
    Entry {
        id: "henon_heiles",
        parameters: "",
        example: &[],
        bare: true,
        make: |_| Ok(Box::new(HenonHeiles)),
    },
    Entry {
        id: "charge_in_field",
        parameters: "B,k",
        example: &[2.0, 1.0],
        bare: true,
        make: |p| match p {
            [] => Ok(Box::new(ChargeInField::default())),
            p => Ok(Box::new(ChargeInField::new(p[0], p[1])?)),
        },
    },
];

/// The first parameter, a number of things.
fn whole(id: &str, things: &str, p: &[f64], right: &str) -> Result<usize, Error> {
    if p[0].fract() != 0.0 || !(0.0..=1e9).contains(&p[0]) {
        return Err(Error::BadParameter {
            system: with_parameters(id, p),
            reason: format!("the number of {things} must be a whole number, as in {right}"),
        });
    }
    Ok(p[0] as usize)
}

fn entries() -> impl Iterator<Item = &'static Entry> {
    TABLE_1
        .iter()
        .chain(&ZOO)
        .chain(&WITH_PARAMETERS)
        .chain(&DOUBLE_PENDULUM)
        .chain(&HIGHER)
        .chain(&BODIES)
        .chain(&OURS)
}

/// The system of this id.
///
/// Parameters follow the id in brackets: `power1(2,3)`, `power2(2,3,1,2)`, `damped(0.5)`, `n_body(4)`.
/// Spaces do not matter.
///
/// # Errors
/// [`Error::UnknownSystem`] with the nearest known id, [`Error::BadSystemId`] if the parameters cannot be
/// read, [`Error::BadParameter`] if there is no law with them.
///
/// # Example
/// ```
/// use mass_systems::lookup;
///
/// assert_eq!(lookup("pendulum")?.formula(), "ẏ = −sin x, L = ½y² + cos x − 1");
/// assert_eq!(lookup("n_body(4)")?.dof(), 8);
/// let error = lookup("pendulm").unwrap_err().to_string();
/// assert!(error.starts_with("unknown system \"pendulm\"; did you mean \"pendulum\"? (known: classical,"));
/// # Ok::<(), mass_systems::Error>(())
/// ```
pub fn lookup(id: &str) -> Result<Box<dyn System>, Error> {
    let given = id.trim();
    let (name, brackets) = match given.split_once('(') {
        Some((name, rest)) => (name.trim_end(), Some(rest)),
        None => (given, None),
    };
    let Some(entry) = entries().find(|entry| entry.id == name) else {
        return Err(unknown(given, name));
    };
    let bad = |reason: String| Error::BadSystemId {
        given: given.into(),
        reason,
        expected: entry.expected(),
    };
    let wanted = entry
        .parameters
        .split(',')
        .filter(|p| !p.is_empty())
        .count();
    let parameters = match brackets {
        None => Vec::new(),
        Some(rest) => {
            let inner = rest.strip_suffix(')');
            let inner = inner.ok_or_else(|| bad("the closing bracket is not at its end".into()))?;
            inner
                .split(',')
                .map(|text| {
                    let text = text.trim();
                    text.parse()
                        .map_err(|_| bad(format!("\"{text}\" is not a number")))
                })
                .collect::<Result<Vec<f64>, _>>()?
        }
    };
    let bare = brackets.is_none() && entry.bare;
    if !bare && (parameters.len() != wanted || wanted == 0) {
        return Err(bad(match (wanted, parameters.len()) {
            (0, _) => "it takes no parameters".into(),
            (1, given) => format!("it takes one parameter, not {given}"),
            (wanted, given) => format!("it takes {wanted} parameters, not {given}"),
        }));
    }
    (entry.make)(&parameters)
}

fn unknown(given: &str, name: &str) -> Error {
    let near = nearest(name, entries().map(|entry| entry.id));
    let near = entries().find(|entry| Some(entry.id) == near);
    Error::UnknownSystem {
        given: given.into(),
        suggestion: near.map(|entry| {
            if entry.bare {
                entry.id.into()
            } else {
                entry.signature()
            }
        }),
        known: known().join(", "),
    }
}

/// All ids, with the names of the parameters where an id takes them.
pub fn known() -> Vec<String> {
    entries().map(Entry::signature).collect()
}

/// The six systems of Table 1, in the order in which the paper trains on them (Fu et al. 2025, Table 1).
///
/// # Example
/// ```
/// let ids: Vec<_> = mass_systems::table1().iter().map(|system| system.id()).collect();
/// assert_eq!(ids, ["classical", "pendulum", "kepler", "relativistic", "alpha", "beta"]);
/// ```
pub fn table1() -> Vec<Box<dyn System>> {
    make(TABLE_1.iter())
}

/// Every system once: the six of Table 1, the released code's others, the higher-dimensional, ours; those that
/// need parameters with `power1(2,3)`, `power2(2,3,1,2)`, `n_body(4)` and so on.
pub fn all() -> Vec<Box<dyn System>> {
    make(entries())
}

fn make(entries: impl Iterator<Item = &'static Entry>) -> Vec<Box<dyn System>> {
    // The examples are valid parameters; a test makes every entry.
    let parameters = |entry: &Entry| if entry.bare { &[] } else { entry.example };
    entries
        .filter_map(|entry| (entry.make)(parameters(entry)).ok())
        .collect()
}

fn with_parameters(id: &str, parameters: &[f64]) -> String {
    let list: Vec<String> = parameters.iter().map(f64::to_string).collect();
    format!("{id}({})", list.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_made_under_the_id_it_is_listed_with() {
        let systems = all();
        assert_eq!(systems.len(), entries().count());
        for (system, entry) in systems.iter().zip(entries()) {
            let id = system.id();
            assert_eq!(id.split('(').next(), Some(entry.id));
            assert_eq!(lookup(&id).unwrap().id(), id);
            assert_eq!(system.dof(), system.domain().dof(), "{id}");
            assert!(
                !system.formula().is_empty() && !system.source().is_empty(),
                "{id}"
            );
            assert_ne!(system.name(), id);
        }
    }

    #[test]
    fn ids_with_parameters_are_read() {
        assert_eq!(
            lookup(" power1( 2.5 , -3 ) ").unwrap().id(),
            "power1(2.5,-3)"
        );
        assert_eq!(lookup("damped").unwrap().id(), "damped");
        assert_eq!(lookup("damped(1)").unwrap().id(), "damped");
        assert_eq!(lookup("damped(0.25)").unwrap().id(), "damped(0.25)");
        assert_eq!(lookup("n_body(5)").unwrap().dof(), 10);
    }

    #[test]
    fn wrong_ids_are_explained() {
        let message = |id: &str| lookup(id).unwrap_err().to_string();
        assert_eq!(
            message("pendulm"),
            "unknown system \"pendulm\"; did you mean \"pendulum\"? (known: classical, pendulum, kepler, \
             relativistic, alpha, beta, synthetic_sin, synthetic_sin2, synthetic_exp, cosh, morse, quartic, \
             relativistic_cosh, relativistic_morse, relativistic_quartic, x2v2, damped or damped(beta), power1(a,b), \
             power2(a1,a2,a3,a4), double_pendulum or double_pendulum(m1,m2,l1,l2), spherical_pendulum, two_body, three_body, \
             n_body(n), pendulum_chain(n), coupled_oscillators(n,k), cart_pendulum or cart_pendulum(M,m,l), \
             henon_heiles, charge_in_field or charge_in_field(B,k))"
        );
        assert!(message("Kepler").contains("did you mean \"kepler\"?"));
        assert!(message("nbody(4)").contains("did you mean \"n_body(n)\"?"));
        assert!(message("qqq").starts_with("unknown system \"qqq\" (known: "));
        for (id, reason) in [
            (
                "power1",
                "it takes 2 parameters, not 0; write power1(a,b), as in power1(2,3)",
            ),
            (
                "power1(2)",
                "it takes 2 parameters, not 1; write power1(a,b), as in power1(2,3)",
            ),
            (
                "power1(2,b)",
                "\"b\" is not a number; write power1(a,b), as in power1(2,3)",
            ),
            (
                "power1(2,3",
                "the closing bracket is not at its end; write power1(a,b), as in power1(2,3)",
            ),
            (
                "kepler(1)",
                "it takes no parameters; write \"kepler\" without parameters",
            ),
            (
                "damped(1,2)",
                "it takes one parameter, not 2; write damped or damped(beta), as in damped(0.5)",
            ),
        ] {
            assert_eq!(
                message(id),
                format!("cannot read the system id \"{id}\": {reason}")
            );
        }
        for (id, reason) in [
            (
                "power1(2,1)",
                "with b = 0 or 1, S_yy = b(b − 1)xᵃyᵇ⁻² is zero everywhere; take another b, as in power1(2,3)",
            ),
            (
                "power1(inf,2)",
                "both exponents must be finite, as in power1(2,3)",
            ),
            (
                "power2(2,1,3,0)",
                "with a₂ and a₄ both 0 or 1, S_yy is zero everywhere; take another, as in power2(2,3,1,2)",
            ),
            ("damped(NaN)", "β must be finite, as in damped(1)"),
            (
                "n_body(1)",
                "there must be 2 to 1000 bodies, as in n_body(4)",
            ),
            (
                "n_body(2.5)",
                "the number of bodies must be a whole number, as in n_body(4)",
            ),
        ] {
            assert_eq!(message(id), format!("{id} has no law: {reason}"));
        }
    }
}
