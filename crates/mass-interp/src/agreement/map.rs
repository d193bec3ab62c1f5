//! Scientists as points of a plane, near each other where they agree.

use nalgebra::DMatrix;

use super::matrix::Agreement;

/// Places in the plane whose distances are nearest to 1 − agreement: classical scaling
/// (Torgerson 1952).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AgreementMap {
    /// The place of each scientist, `[E]`; the centre of all is the origin, the first axis the longer.
    pub places: Vec<[f64; 2]>,
    /// The share of the squared distances that the plane keeps.
    pub kept: f64,
}

impl AgreementMap {
    /// The map of an agreement.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_interp::{Agreement, AgreementMap, Reading, evaluation_states};
    /// use mass_systems::{System, systems::Classical};
    ///
    /// let states = evaluation_states(&Classical, 128, 0)?;
    /// let law = Classical.lagrangian().unwrap();
    /// let lagrangian = Reading::exact_lagrangian(law, &states)?;
    /// let hamiltonian = Reading::exact_hamiltonian(law, Default::default(), &states)?;
    /// let map = AgreementMap::of(&Agreement::of(&[lagrangian, hamiltonian])?);
    /// assert!((map.places[0][0] - map.places[1][0]).abs() > 0.999); // they agree at 0
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(agreement: &Agreement) -> Self {
        let n = agreement.size();
        let squares = DMatrix::from_fn(n, n, |i, j| (1.0 - agreement.get(i, j)).powi(2));
        let row_means: Vec<f64> = (0..n).map(|i| squares.row(i).mean()).collect();
        let all = squares.mean();
        let products = DMatrix::from_fn(n, n, |i, j| {
            -0.5 * (squares[(i, j)] - row_means[i] - row_means[j] + all)
        });
        let eigen = products.symmetric_eigen();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
        let mut places = vec![[0.0; 2]; n];
        for (axis, k) in order.iter().take(2).enumerate() {
            let vector = eigen.eigenvectors.column(*k);
            // An eigenvector has no sign: its largest entry points upwards.
            let largest = vector
                .iter()
                .fold(0.0_f64, |max, v| if v.abs() > max.abs() { *v } else { max });
            let length = largest.signum() * eigen.eigenvalues[*k].max(0.0).sqrt();
            for (place, value) in places.iter_mut().zip(vector.iter()) {
                place[axis] = length * value;
            }
        }
        let positive = |k: &&usize| eigen.eigenvalues[**k] > 0.0;
        let sum = |order: &[usize]| -> f64 {
            order
                .iter()
                .filter(positive)
                .map(|k| eigen.eigenvalues[*k])
                .sum()
        };
        Self {
            places,
            kept: sum(&order[..n.min(2)]) / sum(&order),
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;

    fn map(text: &str) -> AgreementMap {
        AgreementMap::of(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn the_map_keeps_distances_that_a_plane_can_hold() {
        // Agreement of three: 0 with 1 at distance 0.3, 2 at 0.4 from 0, at a right angle.
        let found = map(r#"{"size":3,"scores":[1,0.7,0.6,0.7,1,0.5,0.6,0.5,1],
            "values":[1,0.7,0.6,0.7,1,0.5,0.6,0.5,1]}"#);
        let distance = |i: usize, j: usize| {
            let ([a, b], [c, d]) = (found.places[i], found.places[j]);
            (a - c).hypot(b - d)
        };
        assert_abs_diff_eq!(distance(0, 1), 0.3, epsilon = 1e-9);
        assert_abs_diff_eq!(distance(0, 2), 0.4, epsilon = 1e-9);
        assert_abs_diff_eq!(distance(1, 2), 0.5, epsilon = 1e-9);
        assert_abs_diff_eq!(found.kept, 1.0, epsilon = 1e-9);
        // The longer axis first, the largest entry of each upwards, the centre at the origin.
        let [first, second] = [0, 1].map(|axis| {
            let column = found.places.iter().map(|place| place[axis]);
            let column: Vec<f64> = column.collect();
            assert_abs_diff_eq!(column.iter().sum::<f64>(), 0.0, epsilon = 1e-12);
            let largest = column
                .iter()
                .fold(0.0_f64, |max, v| if v.abs() > max.abs() { *v } else { max });
            assert!(largest > 0.0);
            column.iter().map(|v| v * v).sum::<f64>()
        });
        assert!(first > second);
    }

    #[test]
    fn what_a_plane_cannot_hold_is_said() {
        // Four, all at distance 1: a tetrahedron, of which a plane keeps two of three axes.
        let found = map(r#"{"size":4,"scores":[1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1],
            "values":[1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1]}"#);
        assert_abs_diff_eq!(found.kept, 2.0 / 3.0, epsilon = 1e-9);
    }
}
