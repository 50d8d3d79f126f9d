//! People's accounts: making one, and what a person does with their own.

mod ending;
mod making;
mod password;
mod profile;
mod rescue;

pub use ending::{deactivate, delete, needed_by};
pub use making::{
    AccountError, Login, NewAccount, NewOperatorAccount, create_by_operator, new_id, sign_up,
};
pub use password::{change_password, password_hash, rehash, sessions_ended_by_change};
pub use profile::{Profile, Settings, change_profile, change_settings, find};
pub use rescue::{open_by_operator, turn_second_factor_off_by_operator};
