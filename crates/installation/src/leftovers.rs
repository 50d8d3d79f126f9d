//! Processes that are not our children: those an earlier run has left, known by the ids it wrote down.

use super::Installation;
use super::program::Part;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Ends what is written down in `run/`, the last started first.
pub(super) fn stop(installation: &Installation) {
    for part in Part::ALL.into_iter().rev() {
        let file = installation.folder.path(&format!("run/{part}.pid"));
        let Some(id) = written_id(&file) else { continue };
        if works_below(id, installation.folder.root()) {
            end(id, part.stop_signal());
        }
        drop(fs::remove_file(file));
    }
}

/// Ends everything that is written down below a folder that nobody owns any more.
pub(super) fn stop_below(folder: &Path) {
    for part in Part::ALL.into_iter().rev() {
        if let Some(id) = written_id(&folder.join(format!("run/{part}.pid")))
            && works_below(id, folder)
        {
            end(id, part.stop_signal());
        }
    }
}

/// The process id in a file.
fn written_id(file: &Path) -> Option<u32> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// Whether a process lives and works in this folder: an id alone may belong to somebody else by now.
fn works_below(id: u32, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|place| place.starts_with(folder))
}

/// Asks a process that is not our child to end, waits, and insists after 15 seconds.
pub(super) fn end(id: u32, how: Signal) {
    signal(id, how);
    let asked = Instant::now();
    while lives(id) {
        if asked.elapsed() > Duration::from_secs(15) {
            signal(id, Signal::KILL);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn lives(id: u32) -> bool {
    // A zombie that waits for its parent has ended as far as we are concerned.
    fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// Sends a signal to a process that may have ended a moment ago, which is as well.
pub(super) fn signal(id: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        _ = kill_process(pid, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_process_that_works_in_our_folder_is_ours() {
        let here = std::env::current_dir().unwrap();
        assert!(works_below(std::process::id(), &here));
        assert!(!works_below(std::process::id(), &here.join("src")));
        assert!(!works_below(u32::MAX, &here));
    }
}
