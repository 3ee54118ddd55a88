"""What a new process waits for: the import, and JASPAR at the second call.

Medians over new processes; each times the peer and then, on top of it, ours.

    python benchmarks/startup.py
"""

import os
import statistics
import subprocess
import sys

REPEATS = 7
ROWS = {
    "import keras_motif": ("import keras", "import keras_motif"),
    "load_jaspar, second call": (
        "import pyjaspar\n"
        "pyjaspar.jaspardb(release='JASPAR2026').fetch_motifs("
        "collection='CORE', tax_group='vertebrates')\n"
        "import keras_motif",
        "keras_motif.load_jaspar('JASPAR2026')",
    ),
}
TIMED = """
import time
a = time.perf_counter()
{peer}
b = time.perf_counter()
{ours}
print(b - a, time.perf_counter() - b)
"""


def seconds(peer, ours):
    """Return what the peer took in a new process, and ours after it."""
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(peer=peer, ours=ours)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"},
    )
    return [float(word) for word in done.stdout.split()[-2:]]


def main():
    print(f"{'':<28}{'peer':>8}{'ours':>8}   seconds")
    for name, (peer, ours) in ROWS.items():
        seconds(peer, ours)  # fills the caches
        runs = [seconds(peer, ours) for _ in range(REPEATS)]
        base, own = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"{name:<28}{base:>8.2f}{own:>8.2f}")
    print("peers: import keras; pyjaspar's own fetch of the release, with the imports")


if __name__ == "__main__":
    main()
