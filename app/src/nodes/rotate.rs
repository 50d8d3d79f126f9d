//! Another password for a controller. It is shown to who asked for it, for as long as they stay there, ten minutes at
//! most; kept is only what the broker compares it with, and the server writes that into the broker's file by itself.
use super::{
    Found,
    view::{AskRotating, Password},
};
use crate::{
    access::Farm,
    document::{Page, respond, secret},
    error::AppError,
    forms::{Fields, SureOnce},
    once::{self, Once},
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::credentials;
use leptos::prelude::*;
use store::{
    FarmScope,
    nodes::{self, Rotation},
};

/// `GET /farms/{farm}/nodes/{node}/rotate`: what it means; and the password again, for who has just made it.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    mut visitor: Visitor,
) -> Result<Response, AppError> {
    let found = Found::load(&state, &visitor, (&scope, &id)).await?;
    if found.node.revoked_at.is_some() {
        return Err(AppError::NotFound);
    }
    let (page, title) = page_of(&visitor.reader, &found);
    let (reader, back) = (visitor.reader, found.address());
    if let Some(once) = visitor.once {
        let made = Made::by(&state, &visitor, (&found, once)).await?;
        if made.is_shown(&state, &scope, &found).await? {
            let (node, password) = (found.node, made.password);
            visitor.once = None;
            return Ok(secret(respond(&state, &visitor, page, || {
                view! { <Password reader title node password back/> }
            })));
        }
    }
    Ok(respond(&state, &visitor, page, || view! { <AskRotating reader title back/> }))
}

/// `POST /farms/{farm}/nodes/{node}/rotate`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(SureOnce { once, .. }): Fields<SureOnce>,
) -> Result<Response, AppError> {
    let found = Found::load(&state, &visitor, (&scope, &id)).await?;
    let mut once = once.unwrap_or_else(Once::new);
    let mut made = Made::by(&state, &visitor, (&found, once)).await?;
    match made.rotation(&state, &scope, &found).await? {
        // sent twice
        Some(rotation) if is_shown(&state, rotation) => {
            return Ok(to_password(&found, &visitor, once));
        }
        // a form of long ago: no password comes back
        Some(_) => {
            once = Once::new();
            made = Made::by(&state, &visitor, (&found, once)).await?;
        }
        None => {}
    }
    let hash = credentials::hash(&made.password, rand::random());
    let change = (found.node.id, hash.as_str(), made.mark.as_str());
    let origin = visitor.origin(state.clock.now());
    let rotated = nodes::rotate_of_farm(&state.database, &scope, change, &origin).await?;
    rotated.ok_or(AppError::NotFound)?;
    Ok(to_password(&found, &visitor, once))
}

/// What a form makes.
struct Made {
    password: String,
    /// By which the audit trail knows it again, and tells nothing of it.
    mark: String,
}

impl Made {
    async fn by(
        state: &AppState,
        visitor: &Visitor,
        (found, once): (&Found, Once),
    ) -> Result<Self, AppError> {
        let ours = once::servers_part(state, visitor, found.node.id.0.as_bytes()).await?;
        let password = credentials::password(once.password("node", &ours));
        let mark = Once::mark_of(password.as_bytes()).text();
        Ok(Self { password, mark })
    }

    /// When the controller was given it.
    async fn rotation(
        &self,
        state: &AppState,
        scope: &FarmScope,
        found: &Found,
    ) -> Result<Option<Rotation>, AppError> {
        let given = (&found.node.name, self.mark.as_str());
        let look = async |conn: &mut _| nodes::rotation(conn, scope.farm(), given).await;
        Ok(scope.read(&state.database, look).await?)
    }

    async fn is_shown(
        &self,
        state: &AppState,
        scope: &FarmScope,
        found: &Found,
    ) -> Result<bool, AppError> {
        let rotation = self.rotation(state, scope, found).await?;
        Ok(rotation.is_some_and(|rotation| is_shown(state, rotation)))
    }
}

/// Whether it is the password of now, and was given so lately that it is still shown.
fn is_shown(state: &AppState, Rotation { at, is_newest }: Rotation) -> bool {
    is_newest && once::is_shown(at, state.clock.now())
}

/// To the page that shows it.
fn to_password(found: &Found, visitor: &Visitor, once: Once) -> Response {
    let mut response = Redirect::to(&format!("{}/rotate", found.address())).into_response();
    once.keep(&mut response, visitor);
    response
}

fn page_of(reader: &Reader, found: &Found) -> (Page, String) {
    let title = reader.say_with("node-rotate-title", &[("node", found.node.name.as_str())]);
    (Page::of_farm(title.clone(), &found.known.facts.farm), title)
}
