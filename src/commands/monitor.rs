//! `awslab monitor`: an Auto Scaling group live. In a terminal it is a full screen; with `--json`, `--svg` or without a
//! terminal it is this.
//!
//! Promises: `--json` prints one snapshot a line, which `--replay` reads again; the stream ends with Ctrl-C, with its
//! reader, or when the group can no longer be read.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::config::Config;
use crate::engine::Engine;
use crate::i18n::{Lang, Text};
use crate::lab::cost::Prices;
use crate::lab::watch::look::pause;
use crate::lab::watch::{History, Look, Metric, Snapshot, record, svg};
use crate::problem::{Problem, ProblemKind};
use crate::runtime;

use super::{open, out};

/// How many refreshes are made before something is drawn or told once: each finds what the next one asks for.
const ENOUGH: u64 = 5;
/// The shortest real time between two refreshes.
const LEAST: Duration = Duration::from_millis(500);

/// `awslab monitor`
#[derive(Debug, Clone, Args)]
pub struct MonitorArgs {
    /// The Auto Scaling group; chosen from a list when it is not named
    pub group: Option<String>,
    /// Print one JSON object a line for every refresh
    #[arg(long)]
    pub json: bool,
    /// Append every refresh to this file, as JSON lines
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Show a recording instead of the cloud
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
    /// Draw the time line with its events into this SVG file
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub svg: Option<PathBuf>,
}

impl MonitorArgs {
    /// Whether it is to be a full screen.
    pub fn wants_screen(&self) -> bool {
        !self.json && self.svg.is_none() && out::is_terminal()
    }

    /// What the full screen begins with.
    ///
    /// # Errors
    /// When the recording cannot be read.
    pub fn screen(&self) -> Result<runtime::Watch, Problem> {
        let replay = self.replay.as_deref().map(read).transpose()?;
        Ok(runtime::Watch { group: self.group.clone(), record: self.record.clone(), replay })
    }
}

/// Runs the command without a full screen.
///
/// # Errors
/// When there is no such group, it cannot be read, or a file cannot be written.
pub async fn run(config: &Config, args: &MonitorArgs) -> Result<u8, Problem> {
    if let Some(path) = &args.replay {
        let snapshots = read(path)?;
        let history = History::of(&snapshots);
        if let Some(to) = &args.svg {
            return save(to, &history, config.lang);
        }
        if args.json {
            for snapshot in &snapshots {
                if !print(&record::line(snapshot, None)) {
                    break;
                }
            }
            return Ok(0);
        }
        tell(&history, config.lang, "");
        return Ok(0);
    }
    let engine = open(config).await?;
    let name = match &args.group {
        Some(name) => name.clone(),
        None => only_group(&engine).await?,
    };
    tokio::select! {
        result = watch(config, args, &engine, name) => result,
        _ = tokio::signal::ctrl_c() => Ok(130),
    }
}

async fn watch(config: &Config, args: &MonitorArgs, engine: &Engine, name: String) -> Result<u8, Problem> {
    let mut kept = args.record.as_deref().map(recording).transpose()?;
    let region = engine.facts().scope.home.clone();
    let mut history = History::new(&name);
    loop {
        let look = Look::next(&history, engine.now(), Metric::Cpu);
        match engine.watch(&look).await {
            Ok(snapshot) => {
                history.note(&look, snapshot.at);
                history.merge(&snapshot);
                if snapshot.missing && history.group.is_none() {
                    return Err(missing(&name, &region));
                }
                let price = |kind: &str| Prices::bundled().item(&format!("instance-hour.{kind}"), &region);
                let line =
                    record::line(&snapshot, Some(record::summary(&history, history.moment(None).cost_per_hour(price))));
                if let Some((path, file)) = &mut kept {
                    writeln!(file, "{line}").map_err(|error| unwritable(path, &error))?;
                }
                if args.json && !print(&line) {
                    return Ok(0);
                }
            }
            // Asked to slow down, or not reached for a moment: the next refresh may do better.
            Err(problem) if matches!(problem.kind, ProblemKind::Throttled | ProblemKind::Network) && args.json => {
                history.slow_down();
                eprintln!("awslab: {}", problem.render(config.lang));
            }
            Err(problem) => return Err(problem),
        }
        if !args.json && history.traffic.looks >= ENOUGH {
            if let Some(to) = &args.svg {
                return save(to, &history, config.lang);
            }
            tell(&history, config.lang, &region);
            return Ok(0);
        }
        tokio::time::sleep(rest(&history, engine.speed())).await;
    }
}

/// Real time until the next refresh.
fn rest(history: &History, speed: Option<f64>) -> Duration {
    let cloud = Duration::from_millis(u64::try_from(pause(history)).unwrap_or(0));
    let real = match speed {
        Some(speed) if speed > 0.0 => cloud.div_f64(speed),
        _ => cloud,
    };
    real.max(LEAST)
}

async fn only_group(engine: &Engine) -> Result<String, Problem> {
    let mut groups = engine.groups().await?;
    match groups.len() {
        0 => Err(Problem::new(
            ProblemKind::NotFound,
            "이 리전에는 Auto Scaling 그룹이 없습니다",
            "There is no Auto Scaling group in this region",
        )
        .hint("6.7에서 그룹을 만드세요: awslab run 6.7", "Make one in 6.7: awslab run 6.7")),
        1 => Ok(groups.remove(0).name),
        _ => {
            let names: Vec<String> = groups.into_iter().map(|group| group.name).collect();
            Err(Problem::new(
                ProblemKind::Usage,
                "Auto Scaling 그룹이 여럿입니다",
                "There are several Auto Scaling groups",
            )
            .because(names.join(", "), names.join(", "))
            .hint("하나를 골라 주세요: awslab monitor 이름", "Name one: awslab monitor NAME"))
        }
    }
}

fn missing(name: &str, region: &str) -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        format!("{name} 그룹이 {region} 리전에 없습니다"),
        format!("There is no group {name} in {region}"),
    )
    .hint(
        "이름 없이 awslab monitor를 실행하면 있는 그룹을 보여 줍니다",
        "Run awslab monitor without a name to see which exist",
    )
}

fn unwritable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(
        ProblemKind::Usage,
        format!("{} 파일에 쓸 수 없습니다", path.display()),
        format!("{} cannot be written", path.display()),
    )
    .because(error.to_string(), error.to_string())
}

/// The file of a recording, to be appended to.
///
/// # Errors
/// When it cannot be written.
fn recording(path: &Path) -> Result<(PathBuf, File), Problem> {
    let file = crate::paths::append_lines(path).map_err(|error| unwritable(path, &error))?;
    Ok((path.to_owned(), file))
}

fn read(path: &Path) -> Result<Vec<Snapshot>, Problem> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Problem::new(ProblemKind::Usage, format!("{name} 파일을 읽을 수 없습니다"), format!("{name} cannot be read"))
            .because(error.to_string(), error.to_string())
    })?;
    record::read(&name, &text)
}

fn save(to: &Path, history: &History, lang: Lang) -> Result<u8, Problem> {
    let zone = jiff::tz::TimeZone::system();
    let offset = jiff::Timestamp::from_millisecond(history.at).map_or(0, |now| zone.to_offset(now).seconds());
    let picture = svg::Picture::whole(history, lang, offset);
    std::fs::write(to, svg::draw(history, picture)).map_err(|error| unwritable(to, &error))?;
    out::line(to.display().to_string());
    Ok(0)
}

/// Prints a line; `false` when the reader has gone away.
fn print(line: &str) -> bool {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).is_ok()
}

/// The group in a few lines, for a person without a full screen.
fn tell(history: &History, lang: Lang, region: &str) {
    let moment = history.moment(None);
    let sizes = moment.sizes();
    let [healthy, targets] = moment.healthy();
    let price = |kind: &str| Prices::bundled().item(&format!("instance-hour.{kind}"), region);
    let cost = out::usd(moment.cost_per_hour(price));
    let (name, time) = (&history.name, out::time(history.at));
    let (min, desired, max) = (sizes.min, sizes.desired, sizes.max);
    out::line(format!("{name}  min {min}  desired {desired}  max {max}  {cost}/h  {time}"));
    let counts = Text::new(
        format!("서비스 중 {}  준비 중 {}  정상 대상 {healthy}/{targets}", sizes.in_service, sizes.pending),
        format!("in service {}  pending {}  healthy targets {healthy}/{targets}", sizes.in_service, sizes.pending),
    );
    out::line(counts.get(lang));
    for (alarm, filling) in moment.fillings() {
        let (state, next) = (filling.state.word(), filling.next.get(lang));
        out::line(format!("{state:<17} {}  {}/{}  {next}", alarm.name, filling.breaching, filling.needed));
    }
    for id in moment.ids() {
        let Some(row) = moment.row(id) else { continue };
        let cpu = row.cpu.map_or_else(|| "-".to_owned(), |cpu| format!("{cpu:.0} %"));
        let target = if row.state.target.is_empty() { "-" } else { row.state.target.as_str() };
        out::line(format!("{id}  {}  {}  {target}  {cpu}", row.past.zone, row.state.lifecycle));
    }
    for activity in moment.activities().iter().take(5) {
        let message = if activity.failed() { format!("  {}", activity.message) } else { String::new() };
        out::line(format!("{}  {:<12} {}{message}", out::time(activity.start), activity.status, activity.description));
    }
    for trouble in &history.problems {
        out::line(format!("{}: {}", trouble.action, trouble.problem.title.get(lang)));
    }
}
