//! The shape of an answer in the awsQuery protocol.

use crate::practice::wire::xml::Element;

/// `<OpResponse xmlns=".."><OpResult>..</OpResult><ResponseMetadata>..`; `result` is the `OpResult`, none when the operation has none.
pub fn answer(operation: &str, namespace: &str, request_id: &str, result: Option<Element>) -> Element {
    Element::new(format!("{operation}Response"))
        .attribute("xmlns", namespace)
        .child_opt(result)
        .child(Element::new("ResponseMetadata").leaf("RequestId", request_id))
}
