//! Accelerations and energies against values computed elsewhere: by SymPy, with 40 digits, the
//! Euler–Lagrange equation of each Lagrangian as the paper states it, or the stated ẏ.

use approx::relative_eq;
use mass_systems::{all, lookup};

/// Id, x, y, ẏ, energy.
type Golden = (
    &'static str,
    &'static [f64],
    &'static [f64],
    &'static [f64],
    Option<f64>,
);

const GOLDEN: &[Golden] = &[
    ("classical", &[0.6], &[0.4], &[-0.6], Some(0.26)),
    (
        "pendulum",
        &[0.6],
        &[0.4],
        &[-0.5646424733950354],
        Some(0.2546643850903217),
    ),
    (
        "kepler",
        &[0.6],
        &[0.4],
        &[-2.7777777777777777],
        Some(-1.5866666666666667),
    ),
    (
        "relativistic",
        &[0.6],
        &[0.4],
        &[-0.4619236300515487],
        Some(1.271089451179962),
    ),
    (
        "alpha",
        &[0.6],
        &[0.4],
        &[-0.4271186440677966],
        Some(1.287485552392355),
    ),
    (
        "beta",
        &[0.6],
        &[0.4],
        &[-0.44111006637043],
        Some(1.284918550746704),
    ),
    (
        "cosh",
        &[0.6],
        &[0.4],
        &[-0.6366535821482413],
        Some(1.2654652182422677),
    ),
    (
        "morse",
        &[0.6],
        &[0.4],
        &[-0.4186057956426186],
        Some(-0.26883816303551555),
    ),
    ("quartic", &[0.6], &[0.4], &[-0.216], Some(0.1124)),
    (
        "relativistic_cosh",
        &[0.6],
        &[0.4],
        &[-0.4901422229187291],
        Some(2.2765546694222296),
    ),
    (
        "relativistic_morse",
        &[0.6],
        &[0.4],
        &[-0.3222731811397586],
        Some(0.7422512881444464),
    ),
    (
        "relativistic_quartic",
        &[0.6],
        &[0.4],
        &[-0.16629250681855753],
        Some(1.1234894511799618),
    ),
    (
        "x2v2",
        &[0.6],
        &[0.4],
        &[-0.26666666666666666],
        Some(0.0576),
    ),
    (
        "power1(2.5,-1.5)",
        &[0.6],
        &[0.4],
        &[0.4444444444444444],
        Some(-2.7556759606310752),
    ),
    (
        "power2(2,3,1,2)",
        &[0.6],
        &[0.4],
        &[-0.15193798449612403],
        Some(0.14208),
    ),
    (
        "synthetic_sin",
        &[0.6],
        &[0.4],
        &[-0.8241439345433551],
        None,
    ),
    (
        "synthetic_sin2",
        &[0.6],
        &[0.4],
        &[-0.8947767193589067],
        None,
    ),
    ("synthetic_exp", &[0.6], &[0.4], &[0.6008212427398384], None),
    ("damped", &[0.6], &[0.4], &[-1.0], None),
    ("damped(0.5)", &[0.6], &[0.4], &[-0.8], None),
    (
        "double_pendulum",
        &[0.7, -0.3],
        &[0.2, 1.1],
        &[-1.4545460617438633, 1.1150736372052863],
        Some(-1.721154356403592),
    ),
    (
        "spherical_pendulum",
        &[1.0, 0.1],
        &[0.5, 1.25],
        &[-0.1310823701003327, -0.8026157699179134],
        Some(0.13788005215808777),
    ),
    (
        "two_body",
        &[-1.0, 0.0, 1.0, 0.0],
        &[0.0, 0.5, 0.0, -0.25],
        &[0.25, 0.0, -0.25, 0.0],
        Some(-0.34375),
    ),
    (
        "three_body",
        &[-1.0, 0.25, 0.0, 0.0, 1.0, -0.25],
        &[0.45, 0.43, -1.0, -0.9, 0.44, 0.43],
        &[
            1.1413441178180375,
            -0.28533602945450937,
            0.0,
            0.0,
            -1.1413441178180375,
            0.28533602945450937,
        ],
        Some(-1.1374062503633298),
    ),
    (
        "n_body(4)",
        &[-1.0, 0.25, 0.5, 0.1, 1.0, -0.75, 0.3, 1.5],
        &[0.45, 0.43, -1.0, -0.9, 0.44, 0.43, 0.1, 0.2],
        &[
            0.8383698968702564,
            0.07987156300899036,
            0.012786628794435671,
            -0.347546914453456,
            -0.7537443000678495,
            1.1477191979357282,
            -0.09741222559684252,
            -0.8800438464912625,
        ],
        Some(-2.4976365191017287),
    ),
    (
        "double_pendulum(1,0.5,1,2)",
        &[0.6, -0.3],
        &[0.4, 0.7],
        &[-1.0419317482066024, 0.5342638365723205],
        Some(-1.4092891203743374),
    ),
    (
        "pendulum_chain(3)",
        &[0.6, -0.3, 0.8],
        &[0.4, 0.7, -0.2],
        &[-1.1410008967650982, 1.296653616358728, -0.6557349972632459],
        Some(-4.12719373332272),
    ),
    (
        "coupled_oscillators(2,0.5)",
        &[0.6, -0.3],
        &[0.4, 0.7],
        &[-1.05, 0.75],
        Some(0.7525),
    ),
    (
        "cart_pendulum",
        &[0.6, -0.3],
        &[0.4, 0.7],
        &[-0.3928202815018134, 0.6707957552486142],
        Some(-0.28284227217043634),
    ),
    (
        "cart_pendulum(2,1,0.5)",
        &[0.6, -0.3],
        &[0.4, 0.7],
        &[-0.16994117591652638, 0.9157424260386218],
        Some(-0.042671136085218164),
    ),
    (
        "henon_heiles",
        &[0.6, -0.3],
        &[0.4, 0.7],
        &[-0.24, 0.03],
        Some(0.451),
    ),
    (
        "charge_in_field",
        &[0.6, -0.3],
        &[0.4, 0.7],
        &[0.1, -0.1],
        Some(0.55),
    ),
    (
        "charge_in_field(2,0)",
        &[0.6, -0.3],
        &[0.4, 0.7],
        &[1.4, -0.8],
        Some(0.325),
    ),
];

#[test]
fn accelerations_and_energies_are_the_golden_ones() {
    for &(id, x, y, ydot, energy) in GOLDEN {
        let system = lookup(id).unwrap();
        let mut found = vec![0.0; system.dof()];
        system.acceleration(x, y, &mut found);
        assert_eq!(found.len(), ydot.len());
        for (found, &expected) in found.iter().zip(ydot) {
            assert!(
                relative_eq!(*found, expected, epsilon = 1e-14, max_relative = 1e-14),
                "{id}: {found} where {expected} is right"
            );
        }
        assert_eq!(system.energy(x, y).is_some(), energy.is_some(), "{id}");
        if let Some((found, expected)) = system.energy(x, y).zip(energy) {
            assert!(
                relative_eq!(found, expected, epsilon = 1e-14, max_relative = 1e-14),
                "{id}: an energy of {found} where {expected} is right"
            );
        }
    }
}

#[test]
fn every_system_has_golden_values() {
    let family = |id: &str| id.split('(').next().unwrap().to_owned();
    for system in all() {
        let id = family(&system.id());
        assert!(
            GOLDEN.iter().any(|golden| family(golden.0) == id),
            "{id} has none"
        );
    }
}
