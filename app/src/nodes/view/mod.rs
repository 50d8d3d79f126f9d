//! Controllers as people see them.
mod giving;
mod one;
mod replacing;
mod rotating;

pub(super) use giving::{AskGiving, GivenAway};
pub(super) use one::OneNode;
pub(super) use replacing::AskReplacing;
pub(super) use rotating::{AskRotating, Password};
