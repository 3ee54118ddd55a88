"""Sequences of every kind, read batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from keras_motif._checks import check_one_hot_values
from keras_motif._progress import progress_bar
from keras_motif.extraction._compiled import MAP_BYTES
from keras_motif.extraction._items import Item, check_layout, label_rows
from keras_motif.extraction._labels import LabelTable, label_table
from keras_motif.extraction._order import HeadDigest, Order, order_of
from keras_motif.extraction._sources import open_source
from keras_motif.extraction._tiles import Tile, Tiles, Tiling
from keras_motif.extraction._warn import warn
from keras_motif.models.choices import InputChoice

__all__ = ["MAX_STREAMED", "SequenceBatches"]

Array = np.ndarray[Any, Any]

MAX_STREAMED = 1_000_000

_FREE_BASES = 2**22  # of sequences that are read before they are cut


class SequenceBatches:
    """One-hot sequences in batches, checked, whatever they are kept in.

    Iterating reads them from the start, each time anew, unless `is_one_shot`.

    Args:
        sequences: See `extraction.extract_motifs`.
        batch_size: Sequences per batch where they come in one piece; None stands for
            as many as fill the memory that maps may take.
        sequence_bytes: Tells how much memory the maps of a sequence of some length
            take.
        choice: Which part of a batch for several inputs holds the sequences.
        progress: Whether to show a progress bar on standard error; None stands for
            work of some seconds at a terminal.
        max_streamed: How many sequences are read at most of a source of which it is
            not known whether it ends; None for all.
        with_labels: Whether to keep the labels that come with the sequences.
        tiling: How sequences are cut into the pieces that batches then hold.
        any_length: Whether batches may differ in length.

    Attributes:
        is_one_shot: Whether they can be read only once.
        is_foreign: Whether they come from an iterable of which nothing is known.
        num_sequences: How many the last whole reading gave; 0 before.
        length: Their length, that of the longest; 0 before.
        num_bases: How many bases of each row of the batch that was handed out last are
            the sequence's; behind them stands N.

    Raises:
        ValueError: Sequences that are not one-hot, or never end; a batch size below 1.
        TypeError: Something that holds no sequences.

    Warns:
        UserWarning: While iterating: not all was read.
    """

    def __init__(
        self,
        sequences: Any,
        batch_size: int | None,
        sequence_bytes: Callable[[int], int],
        choice: InputChoice | None = None,
        progress: bool | None = False,
        max_streamed: int | None = MAX_STREAMED,
        *,
        with_labels: bool = False,
        tiling: Tiling | None = None,
        any_length: bool = False,
    ) -> None:
        _check_number(batch_size, "batch_size")
        _check_number(max_streamed, "max_streamed")
        self._batch_size = batch_size
        self._sequence_bytes = sequence_bytes
        self._choice = choice
        self._progress = progress
        self._is_free = any_length or tiling is not None
        self._source = open_source(
            sequences, choice, self._size, any_length=self._is_free
        )
        self._most = None if self._source.is_bounded else max_streamed
        self._with_labels = with_labels
        self._labels: list[tuple[Any, int]] = []
        self._digest: HeadDigest | None = None  # of the reading before
        self._has_warned = False
        self._tiling = tiling
        self._tiles: list[Tile] = []
        self.num_sequences = 0
        self.length = 0
        self.num_bases = 0

    @property
    def is_one_shot(self) -> bool:
        """Whether they can be read only once."""
        return self._source.is_one_shot

    @property
    def is_foreign(self) -> bool:
        """Whether they come from an iterable of which nothing is known."""
        return self._source.is_foreign

    @property
    def is_readable_again(self) -> bool:
        """Whether it is known that a second reading gives the same sequences."""
        source = self._source
        is_known = source.is_fixed or (source.is_bounded and not source.is_foreign)
        return is_known and not source.is_one_shot

    @property
    def row_length(self) -> int:
        """The length of the rows of batches."""
        return self.length if self._tiling is None else self._tiling.length

    @property
    def has_pieces(self) -> bool:
        """Whether batches hold pieces of sequences."""
        return self._tiling is not None

    def __iter__(self) -> Iterator[Array]:
        """Yield arrays of shape `(n, length, 4)`, all of one length.

        Raises:
            ValueError: A batch that is not one-hot, or of another length than the
                first, or no batch at all.
        """
        length, first = 0, 0
        digest = HeadDigest(self._most)
        self._labels, self._tiles = [], []
        count = self._source.num_sequences
        with progress_bar("Reading filters", "sequences", count, self._progress) as bar:
            for item, tiles in self._cut(self._read()):
                batch = item.sequences
                if not len(batch):
                    yield from map(self._handed_out, tiles)
                    continue
                check_layout(batch.shape, self._source.name, self._choice)
                if not self._is_free and length not in (0, batch.shape[1]):
                    raise ValueError(
                        "`sequences` must all have one length. Received a batch of "
                        f"length {batch.shape[1]} after one of length {length}. Pad "
                        "with N (`length=`), cut them (`tile=True`), or extract from "
                        "each length by itself."
                    )
                length = max(length, batch.shape[1])
                check_one_hot_values(batch[..., :4], first, self._source.name)
                digest.update(batch)
                if self._with_labels:
                    self._labels.append((item.labels, len(batch)))
                first += len(batch)
                if self._tiling is None:
                    self.num_bases = length
                    yield batch
                yield from map(self._handed_out, tiles)
                bar.update(len(batch))
        if first == 0 and self._digest is not None:
            raise ValueError(
                "`sequences` must be readable more than once: these take a second "
                "reading, which found nothing. Pass a list of batches, or an object "
                "whose `__iter__` starts anew."
            )
        if first == 0:
            raise ValueError(
                "`sequences` must hold at least one sequence. Received none."
            )
        self._digest = digest
        self.num_sequences, self.length = first, length

    def _cut(self, items: Iterator[Item]) -> Iterator[tuple[Item, list[Tile]]]:
        if self._tiling is None:
            return ((item, []) for item in items)
        return Tiles(self._tiling, self._size(self._tiling.length)).of(items)

    def _handed_out(self, tile: Tile) -> Array:
        self.num_bases = tile.num_bases
        self._tiles.append(tile._replace(rows=tile.rows[:0]))
        return tile.rows

    def origins(self) -> tuple[Array, Array] | None:
        """Return where the rows of the reading that just ended were cut from.

        Returns:
            Of each row the index of its sequence, and the base at which it begins
            there; None where sequences weren't cut.
        """
        if self._tiling is None:
            return None
        return (
            np.concatenate([tile.sequences for tile in self._tiles]),
            np.concatenate([tile.starts for tile in self._tiles]),
        )

    def labels(self) -> LabelTable | None:
        """Return the labels of the reading that just ended; None where none came.

        Also None where they are no table of numbers, as labels of each position.
        """
        return label_table(self._labels)

    def order(self) -> Order:
        """Return whether rows keep their places from one reading to the next."""
        return order_of(self._source, self._digest, self._most)

    def kept(self) -> list[Any]:
        """Return all batches, with their labels, for readings in one order."""
        parts = list(self)
        labels = [part for part, _ in self._labels] or [None] * len(parts)
        return [
            batch if own is None else (batch, own)
            for batch, own in zip(parts, labels, strict=True)
        ]

    def _read(self) -> Iterator[Item]:
        """Read the source, up to the largest number of sequences."""
        left = self._most
        for item in self._source.read():
            if left is None:
                yield item
                continue
            if left < len(item.sequences):
                if left > 0:
                    yield _first(item, left)
                self._say_stopped()
                return
            yield item
            left -= len(item.sequences)

    def _say_stopped(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            warn(
                f"Of `sequences`, which don't tell how many they are, the first "
                f"{self._most:,} were read, and there are more. To read all, pass "
                "`max_streamed=None`, if they come to an end."
            )

    def _size(self, length: int) -> int:
        """Return how many sequences of a length make a batch."""
        if self._batch_size is not None:
            return self._batch_size
        wanted = None if self._tiling is None else self._tiling.length
        if self._is_free and length != wanted:  # they are cut before they are read
            return max(1, _FREE_BASES // length)
        return max(1, MAP_BYTES // self._sequence_bytes(length))


def _first(item: Item, number: int) -> Item:
    """Return the first sequences of a batch, with their labels."""
    labels = label_rows(item.labels, len(item.sequences))
    kept = labels and {key: rows[:number] for key, rows in labels.items()}
    return Item(item.sequences[:number], kept)


def _check_number(value: Any, argument: str) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"`{argument}` must be an integer. Received {value!r}.")
    if value < 1:
        raise ValueError(f"`{argument}` must be 1 or more. Received {value}.")
