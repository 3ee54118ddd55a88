"""Where a logo's letters stand, for every way of drawing them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from keras_motif.letters import (
    Kind,
    LogoLetters,
    letter_stacks,
    stack_heights,
)
from keras_motif.motifs import Motif
from keras_motif.sequences import ALPHABET

__all__ = [
    "Alignment",
    "align",
    "layout_letters",
    "letter_heights",
    "oriented",
    "spelled_consensus",
]


class Alignment(NamedTuple):
    """How a query and a target lie above each other, in columns.

    query_start, target_start: the column where each begins; one of them is 0.
    width: columns from the first to the last of both.
    overlap_start: the first column that both have.
    overlap: how many columns both have.
    """

    query_start: int
    target_start: int
    width: int
    overlap_start: int
    overlap: int


def layout_letters(motif: Motif, kind: Kind = "information") -> LogoLetters:
    """Compute where the letters of a motif's logo stand.

    A letter's height is its probability, times the information of its position
    for `kind="information"`. The smallest letter of a position is at the bottom;
    of equally high ones, the first of A C G T.

    Source: Schneider & Stephens (1990).

    Args:
        motif: The motif.
        kind: "information" (bits) or "probability".

    Returns:
        The letters that have a height, position by position, from bottom to top.

    Raises:
        ValueError: Another `kind`.

    Example:
        >>> letters = layout_letters(Motif([[0, 0, 0.25, 0.75]]), "probability")
        >>> letters.bases.tolist(), letters.bottoms.tolist()
        ([2, 3], [0.0, 0.25])
    """
    return letter_stacks(letter_heights(motif, kind))


def align(query_width: int, target_width: int, offset: int) -> Alignment:
    """Place a query and a target as Tomtom's `Optimal_offset` says.

    A positive offset is the number of target columns before the query's first
    column, a negative one (without its sign) the number of query columns before
    the target's first.

    Args:
        query_width: Columns of the query.
        target_width: Columns of the target.
        offset: `Optimal_offset`, from `1 - query_width` to `target_width - 1`.

    Returns:
        Both starts, the whole width and the overlap, in columns.

    Raises:
        ValueError: With this offset, the two don't overlap.

    Example:
        >>> align(query_width=19, target_width=9, offset=-9)
        Alignment(query_start=0, target_start=9, width=19, overlap_start=9, overlap=9)
    """
    if not -query_width < offset < target_width:
        raise ValueError(
            f"`offset` must lie between {1 - query_width} and {target_width - 1}, "
            f"so that a query of {query_width} columns and a target of "
            f"{target_width} overlap. Received {offset}. Were the motifs trimmed "
            "after matching? Draw the motifs that were matched."
        )
    query_start, target_start = max(offset, 0), max(-offset, 0)
    query_end, target_end = query_start + query_width, target_start + target_width
    overlap_start = max(query_start, target_start)
    return Alignment(
        query_start,
        target_start,
        max(query_end, target_end),
        overlap_start,
        min(query_end, target_end) - overlap_start,
    )


def oriented(motif: Motif, orientation: str) -> Motif:
    """Return the motif as it reads on the strand "+" or "-".

    Raises:
        ValueError: Another `orientation`.
    """
    if orientation not in ("+", "-"):
        raise ValueError(f'`orientation` must be "+" or "-". Received {orientation!r}.')
    return motif if orientation == "+" else motif.reverse_complement()


def spelled_consensus(motif: Motif, alphabet: str) -> str:
    """Return a motif's consensus in the letters of "ACGT" or "ACGU"."""
    return motif.consensus.replace(ALPHABET[3], alphabet[3])


def letter_heights(motif: Motif, kind: str) -> np.ndarray[Any, Any]:
    """Return the height of every letter, shape (width, 4).

    Raises:
        ValueError: Another `kind`.
    """
    return stack_heights(motif.frequencies, kind)
