//! What tests that walk over all endpoints stand on: an address for each, the forms that pages offer, and
//! what the database holds. Endpoints that come later are walked without a word here.
use super::{
    Site,
    world::{FARM, PASSWORD},
};
use app::access::Endpoint;
use axum::body::Body;
use axum::response::Response;
use futures::StreamExt as _;
use http::{HeaderMap, Method, Request, StatusCode, request::Builder};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::{fmt::Write as _, time::Duration};

/// A stream that says nothing for so long has said what there is.
const SILENCE: Duration = Duration::from_millis(400);

/// A form of a page, filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) body: String,
}

/// An answer whose body need not end.
pub(crate) struct Told {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Told {
    pub(crate) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let mut chunks = Body::into_data_stream(body);
        let mut said = Vec::new();
        while let Ok(Some(Ok(chunk))) = tokio::time::timeout(SILENCE, chunks.next()).await {
            said.extend_from_slice(&chunk);
        }
        let body = String::from_utf8_lossy(&said).into_owned();
        Self { status: parts.status, headers: parts.headers, body }
    }
}

/// The endpoint's address on Sok's farm. Where a part of it is named after a table, one of that farm's rows
/// stands there.
pub(crate) async fn address(site: &Site, path: &str) -> String {
    let mut address = String::new();
    for part in path.split('/').skip(1) {
        let name = part.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
        let part = match name {
            Some((name, _)) => part.replace(&format!("{{{name}}}"), &value(site, name).await),
            None => part.to_owned(),
        };
        write!(address, "/{part}").unwrap();
    }
    address
}

async fn value(site: &Site, name: &str) -> String {
    let is_table = "SELECT count(*) FROM pg_attribute WHERE attname = 'farm_id'
        AND attrelid = to_regclass('public.' || '$NAMEs')"
        .replace("$NAME", name);
    // where there is no such row, an id that nothing has
    let any = async |ids: &str| {
        site.text(&format!("SELECT coalesce(({ids} LIMIT 1), gen_random_uuid())")).await
    };
    match name {
        "farm" => FARM.to_owned(),
        "lang" => "km".to_owned(),
        // worth nothing: a code that is worth something opens its farm to everybody
        "code" => "ZZZZ9999".to_owned(),
        "member" | "user" | "person" => {
            let members =
                "SELECT user_id FROM farm_users WHERE role <> 'admin' AND deleted_at IS NULL";
            any(&format!("{members} AND farm_id = '{FARM}'")).await
        }
        "session" => any("SELECT id FROM user_sessions").await,
        _ if site.text(&is_table).await == "1" => {
            any(&format!("SELECT id FROM {name}s WHERE farm_id = '{FARM}' ORDER BY id")).await
        }
        _ => uuid::Uuid::new_v4().to_string(),
    }
}

/// All forms on all pages that the visitor may open on Sok's farm; `adapt` makes an address of another.
pub(crate) async fn forms(
    site: &Site,
    endpoints: &[Endpoint],
    adapt: impl Fn(String) -> String,
) -> Vec<Form> {
    let mut found: Vec<Form> = Vec::new();
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.method == Method::GET) {
        let address = adapt(address(site, endpoint.path).await);
        let page = Told::read(site.open(Request::get(&address), "").await).await;
        for form in forms_of(&page.body, &address) {
            if !found.contains(&form) {
                found.push(form);
            }
        }
    }
    found
}

/// Whether an address is one of the endpoint's.
pub(crate) fn is_at(endpoint: &Endpoint, address: &str) -> bool {
    let address = address.split('?').next().unwrap_or_default();
    let (asked, path) = (address.split('/'), endpoint.path.split('/'));
    asked.clone().count() == path.clone().count()
        && path.zip(asked).all(|(part, asked)| part.contains('{') || part == asked)
}

/// A form as the site's own pages send it.
pub(crate) fn own(action: &str) -> Builder {
    form(action).header("sec-fetch-site", "same-origin")
}

/// A form without a word about where it comes from.
pub(crate) fn form(action: &str) -> Builder {
    Request::post(action).header("content-type", "application/x-www-form-urlencoded")
}

fn forms_of(html: &str, address: &str) -> Vec<Form> {
    let parts = html.split("<form").skip(1);
    let forms = parts.filter_map(|part| {
        let (head, rest) = part.split_once('>')?;
        let content = rest.split("</form>").next()?;
        if !attribute(head, "method")?.eq_ignore_ascii_case("post") {
            return None;
        }
        let action = attribute(head, "action").unwrap_or_else(|| address.to_owned());
        let pairs = fields(content).into_iter().map(|(name, value)| {
            let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            format!("{}={}", encode(&name), encode(&value))
        });
        Some(Form { action, body: pairs.collect::<Vec<_>>().join("&") })
    });
    forms.collect()
}

/// Names and values; what is empty is filled in, and of a choice the first is taken.
fn fields(content: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut choice = None;
    for tag in content.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap_or((tag, ""));
        let kind = attribute(tag, "type").unwrap_or_default();
        let value = attribute(tag, "value").unwrap_or_default();
        let name = attribute(tag, "name");
        if tag.starts_with("select") {
            choice = name;
        } else if let (true, Some(name)) = (tag.starts_with("option"), choice.take()) {
            fields.push((name, value));
        } else if let Some(name) = name.filter(|name| fields.iter().all(|(had, _)| had != name)) {
            let value = if tag.starts_with("textarea") { plain(text) } else { value };
            fields.push((name, if value.is_empty() { typed(&kind).to_owned() } else { value }));
        }
    }
    fields
}

/// What somebody might type.
fn typed(kind: &str) -> &'static str {
    match kind {
        "password" => PASSWORD,
        "email" => "new@example.org",
        "tel" => "012999888",
        "number" => "1",
        "date" => "2026-01-01",
        _ => "Something",
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(plain(rest.split('"').next()?))
}

fn plain(html: &str) -> String {
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

impl Site {
    /// A line for each table with the hash of all it holds, as far as `of` picks its rows: a condition made of
    /// the table's name and columns.
    pub(crate) async fn held(&self, of: impl Fn(&str, &[&str]) -> String) -> Vec<String> {
        let tables = "SELECT string_agg(line, ' ') FROM (
            SELECT c.relname || ':' || string_agg(a.attname, ',' ORDER BY attnum) AS line
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
                AND NOT c.relispartition GROUP BY c.relname) AS tables";
        let mut hashes = String::from("SELECT concat_ws(E'\\n'");
        for line in self.text(tables).await.split(' ') {
            let (table, columns) = line.split_once(':').unwrap();
            let condition = of(table, &columns.split(',').collect::<Vec<_>>());
            write!(
                hashes,
                ", (SELECT '{table} ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')
                    FROM {table} t WHERE {condition})"
            )
            .unwrap();
        }
        let held = self.text(&format!("{hashes})")).await;
        held.lines().map(str::to_owned).collect()
    }
}
