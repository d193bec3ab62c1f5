//! The point to which all forces point, and the place where a motion in one dimension rests.

use mass_systems::Dataset;
use nalgebra::{Cholesky, DMatrix, DVector, Matrix4, Vector4};

/// The torque about the centre that is left, as a share of what forces at these distances could make, is this at most.
const LEFT: f64 = 0.1;

/// It is so many times that about the origin, or there is no need of a centre.
const LESS: f64 = 0.25;

/// It lies no farther from the middle of the motion than so many times the motion's size.
const FAR: f64 = 3.0;

/// Friction is told where it lowers what is left by so many times what chance would, in standard deviations.
const TOLD: f64 = 4.0;

/// Steps from no friction to the friction that is there.
const STEPS: usize = 20;

/// It is known to this share of the motion's size.
const KNOWN: f64 = 0.05;

/// A motion in one dimension is far from zero where its middle is so many times farther than it moves to each side.
const BESIDE: f64 = 4.0;

/// It is pulled to where it rests by a force that a straight line and friction explain but for this share.
const STRAIGHT: f64 = 0.1;

/// Its error is that of leaving out one of so many blocks of rows.
const BLOCKS: usize = 16;

/// Where it rests is no nearer to the ends of its motion than this share of it.
const WITHIN: f64 = 0.02;

/// The point to which, or from which, all forces point, where that is not the origin: about it the torque
/// (x − c) × ẏ vanishes, which is linear in c; with a linear friction b, (x − c) × (ẏ + b y).
///
/// In one dimension, where it rests: that of ẏ = −k (x − c) − b y − q |y| y, nearest by least squares, of a motion to and fro that
/// lies far from zero beside how far it moves. Powers of x are nearly one straight line there, and so are told apart from
/// each other by their errors; those of x − c are not.
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
    /// Its standard errors, `[d]`, as if the errors of ẏ were independent and alike; in one dimension by leaving out
    /// blocks of rows, so that errors of rows beside each other may be alike (of 25 drawn recordings the deviations were 1.5
    /// times as large in the mean square).
    pub standard_error: Vec<f64>,
    /// The torque about it, of linear friction aside, root mean square, by that of forces across these distances; 0 in
    /// one dimension, where there is none.
    pub torque: f64,
}

impl Centre {
    /// Of states of one to three lengths; none where forces do not point to one point, where that is the origin as
    /// far as is told, or where it lies too far away to be told.
    pub fn of(states: &Dataset) -> Option<Self> {
        let (d, n) = (states.dof(), states.len());
        if d == 1 {
            return at_rest(states);
        }
        if !(2..=3).contains(&d) || n < 4 * d {
            return None;
        }
        let mean: Vec<f64> = (0..d)
            .map(|k| states.x().iter().skip(k).step_by(d).sum::<f64>() / n as f64)
            .collect();
        // About the mean, for errors of ẏ draw the place towards where it is counted from.
        let central = Fit::of(states, &mean, false)?;
        let damped = Fit::of(states, &mean, true).filter(|damped| {
            central.square - damped.square > TOLD * TOLD * damped.square / damped.rows
        });
        let fit = damped.unwrap_or(central);
        let place: Vec<f64> = (0..d).map(|k| mean[k] + fit.found[k]).collect();
        let share = |c: &[f64]| -> f64 {
            let (mut torque, mut all) = (0.0, 0.0);
            for state in states.iter() {
                let force = |k: usize| state.acceleration[k] + fit.friction * state.y[k];
                let arm = |k: usize| state.x[k] - c[k];
                for (i, j) in planes(d) {
                    torque += (arm(*i) * force(*j) - arm(*j) * force(*i)).powi(2);
                }
                let square = |of: &dyn Fn(usize) -> f64| (0..d).map(|k| of(k).powi(2)).sum::<f64>();
                all += square(&arm) * square(&force);
            }
            (torque / all).sqrt()
        };
        let (left, origin) = (share(&place), share(&vec![0.0; d]));
        let size = |of: &dyn Fn(usize) -> f64| (0..d).map(|k| of(k).powi(2)).sum::<f64>().sqrt();
        let spread = |k: usize| {
            let of = states.x().iter().skip(k).step_by(d);
            let squares: f64 = of.map(|x| (x - mean[k]).powi(2)).sum();
            (squares / n as f64).sqrt()
        };
        let motion = size(&spread);
        let told = left < LEFT
            && left < LESS * origin
            && size(&|k| fit.found[k]) < FAR * motion
            && size(&|k| fit.errors[k]) < KNOWN * motion;
        told.then_some(Self {
            place,
            standard_error: fit.errors,
            torque: left,
        })
    }
}

/// Where a motion in one dimension rests, if it is far from zero.
fn at_rest(states: &Dataset) -> Option<Centre> {
    let (x, n) = (states.x(), states.len() as f64);
    let ends = x
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |ends, x| {
            (ends.0.min(*x), ends.1.max(*x))
        });
    let (middle, half) = (0.5 * (ends.0 + ends.1), 0.5 * (ends.1 - ends.0));
    if n < 8.0 || middle.abs() < BESIDE * half {
        return None;
    }
    // ẏ = a − k (x − middle) − b y − q |y| y, of numbers of order one.
    let fastest = states.y().iter().fold(0.0_f64, |most, y| most.max(y.abs()));
    if fastest == 0.0 || half == 0.0 {
        return None;
    }
    let row = |x: f64, y: f64| {
        let speed = y / fastest;
        Vector4::new(1.0, (x - middle) / half, speed, speed * speed.abs())
    };
    let blocks = BLOCKS.min(states.len() / 4);
    let (mut normal, mut right) = (Matrix4::zeros(), Vector4::zeros());
    let mut parts = vec![(normal, right); blocks];
    let mean = states.acceleration().iter().sum::<f64>() / n;
    for (at, state) in states.iter().enumerate() {
        let row = row(state.x[0], state.y[0]);
        let part = &mut parts[at * blocks / states.len()];
        part.0 += row * row.transpose();
        part.1 += row * state.acceleration[0];
    }
    for part in &parts {
        normal += part.0;
        right += part.1;
    }
    let fit =
        |normal: Matrix4<f64>, right: Vector4<f64>| Some(Cholesky::new(normal)?.solve(&right));
    let found = fit(normal, right)?;
    let (mut left, mut all) = (0.0, 0.0);
    for state in states.iter() {
        let force = row(state.x[0], state.y[0]).dot(&found);
        left += (state.acceleration[0] - force).powi(2);
        all += (state.acceleration[0] - mean).powi(2);
    }
    let (pull, place) = (-found[1], -half * found[0] / found[1]);
    // Without a block at a time (Tukey's jackknife): errors of smoothed rows are not independent, and x has some as well.
    let without = parts.iter().map(|part| {
        let found = fit(normal - part.0, right - part.1)?;
        Some((-half * found[0] / found[1] - place).powi(2))
    });
    let square = without.collect::<Option<Vec<f64>>>()?.iter().sum::<f64>();
    let error = (square * (blocks - 1) as f64 / blocks as f64).sqrt();
    let told = pull > 0.0
        && left < STRAIGHT * STRAIGHT * all
        && place.abs() < (1.0 - 2.0 * WITHIN) * half
        && error < KNOWN * half;
    told.then(|| Centre {
        place: vec![middle + place],
        standard_error: vec![error],
        torque: 0.0,
    })
}

impl Centre {
    /// Where a motion of several positions about a rest has it, if a length among them never comes to zero; lengths
    /// that do, and what is no length, are counted from where they are. That of ẏ = −K (x − c) − B y, with what squares of
    /// positions add, nearest by least squares; none where that leaves a tenth of an acceleration, or the rest is not within
    /// the motion. `lengths` are the places of the positions that are lengths.
    pub fn of_rest(states: &Dataset, lengths: &[usize]) -> Option<Self> {
        let (d, n) = (states.dof(), states.len());
        let (middle, half): (Vec<f64>, Vec<f64>) = (0..d)
            .map(|k| {
                let of = states.x().iter().skip(k).step_by(d);
                let (least, most) = of.fold((f64::INFINITY, f64::NEG_INFINITY), |ends, x| {
                    (ends.0.min(*x), ends.1.max(*x))
                });
                (0.5 * (least + most), 0.5 * (most - least))
            })
            .unzip();
        let fastest = (0..d).map(|k| {
            let of = states.y().iter().skip(k).step_by(d);
            of.fold(0.0_f64, |most, y| most.max(y.abs()))
        });
        let fastest: Vec<f64> = fastest.collect();
        let is_far = |k: &usize| middle[*k].abs() >= half[*k];
        let far: Vec<usize> = lengths.iter().copied().filter(is_far).collect();
        let moves = half.iter().chain(&fastest).all(|size| *size > 0.0);
        let width = 3 * d + 1;
        if d < 2 || far.is_empty() || !moves || n < 8 * width {
            return None;
        }
        let (mut normal, mut right) = (DMatrix::zeros(width, width), DMatrix::zeros(width, d));
        let mut parts = vec![(normal.clone(), right.clone()); BLOCKS];
        let row = |x: &[f64], y: &[f64]| {
            DVector::from_fn(width, |i, _| match i {
                0 => 1.0,
                i if i <= d => (x[i - 1] - middle[i - 1]) / half[i - 1],
                i if i <= 2 * d => ((x[i - 1 - d] - middle[i - 1 - d]) / half[i - 1 - d]).powi(2),
                i => y[i - 1 - 2 * d] / fastest[i - 1 - 2 * d],
            })
        };
        for (at, state) in states.iter().enumerate() {
            let row = row(state.x, state.y);
            let part = &mut parts[at * BLOCKS / n];
            part.0 += &row * row.transpose();
            part.1 += &row * DVector::from_column_slice(state.acceleration).transpose();
        }
        for part in &parts {
            normal += &part.0;
            right += &part.1;
        }
        let fit = |normal: DMatrix<f64>, right: &DMatrix<f64>| -> Option<DMatrix<f64>> {
            Some(Cholesky::new(normal)?.solve(right))
        };
        // Where nothing pulls, in units of half of the motions, by Newton's steps from their middle.
        let rest = |found: &DMatrix<f64>| -> Option<DVector<f64>> {
            let (line, bend) = (
                found.rows(1, d).transpose(),
                found.rows(1 + d, d).transpose(),
            );
            let mut at = DVector::zeros(d);
            for _ in 0..STEPS {
                let squares = at.map(|u: f64| u * u);
                let force = found.row(0).transpose() + &line * &at + &bend * squares;
                let slope = &line + 2.0 * &bend * DMatrix::from_diagonal(&at);
                at -= slope.lu().solve(&force)?;
            }
            Some(at)
        };
        let found = fit(normal.clone(), &right)?;
        let place = rest(&found)?;
        for k in 0..d {
            let of = states.acceleration().iter().skip(k).step_by(d);
            let mean = of.clone().sum::<f64>() / n as f64;
            let all: f64 = of.map(|a| (a - mean).powi(2)).sum();
            let left = states.iter().map(|state| {
                let force = row(state.x, state.y).dot(&found.column(k));
                (state.acceleration[k] - force).powi(2)
            });
            if left.sum::<f64>() > STRAIGHT * STRAIGHT * all {
                return None;
            }
        }
        let without = parts.iter().map(|part| {
            let found = fit(&normal - &part.0, &(&right - &part.1))?;
            Some((rest(&found)? - &place).map(|apart| apart * apart))
        });
        let without: Vec<DVector<f64>> = without.collect::<Option<_>>()?;
        let squares = without.iter().fold(DVector::zeros(d), |sum, one| sum + one);
        let error = |k: usize| (squares[k] * (BLOCKS - 1) as f64 / BLOCKS as f64).sqrt();
        let told = |k: &usize| {
            found[(1 + *k, *k)] < 0.0 && place[*k].abs() < 1.0 - 2.0 * WITHIN && error(*k) < KNOWN
        };
        let own = |k: usize, value: f64| if far.contains(&k) { value } else { 0.0 };
        far.iter().all(told).then(|| Self {
            place: (0..d)
                .map(|k| own(k, middle[k] + half[k] * place[k]))
                .collect(),
            standard_error: (0..d).map(|k| own(k, half[k] * error(k))).collect(),
            torque: 0.0,
        })
    }
}

/// The planes in which there is a torque.
fn planes(d: usize) -> &'static [(usize, usize)] {
    match d {
        2 => &[(0, 1)],
        _ => &[(0, 1), (1, 2), (2, 0)],
    }
}

/// A centre by least squares of (x − c) × (ẏ + b y), beside a linear friction b or none.
struct Fit {
    /// c less the mean of x, `[d]`, and its standard errors.
    found: Vec<f64>,
    errors: Vec<f64>,
    /// b.
    friction: f64,
    /// Σ of what is left, squared.
    square: f64,
    /// Equations less unknowns.
    rows: f64,
}

impl Fit {
    /// By the steps of Gauss and Newton: without friction one is enough.
    fn of(states: &Dataset, mean: &[f64], with_friction: bool) -> Option<Self> {
        let d = states.dof();
        let unknowns = d + usize::from(with_friction);
        let mut found = vec![0.0; d + 1];
        for _ in 0..if with_friction { STEPS } else { 1 } {
            let (normal, right, _) = equations(states, mean, &found, unknowns);
            let step = Cholesky::new(normal)?.solve(&right);
            found
                .iter_mut()
                .zip(step.iter())
                .for_each(|(c, step)| *c += step);
        }
        let (normal, _, square) = equations(states, mean, &found, unknowns);
        let rows = (planes(d).len() * states.len() - unknowns) as f64;
        let inverse = Cholesky::new(normal)?.inverse();
        let error = |k: usize| f64::sqrt(inverse[(k, k)] * square / rows);
        Some(Self {
            errors: (0..d).map(error).collect(),
            friction: found[d],
            found: found[..d].to_vec(),
            square,
            rows,
        })
    }
}

/// The normal equations of a step from c less the mean and b, and Σ of what is left, squared.
fn equations(
    states: &Dataset,
    mean: &[f64],
    at: &[f64],
    unknowns: usize,
) -> (DMatrix<f64>, DVector<f64>, f64) {
    let d = states.dof();
    let mut normal = DMatrix::<f64>::zeros(unknowns, unknowns);
    let mut right = DVector::<f64>::zeros(unknowns);
    let (mut square, mut row) = (0.0, vec![0.0; d + 1]);
    for state in states.iter() {
        let y = state.y;
        let force = |k: usize| state.acceleration[k] + at[d] * y[k];
        let arm = |k: usize| state.x[k] - mean[k] - at[k];
        for (i, j) in planes(d) {
            let (i, j) = (*i, *j);
            let torque = arm(i) * force(j) - arm(j) * force(i);
            row.fill(0.0);
            (row[i], row[j]) = (force(j), -force(i));
            row[d] = arm(j) * y[i] - arm(i) * y[j];
            for p in 0..unknowns {
                right[p] += row[p] * torque;
                for q in 0..unknowns {
                    normal[(p, q)] += row[p] * row[q];
                }
            }
            square += torque * torque;
        }
    }
    (normal, right, square)
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
            let speed = [-1.3 * t.sin(), t.cos(), -0.5 * (t + 0.6).sin()];
            let r = at[..d].iter().map(|x| x * x).sum::<f64>().sqrt();
            for k in 0..d {
                let noise = (78.233 * f64::from(row * 3 + k as i32)).sin() * 43_758.545_3;
                x.push(at[k] + c[k]);
                y.push(speed[k]);
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
    fn friction_does_not_move_the_centre() {
        // ẍ = −6 x − 0.2 ẋ about (0.7, 0.3), exactly: x = e^(−0.1 t) (…).
        let omega = f64::sqrt(6.0 - 0.01);
        let (mut x, mut y, mut a) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..400 {
            let t = 0.02 * f64::from(row);
            for (k, (phase, c)) in [(0.0, 0.7), (1.3, 0.3)].into_iter().enumerate() {
                let decay = (-0.1 * t).exp();
                let (sin, cos) = (omega * t + phase).sin_cos();
                let at = decay * cos;
                let speed = -0.1 * at - omega * decay * sin;
                let noise = (78.233 * f64::from(row * 2 + k as i32)).sin() * 43_758.545_3;
                x.push(c + at);
                y.push(speed);
                a.push(-6.0 * at - 0.2 * speed + 0.02 * noise.fract());
            }
        }
        let states = Dataset::new("damped", 2, x, y, a).unwrap();
        let found = Centre::of(&states).unwrap();
        for (k, truth) in [0.7, 0.3].into_iter().enumerate() {
            let apart = (found.place[k] - truth).abs();
            assert!(
                apart < 4.0 * found.standard_error[k] && apart < 2e-3,
                "{found:?}"
            );
        }
    }

    /// A length about `rest` and an angle about 0, joined, each rubbed: 900 states that fill the box of both, and ẏ with errors;
    /// `bend` is of the length's third power.
    fn joined(rest: f64, bend: f64, error: f64) -> Dataset {
        let noise = |seed: i32| (78.233 * f64::from(seed)).sin() * 43_758.545_3;
        let number = |seed: i32| 2.0 * noise(seed).fract().abs() - 1.0;
        let [mut x, mut y, mut a] = [const { Vec::new() }; 3];
        for row in 1..=900 {
            let [length, angle, v, w] = [0, 1, 2, 3].map(|k| number(4 * row + k));
            x.extend([rest + length, angle]);
            y.extend([v, w]);
            a.extend([
                -5.0 * length - 0.9 * angle - 0.1 * v - bend * length.powi(3)
                    + error * number(9000 + row),
                -0.7 * length - 6.0 * angle - 0.2 * w + error * number(19_000 + row),
            ]);
        }
        Dataset::new("joined", 2, x, y, a).unwrap()
    }

    #[test]
    fn several_positions_rest_where_their_springs_do_not_pull() {
        let exact = Centre::of_rest(&joined(31.0, 0.0, 0.0), &[0]).unwrap();
        assert!((exact.place[0] - 31.0).abs() < 1e-9, "{exact:?}");
        assert_eq!((exact.place[1], exact.standard_error[1]), (0.0, 0.0));
        let noisy = Centre::of_rest(&joined(31.0, 0.0, 0.3), &[0]).unwrap();
        let (apart, error) = ((noisy.place[0] - 31.0).abs(), noisy.standard_error[0]);
        assert!(apart < 4.0 * error && error < 5e-3, "{noisy:?}");
        // What comes to zero is counted from there, an angle always; a spring that stiffens has no straight force.
        assert_eq!(Centre::of_rest(&joined(0.9, 0.0, 0.0), &[0]), None);
        assert_eq!(Centre::of_rest(&joined(31.0, 0.0, 0.0), &[]), None);
        assert_eq!(Centre::of_rest(&joined(31.0, 30.0, 0.0), &[0]), None);
    }

    /// x = c + A cos ωt e^(−bt/2) at 400 times, and ẏ = `force` of (x, y) with errors.
    fn to_and_fro(c: f64, size: f64, error: f64, force: impl Fn(f64, f64) -> f64) -> Dataset {
        let (k, b) = (40.0, 0.25);
        let omega = f64::sqrt(k - 0.25 * b * b);
        let (mut x, mut y, mut a) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..400 {
            let t = 0.01 * f64::from(row);
            let swing = size * (-0.5 * b * t).exp();
            x.push(c + swing * (omega * t).cos());
            y.push(-0.5 * b * swing * (omega * t).cos() - omega * swing * (omega * t).sin());
            let noise = (78.233 * f64::from(row)).sin() * 43_758.545_3;
            a.push(force(x[row as usize], y[row as usize]) + error * noise.fract());
        }
        Dataset::new("spring", 1, x, y, a).unwrap()
    }

    #[test]
    fn a_spring_far_from_zero_is_counted_from_where_it_rests() {
        // 3 cm about 22 cm, −40 (x − 22) − 0.25 y; and hanging, so that the middle of the motion is another place.
        for c in [22.0, -22.0, 22.4] {
            let spring = |x: f64, y: f64| -40.0 * (x - c) - 0.25 * y;
            let exact = Centre::of(&to_and_fro(c, 3.0, 0.0, spring)).unwrap();
            assert!((exact.place[0] - c).abs() < 1e-9, "{exact:?}");
            let noisy = Centre::of(&to_and_fro(c, 3.0, 10.0, spring)).unwrap();
            let (apart, error) = ((noisy.place[0] - c).abs(), noisy.standard_error[0]);
            assert!(apart < 4.0 * error && error > 1e-4, "{noisy:?}");
        }
    }

    #[test]
    fn strong_drag_hides_no_rest() {
        // A swing of which drag leaves little: −40 (x − 22.4) − 0.2 y − 0.15 |y| y, by the method of Euler and Cromer in small
        // steps.
        let force = |x: f64, y: f64| -40.0 * (x - 22.4) - 0.2 * y - 0.15 * y.abs() * y;
        let (mut x, mut y) = (19.0, 0.0);
        let (mut xs, mut ys, mut a) = (Vec::new(), Vec::new(), Vec::new());
        for step in 0..40_000 {
            if step % 100 == 0 {
                let noise = (78.233 * f64::from(step)).sin() * 43_758.545_3;
                xs.push(x);
                ys.push(y);
                a.push(force(x, y) + 3.0 * noise.fract());
            }
            y += 1e-4 * force(x, y);
            x += 1e-4 * y;
        }
        let found = Centre::of(&Dataset::new("damped", 1, xs, ys, a).unwrap()).unwrap();
        let (apart, error) = ((found.place[0] - 22.4).abs(), found.standard_error[0]);
        assert!(apart < 4.0 * error && error < 0.05, "{found:?}");
    }

    #[test]
    fn near_zero_and_without_a_pull_nothing_is_counted_from_elsewhere() {
        let spring = |c: f64| move |x: f64, _: f64| -40.0 * (x - c);
        assert_eq!(Centre::of(&to_and_fro(5.0, 3.0, 0.0, spring(5.0))), None);
        // Pushed away, a constant force, one that turns over within the motion, and a place beyond its ends.
        let of = |force: &dyn Fn(f64, f64) -> f64| Centre::of(&to_and_fro(22.0, 3.0, 0.0, force));
        assert_eq!(of(&|x, _| 40.0 * (x - 22.0)), None);
        assert_eq!(of(&|_, _| -9.81), None);
        assert_eq!(of(&|x, _| (x - 22.0).powi(2)), None);
        assert_eq!(of(&spring(26.0)), None);
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
