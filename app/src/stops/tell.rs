//! What stands still, in finished words: each stop with who pressed it, how many devices were told, how many
//! have said that they are off, and which have not.
use super::Found;
use crate::{
    board::{Board, Group},
    home::{Mood, RowLook, RowView, Sentence, Tag, icon_of_device},
    reader::Reader,
};
use domain::commands::Status;
use store::stops::{Standing, Told};

/// The part of the page that stays true.
pub(super) fn board(found: &Found, reader: Reader, may_release: bool) -> Board {
    if found.standing.is_empty() {
        let help = Some(reader.say("stop-none"));
        return Board::new(vec![Group { help, ..Group::default() }]);
    }
    let all = found.standing.iter();
    Board::new(all.map(|standing| group(found, reader, (standing, may_release))).collect())
}

fn group(found: &Found, reader: Reader, (standing, may_release): (&Standing, bool)) -> Group {
    let stop = standing.stop;
    let title = match found.house(stop.house) {
        Some(house) => reader.say_with("stop-stands-house", &[("house", house)]),
        None => reader.say("stop-stands-farm"),
    };
    let own: Vec<&Told> = found.told.iter().filter(|told| told.stop == stop.id).collect();
    let mut rows = vec![pressed(found, reader, standing)];
    rows.extend(counts(reader, standing, &own));
    let unanswered = own.iter().filter(|told| !told.has_answered);
    rows.extend(unanswered.filter_map(|told| silent(found, reader, told)));
    rows.push(way_out(found, reader, (standing, may_release)));
    Group::rows(title, rows)
}

/// Since when, by whom, and whether the fans go on.
fn pressed(found: &Found, reader: Reader, standing: &Standing) -> RowView {
    let stop = standing.stop;
    let teller = found.known.teller(reader);
    let person = found.words(reader).person(Some(standing.by));
    let about = teller.since("stop-since-by", stop.since, &[("person", &person)]);
    let fans = if stop.includes_fans { "stop-fans-too" } else { "stop-fans-go-on" };
    row((format!("s-{}", stop.id), "hand"), reader.say(fans), Some(about), None)
}

/// How many were told, and how many have said that they are off.
fn counts(reader: Reader, standing: &Standing, told: &[&Told]) -> [RowView; 2] {
    let id = standing.stop.id;
    let answered = told.iter().filter(|told| told.has_answered).count();
    let all = reader.say_with("stop-told", &[("n", &reader.count(told.len()))]);
    let off = reader.say_with("stop-answered", &[("n", &reader.count(answered))]);
    let missing = told.len().saturating_sub(answered);
    let tag = match missing {
        0 => Tag { mood: Mood::Good, icon: "check", text: reader.say("stop-all-answered") },
        n => Tag {
            mood: Mood::Lost,
            icon: "question",
            text: reader.say_with("stop-unanswered", &[("n", &reader.count(n))]),
        },
    };
    [
        row((format!("t-{id}"), "mast"), all, None, None),
        row((format!("a-{id}"), "sensor"), off, None, Some(tag)),
    ]
}

/// A device that has not said that it is off.
fn silent(found: &Found, reader: Reader, told: &Told) -> Option<RowView> {
    let device = found.known.device(told.device)?;
    let words = found.words(reader);
    let teller = found.known.teller(reader);
    let away = device.place.as_ref().filter(|place| !place.is_online);
    let about = match away.map(|place| place.last_seen) {
        Some(Some(at)) => teller.since("controller-seen", at, &[]),
        Some(None) => Sentence::plain(reader.say("controller-never")),
        None => teller.since("stop-told-at", told.asked_at, &[]),
    };
    let tag = match away {
        Some(_) => {
            Tag { mood: Mood::Lost, icon: "offline", text: reader.say("controller-offline") }
        }
        // done, and yet it does not say that it is off
        None if told.status == Status::Completed && told.reason.is_none() => return None,
        None => words.stage(told.status, told.reason),
    };
    let id = format!("u-{}-{}", told.stop, told.device);
    let mut row = row((id, icon_of_device(device)), device.name.clone(), Some(about), Some(tag));
    row.look.href = Some(format!("/farms/{}/devices/{}", found.farm(), device.id));
    Some(row)
}

/// How the farm goes on: who may leads to the page that asks.
fn way_out(found: &Found, reader: Reader, (standing, may): (&Standing, bool)) -> RowView {
    let id = standing.stop.id;
    if !may {
        return row((format!("r-{id}"), "key"), reader.say("stop-manager-only"), None, None);
    }
    let about = Sentence::plain(reader.say("stop-release-help"));
    let mut row = row((format!("r-{id}"), "key"), reader.say("stop-release"), Some(about), None);
    row.look.href = Some(format!("{}/{id}/release", found.address()));
    row
}

fn row(
    (id, icon): (String, &'static str),
    name: String,
    about: Option<Sentence>,
    tag: Option<Tag>,
) -> RowView {
    RowView { look: RowLook { id, href: None, icon, name, about, tag }, values: Vec::new() }
}
