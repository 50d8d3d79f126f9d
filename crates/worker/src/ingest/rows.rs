//! Rows of one commit: sorted by series and time (the table's own order, which is the cheapest to
//! insert), each key once, and the newest of each series.
use domain::Timestamp;
use store::readings::{NewLatest, NewReadings};

/// One reading on its way into the database.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub(super) series: i32,
    pub(super) ts: Timestamp,
    pub(super) value: f64,
    /// What the sensor said, where calibration changed it.
    pub(super) value_raw: Option<f64>,
    pub(super) seq: Option<i64>,
    pub(super) said: Option<Timestamp>,
    pub(super) boot: Option<i32>,
    pub(super) quality: i16,
    pub(super) received_at: Timestamp,
    /// Which message of the batch it came with.
    pub(super) message: usize,
    /// Its order in the batch: of two with the same key the first stays.
    pub(super) order: usize,
    /// Where its node and series stand in memory.
    pub(super) place: (usize, usize),
}

impl Row {
    /// What the sensor said.
    pub(super) fn raw(&self) -> f64 {
        self.value_raw.unwrap_or(self.value)
    }
}

/// Rows, ready to be sent.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) readings: NewReadings,
    /// The message each reading came with.
    pub(super) messages: Vec<usize>,
    pub(super) latest: NewLatest,
    /// The newest row of each series, in the order of `latest`.
    pub(super) newest: Vec<Row>,
    /// Readings that stand twice.
    pub(super) duplicates: u64,
    /// Messages whose reading has the key of an earlier one and another value.
    pub(super) conflicts: Vec<usize>,
}

/// Makes columns of rows. `is_newer` tells whether a row is newer than what is known of its series.
pub(super) fn columns(mut rows: Vec<Row>, is_newer: impl Fn(&Row) -> bool) -> Columns {
    rows.sort_unstable_by_key(|row| (row.series, row.ts, row.order));
    let mut columns = Columns::with_capacity(rows.len());
    let mut previous: Option<Row> = None;
    for row in rows {
        match previous {
            Some(first) if (first.series, first.ts) == (row.series, row.ts) => {
                if first.raw().to_bits() == row.raw().to_bits() {
                    columns.duplicates += 1;
                } else {
                    columns.conflicts.push(row.message);
                }
                continue;
            }
            Some(last) if last.series != row.series && is_newer(&last) => columns.push_latest(last),
            _ => {}
        }
        columns.push(&row);
        previous = Some(row);
    }
    if let Some(last) = previous.filter(is_newer) {
        columns.push_latest(last);
    }
    columns
}

impl Columns {
    fn with_capacity(rows: usize) -> Self {
        let mut columns = Self::default();
        let readings = &mut columns.readings;
        readings.series.reserve(rows);
        readings.ts.reserve(rows);
        readings.value.reserve(rows);
        readings.value_raw.reserve(rows);
        readings.seq.reserve(rows);
        readings.device_ts.reserve(rows);
        readings.boot.reserve(rows);
        readings.quality.reserve(rows);
        columns.messages.reserve(rows);
        columns
    }

    fn push(&mut self, row: &Row) {
        let readings = &mut self.readings;
        readings.series.push(row.series);
        readings.ts.push(row.ts);
        readings.value.push(row.value);
        readings.value_raw.push(row.value_raw);
        readings.seq.push(row.seq);
        readings.device_ts.push(row.said);
        readings.boot.push(row.boot);
        readings.quality.push(row.quality);
        self.messages.push(row.message);
    }

    fn push_latest(&mut self, row: Row) {
        let latest = &mut self.latest;
        latest.series.push(row.series);
        latest.ts.push(row.ts);
        latest.value.push(row.value);
        latest.value_raw.push(row.value_raw);
        latest.quality.push(row.quality);
        latest.received_at.push(row.received_at);
        self.newest.push(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(order: usize, series: i32, ts: i64, value: f64) -> Row {
        Row {
            series,
            ts: Timestamp::from_millis(ts),
            value,
            value_raw: None,
            seq: None,
            said: None,
            boot: None,
            quality: 0,
            received_at: Timestamp::from_millis(0),
            message: order,
            order,
            place: (0, 0),
        }
    }

    #[test]
    fn rows_are_sorted_and_the_newest_of_each_series_is_found() {
        let rows =
            vec![row(0, 2, 5, 1.0), row(1, 1, 9, 2.0), row(2, 2, 4, 3.0), row(3, 1, 10, 4.0)];
        let columns = columns(rows, |_| true);
        assert_eq!(columns.readings.series, [1, 1, 2, 2]);
        assert_eq!(columns.readings.value, [2.0, 4.0, 3.0, 1.0]);
        assert_eq!(columns.messages, [1, 3, 2, 0]);
        assert_eq!(columns.latest.value, [4.0, 1.0]);
    }

    #[test]
    fn of_two_with_one_key_the_first_stays() {
        let rows = vec![row(0, 1, 5, 1.0), row(1, 1, 5, 1.0), row(2, 1, 5, 2.0)];
        let columns = columns(rows, |_| true);
        assert_eq!(columns.readings.value, [1.0]);
        assert_eq!((columns.duplicates, columns.conflicts), (1, vec![2]));
    }

    #[test]
    fn an_older_row_is_not_the_newest_of_its_series() {
        let rows = vec![row(0, 1, 5, 1.0), row(1, 2, 5, 1.0)];
        let columns = columns(rows, |row| row.series == 2);
        assert_eq!(columns.readings.series, [1, 2]);
        assert_eq!(columns.latest.series, [2]);
    }
}
