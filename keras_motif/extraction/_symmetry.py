"""Maps that are the same on either strand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_motif.models.fields import ReceptiveField

__all__ = ["symmetric_filters"]

Array = np.ndarray[Any, Any]


def symmetric_filters(
    maps: Callable[[Array], Array], field: ReceptiveField, length: int, num_filters: int
) -> Array:
    """Return which filters' maps a reverse complement only mirrors, a mask.

    Args:
        maps: Gives the maps of one-hot sequences, with random weights.
        field: What their positions see.
        length: Length of the sequences.
        num_filters: Number of filters.

    Returns:
        Array `(num_filters,)`; all False where positions have no mirror image.
    """
    none = np.zeros(num_filters, dtype=bool)
    starts = field.starts()
    mirrored = length - field.size - starts
    if field.stride <= 0 or field.stride != int(field.stride):
        return none
    order = np.minimum(np.searchsorted(starts, mirrored), field.length - 1)
    shared = starts[order] == mirrored
    shared &= (starts >= 0) & (starts + field.size <= length)
    if not shared.any():
        return none
    codes = np.random.default_rng(0).integers(0, 4, size=(8, length))
    batch = np.eye(4, dtype=np.int8)[codes]
    forwards, backwards = maps(batch), maps(batch[:, ::-1, ::-1])[:, order]
    apart = np.abs(forwards - backwards)[:, shared].max(axis=(0, 1))
    spread = np.ptp(forwards[:, shared], axis=(0, 1))
    return np.asarray((apart <= 1e-3 * spread) & (spread > 0))
