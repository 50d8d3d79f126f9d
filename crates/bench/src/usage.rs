//! What processes have used, by the operating system's own accounting.
use anyhow::{Context as _, Result};
use std::{fs, time::Duration};

/// Ticks a second in `/proc/*/stat`: 100 on every Linux that Debian builds (`getconf CLK_TCK`).
const TICKS_PER_SECOND: f64 = 100.0;

/// What a process uses from now on.
#[derive(Debug)]
pub struct Meter {
    pid: u32,
    before: Duration,
}

impl Meter {
    /// Begins to measure a process.
    pub fn of(pid: u32) -> Result<Self> {
        Ok(Self { pid, before: cpu(pid)? })
    }

    /// CPU time since the beginning.
    pub fn used(&self) -> Result<Duration> {
        Ok(cpu(self.pid)?.saturating_sub(self.before))
    }
}

/// CPU time of a process with all its threads, of the children it has buried, and of those alive:
/// PostgreSQL is one process a connection.
fn cpu(pid: u32) -> Result<Duration> {
    let mut seconds = ticks(&fs::read_to_string(format!("/proc/{pid}/stat"))?)?;
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    for child in children.split_whitespace() {
        // a child may end between the two reads; then its parent counts it next time
        if let Ok(stat) = fs::read_to_string(format!("/proc/{child}/stat")) {
            seconds += ticks(&stat)?;
        }
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// utime + stime + cutime + cstime in seconds (fields 14 to 17; proc(5)).
fn ticks(stat: &str) -> Result<f64> {
    let (_, after_name) = stat.rsplit_once(')').context("no name in stat")?;
    let ticks: u32 = after_name
        .split_whitespace()
        .skip(11)
        .take(4)
        .map(|field| field.parse::<u32>().unwrap_or(0))
        .sum();
    Ok(f64::from(ticks) / TICKS_PER_SECOND)
}

/// Resident memory in MiB.
pub fn resident_mib(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    let kib: u32 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
    Ok(f64::from(kib) / 1024.0)
}
