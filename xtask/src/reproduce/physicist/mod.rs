//! The AI Physicist's figures and tables (Wu & Tegmark 2019).

pub(super) mod fig2;
pub(super) mod fig3;
pub(super) mod fig4;
pub(super) mod fig5;
pub(super) mod table2;
pub(super) mod table3;
pub(super) mod table5;
