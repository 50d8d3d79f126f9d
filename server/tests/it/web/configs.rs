//! How a device is set, and whether that has reached it.
use super::{
    Site,
    world::{AIR, FAN, FARM, SOK, urlencoded},
};
use http::StatusCode;

/// A device of the other farm.
const THEIRS: &str = "6a5ba5ee-2222-4000-8000-0000000000d9";
/// A new device, and a dimmed fan, on the first controller.
const NEW: &str = "6a5ba5ee-1111-4000-8000-0000000000d8";
const DIMMER: &str = "6a5ba5ee-1111-4000-8000-0000000000d7";

const MORE: &str = "
    INSERT INTO devices (id, farm_id, node_id, house_id, channel, device_id, hardware_id, name, type, kind,
            firmware_version, is_online, approved_at) VALUES
        ('6a5ba5ee-1111-4000-8000-0000000000d8', '6a5ba5ee-1111-4000-8000-000000000001',
            '6a5ba5ee-1111-4000-8000-0000000000c1', NULL, 'new', 'house-1:new', 's1:new', 'new', 'relay',
            'fan', '1', true, NULL),
        ('6a5ba5ee-1111-4000-8000-0000000000d7', '6a5ba5ee-1111-4000-8000-000000000001',
            '6a5ba5ee-1111-4000-8000-0000000000c1', '6a5ba5ee-1111-4000-8000-0000000000b1', 'dim',
            'house-1:dim', 's1:dim', 'Dimmer', 'pwm', 'light', '1', true, now()),
        ('6a5ba5ee-2222-4000-8000-0000000000d9', '6a5ba5ee-2222-4000-8000-000000000002', NULL, NULL, NULL,
            'fan9', 's9:fan9', 'theirs', 'relay', 'fan', '1', false, now());
    INSERT INTO series (farm_id, device_id, sensor, unit) VALUES
        ('6a5ba5ee-2222-4000-8000-000000000002', '6a5ba5ee-2222-4000-8000-0000000000d9', 'temperature', '°C');
    UPDATE node_configs SET version = 7, changed_at = '2026-02-12 06:40:00+00';";

async fn farm() -> Site {
    let site = Site::of_sok().await;
    site.sql(MORE).await;
    site.measured(1, 29.4, 5).await;
    site
}

fn settings(device: &str) -> String {
    format!("/farms/{FARM}/devices/{device}/settings")
}

fn calibration(device: &str, tail: &str) -> String {
    format!("/farms/{FARM}/devices/{device}/calibration/{tail}")
}

/// The fan's form, with some fields as a test wants them.
fn fan(changes: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("max_on", ""),
        ("max_on_unit", "min"),
        ("min_on", ""),
        ("min_on_unit", "min"),
        ("min_off", ""),
        ("min_off_unit", "min"),
        ("starts", ""),
        ("group", ""),
        ("apart", "yes"),
        ("link_loss", "hold"),
    ];
    for change in changes {
        fields.retain(|(name, _)| name != &change.0);
        fields.push(*change);
    }
    urlencoded(&fields)
}

fn points(go: &str, raw: &str, truth: &str) -> String {
    urlencoded(&[("raw_1", raw), ("truth_1", truth), ("raw_2", ""), ("truth_2", ""), ("go", go)])
}

async fn version(site: &Site) -> String {
    let query = "SELECT version::text FROM node_configs c JOIN nodes n ON n.id = c.node_id
        WHERE n.name = 'house-1'";
    site.text(query).await
}

async fn happened(site: &Site) -> String {
    let kinds = "SELECT coalesce(string_agg(event_type, ' ' ORDER BY id), '') FROM event_logs
        WHERE event_type IN ('device_configured', 'interlocks_changed', 'sensor_calibrated') AND user_id IS NOT NULL";
    site.text(kinds).await
}

#[tokio::test]
async fn each_device_has_the_settings_that_it_can_keep_to() {
    let site = farm().await;
    insta::assert_snapshot!("settings_of_a_fan", site.get(&settings(FAN)).await.main());
    insta::assert_snapshot!("settings_of_a_thermometer", site.get(&settings(AIR)).await.main());
    let dimmer = site.get(&settings(DIMMER)).await;
    assert!(dimmer.body.contains("name=\"least\"") && !dimmer.body.contains("name=\"apart\""));
    let page = site.get(&format!("/farms/{FARM}/devices/{FAN}")).await;
    assert!(
        page.body.contains(&format!("href=\"{}\"", settings(FAN))),
        "the device's page leads here"
    );
}

#[tokio::test]
async fn what_is_saved_is_kept_told_and_followed_to_the_device() {
    let site = farm().await;
    let mut open = site.web.app.bus.subscribe(FARM.parse().unwrap());
    let changes = [
        ("max_on", "២"),
        ("max_on_unit", "h"),
        ("starts", "6"),
        ("apart", "no"),
        ("group", " ម៉ូទ័រ "),
    ];
    for _ in 0..2 {
        let answer = site.post(&settings(FAN), &fan(&changes)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    }
    assert!(open.try_recv().is_ok());
    let kept = "SELECT concat_ws(' ', max_on_s, max_starts_per_hour, exclusive_group,
        excludes_heat_and_cooling, on_link_loss) FROM interlocks";
    assert_eq!(site.text(kept).await, "7200 6 ម៉ូទ័រ f hold");
    assert_eq!(
        (version(&site).await, happened(&site).await),
        ("8".into(), "interlocks_changed".into())
    );
    let page = site.get(&settings(FAN)).await;
    assert!(page.body.contains("value=\"2\"") && page.body.contains("value=\"h\" selected"));
    assert!(page.text().contains("Going out to the controller"), "{}", page.text());
    let now_at = async |change: &str| {
        site.sql(&format!("UPDATE node_configs SET {change}")).await;
        site.get(&settings(FAN)).await.text()
    };
    let sent = now_at("sent_version = version, sent_at = '2026-02-12 06:45:00+00'").await;
    assert!(sent.contains("Sent to the controller") && sent.contains("No answer yet"), "{sent}");
    let refused =
        "refused_version = version, refused_at = '2026-02-12 06:46:00+00', refusal = '<b>no pin'";
    let refused = now_at(refused).await;
    assert!(
        refused.contains("The controller refuses it") && refused.contains("&lt;b&gt;no pin"),
        "{refused}"
    );
    let confirmed = "heard_version = version, heard_at = '2026-02-12 06:46:30+00'";
    let confirmed = now_at(confirmed).await;
    assert!(confirmed.contains("taken it over") && confirmed.contains("In force"), "{confirmed}");
    site.sql("UPDATE nodes SET is_online = false").await;
    let away = now_at("version = version + 1").await;
    assert!(away.contains("Goes out when the controller is back"), "{away}");
}

#[tokio::test]
async fn what_can_not_be_kept_comes_back_with_its_bounds_beside_it() {
    let site = farm().await;
    for (field, typed, says) in [
        ("max_on", "25", "24 h"),
        ("max_on", "0", "1 s"),
        ("max_on", "soon", "24 h"),
        ("min_off", "-5", "1 s"),
        ("starts", "61", "60"),
        ("starts", "1.5", "60"),
        ("group", "a\0b", "can not be kept"),
        ("apart", "perhaps", "fill this in"),
        ("link_loss", "explode", "fill this in"),
    ] {
        let typed = if field == "max_on" {
            [(field, typed), ("max_on_unit", "h")]
        } else {
            [(field, typed), ("max_on", "")]
        };
        let answer = site.post(&settings(FAN), &fan(&typed)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed:?}");
        assert!(
            answer.body.contains(&format!("{field}-error")) && answer.text().contains(says),
            "{typed:?}: {}",
            answer.text()
        );
    }
    let over = fan(&[("max_on", "5"), ("min_on", "6"), ("starts", "7")]);
    let answer = site.post(&settings(FAN), &over).await;
    assert!(answer.text().contains("longer than it may run (5 min)"), "{}", answer.text());
    assert!(answer.body.contains("value=\"7\""), "nothing that was typed is lost");
    let polling = |number| urlencoded(&[("polling", number), ("polling_unit", "s")]);
    let answer = site.post(&settings(AIR), &polling("3601")).await;
    assert!(answer.text().contains("from 1 s to 1 h"), "{}", answer.text());
    let bounds = |least, most| fan(&[("least", least), ("most", most)]);
    for (least, most, says) in [
        ("0", "101", "from 0 to 100"),
        ("80", "20", "above the lowest"),
        ("x", "", "from 0 to 100"),
    ] {
        let answer = site.post(&settings(DIMMER), &bounds(least, most)).await;
        assert!(answer.text().contains(says), "{least} {most}: {}", answer.text());
    }
    for more in ["&farm_id=1", "&device_id=1", "&version=1", "&max_on=1"] {
        let answer = site.post(&settings(FAN), &(fan(&[]) + more)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{more}");
    }
    assert_eq!((version(&site).await, happened(&site).await), ("7".into(), String::new()));
    assert_eq!(site.post(&settings(AIR), &polling("30")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.post(&settings(DIMMER), &bounds("20", "")).await.status, StatusCode::SEE_OTHER);
    let kept = "SELECT string_agg(concat_ws(' ', parameter_name, unit, min_value, max_value), '; ' ORDER BY id)
        FROM device_configs WHERE parameter_name IN ('value', 'polling_interval')";
    let kept = site.text(kept).await;
    assert!(
        kept.contains("value % 20.00 100.00") && kept.contains("polling_interval s 1.00 3600.00"),
        "{kept}"
    );
    assert_eq!(happened(&site).await, "device_configured device_configured");
}

#[tokio::test]
async fn a_sensor_is_corrected_after_a_look_and_back() {
    let site = farm().await;
    let here = calibration(AIR, "temperature");
    insta::assert_snapshot!("correcting_a_thermometer", site.get(&here).await.main());
    let preview = site.post(&here, &points("preview", "29.4", "28.9")).await;
    assert_eq!(preview.status, StatusCode::OK);
    let text = preview.text();
    assert!(text.contains("What is 29.4 °C now would be shown as 28.9 °C."), "{text}");
    assert!(text.contains("\u{2212} 0.50 °C") && preview.body.contains("value=\"save\""), "{text}");
    assert_eq!(happened(&site).await, "", "a look changes nothing");
    for (raw, truth, field, says) in [
        ("29.4", "", "truth_1", "fill this in"),
        ("29.4", "warm", "truth_1", "a number such as"),
        ("29.4", "45", "truth_1", "10 °C"),
        ("29.4", "85", "truth_1", "such a value"),
    ] {
        for go in ["preview", "save"] {
            let answer = site.post(&here, &points(go, raw, truth)).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{truth}");
            assert!(
                answer.body.contains(&format!("{field}-error")) && answer.text().contains(says),
                "{}",
                answer.text()
            );
        }
    }
    let save = site.post(&here, &points("save", "29.4", "28.9")).await;
    assert_eq!((save.status, save.header("location")), (StatusCode::SEE_OTHER, &*settings(AIR)));
    let two = urlencoded(&[
        ("raw_1", "0.5"),
        ("truth_1", "0"),
        ("raw_2", "40.5"),
        ("truth_2", "41"),
        ("go", "save"),
    ]);
    assert_eq!(site.post(&here, &two).await.status, StatusCode::SEE_OTHER);
    let held = "SELECT string_agg(parameter_value ->> 'a', ' ') FROM device_configs
        WHERE parameter_name = 'calibration_temperature' AND deleted_at IS NULL";
    assert_eq!(site.text(held).await, "1.025");
    let page = site.get(&here).await.text();
    assert!(page.contains("Take the last change back: \u{2212} 0.50 °C"), "{page}");
    let meant = site.get(&here).await.field("of");
    for _ in 0..2 {
        let undo = site.post(&format!("{here}/undo"), &format!("of={meant}")).await;
        assert_eq!(undo.status, StatusCode::SEE_OTHER);
        assert_eq!(site.text(held).await, "1.0", "a second tap is no second change");
    }
    assert_eq!(site.post(&format!("{here}/remove"), "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.text(&format!("SELECT coalesce(({held}), '-')")).await, "-");
    assert_eq!(happened(&site).await, ["sensor_calibrated"; 4].join(" "));
    assert_eq!(version(&site).await, "7", "no controller hears of it");
}

#[tokio::test]
async fn what_is_not_the_farms_or_not_accepted_is_answered_like_none() {
    let site = farm().await;
    let nobody = "6a5ba5ee-9999-4000-8000-0000000000d9";
    for id in [THEIRS, NEW, nobody, "no-device"] {
        let live = format!("{}/live", settings(id));
        let air = calibration(id, "temperature");
        for address in [&settings(id), &air, &live] {
            assert_eq!(site.get(address).await.status, StatusCode::NOT_FOUND, "{address}");
        }
        let undo = (calibration(id, "temperature/undo"), "of=1".to_owned());
        let remove = (calibration(id, "temperature/remove"), String::new());
        let save = (air, points("save", "28", "28.5"));
        for (address, body) in [(settings(id), fan(&[("starts", "6")])), save, undo, remove] {
            let answer = site.post(&address, &body).await;
            // a new device has no series yet
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
        }
    }
    for sensor in ["weight", "%27%3B", "temperature%00"] {
        assert_eq!(
            site.get(&calibration(AIR, sensor)).await.status,
            StatusCode::NOT_FOUND,
            "{sensor}"
        );
    }
    assert_eq!(happened(&site).await, "");
    assert_eq!(
        site.text(&format!("SELECT count(*)::text FROM interlocks WHERE farm_id <> '{FARM}'"))
            .await,
        "0"
    );
}

#[tokio::test]
async fn who_may_not_edit_devices_changes_nothing() {
    let site = farm().await;
    for (role, is_allowed) in [("viewer", false), ("keeper", false), ("manager", true)] {
        site.sql(&format!("UPDATE farm_users SET role = '{role}' WHERE user_id = '{SOK}'")).await;
        let page = site.get(&settings(FAN)).await;
        assert_eq!(page.status == StatusCode::OK, is_allowed, "{role}");
        let answer = site.post(&settings(FAN), &fan(&[("starts", "6")])).await;
        assert_eq!(answer.status == StatusCode::SEE_OTHER, is_allowed, "{role}: {}", answer.status);
        let answer =
            site.post(&calibration(AIR, "temperature"), &points("save", "29.4", "29")).await;
        assert_eq!(answer.status == StatusCode::SEE_OTHER, is_allowed, "{role}: {}", answer.status);
    }
}
