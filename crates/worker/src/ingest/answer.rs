//! What nodes say of the commands they were given, as a part of a plan.
use super::{
    directory::{Directory, Node},
    message::Message,
    plan::Plan,
};
use domain::{
    CommandId, DeviceId, FarmId, NodeId, Timestamp,
    clock::{Placed, place},
    live::LiveDevice,
    protocol::{CommandResult, CommandStatus},
};
use std::{borrow::Cow, collections::BTreeSet};
use store::{
    AsyncPgConnection, StoreError,
    commands::{self, Answer, Change, Heard},
    presence,
    reports::{self, Held},
};

/// A node's word about a command.
#[derive(Debug, Clone)]
pub(super) struct Answered<'a> {
    node: NodeId,
    /// Where the node stands.
    place: usize,
    command: CommandId,
    status: CommandStatus,
    state: Option<Cow<'a, str>>,
    error: Option<Cow<'a, str>>,
    at: Timestamp,
}

/// What answers came to.
#[derive(Debug, Default)]
pub(super) struct Learned {
    /// Commands that have come further.
    pub(super) changes: Vec<Change>,
    /// The devices of these and of late answers, as they are now.
    pub(super) devices: Vec<(FarmId, LiveDevice)>,
    /// Answers to commands that had ended.
    pub(super) late: u64,
    /// Answers to commands that their node was never given.
    pub(super) unknown: u64,
    /// Nodes of which it was looked whether that is written down, by place.
    pub(super) strangers: BTreeSet<usize>,
}

impl<'a> Plan<'a> {
    pub(super) fn answer(
        &mut self,
        node: &Node,
        message: &Message<'a>,
        result: &CommandResult<'a>,
    ) {
        let CommandResult { command_id, status, state, error, ts } = result;
        let received = message.incoming.received_at;
        // a result does not say of which run of its node it is; the newest is the likely one
        let correction = node.runs.last().and_then(|run| run.correction_ms(None));
        let at = match ts.map(|ts| place(Some(Timestamp::from_millis(ts)), correction, received)) {
            Some(Placed::AsSaid(ts) | Placed::Corrected { ts, .. }) => ts.min(received),
            Some(Placed::Received { .. }) | None => received,
        };
        self.answers.push(Answered {
            node: node.id,
            place: message.node,
            command: CommandId(*command_id),
            status: *status,
            state: state.clone(),
            error: error.clone(),
            at,
        });
    }
}

impl Answered<'_> {
    fn as_answer(&self) -> Answer<'_> {
        Answer {
            node: self.node,
            command: self.command,
            status: self.status,
            state: self.state.as_deref(),
            error: self.error.as_deref(),
            at: self.at,
        }
    }
}

/// Locks all rows of nodes and devices that several statements of a plan write, before any of them does. `wrong`
/// are nodes that sent what can not be read. Tells which devices there are.
pub(super) async fn hold(
    connection: &mut AsyncPgConnection,
    directory: &Directory,
    plan: &Plan<'_>,
    wrong: &[(NodeId, &str)],
) -> Result<Vec<DeviceId>, StoreError> {
    let renewed = plan.firmware.iter().filter_map(|(place, _)| Some(directory.node(*place)?.id));
    let renewed: Vec<NodeId> = renewed.collect();
    let mut nodes = renewed.clone();
    nodes.extend(wrong.iter().map(|(node, _)| *node));
    nodes.extend(plan.figures.iter().map(|figures| figures.node));
    let answers: Vec<_> = plan.answers.iter().map(Answered::as_answer).collect();
    let devices: Vec<DeviceId> = plan.reports.iter().map(|report| report.device).collect();
    let held = Held { nodes: &nodes, renewed: &renewed, devices: &devices, answers: &answers };
    reports::hold(connection, &held).await
}

/// Writes answers down. `held` are the devices that [`hold`] has locked.
pub(super) async fn take_in(
    connection: &mut AsyncPgConnection,
    directory: &Directory,
    (plan, held): (&Plan<'_>, &[DeviceId]),
    now: Timestamp,
) -> Result<Learned, StoreError> {
    let answers: Vec<_> = plan.answers.iter().map(Answered::as_answer).collect();
    let heard = commands::answer_all(connection, (&answers, held), now).await?;
    let (mut learned, mut told) = (Learned::default(), BTreeSet::new());
    for (answer, heard) in plan.answers.iter().zip(heard) {
        match heard {
            Heard::Moved(change) => learned.changes.push(change),
            Heard::Late => learned.late += 1,
            Heard::Again => continue,
            Heard::Unknown => {
                learned.unknown += 1;
                learned.strangers.insert(answer.place);
                continue;
            }
        }
        if answer.state.is_some() {
            told.insert(answer.node);
        }
    }
    let room =
        |place: &usize| directory.node(*place).is_some_and(|node| node.strange.room(now) > 0);
    learned.strangers.retain(room);
    for node in learned.strangers.iter().filter_map(|place| directory.node(*place)) {
        commands::note_unknown(connection, node.id, now).await?;
    }
    if !told.is_empty() {
        let nodes: Vec<NodeId> = told.into_iter().collect();
        learned.devices = presence::live_devices(connection, &nodes).await?;
        learned.devices.retain(|(_, device)| directory.find_device(device.device_id).is_some());
    }
    Ok(learned)
}
