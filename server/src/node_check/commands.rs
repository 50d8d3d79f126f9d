//! Commands: done, refused, dropped, ended. Behind each that must not be answered an `off` is sent: once
//! that is answered, the one before has been dealt with.
use super::{
    heard::{Message, Outcome, Said},
    report::Report,
    rules::Rule,
    say::Order,
    stage::{Stage, commanded_state, results, seconds},
};
use anyhow::Result;
use domain::protocol::CommandStatus::{Completed, Executing, Failed};
use std::time::{Duration, Instant};

/// What needs a switch.
const ALL: [Rule; 8] = [
    Rule::Command,
    Rule::Off,
    Rule::Dedupe,
    Rule::Expired,
    Rule::UnknownDevice,
    Rule::UnknownAction,
    Rule::Bounds,
    Rule::TimedOn,
];
/// No switch of a farm has such a value.
const ABSURD: f64 = 1e9;
/// After so long even what nobody switches off any more ends by itself.
const LONGEST_ON: Duration = Duration::from_mins(1);
/// How much later than due a timed on may end: the way of a message and a loop's turn.
const SLACK: Duration = Duration::from_secs(2);

pub(super) async fn check(stage: &mut Stage, report: &mut Report) -> Result<()> {
    if stage.options.has_no_switches {
        report.left_out(&ALL, "the node has no switches, as you say");
        return Ok(());
    }
    let Some(switch) = stage.switch.clone() else {
        report.not_tried(&ALL, Rule::StateAfterConnect);
        return Ok(());
    };
    stage.tell(&format!("switching {switch} on and off"));
    stage.switch_off().await?;
    let lasts = Some(LONGEST_ON.max(stage.options.patience * 3));
    let on = Order { duration: lasts, ..Order::new(&switch, "on") };
    let off = Order::new(&switch, "off");
    let is_done = done(stage, report, Rule::Command, &on).await?;
    let goes_off = is_done && done(stage, report, Rule::Off, &off).await?;
    refused(stage, report, Rule::UnknownDevice, Order::new("no-such-device", "on")).await?;
    refused(stage, report, Rule::UnknownAction, Order::new(&switch, "explode")).await?;
    let absurd = Order { value: Some(ABSURD), ..Order::new(&switch, "set_value") };
    refused(stage, report, Rule::Bounds, absurd).await?;
    if !goes_off {
        let needed = if is_done { Rule::Off } else { Rule::Command };
        report.not_tried(&[Rule::Off, Rule::Dedupe, Rule::Expired, Rule::TimedOn], needed);
        return Ok(());
    }
    dropped(stage, report, Rule::Dedupe, on).await?;
    let expired = Order { is_expired: true, duration: lasts, ..Order::new(&switch, "on") };
    dropped(stage, report, Rule::Expired, expired).await?;
    timed(stage, report, &switch).await
}

/// An order that must be done: whether it was.
async fn done(stage: &mut Stage, report: &mut Report, rule: Rule, order: &Order) -> Result<bool> {
    let (mark, began) = (stage.mark(), Instant::now());
    stage.order(order).await?;
    let said = stage.ended(mark, order.id).await?;
    let (switch, wanted) = (order.device.clone(), order.action);
    let agrees = |heard: &[Message]| {
        commanded_state(heard, &switch).filter(|state| state == wanted).map(drop)
    };
    let state = stage.wait(mark, stage.options.patience, agrees).await?;
    let fault = fault_of(&said, wanted).or_else(|| {
        state.is_none().then(|| format!("completed, and no up/state says {wanted} for {switch}"))
    });
    let is_done = fault.is_none();
    match fault {
        Some(fault) => {
            let refused = stage.since(mark).iter().find_map(|message| message.bad("result"));
            let refused =
                refused.map_or_else(String::new, |bad| format!("; up/result is refused: {bad}"));
            report.failed(rule, format!("{fault}{refused}"));
        }
        None => {
            let took = seconds(began, Instant::now());
            report.passed(rule, format!("executing, completed, state {wanted}, within {took} s"));
        }
    }
    Ok(is_done)
}

/// What is wrong with the results of an order that was to be done.
fn fault_of(said: &[Outcome], wanted: &str) -> Option<String> {
    let place = |status| said.iter().position(|result| result.status == status);
    let error = said.iter().find_map(|result| result.error.as_deref()).unwrap_or("no reason");
    match (place(Executing), place(Completed), place(Failed)) {
        (_, _, Some(_)) => Some(format!("failed: {error}")),
        (None, None, None) => Some("no result".to_owned()),
        (Some(_), None, None) => Some("executing, and never completed".to_owned()),
        (None, Some(_), None) => Some("completed without executing".to_owned()),
        (Some(executing), Some(completed), None) if completed < executing => {
            Some("completed before executing".to_owned())
        }
        (Some(_), Some(completed), None) => said
            .get(completed)
            .and_then(|result| result.state.as_deref())
            .filter(|state| *state != wanted)
            .map(|state| format!("completed with state {state}")),
    }
}

/// An order that must be answered with failed, and move nothing.
async fn refused(stage: &mut Stage, report: &mut Report, rule: Rule, order: Order) -> Result<()> {
    let mark = stage.mark();
    stage.order(&order).await?;
    let said = stage.ended(mark, order.id).await?;
    stage.switch_off().await?;
    let was_on = was_on(stage.since(mark), &order.device);
    let failed = said.iter().find(|result| result.status == Failed);
    match failed {
        None if said.is_empty() => report.failed(rule, "no result"),
        None => report.failed(rule, "it was done"),
        Some(_) if was_on => report.failed(rule, "failed, and yet it was switched on"),
        Some(result) => match &result.error {
            Some(error) => report.passed(rule, format!("failed: {error}")),
            None => report.failed(rule, "failed without an error"),
        },
    }
    Ok(())
}

/// An order that must be dropped without a word.
async fn dropped(stage: &mut Stage, report: &mut Report, rule: Rule, order: Order) -> Result<()> {
    let mark = stage.mark();
    stage.order(&order).await?;
    if !stage.switch_off().await? {
        report.failed(rule, "behind it, not even off is answered");
        return Ok(());
    }
    let heard = stage.since(mark);
    match results(heard, order.id).first() {
        _ if was_on(heard, &order.device) => report.failed(rule, "it was switched on"),
        Some(result) => report.failed(rule, format!("it was answered: {:?}", result.status)),
        None => report.passed(rule, "nothing was said or done"),
    }
    Ok(())
}

/// Whether a command may have switched it on.
fn was_on(heard: &[Message], switch: &str) -> bool {
    heard
        .iter()
        .filter_map(|message| commanded_state(std::slice::from_ref(message), switch))
        .any(|state| state != "off")
}

/// A timed on, which must end by itself, neither early nor late.
async fn timed(stage: &mut Stage, report: &mut Report, switch: &str) -> Result<()> {
    let lasts = stage.options.timed;
    stage.tell(&format!("switching {switch} on for {} s", lasts.as_secs_f64()));
    let order = Order { duration: Some(lasts), ..Order::new(switch, "on") };
    let (mark, ordered) = (stage.mark(), Instant::now());
    stage.order(&order).await?;
    if let Some(fault) = fault_of(&stage.ended(mark, order.id).await?, "on") {
        report.failed(Rule::TimedOn, fault);
        return Ok(());
    }
    let began = |heard: &[Message]| state_at(heard, switch, true);
    let Some((place, _)) = stage.wait(mark, stage.options.patience, began).await? else {
        report.failed(Rule::TimedOn, "no up/state says on");
        return Ok(());
    };
    let ended = |heard: &[Message]| state_at(heard, switch, false);
    let Some((_, ended)) = stage.wait(mark + place, lasts + SLACK, ended).await? else {
        let seen = format!("{} s after its time it is still on", SLACK.as_secs());
        report.failed(Rule::TimedOn, seen);
        return Ok(());
    };
    // it cannot have begun before it was ordered, however long messages are under way
    let lasted = seconds(ordered, ended);
    if ended.saturating_duration_since(ordered) < lasts {
        report.failed(Rule::TimedOn, format!("it ended early, after {lasted} s"));
    } else {
        report.passed(Rule::TimedOn, format!("it ended by itself after {lasted} s"));
    }
    Ok(())
}

/// Where and when a switch was first said to be on, or not to be.
fn state_at(heard: &[Message], switch: &str, is_on: bool) -> Option<(usize, Instant)> {
    let mut new = heard.iter().enumerate().filter(|(_, message)| message.is_new);
    new.find_map(|(place, message)| match &message.said {
        Said::States(_, states) => states
            .iter()
            .any(|state| state.device == switch && (state.state == "on") == is_on)
            .then_some((place, message.at)),
        _ => None,
    })
}
