//! The pages from inside: the whole router in this process, on a real PostgreSQL.
mod access;
mod errors;
mod guard;
mod home;
mod language;
mod live;
mod origin;
mod rates;
mod renewal;
mod second_step;
mod sessions;
mod sign_in;
mod world;

use world::Site;
