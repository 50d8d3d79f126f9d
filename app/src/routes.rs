//! Every address of the pages, in one table, with who may use it.
use crate::{
    access::{Access::*, Endpoints},
    farms, home, houses, language, manifest, settings, sign_in, sign_out, start,
    state::AppState,
    welcome,
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
        .get("/welcome", SignedIn, welcome::page)
        .post("/welcome", SignedIn, welcome::submit)
        .get("/farms", SignedIn, farms::page)
        .post("/farms/{farm}/restore", SignedIn, farms::restore)
        .post("/farms/{farm}/resume", SignedIn, farms::resume)
        .get("/farms/{farm}", Farm(SeeFarm), home::page)
        .get("/farms/{farm}/live", Farm(SeeFarm), home::stream::stream)
        .get("/farms/{farm}/houses", Farm(SeeFarm), houses::page)
        .get("/farms/{farm}/houses/new", Farm(EditHouses), houses::blank)
        .post("/farms/{farm}/houses/new", Farm(EditHouses), houses::add)
        .get("/farms/{farm}/houses/{house}", Farm(EditHouses), houses::edit)
        .post("/farms/{farm}/houses/{house}", Farm(EditHouses), houses::save)
        .get("/farms/{farm}/houses/{house}/remove", Farm(EditHouses), houses::ask_removal)
        .post("/farms/{farm}/houses/{house}/remove", Farm(EditHouses), houses::remove)
        .get("/farms/{farm}/settings", Farm(SeeFarm), settings::page)
        .post("/farms/{farm}/settings", Farm(EditFarm), settings::save)
        .get("/farms/{farm}/settings/leave", Farm(LeaveFarm), settings::ask_leaving)
        .post("/farms/{farm}/settings/leave", Farm(LeaveFarm), settings::leave)
        .get("/farms/{farm}/settings/pause", Farm(DeleteFarm), settings::ask_pausing)
        .post("/farms/{farm}/settings/pause", Farm(DeleteFarm), settings::pause)
        .get("/farms/{farm}/settings/delete", Farm(DeleteFarm), settings::ask_deleting)
        .post("/farms/{farm}/settings/delete", Farm(DeleteFarm), settings::delete)
}
