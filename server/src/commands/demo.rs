//! `tokkatot demo`: a farm to look at, with 30 days behind it.
use super::answer;
use crate::{
    config::{Need, Settings},
    demo::{self, DemoFiles},
};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use std::{path::PathBuf, process::ExitCode};
use store::{Database, StoreError, health::Schema};

/// What `demo` needs to know of the installation.
pub const NEEDS: &[Need] = &[Need::OwnerDatabase];

/// What `demo` can be told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Decides the weather, and with it all values [default: 1]
    #[arg(
        long,
        env = "TOKKATOT_DEMO_SEED",
        value_name = "NUMBER",
        default_value_t = 1,
        hide_default_value = true
    )]
    pub seed: u64,
    /// Where the sign-ins are written [default: demo-credentials beside the file of --env-file]
    #[arg(long, env = "TOKKATOT_DEMO_CREDENTIALS", value_name = "FILE")]
    pub credentials: Option<PathBuf>,
    /// Where the nodes' credentials are written [default: demo-nodes.json beside the file of --env-file]
    #[arg(long, env = "TOKKATOT_DEMO_NODES", value_name = "FILE")]
    pub nodes_file: Option<PathBuf>,
}

pub(super) async fn run(arguments: Arguments, settings: Settings) -> Result<ExitCode> {
    let owner =
        settings.owner_database.as_ref().context("TOKKATOT_OWNER_DATABASE_URL is not set")?;
    let database = Database::new(&owner.settings()).await?;
    let beside = |name: &str| settings.folder.join(name);
    let files = DemoFiles {
        credentials: arguments.credentials.unwrap_or_else(|| beside("demo-credentials")),
        nodes: arguments.nodes_file.unwrap_or_else(|| beside(super::simulate::NODES_FILE)),
    };
    let said = seed(&database, arguments.seed, &files).await?;
    answer(&said)?;
    Ok(ExitCode::SUCCESS)
}

/// Seeds what is missing, and says what was done.
///
/// # Errors
/// A schema of another version, a database or folder that is not available, or names that are taken.
pub async fn seed(database: &Database, seed: u64, files: &DemoFiles) -> Result<String> {
    let mut connection = database.get().await?;
    if store::health::schema(&mut connection).await? != Schema::Current {
        bail!("the database's schema is not this program's: run `tokkatot migrate` first");
    }
    let is_planted = store::demo::is_planted(&mut connection, demo::farm_id()).await?;
    if is_planted && files.exist() {
        return Ok("The demo farm is there already: nothing was changed.".to_owned());
    }
    let now = store::health::time(&mut connection).await?;
    let made = demo::compose(seed, now, &mut rand::rng())?;
    let sign_ins = files.credentials.display();
    if is_planted {
        let replaced = store::demo::replace_passwords(&mut connection, &made.farms);
        files.write(&made, async { Ok(replaced.await?) }).await?;
        return Ok(format!(
            "The demo farm is there, but its files were not: all its passwords are new, in {sign_ins}."
        ));
    }
    let planted = store::demo::plant(&mut connection, &made.farms, now);
    let count = files.write(&made, async { planted.await.map_err(explain) }).await?;
    Ok(format!("The demo farm is there, with {count} readings of 30 days. Sign-ins: {sign_ins}"))
}

fn explain(error: StoreError) -> anyhow::Error {
    match error {
        StoreError::Conflict { constraint, message } => anyhow::anyhow!(
            "the demo farm's people or nodes clash with others ({constraint}: {message}); \
             seed it into a database of its own"
        ),
        error => error.into(),
    }
}
