"""Sequence logos as pictures: one, a grid of many, an aligned pair.

One logo is drawn by logomaker. The others go through a faster path, which draws
all letters of a logo as one collection and looks the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from keras_motif.letters import (
    AXIS_LABELS,
    AXIS_TOPS,
    COLOR_SCHEMES,
    LETTER_WIDTH,
    ColorScheme,
    Kind,
    letter_outlines,
)
from keras_motif.logos.layout import (
    align,
    layout_letters,
    letter_heights,
    oriented,
)
from keras_motif.logos.matched import listed_motifs, panel_titles, target_label
from keras_motif.motifs import Motif, is_dead
from keras_motif.sequences import ALPHABET

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

__all__ = ["plot_alignment", "plot_logo", "plot_logos"]

Axis = Literal["heights", "both", "none"]
Colors = ColorScheme | Mapping[str, str]

_AXES = ("heights", "both", "none")
_HIGHLIGHT_COLOR = "#fff0a8"
_OVERLAP_COLOR = "#eeeeee"

# Inches of a grid: a panel, the room at the grid's left and right for the axis,
# and what a panel leaves free: below, above (two lines of title), at the right.
_PANEL_WIDTH, _PANEL_HEIGHT = 2.2, 1.2
_LEFT_MARGIN, _RIGHT_MARGIN, _BOTTOM_MARGIN = 0.45, 0.05, 0.1
_GAP, _TITLE_ROOM, _NUMBERS_ROOM = 0.2, 0.42, 0.14


def plot_logo(
    motif: Motif,
    ax: Axes | None = None,
    *,
    kind: Kind = "information",
    color_scheme: Colors = "classic",
    highlight: Iterable[int] = (),
    axis: Axis = "heights",
) -> Axes:
    """Draw one logo, with logomaker.

    Source: Tareen & Kinney (2020), logomaker.

    Args:
        motif: The motif.
        ax: Axes to draw on. None makes a figure of its own, outside pyplot:
            save it through `ax.figure.savefig(path)`.
        kind: "information" (bits, axis from 0 to 2) or "probability" (0 to 1).
        color_scheme: "classic" (A green, C blue, G orange, T red),
            "colorblind_safe", "base_pairing", "grays", or a dict of base -> colour.
        highlight: Columns to put a coloured ground behind, from 0, as `range(3, 9)`.
        axis: "heights" (the axis of bits or probability), "both" (and the numbers of
            the positions, from 1) or "none".

    Returns:
        The axes. A motif without information has a note in place of letters.

    Raises:
        ValueError: Another `kind`, `color_scheme` or `axis`, or a column to highlight
            that the motif doesn't have.
    """
    style = _style(kind, color_scheme, axis)
    heights = letter_heights(motif, kind)
    if ax is None:
        ax = _new_figure((max(0.35 * motif.width, 2.0) + 0.6, 1.8)).add_subplot()
    if heights.any() and not is_dead(motif):
        import logomaker
        import pandas as pd

        table = pd.DataFrame(heights, columns=list(ALPHABET))
        logomaker.Logo(table, ax=ax, color_scheme=style.colors, width=LETTER_WIDTH)
    else:
        _note_absence(ax, motif)
        _draw_baseline(ax)
    _draw_highlight(ax, motif, highlight)
    _style_axes(ax, style, motif.width, range(motif.width))
    if style.axis != "none":
        ax.set_ylabel(AXIS_LABELS[kind])
    return ax


def plot_logos(
    motifs: Iterable[Motif],
    matches: pd.DataFrame | None = None,
    num_cols: int = 8,
    *,
    targets: Any = None,
    kind: Kind = "information",
    color_scheme: Colors = "classic",
    highlight: Mapping[str, Iterable[int]] | None = None,
    axis: Axis = "heights",
) -> Figure:
    """Draw a grid of logos: all filters of a layer at a glance.

    Letters are equally wide in all panels. Each panel is titled with the motif's
    name and, given `matches`, its best hit or "no match"; a filter without sites
    gets a panel that says so. The pictures look like logomaker's and take a small
    part of its time.

    Args:
        motifs: The motifs, in the order of the panels.
        matches: What `motif_match` returned for these motifs. None: titles hold
            the names alone.
        num_cols: Panels per row.
        targets: The targets, as they were given to `motif_match`: best hits are
            then shown under their factors' names too.
        kind: "information" (bits, axis from 0 to 2) or "probability" (0 to 1).
        color_scheme: "classic" (A green, C blue, G orange, T red),
            "colorblind_safe", "base_pairing", "grays", or a dict of base -> colour.
        highlight: Dict of a motif's name -> its columns, from 0.
        axis: "heights" (the axis of bits or probability), "both" (and the numbers of
            the positions, from 1) or "none".

    Returns:
        A matplotlib figure that pyplot doesn't know of; save it through
        `figure.savefig("logos.png")` (or .svg, .pdf).

    Raises:
        ValueError: No motif, `num_cols` below 1, another `kind`, `color_scheme` or
            `axis`, or `matches` or `highlight` of other motifs.
        TypeError: Something other than motifs.
    """
    listed = listed_motifs(motifs)
    if num_cols < 1:
        raise ValueError(f"`num_cols` must be 1 or more. Received {num_cols}.")
    style = _style(kind, color_scheme, axis)
    titles = panel_titles(listed, matches, targets)
    highlight = _checked_highlight(highlight or {}, listed)
    num_cols = min(num_cols, len(listed))
    numbers_room = _NUMBERS_ROOM if axis == "both" else 0.0
    figure, places = _grid(len(listed), num_cols, numbers_room)
    outlines = letter_outlines()
    columns = max(motif.width for motif in listed)
    for index, (motif, title) in enumerate(zip(listed, titles, strict=True)):
        ax = figure.add_axes(places[index])
        _draw_letters(ax, motif, style, outlines)
        _draw_highlight(ax, motif, highlight.get(motif.name, ()))
        _style_axes(ax, style, columns, range(motif.width))
        ax.set_title(title, fontsize=8, pad=3, parse_math=False)
        ax.tick_params(labelsize=6, labelleft=index % num_cols == 0)
        if index % num_cols == 0 and axis != "none":
            ax.set_ylabel(AXIS_LABELS[kind], fontsize=7)
    return figure


def plot_alignment(
    query: Motif,
    target: Motif,
    *,
    offset: int,
    orientation: Literal["+", "-"] = "+",
    kind: Kind = "information",
    color_scheme: Colors = "classic",
    axis: Axis = "heights",
) -> Figure:
    """Draw a query above the target that it matched, as Tomtom aligned them.

    Args:
        query: The query, as it was given to `motif_match`.
        target: The target, as the database holds it.
        offset: `Optimal_offset` of the match.
        orientation: `Orientation` of the match; "-" draws the target's reverse
            complement.
        kind: "information" (bits, axis from 0 to 2) or "probability" (0 to 1).
        color_scheme: "classic" (A green, C blue, G orange, T red),
            "colorblind_safe", "base_pairing", "grays", or a dict of base -> colour.
        axis: "heights" (the axis of bits or probability), "both" (and the numbers of
            each motif's positions, from 1) or "none".

    Returns:
        A matplotlib figure with two axes, the query's first; columns that both
        have are shaded. pyplot doesn't know of it.

    Raises:
        ValueError: An offset at which the two don't overlap, another
            `orientation`, `kind`, `color_scheme` or `axis`.
    """
    style = _style(kind, color_scheme, axis)
    shown = oriented(target, orientation)
    placed = align(query.width, target.width, offset)
    name = target_label(target.name, target)
    if orientation == "-":
        name += " (reverse complement)"
    figure = _new_figure((max(0.3 * placed.width, 3.0) + 0.7, 2.9))
    axes = figure.subplots(2, 1, gridspec_kw={"hspace": 0.45})
    panels = [
        (query, placed.query_start, query.name),
        (shown, placed.target_start, name),
    ]
    outlines = letter_outlines()
    first, last = placed.overlap_start, placed.overlap_start + placed.overlap
    for ax, (motif, start, title) in zip(axes, panels, strict=True):
        _draw_ground(ax, range(first, last), _OVERLAP_COLOR)
        _draw_letters(ax, motif, style, outlines, start)
        _style_axes(ax, style, placed.width, range(start, start + motif.width))
        if style.axis != "none":
            ax.set_ylabel(AXIS_LABELS[kind])
        ax.set_title(title, fontsize=10, loc="left", parse_math=False)
    return figure


class _Style(NamedTuple):
    """What the options of a picture say, checked."""

    kind: Kind
    colors: dict[str, str]
    axis: Axis


def _style(kind: Kind, color_scheme: Colors, axis: Axis) -> _Style:
    if axis not in _AXES:
        raise ValueError(
            f"`axis` must be one of {', '.join(map(repr, _AXES))}. Received {axis!r}."
        )
    return _Style(kind, _colors(color_scheme), axis)


def _colors(color_scheme: Colors) -> dict[str, str]:
    if isinstance(color_scheme, Mapping):
        if set(color_scheme) != set(ALPHABET):
            raise ValueError(
                "`color_scheme` must have a colour for each of A C G T. Received "
                f"those of {', '.join(map(str, color_scheme)) or 'none'}."
            )
        return dict(color_scheme)
    if color_scheme not in COLOR_SCHEMES:
        raise ValueError(
            f"`color_scheme` must be one of {', '.join(map(repr, COLOR_SCHEMES))}, or "
            f"a dict of base -> colour. Received {color_scheme!r}."
        )
    return COLOR_SCHEMES[color_scheme]


def _checked_highlight(
    highlight: Mapping[str, Iterable[int]], motifs: list[Motif]
) -> Mapping[str, Iterable[int]]:
    if not isinstance(highlight, Mapping):
        raise TypeError(
            "`highlight` must be a dict of a motif's name -> its columns. Received "
            f"{type(highlight).__name__}."
        )
    if unknown := sorted(set(highlight) - {motif.name for motif in motifs}):
        raise ValueError(
            "`highlight` must name motifs of the grid. Received "
            f"{', '.join(map(repr, unknown))}, which is not among their names."
        )
    return highlight


def _new_figure(size: tuple[float, float]) -> Figure:
    """Return a figure that pyplot doesn't know of, so nothing has to be closed."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size)
    FigureCanvasAgg(figure)
    return figure


def _grid(
    num_panels: int, num_cols: int, numbers_room: float
) -> tuple[Figure, list[tuple[float, float, float, float]]]:
    """Return a figure for a grid, and where its axes stand in it, row by row.

    `numbers_room` is what each panel leaves free below its axes, in inches.
    """
    num_rows = math.ceil(num_panels / num_cols)
    panel_height = _PANEL_HEIGHT + numbers_room
    width = _LEFT_MARGIN + num_cols * _PANEL_WIDTH + _RIGHT_MARGIN
    height = _BOTTOM_MARGIN + num_rows * panel_height
    places = []
    for index in range(num_panels):
        row, col = divmod(index, num_cols)
        left = _LEFT_MARGIN + col * _PANEL_WIDTH
        bottom = _BOTTOM_MARGIN + numbers_room + (num_rows - 1 - row) * panel_height
        places.append(
            (
                left / width,
                bottom / height,
                (_PANEL_WIDTH - _GAP) / width,
                (_PANEL_HEIGHT - _TITLE_ROOM) / height,
            )
        )
    return _new_figure((width, height)), places


def _draw_letters(
    ax: Axes,
    motif: Motif,
    style: _Style,
    outlines: list[Path],
    start: int = 0,
) -> None:
    """Draw a logo's letters from column `start` on, as one collection."""
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path

    _draw_baseline(ax)
    letters = layout_letters(motif, style.kind)
    if letters.heights.size == 0 or is_dead(motif):
        _note_absence(ax, motif)
        return
    paths = []
    for position, base, bottom, height in zip(*letters, strict=True):
        corner = (start + position - LETTER_WIDTH / 2, bottom)
        points = outlines[base].vertices * (LETTER_WIDTH, height) + corner
        paths.append(Path(points, outlines[base].codes))
    collection = PathCollection(
        paths,
        facecolors=[style.colors[ALPHABET[base]] for base in letters.bases],
        edgecolors="none",
        linewidths=0,
        zorder=0,
        transform=ax.transData,
    )
    ax.add_artist(collection)


def _draw_highlight(ax: Axes, motif: Motif, highlight: Iterable[int]) -> None:
    """Put a coloured ground behind columns of a logo that begins at 0."""
    columns = sorted(set(highlight))
    if columns and not 0 <= columns[0] <= columns[-1] < motif.width:
        raise ValueError(
            f"`highlight` must hold columns from 0 to {motif.width - 1} of "
            f"{motif.name!r}. Received {columns}."
        )
    for _, run in groupby(enumerate(columns), lambda pair: pair[1] - pair[0]):
        neighbours = [column for _, column in run]
        _draw_ground(ax, range(neighbours[0], neighbours[-1] + 1), _HIGHLIGHT_COLOR)


def _draw_ground(ax: Axes, columns: range, color: str) -> None:
    # Separate patches, side by side, would show a seam.
    ax.axvspan(columns.start - 0.5, columns.stop - 0.5, color=color, lw=0, zorder=-2)


def _draw_baseline(ax: Axes) -> None:
    ax.axhline(zorder=-1, color="black", linewidth=0.5)  # logomaker's


def _note_absence(ax: Axes, motif: Motif) -> None:
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


def _style_axes(ax: Axes, style: _Style, width: int, positions: range) -> None:
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
