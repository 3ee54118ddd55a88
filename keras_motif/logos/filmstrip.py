"""The filmstrip: how each filter became its motif, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from keras_motif.letters import AXIS_TOPS, svg_glyphs, svg_stacks
from keras_motif.logos.layout import letter_heights
from keras_motif.motifs import Motif, is_dead
from keras_motif.sequences import ALPHABET, check_alphabet

__all__ = ["check_snapshots", "film_letters", "filmstrip_svg", "shown_epochs"]

# In units of the SVG; a logo's column is 10 wide and its axis 40 high.
_COLUMN, _CELL_HEIGHT = 10, 40
_GAP = 14
_MARGIN = 10
_HEADER = 34
_FONT_SIZE = 20
_LETTER_ROOM = 0.62  # of the font's size, a letter of a name at most on average
_PIXELS = 0.59  # per unit: nine motifs of 19 fit into a report

_INK, _FAINT = "#333333", "#69727b"
_PREFIX = "film-"  # a report has letters of its own

# Of the axis: lower letters are less than a pixel here.
_LEAST_SHARE = 0.04


def filmstrip_svg(
    snapshots: Mapping[int, Sequence[Motif]],
    *,
    max_epochs: int = 9,
    alphabet: str = ALPHABET,
) -> str:
    """Draw how filters became their motifs: a row per filter, a column per epoch.

    All logos of a row show the same window, so a motif that moves within its filter
    is seen to move. Of many epochs some are shown, the first and the last among
    them, closer together at the beginning, where motifs change most.

    Args:
        snapshots: Dict of epoch, counted from 0, -> motifs of that epoch in filter
            order, untrimmed, as `FilterMotifExtractor.motifs_by_epoch`.
        max_epochs: Largest number of epochs to show, 1 or more; 1 shows the last.
        alphabet: "ACGT", or "ACGU" to draw U in the place of T.

    Returns:
        An SVG document on a white ground, to be written to a file or put into a
        page as it is. It loads nothing, and a filter's name cannot break it.

    Raises:
        ValueError: No epoch, an epoch without a motif, `max_epochs` below 1, or
            another `alphabet`.

    Example:
        >>> early = Motif([[0.25, 0.25, 0.25, 0.25]], "filter0", num_sites=8)
        >>> late = Motif([[0.97, 0.01, 0.01, 0.01]], "filter0", num_sites=8)
        >>> filmstrip_svg({0: [early], 5: [late]}).count("epoch")
        3
    """
    check_alphabet(alphabet)
    if max_epochs < 1:
        raise ValueError(f"`max_epochs` must be 1 or more. Received {max_epochs}.")
    check_snapshots(snapshots)
    epochs = shown_epochs(sorted(snapshots), max_epochs)
    columns = [snapshots[epoch] for epoch in epochs]
    names = [motif.name for motif in max(columns, key=len)]
    cell_width = _COLUMN * max(motif.width for column in columns for motif in column)
    left = _MARGIN + _FONT_SIZE * (_LETTER_ROOM * max(map(len, names)) + 1)
    width = left + len(epochs) * (cell_width + _GAP) - _GAP + _MARGIN
    height = _HEADER + len(names) * (_CELL_HEIGHT + _GAP) + _MARGIN
    parts = [
        _text(f"epoch {epoch + 1}", left + index * (cell_width + _GAP), _HEADER - 12)
        for index, epoch in enumerate(epochs)
    ]
    for row, name in enumerate(names):
        top = _HEADER + row * (_CELL_HEIGHT + _GAP)
        parts.append(_text(name, _MARGIN, top + _CELL_HEIGHT - 6))
        for index, column in enumerate(columns):
            if row < len(column):
                x = left + index * (cell_width + _GAP)
                parts.append(_cell(column[row], x, top, cell_width, alphabet))
    label = f"Motifs of {len(names)} filters after {len(epochs)} epochs of training"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" '
        f'width="{width * _PIXELS:.0f}" height="{height * _PIXELS:.0f}" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="sans-serif">'
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>'
        f"<defs>{svg_glyphs(_PREFIX, alphabet)}</defs>{''.join(parts)}</svg>"
    )


def check_snapshots(snapshots: Mapping[int, Sequence[Motif]]) -> None:
    """Raise unless there is an epoch, and a motif in each.

    Raises:
        ValueError: So it is.
    """
    if not snapshots or not all(snapshots.values()):
        raise ValueError(
            "`snapshots` must hold the motifs of at least one epoch, and a motif in "
            f"each. Received {len(snapshots)} epochs. Extract while training: "
            "`FilterMotifExtractor(..., every=1)`."
        )


def shown_epochs(epochs: list[int], max_epochs: int = 9) -> list[int]:
    """Return at most `max_epochs` of the epochs, at steps that grow evenly."""
    if len(epochs) <= max_epochs:
        return epochs
    if max_epochs == 1:
        return epochs[-1:]
    shares = np.linspace(0, 1, max_epochs) ** 2
    places = np.unique((shares * (len(epochs) - 1)).round().astype(int))
    return [epochs[place] for place in places]


def _cell(motif: Motif, x: float, y: float, width: int, alphabet: str) -> str:
    """Return one logo on its line; a filter without a site says so."""
    if is_dead(motif):
        body = _text("no site", 0, _CELL_HEIGHT - 6, _FAINT)
    else:
        body = film_letters(motif, _PREFIX, alphabet)
    return (
        f'<g transform="translate({x:g} {y:g})">{body}'
        f'<path d="M0 {_CELL_HEIGHT}H{width}" stroke="{_FAINT}"/></g>'
    )


def film_letters(motif: Motif, prefix: str, alphabet: str = ALPHABET) -> str:
    """Return a motif's letters as SVG, without those too low for so small a picture.

    Args:
        motif: The motif.
        prefix: The one given to `svg_glyphs`.
        alphabet: The one given to `svg_glyphs`.
    """
    heights = letter_heights(motif, "information")
    top = AXIS_TOPS["information"]
    seen = np.where(heights < _LEAST_SHARE * top, 0.0, heights)
    return svg_stacks(seen, top, prefix, alphabet)


def _text(text: str, x: float, y: float, color: str = _INK) -> str:
    # A control character would break the document.
    shown = escape("".join(letter for letter in text if letter.isprintable()))
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{_FONT_SIZE}" fill="{color}">'
        f"{shown}</text>"
    )
