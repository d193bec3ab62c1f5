//! Scientists do learn: a short training under the `reference` recipe brings the harmonic
//! oscillator's law within a few per cent, from errors above 1 at the start.

use mass_core::{MemberStatus, Recipe, Trainer, TrainingSystem};

#[test]
fn four_scientists_learn_the_harmonic_oscillator() {
    let systems = vec![TrainingSystem::named("classical").unwrap()];
    let outcome = Trainer::new(Recipe::reference().with_steps(400), systems, 0..4)
        .run()
        .unwrap();
    assert!(
        outcome
            .members
            .iter()
            .all(|status| *status == MemberStatus::Sound)
    );
    for seed in 0..4 {
        let rows: Vec<_> = outcome
            .metrics
            .rows
            .iter()
            .filter(|row| row.seed == seed)
            .collect();
        let (first, last) = (rows[0], rows[rows.len() - 1]);
        assert_eq!((first.step, last.step), (1, 500));
        assert!(
            first.average.rmse() > 0.3,
            "seed {seed} starts at {}",
            first.average.rmse()
        );
        assert!(
            last.average.rmse() < 0.08,
            "seed {seed} ends at {}",
            last.average.rmse()
        );
        assert_eq!(last.average.pole_share, 0.0, "seed {seed}");
    }
}
