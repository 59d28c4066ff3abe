//! `awslab labs test`: what `engine::trial` finds, and whether every page fits a small terminal.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cloud::kinds;
use crate::course;
use crate::course::model::{Chapter, Course, Step};
use crate::engine::trial::{Finding, Trial};
use crate::i18n::{Lang, Text};
use crate::problem::{Problem, ProblemKind};
use crate::view::Look;
use crate::view::markdown;
use crate::view::text::width;

use super::{out, unusable};

/// The room for text on a terminal of 80 columns.
const ROOM: usize = 76;
/// What stands for a line that was cut.
const CUT: char = '…';

/// Runs the command: exit code 1 when anything is not as it should be.
pub(super) async fn run(chapters: &[String], labs: Option<&Path>, lang: Lang) -> Result<u8, Problem> {
    if super::lint(labs, lang) > 0 {
        return Ok(1);
    }
    let (course, mistakes) =
        course::load_with_mistakes(labs, kinds::registry()).map_err(|problems| course::summary(&problems))?;
    let course = Arc::new(course);
    let chosen = choose(&course, chapters)?;
    let scratch = Scratch::new()?;
    let trial = Trial::new(Arc::clone(&course), &mistakes, &scratch.0);
    let (mut all, mut wrong) = (0, 0);
    for chapter in chosen {
        let mut tell = |finding: Finding| {
            all += 1;
            wrong += usize::from(!finding.ok);
            show(&finding, lang);
        };
        tell(pages(chapter));
        trial.chapter(&chapter.id, tell).await?;
    }
    out::line(match (lang, wrong) {
        (Lang::Ko, 0) => format!("{all}가지를 해 보았고 모두 맞습니다."),
        (Lang::En, 0) => format!("{all} trials, all as they should be."),
        (Lang::Ko, _) => format!("{all}가지를 해 보았고 {wrong}가지가 틀립니다."),
        (Lang::En, _) => format!("{all} trials, {wrong} wrong."),
    });
    Ok(u8::from(wrong > 0))
}

fn choose<'a>(course: &'a Course, wanted: &[String]) -> Result<Vec<&'a Chapter>, Problem> {
    if wanted.is_empty() {
        return Ok(course.chapters.iter().collect());
    }
    let find = |name: &String| {
        let mut chapters = course.chapters.iter();
        chapters.find(|chapter| chapter.id == *name || chapter.number.to_string() == *name).ok_or_else(|| {
            let known = course.chapters.iter().map(|one| one.id.as_str()).collect::<Vec<_>>().join(", ");
            Problem::new(
                ProblemKind::Usage,
                format!("`{name}`라는 장이 없습니다"),
                format!("There is no chapter `{name}`"),
            )
            .hint(format!("있는 장: {known}"), format!("There are: {known}"))
        })
    };
    wanted.iter().map(find).collect()
}

fn show(finding: &Finding, lang: Lang) {
    let place = finding.place.as_ref().filter(|_| !finding.ok);
    let place = place.map(|place| format!(" ({}:{})", place.file, place.line)).unwrap_or_default();
    out::line(format!("{} {}{place}", if finding.ok { "✓" } else { "✗" }, finding.title.get(lang)));
    if !finding.ok {
        for line in finding.detail.get(lang).lines() {
            out::line(format!("    {line}"));
        }
    }
}

/// Whether everything that a chapter shows fits: lines wrap and pages scroll, but nothing may be cut off.
fn pages(chapter: &Chapter) -> Finding {
    let steps = || chapter.sections.iter().flat_map(|section| &section.steps);
    let mut wrong: Vec<Text> = Vec::new();
    for lang in [Lang::Ko, Lang::En] {
        let titles = chapter.sections.iter().map(|section| (&section.id, &section.number, &section.title));
        for (id, number, title) in titles.chain(steps().map(|step| (&step.id, &step.number, &step.title))) {
            let title = title.get(lang);
            if width(title) + width(number) + 6 > ROOM {
                wrong.push(Text::new(
                    format!("{id} ({}): 제목이 너무 깁니다: {title}", lang.code()),
                    format!("{id} ({}): the title is too long: {title}", lang.code()),
                ));
            }
        }
        for step in steps() {
            for cut in cut_lines(step, lang) {
                wrong.push(Text::new(
                    format!("{} ({}): 80칸 화면에서 잘립니다: {cut}", step.id, lang.code()),
                    format!("{} ({}): cut off at 80 columns: {cut}", step.id, lang.code()),
                ));
            }
        }
    }
    let (number, id) = (chapter.number, &chapter.id);
    let (ko, en): (Vec<_>, Vec<_>) = wrong.into_iter().map(|text| (text.ko, text.en)).unzip();
    Finding {
        title: Text::new(
            format!("{number} {id}: 모든 쪽이 두 언어로 80x24 화면에 맞습니다"),
            format!("{number} {id}: every page fits 80x24 in both languages"),
        ),
        ok: en.is_empty(),
        detail: Text::new(ko.join("\n"), en.join("\n")),
        place: None,
    }
}

/// The lines of a step's texts that do not fit.
fn cut_lines(step: &Step, lang: Lang) -> Vec<String> {
    let look = Look::new(lang);
    let parts = [&step.guide, &step.console, &step.why, &step.correction].into_iter().chain(&step.hints);
    let lines = parts.flat_map(|part| markdown::render(part.get(lang), ROOM, &look));
    lines.map(|line| line.to_string()).filter(|line| line.contains(CUT) || width(line) > ROOM).collect()
}

/// A folder for the state of the trials; goes with its owner.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, Problem> {
        let path = std::env::temp_dir().join(format!("awslab-labs-test-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| unusable(&path, &error))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed from the folder for temporary files does no harm there.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
