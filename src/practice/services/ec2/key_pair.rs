//! Key pairs: imported, or made here (the private half is given once and not kept).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use rsa::rand_core::{CryptoRng, RngCore};
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::public::{self, KeyData};
use ssh_key::{HashAlg, LineEnding, Mpint, PrivateKey, PublicKey};

use super::Call;
use super::common::{one, time};
use super::errors::{self, invalid_value, limit, missing};
use super::page::{Choice, choose};
use super::tags;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{KeyPair, Random, Region};

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

/// `43:51:43:...`
fn colons(digest: &[u8]) -> String {
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(":")
}

/// The fingerprint of an imported RSA key: MD5 of its public half in DER.
fn md5_of(key: &public::RsaPublicKey) -> Option<String> {
    let number = |value: &Mpint| value.as_positive_bytes().map(BigUint::from_bytes_be);
    let key = RsaPublicKey::new(number(&key.n)?, number(&key.e)?).ok()?;
    Some(colons(&Md5::digest(key.to_public_key_der().ok()?.as_bytes())))
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
    let (kind, fingerprint) = match public.key_data() {
        KeyData::Ed25519(_) => ("ed25519", sha256(&public)),
        KeyData::Rsa(key) => ("rsa", md5_of(key).ok_or_else(wrong)?),
        _ => return Err(wrong()),
    };
    let key = keep(call, name, kind, fingerprint, line.trim().to_owned());
    call.tag(&key.id, tags);
    Ok(answer(call, &key))
}

/// A new key pair: the private half as a file's text, the public half, the fingerprint.
struct Made {
    private: String,
    public: PublicKey,
    fingerprint: String,
}

fn make_ed25519(random: &mut Random) -> Option<Made> {
    let pair = Ed25519Keypair::from_seed(&random.bytes());
    let private = PrivateKey::new(KeypairData::from(pair), "").ok()?;
    let public = private.public_key().clone();
    let text = private.to_openssh(LineEnding::LF).ok()?;
    Some(Made { private: text.to_string(), fingerprint: sha256(&public), public })
}

/// The fingerprint of an RSA key that AWS made is the SHA-1 of its private half.
fn make_rsa(random: &mut Random) -> Option<Made> {
    let private = RsaPrivateKey::new(&mut Draws(random), 2048).ok()?;
    let fingerprint = colons(&Sha1::digest(private.to_pkcs8_der().ok()?.as_bytes()));
    let number = |value: &BigUint| Mpint::from_positive_bytes(&value.to_bytes_be()).ok();
    let public = KeyData::Rsa(public::RsaPublicKey { e: number(private.e())?, n: number(private.n())? });
    let text = private.to_pkcs1_pem(LineEnding::LF).ok()?;
    Some(Made { private: text.to_string(), public: public.into(), fingerprint })
}

/// The world's generator as `rsa` wants it. Good enough for keys that open nothing: no host of the practice cloud can be reached.
struct Draws<'a>(&'a mut Random);

impl RngCore for Draws<'_> {
    fn next_u32(&mut self) -> u32 {
        let [a, b, c, d, ..] = self.0.draw().to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    fn next_u64(&mut self) -> u64 {
        self.0.draw()
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let bytes = self.0.draw().to_le_bytes();
            chunk.copy_from_slice(bytes.get(..chunk.len()).unwrap_or_default());
        }
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

impl CryptoRng for Draws<'_> {}

/// CreateKeyPair: the private key is in the answer and nowhere else.
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let name = new_name(call)?;
    let kind = call.params.text("KeyType").unwrap_or("rsa");
    let tags = call.tags_for("key-pair")?;
    match call.params.text("KeyFormat").unwrap_or("pem") {
        "pem" => {}
        "ppk" => return Err(ApiError::not_simulated("keys in PuTTY's format")),
        other => return Err(invalid_value(format!("Value ({other}) for parameter keyFormat is invalid."))),
    }
    let made = match kind {
        "ed25519" => make_ed25519(call.region.random()),
        "rsa" => make_rsa(call.region.random()),
        other => return Err(invalid_value(format!("Value ({other}) for parameter keyType is invalid."))),
    };
    let failed = || ApiError::new("InternalError", "An internal error has occurred").status(500);
    let made = made.ok_or_else(failed)?;
    let line = made.public.to_openssh().map_err(|_| failed())?;
    let key = keep(call, name, kind, made.fingerprint, line);
    call.tag(&key.id, tags);
    Ok(answer(call, &key).leaf("keyMaterial", made.private))
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
