//! What every figure's file begins with.

pub(super) use anyhow::{Context, Result};
pub(super) use mass_core::ErrorKind;
pub(super) use mass_figures::{
    Anchor, Axes, Claim, Course, DrawError, Frame, Rule, Series, Sheet, Swatch, claim,
    finite_points, listed, markdown, number, same_lengths,
    style::{BLUE, GREY, SKY, TICK, VERMILLION, extent},
    tiles,
};
pub(super) use mass_interp::{
    Counting, EVALUATION_STATES, Scientist, TermName, TermStrengths,
    statistics::{below_diagonal, mean, median, nullable},
};
pub(super) use serde::{Deserialize, Serialize};

pub(super) use super::{
    by_term::Single,
    figure::{Computed, Figure, Needs},
    job::Job,
    population::{Population, scientist, states, title},
};
