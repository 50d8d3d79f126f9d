//! What is kept in memory of nodes: their routes as the database has them, and how far their runs
//! have come. A change drops the route; the runs stay, because only ingest changes them.
use super::changes::Change;
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
/// Messages of one node that are put away within an hour, 40 MiB at most; more are only counted. A
/// node that says nothing right must not fill the disk.
const MOST_PUT_AWAY: u32 = 10_000;
const HOUR: Duration = Duration::from_secs(3600);

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
    pub(crate) devices: Vec<RouteDevice>,
    pub(crate) series: Vec<Series>,
    pub(crate) runs: Vec<Run>,
    /// Where the next reading's series probably stands: messages repeat their order.
    cursor: usize,
    is_stale: bool,
    /// Messages that were put away in the hour that began then.
    put_away: (Timestamp, u32),
    /// The batch in which its sign of life was last noted.
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

/// One series, and what ingest remembers of it.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) route: RouteSeries,
    pub(crate) kind: Option<SensorKind>,
    pub(crate) stillness: Option<Stillness>,
    pub(crate) rhythm: Rhythm,
    /// The last instant given to a reading that had none of its own.
    pub(crate) last_received: Option<Timestamp>,
}

/// One run of a node.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: i32,
    pub(crate) name: String,
    pub(crate) correction_ms: Option<i64>,
    /// As it is durable.
    pub(crate) sequence: Sequence,
    /// As it will be once the commit at hand is done.
    pub(crate) pending: Option<Sequence>,
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

    /// The series at the places of node and series.
    pub(crate) fn series(&self, (node, series): (usize, usize)) -> Option<&Series> {
        self.nodes.get(node)?.series.get(series)
    }

    pub(crate) fn series_mut(&mut self, (node, series): (usize, usize)) -> Option<&mut Series> {
        self.nodes.get_mut(node)?.series.get_mut(series)
    }

    /// The node of an identity; slow, for what is rare.
    pub(crate) fn find(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.iter_mut().find(|node| node.id == id && node.standing != Standing::Unknown)
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
            node.noted_in = old.noted_in;
            node.put_away = old.put_away;
            for series in &mut node.series {
                if let Some(old) = old.series.iter().find(|old| old.route.id == series.route.id) {
                    series.stillness = old.stillness;
                    series.rhythm = old.rhythm;
                    series.last_received = old.last_received;
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
            devices: Vec::new(),
            series: Vec::new(),
            runs: Vec::new(),
            cursor: 0,
            is_stale: false,
            put_away: (Timestamp::from_micros(0), 0),
            noted_in: 0,
        }
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

    /// How many more of its messages may be put away now.
    pub(crate) fn put_away_room(&self, now: Timestamp) -> u32 {
        let (began, number) = self.put_away;
        if now.since(began) >= HOUR { MOST_PUT_AWAY } else { MOST_PUT_AWAY.saturating_sub(number) }
    }

    /// Takes in that messages of it were put away.
    pub(crate) fn note_put_away(&mut self, now: Timestamp, count: u32) {
        let (began, number) = &mut self.put_away;
        if now.since(*began) >= HOUR {
            (*began, *number) = (now, 0);
        }
        *number = number.saturating_add(count);
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
            sequence: Sequence::resume(boot.acked_seq),
            pending: None,
        });
    }
}

impl Series {
    fn new(route: RouteSeries) -> Self {
        let kind = SensorKind::parse(&route.sensor);
        let rhythm = Rhythm::default();
        Self { route, kind, stillness: None, rhythm, last_received: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_says_nothing_right_does_not_fill_the_quarantine() {
        let mut node = Node::new("coop-1".to_owned(), NodeId(uuid::Uuid::nil()));
        let noon = Timestamp::from_millis(1_790_000_000_000);
        assert_eq!(node.put_away_room(noon), MOST_PUT_AWAY);
        node.note_put_away(noon, MOST_PUT_AWAY - 1);
        let later = noon.plus(Duration::from_secs(3599));
        assert_eq!(node.put_away_room(later), 1);
        node.note_put_away(later, 1);
        assert_eq!(node.put_away_room(later), 0);
        let next = noon.plus(HOUR);
        assert_eq!(node.put_away_room(next), MOST_PUT_AWAY);
        node.note_put_away(next, 1);
        assert_eq!(node.put_away_room(next), MOST_PUT_AWAY - 1);
    }
}
