"""Sequences of any length as pieces of one, which overlap by no window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from keras_motif.extraction._items import Item

__all__ = ["Tile", "Tiles", "Tiling"]

Array = np.ndarray[Any, Any]


class Tiling(NamedTuple):
    """How sequences are cut.

    Attributes:
        length: Bases of a piece.
        step: From one piece to the next: as many bases as the first ones of the windows
            of a piece, so that each window of a sequence lies in one piece alone.
        cuts: Whether longer sequences are cut; else they are refused.
        pads: Whether shorter sequences are filled with N; else they are refused.
    """

    length: int
    step: int
    cuts: bool
    pads: bool


class Tile(NamedTuple):
    """Pieces of several sequences.

    Attributes:
        rows: `(n, length, channels)`, N behind the end of a sequence.
        num_bases: How many bases of each row are the sequence's.
        sequences: Of each row the index of its sequence.
        starts: Of each row the base at which it begins there.
    """

    rows: Array
    num_bases: int
    sequences: Array
    starts: Array


class Tiles:
    """Cuts sequences and puts pieces that are as long together.

    Args:
        tiling: How.
        size: How many pieces make a batch.
    """

    def __init__(self, tiling: Tiling, size: int) -> None:
        self._tiling = tiling
        self._size = size
        self._waiting: dict[int, list[Tile]] = {}

    def of(self, items: Iterable[Item]) -> Iterator[tuple[Item, list[Tile]]]:
        """Yield each item with the batches of pieces that are full with it.

        Behind the last item comes an empty one, with what was left.

        Raises:
            ValueError: A sequence that may not be cut, or not be padded.
        """
        first = 0
        none: Array = np.zeros((0, self._tiling.length, 4), dtype=np.int8)
        for item in items:
            batch = item.sequences
            if batch.ndim == 2:
                batch = batch[None]
            self._check(batch.shape[1])
            full = []
            for tile in self._cut(batch, first):
                waiting = self._waiting.setdefault(tile.num_bases, [])
                waiting.append(tile)
                if sum(len(part.rows) for part in waiting) >= self._size:
                    full.append(_joined(self._waiting.pop(tile.num_bases)))
            first += len(batch)
            yield item, full
        left = [_joined(self._waiting[key]) for key in sorted(self._waiting)[::-1]]
        self._waiting = {}
        yield Item(none), left

    def _check(self, length: int) -> None:
        wanted = self._tiling.length
        if length > wanted and not self._tiling.cuts:
            raise ValueError(
                f"`sequences` must have at most `length`={wanted} bases. Received "
                f"{length}. Read longer ones in pieces: `tile=True`."
            )
        if length < wanted and not self._tiling.pads:
            raise ValueError(
                f"`sequences` must have at least the {wanted} bases that the model "
                f"takes. Received {length}. Fill them with N: `length={wanted}`."
            )

    def _cut(self, batch: Array, first: int) -> Iterator[Tile]:
        number, length = batch.shape[:2]
        wanted, step = self._tiling.length, self._tiling.step
        indices = first + np.arange(number)
        count = 1 + max(0, -(-(length - wanted) // step))
        for start in range(0, count * step, step):
            piece = batch[:, start : start + wanted]
            num_bases = piece.shape[1]
            if num_bases < wanted:
                room = ((0, 0), (0, wanted - num_bases), (0, 0))
                piece = np.pad(piece, room)
            yield Tile(piece, num_bases, indices, np.full(number, start))


def _joined(tiles: list[Tile]) -> Tile:
    if len(tiles) == 1:
        return tiles[0]
    return Tile(
        np.concatenate([tile.rows for tile in tiles]),
        tiles[0].num_bases,
        np.concatenate([tile.sequences for tile in tiles]),
        np.concatenate([tile.starts for tile in tiles]),
    )
