#!/usr/bin/env python3
"""What saving the session costs: iterations with a save every few seconds, and without one.

Runs the program on a pseudo-terminal, in turn with and without saves, and prints iterations per second and the
processor time per iteration of the threads that make the map. Needs pyte.

    scripts/measure_saving.py [--seconds 60] [--runs 3] [--every 10] [--program target/release/disentangle] DATA [OPTION ...]
"""

import argparse
import os
import pathlib
import re
import signal
import shutil
import tempfile
import time

from crash_test import Screen

TICK = os.sysconf("SC_CLK_TCK")


def processor(pid):
    """Processor seconds of the threads that make the map."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        name, fields = (task / "stat").read_text().rsplit(")", 1)
        if re.search(r"\(disentangle-(opt|\d)", name):
            fields = fields.split()
            total += int(fields[11]) + int(fields[12])
    return total / TICK


def iteration(screen):
    found = [re.search(r"iter (\d+)/", line) for line in screen.screen.display]
    found = [int(hit.group(1)) for hit in found if hit]
    return found[0] if found else 0


def measure(command, folder, seconds):
    screen = Screen(command, folder)
    while iteration(screen) < 70:
        screen.read(0.2)
        assert screen.is_there(), "it has ended"
    start = (time.monotonic(), iteration(screen), processor(screen.pid))
    while time.monotonic() < start[0] + seconds:
        screen.read(0.2)
    end = (time.monotonic(), iteration(screen), processor(screen.pid))
    screen.end(signal.SIGTERM)
    wall, iterations, busy = (b - a for a, b in zip(start, end))
    return iterations / wall, 1000 * busy / iterations


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--program", default="target/release/disentangle", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("options", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="saving-"))
    shutil.copy(given.data, folder)
    command = [str(given.program.resolve()), given.data.name, *given.options, "--iterations", "1000000", "--session", "new"]
    for run in range(given.runs):
        for every in (given.every, 86_400):
            rate, busy = measure([*command, "--autosave", str(every)], folder, given.seconds)
            size = sum(path.stat().st_size for path in folder.glob("*.session.npz"))
            print(f"run {run}, a save every {every} s: {rate:.2f} iterations/s, {busy:.1f} ms of the processor an iteration, "
                  f"session {size / 1e6:.2f} MB", flush=True)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
