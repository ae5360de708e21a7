#!/usr/bin/env python3
"""Make the files under fixtures/formats/folders/: archives that hold several parts of a data set.

The labels of each part are numbers of their own (train 0 to 2, test 10 to 12, val 20 to 22), so
that labels of another part are noticed. All parts have equally many samples.

    pip install -r scripts/requirements-formats.txt
    python scripts/make_formats_folders.py [OUT_DIR]
"""

import sys
from pathlib import Path

import h5py
import numpy as np
import torch

SEED = 20251129
SAMPLES = 12
PARTS = {"train": 0, "test": 10, "val": 20}
HERE = Path(__file__).resolve().parent.parent
OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "fixtures" / "formats" / "folders"


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    x = {part: rng.normal(size=(SAMPLES, 3)).astype(np.float32) for part in PARTS}
    y = {part: first + np.arange(SAMPLES) % 3 for part, first in PARTS.items()}

    with h5py.File(OUT / "parts.h5", "w") as file:
        for part in PARTS:
            file[f"{part}/features"] = x[part]
            file[f"{part}/labels"] = y[part]
    torch.save(
        {p: {"x": torch.tensor(x[p]), "y": torch.tensor(y[p])} for p in PARTS}, OUT / "parts.pt"
    )
    folds = enumerate(PARTS)
    np.savez(
        OUT / "folds.npz",
        **{k: v for i, p in folds for k, v in {f"fold{i}/X": x[p], f"fold{i}/y": y[p]}.items()},
    )
    split = {f"X_{p}": x[p] for p in PARTS} | {f"y_{p}": y[p] for p in PARTS}
    np.savez(OUT / "split.npz", **split)
    np.savez(OUT / "held_out.npz", X=x["train"], y=y["train"], X_test=x["test"])
    with h5py.File(OUT / "shared.h5", "w") as file:
        file["labels"] = y["train"]
        file["conv/x"] = x["train"]
        file["dense/x"] = x["train"][:, :2]
    with h5py.File(OUT / "apart.h5", "w") as file:
        file["inputs/X"] = x["train"]
        file["outputs/y"] = y["train"]
    # A target of a regression: many numbers, few of which repeat.
    target = rng.permutation(400)[:60] + 25
    np.savez(OUT / "regression.npz", X=rng.normal(size=(60, 3)).astype(np.float32), y=target)
    with h5py.File(OUT / "unlabeled.h5", "w") as file:
        file["test/x"] = x["test"]
        file["train/x"] = x["train"]
        file["train/y"] = y["train"]
    other_names(x["train"], y["train"])


def other_names(x, y):
    """Arrays whose names do not say what they are, and records of AnnData before version 0.7."""
    trees = np.array(["ash", "elm", "fir"])
    np.savez(OUT / "positional.npz", x, y)
    np.savez(OUT / "numbered.npz", x, np.arange(SAMPLES))
    np.save(OUT / "label_last.npy", np.column_stack([np.repeat(x, 3, axis=0), np.repeat(y, 3)]))
    np.savez(OUT / "names.npz", X=x, y=y + 1, names=trees)
    with h5py.File(OUT / "lists.h5", "w") as file:
        file["measured"] = x
        file["species"] = trees[y].astype("S")
        file["paths"] = np.array([f"{i}.png" for i in range(SAMPLES)], dtype="S")
    with h5py.File(OUT / "unclear.h5", "w") as file:
        file["embeddings"] = x
        file["identity"] = y
        file["camera"] = np.arange(SAMPLES) % 2
    torch.save(
        {"model": {"fc.weight": torch.tensor(x), "fc.bias": torch.tensor(x[:, 0])}, "epoch": 3},
        OUT / "weights.pt",
    )
    obs = np.zeros(SAMPLES, [("index", "S4"), ("state", "i1"), ("depth", ">f4"), ("dead", "?")])
    obs["index"] = [f"c{i}" for i in range(SAMPLES)]
    obs["state"], obs["depth"] = y, x[:, 0]
    obsm = np.zeros(SAMPLES, [("X_pca", "<f4", (4,)), ("X_umap", "<f8", (2,))])
    obsm["X_pca"], obsm["X_umap"] = np.column_stack([x, x[:, 0] + 1]), x[:, :2]
    with h5py.File(OUT / "records.h5ad", "w") as file:
        file["X"] = x
        file["obs"] = obs
        file["obsm"] = obsm
        file["var"] = np.zeros(3, [("index", "S4")])
        file["uns/state_categories"] = trees.astype("S")


if __name__ == "__main__":
    main()
