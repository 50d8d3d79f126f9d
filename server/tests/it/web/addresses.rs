//! What the documentation says of addresses is what the server goes by.
use super::Site;
use app::access::Access;
use http::Method;
use std::collections::BTreeMap;

const DOCS: &str = include_str!("../../../../docs/addresses.md");

/// Who may look, and who may send.
type Who = [String; 2];

/// The rows of the tables that begin with an address.
fn documented() -> BTreeMap<String, Who> {
    let mut rows = BTreeMap::new();
    for line in DOCS.lines().filter(|line| line.starts_with("| `/")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let address = cells[1].trim_matches('`').to_owned();
        let who = [cells[2].to_owned(), cells[3].to_owned()];
        assert!(!cells[4].is_empty(), "{address} is for something");
        assert_eq!(rows.insert(address, who), None, "{line} stands there twice");
    }
    rows
}

fn weakest(access: Access) -> &'static str {
    match access {
        Access::Anyone => "anyone",
        Access::SignedIn => "account",
        Access::Farm(permission) => permission.weakest().name(),
    }
}

#[tokio::test]
async fn every_address_is_documented_with_who_may_use_it_and_no_other() {
    let site = Site::new().await;
    let mut served: BTreeMap<String, Who> = BTreeMap::new();
    for endpoint in app::endpoints(&site.web.app).list() {
        let none = || ["–".to_owned(), "–".to_owned()];
        let who = served.entry(endpoint.path.to_owned()).or_insert_with(none);
        who[usize::from(endpoint.method == Method::POST)] = weakest(endpoint.access).to_owned();
    }
    assert_eq!(documented(), served);
}
