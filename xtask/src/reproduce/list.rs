//! The figures and tables that there are.

use super::figure::Entry;

/// Every figure and table, in the order of the gallery: what the command line knows them by.
pub(crate) const FIGURES: &[Entry] = &[
    Entry::of::<super::fig3::Fig3>(),
    Entry::of::<super::fig4::Fig4>(),
    Entry::of::<super::fig5::Fig5>(),
    Entry::of::<super::fig6::Fig6>(),
    Entry::of::<super::fig7::Fig7>(),
    Entry::of::<super::fig8::Fig8>(),
    Entry::of::<super::fig9::Fig9>(),
    Entry::of::<super::fig10::Fig10>(),
    Entry::of::<super::fig11::Fig11>(),
    Entry::of::<super::fig12::Fig12>(),
    Entry::of::<super::fig13::Fig13>(),
    Entry::of::<super::fig14::Fig14>(),
    Entry::of::<super::fig15::Fig15>(),
    Entry::of::<super::fig16::Fig16>(),
    Entry::of::<super::fig17::Fig17>(),
    Entry::of::<super::fig18::Fig18>(),
    Entry::of::<super::fig19::Fig19>(),
    Entry::of::<super::table1::Table1>(),
    Entry::of::<super::table2::Table2>(),
    Entry::of::<super::table2d::Table2D>(),
    Entry::of::<super::table3::Table3>(),
    Entry::of::<super::agreement::AgreementFigure>(),
    Entry::of::<super::theories::Theories>(),
    Entry::of::<super::spread::Spread>(),
    Entry::of::<super::physicist::fig2::Lengths>(),
    Entry::of::<super::physicist::fig3::Snaps>(),
    Entry::of::<super::physicist::fig4::Mystery>(),
    Entry::of::<super::physicist::fig5::Domained>(),
    Entry::of::<super::physicist::table2::Agents>(),
    Entry::of::<super::physicist::table3::Worlds>(),
    Entry::of::<super::physicist::table5::Pendulums>(),
];
