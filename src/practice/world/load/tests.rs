#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
use super::*;

/// A minute's start.
const START: i64 = 1_790_000_040_000;
const SECOND: i64 = 1000;

fn running(instance_type: &str) -> Trace {
    let mut trace = Trace::new("i-1", "ap-northeast-2a");
    // Its boot is over when the first minute looked at begins.
    trace.switch_on(START - 10 * MINUTE, instance_type, !instance_type.starts_with("t2."), true);
    trace
}

fn load(trace: &mut Trace, cores: f64, from: i64, until: Option<i64>) {
    trace.loads.push(Load { name: "stress".into(), cores, from, until });
    trace.work_out(from);
}

fn cpu(trace: &Trace, minute: i64) -> f64 {
    trace.cpu(START + minute * MINUTE, START + (minute + 1) * MINUTE).unwrap()
}

/// The idle noise adds at most 2 %.
fn close(value: f64, wanted: f64) {
    assert!((wanted..=wanted + 2.0).contains(&value) || (value - wanted).abs() < 1e-9, "{value}, not {wanted}");
}

#[test]
fn two_workers_on_two_processors_from_second_20() {
    let mut trace = running("t3.micro");
    load(&mut trace, 2.0, START + 20 * SECOND, None);
    assert!((0.2..=2.0).contains(&cpu(&trace, -1)), "{}", cpu(&trace, -1));
    close(cpu(&trace, 0), 100.0 * 40.0 / 60.0);
    close(cpu(&trace, 1), 100.0);
    close(cpu(&trace, 1000), 100.0);
}

#[test]
fn workers_share_processors() {
    for (kind, cores, wanted) in
        [("t3.micro", 1.0, 50.0), ("t2.micro", 1.0, 100.0), ("t3.micro", 4.0, 100.0), ("m5.large", 0.5, 25.0)]
    {
        let mut trace = running(kind);
        load(&mut trace, cores, START, Some(START + 3 * MINUTE));
        close(cpu(&trace, 1), wanted);
        close(cpu(&trace, 3), 0.0);
    }
}

#[test]
fn noise_differs_by_instance_and_minute_and_stays() {
    let trace = running("t3.micro");
    let all: Vec<f64> = (0..500).map(|minute| cpu(&trace, minute)).collect();
    assert!(all.iter().all(|value| (0.2..=2.0).contains(value)));
    assert!(all.iter().any(|value| *value < 0.3) && all.iter().any(|value| *value > 1.8));
    assert_eq!(all, (0..500).map(|minute| cpu(&trace, minute)).collect::<Vec<_>>());
    assert_ne!(Trace::new("i-2", "ap-northeast-2a").noise(START).to_bits(), trace.noise(START).to_bits());
}

#[test]
fn a_boot_keeps_one_processor_busy_for_half_a_minute() {
    let mut trace = Trace::new("i-1", "ap-northeast-2a");
    trace.switch_on(START, "t3.micro", true, true);
    close(cpu(&trace, 0), 25.0);
    close(cpu(&trace, 1), 0.0);
}

#[test]
fn what_runs_ends_with_the_machine() {
    let mut trace = running("t3.micro");
    load(&mut trace, 2.0, START, None);
    trace.switch_off(START + 90 * SECOND);
    // Of the 30 seconds that it ran, all were busy.
    close(cpu(&trace, 1), 100.0);
    assert_eq!(trace.cpu(START + 2 * MINUTE, START + 3 * MINUTE), None);
    trace.switch_on(START + 5 * MINUTE, "t3.micro", true, true);
    close(cpu(&trace, 6), 0.0);
}

/// t2.micro: 30 credits at launch and 6 an hour; at full load it spends 60 an hour.
#[test]
fn t2_is_throttled_to_its_baseline_when_its_credits_are_spent() {
    let mut trace = Trace::new("i-1", "ap-northeast-2a");
    trace.switch_on(START - MINUTE, "t2.micro", false, true);
    let boot = 0.5;
    let at_start = trace.credits_at(START).unwrap().balance;
    assert!((at_start - (30.0 - boot + 0.1)).abs() < 1e-6, "{at_start}");
    load(&mut trace, 1.0, START, None);
    // 29.6 credits at 0.9 a minute.
    let minutes = at_start / 0.9;
    assert!((32.0..34.0).contains(&minutes));
    close(cpu(&trace, 31), 100.0);
    close(cpu(&trace, 34), 10.0);
    close(cpu(&trace, 600), 10.0);
    assert!(trace.credits_at(START + 40 * MINUTE).unwrap().balance.abs() < 1e-9);
    // Without load it earns again, up to a day's worth.
    trace.end("stress", START + 60 * MINUTE);
    trace.work_out(START + 60 * MINUTE);
    let earned = trace.credits_at(START + 120 * MINUTE).unwrap().balance;
    assert!((earned - 6.0).abs() < 1e-6, "{earned}");
    assert!((trace.credits_at(START + 100 * DAY).unwrap().balance - 144.0).abs() < 1e-6);
}

#[test]
fn t3_goes_on_for_surplus_credits_and_pays_them_back() {
    let mut trace = Trace::new("i-1", "ap-northeast-2a");
    trace.switch_on(START - 10 * MINUTE, "t3.micro", true, true);
    load(&mut trace, 2.0, START, Some(START + 60 * MINUTE));
    close(cpu(&trace, 59), 100.0);
    // 120 credits used in the hour, 12 earned, and 2 - 0.5 from before.
    let spent = trace.credits_at(START + 60 * MINUTE).unwrap();
    assert!(spent.balance.abs() < 1e-9 && (spent.surplus - 106.5).abs() < 1e-6, "{spent:?}");
    let later = trace.credits_at(START + 120 * MINUTE).unwrap();
    assert!((later.surplus - 94.5).abs() < 1e-6, "{later:?}");
    let paid = trace.credits_at(START + DAY).unwrap();
    assert!(paid.surplus.abs() < 1e-9 && paid.balance > 100.0 && paid.charged.abs() < 1e-9, "{paid:?}");
}

#[test]
fn t3_standard_has_no_launch_credits_and_is_throttled() {
    let mut trace = Trace::new("i-1", "ap-northeast-2a");
    trace.switch_on(START - 30 * MINUTE, "t3.micro", false, true);
    load(&mut trace, 2.0, START, None);
    // 6 earned and 0.5 spent in the half hour: they last 3 minutes, then 10 % of each processor is left.
    close(cpu(&trace, 2), 100.0);
    close(cpu(&trace, 4), 10.0);
}

#[test]
fn surplus_beyond_a_day_is_charged() {
    let mut trace = running("t3.micro");
    load(&mut trace, 2.0, START, None);
    let spent = trace.credits_at(START + 10 * 60 * MINUTE).unwrap();
    assert!((spent.surplus - 288.0).abs() < 1e-6 && spent.charged > 700.0, "{spent:?}");
}

#[test]
fn a_type_without_credits_has_none() {
    assert_eq!(running("m5.large").credits_at(START), None);
    assert_eq!(Credits::of("m5.large", true), None);
}

#[test]
fn traffic_makes_load_and_bytes_in_its_minute() {
    let mut trace = running("t3.micro");
    trace.traffic.insert(START, Traffic { cpu: 60.0, received: 10_000, sent: 1_000_000 });
    close(cpu(&trace, 0), 50.0);
    close(cpu(&trace, 1), 0.0);
    let (received, sent) = trace.bytes(START, START + MINUTE);
    assert!((10_900.0..=12_500.0).contains(&received) && (1_000_700.0..=1_002_100.0).contains(&sent));
}

#[test]
fn the_facts_of_old_are_dropped_and_the_rest_still_tells_the_same() {
    let mut trace = running("t3.micro");
    for hour in 0..48 {
        let from = START + hour * 60 * MINUTE;
        load(&mut trace, 2.0, from, Some(from + 10 * MINUTE));
    }
    let (before, steps) = (trace.clone(), trace.steps.len());
    let oldest = START + DAY;
    assert!(trace.sweep(oldest));
    assert!(trace.steps.len() < steps * 2 / 3);
    for minute in 0..120 {
        let at = oldest + minute * MINUTE;
        assert_eq!(trace.cpu(at, at + MINUTE), before.cpu(at, at + MINUTE));
    }
}
