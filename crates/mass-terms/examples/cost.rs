//! What the shared layer costs: forward and backward of `term_sum` alone, in f32 on the flex device,
//! fused and composed of Burn's operations.
//!
//! On Linux with glibc set MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=8589934592, or link
//! another allocator, as a training binary should: Burn allocates for every operation.

use std::{error::Error, process::ExitCode, time::Instant};

use burn::tensor::{Device, Tensor, TensorData};
use mass_terms::{DerivativeTensors, Derivatives, Library, Mask, term_sum, term_sum_composed};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const BATCH: usize = 512;

fn main() -> ExitCode {
    let outcome = run();
    if let Err(error) = &outcome {
        eprintln!("error: {error}");
    }
    ExitCode::from(u8::from(outcome.is_err()))
}

fn run() -> Result<(), Box<dyn Error>> {
    let library = Library::standard();
    let mask = Mask::released(&library);
    println!(
        "µs per step, median, B = {BATCH}, {} terms on",
        mask.count()
    );
    println!(
        "{:>3} {:>3} {:>9} {:>8} {:>8}",
        "E", "d", "form", "forward", "total"
    );
    for (members, dof) in [(1, 1), (8, 1), (1, 2), (8, 2), (1, 3), (1, 4), (1, 6)] {
        for form in ["fused", "composed"] {
            let (forward, total) = measure(&library, &mask, members, dof, form)?;
            println!("{members:>3} {dof:>3} {form:>9} {forward:8.1} {total:8.1}");
        }
    }
    Ok(())
}

fn measure(
    library: &Library,
    mask: &Mask,
    members: usize,
    dof: usize,
    form: &str,
) -> Result<(f64, f64), Box<dyn Error>> {
    let device = Device::flex().autodiff();
    let mut stream = ChaCha8Rng::seed_from_u64(0);
    let mut draw = |shape: &[usize]| {
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|_| stream.random_range(-1.0..1.0)).collect();
        TensorData::new(values, shape.to_vec())
    };
    let state = [members, BATCH, dof];
    let square = [members, BATCH, dof, dof];
    let vectors: [Tensor<3>; 4] = std::array::from_fn(|_| Tensor::from_data(draw(&state), &device));
    let matrices: [Tensor<4>; 3] =
        std::array::from_fn(|_| Tensor::from_data(draw(&square), &device));
    let w = Tensor::<2>::from_data(draw(&[members, library.len()]), &device);

    let steps = if dof == 1 { 300 } else { 50 };
    let (mut forward, mut total) = (Vec::new(), Vec::new());
    for _ in 0..steps {
        let [x, y, s_x, s_y] = vectors.clone();
        let [s_xx, s_yy, s_xy] = matrices.clone().map(Tensor::require_grad);
        let derivatives = Derivatives::new(DerivativeTensors {
            x,
            y,
            s_x: s_x.require_grad(),
            s_y: s_y.require_grad(),
            s_xx,
            s_yy,
            s_xy,
        })?;
        let b = Tensor::<1>::full([members], 0.5, &device).require_grad();
        let w = w.clone().require_grad();
        let start = Instant::now();
        let sum = match form {
            "fused" => term_sum(library, mask, &derivatives, b.clone(), w)?,
            _ => term_sum_composed(library, mask, &derivatives, b.clone(), w)?,
        };
        let loss = sum.prediction.square().mean() + sum.activation_l1.sum() * 1e-6;
        forward.push(start.elapsed().as_secs_f64() * 1e6);
        let gradients = loss.backward();
        total.push(start.elapsed().as_secs_f64() * 1e6);
        assert!(b.grad(&gradients).is_some());
    }
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    Ok((median(forward), median(total)))
}
