//! Where the list of panels and its entries are on the screen.

use ratatui::layout::Rect;

use super::{PANELS, Panel};

/// Columns of an entry: its key, its name, and room between two.
const COLUMN: u16 = 15;

/// The list with its frame, and the place of each panel in it: in two columns where the screen is low.
pub(crate) fn places(screen: Rect) -> (Rect, Vec<(Panel, Rect)>) {
    let all = PANELS.len() as u16;
    let columns = if all + 3 > screen.height { 2 } else { 1 };
    let rows = all.div_ceil(columns);
    let width = (columns * COLUMN + 4).min(screen.width);
    let height = (rows + 2).min(screen.height);
    let list = Rect::new(
        screen.x + (screen.width - width) / 2,
        screen.y + (screen.height - height) / 2,
        width,
        height,
    );
    let place = |at: u16| {
        let cell = Rect::new(
            list.x + 2 + at / rows * COLUMN,
            list.y + 1 + at % rows,
            COLUMN,
            1,
        );
        cell.intersection(list)
    };
    let panels = PANELS.iter().zip(0..);
    (
        list,
        panels.map(|(panel, at)| (*panel, place(at))).collect(),
    )
}
