//! `awslab tool ...` as a process: text, JSON, and what it says of a mistake.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn output(lang: &str, words: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_awslab"));
    command.arg("tool").args(words).env_clear().env("AWSLAB_HOME", home.path()).env("AWSLAB_LANG", lang);
    command.stdin(Stdio::null()).output().unwrap()
}

fn text(lang: &str, words: &[&str]) -> String {
    let output = output(lang, words);
    assert!(output.stderr.is_empty(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(words: &[&str]) -> Value {
    let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
    let value: Value = serde_json::from_slice(&output("en", &words).stdout).unwrap();
    assert_eq!(value["schema"], 1);
    value
}

fn refused(words: &[&str]) -> String {
    let output = output("en", words);
    assert_eq!(output.status.code(), Some(2), "{words:?}: {output:?}");
    assert!(output.stdout.is_empty(), "{words:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Every tool with words that make a long answer.
const EVERY: [(&str, &[&str]); 13] = [
    ("cidr", &["cidr", "10.10.1.2/26"]),
    ("plan", &["plan"]),
    ("plan-wrong", &["plan", "10.1.0.0/16", "web=10.1.1.0/24", "app=10.1.1.128/25", "10.2.0.0/24"]),
    ("transfer", &["transfer", "10GB", "100Mbps"]),
    ("transfer-window", &["transfer", "5GB", "1Gbps", "--rtt", "200", "--window", "64KiB"]),
    ("tls", &["tls"]),
    ("tls13", &["tls", "tls1.3"]),
    ("url", &["url"]),
    ("packet", &["packet"]),
    ("packet-right", &["packet", "--example", "right"]),
    ("evolution", &["evolution", "--kill", "zone-a"]),
    ("naming", &["naming"]),
    ("pillars", &["pillars", "--take", "multi-az,alarms"]),
];

#[test]
fn every_tool_says_the_same_in_both_languages_and_as_json() {
    for (name, words) in EVERY {
        for lang in ["ko", "en"] {
            insta::assert_snapshot!(format!("tool-{name}-{lang}"), text(lang, words));
        }
        assert!(json(words).as_object().unwrap().len() > 1, "{name}");
    }
}

#[test]
fn facts_of_the_course() {
    let cidr = json(&["cidr", "10.10.1.2/26"]);
    assert_eq!((&cidr["block"], &cidr["aws"]["usable"]), (&"10.10.1.0/26".into(), &59.into()));
    assert_eq!(cidr["aws"]["reserved"].as_array().unwrap().len(), 5);
    assert_eq!(json(&["transfer", "5GB", "1Gbps"])["seconds"], 40.0);
    assert_eq!(json(&["tls", "tls1.2", "--rtt", "150"])["handshakes"][0]["response_ms"], 600);
    assert_eq!(json(&["tls", "tls1.3", "--rtt", "150"])["handshakes"][0]["response_ms"], 450);
    assert_eq!(json(&["url", "--known", "page"])["round_trips"], 0);
    let plan = json(&["plan"]);
    assert_eq!((&plan["ok"], &plan["free"]), (&true.into(), &(65_536 - 6 * 256).into()));
    let opened = ["packet", "--nacl-out", "100 allow tcp 1024-65535 0.0.0.0/0"];
    assert_eq!(json(&["packet"])["answered"], false);
    assert_eq!(json(&opened)["answered"], true);
    assert_eq!(output("en", &["packet"]).status.code(), Some(1), "a packet that is not answered is a no");
    assert_eq!(output("en", &opened).status.code(), Some(0));
}

#[test]
fn a_mistake_is_shown_at_its_place() {
    for (words, marked, said) in [
        (&["cidr", "10.10.1.300/26"][..], "10.10.1.300/26\n          ^^^\n", "255"),
        (&["cidr", "10.10.1.2/33"], "10.10.1.2/33\n            ^^\n", "32 bits"),
        (&["cidr", "10.10.1.2"], "10.10.1.2\n           ^\n", "10.10.1.2/32"),
        (&["plan", "10.1.0.0/16", "web=10.1.1/24"], "web=10.1.1/24\n      ^^^^^^\n", "four numbers"),
        (&["transfer", "10gb", "1Gbps"], "10gb\n    ^^\n", "Gb"),
        (&["transfer", "10GB", "1GB"], "1GB\n  ^^^\n", "size, not a speed"),
        (
            &["packet", "--nacl-in", "100 allow tcp 80 0.0.0.0/44"],
            "100 allow tcp 80 0.0.0.0/44\n                           ^^\n",
            "no /44",
        ),
        (&["packet", "--sg-in", "deny tcp 22 0.0.0.0/0"], "^^^^\n", "only allow"),
        (&["transfer", "5GB", "1Gbps", "--rtt", "abc"], "abc\n  ^^^\n", "milliseconds"),
        (&["transfer", "5GB", "1Gbps", "--connections", "0"], "0\n  ^\n", "1 to 1000"),
        (&["tls", "--rtt", "70000"], "70000\n  ^^^^^\n", "60000"),
    ] {
        let told = refused(words);
        assert!(told.contains(marked), "{words:?}: {told}");
        assert!(told.contains(said), "{words:?}: {told}");
    }
    assert!(refused(&["evolution", "4", "--kill", "db-primry"]).contains("db-primary"));
    assert!(refused(&["evolution", "12"]).contains("1 to 11"));
    assert!(refused(&["evolution", "web"]).contains("1 to 11"));
    assert!(refused(&["tls", "tls1.1"]).contains("tls1.2"));
    let wrong = output("en", &["cidr", "10.10.1.300/26", "--json"]);
    let wrong: Value = serde_json::from_slice(&wrong.stdout).unwrap();
    assert!(wrong["problem"]["detail"].as_str().unwrap().contains("^^^"));
}

#[test]
fn a_plan_that_does_not_work_is_a_no() {
    let output = output("en", &["plan", "10.1.0.0/16", "10.1.1.0/24", "10.1.1.128/25"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("InvalidSubnet.Conflict") && told.contains("10.1.1.128 - 10.1.1.255"), "{told}");
}
