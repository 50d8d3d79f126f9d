//! Devices that are held by hand.
use crate::{
    plant::{NOW, Plant, after, asked, command},
    society::at,
};
use domain::commands::{Action, Asked};
use store::overrides;

#[tokio::test]
async fn who_switches_by_hand_holds_the_device_for_half_an_hour() {
    let plant = Plant::new().await;
    let (fan, lamp) = (plant.fan().await, plant.device("lamp", "lamp", "relay").await);
    plant.tap(command(1), fan, asked(Action::On), NOW).await;
    let long = Asked { duration_ms: Some(7_200_000), ..asked(Action::On) };
    plant.tap(command(2), lamp, long, NOW).await;
    plant.tap(command(3), fan, asked(Action::Off), after(60)).await;
    let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
    let standing = overrides::standing(&mut conn, plant.keeper.farm(), after(60)).await.unwrap();
    conn.commit().await.unwrap();
    let of = |device| standing.iter().find(|(held, _)| *held == device).unwrap().1;
    assert_eq!((of(fan).action, of(fan).since), (Action::Off, after(60)));
    assert_eq!((of(fan).until, of(fan).by), (after(1860), Some(plant.keeper.user())));
    assert_eq!(of(lamp).until, after(7200));
    assert_eq!(plant.sweep(after(1859)).await.freed, []);
    assert_eq!(plant.sweep(after(1860)).await.freed, [(plant.keeper.farm(), fan)]);
    assert_eq!(plant.sweep(after(1861)).await.freed, []);
    let ended = plant.events().await.iter().filter(|kind| *kind == "override_ended").count();
    assert_eq!(ended, 1);
}

#[tokio::test]
async fn a_device_can_be_given_back_before_its_time() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.tap(command(1), fan, asked(Action::On), NOW).await;
    let app = &plant.society.app;
    let thief = plant.society.farm(plant.society.person("thief").await).await;
    assert!(!overrides::end(app, &thief, fan, &at(after(1))).await.unwrap());
    assert!(overrides::end(app, &plant.keeper, fan, &at(after(1))).await.unwrap());
    assert!(!overrides::end(app, &plant.keeper, fan, &at(after(2))).await.unwrap());
    let mut conn = plant.keeper.begin(app).await.unwrap();
    assert_eq!(overrides::standing(&mut conn, plant.keeper.farm(), after(2)).await.unwrap(), []);
    conn.commit().await.unwrap();
    plant.tap(command(2), fan, asked(Action::Off), after(3)).await;
    let mut conn = plant.keeper.begin(app).await.unwrap();
    assert_eq!(
        overrides::standing(&mut conn, plant.keeper.farm(), after(3)).await.unwrap().len(),
        1
    );
}
