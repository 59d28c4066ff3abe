//! `awslab tool tls`, `awslab tool tls tls1.3 --rtt 150`.

use clap::Args;
use serde_json::json;

use crate::i18n::Lang;
use crate::lesson::tls::{Handshake, Keys, Layer, Side};
use crate::problem::Problem;

use super::{Answer, chosen, pick, say, table, whole_rtt};

#[derive(Debug, Clone, Args)]
pub(super) struct TlsArgs {
    /// tls1.2, tls1.3, tls1.2-resumed, tls1.3-resumed, tls1.3-0rtt or http3 [default: all, compared]
    handshake: Option<String>,
    /// The round trip in milliseconds
    #[arg(long, value_name = "MS", default_value = "150")]
    rtt: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

const fn keys(keys: Keys) -> (&'static str, (&'static str, &'static str)) {
    match keys {
        Keys::Clear => ("none", ("평문", "clear")),
        Keys::Handshake => ("handshake", ("핸드셰이크 키", "handshake keys")),
        Keys::Early => ("early", ("예전 연결의 키", "earlier keys")),
        Keys::Connection => ("connection", ("연결 키", "session keys")),
    }
}

pub(super) fn answer(args: &TlsArgs, lang: Lang) -> Result<Answer, Problem> {
    let rtt = whole_rtt(&args.rtt)?;
    let names = Handshake::ALL.map(Handshake::name);
    let one = args.handshake.as_deref().map(|name| chosen(name, &names).map(|at| Handshake::ALL[at])).transpose()?;
    let shown: Vec<Handshake> = one.map_or_else(|| Handshake::ALL.to_vec(), |one| vec![one]);
    let half = |halves: u32| f64::from(halves) * f64::from(rtt) / 2.0;
    let object = shown.iter().map(|handshake| {
        let sum = handshake.sum();
        let messages: Vec<_> = handshake
            .messages()
            .iter()
            .map(|message| {
                json!({
                    "from": if message.from == Side::Client { "client" } else { "server" },
                    "layer": match message.layer { Layer::Tcp => "tcp", Layer::Tls => "tls", Layer::Http => "http" },
                    "name": message.name,
                    "encrypted_with": keys(message.keys).0,
                    "leaves_ms": half(message.leaves),
                    "arrives_ms": half(message.arrives()),
                })
            })
            .collect();
        json!({
            "name": handshake.name(),
            "round_trips": { "tcp": sum.tcp, "tls": sum.tls, "response": sum.response },
            "response_ms": sum.response * rtt,
            "messages": messages,
        })
    });
    let object = json!({ "rtt_ms": rtt, "handshakes": object.collect::<Vec<_>>() });
    let mut lines = Vec::new();
    match one {
        None => {
            let rows: Vec<(&str, String)> = shown
                .iter()
                .map(|handshake| {
                    let sum = handshake.sum();
                    let text = match lang {
                        Lang::Ko => format!(
                            "TCP {} + TLS {}, 첫 응답까지 왕복 {}번 = {} ms   ({})",
                            sum.tcp,
                            sum.tls,
                            sum.response,
                            sum.response * rtt,
                            handshake.name()
                        ),
                        Lang::En => format!(
                            "TCP {} + TLS {}, response after {} round trips = {} ms   ({})",
                            sum.tcp,
                            sum.tls,
                            sum.response,
                            sum.response * rtt,
                            handshake.name()
                        ),
                    };
                    (pick(lang, handshake.words()), text)
                })
                .collect();
            lines.extend(table(&rows));
        }
        Some(handshake) => {
            lines.push(pick(lang, handshake.words()).to_owned());
            for message in handshake.messages() {
                let arrow = if message.from == Side::Client { "-->" } else { "<--" };
                lines.push(format!(
                    "{:>6} ms  {arrow} {:<19}  {}  {}",
                    half(message.leaves),
                    message.name,
                    crate::view::text::pad(pick(lang, keys(message.keys).1), 14),
                    pick(lang, message.what)
                ));
            }
            let sum = handshake.sum();
            lines.push(match lang {
                Lang::Ko => format!(
                    "왕복: TCP {} + TLS {}, 첫 응답까지 {}번 = {} ms",
                    sum.tcp,
                    sum.tls,
                    sum.response,
                    sum.response * rtt
                ),
                Lang::En => format!(
                    "Round trips: TCP {} + TLS {}, response after {} = {} ms",
                    sum.tcp,
                    sum.tls,
                    sum.response,
                    sum.response * rtt
                ),
            });
            lines.push(say(lang, handshake.note().0, handshake.note().1).to_owned());
        }
    }
    Ok(Answer { ok: true, lines, json: object })
}
