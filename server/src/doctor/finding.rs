//! What was found about one dependency, and the table of all.

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    what: String,
    says: String,
    mending: Option<String>,
}

impl Finding {
    /// All is well with `what`.
    pub fn well(what: impl Into<String>, says: impl Into<String>) -> Self {
        Self { what: what.into(), says: says.into(), mending: None }
    }

    /// Something is wrong with `what`, and `mending` is what to do.
    pub fn wrong(
        what: impl Into<String>,
        says: impl Into<String>,
        mending: impl Into<String>,
    ) -> Self {
        Self { what: what.into(), says: says.into(), mending: Some(mending.into()) }
    }

    /// Whether nothing has to be done.
    pub fn is_well(&self) -> bool {
        self.mending.is_none()
    }
}

/// The findings below each other, the names in a column.
pub fn table(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.what.chars().count()).max().unwrap_or(0);
    let mut table = String::new();
    for finding in findings {
        let mark = if finding.is_well() { "ok   " } else { "WRONG" };
        table.push_str(&format!("{mark}  {:width$}  {}\n", finding.what, finding.says));
        if let Some(mending) = &finding.mending {
            table.push_str(&format!("{:5}  {:width$}  fix: {mending}\n", "", ""));
        }
    }
    let wrong = findings.iter().filter(|finding| !finding.is_well()).count();
    table.push_str(&match wrong {
        0 => "all is well\n".to_owned(),
        1 => "one thing is wrong\n".to_owned(),
        number => format!("{number} things are wrong\n"),
    });
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_to_do() {
        let findings = [
            Finding::well("postgres", "tokkatot_app can sign in"),
            Finding::wrong("redis", "connection refused", "start Redis"),
        ];
        insta::assert_snapshot!(table(&findings));
    }
}
