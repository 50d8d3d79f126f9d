//! A whole private installation: PostgreSQL, Redis, Mosquitto and the built server, each a real
//! process that can be killed. For tests of what must survive, and for benchmarks.
mod service;

pub use service::{Service, free_port, hand_over, unprivileged};

use anyhow::{Context as _, Result, ensure};
use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const POSTGRES: &str = "/usr/lib/postgresql/15/bin";
const BROKER_PASSWORD: &str = "private-installation";

/// Three services and a server, with their data in one temporary folder.
#[derive(Debug)]
pub struct Installation {
    /// The database.
    pub postgres: Service,
    /// The broker.
    pub mosquitto: Service,
    /// The cache.
    pub redis: Service,
    /// The built `tokkatot serve`.
    pub server: Service,
    /// Where MQTT clients connect.
    pub mqtt_port: u16,
    /// Where pages are served.
    pub http_port: u16,
    /// Where metrics are served.
    pub admin_port: u16,
    environment: Vec<(String, String)>,
    binary: PathBuf,
    folder: Folder,
}

/// A temporary folder that goes with its owner.
#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if std::env::var_os("TOKKATOT_TEST_KEEP").is_none() {
            drop(fs::remove_dir_all(&self.0));
        }
    }
}

impl Installation {
    /// Makes the folder, the cluster and the schema, and starts everything. `binary` is the built
    /// `tokkatot`; `site` the folder with its web files.
    pub fn start(binary: &Path, site: &Path) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("tokkatot-{}", uuid::Uuid::new_v4()));
        fs::create_dir_all(&folder)?;
        // the original may lie in a home that nobody else can enter
        let copied = folder.join("tokkatot");
        fs::copy(binary, &copied).with_context(|| format!("copying {}", binary.display()))?;
        copy_folder(site, &folder.join("site"))?;
        let mut installation = Self::plan(folder, copied)?;
        installation.make_cluster()?;
        installation.postgres.start()?;
        installation.make_database()?;
        installation.redis.start()?;
        installation.mosquitto.start()?;
        installation.tokkatot(&["migrate"])?;
        installation.server.start()?;
        installation.wait_until_ready(Duration::from_secs(30))?;
        Ok(installation)
    }

    fn plan(folder: PathBuf, binary: PathBuf) -> Result<Self> {
        let [pg, mqtt, redis, http, admin] =
            [free_port()?, free_port()?, free_port()?, free_port()?, free_port()?];
        let environment = environment(&folder, pg, mqtt, redis, http, admin);
        let broker = folder.join("broker");
        fs::create_dir_all(&broker)?;
        fs::write(broker.join("mosquitto.conf"), broker_configuration(&broker, mqtt))?;
        fs::write(broker.join("passwords"), "")?;
        fs::write(broker.join("acl"), "")?;
        hand_over(&folder)?;
        let postgres = Service::new("postgres", format!("{POSTGRES}/postgres"), &folder, pg)
            .arguments(["-D", "cluster", "-p"])
            .arguments([pg.to_string()]);
        let mosquitto = Service::new("mosquitto", "/usr/sbin/mosquitto", &folder, mqtt)
            .arguments(["-c", "broker/mosquitto.conf"]);
        let redis = Service::new("redis", "/usr/bin/redis-server", &folder, redis)
            .arguments(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"])
            .arguments([redis.to_string()]);
        let server = Service::new("server", &binary, &folder, http)
            .arguments(["serve"])
            .environment(environment.clone());
        Ok(Self {
            postgres,
            mosquitto,
            redis,
            server,
            mqtt_port: mqtt,
            http_port: http,
            admin_port: admin,
            environment,
            binary,
            folder: Folder(folder),
        })
    }

    fn make_cluster(&self) -> Result<()> {
        let status = unprivileged(Path::new(&format!("{POSTGRES}/initdb")))
            .args(["-D", "cluster", "-A", "trust", "-U", "postgres", "-E", "UTF8"])
            .args(["--locale=C.UTF-8", "--no-instructions"])
            .current_dir(&self.folder.0)
            .stdout(std::process::Stdio::null())
            .status()?;
        ensure!(status.success(), "initdb failed");
        let settings = format!(
            "unix_socket_directories = '{}'\nmax_connections = 200\nlisten_addresses = '127.0.0.1'\n",
            self.folder.0.display()
        );
        let file = self.folder.0.join("cluster/postgresql.auto.conf");
        fs::write(&file, settings)?;
        hand_over(&file)
    }

    fn make_database(&self) -> Result<()> {
        let roles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/roles.sql");
        self.psql("postgres", &["-f", &roles.to_string_lossy()])?;
        self.psql("postgres", &["-c", "CREATE DATABASE tokkatot OWNER tokkatot_owner"])?;
        Ok(())
    }

    /// Runs psql as the superuser and returns what it printed, unaligned and without headings.
    pub fn psql(&self, database: &str, arguments: &[&str]) -> Result<String> {
        let port = self.port_of("TOKKATOT_PG_PORT");
        let output = Command::new("psql")
            .args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-d", database])
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1"])
            .args(arguments)
            .output()?;
        ensure!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// One query on the farm's database as superuser.
    pub fn query(&self, sql: &str) -> Result<String> {
        self.psql("tokkatot", &["-c", sql])
    }

    /// Runs another command of the binary and returns what it printed.
    pub fn tokkatot(&self, arguments: &[&str]) -> Result<String> {
        let output = unprivileged(&self.binary)
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(key, value)| (key, value)))
            .current_dir(&self.folder.0)
            .output()?;
        ensure!(
            output.status.success(),
            "tokkatot {arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Reads a file that a command left in the installation's folder.
    pub fn read(&self, name: &str) -> Result<String> {
        let path = self.folder.0.join(name);
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    }

    /// Waits until `/readyz` answers 200.
    pub fn wait_until_ready(&self, patience: Duration) -> Result<()> {
        let began = std::time::Instant::now();
        let mut said = String::new();
        while began.elapsed() < patience {
            said = get(self.admin_port, "/readyz").unwrap_or_else(|error| error.to_string());
            if said.starts_with("HTTP/1.1 200") {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = fs::read_to_string(self.server.log()).unwrap_or_default();
        let end = log.lines().rev().take(20).collect::<Vec<_>>().join("\n");
        anyhow::bail!("not ready: {said}\n{end}")
    }

    fn port_of(&self, variable: &str) -> String {
        self.environment
            .iter()
            .find(|(key, _)| key == variable)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    }
}

/// One whole HTTP answer, head and body.
pub fn get(port: u16, path: &str) -> Result<String> {
    let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    socket.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(socket, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    Ok(answer)
}

fn environment(
    folder: &Path,
    pg: u16,
    mqtt: u16,
    redis: u16,
    http: u16,
    admin: u16,
) -> Vec<(String, String)> {
    let database = |role: &str| format!("postgres://tokkatot_{role}@127.0.0.1:{pg}/tokkatot");
    let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
    [
        ("TOKKATOT_HTTP_ADDR", format!("127.0.0.1:{http}")),
        ("TOKKATOT_ADMIN_ADDR", format!("127.0.0.1:{admin}")),
        ("TOKKATOT_PG_PORT", pg.to_string()),
        ("TOKKATOT_DATABASE_URL", database("app")),
        ("TOKKATOT_WORKER_DATABASE_URL", database("worker")),
        ("TOKKATOT_OWNER_DATABASE_URL", database("owner")),
        ("TOKKATOT_REDIS_URL", format!("redis://127.0.0.1:{redis}")),
        ("TOKKATOT_MQTT_URL", format!("mqtt://tokkatot-server:{BROKER_PASSWORD}@127.0.0.1:{mqtt}")),
        ("TOKKATOT_MQTT_PASSWORD_FILE", file("broker/passwords")),
        ("TOKKATOT_MQTT_ACL_FILE", file("broker/acl")),
        ("TOKKATOT_MQTT_PID_FILE", file("broker/mosquitto.pid")),
        ("TOKKATOT_SITE_DIR", file("site")),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// As spec and operations describe it: persistence on, nothing anonymous, no cap on queued messages
/// but one on their bytes.
fn broker_configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    format!(
        "listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {folder}/passwords\n\
         acl_file {folder}/acl\npid_file {folder}/mosquitto.pid\npersistence true\n\
         persistence_location {folder}/\nautosave_interval 5\nset_tcp_nodelay true\n\
         max_queued_messages 0\nmax_queued_bytes 268435456\nmax_inflight_messages 0\n\
         max_packet_size 131072\nlog_type error\nlog_type warning\nlog_type notice\n"
    )
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
