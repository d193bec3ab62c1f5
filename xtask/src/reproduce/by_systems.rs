//! What Figures 10 and 11 share: courses over the number of systems.

use mass_figures::ByCount;
use mass_interp::Estimate;

/// What their panels are over.
pub(super) const SYSTEMS: &str = "number of systems";

/// A panel of shares of scientists, in percent.
pub(super) const SHARES: ByCount<'static> = ByCount {
    across: ByCount::THREE[0],
    down: ByCount::FIRST_ROW,
    letter: 'a',
    heading: "% of scientists",
    y: (-4.0, 104.0),
    step: Some(25.0),
};

/// Shares in percent, for a course.
pub(super) fn percent<'e>(
    shares: impl IntoIterator<Item = &'e Estimate>,
) -> impl Iterator<Item = Estimate> {
    shares.into_iter().map(Estimate::percent)
}
