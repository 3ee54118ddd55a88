"""What the callback costs where filters are many: each epoch, and when training ends.

python benchmarks/callback_cost.py epochs      # every=1, in a training of 300 filters
python benchmarks/callback_cost.py last_step   # 1,024 filters, all with a name
"""

import argparse
import os
import statistics
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

import keras_motif as km


class Timed(km.FilterMotifExtractor):
    """Keeps the seconds that each reading takes, by the clock."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.seconds = {"epoch": [], "end": []}

    def on_epoch_end(self, epoch, logs=None):
        """Read the filters, timed."""
        start = time.perf_counter()
        super().on_epoch_end(epoch, logs)
        self.seconds["epoch"].append(time.perf_counter() - start)

    def on_train_end(self, logs=None):
        """Read the filters and write all files, timed."""
        start = time.perf_counter()
        super().on_train_end(logs)
        self.seconds["end"].append(time.perf_counter() - start)


class Clock(keras.callbacks.Callback):
    """Keeps the seconds of each epoch, without those of callbacks behind it."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        """Note the time."""
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Keep the seconds."""
        self.seconds.append(time.perf_counter() - self.start)


def network(num_filters, length, activation):
    """A first layer of motifs, and as little as possible behind it."""
    model = keras.Sequential(
        [
            keras.Input((length, 4)),
            keras.layers.Conv1D(num_filters, 19, padding="same", use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.Activation(activation),
            keras.layers.MaxPooling1D(25),
            keras.layers.Flatten(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy")
    return model


def random_data(num_sequences, length):
    """Random sequences and labels."""
    random = np.random.default_rng(0)
    codes = random.integers(0, 4, (num_sequences, length))
    return np.eye(4, dtype="float32")[codes], random.integers(0, 2, num_sequences)


def epochs(num_filters, num_sequences, length, num_epochs):
    """Print an epoch's seconds, and those of the reading behind it."""
    x, y = random_data(num_sequences, length)
    print(f"{num_filters} filters, {num_sequences} x {length} nt, every=1")
    print(f"{'activation':14}{'epoch, s':>10}{'callback, s':>13}{'share':>8}")
    for activation in ("relu", "exponential"):
        model = network(num_filters, length, activation)
        clock, extractor = Clock(), Timed(x, every=1)
        model.fit(
            x,
            y,
            batch_size=100,
            epochs=num_epochs,
            callbacks=[clock, extractor],
            verbose=0,
        )
        # The first epoch compiles.
        epoch = statistics.median(clock.seconds[1:])
        reading = statistics.median(extractor.seconds["epoch"][1:])
        print(f"{activation:14}{epoch:10.2f}{reading:13.2f}{reading / epoch:8.1%}")


def last_step(num_filters, num_sequences, length):
    """Print the seconds from the last epoch's end to the last file."""
    x, y = random_data(num_sequences, length)
    model = network(num_filters, length, "relu")
    kernel = np.full((19, 4, num_filters), -0.1)
    known = km.load_jaspar("JASPAR2016")
    for number in range(num_filters):
        frequencies = known[number % len(known)].frequencies[:19]
        kernel[: len(frequencies), :, number] = np.log((frequencies + 0.01) / 0.26)
    model.layers[0].set_weights([kernel])
    with tempfile.TemporaryDirectory() as folder:
        extractor = Timed(x, labels=y[:, None], output_dir=folder)
        extractor.set_params({"epochs": 1})
        extractor.set_model(model)
        extractor.on_train_begin()
        extractor.on_train_end()
    named = int(extractor.fractions.any * num_filters)
    print(f"{num_filters} filters, {named} with a name, {num_sequences} x {length} nt:")
    print(f"{extractor.seconds['end'][0]:.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["epochs", "last_step"])
    parser.add_argument("--smoke", action="store_true", help="tiny, to see it run")
    args = parser.parse_args()
    if args.what == "epochs":
        epochs(*((4, 200, 50, 3) if args.smoke else (300, 20_000, 600, 4)))
    else:
        last_step(*((8, 200, 50) if args.smoke else (1024, 6000, 200)))


if __name__ == "__main__":
    main()
