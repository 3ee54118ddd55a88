"""Your own network on your own sequences: train, read the filters, name them.

    python examples/drop_in.py DATA.h5 --relevant MA0050
    python examples/drop_in.py activity.tsv --labels dev hk

DATA.h5 has the study's layout: X_train, X_valid, X_test (n, 4, length) and Y_* (n,
labels). A table has a column of sequences and one for each label, classes (0 or 1) or
measured values, empty or NA where there is none; it is split at random. The network is
plain Keras; only the callback is of keras-motif. Both strands are trained on.
"""

import argparse
from pathlib import Path

import h5py
import keras
import numpy as np
from keras import layers, ops
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, roc_auc_score

import keras_motif as km


def build(length, num_labels, activation, last):
    """A small network, as you might have it: nothing of keras-motif inside."""
    return keras.Sequential(
        [
            keras.Input((length, 4)),
            layers.Conv1D(30, 19, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Activation(activation),
            layers.Dropout(0.1),
            layers.MaxPooling1D(2),
            layers.Conv1D(128, 5, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Dropout(0.1),
            layers.MaxPooling1D(50),
            layers.Flatten(),
            layers.Dense(256, use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Dropout(0.5),
            layers.Dense(num_labels, activation=last),
        ]
    )


def both_strands(split):
    x = np.concatenate([split.x, km.reverse_complement(split.x)])
    return x, np.concatenate([split.y, split.y])


def load(args):
    """The splits of a file of the study's layout, or of a table of one's own."""
    if h5py.is_hdf5(args.data):
        return km.datasets.load_hdf5(args.data)
    data = km.datasets.load_table(
        args.data, sequence=args.sequence, labels=args.labels, length=args.length
    )
    return km.datasets.split_data(data, seed=args.seed)


def known_error(y, prediction):
    """Mean squared error over the values that were measured."""
    is_known = ops.logical_not(ops.isnan(y))
    error = ops.where(is_known, y - prediction, 0.0)
    number = ops.maximum(ops.sum(ops.cast(is_known, error.dtype)), 1.0)
    return ops.sum(error**2) / number


def class_scores(y, scores):
    return roc_auc_score(y, scores), average_precision_score(y, scores)


def measured_scores(y, scores):
    """Rank and linear correlation with what was measured, means over the targets."""
    found = []
    for values, predicted in zip(y.T, scores.T, strict=True):
        is_known = ~np.isnan(values)
        values, predicted = values[is_known], predicted[is_known]
        linear = np.corrcoef(values, predicted)[0, 1]
        found.append((spearmanr(values, predicted).statistic, linear))
    return tuple(np.mean(found, axis=0))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "data", type=Path, help="HDF5 of the study's layout, or a table"
    )
    parser.add_argument("--labels", nargs="+", help="a table's columns of labels")
    parser.add_argument(
        "--sequence", default="sequence", help="its column of sequences"
    )
    parser.add_argument("--length", type=int, help="cut or fill its sequences to it")
    parser.add_argument("--relevant", nargs="+", help="JASPAR ids to look for")
    parser.add_argument("--output-dir", type=Path, default=Path("drop-in-output"))
    parser.add_argument("--epochs", type=int, default=50, help="at most")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    if args.labels is None and not h5py.is_hdf5(args.data):
        parser.error("a table needs --labels, the names of its columns of labels")
    data = load(args)
    y = np.concatenate([split.y for split in data[:3]])
    is_measured = not np.isin(y, (0, 1)).all()
    loss, last, names, scores_of = (
        (known_error, "linear", ("Spearman", "Pearson"), measured_scores)
        if is_measured
        else ("binary_crossentropy", "sigmoid", ("AUROC", "auPR"), class_scores)
    )
    length, num_labels = data.train.x.shape[1], data.train.y.shape[1]
    rows = []
    for activation in ("relu", "exponential"):
        print(f"\nTraining with first activation {activation}:", flush=True)
        keras.utils.set_random_seed(args.seed)
        model = build(length, num_labels, activation, last)
        model.compile("adam", loss)
        extractor = km.FilterMotifExtractor(
            data.test.x,
            labels=data.test.y,
            relevant=args.relevant,
            output_dir=args.output_dir / activation,
        )
        best = keras.callbacks.EarlyStopping(patience=8, restore_best_weights=True)
        model.fit(
            *both_strands(data.train),
            validation_data=both_strands(data.valid),
            batch_size=100,
            epochs=args.epochs,
            callbacks=[best, extractor],
            verbose=2,
        )
        scores = model.predict(data.test.x, verbose=0)
        hits = extractor.matches[extractor.support["is_convincing"]]
        hits = hits.drop_duplicates("Query_ID")
        named = ", ".join(
            f"{row.Query_ID} {row.Target_ID} (E {row[5]:.2g})"
            for row in hits.itertuples()
        )
        print(f"Convincing names: {named or 'none'}")
        rows.append(
            (
                activation,
                *scores_of(data.test.y, scores),
                extractor.fractions,
            )
        )

    first, second = names
    print(f"\n{'':<14}{first:>9}{second:>9}{'named':>10}{'relevant':>10}")
    for activation, one, other, fractions in rows:
        relevant = f"{fractions.relevant:.2f}" if args.relevant else "-"
        print(
            f"{activation:<14}{one:>9.3f}{other:>9.3f}{fractions.any:>10.2f}"
            f"{relevant:>10}"
        )
    print(f"Reports: {args.output_dir}/relu and exponential, report.html")


if __name__ == "__main__":
    main()
