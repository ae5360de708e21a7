//! The config file: what the screen begins with, and its keys.
//!
//! In: `$XDG_CONFIG_HOME/disentangle/config.toml`, or the file named by `--config`. Out: [`Config`],
//! what it sets and no more; options on the command line go before it. `disentangle config` prints
//! a file with all defaults as comments, made from the tables that the program works with. Unknown
//! settings and keys with two meanings are refused with their line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::error::{Error, Result, printable};
use crate::palette::{Background, ColorSet};
use crate::picture::Glyphs;
use crate::tui::{DEFAULT_LADDER, KeyBindings};

/// Larger files are no config files.
const LARGEST: u64 = 1 << 20;
/// Neighbors per sample in the tables, unless asked for otherwise.
pub(super) const K: u64 = 10;
/// Kilobytes per second that a moving map may send.
pub(super) const BANDWIDTH: u32 = 64;
/// Least milliseconds per iteration.
pub(super) const PACE: u64 = 4;

/// What the config file sets.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// Perplexities to step through.
    pub(super) perplexity: Option<Vec<f64>>,
    /// Neighbors per sample in the tables.
    pub(super) k: Option<u64>,
    /// Colors of the classes.
    pub(super) palette: Option<ColorSet>,
    /// The terminal's background.
    pub(super) background: Option<Background>,
    /// What the map is drawn with.
    pub(super) glyphs: Option<Glyphs>,
    /// Kilobytes per second that a moving map may send.
    pub(super) bandwidth: Option<u32>,
    /// Least milliseconds per iteration.
    pub(super) pace: Option<u64>,
    /// Points move from map to map.
    pub(super) animation: Option<bool>,
    /// Mouse events are taken.
    pub(super) mouse: Option<bool>,
    /// The keys.
    pub(super) keys: KeyBindings,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    screen: ScreenTable,
    #[serde(default)]
    keys: BTreeMap<String, Spanned<Vec<String>>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct ScreenTable {
    perplexity: Option<Spanned<Vec<f64>>>,
    k: Option<Spanned<u64>>,
    palette: Option<Spanned<String>>,
    background: Option<Spanned<String>>,
    glyphs: Option<Spanned<String>>,
    bandwidth: Option<Spanned<u32>>,
    pace: Option<Spanned<u64>>,
    animation: Option<bool>,
    mouse: Option<bool>,
}

/// A folder of the user: `$VARIABLE/disentangle`, or below the home folder.
fn user_folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from);
    // A relative path is to be ignored (XDG Base Directory Specification).
    let folder = set(variable).filter(|folder| folder.is_absolute());
    let folder = folder.or_else(|| Some(set("HOME")?.join(below_home)))?;
    folder.is_absolute().then(|| folder.join("disentangle"))
}

/// Where the program keeps what it remembers.
pub(super) fn state_folder() -> Option<PathBuf> {
    user_folder("XDG_STATE_HOME", ".local/state")
}

impl Config {
    /// Reads the file named, or the user's own if there is one.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, [`Error::Input`] with line and setting if it cannot be
    /// used.
    pub(super) fn load(named: Option<&Path>) -> Result<Self> {
        let own = || user_folder("XDG_CONFIG_HOME", ".config").map(|f| f.join("config.toml"));
        let path = match named {
            Some(path) => path.to_path_buf(),
            None => match own().filter(|path| path.is_file()) {
                Some(path) => path,
                None => return Ok(Self::default()),
            },
        };
        let io = |source| Error::io("read", &path, source);
        let file = path.display().to_string();
        let size = std::fs::metadata(&path).map_err(io)?.len();
        if size > LARGEST {
            let problem = format!("{size} bytes are too many for a config file");
            return Err(Error::input(file, problem, REMEDY));
        }
        let bytes = std::fs::read(&path).map_err(io)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Error::input(&*file, format!("byte {at} is no UTF-8"), REMEDY)
        })?;
        Self::parse(&text, &file)
    }

    fn parse(text: &str, file: &str) -> Result<Self> {
        let line = |at: usize| text.get(..at).unwrap_or("").matches('\n').count() + 1;
        let wrong = |at: usize, name: &str, problem: &str| {
            let problem = format!("line {}: {}: {problem}", line(at), printable(name));
            Error::input(file, problem, REMEDY)
        };
        let read: File = toml::from_str(text).map_err(|error| {
            let place = error.span().map_or_else(String::new, |span| {
                let content = text.get(span.clone()).unwrap_or("");
                let start = span.start + content.len() - content.trim_start().len();
                format!("line {}: ", line(start))
            });
            let problem = error.message().trim_end().replace('\n', ", ");
            Error::input(file, format!("{place}{}", printable(&problem)), REMEDY)
        })?;
        let (screen, keys) = (read.screen, read.keys);
        let changes: Vec<(String, Vec<String>)> = keys
            .iter()
            .map(|(name, keys)| (name.clone(), keys.get_ref().clone()))
            .collect();
        let keys = KeyBindings::new(&changes).map_err(|error| {
            let (name, keys) = keys.iter().nth(error.change).unzip();
            let at = keys.map_or(0, |keys| keys.span().start);
            wrong(at, name.map_or("", String::as_str), &error.problem)
        })?;
        let known = |name: &'static str| move |at, problem: &str| wrong(at, name, problem);
        let ladder = |ladder: Vec<f64>| {
            let usable = |p: &f64| p.is_finite() && *p >= 1.0;
            let good = !ladder.is_empty() && ladder.iter().all(usable);
            let problem = "numbers of at least 1 are expected, as in [5, 30, 100]";
            good.then_some(ladder).ok_or_else(|| problem.into())
        };
        Ok(Self {
            perplexity: checked(screen.perplexity, ladder, known("perplexity"))?,
            k: checked(screen.k, |k| within(k, 1, 1000), known("k"))?,
            palette: checked(
                screen.palette,
                |name| super::pictures::color_set(&name),
                known("palette"),
            )?,
            background: checked(
                screen.background,
                |name| super::pictures::background(&name),
                known("background"),
            )?,
            glyphs: checked(
                screen.glyphs,
                |name| super::pictures::glyphs(&name),
                known("glyphs"),
            )?,
            bandwidth: checked(
                screen.bandwidth,
                |kb| within(kb, 0, 4_000_000),
                known("bandwidth"),
            )?,
            pace: checked(screen.pace, |ms| within(ms, 0, 60_000), known("pace"))?,
            animation: screen.animation,
            mouse: screen.mouse,
            keys,
        })
    }
}

/// What helps.
const REMEDY: &str = "`disentangle config` prints all settings with their defaults";

/// A number within its limits.
fn within<T: PartialOrd + std::fmt::Display>(value: T, low: T, high: T) -> Result<T, String> {
    if value >= low && value <= high {
        Ok(value)
    } else {
        Err(format!(
            "a number from {low} to {high} is expected, not {value}"
        ))
    }
}

/// A setting, if there is one, read and checked.
fn checked<T, U>(
    setting: Option<Spanned<T>>,
    read: impl FnOnce(T) -> Result<U, String>,
    wrong: impl FnOnce(usize, &str) -> Error,
) -> Result<Option<U>> {
    let Some(setting) = setting else {
        return Ok(None);
    };
    let at = setting.span().start;
    let value = read(setting.into_inner());
    value.map(Some).map_err(|problem| wrong(at, &problem))
}

/// A config file with all defaults, each as a comment.
pub(super) fn defaults() -> String {
    let mut text = String::from(
        "# Settings of the screen of disentangle, with their defaults.\n\
         # They are read from $XDG_CONFIG_HOME/disentangle/config.toml (by default\n\
         # ~/.config/disentangle/config.toml), or from the file that --config names.\n\
         # Options on the command line go before them.\n\n[screen]\n",
    );
    let ladder: Vec<String> = DEFAULT_LADDER.iter().map(|p| format!("{p:?}")).collect();
    let settings = [
        (
            "Perplexities to step through with [ and ]; the first begins unless 30 is among them",
            format!("perplexity = [{}]", ladder.join(", ")),
        ),
        ("Neighbors per sample in the tables", format!("k = {K}")),
        (
            "Colors of the classes: okabe-ito, tol or twenty",
            format!("palette = \"{}\"", ColorSet::default().name()),
        ),
        (
            "The terminal's background, dark or light; without it, what the terminal says",
            format!("background = \"{}\"", Background::default().name()),
        ),
        (
            "The map is drawn with braille, octant, half-block, ascii or letters; without it, with \
             what the terminal can show",
            format!("glyphs = \"{}\"", Glyphs::default().name()),
        ),
        (
            "Kilobytes per second that a moving map may send (0: no limit)",
            format!("bandwidth = {BANDWIDTH}"),
        ),
        (
            "Least milliseconds per iteration, so that small maps are seen forming",
            format!("pace = {PACE}"),
        ),
        (
            "Points move from map to map instead of jumping",
            "animation = true".into(),
        ),
        (
            "Take mouse events; the terminal's own selection of text then needs Shift",
            "mouse = true".into(),
        ),
    ];
    for (what, setting) in settings {
        let _ = writeln!(text, "# {what}\n# {setting}");
    }
    text.push_str(
        "\n# An action's keys take the place of its own. A key is a character, space, enter, esc, tab,\n\
         # shift-tab, backspace, delete, up, down, left, right, home, end, page-up, page-down, or ctrl-\n\
         # and a letter; [] leaves the action to the command line. Ctrl-C, Ctrl-Z and Ctrl-L always\n\
         # quit, suspend and redraw.\n[keys]\n",
    );
    let mut told = "";
    for (name, keys, help) in KeyBindings::actions() {
        if help != told && !help.is_empty() {
            let _ = writeln!(text, "# {help}");
            told = help;
        }
        let quoted: Vec<String> = keys.iter().map(|key| toml_text(key)).collect();
        let _ = writeln!(text, "# {name} = [{}]", quoted.join(", "));
    }
    text
}

/// A text in TOML.
fn toml_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let error = Config::parse(text, "config.toml").unwrap_err();
        assert!(matches!(error, Error::Input { .. }));
        error.to_string()
    }

    #[test]
    fn what_is_printed_is_what_is_in_effect() {
        let printed = defaults();
        let config = Config::parse(&printed, "printed").unwrap();
        assert!(config.k.is_none() && config.palette.is_none());
        // Each setting without its comment sign says what is so anyway.
        let is_setting = |line: &&str| {
            let name = line.strip_prefix("# ").and_then(|l| l.split_once(" = "));
            name.is_some_and(|(name, _)| {
                name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            })
        };
        let count = printed.lines().filter(is_setting).count();
        assert_eq!(count, 9 + KeyBindings::actions().len());
        let lines = printed.lines();
        let plain: Vec<&str> = lines
            .map(|line| if is_setting(&line) { &line[2..] } else { line })
            .collect();
        let config = Config::parse(&plain.join("\n"), "plain").unwrap();
        assert_eq!(config.perplexity.as_deref(), Some(&DEFAULT_LADDER[..]));
        assert_eq!((config.k, config.pace), (Some(K), Some(PACE)));
        assert_eq!(config.palette, Some(ColorSet::default()));
        assert_eq!(config.bandwidth, Some(BANDWIDTH));
        assert_eq!((config.animation, config.mouse), (Some(true), Some(true)));
        let default = KeyBindings::default();
        for key in (' '..='~')
            .map(String::from)
            .chain(["tab".into(), "ctrl-r".into()])
        {
            assert_eq!(config.keys.meanings(&key), default.meanings(&key), "{key}");
        }
    }

    #[test]
    fn settings_are_read() {
        let text = "[screen]\nperplexity = [3, 8.5]\nk = 5\npalette = \"tol\"\nglyphs = \"ascii\"\n\
                    background = \"light\"\nbandwidth = 0\npace = 10\nanimation = false\n\
                    mouse = false\n[keys]\nfit = [\"F\", \"ctrl-f\"]\n";
        let config = Config::parse(text, "c").unwrap();
        assert_eq!(config.perplexity, Some(vec![3.0, 8.5]));
        assert_eq!(config.palette, Some(ColorSet::Tol));
        assert_eq!(config.glyphs, Some(Glyphs::Ascii));
        assert_eq!(config.background, Some(Background::Light));
        assert_eq!((config.bandwidth, config.pace), (Some(0), Some(10)));
        assert_eq!((config.animation, config.mouse), (Some(false), Some(false)));
        assert!(config.keys.meanings("ctrl-f").contains(&"fit".to_owned()));
        assert!(!config.keys.meanings("0").contains(&"fit".to_owned()));
    }

    #[test]
    fn what_cannot_be_used_names_file_line_and_setting() {
        for (text, parts) in [
            (
                "[screen]\nk = 0\n",
                ["line 2: k: a number from 1 to 1000", "not 0"],
            ),
            ("[screen]\n\nk = \"x\"\n", ["line 3", "string"]),
            (
                "[screen]\npalette = \"rainbow\"\n",
                ["line 2: palette:", "okabe-ito, tol"],
            ),
            (
                "[screen]\nperplexity = [0.5]\n",
                ["line 2: perplexity:", "at least 1"],
            ),
            ("[screen]\ncolour = 1\n", ["line 2", "colour"]),
            (
                "[keys]\ndance = [\"d\"]\n",
                ["line 2: dance:", "no action 'dance'"],
            ),
            (
                "[keys]\n\nfit = [\"hyper-f\"]\n",
                ["line 3: fit:", "no key 'hyper-f'"],
            ),
            (
                "[keys]\nfit = [\"q\"]\n",
                ["line 2: fit: q means quit already", "config.toml"],
            ),
            (
                "[keys]\nfit = [\"ctrl-c\"]\n",
                ["line 2: fit:", "always means the same"],
            ),
            (
                "[keys]\nfit = [\"\\u001b\"]\n",
                ["line 2: fit:", "no key '\\u{1b}'"],
            ),
            ("[keys\n", ["line 1", "config.toml"]),
        ] {
            let problem = problem(text);
            for part in parts {
                assert!(problem.contains(part), "{problem}\nlacks {part}");
            }
            assert!(problem.contains("`disentangle config`"));
        }
    }
}
