//! A player's way to the broker: connects, publishes, listens, and comes back after every break.
mod session;
mod wire;

pub use wire::Broker;
pub(crate) use wire::Wire;

use crate::player::Player;
use anyhow::Result;
use domain::Timestamp;
use session::Session;
use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// Between two attempts to connect: at first, and at most.
const BACK_OFF_FIRST: Duration = Duration::from_secs(1);
const BACK_OFF_MOST: Duration = Duration::from_secs(30);

/// The true time: what it was once, and the monotonic clock since.
#[derive(Debug, Clone, Copy)]
pub struct TrueTime {
    began: Timestamp,
    at: Instant,
}

impl TrueTime {
    /// A clock that says `now` at this moment.
    pub fn starting(now: Timestamp) -> Self {
        Self { began: now, at: Instant::now() }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.began.plus(self.at.elapsed())
    }

    /// The monotonic instant of a time; at once if it is over.
    fn instant(&self, time: Timestamp) -> tokio::time::Instant {
        (self.at + time.since(self.began).min(Duration::from_hours(1_000_000))).into()
    }
}

/// What all links of a fleet have done together.
#[derive(Debug, Default)]
pub struct Tally {
    /// Nodes that are connected now.
    pub connected: AtomicUsize,
    /// Messages published.
    pub published: AtomicU64,
    /// Messages heard.
    pub heard: AtomicU64,
}

/// Plays until `stop`, through every break of the link. `password` is the node's at the broker.
pub async fn play(
    mut player: Player,
    broker: &Broker,
    password: &str,
    time: TrueTime,
    tally: &Tally,
    stop: CancellationToken,
) {
    let mut back_off = BACK_OFF_FIRST;
    loop {
        let name = player.node().name().clone();
        let opened = tokio::select! {
            opened = Session::open(broker, &name, password) => opened,
            () = stop.cancelled() => return,
        };
        let ended = match opened {
            Ok(session) => {
                back_off = BACK_OFF_FIRST;
                tally.connected.fetch_add(1, Ordering::Relaxed);
                let ended = talk(&mut player, session, time, tally, &stop).await;
                tally.connected.fetch_sub(1, Ordering::Relaxed);
                ended
            }
            Err(error) => Err(error),
        };
        match ended {
            Ok(()) if stop.is_cancelled() => return,
            Ok(()) => tracing::debug!(node = %name, "The link was cut on purpose."),
            Err(error) => {
                tracing::warn!(node = %name, error = format!("{error:#}"), "The link is down.");
            }
        }
        let until = time.now().plus(player.pause(back_off));
        back_off = (back_off * 2).min(BACK_OFF_MOST);
        // the house lives on and the sensors measure on
        while time.now() < until {
            tokio::select! {
                () = tokio::time::sleep_until(time.instant(until.min(player.due()))) => {}
                () = stop.cancelled() => return,
            }
            player.tick(time.now());
            player.take_cut();
        }
    }
}

/// One session from its beginning to its end: `Ok` when it was ended on purpose.
async fn talk(
    player: &mut Player,
    mut session: Session,
    time: TrueTime,
    tally: &Tally,
    stop: &CancellationToken,
) -> Result<()> {
    player.connected(time.now());
    let ended = loop {
        player.tick(time.now());
        if let Err(error) = speak(player, &mut session, tally).await {
            break Err(error);
        }
        if player.take_cut() {
            break Ok(());
        }
        // what was sent just now may be due to be sent again
        player.tick(time.now());
        let wake = time.instant(player.due()).min(session.check_up().into());
        tokio::select! {
            incoming = session.incoming() => match incoming {
                Ok(message) => {
                    tally.heard.fetch_add(1, Ordering::Relaxed);
                    player.received(&message.topic, &message.payload, time.now());
                }
                Err(error) => break Err(error),
            },
            () = tokio::time::sleep_until(wake) => {}
            () = stop.cancelled() => return session.close().await,
        }
        if let Err(error) = session.check_alive() {
            break Err(error);
        }
    };
    player.disconnected(session.into_unconfirmed(), time.now());
    ended
}

async fn speak(player: &mut Player, session: &mut Session, tally: &Tally) -> Result<()> {
    while let Some(message) = player.next_message() {
        session.publish(message)?;
        tally.published.fetch_add(1, Ordering::Relaxed);
    }
    session.flush().await
}
