"""Data sets of HDF5 files, read and written part by part."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from keras_motif.motifs import hdf5

__all__ = [
    "LABEL_NAMES",
    "append_rows",
    "create_rows",
    "rows_per_read",
]

Array = np.ndarray[Any, Any]

LABEL_NAMES = "label_names"  # attribute of a file

_CHUNK_BYTES = 2**18  # few sequences, so that batches are read without waste
_MOST_BYTES = 2**28  # read at a time


def rows_per_read(
    dataset: hdf5.StoredArray, axis: int, num_bytes: int, most: int = _MOST_BYTES
) -> int:
    """Return how much of an axis to read at a time: whole chunks, about so many bytes.

    A chunk that is cut is unpacked again for the next part.

    Args:
        dataset: The data set.
        axis: Along which it is read.
        num_bytes: Memory of a part; it holds at least one chunk,
        most: but no more bytes than this, whatever the chunks.
    """
    row_bytes = dataset.nbytes // max(1, dataset.shape[axis]) or 1
    chunk = dataset.chunks[axis] if dataset.chunks else 1
    rows = max(1, num_bytes // row_bytes)
    rows = -(-rows // chunk) * chunk
    return min(rows, max(1, most // row_bytes))


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
