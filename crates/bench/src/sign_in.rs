//! How many people can sign in, against the bare work of argon2id.
use crate::{
    pages::{self, Rate},
    usage::Meter,
};
use anyhow::{Context as _, Result};
use argon2::{Algorithm, Argon2, Params, Version};
use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

/// As many as the server hashes at once.
const AT_ONCE: u8 = 2;

/// Hashes with the specification's cost, as fast as this machine can, without a server.
pub fn raw(span: Duration) -> Result<Rate> {
    let meter = Meter::of(std::process::id())?;
    let began = Instant::now();
    let hash = || -> Result<u32> {
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default());
        let (mut count, mut out) = (0, [0; 32]);
        while began.elapsed() < span {
            let done = hasher.hash_password_into(b"a password", b"sixteen bytes ok", &mut out);
            done.ok().context("argon2id does not work")?;
            count += 1;
        }
        Ok(count)
    };
    let count = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(hash)).collect();
        threads.into_iter().try_fold(0, |sum, thread| {
            let count = thread.join().ok().context("a thread died")??;
            anyhow::Ok(sum + count)
        })
    })?;
    Ok(Rate::of(count, began.elapsed(), meter.used()?))
}

/// Signs one person in over and over; `pid` is the server.
pub async fn rate(
    (port, pid): (u16, u32),
    (login, password): (&str, &str),
    span: Duration,
) -> Result<Rate> {
    let meter = Meter::of(pid)?;
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 1..=AT_ONCE {
        let (login, password) = (login.to_owned(), password.to_owned());
        tasks.spawn(async move {
            let mut count = 0_u32;
            while began.elapsed() < span {
                // each from an address of its own: one address may not sign in so often
                let [_, _, high, low] = count.to_be_bytes();
                let from = Ipv4Addr::new(127, task, high, low);
                pages::sign_in((from, port), &login, &password).await?;
                count += 1;
            }
            anyhow::Ok(count)
        });
    }
    let mut count = 0;
    while let Some(done) = tasks.join_next().await {
        count += done??;
    }
    Ok(Rate::of(count, began.elapsed(), meter.used()?))
}
