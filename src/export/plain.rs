//! A map as text without colors, in which names say where the classes are.

use super::drawing::Drawing;
use super::sheet::names_on_map;
use crate::raster::Area;
use crate::raster::names::{Ground, Sampled, place_names};
use crate::text;

/// The rows of the map, with the names on it if the drawing has them.
pub(crate) fn to_plain_text(drawing: &Drawing<'_>, area: Area) -> String {
    let picture = drawing.picture(area);
    let glyphs = picture
        .lines()
        .map(|row| row.iter().map(|mark| mark.glyph.to_string()).collect());
    let mut rows: Vec<Vec<String>> = glyphs.collect();
    if drawing.names {
        write_names(&mut rows, drawing, area);
    }
    let rows: Vec<String> = rows
        .iter()
        .map(|row| row.concat().trim_end().to_owned())
        .collect();
    rows.join("\n") + "\n"
}

fn write_names(rows: &mut [Vec<String>], drawing: &Drawing<'_>, area: Area) {
    let names = names_on_map(&drawing.classes);
    let widths: Vec<u16> = names.iter().map(|name| text::width(name) as u16).collect();
    let ground = Ground {
        positions: drawing.points.positions,
        sampled: &Sampled::of(drawing.points.classes, names.len()),
        shown: drawing.points.shown,
        wanted: &[],
        view: drawing.viewport(area),
        area,
    };
    for place in place_names(&ground, &widths, &[]) {
        let first = usize::from(place.column);
        let cells = first..first + usize::from(place.width);
        let row = rows.get_mut(usize::from(place.row));
        let cells = row.and_then(|row| row.get_mut(cells));
        if let Some([first, rest @ ..]) = cells {
            // The whole name in the first cell, so that wide and combining characters keep their width.
            first.clone_from(&names[usize::from(place.class)]);
            rest.fill(String::new());
        }
    }
}
