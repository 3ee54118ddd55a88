"""A figure that notebooks show."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

__all__ = ["ShownFigure"]


class ShownFigure(Figure):
    """A figure outside pyplot that a notebook shows as its picture.

    IPython draws matplotlib's own figures only after `%matplotlib inline`. With it, its
    printer of figures is used and this one isn't, so nothing is shown twice.
    """

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", bbox_inches="tight")
        return buffer.getvalue()
