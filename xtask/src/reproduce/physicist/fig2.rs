//! AI Physicist, Figure 2: how long the description of a number is.

use mass_figures::style::INK;
use mass_physicist::{integer_bits, log_plus, rational_bits};

use crate::reproduce::prelude::*;

/// Fractions up to this number, with denominators up to the other.
const MOST: i64 = 3;
const DENOMINATORS: i64 = 12;

/// What the figure shows (Wu & Tegmark 2019, Fig. 2): `physicist-fig2.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lengths {
    /// Numerator and denominator of each fraction in lowest terms, denominators from 1 on.
    fractions: Vec<(i64, u64)>,
    /// The bits of each (Eq. 6).
    bits: Vec<f64>,
    /// |r|/ε, increasing, `[P]`.
    errors: Vec<f64>,
    /// log₊ of each (Eq. 8), `[P]`.
    #[serde(with = "nullable")]
    error_bits: Vec<f64>,
}

impl Figure for Lengths {
    const NAME: &'static str = "physicist-fig2";
    const HEADING: &'static str = "AI Physicist, Figure 2";
    const ABOUT: &'static str = "The AI Physicist: description lengths of numbers";
    const CAPTION: &'static str = "Description lengths: (a) of integers and fractions; (b) of a real number by its precision floor, which is quadratic below it and that of the nearest integer above.";
    const NEEDS: Needs = Needs::Nothing;
    type Beyond = ();

    fn make(_: &Job) -> Result<Computed<Self>> {
        let of = |n: i64| (0..=MOST * n).map(move |m| mass_physicist::Fraction::new(m, n));
        let whole = (1..=DENOMINATORS).flat_map(|n| of(n).filter(move |f| *f.denom() == n));
        let fractions: Vec<(i64, u64)> = whole.map(|f| (*f.numer(), *f.denom() as u64)).collect();
        let errors: Vec<f64> = (0..=200).map(|i| 0.05 * f64::from(i)).collect();
        let data = Self {
            bits: fractions
                .iter()
                .map(|(m, n)| rational_bits(*m, *n))
                .collect(),
            error_bits: errors.iter().map(|x| log_plus(*x)).collect(),
            fractions,
            errors,
        };
        Ok(Computed::of(data, (), []))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        same_lengths!("`fractions`", self.fractions.len(), self, [bits])?;
        same_lengths!("`errors`", self.errors.len(), self, [error_bits])?;
        if self.fractions.is_empty() {
            return Err(DrawError::empty("fractions"));
        }
        let mut sheet = Sheet::new(430.0, "bits of a number");
        let down = (70.0, 330.0);
        let frame = Frame::new(
            (72.0, 560.0),
            down,
            (-0.05, MOST as f64 + 0.05),
            (0.0, 10.0),
        );
        let mut panel = sheet.panel(frame);
        panel
            .letter('a', 40.0)
            .heading("bits of an integer or a fraction m/n", 72.0, TICK);
        panel
            .axes(Axes::new().x_step(0.5).y_step(2.0))
            .x_label("the number");
        let points = self.fractions.iter().zip(&self.bits);
        let (whole, broken): (Vec<_>, Vec<_>) = points
            .map(|((m, n), bits)| (*n, (*m as f64 / *n as f64, *bits)))
            .partition(|(n, _)| *n == 1);
        let only =
            |all: Vec<(u64, (f64, f64))>| all.into_iter().map(|(_, at)| at).collect::<Vec<_>>();
        panel
            .dots(&only(broken), 2.6, BLUE)
            .dots(&only(whole), 4.6, VERMILLION);
        panel
            .key("integers", VERMILLION, Swatch::Dot)
            .key("fractions", BLUE, Swatch::Dot);
        panel.legend_below();

        let frame = Frame::new((640.0, 970.0), down, (0.0, 10.0), (0.0, 4.0));
        let mut panel = sheet.panel(frame);
        panel
            .letter('b', 608.0)
            .heading("bits of a real number r", 640.0, TICK);
        let pairs = |of: &dyn Fn(f64, f64) -> f64, until: f64| -> Vec<(f64, f64)> {
            let all = self.errors.iter().zip(&self.error_bits);
            let all = all.filter(|(x, bits)| **x <= until && bits.is_finite());
            all.map(|(x, bits)| (*x, of(*x, *bits))).collect()
        };
        let square = |x: f64, _: f64| 0.5 * x * x * std::f64::consts::LOG2_E;
        let series = [
            Series::new("log₊", BLUE, 2.2, pairs(&|_, bits| bits, 10.0)),
            Series::new("½ (r/ε)² log₂ e", GREY, 1.4, pairs(&square, 2.0)),
        ];
        panel
            .plot(&series, Axes::new().x_step(2.0).y_step(1.0))
            .x_label("|r| by the floor ε");
        let whole: Vec<(f64, f64)> = (0..=10).map(|m| (m as f64, integer_bits(m))).collect();
        panel
            .dots(&whole, 3.2, INK)
            .key("integers", INK, Swatch::Dot)
            .legend_below();
        Ok(Some(sheet))
    }

    fn claims(&self, (): &()) -> Result<Vec<Claim>> {
        let of = |m: i64, n: u64| {
            let place = self.fractions.iter().position(|one| *one == (m, n));
            place.map_or(f64::NAN, |place| self.bits[place])
        };
        let at = |x: f64| {
            let place = self.errors.iter().position(|one| (one - x).abs() < 1e-9);
            place.map_or(f64::NAN, |place| self.error_bits[place])
        };
        let last = at(10.0) - integer_bits(10);
        Ok(vec![
            claim("an integer m has log₂(1 + |m|) bits, and a fraction those of both its numbers")
                .measured("bits of 3/2 less those of 3 and of the natural number 2", of(3, 2) - of(3, 1) - 1.0)
                .unit("bits")
                .between(-1e-12, 1e-12),
            claim("a real number well above its floor has about the bits of the nearest integer (within 0.2)")
                .measured("log₊ 10 less the bits of 10", last)
                .unit("bits")
                .between(-0.2, 0.2),
            claim("below the floor it is quadratic, a mean squared error (within 3 %)")
                .measured("log₊ 0.2 by ½ 0.2² log₂ e", at(0.2) / (0.02 * std::f64::consts::LOG2_E))
                .between(0.97, 1.0),
        ])
    }

    #[cfg(test)]
    fn example() -> Self {
        let job = crate::reproduce::job::nothing();
        Self::make(&job).unwrap().data
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reproduce::figure::tests::drawing;

    #[test]
    fn numbers_stand_at_their_bits() {
        let data = Lengths::example();
        let drawing = drawing(&data);
        drawing
            .lettered('a')
            .dot(VERMILLION, (0.0, 0.0))
            .dot(VERMILLION, (3.0, 2.0))
            .dot(BLUE, (0.5, 2.0))
            .key("fractions", BLUE);
        drawing
            .lettered('b')
            .dot(INK, (3.0, 2.0))
            .key("integers", INK);
        let claims = data.claims(&()).unwrap();
        assert!(
            claims.iter().all(|one| one.holds == Some(true)),
            "{claims:?}"
        );
    }
}
