//! The file of `--env-file`: `KEY=value` lines that a shell can source as well.
use crate::config::{Problem, Problems};
use std::collections::BTreeMap;

/// Reads the lines. Comments, blank lines, `export` and quotes are as in a shell; nothing is
/// expanded. Lines that are none of this are problems, named by their number.
pub fn parse(name: &str, text: &str, problems: &mut Problems) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match parse_line(line) {
            Some((key, value)) => {
                values.insert(key.to_owned(), value.to_owned());
            }
            None => problems.add(Problem::new(
                format!("{name}, line {number}"),
                "this is not KEY=value",
                "write one setting a line; put a value with spaces into quotes",
            )),
        }
    }
    values
}

fn parse_line(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let (key, value) = line.split_once('=')?;
    let starts_well = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let well_formed = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (starts_well && well_formed).then_some(())?;
    Some((key, unquote(value)?))
}

/// The value between its quotes, or as it stands if it has none and needs none.
fn unquote(value: &str) -> Option<&str> {
    for quote in ['\'', '"'] {
        if let Some(rest) = value.strip_prefix(quote) {
            let inner = rest.strip_suffix(quote)?;
            return (!inner.contains(quote)).then_some(inner);
        }
    }
    (!value.contains(char::is_whitespace)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_a_shell_can_source_is_understood() {
        let text = "# comment\n\nA=1\nexport B='two words'\nC=\"x=y\"\nD=\n";
        let values = parse("env", text, &mut Problems::default());
        let expected = [("A", "1"), ("B", "two words"), ("C", "x=y"), ("D", "")];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(values, expected.into());
    }

    #[test]
    fn every_bad_line_is_named() {
        let mut problems = Problems::default();
        parse("env", "A=1\nnonsense\nB=two words\n1C=x\nD='open\n", &mut problems);
        insta::assert_snapshot!(problems);
    }
}
