//! Recipes as text: what checkpoints know them by, and what people write.

use mass_core::{Error, Recipe};

/// The text of each recipe as it was before networks had kinds and terms could be spelled out; every
/// checkpoint holds a hash of it.
const GOLDEN: [(&str, &str); 4] = [
    ("general", include_str!("../golden/recipes/general.toml")),
    ("modern", include_str!("../golden/recipes/modern.toml")),
    ("paper", include_str!("../golden/recipes/paper.toml")),
    (
        "reference",
        include_str!("../golden/recipes/reference.toml"),
    ),
];

#[test]
fn the_text_of_a_recipe_is_what_checkpoints_have_hashed() {
    assert_eq!(GOLDEN.map(|(name, _)| name), Recipe::NAMES);
    for (name, golden) in GOLDEN {
        let recipe = Recipe::named(name).unwrap();
        assert_eq!(recipe.to_toml(), golden);
        assert_eq!(Recipe::from_toml(golden).unwrap(), recipe);
    }
}

#[test]
fn a_network_is_an_mlp_unless_its_kind_says_otherwise() {
    let text = Recipe::reference().to_toml();
    let with = |kind: &str| {
        let text = text.replace("[network]\n", &format!("[network]\nkind = {kind}\n"));
        Recipe::from_toml(&text)
    };
    assert_eq!(with("\"mlp\"").unwrap(), Recipe::reference());
    let said = |found: Result<Recipe, Error>| found.unwrap_err().to_string();
    let error = said(with("\"mpl\""));
    assert!(
        error
            .contains("unknown kind of network \"mpl\"; did you mean \"mlp\"? (known: mlp, plain)"),
        "{error}"
    );
    let error = said(with("3"));
    assert!(error.contains("expected a kind of network"), "{error}");
    let error = said(Recipe::from_toml(&text.replace("width = 20", "widht = 20")));
    assert!(
        error.contains("unknown field `widht`") && error.contains("[network]"),
        "{error}"
    );
}

#[test]
fn a_changed_recipe_needs_a_name_of_its_own() {
    let text = Recipe::reference().with_steps(50).to_toml();
    assert_eq!(Recipe::from_toml(&text).unwrap().schedule.decay_steps, 50);

    let changed = text.replace("lambda_1 = 0.1", "lambda_1 = 0.2");
    let error = Recipe::from_toml(&changed).unwrap_err();
    assert!(error.is_request());
    assert_eq!(
        error.to_string(),
        "a changed recipe keeps the name \"reference\" (objective.lambda_1 is 0.1 there, 0.2 here): \
         give it a name of its own, as name = \"reference changed\""
    );
    let renamed = changed.replace("\"reference\"", "\"reference changed\"");
    assert_eq!(Recipe::from_toml(&renamed).unwrap().objective.lambda_1, 0.2);
    // A record says what was trained under that name.
    let record = format!("[recipe]\n{}", changed.replace("\n[", "\n[recipe."));
    assert_eq!(Recipe::from_toml(&record).unwrap().objective.lambda_1, 0.2);
}

/// `reference` with other terms, as a file would have them.
fn with_terms(terms: &str) -> Result<Recipe, Error> {
    let text = Recipe::reference().to_toml();
    let (before, rest) = text.split_once("[terms]\n").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let before = before.replace("\"reference\"", "\"other terms\"");
    Recipe::from_toml(&format!("{before}[terms]\n{terms}\n\n{after}"))
}

#[test]
fn any_library_and_mask_can_be_asked_for() {
    let lagrangian = r#"["Syy^-1 Sx", "Syy^-1 Sxy y"]"#;
    let only = with_terms(&format!(
        "library = \"standard\"\nmask = {{ on = {lagrangian} }}"
    ))
    .unwrap();
    let (library, mask) = only.terms.build().unwrap();
    assert_eq!(library.len(), 172);
    assert_eq!(mask.active().collect::<Vec<_>>(), [22, 133]);

    let own = with_terms(&format!("library = {lagrangian}\nmask = \"all\"")).unwrap();
    let (library, mask) = own.terms.build().unwrap();
    assert_eq!((library.len(), mask.count()), (2, 2));

    let without =
        with_terms("library = \"standard\"\nmask = { off = [\"x\", \"S_yy⁻¹ S_y\"] }").unwrap();
    assert_eq!(without.terms.build().unwrap().1.count(), 170);
    for recipe in [only, own, without] {
        assert_eq!(
            Recipe::from_toml(&recipe.to_toml()).unwrap(),
            recipe,
            "{}",
            recipe.to_toml()
        );
    }
}

#[test]
fn terms_that_do_not_fit_are_named() {
    let said = |terms: &str| with_terms(terms).unwrap_err().to_string();
    for (terms, expected) in [
        (
            "library = \"standard\"\nmask = { on = [\"Sxx Sxx Sxx x\"] }",
            "terms.mask: \"Sxx Sxx Sxx x\" is not among the 172 terms",
        ),
        (
            "library = \"standard\"\nmask = { on = [\"Szz x\"] }",
            "\"Szz\" is not a known matrix",
        ),
        (
            "library = \"standard\"\nmask = { on = [] }",
            "terms.mask: none of the 172 terms takes part: leave at least one on",
        ),
        (
            "library = [\"x\", \"y\"]\nmask = \"released\"",
            "terms.mask: none of the 2 terms takes part",
        ),
        (
            "library = [\"x\", \"x\"]\nmask = \"all\"",
            "\"x\" stands at both 0 and 1",
        ),
        (
            "library = \"standart\"\nmask = \"all\"",
            "expected \"standard\" or a list of terms",
        ),
        (
            "library = [{ vector = { named = \"p\" } }]\nmask = \"all\"",
            "terms.library: \"p\" has a symbol that no network gives a value",
        ),
    ] {
        let error = said(terms);
        assert!(error.contains(expected), "{terms}: {error}");
    }
}
