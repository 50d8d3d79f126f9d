//! `/readyz`: the worst of all conditions decides.
use super::{Condition, Conditions, Health};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Report {
    status: &'static str,
    dependencies: BTreeMap<&'static str, serde_json::Value>,
}

/// Answers `/readyz`.
pub(super) async fn readyz(State((health, private)): State<(Health, bool)>) -> Response {
    let found = health.conditions().await;
    let draining = found.is_none();
    let conditions = found.unwrap_or_default();
    let (status, code) = verdict(draining, &conditions);
    let dependencies =
        conditions.iter().map(|(name, condition)| (*name, shown(condition, private)));
    (code, Json(Report { status, dependencies: dependencies.collect() })).into_response()
}

fn verdict(draining: bool, conditions: &Conditions) -> (&'static str, StatusCode) {
    let any = |wanted: fn(&Condition) -> bool| conditions.values().any(wanted);
    if draining {
        ("draining", StatusCode::SERVICE_UNAVAILABLE)
    } else if any(|condition| matches!(condition, Condition::Down { .. })) {
        ("not ready", StatusCode::SERVICE_UNAVAILABLE)
    } else if any(|condition| matches!(condition, Condition::Degraded { .. })) {
        ("degraded", StatusCode::OK)
    } else {
        ("ready", StatusCode::OK)
    }
}

fn shown(condition: &Condition, private: bool) -> serde_json::Value {
    let mut value = serde_json::to_value(condition).unwrap_or_default();
    if let Some(fields) = value.as_object_mut()
        && !private
    {
        fields.remove("reason");
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn degraded() -> Condition {
        Condition::Degraded { reason: "redis://10.0.0.7 refused".to_owned() }
    }

    #[test]
    fn the_worst_condition_decides_and_a_drain_wins() {
        let mut conditions = Conditions::from([("postgres", Condition::Up)]);
        assert_eq!(verdict(false, &conditions), ("ready", StatusCode::OK));
        conditions.insert("redis", degraded());
        assert_eq!(verdict(false, &conditions), ("degraded", StatusCode::OK));
        conditions.extend(crate::health::condition::down("schema", "old".to_owned()));
        assert_eq!(verdict(false, &conditions).1, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(verdict(true, &conditions), ("draining", StatusCode::SERVICE_UNAVAILABLE));
    }

    #[test]
    fn the_public_port_names_no_hosts() {
        assert_eq!(shown(&degraded(), false), serde_json::json!({ "status": "degraded" }));
        assert!(shown(&degraded(), true).to_string().contains("10.0.0.7"));
    }
}
