//! Pearson correlations between columns.

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use crate::error::{Error, check_index, check_length, none};

/// A symmetric matrix of Pearson correlations, `[C, C]`, all within [−1, 1].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    size: usize,
    values: Vec<f64>,
}

impl Correlation {
    /// The correlations between columns, `[C]` of `[R]` each.
    ///
    /// A column is constant if its standard deviation is at most f32's ε times its largest value:
    /// what is left is rounding. Its correlation is defined as 0 with every other column, and 1 with
    /// itself.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] without columns or rows, or if the columns are not of one length;
    /// [`Error::NotFinite`] for a value that is not finite.
    ///
    /// # Example
    ///
    /// ```
    /// use mass_interp::Correlation;
    ///
    /// let up = vec![1.0, 2.0, 3.0];
    /// let down = vec![0.5, 0.0, -0.5];
    /// let flat = vec![7.0, 7.0, 7.0];
    /// let r = Correlation::of(&[up, down, flat])?;
    /// assert!((r.get(0, 1) + 1.0).abs() < 1e-15);
    /// assert_eq!((r.get(0, 2), r.get(2, 2)), (0.0, 1.0));
    /// # Ok::<(), mass_interp::Error>(())
    /// ```
    pub fn of(columns: &[Vec<f64>]) -> Result<Self, Error> {
        let rows = columns.first().map_or(0, Vec::len);
        if rows == 0 {
            return Err(none("the list of columns, or the first of them,"));
        }
        let mut standard = DMatrix::zeros(rows, columns.len());
        for (index, column) in columns.iter().enumerate() {
            check_length(&format!("column {index}"), column.len(), rows)?;
            if let Some(row) = column.iter().position(|value| !value.is_finite()) {
                return Err(Error::NotFinite {
                    what: format!("row {row} of column {index}"),
                    found: column[row],
                });
            }
            if let Some(column) = standardised(column) {
                standard.column_mut(index).copy_from_slice(&column);
            }
        }
        let product = standard.tr_mul(&standard);
        let size = columns.len();
        let mut values = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..i {
                let r = product[(i, j)].clamp(-1.0, 1.0);
                values[i * size + j] = r;
                values[j * size + i] = r;
            }
            values[i * size + i] = 1.0;
        }
        Ok(Self { size, values })
    }

    /// Number of columns, C.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The correlation of columns i and j.
    ///
    /// # Panics
    ///
    /// If one of them is not below C.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        assert!(j < self.size, "there is no column {j}");
        self.values[i * self.size + j]
    }

    /// All correlations, row-major, `[C, C]`.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// A row, `[C]`.
    ///
    /// # Panics
    ///
    /// If it is not below C.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.size..(i + 1) * self.size]
    }

    /// The matrix with rows and columns in this order, which may leave some out.
    ///
    /// # Errors
    ///
    /// [`Error::Index`] for a column that is not there.
    pub fn ordered(&self, order: &[usize]) -> Result<Self, Error> {
        for index in order {
            check_index("column", *index, self.size)?;
        }
        let cell = |i: &usize| order.iter().map(|j| self.get(*i, *j)).collect::<Vec<_>>();
        Ok(Self {
            size: order.len(),
            values: order.iter().flat_map(cell).collect(),
        })
    }
}

/// The column less its mean, of length 1; `None` if it is constant.
fn standardised(column: &[f64]) -> Option<Vec<f64>> {
    let largest = column
        .iter()
        .fold(0.0_f64, |max, value| max.max(value.abs()));
    if largest == 0.0 {
        return None;
    }
    // Scaled first: a pole's 1e200 has a square that overflows.
    let scaled: Vec<f64> = column.iter().map(|value| value / largest).collect();
    let mean = scaled.iter().sum::<f64>() / scaled.len() as f64;
    let centred: Vec<f64> = scaled.iter().map(|value| value - mean).collect();
    let norm = centred
        .iter()
        .map(|value| value * value)
        .sum::<f64>()
        .sqrt();
    let deviation = norm / (column.len() as f64).sqrt();
    if deviation <= f64::from(f32::EPSILON) {
        return None;
    }
    Some(centred.into_iter().map(|value| value / norm).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// r = Σ (a − ā)(b − b̄) / √(Σ (a − ā)² Σ (b − b̄)²).
    fn direct(a: &[f64], b: &[f64]) -> f64 {
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let (mean_a, mean_b) = (mean(a), mean(b));
        let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
        for (a, b) in a.iter().zip(b) {
            ab += (a - mean_a) * (b - mean_b);
            aa += (a - mean_a).powi(2);
            bb += (b - mean_b).powi(2);
        }
        ab / (aa * bb).sqrt()
    }

    #[test]
    fn by_hand() {
        // (1, 2, 3) and (1, 3, 2): covariance 1/2 · 2, variances 2 and 2.
        let r = Correlation::of(&[vec![1.0, 2.0, 3.0], vec![1.0, 3.0, 2.0]]).unwrap();
        assert!((r.get(0, 1) - 0.5).abs() < 1e-15);
        assert_eq!(r.ordered(&[1, 0]).unwrap(), r);
        assert_eq!(r.ordered(&[1]).unwrap().values(), [1.0]);
        assert!(matches!(
            r.ordered(&[2]),
            Err(Error::Index { found: 2, .. })
        ));
    }

    #[test]
    fn huge_values_do_not_overflow() {
        let r = Correlation::of(&[vec![1e300, -1e300, 0.0], vec![1e-300, -1e-300, 0.0]]).unwrap();
        assert!((r.get(0, 1) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn rounding_of_a_constant_is_no_correlation() {
        let noise: Vec<f64> = (0..8).map(|i| 0.3 + 1e-8 * f64::from(i % 2)).collect();
        let wave: Vec<f64> = (0..8).map(|i| f64::from(i % 2)).collect();
        let r = Correlation::of(&[noise, wave]).unwrap();
        assert_eq!(r.get(0, 1), 0.0);
    }

    #[test]
    fn bad_columns_are_named() {
        let message = |columns: &[Vec<f64>]| Correlation::of(columns).unwrap_err().to_string();
        assert_eq!(
            message(&[vec![1.0, 2.0], vec![1.0]]),
            "column 1 has length 1; it must be 2"
        );
        assert_eq!(
            message(&[vec![1.0], vec![f64::INFINITY]]),
            "row 0 of column 1 is inf; it must be finite"
        );
        assert!(message(&[]).contains("length 0; it must be at least 1"));
    }

    proptest! {
        #[test]
        fn it_is_the_two_pass_formula(
            table in prop::collection::vec(prop::array::uniform4(-1.0..1.0f64), 3..40),
            scale in prop::array::uniform4(prop_oneof![-1e4..-1e-4f64, 1e-4..1e4f64]),
        ) {
            let columns: Vec<Vec<f64>> = (0..4)
                .map(|c| table.iter().map(|row| row[c] * scale[c] + scale[c]).collect())
                .collect();
            let r = Correlation::of(&columns).unwrap();
            for i in 0..4 {
                prop_assert_eq!(r.get(i, i), 1.0);
                for j in 0..4 {
                    prop_assert!(r.get(i, j).abs() <= 1.0);
                    prop_assert_eq!(r.get(i, j), r.get(j, i));
                    if i != j {
                        prop_assert!((r.get(i, j) - direct(&columns[i], &columns[j])).abs() < 1e-9);
                    }
                }
            }
        }
    }
}
