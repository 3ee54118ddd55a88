"""Files of sequences by their path, whatever their name."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from keras_motif._checks import check_stored_shape
from keras_motif.motifs import npy

__all__ = ["file_kind", "names_file", "open_file"]

_LETTERS = re.compile(r"[A-Za-z\s]*")


def names_file(value: Any) -> bool:
    """Tell a file's path from sequences.

    A string is a path where such a file exists, or where it holds other characters
    than letters.
    """
    if isinstance(value, os.PathLike):
        return True
    if not isinstance(value, str) or not value or len(value) > 4096:
        return False
    return not _LETTERS.fullmatch(value) or Path(value).is_file()


def file_kind(path: str | os.PathLike[str]) -> str:
    """Return "HDF5", "npy", "npz" or "text", by the first bytes.

    Raises:
        OSError: The file is missing or cannot be opened.
    """
    Path(path).open("rb").close()  # raises what Python raises
    if h5py.is_hdf5(path):
        return "HDF5"
    if npy.is_npy(path):
        return "npy"
    return "npz" if npy.is_npz(path) else "text"


def open_file(
    path: str | os.PathLike[str], name: str | None = None
) -> Path | np.ndarray[Any, Any]:
    """Return what takes the place of an array of sequences: an array, or a FASTA file.

    Args:
        path: A FASTA file, or one-hot sequences, `(n, length, 4)` or `(n, 4, length)`,
            as `.npy` (which stays on disk) or `.npz`. Its name doesn't matter.
        name: Which array of a `.npz` file; None where it holds one, or `arr_0`.

    Raises:
        ValueError: An HDF5 file, whose data set is to be passed, or a damaged file.
        OSError: The file is missing or cannot be opened.
    """
    kind = file_kind(path)
    if kind == "HDF5":
        raise ValueError(
            f"{os.fspath(path)}: expected a FASTA, .npy or .npz file. Received an HDF5 "
            "file. Pass the data set itself, such as "
            '`h5py.File(path)["X_test"]`.'
        )
    if kind == "text":
        return Path(path)
    array = npy.map_array(path) if kind == "npy" else npy.load_array(path, name)
    channels_first = check_stored_shape(array.shape, os.fspath(path))
    return array.transpose(0, 2, 1) if channels_first else array
