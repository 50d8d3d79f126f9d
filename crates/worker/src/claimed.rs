//! Who is claimed while it is connected is made to connect anew. Until then nothing of it was taken in, and
//! nothing tells it that this has changed; after each connect a node tells its switches and all it keeps.
use crate::{
    Worker,
    mqtt::{self, BrokerAccess},
};
use anyhow::Result;
use domain::{NodeId, Timestamp};
use std::{collections::BTreeMap, time::Duration};
use store::{StoreError, claim};

/// How often it is looked for nodes that were claimed.
const TICK: Duration = Duration::from_secs(2);
/// Within so long after its claim a node is expected back; until then nothing is taken for the beginning of
/// what it keeps.
pub(crate) const RETURN: Duration = Duration::from_secs(60);

/// Looks after the nodes that are claimed, for ever.
///
/// # Errors
/// None: what fails is logged and tried again. (For the duty.)
pub(crate) async fn run(worker: Worker) -> Result<()> {
    // a node that does not go by its own name can not be cut, and is not to be tried for ever
    let mut done: BTreeMap<NodeId, Timestamp> = BTreeMap::new();
    let mut is_told = false;
    loop {
        tokio::time::sleep(TICK).await;
        let since = worker.clock.now().minus(RETURN);
        done.retain(|_, claimed_at| *claimed_at >= since);
        match cut(&worker, since, &mut done).await {
            Ok(()) => is_told = false,
            Err(error) if !std::mem::replace(&mut is_told, true) => {
                tracing::warn!(error = %error, "It is not known who was claimed");
            }
            Err(_) => {}
        }
    }
}

/// Cuts the connections of those that were claimed and have not connected since.
async fn cut(
    worker: &Worker,
    since: Timestamp,
    done: &mut BTreeMap<NodeId, Timestamp>,
) -> Result<(), StoreError> {
    let nodes = claim::claimed_online(&mut *worker.database.get().await?, since).await?;
    let settings = &worker.settings.mqtt;
    let access = BrokerAccess {
        host: settings.host.clone(),
        port: settings.port,
        login: Some((settings.username.clone(), settings.password.clone())),
    };
    for node in nodes {
        if done.get(&node.id) == Some(&node.claimed_at) {
            continue;
        }
        let name = node.name.as_str();
        match mqtt::cut(&access, &node.name).await {
            Ok(()) => {
                done.insert(node.id, node.claimed_at);
                tracing::info!(node.name = name, "A node was claimed; it is to connect anew");
            }
            Err(error) => tracing::warn!(
                node.name = name,
                error = format!("{error:#}"),
                "A node that was claimed could not be made to connect anew"
            ),
        }
    }
    Ok(())
}
