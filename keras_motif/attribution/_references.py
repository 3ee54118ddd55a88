"""What a sequence is compared with: shuffles, uniform bases, zeros, or arrays."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from keras_motif.sequences import dinucleotide_shuffle

__all__ = ["ReferencesLike", "reference_arrays"]

Array = np.ndarray[Any, Any]
ReferencesLike: TypeAlias = "str | np.ndarray[Any, Any]"


def reference_arrays(
    references: ReferencesLike, sequences: Array, num: int, seed: int
) -> Array:
    """Return the references of each sequence.

    Args:
        references: "shuffle", "uniform", "zeros", or an array: `(length, 4)`, the same
            for all; `(num, length, 4)`, the same ones for all; `(n, num, length, 4)`,
            each sequence its own.
        sequences: One-hot, `(n, length, 4)`.
        num: Shuffles of each sequence.
        seed: Of the shuffles.

    Returns:
        Array of shape `(n, num, length, 4)`, float32. N stays N in shuffles and
        uniform references.

    Raises:
        ValueError: Another name or shape, or numbers that aren't finite.
    """
    n, length, _ = sequences.shape
    if isinstance(references, str):
        if references == "shuffle":
            return _shuffles(sequences, num, seed)
        if references == "zeros":
            return np.zeros((n, 1, length, 4), np.float32)
        if references == "uniform":
            known = sequences.any(axis=2, keepdims=True)
            return np.repeat(known, 4, axis=2)[:, None].astype(np.float32) / 4
        raise ValueError(
            '`references` must be "shuffle", "uniform", "zeros" or an array. Received '
            f"{references!r}."
        )
    array = np.asarray(references, dtype=np.float32)
    if array.ndim == 2:
        array = array[None]
    if array.ndim == 3:
        array = np.broadcast_to(array, (n, *array.shape))
    if array.ndim != 4 or array.shape[0] != n or array.shape[2:] != (length, 4):
        raise ValueError(
            f"`references` must have shape ({length}, 4), (num, {length}, 4) or "
            f"({n}, num, {length}, 4), as long as the sequences. Received shape "
            f"{np.shape(references)}."
        )
    if array.shape[1] == 0 or not np.isfinite(array).all():
        raise ValueError(
            "`references` must hold at least one reference, of finite numbers. "
            f"Received shape {np.shape(references)}."
        )
    return array


def _shuffles(sequences: Array, num: int, seed: int) -> Array:
    """Shuffle each stretch between Ns by itself."""
    if sequences.any(axis=2).all():
        return dinucleotide_shuffle(sequences, num, seed=seed).astype(np.float32)
    result = np.zeros((len(sequences), num, *sequences.shape[1:]), np.float32)
    for index, sequence in enumerate(sequences):
        known = np.concatenate([[False], sequence.any(axis=1), [False]])
        edges = np.flatnonzero(known[1:] != known[:-1]).reshape(-1, 2)
        for start, stop in edges:
            part = sequence[None, start:stop]
            drawn = dinucleotide_shuffle(part, num, seed=seed + index)
            result[index, :, start:stop] = drawn[0]
    return result
