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

pub(crate) struct Broker {
    folder: Folder,
    port: u16,
    child: Option<Child>,
    sync: Option<AbortHandle>,
}

impl Broker {
    /// The files are there and empty; nobody runs.
    pub(crate) fn planned() -> Self {
        let folder = Folder::new();
        let port = free_port().unwrap();
        let path = folder.0.display();
        // started as root Mosquitto would become another account, which may not read our files
        let configuration = format!(
            "user root\nlistener {port} 127.0.0.1\nallow_anonymous false\n\
             password_file {path}/passwords\nacl_file {path}/acl\npid_file {path}/pid\n\
             set_tcp_nodelay true\nsys_interval 1\n"
        );
        fs::write(folder.0.join("conf"), configuration).unwrap();
        fs::write(folder.0.join("passwords"), "").unwrap();
        fs::write(folder.0.join("acl"), "").unwrap();
        Self { folder, port, child: None, sync: None }
    }

    /// It runs, and its files are kept as `database` has them.
    pub(crate) async fn kept_for(database: &TestDatabase) -> Self {
        let mut broker = Self::planned();
        broker.keep_files(database);
        broker.start();
        drop(broker.server_account().await);
        broker
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
