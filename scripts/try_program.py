#!/usr/bin/env python3
"""Whether a build of the program works where it is going to be used: statistics, a map, and the screen.

COMMAND runs the program. It may be more than a path, such as `chroot target/old/bullseye /disentangle` or
`qemu-aarch64-static -L /usr/aarch64-linux-gnu target/…/disentangle`. The command sees FOLDER under the name INSIDE
(default: the same). With --like, the map must have the same bytes as the one of another program. Needs only Python's
standard library.

    scripts/try_program.py [--folder FOLDER] [--inside INSIDE] [--like PROGRAM] [--seconds 120] COMMAND ...
"""

import argparse
import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures")
INPUT = "digits_cnn.npz"
READY = b"\x1b[5n"


def run(command, *arguments, patience):
    """Standard output of a command that must succeed."""
    done = subprocess.run([*command, *arguments], capture_output=True, timeout=patience)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)}: exit code {done.returncode}\n{done.stderr.decode()}")
    return done.stdout.decode()


def check_map(path):
    """The map must be an array of 32-bit numbers, one row of two for each sample."""
    with open(path, "rb") as file:
        content = file.read()
    header, _, _ = content[10:].partition(b"\n")
    if b"'descr': '<f4'" not in header or b", 2" not in header:
        sys.exit(f"{path} is no map: {header!r}")
    return content


def open_and_quit(command, patience):
    """Opens the demo on a pseudo-terminal, waits for dots and class names, and quits with `q`."""
    pid, master = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.environ["LC_ALL"] = "C.UTF-8"
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.execvp(command[0], [*command, "demo"])
    seen, answered, quits = b"", 0, None
    end = time.monotonic() + patience
    while time.monotonic() < end:
        ready, _, _ = select.select([master], [], [], 0.2)
        try:
            seen += os.read(master, 1 << 16) if ready else b""
        except OSError:  # The program has closed the terminal.
            break
        os.write(master, b"\x1b[0n" * (seen.count(READY) - answered))
        answered = seen.count(READY)
        dots = sum(seen[i] == 0xE2 and 0xA0 <= seen[i + 1] <= 0xA3 for i in range(len(seen) - 1))
        if quits is None and dots > 100 and b"Classes" in seen:
            quits = time.monotonic() + 1
        if quits is not None and time.monotonic() > quits:
            os.write(master, b"q")
            quits = time.monotonic() + 5
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code != 0 or quits is None:
        sys.exit(f"demo: exit code {code}\n{seen[-2000:].decode(errors='replace')}")
    modes = termios.tcgetattr(master)[3]
    if not (modes & termios.ICANON and modes & termios.ECHO):
        sys.exit("demo: the terminal was left in raw mode")
    return dots


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder")
    parser.add_argument("--inside")
    parser.add_argument("--like")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    command, patience = given.command, given.seconds
    if not command:
        parser.error("name the command that runs the program")

    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        shutil.copy(os.path.join(FIXTURES, INPUT), folder)
        inside = os.path.join(given.inside or os.path.dirname(folder), os.path.basename(folder))
        features = f"{inside}/{INPUT}"
        print("version  ", run(command, "--version", patience=patience).strip())
        text = run(command, "diagnose", features, patience=patience)
        print("diagnose ", next(line for line in text.splitlines() if line.strip()))
        run(command, "embed", features, "-o", f"{inside}/map.npy", patience=patience)
        computed = check_map(f"{folder}/map.npy")
        print("embed    ", len(computed), "bytes")
        if given.like:
            arguments = ("embed", f"{folder}/{INPUT}", "-o", f"{folder}/like.npy")
            run([given.like], *arguments, patience=patience)
            if check_map(f"{folder}/like.npy") != computed:
                sys.exit("embed: the map differs from that of " + given.like)
            print("          the same bytes as the map of", given.like)
        dots = open_and_quit(command, patience)
        print("demo     ", dots, "characters of the map, then quit")


if __name__ == "__main__":
    main()
