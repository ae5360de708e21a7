//! The names of an enum's values, in options and messages.

/// Gives an enum without fields its list of values (`ALL`), their names, and an option of the
/// command line that takes them.
macro_rules! named {
    ($kind:ident { $($value:ident => $name:literal),+ $(,)? }) => {
        impl $kind {
            /// All values, in the order in which keys step through them.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$value),+];

            /// Its name in options and messages.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $name),+
                }
            }

            /// The value of a name.
            pub fn of_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.name() == name)
            }
        }

        #[cfg(feature = "tui")]
        impl clap::ValueEnum for $kind {
            fn value_variants<'a>() -> &'a [Self] {
                &Self::ALL
            }

            fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
                Some(clap::builder::PossibleValue::new(self.name()))
            }
        }
    };
}

pub(crate) use named;
