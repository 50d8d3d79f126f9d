//! A Redis of one's own: one of the server's numbered databases, empty.
#![expect(clippy::expect_used, reason = "a test without its Redis is over")]
use redis::{AsyncCommands as _, Client};
use std::env;

/// The variable that names the server, `redis://host:port`.
const VARIABLE: &str = "TOKKATOT_TEST_REDIS_URL";
/// The server of the tests has this many databases; number 0 counts who has which.
const DATABASES: i64 = 1024;

/// The URL of an empty database that no other running test has.
///
/// # Panics
/// If `TOKKATOT_TEST_REDIS_URL` is not set, or Redis does not answer.
pub async fn redis_url() -> String {
    let server = env::var(VARIABLE).expect("TOKKATOT_TEST_REDIS_URL is not set: run `make test`");
    let server = server.trim_end_matches('/');
    let counter = Client::open(format!("{server}/0")).expect("a Redis URL");
    let mut counter = counter.get_multiplexed_async_connection().await.expect("Redis answers");
    let next: i64 = counter.incr("testkit:next", 1).await.expect("Redis counts");
    let url = format!("{server}/{}", next.rem_euclid(DATABASES - 1) + 1);
    let client = Client::open(url.as_str()).expect("a Redis URL");
    let mut mine = client.get_multiplexed_async_connection().await.expect("Redis answers");
    let () = redis::cmd("FLUSHDB").query_async(&mut mine).await.expect("Redis empties a database");
    url
}
