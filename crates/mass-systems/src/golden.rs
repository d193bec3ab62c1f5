//! The least value of a function of one number.

/// Where a function that falls and then rises between two places is least, by golden section (Kiefer 1953): the middle
/// of an interval no longer than `width` that holds it. Of a function with several minima it is one of them.
///
/// # Example
/// ```
/// use mass_systems::golden_section;
///
/// let least = golden_section(|x| (x - 0.3) * (x - 0.3), -1.0, 2.0, 1e-6);
/// assert!((least - 0.3).abs() < 1e-6);
/// ```
pub fn golden_section(f: impl Fn(f64) -> f64, low: f64, high: f64, width: f64) -> f64 {
    let (mut a, mut b) = (low, high);
    let ratio = (5_f64.sqrt() - 1.0) / 2.0;
    let (mut c, mut d) = (b - ratio * (b - a), a + ratio * (b - a));
    let (mut at_c, mut at_d) = (f(c), f(d));
    while b - a > width {
        if at_c < at_d {
            (b, d, at_d) = (d, c, at_c);
            c = b - ratio * (b - a);
            at_c = f(c);
        } else {
            (a, c, at_c) = (c, d, at_d);
            d = a + ratio * (b - a);
            at_d = f(d);
        }
    }
    (a + b) / 2.0
}
