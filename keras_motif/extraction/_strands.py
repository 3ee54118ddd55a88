"""Windows turned to one strand, where the maps don't say which they were seen on.

Maps that are the same on either strand mix both in a filter's windows. So the windows
with the highest activations are turned, again and again, towards the motif that they
make together, and that motif then decides about all others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_motif.extraction._batches import SequenceBatches
from keras_motif.extraction._search import Search
from keras_motif.extraction._sites import Block, Rule, Windows
from keras_motif.extraction.activation_maps import ActivationMap

__all__ = ["Strands", "find_strands"]

Array = np.ndarray[Any, Any]

_MOST = 256  # windows of each filter that make its motif
_ROUNDS = 50
_PSEUDOCOUNT = 0.25  # of each base


class Strands:
    """Tells which strand a window was seen on.

    Args:
        weights: Of each filter, how much each base of a window speaks for the given
            strand rather than the other, `(num_filters, width, 4)`; 0 where the maps
            see one strand.
        is_reversed: Whether the layer reads the sequences reversed.
    """

    def __init__(self, weights: Array, is_reversed: bool) -> None:
        self._weights = weights
        self._is_reversed = is_reversed

    def is_reverse(self, block: Block, found: Windows) -> Array:
        """Return which candidates lie on the other strand of their row, a mask."""
        scores = np.zeros(len(block.rows))
        for filter_index in np.flatnonzero(self._weights.any(axis=(1, 2))).tolist():
            own = np.flatnonzero(block.filters == filter_index)
            windows = _windows(block.only(own), found)
            scores[own] = np.einsum(
                "nwb,wb->n", windows, self._weights[filter_index], optimize=True
            )
        mask: Array = (scores < 0) != self._is_reversed
        return mask


def find_strands(
    maps: ActivationMap, batches: SequenceBatches, rule: Rule
) -> tuple[Strands | None, Array | None]:
    """Learn on which strand windows are seen, if the maps don't see the given one.

    Args:
        maps: The layer.
        batches: The sequences, readable again.
        rule: What counts as a site.

    Returns:
        What tells the strand; None where it is the given one. And each filter's
        largest activation, where the data were read for it.
    """
    if maps.is_plain:
        return None, None
    length = next(iter(batches)).shape[1]
    symmetric = maps.strand_symmetric(length)
    if not symmetric.any():
        is_reversed = maps.is_reversed(length)
        none = np.zeros((maps.num_filters, 1, 4))
        return (Strands(none, True) if is_reversed else None), None
    best: dict[int, tuple[Array, Array]] = {}
    search = Search(maps, batches, rule)
    width = 0
    for block, found in search:
        width = found.width
        for filter_index in np.flatnonzero(symmetric).tolist():
            own = block.only(np.flatnonzero(block.filters == filter_index))
            best[filter_index] = _highest(best.get(filter_index), own, found)
    weights = np.zeros((maps.num_filters, width, 4))
    for filter_index, (windows, activations) in best.items():
        weights[filter_index] = _learned(windows, activations)
    return Strands(weights, False), search.largest


def _windows(block: Block, found: Windows) -> Array:
    """Return the bases of each candidate's window, `(candidates, width, 4)`."""
    places = found.starts[block.positions][:, None] + np.arange(found.width)
    codes = block.codes[block.rows[:, None], places]
    return np.eye(5, dtype=np.float32)[codes][..., 1:]


def _highest(
    before: tuple[Array, Array] | None, block: Block, found: Windows
) -> tuple[Array, Array]:
    """Keep the windows with the highest activations, the first of equals."""
    order = np.argsort(-block.activations, kind="stable")[:_MOST]
    block = block.only(order)
    windows, activations = _windows(block, found), block.activations
    if before is not None:
        windows = np.concatenate([before[0], windows])
        activations = np.concatenate([before[1], activations])
    order = np.argsort(-activations, kind="stable")[:_MOST]
    return windows[order], activations[order]


def _learned(windows: Array, activations: Array) -> Array:
    """Turn windows towards the motif that they make, and return what decides."""
    if not len(windows):
        return np.zeros((windows.shape[1], 4))
    turned = windows[:, ::-1, ::-1]
    is_turned = np.zeros(len(windows), dtype=bool)
    decisive = _evidence(windows[:1], activations[:1])
    for _ in range(_ROUNDS):
        before = is_turned
        is_turned = np.einsum("nwb,wb->n", windows, decisive) < 0
        oriented = np.where(is_turned[:, None, None], turned, windows)
        decisive = _evidence(oriented, activations)
        if (before == is_turned).all():
            break
    return decisive


def _evidence(windows: Array, activations: Array) -> Array:
    """Return log odds of a motif against its reverse complement, `(width, 4)`."""
    counts = np.einsum("nwb,n->wb", windows, activations / activations.max())
    odds = np.log(counts + _PSEUDOCOUNT)
    odds -= np.log((counts + _PSEUDOCOUNT).sum(axis=1, keepdims=True))
    return np.asarray(odds - odds[::-1, ::-1])
