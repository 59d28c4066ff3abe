//! A script on its way: evaluated again from its beginning each time, with the answers that the machine has given so far.

use serde::{Deserialize, Serialize};

use super::parse::{ParseError, parse};
use super::syntax::{AndOr, Command, Kind, List, Pipeline, Redirect, RedirectKind, Stream, Word};
use super::{Answer, Ask, Env, Machine, NOT_FOUND, Output, Question, not_simulated};

/// How many answers a script may use, and how many commands one evaluation may take.
const MOST_ANSWERS: usize = 5_000;
const MOST_STEPS: usize = 200_000;

/// How much a script may print, in bytes.
const MOST_OUTPUT: usize = 256 * 1024;

/// A script that has begun, and may be kept and gone on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    script: String,
    start: Env,
    answers: Vec<Given>,
    waiting: Option<Waiting>,
}

/// An answer of the machine, and how long it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Given {
    output: Output,
    ms: i64,
    /// It was killed because the time of a `timeout` was over.
    cut: bool,
}

/// What the machine has not answered yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    question: Question,
    since: i64,
    /// When to ask again.
    until: Option<i64>,
    /// When its `timeout` is over.
    limit: Option<i64>,
}

/// Where a script stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It waits, until a moment (ms) or for a signal; what it has printed so far.
    Waiting {
        /// When to go on.
        until: Option<i64>,
        /// All output so far, in order.
        printed: String,
    },
    /// It is over.
    Done {
        /// What it printed, and its exit code.
        output: Output,
        /// Both outputs in order.
        printed: String,
        /// What a shell remembers of it.
        env: Env,
    },
}

impl Run {
    /// A script that has not begun.
    pub fn new(script: impl Into<String>, env: Env) -> Self {
        Self { script: script.into(), start: env, answers: Vec::new(), waiting: None }
    }

    /// The text.
    pub fn script(&self) -> &str {
        &self.script
    }

    /// What it waits for, if it does.
    pub fn waits_for(&self) -> Option<&Question> {
        self.waiting.as_ref().map(|waiting| &waiting.question)
    }

    /// Ends what it waits for with an exit code (143 for a terminated program); the script then goes on.
    pub fn signal(&mut self, code: i32, now: i64) {
        if let Some(waiting) = self.waiting.take() {
            let output = Output { code, ..Output::default() };
            self.answers.push(Given { output, ms: now - waiting.since, cut: false });
        }
    }

    /// Goes on as far as it can.
    pub fn go_on(&mut self, machine: &mut dyn Machine) -> Progress {
        if let Some(waiting) = &self.waiting
            && waiting.until.is_none_or(|until| until > machine.now())
            && waiting.limit.is_none_or(|limit| limit > machine.now())
        {
            let until = earliest(waiting.until, waiting.limit);
            return Progress::Waiting { until, printed: self.replay(machine).sink.printed };
        }
        let mut shell = self.replay(machine);
        match shell.end.take() {
            Some(output) => Progress::Done { output, printed: shell.sink.printed, env: shell.env },
            None => {
                let printed = std::mem::take(&mut shell.sink.printed);
                drop(shell);
                let until = self.waiting.as_ref().and_then(|waiting| earliest(waiting.until, waiting.limit));
                Progress::Waiting { until, printed }
            }
        }
    }

    fn replay<'r>(&'r mut self, machine: &'r mut dyn Machine) -> Shell<'r> {
        let script = parse(&self.script);
        let mut shell = Shell {
            env: self.start.clone(),
            run: self,
            machine,
            used: 0,
            steps: 0,
            sink: Sink::default(),
            options: Options::default(),
            guarded: 0,
            loops: 0,
            depth: 0,
            limits: Vec::new(),
            end: None,
        };
        let mut flow = shell.list(&script.list, "").map(|_| ());
        if flow.is_ok()
            && let Some(error) = script.error
        {
            flow = shell.complain(error).map(|_| ());
        }
        let code = match flow {
            Ok(()) => Some(shell.env.code),
            Err(Stop::Exit(code)) => Some(code),
            Err(Stop::TimeOver(_)) => Some(124),
            Err(Stop::Break(_) | Stop::Continue(_)) => Some(0),
            Err(Stop::Suspend) => None,
        };
        shell.end = code.map(|code| Output {
            out: std::mem::take(&mut shell.sink.out),
            err: std::mem::take(&mut shell.sink.err),
            code,
        });
        shell
    }
}

fn earliest(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Why evaluation leaves the ordinary way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The machine needs time.
    Suspend,
    Exit(i32),
    Break(usize),
    Continue(usize),
    /// The `timeout` at this depth is over.
    TimeOver(usize),
}

pub(super) type Flow<T> = Result<T, Stop>;

/// Where output goes.
#[derive(Debug, Default)]
pub(super) struct Sink {
    pub(super) out: String,
    pub(super) err: String,
    /// Both, in order.
    printed: String,
}

impl Sink {
    pub(super) fn out(&mut self, text: &str) {
        self.out.push_str(text);
        self.printed.push_str(text);
    }

    pub(super) fn err(&mut self, text: &str) {
        self.err.push_str(text);
        self.printed.push_str(text);
    }
}

/// `set -eux -o pipefail`
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    pub(super) stop_on_error: bool,
    pub(super) refuse_unset: bool,
    pub(super) trace: bool,
    pub(super) pipefail: bool,
}

/// One evaluation.
pub(super) struct Shell<'r> {
    pub(super) env: Env,
    run: &'r mut Run,
    machine: &'r mut dyn Machine,
    used: usize,
    steps: usize,
    pub(super) sink: Sink,
    pub(super) options: Options,
    /// Within a condition, where `set -e` does not count.
    guarded: usize,
    pub(super) loops: usize,
    pub(super) depth: usize,
    /// The ms that each enclosing `timeout` has left.
    pub(super) limits: Vec<i64>,
    end: Option<Output>,
}

impl Shell<'_> {
    /// Asks the machine, or takes the answer that it gave before.
    pub(super) fn ask(&mut self, ask: Ask, stdin: &str) -> Flow<Output> {
        if self.used >= MOST_ANSWERS {
            self.sink.err(&not_simulated(&format!("a script of more than {MOST_ANSWERS} commands")));
            return Err(Stop::Exit(NOT_FOUND));
        }
        let given = match self.run.answers.get(self.used) {
            Some(given) => given.clone(),
            None => {
                let given = self.ask_anew(ask, stdin)?;
                self.run.answers.push(given.clone());
                given
            }
        };
        self.used += 1;
        for left in &mut self.limits {
            *left -= given.ms;
        }
        if given.cut {
            let over = self.limits.iter().position(|left| *left <= 0).unwrap_or_default();
            return Err(Stop::TimeOver(over));
        }
        Ok(given.output)
    }

    fn ask_anew(&mut self, ask: Ask, stdin: &str) -> Flow<Given> {
        let now = self.machine.now();
        let waiting = match self.run.waiting.take() {
            Some(waiting) => waiting,
            None => {
                let directory = self.env.directory.clone();
                let question = Question { ask, stdin: stdin.to_owned(), directory, state: 0 };
                let limit = self.limits.iter().min().map(|left| now + left);
                Waiting { question, since: now, until: Some(now), limit }
            }
        };
        let ms = now - waiting.since;
        let due = waiting.until.is_some_and(|until| until <= now);
        if !due && waiting.limit.is_some_and(|limit| limit <= now) {
            self.machine.abandon(&waiting.question);
            return Ok(Given { output: Output { code: 124, ..Output::default() }, ms, cut: true });
        }
        if !due {
            self.run.waiting = Some(waiting);
            return Err(Stop::Suspend);
        }
        match self.machine.answer(&waiting.question) {
            Answer::Done(output) => Ok(Given { output, ms, cut: false }),
            Answer::Wait { ms, state } => {
                let question = Question { state, ..waiting.question };
                self.run.waiting = Some(Waiting { question, until: ms.map(|ms| now + ms), ..waiting });
                Err(Stop::Suspend)
            }
        }
    }

    fn step(&mut self) -> Flow<()> {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.sink.printed.len() > MOST_OUTPUT {
            self.sink.err(&not_simulated("a script that goes on for so long without waiting for anything"));
            return Err(Stop::Exit(NOT_FOUND));
        }
        Ok(())
    }

    /// Says why a text cannot be read on, as bash would, and stops.
    pub(super) fn complain(&mut self, error: ParseError) -> Flow<i32> {
        let code = match error {
            ParseError::Syntax(text) => {
                self.sink.err(&format!("bash: {text}\n"));
                2
            }
            ParseError::NotSimulated(what) => {
                self.sink.err(&not_simulated(&what));
                NOT_FOUND
            }
        };
        Err(Stop::Exit(code))
    }

    /// A nested script: `bash -c`, `$(..)`.
    pub(super) fn nested(&mut self, text: &str, stdin: &str) -> Flow<i32> {
        self.depth += 1;
        if self.depth > 20 {
            self.sink.err(&not_simulated("a script as deep as this"));
            return Err(Stop::Exit(NOT_FOUND));
        }
        let script = parse(text);
        let mut flow = self.list(&script.list, stdin);
        if flow.is_ok()
            && let Some(error) = script.error
        {
            flow = self.complain(error);
        }
        self.depth -= 1;
        match flow {
            Err(Stop::Exit(code)) => Ok(code),
            Err(Stop::Break(_) | Stop::Continue(_)) => Ok(0),
            other => other,
        }
    }

    /// Runs something as a process of its own: what it does to variables and options ends with it.
    pub(super) fn apart<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let (env, options, loops) = (self.env.clone(), self.options, std::mem::take(&mut self.loops));
        let value = work(self);
        (self.env, self.options, self.loops) = (env, options, loops);
        value
    }

    pub(super) fn list(&mut self, list: &List, stdin: &str) -> Flow<i32> {
        let mut code = 0;
        for one in list {
            code = self.and_or(one, stdin)?;
        }
        Ok(code)
    }

    fn and_or(&mut self, one: &AndOr, stdin: &str) -> Flow<i32> {
        if one.background {
            return self.background(one);
        }
        let last = one.rest.len();
        let mut code = self.pipeline(&one.first, last > 0, stdin)?;
        for (index, (and, pipeline)) in (1..).zip(&one.rest) {
            if *and == (code == 0) {
                code = self.pipeline(pipeline, index < last, stdin)?;
            }
        }
        Ok(code)
    }

    /// `command &`: a program of its own.
    fn background(&mut self, one: &AndOr) -> Flow<i32> {
        let plain = match one.first.commands.as_slice() {
            [Command { kind: Kind::Simple { assignments, words }, .. }]
                if one.rest.is_empty() && assignments.is_empty() && !one.first.negated =>
            {
                Some(words)
            }
            _ => None,
        };
        let Some(words) = plain else {
            self.sink.err(&not_simulated("more than one program in the background"));
            return self.finish(NOT_FOUND);
        };
        let words = self.words(words)?;
        let output = self.ask(Ask::Background(words), "")?;
        self.sink.out(&output.out);
        self.sink.err(&output.err);
        self.env.code = output.code;
        Ok(output.code)
    }

    fn pipeline(&mut self, pipeline: &Pipeline, guarded: bool, stdin: &str) -> Flow<i32> {
        let quiet = guarded || pipeline.negated;
        self.guarded += usize::from(quiet);
        let outcome = self.pipe(pipeline, stdin);
        self.guarded -= usize::from(quiet);
        let code = outcome?;
        let code = if pipeline.negated { i32::from(code == 0) } else { code };
        self.env.code = code;
        // What failed inside an `if` or a loop has stopped there, if it was to stop.
        let compound = match pipeline.commands.as_slice() {
            [command] => {
                !matches!(command.kind, Kind::Simple { .. } | Kind::Test(_) | Kind::Group { subshell: true, .. })
            }
            _ => false,
        };
        if code != 0 && self.options.stop_on_error && self.guarded == 0 && !quiet && !compound {
            return Err(Stop::Exit(code));
        }
        Ok(code)
    }

    fn pipe(&mut self, pipeline: &Pipeline, stdin: &str) -> Flow<i32> {
        let [first @ .., last] = pipeline.commands.as_slice() else { return Ok(0) };
        if first.is_empty() {
            return self.command(last, stdin);
        }
        let (mut input, mut worst) = (stdin.to_owned(), 0);
        for command in first {
            let (code, out) = self.captured(|shell| shell.command(command, &input))?;
            input = out;
            worst = if code == 0 { worst } else { code };
        }
        let code = self.apart(|shell| match shell.command(last, &input) {
            Err(Stop::Exit(code)) => Ok(code),
            other => other,
        })?;
        Ok(if code == 0 && self.options.pipefail { worst } else { code })
    }

    /// What something prints to standard output, run as a process of its own.
    pub(super) fn captured(&mut self, work: impl FnOnce(&mut Self) -> Flow<i32>) -> Flow<(i32, String)> {
        let outer = std::mem::take(&mut self.sink);
        let flow = self.apart(work);
        let inner = std::mem::replace(&mut self.sink, outer);
        self.sink.err(&inner.err);
        match flow {
            Ok(code) | Err(Stop::Exit(code)) => Ok((code, inner.out)),
            Err(stop) => Err(stop),
        }
    }

    fn finish(&mut self, code: i32) -> Flow<i32> {
        self.env.code = code;
        Ok(code)
    }

    fn command(&mut self, command: &Command, stdin: &str) -> Flow<i32> {
        self.step()?;
        if command.redirects.is_empty() {
            return self.kind(&command.kind, stdin);
        }
        self.redirected(&command.redirects, stdin, |shell, stdin| shell.kind(&command.kind, stdin))
    }

    /// Runs something with its streams redirected.
    fn redirected(
        &mut self,
        redirects: &[Redirect],
        stdin: &str,
        work: impl FnOnce(&mut Self, &str) -> Flow<i32>,
    ) -> Flow<i32> {
        let mut input = stdin.to_owned();
        let (mut out, mut err) = (Place::Out, Place::Err);
        for redirect in redirects {
            match &redirect.kind {
                RedirectKind::Text(word) => input = self.joined(word)?,
                RedirectKind::Read(word) => match self.read_from(word)? {
                    Some(text) => input = text,
                    None => return self.finish(1),
                },
                RedirectKind::Same(to) => {
                    let place = if *to == Stream::Out { out.clone() } else { err.clone() };
                    if redirect.from == Stream::Err { err = place } else { out = place }
                }
                RedirectKind::File { target, append } => {
                    let path = self.joined(target)?;
                    let place = Place::File(path.clone());
                    // The file is there, and empty, before the command runs.
                    if !self.write(&path, "", *append)? {
                        return self.finish(1);
                    }
                    match redirect.from {
                        Stream::Err => err = place,
                        Stream::Both => (out, err) = (place.clone(), place),
                        Stream::Out | Stream::In => out = place,
                    }
                }
            }
        }
        let outer = std::mem::take(&mut self.sink);
        let flow = work(self, &input);
        let inner = std::mem::replace(&mut self.sink, outer);
        if flow == Err(Stop::Suspend) {
            return flow;
        }
        if out == err {
            self.put(&out, &inner.printed)?;
        } else {
            self.put(&out, &inner.out)?;
            self.put(&err, &inner.err)?;
        }
        flow
    }

    fn put(&mut self, place: &Place, text: &str) -> Flow<()> {
        match place {
            Place::Out => self.sink.out(text),
            Place::Err => self.sink.err(text),
            Place::File(path) if !text.is_empty() => {
                self.write(path, text, true)?;
            }
            Place::File(_) => {}
        }
        Ok(())
    }

    fn write(&mut self, path: &str, text: &str, append: bool) -> Flow<bool> {
        if path == "/dev/null" {
            return Ok(true);
        }
        if let Some(code) = self.connect(path)? {
            return Ok(code == 0);
        }
        let output = self.ask(Ask::Write { path: path.to_owned(), append }, text)?;
        if output.code != 0 {
            self.sink.err(&format!("bash: {}", output.err));
        }
        Ok(output.code == 0)
    }

    /// `/dev/tcp/HOST/PORT` is a connection; its code, if it is one.
    fn connect(&mut self, path: &str) -> Flow<Option<i32>> {
        let Some((host, port)) = path.strip_prefix("/dev/tcp/").and_then(|rest| rest.split_once('/')) else {
            return Ok(None);
        };
        let output = self.ask(Ask::Connect { host: host.to_owned(), port: port.to_owned() }, "")?;
        if output.code != 0 {
            self.sink.err(&format!("bash: connect: {}\nbash: {path}: {}\n", output.err, output.err));
        }
        Ok(Some(output.code))
    }

    fn read_from(&mut self, word: &Word) -> Flow<Option<String>> {
        let path = self.joined(word)?;
        if path == "/dev/null" {
            return Ok(Some(String::new()));
        }
        if let Some(code) = self.connect(&path)? {
            return Ok((code == 0).then(String::new));
        }
        let output = self.ask(Ask::Read(path.clone()), "")?;
        if output.code == 0 {
            return Ok(Some(output.out));
        }
        self.sink.err(&format!("bash: {path}: {}", output.err));
        Ok(None)
    }

    fn kind(&mut self, kind: &Kind, stdin: &str) -> Flow<i32> {
        match kind {
            Kind::Simple { assignments, words } => self.simple(assignments, words, stdin),
            Kind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    if self.condition(condition, stdin)? == 0 {
                        return self.list(body, stdin);
                    }
                }
                match otherwise {
                    Some(body) => self.list(body, stdin),
                    None => self.finish(0),
                }
            }
            Kind::For { name, words, body } => {
                let values = self.words(words)?;
                let mut code = 0;
                for value in &values {
                    if self.options.trace {
                        self.sink.err(&format!("+ for {name} in {}\n", values.join(" ")));
                    }
                    self.env.variables.insert(name.clone(), value.clone());
                    match self.turn(body, stdin)? {
                        Some(last) => code = last,
                        None => break,
                    }
                }
                self.finish(code)
            }
            Kind::While { until, condition, body } => {
                let mut code = 0;
                while (self.condition(condition, stdin)? == 0) != *until {
                    self.step()?;
                    match self.turn(body, stdin)? {
                        Some(last) => code = last,
                        None => break,
                    }
                }
                self.finish(code)
            }
            Kind::Group { body, subshell: false } => self.list(body, stdin),
            Kind::Group { body, subshell: true } => {
                let flow = self.apart(|shell| shell.list(body, stdin));
                match flow {
                    Err(Stop::Exit(code)) => self.finish(code),
                    other => other,
                }
            }
            Kind::Test(words) => {
                let words = words.iter().map(|word| self.joined(word)).collect::<Flow<Vec<_>>>()?;
                let code = self.test("[[", &words)?;
                self.finish(code)
            }
        }
    }

    fn condition(&mut self, list: &List, stdin: &str) -> Flow<i32> {
        self.guarded += 1;
        let code = self.list(list, stdin);
        self.guarded -= 1;
        code
    }

    /// One turn of a loop: its code, none when the loop is left.
    fn turn(&mut self, body: &List, stdin: &str) -> Flow<Option<i32>> {
        self.loops += 1;
        let flow = self.list(body, stdin);
        self.loops -= 1;
        match flow {
            Ok(code) => Ok(Some(code)),
            Err(Stop::Break(levels)) if levels <= 1 => Ok(None),
            Err(Stop::Break(levels)) => Err(Stop::Break(levels - 1)),
            Err(Stop::Continue(levels)) if levels <= 1 => Ok(Some(0)),
            Err(Stop::Continue(levels)) => Err(Stop::Continue(levels - 1)),
            Err(other) => Err(other),
        }
    }

    fn simple(&mut self, assignments: &[(String, Word)], words: &[Word], stdin: &str) -> Flow<i32> {
        let mut values = Vec::new();
        // `$(..)` in an assignment gives its code when there is no command.
        let mut substituted = None;
        for (name, word) in assignments {
            let (value, code) = self.value(word)?;
            substituted = code.or(substituted);
            values.push((name.clone(), value));
        }
        let words = self.words(words)?;
        if words.is_empty() {
            for (name, value) in values {
                if self.options.trace {
                    self.sink.err(&format!("+ {name}={}\n", shown(&value)));
                }
                self.env.variables.insert(name, value);
            }
            return self.finish(substituted.unwrap_or_default());
        }
        if self.options.trace {
            let line: Vec<String> = words.iter().map(|word| shown(word)).collect();
            self.sink.err(&format!("+ {}\n", line.join(" ")));
        }
        if values.is_empty() {
            let code = self.program(&words, stdin)?;
            return self.finish(code);
        }
        let kept: Vec<(String, Option<String>)> =
            values.iter().map(|(name, _)| (name.clone(), self.env.variables.get(name).cloned())).collect();
        self.env.variables.extend(values);
        let code = self.program(&words, stdin);
        for (name, value) in kept {
            match value {
                Some(value) => self.env.variables.insert(name, value),
                None => self.env.variables.remove(&name),
            };
        }
        self.finish(code?)
    }
}

/// A word as `set -x` shows it.
fn shown(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%^".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Where a stream goes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Out,
    Err,
    File(String),
}

/// Is it a loop that only keeps a processor busy: `while :; do :; done`?
pub(in crate::practice) fn is_busy_loop(script: &str) -> bool {
    let idle = |list: &List, names: &[&str]| {
        let words = |one: &AndOr| match one.first.commands.as_slice() {
            [Command { kind: Kind::Simple { assignments, words }, redirects }]
                if assignments.is_empty() && redirects.is_empty() && one.rest.is_empty() && !one.background =>
            {
                match words.as_slice() {
                    [word] => names.iter().any(|name| *word == vec![super::syntax::Part::Text((*name).to_owned())]),
                    _ => false,
                }
            }
            _ => false,
        };
        !list.is_empty() && list.iter().all(words)
    };
    let script = parse(script);
    match script.list.as_slice() {
        [AndOr { first: Pipeline { commands, negated: false }, rest, background: false }]
            if rest.is_empty() && script.error.is_none() =>
        {
            match commands.as_slice() {
                [Command { kind: Kind::While { until, condition, body }, .. }] => {
                    idle(condition, if *until { &["false"] } else { &[":", "true"] }) && idle(body, &[":", "true"])
                }
                _ => false,
            }
        }
        _ => false,
    }
}
