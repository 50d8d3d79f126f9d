//! An invitation for a phone in the same network.

use anyhow::{Context, Result};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// Prints the address as a QR code, and what to know before scanning it.
pub(crate) fn invite(address: &str) -> Result<()> {
    let code = QrCode::new(address).context("making a QR code")?;
    println!();
    println!(
        "{}",
        code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build()
    );
    println!("Scan it with a phone in this network: {address}");
    println!(
        "WARNING: pages and MQTT are open to this network and NOT encrypted: passwords can be read on the way."
    );
    println!(
        "         Only for trying out. docs/operations.md tells how to put HTTPS and MQTT over TLS in front."
    );
    Ok(())
}
