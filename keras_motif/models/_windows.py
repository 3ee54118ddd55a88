"""The window that moves along, fitted to which outputs single positions moved."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from keras_motif.models.fields import Local

__all__ = ["fitted"]

Array = np.ndarray[Any, Any]


def fitted(moved: list[Array], first: int, end: int, length: int) -> Local | None:
    """Return the window that moves along the positions of one of the axes.

    Args:
        moved: For each axis of the output, `(places, size)`: which outputs moved.
        first: The first position that was changed.
        end: The position behind the last one.
        length: How many positions there are.
    """
    fits = [
        (rule.length, -place, rule)
        for place, mask in enumerate(moved)
        if (rule := _window(mask, first, end, length, place + 1)) is not None
    ]
    return max(fits, key=lambda x: x[:2])[2] if fits else None


def _window(mask: Array, first: int, end: int, length: int, axis: int) -> Local | None:
    """Fit `low + slope * p` and `high + slope * p` to what each position p sees."""
    size, seen = mask.shape[1], mask.any(axis=0)
    lows = np.where(seen, first + mask.argmax(axis=0), -1)
    highs = np.where(seen, end - 1 - mask[::-1].argmax(axis=0), length)
    whole = (lows > first) | ((first == 0) & (lows >= 0))
    whole &= (highs < end - 1) | ((end == length) & (highs < length))
    middle = np.flatnonzero(whole)
    # At the ends of the sequence windows are cut, or reflected.
    inner = middle[(lows[middle] > 0) & (highs[middle] < length - 1)]
    if size < 2:
        return None
    if len(inner) < 2:
        rule = _line(lows, highs, middle, length, axis)
        return rule if rule and _is_cut(rule, lows, highs, middle, length) else None
    rule = _line(lows, highs, inner, length, axis)
    if rule is None:  # what is outside may be filled from elsewhere
        quarter = len(middle) // 4
        rule = _line(lows, highs, middle[quarter : len(middle) - quarter], length, axis)
        if rule and not _holds(rule, lows, highs, middle, length):
            return None
    return rule


def _line(
    lows: Array, highs: Array, places: Array, length: int, axis: int
) -> Local | None:
    """Fit the window of some positions."""
    if len(places) < 2:
        return None
    centres = (lows[places] + highs[places]) / 2
    slope = _ratio((centres[-1] - centres[0]) / (places[-1] - places[0]))
    if slope == 0:
        return None
    low = min(
        Fraction(int(a)) - slope * int(p)
        for a, p in zip(lows[places], places, strict=True)
    )
    high = max(
        Fraction(int(b)) - slope * int(p)
        for b, p in zip(highs[places], places, strict=True)
    )
    widest = int((highs - lows)[places].max())
    if high - low > widest + max(abs(slope), Fraction(1)) or high - low >= length:
        return None
    return Local(low, high, slope, len(lows), axis)


def _nominal(rule: Local, places: Array) -> tuple[Array, Array]:
    slope = float(rule.slope)
    return float(rule.low) + slope * places, float(rule.high) + slope * places


def _holds(rule: Local, lows: Array, highs: Array, places: Array, length: int) -> bool:
    """Return whether windows that lie inside hold all that their positions see."""
    low, high = _nominal(rule, places)
    inside = (low >= 0) & (high <= length - 1)
    holds = (lows[places] >= low) & (highs[places] <= high)
    return bool(inside.any() and holds[inside].all())


def _is_cut(rule: Local, lows: Array, highs: Array, places: Array, length: int) -> bool:
    """Return whether each position sees its window, as far as the sequence goes."""
    low, high = _nominal(rule, places)
    apart = np.maximum(
        np.abs(np.maximum(low, 0) - lows[places]),
        np.abs(np.minimum(high, length - 1) - highs[places]),
    )
    return bool((apart <= max(abs(float(rule.slope)), 1)).mean() > 0.9)


def _ratio(value: float) -> Fraction:
    """Return the whole number, or one over a whole number, that is nearest."""
    if value == 0:
        return Fraction(0)
    size = abs(value)
    near = Fraction(round(size)) if size >= 1 else Fraction(1, round(1 / size))
    return near if value > 0 else -near
