//! Random derivatives of S, as tensors and as points.
use burn::tensor::{DType, Device, Tensor, TensorData};
use mass_terms::{DerivativeTensors, Derivatives, Error, Point};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A random state; S_xx and S_yy are symmetric, and every matrix is well conditioned, as it is with
/// a shift of up to 0.5 added.
pub(crate) fn point(d: usize, stream: &mut ChaCha8Rng) -> Point {
    let mut vector = || {
        (0..d)
            .map(|_| stream.random_range(-1.0..1.0))
            .collect::<Vec<f64>>()
    };
    let [x, y, s_x, s_y] = std::array::from_fn(|_| vector());
    let mut matrix = |symmetric: bool| {
        let mut m: Vec<f64> = (0..d * d).map(|_| stream.random_range(-0.5..0.5)).collect();
        for i in 0..d {
            m[i * d + i] += 1.5;
            for k in 0..i {
                if symmetric {
                    m[i * d + k] = m[k * d + i];
                }
            }
        }
        m
    };
    let [s_xx, s_yy, s_xy] = [matrix(true), matrix(true), matrix(false)];
    Point {
        x,
        y,
        s_x,
        s_y,
        s_xx,
        s_yy,
        s_xy,
        ..Point::default()
    }
}

/// `members · batch` random states.
pub(crate) fn points(members: usize, batch: usize, d: usize, seed: u64) -> Vec<Point> {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    (0..members * batch)
        .map(|_| point(d, &mut stream))
        .collect()
}

/// The tensor of these values in f64.
pub(crate) fn tensor<const D: usize>(
    values: Vec<f64>,
    shape: [usize; D],
    device: &Device,
) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), (device, DType::F64))
}

/// The values of a tensor.
pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().try_into_vec_as::<f64>().unwrap()
}

/// Points as the tensors of `members` scientists.
pub(crate) fn derivatives(points: &[Point], members: usize, device: &Device) -> Derivatives {
    let (d, batch) = (points[0].x.len(), points.len() / members);
    let gather = |part: fn(&Point) -> &Vec<f64>| -> Vec<f64> {
        points.iter().flat_map(part).copied().collect()
    };
    let vector = |part| tensor(gather(part), [members, batch, d], device);
    let matrix = |part| tensor(gather(part), [members, batch, d, d], device);
    Derivatives::new(DerivativeTensors {
        x: vector(|p| &p.x),
        y: vector(|p| &p.y),
        s_x: vector(|p| &p.s_x),
        s_y: vector(|p| &p.s_y),
        s_xx: matrix(|p| &p.s_xx),
        s_yy: matrix(|p| &p.s_yy),
        s_xy: matrix(|p| &p.s_xy),
    })
    .unwrap()
}

/// From x, y, S_x, S_y and S_xx, S_yy, S_xy in lists.
pub(crate) fn from_lists(
    [x, y, s_x, s_y]: [Tensor<3>; 4],
    [s_xx, s_yy, s_xy]: [Tensor<4>; 3],
) -> Result<Derivatives, Error> {
    Derivatives::new(DerivativeTensors {
        x,
        y,
        s_x,
        s_y,
        s_xx,
        s_yy,
        s_xy,
    })
}

/// Fourth-order central difference of `f` in entry `i` of `at`.
pub(crate) fn difference(at: &[f64], i: usize, h: f64, f: &dyn Fn(&[f64]) -> f64) -> f64 {
    let shifted = |steps: f64| {
        let mut at = at.to_vec();
        at[i] += steps * h;
        f(&at)
    };
    (8.0 * (shifted(1.0) - shifted(-1.0)) - (shifted(2.0) - shifted(-2.0))) / (12.0 * h)
}
