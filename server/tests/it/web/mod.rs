//! The pages from inside: the whole router in this process, on a real PostgreSQL.
mod access;
mod errors;
mod events;
mod guard;
mod home;
mod invitations;
mod language;
mod live;
mod members;
mod origin;
mod sessions;
mod sign_in;
mod world;

use world::Site;
