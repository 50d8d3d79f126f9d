//! From a tap to the device, with many nodes connected: latency, work a command, the emergency stop, and beside
//! them what no server could do without: one commit, one publish.
use crate::usage::Meter;
use anyhow::{Context as _, Result, ensure};
use domain::{
    CommandId, DeviceId, FarmId, HouseId, StopId, UserId,
    commands::{Action, Asked, Wish},
    events::EventKind,
};
use installation::{Part, Trial};
use simulator::{
    link::Broker,
    load::{Measured, Sender},
    switchboard::{Publisher, Reached, Switchboard},
};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    time::{Duration, Instant},
};
use store::{
    Clock, Database, DatabaseSettings, FarmScope, Origin,
    commands::{self, Outcome, Tap},
    events::{self, NewEvent},
    health,
    sessions::{self, NewSession, TokenHash},
    stops::{self, NewStop, Pressed},
};

/// Taps a second of the latency run.
const RATE: u32 = 50;
/// Taps at once of the throughput run, and how often each device is told something in it.
const AT_ONCE: usize = 8;
const ROUNDS: u32 = 5;
/// Devices of a stop, and how often it is pressed.
const STOPPED: usize = 200;
const STOPS: u32 = 7;
/// Measurements of the floor.
const FLOOR: u32 = 500;
/// Before anything counts: connections, statements and memory are warm then.
const WARM_UP: usize = 200;
/// Nothing takes longer on a machine that works.
const PATIENCE: Duration = Duration::from_mins(3);

/// What was measured.
#[derive(Debug)]
pub struct Commands {
    /// Nodes that were connected.
    pub nodes: usize,
    /// From the tap's commit to the device.
    pub after_commit: Measured,
    /// From before the tap was accepted to the device.
    pub after_tap: Measured,
    /// One INSERT of an event, with its commit.
    pub insert: Measured,
    /// One publish at QoS 1, to the same devices.
    pub publish: Measured,
    /// The throughput run.
    pub work: Work,
    /// From the stop's commit to the last of its devices, of each press.
    pub stop_after_commit: Measured,
    /// The same from before it was accepted.
    pub stop_after_press: Measured,
}

/// Commands as fast as they are accepted.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    /// How many.
    pub commands: u32,
    /// How many of them did not end well: a machine that is too busy does not answer in time.
    pub unanswered: u32,
    /// From the first tap to the last device.
    pub elapsed: Duration,
    /// CPU of the server, PostgreSQL with all its processes, and Mosquitto, until all were completed.
    pub cpu: [Duration; 3],
}

/// Who taps, and what.
struct Hand {
    app: Database,
    scope: FarmScope,
    clock: Clock,
}

/// A tap that was accepted.
#[derive(Debug, Clone, Copy)]
struct Tapped {
    id: CommandId,
    asked: Instant,
    committed: Instant,
}

/// Measures all with a node for each of `senders`, of the farm `farm`; the latency run takes `span`.
pub async fn measure(
    trial: &Trial,
    (farm, senders): (&str, Vec<Sender>),
    span: Duration,
) -> Result<Commands> {
    let nodes = senders.len();
    let broker = Broker { host: "127.0.0.1".to_owned(), port: trial.ports().mqtt };
    let hand = Hand::of(trial, farm.parse()?).await?;
    let (house, fans) = make_devices(trial, farm)?;
    let mut board = Switchboard::open(&broker, senders).await?;
    let publish = bare_publishes(trial, &broker, &mut board).await?;
    let insert = bare_inserts(trial, &hand).await?;
    let [after_commit, after_tap] = hand.at_a_steady_rate(&fans, span, &mut board).await?;
    let work = hand.as_fast_as_it_goes(trial, &fans, &mut board).await?;
    let [stop_after_commit, stop_after_press] = hand.stop(trial, house, &mut board).await?;
    Ok(Commands {
        nodes,
        after_commit,
        after_tap,
        insert,
        publish,
        work,
        stop_after_commit,
        stop_after_press,
    })
}

/// One switch on each node: pumps in a house on the first 200, fans in none on the others.
fn make_devices(trial: &Trial, farm: &str) -> Result<(HouseId, Vec<DeviceId>)> {
    let made = trial.query(&format!(
        "INSERT INTO houses (farm_id, name) VALUES ('{farm}', 'Stopped');
         INSERT INTO devices (farm_id, node_id, channel, device_id, hardware_id, name, type, kind, house_id,
            firmware_version, approved_at, is_online)
         SELECT n.farm_id, n.id, 'relay', n.name || ':relay', n.name || ':relay', n.name, 'relay',
            (CASE WHEN n.number <= {STOPPED} THEN 'pump' ELSE 'fan' END)::device_kind,
            CASE WHEN n.number <= {STOPPED} THEN h.id END, '1', now(), true
         FROM (SELECT *, row_number() OVER (ORDER BY name) AS number FROM nodes WHERE name LIKE 'bench-%') n,
            houses h WHERE h.farm_id = n.farm_id;
         SELECT id FROM houses WHERE farm_id = '{farm}'
         UNION ALL (SELECT id FROM devices WHERE channel = 'relay' AND house_id IS NULL ORDER BY name)"
    ))?;
    let mut ids = made.lines().filter_map(|line| line.parse().ok());
    let house = HouseId(ids.next().context("no house")?);
    Ok((house, ids.map(DeviceId).collect()))
}

impl Hand {
    /// The farm's admin, signed in.
    async fn of(trial: &Trial, farm: FarmId) -> Result<Self> {
        let app = Database::new(&DatabaseSettings::new(
            trial.setting("TOKKATOT_DATABASE_URL")?,
            u32::try_from(AT_ONCE)?,
        ))
        .await?;
        let user: UserId = trial
            .query(&format!(
                "INSERT INTO farm_users (farm_id, user_id, role, invited_by)
                 SELECT id, owner_id, 'admin', owner_id FROM farms WHERE id = '{farm}'
                 RETURNING user_id"
            ))?
            .lines()
            .next()
            .context("no farm")?
            .parse()?;
        let now = health::time(&mut *app.get().await?).await?;
        let new = NewSession {
            user,
            token: TokenHash::of("bench"),
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            user_agent: "bench".to_owned(),
            now,
            expires_at: now.plus(Duration::from_hours(1)),
        };
        sessions::create(&app, &new).await?;
        let account = sessions::find(&mut *app.get().await?, &new.token, now).await?;
        let scope = account.and_then(|account| account.scope(farm)).context("not a member")?;
        Ok(Self { app, scope, clock: Clock::anchored_at(now) })
    }

    fn origin(&self) -> Origin<'static> {
        Origin { at: self.clock.now(), address: None, user_agent: None }
    }

    async fn tap(&self, device: DeviceId, action: Action) -> Result<Tapped> {
        let id = CommandId(uuid::Uuid::new_v4());
        let tap = Tap { id, device, asked: Asked { wish: Wish::Do(action), duration_ms: None } };
        let asked = Instant::now();
        let outcome = commands::accept(&self.app, &self.scope, &tap, &self.origin()).await?.outcome;
        ensure!(matches!(outcome, Outcome::Accepted(_)), "not accepted: {outcome:?}");
        Ok(Tapped { id, asked, committed: Instant::now() })
    }

    /// One tap after the other, however long each takes: from commit and from tap to device.
    async fn at_a_steady_rate(
        &self,
        fans: &[DeviceId],
        span: Duration,
        board: &mut Switchboard,
    ) -> Result<[Measured; 2]> {
        let count = usize::try_from(span.as_secs())? * usize::try_from(RATE)? + WARM_UP;
        let mut turn = tokio::time::interval(Duration::from_secs(1) / RATE);
        let mut tapped = Vec::with_capacity(count);
        let tapping = async {
            for number in 0..count {
                turn.tick().await;
                let fan = fans.get(number % fans.len()).context("no fans")?;
                let action = turn_of(number / fans.len());
                tapped.push(self.tap(*fan, action).await?);
            }
            anyhow::Ok(())
        };
        let (done, reached) = tokio::join!(tapping, collect(board, count));
        done?;
        let reached = reached?;
        let measure = |from: fn(&Tapped) -> Instant| {
            let latency = |tapped: &Tapped| {
                let at = reached.get(&tapped.id.to_string())?;
                Some(at.saturating_duration_since(from(tapped)))
            };
            Measured::new(span, tapped.iter().skip(WARM_UP).filter_map(latency).collect())
        };
        Ok([measure(|tapped| tapped.committed), measure(|tapped| tapped.asked)])
    }

    /// Every device several times, eight taps at once; the next time when all have done the one before.
    async fn as_fast_as_it_goes(
        &self,
        trial: &Trial,
        fans: &[DeviceId],
        board: &mut Switchboard,
    ) -> Result<Work> {
        self.all_done(trial).await?;
        let parts = [Part::Server, Part::Postgres, Part::Mosquitto];
        let meters = parts.map(|part| trial.pid(part).and_then(Meter::of));
        let mut elapsed = Duration::ZERO;
        for round in 0..ROUNDS {
            // not what the latency run has ended with
            let action = turn_of(usize::try_from(round)? + 1);
            let began = Instant::now();
            let share = fans.len().div_ceil(AT_ONCE);
            let tapping = async {
                let taps = fans.chunks(share).map(async |fans| {
                    for fan in fans {
                        self.tap(*fan, action).await?;
                    }
                    anyhow::Ok(())
                });
                futures::future::try_join_all(taps).await
            };
            let (done, reached) = tokio::join!(tapping, collect(board, fans.len()));
            done?;
            let reached = reached.with_context(|| ends(trial))?;
            let last = reached.into_values().max().context("nothing was reached")?;
            elapsed += last.saturating_duration_since(began);
            self.all_done(trial).await?;
        }
        let [server, postgres, broker] = meters;
        let cpu = [server?.used()?, postgres?.used()?, broker?.used()?];
        let unanswered = trial
            .query("SELECT count(*) FROM device_commands WHERE status IN ('failed', 'timeout')")?
            .parse()?;
        let commands = ROUNDS * u32::try_from(fans.len())?;
        Ok(Work { commands, unanswered, elapsed, cpu })
    }

    /// Presses and releases the stop of a house: from commit and from press to the last of its devices.
    async fn stop(
        &self,
        trial: &Trial,
        house: HouseId,
        board: &mut Switchboard,
    ) -> Result<[Measured; 2]> {
        let (mut after_commit, mut after_press) = (Vec::new(), Vec::new());
        for _ in 0..STOPS {
            self.all_done(trial).await?;
            let id = StopId(uuid::Uuid::new_v4());
            let new = NewStop { id, house: Some(house), includes_fans: false };
            let pressing = async {
                let began = Instant::now();
                let pressed = stops::press(&self.app, &self.scope, &new, &self.origin()).await?;
                let pressed = pressed.outcome;
                ensure!(pressed == Pressed::Stopped(STOPPED), "{pressed:?}");
                anyhow::Ok((began, Instant::now()))
            };
            let (pressed, reached) = tokio::join!(pressing, collect(board, STOPPED));
            let (began, committed) = pressed?;
            let last = reached?.into_values().max().context("nothing was stopped")?;
            after_commit.push(last.saturating_duration_since(committed));
            after_press.push(last.saturating_duration_since(began));
            self.all_done(trial).await?;
            ensure!(
                stops::release(&self.app, &self.scope, id, &self.origin()).await?.outcome,
                "there is no such stop"
            );
        }
        Ok([after_commit, after_press].map(|spans| Measured::new(Duration::ZERO, spans)))
    }

    /// Waits until all commands have ended.
    async fn all_done(&self, trial: &Trial) -> Result<()> {
        let began = Instant::now();
        let open =
            "SELECT count(*) FROM device_commands WHERE status IN ('queued', 'sent', 'executing')";
        while trial.query(open)? != "0" {
            ensure!(began.elapsed() < PATIENCE, "commands do not end: {}", ends(trial));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }
}

const fn turn_of(number: usize) -> Action {
    if number.is_multiple_of(2) { Action::On } else { Action::Off }
}

/// What became of all commands, for whoever asks why something went wrong.
fn ends(trial: &Trial) -> String {
    let query = "SELECT string_agg(said, ', ') FROM (
        SELECT concat_ws(' ', count(*), status, reason, attempts) AS said FROM device_commands
        GROUP BY status, reason, attempts) ends";
    trial.query(query).unwrap_or_else(|error| format!("{error:#}"))
}

/// When each of so many commands reached its device.
async fn collect(board: &mut Switchboard, count: usize) -> Result<HashMap<String, Instant>> {
    let mut reached = HashMap::with_capacity(count);
    while reached.len() < count {
        let Some(Reached { command_id, at }) = board.reached(PATIENCE).await else {
            anyhow::bail!("{} of {count} commands were heard", reached.len());
        };
        reached.entry(command_id).or_insert(at);
    }
    Ok(reached)
}

/// What the broker alone takes, from one of its clients to another.
async fn bare_publishes(
    trial: &Trial,
    broker: &Broker,
    board: &mut Switchboard,
) -> Result<Measured> {
    let url = trial.setting("TOKKATOT_MQTT_URL")?;
    let login = url.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
    let (user, password) =
        login.and_then(|(login, _)| login.split_once(':')).context("no login")?;
    let mut publisher = Publisher::open(broker, user, password).await?;
    let mut spans = Vec::new();
    for number in 0..FLOOR {
        let topic = format!("tokkatot/bench-{}/down/command", number % 1000);
        // as long as a command's, and nothing that a node would do
        let payload = format!(
            r#"{{"command_id":"00000000-0000-4000-8000-{number:012}","device":"relay","action":"none","value":null,"duration_ms":null,"expires_at":1790000060000,"issued_at":1790000000000}}"#
        );
        let at = publisher.publish(&topic, &payload).await?;
        let reached = board.reached(PATIENCE).await.context("nothing was heard")?;
        spans.push(reached.at.saturating_duration_since(at));
        tokio::time::sleep(Duration::from_secs(1) / RATE / 4).await;
    }
    Ok(Measured::new(Duration::ZERO, spans))
}

/// What a commit alone takes.
async fn bare_inserts(trial: &Trial, hand: &Hand) -> Result<Measured> {
    let owner = trial.setting("TOKKATOT_OWNER_DATABASE_URL")?;
    let owner = Database::new(&DatabaseSettings::new(owner, 1)).await?;
    let mut connection = owner.get().await?;
    let mut spans = Vec::new();
    for _ in 0..FLOOR {
        let event = NewEvent {
            farm: Some(hand.scope.farm()),
            ..NewEvent::new(EventKind::CommandRequested, hand.clock.now())
        };
        let began = Instant::now();
        events::record(&mut connection, &event).await?;
        spans.push(began.elapsed());
        tokio::time::sleep(Duration::from_secs(1) / RATE / 4).await;
    }
    Ok(Measured::new(Duration::ZERO, spans))
}
