//! `awslab practice shell INSTANCE [COMMAND]`: a shell on an instance of the practice cloud.
//!
//! Promises: prints what the instance prints, as it prints it; with a command, the exit code is the command's. Leaves to others: what
//! commands do ([`crate::practice`]). Practice time passes at its own speed meanwhile.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use crate::engine::storage_problem;
use crate::i18n::Lang;
use crate::practice::Cloud;
use crate::practice::console::{Closed, Console, Line};
use crate::practice::shell::Env;
use crate::problem::{Problem, ProblemKind};

/// How often to look how a line stands, in real time.
const LOOK: Duration = Duration::from_millis(40);

fn closed(why: Closed, instance: &str) -> Problem {
    let (ko, en) = match why {
        Closed::NoInstance => ("그런 인스턴스가 없습니다", "There is no such instance"),
        Closed::Several => ("이름이 같은 인스턴스가 여럿입니다", "Several instances have this name"),
        Closed::NotUp => {
            ("인스턴스가 아직 부팅되지 않았거나 실행 중이 아닙니다", "The instance is not running, or still boots")
        }
    };
    let problem = Problem::new(ProblemKind::Usage, ko, en).from(instance.to_owned());
    match why {
        Closed::NotUp => problem.hint(
            "`awslab practice clock --advance 30s`로 연습 시각을 보낼 수 있습니다",
            "`awslab practice clock --advance 30s` lets practice time pass",
        ),
        _ => problem.hint("인스턴스 ID(i-...)나 Name 태그를 주세요", "Give an instance id (i-...) or a Name tag"),
    }
}

/// Runs the command and gives the exit code.
pub async fn run(cloud: &Cloud, instance: &str, command: &[String], lang: Lang) -> Result<u8, Problem> {
    let console =
        cloud.console(instance).map_err(|error| storage_problem(&error))?.map_err(|why| closed(why, instance))?;
    if !command.is_empty() {
        let env = line(cloud, &console, &command.join(" "), Env::root("/root"), lang).await?;
        return Ok(code(&env));
    }
    let mut env = Env::root("/root");
    let people = std::io::stdin().is_terminal();
    if people {
        show(&greeting(&console, lang))?;
    }
    loop {
        if people {
            show(&console.prompt(&env))?;
        }
        let read = tokio::task::spawn_blocking(|| {
            let mut text = String::new();
            std::io::stdin().read_line(&mut text).map(|length| (length > 0).then_some(text))
        });
        let text = match read.await {
            Ok(Ok(Some(text))) => text,
            _ => break,
        };
        match text.trim() {
            "" => continue,
            "exit" | "logout" => break,
            "help" if people => show(help(lang))?,
            text => env = line(cloud, &console, text, env, lang).await?,
        }
    }
    if people {
        show("\n")?;
    }
    Ok(code(&env))
}

/// Where one is, and the way out.
fn greeting(console: &Console, lang: Lang) -> String {
    let Console { instance, host, .. } = console;
    match lang {
        Lang::Ko => format!(
            "연습 클라우드의 서버 {instance}({host})에 root로 들어왔습니다.\n\
             help를 치면 쓸 수 있는 명령이 나오고, exit를 치면 나갑니다.\n\n"
        ),
        Lang::En => format!(
            "You are root on {instance} ({host}), a server of the practice cloud.\n\
             help lists the commands that work here, exit leaves.\n\n"
        ),
    }
}

/// The commands that the practice cloud simulates, by what one wants of them. Kept beside docs/practice.md's list.
fn help(lang: Lang) -> &'static str {
    match lang {
        Lang::Ko => {
            "  길이 열렸는지    ping, curl, wget, nc, dig, nslookup, ip, hostname\n  \
               서버 상태        uptime, top -bn1, ps, free, df, lsblk, systemctl, date\n  \
               설치와 DB        dnf, mysql, mysqladmin ping\n  \
               부하             stress, stress-ng, ab, timeout, kill, pkill\n  \
               글과 파일        cat, grep, head, tail, ls, echo, ... 그리고 파이프와 if, for\n\
             다른 명령은 연습 클라우드에 없습니다.\n"
        }
        Lang::En => {
            "  is the way open   ping, curl, wget, nc, dig, nslookup, ip, hostname\n  \
               the server        uptime, top -bn1, ps, free, df, lsblk, systemctl, date\n  \
               packages, DB      dnf, mysql, mysqladmin ping\n  \
               load              stress, stress-ng, ab, timeout, kill, pkill\n  \
               text and files    cat, grep, head, tail, ls, echo, ... and pipes, if, for\n\
             Other commands are not simulated.\n"
        }
    }
}

fn code(env: &Env) -> u8 {
    u8::try_from(env.code & 0xff).unwrap_or(1)
}

fn show(text: &str) -> Result<(), Problem> {
    let mut out = std::io::stdout().lock();
    write!(out, "{text}").and_then(|()| out.flush()).map_err(|error| {
        Problem::new(ProblemKind::Internal, "출력할 수 없습니다", "Cannot write the output").from(error.to_string())
    })
}

/// Runs a line to its end, showing its output as it comes; what the shell remembers then. Ctrl-C ends the line.
async fn line(cloud: &Cloud, console: &Console, text: &str, env: Env, lang: Lang) -> Result<Env, Problem> {
    let begun = cloud.shell(console, text, env.clone()).map_err(|error| storage_problem(&error))?;
    let line: Line = begun.map_err(|why| closed(why, &console.instance))?;
    let (mut shown, mut told) = (0, false);
    loop {
        let view = cloud.shell_view(&line).map_err(|error| storage_problem(&error))?;
        let Some(view) = view else { return Ok(env) };
        if let Some(new) = view.printed.get(shown..).filter(|new| !new.is_empty()) {
            show(new)?;
            shown = view.printed.len();
        }
        if let Some(finished) = view.finished {
            return Ok(Env { code: finished.output.code, ..finished.env });
        }
        if cloud.clock().paused && !told {
            told = true;
            let sentence = match lang {
                Lang::Ko => {
                    "연습 시계가 멈춰 있습니다. 이 명령이 끝나려면 시간이 흘러야 합니다 (awslab practice clock --resume)."
                }
                Lang::En => {
                    "The practice clock is paused; this command needs time to end (awslab practice clock --resume)."
                }
            };
            // Whoever reads this may have gone.
            let _ = writeln!(std::io::stderr(), "{sentence}");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = tokio::signal::ctrl_c() => cloud.interrupt_shell(&line).map_err(|error| storage_problem(&error))?,
        }
    }
}
