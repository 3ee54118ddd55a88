"""The study's HDF5 layout, read and written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from keras_motif._checks import (
    check_one_hot_shape,
    check_one_hot_values,
    check_stored_shape,
)
from keras_motif._files import whole_file

__all__ = ["Split", "Splits", "load_hdf5", "write_hdf5"]

Array = np.ndarray[Any, Any]


class Split(NamedTuple):
    """Sequences with their labels.

    Attributes:
        x: Array of shape `(n, length, 4)`, int8, one-hot, bases A C G T.
        y: Array of shape `(n, num_labels)`, int8.
        model: Array of shape `(n, length, 4)`, float32: the frequencies from which
            each position was drawn; None for sequences that were not simulated.
    """

    x: Array
    y: Array
    model: Array | None


class Splits(NamedTuple):
    """A data set in three parts."""

    train: Split
    valid: Split
    test: Split


def load_hdf5(path: str | os.PathLike[str]) -> Splits:
    """Read a data set of the study's layout into memory.

    The file holds `X_train`, `X_valid`, `X_test` as `(n, 4, length)`, `Y_*` as `(n,
    num_labels)` and, for simulated data, `model_*` as `(n, 4, length)`. For data
    larger than memory, pass the `h5py.Dataset`s themselves to `extract_motifs`.

    Args:
        path: The file. Names are found in upper and lower case.

    Returns:
        The three parts, transposed to `(n, length, 4)`.

    Raises:
        ValueError: Not an HDF5 file, or one of another layout: the message names
            the file, what is missing, and what it holds.
        OSError: The file is missing or cannot be opened.

    """
    # A missing or forbidden file raises what Python raises.
    Path(path).open("rb").close()
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ValueError(
            f"{os.fspath(path)}: expected an HDF5 file. It cannot be read as one "
            f"({error}). Is it complete?"
        ) from error
    with file:
        names = {name.lower(): name for name in file}
        parts = [
            _read_split(file, names, part, os.fspath(path))
            for part in ("train", "valid", "test")
        ]
    return Splits(*parts)


def _read_split(file: h5py.File, names: dict[str, str], part: str, path: str) -> Split:
    missing = [f"{key}_{part}" for key in "XY" if f"{key}_{part}".lower() not in names]
    if missing:
        raise ValueError(
            f"{path}: expected the data sets X_train, Y_train, X_valid, Y_valid, "
            f"X_test, Y_test. {' and '.join(missing)} missing; the file holds "
            f"{', '.join(sorted(file)) or 'nothing'}."
        )
    x = _read_sequences(file[names[f"x_{part}"]], f"{path}, X_{part}")
    check_one_hot_values(x, name=f"{path}, X_{part}")
    y = np.asarray(file[names[f"y_{part}"]])
    if y.ndim == 1:
        y = y[:, None]
    if y.ndim != 2 or len(y) != len(x):
        raise ValueError(
            f"{path}: expected as many rows in Y_{part} as sequences in X_{part}, "
            f"{len(x)}. Received shape {y.shape}."
        )
    model = None
    if f"model_{part}" in names:
        stored = file[names[f"model_{part}"]]
        model = _read_sequences(stored, f"{path}, model_{part}").astype(np.float32)
    return Split(x.astype(np.int8), y.astype(np.int8), model)


def _read_sequences(dataset: h5py.Dataset, name: str) -> Array:
    """Read (n, 4, length) as (n, length, 4); the latter is taken as it is."""
    channels_first = check_stored_shape(tuple(dataset.shape), name)
    array = np.asarray(dataset)
    return array.transpose(0, 2, 1) if channels_first else array


def write_hdf5(splits: Splits, path: str | os.PathLike[str]) -> None:
    """Write a data set in the study's layout, compressed, whole or not at all.

    Args:
        splits: The three parts.
        path: The file; its folder must exist.

    Raises:
        ValueError: Sequences that are not one-hot `(n, length, 4)`, or labels whose
            number differs.
        OSError: The folder does not exist or cannot be written.
    """
    for part, split in zip(Splits._fields, splits, strict=True):
        check_one_hot_shape(split.x.shape, f"splits.{part}.x")
        check_one_hot_values(split.x, name=f"splits.{part}.x")
        if len(split.y) != len(split.x):
            raise ValueError(
                f"`splits.{part}` must have one row of labels per sequence. Received "
                f"{len(split.x)} sequences and {len(split.y)} rows."
            )
    with whole_file(path) as temporary, h5py.File(temporary, "w") as file:
        for part, split in zip(Splits._fields, splits, strict=True):
            arrays = {"X": split.x.transpose(0, 2, 1), "Y": split.y}
            if split.model is not None:
                arrays["model"] = split.model.transpose(0, 2, 1)
            for key, array in arrays.items():
                file.create_dataset(f"{key}_{part}", data=array, compression="gzip")
