//! Where the classes' names stand: drawing and mouse clicks ask the same functions.

use ratatui::layout::Rect;

/// Lines above the entries in the panel of classes: its frame and two lines of headings.
const ABOVE: u16 = 3;
/// Lines below them: the line of all classes and the frame.
const BELOW: u16 = 2;

/// The lines of a panel's entries.
pub(crate) fn entry_rows(panel: Rect) -> Rect {
    Rect {
        x: panel.x + 1,
        y: panel.y + ABOVE.min(panel.height),
        width: panel.width.saturating_sub(2),
        height: panel.height.saturating_sub(ABOVE + BELOW),
    }
}

/// An entry of the line below the map: from which column on, how wide, which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item {
    /// First column, from the left end of the line.
    pub(crate) start: usize,
    /// Columns.
    pub(crate) width: usize,
    /// The entry.
    pub(crate) entry: usize,
}

/// Places as many entries as fit on a line of `columns`, given their widths; each is followed by
/// two spaces. Room is kept for saying how many more there are.
pub(crate) fn line(widths: &[usize], columns: usize) -> Vec<Item> {
    const GAP: usize = 2;
    const MORE: usize = 6;
    let all: usize = widths.iter().map(|w| w + GAP).sum();
    let reserved = if all <= columns + GAP { 0 } else { GAP + MORE };
    let mut items = Vec::new();
    let mut start = 0;
    for (entry, &width) in widths.iter().enumerate() {
        if start + width + reserved > columns {
            break;
        }
        items.push(Item {
            start,
            width,
            entry,
        });
        start += width + GAP;
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_do_not_fit_leave_room_for_a_remark() {
        let starts = |columns| {
            line(&[5, 5, 5], columns)
                .iter()
                .map(|i| i.start)
                .collect::<Vec<_>>()
        };
        assert_eq!(starts(18), [0]);
        assert_eq!(starts(19), [0, 7, 14]);
        assert_eq!(starts(13), [0]);
        assert!(starts(4).is_empty());
    }

    #[test]
    fn a_panel_of_frames_alone_has_no_rows() {
        assert_eq!(entry_rows(Rect::new(0, 0, 40, 3)).height, 0);
    }
}
