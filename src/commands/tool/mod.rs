//! `awslab tool`: what the pictures of chapters 1 and 2 work out, printed without the full screen.
//!
//! Promises: the same values as the pictures (`lesson`), as text in the learner's language or as one JSON object with
//! `"schema": 1`; needs no cloud, no course and no state; what was typed wrong is shown with its place. Exit code 1 when
//! what was worked out is a "no" (an overlap, a packet that does not arrive), as with `awslab check`.

mod cidr;
mod evolution;
mod naming;
mod packet;
mod pillars;
mod plan;
mod tls;
mod transfer;
mod url;

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::i18n::{Lang, Text};
use crate::problem::{Problem, ProblemKind};
use crate::view::text::{pad, width};

use super::out;

/// `awslab tool`
#[derive(Debug, Clone, Args)]
pub struct ToolArgs {
    /// Which one
    #[command(subcommand)]
    what: Tool,
}

#[derive(Debug, Clone, Subcommand)]
enum Tool {
    /// A block of addresses: mask, range, what AWS keeps of it
    Cidr(cidr::CidrArgs),
    /// Subnets of a VPC: overlaps, what lies outside, what is free
    Plan(plan::PlanArgs),
    /// How long a transfer takes: size, bandwidth, window and round trip
    Transfer(transfer::TransferArgs),
    /// A TLS handshake, message by message, with round trips counted
    Tls(tls::TlsArgs),
    /// What happens after a URL is typed, and what each cache saves
    Url(url::UrlArgs),
    /// A packet and its reply through a network ACL and a security group
    Packet(packet::PacketArgs),
    /// The six pillars: measures, questions, shared responsibility
    Pillars(pillars::PillarsArgs),
    /// How an infrastructure grows, and what fails when a part is lost
    Evolution(evolution::EvolutionArgs),
    /// Which names can be changed
    Naming(naming::NamingArgs),
}

/// What a tool found out.
struct Answer {
    /// Whether it is a "yes".
    ok: bool,
    /// As lines of text.
    lines: Vec<String>,
    /// As JSON; the object to which `schema` is added.
    json: Value,
}

impl ToolArgs {
    /// Whether JSON is wanted.
    pub const fn json(&self) -> bool {
        match &self.what {
            Tool::Cidr(args) => args.json,
            Tool::Plan(args) => args.json,
            Tool::Transfer(args) => args.json,
            Tool::Tls(args) => args.json,
            Tool::Url(args) => args.json,
            Tool::Packet(args) => args.json,
            Tool::Pillars(args) => args.json,
            Tool::Evolution(args) => args.json,
            Tool::Naming(args) => args.json,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// What was typed cannot be read; the problem shows the place.
pub fn run(args: &ToolArgs, lang: Lang) -> Result<u8, Problem> {
    let answer = match &args.what {
        Tool::Cidr(args) => cidr::answer(args, lang)?,
        Tool::Plan(args) => plan::answer(args, lang)?,
        Tool::Transfer(args) => transfer::answer(args, lang)?,
        Tool::Tls(args) => tls::answer(args, lang)?,
        Tool::Url(args) => url::answer(args, lang)?,
        Tool::Packet(args) => packet::answer(args, lang)?,
        Tool::Pillars(args) => pillars::answer(args, lang)?,
        Tool::Evolution(args) => evolution::answer(args, lang)?,
        Tool::Naming(args) => naming::answer(args, lang)?,
    };
    if args.json() {
        let mut object = serde_json::Map::new();
        object.insert("schema".to_owned(), 1.into());
        if let Value::Object(found) = answer.json {
            object.extend(found);
        }
        out::json(&Value::Object(object));
    } else {
        answer.lines.iter().for_each(out::line);
    }
    Ok(u8::from(!answer.ok))
}

/// One of two inline texts.
const fn say(lang: Lang, ko: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Ko => ko,
        Lang::En => en,
    }
}

/// A word that stands in the model as Korean and English.
const fn pick(lang: Lang, words: (&'static str, &'static str)) -> &'static str {
    say(lang, words.0, words.1)
}

/// Names and values, the values under each other.
fn table(rows: &[(&str, String)]) -> Vec<String> {
    let widest = rows.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    rows.iter().map(|(name, value)| format!("{}  {value}", pad(name, widest)).trim_end().to_owned()).collect()
}

/// A text in both languages, for JSON that a program in either shows.
fn both(text: &Text) -> Value {
    serde_json::json!({ "ko": text.ko, "en": text.en })
}

/// A word that is not one of those that are known.
fn words(word: &str, known: &[&str]) -> Problem {
    let all = known.join(", ");
    let near = known.iter().find(|other| strsim::damerau_levenshtein(word, other) <= 2);
    let problem =
        Problem::new(ProblemKind::Usage, format!("`{word}`: 모르는 이름입니다"), format!("`{word}` is not known here"));
    let problem = match near {
        Some(near) => problem.hint(format!("혹시 `{near}`인가요?"), format!("Did you mean `{near}`?")),
        None => problem,
    };
    problem.hint(format!("이 가운데 하나입니다: {all}"), format!("It is one of: {all}"))
}

/// Which of the known words it is.
fn chosen(word: &str, known: &[&str]) -> Result<usize, Problem> {
    known.iter().position(|other| *other == word).ok_or_else(|| words(word, known))
}

/// A round trip in whole milliseconds.
fn whole_rtt(text: &str) -> Result<u32, Problem> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 60000")]
    crate::lesson::transfer::parse_rtt(text).map(|ms| ms.round() as u32).map_err(|fault| fault.problem())
}
