"""Logos as inline SVG for web pages: outlines once per page, then references."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from keras_motif.logo_layout import (
    AXIS_TOPS,
    LETTER_WIDTH,
    Kind,
    layout_letters,
)
from keras_motif.logos import letter_outlines
from keras_motif.motif import Motif
from keras_motif.sequences import ALPHABET

if TYPE_CHECKING:
    from matplotlib.path import Path

__all__ = ["PlacedLogo", "svg_glyphs", "svg_letters", "svg_picture"]

# In units of the SVG.
_COLUMN = 10
_HEIGHT = 40
_GAP = 6
_PIXELS = 1.3  # per unit, where the page has room

# Lower letters could not be seen, and make up half of a page.
_LEAST_SHARE = 0.01


def svg_glyphs(prefix: str = "") -> str:
    """Return the four letters as SVG paths, to stand once in a page's `<defs>`.

    Args:
        prefix: What stands before the letter in each path's id and class; the
            page's style gives the classes their `fill`.

    Returns:
        Four `<path>` elements; each letter fills the unit square.
    """
    lines = []
    for base, outline in zip(ALPHABET, letter_outlines(), strict=True):
        name = f"{prefix}{base}"
        lines.append(f'<path id="{name}" class="{name}" d="{_path_data(outline)}"/>')
    return "\n".join(lines)


def svg_letters(motif: Motif, *, kind: Kind = "information", prefix: str = "") -> str:
    """Return a logo's letters as SVG, each a reference to `svg_glyphs`.

    A column is 10 units wide and the axis 40 high; the first column begins at 0,
    the axis' foot is at 40. Letters of less than a hundredth of the axis are left
    out.

    Args:
        motif: The motif.
        kind: "information" or "probability".
        prefix: The one given to `svg_glyphs`.

    Returns:
        One `<use>` element per letter; empty for a motif without information.

    Raises:
        ValueError: Another `kind`.
    """
    letters = layout_letters(motif, kind)
    scale = _HEIGHT / AXIS_TOPS[kind]
    width = LETTER_WIDTH * _COLUMN
    parts = []
    for position, base, bottom, height in zip(*letters, strict=True):
        if height < _LEAST_SHARE * AXIS_TOPS[kind]:
            continue
        x = (position + (1 - LETTER_WIDTH) / 2) * _COLUMN
        y = _HEIGHT - (bottom + height) * scale
        parts.append(
            f'<use href="#{prefix}{ALPHABET[base]}" transform="matrix('
            f'{width:g} 0 0 {height * scale:.2f} {x:.2f} {y:.2f})"/>'
        )
    return "".join(parts)


class PlacedLogo(NamedTuple):
    """A logo within a picture.

    Attributes:
        start: The column where it begins.
        width: Its columns.
        letters: What `svg_letters` returned, or a `<use>` of it.
    """

    start: int
    width: int
    letters: str


def svg_picture(
    logos: Sequence[PlacedLogo], label: str, overlap: range | None = None
) -> str:
    """Return logos below each other as one `<svg>`.

    Its parts have the classes "logo", "shade" (the overlap) and "line" (under each
    logo), for the page's style.

    Args:
        logos: The logos, from top to bottom.
        label: What the picture shows, for those who cannot see it; escaped here.
        overlap: The columns to shade.
    """
    columns = max(logo.start + logo.width for logo in logos)
    width, height = columns * _COLUMN, len(logos) * (_HEIGHT + _GAP) - _GAP
    parts = [
        f'<svg class="logo" role="img" aria-label="{escape(label)}" '
        f'width="{width * _PIXELS:g}" height="{height * _PIXELS:g}" '
        f'viewBox="0 0 {width} {height}">'
    ]
    if overlap is not None:
        parts.append(
            f'<rect class="shade" x="{overlap.start * _COLUMN}" y="0" '
            f'width="{len(overlap) * _COLUMN}" height="{height}"/>'
        )
    for row, logo in enumerate(logos):
        left, top = logo.start * _COLUMN, row * (_HEIGHT + _GAP)
        parts.append(
            f'<g transform="translate({left} {top})">{logo.letters}'
            f'<path class="line" d="M0 {_HEIGHT}H{logo.width * _COLUMN}"/></g>'
        )
    return "".join(parts) + "</svg>"


def _path_data(outline: Path) -> str:
    """Return the `d` of an outline in the unit square, y pointing down as in SVG."""
    letters = {1: "M", 2: "L", 3: "Q", 4: "C"}  # by matplotlib's codes
    parts = []
    for points, code in outline.iter_segments(simplify=False):
        if code not in letters:  # the end of an outline
            parts.append("Z")
            continue
        pairs = np.asarray(points).reshape(-1, 2)
        text = " ".join(f"{x:.4g} {1 - y:.4g}" for x, y in pairs)
        parts.append(letters[int(code)] + text)
    return "".join(parts)
