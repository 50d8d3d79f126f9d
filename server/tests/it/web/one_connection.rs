//! A page has one connection at a time, and gives it back, whatever becomes of it: here there is no second
//! one to be had.
use super::{
    Site,
    walk::{Told, address},
    world::{FARM, HOUSEHOLD, NOW, OTHER_FARM},
};
use app::limits::Limits;
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use http::{Method, Request, StatusCode, header};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use store::{AsyncPgConnection, Database, DatabaseSettings, PoolUsage, cache::Cache};
use testkit::DatabaseRole;
use tokio::{io::AsyncReadExt as _, net::TcpListener, sync::oneshot};

const NOBODYS: &str = "6a5ba5ee-9999-4000-8000-000000000009";
/// Connections inside a transaction.
const INSIDE: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND usename = 'tokkatot_app' AND state LIKE 'idle in transaction%'";
/// What a connection knows of requests, and whether it is inside a transaction, where alone `SET LOCAL` lasts.
const LEFT: &str = "SELECT concat(current_setting('tokkatot.farms', true),
    current_setting('tokkatot.user', true), current_setting('tokkatot.probe', true)) AS text";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    text: String,
}

async fn text(connection: &mut AsyncPgConnection, query: &str) -> String {
    sql_query(query).get_result::<Row>(connection).await.unwrap().text
}

/// The number of the one connection of a server.
async fn backend(site: &Site) -> String {
    let mut connection = site.web.app.database.get().await.unwrap();
    text(&mut connection, "SELECT pg_backend_pid()::text AS text").await
}

/// Sok before a server with so many connections.
async fn with_connections(count: u32) -> Site {
    let site = Site::of_sok().await;
    site.sql(HOUSEHOLD).await;
    let settings = DatabaseSettings {
        acquire_timeout: Duration::from_secs(2),
        ..DatabaseSettings::new(site.database.url(DatabaseRole::App), count)
    };
    let mut web = site.web.clone();
    web.app.database = Database::new(&settings).await.unwrap();
    site.served_by(web)
}

/// Asks for a page, which does not fail for want of a connection.
async fn ask(site: &Site, address: &str) -> Told {
    let answer = Told::read(site.open(Request::get(address), "").await).await;
    assert!(!answer.status.is_server_error(), "{address} is {}", answer.status);
    let usage = site.web.app.database.usage();
    assert_eq!(usage, PoolUsage { open: 1, idle: 1 }, "{address} is {}", answer.status);
    answer
}

/// The session's new token, if an answer brings one.
fn cookie(answer: &Told) -> Option<String> {
    let set = answer.headers.get_all(header::SET_COOKIE).iter();
    let mut set = set.map(|value| value.to_str().unwrap());
    Some(set.find(|value| value.starts_with("session="))?.split(';').next()?.to_owned())
}

#[tokio::test]
async fn every_page_gets_by_with_one_connection() {
    let mut site = with_connections(1).await;
    let before = backend(&site).await;
    let endpoints = app::endpoints(&site.web.app).list().to_vec();
    let read = endpoints.iter().filter(|endpoint| endpoint.method == Method::GET);
    let mut told = 0;
    for (round, endpoint) in read.enumerate() {
        // a visit that is to be noted, and then one that is not
        let later = u32::try_from(round + 1).unwrap();
        site.web.app.clock.anchor(NOW.plus(Duration::from_secs(2 * 3600) * later));
        let own = address(&site, endpoint.path).await;
        for _ in 0..2 {
            let answer = ask(&site, &own).await;
            told += usize::from(answer.status == StatusCode::OK);
        }
        ask(&site, &format!("{own}?before=1&after=2&house=none&page=%00")).await;
        ask(&site, &own.replace(FARM, OTHER_FARM)).await;
        ask(&site, &own.replace(FARM, NOBODYS)).await;
        ask(
            &site,
            &own.replace(
                "6a5ba5ee-1111-4000-8000-0000000000",
                "6a5ba5ee-9999-4000-8000-0000000000",
            ),
        )
        .await;
        site.sql("UPDATE user_sessions SET must_rotate = true").await;
        let answer = ask(&site, &own).await;
        if let Some(cookie) = cookie(&answer) {
            site.sign_in_with(&cookie);
        }
        // the new token is confirmed
        ask(&site, &own).await;
    }
    assert!(told > 30, "{told}");
    assert_eq!(backend(&site).await, before, "the connection was never given up");
    assert_eq!(site.text(INSIDE).await, "0");
}

/// A Redis that takes connections and answers nothing: when it is first asked, and when that is given up.
async fn silent_redis() -> (Cache, oneshot::Receiver<()>, oneshot::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let ((ask, asked), (give_up, given_up)) = (oneshot::channel(), oneshot::channel());
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        ask.send(()).unwrap();
        _ = connection.read_to_end(&mut Vec::new()).await;
        _ = give_up.send(());
    });
    (Cache::new(&format!("redis://{address}")).unwrap(), asked, given_up)
}

#[tokio::test]
async fn while_a_slow_redis_counts_the_connection_is_free_for_others() {
    let site = with_connections(1).await;
    let (cache, asked, given_up) = silent_redis().await;
    let mut web = site.web.clone();
    web.app.limits = Limits::new(&cache);
    let site = site.served_by(web);
    let house = format!("/farms/{FARM}/houses");
    let page = site.get(&house);
    let other = async {
        asked.await.unwrap();
        tokio::select! {
            biased;
            _ = given_up => panic!("the page's transaction waited as long as Redis was silent"),
            connection = site.web.app.database.get() => drop(connection.unwrap()),
        }
    };
    let (page, ()) = tokio::join!(page, other);
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(site.text(INSIDE).await, "0");
}

/// A future that is dropped after some steps.
struct Cancelled<F> {
    inner: Pin<Box<F>>,
    steps: u32,
}

impl<F: Future> Future for Cancelled<F> {
    type Output = Option<F::Output>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.steps == 0 {
            return Poll::Ready(None);
        }
        self.steps -= 1;
        self.inner.as_mut().poll(context).map(Some)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_not_waited_for_leaves_nothing_of_itself() {
    let site = with_connections(4).await;
    let (mut cut, mut whole) = (0, 0);
    let pages = ["", "/houses", "/members", "/events", "/settings"].into_iter().cycle();
    for (round, page) in (0..320_u32).zip(pages) {
        let (farm, steps) = (if round % 3 == 0 { OTHER_FARM } else { FARM }, round % 16);
        let address = format!("/farms/{farm}{page}");
        let inner = Box::pin(site.open(Request::get(&address), ""));
        match (Cancelled { inner, steps }).await {
            Some(answer) => {
                let is_ours = farm == FARM;
                let expected = if is_ours { StatusCode::OK } else { StatusCode::NOT_FOUND };
                assert_eq!(answer.status(), expected, "{address}");
                whole += 1;
            }
            None => cut += 1,
        }
    }
    assert!(cut > 50 && whole > 50, "{cut} and {whole}");
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(site.web.app.database.get().await.unwrap());
    }
    for connection in &mut all {
        connection.batch_execute("SET LOCAL tokkatot.probe = 'inside'").await.unwrap();
        assert_eq!(text(connection, LEFT).await, "");
    }
}
