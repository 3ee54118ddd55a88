"""A search for sites through all data.

The data are read once, with the largest activations so far as the measure. What
passes it is kept as a candidate, and measured again when the largest of all are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from keras_motif.extraction._batches import SequenceBatches
from keras_motif.extraction._sites import (
    Block,
    Rule,
    Windows,
    check_finite,
    cutoffs,
    windows,
)
from keras_motif.extraction.activation_maps import ActivationMap
from keras_motif.sequences import base_codes

__all__ = ["Search", "other_strand"]

Array = np.ndarray[Any, Any]


class Search:
    """One search through the data.

    The network runs in the caller's thread; a second one looks through the maps of
    the batch before.

    Args:
        maps: The layer.
        batches: The sequences.
        rule: What counts as a site.
        largest: Each filter's largest activation where it is known beforehand,
            `(num_filters,)`; the candidates then are the sites.

    Attributes:
        largest: Each filter's largest activation so far, never below 0.
        num_windows: In how many windows each filter was looked for so far.

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
    ) -> None:
        self._maps = maps
        self._batches = batches
        self._rule = rule
        self._is_known = largest is not None
        self.num_windows = 0
        self._symmetric: Array | None = None  # filters to search on one strand alone
        self.largest: Array = (
            np.zeros(maps.num_filters, dtype=np.float32) if largest is None else largest
        )

    def __iter__(self) -> Iterator[tuple[Block, Windows]]:
        """Yield each batch's candidates with the windows of the positions."""
        found: Windows | None = None
        waiting: Future[Block] | None = None
        first = 0
        with ThreadPoolExecutor(1, thread_name_prefix="keras-motif") as executor:
            for batch in self._batches:
                if found is None:
                    found = windows(self._maps, self._rule, batch.shape[1])
                    if self._rule.both_strands:
                        self._symmetric = self._maps.strand_symmetric(batch.shape[1])
                strands = [batch]
                if self._rule.both_strands:
                    strands.append(other_strand(batch))
                rows = np.concatenate(strands) if len(strands) > 1 else batch
                values = self._maps(rows)
                self.num_windows += len(rows) * int(found.inside.sum())
                if waiting is not None:
                    yield waiting.result(), found
                waiting = executor.submit(
                    self._block, rows, values, found, first, len(batch)
                )
                first += len(batch)
            if waiting is not None and found is not None:
                yield waiting.result(), found

    def _block(
        self, rows: Array, values: Array, found: Windows, first: int, number: int
    ) -> Block:
        """Find the candidates in a batch's maps, `(rows, positions, filters)`."""
        if first == 0 and not self._is_known:
            # A measure to begin with, without which all positions would pass.
            some = values[: max(1, len(values) // 16)]
            np.maximum(self.largest, some.max(axis=(0, 1)), out=self.largest)
            check_finite(self.largest, self._maps)
        limits = cutoffs(self.largest, self._rule.threshold, self._is_known)
        # NaN is below nothing, so it passes and is found out.
        flat = np.flatnonzero(~(values <= limits.astype(np.float32)))
        places, filters = np.divmod(flat, self._maps.num_filters)
        row, positions = np.divmod(places, values.shape[1])
        block = Block(
            base_codes(rows[..., :4]),
            first,
            number,
            row.astype(np.int32),
            positions.astype(np.int32),
            filters.astype(np.int32),
            values.reshape(-1)[flat],
        )
        if not self._is_known:
            np.maximum.at(self.largest, filters, block.activations)
            limits = cutoffs(self.largest, self._rule.threshold)
        check_finite(block.activations, self._maps, filters)
        if self._symmetric is not None and self._symmetric.any():
            is_twin = (block.rows >= number) & self._symmetric[block.filters]
            block = block.only(~is_twin)
        if self._rule.select == "best":
            block = _best(block)
        inside = found.inside[block.positions]
        return block.only(inside & (block.activations > limits[block.filters]))


def other_strand(batch: Array) -> Array:
    """Return the reverse complements; channels behind the bases are reversed alone."""
    bases = batch[:, ::-1, 3::-1]
    if batch.shape[2] == 4:
        return bases
    return np.concatenate([bases, batch[:, ::-1, 4:]], axis=2)


def _best(block: Block) -> Block:
    """Keep of each sequence and filter the highest candidate, the first of equals."""
    sequence = block.rows % block.num_sequences
    place = np.lexsort((-block.activations, block.filters, sequence))
    pair = np.stack([sequence[place], block.filters[place]])
    is_new = np.ones(len(place), dtype=bool)
    is_new[1:] = (pair[:, 1:] != pair[:, :-1]).any(axis=0)
    return block.only(np.sort(place[is_new]))
