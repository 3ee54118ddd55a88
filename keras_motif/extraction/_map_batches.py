"""The maps of all sequences, batch by batch, as a search goes through them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import keras
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
        known: dict[int, Windows] = {}
        first = 0
        for batch in self._batches:
            number = self._batches.num_bases
            if number not in known:
                piece = number if self._batches.has_pieces else None
                known[number] = windows(self._maps, self._rule, batch.shape[1], piece)
            found = known[number]
            rows = batch
            if self._rule.both_strands:
                rows = np.concatenate([batch, other_strand(batch, number)])
            self.num_windows += len(rows) * int(found.inside.sum())
            values = self._values(rows, len(found.starts))
            if found.is_piece and not found.inside.all():
                values = _only(values, found.inside)
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


def _only(values: Any, inside: Array) -> Any:
    """Return maps whose other positions are never the largest, nor a site."""
    if isinstance(values, np.ndarray):
        return np.where(inside[:, None], values, np.float32(-np.inf))
    kept = keras.ops.convert_to_tensor(inside[:, None])
    return keras.ops.where(kept, values, float("-inf"))


def other_strand(batch: Array, num_bases: int | None = None) -> Array:
    """Return the reverse complements; channels behind the bases are reversed alone.

    Args:
        batch: Sequences, `(n, length, 4 or more)`.
        num_bases: How many bases of each are the sequence's; what stands behind them
            stays there.
    """
    own, rest = batch[:, :num_bases], batch[:, num_bases or batch.shape[1] :]
    turned = own[:, ::-1, 3::-1]
    if batch.shape[2] > 4:
        turned = np.concatenate([turned, own[:, ::-1, 4:]], axis=2)
    return np.concatenate([turned, rest], axis=1) if rest.shape[1] else turned
