//! What the shell does itself, and programs that run other programs (`sudo`, `timeout`, `bash -c`).

use super::run::{Flow, Shell, Stop};
use super::{Ask, NOT_FOUND, Output, filters, not_simulated};

impl Shell<'_> {
    /// Runs a command by its words.
    pub(super) fn program(&mut self, words: &[String], stdin: &str) -> Flow<i32> {
        let Some((name, arguments)) = words.split_first() else { return Ok(0) };
        // The path of a program says nothing more than its name.
        let name = ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/", "/usr/local/bin/"]
            .iter()
            .find_map(|folder| name.strip_prefix(folder))
            .unwrap_or(name);
        let first = arguments.first().map(String::as_str);
        match name {
            ":" | "true" => Ok(0),
            "false" => Ok(1),
            "echo" => Ok(self.echo(arguments)),
            "printf" => Ok(self.printf(arguments)),
            "test" => self.test("test", arguments),
            "[" => match arguments.split_last() {
                Some((last, words)) if last == "]" => self.test("[", words),
                _ => Ok(self.fail(2, "bash: [: missing `]'\n")),
            },
            "exit" => {
                let code = first.map_or(Some(self.env.code), |code| code.parse().ok());
                Err(Stop::Exit(code.unwrap_or(2) & 0xff))
            }
            "break" | "continue" if self.loops > 0 => {
                let levels = first.and_then(|levels| levels.parse().ok()).unwrap_or(1).max(1);
                Err(if name == "break" { Stop::Break(levels) } else { Stop::Continue(levels) })
            }
            "cd" => self.change_directory(first),
            "pwd" => {
                let directory = format!("{}\n", self.env.directory);
                self.sink.out(&directory);
                Ok(0)
            }
            "export" | "declare" | "readonly" => Ok(self.export(name, arguments)),
            "unset" => {
                for variable in arguments {
                    self.env.variables.remove(variable);
                    self.env.exported.remove(variable);
                }
                Ok(0)
            }
            "set" => Ok(self.set(arguments)),
            "env" | "printenv" if arguments.is_empty() => {
                let exported = self.env.exported.iter().filter_map(|name| Some((name, self.env.variables.get(name)?)));
                let text: String = exported.map(|(name, value)| format!("{name}={value}\n")).collect();
                self.sink.out(&text);
                Ok(0)
            }
            "wait" if arguments.is_empty() => self.asked(Ask::WaitForAll, stdin),
            "bash" | "sh" => self.shell(arguments, stdin),
            "sudo" => self.sudo(arguments, stdin),
            "timeout" => self.timeout(arguments, stdin),
            "nohup" | "command" | "exec" if first.is_some_and(|word| !word.starts_with('-')) => {
                let code = self.program(arguments, stdin)?;
                if name == "exec" { Err(Stop::Exit(code)) } else { Ok(code) }
            }
            "tee" => self.tee(arguments, stdin),
            _ if filters::is_filter(name) => self.filter(name, arguments, stdin),
            _ => {
                let mut words = words.to_vec();
                name.clone_into(&mut words[0]);
                self.asked(Ask::Program(words), stdin)
            }
        }
    }

    fn asked(&mut self, ask: Ask, stdin: &str) -> Flow<i32> {
        let output = self.ask(ask, stdin)?;
        Ok(self.print(&output))
    }

    fn print(&mut self, output: &Output) -> i32 {
        self.sink.out(&output.out);
        self.sink.err(&output.err);
        output.code
    }

    pub(super) fn fail(&mut self, code: i32, message: &str) -> i32 {
        self.sink.err(message);
        code
    }

    /// Says that something is not simulated.
    pub(super) fn refuse(&mut self, what: &str) -> i32 {
        self.fail(NOT_FOUND, &not_simulated(what))
    }

    fn echo(&mut self, arguments: &[String]) -> i32 {
        let (mut words, mut line_end, mut escapes) = (arguments, true, false);
        while let Some((first, rest)) = words.split_first() {
            match first.as_str() {
                "-n" => line_end = false,
                "-e" => escapes = true,
                "-ne" | "-en" => (line_end, escapes) = (false, true),
                _ => break,
            }
            words = rest;
        }
        let text = words.join(" ");
        let mut text = if escapes { unescape(&text) } else { text };
        if line_end {
            text.push('\n');
        }
        self.sink.out(&text);
        0
    }

    fn printf(&mut self, arguments: &[String]) -> i32 {
        let Some((format, mut values)) = arguments.split_first() else {
            return self.fail(2, "printf: usage: printf [-v var] format [arguments]\n");
        };
        let format = unescape(format);
        let mut text = String::new();
        loop {
            let before = values.len();
            let mut rest = format.as_str();
            while let Some((plain, directive)) = rest.split_once('%') {
                text.push_str(plain);
                let mut chars = directive.chars();
                match chars.next() {
                    Some('%') => text.push('%'),
                    Some('s' | 'd') => {
                        if let Some((value, more)) = values.split_first() {
                            text.push_str(value);
                            values = more;
                        } else if directive.starts_with('d') {
                            text.push('0');
                        }
                    }
                    _ => return self.refuse("this format of printf"),
                }
                rest = chars.as_str();
            }
            text.push_str(rest);
            if values.is_empty() || values.len() == before {
                break;
            }
        }
        self.sink.out(&text);
        0
    }

    fn change_directory(&mut self, to: Option<&str>) -> Flow<i32> {
        let path = absolute(&self.env.directory, to.unwrap_or("/root"));
        let found = self.ask(Ask::Test { kind: 'd', path: path.clone() }, "")?;
        if found.code != 0 {
            return Ok(self.fail(1, &format!("bash: cd: {}: No such file or directory\n", to.unwrap_or_default())));
        }
        self.env.directory = path;
        Ok(0)
    }

    fn export(&mut self, name: &str, arguments: &[String]) -> i32 {
        for argument in arguments {
            if argument.starts_with('-') {
                return self.refuse(&format!("{name} {argument}"));
            }
            let variable = match argument.split_once('=') {
                Some((variable, value)) => {
                    self.env.variables.insert(variable.to_owned(), value.to_owned());
                    variable
                }
                None => argument,
            };
            if name == "export" {
                self.env.exported.insert(variable.to_owned());
            }
        }
        0
    }

    fn set(&mut self, arguments: &[String]) -> i32 {
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let (on, letters) = match (word.strip_prefix('-'), word.strip_prefix('+')) {
                (Some(letters), _) => (true, letters),
                (_, Some(letters)) => (false, letters),
                _ => return self.refuse("set with arguments"),
            };
            for letter in letters.chars() {
                let option = match letter {
                    'o' => words.next().map_or("", String::as_str),
                    'e' => "errexit",
                    'u' => "nounset",
                    'x' => "xtrace",
                    _ => "",
                };
                match option {
                    "errexit" => self.options.stop_on_error = on,
                    "nounset" => self.options.refuse_unset = on,
                    "xtrace" => self.options.trace = on,
                    "pipefail" => self.options.pipefail = on,
                    _ => return self.refuse(&format!("set {word}")),
                }
            }
        }
        0
    }

    /// `bash -c SCRIPT`, `bash` with a script on standard input.
    fn shell(&mut self, arguments: &[String], stdin: &str) -> Flow<i32> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (flags, script) = match words.as_slice() {
            [] | ["-s"] => ("", stdin),
            ["-c" | "-lc" | "-cl", script] => ("", *script),
            ["-ec" | "-ce", script] => ("e", *script),
            ["-xc" | "-cx", script] => ("x", *script),
            ["-exc", script] => ("ex", *script),
            _ => return Ok(self.refuse(&format!("bash {}", arguments.join(" ")))),
        };
        // A loop without end keeps a processor busy: that is for the machine.
        if super::run::is_busy_loop(script) {
            return self.asked(Ask::Program(vec!["sh".into(), "-c".into(), script.into()]), stdin);
        }
        let input = if words.len() < 2 { "" } else { stdin };
        self.apart(|shell| {
            shell.options = super::run::Options {
                stop_on_error: flags.contains('e'),
                trace: flags.contains('x'),
                ..super::run::Options::default()
            };
            shell.nested(script, input)
        })
    }

    /// Everybody is root here.
    fn sudo(&mut self, arguments: &[String], stdin: &str) -> Flow<i32> {
        let mut words = arguments;
        while let Some((first, rest)) = words.split_first() {
            match first.as_str() {
                "-E" | "-n" | "-H" => words = rest,
                option if option.starts_with('-') => return Ok(self.refuse(&format!("sudo {option}"))),
                _ => break,
            }
        }
        if words.is_empty() {
            return Ok(self.fail(1, "usage: sudo command\n"));
        }
        self.program(words, stdin)
    }

    /// `timeout 3 COMMAND`
    fn timeout(&mut self, arguments: &[String], stdin: &str) -> Flow<i32> {
        let Some((time, command)) = arguments.split_first().filter(|(_, command)| !command.is_empty()) else {
            return Ok(self.fail(125, "timeout: missing operand\nTry 'timeout --help' for more information.\n"));
        };
        if time.starts_with('-') {
            return Ok(self.refuse(&format!("timeout {time}")));
        }
        let Some(ms) = duration(time) else {
            return Ok(self.fail(125, &format!("timeout: invalid time interval ‘{time}’\n")));
        };
        let depth = self.limits.len();
        // 0 is no limit.
        self.limits.push(if ms == 0 { i64::MAX / 4 } else { ms });
        let flow = self.program(command, stdin);
        self.limits.truncate(depth);
        match flow {
            Err(Stop::TimeOver(over)) if over == depth => Ok(124),
            other => other,
        }
    }

    fn tee(&mut self, arguments: &[String], stdin: &str) -> Flow<i32> {
        let append = arguments.iter().any(|word| word == "-a");
        let mut code = 0;
        for path in arguments.iter().filter(|word| *word != "-a") {
            if path.starts_with('-') {
                return Ok(self.refuse(&format!("tee {path}")));
            }
            if path == "/dev/null" {
                continue;
            }
            let output = self.ask(Ask::Write { path: path.clone(), append }, stdin)?;
            if output.code != 0 {
                code = self.fail(1, &format!("tee: {}", output.err));
            }
        }
        self.sink.out(stdin);
        Ok(code)
    }

    /// `head`, `grep` and the like: on standard input or on files.
    fn filter(&mut self, name: &str, arguments: &[String], stdin: &str) -> Flow<i32> {
        let parsed = match filters::Filter::parse(name, arguments) {
            Ok(parsed) => parsed,
            Err(option) => return Ok(self.refuse(&format!("{name} {option}"))),
        };
        let mut inputs = Vec::new();
        let mut code = 0;
        for path in &parsed.files {
            if path == "-" {
                inputs.push((path.clone(), stdin.to_owned()));
                continue;
            }
            let read = self.ask(Ask::Read(path.clone()), "")?;
            if read.code == 0 {
                inputs.push((path.clone(), read.out));
            } else {
                code = self.fail(if name == "grep" { 2 } else { 1 }, &format!("{name}: {path}: {}", read.err));
            }
        }
        if parsed.files.is_empty() {
            inputs.push((String::new(), stdin.to_owned()));
        }
        let (text, own) = parsed.apply(&inputs);
        self.sink.out(&text);
        Ok(if code == 0 { own } else { code })
    }

    /// The conditions of `[ .. ]` and `[[ .. ]]`: its code.
    pub(super) fn test(&mut self, name: &str, words: &[String]) -> Flow<i32> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let truth = match words.as_slice() {
            [] => false,
            ["!", rest @ ..] => {
                let rest: Vec<String> = rest.iter().map(|word| (*word).to_owned()).collect();
                return self.test(name, &rest).map(|code| if code < 2 { 1 - code } else { code });
            }
            [one] => !one.is_empty(),
            ["-z", text] => text.is_empty(),
            ["-n", text] => !text.is_empty(),
            [kind @ ("-e" | "-f" | "-d" | "-r" | "-w" | "-x" | "-s"), path] => {
                let kind = match *kind {
                    "-f" | "-s" => 'f',
                    "-d" => 'd',
                    _ => 'e',
                };
                self.ask(Ask::Test { kind, path: (*path).to_owned() }, "")?.code == 0
            }
            [left, "=" | "==", right] if name == "[[" => super::filters::matches(right, left),
            [left, "!=", right] if name == "[[" => !super::filters::matches(right, left),
            [left, "=" | "==", right] => left == right,
            [left, "!=", right] => left != right,
            [left, operator @ ("-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge"), right] => {
                let (Ok(a), Ok(b)) = (left.trim().parse::<i64>(), right.trim().parse::<i64>()) else {
                    let wrong = if left.trim().parse::<i64>().is_err() { left } else { right };
                    return Ok(self.fail(2, &format!("bash: {name}: {wrong}: integer expression expected\n")));
                };
                match *operator {
                    "-eq" => a == b,
                    "-ne" => a != b,
                    "-lt" => a < b,
                    "-le" => a <= b,
                    "-gt" => a > b,
                    _ => a >= b,
                }
            }
            _ => return Ok(self.refuse(&format!("{name} {}", words.join(" ")))),
        };
        Ok(i32::from(!truth))
    }
}

/// A path seen from a directory, without `.` and `..`.
pub(in crate::practice) fn absolute(directory: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{directory}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    format!("/{}", parts.join("/"))
}

/// `90`, `1.5`, `90s`, `15m`, `2h`, `1d` in ms.
pub(in crate::practice) fn duration(text: &str) -> Option<i64> {
    let (number, unit) = match text.char_indices().last() {
        Some((at, 's')) => (&text[..at], 1.0),
        Some((at, 'm')) => (&text[..at], 60.0),
        Some((at, 'h')) => (&text[..at], 3600.0),
        Some((at, 'd')) => (&text[..at], 86_400.0),
        _ => (text, 1.0),
    };
    let plain = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let seconds = number.parse::<f64>().ok().filter(|_| plain)? * unit;
    // A year is for ever here.
    (seconds <= 31_536_000.0).then_some((seconds * 1000.0) as i64)
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('\\') => out.push('\\'),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
