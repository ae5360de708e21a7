//! The legend of a picture: all classes, or what the levels mean, beside the map.
//!
//! In: the classes and the room. Out: columns of entries; with many classes letters become smaller, so
//! that the legend is complete and the map keeps most of the picture.

use super::canvas::{Canvas, Frame, Grays, Label, Point};
use super::drawing::{Drawing, LegendEntry, shown_name};
use super::font::Font;

use crate::dataset::UNLABELED;
use crate::palette::{Color, DISC, LEVELS, Palette, Rgb, Scale};
use crate::picture::{Coloring, Legend};
use crate::text;

/// The largest share of the picture that the legend takes.
const SHARE: f64 = 0.45;
/// Letters become smaller in these steps, as shares of their usual size.
const SIZES: [f64; 6] = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5];
/// From one entry to the next, in heights of letters.
const SPACING: f64 = 1.45;
/// Room for a mark, in heights of letters.
const MARK: f64 = 1.3;

/// Where the entries of the legend stand.
pub(super) struct Key {
    frame: Frame,
    /// Height of the letters.
    line: f64,
    /// Entries per column.
    rows: usize,
    columns: usize,
    /// Width of a column.
    column: f64,
}

impl Key {
    /// A legend at the right side of a part of the paper.
    pub(super) fn new(drawing: &Drawing<'_>, font: &Font, room: Frame, line: f64) -> Self {
        let texts: Vec<String> = match drawing.look.coloring {
            Coloring::Class => drawing
                .classes
                .iter()
                .map(texts_of)
                .map(|(name, count)| name + &count)
                .collect(),
            Coloring::Outcome => vec!["wrong".into(); 2],
            _ => vec![
                drawing
                    .values
                    .map_or_else(|| "effective classes".into(), |v| v.name.clone()),
            ],
        };
        let most = SHARE * room.width;
        let mut found = Self {
            frame: room,
            line,
            rows: 1,
            columns: 0,
            column: 0.0,
        };
        for size in SIZES {
            let line = size * line;
            let rows = ((room.height / (SPACING * line)) as usize).max(1);
            let widest = texts.iter().map(|text| font.width(text, line));
            let column = widest.fold(0.0, f64::max) + (MARK + 1.2) * line;
            let columns = texts.len().div_ceil(rows);
            let fitting = ((most / column) as usize).clamp(1, columns.max(1));
            found = Self {
                line,
                rows,
                columns: fitting.min(columns),
                column: column.min(most),
                ..found
            };
            if columns <= fitting {
                break;
            }
        }
        found.frame.width = found.columns as f64 * found.column;
        found.frame.left = room.left + room.width - found.frame.width;
        found
    }

    /// The width that it takes.
    pub(super) fn width(&self) -> f64 {
        self.frame.width + self.line
    }

    /// Draws it.
    pub(super) fn draw(
        &self,
        drawing: &Drawing<'_>,
        font: &Font,
        legend: &Legend,
        grays: Grays,
        canvas: &mut impl Canvas,
    ) {
        let pen = Pen {
            key: self,
            font,
            grays,
        };
        let palette = drawing.palette;
        match legend {
            Legend::Classes => pen.classes(drawing, canvas),
            Legend::Outcomes => {
                pen.entry(canvas, 0, (DISC, palette.outcome(true)), ("right", ""));
                pen.entry(canvas, 1, (DISC, palette.outcome(false)), ("wrong", ""));
            }
            Legend::Levels {
                name,
                low,
                high,
                scale,
            } => pen.levels(palette, canvas, name, [low, high], *scale),
        }
    }
}

/// The name of an entry of the legend, and what follows it.
fn texts_of(entry: &LegendEntry) -> (String, String) {
    (
        shown_name(&entry.name),
        format!(" ({})", text::count(entry.count)),
    )
}

/// Writes the entries.
struct Pen<'a> {
    key: &'a Key,
    font: &'a Font,
    grays: Grays,
}

impl Pen<'_> {
    fn text(&self, canvas: &mut impl Canvas, text: &str, at: Point, width: f64) {
        canvas.label(&Label {
            text: self.font.fitted(text, self.key.line, width),
            at,
            size: self.key.line,
            color: self.grays.ink,
            halo: None,
            is_bold: false,
            class: None,
        });
    }

    fn entry(
        &self,
        canvas: &mut impl Canvas,
        place: usize,
        look: (char, Option<Color>),
        (name, count): (&str, &str),
    ) {
        let Key {
            frame,
            line,
            rows,
            column,
            ..
        } = *self.key;
        let left = frame.left + (place / rows) as f64 * column;
        let baseline = frame.top + (place % rows) as f64 * SPACING * line + line;
        if let (mark, Some(color)) = look {
            let center = Point {
                x: left + 0.5 * line,
                y: baseline - 0.36 * line,
            };
            canvas.mark(center, 0.38 * line, mark, color.rgb());
        }
        let at = Point {
            x: left + MARK * line,
            y: baseline,
        };
        // A long name is cut, its count is not.
        let width = column - MARK * line;
        let name = self
            .font
            .fitted(name, line, width - self.font.width(count, line));
        self.text(canvas, &(name + count), at, width);
    }

    /// The classes; where they do not fit, how many more there are.
    fn classes(&self, drawing: &Drawing<'_>, canvas: &mut impl Canvas) {
        let palette = drawing.palette;
        let places = self.key.rows * self.key.columns;
        let all = drawing.classes.len();
        let shown = if all > places {
            places.saturating_sub(1)
        } else {
            all
        };
        for (place, entry) in drawing.classes[..shown].iter().enumerate() {
            let mark = if entry.class == UNLABELED {
                DISC
            } else {
                palette.mark(entry.class)
            };
            let look = (mark, palette.color(entry.class));
            let (name, count) = texts_of(entry);
            self.entry(canvas, place, look, (&name, &count));
        }
        if shown < all {
            let text = format!("and {} more", all - shown);
            self.entry(canvas, shown, (DISC, None), (&text, ""));
        }
    }

    /// The name of what the levels mean, their colors, and the lowest and highest value.
    fn levels(
        &self,
        palette: Palette,
        canvas: &mut impl Canvas,
        name: &str,
        [low, high]: [&str; 2],
        scale: Scale,
    ) {
        let Key { frame, line, .. } = *self.key;
        let place = |x: f64, row: f64| Point {
            x: frame.left + x,
            y: frame.top + row * line,
        };
        self.text(canvas, name, place(0.0, 1.0), frame.width);
        let step = frame.width / LEVELS as f64;
        for (number, level) in Palette::levels().enumerate() {
            let color: Option<Rgb> = palette.level(scale, level).map(Color::rgb);
            let part = Frame {
                left: frame.left + number as f64 * step,
                top: frame.top + 1.5 * line,
                width: step,
                height: line,
            };
            canvas.rectangle(part, color.unwrap_or(self.grays.faint));
        }
        let right = frame.width - self.font.width(high, line);
        self.text(canvas, low, place(0.0, 3.6), frame.width);
        self.text(canvas, high, place(right.max(0.0), 3.6), frame.width);
    }
}
