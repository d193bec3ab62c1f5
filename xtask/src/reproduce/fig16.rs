//! Figure 16: contours of the learned S, three systems by three scientists.

use anyhow::{Context, Result};
use mass_interp::{Plane, Scientist, axis};

use super::{
    Job, Output,
    population::Population,
    quadratic::{Quadratic, Shape},
    statistics::median,
};
use crate::{
    comparison::Comparison,
    draw::fig16::{Fig16, Fig16Map, Fig16Row, draw},
};

/// Points along each axis.
const POINTS: usize = 61;
/// Scientists of a system that are drawn.
const SHOWN: usize = 3;

pub(super) fn reproduce(job: &Job) -> Result<()> {
    let requests = &job.requests;
    let (mut populations, mut rows, mut fits) = (Vec::new(), Vec::new(), Vec::new());
    for request in requests {
        let population = Population::train(request)?;
        let scientists = population.at_end()?;
        let correct = population.correct(population.phases())?;
        // The lowest seeds that are correct; where they are too few, the lowest others.
        let mut order: Vec<usize> = (0..scientists.len()).collect();
        order.sort_by_key(|place| (!correct[*place], population.seeds()[*place]));
        order.truncate(SHOWN);
        let grid = Grid::of(&scientists[0])?;
        let maps = order.iter().map(|place| {
            let learned = grid.learned(&scientists[*place])?;
            let fit = Quadratic::of(&grid.x, &grid.y, &learned).ok();
            Ok(Fig16Map {
                seed: population.seeds()[*place],
                shape: fit
                    .as_ref()
                    .map_or(Shape::Other, Quadratic::conic_section)
                    .name()
                    .into(),
                quadratic_r2: fit.map_or(f64::NAN, |fit| fit.r2),
                learned,
            })
        });
        let maps = maps.collect::<Result<Vec<_>>>()?;
        let all = scientists.iter().map(|one| {
            let learned = grid.learned(one)?;
            Ok(Quadratic::of(&grid.x, &grid.y, &learned).ok())
        });
        fits.push(all.collect::<Result<Vec<_>>>()?);
        rows.push(Fig16Row {
            system: request.systems[0].clone(),
            x: grid.x,
            y: grid.y,
            maps,
        });
        populations.push(population);
    }
    let output = Output::new(job, "fig16")?.chosen(
        "the three lowest seeds that are correct on the system, or the lowest others if they are fewer",
    );
    let data = output.data(&Fig16 {
        recipe: requests[0].recipe.name.clone(),
        rows,
    })?;
    output.picture(&draw(&data)?)?;
    let trained = populations.iter().map(Population::trained).collect();
    output.comparison(trained, &comparisons(&data, &fits))
}

/// A grid over the domain of a system's states, and which of its nodes lie inside.
struct Grid {
    x: Vec<f64>,
    y: Vec<f64>,
    inside: Vec<bool>,
}

impl Grid {
    fn of(scientist: &Scientist) -> Result<Self> {
        let Some(system) = scientist.systems()[0].system() else {
            anyhow::bail!("Figure 16 is of known systems");
        };
        let domain = system.domain();
        let (x, y) = (axis(&domain.x()[0], POINTS)?, axis(&domain.y()[0], POINTS)?);
        let inside = y
            .iter()
            .flat_map(|y| {
                x.iter()
                    .map(|x| domain.contains(&[*x], &[*y]))
                    .collect::<Vec<_>>()
            })
            .collect();
        Ok(Self { x, y, inside })
    }

    /// S at the nodes, `[Y, X]`; NaN outside the domain, where nothing was learned.
    fn learned(&self, scientist: &Scientist) -> Result<Vec<f64>> {
        let plane = Plane::phase(1, 0).context("one degree of freedom has a plane")?;
        let grid = scientist.scalar_grid(0, &plane, &self.x, &self.y)?;
        let nodes = grid.values.iter().zip(&self.inside);
        Ok(nodes
            .map(|(value, inside)| if *inside { *value } else { f64::NAN })
            .collect())
    }
}

fn comparisons(data: &Fig16, fits: &[Vec<Option<Quadratic>>]) -> Vec<Comparison> {
    let mut rows = Vec::new();
    for (row, fits) in data.rows.iter().zip(fits) {
        let r2: Vec<f64> = fits
            .iter()
            .map(|fit| fit.as_ref().map_or(f64::NAN, |fit| fit.r2))
            .collect();
        let middle = median(&r2);
        let count = |shape: Shape| {
            let of = |fit: &&Option<Quadratic>| {
                fit.as_ref().map_or(Shape::Other, Quadratic::conic_section) == shape
            };
            fits.iter().filter(of).count()
        };
        rows.push(Comparison::new(
            format!(
                "{}: R² of S ≈ its best quadratic, median of {} scientists",
                row.system,
                fits.len()
            ),
            None,
            middle,
            "1",
            format!(
                "the shape closely resembles a conic section (R² > 0.9; {} elliptical, {} hyperbolic, {} degenerate, {} no conic)",
                count(Shape::Ellipse),
                count(Shape::Hyperbola),
                count(Shape::Degenerate),
                count(Shape::Other)
            ),
            middle > 0.9,
        ));
    }
    let seen = |shape: Shape| {
        let mut all = fits.iter().flatten().flatten();
        all.any(|fit| fit.conic_section() == shape)
    };
    let kinds = [Shape::Ellipse, Shape::Hyperbola, Shape::Degenerate].map(seen);
    let kinds = kinds.iter().filter(|seen| **seen).count();
    rows.push(Comparison::new(
        "kinds of conic sections among all scientists",
        None,
        kinds as f64,
        "kinds",
        "the shapes are elliptical, hyperbolic, and degenerate (parabolic or nearly straight lines)",
        kinds == 3,
    ));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::holds;

    /// S = a x² + b y², and what is no conic section.
    fn scientist(scalar: impl Fn(f64, f64) -> f64) -> Option<Quadratic> {
        let axis: Vec<f64> = (0..21).map(|i| f64::from(i) / 10.0 - 1.0).collect();
        let nodes = axis.iter().flat_map(|y| axis.iter().map(|x| (*x, *y)));
        let learned: Vec<f64> = nodes.map(|(x, y)| scalar(x, y)).collect();
        Quadratic::of(&axis, &axis, &learned).ok()
    }

    fn claims(fits: Vec<Option<Quadratic>>) -> Vec<Comparison> {
        let row = Fig16Row {
            system: "classical".into(),
            x: vec![],
            y: vec![],
            maps: vec![],
        };
        let data = Fig16 {
            recipe: "reference".into(),
            rows: vec![row],
        };
        comparisons(&data, &[fits])
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
