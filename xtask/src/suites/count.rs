//! How many tests passed, failed, were skipped.

use serde::Deserialize;
use std::fmt;
use std::ops::AddAssign;

/// A sum of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
}

impl Count {
    /// One check that is in order.
    pub(super) const ONE: Self = Self { passed: 1, failed: 0, skipped: 0 };

    /// Reads a line of `cargo test`: `test result: ok. 3 passed; 0 failed; 1 ignored; …`. Other lines are `None`.
    pub(super) fn of_rust_line(line: &str) -> Option<Self> {
        let numbers = line.strip_prefix("test result: ")?.split_once(". ")?.1;
        let number = |word: &str| {
            numbers.split("; ").find_map(|part| part.strip_suffix(word)?.trim().parse().ok())
        };
        Some(Self {
            passed: number("passed")?,
            failed: number("failed")?,
            skipped: number("ignored")?,
        })
    }

    /// Reads Playwright's JSON report. A test that passed only when repeated has failed.
    pub(super) fn of_playwright_report(text: &str) -> serde_json::Result<Self> {
        let Report { stats, errors } = serde_json::from_str(text)?;
        let errors = u64::try_from(errors.len()).unwrap_or(u64::MAX);
        let failed = stats.unexpected + stats.flaky;
        Ok(Self {
            passed: stats.expected,
            failed: failed.max(errors.min(1)),
            skipped: stats.skipped,
        })
    }
}

#[derive(Deserialize)]
struct Report {
    stats: Stats,
    #[serde(default)]
    errors: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Stats {
    expected: u64,
    unexpected: u64,
    flaky: u64,
    skipped: u64,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_a_test_binary_is_read() {
        let line = "test result: FAILED. 12 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(Count::of_rust_line(line), Some(Count { passed: 12, failed: 1, skipped: 2 }));
        assert_eq!(Count::of_rust_line("test a_page_opens ... ok"), None);
    }

    #[test]
    fn a_browser_test_that_passed_only_when_repeated_has_failed() {
        let report = r#"{"stats":{"expected":5,"unexpected":1,"flaky":1,"skipped":0,"duration":1.5},"errors":[]}"#;
        assert_eq!(
            Count::of_playwright_report(report).unwrap(),
            Count { passed: 5, failed: 2, skipped: 0 }
        );
    }

    #[test]
    fn a_browser_run_that_broke_has_failed() {
        let report = r#"{"stats":{"expected":0,"unexpected":0,"flaky":0,"skipped":0},"errors":[{"message":"no config"}]}"#;
        assert_eq!(Count::of_playwright_report(report).unwrap().failed, 1);
    }

    #[test]
    fn the_last_line_is_as_machines_expect_it() {
        assert_eq!(
            Count { passed: 3, failed: 0, skipped: 1 }.to_string(),
            "3 passed, 0 failed, 1 skipped"
        );
    }
}
