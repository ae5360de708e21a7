//! Simulated lines: fast, slow, far away, silent.

use std::collections::VecDeque;

use super::*;

/// A line that delivers `rate` bytes per second. Frames are as large as allowed, and up to what
/// is wanted.
struct Simulation {
    line: Line,
    now: Instant,
    /// When everything that was sent has arrived.
    arrived: Instant,
    rate: f64,
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
        let mut line = Line::new(BUDGET, now);
        line.asked(now);
        let answer = way.map(|way| now + Duration::from_secs_f64(way));
        Self {
            line,
            now,
            arrived: now,
            answers: answer.into_iter().collect(),
            rate,
            way,
            sent: 0,
            frames: Vec::new(),
        }
    }

    /// Sends a frame when it is allowed; returns the delay until its last byte has arrived, without
    /// the way.
    fn frame(&mut self, wanted: usize, urgent: bool) -> Duration {
        let wanted_at = self.now;
        while let Some(answer) = self.answers.front().copied()
            && answer <= self.now.max(self.line.next(urgent, self.now))
        {
            self.answers.pop_front();
            self.now = self.now.max(answer);
            self.line.answered(self.now);
        }
        self.now = self.line.next(urgent, self.now).max(self.now);
        self.line.begin(self.now);
        let bytes = wanted.min(self.line.largest(urgent));
        let begun = self.arrived.max(self.now);
        self.arrived = begun + Duration::from_secs_f64(bytes as f64 / self.rate);
        if let Some(way) = self.way {
            let answers = [begun, self.arrived].map(|at| at + Duration::from_secs_f64(way));
            self.answers.extend(answers);
        }
        self.line.sent(bytes, self.now);
        self.sent += bytes;
        self.frames.push((self.now, bytes));
        self.arrived.saturating_duration_since(wanted_at)
    }
}

/// The most bytes in any second.
fn most_in_a_second(frames: &[(Instant, usize)]) -> usize {
    let from = |first: usize| {
        let end = frames[first].0 + Duration::from_secs(1);
        let within = frames[first..].iter().take_while(|(at, _)| *at < end);
        within.map(|(_, bytes)| bytes).sum()
    };
    (0..frames.len()).map(from).max().unwrap_or(0)
}

#[test]
fn what_no_key_asked_for_stays_within_the_budget() {
    let mut fast = Simulation::new(1e8, Some(0.0));
    let start = fast.now;
    while fast.now - start < Duration::from_secs(20) {
        fast.frame(30_000, false);
    }
    let per_second = fast.sent as f64 / (fast.now - start).as_secs_f64();
    assert!((40_000.0..=64_000.0).contains(&per_second), "{per_second}");
    let most = most_in_a_second(&fast.frames);
    assert!(most <= 64_000, "{most}");
}

#[test]
fn text_goes_between_the_frames_of_the_map() {
    let start = Instant::now();
    let mut line = Line::new(BUDGET, start);
    let (mut now, mut texts, mut frames, mut sent) = (start, 0, 0, Vec::new());
    line.largest = usize::MAX;
    while now - start < Duration::from_secs(10) {
        now = now.max(line.next_text(now));
        let bytes = if let Some(most) = line.largest_text(now) {
            texts += 1;
            most.min(300)
        } else {
            frames += 1;
            line.largest(false).min(25_000)
        };
        line.sent(bytes, now);
        line.answered(now);
        line.answered(now);
        sent.push((now, bytes));
    }
    assert!(texts > 60 && frames > 20, "{texts} {frames}");
    let most = most_in_a_second(&sent);
    assert!(most <= 64_000, "{most}");
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
        assert!(delay < Duration::from_secs(1), "frame {i}: {delay:?}");
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
fn distance_does_not_make_frames_small() {
    for way in [0.1, 0.3, 0.5, 1.0] {
        let mut far = Simulation::new(1e6, Some(way));
        let start = far.now;
        while far.sent < 50_000 {
            far.frame(8000, true);
        }
        let took = (far.now - start).as_secs_f64();
        assert!(took < 12.0 * way + 0.5, "{way}: {took}");
        // However even the frames are, and after another size, too.
        for i in 0..100 {
            far.frame(25_000, i % 5 == 0);
            if i == 50 {
                far.line.restart(far.now);
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
fn a_slow_and_distant_line_never_holds_more_than_a_moment() {
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
fn a_line_that_becomes_slow_gets_small_frames_soon() {
    let mut line = Simulation::new(1e6, Some(0.01));
    for _ in 0..10 {
        line.frame(8000, true);
    }
    assert!(line.line.largest > 100_000, "{}", line.line.largest);
    line.rate = 2000.0;
    line.frame(8000, true);
    line.frame(8000, true);
    assert!(line.line.largest <= 800, "{}", line.line.largest);
}

#[test]
fn late_answers_are_not_mistaken_for_those_to_the_next_question() {
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
        let largest = slow.line.largest;
        assert!(largest <= 2 * SMALL, "{i}: {largest}");
    }
    assert_eq!(slow.line.answers, Answers::Yes);
    // Answers that are lost do not stop it for ever.
    slow.answers.clear();
    let (sent, start) = (slow.sent, slow.now);
    for _ in 0..20 {
        slow.frame(6000, false);
    }
    assert!(slow.sent > sent + 4000, "{}", slow.sent - sent);
    assert!(slow.now - start < 2 * ANSWER + Duration::from_secs(15));
    assert!(slow.line.outstanding <= 2);
}

#[test]
fn a_silent_terminal_gets_small_frames_at_a_fixed_rate() {
    let mut mute = Simulation::new(1e8, None);
    let start = mute.now;
    mute.frame(8000, false);
    assert_eq!(mute.now - start, GREETING);
    for urgent in [false, true, true, false] {
        let before = mute.now;
        mute.frame(8000, urgent);
        assert_eq!(mute.now - before, PAUSE);
        assert_eq!(mute.frames.last().map(|(_, bytes)| *bytes), Some(SMALL));
    }
    // Another size changes nothing.
    mute.line.restart(mute.now);
    mute.frame(8000, true);
    assert_eq!(mute.line.largest(true), SMALL);
    // Nothing is sent while nothing is wanted; the next frame goes at once.
    mute.now += Duration::from_secs(1);
    assert!(mute.frame(200, true) < Duration::from_millis(1));
}

#[test]
fn a_terminal_that_answers_late_is_not_silent_for_ever() {
    let mut far = Simulation::new(1e6, Some(2.5));
    for _ in 0..60 {
        far.frame(8000, true);
    }
    assert_eq!(far.line.answers, Answers::Yes);
    assert!(far.line.largest > 10_000, "{}", far.line.largest);
}

#[test]
fn the_last_answer_is_waited_for_but_not_long() {
    let start = Instant::now();
    let mut line = Line::new(BUDGET, start);
    assert_eq!(line.last_answer(start), None);
    line.asked(start);
    line.answered(start);
    assert_eq!(line.last_answer(start), None);
    line.sent(1000, start);
    line.answered(start);
    let end = start + Duration::from_millis(100);
    assert_eq!(line.last_answer(end), Some(end + GREETING));
    line.answered(end);
    assert_eq!(line.last_answer(end), None);
}
