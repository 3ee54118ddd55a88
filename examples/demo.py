"""The main job at reduced size: ReLU against exponential filters, side by side.

Simulates the study's sequences, trains CNN-2 with either first activation, turns
the filters into motifs, names them by JASPAR 2016, and prints one table beside
Table 1 of Koo & Ploenzke (2019). Run it with `make demo`.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import auc, precision_recall_curve

import keras_motif as km
from keras_motif.cli import import_keras

keras = import_keras()  # without the notes of TensorFlow's start

COLUMNS = ("auPR", "JASPAR match", "relevant match", "coverage", "convincing")
# Table 1: auPR, JASPAR match, relevant match. It has no figures for the others.
PUBLISHED = {"relu": (0.877, 0.607, 0.007), "exponential": (0.884, 0.987, 0.960)}


def mean_aupr(y_true, y_score):
    """Area under the precision-recall curve by trapezoids, mean over classes."""
    areas = []
    for truth, score in zip(y_true.T, y_score.T, strict=True):
        precision, recall, _ = precision_recall_curve(truth, score)
        areas.append(auc(recall, precision))
    return float(np.mean(areas))


def train_and_read(data, activation, args):
    """Train one network; return its figures, its motifs and their folder.

    Matches are counted as in the study, all of Tomtom's; the last figure is the share
    of filters with a convincing name.
    """
    folder = args.output_dir / activation
    keras.utils.set_random_seed(args.seed)
    model = km.models.cnn_2(activation=activation)
    model.compile(keras.optimizers.Adam(2e-3), "binary_crossentropy")
    extractor = km.FilterMotifExtractor(
        data.test.x,
        database="JASPAR2016",
        relevant=km.datasets.SYNTHETIC_FACTORS,
        labels=data.test.y,
        class_names=list(km.datasets.SYNTHETIC_FACTORS),
        output_dir=folder,
    )
    best = keras.callbacks.EarlyStopping(patience=20, restore_best_weights=True)
    model.fit(
        data.train.x,
        data.train.y,
        validation_data=(data.valid.x, data.valid.y),
        batch_size=100,
        epochs=args.epochs,
        callbacks=[best, extractor],
        verbose=2,
    )
    scores = model.predict(data.test.x, batch_size=500, verbose=0)
    relevant, num_filters = km.datasets.SYNTHETIC_FACTORS, len(extractor.motifs)
    tomtom = km.match_fractions(extractor.matches, num_filters, relevant)
    convincing = extractor.fractions.any
    figures = mean_aupr(data.test.y, scores), *tomtom, convincing
    return figures, [motif.trim() for motif in extractor.motifs], folder


def picture(motifs_by_activation, number=10):
    """Draw the first filters of each network, one network below the other."""
    shown = [
        km.Motif(
            motif.frequencies,
            f"{activation} {motif.name}",
            num_sites=motif.num_sites,
        )
        for activation, motifs in motifs_by_activation.items()
        for motif in motifs[:number]
    ]
    matches = km.motif_match(shown, "JASPAR2016")
    support = km.match_support(matches)
    return km.plot_logos(shown, matches, support=support, targets="JASPAR2016")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output-dir", type=Path, default=Path("demo-output"))
    parser.add_argument("--num-sequences", type=int, default=15_000)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    start = time.perf_counter()
    print(f"Simulating {args.num_sequences} sequences of 200 nt ...", flush=True)
    data = km.datasets.synthetic(args.num_sequences)
    results, motifs, folders = {}, {}, []
    for activation in PUBLISHED:
        print(f"\nTraining CNN-2, first activation {activation}:", flush=True)
        results[activation], motifs[activation], folder = train_and_read(
            data, activation, args
        )
        folders.append(folder)
    picture(motifs).savefig(args.output_dir / "filters.png", dpi=100)

    print("\n" + " " * 18 + "".join(f"{column:>16}" for column in COLUMNS))
    for activation, values in results.items():
        print(f"{activation:<18}" + "".join(f"{value:>16.3f}" for value in values))
        published = "".join(f"{value:>16.3f}" for value in PUBLISHED[activation])
        print(f"{'  published':<18}{published}{'-':>16}{'-':>16}")
    print(f"\nTook {time.perf_counter() - start:.0f} s. Open in a browser:")
    for folder in folders:
        print(f"  {folder / 'report.html'}")


if __name__ == "__main__":
    main()
