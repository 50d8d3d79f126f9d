//! Every address of the pages, in one table, with who may use it.
use crate::{
    access::{Access::*, Endpoints},
    account, claim, configs, control, devices, events, farms, home, houses, invitations, join,
    language, manifest, members, nodes, reset, second_factor, sessions, settings, sign_in,
    sign_out, sign_up, start,
    state::AppState,
    stops, welcome,
};
use domain::permissions::Permission::*;

/// The pages, their forms and their streams.
pub fn endpoints(state: &AppState) -> Endpoints {
    Endpoints::new(state)
        .get("/", Anyone, start::page)
        .get("/sign-in", Anyone, sign_in::page)
        .post("/sign-in", Anyone, sign_in::submit)
        .get("/sign-in/code", Anyone, sign_in::code_page)
        .post("/sign-in/code", Anyone, sign_in::submit_code)
        .post("/sign-out", Anyone, sign_out::submit)
        .post("/language", Anyone, language::switch)
        .get("/manifest/{lang}", Anyone, manifest::manifest)
        .get("/welcome", SignedIn, welcome::page)
        .steps("/welcome", SignedIn, welcome::submit)
        .get("/sign-up", Anyone, sign_up::page)
        .post("/sign-up", Anyone, sign_up::submit)
        .get("/join", Anyone, join::ask)
        .get("/join/{code}", Anyone, join::page)
        .post("/join/{code}", Anyone, join::submit)
        .get("/reset", Anyone, reset::ask)
        .get("/reset/{code}", Anyone, reset::page)
        .post("/reset/{code}", Anyone, reset::submit)
        .get("/account", SignedIn, account::page)
        .post("/account", SignedIn, account::change_profile)
        .post("/account/settings", SignedIn, account::change_settings)
        .get("/account/password", SignedIn, account::password_page)
        .post("/account/password", SignedIn, account::change_password)
        .get("/account/second-factor", SignedIn, second_factor::page)
        .post("/account/second-factor", SignedIn, second_factor::confirm)
        .post("/account/second-factor/begin", SignedIn, second_factor::begin)
        .get("/account/second-factor/new-codes", SignedIn, second_factor::new_codes)
        .get("/account/second-factor/codes", SignedIn, second_factor::codes_page)
        .post("/account/second-factor/codes", SignedIn, second_factor::renew_codes)
        .get("/account/second-factor/off", SignedIn, second_factor::off_page)
        .post("/account/second-factor/off", SignedIn, second_factor::turn_off)
        .get("/account/sessions", SignedIn, sessions::page)
        .get("/account/sessions/{session}", SignedIn, sessions::name_page)
        .post("/account/sessions/{session}", SignedIn, sessions::change_name)
        .post("/account/sessions/{session}/end", SignedIn, sessions::end)
        .post("/account/sessions/end-others", SignedIn, sessions::end_others)
        .get("/account/deactivate", SignedIn, account::deactivate_page)
        .post("/account/deactivate", SignedIn, account::deactivate)
        .get("/account/delete", SignedIn, account::delete_page)
        .post("/account/delete", SignedIn, account::delete)
        .get("/farms", SignedIn, farms::page)
        .post("/farms/{farm}/restore", SignedIn, farms::restore)
        .post("/farms/{farm}/resume", SignedIn, farms::resume)
        .get("/farms/{farm}", Farm(SeeFarm), home::page)
        .stream("/farms/{farm}/live", Farm(SeeFarm), home::stream::stream)
        .get("/farms/{farm}/control", Farm(SeeFarm), control::page)
        .steps("/farms/{farm}/control", Farm(ControlDevices), control::submit_several)
        .stream("/farms/{farm}/control/live", Farm(SeeFarm), control::stream)
        .get("/farms/{farm}/control/{device}", Farm(SeeFarm), control::one)
        .steps("/farms/{farm}/control/{device}", Farm(ControlDevices), control::submit)
        .stream("/farms/{farm}/control/{device}/live", Farm(SeeFarm), control::one_stream)
        .steps("/farms/{farm}/api/tap", Farm(ControlDevices), control::serve)
        .get("/farms/{farm}/houses", Farm(SeeFarm), houses::page)
        .get("/farms/{farm}/houses/new", Farm(EditHouses), houses::blank)
        .post("/farms/{farm}/houses/new", Farm(EditHouses), houses::add)
        .get("/farms/{farm}/houses/{house}", Farm(EditHouses), houses::edit)
        .post("/farms/{farm}/houses/{house}", Farm(EditHouses), houses::save)
        .get("/farms/{farm}/houses/{house}/remove", Farm(EditHouses), houses::ask_removal)
        .post("/farms/{farm}/houses/{house}/remove", Farm(EditHouses), houses::remove)
        .get("/farms/{farm}/devices", Farm(SeeFarm), devices::page)
        .stream("/farms/{farm}/devices/live", Farm(SeeFarm), devices::stream)
        .get("/farms/{farm}/devices/{device}", Farm(SeeFarm), devices::one)
        .stream("/farms/{farm}/devices/{device}/live", Farm(SeeFarm), devices::one_stream)
        .get("/farms/{farm}/devices/{device}/commands", Farm(SeeFarm), devices::commands)
        .get("/farms/{farm}/devices/{device}/edit", Farm(EditDevices), devices::edit)
        .post("/farms/{farm}/devices/{device}/edit", Farm(EditDevices), devices::save)
        .steps("/farms/{farm}/devices/{device}/try", Farm(EditDevices), control::try_out)
        .post("/farms/{farm}/devices/{device}/order", Farm(EditDevices), devices::order)
        .get("/farms/{farm}/devices/{device}/retire", Farm(EditDevices), devices::ask_retiring)
        .post("/farms/{farm}/devices/{device}/retire", Farm(EditDevices), devices::retire)
        .post("/farms/{farm}/devices/{device}/restore", Farm(EditDevices), devices::restore)
        .get("/farms/{farm}/devices/{device}/replace", Farm(EditDevices), devices::ask_replacing)
        .post("/farms/{farm}/devices/{device}/replace", Farm(EditDevices), devices::replace)
        .get("/farms/{farm}/devices/{device}/settings", Farm(EditDevices), configs::page)
        .post("/farms/{farm}/devices/{device}/settings", Farm(EditDevices), configs::save)
        .stream("/farms/{farm}/devices/{device}/settings/live", Farm(EditDevices), configs::stream)
        .get(
            "/farms/{farm}/devices/{device}/calibration/{sensor}",
            Farm(EditDevices),
            configs::calibration,
        )
        .post(
            "/farms/{farm}/devices/{device}/calibration/{sensor}",
            Farm(EditDevices),
            configs::calibrate,
        )
        .post(
            "/farms/{farm}/devices/{device}/calibration/{sensor}/undo",
            Farm(EditDevices),
            configs::undo_calibration,
        )
        .post(
            "/farms/{farm}/devices/{device}/calibration/{sensor}/remove",
            Farm(EditDevices),
            configs::remove_calibration,
        )
        .get("/farms/{farm}/nodes/{node}", Farm(SeeFarm), nodes::page)
        .stream("/farms/{farm}/nodes/{node}/live", Farm(SeeFarm), nodes::stream)
        .get("/farms/{farm}/nodes/{node}/rotate", Farm(EditDevices), nodes::ask_rotating)
        .post("/farms/{farm}/nodes/{node}/rotate", Farm(EditDevices), nodes::rotate)
        .get("/farms/{farm}/nodes/{node}/replace", Farm(EditDevices), nodes::ask_replacing)
        .post("/farms/{farm}/nodes/{node}/replace", Farm(EditDevices), nodes::replace)
        .get("/farms/{farm}/nodes/{node}/give", Farm(EditDevices), nodes::ask_giving)
        .post("/farms/{farm}/nodes/{node}/give", Farm(EditDevices), nodes::give)
        .get("/farms/{farm}/stop", Farm(SeeFarm), stops::page)
        .stream("/farms/{farm}/stop/live", Farm(SeeFarm), stops::stream)
        .get("/farms/{farm}/stop/press", Farm(ControlDevices), stops::ask_pressing)
        .post("/farms/{farm}/stop/press", Farm(ControlDevices), stops::press)
        .get("/farms/{farm}/stop/{stop}/release", Farm(ReleaseStop), stops::ask_releasing)
        .post("/farms/{farm}/stop/{stop}/release", Farm(ReleaseStop), stops::release)
        .get("/claim", Anyone, claim::start)
        .get("/farms/{farm}/claim", Farm(EditDevices), claim::page)
        .post("/farms/{farm}/claim", Farm(EditDevices), claim::submit)
        .get("/farms/{farm}/settings", Farm(SeeFarm), settings::page)
        .post("/farms/{farm}/settings", Farm(EditFarm), settings::save)
        .get("/farms/{farm}/settings/leave", Farm(LeaveFarm), settings::ask_leaving)
        .post("/farms/{farm}/settings/leave", Farm(LeaveFarm), settings::leave)
        .get("/farms/{farm}/settings/pause", Farm(DeleteFarm), settings::ask_pausing)
        .post("/farms/{farm}/settings/pause", Farm(DeleteFarm), settings::pause)
        .get("/farms/{farm}/settings/delete", Farm(DeleteFarm), settings::ask_deleting)
        .post("/farms/{farm}/settings/delete", Farm(DeleteFarm), settings::delete)
        .get("/farms/{farm}/members", Farm(SeeFarm), members::page)
        .get("/farms/{farm}/members/{member}", Farm(SeeFarm), members::person)
        .post("/farms/{farm}/members/{member}", Farm(ManageMembers), members::change)
        .get("/farms/{farm}/members/{member}/remove", Farm(ManageMembers), members::ask_removal)
        .post("/farms/{farm}/members/{member}/remove", Farm(ManageMembers), members::remove)
        .get("/farms/{farm}/members/{member}/reset", Farm(IssueResetCodes), members::reset_code)
        .post("/farms/{farm}/members/{member}/reset", Farm(IssueResetCodes), members::reset)
        .post("/farms/{farm}/invitations", Farm(InviteMembers), invitations::create)
        .get("/farms/{farm}/invitations/{invitation}", Farm(InviteMembers), invitations::page)
        .post(
            "/farms/{farm}/invitations/{invitation}/revoke",
            Farm(InviteMembers),
            invitations::revoke,
        )
        .get("/farms/{farm}/events", Farm(ReadEvents), events::page)
        .get("/farms/{farm}/events.csv", Farm(ReadEvents), events::file)
}
