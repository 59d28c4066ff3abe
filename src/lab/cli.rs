//! A call as one AWS CLI command.
//!
//! Promises: what is printed is valid for a POSIX shell and for the AWS CLI, versions 1 and 2; what is known only
//! later stands as a shell variable ([`variable`]), which a script sets ([`super::script`]).

use crate::course::model::Role;

use super::call::{Arg, Call, Of};

/// One call as one command, with its region.
pub fn command(call: &Call) -> String {
    let mut words = vec!["aws".to_owned(), call.service.cli().to_owned(), kebab(&call.operation)];
    words.extend(["--region".to_owned(), quoted(&[Piece::Text(call.region.clone())])]);
    let mut args = call.args.iter().peekable();
    while let Some((name, arg)) = args.next() {
        // The AWS CLI has one option for both.
        if name == "MinCount" && args.peek().is_some_and(|(next, _)| next == "MaxCount") {
            let most = args.next().map(|(_, arg)| shorthand(arg)).unwrap_or_default();
            words.push("--count".into());
            words.push(quoted(&if pieces_text(&shorthand(arg)) == pieces_text(&most) {
                most
            } else {
                [shorthand(arg), vec![Piece::Text(":".into())], most].concat()
            }));
            continue;
        }
        option(name, arg, &mut words);
    }
    words.join(" ")
}

fn option(name: &str, arg: &Arg, words: &mut Vec<String>) {
    let flag = kebab(name);
    match arg {
        Arg::Bool(true) => words.push(format!("--{flag}")),
        // The opposite of `--no-reboot` is `--reboot`.
        Arg::Bool(false) => words.push(match flag.strip_prefix("no-") {
            Some(opposite) => format!("--{opposite}"),
            None => format!("--no-{flag}"),
        }),
        Arg::UserData(_) => words.extend([format!("--{flag}"), "file://user-data.sh".to_owned()]),
        Arg::PublicKey(pair) => {
            words.extend([format!("--{flag}"), quoted(&[Piece::Text(format!("fileb://{pair}.pub"))])]);
        }
        Arg::Password(name) => {
            words.extend([format!("--{flag}"), quoted(&[Piece::Text(format!("file://{}", password_file(name)))])]);
        }
        Arg::List(items) => {
            words.push(format!("--{flag}"));
            // The CLI reads all items as it reads the first: one that only JSON can say makes JSON of all.
            let structures = items.iter().any(|item| matches!(item, Arg::Map(_)));
            let as_json = structures && !items.iter().all(plain);
            words.extend(items.iter().map(|item| quoted(&if as_json { json(item) } else { value(item) })));
        }
        other => words.extend([format!("--{flag}"), quoted(&value(other))]),
    }
}

/// A piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Literal text.
    Text(String),
    /// A shell variable.
    Variable(String),
}

fn value(arg: &Arg) -> Vec<Piece> {
    if let Arg::Joined(items) = arg {
        return joined(items);
    }
    if plain(arg) { shorthand(arg) } else { json(arg) }
}

/// Whether the CLI's shorthand can say it: no character that means something there.
fn plain(arg: &Arg) -> bool {
    let safe =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:+@".contains(c));
    match arg {
        Arg::List(items) => items.iter().all(plain),
        // Its commas would end a member.
        Arg::Joined(_) => false,
        Arg::Map(members) => members.iter().all(|(_, member)| match member {
            // At the end of a word a text may hold what it likes, but nested it may not.
            Arg::Text(text) => safe(text),
            other => plain(other),
        }),
        _ => true,
    }
}

/// `Key=Name,Value=my-vpc`, `[{..},{..}]`.
fn shorthand(arg: &Arg) -> Vec<Piece> {
    fn inner(arg: &Arg, out: &mut Vec<Piece>, nested: bool) {
        match arg {
            Arg::List(items) => {
                out.push(Piece::Text("[".into()));
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(Piece::Text(",".into()));
                    }
                    inner(item, out, true);
                }
                out.push(Piece::Text("]".into()));
            }
            Arg::Map(members) => {
                if nested {
                    out.push(Piece::Text("{".into()));
                }
                for (at, (name, member)) in members.iter().enumerate() {
                    let comma = if at > 0 { "," } else { "" };
                    out.push(Piece::Text(format!("{comma}{name}=")));
                    inner(member, out, true);
                }
                if nested {
                    out.push(Piece::Text("}".into()));
                }
            }
            scalar => out.push(leaf(scalar)),
        }
    }
    let mut out = Vec::new();
    inner(arg, &mut out, false);
    out
}

fn joined(items: &[Arg]) -> Vec<Piece> {
    let mut out = Vec::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(Piece::Text(",".into()));
        }
        out.push(leaf(item));
    }
    out
}

fn leaf(arg: &Arg) -> Piece {
    match arg {
        Arg::Text(text) | Arg::UserData(text) | Arg::PublicKey(text) => Piece::Text(text.clone()),
        Arg::Password(name) => Piece::Text(password_file(name)),
        Arg::Int(number) => Piece::Text(number.to_string()),
        Arg::Bool(truth) => Piece::Text(truth.to_string()),
        Arg::Of(of) => Piece::Variable(variable(of)),
        Arg::List(_) | Arg::Joined(_) | Arg::Map(_) => Piece::Text(String::new()),
    }
}

fn json(arg: &Arg) -> Vec<Piece> {
    fn inner(arg: &Arg, out: &mut Vec<Piece>) {
        let text = |out: &mut Vec<Piece>, text: &str| out.push(Piece::Text(text.to_owned()));
        match arg {
            Arg::List(items) => {
                text(out, "[");
                for (at, item) in items.iter().enumerate() {
                    text(out, if at > 0 { "," } else { "" });
                    inner(item, out);
                }
                text(out, "]");
            }
            Arg::Map(members) => {
                text(out, "{");
                for (at, (name, member)) in members.iter().enumerate() {
                    let name = serde_json::Value::from(name.as_str());
                    text(out, &format!("{}{name}:", if at > 0 { "," } else { "" }));
                    inner(member, out);
                }
                text(out, "}");
            }
            Arg::Int(_) | Arg::Bool(_) => out.push(leaf(arg)),
            Arg::Joined(items) => {
                text(out, "\"");
                out.extend(joined(items));
                text(out, "\"");
            }
            Arg::Of(_) => {
                text(out, "\"");
                out.push(leaf(arg));
                text(out, "\"");
            }
            Arg::Text(value) | Arg::UserData(value) | Arg::PublicKey(value) => {
                text(out, &serde_json::Value::from(value.as_str()).to_string());
            }
            Arg::Password(_) => out.push(leaf(arg)),
        }
    }
    // A string by itself needs no JSON.
    if let Arg::Text(text) = arg {
        return vec![Piece::Text(text.clone())];
    }
    let mut out = Vec::new();
    inner(arg, &mut out);
    out
}

fn pieces_text(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable(name) => format!("${name}"),
        })
        .collect()
}

/// A word for the shell: bare when nothing in it means anything, in single quotes, or, with a variable, in double ones.
fn quoted(pieces: &[Piece]) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    let variables = pieces.iter().any(|piece| matches!(piece, Piece::Variable(_)));
    if variables {
        let inside: String = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => {
                    text.chars().flat_map(|c| "\\\"$`".contains(c).then_some('\\').into_iter().chain([c])).collect()
                }
                Piece::Variable(name) => format!("${{{name}}}"),
            })
            .collect();
        return format!("\"{inside}\"");
    }
    shell(&pieces_text(pieces), bare)
}

fn shell(text: &str, bare: impl Fn(char) -> bool) -> String {
    if !text.is_empty() && text.chars().all(bare) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A literal as one word of the shell.
pub fn word(text: &str) -> String {
    quoted(&[Piece::Text(text.to_owned())])
}

/// The shell variable that holds an attribute of a resource: `VPC_MY_VPC`, for anything but the id with the attribute
/// at its end.
pub fn variable(of: &Of) -> String {
    let role = if of.key.role == Role::Peer { "PEER_" } else { "" };
    let attr = if of.attr == "id" { String::new() } else { format!("_{}", of.attr) };
    let name = format!("{role}{}_{}{attr}", of.key.kind, of.key.name);
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// Where a script keeps the password that it generates for a database.
pub fn password_file(name: &str) -> String {
    format!("{name}.password")
}

/// `CreateVpc` as `create-vpc`, `DBInstance` as `db-instance`.
fn kebab(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let starts = c.is_uppercase()
            && before.is_some_and(|b| {
                !b.is_uppercase() || chars.get(at + 1).is_some_and(|next| next.is_lowercase() && *next != 's')
            });
        if starts {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::model::Key;
    use crate::lab::call::{Effect, Service};

    fn call(operation: &str) -> Call {
        let key = Key::home("vpc", "my-vpc");
        Call::new(Service::Ec2, operation, Effect::Create, &key, "s", "ap-northeast-2")
    }

    #[test]
    fn simple_arguments_become_options() {
        let call = call("CreateVpc")
            .arg("CidrBlock", Arg::text("10.1.0.0/16"))
            .arg("AmazonProvidedIpv6CidrBlock", Arg::Bool(false));
        assert_eq!(
            command(&call),
            "aws ec2 create-vpc --region ap-northeast-2 --cidr-block 10.1.0.0/16 --no-amazon-provided-ipv6-cidr-block"
        );
    }

    #[test]
    fn structures_are_shorthand_and_variables_are_in_double_quotes() {
        let tags = Arg::List(vec![Arg::map([
            ("ResourceType", Arg::text("vpc")),
            ("Tags", Arg::List(vec![Arg::map([("Key", Arg::text("Name")), ("Value", Arg::text("my-vpc"))])])),
        ])]);
        let group = Key::home("security-group", "my-bastion-host-sg");
        let rule = Arg::List(vec![Arg::map([
            ("IpProtocol", Arg::text("tcp")),
            ("FromPort", Arg::Int(22)),
            ("UserIdGroupPairs", Arg::List(vec![Arg::map([("GroupId", Arg::id(&group))])])),
        ])]);
        assert_eq!(
            command(&call("X").arg("TagSpecifications", tags)),
            "aws ec2 x --region ap-northeast-2 --tag-specifications 'ResourceType=vpc,Tags=[{Key=Name,Value=my-vpc}]'"
        );
        assert_eq!(
            command(&call("X").arg("IpPermissions", rule)),
            "aws ec2 x --region ap-northeast-2 --ip-permissions \
             \"IpProtocol=tcp,FromPort=22,UserIdGroupPairs=[{GroupId=${SECURITY_GROUP_MY_BASTION_HOST_SG}}]\""
        );
    }

    #[test]
    fn what_the_shorthand_cannot_say_is_json() {
        let range = Arg::List(vec![Arg::map([
            ("CidrIp", Arg::text("1.2.3.4/32")),
            ("Description", Arg::text("it's \"me\", really")),
        ])]);
        assert_eq!(
            command(&call("X").arg("Ranges", range)),
            r#"aws ec2 x --region ap-northeast-2 --ranges '{"CidrIp":"1.2.3.4/32","Description":"it'\''s \"me\", really"}'"#
        );
    }

    #[test]
    fn the_items_of_a_list_are_all_shorthand_or_all_json() {
        let tag = |key: &str, value: &str| Arg::map([("Key", Arg::text(key)), ("Value", Arg::text(value))]);
        let tags = Arg::List(vec![tag("Project", "aws-lab"), tag("Name", "my-alb 443")]);
        assert_eq!(
            command(&call("X").arg("Tags", tags)),
            r#"aws ec2 x --region ap-northeast-2 --tags '{"Key":"Project","Value":"aws-lab"}' '{"Key":"Name","Value":"my-alb 443"}'"#
        );
    }

    #[test]
    fn counts_files_and_odd_names() {
        let call = call("RunInstances")
            .arg("MinCount", Arg::Int(1))
            .arg("MaxCount", Arg::Int(1))
            .arg("SecurityGroupIds", Arg::List(vec![Arg::text("sg-1"), Arg::text("sg-2")]))
            .arg("PublicKeyMaterial", Arg::PublicKey("my-ec2-keypair".into()))
            .arg("Description", Arg::text("two words"));
        assert_eq!(
            command(&call),
            "aws ec2 run-instances --region ap-northeast-2 --count 1 --security-group-ids sg-1 sg-2 \
             --public-key-material fileb://my-ec2-keypair.pub --description 'two words'"
        );
        assert_eq!(kebab("TargetGroupARNs"), "target-group-arns");
        assert_eq!(kebab("VPCZoneIdentifier"), "vpc-zone-identifier");
        assert_eq!(kebab("DBInstanceIdentifier"), "db-instance-identifier");
        assert_eq!(kebab("EnableDnsHostnames"), "enable-dns-hostnames");
    }

    #[test]
    fn a_list_in_one_string_and_the_opposite_of_no() {
        let subnet = |name: &str| Arg::id(&Key::home("subnet", name));
        let zones = Arg::Joined(vec![subnet("a"), subnet("c")]);
        assert_eq!(
            command(&call("X").arg("VPCZoneIdentifier", zones).arg("NoReboot", Arg::Bool(true))),
            "aws ec2 x --region ap-northeast-2 --vpc-zone-identifier \"${SUBNET_A},${SUBNET_C}\" --no-reboot"
        );
        assert_eq!(command(&call("X").arg("NoReboot", Arg::Bool(false))), "aws ec2 x --region ap-northeast-2 --reboot");
    }
}
