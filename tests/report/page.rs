//! A page as elements, by a tokenizer that follows the standard of browsers.

use std::collections::BTreeMap;

use html5gum::{State, Token, Tokenizer};

/// Elements without an end.
const VOID: [&str; 3] = ["meta", "br", "img"];

/// An element.
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// All text in it.
    pub(crate) text: String,
    /// Its number, and that after its last descendant.
    range: (usize, usize),
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// An attribute that must be there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.attribute(name)
            .unwrap_or_else(|| panic!("<{}> without {name}", self.name))
    }
}

/// All elements in their order.
pub(crate) struct Page {
    pub(crate) elements: Vec<Element>,
}

impl Page {
    /// Reads a page; every element must be closed in its place, and nothing may be an error.
    pub(crate) fn read(html: &str) -> Self {
        let mut elements: Vec<Element> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut tokens = Tokenizer::new(html);
        while let Some(Ok(token)) = tokens.next() {
            match token {
                Token::StartTag(tag) => {
                    let name = owned(&tag.name);
                    let attributes = tag.attributes.iter();
                    let attributes = attributes.map(|(name, value)| (owned(name), owned(value)));
                    let number = elements.len();
                    elements.push(Element {
                        attributes: attributes.collect(),
                        text: String::new(),
                        range: (number, number + 1),
                        name: name.clone(),
                    });
                    // What is in these is no markup.
                    match name.as_str() {
                        "script" => tokens.set_state(State::ScriptData),
                        "style" => tokens.set_state(State::RawText),
                        _ => {}
                    }
                    if !VOID.contains(&name.as_str()) && !tag.self_closing {
                        open.push(number);
                    }
                }
                Token::EndTag(tag) => {
                    let name = owned(&tag.name);
                    let number = open
                        .pop()
                        .unwrap_or_else(|| panic!("</{name}> without a start"));
                    assert_eq!(elements[number].name, name, "elements are nested");
                    elements[number].range.1 = elements.len();
                }
                Token::String(text) => {
                    for &number in &open {
                        elements[number].text += &String::from_utf8_lossy(&text);
                    }
                }
                Token::Error(error) => panic!("{error:?}"),
                Token::Comment(_) | Token::Doctype(_) => {}
            }
        }
        assert!(open.is_empty(), "all elements are closed");
        Self { elements }
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&Element> {
        self.elements.iter().filter(|e| e.name == name).collect()
    }

    /// The elements of a name in another one.
    pub(crate) fn within(&self, outer: &Element, name: &str) -> Vec<&Element> {
        let (first, end) = outer.range;
        let inner = self.elements[first + 1..end].iter();
        inner.filter(|e| e.name == name).collect()
    }
}

fn owned(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
