//! Devices as people see and change them.
use super::{
    Site,
    world::{AIR, FAN, FARM, HOUSE_1, HOUSE_2, HOUSEHOLD, NODE_1, OTHER_FARM, SOK, urlencoded},
};
use http::{Request, StatusCode};

/// A channel that was heard of and nobody has accepted, on the first controller.
const NEW: &str = "6a5ba5ee-1111-4000-8000-0000000000d9";
/// The other farm has a house, a controller and a new device.
const THEIRS: &str = "6a5ba5ee-2222-4000-8000-0000000000d9";
const THEIR_HOUSE: &str = "6a5ba5ee-2222-4000-8000-0000000000b9";

const MORE: &str = "
    UPDATE devices SET created_at = '2026-01-10 03:00:00+00';
    INSERT INTO devices (id, farm_id, node_id, channel, device_id, hardware_id, name, type, kind,
            firmware_version, is_online, reported_state) VALUES
        ('6a5ba5ee-1111-4000-8000-0000000000d9', '6a5ba5ee-1111-4000-8000-000000000001',
            '6a5ba5ee-1111-4000-8000-0000000000c1', 'fan2', 'house-1:fan2', 's1:fan2', 'fan2', 'relay',
            'fan', '2.2.0', true, 'off');
    INSERT INTO houses (id, farm_id, name) VALUES
        ('6a5ba5ee-2222-4000-8000-0000000000b9', '6a5ba5ee-2222-4000-8000-000000000002', 'Theirs');
    INSERT INTO nodes (id, farm_id, name, password_hash) VALUES
        ('6a5ba5ee-2222-4000-8000-0000000000c9', '6a5ba5ee-2222-4000-8000-000000000002', 'theirs-1',
            '$7$101$c2FsdA==$aGFzaA==');
    INSERT INTO devices (id, farm_id, node_id, channel, device_id, hardware_id, name, type, kind,
            firmware_version) VALUES
        ('6a5ba5ee-2222-4000-8000-0000000000d9', '6a5ba5ee-2222-4000-8000-000000000002',
            '6a5ba5ee-2222-4000-8000-0000000000c9', 'fan9', 'theirs-1:fan9', 's9:fan9', 'theirs', 'relay',
            'fan', '1');";

fn devices(rest: &str) -> String {
    format!("/farms/{FARM}/devices{rest}")
}

fn form(name: &str, house: &str, place: &str) -> String {
    let fields =
        [("name", name), ("kind", "fan"), ("house", house), ("place", place), ("icon", "sun")];
    urlencoded(&fields)
}

async fn farm() -> Site {
    let site = Site::of_sok().await;
    site.sql(MORE).await;
    site.measured(1, 28.5, 5).await;
    site
}

async fn device(site: &Site, id: &str) -> String {
    site.text(&format!(
        "SELECT concat_ws('|', name, kind, icon, house_id, location, approved_at IS NOT NULL, is_active,
            device_id) FROM devices WHERE id = '{id}'"
    ))
    .await
}

async fn happened(site: &Site) -> String {
    let kinds = "SELECT coalesce(string_agg(event_type, ' ' ORDER BY id), '') FROM event_logs
        WHERE event_type LIKE 'device\\_%' AND user_id IS NOT NULL";
    site.text(kinds).await
}

#[tokio::test]
async fn devices_are_listed_by_house_with_what_they_say_and_new_ones_first() {
    let site = farm().await;
    let page = site.get(&devices("")).await;
    insta::assert_snapshot!(page.main());
    assert!(page.body.contains(&format!("/farms/{FARM}/devices\"")), "the menu leads here");
}

#[tokio::test]
async fn one_house_alone_and_those_out_of_use_have_lists_of_their_own() {
    let site = farm().await;
    let house = site.get(&devices(&format!("?house={HOUSE_2}"))).await.text();
    assert!(house.contains("Air 2") && !house.contains("Tank"), "{house}");
    assert_eq!(site.get(&devices("?house=no-house")).await.status, StatusCode::NOT_FOUND);
    let theirs = site.get(&devices(&format!("?house={THEIR_HOUSE}"))).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    let none = site.get(&devices("?list=retired")).await.text();
    assert!(none.contains("Everything is in use"), "{none}");
    site.post(&devices(&format!("/{FAN}/retire")), "sure=yes").await;
    let retired = site.get(&devices("?list=retired")).await.text();
    assert!(retired.contains("Fan Fan · Out of use since 1:47 pm"), "{retired}");
    let list = site.get(&devices("")).await.text();
    assert!(list.contains("Out of use: 1"), "{list}");
}

#[tokio::test]
async fn a_farm_without_devices_says_how_they_come() {
    let mut site = Site::new().await;
    site.sign_in("vanna").await;
    let text = site.get(&format!("/farms/{OTHER_FARM}/devices")).await.text();
    assert!(text.contains("No devices yet") && text.contains("Connect a controller"), "{text}");
}

#[tokio::test]
async fn a_device_has_a_page_in_both_languages() {
    let mut site = farm().await;
    insta::assert_snapshot!("a_thermometer", site.get(&devices(&format!("/{AIR}"))).await.main());
    site.sign_in("dara").await;
    insta::assert_snapshot!(
        "a_fan_for_a_viewer",
        site.get(&devices(&format!("/{FAN}"))).await.main()
    );
}

#[tokio::test]
async fn a_new_device_is_accepted_with_a_name_and_a_place() {
    let site = farm().await;
    let edit = devices(&format!("/{NEW}/edit"));
    let page = site.get(&edit).await;
    // what it most likely is called, and hangs where its neighbours do
    assert!(page.body.contains("value=\"Fan 2\""), "{}", page.main());
    assert!(page.body.contains(&format!("value=\"{HOUSE_1}\" selected")), "{}", page.main());
    let mut open = site.web.app.bus.subscribe(FARM.parse().unwrap());
    for _ in 0..2 {
        let answer = site.post(&edit, &form("កង្ហារ\u{200B} 2", HOUSE_2, "by the door")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    }
    assert!(open.try_recv().is_ok());
    let kept = format!("កង្ហារ 2|fan|sun|{HOUSE_2}|by the door|t|t|house-1:fan2");
    assert_eq!(device(&site, NEW).await, kept);
    assert_eq!(happened(&site).await, "device_approved", "a second tap is no second event");
    let node = site.get(&format!("/farms/{FARM}/nodes/{NODE_1}")).await.text();
    assert!(node.contains("កង្ហារ 2 Off"), "{node}");
}

#[tokio::test]
async fn what_can_not_be_kept_comes_back_with_a_word_beside_it() {
    let site = farm().await;
    let edit = devices(&format!("/{FAN}/edit"));
    let before = device(&site, FAN).await;
    let long = "ក".repeat(1000);
    for (name, place, field) in [
        ("", "", "name"),
        ("a\0b", "", "name"),
        (&*long, "", "name"),
        ("LIGHT\u{200B}", "", "name"),
        ("Fan", &*long, "place"),
        ("Fan", "a\0", "place"),
    ] {
        let answer = site.post(&edit, &form(name, HOUSE_1, place)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:.9} {place:.9}");
        assert!(answer.body.contains(&format!("{field}-error")), "{name:.9} {place:.9}");
    }
    let no_kind = urlencoded(&[("name", "Fan"), ("house", ""), ("place", "")]);
    assert!(site.post(&edit, &no_kind).await.body.contains("kind-error"));
    for more in ["&farm_id=1", "&id=1", "&approved_at=1", "&node_id=1", "&name=B"] {
        let answer = site.post(&edit, &(form("A", "", "") + more)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{more}");
    }
    let icon = urlencoded(&[
        ("name", "A"),
        ("kind", "fan"),
        ("house", ""),
        ("place", ""),
        ("icon", "../x"),
    ]);
    assert_eq!(site.post(&edit, &icon).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(device(&site, FAN).await, before);
}

#[tokio::test]
async fn another_farms_device_and_house_are_answered_like_none() {
    let site = farm().await;
    let before = (device(&site, THEIRS).await, device(&site, FAN).await);
    for (tail, body) in [
        ("", ""),
        ("/live", ""),
        ("/edit", &*form("A", "", "")),
        ("/replace", &format!("with={NEW}")),
        ("/retire", ""),
        ("/restore", ""),
        ("/order", "place=0"),
    ] {
        let mut seen = Vec::new();
        for id in [THEIRS, "6a5ba5ee-9999-4000-8000-0000000000d9", "no-device"] {
            let address = devices(&format!("/{id}{tail}"));
            if ["", "/live", "/edit", "/replace"].contains(&tail) {
                let read = site.get(&address).await;
                assert_eq!(read.status, StatusCode::NOT_FOUND, "{address}");
                seen.push(read.main());
            }
            if !["", "/live"].contains(&tail) {
                let written = site.post(&address, body).await;
                assert_eq!(written.status, StatusCode::NOT_FOUND, "{address}");
            }
        }
        assert!(seen.iter().all(|one| *one == seen[0]), "{tail}");
    }
    // in the body, where what one has chosen may have gone meanwhile
    let mut seen = Vec::new();
    for house in [THEIR_HOUSE, "6a5ba5ee-9999-4000-8000-0000000000b9", "no-house"] {
        let answer = site.post(&devices(&format!("/{FAN}/edit")), &form("A", house, "gate")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{house}");
        assert!(answer.body.contains("house-error") && answer.body.contains("value=\"gate\""));
        seen.push(answer.main());
    }
    for with in [THEIRS, "6a5ba5ee-9999-4000-8000-0000000000d9", "no-device"] {
        let replace = devices(&format!("/{FAN}/replace"));
        let answer = site.post(&replace, &format!("with={with}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{with}");
        assert!(answer.body.contains("with-error"), "{}", answer.main());
        seen.push(answer.main());
    }
    let (houses, parts) = seen.split_at(3);
    assert!(houses.iter().all(|one| *one == houses[0]) && parts.iter().all(|one| *one == parts[0]));
    assert_eq!((device(&site, THEIRS).await, device(&site, FAN).await), before);
    assert_eq!(happened(&site).await, "");
}

#[tokio::test]
async fn a_device_goes_out_of_use_and_comes_back() {
    let site = farm().await;
    let here = devices(&format!("/{FAN}"));
    let set = async |state: &str| {
        let sql = format!("UPDATE devices SET reported_state = '{state}' WHERE id = '{FAN}'");
        site.sql(&sql).await;
    };
    set("on").await;
    assert!(site.get(&here).await.body.contains(&format!("href=\"{here}/retire\"")));
    let asked = site.post(&format!("{here}/retire"), "").await;
    assert_eq!(asked.header("location"), format!("{here}/retire"), "it runs");
    let ask = site.get(&format!("{here}/retire")).await.text();
    assert!(ask.contains("It is running, and is switched off first"), "{ask}");
    assert_eq!(happened(&site).await, "");
    for sure in ["sure=yes", ""] {
        let answer = site.post(&format!("{here}/retire"), sure).await;
        assert_eq!((answer.header("location"), &*answer.done()), (&*here, "device-retired"));
    }
    let told = "SELECT string_agg(command_type || ' ' || source, ',') FROM device_commands";
    assert_eq!(site.text(told).await, "off safety");
    assert_eq!(site.get(&format!("{here}/retire")).await.header("location"), here);
    let page = site.get(&here).await;
    assert!(page.text().contains("Out of use since 1:47 pm"), "{}", page.text());
    assert!(!site.get(&format!("/farms/{FARM}")).await.text().contains("Fan"), "on no other page");
    for _ in 0..2 {
        let answer = site.post(&format!("{here}/restore"), "").await;
        assert_eq!((answer.header("location"), &*answer.done()), (&*here, "device-restored"));
    }
    assert_eq!(happened(&site).await, "device_retired device_restored");
    for body in ["sure=no", "x=1"] {
        let answer = site.post(&format!("{here}/retire"), body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[tokio::test]
async fn what_is_off_goes_out_of_use_at_once() {
    let site = farm().await;
    let answer = site.post(&devices(&format!("/{NEW}/retire")), "").await;
    assert_eq!(answer.done(), "device-retired", "it says that it is off");
}

#[tokio::test]
async fn a_device_whose_name_was_given_away_comes_back_under_another() {
    let site = farm().await;
    let here = devices(&format!("/{FAN}"));
    site.post(&format!("{here}/retire"), "sure=yes").await;
    let take = site.post(&devices(&format!("/{NEW}/edit")), &form("fan", HOUSE_1, "")).await;
    assert_eq!(take.status, StatusCode::SEE_OTHER, "{}", take.text());
    let refused = site.post(&format!("{here}/restore"), "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("name-error"), "{}", refused.main());
    assert!(refused.body.contains(&format!("action=\"{here}/edit\"")), "{}", refused.main());
    let back = site.post(&format!("{here}/edit"), &form("Old fan", HOUSE_1, "")).await;
    assert_eq!(back.header("location"), here);
    assert!(device(&site, FAN).await.starts_with("Old fan|fan|sun"), "in use again");
    assert!(!site.get(&here).await.text().contains("Out of use"));
}

#[tokio::test]
async fn a_relay_is_no_thermometer_and_a_thermometer_no_fan() {
    let site = farm().await;
    for (id, kind, fits) in [(FAN, "climate", "pump"), (NEW, "scale", "fan"), (AIR, "fan", "scale")]
    {
        let edit = devices(&format!("/{id}/edit"));
        let page = site.get(&edit).await;
        assert!(!page.body.contains(&format!("name=\"kind\" value=\"{kind}\"")), "{}", page.main());
        assert!(page.body.contains(&format!("name=\"kind\" value=\"{fits}\"")), "{}", page.main());
        let before = device(&site, id).await;
        let typed = urlencoded(&[("name", "A"), ("kind", kind), ("house", ""), ("place", "")]);
        let answer = site.post(&edit, &typed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind}");
        assert!(answer.body.contains("kind-error"), "{kind}: {}", answer.main());
        assert_eq!(device(&site, id).await, before);
    }
}

#[tokio::test]
async fn somebody_says_how_a_switch_is_driven() {
    let site = farm().await;
    let drive = format!("SELECT type::text FROM devices WHERE id = '{NEW}'");
    let edit = devices(&format!("/{NEW}/edit"));
    let chosen = async || {
        let page = site.get(&edit).await.body;
        let mut drives = page.split("name=\"drive\" value=\"").skip(1);
        let is_checked = |drive: &&str| drive.split('>').next().unwrap().contains("checked");
        drives.find(is_checked).unwrap().split('"').next().unwrap().to_owned()
    };
    assert_eq!(chosen().await, "relay");
    // it tells a number beside its state
    site.sql(&format!("UPDATE devices SET reported_value = 40 WHERE id = '{NEW}'")).await;
    assert_eq!(chosen().await, "pwm");
    let answer = site.post(&edit, &(form("Dimmed", "", "") + "&drive=servo")).await;
    assert_eq!(answer.done(), "device-accepted");
    assert_eq!(site.text(&drive).await, "servo");
    for (drive, id) in [("sensor", NEW), ("x", NEW)] {
        let body = form("Dimmed", "", "") + "&drive=" + drive;
        let answer = site.post(&devices(&format!("/{id}/edit")), &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{drive}");
    }
    assert!(!site.get(&devices(&format!("/{AIR}/edit"))).await.body.contains("name=\"drive\""));
}

#[tokio::test]
async fn a_new_switch_tells_what_it_is_doing_and_since_when() {
    let site = farm().await;
    let sql = "UPDATE devices SET reported_state = 'on', reported_cause = 'button',
            reported_since = '2026-02-12 06:40:00+00', reported_at = '2026-02-12 06:46:00+00' WHERE id = '6a5ba5ee-1111-4000-8000-0000000000d9'";
    site.sql(sql).await;
    for page in [devices(""), devices(&format!("/{NEW}/edit"))] {
        let text = site.get(&page).await.text();
        assert!(text.contains("fan2 Controller house-1 · On · "), "{text}");
        assert!(text.contains("1:40 pm"), "{text}");
    }
}

#[tokio::test]
async fn devices_are_put_in_order_by_the_place_that_was_meant() {
    let site = farm().await;
    let here = devices(&format!("/{FAN}"));
    let page = site.get(&here).await;
    assert!(page.body.contains("name=\"place\" value=\"1\""), "{}", page.main());
    for _ in 0..2 {
        let answer = site.post(&format!("{here}/order"), "place=0").await;
        assert_eq!(answer.header("location"), here);
    }
    let order = "SELECT string_agg(name, ' ' ORDER BY position) FROM devices WHERE approved_at IS NOT NULL AND farm_id::text LIKE '6a5ba5ee-1111%'";
    assert_eq!(site.text(order).await, "Fan Air Tank Light Air 2");
    for body in ["", "place=-1", "place=x", "place=99999999"] {
        let answer = site.post(&format!("{here}/order"), body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[tokio::test]
async fn a_device_goes_on_with_a_new_part() {
    let site = farm().await;
    let here = devices(&format!("/{FAN}"));
    let ask = site.get(&format!("{here}/replace")).await;
    assert!(ask.text().contains("fan2 · Controller house-1"), "{}", ask.text());
    let nothing = site.post(&format!("{here}/replace"), "with=").await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unlike = site.post(&devices(&format!("/{AIR}/replace")), &format!("with={NEW}")).await;
    assert!(unlike.text().contains("can not stand in"), "{}", unlike.text());
    for _ in 0..2 {
        let answer = site.post(&format!("{here}/replace"), &format!("with={NEW}")).await;
        assert_eq!((answer.header("location"), &*answer.done()), (&*here, "device-replaced"));
    }
    let page = site.get(&here).await.text();
    assert!(page.contains("house-1:fan2"), "{page}");
    assert!(!page.contains("firmware"), "its controller has not told its program yet: {page}");
    let long = "v2026.02.12-a-long-name-of-a-build";
    site.sql(&format!("UPDATE nodes SET firmware_version = '{long}' WHERE id = '{NODE_1}'")).await;
    assert!(site.get(&here).await.text().contains(long), "as its controller tells it");
    assert_eq!(happened(&site).await, "device_replaced");
    let gone = site.get(&devices(&format!("/{NEW}"))).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_open_page_hears_of_a_new_value_and_of_a_new_device() {
    use futures::StreamExt as _;
    let site = farm().await;
    let address = devices(&format!("/{AIR}/live"));
    let answer = site.open(Request::get(&address), "").await;
    assert_eq!(answer.status(), StatusCode::OK);
    let mut body = answer.into_body().into_data_stream();
    let mut heard = String::new();
    let mut until = async |what: &str| {
        while !heard.contains(what) {
            let next = tokio::time::timeout(std::time::Duration::from_secs(5), body.next()).await;
            let chunk = next.unwrap_or_else(|_| panic!("no {what} in {heard}"));
            heard.push_str(&String::from_utf8_lossy(&chunk.unwrap().unwrap()));
        }
        heard.clear();
    };
    until("event: snapshot").await;
    site.measured(1, 29.25, 1).await;
    site.web.app.bus.farm_changed(FARM.parse().unwrap(), site.web.app.clock.now());
    until("\"data\":\"29.25\"").await;
    site.sql(&format!("UPDATE nodes SET is_online = false WHERE id = '{NODE_1}'")).await;
    site.web.app.bus.farm_changed(FARM.parse().unwrap(), site.web.app.clock.now());
    until("Disconnected").await;
    // who is no member any more
    site.sql(&format!("UPDATE farm_users SET deleted_at = now() WHERE user_id = '{SOK}'")).await;
    site.web.app.bus.people_changed(
        [FARM.parse().unwrap()],
        SOK.parse().unwrap(),
        site.web.app.clock.now(),
    );
    until("event: leave").await;
}

/// The fan was told something by everybody who may.
async fn commands(site: &Site, number: usize) {
    site.sql(&format!(
        "INSERT INTO switchings (device_id, farm_id, at, is_on) VALUES
            ('{FAN}', '{FARM}', '2026-02-11 20:00:00+00', true),
            ('{FAN}', '{FARM}', '2026-02-12 01:00:00+00', false),
            ('{FAN}', '{FARM}', '2026-02-12 06:40:00+00', true);
        INSERT INTO device_commands (id, farm_id, device_id, command_type, command_params, requested_by, source,
                status, reason, error_message, requested_at, created_at, expires_at)
            SELECT md5(concat(a, s, n))::uuid, '{FARM}', '{FAN}', a, p::jsonb, CASE WHEN s = 'user' THEN '{SOK}'::uuid END, s::command_source,
                t::command_status, r, e, at, at, at + interval '1 minute'
            FROM (SELECT *, '2026-02-12 06:40:00+00'::timestamptz + n * interval '1 second' AS at
                FROM (VALUES ('on', '{{\"duration_ms\": 900000}}', 'user', 'completed', NULL, NULL),
                    ('off', NULL, 'schedule', 'failed', 'refused', 'no power'),
                    ('on', NULL, 'rule', 'timeout', 'no_answer', NULL),
                    ('off', NULL, 'safety', 'sent', NULL, NULL)) AS v (a, p, s, t, r, e),
                generate_series(1, {number}) n) AS all_of_them ORDER BY at, t DESC"
    ))
    .await;
}

#[tokio::test]
async fn a_device_tells_what_it_was_told_and_what_it_did_today() {
    let mut site = farm().await;
    commands(&site, 1).await;
    let page = site.get(&devices(&format!("/{FAN}"))).await;
    let told = page.main();
    let told =
        told.split_once("What it was told").unwrap().1.split_once("Its controller").unwrap().0;
    insta::assert_snapshot!("what_a_fan_was_told", told);
    site.sign_in("dara").await;
    let khmer = site.get(&devices(&format!("/{FAN}"))).await.text();
    for said in ["បើករយៈពេល 15 នាទី", "ឧបករណ៍ប្រាប់ថា៖ no power", "មិនឆ្លើយតប", "បានដំណើរការ 5 ម៉ោង 7 នាទី"]
    {
        assert!(khmer.contains(said), "{said}: {khmer}");
    }
    let sensor = site.get(&devices(&format!("/{AIR}"))).await.text();
    assert!(!sensor.contains("បានដំណើរការ"), "what measures runs all the time: {sensor}");
}

#[tokio::test]
async fn all_commands_are_read_page_by_page() {
    let site = farm().await;
    let all = devices(&format!("/{FAN}/commands"));
    assert!(site.get(&all).await.text().contains("It has not been told anything yet."));
    commands(&site, 20).await;
    let page = site.get(&devices(&format!("/{FAN}"))).await;
    assert!(page.body.contains(&format!("href=\"{all}\"")), "all is one tap away");
    let newest = site.get(&all).await;
    assert_eq!(newest.body.matches("<li id=\"k-").count(), 30);
    let older = newest.body.split_once(&format!("href=\"{all}?before=")).unwrap().1;
    let older = older.split_once('"').unwrap().0;
    let last = site.get(&format!("{all}?before={older}")).await;
    assert_eq!(last.body.matches("<li id=\"k-").count(), 30);
    let rest = last.body.split_once(&format!("href=\"{all}?before=")).unwrap().1;
    let rest = site.get(&format!("{all}?before={}", rest.split_once('"').unwrap().0)).await;
    assert_eq!(rest.body.matches("<li id=\"k-").count(), 20);
    assert!(!rest.body.contains(&format!("href=\"{all}?before=")), "there are no older ones");
    let theirs = site.get(&format!("/farms/{OTHER_FARM}/devices/{FAN}/commands")).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    let bad = site.get(&format!("{all}?before=x")).await.status;
    assert!(bad.is_client_error(), "{bad}");
}

#[tokio::test]
async fn who_answers_wrongly_is_shown_so_on_its_page_its_devices_pages_and_the_list() {
    let site = farm().await;
    site.sql(&format!(
        "UPDATE nodes SET answers_wrongly_since = '2026-02-12 06:00:00+00',
            answered_wrongly_at = '2026-02-12 06:46:00+00', answered_wrongly_why = 'bad-json'
        WHERE id = '{NODE_1}'"
    ))
    .await;
    let why = "Its messages can not be read, since 1:00 pm";
    for page in [devices(""), devices(&format!("/{FAN}")), format!("/farms/{FARM}/nodes/{NODE_1}")]
    {
        let text = site.get(&page).await.text();
        assert!(text.contains("Answers wrongly") && text.contains(why), "{page}: {text}");
    }
    site.sql(
        "UPDATE nodes SET answered_wrongly_at = '2026-02-12 06:30:00+00'
        WHERE answered_wrongly_at IS NOT NULL",
    )
    .await;
    let text = site.get(&format!("/farms/{FARM}/nodes/{NODE_1}")).await.text();
    assert!(!text.contains("Answers wrongly"), "it was heard since without that: {text}");
}

#[tokio::test]
async fn a_new_switch_runs_for_a_moment_for_who_may_accept_it() {
    let mut site = farm().await;
    site.sql(HOUSEHOLD).await;
    let (edit, trial) = (devices(&format!("/{NEW}/edit")), devices(&format!("/{NEW}/try")));
    let says = |state: &str| {
        format!(
            "UPDATE devices SET is_online = true, reported_state = '{state}' WHERE id = '{NEW}'"
        )
    };
    // what runs already would stand still after a trial
    let running = "6a5ba5ee-1111-4000-8000-00000000c003";
    site.sql(&says("on")).await;
    let page = site.get(&edit).await.text();
    assert!(!page.contains("Turn it on for 5 s") && page.contains("Turn it off"), "{page}");
    let refused = site.post(&trial, &format!("id={running}")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("it may be running now"), "{}", refused.text());
    site.sql(&says("off")).await;
    let page = site.get(&edit).await;
    assert!(page.text().contains("Turn it on for 5 s"), "{}", page.text());
    let id = page.field("id");
    for _ in 0..2 {
        let answer = site.post(&trial, &format!("id={id}")).await;
        assert_eq!((answer.header("location"), &*answer.done()), (&*edit, "device-tried"));
    }
    let told = "SELECT string_agg(concat_ws(' ', command_type, command_params ->> 'duration_ms', status), ', ')
        FROM device_commands";
    assert_eq!(site.text(told).await, "on 5000 queued");
    assert_eq!(site.text("SELECT count(*) FROM overrides").await, "0");
    let off = site.post(&trial, &format!("id={running}&wish=off")).await;
    assert_eq!((off.header("location"), &*off.done()), (&*edit, "device-tried-off"));
    let newest = "SELECT command_type::text FROM device_commands ORDER BY place DESC LIMIT 1";
    assert_eq!(site.text(newest).await, "off");
    let told_all = site.text(told).await;
    // nothing but that, and nothing of what was put away
    let control = format!("/farms/{FARM}/control/{NEW}");
    let other = "6a5ba5ee-1111-4000-8000-00000000c002";
    let longer = [("id", other), ("page", "control"), ("wish", "on"), ("duration_ms", "6000")];
    let refused = site.post(&control, &urlencoded(&longer)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
    site.sql(&format!(
        "UPDATE devices SET is_active = false, retired_at = now() WHERE id = '{NEW}'"
    ))
    .await;
    let away = site.post(&trial, &format!("id={other}")).await;
    assert_eq!(away.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(away.text().contains("This device is not in use."), "{}", away.text());
    assert!(!away.body.contains(&trial), "it is not offered");
    site.sql(&format!("UPDATE devices SET is_active = true, retired_at = NULL WHERE id = '{NEW}'"))
        .await;
    // a keeper may switch, and accepts nothing
    site.sign_in_with("");
    site.sign_in("sophea").await;
    assert_eq!(site.post(&trial, &format!("id={other}")).await.status, StatusCode::FORBIDDEN);
    let short = [("id", other), ("page", "control"), ("wish", "on"), ("duration_ms", "5000")];
    let refused = site.post(&control, &urlencoded(&short)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(site.text(told).await, told_all);
}
