"""What two aligned motifs share, and where they differ, in bits."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from keras_motif.letters import information
from keras_motif.motifs.motif import Motif

__all__ = [
    "KnownColumns",
    "MotifOverlap",
    "aligned_overlap",
    "known_columns",
    "motif_overlap",
]

Array = np.ndarray[Any, Any]


class KnownColumns(NamedTuple):
    """A motif's columns, and what is known of each.

    Attributes:
        frequencies: Array of shape `(width, 4)`.
        bits: Array of shape `(width,)`: the information of each column as far as the
            motif's sites can tell, 0 to 2.
        chance_bits: What was taken off: how much a column of random bases says, with
            as many sites; 0 where their number is unknown.
    """

    frequencies: Array
    bits: Array
    chance_bits: float


class MotifOverlap(NamedTuple):
    """What a query and a target share where they lie above each other.

    Attributes:
        columns: How many columns are aligned, 1 or more.
        target_coverage: Share of the target's information that the aligned columns
            hold, 0 to 1; 0 of a target without information.
        query_coverage: The same of the query.
        shared_bits: Sum over the aligned columns of the smaller of both columns'
            information, 0 to 2 bits a column.
        differing_bits: Sum over the aligned columns of the bits that tell the two
            apart, 0 (equal) to 2 (no base in common) a column: the divergence of
            both from their mean, less what few sites make of it by chance.
    """

    columns: int
    target_coverage: float
    query_coverage: float
    shared_bits: float
    differing_bits: float


def known_columns(motif: Motif) -> KnownColumns:
    """Return a motif's columns, with their information as far as it is known.

    A few sites look conserved by chance: of `n` random bases the information is
    3 / (2 n ln 2) bits on average, which is taken off here. Nothing is where
    `num_sites` is None, or 0, which files of other programs write for unknown.

    Source: Schneider, Stormo, Gold & Ehrenfeucht (1986), J Mol Biol 188:415, the
    approximate form of its small-sample correction.

    Args:
        motif: The motif.

    Returns:
        Frequencies and bits.

    Example:
        >>> motif = Motif([[1, 0, 0, 0], [0.25] * 4], num_sites=4)
        >>> known_columns(motif).bits.round(2).tolist()
        [1.46, 0.0]
    """
    chance = 3 / (2 * math.log(2) * motif.num_sites) if motif.num_sites else 0.0
    bits = np.maximum(motif.information() - chance, 0.0)
    return KnownColumns(motif.frequencies, bits, chance)


def motif_overlap(
    query: Motif, target: Motif, offset: int, orientation: str = "+"
) -> MotifOverlap:
    """Return what two motifs share, aligned as Tomtom says.

    Columns that agree share their information and differ by nothing. Columns of
    another base each share as much, but differ by 2 bits. A column that says
    something, above one that says nothing, shares nothing and differs by up to 1.1.

    Source: the divergence is twice that of Lin (1991), IEEE Trans Inf Theory 37:145
    (Jensen-Shannon). Between `n` sites and what they were drawn from it is
    3 / (4 n ln 2) bits on average, half of what `known_columns` takes off, by the same
    expansion; so much is taken off here, for each of the two.

    Args:
        query: The query, as it was matched.
        target: The target, as it stands in its database.
        offset: `Optimal_offset`: target columns before the query's first; negative
            where the query begins first.
        orientation: "-" where the target's reverse complement is meant.

    Returns:
        Aligned columns, shares and bits; information is that of `known_columns`.

    Raises:
        ValueError: With this offset the two don't overlap, or another `orientation`.

    Example:
        >>> query, target = Motif(np.eye(4)[[0, 2, 1]]), Motif(np.eye(4)[[2, 3]])
        >>> found = motif_overlap(query, target, -1)
        >>> found.columns, found.target_coverage, found.shared_bits
        (2, 1.0, 4.0)
        >>> found.differing_bits
        2.0
    """
    return aligned_overlap(
        known_columns(query), known_columns(target), offset, orientation
    )


def aligned_overlap(
    query: KnownColumns, target: KnownColumns, offset: int, orientation: str = "+"
) -> MotifOverlap:
    """Do what `motif_overlap` does, for callers that align one motif many times.

    Args:
        query: The query's columns.
        target: The target's columns.
        offset: See `motif_overlap`.
        orientation: See `motif_overlap`.

    Returns:
        Aligned columns, shares and bits.

    Raises:
        ValueError: As `motif_overlap`.
    """
    if orientation not in ("+", "-"):
        raise ValueError(f'`orientation` must be "+" or "-". Received {orientation!r}.')
    width, target_width = len(query.bits), len(target.bits)
    if not -width < offset < target_width:
        raise ValueError(
            f"`offset` must lie between {1 - width} and {target_width - 1}, so that a "
            f"query of {width} columns and a target of {target_width} overlap. "
            f"Received {offset}. Pass the motifs that were matched."
        )
    if orientation == "-":
        target = target._replace(
            frequencies=target.frequencies[::-1, ::-1], bits=target.bits[::-1]
        )
    begin, target_begin = max(-offset, 0), max(offset, 0)
    columns = min(width - begin, target_width - target_begin)
    here = slice(begin, begin + columns)
    there = slice(target_begin, target_begin + columns)
    return MotifOverlap(
        columns,
        _share(target.bits[there], target.bits),
        _share(query.bits[here], query.bits),
        float(np.minimum(query.bits[here], target.bits[there]).sum()),
        _divergence(
            query.frequencies[here],
            target.frequencies[there],
            (query.chance_bits + target.chance_bits) / 2,
        ),
    )


def _share(part: Array, whole: Array) -> float:
    total = whole.sum()
    return float(part.sum() / total) if total > 0 else 0.0


def _divergence(first: Array, second: Array, chance: float) -> float:
    """Return the sum over columns of both columns' divergence from their mean."""
    apart = information(first) + information(second)
    apart -= 2 * information((first + second) / 2)
    return float(np.maximum(apart - chance, 0.0).sum())
