//! Who may do what, in one table: the server asks it before every page and form, pages by it show only
//! what may be done, and the tests walk it.
use crate::roles::Role;

/// Something that is done with a farm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// Looks at the farm: its houses, values, devices and members.
    SeeFarm,
    /// Reads what has happened on the farm, and takes it away as a file.
    ReadEvents,
    /// Leaves the farm.
    LeaveFarm,
    /// Switches devices by hand, and presses the emergency stop.
    ControlDevices,
    /// Lets a stopped farm or house go on.
    ReleaseStop,
    /// Claims, accepts, names, moves, replaces and retires devices and controllers, and sets what holds for them.
    EditDevices,
    /// Adds, renames and empties houses.
    EditHouses,
    /// Invites people, with a role below one's own, and takes such invitations back.
    InviteMembers,
    /// Lets a member of a lower role set a new password.
    IssueResetCodes,
    /// Changes members' roles and removes members.
    ManageMembers,
    /// Renames the farm, and changes its place and time zone.
    EditFarm,
    /// Pauses or deletes the farm, and brings it back.
    DeleteFarm,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::SeeFarm,
        Self::ReadEvents,
        Self::LeaveFarm,
        Self::ControlDevices,
        Self::ReleaseStop,
        Self::EditDevices,
        Self::EditHouses,
        Self::InviteMembers,
        Self::IssueResetCodes,
        Self::ManageMembers,
        Self::EditFarm,
        Self::DeleteFarm,
    ];

    /// The weakest role that has it.
    pub const fn weakest(self) -> Role {
        match self {
            Self::SeeFarm | Self::ReadEvents | Self::LeaveFarm => Role::Viewer,
            Self::ControlDevices => Role::Keeper,
            Self::ReleaseStop
            | Self::EditDevices
            | Self::EditHouses
            | Self::InviteMembers
            | Self::IssueResetCodes => Role::Manager,
            Self::ManageMembers | Self::EditFarm | Self::DeleteFarm => Role::Admin,
        }
    }
}

impl Role {
    /// Whether members of this role may do it.
    pub fn may(self, permission: Permission) -> bool {
        self >= permission.weakest()
    }

    /// The roles that members of this role may give by an invitation, weakest first: a manager those
    /// below, an admin all.
    pub fn may_invite(self) -> impl Iterator<Item = Role> {
        let may = self.may(Permission::InviteMembers);
        Self::ALL.into_iter().filter(move |role| may && (*role < self || self == Self::Admin))
    }

    /// Whether a member of this role may let one of `other` set a new password.
    pub fn may_reset(self, other: Self) -> bool {
        self.may(Permission::IssueResetCodes) && other < self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stronger_role_may_do_all_that_a_weaker_one_may() {
        for permission in Permission::ALL {
            for (weaker, stronger) in Role::ALL.into_iter().zip(Role::ALL.into_iter().skip(1)) {
                assert!(!weaker.may(permission) || stronger.may(permission), "{permission:?}");
            }
            assert!(Role::Admin.may(permission), "{permission:?}");
        }
    }

    #[test]
    fn whoever_may_stop_a_farm_need_not_be_one_who_lets_it_go_on() {
        assert!(!Role::Viewer.may(Permission::ControlDevices));
        assert!(Role::Keeper.may(Permission::ControlDevices));
        for permission in [Permission::ReleaseStop, Permission::EditDevices] {
            assert!(!Role::Keeper.may(permission), "{permission:?}");
            assert!(Role::Manager.may(permission), "{permission:?}");
        }
    }

    #[test]
    fn nobody_gives_more_than_they_have() {
        let roles = |role: Role| role.may_invite().collect::<Vec<_>>();
        assert_eq!(roles(Role::Viewer), []);
        assert_eq!(roles(Role::Keeper), []);
        assert_eq!(roles(Role::Manager), [Role::Viewer, Role::Keeper]);
        assert_eq!(roles(Role::Admin), Role::ALL);
        assert!(Role::Admin.may_reset(Role::Manager));
        assert!(!Role::Admin.may_reset(Role::Admin));
        assert!(!Role::Manager.may_reset(Role::Manager));
        assert!(!Role::Keeper.may_reset(Role::Viewer));
    }
}
