//! The time zones to choose from: those around Cambodia first.
use crate::reader::Reader;
use chrono_tz::{TZ_VARIANTS, Tz};

const NEAR: [Tz; 10] = [
    Tz::Asia__Phnom_Penh,
    Tz::Asia__Bangkok,
    Tz::Asia__Ho_Chi_Minh,
    Tz::Asia__Vientiane,
    Tz::Asia__Yangon,
    Tz::Asia__Kuala_Lumpur,
    Tz::Asia__Singapore,
    Tz::Asia__Jakarta,
    Tz::Asia__Manila,
    Tz::Asia__Shanghai,
];

/// Where people live; the rest of the list are other names for the same.
const PARTS: [&str; 9] = [
    "Africa/",
    "America/",
    "Antarctica/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
];

/// All zones in two groups; the one that is set is among them whatever it is.
pub(super) fn groups(reader: &Reader, set: &str) -> Vec<(String, Vec<(String, String)>)> {
    let is_place = |name: &str| PARTS.iter().any(|part| name.starts_with(part));
    let others = TZ_VARIANTS.into_iter().filter(|zone| !NEAR.contains(zone)).map(Tz::name);
    let mut others: Vec<&str> = others.filter(|name| is_place(name)).collect();
    let near: Vec<&str> = NEAR.into_iter().map(Tz::name).collect();
    if !near.contains(&set) && !others.contains(&set) {
        others.insert(0, set);
    }
    let options = |names: Vec<&str>| {
        names.into_iter().map(|name| (name.to_owned(), name.replace('_', " "))).collect()
    };
    vec![
        (reader.say("settings-zones-near"), options(near)),
        (reader.say("settings-zones-others"), options(others)),
    ]
}
