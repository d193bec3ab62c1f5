//! Laws from a Lagrangian that is a sum of functions: energy, acceleration, motion.

use std::convert::Infallible;

use mass_sparse::{Factor, Function, FunctionLibrary, Variable};
use mass_systems::Dop853;
use nalgebra::{DMatrix, DVector};

use crate::{
    error::Error,
    fraction::{Fraction, fraction_value},
};

/// The relative and absolute error of a step of the method that follows a motion.
pub(crate) const TOLERANCE: f64 = 1e-12;

/// A sum, as places among the functions of an equation and their coefficients.
type Sum = Vec<(usize, f64)>;

/// What the functions of a library add to M ẏ = F and to the energy.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) dof: usize,
    pub(crate) functions: Vec<Function>,
    /// Of each function the degree in velocities less one: what it is multiplied by in the energy.
    energy: Vec<f64>,
    /// Distinct functions in M and F.
    parts: Vec<Function>,
    /// Of each function what it adds to M `[d, d]`.
    mass: Vec<Vec<Sum>>,
    /// And to F `[d]`.
    force: Vec<Vec<Sum>>,
    /// The function whose coefficient is ½: a factor of L changes no motion.
    pub(crate) gauge: usize,
}

impl Form {
    /// Of a library with the square of the last velocity in it, and nothing that is odd in velocities.
    pub(crate) fn new(library: &FunctionLibrary) -> Result<Self, Error> {
        let dof = library.dof();
        let functions = library.functions().to_vec();
        let square = Function::new([Factor::Velocity(dof - 1, 2)]);
        let gauge = functions.iter().position(|f| *f == square).ok_or_else(|| {
            Error::Request(format!(
                "the library of functions for L has no {}: the unit of L is that of the last velocity's square",
                square.text(dof)
            ))
        })?;
        let mut energy = Vec::with_capacity(functions.len());
        for function in &functions {
            let mut degree = 0;
            let mut even = true;
            for factor in function.factors() {
                match factor {
                    Factor::Velocity(_, power) => degree += power,
                    Factor::Sign(_) => even = false,
                    _ => {}
                }
            }
            if degree % 2 != 0 || degree < 0 || !even || function.factors().is_empty() {
                return Err(Error::Request(format!(
                    "{} cannot be in the library of functions for L: the energy tells nothing of constants and of what is odd in velocities",
                    function.text(dof)
                )));
            }
            energy.push(f64::from(degree - 1));
        }
        let mut this = Self {
            dof,
            energy,
            parts: Vec::new(),
            mass: Vec::new(),
            force: Vec::new(),
            gauge,
            functions,
        };
        for function in this.functions.clone() {
            let mut mass = vec![Sum::new(); dof * dof];
            let mut force = vec![Sum::new(); dof];
            for i in 0..dof {
                for (c, f) in function.derivative(Variable::Position(i)) {
                    this.add(&mut force[i], c, f);
                }
                for (c, first) in function.derivative(Variable::Velocity(i)) {
                    for j in 0..dof {
                        for (k, second) in first.derivative(Variable::Velocity(j)) {
                            this.add(&mut mass[i * dof + j], c * k, second);
                        }
                        for (k, second) in first.derivative(Variable::Position(j)) {
                            let speed = Function::new([Factor::Velocity(j, 1)]);
                            this.add(&mut force[i], -c * k, second.times(&speed));
                        }
                    }
                }
            }
            for sum in mass.iter_mut().chain(&mut force) {
                sum.retain(|(_, c)| *c != 0.0);
            }
            this.mass.push(mass);
            this.force.push(force);
        }
        Ok(this)
    }

    fn add(&mut self, sum: &mut Sum, coefficient: f64, function: Function) {
        let at = match self.parts.iter().position(|one| *one == function) {
            Some(at) => at,
            None => {
                self.parts.push(function);
                self.parts.len() - 1
            }
        };
        match sum.iter_mut().find(|(place, _)| *place == at) {
            Some((_, c)) => *c += coefficient,
            None => sum.push((at, coefficient)),
        }
    }

    /// What each function adds to the energy y·∂L/∂y − L at a state (x, y) `[2·d]`, for a coefficient of 1.
    pub(crate) fn energies(&self, state: &[f64], out: &mut [f64]) {
        let (x, y) = state.split_at(self.dof);
        for ((value, factor), function) in out.iter_mut().zip(&self.energy).zip(&self.functions) {
            *value = factor * function.value(x, y);
        }
    }

    /// The equation of motion for coefficients `[F]`.
    pub(crate) fn equation(&self, coefficients: &[f64]) -> Equation {
        let joined = |of: &dyn Fn(usize) -> Vec<Sum>, count: usize| -> Vec<Vec<f64>> {
            let mut all = vec![vec![0.0; self.parts.len()]; count];
            for (function, c) in coefficients.iter().enumerate().filter(|(_, c)| **c != 0.0) {
                for (row, sum) in all.iter_mut().zip(of(function)) {
                    for (at, k) in sum {
                        row[at] += c * k;
                    }
                }
            }
            all
        };
        let mass = joined(&|f| self.mass[f].clone(), self.dof * self.dof);
        let force = joined(&|f| self.force[f].clone(), self.dof);
        let used: Vec<usize> = (0..self.parts.len())
            .filter(|at| mass.iter().chain(&force).any(|row| row[*at] != 0.0))
            .collect();
        let sparse = |rows: Vec<Vec<f64>>| -> Vec<Sum> {
            let of = |row: Vec<f64>| {
                let all = used.iter().enumerate().map(|(new, old)| (new, row[*old]));
                all.filter(|(_, c)| *c != 0.0).collect()
            };
            rows.into_iter().map(of).collect()
        };
        Equation {
            dof: self.dof,
            mass: sparse(mass),
            force: sparse(force),
            parts: used.iter().map(|at| self.parts[*at].clone()).collect(),
        }
    }
}

/// M ẏ = F.
#[derive(Clone, Debug)]
pub(crate) struct Equation {
    dof: usize,
    parts: Vec<Function>,
    mass: Vec<Sum>,
    force: Vec<Sum>,
}

impl Equation {
    /// ẏ `[B, d]` at (x, y), each `[B, d]`; not finite where M is singular.
    fn accelerations(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        let d = self.dof;
        let mut values = vec![0.0; self.parts.len()];
        let states = x.chunks_exact(d).zip(y.chunks_exact(d));
        for ((x, y), out) in states.zip(out.chunks_exact_mut(d)) {
            for (value, part) in values.iter_mut().zip(&self.parts) {
                *value = part.value(x, y);
            }
            let sum = |of: &Sum| -> f64 { of.iter().map(|(at, c)| c * values[*at]).sum() };
            if d == 2 {
                let m: [f64; 4] = [0, 1, 2, 3].map(|k| sum(&self.mass[k]));
                let f = [sum(&self.force[0]), sum(&self.force[1])];
                let determinant = m[0] * m[3] - m[1] * m[2];
                out[0] = (m[3] * f[0] - m[1] * f[1]) / determinant;
                out[1] = (m[0] * f[1] - m[2] * f[0]) / determinant;
                continue;
            }
            let mass = DMatrix::from_fn(d, d, |i, j| sum(&self.mass[i * d + j]));
            let force = DVector::from_fn(d, |i, _| sum(&self.force[i]));
            match mass.lu().solve(&force) {
                Some(found) => out.copy_from_slice(found.as_slice()),
                None => out.fill(f64::NAN),
            }
        }
    }

    /// States `[B, 2·d]` after a time, which may be negative; NaN where the motion meets a singularity.
    pub(crate) fn advance(&self, states: &[f64], time: f64, tolerance: f64) -> Vec<f64> {
        let d = self.dof;
        let count = states.len() / (2 * d);
        let part = |from: usize| -> Vec<f64> {
            let of = states.chunks_exact(2 * d);
            of.flat_map(|s| s[from..from + d].iter().copied()).collect()
        };
        let (mut x, mut y) = (part(0), part(d));
        let law = |x: &[f64], y: &[f64], out: &mut [f64]| {
            self.accelerations(x, y, out);
            Ok::<(), Infallible>(())
        };
        if time != 0.0 {
            let Ok(()) = Dop853::new(count, d, tolerance).advance(law, &mut x, &mut y, time);
        }
        let states = x.chunks_exact(d).zip(y.chunks_exact(d));
        states
            .flat_map(|(x, y)| x.iter().chain(y).copied())
            .collect()
    }

    /// ẏ `[d]` at a state `[2·d]`.
    pub(crate) fn acceleration(&self, state: &[f64]) -> Vec<f64> {
        let (x, y) = state.split_at(self.dof);
        let mut out = vec![0.0; self.dof];
        self.accelerations(x, y, &mut out);
        out
    }
}

/// c φ(x, y), a term of L.
#[derive(Clone, Debug, PartialEq)]
pub struct TheoryTerm {
    /// φ.
    pub function: Function,
    /// c, in the unit in which the coefficient of the last velocity's square is ½.
    pub coefficient: f64,
    /// Its standard error; 0 where it is ½ by choice.
    pub standard_error: f64,
    /// The integer or fraction that it is, where the data tell it from others.
    pub exact: Option<Fraction>,
}

/// A law of motion M ẏ = ∂L/∂x − (∂²L/∂y∂x) y, M = ∂²L/∂y², whose Lagrangian is a short sum, with what is known of
/// its coefficients.
#[derive(Clone, Debug)]
pub struct LagrangianTheory {
    /// Terms of L, in the order of the library.
    pub terms: Vec<TheoryTerm>,
    /// Steps that obey it.
    pub support: usize,
    /// Of the state that it predicts one step on, root mean square for each coordinate, `[2·d]`: positions, then
    /// velocities, in their units.
    pub scatter: Vec<f64>,
    dof: usize,
    equation: Equation,
}

impl LagrangianTheory {
    pub(crate) fn new(
        form: &Form,
        coefficients: &[f64],
        errors: &[f64],
        support: usize,
        scatter: Vec<f64>,
    ) -> Self {
        let terms: Vec<TheoryTerm> = (0..form.functions.len())
            .filter(|f| coefficients[*f] != 0.0)
            .map(|f| TheoryTerm {
                function: form.functions[f].clone(),
                coefficient: coefficients[f],
                standard_error: errors[f],
                exact: match f == form.gauge {
                    true => Some(Fraction::new(1, 2)),
                    false => told_fraction(coefficients[f], errors[f]),
                },
            })
            .collect();
        Self {
            terms,
            support,
            scatter,
            dof: form.dof,
            equation: form.equation(coefficients),
        }
    }

    /// The coefficient of a function in L and its standard error; 0 and 0 if it has none.
    pub fn coefficient(&self, function: &Function) -> (f64, f64) {
        let term = self.terms.iter().find(|term| term.function == *function);
        term.map_or((0.0, 0.0), |term| (term.coefficient, term.standard_error))
    }

    /// ẏ `[d]` at a state (x, y) `[2·d]`; not finite where M is singular.
    ///
    /// # Panics
    /// If the state is shorter.
    pub fn acceleration(&self, state: &[f64]) -> Vec<f64> {
        self.equation.acceleration(&state[..2 * self.dof])
    }

    /// The state (x, y) `[2·d]` after a time, which may be negative; NaN if the motion meets a singularity.
    ///
    /// # Panics
    /// If the state is shorter.
    pub fn advance(&self, state: &[f64], time: f64) -> Vec<f64> {
        self.equation
            .advance(&state[..2 * self.dof], time, TOLERANCE)
    }

    /// L as a sum, exact where it is, else in seven digits.
    pub fn text(&self) -> String {
        written(self.dof, &self.terms)
    }
}

/// The integer or fraction of size up to 100 that a number is, if its error leaves one alone and its bits say less
/// than the digits that the error fixes.
pub(crate) fn told_fraction(value: f64, error: f64) -> Option<Fraction> {
    // A fit without noise errs by rounding and by the method that follows the motion.
    let error = error.max(1e-9 * value.abs()).max(1e-11);
    let reach = 4.0 * error;
    let nearest = crate::fraction::simplest_between(value - reach, value + reach);
    let (numerator, denominator) = (nearest.numer().abs(), *nearest.denom());
    let bits = crate::description::rational_bits(*nearest.numer(), denominator.unsigned_abs());
    let digits = crate::description::real_bits(value, error);
    let told = numerator <= 100 && denominator <= 100 && bits + 3.0 < digits;
    (told && (fraction_value(nearest) - value).abs() <= reach).then_some(nearest)
}

/// Terms as a sum.
fn written(dof: usize, terms: &[TheoryTerm]) -> String {
    let mut text = String::new();
    for term in terms {
        let size = match term.exact {
            Some(exact) if exact.is_integer() && exact.numer().abs() == 1 => String::new(),
            Some(exact) => format!("{} ", fraction_text(exact)),
            None => format!("{:.7} ", term.coefficient.abs()),
        };
        text.push_str(match (text.is_empty(), term.coefficient < 0.0) {
            (true, false) => "",
            (true, true) => "−",
            (false, false) => " + ",
            (false, true) => " − ",
        });
        text.push_str(&size);
        text.push_str(&term.function.text(dof));
    }
    if text.is_empty() { "0".into() } else { text }
}

/// Without its sign.
pub(crate) fn fraction_text(fraction: Fraction) -> String {
    let size = Fraction::new(fraction.numer().abs(), *fraction.denom());
    size.to_string()
}
