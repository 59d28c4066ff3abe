//! The learner's own `ssh` into a private host, through the bastion host.
//!
//! Promises: the exact command for what stands now, with one key for both hops that never leaves this machine, and
//! with a list of known hosts of its own, so that `~/.ssh` is neither read for hosts nor changed.
//! Leaves to others: running it with the full screen suspended (`runtime`), the practice cloud's answer
//! ([`super::reach::way`]), making the key (`cloud`).

use std::path::{Path, PathBuf};

use crate::course::model::{Condition, Key, Step};
use crate::i18n::Text;
use crate::problem::{Problem, ProblemKind};

use super::world::{Health, Observed, World};

/// The user of Amazon Linux images.
const USER: &str = "ec2-user";
/// The user of the VPN server's image.
const VPN_USER: &str = "openvpnas";

/// A private host and the host that leads to it, by their course names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The host with a public address; `None` is any that runs in the same VPC.
    pub bastion: Option<String>,
    /// The host behind it.
    pub target: String,
}

/// The command, as a program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ssh {
    /// Arguments of `ssh`, none of which needs a shell.
    pub args: Vec<String>,
}

/// Where a step leads to, as one of its conditions says: from instance to instance by ssh, or to the instance that pings.
pub fn of_step(step: &Step) -> Option<Access> {
    let ways = || {
        step.checks.iter().filter_map(|check| match &check.condition {
            Condition::Reach(reach) if reach.arrives && !is_outside(&reach.from) && !is_outside(&reach.to) => {
                Some(reach)
            }
            _ => None,
        })
    };
    let by_ssh = ways().find(|reach| reach.port == 22);
    let ssh = by_ssh.map(|reach| Access { bastion: Some(reach.from.clone()), target: reach.to.clone() });
    let ping = || ways().find(|reach| reach.protocol == "icmp");
    ssh.or_else(|| ping().map(|reach| Access { bastion: None, target: reach.from.clone() }))
}

/// Any running instance with a public address beside the target.
fn any_bastion<'a>(world: &'a World, target: &Observed) -> Option<&'a Observed> {
    world.found().find(|one| {
        one.key.kind == "instance"
            && one.health == Health::Ready
            && one.text("vpc") == target.text("vpc")
            && one.text("public_ip").is_some_and(|address| !address.is_empty())
    })
}

fn is_outside(end: &str) -> bool {
    matches!(end, "me" | "internet")
}

/// The private key of a key pair among the key files of a cloud.
pub fn key_file(keys: &Path, key_pair: &str) -> PathBuf {
    keys.join(key_pair)
}

/// The password of a database among the key files of a cloud.
pub fn password_file(keys: &Path, database: &str) -> PathBuf {
    keys.join(format!("{database}.password"))
}

/// The command that opens a shell on the private host.
///
/// `ssh -J` would not use the key for the first hop unless an agent has it; the same jump is therefore written as a
/// `ProxyCommand` with the key in both hops.
pub fn ssh(world: &World, access: &Access, keys: &Path) -> Result<Ssh, Problem> {
    let target = running(world, &access.target)?;
    let bastion = match &access.bastion {
        Some(name) => running(world, name)?,
        None => any_bastion(world, target).ok_or_else(|| no_bastion(&access.target))?,
    };
    let image = bastion.text("image").and_then(|id| world.by_id(id));
    let user = if image.is_some_and(|image| image.text("product").is_some()) { VPN_USER } else { USER };
    let public = address(bastion, "public_ip")?;
    let private = address(target, "private_ip")?;
    let pair = target.text("key").filter(|name| !name.is_empty()).ok_or_else(|| {
        let name = &access.target;
        Problem::new(
            ProblemKind::NotFound,
            format!("{name} 인스턴스에 키 페어가 없습니다"),
            format!("Instance {name} has no key pair"),
        )
        .hint("키 페어를 지정해서 인스턴스를 다시 만드세요", "Make the instance again, with the key pair")
    })?;
    // The field holds an id or the name, as AWS gives it; the file has the name.
    let pair = world.by_id(pair).map_or(pair, |observed| observed.key.name.as_str());
    Ok(command(&key_file(keys, pair), &keys.join("known_hosts"), &format!("{user}@{public}"), private))
}

fn no_bastion(target: &str) -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        format!("{target}으로 가는 길에 퍼블릭 IP가 있는 인스턴스가 없습니다"),
        format!("No instance with a public IP leads to {target}"),
    )
    .hint("3.3에서 배스천 호스트를 먼저 만드세요", "Make the bastion host of 3.3 first")
}

/// The command for a known `user@address` of the bastion host and the private address behind it.
pub fn command(key: &Path, known_hosts: &Path, bastion: &str, private: &str) -> Ssh {
    let options = [
        "-i".to_owned(),
        tokens(&key.to_string_lossy()),
        "-o".to_owned(),
        "IdentitiesOnly=yes".to_owned(),
        "-o".to_owned(),
        "StrictHostKeyChecking=accept-new".to_owned(),
        "-o".to_owned(),
        // ssh splits this value at blanks unless it is quoted.
        format!("UserKnownHostsFile=\"{}\"", tokens(&known_hosts.to_string_lossy())),
    ];
    let first_hop: Vec<String> =
        options.iter().cloned().chain(["-W".to_owned(), "%h:%p".to_owned(), bastion.to_owned()]).collect();
    let proxy: Vec<String> = first_hop.iter().map(|word| inner(word)).collect();
    let mut args = options.to_vec();
    args.push("-o".to_owned());
    args.push(format!("ProxyCommand=ssh {}", proxy.join(" ")));
    args.push(format!("{USER}@{private}"));
    Ssh { args }
}

impl Ssh {
    /// The program and its arguments.
    pub fn words(&self) -> Vec<String> {
        std::iter::once("ssh".to_owned()).chain(self.args.iter().cloned()).collect()
    }

    /// The command for a terminal, quoted for a POSIX shell.
    pub fn line(&self) -> String {
        self.words().iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }
}

/// `%` begins a token in ssh's own file names.
fn tokens(path: &str) -> String {
    path.replace('%', "%%")
}

/// A word of the inner command: ssh replaces its tokens, then a shell runs it, and the inner ssh replaces tokens again.
fn inner(word: &str) -> String {
    if word == "%h:%p" { word.to_owned() } else { quoted(&word.replace('%', "%%")) }
}

/// Quoted for a POSIX shell when it has to be.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=@:,+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn running<'a>(world: &'a World, name: &str) -> Result<&'a Observed, Problem> {
    let missing = || {
        Problem::new(
            ProblemKind::NotFound,
            format!("{name} 인스턴스가 없습니다"),
            format!("There is no instance {name}"),
        )
        .hint("3.3의 앞 단계를 먼저 마치세요", "Finish the steps before this one first")
    };
    let observed = world.get(&Key::home("instance", name)).ok_or_else(missing)?;
    if observed.health == Health::Ready {
        return Ok(observed);
    }
    let state = &observed.state;
    Err(Problem::new(
        ProblemKind::ResourceFailed,
        format!("{name} 인스턴스가 실행 중이 아닙니다 ({state})"),
        format!("Instance {name} is not running ({state})"),
    )
    .hint("running 상태가 될 때까지 기다리세요", "Wait until it is running"))
}

fn address<'a>(observed: &'a Observed, field: &str) -> Result<&'a str, Problem> {
    observed.text(field).filter(|text| !text.is_empty()).ok_or_else(|| {
        let name = &observed.key.name;
        let what = if field == "public_ip" {
            Text::new("퍼블릭 주소", "public address")
        } else {
            Text::new("프라이빗 주소", "private address")
        };
        Problem::new(
            ProblemKind::NotFound,
            format!("{name} 인스턴스에 {}가 없습니다", what.ko),
            format!("Instance {name} has no {}", what.en),
        )
        .hint("탄력적 IP를 연결하는 단계를 실행하세요", "Run the step that associates the Elastic IP")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use std::collections::BTreeMap;

    use super::*;
    use crate::course::model::Value;

    fn instance(name: &str, state: &str, fields: &[(&str, &str)]) -> Observed {
        Observed {
            key: Key::home("instance", name),
            id: format!("i-{name}"),
            region: "ap-northeast-2".into(),
            state: state.into(),
            health: if state == "running" { Health::Ready } else { Health::Pending },
            reason: String::new(),
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect(),
            tags: BTreeMap::new(),
        }
    }

    fn access() -> Access {
        Access { bastion: Some("my-bastion-host".into()), target: "my-private-ec2".into() }
    }

    fn world() -> World {
        let mut world = World::default();
        world.put(instance("my-bastion-host", "running", &[("public_ip", "4.4.4.4"), ("private_ip", "10.1.1.10")]));
        world.put(instance("my-private-ec2", "running", &[("private_ip", "10.1.11.20"), ("key", "my-ec2-keypair")]));
        world
    }

    #[test]
    fn both_hops_use_the_same_key_and_hosts() {
        let ssh = ssh(&world(), &access(), Path::new("/home/kim/.local/state/awslab/keys")).unwrap();
        insta::assert_snapshot!(ssh.args.join("\n"), @r#"
        -i
        /home/kim/.local/state/awslab/keys/my-ec2-keypair
        -o
        IdentitiesOnly=yes
        -o
        StrictHostKeyChecking=accept-new
        -o
        UserKnownHostsFile="/home/kim/.local/state/awslab/keys/known_hosts"
        -o
        ProxyCommand=ssh -i /home/kim/.local/state/awslab/keys/my-ec2-keypair -o IdentitiesOnly=yes -o StrictHostKeyChecking=accept-new -o 'UserKnownHostsFile="/home/kim/.local/state/awslab/keys/known_hosts"' -W %h:%p ec2-user@4.4.4.4
        ec2-user@10.1.11.20
        "#);
    }

    #[test]
    fn any_host_with_a_public_address_leads_there_and_the_vpn_server_has_its_own_user() {
        let mut world = world();
        world.put(instance("elsewhere", "running", &[("public_ip", "5.5.5.5"), ("vpc", "vpc-2")]));
        let any = Access { bastion: None, target: "my-private-ec2".into() };
        let words = ssh(&world, &any, Path::new("/keys")).unwrap().line();
        assert!(words.contains("ec2-user@4.4.4.4"), "{words}");
        let mut image = instance("openvpn-as", "available", &[("product", "f2ew")]);
        image.key.kind = "image".into();
        image.id = "ami-1".into();
        world.put(image);
        let fields = [("public_ip", "6.6.6.6"), ("private_ip", "10.1.1.20"), ("image", "ami-1")];
        world.put(instance("my-openvpn-ec2", "running", &fields));
        let vpn = Access { bastion: Some("my-openvpn-ec2".into()), target: "my-private-ec2".into() };
        let words = ssh(&world, &vpn, Path::new("/keys")).unwrap().line();
        assert!(words.contains("openvpnas@6.6.6.6"), "{words}");
        world.sights.remove(&Key::home("instance", "my-openvpn-ec2"));
        world.sights.remove(&Key::home("instance", "my-bastion-host"));
        assert!(ssh(&world, &any, Path::new("/keys")).is_err(), "one of another VPC leads nowhere");
    }

    /// The client's own reading of the command, where there is one.
    #[test]
    fn a_real_client_understands_it() {
        let keys = Path::new("/tmp/it's 100% mine/keys");
        let ssh = ssh(&world(), &access(), keys).unwrap();
        // -G prints what the client made of its options, without connecting.
        let Ok(output) = std::process::Command::new("ssh").arg("-G").args(&ssh.args).output() else { return };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for line in ["user ec2-user", "hostname 10.1.11.20", "identitiesonly yes", "stricthostkeychecking accept-new"] {
            assert!(text.lines().any(|l| l == line), "{line} in\n{text}");
        }
        let known = text.lines().find(|line| line.starts_with("userknownhostsfile")).unwrap();
        assert!(known.contains("it's 100%") && known.ends_with("known_hosts"), "{known}");
        assert!(text.contains("proxycommand ssh -i"), "{text}");
    }

    /// The inner command, after ssh has replaced its tokens, split by a real shell.
    #[test]
    fn a_real_shell_splits_the_inner_command() {
        let ssh = ssh(&world(), &access(), Path::new("/tmp/it's 100% mine")).unwrap();
        let proxy = ssh.args.iter().find_map(|arg| arg.strip_prefix("ProxyCommand=ssh ")).unwrap();
        let replaced = proxy.replace("%h", "10.1.11.20").replace("%p", "22").replace("%%", "%");
        let output =
            std::process::Command::new("sh").arg("-c").arg(format!("printf '%s\\n' {replaced}")).output().unwrap();
        let words: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(words[1], "/tmp/it's 100%% mine/my-ec2-keypair", "one level is left for the inner ssh");
        assert_eq!(words[words.len() - 2..], ["10.1.11.20:22", "ec2-user@4.4.4.4"]);
    }

    #[test]
    fn the_line_survives_a_shell() {
        let ssh = ssh(&world(), &access(), Path::new("/tmp/it's 100% mine")).unwrap();
        let line = ssh.line().replacen("ssh ", "printf '%s\\n' ", 1);
        let output = std::process::Command::new("sh").arg("-c").arg(line).output().unwrap();
        let words: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(words, ssh.args);
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut without_address = world();
        without_address.put(instance("my-bastion-host", "running", &[("private_ip", "10.1.1.10")]));
        let mut starting = world();
        starting.put(instance("my-private-ec2", "pending", &[]));
        let mut no_key = world();
        no_key.put(instance("my-private-ec2", "running", &[("private_ip", "10.1.11.20")]));
        for (world, word) in [
            (World::default(), "There is no instance my-private-ec2"),
            (without_address, "no public address"),
            (starting, "not running (pending)"),
            (no_key, "no key pair"),
        ] {
            let problem = ssh(&world, &access(), Path::new("/k")).unwrap_err();
            assert!(problem.title.en.contains(word), "{problem}");
            assert!(!problem.hints.is_empty());
        }
    }
}
