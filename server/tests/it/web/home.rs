//! Home as it reads, in both languages, in each of its states.
use super::{
    Site,
    world::{FARM, HOUSE_2},
};
use std::time::Duration;

async fn good() -> Site {
    let site = Site::of_sok().await;
    site.measured(1, 29.4, 12).await;
    site.measured(2, 68.0, 12).await;
    site.measured(3, 82.0, 240).await;
    site.measured(4, 28.94, 60).await;
    site
}

fn home() -> String {
    format!("/farms/{FARM}")
}

#[tokio::test]
async fn a_good_house_in_english() {
    insta::assert_snapshot!(good().await.get(&home()).await.main());
}

#[tokio::test]
async fn a_good_house_in_khmer() {
    let mut site = good().await;
    site.sign_in("dara").await;
    insta::assert_snapshot!(site.get(&home()).await.main());
}

#[tokio::test]
async fn a_hot_house_says_since_when_and_what_is_not_known() {
    let site = Site::of_sok().await;
    site.measured(1, 30.9, 3000).await;
    site.measured(1, 31.4, 2520).await;
    site.measured(1, 33.8, 40).await;
    site.measured(2, 70.0, 5220).await;
    site.measured(3, 46.0, 840).await;
    site.measured(4, 29.94, 60).await;
    let english = site.get(&home()).await;
    insta::assert_snapshot!(english.text());
    assert!(english.body.contains(r#"class="answer answer--hot span""#));
    let mut site = site;
    site.sign_in("dara").await;
    insta::assert_snapshot!(site.get(&home()).await.text());
}

#[tokio::test]
async fn old_values_turn_grey_with_their_age_and_then_into_words() {
    let site = good().await;
    site.web.app.clock.advance(Duration::from_secs(600));
    let stale = site.get(&home()).await;
    assert!(stale.body.contains(r#"class="value value--wide value--big value--lost""#));
    insta::assert_snapshot!(stale.text());
    site.web.app.clock.advance(Duration::from_secs(600));
    let gone = site.get(&home()).await;
    assert!(!gone.body.contains(r#"data-sensor="temperature""#), "neither in tiles nor in lists");
    insta::assert_snapshot!(gone.text());
}

#[tokio::test]
async fn a_house_that_never_reported_says_so() {
    let site = Site::of_sok().await;
    insta::assert_snapshot!(site.get(&home()).await.text());
}

#[tokio::test]
async fn the_first_house_stands_in_front_and_names_the_others_that_are_in_trouble() {
    let site = good().await;
    site.measured(4, 36.0, 5).await;
    let answer = site.get(&home()).await;
    let text = answer.text();
    assert!(text.contains("House 1 is good 29.4 °C. Fan running. House 2 is too hot"), "{text}");
    let to_it = format!(r#"href="/farms/{FARM}?house={HOUSE_2}" class="note note--bad""#);
    assert!(answer.body.contains(&to_it), "{}", answer.body);
    let other = site.get(&format!("{}?house={HOUSE_2}", home())).await.text();
    assert!(other.starts_with("House 2 House 2 is too hot"), "{other}");
}

#[tokio::test]
async fn a_silent_controller_makes_its_devices_unknown_and_is_named() {
    let site = good().await;
    site.sql("UPDATE nodes SET is_online = false WHERE name = 'house-1'").await;
    let answer = site.get(&home()).await;
    assert!(answer.body.contains(r#"data-device="fan1" data-node="house-1""#), "{}", answer.body);
    assert!(answer.body.contains(r#"data-state="unknown""#));
    insta::assert_snapshot!(answer.text());
}

#[tokio::test]
async fn set_limits_win_over_the_defaults() {
    let site = good().await;
    site.sql(
        "INSERT INTO device_configs (farm_id, device_id, parameter_name, parameter_value)
         VALUES ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000d1',
             'temp_threshold_high', '29')",
    )
    .await;
    let text = site.get(&home()).await.text();
    assert!(text.contains("House 1 is too hot"), "{text}");
    assert!(text.contains("over the limit of 29 °C"), "{text}");
}

#[tokio::test]
async fn a_new_device_waits_for_approval_apart_with_its_values() {
    let site = good().await;
    site.sql(
        "INSERT INTO devices (farm_id, node_id, channel, device_id, hardware_id, name, type, firmware_version)
         VALUES ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000c1', 'new1',
             'house-1:new1', 's1:new1', '<svg onload=1>', 'sensor', '2.1.0');
         INSERT INTO series (farm_id, device_id, sensor, unit)
         SELECT farm_id, id, 'temperature', '°C' FROM devices WHERE channel = 'new1'",
    )
    .await;
    site.measured(5, 28.5, 3).await;
    let answer = site.get(&home()).await;
    assert!(answer.body.contains("&lt;svg onload=1&gt;") && !answer.body.contains("<svg onload"));
    assert!(answer.text().contains("New devices Waiting for a manager’s approval"));
    assert!(answer.body.contains(r#"value="28.5" data-device="new1" data-sensor="temperature""#));
}

#[tokio::test]
async fn digits_and_the_clock_follow_the_account() {
    let site = good().await;
    site.sql(
        "UPDATE users SET digits = 'khmer', clock = '24h', theme = 'dark', text_size = 'large'",
    )
    .await;
    let answer = site.get(&format!("{}?house={HOUSE_2}", home())).await;
    assert!(answer.body.contains(r#"<html lang="en" data-text="large" data-theme="dark">"#));
    assert!(answer.text().contains("២៨.៩ °C"), "{}", answer.text());
    // programs go on reading what they read before
    assert!(answer.body.contains(r#"value="28.94""#));
}

#[tokio::test]
async fn the_words_for_a_lost_connection_stand_outside_of_what_the_stream_replaces() {
    let answer = good().await.get(&home()).await;
    let (before, main) = answer.body.split_once("<main").unwrap();
    for words in ["lost-answer", "old-value", "no-value"] {
        let template = format!(r#"<template id="{words}">"#);
        assert!(before.contains(&template) && !main.contains(&template), "{words}");
    }
}

#[tokio::test]
async fn only_quantities_that_are_there_twice_are_told_apart_by_their_device() {
    let site = good().await;
    site.sql(
        "INSERT INTO series (farm_id, device_id, sensor, unit)
         SELECT farm_id, id, 'humidity', '%' FROM devices WHERE channel = 'tank'",
    )
    .await;
    site.measured(5, 71.0, 5).await;
    let main = site.get(&home()).await.main();
    for name in ["Temperature", "Humidity · Air", "Humidity · Tank", "Water level"] {
        assert!(main.contains(&format!("<span>{name}</span></h3>")), "{name}: {main}");
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_trusted_is_no_number_in_lists_either() {
    let site = good().await;
    site.sql("UPDATE latest_readings SET quality = 3 WHERE series_id = 4").await;
    let answer = site.get(&home()).await;
    assert!(!answer.body.contains("28.9"), "{}", answer.body);
    let text = answer.text();
    assert!(text.contains("House 2 Not known Not to be trusted · since 1:46 pm"), "{text}");
}

#[tokio::test]
async fn a_khmer_sentence_about_yesterday_names_the_day_before_the_hour() {
    let mut site = Site::of_sok().await;
    site.measured(1, 29.4, 24 * 3600).await;
    site.sign_in("dara").await;
    let text = site.get(&home()).await.text();
    assert!(text.contains("គ្មានទិន្នន័យ តាំងពី ម្សិលមិញ ម៉ោង 1:47 រសៀល។"), "{text}");
}
