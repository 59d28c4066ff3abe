//! Hangul keyboards (two-set layout): which letter key a jamo or syllable was typed with.
//!
//! Promises: only for command keys; text that is typed into a field is never changed.

/// The two-set layout: compatibility jamo and the key that types it.
const KEYS: &[(char, &str)] = &[
    ('ㅂ', "q"),
    ('ㅈ', "w"),
    ('ㄷ', "e"),
    ('ㄱ', "r"),
    ('ㅅ', "t"),
    ('ㅛ', "y"),
    ('ㅕ', "u"),
    ('ㅑ', "i"),
    ('ㅐ', "o"),
    ('ㅔ', "p"),
    ('ㅁ', "a"),
    ('ㄴ', "s"),
    ('ㅇ', "d"),
    ('ㄹ', "f"),
    ('ㅎ', "g"),
    ('ㅗ', "h"),
    ('ㅓ', "j"),
    ('ㅏ', "k"),
    ('ㅣ', "l"),
    ('ㅋ', "z"),
    ('ㅌ', "x"),
    ('ㅊ', "c"),
    ('ㅍ', "v"),
    ('ㅠ', "b"),
    ('ㅜ', "n"),
    ('ㅡ', "m"),
    ('ㅃ', "Q"),
    ('ㅉ', "W"),
    ('ㄸ', "E"),
    ('ㄲ', "R"),
    ('ㅆ', "T"),
    ('ㅒ', "O"),
    ('ㅖ', "P"),
    ('ㅘ', "hk"),
    ('ㅙ', "ho"),
    ('ㅚ', "hl"),
    ('ㅝ', "nj"),
    ('ㅞ', "np"),
    ('ㅟ', "nl"),
    ('ㅢ', "ml"),
    ('ㄳ', "rt"),
    ('ㄵ', "sw"),
    ('ㄶ', "sg"),
    ('ㄺ', "fr"),
    ('ㄻ', "fa"),
    ('ㄼ', "fq"),
    ('ㄽ', "ft"),
    ('ㄾ', "fx"),
    ('ㄿ', "fv"),
    ('ㅀ', "fg"),
    ('ㅄ', "qt"),
];

const LEADS: &str = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
const VOWELS: &str = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ";
const TAILS: &str = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";

/// The letters of the keys that were pressed to type this sign, or `None` when it is not Hangul. An input method may
/// hand over a whole syllable for several keys: `가` is `r` and `k`.
pub fn letters(sign: char) -> Option<String> {
    let code = u32::from(sign);
    let mut out = String::new();
    let mut push = |jamo: Option<char>| -> Option<()> {
        let jamo = jamo?;
        out.push_str(KEYS.iter().find(|(known, _)| *known == jamo)?.1);
        Some(())
    };
    let nth = |set: &str, at: u32| usize::try_from(at).ok().and_then(|at| set.chars().nth(at));
    match code {
        0x3131..=0x3163 => push(Some(sign))?,
        0xAC00..=0xD7A3 => {
            let index = code - 0xAC00;
            push(nth(LEADS, index / 588))?;
            push(nth(VOWELS, index % 588 / 28))?;
            if !index.is_multiple_of(28) {
                push(nth(TAILS, index % 28 - 1))?;
            }
        }
        0x1100..=0x1112 => push(nth(LEADS, code - 0x1100))?,
        0x1161..=0x1175 => push(nth(VOWELS, code - 0x1161))?,
        0x11A8..=0x11C2 => push(nth(TAILS, code - 0x11A8))?,
        _ => return None,
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jamo_and_syllables_are_the_keys_that_typed_them() {
        for (sign, keys) in [
            ('ㅓ', "j"),
            ('ㅏ', "k"),
            ('ㅎ', "g"),
            ('ㄲ', "R"),
            ('가', "rk"),
            ('넘', "sja"),
            ('쀍', "Qnpfr"),
            ('\u{1100}', "r"),
            ('\u{1161}', "k"),
            ('\u{11ab}', "s"),
        ] {
            assert_eq!(letters(sign).as_deref(), Some(keys), "{sign}");
        }
        assert_eq!(letters('j'), None);
        assert_eq!(letters('字'), None);
    }

    #[test]
    fn every_jamo_and_every_syllable_has_keys() {
        for code in (0x3131..=0x3163).chain(0xAC00..=0xD7A3) {
            let sign = char::from_u32(code).unwrap_or('?');
            assert!(letters(sign).is_some_and(|keys| !keys.is_empty()), "{sign}");
        }
    }
}
