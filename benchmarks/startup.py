"""What a new process costs before it does any work: imports, commands, JASPAR.

CPU seconds (user and system, of the whole process), medians over new processes, beside
what anyone pays in the same run: Python alone, Keras, pyjaspar's own query.

    python benchmarks/startup.py
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

REPEATS = 7
QUERIES = Path(__file__).parents[1] / "tests" / "golden" / "queries32_few.meme"
FETCH = (
    "import pyjaspar\n"
    "pyjaspar.jaspardb(release='JASPAR2026').fetch_motifs("
    "collection='CORE', tax_group='vertebrates')"
)
LOAD = "import keras_motif; keras_motif.load_jaspar('JASPAR2026')"
PROGRAM = ["-m", "keras_motif"]
ROWS = {
    "python alone": ["-c", "pass"],
    "import keras": ["-c", "import keras"],
    "import keras_motif": ["-c", "import keras_motif"],
    "both": ["-c", "import keras_motif, keras"],
    "pyjaspar's own query": ["-c", FETCH],
    "load_jaspar, second call": ["-c", LOAD],
    "keras-motif --help": [*PROGRAM, "--help"],
    "keras-motif mach (a typo)": [*PROGRAM, "mach"],
    "keras-motif jaspar list": [*PROGRAM, "jaspar", "list"],
    "keras-motif match, 32 motifs": [*PROGRAM, "match", str(QUERIES)],
    "keras-motif extract --help": [*PROGRAM, "extract", "--help"],
}


def cpu_seconds(arguments, cwd):
    """Return what a new process took, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        check=False,  # a typo ends with 2
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    with tempfile.TemporaryDirectory() as folder:
        for arguments in ROWS.values():
            cpu_seconds(arguments, folder)  # fills the caches
        # Row by row in each round, so that a busy moment hits all of them.
        rounds = [
            [cpu_seconds(arguments, folder) for arguments in ROWS.values()]
            for _ in range(REPEATS)
        ]
    print(f"{'':<32}{'CPU seconds':>12}")
    for name, seconds in zip(ROWS, zip(*rounds, strict=True), strict=True):
        print(f"{name:<32}{statistics.median(seconds):>12.2f}")


if __name__ == "__main__":
    main()
