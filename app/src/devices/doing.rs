//! What a device was told and what it did: the newest commands with how far each is, and what it did today; and by
//! what it is switched.
use super::known::Known;
use crate::{
    board::Group,
    commands::{Words, name_of},
    control::{OnPage, Switchboard, Switches},
    home::{DeviceView, RowLook, RowView, Sentence},
    reader::Reader,
};
use domain::{DeviceId, Timestamp, UserId, commands::Action, devices::DeviceKind};
use std::{collections::HashMap, time::Duration};
use store::{
    AsyncPgConnection, FarmScope, StoreError,
    commands::{self, Record},
    home::Device,
    people,
    switchings::{self, Today},
};

/// Commands on a device's own page; another page has all.
const NEWEST: usize = 5;

/// What a device was told and what it did.
#[derive(Debug, Clone)]
pub(super) struct Doing {
    /// The newest commands, newest first.
    records: Vec<Record>,
    /// Whether there are older ones.
    has_more: bool,
    /// Nothing of what only measures.
    today: Option<Today>,
    /// How the farm's switches stand; nothing of what only measures.
    switches: Option<Switches>,
    /// All who ever belonged to the farm.
    pub(super) people: HashMap<UserId, String>,
}

impl Doing {
    /// Of a device of this kind, in the farm's transaction.
    pub(super) async fn read(
        conn: &mut AsyncPgConnection,
        scope: &FarmScope,
        (device, kind, now): (DeviceId, DeviceKind, Timestamp),
    ) -> Result<Self, StoreError> {
        if kind.is_sensor() {
            let people = people::names(conn, scope.farm()).await?;
            let (records, has_more) = (Vec::new(), false);
            return Ok(Self { records, has_more, today: None, switches: None, people });
        }
        let switches = Switches::read(conn, scope, now).await?;
        let people = switches.people.clone();
        let limit = i64::try_from(NEWEST + 1).unwrap_or(i64::MAX);
        let mut records = commands::history(conn, device, i64::MAX, limit).await?;
        let has_more = records.len() > NEWEST;
        records.truncate(NEWEST);
        let today = Some(switchings::today(conn, device, now).await?);
        Ok(Self { records, has_more, today, switches: Some(switches), people })
    }

    /// What it is doing, with its latch if it can be switched; nothing of what only measures.
    pub(super) fn latch(
        &self,
        known: &Known,
        reader: Reader,
        device: &Device,
    ) -> Option<DeviceView> {
        let teller = known.teller(reader);
        let switches = self.switches.as_ref()?;
        let board = Switchboard { teller, switches, page: OnPage::About };
        Some(board.device(device))
    }

    /// How long the page may wait for news.
    pub(super) fn rest(&self, known: &Known) -> Duration {
        let own = self.switches.as_ref().and_then(|switches| switches.rest(known.now));
        own.map_or(known.rest(), |own| own.min(known.rest()))
    }

    /// What it was told, and what it did today; nothing of a device that was told nothing.
    pub(super) fn groups(&self, known: &Known, reader: Reader, here: &str) -> [Group; 2] {
        let words = words(known, reader, &self.people);
        let mut rows: Vec<RowView> =
            self.records.iter().map(|record| row((known, words), record)).collect();
        if self.has_more {
            rows.push(link(format!("{here}/commands"), reader.say("device-commands-all")));
        }
        let told = Group::rows(reader.say("device-commands"), rows);
        let did = self.today.map(|today| did(reader, today)).unwrap_or_default();
        let did = Group::rows(reader.say("device-today"), did);
        [told, did]
    }
}

/// How long it ran today, and how often it started.
fn did(reader: Reader, today: Today) -> Vec<RowView> {
    let ran = if today.on.is_zero() {
        reader.say("device-ran-not")
    } else {
        reader.say_with("device-ran", &[("span", &reader.hours_and_minutes(today.on))])
    };
    let starts = reader.say_with("device-starts", &[("n", &reader.whole(today.starts))]);
    [("t-on", "clock", ran), ("t-starts", "power", starts)]
        .map(|(id, icon, name)| line(id.to_owned(), icon, name))
        .into()
}

/// How commands of a farm are told.
pub(super) fn words<'w>(
    known: &Known,
    reader: Reader,
    people: &'w HashMap<UserId, String>,
) -> Words<'w> {
    Words { reader, now: known.now, zone: known.facts.zone, people }
}

/// A line for a command: what was asked, by whom and when, how far it is and why.
pub(super) fn row((known, words): (&Known, Words<'_>), record: &Record) -> RowView {
    let icon = match record.order.action {
        action if action.is_off() => "off",
        Action::On => "on",
        Action::Off | Action::SetValue(_) | Action::SetAngle(_) => "settings",
    };
    let mut row = line(format!("k-{}", record.id), icon, words.order(&record.order));
    let name = |device| name_of(&known.facts.farm.devices, device);
    let detail = words.detail(record, name).map(|detail| format!(" · {detail}"));
    row.look.about = Some(Sentence {
        before: format!("{} · ", words.who(record)),
        moment: Some(words.moment(record.requested_at)),
        after: detail.unwrap_or_default(),
    });
    row.look.tag = Some(words.stage(record.status, record.reason));
    row
}

fn link(href: String, name: String) -> RowView {
    let mut row = line("k-all".to_owned(), "log", name);
    row.look.href = Some(href);
    row
}

fn line(id: String, icon: &'static str, name: String) -> RowView {
    RowView {
        look: RowLook { id, href: None, icon, name, about: None, tag: None },
        values: Vec::new(),
    }
}
