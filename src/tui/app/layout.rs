//! Which part of the screen goes where, by size alone.
//!
//! ```text
//! ┌ title ──────────────────────────────────────────────┐   one line
//! │ map                             │ tabs               │   side by side from 76 columns,
//! │ (about square: t-SNE maps are)  │ the chosen panel,  │   on top of each other where it is
//! │                                 │ others that fit    │   narrow and high, else one at a time
//! ├─────────────────────────────────────────────────────┤
//! │ ladder and divergence                                │   from 16 lines
//! │ message, progress or prompt                          │
//! │ keys                                                 │
//! └─────────────────────────────────────────────────────┘
//! ```
//! Nothing is cut off silently: a panel that does not fit is a tab. What has the focus can be zoomed
//! to the whole body. Both drawing and mouse clicks ask here.

use ratatui::layout::Rect;

use super::panels::{PANELS, Panel};

/// The smallest terminal that is drawn to (columns, rows).
pub(crate) const SMALLEST: (u16, u16) = (40, 12);
/// From this width on, panels stand beside the map.
const SIDE_BY_SIDE: u16 = 76;
/// From this width on, panels stand beside several maps.
const SIDE_BY_SEVERAL: u16 = 130;
/// The narrowest and widest that the panels become beside the map.
const PANEL_WIDTHS: (u16, u16) = (40, 96);
/// Columns of the panels beside several maps.
const SIDE_OF_SEVERAL: u16 = 56;
/// From this height of the body on, a narrow terminal shows the map above a panel.
const STACKED: u16 = 24;
/// A divergence panel fills what is left from this height on.
const FILLER: u16 = 6;

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Layout {
    /// The first line.
    pub(crate) title: Rect,
    /// The map with its frame, if it is shown.
    pub(crate) map: Option<Rect>,
    /// The line of tabs, if there are any to see.
    pub(crate) tabs: Option<Rect>,
    /// The panels shown with their frames, from the top.
    pub(crate) panels: Vec<(Panel, Rect)>,
    /// Room left below them, for the divergence.
    pub(crate) filler: Option<Rect>,
    /// Ladder and divergence, if there is room.
    pub(crate) status: Option<Rect>,
    /// Messages, progress, prompts.
    pub(crate) message: Rect,
    /// The keys.
    pub(crate) footer: Rect,
    /// True where the map is one of the tabs, because it does not share the screen.
    pub(crate) one_at_a_time: bool,
}

impl Layout {
    /// The rectangle of a panel, if it is shown.
    pub(crate) fn panel(&self, panel: Panel) -> Option<Rect> {
        self.panels
            .iter()
            .find_map(|(p, rect)| (*p == panel).then_some(*rect))
    }
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// The chosen panel.
    pub(crate) panel: Panel,
    /// True if the map has the focus, false if the panel has.
    pub(crate) on_map: bool,
    /// What has the focus takes the whole body.
    pub(crate) zoomed: bool,
    /// How many maps share the map's place.
    pub(crate) maps: usize,
}

/// Lays out a screen, or `None` if it is smaller than [`SMALLEST`]. `wishes` are the lines that
/// each of [`PANELS`] would like, its frame included.
pub(crate) fn arrange(area: Rect, chosen: Chosen, wishes: &[u16]) -> Option<Layout> {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return None;
    }
    let line = |row: u16| Rect::new(area.x, area.y + row, area.width, 1);
    let status_lines = u16::from(area.height >= 16);
    let body = Rect::new(
        area.x,
        area.y + 1,
        area.width,
        area.height - 3 - status_lines,
    );
    let mut screen = Layout {
        title: line(0),
        status: (status_lines > 0).then(|| line(area.height - 3)),
        message: line(area.height - 2),
        footer: line(area.height - 1),
        ..Layout::default()
    };
    let wish = |panel: Panel| wishes.get(panel.index()).copied().unwrap_or(0);
    let crowded = chosen.maps > 1 && body.width < SIDE_BY_SEVERAL;
    if chosen.on_map && (chosen.zoomed || crowded) {
        screen.map = Some(body);
    } else if chosen.zoomed {
        let (tabs, rest) = split_rows(body, 1);
        screen.tabs = Some(tabs);
        screen.panels = vec![(chosen.panel, rest)];
    } else if body.width >= SIDE_BY_SIDE {
        let (map, side) = split_columns(body, chosen.maps);
        screen.map = Some(map);
        screen.stack(side, chosen.panel, wish);
    } else if body.height >= STACKED {
        let most = wishes.iter().copied().max().unwrap_or(0).max(8);
        let below = (body.height / 2).min(most + 1);
        let (map, rest) = split_rows(body, body.height - below);
        screen.map = Some(map);
        screen.stack(rest, chosen.panel, wish);
    } else {
        screen.one_at_a_time = true;
        let (tabs, rest) = split_rows(body, 1);
        screen.tabs = Some(tabs);
        if chosen.on_map {
            screen.map = Some(rest);
        } else {
            screen.panels = vec![(chosen.panel, rest)];
        }
    }
    Some(screen)
}

/// Map and panels beside each other: the map about square, the panels within their limits. Several
/// maps take what the narrowest panels leave.
fn split_columns(body: Rect, maps: usize) -> (Rect, Rect) {
    // Two cells of frame each way; a cell is twice as high as wide.
    let square = (2 * body.height).saturating_sub(2);
    let narrowest = (body.width * 2 / 5).clamp(PANEL_WIDTHS.0, PANEL_WIDTHS.1);
    let side = body
        .width
        .saturating_sub(square)
        .clamp(narrowest, PANEL_WIDTHS.1)
        .min(body.width * 11 / 20);
    let side = if maps > 1 {
        side.min(SIDE_OF_SEVERAL)
    } else {
        side
    };
    let map = Rect {
        width: body.width - side,
        ..body
    };
    let side = Rect {
        x: map.right(),
        width: side,
        ..body
    };
    (map, side)
}

/// The upper `rows` rows and the rest.
fn split_rows(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (
        Rect {
            height: rows,
            ..area
        },
        Rect {
            y: area.y + rows,
            height: area.height - rows,
            ..area
        },
    )
}

impl Layout {
    /// Tabs, and below them the chosen panel and the others as far as they fit whole; what is left
    /// goes to the divergence, or to the last of them.
    fn stack(&mut self, area: Rect, chosen: Panel, wish: impl Fn(Panel) -> u16) {
        let (tabs, area) = split_rows(area, 1);
        self.tabs = Some(tabs);
        let mut left = area.height.saturating_sub(wish(chosen));
        let mut shown = vec![chosen];
        for panel in PANELS.iter().copied() {
            let lines = wish(panel);
            if panel != chosen && lines > 0 && lines <= left {
                left -= lines;
                shown.push(panel);
            }
        }
        let mut rest = area;
        for panel in PANELS.iter().copied().filter(|p| shown.contains(p)) {
            let (here, below) = split_rows(rest, wish(panel));
            self.panels.push((panel, here));
            rest = below;
        }
        if rest.height >= FILLER {
            self.filler = Some(rest);
        } else if let Some((_, last)) = self.panels.last_mut() {
            last.height += rest.height;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes() -> Vec<u16> {
        let wish = |panel| match panel {
            Panel::Classes => 10,
            Panel::Neighbors | Panel::Runs => 9,
            _ => 0,
        };
        PANELS.iter().map(|p| wish(*p)).collect()
    }

    fn at(width: u16, height: u16, focus: Option<Panel>, zoomed: bool) -> Layout {
        let chosen = Chosen {
            panel: focus.unwrap_or(Panel::Classes),
            on_map: focus.is_none(),
            zoomed,
            maps: 1,
        };
        arrange(Rect::new(0, 0, width, height), chosen, &wishes()).unwrap()
    }

    #[test]
    fn everything_stays_within_the_screen_and_apart() {
        let focuses = PANELS.iter().map(|p| Some(*p)).chain([None]);
        let focuses: Vec<Option<Panel>> = focuses.collect();
        for width in (SMALLEST.0..=130).chain([200, 220, 300, 1000]) {
            for height in SMALLEST.1..=60 {
                for (focus, zoomed) in focuses.iter().flat_map(|f| [(*f, false), (*f, true)]) {
                    let screen = at(width, height, focus, zoomed);
                    let mut parts = vec![screen.title, screen.message, screen.footer];
                    parts.extend(screen.status);
                    parts.extend(screen.map);
                    parts.extend(screen.tabs);
                    parts.extend(screen.panels.iter().map(|p| p.1));
                    parts.extend(screen.filler);
                    let full = Rect::new(0, 0, width, height);
                    let sum: u32 = parts.iter().map(|p| p.area()).sum();
                    assert_eq!(sum, full.area(), "{width}×{height} {focus:?}");
                    assert!(parts.iter().all(|p| full.intersection(*p) == *p));
                    if let Some(panel) = focus {
                        assert!(screen.panel(panel).is_some());
                    } else {
                        assert!(screen.map.is_some());
                    }
                }
            }
        }
    }

    #[test]
    fn the_usual_sizes_show_what_they_should() {
        let small = at(80, 24, None, false);
        assert_eq!(small.map.unwrap().width, 38);
        assert_eq!(small.panels[0].0, Panel::Classes);
        let large = at(200, 50, None, false);
        let panels: Vec<Panel> = large.panels.iter().map(|p| p.0).collect();
        assert_eq!(panels, [Panel::Classes, Panel::Neighbors, Panel::Runs]);
        assert!(large.filler.is_some());
        let tiny = at(40, 12, None, false);
        assert!(tiny.one_at_a_time && tiny.tabs.is_some() && tiny.map.is_some());
        assert!(at(40, 12, Some(Panel::Runs), false).map.is_none());
        assert!(at(200, 50, Some(Panel::Runs), true).map.is_none());
        assert!(at(200, 50, None, true).panels.is_empty());
        let chosen = Chosen {
            panel: Panel::Classes,
            on_map: true,
            zoomed: false,
            maps: 1,
        };
        let maps = |maps| Chosen { maps, ..chosen };
        let area = |width| Rect::new(0, 0, width, 24);
        // Several maps need the room of the panels, or most of it.
        let several = arrange(area(80), maps(2), &wishes()).unwrap();
        assert_eq!((several.map.unwrap().width, several.panels.len()), (80, 0));
        let several = arrange(area(200), maps(2), &wishes()).unwrap();
        assert_eq!(several.map.unwrap().width, 144);
        assert_eq!(arrange(Rect::new(0, 0, 39, 50), chosen, &wishes()), None);
    }
}
