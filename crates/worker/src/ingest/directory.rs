//! What is kept in memory of nodes: their routes as the database has them, and how far their runs
//! and series have come. A change drops the route; the rest stays, because only ingest changes it.
//!
//! What a plan changes is pending beside what is durable, until its commit is done or given up.
use super::{
    allowance::{Allowance, BOOTS, LINES, PUT_AWAY, STRANGE, WRONG},
    changes::Change,
};
use crate::claimed::RETURN;
use domain::{
    DeviceId, FarmId, NodeId, Timestamp,
    readings::{Rhythm, SensorKind, Stillness},
    sequence::Sequence,
};
use std::{collections::HashMap, time::Duration};
use store::{
    boots::Boot,
    routes::{Route, RouteDevice, RouteSeries},
};

/// Runs of a node that are remembered; older ones are asked for again.
const MOST_RUNS: usize = 8;

/// Where something stands in the directory: a node, and its run or series.
pub(crate) type Place = (usize, usize);

/// All nodes that were heard of.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    places: HashMap<String, usize>,
    nodes: Vec<Node>,
}

/// One node.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) id: NodeId,
    pub(crate) standing: Standing,
    pub(crate) interval: Duration,
    pub(crate) firmware: Option<String>,
    claimed_at: Option<Timestamp>,
    pub(crate) devices: Vec<RouteDevice>,
    pub(crate) series: Vec<Series>,
    pub(crate) runs: Vec<Run>,
    /// Where the next reading's series probably stands: messages repeat their order.
    cursor: usize,
    pub(crate) is_stale: bool,
    pub(crate) put_away: Allowance,
    pub(crate) wrong: Allowance,
    pub(crate) lines: Allowance,
    pub(crate) boots: Allowance,
    pub(crate) strange: Allowance,
    /// The attempt in which its sign of life was last noted.
    pub(crate) noted_in: u64,
}

/// Whether and where a node belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// There is no such node.
    Unknown,
    /// Its credential was withdrawn.
    Revoked,
    /// Nobody has claimed it.
    Unclaimed,
    /// It works for a farm.
    Member(FarmId),
}

/// One series.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) route: RouteSeries,
    pub(crate) kind: Option<SensorKind>,
    pub(crate) durable: Memory,
    pub(crate) pending: Option<Memory>,
}

/// What ingest remembers of a series' readings.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    pub(crate) stillness: Option<Stillness>,
    pub(crate) rhythm: Rhythm,
    /// The last instant given to a reading that had none of its own.
    pub(crate) last_received: Option<Timestamp>,
    /// The last reading: its time, and what the sensor said.
    pub(crate) last: Option<(Timestamp, f64)>,
}

/// One run of a node.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: i32,
    pub(crate) name: String,
    correction_ms: Option<i64>,
    pub(crate) durable: Progress,
    pub(crate) pending: Option<Progress>,
}

/// How far a run has come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    pub(crate) sequence: Sequence,
    /// The first number whose times are right although the earlier ones are corrected.
    pub(crate) clock_set_seq: Option<i64>,
    /// The highest number that said a time, and that time.
    pub(crate) said: Option<(i64, Timestamp)>,
}

impl Directory {
    /// Where a node stands, if all is known of it that must be.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        let place = *self.places.get(name)?;
        self.nodes.get(place).filter(|node| !node.is_stale).map(|_| place)
    }

    pub(crate) fn node(&self, place: usize) -> Option<&Node> {
        self.nodes.get(place)
    }

    pub(crate) fn node_mut(&mut self, place: usize) -> Option<&mut Node> {
        self.nodes.get_mut(place)
    }

    pub(crate) fn series(&self, (node, series): Place) -> Option<&Series> {
        self.nodes.get(node)?.series.get(series)
    }

    pub(crate) fn series_mut(&mut self, (node, series): Place) -> Option<&mut Series> {
        self.nodes.get_mut(node)?.series.get_mut(series)
    }

    pub(crate) fn run(&self, (node, run): Place) -> Option<&Run> {
        self.nodes.get(node)?.runs.get(run)
    }

    pub(crate) fn run_mut(&mut self, (node, run): Place) -> Option<&mut Run> {
        self.nodes.get_mut(node)?.runs.get_mut(run)
    }

    /// Where the node of an identity stands; slow, for what is rare.
    pub(crate) fn find(&self, id: NodeId) -> Option<usize> {
        self.nodes.iter().position(|node| node.id == id && node.standing != Standing::Unknown)
    }

    /// The device of an identity and its node; slow, for what is rare.
    pub(crate) fn find_device(&self, id: DeviceId) -> Option<(&Node, &RouteDevice)> {
        let device = |node: &Node| node.devices.iter().position(|device| device.id == id);
        let (node, place) = self.nodes.iter().find_map(|node| Some((node, device(node)?)))?;
        Some((node, node.devices.get(place)?))
    }

    /// Takes in what changed.
    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::Everything => self.nodes.iter_mut().for_each(|node| node.is_stale = true),
            Change::Node(name) => {
                let place = self.places.get(name).copied();
                if let Some(node) = place.and_then(|place| self.nodes.get_mut(place)) {
                    node.is_stale = true;
                }
            }
        }
    }

    /// Takes in a node as the database has it.
    pub(crate) fn put(&mut self, route: Route) {
        let mut node = Node::new(String::from(route.name.clone()), route.node);
        node.standing = match route.farm {
            _ if route.is_revoked => Standing::Revoked,
            None => Standing::Unclaimed,
            Some(farm) => Standing::Member(farm),
        };
        node.interval = route.interval;
        node.firmware = route.firmware;
        node.claimed_at = route.claimed_at;
        node.devices = route.devices;
        node.series = route.series.into_iter().map(Series::new).collect();
        self.replace(node);
    }

    /// Remembers that there is no such node, until a change says otherwise.
    pub(crate) fn put_unknown(&mut self, name: &str) {
        self.replace(Node::new(name.to_owned(), NodeId(uuid::Uuid::nil())));
    }

    fn replace(&mut self, mut node: Node) {
        let Some(place) = self.places.get(&node.name).copied() else {
            self.places.insert(node.name.clone(), self.nodes.len());
            self.nodes.push(node);
            return;
        };
        let Some(old) = self.nodes.get_mut(place) else { return };
        if old.id == node.id {
            node.runs = std::mem::take(&mut old.runs);
            (node.put_away, node.wrong) = (old.put_away, old.wrong);
            (node.lines, node.boots, node.strange) = (old.lines, old.boots, old.strange);
            for series in &mut node.series {
                if let Some(old) = old.series.iter().find(|old| old.route.id == series.route.id) {
                    series.durable = old.durable;
                }
            }
        }
        *old = node;
    }
}

impl Node {
    fn new(name: String, id: NodeId) -> Self {
        Self {
            name,
            id,
            standing: Standing::Unknown,
            interval: Duration::ZERO,
            firmware: None,
            claimed_at: None,
            devices: Vec::new(),
            series: Vec::new(),
            runs: Vec::new(),
            cursor: 0,
            is_stale: false,
            put_away: Allowance::new(PUT_AWAY),
            wrong: Allowance::new(WRONG),
            lines: Allowance::new(LINES),
            boots: Allowance::new(BOOTS),
            strange: Allowance::new(STRANGE),
            noted_in: 0,
        }
    }

    /// Whether it was claimed so recently that what it has kept until then is yet to come.
    pub(crate) fn is_awaited(&self, now: Timestamp) -> bool {
        self.claimed_at.is_some_and(|at| now.since(at) < RETURN)
    }

    /// The farm it works for.
    pub(crate) fn farm(&self) -> Option<FarmId> {
        match self.standing {
            Standing::Member(farm) => Some(farm),
            _ => None,
        }
    }

    /// Where a device's series of a sensor stands.
    pub(crate) fn find_series(&mut self, channel: &str, sensor: &str) -> Option<usize> {
        let fits = |series: &Series| {
            series.route.sensor == sensor
                && self
                    .devices
                    .get(series.route.device)
                    .is_some_and(|d| d.channel.as_str() == channel)
        };
        let count = self.series.len();
        let (before, after) =
            self.series.split_at_checked(self.cursor).unwrap_or((&self.series, &[]));
        let found = match after.iter().position(fits) {
            Some(place) => before.len() + place,
            None => before.iter().position(fits)?,
        };
        self.cursor = if found + 1 == count { 0 } else { found + 1 };
        Some(found)
    }

    /// Forgets which readings of these series came last: they are not stored after all.
    pub(crate) fn forget_last(&mut self, series: &[usize]) {
        for place in series {
            let pending = self.series.get_mut(*place).and_then(|series| series.pending.as_mut());
            if let Some(pending) = pending {
                pending.last = None;
            }
        }
    }

    /// Where a device stands.
    pub(crate) fn find_device(&self, channel: &str) -> Option<usize> {
        self.devices.iter().position(|device| device.channel.as_str() == channel)
    }

    /// Where a run stands.
    pub(crate) fn find_run(&self, name: &str) -> Option<usize> {
        self.runs.iter().position(|run| run.name == name)
    }

    /// Remembers a run. The longest known one is forgotten for it.
    pub(crate) fn add_run(&mut self, boot: Boot) {
        if self.runs.len() >= MOST_RUNS {
            self.runs.remove(0);
        }
        self.runs.push(Run {
            id: boot.id.0,
            name: boot.boot,
            correction_ms: boot.correction_ms,
            durable: Progress {
                sequence: Sequence::resume(boot.acked_seq),
                clock_set_seq: boot.clock_set_seq,
                said: None,
            },
            pending: None,
        });
    }
}

impl Series {
    fn new(route: RouteSeries) -> Self {
        let kind = SensorKind::parse(&route.sensor);
        Self { route, kind, durable: Memory::default(), pending: None }
    }
}

impl Run {
    /// What is to be added to the times of the message with this number, if they are wrong.
    pub(crate) fn correction_ms(&self, seq: Option<i64>) -> Option<i64> {
        let set = self.pending.as_ref().unwrap_or(&self.durable).clock_set_seq;
        let is_right = set.is_some_and(|set| seq.is_none_or(|seq| seq >= set));
        self.correction_ms.filter(|_| !is_right)
    }

    /// Whether its clock was ever found to be wrong.
    pub(crate) fn is_corrected(&self) -> bool {
        self.correction_ms.is_some()
    }

    /// Takes in the correction of its clock.
    pub(crate) fn correct(&mut self, correction_ms: i64) {
        self.correction_ms = Some(correction_ms);
    }
}
