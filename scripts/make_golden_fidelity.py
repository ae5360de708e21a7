#!/usr/bin/env python3
"""Make the reference numbers of a map's fidelity, fixtures/golden/fidelity.json.

    pip install -r scripts/requirements-golden.txt
    python scripts/make_golden_fidelity.py [FIXTURES_DIR]   # default: fixtures

Trustworthiness is scikit-learn's, continuity is the same function with the
spaces exchanged, R_NX comes from a co-ranking matrix in NumPy, Spearman's
correlation from SciPy. float32 inputs are widened to float64 first.
"""

import json
import sys
from pathlib import Path

import numpy as np
from scipy.spatial.distance import cdist, pdist
from scipy.stats import spearmanr
from sklearn.manifold import trustworthiness

from make_golden import neighbors, write


def ranks(x):
    """Rank of each sample around each other (1 = nearest; 0 on the diagonal)."""
    distance = cdist(x, x)
    np.fill_diagonal(distance, -1.0)
    order = np.argsort(distance, axis=1, kind="stable")
    out = np.empty_like(order)
    np.put_along_axis(out, order, np.arange(len(x))[None, :], axis=1)
    return out


def local(r, q, k):
    """Trustworthiness and continuity around each sample."""
    n = len(r)
    worst = k * (2 * n - 3 * k - 1) / 2
    false = np.where((q > 0) & (q <= k) & (r > k), r - k, 0).sum(axis=1)
    torn = np.where((r > 0) & (r <= k) & (q > k), q - k, 0).sum(axis=1)
    return 1 - false / worst, 1 - torn / worst


def coranking(r, q):
    n = len(r)
    matrix = np.zeros((n, n))
    off = ~np.eye(n, dtype=bool)
    np.add.at(matrix, (r[off], q[off]), 1)
    return matrix


def rnx(matrix):
    n = len(matrix)
    within = np.cumsum(np.cumsum(matrix, axis=0), axis=1).diagonal()
    k = np.arange(1, n - 1)
    q = within[1:n - 1] / (n * k)
    curve = ((n - 1) * q - k) / (n - 1 - k)
    return curve, (curve / k).sum() / (1 / k).sum()


def mixing(found, labels):
    classes = np.unique(labels)
    return np.array([[(labels[found[labels == a]] == b).mean() for b in classes]
                     for a in classes])


def describe(x, y, labels, k):
    r, q = ranks(x), ranks(y)
    curve, area = rnx(coranking(r, q))
    near_x, _, _ = neighbors(x, k)
    near_y, _, _ = neighbors(y, k)
    kept = np.array([len(np.intersect1d(a, b)) / k for a, b in zip(near_x, near_y)])
    t, c = local(r, q, k)
    by_class = lambda values: [values[labels == c].mean() for c in np.unique(labels)]
    sizes = [1, 2, 5, 10, 100, len(x) - 2]
    return {
        "n": len(x), "k": k,
        "trustworthiness": trustworthiness(x, y, n_neighbors=k),
        "continuity": trustworthiness(y, x, n_neighbors=k),
        "knn_recall": kept.mean(),
        "rnx_area": area,
        "rnx": {str(s): curve[s - 1] for s in sizes},
        "spearman": spearmanr(pdist(x), pdist(y)).statistic,
        "by_class": {"trustworthiness": by_class(t), "continuity": by_class(c),
                     "knn_recall": by_class(kept)},
        "first_20": {"trustworthiness": t[:20], "continuity": c[:20], "knn_recall": kept[:20]},
        "mixing_difference": mixing(near_y, labels) - mixing(near_x, labels),
    }


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "fixtures")
    cnn = np.load(root / "digits_cnn.npz")
    labels = cnn["labels"]
    features = cnn["features"].astype("f8")
    y = np.load(root / "golden" / "digits_map.npy").astype("f8")
    conv1 = np.load(root / "digits_cnn_layers.npz")["conv1"].astype("f8").reshape(len(y), -1)
    write(root / "golden" / "fidelity.json",
          "The map digits_map.npy against the CNN features it was made from, and against the "
          "features of the first layer, which it does not show. trustworthiness: scikit-learn; "
          "continuity: the same with the spaces exchanged; rnx, rnx_area: co-ranking matrix; "
          "spearman: distances of all pairs; mixing_difference[a][b]: share of the k neighbors "
          "of class a that bear label b, in the map minus in the features.",
          {"digits_cnn:features": describe(features, y, labels, 10),
           "digits_cnn:features, k 90": describe(features, y, labels, 90),
           "digits_cnn_layers:conv1": describe(conv1, y, labels, 10)})
    print(json.dumps({"written": str(root / "golden" / "fidelity.json")}))


if __name__ == "__main__":
    main()
