#!/usr/bin/env python3
"""Make the files under fixtures/formats/arrays/: the same array in every format of arrays.

Each file is written by the library or program that people write it with. `features.npy` and
`labels.npy` hold what all of them must be read as.

    pip install -r scripts/requirements-formats.txt
    python scripts/make_formats_arrays.py [OUT_DIR]     # also needs gzip, zstd, xz and bzip2
"""

import argparse
import bz2
import collections
import gzip
import json
import lzma
import struct
import subprocess
import sys
import warnings
import zipfile
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


def idx(features, labels):
    """As the description of MNIST has it; no package writes it."""
    def write(name, kind, array):
        sizes = struct.pack(f">HBB{array.ndim}I", 0, kind, array.ndim, *array.shape)
        data = sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()
        (OUT / name).write_bytes(gzip.compress(data, mtime=0) if name.endswith("gz") else data)

    types = in_types(features)
    write("images-idx3-ubyte.gz", 8, types["U8"].reshape(24, 1, 5))
    write("labels-idx1-ubyte", 8, labels.astype(np.uint8))
    write("floats-idx2", 13, features)


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


def big_endian(path, name):
    """The file as a big-endian machine writes it."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(OUT / name, "w") as target:
        for member in source.namelist():
            data = source.read(member)
            if member.endswith("/byteorder"):
                data = b"big"
            elif "/data/" in member:
                data = np.frombuffer(data, "<f4").astype(">f4").tobytes()
            # The date of a member would otherwise be today's.
            target.writestr(zipfile.ZipInfo(member), data)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(5, 3)


def pytorch(features, labels):
    def save(name, value, **options):
        torch.save(value, OUT / name, **options)

    torch.manual_seed(SEED)
    x, y = torch.from_numpy(features), torch.from_numpy(labels)
    names = ["zero", "one", "two"]
    save("tensor.pt", x)
    big_endian(OUT / "tensor.pt", "big_endian.pt")
    save("old.pt", {"features": x, "labels": y, "again": x[:, 1:]}, _use_new_zipfile_serialization=False)
    save("parameter.pt", torch.nn.Parameter(x))
    save("protocol5.pt", {"features": x, "labels": y.tolist(), "array": features}, pickle_protocol=5)
    save("pair.pt", (x, y))
    save("batches.pt", [x[:10], x[10:]])
    save("rows.pt", list(x))
    save("lists.pt", {"features": features.tolist(), "labels": [names[i] for i in labels],
                      "ids": [f"image {i}" for i in range(24)], "epoch": 3, "loss": 0.5, "none": None})
    save("nested.pt", {"train": {"X": x, "y": y}, "best": collections.OrderedDict(epoch=3),
                       "args": argparse.Namespace(lr=0.1)})
    save("arrays.pt", {"features": features, "columns": np.asfortranarray(features),
                       "labels": np.array([names[i] for i in labels]),
                       "ids": np.array([f"image {i}" for i in range(24)], dtype=object),
                       "big": features.astype(">f4"), "half": features.astype("f2"),
                       "accuracy": np.float64(0.5)})
    types = in_types(features)
    save("types.pt", {**{name: torch.from_numpy(array) for name, array in types.items()},
                      "BF16": x.bfloat16()})
    wide = torch.zeros(30, 11)
    wide[3:27, 2:7] = x
    every = torch.zeros(48, 10)
    every[::2, ::2] = x
    twice = torch.cat([x, x])
    save("views.pt", {"slice": wide[3:27, 2:7], "turned": x.T.contiguous().T, "steps": every[::2, ::2],
                      "first": twice[:24], "second": twice[24:], "contiguous": x,
                      "expanded": x[:1].expand(24, 5), "row": x[0], "one": x[0, 0], "empty": x[:0]})
    save("state.pt", Net().state_dict())
    save("refused.pt", {"complex": x.to(torch.complex64), "sparse": x.to_sparse(),
                        "quantized": torch.quantize_per_tensor(x, 0.1, 0, torch.qint8),
                        "float8": x.to(torch.float8_e4m3fn), "model": Net(),
                        "storage": x.untyped_storage()})
    save("model.pt", Net())
    torch.jit.script(Net()).save(OUT / "script.pt")


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
    idx(features, labels)
    sparse(features)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytorch(features, labels)


main()
