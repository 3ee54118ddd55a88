"""Time and memory of extraction, against the plain approach, in one run.

The plain approach predicts all maps, then loops over filters and sites. The network is
untrained, with ReLU: the hardest case, since many positions pass the threshold. The
rows of a round are measured one after the other, so that a noisy machine is noisy for
all of them.

    python benchmarks/extraction_speed.py
"""

import argparse
import os
import statistics
import time
import tracemalloc

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

import keras_motif as km

WIDTH = 19
BATCH = 512


def forward(maps_model, x):
    """Run the network, and keep nothing."""
    for start in range(0, len(x), BATCH):
        maps_model(x[start : start + BATCH].astype("float32"), training=False)


def plain_counts(maps_model, x):
    maps = maps_model.predict(x, batch_size=BATCH, verbose=0)
    counts = []
    for index in range(maps.shape[2]):
        single = maps[:, :, index]
        total = np.zeros((WIDTH, 4))
        for row, position in np.argwhere(single > 0.5 * single.max()):
            start = position - WIDTH // 2
            if start >= 0 and start + WIDTH <= x.shape[1]:
                total += x[row, start : start + WIDTH]
        counts.append(total)
    return counts


def timed(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def peak_of(function):
    """Return the peak of Python's memory in MiB."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="tiny, to see it run")
    args = parser.parse_args()
    size, repeats = (200, 1) if args.smoke else (6000, 11)
    keras.utils.set_random_seed(0)
    x = np.eye(4, dtype=np.int8)[np.random.default_rng(0).integers(4, size=(size, 200))]
    model = km.models.cnn_2(activation="relu")
    maps = keras.Model(model.inputs[0], model.get_layer("first_activation").output)
    rows = {
        "forward, nothing kept": lambda: forward(maps, x),
        "predict, maps kept": lambda: maps.predict(x, batch_size=BATCH, verbose=0),
        "plain approach": lambda: plain_counts(maps, x),
        "extract_motifs": lambda: km.extract_motifs(model, x),
    }
    results = {name: function() for name, function in rows.items()}
    seconds = {name: [] for name in rows}
    for _ in range(repeats):
        for name, function in rows.items():
            seconds[name].append(timed(function))
    print(f"{size} sequences of 200 nt, 30 filters of {WIDTH}, ReLU, untrained")
    print(f"medians of {repeats} rounds; ratio to predict, median of the rounds'")
    print(f"{'':<24}{'seconds':>10}{'ratio':>8}{'peak MiB':>10}")
    for name, function in rows.items():
        pairs = zip(seconds[name], seconds["predict, maps kept"], strict=True)
        ratio = statistics.median(one / other for one, other in pairs)
        median = statistics.median(seconds[name])
        print(f"{name:<24}{median:>10.3f}{ratio:>8.2f}{peak_of(function):>10.1f}")
    same = all(
        np.array_equal(motif.frequencies, count / count.sum(axis=1, keepdims=True))
        for motif, count in zip(
            results["extract_motifs"], results["plain approach"], strict=True
        )
    )
    print(f"same counts: {same}")


if __name__ == "__main__":
    main()
