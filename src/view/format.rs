//! Money, times and durations as people read them.
//!
//! Promises: the same amount always looks the same. Leaves to others: what time it is, and in which zone.

use crate::i18n::{Lang, label};

/// A price per hour: `$0.00/h`, `$0.064/h`.
pub fn per_hour(usd: f64) -> String {
    format!("{}/h", money(usd))
}

/// An amount: `$0.00`, `$0.012`, `$3.60`.
pub fn money(usd: f64) -> String {
    // Less than half a thousandth shows as nothing; -0.0 must not show a sign.
    if usd.abs() < 0.0005 {
        "$0.00".to_owned()
    } else if usd.abs() < 1.0 {
        format!("${usd:.3}")
    } else {
        format!("${usd:.2}")
    }
}

/// A time of day, `14:03:20`, from milliseconds since the Unix epoch and the zone's offset in seconds.
pub fn clock(millis: i64, offset_seconds: i32) -> String {
    let seconds = millis.div_euclid(1000) + i64::from(offset_seconds);
    let day = seconds.rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", day / 3600, day / 60 % 60, day % 60)
}

/// A duration on a running clock: `0:07`, `1:12`, `1:02:03`.
pub fn elapsed(millis: u64) -> String {
    let seconds = millis / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A duration as a word: `45초`, `2분`, `1시간 30분` / `45 s`, `2 min`, `1 h 30 min`. Seconds go once it is a minute
/// and a half or more.
pub fn roughly(lang: Lang, millis: u64) -> String {
    let seconds = millis.div_ceil(1000);
    let minutes = (seconds + 30) / 60;
    let word = |count: u64, key: &'static str| label(lang, key).replace("{n}", &count.to_string());
    if seconds < 90 && seconds != 60 {
        word(seconds, "time.seconds")
    } else if minutes < 60 {
        word(minutes, "time.minutes")
    } else if minutes.is_multiple_of(60) {
        word(minutes / 60, "time.hours")
    } else {
        format!("{} {}", word(minutes / 60, "time.hours"), word(minutes % 60, "time.minutes"))
    }
}

/// How long a request took: `84 ms`, `1.2 s`.
pub fn latency(millis: u64) -> String {
    if millis < 1000 { format!("{millis} ms") } else { format!("{}.{} s", millis / 1000, millis % 1000 / 100) }
}

/// A label with its slots filled: `fill("{n}개", &[("n", "3")])`.
pub fn fill(pattern: &str, values: &[(&str, &str)]) -> String {
    let mut out = pattern.to_owned();
    for (name, value) in values {
        out = out.replace(&format!("{{{name}}}"), value);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_short_and_zero_is_plain() {
        assert_eq!(per_hour(0.0), "$0.00/h");
        assert_eq!(per_hour(-0.0), "$0.00/h");
        assert_eq!(per_hour(0.064), "$0.064/h");
        assert_eq!(money(3.6), "$3.60");
    }

    #[test]
    fn times() {
        assert_eq!(clock(1_795_300_000_000, 9 * 3600), "07:26:40");
        assert_eq!(clock(-1000, 0), "23:59:59");
        assert_eq!(elapsed(72_000), "1:12");
        assert_eq!(elapsed(3_723_000), "1:02:03");
        assert_eq!(latency(84), "84 ms");
        assert_eq!(latency(1234), "1.2 s");
    }

    #[test]
    fn durations_as_words() {
        assert_eq!(roughly(Lang::Ko, 120_000), "2분");
        assert_eq!(roughly(Lang::Ko, 45_000), "45초");
        assert_eq!(roughly(Lang::En, 60_000), "1 min");
        assert_eq!(roughly(Lang::En, 5_400_000), "1 h 30 min");
    }
}
