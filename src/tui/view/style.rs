//! How things look: few styles, each of which also shows without color.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Span;
use ratatui::widgets::{Block, BorderType, Clear, Widget};

use crate::palette::{self, Palette, Scale};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::panels::content::Role;

/// What matters less.
pub(super) const DIM: Style = Style::new().add_modifier(Modifier::DIM);
/// What matters.
pub(super) const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
/// The line under the cursor.
pub(super) const CURSOR: Style = Style::new().add_modifier(Modifier::REVERSED);

/// The style of a text in a role. Names of classes are nearer to the color of text than their marks where they
/// could hardly be read.
pub(super) fn of(role: Role, text: &str, palette: Palette) -> Style {
    match role {
        Role::Plain => Style::new(),
        Role::Dim => DIM,
        Role::Bold => BOLD,
        Role::Class(index) if text.contains(char::is_alphanumeric) => {
            ink(palette.text_color(index))
        }
        Role::Class(index) => class(palette, index),
        Role::Share(percent, matters) => {
            let color = ink(palette.level(Scale::Sequential, level_of(percent)));
            if matters { color.patch(BOLD) } else { color }
        }
        Role::Problem => problem(palette),
        Role::Focus => focus(palette),
    }
}

/// The level of a share: the root, so that small shares differ, from the middle of the scale on, so that
/// they can be read.
fn level_of(percent: u8) -> f64 {
    0.4 + 0.6 * (f64::from(percent) / 100.0).sqrt()
}

/// The color of a class, if there are colors.
pub(super) fn class(palette: Palette, class: u16) -> Style {
    ink(palette.color(class))
}

/// A color, or the terminal's own.
pub(super) fn ink(color: Option<palette::Color>) -> Style {
    match color {
        Some(color) => Style::new().fg(terminal_color(color)),
        None => Style::new(),
    }
}

pub(super) fn problem(palette: Palette) -> Style {
    ink(palette.problem()).patch(BOLD)
}

pub(super) fn focus(palette: Palette) -> Style {
    ink(palette.focus()).patch(BOLD)
}

/// Dim text of an area as the theme wants it: in the user's color, or not dim at all.
pub(super) fn undim(palette: Palette, area: Rect, without: Option<Rect>, buffer: &mut Buffer) {
    let faint = palette.faint();
    if faint.is_none() && !palette.is_high_contrast() {
        return;
    }
    let is_text = |at: &Position| without.is_none_or(|map| !map.contains(*at));
    for at in area.positions().filter(is_text) {
        let Some(cell) = buffer.cell_mut(at) else {
            continue;
        };
        if cell.modifier.contains(Modifier::DIM) {
            cell.modifier.remove(Modifier::DIM);
            if let (Some(color), Color::Reset) = (faint, cell.fg) {
                cell.fg = terminal_color(color);
            }
        }
    }
}

fn terminal_color(color: palette::Color) -> Color {
    match color {
        palette::Color::Indexed(index) => Color::Indexed(index),
        palette::Color::Rgb(red, green, blue) => Color::Rgb(red, green, blue),
    }
}

/// The parts of a title that fit whole, or else its first part.
fn fitting(title: &str, columns: usize) -> &str {
    let mut title = title;
    while text::width(title) > columns {
        match title.rfind(" · ") {
            Some(end) => title = &title[..end],
            None => return title,
        }
    }
    title
}

/// Draws a panel's frame with a title, a remark below, and what lies within.
pub(super) fn frame(
    app: &App,
    (title, below): (&str, &str),
    is_focused: bool,
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let columns = usize::from(area.width.saturating_sub(4));
    let title = format!(" {} ", text::cut(fitting(title, columns), columns));
    let title_style = if is_focused { focus(app.palette) } else { BOLD };
    let mut block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(if is_focused {
            focus(app.palette).remove_modifier(Modifier::BOLD)
        } else {
            DIM
        })
        .title(Span::styled(title, title_style));
    if !below.is_empty() {
        let below = format!(" {} ", text::cut(below, columns));
        block = block.title_bottom(Span::styled(below, DIM));
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

/// Draws the frame of what lies over the screen, and returns what lies within, a column apart from it.
pub(super) fn popup(
    app: &App,
    (title, below): (&str, &str),
    is_focused: bool,
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    Clear.render(area, buffer);
    let inner = frame(app, (title, below), is_focused, area, buffer);
    Rect {
        x: inner.x + 1,
        width: inner.width.saturating_sub(2),
        ..inner
    }
}

/// For the frame of a panel: which rows of many are shown; empty where all are.
pub(super) fn shown_of(first: usize, fitting: usize, rows: usize) -> String {
    if rows <= fitting {
        return String::new();
    }
    let count = text::count;
    let last = (first + fitting).min(rows);
    format!("{}–{} of {}", count(first + 1), count(last), count(rows))
}
