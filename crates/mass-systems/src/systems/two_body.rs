//! The two bodies of the paper.

use super::NBody;
use crate::domain::{Domain, Range};
use crate::system::PaperRun;

impl NBody {
    /// The paper's two bodies, `two_body`; d = 4.
    ///
    /// | | |
    /// |---|---|
    /// | law, Lagrangian, energies | those of [`NBody`] for n = 2 |
    /// | domain | positions in [−2, 2]², velocities in [−1.25, 1.25]², the bodies at least 0.5 apart |
    /// | singular set | both bodies at the same place |
    /// | conserved | energy, momentum, angular momentum |
    /// | source | Fu et al. 2025, Appendix D, Fig. 18 |
    ///
    /// The paper gives a first state but not the states it draws, its step or how long it runs. The
    /// domain is ours and holds that run until t = 10, one and a third of its period of 7.3, in which the
    /// bodies are 0.78 to 2 apart; the pair drifts by (0, 0.125) per unit of time and leaves in the end.
    pub fn two_body() -> Self {
        Self {
            id: "two_body",
            bodies: 2,
            domain: Domain::bodies(
                2,
                Range::between(-2.0, 2.0),
                Range::between(-1.25, 1.25),
                0.5,
            ),
            paper_run: Some(PaperRun {
                figure: "Fig. 18",
                start: Some((vec![-1.0, 0.0, 1.0, 0.0], vec![0.0, 0.5, 0.0, -0.25])),
                dt: None,
            }),
        }
    }
}
