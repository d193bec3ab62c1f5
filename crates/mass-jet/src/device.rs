//! Which device computes, chosen at run time by name.

use std::{fmt, str::FromStr, sync::Mutex};

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::{Error, Precision};

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

    /// Opens the device and runs one small computation on it.
    ///
    /// # Errors
    ///
    /// [`Error::DeviceNotCompiled`] without the cargo feature of that name, and
    /// [`Error::DeviceMissing`] where the machine has no such device or its driver fails.
    pub fn open(self) -> Result<Device, Error> {
        let device = self.handle()?;
        probe(&device).map_err(|reason| Error::DeviceMissing {
            device: self,
            reason,
            remedy: match self {
                DeviceKind::Wgpu => {
                    "install a Vulkan, Metal or DX12 driver (Mesa's software Vulkan will do), or use flex"
                }
                DeviceKind::Cuda => "install the NVIDIA driver and CUDA, or use flex",
                DeviceKind::Flex | DeviceKind::NdArray => "use another device",
            },
        })?;
        Ok(device)
    }

    #[allow(unreachable_patterns)] // the catch-all is unreachable with every feature on
    fn handle(self) -> Result<Device, Error> {
        match self {
            #[cfg(feature = "flex")]
            DeviceKind::Flex => Ok(Device::flex()),
            #[cfg(feature = "ndarray")]
            #[allow(deprecated)] // kept while 0.22 is our Burn (docs/design.md)
            DeviceKind::NdArray => Ok(Device::ndarray()),
            #[cfg(feature = "wgpu")]
            DeviceKind::Wgpu => Ok(Device::wgpu(burn::tensor::DeviceKind::DefaultDevice)),
            #[cfg(feature = "cuda")]
            DeviceKind::Cuda => Ok(Device::cuda(0)),
            _ => Err(Error::DeviceNotCompiled {
                device: self,
                compiled: Self::compiled()
                    .iter()
                    .map(|kind| kind.name())
                    .collect::<Vec<_>>()
                    .join(", "),
            }),
        }
    }
}

/// Backends report a missing adapter or driver by panicking; turn that into a message.
fn probe(device: &Device) -> Result<(), String> {
    static QUIET: Mutex<()> = Mutex::new(());
    let _guard = QUIET
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = std::panic::catch_unwind(|| {
        let two = Tensor::<1>::ones([1], device).mul_scalar(2.0);
        two.into_data().try_into_vec_as::<f32>().ok()
    });
    std::panic::set_hook(hook);
    match outcome {
        Ok(Some(values)) if values == [2.0] => Ok(()),
        Ok(values) => Err(format!("the device computed 1 + 1 = {values:?}")),
        Err(panic) => Err(panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()))
            .unwrap_or_else(|| "the backend panicked without a message".to_string())),
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DeviceKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| Error::unknown("device", name, &Self::ALL.map(DeviceKind::name)))
    }
}

/// Whether tensors of this device have our fused operations; elsewhere the composed ones answer.
///
/// Today the flex device has them, which computes on the processor.
pub fn has_kernels(device: &Device) -> bool {
    #[cfg(feature = "flex")]
    {
        matches!(
            device.clone().inner().as_dispatch(),
            burn::backend::DispatchDevice::Flex(_)
        )
    }
    #[cfg(not(feature = "flex"))]
    {
        let _ = device;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_not_compiled_names_its_feature() {
        for kind in DeviceKind::ALL
            .into_iter()
            .filter(|kind| !kind.is_compiled())
        {
            let message = kind.open().unwrap_err().to_string();
            assert!(message.contains(&format!("--features {kind}")), "{message}");
        }
    }

    #[test]
    fn names_parse_back() {
        for kind in DeviceKind::ALL {
            assert_eq!(kind.name().parse::<DeviceKind>(), Ok(kind));
        }
        assert_eq!(
            "gpu-of-dreams"
                .parse::<DeviceKind>()
                .unwrap_err()
                .to_string(),
            "unknown device \"gpu-of-dreams\" (known: flex, ndarray, wgpu, cuda)"
        );
    }
}
