//! How far a controller's configuration has come, in finished words: saved here, sent, on the device.
use super::Found;
use crate::{
    board::{Board, Group},
    home::{Mood, RowLook, RowView, Sentence, Tag, Teller},
    nodes::node_row,
    reader::Reader,
};
use domain::configs::{ConfigProgress, Stage};

/// All of it that changes while one looks.
pub(super) fn board(found: &Found, reader: Reader) -> Board {
    let teller = found.known.teller(reader);
    let node = found.device.channel.as_ref().and_then(|(node, _)| found.known.node(*node));
    let title = reader.say("configs-progress");
    let Some((progress, node)) = found.progress.as_ref().zip(node) else {
        let help = Some(reader.say("configs-no-controller"));
        return Board::new(vec![Group { title, help, ..Group::default() }]);
    };
    let rows = vec![
        saved(teller, progress),
        stage(teller, progress, node.is_online),
        node_row(teller, node),
    ];
    Board::new(vec![Group::rows(title, rows)])
}

fn saved(teller: Teller<'_>, progress: &ConfigProgress) -> RowView {
    let since = teller.since("configs-at", progress.changed_at, &[]);
    line("g-saved", "check", teller.reader.say("configs-saved"), Some(since), None)
}

/// Where it is now. The word stands for the colour too.
fn stage(teller: Teller<'_>, progress: &ConfigProgress, is_online: bool) -> RowView {
    let reader = teller.reader;
    let tag = |mood, icon, word: &str| Some(Tag { mood, icon, text: reader.say(word) });
    match progress.stage() {
        Stage::Saved if is_online => {
            let about = Some(Sentence::plain(reader.say("configs-waits")));
            let tag = tag(Mood::Warn, "snooze", "configs-not-there");
            line("g-stage", "snooze", reader.say("configs-sending"), about, tag)
        }
        Stage::Saved => {
            let about = Some(Sentence::plain(reader.say("configs-waits-away")));
            let tag = tag(Mood::Lost, "offline", "configs-not-there");
            line("g-stage", "offline", reader.say("configs-later"), about, tag)
        }
        Stage::Sent(at) => {
            let about = Some(teller.since("configs-at", at, &[]));
            let tag = tag(Mood::Warn, "snooze", "configs-no-answer-yet");
            line("g-stage", "share", reader.say("configs-sent"), about, tag)
        }
        Stage::Confirmed(at) => {
            let about = Some(teller.since("configs-at", at, &[]));
            let tag = tag(Mood::Good, "check", "configs-in-force");
            line("g-stage", "signal", reader.say("configs-confirmed"), about, tag)
        }
        Stage::Refused(at, why) => {
            let about = match why {
                Some(why) => teller.since("configs-refused-why", at, &[("why", why)]),
                None => teller.since("configs-at", at, &[]),
            };
            let tag = tag(Mood::Bad, "critical", "configs-not-there");
            line("g-stage", "critical", reader.say("configs-refused"), Some(about), tag)
        }
    }
}

fn line(
    id: &'static str,
    icon: &'static str,
    name: String,
    about: Option<Sentence>,
    tag: Option<Tag>,
) -> RowView {
    let look = RowLook { id: id.to_owned(), href: None, icon, name, about, tag };
    RowView { look, values: Vec::new() }
}
