//! A browser in a word or two, from the long name it gives itself.

/// What it calls itself, in the order to look: most claim to be others as well.
const BROWSERS: [(&str, &str); 8] = [
    ("FBAN", "Facebook"),
    ("FBAV", "Facebook"),
    ("SamsungBrowser/", "Samsung"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];

/// "Chrome · Android"; nothing where neither is known.
pub(super) fn name(user_agent: &str) -> Option<String> {
    let find = |list: &[(&str, &'static str)]| {
        list.iter().find(|(part, _)| user_agent.contains(part)).map(|(_, name)| *name)
    };
    let names: Vec<_> = [find(&BROWSERS), find(&SYSTEMS)].into_iter().flatten().collect();
    (!names.is_empty()).then(|| names.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_known_by_what_it_is_and_not_by_what_it_claims() {
        let phone = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/120.0.0.0 Mobile Safari/537.36";
        assert_eq!(name(phone).as_deref(), Some("Chrome · Android"));
        let facebook = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 \
                        Mobile/15E148 [FBAN/FBIOS;FBAV/400.0]";
        assert_eq!(name(facebook).as_deref(), Some("Facebook · iPhone"));
        assert_eq!(name("curl/8.0"), None);
    }
}
