//! A latch as HTML: a form with the bolt, what is said below it, and what else can be asked.
use super::{
    bolt::OneBolt,
    model::{Clock, LatchButton, LatchLink, LatchNote, LatchView},
};
use crate::{
    control::Taps,
    document::LiveSource,
    home::{LostWords, Moment, Sentence, words},
    icons::Icon,
    reader::Reader,
};
use leptos::prelude::*;

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
