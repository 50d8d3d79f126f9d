//! What several servers count together, so that nobody gets more tries by asking another server. Each
//! answer is `None` where Redis is away: then a server's own count stands alone.
use super::Cache;
use domain::Timestamp;
use std::time::Duration;
use uuid::Uuid;

/// Waits, in milliseconds, until all of KEYS are below ARGV[3] within ARGV[2] ms before ARGV[1]; where
/// that is now, ARGV[4] is counted for each of them, unless it is empty.
const TAKE: &str = "
    local wait = 0
    for _, key in ipairs(KEYS) do
        redis.call('ZREMRANGEBYSCORE', key, '-inf', ARGV[1] - ARGV[2])
        if redis.call('ZCARD', key) >= tonumber(ARGV[3]) then
            local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
            wait = math.max(wait, first + ARGV[2] - ARGV[1])
        end
    end
    if wait == 0 and ARGV[4] ~= '' then
        for _, key in ipairs(KEYS) do
            redis.call('ZADD', key, ARGV[1], ARGV[4])
            redis.call('PEXPIRE', key, ARGV[2])
        end
    end
    return wait";

/// Counts one more, and says how many there are and for how many milliseconds they count. A count that has
/// no end, however that came about, gets one: it would refuse for ever.
const COUNT: &str = "
    local count = redis.call('INCR', KEYS[1])
    if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
    return {count, redis.call('PTTL', KEYS[1])}";

/// A limit of so many within a span of time that goes along with now.
#[derive(Debug, Clone, Copy)]
pub struct Sliding {
    /// How many.
    pub most: usize,
    /// Within which time.
    pub span: Duration,
    /// Now, by the clock of decisions.
    pub now: Timestamp,
}

/// One count, among those of other servers too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted(Uuid);

impl Cache {
    /// How long until one more may be done by all of `keys`: zero if now. Counts nothing.
    pub async fn wait_for(&self, keys: &[String], limit: Sliding) -> Option<Duration> {
        self.take(keys, limit, "").await
    }

    /// The same, and counts one more for each of `keys` if that is now; also what to give it back by.
    pub async fn take_one(&self, keys: &[String], limit: Sliding) -> (Counted, Option<Duration>) {
        let counted = Counted(Uuid::new_v4());
        (counted, self.take(keys, limit, &counted.0.to_string()).await)
    }

    async fn take(&self, keys: &[String], limit: Sliding, count: &str) -> Option<Duration> {
        let Sliding { most, span, now } = limit;
        let mut command = redis::cmd("EVAL");
        command.arg(TAKE).arg(keys.len()).arg(keys);
        command.arg(now.as_millis()).arg(millis(span)).arg(most).arg(count);
        self.run::<u64>(&command).await.map(Duration::from_millis)
    }

    /// Takes one count of a key back. One that Redis never heard of, or that is over, changes nothing.
    pub async fn give_back(&self, key: &str, Counted(id): Counted) {
        self.run::<redis::Value>(redis::cmd("ZREM").arg(key).arg(id.to_string())).await;
    }

    /// Takes all counts of a key back.
    pub async fn forget_counts(&self, key: &str) {
        self.run::<()>(redis::cmd("DEL").arg(key)).await;
    }

    /// Counts one more in a window that begins with the first and lasts `span`: how many there are, and for
    /// how long they count.
    pub async fn count(&self, key: &str, span: Duration) -> Option<(u32, Duration)> {
        let mut command = redis::cmd("EVAL");
        command.arg(COUNT).arg(1).arg(key).arg(millis(span));
        let (count, left): (u32, i64) = self.run(&command).await?;
        Some((count, Duration::from_millis(u64::try_from(left).unwrap_or_default())))
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
