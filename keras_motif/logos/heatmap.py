"""A heat map of matches: which motifs of one set resemble which of another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif.logos._figures import new_figure
from keras_motif.logos.matched import (
    check_matches,
    is_convincing,
    listed_motifs,
    target_label,
    target_motifs,
)
from keras_motif.motifs import Motif, TargetsLike

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_match_heatmap"]

_MAX_STRENGTH = 10.0  # -log10 of the E-value at which the colour is full
_LINE_COLOR = "#e4e4e4"
_WEAK = 0.3  # opacity of what is no convincing match

Array = np.ndarray[Any, Any]


def plot_match_heatmap(
    motifs: Iterable[Motif],
    matches: pd.DataFrame,
    *,
    support: pd.DataFrame | None = None,
    targets: TargetsLike | None = None,
    max_targets: int = 40,
) -> Figure:
    """Draw which motifs match which targets, and how well.

    For a set of filters against a database, or for two sets of filters (those of two
    networks): match one against the other and see which have a counterpart.

    Args:
        motifs: The motifs that were matched, one row each, in the order of the targets
            that they match best, by factor; those without a match stand below, empty.
        matches: What `motif_match` returned for them.
        support: What `match_support` returned for `matches`: those that aren't
            convincing are pale. None: all are, since they were not judged.
        targets: The targets, as they were given to `motif_match`: columns are then
            named by factor too.
        max_targets: Most columns, 1 or more: each motif's best match, then the others
            by their E-values, convincing ones before weak ones.

    Returns:
        A matplotlib figure outside pyplot; the colour is -log10 of the E-value, full
        at 1e-10. Columns stand in the order of the rows that they match best.

    Raises:
        ValueError: `matches` that are not of these motifs, `support` of other matches,
            `max_targets` below 1, or no motif.
        TypeError: An element is no `Motif`.
    """
    from matplotlib.cm import ScalarMappable

    rows = listed_motifs(motifs)
    check_matches(rows, matches)
    if max_targets < 1:
        raise ValueError(f"`max_targets` must be 1 or more. Received {max_targets}.")
    good = np.zeros(len(matches), dtype=bool)
    if support is not None:
        good = is_convincing(matches, support)
    known = target_motifs(targets)
    names = _ordered([motif.name for motif in rows], matches, good, known)
    columns, strengths, is_good = _strengths(names, matches, good, max_targets)
    labels = [target_label(column, known.get(column)) for column in columns]
    size = (2.5 + 0.24 * max(len(columns), 8), 2.2 + 0.2 * len(rows))
    figure = new_figure(size, layout="constrained")
    ax = figure.add_subplot()
    picture = ax.imshow(
        strengths,
        cmap="viridis",
        vmin=0.0,
        vmax=_MAX_STRENGTH,
        aspect="auto",
        alpha=np.where(is_good, 1.0, _WEAK),
    )
    _draw_lines(ax, strengths.shape)
    ax.set_yticks(range(len(names)), names, fontsize=7)
    ax.set_xticks(range(len(labels)), labels, fontsize=7, rotation=90)
    if not columns:
        ax.text(0.5, 0.5, "no match", ha="center", va="center", transform=ax.transAxes)
    pale = "not judged" if support is None else "pale: weak match"
    # A mappable without an array of opacities, which a colour bar can't show.
    scale = ScalarMappable(picture.norm, picture.cmap)
    figure.colorbar(scale, ax=ax, label=f"-log10 E-value ({pale})", extend="max")
    return figure


def _draw_lines(ax: Axes, shape: tuple[int, ...]) -> None:
    """Part the cells by light lines, which the eye can follow to the names."""
    ax.set_yticks(np.arange(shape[0] + 1) - 0.5, minor=True)
    ax.set_xticks(np.arange(shape[1] + 1) - 0.5, minor=True)
    ax.grid(which="minor", color=_LINE_COLOR, linewidth=0.5)
    ax.tick_params(which="minor", length=0)


def _ordered(
    names: list[str], matches: pd.DataFrame, good: Array, known: Mapping[str, Motif]
) -> list[str]:
    """Return the motifs in the order of the targets that they are shown with.

    Args:
        names: The motifs.
        matches: Their matches.
        good: Which of these convince.
        known: The targets' motifs by id, as far as they are given.

    Returns:
        Those of one target together, the strongest first; targets by factor, then id,
        numbers in them as numbers; motifs without a match last.
    """
    best = _ranked(matches, good).drop_duplicates("Query_ID")
    keys: dict[str, tuple[Any, ...]] = {
        query: (0, _natural(target_label(target, known.get(target))), not fine, e_value)
        for query, target, fine, e_value in zip(
            best["Query_ID"],
            best["Target_ID"],
            best["good"],
            best["E-value"],
            strict=True,
        )
    }
    return sorted(names, key=lambda name: keys.get(name, (1,)))


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Return a key by which filter10 comes behind filter9, in any case of letters."""
    parts = re.split("([0-9]+)", text.upper())
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in parts
        if part
    ]


def _ranked(matches: pd.DataFrame, good: Array) -> pd.DataFrame:
    """Return the matches, convincing ones first, then by their E-values."""
    return matches.assign(good=good).sort_values(
        ["good", "E-value"], ascending=[False, True], kind="stable"
    )


def _strengths(
    names: list[str], matches: pd.DataFrame, good: Array, max_targets: int
) -> tuple[list[str], Array, Array]:
    """Return what the map shows.

    Returns:
        The targets, in the order of the columns; -log10 E `(motifs, targets)`, nan
        without a match; whether each is convincing, of the same shape.
    """
    ranked = _ranked(matches, good)
    # Every motif's best match first, so that a row is empty only without a match.
    best = ranked.drop_duplicates("Query_ID")["Target_ID"]
    shown = list(dict.fromkeys([*best, *ranked["Target_ID"]]))[:max_targets]
    kept = ranked[ranked["Target_ID"].isin(shown)]
    row_of = {name: row for row, name in enumerate(names)}
    # A target stands where the motif that it resembles most has its row.
    order = kept.drop_duplicates("Target_ID")
    order = order.assign(row=order["Query_ID"].map(row_of))
    columns = order.sort_values("row", kind="stable")["Target_ID"].tolist()
    column_of = {name: column for column, name in enumerate(columns)}
    shape = (len(names), max(len(columns), 1))
    strengths, is_good = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    places = (
        kept["Query_ID"].map(row_of).to_numpy(dtype=int),
        kept["Target_ID"].map(column_of).to_numpy(dtype=int),
    )
    least = np.finfo(np.float64).tiny
    values = kept["E-value"].to_numpy(dtype=float)
    strengths[places] = -np.log10(np.maximum(values, least))
    is_good[places] = kept["good"].to_numpy(dtype=bool)
    return columns, strengths, is_good
