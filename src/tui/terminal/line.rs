//! How much may be sent to the terminal, and when: frames are dropped, never queued.
//!
//! In: how many bytes were sent, and when the terminal answered. Out: when the next frame may follow,
//! and how large it may be. Two limits hold:
//!
//! - The *budget*: frames that no key asked for (a moving map) stay below a number of bytes per second.
//!   A part of it is for small frames of text between them, so that counters move while the map waits.
//! - The *line*: every frame is sent between two questions, and the next one waits for the second
//!   answer, which means that the whole frame has arrived. The time between the two answers is what
//!   the line took for the frame, whatever the distance. A frame is no larger than what the line takes
//!   in [`SLICE`], so that the answer to a key never waits behind more than that. What did not fit is
//!   sent later, as it looks then.
//!
//! The first question is sent alone and the first frame is small, so that a slow line is recognized
//! before it is filled. A terminal that does not answer gets small frames at a fixed rate
//! ([`SMALL`] bytes every [`PAUSE`]).

use std::time::{Duration, Instant};

/// Bytes per second of frames that no key asked for, unless the user sets another number.
pub(crate) const BUDGET: u32 = 64_000;
/// The shares of the budget for whole frames and for frames of text alone. The rest is for a frame
/// that is sent at the end of a second and paid for in the next one.
const FRAME_SHARE: f64 = 0.66;
const TEXT_SHARE: f64 = 0.08;
/// The shortest time between two frames that no key asked for.
const FRAME: Duration = Duration::from_millis(33);
/// The shortest time between two frames of text alone, and between two frames for a terminal that
/// does not answer.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest time that the line is to take for one frame.
const SLICE: Duration = Duration::from_millis(400);
/// The size of the first frame, of frames of text alone and of those for a terminal that does not
/// answer; no frame has to be smaller (bytes). A line of 960 bytes per second takes it in a [`SLICE`].
const SMALL: usize = 384;
/// How long to wait for the answer to the first question, and to the last one, which otherwise would
/// appear at the shell's prompt.
const GREETING: Duration = Duration::from_secs(1);
/// How long to wait for every other answer.
const ANSWER: Duration = Duration::from_secs(5);

/// Whether the terminal answers questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    Unknown,
    Yes,
    No,
}

/// What was sent last and is not answered yet.
#[derive(Debug)]
struct Sent {
    at: Instant,
    bytes: usize,
    /// Answers that were outstanding when it was sent, its own included.
    expected: usize,
    /// When the terminal answered last: at the end, the question before the frame.
    heard: Instant,
}

/// The line to the terminal.
#[derive(Debug)]
pub(crate) struct Line {
    /// Bytes per second of frames that no key asked for.
    budget: f64,
    answers: Answers,
    /// The largest frame that the line takes in a [`SLICE`], as far as is known.
    largest: usize,
    /// What the next frame waits for.
    sent: Option<Sent>,
    /// Answers that are still to come. They come in the order of the questions.
    outstanding: usize,
    /// No frame that no key asked for before this.
    next_frame: Instant,
    /// No frame of text alone before this.
    next_text: Instant,
}

impl Line {
    /// A line with a budget in bytes per second, 0 for no limit.
    pub(crate) fn new(budget: u32, now: Instant) -> Self {
        Self {
            budget: match budget {
                0 => f64::INFINITY,
                budget => f64::from(budget),
            },
            answers: Answers::Unknown,
            largest: SMALL,
            sent: None,
            outstanding: 0,
            next_frame: now,
            next_text: now,
        }
    }

    /// A question was sent alone.
    pub(crate) fn asked(&mut self, now: Instant) {
        self.wait_for(1, 0, now);
    }

    /// True if an answer is to come.
    pub(crate) fn is_waiting(&self) -> bool {
        self.outstanding > 0
    }

    /// The next frame waits for this many more answers.
    fn wait_for(&mut self, answers: usize, bytes: usize, at: Instant) {
        self.outstanding += answers;
        self.sent = Some(Sent {
            at,
            bytes,
            expected: self.outstanding,
            heard: at,
        });
    }

    /// The size in bytes of a frame sent now; `urgent` if a key asks for it.
    pub(crate) fn largest(&self, urgent: bool) -> usize {
        if urgent {
            return self.largest;
        }
        let budget = self.budget * (1.0 - FRAME_SHARE - TEXT_SHARE);
        self.largest.min(budget as usize).max(SMALL)
    }

    /// The size in bytes of a frame of text alone sent now; `None` if it is time for a whole one.
    pub(crate) fn largest_text(&self, now: Instant) -> Option<usize> {
        (now < self.next(false, now)).then_some(SMALL)
    }

    /// When the next frame may be sent; `urgent` if a key asks for it.
    pub(crate) fn next(&self, urgent: bool, now: Instant) -> Instant {
        let next = if urgent { now } else { self.next_frame };
        self.given_up().map_or(next, |given_up| given_up.max(next))
    }

    /// When a frame of text alone may be sent, or a whole one if that is earlier.
    pub(crate) fn next_text(&self, now: Instant) -> Instant {
        let next = self.next(true, now).max(self.next_text);
        next.min(self.next(false, now))
    }

    /// No text has changed.
    pub(crate) fn no_text(&mut self, now: Instant) {
        self.next_text = now + PAUSE;
    }

    /// At the end: how long to wait for the last answer, if there is one to come.
    pub(crate) fn last_answer(&self, end: Instant) -> Option<Instant> {
        Some(self.given_up()?.min(end + GREETING))
    }

    /// When to stop waiting for an answer, if one is to come.
    fn given_up(&self) -> Option<Instant> {
        let patience = match self.answers {
            Answers::Unknown => GREETING,
            Answers::Yes => ANSWER,
            Answers::No => PAUSE,
        };
        self.sent.as_ref().map(|sent| sent.heard + patience)
    }

    /// It is time for a frame: an answer that has not come by now is not waited for any more.
    pub(crate) fn begin(&mut self, now: Instant) {
        if self.given_up().is_none_or(|given_up| now < given_up) {
            return;
        }
        let Some(sent) = self.sent.take() else {
            return;
        };
        if self.outstanding == sent.expected {
            self.answers = Answers::No;
            self.largest = SMALL;
        } else if sent.expected > 2 {
            // There are answers, but fewer than questions: some were lost.
            self.outstanding = 0;
        }
    }

    /// A frame was sent, between two questions.
    pub(crate) fn sent(&mut self, bytes: usize, now: Instant) {
        let size = bytes as f64;
        let pause = Duration::from_secs_f64(size / (FRAME_SHARE * self.budget));
        // A frame of text between two whole ones does not put off the next one.
        let is_between = now < self.next_frame && bytes <= 2 * SMALL;
        let least = if is_between { Duration::ZERO } else { FRAME };
        self.next_frame = self.next_frame.max(now) + pause.max(least);
        let size = bytes.min(SMALL) as f64;
        let pause = Duration::from_secs_f64(size / (TEXT_SHARE * self.budget));
        self.next_text = now + pause.max(PAUSE);
        self.wait_for(2, bytes, now);
    }

    /// The terminal answered a question.
    pub(crate) fn answered(&mut self, now: Instant) {
        self.answers = Answers::Yes;
        self.outstanding = self.outstanding.saturating_sub(1);
        if self.outstanding > 0 {
            if let Some(sent) = &mut self.sent {
                sent.heard = now;
            }
        } else if let Some(sent) = self.sent.take() {
            self.learn(&sent, now);
        }
    }

    /// A frame has arrived: the next one may be larger, or has to be smaller.
    fn learn(&mut self, sent: &Sent, now: Instant) {
        let took = now - sent.heard;
        let is_full = sent.bytes >= self.largest / 2;
        if took > SLICE && (is_full || sent.bytes > 2 * SMALL) {
            self.largest = in_a_slice(sent.bytes, took).min(self.largest);
        } else if took < SLICE / 2 && is_full {
            // With the way there and back, so that answers that arrive at once are no proof of speed.
            let rate = in_a_slice(sent.bytes, now - sent.at);
            self.largest = self.largest.saturating_mul(2).max(rate);
        }
    }

    /// The screen is to be drawn anew, perhaps on another terminal: at once, with a small frame first.
    pub(crate) fn restart(&mut self, now: Instant) {
        self.largest = SMALL;
        self.next_frame = now;
        self.next_text = now;
    }
}

/// What a line that took this time for the bytes takes in a [`SLICE`].
fn in_a_slice(bytes: usize, took: Duration) -> usize {
    let share = SLICE.as_secs_f64() / took.as_secs_f64().max(1e-3);
    ((bytes as f64 * share) as usize).max(SMALL)
}

#[cfg(test)]
mod tests;
