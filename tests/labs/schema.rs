//! The JSON schemas fit every course file, and refuse what the loader refuses.

use std::path::Path;

use awslab::commands::labs::{SchemaFile, document};
use serde_json::Value;

/// What is wrong with a value, by as much of JSON Schema as the documents use.
fn faults(schema: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else { return };
    if let Some(known) = schema.get("enum").and_then(Value::as_array)
        && !known.contains(value)
    {
        out.push(format!("{at}: {value} is none of {known:?}"));
    }
    if let Some(only) = schema.get("const").filter(|only| *only != value) {
        out.push(format!("{at}: {value} is not {only}"));
    }
    let fits = match schema.get("type").and_then(Value::as_str) {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64(),
        Some("boolean") => value.is_boolean(),
        Some(other) => panic!("{other}"),
        None => true,
    };
    if !fits {
        out.push(format!("{at}: {value} has another type"));
        return;
    }
    if let Some(object) = value.as_object() {
        let properties = schema.get("properties").and_then(Value::as_object);
        for (key, inner) in object {
            match properties.and_then(|properties| properties.get(key)) {
                Some(schema) => faults(schema, inner, &format!("{at}.{key}"), out),
                None if schema.get("additionalProperties") == Some(&Value::Bool(false)) => {
                    out.push(format!("{at}: unknown {key}"));
                }
                None => {}
            }
        }
        for key in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            if !object.contains_key(key.as_str().unwrap()) {
                out.push(format!("{at}: no {key}"));
            }
        }
    }
    if let (Some(items), Some(list)) = (schema.get("items"), value.as_array()) {
        for (index, item) in list.iter().enumerate() {
            faults(items, item, &format!("{at}[{index}]"), out);
        }
    }
    if let Some(ways) = schema.get("oneOf").and_then(Value::as_array) {
        let good = ways.iter().filter(|way| {
            let mut inner = Vec::new();
            faults(way, value, at, &mut inner);
            inner.is_empty()
        });
        let count = good.count();
        if count != 1 {
            out.push(format!("{at}: {count} alternatives fit {value}"));
        }
    }
}

fn of_toml(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap()
}

fn told(file: SchemaFile, text: &str) -> Vec<String> {
    let mut out = Vec::new();
    faults(&document(file), &of_toml(text), "", &mut out);
    out
}

#[test]
fn every_course_file_fits_its_schema() {
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
    let mut seen = 0;
    let mut look = |file: SchemaFile, path: &Path| {
        if let Ok(text) = std::fs::read_to_string(path) {
            assert_eq!(told(file, &text), Vec::<String>::new(), "{}", path.display());
            seen += 1;
        }
    };
    look(SchemaFile::Course, &labs.join("course.toml"));
    look(SchemaFile::Glossary, &labs.join("glossary.toml"));
    for folder in std::fs::read_dir(&labs).unwrap().map(|entry| entry.unwrap().path()) {
        look(SchemaFile::Chapter, &folder.join("chapter.toml"));
        look(SchemaFile::Mistakes, &folder.join("mistakes.toml"));
    }
    assert!(seen >= 7, "{seen}");
}

#[test]
fn what_the_loader_refuses_the_schemas_refuse() {
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
    let chapter = std::fs::read_to_string(labs.join("03-vpc/chapter.toml")).unwrap();
    let mistakes = std::fs::read_to_string(labs.join("03-vpc/mistakes.toml")).unwrap();
    for (file, text, from, to) in [
        (SchemaFile::Chapter, &chapter, "kind = \"build\"", "kind = \"bild\""),
        (SchemaFile::Chapter, &chapter, "cidr = \"10.1.0.0/16\"", "cird = \"10.1.0.0/16\""),
        (SchemaFile::Chapter, &chapter, "zone = \"a\"", "zone = \"b\""),
        (SchemaFile::Chapter, &chapter, "kind = \"internet-gateway\"", "kind = \"internet-gate\""),
        (SchemaFile::Chapter, &chapter, "number = 3", "number = \"3\""),
        (
            SchemaFile::Chapter,
            &chapter,
            "exists = [\"internet-gateway my-igw\"]",
            "exist = [\"internet-gateway my-igw\"]",
        ),
        (SchemaFile::Mistakes, &mistakes, "mend = \"hand\"", "mend = \"head\""),
        (SchemaFile::Mistakes, &mistakes, "missing = \"", "lost = \""),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(!told(file, &text.replacen(from, to, 1)).is_empty(), "{to} was not refused");
    }
}
