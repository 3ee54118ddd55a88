"""Small binary files that would grow without end: time and memory until refused.

    python benchmarks/faults/binary_bombs.py

Each is read in a process of its own, within 12 GiB and 120 s; the memory is what
came on top of a valid file of its kind. Ends with status 1 where one is read, dies, or
takes more than 1 GiB.
"""

import io
import json
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from pathlib import Path

import h5py
import numpy as np
import scipy.io

sys.path.insert(0, TESTS := str(Path(__file__).parents[2] / "tests"))

from support.binary_faults import KINDS

ROWS, SHAPE = 4_000_000_000, (1000, 4, 20)
READ = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from support.binary_faults import KINDS, fresh, read
kind, path = sys.argv[2], Path(sys.argv[3])
name, make, _ = KINDS[kind]
whole = fresh(path.parent / "whole") / name
make(whole)
read(kind, whole)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
try:
    read(kind, path)
except ValueError as error:
    said = "refused: " + str(error).replace(str(path), "FILE")[:60]
else:
    said = "READ"
print(peak() - before, said)
"""
SECONDS, MEBIBYTES, LIMIT = 120, 1024, 12 * 2**30


def constant(num):
    """Return so many bytes of zeros, packed."""
    packer = zlib.compressobj()
    parts = [packer.compress(bytes(2**20)) for _ in range(num // 2**20)]
    return b"".join(parts) + packer.flush()


def replaced(path, **options):
    """Put another X_test into a file of the study's layout; return it, open."""
    file = h5py.File(path, "a")
    del file["X_test"]
    return file, file.create_dataset("X_test", dtype="i1", **options)


def declared_rows(path):
    replaced(path, shape=(ROWS, 4, 20), chunks=SHAPE)[0].close()


def many_chunks(path):
    replaced(path, shape=(6_000_000, 4, 20), chunks=(1, 1, 1))[0].close()


def large_chunk(path):
    large = (10_000_000, 4, 20)
    replaced(path, shape=(6, 4, 20), maxshape=large, chunks=large)[0].close()


def constant_chunks(path):
    file, stored = replaced(
        path, shape=(10**7, 4, 20), chunks=(10**5, 4, 20), compression="gzip"
    )
    packed = zlib.compress(bytes(8 * 10**6))
    for start in range(0, 10**7, 10**5):
        stored.id.write_direct_chunk((start, 0, 0), packed)
    file.close()


def overfull_chunk(path):
    file, stored = replaced(path, shape=SHAPE, chunks=SHAPE, compression="gzip")
    stored.id.write_direct_chunk((0, 0, 0), constant(4 * 2**30))
    file.close()


def declared_pattern(path):
    with h5py.File(path, "a") as file:
        del file["pos_patterns/pattern_0/sequence"]
        file.create_dataset("pos_patterns/pattern_0/sequence", (ROWS, 4), chunks=(9, 4))


def linked_zeros(path):
    with h5py.File(path, "a") as file:
        del file["X_test"]
        everything = [("/dev/zero", 0, h5py.h5f.UNLIMITED)]
        file.create_dataset("X_test", (ROWS, 4, 20), "i1", external=everything)


def packed_array(path):
    header = io.BytesIO()
    shape = {"descr": "|i1", "fortran_order": False, "shape": (50_000_000, 4, 20)}
    np.lib.format.write_array_header_1_0(header, shape)
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("arr_0.npy", "w", force_zip64=True) as file,
    ):
        file.write(header.getvalue())
        for _ in range(4000):
            file.write(bytes(1_000_000))


def declared_array(path):
    with path.open("wb") as file:
        shape = {"descr": "|i1", "fortran_order": False, "shape": (ROWS, 4, 20)}
        np.lib.format.write_array_header_1_0(file, shape)


def packed_matlab(path):
    empty = np.zeros((8, 8))
    scipy.io.savemat(path, {"validxdata": empty})
    head, plain = path.read_bytes()[:128], bytearray(path.read_bytes()[128:])
    at = plain.index(struct.pack("<ii", 8, 8))
    plain[at : at + 8] = struct.pack("<ii", 8, 2**26 - 1)
    tag = plain.index(struct.pack("<II", 9, 512))
    plain[tag : tag + 8] = struct.pack("<II", 9, 2**32 - 64)
    packer = zlib.compressobj()
    packed = packer.compress(bytes(plain))
    packed += b"".join(packer.compress(bytes(2**20)) for _ in range(2**12))
    packed += packer.flush()
    scipy.io.savemat(path, {"validdata": empty})
    small = path.read_bytes()[128:]
    path.write_bytes(head + struct.pack("<II", 15, len(packed)) + packed + small)


def rewritten(path, **entries):
    with zipfile.ZipFile(path) as old:
        kept = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in {**kept, **entries}.items():
            new.writestr(name, content)


def long_configuration(path):
    rewritten(path, **{"config.json": b" " * 500_000_000})


def many_lists(path):
    rewritten(path, **{"config.json": "[" + "[]," * 2_700_000 + "[]]"})


def deep_configuration(path):
    rewritten(path, **{"config.json": "[" * 1_000_000})


def many_filters(path):
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    for layer in config["config"]["layers"]:
        if "filters" in layer["config"]:
            layer["config"]["filters"] = 200_000_000
    rewritten(path, **{"config.json": json.dumps(config)})


def declared_weights(path):
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file.create_dataset("layers/conv1d/vars/0", (ROWS, 4), chunks=(1000, 4))
    rewritten(path, **{"model.weights.h5": weights.getvalue()})


BOMBS = {
    "4e9 rows of no chunk": ("study", declared_rows),
    "4e9 rows, streamed": ("sequences", declared_rows),
    "480 million chunks": ("study", many_chunks),
    "a chunk of 800 MB": ("study", large_chunk),
    "100 chunks of zeros, gzip": ("study", constant_chunks),
    "a chunk that unpacks to 4 GiB": ("study", overfull_chunk),
    "the same, streamed": ("sequences", overfull_chunk),
    "values from /dev/zero": ("study", linked_zeros),
    "a pattern of 4e9 positions": ("patterns", declared_pattern),
    "4 GB of zeros, npz": ("npz", packed_array),
    "4e9 rows, npy": ("npy", declared_array),
    "4 GiB of zeros, MATLAB 5": ("MATLAB 5", packed_matlab),
    "500 MB of configuration": ("keras", long_configuration),
    "2.7 million lists": ("keras", many_lists),
    "a million lists, nested": ("keras", deep_configuration),
    "200 million filters": ("keras", many_filters),
    "4e9 rows of weights": ("keras", declared_weights),
}


def limit():
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))


def main():
    print(f"{'bomb':<31}{'kB':>8}{'seconds':>9}{'MiB':>7}  answer")
    failures = 0
    for name, (kind, make) in BOMBS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, KINDS[kind][0])
            KINDS[kind][1](path)
            make(path)
            start = time.perf_counter()
            try:
                done = subprocess.run(
                    [sys.executable, "-c", READ, TESTS, kind, path],
                    capture_output=True,
                    text=True,
                    timeout=SECONDS,
                    preexec_fn=limit,
                )
                said = done.stdout.strip() or f"0 DIED: {done.stderr[-60:]!r}"
            except subprocess.TimeoutExpired:
                said = "0 HUNG"
            seconds = time.perf_counter() - start
            memory, answer = said.splitlines()[-1].split(" ", 1)
            is_good = answer.startswith("refused") and int(memory) <= MEBIBYTES
            failures += not is_good
            size = path.stat().st_size / 1000
        print(f"{name:<31}{size:>8.0f}{seconds:>9.1f}{memory:>7}  {answer}", flush=True)
    print(f"failures: {failures}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
