//! Where an invitation leads, as people see it.
use super::has_already;
use crate::{
    document::{Page, respond},
    icons::Icon,
    members::{role_icon, role_may, role_name},
    reader::{Reader, rfc3339},
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use chrono_tz::Tz;
use domain::{Timestamp, codes::Code};
use leptos::prelude::*;
use store::invitations::Offer;

/// What the visitor can do with the invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Signed in.
    Join,
    /// Signed in, and there already.
    GoOn,
    /// Nobody is signed in.
    SignUp,
}

/// The page.
pub(super) fn page(state: &AppState, visitor: &Visitor, code: &Code, offer: Offer) -> Response {
    let (reader, now) = (visitor.reader, state.clock.now());
    let way = match &visitor.account {
        None => Way::SignUp,
        Some(_) if has_already(visitor, &offer) => Way::GoOn,
        Some(_) => Way::Join,
    };
    let zone = visitor.zone();
    let page = Page { title: reader.say("join-title"), ..Page::default() };
    let code = code.as_str().to_owned();
    respond(state, visitor, page, || {
        view! {
            <Invitation reader offer=offer.clone() now zone/>
            <Ways reader way code offer/>
        }
    })
}

#[component]
fn Invitation(reader: Reader, offer: Offer, now: Timestamp, zone: Tz) -> impl IntoView {
    let role = reader.say_with("join-role", &[("role", &role_name(&reader, offer.role))]);
    let invites = reader.say_with("join-invites", &[("person", &offer.invited_by)]);
    let until = reader.when(offer.expires_at, now, zone);
    let (before, after) = reader.say_around("join-until", "time", &[]);
    view! {
        <div class="page__head">
            <p class="lead">{invites}</p>
            <h1>{reader.say_with("join-farm", &[("farm", &offer.farm_name)])}</h1>
        </div>
        <div class="card">
            <div class="row">
                <Icon name=role_icon(offer.role)/>
                <span><b>{role}</b><small>{role_may(&reader, offer.role)}</small></span>
            </div>
            <p class="small">
                {before}<time datetime=rfc3339(offer.expires_at)>{until}</time>{after}
            </p>
        </div>
    }
}

#[component]
fn Ways(reader: Reader, way: Way, code: String, offer: Offer) -> impl IntoView {
    match way {
        Way::Join => view! {
            <form class="form" method="post" action=format!("/join/{code}")>
                <button class="button button--tall">
                    {reader.say_with("join-farm", &[("farm", &offer.farm_name)])}
                </button>
            </form>
        }
        .into_any(),
        Way::GoOn => view! {
            <p>{reader.say("join-already")}</p>
            <a class="button button--tall" href=format!("/farms/{}", offer.farm)>
                <Icon name="home"/>
                <span>{offer.farm_name}</span>
            </a>
        }
        .into_any(),
        Way::SignUp => view! {
            <div class="group">
                <p>{reader.say("join-first")}</p>
                <a class="button button--tall" href=format!("/sign-up?join={code}")>
                    <Icon name="person"/>
                    <span>{reader.say("sign-up-title")}</span>
                </a>
                <a class="button button--plain" href=format!("/sign-in?next=/join/{code}")>
                    <Icon name="key"/>
                    <span>{reader.say("sign-up-have")}</span>
                </a>
            </div>
        }
        .into_any(),
    }
}
