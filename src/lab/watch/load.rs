//! Loads on instances, as the commands that were sent to them tell: `stress` with a time limit, and what stops it.

use super::snapshot::Load;

/// How long `stress` runs when its time cannot be read: what the lab gives it.
const USUAL: i64 = 900_000;

/// A command that Run Command sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// When.
    pub at: i64,
    /// What the shell is to run.
    pub script: String,
    /// The instances that it names.
    pub instances: Vec<String>,
    /// Whether it is for every instance of the group.
    pub everywhere: bool,
}

/// The loads of some commands, oldest first.
pub fn of_commands(commands: &[Command], now: i64) -> Vec<Load> {
    let mut loads: Vec<Load> = Vec::new();
    for Command { at, script, instances, everywhere } in commands {
        let stops = script.contains("pkill") || script.contains("killall") || script.contains("systemctl stop");
        let starts = !stops && (script.contains("stress -") || script.contains("stress-ng -"));
        // Another load on the same instance, or a stop, ends the one before.
        if starts || (stops && script.contains("stress")) {
            let meant = |load: &Load| (stops && *everywhere) || instances.contains(&load.instance);
            for load in loads.iter_mut().filter(|load| load.until > *at && meant(load)) {
                load.until = *at;
            }
        }
        for instance in instances.iter().filter(|_| starts) {
            let until = at + limit(script).unwrap_or(USUAL);
            loads.push(Load { instance: instance.clone(), from: *at, until, running: false });
        }
    }
    for load in &mut loads {
        load.running = load.until > now;
    }
    loads
}

/// The time limit of `stress -t 900`, `--timeout 15m`, in milliseconds.
fn limit(script: &str) -> Option<i64> {
    let mut words =
        script.split_whitespace().skip_while(|word| !word.ends_with("stress") && !word.ends_with("stress-ng"));
    let word = loop {
        let word = words.next()?;
        match word {
            "-t" | "--timeout" => break words.next()?,
            _ => {
                if let Some(value) = word.strip_prefix("--timeout=") {
                    break value;
                }
            }
        }
    };
    let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
    let unit = match word.chars().nth(digits.len()) {
        Some('m') => 60_000,
        Some('h') => 3_600_000,
        _ => 1_000,
    };
    Some(digits.parse::<i64>().ok()? * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_ends_at_its_limit_or_when_it_is_stopped() {
        let host = || vec!["i-1".to_owned()];
        let start = "systemd-run --unit=lab-stress --collect stress -c $(nproc) -t 900".to_owned();
        let stop = "systemctl stop lab-stress".to_owned();
        let sent = |at, script: &str, instances| Command { at, script: script.into(), instances, everywhere: false };
        let one = [sent(0, &start, host())];
        let load = |until, running| Load { instance: "i-1".into(), from: 0, until, running };
        assert_eq!(of_commands(&one, 60_000), [load(900_000, true)]);
        assert_eq!(of_commands(&one, 900_000), [load(900_000, false)]);
        let both = [sent(0, &start, host()), sent(300_000, &stop, host())];
        assert_eq!(of_commands(&both, 400_000), [load(300_000, false)]);
        // One that is meant for the whole group names no instance.
        let all = Command { everywhere: true, ..sent(300_000, &stop, Vec::new()) };
        assert_eq!(of_commands(&[sent(0, &start, host()), all], 400_000), [load(300_000, false)]);
        let other = sent(300_000, &stop, vec!["i-2".to_owned()]);
        assert_eq!(of_commands(&[sent(0, &start, host()), other], 400_000), [load(900_000, true)]);
        assert_eq!(of_commands(&[sent(0, "dnf update -y", host())], 0), []);
        assert_eq!(limit("stress --cpu 2 --timeout 15m"), Some(900_000));
    }
}
