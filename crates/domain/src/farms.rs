//! How long a farm waits for second thoughts.
use std::time::Duration;

/// For so many days a deleted farm can be brought back; after them its names are erased. The functions
/// `deleted_farms`, `restore_farm` and `forget_people` of the database know it too, and tests compare.
pub const UNDO_DAYS: u16 = 30;

/// The same as a span of time.
pub const UNDO: Duration = Duration::from_hours(24 * 30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_say_the_same() {
        assert_eq!(UNDO, Duration::from_hours(24) * u32::from(UNDO_DAYS));
    }
}
