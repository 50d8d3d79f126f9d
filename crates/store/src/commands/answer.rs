//! What nodes answer. Only a command that was sent to one of the node's own devices can be answered. What is known of
//! all that were answered is read at once, told to the rules answer by answer, and written at once.
mod asked;

use self::asked::Asked;
use super::{advance::write, change::Change, open};
use crate::{StoreError, column::Column, events, statement::Statement, switchings, transaction};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{CommandId, DeviceId, NodeId, Timestamp, protocol::CommandStatus};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A node's word about a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The node it came from.
    pub node: NodeId,
    /// The command it names.
    pub command: CommandId,
    /// How far it says it is.
    pub status: CommandStatus,
    /// The device's state, as it says.
    pub state: Option<&'a str>,
    /// Why it failed, as it says.
    pub error: Option<&'a str>,
    /// When, by the corrected time of the node.
    pub at: Timestamp,
}

/// What an answer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The command has come further.
    Moved(Change),
    /// The command had ended otherwise: the state counts, the command stays ended.
    Late,
    /// It was heard before.
    Again,
    /// The node was given no such command.
    Unknown,
}

/// Takes an answer in, in a transaction of its own.
pub async fn answer(
    connection: &mut AsyncPgConnection,
    answer: &Answer<'_>,
    now: Timestamp,
) -> Result<Heard, StoreError> {
    let answers = std::slice::from_ref(answer);
    transaction::begin(connection).await?;
    let heard = async {
        let held = hold_devices(connection, answers, &[]).await?;
        answer_all(connection, (answers, &held), now).await
    };
    let heard = heard.await;
    let heard = transaction::end(connection, heard).await?;
    Ok(heard.into_iter().next().unwrap_or(Heard::Unknown))
}

/// Takes answers in, in their order; what each came to is told in the same order. `held` are the devices that
/// [`hold_devices`] has locked in this transaction: of others no command is known.
pub async fn answer_all(
    connection: &mut AsyncPgConnection,
    (answers, held): (&[Answer<'_>], &[DeviceId]),
    now: Timestamp,
) -> Result<Vec<Heard>, StoreError> {
    let mut asked = load(connection, answers, held).await?;
    let mut heard = Vec::with_capacity(answers.len());
    // several states of one device are taken in one after the other
    let mut rounds: Vec<BTreeMap<DeviceId, switchings::Told<'_>>> = Vec::new();
    let mut late = Vec::new();
    for answer in answers {
        let known = asked.get_mut(&answer.command).filter(|asked| asked.node == answer.node);
        let Some(known) = known else {
            heard.push(Heard::Unknown);
            continue;
        };
        let taken = known.take(answer, now);
        late.extend(taken.late);
        if let Some(told) = taken.told {
            let device = known.open.device;
            match rounds.iter_mut().find(|round| !round.contains_key(&device)) {
                Some(round) => {
                    round.insert(device, told);
                }
                None => rounds.push(BTreeMap::from([(device, told)])),
            }
        }
        heard.push(taken.heard);
    }
    for round in &rounds {
        switchings::note_answers(connection, round).await?;
    }
    asked::note_words(connection, asked.values(), now).await?;
    let advances: Vec<_> = asked.values().filter_map(Asked::advance).collect();
    write(connection, &advances, now).await?;
    events::record_all(connection, &late).await?;
    Ok(heard)
}

/// What is known of those that were answered.
async fn load(
    connection: &mut AsyncPgConnection,
    answers: &[Answer<'_>],
    held: &[DeviceId],
) -> Result<BTreeMap<CommandId, Asked>, StoreError> {
    let commands: Vec<Uuid> = answers.iter().map(|answer| answer.command.0).collect();
    let opens = open::answered(connection, &commands).await?;
    let opens = opens.into_iter().filter(|(open, ..)| held.contains(&open.device));
    let asked = opens
        .filter_map(|(open, node, said)| Some((open.command.id, Asked::new(open, node?, said))));
    Ok(asked.collect())
}

/// Locks the devices that are answered for, and others that the same transaction is going to write, by id: whoever
/// took them one after the other could wait for one that waits for them. Tells which there are.
pub async fn hold_devices(
    connection: &mut AsyncPgConnection,
    answers: &[Answer<'_>],
    others: &[DeviceId],
) -> Result<Vec<DeviceId>, StoreError> {
    let nodes: Vec<Uuid> = answers.iter().map(|answer| answer.node.0).collect();
    let commands: Vec<Uuid> = answers.iter().map(|answer| answer.command.0).collect();
    let others: Vec<Uuid> = others.iter().map(|device| device.0).collect();
    let sql = "SELECT id FROM devices WHERE deleted_at IS NULL AND id = ANY (?::uuid[] || ARRAY(
            SELECT c.device_id FROM device_commands c
            JOIN devices d ON d.id = c.device_id AND d.node_id = ANY (?) WHERE c.id = ANY (?)))
        ORDER BY id FOR NO KEY UPDATE";
    let columns = (Column(&others), Column(&nodes), Column(&commands));
    let held: Vec<Uuid> = Statement::<SqlUuid>::new(sql, &[&columns.0, &columns.1, &columns.2])
        .load(connection)
        .await?;
    Ok(held.into_iter().map(DeviceId).collect())
}
