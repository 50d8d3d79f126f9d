//! The figures as lines of Markdown, ready for docs/benchmarks.md.
#![expect(clippy::print_stdout, reason = "figures are what this program prints")]

use crate::{commands::Commands, pages::Rate, walls::Walls};
use anyhow::Result;
use simulator::load::Measured;
use std::time::Duration;

/// One throughput run.
#[derive(Debug)]
pub struct Ingest {
    /// Messages that were acknowledged.
    pub messages: usize,
    /// Readings in each.
    pub readings: u32,
    /// From the first publish to the last application ack.
    pub elapsed: Duration,
    /// CPU of the server.
    pub server: Duration,
    /// CPU of PostgreSQL, all its processes.
    pub postgres: Duration,
    /// CPU of Mosquitto.
    pub broker: Duration,
}

/// Prints as it goes, so that a run that is cut short still says something.
#[derive(Debug)]
pub struct Report;

impl Report {
    /// Prints what machine this is.
    pub fn begin() -> Result<Self> {
        let cpu = std::fs::read_to_string("/proc/cpuinfo")?;
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("");
        let cores = std::thread::available_parallelism()?;
        println!("Machine: {cores} cores, {}", model.trim_start_matches([' ', '\t', ':']));
        Ok(Self)
    }

    /// The head of the throughput runs' table.
    pub fn head_of_ingest(&mut self) {
        println!(
            "\n| run | wall s | msg/s | server msg/CPU-s | PostgreSQL readings/CPU-s | Mosquitto msg/CPU-s |"
        );
        println!("|---|---|---|---|---|---|");
    }

    /// One line for a throughput run.
    pub fn ingest(&mut self, run: &Ingest) -> Result<()> {
        let messages = f64::from(u32::try_from(run.messages)?);
        let readings = messages * f64::from(run.readings);
        let per = |count: f64, span: Duration| count / span.as_secs_f64().max(0.01);
        println!(
            "| {} × {} readings | {:.1} | {:.0} | {:.0} | {:.0} | {:.0} |",
            run.messages,
            run.readings,
            run.elapsed.as_secs_f64(),
            per(messages, run.elapsed),
            per(messages, run.server),
            per(readings, run.postgres),
            per(messages, run.broker),
        );
        Ok(())
    }

    /// One line for a latency run.
    pub fn latency(&mut self, rate: u32, measured: &Measured) {
        let at = |share| measured.percentile(share).as_secs_f64() * 1000.0;
        println!(
            "\nPublish to durable at {rate} msg/s, 5 readings each: p50 {:.1} ms, p99 {:.1} ms, \
             max {:.1} ms ({} messages).",
            at(0.5),
            at(0.99),
            at(1.0),
            measured.count()
        );
    }

    /// Memory before and with many nodes.
    pub fn memory(&mut self, nodes: usize, before: f64, with: f64) -> Result<()> {
        println!(
            "\nResident memory of the server: {before:.1} MiB before, {with:.1} MiB with {nodes} nodes."
        );
        Ok(())
    }

    /// From tap to device, against the bare work of broker and database.
    pub fn commands(&mut self, commands: &Commands) {
        let millis = |span: Duration| span.as_secs_f64() * 1000.0;
        println!("\n| {} nodes connected | p50 | p99 | longest | count |", commands.nodes);
        println!("|---|---|---|---|---|");
        for (what, measured) in [
            ("accept committed → device has it", &commands.after_commit),
            ("tap → device has it", &commands.after_tap),
            ("bare INSERT, committed", &commands.insert),
            ("bare publish → device has it", &commands.publish),
            ("stop committed → the last of 200 devices has it", &commands.stop_after_commit),
            ("stop pressed → the last of 200 devices has it", &commands.stop_after_press),
        ] {
            let [p50, p99, longest] =
                [0.5, 0.99, 1.0].map(|share| millis(measured.percentile(share)));
            let count = measured.count();
            println!("| {what} | {p50:.1} ms | {p99:.1} ms | {longest:.1} ms | {count} |");
        }
        let median = |measured: &Measured| millis(measured.percentile(0.5));
        let floor = median(&commands.insert) + median(&commands.publish);
        let work = &commands.work;
        let per = |span: Duration| f64::from(work.commands) / span.as_secs_f64().max(0.01);
        let [server, postgres, broker] = work.cpu.map(per);
        println!(
            "\nA command's way after its commit takes {:.1} times one INSERT and one publish. {} commands, eight \
             taps at once: {:.0} /s, {} not answered in time; {server:.0} per CPU-s of the server (outbox, link and answers, without \
             accepting), {postgres:.0} of PostgreSQL, {broker:.0} of Mosquitto.",
            median(&commands.after_commit) / floor.max(0.001),
            work.commands,
            per(work.elapsed),
            work.unanswered,
        );
    }

    /// Home against a bare handler.
    pub fn home(&mut self, bytes: usize, home: Rate, bare: Rate) {
        println!(
            "\nHome ({bytes} bytes, uncompressed): {:.0} pages/s, {:.0} per CPU-s of the server; a bare \
             axum handler with the same bytes: {:.0} /s, {:.0} per CPU-s. One Home costs {:.1} bare answers.",
            home.per_second,
            home.per_cpu_second,
            bare.per_second,
            bare.per_cpu_second,
            bare.per_cpu_second / home.per_cpu_second.max(0.01),
        );
    }

    /// What session, scope and row-level security cost a page.
    pub fn walls(&mut self, walls: Walls) {
        let micros = |span: Duration| span.as_secs_f64() * 1e6;
        let cost = micros(walls.guarded) - micros(walls.bare);
        let with_end = micros(walls.ended) - micros(walls.bare);
        let share = |cost: f64| 100.0 * cost / micros(walls.page).max(1.0);
        println!(
            "\nHome's queries by the owner: {:.0} µs; with session, membership, scope and row-level security: \
             {:.0} µs, and {:.0} µs until the transaction has ended; {:.0} µs where it begins after the look at \
             the session; the whole page: {:.0} µs (medians). Permissions cost {cost:.0} µs, {:.1} % of the page; \
             with an end that is waited for, {:.1} %.",
            micros(walls.bare),
            micros(walls.guarded),
            micros(walls.ended),
            micros(walls.apart),
            micros(walls.page),
            share(cost),
            share(with_end),
        );
    }

    /// Sign-ins against bare hashing.
    pub fn sign_in(&mut self, signed_in: Rate, raw: Rate) {
        println!(
            "\nSign-ins: {:.1} /s, {:.1} per CPU-s of the server; argon2id alone: {:.1} /s, {:.1} per CPU-s. \
             Sign-ins reach {:.0} % of it ({:.0} % by CPU).",
            signed_in.per_second,
            signed_in.per_cpu_second,
            raw.per_second,
            raw.per_cpu_second,
            100.0 * signed_in.per_second / raw.per_second.max(0.01),
            100.0 * signed_in.per_cpu_second / raw.per_cpu_second.max(0.01),
        );
    }

    /// The closing line.
    pub fn end(self) -> Result<()> {
        println!(
            "\nCPU seconds are the operating system's (user and system) of each process while the run lasted."
        );
        Ok(())
    }
}
