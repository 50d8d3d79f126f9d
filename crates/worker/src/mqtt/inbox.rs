//! The way from the outboxes to the link: a batch at a time, and one beside it for emergency stops, which wait for
//! nobody.
use super::{Errand, Order, flight::Flight};
use tokio::sync::mpsc;

/// Where outboxes hand their messages over.
#[derive(Debug, Clone)]
pub(crate) struct Ways {
    pub(crate) plain: mpsc::Sender<Vec<Order>>,
    pub(crate) urgent: mpsc::Sender<Vec<Order>>,
}

/// Where the link takes them.
#[derive(Debug)]
pub(crate) struct Inbox {
    plain: mpsc::Receiver<Vec<Order>>,
    urgent: mpsc::Receiver<Vec<Order>>,
}

/// What outboxes have handed over.
#[derive(Debug)]
pub(super) enum Handed {
    Plain(Vec<Order>),
    Urgent(Vec<Order>),
}

impl Handed {
    pub(super) fn orders(&self) -> &[Order] {
        let (Self::Plain(orders) | Self::Urgent(orders)) = self;
        orders
    }
}

/// A way with room for one batch of each.
pub(crate) fn ways() -> (Ways, Inbox) {
    let ((plain, plain_out), (urgent, urgent_out)) = (mpsc::channel(1), mpsc::channel(1));
    (Ways { plain, urgent }, Inbox { plain: plain_out, urgent: urgent_out })
}

impl Inbox {
    /// The next batch that a connection has room for. May be dropped while it waits.
    pub(super) async fn next(&mut self, flight: &Flight) -> Handed {
        tokio::select! {
            biased;
            Some(orders) = self.urgent.recv(), if flight.has_urgent_room() => Handed::Urgent(orders),
            Some(orders) = self.plain.recv(), if flight.has_room() => Handed::Plain(orders),
            else => std::future::pending().await,
        }
    }

    /// Gives a connection what was handed over; what does not go out by it is returned. A stop passes what was handed
    /// over before it: of the same device that must not come after it, so it is taken first.
    pub(super) fn give(&mut self, handed: Handed, flight: &mut Flight) -> Vec<Errand> {
        let orders = match handed {
            Handed::Plain(orders) => return flight.offer(orders),
            Handed::Urgent(orders) => orders,
        };
        let mut left = Vec::new();
        while let Ok(before) = self.plain.try_recv() {
            match flight.has_room() {
                true => left.extend(flight.offer(before)),
                false => left.extend(before.iter().map(|order| order.errand)),
            }
        }
        left.extend(flight.offer(orders));
        left
    }

    /// What has been handed over and there is no connection for.
    pub(super) fn try_next(&mut self) -> Option<Vec<Order>> {
        self.urgent.try_recv().or_else(|_| self.plain.try_recv()).ok()
    }

    /// Takes nothing more but what is being handed over at this moment.
    pub(super) fn close(&mut self) {
        self.urgent.close();
        self.plain.close();
    }

    /// What was still handed over after that; `None` once nobody is about to.
    pub(super) async fn last(&mut self) -> Option<Vec<Order>> {
        match self.urgent.recv().await {
            Some(orders) => Some(orders),
            None => self.plain.recv().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mqtt::flight::tests::{number_of, order, stop};

    #[tokio::test]
    async fn what_was_handed_over_before_a_stop_does_not_come_after_it() {
        let (ways, mut inbox) = ways();
        let mut flight = Flight::new(None);
        ways.plain.send(vec![order(1), order(2)]).await.unwrap();
        ways.urgent.send(vec![stop(3, 1)]).await.unwrap();
        let handed = inbox.next(&flight).await;
        assert!(matches!(handed, Handed::Urgent(_)), "ahead of the others");
        let left = inbox.give(handed, &mut flight);
        assert_eq!(left.iter().map(number_of).collect::<Vec<_>>(), [1], "its device goes off");
        let sent = std::iter::from_fn(|| flight.next()).map(|(_, order)| number_of(&order.errand));
        assert_eq!(sent.collect::<Vec<_>>(), [3, 2]);
    }

    #[tokio::test]
    async fn what_there_is_no_room_for_goes_back_when_a_stop_passes_it() {
        let (ways, mut inbox) = ways();
        let mut flight = Flight::new(Some(1));
        assert!(flight.offer(vec![order(1), order(2)]).is_empty());
        flight.next().unwrap();
        ways.plain.send(vec![order(4)]).await.unwrap();
        ways.urgent.send(vec![stop(5, 2)]).await.unwrap();
        let handed = inbox.next(&flight).await;
        let left = inbox.give(handed, &mut flight);
        assert_eq!(left.iter().map(number_of).collect::<Vec<_>>(), [4, 2]);
        assert!(ways.plain.try_reserve().is_ok());
    }

    #[tokio::test]
    async fn who_has_room_before_it_is_closed_is_waited_for() {
        let (ways, mut inbox) = ways();
        let room = ways.plain.reserve().await.unwrap();
        inbox.close();
        assert!(ways.urgent.try_reserve().is_err());
        room.send(vec![order(1)]);
        assert_eq!(inbox.last().await.map(|orders| orders.len()), Some(1));
        assert_eq!(inbox.last().await.map(|orders| orders.len()), None);
    }
}
