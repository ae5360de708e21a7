#!/usr/bin/env python3
"""Interrupts `embed --checkpoint` again and again, and compares the map with that of a run without a break.

Three kinds of interruption take turns, at random moments: TERM, which writes a checkpoint and ends the program; USR1, which
writes a checkpoint and lets it go on, followed by KILL; KILL alone, after which the last checkpoint by time counts. The same
command goes on until the map is finished, which must equal the other one bit for bit; then the next map begins, until there
were as many TERMs as wanted. The samples are 10,000 digits of MNIST if the environment variable DISENTANGLE_DATA names a
folder with them, otherwise those of fixtures/. Needs numpy.

    scripts/checkpoint_test.py [--terms 20] [--seed 1] [--iterations N] [--program target/release/disentangle] [OPTION OF EMBED ...]
"""

import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import numpy

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
# How long a checkpoint may take after a signal, on a busy machine.
PATIENCE = 20


def samples():
    data = os.environ.get("DISENTANGLE_DATA")
    if data and (mnist := pathlib.Path(data) / "mnist" / "mnist10k_pca50.npy").is_file():
        return mnist, 1500
    return FIXTURES / "digits_cnn.npz", 5000


def iteration(checkpoint):
    """That of the checkpoint; 0 without one."""
    if not checkpoint.exists():
        return 0
    return json.loads(numpy.load(checkpoint)["about"].tobytes())["iteration"]


def interrupt(command, checkpoint, how, after):
    """Starts the command and interrupts it after some seconds; returns the exit code, and what is wrong."""
    program = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        _, said = program.communicate(timeout=after)
        return program.returncode, [] if program.returncode == 0 else [said]
    except subprocess.TimeoutExpired:
        pass
    wrong = []
    before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
    if how == "TERM":
        program.send_signal(signal.SIGTERM)
    elif how == "USR1":
        program.send_signal(signal.SIGUSR1)
        end = time.monotonic() + PATIENCE
        while program.poll() is None and time.monotonic() < end:
            if checkpoint.exists() and checkpoint.stat().st_mtime_ns != before:
                break
            time.sleep(0.005)
        else:
            if program.poll() is None:
                wrong.append("no checkpoint after USR1")
            elif program.returncode < 0:
                wrong.append("USR1 has ended the program")
        program.kill()
    else:
        program.kill()
    _, said = program.communicate(timeout=PATIENCE)
    if how == "TERM" and program.returncode not in (0, 143, -signal.SIGTERM):
        wrong.append(f"exit code {program.returncode} after TERM: {said}")
    return program.returncode, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--terms", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--program", default="target/release/disentangle", type=pathlib.Path)
    given, options = parser.parse_known_args()
    random.seed(given.seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="checkpoint-"))
    features, iterations = samples()
    iterations = given.iterations or iterations
    whole, part, checkpoint = (folder / name for name in ("whole.npy", "part.npy", "checkpoint.npz"))
    command = [str(given.program.resolve()), "embed", str(features), "--iterations", str(iterations), *options]
    start = time.monotonic()
    subprocess.run([*command, "-o", str(whole)], check=True, stderr=subprocess.DEVNULL)
    took = time.monotonic() - start
    command += ["-o", str(part), "--checkpoint", str(checkpoint), "--every", "1"]
    counts, problems, number = collections.Counter(), [], 0
    while counts["TERM"] < given.terms:
        for path in (part, checkpoint):
            path.unlink(missing_ok=True)
        code, last = None, 0
        while code != 0:
            how = ["TERM", "USR1", "TERM", "KILL"][number % 4]
            number += 1
            code, wrong = interrupt(command, checkpoint, how, random.uniform(0.05, took / 2))
            problems += wrong
            counts[how] += code != 0
            now = iteration(checkpoint)
            counts["with a map in the checkpoint"] += code != 0 and now > 0
            if now < last:
                problems.append(f"iteration {now} after {last}")
            last = now
        counts["maps compared"] += 1
        if whole.read_bytes() != part.read_bytes():
            problems.append(f"map {counts['maps compared']} differs")
        # Killed programs leave temporary files.
        left = {path.name for path in folder.iterdir() if not path.name.startswith(".")} - {"whole.npy", "part.npy", "checkpoint.npz"}
        if left:
            problems.append(f"left behind: {left}")
    print(f"{features.name}, {iterations} iterations: {json.dumps(counts)}; problems: {len(problems)}")
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
