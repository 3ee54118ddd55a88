"""Training from a genome on disk against the same windows in memory; and its memory.

    python benchmarks/genome_throughput.py speed [--windows 20000] [--epochs 3]
    python benchmarks/genome_throughput.py reading
    python benchmarks/genome_throughput.py memory

`speed` fits CNN-deep on windows of 200 from a FASTA file, from one compressed by bgzip
and from an array, in turns, under the backend that KERAS_BACKEND names; shares are of
medians over the epochs. `reading` counts windows a second without a network, beside
pyfaidx where it is installed. `memory` covers a genome with 10^5 to 10^7
windows, each in a process of its own, and tells what the process grew by while all its
rows were made and some batches read.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

LENGTH, BATCH = 200, 100


def write_genome(folder, bases, name="genome.fa"):
    """Write a genome of four chromosomes of random bases, 60 a line."""
    random = np.random.default_rng(0)
    path = Path(folder, name)
    with path.open("wb") as file:
        for number in range(4):
            file.write(b">chr%d\n" % (number + 1))
            letters = np.frombuffer(b"ACGT", np.uint8)
            lines = np.full((bases // 240, 61), ord("\n"), dtype=np.uint8)
            lines[:, :60] = letters[random.integers(4, size=(bases // 240, 60))]
            file.write(lines.tobytes())
    return path


def regions(num, bases, seed=1):
    random = np.random.default_rng(seed)
    starts = random.integers(0, bases // 4 - LENGTH - 60, size=num)
    names = random.integers(4, size=num)
    return [
        (f"chr{name + 1}", int(start), int(start) + LENGTH)
        for name, start in zip(names, starts, strict=True)
    ]


def bgzipped(path):
    from Bio import bgzf

    packed = path.with_suffix(".fa.bgz")
    with bgzf.open(packed, "wb") as file:
        file.write(path.read_bytes())
    return packed


def speed(num, epochs):
    import keras
    import pandas as pd

    import keras_motif as km

    with tempfile.TemporaryDirectory() as folder:
        path = write_genome(folder, 100_000_000)
        table = pd.DataFrame(
            regions(num, 100_000_000), columns=["chrom", "start", "end"]
        )
        table["y"] = np.arange(num) % 2
        sources = {}
        for name, file in (("FASTA", path), ("bgzip", bgzipped(path))):
            for workers in (1, 2):
                sources[f"{name}, workers={workers}"] = km.datasets.GenomeSequences(
                    *(file, table),
                    length=LENGTH,
                    labels="y",
                    batch_size=BATCH,
                    shuffle=True,
                    workers=workers,
                )
        first = sources["FASTA, workers=1"]
        held = km.datasets.GenomeSequences(
            path, table, length=LENGTH, labels="y", batch_size=num
        )
        x, y = held[0]
        model = km.models.cnn_deep((LENGTH, 4), 1)
        model.compile("adam", "binary_crossentropy")
        model.fit(first, epochs=1, verbose=0)  # what is compiled once
        model.fit(x, y, batch_size=BATCH, epochs=1, verbose=0)
        seconds = {name: [] for name in ("array", *sources)}
        for _ in range(epochs):
            for name in seconds:
                data = (x, y) if name == "array" else (sources[name],)
                options = {"batch_size": BATCH} if name == "array" else {}
                start = time.perf_counter()
                model.fit(*data, epochs=1, verbose=0, **options)
                seconds[name].append(time.perf_counter() - start)
        print(f"{keras.backend.backend()}: {num} windows of {LENGTH}, CNN-deep")
        array = np.median(seconds["array"])
        for name, taken in seconds.items():
            print(
                f"  {name:<20}{num / np.median(taken):>9,.0f} windows/s"
                f"{array / np.median(taken):>7.2f} of the array's"
            )


def reading():
    import keras_motif as km

    bases, num = 100_000_000, 50_000
    with tempfile.TemporaryDirectory() as folder:
        path = write_genome(folder, bases)
        rows = regions(num, bases)
        for file in (path, bgzipped(path)):
            data = km.datasets.GenomeSequences(
                file, rows, length=LENGTH, batch_size=BATCH
            )
            start = time.perf_counter()
            for index in range(data.num_batches):
                data[index]
            taken = time.perf_counter() - start
            print(f"  GenomeSequences, {file.suffix:<6}{num / taken:>10,.0f} windows/s")
        with contextlib.suppress(ImportError):
            import pyfaidx

            genome = pyfaidx.Fasta(str(path), as_raw=True, sequence_always_upper=True)
            start = time.perf_counter()
            for first in range(0, num, BATCH):
                km.one_hot(
                    [genome[n][s:e] for n, s, e in rows[first : first + BATCH]],
                    dtype="float32",
                )
            taken = time.perf_counter() - start
            print(f"  pyfaidx and one_hot    {num / taken:>10,.0f} windows/s")


GROWTH = """
import resource, sys
import keras_motif as km
path, step = sys.argv[1], int(sys.argv[2])
def anonymous():
    for line in open("/proc/self/status"):
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
km.datasets.GenomeSequences(path, length=200, step=10_000_000)[0]
before = anonymous()
data = km.datasets.GenomeSequences(
    path, length=200, step=step, shuffle=True, strands="random", jitter=9
)
for index in range(0, data.num_batches, max(1, data.num_batches // 500)):
    data[index]
data.on_epoch_end()
grown = anonymous() - before
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{data.num_windows:>12,}{grown:>10.1f}{grown * 2**20 / data.num_windows:>8.1f}"
      f"{peak:>8.0f}")
"""


def memory():
    bases = 100_000_000
    print(f"{'windows':>12}{'MiB':>10}{'B each':>8}{'peak':>8}")
    with tempfile.TemporaryDirectory() as folder:
        path = write_genome(folder, bases)
        for step in (1000, 100, 10):
            subprocess.run([sys.executable, "-c", GROWTH, path, str(step)], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["speed", "reading", "memory"])
    parser.add_argument("--windows", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=3)
    args = parser.parse_args()
    if args.what == "speed":
        speed(args.windows, args.epochs)
    elif args.what == "reading":
        reading()
    else:
        memory()


if __name__ == "__main__":
    main()
