//! The time zones that people of these farms live in: the neighbours', and those of families abroad.
use crate::reader::Reader;

/// The zones, Cambodia's first; each with the message of its city.
const ZONES: [(&str, &str); 24] = [
    ("Asia/Phnom_Penh", "zone-phnom-penh"),
    ("Asia/Bangkok", "zone-bangkok"),
    ("Asia/Ho_Chi_Minh", "zone-ho-chi-minh"),
    ("Asia/Vientiane", "zone-vientiane"),
    ("Asia/Yangon", "zone-yangon"),
    ("Asia/Singapore", "zone-singapore"),
    ("Asia/Kuala_Lumpur", "zone-kuala-lumpur"),
    ("Asia/Jakarta", "zone-jakarta"),
    ("Asia/Manila", "zone-manila"),
    ("Asia/Shanghai", "zone-shanghai"),
    ("Asia/Hong_Kong", "zone-hong-kong"),
    ("Asia/Taipei", "zone-taipei"),
    ("Asia/Seoul", "zone-seoul"),
    ("Asia/Tokyo", "zone-tokyo"),
    ("Asia/Kolkata", "zone-delhi"),
    ("Asia/Dubai", "zone-dubai"),
    ("Europe/London", "zone-london"),
    ("Europe/Paris", "zone-paris"),
    ("America/New_York", "zone-new-york"),
    ("America/Chicago", "zone-chicago"),
    ("America/Los_Angeles", "zone-los-angeles"),
    ("Australia/Perth", "zone-perth"),
    ("Australia/Sydney", "zone-sydney"),
    ("Pacific/Auckland", "zone-auckland"),
];

/// Whether pages offer a zone.
pub(crate) fn is_offered(zone: &str) -> bool {
    ZONES.iter().any(|(name, _)| *name == zone)
}

/// What a zone is called: by its city, or by its own name where it is none of these.
pub(crate) fn name(reader: &Reader, zone: &str) -> String {
    match ZONES.iter().find(|(name, _)| *name == zone) {
        Some((_, city)) => reader.say(city),
        None => zone.replace('_', " "),
    }
}

/// The zones with their cities; and the one that is set, by its own name, where it is none of them.
pub(crate) fn all(reader: &Reader, set: &str) -> Vec<(String, String)> {
    let known = ZONES.iter().map(|(zone, city)| ((*zone).to_owned(), reader.say(city)));
    let other = (!is_offered(set)).then(|| (set.to_owned(), name(reader, set)));
    other.into_iter().chain(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Lang;
    use chrono_tz::Tz;

    #[test]
    fn every_zone_exists_and_has_a_city_in_both_languages() {
        for (zone, city) in ZONES {
            assert!(zone.parse::<Tz>().is_ok(), "{zone}");
            for lang in Lang::ALL {
                assert!(Reader::new(lang).find(city).is_some(), "{city}");
            }
        }
    }

    #[test]
    fn a_zone_that_is_set_already_can_stay() {
        let reader = Reader::new(Lang::En);
        let first = |set| all(&reader, set).remove(0).1;
        assert_eq!(first("Asia/Phnom_Penh"), "Phnom Penh");
        assert_eq!(first("America/Port_of_Spain"), "America/Port of Spain");
        assert_eq!(name(&reader, "Asia/Ho_Chi_Minh"), "Ho Chi Minh City");
    }
}
