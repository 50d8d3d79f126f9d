//! `tokkatot node release`: a controller leaves its farm and can be claimed again.
use super::{ATTEMPTS, ClaimDays, Name, check, claim_link, draw};
use crate::commands::answer;
use anyhow::{Result, bail};
use clap::Args;
use domain::{Timestamp, codes::Code};
use serde_json::json;
use store::{
    Connection, StoreError,
    nodes::{self, Released},
};

/// The node that leaves its farm.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Which
    #[command(flatten)]
    pub node: Name,
    /// How long it can be claimed
    #[command(flatten)]
    pub claim: ClaimDays,
}

/// Takes the node from its farm, and prints what it can be claimed by.
pub(super) async fn run(
    connection: &mut Connection<'_>,
    (Arguments { node: Name { name }, claim }, origin): (&Arguments, &str),
    now: Timestamp,
) -> Result<()> {
    for _ in 0..ATTEMPTS {
        let code = Code::from_bits(rand::random());
        match nodes::release(connection, name, (&code, claim.until(now)), now).await {
            Ok(Released::Done) => {
                let link = claim_link(origin, &code);
                let said = json!({ "node": name, "claim_code": code.as_str(), "claim_link": link });
                answer(&said.to_string())?;
                return draw(&link);
            }
            Ok(Released::Refused(change)) => return check(name, change),
            Ok(Released::Running(devices)) => bail!(
                "of {name} this is on: {}; switch it off on the farm's page first, or unplug {name}",
                devices.join(", ")
            ),
            Err(StoreError::Conflict { constraint, .. })
                if constraint == "nodes_claim_code_key" => {}
            Err(error) => return Err(error.into()),
        }
    }
    bail!("no free claim code was found; try again")
}
