"""Watch filters become motifs: metrics, logos and a filmstrip of a training.

    python examples/while_training.py
    python examples/while_training.py --tensorboard runs/motifs

Trains CNN-2 with an exponential first layer on simulated sequences, reads its filters
after every epoch, and keeps the weights of the epoch with the most filters that match
an implanted factor.
"""

import argparse
from pathlib import Path

import keras
import numpy as np

import keras_motif as km


def mean_of(values):
    """Return the mean of a list with None, as text."""
    known = [value for value in values if value is not None]
    return f"{np.mean(known):.3f}" if known else "-"


def settled(targets):
    """Return the entry from which on the best match has stayed the last one."""
    count = 0
    while count < len(targets) and targets[-1 - count] == targets[-1]:
        count += 1
    return len(targets) - count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output-dir", type=Path, default=Path("training-output"))
    parser.add_argument("--tensorboard", type=Path, help="folder of event files")
    parser.add_argument("--num-sequences", type=int, default=15_000)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    data = km.datasets.synthetic(args.num_sequences)
    keras.utils.set_random_seed(args.seed)
    model = km.models.cnn_2(activation="exponential")
    model.compile(keras.optimizers.Adam(2e-3), "binary_crossentropy")
    logger = args.tensorboard and km.loggers.TensorBoard(args.tensorboard)
    extractor = km.FilterMotifExtractor(
        data.test.x,
        database="JASPAR2016",
        relevant=km.datasets.SYNTHETIC_FACTORS,
        every=1,
        output_dir=args.output_dir,
        logger=logger,
    )
    best = keras.callbacks.ModelCheckpoint(
        args.output_dir / "best.keras",
        "motif_relevant",
        mode="max",
        save_best_only=True,
    )
    model.fit(
        data.train.x,
        data.train.y,
        validation_data=(data.valid.x, data.valid.y),
        batch_size=100,
        epochs=args.epochs,
        callbacks=[extractor, best],  # in this order
        verbose=2,
    )

    history = extractor.history
    print(f"\n{'epoch':>5}{'match':>8}{'relevant':>10}{'bits':>7}{'drift':>8}")
    for index, epoch in enumerate(history["epoch"]):
        print(
            f"{epoch + 1:>5}{history['motif_match'][index]:>8.3f}"
            f"{history['motif_relevant'][index]:>10.3f}"
            f"{history['motif_information'][index]:>7.1f}"
            f"{mean_of(history['drift'][index]):>8}"
        )
    print("\nBest match at the end, and the epoch since when:")
    for motif, *targets in zip(extractor.motifs, *history["target"], strict=True):
        since = f"since epoch {history['epoch'][settled(targets)] + 1}"
        print(f"{motif.name:<10}{targets[-1] or 'none':<12}{since}")
    print(f"\nPictures: {args.output_dir}/report.html and filmstrip.svg")


if __name__ == "__main__":
    main()
