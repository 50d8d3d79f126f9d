//! A password from the terminal, which does not show it, or from standard input.
use anyhow::{Context as _, Result, bail, ensure};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Stdin, Write as _};

/// Longer ones are none, so that no file can be read into memory by mistake.
const LONGEST: u64 = 4096;

/// Reads a new password: twice from the terminal, or once from standard input, where it ends with the
/// first line.
pub(super) fn read(is_from_stdin: bool) -> Result<String> {
    let stdin = io::stdin();
    if is_from_stdin {
        return from_stdin();
    }
    if !stdin.is_terminal() {
        bail!("there is no terminal to ask for the password at; use --password-stdin");
    }
    let password = ask(&stdin, "Password: ")?;
    ensure!(password == ask(&stdin, "The same again: ")?, "the two are not the same");
    Ok(password)
}

/// The first line of standard input.
pub(in crate::commands) fn from_stdin() -> Result<String> {
    line(&io::stdin())
}

fn ask(stdin: &Stdin, question: &str) -> Result<String> {
    let _hidden = Hidden::hide(stdin)?;
    let mut out = io::stderr();
    write!(out, "{question}")?;
    out.flush()?;
    let typed = line(stdin);
    writeln!(out)?;
    typed
}

fn line(stdin: &Stdin) -> Result<String> {
    let mut typed = String::new();
    stdin.lock().take(LONGEST).read_line(&mut typed).context("reading the password")?;
    Ok(typed.trim_end_matches(['\r', '\n']).to_owned())
}

/// What is typed is not shown as long as this lives.
struct Hidden<'a> {
    stdin: &'a Stdin,
    before: Termios,
}

impl<'a> Hidden<'a> {
    fn hide(stdin: &'a Stdin) -> Result<Self> {
        let before = tcgetattr(stdin).context("the terminal")?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(stdin, OptionalActions::Flush, &hidden).context("the terminal")?;
        Ok(Self { stdin, before })
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        // a terminal that is gone needs no mending
        _ = tcsetattr(self.stdin, OptionalActions::Now, &self.before);
    }
}
