//! The command table: what can be typed after `:`.
//!
//! One table runs the commands, completes their arguments and writes the help. In: a line as it was
//! typed. Out: the command that it names and the rest of the line, which the command reads. The last
//! argument is the rest of the line, so that names with spaces need no quotes; they may have them,
//! and what completion inserts has them where a name would otherwise be read as another.

mod complete;
mod run;

use super::App;
use super::action::{Action, Choose, Effect, LookAction, RunAction};
use super::panels::PANELS;

use self::complete::target_of;
pub(crate) use self::complete::{Candidate, complete};
pub(super) use self::run::{DONE, class, expected, one_word};

/// What a command leads to: what the loop is to do, or what was wrong with its arguments.
pub(crate) type Reply = Result<Vec<Effect>, String>;

/// What can stand in an argument's place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Argument {
    Nothing,
    Text,
    /// A perplexity of the ladder, or another.
    Perplexities,
    Seeds,
    Neighbors,
    Classes,
    Models,
    /// A layer of the current model.
    Layers,
    /// What the colors of the map can mean.
    Colorings,
    /// A set of colors.
    ColorSets,
    /// What the map is drawn with.
    Glyphs,
    Panels,
    /// What the chosen panel can be sorted by.
    Columns,
    /// A sample's id.
    Ids,
    /// What to save, or where to.
    Files,
    /// A name for a file of one kind.
    File(super::action::Target),
    /// One of these words.
    Words(&'static [Word]),
}

/// A word in an argument's place.
#[derive(Debug)]
pub(crate) struct Word {
    /// The word.
    pub(crate) name: &'static str,
    /// What it means.
    pub(crate) help: &'static str,
    /// What follows it.
    pub(crate) then: Argument,
}

/// A command.
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    /// Its arguments as the help shows them.
    pub(crate) arguments: &'static str,
    pub(crate) help: &'static str,
    /// What can stand behind its name.
    pub(crate) source: Argument,
    /// Does it, given the rest of the line.
    pub(crate) run: fn(&mut App, &str) -> Reply,
}

impl Spec {
    /// Name and arguments.
    pub(crate) fn usage(&self) -> String {
        format!("{} {}", self.name, self.arguments)
            .trim_end()
            .to_owned()
    }
}

/// A word that nothing follows.
pub(super) const fn word(word: &'static str, help: &'static str) -> Word {
    Word {
        name: word,
        help,
        then: Argument::Nothing,
    }
}

/// A word that something follows.
pub(super) const fn word_then(word: &'static str, help: &'static str, then: Argument) -> Word {
    Word {
        name: word,
        help,
        then,
    }
}

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
    word("none", "nothing"),
];
const WINNERS: &[Word] = &[
    word("majority", "the class with the most samples in the cell"),
    word("rarest", "the rarest class in the cell: none is hidden"),
];
const SWITCH: &[Word] = &[word("on", "show them"), word("off", "hide them")];
const ZOOMS: &[Word] = &[
    word("in", "zoom in"),
    word("out", "zoom out"),
    word("fit", "the whole map"),
];
/// A row of the table.
pub(super) const fn row(
    name: &'static str,
    arguments: &'static str,
    source: Argument,
    run: fn(&mut App, &str) -> Reply,
    help: &'static str,
) -> Spec {
    Spec {
        name,
        arguments,
        help,
        source,
        run,
    }
}

/// The general commands. Those of a single panel are declared in its file
/// ([`PanelSpec::commands`](super::panels::PanelSpec)).
#[rustfmt::skip]
const COMMANDS: &[Spec] = &[
    row("perplexity", "NUMBER", Argument::Perplexities, run::perplexity, "go to this perplexity, and add it to the ladder"),
    row("seed", "NUMBER", Argument::Seeds, run::seed, "start over with this seed; discards the maps kept so far"),
    row("pause", "", Argument::Nothing, |app, _| run::ask(app, RunAction::Pause), "stop iterating"),
    row("resume", "", Argument::Nothing, |app, _| run::ask(app, RunAction::Resume), "resume iterating"),
    row("step", "", Argument::Nothing, |app, _| run::ask(app, RunAction::Step), "one iteration, then pause"),
    row("model", "NAME", Argument::Models, run::model, "the same layer of this model"),
    row("layer", "NAME", Argument::Layers, run::layer, "this layer of the current model (or MODEL/LAYER)"),
    row("select", "class NAME | id ID | view | neighbors | suspects | wrong | none", Argument::Words(SELECT), run::select, "select samples; if all of them are selected already, deselect them"),
    row("find", "ID", Argument::Ids, run::find, "find a sample by a part of its id, or by its number"),
    row("show", "[CLASS]", Argument::Classes, run::show, "show a class; without a name, all classes"),
    row("hide", "CLASS", Argument::Classes, run::hide, "hide a class"),
    row("only", "CLASS", Argument::Classes, run::only, "show only this class"),
    row("color", "WHAT", Argument::Colorings, run::color, "what the map's colors mean"),
    row("palette", "NAME", Argument::ColorSets, run::palette, "the colors of the classes"),
    row("glyphs", "NAME", Argument::Glyphs, run::glyphs, "the characters that draw the map"),
    row("winner", "majority | rarest", Argument::Words(WINNERS), run::winner, "which class gives a cell its color"),
    row("lines", "on | off", Argument::Words(SWITCH), |app, text| run::switch(app, LookAction::NeighborLines, text), "lines to the current sample's neighbors in the features"),
    row("trails", "on | off", Argument::Words(SWITCH), |app, text| run::switch(app, LookAction::Trails, text), "the paths of the points that moved most at the last flip"),
    row("zoom", "in | out | fit", Argument::Words(ZOOMS), run::zoom, "zoom in, zoom out, or show the whole map"),
    row("panel", "NAME", Argument::Panels, run::panel, "show a panel and focus it"),
    row("sort", "COLUMN", Argument::Columns, run::sort, "sort the panel's rows by this column, largest first"),
    row("reverse", "", Argument::Nothing, |app, _| run::act(app, Action::ReverseOrder), "reverse the order of the panel's rows"),
    row("k", "NUMBER", Argument::Neighbors, run::table_k, "neighbors per sample in the tables"),
    row("undo", "", Argument::Nothing, run::undo, "undo the last selection, or showing or hiding of classes; in the Suspects panel, the last decision"),
    row("redo", "", Argument::Nothing, |app, _| run::act(app, Action::Choose(Choose::Redo)), "redo the selection, or showing or hiding of classes, that was undone"),
    row("save", "FILE | map FILE | statistics FILE | selection FILE | decisions FILE | labels FILE", Argument::Files, run::save, "save the map (.npy, .csv), a picture of it (.svg, .png, .ans, .txt), the statistics (.json), the selected ids, the decisions (.csv), or the corrected labels (.txt)"),
    row("help", "[TEXT]", Argument::Text, run::help, "keys and commands that mention TEXT"),
    row("redraw", "", Argument::Nothing, |app, _| run::act(app, Action::Redraw), "redraw everything"),
    row("suspend", "", Argument::Nothing, |app, _| run::act(app, Action::Suspend), "suspend the program; fg in the shell brings it back"),
    row("quit", "", Argument::Nothing, |app, _| run::act(app, Action::Quit), "quit the program"),
];

/// All commands: the general ones and those of panels, in the order of the help.
pub(crate) fn commands() -> impl Iterator<Item = &'static Spec> {
    let of_panels = PANELS.iter().flat_map(|panel| panel.spec().commands);
    COMMANDS.iter().chain(of_panels)
}

/// A line's first word and the rest.
pub(super) fn split(line: &str) -> (&str, &str) {
    let line = line.trim_start();
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    (&line[..end], line[end..].trim_start())
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
        (None, _) => Err(format!("there is no command {name}; Tab lists them")),
    }
}

/// Does what a line says.
pub(crate) fn run(app: &mut App, line: &str) -> Reply {
    let (name, rest) = split(line);
    if name.is_empty() {
        return Ok(Vec::new());
    }
    let spec = of_name(name)?;
    if matches!(spec.source, Argument::Nothing) && !rest.trim().is_empty() {
        return Err(format!("{} takes no argument", spec.name));
    }
    (spec.run)(app, rest.trim_end())
}

/// An argument without its quotes.
pub(super) fn unquoted(text: &str) -> Result<String, String> {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('"') else {
        return Ok(text.to_owned());
    };
    let mut plain = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c @ ('"' | '\\')) => plain.push(c),
                Some(c) => plain.extend(['\\', c]),
                None => plain.push('\\'),
            },
            '"' if chars.as_str().is_empty() => return Ok(plain),
            '"' => return Err("something follows the closing quote".into()),
            c => plain.push(c),
        }
    }
    Err("the quote is not closed: \" at its end".into())
}

/// A name as an argument: in quotes where it would be read as something else without.
fn quoted(name: &str) -> String {
    let plain =
        !name.is_empty() && !name.contains(char::is_whitespace) && !name.starts_with(['"', '#']);
    if plain {
        return name.to_owned();
    }
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn names_survive_quotes(name in "\\PC{0,20}") {
            prop_assert_eq!(unquoted(&quoted(&name)), Ok(name));
        }
    }

    #[test]
    fn a_command_is_named_in_full_or_by_a_beginning_that_is_its_own() {
        assert_eq!(of_name("perp").map(|s| s.name), Ok("perplexity"));
        assert_eq!(of_name("k").map(|s| s.name), Ok("k"));
        let problem = |name| of_name(name).map(|s| s.name).unwrap_err();
        assert!(problem("p").contains("perplexity or pause"));
        assert!(problem("frobnicate").contains("no command frobnicate"));
    }

    #[test]
    fn names_are_unique_and_told_about() {
        for (at, spec) in commands().enumerate() {
            assert!(!spec.help.is_empty());
            assert!(commands().skip(at + 1).all(|other| other.name != spec.name));
        }
    }
}
