//! Content as text for a terminal: wrapped, aligned, colored, and cut to the screen.

use super::screen::Screen;
use super::show::{Block, Cell, Content, Ink, Table};
use crate::palette::Scale;
use crate::picture::Glyphs;
use crate::raster::Area;
use crate::text::{cut, fit, fit_right, width, wrap};

/// Between two columns.
const GAP: &str = "  ";
/// Lines that a map needs at least.
const LOWEST_MAP: usize = 6;

/// The text, of at most the screen's lines.
pub(super) fn write(content: Content<'_>, screen: &Screen) -> String {
    let mut parts: Vec<Part<'_>> = content.into_iter().map(|b| Part::of(b, screen)).collect();
    // What can be cut shares the lines that the rest leaves, each at most what it needs.
    let fixed: usize = parts.iter().map(Part::fixed).sum();
    let mut room = screen.rows.saturating_sub(fixed);
    let mut sharers = parts.iter().filter(|p| p.fixed() == 0).count();
    let mut lines = Vec::new();
    for part in &mut parts {
        if part.fixed() > 0 {
            lines.append(&mut part.lines(0, screen));
            continue;
        }
        let mut own = part.lines(room / sharers.max(1), screen);
        room = room.saturating_sub(own.len());
        sharers = sharers.saturating_sub(1);
        lines.append(&mut own);
    }
    if lines.len() > screen.rows {
        lines.truncate(screen.rows.saturating_sub(1));
        lines.push("…".into());
    }
    lines.join("\n") + "\n"
}

/// A block on its way to lines.
enum Part<'a> {
    /// Lines of which none may be missing.
    Whole(Vec<String>),
    /// What can be cut.
    Flexible(Block<'a>),
}

impl<'a> Part<'a> {
    fn of(block: Block<'a>, screen: &Screen) -> Self {
        match block {
            Block::Text(text) => Self::Whole(wrap(&text, screen.columns)),
            Block::Note(text) => {
                let lines = wrap(&text, screen.columns).into_iter();
                Self::Whole(lines.map(|line| dim(&line, screen)).collect())
            }
            other => Self::Flexible(other),
        }
    }

    /// Lines that it takes in any case; 0 for what can be cut.
    fn fixed(&self) -> usize {
        match self {
            Self::Whole(lines) => lines.len(),
            Self::Flexible(_) => 0,
        }
    }

    /// The lines, at most `room` of what can be cut.
    fn lines(&mut self, room: usize, screen: &Screen) -> Vec<String> {
        match self {
            Self::Whole(lines) => std::mem::take(lines),
            Self::Flexible(Block::Table(table)) => table_lines(table, room, screen),
            Self::Flexible(Block::Map(drawing)) => {
                drawing.palette = screen.palette;
                // Without colors, letters distinguish the classes.
                if screen.palette.distinct() == 0 && !drawing.classes.is_empty() {
                    drawing.look.glyphs = Glyphs::Letters;
                }
                let rows = room.clamp(LOWEST_MAP, 1000) as u16;
                drawing.to_lines_within(Area::new(screen.columns.min(1000) as u16, rows))
            }
            Self::Flexible(Block::Lines(write)) => {
                let mut lines: Vec<String> = write(screen.columns)
                    .lines()
                    .map(|line| cut(line, screen.columns).into_owned())
                    .collect();
                let left = lines.len().saturating_sub(room);
                if left > 0 {
                    lines.truncate(room.saturating_sub(1));
                    lines.push(dim(&format!("… {} more lines", left + 1), screen));
                }
                lines
            }
            Self::Flexible(Block::Text(_) | Block::Note(_)) => Vec::new(),
        }
    }
}

/// A table: as many columns and rows as there is room for.
fn table_lines(table: &Table, room: usize, screen: &Screen) -> Vec<String> {
    let mut lines = Vec::new();
    if !table.title.is_empty() {
        lines.push(cut(&table.title, screen.columns).into_owned());
    }
    let room = room.saturating_sub(lines.len() + 1).max(1);
    let widths = widths(
        table,
        &table.rows[..room.min(table.rows.len())],
        screen.columns,
    );
    let columns_left = table.head.len() - widths.len();
    // A line says what is left out.
    let shown = match table.rows.len() {
        all if all + usize::from(columns_left > 0) <= room => all,
        all => all.min(room - 1),
    };
    let rows = &table.rows[..shown];
    let is_number = |c: usize| {
        rows.iter()
            .any(|row| row.get(c).is_some_and(|c| c.is_number))
    };
    let head = widths.iter().zip(&table.head).enumerate();
    let head: Vec<String> = head
        .map(|(c, (&columns, name))| aligned(name, columns, is_number(c)))
        .collect();
    lines.push(bold(head.join(GAP).trim_end(), screen));
    for row in rows {
        let cells = widths.iter().zip(row);
        let cells: Vec<String> = cells
            .map(|(&columns, cell)| colored(cell, columns, screen))
            .collect();
        lines.push(cells.join(GAP).trim_end().to_owned());
    }
    let rows_left = table.rows.len() - shown;
    let left = [(rows_left, "row"), (columns_left, "column")];
    let left = left.into_iter().filter(|(number, _)| *number > 0);
    let left: Vec<String> = left
        .map(|(number, what)| {
            crate::words::count(number, &format!("more {what}"), &format!("more {what}s"))
        })
        .collect();
    if !left.is_empty() {
        lines.push(dim(&format!("… {}", left.join(" and ")), screen));
    }
    lines
}

/// Widths of the first columns, as many as fit.
fn widths(table: &Table, rows: &[Vec<Cell>], columns: usize) -> Vec<usize> {
    let mut widths = Vec::new();
    let mut used = 0;
    for (c, name) in table.head.iter().enumerate() {
        let cells = rows.iter().filter_map(|row| row.get(c));
        let widest = cells.map(|cell| width(&cell.text)).max().unwrap_or(0);
        let gap = if c > 0 { GAP.len() } else { 0 };
        let own = widest.max(width(name));
        if used + gap + own > columns && c > 0 {
            break;
        }
        widths.push(own.min(columns));
        used += gap + own;
    }
    widths
}

fn aligned(text: &str, columns: usize, is_number: bool) -> String {
    if is_number {
        fit_right(text, columns)
    } else {
        fit(text, columns)
    }
}

fn colored(cell: &Cell, columns: usize, screen: &Screen) -> String {
    let text = aligned(&cell.text, columns, cell.is_number);
    let color = match cell.ink {
        Ink::Plain => None,
        Ink::Level(share) => screen.palette.level(Scale::Sequential, share),
        Ink::Class(class) => screen.palette.color(class as u16),
    };
    match color {
        Some(color) => styled(&text, &color.sgr(30)),
        None => text,
    }
}

fn styled(text: &str, style: &str) -> String {
    format!("\x1b[{style}m{text}\x1b[0m")
}

fn dim(text: &str, screen: &Screen) -> String {
    if screen.palette.distinct() == 0 {
        text.to_owned()
    } else {
        styled(text, "2")
    }
}

fn bold(text: &str, screen: &Screen) -> String {
    if screen.palette.distinct() == 0 {
        text.to_owned()
    } else {
        styled(text, "1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::{ColorDepth, Palette};

    fn table(rows: usize, columns: usize) -> Table {
        Table {
            title: "A table".into(),
            head: (0..columns).map(|c| format!("column {c}")).collect(),
            rows: (0..rows)
                .map(|r| {
                    let cell = |c| Cell::number(format!("{r}.{c}")).level(Some(0.5));
                    (0..columns).map(cell).collect()
                })
                .collect(),
        }
    }

    fn screen(columns: usize, rows: usize, depth: ColorDepth) -> Screen {
        Screen {
            columns,
            rows,
            palette: Palette::new(depth),
            is_terminal: true,
        }
    }

    #[test]
    fn content_of_any_size_fits_the_screen() {
        for (columns, rows) in [(20, 8), (40, 12), (80, 24), (200, 60)] {
            for size in [0, 1, 5, 300] {
                let content = vec![
                    Block::Text("Some words that are wrapped. ".repeat(size).into()),
                    Block::Table(table(size, size)),
                    Block::Table(table(2, 2)),
                    Block::Lines(Box::new(move |_| "a line\n".repeat(size))),
                ];
                let text = write(content, &screen(columns, rows, ColorDepth::None));
                assert!(text.lines().count() <= rows, "{text}");
                assert!(text.lines().all(|line| width(line) <= columns), "{text}");
            }
        }
    }

    #[test]
    fn what_is_cut_is_counted() {
        let text = write(
            vec![Block::Table(table(30, 20))],
            &screen(50, 10, ColorDepth::None),
        );
        let last = text.lines().last();
        assert_eq!(last, Some("… 23 more rows and 15 more columns"), "{text}");
        assert_eq!(text.lines().count(), 10);
    }

    #[test]
    fn shares_have_colors_where_the_terminal_has() {
        let content = || vec![Block::Table(table(1, 1))];
        let text = write(content(), &screen(80, 24, ColorDepth::True));
        assert!(text.contains("\x1b[38;2;"), "{text}");
        let text = write(content(), &screen(80, 24, ColorDepth::None));
        assert_eq!(text, "A table\ncolumn 0\n     0.0\n");
    }
}
