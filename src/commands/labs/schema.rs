//! `awslab labs schema`: JSON schemas of the course files, so that an editor (taplo) knows keys and values.
//!
//! Promises: every key that the loader takes, and the fields of every resource kind as the kinds themselves declare them. A
//! test holds the schemas to the course's files. Leaves to others: everything that needs more than one file to be known
//! (references, order, texts): that is the linter's.

use clap::ValueEnum;
use serde_json::{Map, Value, json};

use crate::cloud::kinds;
use crate::course::model::{Event, Picture, Requirement};
use crate::course::quiz::Form;
use crate::course::schema::{Field, FieldType, Schema as _};

/// A course file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaFile {
    /// course.toml
    Course,
    /// glossary.toml
    Glossary,
    /// chapter.toml
    Chapter,
    /// mistakes.toml
    Mistakes,
}

/// The schema of a file.
pub fn document(file: SchemaFile) -> Value {
    let (title, body) = match file {
        SchemaFile::Course => ("course.toml", table(&[("title", text())], &["title"])),
        SchemaFile::Glossary => ("glossary.toml", table(&[("term", list(term()))], &[])),
        SchemaFile::Chapter => ("chapter.toml", chapter()),
        SchemaFile::Mistakes => ("mistakes.toml", table(&[("mistake", list(mistake()))], &[])),
    };
    let mut out = json!({ "$schema": "http://json-schema.org/draft-07/schema#", "title": title });
    if let (Some(out), Value::Object(body)) = (out.as_object_mut(), body) {
        out.extend(body);
    }
    out
}

fn table(keys: &[(&str, Value)], required: &[&str]) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn string() -> Value {
    json!({ "type": "string" })
}

fn integer() -> Value {
    json!({ "type": "integer" })
}

fn boolean() -> Value {
    json!({ "type": "boolean" })
}

fn strings() -> Value {
    list(string())
}

fn words(words: &[&str]) -> Value {
    json!({ "enum": words })
}

fn text() -> Value {
    table(&[("ko", string()), ("en", string())], &["ko", "en"])
}

/// `kind name`
fn named() -> Value {
    json!({ "type": "string", "pattern": "^[a-z0-9-]+ .+$" })
}

fn term() -> Value {
    let avoid = table(&[("ko", strings()), ("en", strings())], &[]);
    table(&[("id", string()), ("word", text()), ("meaning", text()), ("avoid", avoid)], &["id", "word", "meaning"])
}

fn chapter() -> Value {
    let section = table(&[("id", string()), ("step", list(step()))], &["id"]);
    table(
        &[("id", string()), ("number", integer()), ("kind", words(&["concept", "lab"])), ("section", list(section))],
        &["id", "number", "kind"],
    )
}

fn step() -> Value {
    let pictures: Vec<&str> = Picture::ALL.iter().map(|(name, _)| *name).collect();
    let retire = table(&[("resource", named()), ("successor", named())], &["resource", "successor"]);
    let drill = table(
        &[("group", string()), ("policy", string()), ("load", words(&["start", "stop"])), ("minutes", integer())],
        &["group", "policy", "load"],
    );
    // Which fields there are depends on the kind of the resource, which its name tells: the linter looks.
    let amend = json!({ "type": "object", "properties": { "resource": named() }, "required": ["resource"] });
    table(
        &[
            ("id", string()),
            ("kind", words(&["read", "build", "try", "manual", "drill"])),
            ("needs", strings()),
            ("only_with", only_with()),
            ("picture", words(&pictures)),
            ("resource", list(resource())),
            ("amend", list(amend)),
            ("retire", list(retire)),
            ("drill", drill),
            ("check", list(check())),
            ("question", list(question())),
        ],
        &["id", "kind"],
    )
}

/// A question: choose among options, or type the answer.
fn question() -> Value {
    let common = || vec![("id", string()), ("ask", text()), ("because", text())];
    let forms: Vec<&str> = Form::ALL.iter().map(|(name, _)| *name).collect();
    let wrong = |what: (&'static str, Value)| list(table(&[what, ("why", text())], &["why"]));
    let mut choice = common();
    choice.extend([("kind", words(&["one", "many"])), ("right", list(text())), ("wrong", wrong(("text", text())))]);
    let mut typed = common();
    typed.extend([
        ("kind", words(&["type"])),
        ("form", words(&forms)),
        ("answer", string()),
        ("otherwise", text()),
        ("wrong", wrong(("answer", string()))),
    ]);
    let choice = table(&choice, &["id", "kind", "ask", "because", "right", "wrong"]);
    let typed = table(&typed, &["id", "kind", "ask", "because", "form", "answer", "otherwise"]);
    json!({ "oneOf": [choice, typed] })
}

/// A resource of any kind: one alternative for each.
fn resource() -> Value {
    let registry = kinds::registry();
    let of_kind = |kind: &'static str| {
        let fields = registry.fields(kind).unwrap_or_default();
        let mut keys = vec![
            ("kind", json!({ "const": kind })),
            ("name", string()),
            ("region", words(&["home", "peer"])),
            ("only_with", only_with()),
        ];
        keys.extend(fields.iter().map(|field| (field.name, of_field(field))));
        let required: Vec<&str> =
            ["kind", "name"].into_iter().chain(fields.iter().filter(|f| f.required).map(|f| f.name)).collect();
        table(&keys, &required)
    };
    json!({ "oneOf": registry.kinds().into_iter().map(of_kind).collect::<Vec<_>>() })
}

fn of_field(field: &Field) -> Value {
    let mut schema = match field.kind {
        FieldType::Int => integer(),
        FieldType::Bool => boolean(),
        FieldType::Zone => words(&["a", "c"]),
        FieldType::Word(known) => words(known),
        FieldType::Texts | FieldType::Refs(_) => strings(),
        FieldType::Text | FieldType::Cidr | FieldType::Ref(_) | FieldType::RefOf(_) | FieldType::Source => string(),
    };
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), field.words.1.into());
    }
    schema
}

fn check() -> Value {
    let events: Vec<&str> = Event::ALL.iter().map(|(name, _)| *name).collect();
    let reach = table(
        &[
            ("from", string()),
            ("to", string()),
            ("protocol", words(&["tcp", "udp", "icmp"])),
            ("port", integer()),
            ("via", string()),
            ("arrives", boolean()),
        ],
        &["from", "to", "protocol"],
    );
    let http = table(
        &[
            ("balancer", string()),
            ("scheme", words(&["http", "https"])),
            ("port", integer()),
            ("path", json!({ "type": "string", "pattern": "^/" })),
            ("status", integer()),
            ("location", string()),
            ("host", string()),
        ],
        &["balancer", "path", "status"],
    );
    let conditions = [
        ("exists", list(named())),
        ("ready", list(named())),
        ("match", table(&[("of", list(named())), ("fields", strings())], &["of"])),
        ("only", list(named())),
        ("gone", list(named())),
        ("reach", reach),
        ("http", http),
        ("subscribed", string()),
        ("answers", table(&[("host", string()), ("ports", list(integer()))], &["host", "ports"])),
        (
            "saw",
            table(
                &[("group", string()), ("policy", string()), ("event", words(&events))],
                &["group", "policy", "event"],
            ),
        ),
    ];
    let one = conditions.iter().map(|(name, _)| json!({ "required": [name] })).collect::<Vec<_>>();
    let mut keys =
        vec![("id", string()), ("only_with", only_with()), ("title", text()), ("failure", text()), ("mend", text())];
    keys.extend(conditions);
    let mut schema = table(&keys, &["id", "title", "failure", "mend"]);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("oneOf".to_owned(), Value::Array(one));
    }
    schema
}

fn only_with() -> Value {
    words(&Requirement::ALL.map(|(name, _)| name))
}

fn mistake() -> Value {
    let ways = [
        ("with", json!({ "type": "object" })),
        ("without", strings()),
        ("skip", strings()),
        ("typed", json!({ "type": "object", "additionalProperties": { "type": "string" } })),
        ("missing", named()),
        ("extra", resource()),
        ("deleted", named()),
    ];
    let one = ways.iter().map(|(name, _)| json!({ "required": [name] })).collect::<Vec<_>>();
    let mut keys = vec![
        ("id", string()),
        ("step", string()),
        ("check", string()),
        ("resource", named()),
        ("says", json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 })),
        ("mend", words(&["run", "hand"])),
        ("also", strings()),
        ("only_with", only_with()),
        ("beside", list(resource())),
    ];
    keys.extend(ways);
    let mut schema = table(&keys, &["id", "step", "check", "says"]);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("oneOf".to_owned(), Value::Array(one));
    }
    schema
}
