//! The key table: which key does what, in words.
//!
//! One table makes the keys work and writes the footer and the help, so that they cannot
//! disagree. The table is searched for the current [`Context`] first, then for the wider ones
//! around it: a panel's own keys, those of all panels, those of the map.

use crate::tui::app::action::Direction::{self, Back, Forward};
use crate::tui::app::action::{Action, Choose, LineAction, LookAction, Move, Pick, RunAction, Way};
use crate::tui::app::context::{Binding, Context, row};
use crate::tui::app::panels::{PANELS, Panel};
use crate::tui::terminal::input::Key;

const DIGITS: &[Key] = &[
    Key::Char('1'),
    Key::Char('2'),
    Key::Char('3'),
    Key::Char('4'),
    Key::Char('5'),
    Key::Char('6'),
    Key::Char('7'),
    Key::Char('8'),
    Key::Char('9'),
];

const DIRECTIONS: &[Key] = &[
    Key::Left,
    Key::Char('h'),
    Key::Down,
    Key::Char('j'),
    Key::Up,
    Key::Char('k'),
    Key::Right,
    Key::Char('l'),
];

const UP_OR_DOWN: &[Key] = &[Key::Up, Key::Char('k'), Key::Down, Key::Char('j')];

/// The order of the keys in [`DIRECTIONS`].
const WAYS: [Way; 4] = [Way::Left, Way::Down, Way::Up, Way::Right];

/// Back for the keys before `split`, forward from there.
fn direction(at: usize, split: usize) -> Direction {
    if at < split { Back } else { Forward }
}

/// On the map, and in panels whose own keys are others.
#[rustfmt::skip]
const MAP: &[Binding] = &[
    row(&[Key::Char(' ')], "space", |_| Action::Run(RunAction::TogglePause), "pause", "pause or resume; once finished: more iterations").named(&["pause"]),
    row(&[Key::Char('['), Key::Char(']')], "[ ]", |at| Action::Run(RunAction::Perplexity(Pick::Next(direction(at, 1)))), "perplexity", "next lower or higher perplexity of the list; maps visited before are kept").named(&["lower-perplexity", "higher-perplexity"]),
    row(&[Key::Tab, Key::BackTab], "Tab", |at| Action::Panel(if at == 0 { Forward } else { Back }), "panel", "go from the map to the panels, then to the next panel (Shift: previous); Esc goes back to the map").named(&["next-panel", "previous-panel"]),
    row(&[Key::Char('G')], "G", |_| Action::PanelMenu, "panels", "list all panels; the key shown beside a panel goes there").named(&["panels"]),
    row(&[Key::Char('c')], "c", |_| Action::Show(Panel::Classes), "classes", "focus the Classes panel, to show or hide classes").named(&["panel-classes"]),
    row(&[Key::Char('z')], "z", |_| Action::Zoomed, "whole screen", "let the focused map or panel fill the screen; again: back").named(&["whole-screen"]),
    row(&[Key::Char('+'), Key::Char('='), Key::Char('-'), Key::Char('_')], "+ -", |at| Action::Zoom(if at < 2 { Forward } else { Back }), "zoom", "zoom in or out (mouse wheel: at the pointer)").named(&["zoom-in", "zoom-out"]),
    row(&[Key::Char('f'), Key::Char('0')], "f", |_| Action::Fit, "fit", "show the whole map and follow it as it grows (also 0)").named(&["fit"]),
    row(&[Key::Esc], "Esc", |_| Action::WholeMap, "", "back to the whole map, then out of a map that fills the screen").named(&["whole-map"]),
    row(DIRECTIONS, "arrows", |at| Action::Pan(WAYS[at / 2 % 4]), "", "pan the map (also hjkl, or drag with the mouse)").named(&["move-map-left", "move-map-down", "move-map-up", "move-map-right"]),
    row(DIGITS, "1-9", Action::ToggleClass, "", "show or hide one of the first nine classes (or click it)").named(&["toggle-class-1", "toggle-class-2", "toggle-class-3", "toggle-class-4", "toggle-class-5", "toggle-class-6", "toggle-class-7", "toggle-class-8", "toggle-class-9"]),
    row(&[Key::Char('a')], "a", |_| Action::ShowAll, "", "show all classes").named(&["show-all-classes"]),
    row(&[Key::Char('x')], "x", |_| Action::Choose(Choose::ToggleCrosshair), "crosshair", "a crosshair on the map that moves from sample to sample; again: remove it").named(&["crosshair"]),
    row(&[Key::Char('b')], "b", |_| Action::Choose(Choose::StartBox), "", "select the samples in a box (mouse: right button, or Ctrl and left)").named(&["box"]),
    row(&[Key::Char('A')], "A", |_| Action::Choose(Choose::SelectClass), "", "select the current sample's class, or the one under the cursor in the Classes panel").named(&["select-class"]),
    row(&[Key::Char('B')], "B", |_| Action::Choose(Choose::SelectInView), "", "select all samples of shown classes in the window").named(&["select-view"]),
    row(&[Key::Char('X')], "X", |_| Action::Choose(Choose::ClearSelection), "", "clear the selection").named(&["select-none"]),
    row(&[Key::Char('/')], "/", |_| Action::Choose(Choose::AskFind), "find", "search for a sample by its id or number, a class, a panel or a command, as you type").named(&["find"]),
    row(&[Key::Char('N'), Key::Char('n')], "n N", |at| Action::Choose(Choose::FindNext(direction(at, 1))), "", "next or previous match").named(&["previous-match", "next-match"]),
    row(&[Key::Char('y')], "y", |_| Action::Look(LookAction::NeighborLines(Pick::Next(Forward))), "", "show or hide lines to the current sample's neighbors in the features: ○ same label, × another").named(&["neighbor-lines"]),
    row(&[Key::Char('Y')], "Y", |_| Action::Look(LookAction::Names(Pick::Next(Forward))), "", "show or hide the names of the classes on the map").named(&["names"]),
    row(&[Key::Char('u'), Key::Ctrl('r')], "u", |at| [Action::Choose(Choose::Undo), Action::Choose(Choose::Redo)][at % 2], "", "undo the last change of the selection or of the shown classes (Ctrl-R: redo); after a new seed, go back to the previous map").named(&["undo", "redo"]),
    row(&[Key::Char('e')], "e", |_| Action::Choose(Choose::AskSaveSelection), "", "save the selected samples ({selection})").named(&["save-selection"]),
    row(&[Key::Char('M'), Key::Char('m')], "m M", |at| Action::Model(Pick::Next(direction(at, 1))), "model", "the same layer of the next or previous model").named(&["previous-model", "next-model"]),
    row(&[Key::Char(','), Key::Char('.')], ", .", |at| Action::Layer(direction(at, 1)), "layer", "previous or next layer of the model").named(&["previous-layer", "next-layer"]),
    row(&[Key::Char('T')], "T", |_| Action::Look(LookAction::Trails(Pick::Next(Forward))), "", "show or hide the paths of the points that moved most at the last switch between sets").named(&["trails"]),
    row(&[Key::Char('|')], "|", |_| Action::NextCount, "", "one, two or four maps at once; the selection is highlighted in all of them").named(&["number-of-maps"]),
    row(&[Key::Char('\\')], "\\", |_| Action::NextKind, "", "several maps: by perplexity and seed, or by model and layer").named(&["kind-of-maps"]),
    row(&[Key::Char('I'), Key::Char('i')], "i I", |at| Action::NextMap(direction(at, 1)), "", "to the next or previous of several maps (or click it)").named(&["previous-map", "next-map"]),
    row(&[Key::Char('t')], "t", |_| Action::SwitchSpace, "features/map", "neighbor table of the features or of the map").named(&["features-or-map"]),
    row(&[Key::Char('<'), Key::Char('>')], "< >", |at| Action::Run(RunAction::TableK(Pick::Next(direction(at, 1)))), "k", "fewer or more neighbors per sample in the tables").named(&["fewer-neighbors", "more-neighbors"]),
    row(&[Key::Char('U'), Key::Char('D')], "D U", |at| Action::ScrollRows(Move::Row(direction(at, 1))), "", "scroll the tables down or up (page down, page up: by ten rows)").named(&["scroll-up", "scroll-down"]),
    row(&[Key::PageUp, Key::PageDown], "", |at| Action::ScrollRows(Move::Page(direction(at, 1))), "", "").named(&["page-up", "page-down"]),
    row(&[Key::Char('H'), Key::Char('L')], "H L", |at| Action::ScrollColumns(direction(at, 1)), "", "scroll the neighbor table left or right").named(&["scroll-left", "scroll-right"]),
    row(&[Key::Char('p')], "p", |_| Action::Run(RunAction::AskPerplexity), "", "type a perplexity").named(&["type-perplexity"]),
    row(&[Key::Char('s')], "s", |_| Action::Run(RunAction::Step), "step", "one iteration, then pause").named(&["step"]),
    row(&[Key::Char('r')], "r", |_| Action::Run(RunAction::Restart(Pick::Next(Forward))), "restart", "another map of this perplexity, from random positions with the next seed; the current one is kept, and u goes back to it").named(&["restart"]),
    row(&[Key::Char('V'), Key::Char('v')], "v V", |at| Action::Look(LookAction::Coloring(Pick::Next(direction(at, 1)))), "colors", "what the map's colors mean: class, mixing, density, outcome, or a value of each sample").named(&["previous-coloring", "next-coloring"]),
    row(&[Key::Char('O')], "O", |_| Action::Look(LookAction::Winner(Pick::Next(Forward))), "", "color cells by the majority, or by the rarest class in them").named(&["winner"]),
    row(&[Key::Char('g')], "g", |_| Action::Look(LookAction::Glyphs(Pick::Next(Forward))), "", "draw with braille, octants, half blocks, ASCII or the classes' letters").named(&["glyphs"]),
    row(&[Key::Char('C')], "C", |_| Action::Look(LookAction::ColorSet(Pick::Next(Forward))), "", "the next set of colors for the classes").named(&["palette"]),
    row(&[Key::Char('w')], "w", |_| Action::AskSaveMap, "save", "save the map ({map}) or a picture of it ({picture})").named(&["save-map"]),
    row(&[Key::Char('W')], "W", |_| Action::AskSaveStatistics, "", "save the statistics ({statistics})").named(&["save-statistics"]),
    row(&[Key::Char('K')], "K", |_| Action::KeepPicture, "", "keep the current picture of the map in the journal, with its numbers").named(&["keep-picture"]),
    row(&[Key::Char(':')], ":", |_| Action::AskCommand, "command", "the command line, also for actions without a key; Tab completes words").named(&["command"]),
    row(&[Key::Char('?')], "?", |_| Action::Help, "help", "this help; type to search it").named(&["help"]),
    row(&[Key::Char('q'), Key::Ctrl('c')], "q", |_| Action::Quit, "quit", "quit (also Ctrl-C); Ctrl-Z suspends, Ctrl-L redraws").named(&["quit"]),
    row(&[Key::Ctrl('z')], "", |_| Action::Suspend, "", "").named(&["suspend"]),
    row(&[Key::Ctrl('l')], "", |_| Action::Redraw, "", "").named(&["redraw"]),
];

/// With the crosshair on the map.
#[rustfmt::skip]
const CROSSHAIR: &[Binding] = &[
    row(DIRECTIONS, "arrows", |at| Action::Choose(Choose::CrosshairTo(WAYS[at / 2 % 4])), "next sample", "to the next sample in that direction (also hjkl); in a box, by cells").named(&["next-sample-left", "next-sample-down", "next-sample-up", "next-sample-right"]),
    row(&[Key::Char('H'), Key::Char('J'), Key::Char('K'), Key::Char('L')], "HJKL", |at| Action::Choose(Choose::CrosshairBy(WAYS[at % 4])), "", "move by one cell; the nearest sample becomes the current one").named(&["move-crosshair-left", "move-crosshair-down", "move-crosshair-up", "move-crosshair-right"]),
    row(&[Key::Enter], "Enter", |_| Action::Choose(Choose::Pick), "select", "select or deselect the sample; in a box, all samples in it").named(&["select"]),
    row(&[Key::Esc], "Esc", |_| Action::Choose(Choose::LeaveCrosshair), "leave", "leave the box, or remove the crosshair").named(&["leave-crosshair"]),
];

/// In any panel.
#[rustfmt::skip]
const ANY_PANEL: &[Binding] = &[
    row(UP_OR_DOWN, "↑ ↓", |at| Action::MoveRow(Move::Row(direction(at, 2))), "move", "previous or next row (also k j; page up, page down: by ten; home, end)").named(&["row-up", "row-down"]),
    row(&[Key::PageUp, Key::PageDown], "", |at| Action::MoveRow(Move::Page(direction(at, 1))), "", "").named(&["rows-up", "rows-down"]),
    row(&[Key::Home, Key::End], "", |at| Action::MoveRow(if at == 0 { Move::First } else { Move::Last }), "", "").named(&["first-row", "last-row"]),
    row(&[Key::Left, Key::Right], "← →", |at| Action::ScrollColumns(direction(at, 1)), "", "scroll a wide table left or right"),
    row(&[Key::Char('S')], "S", |_| Action::Order(Pick::Next(Forward)), "sort", "sort the rows by the next column, largest first").named(&["sort"]),
    row(&[Key::Char('I')], "I", |_| Action::ReverseOrder, "", "reverse the order").named(&["reverse-order"]),
    row(&[Key::Esc], "Esc", |_| Action::LeavePanel, "map", "back to the map").named(&["leave-panel"]),
];

/// In the help.
#[rustfmt::skip]
const HELP: &[Binding] = &[
    row(&[Key::Esc], "Esc", |_| Action::Cancel, "back", "").named(&["cancel"]),
    row(&[Key::Char('?'), Key::Enter], "", |_| Action::Help, "", ""),
    row(&[Key::Up, Key::Down], "↑ ↓", |at| Action::ScrollRows(Move::Row(direction(at, 1))), "scroll", ""),
    row(&[Key::PageUp, Key::PageDown], "", |at| Action::ScrollRows(Move::Page(direction(at, 1))), "", ""),
];

/// In the list of panels.
#[rustfmt::skip]
const MENU: &[Binding] = &[
    row(&[Key::Esc], "Esc", |_| Action::Cancel, "back", ""),
];

/// While an answer is typed.
#[rustfmt::skip]
const PROMPT: &[Binding] = &[
    row(&[Key::Enter], "Enter", |_| Action::Accept, "accept", "").named(&["accept"]),
    row(&[Key::Esc, Key::Ctrl('c')], "Esc", |_| Action::Cancel, "cancel", ""),
];

/// In the command line.
#[rustfmt::skip]
const COMMAND: &[Binding] = &[
    row(&[Key::Enter], "Enter", |_| Action::Accept, "run", "run the command"),
    row(&[Key::BackTab, Key::Tab], "Tab", |at| Action::Line(LineAction::Complete(direction(at, 1))), "complete", "the next completion of the word (Shift: the previous)").named(&["complete", "complete"]),
    row(&[Key::Up, Key::Down], "↑ ↓", |at| Action::Line(LineAction::Recall(direction(at, 1))), "history", "older or newer lines that begin with the typed text").named(&["recall", "recall"]),
    row(&[Key::Esc, Key::Ctrl('c')], "Esc", |_| Action::Cancel, "leave", "leave the command line"),
];

/// At a question answered yes or no.
#[rustfmt::skip]
const CONFIRM: &[Binding] = &[
    row(&[Key::Char('y'), Key::Char('Y')], "y", |_| Action::Accept, "yes", ""),
    row(&[Key::Char('n'), Key::Char('N'), Key::Esc, Key::Ctrl('c')], "n", |_| Action::Cancel, "no", ""),
];

/// The key table: all bindings with the context that they are for, in the order of footer and help.
/// Keys of a single panel are declared in the panel's file ([`PanelSpec::keys`](crate::tui::app::panels::spec::PanelSpec)).
pub(crate) fn table() -> impl Iterator<Item = (Context, &'static Binding)> {
    let of_panels = PANELS
        .iter()
        .map(|entry| (Context::Of(*entry), entry.spec().keys));
    let wide = [
        (Context::Main, MAP),
        (Context::Crosshair, CROSSHAIR),
        (Context::AnyPanel, ANY_PANEL),
    ];
    let dialogs = [
        (Context::Help, HELP),
        (Context::Menu, MENU),
        (Context::Prompt, PROMPT),
        (Context::Command, COMMAND),
        (Context::Confirm, CONFIRM),
    ];
    let all = wide.into_iter().chain(of_panels).chain(dialogs);
    all.flat_map(|(context, rows)| rows.iter().map(move |row| (context, row)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_context() {
        for (i, (context, one)) in table().enumerate() {
            for (other_context, other) in table().skip(i + 1) {
                if context == other_context {
                    assert!(
                        one.keys.iter().all(|k| !other.keys.contains(k)),
                        "{} and {}",
                        one.help,
                        other.help
                    );
                }
            }
        }
    }

    fn action(context: Context, key: Key) -> Option<Action> {
        crate::tui::app::keymap::Keymap::of(table()).action(context, key)
    }

    #[test]
    fn whoever_pauses_zooms_or_steps_gets_what_the_table_says() {
        let main = |key| action(Context::Main, key);
        assert_eq!(
            main(Key::Char(' ')),
            Some(Action::Run(RunAction::TogglePause))
        );
        assert_eq!(
            main(Key::Char('[')),
            Some(Action::Run(RunAction::Perplexity(Pick::Next(Back))))
        );
        assert_eq!(
            main(Key::Char(']')),
            Some(Action::Run(RunAction::Perplexity(Pick::Next(Forward))))
        );
        assert_eq!(main(Key::Char('=')), Some(Action::Zoom(Forward)));
        assert_eq!(main(Key::Char('-')), Some(Action::Zoom(Back)));
        assert_eq!(main(Key::Char('k')), Some(Action::Pan(Way::Up)));
        assert_eq!(main(Key::Right), Some(Action::Pan(Way::Right)));
        assert_eq!(main(Key::Char('9')), Some(Action::ToggleClass(8)));
        assert_eq!(main(Key::BackTab), Some(Action::Panel(Back)));
        assert_eq!(main(Key::Esc), Some(Action::WholeMap));
        let classes = |key| action(Context::Of(Panel::Classes), key);
        assert_eq!(
            classes(Key::Enter),
            Some(Action::Choose(Choose::SelectClass))
        );
        assert_eq!(
            classes(Key::Char('j')),
            Some(Action::MoveRow(Move::Row(Forward)))
        );
        assert_eq!(
            classes(Key::Char(' ')),
            Some(Action::OfPanel("toggle-class"))
        );
        assert_eq!(classes(Key::Char('q')), Some(Action::Quit));
        assert_eq!(action(Context::Help, Key::Ctrl('c')), Some(Action::Quit));
    }
}
