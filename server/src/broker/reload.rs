//! Tells Mosquitto on this host to read its files again. It finds the broker by its pid file, and
//! makes sure that the process is one: ids are used again.
use rustix::process::{Pid, Signal, kill_process};
use std::{fs, path::Path};

/// Why the broker was not told.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// There is no pid file, or nothing useful in it.
    #[error("the pid file {0} names no process")]
    NoPid(String),
    /// The process is not there any more, or is not Mosquitto.
    #[error("process {0} is not Mosquitto; it is not running, or its pid file is an old one")]
    NotRunning(i32),
    /// The server runs under an account that may not signal the broker.
    #[error("process {pid} cannot be signalled: {reason}")]
    Refused {
        /// The broker.
        pid: i32,
        /// The kernel's words.
        reason: String,
    },
}

/// The broker's process.
///
/// # Errors
/// There is none.
pub fn running_broker(pid_file: &Path) -> Result<Pid, ReloadError> {
    let nothing = || ReloadError::NoPid(pid_file.display().to_string());
    let text = fs::read_to_string(pid_file).map_err(|_| nothing())?;
    let number: Option<i32> = text.trim().parse().ok().filter(|number| *number > 0);
    let pid = number.and_then(Pid::from_raw).ok_or_else(nothing)?;
    let number = pid.as_raw_nonzero().get();
    let name = fs::read_to_string(format!("/proc/{number}/comm")).unwrap_or_default();
    if name.trim_end() == "mosquitto" { Ok(pid) } else { Err(ReloadError::NotRunning(number)) }
}

/// Sends SIGHUP. Mosquitto then disconnects at once whom its files do not know any more.
///
/// # Errors
/// There is no broker, or it may not be signalled.
pub fn reload(pid_file: &Path) -> Result<(), ReloadError> {
    let pid = running_broker(pid_file)?;
    kill_process(pid, Signal::HUP).map_err(|error| ReloadError::Refused {
        pid: pid.as_raw_nonzero().get(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_programs_process_is_never_signalled() {
        let file = std::env::temp_dir().join(format!("tokkatot-{}.pid", uuid::Uuid::new_v4()));
        fs::write(&file, std::process::id().to_string()).unwrap();
        let refused = reload(&file);
        fs::write(&file, "-1").unwrap();
        let nonsense = reload(&file);
        fs::remove_file(&file).unwrap();
        assert!(matches!(refused, Err(ReloadError::NotRunning(_))), "{refused:?}");
        assert!(matches!(nonsense, Err(ReloadError::NoPid(_))), "{nonsense:?}");
    }
}
