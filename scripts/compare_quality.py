#!/usr/bin/env python3
"""Quality of disentangle's maps beside openTSNE's, for many files of features, in one table.

    peers/bin/python scripts/compare_quality.py features.npy [more.npy …] [--labels labels.npy] \\
        [--keep FOLDER]

For each file both programs make a map with their defaults, and both maps are measured alike, as
in compare_peers.py: KL divergence, share of the 15 nearest neighbors kept, trustworthiness, and
with labels 10-nearest-neighbor accuracy. Labels are used for all files of as many samples; a
file `labels.npy` beside the features is found by itself. openTSNE's maps are kept in FOLDER and
taken from there the next time, because they take most of the time. Says at the end what is worse
than openTSNE's by more than 0.01, or has a higher divergence.
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features", nargs="+")
    parser.add_argument("--labels")
    parser.add_argument("--keep")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    worse = []
    print("| features | samples | program | KL | neighbors kept | trustworthiness | accuracy |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for path in options.features:
            features = np.load(path).astype(np.float32)
            name = "/".join(os.path.abspath(path).removesuffix(".npy").split(os.sep)[-2:])
            yardstick = compare_peers.Yardstick(features, labels_of(path, options.labels, len(features)))
            figures = {}
            for peer in ["disentangle", "opentsne"]:
                kept = peer == "opentsne" and options.keep
                out = os.path.join(kept or folder, name.replace("/", "_") + ".npy")
                if not (kept and os.path.exists(out)):
                    compare_peers.measured(peer, path, out, options.threads)
                figures[peer] = yardstick.measure(np.load(out))
                rest = " | ".join(f"{v:.4f}" for v in figures[peer])
                print(f"| {name} | {len(features)} | {peer} | {rest} |", flush=True)
            ours, theirs = figures["disentangle"], figures["opentsne"]
            if ours[0] > theirs[0] or any(a < b - 0.01 for a, b in zip(ours[1:], theirs[1:])):
                worse.append(name)
    print("\nworse than openTSNE's: " + (", ".join(worse) or "none"))


if __name__ == "__main__":
    main()
