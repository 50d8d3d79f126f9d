//! Invitations as people see them.
use crate::{
    forms::{Choices, Faults},
    icons::Icon,
    members::{AllMembers, role_choice, role_icon, role_may, role_name},
    reader::Reader,
    ticket::{Handover, Ticket},
};
use chrono_tz::Tz;
use domain::{FarmId, InvitationId, Timestamp, UserId, roles::Role};
use leptos::prelude::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::HashMap;
use store::invitations::{self, Invitation};

/// The ways in that somebody may still take; nothing if there is none.
#[component]
pub(crate) fn OpenInvitations(
    reader: Reader,
    farm: FarmId,
    open: Vec<Invitation>,
    names: HashMap<UserId, String>,
    now: Timestamp,
    zone: Tz,
) -> impl IntoView {
    let is_empty = open.is_empty();
    let rows = open.into_iter().map(|invitation| {
        let until = reader.when(invitation.expires_at, now, zone);
        let by = names.get(&invitation.created_by).cloned().unwrap_or_default();
        let about = reader.say_with("invitation-about", &[("member", &by), ("when", &until)]);
        view! {
            <li>
                <a class="row row--to" href=format!("/farms/{farm}/invitations/{}", invitation.id)>
                    <Icon name=role_icon(invitation.role)/>
                    <span><b>{role_name(&reader, invitation.role)}</b><small>{about}</small></span>
                    <Icon name="next"/>
                </a>
            </li>
        }
    });
    (!is_empty).then(|| {
        view! {
            <h2>{reader.say("invitations-open")}</h2>
            <ul class="list">{rows.collect_view()}</ul>
        }
    })
}

/// The form: which role, of those that who asks may give.
#[component]
pub(crate) fn Invite(reader: Reader, farm: FarmId, role: Role, faults: Faults) -> impl IntoView {
    let choices = role.may_invite().map(|role| role_choice(&reader, role)).collect();
    view! {
        <h2>{reader.say("invitations-title")}</h2>
        // whoever comes back to it means another one: it is asked for anew (`public/boot.js`)
        <form class="form" method="post" action=format!("/farms/{farm}/invitations") data-fresh>
            <input type="hidden" name="id" value=invitations::new_id().to_string()/>
            <Choices
                name="role"
                legend=reader.say("invitation-role")
                choices
                chosen=String::new()
                faults
            />
            <button class="button">
                <Icon name="plus"/>
                <span>{reader.say("invitation-make")}</span>
            </button>
        </form>
    }
}

/// What the ticket's page is made of.
pub(super) struct Told {
    pub(super) farm: FarmId,
    pub(super) farm_name: String,
    pub(super) id: InvitationId,
    pub(super) role: Role,
    pub(super) handover: Handover,
    pub(super) until: String,
}

/// The ticket, ways to send it, and the way to take it back.
#[component]
pub(super) fn InvitationPage(reader: Reader, told: Told) -> impl IntoView {
    let (name, may) = (role_name(&reader, told.role), role_may(&reader, told.role));
    let about = reader.say_with("invitation-as", &[("role", &name), ("may", &may)]);
    let until = reader.say_with("ticket-until", &[("when", &told.until)]);
    let values = [("farm", told.farm_name.as_str()), ("link", told.handover.link.as_str())];
    let message = reader.say_with("invitation-message", &values);
    let sms = format!("sms:?body={}", utf8_percent_encode(&message, NON_ALPHANUMERIC));
    view! {
        <div class="page__head"><h1>{reader.say("invitation-title")}</h1></div>
        <Ticket reader handover=told.handover about label=reader.say("invitation-qr") until/>
        <div class="group">
            // the phone's own way of sending needs a script; a text message does not
            <button class="button" type="button" hidden data-share=message>
                <Icon name="share"/>
                <span>{reader.say("invitation-send")}</span>
            </button>
            <a class="button button--plain" href=sms>
                <Icon name="phone"/>
                <span>{reader.say("invitation-sms")}</span>
            </a>
            <form method="post" action=format!("/farms/{}/invitations/{}/revoke", told.farm, told.id)>
                <button class="button button--danger-plain">
                    <Icon name="cross"/>
                    <span>{reader.say("invitation-revoke")}</span>
                </button>
            </form>
        </div>
        <AllMembers reader farm=told.farm/>
    }
}
