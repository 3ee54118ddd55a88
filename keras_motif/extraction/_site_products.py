"""Bases under all sites of a batch, counted as one product on the device.

The bases at each place of each position's window, as 0 and 1, times the sites of each
filter, as 0 and 1, are the counts of all filters. It takes as long for many sites as
for few.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import keras
import numpy as np

from keras_motif.extraction._compiled import (
    Function,
    compiled,
    fused,
    on_host,
    packed_sites,
    room_for,
    to_device,
)
from keras_motif.extraction._sites import Windows

__all__ = ["SiteProducts"]

Array = np.ndarray[Any, Any]

_SCALE = 4096  # of the second filter in a number: 4095 * (1 + _SCALE) is below 2^24
_MOST_PLACES = 32  # of a window that are counted at once
_MOST_NUMBERS = 2**23  # of a product's one-hot side
_OUTSIDE = 5  # a code that is no base, and no N


class SiteProducts:
    """Counts the bases under the sites of batches whose limits are known.

    Args:
        limits: What a site's activation exceeds, `(num_filters,)`, float32.

    Attributes:
        num_sites: Number of sites so far, `(num_filters,)`.
        bases: How often each base stands at each place, `(num_filters, width, 4)`, an N
            as a quarter of each; of no width before the first batch.
    """

    def __init__(self, limits: Array) -> None:
        self._limits = to_device(limits.astype(np.float32))
        self._room: Any = None
        self.num_sites: Array = np.zeros(len(limits), dtype=np.int64)
        self.bases: Array = np.zeros((len(limits), 0, 4))

    def add(self, values: Any, codes: Array, found: Windows) -> None:
        """Count the sites of a batch.

        Args:
            values: The maps, a tensor `(rows, positions, num_filters)`.
            codes: The bases, `(rows, length)`: 0 for N, 1 to 4 for A C G T. There may
                be fewer rows than of `values`, whose last ones then don't count.
            found: The windows.
        """
        if not self.bases.shape[1]:
            self.bases = np.zeros((len(self.num_sites), found.width, 4))
        if isinstance(values, np.ndarray):  # kept until the largest was known
            values = to_device(values)
        rows, positions = values.shape[:2]
        windows = _window_codes(codes, found, rows)
        if positions < _SCALE:
            self._add(values, windows)
            return
        for first in range(0, positions, _SCALE - 1):
            part = slice(first, first + _SCALE - 1)
            self._add(values[:, part], windows[..., part])

    def _add(self, values: Any, windows: Array) -> None:
        """Count the sites at less than `_SCALE` positions of each row."""
        rows, positions, num_filters = values.shape
        if self._room is None or self._room.shape != values.shape:
            self._room = room_for(values)
        size = positions * _rows_at_once(rows, positions)
        width = len(windows) - 1
        step = _places_at_once(width, rows * positions)
        for first in range(0, width, step):
            start = min(first, width - step)
            places = np.concatenate([windows[start : start + step], windows[-1:]])
            places = places.reshape(step + 1, -1, size).swapaxes(0, 1)
            product = _product()(values, self._limits, to_device(places), self._room)
            counts = on_host(product)[..., :num_filters].astype(np.float64)
            number, new = counts[-1, 0], counts[first - start : -1]
            unknown = number - new.sum(axis=1)
            place = slice(first, start + step)
            self.bases[:, place] += (new + unknown[:, None] / 4).transpose(2, 0, 1)
        self.num_sites += number.astype(np.int64)


@lru_cache(maxsize=1)
def _product() -> Function:
    """Return what counts sites: from maps, limits, codes of the bases and room."""
    bases = np.arange(1, 5, dtype=np.uint8)[:, None]

    def one_hot(codes: Any) -> Any:
        hot = keras.ops.equal(keras.ops.expand_dims(codes, 2), bases)
        shape = (codes.shape[0], codes.shape[1] * 4, codes.shape[2])
        return keras.ops.reshape(keras.ops.cast(hot, "float32"), shape)

    def packed(values: Any, limits: Any, room: Any) -> Any:
        return packed_sites(values, limits, _SCALE, room)

    def added(sums: Any) -> Any:
        # Each block's are taken apart before they are added.
        second = keras.ops.floor(sums * (1 / _SCALE))
        both = keras.ops.concatenate([sums - _SCALE * second, second], axis=2)
        total = keras.ops.sum(keras.ops.cast(both, "int32"), axis=0)
        return keras.ops.reshape(total, (total.shape[0] // 4, 4, -1))

    one_hot, packed, added = fused(one_hot), fused(packed), fused(added)

    def product(values: Any, limits: Any, codes: Any, room: Any) -> Any:
        sites = packed(values, limits, room)
        blocks = (codes.shape[0], codes.shape[2], sites.shape[2])
        return added(keras.ops.matmul(one_hot(codes), keras.ops.reshape(sites, blocks)))

    return compiled(product)


def _rows_at_once(rows: int, positions: int) -> int:
    """Return how many rows make a block: a divisor, few enough for exact sums."""
    most = max(1, min(rows, (_SCALE - 1) // positions))
    return next(number for number in range(most, 0, -1) if rows % number == 0)


def _places_at_once(width: int, num_windows: int) -> int:
    """Return how many places of the windows to count at once."""
    most = max(1, min(_MOST_PLACES, _MOST_NUMBERS // (4 * num_windows) - 1))
    parts = -(-width // most)
    return -(-width // parts)


def _window_codes(codes: Array, found: Windows, rows: int) -> Array:
    """Return the base at each place of each position's window.

    Args:
        codes: The bases, `(at most rows, length)`.
        found: The windows.
        rows: How many rows the maps have.

    Returns:
        Array of shape `(width + 1, rows, positions)`, uint8: the codes, `_OUTSIDE`
        where a window doesn't count. The last place is 1 where it does.
    """
    shape = (found.width + 1, rows, len(found.starts))
    windows = np.full(shape, _OUTSIDE, dtype=np.uint8)
    inside = np.flatnonzero(found.inside)
    starts = found.starts[inside].astype(np.int64)
    known: Any = inside
    steps = np.diff(starts)
    is_regular = len(steps) and steps[0] > 0 and (steps == steps[0]).all()
    if is_regular and (np.diff(inside) == 1).all():
        known = slice(inside[0], inside[-1] + 1)
    for place in range(found.width):
        if isinstance(known, slice):
            own = slice(starts[0] + place, starts[-1] + place + 1, steps[0])
            windows[place, : len(codes), known] = codes[:, own]
        else:
            windows[place, : len(codes), known] = codes[:, starts + place].T
    windows[-1, : len(codes), known] = 1
    return windows
