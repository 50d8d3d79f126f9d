//! Commands as the rules see them, with what else is needed to send and to tell of them.
use crate::{StoreError, column::Column, pg::PgTime, statement::Statement};
use diesel::{
    prelude::Queryable,
    sql_types::{BigInt, Bool, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    CommandId, DeviceId, FarmId, NodeId, StopId, Timestamp,
    commands::{Action, Command, CommandSource, Order, Progress, Reason, Status},
    devices::DeviceKind,
    roles::Role,
};
use std::time::Duration;
use uuid::Uuid;

/// A part of a statement: whether the row of this name in `device_commands` is of a command that is open. It is said
/// twice, since the planner knows how many rows have not ended, and is not told how many are of which status: under
/// row-level security it compares enums without looking at the statistics.
macro_rules! is_open {
    ($row:literal) => {
        concat!(
            $row,
            ".completed_at IS NULL AND ",
            $row,
            ".status IN ('queued', 'sent', 'executing')"
        )
    };
}
pub(crate) use is_open;

/// A command of the outbox.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub(crate) command: Command,
    pub(crate) device: DeviceId,
    pub(crate) farm: FarmId,
    pub(crate) source: CommandSource,
    /// What who asked may do by now; nothing if they have no part in the farm any more.
    pub(crate) role: Option<Role>,
    /// The emergency stop that asked for it.
    pub(crate) stop: Option<StopId>,
    pub(crate) requested_at: Timestamp,
    /// Whether its node counts as reachable.
    pub(crate) is_reachable: bool,
}

/// What a node has said of a command, in its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) status: String,
    pub(crate) state: Option<String>,
    pub(crate) error: Option<String>,
}

macro_rules! open_sql {
    ($which:expr) => {
        open_sql!("", $which)
    };
    ($more:literal, $which:expr) => {
        concat!(
            "SELECT c.id, c.device_id, c.farm_id, d.kind::text, d.is_online, c.command_type,
                (c.command_params ->> 'value')::float8, (c.command_params ->> 'duration_ms')::bigint,
                c.source::text, m.role::text, c.stop_id, c.attempts, c.attempted_at IS NOT NULL,
                c.status::text, c.reason, c.due_at, c.requested_at, c.expires_at",
            $more,
            "
            FROM device_commands c
            JOIN devices d ON d.id = c.device_id
            LEFT JOIN farm_users m ON m.farm_id = c.farm_id AND m.user_id = c.requested_by
                AND m.is_active AND m.deleted_at IS NULL
                AND EXISTS (SELECT FROM users u WHERE u.id = m.user_id AND u.is_active AND u.deleted_at IS NULL)
                AND EXISTS (SELECT FROM farms f WHERE f.id = m.farm_id AND f.is_active AND f.deleted_at IS NULL)
            WHERE ",
            $which,
            " ORDER BY c.device_id, c.place"
        )
    };
}

/// The open commands of some devices, each device's in the order they were asked for.
pub(crate) async fn of_devices(
    connection: &mut AsyncPgConnection,
    devices: &[Uuid],
) -> Result<Vec<Open>, StoreError> {
    load(connection, open_sql!(concat!("c.device_id = ANY (?) AND ", is_open!("c"))), devices).await
}

/// These commands, whether they are open or not.
pub(crate) async fn of_ids(
    connection: &mut AsyncPgConnection,
    commands: &[Uuid],
) -> Result<Vec<Open>, StoreError> {
    load(connection, open_sql!("c.id = ANY (?)"), commands).await
}

/// These commands, the node that each device in the farm hangs on by now, and what was said of them last.
pub(super) async fn answered(
    connection: &mut AsyncPgConnection,
    commands: &[Uuid],
) -> Result<Vec<(Open, Option<NodeId>, Option<Said>)>, StoreError> {
    type More = (Nullable<SqlUuid>, Nullable<Text>, Nullable<Text>, Nullable<Text>);
    type MoreRow = (Option<Uuid>, Option<String>, Option<String>, Option<String>);
    let sql = open_sql!(
        ", CASE WHEN d.deleted_at IS NULL THEN d.node_id END, c.response_data ->> 'status',
            c.response_data ->> 'state', c.error_message",
        "c.id = ANY (?)"
    );
    let rows: Vec<(Row, MoreRow)> =
        Statement::<(Columns, More)>::new(sql, &[&Column(commands)]).load(connection).await?;
    let answered = |(row, (node, status, state, error)): (Row, MoreRow)| {
        let said = status.map(|status| Said { status, state, error });
        Some((row.open()?, node.map(NodeId), said))
    };
    Ok(rows.into_iter().filter_map(answered).collect())
}

async fn load(
    connection: &mut AsyncPgConnection,
    sql: &'static str,
    which: &[Uuid],
) -> Result<Vec<Open>, StoreError> {
    let rows: Vec<Row> = Statement::<Columns>::new(sql, &[&Column(which)]).load(connection).await?;
    Ok(rows.into_iter().filter_map(Row::open).collect())
}

type Columns = (
    SqlUuid,
    SqlUuid,
    SqlUuid,
    Text,
    Bool,
    Text,
    Nullable<Double>,
    Nullable<BigInt>,
    Text,
    Nullable<Text>,
    Nullable<SqlUuid>,
    Integer,
    Bool,
    Text,
    Nullable<Text>,
    Nullable<Timestamptz>,
    Timestamptz,
    Timestamptz,
);

#[derive(Queryable)]
struct Row {
    id: Uuid,
    device: Uuid,
    farm: Uuid,
    kind: String,
    is_reachable: bool,
    action: String,
    value: Option<f64>,
    duration_ms: Option<i64>,
    source: String,
    role: Option<String>,
    stop: Option<Uuid>,
    attempts: i32,
    is_attempted: bool,
    status: String,
    reason: Option<String>,
    due_at: Option<PgTime>,
    requested_at: PgTime,
    expires_at: PgTime,
}

impl Row {
    /// A row of another release, whose words are not known, is left alone.
    fn open(self) -> Option<Open> {
        let expires_at = Timestamp::from(self.expires_at);
        let due_at = self.due_at.map_or(expires_at, Timestamp::from);
        let reason = self.reason.as_deref().and_then(Reason::parse);
        let progress = match Status::parse(&self.status)? {
            Status::Queued if self.is_attempted => Progress::Attempted { due_at },
            Status::Queued => Progress::Queued,
            Status::Sent => Progress::Sent { due_at },
            Status::Executing => Progress::Executing { due_at },
            status @ (Status::Completed | Status::Failed | Status::Timeout) => {
                Progress::Ended { status, reason }
            }
        };
        let command = Command {
            id: CommandId(self.id),
            kind: DeviceKind::parse(&self.kind),
            order: order(&self.action, self.value, self.duration_ms)?,
            is_stop: self.stop.is_some(),
            attempts: self.attempts,
            expires_at,
            progress,
        };
        Some(Open {
            command,
            device: DeviceId(self.device),
            farm: FarmId(self.farm),
            source: CommandSource::parse(&self.source)?,
            role: self.role.as_deref().and_then(Role::parse),
            stop: self.stop.map(StopId),
            requested_at: self.requested_at.into(),
            is_reachable: self.is_reachable,
        })
    }
}

/// What stands in `command_type` and `command_params`.
pub(crate) fn order(action: &str, value: Option<f64>, duration_ms: Option<i64>) -> Option<Order> {
    let duration = duration_ms.and_then(|millis| u64::try_from(millis).ok());
    let duration = duration.map(Duration::from_millis);
    Some(Order { action: Action::parse(action, value)?, duration })
}
