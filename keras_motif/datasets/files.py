"""The study's HDF5 layout, read and written."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from keras_motif._checks import (
    check_one_hot_shape,
    check_one_hot_values,
    check_path,
    check_stored_shape,
    listed,
)
from keras_motif._files import whole_file
from keras_motif.datasets._hdf5 import (
    LABEL_NAMES,
    append_rows,
    create_rows,
    rows_per_read,
)
from keras_motif.datasets.splits import (
    Split,
    Splits,
    check_labels,
    check_values,
    is_measured,
    warn_without_positives,
)
from keras_motif.motifs import binary_files, hdf5

__all__ = ["load_hdf5", "load_splits", "write_hdf5"]

Array = np.ndarray[Any, Any]

_READ_BYTES = 2**24  # of sequences read at a time
_MODEL_BYTES = 4  # of each frequency
_LABEL_BYTES = 4  # of each label, where they were measured


def load_hdf5(path: str | os.PathLike[str]) -> Splits:
    """Read a data set of the study's layout into memory.

    The file holds `X_train`, `X_valid`, `X_test` as `(n, 4, length)`, `Y_*` as `(n,
    num_labels)` (0 or 1; or measured values of a float dtype, NaN where there is none)
    and, for simulated data, `model_*` as `(n, 4, length)`; the attribute `label_names`
    where `write_hdf5` knew them. For data larger than
    memory, pass the `h5py.Dataset`s themselves to `extract_motifs`.

    Args:
        path: The file. Names are found in upper and lower case.

    Returns:
        The three parts, transposed to `(n, length, 4)`.

    Raises:
        ValueError: Not an HDF5 file, a damaged one, or one of another layout;
            sequences that are not one-hot, labels that are neither 0 or 1 nor finite
            floats, or whose number differs. The message names the file and the data
            set, what was expected, and what it holds. Data larger than this computer's
            memory,
            or that are said to be far larger than the file.
        OSError: The file is missing or cannot be opened.

    Warns:
        UserWarning: A label has no positives in some part.
    """
    splits = load_splits(path)
    warn_without_positives(splits, os.fspath(path), stacklevel=3)
    return splits


def load_splits(path: str | os.PathLike[str]) -> Splits:
    """Do what `load_hdf5` says, without its warning."""
    with hdf5.open_hdf5(path) as file:
        names = {name.lower(): name for name in file.names()}
        label_names = tuple(file.attribute(LABEL_NAMES, str))
        stored = [_open_split(file, names, part) for part in Splits._fields]
        _check_memory(stored, os.fspath(path))
        splits = Splits(*(_read_split(arrays, label_names) for arrays in stored))
    if any(split.y.dtype == np.float32 for split in splits):
        splits = Splits(*(s._replace(y=s.y.astype(np.float32)) for s in splits))
    widths = {part: split.y.shape[1] for part, split in splits._asdict().items()}
    if len({*widths.values(), len(label_names) or splits.train.y.shape[1]}) > 1:
        counts = ", ".join(f"{count} in Y_{part}" for part, count in widths.items())
        raise ValueError(
            f"{os.fspath(path)}: expected as many labels in each part, and as many "
            f"names where there are any. Received {counts}, and {len(label_names)} "
            "names."
        )
    return splits


class _StoredSplit(NamedTuple):
    """The data sets of one part, checked but not read."""

    x: hdf5.StoredArray
    y: hdf5.StoredArray
    model: hdf5.StoredArray | None


def _open_split(file: hdf5.Hdf5File, names: dict[str, str], part: str) -> _StoredSplit:
    missing = [f"{key}_{part}" for key in "XY" if f"{key}_{part}".lower() not in names]
    if missing:
        raise ValueError(
            f"{file.path}: expected the data sets X_train, Y_train, X_valid, Y_valid, "
            f"X_test, Y_test. {' and '.join(missing)} missing; the file holds "
            f"{listed(sorted(names.values())) or 'nothing'}."
        )
    x, y = (file.numbers(names[f"{key}_{part}"]) for key in "xy")
    check_stored_shape(x.shape, x.place)
    if len(y.shape) not in (1, 2) or y.shape[0] != x.shape[0]:
        raise ValueError(
            f"{file.path}: expected as many rows in Y_{part} as sequences in X_{part}, "
            f"{x.shape[0]}. Received shape {y.shape}."
        )
    if f"model_{part}" not in names:
        return _StoredSplit(x, y, None)
    model = file.numbers(names[f"model_{part}"])
    model.require(x.shape)
    return _StoredSplit(x, y, model)


def _check_memory(splits: list[_StoredSplit], path: str) -> None:
    """Raise where all parts together would take too much memory."""
    needed = sum(
        math.prod(x.shape)
        + math.prod(y.shape) * _LABEL_BYTES
        + (0 if model is None else math.prod(model.shape) * _MODEL_BYTES)
        for x, y, model in splits
    )
    binary_files.check_size(needed, Path(path).stat().st_size, path)
    fix = "Pass the `h5py.Dataset`s themselves to `extract_motifs`, which needs little."
    binary_files.check_memory(needed, path, fix)


def _read_split(stored: _StoredSplit, label_names: tuple[str, ...]) -> Split:
    x = _read_sequences(stored.x, np.int8)
    y = _read_labels(stored.y)
    model = None if stored.model is None else _read_sequences(stored.model, np.float32)
    return Split(x, y, model, label_names)


def _read_sequences(dataset: hdf5.StoredArray, dtype: type) -> Array:
    """Read (n, 4, length), or (n, length, 4), as (n, length, 4), a part at a time."""
    channels_first = check_stored_shape(dataset.shape, dataset.place)
    num, length = dataset.shape[0], dataset.shape[2 if channels_first else 1]
    array: Array = np.empty((num, length, 4), dtype=dtype)
    step = rows_per_read(dataset, 0, _READ_BYTES)
    for start in range(0, num, step):
        block = dataset[start : start + step]
        block = block.transpose(0, 2, 1) if channels_first else block
        if dtype is np.int8:
            check_one_hot_values(block, start, dataset.place)
            if _has_quarters(block) and array.dtype == np.int8:
                array = array.astype(np.float32)
        array[start : start + step] = block
    return array


def _has_quarters(block: Array) -> bool:
    """Tell whether one-hot sequences hold an N of 0.25, which int8 cannot keep."""
    return block.dtype.kind == "f" and bool((block == 0.25).any())


def _read_labels(dataset: hdf5.StoredArray) -> Array:
    """Read (n, num_labels), or (n,), as (n, num_labels), a part at a time."""
    num = dataset.shape[0]
    array = np.empty((num, math.prod(dataset.shape[1:])), dtype=np.int8)
    step = rows_per_read(dataset, 0, _READ_BYTES)
    for start in range(0, num, step):
        block = dataset[start : start + step].reshape(-1, array.shape[1])
        if is_measured(block) or array.dtype == np.float32:
            array = array.astype(np.float32, copy=False)
            check_values(block.astype(np.float32), dataset.place, start)
        else:
            check_labels(block, dataset.place, start)
        array[start : start + step] = block
    return array


def write_hdf5(splits: Splits, path: str | os.PathLike[str]) -> None:
    """Write a data set in the study's layout, compressed, whole or not at all.

    Args:
        splits: The three parts.
        path: The file; its folder must exist.

    Raises:
        ValueError: Sequences that are not one-hot `(n, length, 4)`, labels that are
            not 0 or 1, or whose number differs, or label names that differ.
        TypeError: `path` is no path.
        OSError: The folder does not exist or cannot be written.
    """
    check_path(path, "write_hdf5(splits, path)")
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
                is_float = (
                    key == "model"
                    or (key == "X" and _has_quarters(array))
                    or (key == "Y" and is_measured(array))
                )
                dtype = np.float32 if is_float else np.int8
                stored = create_rows(file, f"{key}_{part}", array.shape[1:], dtype)
                append_rows(stored, array)


def _check_split(split: Split, name: str) -> None:
    check_one_hot_shape(split.x.shape, f"{name}.x")
    check_one_hot_values(split.x, name=f"{name}.x")
    if split.y.ndim != 2 or len(split.y) != len(split.x):
        raise ValueError(
            f"`{name}` must have one row of labels per sequence. Received "
            f"{len(split.x)} sequences and labels of shape {split.y.shape}."
        )
    if is_measured(split.y):
        check_values(split.y, f"{name}.y")
    else:
        check_labels(split.y, f"{name}.y")
    if split.label_names and len(split.label_names) != split.y.shape[1]:
        raise ValueError(
            f"`{name}.label_names` must have one name per column of `y`, "
            f"{split.y.shape[1]}. Received {len(split.label_names)}."
        )
