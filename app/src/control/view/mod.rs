//! The pages with latches as HTML. What people type into stands beside the latches: news replace those.
mod all;
mod one;

pub(super) use all::{Control, Shown};
pub(super) use one::{OneSwitch, STEP, Typed};
