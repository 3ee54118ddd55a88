"""The study's training protocol and the bookkeeping of trials, for the scripts here.

A trial is one network trained from one seed. Each finished trial is one line in a TSV
file, written at once, so that an interrupted script goes on where it stopped: what has
a line is not trained again, what has none starts anew from its seed.
"""

import fcntl
import importlib.metadata
import io
import os
import shlex
import sys
import time
import warnings
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.metrics import auc, precision_recall_curve

import keras_motif as km

METRICS = ("auPR", "jaspar", "relevant", "coverage")
# Matrices that say little, or whose spacers match uninformative filters: Gmeb1, and
# CTCF with spacers.
UNINFORMATIVE = ("MA0615", "MA1929", "MA1930")


class Trials:
    """The finished trials of a script, one line each in a TSV file.

    Several processes may add to one file. A line that was cut off, by a kill or a
    full disk, is dropped.

    Args:
        path: The file, made with the first trial.
        keys: The columns that tell one trial from another.
    """

    def __init__(self, path, keys):
        self.path, self.keys = Path(path), list(keys)

    def rows(self):
        """Return the finished trials, each once."""
        text = self.path.read_text() if self.path.exists() else ""
        whole = text[: text.rfind("\n") + 1]
        if not whole:
            return pd.DataFrame(columns=self.keys)
        kinds = dict.fromkeys(self.keys, str)
        table = pd.read_csv(io.StringIO(whole), sep="\t", dtype=kinds)
        return table.drop_duplicates(self.keys)

    def is_done(self, **key):
        """Return whether a trial has its line."""
        wanted = tuple(str(key[name]) for name in self.keys)
        return wanted in set(self.rows()[self.keys].itertuples(index=False, name=None))

    def add(self, row):
        """Write a trial's line, in the order of the file's columns.

        If another process has written it meanwhile, that one stays.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            lines = file.read().splitlines(keepends=True)
            if lines and not lines[-1].endswith(b"\n"):
                file.truncate(sum(map(len, lines[:-1])))
                lines = lines[:-1]
            columns = lines[0].decode().split() if lines else list(row)
            if set(columns) != set(row):
                raise ValueError(
                    f"{self.path} has the columns {columns}, this trial {list(row)}. "
                    "Move the file away, or give another with --trials."
                )
            if self.is_done(**{name: row[name] for name in self.keys}):
                return
            values = [_text(row[column]) for column in columns]
            text = "" if lines else "\t".join(columns) + "\n"
            file.write((text + "\t".join(values) + "\n").encode())
            file.flush()
            os.fsync(file.fileno())


def _text(value):
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def mean_aupr(y_true, y_score):
    """Area under the precision-recall curve by trapezoids, mean over classes.

    A class without positives, or with nothing else, has none: it is named in a
    warning and left out of the mean.
    """
    areas, left_out = [], []
    for index, (truth, score) in enumerate(zip(y_true.T, y_score.T, strict=True)):
        if 0 < truth.sum() < len(truth):
            precision, recall, _ = precision_recall_curve(truth, score)
            areas.append(auc(recall, precision))
        else:
            left_out.append(index)
    if left_out:
        warnings.warn(
            f"Classes {left_out} have no positives, or no negatives, among the "
            f"{len(y_true)} test sequences: they have no auPR and are left out.",
            stacklevel=2,
        )
    if not areas:
        raise ValueError("No class has both positives and negatives: no auPR.")
    return float(np.mean(areas))


class DivergedError(ValueError):
    """A training whose loss was NaN from the first epoch on."""


def train(
    model,
    data,
    *,
    epochs,
    patience,
    learning_rate=1e-3,
    weight_decay=None,
    decay=0,
    timed=False,
):
    """Train as the study did: Adam, the weights of the lowest validation loss.

    Stops when the loss has not improved for `patience` epochs; a patience of
    `epochs` never does. Returns what the trial's line says of it; `timed`: also the
    median of the epochs' seconds.

    Beyond the study: with `decay` the learning rate becomes a fifth when the loss has
    not improved for that many epochs.
    """
    optimizer = keras.optimizers.Adam(learning_rate, weight_decay=weight_decay)
    model.compile(optimizer, "binary_crossentropy")
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    clock = EpochTimes()
    callbacks = [clock, stop]
    if decay:
        callbacks.append(keras.callbacks.ReduceLROnPlateau(factor=0.2, patience=decay))
    start = time.perf_counter()
    history = model.fit(
        _batches(data.train, 100, shuffle=True),
        validation_data=_batches(data.valid, 500),
        epochs=epochs,
        callbacks=callbacks,
        shuffle=False,
        verbose=2,
    ).history["val_loss"]
    if np.isnan(history).all():
        raise DivergedError(
            f"The validation loss of {model.name} was NaN in every epoch: the training "
            "diverged. Give batch norm back, or lower the learning rate "
            f"({learning_rate})."
        )
    trained = {
        "epochs": len(history),
        "best_epoch": int(np.nanargmin(history)) + 1,
        "val_loss": float(np.nanmin(history)),
        "seconds": round(time.perf_counter() - start),
    }
    if timed:
        trained["seconds_an_epoch"] = float(np.median(clock.seconds))
    return trained


class EpochTimes(keras.callbacks.Callback):
    """Keeps how long each epoch took, validation included, in seconds."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        """Note the time."""
        self._start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Keep what has gone by since."""
        self.seconds.append(time.perf_counter() - self._start)


def _batches(split, batch_size, *, shuffle=False):
    """Return a split as a data set for `fit`, which every backend takes.

    Without tf.data's autotuner: the end of an epoch waits for its thread, which sleeps
    twice as long each time, so that an epoch could take up to double.
    """
    data = tf.data.Dataset.from_tensor_slices((split.x, split.y))
    if shuffle:
        data = data.shuffle(len(split.x))
    options = tf.data.Options()
    options.autotune.enabled = False
    return data.batch(batch_size).with_options(options)


def evaluate(
    model,
    data,
    *,
    database,
    relevant,
    exclude=("MA0615",),
    output_dir=None,
    motifs_path=None,
    with_convincing=False,
    **options,
):
    """Return a trained model's METRICS, and the bits of its motifs.

    What counts as a match is the study's rule: every match of Tomtom's; with
    `with_convincing` also the shares of filters with a convincing match, and with a
    relevant one that is. With `output_dir`, the folder gets the motifs, their matches
    and the report. With `motifs_path`, that file gets the motifs untrimmed, for
    names_trained.py.
    """
    extractor = km.FilterMotifExtractor(
        data.test.x,
        database=database,
        relevant=relevant,
        exclude=exclude,
        verdict="tomtom",
        labels=data.test.y,
        class_names=data.test.label_names or None,
        output_dir=output_dir,
        **options,
    ).run(model)
    if motifs_path is not None:
        Path(motifs_path).parent.mkdir(parents=True, exist_ok=True)
        km.write_meme(extractor.motifs, motifs_path)
    fractions = extractor.fractions
    scores = model.predict(data.test.x, batch_size=500, verbose=0)
    figures = {
        "auPR": mean_aupr(data.test.y, scores),
        "jaspar": fractions.any,
        "relevant": fractions.relevant,
        "coverage": fractions.coverage,
        "bits": extractor.history["motif_information"][-1],
    }
    if with_convincing:
        good = extractor.matches[extractor.support["is_convincing"]]
        count = len(extractor.motifs)
        shares = km.match_fractions(good, count, relevant, exclude=exclude)
        figures["convincing"] = shares.any
        figures["relevant_convincing"] = shares.relevant
    return figures


def motifs_path(trials, network):
    """Return the file for a network's motifs: in a folder beside its trials' file."""
    return Path(trials).parent / "motifs" / f"{network}.meme.gz"


def base_ids(matches):
    """Return the targets' ids without their versions."""
    return matches["Target_ID"].str.split(".").str[0]


def trained_networks(folder):
    """Return the folders of the networks that table1_synthetic.py saved."""
    folders = sorted(path.parent for path in Path(folder).glob("*/model.keras"))
    if not folders:
        raise SystemExit(f"No network in {folder}: run table1_synthetic.py first.")
    return folders


def versions():
    """Return the columns that say what a trial was run with."""
    return {
        "backend": keras.backend.backend(),
        "keras": keras.__version__,
        "keras_motif": importlib.metadata.version("keras-motif"),
    }


def summary(rows, by, metrics=METRICS):
    """Return mean and standard deviation of the trials, one row per setting.

    Of the population, as the study's own table has it: its +-.013 about .607 is four
    trials of 18/30 and one of 19/30, divided by 5.
    """
    groups = rows.groupby(list(by), sort=False)
    table = groups.size().rename("trials").to_frame()
    for metric in metrics:
        table[metric] = groups[metric].mean()
        table[f"{metric}_sd"] = groups[metric].std(ddof=0)
    return table.reset_index()


def report(rows, by, path, published):
    """Write and print the summary of the trials, if any, beside what was published.

    Args:
        rows: The trials.
        by: The columns of a setting, among them the model and its activation.
        path: The table's file.
        published: Mean and standard deviation of the first three METRICS for models
            and activations; empty where nothing was, which leaves the columns out.
    """
    if rows.empty:
        return
    table = summary(rows.sort_values(by), by)
    columns = [f"published_{m}{s}" for m in METRICS[:3] for s in ("", "_sd")]
    keys = zip(table["model"], table["activation"], strict=True)
    if published:
        table[columns] = [published.get(key, [np.nan] * len(columns)) for key in keys]
    write_table(table, path)
    print(f"\n{'':<24}{'trials':>7}" + "".join(f"{m:>16}" for m in METRICS))
    for _, row in table.iterrows():
        print(f"{row['model']:<12}{row['activation']:<12}{row['trials']:>7}", end="")
        print("".join(f"{row[m]:>9.3f}+-{row[m + '_sd']:.3f}" for m in METRICS))
        if (row["model"], row["activation"]) in published:
            figures = [f"{row[c]:>9.3f}+-{row[c + '_sd']:.3f}" for c in columns[::2]]
            print(f"{'  published':<31}" + "".join(figures))


def write_table(table, path):
    """Write a result table with the command that made it, whole or not at all."""
    script, *options = [Path(word).name for word in sys.argv]
    command = shlex.join(["python", f"examples/paper/{script}", *options])
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    text = table.to_csv(sep="\t", index=False, float_format="%.3f")
    temporary.write_text(f"# {command}\n{text}")
    temporary.replace(path)
