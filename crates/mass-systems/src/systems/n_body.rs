//! Bodies in the plane that attract each other.

use crate::domain::{Domain, Range};
use crate::error::Error;
use crate::lagrangian::{AnyLagrangian, Lagrangian};
use crate::number::Number;
use crate::system::{Conserved, Motions, PaperRun, System};

/// Any number of unit masses in the plane under gravity, `n_body(n)`, and with it `two_body` and
/// `three_body`: x = (r₁, r₂, ..) in Cartesian coordinates; d = 2n.
///
/// | | |
/// |---|---|
/// | law | r̈ᵢ = −Σ (rᵢ − rⱼ)/\|rᵢ − rⱼ\|³, summed over j ≠ i |
/// | Lagrangian | L = Σ ½\|vᵢ\|² + Σ 1/\|rᵢ − rⱼ\|, the second summed over pairs |
/// | energies | T = Σ ½\|vᵢ\|², V = −Σ 1/\|rᵢ − rⱼ\| |
/// | parameters | n, the number of bodies; all masses and G are 1 |
/// | domain | of `n_body(n)`: positions in [−n/2, n/2]², velocities in [−1.5, 1.5]², no two bodies closer than 0.5 |
/// | singular set | two bodies at the same place |
/// | conserved | T + V, the momentum Σ vᵢ and the angular momentum Σ rᵢ × vᵢ |
/// | source | Fu et al. 2025, Appendix D, Figs. 18 and 19, for two and three bodies |
#[derive(Clone, Debug, PartialEq)]
pub struct NBody {
    pub(super) id: &'static str,
    pub(super) bodies: usize,
    pub(super) domain: Domain,
    pub(super) paper_run: Option<PaperRun>,
}

impl NBody {
    /// `n` bodies.
    ///
    /// # Errors
    /// [`Error::BadParameter`] if there are fewer than two bodies, or more than 1000, for which
    /// positions far enough apart are no longer found by drawing.
    ///
    /// # Example
    /// ```
    /// use mass_systems::{System, systems::NBody};
    ///
    /// assert_eq!(NBody::new(4)?.dof(), 8);
    /// # Ok::<(), mass_systems::Error>(())
    /// ```
    pub fn new(n: usize) -> Result<Self, Error> {
        if !(2..=1000).contains(&n) {
            return Err(Error::BadParameter {
                system: format!("n_body({n})"),
                reason: "there must be 2 to 1000 bodies, as in n_body(4)".into(),
            });
        }
        // The box grows with n so that about the same share of draws, two thirds, keeps the distance.
        let half_width = n as f64 / 2.0;
        Ok(Self {
            id: "n_body",
            bodies: n,
            domain: Domain::bodies(
                n,
                Range::between(-half_width, half_width),
                Range::between(-1.5, 1.5),
                0.5,
            ),
            paper_run: None,
        })
    }

    /// The number of bodies.
    pub fn bodies(&self) -> usize {
        self.bodies
    }

    /// Every pair of bodies once.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.bodies).flat_map(|i| (0..i).map(move |j| (i, j)))
    }
}

impl Lagrangian for NBody {
    fn value<D: Number>(&self, x: &[D], y: &[D]) -> D {
        kinetic(y) - potential(self, x)
    }

    fn kinetic<D: Number>(&self, _x: &[D], y: &[D]) -> Option<D> {
        Some(kinetic(y))
    }

    fn potential<D: Number>(&self, x: &[D], _y: &[D]) -> Option<D> {
        Some(potential(self, x))
    }
}

fn kinetic<D: Number>(y: &[D]) -> D {
    y.iter().map(|&v| v * v).sum::<D>() * 0.5
}

fn potential<D: Number>(bodies: &NBody, x: &[D]) -> D {
    let inverse_distance = |(i, j): (usize, usize)| {
        let (dx, dy) = (x[2 * i] - x[2 * j], x[2 * i + 1] - x[2 * j + 1]);
        (dx * dx + dy * dy).sqrt().recip()
    };
    -bodies.pairs().map(inverse_distance).sum::<D>()
}

impl System for NBody {
    fn id(&self) -> String {
        match self.id {
            "n_body" => format!("n_body({})", self.bodies),
            id => id.into(),
        }
    }

    fn dof(&self) -> usize {
        2 * self.bodies
    }

    fn domain(&self) -> Domain {
        self.domain.clone()
    }

    fn acceleration(&self, x: &[f64], _y: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        for (i, j) in self.pairs() {
            let (dx, dy) = (x[2 * i] - x[2 * j], x[2 * i + 1] - x[2 * j + 1]);
            let squared = dx * dx + dy * dy;
            let pull = 1.0 / (squared * squared.sqrt());
            out[2 * i] -= dx * pull;
            out[2 * i + 1] -= dy * pull;
            out[2 * j] += dx * pull;
            out[2 * j + 1] += dy * pull;
        }
    }

    fn name(&self) -> String {
        match self.bodies {
            2 => "two bodies in the plane".into(),
            3 => "three bodies in the plane".into(),
            n => format!("{n} bodies in the plane"),
        }
    }

    fn formula(&self) -> String {
        "r̈ᵢ = −Σⱼ (rᵢ − rⱼ)/|rᵢ − rⱼ|³, L = Σ ½|vᵢ|² + Σ 1/|rᵢ − rⱼ|".into()
    }

    fn source(&self) -> &'static str {
        match self.id {
            "two_body" => "Fu et al. 2025, Appendix D, Fig. 18",
            "three_body" => "Fu et al. 2025, Appendix D, Fig. 19",
            _ => "the law of Fu et al. 2025, Appendix D, for any number of bodies",
        }
    }

    fn lagrangian(&self) -> Option<&dyn AnyLagrangian> {
        Some(self)
    }

    fn in_singular_set(&self, x: &[f64], _y: &[f64]) -> bool {
        self.pairs()
            .any(|(i, j)| x[2 * i] == x[2 * j] && x[2 * i + 1] == x[2 * j + 1])
    }

    fn conserved(&self, x: &[f64], y: &[f64]) -> Vec<Conserved> {
        let along = |axis: usize| y.iter().skip(axis).step_by(2).sum::<f64>();
        let bodies = x.chunks_exact(2).zip(y.chunks_exact(2));
        let turning = bodies.map(|(r, v)| r[0] * v[1] - r[1] * v[0]);
        vec![
            Conserved::new("energy", kinetic(y) + potential(self, x)),
            Conserved::new("momentum along the first axis", along(0)),
            Conserved::new("momentum along the second axis", along(1)),
            Conserved::new("angular momentum", turning.sum()),
        ]
    }

    /// From starts about that of the paper, if it has one: an energy bounds no box, for bodies may fly
    /// apart and fall together.
    fn motions(&self) -> Option<Motions> {
        let (x, y) = self.paper_run.as_ref()?.start.as_ref()?;
        let about = |values: &[f64], by: f64| -> Vec<Range> {
            let around = values.iter().map(|v| Range::between(v - by, v + by));
            around.collect()
        };
        // The orbits of three are near a figure of eight, once round; from starts farther from the paper's two
        // of them come near each other before that.
        let (by, duration) = match self.bodies {
            2 => (0.1, 8.0),
            _ => (0.01, 6.5),
        };
        Some(Motions {
            starts: Domain::of_ranges(about(x, by), about(y, by)),
            duration,
        })
    }

    fn paper_run(&self) -> Option<PaperRun> {
        self.paper_run.clone()
    }
}
