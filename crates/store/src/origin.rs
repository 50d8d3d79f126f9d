//! Where a change was asked for: what its event says besides who and what.
use crate::{
    FarmScope, StoreError,
    events::{self, NewEvent},
};
use diesel_async::AsyncPgConnection;
use domain::{DeviceId, FarmId, Timestamp, UserId, events::EventKind};
use serde_json::Value;
use std::net::IpAddr;

/// The request, or the command line, that a change came by.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// When, by the clock of decisions.
    pub at: Timestamp,
    /// The address it came from; none at the command line.
    pub address: Option<IpAddr>,
    /// The browser it came from, as it names itself.
    pub user_agent: Option<&'a str>,
}

impl<'a> Origin<'a> {
    /// Records what somebody did, in the transaction that does it.
    pub(crate) async fn record(
        &self,
        connection: &mut AsyncPgConnection,
        kind: EventKind,
        (user, farm): (Option<UserId>, Option<FarmId>),
        data: Value,
    ) -> Result<(), StoreError> {
        let event = NewEvent { farm, user, data, ..self.event(kind) };
        events::record(connection, &event).await
    }

    /// Records what a member did on their farm, perhaps with a device, in the transaction that does it.
    pub(crate) async fn record_of(
        &self,
        connection: &mut AsyncPgConnection,
        kind: EventKind,
        about: (&FarmScope, Option<DeviceId>),
        data: Value,
    ) -> Result<(), StoreError> {
        events::record(connection, &self.event_of(kind, about, data)).await
    }

    /// What a member did on their farm, perhaps with a device, to be recorded with more of its kind.
    pub(crate) fn event_of(
        &self,
        kind: EventKind,
        (scope, device): (&FarmScope, Option<DeviceId>),
        data: Value,
    ) -> NewEvent<'a> {
        let (farm, user) = (Some(scope.farm()), Some(scope.user()));
        NewEvent { farm, user, device, data, ..self.event(kind) }
    }

    fn event(&self, kind: EventKind) -> NewEvent<'a> {
        NewEvent {
            address: self.address,
            user_agent: self.user_agent,
            ..NewEvent::new(kind, self.at)
        }
    }
}
