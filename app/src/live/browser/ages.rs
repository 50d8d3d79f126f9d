//! Ages that grow, rings that run down; and, while the connection is lost, values that turn grey and
//! then into words. While it is there the server does that.
use super::dom;
use crate::live::LiveWords;
use web_sys::Element;

/// The whole ring, in tenths: 2π·8.
const RING: i64 = 503;

/// Counts ages in the server's time.
pub(super) struct Ages {
    words: LiveWords,
    /// How far the server's clock is ahead of the phone's, milliseconds.
    ahead: i64,
}

impl Ages {
    pub(super) fn new(words: LiveWords) -> Self {
        let ahead = words.now - dom::phone_clock();
        Self { words, ahead }
    }

    /// The server has just told the time.
    pub(super) fn heard(&mut self, now: i64) {
        if now > 0 {
            self.ahead = now - dom::phone_clock();
        }
    }

    /// Every age on the page.
    pub(super) fn tick(&self, is_lost: bool) {
        let now = dom::phone_clock() + self.ahead;
        for clock in dom::all("[data-at]") {
            let Some((age, stale, gone)) = ages(&clock, now) else { continue };
            if let Some(time) = if clock.tag_name() == "TIME" {
                Some(clock.clone())
            } else {
                dom::within(&clock, "time")
            } {
                dom::set_text(&time, &self.in_words(age / 1000));
            }
            if clock.class_list().contains("age") {
                turn(&clock, age, stale);
            }
            if is_lost && age > stale {
                grey(&clock, age > gone);
            }
        }
    }

    /// The time of day of the newest value on the page.
    pub(super) fn newest_clock(&self) -> String {
        let newest = dom::all("[data-at]").max_by_key(|clock| dom::number(clock, "data-at"));
        newest.and_then(|clock| clock.get_attribute("data-clock")).unwrap_or_default()
    }

    /// The same borders as on the server.
    fn in_words(&self, seconds: i64) -> String {
        let [in_seconds, in_minutes, in_hours, in_days] = &self.words.ago;
        let (pattern, n) = match seconds {
            ..60 => (in_seconds, seconds.max(0)),
            60..3600 => (in_minutes, seconds / 60),
            3600..172_800 => (in_hours, seconds / 3600),
            _ => (in_days, seconds / 86_400),
        };
        let mut number = n.to_string();
        if let Some(digits) = &self.words.digits {
            let digit =
                |c: char| c.to_digit(10).and_then(|d| digits.chars().nth(usize::try_from(d).ok()?));
            number = number.chars().map(|c| digit(c).unwrap_or(c)).collect();
        }
        pattern.replace("{n}", &number)
    }
}

fn ages(clock: &Element, now: i64) -> Option<(i64, i64, i64)> {
    let at = dom::number(clock, "data-at")?;
    Some((now - at, dom::number(clock, "data-stale")?, dom::number(clock, "data-gone")?))
}

/// Turns the ring: full when new, brown when a third is left, dashed when it has run down.
fn turn(clock: &Element, age: i64, stale: i64) {
    let left = ((stale - age.max(0)) * RING / stale.max(1)).clamp(0, RING);
    let class = match left {
        0 => "age age--stale",
        1..168 => "age age--old",
        _ => "age",
    };
    dom::set(clock, "class", class);
    if let Some(ring) = dom::within(clock, "circle[stroke-dasharray]") {
        if left > 0 {
            dom::set(&ring, "stroke-dasharray", &format!("{}.{} 60", left / 10, left % 10));
        } else {
            // the style sheet draws the dashes
            _ = ring.remove_attribute("stroke-dasharray");
        }
    }
}

/// What has grown old while nobody could tell us is shown as old; what is older than that, as nothing.
fn grey(clock: &Element, is_gone: bool) {
    if clock.id() == "checked" {
        lose_answer(clock);
        return;
    }
    let Ok(Some(tile)) = clock.closest(".value") else { return };
    if !tile.class_list().contains("value--lost") {
        let big = if tile.class_list().contains("value--big") { " value--big" } else { "" };
        dom::set(&tile, "class", &format!("value{big} value--lost"));
        exchange(&tile, ".state", "old-value");
        if let Some(gauge) = dom::within(&tile, ".gauge") {
            gauge.remove();
        }
    }
    if is_gone {
        exchange(&tile, ".value__number", "no-value");
        if let Some(tag) = dom::within(&tile, ".state") {
            tag.remove();
        }
    }
}

/// Nobody knows how the house is.
fn lose_answer(clock: &Element) {
    let Ok(Some(answer)) = clock.closest(".answer") else { return };
    if answer.class_list().contains("answer--lost") {
        return;
    }
    dom::set(&answer, "class", "answer answer--lost span");
    exchange(&answer, ".scene", "lost-answer");
    // the template holds four things; each takes the place of its like
    for (old, new) in [(".seal", "SPAN"), ("h1", "H1"), ("#say", "P")] {
        let fresh = answer_part(&answer, new);
        if let (Some(old), Some(fresh)) = (dom::within(&answer, old), fresh) {
            old.set_inner_html(&fresh.inner_html());
            fresh.remove();
        }
    }
    if let Some(time) = dom::within(&answer, "#say time") {
        dom::set_text(&time, &clock.get_attribute("data-clock").unwrap_or_default());
    }
}

/// What the template has put straight into the answer.
fn answer_part(answer: &Element, tag: &str) -> Option<Element> {
    let children = answer.children();
    (0..children.length()).filter_map(|i| children.item(i)).find(|child| child.tag_name() == tag)
}

fn exchange(parent: &Element, old: &str, template: &str) {
    if let (Some(old), Some(new)) = (dom::within(parent, old), dom::template(template)) {
        // both are elements of this page
        _ = old.replace_with_with_node_1(&new);
    }
}
