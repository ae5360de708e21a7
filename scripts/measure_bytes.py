#!/usr/bin/env python3
"""How much the screen sends: while a map moves, while nothing happens, and over a slow line.

Runs the program on a pseudo-terminal and counts what arrives. With --rate, the terminal takes at most
that many bytes per second, as 960 for 9,600 baud; keys are pressed every few seconds, and the time until
the first bytes of the answer arrive is printed, with the most bytes that ever waited in the system's
buffer. The terminal answers the program's questions as real ones do; with --way it answers that many
seconds later, as a distant one does, with --mute never. At the end the computation is paused (it must not
have finished: --iterations 100000); when the statistics are done, too, bytes and processor time are
measured. Needs only Python's standard library.

    scripts/measure_bytes.py [--seconds 20] [--size 200x50] [--rate 960] [--way 0] [--mute] PROGRAM [ARGUMENT ...]
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import termios
import time

READY = b"\x1b[5n"
END = b"\x1b[?2026l"
TITLE = b" Help "
# How long the statistics may take after a pause.
PATIENCE = 300.0


def cpu_seconds(pid):
    """Seconds that the process has computed."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Terminal:
    """A program on a pseudo-terminal that takes a limited number of bytes per second."""

    def __init__(self, command, columns, rows, rate, way, mute):
        self.rate, self.way, self.mute = rate, way, mute
        self.answers = []
        self.started = time.monotonic()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm-256color"
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvp(command[0], command)
        self.arrivals = []
        self.tail = b""
        self.frames = []
        self.end = b""
        self.credit = 0.0
        self.most_waiting = 0
        self.credited = self.started

    def allowance(self):
        now = time.monotonic()
        if self.rate is None:
            return 1 << 16
        self.credit = min(self.credit + (now - self.credited) * self.rate, max(self.rate / 20, 1))
        self.credited = now
        return int(self.credit)

    def read(self, seconds):
        """What arrives within the time, at the rate of the line."""
        until = time.monotonic() + seconds
        while True:
            while self.answers and self.answers[0] <= time.monotonic():
                os.write(self.master, b"\x1b[0n")
                self.answers.pop(0)
            allowed = self.allowance()
            left = until - time.monotonic()
            if left <= 0:
                return b""
            if allowed < 1:
                time.sleep(min(left, 0.01))
                continue
            if self.answers:
                left = min(left, max(self.answers[0] - time.monotonic(), 0.0))
            ready, _, _ = select.select([self.master], [], [], left)
            if not ready:
                continue
            waiting = fcntl.ioctl(self.master, termios.FIONREAD, struct.pack("i", 0))
            self.most_waiting = max(self.most_waiting, struct.unpack("i", waiting)[0])
            data = os.read(self.master, min(allowed, 1 << 16))
            if self.rate is not None:
                self.credit -= len(data)
            self.arrivals.append((time.monotonic(), len(data)))
            self.end += data
            self.frames += [time.monotonic()] * self.end.count(END)
            self.end = self.end[-len(END) + 1 :]
            self.tail += data
            questions = self.tail.count(READY)
            self.tail = self.tail[-len(READY) + 1 :] if questions == 0 else self.tail[self.tail.rfind(READY) + len(READY) :]
            if not self.mute:
                self.answers += [time.monotonic() + self.way] * questions
            return data

    def watch(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.read(until - time.monotonic())

    def press(self, key, wanted, patience=30.0):
        pressed = time.monotonic()
        os.write(self.master, key)
        seen = b""
        while wanted not in seen:
            if time.monotonic() - pressed > patience:
                return None
            seen = seen[-64:] + self.read(patience)
        return time.monotonic() - pressed

    def rates(self, begin, end):
        """Mean bytes per second, and the most in any one second."""
        inside = [(t, n) for t, n in self.arrivals if begin <= t <= end]
        worst, total, first = 0, 0, 0
        for last, (t, n) in enumerate(inside):
            total += n
            while inside[first][0] < t - 1.0:
                total -= inside[first][1]
                first += 1
            worst = max(worst, total)
        return sum(n for _, n in inside) / max(end - begin, 1e-9), worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--idle", type=float, default=5.0)
    parser.add_argument("--size", default="200x50")
    parser.add_argument("--rate", type=float)
    parser.add_argument("--way", type=float, default=0.0)
    parser.add_argument("--mute", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    columns, rows = (int(n) for n in options.size.split("x"))
    terminal = Terminal(options.command, columns, rows, options.rate, options.way, options.mute)
    try:
        begin = time.monotonic()
        answers = []
        if options.rate is None:
            terminal.watch(options.seconds)
        else:
            while time.monotonic() < begin + options.seconds:
                terminal.watch(3.0)
                answers.append((time.monotonic() - begin, terminal.press(b"?", TITLE)))
                terminal.watch(3.0)
                os.write(terminal.master, b"\x1b")
        end = time.monotonic()
        mean, worst = terminal.rates(begin, end)
        frames = sum(begin <= at <= end for at in terminal.frames)
        per_frame = mean * (end - begin) / max(frames, 1)
        print(
            f"running {end - begin:.0f} s: mean {mean / 1000:.1f} KB/s, most in a second {worst / 1000:.1f} KB, "
            f"{frames} frames of {per_frame:.0f} bytes"
        )
        for at, answer in answers:
            print(f"  key at {at:.1f} s: " + ("no answer" if answer is None else f"{answer:.2f} s"))
        given = [answer for _, answer in answers if answer is not None]
        if given:
            print(f"  median {statistics.median(given):.2f} s, slowest {max(given):.2f} s")
        if options.rate is not None:
            print(f"  most bytes waiting in the buffer: {terminal.most_waiting}")
        if options.idle <= 0:
            return
        # Paused: what is on its way still arrives, and the statistics of the map are computed.
        os.write(terminal.master, b" ")
        paused = time.monotonic()
        while time.monotonic() < paused + PATIENCE:
            used = cpu_seconds(terminal.pid)
            terminal.watch(2.0)
            if cpu_seconds(terminal.pid) - used < 0.05:
                break
        print(f"at rest {time.monotonic() - paused:.0f} s after the pause")
        begin, used = time.monotonic(), cpu_seconds(terminal.pid)
        terminal.watch(options.idle)
        end = time.monotonic()
        mean, _ = terminal.rates(begin, end)
        share = (cpu_seconds(terminal.pid) - used) / (end - begin)
        print(f"paused {end - begin:.0f} s: {mean:.0f} B/s, {100 * share:.1f} % of a core")
    finally:
        os.kill(terminal.pid, signal.SIGTERM)
        os.waitpid(terminal.pid, 0)


if __name__ == "__main__":
    main()
