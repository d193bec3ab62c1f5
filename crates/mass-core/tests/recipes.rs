//! Recipes as text: what checkpoints know them by, and what people write.

use mass_core::{Error, Recipe};

/// The text of each recipe as it was before networks had kinds and terms could be spelled out; every
/// checkpoint holds a hash of it.
const GOLDEN: [(&str, &str); 3] = [
    ("modern", include_str!("golden/recipes/modern.toml")),
    ("paper", include_str!("golden/recipes/paper.toml")),
    ("reference", include_str!("golden/recipes/reference.toml")),
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
        error.contains("unknown kind of network \"mpl\"; did you mean \"mlp\"? (known: mlp)"),
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
