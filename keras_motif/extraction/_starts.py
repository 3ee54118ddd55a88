"""Filters that started from known motifs, whose matches prove nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from keras_motif._checks import listed
from keras_motif.layers.initializers import FromMotifs

__all__ = ["circular", "starting_motifs"]


def starting_motifs(operations: Iterable[Any]) -> list[str]:
    """Return the names of the motifs that the layers' kernels started from."""
    starts = [getattr(x, "kernel_initializer", None) for x in operations]
    return [
        motif.name
        for start in starts
        if isinstance(start, FromMotifs)
        for motif in start.motifs
    ]


def circular(names: Sequence[str]) -> str:
    """Say what matches of these motifs are worth."""
    filters = "1 filter" if len(names) == 1 else f"{len(names)} filters"
    return (
        f"{filters} started from known motifs ({listed(names)}), so matches of these "
        "are circular"
    )
