"""Sequence logos: one, a grid of many, an aligned pair, and as inline SVG.

One logo is drawn by logomaker. The others go through a faster path, which draws
all letters of one base as a single compound path and looks the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from keras_motif.motif import Motif
from keras_motif.sequences import ALPHABET

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

__all__ = [
    "COLOR_SCHEMES",
    "Alignment",
    "LogoLetters",
    "align",
    "best_hits",
    "check_matches",
    "is_dead",
    "layout_letters",
    "plot_alignment",
    "plot_logo",
    "plot_logos",
    "svg_glyphs",
    "svg_letters",
    "target_label",
    "target_motifs",
]

Kind = Literal["information", "probability"]
ColorScheme = Literal["classic", "colorblind_safe"]

# Both are logomaker's; the second stands on the palette of Okabe & Ito (2008).
COLOR_SCHEMES: dict[str, dict[str, str]] = {
    "classic": {"A": "#008000", "C": "#0000ff", "G": "#ffa600", "T": "#ff0000"},
    "colorblind_safe": {
        "A": "#009980",
        "C": "#59b3e6",
        "G": "#e69b04",
        "T": "#1a1a1a",
    },
}
_TOPS = {"information": 2.0, "probability": 1.0}
_AXIS_LABELS = {"information": "bits", "probability": "probability"}

_LETTER_WIDTH = 0.95  # of a column, as in logomaker
_PANEL_INCHES = (2.2, 1.3)
_TITLE_LENGTH = 28  # characters that fit above a panel
_NO_INFORMATION = 1e-6  # bits; rounding leaves less in a uniform matrix

# Units of the SVG logos: a column is 10 wide, a logo 40 high.
SVG_COLUMN = 10.0
SVG_HEIGHT = 40.0

_MATCH_COLUMNS = ("Query_ID", "Target_ID", "Optimal_offset", "Orientation")


class LogoLetters(NamedTuple):
    """Where a logo's letters stand; four arrays of shape `(n,)`.

    positions: the column of each letter, from 0.
    bases: 0 to 3 for A C G T.
    bottoms: the height at which each letter starts, in bits or probability.
    heights: how high each letter is, in the same unit, always above 0.
    """

    positions: np.ndarray[Any, Any]
    bases: np.ndarray[Any, Any]
    bottoms: np.ndarray[Any, Any]
    heights: np.ndarray[Any, Any]


class Alignment(NamedTuple):
    """How a query and a target lie above each other, in columns.

    query_start, target_start: the column where each begins; one of them is 0.
    width: columns from the first to the last of both.
    overlap_start: the first column that both have.
    overlap: how many columns both have.
    """

    query_start: int
    target_start: int
    width: int
    overlap_start: int
    overlap: int


def layout_letters(motif: Motif, kind: Kind = "information") -> LogoLetters:
    """Compute where the letters of a motif's logo stand.

    A letter's height is its probability, times the information of its position
    for `kind="information"`. The smallest letter of a position is at the bottom;
    of equally high ones, the first of A C G T.

    Source: Schneider & Stephens (1990).

    Args:
        motif: The motif.
        kind: "information" (bits) or "probability".

    Returns:
        The letters that have a height, position by position, from bottom to top.

    Raises:
        ValueError: Another `kind`.

    Example:
        >>> letters = layout_letters(Motif([[0, 0, 0.25, 0.75]]), "probability")
        >>> letters.bases.tolist(), letters.bottoms.tolist()
        ([2, 3], [0.0, 0.25])
    """
    heights = _letter_heights(motif, kind)  # (width, 4)
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


def align(query_width: int, target_width: int, offset: int) -> Alignment:
    """Place a query and a target as Tomtom's `Optimal_offset` says.

    A positive offset is the number of target columns before the query's first
    column, a negative one (without its sign) the number of query columns before
    the target's first.

    Args:
        query_width: Columns of the query.
        target_width: Columns of the target.
        offset: `Optimal_offset`, from `1 - query_width` to `target_width - 1`.

    Returns:
        Both starts, the whole width and the overlap, in columns.

    Raises:
        ValueError: With this offset, the two don't overlap.

    Example:
        >>> align(query_width=19, target_width=9, offset=-9)
        Alignment(query_start=0, target_start=9, width=19, overlap_start=9, overlap=9)
    """
    if not -query_width < offset < target_width:
        raise ValueError(
            f"`offset` must lie between {1 - query_width} and {target_width - 1}, "
            f"so that a query of {query_width} columns and a target of "
            f"{target_width} overlap. Received {offset}. Were the motifs trimmed "
            "after matching? Draw the motifs that were matched."
        )
    query_start, target_start = max(offset, 0), max(-offset, 0)
    query_end, target_end = query_start + query_width, target_start + target_width
    overlap_start = max(query_start, target_start)
    return Alignment(
        query_start,
        target_start,
        max(query_end, target_end),
        overlap_start,
        min(query_end, target_end) - overlap_start,
    )


def is_dead(motif: Motif) -> bool:
    """Return whether the motif comes from a filter that had no site.

    `extract_motifs` gives such a filter a uniform motif with `num_sites=0`. A
    motif with information is alive whatever `num_sites` says: files of other
    programs often hold `nsites= 0`.
    """
    return motif.num_sites == 0 and not _has_information(motif)


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
    heights = _letter_heights(motif, kind)
    if ax is None:
        ax = _new_figure((max(0.35 * motif.width, 2.0) + 0.6, 1.8)).add_subplot()
    if heights.any() and not is_dead(motif):
        import logomaker
        import pandas as pd

        table = pd.DataFrame(heights, columns=list(ALPHABET))
        logomaker.Logo(table, ax=ax, color_scheme=colors, width=_LETTER_WIDTH)
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
    targets: Sequence[Motif] | str | None = None,
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
        targets: The motifs that were matched, or a JASPAR release ("JASPAR2026"):
            best hits are then shown under their factor's name too.
        kind: "information" (bits, axis from 0 to 2) or "probability" (0 to 1).
        color_scheme: "classic" (A green, C blue, G orange, T red) or
            "colorblind_safe".

    Returns:
        A matplotlib figure that pyplot doesn't know of; save it through
        `figure.savefig("logos.png")` (or .svg, .pdf).

    Raises:
        ValueError: No motif, `num_cols` below 1, another `kind` or
            `color_scheme`, or `matches` of other motifs.
    """
    listed = list(motifs)
    if not listed:
        raise ValueError("`motifs` must hold at least one motif. Received none.")
    if num_cols < 1:
        raise ValueError(f"`num_cols` must be 1 or more. Received {num_cols}.")
    colors = _colors(color_scheme)
    titles = _panel_titles(listed, matches, targets)
    num_cols = min(num_cols, len(listed))
    num_rows = math.ceil(len(listed) / num_cols)
    width, height = num_cols * _PANEL_INCHES[0], num_rows * _PANEL_INCHES[1]
    figure = _new_figure((width + 0.5, height + 0.2))
    outlines = _outlines()
    columns = max(motif.width for motif in listed)
    for index, (motif, title) in enumerate(zip(listed, titles, strict=True)):
        row, col = divmod(index, num_cols)
        # In inches: room for the axis at the left, for two lines of title above.
        left = 0.45 + col * _PANEL_INCHES[0]
        bottom = height - (row + 1) * _PANEL_INCHES[1] + 0.25
        ax = figure.add_axes(
            (
                left / (width + 0.5),
                bottom / (height + 0.2),
                (_PANEL_INCHES[0] - 0.2) / (width + 0.5),
                (_PANEL_INCHES[1] - 0.6) / (height + 0.2),
            )
        )
        _draw_panel(ax, motif, kind, colors, outlines)
        _style_axes(ax, columns, kind)
        ax.set_title(title, fontsize=8, pad=3, parse_math=False)
        ax.tick_params(labelsize=6, labelleft=col == 0)
        if col == 0:
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
    outlines = _outlines()
    first, last = placed.overlap_start, placed.overlap_start + placed.overlap
    for ax, (motif, start, title) in zip(axes, panels, strict=True):
        ax.axvspan(first - 0.5, last - 0.5, color="#808080", alpha=0.12, lw=0)
        _draw_panel(ax, motif, kind, colors, outlines, start)
        _style_axes(ax, placed.width, kind)
        ax.set_ylabel(_AXIS_LABELS[kind])
        ax.set_title(title, fontsize=10, loc="left", parse_math=False)
    return figure


def svg_glyphs(prefix: str = "") -> str:
    """Return the four letters as SVG paths, to stand once in a page's `<defs>`.

    Each fills the unit square and has the class and the id `prefix` + letter, so
    that the page's style gives it its colour.
    """
    lines = []
    for base, outline in zip(ALPHABET, _outlines(), strict=True):
        data = _svg_path(outline)
        name = f"{prefix}{base}"
        lines.append(f'<path id="{name}" class="{name}" d="{data}"/>')
    return "\n".join(lines)


def svg_letters(
    motif: Motif,
    *,
    kind: Kind = "information",
    start: int = 0,
    prefix: str = "",
) -> str:
    """Return a logo's letters as SVG, each a `<use>` of `svg_glyphs`.

    Columns are 10 units wide, the axis from 0 to 2 bits is 40 high, its foot at
    40. Letters of less than a hundredth of the axis are left out: they could not
    be seen, and make up half of a page.

    Args:
        motif: The motif.
        kind: "information" or "probability".
        start: Columns to leave free at the left.
        prefix: The one given to `svg_glyphs`.

    Raises:
        ValueError: Another `kind`.
    """
    letters = layout_letters(motif, kind)
    scale = SVG_HEIGHT / _TOPS[kind]
    width = _LETTER_WIDTH * SVG_COLUMN
    parts = []
    for position, base, bottom, height in zip(*letters, strict=True):
        if height < 0.01 * _TOPS[kind]:
            continue
        x = (start + position + (1 - _LETTER_WIDTH) / 2) * SVG_COLUMN
        y = SVG_HEIGHT - (bottom + height) * scale
        parts.append(
            f'<use href="#{prefix}{ALPHABET[base]}" transform="matrix({width:g} 0 0 '
            f'{height * scale:.2f} {x:.2f} {y:.2f})"/>'
        )
    return "".join(parts)


def oriented(motif: Motif, orientation: str) -> Motif:
    """Return the motif as it reads on the strand "+" or "-".

    Raises:
        ValueError: Another `orientation`.
    """
    if orientation not in ("+", "-"):
        raise ValueError(f'`orientation` must be "+" or "-". Received {orientation!r}.')
    return motif if orientation == "+" else motif.reverse_complement()


def target_motifs(targets: Sequence[Motif] | str | None) -> dict[str, Motif]:
    """Return a database's motifs by their ids.

    Args:
        targets: Motifs, a JASPAR release ("JASPAR2026"), or None for no motif.

    Raises:
        ValueError: An unknown release.
        TypeError: Anything else.
    """
    if targets is None:
        return {}
    if isinstance(targets, str):
        from keras_motif.jaspar import load_jaspar

        targets = load_jaspar(targets)
    for target in targets:
        if not isinstance(target, Motif):
            raise TypeError(
                "`targets` must be a list of `keras_motif.Motif` objects or the name "
                f"of a JASPAR release. Received {type(target).__name__} in the list. "
                "For a MEME file, pass `read_meme(path).motifs`."
            )
    return {target.name: target for target in targets}


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


def best_hits(matches: pd.DataFrame) -> dict[str, str]:
    """Return the id of each query's best target: its first row's."""
    first = matches.drop_duplicates("Query_ID")
    return dict(zip(first["Query_ID"], first["Target_ID"], strict=True))


def _letter_heights(motif: Motif, kind: str) -> np.ndarray[Any, Any]:
    """Return the height of every letter, shape (width, 4)."""
    if kind not in _TOPS:
        raise ValueError(
            f'`kind` must be "information" or "probability". Received {kind!r}.'
        )
    if kind == "probability":
        return motif.frequencies
    if not _has_information(motif):
        return np.zeros_like(motif.frequencies)
    return np.asarray(motif.frequencies * motif.information()[:, None])


def _has_information(motif: Motif) -> bool:
    return bool(motif.information().max() > _NO_INFORMATION)


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


def _outlines() -> list[Path]:
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


def _draw_panel(
    ax: Axes,
    motif: Motif,
    kind: Kind,
    colors: dict[str, str],
    outlines: list[Path],
    start: int = 0,
) -> None:
    """Draw a logo's letters from column `start` on, one patch per base."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    _draw_baseline(ax)
    letters = layout_letters(motif, kind)
    if letters.heights.size == 0 or is_dead(motif):
        _note_absence(ax, motif)
        return
    lefts = start + letters.positions - _LETTER_WIDTH / 2
    for base, outline in enumerate(outlines):
        chosen = letters.bases == base
        if not chosen.any():
            continue
        corners = np.stack([lefts, letters.bottoms], axis=1)[chosen]
        sizes = np.stack(
            [np.full_like(letters.heights, _LETTER_WIDTH), letters.heights], axis=1
        )[chosen]
        # (letters, points, 2)
        points = outline.vertices * sizes[:, None] + corners[:, None]
        path = Path(points.reshape(-1, 2), np.tile(outline.codes, len(corners)))
        patch = PathPatch(path, facecolor=colors[ALPHABET[base]], lw=0, zorder=0)
        ax.add_artist(patch)


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
    top = _TOPS[kind]
    ax.set_xlim(-0.5, width - 0.5)
    ax.set_ylim(0, top)
    ax.set_xticks([])
    ax.set_yticks([0, top / 2, top])
    ax.spines[["top", "right", "bottom"]].set_visible(False)


def _panel_titles(
    motifs: list[Motif],
    matches: pd.DataFrame | None,
    targets: Sequence[Motif] | str | None,
) -> list[str]:
    """Return one title per motif: its name and, on a second line, its best hit."""
    if matches is None:
        return [_shortened(motif.name) for motif in motifs]
    check_matches(motifs, matches)
    known = target_motifs(targets)
    hits = best_hits(matches)
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


def _svg_path(outline: Path) -> str:
    """Return the `d` of an outline in the unit square, y pointing down as in SVG."""
    letters = {1: "M", 2: "L", 3: "Q", 4: "C"}  # by matplotlib's codes
    parts = []
    for points, code in outline.iter_segments():
        if code not in letters:  # the end of an outline
            parts.append("Z")
            continue
        pairs = np.asarray(points).reshape(-1, 2)
        text = " ".join(f"{x:.4g} {1 - y:.4g}" for x, y in pairs)
        parts.append(letters[int(code)] + text)
    return "".join(parts)
