"""How well wrong labels are found, compared with cleanlab: the table in docs/statistics.md.

Errors are planted into 5% of the labels of known data, with five seeds, in two ways: "uniform" (any
other class) and "hard" (the class that the set's model, or an out-of-fold logistic regression on
the true labels, most often confuses with the true class). Each ranking is scored by its average
precision for the planted errors. Rankings from the features alone: cleanlab's label quality score
(self-confidence) of 10-nearest-neighbor shares, as Datalab makes them, and of five-fold
out-of-sample logistic regression on standardized features (folds drawn with the seed: with few
samples the draw alone changes the result by a few hundredths); this program. With a model's
probabilities: cleanlab given the probabilities; this program given both. Finally, among the samples
that this program calls likely errors from the features alone: the share that was planted, on
average and at worst over the seeds, and the share that it expected. The line `least` is the largest
shortfall behind cleanlab's logistic regression, or its ranking by the model, over all sets.

    python scripts/compare_suspects.py PROGRAM DATA [SET …]

PROGRAM is the disentangle binary, DATA the folder of the sets. Needs NumPy, scikit-learn, cleanlab.
"""

import csv
import io
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from cleanlab.rank import get_label_quality_scores
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEEDS = range(5)
SHARE = 0.05


def table(path):
    rows = list(csv.reader(open(path)))[1:]
    names = sorted({row[-1] for row in rows})
    features = np.array([[float(v) for v in row[:-1]] for row in rows], np.float32)
    return features, np.array([names.index(row[-1]) for row in rows])


def sets(data):
    """Name, features, labels, probabilities of a model or None."""
    for name in ("blood5", "retina5"):
        labels = np.load(data / name / "labels.npy")
        for path in sorted((data / name).glob("[ABCL][_0]*.npy")):
            model = path.stem[0]
            given = data / name / f"probabilities_{model}.npy"
            probabilities = np.load(given) if given.exists() else None
            yield f"{name} {path.stem}", np.load(path), labels, probabilities
    fixtures = data / "fixtures"
    archive = np.load(fixtures / "iris.npz")
    yield "iris", archive["features"], archive["labels"], None
    archive = np.load(fixtures / "wine.npz")
    yield "wine", archive["X"], archive["y"], None
    yield "breast cancer", *table(fixtures / "breast_cancer.csv"), None
    digits = np.load(fixtures / "digits.npy"), np.load(fixtures / "digits_labels.npy")
    yield "digits", *digits, None
    pbmc = np.load(fixtures / "pbmc700_pca50.npy"), np.load(fixtures / "pbmc700_labels.npy")
    yield "pbmc700", *pbmc, None
    folder = data / "mnist"
    mnist = np.load(folder / "mnist10k_pca50.npy"), np.load(folder / "mnist10k_labels.npy")
    yield "mnist10k", *mnist, None


def logistic(features, labels, seed=0):
    folds = min(5, max(2, np.bincount(labels)[np.bincount(labels) > 0].min()))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    folds = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return cross_val_predict(model, features, labels, cv=folds, method="predict_proba")


def neighbor_shares(features, labels, classes):
    found = NearestNeighbors(n_neighbors=11).fit(features).kneighbors(return_distance=False)
    shares = np.zeros((len(labels), classes))
    for row, ids in enumerate(found):
        others = ids[ids != row][:10]
        np.add.at(shares[row], labels[others], 1 / len(others))
    return shares


def most_confused(labels, probabilities):
    classes = probabilities.shape[1]
    counts = np.zeros((classes, classes))
    np.add.at(counts, (labels, probabilities.argmax(1)), 1)
    np.fill_diagonal(counts, -1)
    return counts.argmax(1)


def planted(labels, classes, hard, seed):
    random = np.random.default_rng(seed)
    rows = random.choice(len(labels), max(1, round(SHARE * len(labels))), replace=False)
    noisy = labels.copy()
    if hard is None:
        noisy[rows] = (labels[rows] + random.integers(1, classes, len(rows))) % classes
    else:
        noisy[rows] = hard[labels[rows]]
    wrong = np.zeros(len(labels), bool)
    wrong[rows] = True
    return noisy, wrong


def program(binary, folder, features, noisy, probabilities):
    """Suspicion of each sample; precision of those called likely errors; what was expected."""
    np.save(folder / "features.npy", features)
    np.save(folder / "labels.npy", noisy.astype(np.int32))
    command = [binary, "suspects", folder / "features.npy", "--labels", folder / "labels.npy"]
    if probabilities is not None:
        np.save(folder / "probabilities.npy", probabilities)
        command += ["--probabilities", folder / "probabilities.npy"]
    command += ["--csv", "--top", str(len(noisy))]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    suspicion = np.zeros(len(noisy))
    likely, expected = [], np.zeros(len(noisy))
    for row in csv.DictReader(io.StringIO(text)):
        suspicion[int(row["row"])] = -float(row["rank"])
        expected[int(row["row"])] = float(row["probability"])
        if row["verdict"] == "probably mislabeled":
            likely.append(int(row["row"]))
    return np.where(suspicion == 0, -len(noisy) - 1.0, suspicion), likely, expected


def means(rows):
    columns = (column[~np.isnan(column)] for column in np.array(rows).T)
    return np.array([column.mean() if len(column) else np.nan for column in columns])


def number(value):
    return "–" if np.isnan(value) else f"{value:.3f}"


def measure(binary, features, labels, probabilities, hard, seed):
    classes = int(labels.max()) + 1
    noisy, wrong = planted(labels, classes, hard, seed)
    score = lambda suspicion: average_precision_score(wrong, suspicion)
    quality = lambda p: score(-get_label_quality_scores(noisy, p))
    given = both = np.nan
    with tempfile.TemporaryDirectory() as folder:
        alone, likely, expected = program(binary, Path(folder), features, noisy, None)
        if probabilities is not None:
            given = quality(probabilities)
            both = score(program(binary, Path(folder), features, noisy, probabilities)[0])
    return [
        quality(neighbor_shares(features, noisy, classes)),
        quality(logistic(features, noisy, seed)),
        score(alone),
        given,
        both,
        wrong[likely].mean() if likely else np.nan,
        expected[likely].mean() if likely else np.nan,
        len(likely),
    ]


def main():
    binary, data, wanted = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    print("| set | flips | cleanlab k-NN | cleanlab logistic | this program | cleanlab model | with model | called | planted (worst) | expected |")
    print("|---|---|" + 8 * "---:|", flush=True)
    all_means = []
    for name, features, labels, probabilities in sets(data):
        if wanted and not any(name.startswith(w) for w in wanted):
            continue
        features, labels = features.astype(np.float32), labels.astype(int)
        classes = int(labels.max()) + 1
        teacher = logistic(features, labels) if probabilities is None else probabilities
        for kind, hard in (("uniform", None), ("hard", most_confused(labels, teacher))):
            if classes == 2 and kind == "hard":
                continue
            rows = [measure(binary, features, labels, probabilities, hard, seed) for seed in SEEDS]
            mean = means(rows)
            all_means.append(mean)
            right = np.array(rows)[:, 5]
            worst = np.nan if np.isnan(right).all() else np.nanmin(right)
            cells = [number(m) for m in mean[:5]]
            cells += [f"{mean[7]:.0f}", f"{number(mean[5])} ({number(worst)})", number(mean[6])]
            print(f"| {name} | {kind} | {' | '.join(cells)} |", flush=True)
    every = np.array(all_means)
    print(f"| mean | | {' | '.join(number(m) for m in means(every)[:5])} | | | |")
    alone, both = every[:, 2] - every[:, 1], every[:, 4] - every[:, 3]
    both = np.nan if np.isnan(both).all() else np.nanmin(both)
    print(f"| least | | | | {alone.min():+.3f} | | {both:+.3f} | | | |")


if __name__ == "__main__":
    main()
