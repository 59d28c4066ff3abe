//! `awslab tool transfer 10GB 100Mbps`.

use clap::Args;
use serde_json::json;

use crate::i18n::Lang;
use crate::lesson::transfer::{
    Limit, Transfer, binary, bits, decimal, parse_connections, parse_rate, parse_rtt, parse_size, rate, time,
};
use crate::problem::Problem;

use super::{Answer, say, table};

#[derive(Debug, Clone, Args)]
pub(super) struct TransferArgs {
    /// How much: 10GB, 500MiB, 8Gb (b is bits, B bytes)
    #[arg(default_value = "5GB")]
    size: String,
    /// Over what: 100Mbps, 1Gbps, 12.5MB/s
    #[arg(default_value = "1Gbps")]
    bandwidth: String,
    /// The round trip in milliseconds
    #[arg(long, value_name = "MS", default_value = "0")]
    rtt: String,
    /// The TCP window: 64KiB
    #[arg(long, value_name = "SIZE")]
    window: Option<String>,
    /// How many connections share the work
    #[arg(long, value_name = "N", default_value = "1")]
    connections: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn answer(args: &TransferArgs, lang: Lang) -> Result<Answer, Problem> {
    let read = |text: &str| parse_size(text.trim()).map_err(|fault| fault.problem());
    let window = args.window.as_deref().map(read).transpose()?;
    let transfer = Transfer {
        bytes: read(&args.size)?,
        bandwidth: parse_rate(args.bandwidth.trim()).map_err(|fault| fault.problem())?,
        rtt: parse_rtt(&args.rtt).map_err(|fault| fault.problem())?,
        window,
        connections: parse_connections(&args.connections).map_err(|fault| fault.problem())?,
    };
    let limit = if transfer.limit() == Limit::Window { "window" } else { "bandwidth" };
    let object = json!({
        "bytes": transfer.bytes,
        "bits": transfer.bytes * 8.0,
        "bandwidth_bps": transfer.bandwidth,
        "rtt_ms": transfer.rtt,
        "window_bytes": transfer.window,
        "connections": transfer.connections,
        "reached_bps": transfer.rate(),
        "limit": limit,
        "window_that_fills_bytes": transfer.needed_window(),
        "seconds": transfer.seconds(),
    });
    let told = |seconds: f64| {
        let (ko, en) = time(seconds);
        if lang == Lang::Ko { ko } else { en }
    };
    let limited = match transfer.limit() {
        Limit::Bandwidth => say(lang, "회선을 가득 씁니다", "the line is full"),
        Limit::Window => say(lang, "TCP 윈도가 막습니다", "the TCP window holds it back"),
    };
    let mut rows = vec![
        (say(lang, "걸리는 시간", "Time"), told(transfer.seconds())),
        (say(lang, "실제 속도", "Reached"), format!("{} ({limited})", rate(transfer.rate()))),
        (
            say(lang, "크기", "Size"),
            format!("{} = {} = {}", decimal(transfer.bytes), binary(transfer.bytes), bits(transfer.bytes)),
        ),
        (
            say(lang, "대역폭", "Bandwidth"),
            format!("{} = {}/s", rate(transfer.bandwidth), decimal(transfer.bandwidth / 8.0)),
        ),
    ];
    if transfer.rtt > 0.0 {
        rows.push((say(lang, "회선을 채우는 윈도", "Window that fills"), binary(transfer.needed_window())));
    }
    Ok(Answer { ok: true, lines: table(&rows), json: object })
}
