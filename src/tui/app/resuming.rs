//! A session that is gone on with.

use crate::session::Screen;

/// What of the session is not there yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Resuming {
    /// What the screen showed, until the map is there.
    pub(crate) waits: Option<Box<Screen>>,
}
