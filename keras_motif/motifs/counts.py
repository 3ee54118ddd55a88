"""Counts of bases, and the frequencies that they stand for."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_motif.motifs.motif import Motif

__all__ = ["column_shares", "from_counts", "whole_counts"]

Array = np.ndarray[Any, Any]


def column_shares(counts: Array) -> Array:
    """Return frequencies of counts, both `(width, 4)`.

    Each position is divided by its own total; one without any count is uniform.
    """
    totals = counts.sum(axis=1, keepdims=True)
    uniform = np.full(counts.shape, 0.25)
    return np.asarray(np.divide(counts, totals, out=uniform, where=totals > 0))


def from_counts(counts: Array, name: str, alt_name: str = "") -> Motif:
    """Return the motif of counts `(width, 4)`; its sites are the mean total."""
    num_sites = int(counts.sum(axis=1).mean() + 0.5)
    return Motif(column_shares(counts), name, alt_name=alt_name, num_sites=num_sites)


def whole_counts(frequencies: Array, total: int) -> Array:
    """Return counts `(width, 4)` whose rows sum to `total`: the largest remainders."""
    exact = frequencies * total
    counts = np.floor(exact)
    ranks = (counts - exact).argsort(axis=1, kind="stable").argsort(axis=1)
    missing = total - counts.sum(axis=1, keepdims=True)
    return np.asarray(counts + (ranks < missing), dtype=np.int64)
