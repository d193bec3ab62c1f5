//! A number with its error bar.

pub(crate) use mass_interp::statistics::Estimate;
