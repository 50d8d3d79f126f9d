//! The built `tokkatot`, with settings of its own and nothing of the test's environment.
use super::{Broker, Folder};
use installation::free_ports;
use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use testkit::{DatabaseRole, TestDatabase};

/// How the binary is set up.
#[derive(Clone, Default)]
pub(crate) struct Binary(BTreeMap<String, String>);

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Binary {
    /// Set up for `database`, with ports of its own and no broker.
    pub(crate) fn for_database(database: &TestDatabase) -> Self {
        Self::default()
            .with("TOKKATOT_DATABASE_URL", database.url(DatabaseRole::App))
            .with("TOKKATOT_WORKER_DATABASE_URL", database.url(DatabaseRole::Worker))
            .with("TOKKATOT_OWNER_DATABASE_URL", database.url(DatabaseRole::Owner))
            .with_free_ports()
    }

    fn with_free_ports(self) -> Self {
        let [http, admin] = free_ports().unwrap().map(|port| format!("127.0.0.1:{port}"));
        self.with("TOKKATOT_HTTP_ADDR", http).with("TOKKATOT_ADMIN_ADDR", admin)
    }

    /// With `broker`, and its files to keep.
    pub(crate) fn and_broker(self, broker: &Broker) -> Self {
        self.with("TOKKATOT_MQTT_URL", broker.url())
            .with("TOKKATOT_MQTT_PASSWORD_FILE", broker.file("passwords"))
            .with("TOKKATOT_MQTT_ACL_FILE", broker.file("acl"))
            .with("TOKKATOT_MQTT_PID_FILE", broker.file("pid"))
    }

    /// With the web files of `site`.
    pub(crate) fn and_site(self, site: &Folder) -> Self {
        self.with("TOKKATOT_SITE_DIR", site.0.to_str().unwrap())
    }

    pub(crate) fn with(mut self, variable: &str, value: impl Into<String>) -> Self {
        self.0.insert(variable.to_owned(), value.into());
        self
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tokkatot"));
        command.args(arguments).env_clear().envs(&self.0).stdin(Stdio::null());
        command
    }

    /// Runs one command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What a command that must succeed printed.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{said:?}");
        serde_json::from_str(&said.out).unwrap()
    }

    /// Starts `serve` and waits until it answers. A port that was free a moment ago may be taken by
    /// another test: then others are tried.
    pub(crate) async fn serve(&self, arguments: &[&str]) -> Server {
        let mut binary = self.clone();
        loop {
            match binary.try_to_serve(arguments).await {
                Ok(server) => return server,
                Err(said) if said.contains("cannot be listened on") => {
                    binary = binary.with_free_ports();
                }
                Err(said) => panic!("the server does not start: {said}"),
            }
        }
    }

    async fn try_to_serve(&self, arguments: &[&str]) -> Result<Server, String> {
        let arguments = [&["serve"], arguments].concat();
        let child = self.command(&arguments).stderr(Stdio::piped()).spawn().unwrap();
        let address = |variable: &str| self.0[variable].parse().unwrap();
        let mut server = Server {
            child,
            http: address("TOKKATOT_HTTP_ADDR"),
            admin: address("TOKKATOT_ADMIN_ADDR"),
        };
        let (mut ended, http) = (false, server.http);
        wait_until("the server answers", || {
            ended = server.child.try_wait().unwrap().is_some();
            ended || TcpStream::connect(http).is_ok()
        })
        .await;
        if !ended {
            return Ok(server);
        }
        let mut said = String::new();
        server.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        Err(said)
    }
}

/// A running server; killed with its test.
pub(crate) struct Server {
    child: Child,
    pub(crate) http: SocketAddr,
    pub(crate) admin: SocketAddr,
}

impl Server {
    /// SIGTERM.
    pub(crate) async fn hears_the_broker(&self) {
        wait_until("the server hears the broker", || {
            let said: serde_json::Value =
                serde_json::from_str(&get(self.admin, "/readyz").1).unwrap();
            said["dependencies"]["broker"]["status"] == "up"
        })
        .await;
    }

    pub(crate) fn ask_to_stop(&self) {
        let status = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
    }

    /// Waits for its end; its exit code and all it logged.
    pub(crate) async fn ended(mut self, patience: Duration) -> (i32, String) {
        let began = Instant::now();
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.code().unwrap();
            }
            assert!(began.elapsed() < patience, "the server has not ended");
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (code, log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// One plain GET: the status and the body.
pub(crate) fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Looks every 10 ms, for ten seconds at most.
pub(crate) async fn wait_until(what: &str, mut look: impl FnMut() -> bool) {
    let began = Instant::now();
    while !look() {
        assert!(began.elapsed() < Duration::from_secs(10), "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
