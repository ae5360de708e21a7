#!/usr/bin/env python3
"""Records how someone who knows only the ? key finds wrong labels, as asciicast (version 2).

    scripts/record_session.py [--program target/release/disentangle] [--study DATA/retina5]
                              [--class 1] [--as 8] [--out docs/sessions/suspects.cast]

Runs the program on a pseudo-terminal in its own folder, presses keys at a person's pace, and
continues when the screen (read by pyte) shows what is expected. It uses the bundled digits by default; --study
names a folder with A_L4_penultimate.npy, C_L3_penultimate.npy, labels.npy and class_names.txt.
Needs pyte. Pauses of the program are kept, but shortened to 2 seconds.
"""

import argparse
import codecs
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import struct
import sys
import tempfile
import termios
import time

import pyte

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 90.0
LONGEST_PAUSE = 2.0


class Session:
    """A program on a pseudo-terminal, its screen, and what it wrote when."""

    def __init__(self, command, folder, columns, rows):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.Stream(self.screen)
        self.decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.events, self.clock, self.last = [], 0.0, time.monotonic()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ.update(
                TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8",
                XDG_STATE_HOME=f"{folder}/state", XDG_CONFIG_HOME=f"{folder}/config",
            )  # fmt: skip
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvp(command[0], command)

    def read(self, seconds):
        """Takes in what arrives within the time; False when the program has ended."""
        ready, _, _ = select.select([self.master], [], [], max(seconds, 0))
        if not ready:
            return True
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            return False
        if not data:
            return False
        for _ in range(data.count(b"\x1b[5n")):
            os.write(self.master, b"\x1b[0n")
        text = self.decode(data)
        now = time.monotonic()
        self.clock += min(now - self.last, LONGEST_PAUSE)
        self.last = now
        self.events.append((self.clock, text))
        # Questions and private modes are nothing that pyte knows.
        self.stream.feed(re.sub(r"\x1b\[[?>=<][0-9;]*[a-zA-Z$]+|\x1b\][^\x07\x1b]*(\x07|\x1b\\)", "", text))
        return True

    def text(self):
        return "\n".join(self.screen.display)

    def until(self, wanted):
        start = time.monotonic()
        while not re.search(wanted, self.text()):
            if not self.read(0.05) or time.monotonic() - start > PATIENCE:
                sys.exit(f"no {wanted!r} on\n{self.text()}")

    def linger(self, seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self.read(left):
            pass

    def press(self, keys, wanted, pause=1.2):
        """Presses keys one by one, waits for what they have to show, and lets it be read."""
        for key in re.findall(r"\x1b\[[A-Z]|.", keys, re.S):
            os.write(self.master, key.encode())
            self.linger(0.09)
        self.until(wanted)
        self.linger(pause)


def study(folder, source):
    """Puts the files of the study in the folder; the arguments that open it."""
    if source is None:
        for name in ("digits_cnn.npz", "digits_cnn_layers.npz", "digits_mlp.npz", "digits.toml"):
            shutil.copy(ROOT / "fixtures" / name, folder)
        return ["digits.toml"]
    source = pathlib.Path(source)
    names = ["A_L4_penultimate.npy", "C_L3_penultimate.npy", "labels.npy", "class_names.txt"]
    names += [f"{kind}_{model}.npy" for kind in ("predictions", "probabilities") for model in "AC"]
    for name in names:
        shutil.copy(source / name, folder)
    arguments = ["A=A_L4_penultimate.npy", "C=C_L3_penultimate.npy", "--labels", "labels.npy"]
    arguments += ["--class-names", "class_names.txt"]
    for kind in ("predictions", "probabilities"):
        for model in "AC":
            arguments += [f"--{kind}", f"{model}={kind}_{model}.npy"]
    return arguments


def play(session, label, other, models):
    """The journey: find, look, decide, compare, export."""
    escape = "\x1b"
    session.until("new here")
    session.linger(2.0)
    session.press("?", "How to", 3.0)
    session.press("wrong", "Suspects", 3.0)
    session.press("\x15:suspects", r"\[CLASS\]", 2.0)
    session.press(escape, r"map \(t-SNE\)", 1.0)
    session.press(f":suspects {label}", "Esc leave", 0.8)
    session.press("\r", f"labeled {label}", 0.5)
    session.until(r"1–\d+ of|\b[1-9]\d* listed")
    session.linger(2.5)
    session.press("\r", f" · {label}", 2.5)
    session.press(":panel sample\r", "Sample", 3.0)
    session.press(":panel suspects\r", f"labeled {label}", 1.0)
    for decided in (1, 2, 3):
        session.press("l", "relabel as:", 0.4)
        session.press(f"{other}\r", f"{decided} decided", 1.2)
    session.press(":panel models\r", "Models ·", 3.5)
    session.press(":panel separation\r", "Separation", 2.5)
    session.press("m", f"{models[1]}.*the selection is unchanged", 3.0)
    session.press("M", f"{models[0]}.*the selection is unchanged", 1.5)
    session.press(":save labels corrected.txt\r", "labels saved to", 1.5)
    session.press(":save decisions decided.csv\r", "decisions saved to", 1.5)
    session.press("q", "", 0.1)
    while session.read(1.0):
        if time.monotonic() - session.last > 5:
            break


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "target/release/disentangle"))
    parser.add_argument("--study", help="folder of a study; by default the bundled digits")
    parser.add_argument("--class", dest="label", default="1", help="whose suspects")
    parser.add_argument("--as", dest="other", default="8", help="what three become")
    parser.add_argument("--size", default="120x36")
    parser.add_argument("--out", default=str(ROOT / "docs/sessions/suspects.cast"))
    options = parser.parse_args()
    columns, rows = (int(n) for n in options.size.split("x"))
    program = str(pathlib.Path(options.program).resolve())
    with tempfile.TemporaryDirectory() as folder:
        arguments = study(folder, options.study)
        session = Session([program, *arguments], folder, columns, rows)
        models = ("A", "C") if options.study else ("CNN", "MLP")
        play(session, options.label, options.other, models)
        for name in ("corrected.txt", "decided.csv"):
            lines = (pathlib.Path(folder) / name).read_text().splitlines()
            print(f"{name}: {len(lines)} lines", file=sys.stderr)
    head = {"version": 2, "width": columns, "height": rows, "env": {"TERM": "xterm-256color"}}
    head["title"] = "disentangle: suspects of a class, found, looked at, decided, exported"
    out = pathlib.Path(options.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8") as file:
        print(json.dumps(head), file=file)
        for at, text in session.events:
            print(json.dumps([round(at, 3), "o", text], ensure_ascii=False), file=file)
    print(f"{out}: {len(session.events)} events, {session.clock:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
