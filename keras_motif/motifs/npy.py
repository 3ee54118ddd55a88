"""NumPy's files, .npy and .npz; nothing in them is ever unpickled."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from keras_motif._checks import listed
from keras_motif.motifs.binary_files import check_memory, check_size, reading

__all__ = ["is_npy", "is_npz", "load_array", "map_array"]

Array = np.ndarray[Any, Any]
PathLike = str | os.PathLike[str]

_MAGIC = b"\x93NUMPY"
_ZIP = b"PK"
_FIX = "Objects are never unpickled. Is it complete?"


def is_npy(path: PathLike) -> bool:
    """Return whether a file begins as a .npy file does."""
    with Path(path).open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def is_npz(path: PathLike) -> bool:
    """Return whether a file is a zip archive that holds arrays."""
    with Path(path).open("rb") as file:
        if file.read(len(_ZIP)) != _ZIP:
            return False
    return bool(_arrays(path))


def _arrays(path: PathLike) -> list[str]:
    """Return the names of the arrays in a .npz file; none of a damaged one."""
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return []
    return [name.removesuffix(".npy") for name in names if name.endswith(".npy")]


def map_array(path: PathLike) -> Array:
    """Return the numbers of a .npy file as an array that stays on disk.

    Raises:
        ValueError: A damaged file, or one of something else.
        OSError: The file is missing or cannot be opened.
    """
    Path(path).open("rb").close()  # raises what Python raises
    with reading(os.fspath(path), "a .npy file of numbers", _FIX):
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        array = array if isinstance(array, np.ndarray) else np.array(None)
    return _numbers(array, path)


def load_array(path: PathLike, name: str | None = None) -> Array:
    """Return the numbers of a .npy file, or of one array in a .npz file.

    Args:
        path: The file.
        name: The array in a .npz file; None stands for the only one, or for `arr_0`.

    Raises:
        ValueError: A damaged file, one of something else, without that array, or
            that declares far more than it could hold.
        OSError: The file is missing or cannot be opened.
    """
    with Path(path).open("rb") as file:
        is_zip = file.read(len(_ZIP)) == _ZIP
    if not is_zip:
        mapped = map_array(path)
        fix = "Pass fewer sequences."
        check_memory(mapped.nbytes, os.fspath(path), fix)
        return np.array(mapped)
    return _numbers(_member(path, f"{name or _only_array(path)}.npy"), path)


def _only_array(path: PathLike) -> str:
    names = _arrays(path)
    if len(names) < 2 or "arr_0" in names:
        return names[0] if len(names) == 1 else "arr_0"
    raise ValueError(
        f"{os.fspath(path)}: expected a .npz file with one array, or with arr_0. "
        f"Received {listed(names)}. Name one; in Python pass `numpy.load(path)[name]`, "
        "in the command line `file.npz:name`."
    )


def _member(path: PathLike, member: str) -> Array:
    from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

    expected = f"a .npz file with the array {member.removesuffix('.npy')}"
    with reading(os.fspath(path), expected, _FIX), ZipFile(path) as archive:
        entry = archive.getinfo(member)
    place = f"{os.fspath(path)}, {member}"
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise ValueError(
            f"{place}: expected an array as NumPy compresses it. Received another "
            "compression; write it with `numpy.savez_compressed`."
        )
    check_size(entry.file_size, Path(path).stat().st_size, place)
    check_memory(entry.file_size, place, "Pass fewer sequences.")
    with reading(place, "an array of numbers", _FIX), ZipFile(path) as archive:
        with archive.open(entry) as stream:
            array = np.lib.format.read_array(stream, allow_pickle=False)
            # Read to its end, where its sum is checked.
            if stream.read(1):
                raise ValueError("there is more behind it")
        return np.asarray(array)


def _numbers(array: Array, path: PathLike) -> Array:
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"{os.fspath(path)}: expected an array of numbers. Received {array.dtype}."
        )
    return array
