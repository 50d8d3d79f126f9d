//! The pages from inside: the whole router in this process, on a real PostgreSQL.
mod access;
mod account;
mod account_end;
mod account_password;
mod account_sessions;
mod errors;
mod guard;
mod home;
mod join;
mod language;
mod live;
mod origin;
mod reset;
mod second_factor;
mod sessions;
mod sign_in;
mod sign_up;
mod world;

use world::Site;
