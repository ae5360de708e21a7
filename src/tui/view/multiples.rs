//! A map beside the current one: the same samples in the same colors, the selected ones lit.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen::Pen;
use super::{map, names, overlay, style};
use crate::picture::{Coloring, Look, Picture};
use crate::raster::{Area, Points, Viewport};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::layout::Layout;
use crate::tui::app::maps::Camera;

/// Draws the maps beside the current one, if there are several.
pub(super) fn draw(app: &App, screen: &Layout, buffer: &mut Buffer) {
    let places = app.facet_places(screen);
    for (place, frame) in places.iter().flatten().enumerate() {
        if place != app.map.multiples.focus {
            draw_one(app, place, *frame, buffer);
        }
    }
}

fn draw_one(app: &App, place: usize, frame: Rect, buffer: &mut Buffer) {
    let Some(facet) = app.map.multiples.facets.get(place) else {
        return;
    };
    let (look, values) = meaning(app, place);
    let mut title = app.facet_title(place, usize::from(frame.width.saturating_sub(4)));
    if look.coloring != app.map.look.coloring {
        title = format!("{title} · colors: class");
    }
    let cells = style::frame(app, (&title, ""), false, frame, buffer);
    if facet.positions.is_empty() {
        let lines = text::wrap(&app.facet_lack(place), usize::from(cells.width));
        for (row, line) in lines.iter().enumerate() {
            Pen::new(buffer, cells, row as u16).write(line, style::DIM);
        }
        return;
    }
    let area = Area::new(cells.width, cells.height);
    if area.cells() == 0 {
        return;
    }
    let view = match app.facet_camera(place) {
        Camera::Fit => Viewport::fit_turned(&facet.positions, area, app.map.turn.now),
        Camera::Free(view) => view,
    };
    let current = if values {
        app.colored_points()
    } else {
        app.points()
    };
    let points = Points {
        positions: &facet.positions,
        groups: match look.coloring {
            Coloring::Outcome => &facet.outcomes,
            _ => current.groups,
        },
        ..current
    };
    let scale = app.colored_by().filter(|_| values).map(|v| &v.scale);
    let picture = Picture::draw(&points, view, area, look, app.palette, scale);
    map::draw_marks(&picture, cells, buffer);
    let places = app.names_beside(&facet.positions, view, area);
    overlay::draw_beside(app, &facet.positions, view, cells, buffer);
    names::draw(app, &places, cells, buffer);
    overlay::draw_current_beside(app, &facet.positions, view, cells, buffer);
}

/// How one of the other maps is drawn, and whether by the values that color the current one: values
/// of the current map or model say nothing about another.
fn meaning(app: &App, place: usize) -> (Look, bool) {
    let of_samples = app.are_values_of_samples();
    let facet = app.map.multiples.facets.get(place);
    let holds = match app.map.look.coloring {
        Coloring::Class | Coloring::Mixing | Coloring::Density => true,
        Coloring::Outcome => facet.is_some_and(|facet| !facet.outcomes.is_empty()),
        Coloring::Value => of_samples,
    };
    let coloring = if holds {
        app.map.look.coloring
    } else {
        Coloring::Class
    };
    let look = Look {
        coloring,
        ..app.look()
    };
    (look, coloring == Coloring::Value)
}
