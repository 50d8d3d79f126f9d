//! What only one server may do is done by one, however many want to.
use domain::Timestamp;
use std::time::Duration;
use store::{DatabaseSettings, lease::Holder};
use testkit::{DatabaseRole, TestDatabase};

const SPAN: Duration = Duration::from_secs(8);

/// A time in whole seconds from the tests' beginning.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + seconds * 1000)
}

async fn holder(database: &TestDatabase, name: &str) -> Holder {
    let settings = DatabaseSettings::new(database.url(DatabaseRole::Worker), 1);
    Holder::new(&settings, "ingest", name.to_owned()).await.unwrap()
}

/// Asks until the end of somebody's connection has reached the database.
async fn acquire_soon(holder: &mut Holder, now: Timestamp) -> i64 {
    for _ in 0..200 {
        if let Some(lease) = holder.acquire(now, SPAN).await.unwrap() {
            return lease.epoch;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the lease does not become free");
}

#[tokio::test]
async fn a_lease_is_free_at_its_end_or_when_its_holder_is_gone() {
    let database = testkit::database().await;
    let mut one = holder(&database, "one").await;
    let mut two = holder(&database, "two").await;
    let lease = one.acquire(at(0), SPAN).await.unwrap().unwrap();
    assert_eq!(two.acquire(at(7), SPAN).await.unwrap(), None);
    assert!(one.renew(lease, at(7), SPAN).await.unwrap());
    assert_eq!(two.acquire(at(14), SPAN).await.unwrap(), None);
    assert_eq!(two.acquire(at(15), SPAN).await.unwrap().unwrap().epoch, 2);
    assert!(!one.renew(lease, at(15), SPAN).await.unwrap(), "it is another's");
    drop((one, two));
    assert_eq!(acquire_soon(&mut holder(&database, "three").await, at(30)).await, 3);
}

#[tokio::test]
async fn a_holder_that_dies_is_followed_before_its_lease_ends() {
    let database = testkit::database().await;
    let mut one = holder(&database, "one").await;
    let mut two = holder(&database, "two").await;
    one.acquire(at(0), SPAN).await.unwrap().unwrap();
    assert_eq!(two.acquire(at(1), SPAN).await.unwrap(), None);
    drop(one);
    assert_eq!(acquire_soon(&mut two, at(1)).await, 2);
}

#[tokio::test]
async fn a_lease_that_was_taken_over_at_its_end_is_not_stolen_when_the_lock_becomes_free() {
    let database = testkit::database().await;
    let mut frozen = holder(&database, "frozen").await;
    let mut second = holder(&database, "second").await;
    let mut third = holder(&database, "third").await;
    frozen.acquire(at(0), SPAN).await.unwrap().unwrap();
    let lease = second.acquire(at(9), SPAN).await.unwrap().unwrap();
    // it wakes, learns that it has lost, and its connection ends
    drop(frozen);
    for _ in 0..20 {
        assert_eq!(third.acquire(at(10), SPAN).await.unwrap(), None, "it is the second's until 17");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(second.renew(lease, at(11), SPAN).await.unwrap(), "which gets the lock now");
    assert_eq!(third.acquire(at(12), SPAN).await.unwrap(), None);
    drop(second);
    assert_eq!(acquire_soon(&mut third, at(12)).await, 3, "so that its end is seen at once");
}
