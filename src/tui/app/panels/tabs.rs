//! The line of tabs: which fit, and what each leads to.

use super::{PANELS, Panel};
use crate::text;

/// A tab: from which column on, how wide, and what it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tab {
    /// First column, from the left end of the line.
    pub(crate) start: usize,
    /// Columns.
    pub(crate) width: usize,
    pub(crate) leads: Leads,
}

/// What a click on the line of tabs leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leads {
    /// The map, where it is one of the tabs.
    Map,
    Panel(Panel),
    /// The list of panels, for so many that are not shown at this end.
    More(usize),
}

impl Leads {
    /// What the tab says, given how panels are called.
    pub(crate) fn label(self, name: impl Fn(Panel) -> &'static str) -> String {
        match self {
            Self::Map => "Map".into(),
            Self::Panel(panel) => name(panel).into(),
            Self::More(more) => format!("+{more}"),
        }
    }
}

/// Columns between two tabs: a line, with spaces around it where there is room.
pub(crate) fn between(columns: usize) -> usize {
    if columns < 60 { 1 } else { 3 }
}

/// Columns kept at an end for telling how many tabs are beyond it.
const BEYOND: usize = 3;

/// Places as many tabs as fit on a line around the chosen one. The map is among them where it
/// does not share the screen.
pub(crate) fn tabs(
    with_map: bool,
    chosen: Leads,
    columns: usize,
    name: impl Fn(Panel) -> &'static str,
) -> Vec<Tab> {
    let mut all: Vec<Leads> = Vec::with_capacity(PANELS.len() + 1);
    if with_map {
        all.push(Leads::Map);
    }
    all.extend(PANELS.iter().map(|panel| Leads::Panel(*panel)));
    let widths: Vec<usize> = all.iter().map(|t| text::width(&t.label(&name))).collect();
    let at = all.iter().position(|t| *t == chosen).unwrap_or(0);
    let (first, end) = window(&widths, at, columns);
    let mut shown: Vec<Leads> = Vec::new();
    if first > 0 {
        shown.push(Leads::More(first));
    }
    shown.extend_from_slice(&all[first..end]);
    if end < all.len() {
        shown.push(Leads::More(all.len() - end));
    }
    let mut start = 0;
    shown
        .into_iter()
        .map(|leads| {
            let width = text::width(&leads.label(&name));
            let tab = Tab {
                start,
                width,
                leads,
            };
            start += width + between(columns);
            tab
        })
        .collect()
}

/// The tabs around the chosen one that fit with what stands at the ends.
fn window(widths: &[usize], at: usize, columns: usize) -> (usize, usize) {
    let between = between(columns);
    let needed = |first: usize, end: usize| {
        let tabs: usize = widths[first..end].iter().map(|w| w + between).sum();
        let beyond = usize::from(first > 0) + usize::from(end < widths.len());
        (tabs + beyond * (BEYOND + between)).saturating_sub(between)
    };
    let (mut first, mut end) = (at, (at + 1).min(widths.len()));
    // From the left as far as the chosen one allows: tabs move only where they have to.
    while first > 0 && needed(first - 1, end) <= columns {
        first -= 1;
    }
    while end < widths.len() && needed(first, end + 1) <= columns {
        end += 1;
    }
    (first, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_that_do_not_fit_are_counted_at_the_ends() {
        for columns in 8..120 {
            for with_map in [false, true] {
                for panel in PANELS {
                    let chosen = Leads::Panel(*panel);
                    let tabs = tabs(with_map, chosen, columns, Panel::label);
                    let mut there = 0;
                    for tab in &tabs {
                        there += match tab.leads {
                            Leads::More(n) => n,
                            _ => 1,
                        };
                    }
                    assert_eq!(there, PANELS.len() + usize::from(with_map));
                    assert!(tabs.iter().any(|t| t.leads == chosen));
                    let last = tabs.last().unwrap();
                    let room = last.start + last.width <= columns;
                    assert!(room || tabs.len() <= 3, "{columns} {tabs:?}");
                }
            }
        }
        let wide = tabs(true, Leads::Map, 200, Panel::label);
        assert_eq!(wide.len(), PANELS.len() + 1);
        assert_eq!((wide[1].start, wide[1].width), (6, 7));
    }
}
