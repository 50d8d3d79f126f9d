//! What is known of a farm's switches besides what Home knows: what holds each, what was asked of it last, and
//! who may ask.
use crate::{commands::Words, home::Teller};
use domain::{
    DeviceId, FarmId, Timestamp, UserId,
    commands::{MENTION, SLOW, Trace, UNDO},
    permissions::Permission,
};
use std::{collections::HashMap, time::Duration};
use store::{
    AsyncPgConnection, FarmScope, StoreError,
    commands::{self, Record, Stance},
    people,
};

/// The switches of a farm.
#[derive(Debug, Clone)]
pub(crate) struct Switches {
    pub(super) farm: FarmId,
    stances: Vec<Stance>,
    newest: Vec<Record>,
    /// All who ever belonged to the farm.
    pub(crate) people: HashMap<UserId, String>,
    /// Whether the reader may switch, and let a stopped farm go on.
    pub(super) may_control: bool,
    pub(super) may_release: bool,
}

impl Switches {
    /// All of a farm's, as they stand at `now`.
    pub(crate) async fn read(
        conn: &mut AsyncPgConnection,
        scope: &FarmScope,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let stances = commands::stances(conn, scope.farm(), now).await?;
        let devices: Vec<DeviceId> = stances.iter().map(|stance| stance.device).collect();
        Ok(Self {
            farm: scope.farm(),
            newest: commands::newest(conn, &devices).await?,
            people: people::names(conn, scope.farm()).await?,
            stances,
            may_control: scope.role().may(Permission::ControlDevices),
            may_release: scope.role().may(Permission::ReleaseStop),
        })
    }

    /// How a device stands; nothing of what can not be switched.
    pub(super) fn stance(&self, device: DeviceId) -> Option<&Stance> {
        self.stances.iter().find(|stance| stance.device == device)
    }

    /// What was asked of it last.
    pub(super) fn newest(&self, device: DeviceId) -> Option<&Record> {
        self.newest.iter().find(|record| record.device == device)
    }

    /// For one reader.
    pub(super) fn words<'w>(&'w self, teller: Teller<'_>) -> Words<'w> {
        Words { reader: teller.reader, now: teller.now, zone: teller.zone(), people: &self.people }
    }

    /// How long it is until something about a switch changes by itself: an answer is late, an undo is over, an
    /// override or a mention ends.
    pub(crate) fn rest(&self, now: Timestamp) -> Option<Duration> {
        let asked = self.newest.iter().flat_map(|record| {
            let spans = [SLOW, UNDO];
            let ended = record.completed_at.map(|at| at.plus(MENTION));
            spans.map(|span| record.requested_at.plus(span)).into_iter().chain(ended)
        });
        let held = self.stances.iter().filter_map(|stance| Some(stance.manual?.until));
        let next = asked.chain(held).filter(|at| *at > now).min();
        // a moment past it, so that it is behind us when we look
        next.map(|at| at.since(now) + Duration::from_millis(20))
    }
}

/// What a record is to the rule that says how far it has come.
pub(super) fn trace(record: &Record) -> Trace {
    let times = [record.completed_at, record.executing_at, record.sent_at];
    Trace {
        action: record.order.action,
        status: record.status,
        reason: record.reason,
        asked_at: record.requested_at,
        since: times.into_iter().flatten().next().unwrap_or(record.requested_at),
    }
}
