"""Time of extraction against the forward pass, and against the plain approach.

Untrained networks of several sizes, whose densities of sites differ: with an
exponential nearly every position is a site. The rows of a round are measured one after
the other, so that a noisy machine is noisy for all of them.

    python benchmarks/extraction_speed.py
    KERAS_BACKEND=jax python benchmarks/extraction_speed.py
    python benchmarks/extraction_speed.py --options
    python benchmarks/extraction_speed.py --plain
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

BATCH = 512
# Filters, their width, sequences, their length, activation.
NETWORKS = [
    (30, 19, 6000, 200, "relu"),
    (300, 19, 1500, 600, "sparse"),
    (300, 19, 1500, 600, "relu"),
    (300, 19, 1500, 600, "exponential"),
    (512, 21, 300, 2114, "relu"),
    (1024, 17, 500, 500, "exponential"),
]
OPTIONS = {
    "all sites": {},
    "select best": {"select": "best"},
    "weighted": {"weighted": True},
    "both strands": {"reverse_complement": True},
    "window of 25": {"window": 25},
    "released": {"compat": "released"},
    "one-shot source": {"one_shot": True},
    "with N": {"unknown": True},
}


def network(filters, width, length, activation):
    """Return a model and the part of it that makes the maps."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((length, 4))
    kind = "relu" if activation == "sparse" else activation
    conv = keras.layers.Conv1D(filters, width, padding="same", activation=kind)
    maps = conv(inputs)
    outputs = keras.layers.Dense(1)(keras.layers.GlobalMaxPooling1D()(maps))
    if activation == "sparse":  # few positions are above 0 at all
        kernel, bias = conv.get_weights()
        spread = kernel.std() * width**0.5
        conv.set_weights([kernel, bias - 3.5 * spread])
    return keras.Model(inputs, outputs), keras.Model(inputs, maps)


def random_sequences(number, length, seed=0):
    codes = np.random.default_rng(seed).integers(4, size=(number, length))
    return np.eye(4, dtype=np.int8)[codes]


def forward(maps, x):
    """Run the network, and keep nothing."""
    for start in range(0, len(x), BATCH):
        values = maps(x[start : start + BATCH].astype("float32"), training=False)
    if keras.backend.backend() == "jax":
        values.block_until_ready()


def plain_counts(maps, x, width):
    values = maps.predict(x, batch_size=BATCH, verbose=0)
    counts = []
    for index in range(values.shape[2]):
        single = values[:, :, index]
        total = np.zeros((width, 4))
        for row, position in np.argwhere(single > 0.5 * single.max()):
            start = position - width // 2
            if start >= 0 and start + width <= x.shape[1]:
                total += x[row, start : start + width]
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


def rounds(rows, repeats):
    """Return the seconds of each row, measured in turn."""
    for function in rows.values():
        function()
    seconds = {name: [] for name in rows}
    for _ in range(repeats):
        for name, function in rows.items():
            seconds[name].append(timed(function))
    return seconds


def ratio(ours, theirs):
    return statistics.median(x / y for x, y in zip(ours, theirs, strict=True))


def compare_networks(repeats, scale):
    print(f"{keras.backend.backend()}, medians of {repeats} rounds")
    print(f"{'network':<40}{'sites':>14}{'extract':>9}{'forward':>9}{'ratio':>7}")
    for filters, width, number, length, activation in NETWORKS:
        model, maps = network(filters, width, length, activation)
        x = random_sequences(max(2, number // scale), length)
        sites = sum(motif.num_sites for motif in km.extract_motifs(model, x))
        seconds = rounds(
            {
                "forward": lambda x=x, maps=maps: forward(maps, x),
                "extract": lambda x=x, model=model: km.extract_motifs(model, x),
            },
            repeats,
        )
        name = f"{filters} of {width}, {len(x)} x {length}, {activation}"
        print(
            f"{name:<40}{sites:>14,}{statistics.median(seconds['extract']):>9.3f}"
            f"{statistics.median(seconds['forward']):>9.3f}"
            f"{ratio(seconds['extract'], seconds['forward']):>7.2f}",
            flush=True,
        )


def extract_with(model, x, *, one_shot=False, unknown=False, **options):
    if unknown:
        x = x.copy()
        x[:, ::50] = 0
    parts = (x[i : i + 100] for i in range(0, len(x), 100)) if one_shot else x
    return km.extract_motifs(model, parts, **options)


def compare_options(repeats, scale):
    """Measure each option; run it with an earlier version on the path to compare."""
    x = random_sequences(max(2, 1500 // scale), 200)
    for activation in ("relu", "exponential"):
        model, _ = network(100, 19, 200, activation)
        print(f"\n{keras.backend.backend()}, 100 of 19, {len(x)} x 200, {activation}")
        rows = {
            name: lambda options=options, model=model: extract_with(model, x, **options)
            for name, options in OPTIONS.items()
        }
        for name, seconds in rounds(rows, repeats).items():
            print(f"{name:<24}{statistics.median(seconds):>9.3f}", flush=True)


def compare_with_plain(repeats, scale):
    width, size = 19, 6000 // scale
    x = random_sequences(size, 200)
    keras.utils.set_random_seed(0)
    model = km.models.cnn_2(activation="relu")
    maps = keras.Model(model.inputs[0], model.get_layer("first_activation").output)
    rows = {
        "forward, nothing kept": lambda: forward(maps, x),
        "predict, maps kept": lambda: maps.predict(x, batch_size=BATCH, verbose=0),
        "plain approach": lambda: plain_counts(maps, x, width),
        "extract_motifs": lambda: km.extract_motifs(model, x),
    }
    plain, ours = rows["plain approach"](), rows["extract_motifs"]()
    seconds = rounds(rows, repeats)
    print(f"{size} sequences of 200 nt, 30 filters of {width}, ReLU, untrained")
    print(f"medians of {repeats} rounds; ratio to predict, median of the rounds'")
    print(f"{'':<24}{'seconds':>10}{'ratio':>8}{'peak MiB':>10}")
    for name, function in rows.items():
        share = ratio(seconds[name], seconds["predict, maps kept"])
        median = statistics.median(seconds[name])
        print(f"{name:<24}{median:>10.3f}{share:>8.2f}{peak_of(function):>10.1f}")
    same = all(
        np.array_equal(motif.frequencies, count / count.sum(axis=1, keepdims=True))
        for motif, count in zip(ours, plain, strict=True)
    )
    print(f"same counts: {same}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="tiny, to see it run")
    parser.add_argument("--options", action="store_true", help="one row an option")
    parser.add_argument("--plain", action="store_true", help="against a plain loop")
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    scale, repeats = (30, 1) if args.smoke else (1, args.rounds)
    if args.options or args.smoke:
        compare_options(repeats, scale)
    if args.plain or args.smoke:
        compare_with_plain(repeats, scale)
    if args.smoke or not (args.options or args.plain):
        compare_networks(repeats, scale)


if __name__ == "__main__":
    main()
