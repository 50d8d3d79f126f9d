//! From messages to rows. A batch goes through these steps, each in its file: parse, resolve (what the
//! database must be asked for first), plan (pure), commit, and what follows a commit.
mod allowance;
mod answer;
mod changes;
mod commit;
mod count;
mod directory;
mod follow;
mod measure;
mod message;
mod pipeline;
mod plan;
mod report;
mod resolve;
mod rows;
mod suspects;
mod unknown;

pub(crate) use changes::{MOST_CHANGES, hear_changes};
pub(crate) use pipeline::Pipeline;
pub(crate) use suspects::Suspects;
