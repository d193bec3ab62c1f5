//! What can go wrong, and what would be right.

use mass_suggest::{hint, nearest};

use crate::device::DeviceKind;

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A tensor has another shape than the call needs.
    #[error("{what} has shape {found:?}, but {expected} is needed")]
    Shape {
        /// Which tensor.
        what: String,
        /// The shape that was given.
        found: Vec<usize>,
        /// The shape that would be right, in words.
        expected: String,
    },
    /// States and network are of different precision.
    #[error("states are {states}, but the network is {net}: give both the same precision")]
    PrecisionMismatch {
        /// The states' number type.
        states: String,
        /// The network's number type.
        net: String,
    },
    /// A configuration value is out of range.
    #[error("{key} = {found} is out of range: {expected}")]
    Config {
        /// The field of the configuration.
        key: &'static str,
        /// The value that was given.
        found: String,
        /// The values that would be right.
        expected: &'static str,
    },
    /// A name is not one of a closed list.
    #[error("unknown {what} {found:?}{hint} (known: {known})")]
    UnknownName {
        /// What is being named: a device, an activation, ...
        what: &'static str,
        /// The name that was given.
        found: String,
        /// `; did you mean "..."?` or nothing.
        hint: String,
        /// The names that exist, comma-separated.
        known: String,
    },
    /// The device is known, but support for it was not compiled in.
    #[error(
        "device {device} is not compiled in: build with `--features {device}` (compiled: {compiled})"
    )]
    DeviceNotCompiled {
        /// The device asked for.
        device: DeviceKind,
        /// The devices that this build has, comma-separated.
        compiled: String,
    },
    /// Support for the device is compiled in, but this machine has no such device.
    #[error("no usable {device} device on this machine: {remedy} (the backend said: {reason})")]
    DeviceMissing {
        /// The device asked for.
        device: DeviceKind,
        /// What the driver or the backend said.
        reason: String,
        /// What would be right.
        remedy: &'static str,
    },
    /// The device cannot compute in this precision.
    #[error("device {device} cannot compute in {dtype}: use f32 there, or the flex device for f64")]
    Precision {
        /// The device asked for.
        device: DeviceKind,
        /// The precision asked for.
        dtype: String,
    },
}

impl Error {
    /// Whether another request would do: a name, a shape or a value that was given is not to be had.
    pub fn is_request(&self) -> bool {
        !self.is_device()
    }

    /// Whether the device is at fault: it is not compiled in, not there, or cannot compute this.
    pub fn is_device(&self) -> bool {
        matches!(
            self,
            Error::DeviceNotCompiled { .. } | Error::DeviceMissing { .. } | Error::Precision { .. }
        )
    }

    /// The error for an unknown name, with the nearest known one as a hint.
    pub(crate) fn unknown(what: &'static str, found: &str, known: &[&str]) -> Self {
        Error::UnknownName {
            what,
            found: found.to_string(),
            hint: hint(nearest(found, known.iter().copied())),
            known: known.join(", "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_told_from_a_device() {
        let unknown = Error::unknown("device", "felx", &["flex"]);
        assert!(unknown.is_request() && !unknown.is_device());
        let missing = Error::DeviceMissing {
            device: DeviceKind::Wgpu,
            reason: "no adapter".to_string(),
            remedy: "use flex",
        };
        assert!(missing.is_device() && !missing.is_request());
    }
}
