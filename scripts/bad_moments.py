#!/usr/bin/env python3
"""Puts the program into bad moments, and checks how it takes them.

A full or read-only disk, files that change while they are read, too little memory, one processor, a clock that goes
back, odd terminals, closed streams, floods of keys and sizes. Each check runs the program as a user would, and expects:
an exit code of 0, 1 (failure), 2 (input) or 128 + the signal; a message that names the file; no panic; nothing
half-written; the terminal as it was. What the machine does not allow is skipped, with the reason. Needs pyte and numpy;
some checks need to mount file systems, or a C compiler.

    scripts/bad_moments.py [--program target/release/disentangle] [--only WORD] [--stop SECONDS]
"""

import argparse
import contextlib
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time

import numpy as np

from crash_test import Screen

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent / "fixtures"
PATIENCE = 60
# Variables that only the check itself sets.
OWN = ["LC_ALL", "LC_CTYPE", "LANG", "NO_COLOR", "COLORTERM", "RUST_BACKTRACE"]
CHECKS = []


class Skip(Exception):
    """The machine does not allow this."""


def check(function):
    CHECKS.append(function)
    return function


def environment(folder, changes=None):
    own = {name: value for name, value in os.environ.items() if name not in OWN}
    own |= {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
    own |= {"XDG_STATE_HOME": f"{folder}/state", "XDG_CONFIG_HOME": f"{folder}/config"}
    for name, value in (changes or {}).items():
        own.pop(name, None)
        if value is not None:
            own[name] = value
    return own


class Terminal(Screen):
    """A pseudo-terminal that can be looked at when the program has ended, and with half a wide letter on it."""

    def is_there(self):
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def read(self, seconds):
        with contextlib.suppress(OSError):
            super().read(seconds)

    def send(self, keys):
        with contextlib.suppress(OSError):
            super().send(keys)

    def lines(self):
        rows = (self.screen.buffer[row] for row in range(self.screen.lines))
        return ["".join(row[column].data for column in range(self.screen.columns)) for row in rows]

    def shows(self, text):
        return any(text in line for line in self.lines())


class Moment:
    """A folder with data, and the program."""

    def __init__(self, program, stop):
        self.program, self.stop = program, stop
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="moment-"))
        self.wrong = []
        rng = np.random.default_rng(1)
        classes = rng.integers(0, 3, 300)
        features = rng.normal(size=(300, 5)).astype("f4")
        features[:, 0] += 4 * classes
        np.savez(self.folder / "data.npz", features=features, labels=classes)
        np.save(self.folder / "plain.npy", features)
        np.save(self.folder / "map.npy", features[:, :2])
        shutil.copy(self.folder / "map.npy", self.folder / "placed.npy")
        (self.folder / "decided.csv").write_text("row,decision,relabel\n1,relabel,2\n")

    def expect(self, condition, text):
        if not condition:
            self.wrong.append(text)

    def run(self, arguments, folder=None, changes=None, **how):
        """Exit code, output and errors of a command."""
        folder = folder or self.folder
        how = {"stdin": subprocess.DEVNULL, "timeout": PATIENCE} | how
        done = subprocess.run([self.program, *map(str, arguments)], cwd=folder, env=environment(self.folder, changes),
                              capture_output="stdout" not in how, **how)
        return done.returncode, *(text.decode("utf-8", "replace") if text else "" for text in (done.stdout, done.stderr))

    def ends(self, what, outcome, code, words=()):
        """Expects an exit code, and one line of error that holds words."""
        found, _, errors = outcome
        codes = code if isinstance(code, tuple) else (code,)
        lines = [line for line in errors.splitlines() if line.startswith("error: ")]
        self.expect(found in codes, f"{what}: exit code {found}: {errors.strip()[-300:]}")
        self.expect("panicked" not in errors, f"{what}: panic: {errors.strip()[-300:]}")
        if found in (1, 2):
            self.expect(len(lines) == 1, f"{what}: {len(lines)} lines of error: {errors.strip()[-300:]}")
            for word in words:
                self.expect(word in errors, f"{what}: no “{word}” in: {errors.strip()[-300:]}")

    def screen(self, arguments, folder=None, changes=None, prepare=None):
        variables = dict.fromkeys(OWN) | {"LANG": "C.UTF-8"} | (changes or {})
        return Terminal([self.program, *map(str, arguments)], folder or self.folder, prepare, **variables)

    def quits(self, what, screen, code=0):
        """Quits the screen; expects an exit code, and the terminal as it was."""
        for _ in range(5):
            # On a busy machine an escape and what follows may be read as one key.
            screen.send("\x1b")
            screen.read(0.3)
            screen.send("q")
            screen.read(2)
            if not screen.is_there():
                break
        self.ended(what, screen, code)

    def ended(self, what, screen, code):
        end = time.monotonic() + PATIENCE
        while True:
            pid, status = os.waitpid(screen.pid, os.WNOHANG)
            if pid:
                break
            screen.read(0.02)
            if time.monotonic() > end:
                os.kill(screen.pid, signal.SIGKILL)
                os.waitpid(screen.pid, 0)
                return self.wrong.append(f"{what}: does not end: {shown(screen)}")
        screen.read(0.2)
        found = os.waitstatus_to_exitcode(status)
        codes = code if isinstance(code, tuple) else (code,)
        self.expect(found in codes, f"{what}: exit code {found}: {shown(screen)}")
        self.expect("panicked" not in shown(screen), f"{what}: panic: {shown(screen)}")
        is_same = termios.tcgetattr(screen.slave) == screen.before
        self.expect(is_same or found == -signal.SIGABRT, f"{what}: the terminal's modes are changed")
        os.close(screen.master)
        os.close(screen.slave)

    def opens(self, what, screen, text="iter "):
        found = screen.until(text, PATIENCE)
        self.expect(found, f"{what}: no “{text}” on the screen: {shown(screen)}")
        return found

    def works(self, what, screen):
        """Expects that keys work, and that the whole screen is right."""
        screen.send("\x1b")
        screen.read(0.3)
        screen.send("?")
        self.opens(what, screen, "How to")
        screen.send("\x1b")
        end = time.monotonic() + PATIENCE
        is_right = lambda: screen.shows("Separation") and not screen.shows("How to")
        while not is_right() and time.monotonic() < end:
            screen.read(0.05)
        self.expect(is_right(), f"{what}: no panels: {shown(screen)}")


def shown(screen):
    return " ".join(line.strip() for line in screen.lines() if line.strip())[-500:]


def files(folder):
    return {path.relative_to(folder) for path in folder.rglob("*")}


@contextlib.contextmanager
def small_disk(size="128k"):
    """A file system of its own."""
    at = pathlib.Path(tempfile.mkdtemp(prefix="disk-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "disk", at], capture_output=True).returncode:
        at.rmdir()
        raise Skip("file systems cannot be mounted here")
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", at], check=True)
        at.rmdir()


def fill(disk):
    """Leaves no byte free."""
    filler = os.open(disk / "filler", os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while os.write(filler, b"x" * 4096):
            pass
    os.close(filler)


# Commands that write a file, with its name.
WRITERS = [
    (["embed", "data.npz", "--iterations", "20", "-o"], "new.npy"),
    (["embed", "data.npz", "--iterations", "20", "-o"], "new.csv"),
    (["embed", "data.npz", "--iterations", "20", "-o"], "new.parquet"),
    (["embed", "data.npz", "--iterations", "20", "-o"], "new.svg"),
    (["embed", "data.npz", "--iterations", "20", "-o"], "new.png"),
    (["embed", "data.npz", "--iterations", "20", "-o"], "new.ans"),
    (["embed", "data.npz", "--iterations", "20", "--force", "-o", "{own}/m.npy", "--record"], "new.cast"),
    (["embed", "data.npz", "--iterations", "20", "--force", "-o", "{own}/m.npy", "--json", "--checkpoint"], "new.npz"),
    (["draw", "map.npy", "--labels", "data.npz:labels", "-o"], "drawn.svg"),
    (["draw", "map.npy", "-o"], "drawn.png"),
    (["draw", "map.npy", "-o"], "drawn.txt"),
    (["diagnose", "data.npz", "-o"], "new.json"),
    (["diagnose", "data.npz", "-o"], "new.txt"),
    (["diagnose", "plain.npy", "--save-clusters"], "clusters.csv"),
    (["diagnose", "plain.npy", "--save-clusters"], "clusters.npy"),
    (["suspects", "data.npz", "-o"], "suspects.csv"),
    (["suspects", "data.npz", "-o"], "suspects.parquet"),
    (["suspects", "data.npz", "-o"], "suspects.json"),
    (["suspects", "data.npz", "--decisions", "decided.csv", "--corrected"], "corrected.txt"),
    (["compare", "data.npz", "-o"], "compared.json"),
    (["stability", "data.npz", "--iterations", "20", "-o"], "stable.json"),
    (["transform", "plain.npy", "--reference", "plain.npy", "--map", "map.npy", "-o"], "moved.npy"),
    (["report", "data.npz", "--iterations", "20", "-o"], "report.html"),
    (["report", "data.npz", "--iterations", "20", "-o"], "report.md"),
    (["report", "data.npz", "--iterations", "20", "-o"], "report.json"),
    (["man"], "pages"),
]


def of_writer(arguments, folder):
    return [argument.replace("{own}", str(folder)) for argument in arguments]


@check
def full_disk(moment):
    """Every command that writes a file, where no byte is free."""
    with small_disk() as disk:
        fill(disk)
        before = files(disk)
        for arguments, name in WRITERS:
            what = f"{arguments[0]} {name}"
            outcome = moment.run([*of_writer(arguments, moment.folder), disk / name])
            # Without its checkpoints, a map is computed all the same.
            is_checkpoint = "--checkpoint" in arguments
            moment.ends(what, outcome, 0 if is_checkpoint else 1, [name.split(".")[0], "No space left"])
            moment.expect("No space left" in outcome[2], f"{what}: says nothing")
            if arguments[0] == "man":
                (disk / name).is_dir() and (disk / name).rmdir()
            moment.expect(files(disk) == before, f"{what}: left {files(disk) - before}")


@check
def full_disk_later(moment):
    """Every command that writes a file, where a few bytes are free: at each page that could be the last one."""
    with small_disk("64k") as disk:
        for free in (1, 2, 4, 8):
            for arguments, name in WRITERS:
                for path in disk.iterdir():
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                fill(disk)
                os.truncate(disk / "filler", (disk / "filler").stat().st_size - 4096 * free)
                what = f"{arguments[0]} {name} with {4 * free} KiB"
                outcome = moment.run([*of_writer(arguments, moment.folder), disk / name])
                moment.ends(what, outcome, (0, 1), ["No space left"])
                left = {str(path) for path in files(disk)} - {"filler"}
                # What was written before is whole; the maps of a Markdown report, or single pages.
                half = {path for path in left if path.split("/")[-1].startswith(".")}
                moment.expect(not half, f"{what}: left {half}")
                if outcome[0] == 1 and arguments[0] not in ("man", "report"):
                    moment.expect(not left, f"{what}: left {left}")


@check
def full_standard_output(moment):
    """Standard output on a full disk."""
    for arguments in (["inspect", "data.npz"], ["diagnose", "data.npz"], ["diagnose", "data.npz", "--json"],
                      ["suspects", "data.npz"], ["compare", "data.npz"], ["stability", "data.npz", "--iterations", "20"],
                      ["embed", "data.npz", "--iterations", "20", "--json", "--force", "-o", "m.npy"], ["draw", "map.npy"],
                      ["config"], ["doctor"], ["completions", "bash"], ["--help"], ["--version"], ["init", "."]):
        with open("/dev/full", "wb") as full:
            outcome = moment.run(arguments, stdout=full, stderr=subprocess.PIPE)
        moment.ends(" ".join(arguments[:2]), outcome, 1, ["standard output", "No space left"])


@check
def file_size_limit(moment):
    """A limit on the size of files, as batch systems set it."""
    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))
    for arguments, name in WRITERS:
        before = files(moment.folder)
        what = f"{arguments[0]} {name}"
        outcome = moment.run([*of_writer(arguments, moment.folder), name], preexec_fn=limited)
        if arguments[0] == "man":
            shutil.rmtree(moment.folder / name, ignore_errors=True)
        if arguments[0] == "report":
            [path.unlink() for path in moment.folder.glob("report*")]
        moment.ends(what, outcome, (0, 1), [name.split(".")[0], "File too large"])
        if outcome[0]:
            moment.expect(files(moment.folder) == before, f"{what}: left {files(moment.folder) - before}")


def screen_on(moment, disk, prepare=None):
    """Opens the screen on data on this disk, and does all that writes."""
    screen = moment.screen(["data.npz", "--iterations", "1000000", "--autosave", "1", "--early-iterations", "20"], disk,
                           {"XDG_STATE_HOME": f"{disk}/state"}, prepare)
    if not moment.opens("screen", screen):
        return screen
    screen.read(3)
    moment.expect("cannot" in shown(screen), f"nothing says that the session is not saved: {shown(screen)}")
    for command, says in [("note hello", "cannot"), ("save map lost.svg", "cannot write"), ("save map lost.npy", "cannot write"),
                          ("save statistics lost.json", "cannot write"), ("save report lost.html", "cannot write"),
                          ("find 7", "#7"), ("decide keep", "cannot write"), ("save decisions lost.csv", "cannot write")]:
        screen.send("\x1b")
        screen.read(0.2)
        screen.send(f":{command}\r")
        moment.expect(screen.until(says, 10), f":{command}: no “{says}”: {shown(screen)}")
    return screen


@check
def screen_on_a_full_disk(moment):
    """The screen, where no byte is free: everything is said, nothing is lost on the way out."""
    with small_disk() as disk:
        shutil.copy(moment.folder / "data.npz", disk)
        fill(disk)
        before = files(disk)
        screen = screen_on(moment, disk)
        moment.quits("screen", screen, (0, 1))
        left = {path for path in files(disk) - before if (disk / path).is_file() and (disk / path).stat().st_size}
        moment.expect(not left, f"left {left}")
        moment.expect(not list(disk.glob(".*")), f"left {list(disk.glob('.*'))}")


@check
def read_only_folder(moment):
    """Commands and the screen in a folder that cannot be written to."""
    with small_disk() as disk:
        shutil.copy(moment.folder / "data.npz", disk)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        for arguments, name in WRITERS:
            outcome = moment.run([*of_writer(arguments, moment.folder), disk / name])
            moment.expect("read-only" in outcome[2].lower(), f"{arguments[0]} {name}: {outcome[2]}")
            moment.ends(f"{arguments[0]} {name}", outcome, 1, [name.split(".")[0]])
        outcome = moment.run(["init", disk])
        moment.ends("init", outcome, 1, ["study.toml", "read-only"])
        screen = moment.screen(["data.npz", "--iterations", "200"], disk, {"XDG_STATE_HOME": str(moment.folder / "state")})
        moment.opens("screen", screen)
        moment.opens("screen", screen, "the session is kept in")
        screen.send(":find 7\r")
        moment.opens("screen", screen, "#7")
        # Decisions are kept beside the data only: that they are not saved is said at once, and again at the end.
        screen.send(":decide keep\r")
        moment.opens("screen", screen, "cannot write data.decisions.csv")
        moment.quits("screen", screen, 1)
        kept = [path for path in files(moment.folder / "state") if "session.npz" in path.name]
        moment.expect(kept, "no session is kept elsewhere")


@check
def no_home(moment):
    """HOME and the folders of settings are missing, empty, or cannot be used."""
    nothing = {"HOME": None, "XDG_STATE_HOME": None, "XDG_CONFIG_HOME": None}
    file = moment.folder / "file"
    file.write_text("")
    for home in (nothing, nothing | {"HOME": ""}, nothing | {"HOME": "/nonexistent"}, nothing | {"HOME": str(file)},
                 {"XDG_STATE_HOME": str(file), "XDG_CONFIG_HOME": str(file)}):
        what = f"HOME={home.get('HOME')}"
        for arguments in (["doctor"], ["config"], ["diagnose", "data.npz"], ["embed", "data.npz", "--iterations", "9", "--force", "-o", "m.npy"]):
            moment.ends(f"{what} {arguments[0]}", moment.run(arguments, changes=home), 0)
        screen = moment.screen(["data.npz", "--iterations", "200"], changes=home)
        moment.opens(what, screen)
        moment.works(what, screen)
        screen.send(":note here\r")
        moment.opens(what, screen, "noted in")
        moment.quits(what, screen)
        for path in moment.folder.glob("*.session*"):
            path.unlink()


def large_file(path, samples):
    rng = np.random.default_rng(2)
    np.save(path, rng.normal(size=(samples, 64)).astype("f4"))


@check
def input_changes_while_it_is_read(moment):
    """A file is truncated, replaced or written over at different moments of reading it."""
    original = moment.folder / "original.npy"
    large_file(original, 60_000)
    table = moment.folder / "original.csv"
    with open(table, "w") as text:
        text.write("a,b,c\n")
        text.writelines(f"{i},{i % 7},{i * 0.5}\n" for i in range(400_000))
    outcomes = {}
    for source in (original, table):
        path = moment.folder / f"changing{source.suffix}"
        for way in ("truncate", "replace", "write over", "remove", "grow"):
            for delay in (0, 0.002, 0.01, 0.03, 0.1):
                shutil.copy(source, path)
                command = [moment.program, "embed", path.name, "--iterations", "1", "--force", "-o", "m.npy", "--perplexity", "3"]
                with open(moment.folder / "said", "w+b") as said:
                    child = subprocess.Popen(command, cwd=moment.folder, env=environment(moment.folder), stdin=subprocess.DEVNULL,
                                             stdout=subprocess.DEVNULL, stderr=said)
                    time.sleep(delay)
                    if way == "truncate":
                        os.truncate(path, source.stat().st_size // 2)
                    elif way == "replace":
                        shutil.copy(moment.folder / "plain.npy", moment.folder / "other")
                        os.replace(moment.folder / "other", path)
                    elif way == "write over":
                        with open(path, "r+b") as file:
                            file.seek(source.stat().st_size // 2)
                            file.write(b"\xff" * 100_000)
                    elif way == "remove":
                        path.unlink()
                    else:
                        with open(path, "ab") as file:
                            file.write(b"1,2,3\n" * 100_000)
                    # Once it is read, the rest is of no interest.
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        child.wait(3)
                    if child.poll() is None:
                        child.terminate()
                        child.wait(PATIENCE)
                    said.seek(0)
                    errors = said.read().decode("utf-8", "replace")
                outcomes[child.returncode] = outcomes.get(child.returncode, 0) + 1
                moment.ends(f"{way} {path.name} after {delay} s", (child.returncode, "", errors), (0, 2, 143), [path.name])
    return f"exit codes {outcomes}"


@check
def little_memory(moment):
    """The address space is limited, from what does not suffice to start to what does."""
    data = moment.folder / "large.npy"
    large_file(data, 20_000)
    outcomes = {}
    for arguments in (["diagnose", "data.npz"], ["embed", "large.npy", "--iterations", "5", "--force", "-o", "m.npy"],
                      ["report", "data.npz", "--iterations", "5", "--force", "-o", "r.html"]):
        for megabytes in (20, 24, 28, 32, 40, 48, 56, 64, 80, 100, 120, 160, 200, 300, 500, 1000):
            def limited(size=megabytes << 20):
                resource.setrlimit(resource.RLIMIT_AS, (size, size))
            before = files(moment.folder)
            with contextlib.suppress(FileNotFoundError):
                (moment.folder / arguments[-1]).unlink() if "-o" in arguments else None
            outcome = moment.run(arguments, preexec_fn=limited)
            outcomes[outcome[0]] = outcomes.get(outcome[0], 0) + 1
            if outcome[0] == 127 or "error while loading shared libraries" in outcome[2]:
                continue
            # Nothing can be done where an allocation fails: the system ends the program.
            moment.ends(f"{arguments[0]} in {megabytes} MB", outcome, (0, 1, 2, -signal.SIGABRT), ["memory"])
            left = [path for path in files(moment.folder) - before if path.name.startswith(".")]
            moment.expect(not left, f"{arguments[0]} in {megabytes} MB: left {left}")
    for megabytes in (30, 50, 70, 90, 120, 160, 200, 250, 300, 400):
        def limited(size=megabytes << 20):
            resource.setrlimit(resource.RLIMIT_AS, (size, size))
        screen = moment.screen(["large.npy", "--iterations", "20", "--session", "off"], prepare=limited)
        screen.read(3)
        screen.send("\x1b")
        screen.read(0.2)
        with contextlib.suppress(OSError):
            screen.send("q")
        moment.ended(f"screen in {megabytes} MB", screen, (0, 1, 2, -signal.SIGABRT))
    return f"exit codes {outcomes}"


@contextlib.contextmanager
def group(controller, **values):
    """A control group with limits; gives what puts a process into it."""
    at = pathlib.Path(f"/sys/fs/cgroup/{controller}/moment-{os.getpid()}")
    try:
        at.mkdir()
        for name, value in values.items():
            (at / f"{controller}.{name}").write_text(str(value))
    except OSError as error:
        with contextlib.suppress(OSError):
            at.rmdir()
        raise Skip(f"no control group can be made here ({error})") from error
    try:
        yield lambda: (at / "cgroup.procs").write_text(str(os.getpid()))
    finally:
        time.sleep(0.2)
        at.rmdir()


@check
def memory_of_a_group(moment):
    """A control group's limit: what would not fit is refused before the kernel kills it."""
    large_file(moment.folder / "large.npy", 150_000)
    for megabytes in (30, 60, 120):
        with group("memory", limit_in_bytes=megabytes << 20) as enter:
            outcome = moment.run(["embed", "large.npy", "--iterations", "5", "--force", "-o", "m.npy"], preexec_fn=enter)
        moment.ends(f"embed in {megabytes} MB", outcome, (0, 2), ["memory"])


@check
def one_processor(moment):
    """One processor, by affinity and by a quota of a fifth: the same map."""
    made = {}
    run = ["embed", "data.npz", "--iterations", "50", "--force", "-o"]
    moment.ends("all processors", moment.run([*run, "all.npy"]), 0)
    one = [min(os.sched_getaffinity(0))]
    moment.ends("affinity", moment.run([*run, "one.npy"], preexec_fn=lambda: os.sched_setaffinity(0, one)), 0)
    made = [(moment.folder / name).read_bytes() for name in ("all.npy", "one.npy")]
    moment.expect(made[0] == made[1], "another map on one processor")
    screen = moment.screen(["data.npz"], prepare=lambda: os.sched_setaffinity(0, one))
    moment.opens("screen", screen)
    moment.works("screen", screen)
    moment.quits("screen", screen)
    with group("cpu", cfs_period_us=100_000, cfs_quota_us=20_000) as enter:
        moment.ends("quota", moment.run([*run, "quota.npy"], preexec_fn=enter), 0)
        moment.expect((moment.folder / "quota.npy").read_bytes() == made[0], "another map with a quota")
        screen = moment.screen(["data.npz", "--session", "new"], prepare=enter)
        moment.opens("screen with a quota", screen)
        moment.works("screen with a quota", screen)
        moment.quits("screen with a quota", screen)


BACKWARDS = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static int calls;
int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec -= 3600L * calls++;
    return result;
}
"""


@check
def clock_goes_back(moment):
    """Each look at the clock finds it an hour earlier; and files come from the future."""
    future = time.time() + 10 * 365 * 86_400
    screen = moment.screen(["data.npz", "--iterations", "200"])
    moment.opens("before", screen, "finished")
    screen.send(":note before\r")
    moment.opens("before", screen, "noted in")
    moment.quits("before", screen)
    for path in moment.folder.iterdir():
        os.utime(path, (future, future))
    changes = {}
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler:
        (moment.folder / "back.c").write_text(BACKWARDS)
        subprocess.run([compiler, "-shared", "-fPIC", "-o", moment.folder / "back.so", moment.folder / "back.c", "-ldl"], check=True)
        changes = {"LD_PRELOAD": str(moment.folder / "back.so")}
    for arguments in (["doctor"], ["diagnose", "data.npz"], ["embed", "data.npz", "--iterations", "20", "--force", "-o", "m.npy",
                                                           "--checkpoint", "c.npz", "--every", "1"]):
        moment.ends(arguments[0], moment.run(arguments, changes=changes), 0)
    screen = moment.screen(["resume", "data.npz"], changes=changes)
    moment.opens("after", screen)
    moment.works("after", screen)
    screen.send(":note after\r")
    moment.opens("after", screen, "noted in")
    screen.send(":panel journal\r")
    moment.opens("after", screen, "before")
    moment.quits("after", screen)
    journal = next(moment.folder.glob("*.journal.jsonl")).read_text()
    moment.expect("before" in journal and "after" in journal, "a note is lost")
    if not compiler:
        return "no C compiler: only with files from the future"


@check
def kinds_of_terminal(moment):
    """TERM is missing, empty, unknown, or dumb."""
    for term in (None, "", "nonsense", "vt100", "xterm\x1b[31m", "x" * 5000):
        what = f"TERM={term!r:.20}"
        screen = moment.screen(["data.npz", "--iterations", "200", "--session", "off"], changes={"TERM": term})
        moment.opens(what, screen)
        moment.works(what, screen)
        moment.quits(what, screen)
        moment.ends(what, moment.run(["doctor"], changes={"TERM": term}), 0)
        moment.ends(what, moment.run(["draw", "map.npy"], changes={"TERM": term}), 0)
    screen = moment.screen(["data.npz"], changes={"TERM": "dumb"})
    moment.opens("TERM=dumb", screen, "TERM=dumb has no cursor addressing")
    moment.ended("TERM=dumb", screen, (1, 2))


@check
def closed_streams(moment):
    """Standard input, output and errors closed, alone and together."""
    inspected = {}
    for closed in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)):
        def close(closed=closed):
            for fd in closed:
                os.close(fd)
        for arguments in (["inspect", "data.npz"], ["diagnose", "data.npz"], ["inspect", "missing.npy"],
                          ["embed", "data.npz", "--iterations", "9", "--force", "-o", "m.npy"], ["--help"], ["data.npz"]):
            before = {path: path.read_bytes() for path in moment.folder.iterdir() if path.is_file() and path.name != "m.npy"}
            outcome = moment.run(arguments, preexec_fn=close)
            what = f"{arguments[0]} without {closed}"
            code = (1, 2) if arguments[0] == "data.npz" else 2 if "missing.npy" in arguments else (0, 1) if 1 in closed else 0
            if 2 in closed:
                moment.expect(outcome[0] in (code if isinstance(code, tuple) else (code,)), f"{what}: exit code {outcome[0]}")
            else:
                moment.ends(what, outcome, code)
            after = {path: path.read_bytes() for path in moment.folder.iterdir() if path.is_file() and path.name != "m.npy"}
            moment.expect(before == after, f"{what}: another file was written to")
        inspected[closed] = (moment.folder / "m.npy").read_bytes()
    moment.expect(len(set(inspected.values())) == 1, "another map with closed streams")
    # The screen without standard input: keys come from the terminal all the same.
    for what, prepare in (("closed", lambda: os.close(0)), ("empty", lambda: os.dup2(os.open(os.devnull, os.O_RDONLY), 0)),
                          ("errors closed", lambda: os.close(2))):
        screen = moment.screen(["data.npz", "--iterations", "200", "--session", "off"], prepare=prepare)
        moment.opens(what, screen)
        moment.works(what, screen)
        moment.quits(what, screen)


@check
def pipes_that_close(moment):
    """`| head -1`, and a reader that is gone from the start."""
    for arguments in ("inspect data.npz", "diagnose data.npz", "diagnose data.npz --json", "suspects data.npz --csv", "--help",
                      "completions bash", "config", "doctor", "draw map.npy --size 1000x1000"):
        for reader in ("head -n 1", "true"):
            script = f"trap - PIPE; {moment.program} {arguments} | {reader}; echo ${{PIPESTATUS[0]}}"
            done = subprocess.run(["bash", "-c", script], cwd=moment.folder, env=environment(moment.folder), capture_output=True, timeout=PATIENCE)
            code = done.stdout.decode().split()[-1]
            moment.expect(code == "0" and not done.stderr, f"{arguments} | {reader}: {code} {done.stderr.decode()[-300:]}")


@check
def other_locales(moment):
    """Locales without UTF-8, and names of files that are no UTF-8."""
    shutil.copy(moment.folder / "data.npz", os.fsencode(moment.folder) + b"/\xff\xfe\x1b[31m.npz")
    for locale in ("C", "POSIX", "de_DE.ISO-8859-1", "ja_JP.SJIS", "nonsense"):
        changes = {"LC_ALL": locale}
        for arguments in (["inspect", "data.npz"], ["diagnose", "data.npz"], ["draw", "map.npy"]):
            moment.ends(f"{locale} {arguments[0]}", moment.run(arguments, changes=changes), 0)
        screen = moment.screen(["data.npz", "--iterations", "200", "--session", "off"], changes=changes)
        moment.opens(locale, screen)
        moment.works(locale, screen)
        moment.quits(locale, screen)
    name = b"\xff\xfe\x1b[31m.npz"
    for arguments in ([b"inspect", name], [b"diagnose", name], [b"embed", name, b"--iterations", b"9", b"-o", b"\xff.npy"],
                      [b"diagnose", name, b"-o", b"\xff.json"], [b"report", name, b"--iterations", b"9", b"-o", b"\xff.html"]):
        done = subprocess.run([os.fsencode(moment.program), *arguments], cwd=moment.folder, env=environment(moment.folder),
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
        moment.ends(f"{arguments[0]} \\xff", (done.returncode, "", done.stderr.decode("utf-8", "replace")), 0)
        moment.expect(b"\x1b[31m" not in done.stderr, f"{arguments[0]}: the name reaches the terminal")
    screen = Terminal([os.fsencode(moment.program), name, b"--iterations", b"200"], moment.folder, LANG="C.UTF-8")
    moment.opens("\\xff", screen)
    moment.works("\\xff", screen)
    moment.quits("\\xff", screen)


@check
def sizes_of_the_terminal(moment):
    """0 columns, 0 rows, one cell, and more cells than any screen has."""
    for columns, rows in ((0, 0), (0, 24), (80, 0), (1, 1), (2, 2), (65535, 1), (1, 65535), (1000, 1000), (65535, 65535)):
        what = f"{columns}×{rows}"
        for begins in (True, False):
            def prepare(size=(columns, rows)):
                import fcntl
                import struct
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            screen = moment.screen(["data.npz", "--iterations", "300", "--session", "off"], prepare=prepare if begins else None)
            if not begins:
                moment.opens(what, screen)
                screen.resize(columns, rows)
            discard(screen, 3)
            resident = int(pathlib.Path(f"/proc/{screen.pid}/statm").read_text().split()[1]) * 4096 / 1e6
            moment.expect(resident < 500, f"{what}: {resident:.0f} MB")
            screen.resize(120, 40)
            discard(screen, 1)
            screen.send("\x0c")
            moment.opens(what, screen, "Separation")
            moment.works(what, screen)
            moment.quits(what, screen)


def discard(screen, seconds):
    """Takes in what arrives, for a screen of another size than the one here."""
    kept, screen.stream = screen.stream, type("Nothing", (), {"feed": lambda self, data: None})()
    screen.read(seconds)
    screen.stream = kept


def write_all(screen, data):
    """Writes many bytes while it reads."""
    os.set_blocking(screen.master, False)
    data = memoryview(data)
    while data:
        try:
            data = data[os.write(screen.master, data[:4096]) :]
        except BlockingIOError:
            pass
        screen.read(0)
    os.set_blocking(screen.master, True)


def resident(screen):
    return int(pathlib.Path(f"/proc/{screen.pid}/statm").read_text().split()[1]) * 4096 / 1e6


@check
def paste(moment):
    """10 MB pasted: onto the map, into prompts, and as keys from a terminal that marks no paste."""
    junk = ("q\x03:quit\r\x1b[A é猫 0123456789" * 400_000).encode()[:10_000_000]
    for where in ("", ":", "/", "p", "?"):
        screen = moment.screen(["data.npz", "--iterations", "200", "--session", "off"])
        moment.opens(f"{where} before", screen)
        screen.read(1)
        start = resident(screen)
        screen.send(where)
        screen.read(0.2)
        begin = time.monotonic()
        write_all(screen, b"\x1b[200~" + junk + b"\x1b[201~")
        screen.read(0.5)
        screen.send("\x1b")
        screen.read(0.3)
        screen.send("\x1b")
        screen.read(0.3)
        moment.works(f"paste into {where!r}", screen)
        seconds = time.monotonic() - begin
        moment.expect(seconds < 20, f"paste into {where!r}: {seconds:.0f} s")
        moment.expect(resident(screen) < start + 50, f"paste into {where!r}: {resident(screen):.0f} MB after {start:.0f} MB")
        moment.quits(f"paste into {where!r}", screen)
    keys = [key for key in "abcdefghijklmnoprstuvwxyzABCDEFGHIJKLMNOPRSTUVXYZ0123456789[]<>,.+-=|\\/;' \t" if key not in "eq"]
    rng = random.Random(1)
    screen = moment.screen(["data.npz", "--iterations", "200", "--session", "off"])
    moment.opens("keys", screen)
    begin = time.monotonic()
    write_all(screen, "".join(rng.choices(keys, k=200_000)).encode())
    took = time.monotonic() - begin
    screen.send("\x1b\x1b")
    screen.read(1)
    moment.expect(screen.is_there(), "200,000 keys: ended")
    for _ in range(6):
        screen.send("\x1b")
        screen.read(0.3)
    moment.quits("200,000 keys", screen)
    return f"200,000 keys in {took:.1f} s"


@check
def resizes(moment):
    """1,000 sizes a second for 5 seconds."""
    screen = moment.screen(["data.npz", "--iterations", "1000000", "--session", "off"])
    moment.opens("before", screen)
    rng = random.Random(2)
    begin, done = time.monotonic(), 0
    while time.monotonic() < begin + 5:
        screen.resize(rng.randrange(0, 300), rng.randrange(0, 100))
        done += 1
        discard(screen, 0)
        time.sleep(max(0.0, begin + done / 1000 - time.monotonic()))
    moment.expect(resident(screen) < 300, f"{resident(screen):.0f} MB")
    screen.resize(120, 40)
    discard(screen, 1)
    screen.send("\x0c")
    moment.opens("after", screen, "Separation")
    moment.works("after", screen)
    moment.quits("after", screen)
    return f"{done} sizes"


@check
def stopped(moment):
    """SIGSTOP, with keys and a new size meanwhile."""
    screen = moment.screen(["data.npz", "--iterations", "1000000", "--autosave", "1"])
    moment.opens("before", screen)
    os.kill(screen.pid, signal.SIGSTOP)
    end = time.monotonic() + moment.stop
    while time.monotonic() < end:
        screen.send("j")
        screen.resize(100, 30)
        screen.read(min(1, moment.stop))
    screen.resize(120, 40)
    os.kill(screen.pid, signal.SIGCONT)
    screen.send("\x0c")
    moment.works("after", screen)
    moment.quits("after", screen)
    return f"for {moment.stop:.0f} s"


@check
def few_handles(moment):
    """Few files may be open, and few threads may start."""
    for count in (3, 4, 5, 6, 8, 10, 12, 16, 24):
        def limited(count=count):
            resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))
        for arguments in (["diagnose", "data.npz"], ["embed", "data.npz", "--iterations", "9", "--force", "-o", "m.npy"],
                          ["report", "data.npz", "--iterations", "9", "--force", "-o", "r.md"]):
            outcome = moment.run(arguments, preexec_fn=limited)
            if outcome[0] == 127:
                continue
            moment.ends(f"{arguments[0]} with {count} files", outcome, (0, 1, 2))
        screen = moment.screen(["data.npz", "--iterations", "200", "--session", "new"], prepare=limited)
        screen.read(2)
        if not screen.shows("iter "):
            moment.ended(f"screen with {count} files", screen, (1, 2, 127))
        else:
            moment.quits(f"screen with {count} files", screen)
    with group("pids", max=1000) as enter:
        at = pathlib.Path(f"/sys/fs/cgroup/pids/moment-{os.getpid()}")
        for count in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16):
            def limited(count=count):
                enter()
                (at / "pids.max").write_text(str(count))
            for arguments in (["diagnose", "data.npz"], ["embed", "data.npz", "--iterations", "9", "--force", "-o", "m.npy"]):
                moment.ends(f"{arguments[0]} with {count} threads", moment.run(arguments, preexec_fn=limited), (0, 1, 2))
            screen = moment.screen(["data.npz", "--iterations", "200", "--session", "new"], prepare=limited)
            screen.read(2)
            if not screen.shows("iter "):
                moment.ended(f"screen with {count} threads", screen, (1, 2))
                continue
            for command in ("find 7", "decide keep", "note x", "save map t.npy", "save statistics t.json", "ladder"):
                screen.send(f":{command}\r")
                screen.read(0.3)
            moment.quits(f"screen with {count} threads", screen, (0, 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="target/release/disentangle", type=pathlib.Path)
    parser.add_argument("--only", default="", metavar="WORD", help="run the checks whose names hold this")
    parser.add_argument("--stop", default=60, type=float, metavar="SECONDS", help="how long the program is stopped")
    given = parser.parse_args()
    failed = 0
    for function in CHECKS:
        if given.only not in function.__name__:
            continue
        moment = Moment(str(given.program.resolve()), given.stop)
        begin = time.monotonic()
        try:
            note = function(moment)
            result = "FAILED" if moment.wrong else "ok"
        except Skip as reason:
            note, result = str(reason), "skipped"
        failed += result == "FAILED"
        name = function.__name__.replace("_", " ")
        print(f"{result:8}{name} ({time.monotonic() - begin:.0f} s){f': {note}' if note else ''}", flush=True)
        for problem in moment.wrong:
            print(f"        {problem}", flush=True)
        shutil.rmtree(moment.folder, ignore_errors=True)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
