//! Splits a `guide.*.md` into pages and their parts, with places.
//!
//! A page begins with `# ID Title` and runs to the next one. Its text up to the first `## ` is the guide (of a chapter's
//! page: the summary). Then come parts: `## console`, `## hint` (several), `## why`, `## notes`. These words are the same in every
//! language, so that both files can be compared.

use std::ops::Range;

use super::fault::{At, Fault, Faults};
use super::source::FileId;

/// The parts that a page may have.
pub(super) const PARTS: [&str; 4] = ["console", "hint", "why", "notes"];

/// A page.
#[derive(Debug, Clone)]
pub(super) struct Page {
    /// The id of the chapter, section or step.
    pub id: At<String>,
    /// Its title.
    pub title: At<String>,
    /// The text before the first part.
    pub guide: At<String>,
    /// `## console`.
    pub console: Option<At<String>>,
    /// `## hint`, in order.
    pub hints: Vec<At<String>>,
    /// `## why`.
    pub why: Option<At<String>>,
    /// `## notes`.
    pub notes: Option<At<String>>,
}

/// Reads a file's pages.
pub(super) fn read(file: FileId, text: &str, faults: &Faults) -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    // Where the part being read began, and its name: `None` is the guide.
    let mut part: (usize, Option<At<String>>) = (0, None);
    let mut fenced = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let span = at..at + line.trim_end().len();
        let start = at;
        at += line.len();
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        if let Some(heading) = line.strip_prefix("# ") {
            close(&mut pages, file, text, part.0..start, part.1.take(), faults);
            let offset = start + 2;
            let id = heading.split_whitespace().next().unwrap_or_default();
            let id_start = offset + heading.find(id).unwrap_or_default();
            let rest = id_start + id.len()..span.end.max(id_start + id.len());
            let id = At::new(id.to_owned(), file, id_start..id_start + id.len());
            let title = trimmed(file, text, rest);
            if title.value.is_empty() {
                faults.add(
                    Fault::new(file, span, "제목이 없습니다", "the page has no title")
                        .label("`# 이름 제목`", "`# id title`")
                        .hint(
                            "`# vpc.network.nat NAT 게이트웨이`처럼 쓰세요",
                            "write it like `# vpc.network.nat NAT gateway`",
                        ),
                );
            }
            let guide = At::new(String::new(), file, at..at);
            pages.push(Page { id, title, guide, console: None, hints: Vec::new(), why: None, notes: None });
            part = (at, None);
        } else if let Some(name) = line.strip_prefix("## ") {
            close(&mut pages, file, text, part.0..start, part.1.take(), faults);
            let name = At::new(name.trim().to_owned(), file, span.clone());
            if !PARTS.contains(&name.value.as_str()) {
                faults.add(
                    name.fault(
                        format!("`{}`라는 부분은 없습니다", name.value),
                        format!("there is no part `{}`", name.value),
                    )
                    .label("모르는 부분", "unknown part")
                    .known(&name.value, PARTS)
                    .hint("본문 안의 소제목은 `### `로 쓰세요", "headings inside a text are written with `### `"),
                );
            }
            part = (at, Some(name));
        }
    }
    close(&mut pages, file, text, part.0..text.len(), part.1.take(), faults);
    pages
}

fn trimmed(file: FileId, text: &str, span: Range<usize>) -> At<String> {
    let raw = text.get(span.clone()).unwrap_or_default();
    let start = span.start + (raw.len() - raw.trim_start().len());
    let body = raw.trim();
    At::new(body.to_owned(), file, start..start + body.len())
}

fn close(pages: &mut [Page], file: FileId, text: &str, span: Range<usize>, name: Option<At<String>>, faults: &Faults) {
    let body = trimmed(file, text, span);
    let Some(page) = pages.last_mut() else {
        if !body.value.is_empty() || name.is_some() {
            faults.add(
                body.fault("이 글이 어느 쪽의 것인지 알 수 없습니다", "this text belongs to no page")
                    .label("첫 `# ` 앞", "before the first `# `")
                    .hint(
                        "`# vpc.goal.architecture 제목`으로 시작하세요",
                        "begin with `# vpc.goal.architecture Title`",
                    ),
            );
        }
        return;
    };
    let Some(name) = name else {
        page.guide = body;
        return;
    };
    if body.value.is_empty() {
        faults.add(
            name.fault(format!("`{}` 부분이 비어 있습니다", name.value), format!("`{}` is empty", name.value))
                .hint("내용을 쓰거나 제목을 지워 주세요", "write something, or delete the heading"),
        );
    }
    let twice = match name.value.as_str() {
        "hint" => {
            page.hints.push(body);
            false
        }
        "console" => page.console.replace(body).is_some(),
        "why" => page.why.replace(body).is_some(),
        "notes" => page.notes.replace(body).is_some(),
        _ => false,
    };
    if twice {
        faults.add(
            name.fault(
                format!("`{}` 부분이 한 쪽에 두 번 있습니다", name.value),
                format!("`{}` is on the page twice", name.value),
            )
            .hint("하나로 합쳐 주세요", "make one of the two"),
        );
    }
}
