use super::*;
use crate::{
    commands::{Action, Order, Status, life},
    devices::DeviceKind,
    protocol::CommandStatus as Answer,
};
use proptest::prelude::*;
use std::{collections::BTreeMap, time::Duration};
use uuid::Uuid;

const NOON: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn command(number: u128, action: Action, progress: Progress) -> Command {
    Command {
        id: CommandId(Uuid::from_u128(number)),
        kind: DeviceKind::Fan,
        order: Order { action, duration: None },
        is_stop: false,
        attempts: i32::from(progress != Progress::Queued),
        expires_at: NOON.plus(life(DeviceKind::Fan, action)),
        progress,
    }
}

const SENT: Progress = Progress::Sent { due_at: Timestamp::from_millis(1_700_000_010_000) };

fn open(_: &Command) -> Option<Barred> {
    None
}

fn ids(plan: &Plan) -> Vec<(u128, Status)> {
    plan.moved.iter().map(|(id, progress)| (id.0.as_u128(), progress.status())).collect()
}

#[test]
fn the_newest_wish_is_sent_and_the_older_ones_are_over() {
    let queued = |number, action| command(number, action, Progress::Queued);
    let commands = [queued(1, Action::On), queued(2, Action::Off), queued(3, Action::On)];
    let plan = plan(&commands, open, NOON);
    assert_eq!(plan.publish, Some(commands[2].id));
    let failed = Status::Failed;
    assert_eq!(ids(&plan), [(1, failed), (2, failed), (3, Status::Queued)]);
}

#[test]
fn what_is_with_the_device_is_waited_for() {
    let commands = [command(1, Action::On, SENT), command(2, Action::Off, Progress::Queued)];
    assert_eq!(plan(&commands, open, NOON), Plan::default());
    let later = plan(&commands, open, NOON.plus(Duration::from_secs(10)));
    assert_eq!(later.publish, Some(commands[1].id));
    assert_eq!(ids(&later), [(1, Status::Timeout), (2, Status::Queued)]);
}

#[test]
fn a_stop_waits_for_nobody() {
    let stop = Command { is_stop: true, ..command(3, Action::Off, Progress::Queued) };
    let commands = [
        command(1, Action::On, SENT),
        command(2, Action::On, Progress::Queued),
        stop,
        command(4, Action::Off, Progress::Queued),
    ];
    let plan = plan(&commands, open, NOON);
    assert_eq!(plan.publish, Some(stop.id));
    let failed = Status::Failed;
    assert_eq!(ids(&plan), [(1, failed), (2, failed), (3, Status::Queued)]);
}

#[test]
fn what_must_not_be_sent_ends_for_its_reason() {
    let commands = [command(1, Action::On, Progress::Queued)];
    let forbidden = Barred::from(Reason::Forbidden);
    let plan = plan(&commands, |_| Some(forbidden), NOON);
    assert_eq!((plan.publish, &*plan.barred), (None, &[(commands[0].id, forbidden)][..]));
    assert_eq!(plan.moved, [(commands[0].id, Progress::ended(Reason::Forbidden))]);
}

#[test]
fn what_is_too_late_is_not_sent() {
    let commands = [command(1, Action::On, Progress::Queued)];
    let plan = plan(&commands, open, NOON.plus(Duration::from_secs(60)));
    assert_eq!((plan.publish, ids(&plan)), (None, vec![(1, Status::Timeout)]));
}

/// What can happen to a server, its broker and a device.
#[derive(Debug, Clone)]
enum Move {
    Tap(Action),
    Stop,
    /// Of a node that counts as reachable, or not.
    PubAck(bool),
    /// What was handed to the link last was never written.
    NotSent,
    Deliver,
    Answer(Answer),
    LinkLost,
    NodeBack,
    Wait(u64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let answer = prop_oneof![
        Just(Answer::Executing),
        Just(Answer::Completed),
        Just(Answer::Completed),
        Just(Answer::Failed)
    ];
    let one = prop_oneof![
        3 => prop_oneof![Just(Action::On), Just(Action::Off), Just(Action::SetValue(40.0))]
            .prop_map(Move::Tap),
        1 => Just(Move::Stop),
        3 => prop_oneof![3 => Just(true), 1 => Just(false)].prop_map(Move::PubAck),
        1 => Just(Move::NotSent),
        3 => Just(Move::Deliver),
        3 => answer.prop_map(Move::Answer),
        1 => Just(Move::LinkLost),
        1 => Just(Move::NodeBack),
        3 => (0..15_u64).prop_map(Move::Wait),
        1 => (0..700_u64).prop_map(Move::Wait),
    ];
    prop::collection::vec(one, 0..80)
}

/// A server, a broker that hands messages on in order, and a device that drops what it has seen.
struct World {
    kind: DeviceKind,
    now: Timestamp,
    commands: Vec<Command>,
    /// Published, not delivered, with their ends.
    broker: Vec<(CommandId, Timestamp)>,
    /// How often each was published.
    published: BTreeMap<CommandId, usize>,
    /// What the device took, in order.
    done: Vec<CommandId>,
    unanswered: Vec<CommandId>,
}

impl World {
    fn new(kind: DeviceKind) -> Self {
        Self {
            kind,
            now: NOON,
            commands: Vec::new(),
            broker: Vec::new(),
            published: BTreeMap::new(),
            done: Vec::new(),
            unanswered: Vec::new(),
        }
    }

    fn act(&mut self, what: &Move) {
        match what {
            Move::Tap(action) => self.ask(*action, false),
            Move::Stop => self.ask(Action::Off, true),
            Move::PubAck(is_reachable) => {
                self.all(Happening::PubAcked { is_reachable: *is_reachable }, |_| true);
            }
            Move::NotSent => self.take_back(),
            Move::NodeBack => self.all(Happening::LinkLost, |command| {
                matches!(command.progress, Progress::Sent { .. })
            }),
            Move::Deliver => self.deliver(),
            Move::Answer(answer) => self.answer(*answer),
            Move::LinkLost => self.all(Happening::LinkLost, |_| true),
            Move::Wait(seconds) => self.now = self.now.plus(Duration::from_secs(*seconds)),
        }
        self.plan();
    }

    fn ask(&mut self, action: Action, is_stop: bool) {
        let number = u128::try_from(self.commands.len()).unwrap() + 1;
        let expires_at = self.now.plus(life(self.kind, action));
        let new = command(number, action, Progress::Queued);
        self.commands.push(Command { kind: self.kind, is_stop, expires_at, ..new });
    }

    /// The broker never had what was published last, as long as it is neither delivered nor acknowledged.
    fn take_back(&mut self) {
        let on_its_way =
            |command: &&mut Command| matches!(command.progress, Progress::Attempted { .. });
        let Some(command) = self.commands.iter_mut().find(on_its_way) else { return };
        let Some(last) = self.broker.iter().rposition(|(id, _)| *id == command.id) else { return };
        self.broker.remove(last);
        command.attempts -= 1;
        *self.published.get_mut(&command.id).unwrap() -= 1;
        self.all(Happening::NotSent, |_| true);
    }

    fn all(&mut self, happening: Happening, which: impl Fn(&Command) -> bool) {
        for command in self.commands.iter_mut().filter(|command| which(command)) {
            if let Step::Move(progress) = command.step(happening, self.now) {
                command.progress = progress;
            }
        }
    }

    fn deliver(&mut self) {
        if self.broker.is_empty() {
            return;
        }
        let (id, end) = self.broker.remove(0);
        if self.now < end && !self.done.contains(&id) {
            self.done.push(id);
            self.unanswered.push(id);
        }
    }

    fn answer(&mut self, answer: Answer) {
        let Some(id) = self.unanswered.first().copied() else { return };
        if answer != Answer::Executing {
            self.unanswered.remove(0);
        }
        self.all(Happening::Answered { answer, agrees: true }, |command| command.id == id);
    }

    fn plan(&mut self) {
        let is_open = |command: &&Command| !command.progress.is_end();
        let open_ones: Vec<Command> = self.commands.iter().filter(is_open).copied().collect();
        let plan = plan(&open_ones, open, self.now);
        for (id, progress) in plan.moved {
            let command = self.commands.iter_mut().find(|command| command.id == id).unwrap();
            command.attempts += i32::from(plan.publish == Some(id));
            command.progress = progress;
        }
        if let Some(id) = plan.publish {
            let command = self.commands.iter().find(|command| command.id == id).unwrap();
            assert!(self.now < command.expires_at, "published after its life");
            self.broker.push((id, command.expires_at));
            *self.published.entry(id).or_default() += 1;
        }
        let in_flight = self.commands.iter().filter(|command| command.progress.is_in_flight());
        assert!(in_flight.count() <= 1, "two with the device");
        let is_waiting_stop = |command: &Command| command.is_stop && !command.progress.is_end();
        let stop = self.commands.iter().rposition(is_waiting_stop).unwrap_or_default();
        let mut before = self.commands.iter().take(stop);
        assert!(before.all(|command| command.progress.is_end()), "something is left before a stop");
    }

    /// Everything works and nobody taps any more.
    fn settle(&mut self) {
        for _ in 0..400 {
            for what in [Move::PubAck(true), Move::Deliver, Move::Answer(Answer::Completed)] {
                self.act(&what);
            }
            self.act(&Move::Wait(2));
        }
    }
}

proptest! {
    #[test]
    fn one_is_with_the_device_none_is_late_and_every_tap_ends(moves in moves()) {
        for kind in [DeviceKind::Fan, DeviceKind::Feeder, DeviceKind::Light] {
            let mut world = World::new(kind);
            moves.iter().for_each(|what| world.act(what));
            world.settle();
            prop_assert!(world.commands.iter().all(|command| command.progress.is_end()));
        }
    }

    #[test]
    fn the_last_wish_is_the_last_that_is_done(moves in moves()) {
        let mut world = World::new(DeviceKind::Fan);
        moves.iter().for_each(|what| world.act(what));
        world.act(&Move::Tap(Action::Off));
        let last = world.commands.last().unwrap().id;
        world.settle();
        prop_assert_eq!(world.done.last(), Some(&last));
    }

    #[test]
    fn nothing_is_done_after_a_stop_that_was_asked_for_before_it(moves in moves()) {
        for kind in [DeviceKind::Feeder, DeviceKind::Light] {
            let mut world = World::new(kind);
            moves.iter().for_each(|what| world.act(what));
            world.act(&Move::Stop);
            let stop = world.commands.last().unwrap().id;
            world.settle();
            prop_assert_eq!(world.done.last(), Some(&stop));
        }
    }

    #[test]
    fn a_feeder_hears_each_command_to_feed_once(moves in moves()) {
        let mut world = World::new(DeviceKind::Feeder);
        moves.iter().for_each(|what| world.act(what));
        world.settle();
        for command in world.commands.iter().filter(|command| !command.order.action.is_off()) {
            let times = world.published.get(&command.id).copied().unwrap_or_default();
            prop_assert!(times <= 1, "published {times} times");
        }
    }
}
