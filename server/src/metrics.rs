//! What `/metrics` shows: whatever the crates count through `metrics`, and this process's own use of
//! the machine.
use anyhow::Context as _;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Spans from half a millisecond to ten seconds.
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Sizes of batches and queues.
const COUNTS: [f64; 10] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];

/// Starts counting. Once per process.
///
/// # Errors
/// Something else counts already.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets(&COUNTS)?
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .install_recorder()
        .context("metrics cannot be counted")?;
    describe();
    Ok(handle)
}

fn describe() {
    metrics::describe_counter!("tokkatot_http_requests_total", "Requests by route and status.");
    metrics::describe_histogram!(
        "tokkatot_http_request_seconds",
        metrics::Unit::Seconds,
        "From a request's head to its response's head, by route."
    );
    metrics::describe_counter!(
        "tokkatot_database_slow_queries_total",
        "Queries over the threshold of TOKKATOT_SLOW_QUERY."
    );
    metrics::describe_gauge!("tokkatot_database_connections", "Connections by pool and state.");
    metrics::describe_gauge!("tokkatot_live_streams", "Live streams of open pages.");
    metrics::describe_counter!("tokkatot_task_panics_total", "Panics of supervised tasks.");
    metrics::describe_counter!(
        "tokkatot_broker_reloads_total",
        "Times the broker was told to read its files again."
    );
}

/// The text of `/metrics`.
pub fn render(handle: &PrometheusHandle) -> String {
    let mut text = handle.render();
    if let Some(usage) = Usage::of_this_process() {
        usage.write(&mut text);
    }
    text
}

/// What the kernel says about this process, under the names that Prometheus clients use.
struct Usage {
    cpu_seconds: f64,
    resident_bytes: u64,
    threads: u64,
    open_files: usize,
}

impl Usage {
    /// `None` where there is no `/proc`.
    fn of_this_process() -> Option<Self> {
        let status = std::fs::read_to_string("/proc/self/stat").ok()?;
        // the program's name is in brackets and may hold anything
        let fields: Vec<&str> = status.rsplit_once(") ")?.1.split(' ').collect();
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        let ticks = field(14)? + field(15)?;
        let per_second = rustix::param::clock_ticks_per_second();
        let page = u64::try_from(rustix::param::page_size()).ok()?;
        Some(Self {
            cpu_seconds: to_float(ticks) / to_float(per_second),
            resident_bytes: field(24)? * page,
            threads: field(20)?,
            open_files: std::fs::read_dir("/proc/self/fd").ok()?.count(),
        })
    }

    fn write(&self, text: &mut String) {
        let lines = [
            ("process_cpu_seconds_total", "counter", self.cpu_seconds.to_string()),
            ("process_resident_memory_bytes", "gauge", self.resident_bytes.to_string()),
            ("process_threads", "gauge", self.threads.to_string()),
            ("process_open_fds", "gauge", self.open_files.to_string()),
        ];
        for (name, kind, value) in lines {
            text.push_str(&format!("# TYPE {name} {kind}\n{name} {value}\n"));
        }
    }
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "ticks stay far below 2^52")]
fn to_float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_what_it_uses() {
        let usage = Usage::of_this_process().unwrap();
        assert!(usage.resident_bytes > 1 << 20, "{}", usage.resident_bytes);
        assert!(usage.open_files >= 3 && usage.threads >= 1 && usage.cpu_seconds >= 0.0);
        let mut text = String::new();
        usage.write(&mut text);
        assert!(text.contains("# TYPE process_cpu_seconds_total counter\n"), "{text}");
    }
}
