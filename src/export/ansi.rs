//! A map as text: characters with SGR sequences for the colors, or none.

use std::fmt::Write as _;

use super::drawing::{Drawing, shown_name};
use crate::error::printable;
use crate::palette::{Color, LEVELS, Palette, Scale};
use crate::picture::{Legend, Mark};
use crate::raster::Area;

/// Lines of text: title, map, legend, settings; without line ends.
pub(super) fn lines(drawing: &Drawing<'_>, area: Area) -> Vec<String> {
    let picture = drawing.picture(area);
    let mut lines = vec![printable(&drawing.title)];
    lines.extend(picture.lines().map(marks));
    lines.extend(legend(drawing, picture.legend(), usize::from(area.columns)));
    lines.push(dim(drawing, &drawing.small_print));
    lines
}

/// A line of the map, without spaces at its end.
fn marks(line: &[Mark]) -> String {
    let length = line
        .iter()
        .rposition(|m| m.glyph != ' ')
        .map_or(0, |i| i + 1);
    let mut text = String::new();
    let mut present = (None, None);
    for mark in &line[..length] {
        let look = (mark.ink, mark.ground);
        // The color of a space is not seen, its ground is none.
        if look != present && (mark.glyph != ' ' || present.1.is_some()) {
            text.push_str(&change(present, look));
            present = look;
        }
        text.push(mark.glyph);
    }
    if present != (None, None) {
        text.push_str("\x1b[0m");
    }
    text
}

/// The sequence from one pair of colors to another.
fn change(from: (Option<Color>, Option<Color>), to: (Option<Color>, Option<Color>)) -> String {
    let mut codes = Vec::new();
    for (from, to, base) in [(from.0, to.0, 30), (from.1, to.1, 40)] {
        if from != to {
            codes.push(to.map_or_else(|| (base + 9).to_string(), |color| code(color, base)));
        }
    }
    format!("\x1b[{}m", codes.join(";"))
}

/// The parameters of a color; `base` is 30 for ink and 40 for ground.
fn code(color: Color, base: u8) -> String {
    match color {
        Color::Indexed(index @ 0..=7) => (base + index).to_string(),
        Color::Indexed(index @ 8..=15) => (base + 52 + index).to_string(),
        Color::Indexed(index) => format!("{};5;{index}", base + 8),
        Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", base + 8),
    }
}

fn colored(text: &str, color: Option<Color>) -> String {
    match color {
        Some(color) => format!("\x1b[{}m{text}\x1b[0m", code(color, 30)),
        None => text.to_owned(),
    }
}

/// Small print: dim, unless there are no colors.
fn dim(drawing: &Drawing<'_>, text: &str) -> String {
    let text = printable(text);
    if drawing.palette.distinct() == 0 {
        text
    } else {
        format!("\x1b[2m{text}\x1b[0m")
    }
}

/// What the colors mean, in lines of about so many columns.
fn legend(drawing: &Drawing<'_>, legend: &Legend, columns: usize) -> Vec<String> {
    let palette = drawing.palette;
    let mut parts: Vec<(usize, String)> = Vec::new();
    match legend {
        Legend::Classes => {
            for entry in &drawing.classes {
                let mark = palette.mark(entry.class).to_string();
                let text = format!(" {} {}", shown_name(&entry.name), entry.count);
                let width = 1 + text.chars().count();
                parts.push((width, colored(&mark, palette.color(entry.class)) + &text));
            }
        }
        Legend::Outcomes => {
            parts.push((9, colored("● +", palette.outcome(true)) + " right"));
            parts.push((9, colored("● x", palette.outcome(false)) + " wrong"));
        }
        Legend::Levels {
            name,
            low,
            high,
            scale,
        } => {
            let ramp = ramp(palette, *scale);
            parts.push((columns, format!("{} {low} {ramp} {high}", printable(name))));
        }
    }
    let mut lines = vec![String::new()];
    let mut used = 0;
    for (width, text) in parts {
        if used > 0 && used + 2 + width > columns {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            let gap = if used > 0 { "  " } else { "" };
            let _ = write!(line, "{gap}{text}");
            used += gap.len() + width;
        }
    }
    lines
}

fn ramp(palette: Palette, scale: Scale) -> String {
    (0..LEVELS)
        .map(|step| {
            let level = step as f64 / (LEVELS - 1) as f64;
            match palette.level(scale, level) {
                Some(color) => colored("■", Some(color)),
                None => Palette::digit(level).to_string(),
            }
        })
        .collect()
}
