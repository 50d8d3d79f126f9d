//! Controllers as people see and change them.
use super::{
    Site,
    second_step::WAITING,
    world::{Answer, FAN, FARM, NODE_1, NODE_2, NOW, OTHER_FARM},
};
use diesel_async::SimpleAsyncConnection as _;
use http::StatusCode;
use std::time::Duration;

/// Figures of the first controller, and a box that was claimed and has no devices in use.
const MORE: &str = "
    UPDATE nodes SET rssi_dbm = -79, battery_pct = 12, heap_free = 102400, uptime_s = 86400,
            firmware_version = '2.1.0', online_changed_at = '2026-02-12 03:00:00+00', claimed_at = '2026-01-10'
        WHERE name = 'house-1';
    INSERT INTO node_boots (node_id, boot, first_seen_at) VALUES
        ('6a5ba5ee-1111-4000-8000-0000000000c1', 'a', '2026-02-01'),
        ('6a5ba5ee-1111-4000-8000-0000000000c1', 'b', '2026-02-11 06:46:50+00');
    INSERT INTO nodes (id, farm_id, name, password_hash) VALUES
        ('6a5ba5ee-1111-4000-8000-0000000000c3', '6a5ba5ee-1111-4000-8000-000000000001', 'box-3',
            '$7$101$c2FsdA==$aGFzaA=='),
        ('6a5ba5ee-2222-4000-8000-0000000000c9', '6a5ba5ee-2222-4000-8000-000000000002', 'theirs-1',
            '$7$101$c2FsdA==$aGFzaA==');";
const FRESH: &str = "6a5ba5ee-1111-4000-8000-0000000000c3";
const THEIRS: &str = "6a5ba5ee-2222-4000-8000-0000000000c9";

fn node(id: &str, tail: &str) -> String {
    format!("/farms/{FARM}/nodes/{id}{tail}")
}

async fn farm() -> Site {
    let site = Site::of_sok().await;
    site.sql(MORE).await;
    site
}

#[tokio::test]
async fn a_controller_tells_how_it_is() {
    let mut site = farm().await;
    insta::assert_snapshot!("a_controller", site.get(&node(NODE_1, "")).await.main());
    site.sign_in("dara").await;
    insta::assert_snapshot!("a_controller_for_a_viewer", site.get(&node(NODE_1, "")).await.text());
}

#[tokio::test]
async fn figures_of_a_silent_controller_say_from_when_they_are() {
    let site = farm().await;
    let silent = format!(
        "UPDATE nodes SET is_online = false, last_seen_at = '2026-02-12 05:00:00+00' WHERE id = '{NODE_1}'"
    );
    site.sql(&silent).await;
    let page = site.get(&node(NODE_1, "")).await.text();
    assert!(page.contains("When last heard, 12:00 pm Weak signal"), "{page}");
    assert!(!page.contains("without a break") && !page.contains("How it is"), "{page}");
}

#[tokio::test]
async fn a_spare_box_with_nothing_in_use_is_offered_and_taken() {
    let site = farm().await;
    let spare = format!(
        "UPDATE devices SET is_active = false, retired_at = now() WHERE node_id = '{NODE_2}'"
    );
    site.sql(&spare).await;
    let replace = node(NODE_1, "/replace");
    assert!(site.get(&replace).await.body.contains(NODE_2));
    let answer = site.post(&replace, &format!("with={NODE_2}")).await;
    assert_eq!(answer.done(), "node-replaced", "{}", answer.text());
}

#[tokio::test]
async fn another_farms_controller_is_answered_like_none() {
    let site = farm().await;
    for (tail, body) in [
        ("", None),
        ("/live", None),
        ("/rotate", Some("sure=yes".to_owned())),
        ("/replace", Some(format!("with={FRESH}"))),
        ("/give", Some("sure=yes".to_owned())),
    ] {
        let mut seen = Vec::new();
        for id in [THEIRS, "6a5ba5ee-9999-4000-8000-0000000000c9", "no-node"] {
            let read = site.get(&node(id, tail)).await;
            assert_eq!(read.status, StatusCode::NOT_FOUND, "{id}{tail}");
            seen.push(read.main());
            if let Some(body) = &body {
                let written = site.post(&node(id, tail), body).await;
                assert_eq!(written.status, StatusCode::NOT_FOUND, "{id}{tail}");
            }
        }
        assert!(seen.iter().all(|one| *one == seen[0]), "{tail}");
    }
    let mut seen = Vec::new();
    for with in [THEIRS, "6a5ba5ee-9999-4000-8000-0000000000c9", "no-node"] {
        let answer = site.post(&node(NODE_1, "/replace"), &format!("with={with}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{with}");
        assert!(answer.body.contains("with-error"), "{}", answer.main());
        seen.push(answer.main());
    }
    assert!(seen.iter().all(|one| *one == seen[0]));
    let untouched = "SELECT count(*) FROM nodes WHERE password_hash = '$7$101$c2FsdA==$aGFzaA==' AND revoked_at IS NULL";
    assert_eq!(site.text(untouched).await, "4");
}

#[tokio::test]
async fn a_new_password_is_shown_once_and_the_broker_gets_its_hash() {
    let mut site = farm().await;
    let rotate = node(NODE_1, "/rotate");
    let ask = site.get(&rotate).await.text();
    assert!(ask.contains("disconnected at once"), "{ask}");
    for body in ["", "sure=no", "sure=yes&password=x"] {
        assert_eq!(site.post(&rotate, body).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let set = site.post(&rotate, "sure=yes").await;
    assert_eq!((set.status, set.header("location")), (StatusCode::SEE_OTHER, &*rotate));
    let session = site.session_cookie().to_owned();
    site.take_cookie(&set.sets("once").unwrap());
    let answer = site.get(&rotate).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    let password = password_on(&answer).unwrap();
    assert_eq!(password.len(), 32, "{password}");
    let hash = site.text(HASH).await;
    assert!(domain::credentials::matches(&hash, &password), "{hash}");
    let told = "SELECT string_agg(event_data ->> 'node', ' ') FROM event_logs
        WHERE event_type = 'node_rotated' AND user_id IS NOT NULL
            AND strpos(event_data::text, '$PASSWORD') = 0";
    assert_eq!(site.text(&told.replace("$PASSWORD", &password)).await, "house-1");
    // after a reload, and in the other language
    site.post("/language", "to=km&back=%2F").await;
    let khmer = site.get(&rotate).await;
    assert!(khmer.body.contains("<html lang=\"km\"") && khmer.sets("once").is_none());
    assert_eq!(password_on(&khmer).as_ref(), Some(&password));
    // not for another controller, nor for who has left
    let other = site.get(&node(NODE_2, "/rotate")).await;
    assert_eq!(password_on(&other), None);
    assert_eq!(other.sets("once").as_deref(), Some("once="));
    site.sign_in_with(&session);
    assert_eq!(password_on(&site.get(&rotate).await), None);
}

/// What the broker keeps of the first controller's password.
const HASH: &str = "SELECT password_hash FROM nodes WHERE name = 'house-1'";

/// The password on a page, if it shows one.
fn password_on(page: &Answer) -> Option<String> {
    let (_, rest) = page.body.split_once("data-password")?;
    Some(rest.split_once('>')?.1.split_once('<')?.0.to_owned())
}

/// A form for a new password, and what it is sent with.
async fn form(site: &Site) -> (String, String) {
    let rotate = node(NODE_1, "/rotate");
    let once = site.get(&rotate).await.field("once");
    (rotate, format!("sure=yes&once={once}"))
}

#[tokio::test]
async fn a_new_password_that_is_asked_for_twice_is_the_same_one() {
    let mut site = farm().await;
    let (rotate, body) = form(&site).await;
    let first = site.post(&rotate, &body).await.sets("once").unwrap();
    let hash = site.text(HASH).await;
    assert_eq!(site.post(&rotate, &body).await.sets("once").unwrap(), first);
    assert_eq!(site.text(HASH).await, hash, "nothing has changed");
    let events = "SELECT count(*) FROM event_logs WHERE event_type = 'node_rotated'";
    assert_eq!(site.text(events).await, "1");
    site.take_cookie(&first);
    let password = password_on(&site.get(&rotate).await).unwrap();
    assert!(domain::credentials::matches(&hash, &password));
}

#[tokio::test]
async fn a_new_password_is_shown_for_ten_minutes_and_never_once_there_is_another() {
    let mut site = farm().await;
    let session = site.session_cookie().to_owned();
    let minutes = |n: u64| NOW.plus(Duration::from_secs(60 * n));
    let (rotate, body) = form(&site).await;
    let first = site.post(&rotate, &body).await.sets("once").unwrap();
    site.take_cookie(&first);
    site.web.app.clock.anchor(minutes(9));
    let password = password_on(&site.get(&rotate).await).unwrap();
    site.web.app.clock.anchor(minutes(10));
    assert_eq!(password_on(&site.get(&rotate).await), None, "too late");
    // a form of long ago makes another one
    let second = site.post(&rotate, &body).await.sets("once").unwrap();
    assert_ne!(second, first);
    assert!(!domain::credentials::matches(&site.text(HASH).await, &password));
    site.sign_in_with(&session);
    site.take_cookie(&second);
    assert!(password_on(&site.get(&rotate).await).is_some());
    site.web.app.clock.anchor(minutes(11));
    site.post(&rotate, "sure=yes").await;
    assert_eq!(password_on(&site.get(&rotate).await), None, "it is not the password any more");
    // neither does the cookie show it to somebody else
    let (_, body) = form(&site).await;
    let third = site.post(&rotate, &body).await.sets("once").unwrap();
    site.sign_in_with("");
    site.sign_in("vanna").await;
    site.take_cookie(&third);
    assert_eq!(password_on(&site.get(&rotate).await), None);
}

#[tokio::test]
async fn a_new_box_takes_over_all_devices() {
    let site = farm().await;
    let replace = node(NODE_1, "/replace");
    let ask = site.get(&replace).await;
    assert!(ask.body.contains(FRESH) && !ask.body.contains(NODE_2), "{}", ask.main());
    let nothing = site.post(&replace, "with=").await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let busy = site.post(&replace, &format!("with={NODE_2}")).await;
    assert!(busy.text().contains("Devices of that controller are in use"), "{}", busy.text());
    for _ in 0..2 {
        let answer = site.post(&replace, &format!("with={FRESH}")).await;
        let to = node(FRESH, "");
        assert_eq!((answer.header("location"), &*answer.done()), (&*to, "node-replaced"));
    }
    let fan = format!("SELECT device_id FROM devices WHERE id = '{FAN}'");
    assert_eq!(site.text(&fan).await, "box-3:fan1");
    let old = site.get(&node(NODE_1, "")).await;
    assert!(old.text().contains("Shut out") && old.body.contains(FRESH), "{}", old.text());
    assert!(!old.body.contains("/rotate"), "{}", old.main());
    assert_eq!(site.get(&node(NODE_1, "/rotate")).await.status, StatusCode::NOT_FOUND);
    let events = "SELECT count(*) FROM event_logs WHERE event_type = 'node_replaced'";
    assert_eq!(site.text(events).await, "1");
}

#[tokio::test]
async fn who_has_no_other_box_is_led_to_connect_one() {
    let mut site = Site::new().await;
    site.sql(MORE).await;
    site.sign_in("vanna").await;
    let address = format!("/farms/{OTHER_FARM}/nodes/{THEIRS}/replace");
    let text = site.get(&address).await.text();
    assert!(text.contains("no other controller yet"), "{text}");
}

/// Nothing of the first controller runs, so that it can be given away.
const ALL_OFF: &str = "UPDATE devices SET reported_state = 'off' WHERE reported_state = 'on'";
const CODE: &str = "SELECT claim_code FROM nodes WHERE name = 'house-1'";

#[tokio::test]
async fn a_controller_is_given_away_with_a_code_for_its_next_farm_that_is_shown_once() {
    let mut site = farm().await;
    site.sql(ALL_OFF).await;
    let give = node(NODE_1, "/give");
    assert!(site.get(&node(NODE_1, "")).await.body.contains(&give));
    let ask = site.get(&give).await;
    insta::assert_snapshot!(
        "a_controller_to_give_away",
        ask.main().replace(&ask.field("once"), "[once]")
    );
    for body in ["", "sure=no", "sure=yes&code=ABCD2345"] {
        assert_eq!(site.post(&give, body).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let body = format!("sure=yes&once={}", ask.field("once"));
    let set = site.post(&give, &body).await;
    assert_eq!((set.status, set.header("location")), (StatusCode::SEE_OTHER, &*give));
    // a second tap is the same
    assert_eq!(site.post(&give, &body).await.sets("once"), set.sets("once"));
    let events = "SELECT count(*) FROM event_logs WHERE event_type = 'node_released'";
    assert_eq!(site.text(events).await, "1");
    let session = site.session_cookie().to_owned();
    site.take_cookie(&set.sets("once").unwrap());
    let shown = site.get(&give).await;
    assert_eq!((shown.status, shown.header("cache-control")), (StatusCode::OK, "no-store"));
    let code = domain::codes::Code::parse(&site.text(CODE).await).unwrap();
    assert!(shown.text().contains(&code.to_string()), "{}", shown.text());
    assert!(shown.body.contains(&format!("/claim?code={}", code.as_str())));
    // the code stands in no record
    let told = format!(
        "SELECT count(*) FROM event_logs WHERE strpos(event_data::text, '{}') > 0",
        code.as_str()
    );
    assert_eq!(site.text(&told).await, "0");
    site.sign_in_with(&session);
    for address in [&give, &node(NODE_1, "")] {
        assert_eq!(site.get(address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
    let devices = site.get(&format!("/farms/{FARM}/devices")).await;
    assert!(!devices.body.contains(NODE_1) && devices.body.contains(NODE_2));

    // and the next farm has to make a password
    let mut next = site;
    next.sign_in("vanna").await;
    let claim = format!("/farms/{OTHER_FARM}/claim");
    let claimed = next.post(&claim, &format!("code={}", code.as_str())).await;
    assert_eq!(claimed.done(), "node-claimed", "{}", claimed.text());
    let theirs = next.get(claimed.header("location")).await;
    assert!(theirs.text().contains("has no password since its last farm"), "{}", theirs.text());
    next.post(&format!("{}/rotate", claimed.header("location")), "sure=yes").await;
    let theirs = next.get(claimed.header("location")).await;
    assert!(!theirs.text().contains("has no password"), "{}", theirs.text());
}

#[tokio::test]
async fn two_taps_at_once_give_a_controller_away_once_and_both_lead_to_its_code() {
    let mut site = farm().await;
    site.sql(ALL_OFF).await;
    let give = node(NODE_1, "/give");
    let body = format!("sure=yes&once={}", site.get(&give).await.field("once"));
    let owner = site.database.owner();
    let mut holder = owner.get().await.unwrap();
    holder.batch_execute("BEGIN; SELECT FROM nodes FOR UPDATE").await.unwrap();
    // as soon as neither knows of the other
    let let_go = tokio::time::timeout(Duration::from_secs(20), async {
        while site.text(WAITING).await != "2" {
            tokio::task::yield_now().await;
        }
        holder.batch_execute("COMMIT").await.unwrap();
    });
    let taps = async { tokio::join!(site.post(&give, &body), site.post(&give, &body)) };
    let ((one, other), both_waited) = tokio::join!(taps, let_go);
    both_waited.unwrap();
    for tap in [&one, &other] {
        assert_eq!((tap.status, tap.header("location")), (StatusCode::SEE_OTHER, &*give));
    }
    assert_eq!(one.sets("once"), other.sets("once"));
    let events = "SELECT count(*) FROM event_logs WHERE event_type = 'node_released'";
    assert_eq!(site.text(events).await, "1");
    site.take_cookie(&other.sets("once").unwrap());
    let code = domain::codes::Code::parse(&site.text(CODE).await).unwrap();
    assert!(site.get(&give).await.text().contains(&code.to_string()));
}

/// The first code that a controller is given is another's.
const CLASH: &str = "
    CREATE SEQUENCE tries;
    CREATE FUNCTION clash() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('public.tries') = 1 THEN
            RAISE unique_violation USING CONSTRAINT = 'nodes_claim_code_key';
        END IF;
        RETURN NEW;
    END
    $$;
    CREATE TRIGGER clash BEFORE UPDATE OF claim_code ON nodes FOR EACH ROW EXECUTE FUNCTION clash();";

#[tokio::test]
async fn whose_first_code_is_taken_is_given_away_with_another_of_the_same_form() {
    let mut site = farm().await;
    site.sql(ALL_OFF).await;
    site.sql(CLASH).await;
    let give = node(NODE_1, "/give");
    let body = format!("sure=yes&once={}", site.get(&give).await.field("once"));
    let set = site.post(&give, &body).await;
    assert_eq!(site.text("SELECT last_value FROM tries").await, "2");
    let again = site.post(&give, &body).await;
    assert_eq!((again.status, again.sets("once")), (StatusCode::SEE_OTHER, set.sets("once")));
    site.take_cookie(&set.sets("once").unwrap());
    let code = domain::codes::Code::parse(&site.text(CODE).await).unwrap();
    let shown = site.get(&give).await.text();
    assert!(shown.contains(&code.to_string()), "{shown}");
}

#[tokio::test]
async fn what_runs_is_switched_off_before_its_controller_is_given_away() {
    let mut site = farm().await;
    let give = node(NODE_1, "/give");
    let ask = site.get(&give).await;
    assert!(ask.text().contains("Turn them off first"), "{}", ask.text());
    assert!(ask.body.contains(&format!("/devices/{FAN}")) && !ask.body.contains("name=\"sure\""));
    let refused = site.post(&give, "sure=yes").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("Turn them off first"), "{}", refused.text());
    // what can not be reached can not be switched off either
    site.sql(&format!("UPDATE nodes SET is_online = false WHERE id = '{NODE_1}'")).await;
    let text = site.get(&give).await.text();
    assert!(text.contains("can not be reached now"), "{text}");
    // nobody but those who manage hardware
    site.sign_in_with("");
    site.sign_in("dara").await;
    assert_eq!(site.get(&give).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.post(&give, "sure=yes").await.status, StatusCode::FORBIDDEN);
    let free = "SELECT count(*) FROM nodes WHERE farm_id IS NULL";
    assert_eq!(site.text(free).await, "0");
}
