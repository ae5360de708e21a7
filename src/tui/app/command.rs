//! What a command is: its name, its arguments, what it does; and how an argument is read.
//!
//! The last argument is the rest of the line, so that names with spaces need no quotes; they may have
//! them, and what completion inserts has them where a name would otherwise be read as another.

use std::borrow::Cow;

use super::App;
use super::action::{Action, Effect, Target};
use crate::error::printable;
use crate::export::endings;
use crate::text;

/// What a command leads to, or what is wrong with its arguments.
pub(crate) type Reply = Result<Outcome, String>;

/// What a command leads to, once its arguments are read.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// To what a key does, too.
    Act(Action),
    /// It is done, but for what is left to the loop.
    Done(Vec<Effect>),
}

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
    Themes,
    Panels,
    /// What the chosen panel can be sorted by.
    Columns,
    /// A sample's id.
    Ids,
    /// The name of a selection.
    Selections,
    /// The name of a view.
    Views,
    /// The name of a selection or view.
    Named,
    /// What to save, or where to.
    Files,
    /// A name for a file of one kind.
    File(Target),
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
    /// What the help says, before [`with_endings`].
    help: &'static str,
    /// What can stand behind its name.
    pub(crate) source: Argument,
    /// Does it, given the rest of the line.
    pub(crate) run: fn(&mut App, &str) -> Reply,
}

impl Spec {
    /// What the help says.
    pub(crate) fn help(&self) -> Cow<'static, str> {
        with_endings(self.help)
    }

    /// Name and arguments.
    pub(crate) fn usage(&self) -> String {
        format!("{} {}", self.name, self.arguments)
            .trim_end()
            .to_owned()
    }
}

/// A word that nothing follows.
pub(crate) const fn word(word: &'static str, help: &'static str) -> Word {
    Word {
        name: word,
        help,
        then: Argument::Nothing,
    }
}

/// A word that something follows.
pub(crate) const fn word_then(word: &'static str, help: &'static str, then: Argument) -> Word {
    Word {
        name: word,
        help,
        then,
    }
}

/// A row of the table.
pub(crate) const fn row(
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

/// A line's first word and the rest.
pub(crate) fn split(line: &str) -> (&str, &str) {
    let line = line.trim_start();
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    (&line[..end], line[end..].trim_start())
}

/// An argument without its quotes.
pub(crate) fn unquoted(text: &str) -> Result<String, String> {
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
pub(crate) fn quoted(name: &str) -> String {
    let plain =
        !name.is_empty() && !name.contains(char::is_whitespace) && !name.starts_with(['"', '#']);
    if plain {
        return name.to_owned();
    }
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// What can be saved, in words.
pub(crate) const TARGETS: [(&str, Target, &str); 7] = [
    ("map", Target::Map, "positions, or a picture of them"),
    ("statistics", Target::Statistics, "all statistics, as JSON"),
    ("selection", Target::Selection, "the selected samples"),
    (
        "decisions",
        Target::Decisions,
        "what was decided about suspects",
    ),
    ("labels", Target::Labels, "all labels, corrected"),
    (
        "clusters",
        Target::Clusters,
        "the cluster of each sample, without labels",
    ),
    ("report", Target::Report, "a page with all that is known"),
];

/// What `save` can save, by its name.
pub(crate) fn target_of(word: &str) -> Option<Target> {
    TARGETS.iter().find(|(name, ..)| *name == word).map(|t| t.1)
}

/// A help text with the endings of files in place of what can be saved: `{report}` becomes ".html, .md, .json".
/// Those of a map are in two groups, `{map}` and `{picture}`.
pub(crate) fn with_endings(help: &'static str) -> Cow<'static, str> {
    if !help.contains('{') {
        return Cow::Borrowed(help);
    }
    let text = help.replace("{map}", &endings::listed(endings::MAPS));
    let text = text.replace("{picture}", &endings::listed(endings::PICTURES));
    let fill = |text: String, (name, target, _): &(&str, Target, &str)| {
        text.replace(&format!("{{{name}}}"), &endings::listed(&target.endings()))
    };
    Cow::Owned(TARGETS.iter().fold(text, fill))
}

/// Nothing is left for the loop to do.
pub(crate) const DONE: Reply = Ok(Outcome::Done(Vec::new()));

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

pub(crate) fn number<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, String> {
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
pub(crate) fn one_of(names: &[String], text: &str, what: &str) -> Result<usize, String> {
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
    let shown = |name: &String| text::name(name, 40);
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
    let meant = text::did_you_mean(&wanted, names);
    Err(format!(
        "{}: {}{more}{meant}",
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
    fn a_name_is_found_by_its_beginning_or_a_word_if_no_other_has_it() {
        let names = ["grade 0", "grade 1", "grade 10", "other"].map(String::from);
        let find = |text: &str| one_of(&names, text, "a class");
        assert_eq!(find("Grade 1"), Ok(1));
        assert_eq!(find("1"), Ok(1));
        assert_eq!(find("o"), Ok(3));
        assert!(find("grade").unwrap_err().contains("grade 0, grade 1"));
        assert!(find("").is_err());
        assert!(find("othr").unwrap_err().ends_with("did you mean other?"));
    }
}
