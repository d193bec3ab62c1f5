//! From which numbers on something is said.

/// A theory whose error is at most so many times that of the best is as good.
pub(super) const AS_GOOD: f64 = 1.5;
/// A Lagrangian that misses more says nothing of energy.
pub(super) const HALF: f64 = 0.5;
/// A law that misses more of ẏ's deviation than the first explains it roughly, than the second hardly.
pub(super) const ROUGH: f64 = 0.15;
pub(super) const POOR: f64 = 0.6;
/// The error from which on a law is known roughly only, where the accelerations are known to this share of their deviation:
/// of noisy ones much is missed by the law itself.
pub(super) fn roughly(noise: f64) -> f64 {
    let noise = if noise.is_finite() { noise } else { 0.0 };
    ROUGH.max(MUCH * noise)
}
/// An error of so many times that of the accelerations is not explained by it, nor is one above this share.
pub(super) const MUCH: f64 = 2.0;
pub(super) const LEAST_SHARE: f64 = 1e-3;
/// An error of so many times another is the same.
pub(super) const SAME: f64 = 1.1;
/// A coefficient of so many standard errors is there, if what it makes is this share of the accelerations.
pub(super) const SIGNIFICANT: f64 = 4.0;
pub(super) const WORTH: f64 = 3e-3;
/// Networks of each kind where they are called for and nobody says how many.
pub(super) const SCIENTISTS: u64 = 4;
/// Rows that networks learn from, at least, where nobody asks for them.
pub(super) const LEAST_FOR_NETWORKS: usize = 100;
/// What no Lagrangian explains of a law, as a share of its rate, from which on it has none; below the first it has one.
pub(super) const HAS_ONE: f64 = 0.05;
pub(super) const HAS_NONE: f64 = 0.2;
/// What varies along a motion by no more than this share of its size is kept.
pub(super) const KEPT: f64 = 0.01;
/// An error of so many times that of the accelerations has a cause that the formula lacks.
pub(super) const FAR: f64 = 5.0;
/// A Lagrangian of one position with more terms may be what a friction of another kind looks like.
pub(super) const LONG: usize = 3;
/// A stretch shorter than this share of the longest says nothing of how far a law follows.
pub(super) const SHORT: f64 = 0.1;
/// A law that is followed for less than this share of what was held out, and misses much, is known roughly only.
pub(super) const SHORT_OF: f64 = 0.25;
