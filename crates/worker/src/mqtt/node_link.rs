//! The server's part towards one node, for those who check it: hears all that the node says, says what
//! the server would, and cuts the node's connection. Under client ids of its own: the running server
//! keeps its session.
use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use domain::NodeName;
use rumqttc::v5::{
    AsyncClient, Event, EventLoop, MqttOptions,
    mqttbytes::{
        QoS,
        v5::{Filter, Packet, Publish, PublishProperties, RetainForwardRule},
    },
};
use std::time::{Duration, Instant};
use tokio::{sync::mpsc, task::AbortHandle, time::timeout};

/// How long the broker may take for each answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Messages that may wait to be looked at; then the socket is not read.
const MOST_WAITING: usize = 1000;
/// A broker's largest packet that we read: a payload of 64 KiB with room to spare.
const MAX_PACKET: u32 = 256 * 1024;

/// Where the broker is, and who we are there.
#[derive(Clone)]
pub struct BrokerAccess {
    /// Name or address of its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// User name and password; without them we come as nobody.
    pub login: Option<(String, String)>,
}

/// One message on a topic of the node.
#[derive(Debug, Clone)]
pub struct HeardMessage {
    /// The topic below `tokkatot/{node}/`, such as `up/readings`.
    pub topic: String,
    /// The payload.
    pub payload: Bytes,
    /// Whether its sender asked the broker to keep it.
    pub is_retained: bool,
    /// When it came.
    pub at: Instant,
}

/// A link that stands in for the server towards one node. Dropping it ends it.
#[derive(Debug)]
pub struct NodeLink {
    access: BrokerAccess,
    node: NodeName,
    client: AsyncClient,
    heard: mpsc::Receiver<Result<HeardMessage, String>>,
    task: AbortHandle,
}

impl NodeLink {
    /// Connects, and hears from now on what the node says, and what others than us say to it.
    ///
    /// # Errors
    /// The broker can not be reached, or does not let us in or hear.
    pub async fn open(access: BrokerAccess, node: NodeName) -> Result<Self> {
        let (client, mut events) = connect(&access, own_id("check")).await?;
        client.subscribe_many([live(&node, "up"), live(&node, "down")]).await?;
        await_subscription(&mut events, &mut Vec::new()).await?;
        let (told, heard) = mpsc::channel(MOST_WAITING);
        let prefix = format!("tokkatot/{node}/");
        let task = tokio::spawn(listen(events, prefix, told)).abort_handle();
        Ok(Self { access, node, client, heard, task })
    }

    /// Says something to the node on `down/{kind}`, QoS 1, never retained, and as an MQTT 5 message that
    /// expires where the server's does.
    ///
    /// # Errors
    /// The link is down.
    pub async fn say(&self, kind: &str, payload: String, expiry: Option<Duration>) -> Result<()> {
        let topic = format!("tokkatot/{}/down/{kind}", self.node);
        let seconds = expiry.map(|span| u32::try_from(span.as_secs()).unwrap_or(u32::MAX));
        let properties =
            PublishProperties { message_expiry_interval: seconds, ..PublishProperties::default() };
        let said = self.client.publish_with_properties(
            topic,
            QoS::AtLeastOnce,
            false,
            payload,
            properties,
        );
        said.await.context("the link to the broker is down")
    }

    /// The next message. Dropping the future loses nothing.
    ///
    /// # Errors
    /// The link is down.
    pub async fn hear(&mut self) -> Result<HeardMessage> {
        match self.heard.recv().await {
            Some(Ok(message)) => Ok(message),
            Some(Err(error)) => bail!("the link to the broker is down: {error}"),
            None => bail!("the link to the broker is down"),
        }
    }

    /// Cuts the node's connection as a broken network would; see [`cut`].
    ///
    /// # Errors
    /// The broker does not let us in.
    pub async fn cut(&self) -> Result<()> {
        cut(&self.access, &self.node).await
    }

    /// What the broker keeps on the node's topics.
    ///
    /// # Errors
    /// The broker does not let us in or hear.
    pub async fn kept(&self) -> Result<Vec<HeardMessage>> {
        let (client, mut events) = connect(&self.access, own_id("kept")).await?;
        let mut kept = Vec::new();
        // the answer to the second subscription comes behind all that the first one brings
        for kind in ["#", "down/time"] {
            client.subscribe(format!("tokkatot/{}/{kind}", self.node), QoS::AtMostOnce).await?;
            await_subscription(&mut events, &mut kept).await?;
        }
        leave(&client, &mut events).await;
        let prefix = format!("tokkatot/{}/", self.node);
        let kept = kept.into_iter().filter(|publish| publish.retain);
        Ok(kept.map(|publish| message(&prefix, publish)).collect())
    }
}

impl Drop for NodeLink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Cuts a node's connection as a broken network would: who connects under its client id takes its place,
/// and leaves at once. Nothing happens to a node with another client id.
///
/// # Errors
/// The broker does not let us in.
pub(crate) async fn cut(access: &BrokerAccess, node: &NodeName) -> Result<()> {
    let (client, mut events) = connect(access, node.to_string()).await?;
    leave(&client, &mut events).await;
    Ok(())
}

/// A subscription that brings nothing kept, nothing of our own, and the mark of what is to be kept.
fn live(node: &NodeName, side: &str) -> Filter {
    Filter {
        path: format!("tokkatot/{node}/{side}/#"),
        qos: QoS::AtLeastOnce,
        nolocal: true,
        preserve_retain: true,
        retain_forward_rule: RetainForwardRule::Never,
    }
}

fn own_id(what: &str) -> String {
    format!("tokkatot-{what}-{}", uuid::Uuid::new_v4().simple())
}

async fn connect(access: &BrokerAccess, id: String) -> Result<(AsyncClient, EventLoop)> {
    let mut options = MqttOptions::new(id, access.host.clone(), access.port);
    if let Some((user, password)) = &access.login {
        options.set_credentials(user.clone(), password.clone());
    }
    options.set_clean_start(true).set_max_packet_size(Some(MAX_PACKET));
    let (client, mut events) = AsyncClient::new(options, 100);
    let greeted = async {
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => return Ok(()),
                Ok(_) => {}
                Err(error) => bail!("the broker does not let us in: {error}"),
            }
        }
    };
    timeout(PATIENCE, greeted).await.context("the broker does not answer")??;
    Ok((client, events))
}

/// Waits for the answer to a subscription; what comes before it is added to `publishes`.
async fn await_subscription(events: &mut EventLoop, publishes: &mut Vec<Publish>) -> Result<()> {
    let answered = async {
        loop {
            match events.poll().await? {
                Event::Incoming(Packet::SubAck(ack)) => return anyhow::Ok(ack),
                Event::Incoming(Packet::Publish(publish)) => publishes.push(publish),
                _ => {}
            }
        }
    };
    let ack = timeout(PATIENCE, answered).await.context("the broker does not answer")??;
    let is_granted = |code: &_| {
        use rumqttc::v5::mqttbytes::v5::SubscribeReasonCode::Success;
        matches!(code, Success(_))
    };
    if !ack.return_codes.iter().all(is_granted) {
        bail!("the broker does not let this account hear the node: {:?}", ack.return_codes);
    }
    Ok(())
}

/// Leaving without a word would be logged by the broker.
async fn leave(client: &AsyncClient, events: &mut EventLoop) {
    drop(client.disconnect().await);
    drop(timeout(Duration::from_millis(200), events.poll()).await);
}

/// Passes on what is heard until the link breaks or nobody listens.
async fn listen(
    mut events: EventLoop,
    prefix: String,
    told: mpsc::Sender<Result<HeardMessage, String>>,
) {
    loop {
        let heard = match events.poll().await {
            Ok(Event::Incoming(Packet::Publish(publish))) => Ok(message(&prefix, publish)),
            Ok(_) => continue,
            Err(error) => Err(error.to_string()),
        };
        let is_over = heard.is_err();
        if told.send(heard).await.is_err() || is_over {
            return;
        }
    }
}

fn message(prefix: &str, publish: Publish) -> HeardMessage {
    let topic = String::from_utf8_lossy(&publish.topic);
    HeardMessage {
        topic: topic.strip_prefix(prefix).unwrap_or(&topic).to_owned(),
        payload: publish.payload,
        is_retained: publish.retain,
        at: Instant::now(),
    }
}

impl std::fmt::Debug for BrokerAccess {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BrokerAccess")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
