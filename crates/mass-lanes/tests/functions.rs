//! The elementary functions against the standard library and closed forms, on every instruction set.

use mass_lanes::{InstructionSet, Kernel, Lanes, Real, dispatch_on};
use proptest::prelude::*;

/// Applies every function to one number in all lanes.
struct Functions<T>(T);

impl<T: Real> Kernel<T> for Functions<T> {
    type Output = Vec<T>;

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) -> Vec<T> {
        let a = p.splat(self.0);
        let (distribution, density) = p.normal(a);
        let (sigmoid, softplus) = p.sigmoid_and_softplus(a);
        let results = [
            p.exp(a),
            p.exp_m1(a),
            distribution,
            density,
            p.tanh(a),
            sigmoid,
            softplus,
            p.sign(a),
        ];
        results.iter().map(|v| p.numbers(v)[0]).collect()
    }
}

const NAMES: [&str; 8] = [
    "exp", "exp_m1", "Φ", "φ", "tanh", "sigmoid", "softplus", "sign",
];

/// erfc by its continued fraction or its series, independent of the fit.
fn erfc(z: f64) -> f64 {
    if z < 0.0 {
        return 2.0 - erfc(-z);
    }
    if z < 1.0 {
        // erf z = 2/√π e^(−z²) Σ 2ᵏ z^(2k+1) / (2k+1)!!, all terms positive; further out 1 − erf z would
        // lose digits.
        let (mut term, mut sum) = (z, z);
        for k in 1..200 {
            term *= 2.0 * z * z / f64::from(2 * k + 1);
            sum += term;
        }
        return 1.0 - sum * (-z * z).exp() * 2.0 / std::f64::consts::PI.sqrt();
    }
    let mut fraction = z;
    for k in (1..200).rev() {
        fraction = z + f64::from(k) / 2.0 / fraction;
    }
    (-z * z).exp() / (fraction * std::f64::consts::PI.sqrt())
}

fn expected(x: f64) -> [f64; 8] {
    [
        x.exp(),
        x.exp_m1(),
        0.5 * erfc(-x / std::f64::consts::SQRT_2),
        (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt(),
        x.tanh(),
        if x < 0.0 {
            x.exp() / (1.0 + x.exp())
        } else {
            1.0 / (1.0 + (-x).exp())
        },
        x.max(0.0) + (-x.abs()).exp().ln_1p(),
        if x == 0.0 { 0.0 } else { x.signum() },
    ]
}

fn check<T: Real>(x: T, relative: f64, absolute: f64) {
    let expected = expected(x.to_f64());
    for set in InstructionSet::available() {
        let found = dispatch_on(set, Functions(x));
        for ((name, found), expected) in NAMES.iter().zip(found).zip(expected) {
            let found = found.to_f64();
            let error = (found - expected).abs();
            assert!(
                error <= absolute + relative * expected.abs(),
                "{name}({x:?}) on {set}: {found:e}, expected {expected:e}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn functions_are_exact_to_rounding_f32(x in -20.0_f32..20.0) {
        check(x, 8.0 * f64::from(f32::EPSILON), f64::from(f32::EPSILON));
        check(x * 1e-3, 8.0 * f64::from(f32::EPSILON), f64::from(f32::EPSILON));
    }

    #[test]
    fn functions_are_exact_to_rounding_f64(x in -20.0_f64..20.0) {
        // (x/√2)² in the reference loses as many digits as it has before the point.
        check(x, 100.0 * f64::EPSILON, 2.0 * f64::EPSILON);
        check(x * 1e-3, 8.0 * f64::EPSILON, 2.0 * f64::EPSILON);
    }

    /// AVX2 and AVX-512 give the same bits.
    #[test]
    fn fused_instruction_sets_agree_bit_for_bit(x in -100.0_f32..100.0) {
        if InstructionSet::Avx512.is_available() {
            let narrow = dispatch_on(InstructionSet::Avx2, Functions(x));
            let wide = dispatch_on(InstructionSet::Avx512, Functions(x));
            prop_assert_eq!(narrow, wide);
        }
    }
}

#[test]
fn extremes_stay_finite_and_nan_stays() {
    for x in [0.0_f32, -0.0, 1e30, -1e30, f32::MIN_POSITIVE] {
        for set in InstructionSet::available() {
            for (name, value) in NAMES.iter().zip(dispatch_on(set, Functions(x))) {
                assert!(value.is_finite(), "{name}({x}) on {set} is {value}");
            }
            let nan = dispatch_on(set, Functions(f32::NAN));
            assert!(nan[..4].iter().all(|v| v.is_nan()), "{nan:?} on {set}");
        }
    }
}

/// The sum of all lanes.
struct Sum<'a, T>(&'a [T]);

impl<T: Real> Kernel<T> for Sum<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<P: Lanes<T>>(self, p: P) -> T {
        p.sum(p.load(self.0))
    }
}

#[test]
fn lanes_are_summed_by_halves_on_every_instruction_set() {
    fn check<T: Real + std::ops::Add<Output = T> + PartialEq + std::fmt::Debug>(
        number: fn(f64) -> T,
    ) {
        // The first of either half are large and cancel; added in another order, they leave of the
        // others less than there was.
        let lane = |index: usize| match index {
            0 => number(1e17),
            _ if index == T::LANES / 2 => number(-1e17),
            _ => number((index as f64 + 1.0) / 3.0),
        };
        let lanes: Vec<T> = (0..T::LANES).map(lane).collect();
        let mut halves = lanes.clone();
        while halves.len() > 1 {
            let (low, high) = halves.split_at(halves.len() / 2);
            halves = low.iter().zip(high).map(|(a, b)| *a + *b).collect();
        }
        let in_turn = lanes[1..].iter().fold(lanes[0], |sum, lane| sum + *lane);
        assert_ne!(
            halves[0], in_turn,
            "the numbers do not tell one order from another"
        );
        for set in InstructionSet::available() {
            assert_eq!(dispatch_on(set, Sum(&lanes)), halves[0], "{set:?}");
        }
    }
    check::<f32>(|x| x as f32);
    check::<f64>(|x| x);
}
