//! The floating-point type of a computation.

use burn::tensor::DType;
use serde::{Deserialize, Serialize};

/// Single or double precision, chosen at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats: what training uses.
    #[default]
    F32,
    /// 64-bit floats: what finite-difference checks use. Not on wgpu.
    F64,
}

impl Precision {
    /// Burn's name for it.
    pub fn dtype(self) -> DType {
        match self {
            Precision::F32 => DType::F32,
            Precision::F64 => DType::F64,
        }
    }
}
