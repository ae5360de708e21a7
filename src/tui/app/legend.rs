//! Where the names of the classes stand on the line below the map: drawing and mouse clicks ask the
//! same function.

/// An entry of the line below the map: from which column on, how wide, which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item {
    /// First column, from the left end of the line.
    pub(crate) start: usize,
    /// Columns.
    pub(crate) width: usize,
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
}
