//! Members as people see them.
use super::{
    Facts, person,
    person::{Trouble, may_remove},
    roles::{role_choice, role_icon, role_line, role_may, role_name},
};
use crate::{
    forms::{Choices, Faults, Note},
    icons::Icon,
    invitations::{Invite, OpenInvitations},
    once::OnceField,
    reader::{Reader, zone},
    ticket::{Handover, Ticket},
};
use domain::{FarmId, Timestamp, permissions::Permission, roles::Role};
use leptos::prelude::*;
use store::{FarmScope, members::Member};
use unicode_segmentation::UnicodeSegmentation as _;

/// The list.
#[component]
pub(super) fn Members(
    reader: Reader,
    scope: FarmScope,
    facts: Facts,
    faults: Faults,
    now: Timestamp,
) -> impl IntoView {
    let zone = zone(&facts.farm.timezone);
    let number = reader.whole(i64::try_from(facts.members.len()).unwrap_or_default());
    let rows = facts.members.into_iter().map(|member| {
        let address = format!("/farms/{}/members/{}", scope.farm(), member.user);
        let is_you = member.user == scope.user();
        view! {
            <li>
                <a class="row row--to" href=address>
                    <Face name=member.name.clone()/>
                    <span>
                        <b><span>{member.name}</span> <You reader is_you/></b>
                        <small>{role_line(&reader, member.role)}</small>
                    </span>
                    <Icon name="next"/>
                </a>
            </li>
        }
    });
    let invites = scope.role().may(Permission::InviteMembers).then(|| {
        let farm = scope.farm();
        let (open, names) = (facts.invitations, facts.names);
        view! {
            <section class="group">
                <OpenInvitations reader farm open names now zone/>
                <Invite reader farm role=scope.role() faults/>
            </section>
        }
    });
    view! {
        <div class="page__head span"><h1>{reader.say("members-title")}</h1></div>
        <section class="group">
            <h2>{reader.say_with("members-number", &[("n", &number)])}</h2>
            <ul class="list">{rows.collect_view()}</ul>
        </section>
        {invites}
    }
}

/// One person: who they are on the farm, and what may be done about it.
#[component]
pub(super) fn Person(
    reader: Reader,
    scope: FarmScope,
    facts: person::Facts,
    trouble: Trouble,
) -> impl IntoView {
    let zone = facts.zone();
    let person::Facts { member, invited_by, .. } = facts;
    let here = format!("/farms/{}/members/{}", scope.farm(), member.user);
    let since = reader.full_date(member.since, zone);
    let change = scope.role().may(Permission::ManageMembers).then(|| {
        let chosen = trouble.chosen.unwrap_or(member.role);
        view! { <ChangeRole reader here=here.clone() chosen faults=trouble.faults/> }
    });
    let reset = scope.role().may_reset(member.role).then(|| {
        view! { <ForgottenPassword reader here=here.clone() needs_operator=trouble.needs_operator/> }
    });
    let removal = may_remove(&scope, &member).then(|| {
        view! {
            <a class="button button--danger-plain" href=format!("{here}/remove")>
                <Icon name="leave"/>
                <span>{reader.say("member-remove")}</span>
            </a>
        }
    });
    view! {
        <div class="page__head person">
            <Face name=member.name.clone()/>
            <h1><span>{member.name.clone()}</span> <You reader is_you=member.user == scope.user()/></h1>
        </div>
        <ul class="list">
            <Fact icon=role_icon(member.role) text=role_name(&reader, member.role) about=Some(role_may(&reader, member.role))/>
            <Fact icon="clock" text=reader.say_with("member-since", &[("date", &since)]) about=None/>
            {invited_by.map(|name| {
                view! { <Fact icon="people" text=reader.say_with("member-invited-by", &[("member", &name)]) about=None/> }
            })}
        </ul>
        {change}
        {reset}
        {removal}
        <AllMembers reader farm=scope.farm()/>
    }
}

/// The way back to the list.
#[component]
pub(crate) fn AllMembers(reader: Reader, farm: FarmId) -> impl IntoView {
    view! {
        <a class="button button--quiet" href=format!("/farms/{farm}/members")>
            <Icon name="back"/>
            <span>{reader.say("members-all")}</span>
        </a>
    }
}

#[component]
fn ChangeRole(reader: Reader, here: String, chosen: Role, faults: Faults) -> impl IntoView {
    let choices = Role::ALL.into_iter().rev().map(|role| role_choice(&reader, role)).collect();
    view! {
        <form class="form" method="post" action=here>
            <Choices
                name="role"
                legend=reader.say("member-role")
                choices
                chosen=chosen.name().to_owned()
                faults
            />
            <button class="button">{reader.say("member-role-change")}</button>
        </form>
    }
}

#[component]
fn ForgottenPassword(reader: Reader, here: String, needs_operator: bool) -> impl IntoView {
    let note = needs_operator.then(|| {
        view! { <Note kind="warn" icon="warning" text=reader.say("member-reset-operator")/> }
    });
    view! {
        <section class="group">
            <h2>{reader.say("member-reset-title")}</h2>
            {note}
            <p>{reader.say("member-reset-help")}</p>
            <form method="post" action=format!("{here}/reset")>
                <OnceField/>
                <button class="button button--plain">
                    <Icon name="key"/>
                    <span>{reader.say("member-reset")}</span>
                </button>
            </form>
        </section>
    }
}

/// The code of a forgotten password, while it is shown.
#[component]
pub(super) fn ResetCode(
    reader: Reader,
    farm: FarmId,
    member: Member,
    handover: Handover,
    until: String,
) -> impl IntoView {
    let about = reader.say_with("member-reset-about", &[("member", &member.name)]);
    let until = reader.say_with("ticket-until", &[("when", &until)]);
    view! {
        <div class="page__head"><h1>{reader.say("member-reset-title")}</h1></div>
        <Ticket reader handover about label=reader.say("member-reset-qr") until/>
        <Note kind="warn" icon="warning" text=reader.say("member-reset-once")/>
        <a class="button button--plain" href=format!("/farms/{farm}/members/{}", member.user)>
            {reader.say("member-reset-read")}
        </a>
    }
}

/// What happens when somebody is removed, and the button that does it.
#[component]
pub(super) fn Removal(
    reader: Reader,
    farm: FarmId,
    member: Member,
    title: String,
    trouble: Option<String>,
) -> impl IntoView {
    let trouble = trouble.map(|text| view! { <Note kind="bad" icon="critical" text/> });
    let verb = reader.say_with("member-remove-verb", &[("member", &member.name)]);
    view! {
        <div class="page__head"><h1>{title}</h1></div>
        {trouble}
        <ul class="list">
            <Fact icon="phone" text=reader.say("member-remove-pages") about=None/>
            <Fact icon="log" text=reader.say("member-remove-stays") about=None/>
            <Fact icon="undo" text=reader.say("member-remove-again") about=None/>
        </ul>
        <form method="post" class="group">
            <button class="button button--danger">
                <Icon name="leave"/>
                <span>{verb}</span>
            </button>
            <a class="button button--plain" href=format!("/farms/{farm}/members/{}", member.user)>
                {reader.say("cancel")}
            </a>
        </form>
    }
}

/// One line of what is known.
#[component]
fn Fact(icon: &'static str, text: String, about: Option<String>) -> impl IntoView {
    view! {
        <li class="row">
            <Icon name=icon/>
            <span><b>{text}</b>{about.map(|about| view! { <small>{about}</small> })}</span>
        </li>
    }
}

/// A person's first letter; decorative, the name stands beside it.
#[component]
fn Face(name: String) -> impl IntoView {
    let first = name.graphemes(true).next().unwrap_or_default().to_uppercase();
    view! { <span class="face" aria-hidden="true">{first}</span> }
}

#[component]
fn You(reader: Reader, is_you: bool) -> impl IntoView {
    is_you.then(|| view! { <span class="newtag">{reader.say("members-you")}</span> })
}
