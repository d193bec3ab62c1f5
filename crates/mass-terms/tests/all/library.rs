//! The standard library is the released code's, and other libraries are what they say.

use mass_terms::{Error, Library, Mask, Matrix, Term, Vector};

#[test]
fn the_standard_library_has_the_order_of_the_released_code() {
    let library = Library::standard();
    assert_eq!(library.len(), 172);
    // Spelled out independently of Library::products.
    let vectors = ["x", "y", "Sx", "Sy"];
    let matrices = ["Sxx", "Syy", "Sxy", "Sxx^-1", "Syy^-1", "Sxy^-1"];
    let mut names: Vec<String> = vectors.map(String::from).to_vec();
    for a in matrices {
        names.extend(vectors.map(|v| format!("{a} {v}")));
    }
    for a in matrices {
        for b in matrices {
            names.extend(vectors.map(|v| format!("{a} {b} {v}")));
        }
    }
    assert!(library.iter().map(|term| term.to_string()).eq(names));
    assert_eq!(library[22].to_string(), "Syy^-1 Sx");
    assert_eq!(library[133].to_string(), "Syy^-1 Sxy y");
    assert_eq!(library.index_of(&library[171]), Some(171));
}

#[test]
fn the_released_mask_holds_26_terms_at_zero() {
    let library = Library::standard();
    let released = Mask::released(&library);
    assert_eq!(released.count(), 146);
    let off: Vec<String> = (0..172)
        .filter(|&index| !released.is_active(index))
        .map(|index| library[index].to_string())
        .collect();
    assert_eq!(off.len(), 26);
    assert_eq!(off[..2], ["x", "y"]);
    for name in &off[2..] {
        let [a, b, _] = name.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{name}")
        };
        assert!(a == format!("{b}^-1") || b == format!("{a}^-1"), "{name}");
    }
    // Anywhere in the product, not only side by side.
    let apart = Library::from_terms(["Sxx Syy Sxx^-1 x".parse().unwrap()]).unwrap();
    assert_eq!(Mask::released(&apart).count(), 0);
}

#[test]
fn masks_meet_and_count() {
    let library = Library::standard();
    let released = Mask::released(&library);
    let second = Mask::by(&library, |term| term.order() == 2);
    let both = released.and(&second).unwrap();
    assert_eq!((second.count(), both.count()), (144, 120));
    assert!(
        both.active()
            .all(|index| released.is_active(index) && second.is_active(index))
    );
    assert_eq!(Mask::all(172).and(&both).unwrap(), both);
    assert!(matches!(
        both.and(&Mask::all(3)),
        Err(Error::TermCount {
            found: 172,
            expected: 3,
            ..
        })
    ));
    assert!(Mask::only(&library, &["Syx x"]).is_err());
    let text = serde_json::to_string(&both).unwrap();
    assert_eq!(serde_json::from_str::<Mask>(&text).unwrap(), both);
}

#[test]
fn libraries_refuse_nothing_and_repetition() {
    let empty = Library::from_terms([]).unwrap_err().to_string();
    assert!(empty.contains("at least one"), "{empty}");
    let term: Term = "Sxx x".parse().unwrap();
    let twice = Library::from_terms([term.clone(), Vector::Y.into(), term])
        .unwrap_err()
        .to_string();
    assert_eq!(
        twice,
        "these terms make no library: \"Sxx x\" stands at both 0 and 2"
    );
    assert!(Library::products(&[Vector::X, Vector::X], &[], 0).is_err());
}

#[test]
fn higher_orders_continue_the_order() {
    let library = Library::products(&Vector::STANDARD, &Matrix::standard(), 3).unwrap();
    assert_eq!(library.len(), 172 + 864);
    assert_eq!(library.terms()[..172], *Library::standard().terms());
    assert_eq!(library[172].to_string(), "Sxx Sxx Sxx x");
    assert_eq!(library[1035].to_string(), "Sxy^-1 Sxy^-1 Sxy^-1 Sy");
}

#[test]
fn libraries_are_written_as_standard_or_as_names() {
    let standard = serde_json::to_string(&Library::standard()).unwrap();
    assert_eq!(standard, "\"standard\"");
    assert_eq!(
        serde_json::from_str::<Library>(&standard).unwrap(),
        Library::standard()
    );

    let terms = ["Sx", "Syy^-1 Sx"].map(|name| name.parse::<Term>().unwrap());
    let own = Term::new([Matrix::named("M").unwrap()], Vector::named("p").unwrap());
    let library = Library::from_terms(terms.into_iter().chain([own])).unwrap();
    let text = serde_json::to_string(&library).unwrap();
    assert!(text.starts_with(r#"["Sx","Syy^-1 Sx",{"#), "{text}");
    assert_eq!(serde_json::from_str::<Library>(&text).unwrap(), library);
    assert_eq!(library.find("M p"), Ok(2));

    for wrong in ["\"standart\"", "[]", "[\"x\", \"x\"]", "[\"Sxx\"]"] {
        assert!(serde_json::from_str::<Library>(wrong).is_err(), "{wrong}");
    }
}
