"""Sequences as strings and as one-hot arrays."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from keras_motif._checks import (
    check_count,
    check_one_hot_shape,
    check_one_hot_values,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ALPHABET",
    "RNA_ALPHABET",
    "LabelsLike",
    "SequencesLike",
    "base_codes",
    "base_rows",
    "check_alphabet",
    "dinucleotide_shuffle",
    "from_one_hot",
    "one_hot",
    "reverse_complement",
    "shuffled_pairs",
]

ALPHABET = "ACGT"
RNA_ALPHABET = "ACGU"

_UNKNOWN = 4
_INVALID = 255


def _code_table() -> np.ndarray[Any, Any]:
    """Return the code of each byte: 0 to 3 for A C G T, 4 for N, 255 for others."""
    table = np.full(256, _INVALID, dtype=np.uint8)
    for code, letter in enumerate(ALPHABET + "N"):
        table[ord(letter)] = table[ord(letter.lower())] = code
    return table


_CODES = _code_table()

SequencesLike: TypeAlias = (
    "np.ndarray[Any, Any] | str | os.PathLike[str] | Iterable[Any]"
)
"""Sequences of any kind: a one-hot array `(n, length, 4)`, an HDF5 data set, a file's
path, or batches, of a data set of Keras or TensorFlow or of a generator."""

LabelsLike: TypeAlias = "np.typing.ArrayLike | pd.DataFrame | pd.Series[Any]"
"""Numbers of each sequence: an array `(n, num_columns)` or `(n,)`, or a table."""


def check_alphabet(alphabet: object) -> None:
    """Raise unless the letters of the four bases are those of DNA or RNA.

    Raises:
        ValueError: Another `alphabet`.
    """
    if alphabet not in (ALPHABET, RNA_ALPHABET):
        raise ValueError(
            f'`alphabet` must be "{ALPHABET}", or "{RNA_ALPHABET}" for RNA. Received '
            f"{alphabet!r}."
        )


def one_hot(
    strings: str | Iterable[str],
    *,
    dtype: np.typing.DTypeLike = np.int8,
    unknown: float = 0,
) -> np.ndarray[Any, Any]:
    """Encode DNA strings as one-hot.

    Args:
        strings: Strings of one length, or a single string. Letters A C G T in
            either case; N becomes a row of `unknown`.
        dtype: The array's dtype.
        unknown: What stands for each base of an N: 0, or 0.25, which takes a dtype of
            floating-point numbers.

    Returns:
        Array of shape `(n, length, 4)`, bases in the order A C G T; n is 1 for a
        single string.

    Raises:
        ValueError: No string, an empty string, strings of different lengths, or
            another letter (its sequence and position are named).

    Example:
        >>> one_hot(["GAN"])[0].tolist()
        [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    """
    listed = [strings] if isinstance(strings, str) else [str(s) for s in strings]
    if not listed or not listed[0]:
        raise ValueError(
            "`strings` must hold at least one non-empty sequence. Received "
            f"{listed[:1]!r}."
        )
    length = len(listed[0])
    for index, string in enumerate(listed):
        if len(string) != length:
            raise ValueError(
                "`strings` must all have one length. Sequence 0 has "
                f"{length} letters, sequence {index} has {len(string)}. Cut or pad "
                "them (with N) to one length."
            )
    # "replace" turns every non-ASCII letter into one "?", so positions hold.
    text = "".join(listed).encode("ascii", "replace")
    codes = _CODES[np.frombuffer(text, dtype=np.uint8)].reshape(-1, length)
    if (codes == _INVALID).any():
        sequence, position = np.argwhere(codes == _INVALID)[0]
        raise ValueError(
            "`strings` must hold only the letters A C G T and N. Received "
            f"{listed[sequence][position]!r} in sequence {sequence}, position "
            f"{position}. Replace U of RNA by T, and other ambiguity codes by N; "
            "protein sequences cannot be used."
        )
    return np.asarray(base_rows(dtype, unknown)[codes])


def base_rows(
    dtype: np.typing.DTypeLike = np.int8, unknown: float = 0
) -> np.ndarray[Any, Any]:
    """Return the rows of A C G T and N, shape `(5, 4)`; see `one_hot`.

    Raises:
        ValueError: `unknown` is neither 0 nor 0.25, or not exact in `dtype`.
    """
    rows = np.eye(5, 4, dtype=dtype)
    rows[4] = unknown
    if unknown not in (0, 0.25) or (rows[4] != unknown).any():
        raise ValueError(
            "`unknown` must be 0, or 0.25 with a `dtype` of floating-point numbers. "
            f"Received {unknown!r} and {rows.dtype}."
        )
    return rows


def from_one_hot(array: np.ndarray[Any, Any]) -> list[str]:
    """Decode one-hot sequences to strings, the inverse of `one_hot`.

    Args:
        array: Array of shape `(n, length, 4)`, any dtype; an all-zero row, or
            one of 0.25, is N.

    Returns:
        n strings of `length` capital letters.

    Raises:
        ValueError: Another shape, or a row that is neither one-hot nor all zero.

    Example:
        >>> from_one_hot(one_hot(["GATNACA"]))
        ['GATNACA']
    """
    array = np.asarray(array)
    check_one_hot_shape(array.shape, "array")
    check_one_hot_values(array, name="array")
    codes = np.where(array.max(axis=2) == 1, array.argmax(axis=2), _UNKNOWN)
    letters = np.frombuffer(b"ACGTN", dtype=np.uint8)[codes]
    return [row.tobytes().decode("ascii") for row in letters]


def reverse_complement(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the other strand of each sequence.

    Args:
        array: Array of shape `(n, length, 4)` or `(length, 4)`, bases A C G T:
            one-hot sequences, or anything laid out like them.

    Returns:
        A new array of the same shape and dtype.

    Raises:
        ValueError: The last axis is not of size 4.

    Example:
        >>> from_one_hot(reverse_complement(one_hot("GATNACA")))
        ['TGTNATC']
    """
    array = np.asarray(array)
    if array.ndim not in (2, 3) or array.shape[-1] != 4:
        raise ValueError(
            "`array` must have shape (n, length, 4) or (length, 4), bases A C G T. "
            f"Received shape {array.shape}."
        )
    # With A C G T, the complement of base i is 3 - i.
    return array[..., ::-1, ::-1].copy()


def base_codes(batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the base at each position of one-hot sequences as a number.

    Args:
        batch: One-hot sequences, `(n, length, 4)`, any dtype, not checked.

    Returns:
        Array of shape `(n, length)`, uint8: 0 for N, 1 to 4 for A C G T.
    """
    # As whole numbers, an N of 0.25 is an N of 0.
    return batch.astype(np.uint8, copy=False) @ np.arange(1, 5, dtype=np.uint8)


def dinucleotide_shuffle(
    sequences: np.ndarray[Any, Any], num: int = 1, *, seed: int = 0
) -> np.ndarray[Any, Any]:
    """Shuffle sequences so that each keeps its counts of neighbouring pairs.

    Every different shuffle of a sequence is equally likely. The first and the last
    base stay; N counts as a fifth letter.

    Source: Altschul & Erickson (1985), Mol. Biol. Evol. 2, 526; the last exits are
    drawn as a random spanning tree by Wilson (1996), STOC 28.

    Args:
        sequences: One-hot, `(n, length, 4)`; N is a row of zeros, or of quarters.
        num: Shuffles of each sequence.
        seed: Of the random numbers; the same seed gives the same shuffles.

    Returns:
        Array of shape `(n, num, length, 4)`, of the dtype of `sequences`.

    Raises:
        ValueError: Sequences that are not one-hot, or `num` below 1.

    Example:
        >>> shuffles = dinucleotide_shuffle(one_hot("ACAGAT"), 3)
        >>> shuffles.shape
        (1, 3, 6, 4)
    """
    sequences = np.asarray(sequences)
    check_one_hot_shape(sequences.shape, "sequences")
    check_one_hot_values(sequences)
    check_count(num, "num")
    random = np.random.default_rng(seed)
    found = [shuffled_pairs(one, int(num), random) for one in sequences]
    return np.stack(found)


def shuffled_pairs(
    sequence: np.ndarray[Any, Any], num: int, random: np.random.Generator
) -> np.ndarray[Any, Any]:
    """Return `num` shuffles of one sequence `(length, 4)` that keep its pairs."""
    is_base = sequence.max(axis=1) == 1
    codes = np.where(is_base, sequence.argmax(axis=1), _UNKNOWN)
    letters = np.eye(5, 4, dtype=sequence.dtype)
    if not is_base.all():
        letters[_UNKNOWN] = sequence[~is_base][0]
    drawn = np.stack([_shuffle(codes, random) for _ in range(num)])
    return np.asarray(letters[drawn])


def _shuffle(
    codes: np.ndarray[Any, Any], random: np.random.Generator
) -> np.ndarray[Any, Any]:
    """Walk each step of a sequence once, in an order drawn uniformly."""
    followers = [codes[1:][codes[:-1] == code] for code in range(5)]
    last_exits = _last_exits(followers, int(codes[-1]), random)
    queues = []
    for code, options in enumerate(followers):
        rest = options.tolist()
        if code in last_exits:
            rest.remove(last_exits[code])
        order = [rest[index] for index in random.permutation(len(rest))]
        queues.append(iter([*order, last_exits.get(code)]))
    walk = [int(codes[0])]
    for _ in range(len(codes) - 1):
        walk.append(next(queues[walk[-1]]))
    return np.array(walk)


def _last_exits(
    followers: list[np.ndarray[Any, Any]], end: int, random: np.random.Generator
) -> dict[int, int]:
    """Draw where each letter is left for the last time: a tree that leads to `end`."""
    in_tree, exits = {end}, {}
    for start in (code for code, options in enumerate(followers) if len(options)):
        code, path = start, {}
        while code not in in_tree:
            # A later visit overwrites an earlier one, which erases the loop.
            path[code] = int(random.choice(followers[code]))
            code = path[code]
        code = start
        while code not in in_tree:
            in_tree.add(code)
            exits[code] = path[code]
            code = path[code]
    return exits
