#!/usr/bin/env python3
"""Compare the clusters of `disentangle diagnose` with scikit-learn's HDBSCAN, by the adjusted Rand index
against labels that neither sees.

    pip install scikit-learn numpy
    python scripts/compare_clusters.py PROGRAM NAME=FEATURES.npy:LABELS.npy ...

PROGRAM is the binary, with its default settings. HDBSCAN runs with its defaults but for min_cluster_size,
at five settings; the best of them counts. Noise is a cluster of its own in both. The bundled digits of
scikit-learn come first.
"""

import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.cluster import HDBSCAN
from sklearn.datasets import load_digits
from sklearn.metrics import adjusted_rand_score

SETTINGS = [5, 10, 15, 25, 50]


def ours(program, features):
    """The clusters and the seconds that they took."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "features.npy"), Path(folder, "clusters.npy")
        np.save(source, features)
        command = [program, "diagnose", str(source), "--save-clusters", str(target)]
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return np.load(target), time.perf_counter() - start


def main():
    warnings.simplefilter("ignore")
    program, *named = sys.argv[1:]
    digits = load_digits()
    data = {"digits (pixels)": (digits.data.astype(np.float32), digits.target)}
    for one in named:
        name, files = one.split("=", 1)
        features, labels = files.split(":")
        data[name] = (np.load(features), np.load(labels))
    print(f"scikit-learn {sklearn.__version__}; adjusted Rand index (groups, share of noise)")
    for name, (features, labels) in data.items():
        found, seconds = ours(program, features)
        own = adjusted_rand_score(labels, found)
        noise = np.mean(found < 0)
        print(f"{name}, {len(labels)} × {features.shape[1]}, {len(set(labels))} classes")
        print(f"  disentangle: {own:.3f} ({found.max()}, {noise:.0%}), {seconds:.1f} s with all statistics")
        for smallest in SETTINGS:
            model = HDBSCAN(min_cluster_size=smallest)
            theirs = model.fit_predict(features)
            index = adjusted_rand_score(labels, theirs)
            noise = np.mean(theirs < 0)
            print(f"  HDBSCAN {smallest}: {index:.3f} ({theirs.max() + 1}, {noise:.0%})")


if __name__ == "__main__":
    main()
