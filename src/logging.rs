//! The log: files under `AWSLAB_HOME/log`, one a day, a week of them. Nothing goes to the terminal.
//!
//! Secrets are kept out at the source (events name operations, ids and codes, never parameters or bodies) and, for
//! what libraries say, by a filter that lets only awslab's own events through unless `AWSLAB_LOG` asks for more.

use std::io::Write;
use std::path::Path;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Starts logging. A folder that cannot be written is no reason to stop: then nothing is logged. The guard flushes
/// when it is dropped.
pub fn start(folder: &Path) -> Option<WorkerGuard> {
    std::fs::create_dir_all(folder).ok()?;
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("awslab")
        .filename_suffix("log")
        .max_log_files(7)
        .build(folder)
        .ok()?;
    // The queue is allocated at once and touched whole: the default of 128 000 lines costs 4 MiB and a millisecond and a
    // half of the start. When it is full, lines are dropped rather than waited for.
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(4_096).finish(appender);
    let filter = EnvFilter::try_from_env("AWSLAB_LOG").unwrap_or_else(|_| EnvFilter::new("awslab=debug"));
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(Clean(writer)).finish();
    tracing::subscriber::set_global_default(subscriber).ok()?;
    Some(guard)
}

/// Takes access keys, signatures, tokens and private keys out of what is written.
struct Clean<W>(W);

struct CleanLine<W: Write>(W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Clean<W> {
    type Writer = CleanLine<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        CleanLine(self.0.make_writer())
    }
}

impl<W: Write> Write for CleanLine<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write_all(clean(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// What is followed by a secret: everything up to the next space, quote, comma or ampersand goes.
const BEFORE_SECRETS: &[&str] = &[
    "X-Amz-Security-Token=",
    "X-Amz-Signature=",
    "Signature=",
    "Credential=",
    "x-amz-security-token: ",
    "x-amz-security-token\": \"",
    "aws_secret_access_key=",
    "aws_session_token=",
    "secret_access_key: \"",
    "session_token: \"",
];

/// The text without secrets.
pub fn clean(text: &str) -> String {
    let mut out = text.to_owned();
    for before in BEFORE_SECRETS {
        out = cut_after(&out, before);
    }
    for prefix in ["AKIA", "ASIA"] {
        out = cut_key_ids(&out, prefix);
    }
    while let Some(start) = out.find("-----BEGIN ") {
        let end = out[start..].find("-----END ").map_or(out.len(), |at| {
            let tail = start + at + "-----END ".len();
            out[tail..].find("-----").map_or(out.len(), |more| tail + more + "-----".len())
        });
        out.replace_range(start..end, "[removed]");
    }
    out
}

fn cut_after(text: &str, before: &str) -> String {
    let mut parts = text.split(before);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find([' ', '"', '\'', ',', '&', '\n', ')']).unwrap_or(part.len());
        out.push_str(before);
        out.push_str("[removed]");
        out.push_str(&part[end..]);
    }
    out
}

fn cut_key_ids(text: &str, prefix: &str) -> String {
    let mut parts = text.split(prefix);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let id = part.bytes().take_while(u8::is_ascii_alphanumeric).count();
        if id == 16 {
            out.push_str("[removed]");
            out.push_str(&part[id..]);
        } else {
            out.push_str(prefix);
            out.push_str(part);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_and_the_rest_stays() {
        let line = "POST Credential=AKIAIOSFODNN7EXAMPLE/20261122/x, Signature=abcdef0123 id=vpc-1 token AKIAIOSFODNN7EXAMPLE end";
        let cleaned = clean(line);
        assert!(!cleaned.contains("AKIAIOSFODNN7EXAMPLE") && !cleaned.contains("abcdef0123"), "{cleaned}");
        assert!(cleaned.contains("id=vpc-1") && cleaned.ends_with(" end"), "{cleaned}");
        let key = "a -----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\n-----END OPENSSH PRIVATE KEY----- b";
        assert_eq!(clean(key), "a [removed] b");
    }
}
