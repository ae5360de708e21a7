#!/usr/bin/env python3
"""How long reading features takes, beside pandas, pyarrow and safetensors.

    cargo build --release --example read_features
    python scripts/measure_reading.py target/release/examples/read_features [--rows 70000] [--columns 50]

Writes a table of normal variates as CSV (`DataFrame.to_csv`), Parquet (`DataFrame.to_parquet`) and
safetensors (`save_file`), in 32 and 64 bits, and lets the library that people use and the example read it
in turn, each in a process of its own that reads the file several times: `pandas.read_csv`,
`pyarrow.parquet.read_table` and `safetensors.numpy.load_file`, all with their defaults. Prints the medians
over the processes of the first reading and of the fastest further one, and the peak of resident memory
beyond what the process had before the first reading, beside the size of the array that was written.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from safetensors.numpy import save_file

PEERS = {
    "csv": ("pandas", "import pandas as pd; read = pd.read_csv"),
    "parquet": ("pyarrow", "import pyarrow.parquet as pq; read = pq.read_table"),
    "safetensors": ("safetensors", "from safetensors.numpy import load_file as read"),
}
READ = """
import sys, time
def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
before = peak()
for path in sys.argv[1:]:
    start = time.perf_counter()
    read(path)
    print(0, 0, time.perf_counter() - start, peak(), before)
"""


def run(command):
    """Seconds of the first reading and of the fastest further one, and the memory of the first in MB."""
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    readings = [line.split() for line in output.splitlines()]
    first, *others = [float(reading[2]) for reading in readings]
    return first, min(others), (int(readings[0][3]) - int(readings[0][4])) * 1024 / 1e6


def write(path, x):
    names = [f"f{c}" for c in range(x.shape[1])]
    if path.endswith("csv"):
        pd.DataFrame(x, columns=names).to_csv(path, index=False)
    elif path.endswith("parquet"):
        pd.DataFrame(x, columns=names).to_parquet(path)
    else:
        save_file({"features": x}, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="+", help="one or several builds of the example")
    parser.add_argument("--rows", type=int, default=70_000)
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    x = np.random.default_rng(0).normal(size=(options.rows, options.columns))
    print("| file | MB | reader | first, s | further, s | ratio, first | further | memory, MB | of the array |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for ending, (peer, read) in PEERS.items():
            for kind in ["float32", "float64"]:
                array = x.astype(kind)
                path = os.path.join(folder, f"table.{ending}")
                write(path, array)
                readers = {peer: [sys.executable, "-c", f"{read}\n{READ}"]}
                readers |= {program: [program] for program in options.program}
                found = {name: [] for name in readers}
                for _ in range(options.runs):
                    for name, command in readers.items():
                        found[name].append(run(command + [path] * 4))
                for name, runs in found.items():
                    first, further, memory = (statistics.median(column) for column in zip(*runs))
                    if name == peer:
                        base = first, further
                    print(
                        f"| {ending}, {kind} | {os.path.getsize(path) / 1e6:.0f} | {os.path.basename(name)} "
                        f"| {first:.3f} | {further:.3f} | {first / base[0]:.2f} | {further / base[1]:.2f} "
                        f"| {memory:.0f} | {memory * 1e6 / array.nbytes:.2f} × |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
