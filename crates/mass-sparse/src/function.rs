//! A function of a state that a law may be a sum of.

use std::fmt;

use mass_systems::Number;
use serde::{Deserialize, Serialize};

/// A factor of a [`Function`]; indices count the degrees of freedom from 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Factor {
    /// A power of a position, xᵢᵖ; p may be negative.
    Position(usize, i32),
    /// A power of a velocity, yᵢᵖ.
    Velocity(usize, i32),
    /// The sine of a whole-number combination of positions: sin(Σ kᵢ xᵢ), as (i, kᵢ).
    Sine(Vec<(usize, i32)>),
    /// Its cosine.
    Cosine(Vec<(usize, i32)>),
    /// A power of the length of a vector of positions, (Σ xᵢ²)^(p/2).
    Radius(Vec<usize>, i32),
    /// The sign of a velocity, −1, 0 or 1: of dry friction, sign yᵢ, and of quadratic friction, yᵢ² sign yᵢ = yᵢ |yᵢ|.
    Sign(usize),
}

/// What a function is differentiated by; indices count the degrees of freedom from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable {
    /// The position xᵢ.
    Position(usize),
    /// The velocity yᵢ.
    Velocity(usize),
}

impl Factor {
    /// Its value at positions `x` `[d]` and velocities `y` `[d]`.
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        let combination =
            |of: &[(usize, i32)]| -> D { of.iter().map(|(i, k)| x[*i] * f64::from(*k)).sum() };
        match self {
            Self::Position(i, power) => x[*i].powi(*power),
            Self::Velocity(i, power) => y[*i].powi(*power),
            Self::Sine(of) => combination(of).sin(),
            Self::Cosine(of) => combination(of).cos(),
            Self::Radius(of, power) => {
                let square: D = of.iter().map(|i| x[*i] * x[*i]).sum();
                match power % 2 {
                    0 => square.powi(power / 2),
                    _ => square.sqrt().powi(*power),
                }
            }
            Self::Sign(i) => D::from(match y[*i].re() {
                speed if speed > 0.0 => 1.0,
                speed if speed < 0.0 => -1.0,
                _ => 0.0,
            }),
        }
    }

    /// The derivative, a coefficient times a product; none where it is 0.
    fn derivative(&self, by: Variable) -> Option<(f64, Vec<Self>)> {
        let inner = |of: &[(usize, i32)], i: usize| -> f64 {
            let of = of.iter().filter(|(k, _)| *k == i);
            of.map(|(_, k)| f64::from(*k)).sum()
        };
        let (coefficient, product) = match (self, by) {
            (Self::Position(k, power), Variable::Position(i)) if *k == i => {
                (f64::from(*power), vec![Self::Position(i, power - 1)])
            }
            (Self::Velocity(k, power), Variable::Velocity(i)) if *k == i => {
                (f64::from(*power), vec![Self::Velocity(i, power - 1)])
            }
            (Self::Sine(of), Variable::Position(i)) => {
                (inner(of, i), vec![Self::Cosine(of.clone())])
            }
            (Self::Cosine(of), Variable::Position(i)) => {
                (-inner(of, i), vec![Self::Sine(of.clone())])
            }
            (Self::Radius(of, power), Variable::Position(i)) if of.contains(&i) => (
                f64::from(*power),
                vec![Self::Position(i, 1), Self::Radius(of.clone(), power - 2)],
            ),
            _ => return None,
        };
        (coefficient != 0.0).then_some((coefficient, product))
    }

    /// The greatest index in it.
    fn greatest_index(&self) -> usize {
        match self {
            Self::Position(i, _) | Self::Velocity(i, _) | Self::Sign(i) => *i,
            Self::Sine(of) | Self::Cosine(of) => of.iter().map(|(i, _)| *i).max().unwrap_or(0),
            Self::Radius(of, _) => of.iter().copied().max().unwrap_or(0),
        }
    }

    fn text(&self, names: &Names<'_>) -> String {
        let powered = |name: String, power: i32| match power {
            1 => name,
            power => format!("{name}{}", superscript(power)),
        };
        match self {
            Self::Position(i, power) => powered(names.position(*i), *power),
            Self::Velocity(i, power) => powered(names.velocity(*i), *power),
            Self::Sine(of) => format!("sin{}", argument(of, names)),
            Self::Cosine(of) => format!("cos{}", argument(of, names)),
            Self::Radius(of, power) => {
                let squares: Vec<String> = of
                    .iter()
                    .map(|i| format!("{}²", names.position(*i)))
                    .collect();
                let square = format!("({})", squares.join(" + "));
                match (power.unsigned_abs(), power % 2) {
                    (2, _) => square,
                    (size, 0) => powered(square, size as i32 / 2),
                    (size, _) => powered(format!("√{square}"), size as i32),
                }
            }
            Self::Sign(i) => format!("sign {}", names.velocity(*i)),
        }
    }
}

/// ` x` or `(2x₁ − x₂)`.
fn argument(of: &[(usize, i32)], names: &Names<'_>) -> String {
    if let [(i, 1)] = of {
        return format!(" {}", names.position(*i));
    }
    let mut text = String::from("(");
    for (place, (i, k)) in of.iter().enumerate() {
        text.push_str(Signs::Printed.before(place, *k < 0));
        if k.abs() != 1 {
            text.push_str(&k.abs().to_string());
        }
        text.push_str(&names.position(*i));
    }
    text.push(')');
    text
}

/// The signs of a sum, as printed or as in code and LaTeX.
#[derive(Clone, Copy)]
pub(crate) enum Signs {
    Printed,
    Code,
}

impl Signs {
    /// What stands before the size of an addend, counted from 0.
    pub(crate) fn before(self, place: usize, negative: bool) -> &'static str {
        match (place, negative, self) {
            (0, true, Self::Printed) => "−",
            (0, true, Self::Code) => "-",
            (0, false, _) => "",
            (_, true, Self::Printed) => " − ",
            (_, true, Self::Code) => " - ",
            (_, false, _) => " + ",
        }
    }
}

/// A sum with each function once, without those whose coefficients cancel.
pub(crate) fn joined(sum: impl IntoIterator<Item = (f64, Function)>) -> Vec<(f64, Function)> {
    let mut all: Vec<(f64, Function)> = Vec::new();
    for (coefficient, function) in sum {
        match all.iter_mut().find(|(_, one)| *one == function) {
            Some((total, _)) => *total += coefficient,
            None => all.push((coefficient, function)),
        }
    }
    all.retain(|(coefficient, _)| *coefficient != 0.0);
    all
}

/// A power in raised digits, `⁻²`.
///
/// # Example
///
/// ```
/// assert_eq!(mass_sparse::superscript(-12), "⁻¹²");
/// ```
pub fn superscript(power: i32) -> String {
    let digit = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32(0x2070 + digit as u32 - '0' as u32).unwrap_or(digit),
    };
    power.to_string().chars().map(digit).collect()
}

/// What coordinates are called: x and y, or x₁, x₂, .. and y₁, y₂, ..
struct Names<'a> {
    dof: usize,
    positions: Option<&'a [String]>,
}

impl Names<'_> {
    fn position(&self, i: usize) -> String {
        match self.positions.and_then(|names| names.get(i)) {
            Some(name) => name.clone(),
            None => self.plain("x", i),
        }
    }

    fn velocity(&self, i: usize) -> String {
        match self.positions.and_then(|names| names.get(i)) {
            // A combining dot above.
            Some(name) => format!("{name}\u{307}"),
            None => self.plain("y", i),
        }
    }

    fn plain(&self, letter: &str, i: usize) -> String {
        if self.dof == 1 {
            return letter.to_string();
        }
        let digit = |c: char| char::from_u32(0x2080 + c as u32 - '0' as u32).unwrap_or(c);
        letter
            .chars()
            .chain((i + 1).to_string().chars().map(digit))
            .collect()
    }
}

/// A product of factors of a state (x, y), each `[d]`: a candidate for a sum. The empty product is 1.
///
/// # Example
///
/// ```
/// use mass_sparse::{Factor, Function};
///
/// let function = Function::new([Factor::Velocity(0, 2), Factor::Sine(vec![(0, 1), (1, -1)])]);
/// assert_eq!(function.text(2), "y₁² sin(x₁ − x₂)");
/// let value = function.value(&[1.0, 0.25], &[2.0, 0.0]);
/// assert_eq!(value, 4.0 * 0.75_f64.sin());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Function {
    factors: Vec<Factor>,
}

impl Function {
    /// The product of these factors: sorted, powers of the same thing joined, so that equal products
    /// are equal.
    pub fn new(factors: impl IntoIterator<Item = Factor>) -> Self {
        let mut joined: Vec<Factor> = Vec::new();
        for factor in factors {
            if matches!(factor, Factor::Sign(_))
                && let Some(place) = joined.iter().position(|one| *one == factor)
            {
                joined.remove(place); // its square is 1, but at rest
                continue;
            }
            let same = joined.iter_mut().find_map(|one| match (one, &factor) {
                (Factor::Position(i, p), Factor::Position(j, q)) if i == j => Some((p, *q)),
                (Factor::Velocity(i, p), Factor::Velocity(j, q)) if i == j => Some((p, *q)),
                (Factor::Radius(i, p), Factor::Radius(j, q)) if i == j => Some((p, *q)),
                _ => None,
            });
            match same {
                Some((power, more)) => *power += more,
                None => joined.push(factor),
            }
        }
        joined.retain(|factor| {
            !matches!(
                factor,
                Factor::Position(_, 0) | Factor::Velocity(_, 0) | Factor::Radius(_, 0)
            )
        });
        joined.sort();
        Self { factors: joined }
    }

    /// The constant 1.
    pub fn one() -> Self {
        Self::default()
    }

    /// Its factors, in order.
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// The product with another.
    pub fn times(&self, other: &Self) -> Self {
        Self::new(self.factors.iter().chain(&other.factors).cloned())
    }

    /// Its value at positions `x` `[d]` and velocities `y` `[d]`; not finite in its poles.
    ///
    /// # Panics
    /// If a slice is shorter than an index of a factor.
    pub fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        let values = self.factors.iter().map(|factor| factor.value(x, y));
        values.fold(D::from(1.0), |product, value| product * value)
    }

    /// The same where friction sticks: sign yᵢ is yᵢ/sᵢ at speeds below s `[d]`, so that a motion can be followed
    /// to rest. An s that is not there, or 0, makes no difference.
    pub(crate) fn sticking(&self, x: &[f64], y: &[f64], still: &[f64]) -> f64 {
        let values = self.factors.iter().map(|factor| match factor {
            Factor::Sign(i) if still.get(*i).is_some_and(|s| *s > 0.0) => {
                (y[*i] / still[*i]).clamp(-1.0, 1.0)
            }
            factor => factor.value(x, y),
        });
        values.product()
    }

    /// ∂/∂xᵢ or ∂/∂yᵢ as a sum of functions with their coefficients; empty where it is 0.
    ///
    /// ```
    /// use mass_sparse::{Factor, Function, Variable};
    ///
    /// let function = Function::new([Factor::Velocity(0, 2), Factor::Cosine(vec![(0, 2)])]);
    /// let slope = function.derivative(Variable::Position(0));
    /// assert_eq!((slope.len(), slope[0].0), (1, -2.0));
    /// assert_eq!(slope[0].1.text(1), "y² sin(2x)");
    /// ```
    pub fn derivative(&self, by: Variable) -> Vec<(f64, Self)> {
        let mut sum = Vec::new();
        for (place, factor) in self.factors.iter().enumerate() {
            let Some((coefficient, inner)) = factor.derivative(by) else {
                continue;
            };
            let others = self.factors.iter().enumerate();
            let others = others.filter(|(other, _)| *other != place);
            let factors = others.map(|(_, factor)| factor.clone()).chain(inner);
            sum.push((coefficient, Self::new(factors)));
        }
        joined(sum)
    }

    /// Whether it depends on no velocity.
    pub fn is_of_position(&self) -> bool {
        let velocity = |factor: &Factor| matches!(factor, Factor::Velocity(..) | Factor::Sign(..));
        !self.factors.iter().any(velocity)
    }

    /// The degrees of freedom that it needs, at least.
    pub fn least_dof(&self) -> usize {
        let indices = self.factors.iter().map(Factor::greatest_index);
        indices.max().map_or(0, |index| index + 1)
    }

    /// The function as one writes it, `x² y`, `sin x`, of `dof` degrees of freedom: positions x₁, x₂, ..,
    /// velocities y₁, y₂, .., counted from 1 as people do, without numbers if there is only one.
    pub fn text(&self, dof: usize) -> String {
        self.written(&Names {
            dof,
            positions: None,
        })
    }

    /// The same with names of the positions, whose velocities have a dot.
    pub fn text_with(&self, positions: &[String]) -> String {
        self.written(&Names {
            dof: positions.len(),
            positions: Some(positions),
        })
    }

    fn written(&self, names: &Names<'_>) -> String {
        if self.factors.is_empty() {
            return "1".to_string();
        }
        // Velocities first, functions last: y² sin x.
        let place = |factor: &&Factor| match factor {
            Factor::Position(..) => 0,
            Factor::Velocity(..) => 1,
            Factor::Radius(..) => 2,
            Factor::Sine(..) | Factor::Cosine(..) | Factor::Sign(..) => 3,
        };
        let mut factors: Vec<&Factor> = self.factors.iter().collect();
        factors.sort_by_key(place);
        // y² sign y is written y |y|.
        let signed = |i: usize| factors.contains(&&Factor::Sign(i));
        let squared = |i: usize| factors.contains(&&Factor::Velocity(i, 2));
        let texts = factors.iter().copied().filter_map(|factor| match factor {
            Factor::Velocity(i, 2) if signed(*i) => {
                let name = names.velocity(*i);
                Some((factor, format!("{name} |{name}|")))
            }
            Factor::Sign(i) if squared(*i) => None,
            factor => Some((factor, factor.text(names))),
        });
        let (mut above, mut below) = (Vec::new(), String::new());
        for (factor, text) in texts {
            match factor {
                Factor::Radius(_, power) if *power < 0 => below.push_str(&format!("/{text}")),
                _ => above.push(text),
            }
        }
        match (above.is_empty(), below.is_empty()) {
            (true, false) => format!("1{below}"),
            (_, false) => format!("{} {below}", above.join(" ")),
            (_, true) => above.join(" "),
        }
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(self.least_dof()))
    }
}
