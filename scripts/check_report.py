#!/usr/bin/env python3
"""Writes the report of a study that is made up, opens it in a browser, and checks how it looks there.

The study has classes that separate better from layer to layer, some wrong labels, decisions about labels, and (with
several models) a model that mixes two classes. The report must not be larger than 3 MB (5 MB beyond 10,000 samples),
and must be drawn within 2 seconds. It is opened in Chromium without a window at three widths, in dark and light mode:
nothing may be loaded but the file itself, nothing may appear on the console, the page must not scroll sideways, and no
text may lie on other text or be cut; the same for the page as it is printed. With `--axe`, axe-core must find no
serious or critical violation. Screenshots and a PDF are left in the folder, to be looked at. Prints a line for each
check; exit code 1 if one fails.

Needs the packages of scripts/requirements-report.txt and a Chromium of the system; nothing is downloaded. axe.min.js
is in the npm package axe-core.

    scripts/check_report.py [--program target/release/disentangle] [--samples 2000] [--models 3] [--layers 4]
        [--decisions 40] [--folder OUT] [--axe axe.min.js] [--threads 1]
"""

import argparse
import collections
import csv
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parent.parent
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
CLASSES, DIMENSIONS, SEED = 5, 64, 1
# Share of labels that are wrong, and how far apart classes are in the last layer.
WRONG, APART = 0.02, 0.75
# The two classes that the second model mixes.
MIXED = (2, 3)
# Largest file, for few and for many samples; most seconds until the page is drawn.
MEGABYTES, MANY, MEGABYTES_OF_MANY, SECONDS = 3, 10_000, 5, 2
WIDTHS, SCHEMES = [390, 1280, 2000], ["dark", "light"]
# Pixels between the margins of a printed page of A4, 186 mm wide.
PRINTED = 703
# Chromium repeats itself in higher pictures.
HIGHEST = 16_000
# Seconds to wait for the browser, on a busy machine.
PATIENCE = 300
# Problems of one kind that are printed.
SHOWN = 6

# What the page is measured with, in the page. Letters fill most of the height of their boxes, not all of it.
MEASURE = """() => {
  const texts = [], cut = [];
  let smallest = Infinity;
  const add = (node, corners, about) => texts.push({ node, corners, about: about.trim().slice(0, 40) });
  const inside = (x, y, width, height) => {
    const [left, right, top, bottom] = [x + 0.5, x + width - 0.5, y + 0.15 * height, y + 0.85 * height];
    return [[left, top], [right, top], [right, bottom], [left, bottom]];
  };
  for (const svg of document.querySelectorAll("svg")) {
    const frame = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBBox(), matrix = text.getScreenCTM();
      if (!box.width) continue;
      smallest = Math.min(smallest, parseFloat(getComputedStyle(text).fontSize) * Math.hypot(matrix.a, matrix.b));
      const place = ([x, y]) => [matrix.a * x + matrix.c * y + matrix.e, matrix.b * x + matrix.d * y + matrix.f];
      const corners = inside(box.x, box.y, box.width, box.height).map(place);
      add(text, corners, text.textContent);
      const leaves = ([x, y]) => x < frame.left || x > frame.right || y < frame.top || y > frame.bottom;
      if (corners.some(leaves)) cut.push("in a drawing: " + text.textContent);
    }
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.data.trim() || node.parentElement.closest("svg, script, style")) continue;
    range.selectNodeContents(node);
    for (const { x, y, width, height } of range.getClientRects()) {
      if (width > 1 && height > 1) add(node, inside(x, y, width, height), node.data);
    }
  }
  // Two shapes are apart if they are along one of their sides.
  const extent = (corners, [x, y]) => {
    const along = corners.map((corner) => corner[0] * x + corner[1] * y);
    return [Math.min(...along), Math.max(...along)];
  };
  const apart = (a, b) => [a, b].some((corners) => [0, 1].some((at) => {
    const side = [corners[at + 1][0] - corners[at][0], corners[at + 1][1] - corners[at][1]];
    const [one, other] = [extent(a, side), extent(b, side)];
    return one[1] <= other[0] || other[1] <= one[0];
  }));
  for (const text of texts) [text.top, text.bottom] = extent(text.corners, [0, 1]);
  texts.sort((a, b) => a.top - b.top);
  const overlaps = [];
  let near = [];
  for (const text of texts) {
    near = near.filter((other) => other.bottom > text.top);
    for (const other of near) {
      if (other.node === text.node || apart(text.corners, other.corners)) continue;
      overlaps.push(other.about + " | " + text.about);
    }
    near.push(text);
  }
  for (const element of document.body.querySelectorAll("*:not(svg, svg *)")) {
    const style = getComputedStyle(element);
    const hides = (overflow) => overflow === "hidden" || overflow === "clip";
    if ((hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
        || (hides(style.overflowY) && element.scrollHeight > element.clientHeight + 1)) {
      cut.push(element.tagName.toLowerCase() + ": " + element.textContent.trim().slice(0, 40));
    }
  }
  const root = document.documentElement;
  const sideways = root.scrollWidth > innerWidth ? [root.scrollWidth + " of " + innerWidth + " pixels"] : [];
  return { sideways, overlaps, cut, smallest, texts: texts.length, height: root.scrollHeight };
}"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
LOADED = "() => performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"
AXE = "() => axe.run(document, { resultTypes: ['violations'], preload: false })"


class Checks:
    """Prints a line for each check, and keeps whether one failed."""

    def __init__(self):
        self.failed = False

    def add(self, name, problems):
        self.failed |= bool(problems)
        print(f"{'fails ' if problems else 'ok    '} {name}" + f": {len(problems)}" * (len(problems) > 1))
        for problem in problems[:SHOWN]:
            print(f"         {problem}")
        if len(problems) > SHOWN:
            print(f"         and {len(problems) - SHOWN} more")


def class_name(index):
    return f"grade {index}"


def model_name(index):
    return f"model {chr(ord('A') + index)}" if index < 26 else f"model {index + 1}"


def classified(features, centers):
    """What a classifier that knows the centers says of the samples: predictions and probabilities."""
    distances = ((features[:, None, :] - centers[None]) ** 2).sum(2)
    likely = np.exp((distances.min(1, keepdims=True) - distances) / 2)
    return distances.argmin(1), likely / likely.sum(1, keepdims=True)


def write_model(folder, number, truth, layers, generator):
    """Writes the files of a model; returns its part of the study file."""
    name = model_name(number)
    lines = ["", "[[models]]", f'name = "{name}"']
    centers = generator.normal(size=(CLASSES, DIMENSIONS))
    if number == 1:
        centers[MIXED[1]] = centers[MIXED[0]] + 0.15 * generator.normal(size=DIMENSIONS)
    kept = []
    for layer in range(1, layers + 1):
        of_layer = APART * layer / layers * centers
        features = (of_layer[truth] + generator.normal(size=(len(truth), DIMENSIONS))).astype(np.float32)
        called = "penultimate" if layer == layers else f"block {layer}"
        file = f"{name} {called}.npy".replace(" ", "_")
        np.save(folder / file, features)
        kept.append(f'    {{ name = "{called}", features = "{file}" }},')
    for what, values in zip(["predictions", "probabilities"], classified(features, of_layer), strict=True):
        file = f"{name} {what}.npy".replace(" ", "_")
        np.save(folder / file, values)
        lines.append(f'{what} = "{file}"')
    return [*lines, "layers = [", *kept, "]"]


def write_decisions(path, labels, truth, ids, number, generator):
    """Relabels wrong ones as far as they make half of the decisions; the others are about right labels."""
    wrong = generator.permutation(np.flatnonzero(labels != truth))[:(number + 1) // 2]
    right = generator.permutation(np.flatnonzero(labels == truth))
    rows = np.sort(np.concatenate([wrong, right])[:number])
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["row", "id", "label", "decision", "relabel", "note"])
        for count, row in enumerate(rows):
            relabel, note = "", ""
            if labels[row] != truth[row]:
                choice, relabel = "relabel", class_name(truth[row])
            elif count % 3:
                choice = "keep"
            else:
                choice, note = "unsure", 'two readers disagree, "grade" is not clear; asked for a second slide'
            writer.writerow([row, ids[row], class_name(labels[row]), choice, relabel, note])


def write_study(folder, arguments):
    generator = np.random.default_rng(SEED)
    truth = generator.integers(0, CLASSES, arguments.samples)
    is_wrong = generator.random(arguments.samples) < WRONG
    labels = np.where(is_wrong, (truth + generator.integers(1, CLASSES, arguments.samples)) % CLASSES, truth)
    ids = np.array([f"scan {row:05}" for row in range(arguments.samples)])
    np.save(folder / "labels.npy", labels)
    np.save(folder / "ids.npy", ids)
    (folder / "class_names.txt").write_text("".join(f"{class_name(index)}\n" for index in range(CLASSES)))
    lines = ['name = "slides"', 'labels = "labels.npy"', 'class_names = "class_names.txt"', 'ids = "ids.npy"']
    for number in range(arguments.models):
        lines += write_model(folder, number, truth, arguments.layers, generator)
    (folder / "study.toml").write_text("\n".join(lines) + "\n")
    write_decisions(folder / "decisions.csv", labels, truth, ids, arguments.decisions, generator)


def write_report(folder, arguments, checks):
    command = [arguments.program.resolve(), "report", "study.toml", "--decisions", "decisions.csv"]
    command += ["-o", "report.html", "--force"]
    if arguments.threads:
        command += ["--threads", str(arguments.threads)]
    begin = time.monotonic()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    seconds, used = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    name = f"the report is written, in {seconds:.1f} s ({used.ru_utime + used.ru_stime:.1f} s of processors)"
    checks.add(name, [f"exit code {done.returncode}", *done.stderr.splitlines()] if done.returncode else [])
    if done.returncode:
        sys.exit(1)
    size = (folder / "report.html").stat().st_size / 1e6
    limit = MEGABYTES if arguments.samples <= MANY else MEGABYTES_OF_MANY
    checks.add(f"the file has at most {limit} MB", [f"{size:.2f} MB"] if size > limit else [])
    print(f"         {size:.2f} MB")


class Browser:
    """Pages of the report, with all that they ask for and complain of."""

    def __init__(self, playwright, file):
        found = next(filter(None, map(shutil.which, BROWSERS)), None)
        if not found:
            sys.exit(f"no browser is there: install one of {', '.join(BROWSERS)}")
        # As root, for instance in a container, Chromium starts only without its sandbox.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        self.browser = playwright.chromium.launch(executable_path=found, args=options)
        self.address = file.resolve().as_uri()
        self.requests, self.messages = [], []

    def open(self, width, scheme):
        """The page, and the seconds to its load event and to its first picture after that."""
        page = self.browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.set_default_timeout(1000 * PATIENCE)
        page.on("request", lambda request: request.url == self.address or self.requests.append(request.url[:100]))
        page.on("console", lambda message: self.messages.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.messages.append(f"error: {error}"))
        begin = time.monotonic()
        page.goto(self.address, wait_until="load")
        page.evaluate(DRAWN)
        return page, page.evaluate(LOADED), time.monotonic() - begin


def take_picture(page, folder, name, height):
    """Pictures of the whole page, in as few parts as Chromium allows."""
    parts = -(-height // HIGHEST)
    width = page.viewport_size["width"]
    for part in range(parts):
        top = part * HIGHEST
        clip = {"x": 0, "y": top, "width": width, "height": min(HIGHEST, height - top)}
        path = folder / (f"{name}.png" if parts == 1 else f"{name}-{part + 1}.png")
        page.screenshot(path=path, full_page=True, clip=clip)


def accessibility(page, script):
    """The rules that the page breaks, with the impact of each and the elements concerned."""
    page.evaluate(script)
    for found in page.evaluate(AXE)["violations"]:
        elements = [" ".join(map(str, node["target"])) for node in found["nodes"]]
        yield found["impact"], found["id"], found["help"], elements


def look(browser, folder, script, checks):
    """Opens the page at every width in every mode."""
    problems = {"sideways": [], "overlaps": [], "cut": []}
    broken, others = [], collections.Counter()
    times, texts, smallest = [], 0, {}
    for width in WIDTHS:
        for scheme in SCHEMES:
            page, *seconds = browser.open(width, scheme)
            times.append(seconds)
            measured = page.evaluate(MEASURE)
            texts = max(texts, measured["texts"])
            smallest[width] = measured["smallest"]
            for kind, found in problems.items():
                found += [f"{width} {scheme}: {each}" for each in measured[kind]]
            take_picture(page, folder, f"{width}-{scheme}", measured["height"])
            for impact, rule, about, elements in accessibility(page, script) if script else []:
                if impact in ("serious", "critical"):
                    where = f"{len(elements)} × {elements[0]}"
                    broken.append(f"{width} {scheme}: {impact}, {rule} ({about}), {where}")
                else:
                    others[f"{impact}, {rule} ({about})"] += len(elements)
            page.close()
    loaded, drawn = zip(*times, strict=True)
    usual = statistics.median(drawn)
    checks.add(f"the page is drawn within {SECONDS} s", [f"{usual:.2f} s"] if usual > SECONDS else [])
    for name, seconds in [("load event", loaded), ("drawn", drawn)]:
        middle = statistics.median(seconds)
        print(f"         {name} after {min(seconds):.2f} to {max(seconds):.2f} s, median {middle:.2f} s")
    checks.add("the page does not scroll sideways", problems["sideways"])
    checks.add(f"no text lies on other text (of {texts} pieces)", problems["overlaps"])
    checks.add("no text is cut", problems["cut"])
    sizes = ", ".join(f"{size:.1f} at {width}" for width, size in smallest.items())
    print(f"         letters in drawings have at least (pixels, by the width of the page) {sizes}")
    if script:
        checks.add("axe-core finds nothing serious or critical", broken)
        print(f"         {sum(others.values())} elements with others")
        for about, count in others.items():
            print(f"         {about}: {count}")


def print_page(browser, folder, checks):
    page, *_ = browser.open(PRINTED, "dark")
    page.emulate_media(media="print")
    measured = page.evaluate(MEASURE)
    kinds = {"sideways": "is not wider than A4", "overlaps": "has no text on text", "cut": "cuts no text"}
    for kind, name in kinds.items():
        checks.add(f"the printed page {name}", measured[kind])
    page.pdf(path=folder / "report.pdf", format="A4", prefer_css_page_size=True)
    page.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=ROOT / "target" / "release" / "disentangle", type=pathlib.Path)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--models", type=int, default=3)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--decisions", type=int, default=40)
    parser.add_argument("--folder", type=pathlib.Path, help="for the study, report and pictures [default: a new one]")
    parser.add_argument("--axe", type=pathlib.Path, help="axe.min.js of axe-core")
    parser.add_argument("--threads", type=int, help="of the program")
    arguments = parser.parse_args()
    program = arguments.program
    assert os.access(program, os.X_OK), f"{program} is not there: cargo build --release, or --program"
    folder = arguments.folder or pathlib.Path(tempfile.mkdtemp(prefix="report-"))
    folder.mkdir(parents=True, exist_ok=True)
    script = arguments.axe and arguments.axe.read_text()
    checks = Checks()
    write_study(folder, arguments)
    write_report(folder, arguments, checks)
    with sync_playwright() as playwright:
        browser = Browser(playwright, folder / "report.html")
        look(browser, folder, script, checks)
        print_page(browser, folder, checks)
        checks.add("nothing is loaded but the file itself", browser.requests)
        checks.add("nothing appears on the console", browser.messages)
        browser.browser.close()
    print(f"pictures and report.pdf are in {folder}")
    sys.exit(checks.failed)


if __name__ == "__main__":
    main()
