//! The small pieces of the algebra, each said out loud: how things print, what masks and libraries
//! answer, and the words of every refusal.

use mass_terms::{
    Alphabet, Base, Error, Library, Mask, Matrix, Name, Notation, Point, Shift, Term, Vector,
    evaluate_point,
};

fn term(name: &str) -> Term {
    name.parse().unwrap()
}

fn terms(names: &[&str]) -> Library {
    Library::from_terms(names.iter().map(|name| term(name))).unwrap()
}

#[test]
fn symbols_print_as_they_are_read() {
    let vectors: Vec<String> = Vector::STANDARD.iter().map(Vector::to_string).collect();
    assert_eq!(vectors, ["x", "y", "Sx", "Sy"]);
    let matrices: Vec<String> = Matrix::standard().iter().map(Matrix::to_string).collect();
    assert_eq!(
        matrices,
        ["Sxx", "Syy", "Sxy", "Sxx^-1", "Syy^-1", "Sxy^-1"]
    );
    let bases = [Base::Sxx, Base::Syy, Base::Sxy, Base::Syx].map(|base| base.to_string());
    assert_eq!(bases, ["Sxx", "Syy", "Sxy", "Syx"]);
    assert_eq!(Base::STANDARD.map(|base| base.to_string()), bases[..3]);

    let name: Name = "p2".parse().unwrap();
    assert_eq!(
        (name.as_str(), name.to_string(), format!("{name:?}")),
        ("p2", "p2".to_string(), "\"p2\"".to_string())
    );
    assert_eq!(String::from(name.clone()), "p2");
    assert_eq!(Name::try_from("p2".to_string()), Ok(name));
    assert_eq!(Vector::named("p2").unwrap().to_string(), "p2");
    assert_eq!(Matrix::named("M").unwrap().to_string(), "M");
    assert!(!Matrix::named("M").unwrap().inverse);
}

#[test]
fn every_notation_of_every_kind_of_symbol() {
    let spelled = |symbol: &Vector| {
        [Notation::Ascii, Notation::Unicode, Notation::Latex].map(|notation| symbol.name(notation))
    };
    assert_eq!(spelled(&Vector::X), ["x", "x", "x"]);
    assert_eq!(spelled(&Vector::Sy), ["Sy", "S_y", "S_{y}"]);
    assert_eq!(spelled(&Vector::named("p").unwrap()), ["p", "p", "p"]);
    // A name that begins with S is not one of the derivatives of S.
    assert_eq!(
        spelled(&Vector::named("Sz").unwrap()),
        ["Sz", "Sz", "\\mathrm{Sz}"]
    );
    let inverse = Matrix::inverse_of(Base::Named("M".parse().unwrap()));
    assert_eq!(inverse.name(Notation::Latex), "M^{-1}");
    assert_eq!(inverse.name(Notation::Unicode), "M⁻¹");
    assert_eq!(term("Sxy^-1 Sx").name(Notation::Latex), "S_{xy}^{-1} S_{x}");
}

#[test]
fn names_are_refused_with_the_reason() {
    let refused = |name: &str| name.parse::<Name>().unwrap_err().to_string();
    for name in ["", "2p", "p q", "é", "p_x"] {
        assert_eq!(
            refused(name),
            format!(
                "{name:?} cannot name a symbol: it must be an ASCII letter followed by ASCII \
                 letters and digits"
            )
        );
    }
    for name in ["x", "y", "Sx", "Sy", "Sxx", "Syy", "Sxy", "Syx"] {
        assert_eq!(
            refused(name),
            format!("{name:?} cannot name a symbol: the algebra has a symbol of that name already")
        );
    }
    assert!(Name::try_from("2p".to_string()).is_err());
    assert!(serde_json::from_str::<Name>("\"2p\"").is_err());
    assert!(Vector::named("x").is_err() && Matrix::named("Sxx").is_err());
}

#[test]
fn an_alphabet_knows_its_symbols_and_takes_none_twice() {
    let alphabet = Alphabet::standard()
        .with_vector("p")
        .and_then(|alphabet| alphabet.with_matrix("M"))
        .unwrap();
    let names: Vec<String> = alphabet.vectors().iter().map(Vector::to_string).collect();
    assert_eq!(names, ["x", "y", "Sx", "Sy", "p"]);
    let names: Vec<String> = alphabet.bases().iter().map(Base::to_string).collect();
    assert_eq!(names, ["Sxx", "Syy", "Sxy", "Syx", "M"]);
    assert_eq!(Alphabet::default(), Alphabet::standard());
    assert_ne!(alphabet, Alphabet::standard());
    for taken in ["p", "M"] {
        let expected = format!(
            "{taken:?} cannot name a symbol: the alphabet has a symbol of that name already"
        );
        let vector = alphabet.clone().with_vector(taken).unwrap_err();
        let matrix = alphabet.clone().with_matrix(taken).unwrap_err();
        assert_eq!(
            [vector.to_string(), matrix.to_string()],
            [expected.clone(), expected]
        );
    }
}

#[test]
fn a_matrix_and_its_inverse_know_each_other() {
    let [a, inverse, other] = [
        Matrix::new(Base::Sxx),
        Matrix::inverse_of(Base::Sxx),
        Matrix::inverse_of(Base::Syy),
    ];
    assert!(a.is_inverse_of(&inverse) && inverse.is_inverse_of(&a));
    assert!(!a.is_inverse_of(&a) && !inverse.is_inverse_of(&inverse));
    assert!(!a.is_inverse_of(&other) && !inverse.is_inverse_of(&other));
    assert!(term("Sxx Syy Sxx^-1 x").contains_inverse_pair());
    assert!(term("Sxx^-1 Syy Sxx x").contains_inverse_pair());
    assert!(!term("Sxx Syy^-1 Sxx x").contains_inverse_pair());
    assert!(!term("Sxx x").contains_inverse_pair());
}

#[test]
fn terms_are_made_counted_and_padded() {
    let made = Term::new([Matrix::inverse_of(Base::Syy)], Vector::Sx);
    assert_eq!(made, term("Syy^-1 Sx"));
    assert_eq!((made.order(), term("x").order()), (1, 0));
    assert_eq!(Term::from(Vector::Y), term("y"));
    assert_eq!(format!("[{made:<12}]"), "[Syy^-1 Sx   ]");
    assert_eq!(
        format!("[{:>6}]", made.canonical(1, Shift::Zero)),
        "[Syy^-1 Sx]"
    );
    assert_eq!(
        format!("[{:>11}]", made.canonical(2, Shift::Learned)),
        "[  Syy^-1 Sx]"
    );
}

#[test]
fn terms_are_read_with_every_separator_and_refused_with_the_place() {
    for separator in ["\\cdot", "\\,", "\\ ", "~", "*", "·", "⋅", " ", " * "] {
        let text = format!("Syy^-1{separator}Sx");
        // `\cdot` ends with its last letter, so a space must follow.
        let text = text.replace("\\cdotS", "\\cdot S");
        assert_eq!(Term::parse(&text), Ok(term("Syy^-1 Sx")), "{text}");
    }
    let alphabet = Alphabet::standard().with_vector("momentum").unwrap();
    assert_eq!(
        Term::parse_with("S_{xx} \\mathrm{momentum}", &alphabet)
            .unwrap()
            .to_string(),
        "Sxx momentum"
    );
    let refused = |text: &str| Term::parse(text).unwrap_err().to_string();
    for (text, message) in [
        (
            "",
            "at column 1, \"\" ends before any symbol: a term needs a vector",
        ),
        (
            "  ",
            "at column 3, \"\" ends before any symbol: a term needs a vector",
        ),
        (
            "Sxx Sxx",
            "at column 5, \"Sxx\" is a matrix, but a term ends in a vector (x, y, Sx, Sy)",
        ),
        (
            "Sxx q",
            "at column 5, \"q\" is not a known vector; did you mean \"x\"? (known: x, y, Sx, Sy)",
        ),
        (
            "Sxx Sx^-1",
            "at column 5, \"Sx^-1\" inverts a vector: only matrices have inverses",
        ),
        (
            "x y",
            "at column 1, \"x\" is a vector, which may stand only at the end of a term",
        ),
        (
            "Qzzzzz y",
            "at column 1, \"Qzzzzz\" is not a known matrix (known: Sxx, Syy, Sxy, Syx)",
        ),
        (
            "S_{xx y",
            "at column 1, \"S_{xx\" opens a brace that it does not close",
        ),
        (
            "Sxx \\mathrm{p y",
            "at column 5, \"\\\\mathrm{p\" opens a brace that it does not close",
        ),
        ("Sxx ^-1", "at column 5, \"^-1\" is not a symbol"),
        (
            "é Sxx^2 y",
            "at column 3, \"Sxx^2\" has an exponent or a brace that is not read: the only exponent is -1",
        ),
    ] {
        assert_eq!(
            refused(text),
            format!("cannot read term {text:?}: {message}")
        );
    }
}

#[test]
fn files_refuse_what_is_no_term_and_say_what_would_be() {
    let refused = |text: &str| serde_json::from_str::<Term>(text).unwrap_err().to_string();
    assert!(refused("7").contains("the name of a term, or its matrices and vector"));
    assert!(refused(r#"{"vector":"x","matrix":[]}"#).contains("unknown field"));
    assert!(refused(r#"{"matrices":[]}"#).contains("missing field `vector`"));
    assert_eq!(
        serde_json::from_str::<Term>(r#"{"vector":"x"}"#).unwrap(),
        term("x")
    );
    let refused = |text: &str| {
        serde_json::from_str::<Library>(text)
            .unwrap_err()
            .to_string()
    };
    assert!(refused("7").contains("\"standard\" or a list of terms"));
    assert!(refused("\"paper\"").contains("\"standard\" or a list of terms"));
}

#[test]
fn a_mask_is_its_switches() {
    let mask: Mask = [true, false, true].into_iter().collect();
    assert_eq!(mask, Mask::from(vec![true, false, true]));
    assert_eq!(mask.as_slice(), [true, false, true]);
    assert_eq!((mask.len(), mask.count(), mask.is_empty()), (3, 2, false));
    assert!(mask.active().eq([0, 2]) && mask.iter().eq([true, false, true]));
    let on = |index| mask.is_active(index);
    assert!(on(0) && !on(1) && on(2) && !on(3));
    assert!(Mask::all(0).is_empty() && !Mask::all(1).is_empty());
    assert_eq!(Mask::all(2).as_slice(), [true, true]);
    let other = Mask::from(vec![false, false, true]);
    assert_eq!(mask.and(&other).unwrap().as_slice(), [false, false, true]);
    assert_eq!(
        mask.and(&Mask::all(2)).unwrap_err().to_string(),
        "the mask has 3 terms, but 2 are needed"
    );
    let library = terms(&["x", "Sx", "Sxx x", "Sxx Sxx^-1 y"]);
    let released = Mask::released(&library);
    assert_eq!(released.as_slice(), [false, true, true, false]);
    let first = Mask::by(&library, |term| term.order() == 1);
    assert_eq!(first.as_slice(), [false, false, true, false]);
    let only = Mask::only(&library, &["Sx", "Sxx Sxx^-1 y"]).unwrap();
    assert_eq!(only.as_slice(), [false, true, false, true]);
}

#[test]
fn a_library_answers_for_its_terms() {
    let library = terms(&["Sx", "Syy^-1 Sx", "Syy^-1 Sxy y"]);
    assert_eq!(library.len(), 3);
    assert_eq!(
        library.terms(),
        [term("Sx"), term("Syy^-1 Sx"), term("Syy^-1 Sxy y")]
    );
    assert_eq!(library.get(1), Some(&term("Syy^-1 Sx")));
    assert_eq!((library.get(3), library.index_of(&term("y"))), (None, None));
    assert_eq!(library.index_of(&term("Syy^-1 Sxy y")), Some(2));
    assert_eq!(library[2], term("Syy^-1 Sxy y"));
    assert_eq!((&library).into_iter().count(), 3);
    assert!(library.iter().zip(&library).all(|(one, two)| one == two));
    assert_eq!(
        library.names(Notation::Unicode),
        ["S_x", "S_yy⁻¹ S_x", "S_yy⁻¹ S_xy y"]
    );
    assert_eq!(
        format!("{library:?}"),
        "Library[\"Sx\", \"Syy^-1 Sx\", \"Syy^-1 Sxy y\"]"
    );
    // Equal by terms, not only as one and the same.
    assert_eq!(library, terms(&["Sx", "Syy^-1 Sx", "Syy^-1 Sxy y"]));
    assert_eq!(library, library.clone());
    assert_ne!(library, terms(&["Sx", "Syy^-1 Sx"]));
    assert_eq!(
        library.find("Syy^-1 Sy").unwrap_err().to_string(),
        "\"Syy^-1 Sy\" is not among the 3 terms of the library; did you mean \"Syy^-1 Sx\"?"
    );
    assert!(matches!(library.find("Sq"), Err(Error::Parse { .. })));
}

#[test]
fn a_library_knows_the_symbols_that_occur_in_it() {
    let own = |vector: &str, matrix: &str| {
        Term::new(
            [Matrix::named(matrix).unwrap()],
            Vector::named(vector).unwrap(),
        )
    };
    let library = Library::from_terms([term("Sxx x"), own("p", "M"), own("p", "K"), own("q", "M")]);
    let library = library.unwrap();
    let alphabet = library.alphabet().unwrap();
    let expected = Alphabet::standard()
        .with_vector("p")
        .and_then(|alphabet| alphabet.with_matrix("M"))
        .and_then(|alphabet| alphabet.with_matrix("K"))
        .and_then(|alphabet| alphabet.with_vector("q"))
        .unwrap();
    assert_eq!(alphabet, expected);
    assert_eq!(library.find("M q"), Ok(3));
    let clash = Library::from_terms([own("p", "M"), own("M", "p")]).unwrap();
    assert!(matches!(clash.alphabet(), Err(Error::Name { .. })));
    assert!(matches!(clash.find("M p"), Err(Error::Name { .. })));
}

#[test]
fn products_are_in_order_and_have_any_depth() {
    let [x, y] = [Vector::X, Vector::Y];
    let matrices = [Matrix::new(Base::Sxx), Matrix::inverse_of(Base::Syy)];
    let names = |order| {
        let library = Library::products(&[x.clone(), y.clone()], &matrices, order).unwrap();
        library.names(Notation::Ascii)
    };
    assert_eq!(names(0), ["x", "y"]);
    assert_eq!(
        names(1),
        ["x", "y", "Sxx x", "Sxx y", "Syy^-1 x", "Syy^-1 y"]
    );
    assert_eq!(
        names(2)[6..10],
        ["Sxx Sxx x", "Sxx Sxx y", "Sxx Syy^-1 x", "Sxx Syy^-1 y"]
    );
    assert_eq!(names(2).len(), 14);
}

#[test]
fn canonical_forms_in_one_dimension_and_in_more() {
    let form = |name: &str, d, shift| term(name).canonical(d, shift).to_string();
    for (name, one_zero, one_learned, two_zero, two_learned) in [
        ("Sxx^-1 Sxx y", "y", "Sxx Sxx^-1 y", "y", "Sxx Sxx^-1 y"),
        ("Syx x", "Sxy x", "Sxy x", "Syx x", "Syx x"),
        (
            "Syy Sxx x",
            "Sxx Syy x",
            "Sxx Syy x",
            "Syy Sxx x",
            "Syy Sxx x",
        ),
        (
            "Sxx Sxx^-1 Sxx x",
            "Sxx x",
            "Sxx Sxx Sxx^-1 x",
            "Sxx x",
            "Sxx Sxx Sxx^-1 x",
        ),
        (
            "Syy Sxx Sxx^-1 Syy^-1 x",
            "x",
            "Sxx Sxx^-1 Syy Syy^-1 x",
            "x",
            "Syy Sxx Sxx^-1 Syy^-1 x",
        ),
    ] {
        assert_eq!(form(name, 1, Shift::Zero), one_zero, "{name}");
        assert_eq!(form(name, 1, Shift::Learned), one_learned, "{name}");
        assert_eq!(form(name, 2, Shift::Zero), two_zero, "{name}");
        assert_eq!(form(name, 2, Shift::Learned), two_learned, "{name}");
    }
    let library = terms(&["Syy Sxx x", "Sx", "Sxx Syy x", "Syx x", "Sxy x"]);
    assert_eq!(
        library.classes(1, Shift::Zero),
        [vec![0, 2], vec![1], vec![3, 4]]
    );
    assert_eq!(library.classes(2, Shift::Zero).len(), 5);
    assert_eq!(term("Sx").canonical(1, Shift::Zero).term(), &term("Sx"));
}

/// S_xx and S_yy symmetric, S_xy not: every value by hand.
fn point() -> Point {
    Point {
        x: vec![1.0, 2.0],
        y: vec![3.0, 5.0],
        s_x: vec![7.0, 11.0],
        s_y: vec![13.0, 17.0],
        s_xx: vec![2.0, 0.0, 0.0, 4.0],
        s_yy: vec![1.0, 1.0, 1.0, 2.0],
        s_xy: vec![0.0, 1.0, 2.0, 3.0],
        vectors: [("p".parse().unwrap(), vec![19.0, 23.0])].into(),
        matrices: [("M".parse().unwrap(), vec![1.0, 0.0, 5.0, 1.0])].into(),
    }
}

#[test]
fn values_at_a_point_by_hand() {
    let own = [
        Term::new([], Vector::named("p").unwrap()),
        Term::new([Matrix::named("M").unwrap()], Vector::X),
    ];
    let standard = [
        "x",
        "y",
        "Sx",
        "Sy",
        "Sxx x",
        "Syy x",
        "Sxy x",
        "Syx x",
        "Sxx^-1 y",
        "Sxy Sxx x",
    ];
    let library = Library::from_terms(standard.map(term).into_iter().chain(own)).unwrap();
    let found = evaluate_point(&library, &point(), 0.0).unwrap();
    let expected = [
        [1.0, 2.0],
        [3.0, 5.0],
        [7.0, 11.0],
        [13.0, 17.0],
        [2.0, 8.0],
        [3.0, 5.0],
        [2.0, 8.0], // (0·1 + 1·2, 2·1 + 3·2)
        [4.0, 7.0], // transposed: (0·1 + 2·2, 1·1 + 3·2)
        [1.5, 1.25],
        [8.0, 28.0], // S_xy (2, 8)
        [19.0, 23.0],
        [1.0, 7.0],
    ];
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        approx::assert_relative_eq!(
            found[..],
            expected[..],
            epsilon = 1e-14,
            max_relative = 1e-14
        );
        assert_eq!(found.len(), 2, "{}", library[index]);
    }
    // The shift is added to the diagonal before inverting, and to nothing else.
    let inverses = terms(&["Sxx^-1 y", "Sxx y", "Sxy^-1 x"]);
    let found = evaluate_point(&inverses, &point(), 2.0).unwrap();
    // S_xy + 2 = ((2, 1), (2, 5)), of determinant 8.
    let expected = [[0.75, 5.0 / 6.0], [6.0, 20.0], [3.0 / 8.0, 2.0 / 8.0]];
    for (found, expected) in found.iter().zip(expected) {
        approx::assert_relative_eq!(
            found[..],
            expected[..],
            epsilon = 1e-14,
            max_relative = 1e-14
        );
    }
}

#[test]
fn a_point_that_does_not_fit_is_refused_by_name() {
    let refused = |name: &str, change: fn(&mut Point)| {
        let mut point = point();
        change(&mut point);
        evaluate_point(&terms(&[name]), &point, 0.0)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused("Sx", |point| point.s_x.truncate(1)),
        "Sx has shape [1], but [2] is needed"
    );
    assert_eq!(
        refused("Sxy x", |point| point.s_xy.truncate(3)),
        "Sxy has shape [3], but [4] (2 x 2) is needed"
    );
    assert_eq!(
        refused("x", |point| point.x.clear()),
        "x has shape [0], but [1] is needed"
    );
    let own = Library::from_terms([Term::new(
        [Matrix::named("K").unwrap()],
        Vector::named("q").unwrap(),
    )])
    .unwrap();
    let missing = |point: &Point| evaluate_point(&own, point, 0.0).unwrap_err().to_string();
    let mut given = point();
    assert_eq!(
        missing(&given),
        "the library needs a value for vector q, and none was given (given: p, M)"
    );
    given.vectors.insert("q".parse().unwrap(), vec![1.0, 1.0]);
    assert_eq!(
        missing(&given),
        "the library needs a value for matrix K, and none was given (given: p, q, M)"
    );
    given.vectors.clear();
    given.matrices.clear();
    assert_eq!(
        missing(&given),
        "the library needs a value for vector q, and none was given (given: none)"
    );
}
