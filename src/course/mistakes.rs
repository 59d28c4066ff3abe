//! Seeded mistakes: `mistakes.toml` of a lab chapter, what a learner could do wrong by hand and which check must tell.
//!
//! Promises: every mistake that was read names a step, resources, fields and checks that exist, or there is a fault with
//! its place. Leaves to others: making them and holding the checks to them (`engine::trial`).

use std::collections::BTreeMap;

use super::fault::{At, Faults};
use super::fields;
use super::model::{Declaration, Key, Mistake, Wrong};
use super::resolve::{self, Declared, Scope};
use super::schema::Schema;
use super::source::Library;
use super::table::Table;
use super::tree::{self, Amend, Step, Tree};

/// The id of the implicit last check of a step that declares something.
const REST: &str = "as-declared";

/// The ways to be wrong.
const WAYS: [&str; 7] = ["with", "without", "skip", "typed", "missing", "extra", "deleted"];

/// Everything that is read against.
struct Shelf<'a> {
    steps: Vec<&'a Step>,
    declared: BTreeMap<Key, Declared>,
    schema: &'a dyn Schema,
    library: &'a Library,
    faults: &'a Faults,
}

/// All mistakes, in the order of chapters and files.
pub(super) fn read(tree: &Tree, library: &Library, schema: &dyn Schema, faults: &Faults) -> Vec<Mistake> {
    // What is wrong with the declarations themselves is told where they are resolved.
    let declared = resolve::declared(tree, schema, &Faults::default());
    let shelf = Shelf { steps: resolve::steps(tree).collect(), declared, schema, library, faults };
    let mut out = Vec::new();
    for folder in &library.folders {
        let Some(file) = folder.mistakes else { continue };
        let chapter = tree.chapters.iter().find(|chapter| chapter.folder == folder.name);
        let Some(chapter) = chapter.map(|chapter| chapter.id.value.as_str()) else { continue };
        let found = tree::with_table(library, file, faults, |table| {
            table.only(&["mistake"]);
            let tables = table.tables("mistake");
            let ids: Vec<At<String>> = tables.iter().filter_map(|one| one.text_opt("id")).collect();
            resolve::duplicates(ids.iter(), faults);
            tables.iter().filter_map(|one| shelf.mistake(one, chapter)).collect::<Vec<_>>()
        });
        out.extend(found.unwrap_or_default());
    }
    out
}

impl Shelf<'_> {
    fn mistake(&self, table: &Table<'_>, chapter: &str) -> Option<Mistake> {
        table.only(
            &[&["id", "step", "check", "resource", "says", "mend", "also", "only_with", "beside"][..], &WAYS].concat(),
        );
        let (id, step, check) = (table.text("id"), table.text("step"), table.text("check"));
        let says = table.texts("says");
        let also = table.texts("also");
        let by_hand = match table.key("mend") {
            Some(_) => tree::word(table, self.faults, "mend", &[("run", false), ("hand", true)]),
            None => Some(false),
        };
        if says.is_empty() {
            self.faults.add(
                table
                    .here()
                    .fault(
                        "이 실수를 알리는 글에 무엇이 있어야 하는지 없습니다",
                        "this mistake does not say what must be told",
                    )
                    .label("여기에 `says`", "needs `says`")
                    .hint(
                        "`says = [\"잘못된 값\", \"맞는 값\"]`을 더해 주세요",
                        "add `says = [\"the wrong value\", \"the wanted value\"]`",
                    ),
            );
        }
        let place = self.library.files.get(table.here().file).map(|file| file.place(table.here().span.start));
        let (id, step, check) = (id?, step?, check?);
        let at = self.step(&step, chapter)?;
        let owner = self.steps.get(at)?;
        let mut declared = self.declared.clone();
        let mut beside = Vec::new();
        for one in table.tables("beside") {
            let resource = tree::read_resource(&one, self.faults)?;
            let scope = Scope { schema: self.schema, declared: &declared, step: at, faults: self.faults };
            let made = self.made_too(&resource, &scope);
            let new = Declared {
                step: at,
                step_id: step.value.clone(),
                at: resource.name.with(()),
                fields: made.fields.keys().cloned().collect(),
                only_with: resource.only_with,
            };
            declared.insert(made.key.clone(), new);
            beside.push(made);
        }
        let scope = Scope { schema: self.schema, declared: &declared, step: at, faults: self.faults };
        self.check(&check, owner);
        let also = also.iter().filter_map(|one| self.also(one, owner)).collect();
        let wrong = self.wrong(table, &scope)?;
        let only_with = tree::read_only_with(table, self.faults);
        let about = wrong.key().and_then(|key| self.declared.get(key)).and_then(|declared| declared.only_with);
        let needs = owner.only_with.or(about);
        if needs.is_some() && only_with != needs {
            self.faults.add(
                table
                    .here()
                    .fault("이 실수는 도메인이 있는 학습자만 합니다", "only a learner with a domain makes this mistake")
                    .label("여기에 `only_with`", "needs `only_with`")
                    .hint("`only_with = \"domain\"`을 더해 주세요", "add `only_with = \"domain\"`"),
            );
        }
        Some(Mistake {
            id: id.value,
            step: step.value,
            check: check.value,
            wrong,
            says: says.into_iter().map(|text| text.value).collect(),
            by_hand: by_hand?,
            also,
            only_with,
            beside,
            place: place.unwrap_or_default(),
        })
    }

    /// The place of a step of this chapter in the course.
    fn step(&self, name: &At<String>, chapter: &str) -> Option<usize> {
        let of_chapter = |step: &&Step| step.id.value.starts_with(&format!("{chapter}."));
        let found = self.steps.iter().position(|step| of_chapter(step) && step.id.value == name.value);
        if found.is_none() {
            let known = self.steps.iter().filter(|step| of_chapter(step)).map(|step| step.id.value.as_str());
            self.faults.add(
                name.fault(
                    format!("이 장에는 `{}`라는 단계가 없습니다", name.value),
                    format!("this chapter has no step `{}`", name.value),
                )
                .known(&name.value, known),
            );
        }
        found
    }

    fn check(&self, name: &At<String>, step: &Step) {
        let known = || step.checks.iter().map(|check| check.id.value.as_str()).chain([REST]);
        if !known().any(|id| id == name.value) {
            self.faults.add(
                name.fault(
                    format!("`{}` 단계에는 `{}`라는 확인이 없습니다", step.id.value, name.value),
                    format!("the step `{}` has no check `{}`", step.id.value, name.value),
                )
                .known(&name.value, known()),
            );
        }
    }

    /// A check of the same step, or `STEP/CHECK`.
    fn also(&self, name: &At<String>, step: &Step) -> Option<(String, String)> {
        let Some((other, check)) = name.value.split_once('/') else {
            self.check(name, step);
            return Some((step.id.value.clone(), name.value.clone()));
        };
        let Some(found) = self.steps.iter().find(|step| step.id.value == other) else {
            self.faults.add(
                name.fault(format!("`{other}`라는 단계는 없습니다"), format!("there is no step `{other}`"))
                    .known(other, self.steps.iter().map(|step| step.id.value.as_str())),
            );
            return None;
        };
        self.check(&name.with(check.to_owned()), found);
        Some((other.to_owned(), check.to_owned()))
    }

    /// The one way in which it is wrong.
    fn wrong(&self, table: &Table<'_>, scope: &Scope<'_>) -> Option<Wrong> {
        let ways: Vec<_> = WAYS.iter().filter_map(|way| table.key(way).map(|key| (*way, key))).collect();
        let [(way, key)] = ways.as_slice() else {
            let list = WAYS.map(|way| format!("`{way}`")).join(", ");
            let at = ways.get(1).map_or_else(|| table.here(), |(_, key)| key.clone());
            self.faults.add(
                at.fault("실수 하나는 한 가지만 다릅니다", "a mistake is wrong in exactly one way")
                    .hint(format!("{list} 가운데 하나만 써 주세요"), format!("give one of {list}")),
            );
            return None;
        };
        let named = |name: &str| table.text(name).and_then(|at| resolve::subject(&at, scope));
        if !matches!(*way, "with" | "without" | "skip" | "typed")
            && let Some(resource) = table.key("resource")
        {
            self.faults.add(resource.fault(
                format!("`resource`는 `with`, `without`, `skip`, `typed`와 함께 씁니다. `{way}`에는 필요 없습니다"),
                format!("`resource` belongs to `with`, `without`, `skip` or `typed`, and not to `{way}`"),
            ));
        }
        match *way {
            "with" => {
                let (of, key) = (table.text("resource")?, named("resource")?);
                let inner = table.table("with")?;
                let values = inner.keys_but(&[]).filter_map(|name| inner.value(&name.value).map(|value| (name, value)));
                let amend = Amend { of, fields: values.collect() };
                let fields = fields::check_amended(&key, &amend, scope);
                Some(Wrong::With { key, fields })
            }
            "without" => {
                let key = named("resource")?;
                let known = self.schema.fields(&key.kind).unwrap_or_default();
                let names = table.texts("without");
                for name in &names {
                    match known.iter().find(|field| field.name == name.value) {
                        Some(field) if !field.required => {}
                        Some(_) => self.faults.add(name.fault(
                            format!("{}에서 `{}`은 뺄 수 없는 항목입니다", key.kind, name.value),
                            format!("{} cannot be made without `{}`", key.kind, name.value),
                        )),
                        None => self.faults.add(
                            name.fault(
                                format!("{}에는 `{}`라는 항목이 없습니다", key.kind, name.value),
                                format!("{} has no field `{}`", key.kind, name.value),
                            )
                            .known(&name.value, known.iter().map(|field| field.name)),
                        ),
                    }
                }
                Some(Wrong::Without { key, fields: names.into_iter().map(|at| at.value).collect() })
            }
            "skip" => {
                let key_of = named("resource")?;
                let operations = table.texts("skip");
                if operations.is_empty() {
                    self.faults.add(key.fault("아무 호출도 빠지지 않습니다", "this leaves no call out").hint(
                        "예: `skip = [\"AttachInternetGateway\"]`",
                        "such as `skip = [\"AttachInternetGateway\"]`",
                    ));
                }
                Some(Wrong::Skip { key: key_of, operations: operations.into_iter().map(|at| at.value).collect() })
            }
            "typed" => {
                let key_of = named("resource")?;
                let inner = table.table("typed")?;
                let values: Vec<(String, String)> = inner
                    .keys_but(&[])
                    .filter_map(|name| Some((name.value.clone(), inner.text(&name.value)?.value)))
                    .collect();
                if values.is_empty() {
                    self.faults.add(key.fault("아무 값도 다르지 않습니다", "this types no other value").hint(
                        "예: `typed = { Value = \"_x.acm-validations.aws.\" }`",
                        "such as `typed = { Value = \"_x.acm-validations.aws.\" }`",
                    ));
                }
                Some(Wrong::Typed { key: key_of, values })
            }
            "missing" => named("missing").map(|key| Wrong::Missing { key }),
            "deleted" => named("deleted").map(|key| Wrong::Deleted { key }),
            _ => {
                let resource = tree::read_resource(&table.table("extra")?, self.faults)?;
                Some(Wrong::Extra { declaration: self.made_too(&resource, scope) })
            }
        }
    }

    /// A resource that the course does not declare.
    fn made_too(&self, resource: &tree::Resource, scope: &Scope<'_>) -> Declaration {
        let kind = &resource.kind;
        if self.schema.fields(&kind.value).is_none() {
            self.faults.add(
                kind.fault(
                    format!("`{}`라는 종류의 리소스는 없습니다", kind.value),
                    format!("there is no resource kind `{}`", kind.value),
                )
                .known(&kind.value, self.schema.kinds()),
            );
        }
        let fields = fields::check(resource, scope);
        let key = Key { kind: kind.value.clone(), name: resource.name.value.clone(), role: resource.role };
        if let Some(first) = self.declared.get(&key) {
            self.faults.add(
                resource
                    .name
                    .fault(format!("`{key}`는 과정에 있는 리소스입니다"), format!("`{key}` is declared by the course"))
                    .also(&first.at, "여기서 만듭니다", "made here")
                    .hint("값이 다르면 `with`를 쓰세요", "use `with` for other values"),
            );
        }
        let file = self.library.files.get(resource.here.file);
        let place = file.map(|file| file.place(resource.here.span.start)).unwrap_or_default();
        Declaration { key, fields, only_with: resource.only_with, place }
    }
}
