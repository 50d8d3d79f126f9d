//! A private Mosquitto. Its password and ACL files are the server's: here they only begin to exist.

use super::Installation;
use super::folder::write_secret;
use anyhow::Result;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The largest MQTT packet: a payload of 64 KiB, the longest topic, and the headers. A payload between 64 KiB
/// and this is refused by the server, with a reason; a larger packet costs its sender the connection.
const MAX_PACKET: u32 = 65_536 + 512;

/// Writes its configuration.
pub(super) fn prepare(installation: &Installation) -> Result<()> {
    let folder = installation.folder.path("data/mosquitto");
    fs::create_dir_all(&folder)?;
    let account = installation.account.as_ref();
    if let Some(account) = account {
        account.own(&folder)?;
    }
    for name in ["passwords", "acl"] {
        if !folder.join(name).exists() {
            write_secret(&folder.join(name), "", account)?;
        }
    }
    let text = format!(
        "listener {port} {bind}\n\
         allow_anonymous false\n\
         password_file {folder}/passwords\n\
         acl_file {folder}/acl\n\
         persistence true\n\
         persistence_location {folder}/\n\
         autosave_interval 60\n\
         set_tcp_nodelay true\n\
         max_inflight_messages 1000\n\
         # Messages wait for the server without a limit of number, within one of memory.\n\
         max_queued_messages 0\n\
         max_queued_bytes 268435456\n\
         max_packet_size {MAX_PACKET}\n\
         log_dest stdout\n\
         log_timestamp_format %Y-%m-%dT%H:%M:%S\n\
         log_type error\n\
         log_type warning\n\
         log_type notice\n",
        port = installation.ports.mqtt,
        bind = installation.ports.mqtt_bind(),
        folder = folder.display(),
    );
    write_secret(&folder.join("mosquitto.conf"), &text, account)
}

/// The broker process.
pub(super) fn command(installation: &Installation) -> Result<Command> {
    let folder = installation.folder.path("data/mosquitto");
    let mut command = installation.command(Path::new("mosquitto"), &folder);
    command.arg("-c").arg(folder.join("mosquitto.conf"));
    Ok(command)
}
