//! Figure 4: the learned scalar S beside x² + y².

use anyhow::{Context, Result};
use mass_core::TrainingSystem;
use mass_interp::{Plane, ScalarGrid, axis, fit_affine};
use mass_systems::System;
use nalgebra::{DMatrix, DVector};

use super::{Output, scientist};
use crate::{
    comparison::Comparison,
    draw::fig4::{Fig4, draw},
    training::Request,
};

/// Points along each axis.
const POINTS: usize = 101;

pub(super) fn reproduce(request: &Request) -> Result<()> {
    let (run, scientist) = scientist(request)?;
    let TrainingSystem::Known(system) = &scientist.systems()[0] else {
        anyhow::bail!("Figure 4 is of a known system");
    };
    let domain = system.domain();
    let (x, y) = (axis(&domain.x()[0], POINTS)?, axis(&domain.y()[0], POINTS)?);
    let plane = Plane::phase(1, 0)?;
    let learned = scientist.scalar_grid(0, &plane, &x, &y)?;
    let truth = ScalarGrid::from_fn(&plane, &x, &y, |x, y| x[0] * x[0] + y[0] * y[0])?;

    let output = Output::new(&request.out, "fig4")?;
    let data = output.data(&Fig4 {
        system: system.id(),
        recipe: run.record().recipe.name.clone(),
        seed: scientist.seed(),
        x,
        y,
        learned: learned.values,
        hamiltonian: truth.values,
    })?;
    output.picture(&draw(&data)?)?;
    output.comparison(&comparisons(&data)?)
}

fn comparisons(data: &Fig4) -> Result<Vec<Comparison>> {
    let fit = fit_affine(&data.learned, &data.hamiltonian)?;
    let quadratic = quadratic(data).context("S on the grid has no finite quadratic fit")?;
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
        ),
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

/// The least-squares quadratic S ≈ c₀ + c₁x + c₂y + c₃x² + c₄xy + c₅y².
struct Quadratic {
    r2: f64,
    /// 4 c₃ c₅ − c₄²: the determinant of its Hessian.
    determinant: f64,
}

fn quadratic(data: &Fig4) -> Option<Quadratic> {
    let nodes: Vec<(f64, f64)> = data
        .y
        .iter()
        .flat_map(|y| data.x.iter().map(|x| (*x, *y)))
        .collect();
    let columns = DMatrix::from_fn(nodes.len(), 6, |row, column| {
        let (x, y) = nodes[row];
        [1.0, x, y, x * x, x * y, y * y][column]
    });
    let s = DVector::from_column_slice(&data.learned);
    // Normal equations: six well-scaled columns on a regular grid.
    let c = columns
        .tr_mul(&columns)
        .cholesky()?
        .solve(&columns.tr_mul(&s));
    let residual = (&s - &columns * &c).norm_squared();
    let r2 = 1.0 - residual / s.add_scalar(-s.mean()).norm_squared();
    r2.is_finite().then_some(Quadratic {
        r2,
        determinant: 4.0 * c[3] * c[5] - c[4] * c[4],
    })
}
