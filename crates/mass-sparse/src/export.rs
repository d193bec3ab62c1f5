//! Formulas as text for people and for programs.

use std::fmt::Write;

use crate::function::Signs;
use crate::lagrangian_law::Equation;
use crate::law::{four_digits, numbered, printed_sum};
use crate::problem::Sum;
use crate::{Coefficient, Factor, Function, LagrangianLaw, SparseLaw};

impl LagrangianLaw {
    /// L as LaTeX, with four digits, or the fraction where a coefficient may be one:
    /// `L = \frac{1}{2} \dot{x}^{2} + 1.000 \cos x`; and the generalised forces of friction and forcing.
    pub fn latex(&self) -> String {
        let terms = self.parts.terms.iter();
        let terms = terms.map(|term| (&term.coefficient, latex_function(&term.function, self.dof)));
        let mut text = format!("L = {}", latex_sum(terms));
        for i in 0..self.dof {
            let mut forces: Vec<(Coefficient, String)> = Vec::new();
            for term in &self.parts.friction {
                let opposed = Coefficient {
                    value: -term.coefficient.value,
                    ..term.coefficient
                };
                let partner = match (term.on == i, term.by == i) {
                    (true, _) => term.by,
                    (false, true) => term.on,
                    (false, false) => continue,
                };
                let speed = latex_function(&term.kind.function(partner), self.dof);
                forces.push((opposed, speed));
            }
            for term in self.parts.gains.iter().filter(|term| term.on == i) {
                let name = match self.inputs {
                    1 => r"\tau".to_string(),
                    _ => format!(r"\tau_{{{}}}", term.input + 1),
                };
                forces.push((term.coefficient, name));
            }
            if !forces.is_empty() {
                let name = match self.dof {
                    1 => "Q".to_string(),
                    _ => format!("Q_{{{}}}", i + 1),
                };
                let sum = latex_sum(forces.iter().map(|(c, name)| (c, name.clone())));
                let _ = write!(text, r", \quad {name} = {sum}");
            }
        }
        text
    }

    /// L and the equation of motion as plain text, one line each, with four digits: what `M ẏ = F` is.
    pub fn text(&self) -> String {
        let d = self.dof;
        let mut lines = vec![self.formula()];
        if d == 1 {
            let [mass, force] =
                [&self.equation.mass[0], &self.equation.force[0]].map(|s| plain(s, d));
            let forced =
                self.equation.gains.iter().enumerate().map(|(m, g)| {
                    format!(" + {} {}", four_digits(*g), numbered("τ", m, self.inputs))
                });
            let forced = forced.collect::<String>();
            lines.push(match &*mass {
                "1.000" => format!("ẏ = {force}{forced}"),
                _ => format!("ẏ = ({force}{forced}) / ({mass})"),
            });
        } else {
            for i in 0..d {
                let left = (0..d).filter(|j| !self.equation.mass[i * d + j].is_empty());
                let left = left.map(|j| {
                    let mass = plain(&self.equation.mass[i * d + j], d);
                    format!("({mass}) {}", numbered("ẏ", j, d))
                });
                let left = left.collect::<Vec<_>>().join(" + ");
                let mut right = plain(&self.equation.force[i], d);
                for m in 0..self.inputs {
                    let gain = self.equation.gains[i * self.inputs + m];
                    if gain != 0.0 {
                        let _ = write!(
                            right,
                            " + {} {}",
                            four_digits(gain),
                            numbered("τ", m, self.inputs)
                        );
                    }
                }
                lines.push(format!("{left} = {right}"));
            }
        }
        lines.join("\n")
    }

    /// Source of a Rust module without dependencies: `lagrangian(x, y) -> f64` and
    /// `acceleration(x, y, tau) -> [f64; d]`, of arrays `[d]` in the data's units and inputs `[m]`. Numbers are
    /// written in full, so that it predicts what [`LagrangianLaw::forced_acceleration`] does, to rounding.
    pub fn rust(&self) -> String {
        self.code().rust()
    }

    /// Source of a Python module that needs NumPy: `lagrangian(x, y)` and `acceleration(x, y, tau=None)`, of
    /// arrays `[.., d]` in the data's units and inputs `[.., m]`. Numbers are written in full, so that it
    /// predicts what [`LagrangianLaw::forced_acceleration`] does, to rounding.
    pub fn numpy(&self) -> String {
        self.code().numpy()
    }

    fn code(&self) -> Code {
        let terms = self.parts.terms.iter();
        let terms = terms.map(|term| (term.coefficient.value, term.function.clone()));
        Code {
            dof: self.dof,
            inputs: self.inputs,
            units: self.units.clone(),
            equation: self.equation.clone(),
            title: self.formula(),
            still: self.equation.still.clone(),
            lagrangian: Some(terms.collect()),
        }
    }
}

impl SparseLaw {
    /// The law as LaTeX, one line for each component, with four digits:
    /// `\ddot{x} = -1.000 \sin x`.
    pub fn latex(&self) -> Vec<String> {
        let lines = self.components().iter().enumerate();
        let lines = lines.map(|(i, component)| {
            let terms: Vec<(Coefficient, String)> = (component.iter())
                .map(|one| {
                    let coefficient = Coefficient::new(one.coefficient, one.standard_error);
                    (coefficient, latex_function(&one.function, self.dof()))
                })
                .collect();
            let sum = match terms.is_empty() {
                true => "0".to_string(),
                false => latex_sum(terms.iter().map(|(c, text)| (c, text.clone()))),
            };
            format!(
                r"\ddot{{{}}} = {}",
                latex_name(i, self.dof()),
                sum.trim_end()
            )
        });
        lines.collect()
    }

    /// Source of a Rust module without dependencies: `acceleration(x, y, [])`, of arrays `[d]`, which predicts
    /// what [`SparseLaw::acceleration`] does, to rounding.
    pub fn rust(&self) -> String {
        self.code().rust()
    }

    /// Source of a Python module that needs NumPy: `acceleration(x, y)`, of arrays `[.., d]`, which predicts
    /// what [`SparseLaw::acceleration`] does, to rounding.
    pub fn numpy(&self) -> String {
        self.code().numpy()
    }

    fn code(&self) -> Code {
        let d = self.dof();
        let one = |at: usize| match at / d == at % d {
            true => vec![(1.0, Function::one())],
            false => Vec::new(),
        };
        let force = self.components().iter().map(|component| {
            let addends = component.iter();
            addends
                .map(|one| (one.coefficient, one.function.clone()))
                .collect()
        });
        Code {
            dof: d,
            inputs: 0,
            units: vec![1.0; d],
            equation: Equation {
                mass: (0..d * d).map(one).collect(),
                force: force.collect(),
                gains: Vec::new(),
                still: Vec::new(),
            },
            still: self.still().to_vec(),
            title: self.formula().join(", "),
            lagrangian: None,
        }
    }
}

/// What source is written of.
struct Code {
    dof: usize,
    inputs: usize,
    units: Vec<f64>,
    equation: Equation,
    /// Below which speeds dry friction sticks, `[d]`, or nothing.
    still: Vec<f64>,
    title: String,
    lagrangian: Option<Sum>,
}

impl Code {
    fn rust(&self) -> String {
        let (d, m) = (self.dof, self.inputs);
        let language = Language::Rust;
        let mut code = format!("//! {}\n\n", self.title);
        let head = self.head(language);
        if let Some(sum) = &self.lagrangian {
            let _ = write!(
                code,
                "/// L(x, y).\npub fn lagrangian(x: [f64; {d}], y: [f64; {d}]) -> f64 {{\n{head}    {}\n}}\n\n",
                language.sum(sum, &self.still)
            );
        }
        let _ = write!(
            code,
            "/// The acceleration at (x, y), by M a = f.\n#[allow(clippy::all, unused_variables)]\npub fn acceleration(x: \
             [f64; {d}], y: [f64; {d}], tau: [f64; {m}]) -> [f64; {d}] {{\n{head}    let mut m: [[f64; {d}]; {d}] = [\n"
        );
        for i in 0..d {
            let row: Vec<String> = self.equation.mass[i * d..][..d]
                .iter()
                .map(|s| language.sum(s, &self.still))
                .collect();
            let _ = writeln!(code, "        [{}],", row.join(", "));
        }
        let _ = writeln!(code, "    ];\n    let mut a: [f64; {d}] = [");
        for i in 0..d {
            let _ = writeln!(code, "        {},", self.force(language, i));
        }
        let _ = write!(
            code,
            "    ];
    // Gaussian elimination with pivots.
    for k in 0..{d} {{
        let p = (k..{d}).max_by(|i, j| m[*i][k].abs().total_cmp(&m[*j][k].abs())).unwrap_or(k);
        m.swap(k, p);
        a.swap(k, p);
        for i in k + 1..{d} {{
            let by = m[i][k] / m[k][k];
            for j in k..{d} {{
                m[i][j] -= by * m[k][j];
            }}
            a[i] -= by * a[k];
        }}
    }}
    for k in (0..{d}).rev() {{
        for j in k + 1..{d} {{
            a[k] -= m[k][j] * a[j];
        }}
        a[k] /= m[k][k];
    }}
    [{}]
}}
",
            (0..d)
                .map(|i| scaled(&format!("a[{i}]"), self.units[i], "*"))
                .collect::<Vec<_>>()
                .join(", ")
        );
        code
    }

    fn numpy(&self) -> String {
        let (d, m) = (self.dof, self.inputs);
        let language = Language::NumPy;
        let mut code = format!("\"\"\"{}\"\"\"\n\nimport numpy as np\n\n\n", self.title);
        let head = self.head(language);
        if let Some(sum) = &self.lagrangian {
            let _ = write!(
                code,
                "def lagrangian(x, y):\n    \"\"\"L of x, y [.., {d}].\"\"\"\n    x, y = np.asarray(x, float), np.asarray(y, \
             float)\n{head}    return {} + 0.0 * x1\n\n\n",
                language.sum(sum, &self.still)
            );
        }
        let _ = write!(
            code,
            "def acceleration(x, y, tau=None):\n    \"\"\"The acceleration [.., {d}] at x, y [.., {d}] with inputs tau [.., \
             {m}]: M a = f.\"\"\"\n    x, y = np.asarray(x, float), np.asarray(y, float)\n{head}"
        );
        if m > 0 {
            let _ = writeln!(
                code,
                "    tau = np.zeros(x.shape[:-1] + ({m},)) if tau is None else np.asarray(tau, float)"
            );
        }
        code.push_str("    one = np.ones_like(x1)\n    m = np.stack([\n");
        for i in 0..d {
            let row = self.equation.mass[i * d..][..d].iter();
            let row: Vec<String> = row
                .map(|s| format!("({}) * one", language.sum(s, &self.still)))
                .collect();
            let _ = writeln!(code, "        np.stack([{}], -1),", row.join(", "));
        }
        code.push_str("    ], -2)\n    f = np.stack([\n");
        for i in 0..d {
            let _ = writeln!(code, "        ({}) * one,", self.force(language, i));
        }
        code.push_str("    ], -1)\n    a = np.linalg.solve(m, f[..., None])[..., 0]\n");
        match self.units.iter().all(|u| *u == 1.0) {
            true => code.push_str("    return a\n"),
            false => {
                let units: Vec<String> = self.units.iter().map(|u| format!("{u:?}")).collect();
                let _ = writeln!(code, "    return a * np.array([{}])", units.join(", "));
            }
        }
        code
    }

    /// Lines that name the coordinates of a state.
    fn head(&self, language: Language) -> String {
        let mut text = String::new();
        for i in 0..self.dof {
            for letter in ["x", "y"] {
                let value = match language {
                    Language::Rust => format!("{letter}[{i}]"),
                    Language::NumPy => format!("{letter}[..., {i}]"),
                };
                let value = scaled(&value, self.units[i], "/");
                let _ = match language {
                    // Underscores, for not all are used everywhere.
                    Language::Rust => writeln!(text, "    let _{letter}{} = {value};", i + 1),
                    Language::NumPy => writeln!(text, "    {letter}{} = {value}", i + 1),
                };
            }
        }
        text
    }

    fn force(&self, language: Language, i: usize) -> String {
        let mut text = language.sum(&self.equation.force[i], &self.still);
        for m in 0..self.inputs {
            let gain = self.equation.gains[i * self.inputs + m];
            if gain != 0.0 {
                let input = match language {
                    Language::Rust => format!("tau[{m}]"),
                    Language::NumPy => format!("tau[..., {m}]"),
                };
                let _ = write!(text, " + {gain:?} * {input}");
            }
        }
        text
    }
}

fn scaled(value: &str, unit: f64, by: &str) -> String {
    match unit == 1.0 {
        true => value.to_string(),
        false => format!("{value} {by} {unit:?}"),
    }
}

#[derive(Clone, Copy)]
enum Language {
    Rust,
    NumPy,
}

impl Language {
    fn sum(self, sum: &Sum, still: &[f64]) -> String {
        if sum.is_empty() {
            return "0.0".to_string();
        }
        let mut text = String::new();
        for (place, (c, function)) in sum.iter().enumerate() {
            text.push_str(Signs::Code.before(place, *c < 0.0));
            let _ = write!(text, "{:?}", c.abs());
            for factor in function.factors() {
                let _ = write!(text, " * {}", self.factor(factor, still));
            }
        }
        text
    }

    fn factor(self, factor: &Factor, still: &[f64]) -> String {
        let mark = match self {
            Self::Rust => "_",
            Self::NumPy => "",
        };
        let argument = |of: &[(usize, i32)]| {
            let mut text = String::new();
            for (place, (i, k)) in of.iter().enumerate() {
                text.push_str(Signs::Code.before(place, *k < 0));
                if k.abs() != 1 {
                    let _ = write!(text, "{:?} * ", f64::from(k.abs()));
                }
                let _ = write!(text, "{mark}x{}", i + 1);
            }
            if text.is_empty() { "0.0".into() } else { text }
        };
        let wave = |name: &str, of: &[(usize, i32)]| match self {
            Self::Rust => format!("({}).{name}()", argument(of)),
            Self::NumPy => format!("np.{name}({})", argument(of)),
        };
        let power = |name: String, p: i32| match (self, p) {
            (_, 1) => name,
            (Self::Rust, p) => format!("{name}.powi({p})"),
            (Self::NumPy, p) => format!("{name} ** {:?}", f64::from(p)),
        };
        match factor {
            Factor::Position(i, p) => power(format!("{mark}x{}", i + 1), *p),
            Factor::Velocity(i, p) => power(format!("{mark}y{}", i + 1), *p),
            // As the law itself: below a speed dry friction sticks.
            Factor::Sign(i) => match (self, still.get(*i).filter(|s| **s > 0.0)) {
                (Self::Rust, Some(s)) => format!("(_y{} / {s:?}).clamp(-1.0, 1.0)", i + 1),
                (Self::Rust, None) => format!("(_y{} / f64::MIN_POSITIVE).clamp(-1.0, 1.0)", i + 1),
                (Self::NumPy, Some(s)) => format!("np.clip(y{} / {s:?}, -1.0, 1.0)", i + 1),
                (Self::NumPy, None) => format!("np.sign(y{})", i + 1),
            },
            Factor::Sine(of) => wave("sin", of),
            Factor::Cosine(of) => wave("cos", of),
            Factor::Radius(of, p) => {
                let squares: Vec<String> = of
                    .iter()
                    .map(|i| format!("{mark}x{0} * {mark}x{0}", i + 1))
                    .collect();
                let square = squares.join(" + ");
                match self {
                    Self::Rust => power(format!("({square}).sqrt()"), *p),
                    Self::NumPy => power(format!("np.sqrt({square})"), *p),
                }
            }
        }
    }
}

/// `−0.5000 x sin x`, with four digits.
fn plain(sum: &Sum, dof: usize) -> String {
    printed_sum(sum.iter().map(|(c, function)| (*c, function.text(dof))))
}

fn latex_name(i: usize, dof: usize) -> String {
    match dof {
        1 => "x".to_string(),
        _ => format!("x_{{{}}}", i + 1),
    }
}

fn latex_function(function: &Function, dof: usize) -> String {
    let argument = |of: &[(usize, i32)]| {
        if let [(i, 1)] = of {
            return latex_name(*i, dof);
        }
        let mut text = String::from("(");
        for (place, (i, k)) in of.iter().enumerate() {
            text.push_str(Signs::Code.before(place, *k < 0));
            if k.abs() != 1 {
                let _ = write!(text, "{} ", k.abs());
            }
            text.push_str(&latex_name(*i, dof));
        }
        text.push(')');
        text
    };
    let power = |name: String, p: i32| match p {
        1 => name,
        p => format!("{name}^{{{p}}}"),
    };
    // Velocities and positions first, functions last.
    let place = |factor: &&Factor| match factor {
        Factor::Position(..) => 0,
        Factor::Velocity(..) => 1,
        Factor::Radius(..) => 2,
        Factor::Sine(_) | Factor::Cosine(_) | Factor::Sign(_) => 3,
    };
    let mut factors: Vec<&Factor> = function.factors().iter().collect();
    factors.sort_by_key(place);
    // ẋ² sgn ẋ is written ẋ |ẋ|.
    let signed: Vec<usize> = (factors.iter())
        .filter_map(|factor| match factor {
            Factor::Sign(i) if factors.contains(&&Factor::Velocity(*i, 2)) => Some(*i),
            _ => None,
        })
        .collect();
    factors.retain(|factor| !matches!(factor, Factor::Sign(i) if signed.contains(i)));
    let texts = factors.into_iter().map(|factor| match factor {
        Factor::Velocity(i, 2) if signed.contains(i) => {
            let speed = format!(r"\dot{{{}}}", latex_name(*i, dof));
            format!(r"{speed} \left|{speed}\right|")
        }
        Factor::Sign(i) => format!(r"\operatorname{{sgn}} \dot{{{}}}", latex_name(*i, dof)),
        Factor::Position(i, p) => power(latex_name(*i, dof), *p),
        Factor::Velocity(i, p) => power(format!(r"\dot{{{}}}", latex_name(*i, dof)), *p),
        Factor::Sine(of) => format!(r"\sin {}", argument(of)),
        Factor::Cosine(of) => format!(r"\cos {}", argument(of)),
        Factor::Radius(of, p) => {
            let squares: Vec<String> = of
                .iter()
                .map(|i| format!("{}^{{2}}", latex_name(*i, dof)))
                .collect();
            power(
                format!(r"\left(\sqrt{{{}}}\right)", squares.join(" + ")),
                *p,
            )
        }
    });
    texts.collect::<Vec<_>>().join(" ")
}

fn latex_sum<'a>(terms: impl Iterator<Item = (&'a Coefficient, String)>) -> String {
    let mut text = String::new();
    for (place, (c, function)) in terms.enumerate() {
        text.push_str(Signs::Code.before(place, c.value < 0.0));
        let number = match c.rational {
            Some(r) if r.denominator() == 1 && r.numerator().abs() == 1 => String::new(),
            Some(r) if r.denominator() == 1 => format!("{} ", r.numerator().abs()),
            Some(r) => format!(r"\frac{{{}}}{{{}}} ", r.numerator().abs(), r.denominator()),
            None => match four_digits(c.value.abs()).split_once('e') {
                Some((digits, power)) => format!(r"{digits} \times 10^{{{power}}} "),
                None => format!("{} ", four_digits(c.value.abs())),
            },
        };
        match function.is_empty() {
            true if number.is_empty() => text.push('1'),
            true => text.push_str(number.trim_end()),
            false => text.push_str(&(number + &function)),
        }
    }
    text
}
