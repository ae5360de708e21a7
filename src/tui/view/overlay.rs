//! What lies over the map's picture: the selected samples, the lines to the current sample's
//! neighbors, the crosshair, the box.
//!
//! Lines run only through cells without points, and where they end stands `○` for a neighbor of
//! the same label and `×` for one of another, so that neither color nor dots are needed to tell.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::style;
use crate::dataset::UNLABELED;
use crate::picture::{Coloring, Look, Picture};
use crate::raster::{Area, DOTS_ACROSS, DOTS_DOWN, Points, Segments, Stroke, Viewport};
use crate::text;
use crate::tui::app::App;
use crate::tui::terminal::wire::ON_MAP;

/// Draws all of it but the crosshair into the map's cells.
pub(super) fn draw(app: &App, cells: Rect, buffer: &mut Buffer) {
    let area = Area::new(cells.width, cells.height);
    if area.cells() == 0 {
        return;
    }
    let view = app.viewport(area);
    draw_standing_out(app, app.positions(), view, cells, buffer);
    draw_trails(app, view, cells, buffer);
    if app.map.neighbor_lines {
        draw_neighbors(app, view, cells, buffer);
    }
    draw_pointed(app, view, cells, buffer);
    let corner = app.map.crosshair.and_then(|c| c.corner);
    if let (Some(corner), Some(at)) = (corner, app.crosshair_at()) {
        draw_box(app, view, cells, (corner, at), buffer);
    }
}

/// What lies over a map beside the current one, under the names: the selected samples.
pub(super) fn draw_beside(
    app: &App,
    positions: &[[f32; 2]],
    view: Viewport,
    cells: Rect,
    buffer: &mut Buffer,
) {
    draw_standing_out(app, positions, view, cells, buffer);
}

/// Where the current sample is on a map beside the current one.
pub(super) fn draw_current_beside(
    app: &App,
    positions: &[[f32; 2]],
    view: Viewport,
    cells: Rect,
    buffer: &mut Buffer,
) {
    let current = app
        .samples
        .selection
        .current
        .and_then(|at| positions.get(at));
    let place = current.and_then(|p| cell_at(view, cells, p.map(f64::from)));
    if let Some(at) = place {
        reverse(buffer, at);
    }
}

/// Marks a place: its cell reversed, with a cross if it is empty. Names stay legible: of a wide character
/// both halves are reversed, and spaces within a name stay spaces.
fn reverse(buffer: &mut Buffer, at: (u16, u16)) {
    let before = at.0.checked_sub(1).map(|x| (x, at.1));
    let is_wide = |at| {
        buffer
            .cell(at)
            .is_some_and(|cell| text::width(cell.symbol()) > 1)
    };
    let at = before.filter(|before| is_wide(*before)).unwrap_or(at);
    if let Some(target) = buffer.cell_mut(at) {
        if target.symbol() == " " && !target.modifier.contains(ON_MAP) {
            target.set_symbol("┼");
        }
        target.modifier.remove(Modifier::DIM | ON_MAP);
        target.set_style(Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD));
    }
}

/// The cell at a place. If it is the second half of a wide character of a name, the first half is
/// taken away: a terminal would show the character in place of what is drawn here.
fn whole_cell(buffer: &mut Buffer, at: (u16, u16)) -> Option<&mut Cell> {
    let before = at.0.checked_sub(1).map(|x| (x, at.1));
    if let Some(before) = before.and_then(|before| buffer.cell_mut(before))
        && text::width(before.symbol()) > 1
    {
        before.set_symbol(" ");
    }
    buffer.cell_mut(at)
}

/// Where a place of the map is on the terminal, if it is in the window.
fn cell_at(view: Viewport, cells: Rect, place: [f64; 2]) -> Option<(u16, u16)> {
    let area = Area::new(cells.width, cells.height);
    let [x, y] = view.to_dot(area, place);
    let [across, down] = area.dots();
    (x >= 0.0 && x < across && y >= 0.0 && y < down).then(|| {
        (
            cells.x + (x as u32 / DOTS_ACROSS) as u16,
            cells.y + (y as u32 / DOTS_DOWN) as u16,
        )
    })
}

/// The selected samples, or else those of the pair of classes under the cursor, stand out from the others,
/// which become pale.
fn draw_standing_out(
    app: &App,
    all: &[[f32; 2]],
    view: Viewport,
    cells: Rect,
    buffer: &mut Buffer,
) {
    let selected = app.samples.selection.ids();
    if !selected.is_empty() {
        let ids = selected.iter().map(|id| *id as usize);
        let look = Modifier::BOLD | Modifier::UNDERLINED;
        draw_apart(app, ids, look, (all, view), cells, buffer);
    } else if let (Some((a, b)), Some(labels)) = (app.lit_pair(), app.run.data.labels()) {
        let indices = labels.indices().iter().map(|class| usize::from(*class));
        let ids = indices
            .enumerate()
            .filter(|(_, class)| *class == a || *class == b);
        let ids = ids.map(|(id, _)| id);
        draw_apart(app, ids, Modifier::empty(), (all, view), cells, buffer);
    }
}

/// Draws some samples over the others, which become pale.
fn draw_apart(
    app: &App,
    ids: impl Iterator<Item = usize>,
    stands_out: Modifier,
    (all, view): (&[[f32; 2]], Viewport),
    cells: Rect,
    buffer: &mut Buffer,
) {
    buffer.set_style(cells, style::DIM);
    let area = Area::new(cells.width, cells.height);
    let classes = app.points().classes;
    let known = ids.filter(|id| *id < all.len() && app.is_shown(*id));
    let (positions, classes): (Vec<[f32; 2]>, Vec<u16>) = known
        .map(|id| (all[id], classes.get(id).copied().unwrap_or(UNLABELED)))
        .unzip();
    let look = Look {
        coloring: Coloring::Class,
        ..app.map.look
    };
    let points = Points::new(&positions, &classes);
    let picture = Picture::draw(&points, view, area, look, app.palette, None);
    for (y, line) in (cells.y..cells.bottom()).zip(picture.lines()) {
        for (x, mark) in (cells.x..cells.right()).zip(line) {
            if mark.glyph == ' ' {
                continue;
            }
            if let Some(target) = whole_cell(buffer, (x, y)) {
                target.reset();
                let look = style::ink(mark.ink);
                let look = match mark.ground {
                    Some(_) => look.bg(style::ink(mark.ground).fg.unwrap_or_default()),
                    None => look,
                };
                target.set_char(mark.glyph);
                target.set_style(look.add_modifier(stands_out));
            }
        }
    }
}

/// The ways of the points that moved most at the last flip; `·` marks where each came from.
fn draw_trails(app: &App, view: Viewport, cells: Rect, buffer: &mut Buffer) {
    let ends = app.trail_ends();
    let mut lines = Segments::new(Area::new(cells.width, cells.height));
    for (from, to) in &ends {
        lines.add(view, *from, *to, Stroke::Dotted);
    }
    let starts = ends
        .iter()
        .filter_map(|(from, _)| cell_at(view, cells, *from));
    let starts: Vec<(u16, u16)> = starts.collect();
    let ways = lines
        .cells()
        .map(|(x, y, glyph)| ((cells.x + x, cells.y + y), glyph));
    for (at, glyph) in ways.chain(starts.into_iter().map(|at| (at, '·'))) {
        if let Some(target) = whole_cell(buffer, at)
            && (target.symbol() == " " || glyph == '·')
        {
            target.set_char(glyph).set_style(style::DIM);
        }
    }
}

/// Lines from the current sample to its nearest neighbors in the features.
fn draw_neighbors(app: &App, view: Viewport, cells: Rect, buffer: &mut Buffer) {
    let Some(current) = app.samples.selection.current else {
        return;
    };
    let positions = app.positions();
    let class = |sample: usize| app.run.data.labels().and_then(|l| l.class(sample));
    let Some(from) = positions.get(current) else {
        return;
    };
    let area = Area::new(cells.width, cells.height);
    for differs in [false, true] {
        let neighbors = app.current_neighbors().iter();
        let ends: Vec<[f64; 2]> = neighbors
            .filter(|n| (class(n.sample) != class(current)) == differs)
            .filter_map(|n| positions.get(n.sample))
            .map(|p| p.map(f64::from))
            .collect();
        let (end, look, stroke) = if differs {
            ("×", style::problem(app.palette), Stroke::Solid)
        } else {
            ("○", style::BOLD, Stroke::Dotted)
        };
        let mut lines = Segments::new(area);
        for to in &ends {
            lines.add(view, from.map(f64::from), *to, stroke);
        }
        for (column, row, glyph) in lines.cells() {
            let at = (cells.x + column, cells.y + row);
            if let Some(target) = whole_cell(buffer, at)
                && target.symbol() == " "
            {
                let look = if differs {
                    look.remove_modifier(Modifier::BOLD)
                } else {
                    style::DIM
                };
                target.set_char(glyph).set_style(look);
            }
        }
        for to in ends {
            if let Some(target) = cell_at(view, cells, to).and_then(|at| whole_cell(buffer, at)) {
                target.modifier.remove(Modifier::DIM | ON_MAP);
                target.set_symbol(end).set_style(look);
            }
        }
    }
}

/// The neighbor under the cursor of the Sample panel reversed.
fn draw_pointed(app: &App, view: Viewport, cells: Rect, buffer: &mut Buffer) {
    let pointed = app
        .pointed_neighbor()
        .and_then(|at| app.positions().get(at));
    let place = pointed.and_then(|p| cell_at(view, cells, p.map(f64::from)));
    if let Some(target) = place.and_then(|at| buffer.cell_mut(at)) {
        target.modifier.remove(Modifier::DIM | ON_MAP);
        target.set_style(Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD));
    }
}

/// The crosshair's cell reversed, and its column and row marked on the frame.
pub(super) fn draw_crosshair(
    app: &App,
    view: Viewport,
    (frame, cells): (Rect, Rect),
    buffer: &mut Buffer,
) {
    let Some(at) = app.crosshair_at() else {
        return;
    };
    let Some((x, y)) = cell_at(view, cells, at) else {
        return;
    };
    let mark = style::focus(app.palette);
    reverse(buffer, (x, y));
    let bottom = frame.bottom().saturating_sub(1);
    let right = frame.right().saturating_sub(1);
    for (place, symbol) in [((x, bottom), "▲"), ((frame.x, y), "▶"), ((right, y), "◀")] {
        if let Some(target) = buffer.cell_mut(place) {
            target.set_symbol(symbol).set_style(mark);
        }
    }
}

/// The outline of the box, as far as it is in the window.
fn draw_box(
    app: &App,
    view: Viewport,
    cells: Rect,
    (one, other): ([f64; 2], [f64; 2]),
    buffer: &mut Buffer,
) {
    let area = Area::new(cells.width, cells.height);
    let [a, b] = [one, other].map(|place| {
        let [x, y] = view.to_dot(area, place);
        [
            (x / f64::from(DOTS_ACROSS)).floor() as i64,
            (y / f64::from(DOTS_DOWN)).floor() as i64,
        ]
    });
    let (left, right) = (a[0].min(b[0]), a[0].max(b[0]));
    let (top, bottom) = (a[1].min(b[1]), a[1].max(b[1]));
    let look = style::focus(app.palette);
    let columns = 0..i64::from(cells.width);
    let rows = 0..i64::from(cells.height);
    let mut put = |x: i64, y: i64, symbol: &str| {
        if columns.contains(&x) && rows.contains(&y) {
            let at = (cells.x + x as u16, cells.y + y as u16);
            if let Some(target) = whole_cell(buffer, at) {
                target.set_symbol(symbol).set_style(look);
            }
        }
    };
    for x in left.max(0)..=right.min(i64::from(cells.width)) {
        put(x, top, "─");
        put(x, bottom, "─");
    }
    for y in top.max(0)..=bottom.min(i64::from(cells.height)) {
        put(left, y, "│");
        put(right, y, "│");
    }
    for (x, y, symbol) in [
        (left, top, "┌"),
        (right, top, "┐"),
        (left, bottom, "└"),
        (right, bottom, "┘"),
    ] {
        put(x, y, symbol);
    }
}
