//! What devices reported that they switched.
use crate::plant::{NOW, Plant, after, asked, command};
use domain::commands::Action;
use std::time::Duration;
use store::{
    commands,
    switchings::{self, Today},
};

#[tokio::test]
async fn changes_are_noted_when_they_happened_and_repetitions_are_not() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.report(fan, "off", None, after(0)).await;
    plant.report(fan, "on", Some(after(55)), after(60)).await;
    plant.report(fan, "on", Some(after(55)), after(90)).await;
    plant.report(fan, "jammed", None, after(100)).await;
    plant.report(fan, "on", Some(after(10)), after(120)).await;
    plant.report(fan, "off", Some(after(500)), after(130)).await;
    plant.report(fan, "on", None, after(125)).await;
    let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
    let found = switchings::history(&mut conn, fan, after(1000), 10).await.unwrap();
    let found: Vec<_> = found.iter().rev().map(|s| (s.at, s.is_on)).collect();
    let expected = [
        (after(0), false),
        (after(55), true),
        (after(100), false),
        (after(120), true),  // "since" before the last change is not believed
        (after(130), false), // nor one that is yet to come
    ];
    assert_eq!(found, expected, "and what is older than a report is none");
    let first = switchings::history(&mut conn, fan, after(100), 1).await.unwrap();
    assert_eq!((first[0].at, first[0].cause.as_deref()), (after(55), Some("button")));
    conn.commit().await.unwrap();
}

#[tokio::test]
async fn a_day_begins_at_the_farms_midnight_and_what_ran_over_it_counts_from_there() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    // 2030-03-17 17:46:40 UTC is 00:46:40 of the next day in Phnom Penh
    let midnight = NOW.minus(Duration::from_secs(2800));
    plant.report(fan, "on", None, midnight.minus(Duration::from_secs(3600))).await;
    plant.report(fan, "off", None, midnight.plus(Duration::from_secs(600))).await;
    plant.report(fan, "on", None, midnight.plus(Duration::from_secs(1800))).await;
    let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
    let today = switchings::today(&mut conn, fan, NOW).await.unwrap();
    assert_eq!(today, Today { on: Duration::from_secs(600 + 1000), starts: 1 });
    conn.commit().await.unwrap();
    // nobody has heard of it for the last five minutes
    let heard = NOW.minus(Duration::from_secs(300)).as_micros();
    let away = format!(
        "UPDATE devices SET is_online = false, last_heartbeat = to_timestamp({heard} / 1e6)"
    );
    plant.society.execute(&away).await;
    let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
    let today = switchings::today(&mut conn, fan, NOW).await.unwrap();
    assert_eq!(today.on, Duration::from_secs(600 + 700));
    let lamp = plant.device("lamp", "lamp", "relay").await;
    let nothing = switchings::today(&mut conn, lamp, NOW).await.unwrap();
    assert_eq!(nothing, Today { on: Duration::ZERO, starts: 0 });
}

#[tokio::test]
async fn what_is_too_old_is_forgotten_except_since_when_a_device_is_as_it_is() {
    let plant = Plant::new().await;
    let (fan, lamp) = (plant.fan().await, plant.device("lamp", "lamp", "relay").await);
    for (second, state) in [(0, "on"), (10, "off"), (20, "on"), (100, "off")] {
        plant.report(fan, state, None, after(second)).await;
    }
    plant.report(lamp, "on", None, after(0)).await;
    plant.tap(command(1), fan, asked(Action::On), after(0)).await;
    plant.tap(command(2), fan, asked(Action::Off), after(50)).await;
    plant.tap(command(3), lamp, asked(Action::On), after(50)).await;
    let pool = plant.society.database.worker();
    let mut worker = pool.get().await.unwrap();
    let before = after(60);
    assert_eq!(switchings::purge(&mut worker, before, 2).await.unwrap(), 2, "some at once");
    assert_eq!(switchings::purge(&mut worker, before, 10).await.unwrap(), 1);
    assert_eq!(switchings::purge(&mut worker, before, 10).await.unwrap(), 0);
    assert_eq!(commands::purge(&mut worker, before, 10).await.unwrap(), 1, "what is open stays");
    drop(worker);
    let left = "SELECT concat_ws(' ', d.channel, s.is_on) AS value
        FROM switchings s JOIN devices d ON d.id = s.device_id ORDER BY d.channel, s.at";
    assert_eq!(plant.society.texts(left).await, ["fan1 f", "lamp t"]);
    assert_eq!(plant.status(command(2)).await, "queued");
}
