//! Ways into a farm: making one, the ticket that is handed over, and taking it back. Nobody sees one whose
//! role they could not give: whoever has a code has its role.
mod view;

pub(crate) use view::{Invite, OpenInvitations};

use crate::{
    access::Farm,
    document::{Page, respond},
    error::AppError,
    forms::{self, Faults, Fields, Nothing, done, refused},
    members,
    reader::zone,
    state::AppState,
    ticket::{Handover, new_code},
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{InvitationId, Timestamp, roles::Role};
use leptos::prelude::*;
use serde::Deserialize;
use std::time::Duration;
use store::{
    FarmScope, Origin, StoreError, farms,
    invitations::{self, Invitation},
};
use view::{InvitationPage, Told};

/// Long enough to hand it over; whoever comes later is invited anew.
const LASTS: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// A code that is in use already is thrown again. Of 2^40 hardly ever one is.
const THROWS: u8 = 3;
/// The same form within this time is the same tap, or is sent again because the answer was lost. As long as
/// `public/boot.js` takes a second tap for one; where scripts run, who comes back has a new form.
const SAME_TAP: Duration = Duration::from_secs(10);

/// What was chosen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    role: Option<Role>,
    /// The identity that the invitation is to have: a second tap makes no second one.
    #[serde(default, deserialize_with = "forms::identity")]
    id: Option<InvitationId>,
}

/// `POST /farms/{farm}/invitations`.
pub(crate) async fn create(
    State(state): State<AppState>,
    Farm(scope): Farm,
    mut visitor: Visitor,
    Fields(New { role, id }): Fields<New>,
) -> Result<Response, AppError> {
    let Some(role) = role else {
        // the language can be changed there
        visitor.address = format!("/farms/{}/members", scope.farm());
        let mut faults = Faults::default();
        faults.add("role", visitor.reader.say("invitation-choose"));
        return Ok(refused(members::list(&state, &visitor, &scope, faults).await?));
    };
    // a role that is not theirs to give is on no form
    let id = id.unwrap_or_else(invitations::new_id);
    let made = make(&state, &scope, (id, role), &visitor.origin(state.clock.now())).await?;
    let invitation = made.ok_or(AppError::Forbidden)?;
    let address = format!("/farms/{}/invitations/{invitation}", scope.farm());
    Ok(Redirect::to(&address).into_response())
}

/// Makes an invitation under a code that is free; nothing if the role is not theirs to give.
async fn make(
    state: &AppState,
    scope: &FarmScope,
    (mut id, role): (InvitationId, Role),
    origin: &Origin<'_>,
) -> Result<Option<InvitationId>, StoreError> {
    let until = origin.at.plus(LASTS);
    let mut throws = 1;
    loop {
        let new = (role, &new_code(), until);
        match invitations::create(&state.database, scope, (id, new), origin).await {
            Err(StoreError::Conflict { constraint, .. }) if throws < THROWS => {
                throws += 1;
                if constraint == "invitations_pkey" {
                    if was_just_made(state, scope, (id, role), origin.at).await? {
                        return Ok(Some(id));
                    }
                    // who comes back to the form wants another one
                    id = invitations::new_id();
                }
            }
            made => return made,
        }
    }
}

/// Whether it is the one that the same tap has made.
async fn was_just_made(
    state: &AppState,
    scope: &FarmScope,
    (id, role): (InvitationId, Role),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let open =
        scope.read(&state.database, async |conn| invitations::list_open(conn, scope, now).await);
    let is_it =
        |one: &Invitation| one.id == id && one.role == role && now.since(one.created_at) < SAME_TAP;
    Ok(open.await?.iter().any(is_it))
}

/// `GET /farms/{farm}/invitations/{invitation}`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, invitation)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let id: InvitationId = invitation.parse().map_err(|_| AppError::NotFound)?;
    let now = state.clock.now();
    let found = visitor.read(&state, &scope, async |conn| {
        let farm = farms::find(conn, scope.farm()).await?;
        let open = invitations::list_open(conn, &scope, now).await?;
        Ok::<_, StoreError>(farm.zip(open.into_iter().find(|one| one.id == id)))
    });
    let (farm, invitation) = found.await?.ok_or(AppError::NotFound)?;
    visitor.visits(scope.farm(), now).await?;
    let reader = visitor.reader;
    let page = Page {
        title: reader.say("invitation-title"),
        farm: Some((scope.farm(), farm.name.clone())),
        ..Page::default()
    };
    let until = reader.when(invitation.expires_at, now, zone(&farm.timezone));
    let told = tell(&state, (scope, farm.name), invitation, until);
    Ok(respond(&state, &visitor, page, || view! { <InvitationPage reader told/> }))
}

fn tell(
    state: &AppState,
    (scope, farm_name): (FarmScope, String),
    invitation: Invitation,
    until: String,
) -> Told {
    let Invitation { id, code, role, .. } = invitation;
    let handover = Handover::new(state, "join", code);
    Told { farm: scope.farm(), farm_name, id, role, handover, until }
}

/// `POST /farms/{farm}/invitations/{invitation}/revoke`.
pub(crate) async fn revoke(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, invitation)): Path<(String, String)>,
    visitor: Visitor,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    let id: InvitationId = invitation.parse().map_err(|_| AppError::NotFound)?;
    let now = state.clock.now();
    if !invitations::revoke(&state.database, &scope, id, &visitor.origin(now)).await? {
        return Err(AppError::NotFound);
    }
    Ok(done(&format!("/farms/{}/members", scope.farm()), "invitation-revoked"))
}
