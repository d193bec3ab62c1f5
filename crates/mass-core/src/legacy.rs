//! The rule by which programs before format 2 hashed what decides a run: their checkpoints carry it.

use crate::{RunRecord, SystemRecord};

/// The hash of a run of format 1: BLAKE3 of the recipe's TOML and of the rest in Rust's debug form.
pub(crate) fn plan_hash(record: &RunRecord) -> String {
    let systems: Vec<String> = record.systems.iter().map(system).collect();
    let plan = format!(
        "{}[{}]{:?}{:?}",
        record.recipe.to_toml(),
        systems.join(", "),
        record.seeds,
        record.start
    );
    blake3::hash(plan.as_bytes()).to_hex().to_string()
}

/// The same as before there was `own`.
fn system(record: &SystemRecord) -> String {
    let SystemRecord {
        id,
        dof,
        measured,
        own,
    } = record;
    let plan = format!("SystemRecord {{ id: {id:?}, dof: {dof}, measured: {measured:?} }}");
    plan + own.as_deref().unwrap_or_default()
}
