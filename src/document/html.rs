//! The report as one HTML file that needs no other: style, script and pictures are in it.
//!
//! `maud` escapes every text by its type; [`Shown`] makes it printable before.

use maud::{DOCTYPE, Markup, PreEscaped, Render, html};

use super::Document;
use super::block::{Block, Item};
use super::contents::{contents, subject};
use crate::error::{Result, printable};

mod chart;
mod colors;
mod map;
mod table;

/// How the page looks, but for the colors that are computed.
const STYLE: &str = include_str!("html/style.css");
/// Sorting, and highlighting of a class. Everything can be read without.
const SCRIPT: &str = include_str!("html/script.js");
/// Nothing is loaded from anywhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// A text that may come from a file: without control characters, and in an order of its own.
struct Shown<'a>(&'a str);

impl Render for Shown<'_> {
    fn render_to(&self, buffer: &mut String) {
        printable(self.0).render_to(buffer);
    }
}

/// The whole page.
pub(super) fn page(document: &Document) -> Result<String> {
    let blocks = contents(document);
    let mut names = Names::default();
    let ids: Vec<String> = blocks.iter().map(|block| names.of(block)).collect();
    let mut parts = Vec::new();
    for (block, id) in blocks.iter().zip(&ids) {
        parts.push(part(document, block, id)?);
    }
    let colors = colors::style(document.legend.len());
    let title = if document.name.is_empty() {
        "Report"
    } else {
        &document.name
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="generator" content={ "disentangle " (document.crate_version) };
                title { (Shown(title)) }
                style { (PreEscaped(STYLE)) (PreEscaped(colors)) }
            }
            body {
                header {
                    h1 { bdi { (Shown(title)) } }
                    p.subject { (Shown(&subject(document))) }
                }
                nav aria-label="Contents" { (table_of_contents(&blocks, &ids)) }
                main { @for part in &parts { (part) } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    Ok(page.into_string())
}

/// The names of headings as targets of links, each once.
#[derive(Default)]
struct Names(std::collections::BTreeMap<String, usize>);

impl Names {
    /// The name of a heading; empty for other blocks.
    fn of(&mut self, block: &Block) -> String {
        let Block::Heading { text, .. } = block else {
            return String::new();
        };
        let letter = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        };
        let words: String = text.chars().map(letter).collect();
        let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
        let name = words.join("-");
        let count = self.0.entry(name.clone()).or_default();
        *count += 1;
        if *count == 1 {
            format!("s-{name}")
        } else {
            format!("s-{name}-{count}")
        }
    }
}

fn table_of_contents(blocks: &[Block], ids: &[String]) -> Markup {
    let chapters = blocks
        .iter()
        .zip(ids)
        .filter_map(|(block, id)| match block {
            Block::Heading { level: 2, text } => Some((text, id)),
            _ => None,
        });
    html! {
        ul { @for (text, id) in chapters { li { a href={ "#" (id) } { (Shown(text)) } } } }
    }
}

fn part(document: &Document, block: &Block, id: &str) -> Result<Markup> {
    Ok(match block {
        Block::Heading { level: 2, text } => html! { h2 id=(id) { (Shown(text)) } },
        Block::Heading { level: 3, text } => html! { h3 id=(id) { (Shown(text)) } },
        Block::Heading { text, .. } => html! { h4 id=(id) { (Shown(text)) } },
        Block::Text(text) => html! { p { (Shown(text)) } },
        Block::Note(text) => html! { p.note { (Shown(text)) } },
        Block::List(items) => list(items),
        Block::Terms(terms) => html! {
            dl { @for (term, text) in terms { div { dt { (Shown(term)) } dd { (Shown(text)) } } } }
        },
        Block::Table(found) => table::table(document, found),
        Block::Heat(found) => table::heat(found),
        Block::Map(found) => map::large(document, found)?,
        Block::Strip(found) => map::strip(document, found)?,
        Block::Curve(found) => chart::curve(found),
        Block::Drawn(title, lines) => html! {
            pre.drawn role="img" tabindex="0" aria-label=(Shown(title)) {
                @for line in lines { (Shown(line)) "\n" }
            }
        },
        Block::Command(text) => html! { pre { code { (Shown(text)) } } },
    })
}

fn list(items: &[Item]) -> Markup {
    html! {
        @if !items.is_empty() {
            ul.statements {
                @for item in items {
                    li {
                        @if !item.about.is_empty() { span.about { (Shown(&item.about)) } " " }
                        (Shown(&item.text))
                    }
                }
            }
        }
    }
}
