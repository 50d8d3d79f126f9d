//! What browser somebody came with, as people call it: of all that a browser says of itself, its own name
//! and the phone's or computer's. An app that shows pages by itself counts as a browser of its name.
use crate::reader::Reader;

/// Marks of browsers. Most also call themselves by the names below them: the first one counts.
const NAMES: [(&str, &str); 29] = [
    ("FBAN/Messenger", "Messenger"),
    ("FB_IAB/MESSENGER", "Messenger"),
    ("FB_IAB/Orca", "Messenger"),
    ("Instagram", "Instagram"),
    ("FBAN/", "Facebook"),
    ("FBAV/", "Facebook"),
    ("FB_IAB/", "Facebook"),
    ("Telegram", "Telegram"),
    ("BytedanceWebview", "TikTok"),
    ("musical_ly", "TikTok"),
    (" Line/", "LINE"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("MiuiBrowser/", "Mi Browser"),
    ("HeyTapBrowser/", "HeyTap Browser"),
    ("VivoBrowser/", "vivo Browser"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("UCBrowser/", "UC Browser"),
    ("Opera Mini/", "Opera Mini"),
    ("OPiOS/", "Opera Mini"),
    ("OPT/", "Opera"),
    ("OPR/", "Opera"),
    ("EdgiOS/", "Edge"),
    ("EdgA/", "Edge"),
    ("Edg/", "Edge"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Marks of systems, the first one counts: Android says Linux too, and an iPhone is like a Mac.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
];

/// "Chrome on Android", in the reader's language; nothing where neither is known. What a browser says of
/// itself may be anything.
pub(crate) fn in_words(reader: &Reader, user_agent: &str) -> Option<String> {
    match (first(&NAMES, user_agent), first(&SYSTEMS, user_agent)) {
        (Some(name), Some(system)) => {
            Some(reader.say_with("browser-on", &[("browser", name), ("system", system)]))
        }
        // product names are the same in all languages
        (one, other) => one.or(other).map(str::to_owned),
    }
}

fn first(marks: &[(&str, &'static str)], user_agent: &str) -> Option<&'static str> {
    marks.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Lang;

    const ANDROID: &str =
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)";
    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 \
        (KHTML, like Gecko)";
    const VIEW: &str = "Mozilla/5.0 (Linux; Android 12; SM-A125F Build/SP1A.210812.016; wv) \
        AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/129.0.6668.70 Mobile Safari/537.36";
    const WINDOWS: &str =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";

    fn of(user_agent: &str) -> String {
        in_words(&Reader::new(Lang::En), user_agent).unwrap_or_else(|| panic!("{user_agent}"))
    }

    #[test]
    fn browsers_of_phones_are_called_as_people_call_them() {
        for (rest, name) in [
            ("Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome"),
            ("SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36", "Samsung Internet"),
            ("Chrome/128.0.0.0 Mobile Safari/537.36 EdgA/128.0.0.0", "Edge"),
            ("Chrome/128.0.0.0 Mobile Safari/537.36 OPR/84.0.0.0", "Opera"),
            ("Version/4.0 Chrome/112.0 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.7", "Mi Browser"),
            ("Version/4.0 Chrome/78.0.3904.108 UCBrowser/13.7.2.1636 Mobile", "UC Browser"),
        ] {
            assert_eq!(of(&format!("{ANDROID} {rest}")), format!("{name} on Android"));
        }
        for (rest, name) in [
            ("Version/17.5 Mobile/15E148 Safari/604.1", "Safari"),
            ("CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1", "Chrome"),
            ("FxiOS/127.1 Mobile/15E148 Safari/605.1.15", "Firefox"),
            ("Version/17.0 EdgiOS/125.0.2535.96 Mobile/15E148 Safari/604.1", "Edge"),
            ("Version/17.5 Mobile/15E148 Safari/604.1 OPT/4.7.1", "Opera"),
        ] {
            assert_eq!(of(&format!("{IPHONE} {rest}")), format!("{name} on iPhone"));
        }
        let firefox = "Mozilla/5.0 (Android 13; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0";
        assert_eq!(of(firefox), "Firefox on Android");
    }

    #[test]
    fn pages_within_an_app_are_the_apps() {
        for (rest, name) in [
            ("[FB_IAB/FB4A;FBAV/480.0.0.54.88;]", "Facebook"),
            ("[FB_IAB/Orca-Android;FBAV/471.0.0.31.105;]", "Messenger"),
            ("Telegram-Android/11.2.3 (Samsung SM-A125F; Android 12; SDK 31; AVERAGE)", "Telegram"),
            ("Instagram 311.0.0.32.118 Android (31/12; 300dpi; 720x1453; samsung)", "Instagram"),
            ("BytedanceWebview/d8a21c6", "TikTok"),
            ("", "Chrome"),
        ] {
            assert_eq!(of(&format!("{VIEW} {rest}")), format!("{name} on Android"));
        }
        for (rest, name) in [
            (
                "Mobile/15E148 [FBAN/FBIOS;FBAV/465.0.0.41.99;FBDV/iPhone12,1;FBMD/iPhone]",
                "Facebook",
            ),
            (
                "Mobile/15E148 [FBAN/MessengerForiOS;FBAV/459.0.0.28.108;FBDV/iPhone12,1]",
                "Messenger",
            ),
        ] {
            assert_eq!(of(&format!("{IPHONE} {rest}")), format!("{name} on iPhone"));
        }
    }

    #[test]
    fn computers_are_known_by_what_they_are_and_not_by_what_they_claim() {
        assert_eq!(of(&format!("{WINDOWS} Chrome/131.0.0.0 Safari/537.36")), "Chrome on Windows");
        let edge = format!("{WINDOWS} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0");
        assert_eq!(of(&edge), "Edge on Windows");
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";
        assert_eq!(of(firefox), "Firefox on Linux");
        let safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, \
            like Gecko) Version/17.5 Safari/605.1.15";
        assert_eq!(of(safari), "Safari on Mac");
    }

    #[test]
    fn what_says_nothing_we_know_stays_unnamed() {
        for odd in ["", "curl/8.5.0", "<script>", "\u{202e}"] {
            assert_eq!(in_words(&Reader::new(Lang::En), odd), None, "{odd:?}");
        }
        assert_eq!(of("something on Android"), "Android");
    }
}
