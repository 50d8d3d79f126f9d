//! How often something may be done. A limit never vanishes: it is kept in this process's memory, of
//! bounded size, and where that is full the oldest is forgotten first. Texts that people send are not
//! kept, only their hashes.
use domain::{Timestamp, UserId};
use sha2::{Digest as _, Sha256};
use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long everything counts.
const SPAN: Duration = Duration::from_secs(15 * 60);
/// Wrong passwords of one account, and from one address, within [`SPAN`].
const MOST_WRONG_PASSWORDS: usize = 5;
/// Wrong invitations and reset codes from one address within [`SPAN`].
const MOST_WRONG_CODES: usize = 10;
/// New accounts from one address within [`SPAN`].
const MOST_NEW_ACCOUNTS: usize = 20;
/// Refusals that one person or address brings into the audit trail within [`SPAN`]; more are only logged.
const MOST_AUDITED: usize = 30;
/// All that one limit remembers, some 20 MB at the very most. Two hashes at once make no more wrong
/// passwords than that in a quarter of an hour.
const MOST_REMEMBERED: usize = 100_000;

/// The limits of one server. Cheap to clone; clones count together.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Wrong passwords.
    pub wrong_passwords: Limit,
    /// Codes that lead nowhere.
    pub wrong_codes: Limit,
    /// Accounts that people make.
    pub new_accounts: Limit,
    /// Refusals in the audit trail.
    pub audited: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wrong_passwords: Limit::new(MOST_WRONG_PASSWORDS),
            wrong_codes: Limit::new(MOST_WRONG_CODES),
            new_accounts: Limit::new(MOST_NEW_ACCOUNTS),
            audited: Limit::new(MOST_AUDITED),
        }
    }
}

/// Whose doings are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject([u8; 32]);

impl Subject {
    /// An account, by whatever name it was meant.
    pub fn account(user: UserId) -> Self {
        Self::of("account", user.0.as_bytes())
    }

    /// A name that no account has, already in its one spelling.
    pub fn login(name: &str) -> Self {
        Self::of("login", name.as_bytes())
    }

    /// An address; with IPv6 a subscriber's network, since each has many addresses.
    pub fn address(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::of("address", &address.octets()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::of("network", &[a, b, c, d].map(u16::to_be_bytes).concat())
            }
        }
    }

    fn of(kind: &str, content: &[u8]) -> Self {
        Self(
            Sha256::new()
                .chain_update(kind)
                .chain_update([0])
                .chain_update(content)
                .finalize()
                .into(),
        )
    }
}

/// How long to wait until it may be done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub Duration);

/// One limit: so many times in a quarter of an hour, for each subject.
#[derive(Debug, Clone)]
pub struct Limit {
    most: usize,
    memory: Arc<Mutex<Memory>>,
}

impl Limit {
    fn new(most: usize) -> Self {
        Self { most, memory: Arc::default() }
    }

    /// Whether it may be done by all of `subjects` now. Counts nothing.
    ///
    /// # Errors
    /// One of them did it too often.
    pub fn check(&self, subjects: &[Subject], now: Timestamp) -> Result<(), Wait> {
        self.memory(now).check(self.most, subjects, now)
    }

    /// Counts it for all of `subjects`.
    ///
    /// # Errors
    /// One of them did it too often; then it counts for none.
    pub fn take(&self, subjects: &[Subject], now: Timestamp) -> Result<(), Wait> {
        let mut memory = self.memory(now);
        memory.check(self.most, subjects, now)?;
        subjects.iter().for_each(|subject| memory.add(*subject, now));
        Ok(())
    }

    /// Takes one count back.
    pub fn give_back(&self, subject: Subject) {
        self.lock().take_back(subject);
    }

    /// Takes all counts back.
    pub fn clear(&self, subject: Subject) {
        let mut memory = self.lock();
        while memory.take_back(subject) {}
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn memory(&self, now: Timestamp) -> MutexGuard<'_, Memory> {
        let mut memory = self.lock();
        while memory.order.front().is_some_and(|(at, _)| now.since(*at) >= SPAN) {
            memory.forget_oldest();
        }
        memory
    }
}

/// What counts, twice: in its order, and by subject.
#[derive(Debug, Default)]
struct Memory {
    order: VecDeque<(Timestamp, Subject)>,
    times: HashMap<Subject, VecDeque<Timestamp>>,
}

impl Memory {
    fn check(&self, most: usize, subjects: &[Subject], now: Timestamp) -> Result<(), Wait> {
        let full = subjects.iter().filter_map(|subject| {
            let times = self.times.get(subject).filter(|times| times.len() >= most)?;
            Some(times.front()?.plus(SPAN).since(now))
        });
        full.max().map_or(Ok(()), |wait| Err(Wait(wait)))
    }

    fn add(&mut self, subject: Subject, now: Timestamp) {
        if self.order.len() >= MOST_REMEMBERED {
            self.forget_oldest();
        }
        self.order.push_back((now, subject));
        self.times.entry(subject).or_default().push_back(now);
    }

    fn forget_oldest(&mut self) {
        if let Some((_, subject)) = self.order.pop_front() {
            self.drop_time(subject, VecDeque::pop_front);
        }
    }

    /// Forgets the newest of a subject; false if there is none.
    fn take_back(&mut self, subject: Subject) -> bool {
        if !self.times.contains_key(&subject) {
            return false;
        }
        if let Some(place) = self.order.iter().rposition(|(_, of)| *of == subject) {
            self.order.remove(place);
        }
        self.drop_time(subject, VecDeque::pop_back);
        true
    }

    fn drop_time(
        &mut self,
        subject: Subject,
        pop: fn(&mut VecDeque<Timestamp>) -> Option<Timestamp>,
    ) {
        let Some(times) = self.times.get_mut(&subject) else { return };
        pop(times);
        if times.is_empty() {
            self.times.remove(&subject);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(60 * minutes)
    }

    #[test]
    fn the_sixth_in_a_quarter_of_an_hour_waits_until_the_first_is_that_old() {
        let limit = Limit::new(5);
        let sok = Subject::login("sok");
        for minute in 0..5 {
            assert_eq!(limit.take(&[sok], NOW.plus(minutes(minute))), Ok(()));
        }
        assert_eq!(limit.take(&[sok], NOW.plus(minutes(5))), Err(Wait(minutes(10))));
        assert_eq!(limit.check(&[Subject::login("dara")], NOW.plus(minutes(5))), Ok(()));
        assert_eq!(limit.take(&[sok], NOW.plus(minutes(15))), Ok(()));
        assert_eq!(limit.take(&[sok], NOW.plus(minutes(15))), Err(Wait(minutes(1))));
    }

    #[test]
    fn what_is_refused_for_one_counts_for_none() {
        let limit = Limit::new(1);
        let (sok, dara, here) =
            (Subject::login("sok"), Subject::login("dara"), Subject::login("h"));
        assert_eq!(limit.take(&[sok, here], NOW), Ok(()));
        assert!(limit.take(&[dara, here], NOW).is_err());
        assert_eq!(limit.check(&[dara], NOW), Ok(()));
    }

    #[test]
    fn counts_are_given_back_one_by_one_or_all() {
        let limit = Limit::new(2);
        let sok = Subject::login("sok");
        for _ in 0..2 {
            limit.take(&[sok], NOW).unwrap();
        }
        limit.give_back(sok);
        assert_eq!(limit.take(&[sok], NOW), Ok(()));
        assert!(limit.check(&[sok], NOW).is_err());
        limit.clear(sok);
        let memory = limit.lock();
        assert!(memory.order.is_empty() && memory.times.is_empty());
    }

    #[test]
    fn memory_is_bounded_and_old_counts_leave_it() {
        let limit = Limit::new(1);
        let name = |number: usize| Subject::login(&format!("{number}"));
        for number in 0..MOST_REMEMBERED + 10 {
            limit.take(&[name(number)], NOW).unwrap();
        }
        assert_eq!(limit.lock().order.len(), MOST_REMEMBERED);
        assert_eq!(limit.check(&[name(0)], NOW), Ok(()), "the oldest was forgotten");
        assert!(limit.check(&[name(MOST_REMEMBERED)], NOW).is_err(), "the newest counts");
        limit.check(&[name(0)], NOW.plus(SPAN)).unwrap();
        let memory = limit.lock();
        assert!(memory.order.is_empty() && memory.times.is_empty());
    }

    #[test]
    fn an_address_of_ipv6_stands_for_its_network() {
        let subject = |address: &str| Subject::address(address.parse().unwrap());
        assert_eq!(subject("2001:db8:1:2::3"), subject("2001:db8:1:2:ffff::4"));
        assert_ne!(subject("2001:db8:1:2::3"), subject("2001:db8:1:3::3"));
        assert_eq!(subject("::ffff:192.0.2.1"), subject("192.0.2.1"));
        assert_ne!(subject("192.0.2.1"), subject("192.0.2.2"));
    }
}
