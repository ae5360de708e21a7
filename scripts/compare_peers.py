#!/usr/bin/env python3
"""Time, memory and quality of t-SNE programs on one file of features, in one table.

    python3 -m venv peers && peers/bin/pip install -r scripts/requirements-peers.txt
    peers/bin/python scripts/compare_peers.py features.npy [--labels labels.npy] \\
        [--peers disentangle,sklearnex,opentsne] [--repeat 3] [--threads 2]

Each program runs in its own process, neighbor search included: disentangle is timed from its
start to the written map, the Python libraries from the features in memory to the map. All maps
are measured in the same way: KL(P‖Q) with P from exact neighbors (perplexity 30, 90 neighbors) and Q
normalized over all pairs in 64 bits; the share of each sample's 15 nearest neighbors that the map
keeps; trustworthiness (k = 15, at most 2,000 samples); 10-nearest-neighbor accuracy with labels.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "..", "target", "release", "disentangle")
PERPLEXITY, EARLY, LATER = 30, 250, 500


def start(features):
    """Principal components with a standard deviation of 1e-4."""
    centered = features - features.mean(0)
    _, _, axes = np.linalg.svd(centered.T @ centered)
    scores = centered @ axes[:2].T
    return scores / scores[:, 0].std() * 1e-4


def opentsne(path, out, threads, seed):
    import openTSNE

    features = np.load(path).astype(np.float64)
    began = time.perf_counter()
    settings = {"n_jobs": threads, "random_state": seed}
    affinities = openTSNE.affinity.PerplexityBasedNN(features, perplexity=PERPLEXITY, **settings)
    method = {"negative_gradient_method": "fft"}
    initial = start(features)
    if seed:
        # As openTSNE's own start from principal components, but never twice the same.
        initial += np.random.default_rng(seed).normal(scale=1e-6, size=initial.shape)
    map_ = openTSNE.TSNEEmbedding(initial, affinities, **method, **settings)
    map_.optimize(EARLY, exaggeration=12, momentum=0.5, inplace=True)
    map_.optimize(LATER, momentum=0.8, inplace=True)
    print(time.perf_counter() - began)
    np.save(out, np.asarray(map_, dtype=np.float32))


def sklearnex(path, out, threads, seed):
    os.environ["OMP_NUM_THREADS"] = str(threads)
    from sklearnex.manifold import TSNE

    features = np.load(path).astype(np.float32)
    tsne = TSNE(
        perplexity=PERPLEXITY,
        init=start(features.astype(np.float64)).astype(np.float32),
        max_iter=EARLY + LATER,
        learning_rate="auto",
        n_jobs=threads,
        random_state=seed,
    )
    began = time.perf_counter()
    map_ = tsne.fit_transform(features)
    print(time.perf_counter() - began)
    np.save(out, map_.astype(np.float32))


def command(peer, path, out, threads, seed):
    if peer == "disentangle":
        settings = ["--pca", "none", "--threads", str(threads), "--seed", str(seed + 1)]
        return [PROGRAM, "embed", path, *settings, "--force", "-o", out]
    settings = ["--worker", peer, "--threads", str(threads), "--seed", str(seed)]
    return [sys.executable, __file__, path, *settings, "--out", out]


def measured(peer, path, out, threads, seed=0):
    """Seconds and peak megabytes of one run."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command(peer, path, out, threads, seed), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    own = process.stdout.read().split()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{peer} failed")
    seconds = float(own[-1]) if own else time.perf_counter() - began
    return seconds, usage.ru_maxrss / 1024


class Yardstick:
    """What all maps are measured with."""

    def __init__(self, features, labels):
        from sklearn.neighbors import NearestNeighbors

        self.features, self.labels = features.astype(np.float64), labels
        neighbors = NearestNeighbors(n_neighbors=3 * PERPLEXITY, algorithm="brute").fit(features)
        distances, self.ids = neighbors.kneighbors()
        squared = distances.astype(np.float64) ** 2
        low, high = np.zeros(len(squared)), np.full(len(squared), np.inf)
        beta = 1 / squared.mean(1)
        for _ in range(100):
            p = np.exp(-(squared - squared[:, :1]) * beta[:, None])
            total = p.sum(1)
            entropy = np.log(total) + beta * ((squared - squared[:, :1]) * p).sum(1) / total
            wide = entropy > np.log(PERPLEXITY)
            low, high = np.where(wide, beta, low), np.where(wide, high, beta)
            beta = np.where(np.isinf(high), 2 * beta, (low + high) / 2)
        from scipy.sparse import csr_matrix

        n, k = squared.shape
        conditional = csr_matrix(
            ((p / total[:, None]).ravel(), self.ids.ravel(), np.arange(0, n * k + 1, k)), (n, n)
        )
        self.p = ((conditional + conditional.T) / (2 * n)).tocoo()

    def measure(self, map_):
        from sklearn.manifold import trustworthiness
        from sklearn.neighbors import NearestNeighbors

        y = map_.astype(np.float64)
        z = -float(len(y))
        for first in range(0, len(y), 500):
            block = y[first : first + 500]
            squared = ((block[:, None, :] - y[None]) ** 2).sum(2)
            z += (1 / (1 + squared)).sum()
        i, j, p = self.p.row, self.p.col, self.p.data
        affinity = 1 / (1 + ((y[i] - y[j]) ** 2).sum(1))
        divergence = (p * np.log(p * z / affinity)).sum()
        near = NearestNeighbors(n_neighbors=15).fit(y).kneighbors()[1]
        kept = np.mean([len(np.intersect1d(a, b)) for a, b in zip(near, self.ids[:, :15])]) / 15
        some = np.linspace(0, len(y) - 1, min(len(y), 2000)).astype(int)
        trust = trustworthiness(self.features[some], y[some], n_neighbors=15)
        accuracy = float("nan")
        if self.labels is not None:
            names, codes = np.unique(self.labels, return_inverse=True)
            votes = codes[near[:, :10]]
            counts = np.stack([(votes == c).sum(1) for c in range(len(names))], 1)
            accuracy = (counts.argmax(1) == codes).mean()
        return divergence, kept, trust, accuracy


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features")
    parser.add_argument("--labels")
    parser.add_argument("--peers", default="disentangle,sklearnex,opentsne")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        worker = {"opentsne": opentsne, "sklearnex": sklearnex}[options.worker]
        return worker(options.features, options.out, options.threads, options.seed)
    peers = options.peers.split(",")
    runs = {peer: [] for peer in peers}
    with tempfile.TemporaryDirectory() as folder:
        out = {peer: os.path.join(folder, f"{peer}.npy") for peer in peers}
        for _ in range(options.repeat):
            # By turns, so that a busy moment of the machine hits all alike.
            for peer in peers:
                runs[peer].append(measured(peer, options.features, out[peer], options.threads))
        labels = np.load(options.labels).ravel() if options.labels else None
        yardstick = Yardstick(np.load(options.features), labels)
        print("| program | seconds | MB | KL | neighbors kept | trustworthiness | accuracy |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for peer in peers:
            seconds = statistics.median(r[0] for r in runs[peer])
            memory = statistics.median(r[1] for r in runs[peer])
            figures = yardstick.measure(np.load(out[peer]))
            rest = " | ".join(f"{v:.4f}" for v in figures)
            print(f"| {peer} | {seconds:.2f} | {memory:.0f} | {rest} |", flush=True)


if __name__ == "__main__":
    main()
