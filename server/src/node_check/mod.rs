//! `tokkatot node check`: plays the server's part towards one node and judges what the node does by the
//! rules of docs/devices.md. It neither reads nor writes the database.
//!
//! The steps go from what everything else needs (a connection, commands) to what disturbs most (a
//! restart). A rule that can not be seen while another one is broken is not tried, so that a fault shows
//! under its own name.
mod commands;
mod configuration;
mod greeting;
mod heard;
mod passing;
mod replay;
mod report;
mod restart;
mod rules;
mod say;
mod stage;

pub use report::{Finding, Outcome, Report};
pub use rules::Rule;

use anyhow::Result;
use domain::{Channel, NodeName};
use simulator::link::TrueTime;
use stage::Stage;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use worker::{BrokerAccess, NodeLink};

/// What the tester says about the node, and how long it may take.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its name.
    pub node: NodeName,
    /// Its switches; the first one is switched. Empty: those that it tells of itself.
    pub switches: Vec<Channel>,
    /// Whether it has none.
    pub has_no_switches: bool,
    /// Whether it measures nothing.
    pub has_no_sensors: bool,
    /// From one message of readings to the next, at most.
    pub readings: Duration,
    /// From one heartbeat to the next.
    pub heartbeat: Duration,
    /// For a command's result, and for whatever else is answered.
    pub patience: Duration,
    /// Until it is connected again.
    pub reconnect: Duration,
    /// How long a timed on lasts.
    pub timed: Duration,
    /// Messages that it keeps while nobody acknowledges them.
    pub ring: Option<usize>,
    /// How its power is cut.
    pub power: Power,
}

/// How the node's power is cut and given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Power {
    /// Not at all.
    Stays,
    /// The tester does it when asked to.
    ByHand,
    /// A command for the shell does it.
    By(String),
}

impl Options {
    /// Whether it numbers nothing, since it has nothing to tell.
    fn is_mute(&self) -> bool {
        self.has_no_switches && self.has_no_sensors
    }
}

/// Tells the tester what is going on.
pub type Progress = Arc<dyn Fn(&str) + Send + Sync>;

/// Checks a node that is connected to the broker, until `stop`. However that ends, the node is left switched
/// off and with the right time, as far as it can be reached.
///
/// # Errors
/// The check could not be made: no way to the broker, no such node there, a server that answers the
/// node meanwhile, or `stop`.
pub async fn run(
    access: BrokerAccess,
    options: Options,
    time: TrueTime,
    progress: Progress,
    stop: CancellationToken,
) -> Result<Report> {
    let link = NodeLink::open(access.clone(), options.node.clone()).await?;
    let mut stage = Stage::new(link, options, time, progress);
    let mut report = Report::new(stage.options.node.clone());
    let ended = tokio::select! {
        ended = steps(&mut stage, &mut report) => ended,
        () = stop.cancelled() => Err(Stopped.into()),
    };
    match ended {
        Ok(true) => {
            stage.leave().await?;
            passing::judge(&stage, &mut report);
        }
        Ok(false) => report.not_tried(Rule::ALL, Rule::Reconnect),
        Err(error) => {
            stage.abandon(access).await;
            return Err(error);
        }
    }
    Ok(report.in_order())
}

/// The check was told to stop.
#[derive(Debug, thiserror::Error)]
#[error("the check was stopped before its end")]
pub struct Stopped;

/// All that is tried, one after the other; whether the node was there for it.
async fn steps(stage: &mut Stage, report: &mut Report) -> Result<bool> {
    if !greeting::check(stage, report).await? {
        return Ok(false);
    }
    commands::check(stage, report).await?;
    configuration::check(stage, report).await?;
    replay::check(stage, report).await?;
    passing::await_signs(stage).await?;
    stage.restart_at = Some(stage.mark());
    restart::check(stage, report).await?;
    Ok(true)
}
