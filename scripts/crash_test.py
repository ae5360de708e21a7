#!/usr/bin/env python3
"""Ends the screen again and again at random moments, and checks that nothing is lost.

Starts the program on a pseudo-terminal, sends random keys, decisions and notes among them, and ends it by HUP, TERM or
KILL in turn. After each end: the session opens, all decisions and notes that the screen had acknowledged are in their
files, and (but for KILL) the terminal's modes are as before. After each next start: the session goes on, and no temporary
file is left. At the end, the lines of Python in docs/sessions.md read the session. Needs pyte and numpy.

    scripts/crash_test.py [--rounds 300] [--seed 1] [--program target/release/disentangle] FOLDER DATA [OPTION ...]

DATA is a file in FOLDER, which is copied to a folder of its own first.
"""

import argparse
import collections
import fcntl
import json
import os
import pathlib
import random
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time
import zipfile

import pyte

COLUMNS, ROWS = 120, 40
READY = b"\x1b[5n"
# Keys that neither quit nor undo.
KEYS = ["]", "[", " ", "s", "x", "l", "h", "j", "k", "+", "-", "f", "v", "V", "O", "g", "\t", "\x1b", "m", ".", "|", "r", "A", "z", "<", ">"]
PATIENCE = 60


class Screen:
    """The program on a pseudo-terminal that outlives it."""

    def __init__(self, command, folder):
        self.master, self.slave = os.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.tail = b""
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            for fd in range(3):
                os.dup2(self.slave, fd)
            os.chdir(folder)
            os.environ.update(TERM="xterm-256color", XDG_STATE_HOME=f"{folder}/state", XDG_CONFIG_HOME=f"{folder}/config")
            os.execvp(command[0], command)

    def read(self, seconds):
        """Takes in what arrives within the time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.master], [], [], left)[0]:
                return
            data = os.read(self.master, 1 << 16)
            self.stream.feed(data)
            self.tail += data
            if questions := self.tail.count(READY):
                os.write(self.master, b"\x1b[0n" * questions)
                self.tail = self.tail[self.tail.rfind(READY) + len(READY) :]
            self.tail = self.tail[-len(READY) + 1 :]

    def shows(self, text):
        return any(text in line for line in self.screen.display)

    def until(self, text, seconds):
        end = time.monotonic() + seconds
        while not self.shows(text) and time.monotonic() < end and self.is_there():
            self.read(0.01)
        return self.shows(text)

    def is_there(self):
        return os.waitpid(self.pid, os.WNOHANG) == (0, 0)

    def send(self, keys):
        os.write(self.master, keys.encode())

    def end(self, how):
        """Ends the program; returns what is wrong with that."""
        os.kill(self.pid, how)
        end = time.monotonic() + PATIENCE
        while self.is_there():
            self.read(0.01)
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                return ["does not end"]
        wrong = []
        if how != signal.SIGKILL and termios.tcgetattr(self.slave) != self.before:
            wrong.append("the terminal's modes are changed")
        os.close(self.master)
        os.close(self.slave)
        return wrong


class Kept:
    """What the screen has acknowledged."""

    def __init__(self, folder):
        self.folder = folder
        # The samples of the digits have ids.
        self.has_ids = any(folder.glob("digits*"))
        self.notes = []
        self.decided = {}
        self.number = 0

    def command(self, screen, line, shows):
        """Types a command; whether the screen shows what it has to."""
        for key in ["\x1b", "\x1b"]:
            screen.send(key)
            screen.read(0.03)
        screen.send(f":{line}\r")
        return screen.until(shows, 3)

    def note(self, screen):
        self.number += 1
        text = f"crash-{self.number}-"
        if self.command(screen, f"note {text}", "noted in"):
            self.notes.append(text)

    def decide(self, screen):
        row = random.randrange(400)
        name = f"digits-{row:04}" if self.has_ids else f"#{row}"
        if not self.command(screen, f"find {name.lstrip('#')}", name):
            return
        choice, said = random.choice([("keep", "the label is right"), ("unsure", "unsure;")])
        # Until the screen says so, either may be in the file.
        self.decided.pop(name, None)
        screen.send(f":decide {choice}\r")
        if screen.until(f"{name}: {said}", 3):
            self.decided[name] = choice

    def lost(self):
        journals = list(self.folder.glob("*.journal.jsonl"))
        journal = "".join(path.read_text() for path in journals)
        lost = [f"note {note}" for note in self.notes if note not in journal]
        rows = {}
        for path in self.folder.glob("*.decisions.csv"):
            for line in path.read_text().splitlines()[1:]:
                cells = line.split(",")
                rows[cells[1] or f"#{cells[0]}"] = cells[3]
        for name, choice in self.decided.items():
            if rows.get(name) != choice:
                lost.append(f"decision {choice} about {name}")
        return lost


def session(folder):
    """The newest session's text."""
    files = sorted(folder.glob("*.session.npz"), key=lambda path: path.stat().st_mtime)
    with zipfile.ZipFile(files[-1]) as archive:
        assert archive.testzip() is None
        return json.loads(archive.read("session.json")), len(files)


def documented(folder):
    """Runs the lines of Python that docs/sessions.md shows."""
    page = pathlib.Path(__file__).resolve().parent.parent / "docs" / "sessions.md"
    block = page.read_text().split("```python\n")[1].split("```")[0]
    file = next(folder.glob("*.session.npz"))
    exec(block.replace("study.session.npz", str(file)), {})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", default="target/release/disentangle", type=pathlib.Path)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("data")
    parser.add_argument("options", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    program = str(given.program.resolve())
    random.seed(given.seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="crash-"))
    for path in given.source.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    kept = Kept(folder)
    problems, counts = [], collections.Counter()
    seen_iterations = 0
    for number in range(given.rounds):
        how = [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL][number % 3]
        has_session = any(folder.glob("*.session.npz"))
        first = [given.data, *given.options, "--autosave", "1"]
        screen = Screen([program, "resume"] if has_session else [program, *first], folder)
        wrong = []
        if not screen.until("iter ", PATIENCE):
            wrong.append("does not start: " + " ".join(line.strip() for line in screen.screen.display if line.strip()))
        if has_session and not wrong:
            counts["resumed"] += 1
        left = [path.name for path in folder.glob(".disentangle-*") if f"-{screen.pid}-" not in path.name]
        if left:
            wrong.append(f"left behind: {left}")
        end = time.monotonic() + random.uniform(0.3, 6)
        while time.monotonic() < end and screen.is_there():
            act = random.random()
            if act < 0.15:
                kept.note(screen)
            elif act < 0.3:
                kept.decide(screen)
            else:
                screen.send(random.choice(KEYS))
                screen.read(random.choice([0, 0.01, 0.1]))
        screen.read(random.choice([0, 0, 0.02, 0.2]))
        if not screen.is_there():
            wrong.append("ended by itself")
        else:
            wrong += screen.end(how)
        wrong += kept.lost()
        try:
            text, files = session(folder)
            iterations = sum(m["optimizer"]["iteration"] for s in text["sets"] for m in s["run"]["maps"])
            if files != 1:
                wrong.append(f"{files} sessions")
            if how != signal.SIGKILL and iterations < seen_iterations:
                wrong.append(f"{iterations} iterations after {seen_iterations}")
            seen_iterations = iterations
        except IndexError:
            if number > 5:
                wrong.append("there is no session")
        counts[how.name] += 1
        if wrong:
            problems.append((number, how.name, wrong))
            print(f"round {number} ({how.name}): {'; '.join(wrong)}", flush=True)
    documented(folder)
    print(f"{given.rounds} rounds {dict(counts)}: {len(kept.notes)} notes and {len(kept.decided)} decisions acknowledged, "
          f"{seen_iterations} iterations in the session; {len(problems)} rounds with problems")
    if problems:
        print(f"the files are in {folder}")
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
