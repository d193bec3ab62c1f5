#![doc = include_str!("../README.md")]

/// The known name nearest to what was written, the first of several; none if none is near.
///
/// # Example
///
/// ```
/// use mass_suggest::nearest;
///
/// assert_eq!(nearest("felx", ["flex", "wgpu"]), Some("flex")); // a swap of neighbours is one change
/// assert_eq!(nearest("Kepler", ["kepler"]), Some("kepler"));
/// assert_eq!(nearest("gpu", ["flex", "wgpux"]), None);
/// ```
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = written.to_lowercase();
    let reach = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::osa_distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= reach)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// What an error message says of it: `; did you mean "..."?`, or nothing.
pub fn hint(near: Option<&str>) -> String {
    near.map_or(String::new(), |name| format!("; did you mean {name:?}?"))
}

/// An error and its causes in a line, each said once: many messages hold their cause's already.
///
/// # Example
///
/// ```
/// let error = "x".parse::<f64>().unwrap_err();
/// assert_eq!(mass_suggest::with_causes(&error), "invalid float literal");
/// ```
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    let mut said = String::new();
    for cause in chain.map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_change_in_three_letters_is_near() {
        assert_eq!(nearest("abc", ["abd"]), Some("abd"));
        assert_eq!(nearest("abc", ["add"]), None);
        assert_eq!(nearest("abcdef", ["abcdxy"]), Some("abcdxy"));
        assert_eq!(nearest("abcdef", ["abcxyz"]), None);
        assert_eq!(nearest("a", ["b"]), Some("b"));
        assert_eq!(nearest("a", ["bc"]), None);
        assert_eq!(nearest("", ["b"]), Some("b"));
        assert_eq!(nearest("a", []), None);
    }

    #[test]
    fn the_nearest_wins_then_the_first() {
        assert_eq!(nearest("Syx x", ["Sxx x", "Sxy x"]), Some("Sxx x"));
        assert_eq!(nearest("Syx x", ["Szz x", "Sxy x"]), Some("Sxy x"));
        assert_eq!(nearest("abcdef", ["abcdxy", "abcdez"]), Some("abcdez"));
    }

    #[test]
    fn case_does_not_count() {
        assert_eq!(nearest("PENDULUM", ["pendulum"]), Some("pendulum"));
        assert_eq!(nearest("sxx", ["Syy", "Sxx"]), Some("Sxx"));
    }

    #[test]
    fn the_hint_is_a_clause_of_a_message() {
        assert_eq!(hint(Some("Sxx")), "; did you mean \"Sxx\"?");
        assert_eq!(hint(None), "");
    }
}
