//! A latch as HTML: a form with the bolt, what is said below it, and what else can be asked.
use super::model::{
    Bolt, BoltWords, Clock, LatchButton, LatchLink, LatchNote, LatchView, Trail, Way,
};
use crate::{
    control::Taps,
    document::LiveSource,
    home::{LostWords, Moment, Sentence, words},
    icons::Icon,
    reader::Reader,
};
use leptos::prelude::*;

/// The chick that carries a command.
const WALKER: &str = include_str!("../drawings/walker.svg");

/// By what a device is switched. Each time it is written its form gets a new identity for the command that it
/// may make.
#[component]
pub(crate) fn Latch(
    latch: LatchView,
    /// The device's identity, which tells its templates from those of others.
    id: String,
) -> impl IntoView {
    let ends = latch.ends.map(|ends| view! { <p class="device__why">{words(ends)}</p> }.into_any());
    let notes =
        latch.notes.into_iter().map(|note| view! { <Note note/> }.into_any()).collect_view();
    if !latch.may_control {
        return view! { {ends}{notes} }.into_any();
    }
    let bolt = view! { <OneBolt bolt=latch.bolt words=latch.words goal=latch.goal id/> };
    let bolt = bolt.into_any();
    let house = latch.page.house().map(|house| house.to_string());
    let newest = latch.newest.map(|newest| newest.to_string());
    let portion = latch.portion.map(|portion| portion.as_millis().to_string());
    let hidden = |name: &'static str, value: String| {
        view! { <input type="hidden" name=name value=value/> }
    };
    let buttons = latch.buttons.into_iter().map(|button| view! { <Plain button/> }.into_any());
    let buttons = buttons.collect_view();
    let links =
        latch.links.into_iter().map(|link| view! { <Link link/> }.into_any()).collect_view();
    view! {
        <form class="device__form" method="post" action=latch.action data-taps>
            {hidden("id", store::commands::new_id().to_string())}
            {hidden("page", latch.page.name().to_owned())}
            {house.map(|house| hidden("house", house))}
            {newest.map(|newest| hidden("of", newest))}
            {portion.map(|portion| hidden("portion_ms", portion))}
            {bolt}
            {ends}
            {notes}
            {buttons}
        </form>
        {links}
    }
    .into_any()
}

#[component]
fn OneBolt(bolt: Bolt, words: BoltWords, goal: String, id: String) -> impl IntoView {
    // a bolt that can be moved, with what it looks like from then on
    let shut = |way: Way, bolt: AnyView| {
        let sending = Sending { id: id.clone(), from: Some(way.other()), way };
        view! { {bolt} <SendingTemplate sending words=words.clone()/> }.into_any()
    };
    let why = format!("w-{id}");
    let on = plate(Some(Way::On), &words);
    let off = plate(Some(Way::Off), &words);
    match bolt {
        Bolt::On => shut(
            Way::Off,
            view! {
                <button class="latch latch--on" name="wish" value="off" aria-describedby=why>
                    <span class="latch__verb">{words.turn_off.clone()}</span>
                    {on}
                </button>
            }
            .into_any(),
        ),
        Bolt::Off => shut(
            Way::On,
            view! {
                <button class="latch" name="wish" value="on" aria-describedby=why>
                    {off}
                    <span class="latch__verb">{words.turn_on.clone()}</span>
                </button>
            }
            .into_any(),
        ),
        Bolt::Unknown => {
            let sending = |way| Sending { id: id.clone(), from: None, way };
            view! {
                <div class="latch latch--unknown">
                    <button name="wish" value="off" aria-describedby=why.clone()>
                        {words.turn_off.clone()}
                    </button>
                    {plate(None, &words)}
                    <button name="wish" value="on" aria-describedby=why>
                        {words.turn_on.clone()}
                    </button>
                </div>
                <SendingTemplate sending=sending(Way::Off) words=words.clone()/>
                <SendingTemplate sending=sending(Way::On) words=words.clone()/>
            }
            .into_any()
        }
        Bolt::Going(trail) => view! { <OnItsWay trail words goal class="latch latch--going"/> }.into_any(),
        Bolt::Halted(trail) => {
            view! { <OnItsWay trail words goal class="latch latch--going latch--halted"/> }.into_any()
        }
        Bolt::Locked => view! {
            <div class="latch latch--locked">
                {off}
                <span class="latch__verb"><Icon name="lock"/><span>{words.locked.clone()}</span></span>
            </div>
        }
        .into_any(),
        Bolt::Act => shut(
            Way::On,
            view! {
                <button class="latch latch--act" name="wish" value="on" aria-describedby=why>
                    <Icon name="feeder"/>
                    <span>{words.turn_on.clone()}</span>
                </button>
            }
            .into_any(),
        ),
    }
}

/// What the device says.
fn plate(says: Option<Way>, words: &BoltWords) -> impl IntoView + use<> {
    let (icon, word) = match says {
        Some(Way::On) => ("on", words.on.clone()),
        Some(Way::Off) => ("off", words.off.clone()),
        None => ("question", words.unknown.clone()),
    };
    view! { <span class="latch__plate" aria-hidden="true"><Icon name=icon/><span>{word}</span></span> }
}

/// A bolt whose plate stands where it stood, and a command that is going or has stopped.
#[component]
fn OnItsWay(trail: Trail, words: BoltWords, goal: String, class: &'static str) -> impl IntoView {
    let is_back = trail.from == Some(Way::On) || (trail.from.is_none() && trail.way == Way::Off);
    let is_halted = class.ends_with("--halted");
    let class = if is_back { format!("{class} latch--back") } else { class.to_owned() };
    let mut parts = vec![
        plate(trail.from, &words).into_any(),
        view! { <Steps trail is_halted is_back/> }.into_any(),
        view! { <span class="latch__goal" aria-hidden="true">{goal}</span> }.into_any(),
    ];
    if is_back {
        parts.reverse();
    }
    view! { <div class=class>{parts}</div> }
}

/// Three places: those behind the chick are filled, and it stands at the next one.
#[component]
fn Steps(trail: Trail, is_halted: bool, is_back: bool) -> impl IntoView {
    let place = |place: u8| {
        if place < trail.done {
            view! { <span class="stop stop--done"></span> }.into_any()
        } else if place > trail.done {
            view! { <span class="stop"></span> }.into_any()
        } else if !is_halted {
            view! {
                <svg class="walker" viewBox="0 0 24 24" aria-hidden="true" inner_html=WALKER></svg>
            }
            .into_any()
        } else if trail.is_bad {
            view! { <Icon name="critical" class="trail__end trail__end--bad"/> }.into_any()
        } else {
            view! { <Icon name="question" class="trail__end"/> }.into_any()
        }
    };
    let mut places: Vec<AnyView> = (0..3).map(place).collect();
    if is_back {
        places.reverse();
    }
    view! { <span class="trail" aria-hidden="true">{places}</span> }
}

/// What a tap looks like until the server has answered.
#[derive(Debug, Clone)]
struct Sending {
    id: String,
    from: Option<Way>,
    way: Way,
}

/// The island puts it in the bolt's place the moment that it is tapped.
#[component]
fn SendingTemplate(sending: Sending, words: BoltWords) -> impl IntoView {
    let Sending { id, from, way } = sending;
    let (end, goal) = match way {
        Way::On => ("on", words.on.clone()),
        Way::Off => ("off", words.off.clone()),
    };
    let trail = Trail { way, from, done: 0, is_bad: false };
    view! {
        <template id=format!("s-{id}-{end}")>
            <OnItsWay trail words goal class="latch latch--going"/>
        </template>
    }
}

/// What the island says until the server has answered, and if that can not be reached.
#[component]
fn TapWords(reader: Reader) -> impl IntoView {
    let words = |id: &'static str, kind, icon, (title, text): (&str, &str)| {
        let sentence = |id| Sentence::plain(reader.say(id));
        let note = LatchNote::new(kind, icon, sentence(title)).with(sentence(text));
        view! { <template id=id><Note note/></template> }
    };
    view! {
        {words("sending", "going", "phone", ("control-saved-here", "control-sending"))}
        {words("not-sent", "lost", "offline", ("control-not-sent", "control-not-sent-help"))}
        {words("not-done", "warn", "warning", ("control-not-done", "control-not-done-help"))}
    }
}

/// The same stream for a page on which latches are tapped.
pub(crate) fn with_taps(source: LiveSource) -> LiveSource {
    let lost = |reader| view! { <LostWords reader/> <TapWords reader/> <Taps/> }.into_any();
    LiveSource { lost, ..source }
}

/// A stage or a reason.
#[component]
pub(crate) fn Note(note: LatchNote) -> impl IntoView {
    let class = match note.kind {
        "" => "note".to_owned(),
        kind => format!("note note--{kind}"),
    };
    let clock = note.clock.map(|clock| view! { <Since clock/> });
    let text = note.text.map(words);
    view! {
        <div class=class>
            <Icon name=note.icon/>
            <span><b>{words(note.title)}</b>{text}{clock}</span>
        </div>
    }
}

/// How long ago it was asked for; the browser counts on. It grows old for nobody.
#[component]
fn Since(clock: Clock) -> impl IntoView {
    const NEVER: &str = "31536000000";
    let Clock { at, text, moment: Moment { datetime, text: clock } } = clock;
    view! {
        " · "
        <time datetime=datetime data-at=at data-stale=NEVER data-gone=NEVER data-clock=clock>
            {text}
        </time>
    }
}

#[component]
fn Plain(button: LatchButton) -> impl IntoView {
    view! {
        <button class="button button--plain" name="wish" value=button.wish>
            <Icon name=button.icon/>
            <span>{button.word}</span>
        </button>
    }
}

#[component]
fn Link(link: LatchLink) -> impl IntoView {
    view! {
        <a class=format!("button {}", link.class) href=link.href>
            <Icon name=link.icon/>
            <span>{link.word}</span>
        </a>
    }
}
