//! The numbers a Lagrangian can be evaluated at.

use num_dual::DualNum;

/// A number a Lagrangian can be evaluated at: `f64`, or any `Copy` dual number of [`num_dual`] over it.
///
/// Write a Lagrangian once over `D: Number` and its derivatives follow exactly. All of
/// [`num_dual::DualNum`] is at hand through the bound, without an import: `+ - * /` with `D` and with
/// `f64` on the right, `powi`, `powf`, `sqrt`, `exp`, `ln`, `sin`, `cos`, `cosh`, `recip`, `abs`, and
/// `D::from(1.0)` for a constant.
///
/// # Example
/// ```
/// use mass_systems::Number;
///
/// fn kinetic<D: Number>(y: D) -> D {
///     y * y * 0.5
/// }
/// assert_eq!(kinetic(3.0), 4.5);
/// ```
pub trait Number: DualNum<Primitive = f64> + Copy {}

impl<T: DualNum<Primitive = f64> + Copy> Number for T {}
