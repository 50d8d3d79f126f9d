//! A power cut, made by the tester or by a command of the tester's.
use super::{Power, heard::Message, report::Report, rules::Rule, stage::Stage};
use anyhow::{Context as _, Result, ensure};
use domain::protocol::Availability;
use std::time::Duration;

/// Until somebody has pulled a plug, and the node has started.
const BY_HAND: Duration = Duration::from_mins(3);

pub(super) async fn check(stage: &mut Stage, report: &mut Report) -> Result<()> {
    let Some(old) = stage.boot() else {
        report.failed(Rule::NewBoot, "nothing that was heard names a boot");
        return Ok(());
    };
    let mark = stage.mark();
    let within = match stage.options.power.clone() {
        Power::Stays => {
            report.left_out(&[Rule::NewBoot], "say by --restart-with how the node is restarted");
            return Ok(());
        }
        Power::ByHand => {
            stage.tell("NOW cut the node's power, and give it back");
            BY_HAND
        }
        Power::By(command) => {
            stage.tell("restarting the node");
            let status = tokio::process::Command::new("sh").arg("-c").arg(&command).status().await;
            let status = status.context("the shell does not start")?;
            ensure!(status.success(), "the command that restarts the node has failed: {status}");
            stage.options.reconnect.max(stage.options.heartbeat)
        }
    };
    // who has another boot now has started; who says online has at least connected anew
    let previous = old.clone();
    let started = move |heard: &[Message]| {
        let mut boots = heard.iter().filter_map(Message::boot);
        let new = boots.find(|boot| *boot != previous).map(str::to_owned);
        let online = heard.iter().position(|message| message.is(Availability::Online));
        let after = online.and_then(|place| heard.get(place..)?.iter().find_map(Message::boot));
        new.or(after.map(str::to_owned))
    };
    match stage.wait(mark, within + stage.breath(), started).await? {
        Some(new) if new != old => report.passed(Rule::NewBoot, format!("{old}, then {new}")),
        Some(_) => report.failed(Rule::NewBoot, format!("boot is {old} as before")),
        None => report.failed(Rule::NewBoot, "no start was heard of"),
    }
    Ok(())
}
