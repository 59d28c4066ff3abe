//! Key pairs: imported, or made here (the private half is given once and not kept).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey};

use super::Call;
use super::common::{one, time};
use super::errors::{self, invalid_value, limit, missing};
use super::page::{Choice, choose};
use super::tags;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{KeyPair, Region};

/// A name that no key pair of the region has yet.
fn new_name<'c>(call: &Call<'c>) -> Result<&'c str, ApiError> {
    let name = call.params.required("KeyName")?;
    if name.len() > 255 || !name.is_ascii() || name.starts_with(' ') || name.ends_with(' ') {
        return Err(invalid_value(format!("Value ({name}) for parameter KeyName is invalid.")));
    }
    if call.region.key_pairs.values().any(|key| key.name == name) {
        return Err(ApiError::new("InvalidKeyPair.Duplicate", format!("The keypair '{name}' already exists.")));
    }
    if call.region.key_pairs.len() >= call.region.options().limits.key_pairs {
        return Err(limit("KeyPairLimitExceeded", "key pairs"));
    }
    Ok(name)
}

fn keep(call: &mut Call<'_>, name: &str, kind: &str, fingerprint: String, public_key: String) -> KeyPair {
    let key = KeyPair {
        id: call.region.id("key"),
        name: name.to_owned(),
        kind: kind.to_owned(),
        fingerprint,
        public_key,
        created: call.region.now(),
    };
    call.region.key_pairs.insert(key.id.clone(), key.clone());
    call.region.hide_for_a_while(&key.id);
    key
}

fn answer(call: &Call<'_>, key: &KeyPair) -> Element {
    call.answer()
        .leaf("keyName", &key.name)
        .leaf("keyPairId", &key.id)
        .leaf("keyFingerprint", &key.fingerprint)
        .child(tags::set(call.region, &key.id))
}

/// The fingerprint of an ED25519 key: SHA-256 of the public key, in base64.
fn sha256(key: &PublicKey) -> String {
    STANDARD.encode(key.fingerprint(HashAlg::Sha256).as_bytes())
}

/// ImportKeyPair: an OpenSSH public key, in base64 as blobs are.
pub(super) fn import(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let wrong = || ApiError::new("InvalidKey.Format", "Key is not in valid OpenSSH public key format");
    let name = new_name(call)?;
    let material = call.params.required("PublicKeyMaterial")?;
    let tags = call.tags_for("key-pair")?;
    let bytes = STANDARD.decode(material.trim()).map_err(|_| wrong())?;
    let line = String::from_utf8(bytes).map_err(|_| wrong())?;
    let public = PublicKey::from_openssh(line.trim()).map_err(|_| wrong())?;
    let (kind, fingerprint) = if public.key_data().is_ed25519() {
        ("ed25519", sha256(&public))
    } else if public.key_data().is_rsa() {
        return Err(ApiError::not_simulated("RSA keys (ED25519 keys are)"));
    } else {
        return Err(wrong());
    };
    let key = keep(call, name, kind, fingerprint, line.trim().to_owned());
    call.tag(&key.id, tags);
    Ok(answer(call, &key))
}

/// CreateKeyPair: the private key is in the answer and nowhere else.
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let name = new_name(call)?;
    let kind = call.params.text("KeyType").unwrap_or("rsa");
    let format = call.params.text("KeyFormat").unwrap_or("pem");
    let tags = call.tags_for("key-pair")?;
    match (kind, format) {
        ("ed25519", "pem") => {}
        ("rsa", "pem") => return Err(ApiError::not_simulated("RSA keys (KeyType=ed25519 is)")),
        ("rsa" | "ed25519", "ppk") => return Err(ApiError::not_simulated("keys in PuTTY's format")),
        ("rsa" | "ed25519", other) => {
            return Err(invalid_value(format!("Value ({other}) for parameter keyFormat is invalid.")));
        }
        (other, _) => return Err(invalid_value(format!("Value ({other}) for parameter keyType is invalid."))),
    }
    let failed = |_| ApiError::new("InternalError", "An internal error has occurred").status(500);
    let pair = Ed25519Keypair::from_seed(&call.region.random().bytes());
    let private = PrivateKey::new(KeypairData::from(pair), "").map_err(failed)?;
    let public = private.public_key().clone();
    let line = public.to_openssh().map_err(failed)?;
    let material = private.to_openssh(LineEnding::LF).map_err(failed)?;
    let key = keep(call, name, kind, sha256(&public), line);
    call.tag(&key.id, tags);
    Ok(answer(call, &key).leaf("keyMaterial", material.as_str()))
}

/// DeleteKeyPair: succeeds also when there is no such key pair.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let (id, name) = (call.params.text("KeyPairId"), call.params.text("KeyName"));
    if id.is_none() && name.is_none() {
        return Err(missing("KeyName"));
    }
    let found = call
        .region
        .key_pairs
        .values()
        .find(|key| id.map_or_else(|| Some(key.name.as_str()) == name, |id| key.id == id))
        .map(|key| key.id.clone());
    if let Some(found) = &found {
        call.region.key_pairs.remove(found);
        call.region.forget(found);
    }
    Ok(call.done().leaf_opt("keyPairId", found))
}

const FILTERS: &[&str] = &["fingerprint", "key-name", "key-pair-id"];

fn fact(_: &Region, key: &KeyPair, name: &str) -> Vec<String> {
    match name {
        "fingerprint" => one(&key.fingerprint),
        "key-name" => one(&key.name),
        "key-pair-id" => one(&key.id),
        _ => Vec::new(),
    }
}

/// DescribeKeyPairs
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let names = call.params.list("KeyName");
    let with_key = call.params.bool("IncludePublicKey")?.unwrap_or(false);
    for name in &names {
        if !call.region.key_pairs.values().any(|key| key.name == *name && !call.region.is_hidden(&key.id)) {
            return Err(errors::KEY_PAIR.not_found(name));
        }
    }
    let choice = Choice { ids: "KeyPairId", noun: &errors::KEY_PAIR, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.key_pairs.iter(), fact)?;
    let items = page.items.iter().filter(|key| names.is_empty() || names.contains(&key.name.as_str())).map(|key| {
        Element::item()
            .leaf("keyPairId", &key.id)
            .leaf("keyName", &key.name)
            .leaf("keyType", &key.kind)
            .leaf("keyFingerprint", &key.fingerprint)
            .leaf("createTime", time(key.created))
            .leaf_opt("publicKey", with_key.then_some(&key.public_key))
            .child(tags::set(call.region, &key.id))
    });
    Ok(call.answer().list("keySet", items))
}
