//! The live half of a page. The page is the server's work, whole and right when it arrives; one island
//! keeps it so. It listens to the farm's stream, puts finished text where it belongs, counts ages on,
//! greys what grows old while the connection is lost, and says that it is lost. It makes no words and
//! no numbers of its own.

mod island;
mod news;

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "ssr")]
mod streams;

#[cfg(feature = "hydrate")]
pub(crate) use browser::dom;
pub use island::Live;
pub use news::{Age, LiveWords, PagePatch, Shown, ValuePatch};
#[cfg(feature = "ssr")]
pub(crate) use streams::OpenStream;
#[cfg(feature = "ssr")]
pub use streams::Streams;
