//! Redis, the web files and the ports.
use super::Finding;
use crate::config::Settings;
use std::{net::SocketAddr, path::Path, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn redis(settings: &Settings) -> Option<Finding> {
    let url = settings.redis_url.as_ref()?;
    let answer = timeout(PATIENCE, store::health::redis(url.expose())).await;
    Some(match answer.unwrap_or_else(|_| Err("no answer within 2 s".to_owned())) {
        Ok(()) => Finding::well("redis", "answers"),
        Err(error) => Finding::wrong(
            "redis",
            error,
            "start Redis, correct TOKKATOT_REDIS_URL, or leave it out to do without",
        ),
    })
}

/// What `cargo xtask web` leaves there.
pub(super) fn site(settings: &Settings) -> Finding {
    let folder = &settings.web.site_dir;
    let shown = folder.display();
    match missing_file(folder) {
        None => Finding::well("web files", format!("{shown} is complete")),
        Some(file) => Finding::wrong(
            "web files",
            format!("{file} is missing in {shown}"),
            "build them with `make web`, or correct TOKKATOT_SITE_DIR",
        ),
    }
}

/// The first file that the list of files names and that is not there.
fn missing_file(folder: &Path) -> Option<String> {
    let list = "files.json";
    let Ok(text) = std::fs::read_to_string(folder.join(list)) else { return Some(list.to_owned()) };
    let Ok(serde_json::Value::Object(files)) = serde_json::from_str(&text) else {
        return Some(format!("a readable {list}"));
    };
    let names = files.values().filter_map(serde_json::Value::as_str);
    let absent = |name: &&str| !folder.join(name.trim_start_matches('/')).is_file();
    names.into_iter().find(absent).map(str::to_owned)
}

pub(super) async fn ports(settings: &Settings) -> [Finding; 2] {
    let web = &settings.web;
    [
        port("HTTP port", "TOKKATOT_HTTP_ADDR", web.http_addr).await,
        port("admin port", "TOKKATOT_ADMIN_ADDR", web.admin_addr).await,
    ]
}

async fn port(what: &str, variable: &str, address: SocketAddr) -> Finding {
    if TcpListener::bind(address).await.is_ok() {
        return Finding::well(what, format!("{address} is free"));
    }
    match timeout(PATIENCE, is_ours(address)).await {
        Ok(Ok(true)) => Finding::well(what, format!("{address} is served by a tokkatot")),
        _ => Finding::wrong(
            what,
            format!("{address} cannot be listened on, and no tokkatot answers there"),
            format!("end the other program there, or change {variable}"),
        ),
    }
}

/// Our `/healthz` answers with these words.
async fn is_ours(address: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(crate::config::shown_address(address)).await?;
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer).await?;
    Ok(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"))
}
