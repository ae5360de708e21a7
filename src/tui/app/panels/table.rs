//! The panels with what their files say of them.

use super::Panel;
use super::spec::PanelSpec;
use crate::tui::app::App;

macro_rules! specs {
    ($($panel:ident => $file:ident, $key:literal, $label:literal;)*) => {
        const SPECS: &[PanelSpec] = &[$(super::$file::SPEC,)*];
    };
}

panels!(specs);

impl Panel {
    /// What its file says of it.
    pub(crate) fn spec(self) -> &'static PanelSpec {
        &SPECS[self.index()]
    }

    /// The lines that it would like on the screen.
    pub(crate) fn wish(self, app: &App) -> u16 {
        let is_shown = (self.spec().beside)(app) || app.panels.chosen == self;
        let lines = if is_shown {
            (self.spec().lines)(app)
        } else {
            0
        };
        lines.min(1000) as u16
    }
}
