//! The MQTT broker: whether it lets the server in, and whether its files can be kept.
use super::Finding;
use crate::{
    broker::{Syncer, running_broker},
    config::{BrokerFiles, BrokerSettings, Settings},
};
use std::time::Duration;
use tokio::time::timeout;
use worker::MqttSettings;

const PATIENCE: Duration = Duration::from_secs(3);

pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let Some(broker) = &settings.broker else {
        return vec![Finding::wrong(
            "broker",
            "it is not set",
            "set TOKKATOT_MQTT_URL; see --help",
        )];
    };
    let mut findings = vec![account(broker).await];
    if let Some(files) = &broker.files {
        findings.extend([writable(files), process(files)]);
    }
    findings
}

async fn account(broker: &BrokerSettings) -> Finding {
    let address = format!("{}:{}", broker.host, broker.port);
    let answer = timeout(PATIENCE, worker::probe(&account_of(broker))).await;
    match answer.unwrap_or_else(|_| Err("no answer within 3 s".to_owned())) {
        Ok(()) => Finding::well("broker", format!("{address} lets {} in", broker.username)),
        Err(error) if error.contains("BadUserNamePassword") || error.contains("NotAuthorized") => {
            Finding::wrong(
                "broker",
                format!("{address} does not let {} in", broker.username),
                "start the server once, which writes the password file; on another host, set the password there",
            )
        }
        Err(error) => Finding::wrong(
            "broker",
            format!("{address}: {error}"),
            "start Mosquitto, or correct TOKKATOT_MQTT_URL",
        ),
    }
}

fn account_of(broker: &BrokerSettings) -> MqttSettings {
    let password = broker.password.expose().to_owned();
    MqttSettings::new(broker.host.clone(), broker.port, broker.username.clone(), password)
}

fn writable(files: &BrokerFiles) -> Finding {
    match Syncer::probe(files) {
        Ok(()) => Finding::well("broker's files", "can be written"),
        Err(error) => Finding::wrong(
            "broker's files",
            error.to_string(),
            "give their folder to the account that runs the server and the broker",
        ),
    }
}

fn process(files: &BrokerFiles) -> Finding {
    match running_broker(&files.pid) {
        Ok(pid) => {
            Finding::well("broker's process", format!("{} is Mosquitto", pid.as_raw_nonzero()))
        }
        Err(error) => Finding::wrong(
            "broker's process",
            error.to_string(),
            "start Mosquitto with pid_file set to TOKKATOT_MQTT_PID_FILE, on this host",
        ),
    }
}
