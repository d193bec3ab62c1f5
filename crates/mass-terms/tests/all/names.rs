//! Names parse back, in every notation and from files.

use mass_terms::{Alphabet, Base, Library, Matrix, Notation, Term, Vector};
use proptest::prelude::*;

fn alphabet() -> Alphabet {
    Alphabet::standard()
        .with_vector("p")
        .and_then(|a| a.with_vector("momentum"))
        .and_then(|a| a.with_matrix("M"))
        .and_then(|a| a.with_matrix("K2"))
        .and_then(|a| a.with_matrix("Sz"))
        .unwrap()
}

fn term() -> impl Strategy<Value = Term> {
    let alphabet = alphabet();
    let vector = prop::sample::select(alphabet.vectors().to_vec());
    let base = prop::sample::select(alphabet.bases().to_vec());
    let matrix = (base, any::<bool>()).prop_map(|(base, inverse)| Matrix { base, inverse });
    (prop::collection::vec(matrix, 0..6), vector).prop_map(|(m, v)| Term::new(m, v))
}

proptest! {
    #[test]
    fn names_parse_back(term in term()) {
        for notation in [Notation::Ascii, Notation::Unicode, Notation::Latex] {
            let name = term.name(notation);
            prop_assert_eq!(Term::parse_with(&name, &alphabet()), Ok(term.clone()), "{}", name);
        }
    }

    #[test]
    fn different_terms_have_different_names(a in term(), b in term()) {
        for notation in [Notation::Ascii, Notation::Unicode, Notation::Latex] {
            prop_assert_eq!(a.name(notation) == b.name(notation), a == b);
        }
    }

    #[test]
    fn files_give_terms_back(term in term()) {
        let text = serde_json::to_string(&term).unwrap();
        prop_assert_eq!(serde_json::from_str::<Term>(&text).unwrap(), term);
    }

    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,20}", near in "[Sxyᵧₓ_{}^⁻¹ \\-1\\\\]{0,16}") {
        let _ = (Term::parse(&text), Term::parse(&near));
    }
}

#[test]
fn a_file_holds_plain_names_wherever_it_can() {
    let term: Term = "Syy^-1 Sxy y".parse().unwrap();
    assert_eq!(serde_json::to_string(&term).unwrap(), "\"Syy^-1 Sxy y\"");
    let own = Term::new([Matrix::new(Base::Sxx)], Vector::named("p").unwrap());
    assert_eq!(
        serde_json::to_string(&own).unwrap(),
        r#"{"matrices":[{"base":"Sxx","inverse":false}],"vector":{"named":"p"}}"#
    );
    let error = serde_json::from_str::<Term>("\"Sxx Sz\"").unwrap_err();
    assert!(error.to_string().contains("column 5"), "{error}");
}

#[test]
fn the_standard_names_are_all_different_and_found_again() {
    let library = Library::standard();
    for notation in [Notation::Ascii, Notation::Unicode, Notation::Latex] {
        for (index, name) in library.names(notation).iter().enumerate() {
            assert_eq!(library.find(name), Ok(index), "{name}");
        }
    }
}
