//! The pages, by feature: routes, handler and view on the server, and the islands that live in the
//! browser. With `hydrate` only the islands are built; everything else is behind `ssr`.

pub mod live;

#[cfg(feature = "ssr")]
pub mod access;
#[cfg(feature = "ssr")]
mod account;
#[cfg(feature = "ssr")]
mod audit;
#[cfg(feature = "ssr")]
mod back;
#[cfg(feature = "ssr")]
mod bar;
#[cfg(feature = "ssr")]
mod board;
#[cfg(feature = "ssr")]
mod browser;
#[cfg(feature = "ssr")]
mod claim;
#[cfg(feature = "ssr")]
mod codes;
#[cfg(feature = "ssr")]
mod commands;
#[cfg(feature = "ssr")]
mod configs;
pub mod control;
#[cfg(feature = "ssr")]
mod cookies;
#[cfg(feature = "ssr")]
mod days;
#[cfg(feature = "ssr")]
mod devices;
#[cfg(feature = "ssr")]
mod document;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod errors;
#[cfg(feature = "ssr")]
mod events;
#[cfg(feature = "ssr")]
mod farms;
#[cfg(feature = "ssr")]
mod forms;
#[cfg(feature = "ssr")]
mod home;
#[cfg(feature = "ssr")]
mod houses;
#[cfg(feature = "ssr")]
mod icons;
#[cfg(feature = "ssr")]
mod invitations;
#[cfg(feature = "ssr")]
mod join;
#[cfg(feature = "ssr")]
mod language;
#[cfg(feature = "ssr")]
pub mod limits;
#[cfg(feature = "ssr")]
mod manifest;
#[cfg(feature = "ssr")]
mod members;
#[cfg(feature = "ssr")]
mod new_password;
#[cfg(feature = "ssr")]
mod nodes;
#[cfg(feature = "ssr")]
mod once;
#[cfg(feature = "ssr")]
pub mod passwords;
#[cfg(feature = "ssr")]
mod person;
#[cfg(feature = "ssr")]
mod proof;
#[cfg(feature = "ssr")]
mod qr;
#[cfg(feature = "ssr")]
pub mod reader;
#[cfg(feature = "ssr")]
mod reset;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
mod second_factor;
#[cfg(feature = "ssr")]
mod sessions;
#[cfg(feature = "ssr")]
mod settings;
#[cfg(feature = "ssr")]
mod sign_in;
#[cfg(feature = "ssr")]
mod sign_out;
#[cfg(feature = "ssr")]
mod sign_up;
#[cfg(feature = "ssr")]
mod start;
#[cfg(feature = "ssr")]
pub mod state;
#[cfg(feature = "ssr")]
mod stops;
#[cfg(feature = "ssr")]
mod ticket;
#[cfg(feature = "ssr")]
pub mod visitor;
#[cfg(feature = "ssr")]
mod welcome;
#[cfg(feature = "ssr")]
mod zones;

#[cfg(feature = "ssr")]
pub use routes::endpoints;
#[cfg(feature = "ssr")]
pub use sign_in::door;

// islands are started by the browser under these names
pub use control::Taps;
pub use live::Live;
