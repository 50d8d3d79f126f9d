//! What is seen in passing: form and rhythm of all that was heard from beginning to end.
use super::{
    heard::{Message, Said},
    report::Report,
    rules::Rule,
    stage::{Stage, seconds},
};
use anyhow::Result;
use domain::{Timestamp, clock, protocol::Availability, readings::stored_unit};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Most lines of a minute.
const MOST_LINES: usize = 60;
/// A heartbeat may be late by half its interval, and by a loop's turn.
const LATE: f64 = 1.5;
const TURN: Duration = Duration::from_secs(1);

/// Waits until what comes by itself must have come.
pub(super) async fn await_signs(stage: &mut Stage) -> Result<()> {
    stage.tell("waiting for what comes by itself");
    if !stage.options.has_no_sensors {
        let readings = |heard: &[Message]| {
            heard.iter().any(|message| matches!(message.said, Said::Readings(..))).then_some(())
        };
        let bad =
            |heard: &[Message]| heard.iter().any(|m| m.bad("readings").is_some()).then_some(());
        let either = |heard: &[Message]| readings(heard).or(bad(heard));
        stage.wait(0, stage.options.readings * 2 + TURN, either).await?;
    }
    let begun = stage.heard.iter().rev().find(|message| message.is(Availability::Online));
    let waited = begun.map_or(Duration::ZERO, |message| message.at.elapsed());
    let rest = due(stage).saturating_sub(waited);
    stage.listen(rest).await
}

/// When the next heartbeat is late.
fn due(stage: &Stage) -> Duration {
    stage.options.heartbeat.mul_f64(LATE) + TURN
}

pub(super) fn judge(stage: &Stage, report: &mut Report) {
    let before_restart = stage.restart_at.unwrap_or(stage.heard.len());
    let heard = stage.heard.get(..before_restart).unwrap_or(&stage.heard);
    heartbeats(stage, heard, report);
    readings(stage, report);
    numbers(stage, heard, report);
    retained(stage, report);
    log(stage, report);
    if let Some(bad) = stage.heard.iter().find_map(|message| message.bad("state")) {
        report.failed(Rule::StateAfterConnect, format!("up/state is refused: {bad}"));
    }
}

fn heartbeats(stage: &Stage, heard: &[Message], report: &mut Report) {
    let rule = Rule::Heartbeat;
    if let Some(bad) = heard.iter().find_map(|message| message.bad("heartbeat")) {
        return report.failed(rule, format!("up/heartbeat is refused: {bad}"));
    }
    let (mut last, mut longest, mut count): (Option<Instant>, f64, u32) = (None, 0.0, 0);
    let mut greeted: Option<Instant> = None;
    let (due, patience) = (due(stage), stage.options.patience);
    let mut late = None;
    let mut look = |from: Option<Instant>, to: Instant, most: Duration| {
        let Some(from) = from else { return };
        longest = longest.max(seconds(from, to));
        if to.saturating_duration_since(from) > most {
            late.get_or_insert(seconds(from, to));
        }
    };
    for message in heard {
        match &message.said {
            Said::Availability(availability) => {
                last = None;
                let is_online = *availability == Some(Availability::Online);
                greeted = is_online.then_some(message.at);
            }
            Said::Heartbeat(beat) => {
                let missing = [
                    (beat.boot.is_none(), "boot"),
                    (!beat.has_uptime, "uptime_s"),
                    (!beat.has_firmware, "firmware"),
                ];
                if let Some((_, field)) = missing.into_iter().find(|(is_missing, _)| *is_missing) {
                    return report.failed(rule, format!("a heartbeat without {field}"));
                }
                look(greeted.take(), message.at, patience.max(due));
                look(last.replace(message.at), message.at, due);
                count += 1;
            }
            _ => {}
        }
    }
    if let Some(end) = heard.last() {
        look(last.or(greeted), end.at, due);
    }
    match late {
        _ if count == 0 => report.failed(rule, "no heartbeat"),
        Some(late) => report
            .failed(rule, format!("{late} s without one, and {} s are the most", due.as_secs())),
        None => report.passed(rule, format!("{count} came, at most {longest} s apart")),
    }
}

fn readings(stage: &Stage, report: &mut Report) {
    let rule = Rule::Readings;
    if let Some(bad) = stage.heard.iter().find_map(|message| message.bad("readings")) {
        return report.failed(rule, format!("up/readings is refused: {bad}"));
    }
    let mut count = 0;
    for message in &stage.heard {
        let Said::Readings(head, readings) = &message.said else { continue };
        let ts = head.ts.map(Timestamp::from_millis);
        let missing =
            [(head.boot.is_none(), "boot"), (head.seq.is_none(), "seq"), (ts.is_none(), "ts")];
        if let Some((_, field)) = missing.into_iter().find(|(is_missing, _)| *is_missing) {
            return report.failed(rule, format!("a message without {field}"));
        }
        let received = stage.now().minus(message.at.elapsed());
        if let Some(ts) = ts.filter(|ts| !clock::is_credible(*ts, received)) {
            return report.failed(
                rule,
                format!("ts {} is not believed: the clock is wrong", ts.as_millis()),
            );
        }
        for reading in readings {
            let Some(unit) = reading.unit.as_deref() else {
                return report.failed(rule, format!("{} without a unit", reading.sensor));
            };
            if stored_unit(&reading.sensor, Some(unit)).is_none() {
                return report.failed(
                    rule,
                    format!("{} in {unit:?}, which is no unit of it", reading.sensor),
                );
            }
        }
        count += readings.len();
    }
    match count {
        0 if stage.options.has_no_sensors => {
            report.left_out(&[rule], "the node measures nothing, as you say")
        }
        0 => report.failed(rule, "no readings came"),
        count => report.passed(rule, format!("{count} readings")),
    }
}

fn numbers(stage: &Stage, heard: &[Message], report: &mut Report) {
    let mut newest: BTreeMap<&str, i64> = BTreeMap::new();
    let mut contents: BTreeMap<(&str, i64), &serde_json::Value> = BTreeMap::new();
    let mut count = 0;
    for message in heard {
        if let Said::Availability(_) = message.said {
            // what is missing over a broken connection is `replay`'s to find
            newest.clear();
        }
        let Some(numbered) = message.numbered() else { continue };
        let Some((boot, seq)) = numbered.boot.as_deref().zip(numbered.seq) else { continue };
        count += 1;
        let newest = newest.entry(boot).or_insert(seq);
        let oldest = numbered.first.unwrap_or(0);
        if numbered.first.is_some_and(|first| first > seq) {
            report.failed(Rule::First, format!("first {oldest} in message {seq}"));
        }
        if seq > *newest + 1 && oldest <= *newest + 1 {
            let seen = format!("after {newest} came {seq}, and no first that explains it");
            report.failed(Rule::Seq, seen);
        }
        *newest = seq.max(*newest);
        let content = contents.entry((boot, seq)).or_insert(&numbered.content);
        if **content != numbered.content {
            report.failed(Rule::Seq, format!("{seq} was used for two messages"));
        }
    }
    match count {
        0 if stage.options.is_mute() => {
            report.left_out(&[Rule::Seq], "the node has nothing to number, as you say")
        }
        0 => report.failed(Rule::Seq, "no message has boot and seq"),
        count => report.passed(Rule::Seq, format!("{count} numbered messages, none skipped")),
    }
}

fn retained(stage: &Stage, report: &mut Report) {
    let heard = stage.heard.iter();
    let marked = heard.filter(|message| message.is_retained && message.kind != "availability");
    let marked = marked.map(|message| format!("up/{}", message.kind)).next();
    let kept =
        stage.wrongly_kept.first().map(|topic| format!("the broker keeps a message on {topic}"));
    match marked.map(|topic| format!("{topic} is published with retain on")).or(kept) {
        Some(seen) => report.failed(Rule::Retained, seen),
        None => report.passed(Rule::Retained, "none is"),
    }
}

fn log(stage: &Stage, report: &mut Report) {
    if let Some(bad) = stage.heard.iter().find_map(|message| message.bad("log")) {
        return report.failed(Rule::Log, format!("up/log is refused: {bad}"));
    }
    let lines: Vec<Instant> = stage
        .heard
        .iter()
        .filter(|message| matches!(message.said, Said::Log { .. }))
        .map(|message| message.at)
        .collect();
    let minute = Duration::from_mins(1);
    let is_flood = lines.windows(MOST_LINES + 1).any(|lines| {
        let ends = lines.first().zip(lines.last());
        ends.is_some_and(|(first, last)| last.saturating_duration_since(*first) < minute)
    });
    match is_flood {
        true => report.failed(Rule::Log, format!("over {MOST_LINES} lines in a minute")),
        false => report.passed(Rule::Log, format!("{} lines", lines.len())),
    }
}
