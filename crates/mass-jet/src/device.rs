//! The devices by name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Precision;

/// A Burn device, by the name of the cargo feature that compiles it.
///
/// # Example
///
/// ```
/// use mass_jet::DeviceKind;
///
/// let device = "flex".parse::<DeviceKind>()?.open()?;
/// let error = "felx".parse::<DeviceKind>().unwrap_err();
/// assert!(error.to_string().contains("did you mean \"flex\"?"));
/// # drop(device);
/// # Ok::<(), mass_jet::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceKind {
    /// Burn's maintained CPU backend; compiled by default.
    Flex,
    /// Burn's older CPU backend, deprecated in Burn 0.22 and gone in 0.23.
    NdArray,
    /// A GPU (or a software rasteriser) through WGSL: Vulkan, Metal or DX12. f32 only.
    Wgpu,
    /// An NVIDIA GPU.
    Cuda,
}

impl DeviceKind {
    /// Every device that this crate knows.
    pub const ALL: [DeviceKind; 4] = [
        DeviceKind::Flex,
        DeviceKind::NdArray,
        DeviceKind::Wgpu,
        DeviceKind::Cuda,
    ];

    /// The devices that this build was compiled for.
    pub fn compiled() -> Vec<DeviceKind> {
        Self::ALL
            .into_iter()
            .filter(|kind| kind.is_compiled())
            .collect()
    }

    /// Whether this build was compiled for the device.
    pub fn is_compiled(self) -> bool {
        match self {
            DeviceKind::Flex => cfg!(feature = "flex"),
            DeviceKind::NdArray => cfg!(feature = "ndarray"),
            DeviceKind::Wgpu => cfg!(feature = "wgpu"),
            DeviceKind::Cuda => cfg!(feature = "cuda"),
        }
    }

    /// The name, which is also the cargo feature: `flex`, `ndarray`, `wgpu` or `cuda`.
    pub fn name(self) -> &'static str {
        match self {
            DeviceKind::Flex => "flex",
            DeviceKind::NdArray => "ndarray",
            DeviceKind::Wgpu => "wgpu",
            DeviceKind::Cuda => "cuda",
        }
    }

    /// Whether the device computes in this precision.
    ///
    /// On wgpu, f64 is announced by some drivers and then silently wrong in `exp` and `erf`, so
    /// it is refused there.
    pub fn supports(self, precision: Precision) -> bool {
        !matches!((self, precision), (DeviceKind::Wgpu, Precision::F64))
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
