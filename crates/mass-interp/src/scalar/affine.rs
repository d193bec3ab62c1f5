//! How near a scalar is to a known one.

use serde::{Deserialize, Serialize};

use crate::error::{Error, check_length};

/// S ≈ scale · reference + offset, by least squares.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AffineFit {
    /// The factor; its sign tells S ≈ +H from S ≈ −H.
    pub scale: f64,
    /// The constant.
    pub offset: f64,
    /// 1 − residual variance / variance of S; 0 for a constant S, of which nothing is explained.
    pub r2: f64,
    /// Pairs left out because one of the two is not finite.
    pub left_out: usize,
}

/// How near a scalar is to a known one up to factor and constant, which no law of motion fixes.
///
/// Pairs of which one is not finite, as at the centre of a Kepler potential, are left out.
///
/// # Errors
///
/// [`Error::Length`] if the lists differ in length; [`Error::Request`] if the reference is constant
/// or fewer than two pairs are left.
///
/// # Example
///
/// ```
/// use mass_interp::fit_affine;
///
/// let fit = fit_affine(&[1.0, -1.0, -3.0], &[0.0, 1.0, 2.0])?;
/// assert_eq!((fit.scale, fit.offset, fit.r2), (-2.0, 1.0, 1.0));
/// # Ok::<(), mass_interp::Error>(())
/// ```
pub fn fit_affine(s: &[f64], reference: &[f64]) -> Result<AffineFit, Error> {
    check_length("the reference", reference.len(), s.len())?;
    let finite = |(s, r): &(&f64, &f64)| s.is_finite() && r.is_finite();
    let pairs: Vec<(&f64, &f64)> = s.iter().zip(reference).filter(finite).collect();
    let count = pairs.len() as f64;
    let mean_s = pairs.iter().map(|(s, _)| **s).sum::<f64>() / count;
    let mean_r = pairs.iter().map(|(_, r)| **r).sum::<f64>() / count;
    let (mut ss, mut sr, mut rr) = (0.0, 0.0, 0.0);
    for (s, r) in &pairs {
        let (s, r) = (**s - mean_s, **r - mean_r);
        ss += s * s;
        sr += s * r;
        rr += r * r;
    }
    if pairs.len() < 2 || rr == 0.0 {
        return Err(Error::Request(format!(
            "no factor can be fitted to a constant: the reference has one value at all {} finite points",
            pairs.len()
        )));
    }
    let scale = sr / rr;
    Ok(AffineFit {
        scale,
        offset: mean_s - scale * mean_r,
        r2: if ss == 0.0 {
            0.0
        } else {
            (sr * sr / (ss * rr)).min(1.0)
        },
        left_out: s.len() - pairs.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fit_by_hand() {
        // S = (0, 0, 3), R = (0, 1, 2): mean 1 and 1; sr = 3, rr = 2, ss = 6.
        let fit = fit_affine(&[0.0, 0.0, 3.0], &[0.0, 1.0, 2.0]).unwrap();
        assert_eq!((fit.scale, fit.offset, fit.r2), (1.5, -0.5, 0.75));
        let flat = fit_affine(&[2.0, 2.0], &[0.0, 1.0]).unwrap();
        assert_eq!((flat.scale, flat.offset, flat.r2), (0.0, 2.0, 0.0));
        let holes =
            fit_affine(&[1.0, f64::NAN, 3.0, 9.0], &[1.0, 2.0, 3.0, f64::INFINITY]).unwrap();
        assert_eq!((holes.scale, holes.left_out), (1.0, 2));
        assert!(fit_affine(&[1.0, 2.0], &[5.0, 5.0]).is_err());
        assert!(fit_affine(&[1.0, 2.0], &[5.0]).is_err());
        assert!(fit_affine(&[], &[]).is_err());
    }
}
