//! Configuration and clock. The versions sent are as low as the node lets them be: a server that takes
//! the node over goes on from there.
use super::{
    heard::{Message, Said},
    report::Report,
    rules::Rule,
    stage::Stage,
};
use anyhow::Result;
use domain::Timestamp;
use std::time::Duration;

/// So much the clock is set wrong for a moment; little enough that no server minds.
const SHIFT: Duration = Duration::from_mins(2);
/// A clock that is so near is right: its tolerance, the way of a message, a loop's turn.
const NEAR: Duration = Duration::from_secs(6);

pub(super) async fn check(stage: &mut Stage, report: &mut Report) -> Result<()> {
    stage.tell("sending configurations");
    configure(stage, report).await?;
    stage.tell("setting the clock");
    set_clock(stage, report).await
}

async fn configure(stage: &mut Stage, report: &mut Report) -> Result<()> {
    // nothing is older than 0: the answer is what is in force
    let Some(in_force) = answer(stage, 0).await? else {
        let refused = stage.heard.iter().find_map(|message| message.bad("config_ack"));
        let seen = refused.map_or("no answer on up/config_ack".to_owned(), str::to_owned);
        report.failed(Rule::Config, seen);
        report.not_tried(&[Rule::ConfigOlder], Rule::Config);
        return Ok(());
    };
    let wanted = in_force.saturating_add(1);
    match answer(stage, wanted).await? {
        Some(version) if version == wanted => {
            report.passed(Rule::Config, format!("version {wanted} was answered"));
        }
        other => {
            let other = other.map_or("nothing".to_owned(), |version| version.to_string());
            report.failed(Rule::Config, format!("{wanted} was sent and {other} answered"));
            report.not_tried(&[Rule::ConfigOlder], Rule::Config);
            return Ok(());
        }
    }
    match answer(stage, in_force).await? {
        Some(version) if version == wanted => report.passed(
            Rule::ConfigOlder,
            format!("version {in_force} was answered with {wanted}, which is in force"),
        ),
        other => {
            let other = other.map_or("nothing".to_owned(), |version| version.to_string());
            let seen = format!("{in_force} was sent while {wanted} is in force: {other} answered");
            report.failed(Rule::ConfigOlder, seen);
        }
    }
    Ok(())
}

/// Sends a configuration; the version that is answered.
async fn answer(stage: &mut Stage, version: i64) -> Result<Option<i64>> {
    let mark = stage.mark();
    stage.say_config(version).await?;
    let version = |heard: &[Message]| {
        heard.iter().find_map(|message| match message.said {
            Said::ConfigAck(version) => Some(version),
            _ => None,
        })
    };
    stage.wait(mark, stage.options.patience, version).await
}

async fn set_clock(stage: &mut Stage, report: &mut Report) -> Result<()> {
    let told = stage.now().plus(SHIFT);
    let ahead = shows(stage, told).await?;
    let back = shows(stage, stage.now()).await?;
    let shift = SHIFT.as_secs();
    match (ahead, back) {
        (true, true) => report.passed(Rule::Time, format!("set {shift} s ahead, and back")),
        (false, _) => {
            report.failed(Rule::Time, format!("told a time {shift} s ahead, no message shows it"))
        }
        (true, false) => report.failed(Rule::Time, "set ahead, but not back"),
    }
    Ok(())
}

/// Tells the node a time; whether what it says afterwards bears it.
async fn shows(stage: &mut Stage, told: Timestamp) -> Result<bool> {
    let (mark, began) = (stage.mark(), std::time::Instant::now());
    stage.say_time(told).await?;
    stage.switch_off().await?;
    let shows = |heard: &[Message]| {
        let bears = |message: &&Message| {
            let expected = told.plus(message.at.saturating_duration_since(began));
            let said = message.ts().map(Timestamp::from_millis);
            said.is_some_and(|said| said.since(expected).max(expected.since(said)) <= NEAR)
        };
        heard.iter().filter(|message| message.is_new).find(bears).map(drop)
    };
    // a switch's answer bears the time at once; else it takes as long as the node is silent
    let within = if stage.switch.is_some() { stage.options.patience } else { stage.breath() };
    Ok(stage.wait(mark, within, shows).await?.is_some())
}
