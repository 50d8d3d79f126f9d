//! A small world: two people, two farms, two houses, and a clock that stands still.
use app::{
    limits::Limits,
    live::Streams,
    passwords::Passwords,
    state::{AppState, Assets},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    response::Response,
};
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use domain::Timestamp;
use http::{HeaderMap, Request, StatusCode, header, request::Builder};
use server::web::{Proxies, Web, router};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};
use store::{Clock, cache::Cache, live::Bus};
use testkit::TestDatabase;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// 2026-02-12, 1:47 in the afternoon in Phnom Penh.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_770_878_820_000);
/// Sok's farm, and the one he has nothing to do with.
pub(crate) const FARM: &str = "6a5ba5ee-1111-4000-8000-000000000001";
pub(crate) const OTHER_FARM: &str = "6a5ba5ee-2222-4000-8000-000000000002";
/// The controllers of the two houses.
pub(crate) const NODE_1: &str = "6a5ba5ee-1111-4000-8000-0000000000c1";
pub(crate) const NODE_2: &str = "6a5ba5ee-1111-4000-8000-0000000000c2";
pub(crate) const HOUSE_1: &str = "6a5ba5ee-1111-4000-8000-0000000000b1";
pub(crate) const HOUSE_2: &str = "6a5ba5ee-1111-4000-8000-0000000000b2";
/// The thermometer in house 1.
pub(crate) const AIR: &str = "6a5ba5ee-1111-4000-8000-0000000000d1";
/// What people type to get here.
pub(crate) const HOST: &str = "127.0.0.1:3000";
pub(crate) const FAN: &str = "6a5ba5ee-1111-4000-8000-0000000000d3";
pub(crate) const SOK: &str = "6a5ba5ee-1111-4000-8000-0000000000a1";
/// A viewer here, and an admin of the other farm.
pub(crate) const DARA: &str = "6a5ba5ee-1111-4000-8000-0000000000a2";
/// An admin of both.
pub(crate) const VANNA: &str = "6a5ba5ee-1111-4000-8000-0000000000a4";
/// A keeper of Sok's farm and of no other, and an open invitation to it: see [`HOUSEHOLD`].
pub(crate) const SOPHEA: &str = "6a5ba5ee-1111-4000-8000-0000000000a5";
pub(crate) const INVITATION: &str = "6a5ba5ee-1111-4000-8000-0000000000e1";
/// Adds Sophea, and an invitation for another keeper.
pub(crate) const HOUSEHOLD: &str = include_str!("household.sql");

/// One server with its own database.
pub(crate) struct Site {
    pub(crate) database: TestDatabase,
    pub(crate) web: Web,
    pub(crate) router: Router,
    cookie: String,
    language: &'static str,
    address: IpAddr,
}

/// What a browser gets.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Site {
    /// A stranger before the door, whose browser prefers English.
    pub(crate) async fn new() -> Self {
        Self::with(Cache::default(), "http://127.0.0.1:3000").await
    }

    pub(crate) async fn with(cache: Cache, origin: &str) -> Self {
        let database = testkit::database().await;
        execute(&database, &seed()).await;
        let app = AppState {
            database: database.app(),
            cache: cache.clone(),
            clock: Clock::fake(NOW),
            bus: Bus::default(),
            streams: Streams::default(),
            assets: Arc::new(Assets::default()),
            passwords: Passwords::default(),
            limits: Limits::new(&cache),
            origin: origin.into(),
            closing: CancellationToken::new(),
        };
        let web = Web { app, site: "no-such-folder".into(), proxies: Proxies::default() };
        let router = router(web.clone());
        let address = Ipv4Addr::new(192, 0, 2, 1).into();
        Self { database, web, router, cookie: String::new(), language: "en", address }
    }

    /// Sok, signed in.
    pub(crate) async fn of_sok() -> Self {
        let mut site = Self::new().await;
        site.sign_in("sok").await;
        site
    }

    /// The same visitor before a server made of other parts.
    pub(crate) fn served_by(mut self, web: Web) -> Self {
        self.router = router(web.clone());
        self.web = web;
        self
    }

    pub(crate) async fn sign_in(&mut self, login: &str) {
        let answer = self.post("/sign-in", &format!("login={login}&password={PASSWORD}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self.cookie = answer.cookie().expect("a session cookie");
    }

    pub(crate) fn sign_in_with(&mut self, cookie: &str) {
        self.cookie = cookie.to_owned();
    }

    /// The visitor's browser takes another cookie beside the session's.
    pub(crate) fn take_cookie(&mut self, cookie: &str) {
        self.cookie = format!("{}; {cookie}", self.cookie);
    }

    /// The same visitor, and a database that nobody answers for.
    pub(crate) async fn without_database(&self) -> Router {
        let mut web = self.web.clone();
        let away = store::DatabaseSettings {
            acquire_timeout: Duration::from_millis(100),
            ..store::DatabaseSettings::new("postgres://tokkatot_app@127.0.0.1:1/x", 1)
        };
        web.app.database = store::Database::new(&away).await.unwrap();
        router(web)
    }

    pub(crate) fn session_cookie(&self) -> &str {
        &self.cookie
    }

    /// From now on the visitor comes from there.
    pub(crate) fn come_from(&mut self, address: &str) {
        self.address = address.parse().unwrap();
    }

    /// Says something to the database as its owner.
    pub(crate) async fn sql(&self, statements: &str) {
        execute(&self.database, statements).await;
    }

    /// Sok invites somebody to his farm, until tomorrow.
    pub(crate) async fn invite(&self, code: &str, role: &str) {
        self.sql(&format!(
            "INSERT INTO invitations (farm_id, code, role, created_by, created_at, expires_at)
             SELECT '{FARM}', '{code}', '{role}', id, '2026-02-12', '2026-02-13 09:10:00+00'
             FROM users WHERE username = 'sok'"
        ))
        .await;
    }

    /// What the database's owner reads there, as text.
    pub(crate) async fn text(&self, query: &str) -> String {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            text: String,
        }
        let owner = self.database.owner();
        let mut connection = owner.get().await.unwrap();
        let query = sql_query(format!("SELECT ({query})::text AS text"));
        let row: Row = query.get_result(&mut *connection).await.unwrap();
        row.text
    }

    /// A newest value of a series, measured so many seconds ago.
    pub(crate) async fn measured(&self, series: i32, value: f64, seconds_ago: u64) {
        let at = self.web.app.clock.now().minus(Duration::from_secs(seconds_ago)).as_micros();
        self.sql(&format!(
            "INSERT INTO readings (ts, value, batch_id, series_id)
                 VALUES (to_timestamp({at} / 1e6), {value}, 1, {series});
             INSERT INTO latest_readings (ts, value, received_at, series_id)
                 VALUES (to_timestamp({at} / 1e6), {value}, to_timestamp({at} / 1e6), {series})
                 ON CONFLICT (series_id) DO UPDATE SET ts = excluded.ts, value = excluded.value;"
        ))
        .await;
    }

    pub(crate) async fn get(&self, address: &str) -> Answer {
        self.send(Request::get(address), "").await
    }

    pub(crate) async fn post(&self, address: &str, body: &str) -> Answer {
        let request = Request::post(address)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request, body).await
    }

    /// Sends a request with this visitor's cookie and language.
    pub(crate) async fn send(&self, request: Builder, body: &str) -> Answer {
        Answer::read(self.open(request, body).await).await
    }

    /// Sends a request with another visitor's cookie.
    pub(crate) async fn send_as(&self, cookie: &str, request: Builder, body: &str) -> Answer {
        Answer::read(self.open_as(cookie, request, body).await).await
    }

    /// The same, with a body that need not end.
    pub(crate) async fn open(&self, request: Builder, body: &str) -> Response {
        self.open_as(&self.cookie, request, body).await
    }

    async fn open_as(&self, cookie: &str, request: Builder, body: &str) -> Response {
        let has = |name| request.headers_ref().is_some_and(|headers| headers.contains_key(name));
        let (accept, language) = (has(header::ACCEPT), has(header::ACCEPT_LANGUAGE));
        let mut request = request
            .header(header::COOKIE, cookie)
            .extension(ConnectInfo(SocketAddr::from((self.address, 40_000))));
        if !accept {
            request = request.header(header::ACCEPT, "text/html");
        }
        if !language {
            request = request.header(header::ACCEPT_LANGUAGE, self.language);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }
}

impl Answer {
    async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What the next page says was done.
    pub(crate) fn done(&self) -> String {
        let set = self.headers.get_all(header::SET_COOKIE).iter();
        let mut set = set.filter_map(|value| value.to_str().unwrap().strip_prefix("done="));
        set.next().and_then(|done| done.split(';').next()).unwrap_or_default().to_owned()
    }

    /// The session cookie, as a browser sends it back.
    pub(crate) fn cookie(&self) -> Option<String> {
        let set = self.headers.get_all(header::SET_COOKIE).iter();
        let mut set = set.map(|value| value.to_str().unwrap());
        let session = set.find(|value| value.contains("session="))?;
        Some(session.split(';').next()?.to_owned())
    }

    /// A cookie that is set, as a browser sends it back; empty where it is taken back.
    pub(crate) fn sets(&self, name: &str) -> Option<String> {
        let set = self.headers.get_all(header::SET_COOKIE).iter();
        let mut set = set.map(|value| value.to_str().unwrap().split(';').next().unwrap());
        set.find(|pair| pair.split('=').next() == Some(name)).map(str::to_owned)
    }

    /// The value of a field of the page, as it stands there.
    pub(crate) fn field(&self, name: &str) -> String {
        let (_, rest) = self.body.split_once(&format!(" name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    /// The page's own part, a line for each block.
    pub(crate) fn main(&self) -> String {
        let main = self.body.split_once("<main").unwrap().1;
        let main = main.split_once('>').unwrap().1.split_once("</main>").unwrap().0;
        let mut seen = String::new();
        for tag in main.replace("<!>", "").split_inclusive('>') {
            if [
                "<section", "<article", "<li", "<h1", "<h2", "<p", "<form", "<div", "<small",
                "<span", "<caption", "<td", "<th>", "<th ", "<option",
            ]
            .iter()
            .any(|block| tag.trim_start().starts_with(block))
            {
                seen.push('\n');
            }
            seen.push_str(tag);
        }
        without_drawing(&without_identities(&seen))
    }

    /// Only the words of the page's own part.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let mut inside = false;
        for c in self.main().chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                '\n' => text.push(' '),
                c if !inside => text.push(c),
                _ => {}
            }
        }
        text.replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The fields of a form, as a browser sends them.
pub(crate) fn urlencoded<N: AsRef<str>, V: AsRef<str>>(fields: &[(N, V)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The scene is one long line of curves.
fn without_drawing(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("aria-hidden=\"true\"><circle class=\"sc-") {
        out.push_str(before);
        out.push_str("aria-hidden=\"true\">…");
        rest = after.split_once("</svg>").map_or("", |(_, rest)| rest);
        out.push_str("</svg>");
    }
    out.push_str(rest);
    out
}

/// The same without the identities that are drawn for the commands of forms.
fn without_identities(html: &str) -> String {
    const BEFORE: &str = "name=\"id\" value=\"";
    let mut parts = html.split(BEFORE);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(BEFORE);
        let value = part.split('"').next().map_or(0, str::len);
        out.push_str(part.get(value..).unwrap_or(part));
    }
    out
}

/// What is logged on this thread from now on, one JSON record a line.
pub(crate) struct Log {
    written: Written,
    _guard: tracing::subscriber::DefaultGuard,
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub(crate) fn listen() -> Self {
        let written = Written::default();
        let writer = written.clone();
        let records = tracing_subscriber::fmt().json().with_writer(move || writer.clone());
        Self { written, _guard: tracing::subscriber::set_default(records.finish()) }
    }

    pub(crate) fn said(&self) -> String {
        String::from_utf8(self.written.0.lock().unwrap().clone()).unwrap()
    }
}

/// Says something to a database as its owner.
async fn execute(database: &TestDatabase, statements: &str) {
    let owner = database.owner();
    owner.get().await.unwrap().batch_execute(statements).await.unwrap();
}

/// Everybody's password.
pub(crate) const PASSWORD: &str = "ang-dauk-mak";

fn seed() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    let hash = HASH.get_or_init(|| app::passwords::hash(PASSWORD).unwrap());
    include_str!("world.sql").replace("$HASH", hash)
}
