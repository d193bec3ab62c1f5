//! The kernels of the weighted sum on the processor, written in lanes, behind Burn's flex backend
//! ([`flex`]).
//!
//! `passes` runs those of each scientist, `merged` for d = 1, `inverses` and `products` for more; from
//! there on nothing knows of Burn. The specification is [`crate::term_sum_composed`].

mod flex;
mod inverses;
mod lanes;
mod member;
mod merged;
mod passes;
mod products;
mod steps;
