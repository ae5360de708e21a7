//! What each [`Action`] changes, and what it asks of the loop.

use std::path::{Path, PathBuf};

use super::{App, Camera, Mode, Space};
use crate::raster::{Area, DOTS_ACROSS, DOTS_DOWN};
use crate::run::Activity;
use crate::tui::action::{Action, Command, Effect, Target};
use crate::tui::ladder::{same, shown};
use crate::tui::layout::{PANELS, Panel};
use crate::tui::legend;
use crate::tui::prompt::{Prompt, Question, parse_perplexity};

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
        if commands && let Activity::Failed(reason) = &self.snapshot.activity {
            let text = format!("nothing can run: {}", crate::error::printable(reason));
            self.complain(text);
            return Vec::new();
        }
        match action {
            Action::TogglePause => return self.toggle_pause(),
            Action::Step => {
                self.asked.running = Some(false);
                return vec![Effect::Command(Command::Step)];
            }
            Action::Restart => return self.restart(),
            Action::Ladder(direction) => return self.climb(direction),
            Action::AskPerplexity => {
                self.ask(Question::Perplexity, &shown(self.perplexity()));
            }
            Action::Zoom(direction) => self.zoom(direction),
            Action::Pan(right, down) => self.pan(right, down),
            Action::Fit => self.camera = Camera::Fit,
            Action::ToggleClass(class) => self.toggle(class),
            Action::ShowAll => self.shown.fill(true),
            Action::EnterLegend => self.enter_legend(),
            Action::MoveCursor(by) => self.move_cursor(by),
            Action::ToggleAtCursor => self.toggle(self.cursor),
            Action::SoloAtCursor => self.solo(),
            Action::Panel(by) => self.next_panel(by),
            Action::ScrollRows(by) => self.scroll_rows(by),
            Action::ScrollColumns(by) => {
                let last = self.classes().saturating_sub(1);
                self.first_column = shifted(self.first_column, by).min(last);
            }
            Action::TableK(direction) => return self.change_table_k(direction),
            Action::SwitchSpace => self.switch_space(),
            Action::SwitchGlyphs => self.letters = !self.letters,
            Action::AskSaveMap if !self.snapshot.is_map => {
                self.complain("there is no map to save yet");
            }
            Action::AskSaveMap => {
                let name = self.file_name(&format!("-p{}.npy", shown(self.snapshot.perplexity)));
                self.ask(Question::Save(Target::Map), &name);
            }
            Action::AskSaveStatistics => {
                let name = self.file_name(".json");
                self.ask(Question::Save(Target::Statistics), &name);
            }
            Action::Help => self.mode = Mode::Help(0),
            Action::Accept => return self.accept(),
            Action::LeaveLegend | Action::Cancel => self.mode = Mode::Main,
            Action::Redraw => return vec![Effect::Redraw],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Quit => return vec![Effect::Quit],
        }
        Vec::new()
    }

    fn ask(&mut self, question: Question, answer: &str) {
        self.mode = Mode::Prompt(Prompt::new(question, answer));
    }

    fn toggle_pause(&mut self) -> Vec<Effect> {
        let run = !self.is_running();
        self.asked.running = Some(run);
        if run && self.snapshot.activity == Activity::Finished {
            self.say("going on beyond the planned iterations");
        }
        let command = if run { Command::Resume } else { Command::Pause };
        vec![Effect::Command(command)]
    }

    fn restart(&mut self) -> Vec<Effect> {
        let seed = self.seed().wrapping_add(1);
        self.asked.seed = Some(seed);
        let kept = self.snapshot.visited.len();
        self.say(match kept {
            0 | 1 => format!("beginning again from random positions, seed {seed}"),
            _ => format!(
                "beginning again from random positions, seed {seed}; the {kept} maps kept so far were dropped"
            ),
        });
        vec![Effect::Command(Command::Restart(seed))]
    }

    fn climb(&mut self, direction: i8) -> Vec<Effect> {
        let from = self.perplexity();
        if let Some(perplexity) = self.ladder.next(from, direction) {
            return self.go_to(perplexity);
        }
        let end = if direction < 0 { "lowest" } else { "highest" };
        self.say(format!(
            "perplexity {} is the {end} of the ladder; p types any up to {}",
            shown(from),
            shown((self.ladder.limit() * 100.0).floor() / 100.0)
        ));
        Vec::new()
    }

    fn go_to(&mut self, perplexity: f64) -> Vec<Effect> {
        if same(perplexity, self.perplexity()) {
            self.say(format!("perplexity is {} already", shown(perplexity)));
            return Vec::new();
        }
        self.asked.perplexity = Some(perplexity);
        let text = shown(perplexity);
        self.say(if self.is_visited(perplexity) {
            format!("back to the map at perplexity {text}")
        } else {
            format!("on to perplexity {text} from the present map")
        });
        vec![Effect::Command(Command::SetPerplexity(perplexity))]
    }

    fn map_area(&self) -> Option<Area> {
        let cells = self.map_cells(&self.present_screen()?)?;
        Some(Area::new(cells.width, cells.height))
    }

    fn zoom(&mut self, direction: i8) {
        if let Some(area) = self.map_area() {
            let factor = if direction > 0 { ZOOM } else { 1.0 / ZOOM };
            let middle = area.dots().map(|d| d / 2.0);
            self.camera = Camera::Free(self.viewport(area).zoom_at(area, middle, factor));
        }
    }

    fn pan(&mut self, right: i8, down: i8) {
        if let Some(area) = self.map_area() {
            let step = |n: i8, dots: u32| f64::from(n) * f64::from(dots);
            let [across, high] = area.dots();
            // Whole cells, so that the picture moves without flickering.
            let right = step(right, DOTS_ACROSS) * (across * PAN / 2.0).ceil();
            let down = step(down, DOTS_DOWN) * (high * PAN / 4.0).ceil();
            self.camera = Camera::Free(self.viewport(area).pan(right, down));
        }
    }

    fn enter_legend(&mut self) {
        if self.counts.is_empty() {
            self.toggle(0);
            return;
        }
        self.mode = Mode::Legend;
        self.panel = Panel::Classes;
        self.move_cursor(0);
    }

    fn move_cursor(&mut self, by: i8) {
        let last = self.counts.len().saturating_sub(1);
        self.cursor = shifted(self.cursor, by).min(last);
        let rows = self
            .present_screen()
            .and_then(|s| s.panel(Panel::Classes))
            .map_or(1, |p| usize::from(legend::entry_rows(p).height).max(1));
        self.first_row = self
            .first_row
            .clamp((self.cursor + 1).saturating_sub(rows), self.cursor);
    }

    fn solo(&mut self) {
        let alone = self
            .shown
            .iter()
            .enumerate()
            .all(|(i, shown)| *shown == (i == self.cursor));
        for (i, shown) in self.shown.iter_mut().enumerate() {
            *shown = alone || i == self.cursor;
        }
    }

    fn next_panel(&mut self, by: i8) {
        let with_map = self.present_screen().is_none_or(|s| s.one_at_a_time);
        let mut cycle = Vec::with_capacity(4);
        if with_map {
            cycle.push(Panel::Map);
        }
        cycle.extend(PANELS);
        let at = cycle.iter().position(|p| *p == self.panel).unwrap_or(0) as isize;
        let next = (at + isize::from(by)).rem_euclid(cycle.len() as isize);
        self.panel = cycle[next as usize];
        self.first_row = 0;
        if self.panel != Panel::Classes && self.mode == Mode::Legend {
            self.mode = Mode::Main;
        }
    }

    pub(super) fn scroll_rows(&mut self, by: i8) {
        if let Mode::Help(first) = &mut self.mode {
            *first = shifted(*first, by).min(200);
            return;
        }
        let last = self.counts.len().max(self.rungs().len()).saturating_sub(1);
        self.first_row = shifted(self.first_row, by).min(last);
    }

    fn change_table_k(&mut self, direction: i8) -> Vec<Effect> {
        let most = self
            .data
            .samples()
            .saturating_sub(1)
            .min((3.0 * self.ladder.highest()) as usize);
        let next = if direction < 0 {
            TABLE_KS.into_iter().rev().find(|k| *k < self.table_k)
        } else {
            TABLE_KS
                .into_iter()
                .find(|k| *k > self.table_k && *k <= most)
        };
        let Some(k) = next else {
            self.say(format!("{} neighbors per sample is the end", self.table_k));
            return Vec::new();
        };
        self.table_k = k;
        self.say(format!("{k} nearest neighbors per sample in the tables"));
        vec![Effect::Command(Command::SetTableK(k))]
    }

    fn switch_space(&mut self) {
        self.space = match self.space {
            Space::Features => Space::Map,
            Space::Map => Space::Features,
        };
        let shown = self
            .present_screen()
            .is_some_and(|s| s.panel(Panel::Neighbors).is_some());
        if !shown {
            self.panel = Panel::Neighbors;
        }
    }

    /// A file name made of the dataset's name and an ending.
    fn file_name(&self, ending: &str) -> String {
        let name = crate::error::printable(self.data.name());
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
        let Mode::Prompt(prompt) = &mut self.mode else {
            return Vec::new();
        };
        let text = prompt.text();
        match prompt.question.clone() {
            Question::Perplexity => match parse_perplexity(&text, self.ladder.limit()) {
                Ok(perplexity) => {
                    self.mode = Mode::Main;
                    self.ladder.insert(perplexity);
                    return self.go_to(perplexity);
                }
                Err(problem) => prompt.problem = Some(problem),
            },
            Question::Save(target) => match checked_path(target, &text) {
                Ok(path) => {
                    self.mode = Mode::Main;
                    return vec![Effect::Save {
                        target,
                        path,
                        overwrite: false,
                    }];
                }
                Err(problem) => prompt.problem = Some(problem),
            },
            Question::Overwrite(target, path) => {
                self.mode = Mode::Main;
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
fn checked_path(target: Target, text: &str) -> Result<PathBuf, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("type a file name, or Esc".into());
    }
    let endings: &[&str] = match target {
        Target::Map => &["npy", "csv"],
        Target::Statistics => &["json"],
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
