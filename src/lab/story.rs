//! The report at the end: what was built, for how long it stood, what it cost, and how it was done.
//!
//! Promises: pure; of a chapter that was built several times it tells the last time, from the first resource that was made
//! when none stood until the last one was gone. Leaves to others: the words (`screens`, `commands`).

use std::collections::BTreeMap;

use crate::course::model::{Chapter, Course};
use crate::i18n::Lang;

use super::report::{Built, Way};

/// What was built in a chapter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Story {
    /// The chapter's id.
    pub chapter: String,
    /// How many of each kind, in the order in which the first of each was made.
    pub kinds: Vec<(String, usize)>,
    /// How many were made by hand.
    pub by_hand: usize,
    /// When the first one was made: cloud time, milliseconds since the Unix epoch.
    pub from: i64,
    /// When the last one was gone; `None` while one stands.
    pub to: Option<i64>,
    /// What they cost together, in USD.
    pub cost: f64,
    /// How many hints were opened.
    pub hints: usize,
}

impl Story {
    /// How many resources.
    pub fn count(&self) -> usize {
        self.kinds.iter().map(|(_, count)| count).sum()
    }

    /// For how long anything stood, in milliseconds; until `now` while something stands.
    pub fn millis(&self, now: i64) -> u64 {
        u64::try_from(self.to.unwrap_or(now) - self.from).unwrap_or(0)
    }
}

/// The stories of the chapters of which something has gone since then, in course order.
pub fn stories(course: &Course, history: &[Built], ways: &BTreeMap<String, Way>, since: i64) -> Vec<Story> {
    let of_chapter = |chapter: &Chapter| {
        let steps: Vec<&str> =
            chapter.sections.iter().flat_map(|section| &section.steps).map(|step| step.id.as_str()).collect();
        let mut built: Vec<&Built> = history.iter().filter(|one| steps.contains(&one.step.as_str())).collect();
        if !built.iter().any(|one| one.gone.is_some_and(|gone| gone >= since)) {
            return None;
        }
        built.sort_by_key(|one| one.since);
        let built = last_time(&built);
        let mut story = Story { chapter: chapter.id.clone(), ..Story::default() };
        story.from = built.first().map_or(0, |one| one.since);
        story.to = built.iter().map(|one| one.gone).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max());
        for one in built {
            story.cost += one.cost;
            story.by_hand += usize::from(one.adopted);
            match story.kinds.iter_mut().find(|(kind, _)| *kind == one.key.kind) {
                Some((_, count)) => *count += 1,
                None => story.kinds.push((one.key.kind.clone(), 1)),
            }
        }
        story.hints = steps.iter().filter_map(|step| ways.get(*step)).map(|way| usize::from(way.hints)).sum();
        Some(story)
    };
    course.chapters.iter().filter_map(of_chapter).collect()
}

/// Those of the last time that anything stood without a break. They are in order of when they were made.
fn last_time<'a, 'b>(built: &'b [&'a Built]) -> &'b [&'a Built] {
    let mut from = 0;
    let mut until = i64::MIN;
    for (at, one) in built.iter().enumerate() {
        if one.since > until {
            from = at;
        }
        until = until.max(one.gone.unwrap_or(i64::MAX));
    }
    built.get(from..).unwrap_or_default()
}

/// A story's figures as short phrases: how many, for how long, at what cost, and by hand or with hints.
pub fn told(story: &Story, now: i64, lang: Lang) -> Vec<String> {
    let (count, minutes, cost) = (story.count(), story.millis(now).div_ceil(60_000), format!("${:.3}", story.cost));
    let (by_hand, hints) = (story.by_hand, story.hints);
    let mut out = match lang {
        Lang::Ko => vec![format!("{count}개"), format!("{minutes}분 동안"), cost],
        Lang::En if count == 1 => vec!["1 resource".to_owned(), format!("{minutes} min"), cost],
        Lang::En => vec![format!("{count} resources"), format!("{minutes} min"), cost],
    };
    if by_hand > 0 {
        out.push(match lang {
            Lang::Ko => format!("직접 만든 것 {by_hand}개"),
            Lang::En => format!("{by_hand} by hand"),
        });
    }
    if hints > 0 {
        out.push(match lang {
            Lang::Ko => format!("힌트 {hints}번"),
            Lang::En if hints == 1 => "1 hint".to_owned(),
            Lang::En => format!("{hints} hints"),
        });
    }
    out
}
