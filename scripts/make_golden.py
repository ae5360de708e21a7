#!/usr/bin/env python3
"""Make the reference numbers under fixtures/golden/ with public libraries.

    pip install -r scripts/requirements-golden.txt
    python scripts/make_golden.py [--new-map] [FIXTURES_DIR]   # default: fixtures

Features are converted from float32 to float64 first, and everything after is
float64. The map digits_map.npy (float32) is read if it exists, and made anew
with openTSNE only with --new-map or when it is missing: another type of CPU
rounds differently, and t-SNE magnifies that.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import platform
from pathlib import Path

import numpy as np
import openTSNE
import scipy
import sklearn
from openTSNE.affinity import PerplexityBasedNN
from scipy import sparse
from scipy.optimize import brentq
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_samples

MADE_BY = {
    "command": "python scripts/make_golden.py",
    "versions": {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
        "openTSNE": openTSNE.__version__,
    },
}
ROWS = [0, 1, 2, 10, 100]


def plain(value):
    """JSON-ready copy of value, floats rounded to 15 significant digits."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.15g}")
    if isinstance(value, np.integer):
        return int(value)
    return value


def write(path, about, body):
    record = {"about": about, "made_by": MADE_BY, **body}
    lines = [f"{json.dumps(k)}: {json.dumps(plain(v), separators=(',', ':'))}"
             for k, v in record.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def make_map(features):
    embedding = openTSNE.TSNE(
        perplexity=30, neighbors="exact", initialization="pca",
        early_exaggeration_iter=250, n_iter=500, negative_gradient_method="bh",
        n_jobs=1, random_state=42).fit(features)
    return np.asarray(embedding, dtype="<f4")


def neighbors(x, k):
    """The k nearest others of each row (brute force; ties by index), with
    distances, and the least relative gap between the k-th and (k+1)-th."""
    distance = cdist(x, x)
    np.fill_diagonal(distance, np.inf)
    order = np.argsort(distance, axis=1, kind="stable")
    ordered = np.take_along_axis(distance, order, axis=1)
    gap = ((ordered[:, k] - ordered[:, k - 1]) / ordered[:, k]).min()
    return order[:, :k], ordered[:, :k], gap


def class_statistics(x, labels):
    silhouette = silhouette_samples(x, labels, metric="euclidean")
    classes = np.unique(labels)
    out = {"silhouette": {
        "overall": silhouette.mean(),
        "by_class": [silhouette[labels == c].mean() for c in classes],
        "first_20": silhouette[:20],
    }}
    for k in (5, 10):
        found, _, gap = neighbors(x, k)
        confusion = np.array([[(labels[found[labels == c]] == d).mean() for d in classes]
                              for c in classes])
        out[f"knn_{k}"] = {
            "confusion": confusion,
            "hit_by_class": confusion.diagonal(),
            "hit_overall": (labels[found] == labels[:, None]).mean(),
            "least_relative_gap": gap,
        }
    return out


def gaussian_row(d2, perplexity):
    """p and beta with p_j ~ exp(-beta d2_j) and entropy ln(perplexity) nats."""
    def p_of(log_beta):
        logits = -np.exp(log_beta) * (d2 - d2.min())
        return logits - logsumexp(logits)

    def excess(log_beta):
        log_p = p_of(log_beta)
        return -(np.exp(log_p) * log_p).sum() - np.log(perplexity)

    log_beta = brentq(excess, -40, 40, xtol=1e-14, rtol=1e-14, maxiter=500)
    return np.exp(p_of(log_beta)), np.exp(log_beta), excess(log_beta)


def conditional(features, perplexity):
    k = 3 * perplexity
    found, distance, gap = neighbors(features, k)
    solved = [gaussian_row(row ** 2, perplexity) for row in distance]
    p = np.array([s[0] for s in solved])
    beta = np.array([s[1] for s in solved])
    error = max(abs(s[2]) for s in solved)
    return found, distance, p, beta, error, gap


def joint(found, p):
    n, k = found.shape
    c = sparse.csr_matrix((p.ravel(), found.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    return ((c + c.T) / (2 * n)).tocsr()


def kl_record(p, y):
    """KL(P || Q) and forces of the map y, over all pairs in float64."""
    d2 = cdist(y, y, "sqeuclidean")
    w = 1.0 / (1.0 + d2)
    np.fill_diagonal(w, 0.0)
    z = w.sum()
    dense = p.toarray()
    on = dense > 0
    kl = (dense[on] * np.log(dense[on] / (w[on] / z))).sum()
    i = np.arange(10)
    difference = y[i, None, :] - y[None, :, :]
    return {
        "kl": kl,
        "attractive": ((dense[i] * w[i])[:, :, None] * difference).sum(axis=1),
    }, {
        "z": z,
        "phi": w[i].sum(axis=1),
        "repulsive": ((w[i] ** 2)[:, :, None] * difference).sum(axis=1),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fixtures", nargs="?", type=Path, default=Path("fixtures"))
    parser.add_argument("--new-map", action="store_true")
    arguments = parser.parse_args()
    root = arguments.fixtures
    golden = root / "golden"
    golden.mkdir(exist_ok=True)

    cnn = np.load(root / "digits_cnn.npz")
    labels = cnn["labels"]
    features = cnn["features"].astype("f8")
    n = len(features)
    map_path = golden / "digits_map.npy"
    if arguments.new_map or not map_path.exists():
        np.save(map_path, make_map(features))
    y = np.load(map_path).astype("f8")

    # statistics.json
    mlp = np.load(root / "digits_mlp.npz")
    conv1 = np.load(root / "digits_cnn_layers.npz")["conv1"].astype("f8").reshape(n, -1)
    near_features, _, gap_features = neighbors(features, 15)
    near_map, _, gap_map = neighbors(y, 15)
    recall = np.mean([len(np.intersect1d(a, b)) / 15 for a, b in zip(near_features, near_map)])
    write(golden / "statistics.json",
          "Class statistics (Euclidean) of each space against the given labels. silhouette: "
          "scikit-learn. knn_K: exact K nearest others; confusion[a][b] = share of the K "
          "neighbors of the samples of class a that bear label b; hit = the diagonal. "
          "least_relative_gap: least (d[k+1]-d[k])/d[k+1] over all samples. map_quality: the "
          "map against the CNN features.",
          {"n": n, "classes": np.unique(labels), "class_counts": np.bincount(labels),
           "digits_cnn:features": class_statistics(features, labels),
           "digits_map": class_statistics(y, labels),
           "digits_mlp:features": class_statistics(mlp["features"].astype("f8"), mlp["labels"]),
           "digits_cnn_layers:conv1": class_statistics(conv1, labels),
           "map_quality": {"k": 15,
                           "trustworthiness": trustworthiness(features, y, n_neighbors=15),
                           "knn_recall": recall,
                           "least_relative_gap_features": gap_features,
                           "least_relative_gap_map": gap_map}})

    # affinities.json
    found, distance, p, beta, error, gap = conditional(features, 30)
    theirs = PerplexityBasedNN(features, perplexity=30, method="exact", k_neighbors=90,
                               symmetrize=False, n_jobs=1).P.tocsr() * n
    ours = sparse.csr_matrix((p.ravel(), found.ravel(), np.arange(0, n * 90 + 1, 90)),
                             shape=(n, n)).toarray()
    theirs = theirs.toarray()
    assert ((ours > 0) == (theirs > 0)).all()
    on = ours > 0
    difference = np.abs(ours - theirs)[on] / ours[on]
    joint_30 = joint(found, p)
    stored = joint_30.data
    write(golden / "affinities.json",
          "Conditional affinities p_(j|i) ~ exp(-beta_i d_ij^2), beta = 1/(2 sigma^2), over the "
          "90 exact nearest neighbors at perplexity 30 = exp(entropy in nats), solved with SciPy "
          "brentq, and openTSNE's beside them; joint P = (C + C^T)/(2n).",
          {"perplexity": 30, "k": 90, "n": n,
           "max_entropy_error": error,
           "least_relative_gap": gap,
           "openTSNE": {"max_relative_difference": difference.max(),
                        "max_absolute_difference": np.abs(ours - theirs).max()},
           "rows": [{"i": i, "beta": beta[i], "sigma": np.sqrt(0.5 / beta[i]),
                     "neighbors": found[i], "distances": distance[i], "p": p[i],
                     "p_openTSNE": theirs[i, found[i]],
                     "joint_row_sum": joint_30[[i]].sum(),
                     "joint_row_nnz": joint_30[[i]].nnz} for i in ROWS],
           "beta_summary": {"min": beta.min(), "median": np.median(beta), "max": beta.max()},
           "joint": {"sum": stored.sum(), "nnz": joint_30.nnz, "max": stored.max(),
                     "sum_of_squares": (stored ** 2).sum(),
                     "sum_p_ln_p": (stored * np.log(stored)).sum()}})
    np.save(golden / "beta_perplexity_30.npy", beta)

    # kl.json
    found_10, _, p_10, _, _, gap_10 = conditional(features, 10)
    at_30, common = kl_record(joint_30, y)
    at_10, _ = kl_record(joint(found_10, p_10), y)
    write(golden / "kl.json",
          "The map digits_map.npy (widened to float64) against the joint P at two perplexities "
          "(k = 3 x perplexity exact neighbors), over all pairs. w_ij = 1/(1+|y_i-y_j|^2); "
          "z = sum over i != j of w_ij; q = w/z; kl in nats. For points 0..9: phi_i = sum_j w_ij; "
          "repulsive_i = sum_j w_ij^2 (y_i-y_j) (not divided by z); "
          "attractive_i = sum_j P_ij w_ij (y_i-y_j). dKL/dy_i = 4 (attractive - repulsive/z).",
          {"n": n, **common,
           "perplexity_30": {"k": 90, "least_relative_gap": gap, **at_30},
           "perplexity_10": {"k": 30, "least_relative_gap": gap_10, **at_10}})

    # pca.json
    pca = PCA(svd_solver="full").fit(features)
    components = pca.components_[:2].copy()
    lead = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(2), lead])
    components *= signs[:, None]
    components[np.abs(components) < 1e-15] = 0.0  # rounding noise of constant features
    write(golden / "pca.json",
          "scikit-learn PCA (svd_solver='full') of the CNN features, centered, not scaled. "
          "Variances divide by n-1. Sign of each component: its entry of largest magnitude is "
          "positive. scores_first_5: rows 0..4 on the two components.",
          {"n": n, "dimensions": features.shape[1],
           "total_variance": features.var(axis=0, ddof=1).sum(),
           "explained_variance_ratio": pca.explained_variance_ratio_[:10],
           "constant_features": np.flatnonzero(np.ptp(features, axis=0) == 0),
           "mean": pca.mean_,
           "components": components,
           "scores_first_5": (features[:5] - pca.mean_) @ components.T})

    for name in sorted(golden.iterdir()):
        print(f"{name.stat().st_size:8d} {name.name}")


if __name__ == "__main__":
    main()
