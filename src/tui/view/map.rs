//! The map: the picture of the current positions, and what its colors mean.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pen::Pen;
use super::{names, style};
use crate::palette::{LEVELS, Palette, Scale};
use crate::picture::{Legend, Picture, Winner};
use crate::raster::Area;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::Action;
use crate::tui::app::layout::Layout;
use crate::tui::app::maps::{self, Camera};

/// Draws the current map with its frame, and the classes below where no panel names them.
pub(super) fn draw(app: &App, screen: &Layout, buffer: &mut Buffer) {
    let (Some(frame), Some(cells)) = (app.map_frame(screen), app.map_cells(screen)) else {
        return;
    };
    let is_facet = app.facet_places(screen).is_some();
    draw_current(app, (frame, cells), is_facet, buffer);
    if let Some(line) = app.legend_line(screen) {
        draw_legend(app, line, buffer);
    }
}

/// Draws the current map, the only one or one of several.
fn draw_current(app: &App, (frame, cells): (Rect, Rect), is_facet: bool, buffer: &mut Buffer) {
    let area = Area::new(cells.width, cells.height);
    let picture = Picture::draw(
        &app.colored_points(),
        app.viewport(area),
        area,
        app.look(),
        app.palette,
        app.colored_by().map(|values| &values.scale),
    );
    let name = if is_facet {
        app.facet_title(
            app.map.multiples.focus,
            usize::from(frame.width.saturating_sub(4)),
        )
    } else if app.run.snapshot.is_map {
        "map (t-SNE)".to_owned()
    } else {
        "map (principal components)".to_owned()
    };
    let mut title = title(app, name, &picture);
    if app.map.multiples.are_several() && !is_facet {
        let maps = maps::needed(app.map.multiples.facets.len());
        let (zoom, fewer) = (app.key(Action::Zoomed), app.key(Action::NextCount));
        title = format!("{maps}: {zoom} or {fewer} · {title}");
    }
    if app.panels.zoomed {
        title = format!("{title} · {}: back", app.key(Action::Zoomed));
    }
    style::frame(app, (&title, ""), app.panels.on_map, frame, buffer);
    draw_marks(&picture, cells, buffer);
    draw_key(app, picture.legend(), frame, buffer);
    super::overlay::draw(app, cells, buffer);
    names::draw(app, &app.names_in(area), cells, buffer);
    super::overlay::draw_crosshair(app, app.viewport(area), (frame, cells), buffer);
}

/// What the frame says: what the picture is, and what it leaves out.
fn title(app: &App, mut title: String, picture: &Picture) -> String {
    if let Some(hidden) = app.hidden_entries() {
        title = format!("{title} · {hidden} hidden");
    }
    title += &app.gray_remark();
    let by_class = matches!(picture.legend(), Legend::Classes | Legend::Outcomes);
    if app.map.look.winner == Winner::Rarest && by_class {
        title = format!("{title} · rarest on top");
    }
    match (picture.outside(), app.map.camera) {
        (0, _) => {}
        (outside, Camera::Fit) => {
            title = format!("{title} · {} far outside", text::count(outside));
        }
        (outside, Camera::Free(_)) => {
            let fit = app.key(Action::Fit);
            title = format!(
                "{title} · {} outside, {fit}: whole map",
                text::count(outside)
            );
        }
    }
    title
}

/// Copies the picture into the buffer.
pub(super) fn draw_marks(picture: &Picture, area: Rect, buffer: &mut Buffer) {
    for (y, line) in (area.y..area.bottom()).zip(picture.lines()) {
        for (x, mark) in (area.x..area.right()).zip(line) {
            if mark.glyph == ' ' {
                continue;
            }
            if let Some(target) = buffer.cell_mut((x, y)) {
                let look = style::ink(mark.ink);
                let look = match mark.ground {
                    Some(_) => look.bg(style::ink(mark.ground).fg.unwrap_or_default()),
                    None => look,
                };
                target.set_char(mark.glyph).set_style(look);
            }
        }
    }
}

/// Says on the frame's last line what the colors mean, where that is not the class.
fn draw_key(app: &App, legend: &Legend, frame: Rect, buffer: &mut Buffer) {
    let line = Rect {
        x: frame.x + 2,
        y: frame.bottom().saturating_sub(1),
        width: frame.width.saturating_sub(4),
        height: 1,
    };
    let mut pen = Pen::new(buffer, line, 0);
    match legend {
        Legend::Classes => {}
        Legend::Outcomes => {
            pen.write(" right ", style::DIM);
            pen.write("● +", style::ink(app.palette.outcome(true)));
            pen.write("  wrong ", style::DIM);
            pen.write("● x", style::ink(app.palette.outcome(false)));
            pen.write(" ", Style::new());
        }
        Legend::Levels {
            name,
            low,
            high,
            scale,
        } => {
            // Both ends of the scale matter more than the whole name.
            let ends = text::width(low) + text::width(high) + LEVELS / 2 + 5;
            let name = text::shorten(name, pen.left().saturating_sub(ends));
            pen.write(&format!(" {name} {low} "), style::DIM);
            draw_ramp(app.palette, *scale, &mut pen);
            pen.write(&format!(" {high} "), style::DIM);
            let words = app.colored_by().map_or("", |values| values.words);
            if !words.is_empty() && text::width(words) + 4 <= pen.left() {
                pen.write(&format!("· {words} "), style::DIM);
            }
        }
    }
}

/// The levels from low to high: as colors, or as digits where there are none.
fn draw_ramp(palette: Palette, scale: Scale, pen: &mut Pen<'_>) {
    for step in (0..LEVELS).step_by(2) {
        let level = step as f64 / (LEVELS - 2) as f64;
        match palette.level(scale, level) {
            Some(color) => pen.write("■", style::ink(Some(color))),
            None => pen.write(&Palette::digit(level).to_string(), Style::new()),
        }
    }
}

fn draw_legend(app: &App, line: Rect, buffer: &mut Buffer) {
    let items = app.legend_items(line.width);
    let framed = Rect {
        x: line.x - 1,
        width: line.width + 2,
        ..line
    };
    let mut pen = Pen::new(buffer, framed, 0);
    pen.skip(1);
    for item in &items {
        if item.start > 0 {
            pen.skip(2);
        }
        let text = app.legend_text(item.entry);
        let class = app.run.class_of(item.entry);
        let mark: String = text.chars().take(1).collect();
        if app.samples.shown[item.entry] {
            pen.write(&mark, style::class(app.palette, class));
            pen.write(&text[mark.len()..], Style::new());
        } else {
            pen.write(&text, style::DIM);
        }
    }
    let more = app.run.counts.len() - items.len();
    if more > 0 {
        pen.write(&format!("  +{more}"), style::DIM);
    }
    pen.skip(1);
}
