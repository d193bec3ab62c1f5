//! `mass export`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::{learned::Learned, write::print};

#[derive(Args)]
#[command(after_help = "\
Examples:
  mass export pendulum.mass                    # the equation of motion as text
  mass export pendulum.mass --as numpy > law.py
  mass export pendulum.mass --as latex --rounded")]
pub(crate) struct Arguments {
    /// The folder that `learn` wrote, or its learned.json.
    learned: PathBuf,
    /// As what.
    #[arg(long = "as", value_enum, default_value_t = Form::Text)]
    form: Form,
    /// With fractions for coefficients that may be one, within their errors.
    #[arg(long)]
    rounded: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Form {
    Text,
    Latex,
    Rust,
    Numpy,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let learned = Learned::read(&arguments.learned)?;
    anyhow::ensure!(
        learned.best.is_some(),
        "no law was found in these data, and so there is none to export; `mass report` says why"
    );
    anyhow::ensure!(
        learned.network().is_none(),
        "the law is that of a network, which is no formula; `mass predict` follows it"
    );
    let header = header(&learned, arguments.form);
    let mut text = match (learned.is_sum(), learned.sparse, learned.lagrangian) {
        (true, Some(law), _) => match arguments.form {
            Form::Text => law.formula().join("\n"),
            Form::Latex => law.latex().join("\n"),
            Form::Rust => law.rust(),
            Form::Numpy => law.numpy(),
        },
        (_, _, law) => {
            let law = law.context("the law is not in this folder: learn it again")?;
            let law = if arguments.rounded {
                law.rounded()
            } else {
                law
            };
            match arguments.form {
                Form::Text => law.text(),
                Form::Latex => law.latex(),
                Form::Rust => law.rust(),
                Form::Numpy => law.numpy(),
            }
        }
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(print(&(header + &text))?)
}

/// What the letters are, for code that is read without this program.
fn header(learned: &Learned, form: Form) -> String {
    let comment = match form {
        // Of text the letters are told by the report, unless they are no columns.
        Form::Text | Form::Latex if learned.origin.is_empty() && learned.first_order.is_none() => {
            return String::new();
        }
        Form::Rust => "//",
        Form::Text | Form::Numpy => "#",
        Form::Latex => "%",
    };
    let mut text = String::new();
    for (k, name) in learned.positions.iter().enumerate() {
        let unit = match learned.units.positions.get(k).cloned().flatten() {
            _ if learned.units.degrees.contains(&k) => {
                " (degrees in the file, radians here)".to_string()
            }
            Some(unit) => format!(" ({unit})"),
            None => String::new(),
        };
        let less = learned.less_origin(k, true);
        text += &format!("{comment} x{}: column {name:?}{less}{unit}\n", k + 1);
    }
    if let Some(time) = &learned.units.time {
        text += &format!("{comment} time: {time}\n");
    }
    if let Some([limit, time]) = learned.first_order {
        text += &format!(
            "{comment} of first order: the velocity is -(x1 - {limit})/{time}; below is its derivative\n"
        );
    }
    text
}
