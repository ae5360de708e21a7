//! How much may be sent to the terminal, and when: frames are dropped, never queued.
//!
//! In: how many bytes were sent, how long the system took them, when the terminal answered. Out:
//! when the next frame may follow, and how large it may be. Two limits hold:
//!
//! - A *budget*: what nobody asked for (a map in motion) stays below so many bytes per second. A part
//!   of it is for text, which goes between the frames of the map: counts move on while it waits.
//! - The *line*: every frame stands between two questions, and the next one waits for the second
//!   answer, which tells that the frame went all the way through. The time between the two answers is
//!   what the line took for the frame, however long the way there and back is. A frame is no larger
//!   than what the line takes in [`SLICE`], so that a key's answer never waits behind more than that.
//!   What did not fit stays to be sent, with what is newest then.
//!
//! The first question is sent alone, before any frame, so that its answer comes soon on a slow line,
//! too. Of a terminal that never answered it is known only what must have gone through: all that was
//! sent, less what the system's buffer holds. So its first frame is filled up, with what shows nothing,
//! to more than the buffer holds. If there is no room for that, the line is slow: what waits is
//! dropped, and from there on no more is sent than the line is known to take. That costs a slow line
//! a few seconds, but at the start, while the first picture is under way, and not again before the
//! user asks for it. When a key is pressed while nothing is known, what may still wait is dropped, so
//! that the answer does not wait behind it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Bytes per second of frames that nobody asked for.
pub(crate) const BUDGET: u32 = 64_000;
/// The largest frame of text alone (bytes), and the shortest time between two of them.
const TEXT: usize = 512;
const TEXT_FRAME: Duration = Duration::from_millis(100);
/// The share of the budget that is for them.
const TEXT_SHARE: f64 = 0.08;
/// The shortest time between two frames that no key asked for.
const FRAME: Duration = Duration::from_millis(33);
/// What is sent at once takes the line about this long.
const SLICE: Duration = Duration::from_millis(400);
/// The first frame and the least that one may hold (bytes): at 960 bytes per second the first one
/// is answered in half a second.
const FIRST: usize = 512;
const LEAST: usize = 256;
/// So long the answer to the last question is waited for at the end, lest the shell gets it.
pub(crate) const LAST_ANSWER: Duration = Duration::from_secs(1);
/// Bytes that the first question comes with.
const GREETING: usize = 64;
/// So long the first answer is waited for once the slowest line is through with the question, and so
/// long every other one.
const FIRST_ANSWER: Duration = Duration::from_millis(500);
const ANSWER: Duration = Duration::from_secs(5);
/// The slowest line that is thought of where nothing is known (bytes per second).
const SLOWEST: f64 = 900.0;
/// So long a write waits for room in the system's buffer before the rest of the frame is given up.
pub(crate) const PATIENCE: Duration = Duration::from_millis(250);
/// What a system's buffer holds at most (bytes): a pseudo-terminal's on Linux, with room.
const QUEUE: f64 = 20_000.0;
/// Of that, what cannot be dropped any more (bytes): the reader's side of it.
const KEPT: f64 = 4096.0;
/// The first frame for a terminal that does not answer, filled up (bytes): well beyond what the
/// buffer holds, so that what went through tells how fast the line is.
const PROBE: usize = 30_000;
/// Bytes that are written at a time.
pub(crate) const PIECE: usize = 512;
/// The budget holds for any second; a little more, for what is late on its way.
const SPAN: Duration = Duration::from_millis(1100);

/// Whether the terminal answers questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    Unknown,
    Yes,
    No,
}

/// What may wait in the system's buffer, at worst.
#[derive(Debug)]
struct Backlog {
    /// Bytes at a moment.
    bytes: f64,
    at: Instant,
    /// Bytes per second that go through for sure.
    rate: f64,
    /// Since when, and how many bytes went out without a write that blocked.
    since: Instant,
    sent: f64,
}

impl Backlog {
    fn new(now: Instant) -> Self {
        Self {
            bytes: 0.0,
            at: now,
            rate: SLOWEST,
            since: now,
            sent: 0.0,
        }
    }

    /// Bytes that may wait now.
    fn now(&self, now: Instant) -> f64 {
        let gone = self.rate * now.saturating_duration_since(self.at).as_secs_f64();
        (self.bytes - gone).max(0.0)
    }

    /// Takes in bytes that were written without blocking. What is more than the buffer holds must
    /// have gone through.
    fn add(&mut self, bytes: f64, now: Instant) {
        self.bytes = (self.now(now) + bytes).min(QUEUE);
        self.at = now;
        self.sent += bytes;
        let seconds = now.saturating_duration_since(self.since).as_secs_f64();
        let through = (self.sent - QUEUE) / seconds.max(0.1);
        self.rate = self.rate.max(through);
    }
}

/// A question that is not answered yet.
#[derive(Debug)]
struct Asked {
    /// When it was sent, and with how many bytes.
    at: Instant,
    bytes: usize,
    /// Answers that are still to come.
    left: usize,
    /// When the question before the frame was answered.
    begun: Option<Instant>,
}

/// The line to the terminal.
#[derive(Debug)]
pub(crate) struct Line {
    /// Bytes per second of what nobody asked for.
    budget: f64,
    answers: Answers,
    /// What the next frame waits for.
    asked: Option<Asked>,
    /// Answers to what is not waited for any more, which may still come; and whether any were given up
    /// since the last frame that was answered.
    owed: usize,
    gave_up: bool,
    /// The terminal answered at some time.
    has_answered: bool,
    /// The largest frame.
    largest: usize,
    /// The bytes per second of a line that is known to be slow.
    slow: Option<f64>,
    /// Those of a serial line, by its settings.
    serial: Option<f64>,
    /// Frames of the last [`SPAN`]: when, and how many bytes.
    recent: VecDeque<(Instant, usize)>,
    /// What may wait in the system's buffer of a terminal that does not answer.
    backlog: Backlog,
    /// The next frame may hold no more than this.
    next_largest: Option<usize>,
    /// Ask once more, without waiting for the answer.
    asks_again: bool,
    /// The next frame is to be filled up.
    probes: bool,
    /// Before this, no frame that nobody asked for.
    free: Instant,
    /// Before this, no frame of text alone.
    text: Instant,
    /// Before this, no frame at all.
    open: Instant,
}

impl Line {
    /// A line with a budget in bytes per second, 0 for no limit; and the bytes per second of a serial
    /// one.
    pub(crate) fn new(budget: u32, serial: Option<u32>, now: Instant) -> Self {
        let serial = serial.map(f64::from);
        let budget = match budget {
            0 => f64::INFINITY,
            budget => f64::from(budget),
        };
        Self {
            budget: serial.map_or(budget, |rate| rate.min(budget)),
            serial,
            answers: Answers::Unknown,
            asked: None,
            owed: 0,
            gave_up: false,
            has_answered: false,
            largest: FIRST,
            slow: None,
            recent: VecDeque::new(),
            backlog: Backlog::new(now),
            next_largest: None,
            asks_again: false,
            probes: false,
            free: now,
            text: now,
            open: now,
        }
    }

    /// How many questions go with a frame: one before and one after it, or only the latter, or none.
    pub(crate) fn questions(&self) -> usize {
        match self.answers {
            Answers::No => usize::from(self.asks_again),
            _ => 2,
        }
    }

    /// The question was sent alone.
    pub(crate) fn greeted(&mut self, now: Instant) {
        if self.answers == Answers::No {
            self.asks_again = false;
        } else {
            self.owed = self.asked.as_ref().map_or(self.owed, |asked| asked.left);
            self.ask(now, GREETING, 1);
        }
    }

    /// Until when answers to the last question may come.
    pub(crate) fn settles(&self) -> Option<Instant> {
        self.asked.as_ref().map(|asked| self.given_up(asked))
    }

    fn ask(&mut self, at: Instant, bytes: usize, questions: usize) {
        self.asked = Some(Asked {
            at,
            bytes,
            left: questions,
            begun: None,
        });
    }

    /// When a question is given up.
    fn given_up(&self, asked: &Asked) -> Instant {
        asked.at + self.patience(asked.bytes)
    }

    /// How many bytes the next frame is to have at least.
    pub(crate) fn least(&self) -> usize {
        if self.probes { PROBE } else { 0 }
    }

    /// True if a frame that finds no room is given up: nothing else tells that the line is slow.
    pub(crate) fn gives_up(&self) -> bool {
        self.answers == Answers::No
    }

    /// How many bytes a frame may have now; `urgent` if a key asks for it.
    pub(crate) fn largest(&self, urgent: bool, now: Instant) -> usize {
        let line = self.next_largest.unwrap_or(self.largest);
        if urgent || self.budget.is_infinite() {
            return line;
        }
        let lately = self.recent.iter().filter(|(at, _)| now - *at < SPAN);
        let spent: usize = lately.map(|(_, bytes)| bytes).sum();
        let budget = self.budget * (1.0 - TEXT_SHARE);
        let left = (budget as usize).saturating_sub(spent);
        line.min(left).max(LEAST)
    }

    /// True if an answer to a key may have to wait behind what nobody knows to be through.
    pub(crate) fn is_doubtful(&self, now: Instant) -> bool {
        let unknown = self.answers == Answers::No && self.slow.is_none();
        let moment = self.backlog.rate * SLICE.as_secs_f64();
        unknown && self.backlog.now(now) > moment.max(FIRST as f64)
    }

    /// What waited in the system's buffer was dropped. The next frame is a small one.
    pub(crate) fn dropped(&mut self, now: Instant) {
        let kept = self.backlog.now(now).min(KEPT);
        self.backlog = Backlog {
            bytes: kept,
            rate: self.backlog.rate,
            ..Backlog::new(now)
        };
        self.open = match self.slow {
            Some(rate) => now + Duration::from_secs_f64(KEPT / rate),
            None => now,
        };
        self.next_largest = Some(FIRST.min(self.largest));
    }

    /// When the next frame may be sent; `urgent` if a key asks for it.
    pub(crate) fn next(&self, urgent: bool) -> Instant {
        let answered = self.asked.as_ref().map(|asked| self.given_up(asked));
        let next = if urgent {
            self.open
        } else {
            self.open.max(self.free)
        };
        answered.map_or(next, |answered| answered.max(next))
    }

    /// When a frame of text alone may be sent, if that is before the next whole one.
    pub(crate) fn next_text(&self) -> Instant {
        let next = self.next(true).max(self.text);
        next.min(self.next(false))
    }

    /// How many bytes of text alone a frame may have now; `None` if it is time for a whole one.
    pub(crate) fn largest_text(&self, now: Instant) -> Option<usize> {
        (now < self.next(false)).then(|| TEXT.min(self.largest))
    }

    /// No text had changed.
    pub(crate) fn no_text(&mut self, now: Instant) {
        self.text = now + TEXT_FRAME;
    }

    /// How long the answer to a question with so many bytes is waited for.
    fn patience(&self, bytes: usize) -> Duration {
        if self.answers == Answers::Unknown {
            FIRST_ANSWER + Duration::from_secs_f64(bytes as f64 / SLOWEST)
        } else {
            ANSWER
        }
    }

    /// It is time for a frame: an answer that has not come by now does not come.
    pub(crate) fn begin(&mut self, now: Instant) {
        let Some(asked) = &self.asked else {
            return;
        };
        if now < self.given_up(asked) {
            return;
        }
        // Late answers are not to be taken for those to the next question; but they may be lost.
        self.owed = if self.gave_up { 0 } else { asked.left };
        self.gave_up = !self.gave_up;
        let (at, bytes) = (asked.at, asked.bytes);
        self.asked = None;
        if self.has_answered {
            // A line that was cut and came back, or a terminal that stands still.
            self.answers = Answers::Unknown;
            self.largest = FIRST;
        } else {
            self.answers = Answers::No;
            self.try_out(now);
            self.backlog.add(bytes as f64, at);
        }
    }

    /// Finds out with the next frame how fast the line is whose terminal does not answer.
    fn try_out(&mut self, now: Instant) {
        self.backlog = Backlog::new(now);
        // A small budget is no more than a slow line.
        let budget = Some(self.budget).filter(|budget| *budget < PROBE as f64);
        self.slow = self.serial.or(budget);
        self.probes = self.slow.is_none();
        self.largest = self.slow.map_or(usize::MAX, slice);
    }

    /// So many bytes were written from `start` to `now`, for want of room not the whole frame if it
    /// `is_cut`. True if the system's buffer is full of what is old by now.
    pub(crate) fn sent(
        &mut self,
        bytes: usize,
        is_cut: bool,
        start: Instant,
        now: Instant,
    ) -> bool {
        let size = bytes as f64;
        let took = now - start;
        let probed = std::mem::take(&mut self.probes);
        self.next_largest = None;
        self.recent.retain(|(at, _)| now - *at < SPAN);
        self.recent.push_back((start, bytes));
        let pause = Duration::from_secs_f64(size / self.budget);
        // What fits between two frames does not put off the next.
        let least = if start < self.free && bytes <= 2 * TEXT {
            Duration::ZERO
        } else {
            FRAME
        };
        self.free = self.free.max(start) + pause.max(least);
        let pause = Duration::from_secs_f64(size.min(TEXT as f64) / (TEXT_SHARE * self.budget));
        self.text = start + pause.max(TEXT_FRAME);
        if self.answers != Answers::No {
            self.ask(start, bytes, 2);
            return false;
        }
        self.asks_again = false;
        if is_cut || (probed && took > SLICE) {
            let through = (size - QUEUE) / took.as_secs_f64().max(0.1);
            let rate = match self.slow {
                Some(rate) => (rate / 2.0).max(rate.min(SLOWEST)),
                None => self.backlog.rate.max(through).max(SLOWEST),
            };
            self.slow = Some(rate);
            self.largest = slice(rate);
            self.open = now + Duration::from_secs_f64(QUEUE / rate);
            return true;
        }
        if let Some(rate) = self.slow {
            self.open = self.open.max(start) + Duration::from_secs_f64(1.1 * size / rate);
        } else {
            self.free = self
                .free
                .max(now + 2 * took.min(Duration::from_millis(500)));
            self.backlog.add(size, now);
        }
        false
    }

    /// The terminal answered a question.
    pub(crate) fn answered(&mut self, now: Instant) {
        if self.answers == Answers::No {
            self.largest = FIRST;
            self.open = now;
        }
        self.answers = Answers::Yes;
        self.has_answered = true;
        self.slow = None;
        self.probes = false;
        self.asks_again = false;
        if self.owed > 0 {
            self.owed -= 1;
            return;
        }
        let Some(asked) = &mut self.asked else {
            return;
        };
        asked.left -= 1;
        if asked.left > 0 {
            asked.begun = Some(now);
            return;
        }
        let (at, bytes, begun) = (asked.at, asked.bytes, asked.begun);
        self.asked = None;
        self.gave_up = false;
        let Some(begun) = begun else {
            return;
        };
        let took = now - begun;
        // A few bytes say nothing of how many the line takes.
        let tells = bytes > 2 * TEXT || bytes * 2 >= self.largest;
        if took > SLICE && tells {
            let rate = bytes as f64 / took.as_secs_f64();
            self.largest = slice(rate).min(self.largest);
        } else if bytes * 2 >= self.largest && took < SLICE / 2 {
            // At least this fast, the way there and back included.
            let rate = bytes as f64 / (now - at).as_secs_f64().max(1e-3);
            self.largest = self.largest.saturating_mul(2).max(slice(rate));
        }
    }

    /// The terminal's size changed: perhaps it is another one now. A line that was slow is taken for
    /// as slow, and a question that is not answered yet may still be.
    pub(crate) fn forget(&mut self, now: Instant) {
        if self.answers == Answers::No {
            // Not to be waited for again, but perhaps it is one that answers now.
            self.asks_again = true;
        } else {
            self.largest = FIRST;
        }
        if self.slow.is_none() {
            self.open = now;
        }
        self.free = now;
        self.text = now;
    }

    /// The program came back to the terminal, or the user wants everything drawn anew: where there are
    /// no answers, the line is tried out again.
    pub(crate) fn learn_again(&mut self, now: Instant) {
        self.forget(now);
        match self.answers {
            Answers::No => {
                self.try_out(now);
                self.open = now;
            }
            Answers::Unknown => self.has_answered = false,
            Answers::Yes => {}
        }
    }
}

/// What a line of so many bytes per second takes in a slice of time.
fn slice(rate: f64) -> usize {
    ((rate * SLICE.as_secs_f64()) as usize).max(LEAST)
}

/// The bytes per second of a serial line, if the terminal's settings name one that is slow;
/// pseudo-terminals say 38,400 baud, which means nothing.
pub(crate) fn serial_rate() -> Option<u32> {
    let settings = rustix::termios::tcgetattr(std::io::stdout()).ok()?;
    let baud = settings.output_speed();
    (1..38_400).contains(&baud).then_some(baud / 10)
}

#[cfg(test)]
mod tests;
