#!/usr/bin/env python3
"""Runs the program on every file of folders, and measures how each run ends.

Each file is inspected, diagnosed, embedded with 20 iterations, and given as labels of the folder's reference features
(good_f8.npy or base_X.npy). Every run has to end with exit code 0 or 2 in a second, within 200 MB, without a panic; a
refusal is one line that begins with `error:` and names a file. Prints a table by kind of file; `--all FILE` writes one
of all runs. Exits with 1 if a run is beyond a limit.

    scripts/hostile_files.py [--program target/release/disentangle] [--all FILE] FOLDER ...
"""

import argparse
import collections
import os
import pathlib
import signal
import sys
import tempfile
import time

SECONDS, MEGABYTES, PATIENCE = 1.0, 200, 60
REFERENCES = ["good_f8.npy", "base_X.npy"]
Run = collections.namedtuple("Run", "file use code message seconds megabytes problems")


def measured(command, folder):
    """Exit code (negative for a signal), output, errors, seconds, and megabytes at the peak."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begin = time.monotonic()
        pid = os.fork()
        if pid == 0:
            os.chdir(folder)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(output.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            signal.alarm(PATIENCE)
            os.execv(command[0], command)
        _, status, usage = os.wait4(pid, 0)
        seconds = time.monotonic() - begin
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "backslashreplace"))
    return os.waitstatus_to_exitcode(status), *texts, seconds, usage.ru_maxrss / 1024


def run(program, folder, path, use, arguments):
    code, output, errors, seconds, megabytes = measured([program, *arguments], folder)
    if code != 0 and seconds > SECONDS:
        # Another program may have had the processor.
        code, output, errors, again, megabytes = measured([program, *arguments], folder)
        seconds = min(seconds, again)
    lines = [line for line in errors.splitlines() if line.startswith("error:")]
    message = lines[0] if lines else (errors or output).strip().split("\n")[0]
    problems = []
    if code not in (0, 2):
        problems.append(f"exit code {code}")
    if code == 2 and (len(lines) != 1 or path.name.split(".")[0] not in errors):
        problems.append("the refusal does not name the file in one line")
    if "panicked" in errors:
        problems.append("panic")
    if seconds > SECONDS:
        problems.append(f"{seconds:.1f} s")
    if megabytes > MEGABYTES:
        problems.append(f"{megabytes:.0f} MB")
    return Run(path.name, use, code, message, seconds, megabytes, problems)


def runs(program, folder, out):
    reference = next((name for name in REFERENCES if (folder / name).exists()), None)
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.suffix == ".md":
            continue
        name = str(path)
        uses = {
            "inspect": ["inspect", name],
            "diagnose": ["diagnose", name],
            "embed": ["embed", name, "--iterations", "20", "--force", "-o", f"{out}/map.npy"],
        }
        if reference:
            uses["as labels"] = ["diagnose", str(folder / reference), "--labels", name]
        for use, arguments in uses.items():
            yield run(program, out, path, use, arguments)


def kind(name):
    suffix = pathlib.Path(name).suffix
    return {".csv": "text", ".tsv": "text", ".txt": "text", ".jsonl": "text"}.get(suffix, suffix)


def condensed(done):
    """One row for each kind of file and use, with the worst run."""
    print("| files | use | runs | read | refused | slowest | most memory |")
    print("|---|---|---|---|---|---|---|")
    groups = collections.defaultdict(list)
    for one in done:
        groups[kind(one.file), one.use].append(one)
    for (what, use), group in groups.items():
        slow = max(group, key=lambda one: one.seconds)
        large = max(group, key=lambda one: one.megabytes)
        read = sum(one.code == 0 for one in group)
        refused = sum(one.code == 2 for one in group)
        print(f"| {what} | {use} | {len(group)} | {read} | {refused} | {slow.seconds:.2f} s ({slow.file}) "
              f"| {large.megabytes:.0f} MB ({large.file}) |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="target/release/disentangle", type=pathlib.Path)
    parser.add_argument("--all", type=pathlib.Path, metavar="FILE")
    parser.add_argument("folders", nargs="+", type=pathlib.Path, metavar="FOLDER")
    given = parser.parse_args()
    program = str(given.program.resolve())
    with tempfile.TemporaryDirectory() as out:
        done = [one for folder in given.folders for one in runs(program, folder.resolve(), out)]
        left = [path.name for path in pathlib.Path(out).iterdir() if path.name != "map.npy"]
    if given.all:
        rows = (f"{one.file}\t{one.use}\t{one.code}\t{one.seconds:.3f}\t{one.megabytes:.0f}\t{one.message}\n" for one in done)
        given.all.write_text("file\tuse\texit\tseconds\tMB\tmessage\n" + "".join(rows))
    condensed(done)
    beyond = [one for one in done if one.problems]
    for one in beyond:
        print(f"{one.file}, {one.use}: {', '.join(one.problems)}: {one.message}")
    if left:
        print(f"left behind: {left}")
    print(f"{len(done)} runs, {len(beyond)} beyond a limit")
    sys.exit(bool(beyond or left))


if __name__ == "__main__":
    main()
