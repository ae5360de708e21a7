//! The lines above and below: title, ladder, messages, keys.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget as _};

use super::pen::Pen;
use super::style;
use crate::dataset::Metric;
use crate::error::printable;
use crate::run::Activity;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Choose, Direction, RunAction};
use crate::tui::app::context::Context;
use crate::tui::app::dialogs::Mode;
use crate::tui::app::keymap::Row;
use crate::tui::app::ladder::{same, shown};
use crate::tui::app::prompt::Prompt;
use crate::words;

/// Columns of the divergence's sparkline.
const SPARKLINE: usize = 24;
/// Columns between the parts of the title, and where these are too many.
const GAP: usize = 3;
const NARROW_GAP: usize = 2;
/// On a screen with fewer columns, not even the most important keys all fit.
const NARROW: u16 = 60;
/// Lines of the longest message.
const MOST_LINES: usize = 5;

/// The first line: what is looked at to the left, what is going on to the right.
pub(super) fn title(app: &App, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width).saturating_sub(2);
    let name = text::safe(app.run.data.name());
    let facts = facts(app);
    let beside_name = columns.saturating_sub(text::width(&name).min(12) + GAP);
    let right_columns = beside_name.min((columns * 3 / 5).max(26));
    let facts_columns = text::width(&facts);
    let wide = right_of_title(app, right_columns, GAP);
    // The same parts closer together, before the name is cut beside them.
    let narrow = right_of_title(app, text::width(&wide), NARROW_GAP);
    let room = |gap: usize, right: &str| {
        columns.saturating_sub(text::width(right) + facts_columns + 2 * gap)
    };
    let name_columns = text::width(&name);
    let is_cut = room(GAP, &wide) < name_columns;
    let (gap, right) = if is_cut && room(NARROW_GAP, &narrow) >= name_columns.min(8) {
        (NARROW_GAP, narrow)
    } else {
        (GAP, wide)
    };
    let left_columns = columns.saturating_sub(text::width(&right) + gap);
    let mut pen = Pen::new(buffer, area, 0);
    pen.skip(1);
    let long = format!("disentangle · {name}");
    let name = if text::width(&long) + gap + facts_columns <= left_columns {
        long
    } else {
        name
    };
    let room = left_columns.saturating_sub(gap + facts_columns);
    if room >= text::width(&name).min(8) {
        let name = text::shorten(&name, room);
        pen.write(&name, style::BOLD);
        pen.skip(gap);
        pen.write(&facts, Style::new());
    } else {
        pen.write(&text::shorten(&name, left_columns), style::BOLD);
    }
    pen.skip_to_end(text::width(&right) + 1);
    let look = match app.run.snapshot.activity {
        Activity::Failed(_) => style::problem(app.palette),
        _ => style::BOLD,
    };
    pen.write(&right, look);
}

fn facts(app: &App) -> String {
    let mut size = format!(
        "{} × {}",
        text::count(app.run.data.samples()),
        text::count(app.run.data.dimensions())
    );
    if app.run.data.metric() != Metric::Euclidean {
        size = format!("{size} · {}", app.run.data.metric());
    }
    match app.run.classes() {
        0 => size,
        groups if app.run.is_provisional() => {
            let groups = words::count(groups, "cluster", "clusters");
            format!("{size} · {groups}, no labels")
        }
        1 => format!("{size} · 1 class"),
        classes => format!("{size} · {} classes", text::count(classes)),
    }
}

/// The right part in at most `columns`, with `gap` columns between its parts; the least important
/// parts go first.
fn right_of_title(app: &App, columns: usize, gap: usize) -> String {
    let snapshot = &app.run.snapshot;
    // From the most to the least important, with its place from the left.
    let mut parts: Vec<(u8, String)> = vec![(4, activity(app))];
    if snapshot.is_map {
        parts.push((
            1,
            format!("iter {}/{}", snapshot.iteration, snapshot.iterations),
        ));
    }
    if let Some(kl) = snapshot.kl_divergence {
        parts.push((2, format!("KL {kl:.3}")));
    }
    parts.push((
        0,
        format!("perplexity {}", shown(app.run.snapshot.perplexity)),
    ));
    if snapshot.seconds_per_iteration > 0.0 {
        let ms = snapshot.seconds_per_iteration * 1e3;
        let digits = usize::from(ms < 100.0);
        parts.push((3, format!("{ms:.digits$} ms/it")));
    }
    while parts.len() > 1 && joined(&parts, gap) > columns {
        parts.pop();
    }
    parts.sort_unstable_by_key(|(place, _)| *place);
    let parts: Vec<String> = parts.into_iter().map(|(_, part)| part).collect();
    text::cut(&parts.join(&" ".repeat(gap)), columns.max(10)).into_owned()
}

/// The width of the parts with `gap` columns between them.
fn joined(parts: &[(u8, String)], gap: usize) -> usize {
    let widths = parts.iter().map(|(_, part)| text::width(part) + gap);
    widths.sum::<usize>().saturating_sub(gap)
}

fn activity(app: &App) -> String {
    match &app.run.snapshot.activity {
        Activity::Preparing { stage, share } => {
            format!(
                "{} {}",
                stage.label(),
                text::percent(Some(f64::from(*share)))
            )
        }
        Activity::Running if app.run.snapshot.exaggerated => "▶ early exaggeration".into(),
        Activity::Running => "▶ running".into(),
        Activity::Paused => "‖ paused".into(),
        Activity::Finished => "■ finished".into(),
        Activity::Still => "■ still".into(),
        Activity::Failed(_) => "✗ failed".into(),
    }
}

/// The ladder, and how the divergence went.
pub(super) fn status(app: &App, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area, 0);
    pen.skip(1);
    pen.write("perplexity ", style::DIM);
    let rungs = app.run.rungs();
    let asked = app.run.perplexity();
    let widths: Vec<usize> = rungs.iter().map(|p| shown(*p).len() + 2).collect();
    let current = rungs.iter().position(|p| same(*p, asked)).unwrap_or(0);
    let room = pen.left().saturating_sub(2);
    let (first, end) = window(&widths, current, room);
    if first > 0 {
        pen.write("…", style::DIM);
    }
    for perplexity in &rungs[first..end] {
        let text = shown(*perplexity);
        if same(*perplexity, asked) {
            pen.write(&format!("[{text}]"), style::focus(app.palette));
        } else if app.run.is_visited(*perplexity) {
            pen.write(&format!(" {text} "), style::BOLD);
        } else {
            pen.write(&format!(" {text} "), style::DIM);
        }
    }
    if end < rungs.len() {
        pen.write("…", style::DIM);
    }
    draw_sparkline(app, &mut pen);
}

/// The part of the rungs around the current one that fits.
fn window(widths: &[usize], current: usize, room: usize) -> (usize, usize) {
    let (mut first, mut end) = (current, (current + 1).min(widths.len()));
    let mut used: usize = widths[first..end].iter().sum();
    loop {
        if end < widths.len() && used + widths[end] <= room {
            used += widths[end];
            end += 1;
        } else if first > 0 && used + widths[first - 1] <= room {
            first -= 1;
            used += widths[first];
        } else {
            return (first, end);
        }
    }
}

fn draw_sparkline(app: &App, pen: &mut Pen<'_>) {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let Some(kl) = app.run.snapshot.kl_divergence else {
        return;
    };
    let history: Vec<f64> = app
        .run
        .snapshot
        .kl_history
        .iter()
        .map(|(_, kl)| *kl)
        .filter(|kl| kl.is_finite())
        .collect();
    let value = format!(" {kl:.3}");
    let needed = 6 + SPARKLINE + value.len();
    if pen.left() < needed || history.len() < 2 {
        return;
    }
    let highest = history.iter().copied().fold(f64::MIN, f64::max);
    let lowest = history.iter().copied().fold(f64::MAX, f64::min);
    let cells = history.len().min(SPARKLINE);
    let line: String = (0..cells)
        .map(|i| {
            let value = history[i * (history.len() - 1) / (cells - 1).max(1)];
            let share = (value - lowest) / (highest - lowest).max(f64::MIN_POSITIVE);
            LEVELS[((share * 7.0).round() as usize).min(7)]
        })
        .collect();
    pen.skip(3);
    pen.write("KL ", style::DIM);
    pen.write(&line, Style::new());
    pen.write(&value, style::BOLD);
}

/// The line for prompt, message, progress or the newest remark, whatever matters most. A long message also
/// takes lines above this one; returns how many.
pub(super) fn message(app: &App, area: Rect, frame: &mut Frame<'_>) -> u16 {
    if let Mode::Prompt(prompt) = &app.dialogs.mode {
        return draw_prompt(app, prompt, area, frame);
    }
    if let Some(notice) = &app.messages.notice {
        let look = if notice.is_problem {
            style::problem(app.palette)
        } else {
            Style::new()
        };
        return draw_wrapped(&app.messages.shown(notice), look, area, frame.buffer_mut());
    }
    if let Activity::Failed(reason) = &app.run.snapshot.activity {
        let look = style::problem(app.palette);
        return draw_wrapped(&printable(reason), look, area, frame.buffer_mut());
    }
    let mut pen = Pen::new(frame.buffer_mut(), area, 0);
    pen.skip(1);
    if let Activity::Preparing { stage, share } = &app.run.snapshot.activity {
        draw_progress(stage.label(), f64::from(*share), &mut pen);
    } else if app.dialogs.hints {
        let hint = format!(
            "new here: {} opens the help, {} focuses the panels, {} quits",
            app.key(Action::Help),
            app.key(Action::Panel(Direction::Forward)),
            app.key(Action::Quit)
        );
        pen.write(&text::whole_parts(&hint, pen.left()), style::BOLD);
    } else if let Some(sentence) = first_sentence(app, pen.left()) {
        pen.write(&sentence, Style::new());
    } else if let Some(remark) = app.remarks().last() {
        let others = app.remarks().len() - 1;
        let more = if others > 0 {
            format!("  (+{others}, {} shows all)", app.key(Action::Help))
        } else {
            String::new()
        };
        let room = pen.left().saturating_sub(more.len() + 1);
        pen.write(&text::whole_parts(remark, room), style::DIM);
        pen.write(&more, style::DIM);
    }
    0
}

/// A message whose last line is the one given; returns how many are above it.
fn draw_wrapped(message: &str, look: Style, area: Rect, buffer: &mut Buffer) -> u16 {
    let columns = usize::from(area.width.saturating_sub(2));
    let mut lines = text::wrap(message, columns);
    let most = MOST_LINES.min(usize::from(area.y));
    if lines.len() > most.max(1) {
        let rest = lines.split_off(most.max(1) - 1).join(" ");
        lines.push(text::whole_parts(&rest, columns).into_owned());
    }
    let above = lines.len() as u16 - 1;
    let area = Rect {
        y: area.y - above,
        height: above + 1,
        ..area
    };
    Clear.render(area, buffer);
    for (row, line) in lines.iter().enumerate() {
        let mut pen = Pen::new(buffer, area, row as u16);
        pen.skip(1);
        pen.write(line, look);
    }
    above
}

/// The first sentence of the reading of which whole parts fit, once the map has stopped; the Reading panel has the
/// rest.
fn first_sentence(app: &App, columns: usize) -> Option<Cow<'_, str>> {
    if !matches!(
        app.run.snapshot.activity,
        Activity::Finished | Activity::Still
    ) {
        return None;
    }
    if app.seeks_clusters() {
        return None;
    }
    let reading = app.run.diagnosis.as_ref()?.reading.as_ref()?;
    let sentences = reading.statements.iter().map(|s| s.text.as_str());
    let fitting = sentences
        .clone()
        .find_map(|text| text::first_parts(text, columns));
    fitting.or_else(|| Some(text::whole_parts(sentences.clone().next()?, columns)))
}

fn draw_progress(stage: &str, share: f64, pen: &mut Pen<'_>) {
    let share = share.clamp(0.0, 1.0);
    pen.write(stage, Style::new());
    pen.skip(1);
    let columns = pen.left().saturating_sub(7).min(40);
    let done = (share * columns as f64).round() as usize;
    pen.write(&"━".repeat(done), style::BOLD);
    pen.write(&"─".repeat(columns - done), style::DIM);
    pen.write(&format!(" {}", text::percent(Some(share))), Style::new());
}

/// The line that is being typed, with what is wrong with it: beside it, or above it where it is long.
fn draw_prompt(app: &App, prompt: &Prompt, area: Rect, frame: &mut Frame<'_>) -> u16 {
    let mut problem = prompt.problem.as_ref().map(|p| format!("  ✗ {p}"));
    let mut above = 0;
    let typed = text::width(&prompt.label()) + text::width(&prompt.text());
    let is_long = |p: &mut String| typed + text::width(p) + 3 > usize::from(area.width);
    if let Some(problem) = problem.take_if(is_long) {
        let area = Rect {
            y: area.y.saturating_sub(1),
            ..area
        };
        let look = style::problem(app.palette);
        above = 1 + draw_wrapped(problem.trim(), look, area, frame.buffer_mut());
    }
    let mut pen = Pen::new(frame.buffer_mut(), area, 0);
    pen.skip(1);
    pen.write(&prompt.label(), style::BOLD);
    if app.context() != Context::Command {
        pen.skip(1);
    }
    if matches!(app.context(), Context::Confirm) {
        return above;
    }
    let problem_columns = problem.as_ref().map_or(0, |p| text::width(p));
    let room = pen.left().saturating_sub(problem_columns + 1).max(8);
    let before = prompt.before_cursor();
    let before = text::tail(&before, room.saturating_sub(1));
    let column = usize::from(area.width) - pen.left() + text::width(before);
    pen.write(before, Style::new());
    let after: String = prompt
        .text()
        .chars()
        .skip(prompt.before_cursor().chars().count())
        .collect();
    let rest = room.saturating_sub(text::width(before));
    pen.write(&text::cut(&after, rest), Style::new());
    if let Some(problem) = problem {
        pen.write(&problem, style::problem(app.palette));
    } else if let Some(hint) = &prompt.hint {
        pen.write(&text::cut(&format!("  {hint}"), pen.left()), style::DIM);
    }
    frame.set_cursor_position((area.x + (column as u16).min(area.width - 1), area.y));
    above
}

/// The keys of the current context, as many as fit; the most important ones always.
pub(super) fn footer(app: &App, area: Rect, buffer: &mut Buffer) {
    let context = app.context();
    // Keys for the rows of a panel are of no use where it has none.
    let has_rows = match context {
        Context::Of(panel) => app.content(panel).has_cursor,
        _ => true,
    };
    let own = std::iter::once(&context).filter(|_| has_rows);
    let hints: Vec<&Row> = own
        .chain(context.chain())
        .flat_map(|c| app.keymap.rows().iter().filter(move |r| r.context == *c))
        .filter(|r| !r.binding.hint.is_empty() && !r.is_empty() && is_possible(app, r))
        .collect();
    let columns = |b: &Row| text::width(&b.shown) + 1 + text::width(hint(app, b)) + 2;
    let always = |b: &Row| is_always_shown(app, b, area.width);
    // The last key needs no gap after it.
    let mut left = usize::from(area.width) + 1;
    let kept = hints.iter().filter(|b| always(b)).map(|b| columns(b));
    left = left.saturating_sub(kept.sum());
    let mut full = false;
    let mut pen = Pen::new(buffer, area, 0);
    pen.skip(1);
    for binding in hints {
        if !always(binding) {
            full |= columns(binding) > left;
            if full {
                continue;
            }
            left -= columns(binding);
        }
        pen.write(&binding.shown, style::focus(app.palette));
        pen.skip(1);
        pen.write(hint(app, binding), Style::new());
        pen.skip(2);
    }
}

/// Whether the footer shows a key even where not all fit: what leads out, the help, and quitting; on a narrow
/// screen, the panels instead of quitting.
fn is_always_shown(app: &App, row: &Row, columns: u16) -> bool {
    let is_narrow = columns < NARROW;
    match row.action() {
        Action::Help
        | Action::Cancel
        | Action::LeavePanel
        | Action::Choose(Choose::LeaveCrosshair) => true,
        Action::Zoomed => app.panels.zoomed,
        // With the crosshair, Esc comes first.
        Action::Quit => !is_narrow && app.context() != Context::Crosshair,
        Action::PanelMenu | Action::Panel(_) => is_narrow,
        _ => false,
    }
}

/// False for what the panel in focus, or what was read, does not have.
fn is_possible(app: &App, row: &Row) -> bool {
    match row.action() {
        Action::Order(_) => !app.orders(app.panels.chosen).is_empty(),
        Action::Layer(_) => app.layer_names().len() > 1,
        Action::Model(_) => app.model_names().len() > 1,
        _ => true,
    }
}

/// The word for a key in the footer.
fn hint(app: &App, row: &Row) -> &'static str {
    match row.action() {
        Action::Run(RunAction::TogglePause) if !app.run.is_running() => "resume",
        Action::Zoomed | Action::LeavePanel if app.panels.zoomed => "back",
        Action::Choose(choose) if app.map.crosshair.is_some_and(|c| c.corner.is_some()) => {
            match choose {
                Choose::CrosshairTo(..) => "corner",
                Choose::Pick => "select the box",
                Choose::LeaveCrosshair => "cancel",
                _ => row.binding.hint,
            }
        }
        _ => row.binding.hint,
    }
}
