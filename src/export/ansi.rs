//! A map as text: characters with escape sequences (SGR) for the colors, or without.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::drawing::{Drawing, LegendEntry, shown_name};
use crate::error::printable;
use crate::palette::{Color, Palette, Scale};
use crate::picture::{Glyphs, Legend, Mark};
use crate::raster::Area;
use crate::text;

impl Drawing<'_> {
    /// The picture in this area of characters with the title, the legend and the settings, as text with
    /// escape sequences for colors, or plain text where the palette has no colors.
    pub fn to_ansi(&self, area: Area) -> String {
        lines(self, area).join("\n") + "\n"
    }

    /// The same as lines, which all together fit into the area: a long legend is cut.
    pub(crate) fn to_lines_within(&self, area: Area) -> Vec<String> {
        let columns = usize::from(area.columns);
        let whole = lines(self, Area::new(area.columns, 1));
        let legend = whole.len().saturating_sub(3);
        let most = usize::from(area.rows / 4).max(1);
        let rows = usize::from(area.rows).saturating_sub(legend.min(most) + 2);
        let mut lines = lines(self, Area::new(area.columns, rows.clamp(1, 1000) as u16));
        if legend > most {
            let end = lines.len() - 1;
            let first = end - legend + most - 1;
            let left = format!("… {} more lines of classes", legend - most + 1);
            lines.splice(first..end, [dim(self, &left)]);
        }
        for line in [0, lines.len() - 1] {
            if let Cow::Owned(short) = text::cut(&lines[line], columns) {
                lines[line] = short;
            }
        }
        lines
    }
}

/// The lines of the text: title, map, legend, settings.
pub(super) fn lines(drawing: &Drawing<'_>, area: Area) -> Vec<String> {
    let picture = drawing.picture(area);
    let mut lines = vec![printable(&drawing.title)];
    lines.extend(picture.lines().map(marks));
    lines.extend(legend(drawing, picture.legend(), usize::from(area.columns)));
    lines.push(dim(drawing, &drawing.small_print));
    lines
}

/// A row of the map, without spaces at its end.
fn marks(row: &[Mark]) -> String {
    let is_seen = |mark: &Mark| mark.glyph != ' ';
    let length = row.iter().rposition(is_seen).map_or(0, |i| i + 1);
    let mut text = String::new();
    let (mut ink, mut ground) = (None, None);
    for mark in &row[..length] {
        // The color of a space does not show, and it has no ground.
        let shows = is_seen(mark) || ground.is_some();
        if shows && (mark.ink, mark.ground) != (ink, ground) {
            let mut codes = Vec::new();
            for (from, to, base) in [(ink, mark.ink, 30), (ground, mark.ground, 40)] {
                if from != to {
                    codes.push(to.map_or_else(|| (base + 9).to_string(), |c| c.sgr(base)));
                }
            }
            let _ = write!(text, "\x1b[{}m", codes.join(";"));
            (ink, ground) = (mark.ink, mark.ground);
        }
        text.push(mark.glyph);
    }
    if (ink, ground) != (None, None) {
        text.push_str("\x1b[0m");
    }
    text
}

fn colored(text: &str, color: Option<Color>) -> String {
    match color {
        Some(color) => format!("\x1b[{}m{text}\x1b[0m", color.sgr(30)),
        None => text.to_owned(),
    }
}

/// Text in dim letters, unless there are no colors.
fn dim(drawing: &Drawing<'_>, text: &str) -> String {
    let text = printable(text);
    if drawing.palette.distinct() == 0 {
        text
    } else {
        format!("\x1b[2m{text}\x1b[0m")
    }
}

/// What the colors mean, in lines of about this many columns.
fn legend(drawing: &Drawing<'_>, legend: &Legend, columns: usize) -> Vec<String> {
    let palette = drawing.palette;
    match legend {
        Legend::Classes => {
            let entry = |entry: &LegendEntry| Entry {
                mark: match drawing.look.glyphs {
                    Glyphs::Letters => palette.letter(entry.class).to_string(),
                    _ => palette.mark(entry.class).to_string(),
                },
                color: palette.color(entry.class),
                text: format!("{} {}", shown_name(&entry.name), entry.count),
            };
            wrapped(drawing.classes.iter().map(entry), columns)
        }
        Legend::Outcomes => {
            let outcomes = [("● +", true, "right"), ("● x", false, "wrong")];
            let entry = |(mark, is_right, text): (&str, bool, &str)| Entry {
                mark: mark.into(),
                color: palette.outcome(is_right),
                text: text.into(),
            };
            wrapped(outcomes.into_iter().map(entry), columns)
        }
        Legend::Levels {
            name,
            low,
            high,
            scale,
        } => {
            let ramp = ramp(palette, *scale);
            vec![format!("{}: {low} {ramp} {high}", printable(name))]
        }
    }
}

/// An entry of the legend: a mark in its color, and what it means.
struct Entry {
    mark: String,
    color: Option<Color>,
    text: String,
}

/// Entries in lines, two spaces apart; a line holds one at least.
fn wrapped(entries: impl Iterator<Item = Entry>, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for Entry { mark, color, text } in entries {
        let width = text::width(&mark) + 1 + text::width(&text);
        if used > 0 && used + 2 + width > columns {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            let gap = if used > 0 { "  " } else { "" };
            let _ = write!(line, "{gap}{} {text}", colored(&mark, color));
            used += gap.len() + width;
        }
    }
    lines
}

fn ramp(palette: Palette, scale: Scale) -> String {
    Palette::levels()
        .map(|level| match palette.level(scale, level) {
            Some(color) => colored("■", Some(color)),
            None => Palette::digit(level).to_string(),
        })
        .collect()
}
