//! The command table: what can be typed after `:`.
//!
//! One table runs the commands, completes their arguments and writes the help. In: a line as it was
//! typed. Out: what the command that it names leads to, given the rest of the line.

mod named;
mod run;

use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Choose, LookAction, RunAction, Target};
use crate::tui::app::command::Outcome::{Act, Done};
use crate::tui::app::command::{Argument, Reply, Spec, Word, row, split, word, word_then};
use crate::tui::app::panels::PANELS;

const SELECT: &[Word] = &[
    word_then("class", "the samples of a class", Argument::Classes),
    word_then("id", "a sample", Argument::Ids),
    word("view", "samples of shown classes in the window"),
    word(
        "neighbors",
        "the current sample's nearest neighbors in the features",
    ),
    word("suspects", "the samples listed in the Suspects panel"),
    word("wrong", "samples that the classifier predicts wrongly"),
    word(
        "unstable",
        "samples whose neighbors change from map to map (after :stability)",
    ),
    word_then("named", "what :name gave a name to", Argument::Selections),
    word("none", "nothing"),
];
const WINNERS: &[Word] = &[
    word("majority", "the class with the most samples in the cell"),
    word(
        "rarest",
        "the rarest class in the cell, so that no class is hidden",
    ),
];
const SWITCH: &[Word] = &[word("on", "show them"), word("off", "hide them")];
const ZOOMS: &[Word] = &[
    word("in", "zoom in"),
    word("out", "zoom out"),
    word("fit", "the whole map"),
];
/// Columns of a typed name in a message.
const LONGEST: usize = 30;
/// The general commands. Those of a single panel are declared in its file
/// ([`PanelSpec::commands`](crate::tui::app::panels::spec::PanelSpec)).
#[rustfmt::skip]
const COMMANDS: &[Spec] = &[
    row("perplexity", "NUMBER", Argument::Perplexities, run::perplexity, "go to this perplexity, and add it to the list"),
    row("seed", "NUMBER", Argument::Seeds, run::seed, "show the map of this seed at the current perplexity: a kept one, or a new one from random positions"),
    row("pause", "", Argument::Nothing, |app, _| run::ask(app, RunAction::Pause), "stop iterating"),
    row("resume", "", Argument::Nothing, |app, _| run::ask(app, RunAction::Resume), "resume iterating"),
    row("step", "", Argument::Nothing, |app, _| run::ask(app, RunAction::Step), "one iteration, then pause"),
    row("model", "NAME", Argument::Models, run::model, "show this model, at the same layer"),
    row("layer", "NAME", Argument::Layers, run::layer, "show this layer of the current model (or MODEL/LAYER)"),
    row("select", "class NAME | id ID | view | neighbors | suspects | wrong | unstable | named NAME | none", Argument::Words(SELECT), run::select, "select samples; if all of them are selected already, deselect them"),
    row("name", "NAME", Argument::Text, named::name, "give the selection a name; :select named NAME brings it back"),
    row("view", "NAME | save NAME", Argument::Views, named::view, "show a kept view of the map: its window, colors and classes; save keeps the current one"),
    row("forget", "NAME", Argument::Named, named::forget, "forget the name of a selection or view"),
    row("find", "ID", Argument::Ids, run::find, "find a sample by a part of its id, or by its number"),
    row("clusters", "[SIZE]", Argument::Text, run::clusters, "look for clusters of at least SIZE samples, in data without labels"),
    row("show", "[CLASS]", Argument::Classes, run::show, "show a class; without a name, all classes"),
    row("hide", "CLASS", Argument::Classes, run::hide, "hide a class"),
    row("only", "CLASS", Argument::Classes, run::only, "show only this class"),
    row("color", "WHAT", Argument::Colorings, run::color, "choose what the map's colors mean"),
    row("palette", "NAME", Argument::ColorSets, run::palette, "the colors of the classes"),
    row("theme", "NAME", Argument::Themes, run::theme, "how the whole screen looks"),
    row("glyphs", "NAME", Argument::Glyphs, run::glyphs, "the characters that draw the map"),
    row("winner", "majority | rarest", Argument::Words(WINNERS), run::winner, "which class gives a cell its color"),
    row("lines", "on | off", Argument::Words(SWITCH), |_, text| run::switch(LookAction::NeighborLines, text), "lines to the current sample's neighbors in the features"),
    row("trails", "on | off", Argument::Words(SWITCH), |_, text| run::switch(LookAction::Trails, text), "the paths of the points that moved most at the last switch between sets"),
    row("names", "on | off", Argument::Words(SWITCH), |_, text| run::switch(LookAction::Names, text), "the names of the classes on the map"),
    row("zoom", "in | out | fit", Argument::Words(ZOOMS), run::zoom, "zoom in, zoom out, or show the whole map"),
    row("panel", "NAME", Argument::Panels, run::panel, "show a panel and focus it"),
    row("sort", "COLUMN", Argument::Columns, run::sort, "sort the panel's rows by this column, largest first"),
    row("reverse", "", Argument::Nothing, |_, _| Ok(Act(Action::ReverseOrder)), "reverse the order of the panel's rows"),
    row("k", "NUMBER", Argument::Neighbors, run::table_k, "neighbors per sample in the tables"),
    row("undo", "", Argument::Nothing, |app, _| Ok(Act(run::undo(app))), "undo the last change of the selection or of the shown classes; after a new seed, go back to the previous map; in the Suspects panel, undo the last decision"),
    row("redo", "", Argument::Nothing, |_, _| Ok(Act(Action::Choose(Choose::Redo))), "redo the last undone change of the selection or of the shown classes; in the Suspects panel, the last decision"),
    row("save", "FILE | map FILE | statistics FILE | selection FILE | decisions FILE | labels FILE | clusters FILE | report FILE", Argument::Files, run::save, "save the map ({map}), a picture of it ({picture}), the statistics ({statistics}), the selected samples ({selection}), the decisions ({decisions}), the corrected labels ({labels}), the cluster of each sample ({clusters}), or the report ({report})"),
    row("report", "FILE", Argument::File(Target::Report), run::report, "write what is shown as one page that others can read ({report}): the reading, the map, tables, suspects and decisions"),
    row("help", "[TEXT]", Argument::Text, run::help, "show what the help says about TEXT"),
    row("explain", "WORD", Argument::Text, run::help, "what a heading or an abbreviation means, for example :explain trust"),
    row("redraw", "", Argument::Nothing, |_, _| Ok(Act(Action::Redraw)), "redraw everything"),
    row("suspend", "", Argument::Nothing, |_, _| Ok(Act(Action::Suspend)), "suspend the program; fg in the shell brings it back"),
    row("quit", "", Argument::Nothing, |_, _| Ok(Act(Action::Quit)), "quit the program"),
];

/// All commands: the general ones and those of panels, in the order of the help.
pub(crate) fn commands() -> impl Iterator<Item = &'static Spec> {
    let of_panels = PANELS.iter().flat_map(|panel| panel.spec().commands);
    COMMANDS.iter().chain(of_panels)
}

/// The command of a name, or of the beginning of one name only.
pub(crate) fn of_name(name: &str) -> Result<&'static Spec, String> {
    if let Some(spec) = commands().find(|spec| spec.name == name) {
        return Ok(spec);
    }
    let mut found = commands().filter(|spec| spec.name.starts_with(name));
    match (found.next(), found.next()) {
        (Some(spec), None) => Ok(spec),
        (Some(one), Some(other)) => Err(format!(
            "{name} can mean {} or {}; type more of it",
            one.name, other.name
        )),
        (None, _) => {
            let meant = text::did_you_mean(name, commands().map(|spec| spec.name));
            let name = text::name(name, LONGEST);
            Err(format!(
                "there is no command {name}{meant}; Tab lists the commands"
            ))
        }
    }
}

/// Reads a line, and does what it says unless that is an [`Action`].
pub(crate) fn run(app: &mut App, line: &str) -> Reply {
    let (name, rest) = split(line);
    if name.is_empty() {
        return Ok(Done(Vec::new()));
    }
    let spec = of_name(name)?;
    if matches!(spec.source, Argument::Nothing) && !rest.trim().is_empty() {
        return Err(format!("{} takes no argument", spec.name));
    }
    (spec.run)(app, rest.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_named_in_full_or_by_a_beginning_that_is_its_own() {
        assert_eq!(of_name("perp").map(|s| s.name), Ok("perplexity"));
        assert_eq!(of_name("k").map(|s| s.name), Ok("k"));
        let problem = |name| of_name(name).map(|s| s.name).unwrap_err();
        assert!(problem("p").contains("perplexity or pause"));
        assert!(problem("frobnicate").contains("no command frobnicate; Tab"));
        assert!(problem("colr").contains("no command colr; did you mean color?"));
    }

    #[test]
    fn names_are_unique_and_told_about() {
        for (at, spec) in commands().enumerate() {
            assert!(!spec.help().is_empty());
            assert!(commands().skip(at + 1).all(|other| other.name != spec.name));
        }
    }
}
