"""Ctrl-C and SIGTERM at random moments of the command line.

    python benchmarks/faults/signals.py [--count 40] [--seed 1]

Each command is started anew and signalled after a random part of the time that it
takes alone. Counts what it left: the exit code (130 or 143, also as the system gives it
in the interpreter's last moments, when the work is done; 0 where it had ended before),
the lines on standard error (one for Ctrl-C), and files that aren't whole. The first
`--start` seconds, in which Python starts and the package is imported, are left out:
what it says there is Python's own.
"""

import argparse
import collections
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import keras_motif as km
from keras_motif.cli import import_keras

COMMANDS = {
    "extract": "extract model.keras data.npy -o out.meme --sites sites.tsv",
    "match": "match motifs.meme -o matches.tsv",
    "report": "report motifs.meme -o report.html",
    "simulate": "simulate --num-sequences 20000 -o data.h5",
    "jaspar list": "jaspar list",
    "help": "--help",
}


def prepare(folder):
    """Write a network, sequences and motifs."""
    keras = import_keras()
    random_numbers = np.random.default_rng(1)
    codes = random_numbers.integers(4, size=(2000, 200))
    np.save(folder / "data.npy", np.eye(4, dtype=np.int8)[codes])
    model = keras.Sequential(
        [keras.Input((200, 4)), keras.layers.Conv1D(30, 19, activation="relu")]
    )
    model.save(folder / "model.keras")
    km.write_meme(km.load_jaspar("JASPAR2016")[:40], folder / "motifs.meme")


def heed():
    """Undo what a parent that ignores Ctrl-C, as a shell may, hands on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def start(words, folder):
    return subprocess.Popen(
        [sys.executable, "-m", "keras_motif", *words.split()],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"},
        preexec_fn=heed,
    )


def judge(process, said, number, folder):
    """Return how a process ended: as it should, before the signal, or what is wrong."""
    code = {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    lines = said.decode().splitlines()
    left = {p.name for p in folder.iterdir() if p.name.startswith(".keras-motif-")}
    if left or process.returncode not in (0, code, -number) or len(lines) > 1:
        return f"exit code {process.returncode}, {len(lines)} lines, left {left}"
    if process.returncode != code:
        return "was done"
    expected = ["Interrupted."] if number == signal.SIGINT else []
    return "as it should" if lines == expected else f"{len(lines)} lines: {lines[-1:]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=40, help="per command")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=float, default=0.15, help="seconds left out")
    args = parser.parse_args()
    draw = random.Random(args.seed)
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        print(f"{'command':<14}{'tries':>6}  how they ended")
        for label, words in COMMANDS.items():
            began = time.perf_counter()
            start(words, folder).communicate()
            whole = time.perf_counter() - began
            ends = collections.Counter()
            for _ in range(args.count):
                number = draw.choice([signal.SIGINT, signal.SIGINT, signal.SIGTERM])
                process = start(words, folder)
                time.sleep(args.start + draw.random() * max(whole - args.start, 0))
                process.send_signal(number)
                _, said = process.communicate()
                ends[judge(process, said, number, folder)] += 1
            failures += sum(ends.values()) - ends["as it should"] - ends["was done"]
            listed = "; ".join(f"{end}: {count}" for end, count in ends.most_common())
            print(f"{label:<14}{args.count:>6}  {listed}", flush=True)
    print(f"failures: {failures}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
