//! The words of the pages: Fluent files, read into the program when it is built.
use super::Lang;
use fluent::{FluentArgs, FluentResource, concurrent::FluentBundle};
use std::sync::LazyLock;

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// (name, Khmer, English) of each file.
        pub(super) const FILES: &[(&str, &str, &str)] = &[$((
            $name,
            include_str!(concat!("../../../locales/km/", $name, ".ftl")),
            include_str!(concat!("../../../locales/en/", $name, ".ftl")),
        )),+];
    };
}

files!(
    "frame",
    "forms",
    "times",
    "zones",
    "browser",
    "passwords",
    "person",
    "roles",
    "codes",
    "ticket",
    "home",
    "sign_in",
    "sign_up",
    "join",
    "reset",
    "account",
    "second_factor",
    "sessions",
    "welcome",
    "farms",
    "houses",
    "commands",
    "control",
    "devices",
    "configs",
    "nodes",
    "claim",
    "settings",
    "members",
    "invitations",
    "stops",
    "events",
    "errors",
);

static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 2]> =
    LazyLock::new(|| Lang::ALL.map(bundle));

fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![lang.code().parse().unwrap_or_default()]);
    // No invisible marks around what is put in: they would end up in copied text and in attributes.
    bundle.set_use_isolating(false);
    for (_, km, en) in FILES {
        let text = if lang == Lang::Km { km } else { en };
        // What does not parse is left out here; a test sees to it that everything parses.
        let file = match FluentResource::try_new((*text).to_owned()) {
            Ok(file) | Err((file, _)) => file,
        };
        bundle.add_resource_overriding(file);
    }
    bundle
}

/// The text of a message with its values put in. An unknown one shows its own name, loudly.
pub(super) fn say(lang: Lang, id: &str, values: &[(&str, &str)]) -> String {
    find(lang, id, values).unwrap_or_else(|| format!("Unknown localization {id}"))
}

/// The text of a message with its values put in; nothing if there is no such message.
pub(super) fn find(lang: Lang, id: &str, values: &[(&str, &str)]) -> Option<String> {
    let [km, en] = &*BUNDLES;
    let bundle = if lang == Lang::Km { km } else { en };
    let pattern = bundle.get_message(id)?.value()?;
    let values: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, *value)).collect();
    Some(bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn keys(text: &str) -> BTreeSet<&str> {
        text.lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| Some(line.split_once(" =")?.0))
            .collect()
    }

    /// The names of the values a text takes, by message.
    fn values(text: &str) -> BTreeSet<(&str, &str)> {
        text.lines()
            .filter_map(|line| line.split_once(" ="))
            .flat_map(|(id, rest)| {
                rest.split("{ $")
                    .skip(1)
                    .filter_map(move |part| Some((id, part.split_once(" }")?.0)))
            })
            .collect()
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_values() {
        for (name, km, en) in FILES {
            assert_eq!(keys(km), keys(en), "{name}.ftl");
            assert_eq!(values(km), values(en), "{name}.ftl");
        }
    }

    #[test]
    fn every_file_parses_and_no_message_is_there_twice() {
        let mut seen = BTreeSet::new();
        for (name, km, en) in FILES {
            for text in [km, en] {
                assert!(FluentResource::try_new((*text).to_owned()).is_ok(), "{name}.ftl");
            }
            for id in keys(en) {
                assert!(seen.insert(id), "{id} is there twice");
            }
        }
    }

    #[test]
    fn khmer_texts_hold_only_khmer_and_plain_latin() {
        for (name, km, _) in FILES {
            for (number, line) in km.lines().enumerate().filter(|(_, line)| !line.starts_with('#'))
            {
                let odd = line.chars().find(
                    |c| !matches!(c, '\u{1780}'..='\u{17F9}' | ' '..='~' | '·' | '°' | '–' | '…'),
                );
                assert_eq!(odd, None, "{name}.ftl, line {}", number + 1);
            }
        }
    }

    #[test]
    fn khmer_has_no_plural_forms() {
        for (name, km, _) in FILES {
            assert!(!km.contains("[one]"), "{name}.ftl");
        }
    }

    #[test]
    fn values_are_put_in_without_invisible_marks() {
        assert_eq!(say(Lang::En, "home-good", &[("house", "House 1")]), "House 1 is good");
        assert_eq!(say(Lang::Km, "home-good", &[("house", "ទ្រុងទី 1")]), "ទ្រុងទី 1 មានសភាពល្អ");
    }
}
