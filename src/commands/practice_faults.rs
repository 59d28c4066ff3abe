//! `awslab practice faults`: what the practice cloud is to do wrong, and what its account may and may not.
//!
//! Promises: what is not named stays as it is; `off` brings everything back. Leaves to others: what a fault does ([`crate::practice`]).

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::practice::{duration, say};
use crate::engine::storage_problem;
use crate::i18n::Lang;
use crate::practice::Cloud;
use crate::practice::faults::Faults;
use crate::practice::policy::Policy;
use crate::practice::world::{Limits, Options, catalogue};
use crate::problem::Problem;

#[derive(Debug, Clone, Args)]
pub(super) struct FaultArgs {
    /// Switch all faults off
    #[arg(value_parser = ["off"])]
    off: Option<String>,
    /// Real time before every answer: 500ms, 2s
    #[arg(long, value_name = "TIME", value_parser = duration)]
    latency: Option<Duration>,
    /// Share of requests that are throttled, 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share)]
    throttle: Option<f64>,
    /// Share of requests that fail with an internal error, 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share)]
    error: Option<f64>,
    /// Share of requests that are done but never answered, 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share)]
    lose: Option<f64>,
    /// An action that is denied: ec2:CreateVpc, ec2:*
    #[arg(long, value_name = "ACTION", value_parser = action)]
    deny: Vec<String>,
    /// An IAM policy to enforce: only what it allows is allowed (actions; resources are not looked at)
    #[arg(long, value_name = "FILE", value_parser = policy)]
    policy: Option<Policy>,
    /// Let the credentials be expired
    #[arg(long)]
    expired: bool,
    /// Practice time for which new resources may still be unknown: 5s
    #[arg(long, value_name = "TIME", value_parser = duration)]
    consistency: Option<Duration>,
    /// No capacity for new instances: ap-northeast-2a, ap-northeast-2a:t3.micro
    #[arg(long, value_name = "ZONE[:TYPE]", value_parser = capacity)]
    capacity: Vec<String>,
    /// An availability zone that fails: ap-northeast-2a
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    zone_down: Vec<String>,
    /// A quota of the account: vcpus=5, addresses=2
    #[arg(long, value_name = "NAME=N", value_parser = quota)]
    quota: Vec<(String, u64)>,
    /// Behave as an account on the Free plan
    #[arg(long)]
    free_plan: bool,
    /// Behave as an account that has subscribed to the course's Marketplace product
    #[arg(long)]
    marketplace_subscribed: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Shows or changes what goes wrong.
pub(super) fn run(args: FaultArgs, cloud: &Cloud, lang: Lang) -> Result<(), Problem> {
    let failed = |error| storage_problem(&error);
    let before = cloud.faults().map_err(failed)?;
    let options_before = cloud.look(|world| world.options().clone()).map_err(failed)?;
    let json = args.json;
    let options = args.options(options_before.clone());
    let faults = args.apply(before.clone());
    if faults != before {
        cloud.set_faults(faults.clone()).map_err(failed)?;
    }
    if options != options_before {
        let wanted = options.clone();
        cloud
            .edit(|world| {
                world.set_options(wanted);
                world.settle();
            })
            .map_err(failed)?;
    }
    say(&if json { as_json(&faults, &options) } else { as_text(&faults, &options, lang) })
}

impl FaultArgs {
    /// Whether it says more than that the faults are to be shown.
    pub(super) fn changes(&self) -> bool {
        let Self { off, latency, throttle, error, lose, deny, policy, expired, .. } = self;
        let Self { consistency, capacity, zone_down, quota, free_plan, marketplace_subscribed, .. } = self;
        let requests = latency.is_some() || throttle.is_some() || error.is_some() || lose.is_some();
        let account = consistency.is_some() || *free_plan || *marketplace_subscribed;
        let lists = deny.len() + capacity.len() + zone_down.len() + quota.len() > 0;
        off.is_some() || requests || account || lists || policy.is_some() || *expired
    }

    fn apply(self, before: Faults) -> Faults {
        let mut faults = if self.off.is_some() { Faults::default() } else { before };
        if let Some(latency) = self.latency {
            faults.latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        }
        faults.throttle = self.throttle.unwrap_or(faults.throttle);
        faults.error = self.error.unwrap_or(faults.error);
        faults.lose = self.lose.unwrap_or(faults.lose);
        for action in self.deny {
            if !faults.deny.contains(&action) {
                faults.deny.push(action);
            }
        }
        faults.expired |= self.expired;
        faults.policy = self.policy.or(faults.policy);
        faults
    }

    fn options(&self, before: Options) -> Options {
        let mut options = if self.off.is_some() { Options::default() } else { before };
        if let Some(longest) = self.consistency {
            options.consistency_ms = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
        }
        options.no_capacity.extend(self.capacity.iter().cloned());
        options.zones_down.extend(self.zone_down.iter().cloned());
        for (name, value) in &self.quota {
            options.limits = options.limits.with(name, *value).unwrap_or(options.limits);
        }
        options.free_plan |= self.free_plan;
        options.marketplace_subscribed |= self.marketplace_subscribed;
        options
    }
}

/// The quotas that differ from AWS's defaults.
fn quotas(options: &Options) -> Vec<(String, u64)> {
    let usual = Limits::default().named();
    options.limits.named().into_iter().filter(|(name, value)| usual.get(name) != Some(value)).collect()
}

fn as_json(faults: &Faults, options: &Options) -> String {
    let quotas: serde_json::Map<String, serde_json::Value> =
        quotas(options).into_iter().map(|(name, value)| (name, value.into())).collect();
    let account = json!({
        "consistency_ms": options.consistency_ms,
        "no_capacity": options.no_capacity,
        "zones_down": options.zones_down,
        "quotas": quotas,
        "free_plan": options.free_plan,
        "marketplace_subscribed": options.marketplace_subscribed,
    });
    json!({ "schema": 1, "faults": faults, "account": account }).to_string()
}

fn as_text(faults: &Faults, options: &Options, lang: Lang) -> String {
    let korean = lang == Lang::Ko;
    if faults.is_off() && *options == Options::default() {
        return if korean { "켜 둔 장애가 없습니다." } else { "No faults are on." }.to_string();
    }
    let mut lines = Vec::new();
    let mut line = |ko: &str, en: &str, value: String| {
        let name = if korean { ko } else { en };
        lines.push(if value.is_empty() { name.to_string() } else { format!("{name}: {value}") });
    };
    let percent = |share: f64| format!("{}%", (share * 1000.0).round() / 10.0);
    let list = |names: &std::collections::BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
    if faults.latency_ms > 0 {
        line("응답 지연", "Latency", format!("{} ms", faults.latency_ms));
    }
    if faults.throttle > 0.0 {
        line("요청 제한", "Throttled", percent(faults.throttle));
    }
    if faults.error > 0.0 {
        line("서버 오류", "Server errors", percent(faults.error));
    }
    if faults.lose > 0.0 {
        line("사라지는 응답", "Lost answers", percent(faults.lose));
    }
    if !faults.deny.is_empty() {
        line("거부하는 작업", "Denied actions", faults.deny.join(", "));
    }
    if faults.policy.is_some() {
        line("적용 중인 IAM 정책", "An IAM policy is enforced", String::new());
    }
    if faults.expired {
        line("자격 증명이 만료된 상태", "The credentials have expired", String::new());
    }
    if options.consistency_ms > 0 {
        line(
            "새 리소스가 보이기까지 최대",
            "New resources are unknown for up to",
            format!("{} ms", options.consistency_ms),
        );
    }
    if !options.no_capacity.is_empty() {
        line("인스턴스 용량이 없는 곳", "No capacity for instances in", list(&options.no_capacity));
    }
    if !options.zones_down.is_empty() {
        line("멈춘 가용 영역", "Availability zones that are down", list(&options.zones_down));
    }
    for (name, value) in quotas(options) {
        line("할당량", "Quota", format!("{name}={value}"));
    }
    if options.free_plan {
        line("무료 플랜 계정", "The account is on the Free plan", String::new());
    }
    if options.marketplace_subscribed {
        line("Marketplace 제품을 구독한 계정", "The account has subscribed to the Marketplace product", String::new());
    }
    line("모두 끄려면", "To switch all off", "awslab practice faults off".into());
    lines.join("\n")
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share is a number from 0 to 1".to_string()),
    }
}

fn action(text: &str) -> Result<String, String> {
    match text.split_once(':') {
        Some((service, name)) if !service.is_empty() && !name.is_empty() => Ok(text.to_string()),
        _ => Err("an action is service:Operation, for example ec2:CreateVpc".to_string()),
    }
}

fn zone(text: &str) -> Result<String, String> {
    if catalogue::is_zone(text) {
        return Ok(text.to_string());
    }
    Err("there is no such availability zone; an example is ap-northeast-2a".to_string())
}

fn capacity(text: &str) -> Result<String, String> {
    let (place, kind) = text.split_once(':').map_or((text, None), |(place, kind)| (place, Some(kind)));
    zone(place)?;
    match kind {
        Some(kind) if catalogue::instance_type(kind).is_none() => {
            Err("the practice cloud has no such instance type; an example is ap-northeast-2a:t3.micro".to_string())
        }
        _ => Ok(text.to_string()),
    }
}

fn quota(text: &str) -> Result<(String, u64), String> {
    let limits = Limits::default();
    let known = || limits.named().into_keys().collect::<Vec<_>>().join(", ");
    let (name, value) = text.split_once('=').ok_or("a quota is NAME=N, for example vcpus=5")?;
    let name = name.replace('-', "_");
    let value = value.parse::<u64>().map_err(|_| "a quota is a whole number".to_string())?;
    match limits.with(&name, value) {
        Some(_) => Ok((name, value)),
        None => Err(format!("there is no such quota; there are: {}", known())),
    }
}

fn policy(file: &str) -> Result<Policy, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    Policy::parse(&text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: FaultArgs,
    }

    fn parse(line: &str) -> Result<FaultArgs, String> {
        let words = ["faults"].into_iter().chain(line.split_whitespace());
        Ok(Line::try_parse_from(words).map_err(|error| error.to_string())?.args)
    }

    fn faults(line: &str, before: Faults) -> Faults {
        parse(line).unwrap().apply(before)
    }

    #[test]
    fn faults_add_up_until_they_are_switched_off() {
        let one = faults("--latency 2s --throttle 0.3 --deny ec2:CreateVpc", Faults::default());
        assert_eq!((one.latency_ms, one.throttle), (2_000, 0.3));
        let two = faults("--deny ec2:CreateVpc --deny ec2:RunInstances --expired", one.clone());
        assert_eq!(two.deny, ["ec2:CreateVpc", "ec2:RunInstances"]);
        assert!(two.expired && two.latency_ms == 2_000);
        assert_eq!(faults("", two.clone()), two);
        assert!(faults("off", two).is_off());
    }

    #[test]
    fn the_account_changes_and_comes_back() {
        let line = "--capacity ap-northeast-2a:t3.micro --zone-down ap-northeast-2c --quota vcpus=5 --quota elastic=1";
        assert!(parse(line).is_err(), "no such quota");
        let line = line.replace(" --quota elastic=1", " --quota load-balancers=1 --free-plan --consistency 5s");
        let one = parse(&line).unwrap().options(Options::default());
        assert_eq!((one.limits.vcpus, one.limits.load_balancers, one.free_plan), (5, 1, true));
        assert_eq!((one.consistency_ms, one.marketplace_subscribed), (5000, false));
        let two = parse("--zone-down ap-northeast-2a --marketplace-subscribed").unwrap().options(one.clone());
        assert_eq!(two.zones_down.iter().collect::<Vec<_>>(), ["ap-northeast-2a", "ap-northeast-2c"]);
        assert_eq!(two.no_capacity, one.no_capacity);
        assert_eq!(quotas(&two), [("load_balancers".to_owned(), 1), ("vcpus".to_owned(), 5)]);
        for lang in [Lang::Ko, Lang::En] {
            let text = as_text(&Faults::default(), &two, lang);
            for word in ["ap-northeast-2a:t3.micro", "ap-northeast-2a, ap-northeast-2c", "vcpus=5", "5000 ms"] {
                assert!(text.contains(word), "{word} is not in {text}");
            }
            assert_eq!(text.lines().count(), 8, "{text}");
        }
        let json: serde_json::Value = serde_json::from_str(&as_json(&Faults::default(), &two)).unwrap();
        assert_eq!(json["account"]["quotas"]["vcpus"], 5);
        assert_eq!(parse("off").unwrap().options(two), Options::default());
        assert_eq!(as_text(&Faults::default(), &Options::default(), Lang::En), "No faults are on.");
    }

    #[test]
    fn wrong_values_are_usage_errors() {
        for line in [
            "--throttle 30",
            "--latency soon",
            "--latency -2s",
            "--deny CreateVpc",
            "on",
            "--zone-down ap-northeast-2",
            "--zone-down ap-northeast-1b",
            "--capacity ap-northeast-2a:huge",
            "--quota vcpus",
            "--quota vcpus=many",
            "--quota vcpus=99999999999",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
