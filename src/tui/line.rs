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
mod tests {
    use super::*;

    /// A line that delivers `rate` bytes per second. Frames are as large as allowed, and up to what
    /// is wanted.
    struct Simulation {
        line: Line,
        now: Instant,
        /// When all that was sent is through.
        through: Instant,
        rate: f64,
        /// What the system's buffer holds.
        buffer: f64,
        /// The way there and back in seconds, where the terminal answers; and when it answers.
        way: Option<f64>,
        answers: VecDeque<Instant>,
        /// Bytes sent, in all and frame by frame.
        sent: usize,
        frames: Vec<(Instant, usize)>,
    }

    impl Simulation {
        fn new(rate: f64, way: Option<f64>) -> Self {
            let now = Instant::now();
            let mut line = Line::new(BUDGET, None, now);
            line.greeted(now);
            let through = now + Duration::from_secs_f64(GREETING as f64 / rate);
            let answer = way.map(|way| through + Duration::from_secs_f64(way));
            Self {
                line,
                now,
                through,
                answers: answer.into_iter().collect(),
                rate,
                buffer: 17_000.0,
                way,
                sent: 0,
                frames: Vec::new(),
            }
        }

        fn queued(&self) -> f64 {
            (self.through.saturating_duration_since(self.now)).as_secs_f64() * self.rate
        }

        /// Sends a frame when it is allowed; returns the delay until its last byte is through, but
        /// for the way there and back.
        fn frame(&mut self, wanted: usize, urgent: bool) -> Duration {
            let asked_at = self.now;
            while let Some(answer) = self.answers.front().copied()
                && answer <= self.now.max(self.line.next(urgent))
            {
                self.answers.pop_front();
                self.now = self.now.max(answer);
                self.line.answered(self.now);
            }
            self.now = self.now.max(self.line.next(urgent));
            self.line.begin(self.now);
            if urgent && self.line.is_doubtful(self.now) {
                self.drop_queue();
            }
            let bytes = wanted.min(self.line.largest(urgent, self.now));
            let bytes = bytes.max(self.line.least());
            let start = self.now;
            let before = self.through.max(start);
            let questions = self.line.questions();
            let mut written = 0;
            for piece in (0..bytes).step_by(PIECE) {
                let size = PIECE.min(bytes - piece) as f64;
                let over = self.queued() + size - self.buffer;
                let wait = Duration::from_secs_f64((over / self.rate).max(0.0));
                let is_late = wait > PATIENCE || self.now - start > 4 * PATIENCE;
                if self.line.gives_up() && is_late {
                    self.now += wait.min(PATIENCE);
                    break;
                }
                self.now += wait;
                written += size as usize;
                self.through =
                    self.through.max(self.now) + Duration::from_secs_f64(size / self.rate);
            }
            if let Some(way) = self.way {
                let answers = [before, self.through].map(|at| at + Duration::from_secs_f64(way));
                self.answers.extend(&answers[2 - questions..]);
            }
            if (self.line).sent(written, written < bytes, start, self.now) {
                self.drop_queue();
            }
            self.sent += written;
            self.frames.push((start, bytes));
            self.through.saturating_duration_since(asked_at)
        }

        fn drop_queue(&mut self) {
            let kept = self.queued().min(KEPT) / self.rate;
            self.through = self.now + Duration::from_secs_f64(kept);
            self.line.dropped(self.now);
        }
    }

    #[test]
    fn what_nobody_asked_for_stays_within_the_budget() {
        let mut fast = Simulation::new(1e8, Some(0.0));
        let start = fast.now;
        while fast.now - start < Duration::from_secs(20) {
            fast.frame(30_000, false);
        }
        let per_second = fast.sent as f64 / (fast.now - start).as_secs_f64();
        assert!((40_000.0..=64_000.0).contains(&per_second), "{per_second}");
        // In no second more than the budget.
        for (first, (at, _)) in fast.frames.iter().enumerate() {
            let within = fast.frames[first..].iter();
            let second = within.take_while(|(t, _)| *t - *at < Duration::from_secs(1));
            let sum: usize = second.map(|(_, bytes)| bytes).sum();
            assert!(sum <= 64_000, "{sum}");
        }
    }

    #[test]
    fn text_goes_between_the_frames_of_the_map() {
        let mut line = Line::new(BUDGET, None, Instant::now());
        let start = Instant::now();
        let (mut now, mut texts, mut frames, mut sent) = (start, 0, 0, Vec::new());
        line.largest = usize::MAX;
        while now - start < Duration::from_secs(10) {
            now = now.max(line.next_text());
            let bytes = if let Some(most) = line.largest_text(now) {
                texts += 1;
                most.min(300)
            } else {
                frames += 1;
                line.largest(false, now).min(25_000)
            };
            line.sent(bytes, false, now, now);
            line.answered(now);
            line.answered(now);
            sent.push((now, bytes));
        }
        assert!(texts > 60 && frames > 20, "{texts} {frames}");
        for (first, (at, _)) in sent.iter().enumerate() {
            let second = sent[first..].iter();
            let second = second.take_while(|(t, _)| *t - *at < Duration::from_secs(1));
            let sum: usize = second.map(|(_, bytes)| bytes).sum();
            assert!(sum <= 64_000, "{sum}");
        }
    }

    #[test]
    fn keys_are_answered_at_once_on_a_fast_line() {
        let mut fast = Simulation::new(1e8, Some(0.0));
        for _ in 0..50 {
            fast.frame(30_000, false);
            let delay = fast.frame(2000, true);
            assert!(delay < Duration::from_millis(20), "{delay:?}");
        }
    }

    #[test]
    fn a_slow_line_never_holds_more_than_a_moment() {
        let mut slow = Simulation::new(960.0, Some(0.0));
        slow.frame(6000, false);
        for i in 0..60 {
            let delay = slow.frame(6000, i % 5 == 0);
            if i > 2 {
                assert!(delay < Duration::from_secs(1), "frame {i}: {delay:?}");
            }
        }
        // And it is used, not left alone.
        let before = (slow.sent, slow.now);
        for _ in 0..50 {
            slow.frame(6000, false);
        }
        let rate = (slow.sent - before.0) as f64 / (slow.now - before.1).as_secs_f64();
        assert!(rate > 700.0, "{rate}");
    }

    #[test]
    fn without_answers_a_line_that_blocked_once_is_not_filled_again() {
        for first in [300, 6000, 30_000] {
            let mut slow = Simulation::new(960.0, None);
            let start = slow.now;
            // Known from the first frame on, however small that is.
            slow.frame(first, true);
            let rate = slow.line.slow.unwrap();
            assert!(slow.now - start < Duration::from_secs(1), "{first}");
            assert!((SLOWEST..1100.0).contains(&rate), "{rate}");
            // What the reader's side holds is waited for once.
            slow.frame(6000, false);
            let waited = slow.through - start;
            assert!(waited < Duration::from_secs(6), "{first}: {waited:?}");
            for i in 0..60 {
                let delay = slow.frame(6000, i % 2 == 0);
                assert!(delay < Duration::from_secs(1), "frame {i}: {delay:?}");
                if i == 30 {
                    // Another size: the line stays as slow.
                    slow.line.forget(slow.now);
                }
            }
        }
    }

    #[test]
    fn without_answers_the_first_frame_tells_that_a_line_is_fast() {
        let mut fast = Simulation::new(1e8, None);
        let start = fast.now;
        fast.frame(3000, true);
        assert!(fast.now - start < Duration::from_secs(1));
        assert!(fast.sent >= PROBE && fast.line.slow.is_none());
        assert!(!fast.line.is_doubtful(fast.now));
        for i in 0..20 {
            fast.now += Duration::from_millis(200);
            let (sent, delay) = (fast.sent, fast.frame(3000, true));
            assert!(delay < Duration::from_millis(20), "{delay:?}");
            assert_eq!(fast.sent - sent, 3000);
            if i == 10 {
                // Another size: the line is not tried out again, and stays as fast.
                fast.line.forget(fast.now);
            }
        }
        fast.line.learn_again(fast.now);
        assert_eq!(fast.line.least(), PROBE);
    }

    #[test]
    fn without_answers_lines_in_between_are_known_too() {
        for rate in [2500.0, 4000.0, 10_000.0, 20_000.0] {
            let mut mute = Simulation::new(rate, None);
            let start = mute.now;
            mute.frame(3000, true);
            assert!(mute.now - start < Duration::from_secs(2), "{rate}");
            let found = mute.line.slow.unwrap();
            assert!((SLOWEST..=1.1 * rate).contains(&found), "{rate}: {found}");
            mute.frame(3000, true);
            for i in 0..20 {
                let delay = mute.frame(6000, i % 2 == 0);
                assert!(delay < Duration::from_secs(1), "{rate}: {delay:?}");
            }
        }
    }

    #[test]
    fn a_long_way_is_no_reason_to_send_little() {
        for way in [0.1, 0.3, 0.5, 1.0] {
            let mut far = Simulation::new(1e6, Some(way));
            let start = far.now;
            while far.sent < PROBE + 20_000 {
                far.frame(8000, true);
            }
            let took = (far.now - start).as_secs_f64();
            assert!(took < 12.0 * way + 0.5, "{way}: {took}");
            // However even the frames are, and after another size, too.
            for i in 0..100 {
                far.frame(25_000, i % 5 == 0);
                if i == 50 {
                    far.line.forget(far.now);
                }
            }
            assert!(far.line.largest > 10_000, "{way}: {}", far.line.largest);
            far.way = Some(way + 0.7);
            for _ in 0..100 {
                far.frame(25_000, false);
            }
            assert!(far.line.largest > 10_000, "{way}: {}", far.line.largest);
        }
    }

    #[test]
    fn a_slow_line_that_is_long_never_holds_more_than_a_moment() {
        for way in [0.1, 0.3, 0.5] {
            let mut slow = Simulation::new(960.0, Some(way));
            for i in 0..100 {
                let wanted = if i % 7 == 0 { 60 } else { 6000 };
                let delay = slow.frame(wanted, i % 5 == 0).as_secs_f64();
                if i > 4 {
                    assert!(delay < 1.0 + way, "{way}, frame {i}: {delay}");
                }
            }
        }
    }

    #[test]
    fn late_answers_are_not_taken_for_those_to_the_next_question() {
        let mut slow = Simulation::new(960.0, Some(0.1));
        for _ in 0..10 {
            slow.frame(6000, false);
        }
        // The terminal stands still for longer than it is waited for, and goes on.
        for answer in &mut slow.answers {
            *answer += Duration::from_secs(8);
        }
        for i in 0..50 {
            slow.frame(6000, false);
            assert!(slow.line.largest <= 2 * FIRST, "{i}: {}", slow.line.largest);
            assert!(!slow.line.gives_up());
        }
        // Answers that are lost do not stop it for ever.
        slow.answers.clear();
        let sent = slow.sent;
        for _ in 0..20 {
            slow.frame(6000, false);
        }
        assert!(slow.sent > sent + 4000, "{}", slow.sent - sent);
    }

    #[test]
    fn a_frame_that_finds_no_room_at_all_makes_a_line_slow() {
        let mut mute = Simulation::new(1e8, None);
        mute.frame(3000, true);
        assert!(mute.line.slow.is_none());
        assert!(mute.line.sent(0, true, mute.now, mute.now + PATIENCE));
        assert_eq!(mute.line.largest, slice(mute.line.slow.unwrap()));
    }

    #[test]
    fn a_serial_line_is_as_fast_as_its_settings_say() {
        let now = Instant::now();
        let mut line = Line::new(BUDGET, Some(960), now);
        line.greeted(now);
        let later = now + Duration::from_secs(2);
        line.begin(later);
        assert!(line.gives_up());
        assert_eq!(line.least(), 0);
        assert_eq!(line.largest(true, later), slice(960.0));
        // And one with a small budget is not filled up either.
        let mut line = Line::new(2000, None, now);
        line.greeted(now);
        line.begin(later);
        assert_eq!(line.least(), 0);
    }

    #[test]
    fn a_late_answer_ends_the_trial() {
        let mut late = Simulation::new(1e8, Some(0.9));
        late.frame(300, true);
        assert!(late.line.gives_up());
        late.line.learn_again(late.now);
        assert_eq!(late.line.least(), PROBE);
        late.line.answered(late.now);
        assert_eq!(late.line.least(), 0);
        assert!(!late.line.gives_up());
    }

    #[test]
    fn both_answers_are_waited_for_at_the_end() {
        let now = Instant::now();
        let mut line = Line::new(BUDGET, None, now);
        assert_eq!(line.settles(), None);
        line.greeted(now);
        assert!(line.settles().unwrap() <= now + LAST_ANSWER);
        line.answered(now);
        assert_eq!(line.settles(), None);
        line.sent(500, false, now, now);
        line.answered(now);
        assert_eq!(line.settles(), Some(now + ANSWER));
        line.answered(now);
        assert_eq!(line.settles(), None);
    }

    #[test]
    fn without_answers_a_key_does_not_wait_behind_what_may_be_queued() {
        for rate in [960.0, 4000.0, 1e8] {
            let mut mute = Simulation::new(rate, None);
            mute.frame(3000, false);
            mute.frame(3000, false);
            for _ in 0..5 {
                mute.now += Duration::from_millis(700);
                let delay = mute.frame(400, true);
                // What the reader's side holds cannot be dropped.
                let most = Duration::from_secs_f64(1.0 + KEPT / rate);
                assert!(delay < most, "{rate}: {delay:?}");
                mute.frame(3000, false);
            }
        }
        // Once enough went through, nothing is dropped any more.
        let mut fast = Simulation::new(1e8, None);
        for _ in 0..40 {
            fast.frame(6000, false);
        }
        fast.now += Duration::from_millis(100);
        assert!(!fast.line.is_doubtful(fast.now));
    }

    #[test]
    fn an_answer_that_never_comes_is_not_waited_for_twice() {
        let mut mute = Simulation::new(1e8, None);
        let start = mute.now;
        mute.frame(8000, false);
        mute.frame(8000, true);
        assert!(mute.now - start >= FIRST_ANSWER);
        assert_eq!(mute.line.questions(), 0);
        let before = mute.now;
        mute.frame(8000, true);
        assert!(mute.now - before < Duration::from_millis(50));
    }
}
