#!/usr/bin/env python3
"""How long reading a CSV file takes, beside pandas.

    cargo build --release --no-default-features --example read_features
    python scripts/measure_reading.py target/release/examples/read_features [--rows 70000] [--columns 50]

Writes a table of normal variates with pandas and lets both read it in turn: `pandas.read_csv` with its
defaults, and the example, each in a process of its own that prints the seconds of the call. Prints the
medians, their ratio, and the peak of resident memory beside the size of the array of 64-bit numbers
that the table holds.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd

READ_CSV = """
import sys, time
import pandas as pd
start = time.perf_counter()
pd.read_csv(sys.argv[1])
seconds = time.perf_counter() - start
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(seconds, peak.split()[1])
"""


def run(command):
    """The seconds that a process prints, and its peak of memory in MB."""
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    *_, seconds, kilobytes = output.split()
    return float(seconds), int(kilobytes) * 1024 / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--rows", type=int, default=70_000)
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    x = np.random.default_rng(0).normal(size=(options.rows, options.columns))
    names = [f"f{c}" for c in range(options.columns)]
    print("| numbers | MB | pandas, s | disentangle, s | ratio | pandas, MB | disentangle, MB | of the array |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "table.csv")
        for kind in ["float32", "float64"]:
            pd.DataFrame(x.astype(kind), columns=names).to_csv(path, index=False)
            theirs, ours = [], []
            for _ in range(options.runs):
                theirs.append(run([sys.executable, "-c", READ_CSV, path]))
                ours.append(run([options.program, path]))
            seconds = [statistics.median(s for s, _ in side) for side in (theirs, ours)]
            memory = [max(m for _, m in side) for side in (theirs, ours)]
            print(
                f"| {kind} | {os.path.getsize(path) / 1e6:.0f} | {seconds[0]:.3f} | {seconds[1]:.3f} "
                f"| {seconds[1] / seconds[0]:.2f} | {memory[0]:.0f} | {memory[1]:.0f} "
                f"| {memory[1] * 1e6 / (x.size * 8):.2f} × |",
                flush=True,
            )


if __name__ == "__main__":
    main()
