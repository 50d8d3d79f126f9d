//! Ages that grow, rings that run down; and values that turn grey and then into words, where the server
//! can not tell us so: while the connection is lost, and when the server should have told us long ago.
use super::dom;
use crate::live::LiveWords;
use web_sys::Element;

/// The whole ring, in tenths: 2π·8.
const RING: i64 = 503;
/// After so many milliseconds without a word nothing on the page is vouched for.
const STILL: i64 = 60_000;
/// The server has so many milliseconds to tell us itself that a value has grown old.
const LATE: i64 = 3_000;

/// Counts ages in the server's time.
pub(super) struct Ages {
    /// Patterns for seconds, minutes, hours and days.
    patterns: Vec<String>,
    /// The reader's digits, where they are not 0–9.
    digits: Vec<char>,
    /// How far the server's clock is ahead of the phone's, milliseconds.
    ahead: i64,
}

impl Ages {
    pub(super) fn new(words: &LiveWords) -> Self {
        Self {
            patterns: words.ago.split('|').map(str::to_owned).collect(),
            digits: words.digits.chars().collect(),
            ahead: words.now - dom::phone_clock(),
        }
    }

    /// The server has just told the time.
    pub(super) fn heard(&mut self, now: i64) {
        if now > 0 {
            self.ahead = now - dom::phone_clock();
        }
    }

    /// Every age on the page, by the phone's clock. True if something was shown as old.
    pub(super) fn tick(&self, phone: i64, is_lost: bool, silence: i64) -> bool {
        // what has no age of its own (plates, tags) is no longer vouched for either
        dom::set_class("main", "still", silence > STILL);
        let now = phone + self.ahead;
        let late = if is_lost { 0 } else { LATE };
        let mut has_greyed = false;
        for clock in dom::all("[data-at]") {
            let Some((age, stale, gone)) = ages(&clock, now) else { continue };
            if let Some(time) = dom::time_of(&clock) {
                dom::set_text(&time, &self.in_words(age / 1000));
            }
            if clock.class_list().contains("age") {
                turn(&clock, age, stale);
            }
            if age > stale + late {
                has_greyed |= grey(&clock, age > gone + late);
            }
        }
        has_greyed
    }

    /// The time of day of the newest value on the page.
    pub(super) fn newest_clock(&self) -> String {
        // that of the answer is worded for a sentence
        let newest =
            dom::all("[data-at]:not(#checked)").max_by_key(|clock| dom::number(clock, "data-at"));
        newest.and_then(|clock| clock.get_attribute("data-clock")).unwrap_or_default()
    }

    /// The same borders as on the server.
    fn in_words(&self, seconds: i64) -> String {
        let (pattern, n) = match seconds {
            ..60 => (0, seconds.max(0)),
            60..3600 => (1, seconds / 60),
            3600..172_800 => (2, seconds / 3600),
            _ => (3, seconds / 86_400),
        };
        let mut number = n.to_string();
        if !self.digits.is_empty() {
            let digit = |c: char| self.digits.get(usize::try_from(c.to_digit(10)?).ok()?).copied();
            number = number.chars().map(|c| digit(c).unwrap_or(c)).collect();
        }
        self.patterns.get(pattern).map(|text| text.replace("{n}", &number)).unwrap_or_default()
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
/// True if it was not shown so yet.
fn grey(clock: &Element, is_gone: bool) -> bool {
    if clock.id() == "checked" {
        return lose_answer(clock);
    }
    if let Ok(Some(tile)) = clock.closest(".value") {
        return grey_tile(&tile, is_gone);
    }
    let Ok(Some(small)) = clock.closest("small") else { return false };
    let mut is_new = !small.class_list().contains("is-lost");
    dom::set(&small, "class", "is-lost");
    if is_gone && dom::within(&small, "data").is_some() {
        if let Some(value) = dom::within(&small, ".small__value") {
            dom::set_text(&value, &dom::template_text("no-value"));
        }
        is_new = true;
    }
    is_new
}

fn grey_tile(tile: &Element, is_gone: bool) -> bool {
    let mut is_new = false;
    if !tile.class_list().contains("value--lost") {
        let class = tile.class_name().replace(" value--bad", "").replace(" value--warn", "");
        dom::set(tile, "class", &format!("{class} value--lost"));
        exchange(tile, ".state", "old-value");
        if let Some(gauge) = dom::within(tile, ".gauge") {
            gauge.remove();
        }
        is_new = true;
    }
    if is_gone && dom::within(tile, ".value__number").is_some() {
        exchange(tile, ".value__number", "no-value");
        if let Some(tag) = dom::within(tile, ".state") {
            tag.remove();
        }
        is_new = true;
    }
    is_new
}

/// Nobody knows how the house is. True if that was not said yet.
fn lose_answer(clock: &Element) -> bool {
    let Ok(Some(answer)) = clock.closest(".answer") else { return false };
    if answer.class_list().contains("answer--lost") {
        return false;
    }
    dom::set(&answer, "class", "answer answer--lost span");
    exchange(&answer, ".scene", "lost-answer");
    // the template holds four things; each takes the place of its like
    let text = dom::within(&answer, ".answer__text");
    for (old, new) in [(".seal", "SPAN"), ("h1", "H1"), ("#say", "P")] {
        let old = text.as_ref().and_then(|text| dom::within(text, old));
        if let (Some(old), Some(fresh)) = (old, answer_part(&answer, new)) {
            old.set_inner_html(&fresh.inner_html());
            fresh.remove();
        }
    }
    if let Some(time) = dom::within(&answer, "#say time") {
        dom::set_text(&time, &clock.get_attribute("data-clock").unwrap_or_default());
    }
    // nobody has checked: an age alone is left
    if let (Some(words), Some(time)) = (dom::within(clock, "span"), dom::time_of(clock)) {
        words.set_inner_html(&time.outer_html());
    }
    if let Some(title) = dom::by_id("values") {
        dom::set_text(&title, &dom::template_text("last-values"));
    }
    true
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
