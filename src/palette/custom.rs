//! Colors that the user chooses, and themes of the screen.
//!
//! In: text such as `#e69f00`, `bright-red` or `208`. Out: [`CustomColors`], which take the place of a
//! palette's own.

use super::{Background, Color, MOST};
use crate::named::named;

/// How the whole screen looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Theme {
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// Colors that stand out from the background, and no dim text.
    HighContrast,
    /// The sixteen colors that the terminal's own theme defines.
    Terminal,
}

named!(Theme {
    Dark => "dark",
    Light => "light",
    HighContrast => "high-contrast",
    Terminal => "terminal",
});

impl Theme {
    /// The background that it is for, if it says.
    pub fn background(self) -> Option<Background> {
        match self {
            Self::Dark => Some(Background::Dark),
            Self::Light => Some(Background::Light),
            Self::HighContrast | Self::Terminal => None,
        }
    }
}

/// The names of the terminal's colors.
const NAMES: [&str; 8] = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
];

/// Colors chosen by the user; what was not chosen stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomColors {
    /// Those of the classes, in their order.
    pub(super) classes: Vec<Color>,
    /// All others.
    pub(super) parts: Parts,
}

/// The colors of everything but classes and levels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// Samples without a class, and gray ones.
    pub(super) unlabeled: Option<Color>,
    /// Right predictions.
    pub(super) right: Option<Color>,
    /// Wrong ones.
    pub(super) wrong: Option<Color>,
    /// What has the focus.
    pub(super) focus: Option<Color>,
    /// What is a problem.
    pub(super) problem: Option<Color>,
    /// Text that matters less.
    pub(super) faint: Option<Color>,
}

impl CustomColors {
    /// What can be chosen: the name, the value that `disentangle config` prints, and what it is.
    pub const ALL: [(&'static str, &'static str, &'static str); 7] = [
        (
            "classes",
            r##"["#56b4e9", "#e69f00", "#009e73"]"##,
            "Colors of the classes, at most 20; if there are more classes, colors repeat with other marks",
        ),
        (
            "unlabeled",
            r##""#767676""##,
            "Samples without a label; with more than 40 classes, also samples of hidden and rare classes",
        ),
        ("right", r##""#56c4ff""##, "Right predictions"),
        ("wrong", r##""#ff7a2a""##, "Wrong predictions"),
        (
            "focus",
            r#""cyan""#,
            "Frame and title of the panel in focus",
        ),
        ("problem", r#""red""#, "Problems"),
        (
            "faint",
            r#""bright-black""#,
            "Less important text, which is dim by default",
        ),
    ];

    /// Chooses a color, or those of the classes.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn set(&mut self, name: &str, values: &[String]) -> Result<(), String> {
        let place = match name {
            "classes" => return self.set_classes(values),
            "unlabeled" => &mut self.parts.unlabeled,
            "right" => &mut self.parts.right,
            "wrong" => &mut self.parts.wrong,
            "focus" => &mut self.parts.focus,
            "problem" => &mut self.parts.problem,
            "faint" => &mut self.parts.faint,
            _ => {
                let names = Self::ALL.map(|(name, ..)| name).join(", ");
                return Err(format!("unknown color: must be one of {names}"));
            }
        };
        let [value] = values else {
            return Err("must be one color".into());
        };
        *place = Some(Color::of_text(value)?);
        Ok(())
    }

    fn set_classes(&mut self, values: &[String]) -> Result<(), String> {
        if values.is_empty() || values.len() > MOST {
            return Err(format!("must be 1 to {MOST} colors, not {}", values.len()));
        }
        let mut classes: Vec<Color> = Vec::with_capacity(values.len());
        for value in values {
            let color = Color::of_text(value)?;
            if let Some(twin) = classes.iter().position(|known| *known == color) {
                let numbers = (twin + 1, classes.len() + 1);
                return Err(format!(
                    "colors {} and {} are the same",
                    numbers.0, numbers.1
                ));
            }
            classes.push(color);
        }
        self.classes = classes;
        Ok(())
    }
}

impl Color {
    /// A color by its text: `#rrggbb`, one of the terminal's (`red`, `bright-red`), or its number from
    /// 0 to 255.
    ///
    /// ```
    /// use disentangle::palette::Color;
    /// assert_eq!(Color::of_text("#e69f00"), Ok(Color::Rgb(0xe6, 0x9f, 0x00)));
    /// assert_eq!(Color::of_text("bright-red"), Ok(Color::Indexed(9)));
    /// ```
    ///
    /// # Errors
    /// What is expected, in words.
    pub fn of_text(text: &str) -> Result<Self, String> {
        let found = match text.strip_prefix('#') {
            Some(digits) if digits.len() == 6 && digits.is_ascii() => {
                let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
                (|| Some(Self::Rgb(part(0)?, part(2)?, part(4)?)))()
            }
            Some(_) => None,
            None => Self::of_name(text).or_else(|| text.parse().ok().map(Self::Indexed)),
        };
        found.ok_or_else(|| {
            format!(
                "no color '{text}': must be #rrggbb, a name such as red or bright-red, or 0 to 255"
            )
        })
    }

    fn of_name(text: &str) -> Option<Self> {
        let (name, first) = match text.strip_prefix("bright-") {
            Some(name) => (name, 8),
            None => (text, 0),
        };
        let at = NAMES.iter().position(|known| *known == name)?;
        Some(Self::Indexed(first + at as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_read_and_wrong_ones_named() {
        assert_eq!(Color::of_text("white"), Ok(Color::Indexed(7)));
        assert_eq!(Color::of_text("208"), Ok(Color::Indexed(208)));
        for wrong in [
            "", "#", "#12345", "#12345g", "#ééé", "256", "-1", "purple", "bright-",
        ] {
            let problem = Color::of_text(wrong).unwrap_err();
            assert!(problem.contains(&format!("'{wrong}'")) && problem.contains("#rrggbb"));
        }
    }

    #[test]
    fn every_color_that_is_listed_can_be_set_and_others_cannot() {
        let mut colors = CustomColors::default();
        for (name, value, _) in CustomColors::ALL {
            let values: Vec<String> = value
                .split(',')
                .map(|v| v.trim_matches([' ', '[', ']', '"']).to_owned())
                .collect();
            colors.set(name, &values).unwrap();
        }
        assert_eq!(colors.classes.len(), 3);
        assert!(colors.parts.faint.is_some() && colors.parts.wrong.is_some());
        let text = |n: usize| vec!["red".to_owned(); n];
        assert!(
            colors
                .set("paper", &text(1))
                .unwrap_err()
                .contains("unlabeled, right")
        );
        assert_eq!(
            colors.set("focus", &text(2)),
            Err("must be one color".into())
        );
        assert!(
            colors.set("classes", &text(0)).is_err() && colors.set("classes", &text(21)).is_err()
        );
        let twins = colors.set("classes", &text(2)).unwrap_err();
        assert_eq!(twins, "colors 1 and 2 are the same");
    }
}
