"""A search for sites through all data.

The data are read once, with the largest activations so far as the measure. What
passes it is kept as a candidate, and measured again when the largest of all are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_motif.extraction._batches import SequenceBatches
from keras_motif.extraction._compiled import block_maxima, on_host
from keras_motif.extraction._map_batches import MapBatch, MapBatches
from keras_motif.extraction._sites import (
    Block,
    Rule,
    Windows,
    check_finite,
    cutoffs,
)
from keras_motif.extraction.activation_maps import ActivationMap
from keras_motif.sequences import base_codes

__all__ = ["Search"]

Array = np.ndarray[Any, Any]

_RUN = 16  # positions of which the device tells the largest activation alone
# Sites of a position from which on a product counts them faster, measured: so many
# whatever the number of filters, and so many of each filter's.
_MANY = 0.4
_MANY_OF_FILTER = 0.012
_SAMPLE = 2**20  # values that tell the share


class Search:
    """One search through the data.

    Of a large batch the device tells the largest activation of each run of positions,
    and only runs above the limit are looked through.

    Args:
        maps: The layer.
        batches: The sequences.
        rule: What counts as a site.
        largest: Each filter's largest activation where it is known beforehand,
            `(num_filters,)`; the candidates then are the sites.
        gives_up: Whether to yield no candidates, and to look for the largest
            activations alone, if many positions of the first batch are sites.

    Attributes:
        largest: Each filter's largest activation so far, never below 0.
        has_given_up: Whether it looks for the largest activations alone; may be set.

    Raises:
        ValueError: While iterating: activations that are not finite, and what
            `SequenceBatches` and `windows` raise.
    """

    def __init__(
        self,
        maps: ActivationMap,
        batches: SequenceBatches,
        rule: Rule,
        largest: Array | None = None,
        *,
        gives_up: bool = False,
    ) -> None:
        self._maps = maps
        self._batches = MapBatches(maps, batches, rule)
        self._rule = rule
        self._is_known = largest is not None
        self._gives_up = gives_up
        self._symmetric: Array | None = None  # filters to search on one strand alone
        self.has_given_up = False
        self.largest: Array = (
            np.zeros(maps.num_filters, dtype=np.float32) if largest is None else largest
        )

    @property
    def num_windows(self) -> int:
        """In how many windows each filter was looked for so far."""
        return self._batches.num_windows

    def __iter__(self) -> Iterator[tuple[Block, Windows]]:
        """Yield each batch's candidates with the windows of the positions."""
        for batch in self._batches:
            if batch.first == 0 and self._rule.both_strands:
                length = batch.rows.shape[1]
                self._symmetric = self._maps.strand_symmetric(length)
            tops, size = _run_maxima(batch)
            largest = tops.max(axis=(0, 1))
            check_finite(largest, self._maps)
            if not self._is_known:
                np.maximum(self.largest, largest, out=self.largest)
            limits = cutoffs(self.largest, self._rule.threshold).astype(np.float32)
            if batch.first == 0 and self._gives_up and size > 1:
                self.has_given_up = _has_many(batch, tops, size, limits)
            if not self.has_given_up:
                yield self._block(batch, tops, size, limits), batch.found

    def _block(self, batch: MapBatch, tops: Array, size: int, limits: Array) -> Block:
        """Return the candidates of a batch, by rows, then by positions."""
        is_best = self._rule.select == "best"
        values = on_host(batch.values)[: len(batch.rows)]
        row, positions, filters = (
            _first_highest(values, tops, size, limits)
            if is_best
            else _all_above(values, tops, size, limits)
        )
        block = Block(
            base_codes(batch.rows[..., :4]),
            batch.first,
            batch.num_sequences,
            row.astype(np.int32),
            positions.astype(np.int32),
            filters.astype(np.int32),
            values[row, positions, filters],
        )
        if self._symmetric is not None and self._symmetric.any():
            is_twin = block.rows >= batch.num_sequences
            block = block.only(~(is_twin & self._symmetric[block.filters]))
        if is_best:
            block = _best(block)
        return block.only(batch.found.inside[block.positions])


def _run_maxima(batch: MapBatch) -> tuple[Array, int]:
    """Return the largest activation of each run of positions, and their number.

    Of a small batch they are the activations themselves.
    """
    if isinstance(batch.values, np.ndarray):
        return batch.values, 1
    size = _run_size(len(batch.found.starts))
    return on_host(block_maxima(size)(batch.values))[: len(batch.rows)], size


def _run_size(positions: int) -> int:
    """Return how long runs are: near 16, if possible without a rest."""
    sizes = sorted(range(_RUN // 2, 2 * _RUN), key=lambda size: abs(size - _RUN))
    whole = (size for size in sizes if positions % size == 0)
    return next(whole, min(_RUN, positions))


def _has_many(batch: MapBatch, tops: Array, size: int, limits: Array) -> bool:
    """Return whether so many positions are sites that a product counts them faster."""
    many = _MANY_OF_FILTER + _MANY / len(limits)
    if (tops > limits).mean() <= many:
        return False
    rows = max(1, _SAMPLE // (tops[0].size * size))
    return bool((on_host(batch.values[:rows]) > limits).mean() > many)


def _all_above(
    values: Array, tops: Array, size: int, limits: Array
) -> tuple[Array, Array, Array]:
    """Return rows, positions and filters of the values above limits."""
    high = np.flatnonzero(tops > limits)
    if size == 1 or len(high) > tops.size // 16:
        every = np.flatnonzero(values > limits)
        row, positions, filters = np.unravel_index(every, values.shape)
        return row, positions, filters
    row, run, filters = np.unravel_index(high, tops.shape)
    positions, taken = _runs_of(values, row, run, filters, size)
    kept, place = np.nonzero(taken > limits[filters][:, None])
    return row[kept], positions[kept, place], filters[kept]


def _first_highest(
    values: Array, tops: Array, size: int, limits: Array
) -> tuple[Array, Array, Array]:
    """Return each row's and filter's first highest value, where it is above limits."""
    run = tops.argmax(axis=1)
    highest = np.take_along_axis(tops, run[:, None], axis=1)[:, 0]
    row, filters = np.nonzero(highest > limits)
    run = run[row, filters]
    if size == 1:
        return row, run, filters
    positions, taken = _runs_of(values, row, run, filters, size)
    place = taken.argmax(axis=1)
    return row, positions[np.arange(len(row)), place], filters


def _runs_of(
    values: Array, row: Array, run: Array, filters: Array, size: int
) -> tuple[Array, Array]:
    """Return the positions of runs and their values, -inf behind the last position."""
    positions = run[:, None] * size + np.arange(size)
    last = values.shape[1] - 1
    taken = values[row[:, None], np.minimum(positions, last), filters[:, None]]
    return positions, np.where(positions > last, -np.inf, taken)


def _best(block: Block) -> Block:
    """Keep of each sequence and filter the highest candidate, the first of equals."""
    sequence = block.rows % block.num_sequences
    place = np.lexsort((-block.activations, block.filters, sequence))
    pair = np.stack([sequence[place], block.filters[place]])
    is_new = np.ones(len(place), dtype=bool)
    is_new[1:] = (pair[:, 1:] != pair[:, :-1]).any(axis=0)
    return block.only(np.sort(place[is_new]))
