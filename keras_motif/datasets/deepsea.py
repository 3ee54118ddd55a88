"""DeepSEA's training bundle, read by streaming, cut down to a few targets."""

from __future__ import annotations

import operator
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from tqdm.auto import tqdm

from keras_motif._checks import check_one_hot_values
from keras_motif._files import whole_file
from keras_motif.datasets._lines import check_readable
from keras_motif.datasets.files import (
    LABEL_NAMES,
    Splits,
    append_rows,
    check_labels,
    create_rows,
    load_splits,
    numeric_dataset,
    open_hdf5,
    rows_per_read,
    warn_without_positives,
)

__all__ = ["DEEPSEA_TARGETS", "convert_deepsea", "load_deepsea"]

Array = np.ndarray[Any, Any]

DEEPSEA_TARGETS: dict[str, int] = {
    "Arid3a": 592,
    "CEBPB": 602,
    "FOSL1": 344,
    "Gabpa": 345,
    "MAFK": 635,
    "MAX": 636,
    "MEF2A": 349,
    "NFYB": 642,
    "SP1": 359,
    "SRF": 361,
    "STAT1": 661,
    "YY1": 369,
}
"""The study's twelve of DeepSEA's 919 targets, as columns counted from 0.

All were measured in K562 cells. DeepSEA's own list of targets counts from 1: its
number 593, K562|ARID3A, is column 592. The names are those of `SYNTHETIC_FACTORS`.

Source: the released code of Koo & Ploenzke (2019).
"""

_COLUMNS = "deepsea_columns"  # attribute of a converted file: whence its labels
_ORDER = [0, 2, 1, 3]  # the bundle has A G C T
_READ_BYTES = 2**25  # of sequences read at a time,
_MOST_BYTES = 2**30  # and at most, however large a chunk is
_PROGRESS_DELAY = 2  # seconds before a bar that was not asked for appears


def load_deepsea(
    folder: str | os.PathLike[str],
    targets: Mapping[str, int] = DEEPSEA_TARGETS,
    *,
    output: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> Splits:
    """Read DeepSEA's data for some targets: the study's in vivo data, by default.

    The first call converts the bundle by `convert_deepsea`; later ones read the
    file that it wrote. Only sequences that are positive for at least one target
    come into memory, 4 kB each.

    Source: Zhou & Troyanskaya (2015), Nature Methods 12; the choice of targets and
    sequences is that of Koo & Ploenzke (2019), bioRxiv 650804, Methods.

    Args:
        folder: Where `train.mat`, `valid.mat` and `test.mat` lie.
        targets: Names, and columns among DeepSEA's 919 targets, counted from 0.
        output: The converted file, HDF5. None stands for `deepsea.h5` in `folder`.
        progress: See `convert_deepsea`.

    Returns:
        Train, valid and test as the bundle has them, each with `x` `(n, 1000, 4)`,
        `y` `(n, num_targets)` and the targets' names.

    Raises:
        ValueError: What `convert_deepsea` raises, or a converted file of other
            targets.
        OSError: A file is missing or cannot be opened or written.

    Warns:
        UserWarning: A target has no positives in some part.
    """
    _check_targets(targets)
    converted = Path(folder, "deepsea.h5") if output is None else Path(output)
    if converted.exists():
        _check_converted(converted, targets)
    else:
        convert_deepsea(folder, converted, targets, progress=progress)
    splits = load_splits(converted)
    warn_without_positives(splits, os.fspath(converted), stacklevel=3)
    return splits


def convert_deepsea(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    targets: Mapping[str, int] = DEEPSEA_TARGETS,
    *,
    progress: bool | None = None,
) -> None:
    """Write what DeepSEA's bundle holds on some targets in the study's HDF5 layout.

    Sequences that are positive for none of the targets are left out, and bases put
    in the order A C G T; the bundle has A G C T. `train.mat` (MATLAB 7.3) is read
    some thousand sequences at a time. `valid.mat` and `test.mat` (MATLAB 5) can only
    be read whole, which takes 2 GB of memory for the latter.

    Args:
        folder: Where `train.mat`, `valid.mat` and `test.mat` lie.
        output: The file to write, whole or not at all; its folder must exist. For
            `load_hdf5`, or `h5py` where it is larger than memory.
        targets: Names, and columns among the targets of the bundle, from 0.
        progress: Whether to show a progress bar on standard error; None shows one
            at a terminal, for work of more than two seconds.

    Raises:
        ValueError: A file that is damaged or of another layout, numbers of
            sequences and labels that disagree, a target that does not exist, or a
            part without any positive sequence. The message names the file.
        TypeError: A column that is no integer.
        OSError: A file is missing or cannot be opened or written.
    """
    columns = _check_targets(targets)
    files = {part: Path(folder, f"{part}.mat") for part in Splits._fields}
    for path in files.values():
        check_readable(path)
    with whole_file(output) as temporary, h5py.File(temporary, "w") as file:
        file.attrs[LABEL_NAMES] = list(targets)
        file.attrs[_COLUMNS] = columns
        # What is wrong with the small files should show before the long read.
        for part in ("valid", "test", "train"):
            read = _read_matlab73 if part == "train" else _read_matlab5
            with _progress(f"Reading {part}.mat", progress) as bar:
                _convert_part(file, part, read(files[part], part, columns), bar)
        lengths = {part: file[f"X_{part}"].shape[2] for part in files}
        if len(set(lengths.values())) > 1:
            raise ValueError(
                f"{os.fspath(folder)}: expected sequences of one length in the three "
                f"files. Received {lengths}."
            )


class _Block(NamedTuple):
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


def _convert_part(
    file: h5py.File, part: str, blocks: Iterator[_Block], bar: tqdm[Any]
) -> None:
    """Write the sequences and labels of one part."""
    x = y = None
    for block in blocks:
        if x is None or y is None:
            x = create_rows(file, f"X_{part}", block.x.shape[1:], np.int8)
            y = create_rows(file, f"Y_{part}", block.y.shape[1:], np.int8)
        append_rows(x, block.x)
        append_rows(y, block.y)
        bar.total = block.num_all
        bar.update(block.num_read)
    if y is None or not len(y):
        raise ValueError(
            f"{part}.mat: expected sequences that are positive for at least one of "
            f"{', '.join(file.attrs[LABEL_NAMES])}. Received none."
        )


def _read_matlab73(path: Path, part: str, columns: list[int]) -> Iterator[_Block]:
    """Read `(1000, 4, n)` and `(919, n)` by parts along their last axis."""
    rows, places = np.unique(columns, return_inverse=True)
    with open_hdf5(path) as file:
        for name in (f"{part}xdata", f"{part}data"):
            if name not in file:
                raise _missing(path, name, list(file))
        x = numeric_dataset(file[f"{part}xdata"], f"{path}, {part}xdata")
        y = numeric_dataset(file[f"{part}data"], f"{path}, {part}data")
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


def _read_matlab5(path: Path, part: str, columns: list[int]) -> Iterator[_Block]:
    """Read `(n, 4, 1000)` and `(n, 919)`, one after the other to save memory."""
    all_labels = _load_matlab5(path, f"{part}data")
    y_shape = all_labels.shape
    labels = all_labels[:, columns] if max(columns) < y_shape[-1] else all_labels
    del all_labels
    x = _load_matlab5(path, f"{part}xdata")
    _check_shapes(x.shape, y_shape, columns, path)
    kept = np.asarray(labels.any(axis=1))
    yield _block(x[kept], labels, kept, len(x), os.fspath(path))


def _load_matlab5(path: Path, name: str) -> Array:
    """Return one variable of a MATLAB 5 file."""
    import scipy.io

    try:
        content = scipy.io.loadmat(path, variable_names=[name])
        known = [] if name in content else [row[0] for row in scipy.io.whosmat(path)]
    except (
        scipy.io.matlab.MatReadError,
        zlib.error,
        IndexError,
        NotImplementedError,
        OSError,
        TypeError,
        ValueError,
    ) as error:
        raise ValueError(
            f"{path}: expected a file of MATLAB 5 to 7, as in the bundle. It cannot "
            f"be read as one ({error}). Is it complete?"
        ) from error
    if name not in content:
        raise _missing(path, name, known)
    array = content[name]
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
        raise ValueError(
            f"{path}, {name}: expected an array of numbers. Received "
            f"{getattr(array, 'dtype', type(array).__name__)}."
        )
    return array


def _block(
    sequences: Array, labels: Array, kept: Array, num_all: int, where: str
) -> _Block:
    """Check what is kept of a block, and put its bases in our order."""
    check_labels(labels, where)
    x = sequences[:, _ORDER]
    if len(x):
        check_one_hot_values(x.transpose(0, 2, 1), name=f"{where}, those kept")
    return _Block(x, labels[kept], len(labels), num_all)


def _check_shapes(
    x: tuple[int, ...], y: tuple[int, ...], columns: list[int], path: Path
) -> None:
    """Check the shapes of sequences and labels, as `(n, 4, length)` and `(n, k)`."""
    if len(x) != 3 or x[1] != 4 or len(y) != 2 or x[0] != y[0]:
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
        f"{', '.join(known) or 'none'}. Is it complete?"
    )


def _check_targets(targets: Mapping[str, int]) -> list[int]:
    """Return the columns of the targets."""
    columns = [operator.index(column) for column in targets.values()]
    if not columns or min(columns) < 0:
        raise ValueError(
            f"`targets` must map names to columns, from 0. Received {dict(targets)!r}."
        )
    return columns


def _check_converted(path: Path, targets: Mapping[str, int]) -> None:
    """Raise unless a converted file has these targets."""
    with open_hdf5(path) as file:
        names = [str(name) for name in file.attrs.get(LABEL_NAMES, ())]
        columns = [int(column) for column in file.attrs.get(_COLUMNS, ())]
    if dict(zip(names, columns, strict=False)) != dict(targets) or names != [*targets]:
        held = ", ".join(names) if columns else "nothing of DeepSEA's"
        raise ValueError(
            f"{path}: expected the targets {', '.join(targets)} as converted from "
            f"DeepSEA's bundle. The file holds {held}. Pass another `output=`, or "
            "remove this file."
        )


def _progress(text: str, progress: bool | None) -> tqdm[Any]:
    """Return a bar on standard error; see `convert_deepsea` for `progress`."""
    return tqdm(
        desc=text,
        unit=" sequences",
        disable=None if progress is None else not progress,
        delay=_PROGRESS_DELAY if progress is None else 0,
        leave=False,
    )
