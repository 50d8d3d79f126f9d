//! What a tap writes: the command, what it supersedes, the override, and what is told of it.
use super::{
    Tap,
    accept::Asker,
    advance::told_of,
    change::Change,
    ending::{Ended, end},
    open,
};
use crate::{StoreError, events, pg::PgTime, statement::Statement};
use diesel_async::AsyncPgConnection;
use domain::{
    DeviceId, Timestamp,
    commands::{Accepted, Action, Progress, Reason, Refused, Wish},
    events::EventKind,
};
use serde_json::{Value, json};

/// Writes an accepted tap; what else has changed by it. `has_open` says whether the device has any open command.
pub(super) async fn insert(
    conn: &mut AsyncPgConnection,
    asker: Asker<'_>,
    (tap, has_open): (&Tap, bool),
    accepted: &Accepted,
) -> Result<Vec<Change>, StoreError> {
    let (scope, origin) = asker;
    let over = if has_open { supersede(conn, tap.device, origin.at).await? } else { Vec::new() };
    let order = &accepted.order;
    let params = params(tap, accepted);
    let params = params.as_ref().map(Value::to_string);
    let at = PgTime(origin.at);
    let sql =
        "INSERT INTO device_commands (id, farm_id, device_id, command_type, command_params, wish,
            requested_by, source, status, requested_at, created_at, expires_at)
        VALUES (?, ?, ?, ?, ?::jsonb, ?, ?, 'user', 'queued', ?, ?, ?)";
    Statement::<()>::new(
        sql,
        &[
            &tap.id.0,
            &scope.farm().0,
            &tap.device.0,
            &order.action.name(),
            &params.as_deref(),
            &tap.asked.wish.name(),
            &scope.user().0,
            &at,
            &at,
            &PgTime(accepted.expires_at),
        ],
    )
    .run(conn)
    .await?;
    let sql = "UPDATE devices SET desired_state = ? WHERE id = ?";
    Statement::<()>::new(sql, &[&desired(order.action), &tap.device.0]).run(conn).await?;
    hold_by_hand(conn, asker, tap, accepted).await?;
    let about = (scope, Some(tap.device));
    let mut all: Vec<_> = over.iter().map(|ended| {
        let change = ended.change;
        let data = json!({
            "command": change.command, "action": ended.word(), "by": tap.id, "reason": "superseded"
        });
        origin.event_of(EventKind::CommandSuperseded, about, data)
    }).collect();
    let data = json!({
        "command": tap.id,
        "wish": tap.asked.wish.name(),
        "action": order.action.name(),
        "value": order.action.value(),
        "duration_ms": duration_ms(accepted),
    });
    all.push(origin.event_of(EventKind::CommandRequested, about, data));
    events::record_all(conn, &all).await?;
    Ok(Ended::changes(&over))
}

/// What goes with a command; nothing goes with a mere on or off.
fn params(tap: &Tap, accepted: &Accepted) -> Option<Value> {
    let mut params = serde_json::Map::new();
    params.extend(accepted.order.action.value().map(|value| ("value".to_owned(), json!(value))));
    params.extend(duration_ms(accepted).map(|millis| ("duration_ms".to_owned(), json!(millis))));
    params.extend(tap.asked.duration_ms.map(|millis| ("asked_ms".to_owned(), json!(millis))));
    (!params.is_empty()).then_some(Value::Object(params))
}

fn duration_ms(accepted: &Accepted) -> Option<i64> {
    accepted.order.duration.and_then(|duration| i64::try_from(duration.as_millis()).ok())
}

/// The word for what was asked last.
fn desired(action: Action) -> &'static str {
    if action.is_off() { "off" } else { "on" }
}

/// What waits for the device is over: the newest wish counts.
async fn supersede(
    conn: &mut AsyncPgConnection,
    device: DeviceId,
    at: Timestamp,
) -> Result<Vec<Ended>, StoreError> {
    let mut opens = open::of_devices(conn, &[device.0]).await?;
    opens.retain(|open| open.command.progress == Progress::Queued && open.stop.is_none());
    end(conn, &opens, Reason::Superseded, at).await
}

/// A person takes the device from automation for a while.
async fn hold_by_hand(
    conn: &mut AsyncPgConnection,
    (scope, origin): Asker<'_>,
    tap: &Tap,
    accepted: &Accepted,
) -> Result<(), StoreError> {
    let Some(until) = accepted.held_until else { return Ok(()) };
    let sql =
        "INSERT INTO overrides (device_id, farm_id, action, value, set_by, began_at, until_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (device_id) DO UPDATE SET action = excluded.action, value = excluded.value,
            set_by = excluded.set_by, began_at = excluded.began_at, until_at = excluded.until_at,
            ended_at = NULL";
    let action = accepted.order.action;
    Statement::<()>::new(
        sql,
        &[
            &tap.device.0,
            &scope.farm().0,
            &action.name(),
            &action.value(),
            &scope.user().0,
            &PgTime(origin.at),
            &PgTime(until),
        ],
    )
    .run(conn)
    .await?;
    Ok(())
}

/// What is told of a tap that was refused.
pub(super) fn refusal(tap: &Tap, refused: &Refused) -> Value {
    let mut data = json!({
        "command": tap.id,
        "wish": tap.asked.wish.name(),
        "duration_ms": tap.asked.duration_ms,
        "reason": refused.code(),
    });
    // infinite numbers have no JSON: null
    let value = match tap.asked.wish {
        Wish::Do(action) => action.value(),
        Wish::Toggle => None,
    };
    if let Some(object) = data.as_object_mut() {
        object.insert("value".to_owned(), json!(value));
        match refused {
            Refused::OutOfRange { bounds, .. } => {
                object.insert("least".to_owned(), json!(bounds.least));
                object.insert("most".to_owned(), json!(bounds.most));
            }
            Refused::Interlocked(held) => object.extend(told_of(held)),
            Refused::Stopped { stop, .. } => {
                object.insert("stop".to_owned(), json!(stop));
            }
            _ => {}
        }
    }
    data
}
