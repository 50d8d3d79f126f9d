//! The controllers and their credentials. Passwords are not here: only what the broker compares
//! them with. A name is used once; a revoked node never comes back under it.
mod giving;
mod of_farm;
mod releasing;
mod replacing;
mod wrong;

pub use giving::{Away, Gift, Given, give_away, given_away};
pub use of_farm::{FarmNode, Rotation, Runs, Wrong, find, of_farm, rotate_of_farm, rotation, runs};
pub use releasing::{CLAIM, Released, release, release_forgotten};
pub use replacing::replace;
pub use wrong::note_wrong;

use crate::{
    StoreError,
    events::{self, NewEvent},
    pg::PgTime,
    schema::{farms, nodes},
};
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use domain::{FarmId, NodeId, NodeName, Timestamp, codes::Code, events::EventKind};
use serde_json::json;
use uuid::Uuid;

/// A controller to be registered.
#[derive(Debug, Clone)]
pub struct NewNode {
    /// Its MQTT user name and the second level of its topics.
    pub name: NodeName,
    /// The farm it works for; `None` until somebody claims it.
    pub farm: Option<FarmId>,
    /// Mosquitto's `$7$` string of its password.
    pub password_hash: String,
    /// The serial number of its hardware.
    pub serial: Option<String>,
    /// What a manager types to claim it, and until when that is good.
    pub claim: Option<(Code, Timestamp)>,
}

/// A registered controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its MQTT user name.
    pub name: NodeName,
    /// The farm it works for.
    pub farm: Option<FarmId>,
    /// That farm's name.
    pub farm_name: Option<String>,
    /// Whether it can be reached.
    pub is_online: bool,
    /// Its last sign of life.
    pub last_seen_at: Option<Timestamp>,
    /// As its last heartbeat said.
    pub firmware_version: Option<String>,
    /// What a manager types to claim it, until somebody has.
    pub claim_code: Option<String>,
    /// When its credential was withdrawn.
    pub revoked_at: Option<Timestamp>,
}

/// What changing a credential came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is done.
    Done,
    /// There is no node of that name.
    Unknown,
    /// The node was revoked before.
    Revoked,
}

/// The trigger's channel: the name of a node whose credential or farm changed.
pub const CHANNEL: &str = "tokkatot_nodes";

/// Registers a controller, and records that.
///
/// # Errors
/// `Conflict` by `nodes_name_key`, `nodes_claim_code_key` or `nodes_farm_id_fkey`.
pub async fn create(
    connection: &mut AsyncPgConnection,
    node: &NewNode,
    now: Timestamp,
) -> Result<NodeId, StoreError> {
    connection
        .transaction(async |connection| {
            let id: Uuid = diesel::insert_into(nodes::table)
                .values((
                    nodes::name.eq(node.name.as_str()),
                    nodes::farm_id.eq(node.farm.map(|farm| farm.0)),
                    nodes::password_hash.eq(&node.password_hash),
                    nodes::serial.eq(&node.serial),
                    nodes::claim_code.eq(node.claim.as_ref().map(|(code, _)| code.as_str())),
                    nodes::claim_expires_at
                        .eq(node.claim.as_ref().map(|(_, until)| PgTime(*until))),
                    nodes::claimed_at.eq(node.farm.map(|_| PgTime(now))),
                    nodes::created_at.eq(PgTime(now)),
                    nodes::updated_at.eq(PgTime(now)),
                ))
                .returning(nodes::id)
                .get_result(connection)
                .await?;
            record(connection, EventKind::NodeRegistered, (&node.name, node.farm), now).await?;
            Ok(NodeId(id))
        })
        .await
}

/// All controllers by name, those that were revoked too.
pub async fn list(connection: &mut AsyncPgConnection) -> Result<Vec<Node>, StoreError> {
    let rows: Vec<(Row, Option<String>)> = nodes::table
        .left_join(farms::table)
        .filter(nodes::deleted_at.is_null())
        .order(nodes::name)
        .select((Row::as_select(), farms::name.nullable()))
        .load(connection)
        .await?;
    Ok(rows.into_iter().filter_map(|(row, farm_name)| row.into_node(farm_name)).collect())
}

/// Gives a controller another password; the old one ends with the broker's next reload.
pub async fn rotate(
    connection: &mut AsyncPgConnection,
    name: &NodeName,
    password_hash: &str,
    now: Timestamp,
) -> Result<Change, StoreError> {
    connection
        .transaction(async |connection| {
            let (id, farm) = match lock(connection, name).await? {
                Ok(node) => node,
                Err(change) => return Ok(change),
            };
            diesel::update(nodes::table.find(id))
                .set((nodes::password_hash.eq(password_hash), nodes::updated_at.eq(PgTime(now))))
                .execute(connection)
                .await?;
            record(connection, EventKind::NodeRotated, (name, farm), now).await?;
            Ok(Change::Done)
        })
        .await
}

/// Withdraws a controller's credential for good; the broker disconnects it with its next reload.
pub async fn revoke(
    connection: &mut AsyncPgConnection,
    name: &NodeName,
    now: Timestamp,
) -> Result<Change, StoreError> {
    connection
        .transaction(async |connection| {
            let (id, farm) = match lock(connection, name).await? {
                Ok(node) => node,
                Err(change) => return Ok(change),
            };
            diesel::update(nodes::table.find(id))
                .set((
                    nodes::revoked_at.eq(PgTime(now)),
                    nodes::is_online.eq(false),
                    nodes::online_changed_at.eq(PgTime(now)),
                    nodes::claim_code.eq(None::<String>),
                    nodes::updated_at.eq(PgTime(now)),
                ))
                .execute(connection)
                .await?;
            record(connection, EventKind::NodeRevoked, (name, farm), now).await?;
            Ok(Change::Done)
        })
        .await
}

/// Whom the broker lets in: names and what it compares their passwords with, by name.
pub async fn credentials(
    connection: &mut AsyncPgConnection,
) -> Result<Vec<(NodeName, String)>, StoreError> {
    let rows: Vec<(String, String)> = nodes::table
        .filter(nodes::revoked_at.is_null())
        .filter(nodes::deleted_at.is_null())
        .order(nodes::name)
        .select((nodes::name, nodes::password_hash))
        .load(connection)
        .await?;
    // the table's own check holds the same rule as the type
    Ok(rows.into_iter().filter_map(|(name, hash)| Some((name.parse().ok()?, hash))).collect())
}

/// The node that may still be changed, locked until the transaction's end; or why there is none.
async fn lock(
    connection: &mut AsyncPgConnection,
    name: &NodeName,
) -> Result<Result<(Uuid, Option<FarmId>), Change>, StoreError> {
    let found: Option<(Uuid, Option<Uuid>, Option<PgTime>)> = nodes::table
        .filter(nodes::name.eq(name.as_str()))
        .filter(nodes::deleted_at.is_null())
        .select((nodes::id, nodes::farm_id, nodes::revoked_at))
        .for_update()
        .first(connection)
        .await
        .optional()?;
    Ok(match found {
        None => Err(Change::Unknown),
        Some((_, _, Some(_))) => Err(Change::Revoked),
        Some((id, farm, None)) => Ok((id, farm.map(FarmId))),
    })
}

async fn record(
    connection: &mut AsyncPgConnection,
    kind: EventKind,
    (name, farm): (&NodeName, Option<FarmId>),
    now: Timestamp,
) -> Result<(), StoreError> {
    let data = json!({ "node": name.as_str() });
    events::record(connection, &NewEvent { farm, data, ..NewEvent::new(kind, now) }).await
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = nodes, check_for_backend(diesel::pg::Pg))]
struct Row {
    name: String,
    farm_id: Option<Uuid>,
    is_online: bool,
    last_seen_at: Option<PgTime>,
    firmware_version: Option<String>,
    claim_code: Option<String>,
    revoked_at: Option<PgTime>,
}

impl Row {
    fn into_node(self, farm_name: Option<String>) -> Option<Node> {
        Some(Node {
            name: self.name.parse().ok()?,
            farm: self.farm_id.map(FarmId),
            farm_name,
            is_online: self.is_online,
            last_seen_at: self.last_seen_at.map(Timestamp::from),
            firmware_version: self.firmware_version,
            claim_code: self.claim_code.filter(|_| self.farm_id.is_none()),
            revoked_at: self.revoked_at.map(Timestamp::from),
        })
    }
}
