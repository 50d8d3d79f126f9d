//! Each migration can be taken back, leaving nothing of itself, and run again.
use crate::{sql, world};
use store::migrate;
use testkit::{DatabaseRole, TestDatabase};

#[tokio::test]
async fn every_migration_goes_up_down_and_up_again() {
    let database = testkit::empty_database().await;
    let url = database.url(DatabaseRole::Owner);
    let mut states = vec![describe(&database).await];
    while migrate::run_next(&url).await.unwrap().is_some() {
        states.push(describe(&database).await);
    }
    assert!(states.len() > 10, "the migrations were run");

    for pair in states.windows(2).rev() {
        migrate::revert_last(&url).await.unwrap();
        assert_eq!(describe(&database).await, pair[0], "down leaves nothing");
        migrate::run_next(&url).await.unwrap();
        assert_eq!(describe(&database).await, pair[1], "up again is the same");
        migrate::revert_last(&url).await.unwrap();
    }

    assert_eq!(migrate::run(&url).await.unwrap().len(), states.len() - 1);
    assert_eq!(&describe(&database).await, states.last().unwrap());
}

#[tokio::test]
async fn what_is_pending_is_told_without_running_it() {
    let database = testkit::empty_database().await;
    let url = database.url(DatabaseRole::Owner);
    let before = migrate::pending(&url).await.unwrap();
    assert_eq!(migrate::pending(&url).await.unwrap(), before);
    assert_eq!(migrate::run(&url).await.unwrap(), before);
    assert_eq!(migrate::pending(&url).await.unwrap(), Vec::<String>::new());
    let as_app = migrate::pending(&database.url(DatabaseRole::App)).await.unwrap();
    assert_eq!(as_app, Vec::<String>::new());
}

#[tokio::test]
async fn two_that_migrate_at_once_run_each_migration_once() {
    let database = testkit::empty_database().await;
    let url = database.url(DatabaseRole::Owner);
    let all = migrate::pending(&url).await.unwrap();
    let (one, other) = tokio::join!(migrate::run(&url), migrate::run(&url));
    let mut ran = one.unwrap();
    ran.extend(other.unwrap());
    ran.sort();
    assert_eq!(ran, all);
}

#[tokio::test]
async fn a_filled_database_can_be_taken_back_whole() {
    let database = testkit::database().await;
    let url = database.url(DatabaseRole::Owner);
    let pool = database.owner();
    world::fill(&mut pool.get().await.unwrap()).await;
    while migrate::revert_last(&url).await.is_ok() {}
    let left = describe(&database).await;
    assert_eq!(left, Vec::<String>::new());
}

/// Everything there is in the schema but Diesel's own table and the partitions, which hold rows and
/// stay when only their maker is taken back.
pub async fn describe(database: &TestDatabase) -> Vec<String> {
    let pool = database.owner();
    sql::texts(&mut pool.get().await.unwrap(), DESCRIBE).await
}

const DESCRIBE: &str = "
WITH kept AS (
    SELECT oid, relname, relkind, reloptions, relrowsecurity, relacl, relowner FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND NOT relispartition
        AND relname NOT LIKE '\\_\\_diesel%' AND relkind <> 'i'
        AND relname !~ '_[0-9]{6,8}(_|$)')
SELECT concat_ws(' ', 'relation', relname, relkind, reloptions, relrowsecurity,
        (SELECT array_agg(acl::text ORDER BY acl::text) FROM unnest(relacl) AS acl
            WHERE acl::text NOT LIKE 'tokkatot_owner=%'),
        obj_description(oid, 'pg_class'), CASE WHEN relkind = 'v' THEN pg_get_viewdef(oid) END) AS value
    FROM kept
UNION ALL SELECT concat_ws(' ', 'column', k.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        a.attnotnull, a.attidentity, a.attacl, pg_get_expr(d.adbin, d.adrelid),
        col_description(k.oid, a.attnum))
    FROM kept k JOIN pg_attribute a ON a.attrelid = k.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = k.oid AND d.adnum = a.attnum
UNION ALL SELECT concat_ws(' ', 'constraint', k.relname, c.conname, pg_get_constraintdef(c.oid))
    FROM kept k JOIN pg_constraint c ON c.conrelid = k.oid
UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid))
    FROM kept k JOIN pg_index i ON i.indrelid = k.oid
UNION ALL SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid))
    FROM kept k JOIN pg_trigger t ON t.tgrelid = k.oid AND NOT t.tgisinternal
UNION ALL SELECT concat_ws(' ', 'policy', k.relname, p.polname, p.polcmd,
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    FROM kept k JOIN pg_policy p ON p.polrelid = k.oid
UNION ALL SELECT concat_ws(' ', 'function', pg_get_functiondef(p.oid), p.proacl,
        obj_description(p.oid, 'pg_proc'))
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
UNION ALL SELECT concat_ws(' ', 'type', t.typname,
        (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
    FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd')
ORDER BY value";
