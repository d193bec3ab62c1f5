//! Units of what is found, from those that a file's labels say.

use mass_sparse::{Factor, Friction, FrictionKind, Function, LagrangianLaw, superscript};
use serde::{Deserialize, Serialize};

/// The units of time and of the positions, where the file says them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Units {
    pub(crate) time: Option<String>,
    /// `[d]`.
    pub(crate) positions: Vec<Option<String>>,
    /// Which positions, from 0, were in degrees in the file; they are radians in all that was learned.
    pub(crate) degrees: Vec<usize>,
}

/// A unit as it stands in a table; that of a pure number is empty.
pub(crate) fn words(unit: Option<&str>) -> &str {
    match unit {
        None => "of the data",
        Some("") => "1",
        Some(unit) => unit,
    }
}

/// Powers of positions' units `[d]` and of the unit of time.
#[derive(Clone)]
struct Powers {
    positions: Vec<i32>,
    time: i32,
}

/// A unit behind a number, ` s`, or nothing.
pub(crate) fn behind(unit: Option<impl AsRef<str>>) -> String {
    match unit.as_ref().map(AsRef::as_ref) {
        None | Some("") => String::new(),
        Some(unit) => format!(" {unit}"),
    }
}

impl Units {
    /// Whether all are known.
    pub(crate) fn are_known(&self) -> bool {
        self.time.is_some() && self.positions.iter().all(Option::is_some)
    }

    /// ` s`, or nothing.
    pub(crate) fn time_behind(&self) -> String {
        behind(self.time.as_ref())
    }

    fn none(&self) -> Powers {
        Powers {
            positions: vec![0; self.positions.len()],
            time: 0,
        }
    }

    /// The unit as one writes it, `m s⁻²`; radians are none, and nothing is written where nothing is left; `None` where
    /// one of them is not known.
    fn written(&self, powers: &Powers) -> Option<String> {
        let mut labels: Vec<(&str, i32)> = Vec::new();
        let units = self.positions.iter().zip(&powers.positions);
        for (unit, power) in units.chain([(&self.time, &powers.time)]) {
            if *power == 0 {
                continue;
            }
            let unit = unit.as_deref()?;
            if unit.eq_ignore_ascii_case("rad") {
                continue;
            }
            match labels.iter_mut().find(|(label, _)| *label == unit) {
                Some((_, total)) => *total += power,
                None => labels.push((unit, *power)),
            }
        }
        labels.retain(|(_, power)| *power != 0);
        let each = labels.iter().map(|(label, power)| {
            let whole = label.contains(['/', ' ', '*', '·', '^']);
            match (whole, *power) {
                (_, 1) => (*label).to_string(),
                (true, power) => format!("({label}){}", superscript(power)),
                (false, power) => format!("{label}{}", superscript(power)),
            }
        });
        Some(each.collect::<Vec<_>>().join(" "))
    }

    fn of_function(&self, function: &Function) -> Powers {
        let mut powers = self.none();
        for factor in function.factors() {
            match factor {
                Factor::Position(i, p) => powers.positions[*i] += p,
                Factor::Velocity(i, p) => {
                    powers.positions[*i] += p;
                    powers.time -= p;
                }
                Factor::Radius(of, p) => {
                    if let Some(i) = of.first() {
                        powers.positions[*i] += p;
                    }
                }
                _ => {}
            }
        }
        powers
    }

    /// The unit of L: that of the square of the velocity whose term is fixed; none where several are, in different
    /// units.
    fn of_lagrangian(&self, law: &LagrangianLaw) -> Option<Powers> {
        let fixed = law.terms().iter().filter(|term| term.gauge);
        let each: Vec<Powers> = fixed.map(|term| self.of_function(&term.function)).collect();
        let first = each.first()?;
        let text = self.written(first)?;
        let same = each
            .iter()
            .all(|one| self.written(one).as_ref() == Some(&text));
        same.then(|| first.clone())
    }

    fn by(&self, above: &Powers, below: &Powers) -> Option<String> {
        let mut powers = above.clone();
        powers.time -= below.time;
        for (power, other) in powers.positions.iter_mut().zip(&below.positions) {
            *power -= other;
        }
        self.written(&powers)
    }

    /// The unit of a term's coefficient in L.
    pub(crate) fn of_term(&self, law: &LagrangianLaw, function: &Function) -> Option<String> {
        self.by(&self.of_lagrangian(law)?, &self.of_function(function))
    }

    /// The unit of a function's coefficient in the sum for the i-th acceleration.
    pub(crate) fn of_addend(&self, i: usize, function: &Function) -> Option<String> {
        let mut above = self.none();
        above.positions[i] = 1;
        above.time = -2;
        self.by(&above, &self.of_function(function))
    }

    /// The unit of a friction's coefficient.
    pub(crate) fn of_friction(&self, law: &LagrangianLaw, friction: &Friction) -> Option<String> {
        let mut below = self.none();
        below.positions[friction.on] += 1;
        let speed = match friction.kind {
            FrictionKind::Dry => 0,
            FrictionKind::Quadratic => 2,
            _ => 1,
        };
        below.positions[friction.by] += speed;
        below.time -= speed;
        self.by(&self.of_lagrangian(law)?, &below)
    }

    /// The unit of power, L by time.
    pub(crate) fn of_power(&self, law: &LagrangianLaw) -> Option<String> {
        let mut below = self.none();
        below.time = 1;
        self.by(&self.of_lagrangian(law)?, &below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(time: Option<&str>, positions: &[&str]) -> Units {
        Units {
            time: time.map(String::from),
            positions: positions.iter().map(|one| Some((*one).into())).collect(),
            degrees: Vec::new(),
        }
    }

    #[test]
    fn coefficients_have_the_units_that_make_an_acceleration() {
        let angle = units(Some("s"), &["rad"]);
        let sine = Function::new([Factor::Sine(vec![(0, 1)])]);
        assert_eq!(angle.of_addend(0, &sine).unwrap(), "s⁻²");
        let metres = units(Some("s"), &["m", "m"]);
        let x = Function::new([Factor::Position(1, 1)]);
        let cubed = Function::new([Factor::Position(0, 1), Factor::Radius(vec![0, 1], -3)]);
        assert_eq!(metres.of_addend(0, &x).unwrap(), "s⁻²");
        assert_eq!(metres.of_addend(0, &cubed).unwrap(), "m³ s⁻²");
        assert_eq!(metres.of_addend(0, &Function::one()).unwrap(), "m s⁻²");
        let mixed = units(Some("ms"), &["mm", "rad"]);
        assert_eq!(mixed.of_addend(0, &sine).unwrap(), "mm ms⁻²");
        assert_eq!(units(None, &["m"]).of_addend(0, &Function::one()), None);
        let odd = units(Some("s"), &["px/2"]);
        let square = Function::new([Factor::Position(0, 3)]);
        assert_eq!(odd.of_addend(0, &square).unwrap(), "(px/2)⁻² s⁻²");
    }
}
