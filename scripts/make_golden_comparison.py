#!/usr/bin/env python3
"""Make the reference numbers of comparisons, fixtures/golden/comparison.json.

    pip install -r scripts/requirements-golden.txt
    python scripts/make_golden_comparison.py [FIXTURES_DIR]   # default: fixtures
    python scripts/make_golden_comparison.py --of FOLDER [FIXTURES_DIR]

The study is fixtures/digits.toml: the layers of the CNN, and the MLP. Everything
is float64 and follows the definitions directly: n x n kernels, double sums,
explicit counts. With --of, it is a folder with labels.npy and, of models A, B and
C, predictions_A.npy, probabilities_A.npy and the layers A_L1_NAME.npy and so on;
the numbers become comparison_FOLDER.json.
"""

import json
import platform
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.spatial.distance import cdist
from scipy.stats import binom, binomtest, chi2, false_discovery_control
from sklearn.linear_model import Ridge
from sklearn.metrics import silhouette_samples
from sklearn.neighbors import NearestNeighbors

K = 10


def mcnemar(first, second):
    """b, c and the p-values (the formulas of statsmodels, and the mid-p: twice the tail less the
    probability of what was found)."""
    b = int(np.sum(first & ~second))
    c = int(np.sum(~first & second))
    exact = binomtest(min(b, c), b + c, 0.5).pvalue
    chi = (abs(b - c) - 1) ** 2 / (b + c)
    return {
        "first_only": b,
        "second_only": c,
        "p": float(2 * binom.cdf(min(b, c), b + c, 0.5) - binom.pmf(min(b, c), b + c, 0.5)),
        "p_exact": float(exact),
        "chi_squared": chi,
        "p_chi_squared": float(chi2.sf(chi, 1)),
    }


def diversity(first, second):
    """Kuncheva & Whitaker 2003, Table 2, from oracle outputs."""
    n = len(first)
    n11 = np.sum(first & second)
    n10 = np.sum(first & ~second)
    n01 = np.sum(~first & second)
    n00 = np.sum(~first & ~second)
    p = (n11 + n00) / n
    chance = ((n11 + n10) * (n11 + n01) + (n01 + n00) * (n10 + n00)) / n**2
    return {
        "disagreement": (n10 + n01) / n,
        "double_fault": n00 / n,
        "q": (n11 * n00 - n01 * n10) / (n11 * n00 + n01 * n10),
        "correlation": np.corrcoef(first, second)[0, 1],
        "kappa": (p - chance) / (1 - chance),
        "oracle": 1 - n00 / n,
    }


def cka(x, y):
    """Linear CKA through n x n kernels: centered, and with unbiased HSIC."""
    n = len(x)
    h = np.eye(n) - 1 / n
    kernels = [h @ a @ a.T @ h for a in (x, y)]
    k, l = kernels
    biased = np.sum(k * l) / np.sqrt(np.sum(k * k) * np.sum(l * l))

    def hsic(k, l):
        k, l = k.copy(), l.copy()
        np.fill_diagonal(k, 0)
        np.fill_diagonal(l, 0)
        one = np.ones(n)
        trace = np.sum(k * l)
        mean = (one @ k @ one) * (one @ l @ one) / ((n - 1) * (n - 2))
        return (trace + mean - 2 / (n - 2) * (one @ k @ l @ one)) / (n * (n - 3))

    debiased = hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))
    return {"biased": biased, "debiased": debiased}


def neighbors(x):
    return NearestNeighbors(n_neighbors=K + 1, algorithm="brute").fit(x).kneighbors(
        x, return_distance=False
    )


def jaccard(x, y):
    values = []
    for i, (a, b) in enumerate(zip(neighbors(x), neighbors(y))):
        a = set(a.tolist()) - {i}
        b = set(b.tolist()) - {i}
        values.append(len(a & b) / len(a | b))
    return float(np.mean(values))


def balanced(values, labels):
    return float(np.mean([values[labels == c].mean() for c in np.unique(labels)]))


def layer(x, labels):
    classes = np.unique(labels)
    n, d = x.shape
    targets = np.where(labels[:, None] == classes[None, :], 1.0, 0.0)
    deviation = x.std(0)
    x_standard = (x - x.mean(0)) / np.where(deviation > 0, deviation, 1.0)
    shares = targets.mean(0)
    penalties = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0]

    def leave_one_out(penalty):
        # Weights and intercept are those without the sample.
        gram = x_standard.T @ x_standard + penalty * n * np.eye(d)
        hat = x_standard @ np.linalg.solve(gram, x_standard.T) + 1 / n
        h = np.diag(hat)[:, None]
        return (hat @ targets - h * targets) / (1 - h)

    errors = [np.sum((leave_one_out(p) - targets) ** 2) for p in penalties]
    best = penalties[int(np.argmin(errors))]
    loo = leave_one_out(best)
    for i in (0, 17, n - 1):
        rest = np.arange(n) != i
        ridge = Ridge(alpha=best * n).fit(x_standard[rest], targets[rest])
        assert np.allclose(loo[i], ridge.predict(x_standard[i : i + 1])[0], atol=1e-6)
    # The classes' shares are those of all samples.
    loo = loo + (targets - shares) / (n - 1)
    right = classes[loo.argmax(1)] == labels
    hits = np.array(
        [np.mean(labels[[j for j in row if j != i][:K]] == labels[i]) for i, row in enumerate(neighbors(x))]
    )
    silhouettes = silhouette_samples(cdist(x, x, "sqeuclidean"), labels, metric="precomputed")
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    distance = 1 - unit @ unit.T
    within = np.mean([distance[np.ix_(labels == c, labels == c)].mean() for c in classes])
    total = np.mean(
        [distance[np.ix_(labels == a, labels == b)].mean() for a in classes for b in classes]
    )
    means = np.stack([x[labels == c].mean(0) for c in classes])
    spread = sum(np.sum((x[labels == c] - means[i]) ** 2) for i, c in enumerate(classes)) / n
    between = np.mean(np.sum((means - means.mean(0)) ** 2, axis=1))
    variance = [np.mean(np.sum((x[labels == c] - m) ** 2, axis=1)) for c, m in zip(classes, means)]
    cdnv = np.mean(
        [
            (variance[a] + variance[b]) / (2 * np.sum((means[a] - means[b]) ** 2))
            for a, b in combinations(range(len(classes)), 2)
        ]
    )
    return right, {
        "probe_accuracy": float(right.mean()),
        "probe": balanced(right.astype(float), labels),
        "neighborhood_hit": balanced(hits, labels),
        "silhouette_squared": balanced(silhouettes, labels),
        "class_separation_r2": float(1 - within / total),
        "variance_ratio": float(spread / between),
        "cdnv": float(cdnv),
    }


MADE_BY = {
    "command": "python scripts/make_golden_comparison.py",
    "versions": {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    },
}


def save(root, name, out):
    round15 = lambda v: float(f"{float(v):.15g}")
    text = json.dumps(out, indent=1, default=round15)
    (root / "golden" / name).write_text(text + "\n")


def of_pairs(sets):
    pairs = []
    for a, b in combinations(sets, 2):
        pairs.append(
            {"first": a, "second": b, "neighbor_overlap": jaccard(sets[a], sets[b]), **cka(sets[a], sets[b])}
        )
    return pairs


def of_folder(folder, root):
    """The layers, models and ensemble of a folder of features."""
    labels = np.load(folder / "labels.npy").astype(int)
    given = {
        "A": ["L1_conv1", "L2_conv2", "L3_conv3", "L4_penultimate", "L5_logits"],
        "B": ["L2_penultimate", "L3_logits"],
        "C": ["L3_penultimate", "L4_logits"],
    }
    right, figures, sets, steps = {}, {}, {}, {}
    for model, layers in given.items():
        for file in layers:
            name = f"{model}/{file.split('_', 1)[1]}"
            sets[name] = np.load(folder / f"{model}_{file}.npy").reshape(len(labels), -1).astype(np.float64)
            right[name], figures[name] = layer(sets[name], labels)
        own = [name for name in sets if name.startswith(f"{model}/")]
        steps[model] = [mcnemar(right[a], right[b]) for a, b in zip(own, own[1:])]
    hits = {m: np.load(folder / f"predictions_{m}.npy") == labels for m in given}
    models = []
    for a, b in combinations(given, 2):
        classes = [mcnemar(hits[a][labels == c], hits[b][labels == c]) for c in np.unique(labels)]
        models.append(
            {
                "first": a,
                "second": b,
                "test": mcnemar(hits[a], hits[b]),
                "classes": classes,
                "diversity": diversity(hits[a], hits[b]),
            }
        )
    mean = sum(np.load(folder / f"probabilities_{m}.npy").astype(np.float64) for m in given) / 3
    out = {
        "about": f"Figures of the layers and models of {folder.name}, as in comparison.json; no "
        "values of the data themselves.",
        "made_by": MADE_BY,
        "layers": figures,
        "pairs": of_pairs(sets),
        "probe_steps": steps,
        "models": models,
        "ensemble": {"accuracy": float((mean.argmax(1) == labels).mean())},
    }
    save(root, f"comparison_{folder.name}.json", out)


def main():
    if sys.argv[1:2] == ["--of"]:
        return of_folder(Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else Path("fixtures"))
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("fixtures")
    layers = np.load(root / "digits_cnn_layers.npz")
    cnn, mlp = np.load(root / "digits_cnn.npz"), np.load(root / "digits_mlp.npz")
    labels = cnn["labels"]
    assert np.array_equal(cnn["ids"], mlp["ids"]) and np.array_equal(labels, mlp["labels"])
    sets = {
        f"CNN/{name}": layers[name].reshape(len(labels), -1).astype(np.float64)
        for name in ["conv1", "conv2", "penultimate", "logits"]
    }
    sets["MLP"] = mlp["features"].astype(np.float64)
    right, figures = {}, {}
    for name, x in sets.items():
        right[name], figures[name] = layer(x, labels)
    of = {name: data["predictions"] == labels for name, data in [("CNN", cnn), ("MLP", mlp)]}
    classes = [mcnemar(of["CNN"][labels == c], of["MLP"][labels == c]) for c in range(10)]
    mean = (cnn["probabilities"].astype(np.float64) + mlp["probabilities"]) / 2
    ensemble = mean.argmax(1) == labels
    interval = binomtest(int(of["CNN"].sum()), len(labels)).proportion_ci(method="wilson")
    steps = [
        mcnemar(right[a], right[b])
        for a, b in zip(list(sets)[:3], list(sets)[1:4])
    ]
    out = {
        "about": "Figures of the study fixtures/digits.toml: McNemar's test (exact, mid-p, and "
        "chi-squared with Edwards' correction), diversity of Kuncheva & Whitaker 2003, linear CKA "
        "by n x n kernels, the Jaccard index of 10 neighbors, leave-one-out ridge probes, and the "
        "geometry of the classes by double sums.",
        "made_by": MADE_BY,
        "layers": figures,
        "pairs": of_pairs(sets),
        "probe_steps": steps,
        "predictions": {
            "test": mcnemar(of["CNN"], of["MLP"]),
            "classes": classes,
            "class_p_adjusted": list(false_discovery_control([c["p"] for c in classes])),
            "diversity": diversity(of["CNN"], of["MLP"]),
            "cnn_wilson": [interval.low, interval.high],
            "unique_saves": [int(np.sum(of["CNN"] & ~of["MLP"])), int(np.sum(~of["CNN"] & of["MLP"]))],
        },
        "ensemble": {
            "accuracy": float(ensemble.mean()),
            "balanced_accuracy": balanced(ensemble.astype(float), labels),
            "test": mcnemar(of["CNN"], ensemble),
        },
    }
    save(root, "comparison.json", out)


if __name__ == "__main__":
    main()
