"""Sequence logos as pictures: one, a grid of many, an aligned pair.

One logo is drawn by logomaker. The others go through a faster path, which draws
all letters of a logo as one collection and looks the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from keras_motif.letters import AXIS_LABELS, LETTER_WIDTH, Kind, letter_outlines
from keras_motif.logos._drawing import (
    Axis,
    Colors,
    checked_style,
    draw_baseline,
    draw_ground,
    draw_highlight,
    draw_letters,
    note_absence,
    style_axes,
)
from keras_motif.logos._figures import grid, new_figure
from keras_motif.logos.layout import align, letter_heights, oriented
from keras_motif.logos.matched import (
    letters_to_draw,
    listed_motifs,
    panel_titles,
    target_label,
)
from keras_motif.motifs import Motif, TargetsLike, is_dead, is_from
from keras_motif.sequences import ALPHABET

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_alignment", "plot_logo", "plot_logos"]

_OVERLAP_COLOR = "#eeeeee"
_PALE = "#767676"
_NUMBERS_ROOM = 0.14  # inches below a panel of a grid


def plot_logo(
    motif: Motif,
    ax: Axes | None = None,
    *,
    kind: Kind = "information",
    color_scheme: Colors = "classic",
    highlight: Iterable[int] = (),
    axis: Axis = "heights",
    alphabet: str = ALPHABET,
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
        alphabet: "ACGT", or "ACGU" to draw U in the place of T.

    Returns:
        The axes. A motif without information has a note in place of letters.

    Raises:
        ValueError: Another `kind`, `color_scheme`, `axis` or `alphabet`, or a column
            to highlight that the motif doesn't have.
    """
    style = checked_style(kind, color_scheme, axis, alphabet)
    heights = letter_heights(motif, kind)
    if ax is None:
        ax = new_figure((max(0.35 * motif.width, 2.0) + 0.6, 1.8)).add_subplot()
    if heights.any() and not is_dead(motif):
        import logomaker
        import pandas as pd

        table = pd.DataFrame(heights, columns=list(alphabet))
        colors = dict(zip(alphabet, style.colors, strict=True))
        logomaker.Logo(table, ax=ax, color_scheme=colors, width=LETTER_WIDTH)
    else:
        note_absence(ax, motif)
        draw_baseline(ax)
    draw_highlight(ax, motif, highlight)
    style_axes(ax, style, motif.width, range(motif.width))
    if style.axis != "none":
        ax.set_ylabel(AXIS_LABELS[kind])
    return ax


def plot_logos(
    motifs: Iterable[Motif],
    matches: pd.DataFrame | None = None,
    num_cols: int = 5,
    *,
    support: pd.DataFrame | None = None,
    targets: TargetsLike | None = None,
    kind: Kind = "information",
    color_scheme: Colors = "classic",
    highlight: Mapping[str, Iterable[int]] | None = None,
    axis: Axis = "heights",
    alphabet: str | None = None,
) -> Figure:
    """Draw a grid of logos: all filters of a layer at a glance.

    Letters are equally wide in all panels. Each panel is titled with the motif's
    name and, given `matches`, its best convincing match; a match that isn't is pale
    and called weak. A filter without sites gets a panel that says so. The pictures
    look like logomaker's and take a small part of its time.

    Args:
        motifs: The motifs, in the order of the panels.
        matches: What `motif_match` returned for these motifs. None: titles hold
            the names alone.
        num_cols: Panels per row.
        support: What `match_support` returned for `matches`. None: all matches are
            pale, as "not judged".
        targets: The targets, as they were given to `motif_match`: matches are then
            shown under their factors' names too.
        kind: "information" (bits, axis from 0 to 2) or "probability" (0 to 1).
        color_scheme: "classic" (A green, C blue, G orange, T red),
            "colorblind_safe", "base_pairing", "grays", or a dict of base -> colour.
        highlight: Dict of a motif's name -> its columns, from 0.
        axis: "heights" (the axis of bits or probability), "both" (and the numbers of
            the positions, from 1) or "none".
        alphabet: "ACGT", or "ACGU" to draw U in the place of T. None takes that of
            `matches`, else "ACGT".

    Returns:
        A matplotlib figure that pyplot doesn't know of; save it through
        `figure.savefig("logos.png")` (or .svg, .pdf).

    Raises:
        ValueError: No motif, `num_cols` below 1, another `kind`, `color_scheme`,
            `axis` or `alphabet`, `matches` or `highlight` of other motifs, or `support`
            of other matches.
        TypeError: Something other than motifs.
    """
    listed = listed_motifs(motifs)
    if num_cols < 1:
        raise ValueError(f"`num_cols` must be 1 or more. Received {num_cols}.")
    letters = letters_to_draw(alphabet, [matches])
    style = checked_style(kind, color_scheme, axis, letters)
    titles = panel_titles(listed, matches, support, targets)
    highlight = _checked_highlight(highlight or {}, listed)
    num_cols = min(num_cols, len(listed))
    numbers_room = _NUMBERS_ROOM if axis == "both" else 0.0
    figure, places = grid(len(listed), num_cols, numbers_room)
    outlines = letter_outlines(style.alphabet)
    columns = max(motif.width for motif in listed)
    for index, (motif, title) in enumerate(zip(listed, titles, strict=True)):
        ax = figure.add_axes(places[index])
        draw_letters(ax, motif, style, outlines)
        draw_highlight(ax, motif, highlight.get(motif.name, ()))
        style_axes(ax, style, columns, range(motif.width))
        color = _PALE if title.is_pale else "black"
        ax.set_title(title.text, fontsize=8, pad=3, parse_math=False, color=color)
        ax.tick_params(labelsize=6, labelleft=index % num_cols == 0)
        if index % num_cols == 0 and axis != "none":
            ax.set_ylabel(AXIS_LABELS[kind], fontsize=7)
    return figure


def plot_alignment(
    query: Motif | pd.Series[Any] | pd.DataFrame,
    target: Motif | None = None,
    *,
    offset: int | None = None,
    orientation: Literal["+", "-"] = "+",
    kind: Kind = "information",
    color_scheme: Colors = "classic",
    axis: Axis = "heights",
    alphabet: str | None = None,
) -> Figure:
    """Draw a query above the target that it matched, as Tomtom aligned them.

    Args:
        query: A row of the table of `motif_match`, such as `matches.iloc[0]`, which
            knows all that follows; or the query, as it was given to `motif_match`.
        target: The target, as the database holds it.
        offset: `Optimal_offset` of the match.
        orientation: `Orientation` of the match; "-" draws the target's reverse
            complement.
        kind: "information" (bits, axis from 0 to 2) or "probability" (0 to 1).
        color_scheme: "classic" (A green, C blue, G orange, T red),
            "colorblind_safe", "base_pairing", "grays", or a dict of base -> colour.
        axis: "heights" (the axis of bits or probability), "both" (and the numbers of
            each motif's positions, from 1) or "none".
        alphabet: "ACGT", or "ACGU" to draw U in the place of T. None takes that of
            the row's table, else "ACGT".

    Returns:
        A matplotlib figure with two axes, the query's first; columns that both
        have are shaded. pyplot doesn't know of it.

    Raises:
        ValueError: An offset at which the two don't overlap, another
            `orientation`, `kind`, `color_scheme`, `axis` or `alphabet`; a row that
            doesn't know its motifs, or beside which a target or an offset is given.
        TypeError: A query without `target` and `offset`, or something else.

    Example:
        >>> from keras_motif.matching import motif_match
        >>> from keras_motif.motifs import load_jaspar
        >>> matches = motif_match(load_jaspar("JASPAR2016")[:1], "JASPAR2016")
        >>> len(plot_alignment(matches.iloc[0]).axes)
        2
    """
    query, target, offset, orientation, letters = _match_to_draw(
        query, target, offset, orientation
    )
    style = checked_style(kind, color_scheme, axis, alphabet or letters)
    shown = oriented(target, orientation)
    placed = align(query.width, target.width, offset)
    name = target_label(target.name, target)
    if orientation == "-":
        name += " (reverse complement)"
    figure = new_figure((max(0.3 * placed.width, 3.0) + 0.7, 2.9))
    axes = figure.subplots(2, 1, gridspec_kw={"hspace": 0.45})
    panels = [
        (query, placed.query_start, query.name),
        (shown, placed.target_start, name),
    ]
    outlines = letter_outlines(style.alphabet)
    first, last = placed.overlap_start, placed.overlap_start + placed.overlap
    for ax, (motif, start, title) in zip(axes, panels, strict=True):
        draw_ground(ax, range(first, last), _OVERLAP_COLOR)
        draw_letters(ax, motif, style, outlines, start)
        style_axes(ax, style, placed.width, range(start, start + motif.width))
        if style.axis != "none":
            ax.set_ylabel(AXIS_LABELS[kind])
        ax.set_title(title, fontsize=10, loc="left", parse_math=False)
    return figure


def _match_to_draw(
    query: Any, target: Motif | None, offset: int | None, orientation: Any
) -> tuple[Motif, Motif, int, Literal["+", "-"], str]:
    """Return query, target, offset, orientation and letters, of a row or as given."""
    if is_from("pandas", query):
        from keras_motif.logos.match_table import match_of_row

        if target is not None or offset is not None or orientation != "+":
            raise ValueError(
                "`target`, `offset` and `orientation` stand in the row of matches that "
                "is given as `query`. Pass the row alone, `plot_alignment(row)`."
            )
        return match_of_row(query)
    if not isinstance(query, Motif) or not isinstance(target, Motif) or offset is None:
        raise TypeError(
            "`plot_alignment` must be given a row of matches, `plot_alignment("
            "matches.iloc[0])`, or two motifs and how they lie, `plot_alignment(query, "
            f"target, offset=...)`. Received {type(query).__name__}, "
            f"{type(target).__name__} and the offset {offset!r}."
        )
    return query, target, offset, orientation, ALPHABET


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
