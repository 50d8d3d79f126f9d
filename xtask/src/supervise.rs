//! Watches the processes and starts again whichever dies, as systemd would on a real server.

use anyhow::Result;
use installation::{Installation, Interrupt, Part, Running};
use std::time::{Duration, Instant};

/// Waiting times before a new start, growing while a part keeps dying.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// A part that lived this long is well again.
const WELL: Duration = Duration::from_secs(30);

/// What is known of one part.
#[derive(Debug)]
struct Watch {
    started: Instant,
    deaths: usize,
    /// When to start it again; `None` while it lives.
    due: Option<Instant>,
}

/// Runs until somebody asks us to stop.
pub(crate) fn supervise(
    installation: &Installation,
    parts: &mut [Running],
    interrupt: &Interrupt,
) -> Result<()> {
    let mut watches: Vec<Watch> =
        parts.iter().map(|_| Watch { started: Instant::now(), deaths: 0, due: None }).collect();
    while !interrupt.asked() {
        for (part, watch) in parts.iter_mut().zip(&mut watches) {
            look_after(installation, part, watch)?;
        }
        interrupt.pause(Duration::from_millis(50));
    }
    Ok(())
}

fn look_after(installation: &Installation, running: &mut Running, watch: &mut Watch) -> Result<()> {
    let part = running.part;
    match watch.due {
        None => {
            let Some(status) = running.ended()? else { return Ok(()) };
            if watch.started.elapsed() > WELL {
                watch.deaths = 0;
            }
            let pause = pause_after(watch.deaths);
            println!(
                "[run] {part} ended ({status}): starting it again in {} ms",
                pause.as_millis()
            );
            watch.deaths += 1;
            watch.due = Some(Instant::now() + pause);
        }
        Some(due) if due <= Instant::now() => restart(installation, running, watch, part),
        Some(_) => {}
    }
    Ok(())
}

fn restart(installation: &Installation, running: &mut Running, watch: &mut Watch, part: Part) {
    match installation.start(part) {
        Ok(new) => {
            *running = new;
            watch.started = Instant::now();
            watch.due = None;
        }
        Err(error) => {
            let pause = pause_after(watch.deaths);
            println!(
                "[run] {part} does not start ({error:#}): trying again in {} ms",
                pause.as_millis()
            );
            watch.deaths += 1;
            watch.due = Some(Instant::now() + pause);
        }
    }
}

fn pause_after(deaths: usize) -> Duration {
    PAUSES.get(deaths).or(PAUSES.last()).copied().unwrap_or(WELL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_keeps_dying_is_started_ever_more_slowly_but_never_given_up() {
        assert_eq!(pause_after(0), Duration::from_millis(200));
        assert!(pause_after(3) > pause_after(2));
        assert_eq!(pause_after(1_000), Duration::from_secs(5));
    }
}
