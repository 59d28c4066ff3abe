//! The monitor as a process: idle it is silent, beside a walkthrough it shows the same world, and what it writes can be read.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::Terminal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_awslab");

fn awslab(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(words).env_clear().env("AWSLAB_HOME", home).env("AWSLAB_LANG", "en").env("TZ", "UTC");
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    command
}

fn output(home: &Path, words: &[&str]) -> Output {
    let output = awslab(home, words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    output
}

/// Chapter 6 up to its group, some minutes old; a home of its own for whoever asks.
fn world() -> TempDir {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        output(home.path(), &["run", "asg-lab.group", "--yes", "--speed", "300"]);
        output(home.path(), &["--speed", "60", "practice", "clock", "--advance", "8m"]);
        home
    });
    let home = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(made.path()).unwrap().map(Result::unwrap) {
        if file.file_type().unwrap().is_file() {
            std::fs::copy(file.path(), home.path().join(file.file_name())).unwrap();
        }
    }
    home
}

fn monitor(words: &[&str]) -> Terminal {
    Terminal::at(world(), PROGRAM, words, &[("TZ", "UTC")])
}

/// A monitor that streams, and the end of it.
struct Stream {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Stream {
    fn of(home: &Path, words: &[&str]) -> Self {
        let mut child = awslab(home, words).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn next(&mut self) -> Value {
        let line = self.lines.next().expect("a line comes").unwrap();
        let value: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(value["schema"], 1);
        value
    }

    fn until(&mut self, what: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..200 {
            let value = self.next();
            if what(&value) {
                return value;
            }
        }
        panic!("it never came");
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_idle_paused_monitor_writes_nothing() {
    let mut terminal = monitor(&["monitor"]);
    terminal.until("AlarmHigh");
    terminal.press("p");
    terminal.until("paused");
    terminal.read_for(Duration::from_millis(700));
    let before = terminal.seen;
    terminal.read_for(Duration::from_secs(3));
    assert_eq!(terminal.seen, before, "bytes were written while it was paused");
    terminal.press("q");
    assert_eq!(terminal.ends_sane(), 0);
}

#[test]
fn a_second_process_shows_the_same_world() {
    let mut walk = monitor(&[]);
    walk.until("Continue");
    walk.press("m");
    walk.until("desired 1");
    let home = walk.home.path().to_owned();
    let mut stream = Stream::of(&home, &["monitor", "--json"]);
    let first = stream.until(|line| !line["summary"]["alarms"].as_array().unwrap().is_empty());
    assert_eq!((first["group"]["name"].as_str(), first["summary"]["desired"].as_u64()), (Some("my-asg-ec2"), Some(1)));
    assert!(first["calls"].as_array().is_some_and(|calls| calls.len() <= 6), "{first}");
    // A change that is made in the walkthrough is seen in the other.
    walk.press("e");
    walk.until("Sizes of my-asg-ec2");
    walk.press("+\r");
    walk.until("update-auto-scaling-group");
    walk.press("\r");
    stream.until(|line| line["summary"]["desired"] == 2);
    walk.until("desired 2");
    // Both tell the time of the one practice clock.
    output(&home, &["practice", "clock", "--pause"]);
    // Who had looked at the time just before brings the world there yet.
    walk.read_for(Duration::from_secs(2));
    let clock: Value = serde_json::from_slice(&output(&home, &["practice", "clock", "--json"]).stdout).unwrap();
    let now = clock["now"].as_str().unwrap_or_default();
    let time = now.split('T').nth(1).and_then(|time| time.get(..8)).unwrap_or_else(|| panic!("{clock}"));
    walk.until(time);
    drop(stream);
    let at = Stream::of(&home, &["monitor", "--json"]).next()["at"].as_i64().unwrap();
    let shown = jiff::Timestamp::from_millisecond(at).unwrap().to_string();
    assert!(shown.contains(time), "{shown} is not {time}");
    walk.press("q");
    walk.ends_sane();
}

#[test]
fn a_recording_is_replayed_and_drawn() {
    let home = world();
    let file = home.path().join("story.jsonl");
    let record = file.to_str().unwrap();
    let mut stream = Stream::of(home.path(), &["monitor", "my-asg-ec2", "--json", "--record", record]);
    let seen: Vec<Value> = (0..6).map(|_| stream.next()).collect();
    drop(stream);
    let replayed = output(home.path(), &["monitor", "--replay", record, "--json"]).stdout;
    let replayed = String::from_utf8(replayed).unwrap();
    let replayed: Vec<Value> = replayed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(replayed.len() >= seen.len());
    for (seen, replayed) in seen.iter().zip(&replayed) {
        assert_eq!(
            (&seen["at"], &seen["group"], &seen["alarms"]),
            (&replayed["at"], &replayed["group"], &replayed["alarms"])
        );
    }
    let picture = home.path().join("story.svg");
    output(home.path(), &["monitor", "--replay", record, "--svg", picture.to_str().unwrap()]);
    let drawn = std::fs::read_to_string(&picture).unwrap();
    assert!(drawn.starts_with("<svg") && drawn.contains("my-asg-ec2"), "{}", drawn.get(..200).unwrap_or(&drawn));
    // On the screen: no cloud is asked, and no change is offered.
    let mut terminal = Terminal::at(home, PROGRAM, &["monitor", "--replay", record], &[("TZ", "UTC")]);
    terminal.until("replay");
    terminal.until("AlarmHigh");
    terminal.press("s");
    terminal.read_for(Duration::from_millis(300));
    assert!(!terminal.parser.screen().contents().contains("Load on"));
    terminal.press("q");
    terminal.ends_sane();
}

#[test]
fn a_slow_down_is_seen_and_passes() {
    let mut terminal = monitor(&["monitor"]);
    terminal.until("AlarmHigh");
    let home = terminal.home.path().to_owned();
    output(&home, &["practice", "faults", "--throttle", "1"]);
    terminal.until("asking again in");
    output(&home, &["practice", "faults", "off"]);
    let text = "asking again in";
    for _ in 0..600 {
        if !terminal.parser.screen().contents().contains(text) {
            break;
        }
        terminal.read_for(Duration::from_millis(100));
    }
    assert!(!terminal.parser.screen().contents().contains(text), "{}", terminal.parser.screen().contents());
    terminal.press("q");
    terminal.ends_sane();
}

#[test]
fn leaving_says_that_load_still_runs_and_when_it_ends() {
    let mut terminal = monitor(&["monitor"]);
    terminal.until("AlarmHigh");
    terminal.press("s");
    terminal.until("Load on my-asg-ec2");
    terminal.press("\r");
    terminal.until("send-command");
    terminal.press("\r");
    terminal.until("It ends by itself at");
    terminal.until("load until");
    terminal.press("q");
    terminal.ends_sane();
    let said = terminal.parser.screen().contents();
    assert!(said.contains("Load still runs on i-") && said.contains("load stop my-asg-ec2"), "{said}");
    // Another process knows it too, and takes it off.
    let home = terminal.home.path().to_owned();
    let loads: Value = serde_json::from_slice(&output(&home, &["load", "status", "--json"]).stdout).unwrap();
    assert_eq!(loads["loads"].as_array().map(Vec::len), Some(1), "{loads}");
    output(&home, &["load", "stop", "--yes"]);
    let mut stream = Stream::of(&home, &["monitor", "--json"]);
    let line = stream.until(|line| line["loads"].as_array().is_some_and(|loads| !loads.is_empty()));
    assert_eq!(line["loads"][0]["running"], false, "{line}");
}
