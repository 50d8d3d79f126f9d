//! `tokkatot node`: registers the controllers that speak MQTT. The password is printed once and kept
//! nowhere; the broker gets its hash from the running server. `check` is another thing: it tries one out.
mod check;
mod release;

use super::answer;
use crate::{
    broker::password,
    config::{Need, SERVER_ACCOUNT, Settings},
};
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use domain::{FarmId, NodeName, Timestamp, codes::Code};
use qrcode::{QrCode, render::unicode::Dense1x2};
use serde_json::json;
use std::{
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
    time::Duration,
};
use store::{
    Connection, Database, StoreError,
    nodes::{self, Change, NewNode},
};

/// What can be done to nodes.
#[derive(Debug, Subcommand)]
pub enum Arguments {
    /// Register a node; prints its MQTT user name and password, once
    Create(Create),
    /// List all nodes, one JSON object a line
    List,
    /// Give a node a new password; the old one ends at once
    Rotate(Name),
    /// Withdraw a node's credential for good and disconnect it
    Revoke(Name),
    /// Take a node from its farm; it then waits to be claimed by a new code
    Release(release::Arguments),
    /// Try a node out: whether it keeps to the protocol, rule by rule
    Check(Box<check::Arguments>),
}

impl Arguments {
    /// What it cannot do without.
    pub(super) fn needs(&self) -> Vec<Need> {
        match self {
            Self::Check(arguments) => arguments.needs(),
            Self::Create(_) | Self::List | Self::Rotate(_) | Self::Revoke(_) | Self::Release(_) => {
                vec![Need::OwnerDatabase]
            }
        }
    }
}

/// The node to register.
#[derive(Debug, Args)]
pub struct Create {
    /// 1 to 50 letters, digits, '-' and '_'; its MQTT user name for good
    #[arg(long, env = "TOKKATOT_NODE_NAME")]
    pub name: NodeName,
    /// The id of the farm it works for; without it the node waits to be claimed by its code
    #[arg(long, env = "TOKKATOT_FARM", value_name = "UUID")]
    pub farm: Option<FarmId>,
    /// The serial number of its hardware
    #[arg(long, env = "TOKKATOT_NODE_SERIAL")]
    pub serial: Option<String>,
    /// How long it can be claimed
    #[command(flatten)]
    pub claim: ClaimDays,
}

/// How long a code is good.
#[derive(Debug, Args)]
pub struct ClaimDays {
    /// For how many days its code can be used to claim it
    #[arg(long, env = "TOKKATOT_CLAIM_DAYS", value_name = "DAYS", default_value_t = 365,
        value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub claim_days: u32,
}

impl ClaimDays {
    /// Until when.
    fn until(&self, now: Timestamp) -> Timestamp {
        now.plus(Duration::from_secs(24 * 3600) * self.claim_days)
    }
}

/// A node that is registered.
#[derive(Debug, Args)]
pub struct Name {
    /// Its name
    #[arg(long, env = "TOKKATOT_NODE_NAME")]
    pub name: NodeName,
}

/// How often a claim code that is taken already is made anew.
const ATTEMPTS: usize = 5;

pub(super) async fn run(arguments: Arguments, settings: &Settings) -> Result<ExitCode> {
    if let Arguments::Check(arguments) = arguments {
        return check::run(*arguments, settings).await;
    }
    let owner =
        settings.owner_database.as_ref().context("TOKKATOT_OWNER_DATABASE_URL is not set")?;
    let database = Database::new(&owner.settings()).await?;
    let mut connection = database.get().await?;
    let now = store::health::time(&mut connection).await?;
    match arguments {
        Arguments::Check(_) => {}
        Arguments::Create(node) => {
            let origin = settings.web.public_url.origin();
            create(&mut connection, (node, origin), now).await?;
        }
        Arguments::List => list(&mut connection).await?,
        Arguments::Rotate(Name { name }) => rotate(&mut connection, &name, now).await?,
        Arguments::Revoke(Name { name }) => {
            let change = nodes::revoke(&mut connection, &name, now).await?;
            check(&name, change)?;
            answer(&json!({ "node": name, "revoked": true }).to_string())?;
        }
        Arguments::Release(arguments) => {
            let origin = settings.web.public_url.origin();
            release::run(&mut connection, (&arguments, origin), now).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(
    connection: &mut Connection<'_>,
    (node, origin): (Create, &str),
    now: Timestamp,
) -> Result<()> {
    if node.name.as_str() == SERVER_ACCOUNT {
        bail!("{SERVER_ACCOUNT} is the server's own name on the broker; choose another");
    }
    let password = password::generate(&mut rand::rng());
    let mut new = NewNode {
        name: node.name,
        farm: node.farm,
        password_hash: password::hash(&password, &mut rand::rng()),
        serial: node.serial,
        claim: None,
    };
    let until = node.claim.until(now);
    for _ in 0..ATTEMPTS {
        new.claim = new.farm.is_none().then(|| (Code::from_bits(rand::random()), until));
        match nodes::create(connection, &new, now).await {
            Ok(_) => return tell(&new, &password, origin),
            Err(StoreError::Conflict { constraint, .. }) => explain(&new, &constraint)?,
            Err(error) => return Err(error.into()),
        }
    }
    bail!("no free claim code was found; try again")
}

/// Prints what the node needs; and for a person at a terminal, beside it, its claim as a code to scan.
fn tell(node: &NewNode, password: &str, origin: &str) -> Result<()> {
    let Some((code, _)) = &node.claim else {
        return answer(&credential(&node.name, password, None));
    };
    let link = claim_link(origin, code);
    answer(&credential(&node.name, password, Some((code, &link))))?;
    draw(&link)
}

fn claim_link(origin: &str, code: &Code) -> String {
    format!("{origin}/claim?code={}", code.as_str())
}

/// Shows a link to a person at a terminal as a code to scan.
fn draw(link: &str) -> Result<()> {
    if std::io::stderr().is_terminal() {
        writeln!(std::io::stderr(), "{}", drawing(link)?)?;
    }
    Ok(())
}

/// A QR code of a link, dark on light on a dark terminal.
fn drawing(link: &str) -> Result<String> {
    let code = QrCode::new(link).context("making a QR code")?;
    Ok(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

/// In the operator's words; nothing for a claim code that was taken.
fn explain(node: &NewNode, constraint: &str) -> Result<()> {
    match (constraint, node.farm) {
        ("nodes_claim_code_key", _) => Ok(()),
        ("nodes_name_key", _) => bail!(
            "there is, or was, a node named {}; names are not used again, choose another",
            node.name
        ),
        ("nodes_farm_id_fkey", Some(farm)) => bail!("there is no farm {farm}"),
        _ => bail!("the database refused the node by {constraint}"),
    }
}

async fn rotate(connection: &mut Connection<'_>, name: &NodeName, now: Timestamp) -> Result<()> {
    let password = password::generate(&mut rand::rng());
    let hash = password::hash(&password, &mut rand::rng());
    check(name, nodes::rotate(connection, name, &hash, now).await?)?;
    answer(&credential(name, &password, None))
}

fn check(name: &NodeName, change: Change) -> Result<()> {
    match change {
        Change::Done => Ok(()),
        Change::Unknown => bail!("there is no node named {name}; `tokkatot node list` shows all"),
        Change::Revoked => bail!("{name} was revoked; register the hardware under another name"),
    }
}

fn credential(name: &NodeName, password: &str, claim: Option<(&Code, &str)>) -> String {
    json!({
        "node": name,
        "username": name,
        "password": password,
        "claim_code": claim.map(|(code, _)| code.as_str()),
        "claim_link": claim.map(|(_, link)| link),
    })
    .to_string()
}

async fn list(connection: &mut Connection<'_>) -> Result<()> {
    for node in nodes::list(connection).await? {
        let line = json!({
            "node": node.name,
            "farm": node.farm,
            "farm_name": node.farm_name,
            "online": node.is_online,
            "last_seen_ms": node.last_seen_at.map(Timestamp::as_millis),
            "firmware": node.firmware_version,
            "claim_code": node.claim_code,
            "revoked": node.revoked_at.is_some(),
        });
        answer(&line.to_string())?;
    }
    Ok(())
}
