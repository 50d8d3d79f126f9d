use super::*;
use domain::{devices::DeviceKind, poultry::BirdKind};

/// 2026-04-20, the hottest time of the year.
const APRIL: i32 = 20_563;

fn plan(birds: BirdKind, count: u32, age: i32, devices: &[(&str, DeviceKind)]) -> HousePlan {
    let devices = devices
        .iter()
        .map(|(name, kind)| DevicePlan { channel: name.parse().unwrap(), kind: *kind })
        .collect();
    HousePlan { birds, count, placed_day: APRIL - age, devices }
}

fn broilers() -> HousePlan {
    plan(
        BirdKind::Broiler,
        500,
        24,
        &[
            ("air", DeviceKind::Climate),
            ("tank", DeviceKind::WaterLevel),
            ("bin", DeviceKind::Scale),
            ("fan1", DeviceKind::Fan),
            ("fan2", DeviceKind::Fan),
            ("pump", DeviceKind::Pump),
            ("feeder", DeviceKind::Feeder),
        ],
    )
}

fn at(hour: u64) -> Timestamp {
    local_midnight(APRIL).plus(Duration::from_hours(hour))
}

fn value(house: &House, sensor: SensorKind) -> f64 {
    house.readings().iter().find(|reading| reading.sensor == sensor).unwrap().value
}

fn is_on(house: &House, channel: &str) -> bool {
    house.switches().iter().find(|s| s.channel.as_str() == channel).unwrap().is_on
}

#[test]
fn the_same_house_is_found_again_at_any_time() {
    let early = House::at(broilers(), "h", 1, at(9));
    let mut later = early.clone();
    later.advance(at(13));
    assert_eq!(later.readings(), House::at(broilers(), "h", 1, at(13)).readings());
}

#[test]
fn fans_run_in_the_afternoon_and_keep_the_house_cooler() {
    let with = House::at(broilers(), "h", 1, at(14));
    let mut without = broilers();
    without.devices.retain(|device| device.kind != DeviceKind::Fan);
    let without = House::at(without, "h", 1, at(14));
    assert!(is_on(&with, "fan1"));
    let (cool, hot) =
        (value(&with, SensorKind::Temperature), value(&without, SensorKind::Temperature));
    assert!(hot - cool > 1.5, "{hot} {cool}");
}

#[test]
fn a_fan_turned_off_by_hand_stays_off_until_it_is_let_go() {
    let mut house = House::at(broilers(), "h", 1, at(14));
    let fan: Channel = "fan1".parse().unwrap();
    house.set(&fan, false, true);
    house.advance(at(15));
    assert!(!is_on(&house, "fan1"));
    house.set(&fan, false, false);
    house.advance(at(15).plus(STEP));
    assert!(is_on(&house, "fan1"));
}

#[test]
fn chicks_are_kept_warm_at_night() {
    let devices =
        [("air", DeviceKind::Climate), ("lamp", DeviceKind::Lamp), ("heater", DeviceKind::Heater)];
    let house = House::at(plan(BirdKind::Local, 200, 6, &devices), "h", 1, at(5));
    let inside = value(&house, SensorKind::Temperature);
    assert!((29.5..33.5).contains(&inside), "{inside}");
}

#[test]
fn a_month_in_the_house_is_bearable_and_never_out_of_water_or_feed() {
    let mut house = House::at(broilers(), "h", 3, local_midnight(APRIL - 24));
    let (mut pumped, mut refilled, mut before) = (0, 0, 95.0);
    for minute in 0..24 * 24 * 60 {
        house.advance(local_midnight(APRIL - 24).plus(STEP * minute));
        let inside = value(&house, SensorKind::Temperature);
        assert!((21.0..38.0).contains(&inside), "{inside}");
        assert!((40.0..100.0).contains(&value(&house, SensorKind::Humidity)));
        assert!(value(&house, SensorKind::WaterLevel) > 40.0);
        let feed = value(&house, SensorKind::FeedLevel);
        assert!(feed > 5.0, "{feed}");
        pumped += i32::from(is_on(&house, "pump"));
        refilled += i32::from(feed > before + 20.0);
        before = feed;
    }
    assert!(pumped > 60 && refilled >= 1, "{pumped} {refilled}");
}
