#!/usr/bin/env python3
"""Make the data files under fixtures/ from scikit-learn's bundled digits.

A small CNN and a deliberately weaker MLP are trained on one half of the
1797 images; the features, predictions and probabilities of the other half
are written.

    pip install -r scripts/requirements-fixtures.txt
    python scripts/make_fixtures.py [OUT_DIR]      # default: fixtures

Two runs on one machine write the same bytes. Another type of CPU may round
differently in the last bits, so a rerun elsewhere need not reproduce them.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import platform
import sys
from pathlib import Path

import numpy as np
import scipy
import sklearn
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

SEED = 20240607
NAMES = ["zero", "one", "two", "three", "four",
         "five", "six", "seven", "eight", "nine"]


class Cnn(nn.Module):
    """8x8 -> conv1 8x4x4 -> conv2 16x2x2 -> 64 -> 10 (sizes after pooling)."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.conv2 = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.hidden = nn.Sequential(nn.Flatten(), nn.Dropout(0.2),
                                    nn.Linear(64, 64), nn.ReLU())
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        conv1 = self.conv1(x)
        conv2 = self.conv2(conv1)
        penultimate = self.hidden(conv2)
        return {"conv1": conv1, "conv2": conv2, "penultimate": penultimate,
                "logits": self.head(penultimate)}


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(),
                                    nn.Linear(32, 64), nn.ReLU())
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        penultimate = self.hidden(x)
        return {"penultimate": penultimate, "logits": self.head(penultimate)}


def initialize(model):
    """He initialization, biases zero: few units start dead."""
    torch.manual_seed(SEED)
    for part in model.modules():
        if isinstance(part, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
            nn.init.zeros_(part.bias)
    return model


def train(model, images, labels, epochs, rate, batch=32):
    generator = torch.Generator().manual_seed(SEED)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate, weight_decay=1e-4)
    model.train()
    for _ in range(epochs):
        order = torch.randperm(len(labels), generator=generator)
        for chunk in order.split(batch):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images[chunk])["logits"], labels[chunk])
            loss.backward()
            optimizer.step()
    model.eval()


def flip(labels, share, rng):
    """Flip a share of the labels, each uniformly to one of the other classes."""
    n = int(round(share * len(labels)))
    where = np.sort(rng.choice(len(labels), size=n, replace=False))
    flipped = labels.copy()
    flipped[where] = (labels[where] + rng.integers(1, 10, size=n)) % 10
    return flipped, where


def outputs(model, images):
    with torch.no_grad():
        out = model(images)
        out["probabilities"] = torch.softmax(out["logits"].double(), dim=1).float()
    return {k: np.ascontiguousarray(v.numpy(), dtype="<f4") for k, v in out.items()}


def report(name, labels, predictions):
    recall = [float((predictions[labels == c] == c).mean()) for c in range(10)]
    print(f"{name}: accuracy {(predictions == labels).mean():.4f}; recall "
          + " ".join(f"{n} {r:.3f}" for n, r in zip(NAMES, recall)))


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("fixtures")
    root.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    digits = load_digits()
    index = np.arange(len(digits.target))
    first, second = train_test_split(index, test_size=0.5, stratify=digits.target,
                                     random_state=SEED)
    first, second = np.sort(first), np.sort(second)
    pixels = torch.from_numpy((digits.images / 8.0 - 0.6).astype("f4")).unsqueeze(1)
    target = digits.target.astype("<i8")
    labels = target[second]
    rng = np.random.default_rng(SEED)
    noisy_training, _ = flip(target[first], 0.10, rng)
    noisy_labels, flipped_indices = flip(labels, 0.03, rng)

    cnn = initialize(Cnn())
    train(cnn, pixels[first], torch.from_numpy(target[first]), epochs=30, rate=2e-3)
    mlp = initialize(Mlp())
    train(mlp, pixels[first], torch.from_numpy(noisy_training), epochs=3, rate=2e-3)

    names = np.array(NAMES)
    ids = np.array([f"digits-{i:04d}" for i in second])
    results = {}
    for name, model in (("cnn", cnn), ("mlp", mlp)):
        out = results[name] = outputs(model, pixels[second])
        predictions = out["logits"].argmax(axis=1).astype("<i8")
        np.savez_compressed(root / f"digits_{name}.npz", features=out["penultimate"],
                            labels=labels, class_names=names, ids=ids,
                            predictions=predictions, probabilities=out["probabilities"])
        report(name, labels, predictions)

    cnn_out = results["cnn"]
    np.savez_compressed(root / "digits_cnn_layers.npz", conv1=cnn_out["conv1"],
                        conv2=cnn_out["conv2"], penultimate=cnn_out["penultimate"],
                        logits=cnn_out["logits"], labels=labels)
    np.save(root / "digits_penultimate.npy", cnn_out["penultimate"])
    np.save(root / "digits_labels.npy", labels)
    np.save(root / "digits_labels_noisy.npy", noisy_labels)
    np.save(root / "digits_flipped_indices.npy", flipped_indices.astype("<i8"))

    with open(root / "digits_excerpt.csv", "w", newline="\n") as out:
        out.write(",".join([f"f{j}" for j in range(64)] + ["label"]) + "\n")
        for row, label in zip(cnn_out["penultimate"][:100], labels):
            out.write(",".join([f"{v:.9g}" for v in row] + [str(label)]) + "\n")

    print(f"{len(first)} training images, {len(labels)} exported; "
          f"{len(flipped_indices)} labels flipped in digits_labels_noisy.npy")
    print(f"Python {platform.python_version()}, numpy {np.__version__}, "
          f"scikit-learn {sklearn.__version__}, scipy {scipy.__version__}, "
          f"torch {torch.__version__}")


if __name__ == "__main__":
    main()
