//! Switching by forms: what a tap comes to, and what pages say of it.
use super::{
    Site,
    world::{AIR, Answer, FAN, FARM, HOUSE_1, HOUSEHOLD, NOW, OTHER_FARM, urlencoded},
};
use domain::live::News;
use http::StatusCode;
use std::time::Duration;
use store::live::Message;

const LIGHT: &str = "6a5ba5ee-1111-4000-8000-0000000000d4";
const TAP: &str = "6a5ba5ee-1111-4000-8000-00000000c001";
const NEXT: &str = "6a5ba5ee-1111-4000-8000-00000000c002";

/// Another fan in house 1, a dimmer and a feeder.
const MORE: &str = "
    INSERT INTO devices (id, farm_id, node_id, house_id, channel, device_id, hardware_id, name, type, kind,
            firmware_version, is_online, approved_at, reported_state, reported_value, reported_at, position)
    SELECT ('6a5ba5ee-1111-4000-8000-0000000000' || id)::uuid, '6a5ba5ee-1111-4000-8000-000000000001',
        '6a5ba5ee-1111-4000-8000-0000000000c1', '6a5ba5ee-1111-4000-8000-0000000000b1', channel,
        'house-1:' || channel, 's1:' || channel, name, type::device_type, kind::device_kind, '2.1.0', true,
        now(), state, value, '2026-02-12 06:46:50+00', 9
    FROM (VALUES ('e1', 'fan2', 'Fan 2', 'relay', 'fan', 'off', NULL),
        ('e2', 'dim', 'Dimmer', 'pwm', 'light', 'on', 40),
        ('e3', 'feed', 'Feeder', 'relay', 'feeder', 'off', NULL)) d (id, channel, name, type, kind, state, value);";
const FAN_2: &str = "6a5ba5ee-1111-4000-8000-0000000000e1";
const FEEDER: &str = "6a5ba5ee-1111-4000-8000-0000000000e3";
const DIMMER: &str = "6a5ba5ee-1111-4000-8000-0000000000e2";

fn control(rest: &str) -> String {
    format!("/farms/{FARM}/control{rest}")
}

fn of(device: &str) -> String {
    control(&format!("/{device}"))
}

async fn farm() -> Site {
    let site = Site::of_sok().await;
    site.sql(HOUSEHOLD).await;
    site.sql(MORE).await;
    site
}

async fn tap(site: &Site, device: &str, id: &str, fields: &[(&str, &str)]) -> Answer {
    let mut all = vec![("id", id), ("page", "control")];
    all.extend_from_slice(fields);
    site.post(&of(device), &urlencoded(&all)).await
}

/// All commands, in the order they were asked for.
async fn commands(site: &Site) -> String {
    site.text(
        "SELECT coalesce(string_agg(concat_ws(' ', command_type, command_params ->> 'value',
            command_params ->> 'duration_ms', status, reason), ', ' ORDER BY place), '')
         FROM device_commands",
    )
    .await
}

/// What is on record of taps.
async fn events(site: &Site) -> String {
    site.text(
        "SELECT coalesce(string_agg(event_type || coalesce(' ' || (event_data ->> 'reason'), ''), ', '
            ORDER BY id), '') FROM event_logs
         WHERE event_type LIKE 'command\\_%' OR event_type LIKE 'override\\_%'",
    )
    .await
}

/// The worker's part: the command has come so far.
async fn came(site: &Site, id: &str, set: &str) {
    site.sql(&format!("UPDATE device_commands SET {set} WHERE id = '{id}'")).await;
}

#[tokio::test]
async fn each_switch_stands_where_its_device_says_it_is() {
    let site = farm().await;
    let page = site.get(&control("")).await;
    assert_eq!(page.status, StatusCode::OK);
    insta::assert_snapshot!(page.main());
    assert!(page.body.contains(r#"class="bar""#) && page.body.contains(r#"aria-current="page""#));
}

#[tokio::test]
async fn a_tap_goes_into_the_outbox_and_is_never_told_as_done() {
    let site = farm().await;
    let mut news = site.web.app.bus.subscribe(FARM.parse().unwrap());
    let answer = tap(&site, LIGHT, TAP, &[("wish", "on")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.header("location"), format!("{}#d-{LIGHT}", control("")));
    assert_eq!(commands(&site).await, "on queued");
    let Message::News(heard) = news.try_recv().unwrap() else { panic!("no news") };
    let News::Command(command) = &heard.news else { panic!("{heard:?}") };
    assert_eq!((command.command_id.to_string(), command.status.name()), (TAP.to_owned(), "queued"));

    let card = |page: &Answer| {
        let main = page.main();
        let (_, card) = main.split_once(&format!("id=\"d-{LIGHT}\"")).unwrap();
        card.split_once("</article>").unwrap().0.to_owned()
    };
    let steps = [
        ("", "1. Saved"),
        ("status = 'sent', attempted_at = now(), sent_at = '2026-02-12 06:47:00+00'", "2. Sent"),
        (
            "status = 'executing', executing_at = '2026-02-12 06:47:00+00'",
            "3. The device has received it",
        ),
    ];
    for (set, told) in steps {
        if !set.is_empty() {
            came(&site, TAP, set).await;
        }
        let card = card(&site.get(&control("")).await);
        assert!(card.contains(told) && card.contains(r#"data-state="pending""#), "{told}: {card}");
        assert!(card.contains("latch--going") && !card.contains("latch--on"), "{card}");
    }
    // done, says the device
    came(&site, TAP, "status = 'completed', completed_at = '2026-02-12 06:47:00+00'").await;
    site.sql(&format!(
        "UPDATE devices SET reported_state = 'on', reported_cause = 'command',
            reported_since = '2026-02-12 06:47:00+00', reported_at = '2026-02-12 06:47:00+00'
         WHERE id = '{LIGHT}'"
    ))
    .await;
    let done = card(&site.get(&control("")).await);
    assert!(done.contains("latch--on") && done.contains(r#"data-state="on""#), "{done}");
    assert!(done.contains("By hand, សុខ") && done.contains("By hand until"), "{done}");
}

#[tokio::test]
async fn without_an_answer_nobody_says_that_it_is_on() {
    let site = farm().await;
    tap(&site, LIGHT, TAP, &[("wish", "on")]).await;
    site.web.app.clock.advance(Duration::from_secs(3));
    came(&site, TAP, "status = 'sent', attempted_at = now(), sent_at = '2026-02-12 06:47:00+00'")
        .await;
    let waiting = site.get(&of(LIGHT)).await;
    let text = waiting.text();
    assert!(text.contains("The device has not answered yet. · 3 s ago"), "{text}");
    assert!(text.contains("Try again"), "{text}");
    came(&site, TAP, "status = 'timeout', reason = 'no_answer', completed_at = '2026-02-12 06:47:10+00', due_at = NULL").await;
    let given_up = site.get(&of(LIGHT)).await;
    let main = given_up.main();
    assert!(main.contains("No answer") && main.contains(r#"data-state="unknown""#), "{main}");
    assert!(main.contains("latch--halted") && !main.contains("latch--on"), "{main}");
    // once more is another command
    let again = tap(&site, LIGHT, NEXT, &[("wish", "again"), ("of", TAP)]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    assert_eq!(commands(&site).await, "on timeout no_answer, on queued");
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_command_and_an_old_one_says_so() {
    let site = farm().await;
    for _ in 0..2 {
        let answer = tap(&site, LIGHT, TAP, &[("wish", "on")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(commands(&site).await, "on queued");
    // the other button of the same form
    let other = tap(&site, LIGHT, TAP, &[("wish", "off")]).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.text().contains("This page was old"), "{}", other.text());
    // and the first one, after the light was on for long
    came(&site, TAP, "status = 'completed', completed_at = '2026-02-12 06:47:00+00'").await;
    site.web.app.clock.advance(Duration::from_secs(40));
    let late = tap(&site, LIGHT, TAP, &[("wish", "on")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(commands(&site).await, "on completed");
}

#[tokio::test]
async fn what_can_not_be_done_is_refused_in_words_and_on_record_and_nothing_is_sent() {
    let site = farm().await;
    let year = (10_i64 * 365 * 86_400_000).to_string();
    type Try<'t> = (&'t str, &'t [(&'t str, &'t str)], &'t str, &'t str);
    let tries: [Try<'_>; 8] = [
        (LIGHT, &[("wish", "explode")], "There is no such thing to ask for.", "unknown-action"),
        (
            DIMMER,
            &[("wish", "set_value"), ("value", "NaN")],
            "That is not a number.",
            "not-a-number",
        ),
        (
            DIMMER,
            &[("wish", "set_value"), ("value", "ninety")],
            "That is not a number.",
            "not-a-number",
        ),
        (
            DIMMER,
            &[("wish", "set_value"), ("value", "101")],
            "It must be 0 % to 100 %.",
            "out-of-range",
        ),
        (DIMMER, &[("wish", "set_value")], "Say how much.", "no-value"),
        (
            LIGHT,
            &[("wish", "set_value"), ("value", "5")],
            "This device can not do that.",
            "wrong-action",
        ),
        (
            LIGHT,
            &[("wish", "on"), ("duration_ms", "-1")],
            "The time must be 1 s to 24 h.",
            "duration",
        ),
        (
            LIGHT,
            &[("wish", "on"), ("duration_ms", &year)],
            "The time must be 1 s to 24 h.",
            "duration",
        ),
    ];
    let mut reasons = Vec::new();
    for (device, fields, told, reason) in tries {
        let mut fields = fields.to_vec();
        fields.extend([("id", TAP), ("page", "device")]);
        let answer = site.post(&of(device), &urlencoded(&fields)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(answer.text().contains(told), "{told}: {}", answer.text());
        reasons.push(format!("command_refused {reason}"));
    }
    assert_eq!(commands(&site).await, "");
    assert_eq!(events(&site).await, reasons.join(", "));
    let typed = [("id", TAP), ("page", "device"), ("wish", "set_value"), ("value", "101")];
    let back = site.post(&of(DIMMER), &urlencoded(&typed)).await;
    assert_eq!(back.field("value"), "101", "what was typed is still there");
    insta::assert_snapshot!(back.main());
}

#[tokio::test]
async fn devices_of_others_and_those_out_of_use_are_left_alone() {
    let site = farm().await;
    site.sql(&format!(
        "UPDATE devices SET is_active = false, retired_at = now() WHERE id = '{FAN_2}'"
    ))
    .await;
    let retired = tap(&site, FAN_2, TAP, &[("wish", "on")]).await;
    assert_eq!(retired.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(events(&site).await, "command_refused not-in-use");
    let sensor = tap(&site, AIR, TAP, &[("wish", "on")]).await;
    assert_eq!(sensor.status, StatusCode::UNPROCESSABLE_ENTITY);
    site.sql(&format!("UPDATE devices SET farm_id = '{OTHER_FARM}', house_id = NULL, node_id = NULL, channel = NULL WHERE id = '{LIGHT}'")).await;
    for device in [LIGHT, "6a5ba5ee-9999-4000-8000-000000000009", "no-device"] {
        let answer = tap(&site, device, TAP, &[("wish", "on")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{device}");
    }
    assert_eq!(commands(&site).await, "");
}

#[tokio::test]
async fn the_island_taps_as_the_form_does_and_passes_the_same_gate() {
    let mut site = farm().await;
    let call = async |site: &Site, fields: [&str; 5]| {
        let request = http::Request::post(format!("/farms/{FARM}/api/tap"))
            .header(http::header::CONTENT_TYPE, "application/x-tokkatot-lines")
            .header(http::header::ACCEPT, "application/x-tokkatot-lines")
            .header("sec-fetch-site", "same-origin");
        site.send(request, &fields.join("\n")).await
    };
    for _ in 0..2 {
        let taken = call(&site, [LIGHT, TAP, "on", "", ""]).await;
        assert_eq!((taken.status, taken.body.as_str()), (StatusCode::OK, ""));
    }
    assert_eq!(commands(&site).await, "on queued");
    let again = call(&site, [LIGHT, NEXT, "again", TAP, ""]).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(commands(&site).await, "on failed superseded, on queued");
    let refused = call(&site, [LIGHT, TAP, "explode", "", ""]).await;
    assert_eq!(refused.status, StatusCode::OK);
    assert!(refused.body.contains("There is no such thing to ask for."), "{}", refused.body);
    for (fields, status) in [
        (["6a5ba5ee-9999-4000-8000-000000000009", NEXT, "off", "", ""], StatusCode::NOT_FOUND),
        ([LIGHT, "x", "off", "", ""], StatusCode::BAD_REQUEST),
        ([LIGHT, NEXT, "undo", "", ""], StatusCode::BAD_REQUEST),
        ([FEEDER, NEXT, "on", "", "long"], StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(call(&site, fields).await.status, status, "{fields:?}");
    }
    let audited = "SELECT count(*) FROM event_logs WHERE event_type = 'access_refused'
        AND event_data ->> 'device' = '6a5ba5ee-9999-4000-8000-000000000009'";
    assert_eq!(site.text(audited).await, "1");
    site.sign_in("dara").await;
    let viewer = call(&site, [LIGHT, NEXT, "off", "", ""]).await;
    assert_eq!(viewer.status, StatusCode::FORBIDDEN);
    assert_eq!(commands(&site).await, "on failed superseded, on queued");
}

#[tokio::test]
async fn feed_drops_for_the_time_that_stands_on_its_button() {
    let site = farm().await;
    // what is asked of it from then on is a choice
    let accepted =
        format!("UPDATE devices SET approved_at = '2026-02-01 00:00:00+00' WHERE id = '{FEEDER}'");
    site.sql(&accepted).await;
    let page = site.get(&of(FEEDER)).await;
    assert!(page.text().contains("Drop feed for 10 s"), "{}", page.text());
    assert_eq!(page.field("portion_ms"), "10000");
    // without a time nothing is sent, however it is asked for
    for (id, wish) in [(TAP, "on"), (NEXT, "toggle")] {
        let refused = tap(&site, FEEDER, id, &[("wish", wish)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wish}");
        assert!(refused.text().contains("Choose for how long"), "{}", refused.text());
    }
    let all = [("id", TAP), ("kind", "feeder"), ("house", HOUSE_1), ("wish", "on")];
    let several = site.post(&control(""), &urlencoded(&all)).await;
    assert_eq!(several.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(commands(&site).await, "");
    let dropped = tap(&site, FEEDER, TAP, &[("wish", "on"), ("portion_ms", "10000")]).await;
    assert_eq!(dropped.status, StatusCode::SEE_OTHER, "{}", dropped.text());
    assert_eq!(commands(&site).await, "on 10000 queued");
    // another of the same form's buttons ends it, which has no time
    let ended = tap(&site, FEEDER, NEXT, &[("wish", "off"), ("portion_ms", "10000")]).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.text());
    // one of the times on its own page is the time from then on
    let third = "6a5ba5ee-1111-4000-8000-00000000c003";
    let longer = [("id", third), ("page", "device"), ("wish", "on"), ("duration_ms", "30000")];
    assert!(page.body.contains("value=\"30000\""), "{}", page.main());
    assert_eq!(site.post(&of(FEEDER), &urlencoded(&longer)).await.status, StatusCode::SEE_OTHER);
    came(&site, third, "status = 'completed', completed_at = '2026-02-12 06:47:00+00'").await;
    site.web.app.clock.advance(Duration::from_secs(40 * 60));
    let text = site.get(&control("")).await.text();
    assert!(text.contains("Drop feed for 30 s"), "{text}");
    let fourth = "6a5ba5ee-1111-4000-8000-00000000c004";
    let too_long = tap(&site, FEEDER, fourth, &[("wish", "on"), ("portion_ms", "601000")]).await;
    assert!(too_long.text().contains("The time must be 1 s to 10 min."), "{}", too_long.text());
}

#[tokio::test]
async fn a_devices_own_page_has_its_switch_and_comes_back_to_it() {
    let site = farm().await;
    let about = format!("/farms/{FARM}/devices/{LIGHT}");
    let page = site.get(&about).await;
    assert_eq!(page.body.matches("class=\"latch\"").count(), 1, "{}", page.main());
    assert!(page.body.contains(&of(LIGHT)), "and the way to what more can be asked");
    let on = [("id", TAP), ("page", "about"), ("wish", "on")];
    let answer = site.post(&of(LIGHT), &urlencoded(&on)).await;
    assert_eq!(answer.header("location"), format!("{about}#d-{LIGHT}"));
    let page = site.get(&about).await;
    assert!(
        page.text().contains("1. Saved") && page.body.contains("latch--going"),
        "{}",
        page.main()
    );
    let off = [("id", TAP), ("page", "about"), ("wish", "off")];
    let old = site.post(&of(LIGHT), &urlencoded(&off)).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(old.text().contains("This page was old"), "{}", old.text());
}

#[tokio::test]
async fn a_refusal_tells_the_bounds_in_the_readers_digits() {
    let site = farm().await;
    site.sql("UPDATE users SET digits = 'khmer'").await;
    let bounds = format!(
        "INSERT INTO device_configs (farm_id, device_id, parameter_name, parameter_value, unit, min_value, max_value)
        SELECT farm_id, id, 'value', '{{}}', '%', 20, 80 FROM devices WHERE id = '{DIMMER}'"
    );
    site.sql(&bounds).await;
    let page = site.get(&of(DIMMER)).await;
    assert!(page.text().contains("២០ to ៨០"), "{}", page.text());
    let typed =
        [("id", TAP), ("page", "device"), ("wish", "set_value"), ("value", "\u{17e8}\u{17e1}")];
    let refused = site.post(&of(DIMMER), &urlencoded(&typed)).await;
    assert!(refused.text().contains("It must be ២០ % to ៨០ %."), "{}", refused.text());
    assert_eq!(refused.field("value"), "\u{17e8}\u{17e1}", "as it was typed");
    // without scripts − and + keep to them too
    let stepped =
        [("id", TAP), ("page", "device"), ("wish", "set_value"), ("value", "79"), ("go", "more")];
    let next = site.post(&of(DIMMER), &urlencoded(&stepped)).await;
    assert_eq!(next.field("value"), "៨០");
}

#[tokio::test]
async fn a_tap_is_undone_while_it_waits_and_turned_round_after() {
    let site = farm().await;
    tap(&site, FAN, TAP, &[("wish", "off")]).await;
    assert!(site.get(&of(FAN)).await.text().contains("Undo"));
    let undone = tap(&site, FAN, NEXT, &[("wish", "undo"), ("of", TAP)]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER);
    assert_eq!(commands(&site).await, "off failed cancelled");
    assert!(!site.get(&of(FAN)).await.text().contains("By hand until"), "and nobody holds it");
    tap(&site, LIGHT, NEXT, &[("wish", "on")]).await;
    came(&site, NEXT, "status = 'sent', attempted_at = now(), sent_at = now()").await;
    let third = "6a5ba5ee-1111-4000-8000-00000000c003";
    tap(&site, LIGHT, third, &[("wish", "undo"), ("of", NEXT)]).await;
    assert_eq!(commands(&site).await, "off failed cancelled, on sent, off queued");
    site.web.app.clock.advance(Duration::from_secs(11));
    assert!(
        !site.get(&of(LIGHT)).await.text().contains("Undo"),
        "after ten seconds it is not offered"
    );
}

#[tokio::test]
async fn who_holds_a_device_by_hand_gives_it_back() {
    let site = farm().await;
    tap(&site, FAN, TAP, &[("wish", "on"), ("duration_ms", "900000")]).await;
    assert_eq!(commands(&site).await, "on 900000 queued");
    came(&site, TAP, "status = 'completed', completed_at = '2026-02-12 06:47:00+00'").await;
    let held = site.get(&of(FAN)).await.text();
    assert!(held.contains("Goes off by itself at 2:02 pm."), "{held}");
    assert!(held.contains("By hand until 2:17 pm"), "{held}");
    let back = tap(&site, FAN, NEXT, &[("wish", "automatic")]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert!(!site.get(&of(FAN)).await.text().contains("By hand until"));
    assert!(events(&site).await.ends_with("override_ended"), "{}", events(&site).await);
}

#[tokio::test]
async fn all_fans_of_a_house_are_told_each_for_itself() {
    let site = farm().await;
    site.sql(&format!(
        "INSERT INTO interlocks (device_id, farm_id, min_off_s, excludes_heat_and_cooling, on_link_loss,
            created_at)
         VALUES ('{FAN_2}', '{FARM}', 3600, false, 'hold', now())"
    ))
    .await;
    let form =
        |id, wish| urlencoded(&[("id", id), ("kind", "fan"), ("house", HOUSE_1), ("wish", wish)]);
    let off = site.post(&control(""), &form(TAP, "off")).await;
    assert_eq!((off.status, off.done().as_str()), (StatusCode::SEE_OTHER, "control-told.2"));
    assert_eq!(commands(&site).await, "off queued, off queued");
    let twice = site.post(&control(""), &form(TAP, "off")).await;
    assert_eq!(twice.status, StatusCode::SEE_OTHER);
    assert_eq!(commands(&site).await, "off queued, off queued");
    site.sql(&format!(
        "UPDATE devices SET reported_since = '2026-02-12 06:40:00+00' WHERE id = '{FAN_2}'"
    ))
    .await;
    let on = site.post(&control(""), &form(NEXT, "on")).await;
    assert_eq!(on.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(on.text().contains("It was not turned onIt must rest until 2:40 pm."), "{}", on.text());
    let told = commands(&site).await;
    assert!(told.ends_with("on queued"), "the other one is told: {told}");
}

#[tokio::test]
async fn an_emergency_stop_locks_and_only_who_may_release_is_shown_the_way() {
    let mut site = farm().await;
    site.sql(&format!(
        "INSERT INTO emergency_stops (id, farm_id, house_id, includes_fans, pressed_by, pressed_at)
         SELECT '{TAP}', '{FARM}', '{HOUSE_1}', true, id, '2026-02-12 06:46:00+00'
         FROM users WHERE username = 'sok'"
    ))
    .await;
    let page = site.get(&control("")).await.main();
    assert!(
        page.contains("latch--locked") && page.contains(&format!("/farms/{FARM}/stop\"")),
        "{page}"
    );
    let on = tap(&site, LIGHT, NEXT, &[("wish", "on")]).await;
    assert_eq!(on.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(on.text().contains("Only a manager can release it."));
    site.sign_in("sophea").await;
    let page = site.get(&control("")).await.main();
    assert!(
        page.contains("latch--locked") && !page.contains("button--plain\" href=\"/farms"),
        "{page}"
    );
}

#[tokio::test]
async fn who_may_only_look_sees_all_and_has_nothing_to_press() {
    let mut site = farm().await;
    tap(&site, LIGHT, TAP, &[("wish", "on")]).await;
    site.sign_in("dara").await;
    let page = site.get(&control("")).await;
    let main = page.main();
    assert!(!main.contains("<form") && !main.contains("<button"), "{main}");
    assert!(main.contains("note--going") && main.contains("plate--going"), "{main}");
    assert_eq!(tap(&site, LIGHT, NEXT, &[("wish", "off")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(commands(&site).await, "on queued");
}

#[tokio::test]
async fn a_device_that_is_away_is_told_when_it_comes_back_or_never() {
    let site = farm().await;
    site.sql("UPDATE nodes SET is_online = false WHERE name = 'house-1'; UPDATE devices SET is_online = false").await;
    let page = site.get(&of(LIGHT)).await;
    let text = page.text();
    assert!(text.contains("Not reached since 1:46 pm"), "{text}");
    assert!(text.contains("to turn on 10 min, to turn off 10 min"), "{text}");
    assert!(page.main().contains("latch--unknown"));
    tap(&site, LIGHT, TAP, &[("wish", "on")]).await;
    let waits = site.get(&of(LIGHT)).await.text();
    assert!(waits.contains("It is told if it comes back before 1:57 pm."), "{waits}");
    site.web.app.clock.advance(Duration::from_secs(601));
    came(
        &site,
        TAP,
        "status = 'timeout', reason = 'expired', completed_at = '2026-02-12 06:57:01+00'",
    )
    .await;
    let over = site.get(&of(LIGHT)).await;
    assert!(over.text().contains("Expired"), "{}", over.text());
    assert!(!over.main().contains("latch--on"));
    assert_eq!(NOW.plus(Duration::from_secs(601)), site.web.app.clock.now());
}

#[tokio::test]
async fn the_buttons_of_a_stepper_work_without_scripts() {
    let site = farm().await;
    let press = async |value, go| {
        let fields =
            [("id", TAP), ("page", "device"), ("wish", "set_value"), ("value", value), ("go", go)];
        site.post(&of(DIMMER), &urlencoded(&fields)).await.field("value")
    };
    assert_eq!(press("40", "more").await, "45");
    assert_eq!(press("៤០", "less").await, "35");
    assert_eq!(press("98", "more").await, "100");
    assert_eq!(press("x", "more").await, "0");
    assert_eq!(commands(&site).await, "");
    let fields = [("id", TAP), ("page", "device"), ("wish", "set_value"), ("value", "៤៥")];
    let set = site.post(&of(DIMMER), &urlencoded(&fields)).await;
    assert_eq!(set.header("location"), format!("{}#d-{DIMMER}", of(DIMMER)));
    assert_eq!(commands(&site).await, "set_value 45.0 queued");
}
