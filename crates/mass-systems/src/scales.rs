//! Units in which numbers are of order one.

use num_dual::HyperDual64;

use crate::{
    dataset::Dataset,
    domain::Domain,
    error::Error,
    lagrangian::{AnyLagrangian, Quantity},
    quantile::{QuantileRule, quantile},
    system::{Bounded, Conserved, Motions, PaperRun, System},
};

/// The unit of time and that of each position of a system, in the person's units: x = L x̃, t = T t̃, so
/// that y = (L/T) ỹ and ẏ = (L/T²) dỹ/dt̃.
///
/// In other units of the person's, the same data have the same numbers here: to the bit where the units differ
/// by powers of two.
///
/// # Example
/// ```
/// use mass_systems::{Dataset, Scales};
///
/// // An oscillator of 3 µm and 10 kHz, in metres and seconds.
/// let (a, w): (f64, f64) = (3e-6, 6.3e4);
/// let phases: Vec<f64> = (0..100).map(f64::from).collect();
/// let of = |f: fn(f64) -> f64, size: f64| phases.iter().map(|p| size * f(*p)).collect::<Vec<_>>();
/// let data = Dataset::new("chip", 1, of(f64::cos, a), of(f64::sin, -a * w), of(f64::cos, -a * w * w))?;
/// let scales = Scales::of(&data, &[]);
/// let unit = scales.to_unit(&data)?;
/// assert!(unit.x().iter().chain(unit.acceleration()).all(|v| v.abs() < 2.0));
/// let back = scales.from_unit(&unit)?;
/// assert!((back.x()[7] / data.x()[7] - 1.0).abs() < 1e-15);
/// # Ok::<(), mass_systems::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Scales {
    time: f64,
    length: Vec<f64>,
}

/// A number of the person's for each one of order one.
#[derive(Clone, Copy)]
enum Way {
    ToUnit,
    FromUnit,
}

impl Scales {
    /// The person's own units, for d positions.
    pub fn own(dof: usize) -> Self {
        Self {
            time: 1.0,
            length: vec![1.0; dof],
        }
    }

    /// Scales of data: each position's is its root mean square, that of time the median of those by which
    /// each acceleration is as large as its position. `angles` are the positions, by index, that keep their
    /// unit, the radian.
    pub fn of(data: &Dataset, angles: &[usize]) -> Self {
        let d = data.dof();
        let size = |values: &[f64], k: usize| {
            let column = values.iter().skip(k).step_by(d);
            (column.map(|v| v * v).sum::<f64>() / data.len() as f64).sqrt()
        };
        let length: Vec<f64> = (0..d)
            .map(|k| match angles.contains(&k) {
                true => 1.0,
                false => usable(size(data.x(), k)),
            })
            .collect();
        // Of a coordinate that stays, or is not accelerated, nothing can be said.
        let times = (0..d).map(|k| (length[k] / size(data.acceleration(), k)).sqrt());
        let times: Vec<f64> = times.filter(|time| time.is_finite()).collect();
        Self {
            time: usable(quantile(&times, 0.5, QuantileRule::Nearest)),
            length,
        }
    }

    /// The same with one unit for all positions, the largest of them: for bodies in the plane, whose
    /// distances are to be distances still.
    #[must_use]
    pub fn with_common_length(self) -> Self {
        let largest = self.length.iter().copied().fold(0.0, f64::max);
        Self {
            length: vec![largest; self.length.len()],
            ..self
        }
    }

    /// The unit of time, T.
    pub fn time(&self) -> f64 {
        self.time
    }

    /// The unit of each position, L, `[d]`.
    pub fn length(&self) -> &[f64] {
        &self.length
    }

    /// Whether they are the person's own units.
    pub fn is_own(&self) -> bool {
        self.time == 1.0 && self.length.iter().all(|length| *length == 1.0)
    }

    /// Positions `[.., d]` in units of order one.
    pub fn position_to_unit(&self, x: &mut [f64]) {
        self.convert(x, 0, Way::ToUnit);
    }

    /// Velocities `[.., d]` in units of order one.
    pub fn velocity_to_unit(&self, y: &mut [f64]) {
        self.convert(y, 1, Way::ToUnit);
    }

    /// Positions `[.., d]` in the person's units.
    pub fn position_from_unit(&self, x: &mut [f64]) {
        self.convert(x, 0, Way::FromUnit);
    }

    /// Velocities `[.., d]` in the person's units.
    pub fn velocity_from_unit(&self, y: &mut [f64]) {
        self.convert(y, 1, Way::FromUnit);
    }

    /// Accelerations `[.., d]` in the person's units.
    pub fn acceleration_from_unit(&self, acceleration: &mut [f64]) {
        self.convert(acceleration, 2, Way::FromUnit);
    }

    /// A dataset in units of order one.
    ///
    /// # Errors
    /// [`Error::Shape`] if the dataset has not d positions, [`Error::NotFinite`] if a number leaves f64.
    pub fn to_unit(&self, data: &Dataset) -> Result<Dataset, Error> {
        self.dataset(data, Way::ToUnit)
    }

    /// A dataset in the person's units.
    ///
    /// # Errors
    /// As [`Scales::to_unit`].
    pub fn from_unit(&self, data: &Dataset) -> Result<Dataset, Error> {
        self.dataset(data, Way::FromUnit)
    }

    fn dataset(&self, data: &Dataset, way: Way) -> Result<Dataset, Error> {
        if data.dof() != self.length.len() {
            return Err(Error::Shape {
                what: format!("a state of {}", data.id()),
                expected: self.length.len(),
                found: data.dof(),
                hint: ", as the scales have".into(),
            });
        }
        let columns = [data.x(), data.y(), data.acceleration()];
        let mut columns = columns.map(<[f64]>::to_vec);
        for (power, column) in columns.iter_mut().enumerate() {
            self.convert(column, power as i32, way);
        }
        let [x, y, acceleration] = columns;
        Dataset::new(data.id(), data.dof(), x, y, acceleration)
    }

    /// Numbers `[.., d]` of the unit L/Tᵖ.
    fn convert(&self, values: &mut [f64], power: i32, way: Way) {
        let of_time = self.time.powi(power);
        for row in values.chunks_exact_mut(self.length.len()) {
            for (value, length) in row.iter_mut().zip(&self.length) {
                match way {
                    Way::ToUnit => *value = *value / length * of_time,
                    Way::FromUnit => *value = *value * length / of_time,
                }
            }
        }
    }
}

/// A positive number, or 1 for what is none.
fn usable(value: f64) -> f64 {
    match value > 0.0 && value.is_finite() {
        true => value,
        false => 1.0,
    }
}

/// A system in units of order one; it keeps the system's id, for it is that system.
///
/// Its Lagrangian is that of the system at the same state, in the person's unit of L.
#[derive(Clone, Debug)]
pub struct Scaled<S>(Law<S>);

/// The system, also as its Lagrangian.
#[derive(Clone, Debug)]
struct Law<S> {
    system: S,
    scales: Scales,
}

impl<S: System> Scaled<S> {
    /// The system in units of these scales.
    ///
    /// # Errors
    /// [`Error::Shape`] if they are not of its d positions.
    pub fn new(system: S, scales: Scales) -> Result<Self, Error> {
        if scales.length.len() != system.dof() {
            return Err(Error::Shape {
                what: format!("the scales of {}", system.id()),
                expected: system.dof(),
                found: scales.length.len(),
                hint: ", one for each position".into(),
            });
        }
        Ok(Self(Law { system, scales }))
    }

    /// The system in the person's units.
    pub fn system(&self) -> &S {
        &self.0.system
    }

    /// The scales.
    pub fn scales(&self) -> &Scales {
        &self.0.scales
    }
}

impl<S: System> Law<S> {
    /// A state in the person's units.
    fn own(&self, x: &[f64], y: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (mut x, mut y) = (x.to_vec(), y.to_vec());
        self.scales.position_from_unit(&mut x);
        self.scales.velocity_from_unit(&mut y);
        (x, y)
    }

    fn domain_to_unit(&self, domain: &Domain) -> Domain {
        let Scales { time, length } = &self.scales;
        let speeds: Vec<f64> = length.iter().map(|length| length / time).collect();
        domain.divided(length, &speeds)
    }
}

impl<S: System> System for Scaled<S> {
    fn id(&self) -> String {
        self.0.system.id()
    }

    fn dof(&self) -> usize {
        self.0.system.dof()
    }

    fn domain(&self) -> Domain {
        self.0.domain_to_unit(&self.0.system.domain())
    }

    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
        let (x, y) = self.0.own(x, y);
        self.0.system.acceleration(&x, &y, out);
        self.0.scales.convert(out, 2, Way::ToUnit);
    }

    fn name(&self) -> String {
        self.0.system.name()
    }

    fn formula(&self) -> String {
        self.0.system.formula()
    }

    fn source(&self) -> &'static str {
        self.0.system.source()
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        self.0.system.lagrangian()?;
        Some(&self.0)
    }

    fn energy(&self, x: &[f64], y: &[f64]) -> Option<f64> {
        let (x, y) = self.0.own(x, y);
        self.0.system.energy(&x, &y)
    }

    fn conserved(&self, x: &[f64], y: &[f64]) -> Vec<Conserved> {
        let (x, y) = self.0.own(x, y);
        self.0.system.conserved(&x, &y)
    }

    fn bounded(&self) -> Option<Bounded> {
        let bounded = self.0.system.bounded()?;
        Some(Bounded {
            domain: self.0.domain_to_unit(&bounded.domain),
            ..bounded
        })
    }

    fn motions(&self) -> Option<Motions> {
        let motions = self.0.system.motions()?;
        Some(Motions {
            starts: self.0.domain_to_unit(&motions.starts),
            duration: motions.duration / self.0.scales.time,
        })
    }

    fn in_singular_set(&self, x: &[f64], y: &[f64]) -> bool {
        let (x, y) = self.0.own(x, y);
        self.0.system.in_singular_set(&x, &y)
    }

    fn angles(&self) -> &[usize] {
        self.0.system.angles()
    }

    fn paper_run(&self) -> Option<PaperRun> {
        None
    }
}

impl<S: System> AnyLagrangian for Law<S> {
    fn at(&self, which: Quantity, x: &[f64], y: &[f64]) -> Option<f64> {
        let (x, y) = self.own(x, y);
        self.system.lagrangian()?.at(which, &x, &y)
    }

    fn at_dual(
        &self,
        which: Quantity,
        x: &[HyperDual64],
        y: &[HyperDual64],
    ) -> Option<HyperDual64> {
        let Scales { time, length } = &self.scales;
        let times = |values: &[HyperDual64], by: &dyn Fn(f64) -> f64| -> Vec<HyperDual64> {
            let pairs = values.iter().zip(length);
            pairs.map(|(value, length)| *value * by(*length)).collect()
        };
        let x = times(x, &|length| length);
        let y = times(y, &|length| length / time);
        self.system.lagrangian()?.at_dual(which, &x, &y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, States, lookup, sample_states, stream};

    fn scales(d: usize) -> Scales {
        Scales {
            time: 4096.0,
            length: (0..d).map(|k| 2_f64.powi(20 - 3 * k as i32)).collect(),
        }
    }

    #[test]
    fn a_scaled_system_is_the_system_in_other_units() {
        for id in ["double_pendulum", "two_body", "charge_in_field", "kepler"] {
            let system = lookup(id).unwrap();
            let d = system.dof();
            let scales = match id {
                "two_body" => scales(d).with_common_length(),
                _ => scales(d),
            };
            let scaled = Scaled::new(lookup(id).unwrap(), scales).unwrap();
            for kind in [States::Domain, States::Closed] {
                let draw = |system: &dyn System| {
                    let mut rng = stream(5, Purpose::Evaluation, id);
                    sample_states(system, kind, 20, &mut rng).unwrap()
                };
                let (own, unit) = (draw(&*system), draw(&scaled));
                let back = scaled.scales().from_unit(&unit).unwrap();
                let pairs = [
                    (own.x(), back.x()),
                    (own.y(), back.y()),
                    (own.acceleration(), back.acceleration()),
                ];
                // Motions are integrated to a tolerance in the unit that they are in.
                let tolerance = if kind == States::Closed { 1e-5 } else { 1e-8 };
                for (own, back) in pairs {
                    for (a, b) in own.iter().zip(back) {
                        assert!(
                            (a - b).abs() < tolerance * (1.0 + a.abs()),
                            "{id} {kind:?}: {a} {b}"
                        );
                    }
                }
                // Its Lagrangian gives its acceleration, and its energy is the system's.
                let law = scaled.lagrangian().unwrap();
                let mut found = vec![0.0; d];
                for (state, own) in unit.iter().zip(own.iter()) {
                    law.euler_lagrange(state.x, state.y, &mut found).unwrap();
                    let size = state
                        .acceleration
                        .iter()
                        .fold(0.0, |m: f64, v| m.max(v.abs()));
                    for (found, exact) in found.iter().zip(state.acceleration) {
                        assert!(
                            (found - exact).abs() <= 1e-9 * size,
                            "{id}: {found} {exact}"
                        );
                    }
                    let energies = [scaled.energy(state.x, state.y), system.energy(own.x, own.y)];
                    let [a, b] = energies.map(Option::unwrap);
                    assert!((a - b).abs() < 10.0 * tolerance * (1.0 + b.abs()));
                    assert!((law.energy(state.x, state.y) - a).abs() < 1e-9 * (1.0 + a.abs()));
                }
            }
        }
    }

    #[test]
    fn there_and_back_is_the_same_to_the_bit_by_powers_of_two() {
        let system = lookup("three_body").unwrap();
        let mut rng = stream(1, Purpose::Evaluation, "three_body");
        let data = sample_states(&*system, States::Domain, 50, &mut rng).unwrap();
        let scales = scales(6);
        assert_eq!(
            scales.from_unit(&scales.to_unit(&data).unwrap()).unwrap(),
            data
        );
        assert!(
            scales
                .to_unit(&Dataset::new("one", 1, vec![1.0], vec![1.0], vec![1.0]).unwrap())
                .is_err()
        );
        assert!(Scaled::new(lookup("kepler").unwrap(), scales).is_err());
    }

    #[test]
    fn what_does_not_move_has_no_scale_of_its_own() {
        let data = Dataset::new(
            "still",
            2,
            vec![0.0, 6.0, 0.0, 6.0],
            vec![0.0; 4],
            vec![0.0, -1e4, 0.0, -1e4],
        )
        .unwrap();
        let scales = Scales::of(&data, &[]);
        assert_eq!(scales.length(), [1.0, 6.0]);
        assert!((scales.time() - 6e-4_f64.sqrt()).abs() < 1e-15);
        assert_eq!(Scales::of(&data, &[1]).length(), [1.0, 1.0]);
        assert!(Scales::own(3).is_own() && !scales.is_own());
    }
}
