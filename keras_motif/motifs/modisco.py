"""TF-MoDISco's files: what it starts from, and the patterns that it finds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from keras_motif._checks import (
    check_one_hot_shape,
    check_one_hot_values,
    listed,
    with_shapes,
)
from keras_motif._files import whole_file
from keras_motif.motifs.counts import column_shares
from keras_motif.motifs.hdf5 import Hdf5File, open_hdf5
from keras_motif.motifs.motif import Motif
from keras_motif.motifs.npy import load_array
from keras_motif.sequences import ALPHABET

__all__ = ["ModiscoInputs", "read_inputs", "read_patterns", "write_inputs"]

Array = np.ndarray[Any, Any]
PathLike = str | os.PathLike[str]


_MOST_VALUES = 2**20  # of a pattern; real ones have some hundred
_MOST_DIGITS = 18  # of a pattern's number


class ModiscoInputs(NamedTuple):
    """What TF-MoDISco starts from.

    Attributes:
        sequences: One-hot array of shape `(n, length, 4)`.
        attributions: Array of the same shape, for all four bases of each position.
    """

    sequences: Array
    attributions: Array

    def __repr__(self) -> str:
        return with_shapes(self)


def write_inputs(
    sequences: Array,
    attributions: Array,
    sequences_path: PathLike,
    attributions_path: PathLike,
) -> None:
    """Write the two files that `modisco motifs -s ... -a ...` takes.

    TF-MoDISco looks at 400 positions in the middle of each sequence; of shorter
    ones, pass it `-w` with their length, an even number.

    Args:
        sequences: One-hot array of shape `(n, length, 4)`, bases A C G T.
        attributions: Array of the same shape: hypothetical contributions, those of
            all four bases at each position, not multiplied by the sequence.
        sequences_path: The file for the sequences, ending in .npz.
        attributions_path: The file for the attributions, ending in .npz.

    Raises:
        ValueError: Sequences that are not one-hot, attributions of another shape or
            not finite, or another ending.
        OSError: A folder does not exist or cannot be written.
    """
    sequences, attributions = np.asarray(sequences), np.asarray(attributions)
    check_one_hot_shape(sequences.shape)
    check_one_hot_values(sequences)
    if attributions.shape != sequences.shape:
        raise ValueError(
            "`attributions` must have the shape of `sequences`, one value for each "
            f"base. Received shapes {attributions.shape} and {sequences.shape}."
        )
    if not np.isfinite(attributions).all():
        raise ValueError("`attributions` must be finite. Received NaN or infinity.")
    paths = {"sequences_path": sequences_path, "attributions_path": attributions_path}
    for argument, path in paths.items():
        if Path(path).suffix != ".npz":
            raise ValueError(
                f"`{argument}` must end in .npz, by which TF-MoDISco knows the "
                f"format. Received {os.fspath(path)!r}."
            )
    _write_npz(sequences_path, sequences.astype(np.int8))
    _write_npz(attributions_path, attributions.astype(np.float32))


def read_inputs(sequences_path: PathLike, attributions_path: PathLike) -> ModiscoInputs:
    """Read the two files that TF-MoDISco starts from, of any tool.

    Args:
        sequences_path: .npz (its array `arr_0`) or .npy file of shape
            `(n, 4, length)`, one-hot.
        attributions_path: The same, of the attributions.

    Returns:
        Both as `(n, length, 4)`, in the types that the files hold.

    Raises:
        ValueError: A file that is damaged or holds no such array, or two of
            different shapes.
        OSError: A file is missing or cannot be opened.
    """
    sequences = _read_channels_first(sequences_path)
    attributions = _read_channels_first(attributions_path)
    if sequences.shape != attributions.shape:
        raise ValueError(
            "Sequences and attributions must have one shape. Received "
            f"{sequences.shape} in {os.fspath(sequences_path)!r} and "
            f"{attributions.shape} in {os.fspath(attributions_path)!r}, length "
            "before bases."
        )
    return ModiscoInputs(sequences, attributions)


def read_patterns(
    path: PathLike, *, trim_threshold: float | None = None
) -> list[Motif]:
    """Read the patterns that TF-MoDISco found, as motifs.

    Args:
        path: The HDF5 file that `modisco motifs` of tfmodisco-lite writes.
        trim_threshold: Keep the positions from the first to the last whose
            contributions reach this share of the largest, 0 to 1; `modisco report`
            takes 0.3. None: whole patterns.

    Returns:
        First the patterns of positive contributions, then those of negative ones,
        each in its order, under the names of `modisco meme`
        ("pos_patterns.pattern_0"); `num_sites` is the number of seqlets. Patterns
        within patterns are left out.

    Raises:
        ValueError: Another kind of file, a damaged one, patterns that are no
            frequencies, or a threshold out of range. The message names the file
            and the pattern.
        OSError: The file is missing or cannot be opened.
    """
    if trim_threshold is not None and not 0 <= trim_threshold <= 1:
        raise ValueError(
            f"`trim_threshold` must lie between 0 and 1. Received {trim_threshold!r}."
        )
    motifs = []
    with open_hdf5(path, "the HDF5 file that `modisco motifs` writes") as file:
        held = file.names()
        groups = [name for name in ("pos_patterns", "neg_patterns") if name in held]
        # Where nothing was found, the file holds its window and no group.
        if not groups and not file.has_attribute("window_size"):
            raise ValueError(
                f"{os.fspath(path)} holds no patterns of tfmodisco-lite (the groups "
                f"pos_patterns and neg_patterns). It holds "
                f"{listed(held) or 'nothing'}. A file of the first TF-MoDISco has to "
                "go through `modisco convert`."
            )
        for group in groups:
            for name in sorted(file.names(group), key=_pattern_number):
                motifs.append(_pattern(file, f"{group}/{name}", trim_threshold))
    return motifs


def _write_npz(path: PathLike, array: Array) -> None:
    with whole_file(path) as temporary:
        np.savez_compressed(temporary, array.transpose(0, 2, 1))


def _read_channels_first(path: PathLike) -> Array:
    """Return the array `(n, 4, length)` of a file as `(n, length, 4)`."""
    loaded = load_array(path, "arr_0")
    if loaded.ndim != 3 or loaded.shape[1] != len(ALPHABET):
        raise ValueError(
            f"{os.fspath(path)} must hold an array of shape (n, 4, length). Received "
            f"shape {loaded.shape}."
        )
    return np.ascontiguousarray(loaded.transpose(0, 2, 1))


def _pattern_number(name: str) -> tuple[int, str]:
    """Return what pattern_2 sorts by, before pattern_10."""
    number = name.rpartition("_")[2]
    is_number = number.isdecimal() and len(number) <= _MOST_DIGITS
    return (int(number) if is_number else -1, name)


def _pattern(file: Hdf5File, path: str, trim_threshold: float | None) -> Motif:
    """Return the pattern that lies at a path of the file."""
    sequence = _columns(file, f"{path}/sequence")
    if (sequence < 0).any():
        raise ValueError(
            f"{file.path}, {path}/sequence: expected frequencies, 0 or more. Received "
            f"{sequence.min():g}. Was it written by `modisco motifs`?"
        )
    if trim_threshold is not None:
        scores = np.abs(_columns(file, f"{path}/contrib_scores")).sum(axis=1)
        if len(scores) != len(sequence):
            raise ValueError(
                f"{file.path}, {path}: expected contributions of {len(sequence)} "
                f"positions. Received {len(scores)}. Was it written by `modisco "
                "motifs`?"
            )
        kept = np.flatnonzero(scores >= trim_threshold * scores.max())
        sequence = sequence[kept[0] : kept[-1] + 1]
    num_sites = _num_seqlets(file, f"{path}/seqlets/n_seqlets")
    return Motif(column_shares(sequence), path.replace("/", "."), num_sites=num_sites)


def _columns(file: Hdf5File, path: str) -> Array:
    """Return finite numbers `(width, 4)`."""
    stored = file.numbers(path)
    stored.require((None, len(ALPHABET)), _MOST_VALUES)
    columns = np.asarray(stored[:], dtype=np.float64)
    if not len(columns) or not np.isfinite(columns).all():
        raise ValueError(
            f"{stored.place}: expected finite numbers for one position or more. "
            f"Received {'NaN or infinity' if len(columns) else 'no position'}. Was it "
            "written by `modisco motifs`?"
        )
    return columns


def _num_seqlets(file: Hdf5File, path: str) -> int:
    stored = file.numbers(path)
    numbers = stored[()] if stored.shape in ((), (1,)) else np.empty(0)
    if numbers.size != 1 or numbers.dtype.kind not in "iu" or numbers.min() < 0:
        raise ValueError(
            f"{stored.place}: expected the number of seqlets, 0 or more. Received "
            f"{numbers.ravel().tolist() or stored.shape}. Was it written by `modisco "
            "motifs`?"
        )
    return int(numbers.ravel()[0])
