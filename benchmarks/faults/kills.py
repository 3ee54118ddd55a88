"""kill -9 at random moments of a training: is every file whole, every epoch kept?

    python benchmarks/faults/kills.py [--count 40] [--seed 1]

A small network trains in a process of its own, with `BackupAndRestore` and
`FilterMotifExtractor(every=1)` in either order, is killed after a random time, looked
at, and started again until it has done its epochs; then a new training begins. Counts
kills, files that were not whole, and epochs missing from histories of finished
trainings. Backups that Keras itself cannot take up are counted apart and removed; with
`double_checkpoint` there should be none.
"""

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import keras_motif as km

EPOCHS = 6
SEQUENCES = 4000

TRAIN = """
import sys
from keras_motif.cli import import_keras
keras = import_keras()
import numpy as np
import keras_motif as km

folder, first, epochs, number = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
keras.utils.set_random_seed(1)
codes = np.random.default_rng(1).integers(4, size=(number, 100))
x = np.eye(4, dtype="int8")[codes]
model = keras.Sequential([
    keras.Input((100, 4)),
    keras.layers.Conv1D(16, 11, activation="exponential"),
    keras.layers.GlobalMaxPooling1D(),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile("adam", "binary_crossentropy")
reader = km.FilterMotifExtractor(
    x, every=1, output_dir=folder + "/motifs", database="JASPAR2016"
)
backup = keras.callbacks.BackupAndRestore(
    folder + "/backup", delete_checkpoint=False, double_checkpoint=True
)
both = [backup, reader] if first == "backup" else [reader, backup]
model.fit(x, codes[:, 0] % 2, epochs=epochs, callbacks=both, verbose=0)
"""


def broken_files(folder):
    """Return the names of files that are not whole."""
    checks = {
        "filters.meme": lambda path: len(km.read_meme(path).motifs) == 16,
        "matches.tsv": lambda path: "# motif_match" in path.read_text(),
        "history.json": lambda path: json.loads(path.read_text())["epoch"],
        "motifs_by_epoch.npz": lambda path: [*np.load(path).values()],
        "logos.png": lambda path: path.read_bytes().endswith(b"IEND\xaeB`\x82"),
        "filmstrip.svg": lambda path: path.read_text().endswith("</svg>"),
        "report.html": lambda path: path.read_text().rstrip().endswith("</html>"),
    }
    broken = []
    for name, is_whole in checks.items():
        try:
            if (folder / name).exists() and not is_whole(folder / name):
                broken.append(name)
        except Exception as error:
            broken.append(f"{name} ({error})")
    return broken


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=40, help="of kills")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    draw = random.Random(args.seed)
    kills = finished = broken = missing = torn = 0
    longest = 20.0  # seconds of a whole training; measured below
    while kills < args.count:
        with tempfile.TemporaryDirectory() as folder:
            first = draw.choice(["backup", "extractor"])
            words = [folder, first, str(EPOCHS), str(SEQUENCES)]
            is_done = False
            while not is_done:
                began = time.perf_counter()
                process = subprocess.Popen(
                    [sys.executable, "-c", TRAIN, *words], stderr=subprocess.DEVNULL
                )
                try:
                    process.wait(timeout=draw.uniform(0.3, 1.1) * longest)
                    is_done = process.returncode == 0
                    if not is_done:
                        torn += 1
                        shutil.rmtree(Path(folder, "backup"))
                    longest = max(3.0, min(longest, time.perf_counter() - began))
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    kills += 1
                found = broken_files(Path(folder, "motifs"))
                broken += len(found)
                if found:
                    print(f"not whole after kill {kills}: {found}", flush=True)
            finished += 1
            history = json.loads(Path(folder, "motifs", "history.json").read_text())
            lost = set(range(EPOCHS)) - set(history["epoch"])
            missing += len(lost)
            if lost:
                print(f"{first} first: epochs {sorted(lost)} are missing", flush=True)
            print(f"{kills} kills, {finished} trainings finished", flush=True)
    print(f"kills: {kills}; trainings finished: {finished}")
    print(f"files not whole: {broken}; epochs missing: {missing}; torn backups: {torn}")
    sys.exit(bool(broken or missing))


if __name__ == "__main__":
    main()
