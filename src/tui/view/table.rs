//! Tables: which columns of a content fit and how wide they are, and the cells of its lines.

use crate::tui::app::panels::PanelState;
use crate::tui::app::panels::content::{BARS_FROM, Column, Content, Line, Role};

/// A column that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) column: usize,
    /// How wide it is.
    pub(super) width: usize,
}

/// A cell of a line.
pub(super) struct Cell {
    /// What it shows.
    pub(super) line: Line,
    /// How wide it is.
    pub(super) columns: usize,
    /// Its text stands at the right.
    pub(super) at_right: bool,
    /// How plain text in it looks.
    pub(super) role: Role,
}

/// The columns that fit into a width, from the left. Those of lower priority are left out, wide ones
/// become narrow, and what is left over goes to those that grow. Of the columns that scroll, those
/// from `first` on are shown.
pub(super) fn place(columns: &[Column<'_, usize>], width: usize, first: usize) -> Vec<Place> {
    let mut widths: Vec<usize> = columns
        .iter()
        .map(|c| {
            if c.shape.priority == 0 {
                c.shape.width
            } else {
                0
            }
        })
        .collect();
    let scrolled = |at: &usize| columns[*at].shape.scrolls;
    let scrolling: Vec<usize> = (0..columns.len()).filter(scrolled).collect();
    let mut left = width;
    for (at, width) in widths.iter_mut().enumerate() {
        if scrolled(&at) {
            *width = 0;
        } else {
            left = left.saturating_sub(*width);
        }
    }
    if let Some(each) = scrolling.first().map(|at| columns[*at].shape.width.max(1)) {
        let fitting = (left / each).min(scrolling.len());
        let first = first.min(scrolling.len() - fitting);
        for at in &scrolling[first..first + fitting] {
            widths[*at] = each;
        }
        left -= fitting * each;
    }
    let last = |c: &Column<'_, usize>| c.shape.wide.map_or(0, |(at, _)| at).max(c.shape.priority);
    for priority in 1..=columns.iter().map(last).max().unwrap_or(0).max(BARS_FROM) {
        if priority == NAMES_FROM || priority == BARS_FROM {
            left = room_for_names(columns, &mut widths, left);
        }
        if priority == BARS_FROM {
            left = room_for_headings(columns, &mut widths, left);
        }
        let wanted: Vec<(usize, usize)> = (0..columns.len())
            .filter_map(|at| Some((at, wanted(&columns[at], priority, widths[at])?)))
            .collect();
        let more: usize = wanted.iter().map(|(at, width)| width - widths[*at]).sum();
        if more <= left {
            left -= more;
            for (at, width) in wanted {
                widths[at] = width;
            }
        }
    }
    grow(columns, &mut widths, left);
    let places = widths.into_iter().enumerate();
    let places = places.map(|(column, width)| Place { column, width });
    places.filter(|place| place.width > 0).collect()
}

/// Names have their room before columns of this priority.
const NAMES_FROM: u8 = 3;

/// Widens columns to names in full, as far as there is room; says what is left.
fn room_for_names(columns: &[Column<'_, usize>], widths: &mut [usize], mut left: usize) -> usize {
    for (column, width) in columns.iter().zip(widths) {
        if *width > 0 {
            let more = column.shape.names.saturating_sub(*width).min(left);
            *width += more;
            left -= more;
        }
    }
    left
}

/// Columns of names that are not taken for headings.
const NAMES: usize = 24;

/// Widens columns to their full headings, from the left as far as names leave room; says what is left.
fn room_for_headings(columns: &[Column<'_, usize>], widths: &mut [usize], left: usize) -> usize {
    let grows = |(column, width): (&Column<'_, usize>, &mut usize)| match column.shape.grow {
        Some((_, most)) if *width > 0 && !column.shape.at_right => {
            most.min(NAMES).saturating_sub(*width)
        }
        _ => 0,
    };
    let kept: usize = columns.iter().zip(widths.iter_mut()).map(grows).sum();
    let mut room = left.saturating_sub(kept);
    let before = room;
    for (column, width) in columns.iter().zip(widths) {
        let more = column.heading_width().saturating_sub(*width);
        if *width > 0 && more <= room {
            *width += more;
            room -= more;
        }
    }
    left - (before - room)
}

/// The width that a column gets at a priority, if it gets any.
fn wanted(column: &Column<'_, usize>, priority: u8, width: usize) -> Option<usize> {
    let shape = &column.shape;
    match shape.wide {
        Some((at, wide)) if at == priority && wide > width && width > 0 => Some(wide),
        _ => (shape.priority == priority).then_some(shape.width),
    }
}

/// Gives what is left to the columns that grow, an equal part to each of a rank.
fn grow(columns: &[Column<'_, usize>], widths: &mut [usize], mut left: usize) {
    for rank in 0..=1 {
        let most = |at: &usize| match columns[*at].shape.grow {
            Some((own, most)) if own == rank && widths[*at] > 0 => Some((*at, most)),
            _ => None,
        };
        let growing: Vec<(usize, usize)> = (0..widths.len()).filter_map(|at| most(&at)).collect();
        let each = left / growing.len().max(1);
        for (at, most) in growing {
            let more = each.min(most.saturating_sub(widths[at]));
            widths[at] += more;
            left -= more;
        }
    }
}

/// The lines of headings.
pub(super) fn headings(
    content: &Content<'_>,
    placed: &[Place],
    state: &PanelState,
) -> Vec<Vec<Cell>> {
    let mut lines = Vec::new();
    if content.heading_lines() > 1 {
        let group = |at: usize| {
            let group = content.columns[at].group.clone();
            group.unwrap_or_default()
        };
        lines.push(spread(content, placed, |at, columns| {
            // A blank stands before it.
            group(at).fitting(columns.saturating_sub(1))
        }));
    }
    if content.heading_lines() > 0 {
        let heading = |place: &Place| {
            let column = &content.columns[place.column];
            let heading = content.heading(place.column, place.width, state);
            cell(content, place, Line::of(heading, column.heading_role))
        };
        lines.push(placed.iter().map(heading).collect());
    }
    lines
}

/// The line of all rows together.
pub(super) fn sums(content: &Content<'_>, placed: &[Place]) -> Vec<Cell> {
    let sum = |at: usize, columns| {
        let sum = content.columns[at].sum.clone().unwrap_or_default();
        sum.fitting(columns)
    };
    spread(content, placed, sum)
}

/// The line of a row.
pub(super) fn row(content: &Content<'_>, placed: &[Place], row: usize) -> Vec<Cell> {
    let cell = |place: &Place| {
        let line = content.columns[place.column].of(row, place.width);
        cell(content, place, line.fitting(place.width))
    };
    placed.iter().map(cell).collect()
}

fn cell(content: &Content<'_>, place: &Place, line: Line) -> Cell {
    let column = &content.columns[place.column];
    Cell {
        line,
        columns: place.width,
        at_right: column.shape.at_right,
        role: column.role,
    }
}

/// A line in which text at the right may reach over empty cells to its left.
fn spread(
    content: &Content<'_>,
    placed: &[Place],
    line: impl Fn(usize, usize) -> Line,
) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for place in placed {
        let empty = match cells.last() {
            Some(before) if before.line.spans.is_empty() => before.columns,
            _ => 0,
        };
        let is_right = content.columns[place.column].shape.at_right;
        let reach = if is_right {
            place.width + empty
        } else {
            place.width
        };
        let found = line(place.column, reach);
        if is_right && empty > 0 {
            cells.pop();
        }
        let place = Place {
            width: reach,
            ..*place
        };
        cells.push(cell(content, &place, found));
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(columns: &[Column<'_, usize>], width: usize, first: usize) -> Vec<(usize, usize)> {
        let places = place(columns, width, first).into_iter();
        places.map(|place| (place.column, place.width)).collect()
    }

    #[test]
    fn columns_are_left_out_and_widened_by_priority() {
        let columns = [
            Column::text("name", 5).grow(20),
            Column::number("a", 6),
            Column::number("b", 6).priority(1),
            Column::number("c", 6).priority(2).wide(3, 9),
        ];
        assert_eq!(widths(&columns, 11, 0), [(0, 5), (1, 6)]);
        assert_eq!(widths(&columns, 17, 0), [(0, 5), (1, 6), (2, 6)]);
        assert_eq!(widths(&columns, 25, 0), [(0, 7), (1, 6), (2, 6), (3, 6)]);
        assert_eq!(widths(&columns, 30, 0), [(0, 9), (1, 6), (2, 6), (3, 9)]);
        assert_eq!(widths(&columns, 90, 0)[0], (0, 20));
    }

    #[test]
    fn names_are_whole_before_columns_that_matter_less_and_bars() {
        let columns = [
            Column::text("name", 5).names(9),
            Column::number("a", 6).bar(1, |_| None),
            Column::number("b", 6).priority(1),
            Column::number("c", 6).priority(3),
        ];
        assert_eq!(widths(&columns, 17, 0), [(0, 5), (1, 6), (2, 6)]);
        assert_eq!(widths(&columns, 21, 0), [(0, 9), (1, 6), (2, 6)]);
        assert_eq!(widths(&columns, 26, 0), [(0, 9), (1, 6), (2, 6)]);
        assert_eq!(widths(&columns, 27, 0)[3], (3, 6));
        assert_eq!(widths(&columns, 33, 0)[..2], [(0, 9), (1, 12)]);
    }

    #[test]
    fn headings_stand_in_full_where_names_leave_room() {
        let columns = [
            Column::text("name", 5).grow(20),
            Column::number("trustworthiness", 6).short("trust"),
        ];
        assert_eq!(widths(&columns, 11, 0), [(0, 5), (1, 6)]);
        assert_eq!(widths(&columns, 35, 0), [(0, 20), (1, 6)]);
        assert_eq!(widths(&columns, 36, 0), [(0, 20), (1, 16)]);
    }

    #[test]
    fn columns_that_scroll_fill_what_the_others_leave() {
        let mut columns = vec![Column::text("name", 10)];
        columns.extend((0..5).map(|_| Column::number("", 4).scrolls()));
        let shown = |first| {
            let places = widths(&columns, 22, first).into_iter();
            places.map(|(column, _)| column).collect::<Vec<_>>()
        };
        assert_eq!(shown(0), [0, 1, 2, 3]);
        assert_eq!(shown(1), [0, 2, 3, 4]);
        assert_eq!(shown(9), [0, 3, 4, 5]);
    }
}
