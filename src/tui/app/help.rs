//! What the help says: how to do the main things, the keys, the commands, the remarks; and what of
//! it mentions a text.
//!
//! Keys and commands come from their tables, so that the help says what works, with the keys in
//! effect. The place in which the help was asked for comes first.

use std::borrow::Cow;

use super::App;
use super::commands::commands;
use super::keys::Context;
use super::panels::PANELS;
use crate::error::printable;

/// No filter is longer than this many characters.
const LONGEST_FILTER: usize = 60;

/// The help as it is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Help {
    /// The first line shown.
    pub(crate) first: usize,
    /// Where it was asked for.
    pub(crate) context: Context,
    /// What it has to mention.
    pub(crate) filter: String,
}

impl Help {
    /// The help as it opens.
    pub(crate) fn new(context: Context, filter: &str) -> Self {
        Self {
            first: 0,
            context,
            filter: filter.to_owned(),
        }
    }

    /// Lets the filter begin anew, or takes a character of it away.
    pub(crate) fn erase(&mut self, all: bool) {
        if all {
            self.filter.clear();
        } else {
            self.filter.pop();
        }
        self.first = 0;
    }

    /// Adds what was typed or pasted to the filter, as far as it can be printed.
    pub(crate) fn add(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or("");
        let known = self.filter.chars().count();
        let room = LONGEST_FILTER.saturating_sub(known);
        let harmless = |c: &char| printable(c.encode_utf8(&mut [0; 4])).chars().eq([*c]);
        self.filter.extend(line.chars().filter(harmless).take(room));
        self.first = 0;
    }
}

/// What belongs together.
pub(crate) struct Section {
    /// Its heading.
    pub(crate) heading: String,
    /// Its entries.
    pub(crate) entries: Vec<Entry>,
}

/// Keys or a command, and what they do.
pub(crate) struct Entry {
    /// The keys; empty for a sentence.
    pub(crate) keys: Cow<'static, str>,
    /// What they do.
    pub(crate) text: Cow<'static, str>,
}

/// How to do what people come for. A name in braces stands for the key of that action.
const TASKS: &[(&str, &str)] = &[
    (
        "wrong tags",
        "{next-panel} until Suspects is lit; {next-suspect-class} lists one class after the other; \
         {go-to-suspect} shows the suspect on the map with lines to its neighbors",
    ),
    (
        "decide",
        "in Suspects: {keep-tag} the tag is right, {relabel} relabel as suggested, {relabel-as} as \
         another class, {unsure} unsure, {undo-decision} takes it back; :save decisions FILE.csv",
    ),
    (
        "neighbors",
        "{crosshair} puts a crosshair on the map, arrows go from sample to sample; panel Sample \
         lists the neighbors in the features, {go-to-neighbor} there goes to one",
    ),
    (
        "mixing",
        "panel Pairs lists which classes mix, in the features and in the map; {next-coloring} colors \
         the map by mixing",
    ),
    (
        "models",
        "{next-model} flips to the next model, {next-layer} to the next layer; panel Models compares \
         them, class by class; panel Separation has the figures of the present one",
    ),
    (
        "save",
        "{save-map} the map or a picture of it, {save-statistics} all figures, {save-selection} the \
         selected ids; :save has more",
    ),
];

/// A task with the keys in effect.
fn task(app: &App, text: &str) -> String {
    let mut told = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
        let key = app.keymap.key_of(name);
        told.push_str(before);
        told.push_str(key.as_deref().unwrap_or(":"));
        rest = after;
    }
    told + rest
}

/// All that the help says.
pub(crate) fn sections(app: &App, context: Context) -> Vec<Section> {
    let mut contexts = vec![context];
    contexts.extend(context.chain().iter().filter(|c| **c != Context::Main));
    let of_panels = PANELS.iter().map(|panel| Context::Of(*panel));
    let all = [Context::Main, Context::Crosshair, Context::AnyPanel];
    for other in all.into_iter().chain(of_panels).chain([Context::Command]) {
        if !contexts.contains(&other) {
            contexts.push(other);
        }
    }
    let tasks = TASKS.iter().map(|(what, text)| Entry {
        keys: Cow::Borrowed(*what),
        text: Cow::Owned(task(app, text)),
    });
    let mut sections = vec![Section {
        heading: "How to".into(),
        entries: tasks.collect(),
    }];
    for context in contexts {
        sections.push(Section {
            heading: heading(context),
            entries: keys_of(app, context),
        });
    }
    let commands = commands().map(|spec| Entry {
        keys: Cow::Owned(format!(":{}", spec.name)),
        text: match spec.arguments {
            "" => Cow::Borrowed(spec.help),
            arguments => Cow::Owned(format!("{arguments}: {}", spec.help)),
        },
    });
    sections.push(Section {
        heading: "Commands".into(),
        entries: commands.collect(),
    });
    let remarks = app.remarks().into_iter().map(|remark| Entry {
        keys: Cow::Borrowed(""),
        text: Cow::Owned(remark),
    });
    sections.push(Section {
        heading: "Remarks about data and run".into(),
        entries: remarks.collect(),
    });
    sections.retain(|section| !section.entries.is_empty());
    sections
}

/// What of it mentions all words of a text, in whatever case.
pub(crate) fn matching(sections: Vec<Section>, filter: &str) -> Vec<Section> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return sections;
    }
    let keep = |mut section: Section| {
        let heading = section.heading.to_lowercase();
        section.entries.retain(|entry| {
            let text = entry.text.to_lowercase();
            // Keys are meant as they are typed: a and A differ.
            let said = |word: &String| text.contains(word) || heading.contains(word);
            let has_key = entry.keys.split([' ', ':']).any(|key| key == filter.trim());
            let named = |word: &String| entry.keys.to_lowercase().contains(word) && word.len() > 1;
            has_key || words.iter().all(|word| said(word) || named(word))
        });
        (!section.entries.is_empty()).then_some(section)
    };
    sections.into_iter().filter_map(keep).collect()
}

/// What a context is called.
fn heading(context: Context) -> String {
    match context {
        Context::Main => "On the map, and wherever nothing nearer takes the key".into(),
        Context::Crosshair => "With the crosshair on the map".into(),
        Context::AnyPanel => "In any panel".into(),
        Context::Of(panel) => format!("In the panel {}", panel.label()),
        Context::Command => "In the command line".into(),
        Context::Help | Context::Prompt | Context::Confirm => String::new(),
    }
}

fn keys_of(app: &App, context: Context) -> Vec<Entry> {
    let rows = app.keymap.rows().iter();
    let documented = rows
        .filter(|row| row.context == context && !row.binding.help.is_empty() && !row.is_empty());
    documented
        .map(|row| Entry {
            keys: row.shown.clone(),
            text: Cow::Borrowed(row.binding.help),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::app::keymap::actions;
    use crate::tui::tests::fake;

    #[test]
    fn tasks_name_keys_that_there_are() {
        let known: Vec<String> = actions().into_iter().map(|(name, ..)| name).collect();
        for (_, text) in TASKS {
            for piece in text.split('{').skip(1) {
                let (name, _) = piece.split_once('}').unwrap();
                assert!(known.iter().any(|k| k == name), "{name}");
            }
            let told = task(&fake::app(), text);
            assert!(!told.contains(['{', '}']), "{told}");
        }
    }

    #[test]
    fn a_filter_finds_words_keys_and_commands() {
        let app = fake::app();
        let found = |filter: &str| {
            let sections = matching(sections(&app, Context::Main), filter);
            let entries = sections.into_iter().flat_map(|s| s.entries);
            entries.map(|e| e.keys.into_owned()).collect::<Vec<_>>()
        };
        assert!(found("relabel").contains(&"r".to_owned()));
        assert!(found("undo").contains(&":undo".to_owned()));
        assert!(found("perplexity").contains(&":perplexity".to_owned()));
        assert!(found("A").contains(&"A".to_owned()));
        assert!(found("suspects next class").contains(&"f F".to_owned()));
        assert!(found("no such thing at all").is_empty());
    }
}
