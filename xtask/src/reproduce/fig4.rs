//! Figure 4: the learned scalar S beside x² + y².

use anyhow::{Context, Result};
use mass_interp::{Plane, ScalarGrid, axis, fit_affine};

use super::{Job, Output, population::scientist, quadratic::Quadratic};
use crate::{
    comparison::Comparison,
    draw::fig4::{Fig4, draw},
};

/// Points along each axis.
const POINTS: usize = 101;

pub(super) fn reproduce(job: &Job) -> Result<()> {
    let (population, scientist) = scientist(job.request())?;
    let Some(system) = scientist.systems()[0].system() else {
        anyhow::bail!("Figure 4 is of a known system");
    };
    let domain = system.domain();
    let (x, y) = (axis(&domain.x()[0], POINTS)?, axis(&domain.y()[0], POINTS)?);
    let plane = Plane::phase(1, 0)?;
    let learned = scientist.scalar_grid(0, &plane, &x, &y)?;
    let truth = ScalarGrid::from_fn(&plane, &x, &y, |x, y| x[0] * x[0] + y[0] * y[0])?;

    let output = Output::new(job, "fig4")?;
    let data = output.data(&Fig4 {
        system: system.id(),
        recipe: scientist.recipe().name.clone(),
        seed: scientist.seed(),
        x,
        y,
        learned: learned.values,
        hamiltonian: truth.values,
    })?;
    output.picture(&draw(&data)?)?;
    output.comparison(vec![population.trained()], &comparisons(&data)?)
}

fn comparisons(data: &Fig4) -> Result<Vec<Comparison>> {
    let fit = fit_affine(&data.learned, &data.hamiltonian)?;
    let quadratic = Quadratic::of(&data.x, &data.y, &data.learned)
        .context("S on the grid has no finite quadratic fit")?;
    let least = data.learned.iter().copied().fold(f64::INFINITY, f64::min);
    Ok(vec![
        Comparison::new(
            "R² of S ≈ a (x² + y²) + c",
            None,
            fit.r2,
            "1",
            "the learned S resembles the Hamiltonian x² + y² up to factor and constant (R² > 0.9)",
            fit.r2 > 0.9,
        ),
        Comparison::new(
            "R² of S ≈ its best quadratic",
            None,
            quadratic.r2,
            "1",
            "where S is not like x² + y², its contours are those of another conic section (R² > 0.9)",
            quadratic.r2 > 0.9,
        ),
        Comparison::new(
            "product of the quadratic's principal curvatures",
            None,
            quadratic.determinant,
            "1",
            "its contours are ellipses, as a Hamiltonian's (positive), not hyperbolas, as a Lagrangian's",
            quadratic.determinant > 0.0,
        )
        .of_ours(),
        Comparison::new(
            "smallest S in the domain",
            None,
            least,
            "1",
            "S also takes negative values, which an energy would not",
            least < 0.0,
        ),
    ])
}
