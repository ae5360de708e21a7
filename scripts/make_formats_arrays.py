#!/usr/bin/env python3
"""Make the files under fixtures/formats/arrays/: the same array in every format of arrays.

Each file is written by the library or program that people write it with. `features.npy` and
`labels.npy` hold what all of them must be read as.

    pip install -r scripts/requirements-formats.txt
    python scripts/make_formats_arrays.py [OUT_DIR]     # also needs gzip, zstd, xz and bzip2
"""

import bz2
import gzip
import lzma
import subprocess
import sys
from pathlib import Path

import numpy as np

SEED = 20251129
HERE = Path(__file__).resolve().parent.parent
OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "fixtures" / "formats" / "arrays"


def base():
    rng = np.random.default_rng(SEED)
    labels = np.repeat(np.arange(3), 8)
    features = rng.normal(size=(24, 5)) + labels[:, None]
    return features.astype(np.float32), labels.astype(np.int64)


def program(*command, data):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def compressed(table: bytes, array: bytes):
    half = table.index(b"\n", len(table) // 2) + 1
    write = {
        "table.csv.gz": gzip.compress(table, mtime=0),
        # As `cat a.gz b.gz` and parallel compressors write it.
        "members.csv.gz": gzip.compress(table[:half], mtime=0)
        + gzip.compress(table[half:], mtime=0),
        "features.npy.gz": program("gzip", "-n", "-9", data=array),
        "table.csv.zst": program("zstd", "-q", "--check", data=table),
        "features.npy.zst": program("zstd", "-q", "-19", data=array),
        # Two frames and one that is skipped.
        "frames.csv.zst": program("zstd", "-q", data=table[:half])
        + b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip"
        + program("zstd", "-q", data=table[half:]),
        "table.csv.xz": lzma.compress(table),
        "features.npy.xz": program("xz", "-9", data=array),
        "table.csv.bz2": bz2.compress(table),
        "features.npy.bz2": program("bzip2", data=array),
        "members.csv.bz2": bz2.compress(table[:half]) + bz2.compress(table[half:]),
    }
    for name, data in write.items():
        (OUT / name).write_bytes(data)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    features, labels = base()
    np.save(OUT / "features.npy", features)
    np.save(OUT / "labels.npy", labels)
    rows = [",".join(f"f{i}" for i in range(5)) + ",label"]
    rows += [",".join([*(repr(float(v)) for v in row), f"c{label}"])
             for row, label in zip(features, labels, strict=True)]
    table = "\n".join(rows).encode() + b"\n"
    (OUT / "table.csv").write_bytes(table)
    compressed(table, (OUT / "features.npy").read_bytes())


main()
