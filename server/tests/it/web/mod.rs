//! The pages from inside: the whole router in this process, on a real PostgreSQL.
mod access;
mod errors;
mod forgeries;
mod guard;
mod home;
mod language;
mod live;
mod origin;
mod revoked;
mod second_wall;
mod sessions;
mod sign_in;
mod walk;
mod world;

use world::Site;
