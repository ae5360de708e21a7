#!/usr/bin/env python3
"""Make fixtures/golden/separation.json: figures of separation and mixing.

    pip install -r scripts/requirements-golden.txt
    python scripts/make_golden_separation.py [FIXTURES_DIR]   # default: fixtures
    python scripts/make_golden_separation.py --of FOLDER [FIXTURES_DIR]

With --of, the features are those of the last but one layer of models A, B and C in a folder with
labels.npy, and the file is separation_FOLDER.json.

Every figure is computed here from its definition with NumPy, or by
scikit-learn or SciPy, in float64: the closed forms of the program are not used.
"""

import json
import os
import platform
import sys
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import numpy as np
import scipy
import sklearn
from scipy import stats
from scipy.optimize import brentq
from scipy.spatial.distance import cdist, pdist, squareform
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import silhouette_samples
from sklearn.model_selection import StratifiedKFold

PENALTIES = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0]


def left_out_ridge(x, y):
    """Ridge onto one column of 0 and 1 per class, with a free intercept, on
    standardized columns; refitted through the n x n hat matrix at each penalty."""
    n = len(x)
    z = (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1)
    t = np.eye(y.max() + 1)[y]
    best = None
    for penalty in PENALTIES:
        inner = z.T @ z + penalty * n * np.eye(z.shape[1])
        hat = z @ np.linalg.solve(inner, z.T) + 1 / n
        left_out = t - (t - hat @ t) / (1 - np.diag(hat))[:, None]
        press = ((t - left_out) ** 2).sum()
        if best is None or press < best[0]:
            best = press, penalty, left_out
    _, penalty, scores = best
    # The classes' shares are those of all samples: without its own, each class would be a little rarer
    # where it is the right one.
    scores = scores + (t - t.mean(0)) / (n - 1)
    predictions = scores.argmax(1)
    return {"penalty": penalty, "accuracy": (predictions == y).mean(),
            "recall": [(predictions[y == c] == c).mean() for c in range(y.max() + 1)]}


def logistic(x, y):
    folds = np.zeros(len(y), int)
    predictions = np.zeros(len(y), int)
    split = StratifiedKFold(5, shuffle=True, random_state=0).split(x, y)
    for fold, (train, test) in enumerate(split):
        folds[test] = fold
        mean, sd = x[train].mean(0), x[train].std(0)
        sd = np.where(sd > 1e-12, sd, 1)
        model = LogisticRegression(C=1, tol=1e-9, max_iter=20000)
        model.fit((x[train] - mean) / sd, y[train])
        predictions[test] = model.predict((x[test] - mean) / sd)
    return {"folds": folds, "accuracy": (predictions == y).mean(), "predictions": predictions}


def geometry(x, y):
    classes = range(y.max() + 1)
    means = np.array([x[y == c].mean(0) for c in classes])
    silhouette = silhouette_samples(x, y, metric="sqeuclidean")
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    cosine = 1 - unit @ unit.T

    def over(a, b):
        return cosine[np.ix_(y == a, y == b)].mean()

    within = np.mean([over(c, c) for c in classes])
    total = np.mean([[over(a, b) for b in classes] for a in classes])
    deviations = x - means[y]
    sigma_w = deviations.T @ deviations / len(x)
    centered = means - means.mean(0)
    sigma_b = centered.T @ centered / len(means)
    variance = np.array([(np.linalg.norm(x[y == c] - means[c], axis=1) ** 2).mean()
                         for c in classes])
    cdnv = np.array([[(variance[a] + variance[b]) / (2 * ((means[a] - means[b]) ** 2).sum())
                      if a != b else 0 for b in classes] for a in classes])
    nearest = cdist(x, means).argmin(1)
    return {
        "silhouette_squared": silhouette.mean(),
        "silhouette_squared_by_class": [silhouette[y == c].mean() for c in classes],
        "class_separation_r2": 1 - within / total,
        "nc1": np.trace(sigma_w @ np.linalg.pinv(sigma_b, rcond=1e-10)) / len(means),
        "cdnv": cdnv,
        "cdnv_mean": cdnv[np.triu_indices(len(means), 1)].mean(),
        "distance_consistency": (nearest == y).mean(),
        "distance_consistency_by_class": [(nearest[y == c] == c).mean() for c in classes],
    }


def soft(x, y, perplexity=30):
    """-ln of the conditional probability of neighbors with the same label."""
    distance = squareform(pdist(x, "sqeuclidean"))
    np.fill_diagonal(distance, np.inf)
    k = int(3 * perplexity)
    classes = y.max() + 1
    losses, shares = [], np.zeros((classes, classes))
    for i, row in enumerate(distance):
        found = np.argsort(row, kind="stable")[:k]
        d = row[found] - row[found].min()

        def excess(log_beta):
            w = np.exp(-np.exp(log_beta) * d)
            p = w / w.sum()
            return stats.entropy(p) - np.log(perplexity)

        w = np.exp(-np.exp(brentq(excess, -40, 40, xtol=1e-14)) * d)
        p = w / w.sum()
        by_class = np.bincount(y[found], weights=p, minlength=classes)
        shares[y[i]] += by_class
        losses.append(-np.log(max(by_class[y[i]], 1e-5)))
    losses = np.array(losses)
    return {"loss": losses.mean(), "loss_by_class": [losses[y == c].mean() for c in range(classes)],
            "shares": shares / np.bincount(y)[:, None]}


def hits(x, y):
    distance = squareform(pdist(x))
    np.fill_diagonal(distance, np.inf)
    order = np.argsort(distance, axis=1, kind="stable")
    same = y[order] == y[:, None]
    return {str(k): [same[y == c, :k].mean() for c in range(y.max() + 1)]
            for k in (1, 5, 10, 30, 90)}


def gaussian_overlap(x, y):
    """Phi(-Delta/2) of features scaled by their spread within classes, with the covariance shrunk by
    oracle approximating shrinkage (Chen et al. 2010)."""
    classes = range(y.max() + 1)
    d, freedom = x.shape[1], len(x) - len(classes)
    deviations = np.concatenate([x[y == c] - x[y == c].mean(0) for c in classes])
    spread = (deviations ** 2).sum(0) / freedom
    x = x / np.sqrt(np.where(spread > 1e-12 * spread.max(), spread, spread.max()))
    means = np.array([x[y == c].mean(0) for c in classes])
    deviations = x - means[y]
    sigma = deviations.T @ deviations / freedom
    trace, squares = np.trace(sigma), np.sum(sigma * sigma)
    share = ((1 - 2 / d) * squares + trace ** 2) / (
        (freedom + 1 - 2 / d) * (squares - trace ** 2 / d))
    inverse = np.linalg.inv((1 - share) * sigma + share * trace / d * np.eye(d))
    return [[stats.norm.sf(np.sqrt((means[a] - means[b]) @ inverse @ (means[a] - means[b])) / 2)
             for b in classes] for a in classes]


def tests():
    rng = np.random.default_rng(1)
    p = np.round(rng.random(12) ** 3, 6)
    shares = [(0, 10), (18, 20), (5, 1000), (1, 1)]

    def interval(hits, n):
        ci = stats.binomtest(hits, n).proportion_ci(method="wilson")
        return [hits, n, ci.low, ci.high]

    return {
        "benjamini_hochberg": {"p": p, "adjusted": stats.false_discovery_control(p)},
        "wilson": [interval(*s) for s in shares],
        "binomial_tail": [[h, n, q, stats.binom.sf(h - 1, n, q)]
                          for h, n, q in [(8, 400, 0.0025), (3, 10, 0.2), (1, 5, 0.5)]],
        "hypergeometric_tail": [[h, n, m, d, stats.hypergeom.sf(h - 1, n, m, d)]
                                for h, n, m, d in [(12, 100, 30, 20), (3, 50, 5, 10)]],
        "gamma_tail": [[x, m, v, stats.gamma.sf(x, m * m / v, scale=v / m)]
                       for x, m, v in [(8.0, 3.0, 5.0), (60.0, 29.0, 44.0), (2.0, 1.6, 2.5)]],
        "normal_tail": [[z, stats.norm.sf(z)] for z in (0.0, 1.0, 2.5, -1.0, 6.0)],
    }


def dixon(x, y, k=10):
    """Mean and standard deviation of the label counts over 4,000 permutations."""
    distance = squareform(pdist(x))
    np.fill_diagonal(distance, np.inf)
    found = np.argsort(distance, axis=1, kind="stable")[:, :k]
    rng = np.random.default_rng(2)
    classes = y.max() + 1
    counts = []
    for _ in range(4000):
        dealt = rng.permutation(y)
        pairs = dealt[:, None] * classes + dealt[found]
        counts.append(np.bincount(pairs.ravel(), minlength=classes * classes))
    counts = np.array(counts, float)
    return {"k": k, "permutations": len(counts),
            "mean": counts.mean(0).reshape(classes, classes),
            "standard_deviation": counts.std(0, ddof=1).reshape(classes, classes)}


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.12g}")
    if isinstance(value, np.integer):
        return int(value)
    return value


MADE_BY = {"command": "python scripts/make_golden_separation.py", "versions": {
    "python": platform.python_version(), "numpy": np.__version__,
    "scipy": scipy.__version__, "scikit-learn": sklearn.__version__}}


def of_folder(folder, root):
    """The figures that need no folds of ours."""
    y = np.load(folder / "labels.npy").astype(int)
    record = {"about": f"Figures of separation of {folder.name}, as in separation.json; no values of the "
                       "data themselves.", "made_by": MADE_BY}
    for name in ("A_L4_penultimate", "B_L2_penultimate", "C_L3_penultimate"):
        x = np.load(folder / f"{name}.npy").reshape(len(y), -1).astype("f8")
        record[name] = {"ridge": left_out_ridge(x, y), "geometry": geometry(x, y), "soft": soft(x, y),
                        "hits": hits(x, y), "gaussian_overlap": gaussian_overlap(x, y)}
    save(record, root / "golden" / f"separation_{folder.name}.json")


def save(record, path):
    lines = [f"{json.dumps(k)}: {json.dumps(plain(v), separators=(',', ':'))}"
             for k, v in record.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main():
    if sys.argv[1:2] == ["--of"]:
        return of_folder(Path(sys.argv[2]), Path(sys.argv[3] if len(sys.argv) > 3 else "fixtures"))
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "fixtures")
    digits = np.load(root / "digits_cnn.npz")
    layers = np.load(root / "digits_cnn_layers.npz")
    y = digits["labels"].astype(int)
    spaces = {
        "digits_cnn:features": digits["features"].astype("f8"),
        "digits_cnn_layers:conv2": layers["conv2"].astype("f8").reshape(len(y), -1),
    }
    record = {
        "about": "Figures of separation and mixing, by definition (NumPy), scikit-learn and SciPy.",
        "made_by": MADE_BY,
        "tests": tests(),
    }
    for name, x in spaces.items():
        record[name] = {"ridge": left_out_ridge(x, y), "logistic": logistic(x, y),
                        "geometry": geometry(x, y), "soft": soft(x, y), "hits": hits(x, y),
                        "gaussian_overlap": gaussian_overlap(x, y)}
    record["dixon"] = dixon(spaces["digits_cnn:features"], y)
    save(record, root / "golden" / "separation.json")


if __name__ == "__main__":
    main()
