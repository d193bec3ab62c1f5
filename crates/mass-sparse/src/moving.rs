//! Laws that are followed, to rest where dry friction holds what it stops.

use mass_systems::Rk4;

use crate::FrictionKind;
use crate::lagrangian_law::{Coefficient, Equation, GainTerm, Parts};

/// Steps by which a turn is found, the share of a step that is none, and turns in a step at most.
const HALVINGS: usize = 40;
const NEAR: f64 = 1e-12;
const TURNS: usize = 8;

/// A law without inputs, in the units of its formula.
///
/// Of one degree of freedom dry friction is followed exactly: it has one sign from turn to turn, and holds at a turn where it
/// outweighs all other forces, for good, as nothing depends on time. Of several it creeps below a small speed
/// ([`Parts::still`]).
pub(crate) struct Moving {
    equation: Equation,
    dof: usize,
    dry: Option<f64>,
}

impl Moving {
    pub(crate) fn new(dof: usize, parts: &Parts) -> Self {
        let is_dry = |kind: FrictionKind| kind == FrictionKind::Dry;
        let dry = parts.friction.iter().find(|term| is_dry(term.kind));
        let dry = dry.map(|term| term.coefficient.value);
        let dry = dry.filter(|c| dof == 1 && *c > 0.0);
        let equation = match dry {
            None => Equation::new(dof, 0, parts),
            // Instead of it an input, which is the force.
            Some(_) => {
                let mut parts = parts.clone();
                parts.friction.retain(|term| !is_dry(term.kind));
                parts.still.clear();
                parts.gains = vec![GainTerm {
                    on: 0,
                    input: 0,
                    coefficient: Coefficient::new(1.0, 0.0),
                }];
                Equation::new(1, 1, &parts)
            }
        };
        Self { equation, dof, dry }
    }

    pub(crate) fn steps(&self) -> Steps<'_> {
        Steps {
            law: self,
            method: Rk4::new(self.dof),
            memory: vec![0.0; self.dof * self.dof],
            direction: 0.0,
            rests: false,
        }
    }
}

/// A motion of a law, step by step.
pub(crate) struct Steps<'a> {
    law: &'a Moving,
    method: Rk4,
    memory: Vec<f64>,
    /// The sign of the velocity since the last turn; 0 at a turn and at first.
    direction: f64,
    rests: bool,
}

impl Steps<'_> {
    /// Moves positions and velocities `[d]` on by a time; none where there is no acceleration.
    pub(crate) fn step(&mut self, x: &mut [f64], y: &mut [f64], time: f64) -> Option<()> {
        let Some(dry) = self.law.dry else {
            return self.smooth(&[], x, y, time);
        };
        let mut left = time;
        // More turns than these are none that a step can show.
        for _ in 0..TURNS {
            if left <= NEAR * time || self.rests {
                break;
            }
            if self.direction == 0.0 {
                self.direction = self.direction_from(dry, x, y)?;
                if self.direction == 0.0 {
                    (self.rests, y[0]) = (true, 0.0);
                    break;
                }
            }
            let force = [-dry * self.direction];
            let from = [x[0], y[0]];
            self.smooth(&force, x, y, left)?;
            if y[0] * self.direction >= 0.0 {
                break;
            }
            // It has turned: by halves, where.
            let (mut before, mut after) = (0.0, left);
            for _ in 0..HALVINGS {
                let middle = 0.5 * (before + after);
                (x[0], y[0]) = (from[0], from[1]);
                self.smooth(&force, x, y, middle)?;
                match y[0] * self.direction > 0.0 {
                    true => before = middle,
                    false => after = middle,
                }
                if after - before <= NEAR * time {
                    break;
                }
            }
            left -= after;
            (self.direction, y[0]) = (0.0, 0.0);
        }
        Some(())
    }

    /// Where it goes: as it does, or from rest as other forces want, if they outweigh friction.
    fn direction_from(&mut self, dry: f64, x: &[f64], y: &[f64]) -> Option<f64> {
        if y[0] != 0.0 {
            return Some(y[0].signum());
        }
        let mut out = [0.0];
        let equation = &self.law.equation;
        let mut free = |force: f64| {
            equation.acceleration(x, y, &[force], &mut self.memory, &mut out);
            out[0].is_finite().then_some(out[0])
        };
        let wanted = free(0.0)?.signum();
        let held = free(-dry * wanted)? * wanted <= 0.0;
        Some(if held { 0.0 } else { wanted })
    }

    fn smooth(&mut self, force: &[f64], x: &mut [f64], y: &mut [f64], time: f64) -> Option<()> {
        let (equation, memory) = (&self.law.equation, &mut self.memory);
        let law = |x: &[f64], y: &[f64], a: &mut [f64]| {
            equation.acceleration(x, y, force, memory, a);
            match a.iter().all(|v| v.is_finite()) {
                true => Ok(()),
                false => Err(()),
            }
        };
        self.method.step(law, x, y, time).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;
    use crate::lagrangian_law::{FrictionTerm, LagrangianTerm};
    use crate::{Factor, Function};

    /// ½ y² − ½ x² with dry friction.
    fn oscillator(dry: f64) -> Moving {
        let mut parts = Parts::default();
        for (factor, value) in [
            (Factor::Velocity(0, 2), 0.5),
            (Factor::Position(0, 2), -0.5),
        ] {
            parts.terms.push(LagrangianTerm {
                function: Function::new([factor]),
                coefficient: Coefficient::new(value, 0.0),
                gauge: false,
            });
        }
        parts.friction.push(FrictionTerm {
            on: 0,
            by: 0,
            kind: FrictionKind::Dry,
            coefficient: Coefficient::new(dry, 0.0),
        });
        Moving::new(1, &parts)
    }

    /// Each half swing is one of cos t about ∓ f, so that turns are π apart and 2 f nearer each; it rests at the first one
    /// within f (Feynman's lectures leave it as an exercise).
    #[test]
    fn dry_friction_takes_twice_itself_a_half_swing_and_holds_what_it_outweighs() {
        let f = 0.15;
        let law = oscillator(f);
        let mut steps = law.steps();
        let (mut x, mut y) = ([1.0], [0.0]);
        let step = 0.05;
        for row in 1..=400 {
            steps.step(&mut x, &mut y, step).unwrap();
            let t = f64::from(row) * step;
            let swing = (t / PI).floor().min(3.0);
            // 1, −0.7, 0.4, −0.1: there it stays.
            let from = (1.0 - 2.0 * f * swing) * if swing % 2.0 == 0.0 { 1.0 } else { -1.0 };
            let centre = f * from.signum();
            let exact = match swing < 3.0 {
                true => centre + (from - centre) * (t - swing * PI).cos(),
                false => from,
            };
            assert!((x[0] - exact).abs() < 1e-6, "{t}: {} for {exact}", x[0]);
        }
        assert_eq!(y[0], 0.0);
    }

    #[test]
    fn without_dry_friction_it_is_the_equation() {
        let law = oscillator(0.0);
        let mut steps = law.steps();
        let (mut x, mut y) = ([1.0], [0.0]);
        for _ in 0..100 {
            steps.step(&mut x, &mut y, 0.05).unwrap();
        }
        assert!((x[0] - 5.0_f64.cos()).abs() < 1e-6);
    }
}
