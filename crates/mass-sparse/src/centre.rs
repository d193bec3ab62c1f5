//! The point to which all forces point.

use mass_systems::Dataset;
use nalgebra::{Cholesky, DMatrix, DVector};

/// The torque about the centre that is left, as a share of what forces at these distances could make, is this at most.
const LEFT: f64 = 0.1;

/// It is so many times that about the origin, or there is no need of a centre.
const LESS: f64 = 0.25;

/// It lies no farther from the middle of the motion than so many times the motion's size.
const FAR: f64 = 3.0;

/// It is known to this share of the motion's size.
const KNOWN: f64 = 0.05;

/// The point to which, or from which, all forces point, where that is not the origin: about it the torque
/// (x − c) × ẏ vanishes, which is linear in c.
///
/// # Example
///
/// ```
/// use mass_sparse::Centre;
/// use mass_systems::Dataset;
///
/// // Gravity from (2, −1), at eight places.
/// let x = vec![3.0, -1.0, 2.0, 1.0, 0.0, -1.5, 1.0, -2.5, 4.0, 0.0, 2.5, -3.0, 1.5, -1.5, 3.0, -2.0];
/// let force = |x: &[f64]| {
///     let (a, b) = (x[0] - 2.0, x[1] + 1.0);
///     [a, b].map(|arm| -arm / a.hypot(b).powi(3))
/// };
/// let acceleration = x.chunks(2).flat_map(force).collect();
/// let states = Dataset::new("planet", 2, x.clone(), vec![0.0; x.len()], acceleration)?;
/// let centre = Centre::of(&states).unwrap();
/// assert!((centre.place[0] - 2.0).abs() < 1e-9 && (centre.place[1] + 1.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Centre {
    /// Where it is, `[d]`, in units of x.
    pub place: Vec<f64>,
    /// Its standard errors, `[d]`, as if the errors of ẏ were independent and alike.
    pub standard_error: Vec<f64>,
    /// The torque about it, root mean square, by that of forces across these distances.
    pub torque: f64,
}

impl Centre {
    /// Of states of two or three lengths; none where forces do not point to one point, where that is the origin as
    /// far as is told, or where it lies too far away to be told.
    pub fn of(states: &Dataset) -> Option<Self> {
        let (d, n) = (states.dof(), states.len());
        if !(2..=3).contains(&d) || n < 4 * d {
            return None;
        }
        let mean: Vec<f64> = (0..d)
            .map(|k| states.x().iter().skip(k).step_by(d).sum::<f64>() / n as f64)
            .collect();
        // About the mean, for errors of ẏ draw the place towards where it is counted from.
        let planes: &[(usize, usize)] = match d {
            2 => &[(0, 1)],
            _ => &[(0, 1), (1, 2), (2, 0)],
        };
        let mut normal = DMatrix::<f64>::zeros(d, d);
        let mut right = DVector::<f64>::zeros(d);
        for state in states.iter() {
            for (i, j) in planes {
                let (x, a) = (state.x, state.acceleration);
                // (x_i − c_i) a_j − (x_j − c_j) a_i = 0.
                let torque = (x[*i] - mean[*i]) * a[*j] - (x[*j] - mean[*j]) * a[*i];
                normal[(*i, *i)] += a[*j] * a[*j];
                normal[(*j, *j)] += a[*i] * a[*i];
                normal[(*i, *j)] -= a[*i] * a[*j];
                normal[(*j, *i)] -= a[*i] * a[*j];
                right[*i] += torque * a[*j];
                right[*j] -= torque * a[*i];
            }
        }
        let factor = Cholesky::new(normal)?;
        let found = factor.solve(&right);
        let place: Vec<f64> = (0..d).map(|k| mean[k] + found[k]).collect();
        let squares = |c: &[f64]| -> (f64, f64) {
            let (mut torque, mut all) = (0.0, 0.0);
            for state in states.iter() {
                let (x, a) = (state.x, state.acceleration);
                let arm = |k: usize| x[k] - c[k];
                for (i, j) in planes {
                    torque += (arm(*i) * a[*j] - arm(*j) * a[*i]).powi(2);
                }
                let distance: f64 = (0..d).map(|k| arm(k) * arm(k)).sum();
                all += distance * a.iter().map(|a| a * a).sum::<f64>();
            }
            (torque, all)
        };
        let share = |(torque, all): (f64, f64)| (torque / all).sqrt();
        let about = squares(&place);
        let (left, origin) = (share(about), share(squares(&vec![0.0; d])));
        let rows = (planes.len() * n - d) as f64;
        let inverse = factor.inverse();
        let standard_error: Vec<f64> = (0..d)
            .map(|k| (inverse[(k, k)] * about.0 / rows).sqrt())
            .collect();
        let size = |of: &dyn Fn(usize) -> f64| (0..d).map(|k| of(k).powi(2)).sum::<f64>().sqrt();
        let spread = |k: usize| {
            let of = states.x().iter().skip(k).step_by(d);
            let squares: f64 = of.map(|x| (x - mean[k]).powi(2)).sum();
            (squares / n as f64).sqrt()
        };
        let motion = size(&spread);
        let told = left < LEFT
            && left < LESS * origin
            && size(&|k| found[k]) < FAR * motion
            && size(&|k| standard_error[k]) < KNOWN * motion;
        told.then_some(Self {
            place,
            standard_error,
            torque: left,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A force of some strength at a distance from `c`, on an ellipse about it, with errors of ẏ.
    fn states(d: usize, c: [f64; 3], strength: fn(f64) -> f64, error: f64) -> Dataset {
        let (mut x, mut y, mut a) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..300 {
            let t = 0.02 * f64::from(row);
            let at = [1.3 * t.cos() - 0.4, t.sin(), 0.5 * (t + 0.6).cos()];
            let r = at[..d].iter().map(|x| x * x).sum::<f64>().sqrt();
            for k in 0..d {
                let noise = (78.233 * f64::from(row * 3 + k as i32)).sin() * 43_758.545_3;
                x.push(at[k] + c[k]);
                y.push(0.0);
                a.push(-strength(r) * at[k] / r + error * (noise.fract()));
            }
        }
        Dataset::new("central", d, x, y, a).unwrap()
    }

    #[test]
    fn any_central_force_has_its_centre_in_the_plane_and_in_space() {
        for strength in [|r: f64| r, |r: f64| 1.0 / (r * r), |r: f64| -r.powi(3)] {
            for d in [2, 3] {
                let c = [2.0, -1.5, 0.7];
                let found = Centre::of(&states(d, c, strength, 0.0)).unwrap();
                for (place, c) in found.place.iter().zip(&c) {
                    assert!((place - c).abs() < 1e-9, "{found:?}");
                }
                let noisy = Centre::of(&states(d, c, strength, 0.02)).unwrap();
                let known = noisy.place.iter().zip(&noisy.standard_error);
                for ((place, error), c) in known.zip(&c) {
                    let apart = (place - c).abs();
                    assert!(apart < 4.0 * error && *error > 1e-5, "{noisy:?}");
                }
            }
        }
    }

    #[test]
    fn the_origin_and_no_point_are_no_centre() {
        let of = |states: &Dataset| Centre::of(states);
        assert_eq!(of(&states(2, [0.0; 3], |r| 1.0 / (r * r), 0.0)), None);
        // Two springs of different strength, whose forces point to no one point, and a uniform field.
        let central = states(2, [2.0, -1.0, 0.0], |r| r, 0.0);
        let with = |a: &dyn Fn(usize, f64) -> f64| {
            let all = central.acceleration().iter().enumerate();
            let all = all.map(|(place, value)| a(place % 2, *value)).collect();
            let (x, y) = (central.x().to_vec(), central.y().to_vec());
            Dataset::new("other", 2, x, y, all).unwrap()
        };
        assert_eq!(of(&with(&|k, a| a * (1.0 + k as f64))), None);
        assert_eq!(of(&with(&|k, _| [0.3, -9.81][k])), None);
    }
}
