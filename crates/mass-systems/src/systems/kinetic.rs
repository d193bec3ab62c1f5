//! The kinetic energies that several systems share.

use crate::number::Number;

/// ½y².
pub(super) fn newtonian<D: Number>(y: D) -> D {
    y * y * 0.5
}

/// γ = 1/√(1 − y²), the Lorentz factor.
pub(super) fn lorentz<D: Number>(y: D) -> D {
    inverse_lorentz(y).recip()
}

/// 1/γ = √(1 − y²).
pub(super) fn inverse_lorentz<D: Number>(y: D) -> D {
    (-(y * y) + 1.0).sqrt()
}
