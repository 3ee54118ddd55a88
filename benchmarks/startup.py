"""What a new process waits for: the import, and JASPAR at the second call.

Each line is the median of several new processes, less that of a process that runs the
line's peer.

    python benchmarks/startup.py
"""

import os
import statistics
import subprocess
import sys
import time

REPEATS = 7
ROWS = [
    ("import keras_motif", "import keras", "import keras_motif"),
    (
        "load_jaspar, second call",
        "import numpy; import keras_motif.jaspar",
        "import numpy; import keras_motif.jaspar as j; j.load_jaspar()",
    ),
]


def seconds(code):
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"},
    )
    return time.perf_counter() - start


def main():
    print(f"{'':<28}{'peer':>8}{'ours':>8}{'more':>8}   seconds")
    for name, peer, ours in ROWS:
        seconds(ours)  # fills the caches
        # In turn, so that a busy machine slows both.
        pairs = [(seconds(peer), seconds(ours)) for _ in range(REPEATS)]
        base, own = (statistics.median(column) for column in zip(*pairs, strict=True))
        more = statistics.median(mine - theirs for theirs, mine in pairs)
        print(f"{name:<28}{base:>8.2f}{own:>8.2f}{more:>8.2f}")


if __name__ == "__main__":
    main()
