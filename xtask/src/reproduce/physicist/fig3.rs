//! AI Physicist, Figure 3: numbers taken for fractions, by the bits that it saves.

use mass_figures::style::GREEN;
use mass_physicist::FractionLengths as Snapped;

use crate::reproduce::prelude::*;

/// Precision of the numbers, fourteen decimals.
const FLOOR: f64 = 1e-14;

/// What the figure shows (Wu & Tegmark 2019, Fig. 3): `physicist-fig3.json`. K convergents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snaps {
    /// Each number with its approximations.
    numbers: Vec<Snapped>,
}

impl Figure for Snaps {
    const NAME: &'static str = "physicist-fig3";
    const HEADING: &'static str = "AI Physicist, Figure 3";
    const ABOUT: &'static str = "The AI Physicist: when a number is taken for a fraction";
    const CAPTION: &'static str = "Bits of what a fraction leaves of a number at fourteen decimals, against the bits of the fraction, along the number's continued fraction. A generic number is as long either way (slope −1); one that is nearly a simple fraction is not.";
    const NEEDS: Needs = Needs::Nothing;
    type Beyond = ();

    fn make(_: &Job) -> Result<Computed<Self>> {
        let numbers = vec![
            Snapped::of("π", std::f64::consts::PI, FLOOR),
            Snapped::of("√2", std::f64::consts::SQRT_2, FLOOR),
            Snapped::of("1.94444444", 1.944_444_44, FLOOR),
        ];
        Ok(Computed::of(Self { numbers }, (), []))
    }

    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        if self.numbers.iter().all(|one| one.fractions.is_empty()) {
            return Err(DrawError::empty("numbers"));
        }
        let mut sheet = Sheet::new(480.0, "fractions for numbers");
        let frame = Frame::new((90.0, 970.0), (70.0, 400.0), (0.0, 60.0), (0.0, 50.0));
        let mut panel = sheet.panel(frame);
        let colours = [BLUE, VERMILLION, GREEN].into_iter().cycle();
        let mut series = Vec::new();
        let mut all = Vec::new();
        for (one, colour) in self.numbers.iter().zip(colours) {
            let count = one.fractions.len();
            same_lengths!("`fractions`", count, one, [model, data])?;
            let points = finite_points(&one.model, one.data.iter().copied());
            series.push(Series::new(one.name.clone(), colour, 1.4, points.clone()));
            all.push((points, colour));
        }
        series.push(Series::new(
            "as long either way",
            GREY,
            1.0,
            vec![(0.0, 48.0), (48.0, 0.0)],
        ));
        panel
            .plot(&series, Axes::new().x_step(10.0).y_step(10.0))
            .x_label("bits of the fraction");
        for (points, colour) in &all {
            panel.dots(points, 3.4, colour);
        }
        panel.y_label("bits of what it leaves").legend();
        Ok(Some(sheet))
    }

    fn table(&self) -> Option<String> {
        let row = |one: &Snapped| {
            let (place, bits) = one.least()?;
            let (m, n) = one.fractions[place];
            let first = one.sums().first().copied().unwrap_or(f64::NAN);
            Some(vec![
                one.name.clone(),
                format!("{m}/{n}"),
                format!("{bits:.1}"),
                format!("{first:.1}"),
            ])
        };
        let headers = [
            "number",
            "fraction of fewest bits",
            "bits with what it leaves",
            "with its integer part",
        ];
        Some(markdown(&headers, self.numbers.iter().filter_map(row)))
    }

    fn claims(&self, (): &()) -> Result<Vec<Claim>> {
        let mut rows = Vec::new();
        for (place, one) in self.numbers.iter().enumerate() {
            let sums = one.sums();
            let (_, least) = one.least().unwrap_or((0, f64::NAN));
            let saved = median(&sums) - least;
            rows.push(match place {
                2 => claim("a number that is nearly a simple fraction is told by its bits (fewer by more than 10)")
                    .measured(format!("{}: bits saved by the best fraction, from the median of all", one.name), saved)
                    .unit("bits")
                    .above(10.0),
                _ => claim("the length of a generic number hardly depends on the fraction (the best saves less than 10 bits)")
                    .measured(format!("{}: bits saved by the best fraction, from the median of all", one.name), saved)
                    .unit("bits")
                    .below(10.0),
            });
        }
        Ok(rows)
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
    fn a_fraction_stands_at_its_bits() {
        let data = Snaps::example();
        let pi = &data.numbers[0];
        assert_eq!(pi.fractions[..2], [(3, 1), (22, 7)]);
        // 22/7: log₂ 23 · 7 bits, and |π − 22/7| = 1.26e-3.
        let at = ((23.0_f64 * 7.0).log2(), (1.264_489e-3_f64 / 1e-14).log2());
        drawing(&data).panel(0).dot(BLUE, at).key("π", BLUE);
        let nearly = &data.numbers[2];
        let (place, _) = nearly.least().unwrap();
        assert_eq!(nearly.fractions[place], (35, 18));
        let claims = data.claims(&()).unwrap();
        assert!(
            claims.iter().all(|one| one.holds == Some(true)),
            "{claims:?}"
        );
    }
}
