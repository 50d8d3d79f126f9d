//! `src/schema.rs` is what the migrated database says, comments included. After a migration write it
//! anew with `TOKKATOT_WRITE_SCHEMA=1 cargo test -p store schema_file`.
use crate::sql;
use serde::Deserialize;
use std::{env, fmt::Write, fs, path::Path};

#[tokio::test]
async fn schema_rs_says_what_the_database_says() {
    let database = testkit::database().await;
    let pool = database.owner();
    let mut connection = pool.get().await.unwrap();
    let types: Vec<Named> = sql::rows(&mut connection, ENUMS).await;
    let columns: Vec<Column> = sql::rows(&mut connection, COLUMNS).await;
    let joins: Vec<Join> = sql::rows(&mut connection, JOINS).await;
    let wanted = render(&types, &columns, &joins);

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema.rs");
    if env::var_os("TOKKATOT_WRITE_SCHEMA").is_some() {
        fs::write(&file, &wanted).unwrap();
    }

    let written = fs::read_to_string(&file).unwrap_or_default();
    for (wanted, written) in wanted.lines().zip(written.lines().chain(std::iter::repeat(""))) {
        assert_eq!(written, wanted, "write schema.rs anew, see the head of this file");
    }
    assert_eq!(written.len(), wanted.len());
}

#[derive(Deserialize)]
struct Named {
    name: String,
    comment: String,
}

#[derive(Deserialize)]
struct Column {
    table_name: String,
    table_comment: String,
    keys: Vec<String>,
    name: String,
    comment: String,
    type_name: String,
    is_enum: bool,
    length: Option<i32>,
    nullable: bool,
}

#[derive(Deserialize)]
struct Join {
    child: String,
    parent: String,
    column: String,
}

/// Enumerated types.
const ENUMS: &str =
    "SELECT typname AS name, coalesce(obj_description(oid, 'pg_type'), '') AS comment
    FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e' ORDER BY typname";

/// Columns of tables, partitioned tables and views; partitions are their parents' business. A view
/// has no key of its own: Diesel is given the columns its rows are told apart by.
const COLUMNS: &str = "SELECT c.relname AS table_name,
        coalesce(obj_description(c.oid, 'pg_class'), '') AS table_comment,
        CASE c.relname WHEN 'latest_values' THEN ARRAY['series_id']
            WHEN 'members' THEN ARRAY['farm_id', 'user_id']
            WHEN 'my_farms' THEN ARRAY['farm_id']
            WHEN 'sensor_readings' THEN ARRAY['device_id', 'sensor_type', 'time']
            ELSE (SELECT array_agg(k.attname ORDER BY ordinal) FROM pg_index i
                CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS key (attnum, ordinal)
                JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = key.attnum
                WHERE i.indrelid = c.oid AND i.indisprimary) END AS keys,
        a.attname AS name, coalesce(col_description(c.oid, a.attnum), '') AS comment,
        t.typname AS type_name, t.typtype = 'e' AS is_enum,
        CASE WHEN t.typname = 'varchar' AND a.atttypmod > 0 THEN a.atttypmod - 4 END AS length,
        NOT a.attnotnull AND NOT (c.relkind = 'v' AND NOT coalesce(
            a.attname IN ('avatar_url', 'interval_s', 'node', 'device', 'boot', 'seq', 'value_raw'), false))
            AS nullable
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
        AND NOT c.relispartition AND c.relname NOT LIKE '\\_\\_%'
    ORDER BY c.relname, a.attnum";

/// The one foreign key between two tables; where there are several, joins say which they mean.
const JOINS: &str = "SELECT child, parent, min(column_name) AS \"column\" FROM (
        SELECT k.conrelid::regclass::text AS child, k.confrelid::regclass::text AS parent,
            a.attname::text AS column_name
        FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid AND NOT c.relispartition
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid <> k.confrelid) AS one
    GROUP BY child, parent HAVING count(*) = 1 ORDER BY child, parent";

fn render(types: &[Named], columns: &[Column], joins: &[Join]) -> String {
    let mut out = String::from(
        "//! The tables as Diesel sees them, with the database's own comments. Written by the test\n\
         //! `schema_file`; change the migrations instead.\n\n\
         /// Types of the database's own.\n\
         pub mod sql_types {\n",
    );
    for (index, named) in types.iter().enumerate() {
        let gap = if index == 0 { "" } else { "\n" };
        write!(
            out,
            "{gap}    /// {}\n    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]\n    \
             #[diesel(postgres_type(name = \"{}\"))]\n    pub struct {};\n",
            named.comment,
            named.name,
            camel(&named.name)
        )
        .unwrap();
    }
    out.push_str("}\n");
    for table in columns.chunk_by(|a, b| a.table_name == b.table_name) {
        out.push_str(&render_table(table));
    }
    out.push('\n');
    for Join { child, parent, column } in joins {
        writeln!(out, "diesel::joinable!({child} -> {parent} ({column}));").unwrap();
    }
    out.push_str("\ndiesel::allow_tables_to_appear_in_same_query!(\n");
    for table in columns.chunk_by(|a, b| a.table_name == b.table_name) {
        writeln!(out, "    {},", table[0].table_name).unwrap();
    }
    out.push_str(");\n");
    out
}

fn render_table(columns: &[Column]) -> String {
    let table = &columns[0];
    let mut out = format!(
        "\ndiesel::table! {{\n    use diesel::sql_types::*;\n    use super::sql_types::*;\n\n    /// {}\n    {} ({}) {{\n",
        table.table_comment,
        table.table_name,
        table.keys.join(", ")
    );
    for column in columns {
        writeln!(out, "        /// {}", column.comment).unwrap();
        if let Some(length) = column.length {
            writeln!(out, "        #[max_length = {length}]").unwrap();
        }
        let name = if column.name == "type" {
            out.push_str("        #[sql_name = \"type\"]\n");
            "type_"
        } else {
            &column.name
        };
        let kind = sql_type(column);
        let kind = if column.nullable { format!("Nullable<{kind}>") } else { kind };
        writeln!(out, "        {name} -> {kind},").unwrap();
    }
    out.push_str("    }\n}\n");
    out
}

fn sql_type(column: &Column) -> String {
    if column.is_enum {
        return camel(&column.type_name);
    }
    let known = match column.type_name.as_str() {
        "uuid" => "Uuid",
        "text" => "Text",
        "varchar" => "Varchar",
        "bool" => "Bool",
        "int2" => "SmallInt",
        "int4" => "Integer",
        "int8" => "BigInt",
        "float8" => "Double",
        "numeric" => "Numeric",
        "timestamptz" => "Timestamptz",
        "date" => "Date",
        "time" => "Time",
        "jsonb" => "Jsonb",
        "inet" => "Inet",
        "bytea" => "Bytea",
        other => panic!("{}.{}: what is {other} to Diesel?", column.table_name, column.name),
    };
    known.to_owned()
}

fn camel(name: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    name.split('_').map(capital).collect()
}
