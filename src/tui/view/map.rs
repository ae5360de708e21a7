//! The map: braille in the color of each cell's majority, or the classes' letters.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::style;
use super::table::Pen;
use crate::dataset::UNLABELED;
use crate::raster::{Area, Cell, Raster};
use crate::tui::app::{App, Camera};
use crate::tui::layout::Screen;
use crate::tui::text;

/// Draws the map with its frame, and the classes below it where no panel names them.
pub(super) fn draw(app: &App, screen: &Screen, buffer: &mut Buffer) {
    let (Some(frame), Some(cells)) = (screen.map, app.map_cells(screen)) else {
        return;
    };
    let area = Area::new(cells.width, cells.height);
    let raster = Raster::draw(&app.points(), app.viewport(area), area);
    let below = if app.zoomed { "z: back" } else { "" };
    style::frame(
        app,
        (&title(app, &raster), below),
        app.on_map,
        frame,
        buffer,
    );
    draw_cells(app, &raster, cells, buffer);
    if let Some(line) = app.legend_line(screen) {
        draw_legend(app, line, buffer);
    }
}

/// What the frame says: what the picture is, and what it leaves out.
fn title(app: &App, raster: &Raster) -> String {
    let mut title = if app.snapshot.is_map {
        "map (t-SNE)".to_owned()
    } else {
        "map (principal components)".to_owned()
    };
    let hidden = app.shown.iter().filter(|shown| !**shown).count();
    if hidden > 0 {
        title = format!("{title} · {hidden} hidden");
    }
    match (raster.outside(), app.camera) {
        (0, _) => {}
        (outside, Camera::Fit) => {
            title = format!("{title} · {} far outside", text::count(outside));
        }
        (outside, Camera::Free(_)) => {
            title = format!("{title} · {} outside, f fits", text::count(outside));
        }
    }
    title
}

fn draw_cells(app: &App, raster: &Raster, area: Rect, buffer: &mut Buffer) {
    for (y, line) in (area.y..area.bottom()).zip(raster.lines()) {
        for (x, cell) in (area.x..area.right()).zip(line) {
            if cell.is_empty() {
                continue;
            }
            if let Some(target) = buffer.cell_mut((x, y)) {
                target.set_char(glyph(app, cell)).set_style(look(app, cell));
            }
        }
    }
}

fn glyph(app: &App, cell: &Cell) -> char {
    if app.letters {
        app.palette.letter(cell.majority)
    } else {
        cell.braille()
    }
}

/// Samples without any labels are drawn in the terminal's own color.
fn look(app: &App, cell: &Cell) -> Style {
    if cell.majority == UNLABELED && app.counts.is_empty() {
        Style::new()
    } else {
        style::class(app.palette, cell.majority)
    }
}

fn draw_legend(app: &App, line: Rect, buffer: &mut Buffer) {
    let items = app.legend_items(line.width);
    let mut pen = Pen::new(buffer, line, 0);
    for item in &items {
        let text = app.legend_text(item.entry);
        let class = app.class_of(item.entry);
        let mark: String = text.chars().take(1).collect();
        if app.shown[item.entry] {
            pen.write(&mark, style::class(app.palette, class));
            pen.write(&text[mark.len()..], Style::new());
        } else {
            pen.write(&text, style::DIM);
        }
        pen.skip(2);
    }
    let more = app.counts.len() - items.len();
    if more > 0 {
        pen.write(&format!("+{more}"), style::DIM);
    }
}
