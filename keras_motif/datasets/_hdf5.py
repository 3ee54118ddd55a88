"""HDF5 files of rows: opened, read and written part by part."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np

from keras_motif.datasets._lines import check_readable

__all__ = [
    "LABEL_NAMES",
    "append_rows",
    "create_rows",
    "numeric_dataset",
    "open_hdf5",
    "rows_per_read",
]

Array = np.ndarray[Any, Any]

LABEL_NAMES = "label_names"  # attribute of a file


_CHUNK_BYTES = 2**18  # few sequences, so that batches are read without waste


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


def numeric_dataset(node: Any, name: str) -> h5py.Dataset:
    """Return a data set that holds numbers.

    Raises:
        ValueError: It is a group, or a data set of something else.
    """
    if not isinstance(node, h5py.Dataset) or node.dtype.kind not in "biuf":
        kind = node.dtype if isinstance(node, h5py.Dataset) else type(node).__name__
        raise ValueError(f"{name}: expected a data set of numbers. Received {kind}.")
    return node


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
