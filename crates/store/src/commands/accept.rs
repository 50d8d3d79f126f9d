//! What people tap. Each tap has an identity from its first time on: tapped again it is the same command.
use super::{
    around::Around,
    change::{Change, Effect},
    lock,
    outbox::{insert, refusal},
};
use crate::{Database, FarmScope, Origin, StoreError, statement::Statement};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Bool, Double, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    CommandId, DeviceId,
    commands::{self, Accepted, Asked, CommandSource, Refused, Status, Wish},
    events::EventKind,
};
use serde_json::json;
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
) -> Result<Effect<Outcome>, StoreError> {
    let Effect { outcome, changes } =
        accept_all(database, scope, std::slice::from_ref(tap), origin).await?;
    let outcome = outcome.into_iter().next().unwrap_or(Outcome::NotFound);
    Ok(Effect { outcome, changes })
}

/// Takes several taps at once, each for itself: what is refused keeps none of the others back. The outcomes
/// come in the order of the taps.
pub async fn accept_all(
    database: &Database,
    scope: &FarmScope,
    taps: &[Tap],
    origin: &Origin<'_>,
) -> Result<Effect<Vec<Outcome>>, StoreError> {
    scope
        .run(database, async |conn| {
            let wanted: Vec<Uuid> = taps.iter().map(|tap| tap.device.0).collect();
            let devices = lock(conn, &wanted).await?;
            let mut around = Around::load(conn, &devices, origin.at).await?;
            let (mut outcome, mut changes) = (Vec::with_capacity(taps.len()), Vec::new());
            for tap in taps {
                let took = take(conn, (scope, origin), tap, &mut around).await?;
                outcome.push(took.outcome);
                changes.extend(took.changes);
            }
            Ok(Effect { outcome, changes })
        })
        .await
        .or_else(|error| clash(error, taps.len()))
}

/// An identity that another farm's command has can not be seen, only met; then none of the taps is taken.
fn clash(error: StoreError, taps: usize) -> Result<Effect<Vec<Outcome>>, StoreError> {
    match error {
        StoreError::Conflict { constraint, .. } if constraint == "device_commands_pkey" => {
            Ok(Effect::none(vec![Outcome::Clash; taps]))
        }
        other => Err(other),
    }
}

/// Who asks, and where from.
pub(super) type Asker<'a> = (&'a FarmScope, &'a Origin<'a>);

async fn take(
    conn: &mut AsyncPgConnection,
    asker: Asker<'_>,
    tap: &Tap,
    around: &mut Around,
) -> Result<Effect<Outcome>, StoreError> {
    let (scope, origin) = asker;
    let facts = around.find(tap.device).filter(|facts| facts.farm == scope.farm());
    let Some(facts) = facts else {
        let data = json!({
            "command": tap.id, "device": tap.device, "wish": tap.asked.wish.name(), "reason": "not_found"
        });
        origin.record_of(conn, EventKind::CommandRefused, (scope, None), data).await?;
        return Ok(Effect::none(Outcome::NotFound));
    };
    if let Some(earlier) = earlier(conn, scope, tap).await? {
        return Ok(Effect::none(earlier));
    }
    let (running, stop) = (around.neighbours(facts, true), around.stop_of(facts));
    let target = facts.target(&running, stop);
    let person = (CommandSource::User, Some(scope.role()));
    match commands::accept(&tap.asked, person, &target, origin.at) {
        Ok(accepted) => {
            let has_open = facts.newest.is_some();
            let mut changes = insert(conn, asker, (tap, has_open), &accepted).await?;
            changes.push(Change::queued(scope.farm(), tap, origin.at));
            around.told(tap.device, accepted.order.action);
            Ok(Effect { outcome: Outcome::Accepted(accepted), changes })
        }
        Err(refused) => {
            let data = refusal(tap, &refused);
            let about = (scope, Some(tap.device));
            origin.record_of(conn, EventKind::CommandRefused, about, data).await?;
            Ok(Effect::none(Outcome::Refused(refused)))
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
