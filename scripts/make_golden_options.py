#!/usr/bin/env python3
"""Make fixtures/golden/options.json: references for the engine's options.

    pip install -r scripts/requirements-golden.txt
    python scripts/make_golden_options.py [FIXTURES_DIR]   # default: fixtures

All in float64. The map digits_map.npy must exist (scripts/make_golden.py).
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import sys
from pathlib import Path

import numpy as np
import openTSNE
from openTSNE.affinity import Multiscale, PerplexityBasedNN, Uniform
from openTSNE.tsne import kl_divergence_bh
from scipy import sparse
from scipy.sparse.linalg import eigsh
from sklearn.metrics import silhouette_samples
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from make_golden import write

ROWS = [0, 1, 2, 10, 100]


def cosine_silhouettes(features, labels):
    """Silhouettes by cosine distance, as scikit-learn has them: by sample, and the mean."""
    values = silhouette_samples(features, labels, metric="cosine")
    return {"mean": values.mean(), "samples": values}


def cosine(features):
    """Neighbors by cosine distance, as scikit-learn has them."""
    found = NearestNeighbors(n_neighbors=16, metric="cosine", algorithm="brute").fit(features)
    distance, order = found.kneighbors(features[ROWS])
    rows = []
    for i, d, j in zip(ROWS, distance, order):
        keep = j != i
        rows.append({"i": i, "neighbors": j[keep][:15], "distances": d[keep][:15]})
    return rows


def tails(features, y):
    """KL and gradient at several degrees of freedom, without approximation."""
    p = PerplexityBasedNN(features, perplexity=30, method="exact", n_jobs=1).P.tocsr()
    out = []
    for dof in (0.5, 0.8, 2.0):
        kl, gradient = kl_divergence_bh(y.copy(), p, dof, {"theta": 0.0}, should_eval_error=True)
        out.append({"dof": dof, "kl": kl, "gradient": gradient[:10]})
    return out


def matrix(p):
    p = sparse.csr_matrix(p)
    p.sort_indices()
    rows = []
    for i in ROWS:
        row = p[[i]]
        rows.append({"i": i, "columns": row.indices, "values": row.data})
    return {"nnz": p.nnz, "sum": p.sum(), "sum_of_squares": (p.data ** 2).sum(), "rows": rows}


def spectral(p):
    """The three largest eigenvalues of D^-1/2 P D^-1/2, and the second and third eigenvectors
    times D^-1/2 (the diffusion map)."""
    root = np.sqrt(np.asarray(p.sum(axis=1)).ravel())
    inverse = sparse.diags(1 / root)
    normalized = inverse @ p @ inverse
    values, vectors = eigsh(normalized, k=4, tol=1e-12, which="LA", v0=np.ones(p.shape[0]))
    order = np.argsort(-values)
    vectors = vectors[:, order[1:3]] / root[:, None]
    vectors /= np.linalg.norm(vectors, axis=0)
    return {"eigenvalues": values[order], "first_20": vectors[:20]}


def transform(features, labels):
    """Every fifth sample held out, placed into the map of the others."""
    held = np.arange(len(features)) % 5 == 0
    map_ = openTSNE.TSNE(perplexity=30, neighbors="exact", initialization="pca", random_state=42,
                         negative_gradient_method="bh", n_jobs=1).fit(features[~held])
    placed = np.asarray(map_.transform(features[held]))
    judge = KNeighborsClassifier(10).fit(np.asarray(map_), labels[~held])
    return {"every": 5, "accuracy_10_nn": judge.score(placed, labels[held])}


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "fixtures")
    data = np.load(root / "digits_cnn.npz")
    features, labels = data["features"].astype("f8"), data["labels"]
    y = np.load(root / "golden" / "digits_map.npy").astype("f8")
    joint = PerplexityBasedNN(features, perplexity=30, method="exact", n_jobs=1).P.tocsr()
    multiscale = Multiscale(features, perplexities=[10, 30], method="exact", n_jobs=1).P
    uniform = Uniform(features, k_neighbors=15, method="exact", symmetrize="mean", n_jobs=1).P
    write(root / "golden" / "options.json",
          "References for the engine's options on the CNN features of the digits. cosine: "
          "scikit-learn's 15 nearest others by 1 - cos; cosine_silhouettes: its silhouettes. degrees_of_freedom: openTSNE's KL and "
          "gradient (a quarter of dKL/dy, rows 0..9) of digits_map.npy with theta 0; kernel "
          "(1+d2/dof)^-dof. multiscale: openTSNE's Multiscale, perplexities 10 and 30; uniform: "
          "its Uniform with 15 neighbors, mean. spectral: eigsh of the normalized P at "
          "perplexity 30, columns of unit length up to sign. transform: openTSNE's placing of "
          "every fifth sample.",
          {"cosine": cosine(features),
           "cosine_silhouettes": cosine_silhouettes(features, labels),
           "degrees_of_freedom": tails(features, y),
           "multiscale": matrix(multiscale),
           "uniform": matrix(uniform),
           "spectral": spectral(joint),
           "transform": transform(features, labels)})


if __name__ == "__main__":
    main()
