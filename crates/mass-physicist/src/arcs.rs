//! Laws under noise: whole stretches of a motion fitted at once, which noise in what is given does not bend.

use nalgebra::{DMatrix, DVector};

use crate::design::{Design, Solver};

/// A law fitted to stretches of motion, with what the stretches say of its constants.
pub(crate) struct ArcFit {
    pub(crate) law: Vec<f64>,
    /// Of the law's constants `[D·F, D·F]`, in units of the noise's variance.
    pub(crate) information: DMatrix<f64>,
    /// Of a position, in the design's units.
    pub(crate) noise: f64,
}

/// A stretch: its positions in the design's units `[rows, D]`, and the two that it begins with, which are fitted.
struct Arc {
    seen: Vec<f64>,
    start: Vec<f64>,
}

/// A stretch longer than this is cut: what it starts with matters less and less.
const LONGEST: usize = 60;
const ROUNDS: usize = 8;

/// Fits a law to stretches of consecutive windows; `positions` `[N, 3·D]` are the windows' own, in the design's
/// units. Gauss–Newton on the positions that the law predicts from each stretch's first two; stretches that do not
/// fit are left out. None if it does not converge or too few remain.
pub(crate) fn fit_arcs(
    design: &Design,
    law: &[f64],
    stretches: &[Vec<usize>],
    positions: &[f64],
) -> Option<ArcFit> {
    let d = design.d;
    let width = 3 * d;
    let mut arcs: Vec<Arc> = Vec::new();
    for stretch in stretches {
        for part in stretch.chunks(LONGEST) {
            if part.len() < 3 {
                continue;
            }
            let first = part[0] * width;
            let mut seen = positions[first..first + 2 * d].to_vec();
            for window in part {
                seen.extend_from_slice(&positions[window * width + 2 * d..(window + 1) * width]);
            }
            let start = seen[..2 * d].to_vec();
            arcs.push(Arc { seen, start });
        }
    }
    let mut law = law.to_vec();
    // What the stretches do not show is inertia: a priori constants are of order 0.3, a change of speed by itself too.
    let prior: Vec<f64> = (0..law.len())
        .map(|c| {
            let velocity = (d..2 * d).contains(&(c % design.f));
            let size = if velocity { 0.3 / design.speed() } else { 0.3 };
            (design.noise / size).powi(2)
        })
        .collect();
    let mut last: Option<ArcFit> = None;
    for round in 0..ROUNDS {
        let p = law.len();
        let (mut information, mut gradient) = (DMatrix::zeros(p, p), DVector::zeros(p));
        let mut eliminated = Vec::with_capacity(arcs.len());
        let mut scatter = Vec::with_capacity(arcs.len());
        let (mut squares, mut freedom) = (0.0, 0.0);
        for arc in &arcs {
            let system = normal(design, &law, arc);
            squares += system.squares;
            let own = (arc.seen.len() - 2 * d) as f64;
            freedom += own;
            scatter.push(system.squares / own);
            let inverse = system.start.clone().try_inverse()?;
            information += &system.law - &system.cross * &inverse * system.cross.transpose();
            gradient += &system.law_gradient - &system.cross * &inverse * &system.start_gradient;
            eliminated.push((inverse, system));
        }
        for (c, prior) in prior.iter().enumerate() {
            information[(c, c)] += prior;
            gradient[c] -= prior * law[c];
        }
        if arcs.is_empty() || freedom <= p as f64 {
            return None;
        }
        let noise = (squares / (freedom - p as f64)).sqrt();
        let solver = Solver::new(information.clone(), 0.0)?;
        let rhs = DMatrix::from_column_slice(p, 1, gradient.as_slice());
        let step = solver.solve(&rhs);
        let step = DVector::from_column_slice(step.as_slice());
        for (arc, (inverse, system)) in arcs.iter_mut().zip(&eliminated) {
            let own = inverse * (&system.start_gradient - system.cross.tr_mul(&step));
            arc.start
                .iter_mut()
                .zip(own.iter())
                .for_each(|(s, o)| *s += o);
        }
        law.iter_mut().zip(step.iter()).for_each(|(c, s)| *c += s);
        if law.iter().any(|c| !c.is_finite()) {
            return None;
        }
        let size = (step.transpose() * &information * &step)[(0, 0)].sqrt();
        last = Some(ArcFit {
            law: law.clone(),
            information,
            noise,
        });
        if round >= 2 {
            // A stretch that a passage or a bounce got into errs more than noise does.
            let mut sorted = scatter.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let typical = sorted[sorted.len() / 2];
            let before = arcs.len();
            let mut of = scatter.iter();
            arcs.retain(|arc| {
                let own = (arc.seen.len() - 2 * d) as f64;
                let bound = typical * (1.0 + 5.0 * (2.0 / own).sqrt());
                of.next().is_some_and(|s| *s <= bound)
            });
            if arcs.len() == before && size < 1e-3 * noise {
                break;
            }
        }
    }
    last
}

/// Normal equations of a stretch: of the law, of its start, and between them.
struct Normals {
    law: DMatrix<f64>,
    cross: DMatrix<f64>,
    start: DMatrix<f64>,
    law_gradient: DVector<f64>,
    start_gradient: DVector<f64>,
    squares: f64,
}

fn normal(design: &Design, law: &[f64], arc: &Arc) -> Normals {
    let (d, f) = (design.d, design.f);
    let (p, s) = (law.len(), 2 * d);
    let columns = p + s;
    let mut gram = vec![0.0; columns * columns];
    let mut gradient = vec![0.0; columns];
    let mut squares = 0.0;
    // Positions and their derivatives `[D, columns]`, of the step before and of this one.
    let mut old = arc.start[..d].to_vec();
    let mut now = arc.start[d..].to_vec();
    let mut old_slope = vec![0.0; d * columns];
    let mut now_slope = vec![0.0; d * columns];
    for k in 0..d {
        old_slope[k * columns + p + k] = 1.0;
        now_slope[k * columns + p + d + k] = 1.0;
    }
    let speed = design.speed();
    let mut x = vec![0.0; f];
    let rows = arc.seen.len() / d;
    let mut add = |at: usize, value: &[f64], slope: &[f64]| {
        for k in 0..d {
            let u = arc.seen[at * d + k] - value[k];
            squares += u * u;
            let row = &slope[k * columns..(k + 1) * columns];
            for a in 0..columns {
                if row[a] == 0.0 {
                    continue;
                }
                gradient[a] += row[a] * u;
                for (g, b) in gram[a * columns..(a + 1) * columns].iter_mut().zip(row) {
                    *g += row[a] * b;
                }
            }
        }
    };
    add(0, &old, &old_slope);
    add(1, &now, &now_slope);
    let mut next = vec![0.0; d];
    let mut next_slope = vec![0.0; d * columns];
    for at in 2..rows {
        for k in 0..d {
            x[k] = now[k];
            x[d + k] = speed * (now[k] - old[k]);
        }
        x[2 * d] = 1.0;
        for k in 0..d {
            let own = &law[k * f..(k + 1) * f];
            let pull: f64 = own.iter().zip(&x).map(|(a, x)| a * x).sum();
            next[k] = 2.0 * now[k] - old[k] + pull;
            let row = &mut next_slope[k * columns..(k + 1) * columns];
            for (c, value) in row.iter_mut().enumerate() {
                *value = 2.0 * now_slope[k * columns + c] - old_slope[k * columns + c];
            }
            for j in 0..d {
                let (a, b) = (own[j] + speed * own[d + j], speed * own[d + j]);
                let (n, o) = (&now_slope[j * columns..], &old_slope[j * columns..]);
                for (c, value) in row.iter_mut().enumerate() {
                    *value += a * n[c] - b * o[c];
                }
            }
            for (value, x) in row[k * f..(k + 1) * f].iter_mut().zip(&x) {
                *value += x;
            }
        }
        add(at, &next, &next_slope);
        std::mem::swap(&mut old, &mut now);
        std::mem::swap(&mut now, &mut next);
        std::mem::swap(&mut old_slope, &mut now_slope);
        std::mem::swap(&mut now_slope, &mut next_slope);
    }
    let whole = DMatrix::from_row_slice(columns, columns, &gram);
    Normals {
        law: whole.view((0, 0), (p, p)).into_owned(),
        cross: whole.view((0, p), (p, s)).into_owned(),
        start: whole.view((p, p), (s, s)).into_owned(),
        law_gradient: DVector::from_column_slice(&gradient[..p]),
        start_gradient: DVector::from_column_slice(&gradient[p..]),
        squares,
    }
}
