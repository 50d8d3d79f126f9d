//! The database is the specification's, but for what `seed.toml` excepts and explains.
use crate::{
    catalog,
    seed::{Exception, Facts, Rule, Seed},
    sql, world,
};
use std::collections::BTreeSet;

/// One fact that differs.
#[derive(Debug)]
struct Difference {
    at: String,
    aspect: &'static str,
    seed: String,
    ours: String,
}

#[tokio::test]
async fn every_departure_from_the_specification_is_excepted_and_every_exception_applies() {
    let (seed, actual) = both().await;
    let differences = differences(&seed, &actual);
    let excepts = |exception: &Exception, found: &Difference| {
        (exception.at.as_str(), exception.aspect.as_str(), &*exception.seed, &*exception.ours)
            == (&*found.at, found.aspect, &*found.seed, &*found.ours)
    };
    let rules = |rule: &Rule, found: &Difference| {
        (rule.aspect.as_str(), &*rule.seed, &*rule.ours)
            == (found.aspect, &*found.seed, &*found.ours)
            && rule.at.as_ref().is_none_or(|at| at.contains(&found.at))
    };
    let mut problems = Vec::new();
    for found in &differences {
        let is_excepted = seed.exception.iter().any(|exception| excepts(exception, found))
            || seed.rule.iter().any(|rule| rules(rule, found));
        if !is_excepted {
            problems.push(format!("not excepted: {found:?}"));
        }
    }
    for exception in &seed.exception {
        if !differences.iter().any(|found| excepts(exception, found)) {
            problems.push(format!("no longer applies: {} {}", exception.at, exception.aspect));
        }
    }
    for rule in &seed.rule {
        let applies: Vec<_> = differences.iter().filter(|found| rules(rule, found)).collect();
        let unused = |at: &&String| !applies.iter().any(|found| found.at == **at);
        let unused: Vec<_> = rule.at.iter().flatten().filter(unused).collect();
        if applies.is_empty() || !unused.is_empty() {
            let Rule { aspect, seed, ours, .. } = rule;
            problems.push(format!("no longer applies: {aspect} {seed} → {ours} {unused:?}"));
        }
    }
    assert_eq!(problems, Vec::<String>::new());
}

#[tokio::test]
async fn every_added_column_is_listed_and_there() {
    let (seed, actual) = both().await;
    let wanted = seed.facts();
    let ours: BTreeSet<String> = columns(&actual)
        .filter(|at| seed.table.iter().any(|table| at.starts_with(&format!("{}.", table.name))))
        .filter(|at| !wanted.contains_key(&(at.clone(), "column")))
        .collect();
    let listed: BTreeSet<String> = seed
        .added
        .iter()
        .flat_map(|added| added.columns.iter().map(|column| format!("{}.{column}", added.table)))
        .collect();
    assert_eq!(listed, ours);
}

#[tokio::test]
async fn every_check_is_the_specifications_or_listed() {
    let database = testkit::database().await;
    let pool = database.owner();
    let seed = Seed::read();
    let tables: Vec<_> = seed.table.iter().map(|table| format!("'{}'", table.name)).collect();
    let query = format!(
        "SELECT conrelid::regclass || ' ' || conname AS value FROM pg_constraint
         WHERE contype = 'c' AND conrelid::regclass::text IN ({})",
        tables.join(", ")
    );
    let found = sql::texts(&mut pool.get().await.unwrap(), &query).await;
    let asked_for = seed.check.iter().filter_map(|check| {
        let table = check.column.split('.').next()?;
        check.constraint.as_ref().map(|name| format!("{table} {name}"))
    });
    let added = seed
        .added_check
        .iter()
        .flat_map(|added| added.names.iter().map(move |name| format!("{} {name}", added.table)));
    let listed: BTreeSet<String> = asked_for.chain(added).collect();
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), listed);
}

#[tokio::test]
async fn constraints_take_what_they_should_and_refuse_what_they_should() {
    let database = testkit::database().await;
    let pool = database.owner();
    let mut connection = pool.get().await.unwrap();
    world::fill(&mut connection).await;
    for check in Seed::read().check {
        let (table, column) = check.column.split_once('.').unwrap();
        let update =
            format!("UPDATE {table} SET {column} = $VALUE WHERE id = {}", world::id(table, "b"));
        let statement = check.statement.unwrap_or(update);
        for value in check.accepts {
            let statement = statement.replace("$VALUE", &value);
            sql::execute(&mut connection, &format!("BEGIN; {statement}; ROLLBACK")).await;
        }
        for refused in check.refuses {
            let by = refused.by.or(check.constraint.clone()).expect("a constraint or `by`");
            for value in refused.values {
                let statement = statement.replace("$VALUE", &value);
                let refusal = sql::refusal(&mut connection, &statement).await;
                assert!(refusal.contains(&by), "{}: {value} by {by}: {refusal}", check.says);
            }
        }
    }
}

#[test]
fn every_exception_has_a_reason() {
    let seed = Seed::read();
    let reasons = (seed.exception.iter().map(|exception| &exception.reason))
        .chain(seed.rule.iter().map(|rule| &rule.reason))
        .chain(seed.added.iter().map(|added| &added.reason))
        .chain(seed.added_check.iter().map(|added| &added.reason));
    assert!(reasons.into_iter().all(|reason| reason.ends_with('.') && reason.len() > 20));
    assert_eq!(seed.table.len(), 13);
}

async fn both() -> (Seed, Facts) {
    let database = testkit::database().await;
    let pool = database.owner();
    let seed = Seed::read();
    let wanted = seed.table.iter().flat_map(|table| {
        table.indexes.iter().map(|columns| (table.name.clone(), columns.clone()))
    });
    let facts = catalog::facts(&mut pool.get().await.unwrap(), wanted).await;
    (seed, facts)
}

fn columns(facts: &Facts) -> impl Iterator<Item = String> {
    facts.keys().filter(|(_, aspect)| *aspect == "column").map(|(at, _)| at.clone())
}

/// What differs, and the unique keys that only we have. Of a column that is not there nothing more is
/// asked; tables and columns that only we have are another test's business.
fn differences(seed: &Seed, actual: &Facts) -> Vec<Difference> {
    let wanted = seed.facts();
    let mut found = Vec::new();
    for ((at, aspect), value) in &wanted {
        let is_column = wanted.contains_key(&(at.clone(), "column"));
        let is_absent = is_column && !actual.contains_key(&(at.clone(), "column"));
        if is_absent && *aspect != "column" {
            continue;
        }
        let missing = if *aspect == "column" { "absent" } else { "none" };
        let ours = actual.get(&(at.clone(), *aspect)).map_or(missing, String::as_str);
        if ours != value {
            found.push(Difference {
                at: at.clone(),
                aspect,
                seed: value.clone(),
                ours: ours.to_owned(),
            });
        }
    }
    for ((at, aspect), value) in actual {
        let is_ours = seed.table.iter().any(|table| at.starts_with(&format!("{}.", table.name)));
        if is_ours && *aspect == "unique" && !wanted.contains_key(&(at.clone(), *aspect)) {
            found.push(Difference {
                at: at.clone(),
                aspect,
                seed: "none".to_owned(),
                ours: value.clone(),
            });
        }
    }
    found
}
