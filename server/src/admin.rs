//! The operator's port: metrics and health. It has no sign-in and belongs on a private address.
use crate::{health::Health, metrics};
use axum::{Router, response::IntoResponse, routing::get};
use http::header::CONTENT_TYPE;
use metrics_exporter_prometheus::PrometheusHandle;
use store::Database;

/// What Prometheus's text format calls itself.
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `/metrics`, `/healthz` and `/readyz`. `pools` are shown by their names.
pub fn router(
    health: &Health,
    recorder: PrometheusHandle,
    pools: Vec<(&'static str, Database)>,
) -> Router {
    let scrape = move || {
        pools.iter().for_each(|(name, database)| show_pool(name, database));
        let text = metrics::render(&recorder);
        async move { ([(CONTENT_TYPE, PROMETHEUS)], text).into_response() }
    };
    health.routes(true).route("/metrics", get(scrape))
}

fn show_pool(name: &'static str, database: &Database) {
    let usage = database.usage();
    let show = |state: &'static str, number: u32| {
        ::metrics::gauge!("tokkatot_database_connections", "pool" => name, "state" => state)
            .set(f64::from(number));
    };
    show("idle", usage.idle);
    show("busy", usage.open.saturating_sub(usage.idle));
}
