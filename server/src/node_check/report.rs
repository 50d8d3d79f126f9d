//! What the check came to, for people and for programs.
use super::rules::Rule;
use domain::NodeName;
use serde_json::{Value, json};

/// How it stands with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was kept.
    Passed,
    /// It was broken.
    Failed,
    /// Nobody asked for it, or it does not apply.
    LeftOut,
    /// It can not be seen while another rule is broken.
    NotTried,
}

impl Outcome {
    /// The word in reports.
    const fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::LeftOut => "left out",
            Self::NotTried => "not tried",
        }
    }
}

/// A rule, how it stands with it, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How it stands with it.
    pub outcome: Outcome,
    /// What was seen, or why nothing was.
    pub seen: String,
}

/// The findings about one node, one for each rule, in the rules' order.
#[derive(Debug, Clone)]
pub struct Report {
    /// The node.
    pub node: NodeName,
    /// The findings.
    pub findings: Vec<Finding>,
}

impl Report {
    pub(super) fn new(node: NodeName) -> Self {
        Self { node, findings: Vec::new() }
    }

    pub(super) fn add(&mut self, rule: Rule, outcome: Outcome, seen: impl Into<String>) {
        if self.of(rule).is_none() {
            self.findings.push(Finding { rule, outcome, seen: seen.into() });
        }
    }

    pub(super) fn passed(&mut self, rule: Rule, seen: impl Into<String>) {
        self.add(rule, Outcome::Passed, seen);
    }

    pub(super) fn failed(&mut self, rule: Rule, seen: impl Into<String>) {
        self.add(rule, Outcome::Failed, seen);
    }

    pub(super) fn left_out(&mut self, rules: &[Rule], why: &str) {
        rules.iter().for_each(|rule| self.add(*rule, Outcome::LeftOut, why));
    }

    pub(super) fn not_tried(&mut self, rules: &[Rule], needed: Rule) {
        let why = format!("it can not be seen while `{}` is broken", needed.id());
        rules.iter().for_each(|rule| self.add(*rule, Outcome::NotTried, why.clone()));
    }

    /// The finding about a rule, if there is one yet.
    pub fn of(&self, rule: Rule) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.rule == rule)
    }

    pub(super) fn has_failed(&self, rule: Rule) -> bool {
        self.of(rule).is_some_and(|finding| finding.outcome == Outcome::Failed)
    }

    pub(super) fn in_order(mut self) -> Self {
        self.findings.sort_by_key(|finding| finding.rule);
        self
    }

    /// How many rules ended so.
    pub fn count(&self, outcome: &Outcome) -> usize {
        self.findings.iter().filter(|finding| finding.outcome == *outcome).count()
    }

    /// Whether no rule was broken.
    pub fn is_well(&self) -> bool {
        self.count(&Outcome::Failed) == 0
    }

    /// For people: a line for each rule, with what to do about those that were broken.
    pub fn text(&self) -> String {
        let width = Rule::ALL.iter().map(|rule| rule.id().len()).max().unwrap_or(0);
        let mut text = String::new();
        for Finding { rule, outcome, seen } in &self.findings {
            let mark = match outcome {
                Outcome::Passed => "ok   ",
                Outcome::Failed => "FAIL ",
                Outcome::LeftOut | Outcome::NotTried => "-    ",
            };
            text.push_str(&format!("{mark} {:width$}  {}\n", rule.id(), rule.sentence()));
            text.push_str(&format!("{:5} {:width$}  seen: {seen}\n", "", ""));
            if *outcome == Outcome::Failed {
                text.push_str(&format!("{:5} {:width$}  fix: {}\n", "", "", rule.fix()));
                text.push_str(&format!("{:5} {:width$}  see: {}\n", "", "", rule.reference()));
            }
        }
        let [passed, failed, left_out, not_tried] =
            [Outcome::Passed, Outcome::Failed, Outcome::LeftOut, Outcome::NotTried]
                .map(|outcome| self.count(&outcome));
        text.push_str(&format!(
            "{}: {passed} passed, {failed} failed, {left_out} left out, {not_tried} not tried\n",
            self.node
        ));
        text
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let rules: Vec<Value> = self
            .findings
            .iter()
            .map(|Finding { rule, outcome, seen }| {
                let fix = (*outcome == Outcome::Failed).then_some(rule.fix());
                json!({
                    "id": rule.id(), "rule": rule.sentence(), "outcome": outcome.word(),
                    "seen": seen, "fix": fix, "reference": rule.reference(),
                })
            })
            .collect();
        json!({
            "node": self.node,
            "passed": self.count(&Outcome::Passed),
            "failed": self.count(&Outcome::Failed),
            "left_out": self.count(&Outcome::LeftOut),
            "not_tried": self.count(&Outcome::NotTried),
            "rules": rules,
        })
    }
}
