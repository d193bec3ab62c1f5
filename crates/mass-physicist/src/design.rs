//! The learner's own coordinates: second differences on positions and steps, all of order one.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use crate::{error::Error, observations::Windows, recurrence::Recurrence};

/// Singular values below this share of the greatest, squared, are directions that the data do not show.
const CUTOFF: f64 = 1e-13;

/// N windows of T = 2 as a regression: targets z = (r_t − 2 r_{t−1} + r_{t−2})/L `[N, D]` on features
/// ((r_{t−1} − c)/L, s (r_{t−1} − r_{t−2})/L, 1) `[N, F]`, F = 2D + 1. What the data do not fix is then 0 in a fit
/// of least norm, which is inertia. L is the positions' deviation, c their mean, s L over the steps' deviation.
///
/// A law is its constants `[D, F]`.
pub(crate) struct Design {
    pub(crate) d: usize,
    pub(crate) f: usize,
    pub(crate) n: usize,
    pub(crate) x: Vec<f64>,
    pub(crate) z: Vec<f64>,
    pub(crate) length: f64,
    speed: f64,
    center: Vec<f64>,
    /// The size of errors that rounding alone makes.
    pub(crate) rounding: f64,
    /// Deviation of the noise of a position, 0 where there is none; fits are corrected for it.
    pub(crate) noise: f64,
}

impl Design {
    pub(crate) fn new(windows: &Windows) -> Result<Self, Error> {
        let (d, n) = (windows.dimension(), windows.len());
        if windows.memory() != 2 {
            return Err(Error::Request(format!(
                "laws are found from windows of two past positions; these have {}",
                windows.memory()
            )));
        }
        let f = 2 * d + 1;
        if n < f + 3 {
            return Err(Error::TooFew {
                windows: n,
                constants: f,
                least: f + 3,
            });
        }
        let mut center = vec![0.0; d];
        for w in 0..n {
            for (c, r) in center.iter_mut().zip(windows.position(w)) {
                *c += r / n as f64;
            }
        }
        let (mut spread, mut steps, mut greatest) = (0.0, 0.0, 0.0_f64);
        for w in 0..n {
            let inputs = windows.inputs(w);
            for k in 0..d {
                let (old, now) = (inputs[k], inputs[d + k]);
                spread += (now - center[k]).powi(2);
                steps += (now - old).powi(2);
                greatest = greatest.max(now.abs());
            }
        }
        let length = (spread / (n * d) as f64).sqrt();
        let stride = (steps / (n * d) as f64).sqrt();
        if !(length > 0.0 && stride > 0.0 && length.is_finite() && stride.is_finite()) {
            return Err(Error::Data(
                "nothing moves: all positions are the same".into(),
            ));
        }
        let speed = length / stride;
        let (mut x, mut z) = (Vec::with_capacity(n * f), Vec::with_capacity(n * d));
        for w in 0..n {
            let (inputs, output) = (windows.inputs(w), windows.output(w));
            let (old, now) = inputs.split_at(d);
            x.extend((0..d).map(|k| (now[k] - center[k]) / length));
            x.extend((0..d).map(|k| (now[k] - old[k]) / stride));
            x.push(1.0);
            z.extend((0..d).map(|k| ((output[k] - now[k]) - (now[k] - old[k])) / length));
        }
        Ok(Self {
            d,
            f,
            n,
            x,
            z,
            length,
            speed,
            center,
            rounding: 4.0 * f64::EPSILON * (greatest / length).max(1.0),
            noise: 0.0,
        })
    }

    /// s, over the positions' deviation.
    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }

    /// Windows' own positions in these units, `[N, 3·D]`.
    pub(crate) fn positions(&self, windows: &Windows) -> Vec<f64> {
        let of = (0..windows.len()).flat_map(|w| windows.inputs(w).iter().chain(windows.output(w)));
        of.enumerate()
            .map(|(at, r)| (r - self.center[at % self.d]) / self.length)
            .collect()
    }

    pub(crate) fn features(&self, window: usize) -> &[f64] {
        &self.x[window * self.f..(window + 1) * self.f]
    }

    pub(crate) fn targets(&self, window: usize) -> &[f64] {
        &self.z[window * self.d..(window + 1) * self.d]
    }

    /// Error of coordinate `k` of a window.
    #[inline]
    pub(crate) fn error(&self, law: &[f64], window: usize, k: usize) -> f64 {
        let row = &law[k * self.f..(k + 1) * self.f];
        let sum: f64 = row
            .iter()
            .zip(self.features(window))
            .map(|(a, x)| a * x)
            .sum();
        self.z[window * self.d + k] - sum
    }

    /// Errors of all windows `[N, D]`, over the law's amplification of noise if asked for.
    pub(crate) fn errors(&self, law: &[f64], scaled: bool) -> Vec<f64> {
        let scale: Vec<f64> = if scaled {
            self.amplification(law).iter().map(|a| 1.0 / a).collect()
        } else {
            vec![1.0; self.d]
        };
        let mut errors = Vec::with_capacity(self.n * self.d);
        if self.d == 2 {
            // The usual case, with sizes known to the compiler.
            let (a, b) = law.split_at(5);
            for (x, z) in self.x.chunks_exact(5).zip(self.z.chunks_exact(2)) {
                let (mut u, mut v) = (z[0], z[1]);
                for k in 0..5 {
                    u -= a[k] * x[k];
                    v -= b[k] * x[k];
                }
                errors.push(u * scale[0]);
                errors.push(v * scale[1]);
            }
            return errors;
        }
        for window in 0..self.n {
            errors.extend((0..self.d).map(|k| self.error(law, window, k) * scale[k]));
        }
        errors
    }

    /// How noise is amplified, relative to inertia, for each coordinate `[D]`.
    pub(crate) fn amplification(&self, law: &[f64]) -> Vec<f64> {
        let of = self.recurrence(law).amplification();
        of.iter().map(|a| a / 6.0_f64.sqrt()).collect()
    }

    /// In the units of the positions.
    pub(crate) fn recurrence(&self, law: &[f64]) -> Recurrence {
        let (d, f) = (self.d, self.f);
        let mut constants = Vec::with_capacity(d * f);
        for i in 0..d {
            let row = &law[i * f..(i + 1) * f];
            for j in 0..d {
                constants.push(-f64::from(u8::from(i == j)) - self.speed * row[d + j]);
            }
            for j in 0..d {
                let one = f64::from(u8::from(i == j));
                constants.push(2.0 * one + row[j] + self.speed * row[d + j]);
            }
            let shift: f64 = (0..d).map(|j| row[j] * self.center[j]).sum();
            constants.push(self.length * row[2 * d] - shift);
        }
        Recurrence::new(d, 2, constants).unwrap_or_else(|_| Recurrence::inertia(d))
    }

    /// From the units of the positions.
    pub(crate) fn law(&self, recurrence: &Recurrence) -> Vec<f64> {
        let (d, f) = (self.d, self.f);
        let mut law = vec![0.0; d * f];
        for i in 0..d {
            let row = &recurrence.constants()[i * f..(i + 1) * f];
            for j in 0..d {
                let one = f64::from(u8::from(i == j));
                let v = -one - row[j];
                law[i * f + d + j] = v / self.speed;
                law[i * f + j] = row[d + j] - 2.0 * one - v;
            }
            let shift: f64 = (0..d).map(|j| law[i * f + j] * self.center[j]).sum();
            law[i * f + 2 * d] = (row[2 * d] + shift) / self.length;
        }
        law
    }

    /// ∂(constants in the units of the positions)/∂(law), the same for each coordinate `[F, F]`.
    pub(crate) fn to_constants(&self) -> DMatrix<f64> {
        let (d, f) = (self.d, self.f);
        let mut map = DMatrix::zeros(f, f);
        for j in 0..d {
            map[(j, d + j)] = -self.speed;
            map[(d + j, j)] = 1.0;
            map[(d + j, d + j)] = self.speed;
            map[(2 * d, j)] = -self.center[j];
        }
        map[(2 * d, 2 * d)] = self.length;
        map
    }

    /// What noise adds to φ φᵀ `[F, F]`, lower triangle, and to φ z of coordinate `k` `[F]`, for each window: positions
    /// are in features and in targets, so that without it a direction that is nothing but noise would be fitted to
    /// noise.
    fn noise_moments(&self, k: usize) -> (DMatrix<f64>, DVector<f64>) {
        let (d, s) = (self.d, self.speed);
        let variance = self.noise * self.noise;
        let mut features = DMatrix::zeros(self.f, self.f);
        for j in 0..d {
            features[(j, j)] = variance;
            features[(d + j, j)] = s * variance;
            features[(d + j, d + j)] = 2.0 * s * s * variance;
        }
        let mut cross = DVector::zeros(self.f);
        cross[k] = -2.0 * variance;
        cross[d + k] = -3.0 * s * variance;
        (features, cross)
    }

    /// What a fit is drawn to inertia by, for each window: three times the noise of a step.
    fn noise_ridge(&self) -> f64 {
        6.0 * (self.speed * self.noise).powi(2)
    }

    /// Least squares over windows, exact to rounding: what is left of a solution is solved for again. With noise
    /// corrected for what noise adds.
    pub(crate) fn least_squares(&self, members: &[usize], ridge: f64) -> Option<Fit> {
        let mut gram = DMatrix::<f64>::zeros(self.f, self.f);
        let mut rhs = DMatrix::<f64>::zeros(self.f, self.d);
        for &window in members {
            let x = self.features(window);
            for a in 0..self.f {
                for b in 0..=a {
                    gram[(a, b)] += x[a] * x[b];
                }
                for (k, z) in self.targets(window).iter().enumerate() {
                    rhs[(a, k)] += x[a] * z;
                }
            }
        }
        let mut ridge = ridge;
        if self.noise > 0.0 {
            let count = members.len() as f64;
            for k in 0..self.d {
                let (features, cross) = self.noise_moments(k);
                if k == 0 {
                    gram -= features * count;
                }
                rhs.column_mut(k).axpy(-count, &cross, 1.0);
            }
            ridge += count * self.noise_ridge();
        }
        let solver = Solver::new(gram, ridge)?;
        let mut solution = solver.solve(&rhs);
        let mut law: Vec<f64> = solution.as_slice().to_vec();
        // A direction that is barely shown is solved for to a few digits only: a few windows are solved for again.
        let again = match members.len() {
            _ if self.noise > 0.0 => 0,
            ..100 => 4,
            _ => 1,
        };
        for _ in 0..again {
            rhs.fill(0.0);
            for &window in members {
                let x = self.features(window);
                for k in 0..self.d {
                    let u = self.error(&law, window, k);
                    for a in 0..self.f {
                        rhs[(a, k)] += x[a] * u;
                    }
                }
            }
            if ridge > 0.0 {
                rhs -= ridge * &solution;
            }
            solution += solver.solve(&rhs);
            law.copy_from_slice(solution.as_slice());
        }
        if law.iter().any(|c| !c.is_finite()) {
            return None;
        }
        let mut squares = 0.0;
        for &window in members {
            squares += (0..self.d)
                .map(|k| self.error(&law, window, k).powi(2))
                .sum::<f64>();
        }
        let freedom = (members.len().saturating_sub(solver.rank)).max(1) * self.d;
        Some(Fit {
            law,
            covariance: solver.inverse(),
            scatter: (squares / freedom as f64).sqrt(),
        })
    }

    /// Weighted least squares by reweighting, weights 1/(ε² + u²) of each coordinate: what half of the windows
    /// obey.
    pub(crate) fn robust(
        &self,
        members: &[usize],
        start: &[f64],
        floor: f64,
        rounds: usize,
    ) -> Option<Vec<f64>> {
        let mut law = start.to_vec();
        for _ in 0..rounds {
            let mut next = law.clone();
            for k in 0..self.d {
                let mut normal = Normal::new(self.f);
                for &window in members {
                    let u = self.error(&law, window, k);
                    normal.add(self.features(window), u, 1.0 / (floor * floor + u * u));
                }
                let step = self.step(normal, &law, k)?;
                for (c, s) in next[k * self.f..(k + 1) * self.f]
                    .iter_mut()
                    .zip(step.iter())
                {
                    *c += s;
                }
            }
            law = next;
        }
        law.iter().all(|c| c.is_finite()).then_some(law)
    }

    /// The change of coordinate `k` of a law that weighted normal equations ask for, corrected for noise.
    pub(crate) fn step(&self, mut normal: Normal, law: &[f64], k: usize) -> Option<DVector<f64>> {
        let mut ridge = 0.0;
        if self.noise > 0.0 {
            let row = DVector::from_column_slice(&law[k * self.f..(k + 1) * self.f]);
            let (mut features, cross) = self.noise_moments(k);
            normal.gram -= &features * normal.weight;
            features.fill_upper_triangle_with_lower_triangle();
            ridge = normal.weight * self.noise_ridge();
            normal.rhs -= (cross - features * &row) * normal.weight + row * ridge;
        }
        let solver = Solver::new(normal.gram, ridge)?;
        let rhs = DMatrix::from_column_slice(normal.rhs.len(), 1, normal.rhs.as_slice());
        let solution = solver.solve(&rhs);
        let solution = DVector::from_column_slice(solution.as_slice());
        solution.iter().all(|s| s.is_finite()).then_some(solution)
    }
}

/// A least-squares fit.
pub(crate) struct Fit {
    pub(crate) law: Vec<f64>,
    /// (XᵀX + ridge)⁻¹ `[F, F]`; without a ridge the pseudo-inverse.
    pub(crate) covariance: DMatrix<f64>,
    /// Root mean square of errors, with the degrees of freedom.
    pub(crate) scatter: f64,
}

/// Normal equations of one coordinate, for a change of its law.
pub(crate) struct Normal {
    pub(crate) gram: DMatrix<f64>,
    pub(crate) rhs: DVector<f64>,
    weight: f64,
}

impl Normal {
    pub(crate) fn new(f: usize) -> Self {
        Self {
            gram: DMatrix::zeros(f, f),
            rhs: DVector::zeros(f),
            weight: 0.0,
        }
    }

    #[inline]
    pub(crate) fn add(&mut self, x: &[f64], u: f64, weight: f64) {
        let f = x.len();
        self.weight += weight;
        let gram = self.gram.as_mut_slice();
        let rhs = self.rhs.as_mut_slice();
        for a in 0..f {
            let wx = weight * x[a];
            rhs[a] += wx * u;
            // Column a, rows a and below: the lower triangle.
            for (g, b) in gram[a * f + a..(a + 1) * f].iter_mut().zip(&x[a..]) {
                *g += wx * b;
            }
        }
    }
}

/// Solves with a symmetric matrix, of which the lower triangle is given, by its eigenvectors.
pub(crate) struct Solver {
    vectors: DMatrix<f64>,
    inverses: Vec<f64>,
    /// The same for the covariance: a direction that the data do not show is as uncertain as the ridge lets it.
    variances: Vec<f64>,
    pub(crate) rank: usize,
}

impl Solver {
    pub(crate) fn new(matrix: DMatrix<f64>, ridge: f64) -> Option<Self> {
        if matrix.iter().any(|g| !g.is_finite()) {
            return None;
        }
        let eigen = SymmetricEigen::try_new(matrix, f64::EPSILON, 500)?;
        let greatest = eigen
            .eigenvalues
            .iter()
            .fold(0.0_f64, |m, e| m.max(e.abs()));
        if greatest == 0.0 {
            return None;
        }
        // Below this an eigenvalue is rounding: the data say nothing, and a prior all there is to say.
        let silent = CUTOFF * greatest;
        let mut rank = 0;
        let (mut inverses, mut variances) = (Vec::new(), Vec::new());
        for e in eigen.eigenvalues.iter() {
            let told = *e > silent;
            rank += usize::from(told);
            let inverse = if told || ridge > silent {
                1.0 / (e.max(0.0) + ridge)
            } else {
                0.0
            };
            inverses.push(inverse);
            variances.push(match told {
                true => inverse,
                false if ridge > 0.0 => 1.0 / ridge,
                false => 0.0,
            });
        }
        Some(Self {
            vectors: eigen.eigenvectors,
            inverses,
            variances,
            rank,
        })
    }

    pub(crate) fn solve(&self, rhs: &DMatrix<f64>) -> DMatrix<f64> {
        let mut parts = self.vectors.tr_mul(rhs);
        for (i, inverse) in self.inverses.iter().enumerate() {
            parts.row_mut(i).scale_mut(*inverse);
        }
        &self.vectors * parts
    }

    pub(crate) fn inverse(&self) -> DMatrix<f64> {
        let mut scaled = self.vectors.clone();
        for (i, inverse) in self.variances.iter().enumerate() {
            scaled.column_mut(i).scale_mut(*inverse);
        }
        scaled * self.vectors.transpose()
    }
}
