//! Which language a page is in.
use crate::cookies::cookies;
use http::{HeaderMap, header};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Khmer.
    Km,
    /// English.
    En,
}

/// The cookie in which a signed-out person's choice is kept.
pub const COOKIE: &str = "lang";

impl Lang {
    /// All of them, the default first.
    pub const ALL: [Self; 2] = [Self::Km, Self::En];

    /// The code in HTML, cookies and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Km => "km",
            Self::En => "en",
        }
    }

    /// The language of a code such as `en` or `en-GB`.
    pub fn parse(code: &str) -> Option<Self> {
        let primary = code.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|lang| primary.eq_ignore_ascii_case(lang.code()))
    }

    /// The account's, else the cookie's, else the first of the browser's that we have, else Khmer.
    pub fn choose(account: Option<Self>, headers: &HeaderMap) -> Self {
        account
            .or_else(|| from_cookie(headers))
            .or_else(|| from_browser(headers))
            .unwrap_or(Self::Km)
    }

    /// The other language, for the switch.
    pub const fn other(self) -> Self {
        match self {
            Self::Km => Self::En,
            Self::En => Self::Km,
        }
    }
}

fn from_cookie(headers: &HeaderMap) -> Option<Lang> {
    cookies(headers, COOKIE).find_map(Lang::parse)
}

/// `Accept-Language: fr, km;q=0.7, en;q=0.9` means English; what is refused (q=0) is left out.
fn from_browser(headers: &HeaderMap) -> Option<Lang> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(f32, Lang)> = None;
    for range in accepted.split(',') {
        let mut parts = range.split(';');
        let Some(lang) = parts.next().and_then(Lang::parse) else { continue };
        let weight = parts
            .find_map(|part| part.trim().strip_prefix("q=")?.parse::<f32>().ok())
            .unwrap_or(1.0);
        if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_account_wins_then_the_cookie_then_the_browser_then_khmer() {
        let all = asking(&[(header::COOKIE, "a=b; lang=en"), (header::ACCEPT_LANGUAGE, "km")]);
        assert_eq!(Lang::choose(Some(Lang::Km), &all), Lang::Km);
        assert_eq!(Lang::choose(None, &all), Lang::En);
        assert_eq!(Lang::choose(None, &asking(&[(header::ACCEPT_LANGUAGE, "en-GB")])), Lang::En);
        assert_eq!(Lang::choose(None, &HeaderMap::new()), Lang::Km);
    }

    #[test]
    fn the_browsers_weights_count() {
        let accept = |text| Lang::choose(None, &asking(&[(header::ACCEPT_LANGUAGE, text)]));
        assert_eq!(accept("fr, km;q=0.7, en;q=0.9"), Lang::En);
        assert_eq!(accept("en;q=0, km;q=0.1"), Lang::Km);
        assert_eq!(accept("fr-FR, de"), Lang::Km);
    }

    #[test]
    fn a_cookie_with_nonsense_is_as_good_as_none() {
        let asked = asking(&[(header::COOKIE, "lang=\"><svg"), (header::ACCEPT_LANGUAGE, "en")]);
        assert_eq!(Lang::choose(None, &asked), Lang::En);
    }
}
