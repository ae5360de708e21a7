#!/usr/bin/env python3
"""How often the names of the classes move on the map while it forms.

Runs the program in tmux and reads the screen as often as it can. For every name it counts the frames at
which its places differ from those of the frame before, from the 100th iteration to the last one. Names
that overlap would not be found whole, so the frames in which a name is missing are counted as well.

    scripts/measure_names.py [--size 120x40] [--names zero,one] [--wait 120] PROGRAM [ARGUMENT ...]
"""

import argparse
import re
import subprocess
import time

SESSION = "disentangle-names"
ITERATION = re.compile(r"iter\s+(\d+)/(\d+)")


def tmux(*words):
    return subprocess.run(["tmux", *words], check=True, capture_output=True, text=True).stdout


def places(lines, names):
    """Where each name stands within the map: the part left of the first closing border."""
    found = {name: [] for name in names}
    for row, line in enumerate(lines):
        area = line[1:].split("│")[0] if line.startswith("│") else ""
        for name in names:
            for match in re.finditer(rf"(?<![\w…]){re.escape(name)}(?![\w…])", area):
                found[name].append((row, match.start()))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--names", default="zero,one,two,three,four,five,six,seven,eight,nine")
    parser.add_argument("--wait", type=float, default=120.0, help="the most seconds to watch")
    parser.add_argument("program", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    names = arguments.names.split(",")
    columns, rows = arguments.size.split("x")
    subprocess.run(["tmux", "kill-session", "-t", SESSION], capture_output=True)
    tmux("new-session", "-d", "-s", SESSION, "-x", columns, "-y", rows, " ".join(arguments.program))
    moves, missing, frames, before, seen = dict.fromkeys(names, 0), dict.fromkeys(names, 0), 0, None, ""
    end = time.time() + arguments.wait
    at = last = 0
    while time.time() < end:
        text = tmux("capture-pane", "-p", "-t", SESSION)
        match = ITERATION.search(text)
        if match:
            at, last = int(match[1]), int(match[2])
        if text != seen and match and at >= 100:
            now = places(text.splitlines(), names)
            for name in names:
                moves[name] += before is not None and now[name] != before[name]
                missing[name] += not now[name]
            frames, before, seen = frames + 1, now, text
        if at and (at >= last or "finished" in text):
            break
        time.sleep(0.01)
    tmux("kill-session", "-t", SESSION)
    print(f"{frames} frames, iterations 100 to {at} of {last}")
    for name in names:
        print(f"{name:12} moved {moves[name]:3} times, missing in {missing[name]} frames")


main()
