#!/usr/bin/env python3
"""Quality of disentangle's maps beside openTSNE's, for many files of features, in one table.

    peers/bin/python scripts/compare_quality.py features.npy [more.npy …] [--labels labels.npy] \\
        [--starts N] [--keep FOLDER]

For each file both programs make a map with their defaults, and both maps are measured as in
compare_peers.py: KL divergence, share of the 15 nearest neighbors kept, trustworthiness, and
with labels 10-nearest-neighbor accuracy. Labels are used for all files with as many samples; a
file `labels.npy` beside the features is found automatically. openTSNE's maps are kept in FOLDER and reused the
next time, because they take most of the time. With --starts, each program makes
N maps whose first positions differ by a hundredth of their size: the numbers are means, and another line gives the
standard errors of the differences. At the end it lists what is worse than openTSNE's by more than 0.01, or has a higher
divergence, and, with several starts, the features for which openTSNE's first map is itself that much worse than its
second. A file of labels among the features is skipped.
"""

import argparse
import os
import tempfile

import compare_peers
import numpy as np


def labels_of(path, given, samples):
    beside = os.path.join(os.path.dirname(path), "labels.npy")
    for candidate in [given, beside]:
        if candidate and os.path.exists(candidate):
            labels = np.load(candidate).ravel()
            if len(labels) == samples:
                return labels
    return None


def line(name, samples, program, figures):
    rest = " | ".join(f"{v:.4f}" for v in figures)
    print(f"| {name} | {samples} | {program} | {rest} |", flush=True)


def is_lower(ours, theirs):
    """Whether neighbors kept, trustworthiness and accuracy are lower by more than 0.01."""
    return [a < b - 0.01 for a, b in zip(ours[1:], theirs[1:])]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features", nargs="+")
    parser.add_argument("--labels")
    parser.add_argument("--keep")
    parser.add_argument("--starts", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.starts < 1:
        parser.error("--starts must be at least 1")
    worse, higher, itself = [], [], []
    print("| features | samples | program | KL | neighbors kept | trustworthiness | accuracy |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for path in options.features:
            if os.path.basename(path) == "labels.npy" or path == options.labels:
                continue
            features = np.load(path).astype(np.float32)
            name = "/".join(os.path.abspath(path).removesuffix(".npy").split(os.sep)[-2:])
            yardstick = compare_peers.Yardstick(features, labels_of(path, options.labels, len(features)))
            figures = {}
            for peer in ["disentangle", "opentsne"]:
                kept = peer == "opentsne" and options.keep
                figures[peer] = []
                for seed in range(options.starts):
                    file = f"{name.replace('/', '_')}_{seed}.npy"
                    out = os.path.join(kept or folder, file)
                    if not (kept and os.path.exists(out)):
                        compare_peers.measured(peer, path, out, options.threads, seed)
                    figures[peer].append(yardstick.measure(np.load(out)))
                figures[peer] = np.array(figures[peer])
                line(name, len(features), peer, figures[peer].mean(0))
            ours, theirs = figures["disentangle"], figures["opentsne"]
            if options.starts > 1:
                errors = np.sqrt((ours.var(0, ddof=1) + theirs.var(0, ddof=1)) / options.starts)
                line(name, len(features), "±", errors)
                if any(is_lower(theirs[0], theirs[1])):
                    itself.append(name)
            ours, theirs = ours.mean(0), theirs.mean(0)
            if ours[0] > theirs[0]:
                higher.append(name)
            if any(is_lower(ours, theirs)):
                worse.append(name)
    print("\nlower than openTSNE's by more than 0.01: " + (", ".join(worse) or "none"))
    print("higher divergence: " + (", ".join(higher) or "none"))
    if options.starts > 1:
        print("openTSNE's first map that much lower than its second: " + (", ".join(itself) or "none"))


if __name__ == "__main__":
    main()
