//! What each command leads to: its argument is read here; where a key does the same, that is its action.

use crate::clusters::ClusterOptions;
use crate::palette::{ColorSet, Theme};
use crate::picture::{Glyphs, Winner};
use crate::run::Command;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{
    Action, Choose, Direction, Effect, LookAction, Pick, RunAction, Target,
};
use crate::tui::app::command::Outcome::{Act, Done};
use crate::tui::app::command::{
    DONE, Reply, class, expected, number, one_of, one_word, split, target_of, unquoted,
};
use crate::tui::app::finding::{Finding, Hit};
use crate::tui::app::ladder::parse_perplexity;
use crate::tui::app::panels::{PANELS, Panel};
use crate::tui::app::selection::Join;
use crate::tui::app::suspects;
use crate::tui::app::values::STABILITY;

/// Asks the worker, unless that has ended.
pub(super) fn ask(app: &mut App, action: RunAction) -> Reply {
    app.check_worker()?;
    Ok(Act(Action::Run(action)))
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
        return Err("there is only one model; to compare several, start the program with model=FILE for each".into());
    }
    let model = one_of(&names, text, "a model")?;
    Ok(Act(Action::Model(Pick::This(model))))
}

pub(super) fn layer(app: &mut App, text: &str) -> Reply {
    let full: Vec<String> = app.sets.names.iter().map(|set| set.name.clone()).collect();
    if full.len() < 2 {
        return Err("there is only one feature set; to compare several, start the program with model/layer=FILE for each".into());
    }
    let wanted = unquoted(text)?;
    if let Some(set) = full.iter().position(|name| *name == wanted) {
        return Ok(Done(app.flip_to(set)));
    }
    let layers = app.layer_names();
    let names: Vec<String> = layers.iter().map(|(name, _)| name.clone()).collect();
    let at = one_of(&names, text, "a layer of the model")?;
    let set = full.iter().position(|name| *name == layers[at].1);
    set.map_or(DONE, |set| Ok(Done(app.flip_to(set))))
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
            let name = text::shorten_id(&app.sample_name(sample), 30).into_owned();
            app.select(&name, &[sample as u32], Join::Toggle);
        }
        "view" => return Ok(Act(Action::Choose(Choose::SelectInView))),
        "none" => return Ok(Act(Action::Choose(Choose::ClearSelection))),
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
            app.select_all_of("samples predicted wrongly", wrong)?;
        }
        "unstable" => {
            let unstable = app.unstable_samples()?;
            app.select_all_of("samples without a stable place", unstable)?;
        }
        "named" => return super::named::select(app, rest),
        _ if app.samples.named.selections.is_empty() => {
            let what = "class, id, view, neighbors, suspects, wrong, unstable, named or none";
            return Err(expected(what, text));
        }
        _ => return super::named::select(app, text),
    }
    DONE
}

pub(super) fn find(app: &mut App, text: &str) -> Reply {
    let wanted = unquoted(text)?;
    if wanted.is_empty() {
        return Err(expected("a part of an id (or a sample's number)", ""));
    }
    let sample = app.sample_of_id(&wanted)?;
    let hits = app.samples_containing(&wanted);
    let at = hits.iter().position(|hit| *hit == Hit::Sample(sample));
    let at = at.unwrap_or(0);
    app.samples.finding = Finding { wanted, hits, at };
    app.jump_to(sample);
    DONE
}

pub(super) fn clusters(app: &mut App, text: &str) -> Reply {
    app.check_worker()?;
    if app.run.data.labels().is_some() && !app.run.is_provisional() {
        return Err(
            "the data has labels; clusters are looked for only in data without labels".into(),
        );
    }
    if app.sets.names.len() > 1 {
        return Err("clusters of several feature sets would be different classes in each".into());
    }
    let size = match text.trim() {
        "" => None,
        text => Some(number(text, "a whole number of at least 2")?),
    };
    if size.is_some_and(|size: usize| size < 2 || size > app.run.data.samples()) {
        let most = app.run.data.samples();
        return Err(expected(&format!("a whole number from 2 to {most}"), text));
    }
    app.say(match size {
        Some(size) => format!("looking for clusters of at least {size} samples …"),
        None => "looking for clusters …".into(),
    });
    let options = ClusterOptions {
        min_cluster_size: size,
        ..ClusterOptions::default()
    };
    let command = Command::SetClusters(options);
    Ok(Done(vec![Effect::Command(command)]))
}

pub(super) fn show(app: &mut App, text: &str) -> Reply {
    if text.is_empty() {
        return Ok(Act(Action::ShowAll));
    }
    set_shown(app, text, true)
}

pub(super) fn hide(app: &mut App, text: &str) -> Reply {
    set_shown(app, text, false)
}

fn set_shown(app: &mut App, text: &str, shown: bool) -> Reply {
    let class = class(app, text)?;
    if app.samples.shown[class] == shown {
        let name = app.class_named(class, 30);
        let state = if shown { "shown" } else { "hidden" };
        app.say(format!("{name} is already {state}"));
        return DONE;
    }
    Ok(Act(Action::ToggleClass(class)))
}

pub(super) fn only(app: &mut App, text: &str) -> Reply {
    let class = class(app, text)?;
    Ok(Act(Action::OnlyClass(class)))
}

pub(super) fn color(app: &mut App, text: &str) -> Reply {
    let names = app.coloring_names();
    if text.trim() == STABILITY && !names.iter().any(|name| name == STABILITY) {
        return Err("stability is not computed yet; :stability computes it".into());
    }
    let at = one_of(&names, text, "something to color by")?;
    Ok(Act(Action::Look(LookAction::Coloring(Pick::This(at)))))
}

pub(super) fn palette(_: &mut App, text: &str) -> Reply {
    let names: Vec<String> = ColorSet::ALL.iter().map(|s| s.name().into()).collect();
    let set = ColorSet::ALL[one_of(&names, text, "a palette")?];
    Ok(Act(Action::Look(LookAction::ColorSet(Pick::This(set)))))
}

pub(super) fn theme(_: &mut App, text: &str) -> Reply {
    let names: Vec<String> = Theme::ALL.iter().map(|t| t.name().into()).collect();
    let theme = Theme::ALL[one_of(&names, text, "a theme")?];
    Ok(Act(Action::Look(LookAction::Theme(theme))))
}

pub(super) fn glyphs(_: &mut App, text: &str) -> Reply {
    let names: Vec<String> = Glyphs::ALL.iter().map(|g| g.name().into()).collect();
    let glyphs = Glyphs::ALL[one_of(&names, text, "glyphs")?];
    Ok(Act(Action::Look(LookAction::Glyphs(Pick::This(glyphs)))))
}

pub(super) fn winner(_: &mut App, text: &str) -> Reply {
    let words = [("majority", Winner::Majority), ("rarest", Winner::Rarest)];
    let winner = one_word(&words, text)?;
    Ok(Act(Action::Look(LookAction::Winner(Pick::This(winner)))))
}

/// Switches something on or off.
pub(super) fn switch(what: fn(Pick<bool>) -> LookAction, text: &str) -> Reply {
    let is_on = one_word(&[("on", true), ("off", false)], text)?;
    Ok(Act(Action::Look(what(Pick::This(is_on)))))
}

pub(super) fn zoom(_: &mut App, text: &str) -> Reply {
    let words = [
        ("in", Action::Zoom(Direction::Forward)),
        ("out", Action::Zoom(Direction::Back)),
        ("fit", Action::Fit),
    ];
    Ok(Act(one_word(&words, text)?))
}

pub(super) fn panel(app: &mut App, text: &str) -> Reply {
    let name = |panel: &Panel| app.panel_name(*panel).to_lowercase();
    let names: Vec<String> = PANELS.iter().map(name).collect();
    let at = one_of(&names, text, "a panel")?;
    Ok(Act(Action::Show(PANELS[at])))
}

pub(super) fn sort(app: &mut App, text: &str) -> Reply {
    let orders = app.orders(app.panels.chosen);
    if orders.is_empty() {
        return Err(format!(
            "the {} panel cannot be sorted",
            app.panels.chosen.label()
        ));
    }
    let names: Vec<String> = orders.iter().map(ToString::to_string).collect();
    let order = one_of(&names, text, "a column")?;
    Ok(Act(Action::Order(Pick::This(order))))
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

pub(super) fn undo(app: &App) -> Action {
    if app.is_focused(Panel::Suspects) {
        suspects::UNDO
    } else {
        Action::UNDO
    }
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
        _ if ends_in(".html") || ends_in(".md") => (Target::Report, text),
        _ => (Target::Map, text),
    };
    let path = target.path(&unquoted(file)?)?;
    match target {
        Target::Map if !app.run.snapshot.is_map => Err("there is no map to save yet".into()),
        Target::Selection if app.samples.selection.is_empty() => {
            Err("nothing is selected; use :select".into())
        }
        Target::Clusters if !app.run.is_provisional() => Err(match app.run.classes() {
            0 => "there are no clusters yet".into(),
            _ => "clusters are looked for only in data without labels".into(),
        }),
        Target::Decisions | Target::Labels if !app.run.has_labels() => Err(
            "the data has no labels; :save clusters FILE.csv saves the cluster of each sample"
                .into(),
        ),
        Target::Decisions | Target::Labels if app.suspects.decisions.is_empty() => {
            Err("nothing is decided yet; :panel suspects lists the suspects".into())
        }
        _ => Ok(Done(vec![Effect::save(target, path)])),
    }
}

pub(super) fn report(app: &mut App, text: &str) -> Reply {
    save(app, &format!("report {text}"))
}

pub(super) fn help(app: &mut App, text: &str) -> Reply {
    Ok(Done(app.open_help(&unquoted(text)?)))
}
