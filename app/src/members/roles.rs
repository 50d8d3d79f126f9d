//! Roles in words.
use crate::{forms::Choice, reader::Reader};
use domain::roles::Role;

/// What a role is called.
pub(crate) fn role_name(reader: &Reader, role: Role) -> String {
    reader.say(&format!("role-{}", role.name()))
}

/// What a role may do, in a few words.
pub(crate) fn role_may(reader: &Reader, role: Role) -> String {
    reader.say(&format!("role-{}-may", role.name()))
}

/// A role's picture.
pub(crate) const fn role_icon(role: Role) -> &'static str {
    match role {
        Role::Admin => "key",
        Role::Manager => "settings",
        Role::Keeper => "hand",
        Role::Viewer => "eye",
    }
}

/// Both in one line.
pub(super) fn role_line(reader: &Reader, role: Role) -> String {
    let (name, may) = (role_name(reader, role), role_may(reader, role));
    reader.say_with("members-role", &[("role", &name), ("may", &may)])
}

/// A role to choose.
pub(crate) fn role_choice(reader: &Reader, role: Role) -> Choice {
    Choice {
        value: role.name(),
        label: role_name(reader, role),
        help: Some(role_may(reader, role)),
        icon: role_icon(role),
    }
}
