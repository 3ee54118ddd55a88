"""Pictures of logos as SVG: below each other, in a page or alone, or one on a card."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

import numpy as np

from keras_motif.letters.glyphs import COLUMN, HEIGHT, svg_glyphs, svg_stacks
from keras_motif.letters.stacks import AXIS_LABELS, AXIS_TOPS, Kind
from keras_motif.sequences import ALPHABET

__all__ = ["PlacedLogo", "svg_card", "svg_image", "svg_picture"]

# In units of the SVG.
_GAP = 6
_PIXELS = 1.3  # per unit, where the page has room

# Of a picture that stands alone: its margins, the room of its title and of its axis,
# and the font.
_MARGIN = 4
_TITLE_ROOM = 12
_AXIS_ROOM = 20
_FONT_SIZE = 6
_CARD_PIXELS = 2.0
_LETTER_ROOM = 0.55  # of the font's size, a letter of a title at most on average

_INK = "#333333"
_PREFIX = "keras-motif-"  # a notebook is one page, where ids must not meet others


class PlacedLogo(NamedTuple):
    """A logo within a picture.

    Attributes:
        start: The column where it begins.
        width: Its columns.
        letters: What `svg_stacks` returned, or a `<use>` of it.
    """

    start: int
    width: int
    letters: str


def svg_picture(
    logos: Sequence[PlacedLogo], label: str, overlap: range | None = None
) -> str:
    """Return logos below each other as one `<svg>`, for a page that holds the glyphs.

    Its parts have the classes "logo", "shade" (the overlap) and "line" (under each
    logo), for the page's style.

    Args:
        logos: The logos, from top to bottom.
        label: What the picture shows, for those who cannot see it; escaped here.
        overlap: The columns to shade.
    """
    width, height = _size(logos)
    return (
        f'<svg class="logo" role="img" aria-label="{escape(label)}" '
        f'width="{width * _PIXELS:g}" height="{height * _PIXELS:g}" '
        f'viewBox="0 0 {width} {height}">{_placed(logos, overlap)}</svg>'
    )


def svg_image(
    logos: Sequence[PlacedLogo],
    label: str,
    overlap: range | None = None,
    alphabet: str = ALPHABET,
) -> str:
    """Return logos below each other as a picture that needs no page around it.

    The arguments are those of `svg_picture`, and the letters' `alphabet`. They must
    refer to glyphs without a prefix.

    Returns:
        An SVG document on a white ground, since a dark page may be around it.
    """
    width, height = _size(logos)
    body = (
        f'<g transform="translate({_MARGIN} {_MARGIN})">{_placed(logos, overlap)}</g>'
    )
    size = (width + 2 * _MARGIN, height + 2 * _MARGIN)
    return _document(size, label, svg_glyphs(alphabet=alphabet), body, _PIXELS)


def svg_card(
    heights: np.ndarray[Any, Any], title: str, *, kind: Kind, note: str = ""
) -> str:
    """Return one logo with its title and axis, to be shown alone or in a notebook.

    Args:
        heights: Array of shape `(width, 4)`, A C G T, in bits or probability.
        title: The line above the logo; escaped here.
        kind: "information" or "probability": the axis.
        note: What stands in the place of the letters where none has a height.

    Returns:
        An SVG document on a white ground, since a dark page may be around it.
    """
    # A control character would break the document.
    title = "".join(letter for letter in title if letter.isprintable())
    columns = len(heights) * COLUMN
    letters = svg_stacks(heights, AXIS_TOPS[kind], _PREFIX)
    text_width = len(title) * _FONT_SIZE * _LETTER_ROOM
    width = _MARGIN + max(_AXIS_ROOM + columns, text_width) + _MARGIN
    height = _TITLE_ROOM + HEIGHT + _MARGIN
    text = f'font-family="sans-serif" fill="{_INK}"'
    body = [
        f'<text x="{_MARGIN}" y="{_TITLE_ROOM - 4}" font-size="{_FONT_SIZE}" {text}>'
        f"{escape(title)}</text>",
        f'<g transform="translate({_MARGIN + _AXIS_ROOM} {_TITLE_ROOM})">',
        _axis(kind, text),
        letters,
        f'<path d="M0 {HEIGHT}H{columns}" stroke="{_INK}" stroke-width=".5"/>',
    ]
    if not heights.any():
        body.append(
            f'<text x="2" y="{HEIGHT / 2:g}" font-size="{_FONT_SIZE}" '
            f'font-style="italic" {text}>{escape(note)}</text>'
        )
    glyphs = svg_glyphs(_PREFIX)
    label = f"Logo of {title}"
    size = (width, height)
    return _document(size, label, glyphs, "".join(body) + "</g>", _CARD_PIXELS)


def _axis(kind: Kind, text: str) -> str:
    """Return the axis of heights, its foot at (0, 40)."""
    ticks = [
        f'<path d="M-2 0H0V{HEIGHT}H-2M-2 {HEIGHT / 2:g}H0" fill="none" '
        f'stroke="{_INK}" stroke-width=".5"/>'
    ]
    for share in (0, 0.5, 1):
        ticks.append(
            f'<text x="-3" y="{HEIGHT * (1 - share) + 1.8:g}" font-size="5" '
            f'text-anchor="end" {text}>{AXIS_TOPS[kind] * share:g}</text>'
        )
    ticks.append(
        f'<text transform="translate(-14 {HEIGHT / 2:g}) rotate(-90)" font-size="5" '
        f'text-anchor="middle" {text}>{AXIS_LABELS[kind]}</text>'
    )
    return "".join(ticks)


def _document(
    size: tuple[float, float], label: str, glyphs: str, body: str, pixels: float
) -> str:
    width, height = size
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label="{escape(label)}" width="{width * pixels:g}" '
        f'height="{height * pixels:g}" viewBox="0 0 {width:g} {height:g}" '
        'style="max-width:100%;height:auto">'
        f'<rect width="{width:g}" height="{height:g}" rx="2" fill="#ffffff"/>'
        f"<defs>{glyphs}</defs>{body}</svg>"
    )


def _size(logos: Sequence[PlacedLogo]) -> tuple[int, int]:
    columns = max(logo.start + logo.width for logo in logos)
    return columns * COLUMN, len(logos) * (HEIGHT + _GAP) - _GAP


def _placed(logos: Sequence[PlacedLogo], overlap: range | None) -> str:
    """Return the shade, and the logos below each other, each on its line.

    A page's style goes before these colours.
    """
    parts = []
    if overlap is not None:
        _, height = _size(logos)
        parts.append(
            f'<rect class="shade" x="{overlap.start * COLUMN}" y="0" '
            f'width="{len(overlap) * COLUMN}" height="{height}" fill="#e8eef3"/>'
        )
    for row, logo in enumerate(logos):
        left, top = logo.start * COLUMN, row * (HEIGHT + _GAP)
        parts.append(
            f'<g transform="translate({left} {top})">{logo.letters}'
            f'<path class="line" d="M0 {HEIGHT}H{logo.width * COLUMN}" '
            f'stroke="{_INK}" stroke-width=".5"/></g>'
        )
    return "".join(parts)
