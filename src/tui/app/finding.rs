//! What a search found, and how well a name fits what was typed.

use super::action::Direction;
use super::panels::Panel;

/// Something that a search finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hit {
    /// A class, by its place in the legend.
    Class(usize),
    Sample(usize),
    /// A selection with a name, by its place among them.
    Selection(usize),
    Panel(Panel),
    /// A command, by its name.
    Command(&'static str),
}

/// What a text found, and which of it is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The text.
    pub(crate) wanted: String,
    /// What it found, the best first.
    pub(crate) hits: Vec<Hit>,
    /// The place of the one that is looked at.
    pub(crate) at: usize,
}

impl Finding {
    /// The one that is looked at.
    pub(crate) fn hit(&self) -> Option<Hit> {
        self.hits.get(self.at).copied()
    }

    /// To the next or previous one, around the ends.
    pub(crate) fn step(&mut self, to: Direction) {
        self.at = to.around(self.at, self.hits.len());
    }
}

/// How well a name fits what was typed; the least fits best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// It is what was typed.
    Same,
    /// It contains what was typed.
    Contains,
    /// It has the characters in their order, with this many others between and before them; those that
    /// begin a word count less.
    Scattered(usize),
}

impl Fit {
    /// How well a name fits, in whatever case; `wanted` is in lower case.
    pub(crate) fn of(wanted: &str, name: &str) -> Option<Self> {
        // Ids are mostly in one case: looked at as they are first.
        if name == wanted {
            return Some(Self::Same);
        }
        if name.contains(wanted) {
            return Some(Self::Contains);
        }
        let name = name.to_lowercase();
        if name == wanted {
            return Some(Self::Same);
        }
        if name.contains(wanted) {
            return Some(Self::Contains);
        }
        scattered(wanted, &name).map(Self::Scattered)
    }
}

/// What stands between the characters, if the name has them in this order.
fn scattered(wanted: &str, name: &str) -> Option<usize> {
    let mut cost = 0;
    let mut rest = name.chars();
    for c in wanted.chars().filter(|c| !c.is_whitespace()) {
        let mut before = None;
        let mut skipped = 0;
        loop {
            let found = rest.next()?;
            if found == c {
                break;
            }
            before = Some(found);
            skipped += 1;
        }
        let begins_word = before.is_some_and(|b| !b.is_alphanumeric());
        cost += if begins_word { 1 } else { skipped };
    }
    Some(cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_whole_in_part_and_scattered() {
        assert_eq!(Fit::of("boot", "Boot"), Some(Fit::Same));
        assert_eq!(Fit::of("boot", "Ankle boot"), Some(Fit::Contains));
        assert_eq!(Fit::of("ab", "Ankle boot"), Some(Fit::Scattered(1)));
        assert_eq!(Fit::of("ankbt", "Ankle boot"), Some(Fit::Scattered(3)));
        assert_eq!(Fit::of("ankle x", "Ankle boot"), None);
        assert_eq!(Fit::of("ta", "at"), None);
        assert!(Fit::of("img7", "img_0007") < Fit::of("img7", "i-m-gg_0007"));
    }
}
