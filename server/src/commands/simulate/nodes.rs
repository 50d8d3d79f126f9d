//! Registers the nodes that a simulation needs beyond the demo's.
use crate::broker::password;
use anyhow::{Result, bail};
use domain::{FarmId, NodeName};
use simulator::{fleet::RosterNode, house::HousePlan, weather::local_day_and_hour};
use std::collections::HashMap;
use store::{
    Database, StoreError,
    nodes::{self, Change, NewNode, Node},
};

/// Makes `count` nodes on a farm ready to be played: those of an earlier simulation get new passwords,
/// the rest is registered. Names that are taken on other farms, or revoked, are passed over.
pub(super) async fn register(
    database: &Database,
    farm: FarmId,
    count: usize,
) -> Result<Vec<RosterNode>> {
    let mut connection = database.get().await?;
    let now = store::health::time(&mut connection).await?;
    let there: HashMap<NodeName, Node> =
        nodes::list(&mut connection).await?.into_iter().map(|n| (n.name.clone(), n)).collect();
    let (today, _) = local_day_and_hour(now);
    let mut made = Vec::with_capacity(count);
    let mut numbers = 1_u32..1_000_000;
    while made.len() < count {
        let Some(number) = numbers.next() else { bail!("no free names are left") };
        let name: NodeName = format!("sim-{number:04}").parse()?;
        let secret = password::generate(&mut rand::rng());
        let hash = password::hash(&secret, &mut rand::rng());
        let is_ready = match there.get(&name) {
            Some(node) if node.farm != Some(farm) || node.revoked_at.is_some() => false,
            Some(_) => nodes::rotate(&mut connection, &name, &hash, now).await? == Change::Done,
            None => {
                let new = NewNode {
                    name: name.clone(),
                    farm: Some(farm),
                    password_hash: hash,
                    serial: None,
                    claim: None,
                };
                match nodes::create(&mut connection, &new, now).await {
                    Ok(_) => true,
                    Err(StoreError::Conflict { constraint, .. })
                        if constraint == "nodes_farm_id_fkey" =>
                    {
                        bail!("there is no farm {farm}")
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        };
        if is_ready {
            made.push(RosterNode {
                name,
                password: secret,
                house: HousePlan::usual(today),
                has_history: false,
            });
        }
    }
    Ok(made)
}
