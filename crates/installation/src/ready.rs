//! Whether a part answers, asked as its clients would.

use super::log::{self, last_lines};
use super::ports::local;
use super::{Installation, Interrupt, Part, Running, postgres};
use anyhow::{Result, bail};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

pub(super) fn wait_until_ready(
    installation: &Installation,
    part: Part,
    running: &mut [Running],
    interrupt: &Interrupt,
) -> Result<()> {
    let log = log::path(installation, part);
    let began = Instant::now();
    while !answers(installation, part) {
        interrupt.check()?;
        let ended = match running.iter_mut().find(|running| running.part == part) {
            Some(running) => running.ended()?,
            None => None,
        };
        if let Some(status) = ended {
            bail!("{part} ended at once ({status}):\n{}", last_lines(&log));
        }
        if began.elapsed() > Duration::from_secs(60) {
            bail!("{part} does not answer after a minute:\n{}", last_lines(&log));
        }
        interrupt.pause(Duration::from_millis(50));
    }
    Ok(())
}

fn answers(installation: &Installation, part: Part) -> bool {
    let ports = &installation.ports;
    match part {
        Part::Postgres => postgres::answers(installation),
        Part::Redis => {
            says(local(ports.redis), "PING\r\n", "-NOAUTH")
                || says(local(ports.redis), "PING\r\n", "+PONG")
        }
        Part::Mosquitto => TcpStream::connect(local(ports.mqtt)).is_ok(),
        Part::Server => says(
            ports.admin,
            "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200",
        ),
        Part::Simulator => true,
    }
}

/// Whether the answer to a question begins so.
fn says(address: SocketAddr, question: &str, wanted: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(question.as_bytes())?;
        let mut answer = vec![0; wanted.len()];
        stream.read_exact(&mut answer)?;
        Ok(answer == wanted.as_bytes())
    };
    ask().unwrap_or(false)
}
