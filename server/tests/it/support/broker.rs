//! A Mosquitto of one's own whose files the server keeps.
use super::Folder;
use installation::free_port;
use server::{
    broker::{self, Syncer},
    config::{BrokerFiles, BrokerSettings, SERVER_ACCOUNT, Secret},
};
use std::{
    fs,
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use store::DatabaseSettings;
use testkit::{DatabaseRole, TestDatabase};
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

/// The server's password on it.
pub(crate) const BROKER_PASSWORD: &str = "the-servers-own";

/// What stands for the folder in a configuration.
const FOLDER: &str = "/var/lib/tokkatot/broker";

pub(crate) struct Broker {
    folder: Folder,
    port: u16,
    child: Option<Child>,
    sync: Option<AbortHandle>,
}

impl Broker {
    /// The files are there and empty; nobody runs.
    pub(crate) fn planned() -> Self {
        let port = free_port().unwrap();
        let configuration = format!(
            "listener {port} 127.0.0.1\nallow_anonymous false\n\
             password_file {FOLDER}/passwords\nacl_file {FOLDER}/acl\n\
             set_tcp_nodelay true\nsys_interval 1\n"
        );
        Self::configured(port, &configuration)
    }

    /// As docs/operations.md says, with the port that nodes connect to.
    pub(crate) fn as_documented() -> (Self, u16) {
        let docs = include_str!("../../../../docs/operations.md");
        let lines = docs.split_once("```\nlistener ").unwrap().1.split_once("```").unwrap().0;
        let (port, nodes) = (free_port().unwrap(), free_port().unwrap());
        let configuration = format!("persistence_location {FOLDER}/\nlistener {lines}")
            .replace("listener 1883 127.0.0.1", &format!("listener {port} 127.0.0.1"))
            .replace("listener 1884", &format!("listener {nodes} 127.0.0.1"));
        (Self::configured(port, &configuration), nodes)
    }

    fn configured(port: u16, configuration: &str) -> Self {
        let folder = Folder::new();
        // started as root Mosquitto would become another account, which may not read our files
        let configuration = format!("user root\npid_file {FOLDER}/pid\n{configuration}")
            .replace(FOLDER, folder.0.to_str().unwrap());
        fs::write(folder.0.join("conf"), configuration).unwrap();
        fs::write(folder.0.join("passwords"), "").unwrap();
        fs::write(folder.0.join("acl"), "").unwrap();
        Self { folder, port, child: None, sync: None }
    }

    /// It runs, and its files are kept as `database` has them.
    pub(crate) async fn kept_for(database: &TestDatabase) -> Self {
        let mut broker = Self::planned();
        broker.run_for(database).await;
        broker
    }

    /// Starts it, and keeps its files as `database` has them.
    pub(crate) async fn run_for(&mut self, database: &TestDatabase) {
        self.keep_files(database);
        self.start();
        drop(self.server_account().await);
    }

    pub(crate) fn start(&mut self) {
        let child = Command::new("/usr/sbin/mosquitto")
            .arg("-c")
            .arg(self.folder.0.join("conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(10), "Mosquitto does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Runs the server's own task that keeps the files.
    pub(crate) fn keep_files(&mut self, database: &TestDatabase) {
        let syncer = Syncer::new(&self.settings()).unwrap();
        let pool = database.worker();
        let settings = DatabaseSettings::new(database.url(DatabaseRole::Worker), 2);
        let task = tokio::spawn(async move {
            broker::run(&syncer, &pool, &settings, CancellationToken::new()).await.unwrap();
        });
        self.sync = Some(task.abort_handle());
    }

    fn settings(&self) -> BrokerSettings {
        BrokerSettings {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            username: SERVER_ACCOUNT.to_owned(),
            password: Secret::new(BROKER_PASSWORD),
            files: Some(BrokerFiles {
                passwords: self.file("passwords").into(),
                acl: self.file("acl").into(),
                pid: self.file("pid").into(),
            }),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("mqtt://{SERVER_ACCOUNT}:{BROKER_PASSWORD}@127.0.0.1:{}", self.port)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(sync) = &self.sync {
            sync.abort();
        }
        if let Some(child) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}
