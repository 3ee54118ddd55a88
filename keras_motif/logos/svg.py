"""Logos of motifs as inline SVG for web pages."""

from __future__ import annotations

from keras_motif.letters import (
    AXIS_TOPS,
    Kind,
    PlacedLogo,
    svg_image,
    svg_stacks,
)
from keras_motif.logos.layout import (
    align,
    letter_heights,
    oriented,
    spelled_consensus,
)
from keras_motif.motifs import Motif
from keras_motif.sequences import ALPHABET

__all__ = ["svg_alignment", "svg_letters"]


def svg_letters(
    motif: Motif,
    *,
    kind: Kind = "information",
    prefix: str = "",
    alphabet: str = ALPHABET,
) -> str:
    """Return a logo's letters as SVG, each a reference to `svg_glyphs`.

    A column is 10 units wide and the axis 40 high; the first column begins at 0,
    the axis' foot is at 40. Letters of less than a hundredth of the axis are left
    out.

    Args:
        motif: The motif.
        kind: "information" or "probability".
        prefix: The one given to `svg_glyphs`.
        alphabet: The one given to `svg_glyphs`.

    Returns:
        One `<use>` element per letter; empty for a motif without information.

    Raises:
        ValueError: Another `kind`.
    """
    return svg_stacks(letter_heights(motif, kind), AXIS_TOPS[kind], prefix, alphabet)


def svg_alignment(
    query: Motif,
    target: Motif,
    offset: int,
    orientation: str,
    alphabet: str = ALPHABET,
) -> str:
    """Return a query above its target, as Tomtom aligned them, as one picture.

    Args:
        query: The query, as it was given to `motif_match`.
        target: The target, as the database holds it.
        offset: `Optimal_offset` of the match.
        orientation: `Orientation` of the match.
        alphabet: "ACGT", or "ACGU" for RNA.

    Returns:
        An SVG document; the columns that both have are shaded.

    Raises:
        ValueError: An offset at which the two don't overlap, or another
            `orientation`.
    """
    placed = align(query.width, target.width, offset)
    shown = oriented(target, orientation)
    starts = (placed.query_start, placed.target_start)
    logos = [
        PlacedLogo(start, motif.width, svg_letters(motif, alphabet=alphabet))
        for start, motif in zip(starts, (query, shown), strict=True)
    ]
    first = placed.overlap_start
    label = " above ".join(
        spelled_consensus(motif, alphabet) for motif in (query, shown)
    )
    return svg_image(logos, label, range(first, first + placed.overlap), alphabet)
