"""DeepSEA's training bundle, read by streaming, cut down to a few targets."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from keras_motif._checks import listed
from keras_motif._files import whole_file
from keras_motif._progress import progress_bar
from keras_motif.datasets._bundle import Block, read_matlab5, read_matlab73
from keras_motif.datasets._hdf5 import (
    LABEL_NAMES,
    append_rows,
    create_rows,
)
from keras_motif.datasets._lines import check_readable
from keras_motif.datasets.files import load_splits
from keras_motif.datasets.splits import Splits, warn_without_positives
from keras_motif.motifs import hdf5

if TYPE_CHECKING:
    from tqdm import tqdm

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
            read = read_matlab73 if part == "train" else read_matlab5
            described = f"Reading {part}.mat"
            with progress_bar(described, "sequences", None, progress) as bar:
                _convert_part(file, part, read(files[part], part, columns), bar)
        lengths = {part: file[f"X_{part}"].shape[2] for part in files}
        if len(set(lengths.values())) > 1:
            raise ValueError(
                f"{os.fspath(folder)}: expected sequences of one length in the three "
                f"files. Received {lengths}."
            )


def _convert_part(
    file: h5py.File, part: str, blocks: Iterator[Block], bar: tqdm[Any]
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
    with hdf5.open_hdf5(path) as file:
        names = file.attribute(LABEL_NAMES, str)
        columns = file.attribute(_COLUMNS, int)
    if dict(zip(names, columns, strict=False)) != dict(targets) or names != [*targets]:
        held = listed(names) if columns else "nothing of DeepSEA's"
        raise ValueError(
            f"{path}: expected the targets {', '.join(targets)} as converted from "
            f"DeepSEA's bundle. The file holds {held}. Pass another `output=`, or "
            "remove this file."
        )
