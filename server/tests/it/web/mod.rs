//! The pages from inside: the whole router in this process, on a real PostgreSQL.
mod access;
mod errors;
mod forgeries;
mod farms;
mod guard;
mod home;
mod houses;
mod events;
mod guard;
mod home;
mod invitations;
mod language;
mod live;
mod members;
mod origin;
mod revoked;
mod second_wall;
mod sessions;
mod settings;
mod sign_in;
mod walk;
mod welcome;
mod world;

use world::Site;
