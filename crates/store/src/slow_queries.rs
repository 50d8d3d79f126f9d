//! Says which queries were slow. The values they were given are never logged: they may be personal.
use diesel::connection::{Instrumentation, InstrumentationEvent};
use std::time::{Duration, Instant};

/// Watches one connection.
pub(crate) struct SlowQueries {
    threshold: Duration,
    began: Option<Instant>,
}

impl SlowQueries {
    /// Queries that take `threshold` or longer are logged.
    pub(crate) const fn over(threshold: Duration) -> Self {
        Self { threshold, began: None }
    }

    fn finish(&mut self, query: &dyn std::fmt::Display, failed: bool) {
        let Some(took) = self.began.take().map(|began| began.elapsed()) else { return };
        if took >= self.threshold {
            metrics::counter!("tokkatot_database_slow_queries_total").increment(1);
            tracing::warn!(
                query.sql = without_values(&query.to_string()),
                query.seconds = took.as_secs_f64(),
                query.failed = failed,
                "A query was slow"
            );
        }
    }
}

impl Instrumentation for SlowQueries {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.began = Some(Instant::now()),
            InstrumentationEvent::FinishQuery { query, error, .. } => {
                self.finish(query, error.is_some());
            }
            _ => {}
        }
    }
}

/// diesel prints a query's values behind its text.
fn without_values(printed: &str) -> &str {
    printed.split_once("-- binds:").map_or(printed, |(sql, _)| sql).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::prelude::*;

    diesel::table! { people (name) { name -> Text, } }

    #[test]
    fn values_are_left_out() {
        let query = people::table.filter(people::name.eq("Sok Dara"));
        let printed = diesel::debug_query::<diesel::pg::Pg, _>(&query).to_string();
        assert!(printed.contains("Sok Dara"), "{printed}");
        let logged = without_values(&printed);
        assert!(logged.contains("WHERE") && !logged.contains("Sok Dara"), "{logged}");
    }
}
