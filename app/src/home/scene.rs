//! The little farm above the answer, drawn from facts: the gable fan turns when a fan runs, windows are
//! lit when a light is on, the lamp glows when there is heat, the tank stands as full as it is. For
//! eyes only: words say the same.
use leptos::prelude::*;
use std::fmt::Write as _;

/// Which weather.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Weather {
    /// Low sun, hen and chicks.
    Good,
    /// High sun, heat in the air, no chicks.
    Hot,
    /// Clouds, no chicks.
    Cold,
    /// Clouds, and a house nobody knows of.
    Lost,
    /// Low sun, and a red board before the house: everything was stopped.
    Stopped,
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Scene {
    /// The weather stands for the verdict.
    pub(crate) weather: Weather,
    /// A fan runs.
    pub(crate) fan: bool,
    /// A light is on.
    pub(crate) light: bool,
    /// A lamp or heater is on.
    pub(crate) heat: bool,
    /// The tank, in tenths, where there is one: `Some(None)` is a tank nobody knows the level of.
    pub(crate) tank: Option<Option<u8>>,
}

impl Scene {
    /// The farm on the door.
    pub(crate) const fn welcome() -> Self {
        Self { weather: Weather::Good, fan: true, light: true, heat: false, tank: Some(Some(8)) }
    }

    /// A farm that stands still.
    pub(crate) const fn stopped() -> Self {
        Self {
            weather: Weather::Stopped,
            fan: false,
            light: false,
            heat: false,
            tank: Some(Some(7)),
        }
    }

    const fn class(self) -> &'static str {
        match self.weather {
            Weather::Good => "scene scene--good",
            Weather::Cold => "scene scene--cold",
            Weather::Hot => "scene scene--hot",
            Weather::Lost => "scene scene--lost",
            Weather::Stopped => "scene scene--stop",
        }
    }
}

/// The drawing.
pub(crate) fn scene(facts: &Scene) -> impl IntoView + use<> {
    view! {
        <svg
            class=facts.class()
            viewBox="0 0 360 148"
            preserveAspectRatio="xMidYMax meet"
            aria-hidden="true"
            inner_html=drawing(facts)
        ></svg>
    }
}

fn drawing(facts: &Scene) -> String {
    let mut out = String::with_capacity(6000);
    out.push_str(match facts.weather {
        Weather::Good | Weather::Stopped => r#"<circle class="sc-sun" cx="78" cy="92" r="32"/>"#,
        Weather::Hot => HOT_SUN,
        Weather::Cold | Weather::Lost => CLOUDS,
    });
    out.push_str(LAND);
    if facts.weather == Weather::Lost {
        out.push_str(GHOST);
        return out;
    }
    house(facts, &mut out);
    if let Some(level) = facts.tank {
        tank(level, &mut out);
    }
    out.push_str(match facts.weather {
        Weather::Hot => THIRSTY_HEN,
        Weather::Good | Weather::Cold | Weather::Lost | Weather::Stopped => HEN,
    });
    if facts.weather == Weather::Stopped {
        out.push_str(BOARD);
    }
    if facts.weather == Weather::Good {
        out.push_str(&CHICK.replace("AT", "238 136"));
        out.push_str(&CHICK.replace("AT", "252 134"));
    }
    out
}

fn house(facts: &Scene, out: &mut String) {
    let windows = if facts.light { "sc-lit" } else { "sc-window" };
    let blades = if facts.fan { "sc-blades sc-blades--on" } else { "sc-blades" };
    out.push_str(HOUSE);
    // writing to a String does not fail
    _ = write!(out, r#"<path class="{windows}" d="M152 70h66v17h-66z"/>"#);
    out.push_str(MULLIONS);
    _ = write!(out, r#"<g transform="translate(185 51)"><g class="{blades}">"#);
    for turn in [0, 120, 240] {
        _ = write!(
            out,
            r#"<path class="sc-wood" transform="rotate({turn} 0 0)" d="M0 0c-5-2-6-8-2-10 4-1 6 4 2 10z"/>"#
        );
    }
    out.push_str("</g></g>");
    if facts.heat {
        out.push_str(LAMP);
    }
    out.push_str(ROOF);
}

fn tank(level: Option<u8>, out: &mut String) {
    out.push_str(TANK);
    if let Some(tenths) = level {
        let height = u32::from(tenths.min(10)) * 28 / 10;
        let top = 104 - height;
        _ = write!(
            out,
            r#"<rect class="sc-water" x="262" y="{top}" width="24" height="{height}" rx="2"/>"#
        );
    }
}

/// A high sun, and hot air rising.
const HOT_SUN: &str = include_str!("../drawings/hot_sun.svg");

/// Clouds before the sun.
const CLOUDS: &str = include_str!("../drawings/clouds.svg");

/// Hills, palms and the field.
const LAND: &str = include_str!("../drawings/land.svg");

/// A house of which nothing is known.
const GHOST: &str = include_str!("../drawings/ghost.svg");

/// The house on its posts, as far as its windows.
const HOUSE: &str = include_str!("../drawings/house.svg");

/// What stands before the windows, and the hub of the fan.
const MULLIONS: &str = include_str!("../drawings/mullions.svg");

/// The heat lamp under the eaves.
const LAMP: &str = include_str!("../drawings/lamp.svg");

/// The roof with its horn.
const ROOF: &str = include_str!("../drawings/roof.svg");

/// The water tank on its stand.
const TANK: &str = include_str!("../drawings/tank.svg");

/// A hen at peace.
const HEN: &str = include_str!("../drawings/hen.svg");

/// A hen with an open beak.
const THIRSTY_HEN: &str = include_str!("../drawings/thirsty_hen.svg");

/// A red board with a hand.
const BOARD: &str = include_str!("../drawings/board.svg");

/// A chick; `AT` is its place.
const CHICK: &str = include_str!("../drawings/chick.svg");
