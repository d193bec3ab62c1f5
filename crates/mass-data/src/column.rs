//! The columns of a file, before any is read.

use crate::names::{self, Kind};

/// A column: its name and unit, where the file says them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    name: String,
    unit: Option<String>,
}

/// Units that are told from a name's last part: `theta_deg`.
const SUFFIXES: [&str; 4] = ["deg", "degree", "degrees", "rad"];
/// The same of times alone: `t_s`.
const TIMES: [&str; 7] = ["s", "sec", "ms", "us", "µs", "min", "h"];
/// The same of positions that are no angles: `height_m`.
const LENGTHS: [&str; 8] = ["m", "cm", "mm", "km", "um", "µm", "nm", "px"];
/// Units that stand behind a slash or an "in", besides these: `x/mm`, `phi/°`, `Zeit in s`.
const OTHERS: [&str; 16] = [
    "°", "mrad", "°/s", "deg/s", "rad/s", "m/s", "cm/s", "mm/s", "m/s²", "m/s^2", "m/s2", "N",
    "Nm", "N m", "V", "A",
];

/// Whether this is a unit that labels are known to have.
fn is_unit(text: &str) -> bool {
    let known = [&SUFFIXES[..], &TIMES, &LENGTHS, &OTHERS];
    known.iter().any(|some| some.contains(&text))
}

/// Whether a name's last part is the unit of what the rest is called.
fn is_suffix(name: &str, unit: &str) -> bool {
    let of = |kind: Kind| names::known(name).filter(|known| known.kind == kind);
    SUFFIXES.contains(&unit.to_lowercase().as_str())
        || TIMES.contains(&unit) && of(Kind::Time).is_some()
        || LENGTHS.contains(&unit)
            && of(Kind::Position).is_some_and(|known| !names::is_angle(&known.stem))
}

impl Column {
    /// The column of this label, whose unit stands in brackets, or, where it is one that labels are known to have,
    /// behind a slash (DIN 1313), an "in" or an underscore: `x (m)`, `theta [deg]`, `x/mm`, `Zeit in s`, `theta_deg`.
    /// What stands before a colon says which data they are, and is left out: `Latest: Time (s)`.
    ///
    /// # Example
    /// ```
    /// let column = mass_data::Column::of("theta [deg]");
    /// assert_eq!((column.name(), column.unit()), ("theta", Some("deg")));
    /// ```
    pub fn of(label: &str) -> Self {
        let label = label
            .rsplit_once(": ")
            .map_or(label, |(_, label)| label)
            .trim();
        for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
            if let Some((name, unit)) = label.strip_suffix(close).and_then(|l| l.rsplit_once(open))
                && !name.trim().is_empty()
            {
                // `v/(m/s)` has its unit in brackets too.
                return Self::new(name.trim_end().trim_end_matches('/'), unit);
            }
        }
        for parted in [label.split_once('/'), label.rsplit_once(" in ")] {
            if let Some((name, unit)) = parted
                && is_unit(unit.trim().trim_matches(['(', ')']))
                && !name.trim().is_empty()
            {
                return Self::new(name, unit.trim().trim_matches(['(', ')']));
            }
        }
        if let Some((name, unit)) = label.rsplit_once('_')
            && is_suffix(name, unit)
            && !name.is_empty()
        {
            return Self::new(name, unit);
        }
        Self::new(label, "")
    }

    fn new(name: &str, unit: &str) -> Self {
        let unit = unit.trim();
        Self {
            name: name.trim().into(),
            unit: (!unit.is_empty()).then(|| unit.into()),
        }
    }

    /// The same with a unit that a line of its own says; an empty one says nothing.
    pub(crate) fn with_unit(mut self, unit: &str) -> Self {
        let unit = unit.trim().trim_matches(['(', ')', '[', ']']).trim();
        if !unit.is_empty() {
            self.unit = Some(unit.into());
        }
        self
    }

    /// Its name without the unit; empty where the file names none.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its unit as the file writes it.
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// Whether its unit is one of time.
    pub(crate) fn is_in_time(&self) -> bool {
        self.unit().is_some_and(|unit| TIMES.contains(&unit))
    }

    /// Whether its unit says degrees, or degrees a second.
    pub fn is_degrees(&self) -> bool {
        self.unit().is_some_and(|unit| {
            let unit = unit.to_lowercase();
            // °C and °F are degrees of another kind.
            unit.strip_prefix('°')
                .is_some_and(|rest| !rest.starts_with(['c', 'f', 'k', 'r']))
                || unit
                    .split(['/', ' ', '*', '.', '^'])
                    .next()
                    .is_some_and(|first| ["deg", "degs", "degree", "degrees"].contains(&first))
        })
    }

    /// Whether its unit says radians, or radians a second.
    pub fn is_radians(&self) -> bool {
        self.unit()
            .is_some_and(|unit| unit.to_lowercase().starts_with("rad"))
    }

    /// Whether its unit says that it is a length, which is no angle.
    pub fn is_length(&self) -> bool {
        self.unit().is_some_and(|unit| LENGTHS.contains(&unit))
    }

    /// Whether its unit says that it is the rate of an angle or a length: rad/s, °/s, m/s, cm s⁻¹.
    pub fn is_rate(&self) -> bool {
        self.unit().is_some_and(|unit| {
            let unit = unit.to_lowercase().replace(' ', "");
            let of = ["rad", "deg", "°", "m", "cm", "mm", "km"];
            let per = [
                "/s", "/sec", "s^-1", "s⁻¹", "s-1", "*s^-1", "·s⁻¹", "/min", "/h",
            ];
            let of = of.iter().filter_map(|of| unit.strip_prefix(of));
            of.into_iter().any(|rest| per.contains(&rest))
        })
    }

    /// How messages name the `index`-th column: by its name in quotes, or its number from 1.
    pub(crate) fn shown(&self, index: usize) -> String {
        match self.name.as_str() {
            "" => (index + 1).to_string(),
            name => format!("\"{name}\""),
        }
    }
}

/// All columns as messages list them.
pub(crate) fn list(columns: &[Column]) -> String {
    let mut shown: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(i, c)| c.shown(i))
        .collect();
    if shown.len() > 40 {
        let more = shown.len() - 40;
        shown.truncate(40);
        shown.push(format!("and {more} more"));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_told_from_labels() {
        for (label, name, unit) in [
            ("x", "x", None),
            (" x (m) ", "x", Some("m")),
            ("theta [deg]", "theta", Some("deg")),
            ("v (m/s)", "v", Some("m/s")),
            ("theta_deg", "theta", Some("deg")),
            ("theta_1", "theta_1", None),
            ("(m)", "(m)", None),
            ("x ()", "x", None),
            ("f(t) (N)", "f(t)", Some("N")),
            ("t/s", "t", Some("s")),
            ("x / mm", "x", Some("mm")),
            ("v/(m/s)", "v", Some("m/s")),
            ("φ/°", "φ", Some("°")),
            ("dx/dt", "dx/dt", None),
            ("Zeit in s", "Zeit", Some("s")),
            ("Winkel in °", "Winkel", Some("°")),
            ("t_s", "t", Some("s")),
            ("height_m", "height", Some("m")),
            ("q_m", "q", Some("m")),
            ("theta_m", "theta_m", None),
            ("mass_m", "mass_m", None),
            ("Latest: Time (s)", "Time", Some("s")),
        ] {
            let column = Column::of(label);
            assert_eq!((column.name(), column.unit()), (name, unit), "{label}");
        }
        for label in [
            "a (deg)",
            "a [°]",
            "a (deg/s)",
            "a (Degrees)",
            "a_deg",
            "a (°/s)",
            "a (deg s^-1)",
        ] {
            assert!(Column::of(label).is_degrees(), "{label}");
        }
        for label in ["a (rad)", "a", "a (degC)", "T (°C)", "T/°F"] {
            assert!(!Column::of(label).is_degrees(), "{label}");
        }
        assert!(Column::of("a [rad/s]").is_radians());
    }
}
