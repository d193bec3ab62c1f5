//! The three bodies of the paper.

use super::NBody;
use crate::domain::{Domain, Range};
use crate::system::PaperRun;

impl NBody {
    /// The paper's three bodies, `three_body`; d = 6.
    ///
    /// | | |
    /// |---|---|
    /// | law, Lagrangian, energies | those of [`NBody`] for n = 3 |
    /// | domain | positions in [−2, 2]², velocities in [−1.5, 1.5]², no two bodies closer than 0.5 |
    /// | singular set | two bodies at the same place |
    /// | conserved | energy, momentum, angular momentum |
    /// | source | Fu et al. 2025, Appendix D, Fig. 19 |
    ///
    /// The paper gives a first state, near the figure-8 orbit, but not the states it draws, its step or
    /// how long it runs. The domain is ours and holds that run until t = 10.
    pub fn three_body() -> Self {
        Self {
            id: "three_body",
            bodies: 3,
            domain: Domain::bodies(3, Range::between(-2.0, 2.0), Range::between(-1.5, 1.5), 0.5),
            paper_run: Some(PaperRun {
                figure: "Fig. 19",
                start: Some((
                    vec![-1.0, 0.25, 0.0, 0.0, 1.0, -0.25],
                    vec![0.45, 0.43, -1.0, -0.9, 0.44, 0.43],
                )),
                dt: None,
            }),
        }
    }
}
