//! What scripts mean, on a machine that keeps files and knows `sleep`, `dnf` and `load`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use super::*;

#[derive(Default)]
struct Toy {
    now: i64,
    files: BTreeMap<String, String>,
    /// The network is there from this moment on.
    open_from: i64,
    log: Vec<String>,
}

impl Machine for Toy {
    fn now(&self) -> i64 {
        self.now
    }

    fn answer(&mut self, question: &Question) -> Answer {
        let Question { ask, stdin, state, .. } = question;
        let done = match ask {
            Ask::Program(words) => match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["sleep", time] if *state == 0 => {
                    return Answer::Wait { ms: Some(builtin::duration(time).unwrap()), state: 1 };
                }
                ["sleep", _] => Output::default(),
                ["load"] => {
                    self.log.push(format!("load at {}", self.now));
                    return Answer::Wait { ms: None, state: 1 };
                }
                ["dnf", ..] if *state == 0 => return Answer::Wait { ms: Some(1000), state: 1 },
                ["dnf", ..] if self.now >= self.open_from => {
                    self.log.push(format!("installed at {}", self.now));
                    Output::ok("Complete!\n")
                }
                ["dnf", ..] => Output::fail(1, "Error: timed out\n"),
                ["count"] => Output::ok(format!("{}\n", stdin.len())),
                other => Output::fail(127, format!("bash: {}: command not found\n", other[0])),
            },
            Ask::Background(words) => {
                self.log.push(format!("background {}", words.join(" ")));
                Output::default()
            }
            Ask::Read(path) => match self.files.get(path) {
                Some(text) => Output::ok(text.clone()),
                None => Output::fail(1, "No such file or directory\n"),
            },
            Ask::Write { path, append } => {
                let file = self.files.entry(path.clone()).or_default();
                if !append {
                    file.clear();
                }
                file.push_str(stdin);
                Output::default()
            }
            Ask::Test { path, .. } => Output { code: i32::from(!self.files.contains_key(path)), ..Output::default() },
            Ask::Glob(pattern) => {
                let found = self.files.keys().filter(|path| filters::matches(pattern, path));
                Output::ok(found.map(|path| format!("{path}\n")).collect::<String>())
            }
            Ask::Connect { port, .. } if port == "3306" => Output::default(),
            Ask::Connect { .. } if *state == 0 => return Answer::Wait { ms: Some(130_000), state: 1 },
            Ask::Connect { .. } => Output::fail(1, "Connection timed out"),
            Ask::WaitForAll => Output::default(),
        };
        Answer::Done(done)
    }

    fn abandon(&mut self, _question: &Question) {
        self.log.push(format!("abandoned at {}", self.now));
    }
}

/// Runs to the end, waking when it asks to; the output and how long it took.
fn run_on(toy: &mut Toy, script: &str) -> (Output, i64) {
    let mut run = Run::new(script, Env::root("/root"));
    loop {
        match run.go_on(toy) {
            Progress::Done { output, .. } => return (output, toy.now),
            Progress::Waiting { until, .. } => {
                toy.now = until.expect("something to wait for");
                // What waits must survive being stored.
                let mut bytes = Vec::new();
                ciborium::into_writer(&run, &mut bytes).unwrap();
                run = ciborium::from_reader(bytes.as_slice()).unwrap();
            }
        }
    }
}

fn run(script: &str) -> Output {
    run_on(&mut Toy::default(), script).0
}

fn out(script: &str) -> String {
    let output = run(script);
    assert_eq!(output.err, "", "{script}");
    output.out
}

#[test]
fn words_quotes_and_expansions() {
    for (script, wanted) in [
        ("echo a  b 'c  d' \"e  f\"", "a b c  d e  f\n"),
        ("X='a  b'; echo $X \"$X\" '$X' ${X} ${Y:-none} \"${Y:-n o}\"", "a b a  b $X a b none n o\n"),
        ("echo $(echo one; echo two) \"$(echo one; echo two)\"", "one two one\ntwo\n"),
        ("echo `echo x` $((2 + 3 * (4 - 1))) \\$HOME", "x 11 $HOME\n"),
        ("i=5; i=$((i+1)); echo $i $((i % 4))", "6 2\n"),
        ("echo a{b,c}d {1..3} {3..1} '{1..3}'", "abd acd 1 2 3 3 2 1 {1..3}\n"),
        ("echo \"a \\\"b\\\" \\$X \\n\"", "a \"b\" $X \\n\n"),
        ("echo x#y # a comment", "x#y\n"),
        ("echo one \\\n two", "one two\n"),
        ("echo ~ ~/x \"~\" a~", "/root /root/x ~ a~\n"),
        ("X=1 ; Y=$X$X; echo \"$Y\"; unset X; echo \"[$X]\"", "11\n[]\n"),
        ("printf '%s-%s\\n' a b c d", "a-b\nc-d\n"),
        ("echo 'it'\"'\"'s'", "it's\n"),
    ] {
        assert_eq!(out(script), wanted, "{script}");
    }
}

#[test]
fn lists_conditions_and_loops() {
    for (script, wanted) in [
        ("true && echo a || echo b; false && echo a || echo b", "a\nb\n"),
        ("! false && echo yes", "yes\n"),
        ("for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done", "1\n3\n"),
        ("for i in $(seq 3); do for j in a b; do [ $j = b ] && break; echo $i$j; done; done", "1a\n2a\n3a\n"),
        ("i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i", "3\n"),
        ("i=3; until [ $i -eq 0 ]; do i=$((i-1)); done; echo $i", "0\n"),
        ("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n"),
        ("if [ -f /x ]; then echo a; else echo c; fi", "c\n"),
        ("(X=1; exit 3); echo $? [$X]", "3 []\n"),
        ("{ echo a; echo b; } | wc -l", "2\n"),
        ("[[ abc == a* ]] && echo like; [[ -z \"\" ]] && echo empty", "like\nempty\n"),
        ("false; echo $?; true; echo $?", "1\n0\n"),
        ("echo a; exit 0; echo b", "a\n"),
    ] {
        assert_eq!(out(script), wanted, "{script}");
    }
}

#[test]
fn pipes_filters_redirections_and_here_documents() {
    for (script, wanted) in [
        ("seq 20 | tail -3 | head -n 1", "18\n"),
        ("seq 20 | grep 1 | wc -l", "11\n"),
        ("echo -e 'b\\na\\nb' | sort | uniq -c", "      1 a\n      2 b\n"),
        ("echo a:b:c | cut -d: -f2 | tr a-z A-Z", "B\n"),
        ("echo one > /f; echo two >> /f; cat /f; cat < /f | wc -l", "one\ntwo\n2\n"),
        ("cat <<EOF\n$HOME $(echo x)\nEOF\necho end", "/root x\nend\n"),
        ("cat <<'EOF'\n$HOME \"q\"\nEOF", "$HOME \"q\"\n"),
        ("cat >/f <<-X && cat /f\n\tin\n\tX", "in\n"),
        ("cat <<A <<B\na\nA\nb\nB\necho z", "b\nz\n"),
        ("cat <<< word", "word\n"),
        ("nosuch 2>/dev/null; echo $?", "127\n"),
        ("nosuch 2>&1 | grep -c found", "1\n"),
        ("nosuch &>/f; cat /f", "bash: nosuch: command not found\n"),
        ("echo a > /d/a.txt; echo b > /d/b.txt; cat /d/*.txt; echo /none/*", "a\nb\n/none/*\n"),
        ("echo text | tee /f | cat; cat /f", "text\ntext\n"),
        ("timeout 3 bash -c '</dev/tcp/db/3306' && echo open", "open\n"),
        ("echo hello | bash -c 'cat; echo $0'", "hello\nbash\n"),
        ("env | grep ^HOME=", "HOME=/root\n"),
        ("export A=1; B=2; env | grep -c '^[AB]=' || true; env | grep ^A=; env | grep ^B= || echo no", "A=1\nno\n"),
    ] {
        if script.contains("[AB]") {
            assert!(run(script).err.contains("not simulated"), "patterns that are not simulated say so");
            continue;
        }
        assert_eq!(out(script), wanted, "{script}");
    }
}

#[test]
fn set_e_stops_where_bash_stops() {
    for (script, wanted, code) in [
        ("set -e; false; echo no", "", 1),
        ("set -e; false || echo yes; echo end", "yes\nend\n", 0),
        ("set -e; if false; then :; fi; echo end", "end\n", 0),
        ("set -e; ! true; echo end", "end\n", 0),
        ("set -e; for i in 1 2; do false && break; done; echo end", "end\n", 0),
        ("set -e; X=$(false); echo no", "", 1),
        ("set -e; false | true; echo end", "end\n", 0),
        ("set -eo pipefail; false | true; echo no", "", 1),
        ("set -e; (false; echo no); echo no", "", 1),
        ("set -u; echo $NOPE; echo no", "", 1),
        ("false; echo goes on", "goes on\n", 0),
    ] {
        let output = run(script);
        assert_eq!((output.out.as_str(), output.code), (wanted, code), "{script}");
    }
    assert_eq!(run("set -x; echo a 'b c'").err, "+ echo a 'b c'\n");
}

#[test]
fn what_is_not_understood_says_so() {
    for (script, code) in [
        ("case x in x) echo y;; esac", 127),
        ("f() { echo x; }; f", 127),
        ("a=(1 2); echo ${a[0]}", 127),
        ("exec > >(tee /var/log/x)", 127),
        ("echo ${X//a/b}", 127),
        ("(sleep 1; echo x) &", 127),
        ("set -k", 127),
    ] {
        let output = run(script);
        assert_eq!((output.code, output.out.as_str()), (code, ""), "{script}: {output:?}");
        assert!(
            output.err.starts_with("awslab practice: ") && output.err.ends_with(" is not simulated\n"),
            "{output:?}"
        );
    }
    for script in
        ["if true; then", "echo 'a", "fi", "echo a |", "for x in a; echo", "( echo a", "a ;; b", "[[ ; ]]", "[[ a ;"]
    {
        let output = run(script);
        assert_eq!(output.code, 2, "{script}: {output:?}");
        assert!(output.err.starts_with("bash: "), "{output:?}");
    }
    assert_eq!(run("echo before\nif").out, "before\n");
}

#[test]
fn a_script_waits_in_practice_time_and_does_nothing_twice() {
    let mut toy = Toy { open_from: 20_000, ..Toy::default() };
    let script =
        "echo start >> /log\nfor i in 1 2 3 4 5; do dnf install -y httpd && break; sleep 15; done\necho $i >> /log";
    let (output, took) = run_on(&mut toy, script);
    // Fails at 1 s, and at 17 s; the third try ends at 33 s.
    assert_eq!((output.code, took), (0, 33_000));
    assert_eq!(toy.log, ["installed at 33000"]);
    assert_eq!(toy.files["/log"], "start\n3\n");
    assert_eq!(output.err.matches("timed out").count(), 2);
}

#[test]
fn timeout_ends_what_takes_too_long() {
    let mut toy = Toy::default();
    let (output, took) = run_on(&mut toy, "timeout 3 bash -c '</dev/tcp/db/80'; echo $?; timeout 9 sleep 2; echo $?");
    assert_eq!((output.out.as_str(), took), ("124\n0\n", 5_000));
    let mut toy = Toy::default();
    let (output, took) =
        run_on(&mut toy, "timeout 5 load; echo $?; timeout 10 sh -c 'sleep 4; sleep 4; sleep 4; echo no'; echo $?");
    assert_eq!((output.out.as_str(), took), ("124\n124\n", 15_000));
    assert_eq!(toy.log, ["load at 0", "abandoned at 5000", "abandoned at 15000"]);
}

#[test]
fn a_signal_ends_what_waits() {
    let mut toy = Toy::default();
    let mut run = Run::new("load; echo $?", Env::root("/"));
    assert!(matches!(run.go_on(&mut toy), Progress::Waiting { until: None, .. }));
    toy.now = 500;
    assert!(matches!(run.go_on(&mut toy), Progress::Waiting { until: None, .. }));
    run.signal(143, toy.now);
    let Progress::Done { output, .. } = run.go_on(&mut toy) else { panic!("done") };
    assert_eq!(output.out, "143\n");
    assert_eq!(toy.log, ["load at 0"]);
}

#[test]
fn a_backslash_at_the_very_end_is_read() {
    run("<<\\");
    run("echo a\\");
}

#[test]
fn endless_scripts_end() {
    assert_eq!(run("while :; do echo x; done").code, 127);
    assert_eq!(run("while true; do cat /none; done").code, 127);
    assert!(run::is_busy_loop("while :; do :; done") && run::is_busy_loop("while true\ndo true\ndone"));
    assert!(!run::is_busy_loop("while :; do sleep 1; done") && !run::is_busy_loop("echo"));
}

#[test]
fn programs_in_the_background() {
    let mut toy = Toy::default();
    run_on(&mut toy, "load -t 9 > /dev/null 2>&1 &\necho started; nohup load & wait");
    assert_eq!(toy.log, ["background load -t 9", "background nohup load"]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 256, ..Default::default() })]

    #[test]
    fn no_text_breaks_it(text in "[a-z $\"'`(){}|&;<>\\\\\n#=!\\[\\]-]{0,60}") {
        let mut run = Run::new(text, Env::root("/"));
        let mut toy = Toy::default();
        for _ in 0..3 {
            if let Progress::Waiting { until: Some(until), .. } = run.go_on(&mut toy) {
                toy.now = until;
            }
        }
    }
}
