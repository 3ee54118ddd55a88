"""What a sequence is compared with: shuffles, uniform bases, zeros, or arrays."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from keras_motif.sequences import shuffled_pairs

__all__ = ["References", "ReferencesLike"]

Array = np.ndarray[Any, Any]
ReferencesLike: TypeAlias = "str | np.ndarray[Any, Any]"

_NAMES = ("shuffle", "uniform", "zeros")


class References:
    """The references of some sequences, made where they are needed.

    Args:
        references: "shuffle", "uniform", "zeros", or an array: `(length, 4)`, the same
            for all; `(num, length, 4)`, the same ones for all; `(n, num, length, 4)`,
            each sequence its own.
        sequences: One-hot, `(n, length, 4)`. N stays N in shuffles and uniform
            references.
        num: Shuffles of each sequence.
        seed: Of the shuffles.

    Attributes:
        num: How many each sequence has.

    Raises:
        ValueError: Another name or shape, or numbers that aren't finite.
    """

    def __init__(
        self, references: ReferencesLike, sequences: Array, num: int, seed: int
    ) -> None:
        self._sequences = sequences
        self._random = np.random.default_rng(seed)
        self._kind = references if isinstance(references, str) else "array"
        if isinstance(references, str):
            if references not in _NAMES:
                raise ValueError(
                    '`references` must be "shuffle", "uniform", "zeros" or an array. '
                    f"Received {references!r}."
                )
            self.num = num if references == "shuffle" else 1
        else:
            self._array = _checked(references, sequences.shape)
            self.num = self._array.shape[1]

    def of(self, start: int, stop: int) -> Array:
        """Return the references of some sequences, those after the last call's.

        Returns:
            Array of shape `(stop - start, num, length, 4)`, float32.
        """
        if self._kind == "array":
            return np.asarray(self._array[start:stop], dtype=np.float32)
        x = self._sequences[start:stop]
        found = np.zeros((len(x), self.num, *x.shape[1:]), np.float32)
        if self._kind == "zeros":
            return found
        is_known = x.max(axis=2) == 1
        found[:] = x[:, None]
        if self._kind == "uniform":
            found[np.broadcast_to(is_known[:, None], found.shape[:3])] = 0.25
            return found
        for each, sequence, known in zip(found, x, is_known, strict=True):
            ends = np.flatnonzero(np.diff(np.pad(known, 1).astype(np.int8)))
            for first, last in ends.reshape(-1, 2):  # N stays, what is between moves
                part = sequence[first:last]
                each[:, first:last] = shuffled_pairs(part, self.num, self._random)
        return found


def _checked(references: Any, shape: tuple[int, ...]) -> Array:
    n, length, _ = shape
    array = np.asarray(references)
    if array.dtype.kind not in "fiub":
        raise ValueError(
            '`references` must be "shuffle", "uniform", "zeros" or numbers. '
            f"Received an array of {array.dtype}."
        )
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
