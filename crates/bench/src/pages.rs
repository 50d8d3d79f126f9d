//! How fast Home is rendered, against a bare handler that returns the same bytes.
use crate::usage::Meter;
use anyhow::{Context as _, Result, ensure};
use axum::{Router, http::header, routing::get};
use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
};

/// Connections that ask at once.
const CONNECTIONS: usize = 8;

/// Answers a second of elapsed time, and a second of the server's CPU.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Answers a second.
    pub per_second: f64,
    /// Answers a CPU-second of the process that serves.
    pub per_cpu_second: f64,
}

impl Rate {
    /// So many answers in so much time and CPU.
    pub fn of(count: u32, elapsed: Duration, cpu: Duration) -> Self {
        Self {
            per_second: f64::from(count) / elapsed.as_secs_f64(),
            per_cpu_second: f64::from(count) / cpu.as_secs_f64().max(0.01),
        }
    }
}

/// Asks `path` over and over for `span`, with the headers given, from `CONNECTIONS` kept-alive
/// connections; `pid` is the process that answers.
pub async fn ask(port: u16, path: &str, headers: &str, pid: u32, span: Duration) -> Result<Rate> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n");
    let meter = Meter::of(pid)?;
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let request = request.clone();
        tasks.spawn(async move {
            let mut connection = Connection::open(port).await?;
            let mut count = 0_u32;
            while began.elapsed() < span {
                connection.get(&request).await?;
                count += 1;
            }
            anyhow::Ok(count)
        });
    }
    let mut count = 0;
    while let Some(done) = tasks.join_next().await {
        count += done??;
    }
    Ok(Rate::of(count, began.elapsed(), meter.used()?))
}

/// One answer's body, uncompressed.
pub async fn body(port: u16, path: &str, headers: &str) -> Result<Vec<u8>> {
    Connection::open(port).await?.page(path, headers).await
}

/// Serves `page` as it is, for ever; run as a process of its own so that its CPU can be told apart.
pub async fn serve_bare(port: u16, page: Vec<u8>) -> Result<()> {
    let page = bytes::Bytes::from(page);
    let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let router = Router::new().route("/", get(move || async move { (html, page) }));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

/// Signs in with the page's own form, from an address of this machine's, and returns the `Cookie` header line of
/// the session.
pub async fn sign_in((from, port): (Ipv4Addr, u16), login: &str, password: &str) -> Result<String> {
    let form = format!("login={}&password={}", encoded(login), encoded(password));
    let length = form.len();
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
    );
    let (head, _) = Connection::open_from(from, port).await?.send(&request).await?;
    let cookie = head
        .lines()
        .filter_map(|line| line.strip_prefix("set-cookie: "))
        .find(|cookie| cookie.starts_with("session="))
        .and_then(|cookie| cookie.split(';').next())
        .with_context(|| format!("no session for {login}: {head}"))?;
    Ok(format!("Cookie: {cookie}\r\n"))
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A connection that is kept alive.
pub struct Connection {
    port: u16,
    socket: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Opens it.
    pub async fn open(port: u16) -> Result<Self> {
        Self::open_from(Ipv4Addr::LOCALHOST, port).await
    }

    /// Opens it from one of this machine's addresses, which are all of 127.0.0.0/8.
    async fn open_from(from: Ipv4Addr, port: u16) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let socket = socket.connect((Ipv4Addr::LOCALHOST, port).into()).await?;
        socket.set_nodelay(true)?;
        Ok(Self { port, socket, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Asks for a page with the headers given; it must be there.
    pub async fn page(&mut self, path: &str, headers: &str) -> Result<Vec<u8>> {
        let port = self.port;
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n");
        self.get(&request).await
    }

    /// Asks for a page, which must be there.
    async fn get(&mut self, request: &str) -> Result<Vec<u8>> {
        let (head, body) = self.send(request).await?;
        ensure!(head.starts_with("HTTP/1.1 200"), "not 200: {}", head.lines().next().unwrap_or(""));
        Ok(body)
    }

    /// Sends one request and reads its whole answer, which must say its length.
    async fn send(&mut self, request: &str) -> Result<(String, Vec<u8>)> {
        self.socket.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        let head_end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            ensure!(self.socket.read_buf(&mut self.buffer).await? > 0, "the server hung up");
        };
        let head = String::from_utf8_lossy(self.buffer.get(..head_end).unwrap_or_default());
        let head = head.into_owned();
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .context("an answer without a length")?
            .trim()
            .parse()?;
        while self.buffer.len() < head_end + length {
            ensure!(self.socket.read_buf(&mut self.buffer).await? > 0, "the answer is cut");
        }
        Ok((head, self.buffer.get(head_end..).unwrap_or_default().to_vec()))
    }
}
