"""Sequence logos as pictures: one, a grid of many, an aligned pair.

One logo is drawn by logomaker. The others go through a faster path, which draws
all letters of one base as a single compound path and looks the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from keras_motif.logo_layout import (
    AXIS_TOPS,
    COLOR_SCHEMES,
    LETTER_WIDTH,
    ColorScheme,
    Kind,
    align,
    is_dead,
    layout_letters,
    letter_heights,
    oriented,
)
from keras_motif.motif import Motif
from keras_motif.motif_inputs import pool_motifs
from keras_motif.sequences import ALPHABET

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

__all__ = [
    "check_matches",
    "letter_outlines",
    "listed_motifs",
    "plot_alignment",
    "plot_logo",
    "plot_logos",
    "target_label",
    "target_motifs",
]

_AXIS_LABELS = {"information": "bits", "probability": "probability"}

# Inches of a grid: a panel, the room at the grid's left and right for the axis,
# and what a panel leaves free: below, above (two lines of title), at the right.
_PANEL_WIDTH, _PANEL_HEIGHT = 2.2, 1.2
_LEFT_MARGIN, _RIGHT_MARGIN, _BOTTOM_MARGIN = 0.45, 0.05, 0.1
_GAP, _TITLE_ROOM = 0.2, 0.42
_TITLE_LENGTH = 30  # characters that fit above a panel

_MATCH_COLUMNS = ("Query_ID", "Target_ID", "Optimal_offset", "Orientation")


def plot_logo(
    motif: Motif,
    ax: Axes | None = None,
    *,
    kind: Kind = "information",
    color_scheme: ColorScheme = "classic",
) -> Axes:
    """Draw one logo, with logomaker.

    Source: Tareen & Kinney (2020), logomaker.

    Args:
        motif: The motif.
        ax: Axes to draw on. None makes a figure of its own, outside pyplot:
            save it through `ax.figure.savefig(path)`.
        kind: "information" (bits, axis from 0 to 2) or "probability" (0 to 1).
        color_scheme: "classic" (A green, C blue, G orange, T red) or
            "colorblind_safe".

    Returns:
        The axes. A motif without information has a note in place of letters.

    Raises:
        ValueError: Another `kind` or `color_scheme`.
    """
    colors = _colors(color_scheme)
    heights = letter_heights(motif, kind)
    if ax is None:
        ax = _new_figure((max(0.35 * motif.width, 2.0) + 0.6, 1.8)).add_subplot()
    if heights.any() and not is_dead(motif):
        import logomaker
        import pandas as pd

        table = pd.DataFrame(heights, columns=list(ALPHABET))
        logomaker.Logo(table, ax=ax, color_scheme=colors, width=LETTER_WIDTH)
    else:
        _note_absence(ax, motif)
        _draw_baseline(ax)
    _style_axes(ax, motif.width, kind)
    ax.set_ylabel(_AXIS_LABELS[kind])
    return ax


def plot_logos(
    motifs: Iterable[Motif],
    matches: pd.DataFrame | None = None,
    num_cols: int = 8,
    *,
    targets: Any = None,
    kind: Kind = "information",
    color_scheme: ColorScheme = "classic",
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
        color_scheme: "classic" (A green, C blue, G orange, T red) or
            "colorblind_safe".

    Returns:
        A matplotlib figure that pyplot doesn't know of; save it through
        `figure.savefig("logos.png")` (or .svg, .pdf).

    Raises:
        ValueError: No motif, `num_cols` below 1, another `kind` or
            `color_scheme`, or `matches` of other motifs.
        TypeError: Something other than motifs.
    """
    listed = listed_motifs(motifs)
    if num_cols < 1:
        raise ValueError(f"`num_cols` must be 1 or more. Received {num_cols}.")
    colors = _colors(color_scheme)
    titles = _panel_titles(listed, matches, targets)
    num_cols = min(num_cols, len(listed))
    figure, places = _grid(len(listed), num_cols)
    outlines = letter_outlines()
    columns = max(motif.width for motif in listed)
    for index, (motif, title) in enumerate(zip(listed, titles, strict=True)):
        ax = figure.add_axes(places[index])
        _draw_letters(ax, motif, kind, colors, outlines)
        _style_axes(ax, columns, kind)
        ax.set_title(title, fontsize=8, pad=3, parse_math=False)
        ax.tick_params(labelsize=6, labelleft=index % num_cols == 0)
        if index % num_cols == 0:
            ax.set_ylabel(_AXIS_LABELS[kind], fontsize=7)
    return figure


def plot_alignment(
    query: Motif,
    target: Motif,
    *,
    offset: int,
    orientation: Literal["+", "-"] = "+",
    kind: Kind = "information",
    color_scheme: ColorScheme = "classic",
) -> Figure:
    """Draw a query above the target that it matched, as Tomtom aligned them.

    Args:
        query: The query, as it was given to `motif_match`.
        target: The target, as the database holds it.
        offset: `Optimal_offset` of the match.
        orientation: `Orientation` of the match; "-" draws the target's reverse
            complement.
        kind: "information" (bits, axis from 0 to 2) or "probability" (0 to 1).
        color_scheme: "classic" (A green, C blue, G orange, T red) or
            "colorblind_safe".

    Returns:
        A matplotlib figure with two axes, the query's first; columns that both
        have are shaded. pyplot doesn't know of it.

    Raises:
        ValueError: An offset at which the two don't overlap, another
            `orientation`, `kind` or `color_scheme`.
    """
    colors = _colors(color_scheme)
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
        ax.axvspan(first - 0.5, last - 0.5, color="#eeeeee", lw=0, zorder=-2)
        _draw_letters(ax, motif, kind, colors, outlines, start)
        _style_axes(ax, placed.width, kind)
        ax.set_ylabel(_AXIS_LABELS[kind])
        ax.set_title(title, fontsize=10, loc="left", parse_math=False)
    return figure


def listed_motifs(motifs: Iterable[Motif]) -> list[Motif]:
    """Return the motifs as a list.

    Raises:
        ValueError: There is none.
        TypeError: Something other than motifs.
    """
    if isinstance(motifs, Motif):
        raise TypeError(
            "`motifs` must be a list of motifs. Received one motif; pass `[motif]`."
        )
    listed = list(motifs)
    for index, motif in enumerate(listed):
        if not isinstance(motif, Motif):
            raise TypeError(
                "`motifs` must hold `keras_motif.Motif` objects. Received "
                f"{type(motif).__name__} at index {index}."
            )
    if not listed:
        raise ValueError("`motifs` must hold at least one motif. Received none.")
    return listed


def target_motifs(targets: Any) -> dict[str, Motif]:
    """Return a database's motifs by their ids.

    Args:
        targets: What `motif_match` takes as targets; None for no motif.

    Raises:
        ValueError: As in `motif_match`.
        TypeError: As in `motif_match`.
    """
    if targets is None:
        return {}
    # Of one id in two databases, the first stays.
    pool = reversed(pool_motifs(targets, "targets"))
    return {target.name: target for target in pool}


def target_label(target_id: str, target: Motif | None) -> str:
    """Return "CTCF (MA0139.1)" where the factor is known, else "MA0139.1"."""
    if target is None or target.alt_name in ("", target_id):
        return target_id
    return f"{target.alt_name} ({target_id})"


def check_matches(motifs: Sequence[Motif], matches: pd.DataFrame) -> None:
    """Raise unless `matches` can be the matches of `motifs`.

    Raises:
        ValueError: A column is missing, a query is not among the motifs, or two
            motifs have one name.
    """
    missing = [column for column in _MATCH_COLUMNS if column not in matches.columns]
    if missing:
        raise ValueError(
            "`matches` must be a table that `motif_match` returned. It lacks the "
            f"columns {', '.join(missing)}. Received {', '.join(map(str, matches))}."
        )
    names = [motif.name for motif in motifs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            "`motifs` must have a different `name` each, since `matches` tells them "
            f"apart by it. Received {repeated[0]!r} more than once."
        )
    unknown = sorted(set(matches["Query_ID"]) - set(names))
    if unknown:
        raise ValueError(
            "`matches` must be the matches of `motifs`. Its Query_ID holds "
            f"{unknown[0]!r} ({len(unknown)} such), which is not among the motifs' "
            f"names: {', '.join(names[:3])}, ... Pass the motifs that were matched."
        )


def _colors(color_scheme: str) -> dict[str, str]:
    if color_scheme not in COLOR_SCHEMES:
        raise ValueError(
            f"`color_scheme` must be one of {', '.join(map(repr, COLOR_SCHEMES))}. "
            f"Received {color_scheme!r}."
        )
    return COLOR_SCHEMES[color_scheme]


def _new_figure(size: tuple[float, float]) -> Figure:
    """Return a figure that pyplot doesn't know of, so nothing has to be closed."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size)
    FigureCanvasAgg(figure)
    return figure


def letter_outlines() -> list[Path]:
    """Return the outlines of A C G T, each within the unit square.

    They are logomaker's letters: bold, of matplotlib's "sans" family, as wide as
    the square, but not stretched more than an E.
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    font = FontProperties(family="sans", weight="bold")
    widest = TextPath((0, 0), "E", size=1, prop=font).get_extents().width
    outlines = []
    for base in ALPHABET:
        path = TextPath((0, 0), base, size=1, prop=font)
        box = path.get_extents()
        share = min(1.0, box.width / widest)
        unit = (path.vertices - box.min) / box.size
        outlines.append(Path(unit * (share, 1) + ((1 - share) / 2, 0), path.codes))
    return outlines


def _grid(
    num_panels: int, num_cols: int
) -> tuple[Figure, list[tuple[float, float, float, float]]]:
    """Return a figure for a grid, and where its axes stand in it, row by row."""
    num_rows = math.ceil(num_panels / num_cols)
    width = _LEFT_MARGIN + num_cols * _PANEL_WIDTH + _RIGHT_MARGIN
    height = _BOTTOM_MARGIN + num_rows * _PANEL_HEIGHT
    places = []
    for index in range(num_panels):
        row, col = divmod(index, num_cols)
        left = _LEFT_MARGIN + col * _PANEL_WIDTH
        bottom = _BOTTOM_MARGIN + (num_rows - 1 - row) * _PANEL_HEIGHT
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
    kind: Kind,
    colors: dict[str, str],
    outlines: list[Path],
    start: int = 0,
) -> None:
    """Draw a logo's letters from column `start` on, as one collection."""
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path

    _draw_baseline(ax)
    letters = layout_letters(motif, kind)
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
        facecolors=[colors[ALPHABET[base]] for base in letters.bases],
        edgecolors="none",
        linewidths=0,
        zorder=0,
        transform=ax.transData,
    )
    ax.add_artist(collection)


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


def _style_axes(ax: Axes, width: int, kind: str) -> None:
    """Give a logo of `width` columns its limits, ticks and frame."""
    top = AXIS_TOPS[kind]
    ax.set_xlim(-0.5, width - 0.5)
    ax.set_ylim(0, top)
    ax.set_xticks([])
    ax.set_yticks([0, top / 2, top])
    ax.spines[["top", "right", "bottom"]].set_visible(False)


def _panel_titles(
    motifs: list[Motif],
    matches: pd.DataFrame | None,
    targets: Any,
) -> list[str]:
    """Return one title per motif: its name and, on a second line, its best hit."""
    if matches is None:
        return [_shortened(motif.name) for motif in motifs]
    check_matches(motifs, matches)
    known = target_motifs(targets)
    best = matches.drop_duplicates("Query_ID")  # rows stand best first
    hits = dict(zip(best["Query_ID"], best["Target_ID"], strict=True))
    titles = []
    for motif in motifs:
        second = "" if is_dead(motif) else "no match"
        if motif.name in hits:
            target_id = hits[motif.name]
            second = target_label(target_id, known.get(target_id))
        titles.append(f"{_shortened(motif.name)}\n{_shortened(second)}")
    return titles


def _shortened(text: str) -> str:
    if len(text) <= _TITLE_LENGTH:
        return text
    return text[: _TITLE_LENGTH - 1] + "…"
