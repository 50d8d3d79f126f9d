//! Looks at everything a server depends on, and says what is wrong and how to mend it.
mod broker;
mod database;
mod finding;
mod host;

pub use finding::{Finding, table};

use crate::config::Settings;

/// Looks at each dependency in turn. What is not configured and can be done without is left out.
pub async fn examine(settings: &Settings) -> Vec<Finding> {
    let mut findings = database::examine(settings).await;
    findings.extend(host::redis(settings).await);
    findings.extend(broker::examine(settings).await);
    findings.push(host::site(settings));
    findings.extend(host::ports(settings).await);
    findings
}
