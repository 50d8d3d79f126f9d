//! Who is signed in, and for how long.
use super::{
    Site,
    world::{FARM, Log, NOW, PASSWORD},
};
use diesel_async::SimpleAsyncConnection as _;
use http::{Request, StatusCode};
use std::time::Duration;
use store::{AsyncPgConnection, Database, DatabaseSettings, cache::Cache};
use testkit::DatabaseRole;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

fn session_cookie(answer: &super::world::Answer) -> String {
    let mut set = answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap());
    set.find(|cookie| cookie.contains("session=")).unwrap().to_owned()
}

#[tokio::test]
async fn a_stranger_is_led_to_the_door_and_gets_no_cookie() {
    let site = Site::new().await;
    let home = format!("/farms/{FARM}");
    let later = format!("/sign-in?next={home}");
    for (address, door) in
        [("/", "/sign-in"), ("/farms", "/sign-in?next=/farms"), (home.as_str(), later.as_str())]
    {
        let answer = site.get(address).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{address}");
        assert_eq!(answer.header("location"), door);
        assert_eq!(answer.cookie(), None);
    }
}

#[tokio::test]
async fn sign_in_makes_a_new_session_of_a_planted_one() {
    let mut site = Site::of_sok().await;
    let planted = site.session_cookie().to_owned();
    site.sign_in("sok").await;
    assert_ne!(site.session_cookie(), planted);
    site.sign_in_with(&planted);
    assert_eq!(site.get("/farms").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let site = Site::of_sok().await;
    let answer = site.post("/sign-out", "").await;
    assert_eq!(answer.header("location"), "/sign-in");
    // a browser that kept the cookie has nothing of it
    assert_eq!(site.get("/farms").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_is_locked_out_can_still_sign_out_for_good() {
    let site = Site::of_sok().await;
    site.sql("UPDATE users SET is_active = false WHERE username = 'sok'").await;
    let answer = site.post("/sign-out", "").await;
    assert_eq!(answer.header("location"), "/sign-in");
    site.sql("UPDATE users SET is_active = true WHERE username = 'sok'").await;
    assert_eq!(site.get("/farms").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_sign_out_is_recorded_once_with_where_it_came_from() {
    let mut site = Site::of_sok().await;
    site.come_from("203.0.113.7");
    let leave = || {
        let request = Request::post("/sign-out")
            .header("sec-fetch-site", "same-origin")
            .header("user-agent", "Browser");
        site.send(request, "")
    };
    let answers = futures::future::join(leave(), leave()).await;
    assert_eq!(answers.0.status, StatusCode::SEE_OTHER);
    assert_eq!(answers.1.status, StatusCode::SEE_OTHER);
    leave().await;
    let events = "SELECT string_agg(concat_ws(' ', right(user_id::text, 2), host(ip_address),
        user_agent), ', ') FROM event_logs WHERE event_type = 'signed_out'";
    assert_eq!(site.text(events).await, "a1 203.0.113.7 Browser");
}

/// The same site on a database that waits only a moment, while somebody holds the sessions.
async fn with_sessions_held(site: Site, mode: &str) -> (Site, AsyncPgConnection) {
    let settings = DatabaseSettings {
        statement_timeout: Duration::from_millis(300),
        ..DatabaseSettings::new(site.database.url(DatabaseRole::App), 4)
    };
    let mut web = site.web.clone();
    web.app.database = Database::new(&settings).await.unwrap();
    let owner = DatabaseSettings::new(site.database.url(DatabaseRole::Owner), 1);
    let mut holder = store::connect(&owner).await.unwrap();
    let hold = format!("BEGIN; LOCK TABLE user_sessions IN {mode} MODE");
    holder.batch_execute(&hold).await.unwrap();
    (site.served_by(web), holder)
}

#[tokio::test]
async fn a_session_that_can_not_be_begun_in_time_is_told_as_such() {
    let (site, _holder) = with_sessions_held(Site::new().await, "ACCESS EXCLUSIVE").await;
    let answer = site.post("/sign-in", &format!("login=sok&password={PASSWORD}")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
    assert_eq!(answer.header("retry-after"), "5");
    assert!(answer.text().contains("Your coops keep working"), "{}", answer.text());
    assert_eq!(answer.cookie(), None);
}

#[tokio::test]
async fn a_session_that_is_refused_is_a_fault_of_ours() {
    let site = Site::new().await;
    site.sql("REVOKE INSERT ON user_sessions FROM tokkatot_app").await;
    let answer = site.post("/sign-in", &format!("login=sok&password={PASSWORD}")).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.cookie(), None);
}

#[tokio::test]
async fn a_visit_that_can_not_be_noted_costs_nobody_the_page() {
    let site = Site::of_sok().await;
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(2 * 3600)));
    // it may be read, not written
    let (site, _holder) = with_sessions_held(site, "SHARE").await;
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn signing_in_and_out_warns_of_nothing() {
    let mut site = Site::new().await;
    let log = Log::listen();
    site.sign_in("sok").await;
    site.post("/sign-out", "").await;
    site.sign_in_with("");
    site.post("/sign-out", "").await;
    let said = log.said();
    assert!(!said.contains("WARN") && !said.contains("ERROR"), "{said}");
}

#[tokio::test]
async fn a_session_lives_as_long_as_it_is_used_and_then_ninety_days() {
    let site = Site::of_sok().await;
    let day = Duration::from_secs(24 * 3600);
    site.web.app.clock.anchor(NOW.plus(80 * day));
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::OK);
    site.web.app.clock.anchor(NOW.plus(160 * day));
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::OK);
    site.web.app.clock.anchor(NOW.plus(251 * day));
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn cookies_are_bound_to_the_host_where_people_use_https() {
    let mut site = Site::with(Cache::default(), "https://farm.example").await;
    let body = format!("login=sok&password={}", super::world::PASSWORD);
    let answer = site.post("/sign-in", &body).await;
    let cookie = session_cookie(&answer);
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=7776000"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    site = Site::new().await;
    let cookie = session_cookie(&site.post("/sign-in", &body).await);
    assert!(cookie.starts_with("session=") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn the_session_is_mirrored_in_redis_and_leaves_it_at_sign_out() {
    let url = testkit::redis_url().await;
    let mut site = Site::with(Cache::new(&url).unwrap(), "http://127.0.0.1:3000").await;
    site.sign_in("sok").await;
    let mut redis = redis::Client::open(url).unwrap().get_connection().unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("session:*").query(&mut redis).unwrap();
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    assert_eq!(key.len(), "session:".len() + 64);
    let value: String = redis::cmd("GET").arg(key).query(&mut redis).unwrap();
    let value: serde_json::Value = serde_json::from_str(&value).unwrap();
    assert_eq!(value["farmId"], FARM);
    assert_eq!(value["role"], "admin");
    let lives: i64 = redis::cmd("TTL").arg(key).query(&mut redis).unwrap();
    assert!((86_000..=86_400).contains(&lives), "{lives}");
    site.post("/sign-out", "").await;
    let left: Vec<String> = redis::cmd("KEYS").arg("session:*").query(&mut redis).unwrap();
    assert!(left.is_empty());
}

/// A way to Redis on which a session ends just before its copy arrives there.
async fn redis_behind_the_end_of(site: &Site, url: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (host, number) = url.trim_start_matches("redis://").split_once('/').unwrap();
    let (host, owner) = (host.to_owned(), site.database.owner());
    tokio::spawn(async move {
        let (mut here, _) = listener.accept().await.unwrap();
        let mut there = TcpStream::connect(host).await.unwrap();
        let mut owner = owner.get().await.unwrap();
        let (mut asked, mut answered) = (vec![0; 4096], vec![0; 4096]);
        loop {
            tokio::select! {
                read = here.read(&mut asked) => {
                    let asked = &asked[..read.unwrap()];
                    if asked.is_empty() {
                        break;
                    }
                    if asked.windows(4).any(|word| word == b"\nSET") {
                        owner
                            .batch_execute("UPDATE user_sessions SET is_active = false")
                            .await
                            .unwrap();
                    }
                    there.write_all(asked).await.unwrap();
                }
                read = there.read(&mut answered) => {
                    here.write_all(&answered[..read.unwrap()]).await.unwrap();
                }
            }
        }
    });
    format!("redis://{address}/{number}")
}

#[tokio::test]
async fn a_session_that_ends_while_it_is_mirrored_leaves_no_copy() {
    let url = testkit::redis_url().await;
    let mut site = Site::new().await;
    let mut web = site.web.clone();
    web.app.cache = Cache::new(&redis_behind_the_end_of(&site, &url).await).unwrap();
    site = site.served_by(web);
    site.sign_in("sok").await;
    assert_eq!(site.text("SELECT bool_or(is_active) FROM user_sessions").await, "false");
    let mut redis = redis::Client::open(url).unwrap().get_connection().unwrap();
    let left: Vec<String> = redis::cmd("KEYS").arg("session:*").query(&mut redis).unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn the_copy_of_who_is_locked_out_goes_at_sign_out_too() {
    let url = testkit::redis_url().await;
    let mut site = Site::with(Cache::new(&url).unwrap(), "http://127.0.0.1:3000").await;
    site.sign_in("sok").await;
    site.sql("UPDATE users SET is_active = false WHERE username = 'sok'").await;
    site.post("/sign-out", "").await;
    let mut redis = redis::Client::open(url).unwrap().get_connection().unwrap();
    let left: Vec<String> = redis::cmd("KEYS").arg("session:*").query(&mut redis).unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn without_redis_everything_works() {
    // nobody listens there
    let cache = Cache::new("redis://127.0.0.1:1/0").unwrap();
    let mut site = Site::with(cache, "http://127.0.0.1:3000").await;
    site.sign_in("sok").await;
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::OK);
    assert_eq!(site.post("/sign-out", "").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_start_leads_to_the_farm_last_looked_at() {
    let mut site = Site::new().await;
    site.sign_in("dara").await;
    assert_eq!(site.get("/").await.header("location"), "/farms");
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::OK);
    assert_eq!(site.get("/").await.header("location"), format!("/farms/{FARM}"));
}

#[tokio::test]
async fn a_farm_that_was_only_fetched_ahead_was_not_looked_at() {
    let mut site = Site::new().await;
    site.sign_in("dara").await;
    let ahead = Request::get(format!("/farms/{FARM}")).header("sec-purpose", "prefetch;prerender");
    assert_eq!(site.send(ahead, "").await.status, StatusCode::OK);
    assert_eq!(site.get("/").await.header("location"), "/farms");
}

#[tokio::test]
async fn the_farms_of_a_person_are_listed_with_the_role_there() {
    let mut site = Site::new().await;
    site.sign_in("dara").await;
    let farms = site.get("/farms").await;
    let list = "កសិដ្ឋានរបស់អ្នក Dara Farm ម្ចាស់ កសិដ្ឋាន &lt;សុខ&gt; អ្នកមើល";
    assert!(farms.text().starts_with(list), "{}", farms.text());
}

#[tokio::test]
async fn who_only_looks_at_pages_of_their_own_is_here_too() {
    let site = Site::of_sok().await;
    let last = "SELECT max(last_activity)::timestamp(0) FROM user_sessions";
    for (hours, page) in [(2, "/account"), (4, "/account/sessions"), (6, "/farms")] {
        let now = NOW.plus(Duration::from_secs(hours * 3600));
        site.web.app.clock.anchor(now);
        let before = site.text(last).await;
        assert_eq!(site.get(page).await.status, StatusCode::OK);
        assert_ne!(site.text(last).await, before, "{page}");
    }
}
