//! CPU credits of burstable types: a credit is one processor for one minute.

use serde::{Deserialize, Serialize};

use super::super::catalogue;

const HOUR: f64 = 3_600_000.0;
const MINUTE: f64 = 60_000.0;

/// How a type earns and may spend.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Credits {
    /// Earned an hour.
    hourly: f64,
    /// Given at every start.
    launch: f64,
    /// Keeps what it has while it is stopped.
    keeps: bool,
    /// May go on without credits, for money.
    unlimited: bool,
}

/// What an instance has and owes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// CPUCreditBalance.
    pub balance: f64,
    /// CPUSurplusCreditBalance.
    pub surplus: f64,
    /// CPUSurplusCreditsCharged, all in all.
    pub charged: f64,
}

impl Credits {
    /// Those of a type (`standard` or `unlimited`); none for one that is not burstable.
    pub fn of(instance_type: &str, unlimited: bool) -> Option<Self> {
        let found = catalogue::instance_type(instance_type).filter(|one| one.burstable)?;
        let (family, size) = instance_type.split_once('.')?;
        let old = family == "t2";
        let hourly = match (old, size) {
            (true, "nano") => 3.0,
            (true, "micro") | (false, "nano") => 6.0,
            (true, "small") | (false, "micro") => 12.0,
            (_, "small" | "medium") => 24.0,
            (_, "large") => 36.0,
            _ => return None,
        };
        let launch = if old && !unlimited { 30.0 * f64::from(found.vcpus) } else { 0.0 };
        Some(Self { hourly, launch, keeps: !old, unlimited })
    }

    /// What it can hold, and owe: what it earns in a day.
    fn most(&self) -> f64 {
        24.0 * self.hourly
    }

    /// Earned and spent by the millisecond, in credits.
    fn rate(&self, cores: f64) -> f64 {
        self.hourly / HOUR - cores / MINUTE
    }

    /// What it has when it starts: T2 begins anew, T3 keeps what it had when it was stopped.
    pub(super) fn at_start(&self, first: bool, kept: Spent) -> Spent {
        if self.keeps && !first { kept } else { Spent { balance: self.launch, ..Spent::default() } }
    }

    /// How many processors it may use when it wants to, and when that may change (ms).
    pub(super) fn allow(&self, wanted: f64, spent: Spent, at: i64) -> (f64, Option<i64>) {
        let baseline = self.hourly / 60.0;
        if !self.unlimited && spent.balance <= 0.0 {
            return (wanted.min(baseline), None);
        }
        let rate = self.rate(wanted);
        let left = if rate < 0.0 && !self.unlimited { Some(spent.balance / -rate) } else { None };
        (wanted, left.map(|left| at + (left.ceil() as i64).max(1)))
    }

    /// What it has and owes after it has used `cores` for `duration` ms.
    pub(super) fn after(&self, spent: Spent, cores: f64, duration: i64) -> Spent {
        let change = self.rate(cores) * duration as f64;
        let Spent { mut balance, mut surplus, mut charged } = spent;
        if change >= 0.0 {
            let paid = change.min(surplus);
            surplus -= paid;
            // Credits given at the start may stand above what can be earned.
            balance = (balance + change - paid).min(self.most().max(balance));
        } else {
            let taken = (-change).min(balance);
            balance -= taken;
            if self.unlimited {
                surplus += -change - taken;
                charged += (surplus - self.most()).max(0.0);
                surplus = surplus.min(self.most());
            }
        }
        // A remainder that is no processor's millisecond is nothing.
        if balance < 1e-6 {
            balance = 0.0;
        }
        Spent { balance, surplus, charged }
    }
}
