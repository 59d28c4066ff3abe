//! How long a transfer takes: size, bandwidth, and what the window of one TCP connection allows over a distance.
//!
//! Promises: bits and bytes, decimal and binary units are kept apart; the time is that of a steady flow (no slow start, no
//! loss, no headers). Leaves to others: what a transfer costs.

use super::Fault;

/// A transfer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transfer {
    /// How many bytes.
    pub bytes: f64,
    /// Bits a second.
    pub bandwidth: f64,
    /// Round trip in milliseconds.
    pub rtt: f64,
    /// The TCP window in bytes; `None` is one that never limits.
    pub window: Option<f64>,
    /// How many connections share the work.
    pub connections: u32,
}

impl Default for Transfer {
    fn default() -> Self {
        Self { bytes: 5e9, bandwidth: 1e9, rtt: 200.0, window: None, connections: 1 }
    }
}

/// What holds a transfer back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The line.
    Bandwidth,
    /// The window: so much may be under way before an acknowledgement must come back.
    Window,
}

impl Transfer {
    /// What the windows of all connections allow, bits a second; `None` when nothing is held back.
    pub fn window_rate(&self) -> Option<f64> {
        let window = self.window.filter(|_| self.rtt > 0.0)?;
        Some(window * 8.0 * f64::from(self.connections.max(1)) / (self.rtt / 1000.0))
    }

    /// Bits a second that are reached.
    pub fn rate(&self) -> f64 {
        self.window_rate().map_or(self.bandwidth, |rate| rate.min(self.bandwidth))
    }

    /// What holds it back.
    pub fn limit(&self) -> Limit {
        if self.window_rate().is_some_and(|rate| rate < self.bandwidth) { Limit::Window } else { Limit::Bandwidth }
    }

    /// Seconds until everything is there.
    pub fn seconds(&self) -> f64 {
        self.bytes * 8.0 / self.rate()
    }

    /// Seconds that one would expect who takes bytes for bits.
    pub fn naive_seconds(&self) -> f64 {
        self.bytes / self.bandwidth
    }

    /// The window that fills the line: bandwidth times round trip, in bytes.
    pub fn needed_window(&self) -> f64 {
        self.bandwidth / 8.0 * (self.rtt / 1000.0)
    }
}

const SIZES: [(&str, f64); 13] = [
    ("B", 1.0),
    ("KB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("KiB", 1_024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("Kb", 125.0),
    ("Mb", 125_000.0),
    ("Gb", 125_000_000.0),
    ("Tb", 125_000_000_000.0),
];

const RATES: [(&str, f64); 12] = [
    ("bps", 1.0),
    ("Kbps", 1e3),
    ("Mbps", 1e6),
    ("Gbps", 1e9),
    ("Tbps", 1e12),
    ("Mbit/s", 1e6),
    ("Gbit/s", 1e9),
    ("B/s", 8.0),
    ("KB/s", 8e3),
    ("MB/s", 8e6),
    ("GB/s", 8e9),
    ("MiB/s", 8_388_608.0),
];

/// Reads a number and its unit. A unit is taken as it is written; where only the case differs and one unit could be meant,
/// it is that one.
fn parse(text: &str, units: &[(&str, f64)], example: &str) -> Result<f64, Fault> {
    let at = text.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(text.len());
    let (digits, rest) = text.split_at(at);
    let number = digits.parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0).ok_or_else(|| {
        Fault::new(text, 0..at, "0보다 큰 숫자로 시작해야 합니다", "It must begin with a number above 0")
            .mend(format!("이렇게 씁니다: {example}"), format!("Write it like this: {example}"))
    })?;
    let unit = rest.trim();
    let start = text.len() - rest.trim_start().len();
    let place = start..start + unit.len();
    let names = units.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    if let Some((_, each)) = units.iter().find(|(name, _)| *name == unit) {
        return Ok(number * each);
    }
    let close: Vec<&(&str, f64)> = units.iter().filter(|(name, _)| name.eq_ignore_ascii_case(unit)).collect();
    match close.as_slice() {
        [(_, each)] => Ok(number * each),
        [] if unit.is_empty() => Err(Fault::new(text, place, "단위가 없습니다", "The unit is missing")
            .mend(format!("{names} 중 하나를 붙이세요"), format!("Add one of {names}"))),
        [] => Err(Fault::new(text, place, format!("모르는 단위입니다: `{unit}`"), format!("No unit `{unit}`"))
            .mend(format!("{names} 중 하나입니다"), format!("It is one of {names}"))),
        several => {
            let names = several.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" · ");
            Err(Fault::new(text, place, "비트인지 바이트인지 알 수 없습니다", "It could be bits or bytes").mend(
                format!("대소문자를 맞춰 주세요: {names} (b 비트, B 바이트)"),
                format!("Mind the case: {names} (b is bits, B bytes)"),
            ))
        }
    }
}

/// Reads a size: `10GB`, `500 MiB`, `8Gb`. Gives bytes.
///
/// # Errors
/// The place of the mistake.
pub fn parse_size(text: &str) -> Result<f64, Fault> {
    if text.ends_with("ps") || text.ends_with("/s") {
        return Err(Fault::new(text, 0..text.len(), "크기가 아니라 속도입니다", "This is a speed, not a size")
            .mend("크기는 10GB처럼 씁니다", "A size is written like 10GB"));
    }
    parse(text, &SIZES, "10GB")
}

/// Reads a bandwidth: `100Mbps`, `1Gbps`, `12.5MB/s`. Gives bits a second.
///
/// # Errors
/// The place of the mistake.
pub fn parse_rate(text: &str) -> Result<f64, Fault> {
    let units = SIZES.iter().any(|(name, _)| text.ends_with(name));
    if units && !text.ends_with("/s") {
        return Err(Fault::new(text, 0..text.len(), "속도가 아니라 크기입니다", "This is a size, not a speed")
            .mend("속도는 100Mbps나 12.5MB/s처럼 씁니다", "A speed is written like 100Mbps or 12.5MB/s"));
    }
    parse(text, &RATES, "100Mbps")
}

/// Reads a round trip in milliseconds: `35`, `35 ms`.
///
/// # Errors
/// It is not a number from 0 to 60000.
pub fn parse_rtt(text: &str) -> Result<f64, Fault> {
    let number = text.trim().trim_end_matches("ms").trim_end();
    number.parse::<f64>().ok().filter(|ms| (0.0..=60_000.0).contains(ms)).ok_or_else(|| {
        Fault::new(text, 0..text.len(), "왕복 시간이 아닙니다", "This is not a round trip")
            .mend("0부터 60000까지의 밀리초로 씁니다: 35", "Write milliseconds, 0 to 60000: 35")
    })
}

/// Reads a number of connections.
///
/// # Errors
/// It is not a whole number from 1 to 1000.
pub fn parse_connections(text: &str) -> Result<u32, Fault> {
    text.trim().parse::<u32>().ok().filter(|count| (1..=1000).contains(count)).ok_or_else(|| {
        Fault::new(text, 0..text.len(), "연결의 수가 아닙니다", "This is not a number of connections")
            .mend("1부터 1000까지입니다", "It is 1 to 1000")
    })
}

/// A number with three digits that count: `1.25`, `40`, `931`.
fn short(value: f64) -> String {
    let digits = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn scaled(value: f64, base: f64, names: &[&str]) -> String {
    let mut value = value;
    let mut at = 0;
    while value >= base && at + 1 < names.len() {
        value /= base;
        at += 1;
    }
    format!("{} {}", short(value), names.get(at).copied().unwrap_or_default())
}

/// Bytes in decimal units: `5 GB`.
pub fn decimal(bytes: f64) -> String {
    scaled(bytes, 1e3, &["B", "KB", "MB", "GB", "TB"])
}

/// Bytes in binary units: `4.66 GiB`.
pub fn binary(bytes: f64) -> String {
    scaled(bytes, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB"])
}

/// Bytes as bits: `40 Gb`.
pub fn bits(bytes: f64) -> String {
    scaled(bytes * 8.0, 1e3, &["b", "Kb", "Mb", "Gb", "Tb"])
}

/// Bits a second: `100 Mbps`.
pub fn rate(bits: f64) -> String {
    scaled(bits, 1e3, &["bps", "Kbps", "Mbps", "Gbps", "Tbps"])
}

/// Seconds: `40 s`, `6 min 40 s`, `4 h 19 min`, `2 d 3 h`; Korean likewise.
pub fn time(seconds: f64) -> (String, String) {
    if seconds < 1.0 {
        let text = format!("{} ms", short(seconds * 1000.0));
        return (text.clone(), text);
    }
    if seconds < 60.0 {
        return (format!("{}초", short(seconds)), format!("{} s", short(seconds)));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "above 60 and held")]
    let whole = seconds.round().min(1e15) as u64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60);
    let pair = |large: u64, small: u64, ko: (&str, &str), en: (&str, &str)| {
        if small == 0 {
            (format!("{large}{}", ko.0), format!("{large} {}", en.0))
        } else {
            (format!("{large}{} {small}{}", ko.0, ko.1), format!("{large} {} {small} {}", en.0, en.1))
        }
    };
    if days > 0 {
        pair(days, hours, ("일", "시간"), ("d", "h"))
    } else if hours > 0 {
        pair(hours, minutes, ("시간", "분"), ("h", "min"))
    } else {
        pair(minutes, whole % 60, ("분", "초"), ("min", "s"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() <= 1e-9 * one.abs().max(other.abs())
    }

    #[test]
    fn bits_and_bytes() {
        let transfer = Transfer { rtt: 0.0, ..Transfer::default() };
        assert!(close(transfer.seconds(), 40.0), "5 GB at 1 Gbps");
        assert!(close(transfer.naive_seconds(), 5.0));
        let slow = Transfer { bytes: 10e9, bandwidth: 100e6, ..transfer };
        assert!(close(slow.seconds(), 800.0));
        assert_eq!(time(800.0), ("13분 20초".to_owned(), "13 min 20 s".to_owned()));
        assert_eq!((decimal(5e9), binary(5e9), bits(5e9)), ("5 GB".into(), "4.66 GiB".into(), "40 Gb".into()));
    }

    #[test]
    fn a_window_over_a_distance() {
        let far = Transfer { window: Some(65_536.0), ..Transfer::default() };
        assert_eq!(rate(far.rate()), "2.62 Mbps");
        assert_eq!(far.limit(), Limit::Window);
        assert!(close(far.needed_window(), 25e6));
        let filled = Transfer { window: Some(far.needed_window()), ..far };
        assert_eq!(filled.limit(), Limit::Bandwidth);
        let several = Transfer { connections: 4, ..far };
        assert!(close(several.rate(), 4.0 * far.rate()));
    }

    #[test]
    fn units_are_read() {
        for (text, bytes) in
            [("10GB", 10e9), ("10 GiB", 10.0 * 1_073_741_824.0), ("8Gb", 1e9), ("1.5mib", 1.5 * 1_048_576.0)]
        {
            assert!(close(parse_size(text).unwrap(), bytes), "{text}");
        }
        for (text, bits) in [("100Mbps", 100e6), ("1gbps", 1e9), ("12.5MB/s", 100e6)] {
            assert!(close(parse_rate(text).unwrap(), bits), "{text}");
        }
        for (text, marked) in [
            ("10", ""),
            ("GB", ""),
            ("10XB", "XB"),
            ("10gb", "gb"),
            ("0GB", "0"),
            ("1.2.3GB", "1.2.3"),
            ("10Mbps", "10Mbps"),
        ] {
            let fault = parse_size(text).unwrap_err();
            assert_eq!(fault.input.get(fault.at.clone()), Some(marked), "{text}");
        }
        assert!(parse_rate("100MB").is_err() && parse_rate("fast").is_err());
    }

    proptest! {
        #[test]
        fn more_bytes_take_longer_and_more_line_never_does(
            bytes in 1.0f64..1e13, bandwidth in 1e3f64..1e12, rtt in 0.0f64..1000.0, window in 1e3f64..1e9,
        ) {
            let transfer = Transfer { bytes, bandwidth, rtt, window: Some(window), connections: 1 };
            let flow = transfer.seconds();
            prop_assert!(close(flow * transfer.rate(), bytes * 8.0));
            prop_assert!(transfer.rate() <= bandwidth);
            let twice = Transfer { bytes: bytes * 2.0, ..transfer };
            let wider = Transfer { bandwidth: bandwidth * 2.0, ..transfer };
            let farther = Transfer { rtt: rtt + 10.0, ..transfer };
            prop_assert!(close(twice.seconds(), flow * 2.0));
            prop_assert!(wider.seconds() <= flow);
            prop_assert!(farther.rate() <= transfer.rate());
        }

        #[test]
        fn any_text_is_read_or_refused_at_a_place_in_it(text in "[0-9.a-zA-Z/ 가]{0,12}") {
            for fault in [parse_size(&text).err(), parse_rate(&text).err()].into_iter().flatten() {
                prop_assert!(text.get(fault.at.clone()).is_some(), "{:?}", fault);
            }
        }
    }
}
