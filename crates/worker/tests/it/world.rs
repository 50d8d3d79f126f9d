//! A farm, a database, a broker and a worker of one's own.
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::{FarmId, NodeName, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;
use store::{Clock, DatabaseSettings, live::Bus, nodes::NewNode};
use testkit::{DatabaseRole, TestBroker, TestDatabase, TestNode};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use worker::{BrokerState, Failpoint, MqttSettings, Status, Worker, WorkerSettings};

/// The tests' time; partitions of a test's database reach from two days before the real one.
pub(crate) struct World {
    pub(crate) database: TestDatabase,
    pub(crate) broker: TestBroker,
    pub(crate) clock: Clock,
    pub(crate) bus: Bus,
    pub(crate) farm: FarmId,
    /// Where all its servers stop.
    pub(crate) failpoint: Failpoint,
}

/// One server's ingest.
pub(crate) struct Running {
    pub(crate) status: Status,
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinHandle<anyhow::Result<()>>,
}

pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

impl World {
    /// A farm with the node `coop-1`.
    pub(crate) async fn new() -> Self {
        Self::with_broker(testkit::broker()).await
    }

    pub(crate) async fn with_broker(broker: TestBroker) -> Self {
        let database = testkit::database().await;
        let owner = database.owner();
        let mut connection = owner.get().await.unwrap();
        let now = store::health::time(&mut connection).await.unwrap();
        let farm = FarmId(uuid::Uuid::new_v4());
        let sql = format!(
            "INSERT INTO users (id, username, name, password_hash)
             VALUES ('{farm}', 'neath', 'Neath', repeat('x', 97));
             INSERT INTO farms (id, owner_id, name) VALUES ('{farm}', '{farm}', 'Farm')"
        );
        connection.batch_execute(&sql).await.unwrap();
        drop(connection);
        let world = Self {
            database,
            broker,
            clock: Clock::anchored_at(now),
            bus: Bus::default(),
            farm,
            failpoint: Failpoint::default(),
        };
        world.add_node("coop-1", Some(farm)).await;
        world
    }

    /// Registers a node whose password is its name.
    pub(crate) async fn add_node(&self, name: &str, farm: Option<FarmId>) {
        let owner = self.database.owner();
        let mut connection = owner.get().await.unwrap();
        let node = NewNode {
            name: name.parse::<NodeName>().unwrap(),
            farm,
            password_hash: "$7$101$salt$hash".to_owned(),
            serial: None,
            claim: None,
        };
        store::nodes::create(&mut connection, &node, self.clock.now()).await.unwrap();
        self.broker.add_node(name, name);
    }

    pub(crate) async fn node(&self, name: &str) -> TestNode {
        TestNode::connect(&self.broker, name).await
    }

    pub(crate) fn worker(&self, instance: &str) -> Worker {
        let (username, password) = self.broker.server_account();
        let mqtt =
            MqttSettings::new("127.0.0.1".to_owned(), self.broker.port(), username, password);
        let database = DatabaseSettings::new(self.database.url(DatabaseRole::Worker), 4);
        Worker {
            settings: WorkerSettings::new(mqtt, database, instance.to_owned()),
            database: self.database.worker(),
            clock: self.clock.clone(),
            bus: self.bus.clone(),
            status: Status::default(),
            failpoint: self.failpoint.clone(),
        }
    }

    /// Starts ingest and waits until messages come.
    pub(crate) async fn start(&self) -> Running {
        let running = self.start_as("one");
        running.is_ready().await;
        running
    }

    pub(crate) fn start_as(&self, instance: &str) -> Running {
        Running::of(self.worker(instance))
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now().as_millis()
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let owner = self.database.owner();
        let mut connection = owner.get().await.unwrap();
        connection.batch_execute(sql).await.unwrap();
    }

    /// Changes what ingest keeps in memory, and waits until it has been told.
    pub(crate) async fn change(&self, running: &Running, sql: &str) {
        self.execute(sql).await;
        // notifications come in the order of their commits; before it listens it hears none
        let marker = uuid::Uuid::new_v4().to_string();
        let is_told = async || {
            self.execute(&format!("NOTIFY tokkatot_nodes, '{marker}'")).await;
            running.status.report().last_change.as_ref() == Some(&marker)
        };
        assert!(eventually(is_told).await, "{:?}", running.status.report());
    }

    /// Cuts all of the worker's connections to the database, from outside of its pool: what is cut there may be given
    /// out before that is noticed.
    pub(crate) async fn cut_connections(&self) {
        let url = self.database.superuser_url();
        let mut connection = AsyncPgConnection::establish(&url).await.unwrap();
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE usename = 'tokkatot_worker' AND datname = current_database()";
        connection.batch_execute(cut).await.unwrap();
    }

    /// The one text a query gives; rows and columns are joined by the query itself.
    pub(crate) async fn text(&self, query: &str) -> String {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            value: String,
        }
        let owner = self.database.owner();
        let mut connection = owner.get().await.unwrap();
        let query = format!("SELECT coalesce((SELECT ({query})::text), '') AS value");
        let row: Row = sql_query(&query).get_result(&mut connection).await.unwrap();
        row.value
    }

    /// The stored values, oldest first.
    pub(crate) async fn values(&self) -> String {
        self.text("SELECT string_agg(value::text, ' ' ORDER BY time, value) FROM sensor_readings")
            .await
    }

    /// The reasons of what was put away, sorted.
    pub(crate) async fn quarantined(&self) -> String {
        self.text("SELECT string_agg(reason, ' ' ORDER BY reason) FROM quarantine").await
    }

    /// Waits until a query gives a text.
    pub(crate) async fn until(&self, query: &str, wanted: &str) {
        let is_so = eventually(async || self.text(query).await == wanted).await;
        assert!(is_so, "{query} gives {:?}, not {wanted:?}", self.text(query).await);
    }

    pub(crate) async fn until_values(&self, wanted: &str) {
        self.until(
            "SELECT string_agg(value::text, ' ' ORDER BY time, value) FROM sensor_readings",
            wanted,
        )
        .await;
    }

    pub(crate) async fn until_quarantined(&self, wanted: &str) {
        self.until("SELECT string_agg(reason, ' ' ORDER BY reason) FROM quarantine", wanted).await;
    }
}

impl Running {
    pub(crate) fn of(worker: Worker) -> Self {
        let (status, stop) = (worker.status.clone(), CancellationToken::new());
        let task = tokio::spawn(worker::run(worker, stop.clone()));
        Self { status, stop, task }
    }

    pub(crate) fn has_link(&self) -> bool {
        let report = self.status.report();
        report.holds_duty && report.broker == BrokerState::Ready
    }

    pub(crate) async fn is_ready(&self) {
        assert!(eventually(async || self.has_link()).await, "{:?}", self.status.report());
    }

    /// Stops in order and waits for that.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(10), self.task).await.unwrap().unwrap().unwrap();
    }

    /// Ends as a power cut would.
    pub(crate) async fn kill(self) {
        self.task.abort();
        drop(self.task.await);
    }
}

/// Whether something comes true before patience ends.
pub(crate) async fn eventually(mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let until = tokio::time::Instant::now() + PATIENCE;
    while tokio::time::Instant::now() < until {
        if is_so().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    false
}

/// A readings message with one temperature of the device `air`.
pub(crate) fn reading(seq: i64, ts: i64, value: f64) -> String {
    message(
        seq,
        ts,
        json!([{"device": "air", "sensor": "temperature", "value": value, "unit": "°C"}]),
    )
}

/// A readings message of the boot `k3f9`.
pub(crate) fn message(seq: i64, ts: i64, readings: Value) -> String {
    json!({"boot": "k3f9", "seq": seq, "ts": ts, "readings": readings}).to_string()
}

/// The time of a whole second a little before now, so that tests can count seconds from it.
pub(crate) fn before(now: Timestamp, seconds: u64) -> i64 {
    now.minus(Duration::from_secs(seconds)).as_millis()
}
