"""The maps of all sequences, batch by batch, as a search goes through them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from keras_motif.extraction._batches import SequenceBatches
from keras_motif.extraction._sites import Rule, Windows, windows
from keras_motif.extraction.activation_maps import ActivationMap

__all__ = ["MapBatch", "MapBatches", "other_strand"]

Array = np.ndarray[Any, Any]

_SMALL = 2**19  # values of a batch's maps that aren't worth compiling for


class MapBatch(NamedTuple):
    """A batch of sequences and its maps.

    Attributes:
        rows: The sequences, then, where both strands are searched, their reverse
            complements, `(rows, length, 4 or more)`.
        first: Index of the batch's first sequence in the data.
        num_sequences: Number of sequences.
        values: The maps, `(rows or more, positions, filters)`: a tensor, or an array of
            a small batch. What is more repeats the first row.
        found: The windows of the positions.
    """

    rows: Array
    first: int
    num_sequences: int
    values: Any
    found: Windows


class MapBatches:
    """Runs the network batch by batch.

    Args:
        maps: The layer.
        batches: The sequences.
        rule: Says the windows, and whether both strands are searched.

    Attributes:
        num_windows: In how many windows each filter was looked for, so far.
    """

    def __init__(
        self, maps: ActivationMap, batches: SequenceBatches, rule: Rule
    ) -> None:
        self._maps = maps
        self._batches = batches
        self._rule = rule
        self._size = 0  # rows of the largest batch so far
        self._spare = 0  # rows that may be added to smaller ones
        self.num_windows = 0

    def __iter__(self) -> Iterator[MapBatch]:
        """Yield each batch.

        Raises:
            ValueError: What `SequenceBatches` and `windows` raise.
        """
        found: Windows | None = None
        first = 0
        for batch in self._batches:
            if found is None:
                found = windows(self._maps, self._rule, batch.shape[1])
            rows = batch
            if self._rule.both_strands:
                rows = np.concatenate([batch, other_strand(batch)])
            self.num_windows += len(rows) * int(found.inside.sum())
            values = self._values(rows, len(found.starts))
            yield MapBatch(rows, first, len(batch), values, found)
            first += len(batch)

    def _values(self, rows: Array, positions: int) -> Any:
        padded = self._padded(rows)
        if len(padded) * positions * self._maps.num_filters < _SMALL:
            return self._maps(rows)
        return self._maps.on_device(padded)

    def _padded(self, rows: Array) -> Array:
        """Repeat the first row, up to the size that is compiled already.

        No more rows are added than there were, so that batches of many sizes don't
        take twice as long.
        """
        missing = self._size - len(rows)
        self._size = max(self._size, len(rows))
        self._spare += len(rows)
        if not 0 < missing <= self._spare:
            return rows
        self._spare -= missing
        return np.concatenate(
            [rows, np.broadcast_to(rows[:1], (missing, *rows.shape[1:]))]
        )


def other_strand(batch: Array) -> Array:
    """Return the reverse complements; channels behind the bases are reversed alone."""
    bases = batch[:, ::-1, 3::-1]
    if batch.shape[2] == 4:
        return bases
    return np.concatenate([bases, batch[:, ::-1, 4:]], axis=2)
