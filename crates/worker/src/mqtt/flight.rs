//! The messages of outboxes in one connection: those that wait for room, and those that the broker has yet to
//! acknowledge. Packets' numbers mean something within their connection only, so each has its own.
use super::{Errand, Order, wire::SUBSCRIPTION};
use domain::{Timestamp, commands::SENDABLE};
use std::collections::{HashMap, VecDeque};

/// Most messages on their way at once, whatever the broker would take.
const MOST: usize = 1000;

#[derive(Debug)]
pub(super) struct Flight {
    stops: VecDeque<Order>,
    waiting: VecDeque<Order>,
    unacked: HashMap<u16, Errand>,
    last: u16,
    most: usize,
}

impl Default for Flight {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Flight {
    /// A connection to a broker that takes so many unacknowledged messages.
    pub(super) fn new(receive_maximum: Option<u16>) -> Self {
        let most = receive_maximum.map_or(MOST, usize::from).clamp(1, MOST);
        let (stops, waiting) = (VecDeque::new(), VecDeque::new());
        Self { stops, waiting, unacked: HashMap::new(), last: SUBSCRIPTION, most }
    }

    /// Whether more may be offered.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether more of emergency stops may be offered.
    pub(super) fn has_urgent_room(&self) -> bool {
        self.stops.is_empty()
    }

    /// Takes messages that are to go out in this order, those of emergency stops ahead of all others. What waits for
    /// a device that is stopped does not go out any more, and is returned.
    #[must_use = "whose message does not go out is to be told"]
    pub(super) fn offer(&mut self, orders: Vec<Order>) -> Vec<Errand> {
        let mut dropped = Vec::new();
        for order in orders {
            if !order.is_stop {
                self.waiting.push_back(order);
                continue;
            }
            for line in [&mut self.stops, &mut self.waiting] {
                line.retain(|waiting| {
                    let is_before = waiting.device.is_some() && waiting.device == order.device;
                    dropped.extend(is_before.then_some(waiting.errand));
                    !is_before
                });
            }
            self.stops.push_back(order);
        }
        dropped
    }

    /// The next one, if the broker has room for it, with the number it goes out under.
    pub(super) fn next(&mut self) -> Option<(u16, Order)> {
        if self.unacked.len() >= self.most {
            return None;
        }
        let order = self.stops.pop_front().or_else(|| self.waiting.pop_front())?;
        let packet = self.free_number();
        self.unacked.insert(packet, order.errand);
        Some((packet, order))
    }

    /// The message of this number, which is free again.
    pub(super) fn acked(&mut self, packet: u16) -> Option<Errand> {
        self.unacked.remove(&packet)
    }

    /// Those that were not asked for yet.
    pub(super) fn waiting(self) -> impl Iterator<Item = Errand> {
        self.stops.into_iter().chain(self.waiting).map(|order| order.errand)
    }

    fn free_number(&mut self) -> u16 {
        loop {
            self.last = self.last.checked_add(1).unwrap_or(SUBSCRIPTION + 1);
            if !self.unacked.contains_key(&self.last) {
                return self.last;
            }
        }
    }
}

/// For how many seconds the broker may keep a command; `None` if it is too late to publish it. The broker
/// counts whole seconds and delivers within the last of them, so one is taken off.
pub(super) fn seconds_left(expires_at: Timestamp, now: Timestamp) -> Option<u32> {
    let left = (now.plus(SENDABLE) <= expires_at).then(|| expires_at.since(now).as_secs())?;
    u32::try_from(left.checked_sub(1)?).ok()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use domain::{CommandId, DeviceId};
    use std::{collections::BTreeSet, time::Duration};
    use tokio::time::Instant;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    /// A command for the device of the same number.
    pub(crate) fn order(number: u128) -> Order {
        Order {
            errand: Errand::Command(CommandId(Uuid::from_u128(number))),
            device: Some(DeviceId(Uuid::from_u128(number))),
            is_stop: false,
            topic: String::new(),
            payload: Vec::new(),
            issued_at: NOW,
            expires_at: NOW,
            publish_by: Instant::now(),
        }
    }

    /// A stop's command for a device.
    pub(crate) fn stop(number: u128, device: u128) -> Order {
        Order { device: order(device).device, is_stop: true, ..order(number) }
    }

    /// The number of a command.
    pub(crate) fn number_of(errand: &Errand) -> u128 {
        let Errand::Command(command) = errand else { return u128::MAX };
        command.0.as_u128()
    }

    fn orders(count: u128) -> Vec<Order> {
        (0..count).map(order).collect()
    }

    /// What goes out, in its order.
    fn sent(flight: &mut Flight) -> Vec<u128> {
        let sent = std::iter::from_fn(|| flight.next());
        sent.map(|(_, order)| number_of(&order.errand)).collect()
    }

    #[test]
    fn a_stop_goes_ahead_of_all_and_instead_of_what_waits_for_its_device() {
        let mut flight = Flight::new(None);
        assert_eq!(flight.offer(vec![order(1), order(2), order(3)]), []);
        let dropped = flight.offer(vec![stop(4, 2), stop(5, 9), order(6)]);
        assert_eq!(dropped.iter().map(number_of).collect::<Vec<_>>(), [2]);
        assert!(!flight.has_urgent_room() && !flight.has_room());
        let dropped = flight.offer(vec![stop(7, 9)]);
        assert_eq!(dropped.iter().map(number_of).collect::<Vec<_>>(), [5], "one stop is enough");
        assert_eq!(sent(&mut flight), [4, 7, 1, 3, 6]);
    }

    #[test]
    fn what_never_went_out_is_told_stops_or_not() {
        let mut flight = Flight::new(Some(1));
        assert_eq!(flight.offer(vec![order(1), stop(2, 9), order(3)]), []);
        flight.next().unwrap();
        let waiting: Vec<u128> = flight.waiting().map(|errand| number_of(&errand)).collect();
        assert_eq!(waiting, [1, 3]);
    }

    #[test]
    fn no_more_goes_out_than_the_broker_takes() {
        let mut flight = Flight::new(Some(2));
        assert_eq!(flight.offer(orders(3)), []);
        let (first, order) = flight.next().unwrap();
        flight.next().unwrap();
        assert!(flight.next().is_none() && !flight.has_room());
        assert_eq!(flight.acked(first), Some(order.errand));
        assert_eq!(flight.acked(first), None, "once");
        flight.next().unwrap();
        assert!(flight.has_room());
    }

    #[test]
    fn a_number_is_not_given_twice_while_it_is_on_its_way() {
        let mut flight = Flight::new(None);
        assert_eq!(flight.offer(orders(1)), []);
        let (kept, _) = flight.next().unwrap();
        for _ in 0..70_000 {
            assert_eq!(flight.offer(orders(1)), []);
            let (packet, _) = flight.next().unwrap();
            assert!(packet != kept && packet != SUBSCRIPTION && packet != 0);
            flight.acked(packet);
        }
        assert_eq!(flight.offer(orders(2000)), []);
        let given: BTreeSet<u16> =
            std::iter::from_fn(|| flight.next()).map(|(packet, _)| packet).collect();
        assert_eq!(given.len(), MOST - 1);
        assert_eq!(flight.waiting().count(), 2000 - given.len());
    }

    #[test]
    fn the_broker_never_keeps_a_command_beyond_its_life() {
        let left = |millis| seconds_left(NOW.plus(Duration::from_millis(millis)), NOW);
        assert_eq!(left(60_000), Some(59));
        assert_eq!(left(59_999), Some(58));
        assert_eq!(left(2000), Some(1));
        assert_eq!(left(1999), None);
        assert_eq!(left(0), None);
        assert_eq!(seconds_left(NOW.minus(Duration::from_secs(5)), NOW), None);
    }
}
