//! What a browser's cookies say.
use http::{HeaderMap, header};

/// The values of the cookies of this name, in the browser's order.
pub(crate) fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(of, _)| *of == name)
        .map(|(_, value)| value)
}
