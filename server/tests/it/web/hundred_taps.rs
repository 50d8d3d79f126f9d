//! A hundred taps of two people on one fan, sent as fast as their browsers can, while a server sends and the fan
//! answers.
use super::{
    Site,
    world::{FAN, FARM, HOUSEHOLD, NODE_1, NOW, urlencoded},
};
use domain::{CommandId, protocol::CommandStatus};
use futures::{StreamExt as _, stream};
use http::StatusCode;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
};
use store::{
    Database, DatabaseSettings,
    commands::{self, Answer},
    lease::Lease,
};
use testkit::DatabaseRole;

const LEASE: Lease = Lease { name: "ingest", epoch: 2 };
/// Of one person.
const TAPS: u32 = 50;
/// A browser opens no more to one server over HTTP/1.1.
const CONNECTIONS: usize = 6;

/// A farm whose server has a connection for each of the browsers', as servers have, and waits for no disk: how long
/// all of it takes depends on nothing but the work.
async fn house_with_room_for_all() -> Site {
    let site = Site::of_sok().await;
    site.sql(HOUSEHOLD).await;
    site.sql(
        "DO $$ BEGIN
            EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database());
        END $$",
    )
    .await;
    let settings = DatabaseSettings::new(site.database.url(DatabaseRole::App), 20);
    let mut web = site.web.clone();
    web.app.database = Database::new(&settings).await.unwrap();
    site.served_by(web)
}

/// Somebody who taps as fast as their browser sends: on, off, on …
async fn tap_away(site: &Site, cookie: &str, first: u32) {
    let taps = (first..first + TAPS).map(async |number| {
        let id = format!("6a5ba5ee-1111-4000-8000-0000000{number:05}");
        let wish = if number % 2 == 0 { "on" } else { "off" };
        let body = urlencoded(&[("id", id.as_str()), ("page", "control"), ("wish", wish)]);
        let request = http::Request::post(format!("/farms/{FARM}/control/{FAN}"))
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        site.send_as(cookie, request, &body).await.status
    });
    let answers: Vec<StatusCode> = stream::iter(taps).buffer_unordered(CONNECTIONS).collect().await;
    assert!(answers.iter().all(|status| *status == StatusCode::SEE_OTHER), "{answers:?}");
}

/// Sends what waits and lets the fan do it, until all have tapped and nothing is open any more: what was sent,
/// in this order.
async fn serve(site: &Site, have_tapped: &AtomicBool) -> Vec<CommandId> {
    let pool = site.database.worker();
    let mut worker = pool.get().await.unwrap();
    let mut published = Vec::new();
    let open =
        "SELECT count(*) FROM device_commands WHERE status IN ('queued', 'sent', 'executing')";
    // that it is sent may be noted later: a tap holds the fan
    let with_the_fan = "SELECT count(*) FROM device_commands WHERE status IN ('sent', 'executing')
        OR status = 'queued' AND attempted_at IS NOT NULL";
    loop {
        let is_last = have_tapped.load(Ordering::Relaxed) && site.text(open).await == "0";
        if is_last {
            return published;
        }
        let batch = commands::attempt(&mut worker, LEASE, 500, NOW).await.unwrap().unwrap();
        let sent: Vec<CommandId> = batch.publish.iter().map(|sending| sending.command).collect();
        assert!(sent.len() <= 1, "{sent:?}");
        commands::sent(&mut worker, &sent, NOW).await.unwrap();
        for command in sent {
            assert_eq!(site.text(with_the_fan).await, "1", "one is with the fan at a time");
            let (status, node) = (CommandStatus::Completed, NODE_1.parse().unwrap());
            let answer = Answer { node, command, status, state: None, error: None, at: NOW };
            commands::answer(&mut worker, &answer, NOW).await.unwrap();
            published.push(command);
        }
    }
}

#[tokio::test]
async fn of_a_hundred_taps_of_two_browsers_the_last_wish_wins_and_all_are_on_record() {
    let mut site = house_with_room_for_all().await;
    let lease =
        "INSERT INTO leases (name, holder, epoch, expires_at) VALUES ('ingest', 'one', 2, now())";
    site.sql(lease).await;
    let sok = site.session_cookie().to_owned();
    // on a phone of her own
    site.sign_in_with("");
    site.sign_in("sophea").await;
    let sophea = site.session_cookie();

    let have_tapped = AtomicBool::new(false);
    let tapping = async {
        tokio::join!(tap_away(&site, &sok, 10_000), tap_away(&site, sophea, 20_000));
        have_tapped.store(true, Ordering::Relaxed);
    };
    let (published, ()) = tokio::join!(serve(&site, &have_tapped), tapping);

    let last = "SELECT id FROM device_commands ORDER BY place DESC LIMIT 1";
    let last = site.text(last).await;
    assert_eq!(published.last().map(ToString::to_string), Some(last), "the last wish wins");
    let mut times: BTreeMap<CommandId, usize> = BTreeMap::new();
    for id in &published {
        *times.entry(*id).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "{times:?}");

    // what each became stands in its row, and in the events
    let ended = |what: &str| format!("SELECT count(*) FROM device_commands WHERE {what}");
    let done = site.text(&ended("status = 'completed' AND reason IS NULL")).await;
    let replaced = site.text(&ended("reason = 'superseded'")).await;
    assert_eq!(done, published.len().to_string());
    assert_eq!(done.parse::<u32>().unwrap() + replaced.parse::<u32>().unwrap(), 2 * TAPS);
    for (kind, number) in [
        ("command_requested", (2 * TAPS).to_string()),
        ("command_superseded", replaced),
        ("command_completed", done),
    ] {
        let told = format!(
            "SELECT count(DISTINCT event_data ->> 'command') FROM event_logs
            WHERE event_type = '{kind}'"
        );
        assert_eq!(site.text(&told).await, number, "{kind}");
    }
    let by = "SELECT string_agg(taps, ' ') FROM (SELECT count(*)::text AS taps FROM event_logs
        WHERE event_type = 'command_requested' GROUP BY user_id) t";
    assert_eq!(site.text(by).await, format!("{TAPS} {TAPS}"));
}
