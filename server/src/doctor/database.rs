//! PostgreSQL: each role and its rights, the schema, the clock, the partitions ahead.
use super::Finding;
use crate::config::{DatabaseUrl, Settings};
use domain::Timestamp;
use std::time::Duration;
use store::{
    AsyncPgConnection,
    health::{self, RoleRights, Schema},
};

/// Nodes take the time from the server; this machine's own only dates its log records.
const TOLERATED_CLOCK: Duration = Duration::from_secs(5);
/// The worker makes partitions ahead every day.
const LEAST_PARTITIONS: i32 = 2;

pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let roles = [
        ("postgres as app", "TOKKATOT_DATABASE_URL", &settings.app_database, Expected::App),
        (
            "postgres as worker",
            "TOKKATOT_WORKER_DATABASE_URL",
            &settings.worker_database,
            Expected::Worker,
        ),
        (
            "postgres as owner",
            "TOKKATOT_OWNER_DATABASE_URL",
            &settings.owner_database,
            Expected::Owner,
        ),
    ];
    let mut findings = Vec::new();
    let mut any = None;
    for (what, variable, url, expected) in roles {
        let Some(url) = url else {
            if expected == Expected::Owner {
                continue; // a host that only serves need not have it
            }
            let says = "it is not set";
            findings.push(Finding::wrong(what, says, format!("set {variable}; see --help")));
            continue;
        };
        match store::connect(&url.settings()).await {
            Err(error) => findings.push(unreachable(what, variable, url, &error.to_string())),
            Ok(mut connection) => {
                findings.push(role(what, url, &mut connection, expected).await);
                any = Some(connection);
            }
        }
    }
    if let Some(mut connection) = any {
        findings.extend(whole(&mut connection).await);
    }
    findings
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    App,
    Worker,
    Owner,
}

fn unreachable(what: &str, variable: &str, url: &DatabaseUrl, error: &str) -> Finding {
    let mending = if error.contains("refused") || error.contains("timed out") {
        "start PostgreSQL, or correct host and port".to_owned()
    } else if error.contains("does not exist") {
        "make the roles with scripts/roles.sql and the database, owned by tokkatot_owner".to_owned()
    } else {
        format!("correct {variable}")
    };
    Finding::wrong(what, format!("{url}: {error}"), mending)
}

async fn role(
    what: &str,
    url: &DatabaseUrl,
    connection: &mut AsyncPgConnection,
    expected: Expected,
) -> Finding {
    match health::rights(connection).await {
        Ok(rights) => match fault(&rights, expected) {
            None => Finding::well(what, format!("{url}, with the rights it should have")),
            Some((says, mending)) => Finding::wrong(what, format!("{url} {says}"), mending),
        },
        // without a schema there are no rights yet
        Err(_) => Finding::well(what, format!("{url} can sign in")),
    }
}

fn fault(rights: &RoleRights, expected: Expected) -> Option<(&'static str, &'static str)> {
    let fresh = "run scripts/roles.sql and `tokkatot migrate` again";
    match expected {
        Expected::Owner if !rights.is_owner => {
            Some(("does not own the schema", "sign in as tokkatot_owner"))
        }
        Expected::Owner => None,
        _ if rights.is_exempt || rights.is_owner => {
            Some(("is not bound by row-level security", "sign in as the role of scripts/roles.sql"))
        }
        _ if rights.changes_events => Some(("may change the audit trail", fresh)),
        Expected::App if rights.reads_raw => {
            Some(("may read the readings of every farm", "sign in as tokkatot_app"))
        }
        Expected::Worker if !rights.writes_readings => Some(("may not add readings", fresh)),
        _ => None,
    }
}

/// What does not depend on the role.
async fn whole(connection: &mut AsyncPgConnection) -> Vec<Finding> {
    let mut findings = vec![schema(health::schema(connection).await)];
    let Ok(now) = health::time(connection).await else { return findings };
    findings.push(clock(now, this_machine()));
    if findings.first().is_some_and(Finding::is_well) {
        findings.push(partitions(health::partitions_ahead(connection, now).await));
        findings.push(places(health::out_of_place(connection).await));
    }
    findings
}

fn schema(schema: Result<Schema, store::StoreError>) -> Finding {
    match schema {
        Ok(Schema::Current) => Finding::well("schema", "of this version"),
        Ok(Schema::Older(missing)) => Finding::wrong(
            "schema",
            format!("{} migrations are missing", missing.len()),
            "run `tokkatot migrate`",
        ),
        Ok(Schema::Newer(versions)) => Finding::wrong(
            "schema",
            format!("newer than this program, which does not know {}", versions.join(", ")),
            "install the release that ran `tokkatot migrate`",
        ),
        Err(error) => Finding::wrong("schema", error.to_string(), "look at PostgreSQL's log"),
    }
}

fn clock(database: Timestamp, here: Timestamp) -> Finding {
    let apart = database.since(here).max(here.since(database));
    let says = format!("{} ms from the database's", apart.as_millis());
    if apart <= TOLERATED_CLOCK {
        Finding::well("clock", says)
    } else {
        Finding::wrong("clock", says, "keep both machines' clocks with NTP (systemd-timesyncd)")
    }
}

fn partitions(days: Result<i32, store::StoreError>) -> Finding {
    match days {
        Ok(days) if days >= LEAST_PARTITIONS => {
            Finding::well("partitions", format!("made for {days} days, today included"))
        }
        Ok(days) => Finding::wrong(
            "partitions",
            format!("made for {days} days only"),
            "run a server with the role jobs: it makes them every day",
        ),
        Err(error) => Finding::wrong("partitions", error.to_string(), "run `tokkatot migrate`"),
    }
}

/// A job of the worker's moves such rows within the hour.
fn places(tables: Result<Vec<String>, store::StoreError>) -> Finding {
    match tables {
        Ok(tables) if tables.is_empty() => {
            Finding::well("rows", "all in the partitions of their days")
        }
        Ok(tables) => Finding::wrong(
            "rows",
            format!("of {} wait for a partition of their own", tables.join(" and ")),
            "run a server with the role jobs, and look at its log if they are here in an hour",
        ),
        Err(error) => Finding::wrong("rows", error.to_string(), "run `tokkatot migrate`"),
    }
}

#[expect(clippy::disallowed_methods, reason = "this machine's clock is what is examined")]
fn this_machine() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = now.unwrap_or_default().as_millis();
    Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_found_either_way() {
        let noon = Timestamp::from_millis(43_200_000);
        assert!(clock(noon, noon.plus(Duration::from_secs(4))).is_well());
        assert!(!clock(noon, noon.plus(Duration::from_secs(6))).is_well());
        assert!(!clock(noon.plus(Duration::from_secs(6)), noon).is_well());
    }
}
