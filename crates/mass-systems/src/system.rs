//! What a physical system is.

use crate::domain::Domain;
use crate::lagrangian::AnyLagrangian;
use std::fmt;

/// A physical system: the law of its acceleration ẏ(x, y), where its states are drawn from, and its
/// Lagrangian where there is one.
///
/// A state is (x, y), both `[d]`, with y = ẋ; all constants are 1 unless a parameter says otherwise.
/// A system with a Lagrangian is most easily made by [`FromLagrangian`](crate::FromLagrangian);
/// implement this trait for one that has none, or whose acceleration is worth writing out.
///
/// # Example
/// ```
/// use mass_systems::{Domain, System, sample, stream, Purpose};
///
/// /// Free fall with drag: ẏ = −1 − y³.
/// struct Falling;
///
/// impl System for Falling {
///     fn id(&self) -> String { "falling".into() }
///     fn dof(&self) -> usize { 1 }
///     fn domain(&self) -> Domain { Domain::cube(1, (0.0, 1.0), (-1.0, 1.0)).expect("a fixed, valid domain") }
///     fn acceleration(&self, _x: &[f64], y: &[f64], out: &mut [f64]) {
///         out[0] = -1.0 - y[0].powi(3);
///     }
/// }
///
/// let data = sample(&Falling, 100, &mut stream(0, Purpose::TrainData, "falling"))?;
/// assert_eq!(data.len(), 100);
/// assert!(Falling.lagrangian().is_none());
/// # Ok::<(), mass_systems::Error>(())
/// ```
pub trait System: Send + Sync {
    /// The id, with parameters where there are any, as [`lookup`](crate::lookup) reads it.
    fn id(&self) -> String;

    /// Degrees of freedom, d.
    fn dof(&self) -> usize;

    /// The states to draw from.
    fn domain(&self) -> Domain;

    /// The acceleration ẏ `[d]` at (x, y), both `[d]`; not finite in the singular set.
    ///
    /// # Panics
    /// May panic if a slice is shorter than d.
    fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]);

    /// A name to read.
    fn name(&self) -> String {
        self.id()
    }

    /// The law in Unicode: ẏ, and L where there is one. Empty where nobody wrote it down.
    fn formula(&self) -> String {
        String::new()
    }

    /// Where the system comes from. Empty where nobody wrote it down.
    fn source(&self) -> &'static str {
        ""
    }

    /// The Lagrangian, where the system has one here.
    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        None
    }

    /// The conserved energy y·∂L/∂y − L, where there is a Lagrangian.
    fn energy(&self, x: &[f64], y: &[f64]) -> Option<f64> {
        self.lagrangian().map(|law| law.energy(x, y))
    }

    /// What the motion keeps at (x, y), both `[d]`: the energy where there is a Lagrangian, and whatever
    /// else the system knows of, a momentum or an angular momentum.
    fn conserved(&self, x: &[f64], y: &[f64]) -> Vec<Conserved> {
        let energy = self.energy(x, y).into_iter();
        energy
            .map(|value| Conserved::new("energy", value))
            .collect()
    }

    /// The states up to an energy, where they are a set that motion does not leave.
    fn bounded(&self) -> Option<Bounded> {
        None
    }

    /// The motions whose states are worth learning, where the system's author named some.
    fn motions(&self) -> Option<Motions> {
        None
    }

    /// Whether the law is undefined at (x, y), both `[d]`.
    fn in_singular_set(&self, _x: &[f64], _y: &[f64]) -> bool {
        false
    }

    /// The positions that are angles, by index: the law does not change when one grows by 2π.
    fn angles(&self) -> &[usize] {
        &[]
    }

    /// The run shown in the paper, where there is one.
    fn paper_run(&self) -> Option<PaperRun> {
        None
    }
}

/// A reference to a system, or a box of one, is that system.
macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<S: System + ?Sized> System for $pointer {
            fn id(&self) -> String {
                (**self).id()
            }
            fn dof(&self) -> usize {
                (**self).dof()
            }
            fn domain(&self) -> Domain {
                (**self).domain()
            }
            fn acceleration(&self, x: &[f64], y: &[f64], out: &mut [f64]) {
                (**self).acceleration(x, y, out);
            }
            fn name(&self) -> String {
                (**self).name()
            }
            fn formula(&self) -> String {
                (**self).formula()
            }
            fn source(&self) -> &'static str {
                (**self).source()
            }
            fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
                (**self).lagrangian()
            }
            fn energy(&self, x: &[f64], y: &[f64]) -> Option<f64> {
                (**self).energy(x, y)
            }
            fn conserved(&self, x: &[f64], y: &[f64]) -> Vec<Conserved> {
                (**self).conserved(x, y)
            }
            fn bounded(&self) -> Option<Bounded> {
                (**self).bounded()
            }
            fn motions(&self) -> Option<Motions> {
                (**self).motions()
            }
            fn in_singular_set(&self, x: &[f64], y: &[f64]) -> bool {
                (**self).in_singular_set(x, y)
            }
            fn angles(&self) -> &[usize] {
                (**self).angles()
            }
            fn paper_run(&self) -> Option<PaperRun> {
                (**self).paper_run()
            }
        }
    )*};
}

forward!(&S, Box<S>, std::sync::Arc<S>);

impl fmt::Debug for dyn System + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "System({})", self.id())
    }
}

/// A quantity that the motion keeps, at one state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conserved {
    /// What it is, as `energy` or `momentum along the track`.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
}

impl Conserved {
    /// A quantity of this name.
    pub const fn new(name: &'static str, value: f64) -> Self {
        Self { name, value }
    }
}

/// The states of a domain up to an energy: a set that motion does not leave.
///
/// The domain has to hold all of the set that hangs together, and nothing of what lies beyond a saddle.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounded {
    /// A box around the set.
    pub domain: Domain,
    /// The greatest energy y·∂L/∂y − L.
    pub max_energy: f64,
}

/// True motions from starts in a domain.
#[derive(Clone, Debug, PartialEq)]
pub struct Motions {
    /// Where they start.
    pub starts: Domain,
    /// How long they are followed.
    pub duration: f64,
}

/// A trajectory shown in the paper, as far as its text tells.
#[derive(Clone, Debug, PartialEq)]
pub struct PaperRun {
    /// The figure, as "Fig. 12".
    pub figure: &'static str,
    /// The first state (x, y), both `[d]`, where the text gives it.
    pub start: Option<(Vec<f64>, Vec<f64>)>,
    /// The step of the Runge–Kutta integration, where the text gives it.
    pub dt: Option<f64>,
}

/// An angle by whole turns in [−π, π).
///
/// # Example
/// ```
/// use std::f64::consts::{PI, TAU};
/// use mass_systems::wrap_angle;
///
/// assert!((wrap_angle(6.0) - (6.0 - TAU)).abs() < 1e-15);
/// assert_eq!(wrap_angle(PI), -PI);
/// ```
pub fn wrap_angle(angle: f64) -> f64 {
    use std::f64::consts::{PI, TAU};
    (angle + PI).rem_euclid(TAU) - PI
}

/// Brings the system's angles among the positions `[d]` into [−π, π), where its states are drawn from.
///
/// A learned law knows nothing of 2π: wrap a state before asking it.
///
/// # Example
/// ```
/// use mass_systems::{systems::Pendulum, wrap_angles};
///
/// let mut x = [6.0];
/// wrap_angles(&Pendulum, &mut x);
/// assert!((x[0] - (6.0 - std::f64::consts::TAU)).abs() < 1e-15);
/// ```
pub fn wrap_angles(system: &(impl System + ?Sized), x: &mut [f64]) {
    for &i in system.angles() {
        if let Some(angle) = x.get_mut(i) {
            *angle = wrap_angle(*angle);
        }
    }
}
