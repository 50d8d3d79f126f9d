//! The emergency stop as people press, see and release it.
use super::{
    Site,
    live::Stream,
    world::{DARA, FARM, HOUSE_1, HOUSE_2, HOUSEHOLD, NODE_2, OTHER_FARM, SOK, SOPHEA},
};
use http::{Request, StatusCode};
use store::{cache::Cache, live::Bus};

/// A heater in house 2, and another farm's house and stop.
const MORE: &str = "
    INSERT INTO devices (id, farm_id, node_id, house_id, channel, device_id, hardware_id, name, type, kind,
            firmware_version, is_online, approved_at, position) VALUES
        ('6a5ba5ee-1111-4000-8000-0000000000d8', '6a5ba5ee-1111-4000-8000-000000000001',
            '6a5ba5ee-1111-4000-8000-0000000000c2', '6a5ba5ee-1111-4000-8000-0000000000b2', 'heat',
            'house-2:heat', 's2:heat', 'Heater', 'relay', 'heater', '2.1.0', true, now(), 6);
    INSERT INTO houses (id, farm_id, name) VALUES
        ('6a5ba5ee-2222-4000-8000-0000000000b9', '6a5ba5ee-2222-4000-8000-000000000002', 'Theirs');
    INSERT INTO emergency_stops (id, farm_id, includes_fans, pressed_by) VALUES
        ('6a5ba5ee-2222-4000-8000-0000000000e9', '6a5ba5ee-2222-4000-8000-000000000002', false,
            '6a5ba5ee-1111-4000-8000-0000000000a2');";
const THEIR_HOUSE: &str = "6a5ba5ee-2222-4000-8000-0000000000b9";
const THEIR_STOP: &str = "6a5ba5ee-2222-4000-8000-0000000000e9";
const STOP: &str = "6a5ba5ee-1111-4000-8000-0000000000e7";

fn stop(rest: &str) -> String {
    format!("/farms/{FARM}/stop{rest}")
}

fn pressing(house: &str, rest: &str) -> String {
    format!("id={STOP}&house={house}{rest}&sure=yes")
}

/// Sophea keeps the farm; Sok is its admin.
async fn farm(login: &str) -> Site {
    let mut site = Site::new().await;
    site.sql(HOUSEHOLD).await;
    site.sql(MORE).await;
    site.sign_in(login).await;
    site
}

async fn told(site: &Site) -> String {
    site.text(
        "SELECT coalesce(string_agg(concat_ws(' ', d.name, c.command_type, c.status, c.reason), ', '
            ORDER BY c.place), '') FROM device_commands c JOIN devices d ON d.id = c.device_id",
    )
    .await
}

async fn standing(site: &Site) -> String {
    let sql = format!(
        "SELECT coalesce(string_agg(concat_ws(' ', coalesce(h.name, 'farm'), includes_fans), ', '), '')
        FROM emergency_stops s LEFT JOIN houses h ON h.id = s.house_id
        WHERE s.farm_id = '{FARM}' AND released_at IS NULL"
    );
    site.text(&sql).await
}

#[tokio::test]
async fn a_keeper_is_asked_and_then_everything_but_the_fans_is_told_to_go_off() {
    let site = farm("sophea").await;
    let page = site.get(&stop("")).await;
    insta::assert_snapshot!("nothing_is_stopped", page.main());
    let question = site.get(&stop(&format!("/press?house={HOUSE_1}"))).await;
    let drawn = question.body.split_once("name=\"id\" value=\"").unwrap().1;
    let drawn = drawn.split_once('"').unwrap().0;
    insta::assert_snapshot!("asked_before_pressing", question.main().replace(drawn, "{id}"));
    let mut open = site.web.app.bus.subscribe(FARM.parse().unwrap());
    let first = site.post(&stop("/press"), &pressing(HOUSE_1, "")).await;
    assert_eq!((first.status, first.header("location")), (StatusCode::SEE_OTHER, &*stop("")));
    assert_eq!(first.done(), "stop-pressed");
    assert!(open.try_recv().is_ok());
    let again = site.post(&stop("/press"), &pressing(HOUSE_1, "")).await;
    assert_eq!((again.status, again.done().as_str()), (StatusCode::SEE_OTHER, ""), "a second tap");
    assert_eq!(standing(&site).await, "House 1 f");
    assert_eq!(told(&site).await, "Light off queued");
    let page = site.get(&stop("")).await;
    insta::assert_snapshot!("a_house_stands_still_for_a_keeper", page.main());
    assert!(!page.body.contains("id=\"stops\""), "its own page says it itself");
}

#[tokio::test]
async fn the_whole_farm_stops_with_its_fans_where_that_is_chosen() {
    let site = farm("sophea").await;
    site.post(&stop("/press"), &pressing("all", "&fans=yes")).await;
    assert_eq!(standing(&site).await, "farm t");
    assert_eq!(told(&site).await, "Fan off queued, Light off queued, Heater off queued");
}

#[tokio::test]
async fn two_hundred_devices_are_told_by_one_tap() {
    let site = farm("sophea").await;
    site.sql(&format!(
        "INSERT INTO devices (farm_id, node_id, channel, device_id, hardware_id, name, type, kind,
            firmware_version, approved_at, is_online)
        SELECT '{FARM}', '{NODE_2}', 'r' || n, 'house-2:r' || n, 's2:r' || n, 'r' || n, 'relay', 'pump', '1',
            now(), true FROM generate_series(1, 200) n"
    ))
    .await;
    site.post(&stop("/press"), &pressing("all", "")).await;
    let off = "SELECT count(DISTINCT device_id) FROM device_commands
        WHERE command_type = 'off' AND status = 'queued' AND stop_id IS NOT NULL";
    assert_eq!(site.text(off).await, "202");
    let page = site.get(&stop("")).await.text();
    assert!(page.contains("Told to turn off: 202") && page.contains("Not yet: 202"), "{page}");
}

#[tokio::test]
async fn the_page_tells_who_answered_who_did_not_and_who_can_not_be_reached() {
    let mut site = farm("sok").await;
    site.post(&stop("/press"), &pressing("all", "&fans=yes")).await;
    site.sql(
        "UPDATE device_commands SET status = 'completed', completed_at = requested_at
            WHERE device_id = (SELECT id FROM devices WHERE name = 'Light');
        UPDATE device_commands SET status = 'timeout', reason = 'no_answer', completed_at = requested_at
            WHERE device_id = (SELECT id FROM devices WHERE name = 'Fan');
        UPDATE nodes SET is_online = false WHERE name = 'house-2'",
    )
    .await;
    insta::assert_snapshot!("some_have_answered", site.get(&stop("")).await.main());
    site.sign_in("dara").await;
    insta::assert_snapshot!("a_viewer_sees_it_in_khmer", site.get(&stop("")).await.main());
    site.sql("UPDATE device_commands SET status = 'completed', reason = NULL").await;
    let all = site.get(&stop("")).await.text();
    assert!(all.contains("ឆ្លើយថាបិទហើយ៖ 3 ទាំងអស់"), "{all}");
}

#[tokio::test]
async fn a_banner_stands_on_every_page_of_the_farm_until_a_manager_releases_the_stop() {
    let mut site = farm("sophea").await;
    site.post(&stop("/press"), &pressing(HOUSE_1, "")).await;
    let banner = "Emergency stop in House 1 since 1:47 pm by Sophea.";
    for place in ["", "/devices", "/houses", "/members", "/events", "/settings", "/stop/press"] {
        let page = site.get(&format!("/farms/{FARM}{place}")).await.body.replace('\u{a0}', " ");
        assert!(page.contains(banner) && page.contains("See what stands still"), "{place}");
        assert!(page.contains(&format!("href=\"{}\"", stop(""))), "{place}");
    }
    let elsewhere = site.get("/account").await.body;
    assert!(!elsewhere.contains("Emergency stop in"), "it is the farm's");
    site.sign_in("sok").await;
    let home = site.get(&format!("/farms/{FARM}")).await.body;
    assert!(home.contains("Release it"));
    let release = stop(&format!("/{STOP}/release"));
    insta::assert_snapshot!("asked_before_releasing", site.get(&release).await.main());
    let first = site.post(&release, "sure=yes").await;
    assert_eq!((first.header("location"), &*first.done()), (&*stop(""), "stop-released"));
    let again = site.post(&release, "sure=yes").await;
    assert_eq!((again.status, again.done().as_str()), (StatusCode::SEE_OTHER, ""), "a second tap");
    assert_eq!(standing(&site).await, "");
    let home = site.get(&format!("/farms/{FARM}")).await.body;
    assert!(!home.contains("Emergency stop in") && home.contains("<div id=\"stops\"><!></div>"));
    assert_eq!(site.get(&release).await.status, StatusCode::NOT_FOUND);
    let events = "SELECT string_agg(event_type || ' ' || user_id, ', ' ORDER BY id) FROM event_logs
        WHERE event_type LIKE 'stop\\_%'";
    let expected = format!("stop_pressed {SOPHEA}, stop_released {SOK}");
    assert_eq!(site.text(events).await, expected);
}

#[tokio::test]
async fn bad_input_stops_and_releases_nothing() {
    let mut site = farm("sok").await;
    let press = async |body: String| site.post(&stop("/press"), &body).await.status;
    assert_eq!(press(pressing(THEIR_HOUSE, "")).await, StatusCode::NOT_FOUND);
    assert_eq!(press(pressing("nowhere", "")).await, StatusCode::NOT_FOUND);
    for body in [
        format!("id={STOP}&house=all"),
        "house=all&sure=yes".to_owned(),
        "id=1&house=all&sure=yes".to_owned(),
        pressing("all", "&fans=maybe"),
        pressing("all", "&farm_id=1"),
    ] {
        let status = press(body.clone()).await;
        assert!(status.is_client_error() && status != StatusCode::NOT_FOUND, "{body}: {status}");
    }
    let theirs = stop(&format!("/{THEIR_STOP}/release"));
    assert_eq!(site.get(&theirs).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.post(&theirs, "sure=yes").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.post(&stop("/x/release"), "sure=yes").await.status, StatusCode::NOT_FOUND);
    let foreign = format!("/farms/{OTHER_FARM}/stop");
    assert_eq!(site.get(&foreign).await.status, StatusCode::NOT_FOUND);
    let released = "SELECT count(*) FROM emergency_stops WHERE released_at IS NOT NULL";
    let left = (standing(&site).await, told(&site).await, site.text(released).await);
    assert_eq!(left, (String::new(), String::new(), "0".to_owned()));
    let missing = site.get(&stop(&format!("/press?house={THEIR_HOUSE}"))).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    site.sql(&format!("UPDATE farm_users SET role = 'keeper' WHERE user_id = '{DARA}'")).await;
    site.sign_in("dara").await;
    site.post(&stop("/press"), &pressing("all", "")).await;
    let release = stop(&format!("/{STOP}/release"));
    assert_eq!(site.post(&release, "sure=yes").await.status, StatusCode::FORBIDDEN);
    assert_eq!(standing(&site).await, "farm f", "a keeper presses and does not release");
}

#[tokio::test]
async fn a_stop_stands_over_a_restart_of_the_server() {
    let site = farm("sok").await;
    site.post(&stop("/press"), &pressing("all", "")).await;
    let mut web = site.web.clone();
    // nothing that a server has in memory is there any more
    (web.app.bus, web.app.cache) = (Bus::default(), Cache::default());
    let site = site.served_by(web);
    let home = site.get(&format!("/farms/{FARM}")).await.body;
    assert!(home.contains("Emergency stop on the whole farm since"));
    assert!(site.get(&stop("")).await.text().contains("The whole farm stands still"));
}

#[tokio::test]
async fn open_pages_hear_of_a_stop_and_of_its_release() {
    let site = farm("sok").await;
    for page in ["live", "devices/live"] {
        let open = Request::get(format!("/farms/{FARM}/{page}"));
        let mut stream = Stream::of(site.open(open, "").await);
        assert_eq!(stream.next().await.name, "snapshot");
        site.sql(
            "DELETE FROM device_commands; DELETE FROM emergency_stops WHERE house_id IS NOT NULL",
        )
        .await;
        site.post(&stop("/press"), &pressing(HOUSE_2, "")).await;
        let told = stream.next_that_says("Emergency stop in House 2").await;
        let said = told.data["page"]["announcement"].as_str().unwrap();
        assert!(said.starts_with("Emergency stop in House 2 since"), "{page}: {said}");
        assert_eq!(told.data["page"]["pieces"][0][0], "stops", "{page}");
        site.post(&stop(&format!("/{STOP}/release")), "sure=yes").await;
        stream.next_that_says("<div id=\\\"stops\\\"><!></div>").await;
    }
}

#[tokio::test]
async fn the_page_of_a_stop_follows_the_answers() {
    let site = farm("sok").await;
    site.post(&stop("/press"), &pressing(HOUSE_2, "")).await;
    let mut stream = Stream::of(site.open(Request::get(stop("/live")), "").await);
    stream.next_that_says("Not yet: 1").await;
    site.sql("UPDATE device_commands SET status = 'completed', completed_at = requested_at").await;
    let command = site.text("SELECT id FROM device_commands").await;
    let news = domain::live::LiveCommand {
        command_id: command.parse().unwrap(),
        device_id: "6a5ba5ee-1111-4000-8000-0000000000d8".parse().unwrap(),
        status: domain::commands::Status::Completed,
        reason: None,
        since: site.web.app.clock.now(),
    };
    let (farm, at) = (FARM.parse().unwrap(), site.web.app.clock.now());
    let news = domain::live::News::Command(news);
    site.web.app.bus.publish(domain::live::LiveEvent { farm, at, news });
    stream.next_that_says("Said that they are off: 1").await;
}
