//! The config file: the screen's settings and keys.
//!
//! In: `$XDG_CONFIG_HOME/disentangle/config.toml`, or the file that `--config` names. Out: a
//! [`Config`], which sets what the command line leaves open. A setting is read as the option of its
//! name, so both take the same values. `disentangle config` prints a file with all defaults as
//! comments, made from the options and the table of keys. Unknown settings and keys with two
//! meanings are refused with their line.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, FromArgMatches};
use serde::Deserialize;
use toml::{Spanned, Value};

use crate::error::{Error, Result, printable};
use crate::palette::CustomColors;
use crate::tui::{KeyBindings, Settings};

/// A larger file is not a config file.
const LARGEST: u64 = 1 << 20;
const REMEDY: &str = "`disentangle config` prints all settings with their defaults";

/// What the config file sets.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// Settings that were checked: the name, and the option that sets it.
    settings: Vec<(String, String)>,
    /// The keys.
    pub(super) keys: KeyBindings,
    /// Colors in place of the palette's.
    pub(super) colors: CustomColors,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    screen: BTreeMap<String, Spanned<Value>>,
    #[serde(default)]
    colors: BTreeMap<String, Spanned<Value>>,
    #[serde(default)]
    keys: BTreeMap<String, Spanned<Vec<String>>>,
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
            let problem = format!("{size} bytes is too large for a config file");
            return Err(Error::input(file, problem, REMEDY));
        }
        let bytes = std::fs::read(&path).map_err(io)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Error::input(&*file, format!("byte {at} is not UTF-8"), REMEDY)
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
        let keys = read.keys;
        let changes: Vec<(String, Vec<String>)> = keys
            .iter()
            .map(|(name, keys)| (name.clone(), keys.get_ref().clone()))
            .collect();
        let keys = KeyBindings::new(&changes).map_err(|error| {
            let (name, keys) = keys.iter().nth(error.change).unzip();
            let at = keys.map_or(0, |keys| keys.span().start);
            wrong(at, name.map_or("", String::as_str), &error.problem)
        })?;
        let mut settings = Vec::new();
        for (name, value) in read.screen {
            let argument = format!("--{name}={}", plain(value.get_ref()));
            parsed(&[&argument]).map_err(|problem| wrong(value.span().start, &name, &problem))?;
            settings.push((name, argument));
        }
        let mut colors = CustomColors::default();
        for (name, value) in read.colors {
            let texts: Vec<String> = match value.get_ref() {
                Value::Array(items) => items.iter().map(plain).collect(),
                one => vec![plain(one)],
            };
            let set = colors.set(&name, &texts);
            set.map_err(|problem| wrong(value.span().start, &name, &printable(&problem)))?;
        }
        Ok(Self {
            settings,
            keys,
            colors,
        })
    }

    /// Puts the file's settings in place of those that the command line did not give.
    pub(super) fn apply(&self, settings: &mut Settings, given: &ArgMatches) -> Result<()> {
        let typed = |name: &str| given.value_source(name) == Some(ValueSource::CommandLine);
        let open = self.settings.iter().filter(|(name, _)| !typed(name));
        let open: Vec<&str> = open.map(|(_, argument)| argument.as_str()).collect();
        parsed(&open)
            .and_then(|found| {
                let outcome = settings.update_from_arg_matches(&found);
                outcome.map_err(|error| problem(&error))
            })
            .map_err(|problem| Error::input("config file", problem, REMEDY))
    }
}

/// The options that are settings.
pub(super) fn options() -> clap::Command {
    Settings::augment_args(clap::Command::new("settings"))
        .no_binary_name(true)
        .disable_help_flag(true)
}

/// Reads settings as options, without defaults in place of others; or what is wrong with one.
fn parsed(arguments: &[&str]) -> Result<ArgMatches, String> {
    let command = options().mut_args(|option| option.default_values([""; 0]));
    let matches = command.try_get_matches_from(arguments);
    matches.map_err(|error| problem(&error))
}

fn problem(error: &clap::Error) -> String {
    if let Some(ContextValue::Strings(values)) = error.get(ContextKind::ValidValue) {
        return format!("must be one of {}", values.join(", "));
    }
    match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => "unknown setting".into(),
    }
}

/// A value as it would be typed; nothing for a table or a date, which no option takes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(value) => value.to_string(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        Value::Datetime(_) | Value::Table(_) => String::new(),
    }
}

/// An option's default in TOML; where it depends on the terminal, the first value possible; where it
/// depends on the data, the value that its help begins with.
fn default_in_toml(option: &Arg) -> String {
    let mut values: Vec<String> = (option.get_default_values().iter())
        .map(|value| value.to_string_lossy().into_owned())
        .collect();
    if values.is_empty() {
        let first = option.get_possible_values().into_iter().next();
        values.extend(first.map(|value| value.get_name().to_owned()));
    }
    if values.is_empty() {
        let help = option
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let usual = help
            .split_once("[default: ")
            .and_then(|(_, rest)| rest.split([',', ']']).next());
        values.extend(usual.map(str::to_owned));
    }
    let text = values.join(", ");
    if option.get_value_delimiter().is_some() {
        format!("[{text}]")
    } else if text.parse::<f64>().is_ok() || text.parse::<bool>().is_ok() {
        text
    } else {
        toml_text(&text)
    }
}

/// What an option means, with the values possible.
fn meaning(option: &Arg) -> String {
    let help = option
        .get_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let values: Vec<String> = (option.get_possible_values().iter())
        .map(|value| value.get_name().to_owned())
        .collect();
    if values.is_empty() || values == ["true", "false"] {
        help
    } else {
        format!("{help} [{}]", values.join(", "))
    }
}

/// A config file with all defaults, each as a comment.
pub(super) fn defaults() -> String {
    let mut text = String::from(
        "# Settings of disentangle's screen, with their defaults. This file is read from\n\
         # $XDG_CONFIG_HOME/disentangle/config.toml (by default ~/.config/disentangle/config.toml)\n\
         # or from the file named with --config. Options on the command line override it.\n\n[screen]\n",
    );
    for option in options().get_arguments() {
        let name = option.get_long().unwrap_or_default();
        let _ = writeln!(text, "# {}", meaning(option));
        let _ = writeln!(text, "# {name} = {}", default_in_toml(option));
    }
    text.push_str(
        "\n# Colors in place of the palette's: \"#rrggbb\", a color of the terminal (\"red\", \"bright-red\"), or\n\
         # its number (0 to 255).\n[colors]\n",
    );
    for (name, value, help) in CustomColors::ALL {
        let _ = writeln!(text, "# {help}\n# {name} = {value}");
    }
    text.push_str(
        "\n# The keys given to an action replace its default ones. A key is a character, space, enter, esc, tab,\n\
         # shift-tab, backspace, delete, up, down, left, right, home, end, page-up, page-down, or ctrl-\n\
         # and a letter; [] leaves the action without a key. Ctrl-C, Ctrl-Z and Ctrl-L cannot be\n\
         # given to another action.\n[keys]\n",
    );
    let mut told = Cow::Borrowed("");
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
    use crate::palette::{Background, Color, ColorDepth, ColorSet, Palette, Theme};
    use crate::picture::Glyphs;
    use crate::tui::KeepSession;

    fn problem(text: &str) -> String {
        Config::parse(text, "config.toml").unwrap_err().to_string()
    }

    /// The settings of a file, with those options typed.
    fn settings(text: &str, typed: &[&str]) -> Settings {
        let given = options().try_get_matches_from(typed).unwrap();
        let mut settings = Settings::from_arg_matches(&given).unwrap();
        let config = Config::parse(text, "config.toml").unwrap();
        config.apply(&mut settings, &given).unwrap();
        settings
    }

    #[test]
    fn what_is_printed_is_what_is_in_effect() {
        let printed = defaults();
        assert_eq!(settings(&printed, &[]), Settings::default());
        // Uncommented, each setting says what it is without the file, too.
        let is_setting = |line: &&str| {
            let name = line.strip_prefix("# ").and_then(|l| l.split_once(" = "));
            name.is_some_and(|(name, _)| {
                name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            })
        };
        let count = printed.lines().filter(is_setting).count();
        assert_eq!(
            count,
            options().get_arguments().count()
                + KeyBindings::actions().len()
                + CustomColors::ALL.len()
        );
        let lines = printed.lines();
        let plain: Vec<&str> = lines
            .map(|line| if is_setting(&line) { &line[2..] } else { line })
            .collect();
        let plain = plain.join("\n");
        let expected = Settings {
            theme: Some(Theme::Dark),
            background: Some(Background::Dark),
            glyphs: Some(Glyphs::Braille),
            names: Some(true),
            k: Some(10),
            ..Settings::default()
        };
        assert_eq!(settings(&plain, &[]), expected);
        let (default, keys) = (
            KeyBindings::default(),
            Config::parse(&plain, "plain").unwrap().keys,
        );
        for key in (' '..='~')
            .map(String::from)
            .chain(["tab".into(), "ctrl-r".into()])
        {
            assert_eq!(keys.meanings(&key), default.meanings(&key), "{key}");
        }
    }

    #[test]
    fn settings_are_read_and_options_override_them() {
        let text = "[screen]\nperplexity = [3, 8.5]\nk = 5\npalette = \"tol\"\nglyphs = \"ascii\"\n\
                    background = \"light\"\ntheme = \"high-contrast\"\nbandwidth = 0\npace = 10\nnames = false\nanimation = false\n\
                    follow = false\nmouse = false\nsession = \"off\"\nautosave = 5\n[keys]\nfit = [\"F\", \"ctrl-f\"]\nkeep-tag = [\"K\"]\n";
        let of_file = Settings {
            perplexity: vec![3.0, 8.5],
            k: Some(5),
            palette: ColorSet::Tol,
            glyphs: Some(Glyphs::Ascii),
            theme: Some(Theme::HighContrast),
            background: Some(Background::Light),
            names: Some(false),
            bandwidth: 0,
            pace: 10,
            animation: false,
            follow: false,
            mouse: false,
            session: KeepSession::Off,
            autosave: 5,
        };
        assert_eq!(settings(text, &[]), of_file);
        let typed = ["--k=10", "--perplexity=30", "--mouse=true"];
        let expected = Settings {
            k: Some(10),
            perplexity: vec![30.0],
            mouse: true,
            ..of_file
        };
        assert_eq!(settings(text, &typed), expected);
        let keys = Config::parse(text, "c").unwrap().keys;
        assert!(keys.meanings("ctrl-f").contains(&"fit".to_owned()));
        assert!(!keys.meanings("0").contains(&"fit".to_owned()));
        // The former name of an action.
        assert!(keys.meanings("K").contains(&"keep-label".to_owned()));
    }

    #[test]
    fn colors_are_read_from_the_file() {
        let text = "[colors]\nclasses = [\"#010203\", \"red\", 208]\nfocus = \"bright-blue\"\n";
        let colors = Config::parse(text, "c").unwrap().colors;
        let palette = Palette::new(ColorDepth::True).with_colors(&colors);
        let found: Vec<_> = (0..4).map(|class| palette.color(class)).collect();
        let [first, red] = [Color::Rgb(1, 2, 3), Color::Indexed(1)];
        let expected = [first, red, Color::Indexed(208), first].map(Some);
        assert_eq!(found, expected);
        assert_eq!(palette.focus(), Some(Color::Indexed(12)));
        // Documented, each with what it is.
        let documented = include_str!("../../docs/config.md");
        for (name, _, help) in CustomColors::ALL {
            let row = format!("| `{name}` | {help} |\n");
            assert!(documented.contains(&row), "docs/config.md lacks\n{row}");
        }
    }

    #[test]
    fn the_documentation_lists_the_settings() {
        let documented = include_str!("../../docs/config.md");
        for option in options().get_arguments() {
            let name = option.get_long().unwrap();
            let (help, default) = match meaning(option).split_once(" [default: ") {
                Some((help, rest)) => {
                    let (default, values) = rest.split_once(']').unwrap();
                    (format!("{help}{values}"), default.to_owned())
                }
                None => (meaning(option), format!("`{}`", default_in_toml(option))),
            };
            let row = format!("| `{name}` | {help} | {default} |\n");
            assert!(documented.contains(&row), "docs/config.md lacks\n{row}");
        }
    }

    #[test]
    fn what_cannot_be_used_names_file_line_and_setting() {
        for (text, parts) in [
            (
                "[screen]\nk = 0\n",
                [
                    "line 2: k: must be a whole number from 1 to 1000",
                    "config.toml",
                ],
            ),
            (
                "[screen]\n\nk = \"x\"\n",
                ["line 3: k: must be a whole number", "config.toml"],
            ),
            (
                "[screen]\npalette = \"rainbow\"\n",
                ["line 2: palette: must be one of", "okabe-ito, tol"],
            ),
            (
                "[screen]\nperplexity = [0.5]\n",
                ["line 2: perplexity:", "at least 1"],
            ),
            (
                "[screen]\ncolour = 1\n",
                ["line 2: colour:", "unknown setting"],
            ),
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
                ["line 2: fit: q already means quit", "config.toml"],
            ),
            (
                "[keys]\nfit = [\"ctrl-c\"]\n",
                ["line 2: fit:", "always has the same meaning"],
            ),
            (
                "[keys]\nfit = [\"\\u001b\"]\n",
                ["line 2: fit:", "no key '\\u{1b}'"],
            ),
            ("[keys\n", ["line 1", "config.toml"]),
            (
                "[colors]\nclasses = [\"red\", \"#12\"]\n",
                ["line 2: classes: no color '#12'", "must be #rrggbb"],
            ),
            (
                "[colors]\npaper = \"red\"\n",
                ["line 2: paper: unknown color", "classes, unlabeled"],
            ),
        ] {
            let problem = problem(text);
            for part in parts {
                assert!(problem.contains(part), "{problem}\nlacks {part}");
            }
            assert!(problem.contains("`disentangle config`"));
        }
    }
}
