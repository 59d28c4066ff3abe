//! What resources cost: the dated prices of `assets/prices.toml`, by region.
//!
//! Amounts are USD before tax. A region that is not listed is priced like the stand-in of the file.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::kind::Priced;

const HOURS_PER_MONTH: f64 = 730.0;
const MS_PER_HOUR: f64 = 3_600_000.0;

/// A list of prices.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Prices {
    /// When they were looked up: `2026-10-01`.
    pub date: String,
    #[serde(rename = "stand-in")]
    stand_in: String,
    #[serde(flatten)]
    regions: BTreeMap<String, BTreeMap<String, f64>>,
}

static BUNDLED: LazyLock<Prices> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/prices.toml")).unwrap_or_default());

impl Prices {
    /// The prices inside the program.
    pub fn bundled() -> &'static Self {
        &BUNDLED
    }

    /// USD an hour for some priced parts; a part that has no price counts nothing.
    pub fn hourly(&self, parts: &[Priced], region: &str) -> f64 {
        parts.iter().filter_map(|part| Some(self.item(&part.item, region)? * part.count)).sum()
    }

    /// USD an hour for one item.
    pub fn item(&self, item: &str, region: &str) -> Option<f64> {
        let price = self
            .regions
            .get(region)
            .and_then(|prices| prices.get(item))
            .or_else(|| self.regions.get(&self.stand_in)?.get(item))?;
        Some(if item.ends_with("-month") { price / HOURS_PER_MONTH } else { *price })
    }
}

/// USD for a time span, given in milliseconds, at a price per hour.
pub fn so_far(per_hour: f64, from: i64, to: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a course fit well into a float")]
    let hours = (to - from).max(0) as f64 / MS_PER_HOUR;
    per_hour * hours
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn bundled_prices_are_read_and_dated() {
        let prices = Prices::bundled();
        assert_eq!(prices.date, "2026-10-01");
        assert!((prices.item("nat-gateway-hour", "ap-northeast-2").unwrap() - 0.059).abs() < 1e-9);
        assert!((prices.item("nat-gateway-hour", "ap-northeast-1").unwrap() - 0.062).abs() < 1e-9);
        // A region that is not listed is priced like Seoul.
        assert!((prices.item("nat-gateway-hour", "eu-west-1").unwrap() - 0.059).abs() < 1e-9);
    }

    #[test]
    fn months_are_spread_over_hours_and_counts_multiply() {
        let disk = [Priced { item: "gp3-gb-month".into(), count: 8.0 }];
        let hourly = Prices::bundled().hourly(&disk, "ap-northeast-2");
        assert!((hourly * 730.0 - 0.7296).abs() < 1e-6);
        assert!((so_far(0.059, 0, 2 * 3_600_000) - 0.118).abs() < 1e-9);
        assert!(so_far(1.0, 10, 0).abs() < 1e-9);
    }
}
