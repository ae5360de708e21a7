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


if __name__ == "__main__":
    main()
