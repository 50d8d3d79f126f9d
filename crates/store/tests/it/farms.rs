//! Farms: founded whole, renamed, deleted, brought back.
use crate::society::{NOW, Society, at, farm_facts, house_facts, later, origin};
use domain::{farms::UNDO_DAYS, roles::Role};
use store::{
    farms::{self, FarmError, FarmFacts, NewFarm},
    houses, members,
};

#[tokio::test]
async fn a_farm_begins_with_its_founder_and_houses() {
    let society = Society::new().await;
    let sok = society.person("sok").await;
    let (facts, both) = (farm_facts("កសិដ្ឋាន"), [house_facts("One"), house_facts("Two")]);
    let new = NewFarm { id: farms::new_id(), facts: &facts, houses: &both };
    let scope = farms::create(&society.app, sok, &new, &origin()).await.unwrap().unwrap();
    assert_eq!((scope.user(), scope.role()), (sok, Role::Admin));
    let mut conn = scope.begin(&society.app).await.unwrap();
    assert_eq!(farms::find(&mut conn, scope.farm()).await.unwrap(), Some(facts));
    let found = houses::list(&mut conn, scope.farm()).await.unwrap();
    assert_eq!(found.into_iter().map(|house| house.facts).collect::<Vec<_>>(), both);
    let found = members::list(&mut conn, scope.farm()).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].name.as_str(), found[0].role, found[0].since), ("sok", Role::Admin, NOW));
    assert_eq!(society.events(Some(scope.farm())).await, ["farm_created"]);
}

#[tokio::test]
async fn a_farm_that_can_not_be_made_whole_is_not_made() {
    let society = Society::new().await;
    let sok = society.person("sok").await;
    let facts = FarmFacts { timezone: "Asia/Angkor".to_owned(), ..farm_facts("Farm") };
    let new = NewFarm { id: farms::new_id(), facts: &facts, houses: &[] };
    let refused = farms::create(&society.app, sok, &new, &origin()).await;
    assert!(refused.unwrap_err().to_string().contains("farms_timezone_check"));
    let mut house = house_facts("House");
    house.bird_count = Some(-1);
    let (facts, houses) = (farm_facts("Farm"), [house]);
    let new = NewFarm { id: farms::new_id(), facts: &facts, houses: &houses };
    let refused = farms::create(&society.app, sok, &new, &origin()).await;
    assert!(refused.unwrap_err().to_string().contains("houses_bird_count_check"));
    assert_eq!(society.texts("SELECT name AS value FROM farms").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_farm_that_is_sent_twice_is_made_once_and_nobody_gets_into_anothers_by_its_identity() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let (facts, houses) = (farm_facts("Farm"), [house_facts("House")]);
    let new = NewFarm { id: farms::new_id(), facts: &facts, houses: &houses };
    let origin = origin();
    let send = || farms::create(&society.app, sok, &new, &origin);
    let (one, other) = tokio::join!(send(), send());
    let made = [one.unwrap(), other.unwrap()].into_iter().flatten().count();
    assert_eq!((made, send().await.unwrap()), (1, None));
    let theirs = farms::create(&society.app, dara, &new, &origin).await;
    assert!(matches!(theirs, Err(FarmError::Taken)), "{theirs:?}");
    assert_eq!(society.account(sok).await.memberships.len(), 1);
    assert!(society.account(dara).await.memberships.is_empty());
    assert_eq!(society.events(Some(new.id)).await, ["farm_created"]);
    assert_eq!(society.texts("SELECT name AS value FROM houses").await, ["House"]);
}

#[tokio::test]
async fn a_paused_farm_is_away_for_all_until_an_admin_takes_it_up_again() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let scope = society.farm(sok).await;
    let manager = society.join(&scope, dara, Role::Manager).await;
    assert!(!farms::pause(&society.app, &manager, &origin()).await.unwrap(), "no admin");
    assert!(farms::pause(&society.app, &scope, &origin()).await.unwrap());
    assert!(!farms::pause(&society.app, &scope, &origin()).await.unwrap(), "it is");
    assert!(society.account(sok).await.memberships.is_empty());

    let paused = farms::paused(&society.app, sok).await.unwrap();
    assert_eq!((paused.len(), paused[0].id, paused[0].paused_at), (1, scope.farm(), NOW));
    assert_eq!(farms::paused(&society.app, dara).await.unwrap(), []);
    let resume = async |user| {
        farms::resume(&society.app, user, scope.farm(), &at(later(400))).await.unwrap()
    };
    assert!(!resume(dara).await);
    assert!(resume(sok).await);
    assert!(!resume(sok).await, "it runs");
    assert_eq!(society.account(dara).await.memberships.len(), 1);
    let events = society.events(Some(scope.farm())).await;
    assert_eq!(events[events.len() - 2..], ["farm_paused", "farm_resumed"]);
}

#[tokio::test]
async fn nobody_but_the_operator_takes_up_a_farm_that_the_operator_has_suspended() {
    for suspend in ["UPDATE farms SET is_active = false", "UPDATE farms SET suspended_at = now()"] {
        let society = Society::new().await;
        let sok = society.person("sok").await;
        let scope = society.farm(sok).await;
        society.execute(suspend).await;
        assert!(society.account(sok).await.memberships.is_empty(), "{suspend}");
        assert_eq!(farms::paused(&society.app, sok).await.unwrap(), [], "{suspend}");
        assert!(!farms::pause(&society.app, &scope, &origin()).await.unwrap(), "{suspend}");
        let resumed = farms::resume(&society.app, sok, scope.farm(), &origin()).await.unwrap();
        assert!(!resumed, "{suspend}");
        society.execute("UPDATE farms SET suspended_at = NULL, is_active = true").await;
        assert_eq!(society.account(sok).await.memberships.len(), 1, "{suspend}");
    }
}

#[tokio::test]
async fn a_pause_is_no_way_around_the_operators_suspension_and_outlasts_it() {
    let society = Society::new().await;
    let sok = society.person("sok").await;
    let scope = society.farm(sok).await;
    assert!(farms::pause(&society.app, &scope, &origin()).await.unwrap());
    society.execute("UPDATE farms SET suspended_at = now()").await;
    let resume = async || farms::resume(&society.app, sok, scope.farm(), &origin()).await.unwrap();
    assert_eq!(farms::paused(&society.app, sok).await.unwrap(), []);
    assert!(!resume().await);
    society.execute("UPDATE farms SET suspended_at = NULL").await;
    assert!(society.account(sok).await.memberships.is_empty(), "still paused");
    assert!(resume().await);
    assert!(farms::pause(&society.app, &scope, &origin()).await.unwrap());
    society.execute("UPDATE farms SET is_active = true").await;
    assert_eq!(
        society.account(sok).await.memberships.len(),
        1,
        "the operator ends a pause as well"
    );
    assert_eq!(farms::paused(&society.app, sok).await.unwrap(), []);
}

#[tokio::test]
async fn a_change_tells_the_old_and_the_new() {
    let society = Society::new().await;
    let scope = society.farm(society.person("sok").await).await;
    let facts = FarmFacts { location: None, ..farm_facts("Another") };
    assert!(farms::update(&society.app, &scope, &facts, &origin()).await.unwrap());
    assert!(!farms::update(&society.app, &scope, &facts, &origin()).await.unwrap(), "nothing new");
    let data = "SELECT event_data::text AS value FROM event_logs WHERE event_type = 'farm_changed'";
    assert_eq!(
        society.texts(data).await,
        [
            r#"{"name": {"to": "Another", "from": "Farm"}, "location": {"to": null, "from": "Takeo"}}"#
        ]
    );
}

#[tokio::test]
async fn a_deleted_farm_is_gone_for_all_and_brought_back_by_an_admin_in_time() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let scope = society.farm(sok).await;
    society.join(&scope, dara, Role::Manager).await;
    assert!(farms::delete(&society.app, &scope, &origin()).await.unwrap());
    assert!(!farms::delete(&society.app, &scope, &origin()).await.unwrap());
    assert!(society.account(sok).await.memberships.is_empty());

    let (in_time, too_late) = (u32::from(UNDO_DAYS) - 1, u32::from(UNDO_DAYS));
    let deleted = farms::deleted(&society.app, sok, later(in_time)).await.unwrap();
    assert_eq!((deleted[0].id, deleted[0].deleted_at), (scope.farm(), NOW));
    assert_eq!(farms::deleted(&society.app, sok, later(too_late)).await.unwrap(), []);
    assert_eq!(farms::deleted(&society.app, dara, NOW).await.unwrap(), []);

    let restore = async |user, days| {
        farms::restore(&society.app, user, scope.farm(), &at(later(days))).await.unwrap()
    };
    assert!(!restore(dara, 1).await, "no admin");
    assert!(!restore(sok, too_late).await, "too late");
    assert!(restore(sok, in_time).await);
    assert!(!restore(sok, in_time).await, "it is there");
    assert_eq!(society.account(sok).await.memberships.len(), 1);
    let events = society.events(Some(scope.farm())).await;
    assert_eq!(events.last().unwrap(), "farm_restored");
    assert_eq!(events.iter().filter(|event| *event == "farm_restored").count(), 1);
}
