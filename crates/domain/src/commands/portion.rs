//! Feed drops in portions. A feeder runs for a time that whoever asks has chosen, and ends that by itself: without
//! one it would feed until somebody comes.
use super::{LONGEST, SHORTEST};
use std::time::Duration;

/// How long feed drops where nobody has chosen another time.
const USUAL: Duration = Duration::from_secs(10);
/// What people choose from, shortest first.
const CHOICES: [Duration; 6] = [
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(30),
    Duration::from_mins(1),
    Duration::from_mins(2),
];

/// How long a feeder that may run for `max_on` drops feed when it is told to: as long as people asked for `last`.
pub fn portion(last: Option<Duration>, max_on: Option<Duration>) -> Duration {
    let most = most(max_on);
    last.filter(|last| (SHORTEST.min(most)..=most).contains(last)).unwrap_or(USUAL.min(most))
}

/// The times that people choose from, shortest first; one at least.
pub fn portions(max_on: Option<Duration>) -> Vec<Duration> {
    let most = most(max_on);
    let all: Vec<Duration> = CHOICES.into_iter().filter(|time| *time <= most).collect();
    if all.is_empty() { vec![most] } else { all }
}

fn most(max_on: Option<Duration>) -> Duration {
    max_on.unwrap_or(LONGEST).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn feed_drops_as_long_as_it_was_asked_for_last() {
        let ten_minutes = Some(seconds(600));
        assert_eq!(portion(None, ten_minutes), seconds(10));
        assert_eq!(portion(Some(seconds(30)), ten_minutes), seconds(30));
        // the feeder may not run so long any more
        assert_eq!(portion(Some(seconds(30)), Some(seconds(20))), seconds(10));
        assert_eq!(portion(Some(seconds(30)), Some(seconds(4))), seconds(4));
        assert_eq!(portion(Some(Duration::ZERO), None), seconds(10));
    }

    #[test]
    fn there_is_always_a_portion_to_choose_and_none_beyond_what_it_may_run() {
        let choices = |max_on| {
            let all = portions(max_on).into_iter();
            all.map(|time| time.as_secs()).collect::<Vec<u64>>()
        };
        assert_eq!(choices(None), [5, 10, 20, 30, 60, 120]);
        assert_eq!(choices(Some(seconds(20))), [5, 10, 20]);
        assert_eq!(choices(Some(seconds(3))), [3]);
    }
}
