//! The names of the classes on a map, each with an empty cell on both sides.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::style;
use crate::picture::Coloring;
use crate::raster::Area;
use crate::raster::names::NamePlace;
use crate::tui::app::App;
use crate::tui::terminal::wire::ON_MAP;

/// Writes the names over the map's cells.
pub(super) fn draw(app: &App, places: &[NamePlace], cells: Rect, buffer: &mut Buffer) {
    let area = Area::new(cells.width, cells.height);
    for place in places {
        let name = app.name_on_map(place.class, area);
        let (x, y) = (cells.x + place.column, cells.y + place.row);
        let look = match app.map.look.coloring {
            Coloring::Class => style::ink(app.palette.text_color(place.class)).patch(style::BOLD),
            _ => style::BOLD,
        };
        let look = look.add_modifier(ON_MAP);
        let text = format!(" {name} ");
        let width = usize::from(place.width);
        // What the name covers must not shine through.
        for column in x..x + place.width {
            if let Some(cell) = buffer.cell_mut((column, y)) {
                cell.reset();
            }
        }
        buffer.set_stringn(x, y, text, width, look);
    }
}
