//! Every address of the pages, in one table, with who may use it.
use crate::{
    access::{Access::*, Endpoints},
    farms, home, language, manifest, sign_in, sign_out, start,
    state::AppState,
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
        .get("/farms", SignedIn, farms::page)
        .get("/farms/{farm}", Farm(SeeFarm), home::page)
        .stream("/farms/{farm}/live", Farm(SeeFarm), home::stream::stream)
}
