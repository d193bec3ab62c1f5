//! Figure 16: contours of the learned S, three systems by three scientists.

use mass_figures::Field;
use mass_interp::{ConicSection, QuadraticFit};

use super::prelude::*;

/// Points along each axis.
const POINTS: usize = 61;
/// Scientists of a system that are drawn.
const SHOWN: usize = 3;

/// What figure 16 shows (Fu et al. 2025, Fig. 16): `fig16.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fig16 {
    /// Name of the recipe, `reference`.
    recipe: String,
    /// Panels row by row; a row a system.
    rows: Vec<Row>,
}

/// The scientists of one system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// The system.
    system: String,
    /// Positions, increasing, `[X]`.
    x: Vec<f64>,
    /// Velocities, increasing, `[Y]`.
    y: Vec<f64>,
    /// One map a scientist.
    maps: Vec<Map>,
}

/// S of one scientist on the grid of its row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Map {
    /// Its seed.
    seed: u64,
    /// Its shape in words, `ellipse`.
    shape: String,
    /// R² of the best quadratic form.
    #[serde(with = "nullable::one")]
    quadratic_r2: f64,
    /// S(x, y), row-major `[Y, X]`; `null` outside the domain.
    #[serde(with = "nullable::single")]
    learned: Vec<f64>,
}

impl Figure for Fig16 {
    const NAME: &'static str = "fig16";
    const HEADING: &'static str = "Figure 16";
    const ABOUT: &'static str = "Contours of S: three systems by three scientists";
    const CAPTION: &'static str = "Contours of the learned scalar S: three systems by three scientists, each trained on that system alone. Grey is outside the states.";
    const NEEDS: Needs = Needs::Single(&["classical", "pendulum", "kepler"]);
    /// The best quadratic of every scientist of every system, where there is one.
    type Beyond = Vec<Vec<Option<QuadraticFit>>>;

    fn make(job: &Job) -> Result<Computed<Self>> {
        let (mut populations, mut rows, mut fits) = (Vec::new(), Vec::new(), Vec::new());
        for request in &job.requests {
            let population = Population::train(request)?;
            let (row, all) = row(&population)?;
            rows.push(row);
            fits.push(all);
            populations.push(population);
        }
        let recipe = job.requests[0].recipe.name.clone();
        Ok(Computed::of(Self { recipe, rows }, fits, &populations).chosen(
            "the three lowest seeds that are correct on the system, or the lowest others if they are fewer",
        ))
    }

    /// A contour map with its own colour bar for every system and scientist, numbered as the paper does
    /// (row.column).
    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        const TOP: f64 = 94.0;
        let columns = self.rows.iter().map(|row| row.maps.len()).max();
        let columns = columns.filter(|columns| *columns > 0);
        let columns = columns.ok_or(DrawError::empty("rows"))?;
        let pitch = 964.0 / columns.max(3) as f64;
        let side = pitch - 126.0;
        let row_height = side + 96.0;
        let title = format!("recipe {}, scientists of one system each", self.recipe);
        let height = TOP + row_height * self.rows.len() as f64 - 40.0;
        let mut sheet = Sheet::new(height, title);
        for (place, row) in self.rows.iter().enumerate() {
            let top = TOP + row_height * place as f64;
            for (column, one) in row.maps.iter().enumerate() {
                let left = 52.0 + pitch * column as f64;
                let field = Field::new("learned", &row.x, &row.y, &one.learned)?;
                let number = format!("{}.{}", place + 1, column + 1);
                let heading = format!("{number} {}, seed {}: {}", row.system, one.seed, one.shape);
                let mut panel = sheet.panel(field.frame((left, left + side), (top, top + side)));
                panel.contours(&field, "S")?;
                // Axis labels close to the axes: the rows stand near each other.
                panel
                    .text((left - 26.0, top - 32.0), &heading, TICK, Anchor::Start)
                    .text((left - 18.0, top - 9.0), "y = ẋ", TICK, Anchor::Start)
                    .below("x", 36.0, TICK);
            }
        }
        Ok(Some(sheet))
    }

    fn claims(&self, fits: &Self::Beyond) -> Result<Vec<Claim>> {
        let mut rows = Vec::new();
        for (row, fits) in self.rows.iter().zip(fits) {
            let r2 = fits
                .iter()
                .map(|fit| fit.as_ref().map_or(f64::NAN, |fit| fit.r2));
            let count = |shape| {
                fits.iter()
                    .filter(|fit| ConicSection::of(fit.as_ref()) == shape)
                    .count()
            };
            rows.push(
                claim(format!(
                    "the shape closely resembles a conic section (R² > 0.9; {} elliptical, {} hyperbolic, {} degenerate, {} no conic)",
                    count(ConicSection::Ellipse),
                    count(ConicSection::Hyperbola),
                    count(ConicSection::Degenerate),
                    count(ConicSection::Other)
                ))
                .measured(
                    format!(
                        "{}: R² of S ≈ its best quadratic, median of {} scientists",
                        row.system,
                        fits.len()
                    ),
                    median(&r2.collect::<Vec<_>>()),
                )
                .above(0.9),
            );
        }
        let kinds = [
            ConicSection::Ellipse,
            ConicSection::Hyperbola,
            ConicSection::Degenerate,
        ];
        let seen = |shape: &&ConicSection| {
            let mut all = fits.iter().flatten();
            all.any(|fit| fit.is_some() && ConicSection::of(fit.as_ref()) == **shape)
        };
        let kinds = kinds.iter().filter(seen).count();
        rows.push(
            claim("the shapes are elliptical, hyperbolic, and degenerate (parabolic or nearly straight lines)")
                .measured("kinds of conic sections among all scientists", kinds as f64)
                .unit("kinds")
                .holds(kinds == 3),
        );
        Ok(rows)
    }

    #[cfg(test)]
    fn example() -> Self {
        // Conic sections.
        let axis = |low: f64, high: f64| -> Vec<f64> {
            (0..61)
                .map(|i| low + (high - low) * f64::from(i) / 60.0)
                .collect()
        };
        let row = |system: &str, x: Vec<f64>, y: Vec<f64>, gap: f64| Row {
            system: system.into(),
            maps: [(0, 1.0, 1.0), (1, 1.0, -0.8), (4, 0.02, -3.0)]
                .map(|(seed, a, b)| Map {
                    seed,
                    shape: if a * b > 0.0 { "ellipse" } else { "hyperbola" }.into(),
                    quadratic_r2: 0.99,
                    learned: y
                        .iter()
                        .flat_map(|y| x.iter().map(move |x| (*x, *y)))
                        .map(|(x, y)| match x.abs() < gap {
                            true => f64::NAN,
                            false => a * x * x + 0.2 * x * y + b * y * y - 0.1 * x,
                        })
                        .collect(),
                })
                .to_vec(),
            x,
            y,
        };
        Self {
            recipe: "reference".into(),
            rows: vec![
                row("classical", axis(-1.0, 1.0), axis(-1.0, 1.0), 0.0),
                row("pendulum", axis(-3.0, 3.0), axis(-3.0, 3.0), 0.0),
                row("kepler", axis(-2.0, 2.0), axis(0.0, 1.0), 0.5),
            ],
        }
    }
}

/// The maps of the scientists that are shown, and the best quadratic of each of all.
fn row(population: &Population) -> Result<(Row, Vec<Option<QuadraticFit>>)> {
    let scientists = population.at_end()?;
    let seeds = population.seeds();
    let order = population.correct_first(population.phases(), SHOWN)?;
    let grids = scientists
        .iter()
        .map(|one| one.scalar_over_domain(0, 0, POINTS));
    let grids = grids.collect::<Result<Vec<_>, _>>()?;
    let fits = grids
        .iter()
        .map(|grid| QuadraticFit::of(&grid.x, &grid.y, &grid.values).ok());
    let fits: Vec<_> = fits.collect();
    let maps = order.iter().map(|place| Map {
        seed: seeds[*place],
        shape: ConicSection::of(fits[*place].as_ref()).name().into(),
        quadratic_r2: fits[*place].as_ref().map_or(f64::NAN, |fit| fit.r2),
        learned: grids[*place].values.clone(),
    });
    let row = Row {
        system: population.systems()[0].clone(),
        x: grids[0].x.clone(),
        y: grids[0].y.clone(),
        maps: maps.collect(),
    };
    Ok((row, fits))
}

#[cfg(test)]
mod tests {
    use mass_figures::style::{MISSING, extent};

    use super::*;
    use crate::reproduce::{
        figure::tests::{axes_are_named, drawing, height_of},
        holds,
    };

    #[test]
    fn each_map_is_in_its_row_and_column() {
        let data = Fig16::example();
        let drawing = drawing(&data);
        let texts = mass_figures::inspect::texts(drawing.svg());
        for (place, row) in data.rows.iter().enumerate() {
            for (column, map) in row.maps.iter().enumerate() {
                let panel = drawing.panel(3 * place + column);
                let heading = format!(
                    "{}.{} {}, seed {}: {}",
                    place + 1,
                    column + 1,
                    row.system,
                    map.seed,
                    map.shape
                );
                panel.label(&heading).label("y = ẋ").label("x").label("S");
                axes_are_named(&drawing, 3 * place + column, "x", "y = ẋ");
                let text = texts.iter().find(|text| text.content == heading).unwrap();
                assert!((text.at.0 - 26.0 - 964.0 / 3.0 * column as f64).abs() < 0.01);
                // The colours of the highest and the lowest node, a little inside.
                let (low, high) = extent(map.learned.iter().copied()).unwrap();
                let node = |value: f64| {
                    let at = map.learned.iter().position(|v| *v == value).unwrap();
                    let (x, y) = (row.x[at % row.x.len()], row.y[at / row.x.len()]);
                    (0.999 * x, 0.999 * y + 0.001 * (row.y[0] + row.y[60]) / 2.0)
                };
                let height = |value: f64| height_of(&panel.filled(node(value)).unwrap());
                // What is beside Kepler's gap is grey.
                let lowest = map.learned.iter().any(|v| v.is_nan()) || height(low) < 0.15;
                assert!(height(high) > 0.85 && lowest, "{heading}");
            }
        }
        // Kepler's states have a gap in the middle.
        drawing.panel(6).fill(MISSING, (0.0, 0.5));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let mut data = Fig16::example();
        data.rows[1].maps[1].learned.pop();
        let error = data.draw().err();
        assert!(matches!(
            error,
            Some(DrawError::Shape {
                what: "learned",
                ..
            })
        ));
        data.rows[1].maps.clear();
        data.rows[2].y.reverse();
        let error = data.draw().err();
        assert!(matches!(error, Some(DrawError::Shape { what: "y", .. })));
    }

    /// S = a x² + b y², and what is no conic section.
    fn scientist(scalar: impl Fn(f64, f64) -> f64) -> Option<QuadraticFit> {
        let axis: Vec<f64> = (0..21).map(|i| f64::from(i) / 10.0 - 1.0).collect();
        let nodes = axis.iter().flat_map(|y| axis.iter().map(|x| (*x, *y)));
        let learned: Vec<f64> = nodes.map(|(x, y)| scalar(x, y)).collect();
        QuadraticFit::of(&axis, &axis, &learned).ok()
    }

    fn claims(fits: Vec<Option<QuadraticFit>>) -> Vec<Claim> {
        let row = Row {
            system: "classical".into(),
            x: vec![],
            y: vec![],
            maps: vec![],
        };
        let data = Fig16 {
            recipe: "reference".into(),
            rows: vec![row],
        };
        data.claims(&vec![fits]).unwrap()
    }

    #[test]
    fn conic_sections_are_told_apart_and_counted() {
        let ellipse = || scientist(|x, y| x * x + 2.0 * y * y + 0.1 * x);
        let hyperbola = || scientist(|x, y| x * x - 2.0 * y * y);
        let lines = || scientist(|x, y| 3.0 * x - y);
        let rows = claims(vec![ellipse(), hyperbola(), lines(), ellipse()]);
        assert_eq!(holds(&rows, "classical: R² of S"), Some(true));
        assert!(
            rows[0]
                .claim
                .contains("2 elliptical, 1 hyperbolic, 1 degenerate, 0 no conic")
        );
        assert_eq!(holds(&rows, "kinds of conic"), Some(true));
        // Two kinds are not three.
        let rows = claims(vec![ellipse(), ellipse(), lines()]);
        assert_eq!((rows[1].ours, rows[1].holds), (Some(2.0), Some(false)));
        // What is no conic section is counted as such, and brings R² down.
        let wave = || scientist(|x, y| (9.0 * x).sin() * (9.0 * y).cos());
        let rows = claims(vec![wave(), wave(), ellipse()]);
        assert_eq!(holds(&rows, "classical: R² of S"), Some(false));
        assert!(
            rows[0]
                .claim
                .contains("1 elliptical, 0 hyperbolic, 0 degenerate, 2 no conic")
        );
        // A scalar that cannot be fitted says nothing, and bears nothing out.
        let rows = claims(vec![None]);
        assert_eq!(holds(&rows, "classical: R² of S"), None);
        assert!(rows[0].claim.contains("1 no conic"));
    }
}
