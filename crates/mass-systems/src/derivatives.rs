//! First and second derivatives of a scalar of the state, exact, by hyper-dual numbers.

use num_dual::HyperDual64;

/// A scalar S(x, y) with its first and second derivatives at one state; matrices are row-major `[d, d]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalarDerivatives {
    /// S.
    pub value: f64,
    /// ∂S/∂xᵢ, `[d]`.
    pub s_x: Vec<f64>,
    /// ∂S/∂yᵢ, `[d]`.
    pub s_y: Vec<f64>,
    /// ∂²S/∂xᵢ∂xₖ, `[d, d]`.
    pub s_xx: Vec<f64>,
    /// ∂²S/∂yᵢ∂yₖ, `[d, d]`.
    pub s_yy: Vec<f64>,
    /// ∂²S/∂yᵢ∂xₖ, `[d, d]`: rows run over y, columns over x.
    pub s_xy: Vec<f64>,
}

impl ScalarDerivatives {
    /// The derivatives of `scalar` at (x, y), both `[d]`: one hyper-dual evaluation for each pair of
    /// coordinates.
    ///
    /// `None` where the scalar itself is.
    ///
    /// # Panics
    /// If `x` and `y` have different lengths.
    pub fn of(
        scalar: impl Fn(&[HyperDual64], &[HyperDual64]) -> Option<HyperDual64>,
        x: &[f64],
        y: &[f64],
    ) -> Option<Self> {
        assert_eq!(x.len(), y.len(), "positions and velocities must be as many");
        let d = x.len();
        let mut state: Vec<HyperDual64> = x
            .iter()
            .chain(y)
            .map(|&v| HyperDual64::from_re(v))
            .collect();
        let mut out = Self {
            value: 0.0,
            s_x: vec![0.0; d],
            s_y: vec![0.0; d],
            s_xx: vec![0.0; d * d],
            s_yy: vec![0.0; d * d],
            s_xy: vec![0.0; d * d],
        };
        for i in 0..2 * d {
            state[i].eps1 = 1.0;
            for k in 0..=i {
                state[k].eps2 = 1.0;
                let s = scalar(&state[..d], &state[d..])?;
                state[k].eps2 = 0.0;
                let second = s.eps1eps2;
                out.value = s.re;
                match (i < d, k < d) {
                    (true, _) => {
                        out.s_x[i] = s.eps1;
                        out.s_xx[i * d + k] = second;
                        out.s_xx[k * d + i] = second;
                    }
                    (false, true) => {
                        out.s_y[i - d] = s.eps1;
                        out.s_xy[(i - d) * d + k] = second;
                    }
                    (false, false) => {
                        out.s_yy[(i - d) * d + k - d] = second;
                        out.s_yy[(k - d) * d + i - d] = second;
                    }
                }
            }
            state[i].eps1 = 0.0;
        }
        Some(out)
    }

    /// S + factor · T with all its derivatives.
    ///
    /// # Panics
    /// If the two are of different degrees of freedom.
    #[must_use]
    pub fn plus(&self, factor: f64, other: &Self) -> Self {
        assert_eq!(self.dof(), other.dof(), "degrees of freedom");
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + factor * b).collect();
        Self {
            value: self.value + factor * other.value,
            s_x: sum(&self.s_x, &other.s_x),
            s_y: sum(&self.s_y, &other.s_y),
            s_xx: sum(&self.s_xx, &other.s_xx),
            s_yy: sum(&self.s_yy, &other.s_yy),
            s_xy: sum(&self.s_xy, &other.s_xy),
        }
    }

    /// What is left of Euler–Lagrange's equation at a state, S_yy ẏ + S_xy y − S_x, `[d]` (Fu et al.
    /// 2025, Eq. 2): 0 where S is a Lagrangian of the motion.
    ///
    /// # Panics
    /// If `y` and `acceleration` are not of length d.
    pub fn euler_lagrange_residual(&self, y: &[f64], acceleration: &[f64]) -> Vec<f64> {
        let d = self.dof();
        assert!(
            y.len() == d && acceleration.len() == d,
            "degrees of freedom"
        );
        let times = |matrix: &[f64], v: &[f64], i: usize| -> f64 {
            (0..d).map(|k| matrix[i * d + k] * v[k]).sum()
        };
        (0..d)
            .map(|i| times(&self.s_yy, acceleration, i) + times(&self.s_xy, y, i) - self.s_x[i])
            .collect()
    }

    /// The largest size of a second derivative less the other scalar's; NaN if one is not a number.
    ///
    /// # Panics
    /// If the two are of different degrees of freedom.
    pub fn hessian_distance(&self, other: &Self) -> f64 {
        let less = self.plus(-1.0, other);
        let entries = less.s_xx.iter().chain(&less.s_yy).chain(&less.s_xy);
        // A maximum that keeps NaN.
        let sizes = entries.map(|entry| entry.abs());
        sizes.fold(0.0, |most, size| match size > most || size.is_nan() {
            true => size,
            false => most,
        })
    }

    /// Degrees of freedom, d.
    pub fn dof(&self) -> usize {
        self.s_x.len()
    }
}
