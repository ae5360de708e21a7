//! A map as SVG: dots as strokes of no length, one path per color; text in the reader's font.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::drawing::{Drawing, Sheet, shown_name};
use crate::error::{Result, printable};
use crate::palette::{Color, LEVELS};
use crate::picture::Legend;

/// An SVG picture of so many pixels.
///
/// # Errors
/// [`Error::Option`](crate::Error::Option) for a size out of bounds.
pub fn to_svg(drawing: &Drawing<'_>, width: u32, height: u32) -> Result<String> {
    let sheet = drawing.sheet(width, height)?;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
        escaped(&printable(&drawing.title)),
        hex(sheet.paper)
    );
    dots(&mut svg, &sheet);
    text(&mut svg, &sheet, &drawing.title, drawing);
    key(&mut svg, &sheet, drawing);
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn dots(svg: &mut String, sheet: &Sheet) {
    let mut paths: BTreeMap<(u8, u8, u8), String> = BTreeMap::new();
    for dot in &sheet.dots {
        let path = paths.entry(dot.color).or_default();
        let _ = write!(path, "M{:.1} {:.1}h0", dot.x, dot.y);
    }
    let _ = writeln!(
        svg,
        "<g fill=\"none\" stroke-linecap=\"round\" stroke-width=\"{:.2}\">",
        2.0 * sheet.radius
    );
    for (color, path) in paths {
        let _ = writeln!(svg, "<path stroke=\"{}\" d=\"{path}\"/>", hex(color));
    }
    svg.push_str("</g>\n");
}

/// Title above, settings below.
fn text(svg: &mut String, sheet: &Sheet, title: &str, drawing: &Drawing<'_>) {
    let left = sheet.map.left;
    write_text(
        svg,
        (left, 1.6 * sheet.line),
        1.2 * sheet.line,
        sheet.ink,
        title,
    );
    let below = f64::from(sheet.height) - 0.8 * sheet.line;
    let small = 0.7 * sheet.line;
    write_text(svg, (left, below), small, sheet.faint, &drawing.small_print);
}

fn write_text(svg: &mut String, at: (f64, f64), size: f64, color: (u8, u8, u8), text: &str) {
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{size:.1}\" fill=\"{}\">{}</text>",
        at.0,
        at.1,
        hex(color),
        escaped(&printable(text))
    );
}

fn key(svg: &mut String, sheet: &Sheet, drawing: &Drawing<'_>) {
    let (left, top, line) = (sheet.key.left, sheet.key.top, sheet.line);
    let mut entry = |row: usize, color: Option<Color>, name: &str| {
        let y = top + (row as f64 + 1.0) * 1.4 * line;
        let color = color.map_or(sheet.faint, Color::rgb);
        let _ = writeln!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{:.1}\" fill=\"{}\"/>",
            left + 0.5 * line,
            y - 0.35 * line,
            0.4 * line,
            hex(color)
        );
        write_text(svg, (left + 1.4 * line, y), line, sheet.ink, name);
    };
    match &sheet.legend {
        Legend::Classes => {
            let rows = (sheet.key.height / (1.4 * line)) as usize;
            let (shown, more) = entries(drawing, rows.saturating_sub(1));
            for (row, (class, text)) in shown.iter().enumerate() {
                entry(row, drawing.palette.color(*class), text);
            }
            if more > 0 {
                let y = top + (shown.len() as f64 + 1.0) * 1.4 * line;
                let text = format!("and {more} more");
                write_text(svg, (left + 1.4 * line, y), line, sheet.faint, &text);
            }
        }
        Legend::Outcomes => {
            entry(0, drawing.palette.outcome(true), "right");
            entry(1, drawing.palette.outcome(false), "wrong");
        }
        Legend::Levels {
            name,
            low,
            high,
            scale,
        } => {
            write_text(svg, (left, top + line), line, sheet.ink, name);
            let step = sheet.key.width / LEVELS as f64;
            for level in 0..LEVELS {
                let share = level as f64 / (LEVELS - 1) as f64;
                let color = drawing.palette.level(*scale, share).map(Color::rgb);
                let _ = writeln!(
                    svg,
                    "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{line:.1}\" fill=\"{}\"/>",
                    left + level as f64 * step,
                    top + 1.6 * line,
                    step + 0.5,
                    hex(color.unwrap_or(sheet.faint))
                );
            }
            write_text(svg, (left, top + 3.8 * line), line, sheet.ink, low);
            let end = left + sheet.key.width - high.chars().count() as f64 * 0.6 * line;
            write_text(svg, (end, top + 3.8 * line), line, sheet.ink, high);
        }
    }
}

/// Class and text of the entries that fit, and how many do not.
pub(super) fn entries(drawing: &Drawing<'_>, most: usize) -> (Vec<(u16, String)>, usize) {
    let shown: Vec<(u16, String)> = drawing
        .classes
        .iter()
        .take(most)
        .map(|entry| {
            let repeats = usize::from(entry.class) >= drawing.palette.distinct();
            let mark = if repeats && entry.class != crate::dataset::UNLABELED {
                format!("{} ", drawing.palette.mark(entry.class))
            } else {
                String::new()
            };
            let text = format!("{mark}{} ({})", shown_name(&entry.name), entry.count);
            (entry.class, text)
        })
        .collect();
    let more = drawing.classes.len() - shown.len();
    (shown, more)
}

fn hex((red, green, blue): (u8, u8, u8)) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text that means nothing in XML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML 1.0 has no place for these, even escaped.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
