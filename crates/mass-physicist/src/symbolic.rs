//! Laws with exact constants, and how they are written.

use serde::{Deserialize, Serialize};

use crate::{
    description::{rational_bits, real_bits},
    error::Error,
    fraction::{Fraction, fraction_value},
    recurrence::Recurrence,
};

/// A number of a law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Number {
    /// An integer or a fraction, known exactly.
    Exact(Fraction),
    /// A real number.
    Real(f64),
}

impl Number {
    /// Its value.
    pub fn value(self) -> f64 {
        match self {
            Self::Exact(fraction) => fraction_value(fraction),
            Self::Real(value) => value,
        }
    }

    /// Its description length in bits, real numbers at a precision floor.
    pub fn bits(self, floor: f64) -> f64 {
        match self {
            Self::Exact(f) => rational_bits(*f.numer(), f.denom().unsigned_abs()),
            Self::Real(value) => real_bits(value, floor),
        }
    }
}

/// A constant of a law: a fraction, or a fraction plus or minus one of its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constant {
    /// The fraction.
    pub offset: Fraction,
    /// The parameter, counted from 0, and whether it is subtracted.
    pub parameter: Option<(usize, bool)>,
}

/// A law r_t = A₁ r_{t−T} + … + b whose constants are fractions or made of parameters, which several constants may
/// share: a rotation's eight constants are two numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SymbolicLaw {
    dimension: usize,
    memory: usize,
    constants: Vec<Constant>,
    parameters: Vec<Number>,
}

impl SymbolicLaw {
    /// From constants `[D, T·D + 1]` in the order of [`Recurrence`], and parameters.
    ///
    /// # Errors
    /// [`Error::Request`] if the shape does not fit or a parameter is not there.
    pub fn new(
        dimension: usize,
        memory: usize,
        constants: Vec<Constant>,
        parameters: Vec<Number>,
    ) -> Result<Self, Error> {
        if dimension == 0 || constants.len() != dimension * (memory * dimension + 1) {
            return Err(Error::Request(format!(
                "a law of {dimension} coordinates over {memory} past positions has {} constants; {} were given",
                dimension * (memory * dimension + 1),
                constants.len()
            )));
        }
        let missing = |c: &Constant| c.parameter.is_some_and(|(p, _)| p >= parameters.len());
        if constants.iter().any(missing) {
            return Err(Error::Request(format!(
                "a constant names a parameter beyond the {} that the law has",
                parameters.len()
            )));
        }
        Ok(Self {
            dimension,
            memory,
            constants,
            parameters,
        })
    }

    /// Every constant a real parameter of its own.
    pub fn real(law: &Recurrence) -> Self {
        let constants = (0..law.constants().len()).map(|p| Constant {
            offset: Fraction::new_raw(0, 1),
            parameter: Some((p, false)),
        });
        Self {
            dimension: law.dimension(),
            memory: law.memory(),
            constants: constants.collect(),
            parameters: law.constants().iter().map(|c| Number::Real(*c)).collect(),
        }
    }

    /// D.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// T.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// `[D, T·D + 1]`.
    pub fn constants(&self) -> &[Constant] {
        &self.constants
    }

    /// The parameters.
    pub fn parameters(&self) -> &[Number] {
        &self.parameters
    }

    /// A constant's value.
    pub fn value(&self, constant: usize) -> f64 {
        if let Some(exact) = self.exact(constant) {
            return fraction_value(exact);
        }
        let Constant { offset, parameter } = self.constants[constant];
        fraction_value(offset)
            + parameter.map_or(0.0, |(p, negative)| {
                let value = self.parameters[p].value();
                if negative { -value } else { value }
            })
    }

    /// A constant as an exact fraction, if it is one.
    pub fn exact(&self, constant: usize) -> Option<Fraction> {
        let Constant { offset, parameter } = self.constants[constant];
        match parameter {
            None => Some(offset),
            Some((p, negative)) => match self.parameters[p] {
                Number::Exact(f) => Some(if negative { offset - f } else { offset + f }),
                Number::Real(_) => None,
            },
        }
    }

    /// The same in plain numbers.
    pub fn recurrence(&self) -> Recurrence {
        let values = (0..self.constants.len()).map(|c| self.value(c)).collect();
        Recurrence::new(self.dimension, self.memory, values)
            .unwrap_or_else(|_| Recurrence::inertia(self.dimension))
    }

    /// The description length in bits: numbers as they are, each parameter once; a constant that uses a parameter
    /// again names it with a sign.
    pub fn bits(&self, floor: f64) -> f64 {
        let mut seen = vec![false; self.parameters.len()];
        let count = (self.parameters.len().max(1) as f64).log2();
        let mut bits = 0.0;
        for Constant { offset, parameter } in &self.constants {
            let of_offset = rational_bits(*offset.numer(), offset.denom().unsigned_abs());
            bits += match parameter {
                None => of_offset,
                Some((p, _)) if !seen[*p] => {
                    seen[*p] = true;
                    of_offset + self.parameters[*p].bits(floor)
                }
                Some(_) => of_offset + 1.0 + count,
            };
        }
        bits
    }

    /// The law's form: integers as they are, every other number one sign, shared parameters by their number.
    ///
    /// Two laws of one skeleton differ in numbers alone.
    pub fn skeleton(&self) -> String {
        let uses = self.uses();
        let mut names: Vec<usize> = Vec::new();
        let mut parts = Vec::with_capacity(self.constants.len());
        for (at, constant) in self.constants.iter().enumerate() {
            parts.push(match (constant.parameter, self.exact(at)) {
                (Some((p, negative)), _) if uses[p] > 1 => {
                    if !names.contains(&p) {
                        names.push(p);
                    }
                    let name = names.iter().position(|q| *q == p).unwrap_or(0);
                    let sign = if negative { '-' } else { '+' };
                    format!("{}{sign}p{name}", constant.offset)
                }
                (_, Some(exact)) if exact.is_integer() => exact.to_string(),
                _ => "#".into(),
            });
        }
        format!("{}/{}: {}", self.dimension, self.memory, parts.join(" "))
    }

    /// How many constants use each parameter.
    pub(crate) fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.parameters.len()];
        for constant in &self.constants {
            if let Some((p, _)) = constant.parameter {
                uses[p] += 1;
            }
        }
        uses
    }

    /// Names of shared parameters, in order of their first use; none of others.
    fn names(&self) -> Vec<Option<usize>> {
        let uses = self.uses();
        let mut names = vec![None; uses.len()];
        let mut next = 1;
        for constant in &self.constants {
            if let Some((p, _)) = constant.parameter
                && uses[p] > 1
                && names[p].is_none()
            {
                names[p] = Some(next);
                next += 1;
            }
        }
        names
    }

    /// The law as text, a line for each coordinate, then the shared parameters' values. `names` `[D]`, such as
    /// x and y.
    ///
    /// # Errors
    /// [`Error::Request`] if there are not D names.
    pub fn text(&self, names: &[&str]) -> Result<String, Error> {
        self.write(names, &PLAIN)
    }

    /// The same for LaTeX, without the dollars; lines are separated by `\\`.
    ///
    /// # Errors
    /// As [`SymbolicLaw::text`].
    pub fn latex(&self, names: &[&str]) -> Result<String, Error> {
        self.write(names, &LATEX)
    }

    fn write(&self, names: &[&str], style: &Style) -> Result<String, Error> {
        self.check(names)?;
        let width = self.memory * self.dimension + 1;
        let shared = self.names();
        let mut lines = Vec::new();
        for (d, name) in names.iter().enumerate() {
            let mut sum = Sum::default();
            for age in (1..=self.memory).rev() {
                // The latest position first, as people write it.
                let block = (age - 1) * self.dimension;
                for (j, other) in names.iter().enumerate() {
                    let at = d * width + block + j;
                    let variable = (style.past)(other, self.memory - age + 1);
                    self.term(at, &shared, style, Some(variable), &mut sum);
                }
            }
            self.term(d * width + width - 1, &shared, style, None, &mut sum);
            lines.push(format!("{} = {}", (style.present)(name), sum.text()));
        }
        for (p, name) in shared.iter().enumerate() {
            if let Some(name) = name {
                let value = match self.parameters[p] {
                    Number::Exact(f) => (style.fraction)(f),
                    Number::Real(value) => real(value),
                };
                lines.push(format!("{} = {value}", (style.parameter)(*name)));
            }
        }
        Ok(lines.join(style.line))
    }

    fn term(
        &self,
        at: usize,
        shared: &[Option<usize>],
        style: &Style,
        variable: Option<String>,
        sum: &mut Sum,
    ) {
        let Constant { offset, parameter } = self.constants[at];
        if let Some((p, negative)) = parameter
            && let Some(name) = shared[p]
        {
            let name = (style.parameter)(name);
            if *offset.numer() == 0 {
                sum.add(negative, &product(&name, variable.as_deref()));
            } else {
                let sign = if negative { '−' } else { '+' };
                let factor = format!("({} {sign} {name})", (style.fraction)(offset));
                sum.add(false, &product(&factor, variable.as_deref()));
            }
            return;
        }
        match self.exact(at) {
            Some(f) if *f.numer() == 0 => {}
            Some(f) => {
                let negative = *f.numer() < 0;
                let size = if negative { -f } else { f };
                let one = size == Fraction::new_raw(1, 1);
                let text = match variable {
                    Some(variable) if one => variable,
                    variable => product(&(style.fraction)(size), variable.as_deref()),
                };
                sum.add(negative, &text);
            }
            None => {
                let value = self.value(at);
                sum.add(
                    value < 0.0,
                    &product(&real(value.abs()), variable.as_deref()),
                );
            }
        }
    }

    fn check(&self, names: &[&str]) -> Result<(), Error> {
        if names.len() == self.dimension {
            return Ok(());
        }
        Err(Error::Request(format!(
            "a law of {} coordinates needs as many names; {} were given",
            self.dimension,
            names.len()
        )))
    }

    /// The differential equation of the motion of which this law is a sample at steps of `step` time units, as
    /// text; constants in units of the positions and of `step`. Terms below 10⁻⁹ of the greatest are left out.
    /// None if there is none (a bounce).
    ///
    /// # Errors
    /// As [`SymbolicLaw::text`].
    pub fn differential_text(&self, names: &[&str], step: f64) -> Result<Option<String>, Error> {
        self.check(names)?;
        let Some(law) = self.recurrence().differential_equation(step) else {
            return Ok(None);
        };
        let d = self.dimension;
        let width = 2 * d + 1;
        let greatest = law.iter().fold(0.0_f64, |m, c| m.max(c.abs()));
        let mut lines = Vec::new();
        for (i, name) in names.iter().enumerate() {
            let mut sum = Sum::default();
            for (j, value) in law[i * width..(i + 1) * width].iter().enumerate() {
                if value.abs() <= 1e-9 * greatest.max(1.0) {
                    continue;
                }
                let variable = match j {
                    j if j < d => Some(names[j].to_string()),
                    j if j < 2 * d => Some(dotted(names[j - d], 1)),
                    _ => None,
                };
                sum.add(
                    *value < 0.0,
                    &product(&real(value.abs()), variable.as_deref()),
                );
            }
            lines.push(format!("{} = {}", dotted(name, 2), sum.text()));
        }
        Ok(Some(lines.join("\n")))
    }
}

/// A name under one dot or two, as one sign where there is one; a long name's derivative as a quotient.
fn dotted(name: &str, dots: usize) -> String {
    match (name, dots) {
        ("x", 1) => "ẋ".into(),
        ("x", _) => "ẍ".into(),
        ("y", 1) => "ẏ".into(),
        ("y", _) => "ÿ".into(),
        (_, 1) if name.chars().count() > 1 => format!("d({name})/dt"),
        (_, _) if name.chars().count() > 1 => format!("d²({name})/dt²"),
        (_, 1) => format!("{name}\u{307}"),
        _ => format!("{name}\u{308}"),
    }
}

/// How laws are written.
struct Style {
    past: fn(&str, usize) -> String,
    present: fn(&str) -> String,
    parameter: fn(usize) -> String,
    fraction: fn(Fraction) -> String,
    line: &'static str,
}

const PLAIN: Style = Style {
    past: |name, age| format!("{name}[t−{age}]"),
    present: |name| format!("{name}[t]"),
    parameter: |p| format!("p{p}"),
    fraction: |f| f.to_string(),
    line: "\n",
};

const LATEX: Style = Style {
    past: |name, age| format!("{name}_{{t-{age}}}"),
    present: |name| format!("{name}_t"),
    parameter: |p| format!("p_{{{p}}}"),
    fraction: |f| {
        if f.is_integer() {
            f.to_string()
        } else {
            let sign = if *f.numer() < 0 { "-" } else { "" };
            format!("{sign}\\tfrac{{{}}}{{{}}}", f.numer().abs(), f.denom())
        }
    },
    line: " \\\\\n",
};

fn product(factor: &str, variable: Option<&str>) -> String {
    match variable {
        Some(variable) => format!("{factor} {variable}"),
        None => factor.into(),
    }
}

/// A real number in seven digits.
fn real(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let order = value.abs().log10().floor();
    if (-5.0..6.0).contains(&order) {
        format!("{value:.*}", (6.0 - order).max(0.0) as usize)
    } else {
        format!("{value:.6e}")
    }
}

/// A sum as it grows.
#[derive(Default)]
struct Sum(String);

impl Sum {
    fn add(&mut self, negative: bool, text: &str) {
        match (self.0.is_empty(), negative) {
            (true, true) => self.0.push('−'),
            (true, false) => {}
            (false, true) => self.0.push_str(" − "),
            (false, false) => self.0.push_str(" + "),
        }
        self.0.push_str(text);
    }

    fn text(self) -> String {
        if self.0.is_empty() {
            "0".into()
        } else {
            self.0
        }
    }
}
