//! What each command does: its argument is read here, and what the keys do is done.

use super::{Reply, split, target_of, unquoted};
use crate::error::printable;
use crate::palette::ColorSet;
use crate::picture::{Glyphs, Winner};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{
    Action, Choose, Direction, Effect, LookAction, Pick, RunAction, Target,
};
use crate::tui::app::panels::{PANELS, Panel};
use crate::tui::app::prompt::parse_perplexity;

/// Nothing is left for the loop to do.
pub(crate) const DONE: Reply = Ok(Vec::new());

/// What was typed, for a message.
fn told(text: &str) -> String {
    format!("'{}'", text::cut(&printable(text.trim()), 30))
}

/// Says what was expected; `found` may be empty.
pub(crate) fn expected(what: &str, found: &str) -> String {
    if found.trim().is_empty() {
        format!("expected {what}")
    } else {
        format!("expected {what}, not {}", told(found))
    }
}

fn number<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| expected(what, text))
}

/// What one of some words stands for.
pub(crate) fn one_word<T: Copy>(words: &[(&str, T)], text: &str) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let (last, others) = words.split_last().unwrap_or((&"", &[]));
        expected(&format!("{} or {last}", others.join(", ")), text)
    })
}

/// One of some names, or the beginning or a word of one of them only.
fn one_of(names: &[String], text: &str, what: &str) -> Result<usize, String> {
    let wanted = unquoted(text)?;
    let lower = wanted.to_lowercase();
    let same = |name: &String| *name == wanted || text::safe(name) == wanted;
    let alike = |name: &String| name.to_lowercase() == lower;
    let found = names.iter().position(same);
    if let Some(at) = found.or_else(|| names.iter().position(alike)) {
        return Ok(at);
    }
    let begins = |name: &String| !lower.is_empty() && name.to_lowercase().starts_with(&lower);
    let has = |name: &String| name.to_lowercase().split_whitespace().any(|w| w == lower);
    for fits in [&begins as &dyn Fn(&String) -> bool, &has] {
        let mut fitting = (0..names.len()).filter(|&at| fits(&names[at]));
        if let (Some(at), None) = (fitting.next(), fitting.next()) {
            return Ok(at);
        }
    }
    let shown = |name: &String| text::cut(&text::safe(name), 20).into_owned();
    let several: Vec<String> = names.iter().filter(|n| begins(n)).map(shown).collect();
    if let [first, second, rest @ ..] = &several[..] {
        let more = if rest.is_empty() { "" } else { ", …" };
        return Err(format!("{} could be {first}, {second}{more}", told(text)));
    }
    let list: Vec<String> = names.iter().take(8).map(shown).collect();
    let more = if names.len() > list.len() {
        ", …"
    } else {
        ""
    };
    Err(format!(
        "{}: {}{more}",
        expected(what, text),
        list.join(", ")
    ))
}

/// A class by its name, as it stands in the file or as the screen shows it, or by its number.
pub(crate) fn class(app: &App, text: &str) -> Result<usize, String> {
    let names = app.run.data.labels().map_or(&[][..], |l| l.names());
    if names.is_empty() {
        return Err("there are no classes: the data has no labels".into());
    }
    let by_number = text.trim().strip_prefix('#').and_then(|n| n.parse().ok());
    if let Some(number) = by_number.filter(|n: &usize| (1..=names.len()).contains(n))
        && !names.iter().any(|name| name.trim() == text.trim())
    {
        return Ok(number - 1);
    }
    one_of(names, text, "a class")
}

#[expect(clippy::unnecessary_wraps, reason = "as commands answer")]
pub(super) fn act(app: &mut App, action: Action) -> Reply {
    Ok(app.act(action))
}

/// Asks the worker, unless that has ended.
pub(super) fn ask(app: &mut App, action: RunAction) -> Reply {
    app.check_worker()?;
    act(app, Action::Run(action))
}

pub(super) fn perplexity(app: &mut App, text: &str) -> Reply {
    if text.is_empty() {
        return Err(expected("a perplexity", ""));
    }
    let perplexity = parse_perplexity(text, app.run.ladder.limit())?;
    ask(app, RunAction::Perplexity(Pick::This(perplexity)))
}

pub(super) fn seed(app: &mut App, text: &str) -> Reply {
    let seed = number(text, "a whole number")?;
    ask(app, RunAction::Restart(Pick::This(seed)))
}

pub(super) fn model(app: &mut App, text: &str) -> Reply {
    let names = app.model_names();
    if names.len() < 2 {
        return Err("there is only one model; name more of them as model=FILE".into());
    }
    let model = one_of(&names, text, "a model")?;
    act(app, Action::Model(Pick::This(model)))
}

pub(super) fn layer(app: &mut App, text: &str) -> Reply {
    let full: Vec<String> = app.sets.names.iter().map(|set| set.name.clone()).collect();
    if full.len() < 2 {
        return Err("there is only one feature set; name more of them as model/layer=FILE".into());
    }
    let wanted = unquoted(text)?;
    if let Some(set) = full.iter().position(|name| *name == wanted) {
        return Ok(app.flip_to(set));
    }
    let layers = app.layer_names();
    let names: Vec<String> = layers.iter().map(|(name, _)| name.clone()).collect();
    let at = one_of(&names, text, "a layer of the model")?;
    let set = full.iter().position(|name| *name == layers[at].1);
    Ok(set.map_or_else(Vec::new, |set| app.flip_to(set)))
}

pub(super) fn select(app: &mut App, text: &str) -> Reply {
    let (what, rest) = split(text);
    match what {
        "class" => {
            let class = class(app, rest)?;
            app.select_entry(class);
        }
        "id" => {
            let sample = app.sample_of_id(&unquoted(rest)?)?;
            let name = text::cut(&app.sample_name(sample), 30).into_owned();
            app.select(
                &name,
                &[sample as u32],
                crate::tui::app::selection::Join::Toggle,
            );
        }
        "view" => return act(app, Action::Choose(Choose::SelectInView)),
        "none" => return act(app, Action::Choose(Choose::ClearSelection)),
        "neighbors" => {
            let near = app.current_neighbors().iter().map(|n| n.sample as u32);
            app.select_all_of("the neighbors", near.collect())?;
        }
        "suspects" => {
            let listed = app.suspects().into_iter().map(|s| s.row as u32).collect();
            app.select_all_of("the suspects", listed)?;
        }
        "wrong" => {
            let wrong = app.wrong_samples()?;
            app.select_all_of("predicted wrongly", wrong)?;
        }
        _ => {
            let what = "class, id, view, neighbors, suspects, wrong or none";
            return Err(expected(what, text));
        }
    }
    DONE
}

pub(super) fn find(app: &mut App, text: &str) -> Reply {
    let wanted = unquoted(text)?;
    if wanted.is_empty() {
        return Err(expected("a part of an id (or a sample's number)", ""));
    }
    let sample = app.sample_of_id(&wanted)?;
    app.remember_search(wanted);
    app.jump_to(sample);
    DONE
}

pub(super) fn show(app: &mut App, text: &str) -> Reply {
    if text.is_empty() {
        return act(app, Action::ShowAll);
    }
    set_shown(app, text, true)
}

pub(super) fn hide(app: &mut App, text: &str) -> Reply {
    set_shown(app, text, false)
}

fn set_shown(app: &mut App, text: &str, shown: bool) -> Reply {
    let class = class(app, text)?;
    if app.samples.shown[class] == shown {
        let name = text::cut(&app.entry_name(class), 30).into_owned();
        let state = if shown { "shown" } else { "hidden" };
        app.say(format!("{name} is already {state}"));
        return DONE;
    }
    act(app, Action::ToggleClass(class))
}

pub(super) fn only(app: &mut App, text: &str) -> Reply {
    let class = class(app, text)?;
    act(app, Action::OnlyClass(class))
}

pub(super) fn color(app: &mut App, text: &str) -> Reply {
    let at = one_of(&app.coloring_names(), text, "a meaning of the colors")?;
    act(app, Action::Look(LookAction::Coloring(Pick::This(at))))
}

pub(super) fn palette(app: &mut App, text: &str) -> Reply {
    let names: Vec<String> = ColorSet::ALL.iter().map(|s| s.name().into()).collect();
    let set = ColorSet::ALL[one_of(&names, text, "a palette")?];
    act(app, Action::Look(LookAction::ColorSet(Pick::This(set))))
}

pub(super) fn glyphs(app: &mut App, text: &str) -> Reply {
    let names: Vec<String> = Glyphs::ALL.iter().map(|g| g.name().into()).collect();
    let glyphs = Glyphs::ALL[one_of(&names, text, "glyphs")?];
    act(app, Action::Look(LookAction::Glyphs(Pick::This(glyphs))))
}

pub(super) fn winner(app: &mut App, text: &str) -> Reply {
    let words = [("majority", Winner::Majority), ("rarest", Winner::Rarest)];
    let winner = one_word(&words, text)?;
    act(app, Action::Look(LookAction::Winner(Pick::This(winner))))
}

/// Switches something on or off.
pub(super) fn switch(app: &mut App, what: fn(Pick<bool>) -> LookAction, text: &str) -> Reply {
    let is_on = one_word(&[("on", true), ("off", false)], text)?;
    act(app, Action::Look(what(Pick::This(is_on))))
}

pub(super) fn zoom(app: &mut App, text: &str) -> Reply {
    let words = [
        ("in", Action::Zoom(Direction::Forward)),
        ("out", Action::Zoom(Direction::Back)),
        ("fit", Action::Fit),
    ];
    act(app, one_word(&words, text)?)
}

pub(super) fn panel(app: &mut App, text: &str) -> Reply {
    let names: Vec<String> = PANELS.iter().map(|p| p.label().to_lowercase()).collect();
    let at = one_of(&names, text, "a panel")?;
    act(app, Action::Show(PANELS[at]))
}

pub(super) fn sort(app: &mut App, text: &str) -> Reply {
    let orders = app.orders(app.panels.chosen);
    if orders.is_empty() {
        return Err(format!("{} cannot be sorted", app.panels.chosen.label()));
    }
    let names: Vec<String> = orders.iter().map(ToString::to_string).collect();
    let order = one_of(&names, text, "a column")?;
    act(app, Action::Order(Pick::This(order)))
}

pub(super) fn table_k(app: &mut App, text: &str) -> Reply {
    let most = app.run.most_neighbors();
    let what = format!("a whole number from 1 to {most}");
    let k: usize = number(text, &what)?;
    if !(1..=most).contains(&k) {
        return Err(expected(&what, text));
    }
    ask(app, RunAction::TableK(Pick::This(k)))
}

pub(super) fn undo(app: &mut App, _: &str) -> Reply {
    let action = if app.is_focused(Panel::Suspects) {
        crate::tui::app::suspects::UNDO
    } else {
        Action::Choose(Choose::Undo)
    };
    act(app, action)
}

pub(super) fn save(app: &mut App, text: &str) -> Reply {
    let (word, rest) = split(text);
    let ends_in = |ending: &str| {
        text.to_ascii_lowercase()
            .trim_end_matches('"')
            .ends_with(ending)
    };
    let (target, file) = match target_of(word) {
        Some(target) if !rest.is_empty() => (target, rest),
        Some(target) if std::path::Path::new(word).extension().is_none() => (target, ""),
        _ if ends_in(".json") => (Target::Statistics, text),
        _ => (Target::Map, text),
    };
    let path = crate::tui::app::checked_path(target, &unquoted(file)?)?;
    match target {
        Target::Map if !app.run.snapshot.is_map => Err("there is no map to save yet".into()),
        Target::Selection if app.samples.selection.is_empty() => {
            Err("nothing is selected; :select selects".into())
        }
        Target::Decisions | Target::Labels if app.suspects.decisions.is_empty() => {
            Err("nothing is decided yet; :panel suspects lists the suspects".into())
        }
        _ => Ok(vec![Effect::save(target, path)]),
    }
}

pub(super) fn help(app: &mut App, text: &str) -> Reply {
    Ok(app.open_help(&unquoted(text)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_its_beginning_or_a_word_if_no_other_has_it() {
        let names = ["grade 0", "grade 1", "grade 10", "other"].map(String::from);
        let find = |text: &str| one_of(&names, text, "a class");
        assert_eq!(find("Grade 1"), Ok(1));
        assert_eq!(find("1"), Ok(1));
        assert_eq!(find("o"), Ok(3));
        assert!(find("grade").unwrap_err().contains("grade 0, grade 1"));
        assert!(find("").is_err());
    }
}
