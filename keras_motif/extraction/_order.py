"""Whether the rows of a source keep their places from one reading to the next."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

import numpy as np

from keras_motif.extraction._items import Item
from keras_motif.extraction._sources import Source

__all__ = ["HeadDigest", "Order", "order_of"]

Order: TypeAlias = Literal["fixed", "changes", "once"]

_HEAD = 1000  # rows that are compared


class HeadDigest:
    """A digest of the first 1,000 sequences of a reading.

    Args:
        most: How many sequences are read at all; None for all.

    Attributes:
        num_rows: How many sequences it holds so far.
    """

    def __init__(self, most: int | None = None) -> None:
        self._limit = _HEAD if most is None else min(_HEAD, most)
        self._digest = hashlib.blake2b()
        self.num_rows = 0

    @property
    def is_full(self) -> bool:
        """Whether more sequences would change nothing."""
        return self.num_rows >= self._limit

    def update(self, batch: np.ndarray[Any, Any]) -> None:
        """Take in a batch, as far as it belongs to the first ones."""
        rows = batch[: max(0, self._limit - self.num_rows)]
        self._digest.update(np.ascontiguousarray(rows).tobytes())
        self.num_rows += len(rows)

    def is_same(self, other: HeadDigest) -> bool:
        """Return whether two readings began with the same sequences."""
        return (self.num_rows, self._digest.digest()) == (
            other.num_rows,
            other._digest.digest(),
        )


def order_of(source: Source, before: HeadDigest | None, most: int | None) -> Order:
    """Compare two readings.

    Args:
        source: The sequences.
        before: Digest of a reading that came to its end; None reads twice.
        most: How many sequences are read at all; None for all.

    Returns:
        "fixed", "changes" (they are shuffled), or "once" (there is no second
        reading).
    """
    if source.is_fixed or source.is_one_shot:
        return "fixed" if source.is_fixed else "once"
    reading = None
    if before is None:
        reading = source.read()
        before = head_digest(reading, most)
    again = head_digest(source.read(), most)
    if again.is_same(before):
        return "fixed"
    if reading is not None and source.is_foreign:
        # Two iterators that share what they draw from differ, as shuffled ones do;
        # but behind the end of one the other finds nothing.
        num_rows = before.num_rows
        for item in reading:
            num_rows += len(item.sequences)
            if most is not None and num_rows > most:
                break
        again = head_digest(source.read(), 1)
    return "changes" if again.num_rows else "once"


def head_digest(reading: Iterable[Item], most: int | None) -> HeadDigest:
    """Read the first sequences."""
    digest = HeadDigest(most)
    for item in reading:
        digest.update(item.sequences)
        if digest.is_full:
            break
    return digest
