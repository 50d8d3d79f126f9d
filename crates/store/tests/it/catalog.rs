//! What PostgreSQL's catalogue says of the specification's tables, in the specification's words.
use crate::{seed::Facts, sql};
use diesel_async::AsyncPgConnection;
use serde::Deserialize;

#[derive(Deserialize)]
struct Column {
    table_name: String,
    name: String,
    type_name: String,
    labels: Option<Vec<String>>,
    not_null: bool,
    default: Option<String>,
    references: Option<String>,
}

#[derive(Deserialize)]
struct Index {
    table_name: String,
    columns: Vec<String>,
    is_unique: bool,
    is_primary: bool,
    nulls_not_distinct: bool,
    predicate: Option<String>,
}

const COLUMNS: &str = "SELECT c.relname AS table_name, a.attname AS name,
        format_type(a.atttypid, a.atttypmod) AS type_name,
        (SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e
            WHERE e.enumtypid = a.atttypid) AS labels,
        a.attnotnull AS not_null, pg_get_expr(d.adbin, d.adrelid) AS default,
        (SELECT f.relname || '.' || (SELECT string_agg(x.attname, '+' ORDER BY ordinal)
                FROM unnest(k.confkey) WITH ORDINALITY AS key (attnum, ordinal)
                JOIN pg_attribute x ON x.attrelid = f.oid AND x.attnum = key.attnum)
            FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
            WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey[1] = a.attnum
                AND k.conparentid = 0) AS references
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY c.relname, a.attnum";

const INDEXES: &str = "SELECT c.relname AS table_name, i.indisunique AS is_unique,
        i.indisprimary AS is_primary, i.indnullsnotdistinct AS nulls_not_distinct,
        pg_get_expr(i.indpred, i.indrelid) AS predicate,
        (SELECT array_agg(pg_get_indexdef(i.indexrelid, n, true) ORDER BY n)
            FROM generate_series(1, i.indnkeyatts) AS n) AS columns
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition";

/// All facts of the database. Of indexes, those asked for in `wanted`: (table, columns).
pub async fn facts(
    connection: &mut AsyncPgConnection,
    wanted: impl Iterator<Item = (String, String)>,
) -> Facts {
    let columns: Vec<Column> = sql::rows(connection, COLUMNS).await;
    let indexes: Vec<Index> = sql::rows(connection, INDEXES).await;
    let mut facts = Facts::new();
    for column in &columns {
        let at = format!("{}.{}", column.table_name, column.name);
        let null = if column.not_null { "NOT NULL" } else { "NULL" };
        let references = column.references.clone().unwrap_or_else(|| "none".to_owned());
        facts.insert((at.clone(), "column"), "there".to_owned());
        facts.insert((at.clone(), "type"), type_name(column));
        facts.insert((at.clone(), "null"), null.to_owned());
        facts.insert((at.clone(), "default"), default(column));
        facts.insert((at, "references"), references);
    }
    for index in &indexes {
        let columns: Vec<_> = index.columns.iter().map(|column| plain(column)).collect();
        let columns = columns.join("+");
        if index.is_primary {
            facts.insert((index.table_name.clone(), "primary key"), columns);
        } else if index.is_unique {
            let at = format!("{}.{columns}", index.table_name);
            facts.insert((at, "unique"), unique(index, &columns));
        }
    }
    for (table, columns) in wanted {
        let value = serving(&indexes, &table, &columns).unwrap_or_else(|| "none".to_owned());
        facts.insert((format!("{table}.{columns}"), "index"), value);
    }
    facts
}

/// The index that begins with these columns: a whole one, else a partial one with its predicate.
fn serving(indexes: &[Index], table: &str, columns: &str) -> Option<String> {
    let begins = |index: &&Index| {
        index.table_name == table
            && format!("{}+", index.columns.join("+")).starts_with(&format!("{columns}+"))
    };
    let best = indexes.iter().filter(begins).min_by_key(|index| index.predicate.is_some())?;
    Some(format!("{columns}{}", condition(best)))
}

/// ` WHERE …`, if the index is partial.
fn condition(index: &Index) -> String {
    index.predicate.as_ref().map_or_else(String::new, |predicate| {
        format!(" WHERE {}", predicate.trim_matches(['(', ')']))
    })
}

fn type_name(column: &Column) -> String {
    if let Some(labels) = &column.labels {
        return format!("ENUM({})", labels.join("|"));
    }
    if column.type_name == "bigint" && is_serial(column) {
        return "BIGSERIAL".to_owned();
    }
    column
        .type_name
        .replace("timestamp with time zone", "TIMESTAMPTZ")
        .replace("time without time zone", "TIME")
        .replace("character varying", "VARCHAR")
        .replace("numeric", "DECIMAL")
        .to_uppercase()
}

fn is_serial(column: &Column) -> bool {
    column.default.as_ref().is_some_and(|default| default.starts_with("nextval("))
}

/// The default without its cast; a serial column's is part of its type.
fn default(column: &Column) -> String {
    match &column.default {
        Some(default) if !is_serial(column) => {
            default.split("::").next().unwrap_or_default().to_uppercase()
        }
        _ => "none".to_owned(),
    }
}

/// The column inside `lower(…)`.
fn plain(column: &str) -> &str {
    column
        .strip_prefix("lower(")
        .and_then(|rest| rest.strip_suffix(')'))
        .map_or(column, |inner| inner.trim_end_matches("::text"))
}

fn unique(index: &Index, columns: &str) -> String {
    let mut value = "UNIQUE".to_owned();
    let expressions = index.columns.join("+");
    if expressions != columns {
        value.push_str(&format!(" on {expressions}"));
    }
    if index.nulls_not_distinct {
        value.push_str(" NULLS NOT DISTINCT");
    }
    value.push_str(&condition(index));
    value
}
