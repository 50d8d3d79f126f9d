//! What a node has measured and nobody has confirmed yet, in order.
use domain::Timestamp;
use std::collections::VecDeque;

/// What a message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Sensor values.
    Readings,
    /// What switches are doing.
    State,
}

/// One numbered message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number within the boot, from 1.
    pub seq: u64,
    /// What it tells.
    pub kind: Kind,
    /// The node's time of it.
    pub ts: Timestamp,
    /// The list inside it, as JSON.
    pub list: String,
}

/// Unacknowledged messages: as many as fit, the oldest given up first. One counter for all kinds.
#[derive(Debug)]
pub struct Ring {
    held: VecDeque<Message>,
    capacity: usize,
    /// The number of the next message.
    next_seq: u64,
    /// Everything up to here is durable elsewhere.
    acked: u64,
    /// Everything up to here was handed out since the last rewind.
    sent: u64,
    /// Everything up to here was handed out at some time.
    told: u64,
    given_up: u64,
}

impl Ring {
    /// An empty ring for `capacity` messages.
    pub fn new(capacity: usize) -> Self {
        let held = VecDeque::new();
        Self { held, capacity, next_seq: 1, acked: 0, sent: 0, told: 0, given_up: 0 }
    }

    /// Keeps a message and numbers it. When the ring is full the oldest one is given up.
    pub fn push(&mut self, kind: Kind, ts: Timestamp, list: String) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        self.held.push_back(Message { seq, kind, ts, list });
        if self.held.len() > self.capacity {
            self.held.pop_front();
            self.given_up += 1;
        }
        seq
    }

    /// Forgets everything up to `seq`; whether that was news. What was never sent is not forgotten,
    /// whatever anybody claims.
    pub fn acknowledge(&mut self, seq: u64) -> bool {
        if seq <= self.acked || seq > self.told {
            return false;
        }
        self.acked = seq;
        while self.held.front().is_some_and(|message| message.seq <= seq) {
            self.held.pop_front();
        }
        true
    }

    /// Starts again from the oldest message held.
    pub fn rewind(&mut self) {
        self.sent = self.acked;
    }

    /// The next message to hand out, in order, while fewer than `window` wait for their ack.
    pub fn next(&mut self, window: u64) -> Option<&Message> {
        let before_oldest = self.held.front()?.seq - 1;
        self.sent = self.sent.max(before_oldest);
        let waiting = self.sent - before_oldest;
        if waiting >= window || self.sent + 1 >= self.next_seq {
            return None;
        }
        self.sent += 1;
        self.told = self.told.max(self.sent);
        self.held.get(usize::try_from(waiting).ok()?)
    }

    /// The oldest message still held, if messages before it were given up unacknowledged: then every
    /// message says so, and the ack need not wait for them.
    pub fn first_after_gap(&self) -> Option<u64> {
        let oldest = self.held.front()?.seq;
        (oldest > self.acked + 1).then_some(oldest)
    }

    /// Whether something that was handed out is not confirmed.
    pub fn is_waiting(&self) -> bool {
        self.held.front().is_some_and(|message| message.seq <= self.sent)
    }

    /// Messages held.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Messages given up since the boot, because the ring was full.
    pub fn given_up(&self) -> u64 {
        self.given_up
    }

    /// The highest number in use.
    pub fn last_seq(&self) -> u64 {
        self.next_seq - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(capacity: usize, messages: u64) -> Ring {
        let mut ring = Ring::new(capacity);
        for _ in 0..messages {
            ring.push(Kind::Readings, Timestamp::from_millis(0), String::new());
        }
        ring
    }

    fn drain(ring: &mut Ring, window: u64) -> Vec<u64> {
        std::iter::from_fn(|| ring.next(window).map(|message| message.seq)).collect()
    }

    #[test]
    fn messages_come_out_in_order_and_again_after_a_rewind() {
        let mut ring = ring(10, 4);
        assert_eq!(drain(&mut ring, 100), [1, 2, 3, 4]);
        assert!(ring.acknowledge(2));
        ring.rewind();
        assert_eq!(drain(&mut ring, 100), [3, 4]);
    }

    #[test]
    fn no_more_than_the_window_waits() {
        let mut ring = ring(10, 6);
        assert_eq!(drain(&mut ring, 2), [1, 2]);
        ring.acknowledge(1);
        assert_eq!(drain(&mut ring, 2), [3]);
    }

    #[test]
    fn a_full_ring_gives_up_the_oldest_and_says_so() {
        let mut ring = ring(3, 5);
        assert_eq!((ring.len(), ring.given_up(), ring.first_after_gap()), (3, 2, Some(3)));
        assert_eq!(drain(&mut ring, 100), [3, 4, 5]);
        assert!(ring.acknowledge(3));
        assert_eq!(ring.first_after_gap(), None);
    }

    #[test]
    fn an_ack_for_what_was_never_sent_forgets_nothing() {
        let mut ring = ring(10, 3);
        assert!(!ring.acknowledge(3));
        drain(&mut ring, 2);
        assert!(!ring.acknowledge(3) && ring.acknowledge(2) && !ring.acknowledge(1));
        assert_eq!(ring.len(), 1);
    }
}
