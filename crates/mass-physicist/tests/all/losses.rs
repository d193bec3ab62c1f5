//! Losses and description lengths: values of the specification, gradients by finite differences, Theorem 1.

use mass_physicist::{
    Constant, Core, Force, Fraction, MODEL_FLOOR, Number, Recurrence, SymbolicLaw, annealed_floor,
    generalised_mean, generalised_mean_weights, integer_bits, rational_bits, real_bits,
};
use proptest::prelude::*;

/// Free motion, with constants b that are real where they are not 0.
fn falling(b: [f64; 2]) -> SymbolicLaw {
    let mut parameters = Vec::new();
    let mut constants = Vec::new();
    for (at, value) in Force::Free.recurrence(0.05).constants().iter().enumerate() {
        let bias = at % 5 == 4;
        let exact = Constant {
            offset: Fraction::from_integer(*value as i64),
            parameter: None,
        };
        constants.push(if bias && b[at / 5] != 0.0 {
            parameters.push(Number::Real(b[at / 5]));
            Constant {
                offset: Fraction::from_integer(0),
                parameter: Some((parameters.len() - 1, false)),
            }
        } else {
            exact
        });
    }
    SymbolicLaw::new(2, 2, constants, parameters).unwrap()
}

#[test]
fn description_lengths_are_the_specifications() {
    assert_eq!(integer_bits(0), 0.0);
    assert_eq!(integer_bits(1), 1.0);
    assert!((integer_bits(-2) - 3_f64.log2()).abs() < 1e-15);
    assert!((rational_bits(35, 37) - (36.0 * 37.0_f64).log2()).abs() < 1e-12);
    assert!((real_bits(1.0, MODEL_FLOOR) - 32.0).abs() < 1e-12);
    // Free motion in the plane, and the paper's worked example of gravity.
    assert!((falling([0.0, 0.0]).bits(MODEL_FLOOR) - 5.170).abs() < 5e-4);
    assert!((falling([0.010882, -0.007762]).bits(MODEL_FLOOR) - 55.639).abs() < 5e-4);
    // A shared parameter costs its digits once.
    let angle = 0.3_f64;
    let parameter = |p, negative, offset| Constant {
        offset: Fraction::from_integer(offset),
        parameter: Some((p, negative)),
    };
    let zero = Constant {
        offset: Fraction::from_integer(0),
        parameter: None,
    };
    let (c, s) = (0, 1);
    let rotation = SymbolicLaw::new(
        2,
        2,
        vec![
            parameter(c, true, 0),
            parameter(s, true, 0),
            parameter(c, false, 1),
            parameter(s, false, 0),
            zero,
            parameter(s, false, 0),
            parameter(c, true, 0),
            parameter(s, true, 0),
            parameter(c, false, 1),
            zero,
        ],
        vec![Number::Real(angle.cos()), Number::Real(angle.sin())],
    )
    .unwrap();
    let own = real_bits(angle.cos(), MODEL_FLOOR) + real_bits(angle.sin(), MODEL_FLOOR);
    // Six more uses of a sign and one of two names each, and two offsets of 1.
    assert!((rotation.bits(MODEL_FLOOR) - (own + 6.0 * 2.0 + 2.0)).abs() < 1e-9);
    assert_eq!(
        rotation.text(&["x", "y"]).unwrap(),
        "x[t] = (1 + p1) x[t−1] + p2 y[t−1] − p1 x[t−2] − p2 y[t−2]\n\
         y[t] = −p2 x[t−1] + (1 + p1) y[t−1] + p2 x[t−2] − p1 y[t−2]\n\
         p1 = 0.9553365\np2 = 0.2955202"
    );
    assert!(
        rotation
            .latex(&["x", "y"])
            .unwrap()
            .starts_with("x_t = (1 + p_{1}) x_{t-1}")
    );
}

#[test]
fn a_law_is_written_as_its_differential_equation() {
    let text = |force: Force| {
        let law = SymbolicLaw::real(&force.recurrence(0.05));
        law.differential_text(&["x", "y"], 0.05).unwrap().unwrap()
    };
    assert_eq!(
        text(Force::Gravity { g: [0.0, -3.5] }),
        "ẍ = 0\nÿ = −3.500000"
    );
    let spring = Force::Harmonic {
        stiffness: 9.0,
        direction: [1.0, 0.0],
        offset: 0.5,
    };
    assert_eq!(text(spring), "ẍ = −9.000000 x − 4.500000\nÿ = 0");
    let field = Force::Electromagnetic {
        electric: [1.0, 0.0],
        magnetic: -2.0,
    };
    assert_eq!(text(field), "ẍ = −2.000000 ẏ + 1.000000\nÿ = 2.000000 ẋ");
    // A bounce off the wall x = 2 between r[t−1] and r[t] is a law, and none in continuous time.
    let bounce = vec![1.0, 0.0, -2.0, 0.0, 4.0, 0.0, -1.0, 0.0, 2.0, 0.0];
    let bounce = Recurrence::new(2, 2, bounce).unwrap();
    assert!(bounce.orientation() < 0.0);
    assert_eq!(bounce.differential_equation(0.05), None);
}

#[test]
fn the_floor_falls_to_the_median_error() {
    let errors = [0.1, 0.0, -0.3, 0.2, 0.02, 0.01];
    assert_eq!(annealed_floor(&errors, 2, 1e-6, 1.0), 0.1);
    assert_eq!(annealed_floor(&errors, 2, 1e-6, 0.05), 0.05);
    assert_eq!(annealed_floor(&[], 2, 1e-6, 10.0), 10.0);
}

#[test]
fn weights_where_a_loss_is_0_are_the_limit() {
    let mut weights = [0.0; 3];
    // The harmonic mean of (ℓ, 1, 2) is 3ℓ for small ℓ.
    generalised_mean_weights(&[0.0, 1.0, 2.0], -1.0, &mut weights);
    assert_eq!(weights, [3.0, 0.0, 0.0]);
    generalised_mean_weights(&[5.0, 1.0, 2.0], f64::NEG_INFINITY, &mut weights);
    assert_eq!(weights, [0.0, 1.0, 0.0]);
}

fn losses() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-6.0..3.0_f64).prop_map(|e| 10_f64.powf(e)), 2..6)
}

proptest! {
    #[test]
    fn weights_are_the_means_gradient(losses in losses(), order in prop::sample::select(vec![-3.0, -1.0, -0.5, 0.5, 1.0])) {
        let mut weights = vec![0.0; losses.len()];
        generalised_mean_weights(&losses, order, &mut weights);
        let scale = weights.iter().fold(0.0_f64, |m, w| m.max(*w));
        for i in 0..losses.len() {
            let step = 1e-6 * losses[i];
            let at = |change: f64| {
                let mut moved = losses.clone();
                moved[i] += change;
                generalised_mean(&moved, order)
            };
            let slope = (at(step) - at(-step)) / (2.0 * step);
            prop_assert!((slope - weights[i]).abs() < 1e-4 * (weights[i] + 1e-6 * scale) + 1e-10 * at(0.0) / step, "{slope} {}", weights[i]);
        }
        // A mean lies between the least and the greatest, and does not care for the order.
        let mean = generalised_mean(&losses, order);
        let sorted = { let mut s = losses.clone(); s.sort_by(f64::total_cmp); s };
        prop_assert!(mean >= sorted[0] * (1.0 - 1e-12) * (losses.len() as f64).powf((1.0 / order).min(0.0)));
        prop_assert!(mean <= sorted[sorted.len() - 1] * (1.0 + 1e-12));
        let turned = { let mut s = losses.clone(); s.reverse(); generalised_mean(&s, order) };
        prop_assert!((mean - turned).abs() <= 1e-12 * mean);
    }

    /// Theorem 1: of two theories the one with the smaller loss has the greater gradient, for γ < 0.
    #[test]
    fn the_better_theory_gets_the_greater_gradient(
        a in -5.0..2.0_f64, b in -5.0..2.0_f64,
        other in prop::collection::vec(-5.0..2.0_f64, 0..3),
        order in prop::sample::select(vec![-2.0, -1.0, -0.3]),
        floor in prop::option::of(-4.0..1.0_f64),
    ) {
        prop_assume!((a - b).abs() > 1e-3);
        let core = floor.map_or(Core::Squared, |f| Core::Bits { floor: 10_f64.powf(f) });
        let errors: Vec<f64> = [a, b].into_iter().chain(other).map(|e| 10_f64.powf(e)).collect();
        let losses: Vec<f64> = errors.iter().map(|u| core.loss(&[*u])).collect();
        let mut weights = vec![0.0; losses.len()];
        generalised_mean_weights(&losses, order, &mut weights);
        // ∂L/∂u = ∂L/∂ℓ · ∂ℓ/∂(u²) · 2u.
        let slope = |i: usize| weights[i] * core.slope(errors[i]) * 2.0 * errors[i];
        prop_assert_eq!(errors[0] < errors[1], slope(0) > slope(1), "{} {}", slope(0), slope(1));
    }

    #[test]
    fn a_core_is_small_below_its_floor_and_a_logarithm_above(u in -3.0..3.0_f64) {
        let core = Core::Bits { floor: 0.1 };
        let size = 10_f64.powf(u);
        prop_assert!((core.loss(&[size]) - 0.5 * (1.0 + (size / 0.1).powi(2)).log2()).abs() < 1e-12);
        prop_assert_eq!(core.loss(&[size, 0.0]), core.loss(&[0.0, -size]));
    }
}
