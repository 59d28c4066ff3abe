//! Key pair: made on the learner's machine, its public half imported.
//!
//! The private key is written once, with mode 0600, under the session's key directory; an existing file is never
//! overwritten, and the private key never leaves the machine. Observed: `name`, `fingerprint` (AWS's), and
//! `local_fingerprint` when the file is there; a hand-made key pair without a local file is taken as it is.

use std::fs;
use std::io;
use std::path::Path;

use aws_sdk_ec2::types::{Filter, KeyPairInfo};
use aws_smithy_types::Blob;
use ssh_key::rand_core::OsRng;
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey, PublicKey};

use crate::cloud::{Answered, CallError, Clients, Live, Sights, Swept, Want};
use crate::course::model::Role;
use crate::course::schema::Field;
use crate::i18n::Text;
use crate::lab::access::key_file;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind};
use crate::lab::world::{Desired, Difference, Mend, Observed, Sight, World};
use crate::problem::{Problem, ProblemKind};

use super::secret_file::write_once;
use super::support::{self, Listed, Listing, Match, Seen, done, read, send};

/// The declared fields: none; the key is made on the learner's machine.
pub const FIELDS: &[Field] = &[];

/// The kind.
#[derive(Debug)]
pub struct KeyPair;

impl Kind for KeyPair {
    fn name(&self) -> &'static str {
        "key-pair"
    }

    fn title(&self) -> Text {
        Text::new("키 페어", "key pair")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        vec![
            support::ec2_call("ImportKeyPair", Effect::Create, desired)
                .arg("KeyName", Arg::text(&desired.key.name))
                .arg("PublicKeyMaterial", Arg::PublicKey(desired.key.name.clone()))
                .arg("TagSpecifications", support::tags(desired, env, &["key-pair"]))
                .gives("KeyPairId"),
        ]
    }

    /// Whether the key pair on AWS is the one whose private half is here.
    fn differences(&self, desired: &Desired, observed: &Observed, _: &Env<'_>) -> Vec<Difference> {
        let (Some(local), Some(remote)) = (observed.text("local_fingerprint"), observed.text("fingerprint")) else {
            return Vec::new();
        };
        if local == remote {
            return Vec::new();
        }
        vec![Difference {
            key: desired.key.clone(),
            field: "fingerprint".to_owned(),
            wanted: local.to_owned(),
            found: remote.to_owned(),
            mend: Mend::Replace,
        }]
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_call("DeleteKeyPair", observed, step)
                .arg("KeyName", Arg::text(observed.text("name").unwrap_or(&observed.key.name)))
                .done_if(&["InvalidKeyPair.NotFound"]),
        ]
    }

    fn rank(&self) -> u8 {
        10
    }
}

/// The local public key; `None` when there is no private key file.
fn local(keys: &Path, name: &str) -> Result<Option<PublicKey>, Problem> {
    let path = key_file(keys, name);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(&path, &error.to_string())),
    };
    // The error could quote the file: it is not passed on.
    let key = PrivateKey::from_openssh(&text).map_err(|_| unusable(&path, "OpenSSH"))?;
    Ok(Some(key.public_key().clone()))
}

/// Makes the private key unless it is there, and gives its public half.
fn local_or_new(keys: &Path, name: &str) -> Result<PublicKey, Problem> {
    if let Some(key) = local(keys, name)? {
        return Ok(key);
    }
    let path = key_file(keys, name);
    let mut key =
        PrivateKey::random(&mut OsRng, Algorithm::Ed25519).map_err(|error| unusable(&path, &error.to_string()))?;
    key.set_comment(name);
    let text = key.to_openssh(LineEnding::LF).map_err(|error| unusable(&path, &error.to_string()))?;
    write_once(&path, text.as_bytes()).map_err(|error| unusable(&path, &error.to_string()))?;
    // Another awslab may have been faster: the file that is there counts.
    local(keys, name)?.ok_or_else(|| unusable(&path, "not written"))
}

fn unusable(path: &Path, why: &str) -> Problem {
    let path = path.display();
    Problem::new(
        ProblemKind::Store,
        format!("개인 키 파일을 쓸 수 없습니다: {path}"),
        format!("The private key file cannot be used: {path}"),
    )
    .because(why, why)
    .hint(
        "파일을 다른 곳으로 옮기면 새 키를 만듭니다. awslab은 있는 키를 덮어쓰지 않습니다",
        "Move the file away and a new key is made; awslab never overwrites a key",
    )
}

/// AWS's fingerprint of an ED25519 key: base64 of SHA-256.
fn fingerprint(key: &PublicKey) -> String {
    bare(&key.fingerprint(HashAlg::Sha256).to_string()).to_owned()
}

/// A fingerprint without its prefix and padding, which AWS writes and OpenSSH does not.
fn bare(fingerprint: &str) -> &str {
    fingerprint.trim_start_matches("SHA256:").trim_end_matches('=')
}

impl Listed for KeyPair {
    const BY_ID: &'static str = "key-pair-id";
    const BY_VPC: Option<&'static str> = None;

    fn list<'a>(&'a self, clients: &'a Clients, role: Role, filters: Vec<Filter>) -> Listing<'a> {
        Box::pin(async move {
            let request = clients.ec2(role).describe_key_pairs().set_filters(Some(filters)).include_public_key(true);
            let answer = read!(clients, role, "DescribeKeyPairs", request);
            Ok(answer.key_pairs().iter().map(seen).collect())
        })
    }
}

fn seen(pair: &KeyPairInfo) -> Seen {
    // The public key says more than the fingerprint, whose algorithm depends on how the key pair came about.
    let of_key =
        pair.public_key().and_then(|key| PublicKey::from_openssh(key.trim()).ok()).map(|key| fingerprint(&key));
    let stated = pair.key_fingerprint().map(|text| bare(text).to_owned());
    Seen::new(pair.key_pair_id(), "available", pair.tags())
        .with("name", pair.key_name())
        .with("fingerprint", of_key.or(stated))
}

impl Live for KeyPair {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let seen = support::look(self, clients, role, wants).await?;
            let mut out = Vec::new();
            for want in wants {
                let name = want.desired.key.name.as_str();
                // The key name is unique in a region and instances are launched with it: no other key pair will do.
                let named: Vec<Seen> = seen.iter().filter(|seen| seen.text("name") == Some(name)).cloned().collect();
                let by = Match { scope: None, natural: Some(&|_: &Seen| true) };
                let mut sight = support::pick(clients.region(role), wants, want, &named, by);
                if let (Sight::Found(pair), Some(key)) = (&mut sight, local(clients.keys(), name)?) {
                    pair.fields.insert("local_fingerprint".to_owned(), fingerprint(&key).into());
                }
                out.push((want.desired.key.clone(), sight));
            }
            Ok(out)
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "ImportKeyPair" => {
                    let name = support::text(call, "PublicKeyMaterial")?;
                    let broken = |problem| CallError { code: String::new(), unknown_outcome: false, problem };
                    let public = local_or_new(clients.keys(), &name).map_err(broken)?;
                    let line = public.to_openssh().map_err(|error| support::fault(error.to_string()))?;
                    let request = ec2
                        .import_key_pair()
                        .key_name(support::text(call, "KeyName")?)
                        .public_key_material(Blob::new(line.into_bytes()))
                        .set_tag_specifications(support::tag_specifications(call));
                    Ok(support::gave(send!(call, request).key_pair_id()))
                }
                "DeleteKeyPair" => {
                    done!(call, ec2.delete_key_pair().key_name(support::text(call, "KeyName")?))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn strays<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(support::everything(self, "key-pair", clients, role))
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let mut left = support::sweep(self, "key-pair", clients, role, vpcs).await?;
            for pair in &mut left {
                if let Some(name) = pair.text("name").map(str::to_owned) {
                    pair.key.name = name;
                }
            }
            Ok(left)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_can_read_it() {
        let home = tempfile::tempdir().unwrap();
        let keys = home.path().join("keys");
        let first = local_or_new(&keys, "my-ec2-keypair").unwrap();
        let path = key_file(&keys, "my-ec2-keypair");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----"));
        assert_eq!(first, local_or_new(&keys, "my-ec2-keypair").unwrap());
        assert_eq!(text, fs::read_to_string(&path).unwrap());
        assert_eq!(fs::read_dir(&keys).unwrap().count(), 1, "no draft is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn an_unreadable_key_is_not_overwritten_and_not_quoted() {
        let home = tempfile::tempdir().unwrap();
        let path = key_file(home.path(), "k");
        fs::write(&path, "my secret").unwrap();
        let problem = local_or_new(home.path(), "k").unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "my secret");
        assert!(!problem.to_string().contains("my secret"));
    }

    #[test]
    fn fingerprints_compare_in_either_spelling() {
        assert_eq!(bare("SHA256:abc"), bare("abc="));
    }
}
