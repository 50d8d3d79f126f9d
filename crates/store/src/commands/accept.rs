//! What people tap. Each tap has an identity from its first time on: tapped again it is the same command.
use super::{facts::Around, lock};
use crate::{
    Database, FarmScope, Origin, StoreError,
    events::{self, NewEvent},
    pg::PgTime,
    statement::Statement,
};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Bool, Double, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    CommandId, DeviceId,
    commands::{self, Accepted, Action, Asked, CommandSource, Refused, Status, Wish},
    events::EventKind,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Something tapped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tap {
    /// The identity of the command, from the first tap.
    pub id: CommandId,
    /// The device.
    pub device: DeviceId,
    /// What is wanted.
    pub asked: Asked,
}

/// What became of a tap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// It is in the outbox.
    Accepted(Accepted),
    /// It was tapped before, and is the same command, by now as far as this.
    Again(Status),
    /// Nothing is sent.
    Refused(Refused),
    /// There is no such device on this farm.
    NotFound,
    /// Another command has this identity.
    Clash,
}

/// Takes one tap.
pub async fn accept(
    database: &Database,
    scope: &FarmScope,
    tap: &Tap,
    origin: &Origin<'_>,
) -> Result<Outcome, StoreError> {
    let outcomes = accept_all(database, scope, std::slice::from_ref(tap), origin).await?;
    Ok(outcomes.into_iter().next().unwrap_or(Outcome::NotFound))
}

/// Takes several taps at once, each for itself: what is refused keeps none of the others back. The outcomes
/// come in the order of the taps.
pub async fn accept_all(
    database: &Database,
    scope: &FarmScope,
    taps: &[Tap],
    origin: &Origin<'_>,
) -> Result<Vec<Outcome>, StoreError> {
    scope
        .run(database, async |conn| {
            let wanted: Vec<Uuid> = taps.iter().map(|tap| tap.device.0).collect();
            let devices = lock(conn, &wanted).await?;
            let mut around = Around::load(conn, &devices, origin.at).await?;
            let mut outcomes = Vec::with_capacity(taps.len());
            for tap in taps {
                outcomes.push(take(conn, (scope, origin), tap, &mut around).await?);
            }
            Ok(outcomes)
        })
        .await
        .or_else(|error| clash(error, taps.len()))
}

/// An identity that another farm's command has can not be seen, only met; then none of the taps is taken.
fn clash(error: StoreError, taps: usize) -> Result<Vec<Outcome>, StoreError> {
    match error {
        StoreError::Conflict { constraint, .. } if constraint == "device_commands_pkey" => {
            Ok(vec![Outcome::Clash; taps])
        }
        other => Err(other),
    }
}

type Asker<'a> = (&'a FarmScope, &'a Origin<'a>);

async fn take(
    conn: &mut AsyncPgConnection,
    asker: Asker<'_>,
    tap: &Tap,
    around: &mut Around,
) -> Result<Outcome, StoreError> {
    let (scope, origin) = asker;
    let facts = around.find(tap.device).filter(|facts| facts.farm == scope.farm());
    let Some(facts) = facts else { return Ok(Outcome::NotFound) };
    if let Some(earlier) = earlier(conn, scope, tap).await? {
        return Ok(earlier);
    }
    let (running, stop) = (around.neighbours(facts, true), around.stop_of(facts));
    let target = facts.target(&running, stop);
    match commands::accept(&tap.asked, CommandSource::User, &target, origin.at) {
        Ok(accepted) => {
            insert(conn, asker, tap, &accepted).await?;
            around.told(tap.device, accepted.order.action);
            Ok(Outcome::Accepted(accepted))
        }
        Err(refused) => {
            let data = refusal(tap, &refused);
            record(conn, asker, (EventKind::CommandRefused, tap.device), data).await?;
            Ok(Outcome::Refused(refused))
        }
    }
}

/// What became of the command of that identity, if there is one.
async fn earlier(
    conn: &mut AsyncPgConnection,
    scope: &FarmScope,
    tap: &Tap,
) -> Result<Option<Outcome>, StoreError> {
    let sql = "SELECT device_id, wish, (command_params ->> 'value')::float8,
            (command_params ->> 'asked_ms')::bigint, requested_by = ?, status::text
        FROM device_commands WHERE id = ? AND farm_id = ?";
    type Columns =
        (SqlUuid, Nullable<Text>, Nullable<Double>, Nullable<BigInt>, Nullable<Bool>, Text);
    type Row = (Uuid, Option<String>, Option<f64>, Option<i64>, Option<bool>, String);
    let found: Option<Row> =
        Statement::<Columns>::new(sql, &[&scope.user().0, &tap.id.0, &scope.farm().0])
            .get_result(conn)
            .await
            .optional()?;
    let same = |(device, wish, value, asked_ms, is_own, status): Row| {
        let is_value = match tap.asked.wish {
            Wish::Do(action) => action.value() == value,
            Wish::Toggle => true,
        };
        let is_same = device == tap.device.0
            && wish.as_deref() == Some(tap.asked.wish.name())
            && is_value
            && asked_ms == tap.asked.duration_ms
            && is_own == Some(true);
        let status = Status::parse(&status).filter(|_| is_same);
        status.map_or(Outcome::Clash, Outcome::Again)
    };
    Ok(found.map(same))
}

async fn insert(
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

fn refusal(tap: &Tap, refused: &Refused) -> Value {
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

/// Takes back a command that waits. False if there is none that does.
pub async fn cancel(
    database: &Database,
    scope: &FarmScope,
    command: CommandId,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            let sql = "SELECT d.id FROM devices d JOIN device_commands c ON c.device_id = d.id
                WHERE c.id = ? AND c.farm_id = ? FOR NO KEY UPDATE OF d";
            let farm = scope.farm().0;
            let device: Option<Uuid> = Statement::<SqlUuid>::new(sql, &[&command.0, &farm])
                .get_result(conn)
                .await
                .optional()?;
            let Some(device) = device else { return Ok(false) };
            let sql = "UPDATE device_commands SET status = 'failed', reason = 'cancelled', completed_at = ?
                WHERE id = ? AND status = 'queued' AND attempted_at IS NULL AND stop_id IS NULL";
            let at = PgTime(origin.at);
            let cancelled = Statement::<()>::new(sql, &[&at, &command.0]).run(conn).await? > 0;
            if cancelled {
                let data = json!({ "command": command, "reason": "cancelled" });
                let what = (EventKind::CommandCancelled, DeviceId(device));
                record(conn, (scope, origin), what, data).await?;
            }
            Ok(cancelled)
        })
        .await
}

async fn record(
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
