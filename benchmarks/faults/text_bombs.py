"""Small text files that would grow without end: time and memory until they are refused.

    python benchmarks/faults/text_bombs.py

Each is read in a process of its own by every public reader of its format.
"""

import gzip
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = str(Path(__file__).parents[2] / "tests")
READ = """
import sys, warnings
sys.path.insert(0, sys.argv[1])
from support.text_faults import read
warnings.simplefilter("ignore")
try:
    read(*sys.argv[2:])
except ValueError as error:
    print(str(error).replace(sys.argv[3], "PATH")[:90])
else:
    print("read")
import resource
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
MEME = b"MEME version 4\n\nALPHABET= ACGT\n\n"
BOMBS = {
    "200 MB of newlines, gz": (
        "MEME",
        lambda: gzip.compress(MEME + b"\n" * 200_000_000),
    ),
    "a name of 200 MB, gz": (
        "MEME",
        lambda: gzip.compress(MEME + b"MOTIF " + b"a" * 200_000_000),
    ),
    "70 MB of motifs": ("MEME", lambda: MEME + b"MOTIF a\n" * 9_000_000),
    "newlines, gz, FASTA": (
        "FASTA",
        lambda: gzip.compress(b">a\n" + b"\n" * 200_000_000),
    ),
    "a header of 200 MB": ("FASTA", lambda: b">" + b"a" * 200_000_000),
    "1.2 GB of A on a line, gz": (
        "FASTA",
        lambda: gzip.compress(b">a\n" + b"A" * 1_200_000_000, 1),
    ),
    "newlines, gz, table": ("TSV", lambda: gzip.compress(b"\n" * 200_000_000)),
    "a row of 100 MB": (
        "TSV",
        lambda: b"sequence\tlabels\tgroup\n" + b"A" * 100_000_000,
    ),
    "1 million labels": (
        "CSV",
        lambda: (
            b"sequence,labels,group\n"
            + b"".join(b"ACGTA,l%d,g\n" % number for number in range(1_000_000))
        ),
    ),
}


def main():
    print(f"{'bomb':<28}{'MB':>8}{'seconds':>9}{'MiB':>7}  answer")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bomb")
        for name, (kind, make) in BOMBS.items():
            path.write_bytes(make())
            start = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", READ, TESTS, kind, path],
                capture_output=True,
                text=True,
                preexec_fn=lambda: resource.setrlimit(
                    resource.RLIMIT_AS, (2**33, 2**33)
                ),
            )
            seconds = time.perf_counter() - start
            size = path.stat().st_size / 1e6
            lines = done.stdout.splitlines() or [done.stderr.strip()[-90:], "0"]
            print(
                f"{name:<28}{size:>8.1f}{seconds:>9.1f}{lines[-1]:>7}  {lines[0]}",
                flush=True,
            )


if __name__ == "__main__":
    main()
