//! Suspects: samples that are probably mislabeled, what speaks against each label, and what was
//! decided.

use super::Panel;
use super::content::{Column, Content, Line, Role};
use super::spec::{Handler, PanelSpec};
use crate::decisions::{Choice, Decision};
use crate::diagnosis::{Suspect, Suspects, Verdict};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Direction};
use crate::tui::app::command::{self, Argument, Outcome, Reply, Spec, Word};
use crate::tui::app::context::{Binding, row};
use crate::tui::app::suspects::{RELABEL_AS, UNDO};
use crate::tui::terminal::input::Key;
use crate::words;

pub(super) const SPEC: PanelSpec = PanelSpec {
    keys: KEYS,
    actions: ACTIONS,
    commands: COMMANDS,
    ..PanelSpec::new(
        |app| {
            // Headline and evidence are wrapped where the panel is narrow.
            let wrapped = if app.size.0 < WIDE { 7 } else { 0 };
            5 + EVIDENCE + wrapped + app.suspects().len().clamp(3, 200)
        },
        content,
    )
};

/// The keys of panel Suspects.
#[rustfmt::skip]
const KEYS: &[Binding] = &[
    row(&[Key::Char('t')], "t", |_| KEEP, "keep", "keep the label: it is right"),
    row(&[Key::Char('r')], "r", |_| RELABEL, "relabel", "relabel as suggested"),
    row(&[Key::Char('l')], "l", |_| RELABEL_AS, "as …", "relabel as another class: type its name"),
    row(&[Key::Char('o')], "o", |_| UNSURE, "unsure", "mark as unsure"),
    row(&[Key::Char('u')], "u", |_| UNDO, "undo", "undo the last decision (Ctrl-R: redo)"),
    row(&[Key::Char('a')], "a", |_| LIST_ALL, "all", "list less suspicious labels, too; again: only those that are probably mislabeled"),
    row(&[Key::Char('d')], "d", |_| HIDE_DECIDED, "undecided", "list only undecided suspects; again: all"),
    row(&[Key::Char('f'), Key::Char('F')], "f F", |at| if at == 0 { NEXT_CLASS } else { PREVIOUS_CLASS }, "class", "only suspects of the next or previous class; after the last: all"),
    row(&[Key::Char('n')], "n", |_| NOTE, "note", "type a note about the sample"),
    row(&[Key::Enter], "Enter", |_| GO_TO_SUSPECT, "on the map", "show the suspect on the map, and its neighbors in the Sample panel"),
];

/// Show the suspect under the cursor on the map.
pub(in crate::tui::app) const GO_TO_SUSPECT: Action = Action::OfPanel("go-to-suspect");
pub(in crate::tui::app) const KEEP: Action = Action::OfPanel("keep-label");
pub(in crate::tui::app) const RELABEL: Action = Action::OfPanel("relabel");
pub(in crate::tui::app) const UNSURE: Action = Action::OfPanel("unsure");
const NOTE: Action = Action::OfPanel("note");
pub(in crate::tui::app) const NEXT_CLASS: Action = Action::OfPanel("next-suspect-class");
/// List all suspects, to which the panel's text points.
pub(in crate::tui::app) const LIST_ALL: Action = Action::OfPanel("list-all-suspects");
const HIDE_DECIDED: Action = Action::OfPanel("hide-decided");
const PREVIOUS_CLASS: Action = Action::OfPanel("previous-suspect-class");

#[rustfmt::skip]
const ACTIONS: &[(Action, Handler)] = &[
    (GO_TO_SUSPECT, |app| app.with_suspect(|app, row, _| app.jump_to(row))),
    (KEEP, |app| app.with_suspect(|app, row, _| app.settle(row, Choice::Keep))),
    (RELABEL, App::relabel_as_suggested),
    (RELABEL_AS, App::ask_relabel),
    (UNSURE, |app| app.with_suspect(|app, row, _| app.settle(row, Choice::Unsure))),
    (NOTE, |app| app.with_suspect(|app, row, _| app.ask_note(row))),
    (UNDO, App::undo_decision),
    (LIST_ALL, App::list_all_suspects),
    (HIDE_DECIDED, App::hide_decided),
    (NEXT_CLASS, |app| app.next_suspect_class(Direction::Forward)),
    (PREVIOUS_CLASS, |app| app.next_suspect_class(Direction::Back)),
];

const DECISIONS: &[Word] = &[
    command::word("keep", "the label is right"),
    command::word_then(
        "relabel",
        "as suggested, or as the class named",
        Argument::Classes,
    ),
    command::word("unsure", "looked at, but not clear"),
];

/// The commands about suspects.
#[rustfmt::skip]
const COMMANDS: &[Spec] = &[
    command::row("suspects", "[CLASS]", Argument::Classes, list, "list the suspects labeled as this class; without a name, all"),
    command::row("decide", "keep | relabel [CLASS] | unsure", Argument::Words(DECISIONS), decide, "decide about the suspect under the cursor or, outside the Suspects panel, about the current sample"),
    command::row("note", "TEXT", Argument::Text, note, "write a note into the journal; in the Suspects panel, attach it to the suspect under the cursor"),
];

fn list(app: &mut App, text: &str) -> Reply {
    let class = match text {
        "" => None,
        name => Some(command::class(app, name)?),
    };
    app.show(Panel::Suspects);
    app.list_suspects_of(class);
    command::DONE
}

fn decide(app: &mut App, text: &str) -> Reply {
    let (what, name) = command::split(text);
    let choice = match (what, name) {
        ("keep", "") => Choice::Keep,
        ("unsure", "") => Choice::Unsure,
        ("relabel", "") => {
            app.sample_to_decide()?;
            if app.is_focused(Panel::Suspects) {
                return Ok(Outcome::Done(app.relabel_as_suggested()));
            }
            return Err("relabel needs a class here (relabel CLASS): only the Suspects panel has suggestions".into());
        }
        ("relabel", name) => Choice::Relabel(command::class(app, name)? as u16),
        _ => {
            let what = "keep, relabel (with a class) or unsure";
            return Err(command::expected(what, text));
        }
    };
    let row = app.sample_to_decide()?;
    app.settle(row, choice);
    command::DONE
}

fn note(app: &mut App, text: &str) -> Reply {
    let text = command::unquoted(text)?;
    if app.is_focused(Panel::Suspects) {
        let row = app.sample_to_decide()?;
        app.note(row, &text);
    } else {
        app.note_in_journal(&text)?;
    }
    command::DONE
}

/// Columns of a screen on which no panel is narrow.
const WIDE: u16 = 130;
/// In a panel with fewer columns, fewer neighbors are listed.
const NARROW: usize = 60;
/// Lines of evidence below the rows.
const EVIDENCE: usize = 5;
/// Columns of a number.
const NUMBER: usize = 7;
/// Stands between a label and the one suggested.
const BETWEEN: &str = " → ";
/// Wider ids have no more room than this.
const ID: usize = 24;
/// Of no more suspects the ids are measured for the width of their column.
const MEASURED: usize = 500;

fn known(app: &App) -> Option<&Suspects> {
    app.run.diagnosis.as_ref()?.suspects.as_deref()
}

fn content(app: &App, width: usize) -> Content<'_> {
    let mut content = Content::new(title(app), width);
    let Some(known) = known(app) else {
        content.say(
            match app.run.classes() {
                _ if app.run.is_provisional() => {
                    "The data has no labels to check. The clusters were found in the features; the Reading panel says how sure they are."
                }
                0 | 1 => "Suspects need at least two classes.",
                _ => "Still being computed, or fewer than two classes have at least 3 samples.",
            },
            Role::Dim,
        );
        return content;
    };
    content.has_cursor = true;
    content.kept = EVIDENCE;
    if !app.suspects.decisions.is_empty() {
        content
            .remarks
            .push(format!("{} decided", app.suspects.decisions.len()));
        content.remarks.push("= kept  → relabeled  ? unsure".into());
    }
    let role = if known.reliable_classes > 0 {
        Role::Plain
    } else {
        Role::Bold
    };
    content
        .head
        .extend(Line::of(headline(known), role).wrap(width, 2));
    if known.reliable_classes > 0 {
        let limit = known.limit().map(|text| Line::of(text, Role::Bold));
        let lines = limit.iter().flat_map(|line| line.wrap(width, 2));
        content.head.extend(lines);
    }
    let list = app.suspects();
    let is_decided = |s: &&Suspect| app.suspects.decisions.get(s.row).is_some();
    let role = |s| {
        if is_decided(s) {
            Role::Dim
        } else {
            Role::Plain
        }
    };
    content.roles = list.iter().map(role).collect();
    if list.is_empty() {
        let text = match app.suspects_in_question().len() {
            0 => "There are no suspects.",
            _ => "All of them are decided.",
        };
        content.say(text, Role::Dim);
        return content;
    }
    if app.lists_likely_only() {
        let all = app.suspects_of(app.suspects.class).count();
        let more = all - app.suspects_in_question().len();
        if more > 0 {
            let key = app.key(LIST_ALL);
            content.remarks.insert(0, format!("{key}: {more} more"));
        }
    }
    content.table(list.clone(), columns(app, &list, known));
    let order = content.order(app.state(Panel::Suspects));
    let at_cursor = order.get(app.state(Panel::Suspects).row);
    for line in at_cursor.map_or_else(Vec::new, |at| evidence(app, list[*at], width)) {
        content.note(&line);
    }
    content.kept = content.notes.len().max(EVIDENCE);
    content
}

/// Which suspects are listed, and how many of them are left to decide about.
fn title(app: &App) -> String {
    let listed = app.suspects_in_question();
    let decided = |s: &&&Suspect| app.suspects.decisions.get(s.row).is_some();
    let decided = listed.iter().filter(decided).count();
    let title = match app.suspects.class {
        Some(class) => format!("Suspects · labeled {}", app.entry_name_in(class, 24)),
        None => "Suspects".to_owned(),
    };
    match listed.len() {
        0 => title,
        all if decided > 0 => title + &format!(" · {} of {all} undecided", all - decided),
        all => title + &format!(" · {all}"),
    }
}

/// How far the list can be trusted.
fn headline(known: &Suspects) -> String {
    let found = words::percent(known.recovery);
    if known.reliable_classes == 0 {
        return format!(
            "Not reliable: only {found} of the wrong labels planted as a test rank at the top"
        );
    }
    match known.mislabeled_precision {
        Some(p) if known.verdicts.probably_mislabeled == 1 => format!(
            "1 probably mislabeled: its label is wrong with probability {}",
            words::percent_with_interval(&p)
        ),
        Some(p) => format!(
            "{} probably mislabeled: an estimated {} are wrong",
            known.verdicts.probably_mislabeled,
            words::percent_with_interval(&p)
        ),
        None => format!(
            "None is probably mislabeled; {found} of the wrong labels planted as a test rank at the top"
        ),
    }
}

fn columns<'a>(
    app: &'a App,
    list: &[&Suspect],
    known: &'a Suspects,
) -> Vec<Column<'a, &'a Suspect>> {
    let has_models = list
        .first()
        .is_some_and(|s| s.scores.models.iter().any(|m| m.probability.is_some()));
    let is_probed = list.first().is_some_and(|s| probed(s).is_some());
    let decision = |s: &Suspect| app.suspects.decisions.get(s.row);
    let number = |heading, priority| Column::number(heading, NUMBER).priority(priority);
    let names = list.iter().take(MEASURED);
    let names = names.map(|s| text::width(&app.sample_name(s.row)));
    let mut columns = vec![
        Column::text("", 2)
            .role(Role::Bold)
            .cell(move |s: &&Suspect| mark(decision(s))),
        Column::number("#", 4)
            .own_order("P(wrong)")
            .cell(|s: &&Suspect| s.rank.to_string()),
        Column::text(" sample", 8)
            .priority(2)
            .names(2 + names.max().unwrap_or(0).min(ID))
            .grow(60)
            .order("distance", |s: &&Suspect| Some(s.distance_ratio))
            .cell_in(move |s, columns| {
                let name = app.sample_name(s.row);
                Line::from(format!(
                    " {}",
                    text::shorten_id(&name, columns.saturating_sub(2))
                ))
            }),
        Column::text(" label → suggested", 9)
            .wide(1, 17)
            .names(1 + BETWEEN.len() + 2 * app.widest_entry())
            .grow(100)
            .cell_in(move |s: &&Suspect, columns| Line::from(" ").then(change(app, s, columns))),
        Column::number("P(wrong)", NUMBER)
            .short("wrong")
            .wide(9, NUMBER + 2)
            .cell(move |s: &&Suspect| {
                text::percent(Some(s.probability).filter(|_| known.is_reliable(&s.label)))
            }),
        number("neighbors", 4)
            .short("neigh.")
            .order("neighbors against the label", |s: &&Suspect| {
                Some(-s.scores.neighbors)
            })
            .cell(|s| text::percent(Some(s.scores.neighbors))),
        number("linear probe", 5)
            .short("linear")
            .order("linear probe against the label", |s: &&Suspect| {
                Some(-s.scores.linear_probe)
            })
            .cell(|s| words::signed(s.scores.linear_probe, 2)),
        number("kernel probe", 7)
            .short("kernel")
            .order("kernel probe against the label", |s: &&Suspect| {
                Some(-s.scores.kernel_probe)
            })
            .cell(|s| words::signed(s.scores.kernel_probe, 2)),
    ];
    if is_probed {
        let column = if has_models {
            number("classifier", 6).short("model")
        } else {
            number("logistic probe", 6).short("logist")
        };
        columns.push(column.cell(|s: &&Suspect| text::percent(probed(s))));
    }
    // Where only these are listed, all are probably mislabeled.
    if app.lists_likely_only() {
        return columns;
    }
    let verdict = Column::text(" verdict", 8).priority(3).wide(8, 21);
    columns.push(verdict.cell(move |s: &&Suspect| {
        let strong = s.verdict == Verdict::ProbablyMislabeled && decision(s).is_none();
        let role = if strong { Role::Bold } else { Role::Plain };
        Line::of(format!(" {}", s.verdict.label()), role).or(format!(" {}", short(s.verdict)))
    }));
    columns
}

/// A verdict in few columns.
fn short(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::ProbablyMislabeled => "mislab.",
        Verdict::ClassOverlap => "overlap",
        Verdict::HeadError => "error",
        Verdict::Outlier => "outlier",
        Verdict::NoDoubt => "–",
    }
}

/// The mark of a decision.
fn mark(decision: Option<&Decision>) -> &'static str {
    match decision.map(|d| d.choice) {
        None => " ",
        Some(Choice::Keep) => "=",
        Some(Choice::Relabel(_)) => "→",
        Some(Choice::Unsure) => "?",
    }
}

/// The label, and the one that was decided or is suggested, in the colors of the classes.
fn change(app: &App, s: &Suspect, columns: usize) -> Line {
    let labels = app.run.data.labels();
    let place = |name: &str| labels.and_then(|l| l.names().iter().position(|n| n == name));
    let to = match app.suspects.decisions.get(s.row).map(|d| d.choice) {
        Some(Choice::Relabel(class)) => Some(usize::from(class)),
        _ => place(&s.suggested),
    };
    let half = columns.saturating_sub(5) / 2;
    let label = Line::named(app, s.class, half);
    match to {
        Some(to) if to == s.class => label,
        Some(to) => label
            .and(BETWEEN, Role::Plain)
            .then(Line::named(app, to, half)),
        None => {
            let other = app.class_name_in(&text::safe(&s.suggested), half);
            label.and(BETWEEN, Role::Plain).and(other, Role::Plain)
        }
    }
}

/// The probability of the label by the first model, else by the logistic probe.
fn probed(s: &Suspect) -> Option<f64> {
    let model = s.scores.models.iter().find_map(|m| m.probability);
    model.or(s.scores.logistic_probe)
}

/// What speaks for and against the label of a suspect.
fn evidence(app: &App, s: &Suspect, width: usize) -> Vec<Line> {
    let about = format!(
        " · {} · {:.1} times as far from its neighbors as samples of its class usually are",
        s.verdict.label(),
        s.distance_ratio
    );
    // The Sample panel has them all.
    let most = if width < NARROW { 4 } else { 10 };
    let near = s.neighbors.iter().take(most).map(|n| {
        let (sample, label) = (app.sample_name(n.row), app.entry_name_in(n.class, 12));
        format!("{sample} {label} {:.2}", n.distance)
    });
    let near: Vec<String> = near.collect();
    let mut lines = vec![
        Line::of(app.sample_name(s.row), Role::Bold).and(about, Role::Dim),
        Line::of("nearest samples (label, distance): ", Role::Dim)
            .and(near.join(", "), Role::Plain),
    ];
    let models = s.scores.models.iter().map(|m| {
        let predicted = m
            .predicted
            .as_deref()
            .map_or_else(|| "–".into(), text::safe);
        format!(
            "{} predicts {predicted} and gives the label a probability of {}",
            text::safe(&m.model),
            text::percent(m.probability)
        )
    });
    let models: Vec<String> = models.collect();
    if !models.is_empty() {
        lines.push(Line::of(models.join("; "), Role::Plain));
    }
    if !s.conflicting_duplicates.is_empty() {
        let names = s
            .conflicting_duplicates
            .iter()
            .map(|&row| app.sample_name(row));
        let names: Vec<String> = names.collect();
        let what = Line::of("near-duplicate with another label: ", Role::Dim);
        lines.push(what.and(names.join(", "), Role::Bold));
    }
    lines.extend(app.suspects.decisions.get(s.row).map(|d| decided(app, d)));
    lines
}

/// A decision with its note.
fn decided(app: &App, decision: &Decision) -> Line {
    let what = match decision.choice {
        Choice::Keep => "the label is right".to_owned(),
        Choice::Unsure => "unsure".to_owned(),
        Choice::Relabel(class) => format!("relabel as {}", app.entry_name(usize::from(class))),
    };
    let line = Line::of("decided: ", Role::Dim).and(what, Role::Bold);
    match text::safe(&decision.note) {
        note if note.is_empty() => line,
        note => line.and(format!(" · {note}"), Role::Plain),
    }
}
