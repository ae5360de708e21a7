//! What each [`Action`] changes, and what it asks of the loop.

use std::path::{Path, PathBuf};

use super::action::{Action, Effect, Target};
use super::help::Help;
use super::ladder::{same, shown};
use super::panels::{PANELS, Panel};
use super::prompt::{Prompt, Question, parse_perplexity};
use super::{App, Camera, Mode, Space};
use crate::raster::{Area, DOTS_ACROSS, DOTS_DOWN};
use crate::run::Activity;
use crate::run::Command;

/// The numbers of neighbors that `<` and `>` lead through.
const TABLE_KS: [usize; 10] = [1, 2, 3, 5, 10, 15, 20, 30, 50, 100];
/// How much a key press zooms.
const ZOOM: f64 = 1.5;
/// A key press pans by this part of the window.
const PAN: f64 = 0.125;

impl App {
    /// Does what the user wants.
    pub(crate) fn act(&mut self, action: Action) -> Vec<Effect> {
        let commands = matches!(
            action,
            Action::TogglePause
                | Action::Step
                | Action::Restart
                | Action::Ladder(_)
                | Action::AskPerplexity
                | Action::TableK(_)
        );
        if commands && let Activity::Failed(reason) = &self.run.snapshot.activity {
            let text = format!("nothing can run: {}", crate::error::printable(reason));
            self.complain(text);
            return Vec::new();
        }
        match action {
            Action::TogglePause => return self.toggle_pause(),
            Action::Step => {
                self.run.asked.running = Some(false);
                return vec![Effect::Command(Command::Step)];
            }
            Action::Restart => return self.restart(),
            Action::Ladder(direction) => return self.climb(direction),
            Action::AskPerplexity => {
                self.ask(Question::Perplexity, &shown(self.perplexity()));
            }
            Action::Zoom(direction) => self.zoom(direction),
            Action::Pan(right, down) => self.pan(right, down),
            Action::Fit => self.map.camera = Camera::Fit,
            Action::ToggleClass(class) => self.toggle(class),
            Action::ShowAll => self.show_all(),
            Action::Show(panel) => self.show(panel),
            Action::LeavePanel => self.leave_panel(),
            Action::Zoomed => self.panels.zoomed = !self.panels.zoomed,
            Action::MoveRow(by) => self.move_row(isize::from(by)),
            Action::FirstOrLastRow(last) => {
                let far = isize::MAX / 2;
                self.move_row(if last { far } else { -far });
            }
            Action::NextOrder => self.next_order(),
            Action::ReverseOrder => self.reverse_order(),
            Action::NextCount | Action::NextKind | Action::NextMap(_) => {
                return self.change_maps(action);
            }
            Action::Panel(by) => self.next_panel(by),
            Action::ScrollRows(by) if matches!(self.dialogs.mode, Mode::Help(_)) => {
                self.scroll_help(by);
            }
            Action::ScrollRows(by) => self.scroll(self.panels.chosen, isize::from(by)),
            Action::ScrollColumns(by) => self.scroll_columns(by),
            Action::TableK(direction) => return self.change_table_k(direction),
            Action::SwitchSpace => self.switch_space(),
            Action::NextGlyphs => self.next_glyphs(),
            Action::NextColoring(by) => self.next_coloring(by),
            Action::SwitchWinner => self.switch_winner(),
            Action::NextColorSet => self.next_color_set(),
            Action::OfPanel(action) => return (action.run)(self),
            Action::AskSaveMap if !self.run.snapshot.is_map => {
                self.complain("there is no map to save yet");
            }
            Action::AskSaveMap => {
                let name =
                    self.file_name(&format!("-p{}.npy", shown(self.run.snapshot.perplexity)));
                self.ask(Question::Save(Target::Map), &name);
            }
            Action::AskSaveStatistics => {
                let name = self.file_name(".json");
                self.ask(Question::Save(Target::Statistics), &name);
            }
            Action::Choose(choose) => self.choose(choose),
            Action::AskCommand => self.ask_command(""),
            Action::Line(line) => self.edit_line(line),
            Action::Layer(by) => return self.next_layer(by),
            Action::Model(by) => return self.next_model(by),
            Action::Trails => self.switch_trails(),
            Action::Help if matches!(self.dialogs.mode, Mode::Help(_)) => self.close(),
            Action::Help => return self.open_help(""),
            Action::Accept => return self.accept(),
            Action::Cancel => self.cancel(),
            Action::Redraw => return vec![Effect::Redraw],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Quit => return vec![Effect::Quit],
        }
        Vec::new()
    }

    fn close(&mut self) {
        self.dialogs.mode = Mode::Main;
    }

    fn scroll_columns(&mut self, by: i8) {
        let last = self.classes().saturating_sub(1);
        let panel = self.panel_with_columns();
        let state = self.state_mut(panel);
        state.column = shifted(state.column, by).min(last);
    }

    pub(super) fn ask(&mut self, question: Question, answer: &str) {
        self.dialogs.mode = Mode::Prompt(Prompt::new(question, answer));
    }

    fn toggle_pause(&mut self) -> Vec<Effect> {
        let run = !self.is_running();
        self.run.asked.running = Some(run);
        if run && self.run.snapshot.activity == Activity::Finished {
            self.say("going on beyond the planned iterations");
        }
        if run && self.run.snapshot.activity == Activity::Still {
            self.say("going on, though the divergence rests");
        }
        let command = if run { Command::Resume } else { Command::Pause };
        vec![Effect::Command(command)]
    }

    fn restart(&mut self) -> Vec<Effect> {
        self.restart_with(self.seed().wrapping_add(1))
    }

    /// Begins again with a seed.
    pub(crate) fn restart_with(&mut self, seed: u64) -> Vec<Effect> {
        let before = self.seed();
        self.run.asked.seed = Some(seed);
        let kept = self.run.snapshot.visited.len();
        self.say(match kept {
            0 | 1 => format!(
                "beginning again from random positions, seed {seed}; :seed {before} goes back"
            ),
            _ => format!(
                "beginning again from random positions, seed {seed}; the {kept} maps kept so far were dropped, \
                 :seed {before} begins them again"
            ),
        });
        vec![Effect::Command(Command::Restart(seed))]
    }

    fn climb(&mut self, direction: i8) -> Vec<Effect> {
        let from = self.perplexity();
        if let Some(perplexity) = self.run.ladder.next(from, direction) {
            return self.go_to(perplexity);
        }
        let end = if direction < 0 { "lowest" } else { "highest" };
        self.say(format!(
            "perplexity {} is the {end} of the ladder; {} types any up to {}",
            shown(from),
            self.key("type-perplexity"),
            shown((self.run.ladder.limit() * 100.0).floor() / 100.0)
        ));
        Vec::new()
    }

    pub(crate) fn go_to(&mut self, perplexity: f64) -> Vec<Effect> {
        if same(perplexity, self.perplexity()) {
            self.say(format!("perplexity is {} already", shown(perplexity)));
            return Vec::new();
        }
        self.run.asked.perplexity = Some(perplexity);
        let text = shown(perplexity);
        self.say(if self.is_visited(perplexity) {
            format!("back to the map at perplexity {text}")
        } else {
            format!("on to perplexity {text} from the present map")
        });
        vec![Effect::Command(Command::SetPerplexity(perplexity))]
    }

    pub(super) fn map_area(&self) -> Option<Area> {
        let cells = self.map_cells(&self.present_screen()?)?;
        Some(Area::new(cells.width, cells.height))
    }

    fn zoom(&mut self, direction: i8) {
        if let Some(area) = self.map_area() {
            let factor = if direction > 0 { ZOOM } else { 1.0 / ZOOM };
            let middle = area.dots().map(|d| d / 2.0);
            self.map.camera = Camera::Free(self.viewport(area).zoom_at(area, middle, factor));
        }
    }

    fn pan(&mut self, right: i8, down: i8) {
        if let Some(area) = self.map_area() {
            let step = |n: i8, dots: u32| f64::from(n) * f64::from(dots);
            let [across, high] = area.dots();
            // Whole cells, so that the picture moves without flickering.
            let right = step(right, DOTS_ACROSS) * (across * PAN / 2.0).ceil();
            let down = step(down, DOTS_DOWN) * (high * PAN / 4.0).ceil();
            self.map.camera = Camera::Free(self.viewport(area).pan(right, down));
        }
    }

    /// Shows a panel and gives it the focus.
    pub(crate) fn show(&mut self, panel: Panel) {
        self.panels.chosen = panel;
        self.panels.on_map = false;
        self.put_cursor(panel, self.state(panel).row);
    }

    /// Back to the map; out of a zoomed panel first.
    fn leave_panel(&mut self) {
        if !std::mem::take(&mut self.panels.zoomed) {
            self.panels.on_map = true;
        }
    }

    /// Moves the cursor of the panel in focus, or scrolls it.
    pub(super) fn move_row(&mut self, by: isize) {
        self.move_in(self.panels.chosen, by);
    }

    fn next_order(&mut self) {
        let panel = self.panels.chosen;
        let orders = self.orders(panel);
        if orders.is_empty() {
            self.say(format!("{} has nothing to sort by", panel.label()));
            return;
        }
        self.state_mut(panel).next_order(orders.len());
        let order = orders[self.state(panel).order];
        let reverse = self.key("reverse-order");
        self.say(format!("sorted by {order}; {reverse} reverses the order"));
    }

    /// The panel that the keys for columns mean: the chosen one, or the table of neighbors beside
    /// it.
    fn panel_with_columns(&self) -> Panel {
        let beside = self
            .present_screen()
            .is_some_and(|s| s.panel(Panel::Neighbors).is_some());
        if beside {
            Panel::Neighbors
        } else {
            self.panels.chosen
        }
    }

    fn reverse_order(&mut self) {
        let panel = self.panels.chosen;
        let can_be_sorted = !self.orders(panel).is_empty();
        self.state_mut(panel).reversed ^= can_be_sorted;
    }

    pub(super) fn solo(&mut self) {
        let Some(cursor) = self.row_at_cursor(Panel::Classes) else {
            return;
        };
        let alone = self
            .samples
            .shown
            .iter()
            .enumerate()
            .all(|(i, shown)| *shown == (i == cursor));
        self.remember(if alone {
            "showing all classes"
        } else {
            "showing one class only"
        });
        for (i, shown) in self.samples.shown.iter_mut().enumerate() {
            *shown = alone || i == cursor;
        }
        let name = crate::tui::text::cut(&self.entry_name(cursor), 30).into_owned();
        self.say(if alone {
            format!("all classes shown; {} undoes", self.key("undo"))
        } else {
            format!(
                "only {name} shown; {} undoes, {} shows all",
                self.key("undo"),
                self.key("show-all-classes")
            )
        });
    }

    /// From the map into the chosen panel; from there to the next or previous.
    pub(super) fn next_panel(&mut self, by: i8) {
        if self.panels.on_map {
            self.panels.zoomed = false;
            self.show(self.panels.chosen);
            return;
        }
        let at = self.panels.chosen.index() as isize + isize::from(by);
        let next = at.rem_euclid(PANELS.len() as isize) as usize;
        self.show(PANELS[next]);
    }

    /// Opens the help, on what mentions a text.
    pub(crate) fn open_help(&mut self, filter: &str) -> Vec<Effect> {
        self.dialogs.mode = Mode::Help(Help::new(self.context(), filter));
        if std::mem::take(&mut self.dialogs.hints) {
            return vec![Effect::HelpSeen];
        }
        Vec::new()
    }

    /// Out of a prompt or the help; first out of what the help was searched for.
    fn cancel(&mut self) {
        match &mut self.dialogs.mode {
            Mode::Help(help) if !help.filter.is_empty() => help.erase(true),
            _ => self.dialogs.mode = Mode::Main,
        }
    }

    pub(super) fn scroll_help(&mut self, by: i8) {
        if let Mode::Help(help) = &mut self.dialogs.mode {
            help.first = shifted(help.first, by).min(1000);
        }
    }

    fn change_table_k(&mut self, direction: i8) -> Vec<Effect> {
        let most = self.most_neighbors();
        let next = if direction < 0 {
            TABLE_KS.into_iter().rev().find(|k| *k < self.run.table_k)
        } else {
            TABLE_KS
                .into_iter()
                .find(|k| *k > self.run.table_k && *k <= most)
        };
        let Some(k) = next else {
            self.say(format!(
                "{} neighbors per sample is the end",
                self.run.table_k
            ));
            return Vec::new();
        };
        self.take_table_k(k)
    }

    /// The numbers of neighbors that the keys lead through, as far as the data allows.
    pub(crate) fn possible_ks(&self) -> impl Iterator<Item = usize> {
        let most = self.most_neighbors();
        TABLE_KS.into_iter().filter(move |k| *k <= most)
    }

    fn switch_space(&mut self) {
        self.panels.space = match self.panels.space {
            Space::Features => Space::Map,
            Space::Map => Space::Features,
        };
        let shown = self
            .present_screen()
            .is_some_and(|s| s.panel(Panel::Neighbors).is_some());
        if !shown {
            let on_map = self.panels.on_map;
            self.show(Panel::Neighbors);
            self.panels.on_map = on_map && self.present_screen().is_some_and(|s| !s.one_at_a_time);
        }
    }

    /// A file name made of the dataset's name and an ending.
    pub(crate) fn file_name(&self, ending: &str) -> String {
        let name = crate::error::printable(self.run.data.name());
        let stem: String = name
            .chars()
            .take(100)
            .map(|c| {
                if c.is_alphanumeric() || "-_.+".contains(c) {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        let parts: Vec<&str> = stem.split('-').filter(|p| !p.is_empty()).collect();
        let stem = parts.join("-");
        let stem = stem.trim_matches('.');
        format!("{}{ending}", if stem.is_empty() { "map" } else { stem })
    }

    /// Takes the prompt's answer.
    fn accept(&mut self) -> Vec<Effect> {
        let Mode::Prompt(prompt) = &mut self.dialogs.mode else {
            return Vec::new();
        };
        let text = prompt.text();
        match prompt.question.clone() {
            Question::Perplexity => match parse_perplexity(&text, self.run.ladder.limit()) {
                Ok(perplexity) => {
                    self.dialogs.mode = Mode::Main;
                    self.run.ladder.insert(perplexity);
                    return self.go_to(perplexity);
                }
                Err(problem) => prompt.problem = Some(problem),
            },
            Question::Find => {
                self.samples.wanted = text;
                self.dialogs.mode = Mode::Main;
                if !self.samples.wanted.trim().is_empty() {
                    self.samples.selection.current = None;
                    self.find_next(1);
                }
            }
            Question::Relabel(row) => {
                if self.relabel(row, &text) {
                    self.dialogs.mode = Mode::Main;
                } else if let Mode::Prompt(prompt) = &mut self.dialogs.mode {
                    prompt.problem =
                        Some("no class of this name, or several: type more of it".into());
                }
            }
            Question::Command => return self.run_command(&text),
            Question::Note(row) => {
                self.dialogs.mode = Mode::Main;
                self.note(row, &text);
            }
            Question::Save(target) => match checked_path(target, &text) {
                Ok(path) => {
                    self.dialogs.mode = Mode::Main;
                    return vec![Effect::Save {
                        target,
                        path,
                        overwrite: false,
                    }];
                }
                Err(problem) => prompt.problem = Some(problem),
            },
            Question::Overwrite(target, path) => {
                self.dialogs.mode = Mode::Main;
                return vec![Effect::Save {
                    target,
                    path,
                    overwrite: true,
                }];
            }
        }
        Vec::new()
    }
}

/// A path with an ending that says a format we write.
pub(crate) fn checked_path(target: Target, text: &str) -> Result<PathBuf, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("type a file name, or Esc".into());
    }
    let endings: &[&str] = match target {
        Target::Map => &["npy", "csv", "svg", "png", "ans", "txt"],
        Target::Statistics => &["json"],
        Target::Selection => &["csv", "txt"],
        Target::Decisions => &["csv"],
        Target::Labels => &["txt"],
    };
    let path = Path::new(text);
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    if endings.iter().any(|e| ending.eq_ignore_ascii_case(e)) {
        Ok(path.to_path_buf())
    } else {
        Err(format!("the name must end in .{}", endings.join(" or .")))
    }
}

/// Moves an index, not below 0.
fn shifted(index: usize, by: i8) -> usize {
    index.saturating_add_signed(isize::from(by))
}
