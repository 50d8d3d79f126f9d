//! A Mosquitto per test, on a port of its own, with passwords and access control as the server
//! writes them.
#![expect(clippy::expect_used, clippy::panic, reason = "a test without its broker is over")]

use installation::free_port;
use std::{
    fs,
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Debian keeps it out of the path of ordinary users.
const MOSQUITTO: &str = "/usr/sbin/mosquitto";
/// The server's own account.
const SERVER: &str = "tokkatot-server";
const SERVER_PASSWORD: &str = "server-password";
const PATIENCE: Duration = Duration::from_secs(10);

/// A broker of one's own. Dropping it kills it and removes its files.
#[derive(Debug)]
pub struct TestBroker {
    port: u16,
    folder: PathBuf,
    process: Option<Child>,
}

/// Starts a broker for one test.
///
/// # Panics
/// If Mosquitto is not installed or does not start.
pub fn broker() -> TestBroker {
    broker_with("")
}

/// Starts a broker with more lines of configuration.
///
/// # Panics
/// As [`broker`].
pub fn broker_with(more: &str) -> TestBroker {
    let port = free_port().expect("there is a free port");
    let folder =
        std::env::temp_dir().join(format!("tokkatot-broker-{port}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the temporary folder can be written to");
    let shown = folder.display();
    let configuration = format!(
        "user root\nlistener {port} 127.0.0.1\nallow_anonymous false\n\
         password_file {shown}/passwords\nacl_file {shown}/acl\n\
         persistence true\npersistence_location {shown}/\nautosave_interval 1\n\
         set_tcp_nodelay true\nmax_queued_messages 0\nmax_queued_bytes 268435456\n\
         max_inflight_messages 1000\nmax_packet_size 131072\nlog_dest file {shown}/log\n{more}\n"
    );
    let acl = format!(
        "user {SERVER}\ntopic readwrite tokkatot/#\n\n\
         pattern write tokkatot/%u/up/#\npattern read tokkatot/%u/down/#\n"
    );
    for (name, content) in [("mosquitto.conf", &configuration), ("acl", &acl)] {
        fs::write(folder.join(name), content).expect("the folder can be written to");
    }
    fs::write(folder.join("passwords"), "").expect("the folder can be written to");
    let mut broker = TestBroker { port, folder, process: None };
    broker.write_password(SERVER, SERVER_PASSWORD);
    broker.start();
    broker
}

impl TestBroker {
    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's user name and password.
    pub fn server_account(&self) -> (String, String) {
        (SERVER.to_owned(), SERVER_PASSWORD.to_owned())
    }

    /// Lets a node in.
    ///
    /// # Panics
    /// If the password file can not be written.
    pub fn add_node(&self, name: &str, password: &str) {
        self.write_password(name, password);
        self.signal("HUP");
        // Mosquitto reads its files again in its own time and says nothing
        std::thread::sleep(Duration::from_millis(150));
    }

    /// Starts it again after it was stopped or killed.
    ///
    /// # Panics
    /// If it does not answer within ten seconds.
    pub fn start(&mut self) {
        let process = Command::new(MOSQUITTO)
            .arg("-c")
            .arg(self.folder.join("mosquitto.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mosquitto is installed");
        self.process = Some(process);
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(began.elapsed() < PATIENCE, "mosquitto does not answer on port {}", self.port);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it in order: it saves what it holds.
    pub fn stop(&mut self) {
        self.signal("TERM");
        self.reap();
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.signal("KILL");
        self.reap();
    }

    /// Freezes or thaws it.
    pub fn freeze(&self, frozen: bool) {
        self.signal(if frozen { "STOP" } else { "CONT" });
    }

    fn reap(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.wait());
        }
    }

    fn signal(&self, name: &str) {
        let Some(process) = &self.process else { return };
        let sent =
            Command::new("kill").args([format!("-{name}"), process.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "mosquitto takes no signal");
    }

    fn write_password(&self, name: &str, password: &str) {
        let written = Command::new("mosquitto_passwd")
            .arg("-b")
            .arg(self.folder.join("passwords"))
            .args([name, password])
            .output()
            .unwrap_or_else(|error| panic!("mosquitto_passwd: {error}"));
        assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    }
}

impl Drop for TestBroker {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.kill());
            drop(process.wait());
        }
        drop(fs::remove_dir_all(&self.folder));
    }
}
