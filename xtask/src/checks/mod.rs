//! Rules that the compiler cannot hold: who may depend on whom, whose licence we may pass on, that both
//! languages say the same, and where a class is styled. Each check lists all it finds, not only the first.

pub(crate) mod layers;
pub(crate) mod licences;
pub(crate) mod locales;
pub(crate) mod styles;

use anyhow::{Result, bail};

/// Nothing found is success; else every finding is printed.
fn report(name: &str, findings: &[String]) -> Result<()> {
    if findings.is_empty() {
        println!("{name}: in order");
        return Ok(());
    }
    for finding in findings {
        println!("{name}: {finding}");
    }
    bail!("{name}: {} findings", findings.len())
}
