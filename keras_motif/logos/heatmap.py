"""A heat map of matches: which motifs of one set resemble which of another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif.logos.matched import (
    check_matches,
    listed_motifs,
    target_label,
    target_motifs,
)
from keras_motif.motifs import Motif

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["plot_match_heatmap"]

_MAX_STRENGTH = 10.0  # -log10 of the E-value at which the colour is full


def plot_match_heatmap(
    motifs: Iterable[Motif],
    matches: pd.DataFrame,
    *,
    targets: Any = None,
    max_targets: int = 40,
) -> Figure:
    """Draw which motifs match which targets, and how well.

    For a set of filters against a database, or for two sets of filters (those of two
    networks): match one against the other and see which have a counterpart.

    Args:
        motifs: The motifs that were matched, one row each; those without a match
            stay empty.
        matches: What `motif_match` returned for them.
        targets: The targets, as they were given to `motif_match`: columns are then
            named by factor too.
        max_targets: Most columns, 1 or more: each motif's best match, then the others
            by their E-values.

    Returns:
        A matplotlib figure outside pyplot; the colour is -log10 of the E-value, full
        at 1e-10. Columns stand in the order of the rows that they match best.

    Raises:
        ValueError: `matches` that are not of these motifs, `max_targets` below 1, or
            no motif.
        TypeError: An element is no `Motif`.
    """
    from matplotlib.figure import Figure

    rows = listed_motifs(motifs)
    check_matches(rows, matches)
    if max_targets < 1:
        raise ValueError(f"`max_targets` must be 1 or more. Received {max_targets}.")
    names = [motif.name for motif in rows]
    columns, strengths = _strengths(names, matches, max_targets)
    known = target_motifs(targets)
    labels = [target_label(column, known.get(column)) for column in columns]
    size = (2.5 + 0.24 * max(len(columns), 8), 2.2 + 0.2 * len(rows))
    figure = Figure(figsize=size, layout="constrained")
    ax = figure.add_subplot()
    picture = ax.imshow(
        strengths, cmap="viridis", vmin=0.0, vmax=_MAX_STRENGTH, aspect="auto"
    )
    ax.set_yticks(range(len(names)), names, fontsize=7)
    ax.set_xticks(range(len(labels)), labels, fontsize=7, rotation=90)
    if not columns:
        ax.text(0.5, 0.5, "no match", ha="center", va="center", transform=ax.transAxes)
    figure.colorbar(picture, ax=ax, label="-log10 E-value", extend="max")
    return figure


def _strengths(
    names: list[str], matches: pd.DataFrame, max_targets: int
) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Return the targets to show, and -log10 E `(motifs, targets)`, nan without one."""
    ranked = matches.sort_values("E-value", kind="stable")
    # Every motif's best match first, so that a row is empty only without a match.
    best = ranked.drop_duplicates("Query_ID")["Target_ID"]
    shown = list(dict.fromkeys([*best, *ranked["Target_ID"]]))[:max_targets]
    kept = matches[matches["Target_ID"].isin(shown)]
    row_of = {name: row for row, name in enumerate(names)}
    # A target stands where the motif that it resembles most has its row.
    order = ranked[ranked["Target_ID"].isin(shown)].drop_duplicates("Target_ID")
    order = order.assign(row=order["Query_ID"].map(row_of))
    columns = order.sort_values("row", kind="stable")["Target_ID"].tolist()
    column_of = {name: column for column, name in enumerate(columns)}
    strengths = np.full((len(names), max(len(columns), 1)), np.nan)
    places = (
        kept["Query_ID"].map(row_of).to_numpy(dtype=int),
        kept["Target_ID"].map(column_of).to_numpy(dtype=int),
    )
    least = np.finfo(np.float64).tiny
    values = kept["E-value"].to_numpy(dtype=float)
    strengths[places] = -np.log10(np.maximum(values, least))
    return columns, strengths
