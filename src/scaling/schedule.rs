//! Scheduled actions: five fields as in Unix cron, and when they next come true.

use jiff::Timestamp;
use jiff::tz::Offset;

/// The minutes, hours, days of the month, months and weekdays of a recurrence, as sets of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Both days of the month and weekdays are restricted: then either will do.
    either_day: bool,
}

const MINUTE_MS: i64 = 60_000;
const DAY_MINUTES: i64 = 24 * 60;
/// A day that comes at all comes within eight years: 29 February across a century.
const HORIZON_DAYS: i64 = 8 * 366 + 1;

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Cron {
    /// Reads `0 22 * * MON-FRI`; none when it is no recurrence.
    pub fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let &[minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let weekday_bits = field(weekdays, 0, 7, &WEEKDAYS, 0)?;
        Some(Self {
            minutes: field(minutes, 0, 59, &[], 0)?,
            hours: field(hours, 0, 23, &[], 0)?,
            days: field(days, 1, 31, &[], 0)?,
            months: field(months, 1, 12, &MONTHS, 1)?,
            // 7 is Sunday too.
            weekdays: (weekday_bits | weekday_bits >> 7) & 0x7f,
            either_day: !days.starts_with('*') && !weekdays.starts_with('*'),
        })
    }

    /// The first moment after `after` (ms since the epoch) at which it is due, in a zone `offset` seconds east of UTC; none when it never is
    /// (30 February).
    pub fn next(&self, after: i64, offset: i32) -> Option<i64> {
        let shift = i64::from(offset) * 1000;
        let minute = (after + shift).div_euclid(MINUTE_MS) + 1;
        let (mut day, mut begin) = (minute.div_euclid(DAY_MINUTES), minute.rem_euclid(DAY_MINUTES));
        let last = day + HORIZON_DAYS;
        while day <= last {
            if self.has_day(day)? {
                let found = (begin..DAY_MINUTES).find(|at| has(self.hours, at / 60) && has(self.minutes, at % 60));
                if let Some(found) = found {
                    return Some((day * DAY_MINUTES + found) * MINUTE_MS - shift);
                }
            }
            (day, begin) = (day + 1, 0);
        }
        None
    }

    /// Whether it is due on a day, counted from the epoch.
    fn has_day(&self, day: i64) -> Option<bool> {
        let moment = Timestamp::from_second(day.checked_mul(DAY_MINUTES * 60)?).ok()?;
        let date = Offset::UTC.to_datetime(moment).date();
        let of_month = has(self.days, i64::from(date.day()));
        let of_week = has(self.weekdays, i64::from(date.weekday().to_sunday_zero_offset()));
        let fits = if self.either_day { of_month || of_week } else { of_month && of_week };
        Some(fits && has(self.months, i64::from(date.month())))
    }
}

fn has(bits: u64, index: i64) -> bool {
    bits >> index & 1 == 1
}

/// One field: `*`, `5`, `1-5`, `*/15`, `MON,WED`, and lists of them.
fn field(text: &str, low: u32, high: u32, names: &[&str], first: u32) -> Option<u64> {
    let number = |word: &str| -> Option<u32> {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(word));
        let value = match named {
            Some(index) => u32::try_from(index).ok()? + first,
            None => word.parse().ok()?,
        };
        (low..=high).contains(&value).then_some(value)
    };
    let mut bits = 0;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (low, high),
            Some((from, to)) => (number(from)?, number(to)?),
            None if step > 1 => (number(range)?, high),
            None => (number(range)?, number(range)?),
        };
        if from > to {
            return None;
        }
        for value in (from..=to).step_by(step) {
            bits |= 1 << value;
        }
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn next(cron: &str, after: &str, offset: i32) -> String {
        let after: Timestamp = after.parse().unwrap();
        let at = Cron::parse(cron).unwrap().next(after.as_millisecond(), offset).unwrap();
        Timestamp::from_millisecond(at).unwrap().to_string()
    }

    #[test]
    fn the_next_time() {
        // 2026-11-22 is a Sunday.
        let table = [
            ("30 0 1 1,6,12 *", "2026-11-22T10:00:00Z", "2026-12-01T00:30:00Z"),
            ("*/5 * * * *", "2026-11-22T10:00:00Z", "2026-11-22T10:05:00Z"),
            ("*/5 * * * *", "2026-11-22T10:04:59.999Z", "2026-11-22T10:05:00Z"),
            ("0 9 * * MON-FRI", "2026-11-22T10:00:00Z", "2026-11-23T09:00:00Z"),
            ("0 9 * * 7", "2026-11-22T10:00:00Z", "2026-11-29T09:00:00Z"),
            // Either the first of a month, or a Wednesday.
            ("0 0 1 * WED", "2026-11-22T10:00:00Z", "2026-11-25T00:00:00Z"),
            ("0 0 29 2 *", "2026-11-22T10:00:00Z", "2028-02-29T00:00:00Z"),
        ];
        for (cron, after, wanted) in table {
            assert_eq!(next(cron, after, 0), wanted, "{cron}");
        }
        // 09:00 in Seoul is midnight in UTC.
        assert_eq!(next("0 9 * * *", "2026-11-22T10:00:00Z", 9 * 3600), "2026-11-23T00:00:00Z");
    }

    #[test]
    fn what_is_no_recurrence() {
        for text in ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "5-1 * * * *", "*/0 * * * *", "x * * * *"]
        {
            assert_eq!(Cron::parse(text), None, "{text}");
        }
        assert_eq!(Cron::parse("0 0 30 2 *").unwrap().next(0, 0), None);
    }
}
