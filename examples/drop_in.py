"""Your own network on your own sequences: train, read the filters, name them.

    python examples/drop_in.py DATA.h5 --relevant MA0050

DATA.h5 has the study's layout: X_train, X_valid, X_test (n, 4, length) and Y_* (n,
labels). The network is plain Keras; only the callback is of keras-motif. Both
strands are trained on.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from keras import layers
from sklearn.metrics import average_precision_score, roc_auc_score

import keras_motif as km


def build(length, num_labels, activation):
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
            layers.Dense(num_labels, activation="sigmoid"),
        ]
    )


def both_strands(split):
    x = np.concatenate([split.x, km.reverse_complement(split.x)])
    return x, np.concatenate([split.y, split.y])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="HDF5 file of the study's layout")
    parser.add_argument("--relevant", nargs="+", help="JASPAR ids to look for")
    parser.add_argument("--output-dir", type=Path, default=Path("drop-in-output"))
    parser.add_argument("--epochs", type=int, default=50, help="at most")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    data = km.datasets.load_hdf5(args.data)
    length, num_labels = data.train.x.shape[1], data.train.y.shape[1]
    rows = []
    for activation in ("relu", "exponential"):
        print(f"\nTraining with first activation {activation}:", flush=True)
        keras.utils.set_random_seed(args.seed)
        model = build(length, num_labels, activation)
        model.compile("adam", "binary_crossentropy")
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
                roc_auc_score(data.test.y, scores),
                average_precision_score(data.test.y, scores),
                extractor.fractions,
            )
        )

    print(f"\n{'':<14}{'AUROC':>8}{'auPR':>8}{'named':>10}{'relevant':>10}")
    for activation, auroc, aupr, fractions in rows:
        relevant = f"{fractions.relevant:.2f}" if args.relevant else "-"
        print(
            f"{activation:<14}{auroc:>8.3f}{aupr:>8.3f}{fractions.any:>10.2f}"
            f"{relevant:>10}"
        )
    print(f"Reports: {args.output_dir}/relu and exponential, report.html")


if __name__ == "__main__":
    main()
