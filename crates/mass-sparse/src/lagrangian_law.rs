//! A law of motion from a Lagrangian that is a short sum, with friction and forcing.

use mass_systems::{AnyLagrangian, Domain, Lagrangian, Number, System};
use serde::{Deserialize, Serialize};

use crate::function::joined;
use crate::law::{lettered, lettered_sum, numbered, printed_sum};
use crate::law_system::{Law, LawSystem};
use crate::problem::{Feature, Sum, euler_lagrange, solve, value};
use crate::{Error, Factor, Friction, FrictionKind, Function, MotionData, Rational, Verdict};

/// A number found from data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Coefficient {
    /// The number.
    pub value: f64,
    /// Its standard error, by bootstrap; 0 where it is fixed by choice, NaN where there are too few data to
    /// tell.
    #[serde(deserialize_with = "crate::nan::one")]
    pub standard_error: f64,
    /// The simple fraction that it may be, where its error leaves one alone ([`Rational::near`]).
    pub rational: Option<Rational>,
}

impl Coefficient {
    pub(crate) fn new(value: f64, standard_error: f64) -> Self {
        Self {
            value,
            standard_error,
            rational: None,
        }
    }

    fn scaled(self, by: f64) -> Self {
        Self::new(self.value * by, self.standard_error * by.abs())
    }
}

/// c φ(x, y), a term of L.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LagrangianTerm {
    /// φ.
    pub function: Function,
    /// c, in units of L by those of φ.
    pub coefficient: Coefficient,
    /// Whether c is fixed by choice: a factor of L changes no motion.
    pub gauge: bool,
}

/// Friction: the force −b yⱼ on i and, if they differ, −b yᵢ on j, which is −∂R/∂y of Rayleigh's
/// R = ½ b yᵢ² or b yᵢ yⱼ; or −b sign yᵢ, or −b yᵢ |yᵢ|, of i alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FrictionTerm {
    /// i.
    pub on: usize,
    /// j, at least i.
    pub by: usize,
    /// Which.
    #[serde(default)]
    pub kind: FrictionKind,
    /// b.
    pub coefficient: Coefficient,
}

impl From<&FrictionTerm> for Friction {
    fn from(term: &FrictionTerm) -> Self {
        Self {
            on: term.on,
            by: term.by,
            kind: term.kind,
            value: term.coefficient.value,
            standard_error: term.coefficient.standard_error,
        }
    }
}

/// The force g τₘ on i.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GainTerm {
    /// i.
    pub on: usize,
    /// m.
    pub input: usize,
    /// g.
    pub coefficient: Coefficient,
}

/// Another formula for the same motion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Alternative {
    /// The formula.
    pub text: String,
    /// By how many bits its description is longer than that of the formula that was chosen; it may be shorter
    /// on the rows that both were fitted to.
    pub bits: f64,
    /// The error of its ẏ on those rows, as a share of the deviation of ẏ.
    #[serde(deserialize_with = "crate::nan::one")]
    pub relative_error: f64,
}

/// The terms of a law.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Parts {
    pub(crate) terms: Vec<LagrangianTerm>,
    pub(crate) friction: Vec<FrictionTerm>,
    pub(crate) gains: Vec<GainTerm>,
    /// The covariance of their coefficients, in this order, `[n, n]`; empty where it is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) covariance: Vec<f64>,
    /// The speed `[d]` below which dry friction sticks; none where there is no dry friction.
    #[serde(default)]
    pub(crate) still: Vec<f64>,
}

/// M ẏ = F + G τ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Equation {
    /// M `[d, d]`.
    pub(crate) mass: Vec<Sum>,
    /// F `[d]`.
    pub(crate) force: Vec<Sum>,
    /// G `[d, m]`.
    pub(crate) gains: Vec<f64>,
    /// As that of [`Parts`].
    #[serde(default)]
    pub(crate) still: Vec<f64>,
}

impl Equation {
    pub(crate) fn new(dof: usize, inputs: usize, parts: &Parts) -> Self {
        let mut mass = vec![Sum::new(); dof * dof];
        let mut force = vec![Sum::new(); dof];
        for term in &parts.terms {
            let c = term.coefficient.value;
            let (second, first) = euler_lagrange(&term.function, dof);
            for (all, more) in mass.iter_mut().zip(second) {
                all.extend(more.into_iter().map(|(k, f)| (c * k, f)));
            }
            for (all, more) in force.iter_mut().zip(first) {
                all.extend(more.into_iter().map(|(k, f)| (-c * k, f)));
            }
        }
        for term in &parts.friction {
            let speed = |k: usize| term.kind.function(k);
            force[term.on].push((-term.coefficient.value, speed(term.by)));
            if term.on != term.by {
                force[term.by].push((-term.coefficient.value, speed(term.on)));
            }
        }
        let mut gains = vec![0.0; dof * inputs];
        for term in &parts.gains {
            gains[term.on * inputs + term.input] += term.coefficient.value;
        }
        Self {
            mass: mass.into_iter().map(joined).collect(),
            force: force.into_iter().map(joined).collect(),
            gains,
            still: parts.still.clone(),
        }
    }

    /// ẏ `[d]` into `out`, with M `[d, d]` as working memory.
    pub(crate) fn acceleration(
        &self,
        x: &[f64],
        y: &[f64],
        tau: &[f64],
        memory: &mut [f64],
        out: &mut [f64],
    ) {
        let d = self.force.len();
        for (m, sum) in memory.iter_mut().zip(&self.mass) {
            *m = value(sum, x, y);
        }
        let inputs = self.gains.len() / d;
        for (i, (out, sum)) in out.iter_mut().zip(&self.force).enumerate() {
            let gains = &self.gains[i * inputs..(i + 1) * inputs];
            let forced: f64 = gains.iter().zip(tau).map(|(g, t)| g * t).sum();
            let own: f64 = match self.still.is_empty() {
                true => value(sum, x, y),
                false => sum
                    .iter()
                    .map(|(c, f)| c * f.sticking(x, y, &self.still))
                    .sum(),
            };
            *out = own + forced;
        }
        let determinant = solve(memory, &mut out[..d], 1, d);
        if determinant == 0.0 || !determinant.is_finite() {
            out.fill(f64::NAN);
        }
    }
}

/// A law of motion M ẏ = ∂L/∂x − (∂²L/∂y∂x) y − B y + G τ, M = ∂²L/∂y², whose Lagrangian is a short sum
/// L = Σ c φ(x, y), with friction, B if it is linear, and forcing τ.
///
/// Made by [`SparseLagrangian`](crate::SparseLagrangian). Its formulas are those of positions in the data's
/// units, except for angles that the data do not give in radians: these are in radians in the formulas, and
/// in the data's unit in [`LagrangianLaw::acceleration`] and in what is exported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LagrangianLaw {
    pub(crate) dof: usize,
    pub(crate) inputs: usize,
    /// What a position is divided by before it enters a formula, `[d]`.
    pub(crate) units: Vec<f64>,
    /// Positions that are angles, in order.
    pub(crate) angles: Vec<usize>,
    pub(crate) parts: Parts,
    pub(crate) equation: Equation,
    #[serde(deserialize_with = "crate::nan::all")]
    pub(crate) relative_errors: Vec<f64>,
    pub(crate) alternatives: Vec<Alternative>,
    pub(crate) verdict: Verdict,
}

impl LagrangianLaw {
    /// Degrees of freedom, d.
    pub fn dof(&self) -> usize {
        self.dof
    }

    /// Inputs of the forcing, m.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The terms of L, in the order of the library.
    pub fn terms(&self) -> &[LagrangianTerm] {
        &self.parts.terms
    }

    /// Friction, where there is any.
    pub fn friction(&self) -> &[FrictionTerm] {
        &self.parts.friction
    }

    /// Gains of the forcing, where there is any.
    pub fn gains(&self) -> &[GainTerm] {
        &self.parts.gains
    }

    /// The error of each component of ẏ on rows held out, as a share of its deviation, `[d]`.
    pub fn relative_errors(&self) -> &[f64] {
        &self.relative_errors
    }

    /// The root mean square of these.
    pub fn relative_error(&self) -> f64 {
        let squares = self.relative_errors.iter().map(|e| e * e);
        (squares.sum::<f64>() / self.dof as f64).sqrt()
    }

    /// Other formulas that fit about as well, those of the shortest description first
    /// ([`SparseLagrangian::margin`](crate::SparseLagrangian::margin)).
    pub fn alternatives(&self) -> &[Alternative] {
        &self.alternatives
    }

    /// What the data tell about the motion.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// ẏ `[d]` at (x, y), both `[d]`, without forcing; NaN where M is singular.
    ///
    /// # Panics
    /// If a slice is shorter than d.
    pub fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        self.forced_acceleration(x, y, &[], out);
    }

    /// ẏ `[d]` at (x, y), both `[d]`, with inputs τ `[m]`; those that are missing are 0.
    ///
    /// # Panics
    /// If a slice is shorter than d.
    pub fn forced_acceleration(&self, x: &[f64], y: &[f64], tau: &[f64], out: &mut [f64]) {
        let inner = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(&self.units).map(|(v, u)| v / u).collect()
        };
        let mut memory = vec![0.0; self.dof * self.dof];
        let out = &mut out[..self.dof];
        let equation = &self.equation;
        equation.acceleration(&inner(x), &inner(y), tau, &mut memory, out);
        out.iter_mut().zip(&self.units).for_each(|(a, u)| *a *= u);
    }

    /// The energy y·∂L/∂y − L; it stays where there is neither friction nor forcing.
    pub fn energy(&self, x: &[f64], y: &[f64]) -> f64 {
        mass_systems::AnyLagrangian::energy(self, x, y)
    }

    /// The energy as a sum, `E = 0.5000 y² − 1.000 cos x`: y·∂L/∂y − L multiplies a function of degree n in y
    /// by n − 1.
    pub fn energy_formula(&self) -> String {
        let (x, y) = (vec![0.7; self.dof], vec![0.9; self.dof]);
        let twice: Vec<f64> = y.iter().map(|y| 2.0 * y).collect();
        let terms = self.parts.terms.iter().map(|term| {
            let grown = term.function.value(&x, &twice) / term.function.value(&x, &y);
            let factor = grown.log2().round() - 1.0;
            (
                term.coefficient.value * factor,
                term.function.text(self.dof),
            )
        });
        format!("E = {}", printed_sum(terms))
    }

    /// The rate at which friction takes energy: yᵀ B y where it is linear.
    pub fn dissipation(&self, y: &[f64]) -> f64 {
        self.powers(y).sum()
    }

    /// What each friction takes of it.
    pub(crate) fn powers(&self, y: &[f64]) -> impl Iterator<Item = f64> {
        self.parts.friction.iter().map(|term| {
            let both = if term.on == term.by { 1.0 } else { 2.0 };
            let speed = |k: usize| y[k] / self.units[k];
            let size = match term.kind {
                FrictionKind::Linear => speed(term.by),
                FrictionKind::Dry => speed(term.on).signum(),
                FrictionKind::Quadratic => speed(term.on) * speed(term.on).abs(),
            };
            both * term.coefficient.value * speed(term.on) * size
        })
    }

    /// The error of each component of ẏ on other data, as a share of its deviation there, `[d]`; NaN where M
    /// is singular at a state.
    ///
    /// # Errors
    /// [`Error::Dof`] for states of another number of degrees of freedom, [`Error::Request`] for forcing of
    /// another number of inputs.
    pub fn relative_errors_on(&self, data: &MotionData) -> Result<Vec<f64>, Error> {
        let states = data.states();
        if states.dof() != self.dof {
            return Err(Error::Dof {
                data: states.dof(),
                library: self.dof,
            });
        }
        let inputs = data.forcing().map_or(0, |f| f.inputs());
        if inputs != self.inputs {
            return Err(Error::Request(format!(
                "the law has {} inputs, but the data have {inputs}",
                self.inputs
            )));
        }
        let mut found = vec![0.0; self.dof];
        let [mut squares, mut sums, mut own] = [(); 3].map(|()| vec![0.0; self.dof]);
        for (row, state) in states.iter().enumerate() {
            let tau = data
                .forcing()
                .map_or(&[][..], |f| &f.values()[row * inputs..][..inputs]);
            self.forced_acceleration(state.x, state.y, tau, &mut found);
            for (k, right) in state.acceleration.iter().enumerate() {
                squares[k] += (found[k] - right) * (found[k] - right);
                sums[k] += right;
                own[k] += right * right;
            }
        }
        let count = states.len() as f64;
        let share = |k: usize| {
            let mean = sums[k] / count;
            let variance = own[k] / count - mean * mean;
            match variance > 1e-18 * mean * mean {
                true => (squares[k] / count / variance).sqrt(),
                false => (squares[k] / count).sqrt(),
            }
        };
        Ok((0..self.dof).map(share).collect())
    }

    /// The same law with L, friction and gains times a factor: no motion changes. What was fixed by choice is
    /// then another number.
    ///
    /// # Errors
    /// [`Error::Request`] if the factor is zero or not finite.
    #[must_use = "a law is not changed in place"]
    pub fn times(&self, factor: f64) -> Result<Self, Error> {
        if factor == 0.0 || !factor.is_finite() {
            return Err(Error::Request(format!(
                "a Lagrangian times {factor} is none: the factor must be finite and not zero"
            )));
        }
        let mut law = self.clone();
        for coefficient in law.parts.coefficients() {
            *coefficient = coefficient.scaled(factor);
        }
        let covariance = law.parts.covariance.iter_mut();
        covariance.for_each(|entry| *entry *= factor * factor);
        law.verdict = self.verdict.times(factor);
        law.equation = Equation::new(law.dof, law.inputs, &law.parts);
        law.snap();
        Ok(law)
    }

    /// The same law with the fractions that coefficients may be ([`Coefficient::rational`]) in their place.
    #[must_use = "a law is not changed in place"]
    pub fn rounded(&self) -> Self {
        let mut law = self.clone();
        for coefficient in law.parts.coefficients() {
            if let Some(rational) = coefficient.rational {
                coefficient.value = rational.value();
            }
        }
        law.equation = Equation::new(law.dof, law.inputs, &law.parts);
        law
    }

    /// Names the simple fractions among the coefficients of terms that have the same dimension as the one that
    /// is fixed: only these are numbers without a unit.
    pub(crate) fn snap(&mut self) {
        let gauges: Vec<Dimension> = (self.parts.terms.iter())
            .filter(|term| term.gauge)
            .map(|term| Dimension::of(&term.function, &self.angles))
            .collect();
        for term in &mut self.parts.terms {
            let own = Dimension::of(&term.function, &self.angles);
            let c = &mut term.coefficient;
            c.rational = match gauges.contains(&own) {
                true => Rational::near(c.value, c.standard_error),
                false => None,
            };
        }
    }

    /// The law with every coefficient taken as a number without a unit, so that all may be fractions: for
    /// data in natural units.
    #[must_use = "a law is not changed in place"]
    pub fn in_natural_units(&self) -> Self {
        let mut law = self.clone();
        for c in law.parts.coefficients() {
            c.rational = Rational::near(c.value, c.standard_error);
        }
        law
    }

    /// The law as a system, to follow its motion or to draw states of it, without forcing.
    pub fn into_system(self, id: impl Into<String>, domain: Domain) -> impl System {
        LawSystem {
            id: id.into(),
            domain,
            law: self,
        }
    }

    /// `L = 0.5000 y² + 1.000 cos x; friction −0.1000 y`, with four digits.
    pub fn formula(&self) -> String {
        self.parts.text(self.dof, self.inputs)
    }

    /// The formula with these numbers for the coefficients of terms, friction and gains, in this order, and letters c₁,
    /// c₂, … for those that are not given: `L = 0.5000 y² + c cos x`, of a law whose terms several systems share.
    pub fn formula_with(&self, numbers: &[Option<f64>]) -> String {
        let parts = &self.parts;
        let count = parts.terms.len() + parts.friction.len() + parts.gains.len();
        let all = numbers.iter().copied().chain(std::iter::repeat(None));
        self.parts.text_with(self.dof, self.inputs, all.take(count))
    }
}

impl Parts {
    /// Adds what a feature stands for, with its coefficient; `gauge` is whether that is fixed by choice.
    pub(crate) fn push(&mut self, feature: &Feature, coefficient: Coefficient, gauge: bool) {
        match feature {
            Feature::Term(function) => self.terms.push(LagrangianTerm {
                function: function.clone(),
                coefficient,
                gauge,
            }),
            Feature::Friction(on, by, kind) => self.friction.push(FrictionTerm {
                on: *on,
                by: *by,
                kind: *kind,
                coefficient,
            }),
            Feature::Gain(on, input) => self.gains.push(GainTerm {
                on: *on,
                input: *input,
                coefficient,
            }),
        }
    }

    pub(crate) fn text(&self, dof: usize, inputs: usize) -> String {
        let terms = self.terms.iter().map(|term| term.coefficient.value);
        let friction = self.friction.iter().map(|term| term.coefficient.value);
        let gains = self.gains.iter().map(|term| term.coefficient.value);
        let all = terms.chain(friction).chain(gains).map(Some);
        self.text_with(dof, inputs, all)
    }

    /// With these numbers, and letters where there is none.
    fn text_with(
        &self,
        dof: usize,
        inputs: usize,
        numbers: impl Iterator<Item = Option<f64>>,
    ) -> String {
        let sizes = lettered(numbers);
        let (own, others) = sizes.split_at(self.terms.len());
        let (of_friction, of_gains) = others.split_at(self.friction.len());
        let functions = self.terms.iter().map(|term| term.function.text(dof));
        let mut text = format!("L = {}", lettered_sum(own.iter().zip(functions)));
        for (term, size) in self.friction.iter().zip(of_friction) {
            let friction = friction_text(term, size, dof);
            text.push_str(&format!("; {} {friction}", term.kind.name()));
        }
        for (term, (below, size)) in self.gains.iter().zip(of_gains) {
            text.push_str(&format!(
                "; force {}{size} {} on {}",
                if *below { "−" } else { "" },
                numbered("τ", term.input, inputs),
                numbered("x", term.on, dof)
            ));
        }
        text
    }

    pub(crate) fn coefficients(&mut self) -> impl Iterator<Item = &mut Coefficient> {
        let terms = self.terms.iter_mut().map(|term| &mut term.coefficient);
        let friction = self.friction.iter_mut().map(|term| &mut term.coefficient);
        let gains = self.gains.iter_mut().map(|term| &mut term.coefficient);
        terms.chain(friction).chain(gains)
    }
}

impl Lagrangian for LagrangianLaw {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        let inner = |values: &[D]| -> Vec<D> {
            values
                .iter()
                .zip(&self.units)
                .map(|(v, u)| *v / *u)
                .collect()
        };
        let (x, y) = (inner(x), inner(y));
        let terms = self.parts.terms.iter();
        terms
            .map(|term| term.function.value(&x, &y) * term.coefficient.value)
            .sum()
    }
}

/// The unit of a function: powers of length and of time. Angles have none; other positions are taken as
/// lengths.
#[derive(PartialEq)]
struct Dimension {
    length: i32,
    time: i32,
}

impl Dimension {
    fn of(function: &Function, angles: &[usize]) -> Self {
        let mut own = Self { length: 0, time: 0 };
        let long = |i: &usize, p: i32| if angles.contains(i) { 0 } else { p };
        for factor in function.factors() {
            match factor {
                Factor::Position(i, p) => own.length += long(i, *p),
                Factor::Velocity(i, p) => {
                    own.length += long(i, *p);
                    own.time -= p;
                }
                Factor::Radius(of, p) => own.length += of.first().map_or(0, |i| long(i, *p)),
                Factor::Sine(_) | Factor::Cosine(_) | Factor::Sign(_) => {}
            }
        }
        own
    }
}

fn friction_text(term: &FrictionTerm, (below, size): &(bool, String), dof: usize) -> String {
    let sign = if *below { "+" } else { "−" };
    let one = |on: usize, by: usize| {
        let speed = term.kind.function(by).text(dof);
        match dof {
            1 => format!("{sign}{size} {speed}"),
            _ => format!("{sign}{size} {speed} on {}", numbered("x", on, dof)),
        }
    };
    match term.on == term.by {
        true => one(term.on, term.by),
        false => format!("{}, {}", one(term.on, term.by), one(term.by, term.on)),
    }
}

impl Law for LagrangianLaw {
    fn dof(&self) -> usize {
        self.dof
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        self.acceleration(x, y, out);
    }

    fn formula(&self) -> String {
        self.formula()
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        // With friction the energy of L is not kept, and the law is not that of L alone.
        self.parts.friction.is_empty().then_some(self)
    }
}
