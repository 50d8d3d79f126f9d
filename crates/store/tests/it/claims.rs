//! Claiming a controller by its code: once, by whoever may, in time.
use crate::society::{NOW, Society, at, code, later, origin};
use domain::{NodeId, codes::Code, roles::Role};
use store::{
    FarmScope,
    claim::{Claim, claim},
    nodes::{self, NewNode},
};

/// A controller that nobody has claimed, whose code is good for a day.
async fn waiting(society: &Society, name: &str, code: &Code) -> NodeId {
    let new = NewNode {
        name: name.parse().unwrap(),
        farm: None,
        password_hash: "$7$101$c2FsdA==$aGFzaA==".to_owned(),
        serial: None,
        claim: Some((code.clone(), later(1))),
    };
    let owner = society.database.owner();
    nodes::create(&mut owner.get().await.unwrap(), &new, NOW).await.unwrap()
}

async fn claimed(society: &Society, scope: &FarmScope, typed: &Code) -> Claim {
    claim(&society.app, scope, typed, &origin()).await.unwrap()
}

#[tokio::test]
async fn a_code_makes_its_controller_the_farms_and_says_so_whenever_it_is_typed_again() {
    let society = Society::new().await;
    let scope = society.farm(society.person("sok").await).await;
    let node = waiting(&society, "coop-9", &code(9)).await;
    assert_eq!(claimed(&society, &scope, &code(9)).await, Claim::Claimed(node));
    assert_eq!(claimed(&society, &scope, &code(9)).await, Claim::Yours(node));
    assert_eq!(claimed(&society, &scope, &code(8)).await, Claim::Unknown);
    let found = scope.run(&society.app, async |conn| nodes::of_farm(conn, scope.farm()).await);
    let found = found.await.unwrap();
    assert_eq!((found.len(), found[0].id, found[0].claimed_at), (1, node, Some(NOW)));
    assert_eq!(society.events(Some(scope.farm())).await, ["farm_created", "node_claimed"]);
    let owner = society.database.owner();
    let listed = nodes::list(&mut owner.get().await.unwrap()).await.unwrap();
    assert_eq!(listed[0].claim_code, None, "a code that was used is told to no operator");
}

#[tokio::test]
async fn a_code_of_another_farms_controller_is_taken_and_an_old_one_expired() {
    let society = Society::new().await;
    let mine = society.farm(society.person("sok").await).await;
    let theirs = society.farm(society.person("dara").await).await;
    let node = waiting(&society, "coop-9", &code(9)).await;
    waiting(&society, "coop-8", &code(8)).await;
    assert_eq!(claimed(&society, &theirs, &code(9)).await, Claim::Claimed(node));
    assert_eq!(claimed(&society, &mine, &code(9)).await, Claim::Taken);
    let late = claim(&society.app, &mine, &code(8), &at(later(1))).await.unwrap();
    assert_eq!(late, Claim::Expired);
    society.execute("UPDATE nodes SET claim_expires_at = NULL WHERE name = 'coop-8'").await;
    let ever = claim(&society.app, &mine, &code(8), &at(later(900))).await.unwrap();
    assert!(matches!(ever, Claim::Claimed(_)), "{ever:?}");
}

#[tokio::test]
async fn of_two_farms_that_type_a_code_at_the_same_time_one_gets_the_controller() {
    let society = Society::new().await;
    let one = society.farm(society.person("sok").await).await;
    let other = society.farm(society.person("dara").await).await;
    for round in 0..20_u64 {
        let typed = code(1000 + round);
        waiting(&society, &format!("coop-{round}"), &typed).await;
        let (first, second, third) = tokio::join!(
            claimed(&society, &one, &typed),
            claimed(&society, &other, &typed),
            claimed(&society, &one, &typed)
        );
        let all = [first, second, third];
        let got = all.iter().filter(|claim| matches!(claim, Claim::Claimed(_))).count();
        assert_eq!(got, 1, "{all:?}");
        assert!(all.contains(&Claim::Taken), "{all:?}");
    }
    let events = "SELECT count(*)::text AS value FROM event_logs WHERE event_type = 'node_claimed'";
    assert_eq!(society.texts(events).await, ["20"]);
}

/// The scope is of a time when they still were a manager; the database looks up what they are now.
#[tokio::test]
async fn who_is_no_manager_any_more_claims_nothing() {
    let society = Society::new().await;
    let admin = society.farm(society.person("sok").await).await;
    let manager = society.join(&admin, society.person("dara").await, Role::Manager).await;
    let keeper = society.join(&admin, society.person("vanna").await, Role::Keeper).await;
    waiting(&society, "coop-9", &code(9)).await;
    assert_eq!(claimed(&society, &keeper, &code(9)).await, Claim::Unknown);
    society.execute("UPDATE farm_users SET role = 'viewer' WHERE role = 'manager'").await;
    assert_eq!(claimed(&society, &manager, &code(9)).await, Claim::Unknown);
    let free = "SELECT count(*)::text AS value FROM nodes WHERE farm_id IS NULL";
    assert_eq!(society.texts(free).await, ["1"]);
}

#[tokio::test]
async fn a_revoked_controller_can_not_be_claimed() {
    let society = Society::new().await;
    let scope = society.farm(society.person("sok").await).await;
    waiting(&society, "coop-9", &code(9)).await;
    society.execute("UPDATE nodes SET revoked_at = now()").await;
    assert_eq!(claimed(&society, &scope, &code(9)).await, Claim::Unknown);
}
