//! The specification's tables as data: `tests/seed.toml`, read into facts.
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is said of something: (`table` or `table.column`, aspect) → value.
pub type Facts = BTreeMap<(String, &'static str), String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    pub table: Vec<Table>,
    pub check: Vec<Check>,
    pub rule: Vec<Rule>,
    pub exception: Vec<Exception>,
    pub added: Vec<Added>,
    pub added_check: Vec<AddedCheck>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub name: String,
    columns: Vec<Column>,
    pub indexes: Vec<String>,
    #[serde(default)]
    unique: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    type_name: String,
    key: Option<String>,
    null: Option<bool>,
    #[serde(default)]
    unique: bool,
    default: Option<String>,
    references: Option<String>,
}

/// A constraint of the specification, with values to try.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub column: String,
    pub says: String,
    pub constraint: Option<String>,
    pub statement: Option<String>,
    pub accepts: Vec<String>,
    pub refuses: Vec<Refused>,
}

/// Values that must be refused, and by what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    pub values: Vec<String>,
    /// A constraint's name, or what else PostgreSQL says; without it, the check's `constraint`.
    pub by: Option<String>,
}

/// A departure that holds in many places: in those that are named, or else everywhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub aspect: String,
    pub at: Option<Vec<String>>,
    pub seed: String,
    pub ours: String,
    pub reason: String,
}

/// A departure in one place.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    pub at: String,
    pub aspect: String,
    pub seed: String,
    pub ours: String,
    pub reason: String,
}

/// Columns that the specification does not have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Added {
    pub table: String,
    pub columns: Vec<String>,
    pub reason: String,
}

/// Checks that the specification does not ask for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddedCheck {
    pub table: String,
    pub names: Vec<String>,
    pub reason: String,
}

impl Seed {
    pub fn read() -> Self {
        toml::from_str(include_str!("../seed.toml")).unwrap_or_else(|error| panic!("{error}"))
    }

    /// What the specification says, in the words of [`crate::catalog`].
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::new();
        for table in &self.table {
            let keys = table.columns.iter().filter(|column| column.key.is_some());
            let key: Vec<_> = keys.map(|column| column.name.as_str()).collect();
            facts.insert((table.name.clone(), "primary key"), key.join("+"));
            for column in &table.columns {
                let at = format!("{}.{}", table.name, column.name);
                let null = match (column.null, &column.key) {
                    (Some(true), _) => "NULL",
                    (Some(false), _) | (None, Some(_)) => "NOT NULL",
                    (None, None) => "unsaid",
                };
                let none = || "none".to_owned();
                let default = column.default.as_ref().map_or_else(none, |text| text.to_uppercase());
                let references = column.references.clone().unwrap_or_else(none);
                facts.insert((at.clone(), "column"), "there".to_owned());
                facts.insert((at.clone(), "type"), column.type_name.clone());
                facts.insert((at.clone(), "null"), null.to_owned());
                facts.insert((at.clone(), "default"), default);
                facts.insert((at.clone(), "references"), references);
                if column.unique {
                    facts.insert((at, "unique"), "UNIQUE".to_owned());
                }
            }
            for columns in &table.unique {
                let at = format!("{}.{columns}", table.name);
                facts.insert((at, "unique"), "UNIQUE".to_owned());
            }
            for columns in &table.indexes {
                facts.insert((format!("{}.{columns}", table.name), "index"), columns.clone());
            }
        }
        facts
    }
}
