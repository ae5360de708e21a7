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

/// Places as many entries as fit on a line of `columns`, given their numbers and widths; each is followed by
/// two spaces. Where that is not all of them, room is kept for saying how many more there are.
pub(crate) fn line(entries: &[(usize, usize)], all: usize, columns: usize) -> Vec<Item> {
    const GAP: usize = 2;
    let needed: usize = entries.iter().map(|(_, width)| width + GAP).sum();
    let reserved = if entries.len() == all && needed <= columns + GAP {
        0
    } else {
        // "+12"
        GAP + 1 + all.to_string().len()
    };
    let mut items = Vec::new();
    let mut start = 0;
    for &(entry, width) in entries {
        if start + width + reserved <= columns {
            items.push(Item {
                start,
                width,
                entry,
            });
            start += width + GAP;
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_do_not_fit_leave_room_for_a_remark() {
        let starts = |columns| {
            line(&[(4, 5), (7, 5), (9, 5)], 3, columns)
                .iter()
                .map(|i| (i.entry, i.start))
                .collect::<Vec<_>>()
        };
        assert_eq!(starts(18), [(4, 0), (7, 7)]);
        assert_eq!(starts(19), [(4, 0), (7, 7), (9, 14)]);
        assert_eq!(starts(15), [(4, 0)]);
        assert!(starts(4).is_empty());
        // A narrower one takes the room that a wide one leaves.
        let narrow = line(&[(0, 5), (1, 9), (2, 2)], 3, 13);
        assert_eq!(narrow.iter().map(|i| i.entry).collect::<Vec<_>>(), [0, 2]);
    }
}
