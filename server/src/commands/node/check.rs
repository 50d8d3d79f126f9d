//! `tokkatot node check`: what a tester can say, and the report.
use crate::{
    commands::{
        answer,
        simulate::{own_time, stop_on_signal},
        user::password,
    },
    config::{Need, Settings, Span},
    node_check::{self, Options, Power, Progress},
};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use domain::{Channel, NodeName};
use simulator::link::TrueTime;
use std::{
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
    str::FromStr,
    sync::Arc,
};
use worker::BrokerAccess;

/// The node to try out. It is switched on and off, its clock is set wrong for a moment and its connection
/// cut: choose one that moves nothing dangerous, and that no farm has claimed, or stop the server.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Its name, which is its MQTT user name and its client id
    #[arg(long, env = "TOKKATOT_NODE_NAME")]
    pub name: NodeName,
    /// Another broker than the installation's, such as one on the desk
    #[arg(long, env = "TOKKATOT_CHECK_BROKER", value_name = "HOST:PORT")]
    pub broker: Option<Address>,
    /// Who we are on that broker; it must let us read and write all the node's topics [default: nobody]
    #[arg(long, env = "TOKKATOT_CHECK_USER", requires = "broker", requires = "password_stdin")]
    pub user: Option<String>,
    /// Read that user's password from standard input
    #[arg(long, env = "TOKKATOT_CHECK_PASSWORD_STDIN", requires = "user")]
    pub password_stdin: bool,
    /// A switch of the node; can be given several times, the first one is switched [default: what the node tells]
    #[arg(
        long = "switch",
        env = "TOKKATOT_CHECK_SWITCHES",
        value_name = "DEVICE",
        value_delimiter = ','
    )]
    pub switches: Vec<Channel>,
    /// The node has no switches
    #[arg(long, env = "TOKKATOT_CHECK_NO_SWITCHES", conflicts_with = "switches")]
    pub no_switches: bool,
    /// The node measures nothing
    #[arg(long, env = "TOKKATOT_CHECK_NO_SENSORS")]
    pub no_sensors: bool,
    /// From one of its messages of readings to the next, at most
    #[arg(long, env = "TOKKATOT_CHECK_READINGS", value_name = "DURATION", default_value = "60s")]
    pub readings: Span,
    /// From one of its heartbeats to the next
    #[arg(long, env = "TOKKATOT_CHECK_HEARTBEAT", value_name = "DURATION", default_value = "30s")]
    pub heartbeat: Span,
    /// How long it may take to answer
    #[arg(long, env = "TOKKATOT_CHECK_PATIENCE", value_name = "DURATION", default_value = "10s")]
    pub patience: Span,
    /// How long it may take to be connected again
    #[arg(long, env = "TOKKATOT_CHECK_RECONNECT", value_name = "DURATION", default_value = "60s")]
    pub reconnect: Span,
    /// How long its switch is on where that is to end by itself
    #[arg(long, env = "TOKKATOT_CHECK_TIMED", value_name = "DURATION", default_value = "3s")]
    pub timed: Span,
    /// Messages it can keep while nobody acknowledges them; without it that is not tried
    #[arg(long, env = "TOKKATOT_CHECK_RING", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(3..=1_000_000))]
    pub ring: Option<u32>,
    /// A shell command that cuts its power and gives it back [default: you are asked to]
    #[arg(long, env = "TOKKATOT_CHECK_RESTART_WITH", value_name = "COMMAND")]
    pub restart_with: Option<String>,
    /// Leave the power cut out
    #[arg(long, env = "TOKKATOT_CHECK_NO_RESTART", conflicts_with = "restart_with")]
    pub no_restart: bool,
    /// Print the report as JSON
    #[arg(long, env = "TOKKATOT_CHECK_JSON")]
    pub json: bool,
}

impl Arguments {
    pub(super) fn needs(&self) -> Vec<Need> {
        if self.broker.is_some() { Vec::new() } else { vec![Need::Broker] }
    }

    fn access(&self, settings: &Settings) -> Result<BrokerAccess> {
        if let Some(Address { host, port }) = &self.broker {
            let user = self.user.clone();
            let login = user.map(|user| Ok::<_, anyhow::Error>((user, password::from_stdin()?)));
            return Ok(BrokerAccess { host: host.clone(), port: *port, login: login.transpose()? });
        }
        let broker = settings.broker.as_ref().context("TOKKATOT_MQTT_URL is not set")?;
        let login = (broker.username.clone(), broker.password.expose().to_owned());
        Ok(BrokerAccess { host: broker.host.clone(), port: broker.port, login: Some(login) })
    }

    fn options(self) -> Result<Options> {
        let power = match (self.restart_with, self.no_restart) {
            (Some(command), _) => Power::By(command),
            (None, true) => Power::Stays,
            (None, false) if io::stderr().is_terminal() => Power::ByHand,
            (None, false) => bail!(
                "there is no terminal to ask for a power cut at; use --restart-with or --no-restart"
            ),
        };
        Ok(Options {
            node: self.name,
            switches: self.switches,
            has_no_switches: self.no_switches,
            has_no_sensors: self.no_sensors,
            readings: self.readings.0,
            heartbeat: self.heartbeat.0,
            patience: self.patience.0,
            reconnect: self.reconnect.0,
            timed: self.timed.0,
            ring: self.ring.map(usize::try_from).transpose()?,
            power,
        })
    }
}

pub(super) async fn run(arguments: Arguments, settings: &Settings) -> Result<ExitCode> {
    let (access, is_json) = (arguments.access(settings)?, arguments.json);
    let options = arguments.options()?;
    let progress: Progress = Arc::new(|text| drop(writeln!(io::stderr(), "… {text}")));
    let time = TrueTime::starting(own_time());
    let report =
        Box::pin(node_check::run(access, options, time, progress, stop_on_signal()?)).await?;
    match is_json {
        true => answer(&report.json().to_string())?,
        false => answer(report.text().trim_end())?,
    }
    Ok(if report.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A host and its port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("{text:?} is not a broker such as 192.168.1.5:1883");
        let (host, port) = text.rsplit_once(':').ok_or_else(refused)?;
        let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(refused)?;
        let host = host.trim_matches(['[', ']']).to_owned();
        if host.is_empty() { Err(refused()) } else { Ok(Self { host, port }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_is_a_host_with_a_port() {
        let address = |host: &str, port| Ok(Address { host: host.to_owned(), port });
        assert_eq!("desk.local:1883".parse(), address("desk.local", 1883));
        assert_eq!("[::1]:1883".parse(), address("::1", 1883));
        for bad in ["", "desk", ":1883", "desk:", "desk:x", "desk:0", "desk:70000"] {
            assert!(bad.parse::<Address>().is_err(), "{bad:?}");
        }
    }
}
