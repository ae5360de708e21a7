//! The journal as a narrative: what was done and seen, session by session, with the kept pictures.

use std::sync::Arc;

use super::super::Document;
use super::super::block::{Block, Item};
use super::heading;
use crate::journal::{Entry, Event};
use crate::text::count;

/// Entries that are told; there may be thousands.
const MOST: usize = 300;

/// The chapter.
pub(super) fn journal(document: &Document) -> Vec<Block> {
    // Which maps were passed on the way says little afterwards.
    let is_told = |entry: &&Arc<Entry>| !matches!(entry.event, Event::Map { .. });
    let told: Vec<&Arc<Entry>> = document.journal.iter().filter(is_told).collect();
    if told
        .iter()
        .all(|entry| matches!(entry.event, Event::Opened(_)))
    {
        return Vec::new();
    }
    let left_out = told.len().saturating_sub(MOST);
    let mut blocks = vec![heading(2, "Journal")];
    if left_out > 0 {
        let older = count(left_out);
        blocks.push(Block::Note(format!(
            "{older} older entries are left out; the journal has them."
        )));
    }
    let mut session = None;
    let mut items = Vec::new();
    for entry in &told[left_out..] {
        if let Event::Opened(_) = entry.event {
            end(&mut items, &mut blocks);
            session = Some(format!("Session of {}", when(entry)));
            continue;
        }
        blocks.extend(session.take().map(|title| heading(3, title)));
        items.push(Item::new(
            entry.kind(),
            format!("{}: {}", when(entry), entry.text()),
        ));
        if let Event::Picture(picture) = &entry.event {
            end(&mut items, &mut blocks);
            blocks.push(Block::Drawn(entry.text(), picture.lines.clone()));
        }
    }
    end(&mut items, &mut blocks);
    blocks
}

fn end(items: &mut Vec<Item>, blocks: &mut Vec<Block>) {
    if !items.is_empty() {
        blocks.push(Block::List(std::mem::take(items)));
    }
}

/// The time without seconds.
fn when(entry: &Entry) -> String {
    let minute: String = entry.time.chars().take(16).collect();
    minute.replace('T', " ") + " UTC"
}
