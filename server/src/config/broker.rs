//! The MQTT broker, and its files where it runs on this host.
use super::{Problem, Problems, Secret, given, parse};
use crate::options::Options;
use std::path::PathBuf;

/// The server's own MQTT user name; the access-control file gives it all of `tokkatot/`.
pub const SERVER_ACCOUNT: &str = "tokkatot-server";

/// How to reach the broker.
#[derive(Debug, Clone)]
pub struct BrokerSettings {
    /// Name or address of its host.
    pub host: String,
    /// Its port, 1883 unless the URL has another.
    pub port: u16,
    /// The server's user name there.
    pub username: String,
    /// The server's password there.
    pub password: Secret,
    /// `None` for a broker on another host, whose files somebody else writes.
    pub files: Option<BrokerFiles>,
}

/// What Mosquitto reads at its start and again on SIGHUP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerFiles {
    /// `password_file`.
    pub passwords: PathBuf,
    /// `acl_file`.
    pub acl: PathBuf,
    /// `pid_file`, written by Mosquitto itself.
    pub pid: PathBuf,
}

pub(super) fn read(options: &Options, problems: &mut Problems) -> Option<BrokerSettings> {
    let files = files(options, problems);
    let Some(text) = given(&options.mqtt_url) else {
        if files.is_some() {
            problems.add(Problem::new(
                "TOKKATOT_MQTT_URL",
                "the broker's files are given, but not how to reach the broker",
                format!("set it, as mqtt://{SERVER_ACCOUNT}:PASSWORD@127.0.0.1:1883"),
            ));
        }
        return None;
    };
    let settings = problems.keep(connection(text))?;
    if files.is_some() && settings.username != SERVER_ACCOUNT {
        problems.add(Problem::new(
            "TOKKATOT_MQTT_URL",
            format!("the files that this server writes know it as {SERVER_ACCOUNT}"),
            format!("write mqtt://{SERVER_ACCOUNT}:PASSWORD@HOST:PORT"),
        ));
    }
    Some(BrokerSettings { files, ..settings })
}

fn connection(text: &str) -> Result<BrokerSettings, Problem> {
    let variable = "TOKKATOT_MQTT_URL";
    let url = parse::url(variable, text, &["mqtt"])?;
    let decoded = |part: &str| {
        percent_encoding::percent_decode_str(part).decode_utf8().map(|part| part.into_owned())
    };
    let refused = |fault: &str| {
        let mending = format!("write it as mqtt://{SERVER_ACCOUNT}:PASSWORD@HOST:PORT");
        Problem::new(variable, fault, mending)
    };
    let username = decoded(url.username()).map_err(|_| refused("the user name is not text"))?;
    let password = decoded(url.password().unwrap_or_default())
        .map_err(|_| refused("the password is not text"))?;
    if username.is_empty() || password.is_empty() {
        return Err(refused("the user name or the password is missing"));
    }
    Ok(BrokerSettings {
        host: url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned(),
        port: url.port().unwrap_or(1883),
        username,
        password: Secret::new(password),
        files: None,
    })
}

/// All three or none: passwords without access control would let every node read every topic.
fn files(options: &Options, problems: &mut Problems) -> Option<BrokerFiles> {
    let settings = [
        ("TOKKATOT_MQTT_PASSWORD_FILE", given(&options.mqtt_password_file)),
        ("TOKKATOT_MQTT_ACL_FILE", given(&options.mqtt_acl_file)),
        ("TOKKATOT_MQTT_PID_FILE", given(&options.mqtt_pid_file)),
    ];
    if let [(_, Some(passwords)), (_, Some(acl)), (_, Some(pid))] = settings {
        return Some(BrokerFiles { passwords: passwords.into(), acl: acl.into(), pid: pid.into() });
    }
    let (given, missing): (Vec<_>, Vec<_>) =
        settings.into_iter().partition(|(_, file)| file.is_some());
    if let Some((present, _)) = given.first() {
        for (variable, _) in missing {
            problems.add(Problem::new(
                variable,
                format!("it is not set although {present} is"),
                "set all three files of a broker on this host, or none for one on another host",
            ));
        }
    }
    None
}
