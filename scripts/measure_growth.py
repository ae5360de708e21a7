#!/usr/bin/env python3
"""How time and memory of a map grow with the number of samples.

    scripts/measure_growth.py target/release/disentangle features.npy [--sizes 10000,70000,…]

Takes the first n rows of the file for each n and makes two maps of each with `embed`, of 250 and of
750 iterations (250 of them early, momentum 0.8, so that all sizes do the same work). The difference is
the time of 500 iterations of a map that has unfolded. Prints seconds from file to map, milliseconds
per iteration, the peak of resident memory, and the exponent of the growth from one size to the next.
"""

import argparse
import math
import os
import subprocess
import tempfile
import time

import numpy as np


def timed(command):
    before = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return time.monotonic() - before, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("features")
    parser.add_argument("--sizes", default="1000,3000,10000,30000,70000")
    parser.add_argument("--threads", default="2")
    options = parser.parse_args()
    features = np.load(options.features, mmap_mode="r")
    print("| samples | seconds, 750 iterations | ms per iteration | exponent | MB |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    last = None
    with tempfile.TemporaryDirectory() as folder:
        path, out = os.path.join(folder, "x.npy"), os.path.join(folder, "map.npy")
        for n in [int(size) for size in options.sizes.split(",")]:
            np.save(path, np.ascontiguousarray(features[:n], dtype=np.float32))
            seconds = {}
            for iterations in [250, 750]:
                seconds[iterations], megabytes = timed(
                    [options.program, "embed", path, "-o", out, "--force", "--threads", options.threads]
                    + ["--iterations", str(iterations), "--early-iterations", "250"]
                    + ["--early-exaggeration", "12", "--momentum", "0.8"]
                )
            each = (seconds[750] - seconds[250]) / 500 * 1000
            exponent = "" if last is None else f"{math.log(each / last[1]) / math.log(n / last[0]):.2f}"
            print(f"| {n:,} | {seconds[750]:.2f} | {each:.2f} | {exponent} | {megabytes:.0f} |", flush=True)
            last = (n, each)


if __name__ == "__main__":
    main()
