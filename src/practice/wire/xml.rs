//! XML answers: a small element tree and its text.

use std::fmt::{Display, Write};

/// An element: either text or children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// An empty element.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), attributes: Vec::new(), text: String::new(), children: Vec::new() }
    }

    /// An element that holds only text.
    pub fn leaf_of(name: impl Into<String>, value: impl Display) -> Self {
        Self { text: value.to_string(), ..Self::new(name) }
    }

    /// The `<item>` of an EC2 list.
    pub fn item() -> Self {
        Self::new("item")
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.push((name.into(), value.into()));
        self
    }

    /// Adds a child.
    #[must_use]
    pub fn child(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    /// Adds a child when there is one.
    #[must_use]
    pub fn child_opt(self, child: Option<Element>) -> Self {
        match child {
            Some(child) => self.child(child),
            None => self,
        }
    }

    /// Adds children.
    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }

    /// Adds `<name>value</name>`.
    #[must_use]
    pub fn leaf(self, name: &str, value: impl Display) -> Self {
        self.child(Self::leaf_of(name, value))
    }

    /// Adds `<name>value</name>` when there is a value.
    #[must_use]
    pub fn leaf_opt(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.leaf(name, value),
            None => self,
        }
    }

    /// Adds a list as EC2 writes it: `<name><item>..</item><item>..</item></name>`. The elements are renamed to `item`;
    /// an empty list is an empty `<name/>`.
    #[must_use]
    pub fn list(self, name: &str, elements: impl IntoIterator<Item = Element>) -> Self {
        self.list_of(name, "item", elements)
    }

    /// Adds a list whose elements have names of their own, as RDS and Route 53 write it: `<Subnets><Subnet>..</Subnet></Subnets>`.
    #[must_use]
    pub fn list_named(self, name: &str, elements: impl IntoIterator<Item = Element>) -> Self {
        self.child(Self::new(name).children(elements))
    }

    /// Adds a list as awsQuery writes it: `<name><member>..</member></name>`.
    #[must_use]
    pub fn members(self, name: &str, elements: impl IntoIterator<Item = Element>) -> Self {
        self.list_of(name, "member", elements)
    }

    fn list_of(self, name: &str, element: &str, elements: impl IntoIterator<Item = Element>) -> Self {
        let rename = |mut one: Element| {
            one.name = element.to_string();
            one
        };
        self.child(Self::new(name).children(elements.into_iter().map(rename)))
    }

    /// Adds a child in place.
    pub fn push(&mut self, child: Element) {
        self.children.push(child);
    }

    /// The document's text, with the XML declaration.
    pub fn render(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(value, out);
            out.push('"');
        }
        if self.text.is_empty() && self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        escape(&self.text, out);
        for child in &self.children {
            child.write(out);
        }
        out.push_str("</");
        out.push_str(&self.name);
        out.push('>');
    }
}

/// Escapes for text and attributes alike. Characters that XML 1.0 forbids become U+FFFD; line ends of texts survive.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' | '\n' | '\t' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c if u32::from(c) < 0x20 || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn ec2_lists() {
        let tags = [("Name", "a&b"), ("k", "")];
        let vpc = Element::item()
            .leaf("vpcId", "vpc-1")
            .leaf("isDefault", false)
            .leaf_opt("nothing", None::<&str>)
            .list("tagSet", tags.iter().map(|(key, value)| Element::item().leaf("key", key).leaf("value", value)));
        let answer = Element::new("R").attribute("xmlns", "http://x/\"y\"").list("vpcSet", [vpc]).list("none", []);
        assert_eq!(
            answer.render(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<R xmlns=\"http://x/&quot;y&quot;\"><vpcSet><item><vpcId>vpc-1</vpcId>\
             <isDefault>false</isDefault><tagSet><item><key>Name</key><value>a&amp;b</value></item>\
             <item><key>k</key><value/></item></tagSet></item></vpcSet><none/></R>"
        );
    }

    #[test]
    fn every_text_survives_a_parser() {
        let nasty = "<a>&\"' \t\r\n 서울 \u{1}\u{ffff}]]>";
        let text = Element::leaf_of("a", nasty).render();
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut got = String::new();
        loop {
            match reader.read_event() {
                Ok(quick_xml::events::Event::Eof) => break,
                Ok(quick_xml::events::Event::Text(part)) => got.push_str(&part),
                Ok(quick_xml::events::Event::GeneralRef(part)) => match part.resolve_char_ref() {
                    Ok(Some(c)) => got.push(c),
                    _ => got.push_str(quick_xml::escape::resolve_predefined_entity(&part).unwrap_or("?")),
                },
                Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(got.trim_start_matches('\n'), nasty.replace(['\u{1}', '\u{ffff}'], "\u{fffd}"));
    }
}
