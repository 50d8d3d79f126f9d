//! Rules that every table and function keeps, asked of the catalogue so that a new one is held to them.
use crate::sql;

/// The query finds nothing: it asks for what breaks the rule.
pub async fn holds_for_all(exceptions: &str) {
    let database = testkit::database().await;
    let pool = database.owner();
    let found = sql::texts(&mut pool.get().await.unwrap(), exceptions).await;
    assert_eq!(found, Vec::<String>::new());
}

#[tokio::test]
async fn every_foreign_key_begins_an_index() {
    holds_for_all(
        "SELECT k.conrelid::regclass || ' ' || k.conname AS value FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid AND NOT c.relispartition
        WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indpred IS NULL
                AND i.indkey[0] = k.conkey[1])",
    )
    .await;
}

/// Else a range of pages is read whole until somebody runs VACUUM.
#[tokio::test]
async fn every_brin_index_takes_new_pages_in_by_itself() {
    holds_for_all(
        "SELECT c.relname::text AS value FROM pg_class c JOIN pg_am m ON m.oid = c.relam
        WHERE c.relnamespace = 'public'::regnamespace AND m.amname = 'brin'
            AND NOT 'autosummarize=on' = ANY (coalesce(c.reloptions, '{}'))",
    )
    .await;
}

#[tokio::test]
async fn every_table_view_and_column_says_what_it_is() {
    holds_for_all(
        "SELECT c.relname || coalesce('.' || a.attname, '') AS value FROM pg_class c
        LEFT JOIN LATERAL (
            SELECT 0 AS attnum, NULL AS attname
            UNION ALL SELECT attnum, attname FROM pg_attribute
            WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) a ON true
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
            AND NOT c.relispartition AND c.relname NOT LIKE '\\_\\_diesel%'
            AND coalesce(CASE WHEN a.attnum = 0 THEN obj_description(c.oid, 'pg_class')
                ELSE col_description(c.oid, a.attnum) END, '') = ''",
    )
    .await;
}

#[tokio::test]
async fn every_function_and_type_says_what_it_is() {
    holds_for_all(
        "SELECT proname::text AS value FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND obj_description(oid, 'pg_proc') IS NULL
        UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
            AND typtype = 'e' AND obj_description(oid, 'pg_type') IS NULL",
    )
    .await;
}

#[tokio::test]
async fn every_function_with_the_owners_power_looks_names_up_in_one_place() {
    holds_for_all(
        "SELECT proname::text AS value FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prosecdef
            AND NOT 'search_path=public, pg_temp' = ANY (coalesce(proconfig, '{}'))",
    )
    .await;
}

/// Checks, defaults, policies, indexes and triggers call functions, and a restore runs them with an empty
/// search_path.
#[tokio::test]
async fn no_function_depends_on_the_search_path_of_its_caller() {
    holds_for_all(
        "SELECT proname::text AS value FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prosqlbody IS NULL
            AND NOT EXISTS (SELECT FROM unnest(proconfig) AS setting
                WHERE setting LIKE 'search_path=%')",
    )
    .await;
}

#[tokio::test]
async fn no_function_with_the_owners_power_is_open_to_everyone() {
    holds_for_all(
        "SELECT proname::text AS value FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prosecdef
            AND has_function_privilege('public', oid, 'EXECUTE')",
    )
    .await;
}

#[tokio::test]
async fn every_moment_has_a_zone() {
    holds_for_all(
        "SELECT attrelid::regclass || '.' || attname AS value FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'public'::regnamespace
        WHERE a.atttypid = 'timestamp'::regtype AND a.attnum > 0
            AND c.relname NOT LIKE '\\_\\_diesel%'",
    )
    .await;
}

#[tokio::test]
async fn no_serving_role_reaches_a_partition_or_may_make_tables() {
    holds_for_all(
        "SELECT c.relname || ' ' || role AS value
        FROM pg_class c, unnest(ARRAY['tokkatot_app', 'tokkatot_worker']) AS role
        WHERE c.relispartition AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
            AND (has_any_column_privilege(role, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
                OR has_table_privilege(role, c.oid, 'DELETE, TRUNCATE, TRIGGER'))
        UNION ALL SELECT role FROM unnest(ARRAY['tokkatot_app', 'tokkatot_worker']) AS role
        WHERE has_schema_privilege(role, 'public', 'CREATE')",
    )
    .await;
}
