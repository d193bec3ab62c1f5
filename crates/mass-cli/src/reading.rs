//! How a person's files are read: what the flags that all commands share say.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use mass_data::{
    ColumnMap, Degrees, MeasurementOptions, Measurements, Missing, ReadOptions, UnitMap,
};

#[derive(Args)]
pub(crate) struct Reading {
    /// Which column is what, by name or by number from 1; found by usual names where it is not said.
    #[arg(long)]
    pub(crate) columns: Option<ColumnMap>,
    /// Units where the file does not say them, t=s,x=deg: of what --columns names, or of columns by name or by number.
    #[arg(long)]
    units: Option<UnitMap>,
    /// Which positions are angles, by number from 1; `none` for none. Found by names and units unless said.
    #[arg(long, value_delimiter = ',')]
    angles: Vec<String>,
    /// All angles are in degrees.
    #[arg(long)]
    pub(crate) degrees: bool,
    /// Leave rows with missing values out, instead of refusing the file.
    #[arg(long)]
    drop_missing: bool,
    /// Time that goes back begins another trajectory, instead of being refused.
    #[arg(long)]
    restarts: bool,
}

impl Reading {
    /// As the flags say; what they do not say, as usual.
    pub(crate) fn options(&self) -> Result<MeasurementOptions> {
        let mut angles = None;
        if !self.angles.is_empty() {
            let all = self.angles.iter().filter(|one| *one != "none");
            let each = all.map(|text| {
                let number = text.trim().parse::<usize>().ok().filter(|n| *n > 0);
                number.map(|n| n - 1).with_context(|| {
                    format!(
                        "--angles {text}: positions are counted from 1, as in --angles 1,2; or none"
                    )
                })
            });
            angles = Some(each.collect::<Result<Vec<_>>>()?);
        }
        let missing = match self.drop_missing {
            true => Missing::DropRow,
            false => Missing::Refuse,
        };
        Ok(MeasurementOptions {
            read: ReadOptions {
                missing,
                ..ReadOptions::default()
            },
            columns: self.columns.clone().unwrap_or_default(),
            units: self.units.clone().unwrap_or_default(),
            angles,
            degrees: Degrees::Labelled,
            restarts: self.restarts,
            ..MeasurementOptions::default()
        })
    }

    /// The files, by options made from [`Reading::options`].
    pub(crate) fn read(
        &self,
        files: &[PathBuf],
        mut options: MeasurementOptions,
    ) -> Result<Measurements> {
        let found = Measurements::read(files, &options).map_err(with_flag)?;
        if !self.degrees {
            return Ok(found);
        }
        // Only now it is known which positions there are.
        let angles = match &options.angles {
            Some(given) => given.clone(),
            None if found.angles().is_empty() => (0..found.dof()).collect(),
            None => found.angles().to_vec(),
        };
        options.angles = Some(angles.clone());
        options.degrees = Degrees::Positions(angles);
        Measurements::read(files, &options).map_err(with_flag)
    }
}

/// An error, with the flag that helps.
fn with_flag(error: mass_data::Error) -> anyhow::Error {
    let flag = match &error {
        mass_data::Error::Columns { .. } => {
            Some("--columns says which is which, by name or by number, --columns t=1,x=2")
        }
        mass_data::Error::BadTime { .. } => Some(
            "--columns trajectory=NAME names the column, --restarts begins a trajectory where time goes back",
        ),
        mass_data::Error::BadValue { remedy, .. } if remedy.contains("missing values") => {
            Some("--drop-missing leaves them out")
        }
        _ => None,
    };
    match flag {
        Some(flag) => anyhow::anyhow!("{error}; {flag}"),
        None => error.into(),
    }
}
