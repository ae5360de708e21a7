//! The screen's cells as bytes for the terminal: only what changed, in few bytes, and no more at a
//! time than asked for.
//!
//! In: the changed cells of each frame, from ratatui. Out: escape sequences. Two screens are kept:
//! what is wanted, and what the terminal shows. [`Wire::take`] writes a part of the difference, so
//! that what is sent is always the newest; what a slow line has no room for is not queued but sent
//! later, as it looks then. Text goes before the map's dots. Cells of one color are sent together, row
//! by row, because moving the cursor costs fewer bytes than changing the color: that roughly halves
//! the bytes of a moving map. A row with wide characters is sent from left to right, since each half
//! of one erases the other.

use std::convert::Infallible;
use std::fmt::Write as _;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{self, Modifier};

use crate::palette::Color;
use crate::text;

/// Blank runs of at least this length are erased instead of written.
const ERASED: usize = 5;
/// About how many bytes a changed cell costs, to choose how many fit.
const PER_CELL: usize = 7;

/// A cell: a character with its look.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Spot {
    /// Empty for the right half of a wide character.
    symbol: String,
    look: Look,
    /// Text that belongs to the map, such as a class's name.
    is_on_map: bool,
}

/// Marks text that belongs to the map and is no more urgent than its dots. No terminal gets it.
pub(crate) const ON_MAP: Modifier = Modifier::SLOW_BLINK;

/// Modifiers and colors, in the order in which cells are sent; no color is the terminal's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Look {
    modifiers: u16,
    ground: Option<Color>,
    ink: Option<Color>,
}

const PLAIN: Look = Look {
    modifiers: 0,
    ground: None,
    ink: None,
};

impl Spot {
    fn blank() -> Self {
        Self {
            symbol: " ".into(),
            look: PLAIN,
            is_on_map: false,
        }
    }

    fn is_blank(&self) -> bool {
        self.symbol == " " && self.look == PLAIN
    }

    /// True for the dots and blocks that maps are made of, and for names on them.
    fn is_picture(&self) -> bool {
        self.is_on_map
            || self.symbol.chars().all(|c| {
                matches!(c, '\u{2580}'..='\u{259f}' | '\u{2801}'..='\u{28ff}'
                | '\u{1cd00}'..='\u{1ceaf}' | '\u{1fb00}'..='\u{1fbff}')
            })
    }
}

/// What of the screen is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Text and the map.
    All,
    /// Text only; the map's dots stay as they are.
    Text,
}

/// The screen that is wanted, and the one that the terminal shows.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    columns: usize,
    /// What is wanted and what is shown, row by row.
    wanted: Vec<Spot>,
    shown: Vec<Spot>,
    /// What the terminal shows is not known.
    is_unknown: bool,
    /// Where the cursor is wanted, if anywhere, and whether it is shown.
    cursor: Option<Position>,
    is_cursor_shown: bool,
    /// Some cells differ between the two.
    is_behind: bool,
    /// The row where the next part of the map begins.
    next_row: usize,
    /// The frame in which each cell last changed, and the current frame: newer text goes first.
    since: Vec<u32>,
    frame: u32,
}

/// What is written, and the terminal's state after it.
struct Pen {
    out: String,
    look: Option<Look>,
    at: Option<(usize, usize)>,
}

impl Wire {
    /// Columns and rows.
    pub(crate) fn size_now(&self) -> Size {
        let rows = self.wanted.len().checked_div(self.columns).unwrap_or(0);
        Size::new(self.columns as u16, rows as u16)
    }

    /// True if something that is wanted was not taken yet.
    pub(crate) fn is_behind(&self) -> bool {
        self.is_behind || self.is_unknown
    }

    /// Forgets what the terminal shows: everything is written anew.
    pub(crate) fn forget(&mut self) {
        self.is_unknown = true;
        self.is_cursor_shown = false;
    }

    /// Bytes that bring the terminal closer to what is wanted: all the way if about `largest` bytes
    /// are enough. Empty only if nothing of the content has changed.
    pub(crate) fn take(&mut self, largest: usize, content: Content) -> String {
        let only_text = content == Content::Text;
        if only_text && (self.is_unknown || !self.has_changed_text()) {
            return String::new();
        }
        let mut pen = Pen {
            out: String::new(),
            look: None,
            at: None,
        };
        if self.is_unknown {
            pen.out.push_str("\x1b[0m\x1b[2J\x1b[?25l");
            pen.look = Some(PLAIN);
            self.shown = vec![Spot::blank(); self.wanted.len()];
            self.is_unknown = false;
        } else if self.is_cursor_shown && self.is_behind {
            pen.out.push_str("\x1b[?25l");
            self.is_cursor_shown = false;
        }
        loop {
            let room = largest.saturating_sub(pen.out.len());
            let (cells, left) = self.choose(room, only_text);
            self.is_behind = left;
            self.write(cells, &mut pen);
            // The cost of a cell is a guess, too high for text: there may be room for more.
            if !left || pen.out.len() > largest / 4 * 3 || (only_text && !self.has_changed_text()) {
                break;
            }
        }
        if pen.look.is_some_and(|look| look != PLAIN) {
            pen.out.push_str("\x1b[0m");
        }
        self.place_cursor(&mut pen.out);
        pen.out
    }

    /// True if the cell changes from or to dots of the map.
    fn is_of_map(&self, i: usize) -> bool {
        let (wanted, shown) = (&self.wanted[i], &self.shown[i]);
        (wanted.symbol == " " && shown.is_picture()) || wanted.is_picture()
    }

    fn has_changed_text(&self) -> bool {
        let mut cells = 0..self.wanted.len();
        cells.any(|i| self.wanted[i] != self.shown[i] && !self.is_of_map(i))
    }

    /// The changed cells to send now, and whether others are left: text first, then the map, from
    /// where the last part ended.
    fn choose(&mut self, largest: usize, only_text: bool) -> (Vec<usize>, bool) {
        let changed = |i: &usize| self.wanted[*i] != self.shown[*i];
        let (map, mut chosen): (Vec<usize>, Vec<usize>) = (0..self.wanted.len())
            .filter(changed)
            .partition(|i| self.is_of_map(*i));
        let most = (largest / PER_CELL).max(20);
        if only_text {
            chosen.sort_by_key(|i| std::cmp::Reverse(self.since[*i]));
            let left = chosen.len() > most || !map.is_empty();
            chosen.truncate(most);
            return (chosen, left);
        }
        if chosen.len() + map.len() <= most {
            chosen.extend(map);
            self.next_row = 0;
            return (chosen, false);
        }
        chosen.sort_by_key(|i| std::cmp::Reverse(self.since[*i]));
        chosen.truncate(most);
        let room = most - chosen.len();
        let from = map.partition_point(|i| i / self.columns.max(1) < self.next_row);
        let (before, after) = map.split_at(from);
        chosen.extend(after.iter().chain(before).take(room));
        if let Some(last) = chosen.last().filter(|_| room > 0) {
            self.next_row = last / self.columns.max(1);
        }
        (chosen, true)
    }

    /// Writes cells, those of one look together, and records them as shown.
    fn write(&mut self, mut cells: Vec<usize>, pen: &mut Pen) {
        let columns = self.columns.max(1);
        let is_wide = |i: usize| {
            (i..(i + columns).min(self.wanted.len()))
                .any(|i| self.wanted[i].symbol.is_empty() || self.shown[i].symbol.is_empty())
        };
        let mut wide: Vec<bool> = Vec::new();
        for row in 0..self.wanted.len().div_ceil(columns) {
            wide.push(is_wide(row * columns));
        }
        // Rows with wide characters last and in order, all others by look.
        cells.sort_by_cached_key(|i| {
            let is_wide = wide[i / columns];
            let look = if is_wide { PLAIN } else { self.wanted[*i].look };
            (is_wide, look, *i)
        });
        let mut at = 0;
        while at < cells.len() {
            let index = cells[at];
            let blanks = self.blanks(&cells[at..]);
            pen.go(index / columns, index % columns);
            if blanks >= ERASED {
                pen.paint(PLAIN);
                let to_end = (index + blanks).is_multiple_of(columns);
                if to_end {
                    pen.out.push_str("\x1b[K");
                } else {
                    let _ = write!(pen.out, "\x1b[{blanks}X");
                }
            } else {
                pen.paint(self.wanted[index].look);
                pen.put(&self.wanted[index].symbol, columns);
            }
            for index in &cells[at..at + blanks.max(1)] {
                self.shown[*index] = self.wanted[*index].clone();
            }
            at += if blanks >= ERASED { blanks } else { 1 };
        }
    }

    /// How many of the cells form a blank run on one row, if it is worth erasing.
    fn blanks(&self, cells: &[usize]) -> usize {
        let first = cells[0];
        let columns = self.columns.max(1);
        let run = cells
            .iter()
            .enumerate()
            .take_while(|(n, i)| {
                **i == first + n && **i / columns == first / columns && self.wanted[**i].is_blank()
            })
            .count();
        if run >= ERASED { run } else { 0 }
    }

    fn place_cursor(&mut self, out: &mut String) {
        match self.cursor {
            Some(Position { x, y }) => {
                let _ = write!(out, "\x1b[{};{}H", y + 1, x + 1);
                if !self.is_cursor_shown {
                    out.push_str("\x1b[?25h");
                    self.is_cursor_shown = true;
                }
            }
            None if self.is_cursor_shown => {
                out.push_str("\x1b[?25l");
                self.is_cursor_shown = false;
            }
            None => {}
        }
    }

    /// Another size: everything is written anew.
    pub(crate) fn resize(&mut self, size: Size) {
        self.columns = usize::from(size.width);
        self.wanted = vec![Spot::blank(); self.columns * usize::from(size.height)];
        self.since = vec![0; self.wanted.len()];
        self.is_unknown = true;
    }
}

impl Pen {
    /// Moves the cursor in as few bytes as possible.
    fn go(&mut self, row: usize, column: usize) {
        match self.at {
            Some(at) if at == (row, column) => {}
            Some((r, c)) if r == row && column == c + 1 => self.out.push_str("\x1b[C"),
            Some((r, c)) if r == row && column > c => {
                let _ = write!(self.out, "\x1b[{}C", column - c);
            }
            _ if column == 0 => {
                let _ = write!(self.out, "\x1b[{}H", row + 1);
            }
            _ => {
                let _ = write!(self.out, "\x1b[{};{}H", row + 1, column + 1);
            }
        }
        self.at = Some((row, column));
    }

    /// Changes the look, where it is another one.
    fn paint(&mut self, look: Look) {
        if self.look == Some(look) {
            return;
        }
        let mut codes: Vec<String> = Vec::new();
        let mut from = self.look.unwrap_or(Look {
            modifiers: u16::MAX,
            ..PLAIN
        });
        if from.modifiers != look.modifiers {
            codes.push("0".into());
            from = PLAIN;
            for (bit, code) in MODIFIERS {
                if look.modifiers & bit.bits() != 0 {
                    codes.push(code.into());
                }
            }
        }
        if from.ink != look.ink {
            codes.push(code_of(look.ink, 30));
        }
        if from.ground != look.ground {
            codes.push(code_of(look.ground, 40));
        }
        let _ = write!(self.out, "\x1b[{}m", codes.join(";"));
        self.look = Some(look);
    }

    /// Writes a character where the pen is.
    fn put(&mut self, symbol: &str, columns: usize) {
        if symbol.is_empty() {
            return;
        }
        self.out.push_str(symbol);
        // Where terminals disagree about a width, or may wrap, the next place is told anew.
        self.at = self.at.and_then(|(row, column)| {
            (is_narrow(symbol) && column + 1 < columns).then_some((row, column + 1))
        });
    }
}

const MODIFIERS: [(Modifier, &str); 5] = [
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::REVERSED, "7"),
];

/// The parameters that select a color: `base` is 30 for the ink and 40 for the ground.
fn code_of(color: Option<Color>, base: u8) -> String {
    color.map_or_else(|| (base + 9).to_string(), |color| color.sgr(base))
}

/// True if all terminals give the character one column.
fn is_narrow(symbol: &str) -> bool {
    let mut characters = symbol.chars();
    let first = characters.next();
    characters.next().is_none()
        && first.is_some_and(
            |c| matches!(c, ' '..='~' | '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}'),
        )
}

fn color_of(color: style::Color) -> Option<Color> {
    Some(Color::Indexed(match color {
        style::Color::Reset => return None,
        style::Color::Rgb(red, green, blue) => return Some(Color::Rgb(red, green, blue)),
        style::Color::Indexed(index) => index,
        style::Color::Black => 0,
        style::Color::Red => 1,
        style::Color::Green => 2,
        style::Color::Yellow => 3,
        style::Color::Blue => 4,
        style::Color::Magenta => 5,
        style::Color::Cyan => 6,
        style::Color::Gray => 7,
        style::Color::DarkGray => 8,
        style::Color::LightRed => 9,
        style::Color::LightGreen => 10,
        style::Color::LightYellow => 11,
        style::Color::LightBlue => 12,
        style::Color::LightMagenta => 13,
        style::Color::LightCyan => 14,
        style::Color::White => 15,
    }))
}

fn spot_of(cell: &Cell) -> Spot {
    Spot {
        symbol: cell.symbol().to_owned(),
        is_on_map: cell.modifier.contains(ON_MAP),
        look: Look {
            modifiers: cell.modifier.difference(ON_MAP).bits(),
            ground: color_of(cell.bg),
            ink: color_of(cell.fg),
        },
    }
}

impl Backend for Wire {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.frame = self.frame.wrapping_add(1);
        for (x, y, cell) in content {
            let index = usize::from(y) * self.columns + usize::from(x);
            if usize::from(x) >= self.columns || index >= self.wanted.len() {
                continue;
            }
            let spot = spot_of(cell);
            let end = (usize::from(y) + 1) * self.columns;
            for covered in 1..text::width(&spot.symbol) {
                if index + covered < end {
                    self.wanted[index + covered] = Spot {
                        symbol: String::new(),
                        ..spot
                    };
                }
            }
            self.wanted[index] = spot;
            self.since[index] = self.frame;
            self.is_behind = true;
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.cursor = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.cursor.get_or_insert_default();
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.cursor.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.cursor = Some(position.into());
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.wanted.fill(Spot::blank());
        self.is_unknown = true;
        Ok(())
    }

    fn clear_region(&mut self, _region: ClearType) -> Result<(), Infallible> {
        self.clear()
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size_now())
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize {
            columns_rows: self.size()?,
            pixels: Size::default(),
        })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
