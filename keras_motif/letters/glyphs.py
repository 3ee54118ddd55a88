"""Letters as SVG: their outlines once in a page, then references to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif.letters.stacks import (
    COLOR_SCHEMES,
    LETTER_WIDTH,
    letter_outlines,
    letter_stacks,
)
from keras_motif.sequences import ALPHABET

if TYPE_CHECKING:
    from matplotlib.path import Path

__all__ = ["COLUMN", "HEIGHT", "svg_glyphs", "svg_stacks"]

# In units of the SVG: a column's width and the axis' height.
COLUMN = 10
HEIGHT = 40

# Lower letters could not be seen, and make up half of a page.
_LEAST_SHARE = 0.01


def svg_glyphs(prefix: str = "", alphabet: str = ALPHABET) -> str:
    """Return the four letters as SVG paths, to stand once in a page's `<defs>`.

    Args:
        prefix: What stands before the letter in each path's id and class. The
            letters have logomaker's colours, unless the page's style gives the
            classes another `fill`. U has the class, and so the colour, of T.
        alphabet: "ACGT", or "ACGU" for RNA.

    Returns:
        Four `<path>` elements; each letter fills the unit square.
    """
    lines = []
    outlines = letter_outlines(alphabet)
    for letter, base, outline in zip(alphabet, ALPHABET, outlines, strict=True):
        lines.append(
            f'<path id="{prefix}{letter}" class="{prefix}{base}" '
            f'd="{_path_data(outline)}" fill="{COLOR_SCHEMES["classic"][base]}"/>'
        )
    return "\n".join(lines)


def svg_stacks(
    heights: np.ndarray[Any, Any],
    top: float,
    prefix: str = "",
    alphabet: str = ALPHABET,
) -> str:
    """Return stacks of letters as SVG, each letter a reference to `svg_glyphs`.

    A column is 10 units wide and the axis 40 high; the first column begins at 0,
    the axis' foot is at 40. Letters of less than a hundredth of the axis are left
    out.

    Args:
        heights: Array of shape `(width, 4)`, A C G T.
        top: The height that reaches the axis' top.
        prefix: The one given to `svg_glyphs`.
        alphabet: The one given to `svg_glyphs`.

    Returns:
        One `<use>` element per letter; empty where no letter has a height.
    """
    scale = HEIGHT / top
    width = LETTER_WIDTH * COLUMN
    parts = []
    for position, base, bottom, height in zip(*letter_stacks(heights), strict=True):
        if height < _LEAST_SHARE * top:
            continue
        x = (position + (1 - LETTER_WIDTH) / 2) * COLUMN
        y = HEIGHT - (bottom + height) * scale
        parts.append(
            f'<use href="#{prefix}{alphabet[base]}" transform="matrix('
            f'{width:g} 0 0 {height * scale:.1f} {x:g} {y:.1f})"/>'
        )
    return "".join(parts)


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
