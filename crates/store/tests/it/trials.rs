//! Switches that nobody has accepted yet: who may try them, when, and what ends it.
use crate::{
    plant::{NOW, Plant, after, asked, command},
    society::at,
};
use domain::{
    DeviceId,
    commands::{Action, Asked, Reason, Refused, TRIAL},
    protocol::CommandStatus::Completed,
    roles::Role,
};
use std::time::Duration;
use store::{
    commands::{self, Outcome},
    members,
};

const TRY: Asked = Asked { duration_ms: Some(5_000), ..asked(Action::On) };

impl Plant {
    /// A switch that nobody has accepted, and that last said this.
    async fn new_switch(&self, channel: &str, kind: &str, state: &str) -> DeviceId {
        let device = self.device(channel, kind, "relay").await;
        let new =
            format!("UPDATE devices SET approved_at = NULL, house_id = NULL WHERE id = '{device}'");
        self.society.execute(&new).await;
        self.report(device, state, None, NOW).await;
        device
    }

    /// A switch that was tried, heard it and ran.
    async fn tried(&self, kind: &str) -> DeviceId {
        let device = self.new_switch("new", kind, "off").await;
        let tapped = self.tap_as(&self.admin, command(1), device, TRY, after(1)).await;
        assert!(matches!(tapped, Outcome::Accepted(_)), "{tapped:?}");
        let sent = self.send(after(1)).await;
        self.report(device, "on", None, after(2)).await;
        self.answer(sent[0], (Completed, Some("on")), after(2)).await;
        device
    }

    async fn newest(&self, device: DeviceId) -> String {
        let query = format!(
            "SELECT concat_ws(' ', command_type, source, status) AS value FROM device_commands
            WHERE device_id = '{device}' ORDER BY place DESC LIMIT 1"
        );
        self.society.texts(&query).await.remove(0)
    }
}

#[tokio::test]
async fn who_may_accept_a_new_switch_tries_it_for_a_moment() {
    let plant = Plant::new().await;
    let fan = plant.new_switch("new", "fan", "off").await;
    let refused = Outcome::Refused(Refused::NotInUse);
    assert_eq!(plant.tap(command(1), fan, TRY, NOW).await, refused, "a keeper accepts nothing");
    let tap = async |asked| plant.tap_as(&plant.admin, command(1), fan, asked, NOW).await;
    assert_eq!(tap(asked(Action::On)).await, refused, "without an end");
    assert!(matches!(tap(TRY).await, Outcome::Accepted(_)));
    let sent = plant.attempt(after(1)).await.publish;
    assert_eq!(sent[0].order.duration, Some(TRIAL));
}

#[tokio::test]
async fn who_may_accept_nothing_by_the_time_it_is_sent_tries_nothing() {
    let plant = Plant::new().await;
    let fan = plant.new_switch("new", "fan", "off").await;
    let person = plant.society.person("manager").await;
    let manager = plant.society.join(&plant.admin, person, Role::Manager).await;
    plant.tap_as(&manager, command(1), fan, TRY, NOW).await;
    let demoted = (manager.user(), Role::Keeper);
    members::change_role(&plant.society.app, &plant.admin, demoted, &at(NOW)).await.unwrap();
    let batch = plant.attempt(after(1)).await;
    assert_eq!((batch.publish.len(), batch.changes[0].reason), (0, Some(Reason::Forbidden)));
}

#[tokio::test]
async fn what_runs_already_is_not_tried_and_can_be_switched_off() {
    let plant = Plant::new().await;
    let fan = plant.new_switch("new", "fan", "on").await;
    let tap = async |id, asked| plant.tap_as(&plant.admin, command(id), fan, asked, after(1)).await;
    assert_eq!(tap(1, TRY).await, Outcome::Refused(Refused::NotOff));
    assert!(matches!(tap(1, asked(Action::Off)).await, Outcome::Accepted(_)));
    let sent = plant.send(after(1)).await;
    plant.answer(sent[0], (Completed, Some("off")), after(2)).await;
    assert!(matches!(tap(2, TRY).await, Outcome::Accepted(_)));
    plant.report(fan, "on", None, after(3)).await;
    let batch = plant.attempt(after(4)).await;
    assert_eq!((batch.publish.len(), batch.changes[0].reason), (0, Some(Reason::Cancelled)));
}

#[tokio::test]
async fn nothing_new_is_tried_while_any_stop_stands() {
    let plant = Plant::new().await;
    let fan = plant.new_switch("new", "fan", "off").await;
    plant.tap_as(&plant.admin, command(1), fan, TRY, NOW).await;
    let stop = format!(
        "INSERT INTO emergency_stops (farm_id, house_id, includes_fans, pressed_by)
        VALUES ('{}', '{}', false, '{}')",
        plant.keeper.farm(),
        plant.house,
        plant.keeper.user()
    );
    plant.society.execute(&stop).await;
    let batch = plant.attempt(after(1)).await;
    assert_eq!((batch.publish.len(), batch.changes[0].reason), (0, Some(Reason::Stopped)));
    let again = plant.tap_as(&plant.admin, command(2), fan, TRY, after(2)).await;
    assert!(matches!(again, Outcome::Refused(Refused::Stopped { .. })), "{again:?}");
    let off = plant.tap_as(&plant.admin, command(3), fan, asked(Action::Off), after(3)).await;
    assert!(matches!(off, Outcome::Accepted(_)), "{off:?}");
}

#[tokio::test]
async fn what_a_trial_leaves_running_is_switched_off() {
    let plant = Plant::new().await;
    let lamp = plant.tried("lamp").await;
    assert_eq!(plant.sweep(after(16)).await.told, 0, "it may say yet that it has ended");
    assert_eq!(plant.sweep(after(17)).await.told, 1);
    assert_eq!(plant.newest(lamp).await, "off safety queued");
    let sent = plant.send(after(17)).await;
    plant.answer(sent[0], (Completed, Some("off")), after(18)).await;
    assert_eq!(plant.sweep(after(300)).await.told, 0);
    let events = plant.events().await;
    assert_eq!(events.iter().filter(|kind| kind.ends_with("by_interlock")).count(), 1);
}

#[tokio::test]
async fn what_a_trial_began_without_a_word_is_switched_off_too() {
    let plant = Plant::new().await;
    let lamp = plant.new_switch("new", "lamp", "off").await;
    plant.tap_as(&plant.admin, command(1), lamp, TRY, after(1)).await;
    plant.send(after(1)).await;
    plant.sweep(after(50)).await;
    assert_eq!(plant.status(command(1)).await, "timeout no_answer");
    plant.report(lamp, "on", None, after(3)).await;
    assert_eq!(plant.sweep(after(51)).await.told, 1);
}

#[tokio::test]
async fn what_was_switched_on_after_its_trial_runs_on() {
    let plant = Plant::new().await;
    let lamp = plant.tried("feeder").await;
    plant.report(lamp, "off", None, after(7)).await;
    plant.report(lamp, "on", None, after(60)).await;
    for seconds in [76, 3_600] {
        assert_eq!(plant.sweep(after(seconds)).await.told, 0, "somebody at the switch wants it");
    }
}

#[tokio::test]
async fn a_trial_is_no_choice_of_a_portion_and_nor_is_what_came_to_nothing() {
    let plant = Plant::new().await;
    let feeder = plant.tried("feeder").await;
    plant.report(feeder, "off", None, after(7)).await;
    let accepted = format!(
        "UPDATE devices SET approved_at = to_timestamp({}) WHERE id = '{feeder}'",
        after(8).as_millis() / 1000
    );
    plant.society.execute(&accepted).await;
    let portion = async |seconds| {
        let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
        let stances = commands::stances(&mut conn, plant.keeper.farm(), after(seconds)).await;
        conn.commit().await.unwrap();
        stances.unwrap()[0].portion
    };
    let usual = Some(Duration::from_secs(10));
    assert_eq!(portion(9).await, usual, "it was tried for five seconds");
    let long = Asked { duration_ms: Some(30_000), ..TRY };
    plant.tap(command(2), feeder, long, after(10)).await;
    assert_eq!(portion(11).await, Some(Duration::from_secs(30)));
    plant.sweep(after(3_600)).await;
    assert_eq!(plant.status(command(2)).await, "timeout expired");
    assert_eq!(portion(3_601).await, usual, "no feed dropped");
}
