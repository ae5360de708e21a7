#!/usr/bin/env python3
"""Make the files under fixtures/formats/arrays/: the same array in every format of arrays.

Each file is written by the library or program that people write it with. `features.npy` and
`labels.npy` hold what all of them must be read as.

    pip install -r scripts/requirements-formats.txt
    python scripts/make_formats_arrays.py [OUT_DIR]     # also needs gzip, zstd, xz and bzip2
"""

import bz2
import gzip
import json
import lzma
import struct
import subprocess
import sys
from pathlib import Path

import ml_dtypes
import numpy as np
import scipy.sparse
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch_file

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


# Types by their names in safetensors.
TYPES = {"BOOL": bool, "I8": "i1", "I16": "i2", "I32": "i4", "I64": "i8", "U8": "u1", "U16": "u2",
         "U32": "u4", "U64": "u8", "F16": "f2", "F32": "f4", "F64": "f8"}


def in_types(features):
    """The array in every type. Wide integers go beyond 2^31, as hashes and times do."""
    wide = {"I32": 2**28, "I64": 2**40, "U32": 2**29, "U64": 2**40}
    arrays = {}
    for name, dtype in TYPES.items():
        values = features.astype(np.float64) * wide.get(name, 1 if name[0] == "F" else 20)
        if name[0] == "U":
            values = np.abs(values)
        arrays[name] = np.ascontiguousarray(values > 20 if name == "BOOL" else values.astype(dtype))
    return arrays


def safetensors(features, labels):
    arrays = in_types(features)
    # What the others must be read as; NumPy has no bfloat16.
    brain = torch.from_numpy(features).bfloat16()
    np.savez_compressed(OUT / "types.npz", **arrays, BF16=brain.float().numpy())
    save_torch_file({**{name: torch.from_numpy(array) for name, array in arrays.items()},
                     "BF16": brain}, OUT / "types.safetensors")
    save_file({"features": features, "labels": labels, "head.weight": features[:3]},
              OUT / "named.safetensors", metadata={"format": "np"})
    save_torch_file({"features": torch.from_numpy(features).to(torch.float8_e4m3fn)},
                    OUT / "float8.safetensors")
    # Nothing obliges a writer to align the values.
    header = {"odd": {"dtype": "U8", "shape": [3], "data_offsets": [0, 3]},
              "features": {"dtype": "F32", "shape": [24, 5], "data_offsets": [3, 483]}}
    header = json.dumps(header).encode()
    (OUT / "misaligned.safetensors").write_bytes(
        struct.pack("<Q", len(header)) + header + b"abc" + features.tobytes())
    np.save(OUT / "bfloat16.npy", features.astype(ml_dtypes.bfloat16))
    np.save(OUT / "float8.npy", features.astype(ml_dtypes.float8_e4m3fn))


def sparse(features):
    """Without the negative values; `sparse.npy` is what the matrices must be read as."""
    dense = np.where(features > 0, features, 0)
    dense[5] = 0
    dense[:, 3] = 0
    np.save(OUT / "sparse.npy", dense)
    for name in ["csr", "csc", "coo", "bsr"]:
        matrix = scipy.sparse.coo_array(dense).asformat(name)
        scipy.sparse.save_npz(OUT / f"{name}.npz", matrix, compressed=name != "coo")
    # The first value of each row, in two halves.
    rows, columns = np.nonzero(dense)
    data = dense[rows, columns]
    twice = scipy.sparse.coo_matrix(
        (np.concatenate([data / 2, data / 2]), (np.tile(rows, 2), np.tile(columns, 2))), dense.shape)
    scipy.sparse.save_npz(OUT / "twice.npz", twice)
    scipy.sparse.save_npz(OUT / "whole.npz", scipy.sparse.csr_matrix((dense > 0).astype(np.int32)))


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
    safetensors(features, labels)
    sparse(features)


main()
