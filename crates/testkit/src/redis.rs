//! A Redis of one's own: one of the server's numbered databases, empty; or a whole server that may be killed.
#![expect(clippy::expect_used, reason = "a test without its Redis is over")]
use installation::free_port;
use redis::{AsyncCommands as _, Client};
use std::{
    env, fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The variable that names the server, `redis://host:port`.
const VARIABLE: &str = "TOKKATOT_TEST_REDIS_URL";
/// The server of the tests has this many databases; number 0 counts who has which.
const DATABASES: i64 = 1024;

/// The URL of an empty database that no other running test has.
///
/// # Panics
/// If `TOKKATOT_TEST_REDIS_URL` is not set, or Redis does not answer.
pub async fn redis_url() -> String {
    let server = env::var(VARIABLE).expect("TOKKATOT_TEST_REDIS_URL is not set: run `make test`");
    let server = server.trim_end_matches('/');
    let counter = Client::open(format!("{server}/0")).expect("a Redis URL");
    let mut counter = counter.get_multiplexed_async_connection().await.expect("Redis answers");
    let next: i64 = counter.incr("testkit:next", 1).await.expect("Redis counts");
    let url = format!("{server}/{}", next.rem_euclid(DATABASES - 1) + 1);
    let client = Client::open(url.as_str()).expect("a Redis URL");
    let mut mine = client.get_multiplexed_async_connection().await.expect("Redis answers");
    let () = redis::cmd("FLUSHDB").query_async(&mut mine).await.expect("Redis empties a database");
    url
}

const PATIENCE: Duration = Duration::from_secs(10);

/// A Redis server of one's own. Dropping it kills it and removes its files.
#[derive(Debug)]
pub struct TestRedis {
    port: u16,
    folder: PathBuf,
    process: Option<Child>,
}

/// Starts an empty Redis server for one test.
///
/// # Panics
/// If Redis is not installed or does not start.
pub fn own_redis() -> TestRedis {
    let port = free_port().expect("there is a free port");
    let folder = env::temp_dir().join(format!("tokkatot-redis-{port}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the temporary folder can be written to");
    let mut redis = TestRedis { port, folder, process: None };
    redis.start();
    redis
}

impl TestRedis {
    /// Where it listens.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Runs a command and tells its answer.
    ///
    /// # Panics
    /// If Redis does not do it.
    pub fn run<T: redis::FromRedisValue>(&self, command: &str) -> T {
        let client = Client::open(self.url()).expect("a Redis URL");
        let mut connection = client.get_connection().expect("Redis answers");
        redis::cmd(command).query(&mut connection).expect("Redis does as told")
    }

    /// Writes all it holds to a file, as a backup would have it.
    ///
    /// # Panics
    /// If there is no such file afterwards.
    pub fn snapshot(&self) -> Vec<u8> {
        let _: String = self.run("SAVE");
        fs::read(self.folder.join("dump.rdb")).expect("Redis has written its file")
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.kill());
            drop(process.wait());
        }
    }

    /// Starts it again after it was killed: with what a backup holds, or with nothing.
    ///
    /// # Panics
    /// If the file can not be written, or Redis does not start.
    pub fn start_with(&mut self, snapshot: &[u8]) {
        let file = self.folder.join("dump.rdb");
        if snapshot.is_empty() {
            drop(fs::remove_file(file));
        } else {
            fs::write(file, snapshot).expect("the folder can be written to");
        }
        self.start();
    }

    fn start(&mut self) {
        let process = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"])
            .arg(&self.folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is installed");
        self.process = Some(process);
        let began = Instant::now();
        let client = Client::open(self.url()).expect("a Redis URL");
        while client.get_connection().is_err() {
            assert!(began.elapsed() < PATIENCE, "Redis does not answer on port {}", self.port);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        self.kill();
        drop(fs::remove_dir_all(&self.folder));
    }
}
