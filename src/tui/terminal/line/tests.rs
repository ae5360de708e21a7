//! Lines and terminals of many kinds, simulated: fast, slow, far away, silent.

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
            self.through = self.through.max(self.now) + Duration::from_secs_f64(size / self.rate);
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
