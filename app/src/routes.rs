//! Every address of the pages, in one table, with who may use it.
use crate::{
    access::{Access::*, Endpoints},
    events, farms, home, invitations, language, manifest, members, sign_in, sign_out, start,
    state::AppState,
};
use domain::permissions::Permission::*;

/// The pages, their forms and their streams.
pub fn endpoints(state: &AppState) -> Endpoints {
    Endpoints::new(state)
        .get("/", Anyone, start::page)
        .get("/sign-in", Anyone, sign_in::page)
        .post("/sign-in", Anyone, sign_in::submit)
        .post("/sign-out", Anyone, sign_out::submit)
        .post("/language", Anyone, language::switch)
        .get("/manifest/{lang}", Anyone, manifest::manifest)
        .get("/farms", SignedIn, farms::page)
        .get("/farms/{farm}", Farm(SeeFarm), home::page)
        .get("/farms/{farm}/live", Farm(SeeFarm), home::stream::stream)
        .get("/farms/{farm}/members", Farm(SeeFarm), members::page)
        .get("/farms/{farm}/members/{member}", Farm(SeeFarm), members::person)
        .post("/farms/{farm}/members/{member}", Farm(ManageMembers), members::change)
        .get("/farms/{farm}/members/{member}/remove", Farm(ManageMembers), members::ask_removal)
        .post("/farms/{farm}/members/{member}/remove", Farm(ManageMembers), members::remove)
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
