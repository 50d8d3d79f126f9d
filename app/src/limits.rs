//! How often something may be done. A limit never vanishes: each is kept in this process's memory, of
//! bounded size, where the oldest is forgotten first when it is full; beside it servers count together in
//! Redis while that is there. Texts that people send are not kept, only their hashes.

mod limit;
mod memory;
mod rates;

pub use limit::{Limit, Taken};
pub use rates::Rates;

use domain::UserId;
use sha2::{Digest as _, Sha256};
use std::{fmt, net::IpAddr, time::Duration};
use store::cache::Cache;

/// How often one person may ask for one page in a minute, unless the installation says otherwise.
pub const READS_A_MINUTE: u32 = 120;
/// Wrong passwords of one account and from one address.
const MOST_WRONG_PASSWORDS: usize = 5;
/// Wrong codes of the second factor, recovery codes too, of one account and from one address.
const MOST_WRONG_SECOND_FACTORS: usize = 5;
/// Wrong invitations and reset codes from one address.
const MOST_WRONG_CODES: usize = 10;
/// New accounts from one address.
const MOST_NEW_ACCOUNTS: usize = 20;
/// Numbers and addresses that somebody is told to have an account already, from one address.
const MOST_KNOWN_LOGINS: usize = 20;
/// Refusals that one person or address brings into the audit trail; more are only logged.
const MOST_AUDITED: usize = 30;

/// The limits, each for a quarter of an hour; requests count for a minute. Cheap to clone; clones count together.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Wrong passwords: of an account, and from an address.
    pub wrong_passwords: Limit,
    /// Wrong codes of the second factor: of an account, and from an address. Only a right one clears them,
    /// so that nobody who has got hold of the password, or of a new one, may go on guessing.
    pub wrong_second_factors: Limit,
    /// Codes typed or followed that are worth nothing (invitations, forgotten passwords): from an address,
    /// as `Subject::address(visitor.came.address)`. Like a password, a code counts as wrong until it is
    /// known to be right: see [`Limit::attempt`].
    pub wrong_codes: Limit,
    /// Accounts that people make: from an address.
    pub new_accounts: Limit,
    /// New accounts that were refused because there is one of that number or address: from an address. Apart
    /// from those that are made, so that neither uses the other up; who has used up one of them waits for both,
    /// since which of them it was to be is what he wants to know.
    pub known_logins: Limit,
    /// Refusals in the audit trail.
    pub audited: Limit,
    /// Requests, of a person or an address and by endpoint: the gate before all endpoints counts them.
    pub requests: Rates,
    /// How often one person may ask for one page in a minute.
    pub(crate) reads_a_minute: u32,
}

impl Limits {
    /// Limits that servers share by `cache`.
    pub fn new(cache: &Cache) -> Self {
        Self {
            wrong_passwords: Limit::new("wrong_passwords", MOST_WRONG_PASSWORDS, cache.clone()),
            wrong_second_factors: Limit::new(
                "wrong_second_factors",
                MOST_WRONG_SECOND_FACTORS,
                cache.clone(),
            ),
            wrong_codes: Limit::new("wrong_codes", MOST_WRONG_CODES, cache.clone()),
            new_accounts: Limit::new("new_accounts", MOST_NEW_ACCOUNTS, cache.clone()),
            known_logins: Limit::new("known_logins", MOST_KNOWN_LOGINS, cache.clone()),
            // each server may write as many
            audited: Limit::new("audited", MOST_AUDITED, Cache::default()),
            requests: Rates::new(cache.clone()),
            reads_a_minute: READS_A_MINUTE,
        }
    }

    /// The same limits with another number of reads.
    pub const fn with_reads(mut self, reads_a_minute: u32) -> Self {
        self.reads_a_minute = reads_a_minute;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(&Cache::default())
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

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// How long to wait until it may be done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub Duration);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ipv6_stands_for_its_network() {
        let subject = |address: &str| Subject::address(address.parse().unwrap());
        assert_eq!(subject("2001:db8:1:2::3"), subject("2001:db8:1:2:ffff::4"));
        assert_ne!(subject("2001:db8:1:2::3"), subject("2001:db8:1:3::3"));
        assert_eq!(subject("::ffff:192.0.2.1"), subject("192.0.2.1"));
        assert_ne!(subject("192.0.2.1"), subject("192.0.2.2"));
    }
}
