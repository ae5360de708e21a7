//! The panel of suspects: samples whose tag is probably wrong, the witnesses against it, and what
//! was decided.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::style;
use super::table::Pen;
use crate::decisions::{Choice, Decision};
use crate::diagnosis::{Suspect, Verdict};
use crate::tui::app::App;
use crate::tui::app::panels::{self, Panel};
use crate::tui::text;

/// Lines above the rows, the frame not counted: how far the list can be trusted, the heading.
pub(crate) const HEAD: u16 = 2;
/// Lines of evidence below the rows.
pub(crate) const EVIDENCE: u16 = 5;
/// Columns of rank, share and margin.
const RANK: usize = 4;
const FIGURE: usize = 7;
/// Columns of the verdict in full, and cut.
const VERDICT: usize = 21;
/// Mark and columns of a decision.
const DECISION: usize = 2;

/// What the list can be sorted by.
pub(crate) const ORDERS: &[&str] = &[
    "suspicion",
    "neighbors against the tag",
    "linear probe against the tag",
    "kernel probe against the tag",
    "distance",
];

/// The lines that the panel would like.
pub(crate) fn wish(app: &App) -> u16 {
    if app.panels.chosen == Panel::Suspects {
        2 + HEAD + EVIDENCE + panels::rows(app.suspects().len()).clamp(3, 200)
    } else {
        0
    }
}

/// The suspects of the class asked for, in the order asked for.
pub(crate) fn order(app: &App) -> Vec<usize> {
    let list = app.suspects();
    app.state(Panel::Suspects).sorted(list.len(), |order, row| {
        let s = list[row];
        Some(match order {
            1 => -s.scores.neighbors,
            2 => -s.scores.linear_probe,
            3 => -s.scores.kernel_probe,
            _ => s.distance_ratio,
        })
    })
}

/// Draws the panel.
pub(crate) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let list = app.suspects();
    let order = order(app);
    let state = app.state(Panel::Suspects);
    let focused = app.is_focused(Panel::Suspects);
    let fitting = usize::from(Panel::Suspects.entry().fitting(area.height).0);
    let first = state.first_of(list.len(), fitting);
    let mut below = style::shown_of(first, fitting, list.len());
    let decided = app.suspects.decisions.len();
    if decided > 0 {
        below = format!("{below} · {decided} decided");
    }
    let title = match app.suspects.class {
        Some(class) => format!(
            "Suspects · tagged {}",
            text::cut(&app.entry_name(class), 24)
        ),
        None => "Suspects".to_owned(),
    };
    let inner = style::frame(app, (&title, &below), focused, area, buffer);
    let Some(known) = app
        .run
        .diagnosis
        .as_ref()
        .and_then(|d| d.suspects.as_deref())
    else {
        let help = if app.classes() < 2 {
            "Suspects are told by the tags of others: there are no two classes."
        } else {
            "Being computed, or there are no two classes with 3 samples."
        };
        wrapped(help, inner, buffer);
        return;
    };
    let look = if known.reliable {
        Style::new()
    } else {
        style::BOLD
    };
    Pen::new(buffer, inner, 0).write(&headline(app), look);
    let columns = Columns::new(app, usize::from(inner.width));
    columns.heading(app, &mut Pen::new(buffer, inner, 1));
    for (row, at) in order.iter().enumerate().skip(first).take(fitting) {
        let mut pen = Pen::new(buffer, inner, (row - first) as u16 + HEAD);
        columns.suspect(app, list[*at], &mut pen);
        if focused && state.row == row {
            pen.restyle(style::CURSOR);
        }
    }
    let shown = (list.len() - first).min(fitting) as u16;
    if let Some(at) = order.get(state.row) {
        let top = inner.y + HEAD + shown;
        let rest = Rect {
            y: top,
            height: inner.bottom().saturating_sub(top),
            ..inner
        };
        evidence(app, list[*at], rest, buffer);
    }
}

/// Whether the probabilities mean anything.
fn is_reliable(app: &App) -> bool {
    let suspects = app
        .run
        .diagnosis
        .as_ref()
        .and_then(|d| d.suspects.as_deref());
    suspects.is_some_and(|suspects| suspects.reliable)
}

/// How far the list can be trusted, on one line.
fn headline(app: &App) -> String {
    let Some(known) = app
        .run
        .diagnosis
        .as_ref()
        .and_then(|d| d.suspects.as_deref())
    else {
        return String::new();
    };
    let percent = |share: f64| text::percent(Some(share));
    if !known.reliable {
        return format!(
            "Not reliable: only {} of planted errors come first",
            percent(known.recovery)
        );
    }
    match known.likely_precision {
        Some(p) => format!(
            "{} likely wrong, {} expected ({}–{})",
            known.verdicts.label_error_likely,
            percent(p.value),
            percent(p.low).trim_end_matches('%'),
            percent(p.high)
        ),
        None => format!(
            "None likely wrong; {} of planted errors come first",
            percent(known.recovery)
        ),
    }
}

fn wrapped(help: &str, inner: Rect, buffer: &mut Buffer) {
    let lines = text::wrap(help, usize::from(inner.width));
    for (row, line) in lines.iter().enumerate() {
        Pen::new(buffer, inner, row as u16).write(line, style::DIM);
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

/// A verdict in few columns.
fn short(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::LabelErrorLikely => "error",
        Verdict::ClassOverlap => "overlap",
        Verdict::HeadError => "head",
        Verdict::Outlier => "outlier",
        Verdict::NoDoubt => "–",
    }
}

/// The narrowest column in which tag and suggestion can be told.
const TAGS: usize = 16;

/// Widths of the columns: what has no room is left out, the witnesses before tags and verdict.
struct Columns {
    name: usize,
    tag: usize,
    neighbors: bool,
    linear: bool,
    kernel: bool,
    /// The heading of the models' or the logistic probe's probability of the tag.
    classifier: Option<&'static str>,
    verdict: usize,
}

impl Columns {
    fn new(app: &App, width: usize) -> Self {
        // Rank, probability; the shortest verdict and tags.
        let mut left = width.saturating_sub(DECISION + RANK + FIGURE + 8);
        let mut take = |wanted: bool, columns: usize, keep: usize| {
            let fits = wanted && left >= columns + keep;
            if fits {
                left -= columns;
            }
            fits
        };
        let has_models = app
            .suspects()
            .first()
            .is_some_and(|s| s.scores.models.iter().any(|m| m.probability.is_some()));
        let neighbors = take(true, FIGURE, TAGS);
        let linear = take(true, FIGURE, TAGS);
        let heading = if has_models { "model" } else { "logist" };
        let has_any = has_models || app.suspects().first().is_some_and(|s| probed(s).is_some());
        let classifier = take(has_any, FIGURE, TAGS).then_some(heading);
        let kernel = take(true, FIGURE, 24);
        let verdict = if take(true, VERDICT - 8, 34) {
            VERDICT
        } else {
            8
        };
        let name = if left >= 26 { left / 3 } else { 0 };
        Self {
            name,
            tag: left - name,
            neighbors,
            linear,
            kernel,
            classifier,
            verdict,
        }
    }

    fn heading(&self, app: &App, pen: &mut Pen<'_>) {
        let state = app.state(Panel::Suspects);
        pen.skip(DECISION);
        pen.right_in(RANK, &state.heading(0, "#"), style::DIM);
        pen.skip(1);
        if self.name > 0 {
            pen.left_in(self.name, &state.heading(4, "sample"), style::DIM);
        }
        pen.left_in(self.tag.saturating_sub(1), "tag → suggested", style::DIM);
        pen.right_in(FIGURE, "wrong", style::DIM);
        if self.neighbors {
            pen.right_in(FIGURE, &state.heading(1, "neigh."), style::DIM);
        }
        if self.linear {
            pen.right_in(FIGURE, &state.heading(2, "linear"), style::DIM);
        }
        if self.kernel {
            pen.right_in(FIGURE, &state.heading(3, "kernel"), style::DIM);
        }
        if let Some(heading) = self.classifier {
            pen.right_in(FIGURE, heading, style::DIM);
        }
        pen.skip(1);
        pen.write("verdict", style::DIM);
    }

    fn suspect(&self, app: &App, s: &Suspect, pen: &mut Pen<'_>) {
        let decision = app.suspects.decisions.get(s.row);
        let decided = decision.map(|d| d.choice);
        let look = if decided.is_some() {
            style::DIM
        } else {
            Style::new()
        };
        pen.left_in(DECISION, mark(decision), style::BOLD);
        pen.right_in(RANK, &s.rank.to_string(), look);
        pen.skip(1);
        if self.name > 0 {
            let name = app.sample_name(s.row);
            pen.left_in(self.name - 1, &name, look);
            pen.skip(1);
        }
        let to = match decided {
            Some(Choice::Relabel(class)) => app.entry_name(usize::from(class)),
            _ => text::safe(&s.suggested),
        };
        let half = self.tag.saturating_sub(4) / 2;
        let tag = text::cut(&app.entry_name(s.class), half).into_owned();
        let changes = if s.label == s.suggested && to == text::safe(&s.label) {
            tag
        } else {
            format!("{tag} → {}", text::cut(&to, half))
        };
        pen.left_in(self.tag.saturating_sub(1), &changes, look);
        let probability = Some(s.probability).filter(|_| is_reliable(app));
        pen.right_in(FIGURE, &text::percent(probability), look);
        if self.neighbors {
            let neighbors = text::percent(Some(s.scores.neighbors));
            pen.right_in(FIGURE, &neighbors, look);
        }
        if self.linear {
            pen.right_in(FIGURE, &signed(s.scores.linear_probe), look);
        }
        if self.kernel {
            pen.right_in(FIGURE, &signed(s.scores.kernel_probe), look);
        }
        if self.classifier.is_some() {
            pen.right_in(FIGURE, &text::percent(probed(s)), look);
        }
        pen.skip(1);
        let verdict = if self.verdict == VERDICT {
            s.verdict.label()
        } else {
            short(s.verdict)
        };
        let strong = s.verdict == Verdict::LabelErrorLikely && decided.is_none();
        let emphasis = if strong {
            look.add_modifier(Modifier::BOLD)
        } else {
            look
        };
        pen.write(verdict, emphasis);
    }
}

/// The probability of the tag by the first model, else by the logistic probe.
fn probed(s: &Suspect) -> Option<f64> {
    let model = s.scores.models.iter().find_map(|m| m.probability);
    model.or(s.scores.logistic_probe)
}

fn signed(margin: f64) -> String {
    format!("{margin:+.2}")
}

/// Writes parts of a sentence with their looks, word by word, on as many lines as they take from a
/// row of the area on; says how many.
fn wrapped_parts(content: &[(&str, Style)], row: u16, area: Rect, buffer: &mut Buffer) -> u16 {
    let columns = usize::from(area.width);
    let (mut down, mut column) = (0, 0);
    for (part, look) in content {
        for word in part.split_inclusive(' ') {
            let width = text::width(word.trim_end());
            if column > 0 && column + width > columns {
                down += 1;
                // What goes on stands apart from what begins.
                column = 2;
            }
            let at = column.min(columns) as u16;
            let rest = Rect {
                x: area.x + at,
                width: area.width - at,
                ..area
            };
            Pen::new(buffer, rest, row + down).write(word, *look);
            column += text::width(word);
        }
    }
    down + 1
}

/// What speaks for and against the tag of the suspect under the cursor.
fn evidence(app: &App, s: &Suspect, area: Rect, buffer: &mut Buffer) {
    let mut row = 0;
    let mut line = |content: &[(&str, Style)]| row += wrapped_parts(content, row, area, buffer);
    let name = app.sample_name(s.row);
    let about = format!(
        " · {} · {:.1} × as far from others as its class",
        s.verdict.label(),
        s.distance_ratio
    );
    line(&[(&name, style::BOLD), (&about, style::DIM)]);
    let near: Vec<String> = s
        .neighbors
        .iter()
        .map(|n| {
            let tag = text::cut(&app.entry_name(n.class), 12).into_owned();
            format!("{} {tag} {:.2}", app.sample_name(n.row), n.distance)
        })
        .collect();
    line(&[("nearest ", style::DIM), (&near.join(", "), Style::new())]);
    let models: Vec<String> = s
        .scores
        .models
        .iter()
        .map(|m| {
            let says = m
                .predicted
                .as_deref()
                .map_or_else(|| "–".into(), text::safe);
            let own = text::percent(m.probability);
            format!("{}: {says}, tag {own}", text::safe(&m.model))
        })
        .collect();
    if !models.is_empty() {
        line(&[("models ", style::DIM), (&models.join("; "), Style::new())]);
    }
    if !s.conflicting_duplicates.is_empty() {
        let rows = s.conflicting_duplicates.iter();
        let names: Vec<String> = rows.map(|&row| app.sample_name(row)).collect();
        let said = "near-duplicate with another tag ";
        line(&[(said, style::DIM), (&names.join(", "), style::BOLD)]);
    }
    if let Some(decision) = app.suspects.decisions.get(s.row) {
        let what = match decision.choice {
            Choice::Keep => "the tag is right".to_owned(),
            Choice::Unsure => "unsure".to_owned(),
            Choice::Relabel(class) => format!("relabel as {}", app.entry_name(usize::from(class))),
        };
        let note = text::safe(&decision.note);
        let note = if note.is_empty() {
            String::new()
        } else {
            format!(" · {note}")
        };
        line(&[
            ("decided ", style::DIM),
            (&what, style::BOLD),
            (&note, Style::new()),
        ]);
    }
}
