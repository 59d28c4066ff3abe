//! Turns a [`Tree`] into a [`Course`]: ids, kinds, fields, references, order, pages.

use std::collections::BTreeMap;

use super::fault::{At, Fault, Faults};
use super::fields;
use super::model::{self, Course, Declaration, Fields, Key, Requirement, Role};
use super::prose::Page;
use super::questions;
use super::schema::Schema;
use super::source::Library;
use super::tree::{self, Condition, Tree};
use crate::i18n::Text;

/// A declared resource by its place in the course's order of steps.
#[derive(Clone)]
pub(super) struct Declared {
    /// The step's place in the course, from 0.
    pub step: usize,
    /// The step's id.
    pub step_id: String,
    /// Where its name is written.
    pub at: At<()>,
    /// The names of the fields that it declares, and of those that later steps amend.
    pub fields: Vec<String>,
    /// Who alone has it.
    pub only_with: Option<Requirement>,
}

/// Everything that is declared, and who is asking.
pub(super) struct Scope<'a> {
    /// The kinds.
    pub schema: &'a dyn Schema,
    /// All declared resources.
    pub declared: &'a BTreeMap<Key, Declared>,
    /// The place of the step that refers.
    pub step: usize,
    /// Where faults go.
    pub faults: &'a Faults,
}

impl Scope<'_> {
    /// The region role that a name of one of these kinds is declared in: this one first, else the other.
    pub(super) fn role_of(&self, name: &str, kinds: &[&str], role: Role) -> Role {
        let declared = |role: Role| {
            let key = |kind: &&str| Key { kind: (*kind).to_owned(), name: name.to_owned(), role };
            kinds.iter().any(|kind| self.declared.contains_key(&key(kind)))
        };
        let other = if role == Role::Home { Role::Peer } else { Role::Home };
        if !declared(role) && declared(other) { other } else { role }
    }

    /// Checks that a name refers to a declared resource of one of these kinds, in this or an earlier step.
    pub(super) fn refer(&self, name: &At<String>, kinds: &[&str], role: Role) -> Option<Key> {
        let key = |kind: &&str| Key { kind: (*kind).to_owned(), name: name.value.clone(), role };
        if let Some((key, declared)) = kinds.iter().map(key).find_map(|key| self.declared.get(&key).map(|d| (key, d))) {
            if declared.step > self.step {
                let step = &declared.step_id;
                self.faults.add(
                    name.fault(
                        format!("`{}` 리소스는 뒤 단계 `{step}`에서 만듭니다", name.value),
                        format!("`{}` is made by a later step, `{step}`", name.value),
                    )
                    .label("아직 없는 리소스", "not there yet")
                    .also(&declared.at, "여기서 만듭니다", "made here")
                    .hint(
                        "단계의 순서를 바꾸거나 이 항목을 뒤 단계로 옮기세요",
                        "reorder the steps, or move this to the later one",
                    ),
                );
                return None;
            }
            return Some(key);
        }
        // A declaration of an unknown kind was reported where it stands; what refers to it may be right.
        let unknown = |key: &&Key| key.name == name.value && self.schema.fields(&key.kind).is_none();
        if self.declared.keys().any(|key| unknown(&key)) {
            return None;
        }
        let what = kinds.join(" / ");
        let known = self.declared.keys().filter(|key| kinds.contains(&key.kind.as_str())).map(|key| key.name.as_str());
        self.faults.add(
            name.fault(
                format!("`{}`라는 이름의 {what} 리소스가 없습니다", name.value),
                format!("there is no {what} named `{}`", name.value),
            )
            .label("선언되지 않은 이름", "not declared anywhere")
            .known(&name.value, known),
        );
        None
    }
}

/// The course, as far as it can be built; faults say what is wrong.
pub(super) fn resolve(tree: &Tree, library: &Library, schema: &dyn Schema, faults: &Faults) -> Course {
    // Where something could not be read, a page without its step is no news.
    let whole = faults.is_empty();
    let declared = declared(tree, schema, faults);
    let mut course = Course { title: tree.title.text(), ..Course::default() };
    course.glossary = tree
        .terms
        .iter()
        .map(|term| model::Term { id: term.id.value.clone(), word: term.word.text(), meaning: term.meaning.text() })
        .collect();
    let step_ids: Vec<&At<String>> = steps(tree).map(|step| &step.id).collect();
    duplicates(tree.terms.iter().map(|term| &term.id), faults);
    duplicates(tree.chapters.iter().map(|chapter| &chapter.id), faults);
    duplicates(tree.chapters.iter().flat_map(|c| &c.sections).map(|section| &section.id), faults);
    duplicates(step_ids.iter().copied(), faults);
    let mut at = 0;
    for chapter in &tree.chapters {
        let pages = Pages::new(chapter, faults);
        let front = pages.get(&chapter.id);
        let mut sections = Vec::new();
        for (place, section) in chapter.sections.iter().enumerate() {
            below(&section.id, &chapter.id.value, faults);
            let page = pages.get(&section.id);
            for body in page.iter().flatten().map(|page| &page.guide).filter(|body| !body.value.is_empty()) {
                faults.add(
                    body.fault("절의 쪽에는 제목만 씁니다", "a section's page has a title only")
                        .hint("글은 단계의 쪽으로 옮기세요", "move the text to a step's page"),
                );
            }
            let number = format!("{}.{}", chapter.number, place + 1);
            let mut steps = Vec::new();
            for (place, step) in section.steps.iter().enumerate() {
                below(&step.id, &section.id.value, faults);
                let scope = Scope { schema, declared: &declared, step: at, faults };
                let number = format!("{number}.{}", place + 1);
                steps.push(build(step, number, pages.get(&step.id), &scope, &step_ids, library));
                at += 1;
            }
            sections.push(model::Section { id: section.id.value.clone(), number, title: title(page), steps });
        }
        if whole {
            pages.unused(chapter, faults);
        }
        course.chapters.push(model::Chapter {
            id: chapter.id.value.clone(),
            number: chapter.number,
            title: title(front),
            summary: front.map_or_else(Text::default, |pages| text(pages, |page| Some(&page.guide))),
            kind: chapter.kind,
            sections,
        });
    }
    course.chapters.sort_by_key(|chapter| chapter.number);
    course
}

pub(super) fn steps(tree: &Tree) -> impl Iterator<Item = &tree::Step> {
    tree.chapters.iter().flat_map(|chapter| &chapter.sections).flat_map(|section| &section.steps)
}

pub(super) fn declared(tree: &Tree, schema: &dyn Schema, faults: &Faults) -> BTreeMap<Key, Declared> {
    let mut out: BTreeMap<Key, Declared> = BTreeMap::new();
    for (place, step) in steps(tree).enumerate() {
        for resource in &step.resources {
            if schema.fields(&resource.kind.value).is_none() {
                let kind = &resource.kind;
                faults.add(
                    kind.fault(
                        format!("`{}`라는 종류의 리소스는 없습니다", kind.value),
                        format!("there is no resource kind `{}`", kind.value),
                    )
                    .label("모르는 종류", "unknown kind")
                    .known(&kind.value, schema.kinds()),
                );
            }
            let key = Key { kind: resource.kind.value.clone(), name: resource.name.value.clone(), role: resource.role };
            let new = Declared {
                step: place,
                step_id: step.id.value.clone(),
                at: resource.name.with(()),
                fields: resource.fields.iter().map(|(name, _)| name.value.clone()).collect(),
                only_with: resource.only_with.or(step.only_with),
            };
            if let Some(first) = out.get(&key) {
                faults.add(
                    resource
                        .name
                        .fault(
                            format!("`{key}` 리소스를 두 번 선언했습니다"),
                            format!("`{key}` is declared twice (first in `{}`)", first.step_id),
                        )
                        .label("두 번째", "the second one")
                        .also(&first.at, "첫 번째", "the first one")
                        .hint("이름을 바꾸거나 하나를 지우세요", "rename one of them, or delete it"),
                );
            } else {
                out.insert(key, new);
            }
        }
    }
    for amend in steps(tree).flat_map(|step| &step.amends) {
        let Some((kind, name)) = split(&amend.of.value) else { continue };
        let key = |role| Key { kind: kind.to_owned(), name: name.to_owned(), role };
        let role = if out.contains_key(&key(Role::Peer)) { Role::Peer } else { Role::Home };
        if let Some(declared) = out.get_mut(&key(role)) {
            declared.fields.extend(amend.fields.iter().map(|(name, _)| name.value.clone()));
        }
    }
    out
}

/// `kind name` in its two parts.
fn split(text: &str) -> Option<(&str, &str)> {
    text.split_once(' ')
}

fn build(
    step: &tree::Step,
    number: String,
    pages: Option<[&Page; 2]>,
    scope: &Scope<'_>,
    step_ids: &[&At<String>],
    library: &Library,
) -> model::Step {
    let place = |at: &At<()>| library.files.get(at.file).map(|file| file.place(at.span.start)).unwrap_or_default();
    let resources = step.resources.iter().map(|resource| {
        let fields: Fields = fields::check(resource, scope);
        let key = Key { kind: resource.kind.value.clone(), name: resource.name.value.clone(), role: resource.role };
        Declaration { key, fields, only_with: resource.only_with, place: place(&resource.here) }
    });
    let resources = resources.collect();
    let amends = step.amends.iter().filter_map(|amend| {
        let key = subject(&amend.of, scope)?;
        let fields = fields::check_amended(&key, amend, scope);
        Some(model::Amend { key, fields })
    });
    let amends = amends.collect();
    let retires = step.retires.iter().filter_map(|retire| {
        let (key, successor) = (subject(&retire.of, scope)?, subject(&retire.successor, scope)?);
        Some(model::Retire { key, successor })
    });
    let retires = retires.collect();
    let drill = step.drill.as_ref().and_then(|drill| {
        Some(model::Drill {
            group: scope.refer(&drill.group, &["auto-scaling-group"], Role::Home)?,
            policy: scope.refer(&drill.policy, &["scaling-policy"], Role::Home)?,
            minutes: drill.minutes,
        })
    });
    for need in &step.needs {
        match step_ids.iter().position(|id| id.value == need.value) {
            Some(at) if at < scope.step => {}
            Some(_) => scope.faults.add(
                need.fault(
                    format!("`{}` 단계는 이 단계보다 뒤에 있습니다", need.value),
                    format!("the step `{}` does not come before this one", need.value),
                )
                .hint("앞 단계만 필요하다고 쓸 수 있습니다", "a step can only need an earlier one"),
            ),
            None => scope.faults.add(
                need.fault(
                    format!("`{}`라는 단계는 없습니다", need.value),
                    format!("there is no step `{}`", need.value),
                )
                .known(&need.value, step_ids.iter().map(|id| id.value.as_str())),
            ),
        }
    }
    duplicates(step.checks.iter().map(|check| &check.id), scope.faults);
    let checks = step.checks.iter().filter_map(|check| {
        Some(model::Check {
            id: check.id.value.clone(),
            title: check.title.text(),
            condition: condition(&check.condition.value, scope)?,
            failure: check.failure.text(),
            mend: check.mend.text(),
            only_with: check.only_with,
            place: place(&check.id.with(())),
        })
    });
    let checks = checks.collect();
    duplicates(step.questions.iter().map(|question| &question.id), scope.faults);
    let questions = questions::build(&step.id, step.kind, &step.questions, library, scope.faults);
    let part = |get: &dyn Fn(&Page) -> Option<&At<String>>| {
        pages.map_or_else(Text::default, |pages| Text {
            ko: get(pages[0]).map(|part| part.value.clone()).unwrap_or_default(),
            en: get(pages[1]).map(|part| part.value.clone()).unwrap_or_default(),
        })
    };
    let hints = pages.map_or(0, |pages| pages[0].hints.len().max(pages[1].hints.len()));
    if let Some([ko, en]) = pages {
        same_parts(ko, en, scope.faults);
    }
    model::Step {
        id: step.id.value.clone(),
        number,
        title: title(pages),
        kind: step.kind,
        guide: part(&|page| Some(&page.guide)),
        console: part(&|page| page.console.as_ref()),
        hints: (0..hints).map(|at| part(&|page| page.hints.get(at))).collect(),
        resources,
        amends,
        retires,
        drill,
        checks,
        needs: step.needs.iter().map(|need| need.value.clone()).collect(),
        picture: step.picture,
        why: part(&|page| page.why.as_ref()),
        questions,
        correction: part(&|page| page.notes.as_ref()),
        only_with: step.only_with,
        left_out: None,
        without: Vec::new(),
        place: place(&step.id.with(())),
    }
}

fn condition(condition: &Condition, scope: &Scope<'_>) -> Option<model::Condition> {
    let keys = |names: &[At<String>]| names.iter().map(|name| subject(name, scope)).collect::<Option<Vec<Key>>>();
    Some(match condition {
        Condition::Exists(names) => model::Condition::Exists(keys(names)?),
        Condition::Ready(names) => model::Condition::Ready(keys(names)?),
        Condition::Only(names) => model::Condition::Only(keys(names)?),
        Condition::Gone(names) => model::Condition::Gone(keys(names)?),
        Condition::Saw { group, policy, event } => model::Condition::Saw {
            group: scope.refer(group, &["auto-scaling-group"], Role::Home)?,
            policy: scope.refer(policy, &["scaling-policy"], Role::Home)?,
            event: *event,
        },
        Condition::Subscribed(image) => model::Condition::Subscribed(scope.refer(image, &["image"], Role::Home)?),
        Condition::Answers { host, ports } => {
            model::Condition::Answers { host: scope.refer(host, &["instance"], Role::Home)?, ports: ports.clone() }
        }
        Condition::Http(asked) => model::Condition::Http(model::Http {
            balancer: scope.refer(&asked.balancer, &["load-balancer"], Role::Home)?,
            tls: asked.tls,
            port: asked.port,
            path: asked.path.clone(),
            status: asked.status,
            location: asked.location.clone(),
            host: asked.host.clone(),
        }),
        Condition::Match { of, fields } => {
            let keys = keys(of)?;
            for field in fields {
                for declared in keys.iter().filter_map(|key| scope.declared.get(key)) {
                    if !declared.fields.contains(&field.value) {
                        scope.faults.add(
                            field
                                .fault(
                                    format!("이 리소스는 `{}` 항목을 선언하지 않았습니다", field.value),
                                    format!("the resource does not declare a field `{}`", field.value),
                                )
                                .also(&declared.at, "이 리소스", "this resource")
                                .known(&field.value, declared.fields.iter().map(String::as_str)),
                        );
                    }
                }
            }
            model::Condition::Match { keys, fields: fields.iter().map(|field| field.value.clone()).collect() }
        }
        Condition::Reach { from, to, via, reach } => {
            for (end, outside) in [(from, &["me", "internet"][..]), (to, &["internet"][..])] {
                if !outside.contains(&end.value.as_str()) {
                    let kinds = ["instance", "db-instance"];
                    scope.refer(end, &kinds, scope.role_of(&end.value, &kinds, Role::Home))?;
                }
            }
            if let Some(via) = via {
                scope.refer(via, &["elastic-ip"], Role::Home)?;
            }
            model::Condition::Reach(reach.clone())
        }
    })
}

/// The resource that a check names: `vpc my-vpc`.
pub(super) fn subject(name: &At<String>, scope: &Scope<'_>) -> Option<Key> {
    let Some((kind, rest)) = split(&name.value) else {
        scope.faults.add(
            name.fault("리소스는 `종류 이름`으로 씁니다", "a resource is written as `kind name`")
                .hint("예: `vpc my-vpc`", "such as `vpc my-vpc`"),
        );
        return None;
    };
    if scope.schema.fields(kind).is_none() {
        scope.faults.add(
            name.fault(format!("`{kind}`라는 종류의 리소스는 없습니다"), format!("there is no resource kind `{kind}`"))
                .known(kind, scope.schema.kinds()),
        );
        return None;
    }
    scope.refer(&name.with(rest.to_owned()), &[kind], scope.role_of(rest, &[kind], Role::Home))
}

fn same_parts(ko: &Page, en: &Page, faults: &Faults) {
    let counts = [
        ("console", usize::from(ko.console.is_some()), usize::from(en.console.is_some())),
        ("hint", ko.hints.len(), en.hints.len()),
        ("why", usize::from(ko.why.is_some()), usize::from(en.why.is_some())),
        ("notes", usize::from(ko.notes.is_some()), usize::from(en.notes.is_some())),
    ];
    for (part, in_ko, in_en) in counts.into_iter().filter(|(_, ko, en)| ko != en) {
        let (short, lang) = if in_ko < in_en { (ko, ("한국어", "Korean")) } else { (en, ("영어", "English")) };
        faults.add(
            short
                .id
                .fault(
                    format!("`## {part}` 수가 다릅니다. 한국어 {in_ko}개, 영어 {in_en}개"),
                    format!("`## {part}`: {in_ko} in Korean, {in_en} in English"),
                )
                .label(format!("{} 쪽이 모자랍니다", lang.0), format!("{} has too few", lang.1))
                .hint("두 언어의 구성을 똑같이 맞춰 주세요", "give both languages the same parts"),
        );
    }
}

/// The pages of a chapter by id, both languages.
struct Pages<'a> {
    by_id: [BTreeMap<&'a str, &'a Page>; 2],
    guides: [usize; 2],
    faults: &'a Faults,
}

impl<'a> Pages<'a> {
    fn new(chapter: &'a tree::Chapter, faults: &'a Faults) -> Self {
        let by_id = [0, 1].map(|lang: usize| {
            duplicates(chapter.pages[lang].iter().map(|page| &page.id), faults);
            chapter.pages[lang].iter().map(|page| (page.id.value.as_str(), page)).collect()
        });
        Self { by_id, guides: chapter.guides, faults }
    }

    fn get(&self, id: &At<String>) -> Option<[&'a Page; 2]> {
        let found = [0, 1].map(|lang: usize| self.by_id[lang].get(id.value.as_str()).copied());
        for (page, (file, guide)) in found.iter().zip(self.guides.into_iter().zip(["guide.ko.md", "guide.en.md"])) {
            if page.is_none() {
                let name = &id.value;
                self.faults.add(
                    Fault::new(
                        file,
                        0..0,
                        format!("`{guide}`에 `{name}` 쪽이 없습니다"),
                        format!("`{guide}` has no page for `{name}`"),
                    )
                    .hint(
                        format!("`# {name} 제목`으로 시작하는 쪽을 더해 주세요"),
                        format!("add a page that begins with `# {name} Title`"),
                    ),
                );
            }
        }
        match found {
            [Some(ko), Some(en)] => Some([ko, en]),
            _ => None,
        }
    }

    /// Pages that nothing in `chapter.toml` asks for.
    fn unused(&self, chapter: &'a tree::Chapter, faults: &Faults) {
        let sections = chapter.sections.iter();
        let ids: Vec<&str> = sections
            .flat_map(|section| std::iter::once(&section.id).chain(section.steps.iter().map(|step| &step.id)))
            .chain([&chapter.id])
            .map(|id| id.value.as_str())
            .collect();
        for page in chapter.pages.iter().flatten().filter(|page| !ids.contains(&page.id.value.as_str())) {
            faults.add(
                page.id
                    .fault(
                        format!("chapter.toml에 `{}`라는 단계가 없습니다", page.id.value),
                        format!("chapter.toml has nothing called `{}`", page.id.value),
                    )
                    .known(&page.id.value, ids.iter().copied()),
            );
        }
    }
}

fn title(pages: Option<[&Page; 2]>) -> Text {
    pages.map_or_else(Text::default, |pages| text(pages, |page| Some(&page.title)))
}

fn text(pages: [&Page; 2], get: impl Fn(&Page) -> Option<&At<String>>) -> Text {
    let [ko, en] = pages.map(|page| get(page).map(|at| at.value.clone()).unwrap_or_default());
    Text { ko, en }
}

pub(super) fn duplicates<'a>(ids: impl Iterator<Item = &'a At<String>>, faults: &Faults) {
    let mut seen: BTreeMap<&str, &At<String>> = BTreeMap::new();
    for id in ids {
        match seen.get(id.value.as_str()) {
            Some(first) => faults.add(
                id.fault(
                    format!("`{}`라는 id를 두 번 썼습니다", id.value),
                    format!("the id `{}` is used twice", id.value),
                )
                .label("두 번째", "the second one")
                .also(*first, "첫 번째", "the first one")
                .hint("id는 하나뿐이어야 합니다. 이름을 바꿔 주세요", "an id must be unique: rename one"),
            ),
            None => {
                seen.insert(&id.value, id);
            }
        }
    }
}

/// An id must be its parent's id, a dot, and one word of `a-z`, `0-9` and `-`.
fn below(id: &At<String>, parent: &str, faults: &Faults) {
    let word = id.value.strip_prefix(parent).and_then(|rest| rest.strip_prefix('.'));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !word.is_some_and(|word| !word.is_empty() && word.chars().all(plain)) {
        faults.add(
            id.fault(
                format!("id `{}`는 `{parent}.이름` 꼴이어야 합니다", id.value),
                format!("the id `{}` must be `{parent}.name`", id.value),
            )
            .hint("이름은 영어 소문자, 숫자, `-`로 씁니다", "a name is written with a-z, 0-9 and `-`"),
        );
    }
}
