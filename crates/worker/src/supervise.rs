//! Keeps a task running: one that panics or fails is started again after a growing pause; one that
//! panics without end is given up, so that the process ends and whoever runs it can start anew.
use std::{collections::VecDeque, future::Future, time::Duration};
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// So many panics within this span are no accident.
const PANICS: usize = 5;
const SPAN: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// A panic is restarted within a second; what merely fails waits longer each time.
const LONGEST_PAUSE_AFTER_PANIC: Duration = Duration::from_secs(1);
const LONGEST_PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(30);

/// A task that panicked five times within a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the task {task:?} panicked {PANICS} times within a minute")]
pub struct GaveUp {
    /// Its name.
    pub task: &'static str,
}

/// Runs what `start` makes until it ends well or `stop` is cancelled; the task itself must heed
/// `stop` and end. Dropping the future aborts the task.
///
/// # Errors
/// The task panicked five times within a minute.
pub async fn supervise<Task>(
    name: &'static str,
    stop: CancellationToken,
    mut start: impl FnMut() -> Task,
) -> Result<(), GaveUp>
where
    Task: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let mut panics = VecDeque::new();
    let mut pause = FIRST_PAUSE;
    loop {
        let began = Instant::now();
        let ended = AbortOnDropHandle::new(tokio::spawn(start())).await;
        if began.elapsed() > SPAN {
            pause = FIRST_PAUSE;
        }
        let longest = match ended {
            Ok(Ok(())) => return Ok(()),
            _ if stop.is_cancelled() => return Ok(()),
            Ok(Err(error)) => {
                tracing::error!(task.name = name, error = format!("{error:#}"), "A task failed");
                LONGEST_PAUSE_AFTER_FAILURE
            }
            Err(_) => {
                metrics::counter!("tokkatot_task_panics_total", "task" => name).increment(1);
                tracing::error!(task.name = name, "A task panicked");
                if too_many(&mut panics, Instant::now()) {
                    return Err(GaveUp { task: name });
                }
                LONGEST_PAUSE_AFTER_PANIC
            }
        };
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(pause.min(longest)) => {}
        }
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE_AFTER_FAILURE);
    }
}

/// Remembers a panic at `now`, and whether it was one too many.
fn too_many(panics: &mut VecDeque<Instant>, now: Instant) -> bool {
    panics.push_back(now);
    while panics.front().is_some_and(|first| now.duration_since(*first) > SPAN) {
        panics.pop_front();
    }
    panics.len() >= PANICS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_is_back_within_a_second() {
        let starts = Arc::new(AtomicUsize::new(0));
        let began = Instant::now();
        let done = supervise("test", CancellationToken::new(), || {
            let number = starts.fetch_add(1, Ordering::Relaxed);
            async move {
                assert!(number > 0, "the first one panics");
                Ok(())
            }
        })
        .await;
        assert_eq!(done, Ok(()));
        assert_eq!(starts.load(Ordering::Relaxed), 2);
        assert!(began.elapsed() < Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn five_panics_within_a_minute_are_the_end() {
        let starts = AtomicUsize::new(0);
        let done = supervise("test", CancellationToken::new(), || {
            starts.fetch_add(1, Ordering::Relaxed);
            async { panic!("again") }
        })
        .await;
        assert_eq!(done, Err(GaveUp { task: "test" }));
        assert_eq!(starts.load(Ordering::Relaxed), PANICS);
    }

    #[tokio::test(start_paused = true)]
    async fn panics_far_apart_are_forgiven() {
        let starts = AtomicUsize::new(0);
        let done = supervise("test", CancellationToken::new(), || {
            let number = starts.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::time::sleep(Duration::from_secs(20)).await;
                assert!(number >= 20, "panics for long");
                Ok(())
            }
        })
        .await;
        assert_eq!(done, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failing_task_waits_longer_each_time_and_heeds_the_stop() {
        let stop = CancellationToken::new();
        let starts = Arc::new(AtomicUsize::new(0));
        let task = tokio::spawn({
            let (stop, starts) = (stop.clone(), Arc::clone(&starts));
            async move {
                let fail = || {
                    starts.fetch_add(1, Ordering::Relaxed);
                    async { Err(anyhow::anyhow!("no luck")) }
                };
                supervise("test", stop, fail).await
            }
        });
        tokio::time::sleep(Duration::from_secs(120)).await;
        stop.cancel();
        assert_eq!(task.await.unwrap(), Ok(()));
        let starts = starts.load(Ordering::Relaxed);
        assert!((10..16).contains(&starts), "{starts} starts in two minutes");
    }
}
