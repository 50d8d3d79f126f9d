use super::*;

fn arguments(line: &str) -> Vec<OsString> {
    line.split(' ').map(OsString::from).collect()
}

#[test]
fn every_option_is_also_a_variable() {
    fn without_variable(command: &clap::Command, found: &mut Vec<String>) {
        for argument in command.get_arguments() {
            let named = argument.get_env().and_then(|name| name.to_str());
            if !named.is_some_and(|name| name.starts_with("TOKKATOT_")) {
                found.push(format!("{} {}", command.get_name(), argument.get_id()));
            }
        }
        command.get_subcommands().for_each(|command| without_variable(command, found));
    }
    let mut found = Vec::new();
    without_variable(&Cli::command(), &mut found);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn settings_may_stand_before_and_after_the_command() {
    for line in ["tokkatot --log debug serve", "tokkatot serve --log debug"] {
        let reading = read(arguments(line)).unwrap();
        assert_eq!(reading.cli.options.log.as_deref(), Some("debug"), "{line}");
    }
}

#[test]
fn unknown_variables_are_named_and_those_of_scripts_and_tests_are_let_be() {
    let given =
        ["TOKKATOT_LOGG", "TOKKATOT_PG_PORT", "TOKKATOT_TEST_PG_URL", "PATH", "TOKKATOT_LOG"];
    let known = known_variables(&Cli::command());
    let problems = unknown(&known, given.into_iter().map(str::to_owned));
    insta::assert_snapshot!(problems);
}

#[test]
fn the_command_line_wins_over_the_file() {
    let path = std::env::temp_dir().join(format!("tokkatot-{}.env", uuid::Uuid::new_v4()));
    std::fs::write(&path, "TOKKATOT_LOG=warn\nTOKKATOT_LAN=true\nTOKKATOT_NONSENSE=1\n").unwrap();
    let line = format!("tokkatot --env-file {} serve --log debug", path.display());
    let reading = read(arguments(&line)).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(reading.cli.options.log.as_deref(), Some("debug"));
    assert_eq!(reading.cli.options.lan.as_deref(), Some("true"));
    assert!(reading.problems.to_string().contains("TOKKATOT_NONSENSE"));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let refused = read(arguments("tokkatot --env-file /nowhere/env serve")).unwrap_err();
    assert!(
        matches!(refused, Refused::EnvFile(problem) if problem.to_string().contains("/nowhere/env"))
    );
}

#[test]
fn every_option_of_the_node_commands_is_documented() {
    let docs = include_str!("../../../docs/operations.md");
    let nodes = docs.split_once("\n## Nodes\n").unwrap().1.split_once("\n## ").unwrap().0;
    let rows = || nodes.lines().filter(|line| line.starts_with("| `--"));
    let cli = Cli::command();
    let mut seen = 0;
    for command in cli.find_subcommand("node").unwrap().get_subcommands() {
        let name = command.get_name();
        assert!(nodes.contains(&format!("tokkatot node {name}")), "{name}");
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            let (alone, with) = (format!("`--{option}`"), format!("`--{option} "));
            let row = rows().find(|row| row.contains(&alone) || row.contains(&with));
            let of = row.and_then(|row| row.split('|').nth(2)).unwrap_or_default();
            let is_told = of.contains(&format!("`{name}`")) || of.contains("all but `list`");
            assert!(is_told, "{name} --{option}: {row:?}");
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen}");
}
