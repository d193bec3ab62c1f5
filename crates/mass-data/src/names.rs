//! What columns are usually called.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Time,
    Trajectory,
    Position,
    Velocity,
    Acceleration,
    Forcing,
}

/// A name that is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) kind: Kind,
    /// The position that it belongs to, without its number: `x` of `x1`, `vx1` and `xdot_1`.
    pub(crate) stem: String,
    pub(crate) index: Option<usize>,
}

const TIMES: [&str; 5] = ["t", "time", "times", "timestamp", "seconds"];
const TRAJECTORIES: [&str; 10] = [
    "trial",
    "traj",
    "trajectory",
    "run",
    "id",
    "trialid",
    "trajid",
    "trajectoryid",
    "runid",
    "episode",
];
const POSITIONS: [&str; 17] = [
    "x",
    "q",
    "theta",
    "th",
    "phi",
    "psi",
    "angle",
    "pos",
    "position",
    "displacement",
    "distance",
    "height",
    "depth",
    "r",
    "y",
    "z",
    "beta",
];
const FORCINGS: [&str; 8] = [
    "tau", "u", "f", "force", "torque", "forcing", "input", "control",
];
/// Stems that are angles.
const ANGLES: [&str; 6] = ["theta", "th", "phi", "psi", "angle", "beta"];

/// Names to suggest for one that is not understood.
pub(crate) const SUGGESTED: [&str; 20] = [
    "time",
    "trial",
    "trajectory",
    "theta",
    "phi",
    "angle",
    "position",
    "velocity",
    "omega",
    "qdot",
    "xdot",
    "thetadot",
    "acceleration",
    "alpha",
    "qddot",
    "xddot",
    "ydot",
    "torque",
    "force",
    "tau",
];

/// Whether positions of this stem are angles.
pub(crate) fn is_angle(stem: &str) -> bool {
    ANGLES.contains(&stem)
}

/// A name in lower case, Greek letters and dots spelled out, without separators: `θ̇_1` is `thetadot1`.
pub(crate) fn spelled(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        let spelled = match c {
            'α' => "alpha",
            'β' => "beta",
            'θ' | 'ϑ' => "theta",
            'φ' | 'ϕ' => "phi",
            'ψ' => "psi",
            'ω' => "omega",
            'τ' => "tau",
            'ẋ' => "xdot",
            'ẍ' => "xddot",
            'ẏ' => "ydot",
            'ÿ' => "yddot",
            'ż' => "zdot",
            '\u{307}' | '\'' | '′' | '\u{2d9}' => "dot",
            '\u{308}' | '"' | '″' | '¨' => "ddot",
            '₀'..='₉' => {
                out.extend(char::from_digit(c as u32 - '₀' as u32, 10));
                continue;
            }
            c if c.is_alphanumeric() => {
                out.push(c);
                continue;
            }
            _ => continue,
        };
        out.push_str(spelled);
    }
    // Two primes are two dots.
    out.replace("dotdot", "ddot")
}

/// A name and the number at its end.
fn numbered(name: &str) -> (&str, Option<usize>) {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &name[base.len()..];
    match digits.len() {
        1..=4 => (base, digits.parse().ok()),
        0 => (base, None),
        _ => (name, None), // A date, or a serial number.
    }
}

/// What a name says, if it is understood. `y` and what is derived from it are taken for a position here.
pub(crate) fn known(name: &str) -> Option<Known> {
    let spelled = spelled(name);
    let known = |kind, stem: &str, index| {
        let stem = stem.into();
        Some(Known { kind, stem, index })
    };
    if TIMES.contains(&spelled.as_str()) {
        return known(Kind::Time, "", None);
    }
    if TRAJECTORIES.contains(&spelled.as_str()) {
        return known(Kind::Trajectory, "", None);
    }
    // d²x/dt², dx/dt.
    let whole = spelled
        .strip_suffix("dt2")
        .and_then(|s| s.strip_prefix("d2"))
        .map(|s| format!("dd{s}"))
        .or_else(|| {
            spelled
                .strip_suffix("dt")
                .filter(|s| s.starts_with('d') && s.len() > 1)
                .map(String::from)
        })
        .unwrap_or(spelled);
    let (base, mut index) = numbered(&whole);
    if let Some(kind) = rate(base, &mut index) {
        return known(kind.0, &kind.1, index);
    }
    if FORCINGS.contains(&base) {
        return known(Kind::Forcing, base, index);
    }
    None
}

/// A position or its first or second derivative.
fn rate(base: &str, index: &mut Option<usize>) -> Option<(Kind, String)> {
    let position = |s: &str| POSITIONS.contains(&s);
    if position(base) {
        return Some((Kind::Position, base.into()));
    }
    match base {
        "v" | "vel" | "velocity" | "speed" => return Some((Kind::Velocity, "v".into())),
        "omega" | "w" | "angularvelocity" => return Some((Kind::Velocity, "omega".into())),
        "a" | "acc" | "accel" | "acceleration" | "vdot" | "dv" => {
            return Some((Kind::Acceleration, "v".into()));
        }
        "alpha" | "omegadot" | "domega" | "angularacceleration" => {
            return Some((Kind::Acceleration, "omega".into()));
        }
        _ => {}
    }
    let mut inner = |s: &str| {
        let (stem, number) = numbered(s);
        let fits = position(stem) && (number.is_none() || index.is_none());
        fits.then(|| {
            *index = index.or(number);
            stem.to_string()
        })
    };
    for (kind, marks) in [
        (Kind::Acceleration, &["ddot", "dd", "acc", "accel"][..]),
        (Kind::Velocity, &["dot", "d", "vel"][..]),
    ] {
        for mark in marks {
            let behind = base.strip_suffix(mark).and_then(&mut inner);
            let stem = behind.or_else(|| base.strip_prefix(mark).and_then(&mut inner));
            if let Some(stem) = stem {
                return Some((kind, stem));
            }
        }
    }
    for (mark, kind) in [("v", Kind::Velocity), ("a", Kind::Acceleration)] {
        if let Some(stem) = base
            .strip_prefix(mark)
            .filter(|s| ["x", "y", "z"].contains(s))
        {
            return Some((kind, stem.into()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_are_known() {
        use Kind::*;
        for (name, kind, stem, index) in [
            ("t", Time, "", None),
            ("Time", Time, "", None),
            ("Trial", Trajectory, "", None),
            ("traj_id", Trajectory, "", None),
            ("x", Position, "x", None),
            ("x_0", Position, "x", Some(0)),
            ("X1", Position, "x", Some(1)),
            ("q₂", Position, "q", Some(2)),
            ("θ", Position, "theta", None),
            ("θ_1", Position, "theta", Some(1)),
            ("Theta2", Position, "theta", Some(2)),
            ("v", Velocity, "v", None),
            ("ω1", Velocity, "omega", Some(1)),
            ("qdot", Velocity, "q", None),
            ("q_dot_1", Velocity, "q", Some(1)),
            ("q1_dot", Velocity, "q", Some(1)),
            ("q1dot", Velocity, "q", Some(1)),
            ("q̇₁", Velocity, "q", Some(1)),
            ("ẋ", Velocity, "x", None),
            ("x'", Velocity, "x", None),
            ("dx/dt", Velocity, "x", None),
            ("dtheta1/dt", Velocity, "theta", Some(1)),
            ("dq", Velocity, "q", None),
            ("qd", Velocity, "q", None),
            ("vx", Velocity, "x", None),
            ("VY1", Velocity, "y", Some(1)),
            ("a", Acceleration, "v", None),
            ("α2", Acceleration, "omega", Some(2)),
            ("qddot", Acceleration, "q", None),
            ("ẍ", Acceleration, "x", None),
            ("x''", Acceleration, "x", None),
            ("ddq1", Acceleration, "q", Some(1)),
            ("d2x/dt2", Acceleration, "x", None),
            ("qdd0", Acceleration, "q", Some(0)),
            ("ydot", Velocity, "y", None),
            ("τ", Forcing, "tau", None),
            ("u_1", Forcing, "u", Some(1)),
            ("torque", Forcing, "torque", None),
        ] {
            let expected = Known {
                kind,
                stem: stem.into(),
                index,
            };
            assert_eq!(known(name), Some(expected), "{name}");
        }
        for name in [
            "",
            "energy",
            "x20250101",
            "temperature",
            "dt",
            "d",
            "dot",
            "xyz",
            "mass",
        ] {
            assert_eq!(known(name), None, "{name}");
        }
    }
}
