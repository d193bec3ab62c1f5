//! A law of motion as a short sum.

use mass_systems::{Dataset, Domain, System};
use serde::{Deserialize, Serialize};

use crate::function::Signs;
use crate::law_system::{Law, LawSystem};
use crate::{Error, Factor, Function};

/// Below this share of the root mean square of a speed, dry friction sticks instead of turning about.
pub(crate) const STILL: f64 = 5e-3;

/// A function of a law with its coefficient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Addend {
    /// The function.
    pub function: Function,
    /// Its coefficient, in units of ẏ by those of the function.
    pub coefficient: f64,
    /// The coefficient's standard error, as if the residuals were independent and alike.
    #[serde(deserialize_with = "crate::nan::one")]
    pub standard_error: f64,
}

/// A law of motion, ẏᵢ = Σ c f(x, y), with few functions for each component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SparseLaw {
    dof: usize,
    components: Vec<Vec<Addend>>,
    mean_squares: Vec<f64>,
    variances: Vec<f64>,
    /// The speed `[d]` below which dry friction sticks; none where there is none.
    #[serde(default)]
    still: Vec<f64>,
}

impl SparseLaw {
    pub(crate) fn new(
        dof: usize,
        components: Vec<Vec<Addend>>,
        mean_squares: Vec<f64>,
        variances: Vec<f64>,
    ) -> Self {
        Self {
            dof,
            components,
            mean_squares,
            variances,
            still: Vec::new(),
        }
    }

    /// The law of constant accelerations, `[d]`, each with its standard error, judged by these states.
    ///
    /// # Errors
    /// [`Error::Dof`] for states of another number of degrees of freedom, [`Error::Request`] without states.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_sparse::SparseLaw;
    /// use mass_systems::Dataset;
    ///
    /// let fall = Dataset::new("fall", 1, vec![0.0, 1.0], vec![0.0, -3.0], vec![-9.8, -9.82])?;
    /// let law = SparseLaw::constant(&[(-9.81, 0.005)], &fall)?;
    /// assert_eq!(law.formula(), ["ẏ = −9.810"]);
    /// assert!((law.rmse() - 0.01).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn constant(accelerations: &[(f64, f64)], states: &Dataset) -> Result<Self, Error> {
        let dof = accelerations.len();
        if states.dof() != dof {
            return Err(Error::Dof {
                data: states.dof(),
                library: dof,
            });
        }
        if states.is_empty() {
            return Err(Error::Request(
                "there are no states to judge the law by: give one at least".into(),
            ));
        }
        let one = Function::one();
        let component = |(coefficient, standard_error): &(f64, f64)| {
            vec![Addend {
                function: one.clone(),
                coefficient: *coefficient,
                standard_error: *standard_error,
            }]
        };
        let count = states.len() as f64;
        let square = |k: usize, from: f64| {
            let all = states.acceleration().iter().skip(k).step_by(dof);
            all.map(|a| (a - from).powi(2)).sum::<f64>() / count
        };
        let mean = |k: usize| {
            let all = states.acceleration().iter().skip(k).step_by(dof);
            all.sum::<f64>() / count
        };
        let all = accelerations.iter().enumerate();
        Ok(Self::new(
            dof,
            accelerations.iter().map(component).collect(),
            all.map(|(k, (value, _))| square(k, *value)).collect(),
            (0..dof).map(|k| square(k, mean(k))).collect(),
        ))
    }

    /// With speeds `[d]` below which dry friction sticks.
    pub(crate) fn sticking_below(mut self, still: Vec<f64>) -> Self {
        let dry = |one: &Addend| {
            let factors = one.function.factors();
            factors.iter().any(|f| matches!(f, Factor::Sign(_)))
        };
        if self.components.iter().flatten().any(dry) {
            self.still = still;
        }
        self
    }

    pub(crate) fn still(&self) -> &[f64] {
        &self.still
    }

    /// Degrees of freedom, d.
    pub fn dof(&self) -> usize {
        self.dof
    }

    /// The sum of each component of ẏ, `[d]`.
    pub fn components(&self) -> &[Vec<Addend>] {
        &self.components
    }

    /// Functions in all.
    pub fn size(&self) -> usize {
        self.components.iter().map(Vec::len).sum()
    }

    /// ‖ẏ̂ − ẏ‖/√N on the states that it was judged by, in units of ẏ.
    pub fn rmse(&self) -> f64 {
        self.mean_squares.iter().sum::<f64>().sqrt()
    }

    /// The same as a fraction of ẏ's deviation from its mean: 1 for a law that knows the mean alone. The
    /// error itself where ẏ does not vary.
    pub fn relative_error(&self) -> f64 {
        let varies = self.variances.iter().sum::<f64>().sqrt();
        match varies > 0.0 {
            true => self.rmse() / varies,
            false => self.rmse(),
        }
    }

    /// The acceleration ẏ `[d]` at (x, y), both `[d]`.
    ///
    /// # Panics
    /// If a slice is shorter than d.
    pub fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        for (out, component) in out.iter_mut().zip(&self.components) {
            let addends = component.iter();
            *out = addends
                .map(|one| one.coefficient * one.function.sticking(x, y, &self.still))
                .sum();
        }
    }

    /// ‖ẏ̂ − ẏ‖/√N on other states, in units of ẏ.
    ///
    /// # Errors
    /// [`Error::Dof`] for states of another number of degrees of freedom.
    pub fn rmse_on(&self, data: &Dataset) -> Result<f64, Error> {
        if data.dof() != self.dof {
            return Err(Error::Dof {
                data: data.dof(),
                library: self.dof,
            });
        }
        let mut found = vec![0.0; self.dof];
        let squares = data.iter().map(|state| {
            self.acceleration(state.x, state.y, &mut found);
            let apart = found.iter().zip(state.acceleration);
            apart.map(|(a, b)| (a - b) * (a - b)).sum::<f64>()
        });
        Ok((squares.sum::<f64>() / data.len() as f64).sqrt())
    }

    /// One line for each component, with four digits: `ẏ = −1.000 x − 0.3000 y`.
    pub fn formula(&self) -> Vec<String> {
        let lines = self.components.iter().enumerate();
        lines
            .map(|(i, component)| {
                let name = numbered("ẏ", i, self.dof);
                format!("{name} = {}", printed_sum(terms(component, self.dof)))
            })
            .collect()
    }

    /// The formula with these numbers for coefficients, in the order of [`SparseLaw::components`], and letters c₁, c₂, …
    /// for those that are not given: of a law whose terms several systems share.
    pub fn formula_with(&self, numbers: &[Option<f64>]) -> Vec<String> {
        let all = numbers.iter().copied().chain(std::iter::repeat(None));
        let sizes = lettered(all.take(self.size()));
        let mut next = sizes.iter();
        let lines = self.components.iter().enumerate();
        lines
            .map(|(i, component)| {
                let terms = component.iter().map(|one| one.function.text(self.dof));
                let own: Vec<&(bool, String)> = next.by_ref().take(component.len()).collect();
                let name = numbered("ẏ", i, self.dof);
                format!("{name} = {}", lettered_sum(own.into_iter().zip(terms)))
            })
            .collect()
    }

    /// The law as a system, to follow its motion or to draw states of it.
    pub fn into_system(self, id: impl Into<String>, domain: Domain) -> impl System {
        LawSystem {
            id: id.into(),
            domain,
            law: self,
        }
    }
}

fn terms(component: &[Addend], dof: usize) -> impl Iterator<Item = (f64, String)> {
    let each = component.iter();
    each.map(move |addend| (addend.coefficient, addend.function.text(dof)))
}

/// `−1.000 x − 0.3000 y` of coefficients, with four digits, and their functions.
pub(crate) fn printed_sum(terms: impl Iterator<Item = (f64, String)>) -> String {
    let (numbers, functions): (Vec<f64>, Vec<String>) = terms.unzip();
    let numbers = lettered(numbers.into_iter().map(Some));
    lettered_sum(numbers.iter().zip(functions))
}

/// Whether each number is below zero and its size as text, with four digits; letters c₁, c₂, …, or c where there is one,
/// for those that are not known.
pub(crate) fn lettered(numbers: impl Iterator<Item = Option<f64>>) -> Vec<(bool, String)> {
    let numbers: Vec<Option<f64>> = numbers.collect();
    let letters = numbers.iter().filter(|one| one.is_none()).count();
    let mut next = 0..letters;
    let each = numbers.iter().map(|one| match one {
        Some(number) => (*number < 0.0, four_digits(number.abs())),
        None => (false, numbered("c", next.next().unwrap_or(0), letters)),
    });
    each.collect()
}

/// `0.5000 y² + c cos x` of numbers or letters and their functions.
pub(crate) fn lettered_sum<'a>(
    terms: impl Iterator<Item = (&'a (bool, String), String)>,
) -> String {
    let mut text = String::new();
    for (place, ((below, size), function)) in terms.enumerate() {
        text.push_str(Signs::Printed.before(place, *below));
        text.push_str(size);
        match function.strip_prefix("1/") {
            _ if function == "1" => {}
            Some(below) => text.push_str(&format!("/{below}")),
            None => text.push_str(&format!(" {function}")),
        }
    }
    match text.is_empty() {
        true => "0".to_string(),
        false => text,
    }
}

/// A coordinate's name, with its number, from 1, where there are several.
pub(crate) fn numbered(letter: &str, i: usize, count: usize) -> String {
    match count {
        1 => letter.to_string(),
        _ => {
            let digit = |c: char| char::from_u32(0x2080 + c as u32 - '0' as u32);
            let index: String = (i + 1).to_string().chars().filter_map(digit).collect();
            format!("{letter}{index}")
        }
    }
}

/// `0.3000`, `1.000`, `12.50`, `0.01395`, `6.674e-11`.
pub(crate) fn four_digits(value: f64) -> String {
    let short = format!("{value:.3e}");
    if value != 0.0 && !(1e-3..1e5).contains(&value) {
        return short;
    }
    // Of the rounded number, for 0.99999 is 1.000, of one digit before the point.
    let power = short
        .split_once('e')
        .and_then(|(_, power)| power.parse::<i32>().ok());
    let digits = (3 - power.unwrap_or(0)).max(0) as usize;
    format!("{value:.digits$}")
}

impl Law for SparseLaw {
    fn dof(&self) -> usize {
        self.dof
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        self.acceleration(x, y, out);
    }

    fn formula(&self) -> String {
        self.formula().join(", ")
    }
}
