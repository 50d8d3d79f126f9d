//! Runs the server: builds its parts, starts its tasks, and ends them in good order.
mod connections;
mod listeners;
mod parts;
mod pool;
mod roles;
mod stop;
mod tasks;

pub use parts::Parts;
pub use roles::{Role, Roles};

use crate::{admin, config::Settings, http, metrics};
use anyhow::Result;
use listeners::Listeners;
use stop::{Ending, Stop};
use tasks::Tasks;

/// Serves until it is told to stop, or until a part of it cannot go on.
///
/// # Errors
/// What kept it from starting, or made it give up, in the operator's words.
pub async fn run(settings: Settings, roles: Roles) -> Result<()> {
    let recorder = metrics::install()?;
    let stop = Stop::new()?;
    let parts = Parts::build(settings, roles).await?;
    let pages = parts.router(&stop)?;
    let listeners = Listeners::bind(&parts).await?;
    let mut tasks = Tasks::start(&parts, &stop, recorder.clone());
    let admin = admin::router(&parts.health, recorder, parts.pools());
    let public = http::observed(pages.merge(parts.health.routes(false)));
    let serving = listeners.serve(public, admin, &stop);
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        roles = %roles,
        http.address = %parts.settings.web.http_addr,
        admin.address = %parts.settings.web.admin_addr,
        "The server is up"
    );
    if roles.web && parts.settings.web.has_unknown_proxy() {
        tracing::warn!(
            "TOKKATOT_TRUSTED_PROXIES does not name the proxy: to the limit of wrong passwords and to the audit trail everybody comes from its address"
        );
    }
    let ending = tokio::select! {
        () = stop.asked() => Ending::Asked,
        gave_up = tasks.gave_up() => Ending::GaveUp(gave_up),
    };
    stop.end(ending, &parts, tasks, serving).await
}
