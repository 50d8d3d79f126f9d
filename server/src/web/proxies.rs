//! Where a request really comes from, behind proxies that we trust.
use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap, HeaderName};
use ipnet::IpNet;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks of the proxies whose `X-Forwarded-For` is believed. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Arc<[IpNet]>);

impl FromIterator<IpNet> for Proxies {
    fn from_iter<T: IntoIterator<Item = IpNet>>(networks: T) -> Self {
        Self(networks.into_iter().collect())
    }
}

impl Proxies {
    /// The address of who asks: whoever is connected, or, while that is a proxy of ours, whom it names.
    /// What stands left of the first stranger could have been written by the stranger.
    pub(super) fn client(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
        let mut client = peer.ip().to_canonical();
        let lines = headers.get_all(FORWARDED_FOR).into_iter();
        let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap_or_default()).collect();
        for named in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            if !self.trust(client) {
                break;
            }
            match address(named.trim()) {
                Some(address) => client = address,
                None => break,
            }
        }
        Some(client)
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address as proxies write it: some add the port.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address: IpAddr = text.parse().ok().or_else(with_port).or_else(bracketed)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn client(peer: &str, lines: &[&str]) -> String {
        let proxies: Proxies =
            ["10.0.0.0/8", "::1/128"].into_iter().map(|net| net.parse().unwrap()).collect();
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 40_000)));
        let lines = lines.iter().map(|line| (FORWARDED_FOR, HeaderValue::try_from(*line).unwrap()));
        let headers = lines.collect::<Vec<_>>().into_iter().fold(
            HeaderMap::new(),
            |mut headers, (name, line)| {
                headers.append(name, line);
                headers
            },
        );
        proxies.client(&extensions, &headers).unwrap().to_string()
    }

    #[test]
    fn a_stranger_may_say_what_he_likes() {
        assert_eq!(client("198.51.100.7", &["203.0.113.1"]), "198.51.100.7");
        assert_eq!(client("198.51.100.7", &["203.0.113.1, 10.0.0.1"]), "198.51.100.7");
    }

    #[test]
    fn behind_our_proxies_the_rightmost_stranger_is_the_client() {
        assert_eq!(client("10.0.0.1", &["203.0.113.1"]), "203.0.113.1");
        assert_eq!(client("::ffff:10.0.0.1", &["::ffff:203.0.113.1"]), "203.0.113.1");
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 203.0.113.1, 10.2.3.4"]), "203.0.113.1");
        assert_eq!(client("10.0.0.1", &["1.1.1.1", "203.0.113.1,10.2.3.4"]), "203.0.113.1");
        assert_eq!(client("::1", &["203.0.113.1:443", "[::1]:80"]), "203.0.113.1");
        assert_eq!(client("10.0.0.1", &["2001:db8::7"]), "2001:db8::7");
    }

    #[test]
    fn where_a_proxy_names_nobody_it_stands_itself() {
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["unknown"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["203.0.113.1, unknown, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(client("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }
}
