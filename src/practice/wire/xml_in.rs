//! XML requests: a tree whose parts are read one by one, so that what nobody read can be refused.

use std::cell::Cell;

use quick_xml::Reader;
use quick_xml::events::Event;

/// An element of a request.
#[derive(Debug, Default)]
pub struct Node {
    name: String,
    text: String,
    children: Vec<Node>,
    read: Cell<bool>,
}

/// Elements within one another that a request may have.
const DEEPEST: usize = 32;

impl Node {
    /// Parses a document; gives its root. The error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Node> = Vec::new();
        loop {
            match reader.read_event().map_err(|error| error.to_string())? {
                Event::Start(start) => {
                    if open.len() >= DEEPEST {
                        return Err("elements are nested too deeply".to_owned());
                    }
                    let name = local_name(start.local_name().as_ref());
                    open.push(Node { name, ..Self::default() });
                }
                Event::Empty(start) => {
                    let node = Node { name: local_name(start.local_name().as_ref()), ..Self::default() };
                    match open.last_mut() {
                        Some(parent) => parent.children.push(node),
                        None => return Ok(node),
                    }
                }
                Event::End(_) => {
                    let done = open.pop().ok_or("an element is closed that is not open")?;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => return Ok(done),
                    }
                }
                Event::Text(part) => {
                    if let Some(node) = open.last_mut() {
                        node.text.push_str(&part);
                    }
                }
                Event::CData(part) => {
                    if let Some(node) = open.last_mut() {
                        node.text.push_str(&part);
                    }
                }
                Event::GeneralRef(part) => {
                    let Some(node) = open.last_mut() else { continue };
                    match part.resolve_char_ref() {
                        Ok(Some(c)) => node.text.push(c),
                        _ => match quick_xml::escape::resolve_predefined_entity(&part) {
                            Some(text) => node.text.push_str(text),
                            None => return Err("an entity is not known".to_owned()),
                        },
                    }
                }
                Event::Eof => return Err("the document ends too early".to_owned()),
                Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
            }
        }
    }

    /// Its name, without a prefix.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its text, without the white space around it.
    pub fn own_text(&self) -> &str {
        self.text.trim()
    }

    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        let found = self.children.iter().find(|child| child.name == name)?;
        found.read.set(true);
        Some(found)
    }

    /// The text of a child, if it is there.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.child(name).map(Node::own_text)
    }

    /// The elements of a list: `<Changes><Change/>..</Changes>`.
    pub fn list<'n>(&'n self, name: &str, element: &'n str) -> impl Iterator<Item = &'n Node> {
        let elements = self.child(name).into_iter().flat_map(|list| &list.children);
        elements.filter(move |child| child.name == element).inspect(|child| child.read.set(true))
    }

    /// The path of an element that nobody read: `ResourceRecordSet.Weight`.
    pub fn unread(&self) -> Option<String> {
        self.children.iter().find_map(|child| {
            if !child.read.get() {
                return Some(child.name.clone());
            }
            child.unread().map(|below| format!("{}.{below}", child.name))
        })
    }
}

fn local_name(name: &str) -> String {
    name.to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn reads_what_is_asked_and_knows_the_rest() {
        let text =
            "<?xml version=\"1.0\"?><R xmlns=\"x\"><A> a&amp;b&#x20;</A><L><M><N>1</N></M><M/></L><!-- c --><Z/></R>";
        let root = Node::parse(text).unwrap();
        assert_eq!((root.name(), root.text("A")), ("R", Some("a&b")));
        assert_eq!(root.unread().as_deref(), Some("L"));
        let members: Vec<&Node> = root.list("L", "M").collect();
        assert_eq!(members.len(), 2);
        assert_eq!(root.unread().as_deref(), Some("L.M.N"));
        assert_eq!(members[0].text("N"), Some("1"));
        assert_eq!(root.unread().as_deref(), Some("Z"));
        assert!(root.child("Z").is_some());
        assert_eq!(root.unread(), None);
        assert!(Node::parse("<a><b></a>").is_err() && Node::parse("<a>").is_err() && Node::parse("").is_err());
    }
}
