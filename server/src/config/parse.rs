//! From text to the types of the settings, one by one. Each failure names its variable; no value
//! that may hold a password is repeated.
use super::Problem;
use std::{fmt, net::SocketAddr, str::FromStr, time::Duration};
use tracing_subscriber::filter::{LevelFilter, Targets};

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// An address with a port, such as `127.0.0.1:3000` or `[::1]:3000`.
pub fn address(variable: &str, text: &str) -> Result<SocketAddr, Problem> {
    text.parse().map_err(|_| {
        Problem::new(
            variable,
            format!("{text:?} is not an IP address with a port"),
            "write it as 127.0.0.1:3000, or 0.0.0.0:3000 for all networks",
        )
    })
}

/// A whole number within `range`.
pub fn number(variable: &str, text: &str, range: (u32, u32)) -> Result<u32, Problem> {
    let (least, most) = range;
    text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        Problem::new(
            variable,
            format!("{text:?} is not a whole number from {least} to {most}"),
            format!("write a number from {least} to {most}"),
        )
    })
}

/// `true` or `false`.
pub fn truth(variable: &str, text: &str) -> Result<bool, Problem> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Problem::new(
            variable,
            format!("{text:?} is neither true nor false"),
            "write true or false",
        )),
    }
}

/// A span such as `250ms`, `2s` or `5m`, at most `most`.
pub fn span(variable: &str, text: &str, most: Duration) -> Result<Duration, Problem> {
    text.parse::<Span>().ok().map(|span| span.0).filter(|span| *span <= most).ok_or_else(|| {
        Problem::new(
            variable,
            format!("{text:?} is not a span of time up to {}", Span(most)),
            "write a number with its unit: 250ms, 2s, 5m",
        )
    })
}

/// A span of time with its unit, as people write it on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("{text:?} is not a span of time such as 250ms, 2s or 5m");
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(refused)?;
        let (number, unit) = text.split_at_checked(digits).ok_or_else(refused)?;
        let number: u32 = number.parse().map_err(|_| refused())?;
        let unit = match unit {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" => Duration::from_mins(1),
            "h" => Duration::from_hours(1),
            _ => return Err(refused()),
        };
        Ok(Self(unit.saturating_mul(number)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis.is_multiple_of(1000) {
            write!(f, "{}s", millis / 1000)
        } else {
            write!(f, "{millis}ms")
        }
    }
}

/// What is logged, by level and module.
pub fn filter(variable: &str, text: &str) -> Result<Targets, Problem> {
    text.parse().map(without_parameters).map_err(|_| {
        Problem::new(
            variable,
            format!("{text:?} is not a log filter"),
            "write error, warn, info, debug or trace, or per module: worker=debug,info",
        )
    })
}

/// At `debug` the database's client logs the parameters of all statements: names, numbers, hashes.
fn without_parameters(wanted: Targets) -> Targets {
    const CLIENT: &str = "tokio_postgres";
    let level = wanted
        .iter()
        .filter(|(target, _)| CLIENT.starts_with(target))
        .max_by_key(|(target, _)| target.len())
        .map(|(_, level)| level)
        .or(wanted.default_level())
        .unwrap_or(LevelFilter::OFF);
    let inside = wanted.iter().filter(|(target, _)| target.starts_with(CLIENT));
    let inside = inside.map(|(target, level)| (target.to_owned(), level.min(LevelFilter::INFO)));
    let inside: Vec<_> = inside.collect();
    wanted.with_target(CLIENT, level.min(LevelFilter::INFO)).with_targets(inside)
}

/// An existing path is not asked for here: `doctor` and `serve` say more about a missing one.
pub fn url(variable: &str, text: &str, schemes: &[&str]) -> Result<url::Url, Problem> {
    let wanted = schemes.join(":// or ");
    let refused = |fault: String| {
        Problem::new(variable, fault, format!("write it as {wanted}://… with a host"))
    };
    let url: url::Url =
        text.parse().map_err(|error| refused(format!("this is not a URL: {error}")))?;
    if !schemes.contains(&url.scheme()) {
        return Err(refused(format!("{}:// is not understood here", url.scheme())));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(refused("the host is missing".to_owned()));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_need_their_unit() {
        assert_eq!("250ms".parse(), Ok(Span(Duration::from_millis(250))));
        assert_eq!("5m".parse(), Ok(Span(Duration::from_mins(5))));
        for bad in ["5", "s", "", "-1s", "1.5s", "5 s", "5វិ"] {
            assert!(bad.parse::<Span>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_databases_client_never_logs_parameters() {
        use tracing_subscriber::filter::LevelFilter as Level;
        let allows = |filter: &str, target: &str, level: Level| {
            let level = level.into_level().unwrap();
            super::filter("TOKKATOT_LOG", filter).unwrap().would_enable(target, &level)
        };
        for filter in [
            "debug",
            "trace",
            "tokio=trace,warn",
            "tokio_postgres=trace",
            "tokio_postgres::query=debug,info",
        ] {
            for target in ["tokio_postgres", "tokio_postgres::query", "tokio_postgres::prepare"] {
                assert!(!allows(filter, target, Level::DEBUG), "{filter} {target}");
            }
        }
        assert!(allows("debug", "tokio_postgres::query", Level::INFO));
        assert!(allows("debug", "worker", Level::DEBUG));
        assert!(!allows("tokio_postgres=error,debug", "tokio_postgres::query", Level::INFO));
        assert!(!allows("warn", "tokio_postgres::query", Level::INFO));
        assert!(!allows("worker=debug", "tokio_postgres", Level::INFO));
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "(secret)");
    }
}
