"""A logo on its axes: the style, the letters, the ground behind them, the frame."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from keras_motif.letters import (
    AXIS_TOPS,
    COLOR_SCHEMES,
    LETTER_WIDTH,
    ColorScheme,
    Kind,
)
from keras_motif.logos.layout import layout_letters
from keras_motif.motifs import Motif, is_dead
from keras_motif.sequences import ALPHABET, check_alphabet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

__all__ = [
    "Axis",
    "Colors",
    "Style",
    "checked_style",
    "draw_baseline",
    "draw_ground",
    "draw_highlight",
    "draw_letters",
    "note_absence",
    "style_axes",
]

Axis = Literal["heights", "both", "none"]
Colors = ColorScheme | Mapping[str, str]

_AXES = ("heights", "both", "none")
_HIGHLIGHT_COLOR = "#fff0a8"


class Style(NamedTuple):
    """What the options of a picture say, checked."""

    kind: Kind
    colors: list[str]  # of the four bases, in the order of the alphabet
    axis: Axis
    alphabet: str


def checked_style(
    kind: Kind, color_scheme: Colors, axis: Axis, alphabet: str = ALPHABET
) -> Style:
    """Return the options of a picture, or raise what is wrong with them.

    `kind` is checked where heights are computed.

    Raises:
        ValueError: Another `color_scheme`, `axis` or `alphabet`.
    """
    check_alphabet(alphabet)
    if axis not in _AXES:
        raise ValueError(
            f"`axis` must be one of {', '.join(map(repr, _AXES))}. Received {axis!r}."
        )
    return Style(kind, _colors(color_scheme, alphabet), axis, alphabet)


def _colors(color_scheme: Colors, alphabet: str) -> list[str]:
    if isinstance(color_scheme, Mapping):
        for letters in (alphabet, ALPHABET):
            if set(color_scheme) == set(letters):
                return [color_scheme[letter] for letter in letters]
        raise ValueError(
            f"`color_scheme` must have a colour for each of {' '.join(alphabet)}. "
            f"Received those of {', '.join(map(str, color_scheme)) or 'none'}."
        )
    if color_scheme not in COLOR_SCHEMES:
        raise ValueError(
            f"`color_scheme` must be one of {', '.join(map(repr, COLOR_SCHEMES))}, or "
            f"a dict of base -> colour. Received {color_scheme!r}."
        )
    return [COLOR_SCHEMES[color_scheme][base] for base in ALPHABET]


def draw_letters(
    ax: Axes,
    motif: Motif,
    style: Style,
    outlines: list[Path],
    start: int = 0,
) -> None:
    """Draw a logo's letters from column `start` on, as one collection."""
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path

    draw_baseline(ax)
    letters = layout_letters(motif, style.kind)
    if letters.heights.size == 0 or is_dead(motif):
        note_absence(ax, motif)
        return
    paths = []
    for position, base, bottom, height in zip(*letters, strict=True):
        corner = (start + position - LETTER_WIDTH / 2, bottom)
        points = outlines[base].vertices * (LETTER_WIDTH, height) + corner
        paths.append(Path(points, outlines[base].codes))
    collection = PathCollection(
        paths,
        facecolors=[style.colors[base] for base in letters.bases],
        edgecolors="none",
        linewidths=0,
        zorder=0,
        transform=ax.transData,
    )
    ax.add_artist(collection)


def draw_highlight(ax: Axes, motif: Motif, highlight: Iterable[int]) -> None:
    """Put a coloured ground behind columns of a logo that begins at 0.

    Raises:
        ValueError: A column that the motif doesn't have.
    """
    columns = sorted(set(highlight))
    if columns and not 0 <= columns[0] <= columns[-1] < motif.width:
        raise ValueError(
            f"`highlight` must hold columns from 0 to {motif.width - 1} of "
            f"{motif.name!r}. Received {columns}."
        )
    for _, run in groupby(enumerate(columns), lambda pair: pair[1] - pair[0]):
        neighbours = [column for _, column in run]
        draw_ground(ax, range(neighbours[0], neighbours[-1] + 1), _HIGHLIGHT_COLOR)


def draw_ground(ax: Axes, columns: range, color: str) -> None:
    """Put a coloured ground behind neighbouring columns."""
    # Separate patches, side by side, would show a seam.
    ax.axvspan(columns.start - 0.5, columns.stop - 0.5, color=color, lw=0, zorder=-2)


def draw_baseline(ax: Axes) -> None:
    """Draw the line that the letters stand on."""
    ax.axhline(zorder=-1, color="black", linewidth=0.5)  # logomaker's


def note_absence(ax: Axes, motif: Motif) -> None:
    """Say in the place of the letters why there are none."""
    ax.text(
        0.5,
        0.5,
        "no sites" if is_dead(motif) else "no information",
        transform=ax.transAxes,
        ha="center",
        va="center",
        color="#666666",
        style="italic",
    )


def style_axes(ax: Axes, style: Style, width: int, positions: range) -> None:
    """Give axes of `width` columns their limits, ticks and frame.

    `positions` are the columns of the motif, which are numbered from 1.
    """
    top = AXIS_TOPS[style.kind]
    ax.set_xlim(-0.5, width - 0.5)
    ax.set_ylim(0, top)
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    ax.set_xticks([])
    if style.axis == "none":
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        return
    ax.set_yticks([0, top / 2, top])
    if style.axis == "both":
        step = 1 if len(positions) <= 10 else 5 * math.ceil(len(positions) / 60)
        numbers = sorted({1, *range(step, len(positions) + 1, step)})
        ax.set_xticks([positions[number - 1] for number in numbers], map(str, numbers))
        ax.tick_params(axis="x", length=0, pad=2)
