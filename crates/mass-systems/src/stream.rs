//! Random numbers: one ChaCha8 stream for each seed, purpose and key, and nothing global.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a random stream is for; streams of different purposes never overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// The initial parameters of a scientist.
    Init,
    /// The states a scientist is trained on.
    TrainData,
    /// The states a scientist is tested on.
    TestData,
    /// The order in which training states are drawn into batches.
    Batches,
    /// The states at which a trained scientist is read out.
    Evaluation,
}

impl Purpose {
    /// The name that goes into the stream's number: once released it never changes.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::TrainData => "train-data",
            Self::TestData => "test-data",
            Self::Batches => "batches",
            Self::Evaluation => "evaluation",
        }
    }
}

/// The random stream of a seed, a purpose and a key (a system's id, a layer's name, ...).
///
/// The same three always give the same numbers, on every machine and however many other streams are
/// in use: `ChaCha8Rng::seed_from_u64(seed)` moved to the stream whose number is the 64-bit FNV-1a
/// hash of `tag`, a zero byte and `key`.
///
/// # Example
/// ```
/// use mass_systems::{Purpose, stream, uniform};
///
/// let mut first = stream(0, Purpose::TrainData, "kepler");
/// let mut again = stream(0, Purpose::TrainData, "kepler");
/// assert_eq!(uniform(&mut first, 0.0, 1.0), uniform(&mut again, 0.0, 1.0));
/// ```
pub fn stream(seed: u64, purpose: Purpose, key: &str) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let tag = purpose.tag().bytes();
    rng.set_stream(fnv1a(tag.chain([0]).chain(key.bytes())));
    rng
}

/// A number drawn uniformly from `[low, high]`, from the top 53 bits of one 64-bit draw.
///
/// Written out here, rather than taken from a distribution library, so that data do not change with
/// that library's version.
pub fn uniform(rng: &mut impl Rng, low: f64, high: f64) -> f64 {
    let unit = (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    // Rounding may carry the sum past `high` by one unit in the last place.
    (low + (high - low) * unit).min(high)
}

/// An integer drawn uniformly from `0..n`, without bias (Lemire's multiply-and-reject).
pub(crate) fn below(rng: &mut impl Rng, n: u64) -> u64 {
    let threshold = n.wrapping_neg() % n;
    loop {
        let wide = u128::from(rng.next_u64()) * u128::from(n);
        if wide as u64 >= threshold {
            return (wide >> 64) as u64;
        }
    }
}

/// The numbers `0..n` in random order (Fisher–Yates).
pub(crate) fn permutation(rng: &mut impl Rng, n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        order.swap(i, below(rng, i as u64 + 1) as usize);
    }
    order
}

/// 64-bit FNV-1a (Fowler, Noll, Vo): fixed for ever, unlike the standard library's hasher.
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fnv1a_gives_the_published_values() {
        // Test vectors of the FNV reference code.
        assert_eq!(fnv1a("".bytes()), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("a".bytes()), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a("foobar".bytes()), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_permutation_holds_every_number_once_and_all_orders_are_as_likely() {
        let mut rng = stream(1, Purpose::Batches, "permutation");
        let mut counts = std::collections::HashMap::new();
        for _ in 0..6000 {
            let order = permutation(&mut rng, 3);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2]);
            *counts.entry(order).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 6);
        // 1000 expected of each, standard deviation 29: five of them.
        assert!(
            counts.values().all(|&n| n.abs_diff(1000) < 145),
            "{counts:?}"
        );
    }
}
