//! Log records: one line each, whatever is in the text; JSON for machines, readable on a terminal.
use std::io::{self, IsTerminal as _, Write};
use tracing_subscriber::{
    Layer as _, filter::Targets, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// Starts logging to standard error, and logs panics too. A second call changes nothing.
pub(crate) fn start(filter: &Targets) {
    let terminal = io::stderr().is_terminal();
    let writer = move || OneLine { inner: io::stderr(), json: !terminal };
    let layer = if terminal {
        fmt::layer().with_writer(writer).boxed()
    } else {
        json_layer(writer).boxed()
    };
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(filter.clone()));
    if subscriber.try_init().is_ok() {
        std::panic::set_hook(Box::new(log_panic));
    }
}

/// The record's own fields at the top, those of its spans (request and message ids) in `spans`.
fn json_layer<S, W>(writer: W) -> impl tracing_subscriber::Layer<S> + Send + Sync
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'w> fmt::MakeWriter<'w> + Send + Sync + 'static,
{
    fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(true)
        .with_writer(writer)
}

fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let words = panic.payload_as_str().unwrap_or("(no words)");
    let backtrace = std::backtrace::Backtrace::capture();
    let backtrace = match backtrace.status() {
        std::backtrace::BacktraceStatus::Captured => Some(backtrace.to_string()),
        _ => None,
    };
    tracing::error!(
        panic.place = place,
        panic.words = words,
        panic.backtrace = backtrace,
        "Something panicked"
    );
}

/// Keeps a record on its line and its characters honest: what could end the line, move a terminal's
/// cursor or turn the reading direction is written as an escape.
struct OneLine<W> {
    inner: W,
    json: bool,
}

impl<W: Write> Write for OneLine<W> {
    /// Each call brings one whole record with its line's end.
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(record);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        if line.chars().any(|c| self.escapes(c)) {
            let mut escaped = String::with_capacity(line.len() + 64);
            line.chars().for_each(|c| self.push(&mut escaped, c));
            escaped.push('\n');
            self.inner.write_all(escaped.as_bytes())?;
        } else {
            self.inner.write_all(record)?;
        }
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W> OneLine<W> {
    /// JSON has escaped the control characters below U+0020 already; on a terminal the escape
    /// character is our own, for colours (tracing-subscriber escapes it inside of values).
    fn escapes(&self, c: char) -> bool {
        match c {
            '\u{1b}' => self.json,
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
            _ => c.is_control(),
        }
    }

    fn push(&self, escaped: &mut String, c: char) {
        if !self.escapes(c) {
            escaped.push(c);
        } else if self.json {
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            escaped.extend(c.escape_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const FORGED: &str = "a\r\n{\"level\":\"ERROR\"}\u{1b}[31mred\u{9b}2J\u{85}\u{2028}\u{202e}end";

    fn logged(json: bool) -> String {
        let sink = Sink::default();
        let writer = {
            let sink = sink.clone();
            move || OneLine { inner: sink.clone(), json }
        };
        let layer = if json {
            json_layer(writer).boxed()
        } else {
            fmt::layer().with_writer(writer).boxed()
        };
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            let _span = tracing::info_span!("request", request.id = "r1").entered();
            let _inner = tracing::info_span!("query").entered();
            tracing::info!(node.name = FORGED, "Heard {FORGED}");
            tracing::info!("The next record");
        });
        String::from_utf8(sink.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_record_is_one_line_of_json_whatever_it_holds() {
        let logged = logged(true);
        assert_eq!(logged.lines().count(), 2, "{logged}");
        assert!(!logged.contains(['\u{1b}', '\u{9b}', '\u{85}', '\u{2028}', '\u{202e}', '\r']));
        let record: serde_json::Value =
            serde_json::from_str(logged.lines().next().unwrap()).unwrap();
        assert_eq!(record["node.name"], FORGED);
        assert_eq!(record["message"], format!("Heard {FORGED}"));
        assert_eq!(record["spans"][0]["request.id"], "r1");
    }

    #[test]
    fn a_record_is_one_line_on_a_terminal_too() {
        let logged = logged(false);
        assert_eq!(logged.lines().count(), 2, "{logged}");
        assert!(!logged.contains("\u{1b}[31mred"), "{logged}");
        assert!(!logged.contains(['\u{9b}', '\u{85}', '\u{2028}', '\u{202e}', '\r']), "{logged}");
    }
}
