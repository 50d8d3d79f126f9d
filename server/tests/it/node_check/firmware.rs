//! The example firmware, run by python3 as its README tells, against the checker.
use super::{HEARTBEAT, READINGS, RING, access, assert_all_passed, checked, options, time};
use crate::support::Folder;
use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../firmware")
}

/// A shell that starts the node again whenever it ends, and both end with the test.
struct Shell(std::process::Child);

impl Drop for Shell {
    fn drop(&mut self) {
        // closing its input ends the shell's last command, which ends the node
        drop(self.0.stdin.take());
        drop(self.0.wait());
    }
}

/// Runs the node in rounds: each ends when `plug` appears, or for good when standard input ends.
const ROUNDS: &str = r#"
exec 3<&0
cat <&3 >"$FOLDER/alive" & reader=$!
while kill -0 $reader 2>/dev/null; do
  python3 host.py --port "$PORT" --name esp --password-file "$FOLDER/password" --store "$FOLDER/flash" \
    --interval-ms "$INTERVAL" --heartbeat-ms "$HEARTBEAT" --ring "$RING" >>"$FOLDER/out" 2>&1 & node=$!
  until [ -e "$FOLDER/plug" ] || ! kill -0 $reader 2>/dev/null; do sleep 0.05; done
  rm -f "$FOLDER/plug"
  kill -9 $node; wait $node
done
"#;

/// Starts the node `esp`; what it keeps, its plug and what it prints are in `state`.
pub(crate) fn start(state: &Folder, port: u16, password: &str) -> impl Drop {
    std::fs::write(state.0.join("password"), format!("{password}\n")).unwrap();
    let child = Command::new("sh")
        .args(["-c", ROUNDS])
        .current_dir(folder())
        .env("FOLDER", &state.0)
        .env("PORT", port.to_string())
        .env("INTERVAL", READINGS.as_millis().to_string())
        .env("HEARTBEAT", HEARTBEAT.as_millis().to_string())
        .env("RING", RING.to_string())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Shell(child)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_firmware_keeps_every_rule() {
    let (broker, state) = (testkit::broker(), Folder::new());
    broker.add_node("esp", "esp-secret");
    let plug = state.0.join("plug");
    let _shell = start(&state, broker.port(), "esp-secret");
    let report = checked(access(&broker), options("esp", &plug), time()).await;
    let out = std::fs::read_to_string(state.0.join("out")).unwrap_or_default();
    let report = report.unwrap_or_else(|error| panic!("{error:#}\n{out}"));
    assert_all_passed(&report);
    assert!(out.contains("fan1 is on"), "{out}");
}

#[test]
fn the_example_firmwares_own_tests_pass() {
    let tested = Command::new("python3")
        .args([
            "-m",
            "unittest",
            "discover",
            "--start-directory",
            "tests",
            "--top-level-directory",
            ".",
        ])
        .current_dir(folder())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&tested.stderr);
    assert!(tested.status.success() && said.contains("\nOK"), "{said}");
    assert!(!said.contains("Ran 0 tests"), "{said}");
}
