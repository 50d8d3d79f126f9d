//! What the store does for a farm it does for the farm's members alone, whatever scope it is given: the
//! database looks for itself.
use crate::{
    scopes::scope_of_role,
    society::{NOW, Society, code, farm_facts, house_facts, later, origin},
};
use diesel_async::AsyncPgConnection;
use domain::{FarmId, HouseId, InvitationId, UserId, roles::Role};
use store::{
    FarmScope, StoreError,
    devices::{self, DeviceFilter},
    events, farms, home,
    houses::{self, HouseError},
    invitations,
    members::{self, MemberError},
    people, resets,
};

/// Everything of a farm, and of its people.
const HELD: &str =
    "SELECT concat_ws(' ', (SELECT string_agg(f::text, '' ORDER BY id) FROM farms f),
        (SELECT string_agg(m::text, '' ORDER BY id) FROM farm_users m),
        (SELECT string_agg(h::text, '' ORDER BY id) FROM houses h),
        (SELECT string_agg(i::text, '' ORDER BY id) FROM invitations i),
        (SELECT string_agg(r::text, '' ORDER BY id) FROM reset_codes r),
        (SELECT string_agg(e::text, '' ORDER BY id) FROM event_logs e),
        (SELECT string_agg(s::text, '' ORDER BY id) FROM user_sessions s)) AS value";

/// Sok's farm with a keeper, a house and an invitation, and another that is paused; and somebody else as its admin, who is none.
struct Burglary {
    society: Society,
    forged: FarmScope,
    farm: FarmId,
    keeper: UserId,
    house: HouseId,
    invitation: InvitationId,
    paused: FarmId,
}

async fn burglary() -> Burglary {
    let society = Society::new().await;
    let (sok, keeper) = (society.person("sok").await, society.person("keeper").await);
    let admin = society.farm(sok).await;
    society.join(&admin, keeper, Role::Keeper).await;
    society.sign_in(keeper, "phone").await;
    let facts = house_facts("House 2");
    let house =
        houses::create(&society.app, &admin, (houses::new_id(), &facts), &origin()).await.unwrap();
    let new = (Role::Keeper, &code(1), later(7));
    let invitation =
        invitations::create(&society.app, &admin, (invitations::new_id(), new), &origin())
            .await
            .unwrap()
            .unwrap();
    let paused = society.farm(sok).await;
    assert!(farms::pause(&society.app, &paused, &origin()).await.unwrap());
    let burglar = society.person("burglar").await;
    society.farm(burglar).await;
    let forged = scope_of_role(admin.farm(), burglar, Role::Admin);
    let paused = paused.farm();
    Burglary { farm: admin.farm(), society, forged, keeper, house, invitation, paused }
}

#[tokio::test]
async fn nothing_is_written_for_who_does_not_belong_to_the_farm() {
    let Burglary { society, forged, keeper, house, invitation, paused, .. } = burglary().await;
    let (app, scope, origin) = (&society.app, &forged, &origin());
    let store = |error| match error {
        MemberError::Store(error) => error,
        MemberError::LastAdmin => panic!("it asked for the last admin"),
    };
    let of_house = |error| match error {
        HouseError::Store(error) => error,
        HouseError::HasDevices | HouseError::SameName => panic!("it saw what is there"),
    };
    let before = society.texts(HELD).await;
    let done = [
        ("update", farms::update(app, scope, &farm_facts("Other"), origin).await),
        ("delete", farms::delete(app, scope, origin).await),
        (
            "house",
            houses::create(app, scope, (houses::new_id(), &house_facts("X")), origin)
                .await
                .map(|_| true)
                .map_err(of_house),
        ),
        (
            "rename",
            houses::update(app, scope, (house, &house_facts("X")), origin).await.map_err(of_house),
        ),
        ("clear", houses::remove(app, scope, house, origin).await.map_err(of_house)),
        ("invite", {
            let new = (Role::Admin, &code(2), later(7));
            invitations::create(app, scope, (invitations::new_id(), new), origin)
                .await
                .map(|made| made.is_some())
        }),
        ("revoke", invitations::revoke(app, scope, invitation, origin).await),
        ("promote", {
            let change = members::change_role(app, scope, (keeper, Role::Admin), origin).await;
            change.map(|before| before.is_some()).map_err(store)
        }),
        ("remove", members::remove(app, scope, keeper, origin).await.map_err(store)),
        ("leave", members::leave(app, scope, origin).await.map_err(store)),
        ("reset", resets::issue(app, scope, (keeper, &code(3), later(1)), origin).await),
        ("restore", farms::restore(app, scope.user(), scope.farm(), origin).await),
        ("pause", farms::pause(app, scope, origin).await),
        ("resume", farms::resume(app, scope.user(), paused, origin).await),
    ];
    let mut refused = Vec::new();
    for (what, done) in done {
        match done {
            Ok(done) => assert!(!done, "{what}"),
            Err(StoreError::Refused(_)) => refused.push(what),
            Err(error) => panic!("{what}: {error}"),
        }
    }
    assert_eq!(
        refused,
        ["house", "invite"],
        "what adds a row; elsewhere there is nothing to change"
    );
    assert_eq!(society.texts(HELD).await, before);
}

#[tokio::test]
async fn nothing_is_read_for_who_does_not_belong_to_the_farm() {
    let Burglary { society, forged, farm, .. } = burglary().await;
    let read = async |conn: &mut AsyncPgConnection| {
        Ok::<_, StoreError>([
            home::load(conn, &forged).await?.is_some(),
            farms::find(conn, farm).await?.is_some(),
            !houses::list(conn, farm).await?.is_empty(),
            !members::list(conn, farm).await?.is_empty(),
            !invitations::list_open(conn, &forged, NOW).await?.is_empty(),
            !devices::list(conn, farm, &DeviceFilter::default()).await?.is_empty(),
            !people::names(conn, farm).await?.is_empty(),
            !events::of_farm_since(conn, farm, NOW, 50).await?.is_empty(),
        ])
    };
    assert_eq!(forged.run(&society.app, read).await.unwrap(), [false; 8]);
}

/// Somebody may begin a farm, and that is all.
#[tokio::test]
async fn who_owned_a_farm_once_does_not_come_back_by_founding_it_again() {
    let Burglary { society, forged, .. } = burglary().await;
    let give =
        format!("UPDATE farms SET owner_id = '{}' WHERE id = '{}'", forged.user(), forged.farm());
    society.execute(&give).await;
    let join = format!(
        "INSERT INTO farm_users (farm_id, user_id, role, invited_by) VALUES ('{}', '{1}', 'admin', '{1}')",
        forged.farm(),
        forged.user()
    );
    let mut conn = forged.begin(&society.app).await.unwrap();
    let refusal = crate::sql::refusal(&mut conn, &join).await;
    assert!(refusal.contains("row-level security"), "{refusal}");
}
