#!/usr/bin/env python3
"""Works at the screen for hours, and checks that memory stays flat and the screen right.

Opens two models of the same 70,000 samples (mnist/mnist70k_pca50.npy in the folder that DISENTANGLE_DATA names, with its
first 20 columns as the second model; otherwise the digits of fixtures/) on a pseudo-terminal, and goes on for two
hours: it first makes a map at each perplexity of each model, since the program keeps them; then it lets maps move, steps
through perplexities, flips between models, and presses random keys. Every ten minutes it comes to rest in the same
state: both models at perplexity 30 and paused, the first one shown, all statistics computed. The resident memory there
must not be more than 5% above that of the first rest; in between it depends on what is being computed, and the highest
of each ten minutes is printed. It is also written to a file every ten seconds. No message may report a failure; at the
end, the screen that was drawn piece by piece must be the one that is drawn anew. Needs pyte and numpy.

    scripts/soak.py [--minutes 120] [--seed 1] [--memory memory.csv] [--program target/release/disentangle]
"""

import argparse
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile
import time

import numpy as np

from bad_moments import Terminal
from crash_test import PATIENCE

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
# Keys that neither quit nor begin maps without end (r, p, l).
KEYS = ["[", "]", "m", "M", "s", "x", "h", "j", "k", "+", "-", "f", "v", "V", "O", "g", "C", "|", "\\", "i", "t", "<", ">", "\t", "z",
        "A", "X", "B", "y", "Y", "u", "D", "U", "T", "n", "/4\r", "?", "1", "2", "a", "\x1b", "\x0c", ":note soak\r"]
EVERY = 10
# Seconds between two rests; a rest ends once the program has used less than 2% of a processor for so long, or at the
# latest.
PERIOD, STEADY, LONGEST_REST = 600, 20, 900
# Shows a model at perplexity 30, with the usual tables, and pauses.
TO_REST = ["\x1b\x1b\x1b", ":pause\r", ":model {}\r", ":perplexity 30\r", ":k 10\r", ":pause\r"]
# Perplexities in the list.
RUNGS = 6
FLAT = 1.05
PROBLEMS = re.compile(r"cannot|failed|panicked|is not saved|has stopped|diverged", re.IGNORECASE)
# Lines of the help that contain such a word are not messages.
EXPLANATIONS = "does not mean that the class cannot be", "of this class cannot be found reliably"
STUDY = """labels = "labels.npy"
[[models]]
name = "A"
features = "a.npy"
[[models]]
name = "B"
features = "b.npy"
"""


def study(folder):
    """Makes the study; returns its file, and how many samples it has."""
    given = os.environ.get("DISENTANGLE_DATA")
    source = pathlib.Path(given or "", "mnist", "mnist70k_pca50.npy")
    if given and source.exists():
        features = np.load(source)
        labels = np.load(source.with_name("mnist70k_labels.npy"))
    else:
        print("DISENTANGLE_DATA has no mnist/mnist70k_pca50.npy: the digits of fixtures/ are used")
        archive = np.load(FIXTURES / "digits_cnn.npz")
        features, labels = archive["features"], archive["labels"]
    np.save(folder / "a.npy", features)
    np.save(folder / "b.npy", np.ascontiguousarray(features[:, :20]))
    np.save(folder / "labels.npy", labels)
    (folder / "study.toml").write_text(STUDY)
    return "study.toml", len(features)


def megabytes(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def processor_seconds(pid):
    """What a process has used of processors so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Soak:
    def __init__(self, given, folder):
        name, self.samples = study(folder)
        command = [str(given.program.resolve()), name, "--iterations", "100000000", "--session", "new"]
        self.screen = Terminal(command, folder, LANG="C.UTF-8")
        self.begin = time.monotonic()
        self.end = self.begin + 60 * given.minutes
        # A short run rests more often.
        self.period = min(PERIOD, 15 * given.minutes)
        self.rests = []
        self.next = self.begin
        self.memory = []
        self.file = open(given.memory, "w")
        self.file.write("seconds,megabytes\n")
        self.problems = {}

    def look(self, seconds):
        """Takes in what comes, and measures."""
        until = time.monotonic() + seconds
        while True:
            self.screen.read(max(0.0, min(until - time.monotonic(), 0.5)))
            now = time.monotonic()
            if now >= self.next:
                self.next += EVERY
                self.memory.append((now - self.begin, megabytes(self.screen.pid)))
                self.file.write("%.0f,%.1f\n" % self.memory[-1])
                self.file.flush()
            for line in self.screen.lines():
                is_explained = "Help" in line or any(words in line for words in EXPLANATIONS)
                if PROBLEMS.search(line) and not is_explained:
                    self.problems.setdefault(line.strip(), now - self.begin)
            if now >= until or not self.screen.is_there():
                return

    def perplexity(self):
        """The perplexity that the screen shows."""
        found = (re.search(r"perplexity[ \d.]*\[([\d.]+)\]", line) for line in self.screen.lines())
        return next((hit.group(1) for hit in found if hit), None)

    def visit(self):
        """Makes a map at each perplexity of each model."""
        for _ in range(2):
            for key in "[" * RUNGS + "]" * RUNGS:
                before = self.perplexity()
                self.screen.send(key)
                end = time.monotonic() + PATIENCE
                while self.perplexity() == before and time.monotonic() < min(end, self.end):
                    self.look(1)
                    # The last one was reached, and the screen says so at once.
                    if any(" of the list" in line for line in self.screen.lines()):
                        break
                self.look(2)
            self.screen.send("m")
            self.look(5)

    def work(self):
        """Ten minutes of work, each minute of it with a map that moves and with keys; then a rest."""
        while time.monotonic() < self.end and self.screen.is_there():
            until = min(self.end, self.begin + self.period * (len(self.rests) + 1))
            while time.monotonic() < until and self.screen.is_there():
                for keys in ("\x1b\x1b", " ", random.choice(["]", "[", "m", "M"])):
                    self.screen.send(keys)
                    self.look(1)
                self.look(random.choice([2, 10, 30]))
                for _ in range(random.randrange(5, 40)):
                    self.screen.send(random.choice(KEYS))
                    self.look(random.choice([0.02, 0.1, 0.5]))
            self.rest()

    def rest(self):
        """Brings both models to rest, the first one last, and measures."""
        for model in ("B", "A"):
            self.rest_of(model)
        if self.screen.is_there():
            self.rests.append((time.monotonic() - self.begin, megabytes(self.screen.pid)))
            print("at rest after %.0f s: %.0f MB" % self.rests[-1], flush=True)

    def rest_of(self, model):
        for keys in TO_REST:
            self.screen.send(keys.format(model))
            self.look(3)
        latest = time.monotonic() + LONGEST_REST
        while self.screen.is_there():
            before = processor_seconds(self.screen.pid)
            self.look(STEADY)
            if not self.screen.is_there():
                return
            is_idle = processor_seconds(self.screen.pid) - before < 0.02 * STEADY
            if is_idle and self.perplexity() == "30":
                break
            if time.monotonic() > latest:
                self.problems.setdefault("does not come to rest", time.monotonic() - self.begin)
                break

    def is_right(self):
        """Whether the screen as it was drawn piece by piece is the same as one that is drawn anew."""
        for _ in range(6):
            self.screen.send("\x1b")
            self.look(0.5)
        for _ in range(30):
            before = self.screen.lines()
            self.screen.send("\x0c")
            self.look(3)
            if before == self.screen.lines():
                return True
            # It was still moving.
            self.screen.send(" ")
            self.look(10)
        return False

    def is_flat(self):
        """Memory at rest against the first rest; and the highest of each period."""
        sizes = [size for _, size in self.rests]
        if not sizes:
            return True, "too short to judge"
        highest = {}
        for seconds, size in self.memory:
            period = int(seconds // self.period)
            highest[period] = max(size, highest.get(period, 0))
        text = f"at rest {sizes[0]:.0f} MB, then {min(sizes):.0f} to {max(sizes):.0f} MB; highest of each period: "
        return max(sizes) <= FLAT * sizes[0], text + ", ".join(f"{size:.0f}" for size in highest.values()) + " MB"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory", type=pathlib.Path, default="memory.csv")
    parser.add_argument("--program", default="target/release/disentangle", type=pathlib.Path)
    given = parser.parse_args()
    random.seed(given.seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="soak-"))
    soak = Soak(given, folder)
    wrong = []
    if not soak.screen.until("iter ", PATIENCE):
        wrong.append("does not start: " + " ".join(soak.screen.lines()))
    soak.visit()
    soak.work()
    if not soak.screen.is_there():
        wrong.append("ended by itself: " + " ".join(soak.screen.lines()))
    else:
        if not soak.is_right():
            wrong.append("the screen is not the one that is drawn anew")
        soak.screen.send("q")
        end = time.monotonic() + PATIENCE
        while soak.screen.is_there() and time.monotonic() < end:
            soak.screen.read(0.1)
        code = os.waitstatus_to_exitcode(os.waitpid(soak.screen.pid, 0)[1]) if not soak.screen.is_there() else None
        if code != 0:
            wrong.append(f"exit code {code}")
    flat, memory = soak.is_flat()
    if not flat:
        wrong.append("memory is not flat")
    wrong += [f"after {at:.0f} s: {line}" for line, at in soak.problems.items()]
    print(f"{soak.samples} samples, {given.minutes:.0f} minutes: {memory}; {len(wrong)} problems")
    for problem in wrong:
        print(f"  {problem}")
    shutil.rmtree(folder)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
