//! Files with a secret in them, which only their owner can read: private keys and passwords.
//!
//! Promises: a file is written whole or not at all, with mode 0600, and never over an existing one; no error quotes its
//! content.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ssh_key::rand_core::{OsRng, RngCore};

use crate::problem::{Problem, ProblemKind};

/// Writes a file that only its owner can read; whole or not at all, and never over an existing one.
pub(super) fn write_once(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    let draft = folder.join(name);
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&draft)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    // A hard link fails when the name is taken, where a rename would replace.
    let linked = written.and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    fs::remove_file(&draft)?;
    linked
}

/// The password that was generated for a database, or a new one: 32 hexadecimal digits, which every engine accepts.
pub(super) fn password(file: &Path) -> Result<String, Problem> {
    if let Some(known) = read(file)? {
        return Ok(known);
    }
    let mut bytes = [0_u8; 16];
    OsRng.try_fill_bytes(&mut bytes).map_err(|error| unusable(file, &error.to_string()))?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    write_once(file, text.as_bytes()).map_err(|error| unusable(file, &error.to_string()))?;
    // Another awslab may have been faster: the file that is there counts.
    read(file)?.ok_or_else(|| unusable(file, "not written"))
}

fn read(file: &Path) -> Result<Option<String>, Problem> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text.trim_end().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(file, &error.to_string())),
    }
}

/// Takes the password of something that is gone away. One that is not there is no failure.
pub(super) fn forget(file: &PathBuf) {
    if let Err(error) = fs::remove_file(file)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(file = %file.display(), %error, "a password file that is not needed any more stays");
    }
}

fn unusable(file: &Path, why: &str) -> Problem {
    let file = file.display();
    Problem::new(
        ProblemKind::Store,
        format!("암호 파일을 쓸 수 없습니다: {file}"),
        format!("The password file cannot be used: {file}"),
    )
    .because(why, why)
    .hint("파일과 폴더의 권한을 확인해 주세요", "Check the permissions of the file and its folder")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_password_is_made_once_and_only_its_owner_can_read_it() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("keys").join("db.password");
        let first = password(&file).unwrap();
        assert_eq!(first.len(), 32);
        assert!(first.chars().all(|c| c.is_ascii_hexdigit()));
        assert_eq!(first, password(&file).unwrap());
        assert_ne!(first, password(&home.path().join("other")).unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        forget(&file);
        forget(&file);
        assert!(!file.exists());
    }
}
