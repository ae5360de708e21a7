//! How values reach a notebook and `{}`: the protocol of evcxr, and the methods of each type.

use super::html;
use super::screen::Screen;
use super::show::Show;
use super::text;

/// Writes what the notebook takes for the result of a cell: text, and HTML where no terminal is.
pub(super) fn display(value: &dyn Show) {
    let screen = Screen::detect();
    let mut out = block("text/plain", &text::write(value.content(), &screen));
    if !screen.is_terminal {
        out += &block("text/html", &html::write(value.content()));
    }
    print(&out);
}

fn block(kind: &str, content: &str) -> String {
    // A name from a file must not end the block.
    let content = content.trim_end_matches('\n').replace("EVCXR_", "EVCXR ");
    format!("EVCXR_BEGIN_CONTENT {kind}\n{content}\nEVCXR_END_CONTENT\n")
}

#[expect(
    clippy::print_stdout,
    reason = "this is how a notebook gets the result of a cell"
)]
fn print(text: &str) {
    print!("{text}");
}

/// Gives types that implement [`Show`] what a notebook and `{}` ask for.
macro_rules! shown {
    ($($kind:ty),+ $(,)?) => {$(
        impl $kind {
            /// Shows the value as the result of a notebook's cell.
            pub fn evcxr_display(&self) {
                $crate::notebook::display::display(self);
            }

            /// What a notebook shows, as HTML: a fragment without scripts and links.
            pub fn to_html(&self) -> String {
                $crate::notebook::html::write($crate::notebook::show::Show::content(self))
            }
        }

        /// What a notebook shows, without colors.
        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let screen = $crate::notebook::screen::Screen::plain();
                let content = $crate::notebook::show::Show::content(self);
                f.write_str($crate::notebook::text::write(content, &screen).trim_end())
            }
        }
    )+};
}

pub(super) use shown;
