//! Home as HTML, piece by piece. Whole pages and live streams use the same pieces.
use super::{
    model::{
        AgeView, AnswerView, DeviceView, Gauge, HomeView, Moment, Mood, Note, RowView, Sentence,
        SmallValue, Tag, TileView,
    },
    scene::{Scene, Weather, scene},
    tell::icon_of,
};
use crate::{icons::Icon, live::Shown, reader::Reader};
use leptos::{html, prelude::*};

/// Everything within `<main>`.
#[component]
pub(crate) fn Home(home: HomeView) -> impl IntoView {
    let titles = home.titles;
    let values = (!home.tiles.is_empty()).then(|| {
        let tiles = home.tiles.into_iter().map(|tile| view! { <Tile tile/> }).collect_view();
        view! {
            <section class="group" aria-labelledby="values">
                <h2 id="values">{titles.values}</h2>
                <div class="values">{tiles}</div>
            </section>
        }
    });
    let has_devices = !home.devices.is_empty();
    let devices = home.devices.into_iter().map(|device| view! { <Device device/> }).collect_view();
    let empty =
        (!has_devices && values.is_none()).then(|| view! { <p class="lead">{titles.empty}</p> });
    view! {
        <Answer answer=home.answer/>
        {values}
        {has_devices.then(|| view! {
            <section class="group" aria-labelledby="devices">
                <h2 id="devices">{titles.devices}</h2>
                <div class="devices">{devices}</div>
            </section>
        })}
        {empty}
        <Rows title=titles.others help=None rows=home.others/>
        <Rows title=titles.new help=Some(titles.new_help) rows=home.new/>
        <Rows title=titles.controllers help=None rows=home.controllers/>
        <a class="button button--danger-plain span" href=home.stop>
            <Icon name="hand"/>
            <span>{titles.stop}</span>
        </a>
    }
}

/// The answer: scene, verdict, sentences, age.
#[component]
pub(crate) fn Answer(answer: AnswerView) -> impl IntoView {
    let look = answer.look;
    let icon = icon_of(look.mood);
    let mood = match look.mood {
        Mood::Good => "good",
        Mood::Warn => "warn",
        Mood::Bad => "hot",
        Mood::Lost | Mood::Going | Mood::Quiet => "lost",
    };
    let checked = answer.checked.map(|age| match look.checked {
        Some((before, after)) => view! { <AgeClock age before after id="checked"/> }.into_any(),
        None => view! { <AgeClock age id="checked"/> }.into_any(),
    });
    let notes = look.notes.into_iter().map(|note| view! { <NoteLine note/> }).collect_view();
    view! {
        <section id="home-answer" class=format!("answer answer--{mood} span") aria-labelledby="answer">
            {scene(&look.scene)}
            <div class="answer__text">
                <div class="verdict">
                    <span class="seal"><Icon name=icon/></span>
                    <p class="verdict__about">{look.about}</p>
                </div>
                <h1 id="answer">{look.title}</h1>
                <Say say=answer.say/>
                {notes}
                <div class="answer__foot">
                    {checked.unwrap_or_else(|| view! { <span></span> }.into_any())}
                    <a class="button button--quiet" href=look.again>
                        <Icon name="refresh"/>
                        <span>{look.check_now}</span>
                    </a>
                </div>
            </div>
        </section>
    }
}

/// The sentences after the verdict.
#[component]
pub(crate) fn Say(say: Vec<Sentence>) -> impl IntoView {
    let mut sentences = Vec::new();
    for sentence in say {
        if !sentences.is_empty() {
            sentences.push(" ".into_any());
        }
        sentences.push(words(sentence).into_any());
    }
    view! { <p class="answer__say" id="say">{sentences}</p> }
}

/// What stands in for answer and values while the connection is lost and they have grown old.
#[component]
pub(crate) fn LostWords(reader: Reader) -> impl IntoView {
    let empty = Scene { weather: Weather::Lost, fan: false, light: false, heat: false, tank: None };
    let (before, after) = reader.say_around("home-no-data-since", "when", &[]);
    view! {
        <template id="lost-answer">
            {scene(&empty)}
            <span class="seal"><Icon name="question"/></span>
            <h1>{reader.say("home-unknown")}</h1>
            <p>{some(before)}<time></time>{some(after)}</p>
        </template>
        <template id="old-value">
            <State tag=Tag { mood: Mood::Lost, icon: "clock", text: reader.say("value-old") }/>
        </template>
        <template id="no-value">
            <p class="value__none">{reader.say("value-none")}</p>
        </template>
        <template id="last-values">{reader.say("home-values-last")}</template>
    }
}

#[component]
fn NoteLine(note: Note) -> impl IntoView {
    let class = match note.mood {
        Mood::Bad => "note note--bad",
        Mood::Warn => "note note--warn",
        Mood::Good | Mood::Lost | Mood::Going | Mood::Quiet => "note note--lost",
    };
    let icon = note.icon;
    let text = words(note.text);
    match note.href {
        Some(href) => {
            view! { <a class=class href=href><Icon name=icon/><span>{text}</span></a> }.into_any()
        }
        None => view! { <p class=class><Icon name=icon/><span>{text}</span></p> }.into_any(),
    }
}

/// One value: name, number and unit, state, age.
#[component]
pub(crate) fn Tile(tile: TileView) -> impl IntoView {
    let look = tile.look;
    let mut class = String::from("value");
    if look.is_wide {
        class.push_str(" value--wide");
    }
    if look.is_big {
        class.push_str(" value--big");
    }
    class.push_str(match look.mood {
        Some(Mood::Bad) => " value--bad",
        Some(Mood::Warn) => " value--warn",
        Some(Mood::Lost) => " value--lost",
        Some(Mood::Good | Mood::Going | Mood::Quiet) | None => "",
    });
    let tag = look.tag.map(|tag| view! { <State tag/> });
    let name = view! {
        <h3 class="value__name"><Icon name=look.icon/><span>{look.name}</span></h3>
    };
    let (number, age) = match look.none {
        Some((text, since)) => (
            view! { <p class="value__none">{text}</p> }.into_any(),
            view! { <p class="age age--stale"><Ring ring=0/><span>{words(since)}</span></p> }
                .into_any(),
        ),
        None => (
            view! {
                <p class="value__number">
                    {reading(tile.shown.clone(), look.device, look.sensor)}
                    <small>{format!("\u{a0}{}", look.unit)}</small>
                </p>
            }
            .into_any(),
            view! { <AgeClock age=tile.age/> }.into_any(),
        ),
    };
    let gauge = look.gauge.map(|gauge| view! { <GoodBand gauge pin=tile.shown.pin/> });
    // the big one has its state beside the name, the others below the number
    let (first, second) = if look.is_big { (tag, None) } else { (None, tag) };
    view! {
        <article class=class id=format!("v{}", look.series.0)>
            {name}{first}{number}{second}{age}{gauge}
        </article>
    }
}

#[component]
fn GoodBand(gauge: Gauge, pin: String) -> impl IntoView {
    let (low, high) = (gauge.low, gauge.high);
    view! {
        <svg class="gauge" role="img" aria-label=gauge.label>
            <rect class="gauge__track" x="0" y="10" width="100%" height="14" rx="7"/>
            <rect class="gauge__good" x=low.0.clone() y="9" width=gauge.width height="16" rx="4"/>
            <text x=low.0 y="2.55rem">{low.1}</text>
            <text x=high.0 y="2.55rem">{high.1}</text>
            <circle class="gauge__pin" cx=pin cy="17" r="11"/>
        </svg>
    }
}

#[component]
fn State(tag: Tag) -> impl IntoView {
    let class = match tag.mood {
        Mood::Good => "state",
        Mood::Warn => "state state--warn",
        Mood::Bad => "state state--bad",
        Mood::Lost => "state state--lost",
        Mood::Going => "state state--going",
        Mood::Quiet => "state state--quiet",
    };
    view! { <span class=class><Icon name=tag.icon/><span>{tag.text}</span></span> }
}

/// The ring that runs down, and the age in words. The browser keeps both going.
#[component]
fn AgeClock(
    age: AgeView,
    #[prop(optional)] before: String,
    #[prop(optional)] after: String,
    #[prop(optional)] id: &'static str,
) -> impl IntoView {
    let class = match age.ring {
        0 => "age age--stale",
        1..168 => "age age--old",
        _ => "age",
    };
    let id = (!id.is_empty()).then_some(id);
    view! {
        <p
            class=class
            id=id
            data-at=age.age.at
            data-stale=age.age.stale
            data-gone=age.age.gone
            data-clock=age.clock
        >
            <Ring ring=age.ring/>
            <span>{some(before)}<time datetime=age.datetime>{age.text}</time>{some(after)}</span>
        </p>
    }
}

/// A ring with so many tenths of its length left of 50.3.
#[component]
fn Ring(ring: u16) -> impl IntoView {
    let left = format!("{}.{} 60", ring / 10, ring % 10);
    if ring == 0 {
        return view! { <svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="8"/></svg> }
            .into_any();
    }
    view! {
        <svg viewBox="0 0 24 24" aria-hidden="true">
            <circle class="age__track" cx="12" cy="12" r="8"/>
            <circle cx="12" cy="12" r="8" transform="rotate(-90 12 12)" stroke-dasharray=left/>
        </svg>
    }
    .into_any()
}

/// One device: what it is called, why it is as it is, and what its plate says.
#[component]
pub(crate) fn Device(device: DeviceView) -> impl IntoView {
    let (plate, icon) = match device.state {
        "on" => ("plate plate--on", "on"),
        "off" => ("plate", "off"),
        _ => ("plate plate--unknown", "question"),
    };
    let turning = if device.turns { "turning" } else { "" };
    view! {
        <article
            class="device"
            id=format!("d-{}", device.id)
            data-device=device.channel
            data-node=device.node
            data-id=device.id.clone()
            data-state=device.state
        >
            <div class="device__head">
                <span class="device__icon"><Icon name=device.icon class=turning/></span>
                <div class="device__text">
                    <div class="pair">
                        <h3>{device.name}</h3>
                        <span class=plate><Icon name=icon/><span>{device.word}</span></span>
                    </div>
                    <p class="device__why">{words(device.why)}</p>
                </div>
            </div>
        </article>
    }
}

#[component]
fn Rows(title: String, help: Option<String>, rows: Vec<RowView>) -> impl IntoView {
    if rows.is_empty() {
        return ().into_any();
    }
    let rows = rows.into_iter().map(|row| view! { <Row row/> }).collect_view();
    view! {
        <section class="group span">
            <h2>{title}</h2>
            {help.map(|help| view! { <p class="lead">{help}</p> })}
            <ul class="list">{rows}</ul>
        </section>
    }
    .into_any()
}

/// A line of a list.
#[component]
pub(crate) fn Row(row: RowView) -> impl IntoView {
    let look = row.look;
    let about = look.about.map(|about| view! { <small>{words(about)}</small> });
    let values = row.values.into_iter().map(|value| view! { <Small value/> }).collect_view();
    let content = view! {
        <Icon name=look.icon/>
        <span class="row__text">
            <span class="pair"><b>{look.name}</b>{look.tag.map(|tag| view! { <State tag/> })}</span>
            {about}
            {values}
        </span>
    };
    let line = match look.href {
        Some(href) => view! { <a class="row" href=href>{content}</a> }.into_any(),
        None => view! { <div class="row">{content}</div> }.into_any(),
    };
    view! { <li id=look.id>{line}</li> }
}

#[component]
fn Small(value: SmallValue) -> impl IntoView {
    let look = value.look;
    let age = value.age;
    let label = look.label.map(|label| format!("{label} "));
    let content = match look.none {
        Some((text, since)) => view! {
            <span class="small__value">{text}</span>
            " · "
            <span>{words(since)}</span>
        }
        .into_any(),
        None => view! {
            <span class="small__value">
                {reading(value.shown, look.device, look.sensor)}
                {format!("\u{a0}{}", look.unit)}
            </span>
            " · "
            <time
                datetime=age.datetime
                data-at=age.age.at
                data-stale=age.age.stale
                data-gone=age.age.gone
                data-clock=age.clock
            >
                {age.text}
            </time>
        }
        .into_any(),
    };
    view! { <small id=look.id class:is-lost=look.is_lost>{label}{content}</small> }
}

/// A number as programs look for it: `class`, `value`, `data-device`, `data-sensor`, in this order.
fn reading(shown: Shown, device: String, sensor: String) -> impl IntoView {
    html::data()
        .attr("class", "reading")
        .attr("value", shown.data)
        .attr("data-device", device)
        .attr("data-sensor", sensor)
        .child(shown.text)
}

fn words(sentence: Sentence) -> impl IntoView {
    let moment = sentence.moment.map(|Moment { datetime, text }| {
        view! { <time datetime=datetime>{text}</time> }
    });
    view! { {some(sentence.before)}{moment}{some(sentence.after)} }
}

/// An empty text is no text: it would be written as a space.
fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
