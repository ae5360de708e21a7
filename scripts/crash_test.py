#!/usr/bin/env python3
"""Ends the screen again and again at bad moments, and checks that nothing is lost.

Starts the program on a pseudo-terminal. In each round, it makes decisions and notes, waits until the screen acknowledges
them, and presses random keys. Then it ends the program by HUP, TERM or KILL in turn: at a random moment, right after an
acknowledgement, while a file is being written, or (HUP, TERM) while the terminal takes nothing. Half of the rounds are on
one feature set (10,000 digits of MNIST if the environment variable DISENTANGLE_DATA names a folder with them, otherwise
the digits of fixtures/), half on the study fixtures/digits.toml.

After each end: the session opens, all decisions and notes that the screen acknowledged are in their files, and (but for
KILL) the terminal's modes are as before. After each next start: the session goes on, and no temporary file is left.
Needs pyte and numpy.

    scripts/crash_test.py [--rounds 300] [--seed 1] [--program target/release/disentangle]
"""

import argparse
import collections
import fcntl
import json
import os
import pathlib
import random
import re
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

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
COLUMNS, ROWS = 120, 40
READY = b"\x1b[5n"
# Keys that neither quit, nor undo, nor decide.
KEYS = ["]", "[", " ", "s", "x", "h", "j", "k", "+", "-", "f", "v", "V", "O", "g", "\t", "m", ".", ",", "|", "A", "z", "<", ">", "K", "C"]
PATIENCE = 60
# How long the screen may take to acknowledge something, on a busy machine.
ANSWER = 15
# A signal ends the program within this time, also where nobody reads the terminal.
END = 10


class Screen:
    """The program on a pseudo-terminal that outlives it."""

    def __init__(self, command, folder, prepare=None, **environment):
        """`environment` sets variables (None removes one); `prepare` runs in the program's process before it starts."""
        self.master, self.slave = os.openpty()
        self.resize(COLUMNS, ROWS)
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
            for name, value in environment.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
            if prepare:
                prepare()
            os.execvp(command[0], command)

    def resize(self, columns, rows):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        """Takes in what arrives within the time."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if not select.select([self.master], [], [], max(left, 0))[0]:
                return
            data = os.read(self.master, 1 << 16)
            self.stream.feed(data)
            self.tail += data
            if questions := self.tail.count(READY):
                os.write(self.master, b"\x1b[0n" * questions)
                self.tail = self.tail[self.tail.rfind(READY) + len(READY) :]
            self.tail = self.tail[-len(READY) + 1 :]
            if left < 0:
                return

    def shows(self, text):
        return any(text in line for line in self.screen.display)

    def until(self, text, seconds):
        end = time.monotonic() + seconds
        while not self.shows(text) and time.monotonic() < end and self.is_there():
            self.read(0.01)
        return self.shows(text)

    def message(self):
        """The line of messages, which may take lines above it."""
        return " ".join(line.strip() for line in self.screen.display[-4:-1])

    def is_there(self):
        return os.waitpid(self.pid, os.WNOHANG) == (0, 0)

    def send(self, keys):
        os.write(self.master, keys.encode())

    def end(self, how, reads=True):
        """Ends the program; returns what is wrong with that."""
        wrong = []
        os.kill(self.pid, how)
        os.kill(self.pid, signal.SIGCONT)
        start = time.monotonic()
        while self.is_there():
            if reads:
                self.read(0.01)
            else:
                time.sleep(0.01)
            if time.monotonic() > start + PATIENCE:
                os.kill(self.pid, signal.SIGKILL)
                return ["does not end"]
        took = time.monotonic() - start
        if took > END:
            wrong.append(f"ends after {took:.1f} s")
        if how != signal.SIGKILL and termios.tcgetattr(self.slave) != self.before:
            wrong.append("modes: those of the terminal are changed")
        os.close(self.master)
        os.close(self.slave)
        return wrong


class Killed(Exception):
    """The moment has come."""


class Work:
    """What is opened again and again, and what its screen has acknowledged."""

    def __init__(self, name, arguments, files, samples, has_ids):
        self.name, self.arguments = name, arguments
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"crash-{name}-"))
        for file in files:
            shutil.copy(file, self.folder)
        self.samples, self.has_ids = samples, has_ids
        self.notes = []
        # What the file may say about each sample: until the screen says so, the old or the new choice.
        self.decided = {}
        # What a key may have decided about a sample that the screen did not name in time.
        self.stray = set()
        self.number = 0
        self.iterations = 0

    def is_written(self):
        """A file is being written."""
        return any(name.startswith(".disentangle-") for name in os.listdir(self.folder))

    def session(self):
        """The text of the session, the number of session files, and when it was written."""
        files = list(self.folder.glob("*.session.npz"))
        with zipfile.ZipFile(files[0]) as archive:
            assert archive.testzip() is None
            return json.loads(archive.read("session.json")), len(files), files[0].stat().st_mtime

    def lost(self):
        journal = "".join(path.read_text(errors="replace") for path in self.folder.glob("*.journal.jsonl"))
        lost = [f"lost: note {note}" for note in self.notes if note not in journal]
        rows = {}
        for path in self.folder.glob("*.decisions.csv"):
            for line in path.read_text().splitlines()[1:]:
                cells = line.split(",")
                rows[cells[1] or f"#{cells[0]}"] = cells[3]
        for name, choices in self.decided.items():
            found = rows.get(name)
            if found not in choices | self.stray:
                lost.append(f"lost: decision {choices} about {name}, the file has {found}")
            self.decided[name] = {found}
        self.stray.clear()
        return lost


class Round:
    """One life of the program."""

    def __init__(self, work, screen, counts):
        self.work, self.screen, self.counts = work, screen, counts
        self.moment = None
        # Since when the terminal takes nothing.
        self.stopped = None
        # Random keys may have left a prompt or a panel.
        self.is_clean = True

    def read(self, seconds):
        if self.moment and time.monotonic() > self.moment:
            raise Killed
        self.screen.read(seconds)

    def acknowledged(self, pattern, seconds=ANSWER):
        """Waits for a message that is not “saving…” any more; nothing if it does not come."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.screen.is_there():
            message = self.screen.message()
            found = re.search(pattern, message)
            if found and "saving…" not in message:
                return found
            if "✗" in message:
                break
            self.read(0.005)
        self.counts["unanswered"] += 1
        if os.environ.get("CRASH_TEST_SHOWS"):
            print(f"no {pattern} on:", *self.screen.screen.display, sep="\n")
        return None

    def clean(self):
        """Leaves prompts, panels and boxes."""
        if not self.is_clean:
            end = time.monotonic() + 3
            while time.monotonic() < end:
                self.screen.send("\x1b")
                # The program waits for the rest of a sequence.
                pause = time.monotonic() + 0.15
                while time.monotonic() < pause:
                    self.read(0.01)
                if self.screen.screen.display[-1].startswith(" space"):
                    break
            self.is_clean = True

    def command(self, line, pattern):
        """Types a command, and waits for what it says."""
        for _ in range(3):
            self.clean()
            self.screen.send(f":{line}")
            # Only now is no older message on the line.
            if self.acknowledged(re.escape(f":{line}"), 3):
                break
            self.is_clean = False
        else:
            return None
        self.screen.send("\r")
        found = self.acknowledged(pattern)
        self.is_clean = found is not None
        return found

    def note(self):
        self.work.number += 1
        text = f"crash-{self.work.number}-"
        # In the Suspects panel, a note is about the suspect, who is then marked as unsure.
        self.work.stray.add("unsure")
        if self.command(f"note {text}", r"noted in \S+\.journal\.jsonl"):
            self.work.stray.discard("unsure")
            self.work.notes.append(text)
            self.counts["notes"] += 1

    def decide(self):
        """Decides about a sample by a command."""
        work = self.work
        row = random.choice(work.samples)
        name = f"digits-{row:04}" if work.has_ids else f"#{row}"
        if not self.command(f"find {name.lstrip('#')}", rf"{name} · "):
            return
        choice, said = random.choice([("keep", "label kept"), ("unsure", "unsure;")])
        work.decided.setdefault(name, {None}).add(choice)
        if self.command(f"decide {choice}", rf"{name}: {said}"):
            work.decided[name] = {choice}
            self.counts["decisions"] += 1

    def judge(self):
        """Decides about a suspect by a key of its panel."""
        self.clean()
        self.is_clean = False
        self.screen.send("Gu")
        end = time.monotonic() + 0.4
        while not self.screen.shows("t label is right"):
            # They may not be ranked yet.
            if time.monotonic() > end or not self.screen.is_there():
                return
            self.read(0.02)
        key, choice, said = random.choice([("t", "keep", "label kept"), ("o", "unsure", "unsure;")])
        # An older message may name the same choice: a prompt puts it away.
        self.screen.send(":")
        end = time.monotonic() + 3
        while not self.screen.screen.display[-2].strip().startswith(":"):
            if time.monotonic() > end or not self.screen.is_there():
                return
            self.read(0.01)
        self.screen.send("\x1b")
        self.read(0.15)
        self.work.stray.add(choice)
        self.screen.send(key)
        if found := self.acknowledged(rf"(digits-\d+|#\d+): {said}"):
            self.work.decided[found.group(1)] = {choice}
            self.work.stray.clear()
            self.counts["decisions"] += 1

    def press(self):
        self.is_clean = False
        self.screen.send(random.choice(KEYS))
        self.read(random.choice([0, 0.01, 0.1]))

    def act(self):
        act = random.random()
        if act < 0.2:
            self.note()
        elif act < 0.4:
            self.decide()
        elif act < 0.5:
            self.judge()
        else:
            self.press()

    def live(self, when):
        """Works until the moment has come."""
        for act in random.sample([self.note, self.note, self.decide, self.decide, self.judge, self.press], 6):
            act()
        if when == "acknowledged":
            for _ in range(random.randrange(6)):
                self.act()
            random.choice([self.note, self.decide, self.judge])()
        elif when == "written":
            for _ in range(random.randrange(6)):
                self.act()
            # A pause has the session saved, a decision its file. To read the screen would take longer than both.
            self.clean()
            self.work.stray.add("keep")
            self.screen.send(random.choice([" ", ":decide keep\r"]))
            end = time.monotonic() + 3
            while time.monotonic() < end and self.screen.is_there():
                if self.work.is_written():
                    # Held there, it cannot be done before the end.
                    os.kill(self.screen.pid, signal.SIGSTOP)
                    if self.work.is_written():
                        self.counts["while a file is written"] += 1
                        return
                    os.kill(self.screen.pid, signal.SIGCONT)
        elif when == "unread":
            self.clean()
            # As Ctrl-S in a shell; then something that the session keeps.
            termios.tcflow(self.screen.slave, termios.TCOOFF)
            self.stopped = time.time()
            self.screen.send("v")
            time.sleep(random.uniform(0.1, 3))
        else:
            self.moment = time.monotonic() + random.uniform(0, 4)
            while self.screen.is_there():
                self.act()


def works():
    """The two that are opened in turn."""
    data = os.environ.get("DISENTANGLE_DATA")
    digits = [path for path in FIXTURES.iterdir() if path.is_file()]
    if data and (mnist := pathlib.Path(data) / "mnist" / "mnist10k_pca50.npy").is_file():
        labels = mnist.with_name("mnist10k_labels.npy")
        one = Work("set", [mnist.name, "--labels", labels.name], [mnist, labels], range(10_000), False)
    else:
        one = Work("set", ["digits_mlp.npz"], digits, ids(FIXTURES / "digits_mlp.npz"), True)
    return [one, Work("study", ["digits.toml"], digits, ids(FIXTURES / "digits_mlp.npz"), True)]


def ids(archive):
    """The numbers in the ids of the digits."""
    import numpy

    return [int(str(name).split("-")[1]) for name in numpy.load(archive)["ids"]]


def documented(folder):
    """Runs the lines of Python that docs/sessions.md shows."""
    page = FIXTURES.parent / "docs" / "sessions.md"
    block = page.read_text().split("```python\n")[1].split("```")[0]
    file = next(folder.glob("*.session.npz"))
    exec(block.replace("study.session.npz", str(file)), {})


def one_round(program, work, how, when, counts):
    """Starts the program, works, ends it; returns what is wrong."""
    has_session = any(work.folder.glob("*.session.npz"))
    first = [program, *work.arguments, "--autosave", "1"]
    screen = Screen([program, "resume"] if has_session else first, work.folder)
    start = time.monotonic()
    if not screen.until("iter ", PATIENCE):
        screen.read(0.2)
        counts["took too long to start"] += time.monotonic() - start > PATIENCE
        shown = " ".join(line.strip() for line in screen.screen.display if line.strip())
        screen.end(signal.SIGKILL)
        return [f"does not start: {shown}"]
    wrong = []
    counts["restarts"] += has_session
    counts["resumed"] += has_session
    left = [path.name for path in work.folder.glob(".disentangle-*") if f"-{screen.pid}-" not in path.name]
    if left:
        wrong.append(f"temporary: left behind: {left}")
    life = Round(work, screen, counts)
    try:
        life.live(when)
    except Killed:
        pass
    if screen.is_there():
        wrong += screen.end(how, reads=when != "unread")
    else:
        wrong.append("ended by itself")
    counts["temporary files of killed programs"] += work.is_written()
    wrong += work.lost()
    try:
        text, files, written = work.session()
        if life.stopped and written < life.stopped:
            wrong.append("not saved: the session, with a terminal that takes nothing")
        iterations = sum(m["optimizer"]["iteration"] for s in text["sets"] for m in s["run"]["maps"])
        if files != 1:
            wrong.append(f"{files} sessions")
        if iterations < work.iterations:
            wrong.append(f"{iterations} iterations after {work.iterations}")
        work.iterations = iterations
    except IndexError:
        if how != signal.SIGKILL or has_session:
            wrong.append("there is no session")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", default="target/release/disentangle", type=pathlib.Path)
    given = parser.parse_args()
    program = str(given.program.resolve())
    random.seed(given.seed)
    opened = works()
    problems, counts = [], collections.Counter()
    for number in range(given.rounds):
        how = [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL][number % 3]
        work = opened[number // 3 % 2]
        whens = ["random", "random", "acknowledged", "written", "written", "unread"]
        when = random.choice(whens[: -1 if how == signal.SIGKILL else None])
        wrong = one_round(program, work, how, when, counts)
        counts[how.name] += 1
        counts[f"at a moment: {when}"] += 1
        if wrong:
            problems += wrong
            print(f"round {number} ({work.name}, {how.name}, {when}): {'; '.join(wrong)}", flush=True)
    for work in opened:
        documented(work.folder)
    kinds = collections.Counter(problem.split(":")[0] for problem in problems)
    print(f"{given.rounds} rounds: {json.dumps(counts)}, {sum(work.iterations for work in opened)} iterations in the sessions; "
          f"problems: {json.dumps(kinds)}")
    if problems:
        print(f"the files are in {[str(work.folder) for work in opened]}")
        sys.exit(1)
    for work in opened:
        shutil.rmtree(work.folder)


if __name__ == "__main__":
    main()
