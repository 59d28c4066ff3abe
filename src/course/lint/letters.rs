//! Characters that terminals show differently from one another, and decomposed Hangul.

use unicode_normalization::UnicodeNormalization as _;
use unicode_width::UnicodeWidthChar as _;

use crate::course::fault::{Fault, Faults};
use crate::course::source::FileId;

/// Looks at every line of a file; one fault a line and rule is enough.
pub(super) fn check(file: FileId, text: &str, faults: &Faults) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if !line.is_ascii() {
            composed(file, start, line, faults);
            narrow(file, start, line, faults);
        }
        if let Some(at) = line.find('\t') {
            let at = start + at;
            faults.add(Fault::new(file, at..at + 1, "탭 문자가 있습니다", "there is a tab").hint(
                "빈칸으로 바꾸세요. 탭의 너비는 터미널마다 다릅니다",
                "use spaces: terminals differ in how wide a tab is",
            ));
        }
        start += line.len();
    }
}

fn composed(file: FileId, start: usize, line: &str, faults: &Faults) {
    let Some(at) = line.chars().zip(line.nfc()).position(|(raw, composed)| raw != composed) else { return };
    let before: usize = line.chars().take(at).map(char::len_utf8).sum();
    let length = line.chars().nth(at).map_or(1, char::len_utf8);
    faults.add(
        Fault::new(
            file,
            start + before..start + before + length,
            "NFC가 아닌 글자가 있습니다",
            "a character is not NFC",
        )
        .label("자모로 풀린 글자", "decomposed")
        .hint(
            "파일을 NFC로 저장하세요. macOS의 파일 이름에서 복사한 글자일 수 있습니다",
            "save the file as NFC; it may have been copied from a macOS file name",
        ),
    );
}

/// Marks of East Asian ambiguous width (①, ■, …, “) take one cell in some terminals and two in others; emoji vary too.
fn narrow(file: FileId, start: usize, line: &str, faults: &Faults) {
    let bad = |c: &char| c.width() != c.width_cjk() || (c.width() == Some(2) && !is_letter(*c));
    let Some((at, mark)) = line.char_indices().find(|(_, c)| bad(c)) else { return };
    let at = start + at;
    faults.add(
        Fault::new(
            file,
            at..at + mark.len_utf8(),
            format!("너비가 터미널마다 다른 글자 `{mark}`가 있습니다"),
            format!("`{mark}` is not equally wide in all terminals"),
        )
        .label(format!("U+{:04X}", u32::from(mark)), format!("U+{:04X}", u32::from(mark)))
        .hint("ASCII 문장 부호나 말로 바꾸세요", "use ASCII punctuation, or words"),
    );
}

/// Hangul, CJK ideographs and kana: always two cells.
fn is_letter(c: char) -> bool {
    c.is_alphabetic()
}
