//! Houses: added, changed, removed, each farm's its own.
use crate::society::{Society, house_facts, origin};
use domain::HouseId;
use store::houses::{self, HouseError};

#[tokio::test]
async fn houses_are_added_changed_and_removed_with_their_events() {
    let society = Society::new().await;
    let scope = society.farm(society.person("sok").await).await;
    let added =
        houses::create(&society.app, &scope, (houses::new_id(), &house_facts("B")), &origin())
            .await
            .unwrap();
    let mut facts = house_facts("A");
    (facts.bird_count, facts.placed_on) = (None, None);
    assert!(houses::update(&society.app, &scope, (added, &facts), &origin()).await.unwrap());
    let mut conn = scope.begin(&society.app).await.unwrap();
    let list = houses::list(&mut conn, scope.farm()).await.unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(
        (list[1].id, &list[1].facts, list[1].devices),
        (added, &facts, 0),
        "behind the first"
    );
    drop(conn);
    assert!(houses::remove(&society.app, &scope, added, &origin()).await.unwrap());
    assert!(!houses::remove(&society.app, &scope, added, &origin()).await.unwrap());
    assert!(!houses::update(&society.app, &scope, (added, &facts), &origin()).await.unwrap());
    assert_eq!(
        society.events(Some(scope.farm())).await,
        ["farm_created", "house_added", "house_changed", "house_removed"]
    );
}

#[tokio::test]
async fn a_form_that_comes_twice_adds_one_house_and_one_filled_in_anew_another() {
    let society = Society::new().await;
    let scope = society.farm(society.person("sok").await).await;
    let (id, facts) = (houses::new_id(), house_facts("B"));
    let add = || async { houses::create(&society.app, &scope, (id, &facts), &origin()).await };
    let (one, other) = tokio::join!(add(), add());
    assert_eq!((one.unwrap(), other.unwrap()), (id, id));
    let next = (id, &house_facts("C"));
    assert_ne!(houses::create(&society.app, &scope, next, &origin()).await.unwrap(), id);
    let added = society.events(Some(scope.farm())).await;
    assert_eq!(added, ["farm_created", "house_added", "house_added"]);
}

#[tokio::test]
async fn of_two_who_give_one_name_at_once_one_is_told() {
    let society = Society::new().await;
    let scope = society.farm(society.person("sok").await).await;
    let (upper, lower) = (house_facts("NORTH"), house_facts("north"));
    let (app, origin) = (&society.app, &origin());
    for _ in 0..5 {
        let (one, other) = tokio::join!(
            houses::create(app, &scope, (houses::new_id(), &upper), origin),
            houses::create(app, &scope, (houses::new_id(), &lower), origin)
        );
        let ids: Vec<HouseId> =
            [&one, &other].into_iter().filter_map(|id| id.as_ref().ok().copied()).collect();
        assert_eq!(ids.len(), 1, "{one:?} {other:?}");
        for refused in [one, other].into_iter().filter_map(Result::err) {
            assert!(matches!(refused, HouseError::SameName), "{refused}");
        }
        let change = (ids[0], &house_facts("north"));
        assert!(houses::update(app, &scope, change, origin).await.unwrap(), "its own name");
        houses::remove(app, &scope, ids[0], origin).await.unwrap();
    }
}

#[tokio::test]
async fn a_house_in_which_devices_hang_stays() {
    let society = Society::new().await;
    let scope = society.farm(society.person("sok").await).await;
    let farm = scope.farm();
    let device = format!(
        "INSERT INTO devices (farm_id, house_id, device_id, hardware_id, name, type, firmware_version)
        SELECT '{farm}', id, 'n:air', 's:air', 'Air', 'sensor', '1' FROM houses WHERE farm_id = '{farm}'"
    );
    society.execute(&device).await;
    let house = houses::list(&mut scope.begin(&society.app).await.unwrap(), farm).await.unwrap();
    assert_eq!(house[0].devices, 1);
    let removed = houses::remove(&society.app, &scope, house[0].id, &origin()).await;
    assert!(matches!(removed, Err(HouseError::HasDevices)), "{removed:?}");
    society.execute("UPDATE devices SET deleted_at = now()").await;
    assert!(houses::remove(&society.app, &scope, house[0].id, &origin()).await.unwrap());
}

#[tokio::test]
async fn another_farms_house_is_as_none() {
    let society = Society::new().await;
    let mine = society.farm(society.person("sok").await).await;
    let theirs = society.farm(society.person("dara").await).await;
    let list = houses::list(&mut theirs.begin(&society.app).await.unwrap(), theirs.farm()).await;
    let house: HouseId = list.unwrap()[0].id;
    let facts = house_facts("Mine");
    assert!(!houses::update(&society.app, &mine, (house, &facts), &origin()).await.unwrap());
    assert!(!houses::remove(&society.app, &mine, house, &origin()).await.unwrap());
    let list = houses::list(&mut mine.begin(&society.app).await.unwrap(), theirs.farm()).await;
    assert_eq!(list.unwrap(), []);
}
