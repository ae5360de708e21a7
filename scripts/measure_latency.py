#!/usr/bin/env python3
"""How fast the screen answers: the time to the first picture and to each key press.

Runs the program on a pseudo-terminal, which answers the program's questions as real ones do. While
it computes, keys are pressed again and again: one opens the help, which draws a page of text over the
screen, another changes which class wins a cell, which draws all of the map anew. The time from the key
press to the end of the frame with the answer is measured. Needs only Python's standard library.

    scripts/measure_latency.py [--seconds 20] [--size 200x50] PROGRAM [ARGUMENT ...]
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import termios
import time

# Keys and a text that only their answer holds; None for a key whose answer is not waited for.
PRESSES = [(b"?", b" Help "), (b"\x1b", None), (b"O", b"rarest"), (b"O", b"most frequent")]
END = b"\x1b[?2026l"
READY = b"\x1b[5n"
PATIENCE = 5.0


class Terminal:
    """A program on a pseudo-terminal."""

    def __init__(self, command, columns, rows):
        self.started = time.monotonic()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm-256color"
            # The size must be set before the program asks for it.
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvp(command[0], command)
        self.first_picture = None
        self.tail = b""

    def read(self, seconds):
        """What arrives within the time, or as soon as something does."""
        ready, _, _ = select.select([self.master], [], [], max(seconds, 0))
        if not ready:
            return b""
        data = os.read(self.master, 1 << 16)
        self.tail += data
        questions = self.tail.count(READY)
        if questions:
            os.write(self.master, b"\x1b[0n" * questions)
            self.tail = self.tail[self.tail.rfind(READY) + len(READY) :]
        self.tail = self.tail[-len(READY) + 1 :]
        # Braille patterns are E2 A0 80 to E2 A3 BF.
        if self.first_picture is None and any(
            data[i] == 0xE2 and 0xA0 <= data[i + 1] <= 0xA3 for i in range(len(data) - 1)
        ):
            self.first_picture = time.monotonic() - self.started
        return data

    def drain(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.read(until - time.monotonic())

    def press(self, key, wanted):
        """Seconds until the frame with the wanted bytes is there after a key press."""
        pressed = time.monotonic()
        os.write(self.master, key)
        seen = b""
        while wanted not in seen or END not in seen[seen.find(wanted) :]:
            if time.monotonic() - pressed > PATIENCE:
                return None
            seen += self.read(PATIENCE)
        return time.monotonic() - pressed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--size", default="200x50")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    columns, rows = (int(n) for n in options.size.split("x"))
    terminal = Terminal(options.command, columns, rows)
    answers = []
    try:
        while terminal.first_picture is None and time.monotonic() < terminal.started + PATIENCE:
            terminal.read(0.1)
        while time.monotonic() < terminal.started + options.seconds:
            for key, wanted in PRESSES:
                at = time.monotonic() - terminal.started
                if wanted is None:
                    os.write(terminal.master, key)
                else:
                    answer = terminal.press(key, wanted)
                    if answer is None:
                        sys.exit(f"no answer within {PATIENCE} s to {key!r} pressed at {at:.1f} s")
                    answers.append((at, answer))
                # A lone escape counts as a key only if nothing follows.
                terminal.drain(0.09)
    finally:
        os.kill(terminal.pid, signal.SIGTERM)
        os.waitpid(terminal.pid, 0)
    first = terminal.first_picture
    print(f"first picture: {first * 1000:.0f} ms" if first else "first picture: none")
    times = sorted(answer for _, answer in answers)
    print(
        f"{len(times)} key presses: median {statistics.median(times) * 1000:.1f} ms, "
        f"95 % {times[int(0.95 * (len(times) - 1))] * 1000:.1f} ms, "
        f"99 % {times[int(0.99 * (len(times) - 1))] * 1000:.1f} ms, "
        f"slowest {times[-1] * 1000:.1f} ms"
    )
    for at, answer in sorted(answers, key=lambda a: -a[1])[:3]:
        print(f"  {answer * 1000:.1f} ms at {at:.1f} s")


if __name__ == "__main__":
    main()
