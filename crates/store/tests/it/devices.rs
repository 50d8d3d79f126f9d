//! Devices as managers change them: each farm's its own, each change with its event, each twice as once.
use crate::{
    row_locks::until_waiting,
    society::{Society, at, later, origin},
    sql,
};
use domain::{
    DeviceId, HouseId,
    devices::{DeviceIcon, DeviceKind, DeviceType},
};
use store::{
    FarmScope,
    devices::{self, Device, DeviceFacts, DeviceFilter, Replaced, Restored, Saved},
    houses::{self, HouseError},
};

/// A farm with a house and a controller that was heard of with these channels.
pub async fn farm(society: &Society, name: &str, channels: &[&str]) -> FarmScope {
    let scope = society.farm(society.person(name).await).await;
    add_node(society, &scope, &format!("{name}-1"), channels).await;
    scope
}

pub async fn add_node(society: &Society, scope: &FarmScope, node: &str, channels: &[&str]) {
    let farm = scope.farm();
    let mut sql = format!(
        "INSERT INTO nodes (farm_id, name, password_hash, is_online, firmware_version)
         VALUES ('{farm}', '{node}', '$7$101$c2FsdA==$aGFzaA==', true, '2.1.0');"
    );
    for channel in channels {
        let kind = if *channel == "air" { "sensor" } else { "relay" };
        sql.push_str(&format!(
            "INSERT INTO devices (farm_id, node_id, channel, device_id, hardware_id, name, type,
                    firmware_version, is_online, reported_state)
             SELECT '{farm}', id, '{channel}', '{node}:{channel}', '{node}:{channel}', '{channel}',
                '{kind}', '2.1.0', true, 'on' FROM nodes WHERE name = '{node}';"
        ));
    }
    society.execute(&sql).await;
}

pub async fn all(society: &Society, scope: &FarmScope) -> Vec<Device> {
    listed(society, scope, DeviceFilter::default()).await
}

async fn listed(society: &Society, scope: &FarmScope, filter: DeviceFilter) -> Vec<Device> {
    let list = async |conn: &mut _| devices::list(conn, scope.farm(), &filter).await;
    scope.run(&society.app, list).await.unwrap()
}

pub async fn device(society: &Society, scope: &FarmScope, hardware_name: &str) -> Device {
    let mut all = all(society, scope).await.into_iter();
    all.find(|device| device.hardware_name == hardware_name).unwrap()
}

async fn house(society: &Society, scope: &FarmScope) -> HouseId {
    let list = async |conn: &mut _| houses::list(conn, scope.farm()).await;
    scope.run(&society.app, list).await.unwrap()[0].id
}

fn facts(name: &str, house: Option<HouseId>) -> DeviceFacts {
    DeviceFacts {
        name: name.to_owned(),
        kind: DeviceKind::Fan,
        device_type: DeviceType::Relay,
        icon: Some(DeviceIcon::Sun),
        house,
        location: Some("by the door".to_owned()),
    }
}

pub async fn accept(society: &Society, scope: &FarmScope, device: DeviceId, name: &str) {
    let facts = facts(name, None);
    let saved = devices::save(&society.app, scope, (device, &facts), &origin()).await.unwrap();
    assert_eq!(saved, Saved::Accepted);
}

async fn events(society: &Society, scope: &FarmScope) -> Vec<String> {
    society.events(Some(scope.farm())).await.split_off(1)
}

#[tokio::test]
async fn a_new_device_is_accepted_and_changed_by_the_same_form() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &["fan1", "air"]).await;
    let house = house(&society, &scope).await;
    let fan = device(&society, &scope, "sok-1:fan1").await;
    let mut wanted = facts("កង្ហារ", Some(house));
    let save = async |facts: &DeviceFacts, at| {
        devices::save(&society.app, &scope, (fan.id, facts), &at).await.unwrap()
    };
    assert_eq!(save(&wanted, origin()).await, Saved::Accepted);
    assert_eq!(save(&wanted, at(later(1))).await, Saved::Same, "a second tap");
    wanted.icon = None;
    assert_eq!(save(&wanted, at(later(2))).await, Saved::Changed);
    let changed = device(&society, &scope, "sok-1:fan1").await;
    let said = (changed.name.as_str(), changed.kind, changed.icon, changed.house);
    assert_eq!(said, ("កង្ហារ", DeviceKind::Fan, None, Some(house)));
    assert_eq!(changed.location.as_deref(), Some("by the door"));
    assert_eq!(changed.approved_at, Some(origin().at), "from the first time on");
    assert_eq!(events(&society, &scope).await, ["device_approved", "device_changed"]);
    let told = "SELECT concat_ws(' ', event_data ->> 'device', event_data -> 'from' ->> 'icon',
            event_data -> 'to' ->> 'icon', device_id IS NOT NULL) AS value
        FROM event_logs WHERE event_type = 'device_changed'";
    assert_eq!(society.texts(told).await, ["កង្ហារ sun t"]);
}

#[tokio::test]
async fn devices_are_looked_for_and_counted_by_whether_they_are_in_use() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &["fan1", "fan2", "air"]).await;
    let fan = device(&society, &scope, "sok-1:fan1").await.id;
    accept(&society, &scope, fan, "Fan").await;
    let other = device(&society, &scope, "sok-1:fan2").await.id;
    assert!(devices::retire(&society.app, &scope, other, &origin()).await.unwrap().outcome);
    let names = async |is_active| {
        let filter = DeviceFilter { is_active };
        let found = listed(&society, &scope, filter).await;
        let count = async |conn: &mut _| devices::count(conn, scope.farm(), &filter).await;
        let count = scope.run(&society.app, count).await.unwrap();
        assert_eq!(usize::try_from(count).unwrap(), found.len());
        found.into_iter().map(|device| device.hardware_name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(Some(true)).await, "sok-1:fan1 sok-1:air");
    assert_eq!(names(Some(false)).await, "sok-1:fan2");
    assert_eq!(names(None).await, "sok-1:fan1 sok-1:air sok-1:fan2");
}

#[tokio::test]
async fn another_farms_device_and_house_are_as_none() {
    let society = Society::new().await;
    let mine = farm(&society, "sok", &["fan1", "fan2"]).await;
    let theirs = farm(&society, "dara", &["fan1"]).await;
    let device_of_theirs = device(&society, &theirs, "dara-1:fan1").await.id;
    let own = device(&society, &mine, "sok-1:fan1").await.id;
    let house_of_theirs = house(&society, &theirs).await;
    let app = &society.app;
    let save = async |device, house| {
        devices::save(app, &mine, (device, &facts("Mine", house)), &origin()).await.unwrap()
    };
    assert_eq!(save(device_of_theirs, None).await, Saved::NoDevice);
    assert_eq!(save(own, Some(house_of_theirs)).await, Saved::NoHouse);
    assert!(!devices::retire(app, &mine, device_of_theirs, &origin()).await.unwrap().outcome);
    let restored = devices::restore(app, &mine, device_of_theirs, &origin()).await.unwrap();
    assert_eq!(restored, Restored::NoDevice);
    assert!(!devices::put(app, &mine, (device_of_theirs, 0), &origin()).await.unwrap());
    accept(&society, &mine, own, "Fan").await;
    let before = all(&society, &theirs).await;
    for pair in [(own, device_of_theirs), (device_of_theirs, own)] {
        let replaced = devices::replace(app, &mine, pair, &origin()).await.unwrap().outcome;
        assert_eq!(replaced, Replaced::Missing);
    }
    assert_eq!(all(&society, &theirs).await, before);
    let find = async |conn: &mut _| devices::find(conn, theirs.farm(), device_of_theirs).await;
    assert_eq!(mine.run(app, find).await.unwrap(), None, "not even asked under its farm");
}

#[tokio::test]
async fn a_device_goes_out_of_use_and_comes_back_as_often_as_one_taps() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &["fan1"]).await;
    let house = house(&society, &scope).await;
    let fan = device(&society, &scope, "sok-1:fan1").await.id;
    let wanted = facts("Fan", Some(house));
    devices::save(&society.app, &scope, (fan, &wanted), &origin()).await.unwrap();
    for _ in 0..2 {
        assert!(devices::retire(&society.app, &scope, fan, &origin()).await.unwrap().outcome);
    }
    let retired = device(&society, &scope, "sok-1:fan1").await;
    assert_eq!((retired.is_active, retired.retired_at), (false, Some(origin().at)));
    // its house may go meanwhile
    assert!(houses::remove(&society.app, &scope, house, &origin()).await.unwrap());
    for _ in 0..2 {
        let restored = devices::restore(&society.app, &scope, fan, &origin()).await.unwrap();
        assert_eq!(restored, Restored::InUse);
    }
    let back = device(&society, &scope, "sok-1:fan1").await;
    assert_eq!((back.is_active, back.retired_at, back.house), (true, None, None));
    assert_eq!(
        events(&society, &scope).await,
        ["device_approved", "device_retired", "house_removed", "device_restored"]
    );
}

#[tokio::test]
async fn a_house_can_not_go_while_a_device_comes() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &["fan1"]).await;
    let fan = device(&society, &scope, "sok-1:fan1").await.id;
    let house = house(&society, &scope).await;
    let wanted = facts("Fan", Some(house));
    let at = origin();
    let (saved, removed) = tokio::join!(
        devices::save(&society.app, &scope, (fan, &wanted), &at),
        houses::remove(&society.app, &scope, house, &at)
    );
    match (saved.unwrap(), removed) {
        (Saved::Accepted, Err(HouseError::HasDevices)) | (Saved::NoHouse, Ok(true)) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_house_can_not_go_while_a_device_comes_back() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &["fan1"]).await;
    let fan = device(&society, &scope, "sok-1:fan1").await.id;
    let house = house(&society, &scope).await;
    let wanted = facts("Fan", Some(house));
    devices::save(&society.app, &scope, (fan, &wanted), &origin()).await.unwrap();
    drop(devices::retire(&society.app, &scope, fan, &origin()).await.unwrap());
    // somebody is about to remove the house, and has it
    let pool = society.database.owner();
    let (mut first, mut onlooker) = (pool.get().await.unwrap(), pool.get().await.unwrap());
    let hold = format!("BEGIN; SELECT FROM houses WHERE id = '{house}' FOR UPDATE");
    sql::execute(&mut first, &hold).await;
    let at = origin();
    let removed = async {
        until_waiting(&mut onlooker, 1).await;
        let remove = format!("UPDATE houses SET deleted_at = now() WHERE id = '{house}'; COMMIT");
        sql::execute(&mut first, &remove).await;
    };
    let restored = devices::restore(&society.app, &scope, fan, &at);
    let (restored, ()) = tokio::join!(restored, removed);
    assert_eq!(restored.unwrap(), Restored::InUse);
    let back = device(&society, &scope, "sok-1:fan1").await;
    assert_eq!((back.is_active, back.house), (true, None), "not in the house that is gone");
}

#[tokio::test]
async fn a_device_that_was_out_of_use_is_in_use_again_once_somebody_says_what_it_is() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &["fan1", "fan2"]).await;
    for (channel, saved) in [("fan1", Saved::Accepted), ("fan2", Saved::Changed)] {
        let id = device(&society, &scope, &format!("sok-1:{channel}")).await.id;
        if saved == Saved::Changed {
            accept(&society, &scope, id, channel).await;
        }
        drop(devices::retire(&society.app, &scope, id, &origin()).await.unwrap());
        let facts = facts(&format!("New {channel}"), None);
        let came = devices::save(&society.app, &scope, (id, &facts), &origin()).await.unwrap();
        assert_eq!(came, saved, "{channel}");
        let back = device(&society, &scope, &format!("sok-1:{channel}")).await;
        assert_eq!((back.is_active, back.retired_at), (true, None), "{channel}");
    }
    let told = events(&society, &scope).await;
    assert_eq!(told.iter().filter(|kind| *kind == "device_restored").count(), 2);
}

#[tokio::test]
async fn of_two_who_give_one_name_at_a_place_at_once_one_is_refused() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &["fan1", "fan2", "fan3"]).await;
    let id = async |channel: &str| device(&society, &scope, &format!("sok-1:{channel}")).await.id;
    let (one, two, three) = (id("fan1").await, id("fan2").await, id("fan3").await);
    let at = origin();
    let (wanted, alike) = (facts("Fan", None), facts("FAN\u{200B}", None));
    let (first, second) = tokio::join!(
        devices::save(&society.app, &scope, (one, &wanted), &at),
        devices::save(&society.app, &scope, (two, &alike), &at),
    );
    let loser = match (first.unwrap(), second.unwrap()) {
        (Saved::Accepted, Saved::SameName) => two,
        (Saved::SameName, Saved::Accepted) => one,
        other => panic!("{other:?}"),
    };
    // nor does one come back to a place where its name was given away
    accept(&society, &scope, three, "Third").await;
    drop(devices::retire(&society.app, &scope, three, &at).await.unwrap());
    accept(&society, &scope, loser, "Third").await;
    let restored = devices::restore(&society.app, &scope, three, &at).await.unwrap();
    assert_eq!(restored, Restored::SameName);
    assert!(!device(&society, &scope, "sok-1:fan3").await.is_active);
}

#[tokio::test]
async fn a_switch_is_driven_as_somebody_says_and_keeps_that_with_other_hardware() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &["fan1", "fan2", "air"]).await;
    let fan = device(&society, &scope, "sok-1:fan1").await.id;
    let air = device(&society, &scope, "sok-1:air").await.id;
    let dimmed = DeviceFacts { device_type: DeviceType::Pwm, ..facts("Fan", None) };
    let save = async |id, facts: &DeviceFacts| {
        devices::save(&society.app, &scope, (id, facts), &origin()).await.unwrap()
    };
    assert_eq!(save(fan, &dimmed).await, Saved::Accepted);
    assert_eq!(device(&society, &scope, "sok-1:fan1").await.device_type, DeviceType::Pwm);
    let wrong = DeviceFacts { name: "Air".to_owned(), ..dimmed.clone() };
    save(air, &wrong).await;
    let sensor = device(&society, &scope, "sok-1:air").await;
    assert_eq!(sensor.device_type, DeviceType::Sensor, "what measures is never driven");
    let stand_in = device(&society, &scope, "sok-1:fan2").await.id;
    let replaced = devices::replace(&society.app, &scope, (fan, stand_in), &origin()).await;
    assert_eq!(replaced.unwrap().outcome, Replaced::Done);
    assert_eq!(device(&society, &scope, "sok-1:fan2").await.device_type, DeviceType::Pwm);
}

#[tokio::test]
async fn devices_are_put_in_order() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &["a", "b", "c"]).await;
    for device in all(&society, &scope).await {
        accept(&society, &scope, device.id, &device.name).await;
    }
    let order = async || {
        let all = all(&society, &scope).await.into_iter();
        all.map(|device| device.name).collect::<Vec<_>>().join("")
    };
    assert_eq!(order().await, "abc");
    let c = device(&society, &scope, "sok-1:c").await.id;
    for _ in 0..2 {
        assert!(devices::put(&society.app, &scope, (c, 0), &origin()).await.unwrap());
        assert_eq!(order().await, "cab");
    }
    assert!(devices::put(&society.app, &scope, (c, 99), &origin()).await.unwrap());
    assert_eq!(order().await, "abc");
    let told = events(&society, &scope).await;
    assert_eq!(told.iter().filter(|kind| *kind == "device_ordered").count(), 2);
}

#[tokio::test]
async fn a_device_goes_on_at_another_channel_with_its_name_and_its_history() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &["fan1", "relay3", "air"]).await;
    let fan = device(&society, &scope, "sok-1:fan1").await.id;
    accept(&society, &scope, fan, "Fan").await;
    let stand_in = device(&society, &scope, "sok-1:relay3").await.id;
    let air = device(&society, &scope, "sok-1:air").await.id;
    let replace =
        async |pair| devices::replace(&society.app, &scope, pair, &origin()).await.unwrap().outcome;
    assert_eq!(replace((fan, air)).await, Replaced::Unlike);
    assert_eq!(replace((fan, fan)).await, Replaced::Missing);
    assert_eq!(replace((fan, stand_in)).await, Replaced::Done);
    assert_eq!(replace((fan, stand_in)).await, Replaced::Again);
    let now = device(&society, &scope, "sok-1:relay3").await;
    assert_eq!((now.id, now.name.as_str()), (fan, "Fan"));
    assert_eq!(all(&society, &scope).await.len(), 2, "the stand-in has left the list");
    assert_eq!(events(&society, &scope).await, ["device_approved", "device_replaced"]);
    // what comes on the old channel is another device
    let again = "INSERT INTO devices (farm_id, node_id, channel, device_id, hardware_id, name, type, firmware_version)
        SELECT farm_id, id, 'fan1', 'sok-1:fan1', 'sok-1:fan1', 'fan1', 'relay', '1' FROM nodes";
    society.execute(again).await;
    assert_ne!(device(&society, &scope, "sok-1:fan1").await.id, fan);
}

#[tokio::test]
async fn a_device_that_moves_is_announced_by_both_nodes() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &["fan1"]).await;
    add_node(&society, &scope, "sok-2", &["relay3"]).await;
    let fan = device(&society, &scope, "sok-1:fan1").await.id;
    accept(&society, &scope, fan, "Fan").await;
    let stand_in = device(&society, &scope, "sok-2:relay3").await.id;
    let url = society.database.url(testkit::DatabaseRole::Worker);
    let settings = store::DatabaseSettings::new(url, 1);
    let mut listener = store::Listener::new(&settings, &["tokkatot_devices"]).await.unwrap();
    drop(devices::replace(&society.app, &scope, (fan, stand_in), &origin()).await.unwrap());
    let mut heard = Vec::new();
    while heard.len() < 2 {
        let next = tokio::time::timeout(std::time::Duration::from_secs(5), listener.next()).await;
        heard.push(next.unwrap().unwrap().payload);
        heard.sort();
        heard.dedup();
    }
    assert_eq!(heard, ["sok-1", "sok-2"]);
}
