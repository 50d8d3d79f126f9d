//! What a tap writes: the command, what it supersedes, the override, and what is told of it.
use super::{Tap, accept::Asker};
use crate::{
    StoreError,
    events::{self, NewEvent},
    pg::PgTime,
    statement::Statement,
};
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId,
    commands::{Accepted, Action, Refused, Wish},
    events::EventKind,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Writes an accepted tap.
pub(super) async fn insert(
    conn: &mut AsyncPgConnection,
    asker: Asker<'_>,
    tap: &Tap,
    accepted: &Accepted,
) -> Result<(), StoreError> {
    let (scope, origin) = asker;
    supersede(conn, asker, tap).await?;
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
    let data = json!({
        "command": tap.id,
        "wish": tap.asked.wish.name(),
        "action": order.action.name(),
        "value": order.action.value(),
        "duration_ms": duration_ms(accepted),
    });
    record(conn, asker, (EventKind::CommandRequested, tap.device), data).await
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
    asker: Asker<'_>,
    tap: &Tap,
) -> Result<(), StoreError> {
    let sql =
        "UPDATE device_commands SET status = 'failed', reason = 'superseded', completed_at = ?
        WHERE device_id = ? AND status = 'queued' AND attempted_at IS NULL AND stop_id IS NULL
        RETURNING id, command_type";
    let (_, origin) = asker;
    let over: Vec<(Uuid, String)> =
        Statement::<(SqlUuid, Text)>::new(sql, &[&PgTime(origin.at), &tap.device.0])
            .load(conn)
            .await?;
    for (command, action) in over {
        let data =
            json!({ "command": command, "action": action, "by": tap.id, "reason": "superseded" });
        record(conn, asker, (EventKind::CommandSuperseded, tap.device), data).await?;
    }
    Ok(())
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
            Refused::Interlocked(held) => {
                object.insert("rule".to_owned(), json!(held.rule));
                object.insert("until".to_owned(), json!(held.until));
                object.insert("instead_of".to_owned(), json!(held.by));
            }
            Refused::Stopped { stop, .. } => {
                object.insert("stop".to_owned(), json!(stop));
            }
            _ => {}
        }
    }
    data
}

/// Records what somebody did with a device.
pub(super) async fn record(
    conn: &mut AsyncPgConnection,
    (scope, origin): Asker<'_>,
    (kind, device): (EventKind, DeviceId),
    data: Value,
) -> Result<(), StoreError> {
    let event = NewEvent {
        farm: Some(scope.farm()),
        device: Some(device),
        user: Some(scope.user()),
        data,
        address: origin.address,
        user_agent: origin.user_agent,
        ..NewEvent::new(kind, origin.at)
    };
    events::record(conn, &event).await
}
