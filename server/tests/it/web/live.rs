//! The live stream: one snapshot, then what changes.
use super::{
    Site,
    world::{AIR, FAN, FARM, NOW},
};
use axum::{body::BodyDataStream, response::Response};
use domain::{
    FarmId, Timestamp,
    live::{LiveDevice, LiveEvent, LiveReading, News},
    readings::Quality,
};
use futures::StreamExt as _;
use http::{Request, StatusCode};
use serde_json::Value;
use std::time::Duration;
use store::{DatabaseSettings, live::Bus, relay::Relay};
use testkit::DatabaseRole;
use tokio::{task::JoinHandle, time::timeout};

/// An open stream, event by event.
pub(super) struct Stream {
    body: BodyDataStream,
    rest: String,
}

pub(super) struct Event {
    pub(super) name: String,
    id: String,
    pub(super) data: Value,
}

impl Stream {
    async fn open(site: &Site, query: &str) -> Self {
        Self::of(site.open(Request::get(format!("/farms/{FARM}/live{query}")), "").await)
    }

    /// As a browser asks again after a cut.
    async fn again(site: &Site, query: &str, last: &str) -> Self {
        let request = Request::get(format!("/farms/{FARM}/live{query}"));
        Self::of(site.open(request.header("last-event-id", last), "").await)
    }

    pub(super) fn of(response: Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), rest: String::new() }
    }

    /// Waits for the end of the stream; the names of the events before it.
    async fn end(mut self, patience: Duration) -> Vec<String> {
        let end = async {
            while let Some(chunk) = self.body.next().await {
                self.rest.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
            }
        };
        timeout(patience, end).await.expect("the stream ends");
        let names = self.rest.lines().filter_map(|line| line.strip_prefix("event: "));
        names.map(str::to_owned).collect()
    }

    /// The first event whose page part says this somewhere.
    pub(super) async fn next_that_says(&mut self, text: &str) -> Event {
        let search = async {
            loop {
                let event = self.next().await;
                if event.data["page"].to_string().contains(text) {
                    return event;
                }
            }
        };
        timeout(Duration::from_secs(10), search).await.unwrap_or_else(|_| panic!("no {text}"))
    }

    pub(super) async fn next(&mut self) -> Event {
        loop {
            while let Some((block, rest)) = self.rest.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.rest = rest;
                let field = |name: &str| {
                    block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("").trim()
                };
                if !field("event:").is_empty() {
                    return Event {
                        name: field("event:").to_owned(),
                        id: field("id:").to_owned(),
                        data: serde_json::from_str(field("data:")).unwrap(),
                    };
                }
                assert!(block.contains("retry:"), "{block}");
            }
            let chunk = timeout(Duration::from_secs(5), self.body.next()).await;
            let chunk = chunk.expect("an event in time").expect("an open stream").unwrap();
            self.rest.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

fn farm() -> FarmId {
    FARM.parse().unwrap()
}

fn reading(value: f64, ts: Timestamp) -> LiveEvent {
    let reading = LiveReading {
        device_id: AIR.parse().unwrap(),
        node: "house-1".parse().unwrap(),
        channel: "air".parse().unwrap(),
        sensor: "temperature".to_owned(),
        unit: "°C".to_owned(),
        value,
        quality: Quality::Good,
        ts,
    };
    LiveEvent { farm: farm(), at: ts, news: News::Readings { readings: vec![reading] } }
}

/// The fan has been so for two minutes, by hand.
fn fan(state: &str, at: Timestamp) -> LiveEvent {
    let device = LiveDevice {
        device_id: FAN.parse().unwrap(),
        node: "house-1".parse().unwrap(),
        channel: "fan1".parse().unwrap(),
        is_online: true,
        state: Some(state.to_owned()),
        cause: Some("manual".to_owned()),
        since: Some(at.minus(Duration::from_secs(120))),
        reported_at: Some(at),
    };
    LiveEvent { farm: farm(), at, news: News::Device(device) }
}

#[tokio::test]
async fn a_stream_begins_with_a_snapshot_of_everything() {
    let site = Site::of_sok().await;
    site.measured(1, 29.4, 12).await;
    let mut stream = Stream::open(&site, "").await;
    let first = stream.next().await;
    assert_eq!(first.name, "snapshot");
    assert_eq!(first.id, site.web.app.clock.now().as_micros().to_string());
    assert_eq!(first.data["readings"][0]["value"], 29.4);
    assert_eq!(first.data["readings"][0]["ts"], "2026-02-12T06:46:48.000Z");
    assert_eq!(first.data["devices"].as_array().unwrap().len(), 5);
    let main = first.data["page"]["main"].as_str().unwrap();
    assert!(main.contains("House 1 is good"));
}

/// What the page says it is made of, as it asks for its stream.
async fn page(site: &Site) -> String {
    let page = site.get(&format!("/farms/{FARM}")).await.body;
    let fingerprint = page.split_once("data-page=\"").unwrap().1.split_once('"').unwrap().0;
    format!("?page={fingerprint}")
}

#[tokio::test]
async fn a_page_that_is_still_right_is_not_sent_again() {
    let site = Site::of_sok().await;
    site.measured(1, 29.4, 12).await;
    let page = page(&site).await;
    let first = Stream::open(&site, &page).await.next().await;
    assert_eq!(first.data["page"]["main"], Value::Null);
    let values = first.data["page"]["values"].as_array().unwrap();
    assert!(values.iter().any(|value| value["shown"]["text"] == "29.4"));
}

#[tokio::test]
async fn a_number_that_came_before_the_stream_is_in_its_tile_and_in_the_sentence() {
    let site = Site::of_sok().await;
    site.measured(1, 29.4, 12).await;
    let page = page(&site).await;
    site.measured(1, 29.6, 2).await;
    let first = Stream::open(&site, &page).await.next().await;
    assert_eq!(first.data["page"]["main"], Value::Null);
    assert_eq!(first.data["page"]["pieces"][0][0], "say");
    assert!(first.data["page"]["pieces"][0][1].as_str().unwrap().contains("29.6\u{a0}°C."));
}

#[tokio::test]
async fn a_browser_that_was_cut_off_gets_the_whole_page_whatever_its_address_repeats() {
    let site = Site::of_sok().await;
    site.measured(1, 29.4, 12).await;
    let page = page(&site).await;
    let last = Stream::open(&site, &page).await.next().await.id;
    let first = Stream::again(&site, &page, &last).await.next().await;
    assert!(first.data["page"]["main"].as_str().unwrap().contains("House 1 is good"));
}

/// Sok, whose page has just begun to listen: it is 29.4 °C in house 1.
async fn listening() -> (Site, Stream) {
    let site = Site::of_sok().await;
    site.measured(1, 29.4, 12).await;
    let mut stream = Stream::open(&site, "").await;
    stream.next().await;
    (site, stream)
}

#[tokio::test]
async fn a_reading_becomes_a_number_where_it_belongs_and_a_new_sentence() {
    let (site, mut stream) = listening().await;
    site.web.app.bus.publish(reading(28.5, site.web.app.clock.now()));
    let event = stream.next().await;
    assert_eq!(event.name, "reading");
    assert_eq!(event.data["value"], 28.5);
    assert_eq!(event.data["device"], "air");
    let value = &event.data["page"]["values"][0];
    assert_eq!(value["id"], "v1");
    assert_eq!(value["shown"]["text"], "28.5");
    let page = stream.next().await;
    assert_eq!(page.name, "page");
    assert_eq!(page.data["page"]["pieces"][0][0], "say");
    assert!(page.data["page"]["pieces"][0][1].as_str().unwrap().contains("28.5\u{a0}°C."));
}

#[tokio::test]
async fn heat_changes_the_answer_and_is_announced() {
    let (site, mut stream) = listening().await;
    site.web.app.bus.publish(reading(34.0, site.web.app.clock.now()));
    stream.next().await;
    let page = stream.next().await;
    assert_eq!(page.data["page"]["announcement"], "House 1 is too hot");
    let pieces = page.data["page"]["pieces"].as_array().unwrap();
    let ids: Vec<&str> = pieces.iter().map(|piece| piece[0].as_str().unwrap()).collect();
    assert_eq!(ids, ["home-answer", "v1"]);
}

#[tokio::test]
async fn a_device_that_turns_off_changes_its_plate_and_the_sentence() {
    let (site, mut stream) = listening().await;
    site.web.app.bus.publish(fan("off", site.web.app.clock.now()));
    let event = stream.next().await;
    assert_eq!((event.name.as_str(), event.data["state"].as_str()), ("device", Some("off")));
    let page = stream.next().await;
    let pieces = page.data["page"]["pieces"].to_string();
    assert!(
        pieces.contains("data-state=\\\"off\\\"") && !pieces.contains("Fan running"),
        "{pieces}"
    );
    assert!(pieces.contains("By hand since <time") && pieces.contains("1:45\u{a0}pm"), "{pieces}");
}

#[tokio::test]
async fn what_was_never_heard_of_appears_without_a_reload() {
    let (site, mut stream) = listening().await;
    site.sql(
        "INSERT INTO devices (id, farm_id, node_id, channel, device_id, hardware_id, name, type, firmware_version)
         VALUES ('6a5ba5ee-1111-4000-8000-0000000000d9', '6a5ba5ee-1111-4000-8000-000000000001',
             '6a5ba5ee-1111-4000-8000-0000000000c1', 'new1', 'house-1:new1', 's1:new1', 'new1', 'sensor',
             '2.1.0');
         INSERT INTO series (farm_id, device_id, sensor, unit)
         SELECT farm_id, id, 'temperature', '°C' FROM devices WHERE channel = 'new1'",
    )
    .await;
    site.measured(5, 28.5, 0).await;
    let mut event = reading(28.5, site.web.app.clock.now());
    if let News::Readings { readings } = &mut event.news {
        readings[0].device_id = "6a5ba5ee-1111-4000-8000-0000000000d9".parse().unwrap();
        readings[0].channel = "new1".parse().unwrap();
    }
    site.web.app.bus.publish(event);
    let mut event = stream.next().await;
    while event.data["page"]["main"].is_null() {
        event = stream.next().await;
    }
    assert!(
        event.data["page"]["main"].as_str().unwrap().contains(r#"value="28.5" data-device="new1""#)
    );
}

#[tokio::test]
async fn a_slow_page_catches_up_with_everything() {
    let (site, mut stream) = listening().await;
    for n in 0..200 {
        site.web.app.bus.publish(reading(20.0 + f64::from(n) / 10.0, site.web.app.clock.now()));
    }
    site.measured(1, 35.5, 0).await;
    let event = stream.next().await;
    assert_eq!(event.name, "page");
    assert!(event.data["page"]["pieces"].to_string().contains("35.5"));
}

#[tokio::test]
async fn streams_end_when_the_server_does() {
    let site = Site::of_sok().await;
    let mut stream = Stream::open(&site, "").await;
    stream.next().await;
    site.web.app.closing.cancel();
    let end = timeout(Duration::from_secs(2), stream.body.next()).await.unwrap();
    assert!(end.is_none());
}

#[tokio::test]
async fn signing_out_ends_the_streams_of_the_session_at_once() {
    let (site, relay) = relayed(Site::of_sok().await);
    let mut stream = Stream::open(&site, "").await;
    stream.next().await;
    // the relay may only just begin to listen
    let mut heard = site.web.app.bus.subscribe(farm());
    while timeout(Duration::from_millis(100), heard.recv()).await.is_err() {
        site.sql("UPDATE devices SET name = name || '!' WHERE channel = 'fan1'").await;
    }
    site.post("/sign-out", "").await;
    assert_eq!(stream.end(Duration::from_secs(1)).await.last().unwrap(), "leave");
    relay.abort();
}

#[tokio::test]
async fn who_is_no_member_any_more_hears_nothing_more() {
    let mut site = Site::new().await;
    site.sign_in("dara").await;
    let mut stream = Stream::open(&site, "").await;
    stream.next().await;
    let bus = &site.web.app.bus;
    let (sok, dara) =
        ("6a5ba5ee-1111-4000-8000-0000000000a1", "6a5ba5ee-1111-4000-8000-0000000000a2");
    bus.people_changed([farm()], sok.parse().unwrap(), NOW);
    site.sql(&format!("DELETE FROM farm_users WHERE farm_id = '{FARM}' AND user_id = '{dara}'"))
        .await;
    bus.people_changed([farm()], dara.parse().unwrap(), NOW);
    bus.publish(reading(28.5, NOW));
    assert_eq!(stream.end(Duration::from_secs(1)).await, ["leave"]);
}

#[tokio::test]
async fn a_session_that_ended_without_a_word_is_noticed_at_the_next_heartbeat() {
    let site = Site::of_sok().await;
    let mut stream = Stream::open(&site, "").await;
    stream.next().await;
    site.sql("UPDATE user_sessions SET is_active = false").await;
    assert_eq!(stream.end(Duration::from_secs(17)).await, ["leave"]);
}

#[tokio::test]
async fn one_session_has_no_more_than_twenty_streams() {
    let site = Site::of_sok().await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(Stream::open(&site, "").await);
    }
    let one_more = site.get(&format!("/farms/{FARM}/live")).await;
    assert_eq!(one_more.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(one_more.header("retry-after"), "10");
    streams.pop();
    Stream::open(&site, "").await.next().await;
}

#[tokio::test]
async fn what_is_edited_shows_without_a_reload() {
    let (site, mut stream) = listening().await;
    site.sql("UPDATE houses SET name = 'Old House' WHERE position = 1").await;
    site.web.app.bus.farm_changed(farm(), NOW);
    stream.next_that_says("Old House is good").await;
}

/// The same site, as it hears what the database announces.
fn relayed(site: Site) -> (Site, JoinHandle<()>) {
    let (bus, outbox) = Bus::shared();
    let settings = DatabaseSettings::new(site.database.url(DatabaseRole::Worker), 2);
    let relay =
        Relay::new((bus.clone(), outbox), (site.database.worker(), settings), None).unwrap();
    let relay = tokio::spawn(async move { relay.run().await });
    let mut web = site.web.clone();
    web.app.bus = bus;
    (site.served_by(web), relay)
}

#[tokio::test]
async fn a_device_that_is_approved_moves_to_its_house_without_a_reload() {
    let (site, relay) = relayed(Site::of_sok().await);
    site.measured(1, 29.4, 12).await;
    site.sql("UPDATE devices SET approved_at = NULL WHERE channel = 'fan1'").await;
    let mut stream = Stream::open(&site, "").await;
    let first = stream.next_that_says("New devices").await;
    assert!(!first.data["page"].to_string().contains("data-device=\\\"fan1"));
    // the relay may only just begin to listen
    for _ in 0..20 {
        site.sql("UPDATE devices SET approved_at = now() WHERE channel = 'fan1'").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        site.sql("UPDATE devices SET name = name || '!' WHERE channel = 'fan1'").await;
    }
    stream.next_that_says("data-device=\\\"fan1").await;
    relay.abort();
}

#[tokio::test]
async fn a_controller_that_falls_silent_is_named_with_the_time_it_was_last_heard() {
    let (site, mut stream) = listening().await;
    site.sql(
        "UPDATE nodes SET is_online = false, last_seen_at = '2026-02-12 06:45:30+00'
         WHERE name = 'house-1'",
    )
    .await;
    let mut event = fan("on", NOW);
    if let News::Device(device) = &mut event.news {
        device.is_online = false;
    }
    // once within the span in which the database is not asked again, and several devices at once
    for _ in 0..5 {
        site.web.app.bus.publish(event.clone());
    }
    let page = stream.next_that_says("has not answered since").await;
    assert!(page.data["page"].to_string().contains("1:45\u{a0}pm"), "{}", page.data);
}

#[tokio::test]
async fn since_when_it_is_too_hot_is_told_alike_by_stream_and_page() {
    let site = Site::of_sok().await;
    site.measured(1, 30.0, 600).await;
    site.measured(1, 33.0, 540).await;
    site.measured(1, 33.5, 60).await;
    let mut stream = Stream::open(&site, "").await;
    stream.next_that_says("1:38\u{a0}pm").await;
    // a value nobody trusts neither ends nor begins it
    let mut odd = reading(12.0, NOW.minus(Duration::from_secs(30)));
    if let News::Readings { readings } = &mut odd.news {
        readings[0].quality = Quality::Suspect;
    }
    site.web.app.bus.publish(odd);
    stream.next_that_says("We do not know").await;
    site.measured(1, 34.0, 0).await;
    site.web.app.bus.publish(reading(34.0, NOW));
    let hot = stream.next_that_says("House 1 is too hot").await;
    assert!(hot.data["page"].to_string().contains("1:38\u{a0}pm"), "{}", hot.data);
    assert!(site.get(&format!("/farms/{FARM}")).await.text().contains("since 1:38 pm"));
}

#[tokio::test]
async fn a_suspect_value_past_the_limit_is_not_where_the_heat_began() {
    let site = Site::of_sok().await;
    site.measured(1, 30.0, 60).await;
    let mut stream = Stream::open(&site, "").await;
    stream.next().await;
    let mut odd = reading(85.0, NOW.minus(Duration::from_secs(60)));
    if let News::Readings { readings } = &mut odd.news {
        readings[0].quality = Quality::Suspect;
    }
    site.web.app.bus.publish(odd);
    stream.next_that_says("We do not know").await;
    site.measured(1, 34.0, 0).await;
    site.web.app.bus.publish(reading(34.0, NOW));
    stream.next_that_says("since <time datetime=\\\"2026-02-12T06:47:00.000Z\\\">").await;
}

#[tokio::test]
async fn something_new_appears_while_news_come_all_the_time() {
    let (site, mut stream) = listening().await;
    let bus = site.web.app.bus.clone();
    let chatter = tokio::spawn(async move {
        loop {
            bus.publish(reading(29.4, NOW));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    // the first is served at once, the second only after a while
    for name in ["Old House", "Older House"] {
        site.sql(&format!("UPDATE houses SET name = '{name}' WHERE position = 1")).await;
        site.web.app.bus.farm_changed(farm(), NOW);
    }
    stream.next_that_says("Older House is good").await;
    chatter.abort();
}

#[tokio::test]
async fn what_a_look_at_the_database_brings_along_is_sent_too() {
    let site = Site::of_sok().await;
    site.measured(1, 29.4, 12).await;
    site.measured(2, 68.0, 12).await;
    let mut stream = Stream::open(&site, "").await;
    stream.next().await;
    tokio::time::sleep(Duration::from_millis(450)).await;
    site.measured(2, 71.0, 1).await;
    site.measured(1, 28.5, 0).await;
    site.sql("UPDATE nodes SET is_online = true, last_seen_at = now()").await;
    // an unheard-of device makes it look; the humidity comes by no news of its own
    let mut event = reading(28.5, NOW);
    if let News::Readings { readings } = &mut event.news {
        let mut unknown = readings[0].clone();
        unknown.device_id = "6a5ba5ee-1111-4000-8000-0000000000d9".parse().unwrap();
        readings.push(unknown);
    }
    site.web.app.bus.publish(event);
    stream.next_that_says("\"data\":\"71\"").await;
}

#[tokio::test]
async fn news_that_are_older_than_what_is_known_are_no_news() {
    let site = Site::of_sok().await;
    site.measured(1, 29.4, 0).await;
    let mut stream = Stream::open(&site, "").await;
    stream.next().await;
    let bus = &site.web.app.bus;
    bus.publish(fan("off", NOW.minus(Duration::from_secs(120))));
    bus.publish(reading(20.0, NOW.minus(Duration::from_secs(1))));
    bus.publish(reading(28.5, NOW));
    let event = stream.next().await;
    assert_eq!((event.name.as_str(), &event.data["value"]), ("reading", &28.5.into()));
}
