//! Both languages say the same things: equal message ids, equal variables, no id twice, only the scripts that
//! belong there (the original's Khmer held Hangul and Thai letters by mistake), and no English plural in Khmer.

use crate::workspace::Workspace;
use anyhow::{Context, Result, ensure};
use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey,
};
use fluent_syntax::parser;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A message's id → the variables it uses.
type Messages = BTreeMap<String, BTreeSet<String>>;

/// What may stand in a message besides ASCII and Khmer.
const SIGNS: &str = "°·×…–—‘’“”«»→←↑↓−≥≤±•₀₁₂₃²³\u{a0}\u{200b}\u{200c}\u{200d}";

/// Compares `locales/km` with `locales/en`.
///
/// # Errors
/// When they differ, or a file holds what it should not.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut findings = Vec::new();
    let khmer = read(&workspace.path("locales/km"), true, &mut findings)?;
    let english = read(&workspace.path("locales/en"), false, &mut findings)?;
    findings.extend(differences(&khmer, &english));
    ensure!(!khmer.is_empty(), "no message was found in locales/km");
    println!("locales: {} messages", khmer.len());
    super::report("locales", &findings)
}

fn read(folder: &Path, khmer: bool, findings: &mut Vec<String>) -> Result<Messages> {
    let mut messages = Messages::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let text =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        collect(&path.display().to_string(), &text, khmer, &mut messages, findings);
    }
    Ok(messages)
}

fn collect(
    file: &str,
    text: &str,
    khmer: bool,
    messages: &mut Messages,
    findings: &mut Vec<String>,
) {
    for sign in text.chars().filter(|sign| !is_allowed(*sign)).collect::<BTreeSet<_>>() {
        findings.push(format!(
            "{file}: the sign {sign} (U+{:04X}) belongs to no language here",
            u32::from(sign)
        ));
    }
    let resource = match parser::parse(text) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            findings.extend(errors.iter().map(|error| format!("{file}: {error}")));
            resource
        }
    };
    for entry in resource.body {
        let (id, patterns) = match entry {
            Entry::Message(message) => {
                let attributes = message.attributes.into_iter().map(|attribute| attribute.value);
                (
                    message.id.name.to_owned(),
                    message.value.into_iter().chain(attributes).collect::<Vec<_>>(),
                )
            }
            Entry::Term(term) => (format!("-{}", term.id.name), vec![term.value]),
            _ => continue,
        };
        let mut variables = BTreeSet::new();
        for pattern in &patterns {
            walk(pattern, &mut |found| match found {
                Found::Variable(name) => {
                    variables.insert(name.to_owned());
                }
                Found::Plural(category) if khmer && category != "other" => {
                    findings.push(format!(
                        "{file}: {id} has the plural [{category}], which Khmer has not"
                    ));
                }
                Found::Plural(_) => {}
            });
        }
        if messages.insert(id.clone(), variables).is_some() {
            findings.push(format!("{file}: {id} is there twice"));
        }
    }
}

/// What the walk through a message meets.
enum Found<'a> {
    Variable(&'a str),
    Plural(&'a str),
}

const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

fn walk<'a>(pattern: &'a Pattern<&'a str>, meet: &mut impl FnMut(Found<'a>)) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => walk_inline(inline, meet),
            Expression::Select { selector, variants } => {
                walk_inline(selector, meet);
                for variant in variants {
                    if let VariantKey::Identifier { name } = &variant.key
                        && PLURALS.contains(name)
                    {
                        meet(Found::Plural(name));
                    }
                    walk(&variant.value, meet);
                }
            }
        }
    }
}

fn walk_inline<'a>(inline: &'a InlineExpression<&'a str>, meet: &mut impl FnMut(Found<'a>)) {
    match inline {
        InlineExpression::VariableReference { id } => meet(Found::Variable(id.name)),
        InlineExpression::FunctionReference { arguments, .. } => {
            for argument in &arguments.positional {
                walk_inline(argument, meet);
            }
        }
        InlineExpression::Placeable { expression } => {
            if let Expression::Inline(inline) = expression.as_ref() {
                walk_inline(inline, meet);
            }
        }
        _ => {}
    }
}

fn differences(khmer: &Messages, english: &Messages) -> Vec<String> {
    let mut findings = Vec::new();
    for (id, variables) in khmer {
        match english.get(id) {
            None => findings.push(format!("{id} is missing in en")),
            Some(others) if others != variables => {
                findings.push(format!("{id} uses {variables:?} in km and {others:?} in en"));
            }
            Some(_) => {}
        }
    }
    findings.extend(
        english
            .keys()
            .filter(|id| !khmer.contains_key(*id))
            .map(|id| format!("{id} is missing in km")),
    );
    findings
}

fn is_allowed(sign: char) -> bool {
    sign.is_ascii()
        || ('\u{1780}'..='\u{17ff}').contains(&sign)
        || ('\u{19e0}'..='\u{19ff}').contains(&sign)
        || SIGNS.contains(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(km: &str, en: &str) -> Vec<String> {
        let mut findings = Vec::new();
        let (mut khmer, mut english) = (Messages::new(), Messages::new());
        collect("km", km, true, &mut khmer, &mut findings);
        collect("en", en, false, &mut english, &mut findings);
        findings.extend(differences(&khmer, &english));
        findings
    }

    #[test]
    fn equal_files_are_in_order() {
        assert_eq!(findings("a = ទឹក { $n }\n", "a = water { $n }\n"), Vec::<String>::new());
    }

    #[test]
    fn a_missing_message_is_found() {
        assert_eq!(findings("a = ទឹក\n", "a = water\nb = feed\n"), ["b is missing in km"]);
    }

    #[test]
    fn a_forgotten_variable_is_found() {
        assert_eq!(findings("a = ទឹក\n", "a = water { $n }\n").len(), 1);
    }

    #[test]
    fn a_doubled_message_is_found() {
        assert_eq!(findings("a = ទឹក\na = ទឹក\n", "a = water\n"), ["km: a is there twice"]);
    }

    #[test]
    fn khmer_has_no_singular() {
        let km = "a = { $n ->\n    [one] ទឹក\n   *[other] ទឹក\n}\n";
        let en = "a = { $n ->\n    [one] drop\n   *[other] drops\n}\n";
        assert_eq!(findings(km, en), ["km: a has the plural [one], which Khmer has not"]);
    }

    #[test]
    fn thai_and_hangul_letters_are_found() {
        assert_eq!(findings("a = ทឹក한\n", "a = water\n").len(), 2);
    }
}
