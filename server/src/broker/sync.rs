//! Keeps the broker's files as the database has them: at the start, at every change that PostgreSQL
//! announces, and every half minute whatever was announced.
use super::{files, password, reload};
use crate::config::{BrokerFiles, BrokerSettings, SERVER_ACCOUNT, Secret};
use anyhow::Context as _;
use domain::NodeName;
use std::{
    fs, io,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use store::{Database, DatabaseSettings, Listener, nodes};
use tokio_util::sync::CancellationToken;

/// What PostgreSQL announces may be lost; the files are compared at least this often.
const POLL: Duration = Duration::from_secs(30);
/// Changes that come together are written together.
const GATHER: Duration = Duration::from_millis(100);

/// Writes the files of one broker on this host.
#[derive(Debug)]
pub struct Syncer {
    files: BrokerFiles,
    password: Secret,
    /// The broker has not yet been told of what was written.
    untold: AtomicBool,
}

impl Syncer {
    /// `None` for a broker on another host, whose files somebody else writes.
    pub fn new(broker: &BrokerSettings) -> Option<Self> {
        let files = broker.files.clone()?;
        Some(Self { files, password: broker.password.clone(), untold: AtomicBool::new(false) })
    }

    /// Writes what has changed, and tells the broker if anything has; tells whether it has.
    ///
    /// # Errors
    /// The database or the folder of the files is not available.
    pub async fn sync(&self, database: &Database) -> anyhow::Result<bool> {
        let credentials = nodes::credentials(&mut *database.get().await?).await?;
        let changed = self.write(&credentials)?;
        if changed || self.untold.load(Ordering::Relaxed) {
            self.tell();
        }
        Ok(changed)
    }

    fn write(&self, credentials: &[(NodeName, String)]) -> anyhow::Result<bool> {
        let lines = files::password_lines(&self.server_hash(), credentials);
        let context = |path: &std::path::Path| format!("{} cannot be written", path.display());
        // access first: nobody is let in before it is known what he may do
        let acl = files::replace(&self.files.acl, &files::access_control())
            .with_context(|| context(&self.files.acl))?;
        let passwords = files::replace(&self.files.passwords, &lines)
            .with_context(|| context(&self.files.passwords))?;
        if acl || passwords {
            tracing::info!(nodes = credentials.len(), "Wrote the broker's files");
        }
        Ok(acl || passwords)
    }

    /// The hash that the file has, as long as it is of our password: another salt each time would
    /// change the file each time.
    fn server_hash(&self) -> String {
        let old = fs::read_to_string(&self.files.passwords).unwrap_or_default();
        let own = old.lines().find_map(|line| line.strip_prefix(SERVER_ACCOUNT)?.strip_prefix(':'));
        match own {
            Some(hash) if password::matches(hash, self.password.expose()) => hash.to_owned(),
            _ => password::hash(self.password.expose(), &mut rand::rng()),
        }
    }

    /// A broker that is not running reads the files when it starts.
    fn tell(&self) {
        let told = reload::reload(&self.files.pid);
        self.untold.store(told.is_err(), Ordering::Relaxed);
        match told {
            Ok(()) => metrics::counter!("tokkatot_broker_reloads_total").increment(1),
            Err(error) => {
                tracing::warn!(error = %error, "The broker could not be told to read its files again");
            }
        }
    }

    /// Whether both files can be written where they are: for `doctor`.
    ///
    /// # Errors
    /// The first one that cannot.
    pub fn probe(files: &BrokerFiles) -> io::Result<()> {
        for path in [&files.acl, &files.passwords] {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(std::path::Path::new("."));
            let trial = folder.join(format!(".doctor.{}", std::process::id()));
            fs::write(&trial, "").and_then(|()| fs::remove_file(&trial)).map_err(|error| {
                io::Error::new(error.kind(), format!("{}: {error}", folder.display()))
            })?;
        }
        Ok(())
    }
}

/// Keeps the files right until `stop`.
///
/// # Errors
/// The database or the folder is not available; to be started again after a while.
pub async fn run(
    syncer: &Syncer,
    database: &Database,
    settings: &DatabaseSettings,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    // listen before looking, so that no change falls between the two
    let mut listener = Listener::new(settings, &[nodes::CHANNEL]).await?;
    loop {
        syncer.sync(database).await?;
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            heard = tokio::time::timeout(POLL, listener.next()) => {
                if let Ok(heard) = heard {
                    heard?;
                    tokio::time::sleep(GATHER).await;
                    while let Ok(more) = tokio::time::timeout(Duration::ZERO, listener.next()).await {
                        more?;
                    }
                }
            }
        }
    }
}
