//! The outbox of commands: one task of whoever ingests commits that a command is on its way, hands it to the
//! link, and writes what link and time bring. What nodes answer comes through ingest.
mod outbox;

pub(crate) use outbox::Commands;
