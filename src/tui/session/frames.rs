//! When a frame is drawn, and how much of it is sent: at once for what the user waits for, otherwise as often
//! as the line takes it.

use std::time::{Duration, Instant};

use super::Session;
use crate::tui::app::App;
use crate::tui::app::action::Message;
use crate::tui::app::update::update;
use crate::tui::terminal::wire::Content;
use crate::tui::view;

/// How long points take from one map to another.
const TRANSITION: Duration = Duration::from_millis(280);

/// What frame is wanted, and how soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wish {
    /// None.
    Nothing,
    /// The rest of the frame that is drawn already.
    Rest,
    /// A new frame, when it is due.
    Soon,
    /// The rest of the answer to a key, as soon as the line takes it.
    Onward,
    /// A new frame, as soon as the line takes it.
    Now,
}

/// What the user waits for, such as the first picture: a change of it is drawn at once.
pub(super) fn awaited(app: &App) -> impl PartialEq + use<> {
    let snapshot = &app.run.snapshot;
    let activity = std::mem::discriminant(&snapshot.activity);
    let has_picture = !snapshot.positions.is_empty();
    (app.sets.current, snapshot.generation, activity, has_picture)
}

impl Session {
    /// When the next frame is to be sent, if one is wanted.
    pub(super) fn due(&self, wish: Wish) -> Option<Instant> {
        if wish == Wish::Nothing || !self.screen.is_free() {
            // It is told when it is free.
            return None;
        }
        let now = Instant::now();
        match wish {
            Wish::Nothing => None,
            Wish::Rest => Some(self.line.next(false, now)),
            Wish::Soon => Some(self.line.next_text(now)),
            Wish::Onward | Wish::Now => Some(self.line.next(true, now)),
        }
    }

    /// Draws, and sends as much as the line takes; returns what is wanted next.
    pub(super) fn draw(&mut self, wish: Wish) -> std::io::Result<Wish> {
        let start = Instant::now();
        self.line.begin(start);
        if wish != Wish::Rest {
            self.move_points(start);
            self.screen.draw(|frame| view::draw(&self.app, frame));
        }
        let start = Instant::now();
        let text = Some(wish).filter(|w| *w == Wish::Soon);
        let text = text.and_then(|_| self.line.largest_text(start));
        let written = if let Some(largest) = text {
            self.screen.write(largest, Content::Text)?
        } else {
            let largest = self.line.largest(wish >= Wish::Onward);
            self.screen.write(largest, Content::All)?
        };
        if written > 0 {
            self.line.sent(written, start);
        } else if text.is_some() {
            self.line.no_text(start);
        }
        Ok(match (self.screen.is_behind(), wish) {
            (false, _) if self.app.map.transition.is_some() => Wish::Soon,
            (false, _) => Wish::Nothing,
            // The answer to a key is completed before anything new.
            (true, Wish::Now | Wish::Onward) => Wish::Onward,
            (true, _) => Wish::Rest,
        })
    }

    /// Moves points that are on their way to another map. Where frames are rare, they arrive in the
    /// next one.
    fn move_points(&mut self, now: Instant) {
        if self.app.map.transition.is_none() {
            self.moving_since = None;
            return;
        }
        let since = *self.moving_since.get_or_insert(now);
        let share = if self.animates {
            (now - since).as_secs_f32() / TRANSITION.as_secs_f32()
        } else {
            1.0
        };
        update(&mut self.app, Message::Moved(share));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::run::{Activity, Snapshot};
    use crate::tui::tests::fake;

    #[test]
    fn the_first_picture_is_waited_for_and_those_that_follow_are_not() {
        let mut app = fake::preparing();
        Arc::make_mut(&mut app.run.snapshot).positions = Vec::new().into();
        let mut change = |change: fn(&mut Snapshot)| {
            let before = awaited(&app);
            change(Arc::make_mut(&mut app.run.snapshot));
            awaited(&app) != before
        };
        assert!(change(|s| s.positions = vec![[0.0; 2]; 9].into()));
        assert!(!change(|s| s.positions = vec![[1.0; 2]; 9].into()));
        assert!(change(|s| s.activity = Activity::Running));
        assert!(!change(|s| s.iteration += 1));
        assert!(change(|s| s.generation += 1));
    }
}
