//! What each [`Action`] leads to: the handler of the part that it is about.

use crate::tui::app::App;
use crate::tui::app::action::{Action, Choose, Effect, Pick, Target};
use crate::tui::app::dialogs::Mode;
use crate::tui::app::ladder::shown;
use crate::tui::app::panels::PANELS;

impl App {
    /// Does what the user wants.
    pub(crate) fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Run(action) => return self.act_on_run(action),
            Action::Look(action) => self.act_on_look(action),
            Action::UNDO => match self.undo_restart() {
                Some(effects) => return effects,
                None => self.choose(Choose::Undo),
            },
            Action::Choose(choose) => self.choose(choose),
            Action::OfPanel(_) => return self.act_in_panel(action),
            Action::Line(line) => self.edit_line(line),
            Action::Zoom(to) => self.zoom(to),
            Action::Pan(way) => self.pan(way),
            Action::Fit => self.fit_map(),
            Action::WholeMap => self.whole_map(),
            Action::ToggleClass(class) => self.toggle(class),
            Action::OnlyClass(class) => self.show_only(class),
            Action::ShowAll => self.show_all(),
            Action::Show(panel) => self.show(panel),
            Action::PanelMenu => self.dialogs.mode = Mode::Menu,
            Action::LeavePanel => self.leave_panel(),
            Action::Zoomed => self.panels.zoomed = !self.panels.zoomed,
            Action::MoveRow(by) => self.move_row(by),
            Action::Order(pick) => self.sort(pick),
            Action::ReverseOrder => self.reverse_order(),
            Action::NextCount => self.next_count(),
            Action::NextKind => self.next_kind(),
            Action::NextMap(to) => return self.next_map(to),
            Action::Panel(to) => self.next_panel(to),
            Action::ScrollRows(by) if matches!(self.dialogs.mode, Mode::Help(_)) => {
                self.scroll_help(by);
            }
            Action::ScrollRows(by) => self.scroll_rows(by),
            Action::ScrollColumns(to) => self.scroll_columns(to),
            Action::SwitchSpace => self.switch_space(),
            Action::Layer(to) => return self.next_layer(to),
            Action::Model(Pick::Next(to)) => return self.next_model(to),
            Action::Model(Pick::This(model)) => return self.flip_to_model(model),
            Action::AskSaveMap if !self.run.snapshot.is_map => {
                self.refuse("there is no map to save yet");
            }
            Action::AskSaveMap => {
                let perplexity = shown(self.run.snapshot.perplexity);
                self.ask_save(Target::Map, &format!("-p{perplexity}.npy"));
                if self.run.is_provisional() {
                    self.hint("the clusters: :save clusters FILE.csv");
                }
            }
            Action::AskSaveStatistics => self.ask_save(Target::Statistics, ".json"),
            Action::KeepPicture => return self.keep_picture(),
            Action::AskCommand => self.ask_command(""),
            Action::Help if matches!(self.dialogs.mode, Mode::Help(_)) => self.close(),
            Action::Help => return self.open_help(""),
            Action::Accept => return self.accept(),
            Action::Cancel => self.close(),
            Action::Redraw => return vec![Effect::Redraw],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Quit => return vec![Effect::Quit],
        }
        Vec::new()
    }

    /// Does what the panel's file says of one of its actions.
    fn act_in_panel(&mut self, action: Action) -> Vec<Effect> {
        let mut known = PANELS.iter().flat_map(|panel| panel.spec().actions);
        let does = known.find(|(known, _)| *known == action);
        does.map_or_else(Vec::new, |(_, does)| does(self))
    }
}
