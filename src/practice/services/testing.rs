//! Operations as tests call them: as the practice cloud does, without HTTP.
//!
//! An error changes nothing, what a request says and nobody reads is an error, and afterwards the rules look that look at others' state.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use serde_json::Value;

use super::{ApiError, Request};
use crate::practice::wire::query::Params;
use crate::practice::wire::xml::Element;
use crate::practice::world::World;

/// What answers the operations of a service.
pub(crate) type Handle<T> = fn(&mut World, &Request<'_>) -> Result<T, ApiError>;

fn ask<T>(
    world: &mut World,
    handle: Handle<T>,
    (region, operation): (&str, &str),
    params: &Params,
    json: &Value,
) -> Result<T, ApiError> {
    let request_id = "00000000-0000-4000-8000-000000000000".to_owned();
    let request = Request { operation, region, params, path: "/", body: "", json, request_id };
    let mut changed = world.clone();
    let answer = handle(&mut changed, &request)?;
    if let Some(name) = params.unread().first() {
        return Err(ApiError::not_simulated(format_args!("the parameter {name} of {operation}")));
    }
    changed.settle();
    *world = changed;
    Ok(answer)
}

/// Calls an operation of a region with `Name=value` parameters; the answer is XML.
pub(crate) fn call(
    world: &mut World,
    handle: Handle<Element>,
    at: (&str, &str),
    pairs: &[(&str, &str)],
) -> Result<String, ApiError> {
    let params = Params::from_pairs(pairs.iter().copied());
    ask(world, handle, at, &params, &Value::Null).map(|answer| answer.render())
}

/// Calls an operation of a region with a JSON body.
pub(crate) fn call_json(
    world: &mut World,
    handle: Handle<Value>,
    at: (&str, &str),
    body: &Value,
) -> Result<Value, ApiError> {
    ask(world, handle, at, &Params::default(), body)
}

/// The texts of all elements with this name.
pub(crate) fn all(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open).skip(1).filter_map(|rest| rest.split_once(&close)).map(|(text, _)| text.to_owned()).collect()
}

/// The text of the first element with this name.
pub(crate) fn pick(xml: &str, name: &str) -> String {
    all(xml, name).into_iter().next().unwrap_or_else(|| panic!("no {name} in {xml}"))
}
