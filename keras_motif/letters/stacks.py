"""Stacks of letters: where a logo's letters stand, their outlines and colours.

Everything here works on arrays, so that `Motif` itself can show its logo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from keras_motif.sequences import ALPHABET

if TYPE_CHECKING:
    from matplotlib.path import Path

__all__ = [
    "AXIS_LABELS",
    "AXIS_TOPS",
    "COLOR_SCHEMES",
    "LETTER_WIDTH",
    "ColorScheme",
    "Kind",
    "LogoLetters",
    "information",
    "letter_outlines",
    "letter_stacks",
    "stack_heights",
]

Array = np.ndarray[Any, Any]
Kind = Literal["information", "probability"]
ColorScheme = Literal["classic", "colorblind_safe", "base_pairing", "grays"]

# All are logomaker's; "colorblind_safe" stands on the palette of Okabe & Ito (2008).
COLOR_SCHEMES: dict[str, dict[str, str]] = {
    "classic": {"A": "#008000", "C": "#0000ff", "G": "#ffa600", "T": "#ff0000"},
    "colorblind_safe": {
        "A": "#009980",
        "C": "#59b3e6",
        "G": "#e69b04",
        "T": "#1a1a1a",
    },
    "base_pairing": {"A": "#ff8c00", "C": "#0000ff", "G": "#0000ff", "T": "#ff8c00"},
    "grays": {"A": "#333333", "C": "#666666", "G": "#999999", "T": "#cccccc"},
}
AXIS_TOPS = {"information": 2.0, "probability": 1.0}
AXIS_LABELS = {"information": "bits", "probability": "probability"}

LETTER_WIDTH = 0.95  # of a column, as in logomaker
_NO_INFORMATION = 1e-6  # bits; rounding leaves less in a uniform matrix


class LogoLetters(NamedTuple):
    """Where a logo's letters stand; four arrays of shape `(n,)`.

    positions: the column of each letter, from 0.
    bases: 0 to 3 for A C G T.
    bottoms: the height at which each letter starts, in bits or probability.
    heights: how high each letter is, in the same unit, always above 0.
    """

    positions: Array
    bases: Array
    bottoms: Array
    heights: Array


def information(frequencies: Array) -> Array:
    """Return how conserved each position of `(width, 4)` is, in bits, 0 to 2.

    Source: Schneider & Stephens (1990), without small-sample correction.
    """
    logs = np.log2(frequencies, out=np.zeros_like(frequencies), where=frequencies > 0)
    # Rounding can leave a uniform row a hair below 0.
    return np.asarray(np.maximum(2.0 + (frequencies * logs).sum(axis=1), 0.0))


def stack_heights(frequencies: Array, kind: str) -> Array:
    """Return the height of every letter, shape `(width, 4)`.

    Args:
        frequencies: Array of shape `(width, 4)`, rows summing to 1.
        kind: "information" (bits) or "probability".

    Raises:
        ValueError: Another `kind`.
    """
    if kind not in AXIS_TOPS:
        raise ValueError(
            f'`kind` must be "information" or "probability". Received {kind!r}.'
        )
    if kind == "probability":
        return frequencies
    bits = information(frequencies)
    if bits.max() <= _NO_INFORMATION:
        return np.zeros_like(frequencies)
    return np.asarray(frequencies * bits[:, None])


def letter_stacks(heights: Array) -> LogoLetters:
    """Compute where letters of the heights `(width, 4)` stand.

    The smallest letter of a position is at the bottom; of equally high ones, the
    first of A C G T.

    Returns:
        The letters that have a height, position by position, from bottom to top.
    """
    order = heights.argsort(axis=1, kind="stable")
    stacked = np.take_along_axis(heights, order, axis=1)
    bottoms = np.zeros_like(stacked)
    bottoms[:, 1:] = stacked.cumsum(axis=1)[:, :-1]
    positions, ranks = np.nonzero(stacked)
    return LogoLetters(
        positions,
        order[positions, ranks],
        bottoms[positions, ranks],
        stacked[positions, ranks],
    )


def letter_outlines(alphabet: str = ALPHABET) -> list[Path]:
    """Return the outlines of the bases' letters, each within the unit square.

    They are logomaker's letters: bold, of matplotlib's "sans" family, as wide as
    the square, but not stretched more than an E.

    Args:
        alphabet: "ACGT", or "ACGU" for RNA.
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    font = FontProperties(family="sans", weight="bold")
    widest = TextPath((0, 0), "E", size=1, prop=font).get_extents().width
    outlines = []
    for base in alphabet:
        path = TextPath((0, 0), base, size=1, prop=font)
        box = path.get_extents()
        share = min(1.0, box.width / widest)
        unit = (path.vertices - box.min) / box.size
        outlines.append(Path(unit * (share, 1) + ((1 - share) / 2, 0), path.codes))
    return outlines
