//! Where pages are served, and under which address people know them.
use super::{Problem, Problems, given, parse};
use crate::options::Options;
use app::limits::READS_A_MINUTE;
use ipnet::{IpNet, Ipv4Net};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

/// Addresses, public URL and web files.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// Where pages are served.
    pub http_addr: SocketAddr,
    /// Where metrics are served.
    pub admin_addr: SocketAddr,
    /// The address that people type; its scheme decides cookies.
    pub public_url: PublicUrl,
    /// Plain HTTP beyond this machine is wanted.
    pub lan: bool,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How often one person may ask for one page in a minute.
    pub reads_a_minute: u32,
    /// The built web files.
    pub site_dir: PathBuf,
}

impl WebSettings {
    /// Whether people seem to come through a proxy on another host that nobody has named: then all of
    /// them have its address.
    pub fn has_unknown_proxy(&self) -> bool {
        let is_elsewhere = !self.http_addr.ip().is_loopback();
        self.public_url.is_secure() && is_elsewhere && self.trusted_proxies == this_machine()
    }
}

pub(super) fn read(options: &Options, problems: &mut Problems) -> WebSettings {
    let mut address = |variable: &str, option: &Option<String>, default: u16| {
        let read = given(option).map(|text| parse::address(variable, text));
        let default = SocketAddr::from((Ipv4Addr::LOCALHOST, default));
        read.and_then(|read| problems.keep(read)).unwrap_or(default)
    };
    let http_addr = address("TOKKATOT_HTTP_ADDR", &options.http_addr, 3000);
    let admin_addr = address("TOKKATOT_ADMIN_ADDR", &options.admin_addr, 3001);
    let mut truth = |variable: &str, option: &Option<String>| {
        let read = given(option).map(|text| parse::truth(variable, text));
        read.and_then(|read| problems.keep(read)).unwrap_or(false)
    };
    let lan = truth("TOKKATOT_LAN", &options.lan);
    let admin_open = truth("TOKKATOT_ADMIN_OPEN", &options.admin_open);
    let public_url = given(&options.public_url).map(PublicUrl::read);
    let public_url = public_url
        .and_then(|url| problems.keep(url))
        .unwrap_or_else(|| PublicUrl { origin: format!("http://{}", shown_address(http_addr)) });
    if http_addr == admin_addr && http_addr.port() != 0 {
        problems.add(Problem::new(
            "TOKKATOT_HTTP_ADDR and TOKKATOT_ADMIN_ADDR",
            format!("both are {http_addr}"),
            "give the admin address a port of its own: it must not be public",
        ));
    }
    let exposures = [exposure(http_addr, &public_url, lan), admin_exposure(admin_addr, admin_open)];
    exposures.into_iter().flatten().for_each(|problem| problems.add(problem));
    let trusted_proxies = match given(&options.trusted_proxies) {
        Some(text) => problems.keep(proxies(text)).unwrap_or_default(),
        None if public_url.is_secure() => this_machine(),
        None => Vec::new(),
    };
    let reads_a_minute = given(&options.reads_a_minute)
        .map(|text| parse::number("TOKKATOT_READS_A_MINUTE", text, (10, 1_000_000)));
    let reads_a_minute =
        reads_a_minute.and_then(|number| problems.keep(number)).unwrap_or(READS_A_MINUTE);
    let site_dir = given(&options.site_dir).unwrap_or("target/site").into();
    WebSettings {
        http_addr,
        admin_addr,
        public_url,
        lan,
        trusted_proxies,
        reads_a_minute,
        site_dir,
    }
}

/// Passwords must not cross a network in the clear unless somebody has said that they may.
fn exposure(http_addr: SocketAddr, public_url: &PublicUrl, lan: bool) -> Option<Problem> {
    let loopback = http_addr.ip().is_loopback();
    if lan && loopback {
        return Some(Problem::new(
            "TOKKATOT_LAN and TOKKATOT_HTTP_ADDR",
            format!("the local network cannot reach {http_addr}"),
            format!(
                "set TOKKATOT_HTTP_ADDR=0.0.0.0:{}, or leave out TOKKATOT_LAN",
                http_addr.port()
            ),
        ));
    }
    if lan && public_url.is_secure() {
        return Some(Problem::new(
            "TOKKATOT_LAN and TOKKATOT_PUBLIC_URL",
            "the first allows plain HTTP, and the second promises https://, whose cookies plain HTTP never sends",
            "leave out TOKKATOT_LAN where a proxy encrypts, or set TOKKATOT_PUBLIC_URL=http://…",
        ));
    }
    (!loopback && !lan && !public_url.is_secure()).then(|| {
        Problem::new(
            "TOKKATOT_HTTP_ADDR",
            format!("{http_addr} can be reached from the network, and nothing encrypts it"),
            "set TOKKATOT_PUBLIC_URL=https://… when a proxy encrypts, or TOKKATOT_LAN=true to allow plain HTTP",
        )
    })
}

/// Metrics and the reasons of `/readyz` name hosts and have no sign-in.
fn admin_exposure(admin_addr: SocketAddr, open: bool) -> Option<Problem> {
    let loopback = admin_addr.ip().is_loopback();
    if open && loopback {
        return Some(Problem::new(
            "TOKKATOT_ADMIN_OPEN and TOKKATOT_ADMIN_ADDR",
            format!("the network cannot reach {admin_addr}"),
            "set TOKKATOT_ADMIN_ADDR to an address of the network, or leave out TOKKATOT_ADMIN_OPEN",
        ));
    }
    (!loopback && !open).then(|| {
        Problem::new(
            "TOKKATOT_ADMIN_ADDR",
            format!("{admin_addr} can be reached from the network, and there is no sign-in"),
            "keep it on 127.0.0.1, or set TOKKATOT_ADMIN_OPEN=true where only your monitoring reaches it",
        )
    })
}

/// Networks or single addresses. Whoever is trusted may pretend to come from anywhere, so not all are.
fn proxies(text: &str) -> Result<Vec<IpNet>, Problem> {
    if text == "none" {
        return Ok(Vec::new());
    }
    let read = |name: &str| {
        let network: Option<IpNet> = name.parse().ok();
        network.or_else(|| Some(name.parse::<IpAddr>().ok()?.into())).filter(|n| n.prefix_len() > 0)
    };
    text.split(',')
        .map(|name| {
            read(name.trim()).ok_or_else(|| {
                Problem::new(
                    "TOKKATOT_TRUSTED_PROXIES",
                    format!("{:?} is no address and no network, or it is all of them", name.trim()),
                    "write the proxies' addresses or networks, as 10.0.0.7,fd00::/64, or none",
                )
            })
        })
        .collect()
}

/// Where people use HTTPS there is a proxy, since this program speaks plain HTTP; usually it is here.
fn this_machine() -> Vec<IpNet> {
    let loopback_v4 = Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8);
    vec![loopback_v4.into(), IpAddr::V6(Ipv6Addr::LOCALHOST).into()]
}

/// Scheme, host and port that people type. Its scheme decides how cookies are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
}

impl PublicUrl {
    fn read(text: &str) -> Result<Self, Problem> {
        let variable = "TOKKATOT_PUBLIC_URL";
        let url = parse::url(variable, text, &["http", "https"])?;
        if url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
            return Err(Problem::new(
                variable,
                "it has more than scheme, host and port",
                "write it as https://farm.example.org: pages are served from the root",
            ));
        }
        Ok(Self { origin: url.origin().ascii_serialization() })
    }

    /// Such as `https://farm.example.org`, without a slash at its end.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether people reach it by HTTPS.
    pub fn is_secure(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

/// An address as people can type it: a server on all networks is reached at this machine too.
pub fn shown_address(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, address.port()).into(),
        IpAddr::V6(ip) if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, address.port()).into(),
        _ => address,
    }
}
