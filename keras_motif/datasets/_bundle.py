"""DeepSEA's bundle, read by blocks of sequences that are positive for a target."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from keras_motif._checks import check_one_hot_values, listed
from keras_motif.datasets._hdf5 import rows_per_read
from keras_motif.datasets._matlab5 import Matlab5File
from keras_motif.datasets.splits import check_labels
from keras_motif.motifs import hdf5

__all__ = ["Block", "read_matlab5", "read_matlab73"]

Array = np.ndarray[Any, Any]

_ORDER = [0, 2, 1, 3]  # the bundle has A G C T

_READ_BYTES = 2**25  # of sequences read at a time,
_MOST_BYTES = 2**30  # and at most, however large a chunk is


class Block(NamedTuple):
    """Some of a file's sequences: those that are positive for a target.

    Attributes:
        x: Array of shape `(n, 4, length)`, bases A C G T.
        y: Array of shape `(n, num_targets)`.
        num_read: How many sequences were looked at.
        num_all: How many the file has.
    """

    x: Array
    y: Array
    num_read: int
    num_all: int


def read_matlab73(path: Path, part: str, columns: list[int]) -> Iterator[Block]:
    """Read `(1000, 4, n)` and `(919, n)` by parts along their last axis."""
    rows, places = np.unique(columns, return_inverse=True)
    with hdf5.open_hdf5(path) as file:
        held = file.names()
        for name in (f"{part}xdata", f"{part}data"):
            if name not in held:
                raise _missing(path, name, held)
        x, y = file.numbers(f"{part}xdata"), file.numbers(f"{part}data")
        _check_shapes(x.shape[::-1], y.shape[::-1], columns, path)
        num = x.shape[2]
        step = rows_per_read(x, 2, _READ_BYTES, _MOST_BYTES)
        for start in range(0, num, step):
            taken = slice(start, min(start + step, num))
            labels: Array = y[rows, taken][places].T
            kept = np.asarray(labels.any(axis=1))
            sequences = x[:, :, taken][:, :, kept] if kept.any() else x[:, :, :0]
            where = f"{path}, from sequence {start} on"
            yield _block(sequences.transpose(2, 1, 0), labels, kept, num, where)


def read_matlab5(path: Path, part: str, columns: list[int]) -> Iterator[Block]:
    """Read `(n, 4, 1000)` and `(n, 919)`, one after the other to save memory."""
    file = Matlab5File(path)
    for name in (f"{part}data", f"{part}xdata"):
        if name not in file.names:
            raise _missing(path, name, file.names)
    y_shape, x_shape = file.shape(f"{part}data"), file.shape(f"{part}xdata")
    _check_shapes(x_shape, y_shape, columns, path)
    all_labels = file.load(f"{part}data")
    labels = all_labels[:, columns]
    del all_labels
    x = file.load(f"{part}xdata")
    kept = np.asarray(labels.any(axis=1))
    yield _block(x[kept], labels, kept, len(x), os.fspath(path))


def _block(
    sequences: Array, labels: Array, kept: Array, num_all: int, where: str
) -> Block:
    """Check what is kept of a block, and put its bases in our order."""
    check_labels(labels, where)
    x = sequences[:, _ORDER]
    if len(x):
        check_one_hot_values(x.transpose(0, 2, 1), name=f"{where}, those kept")
    return Block(x, labels[kept], len(labels), num_all)


def _check_shapes(
    x: tuple[int, ...], y: tuple[int, ...], columns: list[int], path: Path
) -> None:
    """Check the shapes of sequences and labels, as `(n, 4, length)` and `(n, k)`."""
    if len(x) != 3 or x[1] != 4 or 0 in x or len(y) != 2 or x[0] != y[0]:
        raise ValueError(
            f"{path}: expected as many sequences (n, 4, 1000) as rows of labels "
            f"(n, 919), or both with their axes reversed in train.mat. Received {x} "
            f"and {y}."
        )
    if max(columns) >= y[1]:
        raise ValueError(
            f"`targets` must be columns from 0 to {y[1] - 1}, as {path} has them. "
            f"Received {max(columns)}."
        )


def _missing(path: Path, name: str, known: list[str]) -> ValueError:
    return ValueError(
        f"{path}: expected the variable {name} of DeepSEA's bundle. The file holds "
        f"{listed(known) or 'nothing'}. Is it complete?"
    )
