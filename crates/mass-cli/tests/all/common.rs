//! What the tests of the command share.

use std::process::{Command, Output, Stdio};

/// Runs `mass` with these arguments.
pub(crate) fn mass(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mass"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What it printed.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
