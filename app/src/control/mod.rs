//! Switching devices by hand: all switches of a farm, and each with what more can be asked of it. What a page
//! shows is what devices report; what was asked of them is told as far as it has come, and never as done before
//! a device says so.

mod api;
#[cfg(feature = "ssr")]
mod bolt;
#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "ssr")]
mod follow;
mod island;
#[cfg(feature = "ssr")]
mod latch;
#[cfg(feature = "ssr")]
mod loaded;
#[cfg(feature = "ssr")]
mod model;
#[cfg(feature = "ssr")]
mod notes;
#[cfg(feature = "ssr")]
mod offers;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod refusal;
#[cfg(feature = "ssr")]
mod returned;
#[cfg(feature = "ssr")]
mod serve;
#[cfg(feature = "ssr")]
mod several;
#[cfg(feature = "ssr")]
mod stepping;
#[cfg(feature = "ssr")]
mod submit;
#[cfg(feature = "ssr")]
mod switch;
#[cfg(feature = "ssr")]
mod switches;
#[cfg(feature = "ssr")]
mod tap;
#[cfg(feature = "ssr")]
mod tell;
#[cfg(feature = "ssr")]
mod trial;
#[cfg(feature = "ssr")]
mod view;

pub use api::{Answer, Failed, Fields, Lines, SendTap, tap};
#[cfg(feature = "ssr")]
pub(crate) use follow::{one_stream, stream};
pub use island::Taps;
#[cfg(feature = "ssr")]
pub(crate) use latch::{Latch, with_taps};
#[cfg(feature = "ssr")]
pub(crate) use model::{LatchView, OnPage};
#[cfg(feature = "ssr")]
pub(crate) use page::{one, page};
#[cfg(feature = "ssr")]
pub(crate) use refusal::{Refusal, Refusals};
#[cfg(feature = "ssr")]
pub(crate) use serve::serve;
#[cfg(feature = "ssr")]
pub(crate) use several::submit as submit_several;
#[cfg(feature = "ssr")]
pub(crate) use submit::submit;
#[cfg(feature = "ssr")]
pub(crate) use switches::Switches;
#[cfg(feature = "ssr")]
pub(crate) use tell::Switchboard;
#[cfg(feature = "ssr")]
pub(crate) use trial::submit as try_out;
