//! What the database says of itself: its time, its schema's version, the rights of a role, the
//! partitions made ahead. For readiness, `doctor` and the clock.
use crate::{StoreError, migrate, pg::PgTime, statement::Statement};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, Bool, Integer, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::Timestamp;

/// The database's schema beside this program's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schema {
    /// They are the same.
    Current,
    /// These migrations have not been run.
    Older(Vec<String>),
    /// A newer program has run these.
    Newer(Vec<String>),
}

/// The database's clock at this moment.
pub async fn time(connection: &mut AsyncPgConnection) -> Result<Timestamp, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Timestamptz)]
        now: PgTime,
    }
    let row: Row = sql_query("SELECT clock_timestamp() AS now").get_result(connection).await?;
    Ok(row.now.into())
}

/// Compares the schema with this program's.
pub async fn schema(connection: &mut AsyncPgConnection) -> Result<Schema, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Array<Text>)]
        versions: Vec<String>,
    }
    let exists: Exists =
        sql_query("SELECT to_regclass('public.__diesel_schema_migrations') IS NOT NULL AS found")
            .get_result(connection)
            .await?;
    let applied = if exists.found {
        let row: Row = sql_query(
            "SELECT array(SELECT version::text FROM public.__diesel_schema_migrations) AS versions",
        )
        .get_result(connection)
        .await?;
        row.versions
    } else {
        Vec::new()
    };
    let ours = migrate::all()
        .map_err(|error| diesel::result::Error::QueryBuilderError(Box::new(error)))?;
    Ok(compare(&applied, ours))
}

fn compare(applied: &[String], ours: Vec<String>) -> Schema {
    let versions: Vec<String> = ours.iter().map(|name| migrate::version(name)).collect();
    let newer: Vec<String> =
        applied.iter().filter(|version| !versions.contains(version)).cloned().collect();
    if !newer.is_empty() {
        return Schema::Newer(newer);
    }
    let missing: Vec<String> =
        ours.into_iter().filter(|name| !applied.contains(&migrate::version(name))).collect();
    if missing.is_empty() { Schema::Current } else { Schema::Older(missing) }
}

/// What a role is, and is not, allowed to do.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct RoleRights {
    /// Its name.
    #[diesel(sql_type = Text)]
    pub role: String,
    /// Superuser, or exempt from row-level security.
    #[diesel(sql_type = Bool)]
    pub is_exempt: bool,
    /// Owns the tables.
    #[diesel(sql_type = Bool)]
    pub is_owner: bool,
    /// May read the raw readings of every farm.
    #[diesel(sql_type = Bool)]
    pub reads_raw: bool,
    /// May add readings.
    #[diesel(sql_type = Bool)]
    pub writes_readings: bool,
    /// May change or delete events, which nobody but the owner may.
    #[diesel(sql_type = Bool)]
    pub changes_events: bool,
}

/// The rights of the role that is connected; for a database with a schema.
pub async fn rights(connection: &mut AsyncPgConnection) -> Result<RoleRights, StoreError> {
    let query = sql_query(
        "SELECT current_user::text AS role,
            rolsuper OR rolbypassrls AS is_exempt,
            pg_has_role(current_user, (SELECT relowner FROM pg_class
                WHERE oid = 'public.nodes'::regclass), 'usage') AS is_owner,
            has_table_privilege('readings', 'select') AS reads_raw,
            has_table_privilege('readings', 'insert') AS writes_readings,
            has_table_privilege('event_logs', 'update, delete, truncate') AS changes_events
         FROM pg_roles WHERE rolname = current_user",
    );
    Ok(query.get_result(connection).await?)
}

/// For how many days from `now` on (today too; 30 at most) every table that is cut by time has a
/// partition to put rows in, without a gap.
pub async fn partitions_ahead(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
) -> Result<i32, StoreError> {
    let sql = "SELECT coalesce(min(ahead), 30)
        FROM pg_partitioned_table p
        CROSS JOIN LATERAL (SELECT range_agg(span) AS spans FROM public.partition_spans(p.partrelid)) s
        CROSS JOIN generate_series(0, 29) AS ahead
        CROSS JOIN LATERAL (SELECT (?::timestamptz AT TIME ZONE 'UTC')::date + ahead AS day) d
        WHERE (tstzrange(day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC')
            <@ s.spans) IS NOT TRUE";
    Ok(Statement::<Integer>::new(sql, &[&PgTime(now)]).get_result(connection).await?)
}

/// The tables with rows that had no partition of their own when they came, by name. The worker's hourly
/// job puts them in place; where they stay, it does not run.
pub async fn out_of_place(connection: &mut AsyncPgConnection) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT name FROM public.tables_with_rows_out_of_place() AS name ORDER BY name";
    Ok(Statement::<Text>::new(sql, &[]).load(connection).await?)
}

/// Whether Redis answers.
///
/// # Errors
/// Why it does not, without its URL.
pub async fn redis(url: &str) -> Result<(), String> {
    let client = redis::Client::open(url).map_err(|error| error.to_string())?;
    let connection = client.get_multiplexed_async_connection().await;
    let mut connection = connection.map_err(|error| error.to_string())?;
    let answer: redis::RedisResult<String> = redis::cmd("PING").query_async(&mut connection).await;
    answer.map(drop).map_err(|error| error.to_string())
}

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    found: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_schema_is_older_newer_or_the_same() {
        let ours = || names(&["0001_one", "0002_two"]);
        assert_eq!(compare(&names(&["0002", "0001"]), ours()), Schema::Current);
        assert_eq!(compare(&names(&["0001"]), ours()), Schema::Older(names(&["0002_two"])));
        assert_eq!(compare(&[], ours()), Schema::Older(ours()));
        assert_eq!(compare(&names(&["0001", "0009"]), ours()), Schema::Newer(names(&["0009"])));
    }
}
