"""The filmstrip on the page: a row per filter, a column per epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from keras_motif.logos import check_snapshots, shown_epochs
from keras_motif.motifs import Motif, is_dead
from keras_motif.report._pictures import Pictures

__all__ = ["Film", "FilmRow", "film_of"]


class FilmRow(NamedTuple):
    """One filter: its name, that of its factor, and a logo or nothing per epoch."""

    name: str
    factor: str
    cells: list[str]


class Film(NamedTuple):
    """Epochs, counted from 1, and the filters' rows."""

    epochs: list[int]
    rows: list[FilmRow]


def film_of(
    snapshots: Mapping[int, Sequence[Motif]],
    pictures: Pictures,
    factors: Mapping[str, str],
) -> Film:
    """Return how filters became their motifs; of many epochs nine.

    Args:
        snapshots: Dict of epoch, from 0, -> its motifs, untrimmed.
        pictures: Draws the logos.
        factors: Dict of filter -> the name that it has at the end.

    Raises:
        ValueError: No epoch, or an epoch without a motif.
    """
    check_snapshots(snapshots)
    epochs = shown_epochs(sorted(snapshots))
    columns = [snapshots[epoch] for epoch in epochs]
    fullest = max(columns, key=lambda column: len(column))
    rows = []
    for place, motif in enumerate(fullest):
        cells = [
            ""
            if place >= len(column) or is_dead(column[place])
            else pictures.small(column[place], f"{motif.name}, epoch {epoch + 1}")
            for epoch, column in zip(epochs, columns, strict=True)
        ]
        rows.append(FilmRow(motif.name, factors.get(motif.name, ""), cells))
    return Film([epoch + 1 for epoch in epochs], rows)
