"""Figures outside pyplot, and the places of axes in a grid."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["grid", "new_figure"]

# Inches of a grid: a panel, the room at the grid's left and right for the axis,
# and what a panel leaves free: at the right, and above (two lines of title).
_PANEL_WIDTH, _PANEL_HEIGHT = 2.2, 1.2
_LEFT_MARGIN, _RIGHT_MARGIN, _BOTTOM_MARGIN = 0.45, 0.05, 0.1
_GAP, _TITLE_ROOM = 0.2, 0.42


def new_figure(
    size: tuple[float, float], layout: Literal["constrained"] | None = None
) -> Figure:
    """Return a figure that pyplot doesn't know of, so nothing has to be closed."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from keras_motif.logos._shown import ShownFigure

    figure = ShownFigure(figsize=size, layout=layout)
    FigureCanvasAgg(figure)
    return figure


def grid(
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
    return new_figure((width, height)), places
