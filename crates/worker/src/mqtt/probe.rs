//! Asks the broker whether it lets the server in, and leaves.
use crate::MqttSettings;
use rumqttc::v5::{AsyncClient, Event, MqttOptions, mqttbytes::v5::Packet};
use std::time::Duration;
use tokio::time::timeout;

/// Connects with the server's account, under a client id of its own: the running server keeps its
/// session.
///
/// # Errors
/// The broker's refusal, or why it could not be reached, in words for operators.
pub async fn probe(settings: &MqttSettings) -> Result<(), String> {
    let id = format!("tokkatot-probe-{}", std::process::id());
    let mut options = MqttOptions::new(id, settings.host.clone(), settings.port);
    options.set_credentials(settings.username.clone(), settings.password.clone());
    let (client, mut events) = AsyncClient::new(options, 4);
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => break,
            Ok(_) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    // leaving without a word would be logged by the broker
    drop(client.disconnect().await);
    drop(timeout(Duration::from_millis(200), events.poll()).await);
    Ok(())
}
