"""Bases under the sites of each filter, counted with bounded memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_motif.extraction._batches import SequenceBatches
from keras_motif.extraction._map_batches import MapBatches
from keras_motif.extraction._search import Search
from keras_motif.extraction._site_products import SiteProducts
from keras_motif.extraction._sites import Block, Rule, Windows, cutoffs, merged
from keras_motif.extraction._strands import Strands, find_strands
from keras_motif.extraction.activation_maps import ActivationMap
from keras_motif.sequences import base_codes

__all__ = ["SiteCounts"]

Array = np.ndarray[Any, Any]

_NUM_CODES = 5  # N A C G T
_WORD = 4  # bases that are counted together
_TOGETHER = 2**18  # candidates that are worth a table
_PENDING_BYTES = 64 * 2**20


class SiteCounts:
    """How often each base stands at each place of a filter's windows.

    An unknown base counts as a quarter of each, so that a place that lies behind the
    end of most sequences looks as uncertain as it is.

    Args:
        num_filters: Number of filters.
        weighted: Whether a window counts as much as its activation, instead of 1.

    Attributes:
        bases: The counts, `(num_filters, width, 4)`, once collected: multiples of a
            quarter, unless they are weighted.
        num_sites: Number of windows, `(num_filters,)`.
        num_windows: In how many windows each filter was looked for.
    """

    def __init__(self, num_filters: int, weighted: bool = False) -> None:
        self._weighted = weighted
        self._strands: Strands | None = None
        self.bases: Array = np.zeros((num_filters, 0, 4))
        self.num_sites: Array = np.zeros(num_filters, dtype=np.int64)
        self.num_windows = 0

    def collect(
        self,
        maps: ActivationMap,
        batches: SequenceBatches,
        rule: Rule,
        largest: Array | None,
    ) -> None:
        """Count the sites in all sequences.

        Candidates wait until the largest activations are known. When those that wait
        take more than 64 MiB they are counted as they stand, and the filters whose
        largest activation then still rises are counted again from the start.

        Args:
            maps: The layer.
            batches: The sequences.
            rule: What counts as a site.
            largest: Each filter's largest activation, where it is known beforehand.
        """
        self._strands, known = find_strands(maps, batches, rule)
        largest = known if largest is None else largest
        can_multiply = not self._weighted and self._strands is None
        can_multiply &= rule.select == "all" and not batches.is_one_shot
        search = Search(
            maps,
            batches,
            rule,
            largest,
            gives_up=can_multiply and batches.is_readable_again,
        )
        waiting: list[tuple[Block, Windows]] = []
        counted_above: Array | None = None
        num_bytes = 0
        for block, found in search:
            waiting.append((block.compact(), found))
            num_bytes += waiting[-1][0].num_bytes
            if largest is not None:
                if num_bytes > _PENDING_BYTES:
                    self._add_all(waiting)
                    num_bytes = 0
                continue
            if num_bytes > _PENDING_BYTES and not batches.is_one_shot:
                limits = cutoffs(search.largest, rule.threshold)
                waiting = [(x.above(limits).compact(), y) for x, y in waiting]
                num_bytes = sum(x.num_bytes for x, _ in waiting)
                if num_bytes <= _PENDING_BYTES // 2:
                    continue
                if can_multiply:
                    search.has_given_up = True
                    waiting = []
                    continue
                self._add_all(waiting)
                num_bytes = 0
                if counted_above is None:
                    counted_above = limits
        self.num_windows = search.num_windows
        limits = cutoffs(search.largest, rule.threshold)
        if search.has_given_up:
            self._multiply(maps, batches, rule, limits)
            return
        self._add_all([(x.above(limits), y) for x, y in waiting])
        if counted_above is not None and (limits != counted_above).any():
            self._count_again(maps, batches, rule, search, limits != counted_above)

    def _multiply(
        self,
        maps: ActivationMap,
        batches: SequenceBatches,
        rule: Rule,
        limits: Array,
    ) -> None:
        """Count all sites in a second reading, by the limits now known."""
        products = SiteProducts(limits)
        for batch in MapBatches(maps, batches, rule):
            products.add(batch.values, base_codes(batch.rows[..., :4]), batch.found)
        self.bases, self.num_sites = products.bases, products.num_sites

    def _add_all(self, waiting: list[tuple[Block, Windows]]) -> None:
        """Count blocks and forget them, many at a time."""
        while waiting:
            blocks = [waiting.pop()]
            size = len(blocks[0][0].rows)
            while waiting and size < _TOGETHER:
                blocks.append(waiting.pop())
                size += len(blocks[-1][0].rows)
            self._add(merged([block for block, _ in blocks]), blocks[0][1])

    def _count_again(
        self,
        maps: ActivationMap,
        batches: SequenceBatches,
        rule: Rule,
        search: Search,
        wrong: Array,
    ) -> None:
        """Count some filters from the start, by the largest activations now known."""
        self.bases[wrong] = 0
        self.num_sites[wrong] = 0
        for block, found in Search(maps, batches, rule, search.largest):
            self._add(block.only(wrong[block.filters]), found)

    def _add(self, block: Block, found: Windows) -> None:
        """Count a block's sites, each read on the strand that it lies on."""
        if self._strands is None:
            self._add_forwards(block, found)
            return
        is_reverse = self._strands.is_reverse(block, found)
        bases = self.bases
        self._add_forwards(block.only(~is_reverse), found)
        forwards, self.bases = self.bases, np.zeros_like(bases[:, :0])
        self._add_forwards(block.only(is_reverse), found)
        self.bases = forwards + self.bases[:, ::-1, ::-1]

    def _add_forwards(self, block: Block, found: Windows) -> None:
        """Count a block's sites, several neighbouring bases at a time."""
        num_filters = len(self.num_sites)
        if not self.bases.shape[1]:
            self.bases = np.zeros((num_filters, found.width, 4))
        self.num_sites += np.bincount(block.filters, minlength=num_filters)
        words = _words(block.codes)
        weights = block.activations.astype(np.float64) if self._weighted else None
        place = block.rows.astype(np.int64) * block.codes.shape[1]
        place += found.starts[block.positions]
        bins = block.filters.astype(np.int64) * _NUM_CODES**_WORD
        for first in range(0, found.width, _WORD):
            table = np.bincount(
                bins + words[place + first], weights, num_filters * _NUM_CODES**_WORD
            ).reshape(num_filters, *[_NUM_CODES] * _WORD)
            for step in range(min(_WORD, found.width - first)):
                others = tuple(axis + 1 for axis in range(_WORD) if axis != step)
                codes = table.sum(axis=others)
                self.bases[:, first + step] += codes[:, 1:] + codes[:, :1] / 4


def _words(codes: Array) -> Array:
    """Return a number for each run of `_WORD` bases, flat; beyond the end stands N.

    Args:
        codes: The bases, `(rows, length)`.

    Returns:
        Array of `rows * length` numbers below `_NUM_CODES ** _WORD`, the first base
        in the highest place.
    """
    length = codes.shape[1]
    padded = np.pad(codes, ((0, 0), (0, _WORD - 1)))
    words = np.zeros(codes.shape, dtype=np.uint16)
    for step in range(_WORD):
        words *= _NUM_CODES
        words += padded[:, step : step + length]
    return words.reshape(-1)
