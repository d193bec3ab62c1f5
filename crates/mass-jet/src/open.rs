//! Opening a device, chosen at run time by name.

use std::{str::FromStr, sync::Mutex};

use burn::tensor::{Device, Tensor};

use crate::{DeviceKind, Error};

impl DeviceKind {
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
