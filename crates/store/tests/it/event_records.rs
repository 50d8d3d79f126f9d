//! Events are recorded with all they tell, and read back.
use crate::{sql, world};
use domain::{
    FarmId, Timestamp, UserId,
    events::{EventKind, Severity},
};
use serde_json::json;
use store::events::{self, NewEvent};

#[tokio::test]
async fn an_event_is_read_back_as_it_was_recorded() {
    let database = testkit::database().await;
    let pool = database.worker();
    let mut worker = pool.get().await.unwrap();
    world::fill(&mut database.owner().get().await.unwrap()).await;
    let (user, farm) = (id(&mut worker, "users").await, id(&mut worker, "farms").await);
    let at = Timestamp::from_millis(1_900_000_000_123);

    let event = NewEvent {
        farm: Some(FarmId(farm)),
        user: Some(UserId(user)),
        data: json!({ "node": "coop1" }),
        address: Some("192.0.2.7".parse().unwrap()),
        user_agent: Some("Browser"),
        ..NewEvent::new(EventKind::NodeRevoked, at)
    };
    events::record(&mut worker, &event).await.unwrap();

    let found = events::by_user_this_month(&mut worker, UserId(user), at, 10).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, "node_revoked");
    assert_eq!(found[0].severity, Severity::Warning);
    assert_eq!(found[0].at, at);
    assert_eq!(found[0].farm, Some(FarmId(farm)));
    assert_eq!(found[0].data, json!({ "node": "coop1" }));
    let rest = "SELECT host(ip_address) || ' ' || user_agent || ' ' || event_category AS value
        FROM event_logs WHERE event_type = 'node_revoked'";
    assert_eq!(sql::texts(&mut worker, rest).await, ["192.0.2.7 Browser system"]);
}

#[tokio::test]
async fn last_months_events_are_not_this_months() {
    let database = testkit::database().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    world::fill(&mut owner).await;
    let user = UserId(id(&mut owner, "users").await);
    // 2030-03-01T00:00:00Z, and the microsecond before.
    let month = 1_898_553_600_000_000;
    for micros in [month - 1, month] {
        let at = Timestamp::from_micros(micros);
        let event = NewEvent { user: Some(user), ..NewEvent::new(EventKind::SignedIn, at) };
        events::record(&mut owner, &event).await.unwrap();
    }
    let now = Timestamp::from_micros(month + 1);
    let found = events::by_user_this_month(&mut owner, user, now, 10).await.unwrap();
    assert_eq!(found.iter().map(|event| event.at.as_micros()).collect::<Vec<_>>(), [month]);
}

async fn id(connection: &mut diesel_async::AsyncPgConnection, table: &str) -> uuid::Uuid {
    let query = format!("SELECT {}::text AS value", world::id(table, "a"));
    sql::texts(connection, &query).await[0].parse().unwrap()
}
