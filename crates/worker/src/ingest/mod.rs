//! From messages to rows. A batch goes through these steps, each in its file: parse, resolve (what the
//! database must be asked for first), plan (pure), commit, and what follows a commit.
mod changes;
mod commit;
mod count;
mod directory;
mod follow;
mod message;
mod pipeline;
mod plan;
mod resolve;
mod rows;
mod suspects;

pub(crate) use changes::{MOST_CHANGES, hear_changes};
pub(crate) use pipeline::Pipeline;
pub(crate) use suspects::Suspects;
