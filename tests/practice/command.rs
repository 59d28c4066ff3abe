//! `awslab practice ...` as a process: what other programs and other terminals see of it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

fn awslab(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awslab"));
    command.arg("practice").args(words).env_clear().env("AWSLAB_HOME", home).env("AWSLAB_LANG", "en");
    command.stdin(Stdio::null());
    command
}

fn output(home: &Path, words: &[&str]) -> Output {
    awslab(home, words).output().unwrap()
}

fn json(home: &Path, words: &[&str]) -> Value {
    let output = output(home, words);
    assert!(output.status.success(), "{output:?}");
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["schema"], 1);
    value
}

/// Starts the server; gives it with its address.
fn serve(home: &Path) -> (Child, String) {
    let mut child = awslab(home, &["serve"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line}")).to_string();
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    (child, address)
}

fn ask(address: &str, body: &str) -> String {
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let scope = "AWS4-HMAC-SHA256 Credential=K/20261122/ap-northeast-2/ec2/aws4_request, Signature=0";
    let length = body.len();
    write!(stream, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {scope}\r\nContent-Length: {length}\r\n\r\n{body}")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_server_says_where_it_is_shares_its_world_and_stops_on_sigterm() {
    let home = tempfile::tempdir().unwrap();
    let (mut server, address) = serve(home.path());
    let answer = ask(&address, "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.1.0.0%2F16");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // A second server is a second process on the same world.
    let (mut second, other) = serve(home.path());
    let answer = ask(&other, "Action=DescribeVpcs&Version=2016-11-15");
    assert!(answer.contains("10.1.0.0/16"), "{answer}");
    // The faults that another process sets hold at once.
    json(home.path(), &["faults", "--deny", "ec2:Describe*", "--json"]);
    assert!(ask(&address, "Action=DescribeVpcs&Version=2016-11-15").contains("UnauthorizedOperation"));
    json(home.path(), &["faults", "off", "--json"]);
    assert_eq!(output(home.path(), &["reset"]).status.code(), Some(2), "nobody can be asked here");
    assert!(output(home.path(), &["reset", "--yes"]).status.success());
    let answer = ask(&address, "Action=DescribeVpcs&Version=2016-11-15");
    assert!(answer.contains("172.31.0.0/16") && !answer.contains("10.1.0.0/16"), "{answer}");
    for child in [&mut server, &mut second] {
        let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    let mut said = String::new();
    server.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains(&format!("AWS_ENDPOINT_URL=http://{address}")), "{said}");
}

#[test]
fn the_clock_is_set_for_every_process() {
    let home = tempfile::tempdir().unwrap();
    let now = |value: &Value| value["now"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
    let first = json(home.path(), &["clock", "--json"]);
    assert_eq!((first["speed"].as_f64(), first["paused"].as_bool()), (Some(30.0), Some(false)));
    let then = json(home.path(), &["clock", "--advance", "10m", "--pause", "--speed", "60", "--json"]);
    assert!(now(&then) - now(&first) >= 600, "{first} {then}");
    assert_eq!((then["speed"].as_f64(), then["paused"].as_bool()), (Some(60.0), Some(true)));
    assert_eq!(json(home.path(), &["clock", "--json"]), then);
}

#[test]
fn wrong_words_are_usage_errors_and_say_so() {
    let home = tempfile::tempdir().unwrap();
    let wrong: [&[&str]; 4] =
        [&["faults", "--throttle", "3"], &["clock", "--advance", "soon"], &["clock", "--speed", "0"], &["sell"]];
    for words in wrong {
        let output = output(home.path(), words);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {output:?}");
        assert!(!output.stderr.is_empty());
    }
    std::fs::write(home.path().join("practice.db"), "damaged".repeat(1000)).unwrap();
    let output = output(home.path(), &["clock"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("damaged") && said.contains("awslab practice reset"), "{said}");
}
