"""The best ungapped alignment of a query with each target."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_motif.matching._targets import Entries

__all__ = ["BINS", "Alignments"]

Array = np.ndarray[Any, Any]

BINS = 100  # a discrete score lies in 0 .. 100
_NOT_ALLOWED = -(2**62)  # ranks an alignment below every allowed one


class Alignments:
    """All ungapped alignments of a query of one width with every entry.

    Configuration c = 1 .. width + L - 1 of an entry of width L puts the entry's
    first column under query column width - c. Scores are added up for all
    entries at once: between entries lie width - 1 empty columns, so that each
    configuration of each entry has a place of its own.
    """

    def __init__(
        self, width: int, entries: Entries, min_overlap: int, internal: bool
    ) -> None:
        widths = entries.widths
        numbers = np.arange(len(widths))
        sizes = widths + width - 1
        self._width = width
        self._starts = entries.starts + numbers * (width - 1)
        self._num_places = int(sizes.sum())
        # The place of each pool column in the spread-out row.
        owner = np.repeat(numbers, widths)
        self._places = np.arange(len(owner)) + owner * (width - 1)
        # Ranks: the larger overlap first, then the smaller configuration.
        wide = np.repeat(widths, sizes)
        c = np.arange(self._num_places) - np.repeat(self._starts, sizes) + 1
        overlap = np.minimum(np.minimum(c, wide + width - c), np.minimum(wide, width))
        self._base = width + int(widths.max())
        self._factor = (width + 1) * self._base
        self._ranks = overlap * self._base + self._base - c
        least = np.minimum(min_overlap, np.minimum(wide, width))
        allowed = overlap >= (np.minimum(wide, width) if internal else least)
        self._ranks[~allowed] = _NOT_ALLOWED

    def best(self, scores: Array) -> tuple[Array, Array, Array]:
        """Return the best alignment with each entry: score, overlap, offset.

        Args:
            scores: Array of shape `(width, num_columns)`, 0 for an unaligned column.

        Returns:
            Three arrays of shape `(num_entries,)`.
        """
        width, num_places = self._width, self._num_places
        small = BINS * width < np.iinfo(np.int16).max
        kind = np.int16 if small else np.int32
        spread: Array = np.zeros(num_places, dtype=kind)
        sums: Array = np.zeros(num_places, dtype=kind)
        for column, row in enumerate(scores):
            spread[self._places] = row
            shift = width - 1 - column
            sums[shift:] += spread[: num_places - shift]
        keys = sums.astype(np.int64) * self._factor + self._ranks
        best = np.maximum.reduceat(keys, self._starts)
        totals, ranks = np.divmod(best, self._factor)
        overlaps, rest = np.divmod(ranks, self._base)
        return totals, overlaps, self._base - rest - self._width
