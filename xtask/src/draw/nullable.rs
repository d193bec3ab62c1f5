//! NaN as `null` in figures' data.

pub(crate) use mass_interp::statistics::nullable::{deserialize, one, serialize, single};
