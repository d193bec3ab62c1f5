//! Prints the terms of the paper's library by name, and how many different functions they are.

use mass_terms::{Library, Mask, Notation, Shift};

fn main() {
    let library = Library::standard();
    let released = Mask::released(&library);
    for (index, term) in library.iter().enumerate() {
        let note = if released.is_active(index) {
            ""
        } else {
            "  held at zero in the released code"
        };
        println!(
            "{index:>3}  {:<22} {}{note}",
            term.name(Notation::Unicode),
            term.name(Notation::Latex)
        );
    }
    println!("\n{} terms, {} active", library.len(), released.count());
    for dof in [1, 2] {
        for shift in [Shift::Zero, Shift::Learned] {
            let classes = library.classes(dof, shift).len();
            println!("d = {dof}, shift {shift:?}: {classes} different functions");
        }
    }
}
