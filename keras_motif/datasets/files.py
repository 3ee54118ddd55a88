"""The study's HDF5 layout, read and written."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import h5py
import numpy as np

from keras_motif._checks import (
    check_one_hot_shape,
    check_one_hot_values,
    check_stored_shape,
)
from keras_motif._files import whole_file
from keras_motif.datasets._lines import check_readable

__all__ = [
    "LABEL_NAMES",
    "Split",
    "Splits",
    "append_rows",
    "check_labels",
    "create_rows",
    "load_hdf5",
    "load_splits",
    "numeric_dataset",
    "open_hdf5",
    "rows_per_read",
    "warn_without_positives",
    "write_hdf5",
]

Array = np.ndarray[Any, Any]

LABEL_NAMES = "label_names"  # attribute of a file
_CHUNK_BYTES = 2**18  # few sequences, so that batches are read without waste
_READ_BYTES = 2**24  # of sequences read at a time


class Split(NamedTuple):
    """Sequences with their labels.

    Attributes:
        x: Array of shape `(n, length, 4)`, int8, one-hot, bases A C G T.
        y: Array of shape `(n, num_labels)`, int8, 0 or 1.
        model: Array of shape `(n, length, 4)`, float32: the frequencies from which
            each position was drawn; None for sequences that were not simulated.
        label_names: What each column of `y` stands for; empty where not known.
    """

    x: Array
    y: Array
    model: Array | None = None
    label_names: tuple[str, ...] = ()


class Splits(NamedTuple):
    """A data set in three parts."""

    train: Split
    valid: Split
    test: Split


def load_hdf5(path: str | os.PathLike[str]) -> Splits:
    """Read a data set of the study's layout into memory.

    The file holds `X_train`, `X_valid`, `X_test` as `(n, 4, length)`, `Y_*` as `(n,
    num_labels)` and, for simulated data, `model_*` as `(n, 4, length)`; the
    attribute `label_names` where `write_hdf5` knew them. For data larger than
    memory, pass the `h5py.Dataset`s themselves to `extract_motifs`.

    Args:
        path: The file. Names are found in upper and lower case.

    Returns:
        The three parts, transposed to `(n, length, 4)`.

    Raises:
        ValueError: Not an HDF5 file, a damaged one, or one of another layout;
            sequences that are not one-hot, labels that are not 0 or 1, or whose
            number differs. The message names the file and the data set, what was
            expected, and what it holds.
        OSError: The file is missing or cannot be opened.

    Warns:
        UserWarning: A label has no positives in some part.
    """
    splits = load_splits(path)
    warn_without_positives(splits, os.fspath(path), stacklevel=3)
    return splits


def load_splits(path: str | os.PathLike[str]) -> Splits:
    """Do what `load_hdf5` says, without its warning."""
    with open_hdf5(path) as file:
        names = {name.lower(): name for name in file}
        label_names = tuple(str(name) for name in file.attrs.get(LABEL_NAMES, ()))
        splits = Splits(
            *(
                _read_split(file, names, part, os.fspath(path), label_names)
                for part in Splits._fields
            )
        )
    widths = {part: split.y.shape[1] for part, split in splits._asdict().items()}
    if len({*widths.values(), len(label_names) or splits.train.y.shape[1]}) > 1:
        counts = ", ".join(f"{count} in Y_{part}" for part, count in widths.items())
        raise ValueError(
            f"{os.fspath(path)}: expected as many labels in each part, and as many "
            f"names where there are any. Received {counts}, and {len(label_names)} "
            "names."
        )
    return splits


@contextmanager
def open_hdf5(path: str | os.PathLike[str]) -> Iterator[h5py.File]:
    """Open an HDF5 file to read, and explain what goes wrong with it.

    Yields:
        The file.

    Raises:
        ValueError: It is not HDF5, or damaged or incomplete, also where that shows
            only while it is read.
        OSError: The file is missing or cannot be opened.
    """
    check_readable(path)
    try:
        with h5py.File(path, "r") as file:
            yield file
    except OSError as error:
        raise ValueError(
            f"{os.fspath(path)}: expected an HDF5 file. It cannot be read as one "
            f"({error}). Is it complete?"
        ) from error


def warn_without_positives(splits: Splits, source: str, stacklevel: int) -> None:
    """Warn of labels without positives, whose scores cannot be computed."""
    found = []
    for part, split in splits._asdict().items():
        empty = np.flatnonzero(~(split.y == 1).any(axis=0))
        shown = [
            repr(split.label_names[index]) if split.label_names else str(index)
            for index in empty
        ]
        if shown:
            found.append(f"{', '.join(shown)} in the {part} part")
    if found:
        warnings.warn(
            f"{source}: no positives of the labels {'; '.join(found)}. No precision, "
            "recall or ROC exists for them there. Leave these labels out, or split "
            "the data otherwise.",
            UserWarning,
            stacklevel=stacklevel,
        )


def _read_split(
    file: h5py.File,
    names: dict[str, str],
    part: str,
    path: str,
    label_names: tuple[str, ...],
) -> Split:
    missing = [f"{key}_{part}" for key in "XY" if f"{key}_{part}".lower() not in names]
    if missing:
        raise ValueError(
            f"{path}: expected the data sets X_train, Y_train, X_valid, Y_valid, "
            f"X_test, Y_test. {' and '.join(missing)} missing; the file holds "
            f"{', '.join(sorted(file)) or 'nothing'}."
        )
    x = _read_sequences(file[names[f"x_{part}"]], f"{path}, X_{part}", np.int8)
    labels = numeric_dataset(file[names[f"y_{part}"]], f"{path}, Y_{part}")
    y = np.asarray(labels)
    if y.ndim == 1:
        y = y[:, None]
    if y.ndim != 2 or len(y) != len(x):
        raise ValueError(
            f"{path}: expected as many rows in Y_{part} as sequences in X_{part}, "
            f"{len(x)}. Received shape {y.shape}."
        )
    check_labels(y, f"{path}, Y_{part}")
    model = None
    if f"model_{part}" in names:
        stored = file[names[f"model_{part}"]]
        model = _read_sequences(stored, f"{path}, model_{part}", np.float32)
    return Split(x, y.astype(np.int8), model, label_names)


def check_labels(y: Array, name: str) -> None:
    """Raise unless all labels are 0 or 1.

    Raises:
        ValueError: Names the first row and column that is neither.
    """
    legal = (y == 0) | (y == 1)
    if not legal.all():
        row, column = np.argwhere(~legal)[0]
        raise ValueError(
            f"`{name}` must hold labels 0 or 1. Received {y[row, column]} in row "
            f"{row}, column {column}."
        )


def numeric_dataset(node: Any, name: str) -> h5py.Dataset:
    """Return a data set that holds numbers.

    Raises:
        ValueError: It is a group, or a data set of something else.
    """
    if not isinstance(node, h5py.Dataset) or node.dtype.kind not in "biuf":
        kind = node.dtype if isinstance(node, h5py.Dataset) else type(node).__name__
        raise ValueError(f"{name}: expected a data set of numbers. Received {kind}.")
    return node


def _read_sequences(node: Any, name: str, dtype: type) -> Array:
    """Read (n, 4, length), or (n, length, 4), as (n, length, 4), a part at a time."""
    dataset = numeric_dataset(node, name)
    channels_first = check_stored_shape(tuple(dataset.shape), name)
    num, length = len(dataset), dataset.shape[2 if channels_first else 1]
    array = np.empty((num, length, 4), dtype=dtype)
    step = rows_per_read(dataset, 0, _READ_BYTES)
    for start in range(0, num, step):
        block = dataset[start : start + step]
        block = block.transpose(0, 2, 1) if channels_first else block
        if dtype is np.int8:
            check_one_hot_values(block, start, name)
        array[start : start + step] = block
    return array


def rows_per_read(
    dataset: h5py.Dataset, axis: int, num_bytes: int, most: int | None = None
) -> int:
    """Return how much of an axis to read at a time: whole chunks, about so many bytes.

    A chunk that is cut is unpacked again for the next part.

    Args:
        dataset: The data set.
        axis: Along which it is read.
        num_bytes: Memory of a part; it holds at least one chunk,
        most: but no more bytes than this, whatever the chunks; None for no bound.
    """
    row_bytes = dataset.nbytes // max(1, dataset.shape[axis]) or 1
    chunk = dataset.chunks[axis] if dataset.chunks else 1
    rows = max(1, num_bytes // row_bytes)
    rows = -(-rows // chunk) * chunk
    return rows if most is None else min(rows, max(1, most // row_bytes))


def write_hdf5(splits: Splits, path: str | os.PathLike[str]) -> None:
    """Write a data set in the study's layout, compressed, whole or not at all.

    Args:
        splits: The three parts.
        path: The file; its folder must exist.

    Raises:
        ValueError: Sequences that are not one-hot `(n, length, 4)`, labels that are
            not 0 or 1, or whose number differs, or label names that differ.
        OSError: The folder does not exist or cannot be written.
    """
    for part, split in splits._asdict().items():
        _check_split(split, f"splits.{part}")
    label_names = {split.label_names for split in splits} - {()}
    if len(label_names) > 1:
        raise ValueError(
            "`splits` must have the same `label_names` in each part. Received "
            f"{' and '.join(map(str, label_names))}."
        )
    with whole_file(path) as temporary, h5py.File(temporary, "w") as file:
        for names in label_names:
            file.attrs[LABEL_NAMES] = list(names)
        for part, split in splits._asdict().items():
            arrays = {"X": split.x.transpose(0, 2, 1), "Y": split.y}
            if split.model is not None:
                arrays["model"] = split.model.transpose(0, 2, 1)
            for key, array in arrays.items():
                dtype = np.float32 if key == "model" else np.int8
                stored = create_rows(file, f"{key}_{part}", array.shape[1:], dtype)
                append_rows(stored, array)


def create_rows(
    file: h5py.File, name: str, shape: tuple[int, ...], dtype: type
) -> h5py.Dataset:
    """Create a compressed data set without rows, in chunks of few rows."""
    row_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return file.create_dataset(
        name,
        shape=(0, *shape),
        maxshape=(None, *shape),
        chunks=(max(1, _CHUNK_BYTES // row_bytes), *shape),
        dtype=dtype,
        compression="gzip",
    )


def append_rows(dataset: h5py.Dataset, rows: Array) -> None:
    """Add rows to the end of a data set from `create_rows`."""
    start = len(dataset)
    dataset.resize(start + len(rows), axis=0)
    dataset[start:] = rows


def _check_split(split: Split, name: str) -> None:
    check_one_hot_shape(split.x.shape, f"{name}.x")
    check_one_hot_values(split.x, name=f"{name}.x")
    if split.y.ndim != 2 or len(split.y) != len(split.x):
        raise ValueError(
            f"`{name}` must have one row of labels per sequence. Received "
            f"{len(split.x)} sequences and labels of shape {split.y.shape}."
        )
    check_labels(split.y, f"{name}.y")
    if split.label_names and len(split.label_names) != split.y.shape[1]:
        raise ValueError(
            f"`{name}.label_names` must have one name per column of `y`, "
            f"{split.y.shape[1]}. Received {len(split.label_names)}."
        )
