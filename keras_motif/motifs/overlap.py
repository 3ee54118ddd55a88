"""What two aligned motifs share, in bits."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from keras_motif.motifs.motif import Motif

__all__ = ["MotifOverlap", "known_information", "motif_overlap", "shared_information"]

Array = np.ndarray[Any, Any]


class MotifOverlap(NamedTuple):
    """What a query and a target share where they lie above each other.

    Attributes:
        columns: How many columns are aligned, 1 or more.
        target_coverage: Share of the target's information that the aligned columns
            hold, 0 to 1; 0 of a target without information.
        query_coverage: The same of the query.
        shared_bits: Sum over the aligned columns of the smaller of both columns'
            information, 0 to 2 bits a column.
    """

    columns: int
    target_coverage: float
    query_coverage: float
    shared_bits: float


def known_information(motif: Motif) -> Array:
    """Return how conserved each position is, as far as its sites can tell.

    A few sites look conserved by chance: of `n` random bases the information is
    3 / (2 n ln 2) bits on average, which is taken off here. Nothing is where
    `num_sites` is None, or 0, which files of other programs write for unknown.

    Source: Schneider, Stormo, Gold & Ehrenfeucht (1986), J Mol Biol 188:415, the
    approximate form of its small-sample correction.

    Args:
        motif: The motif.

    Returns:
        Array of shape `(width,)` in bits, from 0 to 2.

    Example:
        >>> motif = Motif([[1, 0, 0, 0], [0.25] * 4], num_sites=4)
        >>> known_information(motif).round(2).tolist()
        [1.46, 0.0]
    """
    bits = motif.information()
    if motif.num_sites:
        bits = np.maximum(bits - 3 / (2 * math.log(2) * motif.num_sites), 0.0)
    return np.asarray(bits)


def motif_overlap(
    query: Motif, target: Motif, offset: int, orientation: str = "+"
) -> MotifOverlap:
    """Return what two motifs share, aligned as Tomtom says.

    Args:
        query: The query, as it was matched.
        target: The target, as it stands in its database.
        offset: `Optimal_offset`: target columns before the query's first; negative
            where the query begins first.
        orientation: "-" where the target's reverse complement is meant.

    Returns:
        Aligned columns, shares and shared bits; information is that of
        `known_information`.

    Raises:
        ValueError: With this offset the two don't overlap, or another `orientation`.

    Example:
        >>> query, target = Motif(np.eye(4)[[0, 2, 1]]), Motif(np.eye(4)[[2, 1]])
        >>> overlap = motif_overlap(query, target, -1)
        >>> overlap.columns, overlap.target_coverage, overlap.shared_bits
        (2, 1.0, 4.0)
    """
    return shared_information(
        known_information(query), known_information(target), offset, orientation
    )


def shared_information(
    query: Array, target: Array, offset: int, orientation: str = "+"
) -> MotifOverlap:
    """Return what two motifs share, of the information of their positions.

    The arithmetic of `motif_overlap`, for callers that align one motif many times.

    Args:
        query: Array of shape `(width,)`, in bits.
        target: Array of shape `(width,)`, in bits.
        offset: See `motif_overlap`.
        orientation: See `motif_overlap`.

    Returns:
        Aligned columns, shares and shared bits.

    Raises:
        ValueError: As `motif_overlap`.
    """
    if orientation not in ("+", "-"):
        raise ValueError(f'`orientation` must be "+" or "-". Received {orientation!r}.')
    if not -len(query) < offset < len(target):
        raise ValueError(
            f"`offset` must lie between {1 - len(query)} and {len(target) - 1}, so "
            f"that a query of {len(query)} columns and a target of {len(target)} "
            f"overlap. Received {offset}. Pass the motifs that were matched."
        )
    if orientation == "-":
        target = target[::-1]
    query_part = query[max(-offset, 0) :][: len(target) - max(offset, 0)]
    target_part = target[max(offset, 0) :][: len(query_part)]
    return MotifOverlap(
        len(query_part),
        _share(target_part, target),
        _share(query_part, query),
        float(np.minimum(query_part, target_part).sum()),
    )


def _share(part: Array, whole: Array) -> float:
    total = whole.sum()
    return float(part.sum() / total) if total > 0 else 0.0
