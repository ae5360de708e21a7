#!/usr/bin/env python3
"""Runs the cells of docs/notebook.md in the real evcxr and compares what they show with the page.

    python3 scripts/run_notebook.py            # says where the page and evcxr differ; exit code 1 if they do
    python3 scripts/run_notebook.py --write    # writes what evcxr shows into the page
    python3 scripts/run_notebook.py --times    # also prints how long each cell took

A cell is a block of ```rust; the block of ```text behind it is what the cell shows. Each heading of the second
level starts evcxr anew. Maps are not compared dot by dot, and numbers may differ a little: another instruction
set rounds differently. In columns about the map, they may differ more, since a class may then lie in one piece or
in two. Needs evcxr (cargo install evcxr_repl --locked) and nothing but Python.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "notebook.md"
# evcxr --ide-mode prints one of these after each cell.
DONE, FAILED = "\u0091", "\u0092"
STYLE = re.compile("\x1b\\[[0-9;]*m")
BLOCK = re.compile(r"^```(rust|text)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"[−-]?\d[\d,]*(?:\.\d+)?")
BRAILLE = re.compile("[\u2801-\u28ff]")


class Evcxr:
    """A running evcxr that takes cells and says what they show."""

    def __init__(self, program: str, options: list[str]):
        environment = os.environ | {"COLUMNS": "100", "LINES": "33", "TERM": "xterm-256color"}
        environment.pop("NO_COLOR", None)
        # evcxr moves what rustc links, so that a relative path to Rust's standard library may not hold any more.
        library = subprocess.run(["rustc", "--print", "target-libdir"], capture_output=True, text=True, check=True)
        environment["LD_LIBRARY_PATH"] = library.stdout.strip()
        self.process = subprocess.Popen(
            [program, "--disable-readline", "--ide-mode", *options],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # no terminal: nothing is drawn while a cell runs
        )

    def run(self, cell: str) -> tuple[bool, str, float]:
        """Whether the cell ran, what it showed, and the seconds that it took."""
        start = time.monotonic()
        line = cell.rstrip("\n").replace("\n", "\u2028") + "\n"
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()
        shown = b""
        while True:
            byte = self.process.stdout.read(1)
            shown += byte
            if not byte or shown.endswith((DONE.encode(), FAILED.encode())):
                break
        seconds = time.monotonic() - start
        text = shown.decode(errors="replace")
        ok = text.endswith(DONE)
        text = STYLE.sub("", text.rstrip(DONE + FAILED)).replace(">> ", "")
        text = re.sub(r"^Welcome to evcxr.*\n", "", text)
        return ok, text.strip("\n"), seconds

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def parts(page: str) -> list[list[tuple[str, re.Match | None, re.Match]]]:
    """By heading: cells, each as text, with the block of what it shows, if there is one."""
    found = []
    starts = [m.start() for m in re.finditer(r"^## ", page, re.MULTILINE)] + [len(page)]
    for start, end in zip(starts, starts[1:]):
        blocks = list(BLOCK.finditer(page, start, end))
        cells = []
        for i, block in enumerate(blocks):
            if block[1] == "rust":
                following = blocks[i + 1] if i + 1 < len(blocks) else None
                is_shown = following is not None and following[1] == "text"
                cells.append((block[2], following if is_shown else None, block))
        if cells:
            found.append(cells)
    return found


def is_of_map(lines: list[str], at: int, end: int) -> bool:
    """Whether the number that ends there stands in a column about the map: the nearest line above with headings
    says so. Numbers stand below the end of their headings."""
    for line in reversed(lines[:at]):
        headings = [m for m in re.finditer(r"\S+(?: \S+)*", line) if m.end() >= end]
        if headings and not NUMBER.search(line.replace("10-NN", "")):
            return "map" in headings[0][0].split()
    return False


def differ(expected: str, shown: str) -> str | None:
    """Where two texts differ by more than rounding."""
    theirs, ours = expected.rstrip().split("\n"), shown.rstrip().split("\n")
    if len(theirs) != len(ours):
        return f"{len(ours)} lines instead of {len(theirs)}"
    for at, (want, have) in enumerate(zip(theirs, ours)):
        if want.rstrip() == have.rstrip() or (BRAILLE.search(want) and BRAILLE.search(have)):
            continue
        if " ".join(NUMBER.sub("#", want).split()) != " ".join(NUMBER.sub("#", have).split()):
            # The outline of a map may reach a line further up or down.
            if not (want + have).strip("\u2800 ") or BRAILLE.search(want + have):
                continue
            return f"{have!r} instead of {want!r}"
        for there, here in zip(NUMBER.finditer(want), NUMBER.finditer(have)):
            a, b = (float(n[0].replace(",", "").replace("−", "-")) for n in (there, here))
            least = 0.25 if is_of_map(theirs, at, there.end()) else 0.05
            if abs(a - b) > least + 0.1 * max(abs(a), abs(b)):
                return f"{have!r} instead of {want!r}"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="write what is shown into the page")
    parser.add_argument("--times", action="store_true", help="print the seconds of each cell")
    parser.add_argument("--evcxr", default=shutil.which("evcxr") or "evcxr", help="the program")
    parser.add_argument("--page", type=pathlib.Path, default=PAGE, help="another page")
    options = parser.parse_args()
    page = options.page.read_text(encoding="utf-8")
    faults, replaced = 0, []
    for cells in parts(page):
        evcxr = Evcxr(options.evcxr, [])
        for cell, expected, block in cells:
            ok, shown, seconds = evcxr.run(cell)
            first = cell.strip().split("\n")[-1]
            if options.times:
                print(f"{seconds:7.2f} s  {first}", flush=True)
            want = expected[2] if expected else ""
            fault = None if ok else "the cell failed"
            if fault is None and not cell.startswith(":"):
                fault = differ(want, shown)
            if fault and not (options.write and ok):
                faults += 1
                line = page.count("\n", 0, block.start()) + 2
                print(f"{options.page.name}:{line}: {first}\n  {fault}\n{shown}\n", flush=True)
            if not cell.startswith(":") and fault and ok:
                at = expected.span() if expected else (block.end(), block.end())
                text = f"```text\n{shown}\n```" if shown else ""
                replaced.append((at, text if expected else f"\n\n{text}" if text else ""))
        evcxr.close()
    if options.write:
        for (start, end), text in reversed(replaced):
            page = page[:start] + text + page[end:]
        options.page.write_text(page, encoding="utf-8")
        print(f"{len(replaced)} blocks written")
    elif not faults:
        print("all cells show what the page says")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
