"""Small histograms as inline SVG, coloured by the page's style."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

__all__ = ["svg_histogram"]

# In units of the SVG.
_WIDTH = 120
_HEIGHT = 34
_GAP = 1


def svg_histogram(counts: Sequence[int], label: str) -> str:
    """Return bars from left to right, the highest as high as the picture.

    Its parts have the classes "histogram", "bars" and "line" (the foot).

    Args:
        counts: One number per bar, 0 or more; at least one bar.
        label: What the picture shows, for those who cannot see it; escaped here.

    Returns:
        An `<svg>` element.
    """
    step = _WIDTH / len(counts)
    top = max(counts) or 1
    bars = []
    for place, count in enumerate(counts):
        if count:
            height = _HEIGHT * count / top
            left, width = place * step + _GAP / 2, step - _GAP
            bars.append(
                f"M{left:.4g} {_HEIGHT}v-{height:.3g}h{width:.3g}v{height:.3g}z"
            )
    return (
        f'<svg class="histogram" role="img" aria-label="{escape(label)}" '
        f'width="{_WIDTH}" height="{_HEIGHT + 1}" viewBox="0 0 {_WIDTH} {_HEIGHT + 1}">'
        f'<path class="bars" d="{"".join(bars)}"/>'
        f'<path class="line" d="M0 {_HEIGHT + 0.5:g}H{_WIDTH}"/></svg>'
    )
