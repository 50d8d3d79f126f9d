//! Numbers: what is not acknowledged comes again after each reconnect, what is acknowledged never.
use super::{
    heard::{Message, Numbered},
    report::{Outcome, Report},
    rules::Rule,
    stage::Stage,
};
use anyhow::Result;

/// A boot that no node has.
const NO_BOOT: &str = "no-such-boot";
/// Messages that have to wait for their acknowledgement before it is worth to cut the connection.
const ENOUGH: usize = 2;

/// What waits for its acknowledgement.
struct Waiting {
    boot: String,
    /// In order, at least one.
    numbers: Vec<i64>,
}

impl Waiting {
    fn lowest(&self) -> i64 {
        self.numbers.first().copied().unwrap_or(0)
    }

    fn highest(&self) -> i64 {
        self.numbers.last().copied().unwrap_or(0)
    }
}

pub(super) async fn check(stage: &mut Stage, report: &mut Report) -> Result<()> {
    let all = [Rule::Replay, Rule::AckBoot, Rule::Ack];
    if stage.options.is_mute() {
        report.left_out(&all, "the node has nothing to number, as you say");
        report.left_out(&[Rule::First], "the node has nothing to number, as you say");
        return Ok(());
    }
    for needed in [Rule::ClientId, Rule::Online, Rule::Reconnect] {
        if report.has_failed(needed) {
            report.not_tried(&all, needed);
        }
    }
    if report.of(Rule::Replay).is_none() {
        replays(stage, report).await?;
    }
    full(stage, report).await
}

async fn replays(stage: &mut Stage, report: &mut Report) -> Result<()> {
    stage.tell(
        "cutting the connection three times, with messages that wait for their acknowledgement",
    );
    let Some(waiting) = waiting(stage, 0).await? else {
        let seen = "no readings or states with boot and seq to acknowledge";
        report.failed(Rule::Replay, seen);
        report.not_tried(&[Rule::AckBoot, Rule::Ack], Rule::Replay);
        return Ok(());
    };
    let (seen, is_well) = again(stage, &waiting).await?;
    report.add(Rule::Replay, outcome(is_well), seen);
    if !is_well {
        report.not_tried(&[Rule::AckBoot, Rule::Ack], Rule::Replay);
        return Ok(());
    }
    // what has come meanwhile may have pushed the old ones out
    let Some(waiting) = self::waiting(stage, 0).await? else { return Ok(()) };
    stage.say_ack(NO_BOOT, waiting.highest()).await?;
    stage.settle().await?;
    let (seen, is_well) = again(stage, &waiting).await?;
    report.add(Rule::AckBoot, outcome(is_well), seen);
    if !is_well {
        report.not_tried(&[Rule::Ack], Rule::AckBoot);
        return Ok(());
    }
    acknowledged(stage, report, waiting.boot).await
}

const fn outcome(is_well: bool) -> Outcome {
    if is_well { Outcome::Passed } else { Outcome::Failed }
}

/// Waits until enough waits for its acknowledgement, of what comes behind `acked`.
async fn waiting(stage: &mut Stage, acked: i64) -> Result<Option<Waiting>> {
    let Some(boot) = stage.boot() else { return Ok(None) };
    let numbers = move |heard: &[Message]| {
        let of_boot = heard.iter().filter_map(Message::number).filter(|(of, _)| *of == boot);
        let mut numbers: Vec<i64> =
            of_boot.map(|(_, seq)| seq).filter(|seq| *seq > acked).collect();
        numbers.sort_unstable();
        numbers.dedup();
        (numbers.len() >= ENOUGH).then(|| Waiting { boot: boot.clone(), numbers })
    };
    let mut found = stage.wait(0, stage.breath() * 2, numbers).await?;
    if let (Some(Waiting { numbers, .. }), Some(ring)) = (&mut found, stage.options.ring) {
        // a small memory need not have more than it holds, and more comes in meanwhile
        let too_many = numbers.len().saturating_sub((ring / 2).max(ENOUGH));
        numbers.drain(..too_many);
    }
    Ok(found)
}

/// Cuts the connection and looks whether all that waits comes again: what was seen, and whether so.
async fn again(stage: &mut Stage, waiting: &Waiting) -> Result<(String, bool)> {
    let Some(online) = stage.cut().await? else {
        return Ok(("the node did not come back".to_owned(), false));
    };
    let whole = |heard: &[Message]| missing(heard, waiting).is_empty().then_some(());
    let is_whole = stage.wait(online, stage.breath(), whole).await?.is_some();
    let heard = stage.since(online);
    if !is_whole {
        let missing = missing(heard, waiting);
        let listed: Vec<String> = missing.iter().take(5).map(i64::to_string).collect();
        let (lowest, highest) = (waiting.lowest(), waiting.highest());
        let seen = format!(
            "of {lowest} to {highest}, {} did not come again: {} …",
            missing.len(),
            listed.join(", ")
        );
        return Ok((seen, false));
    }
    let mut last = 0;
    for number in numbered(heard, &waiting.boot) {
        let Some(seq) = number.seq.filter(|seq| waiting.numbers.contains(seq)) else { continue };
        if seq == waiting.highest() {
            break;
        }
        if seq < last {
            return Ok((format!("{seq} came behind {last}"), false));
        }
        last = seq;
    }
    let (lowest, highest) = (waiting.lowest(), waiting.highest());
    Ok((format!("{lowest} to {highest} came again in order"), true))
}

/// What waits and has not come again, nor was given up.
fn missing(heard: &[Message], waiting: &Waiting) -> Vec<i64> {
    let (mut came, mut first) = (Vec::new(), 0);
    for numbered in numbered(heard, &waiting.boot) {
        came.extend(numbered.seq);
        first = first.max(numbered.first.unwrap_or(0));
    }
    let held = waiting.numbers.iter().copied().filter(|seq| *seq >= first);
    held.filter(|seq| !came.contains(seq)).collect()
}

fn numbered<'h>(heard: &'h [Message], boot: &str) -> impl Iterator<Item = &'h Numbered> {
    heard
        .iter()
        .filter_map(Message::numbered)
        .filter(move |numbered| numbered.boot.as_deref() == Some(boot))
}

/// Acknowledges a part and cuts the connection: the rest comes again, the part does not.
async fn acknowledged(stage: &mut Stage, report: &mut Report, boot: String) -> Result<()> {
    let Some(waiting) = waiting(stage, 0).await? else { return Ok(()) };
    let (part, rest) = waiting.numbers.split_at(waiting.numbers.len() / 2);
    let part = part.last().copied().unwrap_or(0);
    let rest = Waiting { boot: boot.clone(), numbers: rest.to_vec() };
    stage.say_ack(&boot, part).await?;
    stage.settle().await?;
    let mark = stage.mark();
    let (seen, is_well) = again(stage, &rest).await?;
    let revived = numbered(stage.since(mark), &boot).find_map(|n| n.seq.filter(|seq| *seq <= part));
    match revived {
        Some(seq) => report.failed(
            Rule::Ack,
            format!("{seq} came again although everything up to {part} was acknowledged"),
        ),
        None if !is_well => {
            report.failed(Rule::Ack, format!("after an acknowledgement up to {part}: {seen}"))
        }
        None => report
            .passed(Rule::Ack, format!("up to {part} was acknowledged and stayed away; {seen}")),
    }
    let newest = stage.newest(&boot);
    stage.say_ack(&boot, newest).await
}

/// Lets the node's memory overflow.
async fn full(stage: &mut Stage, report: &mut Report) -> Result<()> {
    let told = |heard: &[Message]| heard.iter().filter_map(Message::numbered).find_map(|n| n.first);
    let Some(ring) = stage.options.ring else {
        if let Some(first) = told(&stage.heard) {
            report.passed(Rule::First, format!("first {first} was told"));
        } else {
            report.left_out(&[Rule::First], "say by --ring how many messages the node keeps");
        }
        return Ok(());
    };
    stage.tell("waiting until the node's memory is full");
    let ring = u32::try_from(ring).unwrap_or(u32::MAX);
    let within = stage.options.readings.saturating_mul(ring).mul_f64(1.5) + stage.breath();
    match stage.wait(0, within, told).await? {
        Some(first) => report.passed(Rule::First, format!("first {first} was told")),
        None => {
            report.failed(Rule::First, format!("over {ring} messages wait, and none says first"))
        }
    }
    if let Some(boot) = stage.boot() {
        let newest = stage.newest(&boot);
        stage.say_ack(&boot, newest).await?;
    }
    stage.settle().await
}
