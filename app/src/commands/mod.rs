//! Commands as people read them: what a device was told, how far that has come, why it ended so, and who asked.

mod words;

pub(crate) use words::Words;
