"""Time and memory of extraction, against the plain approach, in one run.

The plain approach predicts all maps, then loops over filters and sites. The network is
untrained, with ReLU: the hardest case, since many positions pass the threshold.

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


def plain_counts(maps_model, x):
    maps = maps_model.predict(x, batch_size=512, verbose=0)
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


def measure(function, repeats):
    """Return the median of seconds, the peak of Python's memory, and the result."""
    result, seconds = function(), []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return statistics.median(seconds), peak / 2**20, result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="tiny, to see it run")
    args = parser.parse_args()
    size, repeats = (200, 1) if args.smoke else (6000, 5)
    keras.utils.set_random_seed(0)
    x = np.eye(4, dtype=np.int8)[np.random.default_rng(0).integers(4, size=(size, 200))]
    model = km.models.cnn_2(activation="relu")
    maps = keras.Model(model.inputs[0], model.get_layer("first_activation").output)
    rows = {
        "predict, maps kept": lambda: maps.predict(x, batch_size=512, verbose=0),
        "plain approach": lambda: plain_counts(maps, x),
        "extract_motifs": lambda: km.extract_motifs(model, x),
    }
    print(f"{size} sequences of 200 nt, 30 filters of {WIDTH}, ReLU, untrained")
    print(f"{'':<20}{'seconds':>10}{'peak MiB':>10}{'ratio':>8}")
    results, base = {}, None
    for name, function in rows.items():
        seconds, peak, results[name] = measure(function, repeats)
        base = base or seconds
        print(f"{name:<20}{seconds:>10.3f}{peak:>10.1f}{seconds / base:>8.2f}")
    same = all(
        np.allclose(motif.frequencies, count / count.sum(axis=1, keepdims=True))
        for motif, count in zip(
            results["extract_motifs"], results["plain approach"], strict=True
        )
    )
    print(f"same counts: {same}")


if __name__ == "__main__":
    main()
