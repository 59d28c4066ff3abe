//! Checks the fields of a declared resource against its kind's schema.

use ipnet::Ipv4Net;

use super::fault::{At, nearest};
use super::model::{Fields, Key, Value};
use super::resolve::Scope;
use super::schema::{Field, FieldType};
use super::table::ValueAt;
use super::tree::{Amend, Resource};

/// The words that a rule's source may be.
const SOURCES: [&str; 2] = ["my-ip", "anywhere"];

/// The fields, and faults for everything that does not fit.
pub(super) fn check(resource: &Resource, scope: &Scope<'_>) -> Fields {
    let Some(known) = scope.schema.fields(&resource.kind.value) else { return Fields::new() };
    let kind = &resource.kind.value;
    for (name, value) in &resource.fields {
        match known.iter().find(|field| field.name == name.value) {
            Some(field) => check_value(field, value, resource, scope),
            None => scope.faults.add(
                name.fault(
                    format!("{kind}에는 `{}`라는 항목이 없습니다", name.value),
                    format!("{kind} has no field `{}`", name.value),
                )
                .label("모르는 항목", "unknown field")
                .known(&name.value, known.iter().map(|field| field.name)),
            ),
        }
    }
    for field in known.iter().filter(|field| field.required) {
        if !resource.fields.iter().any(|(name, _)| name.value == field.name) {
            let name = field.name;
            scope.faults.add(
                resource
                    .here
                    .fault(
                        format!("{kind} `{}`에 `{name}` 항목이 빠졌습니다", resource.name.value),
                        format!("{kind} `{}` needs a field `{name}`", resource.name.value),
                    )
                    .label(format!("여기에 `{name}`"), format!("needs `{name}`"))
                    .hint(
                        format!("`{name} = {}`을 더해 주세요", example(field)),
                        format!("add `{name} = {}`", example(field)),
                    ),
            );
        }
    }
    resource.fields.iter().map(|(name, value)| (name.value.clone(), value.at.value.clone())).collect()
}

/// The fields that a step amends, and faults for those that do not fit the kind.
pub(super) fn check_amended(key: &Key, amend: &Amend, scope: &Scope<'_>) -> Fields {
    let resource = Resource {
        only_with: None,
        here: amend.of.with(()),
        kind: amend.of.with(key.kind.clone()),
        name: amend.of.with(key.name.clone()),
        role: key.role,
        fields: Vec::new(),
    };
    let known = scope.schema.fields(&key.kind).unwrap_or_default();
    for (name, value) in &amend.fields {
        match known.iter().find(|field| field.name == name.value) {
            Some(field) => check_value(field, value, &resource, scope),
            None => scope.faults.add(
                name.fault(
                    format!("{}에는 `{}`라는 항목이 없습니다", key.kind, name.value),
                    format!("{} has no field `{}`", key.kind, name.value),
                )
                .label("모르는 항목", "unknown field")
                .known(&name.value, known.iter().map(|field| field.name)),
            ),
        }
    }
    if amend.fields.is_empty() {
        scope.faults.add(
            amend
                .of
                .fault("아무 항목도 바꾸지 않습니다", "this amends no field")
                .hint("바꿀 항목을 써 주세요", "give the fields"),
        );
    }
    amend.fields.iter().map(|(name, value)| (name.value.clone(), value.at.value.clone())).collect()
}

fn check_value(field: &Field, value: &ValueAt, resource: &Resource, scope: &Scope<'_>) {
    let at = &value.at;
    let text = at.value.as_text();
    let fits = match field.kind {
        FieldType::Text => text.is_some(),
        FieldType::Texts => {
            matches!(at.value, Value::List(_)) && at.value.items().iter().all(|item| item.as_text().is_some())
        }
        FieldType::Int => at.value.as_int().is_some(),
        FieldType::Bool => at.value.as_bool().is_some(),
        FieldType::Cidr => text.is_some_and(|text| is_block(at, text, scope)),
        FieldType::Zone => matches!(text, Some("a" | "c")),
        FieldType::Word(words) => text.is_some_and(|text| words.contains(&text)),
        FieldType::Ref(kind) => refer(at, &[kind], field, resource, scope),
        FieldType::RefOf(kinds) => refer(at, kinds, field, resource, scope),
        FieldType::Refs(kind) => {
            let items = at.value.items();
            matches!(at.value, Value::List(_))
                && items.iter().zip(&value.items).all(|(item, span)| {
                    refer(&At::new(item.clone(), at.file, span.clone()), &[kind], field, resource, scope)
                })
        }
        FieldType::Source => match text {
            Some(text) if SOURCES.contains(&text) => true,
            Some(text) if text.contains('/') => is_block(at, text, scope),
            Some(text) if nearest(text, &SOURCES).is_some() => {
                scope.faults.add(
                    at.fault(format!("`{text}`라는 소스는 없습니다"), format!("there is no source `{text}`"))
                        .known(text, SOURCES),
                );
                true
            }
            Some(_) => refer(at, &["security-group"], field, resource, scope),
            None => false,
        },
    };
    if !fits {
        let (ko, en) = describe(field);
        scope.faults.add(
            at.fault(
                format!("`{}`에 쓸 수 없는 값입니다: {}", field.name, at.value),
                format!("`{}` cannot be {}", field.name, at.value),
            )
            .label(ko.clone(), en.clone())
            .hint(
                format!("예: `{} = {}`", field.name, example(field)),
                format!("such as `{} = {}`", field.name, example(field)),
            ),
        );
    }
}

/// Whether it is a reference at all; what it refers to is reported on its own.
fn refer(at: &At<Value>, kinds: &[&str], field: &Field, resource: &Resource, scope: &Scope<'_>) -> bool {
    let Some(name) = at.value.as_text() else { return false };
    let role = if field.across { scope.role_of(name, kinds, resource.role) } else { resource.role };
    scope.refer(&at.with(name.to_owned()), kinds, role);
    true
}

/// Whether it is a block at all; host bits and size are reported on their own.
fn is_block(at: &At<Value>, text: &str, scope: &Scope<'_>) -> bool {
    let Ok(block) = text.parse::<Ipv4Net>() else { return false };
    let network = block.trunc();
    if network != block {
        scope.faults.add(
            at.fault(
                format!("`{text}`의 호스트 비트가 0이 아닙니다"),
                format!("`{text}` has host bits that are not 0"),
            )
            .label("네트워크 주소가 아닙니다", "not the address of a network")
            .hint(format!("`{network}`이라고 쓰려던 것인가요?"), format!("did you mean `{network}`?")),
        );
    }
    true
}

fn describe(field: &Field) -> (String, String) {
    let list = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let (ko, en) = match field.kind {
        FieldType::Text => ("문자열", "a string"),
        FieldType::Texts => ("문자열의 목록", "a list of strings"),
        FieldType::Int => ("정수", "a whole number"),
        FieldType::Bool => ("true 또는 false", "true or false"),
        FieldType::Cidr => ("IPv4 CIDR 블록", "an IPv4 CIDR block"),
        FieldType::Zone => ("가용 영역 글자 a 또는 c", "a zone letter: a or c"),
        FieldType::Ref(_) | FieldType::RefOf(_) => ("다른 리소스의 이름", "the name of another resource"),
        FieldType::Refs(_) => ("다른 리소스 이름의 목록", "a list of names of other resources"),
        FieldType::Word(words) => {
            return (format!("다음 가운데 하나: {}", list(words)), format!("one of {}", list(words)));
        }
        FieldType::Source => (
            "CIDR 블록, `my-ip`, `anywhere` 또는 보안 그룹의 이름",
            "a CIDR block, `my-ip`, `anywhere` or a security group's name",
        ),
    };
    (ko.to_owned(), en.to_owned())
}

fn example(field: &Field) -> String {
    match field.kind {
        FieldType::Text => "\"...\"".to_owned(),
        FieldType::Texts => "[\"...\"]".to_owned(),
        FieldType::Int => "22".to_owned(),
        FieldType::Bool => "true".to_owned(),
        FieldType::Cidr => "\"10.1.0.0/16\"".to_owned(),
        FieldType::Zone => "\"a\"".to_owned(),
        FieldType::Ref(kind) => format!("\"my-{kind}\""),
        FieldType::RefOf(kinds) => format!("\"my-{}\"", kinds.first().copied().unwrap_or_default()),
        FieldType::Refs(kind) => format!("[\"my-{kind}\"]"),
        FieldType::Word(words) => format!("\"{}\"", words.first().copied().unwrap_or_default()),
        FieldType::Source => "\"my-ip\"".to_owned(),
    }
}
