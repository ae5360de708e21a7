//! What the help says: how to do the main things, the keys, the commands, the remarks; and what of
//! it mentions a text.
//!
//! Keys and commands come from their tables, so that the help says what works, with the keys in
//! effect. The place in which the help was asked for comes first.

use std::borrow::Cow;

use super::commands::commands;
use super::glossary::{self, Term};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Choose, Direction, LookAction, Pick};
use crate::tui::app::command::with_endings;
use crate::tui::app::context::Context;
use crate::tui::app::panels::sample::GO_TO_NEIGHBOR;
use crate::tui::app::panels::{PANELS, Panel, pairs, suspects};
use crate::tui::app::suspects::{RELABEL_AS, UNDO};

/// A panel as wide as this shows all its columns.
const COLUMNS: usize = 200;
/// A word that is not wider than this stands in the place of the keys.
const WIDEST_WORD: usize = 12;

/// What belongs together.
pub(crate) struct Section {
    pub(crate) heading: String,
    pub(crate) entries: Vec<Entry>,
}

/// Keys or a command, and what they do.
pub(crate) struct Entry {
    /// The keys; empty for a sentence.
    pub(crate) keys: Cow<'static, str>,
    /// What they do.
    pub(crate) text: Cow<'static, str>,
}

/// How to do what people come for.
struct Task {
    /// What they want.
    what: &'static str,
    /// How; `{}` stands for the key of the next action.
    text: &'static str,
    actions: &'static [Action],
    /// Which data it is possible with.
    with: With,
}

/// Which data a task is possible with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum With {
    Any,
    Labels,
    Clusters,
}

impl With {
    fn holds(self, app: &App) -> bool {
        match self {
            Self::Any => true,
            Self::Labels => app.run.has_labels(),
            Self::Clusters => !app.run.has_labels(),
        }
    }
}

const NEXT: Direction = Direction::Forward;

const TASKS: &[Task] = &[
    Task {
        what: "groups",
        text: "your data is unlabeled: the Reading panel says which groups (clusters) there are and how sure \
               each is; press {}, then the key beside Reading; the map and all tables show them in place of classes",
        actions: &[Action::PanelMenu],
        with: With::Clusters,
    },
    Task {
        what: "save groups",
        text: ":save clusters FILE.csv saves the cluster of each sample, and whether it is in the core of the \
               cluster; for noise the cluster is empty",
        actions: &[],
        with: With::Clusters,
    },
    Task {
        what: "noise",
        text: "samples that belong to no cluster are the last entry of the Clusters panel ({}): {} there selects \
               them, and {} saves those selected",
        actions: &[
            Action::Show(Panel::Classes),
            Action::Choose(Choose::SelectClass),
            Action::Choose(Choose::AskSaveSelection),
        ],
        with: With::Clusters,
    },
    Task {
        what: "wrong labels",
        text: "press {} until the Suspects panel is in focus; the map shows the suspect under the cursor \
               with lines to its neighbors; {} lists one class after the other, and the key {} adds \
               the less suspicious samples",
        actions: &[
            Action::Panel(NEXT),
            suspects::NEXT_CLASS,
            suspects::LIST_ALL,
        ],
        with: With::Labels,
    },
    Task {
        what: "decide",
        text: "in Suspects: {} keeps the label, {} relabels as suggested, {} relabels as another \
               class, {} marks it as unsure, {} undoes; decisions are saved automatically \
               (:save decisions FILE.csv writes a copy)",
        actions: &[
            suspects::KEEP,
            suspects::RELABEL,
            RELABEL_AS,
            suspects::UNSURE,
            UNDO,
        ],
        with: With::Labels,
    },
    Task {
        what: "neighbors",
        text: "{} puts a crosshair on the map, arrows go from sample to sample; the Sample panel \
               lists its neighbors in the features; {} in that panel goes to one of them",
        actions: &[Action::CROSSHAIR, GO_TO_NEIGHBOR],
        with: With::Any,
    },
    Task {
        what: "mixing",
        text: "the Pairs panel lists which classes mix, in the features and on the map; {} there shows only \
               the two classes of the row, and selects the samples of each that lie on the other's side; {} colors the map by mixing",
        actions: &[
            pairs::SELECT_PAIR,
            Action::Look(LookAction::Coloring(Pick::Next(NEXT))),
        ],
        with: With::Any,
    },
    Task {
        what: "models",
        text: "{} switches to the next model, {} to the next layer; the Models panel compares them, \
               class by class; the Separation panel is about the current one",
        actions: &[Action::Model(Pick::Next(NEXT)), Action::Layer(NEXT)],
        with: With::Labels,
    },
    Task {
        what: "save",
        text: "{} saves the map or a picture of it, {} all statistics, {} the selected samples; \
               :save has more",
        actions: &[
            Action::AskSaveMap,
            Action::AskSaveStatistics,
            Action::Choose(Choose::AskSaveSelection),
        ],
        with: With::Any,
    },
];

impl Task {
    /// How to do it with the keys in effect.
    fn with_keys(&self, app: &App) -> String {
        let mut pieces = self.text.split("{}");
        let mut text = pieces.next().unwrap_or("").to_owned();
        for (action, piece) in self.actions.iter().zip(pieces) {
            text.push_str(app.keymap.key_of(*action).as_deref().unwrap_or(":"));
            text.push_str(piece);
        }
        text
    }
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
    let possible = TASKS.iter().filter(|task| task.with.holds(app));
    let tasks = possible.map(|task| Entry {
        keys: Cow::Borrowed(task.what),
        text: Cow::Owned(task.with_keys(app)),
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
    let of_panel = words_of(app, context);
    if let Context::Of(panel) = context {
        let words = Section {
            heading: format!("What the {} panel shows", panel.label()),
            entries: of_panel.iter().map(|term| word(term, true)).collect(),
        };
        sections.insert(0, words);
    }
    let commands = commands().map(|spec| Entry {
        keys: Cow::Owned(format!(":{}", spec.name)),
        text: match spec.arguments {
            "" => spec.help(),
            arguments => Cow::Owned(format!("{arguments}: {}", spec.help())),
        },
    });
    sections.push(Section {
        heading: "Commands".into(),
        entries: commands.collect(),
    });
    let is_new = |term: &&Term| !of_panel.iter().any(|known| std::ptr::eq(*known, *term));
    sections.push(Section {
        heading: "Words and abbreviations".into(),
        entries: glossary::terms()
            .filter(is_new)
            .map(|term| word(term, false))
            .collect(),
    });
    let remarks = app.remarks().into_iter().map(|remark| Entry {
        keys: Cow::Borrowed(""),
        text: Cow::Owned(remark),
    });
    sections.push(Section {
        heading: "Notes about the data and the run".into(),
        entries: remarks.collect(),
    });
    sections.retain(|section| !section.entries.is_empty());
    sections
}

/// The words in the headings of the panel that a context is about, each once.
fn words_of(app: &App, context: Context) -> Vec<&'static Term> {
    let mut terms: Vec<&'static Term> = Vec::new();
    if let Context::Of(panel) = context {
        let content = (panel.spec().content)(app, COLUMNS);
        let known = content.headings().into_iter();
        for term in known.filter_map(|heading| glossary::of_heading(panel, heading)) {
            if !terms.iter().any(|other| std::ptr::eq(*other, term)) {
                terms.push(term);
            }
        }
    }
    terms
}

/// The entry of a word: its shortest name stands in the place of the keys. Away from the only panel in which it
/// means this, it names that panel.
fn word(term: &Term, in_panel: bool) -> Entry {
    let shortest = term.names.iter().min_by_key(|name| text::width(name));
    let key = shortest.filter(|name| text::width(name) <= WIDEST_WORD);
    let names: Vec<&str> = term
        .names
        .iter()
        .copied()
        .filter(|n| Some(n) != key)
        .collect();
    let section = term.section;
    let panel = term.panel.filter(|_| !in_panel);
    let place = panel.map_or_else(String::new, |p| format!("in {}: ", p.label()));
    let meaning = format!("{place}{} (statistics.md: {section})", term.text);
    Entry {
        keys: Cow::Borrowed(key.copied().unwrap_or("")),
        text: Cow::Owned(if names.is_empty() {
            meaning
        } else {
            format!("{}: {meaning}", names.join(", "))
        }),
    }
}

/// What of it mentions all words of a text, in whatever case.
pub(crate) fn matching(sections: Vec<Section>, filter: &str) -> Vec<Section> {
    // Headings have the number of neighbors; their entries have k.
    let filter = &*glossary::normal(filter);
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
    let mut found: Vec<Section> = sections.into_iter().filter_map(keep).collect();
    // What has the text for a key or a name comes first.
    let is_named = |entry: &Entry| entry.keys.split(' ').any(|key| key == filter.trim());
    found.sort_by_key(|section| !section.entries.iter().any(is_named));
    found
}

/// What a context is called.
fn heading(context: Context) -> String {
    match context {
        Context::Main => "On the map, and elsewhere if the key has no other meaning there".into(),
        Context::Crosshair => "With the crosshair on the map".into(),
        Context::AnyPanel => "In any panel".into(),
        Context::Of(panel) => format!("In the {} panel", panel.label()),
        Context::Command => "In the command line".into(),
        Context::Help | Context::Menu | Context::Prompt | Context::Confirm => String::new(),
    }
}

fn keys_of(app: &App, context: Context) -> Vec<Entry> {
    let rows = app.keymap.rows().iter();
    let documented = rows
        .filter(|row| row.context == context && !row.binding.help.is_empty() && !row.is_empty());
    documented
        .map(|row| Entry {
            keys: row.shown.clone(),
            text: with_endings(row.binding.help),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::tests::fake;

    #[test]
    fn tasks_name_as_many_keys_as_they_have_places_for() {
        let app = fake::app();
        for task in TASKS {
            assert_eq!(task.text.split("{}").count(), task.actions.len() + 1);
            for action in task.actions {
                assert!(app.keymap.key_of(*action).is_some(), "{action:?}");
            }
        }
    }

    #[test]
    fn unlabeled_data_has_its_own_tasks_and_all_data_the_words_for_them() {
        let found = |app: &App, filter: &str| {
            let sections = matching(sections(app, Context::Main), filter);
            let entries = sections.into_iter().flat_map(|s| s.entries);
            entries.map(|e| e.keys.into_owned()).collect::<Vec<_>>()
        };
        let (labeled, unlabeled) = (fake::app(), fake::unlabeled());
        for word in ["group", "cluster", "noise", "unlabeled"] {
            let tasks = found(&unlabeled, word);
            let has = |task: &str| tasks.iter().any(|t| t == task);
            assert!(
                has("groups") || has("save groups") || has("noise"),
                "{word}: {tasks:?}"
            );
            assert!(!found(&labeled, word).is_empty(), "{word}");
        }
        assert!(found(&unlabeled, "cluster").contains(&"save groups".to_owned()));
        let tasks = |app: &App| {
            let all = sections(app, Context::Main).remove(0).entries;
            all.into_iter()
                .map(|e| e.keys.into_owned())
                .collect::<Vec<_>>()
        };
        assert!(tasks(&labeled).contains(&"wrong labels".to_owned()));
        assert!(!tasks(&labeled).contains(&"noise".to_owned()));
        assert!(!tasks(&unlabeled).contains(&"wrong labels".to_owned()));
    }

    #[test]
    fn every_heading_of_every_panel_is_explained() {
        let apps = [
            fake::app(),
            fake::choosing(),
            fake::app_with_classes(12),
            crate::tui::tests::clusters::clustered(),
        ];
        let mut headings = 0;
        for app in &apps {
            for panel in PANELS {
                for width in [40, 80, 200] {
                    let content = (panel.spec().content)(app, width);
                    for heading in content.headings() {
                        let term = glossary::of_heading(*panel, heading);
                        assert!(term.is_some(), "{} in {}", heading, panel.label());
                        headings += 1;
                    }
                }
            }
        }
        assert!(headings > 100, "{headings}");
    }

    #[test]
    fn words_name_sections_that_there_are() {
        let document = include_str!("../../../../docs/statistics.md");
        for term in glossary::terms() {
            let is_heading = |line: &str| {
                let title = line.trim_start_matches('#').trim_start();
                line.starts_with("##") && title.starts_with(term.section)
            };
            assert!(document.lines().any(is_heading), "{}", term.section);
            assert!(term.text.len() > 20 && !term.text.ends_with('.'));
        }
    }

    #[test]
    fn the_help_of_a_panel_begins_with_its_words_and_finds_all_others() {
        let app = fake::app();
        let first = &sections(&app, Context::Of(Panel::Runs))[0];
        assert_eq!(first.heading, "What the Runs panel shows");
        let trust = first.entries.iter().find(|entry| entry.keys == "trust");
        assert!(trust.unwrap().text.starts_with("trustworthiness: "));
        for word in ["trust", "R_NX", "NC1", "silh"] {
            let found = matching(sections(&app, Context::Main), word);
            assert_eq!(found[0].heading, "Words and abbreviations", "{word}");
            assert!(found[0].entries.iter().any(|entry| entry.keys == word));
        }
        for word in [
            "10-NN",
            "10-NN same class",
            "exaggerates",
            "mean of classes",
        ] {
            let found = matching(sections(&app, Context::Main), word);
            let is_of_words = |section: &Section| section.heading == "Words and abbreviations";
            assert!(found.iter().any(is_of_words), "{word}");
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
