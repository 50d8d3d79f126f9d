//! The connection: cut once, to see what the broker and the node make of it.
use super::{
    heard::{Message, Said},
    report::Report,
    rules::Rule,
    stage::Stage,
};
use anyhow::{Result, bail};
use domain::protocol::Availability;
use std::{collections::BTreeSet, time::Instant};

/// What can not be seen of a node whose connection can not be cut.
const NEED_CUT: [Rule; 7] = [
    Rule::LastWill,
    Rule::Online,
    Rule::Reconnect,
    Rule::StateAfterConnect,
    Rule::Replay,
    Rule::AckBoot,
    Rule::Ack,
];

/// Whether the node is there still.
pub(super) async fn check(stage: &mut Stage, report: &mut Report) -> Result<bool> {
    meet(stage).await?;
    stage.tell("cutting the node's connection");
    let (mark, boot) = (stage.mark(), stage.boot());
    stage.link.cut().await?;
    let cut_at = Instant::now();
    let (patience, reconnect) = (stage.options.patience, stage.options.reconnect);
    let place =
        |heard: &[Message], availability| heard.iter().position(|message| message.is(availability));
    let will = stage.wait(mark, patience, |heard| place(heard, Availability::Offline)).await?;
    let online = stage.wait(mark, reconnect, |heard| place(heard, Availability::Online)).await?;
    let later = stage.since(mark).iter().filter(|message| message.at > cut_at);
    let speaks = later.filter_map(Message::boot).next().is_some();
    if will.is_none() && online.is_none() && speaks {
        report.failed(Rule::ClientId, "the connection stays when another one has the node's name");
        report.not_tried(&NEED_CUT, Rule::ClientId);
        return Ok(true);
    }
    report.passed(Rule::ClientId, "a second connection under that name took the first one's place");
    judge_will(stage, report, will.map(|place| mark + place));
    let Some(online) = online.map(|place| mark + place) else {
        if speaks {
            report.failed(Rule::Online, "the node speaks again and has not said online");
            report.not_tried(&NEED_CUT, Rule::Online);
        } else {
            let within = reconnect.as_secs();
            report.failed(Rule::Reconnect, format!("nothing was heard for {within} s"));
        }
        return Ok(speaks);
    };
    match stage.heard.get(online).is_some_and(|message| message.is_retained) {
        true => report.passed(Rule::Online, "online, retained"),
        false => report.failed(Rule::Online, "online came without the retain flag"),
    }
    judge_states(stage, report, online).await?;
    judge_boot(stage, report, (boot, online)).await?;
    Ok(true)
}

/// Waits until the node is there, and has told a boot if it ever does.
async fn meet(stage: &mut Stage) -> Result<()> {
    stage.tell("looking for the node");
    stage.switch = stage.options.switches.first().map(ToString::to_string);
    let kept = stage.link.kept().await?;
    if let Some(message) = kept.iter().find(|message| message.topic.starts_with("down/")) {
        bail!("the broker keeps a message on {}: clear it by an empty retained one", message.topic);
    }
    let telemetry = kept.iter().filter(|message| message.topic != "up/availability");
    stage.wrongly_kept = telemetry.map(|message| message.topic.clone()).collect();
    let is_there = kept.iter().any(|message| &*message.payload == b"online");
    let anything = |heard: &[Message]| (!heard.is_empty()).then_some(());
    let within = stage.options.reconnect.max(stage.breath());
    if !is_there && stage.wait(0, within, anything).await?.is_none() {
        bail!(
            "nothing is heard of {}: is it switched on, and connected to this broker under this user name?",
            stage.options.node
        );
    }
    stage.say_time(stage.now()).await?;
    let boot =
        |heard: &[Message]| heard.iter().any(|message| message.boot().is_some()).then_some(());
    stage.wait(0, stage.breath(), boot).await.map(drop)
}

fn judge_will(stage: &Stage, report: &mut Report, will: Option<usize>) {
    match will.and_then(|place| stage.heard.get(place)).map(|message| message.is_retained) {
        Some(true) => report.passed(Rule::LastWill, "offline, retained, when the connection broke"),
        Some(false) => report.failed(Rule::LastWill, "offline came without the retain flag"),
        None => report.failed(Rule::LastWill, "the connection broke and the broker said nothing"),
    }
}

/// Whether all switches were told of after the greeting. The first of them is the one to switch.
async fn judge_states(stage: &mut Stage, report: &mut Report, online: usize) -> Result<()> {
    if stage.options.has_no_switches {
        report.left_out(&[Rule::StateAfterConnect], "the node has no switches, as you say");
        return Ok(());
    }
    let named: Vec<String> = stage.options.switches.iter().map(ToString::to_string).collect();
    let wanted = named.clone();
    let all = move |heard: &[Message]| {
        let told = switches_in(heard);
        (!told.is_empty() && wanted.iter().all(|name| told.contains(name))).then_some(())
    };
    let complete = stage.wait(online, stage.options.patience, all).await?.is_some();
    let told = switches_in(stage.since(online));
    let known: BTreeSet<String> =
        switches_in(&stage.heard).into_iter().chain(named.clone()).collect();
    let missing: Vec<&str> =
        known.iter().filter(|name| !told.contains(*name)).map(String::as_str).collect();
    let first = stage.switch.take().or_else(|| known.first().cloned());
    stage.switch = first;
    let bad = stage.since(online).iter().find_map(|message| message.bad("state"));
    match bad {
        Some(bad) => report.failed(Rule::StateAfterConnect, format!("up/state is refused: {bad}")),
        None if told.is_empty() => {
            report.failed(Rule::StateAfterConnect, "no state was told after online")
        }
        None if complete && missing.is_empty() => {
            let told: Vec<&str> = told.iter().map(String::as_str).collect();
            report.passed(Rule::StateAfterConnect, told.join(", "));
        }
        None => {
            report.failed(Rule::StateAfterConnect, format!("not told of: {}", missing.join(", ")))
        }
    }
    Ok(())
}

fn switches_in(heard: &[Message]) -> BTreeSet<String> {
    let states = heard.iter().filter_map(|message| match &message.said {
        Said::States(_, states) => Some(states),
        _ => None,
    });
    states.flatten().map(|state| state.device.clone()).collect()
}

async fn judge_boot(
    stage: &mut Stage,
    report: &mut Report,
    (before, online): (Option<String>, usize),
) -> Result<()> {
    let boot =
        |heard: &[Message]| heard.iter().find_map(|message| message.boot().map(str::to_owned));
    let after = stage.wait(online, stage.breath(), boot).await?;
    match (before, after) {
        (Some(before), Some(after)) if before != after => report.failed(
            Rule::Reconnect,
            format!("boot was {before} and is {after}: the program restarted"),
        ),
        (_, Some(after)) => report.passed(Rule::Reconnect, format!("it came back in boot {after}")),
        (_, None) => report.passed(Rule::Reconnect, "it came back, and names no boot"),
    }
    Ok(())
}
