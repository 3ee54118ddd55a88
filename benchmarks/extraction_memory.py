"""Memory of extraction against the number of sequences, from an HDF5 file on disk.

Each measurement is a process of its own that reads a file of the study's layout and
reports by how much its memory grew above that of the imports and the model. The peer,
`predict` of all maps, runs where its maps take less than 4 GiB.

    python benchmarks/extraction_memory.py
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras
import numpy as np

import keras_motif as km

LENGTH = 200
LARGEST_MAPS = 4 * 2**30


def write(path, size):
    random = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        shape, chunks = (size, 4, LENGTH), (min(size, 1000), 4, LENGTH)
        data = file.create_dataset("X", shape, np.int8, chunks=chunks)
        for start in range(0, size, 10_000):
            codes = random.integers(4, size=(min(10_000, size - start), LENGTH))
            data[start : start + len(codes)] = np.eye(4, dtype=np.int8)[
                codes
            ].transpose(0, 2, 1)


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def measure(path, way, activation):
    keras.utils.set_random_seed(0)
    model = km.models.cnn_2(activation=activation)
    warm = np.eye(4, dtype=np.int8)[np.zeros((2, LENGTH), dtype=int)]
    km.extract_motifs(model, warm)
    before = peak()
    start = time.perf_counter()
    with h5py.File(path) as file:
        if way == "extract_motifs":
            motifs = km.extract_motifs(model, file["X"])
            sites = sum(motif.num_sites for motif in motifs)
        else:
            layer = model.get_layer("first_activation")
            maps = keras.Model(model.inputs[0], layer.output)
            x = file["X"][:].transpose(0, 2, 1)
            sites = len(maps.predict(x, batch_size=512, verbose=0))
    seconds = time.perf_counter() - start
    print(f"{peak() - before:.0f} {seconds:.1f} {sites}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    sizes = [10_000, 100_000, 1_000_000]
    parser.add_argument("--sizes", nargs="+", type=int, default=sizes)
    parser.add_argument("--activation", default="relu")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        measure(*args.measure, args.activation)
        return
    print(f"CNN-2, untrained, {args.activation}, 30 filters; sequences of {LENGTH} nt")
    print(f"{'':<18}{'sequences':>10}{'MiB above':>11}{'seconds':>9}{'sites':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for size in args.sizes:
            path = Path(folder) / "x.h5"
            write(path, size)
            for way in ("extract_motifs", "predict"):
                if way == "predict" and size * LENGTH * 30 * 4 > LARGEST_MAPS:
                    continue
                command = [sys.executable, __file__, "--activation", args.activation]
                done = subprocess.run(
                    [*command, "--measure", str(path), way],
                    capture_output=True,
                    text=True,
                    check=True,
                )
                memory, seconds, sites = done.stdout.split()
                shown = sites if way == "extract_motifs" else "-"
                print(f"{way:<18}{size:>10}{memory:>11}{seconds:>9}{shown:>12}")


if __name__ == "__main__":
    main()
