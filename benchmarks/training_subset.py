"""What extractions during training cost, and what `max_sequences` changes in them.

Trains one network; after every epoch several extractors read it, each on another
number of the same test sequences. Times are of the CPU, all threads together, so that
they hold on a busy machine too.

    python benchmarks/training_subset.py
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

import keras_motif as km

LIMITS = (500, 1000, 2000, 4000, None)


class Timed(km.FilterMotifExtractor):
    """Counts the seconds of the CPU that it takes."""

    between = 0.0
    at_end = 0.0

    def on_epoch_end(self, epoch, logs=None):
        """Read the filters, timed."""
        start = time.process_time()
        super().on_epoch_end(epoch, logs)
        self.between += time.process_time() - start

    def on_train_end(self, logs=None):
        """Read the filters on all sequences, timed."""
        start = time.process_time()
        super().on_train_end(logs)
        self.at_end += time.process_time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--num-sequences", type=int, default=60_000)
    parser.add_argument("--num-trained", type=int, default=10_500)
    parser.add_argument("--epochs", type=int, default=20)
    args = parser.parse_args()

    data = km.datasets.synthetic(args.num_sequences)
    keras.utils.set_random_seed(1)
    model = km.models.cnn_2(activation="exponential")
    model.compile(keras.optimizers.Adam(2e-3), "binary_crossentropy")
    extractors = [
        Timed(
            data.test.x,
            database="JASPAR2016",
            relevant=km.datasets.SYNTHETIC_FACTORS,
            every=1,
            max_sequences=limit,
            name=f"of_{limit}",
        )
        for limit in LIMITS
    ]
    start = time.process_time()
    model.fit(
        data.train.x[: args.num_trained],
        data.train.y[: args.num_trained],
        batch_size=100,
        epochs=args.epochs,
        callbacks=extractors,
        verbose=2,
    )
    read = sum(each.between + each.at_end for each in extractors)
    epoch = (time.process_time() - start - read) / args.epochs
    print(f"\n{len(data.test.x)} test sequences; an epoch took {epoch:.2f} s of CPU")
    print(f"{'max_sequences':>14}{'CPU s':>8}{'match':>8}{'relevant':>10}{'same':>7}")
    whole = extractors[-1].history
    for extractor in extractors:
        # The entry of the last epoch is of all sequences.
        part = slice(0, max(args.epochs - 1, 1))
        off = [
            np.abs(
                np.subtract(
                    extractor.history[f"{extractor.name}_{kind}"][part],
                    whole[f"of_None_{kind}"][part],
                )
            ).mean()
            for kind in ("match", "relevant")
        ]
        pairs = zip(
            extractor.history["target"][part], whole["target"][part], strict=True
        )
        same = np.mean([a == b for row in pairs for a, b in zip(*row, strict=True)])
        print(
            f"{extractor.max_sequences!s:>14}{extractor.between / args.epochs:>8.2f}"
            f"{off[0]:>8.3f}{off[1]:>10.3f}{same:>7.2f}"
        )
    print("match, relevant: mean difference of the shares from those of all sequences")
    print("same: share of filters with the best match that all sequences give")


if __name__ == "__main__":
    main()
